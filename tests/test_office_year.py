"""An office year as a clerk lives it: a real office folder through November, a rename, a second register and New Year.

What is typed goes into the workbook that `sopkit init` made; each command is run as the clerk would. What it said and
what became of the files is the diary `tests/golden/tahun-kantor.txt`, to be read as one.
"""

# ruff: noqa: E501

from __future__ import annotations

import datetime as dt
import email
import email.policy
import hashlib
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from report_samples import golden
from workbooks import PEGAWAI, few_rows

from sopkit.cli.main import main

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
VOLATILE = ("arsip.sqlite3", "arsip.sqlite3.cadangan", "arsip.sqlite3.pengirim.lock", ".sopkit.lock")  # no clerk's


def _moment(text: str) -> dt.datetime | int | str:
    """A cell as staff type it: `2026-11-02 08:15` and `2026-11-02` are a moment and a date, all else a text."""
    for form in ("%Y-%m-%d %H:%M", "%Y-%m-%d"):
        try:
            return dt.datetime.strptime(text, form)
        except ValueError:
            continue
    return int(text) if re.fullmatch(r"\d{1,3}", text) else text


class Diary:
    """The office's folder, and what happened in it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self.folder, self._monkeypatch, self._capture = folder, monkeypatch, capture
        self.lines: list[str] = []
        self._seen: dict[str, str] = {}
        self._opened: dict[str, Workbook] = {}
        monkeypatch.setenv("COLUMNS", "400")  # where a line is broken would depend on where the folder lies

    def note(self, text: str) -> None:
        self.lines += ["", f"== {text}"]

    def _open(self, book: str) -> Workbook:
        """The workbook as it lies in registers/; it is saved before the next command."""
        if book not in self._opened:
            self._opened[book] = openpyxl.load_workbook(self.folder / "registers" / book)
        return self._opened[book]

    def save(self) -> None:
        for book, workbook in self._opened.items():
            workbook.save(self.folder / "registers" / book)
        self._opened.clear()

    def type_in(self, book: str, sheet: str, text: str) -> None:
        """Rows of `Header | Header` under what stands in the sheet already."""
        workbook = self._open(book)
        header, *rows = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
        there = workbook[sheet]
        top, columns = _header(there, header)
        row = _free(there, top, columns[header[0]], [columns[name] for name in header])
        for line in rows:
            for name, value in zip(header, line, strict=True):
                if value:
                    there.cell(row, columns[name]).value = _moment(value.lstrip("'"))
            row += 1
        self.lines.append(f"(diketik di {book}, {sheet}: {len(rows)} baris)")

    def change(self, book: str, sheet: str, key: str, values: Mapping[str, str]) -> None:
        """Cells of the row whose first column is `key`."""
        workbook = self._open(book)
        there = workbook[sheet]
        names = list(values)
        top, columns = _header(there, names)
        key, _, step = key.partition("#")  # the last row of a case, or of its step
        fits = [cell.row for cell in there["A"] if cell.value == key and cell.row > top]
        row = [row for row in fits if not step or str(there.cell(row, 2).value) == step][-1]
        for name, value in values.items():
            there.cell(row, columns[name]).value = _moment(value.lstrip("'"))
        self.lines.append(f"(diubah di {book}, {sheet}, {key}: {', '.join(names)})")

    def runs(self, *words: str, code: int = 0, place: str = ".") -> str:
        """One command in the office's folder; its words and the files that came of it go into the diary."""
        self.save()
        self._monkeypatch.chdir(self.folder / place)
        self._monkeypatch.setattr(sys, "argv", ["sopkit", *words])
        self._capture.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        told = self._capture.readouterr()
        said = told.out + told.err
        self.lines += ["", f"$ sopkit {' '.join(words)}", *self._plain(said), *self._changes()]
        assert int(left.value.code or 0) == code, said
        return said

    def _plain(self, text: str) -> Iterator[str]:
        for line in text.replace(str(self.folder), "KANTOR").splitlines():
            yield re.sub(r"\b\d{8}-\d{6}(-\d+)?\b", "SAAT", line.rstrip())  # of one second the second is -2

    def _changes(self) -> Iterator[str]:
        now = {
            path.relative_to(self.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and path.name not in VOLATILE and "cadangan" not in path.parts
        }
        for name in sorted({*now, *self._seen}):
            if now.get(name) != self._seen.get(name):
                sign = "+" if name not in self._seen else "-" if name not in now else "~"
                shown = re.sub(r" [0-9a-f]{8}\.eml$", " KODE.eml", name)  # a list bears the link of this chain alone
                yield f"  {sign} {shown}{self._subject(name)}"
        self._seen = now

    def _subject(self, name: str) -> str:
        path = self.folder / name
        if path.suffix != ".eml" or not path.is_file():
            return ""
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        return f"  [{mail['To']}] {mail['Subject']}"

    def waiting(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("keluaran/**/surel/*.eml"))


def _header(sheet: Worksheet, names: Sequence[str]) -> tuple[int, dict[str, int]]:
    for row in sheet.iter_rows(max_row=8):
        found = {str(cell.value): cell.column or 0 for cell in row if cell.value is not None}
        if all(name in found for name in names):
            return row[0].row or 0, found
    raise AssertionError(f"{sheet.title}: {names}")


def _free(sheet: Worksheet, top: int, first: int, columns: Sequence[int]) -> int:
    row = top + 1
    while any(sheet.cell(row, column).value not in (None, "") for column in columns):
        row += 1
    return row


def test_a_month_a_rename_a_second_register_and_a_new_year(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], update_golden: bool
) -> None:
    few_rows(monkeypatch, 20)
    diary = Diary(tmp_path / "kantor", monkeypatch, capfd)
    diary.folder.mkdir()
    _office_begins(diary)
    _november(diary)
    _rename(diary)
    _second_register(diary)
    _new_year(diary)
    golden("tahun-kantor.txt", "\n".join(diary.lines).strip() + "\n", update_golden)


def _office_begins(diary: Diary) -> None:
    diary.note("1 November 2026: kantor mulai memakai sopkit")
    diary.runs("init", "--year", "2026")
    diary.runs("run", "--as-of", "2026-11-01T08:00")
    _office_says_its_name(diary, "register-2026.xlsx")


def _office_says_its_name(diary: Diary, book: str) -> None:
    for key, value in {
        "Pemerintah": "PEMERINTAH KABUPATEN CONTOH", "Nama Kantor": "KECAMATAN SUKAMAJU",
        "Alamat": "Jl. Melati No. 1", "Tempat": "Sukamaju", "Domain Surel": "contoh.go.id",
    }.items():  # fmt: skip
        diary.change(book, "Kantor", key, {"Nilai": value})
    diary.type_in(book, "Pegawai", PEGAWAI)


def _november(diary: Diary) -> None:
    book = "register-2026.xlsx"
    diary.note("2 November: kasus pertama")
    diary.type_in(
        book,
        "Register",
        """
        Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Ditemukan Oleh | Sumber | Persyaratan yang Dilanggar | Kategori | Tanggal PTPP | Kepada | Penanggung Jawab | Target Selesai | Status
        2026-11-02 08:00 | Surat Keterangan Usaha | Nama pemohon tidak sesuai dengan kartu tanda penduduk | Ratna Anggraini | Keluhan | Standar pelayanan butir 4 | Minor | 2026-11-02 | Kepala Seksi Pelayanan | Joko Santosa | 2026-11-09 | Terbuka
    """,
    )
    diary.runs("run", "--as-of", "2026-11-02T08:30")
    diary.runs("run", "--number", "--as-of", "2026-11-02T08:30")
    first = "001/CLTS/XI/2026"
    diary.type_in(
        book,
        "Langkah",
        f"""
        No. Catatan | Langkah | Pelaksana | Mulai | Selesai | Hasil
        {first} | 1 | Ratna Anggraini | 2026-11-02 08:05 | 2026-11-02 08:15 |
        {first} | 2 | Joko Santosa | 2026-11-02 08:20 | 2026-11-02 09:10 |
        {first} | 3 | Joko Santosa | 2026-11-02 09:15 | 2026-11-02 10:00 |
        {first} | 5 | Wahyu Kusumaningrum | 2026-11-02 10:05 | 2026-11-02 10:15 |
        {first} | 6 | Bagus Setiawan | 2026-11-02 10:20 | 2026-11-02 10:40 |
        {first} | 7 | Ratna Anggraini | 2026-11-02 10:45 | |
    """,
    )
    diary.change(book, "Register", first, {"Keputusan": "Penggantian", "Tempat Pemisahan": "Map merah lemari 2",
        "Diputuskan Oleh": "Wahyu Kusumaningrum", "Tindakan Langsung": "Surat ditarik dari pemohon",
        "Perlu Dimusnahkan": "Ya", "Jumlah": "1", "Satuan": "lembar", "Status": "Proses"})  # fmt: skip
    diary.runs("run", "--as-of", "2026-11-02T15:00")
    diary.runs("run", "--as-of", "2026-11-02T15:30")  # only the clock went on
    diary.runs("mail", "sent", "all")

    diary.note("4 November: ditolak, diulang, disetujui, ditutup")
    diary.change(book, "Langkah", f"{first}#7", {"Selesai": "2026-11-03 09:00"})
    diary.type_in(
        book,
        "Langkah",
        f"""
        No. Catatan | Langkah | Pelaksana | Mulai | Selesai | Hasil
        {first} | 8 | Ratna Anggraini | 2026-11-03 09:05 | 2026-11-03 09:30 |
        {first} | 9 | Hartono Wibowo | 2026-11-03 09:35 | 2026-11-03 09:50 | Ditolak
        {first} | 7 | Ratna Anggraini | 2026-11-03 10:00 | 2026-11-03 11:00 |
        {first} | 8 | Ratna Anggraini | 2026-11-03 11:05 | 2026-11-03 11:20 |
        {first} | 9 | Hartono Wibowo | 2026-11-03 11:25 | 2026-11-03 11:40 | Disetujui
        {first} | 10 | Tutik Handayani | 2026-11-04 08:00 | 2026-11-04 08:30 |
    """,
    )
    diary.change(book, "Register", first, {
        "Analisis Penyebab": "Petugas menyalin data dari berkas lama", "Tindakan Perbaikan": "Surat diterbitkan kembali",
        "Tindakan Pencegahan": "Lembar periksa dipakai pada setiap surat", "Hasil Perbaikan": "Surat pengganti diserahkan",
        "Hasil Verifikasi": "Sesuai", "Diverifikasi Oleh": "Endah Purwanti", "Tanggal Verifikasi": "2026-11-04",
        "Status": "Selesai"})  # fmt: skip
    diary.type_in(
        book,
        "Pemusnahan",
        """
        Tanggal | Tempat | Cara Pemusnahan | Pelaksana | Saksi 1 | Saksi 2 | Mengetahui
        2026-11-04 | Ruang arsip | Dicacah dengan mesin | Tutik Handayani | Bagus Setiawan | Endah Purwanti | Wahyu Kusumaningrum
    """,
    )
    diary.runs("run", "--number", "--as-of", "2026-11-04T10:00")
    diary.change(book, "Register", first, {"No. BA Pemusnahan": "001/BA/XI/2026"})
    diary.runs("run", "--as-of", "2026-11-04T10:30")

    diary.note("26 November: kasus yang belum selesai pada akhir bulan")
    diary.type_in(
        book,
        "Register",
        """
        Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Ditemukan Oleh | Sumber | Persyaratan yang Dilanggar | Kategori | Tanggal PTPP | Kepada | Penanggung Jawab | Target Selesai | Status
        2026-11-26 09:00 | Legalisasi Surat | Cap legalisasi tidak terbaca | Ratna Anggraini | Audit | Standar pelayanan butir 2 | Mayor | 2026-11-26 | Kepala Seksi Pelayanan | Joko Santosa | 2027-01-15 | Proses
    """,
    )
    diary.runs("run", "--number", "--as-of", "2026-11-26T10:00")
    second = "002/CLTS/XI/2026"
    diary.type_in(
        book,
        "Langkah",
        f"""
        No. Catatan | Langkah | Pelaksana | Mulai | Selesai
        {second} | 1 | Ratna Anggraini | 2026-11-26 09:05 | 2026-11-26 09:15
        {second} | 2 | Joko Santosa | 2026-11-26 09:20 |
    """,
    )
    diary.runs("run", "--as-of", "2026-11-26T10:10", place="registers")
    diary.runs("mail", "sent", "all")


def _rename(diary: Diary) -> None:
    diary.note("27 November: buku kerja diberi nama lain")
    registers = diary.folder / "registers"
    (registers / "register-2026.xlsx").rename(registers / "Register Kecamatan 2026.xlsx")
    diary.runs("run", "--as-of", "2026-11-26T10:20")
    assert not diary.waiting()


def _second_register(diary: Diary) -> None:
    diary.note("1 Desember: register kedua pada tahun yang sama")
    diary.runs("init", "lain", "--year", "2026")
    registers = diary.folder / "registers"
    (diary.folder / "lain" / "registers" / "register-2026.xlsx").rename(registers / "nikah.xlsx")
    shutil.rmtree(diary.folder / "lain")
    _office_says_its_name(diary, "nikah.xlsx")
    diary.type_in(
        "nikah.xlsx",
        "Register",
        """
        Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Ditemukan Oleh | Sumber | Persyaratan yang Dilanggar | Kategori | Tanggal PTPP | Kepada | Penanggung Jawab | Target Selesai | Status
        2026-12-01 08:00 | Dispensasi Nikah | Surat dispensasi bertanggal salah | Ratna Anggraini | Keluhan | Standar pelayanan butir 7 | Minor | 2026-12-01 | Kepala Seksi Pemerintahan | Endah Purwanti | 2026-12-08 | Batal
    """,
    )
    diary.runs("run", "--number", "--as-of", "2026-12-01T09:00", "registers/nikah.xlsx")
    diary.runs("run", "--as-of", "2026-12-01T09:00", "registers/Register Kecamatan 2026.xlsx")
    diary.runs("run", "--as-of", "2026-12-01T09:00", "registers/nikah.xlsx")
    diary.runs("run", "--as-of", "2026-12-01T09:00")
    diary.runs("mail", "sent", "all")


def _new_year(diary: Diary) -> None:
    diary.note("4 Januari 2027: register tahun baru; kasus lama ditutup di buku lama")
    diary.runs("init", "--year", "2027")
    diary.type_in(
        "register-2027.xlsx",
        "Register",
        """
        Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Ditemukan Oleh | Sumber | Persyaratan yang Dilanggar | Kategori | Tanggal PTPP | Kepada | Penanggung Jawab | Target Selesai | Status
        2027-01-04 08:00 | Surat Pindah | Alamat tujuan tertukar | Ratna Anggraini | Keluhan | Standar pelayanan butir 3 | Minor | 2027-01-04 | Kepala Seksi Pelayanan | Joko Santosa | 2027-01-11 | Terbuka
    """,
    )
    diary.runs("run", "--number", "--as-of", "2027-01-04T08:30")
    diary.change("Register Kecamatan 2026.xlsx", "Register", "002/CLTS/XI/2026",
                 {"Status": "Batal", "Keterangan": "Legalisasi dibatalkan oleh pemohon"})  # fmt: skip
    diary.runs("run", "--as-of", "2027-01-05T08:30")
    diary.runs("run", "--as-of", "2027-01-05T09:00")
    diary.runs("validate", "--as-of", "2027-01-05T09:00", place="keluaran")
