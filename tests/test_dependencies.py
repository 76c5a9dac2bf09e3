"""What the package imports is what pyproject.toml declares, no more and no less."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
OVERRIDDEN = {"docxtpl": "0.21", "docxtpl-lint": "3", "jinja2": "4", "xlsxwriter": "4"}  # by names they keep private


def _name(requirement: str) -> str:
    """`docxtpl>=0.20` is `docxtpl`; names are compared as PyPI does."""
    match = re.match(r"[\w.-]+", requirement)
    assert match
    return re.sub(r"[-_.]+", "-", match[0]).lower()


def _imported_by(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def _distributions() -> Mapping[str, str]:
    """Imported module -> distribution. An extra that is not installed is taken to be called like its module."""
    modules = {module for path in (ROOT / "sopkit").rglob("*.py") for module in _imported_by(path)}
    known = packages_distributions()
    return {module: _name(known.get(module, [module])[0]) for module in modules - sys.stdlib_module_names - {"sopkit"}}


def _declared(requirements: list[str]) -> set[str]:
    return {_name(requirement) for requirement in requirements}


EXTRAS = _declared([one for extra in PROJECT["optional-dependencies"].values() for one in extra])


def test_what_is_imported_is_declared() -> None:
    assert set(_distributions().values()) - EXTRAS <= _declared(PROJECT["dependencies"])


def test_what_is_declared_is_imported() -> None:
    assert _declared(PROJECT["dependencies"]) | EXTRAS == set(_distributions().values())


def test_whose_private_names_are_used_is_bounded() -> None:
    bounds = {_name(one): re.findall(r"<([\d.]+)", one) for one in PROJECT["dependencies"]}
    assert {name: bounds[name] for name in OVERRIDDEN} == {name: [bound] for name, bound in OVERRIDDEN.items()}
