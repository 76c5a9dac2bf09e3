"""The executions of the steps laid out case by case, round by round, step by step.

A rejection closes a round: the next begins with the step that the SOP returns to. Everything is computed once, on
whole columns, so that a hundred thousand cases cost a fraction of reading their file. The columns are plain arrays:
on a small register pandas would spend its time on itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np

from sopkit.arrays import Durations, Flags, Floats, Ints, Moments, Texts
from sopkit.frames import is_missing
from sopkit.sop.model import Sop
from sopkit.workcalendar import WorkCalendar

if TYPE_CHECKING:
    import pandas as pd

REJECTED, APPROVED = "Ditolak", "Disetujui"
SIMILAR_NUMBER = 85  # rapidfuzz ratio from which two document numbers look like one mistyped
DAY = np.timedelta64(1, "D")
LAST_SECOND = np.timedelta64(24 * 3600 - 1, "s")  # of a day, counted from its beginning
NAT = np.datetime64("NaT", "s")


@dataclass(frozen=True)
class Entries:
    """Sheet Langkah with its cells in error missing, and the cases that it may speak of; a place per row of the sheet.

    case_rows: No. Catatan -> row in Register. shared: rows in Register whose number stands there twice.
    """

    rows: Ints  # of Langkah
    case: Texts
    step: Floats
    actor: Texts
    outcome: Texts
    remark: Texts
    start: Moments
    end: Moments
    start_given: Flags  # Mulai was recorded: in the wide layout it may follow from the step before, or be unknown
    typed: Texts  # No. Catatan, whether in error or not
    end_blank: Flags  # no Selesai was typed
    outcome_unknown: Flags
    case_rows: Mapping[str, int]
    shared: frozenset[int]


@dataclass(frozen=True)
class Recorded:
    """What Langkah says of each execution of a known step in a known case, sorted by case and moment."""

    rows: Ints  # of Langkah
    case: Texts  # No. Catatan
    case_row: Ints  # of Register
    step: Ints  # its number in the SOP
    order: Ints  # its place in the SOP
    actor: Texts
    outcome: Texts
    remark: Texts
    start: Moments
    end: Moments  # a date without a time stands for its beginning, the earliest that it may mean
    start_late: Moments  # the latest start that a date without a time may mean
    begun: Flags
    end_blank: Flags
    outcome_unknown: Flags
    start_given: Flags


@dataclass(frozen=True)
class Rounds:
    """A place per round of a case; with two axes: a row per round, a column per step of the SOP, first execution."""

    case_row: Ints  # of Register
    number: Ints  # 0 before any rejection
    position: Ints  # place of the execution in `Executions`; -1 where there is none
    predecessor: Ints  # order of the step it waited for that certainly ended last; -1 for none
    predecessor_end: (
        Moments  # the earliest that it can have ended: at its Selesai, or, if unknown, not before its Mulai
    )
    waited: Ints  # the same, each end as late as it may have been
    waited_until: Moments  # NaT where one of the ends is unknown; a date without a time is the end of that day


@dataclass(frozen=True)
class Unmatched:
    """Rows of Langkah whose case or step is in error."""

    rows: Ints
    typed: Texts  # No. Catatan as it stands there
    case_row: Ints  # of Register; -1 where the case is in error
    step: Floats
    start: Moments
    may_reject: Flags  # Hasil is a rejection, or unknown

    def resembling(self, number: str) -> Flags:
        """True for the rows without a case whose number, if any was typed, resembles this one."""
        from rapidfuzz import fuzz

        like = [not isinstance(text, str) or fuzz.ratio(text, number) >= SIMILAR_NUMBER for text in self.typed]
        return np.array(like, dtype=bool) & (self.case_row < 0)


@dataclass(frozen=True)
class Executions(Recorded):
    """What was done, in the order in which it was done. Every array has a place per execution."""

    deadline: Moments
    taken: Durations  # working time; running: until `as_of`
    over: Durations  # working time beyond the standard
    late: Flags  # `over` is not nothing
    standard: Texts
    round: Ints  # 0 before any rejection
    group: Ints  # place of the round in `rounds`
    rejected: Flags
    repeat: Flags  # a repetition that no rejection asked for
    unfinished: Flags  # no Selesai although the work went on
    running: Flags  # begun, no Selesai, and nothing shows that the work went on
    verdict: Texts  # tepat waktu; terlambat; berjalan; terlambat, masih berjalan; belum diketahui; tidak dinilai
    sop: Sop
    rounds: Rounds
    incomplete: frozenset[int]  # Register rows whose executions are not wholly readable
    unmatched: Unmatched

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The arrays as a table, indexed by row of Langkah.

        As they are: pandas 3 would read texts and None as a dtype of its own.
        """
        import pandas as pd

        rows = pd.Index(self.rows)
        arrays = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "rows"}
        columns = {name: array for name, array in arrays.items() if isinstance(array, np.ndarray)}
        return pd.DataFrame({name: pd.Series(array, rows, array.dtype) for name, array in columns.items()}, index=rows)

    @cached_property
    def approved(self) -> tuple[Ints, Moments]:
        """The rows, ascending, of the cases whose last execution of the approval step approved, with its Selesai."""
        step = self.sop.duty("approval")
        last = self.last(step.number) if step else np.zeros(0, dtype=np.int64)
        last = last[self.outcome[last] == APPROVED]
        return self.case_row[last], self.end[last]

    @cached_property
    def absent(self) -> Flags:
        """Rounds x steps: a step that its round owes was not executed in it.

        A periodic or optional step is owed by none, and of several of which one is due, the first stands for all. A
        round that was not taken up again at the step that its rejection returns to owes nothing, one that was owes what
        comes from there on.
        """
        sop, done = self.sop, self.rounds.position >= 0
        target = return_order(sop)
        first = self.rounds.number == 0
        returned = ~first & done[:, list(sop.alternatives(target))].any(axis=1)
        absent = np.zeros(done.shape, bool)
        for place, step in enumerate(sop.steps):
            others = list(sop.alternatives(place))
            if place == others[0] and not step.periodic and not any(sop.steps[other].optional for other in others):
                owed = first | returned if others[-1] >= target else first
                absent[:, place] = owed & ~done[:, others].any(axis=1)
        return absent

    def last(self, number: int) -> Ints:
        """The places of the last execution of a step in each case."""
        done = np.flatnonzero(self.step == number)
        cases = self.case_row[done]
        return np.asarray(done[np.append(cases[1:] != cases[:-1], True)[: len(done)]])

    def of_case(self, case_row: int) -> slice:
        """The places of the case in this row of Register."""
        return _run(self.case_row, case_row)

    def of_round(self, group: int) -> slice:
        """The places of a round."""
        return _run(self.group, group)

    def possible_rows(self, span: slice, orders: Sequence[int], used: Iterable[int] = ()) -> list[int] | None:
        """Rows in error that could be executions missing among these places, which then follow only from the error.

        One row for each of `orders` (or an alternative of it), none of them in `used`; None where there are not so
        many. A row of the case itself whose step is in error could be any of them, first one whose moment fits. The
        places are those of a case, of a round, or (none of them) what follows the rejection before `span`.
        """
        unmatched = self.unmatched
        if not len(unmatched.rows):
            return None
        place = min(span.start, span.stop - 1)
        own, like = unmatched.case_row == self.case_row[place], unmatched.resembling(self.case[place])
        free = ~np.isin(unmatched.rows, list(used))
        found: list[int] = []
        for order in orders:
            alike = self.sop.alternatives(order)
            fits = np.logical_or.reduce([self._fits(span, other) for other in alike])
            named = like & np.isin(unmatched.step, [self.sop.steps[other].number for other in alike])
            candidates = [np.flatnonzero(free & there)[:1] for there in (own & fits, named & fits, own)]
            place = np.concatenate(candidates)[:1]
            free[place] = False
            found += unmatched.rows[place].tolist()
        return found if len(found) == len(orders) else None

    def _fits(self, span: slice, order: int) -> Flags:
        """True for the unmatched rows that began between the neighbours of a step among these places, and after the
        rejection before them.
        """
        orders, starts = self.order[span], self.start[span]
        before = span.start - 1
        rejection = before >= 0 and (span.start == span.stop or self.case_row[before] == self.case_row[span.start])
        turn = self.sop.turn(order)
        after = np.fmax.reduce(starts[orders < turn.start], initial=self.start[before] if rejection else NAT)
        until = np.fmin.reduce(starts[orders >= turn.stop], initial=NAT)
        start = self.unmatched.start
        return np.asarray(
            np.isnat(start) | ((np.isnat(after) | (start >= after)) & (np.isnat(until) | (start <= until)))
        )

    def possibly_done(self, number: int, case_rows: Iterable[int]) -> set[int]:
        """Of these cases, those without an execution of the step since their last rejection that may have one among the
        rows in error.
        """
        if not len(self.unmatched.rows):
            return set()
        order = self.sop.position(number)
        begun = np.unique(self.case_row).tolist()
        spans = {row: self._since_rejection(row) for row in set(begun).intersection(case_rows)}
        lacking = {row: span for row, span in spans.items() if not (self.order[span] == order).any()}
        return {row for row, span in lacking.items() if self.possible_rows(span, [order]) is not None}

    def _since_rejection(self, case_row: int) -> slice:
        """The places of a case after its last rejection."""
        span = self.of_case(case_row)
        rejections = np.flatnonzero(self.rejected[span])
        return slice(span.start + int(rejections[-1]) + 1 if len(rejections) else span.start, span.stop)

    def possible_rejection(self, place: int) -> int | None:
        """A row in error that could be the rejection that asked for this repetition; None where there is none."""
        own = np.arange(self.of_case(int(self.case_row[place])).start, place)
        since = np.fmax.reduce(self.start[own[self.order[own] == self.order[place]]], initial=NAT)
        unmatched = self.unmatched
        rejecting = [step.number for step in self.sop.steps if step.on_rejection is not None]
        here = unmatched.may_reject & (np.isnan(unmatched.step) | np.isin(unmatched.step, rejecting))
        moment = unmatched.start
        here &= np.isnat(moment) | (~(moment < since) & ~(moment > self.start[place]))
        here &= unmatched.resembling(self.case[place])
        return int(unmatched.rows[here][0]) if here.any() else None


def _run(keys: Ints, key: int) -> slice:
    """Where a key stands in keys that ascend."""
    return slice(int(np.searchsorted(keys, key)), int(np.searchsorted(keys, key, side="right")))


def lay_out(sop: Sop, calendar: WorkCalendar, as_of: dt.datetime, entries: Entries) -> Executions:
    """Lay out the executions once the cells in error are known."""
    case_row = rows_of_cases(entries.case_rows, entries.case)
    done = _recorded(sop, entries, case_row)
    deadline, taken, over = _times(done, sop, calendar, as_of)
    late = over > np.timedelta64(0, "s")  # what ends in a break or after closing has cost no working time
    rejected, number, group = _numbered_rounds(done, sop)
    repeat = _repeats(done, sop, number, group)
    unfinished, running = _progress(done, sop, group)
    return Executions(
        **vars(done),
        deadline=deadline,
        taken=taken,
        over=over,
        late=late,
        standard=np.array([str(step.standard) for step in sop.steps], dtype=object)[done.order],
        round=number,
        group=group,
        rejected=rejected,
        repeat=repeat,
        unfinished=unfinished,
        running=running,
        verdict=_verdicts(done, taken, late, running),
        sop=sop,
        rounds=_rounds(done, sop, rejected, number, group, repeat),
        incomplete=_incomplete_cases(entries, case_row, done),
        unmatched=_unmatched(entries, case_row),
    )


def rows_of_cases(case_rows: Mapping[str, int], numbers: Texts) -> Ints:
    """The row in Register of each No. Catatan, -1 where there is none."""
    return np.fromiter(map(case_rows.get, numbers.tolist(), repeat(-1)), np.int64, len(numbers))


def _unmatched(entries: Entries, case_row: Ints) -> Unmatched:
    nameless, stepless = is_missing(entries.case), np.isnan(entries.step)
    there = nameless | (stepless & (case_row >= 0))
    return Unmatched(
        entries.rows[there],
        entries.typed[there],
        np.where(nameless, -1, case_row)[there],
        entries.step[there],
        entries.start[there],
        ((entries.outcome == REJECTED) | entries.outcome_unknown)[there],
    )


def _recorded(sop: Sop, entries: Entries, case_row: Ints) -> Recorded:
    """Executions whose case and step are known, in order, with what a date without a time leaves open."""
    order = np.full(len(entries.step), -1)
    for place, known_step in enumerate(sop.steps):
        order[entries.step == known_step.number] = place
    known = np.flatnonzero((case_row >= 0) & (order >= 0))
    start, end = (moments[known].astype("datetime64[s]") for moments in (entries.start, entries.end))
    rank = _in_order(case_row[known], order[known], start, end, entries.rows[known])
    start, end, known = start[rank], end[rank], known[rank]
    return Recorded(
        rows=entries.rows[known],
        case=entries.case[known],
        case_row=case_row[known].astype(np.int64),
        step=entries.step[known].astype(np.int64),
        order=order[known],
        actor=entries.actor[known],
        outcome=entries.outcome[known],
        remark=entries.remark[known],
        start=start,
        end=end,
        start_late=np.where(date_only(start), start + LAST_SECOND, start),
        begun=~np.isnat(start) | ~np.isnat(end),
        end_blank=entries.end_blank[known],
        outcome_unknown=entries.outcome_unknown[known],
        start_given=entries.start_given[known],
    )


def date_only(moments: Moments) -> Flags:
    """True for a date without a time."""
    return np.asarray(moments.astype("datetime64[D]") == moments)


def _in_order(case_row: Ints, order: Ints, start: Moments, end: Moments, rows: Ints) -> Ints:
    """By case and moment. An execution without a readable moment stands after the steps before its own."""
    moment = np.where(np.isnat(start), end, start)
    if np.isnat(moment).any():
        moment = _reached(case_row, order, moment)
    return np.lexsort((rows, order, moment, case_row))


def _reached(case_row: Ints, order: Ints, moment: Moments) -> Moments:
    """The moments, where one is not known the latest of the steps before it in its case, else one before all."""
    by_step = np.lexsort((order, case_row))  # a stable order
    known = np.where(np.isnat(moment), np.datetime64("1900-01-01"), moment)[by_step].astype("datetime64[s]")
    case = np.cumsum(_changes(case_row[by_step]))
    far = np.int64(1) << 40  # seconds, more than between any two moments
    latest = np.maximum.accumulate(known.astype(np.int64) + case * far) - case * far
    reached = np.empty(len(moment), dtype="datetime64[s]")
    reached[by_step] = latest.astype("datetime64[s]")
    return np.where(np.isnat(moment), reached, moment)


def _times(
    done: Recorded, sop: Sop, calendar: WorkCalendar, as_of: dt.datetime
) -> tuple[Moments, Durations, Durations]:
    """Deadline, working time taken (running: until `as_of`), and working time over, of each execution."""
    start = done.start_late
    ends = np.where(done.end_blank, np.datetime64(as_of, "s"), done.end)
    deadline = np.full(len(start), NAT)
    for place, step in enumerate(sop.steps):
        here = done.order == place
        deadline[here] = calendar.deadline(start[here], step.standard)
    over = calendar.elapsed(np.where(ends > deadline, deadline, NAT), ends)
    taken = calendar.elapsed(start, np.where(ends < start, start, ends))
    return deadline, durations(taken), durations(np.nan_to_num(over))


def durations(seconds: Floats) -> Durations:
    """timedelta64[s]; NaT where they are not known."""
    known = np.isfinite(seconds)
    whole = np.rint(np.where(known, seconds, 0)).astype("timedelta64[s]")
    return np.where(known, whole, np.timedelta64("NaT", "s"))


def _incomplete_cases(entries: Entries, case_row: Ints, done: Recorded) -> frozenset[int]:
    """Cases with an execution whose step, moment or outcome is unknown, or whose number stands twice."""
    stepless = case_row[np.isnan(entries.step) & (case_row >= 0)]
    timeless = done.case_row[(np.isnat(done.start) & (done.start_given | np.isnat(done.end))) | done.outcome_unknown]
    return entries.shared.union(stepless.tolist(), timeless.tolist())


def _numbered_rounds(done: Recorded, sop: Sop) -> tuple[Flags, Ints, Ints]:
    """Which executions reject, the number of each one's round in its case, and that of its round among all.

    The rejections are counted through the whole register at once; what stood on the count when a case began is taken
    off again. A rejection belongs to the round that it closes, so it counts from the next execution on.
    """
    rejecting = [place for place, step in enumerate(sop.steps) if step.on_rejection is not None]
    rejected = (done.outcome == REJECTED) & np.isin(done.order, rejecting)
    before = np.cumsum(rejected) - rejected
    first = _changes(done.case_row)
    number = before - before[np.flatnonzero(first)][np.cumsum(first) - 1]
    return rejected, number, np.cumsum(first | _changes(number)) - 1


def _changes(keys: Ints) -> Flags:
    """True where a key is another than the one before it, and at the first."""
    return np.append(True, keys[1:] != keys[:-1])[: len(keys)]


def _repeats(done: Recorded, sop: Sop, number: Ints, group: Ints) -> Flags:
    """Repetitions that no rejection asked for: within a round, or of a step before the one returned to."""
    again = _duplicated(group, done.order, len(sop.steps))
    before_return = (number > 0) & (done.order < return_order(sop))
    return again | (before_return & _duplicated(done.case_row, done.order, len(sop.steps)))


def _duplicated(keys: Ints, order: Ints, steps: int) -> Flags:
    """True where the pair of key and step stands for the second time or later."""
    pairs = keys * steps + order
    again = np.ones(len(pairs), dtype=bool)
    again[np.unique(pairs, return_index=True)[1]] = False
    return again


def return_order(sop: Sop) -> int:
    """Place of the step that a rejection returns to; 0 where the SOP knows none."""
    targets = [sop.position(step.on_rejection) for step in sop.steps if step.on_rejection is not None]
    return min(targets, default=0)


def after_turn(sop: Sop) -> Ints:
    """Per step of the SOP: the first place after all that may come in any order with it."""
    return np.array([sop.turn(place).stop for place in range(len(sop.steps))])


def may_come_early(sop: Sop) -> Flags:
    """Per step of the SOP."""
    return np.array([step.may_come_early for step in sop.steps])


def _progress(done: Recorded, sop: Sop, group: Ints) -> tuple[Flags, Flags]:
    """Which executions lack a Selesai although the work has gone on, and which run.

    It has gone on where another round follows, or where a later step (not one that may come early) of the same round
    began at this one's Mulai or after; a date without a time may be as late as that day allows. What began before
    shows nothing: a step begun again after the last one runs.
    """
    counts = np.flatnonzero(done.begun & ~may_come_early(sop)[done.order])
    moment = np.where(np.isnat(done.start_late), done.end, done.start_late).astype(np.int64)
    opening = np.flatnonzero(_changes(group))
    # The latest beginning of each step in each round, and one column more: after the last step comes nothing. Then the
    # greatest of each column and all to the right. NaT is the least int64, so nothing is later than it by accident.
    latest = np.full((len(opening), len(sop.steps) + 1), np.iinfo(np.int64).min)
    np.maximum.at(latest, (group[counts], done.order[counts]), moment[counts])
    onward = np.maximum.accumulate(latest[:, ::-1], axis=1)[:, ::-1][:, after_turn(sop)]
    cases = done.case_row[opening]
    another_round = np.append(cases[1:] == cases[:-1], False)[group] if len(group) else np.zeros(0, dtype=bool)
    gone_on = another_round | (onward[group, done.order] >= done.start.astype(np.int64))
    open_ended = done.end_blank & done.begun
    return open_ended & gone_on, open_ended & ~gone_on


def _rounds(done: Recorded, sop: Sop, rejected: Flags, number: Ints, group: Ints, repeat: Flags) -> Rounds:
    opening = np.flatnonzero(_changes(group))
    position = np.full((len(opening), len(sop.steps)), -1)
    first = np.flatnonzero(~repeat)
    position[group[first], done.order[first]] = first
    case_row = done.case_row[opening]
    again, closed = np.flatnonzero(repeat), np.flatnonzero(rejected)
    least = np.where(np.isnat(done.end), done.start, done.end)  # what has begun has not ended before
    most = np.where(date_only(done.end), done.end + DAY, done.end)
    least, most = (_latest_together(done, group, ends) for ends in (least, most))
    certain = _Waiting(least, done.start_late, done.start)
    possible = _Waiting(most, done.start, done.start_late)
    before, latest, _ = _predecessors(done, sop, position, group, again, certain)
    _wait_for_rejection(done, sop, closed, group, case_row, certain.end, before, latest)
    waited, until, unknown = _predecessors(done, sop, position, group, again, possible)
    unknown |= _wait_for_rejection(done, sop, closed, group, case_row, possible.end, waited, until)
    return Rounds(case_row, number[opening], position, before, latest, waited, np.where(unknown, NAT, until))


def _latest_together(done: Recorded, group: Ints, ends: Moments) -> Moments:
    """The latest end of all executions of a step that began at one moment in a round; NaT where one is unknown.

    None of them is the last one then: who follows waits for all. They stand side by side in the order of time.
    """
    alone = _changes(group) | _changes(done.order) | _changes(done.start.astype(np.int64)) | np.isnat(done.start)
    places = np.flatnonzero(alone)
    if len(places) == len(ends):
        return ends
    return np.asarray(np.maximum.reduceat(ends, places)[np.cumsum(alone) - 1])


@dataclass(frozen=True)
class _Waiting:
    """How moments without a time are taken, a place per execution: ends, starts of the awaited and of the follower."""

    end: Moments
    began: Moments
    followed: Moments


def _predecessors(
    done: Recorded, sop: Sop, position: Ints, group: Ints, again: Ints, moments: _Waiting
) -> tuple[Ints, Moments, Flags]:
    """For each round and step: which step it waited for, that step's end, and whether an end of such is unknown.

    The nearest ordinary step before it that was executed, and any between that may come early (7 waits for 5 and 6,
    and for the later of the two). Steps that come in any order wait for none of their own, and are waited for together.
    """
    before = np.full(position.shape, -1)
    latest = np.full(position.shape, NAT)
    unknown = np.zeros(position.shape, bool)
    ends = np.append(moments.end, NAT)
    for place in range(len(sop.steps)):
        seen = _seen(done, position, group, again, place, moments)
        waiting = position[:, place] >= 0  # the rounds that have not found their ordinary step yet, going back
        found = np.zeros(len(position), bool)
        for earlier in range(sop.turn(place).start - 1, -1, -1):
            here = waiting & (seen[:, earlier] >= 0)
            ended = ends[seen[:, earlier]]
            unknown[:, place] |= here & np.isnat(ended)
            later = here & ~np.isnat(ended) & ~(ended <= latest[:, place])
            before[later, place], latest[later, place] = earlier, ended[later]
            if not sop.steps[earlier].may_come_early:
                found |= here
            if earlier == sop.turn(earlier).start:
                waiting &= ~found
    return before, latest, unknown


def _seen(done: Recorded, position: Ints, group: Ints, again: Ints, place: int, moments: _Waiting) -> Ints:
    """`position` as a step found it: of an execution that was repeated, the last that began before this one did."""
    own = np.append(moments.followed, NAT)[position[:, place]]
    repeated = again[moments.began[again] < own[group[again]]]
    if not len(repeated):
        return position
    seen = position.copy()
    seen[group[repeated], done.order[repeated]] = repeated  # in the order of time: the last one stays
    return seen


def _wait_for_rejection(
    done: Recorded, sop: Sop, rejections: Ints, group: Ints, round_case: Ints, ends: Moments, before: Ints,
    latest: Moments,
) -> Flags:  # fmt: skip
    """The step that a rejection returns to, and those that may come in any order with it, wait for the rejection:
    written into `before` and `latest`. True where its end is unknown.

    A rejection closes its round, so there is at most one in each, and the round after it is the next one of that case.
    """
    follows = group[rejections] + 1
    there = follows < len(round_case)
    there[there] = round_case[follows[there]] == done.case_row[rejections[there]]
    rounds, last = follows[there], rejections[there]
    unknown = np.zeros(before.shape, bool)
    for place in sop.turn(return_order(sop)):
        unknown[rounds, place] = np.isnat(ends[last])
        later = ~np.isnat(ends[last]) & ~(ends[last] <= latest[rounds, place])
        before[rounds[later], place] = done.order[last[later]]
        latest[rounds[later], place] = ends[last[later]]
    return unknown


def _verdicts(done: Recorded, taken: Durations, late: Flags, running: Flags) -> Texts:
    ended = ~np.isnat(done.end) & ~np.isnat(taken)
    said = np.array(["belum diketahui", "tepat waktu", "terlambat", "berjalan", "terlambat, masih berjalan"], object)
    return np.asarray(said[np.select([ended & late, ended, running & late, running], [2, 1, 4, 3], default=0)])
