"""How like a header is to the columns that sopkit knows, by the words of `header_synonyms.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources

from sopkit.register.layout import plain
from sopkit.register.schema import SHEETS, Column, Kind, SheetPlan

DONE = Column("selesai perbaikan", Kind.DATETIME)
"""The day on which the correction was done: no column of Register but the finish of a step."""
OWN, SURE, MAYBE, ASK = 100.0, 92.0, 65.0, 58.0  # a column's own header, `pasti`, `mungkin`, `tanya`
WEIGHTS = {"pasti": SURE, "mungkin": MAYBE, "tanya": ASK}
TWO = 70.0  # at most, for a header that names two columns
PART = 0.97  # a header of which only a piece, such as its translation, is known
LESS = 0.8  # for words that only agree in part
UNLIKE = 45.0  # off, where the kind of thing is another: a header of a date for a column of texts
SHORT = 4  # letters of a word in which a slip of the pen is another word
TYPING_SLIP = 86  # likeness of two words from which one is the other with a slip
DATED, NUMBERED = (Kind.DATE, Kind.DATETIME), (Kind.KEY, Kind.REFERENCE, Kind.NIP, Kind.NUMBER, Kind.STEP)
_TOKEN = re.compile(r"[^\W_]+|[%#]")
_INITIALS = re.compile(r"\b(\w)\.(?=\w\b)")
_BRACKETS = re.compile(r"[(\[{]([^)\]}]*)[)\]}]?")
_DIVIDED = re.compile(r"\s*[/|\n;]\s*|\s+[-–—=]\s+")

Words = frozenset[str]
Name = tuple[Words, float]
"""The words of a name of a column, and how much it weighs."""


@dataclass(frozen=True)
class Vocabulary:
    """What stands in `header_synonyms.toml`, folded: words that mean the same are one word."""

    folded: Mapping[tuple[str, ...], str]
    ignored: Words
    generic: Words
    none: Words
    spelt: Words  # every word that stands in the file: what is like one of them was meant to be it
    names: Mapping[str, Mapping[str, Sequence[Name]]] = field(default_factory=dict)  # sheet -> column
    forms: Mapping[str, str] = field(default_factory=dict)  # plain header of a form -> column; '' where it is none
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # list -> plain word -> value of the list
    headers: Words = frozenset()  # every plain header that stands in the file, and the columns' own

    def words(self, text: str) -> Words:
        """The words of a header, each as all that mean the same; those that tell nothing are left out."""
        tokens = [self._meant(token) for token in _tokens(text)]
        found = list(_fold(tokens, self.folded))
        return frozenset(word for word in found if word not in self.ignored) or frozenset(found)

    def _meant(self, token: str) -> str:
        """The word that a slip of the pen was meant to be."""
        from rapidfuzz import process
        from rapidfuzz.fuzz import ratio

        if len(token) <= SHORT or token in self.spelt or not self.spelt:
            return token
        near = process.extractOne(token, self.spelt, scorer=ratio, score_cutoff=TYPING_SLIP)
        return near[0] if near and len(near[0]) > SHORT else token


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Read once."""
    text = resources.files("sopkit.register").joinpath("header_synonyms.toml").read_text("utf-8")
    data = tomllib.loads(text)
    folded = {tuple(_tokens(other)): word for word, others in data["words"].items() for other in others}
    ignored, generic = (frozenset(data["ignored"][key]) for key in ("words", "generic"))
    none = frozenset(data["none"]["words"])
    bare = Vocabulary(folded, ignored, generic, none, frozenset())
    listed = [
        text for plan in SHEETS for kinds in data.get(plan.name, {}).values() for t in kinds.values() for text in t
    ]
    listed += [column.header for plan in SHEETS for column in plan.columns] + [
        t for f in data["forms"].values() for t in f
    ]
    spelt = {token for text in listed for token in _tokens(text)} | {token for key in folded for token in key}
    return replace(
        bare,
        spelt=frozenset(spelt | set(folded.values()) | ignored | none),
        names={plan.name: dict(_names(bare, plan, data.get(plan.name, {}))) for plan in SHEETS},
        forms={plain(header): column for column, headers in data["forms"].items() for header in headers},
        values={
            name: {plain(word): value for value, words in kinds.items() for word in (value, *words)}
            for name, kinds in data["values"].items()
        },
        headers=frozenset(map(plain, listed)),
    )


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(_INITIALS.sub(r"\1", plain(text)))


def _names(
    bare: Vocabulary, plan: SheetPlan, given: Mapping[str, Mapping[str, Sequence[str]]]
) -> Iterator[tuple[str, Sequence[Name]]]:
    for header in {column.header: None for column in plan.columns} | dict.fromkeys(given):
        kinds = given.get(header, {})
        weighed = [(header, OWN), *((text, WEIGHTS[kind]) for kind, texts in kinds.items() for text in texts)]
        best: dict[Words, float] = {}
        for text, weight in weighed:
            words = bare.words(text)
            best[words] = max(weight, best.get(words, 0))
        yield header, list(best.items())


def _fold(tokens: Sequence[str], folded: Mapping[tuple[str, ...], str]) -> Iterator[str]:
    """The longest that means the same as a word, from left to right."""
    at, longest = 0, max(map(len, folded), default=1)
    while at < len(tokens):
        for length in range(min(longest, len(tokens) - at), 0, -1):
            word = folded.get(tuple(tokens[at : at + length]))
            if word or length == 1:
                yield word or tokens[at]
                at += length
                break


@lru_cache(maxsize=4096)  # asked for again after every answer
def name_scores(header: str, plan: SheetPlan, columns: tuple[Column, ...]) -> Mapping[Column, float]:
    """How like a header is to each column by its words alone, 0 to 100.

    From `SURE` (less for a piece) on its words are those of the column and can mean nothing else.
    """
    known, names = vocabulary(), vocabulary().names[plan.name]
    whole = known.words(header)
    scores = {column: _likeness(whole, names.get(column.header, ()), column) for column in columns}
    if max(scores.values(), default=0) >= MAYBE:
        return scores
    outside = _BRACKETS.sub(" ", header)
    parts = [side for side in _DIVIDED.split(outside) if known.words(side)]
    each = [_meanings(part, names, scores) for part in parts]
    inside = [_meanings(text, names, scores) for text in _BRACKETS.findall(header) if _is_name(text)]
    if max((max(one.values()) for one in each), default=0) >= MAYBE:  # then what stands in brackets explains it
        inside = [one for one in inside if max(one.values()) >= SURE]
    each += inside
    off = UNLIKE if whole & known.none else 0.0
    return {column: max(score, _of_parts(column, each) - off) for column, score in scores.items()}


def _is_name(text: str) -> bool:
    """Whether what stands in brackets can be a name: a list of values or a hint to the form of a date is none."""
    words = vocabulary().words(text)
    return bool(words - vocabulary().generic) and not _DIVIDED.search(text)


def _meanings(text: str, names: Mapping[str, Sequence[Name]], columns: Iterable[Column]) -> Mapping[Column, float]:
    words = vocabulary().words(text)
    return {column: _likeness(words, names.get(column.header, ()), column) for column in columns}


def _of_parts(column: Column, each: Sequence[Mapping[Column, float]]) -> float:
    """What the pieces of a header say: less where some of them are surely another column."""
    best = max((one[column] for one in each), default=0.0) * PART
    others = any(max(one.values(), default=0.0) >= SURE > one[column] for one in each)
    return min(best, TWO) if others else best


LIKELY = 45.0  # from which a header is worth suggesting


def likeness(header: str, column: Column) -> float:
    """How like a header is to one column by its words, 0 to 100."""
    plan = next(plan for plan in SHEETS if plan.table == column.table)
    return name_scores(header, plan, (column,))[column]


def _likeness(words: Words, names: Sequence[Name], column: Column) -> float:
    exact = max((weight for name, weight in names if name == words), default=0.0)
    if exact or not words:
        return exact
    best = max((weight * LESS * _agreement(words, name) for name, weight in names), default=0.0)
    return max(0.0, best - (UNLIKE if _is_unlike(words, column) else 0.0))


def _agreement(one: Words, other: Words) -> float:
    """The share of words that two have in common; half of it where only words that fit anywhere are."""
    share = 2 * len(one & other) / (len(one) + len(other))
    return share if one & other - vocabulary().generic else share / 2


def _is_unlike(words: Words, column: Column) -> bool:
    """Whether the header speaks of another kind of thing than the column holds."""
    if words & vocabulary().none:
        return True
    dated, numbered = "tanggal" in words, "no" in words
    return (
        (dated and column.kind not in DATED)
        or (numbered and column.kind not in NUMBERED)
        or (not dated and column.kind in DATED and "target" not in words and column.header != "Target Selesai")
        or (not numbered and column.kind in (Kind.KEY, Kind.REFERENCE) and len(words) > 1)
        or ("status" in words and column.kind is not Kind.CHOICE)
    )
