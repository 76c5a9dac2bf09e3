"""K: the records that each step leaves behind: inputs, outputs, verifications and follow-ups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from sopkit.arrays import Flags, Ints, Moments
from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.executions import APPROVED
from sopkit.checks.inspection import Inspection
from sopkit.checks.numbers import parsed, pattern_setting
from sopkit.checks.plausible_dates import stated_year
from sopkit.checks.suggest import not_in, resembles
from sopkit.register.numbering import parse_number
from sopkit.register.schema import PTPP_NEEDS, REGISTER, Cases, Column, Events
from sopkit.text import plain

RECORD = "SOP, kolom Kelengkapan dan Output"
IMPROVEMENT = "ISO 9001:2015 klausul 10.2.1"
EVIDENCE = "ISO 9001:2015 klausul 10.2.2"


def _register_columns(headers: Iterable[str]) -> list[Column]:
    """The columns of Register that an SOP names."""
    columns = {plain(column.header): column for column in REGISTER.columns}
    return [columns[plain(header)] for header in headers if plain(header) in columns]


def missing(check: Inspection, column: Column) -> Flags:
    """True where a Register cell is empty or holds nothing but a dash."""
    values, blank = check.values(column), check.blank(column)
    dashes = [text for text in not_in(values, ()) if not any(map(str.isalnum, text))]
    return blank | pd.Series(values).isin(dashes).to_numpy() if dashes else blank


def cases_where(check: Inspection, executions: Flags) -> Flags:
    """True for the rows of Register that these executions (true for each that counts) belong to."""
    return np.isin(check.rows(REGISTER), check.executions.case_row[executions])


@rule(
    "K01",
    Severity.BREACH,
    message="Langkah {step} sudah dimulai, tetapi {column} belum diisi.",
    fix="Isi {column}; langkah {step} memerlukannya.",
    reason="PTPP ialah dasar evaluasi; tanpa nomornya tindakan perbaikan tidak dapat ditelusuri.",
    clause=RECORD,
)
def input_missing(check: Inspection) -> Iterator[Mark]:
    """A step has begun and a column that the SOP names as its input (`needs`) is empty or a dash."""
    done = check.executions
    for step in (step for step in check.sop.steps if step.needs):
        begun = cases_where(check, (done.step == step.number) & done.begun)
        for column in _register_columns(step.needs):
            yield from check.mark(begun & missing(check, column), column, step=step.number, column=column.header)


@rule(
    "K02",
    Severity.BREACH,
    message="Langkah {step} sudah selesai, tetapi {column} belum diisi.",
    fix="Isi {column} sebagai hasil langkah {step}.",
    reason="Langkah yang selesai tanpa hasil tertulis tidak dapat dibuktikan pelaksanaannya.",
    clause=RECORD,
)
def output_missing(check: Inspection) -> Iterator[Mark]:
    """A step has ended and a column that the SOP names as its record (`records`) is empty or a dash."""
    for step in (step for step in check.sop.steps if step.records):
        ended = cases_where(check, _finished(check, step.number))
        for column in _register_columns(step.records):
            yield from check.mark(ended & missing(check, column), column, step=step.number, column=column.header)


def _finished(check: Inspection, number: int) -> Flags:
    """True for the executions of this step that have ended."""
    done = check.executions
    return np.asarray((done.step == number) & ~np.isnat(done.end))


@rule(
    "K07",
    Severity.ERROR,
    message="Status {status} bertentangan dengan catatan: {why}.",
    fix="Perbaiki Status, atau lengkapi catatan yang kurang.",
    reason="Status dipakai dalam laporan; bila bertentangan dengan catatan, laporannya menyesatkan.",
    clause=EVIDENCE,
)
def status_contradicts_steps(check: Inspection) -> Iterator[Mark]:
    """Status is Selesai while a step that is not periodic still runs (one that was followed by another is U08's),
    Terbuka after the approval, or Batal without Keterangan.
    """
    done, status = check.executions, check.values(Cases.status)
    rows = check.rows(REGISTER)
    periodic = [step.number for step in check.sop.steps if step.periodic]
    running = np.flatnonzero(done.running & ~np.isin(done.step, periodic))[::-1]
    open_step = dict(zip(done.case_row[running].tolist(), done.step[running].tolist(), strict=True))
    unfinished = (status == "Selesai") & np.isin(rows, list(open_step))
    approved = (status == "Terbuka") & np.isin(rows, check.executions.approved.dropna().index)
    dropped = (status == "Batal") & missing(check, Cases.remark)
    why = dict.fromkeys(rows[dropped], "Keterangan kosong, padahal pembatalan harus beralasan")
    why |= {row: f"langkah {open_step[row]} belum selesai" for row in rows[unfinished]}
    why |= dict.fromkeys(rows[approved], "tindakan perbaikan sudah disetujui")
    wrong = unfinished | approved | dropped
    yield from check.mark(wrong, Cases.status, status=status[wrong], why=why)


@rule(
    "K06",
    Severity.BREACH,
    message="Status Selesai, tetapi {what}.",
    fix="Lengkapi sel ini, atau kembalikan Status menjadi Proses.",
    reason="Kasus baru dapat ditutup bila sebab, tindakan, verifikasi, dan persetujuannya ada.",
    clause=EVIDENCE,
)
def closed_incomplete(check: Inspection) -> Iterator[Mark]:
    """Status is Selesai while Analisis Penyebab, Tindakan Perbaikan or Hasil Verifikasi is empty, or the last approval
    step did not approve or is not there.

    A text that says nothing is D14's. An approval that may stand among the rows in error is not missed.
    """
    closed = check.values(Cases.status) == "Selesai"
    for column in (Cases.cause, Cases.corrective_action, Cases.verification):
        yield from check.mark(closed & check.blank(column), column, what=f"{column.header} belum diisi")
    approval = check.sop.duty("approval")
    if approval and check.has(Events.case):
        numbered = closed & check.filled(Cases.number)
        yield from _unapproved(check, approval.number, check.rows(REGISTER)[numbered])


def _unapproved(check: Inspection, step: int, closed: Ints) -> Iterator[Mark]:
    done, last = check.executions, check.executions.last(step)
    last = last[np.isin(done.case_row[last], closed)]
    refused = last[(done.outcome[last] != APPROVED) & ~done.outcome_unknown[last]]
    what = f"langkah {step} tidak mencatat persetujuan"
    yield from check.mark(done.rows[refused], Events.outcome, what=what)
    bare = closed[~np.isin(closed, done.case_row[last])].tolist()
    possible = check.executions.possibly_done(step, bare) | check.executions.incomplete
    what = f"langkah {step} (persetujuan) belum dilaksanakan"
    yield from check.mark([row for row in bare if row not in possible], Cases.status, what=what)


@rule(
    "K08",
    Severity.BREACH,
    message="Hasil Verifikasi Tidak Sesuai, tetapi PTPP Lanjutan belum diisi.",
    fix="Terbitkan PTPP baru dan tulis nomornya di PTPP Lanjutan.",
    reason="Tindakan yang menurut Hasil Verifikasi tidak efektif harus ditindaklanjuti dengan permintaan yang baru.",
    clause=IMPROVEMENT,
)
def no_follow_up(check: Inspection) -> Iterator[Mark]:
    """Hasil Verifikasi is Tidak Sesuai and PTPP Lanjutan is empty or a dash."""
    failed = check.values(Cases.verification) == "Tidak Sesuai"
    yield from check.mark(failed & missing(check, Cases.follow_up_ptpp), Cases.follow_up_ptpp)


@rule(
    "K09",
    Severity.ERROR,
    message="PTPP Lanjutan {number} {why}.",
    fix="Perbaiki nomornya, atau sertakan buku kerja yang memuat PTPP itu.",
    reason="Tindak lanjut hanya dapat ditelusuri bila PTPP yang disebut benar-benar ada.",
    clause=EVIDENCE,
)
def follow_up_unknown(check: Inspection) -> Iterator[Mark]:
    """PTPP Lanjutan is no PTPP number of the workbooks given. Where its year is one that none of them covers this is
    only a note. A PTPP number in error that looks like it may be the one meant; nothing is said then.
    """
    if not check.has(Cases.ptpp_number):
        return
    typed = check.read(Cases.ptpp_number).to_numpy()
    known = {*typed, *check.ptpp_elsewhere}
    absent = missing(check, Cases.follow_up_ptpp)[check.filled(Cases.follow_up_ptpp)]
    follow_ups = check.texts(Cases.follow_up_ptpp).items()
    unmatched = {
        row: text for (row, text), bare in zip(follow_ups, absent, strict=True) if not bare and text not in known
    }
    if not unmatched:
        return
    pattern = pattern_setting(check, "Pola No. PTPP")
    unreadable = typed[check.unknown(Cases.ptpp_number)]
    wrong = [text for text in unreadable if not isinstance(text, str) or parse_number(pattern, text) is None]
    covered = _years_given(check)
    for row, number in unmatched.items():
        read = parse_number(pattern, number)
        elsewhere = bool(read and read.year and covered and read.year not in covered)
        why = "bernomor tahun lain; PTPP itu tidak diperiksa" if elsewhere else "tidak ada di buku kerja yang diperiksa"
        if not any(resembles(number, text) for text in wrong):
            severity = Severity.NOTE if elsewhere else None
            yield from check.mark([row], Cases.follow_up_ptpp, severity=severity, number=number, why=why)


def _years_given(check: Inspection) -> set[int]:
    """Years of the PTPP numbers given, and of the register."""
    pattern = pattern_setting(check, "Pola No. PTPP")
    own = parsed(check, Cases.ptpp_number, "Pola No. PTPP").values()
    others = (parse_number(pattern, number) for number in check.ptpp_elsewhere)
    years = {number.year for number in [*own, *others] if number and number.year}
    year = stated_year(check.register)
    return years | {year} if year else years


@rule(
    "K11",
    Severity.WARNING,
    message="Target Selesai {what}.",
    fix="Isi Target Selesai dengan tanggal yang wajar sesudah Tanggal PTPP.",
    reason="Tanpa target yang masuk akal, keterlambatan tindakan perbaikan tidak dapat diketahui.",
    clause=IMPROVEMENT,
)
def target_missing(check: Inspection) -> Iterator[Mark]:
    """The case has a PTPP and Target Selesai is empty, or Target Selesai is before Tanggal PTPP."""
    lacking = _issued(check) & check.blank(Cases.due_date)
    early = check.values(Cases.due_date) < check.values(Cases.ptpp_date)
    what = np.where(early, "mendahului Tanggal PTPP", "belum diisi")
    wrong = lacking | early
    yield from check.mark(wrong, Cases.due_date, what=what[wrong])


def _issued(check: Inspection) -> Flags:
    """True for the cases that have a PTPP."""
    return check.filled(Cases.ptpp_number) & ~missing(check, Cases.ptpp_number)


@rule(
    "K13",
    Severity.ERROR,
    message="{column} {date} mendahului {what} {other}.",
    fix="Perbaiki salah satu dari kedua tanggal itu.",
    reason="Urutan tanggal yang mustahil meragukan kebenaran seluruh rekaman kasus itu.",
    clause=EVIDENCE,
)
def dates_out_of_order(check: Inspection) -> Iterator[Mark]:
    """By calendar date, Tanggal PTPP is before Tanggal Ditemukan, or Tanggal Verifikasi before the last execution of
    the correction step ended.
    """
    found = check.values(Cases.found_at).astype("datetime64[D]")
    yield from _too_early(check, Cases.ptpp_date, found, "Tanggal Ditemukan")
    correction = check.sop.duty("correction")
    if correction:
        last, done = check.executions.last(correction.number), check.executions
        ends = pd.Series(done.end[last], index=done.case_row[last]).reindex(check.rows(REGISTER))
        done_on = ends.to_numpy().astype("datetime64[D]")
        yield from _too_early(check, Cases.verified_on, done_on, f"selesainya langkah {correction.number}")


def _too_early(check: Inspection, column: Column, days: Moments, what: str) -> Iterator[Mark]:
    dates = check.values(column)
    early = dates < days
    yield from check.mark(early, column, column=column.header, date=dates[early], what=what, other=days[early])


@rule(
    "K14",
    Severity.WARNING,
    message="Hasil sudah dipisahkan (langkah {step}), tetapi Perlu Dimusnahkan belum diisi.",
    fix="Isi Perlu Dimusnahkan dengan Ya atau Tidak.",
    reason="Hasil yang selesai dipisahkan harus dinyatakan perlu dimusnahkan atau tidak, agar tidak terpakai lagi.",
    clause="ISO 9001:2015 klausul 8.7.1",
)
def fate_undecided(check: Inspection) -> Iterator[Mark]:
    """The segregation step has ended and Perlu Dimusnahkan is empty."""
    step = check.sop.duty("segregation")
    if step:
        apart = cases_where(check, _finished(check, step.number))
        yield from check.mark(apart & check.blank(Cases.to_destroy), Cases.to_destroy, step=step.number)


@rule(
    "K15",
    Severity.WARNING,
    message="No. PTPP {number} sudah ada, tetapi {column} belum diisi.",
    fix="Isi {column}.",
    reason="PTPP yang bernomor harus bertanggal serta jelas tujuan dan penanggung jawabnya, agar dapat ditagih.",
    clause="SOP, Permintaan Tindakan Perbaikan dan Pencegahan",
)
def request_incomplete(check: Inspection) -> Iterator[Mark]:
    """The case has a PTPP number, and Tanggal PTPP, Kepada or Penanggung Jawab is empty or a dash."""
    issued = _issued(check)
    for column in PTPP_NEEDS:
        lacking = issued & missing(check, column)
        numbers = check.values(Cases.ptpp_number)[lacking]
        yield from check.mark(lacking, column, number=numbers, column=column.header)


@rule(
    "K16",
    Severity.BREACH,
    message="Hasil Verifikasi sudah diisi, tetapi {column} belum.",
    fix="Isi {column}.",
    reason="Verifikasi hanya berarti bila jelas siapa yang melakukannya dan kapan.",
    clause=EVIDENCE,
)
def verification_unsigned(check: Inspection) -> Iterator[Mark]:
    """Hasil Verifikasi is filled, and Diverifikasi Oleh or Tanggal Verifikasi is empty or a dash."""
    verified = check.filled(Cases.verification)
    for column in (Cases.verified_by, Cases.verified_on):
        yield from check.mark(verified & missing(check, column), column, column=column.header)


@rule(
    "K50",
    Severity.WARNING,
    message="Langkah {step} sudah selesai, tetapi Hasil belum menyatakan Disetujui atau Ditolak.",
    fix="Isi Hasil langkah ini.",
    reason="Persetujuan harus dinyatakan; selesai saja belum berarti disetujui.",
    clause=RECORD,
)
def approval_without_outcome(check: Inspection) -> Iterator[Mark]:
    """The approval step has ended and its Hasil is empty. On a closed case K06 says it on the same cell."""
    approval, done = check.sop.duty("approval"), check.executions
    if not approval:
        return
    silent = _finished(check, approval.number) & pd.isna(done.outcome) & ~done.outcome_unknown
    places = np.flatnonzero(silent)
    places = places[check.of_cases(Cases.status, done.case_row[places]) != "Selesai"]
    yield from check.mark(done.rows[places], Events.outcome, step=approval.number)


@rule(
    "K51",
    Severity.WARNING,
    message="PTPP Lanjutan {number} adalah No. PTPP layanan ini sendiri.",
    fix="Terbitkan PTPP baru dan tulis nomornya di PTPP Lanjutan.",
    reason="PTPP Lanjutan harus permintaan yang baru; nomor layanan itu sendiri berarti tidak ada tindak lanjut.",
    clause=IMPROVEMENT,
)
def follows_itself(check: Inspection) -> Iterator[Mark]:
    """PTPP Lanjutan is the case's own No. PTPP."""
    own, follow_ups = check.texts(Cases.ptpp_number), check.texts(Cases.follow_up_ptpp)
    same = [row for row, number in follow_ups.items() if own.get(row) == number]
    yield from check.mark(same, Cases.follow_up_ptpp, number=follow_ups)
