"""Documents for one register: each written once, and nothing of anybody's overwritten.

What happens to a document follows from four hashes in the archive: of its file (edited by hand?), of the workbook's
values (changed?), of all that it prints and of its template (outdated?).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sopkit import archive, database
from sopkit.archive import Archive, Record
from sopkit.checks import templates as rules
from sopkit.checks.catalogue import Finding, Mark, finding
from sopkit.checks.inspection import Inspected
from sopkit.documents.content import DocumentContent, Missing
from sopkit.documents.crest import CrestUnusable, read_crest
from sopkit.documents.decide import TOOL, Decisions, Job, State, Unchanged, paths_of
from sopkit.documents.kinds import KINDS, Skipped, Wanted, only_case, title_of, wanted_documents, without_history
from sopkit.documents.package import TemplateFile, TemplateRefused, open_template
from sopkit.documents.records import DocumentData
from sopkit.documents.recover import documents_in, same_but_codes
from sopkit.documents.render import Failure, RenderRequest, Results, renderer
from sopkit.errors import SopkitError, UsageProblem, file_problem, is_disk_full
from sopkit.files import keep_copy, sync_folder, write_remakeable
from sopkit.ooxml.address import row_of
from sopkit.register.layout import adopt_command
from sopkit.register.own_folder import owner
from sopkit.register.schema import Office
from sopkit.text import plain

if TYPE_CHECKING:
    from sopkit.documents.lint import TemplateProblem

__all__ = [
    "KINDS", "Checked", "Document", "Generated", "Known", "Skipped", "State", "Verified", "generate",
    "known_by", "newest_of", "verify", "with_pdf",
]  # fmt: skip
BATCH = 32  # documents between two commits of the archive

FILL_CELL = "Isi sel ini, lalu jalankan kembali."
SHORTEN = "Persingkat isian kasus itu di buku kerja, atau perbaiki templatnya, lalu jalankan kembali."
TEMPLATE_RULES = {"T01": rules.UNKNOWN_FIELD, "T02": rules.BROKEN_TAG, "T03": rules.UNUSABLE_TEMPLATE}

Progress = Callable[[int, int], None]
Standing = Literal["matching", "edited", "missing", "unreadable"]
"""How an archived document is met; unreadable: the system will not say what it holds."""


@dataclass(frozen=True)
class Document:
    """A document that stands in the output folder.

    `state`: made; unchanged; rewritten (its data changed, or a refresh printed it differently); revised (it was
    mailed: a new file beside `replaces`); kept (edited by hand); outdated (template or tool changed, file as it was).
    `sha256` is of the file as it stands; `people` are the Penanggung Jawab of its cases, `signers` who signs it in
    turn, "" for whom nobody knows yet.
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
    signers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Generated:
    """What came of one register; `vanished` are archived documents whose case or number is no longer there.

    `printed` is cetak.pdf, where this run made it.
    """

    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...] = ()
    findings: tuple[Finding, ...] = ()
    vanished: tuple[Record, ...] = ()
    pdfs: tuple[Path, ...] = ()
    printed: Path | None = None

    @property
    def unusable_templates(self) -> int:
        """How many errors keep templates from being filled."""
        return sum(found.code in TEMPLATE_RULES for found in self.findings)


@dataclass(frozen=True)
class Checked:
    """One archived document as `verify` met it."""

    record: Record
    state: Standing


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
class Known:
    """A document asked for by its archive code, and the newest one of its number.

    `former` is when the one that bore the code was made, where `record` was made anew in its place; else "".
    """

    record: Record
    state: Standing
    newest: Record
    former: str = ""

    @property
    def superseded(self) -> bool:
        return self.record.path != self.newest.path


@dataclass(frozen=True)
class _Context:
    """What one run works with."""

    data: DocumentData
    record: Archive
    decisions: Decisions
    templates: Path
    logo: bytes | None

    @property
    def output(self) -> Path:
        return self.record.output


@dataclass(frozen=True)
class _Source:
    """A template or why it cannot be read; `sha256` is over it and the crest that it prints, empty where unreadable."""

    file: TemplateFile | TemplateRefused
    sha256: str


@dataclass(frozen=True)
class _Ready:
    """A rendered document."""

    job: Job
    data: bytes
    sha256: str


@dataclass
class _Tally:
    """What has come of the run so far."""

    documents: list[Document] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    findings: dict[tuple[str, ...], Finding] = field(default_factory=dict)

    def find(self, found: Finding) -> None:
        """One finding per cell and rule; what has no cell is told apart by its words."""
        place = (found.code, found.sheet, found.cell) if found.cell else (found.code, found.message)
        self.findings.setdefault(place, found)

    def skip(self, wanted: Wanted, reason: str, cells: Iterable[str] = ()) -> None:
        case = wanted.cases[0] if len(wanted.cases) == 1 else ""
        self.skipped.append(Skipped(wanted.kind, wanted.number, case, reason, tuple(cells)))


def generate(
    inspected: Inspected,
    output: Path,
    templates: Path,
    *,
    only: Sequence[str] | None = None,
    case: str | None = None,
    jobs: int = 1,
    overwrite: bool = False,
    refresh: bool = False,
    progress: Progress | None = None,
    record: Archive | None = None,
) -> Generated:
    """Make the documents that are due, in `output`, with the Word templates in `templates`.

    `only`: names of the kinds wanted, else all. `case`: No. Catatan, No. PTPP or No. BA of the only case wanted.
    `progress(done, total)` is called as documents are settled. `record`: the archive of `output`, if it is open.
    `UsageProblem` for an unknown case; `SopkitError` when
    the archive or the disk stops the run.
    """
    data = DocumentData(inspected)
    tally = _Tally()
    wanted, tally.skipped = wanted_documents(data, KINDS if only is None else only)
    if case is not None:
        wanted, tally.skipped = only_case(data, wanted, tally.skipped, case)
    elif inspected.history.cases:
        wanted, tally.skipped = without_history(data, wanted, tally.skipped)
    logo = _logo(inspected, templates, tally)
    with archive.alone(output), nullcontext(record) if record else archive.open_archive(output) as record:
        source = inspected.register.source
        record.belongs_to(owner(inspected.register, output))
        run = record.begin_run(source.path.name, source.sha256, TOOL, _now())
        context = _Context(data, record, Decisions(record, overwrite=overwrite, refresh=refresh), templates, logo)
        _make(context, wanted, tally, jobs, progress)
        for folder in {one.path.parent for one in tally.documents if one.state != "unchanged"}:
            sync_folder(folder)
        vanished = _vanished(data, record) if case is None else ()
        record.end_run(run, Counter(document.state for document in tally.documents), _now())
        record.settle()
    order = {one.key: place for place, one in enumerate(wanted)}
    tally.documents.sort(key=lambda document: order[document.kind, document.number])
    return Generated(tuple(tally.documents), tuple(tally.skipped), tuple(tally.findings.values()), vanished)


def verify(output: Path) -> Verified:
    """Whether the documents in `output` still are what was made. `SopkitError` when there is no archive."""
    with _archive_in(output) as record:
        records, intended = record.records(), record.intended()
    checked = tuple(Checked(one, _standing(output, one, intended)) for one in records)
    known = {one.path for one in records} | set(intended)
    return Verified(checked, tuple(path for path in documents_in(output) if _relative(path, output) not in known))


def known_by(code: str, output: Path) -> tuple[Known, ...]:
    """The archived documents that bear this archive code, as printed (`3F2A-91BC-77D0-12EE`) or as the QR holds it.

    `SopkitError` when there is no archive, `UsageProblem` for what cannot be a code.
    """
    plainly = re.sub(r"[\s-]", "", code.rsplit(":", 1)[-1]).lower()
    if not re.fullmatch(r"[0-9a-f]{8,64}", plainly):
        raise UsageProblem(
            f"“{code}” bukan kode verifikasi arsip.", "Tulis seperti yang tercetak: 3F2A-91BC-77D0-12EE."
        )
    return _known(output, lambda one: one.data_sha256.startswith(plainly), lambda record: record.made_anew(plainly))


def known_file(digits: str, output: Path) -> tuple[Known, ...]:
    """The archived documents of these bytes, by the first hex digits of their SHA-256; errors as `known_by` has."""
    return _known(output, lambda one: one.file_sha256.startswith(digits.lower()))


def _known(
    output: Path, fits: Callable[[Record], bool], anew: Callable[[Archive], list[tuple[Record, str]]] = lambda _: []
) -> tuple[Known, ...]:
    """`anew` is asked where no document of today fits."""
    with _archive_in(output) as record:
        current, intended = record.current(), record.intended()
        found = [(one, "") for one in record.records() if fits(one)] or anew(record)
    return tuple(
        Known(one, _standing(output, one, intended), current[one.kind, one.number], former) for one, former in found
    )


def newest_of(kind: str, number: str, output: Path) -> Known | None:
    """The latest revision of a document; None where the archive has none. `SopkitError` when there is no archive."""
    with _archive_in(output) as record:
        found, intended = record.current().get((kind, number)), record.intended()
    return Known(found, _standing(output, found, intended), found) if found else None


@contextmanager
def _archive_in(output: Path) -> Iterator[Archive]:
    """The archive that stands there; who only asks makes none, and writes none: an auditor's copy may be read-only."""
    if not (output / database.FILE).is_file():
        raise SopkitError(f"Tidak ada arsip dokumen di {output}.", "Jalankan  sopkit generate  lebih dahulu.")
    with database.read_only(output / database.FILE) as connection:
        yield Archive(connection, output)


def with_pdf(generated: Generated, say: Callable[[str], object], progress: Progress | None = None) -> Generated:
    """The same, with a PDF beside each document where a program for it is installed; `say` explains its absence."""
    from sopkit.documents import pdf

    files = [document.path for document in generated.documents]
    return replace(generated, pdfs=pdf.convert(files, say, progress))


def _now() -> dt.datetime:
    return dt.datetime.now().replace(microsecond=0)


def _logo(inspected: Inspected, templates: Path, tally: _Tally) -> bytes | None:
    """The PNG that Kantor names, or none after T50 has said why."""
    name = inspected.register.settings.get("Lambang", "").strip()
    if not name:
        return None
    try:
        return read_crest(templates, name)
    except CrestUnusable as error:
        tally.find(finding(rules.UNUSABLE_CREST, _logo_mark(inspected, name=name[:60], problem=str(error))))
        return None


def _logo_mark(inspected: Inspected, **values: str) -> Mark:
    office = inspected.register.office
    keys = office.data["key"].dropna().map(plain)
    for row in map(int, keys.index[keys == "lambang"]):
        return Mark(office.sheet, office.cell(row, "value"), office.plan.column("value").header, row, values)
    return Mark(office.sheet, "", values=values)


def _make(context: _Context, wanted: Sequence[Wanted], tally: _Tally, jobs: int, progress: Progress | None) -> None:
    """Settle every wanted document, a batch at a time; one is written while workers render the next."""
    paths = paths_of(wanted, context.decisions.current, {one.path for one in context.record.records()})
    sources = {kind: _source(context, kind) for kind in {one.kind for one in wanted}}
    troubles: dict[str, str] = {}
    waiting: tuple[list[Job], Results] = ([], list)
    done = 0
    with renderer(jobs) as render:
        for batch in _batches(wanted, BATCH * jobs):
            due = [job for one in batch if (job := _due(context, one, paths[one.key], sources, troubles, tally))]
            rendering = due, render([job.request for job in due])
            _write(context, *waiting, tally)
            waiting = rendering
            done += len(batch)
            if progress is not None and done < len(wanted):
                progress(done - len(due), len(wanted))
        _write(context, *waiting, tally)
    if progress is not None:
        progress(len(wanted), len(wanted))


def _due(
    context: _Context,
    wanted: Wanted,
    path: str,
    sources: Mapping[str, _Source],
    troubles: dict[str, str],
    tally: _Tally,
) -> Job | None:
    """The job of a document that is to be rendered; what is left as it is, or cannot be made, is told to `tally`."""
    content = _content(context.data, wanted, tally)
    if content is None:
        return None
    source = sources[wanted.kind]
    try:
        settled = context.decisions.settle(wanted, content, _request(context, content, source), path)
    except SopkitError as error:  # what stands in its place cannot be read
        tally.skip(wanted, str(error))
        return None
    if wanted.kind not in troubles and (isinstance(source.file, TemplateRefused) or isinstance(settled, Job)):
        troubles[wanted.kind] = _template_trouble(source.file, wanted.kind, tally)
    if isinstance(settled, Unchanged):
        _stand(context, settled, tally)
        return None
    if troubles[wanted.kind]:
        tally.skip(wanted, troubles[wanted.kind])
        return None
    return settled


def _batches(wanted: Iterable[Wanted], size: int) -> Iterator[list[Wanted]]:
    several = iter(wanted)
    while batch := list(islice(several, size)):
        yield batch


def _content(data: DocumentData, wanted: Wanted, tally: _Tally) -> DocumentContent | None:
    """The content, or None after T05 has named the cells that should hold what is missing."""
    try:
        content = wanted.fill()
    except (ValueError, ArithmeticError, RecursionError, MemoryError):
        _cannot_be_made(wanted, "isinya terlalu panjang atau tidak dapat ditulis", tally)
        return None
    letterhead = [Missing("office", row, Office.value, key) for key, row in data.inspected.office_gaps.items()]
    missing = (*letterhead, *content.missing)
    if not missing:
        return content
    connect = f"Jalankan: {adopt_command(data.inspected.book.path)}."
    unconnected = data.inspected.inspection.unconnected
    tables = {table.plan.table: table for table in data.inspected.register.tables}
    cells: list[str] = []  # each once: columns that are absent share the header's
    case = wanted.cases[0] if wanted.cases else None
    for gap in missing:
        table = tables[gap.table]
        cell = table.cell(gap.row, gap.column.field)
        named = "register ini" if gap.key else _called(wanted)
        values = {"document": named, "problem": f"isian {gap.called} belum ada", "remedy": FILL_CELL}
        if gap.column in unconnected:
            problem = f"kolom {gap.called} belum dihubungkan"
            values = {"document": title_of(wanted.kind), "problem": problem, "remedy": connect}
        sheet = table.part(gap.row).sheet
        of_case = None if gap.key or gap.column in unconnected else case
        mark = Mark(sheet, cell, gap.column.header, row_of(cell), values, of_case)
        tally.find(finding(rules.MISSING_FIELD, mark))
        if (address := f"{sheet}!{cell}") not in cells:
            cells.append(address)
    names = ", ".join(gap.called for gap in missing)
    apart = all(gap.column in unconnected for gap in missing)
    what = f"kolom {names} belum dihubungkan. {connect}" if apart else f"{names} belum diisi."
    tally.skip(wanted, f"{', '.join(cells)}: {what}", cells)
    return None


def _called(wanted: Wanted) -> str:
    return f"{title_of(wanted.kind)} {wanted.number}".strip()


def _cannot_be_made(wanted: Wanted, problem: str, tally: _Tally) -> None:
    """T05 for what is wrong with this document alone, though no cell is empty."""
    case = wanted.cases[0] if len(wanted.cases) == 1 else None
    values = {"document": _called(wanted), "problem": problem, "remedy": SHORTEN}
    found = replace(finding(rules.MISSING_FIELD, Mark("", "", values=values, case=case)), tags=frozenset())
    tally.find(found)
    tally.skip(wanted, found.message)


def _request(context: _Context, content: DocumentContent, source: _Source) -> RenderRequest:
    return RenderRequest(
        source.file if isinstance(source.file, TemplateFile) else None, source.sha256, content.kind, content.number,
        content.data_sha256, content.context, context.logo, content.days,
    )  # fmt: skip


def _source(context: _Context, kind: str) -> _Source:
    """The kind's template, read once for the whole run."""
    try:
        file = open_template(context.templates / KINDS[kind].template)
    except TemplateRefused as error:
        return _Source(error, "")
    return _Source(file, hashlib.sha256(file.raw + (context.logo or b"")).hexdigest())


def _stand(context: _Context, kept: Unchanged, tally: _Tally) -> None:
    if kept.state == "kept":
        tally.find(_edited_finding(kept.wanted, kept.path))
    path = context.output / kept.path
    tally.documents.append(_document(kept, path, kept.state, kept.sha256))


def _document(job: Job | Unchanged, path: Path, state: State, sha256: str, replaces: Path | None = None) -> Document:
    wanted, content = job.wanted, job.content
    signers = tuple(dict.fromkeys(str(content.context.get(name) or "") for name in KINDS[wanted.kind].signers))
    return Document(
        wanted.kind, title_of(wanted.kind), wanted.number, wanted.cases, path, state, sha256, content.people, replaces,
        signers,
    )  # fmt: skip


def _edited_finding(wanted: Wanted, path: str) -> Finding:
    case = wanted.cases[0] if len(wanted.cases) == 1 else None
    return finding(rules.EDITED_DOCUMENT, Mark("", "", values={"file": path}, case=case))


def _write(context: _Context, due: Sequence[Job], rendered: Results, tally: _Tally) -> None:
    """Note what will be written, write it, record it: in this order a kill at any point is understood later."""
    ready = []
    for job, result in zip(due, rendered(), strict=True):
        if isinstance(result, Failure):
            _refused(job, result, tally)
        else:
            ready.append(_Ready(job, result, hashlib.sha256(result).hexdigest()))
    context.record.intend((one.job.path, one.sha256) for one in ready if not one.job.adopt)
    written: list[Record] = []
    try:
        changed = [one for one in ready if not _settled(context, one, written, tally)]
        _put(context, changed, written, tally)
    finally:
        context.record.record(written)


def _settled(context: _Context, ready: _Ready, written: list[Record], tally: _Tally) -> bool:
    """True when nothing is to be written, also because what stands there cannot be read."""
    try:
        return _stands(context, ready, written, tally)
    except SopkitError as error:
        _not_written(ready.job, error, tally)
        return True


def _stands(context: _Context, ready: _Ready, written: list[Record], tally: _Tally) -> bool:
    """True when nothing is to be written: these bytes are there, or the file stays somebody else's."""
    job, made = ready.job, ready.job.made
    if job.refresh and made is not None and made.file_sha256 == ready.sha256:
        tally.documents.append(_document(job, context.output / made.path, "unchanged", ready.sha256))
        written.append(_recorded(job, made.path, made.revision, ready.sha256))
        return True
    path = context.output / job.path
    found = archive.sha256_of(path)
    if found == ready.sha256:
        _note(context, ready, "unchanged" if job.adopt else job.state, written, tally)
    elif job.adopt and made is not None and found and same_but_codes(path, ready.data):
        _note(context, replace(ready, sha256=found), "unchanged", written, tally)
    elif job.adopt and made is not None:
        tally.documents.append(_document(job, path, "outdated", found or ""))
    elif job.adopt:
        tally.find(_edited_finding(job.wanted, job.path))
        tally.documents.append(_document(job, path, "kept", found or ""))
    return found == ready.sha256 or job.adopt


def _put(context: _Context, changed: Sequence[_Ready], written: list[Record], tally: _Tally) -> None:
    """Write the files; a full disk stops the run, a file that Word holds open stops only this document."""
    saved = [one for one in changed if _put_aside(context, one.job, tally)]
    problems = write_remakeable((context.output / one.job.path, one.data) for one in saved)
    for one, problem in zip(saved, problems, strict=True):
        if problem is None:
            _note(context, one, one.job.state, written, tally)
        else:
            _not_written(one.job, problem, tally)


def _put_aside(context: _Context, job: Job, tally: _Tally) -> bool:
    """Save what somebody wrote there before it is replaced; False when that was not possible."""
    try:
        if job.backup:
            keep_copy(context.output / job.path)
    except SopkitError as error:
        _not_written(job, error, tally)
        return False
    except OSError as error:
        _not_written(job, file_problem(error, context.output / job.path, "dibaca"), tally)
        return False
    return True


def _not_written(job: Job, problem: SopkitError, tally: _Tally) -> None:
    if is_disk_full(problem.__cause__):
        raise problem
    tally.skip(job.wanted, str(problem))


def _note(context: _Context, ready: _Ready, state: State, written: list[Record], tally: _Tally) -> None:
    """The file holds these bytes: tell it to the clerk and to the archive."""
    job = ready.job
    replaces = context.output / job.replaces if job.replaces else None
    tally.documents.append(_document(job, context.output / job.path, state, ready.sha256, replaces))
    written.append(_recorded(job, job.path, job.revision, ready.sha256))


def _recorded(job: Job, path: str, revision: int, sha256: str) -> Record:
    made, content = job.made, job.content
    mailed_at = made.mailed_at if made is not None and made.path == path else None
    return Record(
        path, job.wanted.kind, job.wanted.number, revision, job.wanted.cases, sha256, content.data_sha256,
        content.print_sha256, job.request.template_sha256, TOOL, _now().isoformat(), mailed_at,
    )  # fmt: skip


@lru_cache(maxsize=16)
def _problems(file: TemplateFile, kind: str) -> tuple[TemplateProblem, ...]:
    """What is wrong with this state of a template; several registers in one call ask for the same."""
    from sopkit.documents.lint import check_template

    return tuple(check_template(file, KINDS[kind].fields))


def _template_trouble(file: TemplateFile | TemplateRefused, kind: str, tally: _Tally) -> str:
    """Report all that is wrong with a template, once; why its documents are not made, or nothing."""
    if isinstance(file, TemplateRefused):
        from sopkit.documents.lint import refused

        problems: Sequence[TemplateProblem] = (refused(file),)
    else:
        problems = _problems(file, kind)
    for problem in problems:
        near = f"; mungkin maksudnya {' atau '.join(problem.nearest)}" if problem.nearest else ""
        shown = f" ({problem.text})" if problem.text else ""
        values = {
            "template": problem.template, "place": problem.place, "field": problem.field, "nearest": near,
            "problem": problem.problem + near + shown, "remedy": problem.mending,
        }  # fmt: skip
        tally.find(finding(TEMPLATE_RULES[problem.code], Mark("", "", values=values)))
    if not problems:
        return ""
    more = f" (dan {len(problems) - 1} kesalahan lain)" if len(problems) > 1 else ""
    first = problems[0]
    place = "" if first.code == "T03" else f", {first.place}"
    return f"Templat {first.template}{place}: {first.problem}{more}."


def _refused(job: Job, failure: Failure, tally: _Tally) -> None:
    """What only shows while filling: a template that asks for too much, or for a field that this document lacks."""
    if failure.code == "T05":
        _cannot_be_made(job.wanted, failure.detail, tally)
        return
    from sopkit.documents.lint import tag_mending

    filling = f"saat mengisi {job.wanted.number or title_of(job.wanted.kind)}"
    values = {
        "template": KINDS[job.wanted.kind].template, "place": filling, "nearest": "", "field": failure.detail,
        "problem": failure.detail, "remedy": failure.remedy or tag_mending(failure.detail),
    }  # fmt: skip
    found = finding(TEMPLATE_RULES[failure.code], Mark("", "", values=values))
    tally.find(found)
    tally.skip(job.wanted, found.message)


def _vanished(data: DocumentData, record: Archive) -> tuple[Record, ...]:
    """Archived documents whose number the register has no more."""
    living = {kind.name: set(kind.source.numbers(data)) for kind in KINDS.values()}
    return tuple(one for one in record.records() if one.number not in living.get(one.kind, ()))


def _standing(output: Path, one: Record, intended: Mapping[str, str]) -> Standing:
    try:
        found = archive.sha256_of(output / one.path)
    except SopkitError:
        return "unreadable"
    if found is None:
        return "missing"
    return "matching" if found in (one.file_sha256, intended.get(one.path)) else "edited"


def _relative(path: Path, output: Path) -> str:
    return path.relative_to(output).as_posix()
