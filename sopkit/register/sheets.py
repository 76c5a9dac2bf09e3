"""Values of a workbook's sheets with their true addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sopkit.excel.calamine_reader import read_apart, read_stored
from sopkit.excel.preflight import Facts, password_protected, preflight
from sopkit.excel.way_out import OtherForm
from sopkit.ooxml.sheet_scan import SheetFacts
from sopkit.register.grid import Grid
from sopkit.register.headers import HEADER_DEPTH, Header, find_header, header_texts
from sopkit.register.layout import plain
from sopkit.register.own_output import refuse_own_output
from sopkit.register.parse import is_blank

__all__ = [
    "HEADER_DEPTH",
    "Grid",
    "Header",
    "find_header",
    "header_texts",
    "named",
    "open_sheets",
    "read_sheets",
    "used_rows",
]


def open_sheets(path: Path, data: bytes) -> tuple[Facts, Mapping[str, Grid]]:
    """What the file is, and every sheet of it; `SopkitError` says what else it is, and how it can be read.

    `NoRegister` where sopkit made it of a register.
    """
    try:
        facts = preflight(path.name, data)
        grids = read_sheets(path.name, data, facts)
    except OtherForm as error:
        raise error.of(path) from error
    refuse_own_output(path, grids)
    return facts, grids


def read_sheets(name: str, data: bytes, facts: Facts) -> Mapping[str, Grid]:
    """Read every sheet of the workbook called `name`; `SopkitError` when it cannot be read."""
    try:
        stored = read_stored(facts.vetted) if facts.vetted and not facts.heavy else read_apart(facts.vetted or data)
    except PermissionError as error:
        raise password_protected(name) from error
    except (ValueError, OSError) as error:
        what = "memuat jenis lembar atau susunan yang tidak dikenal pembacanya, atau isinya rusak"
        raise OtherForm(f"{name} tidak dapat dibaca sopkit: {what}.") from error
    return {title: _grid(title, start, rows, facts) for title, start, rows in stored}


def _grid(title: str, start: tuple[int, int] | None, rows: list[list[Any]], facts: Facts) -> Grid:
    own = facts.sheets.get(title, SheetFacts())
    if start is None:
        return Grid(title, [], facts=own)
    if own.rows:
        return _spread_out(title, own.rows[start[0] :], rows, start[1] + 1, own)
    return Grid(title, rows, start[0] + 1, start[1] + 1, own)


def _spread_out(title: str, numbers: Sequence[int], rows: list[list[Any]], column: int, facts: SheetFacts) -> Grid:
    """The grid of a sheet whose empty rows were left out: all of them are one list."""
    empty = [""] * len(rows[0])
    spread = [empty] * (numbers[len(rows) - 1] - numbers[0] + 1)
    for number, row in zip(numbers, rows, strict=False):
        spread[number - numbers[0]] = row
    return Grid(title, spread, numbers[0], column, facts)


def named(grids: Mapping[str, Grid], name: str) -> Grid | None:
    """The sheet of that name, matched tolerantly; an exact name wins."""
    if name in grids:
        return grids[name]
    return next((grid for title, grid in grids.items() if plain(title) == plain(name)), None)


def used_rows(grid: Grid, header: Header, columns: Sequence[int]) -> list[int]:
    """Places in `grid.rows`, below the header, of the rows in which something was typed in one of the `columns`.

    What a formula shows is not typed; only where a sheet has nothing else do formulas count.
    """
    start = header.row - grid.first_row + 1
    places = range(start, len(grid.rows))
    typed = _rows_with(grid, places, columns, grid.facts.formulas)
    if typed or not grid.facts.formulas:
        return typed
    return _rows_with(grid, places, columns, {})


def _rows_with(
    grid: Grid, places: Iterable[int], columns: Iterable[int], formulas: Mapping[int, Iterable[int]]
) -> list[int]:
    """Column by column, so that a row is looked at no further than its first value."""
    left, found = list(places), list[int]()
    errors = {(cell.row, cell.column) for cell in grid.facts.errors}
    for column in columns:
        if not left:
            break
        shown = {row - grid.first_row for row in formulas.get(column, ())}
        broken = {row - grid.first_row for row, place in errors if place == column}
        values = grid.column(column, left)
        empty = {value for value in set(values) if value == "" or is_blank(value)}
        if not (empty or shown):
            found += left
            break
        filled = {place for place, value in zip(left, values, strict=True) if value not in empty}
        filled = (filled | broken.intersection(left)) - shown
        found += filled
        left = [place for place in left if place not in filled]
    return sorted(found)
