"""Causes that are alike: for K12, and for the Pareto by cause."""

from __future__ import annotations

import pandas as pd

from sopkit.checks.reasons import is_nothing
from sopkit.text import words

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
    from rapidfuzz import fuzz, process

    counts = causes.value_counts()
    first: dict[str, str] = {}  # sorted words -> the cause that stands for them
    compared: list[str] = []
    stands_for: dict[str, str] = {}
    often = sorted(counts.index.tolist(), key=lambda text: (-counts[text], text))
    for place, text in enumerate(text for text in often if not is_nothing(text)):
        own, like = sorted_words(text), None
        if own not in first and place < COMPARED:
            like = process.extractOne(own, compared, scorer=fuzz.ratio, score_cutoff=SCORE)
            if like is None and len(compared) < WINDOW:
                compared.append(own)
        stands_for[text] = first.setdefault(own, first[like[0]] if like else text)
    return causes.map(stands_for).astype(object)
