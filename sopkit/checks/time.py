"""W: time standards in working time, working hours, idle time and deadlines (the SOP's column Waktu)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sopkit.arrays import Flags, Ints, Moments
from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.executions import DAY, NAT, date_only, durations
from sopkit.checks.inspection import Inspection
from sopkit.frames import is_missing, looked_up, numbered
from sopkit.register.schema import REGISTER, Cases, Column, Events
from sopkit.text import plain

STANDARD = "SOP, baku mutu waktu"


@rule(
    "W01",
    Severity.ERROR,
    phase=1,
    message="Waktu Selesai ({end}) mendahului waktu Mulai ({start}).",
    fix="Periksa dokumen aslinya; perbaiki waktu yang salah salin. Bila dokumennya sendiri keliru, buat surat ralat.",
    reason="Pekerjaan tidak mungkin selesai sebelum dimulai; salah satu waktunya pasti keliru.",
    clause="ISO 9001:2015 klausul 7.5.3",
)
def ends_before_start(check: Inspection) -> Iterator[Mark]:
    """Selesai is before Mulai. A Selesai with a date only is taken as the end of that day, so only certainty is
    reported.
    """
    start, end = check.values(Events.start), check.values(Events.end)
    wrong = np.where(date_only(end), end + DAY, end) < start
    yield from check.mark(wrong, Events.end, start=start[wrong], end=end[wrong])


@rule(
    "W02",
    Severity.BREACH,
    explainable=True,
    message="Langkah {step} memerlukan {least}{taken} waktu kerja, {least}{over} lebih lama daripada baku mutu "
    "{standard}.",
    fix="Perbaiki waktu yang salah salin dari dokumennya, atau tulis sebab keterlambatan di kolom Keterangan baris "
    "ini.",
    reason="Baku mutu ialah janji pelayanan; keterlambatan harus diketahui dan dijelaskan sebabnya.",
    clause=STANDARD,
)
def over_time_standard(check: Inspection) -> Iterator[Mark]:
    """A finished step took longer than its standard, in working time; with a date only, longer at the very least."""
    done = check.executions
    late = np.flatnonzero(done.late & ~np.isnat(done.start) & ~np.isnat(done.end))
    yield from _over(check, late, Events.end)


def _over(check: Inspection, places: Ints, column: Column) -> Iterator[Mark]:
    done = check.executions
    vague = date_only(done.start[places]) | date_only(done.end[places])
    yield from check.mark(
        done.rows[places], column,
        step=done.step[places], taken=done.taken[places], standard=done.standard[places], over=done.over[places],
        least=np.where(vague, "sedikitnya ", ""),
    )  # fmt: skip


@rule(
    "W03",
    Severity.BREACH,
    tags={"late"},
    explainable=True,
    message="Langkah {step} masih berjalan, {least}{taken} waktu kerja sejak dimulai; "
    "baku mutu {standard} terlampaui {least}{over}.",
    fix="Selesaikan langkah ini dan isi waktu Selesai, atau tulis sebab keterlambatan di kolom Keterangan baris ini.",
    reason="Langkah yang terlambat tetapi masih berjalan dapat segera dibantu bila diketahui sekarang.",
    clause=STANDARD,
)
def running_over(check: Inspection) -> Iterator[Mark]:
    """A running step is already over its standard at `as_of`. Steps of cancelled cases are not timed, nor those of a
    case whose Status is in error: it may be cancelled.
    """
    running = _running(check)
    yield from _over(check, running[check.executions.late[running]], Events.start)


def _running(check: Inspection) -> Ints:
    """The places of the executions that run, but for those of cancelled cases."""
    done = check.executions
    running = np.flatnonzero(done.running & ~np.isnat(done.start))
    return np.asarray(running[~np.isin(done.case_row[running], check.possibly_cancelled)])


@rule(
    "W04",
    Severity.WARNING,
    tags={"soon"},
    message="Langkah {step} harus selesai paling lambat {deadline}; sisa waktu kerja {left}.",
    fix="Dahulukan langkah ini agar selesai tepat waktu.",
    reason="Peringatan sebelum batas memberi kesempatan menyelesaikan langkah tepat waktu.",
    clause=STANDARD,
)
def due_soon(check: Inspection) -> Iterator[Mark]:
    """The deadline of a running step is at most the office's warning time (Waktu Peringatan, working time) away, and at
    most a quarter of the working time that the step has: what takes 15 minutes is not due as soon as it begins.
    """
    done = check.executions
    running = _running(check)
    running = running[~done.late[running] & ~np.isnat(done.deadline[running])]
    now = np.datetime64(check.as_of, "s")
    limit = check.calendar.deadline(now, check.standard_setting("Waktu Peringatan"))
    warning = check.calendar.elapsed(now, limit)
    deadline = done.deadline[running]
    left = check.calendar.elapsed(now, deadline)
    soon = (left <= warning) & (4 * left <= check.calendar.elapsed(done.start_late[running], deadline))
    here = running[soon]
    yield from check.mark(
        done.rows[here], Events.start, step=done.step[here], deadline=deadline[soon], left=durations(left[soon])
    )


@rule(
    "W05",
    Severity.WARNING,
    explainable=True,
    message="{moment} berada di luar jam kerja atau pada hari libur.",
    fix="Perbaiki waktu yang salah salin dari dokumennya.",
    reason="Waktu di luar jam kerja tidak terhitung dan sering kali salah ketik.",
    clause="Jam kerja menurut sheet Jam Kerja dan Kalender",
)
def outside_hours(check: Inspection) -> Iterator[Mark]:
    """Begun or ended outside working hours or on a holiday. A date without a time is held to its day alone.

    A working day for which sheet Jam Kerja gives no hours is B11's alone.
    """
    for column in (Events.start, Events.end):
        moments = check.recorded(column)
        inside = np.where(date_only(moments), check.calendar.is_working_day(moments), check.calendar.is_open(moments))
        outside = ~np.isnat(moments) & ~inside & ~check.implausible(column) & ~check.calendar.lacks_hours(moments)
        yield from check.mark(outside, column, moment=moments[outside])


@rule(
    "W06",
    Severity.WARNING,
    explainable=True,
    message="Waktu Selesai sama dengan waktu Mulai; tidak ada waktu pengerjaan.",
    fix="Isi waktu Mulai dan Selesai yang sebenarnya menurut dokumennya.",
    reason="Setiap pekerjaan memerlukan waktu; waktu yang sama biasanya diisi sekaligus di kemudian hari.",
    clause=STANDARD,
)
def no_time_spent(check: Inspection) -> Iterator[Mark]:
    """Selesai is the same minute as Mulai. Two dates without times may differ, and are not judged."""
    start, end = check.values(Events.start), check.values(Events.end)
    yield from check.mark((start == end) & ~date_only(start), Events.end)


@rule(
    "W07",
    Severity.WARNING,
    explainable=True,
    message="Langkah {step} baru dimulai {idle} waktu kerja setelah langkah {previous} selesai; batas jeda {limit}.",
    fix="Perbaiki waktu yang salah salin dari dokumennya.",
    reason="Keterlambatan sering terjadi di antara dua langkah, ketika berkas menunggu tanpa ada yang mengerjakan.",
    clause="Batas Jeda pada sheet Kantor",
)
def idle_between_steps(check: Inspection) -> Iterator[Mark]:
    """A step began later than the office's Batas Jeda (working time) after the end of the step that it waited for; not
    judged of periodic steps, of one that came early (U10), and after a skipped step (U01 speaks of it).

    Over by working time, as in W02: who begins when the office opens is not idle since it closed. Of a step that was
    repeated (U04) the last execution that began before counts. An end with a date only is taken as the end of that day,
    so only what is certain is reported.
    """
    done, limit = check.executions, check.standard_setting("Batas Jeda")
    rounds = done.rounds
    counts = np.array([not step.periodic for step in check.sop.steps])
    starts = np.append(done.start, NAT)[rounds.position]
    groups, orders = np.nonzero(counts & (starts > rounds.waited_until) & ~_after_a_gap(check))
    begun, ended = starts[groups, orders], rounds.waited_until[groups, orders]
    late = check.calendar.elapsed(check.calendar.deadline(ended, limit), begun) > 0
    groups, orders = groups[late], orders[late]
    labels = np.array([step.number for step in check.sop.steps])
    yield from check.mark(
        done.rows[rounds.position[groups, orders]],
        Events.start,
        step=labels[orders],
        idle=durations(check.calendar.elapsed(ended[late], begun[late])),
        previous=labels[rounds.waited[groups, orders]],
        limit=str(limit),
    )


def _after_a_gap(check: Inspection) -> Flags:
    """Rounds x steps: a step that was due was not executed between this one and the one that it waited for."""
    sop, rounds = check.executions.sop, check.executions.rounds
    starts = np.array([sop.turn(place).start for place in range(len(sop.steps))])
    missing = check.executions.absent
    absent: Ints = np.cumsum(missing, axis=1) - missing  # so many before each step
    since: Ints = np.take_along_axis(absent, starts[np.maximum(rounds.waited, 0)], axis=1)
    onward = (rounds.waited >= 0) & (rounds.waited < starts)  # not a rejection
    return np.asarray(onward & (rounds.position >= 0) & (absent[:, starts] > since))


@rule(
    "W08",
    Severity.WARNING,
    tags={"late"},
    message="Hasil yang perlu dimusnahkan sudah menunggu {days} hari sejak disetujui; periode pemusnahan {limit} hari.",
    fix="Jadwalkan pemusnahan dan terbitkan BA Pemusnahan.",
    reason="SOP meminta pemusnahan secara rutin agar hasil yang tidak sesuai tidak menumpuk atau terpakai.",
    clause="SOP, pemusnahan secara rutin",
)
def destruction_overdue(check: Inspection) -> Iterator[Mark]:
    """A case that needs destruction (Ya, not Batal, no destruction recorded) was approved more calendar days ago than
    Kantor's Periode Pemusnahan.
    """
    approval, destruction = check.sop.duty("approval"), check.sop.duty("destruction")
    if not approval or not destruction:
        return
    done, cases = check.executions, check.rows(REGISTER)
    waiting = (check.values(Cases.to_destroy) == "Ya") & (check.values(Cases.status) != "Batal")
    waiting &= ~np.isin(cases, done.case_row[done.step == destruction.number])
    rows = cases[waiting]
    rows = rows[~np.isin(rows, list(check.executions.possibly_done(destruction.number, rows.tolist())))]
    since = looked_up(*check.executions.approved, rows).astype("datetime64[D]")
    limit = period_days(check)
    days = np.datetime64(check.as_of, "D") - since
    overdue = days > np.timedelta64(limit, "D")
    yield from check.mark(rows[overdue], Cases.to_destroy, days=days[overdue].astype(np.int64), limit=limit)


def period_days(check: Inspection) -> int:
    """The routine period in calendar days; 30 where the office typed something else (D50 says so)."""
    digits = check.setting("Periode Pemusnahan").casefold().removesuffix("hari").strip()
    return int(digits) if digits.isdecimal() and len(digits) <= 4 and int(digits) else 30


@rule(
    "W09",
    Severity.BREACH,
    tags={"late"},
    explainable=True,
    phase=3,
    message="Target Selesai {due} sudah lewat, sedangkan Status belum Selesai.",
    fix="Selesaikan tindakan perbaikan, atau tulis sebabnya di kolom Keterangan baris ini.",
    reason="Target yang lewat tanpa penyelesaian berarti tindakan perbaikan belum efektif.",
    clause="ISO 9001:2015 klausul 10.2.1",
)
def target_passed(check: Inspection) -> Iterator[Mark]:
    """Target Selesai is before the day of `as_of` and Status is neither Selesai nor Batal; a Status in error (K07) is
    not judged.
    """
    status, due = check.values(Cases.status), check.values(Cases.due_date)
    open_case = (status != "Selesai") & (status != "Batal") & ~check.unknown(Cases.status)
    passed = open_case & (due < np.datetime64(check.as_of, "D"))
    yield from check.mark(passed, Cases.due_date, due=due[passed])


@rule(
    "W10",
    Severity.WARNING,
    message="Pada saat yang sama {name} tercatat mengerjakan langkah {other} ({case}).",
    fix="Periksa waktu dan pelaksana kedua langkah itu pada dokumennya; perbaiki yang salah salin.",
    reason="Seseorang tidak dapat mengerjakan dua langkah singkat sekaligus; salah satu catatannya meragukan.",
    clause="ISO 9001:2015 klausul 7.5.3",
)
def two_places_at_once(check: Inspection) -> Iterator[Mark]:
    """One person executed two steps at the same moment.

    Only steps with a standard in minutes or hours count: a step of days leaves room for others.
    """
    done = check.executions
    places, who, until = _attended(check)
    start = done.start[places]
    # By person and start, an execution meets an earlier one of the same person when the latest end so far is after its
    # start. One running maximum serves all people: the ends of each are lifted above all those of the one before him,
    # so that the maximum begins anew with each person. `holder` is the place whose end the maximum is.
    reach = until.astype(np.int64) + who * _FAR
    longest = np.maximum.accumulate(reach)
    holder = np.maximum.accumulate(np.where(reach == longest, np.arange(len(places)), 0))
    clash = 1 + np.flatnonzero((who[1:] == who[:-1]) & (start[1:] < until[holder[:-1]]) & (until[1:] > start[1:]))
    here, other = places[clash], places[holder[clash - 1]]
    yield from check.mark(
        done.rows[here], Events.start,
        name=done.actor[here], other=done.step[other], case=done.case[other],
    )  # fmt: skip


_FAR = 2**40  # seconds, more than any register spans


def _attended(check: Inspection) -> tuple[Ints, Ints, Moments]:
    """The places of the executions that need their person's presence and whose times are known, by person and start.

    With them a number for each one's person, and when each ended (running: `as_of`).
    """
    done = check.executions
    short = np.array([step.standard.seconds is not None for step in check.sop.steps])[done.order]
    timed = short & (done.start == done.start_late) & ~done.unfinished & ~is_missing(done.actor)
    places = np.flatnonzero(timed & (~np.isnat(done.end) | done.running))
    codes, names = numbered(done.actor[places])
    people: dict[str, int] = {}
    who = np.array([people.setdefault(plain(name), len(people)) for name in names], dtype=np.int64)[codes]
    until = np.where(np.isnat(done.end), np.datetime64(check.as_of, "s"), done.end)[places]
    rank = np.lexsort((done.case_row[places], done.start[places], who))
    return places[rank], who[rank], until[rank]
