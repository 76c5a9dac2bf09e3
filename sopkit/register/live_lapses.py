"""Where the live columns of a sheet lost their formulas, and rows that stand beyond its table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from sopkit.arrays import Flags, Ints
from sopkit.ooxml.address import address_parts, letter
from sopkit.register.parse import is_blank
from sopkit.register.schema import SheetPlan, is_live
from sopkit.register.sheets import Grid, Header
from sopkit.register.tables import Lapses


def live_lapses(plan: SheetPlan, grid: Grid, header: Header, rows: Sequence[int]) -> Lapses | None:
    """None where nothing is wrong, and of a sheet that shows no live formula in any of these rows of data."""
    titles = {address_parts(cell)[1]: shown.strip() for cell, shown in header.unknown}
    live = {column: title for column, title in titles.items() if is_live(plan.name, title)}
    if not live or not len(rows):
        return None
    data = np.asarray(rows, dtype=np.int64)
    shows = {column: holds(grid.facts.formulas.get(column, ()), data) for column in live}
    if not any(there.any() for there in shows.values()):
        return None
    beyond = data > _end_of_table(grid, header)
    if not beyond.any() and all(there.all() for there in shows.values()):
        return None
    return _told(grid, header, live, list(_lapsed(data, shows, beyond)), data[beyond])


def holds(formulas: Sequence[int] | Ints, rows: Ints) -> Flags:
    """Whether each of these rows is among those of the formulas; both ascend."""
    there = np.asarray(formulas, dtype=np.int64)
    if not len(there):
        return np.zeros(len(rows), dtype=bool)
    return np.asarray(there[np.minimum(np.searchsorted(there, rows), len(there) - 1)] == rows)


def _end_of_table(grid: Grid, header: Header) -> int:
    """The last row of the Excel table that begins at the headers; that of a sheet where there is none."""
    ends = [area.bottom for area in grid.facts.tables if area.top == header.row]
    return max(ends, default=np.iinfo(np.int64).max)


def _lapsed(rows: Ints, shows: Mapping[int, Flags], beyond: Flags) -> Iterator[tuple[int, int]]:
    """Row and column of the live cells within the table that hold no formula."""
    for column, there in shows.items():
        yield from ((row, column) for row in rows[~there & ~beyond].tolist())


def _told(
    grid: Grid, header: Header, live: Mapping[int, str], lapsed: Sequence[tuple[int, int]], beyond: Ints
) -> Lapses:
    typed = [place for place in lapsed if not is_blank(_value(grid, *place))]
    first_column = address_parts(header.first_cell)[1]
    places = [*lapsed, *((int(row), first_column) for row in beyond[:1])]
    hidden = {column for column, title in live.items() if title.casefold().startswith("h.")}
    row, column = min(places, key=lambda place: (place[0], place[1] in hidden, place[1]))
    return Lapses(
        f"{letter(column)}{row}",
        live.get(column, ""),
        missing=len(lapsed) - len(typed),
        overtyped=len(typed),
        beyond=len(beyond),
    )


def _value(grid: Grid, row: int, column: int) -> object:
    return grid.rows[row - grid.first_row][column - grid.first_column]
