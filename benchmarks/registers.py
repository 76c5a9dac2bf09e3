"""Large plain registers for the benchmarks: canonical sheets and headers, every case closed, each with its own BA.

    uv run python benchmarks/registers.py CASES FILE [--at-once]

writes one whose cases are spread over the working hours of 2026, with causes and staff of their own: nothing but one
note (and P07, where it is large) is found in it. With --at-once every case is found at the same moment by the same few
people, which is one finding for most steps (W10) and cases (K12).
"""

from __future__ import annotations

import datetime as dt
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

Row = dict[str, Any]
EVERY = dt.datetime(2026, 3, 30, 8)
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
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


def write_register(path: Path, cases: int, seed: int | None = None, *, spread: bool = False) -> None:
    """A workbook of `cases` cases; with a `seed` their texts are of any length and hold anything that Excel can."""
    chance = random.Random(seed)
    found = _moments(cases) if spread else [(EVERY, 0)] * cases
    teams = 1 + max(team for _, team in found)
    book = Workbook(write_only=True)
    sheets = {name: book.create_sheet(name) for name in SHEETS}
    started: set[str] = set()

    def add(name: str, row: Row) -> None:
        if name not in started:
            started.add(name)
            sheets[name].append(list(row))
        sheets[name].append(list(row.values()))

    for number, (moment, team) in enumerate(found, start=1):
        for name, row in _case(number, moment, _staff(team, teams), chance, seed is None, spread):
            add(name, row)
    for place, name in enumerate(name for team in range(teams) for name in _staff(team, teams)):
        role = STAFF[place % len(STAFF)][1]
        address = f"{name.lower().replace(' ', '.') if teams > 1 else name.split()[0].lower()}@kantor.example"
        add("Pegawai", {"Nama": name, "NIP": f"19800101200501{1000 + place}", "Pangkat/Golongan": "III/c",
            "Jabatan": role, "Peran": role, "Email": address,
            "Aktif": "Ya"})  # fmt: skip
    book.save(path)


def _staff(team: int, teams: int) -> Sequence[str]:
    return [name if teams == 1 else f"{name} {_word(random.Random(team)).title()}" for name, _ in STAFF]


def _word(chance: random.Random) -> str:
    return "".join(chance.choice("bdgjklmnprst") + chance.choice("aeiou") for _ in range(4))


def _moments(cases: int) -> list[tuple[dt.datetime, int]]:
    """When each case is found, in order, and which team works on it: each has one case in ten minutes."""
    from sopkit.register.default_calendar import calendar_rows

    off = {row[0] for row in calendar_rows([2026])}
    days = (dt.datetime(2026, 4, 1, 8) + dt.timedelta(days=day) for day in range(240))
    free = [day + dt.timedelta(minutes=10 * slot) for day in days if day.weekday() < 5 and day.date() not in off
            for slot in (*range(20), *range(30, 48))]  # fmt: skip
    teams = -(-cases // len(free))
    places = [place * len(free) * teams // cases for place in range(cases)]
    return [(free[place // teams], place % teams) for place in places]


def _case(
    number: int, found: dt.datetime, names: Sequence[str], chance: random.Random, plain: bool, spread: bool
) -> Iterator[tuple[str, Row]]:
    month = ROMAN[found.month - 1]
    verified, destroyed = (found, month) if spread else (dt.datetime(2026, 4, 2), "IV")
    record, ptpp, disposal = (
        f"{number:03d}/{kind}/2026" for kind in (f"CLTS/{month}", f"PTPP/{month}", f"BA/{destroyed}")
    )

    def cause() -> str | None:
        if not spread:
            return text("Tidak dicocokkan dengan KTP")
        own = random.Random(number)
        return " ".join(_word(own) for _ in range(6))

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
        "Tindakan Langsung": text("Surat lama ditarik"), "Analisis Penyebab": cause(),
        "Tindakan Perbaikan": text("Surat dicetak ulang"), "Tindakan Pencegahan": text("Lembar periksa ditambah"),
        "Penanggung Jawab": names[3], "Target Selesai": verified + dt.timedelta(days=1), "Keputusan": "Penggantian",
        "Diputuskan Oleh": names[5], "Tempat Pemisahan": text("Lemari khusus ruang arsip"),
        "Hasil Perbaikan": text("Surat pengganti diserahkan"), "Hasil Verifikasi": "Sesuai",
        "Diverifikasi Oleh": names[4], "Tanggal Verifikasi": verified, "Perlu Dimusnahkan": "Ya",
        "Jumlah": 1 + number % 9, "Satuan": "lembar", "No. BA Pemusnahan": disposal, "PTPP Lanjutan": None,
        "Status": "Selesai", "Keterangan": text("Selesai", optional=True),
    }  # fmt: skip
    for place, (step, actor, begin, end) in enumerate(STEPS):
        begin, end = ((0, place), (0, place + 1)) if spread else (begin, end)
        moments = (found + dt.timedelta(hours=hours, minutes=minutes) for hours, minutes in (begin, end))
        yield "Langkah", {
            "No. Catatan": record, "Langkah": step, "Pelaksana": names[actor], "Mulai": next(moments),
            "Selesai": next(moments), "Hasil": "Disetujui" if step == 9 else None, "Keterangan": "Bersama berkas lain",
        }  # fmt: skip
    yield "Pemusnahan", {
        "No. BA": disposal, "Tanggal": verified, "Tempat": text("Halaman kantor"),
        "Cara Pemusnahan": "Dibakar", "Pelaksana": names[2], "Saksi 1": names[0], "Saksi 2": names[1],
        "Mengetahui": names[5], "Keterangan": text("Lengkap", optional=True),
    }  # fmt: skip


if __name__ == "__main__":
    write_register(Path(sys.argv[2]), int(sys.argv[1]), spread=sys.argv[3:] != ["--at-once"])
