"""Workbooks as offices keep them: what stands in them and is no case, and what is lost in silence."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest
from frozen_sop import SOP
from layouts import proposed

from sopkit.checks.inspection import inspect_register
from sopkit.register.layout import parse_layout
from sopkit.register.read import read_register

CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("X1-number-row", ["B51 Langkah!A2", "B51 Pegawai!A2", "B51 Pemusnahan!A2", "B51 Register!A2"]),
        ("X2-signature-block", ["B51 Register!E6"]),
        ("X4-second-register-sheet", ["B52 Register Nov!A1"]),
    ],
)
def test_says_no_more_than_what_is_there(name: str, said: list[str]) -> None:
    found = inspect_register(read_register(CASES / f"{name}.xlsx"), SOP, dt.datetime(2026, 11, 20, 10)).findings

    telling = [f for f in found if f.code != "K54" and (f.code.startswith("B5") or f.severity != "note")]
    assert [f"{f.code} {f.sheet}!{f.cell}" for f in telling] == said  # K54: these cases say little of what they broke


@pytest.mark.parametrize("name", ["title_wider", "a_log_ptpp", "c_daftar_lts", "d_wide_named_steps", "numrow"])
def test_every_workbook_gets_a_proposal(name: str, tmp_path: Path) -> None:
    book = Path(shutil.copy(CASES / f"{name}.xlsx", tmp_path))

    assert proposed(book)


def test_a_title_wider_than_its_table_over_headers_of_two_rows() -> None:
    layout = parse_layout("[header_rows]\nRegister = 2\n", CASES / "x.toml")

    assert read_register(CASES / "title_wider.xlsx", layout).cases is not None
