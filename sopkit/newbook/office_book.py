"""The office's sheets in a workbook of their own, for registers that sopkit did not make: `init --office-sheets`."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sopkit.checks.people import FROM_OUTSIDE
from sopkit.checks.staff import without_titles
from sopkit.errors import SopkitError, UsageProblem
from sopkit.files import write_atomic
from sopkit.newbook.create import WorkbookContent, build_office_book, named_row, office_settings, unsaid
from sopkit.newbook.pages import Guide
from sopkit.register.default_calendar import calendar_rows, hours_rows
from sopkit.register.layout import Layout, layout_beside
from sopkit.register.read import demand_cases, read_register
from sopkit.register.schema import CALENDAR, CHOICES, HOURS, Cases, Kind
from sopkit.register.tables import Register
from sopkit.sop.model import Sop
from sopkit.text import plain

LEFT_OPEN = ("Tahun Register", "Pola No. Catatan", "Pola No. PTPP", "Pola No. BA")
"""Keys of Kantor that are empty in it: they differ from register to register, and its layout file may say them."""
EARLIEST = 2015  # a calendar of older years says little
GUIDE: Guide = (
    (
        "Isi lebih dahulu",
        (
            "1. Sheet Pegawai: Nama, Jabatan, dan Peran (Staf, Kasi, Sekcam, Camat) setiap orang yang melaksanakan",
            "langkah, memutuskan, memeriksa, atau bertanda tangan. Nama yang sudah ada diambil dari register:",
            "lengkapi, dan hapus baris orang yang bukan pegawai. Ejaan lain suatu nama ditulis di Nama Lain.",
            "2. Sheet Kantor: tulis nama kantor, alamat, dan tempat; itu yang tercetak pada kop surat.",
            "3. Sheet Kalender dan Jam Kerja: periksa libur daerah, cuti bersama, dan jam kerja yang berlaku.",
            "4. Sheet Surel: siapa yang dikirimi apa. Alamatnya ada di sheet Pegawai.",
            "5. Sheet Daftar: isi Jenis Layanan bila hanya layanan itu yang boleh ditulis; kosong berarti semua boleh.",
        ),
    ),
    (
        "Menghubungkan dengan register",
        (
            "Simpan buku kerja ini di samping registernya, lalu jalankan sopkit adopt untuk register itu. Atau tulis",
            'sendiri di berkas NAMA.sopkit.toml di samping register NAMA.xlsx:   office = "BUKU-KANTOR.xlsx"',
            "Satu buku kantor dapat dipakai oleh beberapa register. Pola nomor yang kosong di sheet Kantor mengikuti",
            "berkas tata letak register itu.",
        ),
    ),
)


def write_office_book(target: Path, sop: Sop, source: Path | None, today: dt.date) -> int:
    """Write the workbook; the number of names in it that were found in the register `source`.

    `SopkitError` where a file of that name is there or the register cannot be read; nothing is written then.
    """
    if target.suffix.lower() != ".xlsx":
        raise UsageProblem(f"{target.name} bukan nama berkas .xlsx.", "Misalnya: --office-sheets BUKU-KANTOR.xlsx")
    if target.exists():
        raise SopkitError(f"{target} sudah ada.", "Sebutkan nama lain; tidak ada yang ditimpa.")
    register = _register(source) if source else None
    names = list(_names(register)) if register else []
    years = _years(register, today)
    settings = office_settings(sop, today.year, {**dict.fromkeys(LEFT_OPEN, ""), **unsaid(sop)})
    content = WorkbookContent(
        people=[{"name": name, "active": "Ya"} for name in names],
        office=settings,
        office_rows=[{"key": key, "value": value} for key, value in settings.items()],
        calendar=[named_row(CALENDAR, row) for row in calendar_rows(years)],
        hours=[named_row(HOURS, row) for row in hours_rows(years, settings["Pemerintah"])],
        lists={"Jenis Layanan": [], "Peran": list(dict.fromkeys([*CHOICES["Peran"], *sop.roles]))},
    )
    write_atomic(target, build_office_book(sop, today.year, content, GUIDE))
    return len(names)


def _register(source: Path) -> Register:
    """As its layout file says, but for the office's workbook, which is only being made."""
    register = read_register(source, replace(layout_beside(source) or Layout(), office=None))
    demand_cases(register)
    return register


def _names(register: Register) -> Iterator[str]:
    """The persons whom the register names as acting, the most frequent first; each in its most frequent spelling."""
    spellings: dict[str, Counter[str]] = {}
    outside = register.cases.data["source"].isin(FROM_OUTSIDE)
    for table in (register.cases, register.events, register.disposals):
        for column in table.plan.columns:
            if column.kind is Kind.PERSON:
                values = table.data[column.field]
                values = values[~outside] if column == Cases.found_by else values
                for name in values.dropna():
                    spellings.setdefault(without_titles(plain(name)), Counter())[name] += 1
    for names in sorted(spellings.values(), key=lambda names: -names.total()):
        yield names.most_common(1)[0][0]


def _years(register: Register | None, today: dt.date) -> range:
    found = register.cases.data["found_at"].dropna() if register else ()
    first = int(min(found).year) if len(found) else today.year
    return range(max(EARLIEST, min(first, today.year)), today.year + 2)
