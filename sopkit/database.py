"""`arsip.sqlite3` in the output folder: the one database of documents (`archive.py`) and mails (`mail/outbox.py`).

Its version is looked at before anything is written: what a newer sopkit made is left as it is.
"""

from __future__ import annotations

import errno
import re
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath

from sopkit.errors import SopkitError, file_problem

FILE = "arsip.sqlite3"
COPY = f"{FILE}.cadangan"
VERSION = 3
PATIENCE = 30.0  # seconds to wait for another sopkit that writes

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    path TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    number TEXT NOT NULL,
    revision INTEGER NOT NULL,
    cases TEXT NOT NULL,
    file_sha256 TEXT NOT NULL,
    data_sha256 TEXT NOT NULL,
    print_sha256 TEXT NOT NULL,
    template_sha256 TEXT NOT NULL,
    tool TEXT NOT NULL,
    made_at TEXT NOT NULL,
    mailed_at TEXT,
    UNIQUE (kind, number, revision)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS intended (path TEXT PRIMARY KEY, sha256 TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dicetak (
    path TEXT PRIMARY KEY,
    sha256 TEXT NOT NULL,
    batch INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS laporan (path TEXT NOT NULL, made_of TEXT NOT NULL, sha256 TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    register TEXT NOT NULL,
    register_sha256 TEXT NOT NULL,
    tool TEXT NOT NULL,
    counts TEXT
);
CREATE TABLE IF NOT EXISTS register (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    mark TEXT NOT NULL,
    office TEXT NOT NULL,
    year INTEGER NOT NULL,
    facts TEXT NOT NULL,
    file TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS surel (
    number INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL UNIQUE,
    occasion TEXT NOT NULL,
    content TEXT NOT NULL,
    route TEXT NOT NULL,
    intended TEXT NOT NULL,
    document TEXT NOT NULL,
    subject TEXT NOT NULL,
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    replaces TEXT,
    paper TEXT NOT NULL,
    office TEXT NOT NULL,
    archived INTEGER NOT NULL DEFAULT 0,
    attached TEXT NOT NULL DEFAULT '',
    moved_from TEXT,
    closed INTEGER NOT NULL DEFAULT 0,
    facts TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX IF NOT EXISTS surel_occasion ON surel (occasion);
CREATE INDEX IF NOT EXISTS surel_file ON surel (file);
CREATE TABLE IF NOT EXISTS surel_isi (
    message_id TEXT NOT NULL REFERENCES surel (message_id),
    place INTEGER NOT NULL,
    occasion TEXT NOT NULL,
    content TEXT NOT NULL,
    route TEXT NOT NULL,
    intended TEXT NOT NULL,
    document TEXT NOT NULL,
    paper TEXT NOT NULL,
    attached TEXT NOT NULL,
    closed INTEGER NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (message_id, place)
) STRICT;
CREATE INDEX IF NOT EXISTS surel_isi_occasion ON surel_isi (occasion);
CREATE TABLE IF NOT EXISTS surel_penerima (
    message_id TEXT NOT NULL REFERENCES surel (message_id),
    address TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('to', 'cc')),
    state TEXT NOT NULL DEFAULT 'draft' CHECK (
        state IN ('draft', 'sending', 'sent', 'refused', 'uncertain', 'replaced', 'cancelled')),
    detail TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    next_try TEXT,
    changed TEXT NOT NULL,
    PRIMARY KEY (message_id, address)
) STRICT;
CREATE TABLE IF NOT EXISTS surel_jejak (
    moment TEXT NOT NULL,
    message_id TEXT NOT NULL,
    address TEXT NOT NULL,
    state TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS riwayat (
    number INTEGER PRIMARY KEY,
    moment TEXT NOT NULL,
    noted TEXT NOT NULL,
    file TEXT NOT NULL,
    file_sha256 TEXT NOT NULL,
    author TEXT NOT NULL,
    saved TEXT NOT NULL,
    state TEXT NOT NULL,
    before TEXT NOT NULL,
    content BLOB NOT NULL,
    link TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS riwayat_kini (
    key TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    digest INTEGER NOT NULL,
    open INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS surel_jeda (reason TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS surel_kotak (
    message_id TEXT NOT NULL REFERENCES surel (message_id),
    account TEXT NOT NULL,
    folder TEXT NOT NULL,
    uidvalidity INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    intended TEXT NOT NULL,
    done TEXT,
    PRIMARY KEY (message_id, account)
) STRICT;
"""
_TABLES = frozenset(re.findall(r"CREATE TABLE IF NOT EXISTS (\w+)", _SCHEMA))
_CAUSES: Mapping[str, str] = {
    "not a database": "bukan arsip sopkit",
    "no such": "bukan arsip sopkit",
    "malformed": "berkasnya rusak",
    "corrupt": "berkasnya rusak",
    "readonly": "berkasnya hanya dapat dibaca",
    "unable to open": "foldernya tidak dapat dibaca atau ditulis",
    "disk i/o": "disknya gagal membaca atau menulis",
}
"""What SQLite says, and what it means."""
_DAMAGED = ("bukan arsip sopkit", "berkasnya rusak")


class ArchiveDamaged(SopkitError):
    """What stands there is no archive, or not a whole one; `cause` in a few words."""

    def __init__(self, path: Path, cause: str) -> None:
        super().__init__(f"Arsip {path} rusak dan tidak dapat dibuka ({cause}).", how_to_repair(path.parent))
        self.cause = cause


def how_to_repair(output: Path) -> str:
    """The one advice for an archive that is lost or damaged."""
    shown = f'"{output}"' if " " in str(output) else str(output)
    folder = "" if output == Path("keluaran") else f" {shown}"
    return f"Susun kembali dari cadangannya dan dari isi foldernya dengan: sopkit repair{folder}"


def open_database(path: Path) -> sqlite3.Connection:
    """Open the archive, and make what it lacks; every statement is a transaction of its own, or see `transaction`.

    In WAL where the disk allows it, synchronous FULL: what has returned is on disk, and a killed run leaves the old or
    the new state. `SopkitError` when it is damaged, made by a newer sopkit or held too long, or its folder unusable.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise database_problem(path, error) from error
    try:
        _prepare(connection, path)
    except BaseException as error:
        connection.close()
        if isinstance(error, sqlite3.Error):
            raise database_problem(path, error) from error
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise SopkitError(f"Arsip {path} dibuat oleh sopkit yang lebih baru.", "Perbarui sopkit, lalu ulangi.")
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if there and "documents" not in there:
        raise ArchiveDamaged(path, "bukan arsip sopkit")
    if "documents" in there:
        connection.execute("SELECT path FROM documents LIMIT 1").fetchone()
    connection.execute("PRAGMA journal_mode = WAL").fetchone()
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    if version < VERSION or not there >= _TABLES:
        with transaction(connection):
            _bring_up(connection, there)


def _bring_up(connection: sqlite3.Connection, there: Collection[str]) -> None:
    """Today's tables. Those of version 1 named report and reminders by the workbook's file, and kept no facts."""
    if connection.execute("PRAGMA user_version").fetchone()[0] == 1 and "surel" in there:
        if "facts" not in {row[1] for row in connection.execute("PRAGMA table_info(surel)")}:
            connection.execute("ALTER TABLE surel ADD COLUMN facts TEXT NOT NULL DEFAULT ''")
        old = connection.execute(
            "SELECT DISTINCT occasion FROM surel WHERE occasion LIKE 'laporan:%' OR occasion LIKE 'pengingat:%'"
        )
        named = [(without_file(occasion), occasion) for (occasion,) in old.fetchall()]
        connection.executemany("UPDATE surel SET occasion = ? WHERE occasion = ?", named)
        connection.execute(
            "UPDATE surel SET facts = COALESCE((SELECT data_sha256 FROM documents"
            " WHERE path = surel.paper AND file_sha256 = surel.content), '')"
        )
    for statement in _SCHEMA.split(";"):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {VERSION}")


def without_file(topic: str) -> str:
    """What a mail is about, of a report or a reminder without the name of the workbook, which may be changed."""
    kind, _, rest = topic.partition(":")
    if kind == "laporan":
        return kind
    return f"{kind}:{rest.rpartition(':')[2]}" if kind == "pengingat" else topic


def file_identity(path: Path) -> tuple[int, int] | None:
    """Which file stands there, whatever is in it; None for none, and for an empty one."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found.st_size else None


def demand_same_file(connection: sqlite3.Connection, path: Path, opened: tuple[int, int] | None) -> None:
    """`SopkitError` when what was written went into a file that no longer stands there.

    On a network share a file's number may change: then what stands there is compared with what was written.
    """
    now = file_identity(path)
    if now is None:
        raise archive_gone(path)
    if now != opened:
        with closing(sqlite3.connect(path, timeout=PATIENCE)) as other:
            if image_of(other) != image_of(connection):
                raise archive_gone(path)


def archive_gone(path: Path) -> SopkitError:
    """Somebody removed, emptied or replaced it while sopkit worked; the next run makes it again too."""
    return SopkitError(
        f"Arsip {path} dihapus, dikosongkan atau diganti program lain selama sopkit bekerja.",
        how_to_repair(path.parent),
    )


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing. IMMEDIATE, so that two writers wait for each other instead of failing half-way."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # of some errors SQLite ends it by itself
            connection.execute("ROLLBACK")
        raise


def database_problem(path: Path, error: Exception) -> SopkitError:
    """What SQLite, or the folder of its file, says, for a clerk."""
    if isinstance(error, OSError):
        return file_problem(error, path, "ditulis")
    text = str(error).lower()
    if "locked" in text or "busy" in text:
        return SopkitError(f"Arsip {path} sedang dipakai sopkit yang lain.", "Tunggu sampai selesai, lalu ulangi.")
    if "full" in text:
        return file_problem(OSError(errno.ENOSPC, text), path, "ditulis")
    cause = next((words for sign, words in _CAUSES.items() if sign in text), f"galat {type(error).__name__}")
    if cause not in _DAMAGED:
        return SopkitError(f"Arsip {path} tidak dapat dibuka atau ditulis ({cause}).", "Periksa foldernya lalu ulangi.")
    return ArchiveDamaged(path, cause)


@contextmanager
def reading_rows(path: Path) -> Iterator[None]:
    """Rows that nobody can have written so are a damage of the archive."""
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ArchiveDamaged(path, "isinya tidak dapat dibaca") from error


def inside(path: object) -> str:
    """A path that the archive names, which lies in the output folder; ValueError for any other."""
    if not isinstance(path, str) or not path or re.search(r"[\\:\0]", path):
        raise ValueError(path)
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts:
        raise ValueError(path)
    return path


def image_of(connection: sqlite3.Connection) -> bytes:
    """The bytes of a database as a file of its own would hold them."""
    with closing(sqlite3.connect(":memory:")) as memory:
        connection.backup(memory)
        return memory.serialize()


@contextmanager
def read_only(path: Path) -> Iterator[sqlite3.Connection]:
    """What an archive holds now, in memory: whoever only looks leaves nothing behind, and waits for nobody.

    `SopkitError` where there is none that can be read, also for what goes wrong in SQLite meanwhile.
    """
    try:
        with closing(_looked_at(path)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise database_problem(path, error) from error


def _looked_at(path: Path) -> sqlite3.Connection:
    beside = path.with_name(f"{path.name}-wal")
    try:
        if not (beside.is_file() and beside.stat().st_size):
            return in_memory(path.read_bytes())
    except OSError as error:
        raise file_problem(error, path, "dibaca") from error
    with closing(sqlite3.connect(path, timeout=PATIENCE)) as there:  # somebody writes, or was killed
        return in_memory(image_of(there))


def in_memory(image: bytes = b"") -> sqlite3.Connection:
    """A database that is on no disk: new, or from its bytes; sqlite3.Error or `SopkitError` when they are none."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        if image:
            connection.deserialize(image[:18] + b"\1\1" + image[20:])  # memory knows no WAL
        _prepare(connection, Path(FILE))
    except BaseException:
        connection.close()
        raise
    return connection
