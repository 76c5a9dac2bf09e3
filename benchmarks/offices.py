"""Many offices' registers of one year for the benchmarks of recaps and clusters, each another.

    uv run python benchmarks/offices.py FOLDER COUNT [CASES]

writes register-0000.xlsx and so on: cases from January to November in twelve services, causes in many words, a tenth
still open with a step that runs, every tenth a late step; fictional throughout.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from openpyxl import Workbook

Row = dict[str, Any]
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
STAFF = (
    ("Andi Prasetyo", "Staf"), ("Budi Hartono", "Staf"), ("Citra Lestari", "Staf"),
    ("Dewi Anggraini", "Kasi"), ("Eko Nugroho", "Sekcam"), ("Fitri Handayani", "Camat"),
)  # fmt: skip
NAMES = [name for name, _ in STAFF]
# Langkah, Pelaksana, hours and minutes after the case was found to its beginning and its end
STEPS = (
    (1, 0, (0, 0), (0, 10)), (2, 3, (0, 15), (1, 0)), (3, 3, (1, 10), (7, 0)), (5, 5, (24, 0), (24, 10)),
    (6, 1, (24, 15), (24, 40)), (7, 1, (25, 0), (31, 0)), (8, 0, (48, 0), (48, 30)), (9, 4, (48, 45), (49, 0)),
    (10, 2, (73, 0), (75, 0)),
)  # fmt: skip
SERVICES = (
    "Surat Keterangan Usaha", "Legalisasi Surat", "Surat Pindah", "Dispensasi Nikah", "Perekaman KTP-el",
    "Surat Pengantar SKCK", "Surat Domisili", "Izin Keramaian", "Surat Tidak Mampu", "Kartu Keluarga", "Akta Waris",
    "Rekomendasi Bantuan",
)  # fmt: skip
CAUSES = (
    ("Petugas", "Pemohon", "Berkas", "Printer", "Jaringan"),
    ("tidak mencocokkan", "keliru menyalin", "belum memeriksa", "terlambat mengirim", "salah memilih"),
    ("nama", "alamat", "tanggal lahir", "nomor KK", "jenis layanan"),
    ("pada formulir", "dengan KTP", "dalam aplikasi", "di loket dua", "saat antrean panjang"),
    ("karena buru-buru", "sebab pelatihan kurang", "akibat lembar periksa lama", "karena berkas kurang"),
)
BEGINNINGS = [
    dt.datetime(2026, 1, 5, 8) + dt.timedelta(days=7 * week + day, minutes=31 * later)
    for week in range(46) for day in (0, 1) for later in (0, 1)
]  # fmt: skip
"""Monday or Tuesday, at eight or a little later: four cases a week at most, and each is done by Friday."""


def write_office(path: Path, seed: int, cases: int = 150) -> None:
    """An office's year, another for each seed."""
    chance = random.Random(seed)
    kantor = {"Nama Kantor": f"KECAMATAN CONTOH {seed:04d}", "Tempat": f"Contoh {seed:04d}"}
    rows = [("Kantor", {"Kunci": key, "Nilai": value}) for key, value in kantor.items()]
    rows += [("Pegawai", _person(place, name, role)) for place, (name, role) in enumerate(STAFF)]
    for number, found in enumerate(sorted(chance.sample(BEGINNINGS, min(cases, len(BEGINNINGS)))), start=1):
        rows += _case(number, found, chance)
    _write(path, rows)


def _write(path: Path, rows: Iterable[tuple[str, Row]]) -> None:
    book = Workbook(write_only=True)
    sheets: dict[str, Any] = {}
    for name, row in rows:
        if name not in sheets:
            sheets[name] = book.create_sheet(name)
            sheets[name].append(list(row))
        sheets[name].append(list(row.values()))
    book.save(path)


def _person(place: int, name: str, role: str) -> Row:
    email = f"{name.split()[0].lower()}@kantor.example"
    return {"Nama": name, "NIP": f"19800101200501100{place}", "Pangkat/Golongan": "III/c", "Jabatan": role,
            "Peran": role, "Email": email, "Aktif": "Ya"}  # fmt: skip


def _case(number: int, found: dt.datetime, chance: random.Random) -> Iterator[tuple[str, Row]]:
    day = dt.datetime.combine(found.date(), dt.time())
    done, is_open = day + dt.timedelta(days=3), number % 10 == 0
    month, later = ROMAN[day.month - 1], ROMAN[done.month - 1]
    record, disposal = f"{number:03d}/CLTS/{month}/2026", f"{number:03d}/BA/{later}/2026"
    closing: Row = {
        "Hasil Perbaikan": f"Surat pengganti nomor {number} diserahkan", "Hasil Verifikasi": "Sesuai",
        "Diverifikasi Oleh": NAMES[4], "Tanggal Verifikasi": done, "Perlu Dimusnahkan": "Ya",
        "Jumlah": 1 + number % 9, "Satuan": "lembar", "No. BA Pemusnahan": disposal, "PTPP Lanjutan": None,
        "Status": "Selesai",
    }  # fmt: skip
    yield "Register", {
        "No. Catatan": record, "Tanggal Ditemukan": found, "Jenis Layanan": chance.choice(SERVICES),
        "Uraian Ketidaksesuaian": f"Nama pemohon salah ketik pada surat nomor {number}", "Ditemukan Oleh": NAMES[0],
        "Sumber": chance.choice(("Keluhan", "Audit", "Survei")), "Persyaratan yang Dilanggar": "Nama sesuai KTP",
        "Kategori": chance.choice(("Minor", "Minor", "Mayor")), "No. PTPP": f"{number:03d}/PTPP/{month}/2026",
        "Tanggal PTPP": found, "Kepada": NAMES[3], "Tindakan Langsung": f"Surat lama nomor {number} ditarik",
        "Analisis Penyebab": " ".join(chance.choice(words) for words in CAUSES),
        "Tindakan Perbaikan": f"Surat nomor {number} dicetak ulang",
        "Tindakan Pencegahan": f"Lembar periksa nomor {number} ditambah", "Penanggung Jawab": NAMES[3],
        "Target Selesai": done + dt.timedelta(days=1), "Keputusan": "Penggantian", "Diputuskan Oleh": NAMES[5],
        "Tempat Pemisahan": "Lemari khusus ruang arsip",
        **({**dict.fromkeys(closing), "Status": "Proses"} if is_open else closing), "Keterangan": None,
    }  # fmt: skip
    late = dt.timedelta(minutes=15 * (chance.random() < 0.1))
    for step, actor, begin, end in STEPS[:6] if is_open else STEPS:
        begun, ended = (found + dt.timedelta(hours=hours, minutes=minutes) for hours, minutes in (begin, end))
        yield "Langkah", {
            "No. Catatan": record, "Langkah": step, "Pelaksana": NAMES[actor], "Mulai": begun,
            "Selesai": None if is_open and step == 7 else ended + late * (step == 2),
            "Hasil": "Disetujui" if step == 9 else None, "Keterangan": None,
        }  # fmt: skip
    if not is_open:
        yield "Pemusnahan", {
            "No. BA": disposal, "Tanggal": done, "Tempat": "Halaman kantor", "Cara Pemusnahan": "Dibakar",
            "Pelaksana": NAMES[2], "Saksi 1": NAMES[0], "Saksi 2": NAMES[1], "Mengetahui": NAMES[5], "Keterangan": None,
        }  # fmt: skip


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for office in range(int(sys.argv[2])):
        write_office(target / f"register-{office:04d}.xlsx", office, *map(int, sys.argv[3:4]))
