"""One sheet of a workbook as its cells stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from sopkit.ooxml.sheet_scan import SheetFacts

BLOCK = 1024  # rows


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

    def column(self, number: int, places: Sequence[int]) -> list[Any]:
        """The values at these places, which ascend, of the column with this number."""
        whole = len(places) > 0 and places[-1] - places[0] + 1 == len(places)
        rows = self.rows[places[0] : places[-1] + 1] if whole else map(self.rows.__getitem__, places)
        return list(map(itemgetter(number - self.first_column), rows))

    def select(self, numbers: Iterable[int], places: Sequence[int]) -> dict[int, Sequence[Any]]:
        """Several columns, a block of rows for all of them after the other: it stays in the processor's cache."""
        columns: dict[int, list[Any]] = {number: [] for number in numbers}
        for first in range(0, len(places), BLOCK):
            rows = [self.rows[place] for place in places[first : first + BLOCK]]
            for number, values in columns.items():
                values += map(itemgetter(number - self.first_column), rows)
        return dict(columns)
