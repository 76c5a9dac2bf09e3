"""What a new year's register takes over from the newest one of its office: the office's own sheets, and no cases."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sopkit.books import YearBook
from sopkit.checks.staff import posts_of
from sopkit.errors import SopkitError
from sopkit.frames import Frame
from sopkit.language import date_text, list_text
from sopkit.newbook.create import ErrorCell, Formula, Row, WorkbookContent, named_row, office_settings
from sopkit.newbook.renew import lists_of
from sopkit.newbook.typed import Typed, read_typed
from sopkit.register.default_calendar import calendar_rows, hours_rows, seed_frames
from sopkit.register.schema import CALENDAR, HOURS, MAIL, OFFICE, PEOPLE, SETTINGS, SheetPlan
from sopkit.register.tables import Register, Table
from sopkit.sop.model import Sop
from sopkit.text import plain
from sopkit.workcalendar import ESTIMATES

CARRIED = (PEOPLE, OFFICE, CALENDAR, HOURS, MAIL)
HOURS_TOLD_BY = ("valid_from", "valid_until", "days", "open", "break_start", "break_end", "close")
LINES = 8  # names told in one line


@dataclass(frozen=True)
class Carried:
    """What fills the new register, and what was taken over or left behind, an Indonesian line each."""

    content: WorkbookContent
    said: tuple[str, ...]


@dataclass
class _Carrying:
    """One office's sheets on their way from an older register into that of `year`."""

    register: Register
    typed: Typed
    year: int
    old_year: int
    said: list[str] = field(default_factory=list)

    @property
    def first_day(self) -> dt.date:
        return dt.date(self.year, 1, 1)

    def rows(self, plan: SheetPlan) -> Iterator[tuple[int, Row]]:
        """The rows of a sheet with their numbers, without what only an error or a formula fills."""
        sheet = self.typed.sheets.get(plan.name)
        for number, row in zip(sheet.numbers, sheet.rows, strict=True) if sheet else ():
            kept = {name: value for name, value in row.items() if not isinstance(value, ErrorCell | Formula)}
            if kept:
                yield number, kept

    def leave(self, why: str, what: Sequence[str]) -> None:
        if what:
            more = [f"{len(what) - LINES} lagi"] if len(what) > LINES else []
            self.said.append(f"{why}: {list_text([*what[:LINES], *more])}.")


def carry(book: YearBook, sop: Sop, year: int) -> Carried:
    """The sheets that set the office, from the newest register into that of `year`.

    `SopkitError` where it cannot be read or has none of them.
    """
    if book.register is None:
        raise book.problem or SopkitError(f"{book.path.name} tidak dapat dibaca.")
    register = book.register
    if not (_sound(register.people) or _sound(register.office)):
        raise SopkitError(f"{book.path.name} tidak memuat sheet Pegawai dan Kantor.")
    typed = read_typed(book.path, register.source.book.layout)
    sound = {table.plan.name for table in register.tables if _sound(table)}
    typed = Typed(typed.book, {name: one for name, one in typed.sheets.items() if name in sound}, typed.lists)
    work = _Carrying(register, typed, year, book.newest or year)
    people = list(_people(work))
    office = list(_office(work))
    content = WorkbookContent(
        people=people,
        office={**office_settings(sop, year, {}), **_said_in(office)},
        office_rows=office or None,
        calendar=_calendar(work),
        hours=_hours(work),
        mail=[row for _, row in work.rows(MAIL)] or None,
        lists=lists_of(register, typed),
        extra={plan.name: tuple(typed.sheets[plan.name].own) for plan in CARRIED if plan.name in typed.sheets},
    )
    return Carried(content, (_summary(book, people, bool(office)), *work.said))


def _sound(table: Table) -> bool:
    """Whether a sheet is there and can be read whole, from one sheet."""
    structure = table.structure
    return table.present and not (table.parts or structure.missing_headers or structure.duplicate_headers)


def _summary(book: YearBook, people: Sequence[Row], office: bool) -> str:
    names = {plain(str(row.get("name", ""))) for row in people}
    parts = [f"{len(names)} pegawai"] * bool(names) + ["data kantor"] * office
    text = list_text(parts) or "isian kantor"
    return f"{text[0].upper()}{text[1:]} disalin dari {book.path.name}."


def _people(work: _Carrying) -> Iterator[Row]:
    """Everybody but those who are not active, and the posts that ended before the year."""
    posts = {post.row: post for post in posts_of(work.register.people.data)}
    left = []
    for number, row in work.rows(PEOPLE):
        post = posts.get(number)
        if post and (post.left or post.last < work.first_day):
            why = "tidak aktif" if post.left else f"{post.position}, sampai {date_text(post.last)}".lstrip(", ")
            left.append(f"{post.name} ({why})")
        else:
            yield row
    work.leave("Pegawai yang tidak disalin", left)


def _office(work: _Carrying) -> Iterator[Row]:
    """Sheet Kantor with what belongs to a year made the new year's, and the keys that it does not have yet."""
    emptied, renamed, known = list[str](), list[str](), set[str]()
    for _, row in work.rows(OFFICE):
        key = str(row.get("key", "")).strip()
        known.add(plain(key))
        value = row.get("value")
        if plain(key) == "tahun register":
            value = str(work.year)
        elif plain(key) == "waktu acuan" or plain(key).startswith("tanggal"):
            emptied += [key] if value is not None else []
            value = None
        elif plain(key).startswith("pola "):
            value = value if value is not None else work.register.settings.get(key)
            fresh = _of_year(str(value or ""), work)
            renamed += [f"{key} menjadi {fresh}"] if value is not None and fresh != str(value) else []
            value = fresh
        yield {**row, "value": value}
    if known:
        fresh_keys = {**{setting.key: setting.default for setting in SETTINGS}, "Tahun Register": str(work.year)}
        yield from ({"key": key, "value": value} for key, value in fresh_keys.items() if plain(key) not in known)
    work.leave("Dikosongkan di sheet Kantor", emptied)
    work.leave("Pola nomor yang menyebut tahun lama disesuaikan", renamed)


def _of_year(pattern: str, work: _Carrying) -> str:
    """A number pattern with the new year where it had the old one written out."""
    return re.sub(rf"(?<!\d){work.old_year}(?!\d)", str(work.year), pattern)


def _said_in(office: Iterable[Row]) -> Mapping[str, str]:
    keys = {plain(setting.key): setting.key for setting in SETTINGS}
    found = ((keys.get(plain(str(row["key"]))), row.get("value")) for row in office if row.get("key"))
    return {key: str(value or "") for key, value in found if key}


def _calendar(work: _Carrying) -> list[Row] | None:
    """The holidays of the new year and the next, with the rows of those years that the office wrote itself.

    A row of its own stands for what sopkit has on that day, and for what sopkit has under that name on another day.
    """
    if CALENDAR.name not in work.typed.sheets:
        return None
    seeds = {(row[0], plain(row[1])): row for row in calendar_rows(range(min(work.old_year, work.year), work.year + 2))}
    dates = work.register.calendar.data["date"].dropna()
    days = dict(zip(dates.index.tolist(), dates.dt.date, strict=True))
    local = [
        (days[number], row)
        for number, row in work.rows(CALENDAR)
        if number in days and (days[number], plain(str(row.get("kind", "")))) not in seeds
    ]
    own = [(day, row) for day, row in local if day >= work.first_day and not _estimated(row)]
    names = {(day.year, _bare(row)) for day, row in own}
    taken = {day for day, _ in own}
    usual = [
        named_row(CALENDAR, seed) for (day, _), seed in seeds.items() if day >= work.first_day and day not in taken
    ]
    kept = [row for row in usual if (row["date"].year, _bare(row)) not in names]
    if own:
        work.said.append(f"{len(own)} hari yang ditulis kantor sendiri di sheet Kalender ikut disalin.")
    _leave_days(work, [(day, row) for day, row in local if day < work.first_day], {name for _, name in names})
    return [row for _, row in sorted([*((row["date"], row) for row in kept), *own], key=lambda pair: pair[0])]


def _leave_days(work: _Carrying, past: Sequence[tuple[dt.date, Row]], again: Container[str]) -> None:
    """Local days off of the old year, unless they stand there for the new one: nobody knows whether they come again."""
    told = [
        f"{date_text(day)} ({row.get('remark') or row.get('kind', '')})"
        for day, row in past
        if day.year >= work.old_year and _bare(row) not in again
    ]
    work.leave(f"Hari di sheet Kalender yang tidak disalin; tulis tanggal {work.year}-nya bila berlaku lagi", told)
    dated = work.register.calendar.data["date"].notna()
    unread = [str(number) for number, _ in work.rows(CALENDAR) if not dated.get(number, False)]
    work.leave("Baris sheet Kalender yang tidak disalin karena tanggalnya tidak terbaca", unread)


def _estimated(row: Row) -> bool:
    """Whether a row of sopkit's says that its dates are only estimated: today's are better."""
    return any(word in plain(str(row.get("remark", ""))) for word in ESTIMATES)


def _bare(row: Row) -> str:
    """A holiday's name without the word that it is only estimated."""
    return plain(re.sub(rf"\(?({'|'.join(ESTIMATES)})\)?", "", str(row.get("remark", ""))))


Period = tuple[object, ...]
"""A row of Jam Kerja by what it says: its dates, days and times."""


def _hours(work: _Carrying) -> list[Row] | None:
    """The usual hours of the new year and the next, unless the office wrote its own in their place; its own with them.

    What sopkit would have written into the old register and is not there any more, the office has changed.
    """
    if HOURS.name not in work.typed.sheets:
        return None
    wanted = [work.year, work.year + 1]
    usual = dict(zip(_periods(seed_frames(wanted)[1]), hours_rows(wanted), strict=True))
    before = set(_periods(seed_frames([work.old_year, work.old_year + 1])[1]))
    hours = work.register.hours.read
    typed = dict(zip(hours.index.tolist(), _periods(hours), strict=True))
    own: list[Row] = []
    behind: list[str] = []
    estimated: list[Period] = []
    for number, row in work.rows(HOURS):
        period = typed[number]
        last = period[1]
        if period in usual or period in before:
            continue
        if _estimated(row):
            estimated.append(period)
        elif isinstance(last, dt.date) and last < work.first_day:
            behind.append(f"{row.get('days', '')} sampai {date_text(last)}")
        else:
            own.append(row)
    work.leave("Jam kerja setempat yang sudah berakhir dan tidak disalin", behind)
    there = set(typed.values())
    kept = [
        named_row(HOURS, seed)
        for period, seed in usual.items()
        if period in there or period not in before or any(_overlap(period, other) for other in estimated)
    ]
    if own:
        work.said.append(f"{len(own)} baris jam kerja kantor sendiri ikut disalin.")
    return [*kept, *own] or None


def _periods(hours: Frame) -> Iterator[Period]:
    for row in zip(*(hours[name] for name in HOURS_TOLD_BY), strict=True):
        yield tuple(map(_plainly, row))


def _plainly(value: Any) -> object:
    if isinstance(value, str):
        return plain(value)
    return value.date() if isinstance(value, dt.datetime) else value


def _overlap(one: Period, other: Period) -> bool:
    """Whether two dated rows share a day."""
    first, last, begin, end = one[0], one[1], other[0], other[1]
    if not (isinstance(first, dt.date) and isinstance(last, dt.date)):
        return False
    return isinstance(begin, dt.date) and isinstance(end, dt.date) and first <= end and begin <= last
