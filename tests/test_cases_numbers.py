"""Numbers, dates and texts as offices really type them: long, in other ways, and from other programs."""

from __future__ import annotations

from pathlib import Path

import pytest
from rule_fixtures import Register, base_tables, inspect_tables

from sopkit.checks.reasons import is_nothing


@pytest.mark.parametrize("sheet", ["Register", "Langkah", "Pemusnahan", "Pegawai", "Kalender", "Jam Kerja", "Surel"])
@pytest.mark.parametrize("text", ["kata ", "9", "x"])
def test_a_finding_quotes_at_most_sixty_letters(sheet: str, text: str, tmp_path: Path) -> None:
    register = Register(base_tables())
    header, *rows = register.tables[sheet]
    for row in rows:
        row += [""] * (len(header) - len(row))
        row[::3] = [f"'{text * 1000}{place}".strip() for place in range(len(row[::3]))]

    findings = inspect_tables(register, tmp_path).findings

    assert findings
    assert [f for f in findings if text * 61 in f.message + f.fix or "kata " * 13 in f.message + f.fix] == []


def test_five_thousand_digits_stop_nothing(tmp_path: Path) -> None:
    digits = "'" + "9" * 5000
    register = Register(base_tables(), settings={"Tahun Register": digits, "Periode Pemusnahan": digits})
    register.tables["Register"][1][8] = f"{digits}/PTPP/XI/2026"
    register.tables["Langkah"][1][1] = digits

    found = {f"{f.code} @ {f.sheet}!{f.cell}" for f in inspect_tables(register, tmp_path).findings}

    assert {"D13 @ Register!I2", "U03 @ Langkah!B2", "D50 @ Kantor!B6", "D50 @ Kantor!B9"} <= found


def test_a_long_header_is_quoted(tmp_path: Path) -> None:
    register = Register(base_tables())
    register.tables["Register"][0].append("judul " * 5000)

    found = inspect_tables(register, tmp_path).findings

    assert [(f.code, len(f.column) <= 60, len(f.message) < 200) for f in found] == [("B08", True, True)]


@pytest.mark.parametrize(
    ("text", "nothing"),
    [
        ("xxxxxxxxxx", True), ("xxxxx yyyyy", True), ("terlambat ya", True), ("Telat sih, maaf pak", True),
        ("sudah terlambat", True), ("tanpa keterangan", True), ("tidak ada keterangan", True), ("hehehe hahaha", True),
        ("..........", True), ("1234567890", True), ("idem idem idem", True), ("sda, ya", True),
        ("Printer rusak, menunggu teknisi", False), ("Petugas lalai", False), ("terlambat karena hujan", False),
        ("Camat dinas luar", False), ("listrik padam", False), ("Rapat di kabupaten", False),
    ],
)  # fmt: skip
def test_an_explanation_says_something(text: str, nothing: bool) -> None:
    assert is_nothing(text) is nothing
