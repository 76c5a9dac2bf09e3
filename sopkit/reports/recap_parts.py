"""What a recap takes of one register: its rows and counts as plain values, which travel, and are kept, as JSON."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from sopkit.arrays import Array, Flags, Floats, Ints
from sopkit.checks.causes import sorted_words
from sopkit.checks.inspection import Inspected
from sopkit.checks.reasons import is_nothing
from sopkit.frames import rows_of
from sopkit.reports.statistics import PARETOS, Figures, measure

CASES = ("cases", "closed", "open", "overdue", "cancelled", "recurrent", "flawed", "targeted", "in_target")
"""What is counted of cases."""
STEPS = ("executions", "finished", "on_time")
"""What is counted of executions."""
Row = Sequence[Any]


@dataclass(frozen=True)
class Parts:
    """One register in a recap; moments are ISO texts, what is not known is None.

    head: `office`, `name` and `as_of`; `rows`: how many its tables have; `found`: findings by what they count as;
      `row`: a row of `_of_cases` and one of `_of_steps`, of the whole register.
    measures: all of which common medians are made: `days` (to verification), `taken` (working seconds).
    months: the month, then the same; steps: number, activity, standard, then as `_of_steps`; services: the name, the
      counts of cases, and all of their days to verification.
    said: by column of `PARETOS`, of the cases that are not cancelled: text (None for nothing said), count, and of a
      cause its words, by which causes are told apart.
    details, open, recurrent: rows of their sheets without the office.
    """

    head: Mapping[str, Any]
    measures: Mapping[str, Any]
    months: Sequence[Row]
    steps: Sequence[Row]
    services: Sequence[Row]
    said: Mapping[str, Sequence[Row]]
    details: Sequence[Row]
    open: Sequence[Row]
    recurrent: Sequence[Row]

    def packed(self) -> dict[str, bytes]:
        """Each part by name."""
        return {name: packed(getattr(self, name)) for name in NAMES}


NAMES = tuple(field.name for field in fields(Parts))


def packed(value: object) -> bytes:
    return zlib.compress(json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode("ascii"), 1)


def unpacked(data: bytes) -> Any:
    """What was packed; ValueError, zlib.error for anything else."""
    return json.loads(zlib.decompress(data))


def parts_of(figures: Figures | Inspected) -> Parts:
    """A register as a recap takes it."""
    if isinstance(figures, Inspected):
        figures = measure(figures)
    cases, done = figures.cases, figures.executions
    everything = np.zeros(len(cases), np.int64), np.zeros(len(done), np.int64)
    months = pd.Index(cases["month"].drop_duplicates()).sort_values(na_position="last")
    of_month = [_codes(frame["month"], months) for frame in (cases, done)]
    services = pd.Index(cases["service"].drop_duplicates())
    of_step = _codes(done["step"], pd.Index([step.number for step in figures.steps]))
    (whole,) = zip(*_of_cases(cases, everything[0], 1), *_of_steps(done, everything[1], 1), strict=True)
    rows: dict[str, Sequence[Row]] = {
        "months": _rows(map(_moment, months), _of_cases(cases, of_month[0], len(months)),
                        _of_steps(done, of_month[1], len(months))),
        "steps": _rows(((step.number, step.activity, step.standard) for step in figures.steps),
                       _of_steps(done, of_step, len(figures.steps))),
        "details": _details(done),
        "open": _open(cases),
        "recurrent": _recurrent(cases),
    }  # fmt: skip
    return Parts(
        head={"office": figures.office, "name": figures.name, "as_of": figures.as_of.isoformat(), "row": whole,
              "found": dict(figures.summary), "rows": {name: len(several) for name, several in rows.items()}},
        measures={"days": _plain(cases["days"].dropna().to_numpy(float)),
               "taken": _plain(done.loc[done["finished"], "taken"].to_numpy(float))},
        services=_services(cases, services),
        said={column: _said(cases, column) for column in PARETOS},
        **rows,
    )  # fmt: skip


def _rows(labels: Any, *columns: Sequence[Row]) -> list[Row]:
    heads = (label if isinstance(label, tuple) else (label,) for label in labels)
    return [[*head, *values] for head, *values in zip(heads, *(c for several in columns for c in several), strict=True)]


def _codes(labels: pd.Series, known: pd.Index) -> Ints:
    """The place of each label among those known; the missing one is a label like others."""
    return np.asarray(known.get_indexer(pd.Index(labels)), dtype=np.int64)


def _of_cases(cases: pd.DataFrame, groups: Ints, count: int) -> list[Row]:
    """Columns: the counts of `CASES` and the median of the days, for each of `count` groups."""
    flags = (_counts(groups[cases[name].to_numpy(bool)], count) for name in CASES[1:])
    days = cases["days"].to_numpy(float)
    known = ~np.isnan(days)
    return [_counts(groups, count), *flags, _quantiles(days[known], groups[known], count, 0.5)]


def _of_steps(done: pd.DataFrame, groups: Ints, count: int) -> list[Row]:
    """Columns: the counts of `STEPS`, median and 90th percentile of the working time, for each of `count` groups."""
    finished: Flags = done["finished"].to_numpy(bool)
    taken, own = done["taken"].to_numpy(float)[finished], groups[finished]
    on_time = _counts(groups[finished & done["on_time"].to_numpy(bool)], count)
    spread = (_quantiles(taken, own, count, share) for share in (0.5, 0.9))
    return [_counts(groups, count), _counts(own, count), on_time, *spread]


def _counts(groups: Ints, count: int) -> Row:
    return list(np.bincount(groups, minlength=count).tolist())


def _quantiles(values: Floats, groups: Ints, count: int, share: float) -> Row:
    """Of each group, between its two nearest values as numpy.percentile has it; None of an empty one."""
    ordered = values[np.lexsort((values, groups))]
    sizes = np.bincount(groups, minlength=count)
    some = sizes > 0
    at = (np.cumsum(sizes) - sizes)[some] + (sizes[some] - 1) * share
    low = np.floor(at).astype(np.int64)
    part = at - low
    below, above = ordered[low], ordered[np.minimum(low + (part > 0), len(ordered) - 1)]
    apart = above - below
    found: Array = np.full(count, None, dtype=object)
    found[some] = _plain(np.where(part >= 0.5, above - apart * (1 - part), below + apart * part))
    return list(found)


def _plain(values: Floats) -> Row:
    """Floats, as whole numbers where they are."""
    whole = values == np.floor(values)
    return [int(value) if is_whole else value for value, is_whole in zip(values.tolist(), whole.tolist(), strict=True)]


def _services(cases: pd.DataFrame, services: pd.Index) -> list[Row]:
    groups = _codes(cases["service"], services)
    days = cases["days"].to_numpy(float)
    known = ~np.isnan(days)
    each = [_plain(days[known & (groups == place)]) for place in range(len(services))]
    return _rows(services.tolist(), [*_of_cases(cases, groups, len(services))[:-1], each])


def _said(cases: pd.DataFrame, column: str) -> list[Row]:
    said = cases[column].to_numpy()[~cases["cancelled"].to_numpy(bool)].tolist()
    counts = Counter(text for text in said if isinstance(text, str) and not (column == "cause" and is_nothing(text)))
    blank = len(said) - counts.total()
    rows: list[Row] = [[text, n, sorted_words(text) if column == "cause" else ""] for text, n in counts.items()]
    return [*rows, [None, blank, ""]] if blank else rows


def _details(done: pd.DataFrame) -> list[Row]:
    """Month, service and step, then columns of executions: the same groups and order as a sorted group-by has."""
    months, services = pd.factorize(done["month"], sort=True), pd.factorize(done["service"], sort=True)
    steps = pd.factorize(done["step"], sort=True)
    last = [np.where(codes < 0, len(labels), codes) for codes, labels in (months, services, steps)]
    sizes = [len(labels) + 1 for _, labels in (months, services, steps)]
    keys, groups = np.unique((last[0] * sizes[1] + last[1]) * sizes[2] + last[2], return_inverse=True)
    at = keys // (sizes[1] * sizes[2]), keys // sizes[2] % sizes[1], keys % sizes[2]
    month = [*map(_moment, months[1]), None]
    service, step = [*services[1].tolist(), None], [*_plain(np.asarray(steps[1], float)), None]
    labels = [(month[m], service[s], step[n]) for m, s, n in zip(*(a.tolist() for a in at), strict=True)]
    return _rows(labels, _of_steps(done, groups, len(keys)))


def _open(cases: pd.DataFrame) -> list[Row]:
    """The oldest first, those of unknown age last."""
    places = np.flatnonzero(cases["open"])
    ages = cases["age"].to_numpy(float)[places]
    fields = ("number", "service", "description", "status", "found_at", "age", "due_date", "overdue", "ptpp")
    rows = _picked(cases, places[np.argsort(-ages, kind="stable")], fields)
    return [[*row[:7], "Ya" if row[7] else "Tidak", row[8]] for row in rows]


def _recurrent(cases: pd.DataFrame) -> list[Row]:
    return _picked(cases, np.flatnonzero(cases["recurrent"]), ("number", "service", "description", "found_at"))


def _picked(cases: pd.DataFrame, places: Ints, fields: Sequence[str]) -> list[Row]:
    rows = rows_of(cases[list(fields)].take(places))
    return [[_moment(value) for value in row.values()] for _, row in rows]


def _moment(value: Any) -> Any:
    """Moments as ISO text, None where there is none; all else as it is."""
    if value is None or value is pd.NaT:
        return None
    return value.isoformat() if hasattr(value, "isoformat") else value
