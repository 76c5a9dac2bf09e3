"""The registers of a recap on the disk, and beside the recap a file that keeps them for the next one.

What is kept is known by all that it follows from, so that a register whose key is found need not be read again. The
file may be lost, damaged, or used by several recaps at once: it only saves time.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from sopkit.archive import sha256_of
from sopkit.checks.links import Links
from sopkit.errors import SopkitError
from sopkit.files import remove
from sopkit.reports.recap_parts import NAMES, packed, unpacked

T = TypeVar("T")
KEPT = "-simpanan.sqlite3"
CSV = re.compile(r"rekap-[a-z-]+(-[0-9]+)?\.csv")
PATIENCE = 10.0  # seconds to wait for another recap that writes
TOGETHER = 50  # registers that are kept in one go
_BLOBS = ", ".join(f"{name} BLOB NOT NULL" for name in NAMES)
_NAMES = ", ".join(NAMES)
_KEPT = f"kept_{sha256(_NAMES.encode()).hexdigest()[:8]}"  # other versions of sopkit keep other parts
_SCHEMA = (
    f"CREATE TABLE IF NOT EXISTS {_KEPT} (book TEXT, first INTEGER, key TEXT NOT NULL, digest TEXT NOT NULL,"
    f" links BLOB NOT NULL, {_BLOBS}, PRIMARY KEY (book, first))"
)


@dataclass(frozen=True)
class Measured:
    """A register in a recap (the fields of `Parts`, packed), and `key`, which says of what it was made."""

    key: str
    links: Links
    parts: Mapping[str, bytes]


def kept_beside(recap: Path) -> Path | None:
    """The file that keeps what a recap was made of; None for a recap that is no file."""
    try:
        return None if recap.exists() and not recap.is_file() else recap.parent / f"{recap.stem}{KEPT}"
    except OSError:  # whoever writes it will hear why
        return None


def tidy(recap: Path, beside: Mapping[str, str]) -> None:
    """Remove the tables (CSV) of a longer recap before this one that stand as it wrote them.

    `beside`: those of this one by file name, with their SHA-256. They are noted in the file that keeps its numbers.
    """
    kept = kept_beside(recap)
    if kept is None or not (beside or kept.is_file()):
        return
    alone = all(one == kept for one in kept.parent.glob(f"*{KEPT}"))  # the tables of another recap bear the same names
    failures = sqlite3.Error, OSError, SopkitError
    with suppress(*failures), closing(sqlite3.connect(kept, timeout=PATIENCE)) as noted, noted:
        noted.execute("CREATE TABLE IF NOT EXISTS written (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL)")
        for name, digest in noted.execute("SELECT name, sha256 FROM written").fetchall() if alone else ():
            path = recap.parent / name
            if name not in beside and CSV.fullmatch(name) and sha256_of(path) == digest:
                remove(path)
        noted.execute("DELETE FROM written")
        noted.executemany("INSERT INTO written VALUES (?, ?)", beside.items())


class Store:
    """Registers by their place in the recap; `Offices` to whoever makes it. `told`: what went wrong with `kept`."""

    def __init__(self, kept: Path | None) -> None:
        self.told = ""
        self._own = sqlite3.connect("")  # a file of SQLite's own that is gone afterwards
        self._own.execute(f"CREATE TABLE parts (place INTEGER PRIMARY KEY, {_BLOBS})")
        self._path = kept
        self._kept: sqlite3.Connection | None = None
        self._waiting: list[tuple[object, ...]] = []
        self.keeps = kept is not None and kept.is_file() and self._safely(self._any, False)

    def _any(self, kept: sqlite3.Connection) -> bool:
        return kept.execute(f"SELECT 1 FROM {_KEPT}").fetchone() is not None

    def __len__(self) -> int:
        (count,) = self._own.execute("SELECT count(*) FROM parts").fetchone()
        return int(count)

    def parts(self, *names: str, first: int = 0, last: int | None = None) -> Iterator[tuple[Any, ...]]:
        """These parts of each register in their order, or of those from `first` to before `last`."""
        count = -1 if last is None else last - first
        query = f"SELECT {', '.join(names)} FROM parts ORDER BY place LIMIT ? OFFSET ?"
        for row in self._own.execute(query, (count, first)):
            yield tuple(map(unpacked, row))

    def take(self, place: int, keys: Mapping[str, str | None]) -> Links | None:
        """Put what is kept under one of these keys in its place; None where nothing is.

        A key comes with the moment that the register is then of, None for that which it names itself.
        """
        found = self._safely(lambda kept: _found(kept, tuple(keys)), None)
        if found is None:
            return None
        key, links, blobs = found
        parts = dict(zip(NAMES, blobs, strict=True))
        if moment := keys[key]:
            parts["head"] = packed({**unpacked(parts["head"]), "as_of": moment})
        self._place(place, parts)
        return links

    def put(self, place: int, book: Path, first: bool, measured: Measured) -> None:
        """A register in its place, and kept; `first`: as it is without the numbers of others."""
        self._place(place, measured.parts)
        if self._path is None:
            return
        links = packed([sorted(measured.links.numbers), measured.links.asks])
        blobs = [measured.parts[name] for name in NAMES]
        digest = _digest(measured.key, links, blobs)
        self._waiting.append((str(book.absolute()), first, measured.key, digest, links, *blobs))
        if len(self._waiting) >= TOGETHER:
            self.keep()

    def drop(self, place: int) -> None:
        """Leave a register out."""
        self._own.execute("DELETE FROM parts WHERE place = ?", (place,))

    def keep(self) -> None:
        """Bring what is to be kept to the file."""
        if self._waiting and self._path is not None:
            rows, self._waiting = self._waiting, []
            self._safely(lambda kept: _write(kept, rows), None)

    def close(self) -> None:
        """Let the kept file go; what is in its place stays."""
        self.keep()
        self._let_go()

    def _place(self, place: int, parts: Mapping[str, bytes]) -> None:
        marks = ", ".join("?" * (len(NAMES) + 1))
        row = (place, *(parts[name] for name in NAMES))
        self._own.execute(f"INSERT OR REPLACE INTO parts (place, {_NAMES}) VALUES ({marks})", row)

    def _safely(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """`work` on the kept file. A damaged one is begun anew; one that cannot be used is left alone from now on."""
        if self._path is None:
            return otherwise
        try:
            return work(self._opened(self._path))
        except (sqlite3.Error, OSError) as error:
            damaged = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
        self._let_go()
        if damaged:
            remove(self._path)
        if damaged and not self._path.exists():
            self.told = f"{self._path} rusak dan disusun lagi; rekapnya tetap benar."
        else:
            self.told = f"{self._path} tidak dapat dipakai; rekapnya tetap benar, tetapi lain kali semua dibaca lagi."
            self._path = None
        return otherwise

    def _let_go(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _opened(self, path: Path) -> sqlite3.Connection:
        if self._kept is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._kept = sqlite3.connect(path, timeout=PATIENCE)
            self._kept.execute("PRAGMA synchronous = OFF")  # a file that a crash damages is begun anew
            with self._kept:
                self._kept.execute(_SCHEMA)
                self._kept.execute(f"CREATE INDEX IF NOT EXISTS {_KEPT}_key ON {_KEPT} (key)")
        return self._kept


def _found(kept: sqlite3.Connection, keys: Sequence[str]) -> tuple[str, Links, Sequence[bytes]] | None:
    query = f"SELECT key, digest, links, {_NAMES} FROM {_KEPT} WHERE key IN ({', '.join('?' * len(keys))})"
    for key, digest, links, *blobs in kept.execute(query, keys):
        if _digest(key, links, blobs) == digest:
            numbers, asks = unpacked(links)
            return key, Links(frozenset(numbers), asks), blobs
    return None


def _write(kept: sqlite3.Connection, rows: Sequence[tuple[object, ...]]) -> None:
    with kept:
        kept.executemany(f"INSERT OR REPLACE INTO {_KEPT} VALUES ({', '.join('?' * (5 + len(NAMES)))})", rows)


def _digest(key: str, links: bytes, blobs: Sequence[bytes]) -> str:
    digest = sha256(key.encode())
    for blob in (links, *blobs):
        digest.update(blob)
    return digest.hexdigest()
