"""Document numbers as the office forms them: `{urut:03d}/CLTS/{bulan_romawi}/{tahun}` and any literal around it."""

from __future__ import annotations

import datetime as dt
import re
import string
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product

from sopkit.language import ROMAN_MONTHS

PLACES = ("urut", "bulan", "bulan_romawi", "tahun")
MOST_KNOWN = 1 << 17  # numbers that are remembered with what they say
MOST_DIGITS = 9  # of a running number; what is longer numbers nothing
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_PADDING = re.compile(r"0(\d{1,2})d$")
_ROMAN = "|".join(sorted(ROMAN_MONTHS, key=len, reverse=True))

_TRIED = (*range(1, 24), 99, 100, 101, 110, 111, 112, 121, 123, 199, 210, 211, 999)


class PatternError(ValueError):
    """A pattern that cannot number anything; the text says why, in Indonesian."""


@dataclass(frozen=True)
class DocumentNumber:
    """What a number says of itself; `year` and `month` are None where the pattern holds none."""

    sequence: int
    year: int | None = None
    month: int | None = None
    month_shown: str = field(default="", compare=False)  # as the number writes it: XI, 11


@lru_cache(maxsize=64)
def pattern_regex(pattern: str) -> re.Pattern[str]:
    """The regular expression of the numbers that follow `pattern`; `PatternError` when it cannot be used.

    A pattern holds `{urut}` (the running number) and may hold `{tahun}`, `{bulan}` and `{bulan_romawi}`, each with a
    width such as `{urut:03d}`; all else is taken as it is.
    """
    parts, seen = [], set[str]()
    for literal, name, width in _parse(pattern):
        parts.append(re.escape(literal))
        if name:
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>{_digits(name, width)})")
            seen.add(name)
    if "urut" not in seen:
        raise PatternError("tidak memuat “{urut}”")
    return re.compile("".join(parts))


@lru_cache(maxsize=64)
def pattern_problem(pattern: str) -> str:
    """Why a pattern cannot number anything, in Indonesian; empty where it can.

    What it makes must read back as it was written: `{bulan}{urut}` makes 112 for the 12th of January and for the 2nd
    of November. Running numbers are tried up to 999: `{urut:03d}{bulan}` is clear so far.
    """
    try:
        return next(_misread(pattern), "")
    except PatternError as error:
        return str(error)


def _misread(pattern: str) -> Iterator[str]:
    fields = {name for _, name, _ in _parse(pattern)}
    years = (2026, 2031) if "tahun" in fields else (None,)
    months = range(1, 13) if fields & {"bulan", "bulan_romawi"} else (None,)
    for year, month, sequence in product(years, months, _TRIED):
        written = DocumentNumber(sequence, year, month)
        number = format_number(pattern, sequence, dt.date(year or 2026, month or 1, 1))
        read = parse_number(pattern, number)
        if read is None:
            yield f"membuat nomor “{number}”, yang tidak dapat dibaca kembali; periksa lebar isiannya"
        elif read != written:
            yield (
                f"membuat nomor “{number}” untuk {_told(written)}, yang juga berarti {_told(read)}; "
                "beri tanda pemisah di antara isiannya, misalnya garis miring"
            )


def _told(number: DocumentNumber) -> str:
    said = {"urut": number.sequence, "bulan": number.month, "tahun": number.year}
    return " ".join(f"{name} {value}" for name, value in said.items() if value is not None)


def parse_number(pattern: str, number: str) -> DocumentNumber | None:
    """Read a number by its pattern; None when it does not follow it. `PatternError` as `pattern_regex`."""
    match = pattern_regex(pattern).fullmatch(number)
    if match is None:
        return None
    found = match.groupdict()
    sequence, year = found["urut"], found.get("tahun")
    if len(sequence) > MOST_DIGITS or not int(sequence):
        return None
    roman, digits = found.get("bulan_romawi"), found.get("bulan")
    month = ROMAN_MONTHS.index(roman) + 1 if roman else int(digits) if digits else None
    return DocumentNumber(int(sequence), int(year) if year else None, month, roman or digits or "")


def format_number(pattern: str, sequence: int, date: dt.date) -> str:
    """The number with that running number on that date; `PatternError` as `pattern_regex`."""
    pattern_regex(pattern)
    values = {"urut": sequence, "bulan": date.month, "bulan_romawi": ROMAN_MONTHS[date.month - 1], "tahun": date.year}
    return pattern.format(**values)


def tidy(number: str) -> str:
    """A number without blanks, full-width digits and the dashes of word processors."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", number).translate(_DASHES))


@dataclass(frozen=True)
class Patterns:
    """The patterns of one kind of number, ascending, each with the first day on which it holds.

    The first holds from the beginning (`dt.date.min`).
    """

    since: tuple[tuple[dt.date, str], ...]
    _known: dict[str, DocumentNumber | None] = field(default_factory=dict, compare=False, repr=False)

    def on(self, date: dt.date | None) -> str:
        """The pattern in force on a day; the newest where the day is not known."""
        return next(pattern for first, pattern in reversed(self.since) if date is None or first <= date)

    def read(self, number: str) -> DocumentNumber | None:
        """A number by the newest pattern that it follows; None when it follows none.

        Six rules ask it of each number: what was read is remembered.
        """
        if number not in self._known:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[number] = next((read for _, read in self._readings(number)), None)
        return self._known[number]

    def followed(self, number: str) -> str | None:
        """That pattern itself."""
        return next((pattern for pattern, _ in self._readings(number)), None)

    def as_meant(self, number: str) -> str:
        """The number without blanks and the like where it then follows a pattern; else as it is."""
        if (number.isascii() and " " not in number) or self.read(number):
            return number
        return tidied if self.read(tidied := tidy(number)) else number

    def next(self, taken: Iterable[str], date: dt.date) -> str:
        """The number after the highest of `taken` in the year of `date`; numbers that follow no pattern are none.

        It runs on where the pattern has changed within the year. Gaps are not filled: a number once given away may
        stand on paper.
        """
        read = (self.read(self.as_meant(number)) for number in taken)
        used = [number.sequence for number in read if number and number.year in (None, date.year)]
        return format_number(self.on(date), max(used, default=0) + 1, date)

    def _readings(self, number: str) -> Iterator[tuple[str, DocumentNumber]]:
        for _, pattern in reversed(self.since):
            read = parse_number(pattern, number)
            if read:
                yield pattern, read


def _parse(pattern: str) -> list[tuple[str, str | None, str]]:
    try:
        fields = list(string.Formatter().parse(pattern))
    except ValueError as error:
        raise PatternError("kurung kurawalnya tidak berpasangan") from error
    for _, name, width, conversion in fields:
        if name is not None and (name not in PLACES or conversion):
            known = ", ".join(f"“{{{place}}}”" for place in PLACES)
            raise PatternError(f"memuat “{{{name}}}”; yang dikenal: {known}")
        if width and (name == "bulan_romawi" or not _PADDING.match(width)):
            raise PatternError(f"memuat lebar “{width}” yang tidak dikenal; tulis seperti “{{urut:03d}}”")
    return [(literal, name, width or "") for literal, name, width, _ in fields]


def _digits(name: str, width: str) -> str:
    if name == "bulan_romawi":
        return _ROMAN
    if name == "tahun":
        return r"\d{4}"
    match = _PADDING.match(width)
    least = int(match[1]) if match else 1
    if name == "bulan":
        return r"0[1-9]|1[0-2]" if least > 1 else r"[1-9]|1[0-2]"
    return rf"\d{{{least}}}|[1-9]\d{{{least},}}" if least > 1 else r"[1-9]\d*"
