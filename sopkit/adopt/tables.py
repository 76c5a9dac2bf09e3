"""The tables of a foreign workbook: where their headers stand, and what stands below each."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sopkit.register.grid import Grid
from sopkit.register.headers import find_titles
from sopkit.register.layout import plain
from sopkit.register.parse import is_blank, typed_text
from sopkit.register.read import read_bytes
from sopkit.register.sheets import open_sheets

LEAST_FILLED = 0.3  # of the fullest row: a row with less is a total, a signature or a remark
_COUNT = re.compile(r"\(?\s*\d{1,3}\s*\)?")


@dataclass(frozen=True)
class Heading:
    """A header as typed, its cell, and the values below it that are not blank."""

    text: str
    cell: str
    column: int
    values: Sequence[object]

    def samples(self, most: int = 3) -> list[str]:
        """The first different values as typed."""
        return list(dict.fromkeys(text for value in self.values if (text := typed_text(value))))[:most]


@dataclass(frozen=True)
class Sheet:
    """A table: `row` is the Excel row of its headers (the lower of two), `depth` how many rows they take."""

    grid: Grid
    row: int
    depth: int
    headings: Sequence[Heading]
    rows: Sequence[Sequence[object]]  # of data, as the grid has them

    @property
    def name(self) -> str:
        return self.grid.name

    @cached_property
    def known(self) -> frozenset[str]:
        return frozenset(plain(heading.text) for heading in self.headings)


def read_tables(path: Path, known: Container[str]) -> Mapping[str, Sheet]:
    """Every sheet of a workbook that holds a table, by name; `known` are plain texts that are surely headers.

    `SopkitError` when the file cannot be read.
    """
    data = read_bytes(path)
    grids = open_sheets(path, data)[1]
    return {name: sheet for name, grid in grids.items() if (sheet := _table(grid, known))}


def _table(grid: Grid, known: Container[str]) -> Sheet | None:
    titled = find_titles(grid, known) if grid.rows else None
    if titled is None:
        return None
    row = grid.first_row + titled.place
    rows = _data(grid, row, [column for column, _, _ in titled.titles])
    headings = [
        Heading(text, cell, at, [value for one in rows if not is_blank(value := one[at - grid.first_column])])
        for at, text, cell in titled.titles
    ]
    return Sheet(grid, row, titled.depth, headings, rows)


def _data(grid: Grid, row: int, columns: Sequence[int]) -> list[Sequence[object]]:
    """The rows below the headers without those of column numbers, totals and signatures, as far as one sees that."""
    below = grid.rows[row - grid.first_row + 1 :]
    filled = [sum(not is_blank(one[column - grid.first_column]) for column in columns) for one in below]
    least = max(1, LEAST_FILLED * max(filled, default=0))
    full = [one for one, count in zip(below, filled, strict=True) if count >= least]
    return [one for one in full if not _numbers_columns(one, columns, grid)]


def _numbers_columns(one: Sequence[object], columns: Sequence[int], grid: Grid) -> bool:
    values = [value for column in columns if not is_blank(value := one[column - grid.first_column])]
    return len(values) > 2 and all(
        _COUNT.fullmatch(typed_text(value)) and int(re.sub(r"\D", "", typed_text(value))) == number
        for number, value in enumerate(values, 1)
    )
