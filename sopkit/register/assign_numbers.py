"""Which documents of a register still lack a number, and which number each is to have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sopkit.errors import SopkitError
from sopkit.language import list_text
from sopkit.register.history import history_of
from sopkit.register.numbering import Patterns, pattern_problem
from sopkit.register.pattern_periods import patterns_of, period_of
from sopkit.register.schema import PTPP_NEEDS
from sopkit.register.tables import Register, Table
from sopkit.register.write_cells import CellEdit
from sopkit.text import plain

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Allotment:
    """`edits` in the order in which the numbers run; `waiting` and `lacking` are Indonesian lines.

    `waiting` says which rows must wait and why, `lacking` what else a PTPP needs that is numbered now (rule K15).
    `odd` says which numbers bear another year than the register, as their dates do. `history` names the cases that
    get no number, where there are such.
    """

    edits: tuple[CellEdit, ...]
    waiting: tuple[str, ...]
    lacking: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()
    history: str = ""


def allot_numbers(register: Register) -> Allotment:
    """Numbers for the cases, the PTPP and the BA that have none.

    Each series runs on after its highest number of the same year; gaps are never filled. A PTPP is due once work on
    the case has begun (the output of the first step) or its date is written; it is numbered by that date, else by
    the day on which the work began. A sheet without the column of a number has the others given all the same.
    `SopkitError` when a pattern of sheet Kantor cannot be used.
    """
    cases, disposals = register.cases, register.disposals
    past = history_of(register)
    aside = {cases.plan: past.cases, disposals.plan: past.disposals}
    series = (
        (cases, "number", "Pola No. Catatan", cases.data["found_at"]),
        (cases, "ptpp_number", "Pola No. PTPP", _ptpp_dates(register)),
        (disposals, "number", "Pola No. BA", disposals.data["date"]),
    )
    edits: list[CellEdit] = []
    waiting: list[str] = []
    odd: list[str] = []
    for table, field, key, dates in series:
        found = list(_series(register, table, field, key, dates.drop(list(aside[table.plan]))))
        given = [edit for edit in found if isinstance(edit, CellEdit)]
        edits += given
        waiting += [line for line in found if isinstance(line, str)]
        odd += _of_another_year(register, key, given)
    lacking = tuple(_lacking(cases, edits))
    return Allotment(tuple(edits), tuple(waiting), lacking, tuple(odd), past.called if past.cases else "")


def _of_another_year(register: Register, key: str, edits: Sequence[CellEdit]) -> Iterator[str]:
    """A line for each number that bears another year than the register: mostly its date is a slip."""
    year, patterns = register.stated_year, patterns_of(register.settings, key)
    for edit in edits:
        read = patterns.read(str(edit.value))
        if year and read and read.year not in (None, year):
            yield f"{edit.sheet}!{edit.cell}: menurut tanggalnya tahun {read.year}, bukan {year}"


def _lacking(cases: Table, edits: Sequence[CellEdit]) -> Iterator[str]:
    """What a numbered PTPP still needs before its document can be made, a line for each row."""
    numbered = {(edit.sheet, edit.cell) for edit in edits}
    blank = cases.raw[[column.field for column in PTPP_NEEDS]].isna()
    for row in cases.raw.index:
        sheet = cases.part(row)
        if (sheet.sheet, cases.cell(row, "ptpp_number")) in numbered:
            kept = [column for column in PTPP_NEEDS if column.header not in sheet.structure.absent_headers]
            empty = [column.header for column in kept if blank.at[row, column.field]]
            if empty:
                yield f"{sheet.sheet} baris {row - sheet.base}: {list_text(empty)}"


def _ptpp_dates(register: Register) -> pd.Series:
    """The date each PTPP is numbered by; NaT where none is due yet."""
    cases, events = register.cases.data, register.events.data
    begun = events.groupby("case")["start"].min()
    # not Series.map: pandas cannot look anything up in an empty series of dates
    started = begun.reindex(cases["number"]).set_axis(cases.index)
    dates = cases["ptpp_date"].fillna(started)
    return dates.where(cases["status"].fillna("").map(plain) != plain("Batal"))


def _series(register: Register, table: Table, field: str, key: str, dates: pd.Series) -> Iterator[CellEdit | str]:
    patterns = _patterns(register, key)
    missing = table.raw.index[table.raw[field].isna()]
    taken = list(table.data[field].dropna())
    without: Counter[str] = Counter()  # rows of the sheets that lack the column
    for row in dates.reindex(missing.intersection(dates.index)).sort_values(kind="stable").index:
        sheet = table.part(row)
        cell = f"{sheet.sheet}!{table.cell(row, field)}"
        if dates[row] != dates[row]:
            if table.plan.column(field).required:
                yield f"{cell}: tanggalnya belum terisi."
            continue
        if field not in sheet.letters:
            without[sheet.sheet] += 1
            continue
        number = patterns.next(taken, dates[row].date())
        taken.append(number)
        yield CellEdit(sheet.sheet, table.cell(row, field), number)
    for name, count in without.items():
        header = table.plan.column(field).header
        yield f"{name}: kolom {header} tidak ada, jadi {count} baris belum diberi {header}; tambahkan kolom itu."


def _patterns(register: Register, key: str) -> Patterns:
    """The patterns of a kind of number; `SopkitError` when one of sheet Kantor cannot be used."""
    for name, pattern in register.settings.items():
        period = period_of(name)
        if name != key and (period is None or period[0] != key):
            continue
        if problem := pattern_problem(pattern.strip()):
            raise SopkitError(f"{name} “{pattern}” {problem}.", "Perbaiki di sheet Kantor.")
        if period and not period[1]:
            raise SopkitError(f"Tanggal pada “{name}” tidak dapat dibaca.", "Perbaiki di sheet Kantor.")
    return patterns_of(register.settings, key)
