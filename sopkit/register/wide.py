"""The wide layout: a row per case with columns per step becomes a table of events, each cell with its address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopkit.arrays import Array, Ints, Moments
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

    A step of which no cell is filled has no event. A start that has no column of its own is the finish of the step
    before, first Tanggal Ditemukan, and its address is the finish cell; so is that of whatever else has no cell.
    """
    if not steps:
        return _no_events(cases)
    last = cases.data["found_at"].to_numpy(copy=True)
    blocks, readings = [], []
    for order, step in enumerate(steps):
        block, met = _block(cases, step, order, last, custom)
        blocks.append(block)
        readings += met
        typed = block.raw["end"].notna().to_numpy()  # of a finish that cannot be read the next step's start is unknown
        last[block.places[typed]] = block.data["end"].to_numpy()[typed]
    return _assemble(cases, steps, blocks, readings)


def _no_events(cases: Table) -> Table:
    """Of one of several sheets that has no step's finish."""
    nowhere = np.zeros(0, dtype=np.int64)
    data, raw = (
        pd.DataFrame({c.field: _column(None, nowhere, c.field if typed else "") for c in EVENTS.columns})
        for typed in (True, False)
    )
    return Table(
        EVENTS, cases.sheet, data, raw, {}, cases.header_row, present=cases.present, addresses=raw.astype(object)
    )


@dataclass(frozen=True)
class _Block:
    """The events of one step: `places` are those of their cases."""

    places: Ints
    data: pd.DataFrame
    raw: pd.DataFrame
    addresses: pd.DataFrame
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
    filled = np.zeros(len(cases.data), dtype=bool)
    for column in raw.values():
        filled |= ~pd.isna(column)
    places = np.flatnonzero(filled)
    count = len(places)
    _fill(cases, step, typed, raw, last)
    data = pd.DataFrame({c.field: _column(typed.get(c.field), places, c.field) for c in EVENTS.columns})
    shown = pd.DataFrame({c.field: _column(raw.get(c.field), places, "") for c in EVENTS.columns})
    rows = cases.data.index.to_numpy()[places]
    letters = _letters(cases, step)
    addresses = pd.DataFrame(
        {field: pd.Series([f"{text}{row}" for row in rows], dtype=object) for field, text in letters.items()}
    )
    return _Block(places, data, shown, addresses if count else addresses.astype(object), order), notes


def _fill(cases: Table, step: StepValues, typed: dict[str, Array], raw: dict[str, Array], last: Moments) -> None:
    """What a wide row does not say of a step itself: its number, its case, its start, and the row's Keterangan."""
    count = len(cases.data)
    typed["case"] = cases.data["number"].to_numpy()
    raw["case"] = cases.raw["number"].to_numpy()
    typed["step"] = np.full(count, float(step.step.number))
    raw["step"] = as_typed([float(step.step.number)] * count)
    own = typed.get("start")
    typed["start"] = last.copy() if own is None else np.where(pd.isna(raw["start"]), last, own)
    derived = as_typed(pd.Series(typed["start"]).astype(object).where(~np.isnat(typed["start"]), None).tolist())
    raw["start"] = derived if own is None else np.where(pd.isna(raw["start"]), derived, raw["start"])
    if "remark" not in typed:
        typed["remark"], raw["remark"] = cases.data["remark"].to_numpy(), cases.raw["remark"].to_numpy()


def _column(values: Array | None, places: Ints, field: str) -> pd.Series:
    if values is None:
        kind = {"start": "datetime64[ns]", "end": "datetime64[ns]", "step": "float64"}.get(field, "object")
        missing: object = None if kind == "object" else np.nan if kind == "float64" else np.datetime64("NaT", "ns")
        return pd.Series(np.full(len(places), missing, dtype=kind), dtype=kind)
    return pd.Series(values[places], dtype=values.dtype)


def _letters(cases: Table, step: StepValues) -> Mapping[str, str]:
    finish = letter(step.columns["end"])
    own = {field: letter(column) for field, column in step.columns.items()}
    given = {"case": cases.letters.get("number", finish), "remark": cases.letters.get("remark", finish)}
    return {column.field: own.get(column.field, given.get(column.field, finish)) for column in EVENTS.columns}


def _assemble(cases: Table, steps: Sequence[StepValues], blocks: Sequence[_Block], readings: Sequence[_Met]) -> Table:
    places = np.concatenate([block.places for block in blocks])
    orders = np.concatenate([np.full(len(block.places), block.order) for block in blocks])
    sequence = np.lexsort((orders, places))
    index = pd.Index(np.arange(1, len(sequence) + 1, dtype="int64"))
    frames = []
    for parts in ([b.data for b in blocks], [b.raw for b in blocks], [b.addresses for b in blocks]):
        frame = pd.concat(parts, ignore_index=True).iloc[sequence]
        frame.index = index
        frames.append(frame)
    data, raw, addresses = frames
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
        data,
        raw,
        letters | {field: letter(column) for field, column in fields.items()},
        cases.header_row,
        tuple(sorted(met, key=lambda reading: reading.row)),
        present=cases.present,
        addresses=addresses,
    )
