"""Documents that stand, and those that cannot be made yet, with the cases that wait: each reason is said once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Protocol

from sopkit import language

MOST_NUMBERS = 500  # of documents named in one row
CURRENT = "sesuai register"
STATES = {"kept": "diubah dengan tangan, dibiarkan", "outdated": "belum menurut templat atau data kantor terbaru"}


class Document(Protocol):
    """A document as the report lists it."""

    @property
    def title(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def path(self) -> PurePath: ...
    @property
    def state(self) -> str: ...


class Skipped(Protocol):
    """A document that was not made: what staff call it, its number and its case ("" where there is none), and why."""

    @property
    def title(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def case(self) -> str: ...
    @property
    def reason(self) -> str: ...


@dataclass(frozen=True)
class Withheld:
    """Documents that wait for one reason. `numbers` are those that documents have of their own, beside No. Catatan."""

    titles: tuple[str, ...]
    cases: tuple[str, ...]
    numbers: tuple[str, ...]
    reason: str

    @property
    def names(self) -> tuple[str, ...]:
        """The cases; of documents of no single case (BA, Daftar) their own numbers."""
        return self.cases or self.numbers


def withheld(skipped: Iterable[Skipped]) -> list[Withheld]:
    """All of them, grouped twice: the documents of a case by the reason, then the cases by documents and reason."""
    of_case: dict[tuple[str, str, str], list[Skipped]] = {}
    for one in skipped:
        of_case.setdefault((one.case, "" if one.case else one.number, one.reason), []).append(one)
    alike: dict[tuple[tuple[str, ...], str, bool], list[Skipped]] = {}
    for (case, _, reason), several in of_case.items():
        titles = tuple(dict.fromkeys(one.title for one in several))
        alike.setdefault((titles, reason, bool(case)), []).extend(several)
    return [_group(titles, reason, several) for (titles, reason, _), several in alike.items()]


def _group(titles: tuple[str, ...], reason: str, several: Iterable[Skipped]) -> Withheld:
    cases = dict.fromkeys(one.case for one in several if one.case)
    numbers = dict.fromkeys(one.number for one in several if one.number and one.number not in cases)
    return Withheld(titles, tuple(cases), tuple(numbers), reason)


def document_rows(documents: Sequence[Document]) -> list[tuple[str, str, str, str]]:
    """What there is of each kind and state: title, numbers, where it lies, state."""
    kinds: dict[tuple[str, str], list[Document]] = {}
    for each in documents:
        kinds.setdefault((each.title, STATES.get(each.state, CURRENT)), []).append(each)
    rows = []
    for (title, state), several in kinds.items():
        named = ", ".join(each.number for each in several[:MOST_NUMBERS] if each.number)
        more = len(several) - MOST_NUMBERS
        first = several[0]
        place = f"{first.path.parent.name}/" if first.number else first.path.name
        rows.append((title, f"{named}, dan {language.number_text(more)} lagi" if more > 0 else named, place, state))
    return rows
