"""The wide layout: a row per case with columns per step becomes a table of events, each cell with its address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sopkit.arrays import Array, Ints, Moments
from sopkit.frames import Frame, concat, is_missing
from sopkit.ooxml.address import letter
from sopkit.register.layout import StepColumns
from sopkit.register.parse import Custom, as_typed, read_column
from sopkit.register.schema import EVENTS
from sopkit.register.tables import Reading, Table


@dataclass(frozen=True)
class StepValues:
    """One step of all cases as typed: field of Langkah -> values, and the Excel column each stands in."""

    step: StepColumns
    values: Mapping[str, Sequence[object]]
    columns: Mapping[str, int]
    hidden: Mapping[str, Mapping[int, Reading]]  # field -> place among the cases -> error cell or formula


def wide_events(cases: Table, steps: Sequence[StepValues], custom: Custom) -> Table:
    """Events of a wide register, ordered by case row and step; the index only numbers them.

    A step of which no cell is filled has no event. A start that nobody typed is the latest finish of the steps before,
    first Tanggal Ditemukan, and has no `raw`; where it has no column of its own, its address is the finish cell, and so
    is that of whatever else has no cell.
    """
    if not steps:
        return _no_events(cases)
    last = cases.read.columns["found_at"].copy()
    blocks, readings = [], []
    for order, step in enumerate(steps):
        block, met = _block(cases, step, order, last, custom)
        blocks.append(block)
        readings += met
        typed = block.typed["end"].notna().array  # of a finish that cannot be read the next step's start is unknown
        ends, places = block.read.columns["end"][typed], block.places[typed]
        last[places] = np.where(np.isnat(ends), ends, np.fmax(last[places], ends))
    return _assemble(cases, steps, blocks, readings)


def _no_events(cases: Table) -> Table:
    """Of one of several sheets that has no step's finish."""
    nowhere = np.zeros(0, dtype=np.int64)
    read, typed = (
        Frame({c.field: _column(None, nowhere, c.field if typed else "") for c in EVENTS.columns}, nowhere)
        for typed in (True, False)
    )
    return Table(EVENTS, cases.sheet, read, typed, {}, cases.header_row, present=cases.present, addresses=typed)


@dataclass(frozen=True)
class _Block:
    """The events of one step: `places` are those of their cases."""

    places: Ints
    read: Frame
    typed: Frame
    addresses: Frame
    order: int


_Met = tuple[int, int, Reading]  # place of the case, order of the step, reading


def _block(cases: Table, step: StepValues, order: int, last: Moments, custom: Custom) -> tuple[_Block, list[_Met]]:
    raw = {field: as_typed(values) for field, values in step.values.items()}
    for field, readings in step.hidden.items():
        for place, reading in readings.items():
            raw[field][place] = reading.typed or None
    typed, notes = {}, []
    for field, values in step.values.items():
        typed[field], met = read_column(EVENTS.column(field), values, custom)
        notes += [(n.place, order, Reading(n.kind, 0, field, n.typed, n.shown)) for n in met]
        notes += [(place, order, reading) for place, reading in step.hidden.get(field, {}).items()]
    filled = np.zeros(len(cases.read), dtype=bool)
    for column in raw.values():
        filled |= ~is_missing(column)
    places = np.flatnonzero(filled)
    _fill(cases, step, typed, raw, last)
    rows = cases.read.index[places]
    shown = {c.field: _column(raw.get(c.field), places, "") for c in EVENTS.columns}
    read = {c.field: _column(typed.get(c.field), places, c.field) for c in EVENTS.columns}
    addresses = {
        field: np.array([f"{text}{row}" for row in rows.tolist()], dtype=object)
        for field, text in _letters(cases, step).items()
    }
    return _Block(places, Frame(read, rows), Frame(shown, rows), Frame(addresses, rows), order), notes


def _fill(cases: Table, step: StepValues, typed: dict[str, Array], raw: dict[str, Array], last: Moments) -> None:
    """What a wide row does not say of a step itself: its number, its case, its start, and the row's Keterangan."""
    count = len(cases.read)
    typed["case"], raw["case"] = cases.read.columns["number"], cases.typed.columns["number"]
    typed["step"] = np.full(count, float(step.step.number))
    raw["step"] = as_typed([float(step.step.number)] * count)
    own = typed.get("start")
    typed["start"] = last.copy() if own is None else np.where(is_missing(raw["start"]), last, own)
    raw["start"] = raw.get("start", np.full(count, None, dtype=object))
    if "remark" not in typed:
        typed["remark"], raw["remark"] = cases.read.columns["remark"], cases.typed.columns["remark"]


def _column(values: Array | None, places: Ints, field: str) -> Array:
    if values is None:
        kind = {"start": "datetime64[ns]", "end": "datetime64[ns]", "step": "float64"}.get(field, "object")
        nothing: object = None if kind == "object" else np.nan if kind == "float64" else np.datetime64("NaT", "ns")
        return np.full(len(places), nothing, dtype=kind)
    return values[places]


def _letters(cases: Table, step: StepValues) -> Mapping[str, str]:
    finish = letter(step.columns["end"])
    own = {field: letter(column) for field, column in step.columns.items()}
    given = {"case": cases.letters.get("number", finish), "remark": cases.letters.get("remark", finish)}
    return {column.field: own.get(column.field, given.get(column.field, finish)) for column in EVENTS.columns}


def _assemble(cases: Table, steps: Sequence[StepValues], blocks: Sequence[_Block], readings: Sequence[_Met]) -> Table:
    places = np.concatenate([block.places for block in blocks])
    orders = np.concatenate([np.full(len(block.places), block.order) for block in blocks])
    sequence = np.lexsort((orders, places))
    index = np.arange(1, len(sequence) + 1, dtype=np.int64)
    read, typed, addresses = (
        concat(parts).part(sequence).with_index(index)
        for parts in ([b.read for b in blocks], [b.typed for b in blocks], [b.addresses for b in blocks])
    )
    numbers = {(int(places[at]), int(orders[at])): int(number) for number, at in enumerate(sequence, start=1)}
    met = [
        Reading(r.kind, numbers[place, order], r.field, r.typed, r.shown)
        for place, order, r in readings
        if (place, order) in numbers
    ]
    fields = {field: column for step in reversed(steps) for field, column in step.columns.items()}
    letters = {"case": cases.letters.get("number", "A"), "step": letter(fields["end"]), "start": letter(fields["end"])}
    return Table(
        EVENTS,
        cases.sheet,
        read,
        typed,
        letters | {field: letter(column) for field, column in fields.items()},
        cases.header_row,
        tuple(sorted(met, key=lambda reading: reading.row)),
        present=cases.present,
        addresses=addresses,
    )
