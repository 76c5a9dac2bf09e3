"""Imports go down the layers only, and starting is light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "sopkit"
LAYERS = {
    "__main__": 11,
    "cli": 10,
    "pipeline": 9,
    "repair": 8,
    "mail": 7,
    "receive": 7,
    "documents": 6,
    "reports": 6,
    "newbook": 6,
    "books": 5.5,
    "history": 6.5,
    "adopt": 5,
    "checks": 5,
    "register": 4,
    "workcalendar": 3,
    "sop": 2,
    "excel": 2,
    "folders": 2,
    "archive": 2,
    "database": 1,
    "files": 1,
    "spread": 3,
    "clicks": 3,
    "bundle": 4,
    "frames": 1,
    "html_page": 1,
    "ooxml": 1,
    "language": 1,
    "libreoffice": 1,
    "text": 0,
    "arrays": 0,
    "errors": 0,
    "__init__": 0,
}
HEAVY = ("pandas", "openpyxl", "docxtpl", "jinja2", "xlsxwriter", "python_calamine", "holidays", "rapidfuzz", "rich")


def _top(module: str) -> str:
    return [*module.split("."), "__init__"][1]


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            deeper = node.module == "sopkit"
            names |= {f"{node.module}.{alias.name}" for alias in node.names} if deeper else {node.module}
    return {name for name in names if name.split(".")[0] == "sopkit"}


def test_imports_go_down_the_layers_only() -> None:
    upward = []
    for path in PACKAGE.rglob("*.py"):
        own = path.relative_to(PACKAGE).with_suffix("").parts[0]
        for name in _imports(path):
            other = _top(name)
            if other != own and LAYERS.get(other, 0) >= LAYERS[own]:
                upward.append(f"{path.relative_to(PACKAGE)} -> {name}")
    assert not upward


def test_every_module_stands_in_a_layer() -> None:
    modules = {path.relative_to(PACKAGE).with_suffix("").parts[0] for path in PACKAGE.rglob("*.py")}
    assert modules <= set(LAYERS) | {"bundled"}


def test_help_loads_nothing_heavy() -> None:
    code = "import sys; import sopkit.cli.main; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not set(HEAVY) & set(loaded)
