"""K: the records that each step leaves behind: inputs, outputs, numbers, disposals and follow-ups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.courses import APPROVED, NAT, Array
from sopkit.checks.data import is_nothing, paired, parsed, pattern_setting, resembles, strangers
from sopkit.checks.inspection import Inspection, rows_of
from sopkit.checks.spelling import plain
from sopkit.register.columns import REGISTER
from sopkit.register.numbering import parse_number

RECORD = "SOP, kolom Kelengkapan dan Output"
IMPROVEMENT = "ISO 9001:2015 klausul 10.2.1"
EVIDENCE = "ISO 9001:2015 klausul 10.2.2"
DISPOSAL = "SOP, BA Pemusnahan layanan tidak sesuai"
RECURRENCE_DAYS = 90
RECURRENCE_SCORE = 80  # rapidfuzz ratio of the sorted words from which two causes are alike
RECURRENCE_WINDOW = 256  # so many of the latest different causes are compared, so that a huge register stays quick


def _register_fields(headers: Iterable[str]) -> list[tuple[str, str]]:
    """Field and header of the Register columns that an SOP names."""
    fields = {plain(column.header): column for column in REGISTER.columns}
    return [(fields[plain(h)].field, fields[plain(h)].header) for h in headers if plain(h) in fields]


def _missing(case: Inspection, field: str) -> Array:
    """True where a Register cell is empty or holds nothing but a dash."""
    values, blank = case.values("cases", field), case.blank("cases", field)
    dashes = [text for text in strangers(values, ()) if not any(map(str.isalnum, text))]
    return blank | pd.Series(values).isin(dashes).to_numpy() if dashes else blank


def _cases_where(case: Inspection, executions: Array) -> Array:
    """True for the rows of Register that these executions (true for each that counts) belong to."""
    return np.isin(case.frame("cases").index, case.courses.columns["case_row"][executions])


@rule(
    "K01",
    Severity.BREACH,
    message="Langkah {step} sudah dimulai, tetapi {column} belum diisi.",
    fix="Isi {column}; langkah {step} memerlukannya.",
    clause=RECORD,
)
def input_missing(case: Inspection) -> Iterator[Mark]:
    """A step has begun without what the SOP says it needs (the SOP's `needs`: no evaluation without a PTPP)."""
    done = case.courses.columns
    for step in (step for step in case.sop.steps if step.needs):
        begun = _cases_where(case, (done["step"] == step.number) & done["begun"])
        for field, header in _register_fields(step.needs):
            yield from case.mark("cases", begun & _missing(case, field), field, step=step.number, column=header)


@rule(
    "K02",
    Severity.BREACH,
    message="Langkah {step} sudah selesai, tetapi {column} belum diisi.",
    fix="Isi {column} sebagai hasil langkah {step}.",
    clause=RECORD,
)
def output_missing(case: Inspection) -> Iterator[Mark]:
    """A finished step leaves its record in the register (the SOP's `records`). A dash records nothing."""
    for step in (step for step in case.sop.steps if step.records):
        ended = _cases_where(case, _finished(case, step.number))
        for field, header in _register_fields(step.records):
            yield from case.mark("cases", ended & _missing(case, field), field, step=step.number, column=header)


def _finished(case: Inspection, number: int) -> Array:
    """True for the executions of this step that have ended."""
    done = case.courses.columns
    return np.asarray((done["step"] == number) & ~np.isnat(done["end"]))


@rule(
    "K03",
    Severity.ERROR,
    message="No. BA {number} tidak ada di sheet Pemusnahan.",
    fix="Perbaiki nomornya{nearest}, atau catat BA itu di sheet Pemusnahan.",
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
    first, last = done["start"].min().normalize(), done["end"].max().normalize()
    return not (date < first) and not (date > last)


@rule(
    "K04",
    Severity.ERROR,
    message="BA {number} tidak disebut oleh satu pun layanan tidak sesuai di sheet Register.",
    fix="Isi No. BA Pemusnahan pada layanan yang dimusnahkan dengan BA ini, atau hapus barisnya.",
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
    "K07",
    Severity.ERROR,
    message="Status {status} bertentangan dengan catatan: {why}.",
    fix="Perbaiki Status, atau lengkapi catatan yang kurang.",
    clause=EVIDENCE,
)
def status_contradicts_steps(case: Inspection) -> Iterator[Mark]:
    """What the register claims and what its steps show must agree. Unfinished is a step that has begun, has no
    Selesai and was not followed by another (that is U08); a periodic step may be pending. A cancelled case says why.
    """
    done, status = case.courses.columns, case.values("cases", "status")
    rows = case.frame("cases").index
    periodic = [step.number for step in case.sop.steps if step.periodic]
    running = np.flatnonzero(done["running"] & ~np.isin(done["step"], periodic))[::-1]
    open_step = dict(zip(done["case_row"][running].tolist(), done["step"][running].tolist(), strict=True))
    unfinished = (status == "Selesai") & np.isin(rows, list(open_step))
    approved = (status == "Terbuka") & np.isin(rows, case.courses.approved.dropna().index)
    dropped = (status == "Batal") & _missing(case, "remark")
    why = dict.fromkeys(rows[dropped], "Keterangan kosong, padahal pembatalan harus beralasan")
    why |= {row: f"langkah {open_step[row]} belum selesai" for row in rows[unfinished]}
    why |= dict.fromkeys(rows[approved], "tindakan perbaikan sudah disetujui")
    wrong = unfinished | approved | dropped
    yield from case.mark("cases", wrong, "status", status=status[wrong], why=why)


@rule(
    "K06",
    Severity.BREACH,
    message="Status Selesai, tetapi {what}.",
    fix="Lengkapi sel ini, atau kembalikan Status menjadi Proses.",
    clause=EVIDENCE,
)
def closed_incomplete(case: Inspection) -> Iterator[Mark]:
    """A case is closed when its cause is known, its action was taken, verified and approved; not before.

    A text that says nothing is D14's. An approval that may stand among the rows in error is not missed.
    """
    closed = case.values("cases", "status") == "Selesai"
    for field in ("cause", "corrective_action", "verification"):
        header = REGISTER.column(field).header
        yield from case.mark("cases", closed & case.blank("cases", field), field, what=f"{header} belum diisi")
    approval = case.sop.duty("approval")
    if approval and case.has("events", "case"):
        numbered = closed & case.filled("cases", "number")
        yield from _unapproved(case, approval.number, case.frame("cases").index[numbered])


def _unapproved(case: Inspection, step: int, closed: pd.Index[Any]) -> Iterator[Mark]:
    done, last = case.courses.columns, case.courses.last(step)
    last = last[np.isin(done["case_row"][last], closed)]
    refused = last[(done["outcome"][last] != APPROVED) & ~done["outcome_unknown"][last]]
    what = f"langkah {step} tidak mencatat persetujuan"
    yield from case.mark("events", case.courses.rows[refused], "outcome", what=what)
    bare = closed[~np.isin(closed, done["case_row"][last])].tolist()
    doubtful = case.courses.lacking(step, bare) | case.courses.uncertain
    what = f"langkah {step} (persetujuan) belum dilaksanakan"
    yield from case.mark("cases", [row for row in bare if row not in doubtful], "status", what=what)


@rule(
    "K08",
    Severity.BREACH,
    message="Hasil Verifikasi Tidak Sesuai, tetapi PTPP Lanjutan belum diisi.",
    fix="Terbitkan PTPP baru dan tulis nomornya di PTPP Lanjutan.",
    clause=IMPROVEMENT,
)
def no_follow_up(case: Inspection) -> Iterator[Mark]:
    """An action that did not work calls for another one."""
    failed = case.values("cases", "verification") == "Tidak Sesuai"
    yield from case.mark("cases", failed & _missing(case, "follow_up_ptpp"), "follow_up_ptpp")


@rule(
    "K09",
    Severity.ERROR,
    message="PTPP Lanjutan {number} {why}.",
    fix="Perbaiki nomornya, atau sertakan buku kerja yang memuat PTPP itu.",
    clause=EVIDENCE,
)
def follow_up_unknown(case: Inspection) -> Iterator[Mark]:
    """A follow-up that cannot be found was not issued. One of a year that no workbook given covers is only said."""
    if not case.has("cases", "ptpp_number"):
        return
    typed = case.tables["cases"].data["ptpp_number"].to_numpy()
    known = {*typed, *case.ptpp_elsewhere}
    absent = _missing(case, "follow_up_ptpp")[case.filled("cases", "follow_up_ptpp")]
    follow_ups = case.texts("cases", "follow_up_ptpp").items()
    lost = {row: text for (row, text), bare in zip(follow_ups, absent, strict=True) if not bare and text not in known}
    if not lost:
        return
    pattern = pattern_setting(case, "Pola No. PTPP")
    dark = typed[case.unknown("cases", "ptpp_number")]
    wrong = [text for text in dark if not isinstance(text, str) or parse_number(pattern, text) is None]
    covered = _years_given(case)
    for row, number in lost.items():
        read = parse_number(pattern, number)
        elsewhere = bool(read and read.year and covered and read.year not in covered)
        why = "bernomor tahun lain; PTPP itu tidak diperiksa" if elsewhere else "tidak ada di buku kerja yang diperiksa"
        if not any(resembles(number, text) for text in wrong):
            severity = Severity.NOTE if elsewhere else None
            yield from case.mark("cases", [row], "follow_up_ptpp", severity=severity, number=number, why=why)


def _years_given(case: Inspection) -> set[int]:
    """Years of the PTPP numbers given, and of the register."""
    pattern = pattern_setting(case, "Pola No. PTPP")
    own = parsed(case, "cases", "ptpp_number", "Pola No. PTPP").values()
    others = (parse_number(pattern, number) for number in case.ptpp_elsewhere)
    years = {number.year for number in [*own, *others] if number and number.year}
    year = case.setting("Tahun Register")
    return years | {int(year)} if year.isdecimal() else years


@rule(
    "K10",
    Severity.ERROR,
    message="Hasil dimusnahkan, tetapi {what}.",
    fix="Isi Jumlah dengan angka lebih dari nol, dan Satuan-nya.",
    clause=DISPOSAL,
)
def quantity_missing(case: Inspection) -> Iterator[Mark]:
    """A BA of nothing proves nothing. Something is destroyed once its step has begun or a BA is named."""
    step, done = case.sop.duty("destruction"), case.courses.columns
    if not step:
        return
    destroyed = _cases_where(case, (done["step"] == step.number) & done["begun"])
    destroyed |= case.filled("cases", "disposal_number") & ~_missing(case, "disposal_number")
    none = case.blank("cases", "quantity")
    nothing = case.values("cases", "quantity") <= 0
    what = np.where(nothing, "Jumlah tidak lebih dari nol", "Satuan belum diisi")
    what = np.where(none, "Jumlah belum diisi", what)
    wrong = (none | nothing | _missing(case, "unit")) & ~case.unknown("cases", "quantity") & destroyed
    yield from case.mark("cases", wrong, "quantity", what=what[wrong])


@rule(
    "K11",
    Severity.WARNING,
    message="Target Selesai {what}.",
    fix="Isi Target Selesai dengan tanggal yang wajar sesudah Tanggal PTPP.",
    clause=IMPROVEMENT,
)
def target_missing(case: Inspection) -> Iterator[Mark]:
    """A request without a date is a wish. Due once the case has a PTPP."""
    missing = _issued(case) & case.blank("cases", "due_date")
    early = case.values("cases", "due_date") < case.values("cases", "ptpp_date")
    what = np.where(early, "mendahului Tanggal PTPP", "belum diisi")
    wrong = missing | early
    yield from case.mark("cases", wrong, "due_date", what=what[wrong])


def _issued(case: Inspection) -> Array:
    """True for the cases that have a PTPP."""
    return case.filled("cases", "ptpp_number") & ~_missing(case, "ptpp_number")


@rule(
    "K12",
    Severity.NOTE,
    message="Berulang: {service} dengan sebab serupa tercatat pada {other} ({days} hari sebelumnya).",
    fix="Tinjau apakah tindakan pencegahan yang lalu sudah memadai.",
    clause=IMPROVEMENT,
)
def recurrence(case: Inspection) -> Iterator[Mark]:
    """The same service failing for a like cause within 90 days: the first correction did not remove the cause.

    Compared with the latest different causes of that service (at most 256), so that any register stays quick.
    """
    days = case.values("cases", "found_at").astype("datetime64[D]").astype(np.int64)
    by_service: dict[str, list[int]] = {}
    told, services, causes = _told(case), case.values("cases", "service"), case.values("cases", "cause")
    for place in told:
        by_service.setdefault(services[place], []).append(place)
    rows = case.frame("cases").index.tolist()
    for service, same in by_service.items():
        found = _earlier_alike([_sorted_words(causes[place]) for place in same], days[same].tolist())
        alike = {rows[same[later]]: (same[later], same[before]) for later, before in found.items()}
        other = {row: case.case_of("cases", rows[b]) or f"baris {rows[b]}" for row, (_, b) in alike.items()}
        ages = {row: int(days[place] - days[before]) for row, (place, before) in alike.items()}
        yield from case.mark("cases", list(alike), "cause", service=service, other=other, days=ages)


def _told(case: Inspection) -> list[int]:
    """Places of the cases whose service, cause and moment are known, in order of time."""
    found, numbers = case.values("cases", "found_at"), case.values("cases", "number")
    known = case.filled("cases", "service") & case.filled("cases", "cause") & ~np.isnat(found)
    reasons = strangers(case.values("cases", "cause")[known], ())
    known &= ~pd.Series(case.values("cases", "cause")).isin([text for text in reasons if is_nothing(text)]).to_numpy()
    moments = found.astype(np.int64).tolist()
    nameless = pd.isna(numbers).tolist()
    places: list[int] = np.flatnonzero(known).tolist()
    return sorted(places, key=lambda at: (moments[at], nameless[at], "" if nameless[at] else numbers[at]))


def _sorted_words(text: str) -> str:
    return " ".join(sorted(plain("".join(c if c.isalnum() else " " for c in text)).split()))


def _earlier_alike(words: list[str], days: list[int]) -> dict[int, int]:
    """Place of a text -> place of the latest earlier one that is alike and at most 90 days older; in order of time."""
    from rapidfuzz import fuzz, process

    seen: dict[str, int] = {}  # every text by the place where it stood last
    window: dict[str, None] = {}  # the latest different texts, the oldest first
    found: dict[int, int] = {}
    for place, text in enumerate(words):
        before = seen.get(text, -1)
        if window and (before < 0 or days[place] - days[before] > RECURRENCE_DAYS):
            alike = process.extract(text, window.keys(), scorer=fuzz.ratio, score_cutoff=RECURRENCE_SCORE, limit=None)
            before = max((seen[choice] for choice, _, _ in alike), default=-1)
        if before >= 0 and days[place] - days[before] <= RECURRENCE_DAYS:
            found[place] = before
        seen[text] = place
        window.pop(text, None)
        window[text] = None
        if len(window) > RECURRENCE_WINDOW:
            del window[next(iter(window))]
    return found


@rule(
    "K13",
    Severity.ERROR,
    message="{column} {date} mendahului {what} {other}.",
    fix="Perbaiki salah satu dari kedua tanggal itu.",
    clause=EVIDENCE,
)
def dates_out_of_order(case: Inspection) -> Iterator[Mark]:
    """A PTPP answers what was found, and a verification what was done: by calendar date neither comes first."""
    found = case.values("cases", "found_at").astype("datetime64[D]")
    yield from _too_early(case, "ptpp_date", found, "Tanggal Ditemukan")
    correction = case.sop.duty("correction")
    if correction:
        last, done = case.courses.last(correction.number), case.courses.columns
        ends = pd.Series(done["end"][last], index=done["case_row"][last]).reindex(case.frame("cases").index)
        done_on = ends.to_numpy().astype("datetime64[D]")
        yield from _too_early(case, "verified_on", done_on, f"selesainya langkah {correction.number}")


def _too_early(case: Inspection, field: str, days: Array, what: str) -> Iterator[Mark]:
    dates = case.values("cases", field)
    early = dates < days
    header = REGISTER.column(field).header
    yield from case.mark("cases", early, field, column=header, date=dates[early], what=what, other=days[early])


@rule(
    "K14",
    Severity.WARNING,
    message="Hasil sudah dipisahkan (langkah {step}), tetapi Perlu Dimusnahkan belum diisi.",
    fix="Isi Perlu Dimusnahkan dengan Ya atau Tidak.",
    clause="ISO 9001:2015 klausul 8.7.1",
)
def fate_undecided(case: Inspection) -> Iterator[Mark]:
    """What was set apart must be destroyed or not; undecided, it lies there for ever."""
    step = case.sop.duty("segregation")
    if step:
        apart = _cases_where(case, _finished(case, step.number))
        yield from case.mark("cases", apart & case.blank("cases", "to_destroy"), "to_destroy", step=step.number)


@rule(
    "K15",
    Severity.WARNING,
    message="No. PTPP {number} sudah ada, tetapi {column} belum diisi.",
    fix="Isi {column}.",
    clause="SOP, Permintaan Tindakan Perbaikan dan Pencegahan",
)
def request_incomplete(case: Inspection) -> Iterator[Mark]:
    """A request says when, to whom, and who is responsible."""
    issued = _issued(case)
    for field in ("ptpp_date", "addressee", "responsible"):
        lacking = issued & _missing(case, field)
        numbers = case.values("cases", "ptpp_number")[lacking]
        yield from case.mark("cases", lacking, field, number=numbers, column=REGISTER.column(field).header)


@rule(
    "K16",
    Severity.BREACH,
    message="Hasil Verifikasi sudah diisi, tetapi {column} belum.",
    fix="Isi {column}.",
    clause=EVIDENCE,
)
def verification_unsigned(case: Inspection) -> Iterator[Mark]:
    """A verification by nobody, or at no time, is none."""
    verified = case.filled("cases", "verification")
    for field in ("verified_by", "verified_on"):
        header = REGISTER.column(field).header
        yield from case.mark("cases", verified & _missing(case, field), field, column=header)


@rule(
    "K17",
    Severity.WARNING,
    message="{name} tidak tercatat melaksanakan langkah {step} pada layanan yang dimusnahkan dengan BA ini.",
    fix="Samakan Pelaksana BA dengan Pelaksana langkah {step} di sheet Langkah.",
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
    "K50",
    Severity.WARNING,
    message="Langkah {step} sudah selesai, tetapi Hasil belum menyatakan Disetujui atau Ditolak.",
    fix="Isi Hasil langkah ini.",
    clause=RECORD,
)
def approval_without_outcome(case: Inspection) -> Iterator[Mark]:
    """An approval step that ended without saying how decides nothing. On a closed case K06 says it on the same cell."""
    approval, done = case.sop.duty("approval"), case.courses.columns
    if not approval:
        return
    silent = _finished(case, approval.number) & pd.isna(done["outcome"]) & ~done["outcome_unknown"]
    places = np.flatnonzero(silent)
    places = places[case.of_cases("status", done["case_row"][places]) != "Selesai"]
    yield from case.mark("events", case.courses.rows[places], "outcome", step=approval.number)


@rule(
    "K51",
    Severity.WARNING,
    message="PTPP Lanjutan {number} adalah No. PTPP layanan ini sendiri.",
    fix="Terbitkan PTPP baru dan tulis nomornya di PTPP Lanjutan.",
    clause=IMPROVEMENT,
)
def follows_itself(case: Inspection) -> Iterator[Mark]:
    """A PTPP that is its own follow-up has none."""
    own, follow_ups = case.texts("cases", "ptpp_number"), case.texts("cases", "follow_up_ptpp")
    same = [row for row, number in follow_ups.items() if own.get(row) == number]
    yield from case.mark("cases", same, "follow_up_ptpp", number=follow_ups)


@rule(
    "K52",
    Severity.WARNING,
    message="BA {number} disebut, tetapi langkah {step} layanan ini tidak tercatat di sheet Langkah.",
    fix="Catat langkah {step} di sheet Langkah, atau hapus No. BA Pemusnahan ini.",
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
