"""Numbers, dates and texts as offices really type them: long, in other ways, and from other programs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pytest
from frozen_sop import SOP
from rule_fixtures import Register, base_tables, inspect_tables
from workbooks import office_workbook

from sopkit.checks.catalogue import Finding
from sopkit.checks.inspection import inspect_register
from sopkit.checks.reasons import is_nothing
from sopkit.register.parse import day_first_months
from sopkit.register.read import read_register
from sopkit.register.swapped_dates import months_in_use

CASES = Path(__file__).parent / "cases"
NOW = dt.datetime(2026, 11, 20, 10)
STEPS = (1, 2, 3, 5, 6, 7, 8, 9)


def found_in(path: Path) -> list[str]:
    """What is found but for K54: the closed cases of these files say little of what they broke."""
    findings = inspect_register(read_register(path), SOP, NOW).findings
    return [said(finding) for finding in findings if finding.code != "K54"]


def said(finding: Finding) -> str:
    return f"{finding.code} @ {finding.sheet}!{finding.cell}"


def wide_book(folder: Path, rows: list[list[object]], kantor: Mapping[str, str] = {}, more: str = "") -> Path:
    """A register in the wide layout: No. Catatan, Tanggal Ditemukan, No. PTPP, Tanggal PTPP, then the step's ends."""
    headers = ["No. Catatan", "Tanggal Ditemukan", "No. PTPP", "Tanggal PTPP", *(f"Selesai {n}" for n in STEPS)]
    path = office_workbook(folder / "lebar.xlsx", [headers, *rows], without=("Langkah", "Pemusnahan"), kantor=kantor)
    steps = "".join(f'{n} = "Selesai {n}"\n' for n in STEPS)
    path.with_name("lebar.sopkit.toml").write_text(f'layout = "wide"\n[steps]\n{steps}{more}', "utf-8")
    return path


def wide_row(number: int, day: int, swap: bool = False) -> list[object]:
    """A case found on this day of November 2026 whose steps end the next days; `swap`: as a US-locale Excel has it."""
    moments = [dt.datetime(2026, 11, day + step // 3, 9 + step) for step in range(len(STEPS) + 1)]
    ptpp, row = dt.datetime(2026, 11, day), [moment if not swap else us_excel(moment) for moment in moments]
    dated = us_excel(ptpp) if swap else ptpp
    return [f"{number:03d}/CLTS/XI/2026", row[0], f"{number:03d}/PTPP/XI/2026", dated, *row[1:]]


def us_excel(moment: dt.datetime) -> object:
    if moment.day <= 12:
        return moment.replace(month=moment.day, day=moment.month)
    return f"{moment:%d/%m/%Y %H:%M}"


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


def test_dates_as_sheetjs_stores_them_are_read_and_nothing_is_said() -> None:
    assert found_in(CASES / "X12-sheetjs-dates-Z.xlsx") == []


def test_dates_typed_as_text_in_twenty_ways_are_notes() -> None:
    found = found_in(CASES / "X15-text-dates.xlsx")

    assert len(found) == 20
    assert {text.split()[0] for text in found} == {"D05"}


WIDE_SWAPPED = ["D53 @ Register!B1", "D53 @ Register!D1", *(f"D53 @ Register!{c}1" for c in "EFGHIJKL")]


@pytest.mark.parametrize("swap", [True, False])
def test_a_wide_register_that_an_american_excel_has_swapped(swap: bool, tmp_path: Path) -> None:
    rows = [wide_row(n, day, swap) for n, day in enumerate((2, 3, 4, 5, 13, 14, 15, 16), start=1)]

    found = found_in(wide_book(tmp_path, rows))

    assert [text for text in sorted(found) if text.startswith("D53")] == WIDE_SWAPPED * swap
    if swap:
        assert not {text.split()[0] for text in found} & {"D02", "D03", "D04", "D05", "D06", "D16", "U13", "W02", "W05"}


@pytest.mark.parametrize(("each", "swapped"), [(7, False), (8, True)])
def test_texts_of_a_whole_year_ask_for_eight_dates_of_each_kind(each: int, swapped: bool) -> None:
    early = [dt.datetime(2026, month + 2, 12 - month) for month in range(1, each + 1)]
    late = [dt.datetime(2026, month + 2, 12 + month) for month in range(1, each + 1)]
    values = [us_excel(moment) for moment in (*early, *late)]

    assert (months_in_use([(values, day_first_months(values))]) is not None) is swapped
