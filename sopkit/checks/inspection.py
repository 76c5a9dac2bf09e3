"""One register under inspection: what the rules look at, and the run that turns their marks into findings.

A cell in error is unknown: after each rule of severity error its cells are blanked in `frame(...)` and remembered in
`unknown(...)`, so no later rule reports what follows only from them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from sopkit.checks.catalogue import FAMILIES, RULES, Finding, Mark, Rule, Severity, finding
from sopkit.errors import SopkitError
from sopkit.register.address import address_parts, column_number
from sopkit.register.columns import SETTINGS, Column, Kind
from sopkit.register.register import Register, Table
from sopkit.sop.model import Sop, Standard
from sopkit.workcalendar import WorkCalendar

if TYPE_CHECKING:
    from sopkit.checks.courses import Courses

Rows = pd.Series | pd.Index | pd.DataFrame | Iterable[int]
DARK_READINGS = ("error-cell", "not-calculated", "unreadable", "ambiguous")


@dataclass(frozen=True)
class Inspected:
    """A register with all that was found in it. `findings` are ordered by sheet, row, column, code.

    `courses` lays out the executions of the steps (working time taken, deadlines, rounds after rejections);
    documents, reports and mail read it instead of computing again.
    """

    register: Register
    sop: Sop
    calendar: WorkCalendar
    as_of: dt.datetime
    findings: tuple[Finding, ...]
    courses: Courses

    @property
    def summary(self) -> Mapping[str, int]:
        """Counts for temuan.json: error, breach (without the explained), explained, warning, note."""
        counts = dict.fromkeys(("error", "breach", "explained", "warning", "note"), 0)
        for found in self.findings:
            counts[found.counts_as] += 1
        return counts

    @cached_property
    def by_case(self) -> Mapping[str, tuple[Finding, ...]]:
        """Findings of each case that has any, by No. Catatan."""
        grouped: dict[str, list[Finding]] = {}
        for found in self.findings:
            if found.case:
                grouped.setdefault(found.case, []).append(found)
        return {case: tuple(found) for case, found in grouped.items()}

    def blocking(self, case: str) -> tuple[Finding, ...]:
        """Errors that keep this case's documents from being made."""
        return tuple(f for f in self.by_case.get(case, ()) if f.severity is Severity.ERROR)

    @property
    def failed(self) -> bool:
        """True when `validate` exits 1: an error or an unexplained breach."""
        return bool(self.summary["error"] or self.summary["breach"])


class Inspection:
    """What a rule is given. Frames are indexed as `Table.data`; rules read and never write them."""

    def __init__(
        self, register: Register, sop: Sop, calendar: WorkCalendar, as_of: dt.datetime, ptpp_elsewhere: frozenset[str]
    ) -> None:
        self.register = register
        self.sop = sop
        self.calendar = calendar
        self.as_of = as_of
        self.ptpp_elsewhere = ptpp_elsewhere
        self.tables: Mapping[str, Table] = {table.plan.table: table for table in register.tables}
        self._frames = {name: self._canonical(table) for name, table in self.tables.items()}
        self._unknown: dict[tuple[str, str], pd.Series] = {}
        self._nothing = {name: pd.Series(False, index=frame.index) for name, frame in self._frames.items()}
        for table in register.tables:
            self._darken(table)

    def frame(self, table: str) -> pd.DataFrame:
        """The table's typed data with the cells in error blanked."""
        return self._frames[table]

    def unknown(self, table: str, field: str) -> pd.Series:
        """True where the cell is in error."""
        return self._unknown.get((table, field), self._nothing[table])

    def blank(self, table: str, field: str) -> pd.Series:
        """True where nothing was typed: missing and not in error."""
        empty = self._frames[table][field].isna()
        return empty & ~self._unknown[table, field] if (table, field) in self._unknown else empty

    def has(self, table: str, field: str) -> bool:
        """Whether the sheet and the column are there at all; what they would hold is unknown otherwise."""
        place = self.tables[table]
        return place.present and (field in place.letters or place.addresses is not None)

    def allowed(self, column: Column) -> tuple[str, ...]:
        """The values of a column's list, as the office writes them; the SOP's roles count as Peran."""
        values = self.register.choices.get(column.choices, ())
        if column.choices != "Peran":
            return values
        known = {text.casefold() for text in values}
        return (*values, *(role for role in self.sop.roles if role.casefold() not in known))

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Names of sheet Pegawai as it writes them, by their plain form (a second row of a name adds nothing)."""
        found: dict[str, str] = {}
        for name in self.tables["people"].data["name"].dropna():
            found.setdefault(plain(name), name)
        return found

    @cached_property
    def roles(self) -> Mapping[str, str]:
        """Name -> Peran of the people whose role is known."""
        people = self.frame("people").dropna(subset=["name", "role"])
        return dict(zip(people["name"], people["role"], strict=True))

    def _canonical(self, table: Table) -> pd.DataFrame:
        """The typed data, with list values and names in the spelling of their list: `ditolak` is Ditolak."""
        frame = table.data.copy()
        for column in table.plan.columns:
            if column.kind is Kind.CHOICE:
                spelling: Mapping[str, str] = {plain(value): value for value in self.allowed(column)}
            elif column.kind is Kind.PERSON:
                spelling = self.names
            else:
                continue
            typed = frame[column.field]
            texts = [text for text in pd.unique(typed.to_numpy()) if isinstance(text, str)]
            known = {text: spelling.get(plain(text), text) for text in texts}
            if any(text != spelled for text, spelled in known.items()):
                frame[column.field] = typed.map(known).astype(object).where(typed.notna(), None)
        return frame

    def _darken(self, table: Table) -> None:
        """What could not be read is unknown from the start, and so are merged followers and absent required columns."""
        plan, name = table.plan, table.plan.table
        dark = [(reading.field, reading.row) for reading in table.readings if reading.kind in DARK_READINGS]
        for span in table.structure.merged:
            dark += [place for place in _covered(table, span) if _is_missing(table.data.at[place[1], place[0]])]
        for column in plan.columns:
            if column.required and not self.has(name, column.field):
                dark += [(column.field, row) for row in table.data.index]
        places: dict[str, list[int]] = {}
        for field, row in dark:
            places.setdefault(field, []).append(row)
        for field, rows in places.items():
            self._hide(name, field, rows)

    @cached_property
    def courses(self) -> Courses:
        """The executions of the steps, laid out once stage 1 has told which cells are unknown."""
        from sopkit.checks.courses import lay_out

        return lay_out(self)

    @cached_property
    def case_rows(self) -> pd.Series:
        """No. Catatan -> row of its case: the numbers that are known, and those in error only for their form.

        A number off the office's pattern (D13) is wrong, but where sheet Langkah bears the very same one it still says
        which case is meant.
        """
        typed = self.tables["cases"].data["number"]
        meant = self.unknown("cases", "number") & ~typed.duplicated(keep=False)
        meant &= typed.isin(self.tables["events"].data["case"].dropna())
        numbers = self.frame("cases")["number"].fillna(typed.where(meant)).dropna()
        return pd.Series(numbers.index, index=numbers.to_numpy(), dtype="int64")

    def setting(self, key: str) -> str:
        return self.register.settings.get(key, "").strip()

    def standard_setting(self, key: str) -> Standard:
        """A setting such as `1 hari`; its default where the office typed something else (D50 says so)."""
        try:
            return Standard.parse(self.setting(key))
        except ValueError:
            return Standard.parse(default_setting(key))

    def mark(
        self, table: str, rows: Rows, field: str, *, severity: Severity | None = None, **values: Any
    ) -> Iterator[Mark]:
        """Point to `field` in each of `rows` (a boolean Series, an index, or a frame whose index names the rows).

        `values` are said for each row: a Series or mapping is looked up by row, anything else is said as it is.
        """
        place = self.tables[table]
        remarks = place.data["remark"] if "remark" in place.data.columns else None
        for row in _index(rows):
            said = {k: v[row] if isinstance(v, (pd.Series, Mapping)) else v for k, v in values.items()}
            cell = place.cell(row, field)
            yield Mark(
                sheet=place.sheet,
                cell=cell,
                column=place.plan.column(field).header,
                row=int("".join(filter(str.isdigit, cell)) or row),
                values=said,
                case=self.case_of(table, row),
                step=self.step_of(table, row),
                severity=severity,
                remark=None if remarks is None else _text(remarks[row]),
                table=table,
                index=int(row),
                field=field,
            )

    def mark_sheet(self, sheet: str, cell: str = "", column: str = "", row: int | None = None, **values: Any) -> Mark:
        """Point to a sheet, a header or a cell that belongs to no case."""
        return Mark(sheet=sheet, cell=cell, column=column, row=row, values=values)

    def case_of(self, table: str, row: int) -> str | None:
        field = {"cases": "number", "events": "case"}.get(table)
        value = self.tables[table].data.at[row, field] if field else None
        return value if isinstance(value, str) else None

    def step_of(self, table: str, row: int) -> int | None:
        value: Any = self.tables[table].data.at[row, "step"] if table == "events" else None
        return None if _is_missing(value) else int(value)

    def forget(self, marks: Iterable[Mark]) -> None:
        """Make the marked cells unknown."""
        places: dict[tuple[str, str], list[int]] = {}
        for mark in marks:
            if mark.table and mark.index is not None:
                places.setdefault((mark.table, mark.field), []).append(mark.index)
        for (table, field), rows in places.items():
            self._hide(table, field, rows)

    def _hide(self, table: str, field: str, rows: Iterable[int]) -> None:
        unknown = self.unknown(table, field).copy()
        unknown.loc[list(rows)] = True
        self._unknown[table, field] = unknown
        frame = self._frames[table]
        frame[field] = frame[field].mask(unknown)


def _is_missing(value: Any) -> bool:
    return value is None or bool(pd.isna(value))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def rows_of(column: pd.Series) -> Iterator[tuple[int, Any]]:
    """The rows of a column with their values."""
    return zip(map(int, column.index), column.to_numpy(), strict=True)


def plain(text: str) -> str:
    """A name or list value as people compare them: case and repeated blanks do not count."""
    return " ".join(text.split()).casefold()


def _covered(table: Table, span: str) -> Iterator[tuple[str, int]]:
    """The cells (field, row) of a merged range that lie in the data."""
    first, _, last = span.partition(":")
    (top, left), (bottom, right) = address_parts(first), address_parts(last or first)
    for field, letters in table.letters.items():
        if left <= column_number(letters) <= right:
            rows = table.data.index
            yield from ((field, int(row)) for row in rows[(rows >= top) & (rows <= bottom)])


def default_setting(key: str) -> str:
    """The default of a Kantor key; KeyError for an unknown one."""

    return {setting.key: setting.default for setting in SETTINGS}[key]


def inspect_register(
    register: Register,
    sop: Sop,
    as_of: dt.datetime | None = None,
    ptpp_elsewhere: Iterable[str] = (),
) -> Inspected:
    """Run every rule over one register.

    `as_of` is "now" (naive local time); without it Kantor's Waktu Acuan, else the clock. `ptpp_elsewhere` are the
    PTPP numbers of other workbooks given in the same call. A rule that crashes raises RuntimeError naming it.
    """
    moment = (as_of or _office_moment(register) or dt.datetime.now()).replace(microsecond=0, tzinfo=None)
    calendar = office_calendar(register, sop, moment)
    inspection = Inspection(register, sop, calendar, moment, frozenset(ptpp_elsewhere))
    findings = sorted(_run(inspection), key=_place)
    return Inspected(register, sop, calendar, moment, tuple(findings), inspection.courses)


def _office_moment(register: Register) -> dt.datetime | None:
    try:
        return register.as_of()
    except ValueError:  # D50 says so
        return None


def office_calendar(register: Register, sop: Sop, as_of: dt.datetime) -> WorkCalendar:
    """Working time as the workbook's Kalender and Jam Kerja say; seeded where those sheets are missing.

    Kantor's Arti Satu Hari overrides the SOP's reading of a day, unless it cannot be used (D50 says so).
    """
    from sopkit.register.seed import seed_frames

    first, last = period_in_use(register, as_of)
    calendar, hours = register.calendar.data, register.hours.data
    if not (register.calendar.present and register.hours.present):
        seeded_calendar, seeded_hours = seed_frames(range(first.year, last.year + 1))
        calendar = calendar if register.calendar.present else seeded_calendar
        hours = hours if register.hours.present else seeded_hours
    day = register.settings.get("Arti Satu Hari", "").strip()
    try:
        return WorkCalendar.from_tables(calendar, hours, first, last, day or sop.day)
    except ValueError:
        return WorkCalendar.from_tables(calendar, hours, first, last, sop.day)


def period_in_use(register: Register, as_of: dt.datetime) -> tuple[dt.date, dt.date]:
    """First and last day in use: the moments of cases and events within 20 years of `as_of`, and `as_of` itself.

    Dates before the register's year are D16's and do not stretch it.
    """
    moments = moments_in_use(register, as_of)
    return moments.min().date(), moments.max().date()


def moments_in_use(register: Register, as_of: dt.datetime) -> pd.Series:
    """The moments that `period_in_use` spans."""
    now = pd.Series([pd.Timestamp(as_of)])
    events, found = register.events.data, register.cases.data["found_at"]
    moments = pd.concat([found, events["start"], events["end"], now]).dropna()
    near = moments[(moments - now[0]).abs() < pd.Timedelta(days=20 * 366)]
    year = register.settings.get("Tahun Register", "").strip()
    since = min(int(year), as_of.year) if year.isdecimal() else 0
    used: pd.Series = near.loc[near.dt.year >= since]
    return used


def _run(inspection: Inspection) -> Iterator[Finding]:
    from sopkit.checks import families

    families()
    for rule in sorted(RULES.values(), key=lambda rule: (rule.stage, list(FAMILIES).index(rule.family))):
        if rule.check is not None:
            yield from _apply(rule, inspection)


def _apply(rule: Rule, inspection: Inspection) -> Iterator[Finding]:
    assert rule.check is not None
    try:
        marks = list({(mark.sheet, mark.cell): mark for mark in reversed(list(rule.check(inspection)))}.values())[::-1]
        inspection.forget(mark for mark in marks if (mark.severity or rule.severity) is Severity.ERROR)
        yield from [finding(rule, mark) for mark in marks]
    except SopkitError:
        raise
    except Exception as error:
        raise RuntimeError(f"rule {rule.code} crashed: {error!r}") from error


def _place(found: Finding) -> tuple[str, int, str, str, str]:
    """Sheet, row, column, code, as temuan.json names them."""
    return (found.sheet, found.row or 0, found.column, found.code, found.message)


def _index(rows: Rows) -> Iterable[int]:
    if isinstance(rows, pd.Series) and rows.dtype == bool:
        return list(rows.index[rows])
    if isinstance(rows, (pd.Series, pd.DataFrame)):
        return list(rows.index)
    return list(rows)
