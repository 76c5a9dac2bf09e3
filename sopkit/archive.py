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
from contextlib import closing, contextmanager, suppress
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from sopkit.database import (
    COPY,
    FILE,
    database_problem,
    demand_same_file,
    file_identity,
    image_of,
    inside,
    open_database,
    reading_rows,
    transaction,
)
from sopkit.errors import SopkitError, file_problem
from sopkit.files import alone_in, sweep, write_atomic


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


@dataclass(frozen=True)
class Owner:
    """The register that an output folder belongs to, as it was when its documents were last made.

    `mark` is the identity that its workbook's properties hold ("" where they hold none), `year` 0 where nothing tells
    it, `facts` a digest of each of its first cases, `file` its path as seen from the output folder.
    """

    mark: str
    office: str
    year: int
    facts: tuple[str, ...]
    file: str


_COLUMNS = tuple(field.name for field in fields(Record))


class Archive:
    """An open archive; made by `open_archive`."""

    def __init__(self, connection: sqlite3.Connection, output: Path) -> None:
        self.connection = connection
        self.output = output
        self._opened, self._copied = file_identity(output / FILE), connection.total_changes

    def settle(self) -> None:
        """Lay a copy beside what was written; `SopkitError` where it went into a file that stands there no longer."""
        path = self.output / FILE
        if self.connection.total_changes != self._copied:
            save_copy(self.connection, path)
            self._copied = self.connection.total_changes
        demand_same_file(self.connection, path, self._opened)

    def records(self) -> list[Record]:
        """Every document ever recorded and not forgotten, by path."""
        rows = self.connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM documents ORDER BY path")
        with reading_rows(self.output / FILE):
            return [_record(row) for row in rows]

    def current(self) -> dict[tuple[str, str], Record]:
        """The latest revision of each document, by kind and number."""
        latest: dict[tuple[str, str], Record] = {}
        for record in sorted(self.records(), key=lambda r: r.revision):
            latest[record.kind, record.number] = record
        return latest

    def intended(self) -> Mapping[str, str]:
        """Path -> SHA-256 of files that a run was about to write and did not confirm."""
        rows = self.connection.execute("SELECT path, sha256 FROM intended")
        with reading_rows(self.output / FILE):
            return {inside(path): str(sha256) for path, sha256 in rows}

    def intend(self, files: Iterable[tuple[str, str]]) -> None:
        """Note (path, SHA-256) of files about to be written; durable when this returns."""
        with transaction(self.connection):
            self.connection.executemany("INSERT OR REPLACE INTO intended VALUES (?, ?)", files)

    def record(self, records: Iterable[Record]) -> None:
        """Record documents whose files stand complete, and drop the intentions they fulfil."""
        rows = [_row(record) for record in records]
        marks = ", ".join("?" * len(_COLUMNS))
        with transaction(self.connection):
            self.connection.executemany(f"INSERT OR REPLACE INTO documents VALUES ({marks})", rows)
            self.connection.executemany("DELETE FROM intended WHERE path = ?", [(row[0],) for row in rows])

    def printed(self) -> Mapping[str, str]:
        """Path -> SHA-256 of each document as a cetak.pdf last held it."""
        rows = self.connection.execute("SELECT path, sha256 FROM dicetak")
        with reading_rows(self.output / FILE):
            return {inside(path): str(sha256) for path, sha256 in rows}

    def last_print(self) -> int:
        """How many times a cetak.pdf was made."""
        return int(self.connection.execute("SELECT COALESCE(MAX(batch), 0) FROM dicetak").fetchone()[0])

    def note_printed(self, files: Iterable[tuple[str, str]], batch: int) -> None:
        """Note (path, SHA-256) of what the cetak.pdf of this number holds."""
        rows = [(path, sha256, batch) for path, sha256 in files]
        with transaction(self.connection):
            self.connection.executemany("INSERT OR REPLACE INTO dicetak VALUES (?, ?, ?)", rows)

    def reports(self, made_of: str) -> list[Path]:
        """The reports that were made of this and stand as they were written; none where one of them does not."""
        rows = self.connection.execute("SELECT path, sha256 FROM laporan WHERE made_of = ? ORDER BY rowid", (made_of,))
        with reading_rows(self.output / FILE):
            files = {self.output / inside(path): sha256 for path, sha256 in rows}
        with suppress(SopkitError):  # who writes it anew will hear why
            if all(sha256_of(path) == sha256 for path, sha256 in files.items()):
                return list(files)
        return []

    def note_reports(self, made_of: str, files: Mapping[Path, str]) -> None:
        """Note all reports by path, with their SHA-256, and of what they were made."""
        rows = [(path.relative_to(self.output).as_posix(), made_of, sha256) for path, sha256 in files.items()]
        with transaction(self.connection):
            self.connection.execute("DELETE FROM laporan")
            self.connection.executemany("INSERT INTO laporan VALUES (?, ?, ?)", rows)

    def mark_mailed(self, path: str, file_sha256: str, when: dt.datetime) -> bool:
        """Note that exactly these bytes went out; False when the archive knows no such document with them."""
        changed = self.connection.execute(
            "UPDATE documents SET mailed_at = COALESCE(mailed_at, ?) WHERE path = ? AND file_sha256 = ?",
            (when.isoformat(timespec="seconds"), path, file_sha256),
        )
        return changed.rowcount == 1

    def owner(self) -> Owner | None:
        """Whose register's folder this is; None where only an older sopkit, or none, has made documents here."""
        row = self.connection.execute("SELECT mark, office, year, facts, file FROM register").fetchone()
        if row is None:
            return None
        with reading_rows(self.output / FILE):
            mark, office, year, facts, file = row
            return Owner(mark, office, year, tuple(map(str, json.loads(facts))), file)

    def belongs_to(self, owner: Owner) -> None:
        """Remember whose folder this is, as it is now."""
        if owner != self.owner():
            row = (owner.mark, owner.office, owner.year, json.dumps(owner.facts), owner.file)
            self.connection.execute("INSERT OR REPLACE INTO register VALUES (1, ?, ?, ?, ?, ?)", row)

    def file_names(self) -> list[str]:
        """What the workbooks were called that documents were made of here, the last one last, each once."""
        rows = self.connection.execute("SELECT register FROM runs GROUP BY register ORDER BY max(id)")
        return [str(name) for (name,) in rows]

    def begin_run(self, register: str, register_sha256: str, tool: str, when: dt.datetime) -> int:
        made = self.connection.execute(
            "INSERT INTO runs (started_at, register, register_sha256, tool) VALUES (?, ?, ?, ?)",
            (when.isoformat(timespec="seconds"), register, register_sha256, tool),
        )
        return int(made.lastrowid or 0)

    def end_run(self, run: int, counts: Mapping[str, int], when: dt.datetime) -> None:
        """`counts`: documents by state. A run without an end was interrupted."""
        self.connection.execute(
            "UPDATE runs SET finished_at = ?, counts = ? WHERE id = ?",
            (when.isoformat(timespec="seconds"), json.dumps(dict(counts), sort_keys=True), run),
        )


@contextmanager
def open_archive(output: Path) -> Iterator[Archive]:
    """Open (and where needed create) the archive of an output folder.

    `SopkitError` as `open_database` says; also for what goes wrong in SQLite while it is open.
    """
    path = output / FILE
    with closing(open_database(path)) as connection:
        try:
            yield (record := Archive(connection, output))
            if connection.total_changes:
                record.settle()
        except sqlite3.Error as error:
            raise database_problem(path, error) from error


def save_copy(connection: sqlite3.Connection, path: Path) -> None:
    """Lay a copy of a whole archive beside it: complete, or the one before. A damaged one is not copied."""
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok":
        write_atomic(path.with_name(COPY), image_of(connection))


@contextmanager
def alone(output: Path) -> Iterator[None]:
    """Two runs into one folder would take each other's files for edits by hand."""
    busy = SopkitError(f"Folder {output} sedang diisi sopkit yang lain.", "Tunggu sampai selesai, lalu ulangi.")
    with alone_in(output, busy, "Sebutkan folder lain dengan --output."):
        sweep(output)
        yield


def folders_with_archive(output: Path) -> list[Path]:
    """The folders of several workbooks inside an output folder that hold an archive of their own."""
    return sorted(path.parent for path in output.glob(f"*/{FILE}"))


def sha256_of(path: Path) -> str | None:
    """SHA-256 (hex) of a file's bytes; None when there is no such file, or nothing in it.

    Such a one nobody has written: the machine lost its power before what was in it came to the disk.
    """
    try:
        data = path.read_bytes()
        return hashlib.sha256(data).hexdigest() if data.strip(b"\0") else None
    except FileNotFoundError:
        return None
    except OSError as error:
        raise file_problem(error, path, "dibaca") from error


def _record(row: tuple[object, ...]) -> Record:
    values = dict(zip(_COLUMNS, row, strict=True))
    values["path"] = inside(values["path"])
    values["cases"] = tuple(map(str, json.loads(str(values["cases"]))))
    if not isinstance(values["revision"], int):
        raise ValueError(values["revision"])
    return Record(**values)  # type: ignore[arg-type]


def _row(record: Record) -> tuple[object, ...]:
    values = list(astuple(record))
    values[_COLUMNS.index("cases")] = json.dumps(record.cases, ensure_ascii=False)
    return tuple(values)
