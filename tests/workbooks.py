"""Tiny text registers made into real workbooks, so that a test says only what it is about."""

from __future__ import annotations

import datetime as dt
import re
import textwrap
import zipfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from sopkit.newbook import create, live_calendar, pages
from sopkit.register.schema import SHEETS, SheetPlan

Cells = Sequence[Sequence[object]]
Sheet = str | Cells
EMPTY_CELL = "[]"  # in text: a cell that is formatted and empty

PEGAWAI = """
Nama | NIP | Pangkat/Golongan | Jabatan | Peran | Email | Aktif
Ratna Anggraini | '198503122010012004 | Penata Muda (III/a) | Pengelola Pelayanan | Staf | ratna@contoh.go.id | Ya
Bagus Setiawan | '199001152014021003 | Pengatur (II/c) | Pengadministrasi Umum | Staf | bagus@contoh.go.id | Ya
Tutik Handayani | '199207222019032006 | Pengatur (II/c) | Pranata Kearsipan | Staf | tutik@contoh.go.id | Ya
Joko Santosa | '197911302005011007 | Penata (III/c) | Kepala Seksi Pelayanan | Kasi | joko@contoh.go.id | Ya
Endah Purwanti | '198106182006042009 | Penata (III/c) | Kepala Seksi Pemerintahan | Kasi | endah@contoh.go.id | Ya
Hartono Wibowo | '197404051999031005 | Pembina (IV/a) | Sekretaris Kecamatan | Sekcam | hartono@contoh.go.id | Ya
Wahyu Kusumaningrum | '197212101996032002 | Pembina (IV/a) | Camat | Camat | wahyu@contoh.go.id | Ya
"""
KANTOR: Mapping[str, str] = {
    "Pemerintah": "PEMERINTAH KABUPATEN CONTOH",
    "Nama Kantor": "KECAMATAN SUKAMAJU",
    "Alamat": "Jl. Melati No. 1",
    "Tempat": "Sukamaju",
    "Tahun Register": "2026",
    "Domain Surel": "contoh.go.id",
    "Waktu Acuan": "2026-11-20 10:00",
}
KALENDER = """
Tanggal | Jenis | Keterangan | Dasar
2026-01-01 | Libur Nasional | Tahun Baru | SKB
2026-03-20 | Cuti Bersama | Idulfitri | SKB
2026-08-17 | Libur Nasional | Proklamasi | SKB
2026-12-25 | Libur Nasional | Natal | SKB
"""
JAM_KERJA = """
Berlaku Mulai | Berlaku Sampai | Hari | Masuk | Istirahat Mulai | Istirahat Selesai | Pulang | Dasar
2024-01-01 | | Senin-Kamis | 07:30 | 12:00 | 13:00 | 16:00 | Perpres 21/2023
2024-01-01 | | Jumat | 07:30 | 11:30 | 13:00 | 16:30 | Perpres 21/2023
"""
SUREL = """
Dokumen | Kepada | Tembusan
PTPP | Penanggung Jawab | Sekcam
BA Pemusnahan | Camat |
Daftar PTPP | Sekcam | Camat
Laporan | Camat |
Pengingat | Penanggung Jawab |
"""
SAVED = dt.datetime(2026, 11, 20, 9)
HEADERS_ONLY = {plan.name: [[column.header for column in plan.columns]] for plan in SHEETS}

_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d))?$")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)$")
_TIME = re.compile(r"(\d{1,2}):(\d\d)$")
_NUMBER = re.compile(r"-?\d+(\.\d+)?$")


def write_workbook(
    path: Path,
    sheets: Mapping[str, Sheet],
    *,
    complete: bool = True,
    hidden: Mapping[str, Sequence[int]] = {},
    merged: Mapping[str, Sequence[str]] = {},
    tables: Mapping[str, tuple[str, bool]] = {},
    date_1904: bool = False,
) -> Path:
    """Write a real xlsx and return `path`.

    A sheet is a text block (first line the headers, cells separated by ` | `) or rows of values as they are.
    In text: `2026-03-02 08:15` a real date-time, `2026-03-02` a real date, `08:15` a real time, `12` or `3.5` a
    number, `TRUE` a boolean, `#N/A` an error cell, `=A1+1` a formula never calculated, `=A1+1 => 3` one with its
    value, `'12` the text 12, `[]` a formatted empty cell, nothing an empty cell, else text (`\\n` breaks lines,
    `\\u0020` and the like is a character that one could not see there).
    Canonical headers that a text does not name are added at its right (`complete=False`: they are left out), so
    the letters are those one sees in the text. `hidden`: sheet -> Excel rows; `merged`: sheet -> ranges; `tables`:
    sheet -> the range of its Excel table, and whether the last row of it is that of totals.
    """
    options = {"date_1904": date_1904, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    workbook = xlsxwriter.Workbook(path, options)
    workbook.set_properties({"created": SAVED})  # the same texts are the same bytes
    formats = {
        dt.datetime: workbook.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
        dt.date: workbook.add_format({"num_format": "dd/mm/yyyy"}),
        dt.time: workbook.add_format({"num_format": "hh:mm"}),
        type(None): workbook.add_format({"border": 1}),
    }
    for name, content in sheets.items():
        worksheet = workbook.add_worksheet(name)
        rows = _rows(content, name, complete) if isinstance(content, str) else content
        for y, row in enumerate(rows):
            for x, value in enumerate(row):
                _put(worksheet, y, x, value, formats)
        for excel_row in hidden.get(name, ()):
            worksheet.set_row(excel_row - 1, None, None, {"hidden": True})
        for span in merged.get(name, ()):
            first = span.split(":")[0]
            column = re.sub(r"\d", "", first)
            x, y = _index(column), int(first[len(column) :]) - 1
            worksheet.merge_range(span, rows[y][x] if y < len(rows) and x < len(rows[y]) else "")
        if name in tables:
            _lay_table(worksheet, *tables[name], rows)
    workbook.close()
    return path


def _lay_table(worksheet: Any, span: str, totals: bool, rows: Cells) -> None:
    """An Excel table over the cells that stand there: XlsxWriter would write those of its last row anew."""
    first, last = (re.fullmatch(r"([A-Z]+)(\d+)", cell) for cell in span.split(":"))
    assert first and last
    top, left, right = int(first[2]) - 1, _index(first[1]), _index(last[1])
    headers = [str(rows[top][x]) if x < len(rows[top]) else f"K{x}" for x in range(left, right + 1)]
    worksheet.add_table(span, {"columns": [{"header": header} for header in headers], "autofilter": not totals})
    worksheet.tables[-1]["totals_row_shown"] = int(totals)


def few_rows(patch: pytest.MonkeyPatch, spare: int = 3) -> None:
    """Less to write, read and reckon: the same formulas in fewer empty rows and over fewer days and hours."""
    patch.setattr(create, "SPARE_ROWS", dict.fromkeys(create.SPARE_ROWS, spare))
    patch.setattr(live_calendar, "day_span", lambda year: (dt.date(year, 10, 1), dt.date(year, 12, 31)))
    for module in (live_calendar, pages):
        patch.setattr(module, "HOURS_ROWS", 12)


def office_workbook(
    path: Path,
    register: Sheet | None = None,
    langkah: Sheet | None = None,
    pemusnahan: Sheet | None = None,
    pegawai: Sheet = PEGAWAI,
    kantor: Sheet | Mapping[str, str] = KANTOR,
    *,
    without: Sequence[str] = (),
    complete: bool = True,
    hidden: Mapping[str, Sequence[int]] = {},
    merged: Mapping[str, Sequence[str]] = {},
    tables: Mapping[str, tuple[str, bool]] = {},
    **others: Sheet,
) -> Path:
    """A whole canonical workbook in which only the given sheets are about something.

    `kantor` as a mapping is laid over the default office (`KANTOR`); other sheets by name in snake case
    (`jam_kerja=…`, `daftar=…`, `sop=…`); `without` leaves sheets out. See `write_workbook` for the text.
    """
    if isinstance(kantor, Mapping):
        kantor = "Kunci | Nilai\n" + "\n".join(f"{key} | {value}" for key, value in {**KANTOR, **kantor}.items())
    sheets: dict[str, Sheet] = {
        "Register": register if register is not None else HEADERS_ONLY["Register"],
        "Langkah": langkah if langkah is not None else HEADERS_ONLY["Langkah"],
        "Pemusnahan": pemusnahan if pemusnahan is not None else HEADERS_ONLY["Pemusnahan"],
        "Pegawai": pegawai,
        "Kantor": kantor,
        "Kalender": KALENDER,
        "Jam Kerja": JAM_KERJA,
        "Surel": SUREL,
    }
    for key, content in others.items():
        sheets["SOP" if key == "sop" else key.replace("_", " ").title()] = content
    kept = {name: content for name, content in sheets.items() if name not in without}
    return write_workbook(path, kept, complete=complete, hidden=hidden, merged=merged, tables=tables)


def value_of(text: str) -> object:
    """The value a cell's text stands for (see `write_workbook`); formulas and errors stay text."""
    if text.startswith("'"):
        return _unescaped(text[1:])
    if match := _MOMENT.match(text):
        return dt.datetime(*(int(part) for part in match.groups(default="0")))
    if match := _DATE.match(text):
        return dt.date(*(int(part) for part in match.groups()))
    if match := _TIME.match(text):
        return dt.time(*(int(part) for part in match.groups()))
    if _NUMBER.match(text):
        return float(text)
    if text in ("TRUE", "FALSE"):
        return text == "TRUE"
    return _unescaped(text) or None


def _unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text.replace("\\n", "\n"))


@lru_cache(maxsize=64)  # most sheets of most workbooks are the same
def _rows(text: str, name: str, complete: bool) -> Cells:
    lines = textwrap.dedent(text).strip("\n").splitlines()
    table = [[cell.strip() for cell in re.split(r"(?:^|(?<=\s))\|(?=\s|$)", line)] for line in lines]
    headers = table[0]
    plan = next((plan for plan in SHEETS if plan.name == name), None)
    missing = _missing(plan, headers) if complete and plan else []
    rows: list[list[object]] = [[*(_Marked(h) if h.startswith("#") else _unescaped(h) for h in headers), *missing]]
    rows += [[_cell(cell) for cell in row] for row in table[1:]]
    return rows


def _missing(plan: SheetPlan, headers: Sequence[str]) -> list[str]:
    return [column.header for column in plan.columns if column.header not in headers]


class _Marked(str):
    """A cell text of a text register that is an error or a formula, not a text."""


class _Blank:
    """A formatted empty cell."""


def _cell(text: str) -> object:
    if text == EMPTY_CELL:
        return _Blank()
    if text.startswith(("=", "#")) and len(text) > 1:
        return _Marked(text)
    return value_of(text)


def _put(worksheet: Any, y: int, x: int, value: object, formats: Mapping[type, Any]) -> None:
    if value is None:
        return
    if isinstance(value, _Blank):
        worksheet.write_blank(y, x, None, formats[type(None)])
    elif isinstance(value, _Marked):
        formula, _, result = value.partition(" => ")
        if value.startswith("#"):
            worksheet.write_formula(y, x, "=NA()", None, str(value))
        else:
            worksheet.write_formula(y, x, formula, None, float(result) if _NUMBER.match(result) else result)
    elif isinstance(value, dt.datetime | dt.date | dt.time):
        worksheet.write_datetime(y, x, value, formats[type(value)])
    elif isinstance(value, bool):
        worksheet.write_boolean(y, x, value)
    elif isinstance(value, int | float):
        worksheet.write_number(y, x, value)
    else:
        worksheet.write_string(y, x, str(value))


def _index(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def as_libreoffice_saves(path: Path) -> None:
    """Let the workbook say that LibreOffice saved it."""
    with zipfile.ZipFile(path) as package:
        kept = {name: package.read(name) for name in package.namelist()}
    kept["docProps/app.xml"] = b"<Properties><Application>LibreOffice/7.4</Application></Properties>"
    with zipfile.ZipFile(path, "w") as package:
        for name, data in kept.items():
            package.writestr(name, data)
