"""The chain of checks in the archive: what each found changed, every entry's SHA-256 over the one before and its own.

`riwayat` is the chain. `riwayat_kini` only tells where each unit stands last and what its digest is; `broken` holds it
against the chain.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from sopkit.checks.changes import Last
from sopkit.history.columns import MARK, keys_in, units_in
from sopkit.history.facts import PLANS, Row, Unit

_TABLES = {name[0]: name for name in PLANS}  # c, e, d
Content = Mapping[str, tuple[int, Unit]]
"""Key -> the number of the entry that it was last in (0 for none), and the unit as it is now."""


@dataclass(frozen=True)
class Entry:
    """One check that found something changed.

    `moment` is its reference moment (`--as-of`), `noted` the clock's, which no link covers: the same checks of the same
    workbooks have the same links. Author and saved are what the workbook's file
    says of itself; `state` a digest of all facts; `before` the link that this one follows: of the entry before, of the
    chain that was lost before the first, or "".
    """

    number: int
    moment: str
    noted: str
    file: str
    file_sha256: str
    author: str
    saved: str
    state: str
    before: str
    content: bytes
    link: str

    def reckoned(self) -> str:
        """The link as it must be. ValueError where the content is not what was written."""
        said = [self.number, self.moment, self.file, self.file_sha256, self.author, self.saved, self.state]
        head = json.dumps([self.before, *said], ensure_ascii=False)
        return hashlib.sha256(f"{head}\n".encode("utf-8", "surrogatepass") + self._lines()).hexdigest()

    def _lines(self) -> bytes:
        try:
            return zlib.decompress(self.content) if self.content else b""
        except zlib.error as error:
            raise ValueError(self.number) from error

    def units(self, wanted: Iterable[str] | None = None) -> Content:
        """The units that changed, all or those of these keys. ValueError where the content is not what was written."""
        content, keys = self._lines(), None if wanted is None else set(wanted)
        if content[:1] == MARK:
            with _readable(self.number):
                return {key: (0, unit) for key, unit in units_in(content, keys).items()}
        found: dict[str, tuple[int, Unit]] = {}
        for line in content.decode("utf-8", "surrogatepass").split("\n") if content else ():
            key, _, rest = line.partition("\t")
            if keys is None or key in keys:
                before, _, told = rest.partition("\t")
                found[key] = int(before), _unit(json.loads(told))
        return found

    def keys(self) -> Collection[str]:
        """The keys of the units that changed. ValueError as `units`."""
        content = self._lines()
        if content[:1] != MARK:
            return self.units().keys()
        with _readable(self.number):
            return keys_in(content)

    @property
    def last(self) -> Last:
        return Last(
            self.number, dt.datetime.fromisoformat(self.moment), self.link, self.author, self.saved, self.file
        )  # fmt: skip


class Place(NamedTuple):
    """Where a unit stands last: the number of its entry, its digest, and whether something of it is to be told."""

    number: int
    digest: int
    open: bool


_COLUMNS = "number, moment, noted, file, file_sha256, author, saved, state, before, content, link"


class Chain:
    """The chain in an open archive."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def entry(self, number: int) -> Entry | None:
        return next(self._entries("WHERE number = ?", (number,)), None)

    def tip(self) -> Entry | None:
        return next(self._entries("ORDER BY number DESC LIMIT 1"), None)

    def entries(self) -> Iterator[Entry]:
        return self._entries("ORDER BY number")

    def states(self) -> list[tuple[int, str]]:
        """Number and state of each entry."""
        return self.connection.execute("SELECT number, state FROM riwayat ORDER BY number").fetchall()

    def find(self, link: str) -> Entry | None:
        """The entry whose link begins so; None for none, and for an empty text."""
        if not link:
            return None
        return next(self._entries("WHERE substr(link, 1, ?) = ? ORDER BY number", (len(link), link)), None)

    def _entries(self, rest: str, given: tuple[object, ...] = ()) -> Iterator[Entry]:
        for row in self.connection.execute(f"SELECT {_COLUMNS} FROM riwayat {rest}", given):
            yield Entry(*row)

    def places(self) -> dict[str, Place]:
        rows = self.connection.execute("SELECT key, number, digest, open FROM riwayat_kini")
        return {key: Place(number, digest, open_) for key, number, digest, open_ in rows}

    def units(self, numbers: Mapping[str, int]) -> dict[str, Unit]:
        """The units as they stand in these entries; one that was cut out of the chain is not there."""
        by_entry: dict[int, set[str]] = {}
        for key, number in numbers.items():
            by_entry.setdefault(number, set()).add(key)
        found: dict[str, Unit] = {}
        for number, keys in by_entry.items():
            if entry := self.entry(number):
                found |= {key: unit for key, (_, unit) in entry.units(keys).items()}
        return found

    def append(self, entry: Entry) -> None:
        self.connection.execute(
            f"INSERT INTO riwayat ({_COLUMNS}) VALUES ({', '.join('?' * 11)})",
            (
                entry.number, entry.moment, entry.noted, entry.file, entry.file_sha256, entry.author, entry.saved,
                entry.state, entry.before, entry.content, entry.link,
            ),
        )  # fmt: skip

    def place(self, places: Mapping[str, Place]) -> None:
        self.connection.executemany(
            "INSERT OR REPLACE INTO riwayat_kini VALUES (?, ?, ?, ?)",
            ((key, *place) for key, place in places.items()),
        )

    def broken(self) -> tuple[int, str] | None:
        """The first entry that is not what was written, and how; None where the chain is whole."""
        link, expected, last = None, 1, dict[str, int]()
        for entry in self.entries():
            if entry.number != expected:
                return expected, "tidak ada lagi"
            try:
                whole = entry.reckoned() == entry.link and link in (None, entry.before)
                last |= dict.fromkeys(entry.keys(), entry.number)
            except ValueError:
                whole = False
            if not whole:
                return entry.number, "bukan yang dicatat semula"
            link, expected = entry.link, expected + 1
        if {key: place.number for key, place in self.places().items()} != last:
            return expected - 1, "tidak sama dengan daftar isinya"
        return None


def packed(content: Mapping[str, tuple[int, str]]) -> bytes:
    """What changed as an entry keeps it: a line for each unit, as `told` tells it."""
    lines = (f"{key}\t{before}\t{text}" for key, (before, text) in sorted(content.items()))
    return compressed("\n".join(lines).encode("utf-8", "surrogatepass"))


def compressed(content: bytes, level: int = 3) -> bytes:
    return zlib.compress(content, level)


@contextmanager
def _readable(number: int) -> Iterator[None]:
    try:
        yield
    except (LookupError, TypeError) as error:
        raise ValueError(number) from error


def told(unit: Unit) -> str:
    """A unit as text, the same for the same rows and fields in any order."""
    value: dict[str, object] = {}
    for letter, name in _TABLES.items():
        if rows := [_kept(row) for row in unit.rows if row.table == name]:
            value[letter] = sorted(rows, key=_text) if len(rows) > 1 else rows
    if unit.gone:
        value["g"] = sorted(([row.table[0], _kept(row), moment] for row, moment in unit.gone), key=_text)
    return _text(value)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _kept(row: Row) -> Mapping[str, object]:
    return {**row.values, "~": row.origins} if row.origins else row.values


def _unit(value: Mapping[str, Any]) -> Unit:
    rows = [_row(name, one) for letter, name in _TABLES.items() for one in value.get(letter, ())]
    return Unit(rows, [(_row(_TABLES[letter], one), moment) for letter, one, moment in value.get("g", ())])


def _row(table: str, kept: dict[str, Any]) -> Row:
    origins = kept.pop("~", {})
    return Row(table, kept, {name: (one[0], one[1], one[2], one[3]) for name, one in origins.items()})
