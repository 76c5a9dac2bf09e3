"""Document numbers written another way name the same document: `001 / PTPP / XI / 2026`, `001-ptpp-xi-2026`, `1`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from sopkit.register.numbering import Patterns
from sopkit.register.pattern_periods import patterns_of
from sopkit.register.schema import Cases, Column, Disposals
from sopkit.register.tables import Register
from sopkit.text import plain

PATTERN_KEYS: Mapping[Column, str] = {
    Cases.number: "Pola No. Catatan",
    Cases.ptpp_number: "Pola No. PTPP",
    Disposals.number: "Pola No. BA",
}
"""The columns in which numbers are defined, and Kantor's key of their pattern."""


def known_numbers(register: Register, references: Mapping[Column, Column]) -> Mapping[Column, Mapping[str, str]]:
    """How the numbers of each column are written: those defined as their pattern has them (without blanks, full-width
    digits and other dashes), those that refer to one as that one is.
    """
    tables = {table.plan.table: table for table in register.tables}
    found: dict[Column, Mapping[str, str]] = {}
    for column, key in PATTERN_KEYS.items():
        patterns = patterns_of(register.settings, key)
        typed = tables[column.table].read[column.field].dropna().tolist()
        meant = {text: patterns.as_meant(text) for text in typed}
        found[column] = {plain(text): number for text, number in meant.items() if text != number}
        numbers = Numbers(meant.values(), patterns)
        found |= {referring: numbers for referring, home in references.items() if home == column}
    return found


class Numbers(Mapping[str, str]):
    """Plain form of a number, however written -> the number as first defined.

    Two numbers that would be one when written so are told apart as they are typed, and a running number alone names
    one only where no other bears it.
    """

    def __init__(self, numbers: Iterable[str], patterns: Patterns) -> None:
        self._patterns = patterns
        self._exact: dict[str, str] = {}
        for number in numbers:
            self._exact.setdefault(plain(number), number)
        self._by_form: dict[str, set[str]] | None = None

    @property
    def written(self) -> frozenset[str]:
        """The numbers as they are defined first."""
        return frozenset(self._exact.values())

    def __getitem__(self, text: str) -> str:
        if text in self._exact:
            return self._exact[text]
        if self._by_form is None:  # most registers need none
            self._by_form = self._forms()
        meant = next((found for form in forms(text) if (found := self._by_form.get(form))), set())
        if len(meant) != 1:
            raise KeyError(text)
        return next(iter(meant))

    def __iter__(self) -> Iterator[str]:
        return iter(self._exact)

    def __len__(self) -> int:
        return len(self._exact)

    def _forms(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for number in self._exact.values():
            read = self._patterns.read(number)
            for form in {*forms(number), *([str(read.sequence)] if read else [])}:
                found.setdefault(form, set()).add(number)
        return found


def forms(number: str) -> tuple[str, str]:
    """A number as its parts, whatever stands between them and however many noughts before: without blanks inside the
    parts, and with blanks between them.
    """
    text = plain(number)
    return _parts(text.replace(" ", "")), _parts(text)


def _parts(text: str) -> str:
    parts = re.findall(r"[^\W_]+", text)
    return "/".join(part.lstrip("0") or "0" if part.isdecimal() else part for part in parts)
