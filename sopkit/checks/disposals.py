"""K: what was destroyed, and the BA that say so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from sopkit.arrays import Moments
from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.executions import NAT
from sopkit.checks.inspection import Inspection, rows_of
from sopkit.checks.records import cases_where, missing
from sopkit.checks.suggest import paired, resembles
from sopkit.register.schema import DISPOSALS, Cases, Disposals, Events
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
def disposal_unknown(check: Inspection) -> Iterator[Mark]:
    """The BA that a case names has no row in Pemusnahan. A BA whose own number is in error may be the one that is
    meant: the number must look like it and its date must fall on the destruction of the case; it then excuses one
    number.
    """
    if not check.has(Disposals.number):
        return
    typed = check.read(Disposals.number)
    known = frozenset(typed.dropna())
    unmatched = {row: number for row, number in check.texts(Cases.disposal_number).items() if number not in known}
    if not unmatched:
        return
    meant = _meant_by_wrong(check, unmatched, typed[check.unknown(Disposals.number) | typed.isna()])
    alone = [row for row, number in unmatched.items() if number not in meant or not _agree(check, row, meant[number])]
    near = {row: _disposal_meant(check, row, unmatched[row]) for row in alone}
    yield from check.mark(alone, Cases.disposal_number, number=unmatched, nearest=near)


def _meant_by_wrong(check: Inspection, unmatched: Mapping[int, str], wrong: pd.Series) -> Mapping[str, int]:
    """Number of a BA that is not there -> row of the BA with a number in error that agrees with it best."""
    pairs = []
    for ba, text in rows_of(wrong):
        for number in set(unmatched.values()):
            agreeing = [row for row in unmatched if unmatched[row] == number and _agree(check, row, ba)]
            if agreeing and resembles(number, text):
                pairs.append(((not isinstance(text, str), -len(agreeing)), number, ba))
    return paired(pairs)


def _disposal_meant(check: Inspection, row: int, number: str) -> str:
    """` (mungkin dimaksudkan …)`: a BA that looks alike, agrees with the case's destruction, and that nobody names."""
    named = set(check.texts(Cases.disposal_number).values())
    free = {ba: text for ba, text in check.texts(Disposals.number).items() if text not in named}
    near = [ba for ba, text in free.items() if resembles(number, text) and _agree(check, row, ba)]
    if len(near) != 1:
        return ""
    return f" (mungkin dimaksudkan {free[near[0]]} di {check.address(near[0], Disposals.number)})"


def _agree(check: Inspection, row: int, disposal: int) -> bool:
    """True when the date of a BA falls on the destruction of a case, as far as both are known."""
    step, done = check.sop.duty("destruction"), check.executions
    if not step:
        return True
    date, span = check.known(Disposals.date)[disposal], done.of_case(row)
    there = done.step[span] == step.number
    first = pd.Timestamp(np.fmin.reduce(done.start[span][there], initial=NAT)).floor("D")
    last = pd.Timestamp(np.fmax.reduce(done.end[span][there], initial=NAT)).floor("D")
    return not date < first and not date > last  # what is not known (NaT) is neither


@rule(
    "K04",
    Severity.ERROR,
    message="BA {number} tidak disebut oleh satu pun layanan tidak sesuai di sheet Register.",
    fix="Isi No. BA Pemusnahan pada layanan yang dimusnahkan dengan BA ini, atau hapus barisnya.",
    reason="Berita acara tanpa kasus tidak menjelaskan apa yang dimusnahkan.",
    clause=DISPOSAL,
)
def disposal_without_case(check: Inspection) -> Iterator[Mark]:
    """No case names the BA. A reference that is in error may be the one that names it, and excuses one BA; where the
    reference is K03's, that remedy names this BA.
    """
    if not check.has(Cases.number) or not check.has(Cases.disposal_number):
        return
    named = set(check.texts(Cases.disposal_number).values())
    unnamed = {ba: number for ba, number in check.texts(Disposals.number).items() if number not in named}
    if not unnamed:
        return
    pairs = []
    for row, text in rows_of(check.read(Cases.disposal_number)[check.unknown(Cases.disposal_number)]):
        near = [ba for ba, number in unnamed.items() if resembles(number, text) and _agree(check, row, ba)]
        pairs += [((not isinstance(text, str),), ba, text or row) for ba in near]
    meant = paired(pairs)
    yield from check.mark([ba for ba in unnamed if ba not in meant], Disposals.number, number=unnamed)


def _disposed(check: Inspection) -> Mapping[int, int]:
    """Row of Register -> row of Pemusnahan, for the cases that name a known BA."""
    rows: dict[str, int] = {}
    for ba, number in check.texts(Disposals.number).items():
        rows.setdefault(number, ba)
    named = check.texts(Cases.disposal_number)
    return {row: rows[number] for row, number in named.items() if number in rows}


def _destructions(check: Inspection, step: int, members: Mapping[int, int]) -> Mapping[int, list[int]]:
    """Row of Pemusnahan -> places of the executions of the step in its cases."""
    found: dict[int, list[int]] = {}
    for place in np.flatnonzero(check.executions.step == step).tolist() if members else ():
        ba = members.get(int(check.executions.case_row[place]))
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
def disposal_date_wrong(check: Inspection) -> Iterator[Mark]:
    """By calendar date, the BA is before the day on which the destruction of the last of its cases began, after the day
    on which the last of them ended (running: `as_of`), or before the approval of any of them.
    """
    step = check.sop.duty("destruction")
    if not step:
        return
    members, done = _disposed(check), check.executions
    ends = np.where(done.running, np.datetime64(check.as_of, "s"), done.end)
    began, ended, approved = (dict[int, np.datetime64]() for _ in range(3))
    for ba, places in _destructions(check, step.number, members).items():
        began[ba] = np.fmax.reduce(done.start[places])
        ended[ba] = np.max(ends[places])  # unknown when one of them is
    for row, end in zip(check.executions.approved.index.tolist(), check.executions.approved.to_numpy(), strict=True):
        if row in members:
            approved[members[row]] = np.fmax(end, approved.get(members[row], NAT))
    dates = check.values(Disposals.date).astype("datetime64[D]")
    first, last, allowed = (_days(check, moments) for moments in (began, ended, approved))
    unapproved, early, late = dates < allowed, dates < first, dates > last
    why = np.where(early, "mendahului pemusnahan di sheet Langkah", "melewati akhir pemusnahan di sheet Langkah")
    why = np.where(unapproved, "mendahului persetujuan tindakan perbaikan", why)
    wrong = early | late | unapproved
    yield from check.mark(wrong, Disposals.date, date=dates[wrong], why=why[wrong])


def _days(check: Inspection, moments: Mapping[int, np.datetime64]) -> Moments:
    """The day of each row of Pemusnahan, NaT where there is none."""
    found = [moments.get(row, NAT) for row in check.rows(DISPOSALS).tolist()]
    return np.array(found, dtype="datetime64[s]").astype("datetime64[D]")


@rule(
    "K10",
    Severity.ERROR,
    message="Hasil dimusnahkan, tetapi {what}.",
    fix="Isi Jumlah dengan angka lebih dari nol, dan Satuan-nya.",
    reason="Berita acara harus menyebut berapa banyak yang dimusnahkan.",
    clause=DISPOSAL,
)
def quantity_missing(check: Inspection) -> Iterator[Mark]:
    """Something is destroyed (its step has begun, or a BA is named) while Jumlah is empty or not above nought, or
    Satuan is empty.
    """
    step, done = check.sop.duty("destruction"), check.executions
    if not step:
        return
    destroyed = cases_where(check, (done.step == step.number) & done.begun)
    destroyed |= check.filled(Cases.disposal_number) & ~missing(check, Cases.disposal_number)
    none = check.blank(Cases.quantity)
    nothing = check.values(Cases.quantity) <= 0
    what = np.where(nothing, "Jumlah tidak lebih dari nol", "Satuan belum diisi")
    what = np.where(none, "Jumlah belum diisi", what)
    wrong = (none | nothing | missing(check, Cases.unit)) & ~check.unknown(Cases.quantity) & destroyed
    yield from check.mark(wrong, Cases.quantity, what=what[wrong])


@rule(
    "K17",
    Severity.WARNING,
    message="{name} tidak tercatat melaksanakan langkah {step} pada layanan yang dimusnahkan dengan BA ini.",
    fix="Samakan Pelaksana BA dengan Pelaksana langkah {step} di sheet Langkah.",
    reason="Berita acara ditandatangani oleh orang yang sungguh-sungguh melakukan pemusnahan.",
    clause=DISPOSAL,
)
def executor_not_actor(check: Inspection) -> Iterator[Mark]:
    """The Pelaksana of a BA is not an actor of the destruction step in any of its cases. Where no destruction is
    recorded, K52 says so instead.
    """
    step = check.sop.duty("destruction")
    if not step:
        return
    names, actors = check.texts(Disposals.executor), check.executions.actor
    strange = []
    for ba, places in _destructions(check, step.number, _disposed(check)).items():
        acting = [actors[place] for place in places]
        known = all(isinstance(actor, str) for actor in acting)
        if ba in names and known and plain(names[ba]) not in map(plain, acting):
            strange.append(ba)
    yield from check.mark(strange, Disposals.executor, name=names, step=step.number)


@rule(
    "K52",
    Severity.WARNING,
    message="BA {number} disebut, tetapi langkah {step} layanan ini tidak tercatat di sheet Langkah.",
    fix="Catat langkah {step} di sheet Langkah, atau hapus No. BA Pemusnahan ini.",
    reason="Berita acara dan catatan langkah harus menceritakan pemusnahan yang sama.",
    clause=DISPOSAL,
)
def destruction_unrecorded(check: Inspection) -> Iterator[Mark]:
    """A case names a BA that is known, and Langkah has no row of its destruction, nor one in error that could be it."""
    step, done = check.sop.duty("destruction"), check.executions
    if not step or not (check.has(Events.case) and check.has(Events.step)):
        return
    destroyed = set(done.case_row[done.step == step.number].tolist())
    numbered = check.texts(Cases.number)
    idle = [row for row in _disposed(check) if row in numbered and row not in destroyed]
    lacking = check.executions.possibly_done(step.number, idle)
    alone = [row for row in idle if row not in lacking]
    numbers = check.texts(Cases.disposal_number)
    yield from check.mark(alone, Cases.disposal_number, number=numbers, step=step.number)
