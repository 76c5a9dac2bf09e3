"""The house holds: imports go down the floors only, and starting is light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "sopkit"
FLOORS = {
    "__main__": 11,
    "cli": 10,
    "cli_mail": 9,
    "summary": 9,
    "pipeline": 8,
    "mail": 7,
    "documents": 6,
    "options": 7,
    "reports": 6,
    "newbook": 6,
    "checks": 5,
    "register": 4,
    "workcalendar": 3,
    "sop": 2,
    "workplace": 2,
    "doctor": 9,
    "usage": 3,
    "archive": 2,
    "database": 1,
    "files": 1,
    "frames": 1,
    "ooxml": 1,
    "language": 1,
    "text": 0,
    "arrays": 0,
    "errors": 0,
    "__init__": 0,
}
HEAVY = ("pandas", "openpyxl", "docxtpl", "jinja2", "xlsxwriter", "python_calamine", "holidays", "rapidfuzz", "rich")


def _room(module: str) -> str:
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


def test_imports_go_down_the_floors_only() -> None:
    upward = []
    for path in PACKAGE.rglob("*.py"):
        own = path.relative_to(PACKAGE).with_suffix("").parts[0]
        for name in _imports(path):
            other = _room(name)
            if other != own and FLOORS.get(other, 0) >= FLOORS[own]:
                upward.append(f"{path.relative_to(PACKAGE)} -> {name}")
    assert not upward


def test_every_room_stands_on_a_floor() -> None:
    rooms = {path.relative_to(PACKAGE).with_suffix("").parts[0] for path in PACKAGE.rglob("*.py")}
    assert rooms <= set(FLOORS) | {"bundled"}


def test_help_loads_nothing_heavy() -> None:
    code = "import sys; from sopkit import cli; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not set(HEAVY) & set(loaded)
