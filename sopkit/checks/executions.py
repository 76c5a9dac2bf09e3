"""The executions of the steps laid out case by case, round by round, step by step.

A rejection closes a round: the next begins with the step that the SOP returns to. Everything is computed once, on
whole columns, so that a hundred thousand cases cost a fraction of reading their file. The columns are plain arrays:
on a small register pandas would spend its time on itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from sopkit.sop.model import Sop
from sopkit.workcalendar import WorkCalendar

Array = np.ndarray[Any, Any]
Columns = dict[str, Array]

REJECTED, APPROVED = "Ditolak", "Disetujui"
SIMILAR_NUMBER = 85  # rapidfuzz ratio from which two document numbers look like one mistyped
DAY = np.timedelta64(1, "D")
LAST_SECOND = np.timedelta64(24 * 3600 - 1, "s")  # of a day, counted from its beginning
NAT = np.datetime64("NaT", "s")


@dataclass(frozen=True)
class Entries:
    """Sheet Langkah with its cells in error missing, and the cases that it may speak of; a place per row of the sheet.

    fields: `case`, `step`, `actor`, `outcome`, `remark`, `start`, `end` by name.
    """

    rows: pd.Index[Any]  # row of Langkah
    fields: Mapping[str, Array]
    typed: Array  # No. Catatan, whether in error or not
    end_blank: Array  # no Selesai was typed
    outcome_unknown: Array
    case_rows: pd.Series[Any]  # No. Catatan -> row in Register
    shared: frozenset[int]  # rows in Register whose number stands there twice


@dataclass(frozen=True)
class Executions:
    """What was done, in the order in which it was done.

    columns: an array for each of the following, with a place per execution of a known step in a known case, sorted by
      case and moment; `rows` has their rows in sheet Langkah. `case` (No. Catatan), `case_row` (row in Register),
      `step` (label), `order` (its place in the SOP), `actor`, `outcome`, `remark`, `start`, `end` (datetime64[s]),
      `start_late`/`end_early` (the latest start and the earliest end that a date without a time allows), `begun`,
      `running` (begun, no Selesai, nothing later begun), `unfinished` (no Selesai although something later has begun),
      `round` (0 before any rejection), `group` (case and round, numbered), `repeat` (a repetition that no rejection
      asked for), `deadline` (datetime64[s]), `taken` and `over` (timedelta64[s] of working time), `late` (over is not
      nothing), `standard` (text), `verdict` ("tepat waktu", "terlambat", "berjalan", "terlambat, masih berjalan",
      "belum diketahui").
    The arrays below have a row per group and a column per step of the SOP, and hold its first execution.
    """

    sop: Sop
    columns: Mapping[str, Array]
    rows: pd.Index[Any]
    group_case: Array  # row in Register
    group_round: Array
    position: Array  # place in `columns` of the execution, -1 where there is none
    predecessor_end: Array  # latest of the ends that this execution had to wait for; NaT unknown
    predecessor: Array  # order of the step with that end; -1
    incomplete: frozenset[int]  # Register rows whose course is not wholly readable
    unmatched: pd.DataFrame  # rows of Langkah whose case or step is in error: `typed`, `case_row`, `step`, `start`

    @cached_property
    def events(self) -> pd.DataFrame:
        """The columns as a table, indexed by row of Langkah."""
        return _frame(self.columns, self.rows)

    @cached_property
    def approved(self) -> pd.Series:
        """Case row -> Selesai of its last approval, for the cases whose last execution of that step approved."""
        step = self.sop.duty("approval")
        last = self.last(step.number) if step else np.zeros(0, dtype=np.int64)
        last = last[self.columns["outcome"][last] == APPROVED]
        return pd.Series(self.columns["end"][last], index=self.columns["case_row"][last])

    def last(self, number: int) -> Array:
        """The places of the last execution of a step in each case."""
        done = np.flatnonzero(self.columns["step"] == number)
        cases = self.columns["case_row"][done]
        return np.asarray(done[np.append(cases[1:] != cases[:-1], True)[: len(done)]])

    def of_case(self, case_row: int) -> pd.DataFrame:
        """The executions of the case in this row of Register, in the order of time."""
        return self.events.iloc[self.span_of_case(case_row)]

    def span_of_case(self, case_row: int) -> slice:
        """The places of the case in this row of Register."""
        rows = self.columns["case_row"]
        return slice(int(np.searchsorted(rows, case_row)), int(np.searchsorted(rows, case_row, side="right")))

    def span_of_round(self, place: int) -> slice:
        """The places of the round that this place is in."""
        groups = self.columns["group"]
        group = groups[place]
        return slice(int(np.searchsorted(groups, group)), int(np.searchsorted(groups, group, side="right")))

    def possible_rows(self, span: slice, orders: Sequence[int], used: Iterable[int] = ()) -> list[int] | None:
        """Rows in error that could be executions missing in this span, which then follow only from the error in them.

        One row for each of `orders`, none of them in `used`; None where there are not so many. A row of the case itself
        whose step is in error could be any of them, first one whose moment fits.
        """
        if self.unmatched.empty:
            return None
        number, events = self.columns["case"][span.start], self.events.iloc[span]
        own = self.unmatched[self.unmatched["case_row"] == self.columns["case_row"][span.start]]
        like = self.resembling(number)
        found: list[int] = []
        for order in orders:
            taken = [*used, *found]
            free = own[~own.index.isin(taken)]
            others = like[(like["step"] == self.sop.steps[order].number) & ~like.index.isin(taken)]
            rows = (_fitting(events, order, free), _fitting(events, order, others), *free.index[:1])
            found += [int(row) for row in rows if row is not None][:1]
        return found if len(found) == len(orders) else None

    def resembling(self, number: str) -> pd.DataFrame:
        """Unmatched rows without a case whose number, if any was typed, resembles `number`."""
        from rapidfuzz import fuzz

        unmatched = self.unmatched[self.unmatched["case_row"].isna()]
        like = [not isinstance(text, str) or fuzz.ratio(text, number) >= SIMILAR_NUMBER for text in unmatched["typed"]]
        return unmatched[np.array(like, dtype=bool)]

    def possibly_done(self, number: int, case_rows: Iterable[int]) -> set[int]:
        """Of these cases, those without an execution of the step that may have one among the rows in error."""
        if self.unmatched.empty:
            return set()
        order = self.sop.position(number)
        done = set(self.events.loc[self.events["order"] == order, "case_row"])
        begun = set(self.columns["case_row"].tolist())
        open_rows = [row for row in case_rows if row in begun and row not in done]
        return {row for row in open_rows if self.possible_rows(self.span_of_case(row), [order]) is not None}


def lay_out(sop: Sop, calendar: WorkCalendar, as_of: dt.datetime, entries: Entries) -> Executions:
    """Lay out the executions once the cells in error are known."""
    case_row = entries.case_rows.reindex(entries.fields["case"], fill_value=-1).to_numpy()
    rows, events = _known_events(sop, entries, case_row)
    _time(events, sop, calendar, as_of)
    incomplete = _incomplete_cases(entries, case_row, events)
    _rounds(events, sop)
    group = events["group"]
    opening = np.flatnonzero(np.append(True, group[1:] != group[:-1])[: len(group)])
    position = _positions(events, len(opening), len(sop.steps))
    group_case, group_round = events["case_row"][opening], events["round"][opening]
    _progress(events, sop, opening)
    before, ends = _predecessors(events, sop, position, group_case)
    _verdicts(events)
    unmatched = _unmatched(entries, case_row)
    return Executions(sop, events, rows, group_case, group_round, position, ends, before, incomplete, unmatched)


def _unmatched(entries: Entries, case_row: Array) -> pd.DataFrame:
    nameless, stepless = pd.isna(entries.fields["case"]), pd.isna(entries.fields["step"])
    unmatched = nameless | (stepless & (case_row >= 0))
    columns = {
        "typed": entries.typed[unmatched],
        "case_row": np.where(nameless, np.nan, case_row)[unmatched],
        "step": entries.fields["step"][unmatched],
        "start": entries.fields["start"][unmatched],
    }
    return _frame(columns, entries.rows[unmatched])


def _frame(columns: Mapping[str, Array], rows: pd.Index[Any]) -> pd.DataFrame:
    """The arrays as they are: pandas 3 would read texts and None as a dtype of its own."""
    return pd.DataFrame({name: pd.Series(array, rows, array.dtype) for name, array in columns.items()}, index=rows)


def _fitting(events: pd.DataFrame, order: int, unmatched: pd.DataFrame) -> int | None:
    """The first of the unmatched rows that began between the neighbours of the step in that place."""
    after = events.loc[events["order"] < order, "start"].max()
    until = events.loc[events["order"] > order, "start"].min()
    start = unmatched["start"]
    fits = start.isna() | ((start >= after) | pd.isna(after)) & ((start <= until) | pd.isna(until))
    return int(unmatched.index[fits.to_numpy().argmax()]) if fits.any() else None


def _known_events(sop: Sop, entries: Entries, case_row: Array) -> tuple[pd.Index[Any], Columns]:
    """Executions whose case and step are known, in order, with what a date without a time leaves open."""
    step = entries.fields["step"]
    order = np.full(len(step), -1)
    for place, known_step in enumerate(sop.steps):
        order[step == known_step.number] = place
    known = np.flatnonzero((case_row >= 0) & (order >= 0))
    start, end = (entries.fields[name][known].astype("datetime64[s]") for name in ("start", "end"))
    rank = _in_order(case_row[known], order[known], start, end, entries.rows[known])
    start, end, known = start[rank], end[rank], known[rank]
    texts = {name: entries.fields[name][known] for name in ("case", "actor", "outcome", "remark")}
    return entries.rows[known], {
        **texts,
        "case_row": case_row[known].astype(np.int64),
        "order": order[known],
        "step": step[known].astype(np.int64),
        "start": start,
        "end": end,
        "end_blank": entries.end_blank[known],
        "outcome_unknown": entries.outcome_unknown[known],
        "start_late": np.where(date_only(start), start + LAST_SECOND, start),
        "end_early": end,
        "begun": ~np.isnat(start) | ~np.isnat(end),
    }


def date_only(moments: Array) -> Array:
    """True for a date without a time."""
    return np.asarray(moments.astype("datetime64[D]") == moments)


def _in_order(case_row: Array, order: Array, start: Array, end: Array, rows: pd.Index[Any]) -> Array:
    """By case and moment. An execution without a readable moment stands after the steps before its own."""
    moment = np.where(np.isnat(start), end, start)
    if np.isnat(moment).any():
        frame = pd.DataFrame({"case_row": case_row, "order": order, "moment": moment})
        by_step = frame.sort_values(["case_row", "order"], kind="stable")
        reached = by_step.groupby("case_row")["moment"].cummax().groupby(by_step["case_row"]).ffill()
        moment = frame["moment"].fillna(reached).fillna(pd.Timestamp(1900, 1, 1)).to_numpy()
    return np.lexsort((rows, order, moment, case_row))


def _time(events: Columns, sop: Sop, calendar: WorkCalendar, as_of: dt.datetime) -> None:
    """Add deadline, working time taken (running: until `as_of`) and over, for each execution."""
    start = events["start_late"]
    ends = np.where(events["end_blank"], np.datetime64(as_of, "s"), events["end_early"])
    deadline = np.full(len(start), NAT)
    for place, step in enumerate(sop.steps):
        here = events["order"] == place
        deadline[here] = calendar.deadline(start[here], step.standard)
    over = np.nan_to_num(calendar.elapsed(np.where(ends > deadline, deadline, NAT), ends))
    events["deadline"] = deadline
    events["taken"] = durations(calendar.elapsed(start, np.where(ends < start, start, ends)))
    events["over"] = durations(over)
    events["late"] = over > 0  # what ends in a break or after closing has cost no working time
    events["standard"] = np.array([str(step.standard) for step in sop.steps], dtype=object)[events["order"]]


def durations(seconds: Array) -> Array:
    """timedelta64[s]; NaT where they are not known."""
    known = np.isfinite(seconds)
    whole = np.rint(np.where(known, seconds, 0)).astype("timedelta64[s]")
    return np.where(known, whole, np.timedelta64("NaT", "s"))


def _incomplete_cases(entries: Entries, case_row: Array, events: Columns) -> frozenset[int]:
    """Cases with an execution whose step, moment or outcome is unknown, or whose number stands twice."""
    unknown = case_row[pd.isna(entries.fields["step"]) & (case_row >= 0)]
    timeless = events["case_row"][np.isnat(events["start"]) | events["outcome_unknown"]]
    return entries.shared.union(unknown.tolist(), timeless.tolist())


def _rounds(events: Columns, sop: Sop) -> None:
    """Number the rounds, and mark the repetitions that no rejection asked for."""
    case, order = events["case_row"], events["order"]
    rejecting = [place for place, step in enumerate(sop.steps) if step.on_rejection is not None]
    rejected = (events["outcome"] == REJECTED) & np.isin(order, rejecting)
    before = np.cumsum(rejected) - rejected
    first = np.append(True, case[1:] != case[:-1])[: len(case)]
    events["round"] = before - before[np.flatnonzero(first)][np.cumsum(first) - 1]
    events["rejected"] = rejected
    turns = first | np.append(False, np.diff(events["round"]) != 0)[: len(case)]
    events["group"] = np.cumsum(turns) - 1
    again = _duplicated(events["group"], order, len(sop.steps))
    below = (events["round"] > 0) & (order < return_order(sop))
    events["repeat"] = again | (below & _duplicated(case, order, len(sop.steps)))


def _duplicated(keys: Array, order: Array, steps: int) -> Array:
    """True where the pair of key and step stands for the second time or later."""
    return np.asarray(pd.Index(keys * steps + order).duplicated())


def return_order(sop: Sop) -> int:
    """Place of the step that a rejection returns to; 0 where the SOP knows none."""
    targets = [sop.position(step.on_rejection) for step in sop.steps if step.on_rejection is not None]
    return min(targets, default=0)


def _positions(events: Columns, groups: int, steps: int) -> Array:
    position = np.full((groups, steps), -1)
    first = np.flatnonzero(~events["repeat"])
    position[events["group"][first], events["order"][first]] = first
    return position


def _progress(events: Columns, sop: Sop, opening: Array) -> None:
    """Tell which executions run, and which lack a Selesai although the work has gone on.

    It has gone on where another round follows, or where a later step (not one that may come early) of the same round
    began at its Mulai or after; a date without a time may be as late as that day allows. What began before shows
    nothing: a step begun again after the last one runs.
    """
    case, order, group = events["case_row"], events["order"], events["group"]
    early = np.array([step.may_come_early for step in sop.steps])
    moment = np.where(np.isnat(events["start_late"]), events["end"], events["start_late"]).astype(np.int64)
    counts = np.flatnonzero(events["begun"] & ~early[order])
    latest = np.full((len(opening), len(early) + 1), np.iinfo(np.int64).min)  # one more: nothing follows the last step
    np.maximum.at(latest, (group[counts], order[counts]), moment[counts])
    onward = np.maximum.accumulate(latest[:, ::-1], axis=1)[:, ::-1][:, 1:]  # the greatest of all columns to the right
    again = np.append(case[opening][1:] == case[opening][:-1], False)[group] if len(opening) else group > 0
    gone_on = again | (onward[group, order] >= events["start"].astype(np.int64))
    open_ended = events["end_blank"] & events["begun"]
    events["unfinished"] = open_ended & gone_on
    events["running"] = open_ended & ~gone_on


def _predecessors(events: Columns, sop: Sop, position: Array, group_case: Array) -> tuple[Array, Array]:
    """For each group and step: which step it waited for and that step's end (the earliest a date-only end allows).

    The nearest ordinary step before it that was executed, and any between that may come early. After a rejection
    the step returned to waits for the rejection.
    """
    ends = np.append(events["end_early"], NAT)[position]
    before = np.full(position.shape, -1)
    latest = np.full(position.shape, NAT)
    for place in range(len(sop.steps)):
        waiting = position[:, place] >= 0
        unknown = np.zeros(len(position), bool)
        for earlier in range(place - 1, -1, -1):
            here = waiting & (position[:, earlier] >= 0)
            unknown |= here & np.isnat(ends[:, earlier])
            later = here & (np.isnat(latest[:, place]) | (ends[:, earlier] > latest[:, place]))
            before[later, place], latest[later, place] = earlier, ends[later, earlier]
            if not sop.steps[earlier].may_come_early:
                waiting &= ~here
        latest[unknown, place] = NAT
    _wait_for_rejection(events, sop, position, group_case, before, latest)
    return before, latest


def _wait_for_rejection(
    events: Columns, sop: Sop, position: Array, group_case: Array, before: Array, latest: Array
) -> None:
    rejections = np.flatnonzero(events["rejected"])  # a rejection closes its round, so there is one to a group
    follows = events["group"][rejections] + 1
    there = follows < len(position)
    there[there] = group_case[follows[there]] == events["case_row"][rejections[there]]
    groups, last = follows[there], rejections[there]
    target = return_order(sop)
    before[groups, target] = events["order"][last]
    latest[groups, target] = events["end_early"][last]


def _verdicts(events: Columns) -> None:
    ended = ~np.isnat(events["end"]) & ~np.isnat(events["start"])
    late, running = events["late"], events["running"]
    said = np.array(["belum diketahui", "tepat waktu", "terlambat", "berjalan", "terlambat, masih berjalan"], object)
    events["verdict"] = said[np.select([ended & late, ended, running & late, running], [2, 1, 4, 3], default=0)]
