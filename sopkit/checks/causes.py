"""Causes that are alike: for K12, and for the Pareto by cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sopkit.checks.reasons import is_nothing
from sopkit.text import words

if TYPE_CHECKING:
    import pandas as pd

SCORE = 80  # rapidfuzz ratio of the sorted words from which two causes are alike
COMPARED = 4096  # the most frequent causes, of which a Pareto shows the first
WINDOW = 256  # so many different causes are compared, so that a huge register stays quick


def sorted_words(text: str) -> str:
    """A cause as it is compared: its words in the order of the alphabet."""
    return " ".join(sorted(words(text).split()))


def grouped(causes: pd.Series) -> pd.Series:
    """Each cause in the words of the most frequent one that it is like; None where nothing is said.

    Compared are the 4,096 most frequent, with at most 256 of them that differ; beyond, only the same words are alike.
    """
    counts = causes.value_counts()
    alike = Alike()
    often = sorted(counts.index.tolist(), key=lambda text: (-counts[text], text))
    stands_for = {text: alike.stands_for(text, sorted_words(text)) for text in often if not is_nothing(text)}
    return causes.map(stands_for).astype(object)


class Alike:
    """Causes, told from the most frequent on."""

    def __init__(self) -> None:
        self._first: dict[str, str] = {}  # sorted words -> the cause that stands for them
        self._compared: list[str] = []
        self._told = 0

    def stands_for(self, cause: str, own: str) -> str:
        """The cause told before that this one is like, itself where there is none; `own`: its sorted words."""
        from rapidfuzz import fuzz, process

        like = None
        if own not in self._first and self._told < COMPARED:
            like = process.extractOne(own, self._compared, scorer=fuzz.ratio, score_cutoff=SCORE)
            if like is None and len(self._compared) < WINDOW:
                self._compared.append(own)
        self._told += 1
        return self._first.setdefault(own, self._first[like[0]] if like else cause)
