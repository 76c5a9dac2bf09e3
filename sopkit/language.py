"""Indonesian wording of dates, durations, numbers and lists: the only place where values become words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip
WEEKDAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
ROMAN_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


def date_text(date: dt.date) -> str:
    """`19 Agustus 2019`."""
    return f"{date.day} {MONTHS[date.month - 1]} {date.year}"


def weekday_text(date: dt.date) -> str:
    """`Senin`."""
    return WEEKDAYS[date.weekday()]


def datetime_text(moment: dt.datetime) -> str:
    """`19 Agustus 2019 pukul 08.15` (EYD writes clock times with a full stop)."""
    return f"{date_text(moment)} pukul {clock_text(moment.time())}"


def clock_text(time: dt.time) -> str:
    """`08.15`."""
    return f"{time.hour:02d}.{time.minute:02d}"


def short_date_text(date: dt.date) -> str:
    """`19-08-2019`."""
    return f"{date.day:02d}-{date.month:02d}-{date.year:04d}"


def duration_text(seconds: float) -> str:
    """Working time in hours and minutes: `1.209 jam 40 menit`; under a minute `kurang dari 1 menit`."""
    minutes = round(seconds) // 60
    if minutes == 0:
        return "0 menit" if round(seconds) == 0 else "kurang dari 1 menit"
    hours, minutes = divmod(minutes, 60)
    parts = [f"{number_text(hours)} jam"] if hours else []
    if minutes:
        parts.append(f"{minutes} menit")
    return " ".join(parts)


def number_text(value: float) -> str:
    """`1.250,5`: Indonesian thousands and decimals, no trailing zeros."""
    text = f"{value:,.6f}".rstrip("0").rstrip(".") if value % 1 else f"{value:,.0f}"
    return text.translate(str.maketrans(",.", ".,"))


def words(number: int) -> str:
    """`dua ribu dua puluh enam`."""
    from num2words import num2words

    return str(num2words(number, lang="id"))


def list_text(items: Iterable[object], last: str = "dan") -> str:
    """`2, 3, dan 5`; two items have no comma."""
    texts = [str(item) for item in items]
    if len(texts) <= 2:
        return f" {last} ".join(texts)
    return f"{', '.join(texts[:-1])}, {last} {texts[-1]}"
