"""Columns whose days and months Excel has swapped: a US-locale Excel takes `03/11/2026` for the eleventh of March.

What it cannot take so (`19/11/2026`) stays a text. So every real date of such a column lies on a day up to the twelfth
and every text on one after it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import numpy as np

from sopkit.arrays import Flags, Moments

Months = tuple[np.datetime64, np.datetime64]
"""The first and the last month (datetime64[M]) of the dates that were not swapped, a month more on either side."""
Column = tuple[Sequence[object], Sequence[np.datetime64] | None]
"""The values of a column, and the months of its texts; None where its texts show that nothing was swapped."""

FEW, MANY = 3, 8
ALL_BUT_ONE, NEARLY_ALL, HALF = 0.9999, 0.9, 0.5


def months_in_use(columns: Iterable[Column]) -> Months | None:
    """The months that the texts of the swapped columns name; None where no column is swapped for certain.

    Certain is a column with three real dates and three texts or more, of which the real ones lie in the months of the
    texts (one more on either side) only when swapped back, and half of them at most as they stand. Where the texts
    stretch over so many months that both readings fit, eight of each are asked for: that eight dates lie by chance up
    to the twelfth and eight others after it happens once in 100,000 columns.
    """
    found = [months for values, texts in columns if texts is not None for months in [_certain(values, texts)] if months]
    return (min(first for first, _ in found), max(last for _, last in found)) if found else None


def is_swapped(values: Sequence[object], texts: Sequence[np.datetime64] | None, months: Months) -> bool:
    """Whether a column is swapped like another of the workbook: one real date may do, and it need hold no text.

    The real dates lie on days up to the twelfth, and in the months in use only when swapped back; beside texts it is
    enough that one of them does not lie there as it stands.
    """
    days = _real_days(values)
    if texts is None or days is None:
        return False
    return _certain(values, texts) is not None or _fits(days, months, most=ALL_BUT_ONE if texts else HALF)


def _certain(values: Sequence[object], texts: Sequence[np.datetime64]) -> Months | None:
    days = _real_days(values)
    if days is None or len(texts) < FEW or len(days) < FEW:
        return None
    months = (min(texts) - 1, max(texts) + 1)
    many = min(len(texts), len(days)) >= MANY and _share(_within(_swapped(days), months)) >= NEARLY_ALL
    return months if many or _fits(days, months) else None


def _fits(days: Moments, months: Months, most: float = HALF) -> bool:
    """Whether dates (datetime64[D]) lie in these months when swapped back, and at most that share as they stand."""
    return _share(_within(_swapped(days), months)) >= NEARLY_ALL and _share(_within(days, months)) <= most


def _real_days(values: Sequence[object]) -> Moments | None:
    """The real dates of a column (datetime64[D]); None where there are none or one lies after the twelfth."""
    days = np.array([value for value in values if isinstance(value, dt.date)], dtype="datetime64[us]")
    days = days.astype("datetime64[D]")
    return days if len(days) and (days - days.astype("datetime64[M]")).max() < np.timedelta64(12, "D") else None


def _swapped(days: Moments) -> Moments:
    """The dates with day and month changed places."""
    years, months = days.astype("datetime64[Y]"), days.astype("datetime64[M]")
    day, month = (days - months).astype(np.int64), (months - years.astype("datetime64[M]")).astype(np.int64)
    return np.asarray((years.astype("datetime64[M]") + day).astype("datetime64[D]") + month)


def _within(days: Moments, months: Months) -> Flags:
    found = days.astype("datetime64[M]")
    return np.asarray((found >= months[0]) & (found <= months[1]))


def _share(flags: Flags) -> float:
    return float(flags.mean())
