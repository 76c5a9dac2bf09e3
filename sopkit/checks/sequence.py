"""U: the order of the steps (ISO 9001 8.1, 8.7; the SOP's table of activities)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.courses import REJECTED, Courses, looked_up, return_order
from sopkit.checks.inspection import Inspection

ORDER = "SOP, urutan aktivitas"
HIDDEN_VALUES = ("error-cell", "not-calculated")  # B04 and B05 speak of these


@rule(
    "U03",
    Severity.ERROR,
    stage=1,
    message="Langkah “{typed}” tidak ada dalam SOP; langkah yang ada: {known}.",
    fix="Isi dengan nomor langkah yang benar dari daftar pilihan.",
    clause=ORDER,
)
def unknown_step(case: Inspection) -> Iterator[Mark]:
    """Numbers are labels: this SOP has no 4, so a 4 is a slip of the pen and is never read as the fourth step.

    A text that names no step is the same mistake, whatever D02 or D07 would call it.
    """
    table = case.tables["events"]
    typed = table.raw["step"]
    known = [step.number for step in case.sop.steps]
    hidden = {reading.row for reading in table.readings if reading.field == "step" and reading.kind in HIDDEN_VALUES}
    strange = typed.notna() & ~table.data["step"].isin(known) & ~typed.index.isin(hidden)
    rows = [row for row in typed.index[strange] if str(typed[row]).strip()]
    yield from case.mark("events", rows, "step", typed=typed[rows].map(_as_typed), known=known)


def _as_typed(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).strip()


@rule(
    "U06",
    Severity.ERROR,
    stage=1,
    message="No. Catatan {number} tidak ada di sheet Register.",
    fix="Perbaiki nomornya, atau catat layanan tidak sesuai itu di sheet Register.",
    clause="ISO 9001:2015 klausul 7.5.3",
)
def orphan_event(case: Inspection) -> Iterator[Mark]:
    """Work that belongs to no case proves nothing. A number whose case row is itself in error is not an orphan:
    nor is a whole course whose case stands in Register under a number in error, found when that course begins.
    """
    if not case.has("cases", "number"):
        return
    numbers = case.frame("events")["case"]
    registered = case.tables["cases"].data["number"].dropna()
    orphan = numbers.notna() & ~numbers.isin(registered)
    excused = {number for number in numbers[orphan].unique() if _stands_in_error(case, number)}
    yield from case.mark("events", orphan & ~numbers.isin(excused), "case", number=numbers)


def _stands_in_error(case: Inspection, number: str) -> bool:
    """True when the rows under this number begin with the first step, within three days of the finding of a case
    whose own number is in error or missing.
    """
    cases, events = case.frame("cases"), case.frame("events")
    found = cases.loc[cases["number"].isna(), "found_at"].dropna().dt.normalize()
    if found.empty:
        return False
    own = events[events["case"] == number]
    begun = own["start"].min().normalize()
    near = (found <= begun) & (begun <= found + pd.Timedelta(days=3))
    return bool(near.any() and (own["step"] == case.sop.steps[0].number).any())


@rule(
    "U09",
    Severity.ERROR,
    stage=1,
    message="Langkah ini mempunyai waktu Selesai, tetapi waktu Mulai belum diisi.",
    fix="Isi waktu Mulai langkah ini.",
    clause="ISO 9001:2015 klausul 7.5.3",
)
def end_without_start(case: Inspection) -> Iterator[Mark]:
    """An end without a start cannot be measured. Takes the place of D01 on the same cell."""
    known = case.frame("events")["end"].notna() | case.unknown("events", "end")
    ended = case.tables["events"].raw["end"].notna() & known
    yield from case.mark("events", ended & case.blank("events", "start"), "start")


@rule(
    "U01",
    Severity.BREACH,
    explainable=True,
    message="Langkah {skipped} dilewati: langkah {step} sudah dimulai, sedangkan langkah {skipped} tidak tercatat.",
    fix="Catat pelaksanaan langkah {skipped} di sheet Langkah, atau tulis sebabnya di kolom Keterangan baris ini.",
    clause=ORDER,
)
def skipped_steps(case: Inspection) -> Iterator[Mark]:
    """A later step has begun while earlier ones have no row; one finding names them all, at the earliest of the later.

    After a rejection the steps from the one returned to are due again, so each round is looked at. A row that cannot
    be read, or that stands under a mistyped number, may be the missing one: then nothing is said here.
    """
    courses = case.courses
    executed = courses.position >= 0
    cases, starts = np.unique(courses.group_case, return_index=True)
    if len(cases):
        ever = np.logical_or.reduceat(executed, starts)
        reach = np.maximum.reduceat(_reach(courses), starts)
        yield from _skip_marks(case, "case_row", cases, _missing(courses, ever, reach, 0))
    target = return_order(case.sop)
    returned = np.flatnonzero((courses.group_round > 0) & executed[:, target])
    missing = _missing(courses, executed[returned], _reach(courses)[returned], target) & ~_early(courses)
    yield from _skip_marks(case, "group", returned, missing)


def _early(courses: Courses) -> np.ndarray:
    """Per step of the SOP: whether it may come early."""
    return np.array([step.may_come_early for step in courses.sop.steps])


def _reach(courses: Courses) -> np.ndarray:
    """Per group: place of the furthest begun step that may not come early; -1 for none."""
    events = courses.events
    counts = events["begun"].to_numpy(bool) & ~_early(courses)[events["order"]]
    reach = np.full(len(courses.group_case), -1)
    np.maximum.at(reach, events["group"].to_numpy()[counts], events["order"].to_numpy()[counts])
    return reach


def _missing(courses: Courses, executed: np.ndarray, reach: np.ndarray, first: int) -> np.ndarray:
    """Rows x steps: due from `first` on, not executed, though a later one has begun."""
    places = np.arange(executed.shape[1])
    due = np.array([not step.periodic for step in courses.sop.steps]) & (places >= first)
    return ~executed & due & (places < reach[:, None])


def _skip_marks(case: Inspection, key: str, keys: np.ndarray, missing: np.ndarray) -> Iterator[Mark]:
    """One mark for each row of `missing`, at the earliest begun step after the first that is missing."""
    courses, events = case.courses, case.courses.events
    gaps = missing.any(axis=1)
    first = pd.Series(missing.argmax(axis=1)[gaps], index=keys[gaps])
    skipped = {place: np.flatnonzero(row).tolist() for place, row in zip(keys[gaps], missing[gaps], strict=True)}
    after = events["order"] > events[key].map(first)
    later = events[after & events["begun"] & ~_early(courses)[events["order"]]].drop_duplicates(key)
    excused = [
        courses.may_be_misfiled(row, number, skipped[place])
        for row, number, place in zip(later["case_row"], later["case"], later[key], strict=True)
    ]
    later = later[~np.array(excused, dtype=bool)]
    numbers = np.array([step.number for step in case.sop.steps])
    labels = {row: numbers[skipped[place]].tolist() for row, place in later[key].items()}
    yield from case.mark("events", later, "step", skipped=labels, step=later["step"])


@rule(
    "U02",
    Severity.BREACH,
    explainable=True,
    message="Langkah {step} dimulai {start}, sebelum langkah {previous} selesai pada {ended}.",
    fix="Perbaiki waktunya bila salah ketik; bila memang demikian, tulis sebabnya di kolom Keterangan baris ini.",
    clause=ORDER,
)
def began_too_early(case: Inspection) -> Iterator[Mark]:
    """A step began before its predecessor ended; steps that may come early are exempt, and none waits for them twice.

    A date without a time counts as late as that day allows, so only what is certain is reported.
    """
    courses = case.courses
    start = _at(courses, "start_late")
    early = (start < courses.predecessor_end) & ~_early(courses)
    yield from _waiting_marks(case, early)


def _at(courses: Courses, column: str) -> np.ndarray:
    """A moment of each group's first executions, in the shape of `courses.position`."""
    moments = np.append(courses.events[column].to_numpy("datetime64[s]"), np.datetime64("NaT", "s"))
    return np.asarray(moments[courses.position])


def _waiting_marks(case: Inspection, where: np.ndarray) -> Iterator[Mark]:
    """Mark the start of the executions at `where` (groups x steps) with what they should have waited for."""
    courses = case.courses
    groups, orders = np.nonzero(where)
    rows = courses.events.index[courses.position[groups, orders]]
    labels = np.array([step.number for step in case.sop.steps])
    previous = labels[courses.predecessor[groups, orders]]
    ended = pd.Series(courses.predecessor_end[groups, orders], index=rows)
    yield from case.mark(
        "events",
        rows,
        "start",
        step=pd.Series(labels[orders], index=rows),
        start=courses.events["start"],
        previous=pd.Series(previous, index=rows),
        ended=ended,
    )


@rule(
    "U04",
    Severity.BREACH,
    explainable=True,
    message="Langkah {step} diulang tanpa penolakan sebelumnya.",
    fix="Hapus baris ganda bila salah catat; bila memang diulang, tulis sebabnya di kolom Keterangan baris ini.",
    clause=ORDER,
)
def repeated_step(case: Inspection) -> Iterator[Mark]:
    """Only a rejection asks for work to be done again, and only from the step that it returns to."""
    events = case.courses.events
    repeats = events[events["repeat"] & ~events["case_row"].isin(case.courses.uncertain)]
    yield from case.mark("events", repeats, "step", step=repeats["step"])


@rule(
    "U05",
    Severity.BREACH,
    explainable=True,
    message="Langkah {step} dikerjakan setelah penolakan tanpa kembali ke langkah {target}.",
    fix="Catat pelaksanaan ulang langkah {target}, atau tulis sebabnya di kolom Keterangan baris ini.",
    clause="ISO 9001:2015 klausul 8.7.1",
)
def not_returned(case: Inspection) -> Iterator[Mark]:
    """A rejection sends the work back; going on from where it was leaves the nonconformity as it is."""
    courses, target = case.courses, return_order(case.sop)
    events = courses.events
    ordinary = ~_early(courses)[events["order"]]
    returned = events[(events["round"] > 0) & ordinary & (events["order"] >= target)]
    onward = returned.drop_duplicates("group")
    onward = onward[(onward["order"] > target) & ~onward["case_row"].isin(courses.uncertain)]
    label = case.sop.steps[target].number
    yield from case.mark("events", onward, "step", step=onward["step"], target=label)


@rule(
    "U07",
    Severity.WARNING,
    message="Layanan tidak sesuai {number} belum mempunyai satu pun baris di sheet Langkah.",
    fix="Catat langkah yang sudah dikerjakan di sheet Langkah.",
    clause=ORDER,
)
def case_without_events(case: Inspection) -> Iterator[Mark]:
    """A case that nobody has begun is forgotten, unless its rows stand under a mistyped number."""
    if not case.has("events", "case"):
        return
    numbers = case.frame("cases")["number"]
    idle = numbers.notna() & ~numbers.isin(case.tables["events"].data["case"].dropna())
    idle &= ~numbers.isin(case.tables["cases"].data["number"][case.unknown("cases", "number")])
    for row in numbers.index[idle]:
        if case.courses.resembling(numbers[row])["step"].isna().all():
            yield from case.mark("cases", [row], "number", number=numbers)


@rule(
    "U08",
    Severity.ERROR,
    message="Langkah {step} belum mempunyai waktu Selesai, padahal langkah berikutnya sudah dimulai.",
    fix="Isi waktu Selesai langkah {step}.",
    clause=ORDER,
)
def unfinished_step(case: Inspection) -> Iterator[Mark]:
    """The work went on, so this step ended at a time that nobody wrote down."""
    events = case.courses.events
    open_ended = events[events["unfinished"]]
    yield from case.mark("events", open_ended, "end", step=open_ended["step"])


@rule(
    "U10",
    Severity.NOTE,
    message="Langkah {step} dikerjakan lebih awal dari gilirannya; ini praktik yang baik.",
    fix="Tidak perlu tindakan.",
    clause="ISO 9001:2015 klausul 8.7.1",
)
def came_early(case: Inspection) -> Iterator[Mark]:
    """Segregating at once is what ISO 9001 8.7 asks for: said, never held against anyone."""
    courses = case.courses
    for place, step in enumerate(case.sop.steps):
        ordinary = [earlier for earlier in range(place) if not case.sop.steps[earlier].may_come_early]
        if step.may_come_early and ordinary:
            early = _overtook(courses, place, ordinary[-1]) & (courses.group_round == 0)
            rows = courses.events.index[courses.position[early, place]]
            yield from case.mark("events", rows, "start", step=step.number)


def _overtook(courses: Courses, place: int, before: int) -> np.ndarray:
    """Per group: the step began before the ordinary step `before` it had ended, or before that has come at all."""
    start, end = _at(courses, "start")[:, place], _at(courses, "end_early")[:, before]
    pending = np.append(courses.events["end_blank"].to_numpy(bool), False)[courses.position[:, before]]
    executed = courses.position[:, before] >= 0
    gone_on = (courses.position[:, before + 1 :] >= 0)[:, ~_early(courses)[before + 1 :]].any(axis=1)
    return np.asarray(~np.isnat(start) & np.where(executed, (start < end) | pending, ~gone_on))


@rule(
    "U11",
    Severity.BREACH,
    message="Pemusnahan dimulai {start}, sebelum tindakan perbaikan disetujui (langkah {approval}).",
    fix="Perbaiki waktunya bila salah ketik; pemusnahan hanya boleh dilakukan setelah persetujuan.",
    clause="ISO 9001:2015 klausul 8.7.1",
)
def destroyed_before_approval(case: Inspection) -> Iterator[Mark]:
    """What is destroyed cannot be approved any more. Without any approval the destruction is before it as well."""
    approval, destruction = case.sop.duty("approval"), case.sop.duty("destruction")
    if not approval or not destruction:
        return
    events = case.courses.events
    ends = events[(events["step"] == approval.number) & (events["outcome"] != REJECTED)]
    dark = events[(events["step"] == approval.number) & (events["end"].isna() | events["outcome_unknown"])]
    approved = ends.groupby("case_row")["end_early"].min()
    destroyed = events[(events["step"] == destruction.number) & events["start"].notna()]
    lacking = case.courses.lacking(approval.number, destroyed["case_row"])
    destroyed = destroyed[~destroyed["case_row"].isin({*dark["case_row"], *lacking})]
    when = looked_up(destroyed["case_row"], approved)
    unapproved = destroyed[when.isna() | (destroyed["start_late"] < when)]
    yield from case.mark("events", unapproved, "start", start=unapproved["start"], approval=approval.number)


@rule(
    "U12",
    Severity.BREACH,
    stage=3,
    message="Hasil dimusnahkan, padahal {why}.",
    fix="Periksa kolom Perlu Dimusnahkan dan Status di sheet Register, atau perbaiki baris ini.",
    clause="ISO 9001:2015 klausul 8.7.1",
)
def destroyed_without_need(case: Inspection) -> Iterator[Mark]:
    """The register said that nothing was to be destroyed, or that the case had been dropped (a Status in error, K07,
    says neither)."""
    destruction = case.sop.duty("destruction")
    if not destruction:
        return
    events = case.courses.events
    destroyed = events[events["step"] == destruction.number]
    cases = case.frame("cases")
    unneeded = destroyed["case_row"].map(cases["to_destroy"]) == "Tidak"
    dropped = destroyed["case_row"].map(cases["status"]) == "Batal"
    why = pd.Series(
        np.where(unneeded, "kolom Perlu Dimusnahkan berisi Tidak", "statusnya Batal"), index=destroyed.index
    )
    yield from case.mark("events", destroyed[unneeded | dropped], "step", why=why)


@rule(
    "U13",
    Severity.WARNING,
    message="Langkah {step} dimulai {start}, sedangkan layanan tidak sesuai ditemukan {found}.",
    fix="Identifikasi dilakukan pada hari kerja yang sama dengan penemuan; periksa kedua waktu itu.",
    clause=ORDER,
)
def identified_late(case: Inspection) -> Iterator[Mark]:
    """The first step begins on the working day of the finding: not before it, and not on a later one."""
    step = case.sop.duty("identification")
    if not step:
        return
    events = case.courses.events
    first = events[(events["step"] == step.number) & ~events["repeat"] & (events["round"] == 0)]
    first = first[first["start"].notna()]
    found = looked_up(first["case_row"], case.frame("cases")["found_at"])
    first, found = first[found.notna()], found[found.notna()]
    due = pd.Series(case.calendar.day_of(found.to_numpy("datetime64[s]")).astype("datetime64[s]"), index=first.index)
    wrong = (first["start_late"] < found) | (first["start"].dt.normalize() > due)
    yield from case.mark("events", first[wrong], "start", step=step.number, start=first["start"], found=found)
