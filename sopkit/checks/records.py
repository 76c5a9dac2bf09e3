"""K: the records that each step leaves behind: inputs, outputs, verifications and follow-ups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.courses import APPROVED, Array
from sopkit.checks.inspection import Inspection
from sopkit.checks.likeness import resembles, strangers
from sopkit.checks.numbers import parsed, pattern_setting
from sopkit.register.columns import PTPP_NEEDS, REGISTER
from sopkit.register.numbering import parse_number
from sopkit.text import plain

RECORD = "SOP, kolom Kelengkapan dan Output"
IMPROVEMENT = "ISO 9001:2015 klausul 10.2.1"
EVIDENCE = "ISO 9001:2015 klausul 10.2.2"


def _register_fields(headers: Iterable[str]) -> list[tuple[str, str]]:
    """Field and header of the Register columns that an SOP names."""
    fields = {plain(column.header): column for column in REGISTER.columns}
    return [(fields[plain(h)].field, fields[plain(h)].header) for h in headers if plain(h) in fields]


def missing(case: Inspection, field: str) -> Array:
    """True where a Register cell is empty or holds nothing but a dash."""
    values, blank = case.values("cases", field), case.blank("cases", field)
    dashes = [text for text in strangers(values, ()) if not any(map(str.isalnum, text))]
    return blank | pd.Series(values).isin(dashes).to_numpy() if dashes else blank


def cases_where(case: Inspection, executions: Array) -> Array:
    """True for the rows of Register that these executions (true for each that counts) belong to."""
    return np.isin(case.frame("cases").index, case.courses.columns["case_row"][executions])


@rule(
    "K01",
    Severity.BREACH,
    message="Langkah {step} sudah dimulai, tetapi {column} belum diisi.",
    fix="Isi {column}; langkah {step} memerlukannya.",
    reason="PTPP ialah dasar evaluasi; tanpa nomornya tindakan perbaikan tidak dapat ditelusuri.",
    clause=RECORD,
)
def input_missing(case: Inspection) -> Iterator[Mark]:
    """A step has begun without what the SOP says it needs (the SOP's `needs`: no evaluation without a PTPP)."""
    done = case.courses.columns
    for step in (step for step in case.sop.steps if step.needs):
        begun = cases_where(case, (done["step"] == step.number) & done["begun"])
        for field, header in _register_fields(step.needs):
            yield from case.mark("cases", begun & missing(case, field), field, step=step.number, column=header)


@rule(
    "K02",
    Severity.BREACH,
    message="Langkah {step} sudah selesai, tetapi {column} belum diisi.",
    fix="Isi {column} sebagai hasil langkah {step}.",
    reason="Langkah yang selesai tanpa hasil tertulis tidak dapat dibuktikan pelaksanaannya.",
    clause=RECORD,
)
def output_missing(case: Inspection) -> Iterator[Mark]:
    """A finished step leaves its record in the register (the SOP's `records`). A dash records nothing."""
    for step in (step for step in case.sop.steps if step.records):
        ended = cases_where(case, _finished(case, step.number))
        for field, header in _register_fields(step.records):
            yield from case.mark("cases", ended & missing(case, field), field, step=step.number, column=header)


def _finished(case: Inspection, number: int) -> Array:
    """True for the executions of this step that have ended."""
    done = case.courses.columns
    return np.asarray((done["step"] == number) & ~np.isnat(done["end"]))


@rule(
    "K07",
    Severity.ERROR,
    message="Status {status} bertentangan dengan catatan: {why}.",
    fix="Perbaiki Status, atau lengkapi catatan yang kurang.",
    reason="Status dipakai dalam laporan; bila bertentangan dengan catatan, laporannya menyesatkan.",
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
    dropped = (status == "Batal") & missing(case, "remark")
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
    reason="Kasus baru dapat ditutup bila sebab, tindakan, verifikasi, dan persetujuannya ada.",
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
    reason="Tindakan yang tidak efektif harus ditindaklanjuti dengan permintaan yang baru.",
    clause=IMPROVEMENT,
)
def no_follow_up(case: Inspection) -> Iterator[Mark]:
    """An action that did not work calls for another one."""
    failed = case.values("cases", "verification") == "Tidak Sesuai"
    yield from case.mark("cases", failed & missing(case, "follow_up_ptpp"), "follow_up_ptpp")


@rule(
    "K09",
    Severity.ERROR,
    message="PTPP Lanjutan {number} {why}.",
    fix="Perbaiki nomornya, atau sertakan buku kerja yang memuat PTPP itu.",
    reason="Tindak lanjut hanya dapat ditelusuri bila PTPP yang disebut benar-benar ada.",
    clause=EVIDENCE,
)
def follow_up_unknown(case: Inspection) -> Iterator[Mark]:
    """A follow-up that cannot be found was not issued. One of a year that no workbook given covers is only said."""
    if not case.has("cases", "ptpp_number"):
        return
    typed = case.tables["cases"].data["ptpp_number"].to_numpy()
    known = {*typed, *case.ptpp_elsewhere}
    absent = missing(case, "follow_up_ptpp")[case.filled("cases", "follow_up_ptpp")]
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
    "K11",
    Severity.WARNING,
    message="Target Selesai {what}.",
    fix="Isi Target Selesai dengan tanggal yang wajar sesudah Tanggal PTPP.",
    reason="Tanpa target yang masuk akal, keterlambatan tindakan perbaikan tidak dapat diketahui.",
    clause=IMPROVEMENT,
)
def target_missing(case: Inspection) -> Iterator[Mark]:
    """A request without a date is a wish. Due once the case has a PTPP."""
    lacking = _issued(case) & case.blank("cases", "due_date")
    early = case.values("cases", "due_date") < case.values("cases", "ptpp_date")
    what = np.where(early, "mendahului Tanggal PTPP", "belum diisi")
    wrong = lacking | early
    yield from case.mark("cases", wrong, "due_date", what=what[wrong])


def _issued(case: Inspection) -> Array:
    """True for the cases that have a PTPP."""
    return case.filled("cases", "ptpp_number") & ~missing(case, "ptpp_number")


@rule(
    "K13",
    Severity.ERROR,
    message="{column} {date} mendahului {what} {other}.",
    fix="Perbaiki salah satu dari kedua tanggal itu.",
    reason="Urutan tanggal yang mustahil meragukan kebenaran seluruh rekaman kasus itu.",
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
    reason="Hasil yang dipisahkan harus ditentukan nasibnya agar tidak tertinggal atau terpakai lagi.",
    clause="ISO 9001:2015 klausul 8.7.1",
)
def fate_undecided(case: Inspection) -> Iterator[Mark]:
    """What was set apart must be destroyed or not; undecided, it lies there for ever."""
    step = case.sop.duty("segregation")
    if step:
        apart = cases_where(case, _finished(case, step.number))
        yield from case.mark("cases", apart & case.blank("cases", "to_destroy"), "to_destroy", step=step.number)


@rule(
    "K15",
    Severity.WARNING,
    message="No. PTPP {number} sudah ada, tetapi {column} belum diisi.",
    fix="Isi {column}.",
    reason="PTPP tanpa tanggal, tujuan, atau penanggung jawab tidak dapat diterbitkan dan ditagih.",
    clause="SOP, Permintaan Tindakan Perbaikan dan Pencegahan",
)
def request_incomplete(case: Inspection) -> Iterator[Mark]:
    """A request says when, to whom, and who is responsible."""
    issued = _issued(case)
    for column in PTPP_NEEDS:
        lacking = issued & missing(case, column.field)
        numbers = case.values("cases", "ptpp_number")[lacking]
        yield from case.mark("cases", lacking, column.field, number=numbers, column=column.header)


@rule(
    "K16",
    Severity.BREACH,
    message="Hasil Verifikasi sudah diisi, tetapi {column} belum.",
    fix="Isi {column}.",
    reason="Verifikasi hanya berarti bila jelas siapa yang melakukannya dan kapan.",
    clause=EVIDENCE,
)
def verification_unsigned(case: Inspection) -> Iterator[Mark]:
    """A verification by nobody, or at no time, is none."""
    verified = case.filled("cases", "verification")
    for field in ("verified_by", "verified_on"):
        header = REGISTER.column(field).header
        yield from case.mark("cases", verified & missing(case, field), field, column=header)


@rule(
    "K50",
    Severity.WARNING,
    message="Langkah {step} sudah selesai, tetapi Hasil belum menyatakan Disetujui atau Ditolak.",
    fix="Isi Hasil langkah ini.",
    reason="Persetujuan harus dinyatakan; selesai saja belum berarti disetujui.",
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
    reason="Tindak lanjut harus permintaan baru; menunjuk diri sendiri berarti tidak ada tindak lanjut.",
    clause=IMPROVEMENT,
)
def follows_itself(case: Inspection) -> Iterator[Mark]:
    """A PTPP that is its own follow-up has none."""
    own, follow_ups = case.texts("cases", "ptpp_number"), case.texts("cases", "follow_up_ptpp")
    same = [row for row, number in follow_ups.items() if own.get(row) == number]
    yield from case.mark("cases", same, "follow_up_ptpp", number=follow_ups)
