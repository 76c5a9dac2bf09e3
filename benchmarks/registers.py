"""Large plain registers for the benchmarks: canonical sheets and headers, every case closed, each with its own BA."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import Workbook

Row = dict[str, Any]
SHEETS = ("Register", "Langkah", "Pemusnahan", "Pegawai")
SERVICES = ("Surat Keterangan Usaha", "Legalisasi Surat", "Surat Pindah", "Dispensasi Nikah")
STAFF = (
    ("Andi Prasetyo", "Staf"), ("Budi Hartono", "Staf"), ("Citra Lestari", "Staf"),
    ("Dewi Anggraini", "Kasi"), ("Eko Nugroho", "Sekcam"), ("Fitri Handayani", "Camat"),
)  # fmt: skip
# Langkah, Pelaksana, hours and minutes after the case was found to its beginning and its end
STEPS = (
    (1, 0, (0, 0), (0, 10)), (2, 3, (0, 15), (1, 0)), (3, 3, (1, 10), (7, 0)), (5, 5, (24, 0), (24, 10)),
    (6, 1, (24, 15), (24, 40)), (7, 1, (25, 0), (31, 0)), (8, 0, (48, 0), (48, 30)), (9, 4, (48, 45), (49, 0)),
    (10, 2, (73, 0), (75, 0)),
)  # fmt: skip
ODD = ("A & B <C>", "“kutip” 'tunggal' \"ganda\"", "baris\nkedua", "emoji 🙂", "{{ bukan tanda }}", "50 % × 2", "é ñ ü")


def write_register(path: Path, cases: int, seed: int | None = None) -> None:
    """A workbook of `cases` cases; with a `seed` their texts are of any length and hold anything that Excel can."""
    chance = random.Random(seed)
    book = Workbook(write_only=True)
    sheets = {name: book.create_sheet(name) for name in SHEETS}
    started: set[str] = set()

    def add(name: str, row: Row) -> None:
        if name not in started:
            started.add(name)
            sheets[name].append(list(row))
        sheets[name].append(list(row.values()))

    for number in range(1, cases + 1):
        for name, row in _case(number, chance, plain=seed is None):
            add(name, row)
    for place, (name, role) in enumerate(STAFF):
        add("Pegawai", {"Nama": name, "NIP": f"19800101200501100{place}", "Pangkat/Golongan": "III/c",
            "Jabatan": role, "Peran": role, "Email": f"{name.split()[0].lower()}@kantor.example",
            "Aktif": "Ya"})  # fmt: skip
    book.save(path)


def _case(number: int, chance: random.Random, plain: bool) -> Iterator[tuple[str, Row]]:
    found = dt.datetime(2026, 3, 30, 8)
    record, ptpp, disposal = (f"{number:03d}/{kind}/2026" for kind in ("CLTS/III", "PTPP/III", "BA/IV"))
    names = [name for name, _ in STAFF]

    def text(words: str, optional: bool = False) -> str | None:
        if plain:
            return f"{words} nomor {number}"
        if optional and chance.random() < 0.3:
            return None
        return " ".join([words, *chance.choices(ODD, k=chance.choice((0, 1, 3, 12, 80)))])[:2000]

    yield "Register", {
        "No. Catatan": record, "Tanggal Ditemukan": found, "Jenis Layanan": SERVICES[number % len(SERVICES)],
        "Uraian Ketidaksesuaian": text("Nama pemohon salah ketik pada surat"), "Ditemukan Oleh": names[0],
        "Sumber": "Keluhan", "Persyaratan yang Dilanggar": text("Nama sesuai KTP", optional=True),
        "Kategori": "Minor", "No. PTPP": ptpp, "Tanggal PTPP": found, "Kepada": names[3],
        "Tindakan Langsung": text("Surat lama ditarik"), "Analisis Penyebab": text("Tidak dicocokkan dengan KTP"),
        "Tindakan Perbaikan": text("Surat dicetak ulang"), "Tindakan Pencegahan": text("Lembar periksa ditambah"),
        "Penanggung Jawab": names[3], "Target Selesai": dt.datetime(2026, 4, 3), "Keputusan": "Penggantian",
        "Diputuskan Oleh": names[5], "Tempat Pemisahan": text("Lemari khusus ruang arsip"),
        "Hasil Perbaikan": text("Surat pengganti diserahkan"), "Hasil Verifikasi": "Sesuai",
        "Diverifikasi Oleh": names[4], "Tanggal Verifikasi": dt.datetime(2026, 4, 2), "Perlu Dimusnahkan": "Ya",
        "Jumlah": 1 + number % 9, "Satuan": "lembar", "No. BA Pemusnahan": disposal, "PTPP Lanjutan": None,
        "Status": "Selesai", "Keterangan": text("Selesai", optional=True),
    }  # fmt: skip
    for step, actor, begin, end in STEPS:
        moments = (found + dt.timedelta(hours=hours, minutes=minutes) for hours, minutes in (begin, end))
        yield "Langkah", {
            "No. Catatan": record, "Langkah": step, "Pelaksana": names[actor], "Mulai": next(moments),
            "Selesai": next(moments), "Hasil": "Disetujui" if step == 9 else None, "Keterangan": "Bersama berkas lain",
        }  # fmt: skip
    yield "Pemusnahan", {
        "No. BA": disposal, "Tanggal": dt.datetime(2026, 4, 2), "Tempat": text("Halaman kantor"),
        "Cara Pemusnahan": "Dibakar", "Pelaksana": names[2], "Saksi 1": names[0], "Saksi 2": names[1],
        "Mengetahui": names[5], "Keterangan": text("Lengkap", optional=True),
    }  # fmt: skip
