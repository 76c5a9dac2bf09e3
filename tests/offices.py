"""A small office for the documents' tests: one case done and destroyed, one under way, one without PTPP."""

# ruff: noqa: E501

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from frozen_sop import SOP
from workbooks import office_workbook

from sopkit.checks.inspection import Inspected, inspect_register
from sopkit.register.read import read_register

TEMPLATES = Path(__file__).parents[1] / "templates"
DONE, UNDER_WAY, PLAIN = "001/CLTS/III/2026", "002/CLTS/III/2026", "003/CLTS/III/2026"
AS_OF = dt.datetime(2026, 3, 20, 10)
OWN_SOP = """
id = "kami"
title = "SOP Kami"
[office]
government = "P"
name = "K"
[[steps]]
number = 1
activity = "Satu"
roles = ["Staf"]
roles_basis = "source"
standard = "1 jam"
"""

REGISTER = """
No. Catatan | Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Ditemukan Oleh | Sumber | Kategori | No. PTPP | Tanggal PTPP | Kepada | Tindakan Langsung | Analisis Penyebab | Tindakan Perbaikan | Tindakan Pencegahan | Penanggung Jawab | Target Selesai | Keputusan | Diputuskan Oleh | Tempat Pemisahan | Hasil Perbaikan | Hasil Verifikasi | Diverifikasi Oleh | Tanggal Verifikasi | Perlu Dimusnahkan | Jumlah | Satuan | No. BA Pemusnahan | Status
001/CLTS/III/2026 | 2026-03-02 08:00 | Surat Keterangan Usaha | Nama pemohon pada surat tidak sesuai dengan kartu tanda penduduk | Ratna Anggraini | Keluhan | Minor | 001/PTPP/III/2026 | 2026-03-02 | Kepala Seksi Pelayanan | Surat ditarik dari pemohon | Petugas menyalin data dari berkas lama | Surat diterbitkan kembali dengan benar | Lembar periksa dipakai pada setiap surat | Joko Santosa | 2026-03-09 | Penggantian | Wahyu Kusumaningrum | Map merah lemari 2 | Surat pengganti diserahkan | Sesuai | Hartono Wibowo | 2026-03-06 | Ya | 2 | lembar | 001/BA/III/2026 | Selesai
002/CLTS/III/2026 | 2026-03-18 09:00 | Legalisasi Surat | Cap legalisasi pada lembar kedua tidak terbaca | Ratna Anggraini | Audit | Mayor | 002/PTPP/III/2026 | 2026-03-18 | Kepala Seksi Pelayanan | | | | | Joko Santosa | 2026-03-27 | | | | | | | | | | | | Proses
003/CLTS/III/2026 | 2026-03-19 09:00 | Legalisasi Surat | Tanda tangan pejabat kurang pada satu halaman | Bagus Setiawan | | | | | | | | | | | | | | | | | | | | | | | Terbuka
"""
LANGKAH = """
No. Catatan | Langkah | Pelaksana | Mulai | Selesai | Hasil | Keterangan
001/CLTS/III/2026 | 1 | Ratna Anggraini | 2026-03-02 08:05 | 2026-03-02 08:15 | |
001/CLTS/III/2026 | 2 | Joko Santosa | 2026-03-02 08:20 | 2026-03-02 09:10 | | Seluruh berkas hari itu diperiksa
001/CLTS/III/2026 | 3 | Joko Santosa | 2026-03-02 09:15 | 2026-03-02 10:00 | |
001/CLTS/III/2026 | 5 | Wahyu Kusumaningrum | 2026-03-02 10:10 | 2026-03-02 10:20 | |
001/CLTS/III/2026 | 6 | Bagus Setiawan | 2026-03-02 10:30 | 2026-03-02 10:50 | |
001/CLTS/III/2026 | 7 | Ratna Anggraini | 2026-03-02 11:00 | 2026-03-03 10:30 | |
001/CLTS/III/2026 | 8 | Ratna Anggraini | 2026-03-03 10:40 | 2026-03-03 13:50 | | Sekcam rapat di kabupaten sampai siang
001/CLTS/III/2026 | 9 | Hartono Wibowo | 2026-03-03 13:55 | 2026-03-03 14:10 | Disetujui |
001/CLTS/III/2026 | 10 | Tutik Handayani | 2026-03-12 09:00 | 2026-03-12 10:00 | |
002/CLTS/III/2026 | 1 | Ratna Anggraini | 2026-03-18 09:05 | 2026-03-18 09:15 | |
002/CLTS/III/2026 | 2 | Joko Santosa | 2026-03-18 09:20 | | |
"""
PEMUSNAHAN = """
No. BA | Tanggal | Tempat | Cara Pemusnahan | Pelaksana | Saksi 1 | Saksi 2 | Mengetahui
001/BA/III/2026 | 2026-03-12 | ruang arsip | dicacah dengan mesin | Tutik Handayani | Bagus Setiawan | Endah Purwanti | Wahyu Kusumaningrum
"""


_KNOWN: dict[str, Inspected] = {}  # reading and inspecting cost more than what the tests are about


def office(
    folder: Path,
    changes: Mapping[str, str] = {},
    *,
    without: str = "",
    as_of: dt.datetime = AS_OF,
    **sheets: str,
) -> Inspected:
    """The office with texts of its Register and Langkah replaced, lines that hold `without` left out."""
    texts = {"register": REGISTER, "langkah": LANGKAH, "pemusnahan": PEMUSNAHAN} | sheets
    for old, new in changes.items():
        assert any(old in text for text in texts.values()), old
        texts = {name: text.replace(old, new) for name, text in texts.items()}
    if without:
        texts = {
            name: "\n".join(line for line in text.splitlines() if without not in line) for name, text in texts.items()
        }
    folder.mkdir(parents=True, exist_ok=True)
    key = repr((sorted(texts.items()), as_of))
    if key not in _KNOWN:
        book = office_workbook(folder / "register.xlsx", **texts)
        _KNOWN[key] = inspect_register(read_register(book), SOP, as_of)
    return _KNOWN[key]


def many(folder: Path, count: int, changes: Mapping[str, str] = {}) -> Inspected:
    """`count` cases like the finished one, all in one BA, with texts replaced."""
    head, first = REGISTER.strip().splitlines()[:2]
    steps = [line for line in LANGKAH.strip().splitlines()[1:] if line.startswith("001/")]
    rows, events = [head], [LANGKAH.strip().splitlines()[0]]
    for number in range(1, count + 1):
        rows.append(first.replace("001/CLTS", f"{number:03d}/CLTS").replace("001/PTPP", f"{number:03d}/PTPP"))
        events += [line.replace("001/CLTS", f"{number:03d}/CLTS") for line in steps]
    return office(folder, changes, register="\n".join(rows), langkah="\n".join(events))
