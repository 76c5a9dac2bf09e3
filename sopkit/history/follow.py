"""Which row of now is which row of before, and what became of it.

Rows that say the same are the same, whatever their order. What is left is paired by likeness: so a row inserted among
others is one that was added, and a corrected Mulai is a change of its row and not a row gone and another come.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sopkit.checks.changes import Change, Kind
from sopkit.checks.staff import Staff
from sopkit.history.facts import KEYS, PLANS, Row, Unit, same_value, shown
from sopkit.register.schema import Cases, Column, Disposals, Events

Pairs = list[tuple[Row, Row]]
ENOUGH = 3  # likeness from which two rows of Langkah are one: the same step, or who and when it began or ended
CERTAIN = 9  # likeness from which a row that was gone is back
WEIGHTS: Mapping[str, int] = {"step": 5, "start": 3, "end": 3, "actor": 1, "outcome": 1}
"""A step and who did it say more than its moments: of a case set a day later, each is the Mulai of another step."""
NOT_COMPARED = frozenset({"number", "case"})  # the unit says them


@dataclass(frozen=True)
class _Left:
    """A row that has none now; `fresh` where it was there at the last check."""

    key: str
    row: Row
    moment: str
    fresh: bool


@dataclass
class Follower:
    """What became of the rows of some units between a check and the register of now.

    `seen`: key -> when the unit was last seen (ISO); `check`: the number of the check that finds the changes; `staff`
    knows the spellings of a name. `lost`: the columns that are not there any more, with how many records they held.
    """

    seen: Mapping[str, str]
    check: int
    staff: Staff | None = None
    changes: list[Change] = field(default_factory=list)
    lost: dict[Column, int] = field(default_factory=dict)
    absent: Mapping[str, frozenset[str]] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()  # tables of which nothing can be said now
    anew: bool = False  # the checks are not those of this folder: nothing is held against the register

    def follow(self, before: Mapping[str, Unit], now: Mapping[str, list[Row]]) -> dict[str, Unit]:
        """The units as they are now, with what stays to be told of them. Rows of a key `?…` are of an unknown unit."""
        units = {key: Unit([]) for key in (*before, *now) if key[0] != "?"}
        come: list[tuple[str, Row]] = []
        left: list[_Left] = []
        for key in dict.fromkeys((*before, *now)):
            if key not in before:
                come += [(key, row) for row in now[key]]
                if key in units:
                    units[key].rows = now[key]
                continue
            old, rows = before[key], now.get(key, [])
            pairs, gone, added = paired([row for row in old.rows if row.table not in self.kept], rows)
            back, lost, added = paired([row for row, _ in old.gone], added, strictly=True)
            for one, other in (*pairs, *back):
                self._merge(key, one, other)
            twins = [row for row in gone if any(_says_same(row, one) for one in rows)]
            self.changes += [self._whole("gone", key, row, recorded=False) for row in twins]
            left += [_Left(key, row, moment, False) for row, moment in old.gone if any(row is one for one in lost)]
            left += [_Left(key, row, self._when(key), True) for row in gone if not any(row is one for one in twins)]
            come += [(key, row) for row in added]
            if key in units:
                units[key].rows = [*(row for row in old.rows if row.table in self.kept), *rows]
        self._across(units, left, come)
        return units

    def _when(self, key: str) -> str:
        return self.seen.get(key) or max(self.seen.values(), default="")

    def _across(self, units: dict[str, Unit], left: list[_Left], come: list[tuple[str, Row]]) -> None:
        """Rows that left one unit and came to another: a case or BA with another number, a step of another case."""
        renamed: dict[str, str] = {}
        for one in sorted(left, key=lambda one: one.row.table == "events"):
            alike = _executed_alike if one.row.table == "events" else _is_record_of
            found = [(key, row) for key, row in come if row.table == one.row.table and alike(one.row, row)]
            to = renamed.get(one.key)
            if chosen := next((each for each in found if each[0] == to), next(iter(found), None)):
                come[:] = [each for each in come if each[1] is not chosen[1]]
                left[:] = [each for each in left if each is not one]
                if one.row.table == "cases":
                    renamed[one.key] = chosen[0]
                self._moved(units, one, *chosen, told=chosen[0] != to)
        for one in left:
            if one.row.recorded and not (self.anew and one.fresh):
                units[one.key].gone.append((one.row, one.moment))
            if one.fresh:
                self.changes.append(self._whole("gone", one.key, one.row, recorded=one.row.recorded))
        if self.check > 1:
            self.changes += [self._whole("added", key, row) for key, row in come if key[0] != "?"]

    def _moved(self, units: dict[str, Unit], left: _Left, key: str, row: Row, *, told: bool) -> None:
        """`told`: that its number is another is not said already of its case."""
        if key[0] == "?":  # its number is in error: it stays what it was
            units[left.key].rows.append(left.row)
            return
        self._merge(key, left.row, row)
        if told:
            column = KEYS[row.table]
            fact = column.field in left.row.facts or left.row.recorded
            self._changed(key, left.row, row, column, left.key[1:], key[1:], fact)

    def _merge(self, key: str, old: Row, new: Row) -> None:
        """Carry on what is to be told of a row, and note what changed in it. A cell in error stays as it was seen."""
        new.origins = dict(old.origins)
        facts = old.facts
        for column in PLANS[old.table].columns:
            name = column.field
            was, now = old.values.get(name, ""), new.values.get(name, "")
            if name in NOT_COMPARED or (not was and not now):
                continue
            if name in new.unknown:
                if was:
                    new.values[name] = was
                    if name in facts and name in self.absent.get(old.table, ()):
                        self.lost[column] = self.lost.get(column, 0) + 1
            elif was and now and same_value(column, was, now, self.staff):
                new.values[name] = was
            else:
                self._changed(key, old, new, column, was, now, name in facts)

    def _changed(self, key: str, old: Row, new: Row, column: Column, was: str, now: str, fact: bool) -> None:
        name = column.field
        kind: Kind = "changed" if fact else "completed" if not was else "edited"
        origin = old.origins.get(name)
        if origin and same_value(column, origin[0], now, self.staff):
            del new.origins[name]
        elif origin:
            new.origins[name] = (origin[0], origin[1], old.remark, self.check)
        elif fact and not self.anew:
            new.origins[name] = (was, self._when(key), old.remark, self.check)
        self.changes.append(
            Change(
                kind, PLANS[new.table], key[1:], _step(new), column, shown(column, was), shown(column, now),
                (*old.people, *new.people), new.place,
            )
        )  # fmt: skip

    def _whole(self, kind: Kind, key: str, row: Row, *, recorded: bool = True) -> Change:
        said = row_text(row)
        before, after = ("", said) if kind == "added" else (said, "")
        return Change(
            kind, PLANS[row.table], key[1:], _step(row), None, before, after, row.people, row.place, recorded,
        )  # fmt: skip


def paired(old: Sequence[Row], new: Sequence[Row], *, strictly: bool = False) -> tuple[Pairs, list[Row], list[Row]]:
    """The rows of one unit that are the same, then those of before and of now that have none.

    `strictly`: rows of Langkah only where they say the same of who and when.
    """
    pairs: Pairs = []
    waiting: dict[object, list[Row]] = {}
    for row in new:
        waiting.setdefault(_content(row), []).append(row)
    rest = []
    for row in old:
        if same := waiting.get(_content(row)):
            pairs.append((row, same.pop(0)))
        else:
            rest.append(row)
    taken = {id(row) for _, row in pairs}
    free = [row for row in new if id(row) not in taken]
    in_order = _in_order(rest, free)
    chances = [
        (
            -likeness,
            abs(in_order.get(id(one), 0) - in_order.get(id(other), 0)),
            _apart(one, other),
            place,
            at,
            one,
            other,
        )
        for place, one in enumerate(rest)
        for at, other in enumerate(free)
        if one.table == other.table and (likeness := _likeness(one, other)) >= (CERTAIN if strictly else ENOUGH)
    ]
    likely = [(one, other) for *_, one, other in sorted(chances, key=lambda chance: chance[:5])]
    possible = [(one, other) for one in rest for other in free if not strictly and _may_be(one, other)]
    for one, other in (*likely, *possible):
        if any(row is one for row in rest) and any(row is other for row in free):
            pairs.append((one, other))
            rest = [row for row in rest if row is not one]
            free = [row for row in free if row is not other]
    return pairs, rest, free


def _may_be(old: Row, new: Row) -> bool:
    """Whether a row whose cells are in error now says nothing else than it did, as far as it can be read."""
    said = {name: value for name, value in old.values.items() if name not in NOT_COMPARED}
    readable = new.values.keys() - NOT_COMPARED
    same = all(name in new.unknown or new.values.get(name) == value for name, value in said.items())
    return bool(new.unknown) and old.table == new.table and same and readable <= said.keys()


def _in_order(old: Sequence[Row], new: Sequence[Row]) -> Mapping[int, int]:
    """Which execution of its step each row is, by its id, where there are as many of each as before; else nothing."""
    found: dict[int, int] = {}
    counts = []
    for rows in (old, new):
        count: Counter[str] = Counter()
        for row in sorted(rows, key=lambda row: row.values.get("start") or row.values.get("end") or ""):
            step = row.values.get("step", "")
            found[id(row)] = count[step]
            count[step] += 1
        counts.append(count)
    return found if counts[0] == counts[1] else {}


def _content(row: Row) -> object:
    return row.table, frozenset(item for item in row.values.items() if item[0] not in NOT_COMPARED)


def _likeness(one: Row, other: Row) -> int:
    """The only row of Register or of a BA in its unit is that row; rows of Langkah are as like as what they share."""
    if one.table != "events":
        return 9
    return sum(
        weight for name, weight in WEIGHTS.items() if name in one.values and one.values[name] == other.values.get(name)
    ) - (0 if one.values.get("step") == other.values.get("step") else 1)


def _apart(one: Row, other: Row) -> float:
    """Seconds between the beginnings of two rows; endless where one has none."""
    moments = [row.values.get("start") or row.values.get("end") for row in (one, other)]
    if not all(moments):
        return float("inf")
    first, second = (dt.datetime.fromisoformat(str(moment)) for moment in moments)
    return abs((first - second).total_seconds())


def _says_same(one: Row, other: Row) -> bool:
    """Whether two rows of Langkah tell of the same act: one of a pair typed twice is not missed."""
    names = ("step", "start", "end", "actor", "outcome")
    return one.table == other.table == "events" and all(one.values.get(n) == other.values.get(n) for n in names)


def _executed_alike(one: Row, other: Row) -> bool:
    """Whether a row of another case is this one: the same act at the same time by the same person."""
    shared = [name for name in WEIGHTS if name in one.values and one.values[name] == other.values.get(name)]
    return {"start", "end"} <= set(shared) and ("actor" in shared or "step" in shared)


def _is_record_of(one: Row, other: Row) -> bool:
    """Whether a row of another number is this case or BA: when and most of what it says are the same."""
    dated = "found_at" if one.table == "cases" else "date"
    names = [name for name in one.values if name not in NOT_COMPARED]
    columns = {column.field: column for column in PLANS[one.table].columns}
    same = sum(
        name in other.values and same_value(columns[name], one.values[name], other.values[name]) for name in names
    )
    told = one.values.get("description") == other.values.get("description") or one.table == "disposals"
    return one.values.get(dated) == other.values.get(dated) and told and 2 * same > len(names)


def _step(row: Row) -> int | None:
    step = row.values.get("step")
    return int(step) if step else None


TOLD: Mapping[str, Sequence[tuple[str, Column]]] = {
    "cases": (("ditemukan pada", Cases.found_at), ("oleh", Cases.found_by), ("uraian", Cases.description)),
    "events": (
        ("Pelaksana", Events.actor), ("Mulai", Events.start), ("Selesai", Events.end), ("Hasil", Events.outcome),
    ),
    "disposals": (("tertanggal", Disposals.date), ("Pelaksana", Disposals.executor), ("saksi", Disposals.witness1)),
}  # fmt: skip


def row_text(row: Row) -> str:
    """What a row says, in short."""
    parts = []
    for word, column in TOLD[row.table]:
        if value := row.values.get(column.field):
            text = shown(column, value)
            parts.append(f"{word} {f'“{text}”' if column == Cases.description else text}")
    return ", ".join(parts) or "tanpa isian"


def without_origins(unit: Unit) -> list[Row]:
    """The rows of a unit as a register would give them."""
    return [replace(row, origins={}, values=dict(row.values)) for row in unit.rows]
