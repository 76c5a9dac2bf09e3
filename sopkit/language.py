"""Indonesian wording of dates, durations, numbers and lists: the only place where values become words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip
WEEKDAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
ROMAN_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
NUMERALS = (
    "nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas",
)  # fmt: skip
SCALES = (
    (10**15, "kuadriliun"), (10**12, "triliun"), (10**9, "miliar"), (10**6, "juta"), (1000, "ribu"),
    (100, "ratus"), (10, "puluh"),
)  # fmt: skip


DATE = re.compile(rf"\b\d{{1,2}} (?:{'|'.join(MONTHS)}) \d{{4}}\b|\b\d\d-\d\d-\d{{4}}\b|pukul \d\d\.\d\d\b")
UNPARTED = str.maketrans({" ": "\u00a0", "-": "\u2011"})


class DateText(str):
    """Words with a date in them. It is plain text wherever it is read; a document prints it `unparted`."""

    @property
    def unparted(self) -> str:
        """With blanks and hyphens at which no line ends within a date or a time."""
        return DATE.sub(lambda found: found[0].translate(UNPARTED), self)


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
    """`dua ribu dua puluh enam`, from -10**18 to 10**18, both left out; below nothing `min lima`."""
    if not -(10**18) < number < 10**18:
        raise ValueError(f"no words for {number}")
    if number == 0:
        return "nol"
    return " ".join(["min"] * (number < 0) + _words(abs(number)))


def _words(number: int) -> list[str]:
    """The words of a number from 0; none for 0."""
    if number < 12:
        return [NUMERALS[number]] if number else []
    if number < 20:
        return [NUMERALS[number - 10], "belas"]
    scale, name = next((scale, name) for scale, name in SCALES if scale <= number)
    count, rest = divmod(number, scale)
    many = [f"se{name}"] if count == 1 and scale <= 1000 else [*_words(count), name]
    return [*many, *_words(rest)]


_TOML = (
    ("Invalid value", "nilainya tidak dapat dibaca; teks diapit tanda petik"),
    ("Expected '=' after", "tanda = tidak ada"),
    ("Cannot |Duplicate", "kunci atau bagian itu tercantum dua kali"),
    ("Unclosed array|Expected ']", "kurung siku belum ditutup"),
    ("inline table", "kurung kurawal belum ditutup"),
    (r"""Unterminated|Expected ["']|'\\n'""", "tanda petiknya belum ditutup"),
    ("Unescaped|escape", "garis miring terbalik di dalam tanda petik harus ditulis dua kali"),
    ("Illegal character|invalid character", "ada karakter yang tidak boleh"),
    ("Expected newline", "ada yang berlebih sesudah nilainya"),
    ("Invalid statement|key part", "kuncinya tidak dapat dibaca"),
)


def toml_error_text(error: ValueError) -> str:
    """Where a TOML file is broken and, as far as it can be told, how: `baris 3, kolom 5: tanda = tidak ada`."""
    message = str(error)
    place = re.search(r"\(at line (\d+), column (\d+)\)", message)
    where = f"baris {place[1]}, kolom {place[2]}" if place else "akhir berkas"
    what = next((words for pattern, words in _TOML if re.search(pattern, message)), "")
    return f"{where}: {what}" if what else where


def list_text(items: Iterable[object], last: str = "dan") -> str:
    """`2, 3, dan 5`; two items have no comma."""
    texts = [str(item) for item in items]
    if len(texts) <= 2:
        return f" {last} ".join(texts)
    return f"{', '.join(texts[:-1])}, {last} {texts[-1]}"
