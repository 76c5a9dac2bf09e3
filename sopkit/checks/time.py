"""W: time standards in working time, working hours, idle time and deadlines (the SOP's column Waktu)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.courses import date_only
from sopkit.checks.inspection import Inspection

STANDARD = "SOP, baku mutu waktu"


@rule(
    "W01",
    Severity.ERROR,
    stage=1,
    message="Waktu Selesai ({end}) mendahului waktu Mulai ({start}).",
    fix="Perbaiki salah satu dari kedua waktu itu.",
    clause="ISO 9001:2015 klausul 7.5.3",
)
def ends_before_start(case: Inspection) -> Iterator[Mark]:
    """Impossible. An end with a date only is taken as the end of that day, so only certainty is reported."""
    events = case.frame("events")
    latest = events["end"].mask(date_only(events["end"]), events["end"] + pd.Timedelta(days=1))
    yield from case.mark("events", latest < events["start"], "end", start=events["start"], end=events["end"])


@rule(
    "W02",
    Severity.BREACH,
    explainable=True,
    message="Langkah {step} memerlukan waktu {taken}, melebihi baku mutu {standard} selama {over} waktu kerja.",
    fix="Tulis sebab keterlambatan di kolom Keterangan baris ini.",
    clause=STANDARD,
)
def over_time_standard(case: Inspection) -> Iterator[Mark]:
    """A finished step took longer than its standard, in working time."""
    events = case.courses.events
    late = events[events["late"] & events["start"].notna() & events["end"].notna()]
    yield from case.mark(
        "events", late, "end", step=late["step"], taken=late["taken"], standard=late["standard"], over=late["over"]
    )


@rule(
    "W03",
    Severity.BREACH,
    explainable=True,
    message="Langkah {step} masih berjalan {taken} waktu kerja sejak dimulai; baku mutu {standard} terlampaui {over}.",
    fix="Selesaikan langkah ini dan isi waktu Selesai, atau tulis sebab keterlambatan di kolom Keterangan baris ini.",
    clause=STANDARD,
)
def running_over(case: Inspection) -> Iterator[Mark]:
    """A running step is already over its standard. Work on a cancelled case has stopped and is not held to it."""
    running = _running(case)
    late = running[running["late"]]
    yield from case.mark(
        "events", late, "start", step=late["step"], taken=late["taken"], standard=late["standard"], over=late["over"]
    )


def _running(case: Inspection) -> pd.DataFrame:
    events = case.courses.events
    status = events["case_row"].map(case.frame("cases")["status"])
    return events[events["running"] & events["start"].notna() & (status != "Batal")]


@rule(
    "W04",
    Severity.WARNING,
    message="Langkah {step} harus selesai paling lambat {deadline}; sisa waktu kerja {left}.",
    fix="Dahulukan langkah ini agar selesai tepat waktu.",
    clause=STANDARD,
)
def due_soon(case: Inspection) -> Iterator[Mark]:
    """A running step will pass its standard within the office's warning time."""
    running = _running(case)
    running = running[~running["late"] & running["deadline"].notna()]
    now = np.full(len(running), np.datetime64(case.as_of, "s"))
    left = case.calendar.elapsed(now, running["deadline"].to_numpy("datetime64[s]"))
    limit = case.calendar.deadline(now[:1], case.standard_setting("Waktu Peringatan")) if len(now) else now
    soon = running["deadline"].to_numpy("datetime64[s]") <= np.broadcast_to(limit[:1], len(now))
    remaining = pd.to_timedelta(pd.Series(left, index=running.index), unit="s")
    yield from case.mark(
        "events", running[soon], "start", step=running["step"], deadline=running["deadline"], left=remaining
    )


@rule(
    "W05",
    Severity.WARNING,
    message="{moment} berada di luar jam kerja atau pada hari libur.",
    fix="Periksa waktunya; bila benar, tulis keterangannya.",
    clause="Jam kerja menurut sheet Jam Kerja dan Kalender",
)
def outside_hours(case: Inspection) -> Iterator[Mark]:
    """Begun or ended outside working hours or on a holiday. A date without a time is held to its day alone."""
    events = case.frame("events")
    for field in ("start", "end"):
        moments = events[field].dropna()
        values = moments.to_numpy("datetime64[s]")
        inside = np.where(date_only(moments), case.calendar.is_working_day(values), case.calendar.is_open(values))
        yield from case.mark("events", moments[~inside.astype(bool)], field, moment=moments)


@rule(
    "W06",
    Severity.WARNING,
    message="Waktu Selesai sama dengan waktu Mulai; tidak ada waktu pengerjaan.",
    fix="Isi waktu Mulai dan Selesai yang sebenarnya.",
    clause=STANDARD,
)
def no_time_spent(case: Inspection) -> Iterator[Mark]:
    """No work takes no time: the times were filled in afterwards."""
    events = case.frame("events")
    instant = (events["start"] == events["end"]) & ~date_only(events["start"])
    yield from case.mark("events", instant, "end")


@rule(
    "W07",
    Severity.WARNING,
    message="Langkah {step} baru dimulai {idle} waktu kerja setelah langkah {previous} selesai; batas jeda {limit}.",
    fix="Mulai langkah berikutnya segera setelah langkah sebelumnya selesai.",
    clause="Batas Jeda pada sheet Kantor",
)
def idle_between_steps(case: Inspection) -> Iterator[Mark]:
    """Time in which nobody worked on the case belongs to no step's standard. Never before a periodic step.

    An end with a date only is taken as the end of that day, so only what is certain is reported.
    """
    courses, limit = case.courses, case.standard_setting("Batas Jeda")
    counts = np.array([not (step.periodic or step.may_come_early) for step in case.sop.steps])
    starts = np.append(courses.events["start"].to_numpy("datetime64[s]"), np.datetime64("NaT", "s"))[courses.position]
    groups, orders = np.nonzero(counts & (starts > courses.predecessor_end))
    begun, ended = starts[groups, orders], _latest(courses.predecessor_end[groups, orders])
    late = begun > case.calendar.deadline(ended, limit)
    rows = courses.events.index[courses.position[groups, orders][late]]
    idle = pd.to_timedelta(pd.Series(case.calendar.elapsed(ended[late], begun[late]), index=rows), unit="s")
    labels = np.array([step.number for step in case.sop.steps])
    previous = pd.Series(labels[courses.predecessor[groups, orders][late]], index=rows)
    yield from case.mark(
        "events", rows, "start", step=courses.events["step"], idle=idle, previous=previous, limit=str(limit)
    )


def _latest(moments: np.ndarray) -> np.ndarray:
    """The end of the day for the moments that are a date only."""
    days = moments.astype("datetime64[D]")
    return np.where(days == moments, days + np.timedelta64(1, "D"), moments).astype("datetime64[s]")


@rule(
    "W08",
    Severity.WARNING,
    message="Hasil yang perlu dimusnahkan sudah menunggu {days} hari sejak disetujui; periode pemusnahan {limit} hari.",
    fix="Jadwalkan pemusnahan dan terbitkan BA Pemusnahan.",
    clause="SOP, pemusnahan secara rutin",
)
def destruction_overdue(case: Inspection) -> Iterator[Mark]:
    """Destruction is routine: what was approved for it waits no longer than one period, in calendar days."""
    approval, destruction = case.sop.duty("approval"), case.sop.duty("destruction")
    if not approval or not destruction:
        return
    events, cases = case.courses.events, case.frame("cases")
    since = case.courses.approved
    destroyed = set(events.loc[events["step"] == destruction.number, "case_row"])
    waiting = cases[(cases["to_destroy"] == "Ya") & (cases["status"] != "Batal") & ~cases.index.isin(list(destroyed))]
    waiting = waiting[~waiting.index.isin(list(case.courses.lacking(destruction.number, waiting.index)))]
    days = (pd.Timestamp(case.as_of.date()) - since.reindex(waiting.index).dt.normalize()).dt.days
    limit = period_days(case)
    overdue = days[days > limit].astype(int)
    yield from case.mark("cases", overdue, "to_destroy", days=overdue, limit=limit)


def period_days(case: Inspection) -> int:
    """The routine period in calendar days; 30 where the office typed something else (D50 says so)."""
    digits = case.setting("Periode Pemusnahan").removesuffix("hari").strip()
    return int(digits) if digits.isdigit() and int(digits) else 30


@rule(
    "W09",
    Severity.BREACH,
    explainable=True,
    stage=3,
    message="Target Selesai {due} sudah lewat, sedangkan status belum Selesai.",
    fix="Selesaikan tindakan perbaikan, atau tulis sebabnya di kolom Keterangan baris ini.",
    clause="ISO 9001:2015 klausul 10.2.1",
)
def target_passed(case: Inspection) -> Iterator[Mark]:
    """The date promised in the PTPP has passed. A cancelled case has no promise left; a Status in error (K07) none
    that is known."""
    cases = case.frame("cases")
    open_case = ~cases["status"].isin(["Selesai", "Batal"]) & ~case.unknown("cases", "status")
    passed = open_case & (cases["due_date"] < pd.Timestamp(case.as_of.date()))
    yield from case.mark("cases", passed, "due_date", due=cases["due_date"])


@rule(
    "W10",
    Severity.WARNING,
    message="{name} tercatat mengerjakan langkah {other} ({case}) pada saat yang sama.",
    fix="Periksa waktu dan pelaksana kedua langkah itu.",
    clause="ISO 9001:2015 klausul 7.5.3",
)
def two_places_at_once(case: Inspection) -> Iterator[Mark]:
    """One person is at two steps at the same moment; steps of a day or more leave room for others."""
    short = [place for place, step in enumerate(case.sop.steps) if step.standard.seconds is not None]
    events = case.courses.events
    timed = events[events["order"].isin(short) & events["actor"].notna() & events["start"].notna()]
    timed = timed[~timed["unfinished"] & (timed["end"].notna() | timed["running"])]
    timed = timed[(timed["start"] == timed["start_late"])]
    until = timed["end"].fillna(pd.Timestamp(case.as_of))
    timed = timed.assign(who=timed["actor"].str.casefold(), until=until).sort_values(["who", "start", "case_row"])
    longest = timed["until"].groupby(timed["who"]).cummax()
    before = longest.groupby(timed["who"]).shift()
    holder = timed.index.to_series().where(timed["until"] == longest).groupby(timed["who"]).ffill()
    holder = holder.groupby(timed["who"]).shift()
    clash = timed[(timed["start"] < before) & (timed["until"] > timed["start"])]
    other = timed.loc[holder[clash.index].astype(int)].set_axis(clash.index)
    yield from case.mark("events", clash, "start", name=clash["actor"], other=other["step"], case=other["case"])
