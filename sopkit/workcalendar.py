"""Working time: how much of it lies between two moments, and when a time standard runs out.

All arithmetic is on whole arrays over a table with one row for every day from 1990 to 2100, so no moment of a register
lies outside it. A moment that does is counted as the table's edge.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sopkit.language import WEEKDAYS, date_text, list_text
from sopkit.sop.model import Standard

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Moments = npt.NDArray[np.datetime64]

FIRST = dt.date(1990, 1, 1)
LAST = dt.date(2100, 12, 31)
DAY = 86400
EXTRA_DAY = "hari kerja"
JOINT_LEAVE = "cuti bersama"
ESTIMATE = "perkiraan"
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


@dataclass(frozen=True, eq=False)
class WorkCalendar:
    """Working hours of every day.

    Moments are anything numpy reads as datetime64 (naive local time, rounded to the second); a missing one gives NaN,
    NaT or False. Results have the shape of what was given; a single moment stands for all where two are asked for.
    """

    day: str
    patterns: tuple[HoursPattern, ...]
    problems: tuple[HoursProblem, ...]
    _hours: Ints = field(repr=False)
    """(days, 4): open, break start, break end, close; without break the last three alike, without work all -1."""
    _before: Ints = field(repr=False)
    """(days + 1,): working seconds before each day."""
    _workdays: Ints = field(repr=False)
    """Indexes of the days with work, ascending."""

    @classmethod
    def from_tables(
        cls, calendar: pd.DataFrame, hours: pd.DataFrame, first: dt.date, last: dt.date, day: str
    ) -> WorkCalendar:
        """Build from the data of sheets Kalender and Jam Kerja (dtypes as `Table.data` states, index = Excel row).

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
        problems += _gaps(patterns, (owner < 0) & ~closed & ~extra & ~unknown, first, last, empty=hours.empty)
        owner = np.where(extra & (owner < 0), _monday_owner(patterns), owner)
        owner[closed & ~extra] = -1
        table = np.array([*(_day_hours(p) for p in patterns), (-1, -1, -1, -1)], dtype=np.int64)[owner]
        length = table[:, 1] - table[:, 0] + table[:, 3] - table[:, 2]
        before = np.concatenate(([0], np.cumsum(length)))
        ordered = tuple(sorted(problems, key=lambda problem: (problem.row, problem.field)))
        return cls(day, tuple(patterns), ordered, table, before, np.flatnonzero(length).astype(np.int64))

    def elapsed(self, start: Any, end: Any) -> Floats:
        """Seconds of working time from `start` to `end`; negative where `end` is earlier, NaN where one is missing."""
        return np.asarray(self._worked(end) - self._worked(start), dtype=np.float64)

    def deadline(self, start: Any, standard: Standard) -> Moments:
        """The moment (datetime64[s]) at which `standard` has run out.

        A start outside hours counts from the next opening.
        Minutes and hours are working time and end at the earliest moment that holds them: 15 minutes from 11.45 end at
        12.00, not at 13.00. Days follow `day`:

        same-time    the same clock time that many working days later, not before that day's opening nor after its
                     closing; a fraction of a day is that part of the working time of the day reached.
        end-of-day   the closing time that many working days later; a fraction counts as a whole day.
        hours:7.5    so much working time for each day.

        NaT where `start` is missing or the table ends first.
        """
        if standard.unit != "hari":
            return self._after(start, round(standard.seconds or 0))
        per_day = _hours_of_day(self.day)
        if per_day is not None:
            return self._after(start, round(standard.amount * per_day * 3600))
        if self.day == "end-of-day":
            return self._closing(start, -int(-standard.amount // 1))
        whole = int(standard.amount)
        reached = self._same_time(start, whole)
        part = standard.amount - whole
        return self._after(reached, self._part(reached, part)) if part else reached

    def overrun(self, start: Any, end: Any, standard: Standard) -> Floats:
        """Seconds of working time by which `start` to `end` exceeds `standard`; 0 where it does not, NaN if unknown.

        Finishing inside a break or after closing costs no working time, so it is this and not `end > deadline` that
        says whether a step took longer than its standard.
        """
        return np.asarray(np.maximum(self.elapsed(self.deadline(start, standard), end), 0.0), dtype=np.float64)

    def is_open(self, moments: Any) -> Bools:
        """Whether each moment lies in working hours; opening, closing and both edges of the break count as inside."""
        days, clock, known = _split(moments)
        hours = self._hours[days]
        inside = (hours[..., 0] <= clock) & (clock <= hours[..., 1])
        inside |= (hours[..., 2] <= clock) & (clock <= hours[..., 3])
        return np.asarray(inside & known & (hours[..., 0] >= 0), dtype=np.bool_)

    def next_opening(self, moments: Any) -> Moments:
        """Each moment that `is_open` as it is, any other moved to when work next begins (after a break too)."""
        days, clock, known = _split(moments)
        hours = self._hours[days]
        at = np.where(clock > hours[..., 1], hours[..., 2], hours[..., 0])
        at = np.where(self.is_open(moments), clock, at)
        over = (hours[..., 0] < 0) | (clock > hours[..., 3])
        place = np.searchsorted(self._workdays, days, side="right")
        later, exists = self._workday(place)
        return _join(np.where(over, later, days), np.where(over, self._hours[later, 0], at), known & (~over | exists))

    def is_working_day(self, dates: Any) -> Bools:
        """Whether there is any work on each date."""
        days, _, known = _split(dates)
        return np.asarray(known & (self._hours[days, 0] >= 0), dtype=np.bool_)

    def working_days(self, start: Any, end: Any) -> Ints:
        """Number of working days after the date of `start`, up to and including that of `end`.

        0 where `end` is earlier; -1 where one is missing.
        """
        (first, _, has_first), (last, _, has_last) = _split(start), _split(end)
        upto = [np.searchsorted(self._workdays, days, side="right") for days in (first, last)]
        return np.where(has_first & has_last, np.maximum(upto[1] - upto[0], 0), -1).astype(np.int64)

    def day_of(self, moments: Any) -> Moments:
        """The working date (datetime64[D]) of each moment: its own up to closing time, else the next working day."""
        days, clock, known = _split(moments)
        over = clock > self._hours[days, 3]
        later, exists = self._workday(np.searchsorted(self._workdays, days, side="right"))
        dates = _join(np.where(over, later, days), np.zeros_like(days), known & (~over | exists))
        return dates.astype("datetime64[D]")

    def _worked(self, moments: Any) -> Floats:
        """Working seconds from the table's first day to each moment, in pieces that stay in the processor's cache."""
        seconds = _seconds(moments)
        flat = seconds.reshape(-1)
        result = np.empty(flat.size, dtype=np.float64)
        for place in range(0, flat.size, _CHUNK):
            part = flat[place : place + _CHUNK]
            days, clock, known = _split_seconds(part)
            hours = self._hours[days]
            worked = self._before[days] - hours[:, 0] - hours[:, 2]
            worked += np.minimum(np.maximum(clock, hours[:, 0]), hours[:, 1])
            worked += np.minimum(np.maximum(clock, hours[:, 2]), hours[:, 3])
            result[place : place + _CHUNK] = worked
            result[place : place + _CHUNK][~known] = np.nan
        return result.reshape(seconds.shape)

    def _after(self, start: Any, seconds: int | Ints) -> Moments:
        """The earliest moment with so many working seconds since `start`; what asks for none is the next opening."""
        worked = self._worked(start)
        known = ~np.isnan(worked)
        goal = np.where(known, worked, 0).astype(np.int64) + seconds
        ends = self._before[self._workdays + 1]
        place = np.searchsorted(ends, goal, side="left")
        days, exists = self._workday(place)
        rest = goal - self._before[days]
        hours = self._hours[days]
        morning = hours[..., 1] - hours[..., 0]
        clock = np.where(rest <= morning, hours[..., 0] + rest, hours[..., 2] + rest - morning)
        return _join(days, clock, known & exists)

    def _same_time(self, start: Any, count: int) -> Moments:
        days, clock, known = _split(self.next_opening(start))
        later, exists = self._workday(np.searchsorted(self._workdays, days) + count)
        hours = self._hours[later]
        return _join(later, np.clip(clock, hours[..., 0], hours[..., 3]), known & exists)

    def _closing(self, start: Any, count: int) -> Moments:
        days, _, known = _split(self.next_opening(start))
        later, exists = self._workday(np.searchsorted(self._workdays, days) + count)
        return _join(later, self._hours[later, 3], known & exists)

    def _part(self, moments: Moments, part: float) -> Ints:
        """So large a part of the working seconds of each moment's day."""
        days, _, _ = _split(moments)
        return np.rint((self._before[days + 1] - self._before[days]) * part).astype(np.int64)

    def _workday(self, place: Any) -> tuple[Ints, Bools]:
        """Day indexes of the working days at these places, and whether the table has them (else any index)."""
        exists = np.asarray(place < self._workdays.size, dtype=np.bool_)
        if not self._workdays.size:
            return np.zeros_like(place, dtype=np.int64), exists
        return self._workdays[np.minimum(place, self._workdays.size - 1)], exists


def parse_days(text: str) -> frozenset[int]:
    """Weekdays (0 = Senin) of a text: `Senin–Kamis`, `Senin s.d. Jumat`, `Senin, Rabu dan Jum'at`, `Setiap hari`.

    A range may run over Sunday (`Sabtu–Senin`). ValueError for anything that is not fully understood.
    """
    plain = re.sub(r"['’‘`´]", "", " ".join(text.lower().split()))
    if plain in ("setiap hari", "semua hari", "tiap hari"):
        return frozenset(range(7))
    if plain in ("hari kerja", "setiap hari kerja"):
        return _WORK_WEEK
    plain = re.sub(r"\s*(?:[-‐‑–—]|\bs\.?\s?/?d\b\.?|\bsampai dengan\b|\bsampai\b|\bhingga\b)\s*", "-", plain)
    found: set[int] = set()
    for part in re.split(r"\s*(?:[,;&/]|\bdan\b)\s*", plain.replace(", dan ", ",")):
        ends = [_NAMES.get(name.removeprefix("hari ").strip(" ."), -1) for name in part.split("-")]
        if len(ends) > 2 or -1 in ends:
            raise ValueError(text)
        found.update((ends[0] + step) % 7 for step in range((ends[-1] - ends[0]) % 7 + 1))
    return frozenset(found)


def has_joint_leave(calendar: pd.DataFrame, year: int) -> bool:
    """Whether Kalender lists joint leave (Cuti Bersama) in that year: rule B10."""
    joint = calendar["kind"].map(_plain) == JOINT_LEAVE
    return bool((joint & (calendar["date"].dt.year == year)).any())


def estimated_dates(calendar: pd.DataFrame, year: int) -> list[dt.date]:
    """Dates of that year whose Keterangan or Dasar says `perkiraan`, ascending: rule B10."""
    said = calendar["remark"].map(_plain) + " " + calendar["basis"].map(_plain)
    dates = calendar.loc[said.str.contains(ESTIMATE) & (calendar["date"].dt.year == year), "date"]
    return sorted(set(dates.dt.date))


def _plain(value: object) -> str:
    return " ".join(value.lower().split()) if isinstance(value, str) else ""


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


def _seconds(moments: Any) -> Ints:
    """Seconds since 1970, rounded: Excel's times are fractions of a day and come out a little beside the second."""
    array = np.asarray(moments)
    if array.dtype.kind != "M":
        array = pd.DatetimeIndex(array.reshape(-1)).to_numpy().reshape(array.shape)
    unit, count = np.datetime_data(array.dtype)
    size = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}.get(unit, 1)
    if count != 1 or size == 1:
        return np.asarray(array.astype("datetime64[s]").view(np.int64), dtype=np.int64)
    ticks = array.view(np.int64)
    return np.where(ticks == _NAT, _NAT, (ticks + size // 2) // size)


def _split(moments: Any) -> tuple[Ints, Ints, Bools]:
    """Day index, second of the day and whether known, of each moment."""
    return _split_seconds(_seconds(moments))


def _split_seconds(seconds: Ints) -> tuple[Ints, Ints, Bools]:
    known = seconds != _NAT
    since = np.clip(seconds, _BASE * DAY, (_BASE + _DAYS) * DAY - 1) - _BASE * DAY
    days = since // DAY
    return days, since - days * DAY, np.asarray(known, dtype=np.bool_)


def _join(days: Any, clock: Any, known: Any) -> Moments:
    seconds = (np.asarray(days, dtype=np.int64) + _BASE) * DAY + np.asarray(clock, dtype=np.int64)
    return np.asarray(np.where(known, seconds, _NAT).astype("datetime64[s]"))


def _day_hours(pattern: HoursPattern) -> tuple[int, int, int, int]:
    if pattern.break_start is None or pattern.break_end is None:
        return pattern.open, pattern.close, pattern.close, pattern.close
    return pattern.open, pattern.break_start, pattern.break_end, pattern.close


def _exceptions(calendar: pd.DataFrame) -> tuple[Bools, Bools]:
    """For every day: closed by Kalender, and opened by it (Hari Kerja). Rows without date or kind say nothing."""
    closed, extra = np.zeros(_DAYS, dtype=np.bool_), np.zeros(_DAYS, dtype=np.bool_)
    days = (calendar["date"].to_numpy().astype("datetime64[D]").astype(np.int64)) - _BASE
    kinds = calendar["kind"].map(_plain).to_numpy()
    usable = (days >= 0) & (days < _DAYS) & (kinds != "")
    extra[days[usable & (kinds == EXTRA_DAY)]] = True
    closed[days[usable & (kinds != EXTRA_DAY)]] = True
    return closed, extra


def _patterns(
    hours: pd.DataFrame, first: dt.date, last: dt.date
) -> tuple[list[HoursPattern], list[HoursProblem], Bools]:
    """Usable rows, what is wrong with the others, and the days of which those others would have spoken."""
    patterns: list[HoursPattern] = []
    problems: list[HoursProblem] = []
    unknown = np.zeros(_DAYS, dtype=np.bool_)
    for row in hours.itertuples():
        read = _read_row(row)
        if isinstance(read, HoursPattern):
            patterns.append(read)
            continue
        start, end = sorted(_index(_as_date(row, name) or edge) for name, edge in _EDGES)
        unknown[start : end + 1] = True
        if read and start <= _index(last) and end >= _index(first):
            problems.append(read)
    return patterns, problems, unknown


_EDGES = (("valid_from", FIRST), ("valid_until", LAST))


def _as_date(row: Any, name: str) -> dt.date | None:
    value = getattr(row, name)
    return None if pd.isna(value) else pd.Timestamp(value).date()


def _read_row(row: Any) -> HoursPattern | HoursProblem | None:
    """The row's pattern, or what is impossible in it, or None where a required cell is missing (rule D01 says that)."""
    number = int(row.Index)
    since, until = (_as_date(row, name) for name, _ in _EDGES)
    if since and until and since > until:
        text = f"Berlaku Sampai {date_text(until)} mendahului Berlaku Mulai {date_text(since)}."
        return HoursProblem(number, "valid_until", text)
    if not isinstance(row.days, str):
        return None
    try:
        weekdays = parse_days(row.days)
    except ValueError:
        text = f"Hari '{row.days}' tidak dikenali; tulis seperti 'Senin–Kamis' atau 'Jumat'."
        return HoursProblem(number, "days", text)
    times = {name: _as_seconds(getattr(row, name)) for name in ("open", "break_start", "break_end", "close")}
    start, end = times["open"], times["close"]
    if start is None or end is None:
        return None
    wrong = _impossible(start, times["break_start"], times["break_end"], end)
    if wrong:
        return HoursProblem(number, *wrong)
    return HoursPattern(since, until, weekdays, start, times["break_start"], times["break_end"], end, number)


def _as_seconds(value: Any) -> int | None:
    return None if pd.isna(value) else round(pd.Timedelta(value).total_seconds())


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
    patterns: list[HoursPattern], missing: Bools, first: dt.date, last: dt.date, *, empty: bool
) -> list[HoursProblem]:
    """Days from Monday to Friday in the period in use that no row covers, told once at the row nearest to them."""
    if empty:
        return [HoursProblem(0, "days", "Sheet Jam Kerja belum berisi satu baris pun.")]
    weekday = (np.arange(_DAYS) + FIRST.weekday()) % 7
    days = np.flatnonzero(missing & (weekday < 5))
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
