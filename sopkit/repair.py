"""An archive that is lost, damaged or another folder's, made again of its copy and of what lies in keluaran/."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from sopkit import archive
from sopkit.archive import Archive, alone
from sopkit.database import (
    COPY,
    FILE,
    ArchiveDamaged,
    archive_gone,
    how_to_repair,
    image_of,
    in_memory,
    open_database,
    read_only,
)
from sopkit.documents.recover import complete, documents_in, read_own
from sopkit.errors import SopkitError, UsageProblem, file_problem
from sopkit.files import write_atomic
from sopkit.mail.lying import lying_in
from sopkit.mail.outbox import Outbox

LOST, EMPTY, FOREIGN = "tidak ada", "kosong", "milik folder lain"
ATTACHED = (f"{FILE}-wal", f"{FILE}-shm", f"{FILE}-journal")  # SQLite reads them into whatever lies beside them


@dataclass(frozen=True)
class Repaired:
    """`cause` why it was made again ("" where it only lacked something), `aside` where the old one lies now.

    `documents` and `mails` were taken in from their files, `from_copy` true when its copy was whole.
    """

    cause: str
    from_copy: bool
    documents: int
    mails: int
    aside: Path | None


def condition(output: Path) -> str:
    """What is wrong with an output folder's archive, in a few words; "" where nothing is.

    None is wrong only beside documents or mails of sopkit's. `SopkitError` when it is held, or a newer sopkit's.
    """
    path = output / FILE
    try:
        if not path.is_file() or path.stat().st_size == 0:
            return (EMPTY if path.is_file() else LOST) if _has_traces(output) else ""
    except OSError as error:
        raise file_problem(error, path, "dibaca") from error
    try:
        with read_only(path) as connection:
            return _read_through(connection, output)
    except ArchiveDamaged as error:
        return error.cause


def is_sound(output: Path) -> bool:
    """Whether nothing is wrong with an output folder's archive, or nobody can tell now."""
    try:
        return not condition(output)
    except SopkitError:
        return True


def refuse_newer(output: Path) -> None:
    """`SopkitError` for the archive of a newer sopkit, before anything is written."""
    path = output / FILE
    if path.is_file() and path.stat().st_size:
        try:
            open_database(path).close()
        except ArchiveDamaged:
            return


def demand_sound(output: Path) -> None:
    """`SopkitError` with the one advice, for commands that only look or send."""
    if cause := condition(output):
        raise SopkitError(
            f"Arsip {output / FILE} {_said(cause)}, padahal {output} memuat dokumen atau surel.", how_to_repair(output)
        )


def _said(cause: str) -> str:
    return cause if cause in (LOST, EMPTY, FOREIGN) else f"rusak ({cause})"


def _read_through(connection: sqlite3.Connection, output: Path) -> str:
    try:
        if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            return "berkasnya rusak"
        record = Archive(connection, output)
        documents, _ = record.records(), record.owner()
        mails = {one.mail.message_id: one.mail for one in Outbox(output / FILE, connection).status()}
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and "no such" not in str(error):
            raise SopkitError(f"Arsip {output / FILE} sedang dipakai sopkit yang lain.", "Ulangi nanti.") from error
        return "berkasnya rusak"
    if not documents and not mails:
        return EMPTY if _has_traces(output) else ""
    known = any(archive.sha256_of(output / one.path) == one.file_sha256 for one in documents)
    known = known or any(found.message_id in mails for found in lying_in(output))
    return FOREIGN if not known and _has_traces(output) else ""


def _has_traces(output: Path) -> bool:
    """Whether documents or mails of sopkit's own lie there; what a person wrote is none."""
    if next(iter(lying_in(output)), None) is not None:
        return True
    paths = (path.relative_to(output).as_posix() for path in documents_in(output))
    return any(read_own(output, path) is not None for path in paths)


def repair(output: Path) -> Repaired:
    """Make the archive whole again. Killed at any moment, the next repair comes to the same.

    `UsageProblem` for a folder without anything of sopkit's.
    """
    if not any((output / name).is_file() for name in (FILE, COPY)) and not _has_traces(output):
        raise UsageProblem(f"Tidak ada arsip, dokumen, atau surel sopkit di {output}.", "Sebutkan folder keluaran.")
    with alone(output):
        cause = condition(output)
        if not cause:
            with archive.open_archive(output) as record:
                documents, mails = _complete(record.connection, output)
            return Repaired("", False, documents, mails, None)
        connection, from_copy = _base(output)
        with closing(connection):
            documents, mails = _complete(connection, output)
            image = image_of(connection)
        aside = _put_aside(output)
        write_atomic(output / FILE, image)
        with closing(open_database(output / FILE)) as made:
            archive.save_copy(made, output / FILE)
        return Repaired(cause, from_copy, documents, mails, aside)


@contextmanager
def made_whole(output: Path, say: Callable[[str], object]) -> Iterator[Archive]:
    """The archive for a run, repaired where that is certain; `say` tells the clerk in a sentence.

    It is opened once: one that is removed, emptied or replaced meanwhile cannot be begun anew in silence.
    """
    if output.is_dir() and condition(output):
        say(sentence(repair(output), output))
    with ExitStack() as stack:
        with alone(output):
            record = stack.enter_context(archive.open_archive(output))
            if _read_through(record.connection, output):
                raise archive_gone(output / FILE)
            _complete(record.connection, output)
        yield record


def sentence(repaired: Repaired, output: Path) -> str:
    taken = f"{repaired.documents} dokumen dan {repaired.mails} surel diambil dari isi foldernya"
    if not repaired.cause:
        return f"Arsip {output / FILE} utuh; {taken}."
    base = "dari cadangannya dan dari isi foldernya" if repaired.from_copy else "dari isi foldernya"
    aside = f" Yang lama disimpan sebagai {repaired.aside.name}." if repaired.aside else ""
    return f"Arsip {output / FILE} {_said(repaired.cause)}; arsip disusun kembali {base} ({taken}).{aside}"


def _complete(connection: sqlite3.Connection, output: Path) -> tuple[int, int]:
    documents = complete(Archive(connection, output))
    outbox = Outbox(output / FILE, connection)
    outbox.recover()
    return documents, outbox.adopt(dt.datetime.now())


def _base(output: Path) -> tuple[sqlite3.Connection, bool]:
    """The copy where it is whole and this folder's, else nothing."""
    with suppress(OSError, ArchiveDamaged, sqlite3.Error):
        image = (output / COPY).read_bytes()
        if len(image) > 100:
            connection = in_memory(image)
            if not _read_through(connection, output):
                return connection, True
            connection.close()
    return in_memory(), False


def _put_aside(output: Path) -> Path | None:
    """The old file under another name, and what SQLite laid beside it: nothing is thrown away."""
    path = output / FILE
    names = (output / f"arsip-rusak-{number}.sqlite3" for number in count(1))
    aside = next(name for name in names if not name.exists())
    try:
        kept = path.is_file() and path.stat().st_size > 0
        for name in ATTACHED:
            beside = output / name
            if beside.exists():
                beside.replace(output / name.replace(FILE, aside.name))
        if kept:
            path.replace(aside)
    except OSError as error:
        raise file_problem(error, path, "ditulis") from error
    return aside if kept else None
