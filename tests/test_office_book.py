"""`sopkit init --office-sheets`: the office's sheets in a workbook of their own, which a layout file names."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import openpyxl
import pytest
import test_cli
from offices import TEMPLATES

from sopkit.checks.inspection import inspect_register
from sopkit.register.read import read_register
from sopkit.sop.model import load_sop

sopkit = test_cli.sopkit
CASES = Path(__file__).parent / "cases"
LAYOUT = """office = "BUKU-KANTOR.xlsx"
layout = "wide"
[sheets]
Register = "2025"
[history]
until = 2025-12-31
[headers.Register]
"No." = "No. Catatan"
"Tanggal" = "Tanggal Ditemukan"
"Jenis Pelayanan" = "Jenis Layanan"
"Deskripsi Ketidaksesuaian" = "Uraian Ketidaksesuaian"
"Penemu" = "Ditemukan Oleh"
"Tgl. Realisasi" = "Tanggal Verifikasi"
[steps]
9 = "Tgl. Realisasi"
[patterns]
"No. Catatan" = "{urut}"
"""


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copy(CASES / "c_daftar_lts.xlsx", tmp_path / "lts.xlsx")
    (tmp_path / "lts.sopkit.toml").write_text(LAYOUT, "utf-8")
    return tmp_path


def _fill(book: Path, *people: tuple[str, str, str]) -> None:
    filled = openpyxl.load_workbook(book)
    for row, (name, position, role) in enumerate(people, 5):
        for column, value in zip("ADE", (name, position, role), strict=True):
            filled["Pegawai"][f"{column}{row}"] = value
    filled["Kantor"]["B6"], filled["Kantor"]["B8"] = "KELURAHAN UJI", "Ujungan"
    filled.save(book)


def test_it_holds_the_sheets_that_set_an_office_alone(sopkit, office: Path) -> None:
    told = sopkit("init", "--office-sheets", "BUKU-KANTOR.xlsx")
    assert told.code == 0 and "sopkit adopt REGISTER.xlsx" in told.out
    book = openpyxl.load_workbook(office / "BUKU-KANTOR.xlsx")
    assert book.sheetnames == ["Petunjuk", "Pegawai", "Kantor", "Kalender", "Jam Kerja", "Surel", "Daftar"]
    assert book["Pegawai"]["A5"].value is None and book["Pegawai"]["L4"].value is None
    said = {row[0].value: row[1].value for row in book["Kantor"].iter_rows(min_row=5)}
    assert (
        "Nama Kantor" in said and not said["Nama Kantor"] and not said["Pola No. PTPP"] and not said["Tahun Register"]
    )
    assert any(cell.value == "Isi lebih dahulu" for cell in book["Petunjuk"]["A"])
    sheets = " ".join(cell.value for sheet in book for row in sheet for cell in row if isinstance(cell.value, str))
    assert "#REF!" not in sheets and "Langkah!" not in sheets


def test_names_of_the_register_are_there_to_be_completed(sopkit, office: Path) -> None:
    told = sopkit("init", "--office-sheets", "BUKU-KANTOR.xlsx", "--from", "lts.xlsx")
    assert told.code == 0 and "1 nama dari lts.xlsx ada di sheet Pegawai" in told.out
    assert "sopkit adopt lts.xlsx" in told.out
    book = openpyxl.load_workbook(office / "BUKU-KANTOR.xlsx")
    assert [book["Pegawai"][cell].value for cell in ("A5", "D5", "G5", "A6")] == ["Sri", None, "Ya", None]
    years = {cell.value.year for cell in book["Kalender"]["A"][4:]}
    assert {2025, dt.date.today().year, dt.date.today().year + 1} <= years


def test_nothing_is_overwritten_nor_mixed_with_other_work(sopkit, office: Path) -> None:
    (office / "BUKU-KANTOR.xlsx").write_bytes(b"isi")
    assert sopkit("init", "--office-sheets", "BUKU-KANTOR.xlsx").code == 3
    assert (office / "BUKU-KANTOR.xlsx").read_bytes() == b"isi"
    assert sopkit("init", "--office-sheets", "kantor.ods").code == 2
    assert sopkit("init", "--from", "lts.xlsx").code == 2
    assert sopkit("init", "--office-sheets", "k.xlsx", "--example").code == 2
    (office / "bukan.xlsx").write_bytes(b"isi")
    assert sopkit("init", "--office-sheets", "k.xlsx", "--from", "bukan.xlsx").code == 3
    assert not (office / "k.xlsx").exists() and not (office / "registers").exists()


def test_run_works_with_it_and_an_old_case_has_its_document(sopkit, office: Path) -> None:
    sopkit("init", "--office-sheets", "BUKU-KANTOR.xlsx", "--from", "lts.xlsx")
    _fill(office / "BUKU-KANTOR.xlsx", ("Sri", "Pengelola Layanan", "Staf"), ("Budi", "Camat", "Camat"),
          ("Joko", "Sekretaris Camat", "Sekcam"))  # fmt: skip
    register = read_register(office / "lts.xlsx")
    assert register.settings["Pola No. Catatan"] == "{urut}" and "Jenis Layanan" not in register.own_lists
    inspected = inspect_register(register, load_sop(), dt.datetime(2026, 1, 12, 9))
    assert (inspected.summary["error"], inspected.summary["breach"], inspected.summary["warning"]) == (0, 0, 0)
    told = sopkit("run", "lts.xlsx", "--templates", str(TEMPLATES))
    assert told.code == 0 and "40 kasus riwayat" in told.out
    told = sopkit("generate", "lts.xlsx", "--case", "3", "--only", "catatan", "--templates", str(TEMPLATES))
    assert told.code == 0 and "1 baru" in told.out
    assert [path.name for path in (office / "keluaran" / "catatan").iterdir()] == ["3.docx"]


def test_a_pattern_in_the_office_s_workbook_rules(sopkit, office: Path) -> None:
    sopkit("init", "--office-sheets", "BUKU-KANTOR.xlsx")
    book = openpyxl.load_workbook(office / "BUKU-KANTOR.xlsx")
    row = next(cell.row for cell in book["Kantor"]["A"] if cell.value == "Pola No. Catatan")
    book["Kantor"][f"B{row}"] = "{urut}/LTS"
    book.save(office / "BUKU-KANTOR.xlsx")
    assert read_register(office / "lts.xlsx").settings["Pola No. Catatan"] == "{urut}/LTS"
