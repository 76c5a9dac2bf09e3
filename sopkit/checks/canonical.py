"""List values, names and references as their list writes them: `ditolak` is Ditolak for all who read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from sopkit.checks.number_forms import known_numbers
from sopkit.register.schema import Cases, Column, Disposals, Events, Kind, People
from sopkit.register.tables import Register, Table
from sopkit.sop.model import Sop
from sopkit.text import plain

REFERENCES = {  # where the numbers that a column refers to are defined
    Events.case: Cases.number,
    Cases.disposal_number: Disposals.number,
    Cases.follow_up_ptpp: Cases.ptpp_number,
}


def allowed(register: Register, sop: Sop, column: Column) -> tuple[str, ...]:
    """The values of a column's list, as the office writes them; the SOP's roles count as Peran."""
    values = register.choices.get(column.choices, ())
    if column.choices != "Peran":
        return values
    known = {plain(text) for text in values}
    return (*values, *(role for role in sop.roles if plain(role) not in known))


def names_of(register: Register) -> Mapping[str, str]:
    """Names of sheet Pegawai as it writes them, by their plain form (a second row of a name adds nothing)."""
    return _by_plain_form(register.people, People.name)


def canonical(register: Register, sop: Sop) -> Register:
    """The register with such values in `data`; `raw` stays as typed."""
    known_values = _canonical_values(register, sop)
    tables: dict[str, Any] = {table.plan.table: _canonical_table(table, known_values) for table in register.tables}
    return replace(register, **tables)


KnownValues = Mapping[Column, Mapping[str, str]]


def _canonical_values(register: Register, sop: Sop) -> KnownValues:
    """Plain form -> how it is written, for each column whose values are defined elsewhere."""
    names = names_of(register)
    found: dict[Column, Mapping[str, str]] = {}
    for table in register.tables:
        for column in table.plan.columns:
            if column.kind is Kind.CHOICE:
                found[column] = {plain(v): v for v in allowed(register, sop, column)}
            elif column.kind is Kind.PERSON:
                found[column] = names
    return {**found, **known_numbers(register, REFERENCES)}


def _by_plain_form(table: Table, column: Column) -> Mapping[str, str]:
    """The texts of a column as first written."""
    found: dict[str, str] = {}
    for text in table.data[column.field].dropna():
        found.setdefault(plain(text), text)
    return found


def _canonical_table(table: Table, known_values: KnownValues) -> Table:
    changed = {}
    for column in table.plan.columns:
        values = known_values.get(column)
        if not values:
            continue
        typed = table.data[column.field]
        texts = [text for text in pd.unique(typed.to_numpy()) if isinstance(text, str)]
        known = {text: values.get(plain(text), text) for text in texts}
        if any(text != value for text, value in known.items()):
            changed[column.field] = typed.map(known).astype(object).where(typed.notna(), None)
    return replace(table, data=table.data.assign(**changed)) if changed else table
