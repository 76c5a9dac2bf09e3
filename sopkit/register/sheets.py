"""Values of a workbook's sheets with their true addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sopkit.excel.calamine_reader import read_apart, read_stored
from sopkit.excel.preflight import Facts, password_protected, unreadable
from sopkit.ooxml.address import corners, letter
from sopkit.ooxml.sheet_scan import SheetFacts
from sopkit.register.layout import plain
from sopkit.register.parse import is_blank
from sopkit.text import clean_line

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
    try:
        stored = read_stored(facts.vetted) if facts.vetted and not facts.heavy else read_apart(facts.vetted or data)
    except PermissionError as error:
        raise password_protected(name) from error
    except (ValueError, OSError) as error:
        raise unreadable(name) from error
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


@dataclass(frozen=True)
class Header:
    """Where a sheet's headers stand: `row` in Excel (the lower of two), `columns` field -> Excel column, from 1."""

    row: int
    columns: Mapping[str, int]
    duplicates: tuple[tuple[str, str], ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()
    first_cell: str = "A1"
    texts: Mapping[str, int] = field(default_factory=dict)  # every header, plain -> Excel column


def named(grids: Mapping[str, Grid], name: str) -> Grid | None:
    """The sheet of that name, matched tolerantly; an exact name wins."""
    if name in grids:
        return grids[name]
    return next((grid for title, grid in grids.items() if plain(title) == plain(name)), None)


def find_header(grid: Grid, names: Mapping[str, str], depth: int = 1) -> Header | None:
    """Find the header row: of the first rows, the one that holds the most different known names.

    `names` maps a plain header to its field. Where headers take two rows (`depth` 2), a header is the upper and
    the lower text with a blank between. None when no row holds any of them.
    """
    best: tuple[int, int] = (0, 0)
    for place in range(depth - 1, min(HEADER_DEPTH, len(grid.rows))):
        score = len({names[text] for text in map(plain, header_texts(grid, place, depth)) if text in names})
        if score > best[0]:
            best = (score, place)
    return _header(grid, best[1], names, depth) if best[0] else None


def header_texts(grid: Grid, place: int, depth: int) -> list[str]:
    """The headers that `grid.rows[place]` would give, by column: '' where there is none."""
    lower = [clean_line(cell) if isinstance(cell, str) else "" for cell in grid.rows[place]]
    if depth == 1:
        return lower
    upper = _spread(grid, place - 1)
    return [" ".join(filter(None, pair)) for pair in zip(upper, lower, strict=True)]


def _spread(grid: Grid, place: int) -> list[str]:
    """The upper of two header rows: a text merged over several columns stands for each of them."""
    texts = [clean_line(cell) if isinstance(cell, str) else "" for cell in grid.rows[place]]
    for span in grid.facts.merged:
        (top, left), (_, right) = corners(span)
        if top == grid.first_row + place:
            first, last = left - grid.first_column, min(right - grid.first_column, len(texts) - 1)
            if 0 <= first <= last:  # a title may be merged over more columns than hold anything
                texts[first : last + 1] = [texts[first]] * (last - first + 1)
    return texts


def _header(grid: Grid, place: int, names: Mapping[str, str], depth: int) -> Header:
    row = grid.first_row + place
    columns: dict[str, int] = {}
    texts: dict[str, int] = {}
    duplicates, unknown, first = [], [], ""
    for column, shown in enumerate(header_texts(grid, place, depth), start=grid.first_column):
        text = plain(shown)
        if not text:
            continue
        texts.setdefault(text, column)
        address = f"{letter(column)}{row}"
        first = first or address
        if text not in names:
            unknown.append((address, shown))
        elif names[text] in columns:
            duplicates.append((address, shown))
        else:
            columns[names[text]] = column
    return Header(row, columns, tuple(duplicates), tuple(unknown), first, texts)


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
