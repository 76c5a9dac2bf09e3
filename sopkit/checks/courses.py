"""The executions of the steps laid out case by case, round by round, step by step.

A rejection closes a round: the next begins with the step that the SOP returns to. Everything is computed once, on
whole columns, so that a hundred thousand cases cost a fraction of reading their file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sopkit.sop.model import Sop
from sopkit.workcalendar import WorkCalendar

if TYPE_CHECKING:
    from sopkit.checks.inspection import Inspection

REJECTED, APPROVED = "Ditolak", "Disetujui"
SIMILAR_NUMBER = 85  # rapidfuzz ratio from which two document numbers look like one mistyped
DAY = np.timedelta64(1, "D")
NAT = np.datetime64("NaT", "s")


@dataclass(frozen=True)
class Courses:
    """What was done, in the order in which it was done.

    events: one row per execution of a known step in a known case, indexed like sheet Langkah, sorted by case and
      moment. Columns: `case` (No. Catatan), `case_row` (row in Register), `step` (label), `order` (its place in the
      SOP), `actor`, `outcome`, `remark`, `start`, `end` (datetime64[s]), `start_late`/`end_early` (the latest start
      and the earliest end that a date without a time allows), `begun`, `running` (begun, no Selesai, nothing later
      begun), `unfinished` (no Selesai although something later has begun), `round` (0 before any rejection),
      `group` (case and round, numbered), `repeat` (a repetition that no rejection asked for), `deadline`
      (datetime64[s]), `taken` and `over` (timedelta64[s] of working time), `standard` (text), `verdict`
      ("tepat waktu", "terlambat", "berjalan", "terlambat, masih berjalan", "belum diketahui").
    The arrays below have a row per group and a column per step of the SOP, and hold its first execution.
    """

    sop: Sop
    events: pd.DataFrame
    group_case: np.ndarray[Any, Any]  # row in Register
    group_round: np.ndarray[Any, Any]
    position: np.ndarray[Any, Any]  # place in `events` of the execution, -1 where there is none
    predecessor_end: np.ndarray[Any, Any]  # latest of the ends that this execution had to wait for; NaT unknown
    predecessor: np.ndarray[Any, Any]  # order of the step with that end; -1
    uncertain: frozenset[int]  # Register rows whose course is not wholly readable
    lost: pd.DataFrame  # rows of Langkah whose case or step is in error: `typed`, `case_row`, `step`, `start`

    @cached_property
    def approved(self) -> pd.Series:
        """Case row -> Selesai of its last approval, for the cases whose last execution of that step approved."""
        step = self.sop.duty("approval")
        last = self.last(step.number) if step else self.events[:0].set_index("case_row")
        return last.loc[last["outcome"] == APPROVED, "end"]

    def last(self, number: int) -> pd.DataFrame:
        """The last execution of a step in each case, indexed by case row, with its row of Langkah as `row`."""
        done = self.events[self.events["step"] == number]
        return done.assign(row=done.index).drop_duplicates("case_row", keep="last").set_index("case_row")

    def executions(self, case_row: int) -> pd.DataFrame:
        """The executions of the case in this row of Register, in the order of time."""
        rows = self.events["case_row"].to_numpy()
        return self.events.iloc[np.searchsorted(rows, case_row) : np.searchsorted(rows, case_row, side="right")]

    def may_be_misfiled(self, case_row: int, number: str, orders: Sequence[int]) -> bool:
        """True when rows in error could be the missing executions: their absence then follows only from that error."""
        if self.lost.empty:
            return False
        if (self.lost["case_row"] == case_row).sum() >= len(orders):
            return True
        like = self.resembling(number)
        events = self.executions(case_row)
        return all(_fits(events, order, like[like["step"] == self.sop.steps[order].number]) for order in orders)

    def resembling(self, number: str) -> pd.DataFrame:
        """Lost rows without a case whose number, if any was typed, resembles `number`."""
        from rapidfuzz import fuzz

        lost = self.lost[self.lost["case_row"].isna()]
        like = [not isinstance(text, str) or fuzz.ratio(text, number) >= SIMILAR_NUMBER for text in lost["typed"]]
        return lost[np.array(like, dtype=bool)]

    def lacking(self, number: int, case_rows: Iterable[int]) -> set[int]:
        """Of these cases, those without an execution of the step that may have one among the rows in error."""
        if self.lost.empty:
            return set()
        order = self.sop.position(number)
        done = set(self.events.loc[self.events["order"] == order, "case_row"])
        names = self.events.drop_duplicates("case_row").set_index("case_row")["case"]
        open_rows = [row for row in case_rows if row not in done and row in names.index]
        return {row for row in open_rows if self.may_be_misfiled(row, names[row], [order])}


def lay_out(inspection: Inspection) -> Courses:
    """Lay out the events of an inspection after its cells in error are known."""
    sop = inspection.sop
    events = _time(_known_events(inspection), sop, inspection.calendar, inspection.as_of)
    uncertain = _uncertain_cases(inspection, events)
    events = _rounds(events, sop)
    n_groups = int(events["group"].max()) + 1 if len(events) else 0
    position = _positions(events, n_groups, len(sop.steps))
    first = events.drop_duplicates("group")
    group_case, group_round = first["case_row"].to_numpy(), first["round"].to_numpy()
    events = _progress(events, sop)
    before, ends = _predecessors(events, sop, position, group_case)
    lost = _lost(inspection)
    return Courses(sop, _verdicts(events).copy(), group_case, group_round, position, ends, before, uncertain, lost)


def _lost(inspection: Inspection) -> pd.DataFrame:
    frame = inspection.frame("events")
    lost = frame[frame["case"].isna() | frame["step"].isna()]
    typed = inspection.tables["events"].data["case"].reindex(lost.index)
    case_row = lost["case"].map(inspection.case_rows).where(lost["step"].isna())
    known_elsewhere = lost["case"].notna() & case_row.isna()
    columns = {"typed": typed, "case_row": case_row, "step": lost["step"], "start": lost["start"]}
    return pd.DataFrame(columns)[~known_elsewhere]


def _fits(events: pd.DataFrame, order: int, lost: pd.DataFrame) -> bool:
    """True when one of the lost rows began between the neighbours of the step in that place."""
    after = events.loc[events["order"] < order, "start"].max()
    until = events.loc[events["order"] > order, "start"].min()
    start = lost["start"]
    return bool((start.isna() | ((start >= after) | pd.isna(after)) & ((start <= until) | pd.isna(until))).any())


def _known_events(inspection: Inspection) -> pd.DataFrame:
    """Events whose case and step are known, with what a date without a time leaves open."""
    raw = inspection.frame("events")
    rows = inspection.case_rows
    orders = {float(step.number): place for place, step in enumerate(inspection.sop.steps)}
    events = pd.DataFrame(
        {
            "case": raw["case"],
            "case_row": raw["case"].map(rows),
            "order": raw["step"].map(orders),
            "step": raw["step"],
            "actor": raw["actor"],
            "outcome": raw["outcome"],
            "remark": raw["remark"],
            "start": raw["start"].astype("datetime64[s]"),
            "end": raw["end"].astype("datetime64[s]"),
            "end_blank": inspection.blank("events", "end"),
            "outcome_unknown": inspection.unknown("events", "outcome"),
        }
    )
    events = events[events["case_row"].notna() & events["order"].notna()]
    events = events.astype({"case_row": "int64", "order": "int64", "step": "int64"})
    start_only, end_only = date_only(events["start"]), date_only(events["end"])
    late = pd.Timedelta(hours=23, minutes=59, seconds=59)
    events["start_late"] = events["start"].mask(start_only, events["start"] + late)
    events["end_early"] = events["end"]
    events["end_late"] = events["end"].mask(end_only, events["end"] + late)
    events["begun"] = events["start"].notna() | events["end"].notna()
    return _sorted(events)


def looked_up(keys: pd.Series, values: pd.Series) -> pd.Series:
    """`values` at `keys`, missing where there is none; unlike `Series.map` an empty `values` keeps its dtype."""
    return pd.Series(values.reindex(keys).to_numpy(), index=keys.index)


def date_only(moments: pd.Series) -> pd.Series:
    """True for a date without a time."""
    same: pd.Series = moments.dt.normalize() == moments
    return same & moments.notna()


def _sorted(events: pd.DataFrame) -> pd.DataFrame:
    """By case and moment. An execution without a readable moment stands after the steps before its own."""
    moment = events["start"].fillna(events["end"])
    if moment.isna().any():
        by_step = events.assign(moment=moment).sort_values(["case_row", "order"], kind="stable")
        reached = by_step.groupby("case_row")["moment"].cummax()
        moment = moment.fillna(reached.groupby(by_step["case_row"]).ffill()).fillna(pd.Timestamp(1900, 1, 1))
    rank = np.lexsort((events.index, events["order"], moment, events["case_row"]))
    return events.iloc[rank]


def _time(events: pd.DataFrame, sop: Sop, calendar: WorkCalendar, as_of: dt.datetime) -> pd.DataFrame:
    """Deadline, working time taken (running: until `as_of`) and over, for each execution."""
    events = events.copy()
    start = events["start_late"].to_numpy("datetime64[s]")
    ends = events["end_early"].where(~events["end_blank"], pd.Timestamp(as_of)).to_numpy("datetime64[s]")
    deadline = np.full(len(events), NAT)
    for place, step in enumerate(sop.steps):
        here = events["order"].to_numpy() == place
        deadline[here] = calendar.deadline(start[here], step.standard)
    taken = calendar.elapsed(start, np.where(ends < start, start, ends))
    over = np.nan_to_num(calendar.elapsed(np.where(ends > deadline, deadline, NAT), ends))
    events["deadline"] = pd.Series(deadline, index=events.index)
    events["taken"] = pd.to_timedelta(pd.Series(taken, index=events.index), unit="s").dt.round("s")
    events["over"] = pd.to_timedelta(pd.Series(over, index=events.index), unit="s").dt.round("s")
    events["late"] = over > 0  # what ends in a break or after closing has cost no working time
    events["standard"] = events["order"].map({i: str(s.standard) for i, s in enumerate(sop.steps)})
    return events


def _uncertain_cases(inspection: Inspection, events: pd.DataFrame) -> frozenset[int]:
    """Cases with an execution whose step, moment or outcome is unknown, or whose number stands twice."""
    raw = inspection.frame("events")
    rows = raw["case"].map(inspection.case_rows)
    dark = rows[raw["step"].isna() & rows.notna()]
    timeless = events.loc[events["start"].isna() | events["outcome_unknown"], "case_row"]
    numbers = inspection.tables["cases"].data["number"].dropna()
    shared = inspection.case_rows.reindex(numbers[numbers.duplicated()].unique()).dropna()
    return frozenset(int(row) for part in (dark, timeless, shared) for row in part)


def _rounds(events: pd.DataFrame, sop: Sop) -> pd.DataFrame:
    """Number the rounds, and mark the repetitions that no rejection asked for."""
    rejecting = [place for place, step in enumerate(sop.steps) if step.on_rejection is not None]
    rejected = (events["outcome"] == REJECTED) & events["order"].isin(rejecting)
    before = rejected.astype("int64").groupby(events["case_row"]).cumsum() - rejected.astype("int64")
    events["round"] = before.astype("int64")
    events["rejected"] = rejected
    case = events["case_row"].to_numpy()
    turns = np.r_[True, (case[1:] != case[:-1]) | (np.diff(events["round"].to_numpy()) != 0)] if len(events) else []
    events["group"] = np.cumsum(turns) - 1 if len(events) else pd.Series(dtype="int64")
    again = events.duplicated(["group", "order"])
    returned = events["round"] > 0
    below = events["order"] < return_order(sop)
    events["repeat"] = again | (returned & below & events.duplicated(["case_row", "order"]))
    return events


def return_order(sop: Sop) -> int:
    """Place of the step that a rejection returns to; 0 where the SOP knows none."""
    targets = [sop.position(step.on_rejection) for step in sop.steps if step.on_rejection is not None]
    return min(targets, default=0)


def _positions(events: pd.DataFrame, groups: int, steps: int) -> np.ndarray[Any, Any]:
    position = np.full((groups, steps), -1)
    first = np.flatnonzero(~events["repeat"].to_numpy(bool))
    position[events["group"].to_numpy()[first], events["order"].to_numpy()[first]] = first
    return position


def _progress(events: pd.DataFrame, sop: Sop) -> pd.DataFrame:
    """Which executions run, and which lack a Selesai although the work has gone on."""
    early = [place for place, step in enumerate(sop.steps) if step.may_come_early]
    counts = events["begun"] & ~events["order"].isin(early)
    reach = events["order"].where(counts, -1).groupby(events["group"]).transform("max")
    last_round = events["round"].groupby(events["case_row"]).transform("max")
    gone_on = (reach > events["order"]) | (events["round"] < last_round)
    open_ended = events["end_blank"] & events["begun"]
    events["unfinished"] = open_ended & gone_on
    events["running"] = open_ended & ~gone_on
    return events


def _predecessors(
    events: pd.DataFrame, sop: Sop, position: np.ndarray[Any, Any], group_case: np.ndarray[Any, Any]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """For each group and step: which step it waited for and that step's end (the earliest a date-only end allows).

    The nearest ordinary step before it that was executed, and any between that may come early. After a rejection
    the step returned to waits for the rejection.
    """
    end = np.append(events["end_early"].to_numpy("datetime64[s]"), NAT)
    ends = end[position]
    before = np.full(position.shape, -1)
    latest = np.full(position.shape, NAT)
    for place in range(len(sop.steps)):
        waiting = position[:, place] >= 0
        dark = np.zeros(len(position), bool)
        for earlier in range(place - 1, -1, -1):
            here = waiting & (position[:, earlier] >= 0)
            dark |= here & np.isnat(ends[:, earlier])
            later = here & (np.isnat(latest[:, place]) | (ends[:, earlier] > latest[:, place]))
            before[later, place], latest[later, place] = earlier, ends[later, earlier]
            if not sop.steps[earlier].may_come_early:
                waiting &= ~here
        latest[dark, place] = NAT
    _wait_for_rejection(events, sop, position, group_case, before, latest)
    return before, latest


def _wait_for_rejection(
    events: pd.DataFrame,
    sop: Sop,
    position: np.ndarray[Any, Any],
    group_case: np.ndarray[Any, Any],
    before: np.ndarray[Any, Any],
    latest: np.ndarray[Any, Any],
) -> None:
    rejections = events[events["rejected"]].drop_duplicates("group", keep="last")
    if rejections.empty:
        return
    target = return_order(sop)
    follows = rejections["group"].to_numpy() + 1
    same = follows < len(position)
    same[same] = group_case[follows[same]] == rejections["case_row"].to_numpy()[same]
    groups = follows[same]
    before[groups, target] = rejections["order"].to_numpy()[same]
    latest[groups, target] = rejections["end_early"].to_numpy("datetime64[s]")[same]


def _verdicts(events: pd.DataFrame) -> pd.DataFrame:
    ended = events["end"].notna() & events["start"].notna()
    events["verdict"] = np.select(
        [ended & events["late"], ended, events["running"] & events["late"], events["running"]],
        ["terlambat", "tepat waktu", "terlambat, masih berjalan", "berjalan"],
        default="belum diketahui",
    )
    return events
