"""For paper: keluaran/cetak.pdf, all that is new in one file to print and sign, and the labels on sheets of A4.

What went into a cetak.pdf is recorded after that file stands complete. So a killed run loses nothing: what it did not
record is new to the next one.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sopkit import archive, language
from sopkit.archive import Archive
from sopkit.checks.inspection import Inspected
from sopkit.documents.content import CLOSED
from sopkit.documents.label_sheet import Label, LabelUnusable, label_sheets, read_label
from sopkit.documents.pdf import Progress, convert_to_pdf, is_made_of, reasons
from sopkit.documents.recover import LABEL_SHEET
from sopkit.errors import SopkitError, file_problem
from sopkit.files import remove, temporary_prefix, write_atomic, write_if_changed

if TYPE_CHECKING:
    from sopkit.documents.generate import Document

FILE, EARLIER = "cetak.pdf", "cetak-lama"
LABEL = "label"
ORDER = ("catatan", "ptpp", "ba", "daftar")
MOST = 400  # documents in one file, and labels: more wait for the next one

Say = Callable[[str], object]


@dataclass(frozen=True)
class Paper:
    """A document as it is printed."""

    document: Document
    pdf: Path
    pages: int


@dataclass(frozen=True)
class _New:
    """What no cetak.pdf has held yet, in the order of signing, and how many more there are."""

    papers: tuple[Document, ...]
    labels: tuple[Document, ...]
    left: int

    def __bool__(self) -> bool:
        return bool(self.papers or self.labels)


def print_new(
    inspected: Inspected, documents: Sequence[Document], record: Archive, say: Say, progress: Progress | None = None
) -> Path | None:
    """Make cetak.pdf of what is new among `documents`; None, and the file as it was, where nothing is.

    The one before is kept in cetak-lama/. What cannot be converted is told to `say` and stays new. `SopkitError` when
    the file cannot be written.
    """
    from sopkit.documents.print_cover import cover

    output = record.output
    new, batch = _new(inspected, documents, record), max(record.last_print(), _last_kept(output)) + 1
    if not new:
        return None
    try:
        with TemporaryDirectory(prefix=temporary_prefix(), ignore_cleanup_errors=True) as folder:
            papers = _converted(new.papers, Path(folder), say, progress)
            labels, sheet = _labels(new.labels)
            parts = {"daftar-cetak": cover(inspected, papers, labels, batch, new.left), "lembar-label": sheet}
            data, pages = _bound(parts, papers, batch, Path(folder), say) if papers or labels else (b"", 0)
    except OSError as error:
        raise file_problem(error, output / FILE, "ditulis") from error
    if not data:
        return None
    done = [*(paper.document for paper in papers), *labels]
    with archive.alone(output):
        _keep_earlier(output, batch)
        write_atomic(output / FILE, data)
        record.note_printed([(_relative(one.path, output), one.sha256) for one in done], batch)
        record.settle()
    say(_told(len(papers), len(labels), pages, new.left))
    return output / FILE


def renew_label_sheet(inspected: Inspected, documents: Iterable[Document], output: Path, say: Say) -> None:
    """Lay the labels of all things that still wait on sheets, in label/; no file where none waits."""
    path = output / LABEL_SHEET
    labels, sheet = _labels(_waiting(inspected, documents)[-MOST:])
    try:
        if labels:
            write_if_changed(path, sheet)
        elif path.is_file():
            remove(path)
    except SopkitError as error:  # Word holds it open
        say(str(error))


def _told(papers: int, labels: int, pages: int, left: int) -> str:
    what = [f"{count} {name}" for count, name in ((papers, "dokumen"), (labels, "label")) if count]
    more = f" {left} lagi masuk cetakan berikutnya: jalankan sekali lagi." if left else ""
    return f"{FILE}: {language.list_text(what)} yang baru, {pages} halaman, siap dicetak dan ditandatangani.{more}"


def _new(inspected: Inspected, documents: Iterable[Document], record: Archive) -> _New:
    printed = record.printed()
    fresh = [one for one in documents if printed.get(_relative(one.path, record.output)) != one.sha256]
    papers = sorted((one for one in fresh if one.kind != LABEL), key=_place)
    labels = _waiting(inspected, fresh)
    left = max(0, len(papers) - MOST) + max(0, len(labels) - MOST)
    return _New(tuple(papers[:MOST]), tuple(labels[:MOST]), left)


def _place(document: Document) -> int:
    return ORDER.index(document.kind) if document.kind in ORDER else len(ORDER)


def _waiting(inspected: Inspected, documents: Iterable[Document]) -> list[Document]:
    """The labels of things that are still kept apart: not destroyed, and of a case that is open or has yet to."""
    cases = inspected.register.cases.read
    kept = cases["disposal_number"].isna() & (~cases["status"].isin(CLOSED) | (cases["to_destroy"] == "Ya"))
    numbers = set(cases["number"][kept].dropna())
    return [one for one in documents if one.kind == LABEL and not numbers.isdisjoint(one.cases)]


def _labels(documents: Iterable[Document]) -> tuple[list[Document], bytes]:
    """Those that can be laid on a sheet, and the sheets; one that somebody damaged is left out."""
    good: list[Document] = []
    labels: list[Label] = []
    for one in documents:
        with suppress(OSError, LabelUnusable):
            labels.append(read_label(one.path.read_bytes()))
            good.append(one)
    return good, label_sheets(labels) if labels else b""


def _converted(documents: Sequence[Document], folder: Path, say: Say, progress: Progress | None) -> list[Paper]:
    """Each with its PDF: the one beside it, else one made now in `folder`."""
    from pypdf import PdfReader

    beside = {one.path: one.path.with_suffix(".pdf") for one in documents}
    copies: dict[Path, Path] = {}
    for number, (path, pdf) in enumerate(beside.items()):
        if not is_made_of(pdf, path):
            copies[path] = folder / f"d{number:05d}.docx"
            with suppress(OSError):  # what cannot be read is told with what cannot be converted
                shutil.copyfile(path, copies[path])
    results = convert_to_pdf(list(copies.values()), progress=progress)
    for reason in reasons(results, {copy.name: path.name for path, copy in copies.items()}):
        say(reason)
    made = {path: result.pdf for path, result in zip(copies, results, strict=True)}
    pdfs = [(one, made.get(one.path, beside[one.path])) for one in documents]
    return [Paper(one, pdf, len(PdfReader(pdf).pages)) for one, pdf in pdfs if pdf]


def _bound(
    parts: Mapping[str, bytes], papers: Sequence[Paper], batch: int, folder: Path, say: Say
) -> tuple[bytes, int]:
    """The whole file and its number of pages: the list of what it holds, the documents, the labels."""
    from pypdf import PdfWriter

    for name, data in parts.items():
        if data:
            (folder / f"{name}.docx").write_bytes(data)
    results = convert_to_pdf([folder / f"{name}.docx" for name, data in parts.items() if data])
    for reason in reasons(results):
        say(reason)
    made = [result.pdf for result in results if result.pdf]
    if len(made) < len(results):
        return b"", 0
    writer = PdfWriter()
    writer.append(made[0], outline_item="Daftar cetak")
    for paper in papers:
        writer.append(paper.pdf, outline_item=f"{paper.document.title} {paper.document.number}".strip())
    for pdf in made[1:]:
        writer.append(pdf, outline_item="Label")
    writer.add_metadata({"/Title": f"Cetakan {batch}", "/Producer": "sopkit"})
    stream = BytesIO()
    writer.write(stream)
    return stream.getvalue(), len(writer.pages)


def _keep_earlier(output: Path, batch: int) -> None:
    """What stands there may not be on paper yet. Beside a copy of that number it is of a run that was killed."""
    path, kept = output / FILE, output / EARLIER / f"cetak-{batch - 1:03d}.pdf"
    try:
        if path.is_file() and not kept.exists():
            write_atomic(kept, path.read_bytes())
    except OSError as error:
        raise file_problem(error, path, "dibaca") from error


def _last_kept(output: Path) -> int:
    """The number of the newest copy: an archive that was made again knows of none."""
    names = [re.fullmatch(r"cetak-(\d{3,6})", path.stem) for path in (output / EARLIER).glob("cetak-*.pdf")]
    return max((int(name[1]) for name in names if name), default=0)


def _relative(path: Path, output: Path) -> str:
    return path.relative_to(output).as_posix()
