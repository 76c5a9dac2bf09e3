"""A page of one file: its template, its style and script, and the hash by which its policy allows them."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Template


@cache
def template(package: str, name: str) -> Template:
    """A template beside the modules of a package. Compiling takes longer than a small page."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(resource(package, name))


@cache
def resource(package: str, name: str) -> str:
    return resources.files(package).joinpath(name).read_text("utf-8")


def policy_hash(text: str) -> str:
    """What a page's Content-Security-Policy calls a style or a script by: SHA-256 in base64, without its prefix."""
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
