"""History: the cases of before an office held to the SOP, which `[history] until = DATE` of its layout file names."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from sopkit.arrays import Array, Flags
from sopkit.language import date_text
from sopkit.register.tables import Register


@dataclass(frozen=True)
class History:
    """Cases found until `until` (that day too): kept, counted and exported, and not judged.

    cases      rows of Register.
    numbers    No. Catatan that only such cases bear.
    disposals  rows of Pemusnahan that such cases alone name, or that none names and are as old.
    """

    until: dt.date | None = None
    cases: frozenset[int] = frozenset()
    numbers: frozenset[str] = frozenset()
    disposals: frozenset[int] = frozenset()

    @property
    def called(self) -> str:
        """`riwayat (ditemukan sampai 30 Juni 2026)`."""
        return f"riwayat (ditemukan sampai {date_text(self.until)})" if self.until else "riwayat"


def history_of(register: Register) -> History:
    """The history of a register; a case whose date is unknown is none."""
    until = register.source.book.layout.history
    if until is None:
        return History()
    cases, disposals = register.cases.read, register.disposals.read
    end = np.datetime64(until + dt.timedelta(days=1))
    old = cases.columns["found_at"] < end
    named = disposals["number"].isin(set(cases["disposal_number"].dropna())).array
    alone = disposals["number"].isin(_only(cases.columns["disposal_number"], old)).array
    dated = ~named & (disposals.columns["date"] < end)
    return History(
        until,
        frozenset(map(int, cases.index[old])),
        _only(cases.columns["number"], old),
        frozenset(map(int, disposals.index[alone | dated])),
    )


def _only(texts: Array, old: Flags) -> frozenset[str]:
    """The texts that stand in old rows alone."""
    return _of(texts, old) - _of(texts, ~old)


def _of(texts: Array, here: Flags) -> frozenset[str]:
    return frozenset(text for text in texts[here].tolist() if isinstance(text, str))
