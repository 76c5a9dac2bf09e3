"""What the registers of a recap come to together. What grows with their cases lies on the disk, but for numbers."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from heapq import nsmallest
from itertools import groupby
from typing import Any

import numpy as np

from sopkit.checks.causes import COMPARED, Alike
from sopkit.reports.recap_parts import CASES, STEPS, Row
from sopkit.reports.statistics import Share, bars, most_first

MOST_HELD = 4096  # groups of which the most frequent are wanted
Group = tuple[str, int, int, str]
"""A cause, how many wrote it so, how many wrote its words, and its words."""


class Counts:
    """Sums, medians and Paretos of registers whose `measures`, `services` and `said` are told one after the other."""

    def __init__(self, told: Iterable[tuple[Any, ...]]) -> None:
        self._days, self._taken = array("d"), array("d")
        self._services: dict[str, tuple[list[int], array[float]]] = {}
        self._said = sqlite3.connect("")  # a file of SQLite's own that is gone afterwards
        self._said.execute(
            "CREATE TABLE said (about TEXT, words TEXT, label TEXT, n INTEGER, PRIMARY KEY (about, words, label))"
            " WITHOUT ROWID"
        )
        for measures, services, said in told:
            self._days.extend(measures["days"])
            self._taken.extend(measures["taken"])
            for label, *counts, days in services:
                sums, every = self._services.setdefault(label, ([0] * len(CASES), array("d")))
                sums[:] = (one + more for one, more in zip(sums, counts, strict=True))
                every.extend(days)
            self._said.executemany(
                "INSERT INTO said VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
                ((about, _text(words), _text(label), n) for about, rows in said.items() for label, n, words in rows),
            )

    def whole(self, rows: Sequence[Row]) -> Row:
        """The row of all, of the rows of each."""
        of_steps = len(CASES) + 1
        cases, steps = ([sum(row[at + place] for row in rows) for place in range(count)]
                        for at, count in ((0, len(CASES)), (of_steps, len(STEPS))))  # fmt: skip
        return [*cases, _percentile(self._days, 50), *steps, *(_percentile(self._taken, q) for q in (50, 90))]

    def services(self) -> Iterator[tuple[Share, Row]]:
        """Every service with its counts and the median of its days, most first."""
        rows: dict[str, Row] = {label: [*sums, _percentile(days, 50)] for label, (sums, days) in self._services.items()}
        for share in most_first((label, row[0]) for label, row in rows.items()):
            yield share, rows[share.label]

    def pareto(self, about: str, most: int) -> list[Share]:
        """Cases by one of `PARETOS`, as `statistics.pareto_by` has them."""
        (blank,) = self._said.execute("SELECT total(n) FROM said WHERE about = ? AND label = ''", (about,)).fetchone()
        count, whole, first = 0, 0, list[tuple[str, int]]()
        for group in self._alike(about):
            count, whole = count + 1, whole + group[1]
            first.append(group)
            if len(first) > MOST_HELD:
                first = nsmallest(most + 1, first, key=_often)
        return bars(nsmallest(most + 1, first, key=_often), count, whole, int(blank), most)

    def _alike(self, about: str) -> Iterator[tuple[str, int]]:
        """Labels with their counts; causes that are alike as one."""
        if about != "cause":
            yield from self._said.execute("SELECT label, n FROM said WHERE about = ? AND label <> ''", (about,))
            return
        compared = nsmallest(COMPARED, self._groups(), key=lambda group: (-group[1], group[0]))
        alike, sums = Alike(), dict[str, int]()
        for label, _, total, words in compared:
            label = alike.stands_for(label, words)
            sums[label] = sums.get(label, 0) + total
        yield from sums.items()
        known = {words for *_, words in compared}
        yield from ((label, total) for label, _, total, words in self._groups() if words not in known)

    def _groups(self) -> Iterator[Group]:
        """Causes of the same words as one, in the way in which most wrote it."""
        query = "SELECT words, label, n FROM said WHERE about = 'cause' AND label <> '' ORDER BY words"
        with closing(self._said.execute(query)) as rows:
            for words, several in groupby(rows, key=lambda row: row[0]):
                ways = list(several)
                _, label, n = min(ways, key=lambda way: (-way[2], way[1]))
                yield label, n, sum(way[2] for way in ways), words


def _often(group: tuple[str, int]) -> tuple[int, str]:
    return -group[1], group[0]


def _text(text: str | None) -> str:
    """As SQLite takes it."""
    return (text or "").encode("utf-8", "replace").decode("utf-8")


def _percentile(values: array[float], share: float) -> float | None:
    return float(np.percentile(np.frombuffer(values), share)) if len(values) else None
