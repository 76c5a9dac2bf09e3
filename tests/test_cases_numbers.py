"""Numbers, dates and texts as offices really type them: long, in other ways, and from other programs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from itertools import product
from pathlib import Path

import pytest
from frozen_sop import SOP
from rule_fixtures import Register, base_tables, inspect_tables
from workbooks import office_workbook

from sopkit.checks.catalogue import Finding, Severity
from sopkit.checks.inspection import inspect_register
from sopkit.checks.reasons import is_nothing
from sopkit.errors import SopkitError
from sopkit.excel.number_formats import shown_as
from sopkit.register.assign_numbers import allot_numbers
from sopkit.register.numbering import format_number, parse_number, pattern_problem
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


def test_a_long_step_and_a_long_line_of_sheet_sop_are_quoted(tmp_path: Path) -> None:
    text = "kata " * 100
    header, line = (["No", "Aktifitas", "Waktu"], ["1", f"'{text}", "15 menit"])
    register = Register(base_tables() | {"SOP": [header, line]})
    register.tables["Langkah"][1][1] = f"'{text}"

    found = {f.code: f for f in inspect_tables(register, tmp_path).findings}

    assert {"U03", "B09"} <= set(found)
    assert [f for f in found.values() if "kata " * 13 in f.message + f.fix] == []


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
        ("sudah dijelaskan", True), ("Idem dengan di atas", True), ("alasan menyusul", True),
        ("keterangan menyusul nanti", True), ("terlambat sedikit saja", True), ("belum diketahui", True),
        ("Berkas menyusul dari kabupaten", False), ("Kekurangan sedikit formulir", False),
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


@pytest.mark.parametrize("name", ["X6-u06-spaces", "X6c-u06-dash"])
def test_a_number_written_another_way_names_its_case(name: str) -> None:
    assert found_in(CASES / f"{name}.xlsx") == ["D08 @ Langkah!A3"]


def test_a_number_shown_by_a_format_is_understood_and_said() -> None:
    inspected = inspect_register(read_register(CASES / "X7-number-format-000.xlsx"), SOP, NOW)

    findings = [finding for finding in inspected.findings if finding.code != "K54"]
    assert [said(finding) for finding in findings] == ["D13 @ Register!A2", "D13 @ Register!A3"]
    assert "Nomor “1” tersimpan sebagai angka dan hanya tampil sebagai “001”" in findings[0].message
    assert {finding.severity for finding in findings} == {Severity.WARNING}
    assert set(inspected.register.events.data["case"]) == {"001", "002"}


@pytest.mark.parametrize(
    ("number", "code", "shown"),
    [
        (1, "000", "001"), (12, '000"/PTPP/XI/2026"', "012/PTPP/XI/2026"), (7, '"PTPP-"00', "PTPP-07"), (5, "0", "5"),
        (1234, "000", "1234"), (3, r"000\\/\\B", None), (3, r"000\/\B", "003/B"), (2, "000;-000", "002"),
        (1.5, "000", None), (-1, "000", None), (1, "dd/mm/yyyy", None), (1, "General", None), (1, "#,##0", None),
        (1, "0.00", None), (4, "[Red]000", "004"), (4, "", None),
    ],
)  # fmt: skip
def test_what_a_number_shows(number: float, code: str, shown: str | None) -> None:
    assert shown_as(number, code) == shown


def test_a_wide_register_says_once_how_its_number_is_written(tmp_path: Path) -> None:
    row = wide_row(1, 2)
    row[0] = "001 / CLTS / XI / 2026"

    found = found_in(wide_book(tmp_path, [row]))

    assert [text for text in found if text[:3] in ("D08", "D13", "U06")] == ["D08 @ Register!A2"]


def test_d12_names_the_month_as_the_number_shows_it(tmp_path: Path) -> None:
    register = Register(base_tables(), settings={"Pola No. BA": "{urut:03d}/BA/{bulan:02d}/{tahun}"})
    register.tables["Register"][1][8] = "001/PTPP/X/2026"
    for row in (1, 3):
        register.tables["Register"][row][27] = "001/BA/09/2026"
    register.tables["Pemusnahan"][1][0] = "001/BA/09/2026"

    told = {said(f): f for f in inspect_tables(register, tmp_path).findings if f.code == "D12"}

    assert told["D12 @ Register!I2"].message == (
        "Nomor 001/PTPP/X/2026 memuat bulan X (Oktober), sedangkan tanggalnya 2 November 2026."
    )
    assert "memuat bulan 09 (September)" in told["D12 @ Pemusnahan!A2"].message
    assert all(f.fix.startswith("Periksa dokumen aslinya") for f in told.values())


def test_no_finding_shows_a_raw_pattern(tmp_path: Path) -> None:
    register = Register(base_tables(), settings={"Pola No. PTPP": "PTPP/{tahun}", "Tahun Register": "2026"})
    register.tables["Register"][1][8] = "satu"
    register.tables["Pemusnahan"][1][0] = "BA satu"

    told = {said(f): f"{f.message} {f.fix}" for f in inspect_tables(register, tmp_path).findings}

    assert "001/PTPP/XI/2026" in told["D13 @ Register!I2"]
    assert not [text for text in told.values() if "{urut:" in text]


PATTERNS = """
[patterns]
"No. Catatan" = "{urut}/LTS/{tahun}"
"Pola No. Catatan sejak 4 November 2026" = "600.1/{urut:03d}/LTS/{tahun}"
"""


def test_a_layout_may_state_the_patterns_and_their_periods(tmp_path: Path) -> None:
    rows = [wide_row(n, 2 + n) for n in (1, 2, 3)]
    rows[0][0], rows[1][0], rows[2][0] = "1/LTS/2026", "600.1/002/LTS/2026", "3/LTS/2026"

    found = found_in(wide_book(tmp_path, rows, more=PATTERNS))

    assert [text for text in found if text[:3] in ("D13", "D50", "D51")] == ["D13 @ Register!A4"]


@pytest.mark.parametrize(
    ("patterns", "said_of"),
    [
        ('"No. Surat" = "{urut}"', "'No. Surat' bukan No. Catatan, No. PTPP, dan No. BA"),
        ('"No. PTPP sejak kapan" = "{urut}"', "'No. PTPP sejak kapan'"),
        ('"No. PTPP" = "{tahun}"', "pola No. PTPP tidak memuat “{urut}”"),
        ('"No. PTPP" = "{bulan}{urut}"', "pola No. PTPP membuat nomor “111” untuk urut 1 bulan 11, yang juga berarti"),
    ],
)
def test_a_layout_with_patterns_that_cannot_be_used(patterns: str, said_of: str, tmp_path: Path) -> None:
    path = wide_book(tmp_path, [wide_row(1, 2)], more=f"[patterns]\n{patterns}\n")

    with pytest.raises(SopkitError) as refused:
        read_register(path)

    assert said_of in str(refused.value)


def test_numbers_are_given_by_the_pattern_in_force_on_the_date(tmp_path: Path) -> None:
    kantor = {"Pola No. PTPP sejak 5 November 2026": "600.1/{urut:03d}/PTPP/{tahun}"}
    register = Register(base_tables(), settings=kantor)
    register.tables["Register"][3][8] = "003 / PTPP / XI / 2026"
    for row in (2, 4):
        register.tables["Register"][row][8] = ""
    register.tables["Register"][2][9] = "2026-11-04"
    inspect_tables(register, tmp_path)

    edits = allot_numbers(read_register(tmp_path / "register.xlsx")).edits

    assert [(edit.cell, edit.value) for edit in edits] == [
        ("I3", "004/PTPP/XI/2026"), ("I5", "600.1/005/PTPP/2026"),
    ]  # fmt: skip


@pytest.mark.parametrize("pattern", ["{bulan}{urut}", "{urut}{bulan}/PTPP", "{urut}/{urut:03d}"])
def test_a_pattern_that_does_not_read_back_numbers_nothing(pattern: str, tmp_path: Path) -> None:
    inspect_tables(Register(base_tables(), settings={"Pola No. PTPP": pattern}), tmp_path)

    with pytest.raises(SopkitError, match=r"^Pola No\. PTPP “.*” membuat nomor “\S+”.*\.$"):
        allot_numbers(read_register(tmp_path / "register.xlsx"))


FIELDS = (
    "{urut}",
    "{urut:02d}",
    "{urut:03d}",
    "{bulan}",
    "{bulan:02d}",
    "{bulan_romawi}",
    "{tahun}",
    "1",
    "0",
    "/",
    "I",
)


def test_what_an_accepted_pattern_makes_reads_back_up_to_999() -> None:
    patterns = ["".join(pieces) for count in (2, 3) for pieces in product(FIELDS, repeat=count)]
    accepted = [pattern for pattern in patterns if not pattern_problem(pattern)]
    assert len(accepted) > 300

    for pattern in accepted[::9]:
        one_for_all = len({format_number(pattern, 1, dt.date(2026, month, 1)) for month in range(1, 13)}) == 1
        months = (1,) if one_for_all else range(1, 13)  # without a month in it, each text would be read twelve times
        for month, sequence in product(months, range(1, 1000)):
            read = parse_number(pattern, format_number(pattern, sequence, dt.date(2026, month, 1)))
            assert read and (read.sequence, read.month or month) == (sequence, month), (pattern, read)


def test_a_pattern_whose_period_cannot_be_read_numbers_nothing(tmp_path: Path) -> None:
    inspect_tables(Register(base_tables(), settings={"Pola No. BA sejak nanti": "BA-{urut}"}), tmp_path)

    with pytest.raises(SopkitError, match=r"Pola No\. BA sejak nanti"):
        allot_numbers(read_register(tmp_path / "register.xlsx"))
