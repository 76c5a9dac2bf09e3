"""Kalender and Jam Kerja as a new workbook is given them, and as they stand in for sheets that a workbook lacks.

The workbook rules once it exists: joint leave changes during a year, and local days off are in no package.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np

from sopkit.frames import Frame, moments_of
from sopkit.register.schema import CALENDAR, HOURS, Kind, SheetPlan
from sopkit.workcalendar import ESTIMATE

CalendarRow = tuple[dt.date, str, str, str]
HoursRow = tuple[
    dt.date | None, dt.date | None, str, dt.time, dt.time | None, dt.time | None, dt.time, str, str
]  # fmt: skip

_REGULATION = "Peraturan Presiden Nomor 21 Tahun 2023"
_CIRCULAR = "Surat Edaran Bupati Semarang 100.3.4.2/02651/2026"
_CIRCULAR_YEAR = 2026
_FEAST = "Hari Raya Idul Fitri"
_RAMADAN_STARTS = {
    2019: dt.date(2019, 5, 6),
    2020: dt.date(2020, 4, 24),
    2021: dt.date(2021, 4, 13),
    2022: dt.date(2022, 4, 3),
    2023: dt.date(2023, 3, 23),
    2024: dt.date(2024, 3, 12),
    2025: dt.date(2025, 3, 1),
    2026: dt.date(2026, 2, 19),
}
"""First fasting day as the ministry's sidang isbat set it, by the year of its Idul Fitri."""


def calendar_rows(years: Iterable[int]) -> list[CalendarRow]:
    """Date, Jenis, Keterangan and Dasar of every public holiday and joint leave of these years, by date.

    Source: package holidays (ID, public and government). A date that the package only estimates says `perkiraan` in
    Keterangan. Election days stand in it only once a presidential decree has made them days off, so they are kept.
    """
    wanted = sorted(set(years))
    public, joint = (_names(wanted, category) for category in ("public", "government"))
    decreed = {date.year for date in joint}
    kinds = {date: ("Cuti Bersama", name) for date, name in joint.items()}
    kinds |= {date: ("Libur Nasional", name) for date, name in public.items()}
    return [(date, kind, name, _basis(date, name, decreed)) for date, (kind, name) in sorted(kinds.items())]


def hours_rows(years: Iterable[int]) -> list[HoursRow]:
    """Rows of Jam Kerja in the order of its columns: the ordinary week, then each Ramadan that touches these years.

    Ramadan ends on the eve of the package's Idul Fitri. It begins on the day the ministry set, or, where that is not
    known here, 30 days before the feast, and says `perkiraan` (it may have 29). Its hours are those of the Bupati's
    circular for 2026; other years follow that pattern and say so.
    """
    rows: list[HoursRow] = [
        (None, None, "Senin–Kamis", dt.time(7, 30), dt.time(12), dt.time(13), dt.time(16), _REGULATION, ""),
        (None, None, "Jumat", dt.time(7, 30), dt.time(11, 30), dt.time(13), dt.time(16, 30), _REGULATION, ""),
    ]
    for first, last, remark, basis in _ramadans(sorted(set(years))):
        rows.append((first, last, "Senin–Kamis", dt.time(8), None, None, dt.time(15, 15), basis, remark))
        rows.append((first, last, "Jumat", dt.time(8), None, None, dt.time(11, 30), basis, remark))
    return rows


def seed_frames(years: Iterable[int]) -> tuple[Frame, Frame]:
    """Kalender and Jam Kerja for these years as `Table.read` holds them, rows numbered from Excel row 2."""
    return _seeded(tuple(sorted(set(years))))


@lru_cache(8)
def _seeded(years: Sequence[int]) -> tuple[Frame, Frame]:
    return _frame(CALENDAR, calendar_rows(years)), _frame(HOURS, hours_rows(years))


def _names(years: Sequence[int], category: str) -> dict[dt.date, str]:
    from holidays import country_holidays

    found = country_holidays("ID", years=list(years), categories=(category,), language="id") if years else {}
    return {date: ", ".join(sorted(name.split("; "))) for date, name in sorted(found.items())}


def _basis(date: dt.date, name: str, decreed: set[int]) -> str:
    if "Pemilihan" in name:
        return "Keputusan Presiden tentang Hari Libur Nasional"
    if date.year not in decreed:
        return "Perhitungan kalender; keputusan bersama tahun ini belum dimuat"
    return f"Keputusan Bersama Tiga Menteri tentang Hari Libur Nasional dan Cuti Bersama Tahun {date.year}"


def _ramadans(years: Sequence[int]) -> Iterator[tuple[dt.date, dt.date, str, str]]:
    """First and last day, Keterangan and Dasar of each Ramadan; one may begin in the year before its feast."""
    feasts = _names([*years, years[-1] + 1], "public") if years else {}
    for feast, name in feasts.items():
        if not name.startswith(_FEAST):
            continue
        first = _RAMADAN_STARTS.get(feast.year, feast - dt.timedelta(days=30))
        last = feast - dt.timedelta(days=1)
        if not {first.year, last.year} & set(years):
            continue
        hijri = f"Ramadan {feast.year}"
        if feast.year == _CIRCULAR_YEAR:
            yield first, last, hijri, _CIRCULAR
            continue
        estimate = "" if feast.year in _RAMADAN_STARTS else f" Tanggal masih {ESTIMATE}."
        remark = f"{hijri}, jam mengikuti tahun {_CIRCULAR_YEAR}; sesuaikan dengan surat edaran tahun itu.{estimate}"
        yield first, last, remark, _REGULATION


def _frame(plan: SheetPlan, rows: Sequence[Sequence[object]]) -> Frame:
    columns = {}
    for place, column in enumerate(plan.columns):
        values = [row[place] for row in rows]
        if column.kind is Kind.DATE:
            dates = moments_of([value if isinstance(value, dt.date) else None for value in values])
            columns[column.field] = dates.astype("datetime64[ns]")
        elif column.kind is Kind.TIME:
            columns[column.field] = np.array(list(map(_since_midnight, values)), dtype="timedelta64[ns]")
        else:
            columns[column.field] = np.array([value or None for value in values], dtype=object)
    return Frame(columns, np.arange(2, len(rows) + 2))


def _since_midnight(time: object) -> np.timedelta64:
    if not isinstance(time, dt.time):
        return np.timedelta64("NaT", "m")
    return np.timedelta64(time.hour * 60 + time.minute, "m")
