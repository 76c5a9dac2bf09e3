"""What a register records, as the history keeps it: its rows by case and BA, each value as what it means.

A unit is a case (its row of Register, its rows of Langkah) or a BA. A digest of each unit tells, whatever the order of
the rows, which of them are to be looked at: on a register of 10,000 cases all others cost a few milliseconds.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

import numpy as np

from sopkit.arrays import Array, Ints
from sopkit.checks.inspection import Inspection
from sopkit.checks.number_forms import PATTERN_KEYS, Numbers, forms
from sopkit.checks.staff import Staff, without_titles
from sopkit.frames import numbered
from sopkit.language import date_text, datetime_text, number_text
from sopkit.register.pattern_periods import patterns_of
from sopkit.register.schema import (
    DISPOSALS,
    EVENTS,
    REGISTER,
    Cases,
    Column,
    Disposals,
    Events,
    Kind,
    SheetPlan,
)
from sopkit.text import plain, quoted

PLANS: Mapping[str, SheetPlan] = {plan.table: plan for plan in (REGISTER, EVENTS, DISPOSALS)}
KEYS: Mapping[str, Column] = {"cases": Cases.number, "events": Events.case, "disposals": Disposals.number}
IDENTITY = {"cases": (), "events": (Events.step,), "disposals": ()}  # without these columns no row is known
NONE = np.uint64(2**64 - 1)  # the hash of no text
LONG = 200  # letters of a text that are kept, with a digest of all of it
CLOSED = ("Selesai", "Batal")

Fields = tuple[str, ...]
GROUPS: Mapping[str, Sequence[tuple[Fields, Fields]]] = {
    "cases": (
        (("number", "found_at", "found_by"), ("number", "found_at")),
        (
            ("ptpp_number", "ptpp_date", "addressee", "responsible", "due_date", "category"),
            ("ptpp_number", "ptpp_date"),
        ),
        (("disposition", "decided_by"), ("disposition", "decided_by")),
        (
            ("verification", "verified_by", "verified_on", "to_destroy", "follow_up_ptpp"),
            ("verification", "verified_by", "verified_on"),
        ),
        (("quantity", "unit", "to_destroy"), ("quantity", "unit")),
        (("disposal_number",), ("disposal_number",)),
    ),
    "events": ((("case", "step", "actor", "start", "end", "outcome"), ("end",)),),
    "disposals": (
        (("number", "date", "executor", "witness1", "witness2", "acknowledged_by"), ("number", "date")),
    ),
}  # fmt: skip
"""The facts of each table, and what must be filled for them to be recorded: who, when, outcome, quantity, number,
decision. All other fields are texts that may be edited.
"""


@dataclass(slots=True)
class Row:
    """One row: its filled fields as text. `place` is where it stands in the register now, `unknown` its cells in error.

    `origins`: field -> what a check saw there before it changed: the value, when (ISO), Keterangan, and the number of
    the check that found the change.
    """

    table: str
    values: dict[str, str]
    origins: dict[str, tuple[str, str, str, int]] = field(default_factory=dict)
    place: int | None = None
    unknown: frozenset[str] = frozenset()

    @property
    def remark(self) -> str:
        return self.values.get("remark", "")

    @property
    def facts(self) -> frozenset[str]:
        """The fields that are recorded: those of each group whose row says all that makes it complete."""
        there = self.values
        found = {
            name
            for names, needed in GROUPS[self.table]
            if all(each in there for each in needed)
            for name in names
            if name in there
        }
        return frozenset(found | {"status"} if there.get("status") in CLOSED else found)

    @property
    def recorded(self) -> bool:
        """Whether the row itself is a record."""
        return all(each in self.values for each in GROUPS[self.table][0][1])

    @property
    def people(self) -> tuple[str, ...]:
        named = (Kind.PERSON, Kind.ROLE_OR_PERSON)
        columns = (column for column in PLANS[self.table].columns if column.kind in named)
        return tuple(self.values[column.field] for column in columns if column.field in self.values)


@dataclass
class Unit:
    """The rows of a case or a BA as they were last seen, and `gone`: those that are there no more, with when they were
    last seen (ISO).
    """

    rows: list[Row]
    gone: list[tuple[Row, str]] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Whether something of it is to be told until it is put right."""
        return bool(self.gone) or any(row.origins for row in self.rows)


@dataclass(frozen=True)
class Facts:
    """The facts of a register under inspection. `known` are the keys of its units as the history knows them."""

    check: Inspection
    known: Collection[str]
    _coded: dict[Column, tuple[Ints, list[str]] | None] = field(default_factory=dict)

    @cached_property
    def absent(self) -> frozenset[str]:
        """The tables of which nothing can be said: their sheet, or what tells their rows apart, is not there."""
        has = self.check.has
        return frozenset(
            name
            for name, plan in PLANS.items()
            if not self.check.table(plan).present or not all(has(each) for each in (KEYS[name], *IDENTITY[name]))
        )

    @cached_property
    def missing(self) -> Mapping[str, frozenset[str]]:
        """The fields of each table whose column is not there."""
        return {
            name: frozenset(column.field for column in plan.columns if not self.check.has(column))
            for name, plan in PLANS.items()
        }

    @cached_property
    def keys(self) -> Mapping[str, tuple[Ints, list[str]]]:
        """By table the units of its rows, `K001/CLTS/XI/2026` or `B001/BA/XI/2026`, and which of them each row is of;
        -1 where its number is unknown.
        """
        found: dict[str, tuple[Ints, list[str]]] = {}
        for name, column in KEYS.items():
            codes, texts = numbered(self.check.read(column).array)
            units = self._as_known("B" if name == "disposals" else "K", texts)
            different = {key: place for place, key in enumerate(dict.fromkeys(units))}
            if len(different) < len(units):
                codes = np.array([*(different[key] for key in units), -1])[codes]
            found[name] = codes, list(different)
        return found

    def _as_known(self, letter: str, texts: Sequence[str]) -> list[str]:
        """The keys of these numbers; a number that the history has written another way is that one."""
        new = [text for text in texts if letter + text not in self.known]
        if not new:
            return [letter + text for text in texts]
        setting = PATTERN_KEYS[Disposals.number if letter == "B" else Cases.number]
        there = set(texts)
        old = [key[1:] for key in self.known if key[0] == letter and key[1:] not in there]
        numbers = Numbers(old, patterns_of(self.check.register.settings, setting))
        meant = {text: numbers.get(text, text) for text in new} if old else {}
        count = Counter(meant.values())
        return [letter + (meant[text] if count[meant.get(text, "")] == 1 else text) for text in texts]

    def columns(self, name: str) -> list[Column]:
        """The columns of a table but for that of its keys."""
        return [column for column in PLANS[name].columns if column != KEYS[name]]

    def coded(self, column: Column) -> tuple[Ints, list[str]] | None:
        """A column of texts as the places of its rows among its different texts, -1 for none; None for another one."""
        if column not in self._coded:
            values = self.column(column)
            self._coded[column] = numbered(values) if values.dtype.kind == "O" else None
        return self._coded[column]

    def column(self, column: Column) -> Array:
        """A column without its cells in error, nor the Mulai that nobody typed."""
        values = self.check.values(column)
        if column == Events.start and not self.check.start_given.all():
            return self.check.recorded(column)
        return values

    @cached_property
    def digests(self) -> Mapping[str, int]:
        """A digest of each unit; none where the workbook has no column of numbers by which its rows are known."""
        there = [name for name in PLANS if name not in self.absent]
        places = {key: place for place, key in enumerate(dict.fromkeys(chain(*(self.keys[name][1] for name in there))))}
        total = np.zeros(len(places) + 1, dtype=np.uint64)
        for name in there:
            plan, (codes, keys) = PLANS[name], self.keys[name]
            rows = np.full(len(codes), len(name), dtype=np.uint64)
            for place, column in enumerate(plan.columns):
                if column != KEYS[name]:
                    rows = mixed(rows + self._hashed(column) * np.uint64(2 * place + 1))
            np.add.at(total, np.array([*(places[key] for key in keys), -1])[codes], rows)
        return dict(zip(places, total[:-1].astype(np.int64).tolist(), strict=True))

    def _hashed(self, column: Column) -> Array:
        """A number for each value, as the archives have it since their first check."""
        if coded := self.coded(column):
            return np.append(hashes(coded[1]), NONE)[coded[0]]
        values = self.column(column)
        if values.dtype.kind == "M":
            return values.astype("datetime64[s]").astype(np.int64).astype(np.uint64)
        return mixed(values.astype(np.float64).view(np.uint64))

    @cached_property
    def state(self) -> str:
        """A digest of all units."""
        numbers = np.array(list(self.digests.values()), dtype=np.int64).astype(np.uint64)
        return f"{int(mixed(hashes(list(self.digests)) + numbers).sum(dtype=np.uint64)):016x}"

    def rows(self, keys: Collection[str]) -> dict[str, list[Row]]:
        """The rows of these units; those whose number is unknown each under a key of its own, `?` and its place."""
        found: dict[str, list[Row]] = {}
        wanted = set(keys)
        for name, plan in PLANS.items():
            if name not in self.absent:
                (codes, units), in_error = self.keys[name], self.check.unknown(KEYS[name])
                at = np.flatnonzero(np.array([*(key in wanted for key in units), True])[codes])
                for place, row in zip(at.tolist(), self._rows_at(plan, at), strict=True):
                    code = int(codes[place])
                    key = units[code] if code >= 0 else f"?{name}{place}"
                    if name != "events" and code >= 0 and not in_error[place]:
                        row.values["number"] = key[1:]
                    found.setdefault(key, []).append(row)
        return found

    def _rows_at(self, plan: SheetPlan, at: Ints) -> list[Row]:
        check, name = self.check, plan.table
        columns = self.columns(name)
        lines = filled(columns, [texts_of(self.column(column)[at], column) for column in columns], len(at))
        unknown: dict[int, set[str]] = {}
        for column in columns:
            for place in np.flatnonzero(check.unknown(column)[at]).tolist():
                unknown.setdefault(place, set()).add(column.field)
        missing, places = self.missing[name], check.rows(plan)[at].tolist()
        return [
            Row(name, values, {}, place, missing | unknown[nth] if nth in unknown else missing)
            for nth, (values, place) in enumerate(zip(lines, places, strict=True))
        ]


def hashes(texts: Iterable[str]) -> Array:
    """A uint64 for each text, the same on every computer."""
    raw = (text.encode("utf-8", "surrogatepass") for text in texts)
    return np.frombuffer(b"".join(hashlib.blake2b(one, digest_size=8).digest() for one in raw), "<u8").astype(np.uint64)


def mixed(numbers: Array) -> Array:
    """Bits that depend on all bits (SplitMix64): what stands in a row cannot change places with another unseen."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(numbers ^ (numbers >> np.uint64(31)))


def filled(columns: Sequence[Column], texts: Sequence[Sequence[str | None]], count: int) -> list[dict[str, str]]:
    """The filled fields of so many rows, of their columns as texts."""
    fields = [column.field for column in columns]
    lines = zip(*texts, strict=True) if texts else [()] * count
    return [{each: text for each, text in zip(fields, line, strict=True) if text is not None} for line in lines]


def texts_of(values: Array, column: Column) -> list[str | None]:
    """Values as text: moments in ISO form, whole numbers without a point, long texts cut."""
    if values.dtype.kind == "M":
        letters = 10 if column.kind is Kind.DATE else 19
        moments = np.datetime_as_string(values.astype("datetime64[s]")).tolist()
        return [None if text == "NaT" else text[:letters].removesuffix(":00") for text in moments]
    if values.dtype.kind == "f":
        return [None if v != v else str(int(v)) if v == int(v) else repr(v) for v in values.tolist()]
    return [cut(value) if isinstance(value, str) else None for value in values.tolist()]


def cut(text: str) -> str:
    """A text as it is kept: a long one shortened, with a digest of all of it."""
    if len(text) <= LONG:
        return text
    return f"{text[: LONG - 20]}…#{hashlib.sha256(plain(text).encode()).hexdigest()[:16]}"


def same_value(column: Column, one: str, other: str, staff: Staff | None = None) -> bool:
    """Whether two texts of a column mean the same; moments to the minute, which is what the sheet shows of them."""
    if one == other or (column.kind is Kind.DATETIME and one[:16] == other[:16]):
        return True
    if column.kind in (Kind.KEY, Kind.REFERENCE):
        return forms(one)[0] == forms(other)[0]
    if column.kind in (Kind.PERSON, Kind.ROLE_OR_PERSON):
        names = [staff.spelling(name) if staff else name for name in (one, other)]
        return plain(names[0]) == plain(names[1]) or without_titles(names[0]) == without_titles(names[1])
    if len(one) > LONG - 20 and len(other) > LONG - 20 and one[-17:-16] == "#" == other[-17:-16]:
        return one[-16:] == other[-16:]
    return plain(one) == plain(other)


def shown(column: Column, text: str) -> str:
    """A value as staff read it."""
    if not text:
        return ""
    if column.kind is Kind.DATE:
        return date_text(dt.date.fromisoformat(text[:10]))
    if column.kind is Kind.DATETIME:
        moment = dt.datetime.fromisoformat(text)
        return datetime_text(moment) if moment.time() != dt.time() else date_text(moment)
    if column.kind is Kind.NUMBER:
        return number_text(float(text))
    return quoted(text.partition("…#")[0] + "…" if "…#" in text else text)
