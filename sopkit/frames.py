"""From tables to rows: the one place where what pandas holds becomes plain values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

Row = dict[str, Any]


def rows_of(frame: pd.DataFrame) -> Iterator[tuple[Any, Row]]:
    """Label and fields of every row: None, str, float, int, bool, datetime rounded to the second, and timedelta.

    What is missing, and a text of blanks only, is None.
    """
    columns = {str(name): _plain_values(frame[name]) for name in frame.columns}
    for place, label in enumerate(frame.index.tolist()):
        yield label, {name: values[place] for name, values in columns.items()}


def _plain_values(column: pd.Series) -> list[Any]:
    if column.dtype.kind == "M":
        column = column.dt.round("s")
    return [_plain_value(value) for value in column.tolist()]


def _plain_value(value: Any) -> Any:
    if value is None or value is pd.NaT or value != value:
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    if isinstance(value, pd.Timedelta):
        return value.to_pytimedelta()
    return None if isinstance(value, str) and not value.strip() else value
