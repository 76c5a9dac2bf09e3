"""A case on the axis of working time: what ran when, against how long it may have taken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopkit import language
from sopkit.arrays import Floats
from sopkit.checks.executions import NAT, Executions
from sopkit.checks.inspection import NOT_JUDGED, Inspected
from sopkit.sop.model import Sop, Step

WIDTH = 1000  # units of the drawing's width
THIN = 6  # the least width at which a bar is seen
MOST_DAYS = 40  # more day lines than these would only be grey


@dataclass(frozen=True)
class Row:
    """One execution, or a step that was passed over. Lengths are units of `WIDTH`; `text` says it all in words."""

    step: int
    activity: str
    actor: str
    again: bool
    verdict: str
    tone: str  # good, late, running, unknown, missing
    text: str
    taken: str
    standard: str
    note: str = ""  # instead of a bar
    start: int = 0
    kept: int = 0  # width within the standard
    over: int = 0  # width beyond it
    allowed: int = 0  # width of the standard


@dataclass(frozen=True)
class Timeline:
    """`days` is the SVG path of the lines where working days begin; `first` and `last` are the dates at both ends."""

    rows: tuple[Row, ...]
    days: str
    first: str
    last: str


@dataclass(frozen=True)
class _Bar:
    """Where an execution is drawn, in units of `WIDTH`."""

    start: int
    until: int
    deadline: int


def draw(inspected: Inspected, cases: Sequence[str]) -> Mapping[str, Timeline]:
    """Timelines of these cases, by No. Catatan; a case without any readable moment has none.

    Periodic steps stand in the list without a bar: they wait for their routine, and would squeeze all others.
    """
    events = inspected.executions.frame.reset_index(drop=True)  # by place
    events = events[events["case"].isin(list(cases))]
    periodic = [place for place, step in enumerate(inspected.sop.steps) if step.periodic]
    timed = events[events["start"].notna() & ~events["order"].isin(periodic)].copy()
    if timed.empty:
        return {}
    now = pd.Timestamp(inspected.as_of)
    timed["until"] = (
        timed["end"]
        .where(timed["end"] >= timed["start"])
        .fillna(now.as_unit("s"))
        .where(~timed["verdict"].eq("belum diketahui"), timed["start"])
        .where(~timed["verdict"].eq(NOT_JUDGED) | timed["end"].notna(), timed["start"])
    )
    case = timed["case"]
    timed["first"] = first = timed.groupby(case)["start"].transform("min")
    timed["horizon"] = timed[["until", "deadline"]].max(axis=1).groupby(case).transform("max")
    timed["whole"] = whole = np.maximum(_worked(inspected, first, timed["horizon"]), 1.0)
    places = (_worked(inspected, first, timed[name]) / whole for name in ("start", "until", "deadline"))
    drawn = (np.nan_to_num(share * WIDTH).clip(0, WIDTH).round().astype(int).tolist() for share in places)
    bars = dict(zip(timed.index.tolist(), map(_Bar, *drawn), strict=True))
    spans = timed.drop_duplicates("case")
    own = events.groupby("case").groups
    return {
        str(name): _timeline(inspected, {place: bars.get(place) for place in own[name]}, first, horizon, whole)
        for name, first, horizon, whole in zip(
            spans["case"], spans["first"], spans["horizon"], spans["whole"], strict=True
        )
    }


def _worked(inspected: Inspected, start: pd.Series, end: pd.Series) -> Floats:
    return inspected.calendar.elapsed(start.to_numpy("datetime64[s]"), end.to_numpy("datetime64[s]"))


def _timeline(
    inspected: Inspected, bars: Mapping[int, _Bar | None], first: pd.Timestamp, last: pd.Timestamp, whole: float
) -> Timeline:
    """`bars` by place of the case's executions, in the order of time; those without a start have none."""
    done = inspected.executions
    drawn = [(int(done.order[place]), _row(done, place, bar)) for place, bar in bars.items()]
    judged = all(row.verdict != NOT_JUDGED for _, row in drawn)
    return Timeline(
        rows=tuple(_with_missing(inspected.sop, drawn) if judged else (row for _, row in drawn)),
        days=_day_lines(inspected, first, last, whole),
        first=language.short_date_text(first.date()),
        last=language.short_date_text(last.date()),
    )


def _row(done: Executions, place: int, bar: _Bar | None) -> Row:
    step, verdict = done.sop.steps[done.order[place]], str(done.verdict[place])
    tone = _tone(verdict)
    start, until, deadline = (bar.start, bar.until, bar.deadline) if bar else (0, 0, 0)
    until = max(until, min(start + THIN, WIDTH)) if bar and tone != "unknown" else until
    start = min(start, WIDTH - THIN)
    late = tone in ("late", "running-late")
    kept = max(min(until, deadline) if late else until, start) - start
    begun = done.start[place] if done.start_given[place] else NAT
    return Row(
        step=step.number,
        activity=step.activity,
        actor=done.actor[place] if isinstance(done.actor[place], str) else "",
        again=bool(done.round[place] or done.repeat[place]),
        verdict=verdict,
        tone=tone,
        text=_words(step.number, begun, done.end[place], verdict),
        taken=_taken(done.taken[place], verdict),
        standard=str(step.standard),
        note=_periodic(begun, done.end[place]) if step.periodic else "",
        start=start,
        kept=kept,
        over=max(until - start - kept, THIN) if late else 0,
        allowed=max(deadline - start, 0),
    )


def _tone(verdict: str) -> str:
    return {
        "tepat waktu": "good",
        "terlambat": "late",
        "berjalan": "running",
        "terlambat, masih berjalan": "running-late",
    }.get(verdict, "unknown")


def _taken(taken: np.timedelta64, verdict: str) -> str:
    if verdict == "belum diketahui" or np.isnat(taken):
        return "–"
    return language.duration_text(taken / np.timedelta64(1, "s"))


def _periodic(begun: np.datetime64, ended: np.datetime64) -> str:
    """`berkala, mulai 03-11-2026 08.20`, or when it ended where nobody recorded when it began."""
    if not np.isnat(begun):
        return f"berkala, mulai {_moment(begun)}"
    return f"berkala, selesai {_moment(ended)}" if not np.isnat(ended) else ""


def _words(number: int, start: np.datetime64, end: np.datetime64, verdict: str) -> str:
    begun = f"mulai {_moment(start)}" if not np.isnat(start) else "waktu mulai belum diketahui"
    if verdict == "belum diketahui" and (np.isnat(end) or not np.isnat(start)):
        return f"Langkah {number}: {begun}, waktu selesai belum diketahui"
    if verdict == "belum diketahui":
        return f"Langkah {number}: {begun}, selesai {_moment(end)}"
    ended = f"selesai {_moment(end)}" if not np.isnat(end) else "belum selesai"
    return f"Langkah {number}: {begun}, {ended}, {verdict}"


def _moment(moment: np.datetime64) -> str:
    value: dt.datetime = pd.Timestamp(moment).to_pydatetime()
    return f"{language.short_date_text(value)} {language.clock_text(value.time())}"


def _with_missing(sop: Sop, drawn: Sequence[tuple[int, Row]]) -> list[Row]:
    """Steps that nobody recorded although a later one has begun stand where they should have been."""
    told = {order for order, _ in drawn}
    rows: list[Row] = []
    for order, row in drawn:
        for place, step in enumerate(sop.steps[: sop.turn(order).start]):
            alike = sop.alternatives(place)
            due = told.isdisjoint(alike) and not step.periodic and not step.optional
            if due and not sop.steps[order].may_come_early:
                told.update(alike)
                rows.append(_missing(step))
        rows.append(row)
    return rows


def _missing(step: Step) -> Row:
    words = f"Langkah {step.number} tidak tercatat"
    return Row(step.number, step.activity, "", False, "tidak tercatat", "missing", words, "–", str(step.standard))


def _day_lines(inspected: Inspected, first: pd.Timestamp, last: pd.Timestamp, whole: float) -> str:
    days = pd.date_range(first.normalize() + pd.Timedelta(days=1), last.normalize()).to_numpy("datetime64[s]")
    working = days[inspected.calendar.is_working_day(days)] if len(days) else days
    if not 0 < len(working) <= MOST_DAYS:
        return ""
    start = np.full(len(working), first.to_datetime64()).astype("datetime64[s]")
    places = np.rint(inspected.calendar.elapsed(start, working) / whole * WIDTH)
    return "".join(f"M{int(place)} 0V20" for place in places)
