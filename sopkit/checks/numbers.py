"""D: the numbers that the office gives: each once, after its pattern, without gaps, of the year of its date."""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from sopkit import language
from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.data import CONTROL
from sopkit.checks.inspection import Inspection, years_of
from sopkit.checks.staff import Staff, posts_of
from sopkit.register.numbering import DocumentNumber, Patterns, format_number, parse_number
from sopkit.register.pattern_periods import patterns_of
from sopkit.register.schema import PEOPLE, SHEETS, Cases, Column, Disposals, Kind, People
from sopkit.register.tables import Reading
from sopkit.text import plain

ALIKE = 3  # so many numbers of one shape are no slips of the pen
NUMBERED = (
    (Cases.number, Cases.found_at, "Pola No. Catatan"),
    (Cases.ptpp_number, Cases.ptpp_date, "Pola No. PTPP"),
    (Disposals.number, Disposals.date, "Pola No. BA"),
)
"""A number, its date, and the Kantor key of its pattern."""


def parsed(check: Inspection, column: Column, key: str) -> dict[int, DocumentNumber]:
    """The numbers of a column that are known and follow one of the office's patterns, by row."""
    patterns, texts = patterns_of(check.register.settings, key), check.texts(column)
    before, numbers = check.numbers.get(column, (None, {}))
    if before is not texts:
        read = {row: patterns.read(text) for row, text in texts.items()}
        numbers = {row: number for row, number in read.items() if number}
        check.numbers[column] = texts, numbers
    return numbers


@rule(
    "D10",
    Severity.ERROR,
    phase=1,
    message="{column} “{value}” sudah dipakai pada {first}.",
    fix="Periksa dokumen aslinya; {how}.",
    reason="Nomor menunjuk tepat satu rekaman; nomor ganda mencampurkan dua kasus.",
    clause=CONTROL,
)
def key_twice(check: Inspection) -> Iterator[Mark]:
    """A number stands in an earlier row already, however it is written (upper and lower case, blanks). The first one
    keeps it. So does a name in Pegawai, unless the periods of the two rows lie apart, their NIP differ (two people), or
    one of them is a post held in another's place (Plt., Plh.).

    A Nama Lain that is another person's Nama is a warning: the name goes on to mean whose own it is.
    """
    for column in (column for plan in SHEETS for column in plan.columns if column.kind is Kind.KEY):
        if column == People.name:
            yield from _person_twice(check)
            yield from _name_of_another(check)
            continue
        keys = check.texts(column)
        firsts: dict[str, int] = {}
        first = {row: firsts.setdefault(plain(key), row) for row, key in keys.items()}
        again = [row for row in keys if first[row] != row]
        where = {row: check.called(first[row], column) for row in again}
        yield from check.mark(again, column, column=column.header, value=keys, first=where, how=_ISSUED_TWICE)


_COPIED_TWICE = "perbaiki isian yang salah salin, atau hapus baris yang tersalin dua kali. "
_ISSUED_TWICE = f"{_COPIED_TWICE}Nomor yang memang terbit dua kali dibetulkan dengan surat ralat"
_TWO_POSTS = (
    f"{_COPIED_TWICE}Bila ia berganti jabatan, isi Mulai dan Sampai; bila mereka dua orang, isi NIP masing-masing"
)
_NOT_HIS_NAME = "hapus nama itu dari Nama Lain. Bila kedua baris itu orang yang sama, isi NIP-nya pada keduanya"


def _person_twice(check: Inspection) -> Iterator[Mark]:
    unsure = set(check.rows(PEOPLE)[check.unknown(People.start) | check.unknown(People.end)].tolist())
    twice = list(Staff(posts_of(check.people)).twice())
    first = {
        post.row: check.called(other.row, People.name) for post, other in twice if not {post.row, other.row} & unsure
    }
    names = check.texts(People.name)
    yield from check.mark(list(first), People.name, column="Nama", value=names, first=first, how=_TWO_POSTS)


def _name_of_another(check: Inspection) -> Iterator[Mark]:
    borrowed = {post.row: (name, other.row) for post, name, other in Staff(posts_of(check.people)).borrowed()}
    names = {row: name for row, (name, _) in borrowed.items()}
    first = {row: f"{check.called(other, People.name)} sebagai Nama orang lain" for row, (_, other) in borrowed.items()}
    yield from check.mark(
        list(borrowed), People.other_names, severity=Severity.WARNING,
        column=People.other_names.header, value=names, first=first, how=_NOT_HIS_NAME,
    )  # fmt: skip


@rule(
    "D13",
    Severity.ERROR,
    phase=1,
    message="Nomor “{number}” {why}.",
    fix="{how}.",
    reason="Pola yang tetap membuat setiap nomor dapat dicari, diurutkan, dan dipercaya.",
    clause=CONTROL,
)
def off_pattern(check: Inspection) -> Iterator[Mark]:
    """A number does not follow the pattern that the office has on the day of its date (Kantor's Pola …, and
    Pola … sejak …); any of its patterns where the date is not known, and a new one a week early: what was found then
    may be numbered later.

    A warning that blocks nothing: an older number, of the history, of the years before or of a pattern that the office
    had before (see `OlderNumbers`); and a cell that holds a bare number and shows, by its number format, one that
    follows.
    """
    for column, dated, key in NUMBERED:
        patterns, numbers = patterns_of(check.register.settings, key), check.texts(column)
        dates = check.days(dated)
        shown = {reading.row: reading for reading in check.shown_numbers(column)}
        strange = [row for row, text in numbers.items() if not _follows(patterns, text, dates.get(row))]
        old = OlderNumbers(patterns, numbers, dates, set(strange), check.register.stated_year) if strange else None
        raw, said = check.raw(column), dict[int, tuple[str, str, str]]()
        past = check.history.disposals if column == Disposals.number else check.history.cases
        older = {row for row in strange if row in past or (old and old.holds(row))}
        warned = older | (set(shown) & set(numbers)) - set(strange)
        for row in {*strange, *warned}:
            date = dates.get(row)
            example = format_number(patterns.on(date), 1, date or check.as_of.date())
            reasons = _why_strange(raw[row], shown.get(row), row not in strange, row in warned, example, key)
            said[row] = (shown[row].typed if row in shown else numbers[row], *reasons)
        number, why, how = ({row: one[n] for row, one in said.items()} for n in range(3))
        for rows, severity in ((sorted(warned), Severity.WARNING), (sorted(set(strange) - warned), None)):
            yield from check.mark(rows, column, severity=severity, number=number, why=why, how=how)


def _why_strange(
    typed: object, shown: Reading | None, follows: bool, warned: bool, example: str, key: str
) -> tuple[str, str]:
    """What is wrong with a number, and what to do."""
    if isinstance(typed, dt.date):
        return (
            f"bukan nomor lagi: Excel telah mengubahnya menjadi tanggal, sedangkan nomor kantor seperti {example}",
            "Periksa dokumen aslinya, lalu ketik nomornya sebagai teks (awali dengan tanda petik ')",
        )
    if shown:
        cause = f"tersimpan sebagai angka dan hanya tampil sebagai “{shown.shown}” karena format selnya"
        more = "; dibaca seperti yang tampil" if follows else f", dan tidak mengikuti pola kantor seperti {example}"
        return cause + more, "Ketik nomornya sebagai teks seperti yang tampil (awali dengan tanda petik ')"
    if warned:
        return (
            f"tampaknya nomor lama: tidak mengikuti pola kantor sekarang seperti {example}",
            f"Nomor yang sudah terbit tidak diubah. Bila polanya berganti, tulis di sheet Kantor kunci {key} untuk pola"
            f" yang lama dan {key} sejak (tanggal) untuk yang baru",
        )
    return (
        f"tidak mengikuti pola kantor seperti {example}",
        "Periksa dokumen aslinya, lalu tulis nomornya seperti tertera di situ. Bila nomor kantor memang berpola lain, "
        f"atur {key} di sheet Kantor",
    )


def _follows(patterns: Patterns, number: str, date: dt.date | None) -> bool:
    if date is None or len(patterns.since) == 1:
        return patterns.read(number) is not None
    near = {patterns.on(date), patterns.on(date + dt.timedelta(days=7))}
    return any(parse_number(pattern, number) for pattern in near)


@dataclass(frozen=True)
class OlderNumbers:
    """Numbers off the pattern that are no slips, but of a pattern that the office had before.

    Such a number is dated no later than the first that follows the pattern, and of a year before the register's; or it
    has parts that the pattern has not, or the other way round, and otherwise says the same (`600.1/001/PTPP/XI/2026`
    and `001/PTPP/XI/2026`); or three are alike but for their digits. A number of no other shape than its neighbours,
    or one after them, is a slip.
    """

    patterns: Patterns
    numbers: Mapping[int, str]
    dates: Mapping[int, dt.date]
    strange: AbstractSet[int]
    year: int | None

    def holds(self, row: int) -> bool:
        date, number = self.dates.get(row), self.numbers[row]
        if date is None or self.patterns.read(number) or (self._first and date > self._first):
            return False
        example = format_number(self.patterns.on(None), 1, date)
        alike = self._shapes[_shape(number)] >= ALIKE and self._first is not None
        return date.year < (self.year or 0) or alike or _other_parts(number, example)

    @cached_property
    def _first(self) -> dt.date | None:
        """The date of the first number that follows the pattern."""
        return min((date for row, date in self.dates.items() if row in self.numbers and row not in self.strange),
                   default=None)  # fmt: skip

    @cached_property
    def _shapes(self) -> Counter[str]:
        return Counter(_shape(self.numbers[row]) for row in self.strange)


def _shape(number: str) -> str:
    return re.sub(r"\d+", "9", re.sub(r"\b[IVX]+\b", "R", plain(number).upper()))


def _other_parts(number: str, example: str) -> bool:
    """Whether one has all parts of the other, in order, and more; digits count by their length."""
    one, other = ([re.sub(r"\d", "9", part) for part in re.split(r"[\W_]+", text)] for text in (number, example))
    short, long = sorted((one, other), key=len)
    rest = iter(long)
    return len(short) < len(long) and all(part in rest for part in short)


@rule(
    "D11",
    Severity.WARNING,
    explainable=True,
    phase=1,
    message="Nomor urut {missing} tidak ada sesudah {before}.",
    fix="Cari dokumen bernomor itu dan catat di register. Kantor yang nomornya memang tidak berurutan mengisi Periksa "
    "Nomor Urut dengan Tidak di sheet Kantor.",
    reason="Nomor yang terlewat menimbulkan dugaan bahwa ada rekaman yang hilang atau dihapus.",
    clause=CONTROL,
)
def number_gap(check: Inspection) -> Iterator[Mark]:
    """Running numbers are missing between two numbers of a year and pattern; the first of them may be any.

    A number in error may be a missing one: as many missing numbers as there are numbers in error are not said.
    """
    if plain(check.setting("Periksa Nomor Urut")) == "tidak":
        return
    for column, _, key in NUMBERED:
        spare = int(check.unknown(column).sum())
        patterns, texts = patterns_of(check.register.settings, key), check.texts(column)
        years: dict[tuple[int, str], dict[int, int]] = {}
        for row, number in sorted(parsed(check, column, key).items(), reverse=True):
            followed = patterns.followed(texts[row]) if len(patterns.since) > 1 else ""
            years.setdefault((number.year or 0, followed or ""), {})[number.sequence] = row
        for _, rows in sorted(years.items()):
            taken = sorted(rows)
            for before, after in pairwise(taken):
                absent = after - before - 1
                if 0 < absent <= spare:
                    spare -= absent
                elif absent:
                    said = str(before + 1) if absent == 1 else f"{before + 1} sampai {after - 1}"
                    last = check.read(column)[rows[before]]
                    yield from check.mark([rows[after]], column, missing=said, before=last)


@rule(
    "D12",
    Severity.WARNING,
    explainable=True,
    phase=1,
    message="Nomor {number} memuat {what}, sedangkan tanggalnya {date}.",
    fix="Periksa dokumen aslinya; perbaiki tanggal yang salah salin. Nomor yang sudah terbit tidak diubah, tetapi "
    "dibetulkan dengan surat ralat.",
    reason="Nomor yang bertentangan dengan tanggalnya membuat dokumen sukar dicari dan diragukan.",
    clause=CONTROL,
)
def number_contradicts_date(check: Inspection) -> Iterator[Mark]:
    """The year or month inside a number is not that of its date. A date before the register's year is D16's alone."""
    first = dt.date(int(years_of(np.array([check.first_plausible]))[0]), 1, 1)
    for column, dated, key in NUMBERED:
        numbers, dates = parsed(check, column, key), check.days(dated)
        what = {
            row: _contradiction(number, day)
            for row, number in numbers.items()
            if (day := dates.get(row)) and not _agrees(number, day) and (day >= first or number.year == day.year)
        }
        yield from check.mark(list(what), column, number=check.texts(column), what=what, date=dates)


def _agrees(number: DocumentNumber, date: dt.date) -> bool:
    return number.year in (None, date.year) and number.month in (None, date.month)


def _contradiction(number: DocumentNumber, date: dt.date) -> str:
    wrong = []
    if number.month is not None and number.month != date.month:
        wrong.append(f"bulan {number.month_shown} ({language.MONTHS[number.month - 1]})")
    if number.year is not None and number.year != date.year:
        wrong.append(f"tahun {number.year}")
    return " dan ".join(wrong)


@rule(
    "D54",
    Severity.WARNING,
    phase=3,
    message="Nomor {number} bertanggal {date}, lebih awal daripada nomor sebelumnya, {other}, "
    "yang bertanggal {other_date}.",
    fix="Periksa dokumen aslinya; perbaiki di buku kerja tanggal yang salah salin. Nomor yang sudah terbit tidak "
    "diubah; bila urutannya memang demikian, jelaskan dengan berita acara tambahan.",
    reason="Nomor yang tidak seurutan dengan tanggalnya menimbulkan dugaan bahwa rekamannya bertanggal mundur.",
    clause=CONTROL,
)
def numbers_out_of_order(check: Inspection) -> Iterator[Mark]:
    """Of the numbers of a year and pattern, by calendar date, a later one bears an earlier date than one before it.

    The fewest numbers without which the others are in order are at fault, so that one late entry is one finding. Each
    is said at the later number's date: at its own, or where it is itself dated too late, at that of the next number
    which is in order. Numbers and dates in error, and numbers that contradict their own date (D12), are left out.
    """
    for column, dated, key in NUMBERED:
        days, names = check.days(dated), check.texts(column)
        series = _by_pattern(check, column, key)
        for rows in (rows for numbers in series for rows in _by_year(numbers, days)):
            pairs = _out_of_order([days[row].toordinal() for row in rows])
            other = {rows[later]: rows[earlier] for later, earlier in pairs.items()}
            yield from check.mark(
                list(other), dated,
                number=names, date=days,
                other={row: names[before] for row, before in other.items()},
                other_date={row: days[before] for row, before in other.items()},
            )  # fmt: skip


def _by_pattern(check: Inspection, column: Column, key: str) -> Iterable[Mapping[int, DocumentNumber]]:
    """The numbers of each pattern: where it changes within a year, the running numbers may begin anew."""
    patterns, texts = patterns_of(check.register.settings, key), check.texts(column)
    found: dict[str | None, dict[int, DocumentNumber]] = {}
    for row, number in parsed(check, column, key).items():
        followed = patterns.followed(texts[row]) if len(patterns.since) > 1 else None
        found.setdefault(followed, {})[row] = number
    return found.values()


def _by_year(numbers: Mapping[int, DocumentNumber], dates: Mapping[int, dt.date]) -> Iterable[list[int]]:
    """The rows of each year in the order of their numbers; of each month where the running numbers begin anew there."""
    years: dict[int, list[int]] = {}
    for row, number in numbers.items():
        if row in dates and _agrees(number, dates[row]):
            years.setdefault(dates[row].year, []).append(row)
    for rows in years.values():
        months: dict[int, list[int]] = {}
        anew = len({numbers[row].sequence for row in rows}) < len(rows)
        for row in sorted(rows, key=lambda row: numbers[row].sequence):
            months.setdefault(dates[row].month if anew else 0, []).append(row)
        yield from months.values()


def _out_of_order(days: list[int]) -> dict[int, int]:
    """Place of a later number -> place of one before it that bears a later day: one pair for each place that is not in
    the longest run of days which never go back.
    """
    kept = _longest_run(days)
    pairs: dict[int, int] = {}
    for place in sorted(set(range(len(days))) - set(kept)):
        at = bisect_right(kept, place)
        if at and days[kept[at - 1]] > days[place]:
            pairs[place] = kept[at - 1]
        else:
            pairs.setdefault(kept[at], place)
    return pairs


def _longest_run(days: list[int]) -> list[int]:
    """The places, ascending, of the longest run of days that never go back."""
    ends: list[int] = []  # the least day on which a run of each length ends
    last: list[int] = []  # its place
    before: list[int] = []
    for place, day in enumerate(days):
        length = bisect_right(ends, day)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [day]
        last[length : length + 1] = [place]
    run = []
    place = last[-1] if last else -1
    while place >= 0:
        run.append(place)
        place = before[place]
    return run[::-1]
