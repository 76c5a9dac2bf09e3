"""Answers of Microsoft Forms and Google Forms: the moments that they stamp are dates, where they came as texts too.

A form writes the month first (`1/5/26 8:10:22`) whatever the office's habit, and its answers in the order in which
they came. So these columns are read by themselves, and tell nothing of how the staff write dates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from sopkit.register.parse import Moment, Order, read_moment

MONTH_FIRST = frozenset({"start time", "completion time", "last modified time", "timestamp"})
"""Headers of the stamps in English, which write the month first."""
STAMPS = MONTH_FIRST | {"waktu mulai", "waktu penyelesaian", "waktu modifikasi terakhir", "stempel waktu", "cap waktu"}
_BESIDE = STAMPS | {"id", "email", "name", "nama", "email address", "alamat email", "username", "nama pengguna"}


def stamps(headers: Mapping[str, int]) -> Mapping[int, bool]:
    """The columns of a form's stamps, and whether they are in English; `headers` are plain -> column.

    Empty where the sheet is no form's: that has such a column among its first three, and another of its own.
    """
    own = [text for text in headers if text in _BESIDE]
    first = sorted(headers, key=lambda text: headers[text])[:3]
    if len(own) < 2 or not STAMPS.intersection(first):
        return {}
    return {column: text in MONTH_FIRST for text, column in headers.items() if text in STAMPS}


def as_moments(values: Sequence[object], month_first: bool) -> Sequence[object]:
    """The values with the texts made moments; as they are where those cannot be read all in one way.

    Where both ways are possible, that is meant in which they are in order; else the form's own.
    """
    texts = [value for value in values if isinstance(value, str) and value.strip()]
    read: dict[Order, list[dt.datetime]] = {}
    for order in ("month-first", "day-first") if month_first else ("day-first", "month-first"):
        moments = _read(texts, order)
        if moments:
            read[order] = moments
    if not read:
        return values
    ordered = [moments for moments in read.values() if moments == sorted(moments)]
    meant = dict(zip(texts, (ordered or list(read.values()))[0], strict=True))
    return [meant.get(value, value) if isinstance(value, str) else value for value in values]


def _read(texts: Iterable[str], order: Order) -> list[dt.datetime]:
    """All of these texts in one order; empty where one of them cannot be read so."""
    found = [read_moment(text, order) for text in texts]
    moments = [one.value for one in found if isinstance(one, Moment) and one.order in (None, order)]
    return moments if len(moments) == len(found) else []
