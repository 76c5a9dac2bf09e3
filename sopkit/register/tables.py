"""The register as typed tables addressed by Excel row and column. It judges nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from sopkit.frames import Frame, concat
from sopkit.register.layout import Layout
from sopkit.register.schema import EVENTS, FORMULA_VERSION, SheetPlan

if TYPE_CHECKING:
    import pandas as pd

ReadingKind = Literal[
    "error-cell",  # B04: an Excel error value
    "not-calculated",  # B05: a formula with no stored value
    "unreadable",  # D02
    "ambiguous",  # D06: two readings against the workbook's habit, or impossible
    "swapped",  # D53: a column whose days Excel has taken for months
    "date-only",  # D03
    "understood",  # D05: text read as a date or a number; `shown` says how
    "trimmed",  # D08
    "shown",  # D13: a number whose format shows another text, which is read
    "rounded",  # D09: a NIP stored as a number
]

LEAST_YEAR = 2000  # where nothing tells the register's year, what is older is a slip of the date system


@dataclass(frozen=True)
class Reading:
    """What reading one cell met. `typed` is the text as typed, `shown` how it was read (Indonesian)."""

    kind: ReadingKind
    row: int
    field: str
    typed: str = ""
    shown: str = ""


@dataclass(frozen=True)
class Aside:
    """Rows of a sheet that are no data; `cell` is the first that is filled in the first of them."""

    kind: Literal["numbers", "headers", "totals", "signature"]
    rows: tuple[int, ...]
    cell: str


@dataclass(frozen=True)
class Lapses:
    """Rows of data of which the live columns do not show all: cells without their formula, and rows beyond the table.

    `cell` is the first of them, `column` its header (empty for a row beyond the table).
    """

    cell: str
    column: str
    missing: int  # cells that hold nothing
    overtyped: int  # cells that hold something else
    beyond: int  # rows


@dataclass(frozen=True)
class Structure:
    """What the sheet itself hides or breaks; cells are A1 addresses."""

    merged: tuple[str, ...] = ()  # merged ranges that touch the data, "A5:B6"
    hidden_rows: tuple[int, ...] = ()  # rows with data that are hidden or filtered out
    duplicate_headers: tuple[tuple[str, str], ...] = ()  # (cell, header) of every second
    unknown_headers: tuple[tuple[str, str], ...] = ()  # (cell, header)
    missing_headers: tuple[str, ...] = ()  # required headers that are not there
    absent_headers: tuple[str, ...] = ()  # of columns that the office does not keep, as its layout file says
    broken_headers: tuple[tuple[str, str], ...] = ()  # (cell, what it shows) of headers that show an Excel error
    header_cell: str = "A1"  # first cell of the header row
    asides: tuple[Aside, ...] = ()  # rows that are no data: column numbers, headers again, totals, signatures
    lapses: Lapses | None = None  # of the live columns


SHEET_ROWS = 1 << 24
"""More than a sheet has rows: of a table on several sheets, the rows of each count on from a multiple of it."""


@dataclass(frozen=True)
class Table:
    """One sheet, or several of one kind that are read as one table (`parts`).

    read     typed values, indexed by row (ascending, unique), one column for every field of `plan` (a field whose
             header is absent is all missing). A row is its Excel row number; on the second of several sheets that
             number and `SHEET_ROWS`, on the third twice that. Dtypes: DATETIME and DATE datetime64[ns] (NaT);
             NUMBER and STEP float64 (NaN; STEP holds whole numbers only); TIME timedelta64[ns] since midnight;
             all others object: str or None, trimmed, inner blanks single.
    typed    the same shape as typed in (object).
    data     `read` as pandas has it, and `raw` `typed`: for those who need pandas.
    letters  field -> column letter, for the fields whose header is there; of several sheets, on the first that has it.
    readings what reading the cells met, in row order.
    parts    the table of each sheet where there are several; `sheet`, `header_row`, `structure` are then the first's.
    base     of a part: what its rows count from.
    """

    plan: SheetPlan
    sheet: str
    read: Frame
    typed: Frame
    letters: Mapping[str, str]
    header_row: int = 1
    readings: tuple[Reading, ...] = ()
    structure: Structure = field(default_factory=Structure)
    present: bool = True  # False: the workbook has no such sheet
    addresses: Frame | None = None
    """Wide layout only: the A1 address of every cell of `read`, whose index then only numbers the events."""
    parts: tuple[Table, ...] = ()
    base: int = 0

    @cached_property
    def data(self) -> pd.DataFrame:
        return self.read.pandas()

    @cached_property
    def raw(self) -> pd.DataFrame:
        return self.typed.pandas()

    @property
    def sheets(self) -> tuple[Table, ...]:
        """The table of each sheet."""
        return self.parts or (self,)

    def part(self, row: int) -> Table:
        """The table of the sheet that a row stands on."""
        return self.parts[row // SHEET_ROWS] if self.parts else self

    def cell(self, row: int, field: str) -> str:
        """A1 address of a cell; where the column is absent, the header row's first cell stands for it."""
        if self.addresses is not None:
            return str(self.addresses.value(row, field))
        part = self.part(row)
        letter = part.letters.get(field)
        return f"{letter}{row - part.base}" if letter else part.structure.header_cell

    def row_at(self, sheet: str, excel_row: int | None) -> int | None:
        """The row that stands there; None where that sheet is not of this table."""
        part = next((part for part in self.sheets if part.sheet == sheet), None)
        return part.base + excel_row if part and excel_row is not None else None

    def called(self, row: int) -> str:
        """`baris 5`; of several sheets `baris 5 sheet 2024`."""
        part = self.part(row)
        return f"baris {row - part.base} sheet {part.sheet}" if self.parts else f"baris {row}"


def joined(tables: Sequence[Table]) -> Table:
    """The tables of several sheets of one kind as one, in this order; one alone stays as it is."""
    if len(tables) == 1:
        return tables[0]
    shifted = [_shifted(table, place * SHEET_ROWS) for place, table in enumerate(tables)]
    read, typed = concat([part.read for part in shifted]), concat([part.typed for part in shifted])
    ends = np.cumsum([0, *(len(part.read) for part in shifted)]).tolist()
    parts = tuple(
        replace(part, read=read.part(slice(first, last)), typed=typed.part(slice(first, last)))
        for part, first, last in zip(shifted, ends, ends[1:], strict=False)
    )
    wide = [part.addresses for part in shifted if part.addresses is not None]
    return replace(
        parts[0],
        read=read,
        typed=typed,
        letters={field: letter for part in reversed(parts) for field, letter in part.letters.items()},
        readings=tuple(reading for part in parts for reading in part.readings),
        present=any(part.present for part in parts),
        addresses=concat(wide) if wide else None,
        parts=parts,
    )


def _shifted(table: Table, base: int) -> Table:
    index = table.read.index + base
    return replace(
        table,
        read=table.read.with_index(index),
        typed=table.typed.with_index(index),
        readings=tuple(replace(reading, row=reading.row + base) for reading in table.readings),
        addresses=None if table.addresses is None else table.addresses.with_index(index),
        base=base,
    )


@dataclass(frozen=True)
class Book:
    """A workbook's file, opened once.

    path    as given.
    data    the whole file at that moment.
    layout  what `NAMA.sopkit.toml` beside it says, else the canonical one.
    sop     the file of the SOP that it is checked against; None is sopkit's own.
    stamp   size in bytes and time of change in ns just before; empty where the file tells neither.
    """

    path: Path
    data: bytes = field(repr=False)
    layout: Layout
    sop: Path | None
    stamp: tuple[int, ...]


@dataclass(frozen=True)
class Source:
    """The file a register was read from, and its signs of being in use."""

    book: Book
    open_elsewhere: tuple[str, ...] = ()  # names of lock files and conflict copies beside it
    format: str = "xlsx"

    @property
    def path(self) -> Path:
        """As given."""
        return self.book.path

    @cached_property
    def sha256(self) -> str:
        """Of the file's bytes."""
        return sha256(self.book.data).hexdigest()


@dataclass(frozen=True)
class Register:
    """One workbook: six typed tables and the sheets that set the office. Missing sheets are empty tables."""

    source: Source
    cases: Table
    events: Table
    disposals: Table
    people: Table
    office: Table
    calendar: Table
    hours: Table
    mail: Table
    choices: Mapping[str, tuple[str, ...]]  # list name -> allowed values, in order
    settings: Mapping[str, str]  # key of sheet Kantor -> value as text; defaults filled in
    sop_sheet: tuple[tuple[str, tuple[object, ...]], ...] = ()  # (A1 of its first cell, row) of sheet SOP, header first
    missing_sheets: tuple[str, ...] = ()  # required sheets that are not there
    defaulted_sheets: tuple[str, ...] = ()  # optional sheets that are not there
    other_sheets: tuple[str, ...] = ()  # sheets that stand for none that sopkit reads
    spare_sheets: tuple[tuple[str, str, str], ...] = ()  # (sheet, its first header cell, whose headers it has)
    layout: Literal["long", "wide"] = "long"
    own_lists: frozenset[str] = frozenset()  # names of the lists that sheet Daftar gives itself
    formula_version: int | None = None  # of the live formulas; None where sopkit did not make the workbook

    empty: bool = False  # no sheet holds anything

    @property
    def without_steps(self) -> bool:
        """Whether it is an office's own workbook that keeps no steps at all: what follows from them is unknown."""
        return EVENTS.name in self.defaulted_sheets

    @property
    def outdated(self) -> bool:
        """Whether sopkit made the workbook with formulas older than today's."""
        return self.formula_version is not None and self.formula_version < FORMULA_VERSION

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables, in the order of the workbook."""
        return (
            self.cases, self.events, self.disposals, self.people,
            self.office, self.calendar, self.hours, self.mail,
        )  # fmt: skip

    @property
    def sheets(self) -> tuple[Table, ...]:
        """The same with a table for each sheet where one stands on several."""
        return tuple(part for table in self.tables for part in table.sheets)

    @property
    def stated_year(self) -> int | None:
        """Kantor's Tahun Register, None where it is empty or no year."""
        text = self.settings.get("Tahun Register", "").strip()
        return int(text) if len(text) == 4 and text.isdecimal() and LEAST_YEAR <= int(text) <= 2200 else None

    def as_of(self) -> dt.datetime | None:
        """Kantor's `Waktu Acuan`, or None for now."""
        text = self.settings.get("Waktu Acuan", "").strip()
        return dt.datetime.fromisoformat(text) if text else None
