"""What the history tells of a register that was edited, by all that people and programs do to one; and its chain."""

from __future__ import annotations

import datetime as dt
import io
import random
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from frozen_sop import SOP
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet
from rich.console import Console
from rule_fixtures import Register, _keyword, _text, base_tables
from workbooks import office_workbook

from sopkit.archive import Archive
from sopkit.checks.inspection import Inspected, inspect_register
from sopkit.cli.history import chain_text
from sopkit.database import COPY, FILE, in_memory, open_database
from sopkit.history.chain import Chain, packed, told
from sopkit.history.columns import keys_in, packed_columns, units_in
from sopkit.history.compare import compared, recorded
from sopkit.history.facts import Facts, Unit, hashes
from sopkit.libreoffice import libreoffice
from sopkit.pipeline import RunOptions, beside_history, inspect_books, run_books
from sopkit.register.read import read_register

Edit = Callable[[Any], object]
NOW = dt.datetime(2026, 11, 20, 10)


def _column(sheet: Worksheet, header: str) -> int:
    return next(cell.column for cell in sheet[1] if cell.value == header)


def put(sheet: str, row: int, header: str, value: object, shown: str = "") -> Edit:
    def edit(book: Any) -> None:
        cell = book[sheet].cell(row, _column(book[sheet], header))
        cell.value = value
        if shown:
            cell.number_format = shown

    return edit


def each(sheet: str, header: str, change: Callable[[Any], Any]) -> Edit:
    def edit(book: Any) -> None:
        place = _column(book[sheet], header)
        for row in range(2, book[sheet].max_row + 1):
            cell = book[sheet].cell(row, place)
            cell.value = change(cell.value) if cell.value is not None else None

    return edit


def sort(sheet: str, header: str, *, back: bool = False) -> Edit:
    def edit(book: Any) -> None:
        there = book[sheet]
        place = _column(there, header) - 1
        rows = [[cell.value for cell in row] for row in there.iter_rows(min_row=2)]
        rows.sort(key=lambda row: str(row[place]), reverse=back)
        for y, row in enumerate(rows, start=2):
            for x, value in enumerate(row, start=1):
                there.cell(y, x).value = value

    return edit


def all_of(*edits: Edit) -> Edit:
    return lambda book: [edit(book) for edit in edits]


def append(sheet: str, *values: object) -> Edit:
    return lambda book: book[sheet].append(list(values))


def columns_reversed(book: Any) -> None:
    sheet = book["Langkah"]
    rows = [[cell.value for cell in row][::-1] for row in sheet.iter_rows()]
    for y, row in enumerate(rows, start=1):
        for x, value in enumerate(row, start=1):
            sheet.cell(y, x).value = value


def shuffled(sheet: str) -> Edit:
    def edit(book: Any) -> None:
        rows = [[cell.value for cell in row] for row in book[sheet].iter_rows(min_row=2)]
        random.Random(sheet).shuffle(rows)
        for y, row in enumerate(rows, start=2):
            for x, value in enumerate(row, start=1):
                book[sheet].cell(y, x).value = value

    return edit


def exchanged(sheet: str, header: str) -> Edit:
    """What the first two rows say in a column."""

    def edit(book: Any) -> None:
        one, other = (book[sheet].cell(row, _column(book[sheet], header)) for row in (2, 3))
        one.value, other.value = other.value, one.value

    return edit


def later(row: int, days: int) -> Edit:
    def edit(book: Any) -> None:
        for header in ("Mulai", "Selesai"):
            book["Langkah"].cell(row, _column(book["Langkah"], header)).value += dt.timedelta(days=days)

    return edit


def new_name(book: Any) -> None:
    """Ratna Anggraini is called Ratna Prasetyo in all sheets now."""
    staff = book["Pegawai"]
    place = _column(staff, "Nama Lain")
    for sheet in (staff, book["Langkah"], book["Register"]):
        for cell in (cell for row in sheet.iter_rows(min_row=2) for cell in row if cell.value == "Ratna Anggraini"):
            cell.value = "Ratna Prasetyo"
            if sheet is staff:
                sheet.cell(cell.row, place, "Ratna Anggraini")


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


STEP_1 = moment("2026-11-02T08:00")
FIRST = "001/CLTS/XI/2026"
TWICE = [FIRST, 1, "Ratna Anggraini", STEP_1, moment("2026-11-02T08:10")]
NOT_TOLD: Mapping[str, Edit] = {
    "nothing, saved by openpyxl": lambda book: None,
    "Langkah sorted by Mulai, the last first": sort("Langkah", "Mulai", back=True),
    "Langkah sorted by Pelaksana": sort("Langkah", "Pelaksana"),
    "Register sorted by Jenis Layanan": sort("Register", "Jenis Layanan"),
    "an empty row inserted": lambda book: book["Langkah"].insert_rows(5),
    "rows inserted above the cases": lambda book: book["Register"].insert_rows(3, 2),
    "the columns of Langkah the other way round": columns_reversed,
    "a column of one's own": put("Langkah", 1, "Keterangan", "Keterangan"),
    "the sheets in another order": lambda book: book.move_sheet("Langkah", 3),
    "another sheet": lambda book: book.create_sheet("Catatan Loket"),
    "a moment typed again": put("Langkah", 2, "Mulai", STEP_1),
    "a moment as text": put("Langkah", 2, "Mulai", "02-11-2026 08.00"),
    "a moment as text with the month's name": put("Langkah", 2, "Mulai", "2 November 2026 08.00"),
    "a moment in ISO form": put("Langkah", 2, "Mulai", "2026-11-02 08:00"),
    "a moment in another format": put("Langkah", 2, "Mulai", STEP_1, "d mmmm yyyy"),
    "a moment as a serial number": put("Langkah", 2, "Mulai", 46328.3333333333, "dd/mm/yyyy hh:mm"),
    "a moment half a millisecond off": put("Langkah", 2, "Mulai", STEP_1 + dt.timedelta(microseconds=400)),
    "a date as text": put("Register", 2, "Tanggal PTPP", "2/11/2026"),
    "a date with midnight": put("Register", 2, "Tanggal PTPP", dt.datetime(2026, 11, 2)),
    "a quantity as text": put("Register", 2, "Jumlah", "3"),
    "a quantity with decimals": put("Register", 2, "Jumlah", 3.0, "0.00"),
    "a step as text": put("Langkah", 2, "Langkah", "1"),
    "all steps as text": each("Langkah", "Langkah", str),
    "a name in small letters": put("Langkah", 2, "Pelaksana", "ratna anggraini"),
    "a name with blanks around": put("Langkah", 2, "Pelaksana", "  Ratna   Anggraini "),
    "a name with a no-break space": put("Langkah", 2, "Pelaksana", "Ratna\u00a0Anggraini"),
    "a name with its title, everywhere": all_of(
        *(each(sheet, column, lambda name: name.replace("Ratna Anggraini", "Ratna Anggraini, S.Sos."))
          for sheet, column in (("Langkah", "Pelaksana"), ("Register", "Ditemukan Oleh"), ("Pegawai", "Nama")))
    ),
    "a list value in capitals": put("Langkah", 9, "Hasil", "DISETUJUI"),
    "a status in small letters": put("Register", 2, "Status", "selesai"),
    "a number with blanks": put("Register", 2, "No. Catatan", "001 / CLTS / XI / 2026"),
    "a number with dashes, in both sheets": all_of(
        each("Register", "No. Catatan", lambda text: text.replace("/", "-")),
        each("Langkah", "No. Catatan", lambda text: text.replace("/", "-")),
    ),
    "a number without its noughts, in Langkah": put("Langkah", 2, "No. Catatan", "1/CLTS/XI/2026"),
    "the running number alone, in Langkah": put("Langkah", 2, "No. Catatan", "1"),
    "a PTPP number with blanks": put("Register", 2, "No. PTPP", "001 /PTPP/ XI/2026"),
    "a BA number in small letters": put("Register", 2, "No. BA Pemusnahan", "001/ba/xi/2026"),
    "a text with other blanks": put("Register", 2, "Uraian Ketidaksesuaian", " Stempel  legalisasi terbalik"),
    "a title above the headers": all_of(
        lambda book: book["Register"].insert_rows(1, 2), lambda book: book["Register"].cell(1, 1, "REGISTER 2026"),
    ),
    "the dates of 1904": lambda book: setattr(book, "epoch", CALENDAR_MAC_1904),
    "an empty column": lambda book: book["Langkah"].insert_cols(3),
    "rich text": put("Langkah", 2, "Pelaksana", CellRichText("Ratna ", TextBlock(InlineFont(b=True), "Anggraini"))),
    "a blank of no width": put("Langkah", 2, "Pelaksana", "Ratna\u200b Anggraini"),
    "a line's end in a text": put("Register", 2, "Uraian Ketidaksesuaian", "Stempel legalisasi\r\nterbalik"),
    "a number in wide digits": put("Langkah", 2, "No. Catatan", "\uff10\uff10\uff11/CLTS/XI/2026"),
    "a number with long dashes": put("Langkah", 2, "No. Catatan", "001–CLTS–XI–2026"),
    "numbers in small letters": all_of(each("Register", "No. Catatan", str.lower), each("Langkah", "No. Catatan",
                                       str.lower)),
    "numbers without noughts": all_of(*(each(sheet, "No. Catatan", lambda text: text.lstrip("0"))
                                        for sheet in ("Register", "Langkah"))),
    "PTPP numbers in small letters": each("Register", "No. PTPP", str.lower),
    "a moment with its seconds": put("Langkah", 2, "Selesai", moment("2026-11-02T08:10:41")),
    "a moment a hair too early": put("Langkah", 2, "Selesai", moment("2026-11-02T08:09:59.999900")),
    "a moment in words": put("Langkah", 2, "Mulai", "Senin, 2 November 2026 pukul 08.00 WIB"),
    "all moments as text": all_of(*(each("Langkah", name, lambda when: f"{when:%d/%m/%Y %H:%M}")
                                    for name in ("Mulai", "Selesai"))),
    "steps with decimals": each("Langkah", "Langkah", float),
    "names in capitals": each("Langkah", "Pelaksana", str.upper),
    "a new name, with the old one in Nama Lain": new_name,
    "the rows of Langkah in any order": shuffled("Langkah"),
    "the rows of both sheets in any order, the columns turned": all_of(shuffled("Langkah"), shuffled("Register"),
                                                                      columns_reversed),
    "a copy of the sheet": lambda book: book.copy_worksheet(book["Langkah"]),
    "a row of totals": append("Register", "Jumlah", 5),
    "a sheet that is protected": lambda book: setattr(book["Langkah"].protection, "sheet", True),
    "a hidden row": lambda book: setattr(book["Langkah"].row_dimensions[3], "hidden", True),
    "a filter": lambda book: setattr(book["Langkah"].auto_filter, "ref", "A1:G37"),
    "colours and widths": lambda book: setattr(book["Langkah"].column_dimensions["A"], "width", 40),
}  # fmt: skip
TOLD: Mapping[str, tuple[Edit, Sequence[str]]] = {
    "another Mulai": (put("Langkah", 2, "Mulai", moment("2026-11-02T08:05")), ["R01 Langkah!D2"]),
    "another Selesai, by a minute": (put("Langkah", 2, "Selesai", moment("2026-11-02T08:11")), ["R01 Langkah!E2"]),
    "another Pelaksana": (put("Langkah", 2, "Pelaksana", "Bagus Setiawan"), ["R01 Langkah!C2"]),
    "no Pelaksana": (put("Langkah", 2, "Hasil", "Disetujui"), []),
    "another outcome": (put("Langkah", 9, "Hasil", "Ditolak"), ["R01 Langkah!F9"]),
    "another step": (put("Langkah", 2, "Langkah", 2), ["R01 Langkah!B2"]),
    "another case": (put("Langkah", 37, "No. Catatan", "004/CLTS/XI/2026"), ["R01 Langkah!A37"]),
    "when it was found": (put("Register", 2, "Tanggal Ditemukan", moment("2026-11-02T07:45")), ["R01 Register!B2"]),
    "who found it": (put("Register", 2, "Ditemukan Oleh", "Bagus Setiawan"), ["R01 Register!E2"]),
    "the PTPP's date": (put("Register", 3, "Tanggal PTPP", dt.date(2026, 11, 2)), ["R01 Register!J3"]),
    "the PTPP's number": (put("Register", 5, "No. PTPP", "005/PTPP/XI/2026"), ["R01 Register!I5"]),
    "to whom": (put("Register", 2, "Kepada", "Sekretaris Kecamatan"), ["R01 Register!K2"]),
    "who is responsible": (put("Register", 2, "Penanggung Jawab", "Endah Purwanti"), ["R01 Register!P2"]),
    "the target": (put("Register", 2, "Target Selesai", dt.date(2026, 12, 9)), ["R01 Register!Q2"]),
    "the category": (put("Register", 3, "Kategori", "Minor"), ["R01 Register!H3"]),
    "the decision": (put("Register", 2, "Keputusan", "Perbaikan"), ["R01 Register!R2"]),
    "who decided": (put("Register", 2, "Diputuskan Oleh", "Hartono Wibowo"), ["R01 Register!S2"]),
    "the verification": (put("Register", 2, "Hasil Verifikasi", "Tidak Sesuai"), ["R01 Register!V2"]),
    "who verified": (put("Register", 2, "Diverifikasi Oleh", "Tutik Handayani"), ["R01 Register!W2"]),
    "when it was verified": (put("Register", 2, "Tanggal Verifikasi", dt.date(2026, 11, 6)), ["R01 Register!X2"]),
    "whether it is destroyed": (put("Register", 3, "Perlu Dimusnahkan", "Ya"), ["R01 Register!Y3"]),
    "the quantity": (put("Register", 2, "Jumlah", 30), ["R01 Register!Z2"]),
    "the unit": (put("Register", 2, "Satuan", "berkas"), ["R01 Register!AA2"]),
    "a closed case": (put("Register", 3, "Status", "Proses"), ["R01 Register!AD3"]),
    "the BA's date": (put("Pemusnahan", 2, "Tanggal", dt.date(2026, 11, 11)), ["R01 Pemusnahan!B2"]),
    "the BA's witness": (put("Pemusnahan", 2, "Saksi 1", "Ratna Anggraini"), ["R01 Pemusnahan!F2"]),
    "the number of a case": (
        all_of(put("Register", 6, "No. Catatan", "006/CLTS/XI/2026"), put("Langkah", 37, "No. Catatan",
               "006/CLTS/XI/2026")), ["R01 Register!A6"],
    ),
    "another Mulai, and sorted": (
        all_of(put("Langkah", 2, "Mulai", moment("2026-11-02T08:05")), sort("Langkah", "Pelaksana")),
        ["R01 Langkah!D22"],
    ),
    "the numbers of two PTPP exchanged": (exchanged("Register", "No. PTPP"), ["R01 Register!I2", "R01 Register!I3"]),
    "who did two steps exchanged": (exchanged("Langkah", "Pelaksana"), ["R01 Langkah!C2", "R01 Langkah!C3"]),
    "an outcome emptied": (put("Langkah", 9, "Hasil", None), ["R01 Langkah!F9"]),
    "a PTPP's date emptied": (put("Register", 2, "Tanggal PTPP", None), ["R01 Register!J2"]),
    "a Selesai emptied": (put("Langkah", 2, "Selesai", None), ["R01 Langkah!E2"]),
    "a step given to another case": (put("Langkah", 3, "No. Catatan", "002/CLTS/XI/2026"), ["R01 Langkah!A3"]),
    "the BA's number": (put("Pemusnahan", 2, "No. BA", "009/BA/XI/2026"), ["R01 Pemusnahan!A2"]),
    "a step typed again elsewhere, three minutes later": (
        all_of(lambda book: book["Langkah"].delete_rows(2), append("Langkah", *TWICE[:3], moment("2026-11-02T08:03"),
               moment("2026-11-02T08:10"))), ["R01 Langkah!D37"],
    ),
    "a case set a day later": (
        all_of(*(later(row, 1) for row in range(2, 10))),
        sorted(f"R01 Langkah!{letter}{row}" for letter in "DE" for row in range(2, 10)),
    ),
    "a case with two rounds set a week later": (
        all_of(*(later(row, 7) for row in range(11, 22))),
        sorted(f"R01 Langkah!{letter}{row}" for letter in "DE" for row in range(11, 22)),
    ),
    "a finished step deleted": (lambda book: book["Langkah"].delete_rows(30), ["R02 !"]),
    "a case deleted with its step": (
        lambda book: (book["Register"].delete_rows(6), book["Langkah"].delete_rows(37)), ["R02 !"],
    ),
    "a BA deleted": (lambda book: book["Pemusnahan"].delete_rows(2), ["R02 !"]),
    "a case added": (append("Register", "006/CLTS/XI/2026", moment("2026-11-20T09:00"), "Surat Pindah", "Nama keliru",
                            "Ratna Anggraini"), ["R05 !"]),
    "a step typed a second time": (append("Langkah", *TWICE), ["R05 !"]),
    "a running step ended": (put("Langkah", 36, "Selesai", moment("2026-11-19T15:00")), ["R05 !"]),
    "a text edited": (put("Register", 2, "Analisis Penyebab", "Petugas loket tidak dilatih"), ["R05 !"]),
    "a Keterangan written": (put("Langkah", 2, "Keterangan", "Loket dibuka lebih awal"), ["R05 !"]),
}  # fmt: skip
TOLD = {name: told for name, told in TOLD.items() if name != "no Pelaksana"}


def _look(path: Path) -> Inspected:
    return inspect_register(read_register(path), SOP, NOW)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dasar") / "register.xlsx"
    tables = Register(base_tables()).tables
    return office_workbook(path, **{_keyword(name): _text(table) for name, table in tables.items()})


@pytest.fixture(scope="module")
def archive(base: Path) -> Iterator[sqlite3.Connection]:
    with closing(in_memory()) as connection:
        recorded(_look(base), Archive(connection, base.parent))
        yield connection


def _told(inspected: Inspected) -> list[str]:
    return sorted(f"{one.code} {one.sheet}!{one.cell}" for one in inspected.findings if one.family == "R")


@pytest.mark.parametrize(
    ("edit", "expected"),
    [*((edit, ()) for edit in NOT_TOLD.values()), *TOLD.values()],
    ids=[*(f"not told: {name}" for name in NOT_TOLD), *(f"told: {name}" for name in TOLD)],
)
def test_an_edit_is_told_or_not(
    edit: Edit, expected: Sequence[str], base: Path, archive: sqlite3.Connection, tmp_path: Path
) -> None:
    assert _told(compared(_look(edited(base, edit, tmp_path / "Register Baru.xlsx")), archive)) == list(expected)


def edited(base: Path, edit: Edit, path: Path) -> Path:
    """A workbook edited and saved by openpyxl as `path`."""
    book = openpyxl.load_workbook(base)
    edit(book)
    book.save(path)
    return path


def test_digests_are_the_same_on_every_computer_and_tell_texts_apart() -> None:
    """Archives hold them, and `verify` and later checks, on another computer too, go by them."""
    texts = ["", "Ratna Anggraini", "déf\U0001f642", "\ud800", "x" * 2000, *map(str, range(1000))]

    assert len(set(hashes(texts).tolist())) == len(texts)
    assert hashes(texts[:2]).astype("<u8").tobytes().hex() == "e4a6a0577479b2b4" + "49621c5d3f2f0508"  # by b2sum -l 64


LAYOUT = """
[sheets]
Register = ["Buku I", "Buku II"]
Langkah = "Jurnal"
[headers.Langkah]
"Petugas" = "Pelaksana"
"Jam Mulai" = "Mulai"
"""


def adopted(book: Any) -> None:
    """Sheets and headers called otherwise, and the register in two sheets."""
    steps, first = book["Langkah"], book["Register"]
    steps.title, first.title = "Jurnal", "Buku I"
    steps.cell(1, _column(steps, "Pelaksana"), "Petugas")
    steps.cell(1, _column(steps, "Mulai"), "Jam Mulai")
    second = book.create_sheet("Buku II")
    for row in (1, 4, 5, 6):
        second.append([cell.value for cell in first[row]])
    first.delete_rows(4, 3)


def test_a_layout_that_is_adopted_tells_nothing(base: Path, archive: sqlite3.Connection, tmp_path: Path) -> None:
    path = edited(base, adopted, tmp_path / "lain.xlsx")
    path.with_name("lain.sopkit.toml").write_text(LAYOUT, "utf-8")

    assert _told(compared(_look(path), archive)) == []


def test_each_round_is_compared_with_itself(base: Path, archive: sqlite3.Connection, tmp_path: Path) -> None:
    edit = all_of(*(later(row, 7) for row in range(11, 22)))
    found = compared(_look(edited(base, edit, tmp_path / "kini.xlsx")), archive).findings
    told = {one.cell: one.message for one in found if one.code == "R01"}

    assert "“5 November 2026 pukul 11.05”" in told["D19"] and "kini “12 November 2026 pukul 11.05”" in told["D19"]
    assert "“4 November 2026 pukul 10.15”" in told["D16"]


DIRTY = all_of(
    put("Langkah", 2, "Mulai", "kemarin"),
    put("Langkah", 3, "No. Catatan", "009/LAIN"),
    put("Langkah", 4, "No. Catatan", None),
    put("Register", 3, "No. Catatan", FIRST),
    put("Register", 4, "Uraian Ketidaksesuaian", "Baris\nkedua \U0001f642 “kutip” " + "panjang " * 60),
    put("Register", 5, "Jumlah", 2.5),
    put("Pemusnahan", 2, "Tanggal", "entah"),
)


@pytest.mark.parametrize("edit", [lambda book: None, DIRTY], ids=["clean", "dirty"])
def test_the_first_check_keeps_in_columns_what_the_rows_say(edit: Edit, base: Path, tmp_path: Path) -> None:
    inspected = _look(edited(base, edit, tmp_path / "Register Baru.xlsx"))
    facts = Facts(inspected.inspection.understood or inspected.inspection, ())
    rows = {key: told(Unit(rows)) for key, rows in facts.rows(facts.digests).items() if key[0] != "?"}

    content = packed_columns(facts)

    assert {key: told(unit) for key, unit in units_in(content, None).items()} == rows
    assert set(keys_in(content)) == rows.keys()
    assert {key: told(unit) for key, unit in units_in(content, {f"K{FIRST}"}).items()} == {
        f"K{FIRST}": rows[f"K{FIRST}"]
    }


def test_a_chain_that_began_in_rows_goes_on(base: Path, archive: sqlite3.Connection, tmp_path: Path) -> None:
    """So was the first check kept until November 2026."""
    with closing(in_memory(archive.serialize())) as old:
        entry = Chain(old).tip()
        assert entry
        rows = packed({key: (0, told(unit)) for key, (_, unit) in entry.units().items()})
        entry = replace(entry, content=rows, link=replace(entry, content=rows).reckoned())
        old.execute("UPDATE riwayat SET content = ?, link = ?", (entry.content, entry.link))
        now = edited(base, put("Langkah", 2, "Mulai", moment("2026-11-02T08:05")), tmp_path / "kini.xlsx")

        assert _told(recorded(_look(now), Archive(old, tmp_path))) == ["R01 Langkah!D2"]
        assert Chain(old).broken() is None and len(Chain(old).states()) == 2


def test_what_is_only_written_another_way_is_looked_at_once(base: Path, tmp_path: Path) -> None:
    with closing(in_memory()) as connection:
        recorded(_look(base), Archive(connection, tmp_path))
        again = _look(edited(base, NOT_TOLD["a list value in capitals"], tmp_path / "kini.xlsx"))
        for _ in range(2):
            recorded(again, Archive(connection, tmp_path))
            places = Chain(connection).places()
            facts = Facts(again.inspection.understood or again.inspection, places.keys())
            assert {key: place.digest for key, place in places.items()} == facts.digests
        assert Chain(connection).broken() is None and len(Chain(connection).states()) == 1


@pytest.mark.parametrize("ending", ["xlsx", "ods", "xls"])
def test_saved_by_libreoffice_nothing_is_told(
    ending: str, base: Path, archive: sqlite3.Connection, tmp_path: Path
) -> None:
    program = libreoffice()
    if program is None:
        pytest.skip("needs LibreOffice")
    profile = f"-env:UserInstallation={(tmp_path / 'profil').as_uri()}"
    words = [str(program), profile, "--headless", "--convert-to", ending, "--outdir", str(tmp_path), str(base)]
    subprocess.run(words, check=True, capture_output=True, timeout=120)

    assert _told(compared(_look(tmp_path / f"register.{ending}"), archive)) == []


@pytest.fixture
def office(base: Path, tmp_path: Path) -> Path:
    """An office whose register was checked, and of which one fact changed since and was checked again."""
    (tmp_path / "registers").mkdir()
    path = Path(shutil.copy(base, tmp_path / "registers" / "register-2026.xlsx"))
    _record(path)
    edited(path, put("Langkah", 2, "Mulai", moment("2026-11-02T08:05")), path)
    _record(path)
    return path


def _record(path: Path) -> tuple[list[str], str]:
    """What is told of it, and what is said."""
    console = Console(record=True, file=io.StringIO(), width=400)
    (found,) = beside_history(inspect_books([path], NOW, None), console, record=True).inspected
    return _told(found), console.export_text()


def _archive(path: Path) -> Path:
    return path.parents[1] / "keluaran" / FILE


def test_a_look_at_a_day_before_misses_nothing(office: Path) -> None:
    """All of it is yet to come then, and so in error; a step that no SOP has tells nothing apart either."""
    edited(office, put("Langkah", 3, "Langkah", 4), office)
    _record(office)

    (seen,) = beside_history(inspect_books([office], dt.datetime(2025, 12, 31), None), Console(quiet=True)).inspected

    assert _told(seen) == []


def test_it_stands_until_it_is_put_right_and_looking_writes_nothing(office: Path) -> None:
    folder = _archive(office).parent
    before = {path: path.read_bytes() for path in folder.iterdir()}

    (seen,) = beside_history(inspect_books([office], NOW, None), Console(quiet=True)).inspected

    assert _told(seen) == ["R01 Langkah!D2"]
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    assert _record(office)[0] == ["R01 Langkah!D2"]
    assert chain_text(_archive(office))[1].startswith("Riwayat utuh: 2 pemeriksaan")


def test_the_same_register_runs_to_the_same_bytes(office: Path) -> None:
    outputs = []
    for _ in range(2):
        outcome = run_books([office], NOW, None, Console(quiet=True), RunOptions())
        assert not outcome.unfinished
        names = ("laporan.html", "temuan.json", "daftar-ptpp.docx")
        outputs.append([(_archive(office).with_name(name)).read_bytes() for name in names])
    assert outputs[0] == outputs[1]
    assert b"Perubahan sejak pemeriksaan terakhir" in outputs[0][0]


def test_digests_of_an_older_sopkit_are_reckoned_anew_and_nothing_is_told(office: Path) -> None:
    told, _ = _record(office)
    with closing(open_database(_archive(office))) as connection:
        stands, entries = Chain(connection).places(), len(list(Chain(connection).entries()))
        connection.execute("UPDATE riwayat_kini SET digest = digest - 1")
    assert _record(office)[0] == told
    with closing(open_database(_archive(office))) as connection:
        assert Chain(connection).places() == stands and len(list(Chain(connection).entries())) == entries


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("UPDATE riwayat SET content = zeroblob(9) WHERE number = 1", "pemeriksaan ke-1 bukan yang dicatat semula"),
        ("UPDATE riwayat SET author = 'Orang Lain' WHERE number = 2", "pemeriksaan ke-2 bukan yang dicatat semula"),
        ("DELETE FROM riwayat WHERE number = 1", "pemeriksaan ke-1 tidak ada lagi"),
        ("UPDATE riwayat SET link = before WHERE number = 1", "pemeriksaan ke-1 bukan yang dicatat semula"),
        ("DELETE FROM riwayat_kini", "tidak sama dengan daftar isinya"),
    ],
)
def test_where_the_chain_breaks_is_said(harm: str, said: str, office: Path) -> None:
    with closing(open_database(_archive(office))) as connection:
        connection.execute(harm)

    whole, told = chain_text(_archive(office))

    assert not whole and said in told


def test_a_chain_that_is_lost_begins_anew_and_accuses_nobody(office: Path) -> None:
    run_books([office], NOW, None, Console(quiet=True), RunOptions())
    for name in (FILE, COPY):
        _archive(office).with_name(name).unlink(missing_ok=True)

    told, said = _record(office)

    assert told == [] and "Riwayat disusun mulai pemeriksaan ini" in said
    assert not chain_text(_archive(office))[0]  # until the next run tells the new link


def test_the_copy_of_the_archive_keeps_the_chain(office: Path) -> None:
    run_books([office], NOW, None, Console(quiet=True), RunOptions())
    _archive(office).unlink()

    assert _record(office)[0] == ["R01 Langkah!D2"]


def test_a_check_that_is_killed_leaves_the_chain_as_it_was(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edited(office, put("Langkah", 3, "Mulai", moment("2026-11-02T08:20")), office)
    with closing(open_database(_archive(office))) as connection:
        before = list(Chain(connection).entries())
        monkeypatch.setattr(Chain, "append", _append_and_die)
        with pytest.raises(KeyboardInterrupt):
            recorded(_look(office), Archive(connection, _archive(office).parent))
        monkeypatch.undo()
        assert list(Chain(connection).entries()) == before
    assert _record(office)[0] == ["R01 Langkah!D2", "R01 Langkah!D3"]


_APPEND = Chain.append


def _append_and_die(chain: Chain, *given: Any) -> None:
    _APPEND(chain, *given)
    raise KeyboardInterrupt
