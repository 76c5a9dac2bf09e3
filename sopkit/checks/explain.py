"""What `sopkit explain` says, read from ATURAN.md: to load the rules themselves takes pandas, and a second."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_FAMILY = re.compile(r"^## (\w) · ([^\n]+)\n\n([^\n]+)$", re.MULTILINE)
_RULE = re.compile(r"^### (\w\d+) · ([^\n]+)\n\n((?:- [^\n]+\n)+)\n```text\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
_PART = re.compile(r"^- \*\*(.+?)\*\*: (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Explanation:
    """A rule as staff read it: `parts` (Temuan, Perbaikan, …) in their order, `example` as it is printed."""

    code: str
    severity: str
    parts: Mapping[str, str]
    example: str


@cache
def _page() -> str:
    return (files("sopkit") / "checks" / "ATURAN.md").read_text("utf-8")


def families() -> dict[str, tuple[str, str]]:
    """Letter -> its name, and what its rules are good for."""
    return {letter: (name, reason) for letter, name, reason in _FAMILY.findall(_page())}


def explanations() -> dict[str, Explanation]:
    """Every rule by its code, in the order of the page."""
    found = _RULE.findall(_page())
    return {
        code: Explanation(code, severity, dict(_PART.findall(parts)), text) for code, severity, parts, text in found
    }
