"""What a recap takes of one register: its rows and counts as plain values, which travel, and are kept, as JSON."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from sopkit.arrays import Array, Flags, Floats, Ints, Moments
from sopkit.checks.causes import sorted_words
from sopkit.checks.inspection import Inspected
from sopkit.checks.reasons import is_nothing
from sopkit.frames import row_values
from sopkit.reports.statistics import PARETOS, Figures, measure

CASES = ("cases", "closed", "open", "overdue", "cancelled", "recurrent", "flawed", "targeted", "in_target")
"""What is counted of cases."""
STEPS = ("executions", "finished", "on_time")
"""What is counted of executions."""
Row = Sequence[Any]
Columns = Mapping[str, Array]


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
    cases, done, steps = figures.of_cases.columns, figures.of_executions.columns, figures.steps
    everything = np.zeros(len(cases["number"]), np.int64), np.zeros(len(done["case"]), np.int64)
    months = np.unique(cases["month"])  # the unknown is a month like others, and the last
    of_month = [np.searchsorted(months, columns["month"]) for columns in (cases, done)]
    of_step = _codes(done["step"], [step.number for step in steps])
    (whole,) = zip(*_of_cases(cases, everything[0], 1), *_of_steps(done, everything[1], 1), strict=True)
    rows: dict[str, Sequence[Row]] = {
        "months": _rows(_moments(months), _of_cases(cases, of_month[0], len(months)),
                        _of_steps(done, of_month[1], len(months))),
        "steps": _rows(((step.number, step.activity, step.standard) for step in steps),
                       _of_steps(done, of_step, len(steps))),
        "details": _details(done),
        "open": _open(cases),
        "recurrent": _recurrent(cases),
    }  # fmt: skip
    days = cases["days"]
    return Parts(
        head={"office": figures.office, "name": figures.name, "as_of": figures.as_of.isoformat(), "row": whole,
              "found": dict(figures.summary), "rows": {name: len(several) for name, several in rows.items()}},
        measures={"days": _plain(days[~np.isnan(days)]), "taken": _plain(done["taken"][done["finished"]])},
        services=_services(cases),
        said={column: _said(cases, column) for column in PARETOS},
        **rows,
    )  # fmt: skip


def _rows(labels: Any, *columns: Sequence[Row]) -> list[Row]:
    heads = (label if isinstance(label, tuple) else (label,) for label in labels)
    return [[*head, *values] for head, *values in zip(heads, *(c for several in columns for c in several), strict=True)]


def _codes(labels: Array, known: Sequence[Any]) -> Ints:
    """The place of each label among those known."""
    places = {label: place for place, label in enumerate(known)}
    return np.fromiter((places[label] for label in labels.tolist()), np.int64, len(labels))


def _of_cases(cases: Columns, groups: Ints, count: int) -> list[Row]:
    """Columns: the counts of `CASES` and the median of the days, for each of `count` groups."""
    flags = (_counts(groups[cases[name]], count) for name in CASES[1:])
    days = cases["days"]
    known = ~np.isnan(days)
    return [_counts(groups, count), *flags, _quantiles(days[known], groups[known], count, 0.5)]


def _of_steps(done: Columns, groups: Ints, count: int) -> list[Row]:
    """Columns: the counts of `STEPS`, median and 90th percentile of the working time, for each of `count` groups."""
    finished: Flags = done["finished"]
    taken, own = done["taken"][finished], groups[finished]
    on_time = _counts(groups[finished & done["on_time"]], count)
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


def _services(cases: Columns) -> list[Row]:
    services = list(dict.fromkeys(cases["service"].tolist()))
    groups, days = _codes(cases["service"], services), cases["days"]
    known = ~np.isnan(days)
    each = [_plain(days[known & (groups == place)]) for place in range(len(services))]
    return _rows(services, [*_of_cases(cases, groups, len(services))[:-1], each])


def _said(cases: Columns, column: str) -> list[Row]:
    said = cases[column][~cases["cancelled"]].tolist()
    counts = Counter(text for text in said if isinstance(text, str))
    if column == "cause":
        counts = Counter({text: count for text, count in counts.items() if not is_nothing(text)})
    blank = len(said) - counts.total()
    rows: list[Row] = [[text, n, sorted_words(text) if column == "cause" else ""] for text, n in counts.items()]
    return [*rows, [None, blank, ""]] if blank else rows


def _details(done: Columns) -> list[Row]:
    """Month, service and step, then columns of executions: the same groups and order as a sorted group-by has."""
    services = sorted(set(done["service"].tolist()))
    (months, month), (steps, step) = (np.unique(done[name], return_inverse=True) for name in ("month", "step"))
    sizes = len(months), max(len(services), 1), max(len(steps), 1)
    places = (month * sizes[1] + _codes(done["service"], services)) * sizes[2] + step
    keys, groups = np.unique(places, return_inverse=True)
    named, numbers = _moments(months), steps.tolist()
    labels = [
        (named[key // (sizes[1] * sizes[2])], services[key // sizes[2] % sizes[1]], numbers[key % sizes[2]])
        for key in keys.tolist()
    ]
    return _rows(labels, _of_steps(done, groups, len(keys)))


def _open(cases: Columns) -> list[Row]:
    """The oldest first, those of unknown age last."""
    places = np.flatnonzero(cases["open"])
    fields = ("number", "service", "description", "status", "found_at", "age", "due_date", "overdue", "ptpp")
    rows = _picked(cases, places[np.argsort(-cases["age"][places], kind="stable")], fields)
    return [[*row[:7], "Ya" if row[7] else "Tidak", row[8]] for row in rows]


def _recurrent(cases: Columns) -> list[Row]:
    return _picked(cases, np.flatnonzero(cases["recurrent"]), ("number", "service", "description", "found_at"))


def _picked(cases: Columns, places: Ints, fields: Sequence[str]) -> list[Row]:
    columns = [cases[name][places] for name in fields]
    plain = (_moments(column) if column.dtype.kind == "M" else row_values(column) for column in columns)
    return [list(row) for row in zip(*plain, strict=True)]


def _moments(moments: Moments) -> list[str | None]:
    """As ISO text, None where there is none."""
    return [moment.isoformat() if moment else None for moment in moments.astype("datetime64[s]").tolist()]
