"""Five registers as offices keep them, made for measuring `sopkit adopt`: `python tests/adopt/make.py FOLDER`.

Nobody and no place in them is real. Each is kept in another way (`REGISTERS` says which), and each has the slips that
such registers have: blank rows, wrong spellings, two dates in one cell, totals, signatures. The same call writes the
same bytes.
"""

# ruff: noqa: E501

from __future__ import annotations

import datetime as dt
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

NOW = dt.datetime(2026, 11, 20, 10)
MADE = dt.datetime(2026, 11, 20)
TODAY = NOW.date()
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November",
    "Desember",
)  # fmt: skip
HOLIDAYS = frozenset(
    dt.date(*day)
    for day in (
        (2024, 1, 1), (2024, 2, 8), (2024, 2, 9), (2024, 3, 11), (2024, 3, 12), (2024, 3, 29), (2024, 4, 8),
        (2024, 4, 9), (2024, 4, 10), (2024, 4, 11), (2024, 4, 12), (2024, 4, 15), (2024, 5, 1), (2024, 5, 9),
        (2024, 5, 10), (2024, 5, 23), (2024, 5, 24), (2024, 6, 17), (2024, 6, 18), (2024, 9, 16), (2024, 12, 25),
        (2024, 12, 26), (2025, 1, 1), (2025, 1, 27), (2025, 1, 28), (2025, 1, 29), (2025, 3, 28), (2025, 3, 31),
        (2025, 4, 1), (2025, 4, 2), (2025, 4, 3), (2025, 4, 4), (2025, 4, 7), (2025, 4, 18), (2025, 5, 1),
        (2025, 5, 12), (2025, 5, 13), (2025, 5, 29), (2025, 5, 30), (2025, 6, 6), (2025, 6, 9), (2025, 6, 27),
        (2025, 8, 18), (2025, 9, 5), (2025, 12, 25), (2025, 12, 26), (2026, 1, 1), (2026, 1, 16), (2026, 2, 16),
        (2026, 2, 17), (2026, 3, 18), (2026, 3, 19), (2026, 3, 20), (2026, 3, 23), (2026, 3, 24), (2026, 4, 3),
        (2026, 5, 1), (2026, 5, 14), (2026, 5, 15), (2026, 5, 27), (2026, 5, 28), (2026, 6, 1), (2026, 6, 16),
        (2026, 8, 17), (2026, 8, 25), (2026, 12, 25),
    )
)  # fmt: skip
STAFF = ("Sumarni", "Dwi Handoko", "Yuliati", "Bambang Riyadi")
KASI = ("Retno Palupi", "Agus Widodo")
SEKCAM, CAMAT = "Slamet Santoso", "Kartika Dewi"
PEOPLE: tuple[tuple[str, str, str, str, str], ...] = (  # name, NIP, rank, post, role; addresses under contoh.example
    ("Sumarni", "198803122011012004", "Penata Muda (III/a)", "Pengelola Pelayanan", "Staf"),
    ("Dwi Handoko", "199001152014021003", "Pengatur (II/c)", "Pengadministrasi Umum", "Staf"),
    ("Yuliati", "199207222019032006", "Pengatur (II/c)", "Pranata Kearsipan", "Staf"),
    ("Bambang Riyadi", "198511302010011007", "Pengatur (II/c)", "Pengelola Data", "Staf"),
    ("Retno Palupi", "197906182005012007", "Penata (III/c)", "Kepala Seksi Pelayanan", "Kasi"),
    ("Agus Widodo", "198106182006041009", "Penata (III/c)", "Kepala Seksi Pemerintahan", "Kasi"),
    ("Slamet Santoso", "197404051999031005", "Pembina (IV/a)", "Sekretaris Kecamatan", "Sekcam"),
    ("Kartika Dewi", "197212101996032002", "Pembina (IV/a)", "Camat", "Camat"),
)


@dataclass(frozen=True)
class Slip:
    """One thing that goes wrong at a counter, in Indonesian and in English."""

    service: str
    what: str
    cause: str
    correction: str
    corrective: str
    preventive: str
    norm: str
    english: tuple[str, str, str, str]  # what, cause, corrective, preventive


SLIPS = (
    Slip("Surat Keterangan Usaha", "Nama pemohon pada surat tidak sesuai dengan KTP", "Petugas menyalin data dari berkas lama", "Surat ditarik dan dicetak ulang", "Daftar periksa identitas dipakai pada setiap surat", "Pelatihan penyuntingan data bagi petugas loket", "8.5.1", ("Applicant name differs from ID card", "Data copied from an old file", "Identity checklist for each letter", "Data entry training")),
    Slip("Legalisasi Surat", "Stempel pada lembar legalisasi tidak terbaca", "Bantalan stempel kering dan tidak diganti", "Lembar distempel ulang", "Bantalan stempel diganti setiap bulan", "Pengadaan stempel otomatis", "8.5.1", ("Stamp on legalised copy cannot be read", "Stamp pad dry", "Stamp pads replaced monthly", "Automatic stamps procured")),
    Slip("Surat Pindah", "Alamat tujuan pindah salah ketik satu angka", "Formulir pindah tidak diverifikasi ulang", "Surat diperbaiki dan diparaf", "Verifikasi alamat ditambahkan pada prosedur", "Isian alamat diambil dari SIAK", "8.7", ("House number mistyped in moving letter", "Form not verified a second time", "Address check added to procedure", "Address taken from registry")),
    Slip("Pengantar Kartu Keluarga", "Nomor surat dipakai dua kali pada hari yang sama", "Buku agenda dipakai bergantian tanpa serah terima", "Nomor kedua diganti dan dicatat di agenda", "Buku agenda diganti agenda elektronik", "Nomor surat diberikan sistem", "7.5.3", ("Same letter number used twice", "Agenda book shared without handover", "Agenda book replaced by e-agenda", "Numbers assigned by the system")),
    Slip("Dispensasi Nikah", "Surat terbit melebihi waktu yang dijanjikan", "Pejabat penanda tangan dinas luar tanpa pengganti", "Surat diselesaikan dan diantar ke rumah", "Penunjukan pejabat pengganti dibuat bulanan", "Tanda tangan elektronik diusulkan", "8.2.1", ("Letter issued later than promised", "Signatory on duty travel without deputy", "Monthly deputy list issued", "Electronic signature proposed")),
    Slip("Perekaman KTP-el", "Antrean tidak dipanggil sesuai urutan nomor", "Mesin antrean dimatikan saat jam istirahat", "Antrean dipanggil ulang sesuai nomor", "Mesin antrean diatur menyala pada jam istirahat", "Petugas antrean cadangan ditunjuk", "8.5.1", ("Queue numbers not called in sequence", "Queue machine switched off at noon", "Queue machine kept on at noon", "Stand-in queue officer named")),
    Slip("Surat Pengantar SKCK", "Lampiran surat tertukar dengan pemohon lain", "Berkas dua pemohon dijepit dalam satu map", "Lampiran ditukar kembali", "Satu map hanya untuk satu pemohon", "Map berwarna menurut jenis layanan", "8.5.3", ("Attachment swapped with another applicant", "Two files clipped in one folder", "One folder for one applicant", "Folders coloured by service")),
    Slip("Surat Keterangan Tidak Mampu", "Formulir lama masih dipakai di loket dua", "Perubahan formulir tidak disosialisasikan", "Formulir lama ditarik dari loket", "Daftar formulir berlaku ditempel di loket", "Pengumuman perubahan formulir lewat apel pagi", "7.5.2", ("Superseded form still used at counter two", "Change of form was not announced", "List of valid forms posted", "Form changes announced in morning briefing")),
)  # fmt: skip


def workday(day: dt.date) -> dt.date:
    """The day itself or the next one on which the office works."""
    while day.weekday() > 4 or day in HOLIDAYS:
        day += dt.timedelta(days=1)
    return day


def later(day: dt.date, days: int) -> dt.date:
    """So many working days later."""
    for _ in range(days):
        day = workday(day + dt.timedelta(days=1))
    return day


def year_days(chance: random.Random, year: int, count: int, until: dt.date = TODAY) -> list[dt.date]:
    """So many working days of a year in order, none after `until`."""
    last = min(dt.date(year, 12, 20), until)
    span = (last - dt.date(year, 1, 5)).days
    picked = sorted(
        {workday(dt.date(year, 1, 5) + dt.timedelta(days=chance.randint(0, span))) for _ in range(count * 3)}
    )
    return sorted(chance.sample([day for day in picked if day <= last], count))


def words(day: dt.date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


Row = list[Any]


@dataclass
class Sheet:
    """Rows as they stand from row 1, and the ranges that are merged."""

    name: str
    rows: list[Row]
    merged: tuple[str, ...] = ()


def write(path: Path, sheets: Sequence[Sheet]) -> Path:
    """A workbook whose bytes depend on the sheets alone."""
    book = xlsxwriter.Workbook(path, {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False})
    book.set_properties({"author": "Kantor Kecamatan Argosari", "created": MADE})
    head = book.add_format({"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True})
    looks = {
        dt.datetime: book.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
        dt.date: book.add_format({"num_format": "dd/mm/yyyy"}),
    }
    for sheet in sheets:
        page = book.add_worksheet(sheet.name)
        for y, row in enumerate(sheet.rows):
            for x, value in enumerate(row):
                if isinstance(value, dt.date):
                    page.write_datetime(y, x, value, looks[type(value)])
                elif value not in (None, ""):
                    page.write(y, x, value)
        for span in sheet.merged:
            y, x, _, _ = corners(span)
            page.merge_range(span, sheet.rows[y][x] if x < len(sheet.rows[y]) else "", head)
    book.close()
    return path


def corners(span: str) -> tuple[int, int, int, int]:
    from xlsxwriter.utility import xl_cell_to_rowcol

    first, last = span.split(":")
    return (*xl_cell_to_rowcol(first), *xl_cell_to_rowcol(last))


def log_ptpp(folder: Path) -> Path:
    """(a) One list of PTPP over three years, numbers beginning anew each year, no column for the service."""
    chance = random.Random(11)
    headers = ["No", "No. PTPP", "Tgl Terbit", "Unit Kerja", "Auditor", "Klausul", "Kategori", "Uraian Ketidaksesuaian", "Analisa Penyebab", "Tindakan Koreksi", "Tindakan Korektif", "PIC", "Target Penyelesaian", "Tgl Verifikasi", "Status", "Ket."]  # fmt: skip
    rows: list[Row] = [["LOG STATUS PTPP"], ["KECAMATAN ARGOSARI KABUPATEN PURWODARMO"], [], headers]
    total = 0
    for year, count in ((2024, 34), (2025, 30), (2026, 26)):
        for running, day in enumerate(year_days(chance, year, count), 1):
            total += 1
            slip = chance.choice(SLIPS)
            target = later(day, 10)
            closed = later(day, chance.randint(6, 12))
            still_open = closed > TODAY
            unit = chance.choice(("Seksi Pelayanan", "Seksi Pelayanan", "Seksi Pemerintahan", "Subbag Umum"))
            pic = KASI[0] if unit == "Seksi Pelayanan" else KASI[1]
            rows.append([
                total, f"{running:02d}/PTPP/{ROMAN[day.month - 1]}/{year}", day, unit, SEKCAM, slip.norm,
                chance.choice(("Minor", "Minor", "Mayor", "Observasi")), slip.what, slip.cause, slip.correction,
                slip.corrective, pic, target, None if still_open else closed, "Open" if still_open else "Close",
                chance.choice(("", "", "", "lihat map 3")),
            ])  # fmt: skip
        rows.append([])
    rows[9][3] = "Seksi Pelayannan"
    rows[14][13] = "15/03/2024 dan 18/03/2024"
    rows[44][11] = "Retno Palupi / Agus Widodo"
    return write(folder / "a-log-ptpp.xlsx", [Sheet("LOG PTPP", rows, ("A1:P1", "A2:P2"))])


def per_year(folder: Path) -> Path:
    """(b) A sheet a year under titles wider than the table, with column numbers, a total and signatures."""
    chance = random.Random(12)
    sheets = []
    for year, count in ((2024, 48), (2025, 45), (2026, 40)):
        headers = ["No.", "No. LTS", "Tgl Temuan", "Jenis Pelayanan", "Uraian Masalah", "Penemu", "Sumber Temuan", "Akar Masalah", "Tindakan Perbaikan", "Tindakan Pencegahan", "PJ", "Batas Waktu", "Tgl. Verifikasi", "Status", "Ket"]  # fmt: skip
        rows: list[Row] = [["REGISTER LAYANAN TIDAK SESUAI"], [f"KECAMATAN ARGOSARI TAHUN {year}"], [], headers]
        rows.append([f"({n})" for n in range(1, len(headers) + 1)])
        for running, day in enumerate(year_days(chance, year, count), 1):
            slip = chance.choice(SLIPS)
            closed = later(day, chance.randint(3, 9))
            still_open = closed > TODAY
            rows.append([
                running, f"{running:03d}/LTS/{ROMAN[day.month - 1]}/{year}", day, slip.service, slip.what,
                chance.choice(STAFF), chance.choice(("Keluhan", "Audit", "Survei", "Keluhan")), slip.cause,
                slip.corrective, slip.preventive, chance.choice(KASI), later(day, 8), None if still_open else closed,
                "Proses" if still_open else "Selesai", "",
            ])  # fmt: skip
            if running % 20 == 0:
                rows.append([])
        rows += [
            ["Jumlah", count],
            [],
            [None] * 11 + [f"Argosari, {words(min(workday(dt.date(year, 12, 29)), TODAY))}"],
        ]
        rows += [["", "Mengetahui,"] + [None] * 9 + ["Yang membuat,"], ["", "Camat Argosari"] + [None] * 9 + ["Sekcam"]]
        rows += [[], [], ["", CAMAT] + [None] * 9 + [SEKCAM], ["", "NIP 197212101996032002"]]
        rows[7][3] = "Surat Keteranggan Usaha"
        sheets.append(Sheet(str(year), rows, ("A1:R1", "A2:R2")))
    return write(folder / "b-per-tahun.xlsx", sheets)


def daftar_lts(folder: Path) -> Path:
    """(c) One list with dates as text, the office's own status words, and a number pattern that changed in 2026."""
    chance = random.Random(13)
    headers = ["No", "Nomor LTS", "Tgl", "Jenis Pelayanan", "Deskripsi Ketidaksesuaian", "Ditemukan oleh", "Penanganan", "Penyebab", "Rencana Tindakan Perbaikan", "Penanggungjawab", "Batas Waktu Penyelesaian", "Hasil Verifikasi", "Tgl Verif", "Status", "Keterangan"]  # fmt: skip
    rows: list[Row] = [["DAFTAR LAYANAN TIDAK SESUAI (LTS)"], ["Kecamatan Argosari"], headers]
    for year, count in ((2025, 38), (2026, 32)):
        for running, day in enumerate(year_days(chance, year, count), 1):
            slip = chance.choice(SLIPS)
            closed = later(day, chance.randint(2, 8))
            still_open = closed > TODAY
            number = f"LTS-{running:02d}/25" if year == 2025 else f"{running:03d}/LTS/KEC-AGS/{year}"
            rows.append([
                len(rows) - 2, number, words(day) if year == 2025 else f"{day:%d-%m-%Y}", slip.service, slip.what,
                chance.choice(STAFF), slip.correction, slip.cause, slip.corrective, chance.choice(KASI),
                f"{later(day, 7):%d-%m-%Y}", "" if still_open else "OK", "" if still_open else f"{closed:%d-%m-%Y}",
                chance.choice(("Open", "On Progress")) if still_open else "Closed", "",
            ])  # fmt: skip
    rows[12][2] = "12 Maret 2025 / 13 Maret 2025"
    rows[20][5] = "Sumarnni"
    rows[25][13] = "closed"
    rows.insert(41, [])
    return write(folder / "c-daftar-lts.xlsx", [Sheet("Daftar LTS", rows, ("A1:O1", "A2:O2"))])


STEP_COLUMNS = (
    ("Identifikasi", 15), ("Evaluasi", 50), ("Konsultasi Camat", 240), ("Keputusan", 15), ("Pemisahan", 25),
    ("Perbaikan", 360), ("Minta Persetujuan", 45), ("Persetujuan", 25),
)  # fmt: skip


def at_work(moment: dt.datetime, minutes: int) -> dt.datetime:
    """So many minutes later within the office's hours (Perpres 21/2023; Ramadan apart)."""
    while minutes:
        moment, minutes = moment + dt.timedelta(minutes=5), minutes - 5
        friday = moment.weekday() == 4
        noon, closing = (dt.time(11, 30), dt.time(16, 30)) if friday else (dt.time(12), dt.time(16))
        if noon < moment.time() <= dt.time(13):
            moment = moment.replace(hour=13, minute=5)
        elif moment.time() > closing:
            moment = dt.datetime.combine(workday(moment.date() + dt.timedelta(days=1)), dt.time(7, 35))
    return moment


def control_cards(folder: Path) -> Path:
    """(d) A row a case, the steps as columns named by what is done, finish times only, headers merged both ways."""
    chance = random.Random(14)
    plain = ["No", "No. Catatan", "Tgl Ditemukan", "Jenis Layanan", "Uraian Masalah", "Pencatat"]
    after = ["Kepada", "PIC", "Target", "Status", "Ket"]
    steps = [name for name, _ in STEP_COLUMNS]
    upper = [*plain, "PTPP", None, "Tanggal Selesai", *[None] * (len(steps) - 1), *after]
    lower = [*[None] * len(plain), "Nomor", "Tanggal", *steps, *[None] * len(after)]
    rows: list[Row] = [["KARTU KENDALI LAYANAN TIDAK SESUAI"], [], upper, lower, list(range(1, len(upper) + 1))]
    days = [*year_days(chance, 2026, 44, dt.date(2026, 11, 16)), dt.date(2026, 11, 18), dt.date(2026, 11, 19)]
    for running, day in enumerate(days, 1):
        slip = chance.choice(SLIPS)
        found = dt.datetime(day.year, day.month, day.day, 8, 5) + dt.timedelta(minutes=5 * chance.randint(0, 30))
        moment, finished = found, []
        for _, minutes in STEP_COLUMNS:
            moment = at_work(moment, max(10, minutes - 5 * chance.randint(0, 2)))
            finished.append(moment if moment <= NOW else None)
        over = finished[-1] is not None
        rows.append([
            running, f"{running:03d}/CLTS/{ROMAN[day.month - 1]}/2026", found, slip.service, slip.what,
            chance.choice(STAFF), f"{running:03d}/PTPP/{ROMAN[day.month - 1]}/2026", day, *finished,
            "Kepala Seksi Pelayanan", KASI[0], later(day, 8), "Selesai" if over else "Proses", "",
        ])  # fmt: skip
    rows[11][4] = "Nomor surat dipakai dua kali pd hari yg sama"
    ends = corners("A1:A1")[1] + len(upper) - 1
    letter = [chr(ord("A") + n) for n in range(ends + 1)]
    merged = [f"A1:{letter[-1]}1", "G3:H3", f"I3:{letter[8 + len(steps) - 1]}3"]
    merged += [f"{letter[n]}3:{letter[n]}4" for n in (*range(6), *range(8 + len(steps), len(upper)))]
    return write(folder / "d-kartu-kendali.xlsx", [Sheet("Kendali", rows, tuple(merged))])


QUESTIONS = (
    "Kapan ketidaksesuaian ditemukan? (tanggal dan jam)",
    "Layanan apa yang tidak sesuai?",
    "Jelaskan ketidaksesuaian yang Anda temukan, lengkap dengan tempat dan jumlah berkasnya",
    "Siapa yang menemukan ketidaksesuaian tersebut?",
    "Dari mana ketidaksesuaian ini diketahui?",
    "Tindakan langsung apa yang sudah dilakukan?",
)


def forms_and_log(folder: Path) -> Path:
    """(e) What Microsoft Forms gathers, and a log in English that the quality officer keeps beside it."""
    chance = random.Random(15)
    form: list[Row] = [["ID", "Start time", "Completion time", "Email", "Name", *QUESTIONS, "Last modified time"]]
    log: list[Row] = [["CAPA ID", "Date Raised", "Source", "Type of Service", "Description", "Raised By", "Root Cause", "Corrective Action", "Preventive Action", "Owner", "Target Date", "Verification Date", "Status", "Remarks"]]  # fmt: skip
    for year, count in ((2025, 30), (2026, 34)):
        for running, day in enumerate(year_days(chance, year, count), 1):
            slip, who = chance.choice(SLIPS), chance.choice(STAFF)
            source = chance.choice(("Complaint", "Audit", "Survey", "Complaint"))
            found = dt.datetime(day.year, day.month, day.day, 8, 5) + dt.timedelta(minutes=5 * chance.randint(0, 60))
            sent = found + dt.timedelta(minutes=5 * chance.randint(1, 9))
            closed = later(day, chance.randint(4, 11))
            still_open = closed > TODAY
            form.append([
                len(form), sent, sent + dt.timedelta(minutes=4), "anonymous", "", found, slip.service, slip.what, who,
                {"Complaint": "Keluhan", "Audit": "Audit", "Survey": "Survei"}[source], slip.correction, None,
            ])  # fmt: skip
            log.append([
                f"CAPA-{year}-{running:03d}", day, source, slip.service, slip.english[0], who, slip.english[1],
                slip.english[2], slip.english[3], chance.choice(KASI), later(day, 10), None if still_open else closed,
                "In Progress" if still_open else "Closed", "",
            ])  # fmt: skip
    log[8][4] = "Aplicant name differs from ID card"
    log[30][11] = "see e-mail"
    return write(folder / "e-forms-dan-log.xlsx", [Sheet("Form1", form), Sheet("CAPA Log", log)])


REGISTERS: tuple[Callable[[Path], Path], ...] = (log_ptpp, per_year, daftar_lts, control_cards, forms_and_log)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for make in REGISTERS:
        print(make(target))
