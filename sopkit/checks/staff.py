"""Who is who in sheet Pegawai, and what each person was on the day of an act.

A row of the sheet is a post: what somebody is, from Mulai to Sampai (both inclusive; without them, always). The rows of
one name are one person, unless their NIP differ.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sopkit.arrays import Array, Flags, Ints, Moments, Texts
from sopkit.frames import Frame, numbered, rows_of
from sopkit.register.schema import DISPOSALS, Cases, Column, Disposals, Events, Kind
from sopkit.text import plain

if TYPE_CHECKING:
    import pandas as pd

ACT_DAYS: Mapping[Column, tuple[Column, ...]] = {
    Events.actor: (Events.start, Events.end),
    Cases.found_by: (Cases.found_at,),
    Cases.responsible: (Cases.ptpp_date, Cases.found_at),
    Cases.decided_by: (Cases.ptpp_date, Cases.found_at),
    Cases.verified_by: (Cases.verified_on,),
    **{column: (Disposals.date,) for column in DISPOSALS.columns if column.kind is Kind.PERSON},
}
"""The columns that say on which day the person of a column acted, the first that is filled; Diputuskan Oleh acted at
the decision step where there is one."""

_TITLES = frozenset(("prof", "dr", "dra", "drs", "drg", "drh", "ir", "h", "hj", "kh", "ust", "apt", "ns", "r", "rr"))
_DEGREES = frozenset((
    "se", "sh", "sos", "ssos", "ssi", "st", "stp", "sstp", "skom", "sikom", "spd", "sag", "sip", "sp", "spt", "skm",
    "skep", "sked", "sap", "amd", "amdkep", "amdkeb", "ama", "ap", "mm", "mh", "msi", "msc", "mkes", "mt", "mpd", "map",
    "mip", "mkom", "ma", "mba", "phd", "ba", "bsc", "dea", "ak",
))  # fmt: skip
_DEGREE = re.compile(r"(?:s|m|ph|sp)\.[a-z.]+")
_ACTING = re.compile(r"(plt|plh|pjs|pj|pelaksana tugas|pelaksana harian|penjabat)\b")
_FOR_DAYS = re.compile(r"(plh|pelaksana harian)\b")
_ALWAYS = (dt.date.min, dt.date.max)
_ANY_DAY, _FIRST_DAY = 0, 1  # among the numbers of days, which are those of `date.toordinal`
_SPAN = 2**22  # more than any number of a day


def without_titles(name: str) -> str:
    """A name as `plain` has it, without dots and what stands around it: Drs., H.; S.Sos., M.Si."""
    head, *rest = plain(name).split(",")
    degrees = [word for part in rest for word in part.split()]
    words = head.split() if all(map(_may_be_degree, degrees)) else [*head.split(), *degrees]
    while len(words) > 1 and words[0].replace(".", "") in _TITLES:
        words = words[1:]
    while len(words) > 1 and _is_degree(words[-1]):
        words = words[:-1]
    return " ".join(" ".join(words).replace(".", " ").split())


def _may_be_degree(word: str) -> bool:
    """Whether a word behind a comma may be one, in any list or not."""
    return "." in word or len(word) <= 4 or word in _DEGREES


def _is_degree(word: str) -> bool:
    return word.replace(".", "") in _DEGREES or bool(_DEGREE.fullmatch(word))


@dataclass(frozen=True)
class Post:
    """One row of sheet Pegawai. An empty `name` is one that is not known; `first` and `last` are inclusive days.

    `left` for Aktif = Tidak without a last day: nobody said until when.
    """

    row: int
    name: str
    nip: str
    rank: str
    position: str
    role: str
    email: str
    other_names: tuple[str, ...]
    first: dt.date
    last: dt.date
    left: bool

    @property
    def dated(self) -> bool:
        return (self.first, self.last) != _ALWAYS

    @property
    def acting(self) -> bool:
        """Whether it is held in place of somebody: Plt., Plh., Pj., Pjs."""
        return bool(_ACTING.match(plain(self.position)))

    @property
    def for_days(self) -> bool:
        """Plh.: held while the holder is away for some days and keeps his post."""
        return bool(_FOR_DAYS.match(plain(self.position)))

    def covers(self, day: dt.date) -> bool:
        return self.first <= day <= self.last

    def overlaps(self, other: Post) -> bool:
        return self.first <= other.last and other.first <= self.last

    def may_be(self, other: Post) -> bool:
        """Whether the NIP of two rows leave it possible that they are one person's."""
        return not (self.nip and other.nip) or self.nip_digits == other.nip_digits

    def is_of(self, other: Post) -> bool:
        """Whether two rows that share a name or spelling are one person's. Without the same NIP, somebody is not two
        things at a time under two names: the spelling is another's name (D10).
        """
        same = plain(self.name) == plain(other.name) or (self.nip and self.nip_digits == other.nip_digits)
        return self.may_be(other) and bool(same or not self.overlaps(other) or _beside(self, other))

    @property
    def nip_digits(self) -> str:
        """The NIP as it is compared: blanks between its groups are usual in print."""
        return re.sub(r"\W", "", self.nip)


def posts_of(people: Frame | pd.DataFrame) -> tuple[Post, ...]:
    """The rows of sheet Pegawai; a period that ends before it begins says nothing."""
    return tuple(_post(row, line) for row, line in rows_of(people))


def _post(row: int, line: Mapping[str, object]) -> Post:
    first, last = (value.date() if isinstance(value, dt.datetime) else None for value in (line["start"], line["end"]))
    if first and last and last < first:
        first = last = None
    name, nip, rank, position, role, email, other = (
        str(line[key] or "") for key in ("name", "nip", "rank", "position", "role", "email", "other_names")
    )
    return Post(
        row, name, nip, rank, position, role, email,
        tuple(part.strip() for part in other.split(";") if part.strip()),
        first or dt.date.min, last or dt.date.max, plain(str(line["active"] or "")) == "tidak" and last is None,
    )  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """What a name stands for on a day.

    `who` is the same for all names of one person (a number), and tells apart those who are not known (their plain
    name). `persons` are those of sheet Pegawai that may be meant: none, one, or several where the day does not settle
    it. `roles` is None where they are not to be judged. `acts` is whether he is active and in one of his periods.
    """

    name: str
    who: int | str
    persons: tuple[int, ...]
    posts: tuple[Post, ...]  # those of that day
    roles: frozenset[str] | None
    acts: bool

    @property
    def role(self) -> str:
        """As a message says it."""
        return " dan ".join(sorted(self.roles or ())) or "tidak menjabat pada hari itu"


@dataclass(frozen=True)
class Standings:
    """What each of many names stands for on its day."""

    codes: Ints
    table: Sequence[Standing]

    def flags(self, tell: Callable[[Standing], bool]) -> Flags:
        return np.array([tell(one) for one in self.table], dtype=bool)[self.codes]

    def values(self, tell: Callable[[Standing], object]) -> Array:
        told = np.empty(len(self.table), dtype=object)
        told[:] = [tell(one) for one in self.table]
        return told[self.codes]

    def at(self, places: Ints | Flags) -> Standings:
        return Standings(self.codes[places], self.table)


_NOBODY = Standing("", "", (), (), None, True)


@dataclass(frozen=True)
class Staff:
    """Sheet Pegawai as people: `person` has a number for each of `posts`, that of its person."""

    posts: tuple[Post, ...]

    @cached_property
    def person(self) -> tuple[int, ...]:
        """The place of the first post of each one's person."""
        found: list[int] = []
        groups: dict[int, list[Post]] = {}
        near: dict[str, list[int]] = {}  # key -> persons that bear it
        for place, post in enumerate(self.posts):
            keys = [plain(name) for name in (post.name, *post.other_names) if name]
            keys += [f"{without_titles(post.name)}\n{post.nip_digits}"] if post.name and post.nip else []
            homes = [home for key in keys for home in near.get(key, ()) if all(map(post.is_of, groups[home]))]
            home = homes[0] if homes else place
            groups.setdefault(home, []).append(post)
            for key in keys:
                near.setdefault(key, []).append(home)
            found.append(home)
        return tuple(found)

    @cached_property
    def _posts_by_person(self) -> Mapping[int, tuple[Post, ...]]:
        grouped: dict[int, list[Post]] = {}
        for person, post in zip(self.person, self.posts, strict=True):
            grouped.setdefault(person, []).append(post)
        return {person: tuple(posts) for person, posts in grouped.items()}

    @cached_property
    def _posts_by_role(self) -> Mapping[str, tuple[tuple[int, Post], ...]]:
        grouped: dict[str, list[tuple[int, Post]]] = {}
        for person, post in zip(self.person, self.posts, strict=True):
            grouped.setdefault(post.role, []).append((person, post))
        return {role: tuple(posts) for role, posts in grouped.items()}

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[int, ...]]:
        return self._index(plain)

    @cached_property
    def _by_bare_name(self) -> Mapping[str, tuple[int, ...]]:
        return self._index(without_titles)

    def _index(self, key: Callable[[str], str]) -> Mapping[str, tuple[int, ...]]:
        """The persons of each name: those whose own it is, else those who were written so."""
        own: dict[str, dict[int, None]] = {}
        other: dict[str, dict[int, None]] = {}
        for person, post in zip(self.person, self.posts, strict=True):
            for names, found in (((post.name,), own), (post.other_names, other)):
                for name in filter(None, names):
                    found.setdefault(key(name), {})[person] = None
        return {name: tuple(persons) for name, persons in (other | own).items()}

    def borrowed(self) -> Iterator[tuple[Post, str, Post]]:
        """The spellings of Nama Lain that are another person's own name, each with a post of that person; titles do not
        count, unless both are called so but for them.
        """
        own: dict[str, list[tuple[int, Post]]] = {}
        for person, post in zip(self.person, self.posts, strict=True):
            if post.name:
                own.setdefault(without_titles(post.name), []).append((person, post))
        for person, post in zip(self.person, self.posts, strict=True):
            for name in post.other_names:
                bearers = own.get(without_titles(name), ())
                if bearers and person not in [bearer for bearer, _ in bearers]:
                    yield post, name, bearers[0][1]
                    break

    @property
    def names(self) -> tuple[str, ...]:
        """All names of the sheet."""
        return tuple(post.name for post in self.posts if post.name)

    def named(self, name: str) -> tuple[int, ...]:
        """The persons of that name, former names and spellings included; else those it fits but for titles."""
        return self._by_name.get(plain(name)) or self._by_bare_name.get(without_titles(name), ())

    def only_but_for_titles(self, name: str) -> bool:
        """Whether the sheet has the name with other titles only, and for one person."""
        return plain(name) not in self._by_name and len(self._by_bare_name.get(without_titles(name), ())) == 1

    def spelling(self, name: str) -> str:
        """The name as the sheet writes it; as it is where nobody or more than one person may be meant."""
        persons = self.named(name)
        if len(persons) != 1:
            return name
        own = [post.name for post in self._posts_by_person[persons[0]] if post.name]
        return next((known for known in own if plain(known) == plain(name)), own[0])

    def standing(self, name: str, day: dt.date | None) -> Standing:
        """What the name stands for on that day; None for a day that is not known."""
        persons = self.named(name)
        if len(persons) > 1 and day:
            there = tuple(p for p in persons if any(post.covers(day) for post in self._posts_by_person[p]))
            persons = there if len(there) == 1 else persons
        if len(persons) != 1:
            return Standing(name, plain(name), persons, (), None, True)
        own = self._posts_by_person[persons[0]]
        posts = tuple(post for post in own if day is None or post.covers(day))
        roles = None if any(not post.role for post in posts) else frozenset(post.role for post in posts)
        return Standing(name, persons[0], persons, posts, roles, any(not post.left for post in posts))

    def standings(self, names: Texts, days: Moments) -> Standings:
        """What each name stands for on its day, a place for each; NaT is a day that is not known.

        Each name has its days of change, all names' in one array: a single search finds what rules on each day.
        """
        codes, known = numbered(names)
        table, starts = [], []
        for place, name in enumerate(known):
            for start in self._changes(name):
                starts.append(place * _SPAN + start)
                table.append(self.standing(name, None if start == _ANY_DAY else dt.date.fromordinal(start)))
        numbers = days.astype("datetime64[D]").astype(np.int64) + dt.date(1970, 1, 1).toordinal()
        numbers = np.where(np.isnat(days), _ANY_DAY, numbers)
        found = np.searchsorted(np.array(starts, dtype=np.int64), codes * _SPAN + numbers, side="right") - 1
        return Standings(np.where(codes < 0, len(table), found), [*table, _NOBODY])

    def _changes(self, name: str) -> list[int]:
        """The days from which on the name stands for something else."""
        posts = [post for person in self.named(name) for post in self._posts_by_person[person]]
        begun = {post.first.toordinal() for post in posts}
        ended = {post.last.toordinal() + 1 for post in posts if post.last != dt.date.max}
        return sorted({_ANY_DAY, _FIRST_DAY, *begun, *ended})

    def post(self, name: str, day: dt.date | None, roles: Iterable[str] = ()) -> Post | None:
        """The post that somebody held on that day, of several one with one of these roles.

        Outside all his periods the nearest before, else the first after. None where it is not known who is meant.
        """
        standing = self.standing(name, day)
        if len(standing.persons) != 1:
            return None
        own = self._posts_by_person[standing.persons[0]]
        held = standing.posts or (min(own, key=lambda post: _distance(post, day)),)
        order = list(roles)
        rank = {post.row: order.index(post.role) if post.role in order else len(order) for post in held}
        return min(held, key=lambda post: (rank[post.row], post.left, post.acting, -post.first.toordinal()))

    def holders(self, role: str, day: dt.date) -> tuple[Post, ...]:
        """Who holds a role on that day, a post for each person; who stands in for some days goes before the holder."""
        posts = self._posts_by_role.get(role, ())
        held = {person: post for person, post in posts if post.covers(day) and not post.left}
        standing_in = tuple(post for post in held.values() if post.for_days)
        return standing_in or tuple(held.values())

    def twice(self) -> Iterator[tuple[Post, Post]]:
        """Rows that say of one person twice what he is at the same time, each with the first such row.

        A person may act in another's place beside his own post.
        """
        earlier: dict[str, list[Post]] = {}
        for post in self.posts:
            others = earlier.setdefault(plain(post.name), [])
            again = [other for other in others if post.name and post.overlaps(other) and post.may_be(other)]
            again = [other for other in again if not _beside(post, other)]
            if again:
                yield post, again[0]
            else:
                others.append(post)


def _distance(post: Post, day: dt.date | None) -> tuple[bool, int]:
    """How far a post that does not cover the day lies from it: those before it are nearer than those after it."""
    if day and post.first > day:
        return True, post.first.toordinal()
    return False, -post.last.toordinal()


def _beside(one: Post, other: Post) -> bool:
    """Whether one of two posts is held in another's place beside the other."""
    return (one.acting or other.acting) and plain(one.position) != plain(other.position)
