"""K: the same failure for a like cause, again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.causes import SCORE, WINDOW, sorted_words
from sopkit.checks.inspection import Inspection
from sopkit.checks.records import IMPROVEMENT, cancelled
from sopkit.register.schema import REGISTER, Cases

DAYS = 90
BLOCK = 64  # so many new causes are compared at once: 8 µs for each instead of 20


@rule(
    "K12",
    Severity.NOTE,
    tags={"recurrent"},
    message="Berulang: {service} dengan sebab serupa tercatat pada {other} ({ago}).",
    fix="Tinjau apakah tindakan pencegahan yang lalu sudah memadai.",
    reason="Sebab yang berulang menunjukkan bahwa tindakan pencegahan belum menyentuh akar masalah.",
    clause=IMPROVEMENT,
)
def recurrence(check: Inspection) -> Iterator[Mark]:
    """A case of the same service with a like cause was found at most 90 days before: the words of Analisis Penyebab,
    sorted, resemble each other by 80 of 100.

    Compared with the latest different causes of that service (at most 256), so that any register stays quick. What was
    cancelled did not happen: it neither recurs nor is it the first.
    """
    days = check.values(Cases.found_at).astype("datetime64[D]").astype(np.int64)
    by_service: dict[str, list[int]] = {}
    told, services, causes = _told(check), check.values(Cases.service), check.values(Cases.cause)
    for place in told:
        by_service.setdefault(services[place], []).append(place)
    rows, numbers = check.rows(REGISTER).tolist(), check.read(Cases.number).tolist()
    for service, same in by_service.items():
        found = _earlier_alike([sorted_words(causes[place]) for place in same], days[same].tolist())
        alike = {rows[same[later]]: (same[later], same[before]) for later, before in found.items()}
        other = {row: numbers[b] or check.called(rows[b], Cases.number) for row, (_, b) in alike.items()}
        ago = {row: _ago(int(days[place] - days[before])) for row, (place, before) in alike.items()}
        yield from check.mark(list(alike), Cases.cause, service=service, other=other, ago=ago)


def _ago(days: int) -> str:
    return f"{days} hari sebelumnya" if days else "pada hari yang sama"


def _told(check: Inspection) -> list[int]:
    """Places of the cases, but for cancelled ones, whose service, cause and moment are known, in order of time."""
    found, numbers = check.values(Cases.found_at), check.values(Cases.number)
    known = check.filled(Cases.service) & check.filled(Cases.cause) & ~np.isnat(found) & ~cancelled(check)
    known &= ~check.says_nothing(Cases.cause)
    moments = found.astype(np.int64).tolist()
    nameless = (~check.filled(Cases.number)).tolist()
    places: list[int] = np.flatnonzero(known).tolist()
    return sorted(places, key=lambda at: (moments[at], nameless[at], "" if nameless[at] else numbers[at]))


def _earlier_alike(words: list[str], days: list[int]) -> dict[int, int]:
    """Place of a text -> place of the latest earlier one that is alike and at most 90 days older; in order of time."""
    from rapidfuzz import fuzz, process

    seen: dict[str, int] = {}  # every text by the place where it stood last
    window: dict[str, None] = {}  # the latest different texts, the oldest first
    found: dict[int, int] = {}
    new, begun = list(dict.fromkeys(words)), 0
    resembling: dict[str, list[str]] = {}  # of the texts of a block: those of the window and of the block
    for place, text in enumerate(words):
        before = seen.get(text, -1)
        if before < 0:
            if text not in resembling:
                resembling = _resembling(new[begun : begun + BLOCK], list(window))
                begun += BLOCK
            before = max((seen[choice] for choice in resembling[text] if choice in window), default=-1)
        elif days[place] - days[before] > DAYS:
            alike = process.extract(text, window.keys(), scorer=fuzz.ratio, score_cutoff=SCORE, limit=None)
            before = max((seen[choice] for choice, _, _ in alike), default=-1)
        if before >= 0 and days[place] - days[before] <= DAYS:
            found[place] = before
        seen[text] = place
        window.pop(text, None)
        window[text] = None
        if len(window) > WINDOW:
            del window[next(iter(window))]
    return found


def _resembling(texts: list[str], earlier: list[str]) -> dict[str, list[str]]:
    """Which of the earlier texts and of these each of these resembles."""
    from rapidfuzz import fuzz, process

    choices = [*earlier, *texts]
    found = dict[str, list[str]]((text, []) for text in texts)
    scores = process.cdist(texts, choices, scorer=fuzz.ratio, score_cutoff=SCORE, dtype=np.float32)
    for row, column in zip(*(places.tolist() for places in np.nonzero(scores)), strict=True):
        found[texts[row]].append(choices[column])
    return found
