"""Strict reading of cells as typed: what is understood is said, what could mean two things is refused."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal, cast

import numpy as np

from sopkit.arrays import Array
from sopkit.frames import moments_of
from sopkit.language import MONTHS, WEEKDAYS, clock_text, date_text, datetime_text, number_text
from sopkit.register.own_words import OwnWords
from sopkit.register.schema import Column, Kind
from sopkit.register.swapped_dates import Months, is_swapped
from sopkit.register.tables import ReadingKind
from sopkit.text import clean_line, clean_lines, plain

Order = Literal["day-first", "month-first"]
Values = Sequence[object]

FIRST_YEAR, LAST_YEAR = 1900, 2200
EARLIEST_SERIAL, LATEST_SERIAL = 32874, 109939  # a bare number is a date only from 1990 to 2200: 2026 is no date
DAYS_1904 = 1462
CENTURY_PIVOT = 80  # 79 is 2079, 80 is 1980


@dataclass(frozen=True)
class Note:
    """A `Reading` of a column before its row is known: `place` counts from 0 in the column's values."""

    place: int
    kind: ReadingKind
    typed: str = ""
    shown: str = ""


@dataclass(frozen=True)
class Custom:
    """What the workbook as a whole says about its dates, and its layout of the words in its lists."""

    order: Order | None = None  # None: its texts contradict each other
    date_1904: bool = False
    serials: bool = False  # the reader gives some real dates as bare numbers (calamine does for xls)
    swapped: Months | None = None  # the months in use, where Excel has taken days of some columns for months
    words: OwnWords = field(default_factory=dict)  # the office's own for values of lists, by `by_spelling`


@dataclass(frozen=True)
class Moment:
    """A date or date-time read from text. `order` is set when d/m alone settled which number is the day."""

    value: dt.datetime
    timed: bool
    order: Order | None = None


@dataclass(frozen=True)
class Refused:
    """A text that is no date (`unreadable`), or one that is impossible or could be two (`ambiguous`)."""

    kind: Literal["unreadable", "ambiguous"]
    shown: str = ""


def read_column(column: Column, values: Values, custom: Custom, typed: Array | None = None) -> tuple[Array, list[Note]]:
    """Read one column by its kind.

    `values` are as the reader of spreadsheets gives them, '' or None for empty; `typed` what `as_typed` makes of them,
    where that is there already. The array has the dtype that `Table` states, and is `typed` itself where that holds it;
    the notes tell what was met, ascending by place.
    """
    if column.kind in (Kind.DATE, Kind.DATETIME):
        if custom.swapped and is_swapped(values, day_first_months(values), custom.swapped):
            return _all_unknown(values, "swapped")
        return _read_dates(values, custom, timed=column.kind is Kind.DATETIME)
    if column.kind is Kind.NUMBER:
        return _read_each(values, read_number, np.dtype("float64"), math.nan)
    if column.kind is Kind.STEP:
        return _read_each(values, _read_step, np.dtype("float64"), math.nan)
    if column.kind is Kind.TIME:
        time = partial(_read_time, custom=custom)
        return _read_each(values, time, np.dtype("timedelta64[ns]"), np.timedelta64("NaT", "ns"))
    result, notes = _read_texts(column, values, as_typed(values) if typed is None else typed)
    words = custom.words.get(column)
    return _as_listed(result, notes, words) if words else (result, notes)


def habit(texts: Iterable[str]) -> Order | None:
    """Which number comes first in the workbook's text dates: told by those that can be read only one way.

    The day, as the country writes it, when there are none; None when they contradict each other.
    """
    orders = set()
    for text in texts:
        moment = read_moment(text, None)
        if isinstance(moment, Moment) and moment.order:
            orders.add(moment.order)
    return orders.pop() if len(orders) == 1 else None if orders else "day-first"


def day_first_months(values: Values) -> list[np.datetime64] | None:
    """The months of the texts whose first number can only be the day (`19/8/2026`).

    None where a text is written in numbers that may or must be the month first: then Excel has taken no day of this
    column for a month. Texts that name the month say neither.
    """
    months: list[np.datetime64] = []
    for text in values_of_text(values):
        moment = read_moment(text, None)
        if moment == Refused("unreadable") or (isinstance(moment, Moment) and moment.order is None):
            continue
        if isinstance(moment, Refused) or moment.order == "month-first":
            return None
        months.append(np.datetime64(moment.value, "M"))
    return months


def is_blank(value: object) -> bool:
    """Nothing at all, or nothing but blanks and invisible characters."""
    if isinstance(value, str):
        return not (value[:1].isalnum() or clean_line(value))
    return value is None


DAY_MEANINGS = {"jam yang sama": "same-time", "jam pulang": "end-of-day"}


def typed_text(value: object) -> str:
    """A cell as one would read it on the sheet (for text columns and for messages)."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float | int):
        return f"{value:.0f}" if float(value).is_integer() else repr(value).replace(".", ",")
    if isinstance(value, dt.datetime):
        return datetime_text(value)
    if isinstance(value, dt.date):
        return date_text(value)
    if isinstance(value, dt.time):
        return clock_text(value)
    if isinstance(value, dt.timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60}.{minutes % 60:02d}"
    return "" if value is None else str(value)


def _read_texts(column: Column, values: Values, typed: Array) -> tuple[Array, list[Note]]:
    """The texts cleaned; `typed` itself where all of them are."""
    clean = clean_lines if column.kind in (Kind.TEXT, Kind.REASON) else clean_line
    notes: list[Note] = []
    unclean = _unclean(values, typed)
    result = typed.copy() if unclean else typed
    for place in unclean:
        value = values[place]
        result[place], kind = _text(value, column, clean)
        if kind:
            notes.append(Note(place, kind, typed_text(value), result[place] or ""))
    return result, notes


def _as_listed(texts: Array, notes: list[Note], words: Mapping[str, str]) -> tuple[Array, list[Note]]:
    """The same with the office's own words as the list has them."""
    known = {text: words.get(plain(text), text) for text in set(texts.tolist()) if text}
    listed = np.array([known.get(text) for text in texts.tolist()], dtype=object)
    return listed, [replace(note, shown=known.get(note.shown, note.shown)) for note in notes]


def _unclean(values: Values, typed: Array) -> list[int]:
    """Places of the values that are not simply clean texts.

    `isprintable` is false for line breaks, NBSP and invisible characters alike, and takes a whole column at once.
    """
    different = set(typed.tolist()) - {None}
    if set(map(type, different)) <= {str}:
        whole = "|".join(different)
        if f"|{whole}|".isprintable() and not any(mark in f"|{whole}|" for mark in ("  ", "| ", " |", "_x")):
            return []
    return [place for place, value in enumerate(values) if not (type(value) is str and _is_clean(value))]


def _is_clean(text: str) -> bool:
    return text.isprintable() and "  " not in text and text[:1] != " " and text[-1:] != " " and "_x" not in text


def as_typed(values: Values) -> Array:
    """The values as objects, None for empty."""
    kinds = set(map(type, values))
    array = np.empty(len(values), dtype=object)
    if kinds == {str}:  # equal texts become one: what looks at them later finds them in the processor's cache
        known: dict[Any, Any] = {"": None}
        array[:] = list(map(known.setdefault, values, values))
        return array
    array[:] = values
    if str in kinds and "" in values:  # a date takes long to say that it is no text
        array[array == ""] = None
    return array


def _text(value: object, column: Column, clean: Callable[[str], str]) -> tuple[str | None, ReadingKind | None]:
    if value is None:
        return None, None
    if isinstance(value, str):
        text = clean(value)
        return text or None, "trimmed" if text and _was_trimmed(value, text) else None
    if isinstance(value, bool) and column.choices == "Ya/Tidak":
        return ("Ya" if value else "Tidak"), None
    rounded = column.kind is Kind.NIP and isinstance(value, int | float) and not isinstance(value, bool)
    return typed_text(value), "rounded" if rounded else None


def _was_trimmed(value: str, text: str) -> bool:
    """Double blanks inside are nobody's mistake; blanks at the ends and characters that one cannot see are."""
    if value == text:
        return False
    typed = value.replace("\r\n", "\n")
    ends = typed != typed.strip()
    inner = typed.replace("\n", " ") if "\n" in text else typed
    return ends or any(c != " " and (c.isspace() or unicodedata.category(c) in ("Cc", "Cf")) for c in inner)


Outcome = tuple[object, ReadingKind | None, str]


def _read_each(
    values: Values, read: Callable[[object], Outcome], dtype: np.dtype[Any], missing: object
) -> tuple[Array, list[Note]]:
    result = np.full(len(values), missing, dtype=dtype)
    notes: list[Note] = []
    if dtype == np.float64 and read is read_number and set(map(type, values)) <= {float, int}:
        numbers = np.array(values, dtype=dtype)
        if np.isfinite(numbers).all():
            return numbers, notes
    known: dict[object, Outcome] = {}
    for place, value in enumerate(values):
        if value == "" or value is None:
            continue
        key = (type(value), value)
        outcome = known.get(key)
        if outcome is None:
            outcome = known[key] = (missing, None, "") if is_blank(value) else read(value)
        result[place] = outcome[0]
        if outcome[1]:
            notes.append(Note(place, outcome[1], typed_text(value), outcome[2]))
    return result, notes


_STEP = re.compile(r"(\d{1,4})(?:\.|\.\s*[^\d\s.,].*)?$", re.DOTALL)


def _read_step(value: object) -> Outcome:
    if isinstance(value, float | int) and not isinstance(value, bool):
        whole = float(value).is_integer() and abs(value) < 10_000
        return (float(value), None, "") if whole else (math.nan, "unreadable", "")
    match = _STEP.match(plain(value)) if isinstance(value, str) else None
    if not isinstance(value, str) or not match:
        return math.nan, "unreadable", ""
    text = value.strip()
    return float(match[1]), "trimmed" if _was_trimmed(value, text) else None, text


_INDONESIAN = re.compile(r"[+-]?(\d{1,15}|\d{1,3}(\.\d{3}){1,4})(,\d{1,10})?$")
_ENGLISH = re.compile(r"[+-]?(\d{1,15}\.\d{1,10}|\d{1,3}(,\d{3}){1,4}(\.\d{1,10})?)$")
_TWO_WAYS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}$")


def read_number(value: object) -> Outcome:
    """A number, or a text written the Indonesian way (`1.000,5`) or so that only one reading is possible."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return (float(value), None, "") if math.isfinite(value) else (math.nan, "unreadable", "")
    if not isinstance(value, str):
        return math.nan, "unreadable", ""
    text = plain(value)
    if _TWO_WAYS.match(text):
        number = float(text.replace(",", "."))
        return math.nan, "ambiguous", f"dapat berarti {number_text(number)} atau {number_text(number * 1000)}"
    if _INDONESIAN.match(text):
        number = float(text.replace(".", "").replace(",", "."))
    elif _ENGLISH.match(text):
        number = float(text.replace(",", ""))
    else:
        return math.nan, "unreadable", ""
    return number, "understood", number_text(number)


_CLOCK = r"(?P<hour>\d{1,2})(?:\s*[.:]\s*(?P<minute>\d{2})(?:[.:](?P<second>\d{2})(?:[.,]\d{1,9})?)?)"
_ZONE = r"(?:\s*\(?(?:wib|wita|wit|\+0[789]:?00)\)?)?"
_TIME_ALONE = re.compile(rf"(?:(?:pukul|jam|pkl\.?)\s*)?{_CLOCK}(?:\s*(?P<half>[ap])\.?m\.?)?{_ZONE}$")


def _read_time(value: object, custom: Custom) -> Outcome:
    missing = np.timedelta64("NaT", "ns")
    if isinstance(value, dt.time):
        seconds = value.hour * 3600 + value.minute * 60 + value.second + round(value.microsecond / 1e6)
        return np.timedelta64(seconds, "s"), None, ""
    if isinstance(value, dt.timedelta) and dt.timedelta(0) <= value <= dt.timedelta(days=1):
        return np.timedelta64(round(value.total_seconds()), "s"), None, ""
    if isinstance(value, float | int) and not isinstance(value, bool) and 0 <= value < 1:
        seconds = round(value * 86400)
        return np.timedelta64(seconds, "s"), None if custom.serials else "understood", clock_text(_clock_of(seconds))
    stamp = _stamp(value) if isinstance(value, str) else None
    if stamp and stamp.year <= FIRST_YEAR:
        return np.timedelta64(stamp.hour * 3600 + stamp.minute * 60 + stamp.second, "s"), None, ""
    match = _TIME_ALONE.match(plain(value)) if isinstance(value, str) else None
    clock = _clock(match) if match else None
    if clock is None:
        return missing, "unreadable", ""
    seconds = clock.hour * 3600 + clock.minute * 60 + clock.second
    return np.timedelta64(seconds, "s"), "understood", clock_text(clock)


def _clock_of(seconds: int) -> dt.time:
    return (dt.datetime.min + dt.timedelta(seconds=seconds % 86400)).time()


def _clock(match: re.Match[str]) -> dt.time | None:
    hour, minute, second = int(match["hour"]), int(match["minute"] or 0), int(match["second"] or 0)
    half = match["half"]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    return dt.time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


NAT = np.datetime64("NaT", "us")


def _all_unknown(values: Values, kind: ReadingKind) -> tuple[Array, list[Note]]:
    notes = [Note(place, kind, typed_text(value)) for place, value in enumerate(values) if not is_blank(value)]
    return np.full(len(values), NAT, dtype="datetime64[ns]"), notes


def _read_dates(values: Values, custom: Custom, timed: bool) -> tuple[Array, list[Note]]:
    """Real dates go through as one array; every other cell is read by itself."""
    kinds = set(map(type, values))
    odd: list[int] = []
    if kinds <= {dt.datetime, dt.date, str, type(None)} and not (str in kinds and any(values_of_text(values))):
        real = values if kinds == {dt.datetime} else [value or None for value in values]
    else:
        real = [value if isinstance(value, dt.date) else None for value in values]
        odd = [i for i, value in enumerate(values) if not isinstance(value, dt.date) and value not in ("", None)]
    result = _seconds(moments_of(cast("Sequence[dt.date | None]", real)))
    notes: list[Note] = []
    for place in odd:
        moment, kind, shown = _odd_date(values[place], custom, timed)
        result[place] = moment
        if kind:
            notes.append(Note(place, kind, typed_text(values[place]), shown))
    far = _outside(result)
    for place in far.tolist():
        notes.append(Note(place, "unreadable", typed_text(values[place])))
        result[place] = NAT
    days = result.astype("datetime64[D]").astype("datetime64[us]")
    if not timed:
        result = days
    else:
        notes += [Note(i, "date-only", typed_text(values[i])) for i in np.flatnonzero(result == days).tolist()]
    notes.sort(key=lambda note: note.place)
    return result.astype("datetime64[ns]"), notes


def values_of_text(values: Values) -> Iterable[str]:
    """The texts among the values that are not empty."""
    return (value for value in values if type(value) is str and value) if str in set(map(type, values)) else ()


def _seconds(moments: Array) -> Array:
    """Excel's binary fractions of a day miss the second by a hair: round to the nearest."""
    return (moments + np.timedelta64(500_000, "us")).astype("datetime64[s]").astype("datetime64[us]")


def _outside(moments: Array) -> Array:
    first, last = np.datetime64(f"{FIRST_YEAR}-01-01"), np.datetime64(f"{LAST_YEAR + 1}-01-01")
    return np.flatnonzero((moments < first) | (moments >= last))


def _odd_date(value: object, custom: Custom, timed: bool) -> tuple[np.datetime64, ReadingKind | None, str]:
    if isinstance(value, dt.timedelta):
        value = value.total_seconds() / 86400
    if isinstance(value, float | int) and not isinstance(value, bool):
        return _serial(float(value), custom, timed)
    if not isinstance(value, str):
        return NAT, "unreadable", ""
    if is_blank(value):
        return NAT, None, ""
    stamp = _stamp(value)
    if stamp:
        return np.datetime64(stamp, "us"), None, ""
    moment = read_moment(value, custom.order)
    if isinstance(moment, Refused):
        digits = plain(value)
        if moment.kind == "unreadable" and re.fullmatch(r"\d{5}(?:[.,]\d{1,12})?", digits):
            return _serial(float(digits.replace(",", ".")), custom, timed)
        return NAT, moment.kind, moment.shown
    return np.datetime64(moment.value, "us"), "understood", shown_moment(moment.value, timed and moment.timed)


_STAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:Z|[+-]\d\d(?::?\d\d)?)", re.IGNORECASE | re.ASCII
)


def _stamp(text: str) -> dt.datetime | None:
    """The wall clock that a program's stamp with a time zone states (`2026-10-05T08:04:59.999Z`), to the second.

    Such is how SheetJS and others store real dates: nobody typed it.
    """
    match = _STAMP.fullmatch(text.strip()) if text[10:11] in ("T", "t") else None
    try:
        moment = dt.datetime.fromisoformat(f"{match[1]}T{match[2]}") if match else None
        seconds = float(f"{match[3] or 0}.{match[4] or 0}") if match else 0.0
        return moment + dt.timedelta(seconds=round(seconds)) if moment and seconds < 60 else None
    except (ValueError, OverflowError):
        return None


def _serial(number: float, custom: Custom, timed: bool) -> tuple[np.datetime64, ReadingKind | None, str]:
    serial = number + (DAYS_1904 if custom.date_1904 else 0)
    if not EARLIEST_SERIAL <= serial < LATEST_SERIAL + 1:
        return NAT, "unreadable", ""
    moment = dt.datetime(1899, 12, 30) + dt.timedelta(seconds=round(serial * 86400))
    shown = shown_moment(moment, timed and moment.time() != dt.time())
    return np.datetime64(moment, "us"), None if custom.serials else "understood", shown


def shown_moment(moment: dt.datetime, timed: bool) -> str:
    """How a date was read, in words."""
    return datetime_text(moment) if timed else date_text(moment)


_MONTH_NAMES = {name.casefold(): number for number, name in enumerate(MONTHS, start=1)}
_MONTH_NAMES |= {name[:3]: number for name, number in tuple(_MONTH_NAMES.items())}
_MONTH_NAMES |= {
    "pebruari": 2, "peb": 2, "agt": 8, "agst": 8, "agus": 8, "ags": 8, "sept": 9, "nop": 11, "nopember": 11,
    "january": 1, "february": 2, "march": 3, "may": 5, "june": 6, "july": 7, "august": 8, "aug": 8,
    "october": 10, "oct": 10, "december": 12, "dec": 12,
}  # fmt: skip
_DAY_NAMES = {name.casefold(): number for number, name in enumerate(WEEKDAYS)}
_DAY_NAMES |= {
    "jum'at": 4, "ahad": 6,
    "sen": 0, "sel": 1, "rab": 2, "kam": 3, "jum": 4, "sab": 5, "min": 6,
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6,
}  # fmt: skip


def _any_of(names: Iterable[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


_WEEKDAY = rf"(?:(?:hari\s+)?(?P<weekday>{_any_of(_DAY_NAMES)})\.?\s*[,/]?\s*)?(?:(?:tanggal|tgl)\.?\s*)?"
_AT = rf"(?:(?:t|[\s,;/(-]*(?:(?:pukul|jam|pkl)\.?:?\s*)?){_CLOCK}(?:\s*(?P<half>[ap])\.?m\.?)?{_ZONE}\)?)?$"
_COMPACT = re.compile(
    r"(?:(?P<day>\d{2})(?P<month>\d{2})(?P<year>(?:19|20)\d{2}))"
    r"(?:\s+(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?(?P<half>(?!))?)?(?P<weekday>(?!))?$"
)
_SPELT = tuple(
    re.compile(rf"{_WEEKDAY}{date}(?:\s*m(?:asehi)?\.?(?![a-z]))?{_AT}")
    for date in (
        r"(?P<year>\d{4})\s*(?P<mark>[-/.])\s*(?P<month>\d{1,2})\s*(?P=mark)\s*(?P<day>\d{1,2})(?!\d)",
        r"(?P<one>\d{1,2})\s*(?P<mark>[-/. ])\s*(?P<two>\d{1,2})\s*(?P=mark)\s*(?P<year>\d{4}|\d{2})(?!\d)",
        rf"(?P<day>\d{{1,2}})[\s.,/-]*(?P<name>{_any_of(_MONTH_NAMES)})[\s.,/'-]*(?P<year>\d{{4}}|\d{{2}})(?!\d)",
        rf"(?P<name>{_any_of(_MONTH_NAMES)})\.?\s+(?P<day>\d{{1,2}})(?:,\s*|\s+)(?P<year>\d{{4}})(?!\d)",
    )
)
_FORMS = (*_SPELT, _COMPACT)


def day_meaning(text: str) -> str:
    """What a day stands for, as `Sop.day` writes it: `jam pulang` is end-of-day, `7,5 jam` is hours:7.5.

    What is none of these stays as it was typed. Sheet Hitungan reads the same words.
    """
    word = plain(text)
    hours = re.fullmatch(r"(\d{1,2}(?:[.,]\d+)?) jam", word)
    return f"hours:{hours[1].replace(',', '.')}" if hours else DAY_MEANINGS.get(word, text)


def read_moment(text: str, order: Order | None) -> Moment | Refused:
    """Read a date, with or without a time, as people type it.

    `order` is the workbook's habit; without it a text such as `3/4/2026` is refused as ambiguous, but `03-04-2026` is
    the form that sheet Petunjuk teaches: its day always comes first. A weekday that stands before the date must fit
    it, and may settle which number is the day.
    """
    words = plain(text)
    match = next((found for form in _FORMS if (found := form.match(words))), None)
    if match is None:
        return Refused("unreadable")
    clock = _clock(match) if match["hour"] else dt.time()
    if clock is None:
        return Refused("unreadable")
    dates = _dates(match)
    if not dates:
        return Refused("ambiguous", "tanggal itu tidak ada dalam kalender")
    fitting = _on_weekday(dates, match["weekday"])
    if not fitting:
        shown = " atau ".join(f"{date_text(d)} adalah hari {WEEKDAYS[d.weekday()]}" for d in dates.values())
        return Refused("ambiguous", shown)
    if len(fitting) == 2 and match["mark"] == "-" and len(match["year"]) == 4:
        order = "day-first"
    if len(fitting) == 2 and order is None:
        return Refused("ambiguous", "dapat berarti " + " atau ".join(map(date_text, fitting.values())))
    settled = next(iter(fitting)) if len(fitting) == 1 else None
    date = fitting[settled] if len(fitting) == 1 else fitting[order]
    if not FIRST_YEAR <= date.year <= LAST_YEAR:
        return Refused("unreadable")
    return Moment(dt.datetime.combine(date, clock), bool(match["hour"]), settled)


def _dates(match: re.Match[str]) -> dict[Order | None, dt.date]:
    """Every date that the numbers can mean; two only where they differ."""
    parts = match.groupdict()
    year = _year(parts["year"])
    if "one" not in parts:
        month = _MONTH_NAMES[parts["name"]] if parts.get("name") else int(parts["month"])
        date = _date(year, month, int(parts["day"]))
        return {None: date} if date else {}
    one, two = int(parts["one"]), int(parts["two"])
    by_day, by_month = _date(year, two, one), _date(year, one, two)
    if by_day and by_day == by_month:
        return {None: by_day}
    found: dict[Order | None, dt.date] = {}
    if by_day:
        found["day-first"] = by_day
    if by_month:
        found["month-first"] = by_month
    return found


def _year(text: str) -> int:
    if len(text) == 4:
        return int(text)
    return int(text) + (2000 if int(text) < CENTURY_PIVOT else 1900)


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _on_weekday(dates: dict[Order | None, dt.date], weekday: str | None) -> dict[Order | None, dt.date]:
    if weekday is None:
        return dates
    return {order: date for order, date in dates.items() if date.weekday() == _DAY_NAMES[weekday]}
