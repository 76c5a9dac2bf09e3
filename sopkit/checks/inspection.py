"""One register under inspection: what the rules look at, and the run that turns their marks into findings.

A cell in error is unknown: after each rule of severity error its cells are blanked in `frame(...)` and remembered in
`unknown(...)`, so no later rule reports what follows only from them.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from functools import cached_property

import numpy as np

from sopkit import language
from sopkit.arrays import Array, Flags, Ints, Moments
from sopkit.checks.canonical import canonical
from sopkit.checks.catalogue import CHANGED, FAMILIES, RULES, Finding, Mark, Rule, Severity, counted, finding
from sopkit.checks.changes import Changes
from sopkit.checks.executions import NAT, Entries, Executions, lay_out, rows_of_cases
from sopkit.checks.plausible_dates import first_plausible
from sopkit.checks.reasons import is_nothing
from sopkit.checks.staff import Staff, Standings, posts_of
from sopkit.checks.suggest import not_in
from sopkit.errors import SopkitError
from sopkit.frames import Frame, Series, is_in, is_missing, places_of, plain_values
from sopkit.ooxml.address import address_parts, column_number, corners, row_of
from sopkit.register.history import History, history_of
from sopkit.register.numbering import DocumentNumber
from sopkit.register.schema import DISPOSALS, EVENTS, PEOPLE, REGISTER, SETTINGS, Cases, Column, Events, SheetPlan
from sopkit.register.tables import Book, Reading, Register, Table
from sopkit.sop.model import Office, Sop, Standard, load_sop
from sopkit.text import QUOTED_LETTERS, plain, quoted
from sopkit.workcalendar import WorkCalendar

Rows = Array | Series | Sequence[int]
JUDGING = ("U", "W", "P", "K")  # the families that hold a case to the SOP
JUDGING_PHASES, COMPARING = (1, 2, 3), 4  # phases of rules: what the register says, what it said before
NOT_JUDGED = "tidak dinilai"  # the verdict on an execution of a case that is history
FEW_OLD = 3  # findings of a rule on cases that are history: more of them are folded into one note
UNREADABLE = ("error-cell", "not-calculated", "unreadable", "ambiguous", "swapped")


@dataclass(frozen=True)
class Inspected:
    """A register with all that was found in it. `findings` are ordered by sheet, row, column, code.

    In `register` list values, names and references have the spelling of their list, whatever was typed (`raw`).

    `executions` lays out the executions of the steps (working time taken, deadlines, rounds after rejections);
    documents, reports and mail read it instead of computing again. `staff` is who is who in sheet Pegawai.
    """

    register: Register
    sop: Sop
    calendar: WorkCalendar
    as_of: dt.datetime
    findings: tuple[Finding, ...]
    executions: Executions
    staff: Staff
    inspection: Inspection = dataclass_field(repr=False, compare=False)

    @property
    def changes(self) -> Changes | None:
        """What changed since former checks; None where it was not held beside any."""
        return self.inspection.changes

    @property
    def book(self) -> Book:
        """The file that it was read from."""
        return self.register.source.book

    @property
    def summary(self) -> Mapping[str, int]:
        """Counts for temuan.json; breach and warning are those that Keterangan does not explain."""
        return counted(self.findings)

    @cached_property
    def by_case(self) -> Mapping[str, tuple[Finding, ...]]:
        """Findings of each case that has any, by No. Catatan."""
        grouped: dict[str, list[Finding]] = {}
        for found in self.findings:
            if found.case:
                grouped.setdefault(found.case, []).append(found)
        return {case: tuple(found) for case, found in grouped.items()}

    @cached_property
    def history(self) -> History:
        """The cases that are kept and not judged."""
        return history_of(self.register)

    @cached_property
    def office(self) -> Office:
        """The office as sheet Kantor names it; where that is silent, as the SOP prints it, if the SOP is its own.

        The SOP of the package is another office's until Kantor gives that office's name. A workbook whose Kantor has
        no line for the name has the defaults (product.md), and B50 says of a missing sheet whose letterhead they are.
        """
        printed, said = self.sop.office, self.register.settings
        name = said.get("Nama Kantor", "").strip()
        if name:
            own = plain(name) == plain(printed.name)
        else:
            own = self._office_cell("Nama Kantor") is None or printed.name != load_sop().office.name
        silent = printed if own else replace(printed, government="", name="", address="", place="")
        return replace(
            silent,
            government=said.get("Pemerintah", "").strip() or silent.government,
            name=name or silent.name,
            address=said.get("Alamat", "").strip() or silent.address,
            place=said.get("Tempat", "").strip() or silent.place,
        )

    @cached_property
    def office_gaps(self) -> Mapping[str, int]:
        """The key of Kantor that no document can do without and that nobody has filled, with its row (of the header
        where the key has none): Nama Kantor, and once it is there, Tempat.
        """
        lacking = [
            key for key, value in (("Nama Kantor", self.office.name), ("Tempat", self.office.place)) if not value
        ]
        return {key: self._office_cell(key) or self.register.office.header_row for key in lacking[:1]}

    def _office_cell(self, key: str) -> int | None:
        """The row of a key in sheet Kantor, the last where it stands twice; None where it is not there."""
        keys = self.register.office.read["key"].dropna().items()
        return next((row for row, name in reversed(list(keys)) if plain(name) == plain(key)), None)

    def beside(self, changes: Changes) -> Inspected:
        """The same beside what former checks saw: with the findings of family R."""
        inspection = copy(self.inspection)
        inspection.changes = changes
        rest = (found for found in self.findings if found.family != CHANGED)
        findings = (*rest, *_run(inspection, {COMPARING}))
        return replace(self, inspection=inspection, findings=tuple(sorted(findings, key=_place)))

    def with_findings(self, more: Iterable[Finding]) -> Inspected:
        """The same with what came up while its documents were made (family T)."""
        return replace(self, findings=tuple(sorted((*self.findings, *more), key=_place)))

    def blocking(self, case: str) -> tuple[Finding, ...]:
        """Errors that keep this case's documents from being made."""
        return tuple(f for f in self.by_case.get(case, ()) if f.severity is Severity.ERROR)

    @property
    def failed(self) -> bool:
        """True when `validate` exits 1: an error or an unexplained breach."""
        return bool(self.summary["error"] or self.summary["breach"])


class Inspection:
    """What a rule is given. Columns are named as in `register.schema` (`Cases.found_at`), so mypy sees a misspelt one.

    Arrays have a place for each row of their sheet. Rules work on arrays: on the register of a small office pandas
    would spend its time on itself.
    """

    def __init__(
        self, register: Register, sop: Sop, calendar: WorkCalendar, as_of: dt.datetime, ptpp_elsewhere: frozenset[str]
    ) -> None:
        self.listed = Staff(posts_of(register.people.read))  # sheet Pegawai with the cells in error
        self.register = _without_guessed_starts(canonical(register, sop, self.listed), sop)
        self.sop = sop
        self.calendar = calendar
        self.as_of = as_of
        self.ptpp_elsewhere = ptpp_elsewhere
        self.changes: Changes | None = None
        self.understood: Inspection | None = None  # as it was after phase 1: what is no more than contradicted is known
        self._tables: Mapping[str, Table] = {table.plan.table: table for table in self.register.tables}
        self._read: dict[Column, Series] = {}
        self._known: dict[Column, Series] = {}  # the columns that have cells in error, with those missing
        self._values: dict[Column, Array] = {}
        self._texts: dict[Column, Mapping[int, str]] = {}
        self._days: dict[Column, Mapping[int, dt.date]] = {}
        self._different: dict[Column, Sequence[str]] = {}
        self._missing: dict[Column, Flags] = {}
        self._says_nothing: dict[Column, Flags] = {}
        self.numbers: dict[Column, tuple[object, dict[int, DocumentNumber]]] = {}  # what `numbers.parsed` read of texts
        self._unknown: dict[Column, Flags] = {}
        self._nothing = {name: np.zeros(len(table.read), dtype=bool) for name, table in self._tables.items()}
        for table in self._tables.values():
            self._mark_unreadable(table)

    def apart(self) -> Inspection:
        """The same, of which no cell becomes unknown any more."""
        same = copy(self)
        same._known, same._unknown, same._values = dict(self._known), dict(self._unknown), dict(self._values)
        same._different, same._missing = dict(self._different), dict(self._missing)
        return same

    def table(self, plan: SheetPlan) -> Table:
        """The sheet as it was read."""
        return self._tables[plan.table]

    def rows(self, plan: SheetPlan) -> Ints:
        """The rows of the sheet; in the wide layout those of Langkah are numbers of its events."""
        return self._tables[plan.table].read.index

    def known(self, column: Column) -> Series:
        """A column by row, with the cells in error missing."""
        return self._known[column] if column in self._known else self.read(column)

    def read(self, column: Column) -> Series:
        """A column by row as it was read, cells in error too."""
        if column not in self._read:
            self._read[column] = self._tables[column.table].read[column.field]
        return self._read[column]

    def raw(self, column: Column) -> Series:
        """A column by row as typed in."""
        return self._tables[column.table].typed[column.field]

    def values(self, column: Column) -> Array:
        """A column with the cells in error missing."""
        if column not in self._values:
            self._values[column] = self.known(column).array
        return self._values[column]

    def of_cases(self, column: Column, case_rows: Ints) -> Array:
        """One column of Register at these of its rows."""
        return np.asarray(self.values(column)[places_of(self.read(column).index, case_rows)])

    def filled(self, column: Column) -> Flags:
        """True where the value is known."""
        return ~self._lacking(column)

    def _lacking(self, column: Column) -> Flags:
        """True where the value is missing or in error."""
        if column not in self._missing:
            self._missing[column] = is_missing(self.values(column))
        return self._missing[column]

    def different(self, column: Column) -> Sequence[str]:
        """The known texts of a column, each once, in order."""
        if column not in self._different:
            self._different[column] = list(not_in(self.values(column), ()))
        return self._different[column]

    def texts(self, column: Column) -> Mapping[int, str]:
        """The known texts of a column by row."""
        if column not in self._texts:
            rows, values = self.read(column).index.tolist(), self.values(column).tolist()
            texts = {row: text for row, text in zip(rows, values, strict=True) if isinstance(text, str)}
            self._texts[column] = texts
        return self._texts[column]

    def days(self, column: Column) -> Mapping[int, dt.date]:
        """The known days of a column by row."""
        if column not in self._days:
            days = self.values(column).astype("datetime64[D]").tolist()
            rows = self.read(column).index.tolist()
            self._days[column] = {row: day for row, day in zip(rows, days, strict=True) if day}
        return self._days[column]

    def says_nothing(self, column: Column) -> Flags:
        """True where a text gives no reason, whether in error or not."""
        if column not in self._says_nothing:
            values = self.read(column).array
            empty = {text for text in not_in(values, ()) if is_nothing(text)}
            self._says_nothing[column] = np.fromiter((v in empty for v in values.tolist()), bool, len(values))
        return self._says_nothing[column]

    def unknown(self, column: Column) -> Flags:
        """True where the cell is in error."""
        return self._unknown.get(column, self._nothing[column.table])

    def blank(self, column: Column) -> Flags:
        """True where nothing was typed: missing and not in error."""
        return self._lacking(column) & ~self.unknown(column)

    def has(self, column: Column) -> bool:
        """Whether the sheet and the column are there at all; what they would hold is unknown otherwise.

        In the wide layout what a row does not say of a step itself comes from elsewhere (its case, its start).
        """
        return any(_holds(sheet, column) for sheet in self._tables[column.table].sheets)

    def there(self, column: Column) -> Flags:
        """True for the rows of which the sheet has the column: `has` of each, where a table stands on several."""
        sheets = self._tables[column.table].sheets
        return np.repeat([_holds(sheet, column) for sheet in sheets], [len(sheet.read) for sheet in sheets])

    @cached_property
    def unconnected(self) -> tuple[Column, ...]:
        """The columns of Register that no column of an office's own workbook stands for, and of which its layout file
        does not say that the office does without. The required ones are B02's.
        """
        cases, unkept = self.register.cases, self.register.cases.structure.absent_headers
        if not (cases.present and self.register.source.book.layout.adopted):
            return ()
        left = (column for column in REGISTER.columns if column.field not in cases.letters)
        return tuple(c for c in left if not c.required and c != Cases.remark and c.header not in unkept)

    @property
    def possibly_cancelled(self) -> Ints:
        """The rows in Register of the cases that are cancelled, or whose Status is in error: what is asked of a running
        case is not asked of them.
        """
        cancelled = self.values(Cases.status) == "Batal"
        cancelled |= self.unknown(Cases.status) & self.there(Cases.status)
        return np.asarray(self.rows(REGISTER)[cancelled])

    @cached_property
    def history(self) -> History:
        """The cases that are kept and not judged."""
        return history_of(self.register)

    def judges(self, mark: Mark) -> bool:
        """Whether a mark is of no case that is history."""
        past = {REGISTER.table: self.history.cases, DISPOSALS.table: self.history.disposals}
        table = mark.field.table if mark.field else ""
        return mark.index not in past.get(table, ()) and mark.case not in self.history.numbers

    @cached_property
    def staff(self) -> Staff:
        """Sheet Pegawai as people, without the cells in error: for rules that run after family D."""
        return Staff(posts_of(self.people))

    @cached_property
    def actors(self) -> Standings:
        """What who executed each of `executions` was on that day: Mulai, else Selesai."""
        done = self.executions
        recorded = np.where(done.start_given, done.start, NAT)
        return self.staff.standings(done.actor, first_known(recorded, done.end, done.start))

    @property
    def people(self) -> Frame:
        """Sheet Pegawai with the cells in error missing, but for a name that stands twice (D10): what its second row
        says of the person holds beside the first, so that nothing follows from the error.
        """
        known = {column.field: self.values(column) for column in PEOPLE.columns}
        return Frame(known | {"name": self.read(PEOPLE.column("name")).array}, self.rows(PEOPLE))

    def _mark_unreadable(self, table: Table) -> None:
        """What could not be read is unknown from the start, and so are merged followers and absent columns.

        An absent column of Register that is asked for as a record counts as empty: that record is missing (K01, K02 …).
        Of an office's own workbook it is unknown: no column has been connected with it, which B55 says once.
        """
        places: dict[str, list[int]] = {}
        for reading in table.readings:
            if reading.kind in UNREADABLE:
                places.setdefault(reading.field, []).append(reading.row)
        for sheet in table.sheets:
            for span in sheet.structure.merged:
                for field, row in _covered(sheet, span):
                    if table.read.value(row, field) is None:
                        places.setdefault(field, []).append(row)
            for column in table.plan.columns:
                asked_for = table.plan.table != EVENTS.table and column not in (Cases.status, Cases.remark)
                unkept = column.header in sheet.structure.absent_headers or column in self.unconnected
                unknowable = column.required or not asked_for or unkept or sheet.structure.broken_headers
                if unknowable and not _holds(sheet, column):
                    places.setdefault(column.field, []).extend(sheet.read.index.tolist())
        for field, rows in places.items():
            self._make_unknown(table.plan.column(field), rows)

    @cached_property
    def executions(self) -> Executions:
        """The executions of the steps, laid out once phase 1 has told which cells are unknown."""
        numbers = Counter(self.read(Cases.number).dropna())
        twice = [number for number, times in numbers.items() if times > 1 and number in self.case_rows]
        entries = Entries(
            rows=self.rows(EVENTS),
            case=self.values(Events.case),
            step=self.values(Events.step),
            actor=self.values(Events.actor),
            outcome=self.values(Events.outcome),
            remark=self.values(Events.remark),
            start=self._plausible(Events.start),
            end=self._plausible(Events.end),
            start_given=self.start_given,
            typed=self.read(Events.case).array,
            end_blank=self.blank(Events.end),
            outcome_unknown=self.unknown(Events.outcome),
            case_rows=self.case_rows,
            shared=frozenset(self.case_rows[number] for number in twice),
        )
        done = lay_out(self.sop, self.calendar, self.as_of, entries)
        if not self.history.cases:
            return done
        past = is_in(done.case_row, self.history.cases)
        return replace(done, verdict=np.where(past, NOT_JUDGED, done.verdict))

    @cached_property
    def start_given(self) -> Flags:
        """True for the rows of Langkah whose Mulai was typed; in the wide layout it may follow from the step before."""
        if self.table(EVENTS).addresses is None:
            return np.full(len(self.rows(EVENTS)), True)
        return self.raw(Events.start).notna().array

    def recorded(self, column: Column) -> Array:
        """A column with the cells in error missing, and without the Mulai that nobody recorded."""
        values = self.values(column)
        return np.where(self.start_given, values, NAT) if column == Events.start else values

    def _plausible(self, column: Column) -> Moments:
        return np.where(self.implausible(column), NAT, self.values(column))

    def implausible(self, column: Column) -> Flags:
        """True for the moments of a column of Langkah before the register's time (D16) though their case is not.

        A single wrong year is a slip of the pen; where the whole case is as old, that is its time.
        """
        old = np.asarray(self.values(column) < self.first_plausible)
        if old.any():
            rows = rows_of_cases(self.case_rows, self.values(Events.case)[old])
            found = np.full(len(rows), NAT)
            found[rows >= 0] = self.of_cases(Cases.found_at, rows[rows >= 0])
            old[old] = found >= self.first_plausible
        return old

    @cached_property
    def first_plausible(self) -> np.datetime64:
        """The first day that a record of this register can bear."""
        return first_plausible(self.register)

    @cached_property
    def case_rows(self) -> Mapping[str, int]:
        """No. Catatan -> row of its case: the numbers that are known, and those in error only for their form.

        A number off the office's pattern (D13) is wrong, but where sheet Langkah bears the very same one it still says
        which case is meant.
        """
        numbers = self.values(Cases.number)
        if self.unknown(Cases.number).any():
            typed, events = self.read(Cases.number).array, set(self.read(Events.case))
            times = Counter(typed.tolist())
            meant = [times[number] == 1 and number in events for number in typed.tolist()]
            numbers = np.where(is_missing(numbers) & np.array(meant) & self.unknown(Cases.number), typed, numbers)
        pairs = zip(numbers.tolist(), self.rows(REGISTER).tolist(), strict=True)
        return {number: row for number, row in pairs if number is not None}

    def setting(self, key: str) -> str:
        return self.register.settings.get(key, "").strip()

    def shown_numbers(self, column: Column) -> tuple[Reading, ...]:
        """The cells of a column that hold a number and show another text by their number format."""
        readings = self._tables[column.table].readings
        return tuple(one for one in readings if one.kind == "shown" and one.field == column.field)

    def standard_setting(self, key: str) -> Standard:
        """A setting such as `1 hari`; its default where the office typed something else (D50 says so)."""
        try:
            return Standard.parse(self.setting(key))
        except ValueError:
            return Standard.parse(default_setting(key))

    def mark(
        self, rows: Rows, column: Column, /, *, severity: Severity | None = None, **values: object
    ) -> Iterator[Mark]:
        """Point to the column in each of `rows` (an array or Series of truth values, or the rows themselves).

        `values` are said for each row: an array has a place for each row that is pointed to, a Series and a mapping are
        looked up by row, anything else is said as it is.
        """
        table = self._tables[column.table]
        places = self._places(table, rows)
        if not len(places):
            return
        index = table.read.index[places].tolist()
        said = [(name, self._quoted(_said(value, index))) for name, value in values.items()]
        cases, steps, remarks = (_as_read(table, places, name) for name in ("case", "step", "remark"))
        plain_rows = table.addresses is None and not table.parts and column.field in table.letters
        for n, row in enumerate(index):
            cell = f"{table.letters[column.field]}{row}" if plain_rows else table.cell(row, column.field)
            yield Mark(
                sheet=table.sheet if plain_rows else table.part(row).sheet,
                cell=cell,
                column=column.header,
                row=row if plain_rows else row_of(cell),
                values={name: spoken[n] for name, spoken in said},
                case=_text(cases[n]),
                step=_whole(steps[n]),
                severity=severity,
                remark=_text(remarks[n]),
                index=row,
                field=column,
            )

    def _quoted(self, said: Sequence[object]) -> Sequence[object]:
        """The same with what was typed cut to what a finding quotes; what a rule composed stays whole."""
        if not any(isinstance(value, str) and len(value) > QUOTED_LETTERS for value in said):
            return said
        return [quoted(value) if isinstance(value, str) and value in self._long_texts else value for value in said]

    @cached_property
    def _long_texts(self) -> frozenset[str]:
        """The texts of the register that a finding does not quote whole."""
        frames = (frame for table in self.register.tables for frame in (table.typed, table.read))
        columns = (array for frame in frames for array in frame.columns.values() if array.dtype == object)
        values = (value for column in columns for value in column.tolist())
        return frozenset(value for value in values if type(value) is str and len(value) > QUOTED_LETTERS)

    def _places(self, table: Table, rows: Rows) -> Ints:
        """The places in the table that `rows` stands for."""
        if isinstance(rows, (np.ndarray, Series)) and rows.dtype == bool:
            return np.flatnonzero(rows)
        wanted = rows.index if isinstance(rows, Series) else rows
        return places_of(table.read.index, wanted) if len(wanted) else np.zeros(0, dtype=np.int64)

    def mark_sheet(
        self, sheet: str, cell: str = "", column: str = "", row: int | None = None, **values: object
    ) -> Mark:
        """Point to a sheet, a header or a cell that belongs to no case."""
        return Mark(sheet=sheet, cell=cell, column=column, row=row, values=values)

    def called(self, row: int, column: Column) -> str:
        """`baris 5`, and of which sheet where a table stands on several."""
        return self._tables[column.table].called(row)

    def address(self, row: int, column: Column) -> str:
        """`Register!A5`."""
        place = self._tables[column.table]
        return f"{place.part(row).sheet}!{place.cell(row, column.field)}"

    def mark_unknown(self, marks: Iterable[Mark]) -> None:
        """Make the marked cells unknown."""
        places: dict[Column, list[int]] = {}
        for mark in marks:
            if mark.field and mark.index is not None:
                places.setdefault(mark.field, []).append(mark.index)
        for column, rows in places.items():
            self._make_unknown(column, rows)

    def _make_unknown(self, column: Column, rows: Sequence[int]) -> None:
        unknown = self.unknown(column).copy()
        unknown[places_of(self.read(column).index, rows)] = True
        if column == Events.end and not self.start_given.all():
            self._make_unknown(Events.start, self._following(rows))
        self._unknown[column] = unknown
        self._known[column] = self.read(column).without(unknown)
        for known in (self._values, self._texts, self._days, self._different, self._missing):
            known.pop(column, None)

    def _following(self, rows: Sequence[int]) -> Sequence[int]:
        """Of the wide layout's events those whose Mulai follows from the Selesai of these."""
        events = self.table(EVENTS)
        homes = [row_of(cell) for cell in events.addresses[Events.end.field]] if events.addresses is not None else []
        places = places_of(events.read.index, rows) + 1
        own = [
            at for at in places.tolist() if at < len(homes) and homes[at] == homes[at - 1] and not self.start_given[at]
        ]
        return [int(events.read.index[at]) for at in own]


def first_known(*moments: Moments) -> Moments:
    """In each place the first of these moments that is known."""
    found = moments[0]
    for others in moments[1:]:
        found = np.where(np.isnat(found), others, found)
    return found


def _without_guessed_starts(register: Register, sop: Sop) -> Register:
    """The register without the Mulai of the wide layout that does not follow from the step before: of a periodic step,
    whose day counts from its own start, and of one that may come early and ended before.
    """
    events = register.events
    if events.addresses is None:
        return register
    steps, start, end = (events.read.columns[name] for name in ("step", "start", "end"))
    periodic = np.isin(steps, [step.number for step in sop.steps if step.periodic])
    early = np.isin(steps, [step.number for step in sop.steps if step.may_come_early]) & (end < start)
    guessed = events.typed["start"].isna().array & (periodic | early)
    read = events.read.assign({"start": np.where(guessed, np.datetime64("NaT"), start)})
    return replace(register, events=replace(events, read=read))


def case_of(table: Table, row: int) -> str | None:
    """No. Catatan of a row, whether in error or not."""
    return _text(_as_read(table, places_of(table.read.index, [row]), "case")[0])


def step_of(table: Table, row: int) -> int | None:
    """Step of a row, where there is one."""
    return _whole(_as_read(table, places_of(table.read.index, [row]), "step")[0])


def _as_read(table: Table, places: Ints, what: str) -> Sequence[object]:
    """What these rows hold as case, step or remark, whether in error or not; None where the sheet has no such."""
    name = "number" if (table.plan.table, what) == ("cases", "case") else what
    return table.read.columns[name][places].tolist() if name in table.read else [None] * len(places)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, float) and value == value else None


def rows_of(column: Series) -> Iterator[tuple[int, object]]:
    """The rows of a column with their values."""
    return column.items()


def _holds(sheet: Table, column: Column) -> bool:
    derived = sheet.addresses is not None and (column.required or bool(sheet.read[column.field].notna().array.any()))
    return sheet.present and (column.field in sheet.letters or derived)


def _covered(sheet: Table, span: str) -> Iterator[tuple[str, int]]:
    """The cells (field, row) of a merged range that lie in the data."""
    (top, left), (bottom, right) = corners(span)
    for field, letters in sheet.letters.items():
        if left <= column_number(letters) <= right:
            rows = sheet.read.index - sheet.base
            yield from ((field, int(row)) for row in sheet.read.index[(rows >= top) & (rows <= bottom)])


def default_setting(key: str) -> str:
    """The default of a Kantor key; KeyError for an unknown one."""
    return {setting.key: setting.default for setting in SETTINGS}[key]


def inspect_register(
    register: Register,
    sop: Sop,
    as_of: dt.datetime | None = None,
    ptpp_elsewhere: Iterable[str] = (),
    now: dt.datetime | None = None,
) -> Inspected:
    """Run every rule over one register.

    `as_of` is "now" (naive local time); without it Kantor's Waktu Acuan, else `now`, else the clock. `ptpp_elsewhere`
    are the PTPP numbers of other workbooks given in the same call. A rule that crashes raises RuntimeError naming it.
    """
    moment = (as_of or _office_moment(register) or now or dt.datetime.now()).replace(microsecond=0, tzinfo=None)
    calendar = office_calendar(register, sop, moment)
    inspection = Inspection(register, sop, calendar, moment, frozenset(ptpp_elsewhere))
    findings = sorted(_run(inspection, JUDGING_PHASES), key=_place)
    return Inspected(
        inspection.register, sop, calendar, moment, tuple(findings), inspection.executions, inspection.staff, inspection
    )  # fmt: skip


def _office_moment(register: Register) -> dt.datetime | None:
    try:
        return register.as_of()
    except ValueError:  # D50 says so
        return None


def office_calendar(register: Register, sop: Sop, as_of: dt.datetime) -> WorkCalendar:
    """Working time as the workbook's Kalender and Jam Kerja say; seeded where those sheets are missing.

    Kantor's Arti Satu Hari overrides the SOP's reading of a day, unless it cannot be used (D50 says so).
    """
    from sopkit.register.default_calendar import seed_frames

    first, last = period_in_use(register, as_of)
    calendar, hours = register.calendar.read, register.hours.read
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
    """First and last day in use: the moments of cases and events in the 20 years up to `as_of`, and `as_of` itself.

    Dates before the register's year are D16's and those to come are D04's: they do not stretch it.
    """
    days = moments_in_use(register, as_of).astype("datetime64[D]")
    return days.min().item(), days.max().item()


def moments_in_use(register: Register, as_of: dt.datetime) -> Moments:
    """The moments (datetime64[s]) that `period_in_use` spans."""
    now = np.datetime64(as_of, "s")
    events, cases = register.events.read, register.cases.read
    columns = [frame.columns[field].astype("datetime64[s]") for frame, field in
               ((cases, "found_at"), (events, "start"), (events, "end"))]  # fmt: skip
    moments = np.concatenate([*columns, [now]])
    since = min(first_plausible(register), now.astype("datetime64[Y]"))
    near = (moments >= max(since, now - np.timedelta64(20 * 366, "D"))) & (moments <= now)
    return np.asarray(moments[near])


def years_of(moments: Moments) -> Ints:
    """The year of each moment."""
    return moments.astype("datetime64[Y]").astype(np.int64) + 1970


def _run(inspection: Inspection, phases: Container[int]) -> Iterator[Finding]:
    from sopkit.checks import load_rules

    load_rules()
    for rule in sorted(RULES.values(), key=lambda rule: (rule.phase, list(FAMILIES).index(rule.family))):
        if rule.check is not None and rule.phase in phases:
            if rule.phase > 1 and inspection.understood is None:
                inspection.understood = inspection.apart()
            yield from _apply(rule, inspection)


def _apply(rule: Rule, inspection: Inspection) -> Iterator[Finding]:
    assert rule.check is not None
    try:
        found = list(rule.check(inspection))
        if rule.family in JUDGING and inspection.history.cases:
            found = [mark for mark in found if inspection.judges(mark)]
        marks = list({(mark.sheet, mark.cell or str(mark.values)): mark for mark in reversed(found)}.values())[::-1]
        inspection.mark_unknown(mark for mark in marks if (mark.severity or rule.severity) is Severity.ERROR)
        past = [mark for mark in marks if inspection.history.cases and not inspection.judges(mark)]
        if len(past) > FEW_OLD:
            marks = [mark for mark in marks if inspection.judges(mark)]
            yield _folded(rule, past, inspection.history)
        yield from [finding(rule, mark) for mark in marks]
    except SopkitError:
        raise
    except Exception as error:
        raise RuntimeError(f"rule {rule.code} crashed: {error!r}") from error


def _folded(rule: Rule, marks: Sequence[Mark], history: History) -> Finding:
    """Marks on the cases that are history as one note at the first: a year of old rows is to be read, not mended."""
    first = finding(rule, min(marks, key=lambda mark: (mark.sheet != marks[0].sheet, address_parts(mark.cell))))
    others = language.number_text(len(marks) - 1)
    return replace(
        first,
        severity=Severity.NOTE,
        explained=False,
        case=None,
        step=None,
        message=f"{first.message} Begitu pula {others} isian lain pada kasus {history.called}.",
        fix="Isian lama boleh dibiarkan; perbaiki menurut dokumen aslinya hanya yang akan dibuatkan dokumen.",
        tags=frozenset(),
    )


def _place(found: Finding) -> tuple[str, int, str, str, str]:
    """Sheet, row, column, code, as temuan.json names them."""
    return (found.sheet, found.row or 0, found.column, found.code, found.message)


def _said(value: object, index: Sequence[int]) -> Sequence[object]:
    """What a value says for each of the rows."""
    if isinstance(value, np.ndarray):
        return _spoken(value)
    if isinstance(value, Series):
        return _spoken(value.array[places_of(value.index, index)])
    if isinstance(value, Mapping):
        return [value[row] for row in index]
    return [value] * len(index)


def _spoken(values: Array) -> Sequence[object]:
    """Moments and durations as the words know them: numpy's own have none."""
    return plain_values(values) if values.dtype.kind in "mM" else values.tolist()
