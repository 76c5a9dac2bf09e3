"""A reply held against what was issued and what the register says now: cell by cell new, the same, other, or a clash.

Nothing is guessed for the clerk: what the register's strict reading refuses, what contradicts another answer and what
would go into a filled cell is listed and never written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from sopkit.checks.canonical import allowed
from sopkit.checks.catalogue import Severity
from sopkit.checks.inspection import Inspected, inspect_register
from sopkit.database import FILE
from sopkit.documents.codes import short_code
from sopkit.documents.generate import Known, known_by, newest_of
from sopkit.documents.kinds import title_of
from sopkit.errors import SopkitError
from sopkit.language import date_text, list_text
from sopkit.receive.opening import Carried
from sopkit.receive.word import (
    FILLED,
    Comment,
    NotReadable,
    WordText,
    altered,
    differences,
    is_blank,
    labelled,
    read_word,
    squeezed,
)
from sopkit.register.parse import Custom, read_column
from sopkit.register.read import read_book
from sopkit.register.schema import Cases, Column, Kind
from sopkit.register.write_cells import CellEdit, Value, demand_format, spliced_workbook
from sopkit.text import nearest, plain, quoted

State = Literal["baru", "sama", "berbeda", "bentrok", "ditolak"]
LONGEST = 32_000  # letters; a cell of Excel holds 32,767
STANDINGS = {"edited": "sudah diubah dengan tangan", "missing": "tidak ada lagi", "unreadable": "tidak dapat dibaca"}


@dataclass(frozen=True)
class Answer:
    """What a reply says of one column: `texts` are the answers that differ.

    `before` is what the PTPP printed when it was issued, None where that is not known.
    """

    column: Column
    texts: tuple[str, ...]
    tracked: bool = False
    before: str | None = None


@dataclass(frozen=True)
class Cell:
    """One cell of the register and what a reply says of it. `value` is what may be written there."""

    column: Column
    sheet: str
    cell: str
    register: str
    reply: str
    state: State
    notes: tuple[str, ...] = ()
    value: Value | None = None

    @property
    def writable(self) -> bool:
        return self.state == "baru" and self.value is not None


@dataclass(frozen=True)
class Reply:
    """One document that came back. `problems` keep all of it from being written, an Indonesian sentence each."""

    source: str
    origin: str = ""
    code: str = ""
    number: str = ""
    case: str = ""
    problems: tuple[str, ...] = ()
    cells: tuple[Cell, ...] = ()
    comments: tuple[Comment, ...] = ()
    remarks: tuple[str, ...] = ()
    unread: bool = False

    @property
    def edits(self) -> tuple[CellEdit, ...]:
        if self.problems:
            return ()
        return tuple(CellEdit(one.sheet, one.cell, one.value) for one in self.cells if one.writable and one.value)

    @property
    def undecided(self) -> bool:
        """Whether somebody has to decide: of the document, or of a cell that is not written."""
        return bool(self.problems) or any(not one.writable and one.state != "sama" for one in self.cells)


@dataclass(frozen=True)
class Office:
    """A register with the folders that may hold its documents."""

    inspected: Inspected
    folders: tuple[Path, ...]

    @property
    def path(self) -> Path:
        return self.inspected.book.path


@dataclass(frozen=True)
class _Identity:
    """What archive and register know of a document; `row` of its case where the register has it."""

    problems: tuple[str, ...]
    office: Office | None = None
    row: int | None = None
    known: Known | None = None
    folder: Path = Path()

    @property
    def anew(self) -> str:
        """That it was made anew since, where it was."""
        if self.known is None or not self.known.former:
            return ""
        made, was = (
            date_text(dt.date.fromisoformat(one[:10])) for one in (self.known.record.made_at, self.known.former)
        )
        return f"PTPP {self.known.record.number} ini dibuat pada {was} dan dibuat ulang pada {made}"

    def said(self, header: str) -> str:
        """What the register says of its case in a column."""
        if self.office is None or self.row is None:
            return ""
        return str(self.office.inspected.register.cases.data.at[self.row, header] or "")


def received(carried: Iterable[Carried], offices: Sequence[Office]) -> list[tuple[Reply, Office | None]]:
    """Every reply, with the office whose document it is; what two replies contradict is a clash in both."""
    read = [_received(one, offices) for one in carried]
    for office in offices:
        own = [place for place, (_, of) in enumerate(read) if of is office]
        for place, reply in zip(own, _checked([read[at][0] for at in own], office), strict=True):
            read[place] = reply, office
    return read


def _received(carried: Carried, offices: Sequence[Office]) -> tuple[Reply, Office | None]:
    unread = Reply(carried.source, carried.origin, unread=True)
    if carried.problem:
        return replace(unread, problems=(f"{carried.problem[:1].upper()}{carried.problem[1:].rstrip('.')}.",)), None
    try:
        word = read_word(carried.data)
    except NotReadable as error:
        return replace(unread, problems=(f"Tidak dapat dibaca: {error}.",)), None
    known = _identified(word, offices)
    issued, problems = _issued(known, word)
    answers = list(_answers(word, issued, known))
    cells = () if known.office is None or known.row is None else _cells(answers, known.office.inspected, known.row)
    code = short_code(word.codes[0].replace("-", "")) if word.codes else ""
    reply = Reply(
        carried.source, carried.origin, code, known.said("ptpp_number"), known.said("number"),
        (*known.problems, *problems), tuple(cells), word.comments, tuple(_remarks(word, issued, answers, known)),
    )  # fmt: skip
    return reply, known.office


def _identified(word: WordText, offices: Sequence[Office]) -> _Identity:
    """By its archive code, which the number it prints must agree with."""
    if not word.codes:
        return _Identity(("Kode verifikasi arsip tidak ada di dokumen ini, jadi asalnya tidak diketahui.",))
    code, *others = (one.replace("-", "") for one in word.codes)
    if not all(code.startswith(one) or one.startswith(code) for one in others):
        return _Identity((f"Kode QR dan kode yang tercetak berlainan ({list_text(word.codes[1:])}).",))
    found = [
        _in_register(known, office, folder, word)
        for office in offices
        for folder in office.folders
        if (folder / FILE).is_file()
        for known in known_by(code, folder)
    ]
    found = found or [_by_number(short_code(code), office, word) for office in offices]
    # of several registers in one folder, that which has the case
    return next((one for one in found if one.row is not None), found[0])


def _by_number(code: str, office: Office, word: WordText) -> _Identity:
    """A document whose code the archive has no more, or never had: what it says is shown beside the case it names."""
    numbers = office.inspected.register.cases.data["ptpp_number"].dropna()
    named = [row for row in numbers.index.tolist() if f"ptpp {plain(numbers[row])})" in plain(word.all_text)]
    if len(named) != 1:
        return _Identity((f"Kode {code} tidak dikenal arsip kantor ini: dokumen kantor lain.",))
    number = numbers[named[0]]
    why = f"dokumen kantor lain, atau PTPP {number} dibuat ulang sesudah yang ini dikirim"
    newest = [(one, folder) for folder in office.folders if (folder / FILE).is_file()
              for one in (newest_of("ptpp", number, folder),) if one]  # fmt: skip
    beside = f" {_beside_newest(*newest[0], word)}" if newest else ""
    return _Identity(
        (f"Kode {code} tidak dikenal arsip kantor ini: {why}.{beside} Nilainya tidak ditulis.",), office, named[0]
    )


def _beside_newest(known: Known, folder: Path, word: WordText) -> str:
    """What of the fixed text of a document is another in the newest one of its number."""
    newest = _read_own(known.newest.path, folder)
    told = differences(word, newest) if newest else ""
    if newest is None:
        return f"Naskah yang berlaku {known.newest.path} tidak dapat dibaca."
    return f"Yang berlainan: {told}." if told else f"Bagian tetapnya sama dengan {known.newest.path}."


def _read_own(path: str, folder: Path) -> WordText | None:
    try:
        return read_word((folder / path).read_bytes())
    except (OSError, NotReadable):
        return None


def _in_register(known: Known, office: Office, folder: Path, word: WordText) -> _Identity:
    record, cases = known.record, office.inspected.register.cases.data
    problems = []
    if record.kind != "ptpp":
        return _Identity((f"Ini {title_of(record.kind)}, bukan PTPP.",), office, None, known, folder)
    if known.superseded:
        beside = _beside_newest(known, folder, word)
        problems.append(f"Ini revisi lama; yang berlaku {known.newest.path}. {beside} Nilainya tidak ditulis.")
    if plain(record.number) not in plain(word.all_text):
        problems.append(f"Nomor {record.number} tidak tercetak di dokumen ini, padahal kodenya milik nomor itu.")
    rows = cases.index[(cases["ptpp_number"] == record.number) & cases["number"].isin(record.cases)].tolist()
    if len(rows) != 1:
        problems.append(f"{list_text(record.cases)} dengan No. PTPP {record.number} tidak ada lagi di register.")
    return _Identity(tuple(problems), office, rows[0] if len(rows) == 1 else None, known, folder)


def _issued(known: _Identity, word: WordText) -> tuple[WordText | None, tuple[str, ...]]:
    """The document as it was issued, and what of its fixed text is another in the reply."""
    if known.known is None or known.known.record.kind != "ptpp":
        return None, ()
    record, state = known.known.record, known.known.state
    if state != "matching":
        return None, (
            f"Naskah aslinya {record.path} {STANDINGS[state]}, jadi bagian tetapnya tidak dapat dibandingkan. "
            "Jalankan sopkit generate --overwrite (berkas itu disimpan sebagai cadangan), lalu ulangi.",
        )
    issued = _read_own(record.path, known.folder)
    if issued is None:
        return None, (f"Naskah aslinya {record.path} tidak dapat dibaca.",)
    near = altered(issued, word)
    if near and known.anew:
        return issued, (f"{known.anew}. {_beside_newest(known.known, known.folder, word)} Nilainya tidak ditulis.",)
    return issued, ((f"Bagian tetap dokumen ini diubah, di dekat “{near}”.",) if near else ())


def _answers(word: WordText, issued: WordText | None, known: _Identity) -> Iterator[Answer]:
    """The columns that a reply says something of; those it leaves as they were issued are not among them."""
    for column in FILLED:
        printed = issued.values(column) if issued else ()
        empty = [one.text for one in printed if one.placeholder]
        before = _printed(issued, word, column) if issued and not known.anew else None
        controls = word.values(column)
        filled = [one for one in controls if not one.placeholder and not is_blank(one.text, column, empty)]
        texts = {squeezed(one.text): one.text for one in filled}
        if not texts and (beside := _beside(word, issued, column, empty)):
            texts = {beside: beside}
        tracked = any(one.tracked for one in controls) or (not controls and word.tracked)
        if texts or before or tracked:
            yield Answer(column, tuple(texts.values()), tracked, before)


def _printed(issued: WordText, word: WordText, column: Column) -> str:
    """What the issued document says of a column, in a control or beside its label, there only where it is another now;
    empty for nothing.
    """
    if controls := issued.values(column):
        return next((one.text for one in controls if not one.placeholder), "")
    said, now = labelled(issued.text, column), labelled(word.text, column)
    return "" if is_blank(said, column) or squeezed(said) == squeezed(now) else said


def _beside(word: WordText, issued: WordText | None, column: Column, empty: Iterable[str] = ()) -> str:
    """What follows the label of a column outside its controls, if the issued document had not the same there."""
    beside = labelled(word.text, column)
    same = issued is not None and squeezed(labelled(issued.text, column)) == squeezed(beside)
    return "" if same or is_blank(beside, column, empty) else beside


def _remarks(word: WordText, issued: WordText | None, answers: Sequence[Answer], known: _Identity) -> Iterator[str]:
    if known.anew and issued and not altered(issued, word):
        yield f"{known.anew}; bagian tetapnya sama."
    if any(answer.texts and not word.values(answer.column) for answer in answers):
        yield "Isian tanpa kotak dibaca menurut labelnya: cocokkan dengan dokumennya."
    if word.tracked:
        yield "Ada perubahan terlacak di luar kotak isian yang belum diterima."
    for column in {control.column: None for control in word.controls if control.text and not control.placeholder}:
        if beside := _beside(word, issued, column):
            yield f"Ada tulisan di luar kotak isian {column.header}: “{quoted(beside)}”."
    answered = {answer.column for answer in answers if answer.texts}
    open_ = [column.header for column in FILLED if column not in answered and column != Cases.follow_up_ptpp]
    if open_ and issued:
        yield f"Belum diisi: {list_text(open_)}."


def _cells(answers: Iterable[Answer], inspected: Inspected, row: int) -> Iterator[Cell]:
    cases = inspected.register.cases
    for answer in answers:
        column, part = answer.column, cases.part(row)
        if column.field not in part.letters:
            said = "\n".join(answer.texts)
            yield Cell(column, part.sheet, "", "", said, "ditolak", ("kolomnya tidak ada di register",))
            continue
        typed, raw = (frame.at[row, column.field] for frame in (cases.data, cases.raw))
        place = Cell(column, part.sheet, cases.cell(row, column.field), _shown(typed) or _shown(raw), "", "berbeda")
        if cell := _judged(place, answer, inspected):
            tracked = ("lacak perubahan belum diterima di Word",) if answer.tracked else ()
            yield replace(cell, notes=(*cell.notes, *tracked))


def _judged(place: Cell, answer: Answer, inspected: Inspected) -> Cell | None:
    """The cell with its state; None where the reply leaves empty what was empty."""
    column, before = answer.column, answer.before
    if not answer.texts:
        emptied = before and place.register
        return replace(place, notes=("dikosongkan di Word",)) if emptied else None
    place = replace(place, reply=" ≠ ".join(answer.texts[:3]))
    if len(answer.texts) > 1:
        return replace(place, state="bentrok", notes=("dua isian di dokumen ini berlainan",))
    value, problem = _read(column, answer.texts[0], inspected)
    if place.register and not problem and _same(column, _shown(value), place.register, inspected):
        return replace(place, state="sama")
    if problem:
        return replace(place, state="ditolak", notes=(problem,))
    if not place.register:
        if before and _same(column, _shown(value), before, inspected):
            return replace(place, state="bentrok", notes=("dikosongkan di register sesudah PTPP dibuat",))
        return replace(place, state="baru", reply=_shown(value), value=None if answer.tracked else value)
    if before is None or _same(column, before, place.register, inspected):
        return place
    if _same(column, _shown(value), before, inspected):
        return replace(place, notes=("register berubah sesudah PTPP dibuat; balasan seperti semula",))
    return replace(place, state="bentrok", notes=("register juga berubah sesudah PTPP dibuat",))


def _shown(value: Any) -> str:
    """A value as one reads it; nothing for what is missing."""
    if pd.isna(value):
        return ""
    return date_text(value) if isinstance(value, dt.date) else str(value)


def _same(column: Column, one: str, other: str, inspected: Inspected) -> bool:
    """Whether two texts say the same in that column: the same day, person or word of a list; blanks do not count."""
    if squeezed(plain(one)) == squeezed(plain(other)):
        return True
    values = [_read(column, text, inspected)[0] for text in (one, other)]
    return None not in values and values[0] == values[1]


def _read(column: Column, text: str, inspected: Inspected) -> tuple[Value | None, str]:
    """The value that the register reads in the text, or why it reads none."""
    if len(text) > LONGEST:
        return None, f"lebih panjang dari {LONGEST} huruf, yang dapat dimuat satu sel"
    array, notes = read_column(column, [text], Custom())
    if any(note.kind in ("unreadable", "ambiguous") for note in notes) or pd.isna(array[0]):
        why = next((f": {note.shown}" for note in notes if note.shown), "")
        return None, f"“{quoted(text)}” tidak dapat dibaca sebagai tanggal{why}"
    if column.kind is Kind.DATE:
        return pd.Timestamp(array[0]).date(), ""
    value = str(array[0])
    if column.kind is Kind.CHOICE:
        return _listed(value, allowed(inspected.register, inspected.sop, column))
    if column.kind is Kind.PERSON:
        return _person(value, inspected)
    return value, ""


def _listed(text: str, choices: Sequence[str]) -> tuple[Value | None, str]:
    found = next((one for one in choices if plain(one) == plain(text)), None)
    return found, "" if found else f"“{quoted(text)}” bukan salah satu dari {list_text(choices)}"


def _person(text: str, inspected: Inspected) -> tuple[Value | None, str]:
    if inspected.staff.named(text):
        return inspected.staff.spelling(text), ""
    near = nearest(text, inspected.staff.names, limit=1)
    return None, f"“{quoted(text)}” tidak ada di sheet Pegawai" + (f" (mungkin {near[0]})" if near else "")


def _checked(replies: Sequence[Reply], office: Office) -> list[Reply]:
    """The replies of one register without what contradicts another of them, or what the rules take for an error."""
    asked: dict[tuple[str, str], set[Value]] = {}
    for reply in replies:
        for edit in reply.edits:
            asked.setdefault((edit.sheet, edit.cell), set()).add(edit.value)
    apart = {place for place, values in asked.items() if len(values) > 1}
    clash = "balasan lain mengisi sel ini dengan nilai lain"
    replies = [_without(reply, dict.fromkeys(apart, clash), "bentrok") for reply in replies]
    while (edits := edits_of(replies)) and (wrong := _errors(office.inspected, edits)):
        replies = [_without(reply, wrong, "ditolak") for reply in replies]
    return replies


def edits_of(replies: Iterable[Reply]) -> tuple[CellEdit, ...]:
    """What these replies fill in, each cell once."""
    return tuple({(edit.sheet, edit.cell): edit for reply in replies for edit in reply.edits}.values())


def _without(reply: Reply, places: Mapping[tuple[str, str], str], state: State) -> Reply:
    def judged(one: Cell) -> Cell:
        why = places.get((one.sheet, one.cell)) if one.writable else None
        return replace(one, state=state, notes=(*one.notes, why), value=None) if why else one

    return replace(reply, cells=tuple(map(judged, reply.cells)))


def _errors(inspected: Inspected, edits: Sequence[CellEdit]) -> dict[tuple[str, str], str]:
    """The cells whose new value the rules would call an error, with what they say of a copy that is on no disk."""
    try:
        demand_format(inspected.book.path)
        filled = replace(inspected.book, data=spliced_workbook(inspected.book.data, edits))
    except SopkitError:  # whoever writes says why not
        return {}
    again = inspect_register(read_book(filled), inspected.sop, inspected.as_of)
    targets = {(edit.sheet, edit.cell) for edit in edits}
    return {
        (found.sheet, found.cell): f"{found.code}: {found.message}"
        for found in again.findings
        if found.severity is Severity.ERROR and (found.sheet, found.cell) in targets
    }
