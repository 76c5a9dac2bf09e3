"""K: what was destroyed, and the BA that say so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

import numpy as np

from sopkit import language
from sopkit.arrays import Ints, Moments
from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.executions import NAT
from sopkit.checks.inspection import Inspection, case_of, rows_of
from sopkit.checks.records import cases_where, missing
from sopkit.checks.suggest import paired, resembles
from sopkit.frames import Series, looked_up
from sopkit.register.schema import Cases, Disposals, Events
from sopkit.text import plain, quoted

DISPOSAL = "SOP, BA Pemusnahan layanan tidak sesuai"
NAMED_CASES = 3  # so many cases of a BA are told one by one


@rule(
    "K03",
    Severity.ERROR,
    message="Berita acara “{number}” tidak ada di sheet Pemusnahan.",
    fix="Periksa dokumen aslinya; perbaiki nomor yang salah salin{nearest}, atau catat BA itu di sheet Pemusnahan.",
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
    meant = _meant_by_wrong(check, unmatched, typed[typed.isna() | check.unknown(Disposals.number)])
    alone = [row for row, number in unmatched.items() if number not in meant or not _agree(check, row, meant[number])]
    near = {row: _disposal_meant(check, row, unmatched[row]) for row in alone}
    yield from check.mark(alone, Cases.disposal_number, number=unmatched, nearest=near)


def _meant_by_wrong(check: Inspection, unmatched: Mapping[int, str], wrong: Series) -> Mapping[str, int]:
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
    date, span = check.known(Disposals.date)[[disposal]].array[0], done.of_case(row)
    there = done.step[span] == step.number
    first = np.fmin.reduce(done.start[span][there], initial=NAT).astype("datetime64[D]")
    last = np.fmax.reduce(done.end[span][there], initial=NAT).astype("datetime64[D]")
    return bool(not date < first and not date > last)  # what is not known (NaT) is neither


@rule(
    "K04",
    Severity.ERROR,
    message="Berita acara “{number}” tidak disebut oleh satu pun layanan tidak sesuai di sheet Register.",
    fix="Periksa dokumen aslinya; isi No. BA Pemusnahan pada layanan yang hasilnya dimusnahkan dengan BA ini. Hapus "
    "baris ini hanya bila BA itu tidak pernah terbit.",
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


@rule(
    "K05",
    Severity.ERROR,
    message="Tanggal BA {date} tidak cocok dengan sheet Langkah: {why}.",
    fix="Periksa dokumen aslinya; perbaiki di buku kerja tanggal yang salah salin. Bila BA itu sendiri keliru, buat BA "
    "pembetulan, atau berita acara tambahan bagi layanan yang dimusnahkan pada hari lain.",
    reason="Berita acara hanya membuktikan pemusnahan yang disaksikan pada tanggalnya.",
    clause=DISPOSAL,
)
def disposal_date_wrong(check: Inspection) -> Iterator[Mark]:
    """By calendar date, the BA is before the day on which the destruction of one of its cases began, after the day on
    which it ended (running: `as_of`), or before the approval of that case.

    Each case is held to its own destruction: nobody saw on the 12th what was destroyed on the 5th. One finding names
    the cases of the BA of which this is so, the first few of them with their dates.
    """
    step, members = check.sop.duty("destruction"), _disposed(check)
    if not step or not members:
        return
    rows, disposals = (np.array(list(places), dtype=np.int64) for places in (members.keys(), members.values()))
    dates = check.known(Disposals.date)
    date = dates[disposals].array.astype("datetime64[D]")
    destroyed, *moments = _destroyed(check, step.number)
    began, ended = (looked_up(destroyed, days, rows).astype("datetime64[D]") for days in moments)
    approved = looked_up(*check.executions.approved, rows).astype("datetime64[D]")
    cases, clashes = check.register.cases, dict[int, list[str]]()
    for at in np.flatnonzero((date < began) | (date > ended) | (date < approved)).tolist():
        when = _when_destroyed(began[at].item(), ended[at].item())
        if date[at] < approved[at]:
            when = f"baru disetujui pada {language.date_text(approved[at].item())}"
        case = case_of(cases, int(rows[at])) or f"layanan pada {cases.called(int(rows[at]))}"
        clashes.setdefault(int(disposals[at]), []).append(f"{quoted(case)} {when}")
    why = {ba: _first_few(told) for ba, told in clashes.items()}
    yield from check.mark(list(clashes), Disposals.date, date=dates, why=why)


def _destroyed(check: Inspection, step: int) -> tuple[Ints, Moments, Moments]:
    """The rows of the cases, ascending, with when their destruction began and ended; NaT where that is not known."""
    done = check.executions
    there = np.flatnonzero(done.step == step)
    began = np.where(done.start_given, done.start, NAT)[there]
    ended = np.where(done.running, np.datetime64(check.as_of, "s"), done.end)[there]
    cases, first = np.unique(done.case_row[there], return_index=True)  # the executions are in the order of the cases
    if not len(there):
        return cases, began, ended
    begins, ends = np.fmin.reduceat(began, first), np.maximum.reduceat(ended, first)  # one unknown end: all are
    return cases, begins, ends


def _when_destroyed(began: dt.date | None, ended: dt.date | None) -> str:
    first, last = (day and language.date_text(day) for day in (began, ended))
    if not (first and last):
        return f"mulai dimusnahkan pada {first}" if first else f"selesai dimusnahkan pada {last}"
    return f"dimusnahkan pada {first}" if first == last else f"dimusnahkan dari {first} sampai {last}"


def _first_few(told: list[str]) -> str:
    rest = len(told) - NAMED_CASES
    more = [f"dan {language.number_text(rest)} layanan lain"] if rest > 0 else []
    return "; ".join([*told[:NAMED_CASES], *more])


@rule(
    "K10",
    Severity.ERROR,
    message="Hasil dimusnahkan, tetapi {what}.",
    fix="Isi Jumlah (lebih dari nol) dan Satuan menurut BA Pemusnahan. Bila BA itu tidak memuatnya, buat BA "
    "pembetulan.",
    reason="Berita acara harus menyebut berapa banyak hasil yang dimusnahkan.",
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
    wrong = (
        (none | nothing | missing(check, Cases.unit) & check.there(Cases.unit))
        & ~check.unknown(Cases.quantity)
        & destroyed
    )
    yield from check.mark(wrong, Cases.quantity, what=what[wrong])


def _destructions(check: Inspection, step: int, members: Mapping[int, int]) -> Mapping[int, list[int]]:
    """Row of Pemusnahan -> places of the executions of the step in its cases."""
    found: dict[int, list[int]] = {}
    for place in np.flatnonzero(check.executions.step == step).tolist() if members else ():
        ba = members.get(int(check.executions.case_row[place]))
        if ba is not None:
            found.setdefault(ba, []).append(place)
    return found


@rule(
    "K17",
    Severity.WARNING,
    message="{name} tidak tercatat melaksanakan langkah {step} pada layanan yang dimusnahkan dengan BA ini.",
    fix="Periksa dokumen aslinya; perbaiki di buku kerja nama yang salah salin, di sini atau pada langkah {step}. "
    "Bila BA itu sendiri keliru, buat BA pembetulan.",
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
    message="Berita acara “{number}” disebut, tetapi langkah {step} layanan ini tidak tercatat di sheet Langkah.",
    fix="Periksa dokumen aslinya; catat langkah {step} di sheet Langkah. Kosongkan sel ini hanya bila layanan ini "
    "tidak tercantum dalam BA itu.",
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
