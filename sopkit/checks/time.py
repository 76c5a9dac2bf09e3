"""W: time standards in working time, working hours, idle time and deadlines (the SOP's column Waktu)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.courses import DAY, NAT, Array, Courses, date_only, durations
from sopkit.checks.inspection import Inspection
from sopkit.text import plain

STANDARD = "SOP, baku mutu waktu"


@rule(
    "W01",
    Severity.ERROR,
    stage=1,
    message="Waktu Selesai ({end}) mendahului waktu Mulai ({start}).",
    fix="Perbaiki salah satu dari kedua waktu itu.",
    reason="Pekerjaan tidak mungkin selesai sebelum dimulai; salah satu waktunya pasti keliru.",
    clause="ISO 9001:2015 klausul 7.5.3",
)
def ends_before_start(case: Inspection) -> Iterator[Mark]:
    """Impossible. An end with a date only is taken as the end of that day, so only certainty is reported."""
    start, end = case.values("events", "start"), case.values("events", "end")
    wrong = np.where(date_only(end), end + DAY, end) < start
    yield from case.mark("events", wrong, "end", start=start[wrong], end=end[wrong])


@rule(
    "W02",
    Severity.BREACH,
    explainable=True,
    message="Langkah {step} memerlukan waktu {least}{taken}, melebihi baku mutu {standard} "
    "selama {least}{over} waktu kerja.",
    fix="Tulis sebab keterlambatan di kolom Keterangan baris ini.",
    reason="Baku mutu ialah janji pelayanan; keterlambatan harus diketahui dan dijelaskan sebabnya.",
    clause=STANDARD,
)
def over_time_standard(case: Inspection) -> Iterator[Mark]:
    """A finished step took longer than its standard, in working time; with a date only, longer at the very least."""
    done = case.courses.columns
    late = np.flatnonzero(done["late"] & ~np.isnat(done["start"]) & ~np.isnat(done["end"]))
    yield from _over(case, late, "end")


def _over(case: Inspection, places: Array, field: str) -> Iterator[Mark]:
    step, taken, standard, over = (case.courses.columns[name][places] for name in ("step", "taken", "standard", "over"))
    rows, done = case.courses.rows[places], case.courses.columns
    vague = date_only(done["start"][places]) | date_only(done["end"][places])
    least = np.where(vague, "sedikitnya ", "")
    yield from case.mark("events", rows, field, step=step, taken=taken, standard=standard, over=over, least=least)


@rule(
    "W03",
    Severity.BREACH,
    tags={"late"},
    explainable=True,
    message="Langkah {step} masih berjalan {least}{taken} waktu kerja sejak dimulai; "
    "baku mutu {standard} terlampaui {over}.",
    fix="Selesaikan langkah ini dan isi waktu Selesai, atau tulis sebab keterlambatan di kolom Keterangan baris ini.",
    reason="Langkah yang terlambat tetapi masih berjalan dapat segera dibantu bila diketahui sekarang.",
    clause=STANDARD,
)
def running_over(case: Inspection) -> Iterator[Mark]:
    """A running step is already over its standard. Work on a cancelled case has stopped and is not held to it."""
    running = _running(case)
    yield from _over(case, running[case.courses.columns["late"][running]], "start")


def _running(case: Inspection) -> Array:
    """The places of the executions that run, but for those of cancelled cases."""
    done = case.courses.columns
    running = np.flatnonzero(done["running"] & ~np.isnat(done["start"]))
    return np.asarray(running[case.of_cases("status", done["case_row"][running]) != "Batal"])


@rule(
    "W04",
    Severity.WARNING,
    tags={"soon"},
    message="Langkah {step} harus selesai paling lambat {deadline}; sisa waktu kerja {left}.",
    fix="Dahulukan langkah ini agar selesai tepat waktu.",
    reason="Peringatan sebelum batas memberi kesempatan menyelesaikan langkah tepat waktu.",
    clause=STANDARD,
)
def due_soon(case: Inspection) -> Iterator[Mark]:
    """A running step will pass its standard within the office's warning time."""
    done = case.courses.columns
    running = _running(case)
    running = running[~done["late"][running] & ~np.isnat(done["deadline"][running])]
    now = np.datetime64(case.as_of, "s")
    limit = case.calendar.deadline(now, case.standard_setting("Waktu Peringatan"))
    soon = running[done["deadline"][running] <= limit]
    deadline = done["deadline"][soon]
    left = durations(case.calendar.elapsed(now, deadline))
    yield from case.mark(
        "events", case.courses.rows[soon], "start", step=done["step"][soon], deadline=deadline, left=left
    )


@rule(
    "W05",
    Severity.WARNING,
    message="{moment} berada di luar jam kerja atau pada hari libur.",
    fix="Periksa waktunya; bila benar, tulis keterangannya.",
    reason="Waktu di luar jam kerja tidak terhitung dan sering kali salah ketik.",
    clause="Jam kerja menurut sheet Jam Kerja dan Kalender",
)
def outside_hours(case: Inspection) -> Iterator[Mark]:
    """Begun or ended outside working hours or on a holiday. A date without a time is held to its day alone.

    A working day for which sheet Jam Kerja gives no hours is B11's alone.
    """
    for field in ("start", "end"):
        moments = case.values("events", field)
        inside = np.where(date_only(moments), case.calendar.is_working_day(moments), case.calendar.is_open(moments))
        outside = ~np.isnat(moments) & ~inside & ~case.doubtful(field) & ~case.calendar.lacks_hours(moments)
        yield from case.mark("events", outside, field, moment=moments[outside])


@rule(
    "W06",
    Severity.WARNING,
    message="Waktu Selesai sama dengan waktu Mulai; tidak ada waktu pengerjaan.",
    fix="Isi waktu Mulai dan Selesai yang sebenarnya.",
    reason="Setiap pekerjaan memerlukan waktu; waktu yang sama biasanya diisi sekaligus di kemudian hari.",
    clause=STANDARD,
)
def no_time_spent(case: Inspection) -> Iterator[Mark]:
    """No work takes no time: the times were filled in afterwards."""
    start, end = case.values("events", "start"), case.values("events", "end")
    yield from case.mark("events", (start == end) & ~date_only(start), "end")


@rule(
    "W07",
    Severity.WARNING,
    message="Langkah {step} baru dimulai {idle} waktu kerja setelah langkah {previous} selesai; batas jeda {limit}.",
    fix="Mulai langkah berikutnya segera setelah langkah sebelumnya selesai.",
    reason="Keterlambatan sering terjadi di antara dua langkah, ketika berkas menunggu tanpa ada yang mengerjakan.",
    clause="Batas Jeda pada sheet Kantor",
)
def idle_between_steps(case: Inspection) -> Iterator[Mark]:
    """Time in which nobody worked on the case belongs to no step's standard. Never before a periodic step.

    An end with a date only is taken as the end of that day, so only what is certain is reported. Nor is the time of a
    step that was skipped in between idle: U01 speaks of it.
    """
    courses, limit = case.courses, case.standard_setting("Batas Jeda")
    counts = np.array([not (step.periodic or step.may_come_early) for step in case.sop.steps])
    starts = np.append(courses.columns["start"], NAT)[courses.position]
    groups, orders = np.nonzero(counts & (starts > courses.predecessor_end) & ~_after_a_gap(courses))
    begun, ended = starts[groups, orders], _latest(courses.predecessor_end[groups, orders])
    late = begun > case.calendar.deadline(ended, limit)
    groups, orders = groups[late], orders[late]
    labels = np.array([step.number for step in case.sop.steps])
    yield from case.mark(
        "events",
        courses.rows[courses.position[groups, orders]],
        "start",
        step=labels[orders],
        idle=durations(case.calendar.elapsed(ended[late], begun[late])),
        previous=labels[courses.predecessor[groups, orders]],
        limit=str(limit),
    )


def _after_a_gap(courses: Courses) -> Array:
    """Groups x steps: a step that was due was not executed between this one and the one that it waited for."""
    due = np.array([not step.periodic for step in courses.sop.steps])
    lacking = np.cumsum((courses.position < 0) & due, axis=1)
    since = np.take_along_axis(lacking, np.maximum(courses.predecessor, 0), axis=1)
    onward = (courses.predecessor >= 0) & (courses.predecessor < np.arange(lacking.shape[1]))
    return np.asarray(onward & (courses.position >= 0) & (lacking > since))


def _latest(moments: Array) -> Array:
    """The end of the day for the moments that are a date only."""
    days = moments.astype("datetime64[D]")
    return np.where(days == moments, days + np.timedelta64(1, "D"), moments).astype("datetime64[s]")


@rule(
    "W08",
    Severity.WARNING,
    tags={"late"},
    message="Hasil yang perlu dimusnahkan sudah menunggu {days} hari sejak disetujui; periode pemusnahan {limit} hari.",
    fix="Jadwalkan pemusnahan dan terbitkan BA Pemusnahan.",
    reason="SOP meminta pemusnahan secara rutin agar hasil yang tidak sesuai tidak menumpuk atau terpakai.",
    clause="SOP, pemusnahan secara rutin",
)
def destruction_overdue(case: Inspection) -> Iterator[Mark]:
    """Destruction is routine: what was approved for it waits no longer than one period, in calendar days."""
    approval, destruction = case.sop.duty("approval"), case.sop.duty("destruction")
    if not approval or not destruction:
        return
    done, cases = case.courses.columns, case.frame("cases").index
    waiting = (case.values("cases", "to_destroy") == "Ya") & (case.values("cases", "status") != "Batal")
    waiting &= ~np.isin(cases, done["case_row"][done["step"] == destruction.number])
    rows = cases[waiting]
    rows = rows[~rows.isin(list(case.courses.lacking(destruction.number, rows)))]
    since = case.courses.approved.reindex(rows).to_numpy().astype("datetime64[D]")
    limit = period_days(case)
    days = np.datetime64(case.as_of, "D") - since
    overdue = days > np.timedelta64(limit, "D")
    yield from case.mark("cases", rows[overdue], "to_destroy", days=days[overdue].astype(np.int64), limit=limit)


def period_days(case: Inspection) -> int:
    """The routine period in calendar days; 30 where the office typed something else (D50 says so)."""
    digits = case.setting("Periode Pemusnahan").removesuffix("hari").strip()
    return int(digits) if digits.isdigit() and int(digits) else 30


@rule(
    "W09",
    Severity.BREACH,
    tags={"late"},
    explainable=True,
    stage=3,
    message="Target Selesai {due} sudah lewat, sedangkan status belum Selesai.",
    fix="Selesaikan tindakan perbaikan, atau tulis sebabnya di kolom Keterangan baris ini.",
    reason="Target yang lewat tanpa penyelesaian berarti tindakan perbaikan belum efektif.",
    clause="ISO 9001:2015 klausul 10.2.1",
)
def target_passed(case: Inspection) -> Iterator[Mark]:
    """The date promised in the PTPP has passed. A cancelled case has no promise left; a Status in error (K07) none
    that is known."""
    status, due = case.values("cases", "status"), case.values("cases", "due_date")
    open_case = (status != "Selesai") & (status != "Batal") & ~case.unknown("cases", "status")
    passed = open_case & (due < np.datetime64(case.as_of, "D"))
    yield from case.mark("cases", passed, "due_date", due=due[passed])


@rule(
    "W10",
    Severity.WARNING,
    message="{name} tercatat mengerjakan langkah {other} ({case}) pada saat yang sama.",
    fix="Periksa waktu dan pelaksana kedua langkah itu.",
    reason="Seseorang tidak dapat mengerjakan dua langkah singkat sekaligus; salah satu catatannya meragukan.",
    clause="ISO 9001:2015 klausul 7.5.3",
)
def two_places_at_once(case: Inspection) -> Iterator[Mark]:
    """One person is at two steps at the same moment; steps of a day or more leave room for others."""
    done = case.courses.columns
    places, who, until = _attended(case)
    start = done["start"][places]
    reach = until.astype(np.int64) + who * _FAR  # so that one running maximum keeps the people apart
    longest = np.maximum.accumulate(reach)
    holder = np.maximum.accumulate(np.where(reach == longest, np.arange(len(places)), 0))
    clash = 1 + np.flatnonzero((who[1:] == who[:-1]) & (start[1:] < until[holder[:-1]]) & (until[1:] > start[1:]))
    here, other = places[clash], places[holder[clash - 1]]
    yield from case.mark(
        "events", case.courses.rows[here], "start",
        name=done["actor"][here], other=done["step"][other], case=done["case"][other],
    )  # fmt: skip


_FAR = 2**40  # seconds, more than any register spans


def _attended(case: Inspection) -> tuple[Array, Array, Array]:
    """The places of the executions that need their person's presence and whose times are known, by person and start;
    a number for each person; and when they ended (running: `as_of`)."""
    done = case.courses.columns
    short = np.array([step.standard.seconds is not None for step in case.sop.steps])[done["order"]]
    timed = short & (done["start"] == done["start_late"]) & ~done["unfinished"] & ~pd.isna(done["actor"])
    places = np.flatnonzero(timed & (~np.isnat(done["end"]) | done["running"]))
    codes, names = pd.factorize(done["actor"][places])
    people: dict[str, int] = {}
    who = np.array([people.setdefault(plain(name), len(people)) for name in names], dtype=np.int64)[codes]
    until = np.where(np.isnat(done["end"]), np.datetime64(case.as_of, "s"), done["end"])[places]
    rank = np.lexsort((done["case_row"][places], done["start"][places], who))
    return places[rank], who[rank], until[rank]
