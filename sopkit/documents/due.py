"""Which documents a register asks for, and why some cannot be made: no case is lost in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sopkit.checks.catalogue import Finding, Severity
from sopkit.documents import fillings
from sopkit.documents.desk import Desk
from sopkit.documents.fillings import Filling
from sopkit.errors import UsageProblem
from sopkit.register.register import Table
from sopkit.text import nearest, worded_alike

KINDS = ("ptpp", "catatan", "ba", "daftar", "label")
TITLES: Mapping[str, str] = {
    "ptpp": "PTPP",
    "catatan": "Catatan Layanan Tidak Sesuai",
    "ba": "BA Pemusnahan",
    "daftar": "Daftar PTPP",
    "label": "Label",
}
TEMPLATE_FILES: Mapping[str, str] = {
    "ptpp": "ptpp.docx",
    "catatan": "catatan.docx",
    "ba": "ba-pemusnahan.docx",
    "daftar": "daftar-ptpp.docx",
    "label": "label.docx",
}
FOLDERS: Mapping[str, str] = {"ptpp": "ptpp", "catatan": "catatan", "ba": "ba-pemusnahan", "label": "label"}


@dataclass(frozen=True)
class Skipped:
    """A document that was not made; `cells` are `Sheet!A1` places to mend, empty where nothing is wrong."""

    kind: str
    number: str
    case: str
    reason: str
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """A document that the register asks for, not yet filled."""

    kind: str
    number: str
    cases: tuple[str, ...]
    fill: Callable[[], Filling]

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.number


class Blocks:
    """Which errors keep which documents from being made."""

    def __init__(self, desk: Desk) -> None:
        self._inspected = desk.inspected
        self._register = desk.inspected.register
        self._errors = [found for found in desk.inspected.findings if found.severity is Severity.ERROR]
        self._rows: dict[tuple[str, int], list[Finding]] = {}
        for found in self._errors:
            if found.row is not None:
                self._rows.setdefault((found.sheet, found.row), []).append(found)
        self._structure = {table.plan.name: self._of_structure(table) for table in self._register.tables}

    def _of_structure(self, table: Table) -> list[Finding]:
        """Errors of the sheet as a whole: it is missing, or its header row is wrong."""
        names = {table.sheet} if table.present else {"", table.sheet, table.plan.name}
        return [
            found
            for found in self._errors
            if found.case is None and found.sheet in names and (found.row is None or found.row <= table.header_row)
        ]

    def _row(self, table: Table, row: Any) -> list[Finding]:
        return self._rows.get((table.sheet, int(row)), [])

    def case(self, row: int, number: str | None) -> list[Finding]:
        """Errors of a case: of the sheets it stands on, its own and its events'."""
        own = self._inspected.blocking(number) if number else ()
        sheets = (found for name in ("Register", "Langkah", "Pegawai") for found in self._structure[name])
        return list(dict.fromkeys([*sheets, *own, *self._row(self._register.cases, row)]))

    def disposal(self, row: int) -> list[Finding]:
        """Errors of a row of Pemusnahan and of its sheet."""
        return [*self._structure["Pemusnahan"], *self._row(self._register.disposals, row)]


def _cell(found: Finding) -> str:
    return f"{found.sheet}!{found.cell}" if found.sheet and found.cell else found.sheet or "buku kerja"


def _reason(errors: Sequence[Finding]) -> tuple[str, tuple[str, ...]]:
    """One sentence with the first error and the number of the others, and all the cells."""
    more = f" (dan {len(errors) - 1} kesalahan lain)" if len(errors) > 1 else ""
    cells = tuple(dict.fromkeys(map(_cell, errors)))
    return f"{_cell(errors[0])}: {errors[0].message}{more}", cells


def wanted_documents(desk: Desk, only: Sequence[str], skipped: list[Skipped]) -> Iterator[Wanted]:
    """The documents that can be attempted, in the order of `KINDS` and rows; the others go to `skipped` with why."""
    blocks = Blocks(desk)
    errors = {row: blocks.case(row, case["number"]) for row, case in desk.cases.items()}
    for kind in KINDS:
        if kind in only:
            yield from _ROOMS[kind](desk, blocks, errors, skipped)


Errors = Mapping[int, Sequence[Finding]]


def _per_case(
    desk: Desk, errors: Errors, skipped: list[Skipped], kind: str, number: str, fill: Any, absence: Callable[[int], str]
) -> Iterator[Wanted]:
    for row, case in desk.cases.items():
        name = case["number"] or f"(baris {row})"
        if errors[row]:
            reason, cells = _reason(errors[row])
            skipped.append(Skipped(kind, case[number] or "", name, reason, cells))
        elif absent := absence(row):
            skipped.append(Skipped(kind, "", name, absent))
        else:
            yield Wanted(kind, case[number], (name,), partial(fill, desk, row))


def _ptpps(desk: Desk, blocks: Blocks, errors: Errors, skipped: list[Skipped]) -> Iterator[Wanted]:
    def absence(row: int) -> str:
        return "" if desk.cases[row]["ptpp_number"] else "Belum ada No. PTPP."

    yield from _per_case(desk, errors, skipped, "ptpp", "ptpp_number", fillings.ptpp, absence)


def _notes(desk: Desk, blocks: Blocks, errors: Errors, skipped: list[Skipped]) -> Iterator[Wanted]:
    yield from _per_case(desk, errors, skipped, "catatan", "number", fillings.catatan, lambda row: "")


def _labels(desk: Desk, blocks: Blocks, errors: Errors, skipped: list[Skipped]) -> Iterator[Wanted]:
    def absence(row: int) -> str:
        return "" if fillings.is_segregated(desk, row) else "Belum ada hasil yang dipisahkan."

    yield from _per_case(desk, errors, skipped, "label", "number", fillings.label, absence)


def _disposals(desk: Desk, blocks: Blocks, errors: Errors, skipped: list[Skipped]) -> Iterator[Wanted]:
    named: dict[str, list[int]] = {}
    for row, case in desk.cases.items():
        if case["disposal_number"]:
            named.setdefault(case["disposal_number"], []).append(row)
    for row, record in desk.disposals.items():
        number = record["number"] or ""
        rows = named.get(number, [])
        wrong = list(dict.fromkeys([*blocks.disposal(row), *(found for r in rows for found in errors[r])]))
        if wrong:
            reason, cells = _reason(wrong)
            skipped.append(Skipped("ba", number or f"(baris {row})", "", reason, cells))
        elif not rows:
            skipped.append(Skipped("ba", number, "", "Tidak ada layanan di Register yang menyebut No. BA ini."))
        else:
            cases = tuple(desk.cases[r]["number"] for r in rows)
            yield Wanted("ba", number, cases, partial(fillings.disposal, desk, row, rows))
    listed = {record["number"] for record in desk.disposals.values()}
    for number, rows in named.items():
        if number not in listed:
            reason = f"No. BA {number} belum ada di sheet Pemusnahan."
            skipped += [Skipped("ba", number, desk.cases[row]["number"] or f"(baris {row})", reason) for row in rows]


def _lists(desk: Desk, blocks: Blocks, errors: Errors, skipped: list[Skipped]) -> Iterator[Wanted]:
    numbered = [row for row, case in desk.cases.items() if case["ptpp_number"]]
    good = [row for row in numbered if not errors[row]]
    left_out = [desk.cases[row]["ptpp_number"] for row in numbered if errors[row]]
    for row in numbered:
        if errors[row]:
            reason, cells = _reason(errors[row])
            case = desk.cases[row]
            skipped.append(Skipped("daftar", case["ptpp_number"], case["number"] or f"(baris {row})", reason, cells))
    if not good:
        skipped.append(Skipped("daftar", "", "", "Belum ada PTPP yang dapat dicantumkan."))
        return
    cases = tuple(desk.cases[row]["number"] for row in good)
    yield Wanted("daftar", "", cases, partial(fillings.register_list, desk, good, left_out))


_ROOMS: Mapping[str, Callable[[Desk, Blocks, Errors, list[Skipped]], Iterator[Wanted]]] = {
    "ptpp": _ptpps,
    "catatan": _notes,
    "ba": _disposals,
    "daftar": _lists,
    "label": _labels,
}


def only_case(desk: Desk, wanted: Iterable[Wanted], skipped: list[Skipped], number: str) -> list[Wanted]:
    """What concerns one case (by No. Catatan, No. PTPP or No. BA); the register's list concerns all.

    `UsageProblem` with the nearest numbers when no case bears it.
    """
    asked = number.strip()
    names = {
        case["number"]
        for case in desk.cases.values()
        if asked in (case["number"], case["ptpp_number"], case["disposal_number"])
    } - {None}
    if not names:
        raise UsageProblem(f"Nomor {asked} tidak ada di Register.", _nearest(desk, asked))
    skipped[:] = [one for one in skipped if one.kind != "daftar" and (one.case in names or one.number == asked)]
    return [one for one in wanted if one.kind != "daftar" and names & set(one.cases)]


def _nearest(desk: Desk, asked: str) -> str:
    known = [case[name] for case in desk.cases.values() for name in ("number", "ptpp_number") if case[name]]
    near = nearest(asked, known, limit=3, least=60, alike=worded_alike)
    return f"Yang mirip: {', '.join(near)}." if near else "Periksa No. Catatan di sheet Register."
