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


STEPS = (
    (1, "Ratna Anggraini", 0, "08:05", 0, "08:15"),
    (2, "Joko Santosa", 0, "08:20", 0, "09:00"),
    (3, "Joko Santosa", 0, "09:10", 0, "15:00"),
    (5, "Wahyu Kusumaningrum", 1, "08:00", 1, "08:10"),
    (6, "Ratna Anggraini", 1, "08:15", 1, "08:35"),
    (7, "Bagus Setiawan", 1, "08:40", 1, "15:00"),
    (8, "Bagus Setiawan", 2, "13:00", 2, "13:30"),
    (9, "Joko Santosa", 2, "13:40", 2, "14:00"),
)
"""Step, who, and on which working day after the finding and when it begins and ends: as the SOP wants it."""
AGAIN = (
    (7, "Bagus Setiawan", 2, "14:10", 3, "10:00"),
    (8, "Bagus Setiawan", 3, "14:10", 3, "14:30"),
    (9, "Joko Santosa", 3, "14:40", 3, "15:00"),
)
CAUSES = ("Data pemohon tidak dicocokkan dengan KTP", "Bantalan cap mengering", "Jaringan terputus saat pengiriman")
SERVICES = ("Legalisasi Surat", "Surat Keterangan Usaha", "Surat Pindah", "Perekaman KTP-el")
DAYS = (2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 16, 17, 18, 19, 20)  # working days of November 2026


def month_register(path: Path) -> Path:
    """Twelve cases of November 2026 with 78 steps: late, skipped, rejected, explained, destroyed, running, begun, and
    one in error.
    """
    cases = ["No. Catatan | Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Ditemukan Oleh | Sumber"]
    cases[0] += " | Kategori | No. PTPP | Tanggal PTPP | Kepada | Penanggung Jawab | Target Selesai | Keputusan"
    cases[0] += " | Diputuskan Oleh | Tempat Pemisahan | Analisis Penyebab | Tindakan Perbaikan | Hasil Perbaikan"
    cases[0] += " | Hasil Verifikasi | Diverifikasi Oleh | Tanggal Verifikasi | Perlu Dimusnahkan | Jumlah | Satuan"
    cases[0] += " | No. BA Pemusnahan | Status | Persyaratan yang Dilanggar | Tindakan Langsung | Tindakan Pencegahan"
    steps = ["No. Catatan | Langkah | Pelaksana | Mulai | Selesai | Hasil | Keterangan"]
    for place in range(12):
        case = f"{place + 1:03d}/CLTS/XI/2026"
        cases.append(_month_case(case, place))
        steps += [f"{case} | {row}" for row in _month_steps(place)]
    burnt = "No. BA | Tanggal | Tempat | Cara Pemusnahan | Pelaksana | Saksi 1 | Saksi 2 | Mengetahui\n"
    burnt += "001/BA/XI/2026 | 2026-11-13 | Halaman belakang kantor | Dicacah | Bagus Setiawan | Joko Santosa"
    burnt += " | Endah Purwanti | Wahyu Kusumaningrum"
    return office_workbook(path, "\n".join(cases), "\n".join(steps), burnt)


def _month_case(case: str, place: int) -> str:
    found = f"2026-11-{DAYS[place]:02d}"
    text = f"{case} | {found} 08:00 | {SERVICES[place % 5 % 4]} | Nama pemohon pada surat ke-{place + 1} salah tulis"
    text += f" | Ratna Anggraini | {('Keluhan', 'Audit', 'Survei')[place % 3]} | {('Minor', 'Mayor')[place % 4 == 3]}"
    numbered = f" | {place + 1:03d}/PTPP/XI/2026 | {found} | Kepala Seksi Pelayanan | Bagus Setiawan | 2026-11-27"
    text += numbered if place < 10 else " | | | | Bagus Setiawan | 2026-11-27"
    if place >= 9:
        return f"{text}{' |' * 13} | {'Terbuka' if place > 9 else 'Proses'} | | |"
    done = " | Penggantian | Wahyu Kusumaningrum | Lemari arsip B | "
    done += CAUSES[0 if place < 6 else place % 3]
    if place == 8:
        return f"{text}{done}{' |' * 5} | Tidak | | | | Proses | | |"
    text += f"{done} | Surat diganti dan petugas mencocokkan KTP | Surat pengganti diserahkan kepada pemohon | Sesuai"
    text += f" | Endah Purwanti | 2026-11-{DAYS[place + 5]:02d}"
    text += " | Ya | 2 | lembar | 001/BA/XI/2026" if place == 6 else " | Tidak | | |"
    return f"{text} | Selesai | Standar Pelayanan | Surat ditarik dari pemohon | KTP dicocokkan oleh dua petugas"


def _month_steps(place: int) -> list[str]:
    plan = [list(step) for step in STEPS]
    if place == 2:
        plan[5][4:] = 3, "10:00"  # 7 ended a day late
        plan[6][2] = plan[6][4] = plan[7][2] = plan[7][4] = 3
    elif place == 3:
        del plan[2]  # the Camat was not consulted
    elif place == 4:
        plan += [list(step) for step in AGAIN]
    elif place == 5:
        plan[0][3] = "08:00"  # late, and explained
        plan[0][5] = "08:18"
    elif place == 6:
        plan.append([10, "Bagus Setiawan", 3, "09:00", 3, "10:00"])
    plan = plan[: {8: 6, 9: 2, 10: 2, 11: 1}.get(place, len(plan))]
    rows = []
    for number, (step, actor, begun, start, ended, end) in enumerate(plan):
        until = "" if place in (8, 10) and number == len(plan) - 1 else f"2026-11-{DAYS[place + ended]:02d} {end}"
        outcome = "" if step != 9 else "Ditolak" if place == 4 and number == 7 else "Disetujui"
        name = "Joko Santoso" if place == 9 and step == 2 else actor
        why = "Dua pemohon datang bersamaan di loket" if place == 5 and step == 1 else ""
        rows.append(f"{step} | {name} | 2026-11-{DAYS[place + begun]:02d} {start} | {until} | {outcome} | {why}")
    return rows


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
