"""List values, names and references as their list writes them: `ditolak` is Ditolak for all who read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from sopkit.checks.number_forms import Numbers, known_numbers
from sopkit.checks.staff import Staff
from sopkit.frames import unique
from sopkit.register.schema import Cases, Column, Disposals, Events, Kind
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


def canonical(register: Register, sop: Sop, staff: Staff) -> Register:
    """The register with such values in `data`; `raw` stays as typed."""
    known_values = _canonical_values(register, sop, staff)
    tables: dict[str, Any] = {table.plan.table: _canonical_table(table, known_values) for table in register.tables}
    return replace(register, **tables)


Spelling = Callable[[str], str]
KnownValues = Mapping[Column, Spelling]


def _canonical_values(register: Register, sop: Sop, staff: Staff) -> KnownValues:
    """How each text of a column is written where it is defined, for the columns whose values are defined elsewhere."""
    found: dict[Column, Spelling] = {}
    for table in register.tables:
        for column in table.plan.columns:
            if column.kind is Kind.CHOICE:
                listed = {plain(value): value for value in allowed(register, sop, column)}
                found[column] = _listed(listed, frozenset(listed.values()))
            elif column.kind in (Kind.PERSON, Kind.ROLE_OR_PERSON):
                found[column] = staff.spelling
    numbers = known_numbers(register, REFERENCES)
    return {**found, **{column: _listed(values, _defined(values)) for column, values in numbers.items() if values}}


def _defined(numbers: Mapping[str, str]) -> frozenset[str]:
    return numbers.written if isinstance(numbers, Numbers) else frozenset()


def _listed(values: Mapping[str, str], written: frozenset[str]) -> Spelling:
    """How `values` (by plain text) write a text; `written` are those that stay as they are."""
    return lambda text: text if text in written else values.get(plain(text), text)


def _canonical_table(table: Table, known_values: KnownValues) -> Table:
    changed = {}
    for column in table.plan.columns:
        spelling = known_values.get(column)
        if not spelling:
            continue
        typed = table.read.columns[column.field]
        texts = [text for text in unique(typed) if isinstance(text, str)]
        known = {text: spelling(text) for text in texts}
        if any(text != value for text, value in known.items()):
            changed[column.field] = np.array([known.get(text) for text in typed.tolist()], dtype=object)
    return replace(table, read=table.read.assign(changed)) if changed else table
