"""Registers for the reports' tests: a handful of telling cases, and as many as one wants of ordinary ones."""

from __future__ import annotations

import datetime as dt
from html.parser import HTMLParser
from pathlib import Path

from frozen_sop import SOP
from workbooks import office_workbook

from sopkit.checks.inspection import Inspected, inspect_register
from sopkit.language import ROMAN_MONTHS
from sopkit.register.read import read_register

AS_OF = dt.datetime(2026, 11, 20, 10, 0)

REGISTER = """
No. Catatan | Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Ditemukan Oleh | Sumber | Kategori | No. PTPP | Tanggal PTPP | Kepada | Penanggung Jawab | Target Selesai | Keputusan | Diputuskan Oleh | Tempat Pemisahan | Analisis Penyebab | Tindakan Perbaikan | Hasil Perbaikan | Hasil Verifikasi | Diverifikasi Oleh | Tanggal Verifikasi | Perlu Dimusnahkan | Status | Keterangan | Persyaratan yang Dilanggar | Tindakan Langsung | Tindakan Pencegahan
001/CLTS/X/2026 | 2026-10-05 08:00 | Surat Keterangan Usaha | Nama pemohon pada surat keterangan salah tulis | Ratna Anggraini | Keluhan | Minor | 001/PTPP/X/2026 | 2026-10-05 | Kepala Seksi Pelayanan | Bagus Setiawan | 2026-10-30 | Penggantian | Wahyu Kusumaningrum | Lemari arsip B | Data pemohon tidak dicocokkan dengan KTP | Surat diganti dan petugas mencocokkan KTP | Surat pengganti diserahkan kepada pemohon | Sesuai | Joko Santosa | 2026-10-09 | Tidak | Selesai | | Standar Pelayanan | Surat ditarik dari pemohon | KTP dicocokkan oleh dua petugas
002/CLTS/X/2026 | 2026-10-12 08:00 | Surat Keterangan Usaha | Alamat usaha & <nama jalan> salah tulis | Ratna Anggraini | Keluhan | Minor | 002/PTPP/X/2026 | 2026-10-12 | Kepala Seksi Pelayanan | Bagus Setiawan | 2026-10-30 | Penggantian | Wahyu Kusumaningrum | Lemari arsip B | Data pemohon tidak dicocokkan dengan KTP asli | Surat diganti dan petugas mencocokkan KTP | Surat pengganti diserahkan kepada pemohon | Sesuai | Joko Santosa | 2026-10-19 | Tidak | Selesai | | Standar Pelayanan | Surat ditarik dari pemohon | KTP dicocokkan oleh dua petugas
003/CLTS/XI/2026 | 2026-11-03 08:00 | Legalisasi Surat | Cap basah tidak terbaca pada salinan legalisasi | Tutik Handayani | Audit | Mayor | 003/PTPP/XI/2026 | 2026-11-03 | Kepala Seksi Pemerintahan | Ratna Anggraini | 2026-11-13 | Perbaikan | Wahyu Kusumaningrum | Map merah | Bantalan cap mengering | Bantalan cap diganti setiap triwulan | | | | | Tidak | Proses |
004/CLTS/XI/2026 | 2026-11-18 08:00 | Perekaman KTP-el | Hasil perekaman tidak terkirim ke pusat data | Ratna Anggraini | Survei | Observasi | 004/PTPP/XI/2026 | 2026-11-18 | Kepala Seksi Pelayanan | Bagus Setiawan | 2026-12-01 | | | | | | | | | | | Proses |
005/CLTS/XI/2026 | 2026-11-19 13:30 | Surat Pindah | Nomor kartu keluarga pada surat pindah keliru | Tutik Handayani | Keluhan | Minor | | | | | | | | | | | | | | | | Terbuka |
"""  # noqa: E501
LANGKAH = """
No. Catatan | Langkah | Pelaksana | Mulai | Selesai | Hasil | Keterangan
001/CLTS/X/2026 | 1 | Ratna Anggraini | 2026-10-05 08:05 | 2026-10-05 08:15 | |
001/CLTS/X/2026 | 2 | Joko Santosa | 2026-10-05 08:20 | 2026-10-05 09:00 | |
001/CLTS/X/2026 | 3 | Joko Santosa | 2026-10-05 09:10 | 2026-10-05 15:00 | |
001/CLTS/X/2026 | 5 | Wahyu Kusumaningrum | 2026-10-06 08:00 | 2026-10-06 08:10 | |
001/CLTS/X/2026 | 6 | Ratna Anggraini | 2026-10-06 08:15 | 2026-10-06 08:35 | |
001/CLTS/X/2026 | 7 | Bagus Setiawan | 2026-10-06 08:40 | 2026-10-06 15:00 | |
001/CLTS/X/2026 | 8 | Bagus Setiawan | 2026-10-07 07:25 | 2026-10-07 08:00 | | Berkas diminta sebelum apel pagi
001/CLTS/X/2026 | 9 | Joko Santosa | 2026-10-07 08:40 | 2026-10-07 09:00 | Disetujui |
002/CLTS/X/2026 | 1 | Ratna Anggraini | 2026-10-12 08:05 | 2026-10-12 08:50 | | Dua pemohon datang bersamaan di loket
002/CLTS/X/2026 | 2 | Joko Santosa | 2026-10-12 09:00 | 2026-10-12 09:30 | |
002/CLTS/X/2026 | 5 | Wahyu Kusumaningrum | 2026-10-13 08:00 | 2026-10-13 08:10 | |
002/CLTS/X/2026 | 6 | Ratna Anggraini | 2026-10-13 08:15 | 2026-10-13 08:35 | |
002/CLTS/X/2026 | 7 | Bagus Setiawan | 2026-10-13 08:40 | 2026-10-14 08:20 | |
002/CLTS/X/2026 | 8 | Bagus Setiawan | 2026-10-14 09:00 | 2026-10-14 09:30 | |
002/CLTS/X/2026 | 9 | Joko Santosa | 2026-10-14 10:00 | 2026-10-14 10:20 | Ditolak |
002/CLTS/X/2026 | 7 | Bagus Setiawan | 2026-10-14 10:30 | 2026-10-15 09:00 | |
002/CLTS/X/2026 | 8 | Bagus Setiawan | 2026-10-15 09:10 | 2026-10-15 09:40 | |
002/CLTS/X/2026 | 9 | Joko Santosa | 2026-10-15 09:45 | 2026-10-15 11:45 | Disetujui |
003/CLTS/XI/2026 | 1 | Tutik Handayani | 2026-11-03 08:05 | 2026-11-03 08:15 | |
003/CLTS/XI/2026 | 2 | Endah Purwanti | 2026-11-03 08:20 | 2026-11-03 09:00 | |
003/CLTS/XI/2026 | 6 | Tutik Handayani | 2026-11-03 09:05 | 2026-11-03 09:20 | |
003/CLTS/XI/2026 | 3 | Endah Purwanti | 2026-11-03 09:30 | 2026-11-04 08:30 | |
003/CLTS/XI/2026 | 5 | Wahyu Kusumaningrum | 2026-11-04 08:40 | 2026-11-04 08:50 | |
003/CLTS/XI/2026 | 7 | Ratna Anggraini | 2026-11-04 09:00 | | |
004/CLTS/XI/2026 | 1 | Ratna Anggraini | 2026-11-18 08:05 | 2026-11-18 08:15 | |
004/CLTS/XI/2026 | 2 | Joko Santoso | 2026-11-18 08:20 | 2026-11-18 08:10 | |
005/CLTS/XI/2026 | 1 | Tutik Handayani | 2026-11-19 13:35 | 2026-11-19 13:45 | |
005/CLTS/XI/2026 | 2 | Endah Purwanti | 2026-11-20 09:10 | | |
"""


def telling_register(path: Path) -> Path:
    """Five cases: begun early and acknowledged, rejected once and late, running over, in error, and just begun."""
    return office_workbook(path, REGISTER, LANGKAH)


def inspected(path: Path) -> Inspected:
    """That workbook under the SOP of the package at the tests' moment."""
    return inspect_register(read_register(path), SOP, AS_OF)


def telling(folder: Path) -> Inspected:
    """The telling register, written into `folder` and inspected."""
    return inspected(telling_register(folder / "register-2026.xlsx"))


def many(folder: Path, count: int) -> Inspected:
    """`count` cases found on the working days of 2026, each with a first step that took too long."""
    cases = ["No. Catatan | Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Ditemukan Oleh | Status"]
    steps = ["No. Catatan | Langkah | Pelaksana | Mulai | Selesai"]
    days = [day for day in (dt.date(2026, 1, 5) + dt.timedelta(days=n) for n in range(300)) if day.weekday() < 4]
    for number in range(1, count + 1):
        day = days[number * len(days) // (count + 1)]
        case = f"{number:03d}/CLTS/{ROMAN_MONTHS[day.month - 1]}/2026"
        cases.append(f"{case} | {day} 08:00 | Legalisasi Surat | Cap basah tidak terbaca | Ratna Anggraini | Proses")
        steps.append(f"{case} | 1 | Ratna Anggraini | {day} 08:05 | {day} 09:05")
    return inspected(office_workbook(folder / "banyak.xlsx", "\n".join(cases), "\n".join(steps)))


def golden(name: str, text: str, update: bool) -> None:
    """Compare with tests/golden/NAME, or write it anew."""
    path = Path(__file__).parent / "golden" / name
    if update:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8"), f"{name} differs; look, then --update-golden"


class _Text(HTMLParser):
    """The words of a page, a line for each block."""

    BLOCKS = frozenset({"p", "li", "h1", "h2", "h3", "div", "dt", "dd", "tr", "summary", "figcaption", "section", "ol"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.skipping = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.skipping = tag == "style"
        label = dict(attrs).get("aria-label")
        self.parts.append("\n" if tag in self.BLOCKS else " ")
        if tag == "svg" and label:
            self.parts.append(f"[{label}] ")

    def handle_endtag(self, tag: str) -> None:
        self.skipping = False
        self.parts.append("\n" if tag in self.BLOCKS else "")

    def handle_data(self, data: str) -> None:
        self.parts.append("" if self.skipping else data.replace("\n", " "))


def text_of(page: str) -> str:
    """What a reader of the page reads, charts by their text alternatives."""
    parser = _Text()
    parser.feed(page)
    lines = (" ".join(line.split()) for line in "".join(parser.parts).splitlines())
    return "\n".join(line for line in lines if line) + "\n"
