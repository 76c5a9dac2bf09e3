"""A case on the axis of working time: what ran when, against how long it may have taken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sopkit import language
from sopkit.checks.inspection import Inspected
from sopkit.frames import Row as Record
from sopkit.frames import rows_of
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


def draw(inspected: Inspected, cases: Sequence[str]) -> Mapping[str, Timeline]:
    """Timelines of these cases, by No. Catatan; a case without any readable moment has none.

    Periodic steps stand in the list without a bar: they wait for their routine, and would squeeze all others.
    """
    events = inspected.courses.events
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
    )
    case = timed["case"]
    first = timed.groupby(case)["start"].transform("min")
    horizon = timed[["until", "deadline"]].max(axis=1).groupby(case).transform("max")
    places = {name: _worked(inspected, first, timed[name]) for name in ("start", "until", "deadline")}
    whole = np.maximum(_worked(inspected, first, horizon), 1.0)
    for name, seconds in places.items():
        timed[f"{name}_at"] = np.nan_to_num(seconds / whole * WIDTH).clip(0, WIDTH).round().astype(int)
    timed["first"], timed["horizon"], timed["whole"] = first, horizon, whole
    executions = _in_order(events, timed)
    return {
        span["case"]: _timeline(inspected, span, executions[span["case"]])
        for _, span in rows_of(timed.drop_duplicates("case")[["case", "first", "horizon", "whole"]])
    }


def _worked(inspected: Inspected, start: pd.Series, end: pd.Series) -> np.ndarray[Any, Any]:
    return inspected.calendar.elapsed(start.to_numpy("datetime64[s]"), end.to_numpy("datetime64[s]"))


def _timeline(inspected: Inspected, span: Record, executions: Sequence[Record]) -> Timeline:
    drawn = [(event["order"], _row(inspected.sop, event)) for event in executions]
    return Timeline(
        rows=tuple(_with_missing(inspected.sop, drawn)),
        days=_day_lines(inspected, pd.Timestamp(span["first"]), pd.Timestamp(span["horizon"]), span["whole"]),
        first=language.short_date_text(span["first"]),
        last=language.short_date_text(span["horizon"]),
    )


def _in_order(events: pd.DataFrame, timed: pd.DataFrame) -> Mapping[str, Sequence[Record]]:
    """The executions of each case in the order of time; those without a start keep their place and have no bar."""
    cases: dict[str, list[Record]] = {}
    for _, event in rows_of(events.join(timed[["start_at", "until_at", "deadline_at"]])):
        cases.setdefault(event["case"], []).append(event)
    return cases


def _row(sop: Sop, event: Record) -> Row:
    step = sop.steps[event["order"]]
    tone = _tone(event["verdict"])
    drawn = event["start_at"] is not None
    start = int(event["start_at"]) if drawn else 0
    until, deadline = (int(event["until_at"]), int(event["deadline_at"])) if drawn else (0, 0)
    until = max(until, min(start + THIN, WIDTH)) if drawn and tone != "unknown" else until
    start = min(start, WIDTH - THIN)
    late = tone in ("late", "running-late")
    kept = max(min(until, deadline) if late else until, start) - start
    return Row(
        step=step.number,
        activity=step.activity,
        actor=event["actor"] or "",
        again=bool(event["round"] or event["repeat"]),
        verdict=event["verdict"],
        tone=tone,
        text=_words(event, step.number),
        taken=_taken(event),
        standard=str(step.standard),
        note=f"berkala, mulai {_moment(event['start'])}" if step.periodic and event["start"] is not None else "",
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


def _taken(event: Record) -> str:
    if event["verdict"] == "belum diketahui" or event["taken"] is None:
        return "–"
    return language.duration_text(event["taken"].total_seconds())


def _words(event: Record, number: int) -> str:
    start = f"mulai {_moment(event['start'])}" if event["start"] is not None else "waktu mulai belum diketahui"
    if event["verdict"] == "belum diketahui":
        return f"Langkah {number}: {start}, waktu selesai belum diketahui"
    end = f"selesai {_moment(event['end'])}" if event["end"] is not None else "belum selesai"
    return f"Langkah {number}: {start}, {end}, {event['verdict']}"


def _moment(moment: dt.datetime) -> str:
    return f"{language.short_date_text(moment)} {language.clock_text(moment.time())}"


def _with_missing(sop: Sop, drawn: Sequence[tuple[int, Row]]) -> list[Row]:
    """Steps that nobody recorded although a later one has begun stand where they should have been."""
    told = {order for order, _ in drawn}
    rows: list[Row] = []
    for order, row in drawn:
        for place, step in enumerate(sop.steps[:order]):
            if place not in told and not step.periodic and not sop.steps[order].may_come_early:
                told.add(place)
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
