"""Writing what came back into the register, and proving it by reading the register again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sopkit.checks.catalogue import Finding
from sopkit.checks.inspection import Inspected, inspect_register
from sopkit.receive.compare import Office, Reply, edits_of
from sopkit.register.read import open_book, read_book
from sopkit.register.write_cells import NotAsSaid, clear_left, write_cells


@dataclass(frozen=True)
class Filled:
    """What was written into one register; `gone` are the findings that it settled, `new` those that it brought."""

    path: Path
    backup: Path
    cells: int
    gone: tuple[Finding, ...]
    new: tuple[Finding, ...]


def fill(office: Office, replies: Sequence[Reply]) -> Filled | None:
    """Write the cells that are new; None where there are none.

    `WriteRefused` and `NotAsSaid` as `write_cells`; `NotAsSaid` too when the register, read again, does not hold them.
    """
    edits, path = edits_of(replies), office.path
    clear_left(path)
    if not edits:
        return None
    backup = write_cells(path, edits, office.inspected.register.source.sha256)
    before = office.inspected
    after = inspect_register(read_book(open_book(path, before.book.layout, before.book.sop)), before.sop, before.as_of)
    _prove(after, replies, backup)
    return Filled(path, backup, len(edits), _beyond(before, after), _beyond(after, before))


def _beyond(one: Inspected, other: Inspected) -> tuple[Finding, ...]:
    """The findings of one that the other has not."""
    known = {(found.code, found.sheet, found.cell) for found in other.findings}
    return tuple(found for found in one.findings if (found.code, found.sheet, found.cell) not in known)


def _prove(after: Inspected, replies: Sequence[Reply], backup: Path) -> None:
    cases = after.register.cases
    places = {(cases.part(row).sheet, row - cases.part(row).base): row for row in cases.data.index}
    for one in (cell for reply in replies if not reply.problems for cell in reply.cells if cell.writable):
        row = places.get((one.sheet, int(one.cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))))
        held: Any = None if row is None else cases.data.at[row, one.column.field]
        if (held.date() if hasattr(held, "date") else held) != one.value:
            raise NotAsSaid(
                f"{one.sheet}!{one.cell} di {after.book.path.name} terbaca lain sesudah ditulis.",
                f"Pulihkan dari cadangannya ({backup}), dan kirimkan salinannya kepada pengelola sopkit.",
            )
