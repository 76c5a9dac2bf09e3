"""List values, names and references in the spelling of their list: `ditolak` is Ditolak for all who read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from sopkit.register.columns import Column, Kind
from sopkit.register.register import Register, Table
from sopkit.sop.model import Sop
from sopkit.text import plain

REFERENCES = {  # where the numbers that a field refers to are defined
    ("events", "case"): ("cases", "number"),
    ("cases", "disposal_number"): ("disposals", "number"),
    ("cases", "follow_up_ptpp"): ("cases", "ptpp_number"),
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
    return _by_plain_form(register.people, "name")


def respelled(register: Register, sop: Sop) -> Register:
    """The register with these spellings in `data`; `raw` stays as typed."""
    spellings = _spellings(register, sop)
    tables: dict[str, Any] = {table.plan.table: _respelled(table, spellings) for table in register.tables}
    return replace(register, **tables)


Spellings = Mapping[tuple[str, str], Mapping[str, str]]


def _spellings(register: Register, sop: Sop) -> Spellings:
    """Plain form -> how it is written, for each column (table, field) whose values are defined elsewhere."""
    names = names_of(register)
    found: dict[tuple[str, str], Mapping[str, str]] = {}
    for table in register.tables:
        for column in table.plan.columns:
            if column.kind is Kind.CHOICE:
                found[table.plan.table, column.field] = {plain(v): v for v in allowed(register, sop, column)}
            elif column.kind is Kind.PERSON:
                found[table.plan.table, column.field] = names
    for place, (home, field) in REFERENCES.items():
        found[place] = _by_plain_form(getattr(register, home), field)
    return found


def _by_plain_form(table: Table, field: str) -> Mapping[str, str]:
    """The texts of a column as first written."""
    found: dict[str, str] = {}
    for text in table.data[field].dropna():
        found.setdefault(plain(text), text)
    return found


def _respelled(table: Table, spellings: Spellings) -> Table:
    changed = {}
    for column in table.plan.columns:
        spelling = spellings.get((table.plan.table, column.field))
        if not spelling:
            continue
        typed = table.data[column.field]
        texts = [text for text in pd.unique(typed.to_numpy()) if isinstance(text, str)]
        known = {text: spelling.get(plain(text), text) for text in texts}
        if any(text != spelled for text, spelled in known.items()):
            changed[column.field] = typed.map(known).astype(object).where(typed.notna(), None)
    return replace(table, data=table.data.assign(**changed)) if changed else table
