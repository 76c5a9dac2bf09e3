"""`sopkit number` in registers as offices keep them: own headers, columns that are not there, steps as columns."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import test_cli

sopkit = test_cli.sopkit
WIDE = """layout = "wide"
[sheets]
Register = "LTS 2026"
[headers.Register]
"No. LTS" = "No. Catatan"
"Tgl" = "Tanggal Ditemukan"
[steps]
1 = "Identifikasi"
[patterns]
"No. Catatan" = "{urut:02d}/LTS/{tahun}"
"""


def _book(path: Path, sheets: dict[str, list[list[str]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append([cell or None for cell in row])
    book.save(path)
    return path


def _cells(book: Path, sheet: str, *cells: str) -> list[object]:
    return [openpyxl.load_workbook(book)[sheet][cell].value for cell in cells]


def test_cases_are_numbered_where_there_is_no_column_for_a_ptpp(sopkit, tmp_path: Path) -> None:
    head = ["No. Catatan", "Tanggal Ditemukan", "Jenis Layanan", "Uraian Ketidaksesuaian", "Ditemukan Oleh"]
    rows = [[number, "2026-01-05 08:00", "KTP-el", "Nama salah cetak", "Budi"] for number in ("001/CLTS/I/2026", "")]
    steps = [["No. Catatan", "Langkah", "Pelaksana", "Mulai"], ["001/CLTS/I/2026", "1", "Budi", "2026-01-05 08:00"]]
    book = _book(tmp_path / "a.xlsx", {"Register": [head, *rows], "Langkah": steps})
    told = sopkit("number", "--yes", str(book))
    assert told.code == 0 and "Register!A3: 002/CLTS/I/2026" in told.out
    assert "Register: kolom No. PTPP tidak ada, jadi 1 baris belum diberi No. PTPP" in told.out
    assert _cells(book, "Register", "A2", "A3") == ["001/CLTS/I/2026", "002/CLTS/I/2026"]


def test_own_headers_and_steps_as_columns(sopkit, tmp_path: Path) -> None:
    head = ["Tgl", "No. LTS", "Identifikasi", "Tgl PTPP", "Nomor PTPP"]
    rows = [["2026-02-02", "01/LTS/2026", "2026-02-03", "2026-02-04", ""], ["2026-02-09", "", "", "", ""]]
    book = _book(tmp_path / "b.xlsx", {"LTS 2026": [["LTS"], [""], head, *rows]})
    more = '[headers.Register]\n"Nomor PTPP" = "No. PTPP"\n"Tgl PTPP" = "Tanggal PTPP"\n'
    (tmp_path / "b.sopkit.toml").write_text(WIDE.replace("[headers.Register]\n", more), "utf-8")
    told = sopkit("number", "--yes", str(book))
    assert told.code == 0 and "2 nomor ditulis" in told.out
    assert _cells(book, "LTS 2026", "B5", "E4", "E5") == ["02/LTS/2026", "001/PTPP/II/2026", None]


def test_without_the_column_of_the_cases_numbers_nothing_is_written(sopkit, tmp_path: Path) -> None:
    rows = [["Tgl", "Masalah", "Identifikasi"], ["2026-02-02", "Nama salah", "2026-02-03"]]
    book = _book(tmp_path / "c.xlsx", {"LTS 2026": rows})
    layout = WIDE.replace('"No. LTS" = "No. Catatan"\n', '"Masalah" = "Uraian Ketidaksesuaian"\n')
    (tmp_path / "c.sopkit.toml").write_text(layout, "utf-8")
    before = book.read_bytes()
    told = sopkit("number", "--yes", str(book))
    assert told.code == 0 and "kolom No. Catatan tidak ada, jadi 1 baris belum diberi No. Catatan" in told.out
    assert "Tidak ada nomor yang perlu diberikan" not in told.out and book.read_bytes() == before
