"""What the values of a column say of it: dates, numbers of documents, names, few different words, long texts."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from sopkit.adopt.tables import Heading
from sopkit.register.header_synonyms import vocabulary
from sopkit.register.layout import plain
from sopkit.register.parse import Custom, read_column, typed_text
from sopkit.register.schema import CHOICES, EXTENDABLE, Cases, Column, Kind, People

MOST = 400  # values that are looked at, evenly from all
FEWEST = 3  # values that can speak against a column
FEW = 12  # different values that can be a list
STRONG, AGREES, AGAINST = 22.0, 6.0, -45.0  # on the score of a header's words
FIRST_YEAR, LAST_YEAR = np.datetime64("1995-01-01"), np.datetime64("2100-01-01")
_DOCUMENT = re.compile(r"(?=.*\d)(?=.*[/.-])[\w./ ()-]{4,40}|[A-Za-z]{1,6}[-_. ]?\d{1,9}")
_PERSON = re.compile(
    r"(?!(?:Seksi|Sub|Bagian|Bidang|Unit|Dinas|Kantor|Tim|Loket|Kelurahan|Kecamatan)\b)(?:[A-Z][\w.'’]*\s*,?\s*){1,6}"
)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.\w+")
_NIP = re.compile(r"'?[\d ]{18,24}")
_OF_PTPP = re.compile(r"ptpp|ptk|car\b|cpar|capa", re.IGNORECASE)


@dataclass(frozen=True)
class Profile:
    """The values of one column, and the plain names of the people whom the office knows."""

    values: Sequence[object]
    people: Collection[str] = ()

    @cached_property
    def looked_at(self) -> Sequence[object]:
        return self.values[:: max(1, -(-len(self.values) // MOST))]

    @cached_property
    def texts(self) -> Sequence[str]:
        return [typed_text(value).strip() for value in self.looked_at]

    @cached_property
    def dates(self) -> float:
        moments, _ = read_column(Column("", Kind.DATETIME), self.looked_at, Custom("day-first"))
        return float(np.mean((moments >= FIRST_YEAR) & (moments < LAST_YEAR))) if len(moments) else 0.0

    @cached_property
    def digits(self) -> float:
        return self._share(str.isdigit)

    @cached_property
    def documents(self) -> float:
        """Share of what looks like the number of a document."""
        return 0.0 if self.dates > 0.5 else self._share(lambda text: _DOCUMENT.fullmatch(text) is not None)

    @cached_property
    def is_running(self) -> bool:
        """Whether the values count the rows: 1, 2, 3."""
        numbers = [int(text) for text in self.texts if text.isdigit()]
        return len(numbers) == len(self.texts) > 1 and all(a < b for a, b in pairwise(numbers))

    @cached_property
    def different(self) -> Mapping[str, str]:
        """Plain value -> as typed."""
        return {plain(text): text for text in reversed(self.texts)}

    @property
    def unlike(self) -> float:
        """Share of values that stand once, or first."""
        return len(self.different) / max(1, len(self.texts))

    @property
    def is_sort(self) -> bool:
        """Whether a few short values repeat, as those of a type do."""
        return len(self.texts) >= 8 and self.unlike <= 0.5 and self.length < 25

    @cached_property
    def length(self) -> float:
        return float(np.mean([len(text) for text in self.texts])) if self.texts else 0.0

    @cached_property
    def known_people(self) -> float:
        return self._share(lambda text: plain(text) in self.people)

    @cached_property
    def names(self) -> float:
        return self._share(lambda text: len(text) <= 45 and _PERSON.fullmatch(text) is not None)

    def _share(self, test: object) -> float:
        return sum(map(test, self.texts)) / len(self.texts) if self.texts else 0.0  # type: ignore[call-overload]

    def in_list(self, name: str) -> float:
        """Share of the different values that are of a list, by the words of offices too."""
        known = vocabulary().values.get(name, {}).keys() | {plain(value) for value in CHOICES.get(name, ())}
        return sum(value in known for value in self.different) / max(1, len(self.different))


def profile(heading: Heading, people: Collection[str]) -> Profile:
    return Profile(heading.values, people)


def evidence(seen: Profile, column: Column) -> float:
    """What the values of a header speak for a column, or against it, to be added to the likeness of its words."""
    if not seen.values:
        return 0.0
    said = _evidence(seen, column)
    return max(said, 0.0) if len(seen.values) < FEWEST else said


def _evidence(seen: Profile, column: Column) -> float:
    if column.kind in (Kind.DATE, Kind.DATETIME):
        return AGREES if seen.dates >= 0.7 else 0.0 if seen.dates >= 0.3 else AGAINST
    if seen.dates >= 0.6:
        return AGAINST
    weigh = _of_person if column == People.name else _WEIGHTS.get(column.kind, _of_text)
    return weigh(seen, column)


def _of_number(seen: Profile, column: Column) -> float:
    if column == Cases.ptpp_number or column.kind is Kind.REFERENCE:
        other = seen.digits < 0.5 and seen.documents < 0.5
        own = sum(_OF_PTPP.search(text) is not None for text in seen.texts) / len(seen.texts)
        if column == Cases.ptpp_number:
            return AGAINST if other else STRONG if own > 0.5 else AGREES if seen.documents >= 0.6 else 0.0
        return AGAINST if other else AGREES
    if seen.length > 45 or seen.unlike < 0.5:
        return AGAINST
    if seen.documents >= 0.6:
        return STRONG if all(not _OF_PTPP.search(text) for text in seen.texts[:9]) else 0.0
    return 0.0 if seen.is_running or seen.digits >= 0.6 else AGREES if seen.length < 30 else 0.0


def _of_choice(seen: Profile, column: Column) -> float:
    listed = seen.in_list(column.choices)
    if listed >= 0.6 and seen.digits < 1:
        return STRONG if len(seen.different) > 1 or listed == 1 else AGREES
    if column.choices in EXTENDABLE:
        return AGAINST if seen.digits > 0.8 or seen.length > 70 else AGREES if seen.unlike < 0.7 else 0.0
    if seen.length > 30 or seen.digits > 0.8 or len(seen.different) > FEW:
        return AGAINST
    return 0.0 if listed else -20.0


def _of_person(seen: Profile, column: Column) -> float:
    if seen.known_people >= 0.5:  # whose duty it was they do not say
        return 2 * AGREES
    if seen.digits > 0.5 or seen.length > 50 or seen.documents > 0.6:
        return AGAINST
    return AGREES if seen.names >= 0.6 else 0.0


def _of_reason(seen: Profile, column: Column) -> float:
    if seen.digits > 0.8 or seen.documents > 0.8 or seen.length < 3:
        return AGAINST
    return AGREES if seen.length >= 15 else 0.0


def _of_text(seen: Profile, column: Column) -> float:
    if column in (Cases.remark, Cases.requirement) or column.table not in ("cases", "events"):
        return 0.0
    return AGAINST if seen.digits > 0.8 else 0.0


def _of_quantity(seen: Profile, column: Column) -> float:
    return AGREES if seen.digits >= 0.6 and not seen.is_running else AGAINST if seen.digits < 0.3 else 0.0


def _of_mail(seen: Profile, column: Column) -> float:
    return STRONG if seen._share(lambda text: _EMAIL.fullmatch(text) is not None) > 0.5 else AGAINST


def _of_nip(seen: Profile, column: Column) -> float:
    return STRONG if seen._share(lambda text: _NIP.fullmatch(text) is not None) > 0.5 else 0.0


def _of_step(seen: Profile, column: Column) -> float:
    return AGREES if seen._share(lambda text: re.match(r"\d{1,2}\b", text) is not None) > 0.5 else -10.0


_WEIGHTS = {
    Kind.KEY: _of_number,
    Kind.REFERENCE: _of_number,
    Kind.CHOICE: _of_choice,
    Kind.PERSON: _of_person,
    Kind.REASON: _of_reason,
    Kind.NUMBER: _of_quantity,
    Kind.EMAIL: _of_mail,
    Kind.NIP: _of_nip,
    Kind.STEP: _of_step,
}
