"""The kinds of documents: one record says of each what generating, checking, verifying and mailing it need.

A document that cannot be made is told with why: no case is lost in silence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from sopkit.checks.catalogue import Finding, Severity
from sopkit.documents import content
from sopkit.documents.content import DocumentContent, Missing
from sopkit.documents.fields import FIELDS
from sopkit.documents.records import DocumentData, Record
from sopkit.errors import UsageProblem
from sopkit.files import safe_name
from sopkit.register.schema import PTPP_NEEDS, Column
from sopkit.register.tables import Table
from sopkit.text import nearest, quoted, worded_alike

NOT_BEGUN = "nomornya menunggu langkah pertamanya dicatat di sheet Langkah"
Addressee = Literal["responsible", "deputy", "head"]


@dataclass(frozen=True)
class MailTopic:
    """Something that sheet Surel can name as Dokumen, and how it is written about.

    `text` is its file in templates/surel, `subject` and `body` the fields that it may use (`body` in the text alone:
    a subject names no people). `to` and `cc` stand in for a workbook without sheet Surel. `fill` gives the fields'
    values for a document's number and cases; the report and the reminders, which are no documents, are filled by mail.
    `about` says in a digest of several documents what this one is about, by those fields, and `ask` what is asked for.
    """

    name: str
    text: str
    to: Addressee
    cc: Addressee | None
    subject: tuple[str, ...]
    body: tuple[str, ...]
    fill: Callable[[DocumentData, str, Sequence[Record]], Mapping[str, object]] | None = None
    personal: bool = True  # False: about all cases, so that Penanggung Jawab stands for nobody
    about: str = ""
    ask: str = "diketahui"
    filled_in: bool = False  # in Word, by whoever gets it


@dataclass(frozen=True)
class Skipped:
    """A document that was not made; `cells` are `Sheet!A1` places to mend, empty where nothing is wrong.

    `history`: its cases are history, and nobody asked for them.
    """

    kind: str
    number: str
    case: str
    reason: str
    cells: tuple[str, ...] = ()
    history: bool = False

    @property
    def title(self) -> str:
        """What staff call the document."""
        return title_of(self.kind)


@dataclass(frozen=True)
class Wanted:
    """A document that the register asks for, not yet filled."""

    kind: str
    number: str
    cases: tuple[str, ...]
    fill: Callable[[], DocumentContent]

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.number


@dataclass(frozen=True)
class Source:
    """Where a kind's documents come from.

    `wanted` gives those that can be attempted, in the order of the rows, and the others with why; `numbers` all that
    the register has now, so that a document of another number is known to have lost its case.
    """

    wanted: Callable[[DocumentKind, DocumentData, Blocks], Iterator[Wanted | Skipped]]
    numbers: Callable[[DocumentData], Iterable[str | None]]


@dataclass(frozen=True)
class DocumentKind:
    """All that is particular about a kind of document; the fields of its template are told in `fields.py`.

    `name` is its word on the command line and in the archive, `folder` where in keluaran/ its documents lie (empty:
    one document, called like the template). `build` says what a document says, of a row of Register where the source
    is `per_case`; `needs` are the columns of Register without which it would have a hole. `signers` are the fields that
    name who signs it, in the order of signing.
    """

    name: str
    title: str
    template: str
    folder: str
    source: Source
    build: Callable[..., DocumentContent]
    needs: tuple[Column, ...] = ()
    mail: MailTopic | None = None
    signers: tuple[str, ...] = ()

    @property
    def fields(self) -> Mapping[str, str]:
        """Each field of its template with what it means."""
        return FIELDS[self.name]

    def path(self, number: str) -> str:
        """Where in keluaran/ the document of this number lies, if no other number has the same file name."""
        return f"{self.folder}/{safe_name(number)}.docx" if self.folder else self.template


class Blocks:
    """Which errors keep which documents from being made; `of_case` has those of each row of Register."""

    def __init__(self, data: DocumentData) -> None:
        self._inspected = data.inspected
        self._register = data.inspected.register
        self._errors = [found for found in data.inspected.findings if found.severity is Severity.ERROR]
        self._rows: dict[tuple[str, int], list[Finding]] = {}
        for found in self._errors:
            if found.row is not None:
                self._rows.setdefault((found.sheet, found.row), []).append(found)
        self._structure = {table.plan.name: self._of_structure(table) for table in self._register.tables}
        self.of_case = {row: self._case(row, case["number"]) for row, case in data.cases.items()}

    def _of_structure(self, table: Table) -> list[Finding]:
        """Errors of the sheet as a whole: it is missing, or its header row is wrong."""
        ends = {sheet.sheet: sheet.header_row for sheet in table.sheets}
        ends |= {} if table.present else {"": 0, table.plan.name: table.header_row}
        return [
            found
            for found in self._errors
            if found.case is None and found.sheet in ends and (found.row is None or found.row <= ends[found.sheet])
        ]

    def _row(self, table: Table, row: Any) -> list[Finding]:
        sheet = table.part(int(row))
        return self._rows.get((sheet.sheet, int(row) - sheet.base), [])

    def _case(self, row: int, number: str | None) -> list[Finding]:
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


def wanted_documents(data: DocumentData, only: Iterable[str]) -> tuple[list[Wanted], list[Skipped]]:
    """The documents of these kinds that can be attempted, in the order of `KINDS` and rows, and the others."""
    blocks = Blocks(data)
    asked = set(only)
    found = [one for kind in KINDS.values() if kind.name in asked for one in kind.source.wanted(kind, data, blocks)]
    wanted = [one for one in found if isinstance(one, Wanted)]
    return wanted, [one for one in found if isinstance(one, Skipped)]


def without_history(
    data: DocumentData, wanted: Sequence[Wanted], skipped: Sequence[Skipped]
) -> tuple[list[Wanted], list[Skipped]]:
    """The same without documents of cases that are history alone: those are told, and made when they are asked for."""
    past = data.inspected.history
    reason = f"Kasus {past.called}; dokumennya dibuat bila diminta: sopkit generate --case NOMOR."
    cases = data.inspected.register.cases
    named = past.numbers | {f"({cases.called(row)})" for row in past.cases if data.cases[row]["number"] is None}

    def of_past(one: Wanted | Skipped) -> bool:
        cases = one.cases if isinstance(one, Wanted) else (one.case,)
        return bool(KINDS[one.kind].folder) and named.issuperset(cases)

    told = [Skipped(one.kind, one.number, one.cases[0], reason, history=True) for one in wanted if of_past(one)]
    told += [Skipped(one.kind, one.number, one.case, reason, history=True) for one in skipped if of_past(one)]
    return [one for one in wanted if not of_past(one)], [*(one for one in skipped if not of_past(one)), *told]


def title_of(kind: str) -> str:
    """What staff call it; the word itself where the archive knows a kind that this sopkit does not."""
    return KINDS[kind].title if kind in KINDS else kind


def _called(data: DocumentData, row: int) -> str:
    """What a case without a number is called."""
    return f"({data.inspected.register.cases.called(row)})"


def per_case(number: str, absence: Callable[[DocumentData, int], str] = lambda data, row: "") -> Source:
    """One document for each case, numbered by a column of Register; `absence` says why a case has none (yet)."""

    def wanted(kind: DocumentKind, data: DocumentData, blocks: Blocks) -> Iterator[Wanted | Skipped]:
        uses = Counter(case[number] for case in data.cases.values())
        for row, case in data.cases.items():
            name = case["number"] or _called(data, row)
            if errors := blocks.of_case[row]:
                yield Skipped(kind.name, case[number] or "", name, *_reason(errors))
            elif absent := absence(data, row):
                yield Skipped(kind.name, "", name, absent)
            elif case[number] and uses[case[number]] > 1:  # of the history: elsewhere D10 has said so
                reason = (
                    f"Nomor {case[number]} dipakai {uses[case[number]]} kasus, jadi dokumennya tidak dapat dibedakan."
                )
                yield Skipped(kind.name, case[number], name, reason)
            else:
                yield Wanted(kind.name, case[number], (name,), partial(_of_case, kind, data, row))

    return Source(wanted, lambda data: [case[number] for case in data.cases.values()])


def _of_case(kind: DocumentKind, data: DocumentData, row: int) -> DocumentContent:
    built = kind.build(data, row)
    case = data.cases[row]
    unkept = data.inspected.register.cases.part(row).structure.absent_headers
    lacking = [column for column in kind.needs if case[column.field] is None and column.header not in unkept]
    gaps = [Missing("cases", row, column) for column in lacking]
    return replace(built, missing=(*gaps, *built.missing))


def _without_number(data: DocumentData, row: int) -> str:
    """Why a case has no PTPP: cancelled, due for a number (as `sopkit number` gives it), or not begun."""
    case = data.cases[row]
    if case["ptpp_number"]:
        return ""
    if case["status"] == "Batal":
        return "Kasus batal tanpa No. PTPP."
    begun = case["ptpp_date"] or any(done["start"] for done in data.executions.get(case["number"] or "", ()))
    return f"Belum ada No. PTPP; {'nomornya diberikan oleh sopkit number' if begun else NOT_BEGUN}."


def _nothing_segregated(data: DocumentData, row: int) -> str:
    return "" if content.is_segregated(data, row) else "Belum ada hasil yang dipisahkan."


def _disposals(kind: DocumentKind, data: DocumentData, blocks: Blocks) -> Iterator[Wanted | Skipped]:
    named: dict[str, list[int]] = {}
    for row, case in data.cases.items():
        if case["disposal_number"]:
            named.setdefault(case["disposal_number"], []).append(row)
    for row, record in data.disposals.items():
        number = record["number"] or ""
        rows = named.get(number, [])
        wrong = list(dict.fromkeys([*blocks.disposal(row), *(found for r in rows for found in blocks.of_case[r])]))
        if wrong:
            yield Skipped(
                kind.name, number or f"({data.inspected.register.disposals.called(row)})", "", *_reason(wrong)
            )
        elif not rows:
            yield Skipped(kind.name, number, "", "Tidak ada layanan di Register yang menyebut No. BA ini.")
        else:
            cases = tuple(data.cases[r]["number"] for r in rows)
            yield Wanted(kind.name, number, cases, partial(kind.build, data, row, rows))
    listed = set(_disposal_numbers(data))
    for number, rows in named.items():
        if number not in listed:
            reason = f"No. BA Pemusnahan “{quoted(number)}” belum ada di sheet Pemusnahan."
            for row in rows:
                yield Skipped(kind.name, number, data.cases[row]["number"] or _called(data, row), reason)


def _disposal_numbers(data: DocumentData) -> Iterator[str | None]:
    return (record["number"] for record in data.disposals.values())


def _lists(kind: DocumentKind, data: DocumentData, blocks: Blocks) -> Iterator[Wanted | Skipped]:
    numbered = [row for row, case in data.cases.items() if case["ptpp_number"]]
    good = [row for row in numbered if not blocks.of_case[row]]
    left_out = [data.cases[row]["ptpp_number"] for row in numbered if blocks.of_case[row]]
    for row in numbered:
        if errors := blocks.of_case[row]:
            case = data.cases[row]
            yield Skipped(kind.name, case["ptpp_number"], case["number"] or _called(data, row), *_reason(errors))
    if not good:
        yield Skipped(kind.name, "", "", "Belum ada PTPP yang dapat dicantumkan.")
        return
    cases = tuple(data.cases[row]["number"] for row in good)
    yield Wanted(kind.name, "", cases, partial(kind.build, data, good, left_out))


KINDS: dict[str, DocumentKind] = {
    kind.name: kind
    for kind in (
        DocumentKind(
            name="ptpp",
            title="PTPP",
            template="ptpp.docx",
            folder="ptpp",
            source=per_case("ptpp_number", _without_number),
            build=content.ptpp,
            needs=PTPP_NEEDS,
            mail=MailTopic(
                name="PTPP",
                text="ptpp.txt",
                to="responsible",
                cc="deputy",
                subject=("nomor", "tanggal"),
                body=(
                    "nomor_catatan", "jenis_layanan", "kategori", "penanggung_jawab", "target_selesai", "status",
                    "ditutup",
                ),
                fill=content.ptpp_mail,
                about="{jenis_layanan}",
                ask="dilaksanakan dan dicatat pada register",
                filled_in=True,
            ),
            signers=("pengusul", "penanggung_jawab", "pimpinan", "diverifikasi_oleh"),
        ),
        DocumentKind(
            name="catatan",
            title="Catatan Layanan Tidak Sesuai",
            template="catatan.docx",
            folder="catatan",
            source=per_case("number"),
            build=content.catatan,
            signers=("identifikasi_oleh", "disetujui_oleh"),
        ),
        DocumentKind(
            name="ba",
            title="BA Pemusnahan",
            template="ba-pemusnahan.docx",
            folder="ba-pemusnahan",
            source=Source(_disposals, _disposal_numbers),
            build=content.disposal,
            mail=MailTopic(
                name="BA Pemusnahan",
                text="ba-pemusnahan.txt",
                to="head",
                cc=None,
                subject=("nomor", "tanggal"),
                body=("tempat_pemusnahan", "nomor_catatan", "jumlah_kasus"),
                fill=content.disposal_mail,
                about="Pemusnahan hasil {jumlah_kasus} kasus",
                ask="diperiksa dan ditandatangani",
            ),
            signers=("pelaksana", "saksi_1", "saksi_2", "mengetahui"),
        ),
        DocumentKind(
            name="daftar",
            title="Daftar PTPP",
            template="daftar-ptpp.docx",
            folder="",
            source=Source(_lists, lambda data: [""]),
            build=content.register_list,
            mail=MailTopic(
                name="Daftar PTPP",
                text="daftar-ptpp.txt",
                to="deputy",
                cc="head",
                subject=("tahun",),
                body=("jumlah_ptpp",),
                fill=content.list_mail,
                about="{jumlah_ptpp} PTPP tahun {tahun}",
                personal=False,
            ),
            signers=("pimpinan",),
        ),
        DocumentKind(
            name="label",
            title="Label",
            template="label.docx",
            folder="label",
            source=per_case("number", _nothing_segregated),
            build=content.label,
        ),
    )
}  # fmt: skip
"""By name, in the order in which they are made."""


def only_case(
    data: DocumentData, wanted: Sequence[Wanted], skipped: Sequence[Skipped], number: str
) -> tuple[list[Wanted], list[Skipped]]:
    """What concerns one case (by No. Catatan, No. PTPP or No. BA); the register's list concerns all.

    `UsageProblem` with the nearest numbers when no case bears it.
    """
    asked = number.strip()
    names = {
        case["number"]
        for case in data.cases.values()
        if asked in (case["number"], case["ptpp_number"], case["disposal_number"])
    } - {None}
    if not names:
        raise UsageProblem(f"Nomor {asked} tidak ada di Register.", _nearest(data, asked))
    own = {kind.name for kind in KINDS.values() if kind.folder}
    return (
        [one for one in wanted if one.kind in own and names & set(one.cases)],
        [one for one in skipped if one.kind in own and (one.case in names or one.number == asked)],
    )


def _nearest(data: DocumentData, asked: str) -> str:
    known = [case[name] for case in data.cases.values() for name in ("number", "ptpp_number") if case[name]]
    near = nearest(asked, known, limit=3, least=60, alike=worded_alike)
    return f"Yang mirip: {', '.join(near)}." if near else "Periksa No. Catatan di sheet Register."
