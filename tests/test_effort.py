"""What grows with a register is counted, not timed: such a count is the same on any machine, however busy."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from offices import TEMPLATES
from rich.console import Console
from test_cli import CASES, EVENTS
from workbooks import office_workbook

from sopkit.pipeline import RunOptions, run_books

ROOT = Path(__file__).parents[1]
HEAVY = ("numpy", "numpy.ma", "pandas", "lxml", "docx", "docxtpl", "jinja2", "openpyxl", "xlsxwriter", "http", "email",
         "email_validator", "multiprocessing", "holidays", "dask", "segno", "sqlite3")  # fmt: skip
SMALL, LARGE = 40, 80  # cases
MOST = 51  # calls of sopkit's own functions for each further case of nine steps: 50 when this was written
MOST_OF: dict[str, float] = {  # of one function, for each further case
    "parse_number": 3,  # its three numbers, each read once
    "read": 8,
    "is_nothing": 5,  # its texts that must say something, each once
    "is_blank": 3,  # what differs in a column of numbers, not each cell
    "clean_line": 0,  # what is plainly clean is not cleaned
    "plain": 8,
    "read_moment": 0,  # real dates need no reading
}


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        (["--help"], set()),
        (["validate", "--help"], set()),
        (["explain", "W02"], set()),
        (
            ["validate", "registers/register-contoh.xlsx"],
            {"numpy", "numpy.ma", "sqlite3"},
        ),  # of percentiles
        (["validate", "--format", "json", "registers/register-contoh.xlsx"], {"numpy", "sqlite3"}),
    ],
)
def test_a_command_loads_no_more_than_it_needs(words: list[str], allowed: set[str]) -> None:
    assert _loaded(words, ROOT) <= allowed


def test_a_run_that_finds_nothing_changed_loads_nothing_that_makes_or_asks(tmp_path: Path) -> None:
    """No pandas for statistics, docxtpl for documents, XlsxWriter for the recap, nor what speaks to a mailbox."""
    book = tmp_path / "register.xlsx"
    office_workbook(book, CASES, EVENTS)
    run_books([book], dt.datetime(2026, 11, 18, 9), None, Console(quiet=True), RunOptions(templates=TEMPLATES))
    words = ["run", str(book), "--as-of", "2026-11-18T09:00", "--templates", str(TEMPLATES)]
    assert _loaded(words, tmp_path) <= {"numpy", "numpy.ma", "lxml", "jinja2", "email", "http", "sqlite3"}


def _loaded(words: list[str], folder: Path) -> set[str]:
    """What of `HEAVY` a command loads."""
    script = f"""
import atexit, os, sys
heavy = {HEAVY!r}
atexit.register(lambda: os.write(3, " ".join(name for name in heavy if name in sys.modules).encode()))
sys.argv = ["sopkit", *{words!r}]
from sopkit.cli.main import main
main()
"""
    return set(_written_to_three(script, folder).split())


def _written_to_three(script: str, folder: Path) -> str:
    opened = f"import os; os.dup2(2, 3); os.dup2(os.open(os.devnull, os.O_WRONLY), 2)\n{script}"
    done = subprocess.run([sys.executable, "-c", opened], cwd=folder, capture_output=True, text=True, check=False)
    return done.stderr


def test_a_case_costs_no_more_calls_than_it_did(tmp_path: Path) -> None:
    """Reading and inspecting: what one more case adds, by the difference of two registers."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        from registers import write_register
    finally:
        sys.path.pop(0)
    counts = []
    for cases in (10, SMALL, LARGE):  # the first only loads what is loaded once
        register = tmp_path / f"{cases}.xlsx"
        write_register(register, cases, spread=True)
        counts.append(_calls(register))
    _, small, large = counts
    per_case = {name: (large[name] - small[name]) / (LARGE - SMALL) for name in large}
    grown = {name: per_case.get(name, 0) for name, most in MOST_OF.items() if per_case.get(name, 0) > most}
    assert not grown
    assert sum(per_case.values()) <= MOST, sorted(per_case.items(), key=lambda pair: -pair[1])[:12]


def _calls(register: Path) -> Counter[str]:
    """How often each function of sopkit is called while a register is read and inspected."""
    from sopkit.checks.inspection import inspect_register
    from sopkit.register.pattern_periods import _patterns
    from sopkit.register.read import read_register
    from sopkit.sop.model import load_sop

    _patterns.cache_clear()  # with the numbers that others have read
    counted = Counter[str]()
    own = str(ROOT / "sopkit")

    def count(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(own) and not frame.f_code.co_name.startswith("<"):
            counted[frame.f_code.co_name] += 1

    sop = load_sop()
    sys.setprofile(count)
    try:
        inspect_register(read_register(register), sop, dt.datetime(2026, 12, 31))
    finally:
        sys.setprofile(None)
    return counted
