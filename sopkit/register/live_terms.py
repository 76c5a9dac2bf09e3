"""The terms that the live formulas of the workbook are written in.

A formula names a column of its row as `[@Header]`; in a cell that becomes an A1 reference (short), in the table's
definition a structured one (so that Excel fills new rows).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sopkit.sop.model import Sop, Step

HEADER_ROW = 4
"""1-based row of the header on every sheet that has a title band."""
CAPACITY: Mapping[str, int] = {"Register": 3000, "Langkah": 20000, "Pemusnahan": 500, "Pegawai": 300}
"""Rows that lists, names and colours reach."""
CALENDAR_ROWS, HOURS_ROWS = 400, 60
Q_APPROVED, Q_REJECTED = '"Disetujui"', '"Ditolak"'
EMPTY_CASE = '[@No. Catatan]=""'
CASE_ROW = f"IF({EMPTY_CASE},0,IFERROR(MATCH([@No. Catatan],R_Catatan,0),0))"
"""Place of the row's case in Register, counted from its first; 0 for none."""


CODE_PARTS: Mapping[str, int] = {"awal": 5, "ujung": 5, "luang": 2, "jauh": 9, "tolak": 1, "pola": 12}
"""What Register tells Langkah, after `*`, of a case whose rows must be counted (h.kode): each part and its digits."""


@dataclass(frozen=True)
class Live:
    """A live column: `formula` in the `[@Header]` notation; `width` in characters, 0 for a hidden auxiliary one."""

    header: str
    formula: str
    width: float = 0
    format: str = "live"
    name: str = ""  # defined name of the whole column


def a1(text: str, letters: Mapping[str, str], row: int) -> str:
    """`[@Mulai]` as `$D5`."""
    return re.sub(r"\[@([^\]]+)\]", lambda match: f"${letters[match[1]]}{row}", text)


def structured(text: str, table: str) -> str:
    """`[@Mulai]` as `tLangkah[[#This Row],[Mulai]]`."""
    return re.sub(r"\[@([^\]]+)\]", lambda match: f"{table}[[#This Row],[{match[1]}]]", text)


def window(name: str) -> str:
    """The rows of a Langkah column between the first and the last row of this case."""
    return f"INDEX({name},[@h.awal]):INDEX({name},[@h.akhir])"


def count(*conditions: str, step: str = "") -> str:
    """Number of this case's rows in Langkah, of all steps or of one, that meet the conditions (name, criterion, …)."""
    conditions = ("L_Kunci", f"[@h.kasus]*100+{step}", *conditions) if step else ("L_Kasus", "[@h.kasus]", *conditions)
    return f"COUNTIFS({','.join(map(_window_or_criterion, range(len(conditions)), conditions))})"


def _window_or_criterion(place: int, text: str) -> str:
    return text if place % 2 else window(text)


def above(value: str) -> str:
    return f'">"&{value}'


def below(value: str) -> str:
    return f'"<"&{value}'


def at_least(value: str) -> str:
    return f'">="&{value}'


def at_most(value: str) -> str:
    return f'"<="&{value}'


def has_step(pola: str, place: str) -> str:
    """1 where the case has a row for the step at this place (which may be an array)."""
    return f"MOD(INT({pola}/2^({place}-1)),2)"


def code_part(name: str) -> str:
    """A part of this row's h.kode as a number."""
    start = 2
    for part, size in CODE_PARTS.items():
        if part == name:
            return f"VALUE(MID([@h.kode],{start},{size}))"
        start += size
    raise KeyError(name)


def chain(tests: Sequence[tuple[str, str]], rest: str) -> str:
    """The value of the first test that holds, else `rest`."""
    return "".join(f"IF({test},{value}," for test, value in tests) + rest + ")" * len(tests)


def rejecting_step(sop: Sop) -> Step | None:
    """The step whose rejection sends a case back."""
    return next((step for step in sop.steps if step.on_rejection is not None), None)


def periodic_step(sop: Sop) -> int:
    """Place of the periodic step that no other waits for and that is never rejected; 0 for none."""
    awaited = {number for step in sop.steps for number in sop.predecessors(step.number)}
    for place, step in enumerate(sop.steps, start=1):
        if step.periodic and step.number not in awaited and step.on_rejection is None:
            return place
    return 0
