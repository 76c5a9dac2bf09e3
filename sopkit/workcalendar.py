"""Working time: how much of it lies between two moments, and when a time standard runs out.

All arithmetic is on whole arrays over a table with one row for every day from 1990 to 2100, so no moment of a register
lies outside it. A moment that does is counted as the table's edge.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from sopkit.arrays import Flags, Floats, Ints, Moments
from sopkit.frames import Frame, Row, rows_of
from sopkit.language import WEEKDAYS, date_text, list_text
from sopkit.sop.model import Standard
from sopkit.text import plain, quoted

When = Moments | np.datetime64 | dt.datetime  # many moments or one
Number = TypeVar("Number", bound=np.generic)

FIRST = dt.date(1990, 1, 1)
LAST = dt.date(2100, 12, 31)
DAY = 86400
EXTRA_DAY = "hari kerja"
JOINT_LEAVE = "cuti bersama"
ESTIMATE = "perkiraan"
ESTIMATES = (ESTIMATE, "diperkirakan", "estimasi", "tentatif", "estimated")
_BASE = int(np.datetime64(FIRST, "D").astype(np.int64))
_DAYS = (LAST - FIRST).days + 1
_NAT = int(np.iinfo(np.int64).min)
_CHUNK = 1 << 15
_NAMES: Mapping[str, int] = {
    **{name.lower(): number for number, name in enumerate(WEEKDAYS)},
    **{name.lower()[:3]: number for number, name in enumerate(WEEKDAYS)},
    "ahad": 6,
}
_WORK_WEEK = frozenset(range(5))


@dataclass(frozen=True)
class HoursPattern:
    """Office hours of some weekdays (0 = Senin) while valid; times are seconds since midnight, no break = None.

    `row` is the Excel row of sheet Jam Kerja. An open `valid_from` or `valid_until` is None.
    """

    valid_from: dt.date | None
    valid_until: dt.date | None
    weekdays: frozenset[int]
    open: int
    break_start: int | None
    break_end: int | None
    close: int
    row: int

    @property
    def span(self) -> tuple[int, int]:
        """First and last day of validity as indexes of the day table."""
        return _index(self.valid_from or FIRST), _index(self.valid_until or LAST)


@dataclass(frozen=True)
class HoursProblem:
    """What is wrong with sheet Jam Kerja in the period in use: rule B11. `row` 0 is the sheet as a whole."""

    row: int
    field: str
    text: str


@lru_cache(maxsize=8)  # the registers of many offices share theirs: 1.9 MB of each one's 2.5
def _days(table: bytes, owner: bytes) -> tuple[tuple[Ints, Ints, Ints, Ints], Ints, Ints, Ints]:
    """The four edges, `_before`, `_workdays` and `_rank` of a calendar: each day has the row of hours that owns it."""
    hours = np.frombuffer(table, dtype=np.int64).reshape(-1, 4)[np.frombuffer(owner, dtype=np.int16)]
    start, pause, resume, close = (np.ascontiguousarray(column) for column in hours.T)
    length = pause - start + close - resume
    before = np.concatenate(([0], np.cumsum(length)))
    rank = np.concatenate(([0], np.cumsum(length > 0)))
    made = ((start, pause, resume, close), before, np.flatnonzero(length), rank)
    for array in (*made[0], *made[1:]):
        array.setflags(write=False)
    return made


@dataclass(frozen=True, eq=False)
class WorkCalendar:
    """Working hours of every day.

    Moments are anything numpy reads as datetime64 (naive local time, rounded to the second); a missing one gives NaN,
    NaT or False. Results have the shape of what was given; a single moment stands for all where two are asked for.
    """

    day: str
    patterns: tuple[HoursPattern, ...]
    problems: tuple[HoursProblem, ...]
    _edges: tuple[Ints, Ints, Ints, Ints] = field(repr=False)
    """Open, break start, break end and close of every day; without break the last three alike, without work all -1."""
    _before: Ints = field(repr=False)
    """Working seconds before each day, and one more for all."""
    _workdays: Ints = field(repr=False)
    """Indexes of the days with work, ascending."""
    _rank: Ints = field(repr=False)
    """Number of days with work before each day, and one more for all."""
    _lacking: Flags = field(repr=False)
    """Days from Monday to Friday that nothing closes and for which no row gives hours: rule B11."""

    @classmethod
    def from_tables(cls, calendar: Frame, hours: Frame, first: dt.date, last: dt.date, day: str) -> WorkCalendar:
        """Build from the data of sheets Kalender and Jam Kerja (dtypes as `Table.read` states, index = Excel row).

        `first` and `last` bound the period in use: only there are `problems` sought. `day` is `Sop.day`
        ("same-time", "end-of-day" or "hours:7.5"); ValueError for anything else.

        Of several patterns for a date the one with the narrowest validity rules, as an exception lies within what it
        excepts (Ramadan within the year). In Kalender every kind but Hari Kerja closes the day; Hari Kerja opens it
        even where another row closes it, with the hours of its weekday or, where that has none, those of Monday.
        """
        _hours_of_day(day)
        first, last = (min(max(moment, FIRST), LAST) for moment in (first, last))
        patterns, problems, unknown = _patterns(hours, first, last)
        owner, crossings = _owners(patterns, first, last)
        closed, extra = _exceptions(calendar)
        problems += crossings
        lacking = (owner < 0) & ~closed & ~extra & ((np.arange(_DAYS) + FIRST.weekday()) % 7 < 5)
        problems += _gaps(patterns, lacking & ~unknown, first, last, empty=hours.empty)
        owner = np.where(extra & (owner < 0), _monday_owner(patterns), owner)
        owner[closed & ~extra] = -1
        table = np.array([*(_day_hours(p) for p in patterns), (-1, -1, -1, -1)], dtype=np.int64)
        ordered = tuple(sorted(problems, key=lambda problem: (problem.row, problem.field)))
        edges, before, workdays, rank = _days(table.tobytes(), owner.astype(np.int16).tobytes())
        return cls(day, tuple(patterns), ordered, edges, before, workdays, rank, lacking)

    def elapsed(self, start: When, end: When) -> Floats:
        """Seconds of working time from `start` to `end`; negative where `end` is earlier, NaN where one is missing."""
        return np.asarray(self._worked(end) - self._worked(start), dtype=np.float64)

    def deadline(self, start: When, standard: Standard) -> Moments:
        """The moment (datetime64[s]) at which `standard` has run out.

        A start outside hours counts from the next opening.
        Minutes and hours are working time and end at the earliest moment that holds them: 15 minutes from 11.45 end at
        12.00, not at 13.00. Days follow `day`:

        same-time    the same clock time that many working days later, not before that day's opening nor after its
                     closing; a fraction of a day is that part of the working time of the day reached.
        end-of-day   the closing time that many working days later; a fraction counts as a whole day. A start at closing
                     counts from the next opening, as one a second later does.
        hours:7.5    so much working time for each day.

        NaT where `start` is missing or the table ends first.
        """
        return _moments(_in_pieces(start, lambda seconds: self._deadline(seconds, standard)))

    def is_open(self, moments: When) -> Flags:
        """Whether each moment lies in working hours; opening, closing and both edges of the break count as inside."""

        def inside(seconds: Ints) -> Flags:
            days, clock, known = _split(seconds)
            start, pause, resume, close = (edge.take(days) for edge in self._edges)
            return known & (((start <= clock) & (clock <= pause)) | ((resume <= clock) & (clock <= close)))

        return _in_pieces(moments, inside)

    def next_opening(self, moments: When) -> Moments:
        """Each moment (datetime64[s]) that `is_open` as it is, any other moved to when work next begins."""
        return _moments(_in_pieces(moments, lambda seconds: _join(*self._opening(seconds))))

    def is_working_day(self, dates: When) -> Flags:
        """Whether there is any work on each date."""

        def worked_on(seconds: Ints) -> Flags:
            days, _, known = _split(seconds)
            return known & (self._edges[0].take(days) >= 0)

        return _in_pieces(dates, worked_on)

    def lacks_hours(self, dates: When) -> Flags:
        """Whether each date would be a working day if sheet Jam Kerja said when (B11): nothing is known of it."""

        def lacking(seconds: Ints) -> Flags:
            days, _, known = _split(seconds)
            return known & self._lacking.take(days)

        return _in_pieces(dates, lacking)

    def working_days(self, start: When, end: When) -> Ints:
        """Number of working days after the date of `start`, up to and including that of `end`.

        0 where `end` is earlier; -1 where one is missing.
        """

        def upto(seconds: Ints) -> Ints:
            days, _, known = _split(seconds)
            return np.where(known, self._rank.take(days + 1), -1)

        first, last = _in_pieces(start, upto), _in_pieces(end, upto)
        return np.where((first >= 0) & (last >= 0), np.maximum(last - first, 0), -1)

    def day_of(self, moments: When) -> Moments:
        """The working date (datetime64[D]) of each moment: its own up to closing time, else the next working day."""
        return self.next_opening(moments).astype("datetime64[D]")

    def _worked(self, moments: When) -> Floats:
        """Working seconds from the table's first day to each moment."""

        def worked(seconds: Ints) -> Floats:
            days, clock, known = _split(seconds)
            return np.where(known, self._worked_at(days, clock), np.nan)

        return _in_pieces(moments, worked)

    def _worked_at(self, days: Ints, clock: Ints) -> Ints:
        start, pause, resume, close = (edge.take(days) for edge in self._edges)
        morning = np.minimum(np.maximum(clock, start), pause) - start
        afternoon = np.minimum(np.maximum(clock, resume), close) - resume
        return np.asarray(self._before.take(days) + morning + afternoon, dtype=np.int64)

    def _deadline(self, seconds: Ints, standard: Standard) -> Ints:
        working = standard.seconds
        per_day = _hours_of_day(self.day)
        if working is None and per_day is not None:
            working = standard.amount * per_day * 3600
        if working is not None:
            days, clock, known = _split(seconds)
            return self._reach(self._worked_at(days, clock) + max(round(working), 1), known)
        if self.day == "end-of-day":
            days, clock, known = self._opening(seconds, closing=0)
            days, exists = self._workday(self._rank.take(days) + math.ceil(standard.amount))
            return _join(days, self._edges[3].take(days), known & exists)
        days, clock, known = self._opening(seconds)
        days, exists = self._workday(self._rank.take(days) + int(standard.amount))
        clock = np.minimum(np.maximum(clock, self._edges[0].take(days)), self._edges[3].take(days))
        part = (self._before.take(days + 1) - self._before.take(days)) * (standard.amount % 1)
        if not standard.amount % 1:
            return _join(days, clock, known & exists)
        return self._reach(self._worked_at(days, clock) + np.rint(part).astype(np.int64), known & exists)

    def _opening(self, seconds: Ints, closing: int = 1) -> tuple[Ints, Ints, Flags]:
        """Day, clock and whether known, of the moment from which each counts: itself if open, else the next opening.

        The moment of closing itself is open; with `closing` 0 it is not.
        """
        days, clock, known = _split(seconds)
        start, pause, resume, close = (edge.take(days) for edge in self._edges)
        over = clock >= close + closing
        later, exists = self._workday(self._rank.take(days + 1))
        clock = np.where((clock > pause) & (clock < resume), resume, np.maximum(clock, start))
        clock = np.where(over, self._edges[0].take(later), clock)
        return np.where(over, later, days), clock, known & (exists | ~over)

    def _reach(self, goal: Ints, known: Flags) -> Ints:
        """The earliest moments by which so many seconds have been worked since the table's first day."""
        place = np.searchsorted(self._before, goal) - 1
        exists = place < _DAYS
        days = np.minimum(place, _DAYS - 1)
        rest = goal - self._before.take(days)
        start, pause, resume, _ = (edge.take(days) for edge in self._edges)
        morning = pause - start
        return _join(days, np.where(rest <= morning, start + rest, resume + rest - morning), known & exists)

    def _workday(self, place: Ints) -> tuple[Ints, Flags]:
        """Day indexes of the working days at these places, and whether the table has them (else any index)."""
        exists = np.asarray(place < self._workdays.size, dtype=np.bool_)
        if not self._workdays.size:
            return np.zeros_like(place), exists
        return self._workdays.take(place, mode="clip"), exists


def parse_days(text: str) -> frozenset[int]:
    """Weekdays (0 = Senin) of a text: `Senin–Kamis`, `Senin s.d. Jumat`, `Senin, Rabu dan Jum'at`, `Setiap hari`.

    A range may run over Sunday (`Sabtu–Senin`). ValueError for anything that is not fully understood.
    """
    words = plain(text).replace("'", "")
    if words in ("setiap hari", "semua hari", "tiap hari"):
        return frozenset(range(7))
    if words in ("hari kerja", "setiap hari kerja"):
        return _WORK_WEEK
    words = re.sub(r"\s*(?:[-‐‑–—]|\bs\.?\s?/?d\b\.?|\bsampai dengan\b|\bsampai\b|\bhingga\b)\s*", "-", words)
    found: set[int] = set()
    for part in re.split(r"\s*(?:[,;&/]|\bdan\b)\s*", words.replace(", dan ", ",")):
        ends = [_NAMES.get(name.removeprefix("hari ").strip(" ."), -1) for name in part.split("-")]
        if len(ends) > 2 or -1 in ends:
            raise ValueError(text)
        found.update((ends[0] + step) % 7 for step in range((ends[-1] - ends[0]) % 7 + 1))
    return frozenset(found)


def has_joint_leave(calendar: Frame, year: int) -> bool:
    """Whether Kalender lists joint leave (Cuti Bersama) in that year: rule B10."""
    kinds = calendar.columns["kind"][_in_year(calendar, year)]
    return any(_plain(kind) == JOINT_LEAVE for kind in kinds)


def estimated_dates(calendar: Frame, year: int) -> list[dt.date]:
    """Dates of that year whose Keterangan or Dasar says `perkiraan` or the like, ascending: rule B10."""
    here = _in_year(calendar, year)
    dates, remarks, bases = (calendar.columns[name][here] for name in ("date", "remark", "basis"))
    said = [_plain(remark) + " " + _plain(basis) for remark, basis in zip(remarks, bases, strict=True)]
    days = dates.astype("datetime64[D]").tolist()
    return sorted({day for day, text in zip(days, said, strict=True) if any(word in text for word in ESTIMATES)})


def _in_year(calendar: Frame, year: int) -> Flags:
    years = calendar.columns["date"].astype("datetime64[Y]")
    return np.asarray(years == np.datetime64(f"{year:04d}", "Y"))


def _plain(value: object) -> str:
    return plain(value) if isinstance(value, str) else ""


def _index(date: dt.date) -> int:
    return (min(max(date, FIRST), LAST) - FIRST).days


def _date(index: int) -> dt.date:
    return FIRST + dt.timedelta(days=int(index))


def _hours_of_day(day: str) -> float | None:
    """Hours that a day stands for, None where it is not a number of hours; ValueError for an unknown reading."""
    if day in ("same-time", "end-of-day"):
        return None
    kind, _, hours = day.partition(":")
    if kind != "hours" or not 0 < float(hours) <= 24:
        raise ValueError(day)
    return float(hours)


def _in_pieces(moments: When, work: Callable[[Ints], npt.NDArray[Number]]) -> npt.NDArray[Number]:
    """`work` on seconds since 1970, in pieces that stay in the processor's cache: three times faster than at once."""
    array = np.asarray(moments)
    if array.dtype.kind != "M":
        array = array.astype("datetime64[us]")
    flat = array.reshape(-1)
    parts = [work(_seconds(flat[place : place + _CHUNK])) for place in range(0, max(flat.size, 1), _CHUNK)]
    return np.concatenate(parts).reshape(array.shape)


def _seconds(moments: Moments) -> Ints:
    """Seconds since 1970, rounded: Excel's times are fractions of a day and come out a little beside the second."""
    unit, count = np.datetime_data(moments.dtype)
    size = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}.get(unit, 1)
    if count != 1 or size == 1:
        return np.asarray(moments.astype("datetime64[s]").view(np.int64), dtype=np.int64)
    ticks = moments.view(np.int64)
    return np.where(ticks == _NAT, _NAT, (ticks + size // 2) // size)


def _split(seconds: Ints) -> tuple[Ints, Ints, Flags]:
    """Day index, second of the day and whether known, of each moment."""
    since = np.minimum(np.maximum(seconds, _BASE * DAY), (_BASE + _DAYS) * DAY - 1) - _BASE * DAY
    days = since // DAY
    return days, since - days * DAY, np.asarray(seconds != _NAT, dtype=np.bool_)


def _join(days: Ints, clock: Ints, known: Flags) -> Ints:
    """Seconds since 1970."""
    return np.where(known, (days + _BASE) * DAY + clock, _NAT)


def _moments(seconds: Ints) -> Moments:
    return seconds.view("datetime64[s]")


def _day_hours(pattern: HoursPattern) -> tuple[int, int, int, int]:
    if pattern.break_start is None or pattern.break_end is None:
        return pattern.open, pattern.close, pattern.close, pattern.close
    return pattern.open, pattern.break_start, pattern.break_end, pattern.close


def _exceptions(calendar: Frame) -> tuple[Flags, Flags]:
    """For every day: closed by Kalender, and opened by it (Hari Kerja). Rows without date or kind say nothing."""
    closed, extra = np.zeros(_DAYS, dtype=np.bool_), np.zeros(_DAYS, dtype=np.bool_)
    days = calendar.columns["date"].astype("datetime64[D]").astype(np.int64) - _BASE
    kinds = np.array(list(map(_plain, calendar.columns["kind"].tolist())), dtype=object)
    usable = (days >= 0) & (days < _DAYS) & (kinds != "")
    extra[days[usable & (kinds == EXTRA_DAY)]] = True
    closed[days[usable & (kinds != EXTRA_DAY)]] = True
    return closed, extra


def _patterns(hours: Frame, first: dt.date, last: dt.date) -> tuple[list[HoursPattern], list[HoursProblem], Flags]:
    """Usable rows, what is wrong with the others, and the days of which those others would have spoken."""
    patterns: list[HoursPattern] = []
    problems: list[HoursProblem] = []
    unknown = np.zeros(_DAYS, dtype=np.bool_)
    for number, row in rows_of(hours):
        read = _read_row(number, row)
        if isinstance(read, HoursPattern):
            patterns.append(read)
            continue
        start, end = sorted(_index(_as_date(row[name]) or edge) for name, edge in _EDGES)
        unknown[start : end + 1] = True
        if read and start <= _index(last) and end >= _index(first):
            problems.append(read)
    return patterns, problems, unknown


_EDGES = (("valid_from", FIRST), ("valid_until", LAST))


def _as_date(moment: dt.datetime | None) -> dt.date | None:
    return None if moment is None else moment.date()


def _read_row(number: int, row: Row) -> HoursPattern | HoursProblem | None:
    """The row's pattern, or what is impossible in it, or None where a required cell is missing (rule D01 says that)."""
    since, until = (_as_date(row[name]) for name, _ in _EDGES)
    if since and until and since > until:
        text = f"Berlaku Sampai {date_text(until)} mendahului Berlaku Mulai {date_text(since)}."
        return HoursProblem(number, "valid_until", text)
    if not isinstance(row["days"], str):
        return None
    try:
        weekdays = parse_days(row["days"])
    except ValueError:
        text = f"Hari '{quoted(str(row['days']))}' tidak dikenali; tulis seperti 'Senin–Kamis' atau 'Jumat'."
        return HoursProblem(number, "days", text)
    times = {name: _as_seconds(row[name]) for name in ("open", "break_start", "break_end", "close")}
    start, end = times["open"], times["close"]
    if start is None or end is None:
        return None
    wrong = _impossible(start, times["break_start"], times["break_end"], end)
    if wrong:
        return HoursProblem(number, *wrong)
    return HoursPattern(since, until, weekdays, start, times["break_start"], times["break_end"], end, number)


def _as_seconds(clock: dt.timedelta | None) -> int | None:
    return None if clock is None else round(clock.total_seconds())


def _impossible(start: int, pause: int | None, resume: int | None, end: int) -> tuple[str, str] | None:
    """The field that cannot be, with the reason; None where the hours are sound."""
    if not 0 <= start < DAY:
        return "open", "Masuk bukan jam dalam satu hari."
    if not 0 <= end <= DAY or end <= start:
        return "close", f"Pulang pukul {_clock(end)} tidak sesudah Masuk pukul {_clock(start)}."
    if (pause is None) != (resume is None):
        missing, name = ("break_start", "Istirahat Mulai") if pause is None else ("break_end", "Istirahat Selesai")
        return missing, f"{name} kosong, padahal pasangannya diisi."
    if pause is None or resume is None:
        return None
    if resume <= pause:
        return "break_end", f"Istirahat Selesai pukul {_clock(resume)} tidak sesudah mulainya pukul {_clock(pause)}."
    if pause <= start or resume >= end:
        inside = f"pukul {_clock(start)}–{_clock(end)}"
        name = "break_start" if pause <= start else "break_end"
        return name, f"Istirahat pukul {_clock(pause)}–{_clock(resume)} tidak terletak di dalam jam kerja {inside}."
    return None


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}.{seconds % 3600 // 60:02d}"


def _owners(patterns: list[HoursPattern], first: dt.date, last: dt.date) -> tuple[Ints, list[HoursProblem]]:
    """For every day the index of the pattern in force (-1: none), and the overlaps that no precedence settles.

    Wider validity is laid down first and narrower over it; a pattern that is laid over one that does not hold it whole
    is no exception to it but contradicts it. Of two alike the upper row rules.
    """
    owner = np.full(_DAYS, -1, dtype=np.int64)
    weekday = (np.arange(_DAYS) + FIRST.weekday()) % 7
    use = (_index(first), _index(last))
    problems: dict[int, HoursProblem] = {}
    for index in _widest_first(patterns):
        pattern = patterns[index]
        start, end = pattern.span
        held = owner[start : end + 1]
        mine = np.isin(weekday[start : end + 1], list(pattern.weekdays))
        lower, upper = max(use[0] - start, 0), max(use[1] - start + 1, 0)
        for other in np.unique(held[lower:upper][mine[lower:upper]]):
            if other >= 0 and not _excepts(pattern, patterns[other]):
                problem = _overlap(pattern, patterns[other])
                problems.setdefault(problem.row, problem)
        held[mine] = index
    return owner, list(problems.values())


def _widest_first(patterns: list[HoursPattern]) -> list[int]:
    """Indexes by falling length of validity; of two alike the lower row comes first and is laid over."""
    return sorted(range(len(patterns)), key=lambda i: (patterns[i].span[0] - patterns[i].span[1], -patterns[i].row))


def _excepts(narrow: HoursPattern, wide: HoursPattern) -> bool:
    """Whether the validity of `narrow` lies within that of `wide` and is not the same."""
    (start, end), (outer_start, outer_end) = narrow.span, wide.span
    return outer_start <= start and end <= outer_end and (start, end) != (outer_start, outer_end)


def _overlap(one: HoursPattern, other: HoursPattern) -> HoursProblem:
    upper, lower = sorted((one, other), key=lambda pattern: pattern.row)
    days = list_text(WEEKDAYS[number] for number in sorted(upper.weekdays & lower.weekdays))
    since, until = max(upper.span[0], lower.span[0]), min(upper.span[1], lower.span[1])
    text = f"Masa berlaku baris ini bertindih dengan baris {upper.row} untuk hari {days}{_period(since, until)}."
    return HoursProblem(lower.row, "valid_from", text)


def _period(since: int, until: int) -> str:
    """` sejak …`, ` sampai …` or both; nothing for all time."""
    start = f" sejak {date_text(_date(since))}" if since > 0 else ""
    end = f" sampai {date_text(_date(until))}" if until < _DAYS - 1 else ""
    return start + end


def _gaps(
    patterns: list[HoursPattern], missing: Flags, first: dt.date, last: dt.date, *, empty: bool
) -> list[HoursProblem]:
    """Those of the days lacking hours that are in the period in use, told once at the row nearest to them."""
    if empty:
        return [HoursProblem(0, "days", "Sheet Jam Kerja belum berisi satu baris pun.")]
    weekday = (np.arange(_DAYS) + FIRST.weekday()) % 7
    days = np.flatnonzero(missing)
    days = days[(days >= _index(first)) & (days <= _index(last))]
    groups: dict[tuple[int, str], list[int]] = {}
    for day in days.tolist() if patterns else []:
        groups.setdefault(_nearest(patterns, day, int(weekday[day])), []).append(day)
    return [HoursProblem(row, name, _gap_text(found)) for (row, name), found in groups.items()]


def _nearest(patterns: list[HoursPattern], day: int, weekday: int) -> tuple[int, str]:
    """Row and field at which a day without hours is told: the validity that ended last before it, else the next."""
    alike = [pattern for pattern in patterns if weekday in pattern.weekdays]
    ended = [pattern for pattern in alike if pattern.span[1] < day]
    if ended:
        return max(ended, key=lambda pattern: (pattern.span[1], -pattern.row)).row, "valid_until"
    later = [pattern for pattern in alike if pattern.span[0] > day]
    if later:
        return min(later, key=lambda pattern: (pattern.span[0], pattern.row)).row, "valid_from"
    return patterns[0].row, "days"


def _gap_text(days: Iterable[int]) -> str:
    dates = [_date(day) for day in days]
    names = list_text(WEEKDAYS[number] for number in sorted({date.weekday() for date in dates}))
    when = f"tanggal {date_text(dates[0])}"
    if len(dates) > 1:
        when = f"antara {date_text(dates[0])} dan {date_text(dates[-1])}"
    return f"Tidak ada jam kerja untuk hari {names} {when}; hari itu terhitung libur."


def _monday_owner(patterns: list[HoursPattern]) -> Ints:
    """For every day the pattern that would rule were it a Monday: the hours of a weekend day that Kalender opens."""
    owner = np.full(_DAYS, -1, dtype=np.int64)
    for index in _widest_first(patterns):
        start, end = patterns[index].span
        if 0 in patterns[index].weekdays:
            owner[start : end + 1] = index
    return owner
