"""Values of a workbook's sheets with their true addresses."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sopkit.register.preflight import Facts, password_protected, unreadable
from sopkit.register.sheetxml import SheetFacts, letter
from sopkit.register.values import clean_line, folded, is_blank

HEADER_DEPTH = 30  # rows in which a header row is looked for


@dataclass(frozen=True)
class Grid:
    """One sheet: `rows[0]` is Excel row `first_row`, and the first value of each row stands in column `first_column`.

    Both count from 1. A value is str ('' for empty), float, bool, datetime, date, time or timedelta.
    """

    name: str
    rows: list[list[Any]]
    first_row: int = 1
    first_column: int = 1
    facts: SheetFacts = field(default_factory=SheetFacts)


def read_sheets(name: str, data: bytes, facts: Facts) -> Mapping[str, Grid]:
    """Read every sheet of the workbook called `name`; `SopkitError` when it cannot be read."""
    import python_calamine as calamine

    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            return {title: _grid(title, workbook, facts) for title in workbook.sheet_names}
    except calamine.PasswordError as error:
        raise password_protected(name) from error
    except BaseException as error:
        if isinstance(error, calamine.CalamineError | ValueError | OSError) or type(error).__name__ == "PanicException":
            raise unreadable(name) from error
        raise


def _grid(title: str, workbook: Any, facts: Facts) -> Grid:
    sheet = workbook.get_sheet_by_name(title)
    own = facts.sheets.get(title, SheetFacts())
    if sheet.start is None:
        return Grid(title, [], facts=own)
    row, column = sheet.start
    return Grid(title, sheet.to_python(), row + 1, column + 1, own)


@dataclass(frozen=True)
class Header:
    """Where a sheet's headers stand: `row` in Excel, `columns` field -> Excel column (both from 1)."""

    row: int
    columns: Mapping[str, int]
    duplicates: tuple[tuple[str, str], ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()
    first_cell: str = "A1"


def plain(text: object) -> str:
    """A name as people compare names: case, NBSP, double blanks and a trailing `*` do not count."""
    return folded(str(text)).rstrip("*").strip() if text else ""


def named(grids: Mapping[str, Grid], name: str) -> Grid | None:
    """The sheet of that name, matched tolerantly; an exact name wins."""
    if name in grids:
        return grids[name]
    return next((grid for title, grid in grids.items() if plain(title) == plain(name)), None)


def find_header(grid: Grid, names: Mapping[str, str]) -> Header | None:
    """Find the header row: of the first rows, the one that holds the most different known names.

    `names` maps a plain header to its field. None when no row holds any of them.
    """
    best: tuple[int, int] = (0, 0)
    for place, row in enumerate(grid.rows[:HEADER_DEPTH]):
        score = len({names[text] for cell in row if isinstance(cell, str) and (text := plain(cell)) in names})
        if score > best[0]:
            best = (score, place)
    return _header(grid, best[1], names) if best[0] else None


def _header(grid: Grid, place: int, names: Mapping[str, str]) -> Header:
    row = grid.first_row + place
    columns: dict[str, int] = {}
    duplicates, unknown, first = [], [], ""
    for offset, cell in enumerate(grid.rows[place]):
        text = plain(cell)
        if not text:
            continue
        address = f"{letter(grid.first_column + offset)}{row}"
        first = first or address
        shown = clean_line(str(cell))
        if text not in names:
            unknown.append((address, shown))
        elif names[text] in columns:
            duplicates.append((address, shown))
        else:
            columns[names[text]] = grid.first_column + offset
    return Header(row, columns, tuple(duplicates), tuple(unknown), first)


def used_rows(grid: Grid, header: Header) -> list[int]:
    """Places in `grid.rows`, below the header, of the rows in which something was typed under a known header.

    What a formula shows is not typed; only where a sheet has nothing else do formulas count.
    """
    start = header.row - grid.first_row + 1
    places = range(start, len(grid.rows))
    typed = _rows_with(grid, places, header.columns.values(), grid.facts.formulas)
    if typed or not grid.facts.formulas:
        return typed
    return _rows_with(grid, places, header.columns.values(), {})


def _rows_with(
    grid: Grid, places: Iterable[int], columns: Iterable[int], formulas: Mapping[int, Iterable[int]]
) -> list[int]:
    """Column by column, so that a row is looked at no further than its first value."""
    left, found = list(places), list[int]()
    errors = {(cell.row, cell.column) for cell in grid.facts.errors}
    for column in columns:
        offset = column - grid.first_column
        shown = {row - grid.first_row for row in formulas.get(column, ())}
        broken = {row - grid.first_row for row, place in errors if place == column}
        still: list[int] = []
        for place in left:
            value = grid.rows[place][offset]
            filled = (value != "" and not is_blank(value)) or place in broken
            (found if filled and place not in shown else still).append(place)
        left = still
    return sorted(found)
