"""One register through everything: read, check, report, generate, draft mails, one summary."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sopkit.checks.inspection import Inspected, inspect_register
from sopkit.errors import SopkitError, UsageProblem
from sopkit.files import write_if_changed
from sopkit.folders import Workplace, find_books, how_to_add, own_folders, workplace
from sopkit.register.read import demand_cases, open_book, read_book, read_register
from sopkit.register.tables import Register
from sopkit.sop.model import Sop, load_sop

if TYPE_CHECKING:
    from rich.console import Console

    from sopkit.documents.generate import Generated
    from sopkit.mail.drafts import Drafted
    from sopkit.reports.statistics import Figures


REPORT = "laporan.html"
YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")


@dataclass(frozen=True)
class RunOptions:
    """How documents are made, as the commands say it; `number` is the only case wanted, `only` the kinds, by comma."""

    output: Path | None = None
    templates: Path | None = None
    only: str | None = None
    number: str | None = None
    pdf: bool = False
    jobs: int = 1
    overwrite: bool = False
    refresh: bool = False


ORDINARY = RunOptions()


@dataclass(frozen=True)
class Made:
    """What one run made of one workbook."""

    place: Workplace
    inspected: Inspected
    generated: Generated
    drafted: Drafted
    files: tuple[Path, ...]


@dataclass(frozen=True)
class Outcome:
    made: tuple[Made, ...]
    unfinished: tuple[tuple[Path, SopkitError], ...]

    @property
    def failed(self) -> bool:
        """True when a register has an error or an unexplained breach."""
        return any(one.inspected.failed for one in self.made)


def inspect_books(given: Sequence[Path], as_of: dt.datetime | None, sop_file: Path | None) -> list[Inspected]:
    """Read and check the workbooks; `SopkitError` for the first that cannot be read."""
    return _inspected([_read(path, sop_file) for path in find_books(given)], as_of)


def inspect_cases(book: Path | None, as_of: dt.datetime | None, sop_file: Path | None) -> Inspected:
    """One workbook for what is made of its cases; `SopkitError` where it has no sheet for them."""
    (inspected,) = inspect_books([book] if book else [], as_of, sop_file)
    demand_cases(inspected.register)
    return inspected


def _inspected(pairs: Sequence[tuple[Register, Sop]], as_of: dt.datetime | None) -> list[Inspected]:
    numbers = [frozenset(register.cases.data["ptpp_number"].dropna()) for register, _ in pairs]
    everywhere: frozenset[str] = frozenset().union(*numbers)
    return [inspect_register(register, sop, as_of, everywhere) for register, sop in pairs]


def _read(path: Path, sop_file: Path | None) -> tuple[Register, Sop]:
    """With the SOP asked for, else the one that the workbook's layout file names, else sopkit's own."""
    book = open_book(path, sop=sop_file)
    return read_book(book), load_sop(book.sop)


def render_findings(inspected: Sequence[Inspected], form: str) -> str:
    """Findings as `json`, `csv`, `html` or a plain `table`."""
    if form == "html":
        from sopkit.reports.html import render_report

        if len(inspected) != 1:
            raise UsageProblem("Laporan HTML dibuat untuk satu buku kerja.", "Jalankan untuk tiap buku kerja.")
        return render_report(inspected[0])
    from sopkit.reports import console, findings

    if form == "table":
        return console.findings_text(inspected)
    one = inspected[0] if len(inspected) == 1 else inspected
    return findings.to_json(one) if form == "json" else findings.to_csv(inspected)


def generate_documents(inspected: Inspected, console: Console, options: RunOptions) -> Generated:
    """Make the documents of one register in its keluaran/, as PDF too when asked."""
    return _generated(inspected, _place(inspected, options.output, options.templates), console, options)


def _generated(inspected: Inspected, place: Workplace, console: Console, options: RunOptions) -> Generated:
    from sopkit import repair
    from sopkit.documents import generate as rooms
    from sopkit.reports.console import printable, progress

    if told := repair.ensure(place.output):
        console.print(printable(told), markup=False, highlight=False, soft_wrap=True)
    kinds = None if options.only is None else _kinds(options.only, tuple(rooms.KINDS))
    with progress(console, "Membuat dokumen") as tick:
        generated = rooms.generate(
            inspected,
            place.output,
            place.templates,
            only=kinds,
            case=options.number,
            jobs=options.jobs,
            overwrite=options.overwrite,
            refresh=options.refresh,
            progress=tick,
        )
    return rooms.with_pdf(generated, console.print) if options.pdf else generated


def _place(inspected: Inspected, output: Path | None, templates: Path | None, own: str = "") -> Workplace:
    """The folders of a register. One of another year than keluaran/ was begun with has a folder of its own in it.

    Else the new year's Daftar PTPP and report would overwrite the old year's, whose cases would be said to be gone.
    """
    book = inspected.book.path
    place = workplace(book, output, templates, own=own)
    if output is None and not own and _of_another_year(book, place.output):
        return workplace(book, templates=templates, own=own_folders([book])[0])
    return place


def _of_another_year(book: Path, output: Path) -> bool:
    from sopkit import archive, database

    year = YEAR.search(book.stem)
    if year is None or not (output / database.FILE).is_file():
        return False
    try:
        with archive.open_archive(output) as record:
            first = record.first_register()
    except SopkitError:  # said when documents are to be made
        return False
    other = YEAR.search(Path(first).stem)
    return other is not None and other[0] != year[0] and book.with_name(first).is_file()


def _kinds(text: str, known: Sequence[str]) -> tuple[str, ...]:
    asked = tuple(word.strip().lower() for word in text.split(",") if word.strip())
    strange = [word for word in asked if word not in known]
    if strange or not asked:
        raise UsageProblem(
            f"Jenis dokumen {', '.join(strange) or '(kosong)'} tidak dikenal.", f"Pilih: {', '.join(known)}."
        )
    return asked


def run_books(
    given: Sequence[Path],
    as_of: dt.datetime | None,
    sop_file: Path | None,
    console: Console,
    options: RunOptions = ORDINARY,
) -> Outcome:
    """The main job on each workbook. One that cannot be finished is said and the others go on."""
    books = find_books(given)
    unfinished: list[tuple[Path, SopkitError]] = []
    pairs = []
    for book in books:
        try:
            pairs.append(_read(book, sop_file))
        except SopkitError as error:
            unfinished.append((book, error))
    made: list[Made] = []
    own = dict(zip(books, own_folders(books) if len(books) > 1 else [""], strict=True))
    for inspected in _inspected(pairs, as_of):
        try:
            made.append(_run_one(inspected, own[inspected.book.path], console, options))
        except SopkitError as error:
            unfinished.append((inspected.book.path, error))
    if len(books) > 1 and made:
        _common_outputs(made)
    return Outcome(tuple(made), tuple(unfinished))


def _run_one(inspected: Inspected, own: str, console: Console, options: RunOptions) -> Made:
    from sopkit.mail.drafts import draft_mails

    place = _place(inspected, options.output, options.templates, own)
    inspected, generated, files = _documented(inspected, place, console, options)
    drafted = draft_mails(inspected, generated.documents, place.output, place.templates, place.output / REPORT)
    return Made(place, inspected, generated, drafted, files)


def draft_book(
    inspected: Inspected,
    *,
    console: Console,
    preview: bool,
    output: Path | None = None,
    templates: Path | None = None,
    allow: Sequence[str] = (),
) -> Drafted:
    """Bring one register's documents and report up to date, then draft its mails.

    A preview does all of it in a copy of keluaran/ that is gone afterwards: it leaves nothing behind.
    """
    from sopkit.mail import drafts

    place = _place(inspected, output, templates)
    make = drafts.preview if preview else drafts.draft_mails
    with _copied(place) if preview else nullcontext(place) as place:
        inspected, generated, _ = _documented(inspected, place, console, ORDINARY)
        return make(inspected, generated.documents, place.output, place.templates, place.output / REPORT, allow)


@contextmanager
def _copied(place: Workplace) -> Iterator[Workplace]:
    with TemporaryDirectory(prefix="sopkit-") as folder:
        copy = Path(folder) / place.output.name
        if place.output.is_dir():
            try:
                shutil.copytree(place.output, copy)
            except OSError as error:  # shutil.Error too
                raise SopkitError(f"Folder {place.output} tidak dapat dibaca.", "Periksa foldernya.") from error
        yield replace(place, output=copy)


def _documented(
    inspected: Inspected, place: Workplace, console: Console, options: RunOptions
) -> tuple[Inspected, Generated, tuple[Path, ...]]:
    """Documents and reports; the register with what came up on the way. Documents that fail leave the reports."""
    from sopkit import repair
    from sopkit.documents.generate import Generated

    repair.refuse_newer(place.output)
    try:
        generated = _generated(inspected, place, console, options)
    except SopkitError:
        _reports(inspected, Generated(()), place)
        raise
    inspected = inspected.with_findings(generated.findings)
    return inspected, generated, _reports(inspected, generated, place)


def _reports(inspected: Inspected, generated: Generated, place: Workplace) -> tuple[Path, ...]:
    from sopkit.reports import annotated, findings, html, recap

    contents = {
        place.output / "temuan.json": findings.to_json(inspected).encode("utf-8"),
        place.output / REPORT: html.render_report(inspected, generated.documents, generated.skipped).encode("utf-8"),
        place.output / f"{place.book.stem}-diperiksa.xlsx": annotated.annotate(inspected),
        place.output / "rekap.xlsx": recap.build_recap([inspected]),
    }
    for path, content in contents.items():
        write_if_changed(path, content)
    return tuple(contents)


def recap_of(
    given: Sequence[Path],
    as_of: dt.datetime | None,
    sop_file: Path | None,
    *,
    jobs: int = 1,
    cluster: str | None = None,
) -> bytes:
    """`rekap.xlsx` of many registers, measured in this process, in `jobs` processes, or on a Dask cluster.

    Workers read the workbooks by the paths given, so a cluster must see the same folders. Their first pass gathers the
    PTPP numbers of all, the second measures; the same registers give the same bytes whichever way.
    """
    from sopkit.reports.recap import build_recap

    books = find_books(given)
    if min(jobs, len(books)) == 1 and cluster is None:
        inspected = inspect_books(books, as_of, sop_file)
        for one in inspected:
            demand_cases(one.register)
        return build_recap(inspected)
    with _workers(min(jobs, len(books)), cluster) as spread:
        everywhere = frozenset[str]().union(*spread(_ptpp_numbers, books))
        return build_recap(
            list(spread(partial(_measured, as_of=as_of, sop_file=sop_file, elsewhere=everywhere), books))
        )


@contextmanager
def _workers(jobs: int, cluster: str | None) -> Iterator[Callable[..., Iterable[Any]]]:
    """A `map` over processes or over a cluster."""
    if cluster is not None:
        try:
            from distributed import Client
        except ImportError as error:
            raise SopkitError("Dukungan kluster belum terpasang.", how_to_add("cluster")) from error
        try:
            with Client(cluster, timeout="10s") as client:
                yield lambda work, books: client.gather(client.map(work, books))
        except OSError as error:
            raise SopkitError(f"Kluster {cluster} tidak menjawab.", "Periksa alamat dan jaringannya.") from error
    else:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            yield pool.map


def _ptpp_numbers(book: Path) -> frozenset[str]:
    register = read_register(book)
    demand_cases(register)
    return frozenset(register.cases.data["ptpp_number"].dropna())


def _measured(book: Path, as_of: dt.datetime | None, sop_file: Path | None, elsewhere: frozenset[str]) -> Figures:
    from sopkit.reports.statistics import measure

    return measure(inspect_register(*_read(book, sop_file), as_of, elsewhere))


def _common_outputs(made: Sequence[Made]) -> None:
    """For several workbooks: one recap and one temuan.json above their own folders."""
    from sopkit.reports import findings, recap

    top = made[0].place.output.parent
    inspected = [one.inspected for one in made]
    write_if_changed(top / "temuan.json", findings.to_json(inspected).encode("utf-8"))
    write_if_changed(top / "rekap.xlsx", recap.build_recap(inspected))
