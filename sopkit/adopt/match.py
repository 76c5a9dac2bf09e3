"""Which header stands for which column: the likeness of words and values, solved as an assignment."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sopkit.adopt.evidence import STRONG, evidence, profile
from sopkit.adopt.tables import Heading
from sopkit.register.header_synonyms import ASK, DONE, name_scores, vocabulary
from sopkit.register.layout import plain
from sopkit.register.schema import REGISTER, Cases, Column, Kind, SheetPlan, is_live

PLACED, ASKED = 85.0, 45.0  # scores from which a header is placed, and from which it is asked for
CLOSE = 8.0  # another answer that is not further off makes a question of it
FILLED = 11.0  # worth of a column with values over an empty one of the same name
FAR = 30.0  # and one that is further off is none
MOST_ANSWERS = 3
SENTENCE = 15  # letters of an answer that can be a description
COMPLAINING = frozenset({"pelapor", "pengadu", "complainant", "pemohon", "pelanggan", "masyarakat"})
Certainty = Literal["sure", "asked", "none"]


@dataclass(frozen=True)
class Match:
    """What a header is taken for: `answers` are the columns that it may be, the likest first."""

    heading: Heading
    certainty: Certainty
    answers: tuple[Column, ...] = ()

    @property
    def column(self) -> Column | None:
        return self.answers[0] if self.answers else None


def match_headings(
    plan: SheetPlan, headings: Sequence[Heading], people: Collection[str], taken: Collection[Column] = ()
) -> list[Match]:
    """Each header with at most one column and each column with at most one header; the sum of the scores is greatest.

    `people` are plain names; columns that are `taken` are out of the question.
    """
    columns = [column for column in (*plan.columns, *((DONE,) if plan is REGISTER else ())) if column not in taken]
    scores = [_scores(plan, heading, columns, people) for heading in headings]
    _of_forms(headings, scores, plan)
    _in_company(scores)
    _only_number(headings, scores)
    _in_doubt(headings, scores)
    _without_weaker(scores)
    filled = [FILLED if heading.values else 1.0 for heading in headings]
    weights = [
        [one[column] - ASKED + worth if one[column] >= ASKED else 0.0 for column in columns]
        for one, worth in zip(scores, filled, strict=True)
    ]
    places = assignment(weights)
    given = {row: columns[at] for row, at in enumerate(places) if at is not None and weights[row][at] > 0}
    return [_match(headings, scores, row, given) for row in range(len(headings))]


def _scores(
    plan: SheetPlan, heading: Heading, columns: Sequence[Column], people: Collection[str]
) -> dict[Column, float]:
    if is_live(plan.name, heading.text):
        return dict.fromkeys(columns, 0.0)
    seen, named = profile(heading, people), name_scores(heading.text, plan, tuple(columns))
    found = {}
    for column in columns:
        said = evidence(seen, column)
        words = named[column]
        if words < ASKED - STRONG:  # values alone place nothing: a list that fits is worth a question
            words = ASKED - STRONG + 1 if column.kind is Kind.CHOICE and said == STRONG else 0.0
        own = plain(heading.text) == plain(column.header) and column != Cases.category
        found[column] = max(0.0, words + (max(said, 0.0) if own else said)) if words else 0.0
        if column == Cases.description and seen.is_sort and "jenis" in vocabulary().words(heading.text):
            found[column] = min(found[column], PLACED - 1)
        if column.kind in (Kind.KEY, Kind.REFERENCE) and "jumlah" in vocabulary().words(heading.text):
            found[column] = 0.0  # it counts things
    return found


def is_form(sheet: Sequence[Heading]) -> bool:
    """Whether Microsoft Forms or Google Forms wrote the sheet: two of their own columns, one the time of sending."""
    meant = [vocabulary().forms.get(plain(heading.text)) for heading in sheet]
    return sum(one is not None for one in meant) >= 2 and Cases.found_at.header in meant


def _of_forms(headings: Sequence[Heading], scores: Sequence[dict[Column, float]], plan: SheetPlan) -> None:
    """What Microsoft Forms and Google Forms call their own columns, where a sheet is surely one of theirs.

    A question of the form that asks the same wins over them; the longest answer is perhaps the description.
    """
    if plan is not REGISTER or not is_form(headings):
        return
    forms = vocabulary().forms
    asked = [at for at, heading in enumerate(headings) if plain(heading.text) not in forms]
    for at, one in enumerate(scores):
        meant = forms.get(plain(headings[at].text))
        for column in one if meant is not None else ():
            own = column.header == meant and headings[at].values
            better = any(scores[other].get(column, 0) >= ASKED for other in asked)
            one[column] = max(one[column], PLACED + 1) if own and not better else 0.0
    texts = [at for at in asked if Cases.description in scores[at] and profile(headings[at], ()).length > SENTENCE]
    if texts and all(one.get(Cases.description, 0) < ASKED for one in scores):
        longest = max(texts, key=lambda at: profile(headings[at], ()).length)
        scores[longest][Cases.description] = ASK


def _in_company(scores: Sequence[dict[Column, float]]) -> None:
    """A number of which two kinds are possible is that of the record where another column surely is the PTPP's,
    and the PTPP's where another surely is that of the record.
    """
    for one, other in ((Cases.number, Cases.ptpp_number), (Cases.ptpp_number, Cases.number)):
        sure = [row for row, score in enumerate(scores) if score.get(other, 0) >= PLACED > score.get(one, 0)]
        for row, score in enumerate(scores):
            if sure and row not in sure and other in score and score.get(one, 0) >= ASKED and score[other] >= ASKED:
                score[other] = 0.0
                score[one] += STRONG


def _only_number(headings: Sequence[Heading], scores: Sequence[dict[Column, float]]) -> None:
    """Where no header can be No. Catatan, one with the numbers of documents may be it: to be asked, before all else."""
    if any(one.get(Cases.number, PLACED) >= ASKED for one in scores):
        return
    numbered = []
    for at, heading in enumerate(headings):
        best, seen = max(scores[at], key=lambda column: scores[at][column]), profile(heading, ())
        free = best == Cases.ptpp_number or scores[at][best] < ASKED
        if free and "no" in vocabulary().words(heading.text) and seen.documents >= 0.6 and seen.unlike >= 0.9:
            numbered.append(at)
    for at in numbered if len(numbered) == 1 else ():
        named = "ptpp" in plain(headings[at].text)
        scores[at][Cases.number] = PLACED - (2 if named else 1)
        scores[at][Cases.ptpp_number] = min(scores[at][Cases.ptpp_number], PLACED - (1 if named else 2))


def _in_doubt(headings: Sequence[Heading], scores: Sequence[dict[Column, float]]) -> None:
    """Headers that are sure by themselves and not beside others: the day of issue where no number is surely that of a
    PTPP, and who complains where another header may be who takes the complaint.
    """
    numbers = [score for one in scores if (score := one.get(Cases.ptpp_number, 0)) >= ASKED or _is_number(one)]
    issued = not numbers or max(numbers) >= PLACED
    takers = [at for at, heading in enumerate(headings) if scores[at].get(Cases.found_by, 0) >= ASKED]
    for at, heading in enumerate(headings):
        one, words = scores[at], vocabulary().words(heading.text)
        if not issued and "terbit" in words and "ptpp" not in words and one.get(Cases.ptpp_date, 0) >= PLACED:
            one[Cases.ptpp_date] = PLACED - 1
        others = [
            other for other in takers if other != at and not vocabulary().words(headings[other].text) & COMPLAINING
        ]
        if words & COMPLAINING and others and one.get(Cases.found_by, 0) >= PLACED:
            one[Cases.found_by] = PLACED - 1


def _is_number(score: Mapping[Column, float]) -> bool:
    return score.get(Cases.number, 0) >= ASKED


def _without_weaker(scores: Sequence[dict[Column, float]]) -> None:
    """What is surely one header's is no other's that would only be asked for: a count of the rows pushes out none."""
    claimed = {best for one in scores if one and one[best := max(one, key=lambda c: one[c])] >= PLACED}
    for one in scores:
        for column in claimed & one.keys():
            if one[column] < PLACED:
                one[column] = 0.0


def _match(
    headings: Sequence[Heading], scores: Sequence[dict[Column, float]], row: int, given: Mapping[int, Column]
) -> Match:
    heading, own, column = headings[row], scores[row], given.get(row)
    if column is None:
        return Match(heading, "none")
    least = max(ASKED, own[column] - FAR)
    others = {c: score for c, score in own.items() if score >= least and c not in given.values()}
    answers = (column, *sorted(others, key=lambda c: -own[c]))[:MOST_ANSWERS]
    rivals = [
        score[column]
        for at, score in enumerate(scores)
        if at not in given and (headings[at].values or not heading.values)
    ]
    exact = plain(heading.text) == plain(column.header)
    doubtful = any(own[column] - score < CLOSE for score in [*rivals, *others.values()]) and not exact
    return Match(heading, "sure" if own[column] >= PLACED and not doubtful else "asked", answers)


def assignment(weights: Sequence[Sequence[float]]) -> list[int | None]:
    """The column of each row, none twice, for which the sum of the weights is greatest (Kuhn and Munkres, O(n³)).

    Weights are not negative; a row without a column, and one that is given one of weight 0, are worth the same.
    """
    size = max(len(weights), len(weights[0]) if weights else 0)
    cost = [[0.0] * (size + 1) for _ in range(size + 1)]
    for row, one in enumerate(weights, 1):
        for column, weight in enumerate(one, 1):
            cost[row][column] = -weight
    rows, columns = [0.0] * (size + 1), [0.0] * (size + 1)
    owner, way = [0] * (size + 1), [0] * (size + 1)
    for row in range(1, size + 1):
        owner[0] = row
        _augment(cost, rows, columns, owner, way)
    found: list[int | None] = [None] * len(weights)
    for column in range(1, size + 1):
        if owner[column] <= len(weights) and column <= len(weights[0] if weights else ()):
            found[owner[column] - 1] = column - 1
    return found


def _augment(
    cost: Sequence[Sequence[float]], rows: list[float], columns: list[float], owner: list[int], way: list[int]
) -> None:
    """Give a column to the row that stands in `owner[0]`, by the cheapest chain of changes."""
    size = len(columns)
    least, done, at = [float("inf")] * size, [False] * size, 0
    while True:
        done[at] = True
        row, step, following = owner[at], float("inf"), 0
        for column in range(1, size):
            if done[column]:
                continue
            slack = cost[row][column] - rows[row] - columns[column]
            if slack < least[column]:
                least[column], way[column] = slack, at
            if least[column] < step:
                step, following = least[column], column
        for column in range(size):
            if done[column]:
                rows[owner[column]] += step
                columns[column] -= step
            else:
                least[column] -= step
        at = following
        if owner[at] == 0:
            break
    while at:
        owner[at] = owner[way[at]]
        at = way[at]
