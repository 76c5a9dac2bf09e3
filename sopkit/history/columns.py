"""All units of a register as its columns: what the first check of a chain lays down.

Row by row, as later entries are, it costs half of what `validate` does, and so a tenth. The content is a line of JSON
(each table with the type and the different texts of its columns), then the columns as arrays: of texts their places
among the different ones from 1 on and 0 for none, of moments seconds, both as differences to the row before.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

import numpy as np

from sopkit.arrays import Array
from sopkit.history.facts import KEYS, PLANS, Facts, Row, Unit, cut, filled, texts_of

MARK = b"#"  # the lines of other entries begin with the letter of a key
NUMBERED = "#"  # whether the row's own number is known
Head = list[list[Any]]


def packed_columns(facts: Facts) -> bytes:
    """All units of a register."""
    head: Head = []
    arrays: list[bytes] = []
    for name in (name for name in PLANS if name not in facts.absent):
        columns = list(_columns(facts, name))
        head.append([name, [[field, array.dtype.str, texts] for field, array, texts in columns]])
        head[-1].insert(1, len(columns[0][1]))
        arrays += [array.tobytes() for _, array, _ in columns]
    told = json.dumps(head, ensure_ascii=False, separators=(",", ":"))
    return MARK + told.encode("utf-8", "surrogatepass") + b"\n" + b"".join(arrays)


def _columns(facts: Facts, name: str) -> Iterator[tuple[str, Array, list[str] | None]]:
    """Each column that holds something: its field, what is written of it, and its different texts."""
    codes, keys = facts.keys[name]
    known = codes >= 0
    chosen = slice(None) if known.all() else known
    yield "", _differences(_places(codes, len(keys))[chosen]), keys
    for column in facts.columns(name):
        if texts := facts.coded(column):
            if len(texts[1]):
                places = _places(texts[0], len(texts[1]))[chosen]
                yield column.field, _differences(places), [cut(text) for text in texts[1]]
            continue
        values = facts.column(column)[chosen]
        moments = values.dtype.kind == "M"
        yield column.field, _differences(values.astype("<M8[s]").astype("<i8")) if moments else values, None
    yield NUMBERED, ~facts.check.unknown(KEYS[name])[chosen], None


def _places(codes: Array, count: int) -> Array:
    return (codes + 1).astype(np.min_scalar_type(count).newbyteorder("<"))


def _differences(numbers: Array) -> Array:
    found = numbers.copy()
    found[1:] -= numbers[:-1]
    return found


def keys_in(content: bytes) -> list[str]:
    """The keys of all units."""
    head, _ = _opened(content)
    return list(dict.fromkeys(key for _, _, columns in head for key in columns[0][2]))


def units_in(content: bytes, wanted: Collection[str] | None) -> dict[str, Unit]:
    """The units, all or those of these keys. ValueError, LookupError or TypeError where they cannot be read."""
    head, place = _opened(content)
    units: dict[str, Unit] = {}
    for name, count, columns in head:
        arrays = {}
        for field, kind, texts in columns:
            array = np.frombuffer(content, kind, count, place)
            place += array.nbytes
            arrays[field] = array, texts
        for key, row in _rows(name, arrays, wanted):
            units.setdefault(key, Unit([])).rows.append(row)
    return units


def _opened(content: bytes) -> tuple[Head, int]:
    line, _, _ = content.partition(b"\n")
    return json.loads(line[len(MARK) :].decode("utf-8", "surrogatepass")), len(line) + 1


def _rows(
    name: str, arrays: dict[str, tuple[Array, list[str] | None]], wanted: Collection[str] | None
) -> Iterator[tuple[str, Row]]:
    numbers, keys = _summed(arrays[""][0]).astype(np.int64) - 1, arrays[""][1] or []
    at = np.flatnonzero(np.isin(numbers, [nth for nth, key in enumerate(keys) if wanted is None or key in wanted]))
    columns = [column for column in PLANS[name].columns if column.field in arrays]
    lines = filled(columns, [texts_of(_values(*arrays[column.field])[at], column) for column in columns], len(at))
    numbered = arrays[NUMBERED][0][at].tolist() if name != "events" else [False] * len(at)
    for number, values, known in zip(numbers[at].tolist(), lines, numbered, strict=True):
        key = keys[number]
        yield key, Row(name, values | {"number": key[1:]} if known else values)


def _values(array: Array, texts: list[str] | None) -> Array:
    if texts is None:
        return _summed(array).astype("datetime64[s]") if array.dtype.kind == "i" else array
    return np.array([None, *texts], dtype=object)[_summed(array)]


def _summed(differences: Array) -> Array:
    return np.cumsum(differences, dtype=differences.dtype)
