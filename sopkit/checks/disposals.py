"""K: what was destroyed, and the BA that say so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.courses import NAT, Array
from sopkit.checks.inspection import Inspection, rows_of
from sopkit.checks.likeness import paired, resembles
from sopkit.checks.records import cases_where, missing
from sopkit.text import plain

DISPOSAL = "SOP, BA Pemusnahan layanan tidak sesuai"


@rule(
    "K03",
    Severity.ERROR,
    message="No. BA {number} tidak ada di sheet Pemusnahan.",
    fix="Perbaiki nomornya{nearest}, atau catat BA itu di sheet Pemusnahan.",
    reason="Pemusnahan hanya terbukti bila berita acara yang disebut benar-benar ada.",
    clause=DISPOSAL,
)
def disposal_unknown(case: Inspection) -> Iterator[Mark]:
    """A reference to a BA that does not exist. A BA whose number is in error may be the one that is meant: the number
    that looks like it and whose cases were destroyed on its date, and no other.
    """
    if not case.has("disposals", "number"):
        return
    typed = case.tables["disposals"].data["number"]
    known = frozenset(typed.dropna())
    lost = {row: number for row, number in case.texts("cases", "disposal_number").items() if number not in known}
    if not lost:
        return
    meant = _meant_by_wrong(case, lost, typed[case.unknown("disposals", "number") | typed.isna()])
    alone = [row for row, number in lost.items() if number not in meant or not _agree(case, row, meant[number])]
    near = {row: _disposal_meant(case, row, lost[row]) for row in alone}
    yield from case.mark("cases", alone, "disposal_number", number=lost, nearest=near)


def _meant_by_wrong(case: Inspection, lost: Mapping[int, str], wrong: pd.Series) -> Mapping[str, int]:
    """Number of a BA that is not there -> row of the BA with a number in error that agrees with it best."""
    pairs = []
    for ba, text in rows_of(wrong):
        for number in set(lost.values()):
            agreeing = [row for row in lost if lost[row] == number and _agree(case, row, ba)]
            if agreeing and resembles(number, text):
                pairs.append(((not isinstance(text, str), -len(agreeing)), number, ba))
    return paired(pairs)


def _disposal_meant(case: Inspection, row: int, number: str) -> str:
    """` (mungkin dimaksudkan …)`: a BA that looks alike, agrees with the case's destruction, and that nobody names."""
    named = set(case.texts("cases", "disposal_number").values())
    free = {ba: text for ba, text in case.texts("disposals", "number").items() if text not in named}
    near = [ba for ba, text in free.items() if resembles(number, text) and _agree(case, row, ba)]
    if len(near) != 1:
        return ""
    return f" (mungkin dimaksudkan {free[near[0]]} di {case.address('disposals', near[0], 'number')})"


def _agree(case: Inspection, row: int, disposal: int) -> bool:
    """True when the date of a BA falls on the destruction of a case, as far as both are known."""
    date, step = case.frame("disposals")["date"][disposal], case.sop.duty("destruction")
    done = case.courses.executions(row)
    done = done[done["step"] == step.number] if step else done[:0]
    if pd.isna(date) or done.empty:
        return True
    first, last = done["start"].min().floor("D"), done["end"].max().floor("D")  # of NaT too
    return not (date < first) and not (date > last)


@rule(
    "K04",
    Severity.ERROR,
    message="BA {number} tidak disebut oleh satu pun layanan tidak sesuai di sheet Register.",
    fix="Isi No. BA Pemusnahan pada layanan yang dimusnahkan dengan BA ini, atau hapus barisnya.",
    reason="Berita acara tanpa kasus tidak menjelaskan apa yang dimusnahkan.",
    clause=DISPOSAL,
)
def disposal_without_case(case: Inspection) -> Iterator[Mark]:
    """A BA must say what was destroyed. A reference in error may be the one that names it, and then no other; where
    it is K03's, its remedy names this BA.
    """
    if not case.has("cases", "number") or not case.has("cases", "disposal_number"):
        return
    named = set(case.texts("cases", "disposal_number").values())
    unnamed = {ba: number for ba, number in case.texts("disposals", "number").items() if number not in named}
    if not unnamed:
        return
    pairs = []
    for row, text in rows_of(case.tables["cases"].data["disposal_number"][case.unknown("cases", "disposal_number")]):
        near = [ba for ba, number in unnamed.items() if resembles(number, text) and _agree(case, row, ba)]
        pairs += [((not isinstance(text, str),), ba, text or row) for ba in near]
    meant = paired(pairs)
    yield from case.mark("disposals", [ba for ba in unnamed if ba not in meant], "number", number=unnamed)


def _disposed(case: Inspection) -> Mapping[int, int]:
    """Row of Register -> row of Pemusnahan, for the cases that name a known BA."""
    rows: dict[str, int] = {}
    for ba, number in case.texts("disposals", "number").items():
        rows.setdefault(number, ba)
    named = case.texts("cases", "disposal_number")
    return {row: rows[number] for row, number in named.items() if number in rows}


def _destructions(case: Inspection, step: int, members: Mapping[int, int]) -> Mapping[int, list[int]]:
    """Row of Pemusnahan -> places of the executions of the step in its cases."""
    found: dict[int, list[int]] = {}
    for place in np.flatnonzero(case.courses.columns["step"] == step).tolist() if members else ():
        ba = members.get(int(case.courses.columns["case_row"][place]))
        if ba is not None:
            found.setdefault(ba, []).append(place)
    return found


@rule(
    "K05",
    Severity.ERROR,
    message="Tanggal BA {date} {why}.",
    fix="Samakan tanggal BA dengan pelaksanaan pemusnahan di sheet Langkah.",
    reason="Tanggal berita acara harus sesuai dengan pemusnahan yang disaksikannya.",
    clause=DISPOSAL,
)
def disposal_date_wrong(case: Inspection) -> Iterator[Mark]:
    """The BA is written when its things are destroyed: by calendar date, from the day on which the last of its cases
    began to be destroyed to the day on which the last one ended, and not before any of them was approved.
    """
    step = case.sop.duty("destruction")
    if not step:
        return
    members, done = _disposed(case), case.courses.columns
    ends = np.where(done["running"], np.datetime64(case.as_of, "s"), done["end"])
    began, ended, approved = (dict[int, Array]() for _ in range(3))
    for ba, places in _destructions(case, step.number, members).items():
        began[ba] = np.fmax.reduce(done["start"][places])
        ended[ba] = np.max(ends[places])  # unknown when one of them is
    for row, end in zip(case.courses.approved.index.tolist(), case.courses.approved.to_numpy(), strict=True):
        if row in members:
            approved[members[row]] = np.fmax(end, approved.get(members[row], NAT))
    dates = case.values("disposals", "date").astype("datetime64[D]")
    first, last, allowed = (_days(case, moments) for moments in (began, ended, approved))
    unapproved, early, late = dates < allowed, dates < first, dates > last
    why = np.where(early, "mendahului pemusnahan di sheet Langkah", "melewati akhir pemusnahan di sheet Langkah")
    why = np.where(unapproved, "mendahului persetujuan tindakan perbaikan", why)
    wrong = early | late | unapproved
    yield from case.mark("disposals", wrong, "date", date=dates[wrong], why=why[wrong])


def _days(case: Inspection, moments: Mapping[int, Array]) -> Array:
    """The day of each row of Pemusnahan, NaT where there is none."""
    found = [moments.get(row, NAT) for row in case.frame("disposals").index.tolist()]
    return np.array(found, dtype="datetime64[s]").astype("datetime64[D]")


@rule(
    "K10",
    Severity.ERROR,
    message="Hasil dimusnahkan, tetapi {what}.",
    fix="Isi Jumlah dengan angka lebih dari nol, dan Satuan-nya.",
    reason="Berita acara harus menyebut berapa banyak yang dimusnahkan.",
    clause=DISPOSAL,
)
def quantity_missing(case: Inspection) -> Iterator[Mark]:
    """A BA of nothing proves nothing. Something is destroyed once its step has begun or a BA is named."""
    step, done = case.sop.duty("destruction"), case.courses.columns
    if not step:
        return
    destroyed = cases_where(case, (done["step"] == step.number) & done["begun"])
    destroyed |= case.filled("cases", "disposal_number") & ~missing(case, "disposal_number")
    none = case.blank("cases", "quantity")
    nothing = case.values("cases", "quantity") <= 0
    what = np.where(nothing, "Jumlah tidak lebih dari nol", "Satuan belum diisi")
    what = np.where(none, "Jumlah belum diisi", what)
    wrong = (none | nothing | missing(case, "unit")) & ~case.unknown("cases", "quantity") & destroyed
    yield from case.mark("cases", wrong, "quantity", what=what[wrong])


@rule(
    "K17",
    Severity.WARNING,
    message="{name} tidak tercatat melaksanakan langkah {step} pada layanan yang dimusnahkan dengan BA ini.",
    fix="Samakan Pelaksana BA dengan Pelaksana langkah {step} di sheet Langkah.",
    reason="Berita acara ditandatangani oleh orang yang sungguh-sungguh melakukan pemusnahan.",
    clause=DISPOSAL,
)
def executor_not_actor(case: Inspection) -> Iterator[Mark]:
    """Who signs that he destroyed something did it. Where no destruction is recorded, K52 says so instead."""
    step = case.sop.duty("destruction")
    if not step:
        return
    names, actors = case.texts("disposals", "executor"), case.courses.columns["actor"]
    strange = []
    for ba, places in _destructions(case, step.number, _disposed(case)).items():
        acting = [actors[place] for place in places]
        known = all(isinstance(actor, str) for actor in acting)
        if ba in names and known and plain(names[ba]) not in map(plain, acting):
            strange.append(ba)
    yield from case.mark("disposals", strange, "executor", name=names, step=step.number)


@rule(
    "K52",
    Severity.WARNING,
    message="BA {number} disebut, tetapi langkah {step} layanan ini tidak tercatat di sheet Langkah.",
    fix="Catat langkah {step} di sheet Langkah, atau hapus No. BA Pemusnahan ini.",
    reason="Berita acara dan catatan langkah harus menceritakan pemusnahan yang sama.",
    clause=DISPOSAL,
)
def destruction_unrecorded(case: Inspection) -> Iterator[Mark]:
    """A case stands in a BA and nobody recorded that it was destroyed."""
    step, done = case.sop.duty("destruction"), case.courses.columns
    if not step or not (case.has("events", "case") and case.has("events", "step")):
        return
    destroyed = set(done["case_row"][done["step"] == step.number].tolist())
    numbered = case.texts("cases", "number")
    idle = [row for row in _disposed(case) if row in numbered and row not in destroyed]
    lacking = case.courses.lacking(step.number, idle)
    alone = [row for row in idle if row not in lacking]
    numbers = case.texts("cases", "disposal_number")
    yield from case.mark("cases", alone, "disposal_number", number=numbers, step=step.number)
