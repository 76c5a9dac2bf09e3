"""The results of a workbook's formulas, as another program reckoned and stored them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from python_calamine import CalamineWorkbook

from sopkit.ooxml.address import letter

Results = Mapping[str, Mapping[str, str | float]]
EPOCH = dt.datetime(1899, 12, 30)


def results(path: Path) -> Results:
    """Sheet -> cell -> what it shows: texts, and numbers with moments as serials, rounded to 10 decimals."""
    book = CalamineWorkbook.from_path(path)
    return {name: _sheet(book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names}


def _sheet(rows: list[list[object]]) -> Mapping[str, str | float]:
    return {
        f"{letter(place)}{number}": _plain(value)
        for number, row in enumerate(rows, start=1)
        for place, value in enumerate(row, start=1)
    }


def _plain(value: object) -> str | float:
    if isinstance(value, dt.datetime):
        value = (value - EPOCH) / dt.timedelta(days=1)
    elif isinstance(value, dt.date):
        value = (value - EPOCH.date()).days
    elif isinstance(value, dt.time):
        value = (dt.datetime.combine(EPOCH, value) - EPOCH) / dt.timedelta(days=1)
    elif isinstance(value, dt.timedelta):
        value = value / dt.timedelta(days=1)
    if isinstance(value, bool | str):
        return str(value)
    number = round(float(value), 10)  # type: ignore[arg-type]
    return int(number) if number.is_integer() else number
