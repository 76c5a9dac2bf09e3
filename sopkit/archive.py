"""The record of what was made: `arsip.sqlite3` in the output folder.

A document is recorded after its file stands complete; before that its SHA-256 is noted as intended. So a run that was
killed between the two is understood by the next one: a file whose bytes were intended is sopkit's own, not an edit.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from sopkit.errors import SopkitError

FILE = "arsip.sqlite3"
VERSION = 1
PATIENCE = 30.0  # seconds to wait for another sopkit that holds the archive

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
CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    register TEXT NOT NULL,
    register_sha256 TEXT NOT NULL,
    tool TEXT NOT NULL,
    counts TEXT
);
"""


@dataclass(frozen=True)
class Record:
    """One document as it was made.

    `path` is relative to the output folder with `/`; `data_sha256` over the workbook's values it rests on (the
    archive code), `print_sha256` over all that the template was given; `mailed_at` None until it has been mailed.
    """

    path: str
    kind: str
    number: str
    revision: int
    cases: tuple[str, ...]
    file_sha256: str
    data_sha256: str
    print_sha256: str
    template_sha256: str
    tool: str
    made_at: str
    mailed_at: str | None = None


_COLUMNS = tuple(field.name for field in fields(Record))


class Archive:
    """An open archive; made by `open_archive`."""

    def __init__(self, connection: sqlite3.Connection, output: Path) -> None:
        self.connection = connection
        self.output = output

    def records(self) -> list[Record]:
        """Every document ever recorded and not forgotten, by path."""
        rows = self.connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM documents ORDER BY path")
        return [_record(row) for row in rows]

    def current(self) -> dict[tuple[str, str], Record]:
        """The latest revision of each document, by kind and number."""
        latest: dict[tuple[str, str], Record] = {}
        for record in sorted(self.records(), key=lambda r: r.revision):
            latest[record.kind, record.number] = record
        return latest

    def intended(self) -> Mapping[str, str]:
        """Path -> SHA-256 of files that a run was about to write and did not confirm."""
        return dict(self.connection.execute("SELECT path, sha256 FROM intended"))

    def intend(self, files: Iterable[tuple[str, str]]) -> None:
        """Note (path, SHA-256) of files about to be written; durable when this returns."""
        with self.connection:
            self.connection.executemany("INSERT OR REPLACE INTO intended VALUES (?, ?)", files)

    def record(self, records: Iterable[Record]) -> None:
        """Record documents whose files stand complete, and drop the intentions they fulfil."""
        rows = [_row(record) for record in records]
        marks = ", ".join("?" * len(_COLUMNS))
        with self.connection:
            self.connection.executemany(f"INSERT OR REPLACE INTO documents VALUES ({marks})", rows)
            self.connection.executemany("DELETE FROM intended WHERE path = ?", [(row[0],) for row in rows])

    def mark_mailed(self, path: str, file_sha256: str, when: dt.datetime) -> bool:
        """Note that exactly these bytes went out; False when the archive knows no such document with them."""
        with self.connection:
            changed = self.connection.execute(
                "UPDATE documents SET mailed_at = COALESCE(mailed_at, ?) WHERE path = ? AND file_sha256 = ?",
                (when.isoformat(timespec="seconds"), path, file_sha256),
            )
        return changed.rowcount == 1

    def first_register(self) -> str:
        """File name of the workbook that the output folder was begun with; empty before the first run."""
        row = self.connection.execute("SELECT register FROM runs ORDER BY id LIMIT 1").fetchone()
        return str(row[0]) if row else ""

    def begin_run(self, register: str, register_sha256: str, tool: str, when: dt.datetime) -> int:
        with self.connection:
            made = self.connection.execute(
                "INSERT INTO runs (started_at, register, register_sha256, tool) VALUES (?, ?, ?, ?)",
                (when.isoformat(timespec="seconds"), register, register_sha256, tool),
            )
        return int(made.lastrowid or 0)

    def end_run(self, run: int, counts: Mapping[str, int], when: dt.datetime) -> None:
        """`counts`: documents by state. A run without an end was interrupted."""
        with self.connection:
            self.connection.execute(
                "UPDATE runs SET finished_at = ?, counts = ? WHERE id = ?",
                (when.isoformat(timespec="seconds"), json.dumps(dict(counts), sort_keys=True), run),
            )


@contextmanager
def open_archive(output: Path) -> Iterator[Archive]:
    """Open (and where needed create) the archive of an output folder.

    `SopkitError` when the file is damaged, made by a newer sopkit, or held by another run for too long; also for
    what goes wrong in SQLite while it is open.
    """
    path = output / FILE
    try:
        output.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=PATIENCE)
    except (OSError, sqlite3.Error) as error:
        raise _refusal(path, error) from error
    try:
        _prepare(connection, path)
        yield Archive(connection, output)
    except sqlite3.Error as error:
        raise _refusal(path, error) from error
    finally:
        connection.close()


def folders_with_archive(output: Path) -> list[Path]:
    """The folders of several workbooks inside an output folder that hold an archive of their own."""
    return sorted(path.parent for path in output.glob(f"*/{FILE}"))


def sha256_of(path: Path) -> str | None:
    """SHA-256 (hex) of a file's bytes; None when there is no such file."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SopkitError(f"{path} tidak dapat dibaca.", "Tutup berkas itu di program lain lalu ulangi.") from error


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """WAL where the disk allows it: a killed run leaves either the old or the new state."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise SopkitError(f"Arsip {path} dibuat oleh sopkit yang lebih baru.", "Perbarui sopkit, lalu ulangi.")
    connection.execute("PRAGMA journal_mode = WAL").fetchone()
    connection.execute("PRAGMA synchronous = FULL")
    if version < VERSION:
        connection.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}PRAGMA user_version = {VERSION};COMMIT;")
    connection.execute("SELECT path FROM documents LIMIT 1").fetchone()


def _refusal(path: Path, error: Exception) -> SopkitError:
    text = str(error).lower()
    if "locked" in text or "busy" in text:
        return SopkitError(f"Arsip {path} sedang dipakai sopkit yang lain.", "Tunggu sampai selesai, lalu ulangi.")
    if "full" in text:
        return SopkitError(f"Disk penuh: {path} tidak dapat ditulis.", "Kosongkan ruang disk lalu jalankan lagi.")
    if "malformed" in text or "not a database" in text or "no such" in text or "corrupt" in text:
        return SopkitError(
            f"Arsip {path} rusak atau bukan arsip sopkit.",
            f"Ganti namanya (misalnya {path.stem}-rusak.sqlite3) lalu jalankan lagi; "
            "dokumen yang masih sama dikenali kembali.",
        )
    return SopkitError(f"Arsip {path} tidak dapat dibuka atau ditulis ({error}).", "Periksa foldernya lalu ulangi.")


def _record(row: tuple[object, ...]) -> Record:
    values = dict(zip(_COLUMNS, row, strict=True))
    values["cases"] = tuple(json.loads(str(values["cases"])))
    return Record(**values)  # type: ignore[arg-type]


def _row(record: Record) -> tuple[object, ...]:
    values = list(astuple(record))
    values[_COLUMNS.index("cases")] = json.dumps(record.cases, ensure_ascii=False)
    return tuple(values)
