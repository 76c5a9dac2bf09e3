"""One register through everything: read, check, report, generate, draft mails, one summary."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from sopkit.books import choose_one
from sopkit.checks.inspection import Inspected, inspect_register
from sopkit.checks.links import Links, links_of, ptpp_numbers
from sopkit.database import FILE
from sopkit.errors import SopkitError, UsageProblem, contained
from sopkit.files import kept_name, no_more_open_than, sweep_temporary, temporary_prefix, write_if_changed
from sopkit.folders import FINDINGS, RECAP, REPORT, Workplace, find_books, workplace
from sopkit.register import own_folder
from sopkit.register.read import changed_since, demand_cases, open_book, read_book
from sopkit.register.tables import Register
from sopkit.sop.model import Sop, load_sop
from sopkit.spread import Spread, spreading
from sopkit.text import plain

if TYPE_CHECKING:
    from rich.console import Console

    from sopkit.archive import Archive
    from sopkit.checks.changes import Changes
    from sopkit.documents.generate import Generated
    from sopkit.mail.drafts import Drafted
    from sopkit.mail.in_run import MailboxInRun
    from sopkit.mail.visit import Visit
    from sopkit.reports.recap import Recap
    from sopkit.reports.recap_store import Store


T = TypeVar("T")
Numbering = Callable[[Register], bool]
"""Gives the documents of a register their numbers; true when the workbook was written, so that it is read again."""
Unfinished = tuple[Path, SopkitError]
"""A workbook that could not be finished, and why."""
CHECKED = "-diperiksa.xlsx"
TOGETHER = "gabungan"  # in an output folder that belongs to one register: what is made of several


@dataclass(frozen=True)
class RunOptions:
    """How documents are made, as the commands say it; `number` is the only case wanted, `only` the kinds, by comma.

    `closed`: mails about closed cases are drafted too; `report`: the report is mailed though errors stand.
    `pdf`: PDFs too, also where Kantor does not ask for them. `paper`: whether cetak.pdf is made of what is new: never,
    where there are PDFs, or always.
    """

    output: Path | None = None
    templates: Path | None = None
    only: str | None = None
    number: str | None = None
    pdf: bool = False
    paper: Literal["never", "with-pdf", "always"] = "never"
    jobs: int = 1
    overwrite: bool = False
    refresh: bool = False
    closed: bool = False
    report: bool = False


ORDINARY = RunOptions()


@dataclass(frozen=True)
class Made:
    """What one run made of one workbook."""

    place: Workplace
    inspected: Inspected
    generated: Generated
    drafted: Drafted
    files: tuple[Path, ...]
    visit: Visit  # of the office's mailbox

    @property
    def saved_since(self) -> bool:
        """True when the workbook was saved, moved or removed after it was read: what was made is of what was read."""
        try:
            return changed_since(self.inspected.book)
        except SopkitError:
            return True


@dataclass(frozen=True)
class Outcome:
    made: tuple[Made, ...]
    unfinished: tuple[Unfinished, ...]

    @property
    def failed(self) -> bool:
        """True when a register has an error or an unexplained breach."""
        return any(one.inspected.failed for one in self.made)


@dataclass(frozen=True)
class Examined:
    """Several workbooks read and checked, and those that could not be."""

    inspected: tuple[Inspected, ...]
    unfinished: tuple[Unfinished, ...]


@dataclass(frozen=True)
class Recapped:
    """The recap of `counted` workbooks; None where none could be read."""

    recap: Recap | None
    counted: int
    unfinished: tuple[Unfinished, ...]
    told: str = ""  # of the file that keeps the numbers


def inspect_books(
    given: Sequence[Path], as_of: dt.datetime | None, sop_file: Path | None, cluster: str | None = None
) -> Examined:
    """Read and check the workbooks, here or on a Dask cluster that sees the same folders.

    One that cannot be read stops only itself; `SopkitError` where that is all.
    """
    books = find_books(given)
    for book in books:
        no_more_open_than(book)
    with spreading(1, cluster) as spread:
        examined = _examined(books, as_of, sop_file, spread=spread)
    if not examined.inspected and len(books) == 1:
        raise examined.unfinished[0][1]
    return examined


def _examined(
    books: Sequence[Path],
    as_of: dt.datetime | None,
    sop_file: Path | None,
    numbering: Numbering | None = None,
    spread: Spread = map,
) -> Examined:
    """Each is inspected with its own PTPP numbers; again with those of all, where it names others."""
    examine = partial(_inspected, as_of=as_of, sop_file=sop_file, now=dt.datetime.now())
    came = dict(zip(books, spread(contained(partial(examine, numbering=numbering)), books), strict=True))
    links = {book: links_of(one.register) for book, one in came.items() if isinstance(one, Inspected)}
    everywhere = frozenset[str]().union(*(link.numbers for link in links.values()))
    asking = [book for book, link in links.items() if link.ask_for(everywhere)]
    again = spread(contained(partial(examine, elsewhere=everywhere)), asking)
    came |= zip(asking, again, strict=True)
    inspected, unread = _sorted_out(books, came.values())
    return Examined(tuple(inspected), tuple(unread))


def _inspected(
    path: Path,
    *,
    as_of: dt.datetime | None,
    now: dt.datetime,
    sop_file: Path | None,
    numbering: Numbering | None = None,
    elsewhere: frozenset[str] = frozenset(),
) -> Inspected:
    """`elsewhere`: the PTPP numbers of all workbooks, nothing for its own alone."""
    register, sop = _read(path, sop_file, numbering)
    return inspect_register(register, sop, as_of, elsewhere or ptpp_numbers(register), now)


def inspect_cases(book: Path | None, as_of: dt.datetime | None, sop_file: Path | None) -> Inspected:
    """One workbook for what is made of its cases; `SopkitError` where it has no sheet for them."""
    (inspected,) = inspect_books([choose_one(book, as_of)], as_of, sop_file).inspected
    demand_cases(inspected.register)
    return inspected


def _sorted_out(books: Sequence[Path], attempts: Iterable[T | SopkitError]) -> tuple[list[T], list[Unfinished]]:
    """What came of those that went well, and why the others did not."""
    good: list[T] = []
    bad: list[Unfinished] = []
    for book, came in zip(books, attempts, strict=True):
        if isinstance(came, SopkitError):
            bad.append((book, came))
        else:
            good.append(came)
    return good, bad


def _read(path: Path, sop_file: Path | None, numbering: Numbering | None = None) -> tuple[Register, Sop]:
    """With the SOP asked for, else the one that the workbook's layout file names, else sopkit's own.

    What is made from here on is no more open than the workbook: it tells of the same people.
    """
    no_more_open_than(path)
    book = open_book(path, sop=sop_file)
    register = read_book(book)
    if numbering and numbering(register):
        book = open_book(path, sop=sop_file)
        register = read_book(book)
    return register, load_sop(book.sop)


def beside_history(examined: Examined, console: Console, *, record: bool = False) -> Examined:
    """The same beside what former checks saw; `record`: each check is added to the history in keluaran/."""
    from sopkit.history import compare

    inspected, unfinished = list(examined.inspected), list(examined.unfinished)
    if not record:
        beside = [compare.beside_archive(one, workplace(one.book.path).output) for one in inspected]
        return Examined(tuple(beside), examined.unfinished)
    places = _places(inspected, ORDINARY, console, several=len(inspected) + len(unfinished) > 1)
    due = [one for one in inspected if one.book.path in places]
    attempts = [contained(_recorded)(one, places[one.book.path], console) for one in due]
    good, bad = _sorted_out([one.book.path for one in due], attempts)
    return Examined(tuple(good), (*unfinished, *bad))


def _recorded(inspected: Inspected, place: Workplace, console: Console) -> Inspected:
    from sopkit.history.compare import recorded

    demand_cases(inspected.register)
    with _archive(place, console) as record:
        record.belongs_to(own_folder.owner(inspected.register, place.output))
        return recorded(inspected, record, _saying(console))


def render_findings(inspected: Sequence[Inspected], form: str, *, several: bool = False) -> str:
    """Findings as `json`, `csv`, `html` or a plain `table`; `several`: as a list, also of one."""
    if form == "html":
        from sopkit.reports.html import render_report

        if several or len(inspected) != 1:
            raise UsageProblem("Laporan HTML dibuat untuk satu buku kerja.", "Jalankan untuk tiap buku kerja.")
        return render_report(inspected[0])
    from sopkit.reports import console, findings

    if form == "table":
        return console.findings_text(inspected)
    one = inspected[0] if len(inspected) == 1 and not several else inspected
    return findings.to_json(one) if form == "json" else findings.to_csv(inspected)


def generate_documents(inspected: Inspected, console: Console, options: RunOptions) -> Generated:
    """Make the documents of one register in its keluaran/, as PDF too when asked."""
    place = _place(inspected, options, console)
    from sopkit.history.compare import compared

    with _archive(place, console) as record:
        inspected = compared(inspected, record.connection)
        return _generated(inspected, place, console, options, record)


def _archive(place: Workplace, console: Console) -> AbstractContextManager[Archive]:
    """The archive of keluaran/ to the end of a run."""
    from sopkit import repair

    return repair.made_whole(place.output, _saying(console))


def _saying(console: Console) -> Callable[[str], object]:
    from sopkit.reports.console import printable

    say = partial(console.print, markup=False, highlight=False, soft_wrap=True)
    return lambda told: say(printable(told))


def _generated(
    inspected: Inspected, place: Workplace, console: Console, options: RunOptions, record: Archive
) -> Generated:
    from sopkit.documents import generate as rooms
    from sopkit.reports.console import progress

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
            record=record,
        )
    return _for_paper(inspected, generated, console, options, record)


def _for_paper(
    inspected: Inspected, generated: Generated, console: Console, options: RunOptions, record: Archive
) -> Generated:
    """With the sheet of labels, PDFs and cetak.pdf, as far as they are asked for; what hinders them is said once."""
    from sopkit.documents import printout
    from sopkit.documents.generate import with_pdf
    from sopkit.reports.console import progress

    said: set[str] = set()

    def say(text: str) -> None:
        if text not in said:
            _saying(console)(text)
        said.add(text)

    if options.number is None and options.only is None:
        printout.renew_label_sheet(inspected, generated.documents, record.output, say)
    pdf = options.pdf or _attaches_pdf(inspected)
    if pdf:
        with progress(console, "Membuat PDF") as tick:
            generated = with_pdf(generated, say, tick)
    if options.paper == "never" or (options.paper == "with-pdf" and not pdf):
        return generated
    try:
        with progress(console, "Menyiapkan cetak.pdf") as tick:
            return replace(generated, printed=printout.print_new(inspected, generated.documents, record, say, tick))
    except SopkitError as error:  # a reader holds it open: what was to be in it is new again next time
        say(str(error))
        return generated


def _attaches_pdf(inspected: Inspected) -> bool:
    """Kantor's Lampiran; its default where it says neither."""
    return plain(inspected.register.settings.get("Lampiran", "")) == "pdf"


def _place(inspected: Inspected, options: RunOptions, console: Console) -> Workplace:
    """The folders of a register that is worked on alone."""
    (placed,) = _places([inspected], options, console, several=False).values()
    return placed


def _places(
    inspected: Sequence[Inspected], options: RunOptions, console: Console, *, several: bool
) -> dict[Path, Workplace]:
    """Workbook -> its folders; without those that are copies of another. What the clerk does not expect is said."""
    from sopkit import repair
    from sopkit.documents.kinds import KINDS
    from sopkit.mail.folders import FOLDER

    asked = [workplace(one.book.path, options.output, options.templates) for one in inspected]
    reserved = {kind.folder for kind in KINDS.values()} | {FOLDER, TOGETHER}
    registers, targets = [one.register for one in inspected], [one.output for one in asked]
    placed = own_folder.place(registers, targets, reserved, several=several, is_sound=repair.is_sound)
    twice = [_made_elsewhere(one, at.folder) for one, at in zip(registers, placed, strict=True) if options.output]
    for told in (*(one.told for one in placed if one.told), *filter(None, twice)):
        _saying(console)(told)
    pairs = zip(asked, placed, strict=True)
    return {home.book: replace(home, output=one.folder) for home, one in pairs if one.folder is not None}


def _made_elsewhere(register: Register, folder: Path | None) -> str:
    """That a register has an output folder of its own, which knows what was mailed; "" where this is it."""
    own = own_folder.folder_of(register, workplace(register.source.path).output)
    if own is None or folder is None or own.absolute() == folder.absolute():
        return ""
    return (
        f"Folder keluaran {register.source.path.name} adalah {own}. Yang dibuat di {folder} tidak mengetahui yang "
        "sudah dikirim dari sana: jangan kirim surel yang sama dua kali."
    )


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
    numbering: Numbering | None = None,
    cluster: str | None = None,
) -> Outcome:
    """The main job on each workbook. One that cannot be finished is said and the others go on.

    On a Dask cluster each worker makes the outputs of a workbook where this process would make them; what it was at
    when it died, another one makes whole.
    """
    from sopkit.mail.in_run import MailboxInRun

    sweep_temporary()
    books = find_books(given)
    examined = _examined(books, as_of, sop_file, numbering)
    places = _places(examined.inspected, options, console, several=len(books) > 1)
    due = [one for one in examined.inspected if one.book.path in places]
    if cluster is None:
        mailbox = MailboxInRun()
        attempts = [contained(_run_one)(one, places[one.book.path], console, options, mailbox) for one in due]
    else:
        attempts = _run_apart(cluster, due, places, console, options, as_of, sop_file)
    made, failed = _sorted_out([one.book.path for one in due], attempts)
    unfinished = (*examined.unfinished, *failed)
    if len(books) > 1 and made:
        top = _common_outputs(made, unfinished, options)
        console.print(f"Rekap dan temuan {len(made)} register bersama-sama ada di {top}.", markup=False, soft_wrap=True)
    return Outcome(tuple(made), unfinished)


def _run_one(
    inspected: Inspected, place: Workplace, console: Console, options: RunOptions, mailbox: MailboxInRun
) -> Made:
    from sopkit.mail.drafts import draft_mails

    demand_cases(inspected.register)
    mailbox.begin()
    with _documented(inspected, place, console, options, mailbox.find) as (inspected, generated, files, record):
        given = inspected, generated.documents, place.output, place.templates, place.output / REPORT
        drafted = draft_mails(*given, record=record, closed=options.closed, despite_errors=options.report)
        mailbox.put(record)
        return Made(place, inspected, generated, drafted, files, mailbox.visit)


@dataclass(frozen=True)
class _Due:
    """A workbook that a worker is to run: its folders, and the PTPP numbers of all where it asks for them."""

    place: Workplace
    elsewhere: frozenset[str]

    @property
    def book(self) -> Path:
        return self.place.book


@dataclass(frozen=True)
class _Ran:
    """What a worker made, and what it had to say; what it read is known here."""

    generated: Generated
    drafted: Drafted
    files: tuple[Path, ...]
    visit: Visit
    changes: Changes | None
    said: str


def _run_apart(
    cluster: str,
    inspected: Sequence[Inspected],
    places: Mapping[Path, Workplace],
    console: Console,
    options: RunOptions,
    as_of: dt.datetime | None,
    sop_file: Path | None,
) -> list[Made | SopkitError]:
    links = [links_of(one.register) for one in inspected]
    everywhere = frozenset[str]().union(*(link.numbers for link in links))
    due = [
        _Due(places[one.book.path], everywhere if link.ask_for(everywhere) else frozenset())
        for one, link in zip(inspected, links, strict=True)
    ]
    options = replace(options, jobs=1)
    working = contained(partial(_run_there, options=options, as_of=as_of, now=dt.datetime.now(), sop_file=sop_file,
                                width=console.width))  # fmt: skip
    attempts: list[Made | SopkitError] = []
    with spreading(1, cluster) as spread:
        for one, came in zip(inspected, spread(working, due), strict=True):
            if not isinstance(came, SopkitError):
                console.print(came.said, markup=False, highlight=False, soft_wrap=True, end="")
                found = one.beside(came.changes) if came.changes else one
                found = found.with_findings(came.generated.findings)
                came = Made(places[one.book.path], found, came.generated, came.drafted, came.files, came.visit)
            attempts.append(came)
    return attempts


def _run_there(due: _Due, *, options: RunOptions, width: int, **given: Any) -> _Ran:
    """One workbook, read on the worker."""
    from io import StringIO

    from sopkit.mail.in_run import MailboxInRun
    from sopkit.reports.console import make_console

    said = StringIO()
    console = make_console(said)
    console.width = width
    inspected = _inspected(due.book, elsewhere=due.elsewhere, **given)
    made = _run_one(inspected, due.place, console, options, MailboxInRun())
    return _Ran(made.generated, made.drafted, made.files, made.visit, made.inspected.changes, said.getvalue())


def draft_book(
    inspected: Inspected, console: Console, options: RunOptions, *, preview: bool, allow: Sequence[str] = ()
) -> tuple[Workplace, Drafted]:
    """Bring one register's documents and report up to date, then draft its mails; where that is, and what came of it.

    A preview does all of it in a copy of keluaran/ that is gone afterwards: it leaves nothing behind.
    """
    from sopkit.mail import drafts

    sweep_temporary()
    home = _place(inspected, options, console)
    with (
        _copied(home) if preview else nullcontext(home) as place,
        _documented(inspected, place, console, ORDINARY) as (inspected, generated, _, record),
    ):
        make = drafts.preview if preview else partial(drafts.draft_mails, record=record)
        given = inspected, generated.documents, place.output, place.templates, place.output / REPORT, allow
        return home, make(*given, closed=options.closed, despite_errors=options.report)


@contextmanager
def _copied(place: Workplace) -> Iterator[Workplace]:
    with TemporaryDirectory(prefix=temporary_prefix()) as folder:
        copy = Path(folder) / place.output.name
        if place.output.is_dir():
            try:
                shutil.copytree(place.output, copy, copy_function=shutil.copyfile)
                for inner in (copy, *copy.rglob("*/")):  # one that may only be read is copied as such
                    inner.chmod(0o700)
            except OSError as error:  # shutil.Error too
                raise SopkitError(f"Folder {place.output} tidak dapat dibaca.", "Periksa foldernya.") from error
        yield replace(place, output=copy)


@contextmanager
def _documented(
    inspected: Inspected,
    place: Workplace,
    console: Console,
    options: RunOptions,
    before: Callable[[Archive], None] = lambda _: None,
) -> Iterator[tuple[Inspected, Generated, tuple[Path, ...], Archive]]:
    """Documents and reports; the register with what came up on the way. Documents that fail leave the reports.

    `before` is done with the archive before any document. It is open to the end, so that nobody begins it anew before
    the mails.
    """
    from sopkit import repair
    from sopkit.documents.generate import Generated
    from sopkit.history.compare import recorded

    repair.refuse_newer(place.output)
    with ExitStack() as stack:
        try:
            record = stack.enter_context(_archive(place, console))
            before(record)
            former = _former_copies(place, record)
            inspected = recorded(inspected, record, _saying(console))
            generated = _generated(inspected, place, console, options, record)
        except SopkitError:
            _reports(inspected, Generated(()), place)
            raise
        inspected = inspected.with_findings(generated.findings)
        files = _reports(inspected, generated, place, record)
        for path in former:
            with suppress(OSError):  # another program shows it: the next run tries again
                path.unlink(missing_ok=True)
        record.settle()
        yield inspected, generated, (*files, generated.printed) if generated.printed else files, record


def _reports(
    inspected: Inspected, generated: Generated, place: Workplace, record: Archive | None = None
) -> tuple[Path, ...]:
    """The reports; with `record` those that stand as they would be made now are left as they are."""
    from sopkit.reports import findings

    told = findings.to_json(inspected).encode("utf-8")
    write_if_changed(place.output / FINDINGS, told)
    made_of = _made_of(inspected, generated, told) if record else ""
    if record and (standing := record.reports(made_of)):
        return place.output / FINDINGS, *standing
    from sopkit.reports import annotated, html, recap

    contents = {
        place.output / REPORT: html.render_report(inspected, generated.documents, generated.skipped).encode("utf-8"),
        place.output / f"{kept_name(place.book.stem)}{CHECKED}": annotated.annotate(inspected),
    }
    for path, content in contents.items():
        write_if_changed(path, content)
    files = {path: sha256(content).hexdigest() for path, content in contents.items()}
    files |= write_recap(recap.make_recap([inspected]), place.output / RECAP)
    if record:
        record.note_reports(made_of, files)
    return place.output / FINDINGS, *files


def _made_of(inspected: Inspected, generated: Generated, told: bytes) -> str:
    """A digest of all that the reports follow from; `told`: temuan.json."""
    from sopkit.reports.made_of import digest, digest_of
    from sopkit.reports.withheld import document_rows

    rest = repr((inspected.changes, document_rows(generated.documents), generated.skipped))
    return digest(digest_of(inspected.book, inspected.register.source.open_elsewhere), told.decode("utf-8"), rest)


def _former_copies(place: Workplace, record: Archive) -> list[Path]:
    """The annotated copies that bear a name which the workbook no longer has."""
    stems = {kept_name(Path(name).stem) for name in record.file_names()} - {kept_name(place.book.stem)}
    return [place.output / f"{stem}{CHECKED}" for stem in sorted(stems)]


def recap_of(
    given: Sequence[Path],
    as_of: dt.datetime | None,
    sop_file: Path | None,
    *,
    jobs: int = 1,
    cluster: str | None = None,
    kept: Path | None = None,
) -> Recapped:
    """The recap of many registers, measured in this process, in `jobs` processes, or on a Dask cluster.

    Each workbook is read once; again only where it names PTPP of others, when the numbers of all are known. The same
    registers give the same bytes whichever way. Workers read the workbooks by the paths given, so a cluster must see
    the same folders. `kept`: the file that keeps their numbers for the next recap. A workbook that cannot be read stops
    only itself; `SopkitError` where it is the only one.
    """
    from sopkit.reports.recap import make_recap
    from sopkit.reports.recap_store import Store

    books = find_books(given)
    for book in books:
        no_more_open_than(book)
    store = Store(kept)
    now = dt.datetime.now().replace(microsecond=0)
    with spreading(min(jobs, len(books)), cluster) as spread:
        of = partial(_all_measured, store, spread, as_of=as_of, now=now, sop_file=sop_file)
        links, unread = of(dict(enumerate(books)), elsewhere=frozenset())
        everywhere = frozenset[str]().union(*(link.numbers for link in links.values()))
        asking = {place: books[place] for place, link in links.items() if link.ask_for(everywhere)}
        _, failed = of(asking, elsewhere=everywhere)
    store.close()
    for place in failed:
        store.drop(place)
    unfinished = tuple((books[place], error) for place, error in sorted((unread | failed).items()))
    if not len(store) and len(books) == 1:
        raise unfinished[0][1]
    return Recapped(make_recap(store, unfinished) if len(store) else None, len(store), unfinished, store.told)


def _all_measured(
    store: Store,
    spread: Spread,
    books: Mapping[int, Path],
    *,
    elsewhere: frozenset[str],
    **given: Any,
) -> tuple[dict[int, Links], dict[int, SopkitError]]:
    """Put the workbooks into their places; how each hangs together with others, or why it could not be measured."""
    from sopkit.reports.recap_measure import keys, measured

    links: dict[int, Links] = {}
    failed: dict[int, SopkitError] = {}
    for place, book in books.items() if store.keeps else ():
        known = contained(keys)(book, **given, elsewhere=elsewhere)
        if not isinstance(known, SopkitError) and (link := store.take(place, known)):
            links[place] = link
    left = {place: book for place, book in books.items() if place not in links}
    coming = spread(contained(partial(measured, **given, elsewhere=elsewhere)), list(left.values()))
    for (place, book), came in zip(left.items(), coming, strict=True):
        if isinstance(came, SopkitError):
            failed[place] = came
        else:
            store.put(place, book, not elsewhere, came)
            links[place] = came.links
    return links, failed


def _top(made: Sequence[Made], options: RunOptions) -> Path:
    """Where what is made of several workbooks lies: nothing of one register is overwritten by it."""
    target = workplace(made[0].place.book, options.output).output
    return target / TOGETHER if (target / FILE).is_file() else target


def _common_outputs(made: Sequence[Made], unfinished: Sequence[Unfinished], options: RunOptions) -> Path:
    """For several workbooks: one recap and one temuan.json above their own folders, or in one of their own."""
    from sopkit.reports import findings, recap

    top = _top(made, options)
    inspected = [one.inspected for one in made]
    write_if_changed(top / FINDINGS, findings.to_json(inspected).encode("utf-8"))
    write_recap(recap.make_recap(inspected, unfinished), top / RECAP)
    return top


def write_recap(recap: Recap, target: Path) -> dict[Path, str]:
    """Write it to `target`, and beside it what is too long for a sheet of it; all that was written, and its SHA-256."""
    from sopkit.reports.recap_store import tidy

    contents = ((target.parent / name, content) for name, content in recap.beside.items())
    files: dict[Path, str] = {}
    for path, content in chain([(target, recap.workbook)], contents):
        write_if_changed(path, content)
        files[path] = sha256(content).hexdigest()
    tidy(target, {path.name: digest for path, digest in files.items() if path != target})
    return files
