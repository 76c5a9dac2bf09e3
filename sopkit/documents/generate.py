"""Documents for one register: which are due, which cannot be made and why, and each written once.

What happens to a document follows from four hashes in the archive: of its file (edited by hand?), of the workbook's
values (changed?), and of what else it prints and of its template (outdated?).
"""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from sopkit import __version__, archive
from sopkit.archive import Archive, Record
from sopkit.checks import templates as rules
from sopkit.checks.catalogue import Finding, Mark, Severity, finding
from sopkit.checks.inspection import Inspected
from sopkit.documents import fields
from sopkit.documents.fields import Desk, Filling
from sopkit.documents.template import (
    Picture,
    TemplateBroken,
    TemplateFieldMissing,
    TemplateRefused,
    WordTemplate,
)
from sopkit.errors import SopkitError, UsageProblem
from sopkit.files import safe_name, write_atomic

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
TOOL = f"sopkit {__version__}"
BATCH = 32  # documents between two commits of the archive
QR_MILLIMETRES = 17.0
CREST_MILLIMETRES = (17.0, 18.5)  # the largest width and height
PATIENCE = 10.0  # seconds to wait for another run in the same output folder

State = Literal["made", "unchanged", "rewritten", "revised", "kept", "outdated"]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Document:
    """A document that stands in the output folder.

    `state`: made; unchanged; rewritten (its data changed, or a refresh printed it differently); revised (it had been
    mailed: a new file beside `replaces`); kept (edited by hand); outdated (template or tool changed, file as it was).
    `sha256` is of the file as it stands; `people` are the Penanggung Jawab of its cases.
    """

    kind: str
    title: str
    number: str
    cases: tuple[str, ...]
    path: Path
    state: State
    sha256: str
    people: tuple[str, ...] = ()
    replaces: Path | None = None


@dataclass(frozen=True)
class Skipped:
    """A document that was not made; `cells` are `Sheet!A1` places to mend, empty where nothing is wrong."""

    kind: str
    number: str
    case: str
    reason: str
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class Generated:
    """What came of one register; `vanished` are archived documents whose case or number is no longer there."""

    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...] = ()
    findings: tuple[Finding, ...] = ()
    vanished: tuple[Record, ...] = ()
    pdfs: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Checked:
    """One archived document as `verify` met it."""

    record: Record
    state: Literal["matching", "edited", "missing"]


@dataclass(frozen=True)
class Verified:
    """`unknown` are documents in the output folder that the archive does not know."""

    checked: tuple[Checked, ...]
    unknown: tuple[Path, ...]

    @property
    def sound(self) -> bool:
        """True when every archived document is there as it was made."""
        return all(one.state == "matching" for one in self.checked)


@dataclass(frozen=True)
class _Wanted:
    """A document that the register asks for, not yet filled."""

    kind: str
    number: str
    cases: tuple[str, ...]
    fill: Callable[[], Filling]

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.number


@dataclass(frozen=True)
class _Order:
    """All that a worker needs to render one document."""

    template: str
    template_sha256: str
    kind: str
    number: str
    data_sha256: str
    context: Mapping[str, Any]
    crest: bytes | None


@dataclass(frozen=True)
class _Failure:
    """Why a template could not be rendered: T01 (`detail` is the field), T02 or T03 (the reason)."""

    code: str
    detail: str


@dataclass(frozen=True)
class _Job:
    """A document to be rendered and written. `adopt`: a file of unknown origin stands there; only equal bytes will do."""

    wanted: _Wanted
    filling: Filling
    order: _Order
    path: str
    revision: int
    state: State
    replaces: str | None = None
    backup: bool = False
    adopt: bool = False
    refresh: bool = False
    mailed_at: str | None = None


@dataclass
class _Tally:
    """What has come of the run so far."""

    documents: list[Document] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    findings: dict[tuple[str, str, str], Finding] = field(default_factory=dict)

    def find(self, found: Finding) -> None:
        self.findings.setdefault((found.code, found.cell, found.message), found)

    def skip(self, wanted: _Wanted, reason: str, cells: Iterable[str] = ()) -> None:
        case = wanted.cases[0] if len(wanted.cases) == 1 else ""
        self.skipped.append(Skipped(wanted.kind, wanted.number, case, reason, tuple(cells)))


def generate(
    inspected: Inspected,
    output: Path,
    templates: Path,
    *,
    only: Sequence[str] = KINDS,
    case: str | None = None,
    jobs: int = 1,
    overwrite: bool = False,
    refresh: bool = False,
    progress: Progress | None = None,
) -> Generated:
    """Make the documents that are due, in `output`, with the Word templates in `templates`.

    `case`: No. Catatan, No. PTPP or No. BA of the only case wanted. `progress(done, total)` is called as documents
    are settled. `UsageProblem` for an unknown case; `SopkitError` when the archive or the disk stops the run.
    """
    desk = Desk(inspected)
    tally = _Tally()
    crest = _crest(inspected, templates)
    wanted = list(_wanted(desk, only, tally))
    if case is not None:
        wanted = _only_case(desk, wanted, tally, case)
    with _alone(output), archive.open_archive(output) as record:
        source = inspected.register.source
        run = record.begin_run(source.path.name, source.sha256, TOOL, _now())
        _make(desk, record, wanted, templates, crest, tally, jobs, overwrite, refresh, progress)
        vanished = _vanished(desk, record) if case is None else ()
        record.end_run(run, Counter(document.state for document in tally.documents), _now())
    order = {one.key: place for place, one in enumerate(wanted)}
    tally.documents.sort(key=lambda document: order[document.kind, document.number])
    return Generated(tuple(tally.documents), tuple(tally.skipped), tuple(tally.findings.values()), vanished)


def verify(output: Path) -> Verified:
    """Whether the documents in `output` still are what was made. `SopkitError` when there is no archive."""
    if not (output / archive.FILE).is_file():
        raise SopkitError(f"Tidak ada arsip dokumen di {output}.", "Jalankan  sopkit generate  lebih dahulu.")
    with archive.open_archive(output) as record:
        records, intended = record.records(), record.intended()
    checked = tuple(Checked(one, _standing(output, one, intended)) for one in records)
    known = {one.path for one in records} | set(intended)
    return Verified(checked, tuple(path for path in _documents_in(output) if _relative(path, output) not in known))


def with_pdf(generated: Generated, say: Callable[[str], object] = print) -> Generated:
    """The same, with a PDF beside each document where a program for it is installed; `say` explains its absence."""
    from sopkit.documents import pdf

    return replace(generated, pdfs=tuple(pdf.convert([document.path for document in generated.documents], say)))


def archive_code(filling: Filling) -> tuple[str, str]:
    """The code as printed and as the QR holds it."""
    printed = fields.short_code(filling.data_sha256)
    return printed, fields.full_code(filling.kind, filling.number, filling.data_sha256)


def qr_png(text: str, scale: int = 6, border: int = 2) -> bytes:
    """A QR code as a black and white PNG, `scale` pixels a module.

    The mask is fixed: any is valid, and trying all eight costs more than everything else. The PNG is written here
    because segno's own writer takes longer than the document it is for.
    """
    import segno

    matrix = segno.make(text, error="m", micro=False, boost_error=False, mask=2).matrix
    side = (len(matrix) + 2 * border) * scale
    edge = "1" * (border * scale)
    lines = ["1" * side] * border
    lines += [edge + "".join("0" * scale if dark else "1" * scale for dark in row) + edge for row in matrix]
    lines += ["1" * side] * border
    width = -(-side // 8) * 8
    rows = [b"\0" + int(line.ljust(width, "0"), 2).to_bytes(width // 8, "big") for line in lines]
    header = side.to_bytes(4, "big") * 2 + bytes((1, 0, 0, 0, 0))
    pixels = zlib.compress(b"".join(row * scale for row in rows), 9)
    chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big") for name, data in chunks
    )


@contextmanager
def _alone(output: Path) -> Iterator[None]:
    """Two runs into one folder would take each other's files for edits by hand."""
    from filelock import FileLock, Timeout

    try:
        output.mkdir(parents=True, exist_ok=True)
        lock = FileLock(output / ".sopkit.lock", timeout=PATIENCE)
        lock.acquire()
    except Timeout as error:
        raise SopkitError(
            f"Folder {output} sedang diisi sopkit yang lain.", "Tunggu sampai selesai, lalu ulangi."
        ) from error
    except OSError as error:
        raise SopkitError(f"Folder {output} tidak dapat ditulis.", "Periksa foldernya lalu ulangi.") from error
    try:
        yield
    finally:
        lock.release()


def _now() -> dt.datetime:
    return dt.datetime.now().replace(microsecond=0)


def _crest(inspected: Inspected, templates: Path) -> bytes | None:
    """The PNG that Kantor names; only a plain file name beside the templates will do, a workbook may not read files."""
    name = inspected.register.settings.get("Lambang", "").strip()
    if not name:
        return None
    remedy = f"Letakkan gambar PNG itu di folder {templates}, atau kosongkan Lambang di sheet Kantor."
    if Path(name).name != name or "\\" in name or ":" in name:
        raise SopkitError(f"Lambang “{name}” di sheet Kantor bukan nama berkas.", remedy)
    try:
        data = (templates / name).read_bytes()
    except OSError as error:
        raise SopkitError(f"Berkas lambang {name} tidak ditemukan di {templates}.", remedy) from error
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        raise SopkitError(f"Berkas lambang {name} bukan gambar PNG.", remedy)
    return data


class _Blocks:
    """Which errors keep which documents from being made."""

    def __init__(self, desk: Desk) -> None:
        register = desk.inspected.register
        self._inspected = desk.inspected
        errors = [found for found in desk.inspected.findings if found.severity is Severity.ERROR]
        self._rows: dict[tuple[str, int], list[Finding]] = {}
        for found in errors:
            if found.row is not None:
                self._rows.setdefault((found.sheet, found.row), []).append(found)
        self._cases_sheet = register.cases.sheet
        self._disposals_sheet = register.disposals.sheet
        self._structure = {
            table.plan.name: [
                found
                for found in errors
                if found.case is None
                and (found.sheet == table.sheet or (not table.present and found.sheet in ("", table.plan.name)))
                and (found.row is None or found.row <= table.header_row)
            ]
            for table in register.tables
        }
        people = [(register.people.data.at[row, "name"], self.row(register.people.sheet, row)) for row in
                  map(int, register.people.data.index)]  # fmt: skip
        self._people: dict[str, list[Finding]] = {}
        for name, found_here in people:
            if isinstance(name, str) and found_here:
                self._people.setdefault(name, []).extend(found_here)

    def row(self, sheet: str, row: int) -> list[Finding]:
        return self._rows.get((sheet, row), [])

    def case(self, row: int, number: str | None) -> list[Finding]:
        """Errors of a case: its own, its events', its row's, and of the sheets it stands on."""
        own = list(self._inspected.blocking(number)) if number else []
        found = [*self.sheets("Register", "Langkah", "Pegawai"), *own, *self.row(self._cases_sheet, row)]
        return list(dict.fromkeys(found))

    def disposal(self, row: int) -> list[Finding]:
        return [*self.sheets("Pemusnahan"), *self.row(self._disposals_sheet, row)]

    def sheets(self, *names: str) -> list[Finding]:
        return [found for name in names for found in self._structure.get(name, [])]

    def people(self, names: Iterable[str | None]) -> list[Finding]:
        """Errors in the rows of Pegawai of these people."""
        return [found for name in dict.fromkeys(names) if name for found in self._people.get(name, [])]


def _cell(found: Finding) -> str:
    return f"{found.sheet}!{found.cell}" if found.sheet and found.cell else found.sheet or "buku kerja"


def _reason(errors: Sequence[Finding]) -> tuple[str, tuple[str, ...]]:
    """One sentence with the first error and the number of the others, and all the cells."""
    more = f" (dan {len(errors) - 1} kesalahan lain)" if len(errors) > 1 else ""
    cells = tuple(dict.fromkeys(map(_cell, errors)))
    return f"{_cell(errors[0])}: {errors[0].message}{more}", cells


def _people_of(record: fields.Record) -> list[str | None]:
    columns = (
        "found_by",
        "responsible",
        "decided_by",
        "verified_by",
        "executor",
        "witness1",
        "witness2",
        "acknowledged_by",
    )
    return [record.get(name) for name in columns]


def _wanted(desk: Desk, only: Sequence[str], tally: _Tally) -> Iterator[_Wanted]:
    """The documents that can be attempted, in the order of `KINDS` and rows; the others go to `tally` with why."""
    blocks = _Blocks(desk)
    errors = {
        row: [*blocks.case(row, case["number"]), *blocks.people(_people_of(case))] for row, case in desk.cases.items()
    }
    for kind in KINDS:
        if kind in only:
            yield from _ROOMS[kind](desk, blocks, errors, tally)


Errors = Mapping[int, Sequence[Finding]]


def _per_case(
    desk: Desk, errors: Errors, tally: _Tally, kind: str, number: str, fill: Any, absence: Callable[[int], str]
) -> Iterator[_Wanted]:
    for row, case in desk.cases.items():
        name = case["number"] or f"(baris {row})"
        if errors[row]:
            reason, cells = _reason(errors[row])
            tally.skipped.append(Skipped(kind, case[number] or "", name, reason, cells))
        elif absent := absence(row):
            tally.skipped.append(Skipped(kind, "", name, absent))
        else:
            yield _Wanted(kind, case[number], (name,), lambda row=row: fill(desk, row))


def _ptpps(desk: Desk, blocks: _Blocks, errors: Errors, tally: _Tally) -> Iterator[_Wanted]:
    def absence(row: int) -> str:
        return "" if desk.cases[row]["ptpp_number"] else "Belum ada No. PTPP."

    yield from _per_case(desk, errors, tally, "ptpp", "ptpp_number", fields.ptpp, absence)


def _notes(desk: Desk, blocks: _Blocks, errors: Errors, tally: _Tally) -> Iterator[_Wanted]:
    yield from _per_case(desk, errors, tally, "catatan", "number", fields.catatan, lambda row: "")


def _labels(desk: Desk, blocks: _Blocks, errors: Errors, tally: _Tally) -> Iterator[_Wanted]:
    def absence(row: int) -> str:
        return "" if fields.is_segregated(desk, row) else "Belum ada hasil yang dipisahkan."

    yield from _per_case(desk, errors, tally, "label", "number", fields.label, absence)


def _disposals(desk: Desk, blocks: _Blocks, errors: Errors, tally: _Tally) -> Iterator[_Wanted]:
    named: dict[str, list[int]] = {}
    for row, case in desk.cases.items():
        if case["disposal_number"]:
            named.setdefault(case["disposal_number"], []).append(row)
    for row, record in desk.disposals.items():
        number = record["number"] or ""
        rows = named.get(number, [])
        wrong = [*blocks.disposal(row), *blocks.people(_people_of(record)), *(f for r in rows for f in errors[r])]
        wrong = list(dict.fromkeys(wrong))
        if wrong:
            reason, cells = _reason(wrong)
            tally.skipped.append(Skipped("ba", number or f"(baris {row})", "", reason, cells))
        else:
            cases = tuple(desk.cases[r]["number"] for r in rows)
            yield _Wanted("ba", number, cases, lambda row=row, rows=rows: fields.disposal(desk, row, rows))
    listed = {record["number"] for record in desk.disposals.values()}
    for number, rows in named.items():
        if number not in listed:
            reason = f"No. BA {number} belum ada di sheet Pemusnahan."
            tally.skipped += [
                Skipped("ba", number, desk.cases[row]["number"] or f"(baris {row})", reason) for row in rows
            ]


def _lists(desk: Desk, blocks: _Blocks, errors: Errors, tally: _Tally) -> Iterator[_Wanted]:
    numbered = [row for row, case in desk.cases.items() if case["ptpp_number"]]
    good = [row for row in numbered if not errors[row]]
    left_out = [desk.cases[row]["ptpp_number"] for row in numbered if errors[row]]
    for row in numbered:
        if errors[row]:
            reason, cells = _reason(errors[row])
            case = desk.cases[row]
            tally.skipped.append(
                Skipped("daftar", case["ptpp_number"], case["number"] or f"(baris {row})", reason, cells)
            )
    if not good:
        tally.skipped.append(Skipped("daftar", "", "", "Belum ada PTPP yang dapat dicantumkan."))
        return
    cases = tuple(desk.cases[row]["number"] for row in good)
    yield _Wanted("daftar", "", cases, lambda: fields.register_list(desk, good, left_out))


_ROOMS: Mapping[str, Callable[[Desk, _Blocks, Errors, _Tally], Iterator[_Wanted]]] = {
    "ptpp": _ptpps,
    "catatan": _notes,
    "ba": _disposals,
    "daftar": _lists,
    "label": _labels,
}


def _only_case(desk: Desk, wanted: Sequence[_Wanted], tally: _Tally, number: str) -> list[_Wanted]:
    """What concerns one case (by No. Catatan, No. PTPP or No. BA); the register's list concerns all."""
    asked = number.strip()
    names = {
        case["number"]
        for case in desk.cases.values()
        if asked in (case["number"], case["ptpp_number"], case["disposal_number"])
    } - {None}
    if not names:
        raise UsageProblem(f"Nomor {asked} tidak ada di Register.", _nearest(desk, asked))
    tally.skipped = [
        one for one in tally.skipped if one.kind != "daftar" and (one.case in names or one.number == asked)
    ]
    return [one for one in wanted if one.kind != "daftar" and names & set(one.cases)]


def _nearest(desk: Desk, asked: str) -> str:
    from rapidfuzz import process

    known = [case[name] for case in desk.cases.values() for name in ("number", "ptpp_number") if case[name]]
    near = [found for found, score, _ in process.extract(asked, known, limit=3) if score >= 60]
    return f"Yang mirip: {', '.join(near)}." if near else "Periksa No. Catatan di sheet Register."


def _make(
    desk: Desk,
    record: Archive,
    wanted: Sequence[_Wanted],
    templates: Path,
    crest: bytes | None,
    tally: _Tally,
    jobs: int,
    overwrite: bool,
    refresh: bool,
    progress: Progress | None,
) -> None:
    """Settle every wanted document, a batch at a time."""
    prints = {kind: _template_sha256(templates / TEMPLATE_FILES[kind], crest) for kind in {one.kind for one in wanted}}
    ledger = _Ledger(record, overwrite, refresh)
    paths = _paths(wanted, ledger.current, {one.path for one in record.records()})
    done = 0
    with _renderer(jobs) as render:
        for batch in _batches(wanted, BATCH * max(jobs, 1)):
            due = []
            for one in batch:
                filling = _filled(desk, one, tally)
                if filling is None:
                    continue
                order = _order(one, filling, templates, prints[one.kind], crest)
                settled = ledger.settle(one, filling, order, paths[one.key])
                if isinstance(settled, _Job):
                    due.append(settled)
                else:
                    _say(settled, record.output, tally)
            _write(record, due, render([job.order for job in due]), tally)
            done += len(batch)
            if progress is not None:
                progress(done, len(wanted))


def _batches(wanted: Iterable[_Wanted], size: int) -> Iterator[list[_Wanted]]:
    several = iter(wanted)
    while batch := list(islice(several, size)):
        yield batch


def _filled(desk: Desk, wanted: _Wanted, tally: _Tally) -> Filling | None:
    """The filling, or None after T05 has named the cells that should hold what is missing."""
    filling = wanted.fill()
    if not filling.missing:
        return filling
    tables = {table.plan.table: table for table in desk.inspected.register.tables}
    cells = []
    for gap in filling.missing:
        table = tables[gap.table]
        cell = table.cell(gap.row, gap.column.field)
        row = int("".join(filter(str.isdigit, cell)))
        values = {"document": f"{TITLES[wanted.kind]} {wanted.number}", "field": gap.column.header}
        mark = Mark(table.sheet, cell, gap.column.header, row, values, wanted.cases[0] if wanted.cases else None)
        tally.find(finding(rules.MISSING_FIELD, mark))
        cells.append(f"{table.sheet}!{cell}")
    names = ", ".join(gap.column.header for gap in filling.missing)
    tally.skip(wanted, f"{', '.join(cells)}: {names} belum diisi.", cells)
    return None


def _order(wanted: _Wanted, filling: Filling, templates: Path, sha256: str, crest: bytes | None) -> _Order:
    path = str(templates / TEMPLATE_FILES[wanted.kind])
    return _Order(path, sha256, wanted.kind, filling.number, filling.data_sha256, filling.context, crest)


def _template_sha256(path: Path, crest: bytes | None) -> str:
    """Over the template and the crest that it prints; empty where the template cannot be read (T03 will say so)."""
    try:
        return hashlib.sha256(path.read_bytes() + (crest or b"")).hexdigest()
    except OSError:
        return ""


def _paths(
    wanted: Sequence[_Wanted], current: Mapping[tuple[str, str], Record], taken: set[str]
) -> dict[tuple[str, str], str]:
    """A path for each document: the one it has, else one from its number that no other number shares."""
    new = [one for one in wanted if one.key not in current]
    held = {path.casefold() for path in taken}
    crowd = Counter(_plain_path(one).casefold() for one in new)
    paths = {}
    for one in wanted:
        if one.key in current:
            paths[one.key] = current[one.key].path
            continue
        path = _plain_path(one)
        if crowd[path.casefold()] > 1 or path.casefold() in held:
            path = f"{path.removesuffix('.docx')}-{hashlib.sha256(one.number.encode()).hexdigest()[:6]}.docx"
        paths[one.key] = path
    return paths


def _plain_path(wanted: _Wanted) -> str:
    if wanted.kind == "daftar":
        return "daftar-ptpp.docx"
    return f"{FOLDERS[wanted.kind]}/{safe_name(wanted.number)}.docx"


@dataclass(frozen=True)
class _Standing:
    """A document that is left as it is."""

    wanted: _Wanted
    filling: Filling
    path: str
    state: State
    sha256: str


class _Ledger:
    """Decides from the archive what becomes of each document."""

    def __init__(self, record: Archive, overwrite: bool, refresh: bool) -> None:
        self.current = record.current()
        self._output = record.output
        self._intended = record.intended()
        self._overwrite = overwrite
        self._refresh = refresh

    def settle(self, wanted: _Wanted, filling: Filling, order: _Order, path: str) -> _Job | _Standing:
        made = self.current.get(wanted.key)
        found = archive.sha256_of(self._output / path)
        if made is None:
            return self._unrecorded(wanted, filling, order, path, found)
        changed = made.data_sha256 != filling.data_sha256
        if found is None and not (changed and made.mailed_at):
            return _Job(wanted, filling, order, path, made.revision, "made", mailed_at=made.mailed_at)
        if found not in (made.file_sha256, self._intended.get(path), None) and not (changed and made.mailed_at):
            return self._edited(wanted, filling, order, made, found)
        return self._known(wanted, filling, order, made, found, changed)

    def _unrecorded(self, wanted: _Wanted, filling: Filling, order: _Order, path: str, found: str | None) -> _Job:
        """Nothing is known of it: a file that stands there is only taken for ours when it has the same bytes."""
        ours = found is None or found == self._intended.get(path)
        if ours or not self._overwrite:
            return _Job(wanted, filling, order, path, 0, "made", adopt=not ours)
        return _Job(wanted, filling, order, path, 0, "rewritten", backup=True)

    def _edited(
        self, wanted: _Wanted, filling: Filling, order: _Order, made: Record, found: str | None
    ) -> _Job | _Standing:
        if not self._overwrite:
            return _Standing(wanted, filling, made.path, "kept", found or "")
        return _Job(
            wanted, filling, order, made.path, made.revision, "rewritten", backup=True, mailed_at=made.mailed_at
        )

    def _known(
        self, wanted: _Wanted, filling: Filling, order: _Order, made: Record, found: str | None, changed: bool
    ) -> _Job | _Standing:
        interrupted = found not in (made.file_sha256, None)
        same_print = (made.print_sha256, made.template_sha256, made.tool) == (
            filling.print_sha256, order.template_sha256, TOOL,
        )  # fmt: skip
        if not changed and not interrupted:
            if same_print:
                return _Standing(wanted, filling, made.path, "unchanged", made.file_sha256)
            if not self._refresh:
                return _Standing(wanted, filling, made.path, "outdated", made.file_sha256)
        if made.mailed_at and (changed or self._refresh):
            return self._revision(wanted, filling, order, made, refresh=not changed)
        return _Job(wanted, filling, order, made.path, made.revision, "rewritten", refresh=not changed)

    def _revision(self, wanted: _Wanted, filling: Filling, order: _Order, made: Record, *, refresh: bool) -> _Job:
        stem = re.sub(r" rev-\d+$", "", made.path.removesuffix(".docx"))
        number = made.revision + 1
        while self._foreign(f"{stem} rev-{number}.docx"):
            number += 1
        path = f"{stem} rev-{number}.docx"
        return _Job(wanted, filling, order, path, number, "revised", replaces=made.path, refresh=refresh)

    def _foreign(self, path: str) -> bool:
        """Whether somebody else's file stands there."""
        return archive.sha256_of(self._output / path) not in (None, self._intended.get(path))


def _say(standing: _Standing, output: Path, tally: _Tally) -> None:
    wanted = standing.wanted
    if standing.state == "kept":
        tally.find(_edited_finding(wanted, standing.path))
    tally.documents.append(
        Document(
            wanted.kind, TITLES[wanted.kind], wanted.number, wanted.cases, output / standing.path, standing.state,
            standing.sha256, standing.filling.people,
        )
    )  # fmt: skip


def _edited_finding(wanted: _Wanted, path: str) -> Finding:
    case = wanted.cases[0] if len(wanted.cases) == 1 else None
    return finding(rules.EDITED_DOCUMENT, Mark("", "", values={"file": path}, case=case))


def _write(record: Archive, due: Sequence[_Job], rendered: Sequence[bytes | _Failure], tally: _Tally) -> None:
    """Note what will be written, write it, record it: in this order a kill at any point is understood later."""
    ready: list[tuple[_Job, bytes, str]] = []
    for job, result in zip(due, rendered, strict=True):
        if isinstance(result, _Failure):
            _refused(job, result, tally)
        else:
            ready.append((job, result, hashlib.sha256(result).hexdigest()))
    writing = [one for one in ready if archive.sha256_of(record.output / one[0].path) != one[2]]
    record.intend((job.path, sha256) for job, _, sha256 in writing if not job.adopt)
    written = [made for made in (_written(record.output, one, tally) for one in ready) if made is not None]
    record.record(written)


def _written(output: Path, ready: tuple[_Job, bytes, str], tally: _Tally) -> Record | None:
    job, data, sha256 = ready
    path = output / job.path
    found = archive.sha256_of(path)
    state = job.state
    if found == sha256:
        state = "unchanged" if job.adopt or job.refresh else job.state
    elif job.adopt:
        tally.find(_edited_finding(job.wanted, job.path))
        _add(job, path, "kept", found or "", output, tally)
        return None
    else:
        try:
            if job.backup:
                _back_up(path)
            write_atomic(path, data)
        except SopkitError as error:
            if getattr(error.__cause__, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
                raise
            tally.skip(job.wanted, str(error))
            return None
    _add(job, path, state, sha256, output, tally)
    filling = job.filling
    return Record(
        job.path, job.wanted.kind, job.wanted.number, job.revision, job.wanted.cases, sha256, filling.data_sha256,
        filling.print_sha256, job.order.template_sha256, TOOL, _now().isoformat(), job.mailed_at,
    )  # fmt: skip


def _add(job: _Job, path: Path, state: State, sha256: str, output: Path, tally: _Tally) -> None:
    wanted = job.wanted
    replaces = output / job.replaces if job.replaces else None
    tally.documents.append(
        Document(
            wanted.kind, TITLES[wanted.kind], wanted.number, wanted.cases, path, state, sha256, job.filling.people,
            replaces,
        )
    )  # fmt: skip


def _back_up(path: Path) -> None:
    """Keep what someone wrote beside the document, once for the same bytes."""
    data = path.read_bytes()
    number = 1
    while (backup := path.with_name(f"{path.stem}.cadangan-{number}{path.suffix}")).exists():
        if backup.read_bytes() == data:
            return
        number += 1
    write_atomic(backup, data)


def _refused(job: _Job, failure: _Failure, tally: _Tally) -> None:
    name = Path(job.order.template).name
    if failure.code == "T03":
        rule, values = rules.UNUSABLE_TEMPLATE, {"problem": failure.detail}
    elif failure.code == "T01":
        rule, values = rules.UNKNOWN_FIELD, {"place": "isi", "field": failure.detail, "nearest": _near(job, failure)}
    else:
        rule, values = rules.BROKEN_TAG, {"place": "isi", "problem": failure.detail}
    found = finding(rule, Mark("", "", values={"template": name, **values}))
    tally.find(found)
    tally.skip(job.wanted, found.message)


def _near(job: _Job, failure: _Failure) -> str:
    from rapidfuzz import process

    near = [name for name, score, _ in process.extract(failure.detail, list(fields.FIELDS[job.wanted.kind]), limit=3)
            if score >= 60]  # fmt: skip
    return f" (mirip: {', '.join(near)})" if near else ""


Render = Callable[[Sequence[_Order]], list[bytes | _Failure]]


@contextmanager
def _renderer(jobs: int) -> Iterator[Render]:
    """How a batch of orders is rendered: here, or spread over `jobs` processes.

    When a worker dies its orders and all later ones are rendered here, so nothing is lost.
    """
    if jobs <= 1:
        yield render_orders
        return
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        broken = False

        def render(orders: Sequence[_Order]) -> list[bytes | _Failure]:
            nonlocal broken
            size = max(1, -(-len(orders) // (jobs * 2)))
            pieces = [orders[place : place + size] for place in range(0, len(orders), size)]
            results: list[bytes | _Failure] = []
            try:
                futures = [] if broken else [pool.submit(render_orders, piece) for piece in pieces]
                for future in futures:
                    results += future.result()
            except BrokenProcessPool:
                broken = True
            return results + render_orders(orders[len(results) :])

        yield render


def render_orders(orders: Sequence[_Order]) -> list[bytes | _Failure]:
    """The documents' bytes in order; a template that fails gives why instead."""
    return [_rendered(order) for order in orders]


def _rendered(order: _Order) -> bytes | _Failure:
    printed = fields.short_code(order.data_sha256)
    payload = fields.full_code(order.kind, order.number, order.data_sha256)
    pictures = {
        "qr": Picture(qr_png(payload), QR_MILLIMETRES, description=f"Kode verifikasi arsip {printed}"),
        "lambang": _crest_picture(order.crest) if order.crest else "",
    }
    try:
        template = _template(order.template, order.template_sha256)
        return template.render({**order.context, **pictures, "kode_verifikasi": printed})
    except TemplateRefused as error:
        return _Failure("T03", error.reason)
    except TemplateBroken as error:
        return _Failure("T02", error.reason)
    except TemplateFieldMissing as error:
        return _Failure("T01", error.field)


def _crest_picture(data: bytes) -> Picture:
    """The crest as large as the letterhead has room for, in its own proportions."""
    widest, highest = CREST_MILLIMETRES
    across, down = (int.from_bytes(data[place : place + 4], "big") or 1 for place in (16, 20))
    return Picture(data, min(widest, highest * across / down), description="Lambang daerah")


@lru_cache(maxsize=16)
def _template(path: str, sha256: str) -> WordTemplate:
    """Compiled once in each process for each state of the file."""
    return WordTemplate(path)


def _vanished(desk: Desk, record: Archive) -> tuple[Record, ...]:
    """Archived documents whose number no case and no BA bears any more."""
    cases, disposals = desk.cases.values(), desk.disposals.values()
    living = {
        "ptpp": {case["ptpp_number"] for case in cases},
        "catatan": {case["number"] for case in cases},
        "label": {case["number"] for case in cases},
        "ba": {one["number"] for one in disposals},
        "daftar": {""},
    }
    return tuple(one for one in record.records() if one.number not in living.get(one.kind, set()))


def _standing(output: Path, one: Record, intended: Mapping[str, str]) -> Literal["matching", "edited", "missing"]:
    found = archive.sha256_of(output / one.path)
    if found is None:
        return "missing"
    return "matching" if found in (one.file_sha256, intended.get(one.path)) else "edited"


def _documents_in(output: Path) -> Iterator[Path]:
    """Word files where documents belong, but for backups and Word's owner files."""
    places = [output, *(output / folder for folder in FOLDERS.values())]
    for place in places:
        for path in sorted(place.glob("*.docx")) if place.is_dir() else []:
            if not path.name.startswith("~$") and not re.search(r"\.cadangan-\d+$", path.stem):
                yield path


def _relative(path: Path, output: Path) -> str:
    return path.relative_to(output).as_posix()
