"""The blank register: the canonical layout, made by code, the same bytes every time, and readable by sopkit itself."""

from __future__ import annotations

import io
import os
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from formula_audit import Stated, workbook_faults
from frozen_sop import SOP, SOP_FILE
from openpyxl.workbook import Workbook

from sopkit.checks.inspection import inspect_register
from sopkit.errors import SopkitError
from sopkit.folders import bundled
from sopkit.newbook.create import DEFAULT_MAIL, LINED, LIVE_NOTE, build_workbook, table_name
from sopkit.newbook.formula import FIRST, HEADER_ROW, structured
from sopkit.newbook.init_office import write_office
from sopkit.newbook.live import live_columns
from sopkit.newbook.pages import sop_rows
from sopkit.newbook.validations import note_of
from sopkit.ooxml.address import letter
from sopkit.ooxml.sheet_scan import LAST_ROW
from sopkit.register.layout import layout_beside
from sopkit.register.read import read_register
from sopkit.register.schema import (
    CHOICES,
    EVENTS,
    EXTENDABLE,
    LIVE_HEADERS,
    REGISTER,
    SETTINGS,
    SHEETS,
    Cases,
    SheetPlan,
    is_live,
)  # fmt: skip
from sopkit.sop.model import Sop

STEPS = 30  # that an SOP may have for its register to show where each stands (README, known limits)
LIVE = Path(__file__).parent / "golden" / "live.txt"

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")


@pytest.fixture(scope="module")
def sop() -> Sop:
    return SOP


@pytest.fixture(scope="module")
def blank(sop: Sop) -> bytes:
    return build_workbook(sop, 2026)


@pytest.fixture(scope="module")
def book(blank: bytes) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(blank))


def _row(book: Workbook, sheet: str, number: int) -> list[object]:
    return [cell.value for cell in book[sheet][number] if cell.value is not None]


def test_every_sheet_of_the_canonical_layout_is_there(book: Workbook) -> None:
    wanted = [plan.name for plan in SHEETS] + ["Daftar", "SOP", "Petunjuk", "Ringkasan"]
    assert set(wanted) <= set(book.sheetnames)


@pytest.mark.parametrize("plan", SHEETS, ids=lambda plan: plan.name)
def test_headers_are_those_of_columns_and_then_the_live_ones(book: Workbook, sop: Sop, plan) -> None:
    own, live = [column.header for column in plan.columns], [live.header for live in live_columns(plan, sop)]
    assert _row(book, plan.name, HEADER_ROW) == own + live
    assert [header for header in live if not header.startswith("h.")] == list(LIVE_HEADERS.get(plan.name, ()))
    assert all(is_live(plan.name, header.upper()) for header in live) and not is_live(plan.name, "Kanal")


def test_the_live_columns_are_few_and_their_formulas_short(sop: Sop) -> None:
    """Both as they stand in cells and as the table holds them, with the name of each column spelled out."""
    for plan, most in ((REGISTER, 16), (EVENTS, 12)):
        live = live_columns(plan, sop)
        assert sum(shown.header.startswith("h.") for shown in live) <= most
        assert max(len(structured(shown.formula, table_name(plan))) for shown in live) <= 1000
        assert all(shown.meaning.endswith(".") for shown in live)


def test_each_live_column_is_told_once(sop: Sop, update_golden: bool) -> None:
    """Header, what it means, its value on an empty row, and its formula."""
    told = "\n".join(
        f"{plan.name} · {live.header} · {live.blank!r}\n  {live.meaning}\n  {live.formula}".replace("\u00a0", "<NBSP>")
        for plan in SHEETS
        for live in live_columns(plan, sop)
    )
    if update_golden:
        LIVE.write_text(told + "\n", "utf-8")
    assert LIVE.read_text("utf-8") == told + "\n"


def _allowed(one: Stated) -> frozenset[str]:
    """What asks for now, and what reads digits at their places of a typed text, of a number or pattern, or of h.baris,
    or an error.

    tests/test_live_formulas.py has them read in two languages.
    """
    if one.where == "Hitungan!B5":
        return frozenset({"NOW", "VALUE"})
    reads = re.fullmatch(r"Register!A[A-Z]5:.*|Langkah![LNOV]5:.*|Hitungan!B(1[13]|27|31|38|42|49|53)|tRegister\[.*\]|"
                         r"tLangkah\[h\.(pos|mulai|selesai|urut)\]", one.where)  # fmt: skip
    return frozenset({"VALUE"} if reads else ())


@pytest.mark.parametrize("name", ["kosong", "contoh"])
def test_every_formula_means_the_same_in_every_program(name: str, blank: bytes, example: Path, tmp_path: Path) -> None:
    """Cells, tables, data validation, conditional formats and names; only Hitungan!B5 asks what time it is."""
    path = tmp_path / "register.xlsx"
    path.write_bytes(blank if name == "kosong" else example.read_bytes())
    found = list(workbook_faults(path, _allowed))
    assert not found, "\n".join(map(str, found[:20]))


def test_a_blank_workbook_shows_itself_without_reckoning(blank: bytes, tmp_path: Path) -> None:
    """A preview shows the office, the services and zeros; Excel is told to reckon the rest."""
    path = tmp_path / "kosong.xlsx"
    path.write_bytes(blank)
    shown = openpyxl.load_workbook(path, data_only=True)
    summary = shown["Ringkasan"]
    assert summary["A1"].value == "KECAMATAN BANDUNGAN · PEMERINTAH KABUPATEN SEMARANG"
    assert [summary.cell(5, column).value for column in range(1, 6)] == [0] * 5
    assert [summary.cell(10 + row, 7).value for row in range(3)] == list(CHOICES["Jenis Layanan"][:3])
    assert {cell.value for row in shown["Langkah"]["J5:K40"] for cell in row} == {None}
    assert "fullCalcOnLoad" in _calculation(blank)


def _calculation(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return re.findall(r"<calcPr[^>]*>", package.read("xl/workbook.xml").decode())[0]


def test_the_example_is_stored_as_it_was_reckoned(example: Path) -> None:
    """So Excel need not reckon all of it when it is opened."""
    assert "fullCalcOnLoad" not in _calculation(example.read_bytes())
    shown = openpyxl.load_workbook(example, data_only=True)
    values = [[cell.value for cell in row] for row in shown["Langkah"]["H5:K9"]]
    assert all(row[0] is not None and row[2] == "Tepat waktu" and row[3] == "Sesuai" for row in values)


def test_the_same_input_gives_the_same_bytes(sop: Sop, blank: bytes) -> None:
    assert build_workbook(sop, 2026) == blank


def test_sopkit_reads_it_as_a_register_without_cases_or_errors(tmp_path: Path, sop: Sop, blank: bytes) -> None:
    path = tmp_path / "register-2026.xlsx"
    path.write_bytes(blank)
    register = read_register(path)
    assert [len(table.data) for table in (register.cases, register.events, register.disposals, register.people)] == [
        0
    ] * 4
    assert len(register.calendar.data) > 20 and len(register.hours.data) == 6
    assert len(register.mail.data) == len(DEFAULT_MAIL)
    assert not [reading for table in register.tables for reading in table.readings]
    found = inspect_register(register, sop).findings
    assert {finding.code for finding in found} <= {"P07"}  # nobody is Camat yet


def test_office_settings_come_from_the_sop(book: Workbook, sop: Sop) -> None:
    rows = {row[0].value: row[1].value for row in book["Kantor"].iter_rows(min_row=HEADER_ROW + 1) if row[0].value}
    assert list(rows) == [setting.key for setting in SETTINGS]
    assert rows["Nama Kantor"] == sop.office.name and rows["Tahun Register"] == "2026"


def test_lists_and_step_table_are_for_reading(book: Workbook, sop: Sop) -> None:
    assert _row(book, "Daftar", HEADER_ROW) == list(CHOICES)
    steps = [
        [cell.value for cell in row[:6]] for row in book["SOP"].iter_rows(min_row=HEADER_ROW, max_row=HEADER_ROW + 9)
    ]
    assert steps == [list(row) for row in sop_rows(sop)]


def test_petunjuk_explains_every_column_and_every_key_of_kantor(book: Workbook) -> None:
    said = {cell.value for row in book["Petunjuk"].iter_rows() for cell in row}
    assert {setting.key for setting in SETTINGS} | {setting.meaning for setting in SETTINGS} <= said
    columns = [column for plan in SHEETS if plan.name != "Kantor" for column in plan.columns]
    assert {column.meaning for column in columns} <= said
    told = [column.meaning for column in columns if column.choices in CHOICES and column.choices not in EXTENDABLE]
    assert len(told) == 10  # a value that its sentence does not name says itself


def test_a_value_of_a_fixed_list_is_told_apart(book: Workbook) -> None:
    for column in (Cases.category, Cases.source, Cases.disposition, Cases.to_destroy, Cases.status, Cases.verification):
        assert all(value in column.meaning for value in CHOICES[column.choices]), column.header


@pytest.mark.parametrize("plan", SHEETS, ids=lambda plan: plan.name)
def test_every_header_has_a_note_and_every_check_a_prompt(book: Workbook, sop: Sop, plan: SheetPlan) -> None:
    """Within what Excel takes: 32 letters of a title, 255 of a text."""
    page = book[plan.name]
    notes = {cell.value: cell.comment.text for cell in page[HEADER_ROW] if cell.comment}
    shown = {live.header: f"{LIVE_NOTE} {live.meaning}" for live in live_columns(plan, sop) if live.width}
    assert notes == {column.header: note_of(column) for column in plan.columns} | shown
    assert all(re.search(r"[^.]\.$", column.meaning) for column in plan.columns)
    for rule in page.data_validations.dataValidation:
        assert 0 < len(rule.promptTitle) <= 32 and 0 < len(rule.prompt) <= 255 and rule.showInputMessage
        assert len(rule.errorTitle or "") <= 32 and len(rule.error or "") <= 225


@pytest.mark.parametrize(
    ("sheet", "header", "home"),
    [
        ("Register", "No. BA Pemusnahan", "Pemusnahan"),
        ("Register", "Jenis Layanan", "Daftar"),
        ("Register", "Penanggung Jawab", "Pegawai"),
        ("Langkah", "No. Catatan", "Register"),
        ("Langkah", "Langkah", "SOP"),
        ("Surel", "Kepada", "Pegawai"),
        ("Surel", "Tembusan", "Pegawai"),
    ],
)
def test_what_is_said_of_a_wrong_value_names_the_sheet_of_its_list(
    book: Workbook, sheet: str, header: str, home: str
) -> None:
    (rule,) = (rule for rule in book[sheet].data_validations.dataValidation if rule.promptTitle == header)
    assert set(re.findall(r"sheet (\w+)", rule.error)) == {home}


def test_a_key_of_kantor_offers_its_choices(book: Workbook) -> None:
    """As the schema has them; where other values are right too nothing is refused."""
    page = book["Kantor"]
    rules = {rule.promptTitle: rule for rule in page.data_validations.dataValidation}
    assert list(rules) == [setting.key for setting in SETTINGS]
    for setting in SETTINGS:
        rule = rules[setting.key]
        assert page[f"A{str(rule.sqref)[1:]}"].value == setting.key and setting.meaning in rule.prompt
        assert rule.formula1 == (f'"{",".join(setting.choices)}"' if setting.choices else None)
        assert rule.showErrorMessage != (bool(setting.choices) and setting.free)
    free = [setting.key for setting in SETTINGS if setting.free]
    assert free == ["Arti Satu Hari"] and rules["Periksa Nomor Urut"].error == "Pilih Ya atau Tidak."


@pytest.mark.parametrize(
    ("sheet", "header", "source"),
    [
        ("Register", "Jenis Layanan", "Daftar_JenisLayanan"),
        ("Register", "Ditemukan Oleh", "Pegawai_Aktif"),
        ("Register", "Kepada", "Pegawai_Aktif"),
        ("Register", "No. BA Pemusnahan", "Nomor_BA"),
        ("Langkah", "No. Catatan", "Nomor_Catatan"),
        ("Langkah", "Langkah", "S_Label"),
        ("Langkah", "Pelaksana", "Pegawai_Aktif"),
        ("Pegawai", "Aktif", "Daftar_YaTidak"),
        ("Surel", "Kepada", "Tujuan_Surel"),
    ],
)
def test_drop_downs_are_fed_from_their_sheets_and_reach_far_down(
    book: Workbook, sheet: str, header: str, source: str
) -> None:
    page = book[sheet]
    column = next(cell.column_letter for cell in page[HEADER_ROW] if cell.value == header)
    lists = [rule for rule in page.data_validations.dataValidation if f"{column}{HEADER_ROW + 300}" in rule.sqref]
    assert [rule.formula1.lstrip("=") for rule in lists] == [source]
    assert source in book.defined_names


@pytest.mark.parametrize("sheet", ["Register", "Langkah", "Pemusnahan", "Pegawai"])
def test_a_sheet_of_rows_is_an_excel_table_ready_to_print(book: Workbook, sheet: str) -> None:
    page = book[sheet]
    (table,) = page.tables.values()
    assert table.autoFilter is not None and table.ref.startswith(f"A{HEADER_ROW}:")
    assert page.freeze_panes is not None and page.freeze_panes.endswith(str(HEADER_ROW + 1))
    assert page.page_setup.orientation == "landscape" and page.page_setup.paperSize == 9
    wide = sheet == "Register"  # its title is in the header of each page
    assert page.print_title_rows == (f"$3:${HEADER_ROW}" if wide else f"$1:${HEADER_ROW}")
    title = page["B2"].value if wide else page["A2"].value
    assert title and (page.oddHeader.left.text == title if wide else page.oddHeader.left.text is None)
    formulas = {column.name: column.calculatedColumnFormula for column in table.tableColumns}
    live = [header for header in formulas if header in LIVE_HEADERS[sheet]]
    assert len(live) >= (1 if sheet == "Pegawai" else 2)
    assert all(formulas[header] is not None for header in live)


@pytest.mark.parametrize("plan", SHEETS, ids=lambda plan: plan.name)
def test_what_is_printed_follows_the_rows(book: Workbook, plan: SheetPlan) -> None:
    """Columns without a last row; a blank row has nothing that prints, and its lines come with what is typed."""
    page = book[plan.name]
    last = letter(len(plan.columns))
    assert page.print_area.rpartition("!")[2] == f"$A$1:${last}${LAST_ROW}"
    rows = page.iter_rows(FIRST, FIRST + 300, 1, len(plan.columns))
    below = [cell for row in rows if all(cell.value is None for cell in row) for cell in row]
    assert below and not [cell.coordinate for cell in below if cell.border.bottom.style]
    lined = [
        str(each.sqref) for each in page.conditional_formatting if each.rules[0].formula[0].startswith(LINED)
    ]  # fmt: skip
    assert len(lined) == 1 and lined[0].startswith(f"A{FIRST}:{last}")


def test_an_office_folder_is_made_once_and_never_overwritten(tmp_path: Path, sop: Sop) -> None:
    made = write_office(tmp_path, 2026, sop).made
    assert tmp_path / "registers" / "register-2026.xlsx" in made
    templates = {path.name for path in bundled("templates").glob("*.docx")}
    assert templates == {path.name for path in (tmp_path / "templates").glob("*.docx")}
    before = {path: path.read_bytes() for path in made}
    with pytest.raises(SopkitError, match=r"register-2026\.xlsx"):
        write_office(tmp_path, 2026, sop)
    assert {path: path.read_bytes() for path in made} == before


def test_the_next_year_is_begun_in_the_same_folder(tmp_path: Path, sop: Sop) -> None:
    first = write_office(tmp_path, 2026, sop)
    templates = set(first.made) - {tmp_path / "registers" / "register-2026.xlsx"}
    own = tmp_path / "templates" / "ptpp.docx"
    own.write_bytes(b"milik kantor")
    second = write_office(tmp_path, 2027, sop)
    assert second.made == (tmp_path / "registers" / "register-2027.xlsx",)
    assert set(second.kept) == templates and own.read_bytes() == b"milik kantor"


def test_a_lost_template_is_brought_back_beside_the_register(tmp_path: Path, sop: Sop) -> None:
    write_office(tmp_path, 2026, sop)
    register, lost = tmp_path / "registers" / "register-2026.xlsx", tmp_path / "templates" / "surel" / "ptpp.txt"
    register.write_bytes(b"milik kantor")
    lost.unlink()
    assert write_office(tmp_path, 2026, sop).made == (lost,)
    assert lost.is_file() and register.read_bytes() == b"milik kantor"


def test_an_sop_of_the_office_stands_beside_its_register(tmp_path: Path, sop: Sop) -> None:
    own = tmp_path / 'sop "kita".toml' if os.name != "nt" else tmp_path / "sop kita.toml"
    own.write_text(SOP_FILE.read_text("utf-8"), "utf-8")
    made = write_office(tmp_path / "k", 2026, sop, sop_file=own).made
    copy = tmp_path / "k" / "registers" / own.name
    assert copy in made and copy.read_bytes() == own.read_bytes()
    layout = layout_beside(tmp_path / "k" / "registers" / "register-2026.xlsx")
    assert layout is not None and layout.sop == copy
    own.write_text("lain", "utf-8")
    with pytest.raises(SopkitError, match="Sudah ada"):
        write_office(tmp_path / "k", 2027, sop, sop_file=own)
    assert not (tmp_path / "k" / "registers" / "register-2027.xlsx").exists()


def test_an_sop_may_name_columns_in_any_spelling_and_ones_that_are_not_there(sop: Sop) -> None:
    steps = tuple(replace(step, needs=("no. ptpp", "Nomor Surat")) for step in sop.steps)
    assert build_workbook(replace(sop, steps=steps), 2026)


def test_nothing_is_written_when_one_file_is_there(tmp_path: Path, sop: Sop) -> None:
    present = tmp_path / "registers" / "register-2026.xlsx"
    present.parent.mkdir()
    present.write_bytes(b"milik kantor")
    with pytest.raises(SopkitError):
        write_office(tmp_path, 2026, sop)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [present]
    assert present.read_bytes() == b"milik kantor"


def test_the_longest_sop_keeps_formulas_within_what_excel_takes(sop: Sop) -> None:
    step = sop.steps[4]
    steps = tuple(replace(step, number=n, may_come_early=n == 4, periodic=n == STEPS) for n in range(1, STEPS + 1))
    long = replace(sop, steps=(*steps[:-2], replace(steps[-2], on_rejection=9), steps[-1]))
    lengths = {
        (plan.name, live.header): len(structured(live.formula, table_name(plan)))
        for plan in SHEETS
        for live in live_columns(plan, long)
    }
    assert len(lengths) > 30
    assert {place: length for place, length in lengths.items() if length > 8192} == {}
