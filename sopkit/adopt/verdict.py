"""Whether a layout is enough to work with, and what is missing where it is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sopkit.adopt.propose import Proposal
from sopkit.adopt.write import dispensable
from sopkit.errors import SopkitError
from sopkit.folders import OFFICE_BOOK
from sopkit.language import list_text
from sopkit.register.layout import parse_layout
from sopkit.register.read import read_register
from sopkit.register.schema import EVENTS, PEOPLE, REGISTER, SHEETS, Cases, SheetPlan
from sopkit.register.tables import Register
from sopkit.text import argument


@dataclass(frozen=True)
class Verdict:
    """`read` says what was read with the layout; `missing` what is needed and not there, `remarks` what is good to
    know, whole sentences.
    """

    read: str
    missing: tuple[str, ...]
    open: int  # columns that nobody has decided on, none of them needed
    remarks: tuple[str, ...] = ()
    register: Register | None = None  # as it was read; None where that failed


def verdict_of(proposal: Proposal, text: str, target: Path) -> Verdict:
    """What sopkit reads of the workbook with the layout as it stands in `target`, and what is still missing."""
    asked = [match for _, match in proposal.asked()]
    try:
        register = read_register(proposal.path, parse_layout(text, target))
    except SopkitError as error:
        return Verdict("Buku kerja belum terbaca dengan tata letak ini.", (str(error),), len(asked))
    cases, events = len(register.cases.data), len(register.events.data)
    read = f"Terbaca: {cases} kasus dan {events} langkah."
    missing = [*_columns(proposal), *_sheets(proposal)]
    if not cases:
        read = f"{read} Lembar {register.cases.sheet} masih kosong."
        return Verdict(read, tuple(missing), len(asked), register=register)
    needed = sum(bool(match.column and match.column.required) for match in asked)
    return Verdict(read, tuple(missing), len(asked) - needed, tuple(_remarks(proposal)), register)


def _columns(proposal: Proposal) -> Iterator[str]:
    for plan in SHEETS:
        if plan.name not in proposal.chosen:
            continue
        asked = [m.column for m in proposal.matches[plan.name] if m.certainty == "asked" and m.column]
        perhaps = [column.header for column in asked if column.required]
        lacking = [column.header for column in proposal.lacking(plan)]
        where = "" if plan is REGISTER else f" lembar {plan.name}"
        if perhaps:
            yield f"Kolom wajib{where} yang belum diputuskan: {list_text(perhaps)}."
        if lacking:
            yield f"Kolom wajib{where} yang belum ada di buku kerja: {list_text(lacking)}.{_way_out(proposal, plan)}"


def _way_out(proposal: Proposal, plan: SheetPlan) -> str:
    spare = [column.header for column in proposal.lacking(plan) if dispensable(plan, column)]
    if not spare:
        return ""
    return (
        f" Bila kantor memang tidak mencatat {list_text(spare)}, nyatakan itu dengan menjalankan sopkit adopt di "
        "terminal atau di berkas tata letak."
    )


def _sheets(proposal: Proposal) -> Iterator[str]:
    absent = proposal.absent()
    if PEOPLE in absent:
        yield _people(proposal)


def _remarks(proposal: Proposal) -> Iterator[str]:
    if EVENTS in proposal.absent():
        columns = list_text(column.header for column in EVENTS.columns if column.required)
        yield (
            "Langkah SOP tidak dicatat dalam buku kerja ini; urutan dan waktunya tidak diperiksa. Untuk mulai "
            f"mencatatnya, tambahkan lembar Langkah dengan kolom {columns}, atau kolom tanggal selesai tiap langkah di "
            "registernya, lalu jalankan lagi sopkit adopt."
        )
    if Cases.ptpp_date in proposal.wanted(REGISTER):
        yield "Tanggal PTPP belum ada padanannya; selama itu PTPP belum dapat dibuat."


def _people(proposal: Proposal) -> str:
    if proposal.office:
        return f"Lembar Pegawai belum ada di {proposal.office}, juga tidak di {proposal.path.name}."
    book = proposal.path.with_name(OFFICE_BOOK)
    names = f" --from {argument(str(proposal.path))}" if REGISTER.name in proposal.chosen else ""
    return (
        f"Lembar Pegawai belum ada. Buat dengan  sopkit init --office-sheets {argument(str(book))}{names}  lalu isi; "
        "sopkit adopt akan memakainya."
    )
