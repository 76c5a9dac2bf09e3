"""K: the records that each step leaves behind: inputs, outputs, verifications and follow-ups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from sopkit import language
from sopkit.arrays import Flags, Ints, Moments, Texts
from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.executions import APPROVED, REJECTED
from sopkit.checks.inspection import Inspection
from sopkit.checks.suggest import paired
from sopkit.frames import is_in, is_missing, looked_up, places_of
from sopkit.register.schema import CHOICES, EVENTS, PTPP_NEEDS, REGISTER, Cases, Column, Events, Kind
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
    blank = check.blank(column)
    dashes = [text for text in check.different(column) if not (text[:1].isalnum() or any(map(str.isalnum, text)))]
    return blank | is_in(check.values(column), dashes) if dashes else blank


def cancelled(check: Inspection) -> Flags:
    """True for the cases that staff call Batal, even where K07 doubts it, and for those whose Status cannot be told."""
    status = check.read(Cases.status)
    strange = check.unknown(Cases.status) & check.there(Cases.status) & ~status.isin(CHOICES["Status"]).array
    return np.asarray((status == "Batal").array | strange)


def own_cell(check: Inspection, column: Column) -> Flags:
    """True for the executions whose row has a cell for this column of Langkah.

    In the wide layout a step may do without: its Mulai is then only inferred, and of its Hasil nothing is known.
    """
    table, rows = check.table(EVENTS), check.executions.rows
    if table.addresses is None:
        return np.asarray(check.there(column)[np.searchsorted(check.rows(EVENTS), rows)])
    own = table.addresses[column.field] != table.addresses[Events.end.field]
    return np.asarray(own.array[places_of(own.index, rows)])


def cases_where(check: Inspection, executions: Flags) -> Flags:
    """True for the rows of Register that these executions (true for each that counts) belong to."""
    return np.isin(check.rows(REGISTER), check.executions.case_row[executions])


@rule(
    "K01",
    Severity.BREACH,
    message="Langkah {step} sudah dimulai, tetapi {column} belum diisi.",
    fix="Isi {column} menurut dokumennya. Bila dokumen itu belum ada, buatlah sekarang dengan tanggal yang sebenarnya"
    "{also}.",
    reason="PTPP ialah dasar evaluasi; tanpa nomornya tindakan perbaikan tidak dapat ditelusuri.",
    clause=RECORD,
)
def input_missing(check: Inspection) -> Iterator[Mark]:
    """A step has begun and a column that the SOP names as its input (`needs`) is empty or a dash. A cancelled case owes
    none.
    """
    done, open_cases = check.executions, ~cancelled(check)
    for step in (step for step in check.sop.steps if step.needs):
        begun = cases_where(check, (done.step == step.number) & done.begun) & open_cases
        for column in _register_columns(step.needs):
            also = "; nomornya diberikan oleh sopkit number" if column == Cases.ptpp_number else ""
            empty = begun & missing(check, column)
            yield from check.mark(empty, column, step=step.number, column=column.header, also=also)


@rule(
    "K02",
    Severity.BREACH,
    message="Langkah {step} sudah selesai, tetapi {column} belum diisi.",
    fix="Isi {column} menurut dokumen hasil langkah {step}. Bila dokumen itu belum ada, buatlah sekarang dengan "
    "tanggal yang sebenarnya.",
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
    tags={"unproven"},
    message="Status {status} bertentangan dengan catatan: {why}.",
    fix="Perbaiki Status, atau lengkapi catatan yang kurang menurut dokumennya.",
    reason="Status dipakai dalam laporan; bila bertentangan dengan catatan, laporannya menyesatkan.",
    clause=EVIDENCE,
)
def status_contradicts_steps(check: Inspection) -> Iterator[Mark]:
    """Status is Selesai while a step that is not periodic still runs (one that was followed by another is U08's),
    Terbuka after the approval, or Batal without Keterangan (a sheet without that column says nothing of it).
    """
    done, status = check.executions, check.values(Cases.status)
    rows = check.rows(REGISTER)
    periodic = [step.number for step in check.sop.steps if step.periodic]
    running = np.flatnonzero(done.running & ~np.isin(done.step, periodic))[::-1]
    open_step = dict(zip(done.case_row[running].tolist(), done.step[running].tolist(), strict=True))
    unfinished = (status == "Selesai") & is_in(rows, open_step)
    approved_rows, ends = done.approved
    approved = (status == "Terbuka") & np.isin(rows, approved_rows[~np.isnat(ends)])
    dropped = (status == "Batal") & missing(check, Cases.remark) & check.there(Cases.remark)
    why = dict.fromkeys(rows[dropped], "Keterangan kosong, padahal pembatalan harus beralasan")
    why |= {row: f"langkah {open_step[row]} belum selesai" for row in rows[unfinished]}
    why |= dict.fromkeys(rows[approved], "tindakan perbaikan sudah disetujui")
    wrong = unfinished | approved | dropped
    yield from check.mark(wrong, Cases.status, status=status[wrong], why=why)


@rule(
    "K06",
    Severity.BREACH,
    tags={"unproven"},
    message="Status Selesai, tetapi {what}.",
    fix="{how}, atau kembalikan Status menjadi Proses.",
    reason="Kasus baru dapat ditutup bila sebab, tindakan, verifikasi, dan persetujuannya ada.",
    clause=EVIDENCE,
)
def closed_incomplete(check: Inspection) -> Iterator[Mark]:
    """Status is Selesai while Analisis Penyebab, Tindakan Perbaikan or Hasil Verifikasi is empty, or the last approval
    step did not approve or is not there.

    A text that says nothing is D14's. An approval that may stand among the rows in error is not missed, and of a
    register that has no place for Hasil nothing is said.
    """
    closed = _closed(check)
    for column in (Cases.cause, Cases.corrective_action, Cases.verification):
        what, how = f"{column.header} belum diisi", f"Lengkapi {column.header} menurut dokumennya"
        yield from check.mark(closed & check.blank(column), column, what=what, how=how)
    approval = check.sop.duty("approval")
    if approval and check.has(Events.case):
        yield from _refused(check, approval.number)
        bare = check.rows(REGISTER)[closed & check.filled(Cases.number)]
        what = f"langkah {approval.number} (persetujuan) belum dilaksanakan"
        how = f"Catat langkah {approval.number} di sheet Langkah bila memang sudah dilaksanakan"
        yield from check.mark(_without(check, approval.number, bare), Cases.status, what=what, how=how)


def _closed(check: Inspection) -> Flags:
    return np.asarray(check.values(Cases.status) == "Selesai")


def _refused(check: Inspection, step: int) -> Iterator[Mark]:
    places = _last_refusals(check, step)
    silent = is_missing(check.executions.outcome[places])
    what = np.where(silent, f"Hasil langkah {step} yang terakhir belum diisi", f"langkah {step} yang terakhir ditolak")
    follow = f"Catat persetujuan yang menyusul pada baris langkah {step} yang baru"
    how = np.where(silent, f"Isi Hasil langkah {step} menurut dokumennya", follow)
    yield from check.mark(check.executions.rows[places], Events.outcome, what=what, how=how)


def _last_refusals(check: Inspection, step: int) -> Ints:
    """Places of the last approval step of the closed cases in which it does not approve.

    Left out are those of unknown outcome, and those that a row in error may follow which is the approval: each such row
    excuses one.
    """
    done = check.executions
    last = done.last(step)
    last = last[(done.outcome[last] != APPROVED) & ~_outcome_unknown(check)[last]]
    numbered = check.rows(REGISTER)[_closed(check) & check.filled(Cases.number)]
    last = last[np.isin(done.case_row[last], numbered)]
    return np.asarray(last[~is_in(last, list(_followed_in_error(check, step, last)))])


def _outcome_unknown(check: Inspection) -> Flags:
    """True for the executions of which nobody can tell the Hasil: it is in error, or there is no place for it."""
    return np.asarray(check.executions.outcome_unknown | ~own_cell(check, Events.outcome))


def _followed_in_error(check: Inspection, step: int, places: Ints) -> Iterable[int]:
    """Of these executions of the approval step, those that a row in error may follow which approves."""
    done, lost = check.executions, check.executions.unmatched
    if not len(lost.rows):
        return ()
    outcomes = check.known(Events.outcome)[lost.rows].array
    approving = ((lost.step == step) | np.isnan(lost.step)) & (outcomes != REJECTED)
    pairs = []
    for place in places.tolist():
        own = lost.case_row == done.case_row[place]
        later = np.isnat(lost.start) | (lost.start >= done.start[place])
        there = np.flatnonzero(approving & later & (own | lost.resembling(done.case[place])))
        pairs += [((not own[at], not isinstance(lost.typed[at], str)), place, at) for at in there.tolist()]
    return paired(pairs)


def _without(check: Inspection, step: int, case_rows: Ints) -> list[int]:
    """Of these cases, those without an execution of the step, and without a row in error that may be it."""
    done = check.executions
    bare = case_rows[~np.isin(case_rows, done.case_row[done.step == step])].tolist()
    possible = done.possibly_done(step, bare) | done.incomplete
    return [row for row in bare if row not in possible]


@rule(
    "K54",
    Severity.WARNING,
    message="Status Selesai, tetapi {column} belum diisi.",
    fix="Isi {column} menurut catatan layanan tidak sesuai dan PTPP-nya.",
    reason="Rekaman yang ditutup harus menyebut sifat ketidaksesuaian, tindakan langsung, dan pencegahannya.",
    clause=EVIDENCE,
)
def closed_unexplained(check: Inspection) -> Iterator[Mark]:
    """Status is Selesai while Tindakan Pencegahan, Persyaratan yang Dilanggar, Kategori, Sumber or Tindakan Langsung is
    empty. A dash is D14's or D07's where they look at the column. What a column that is not there would hold is
    unknown.
    """
    closed = _closed(check)
    for column in (Cases.preventive_action, Cases.requirement, Cases.category, Cases.source, Cases.correction):
        empty = check.blank(column) if column.kind is Kind.REASON else missing(check, column)
        yield from check.mark(closed & empty & check.there(column), column, column=column.header)


@rule(
    "K11",
    Severity.WARNING,
    message="Target Selesai {what}.",
    fix="Periksa dokumen aslinya; isi Target Selesai menurut PTPP itu. Bila PTPP yang sudah terbit tidak memuat target "
    "yang wajar, tetapkan targetnya dengan surat ralat.",
    reason="Tanpa target yang masuk akal, keterlambatan tindakan perbaikan tidak dapat diketahui.",
    clause=IMPROVEMENT,
)
def target_missing(check: Inspection) -> Iterator[Mark]:
    """The case has a PTPP and Target Selesai is empty, or Target Selesai is before Tanggal PTPP. A cancelled case needs
    no target.
    """
    lacking = _issued(check) & check.blank(Cases.due_date) & ~cancelled(check)
    yield from check.mark(lacking, Cases.due_date, what="belum diisi")
    due, asked = check.values(Cases.due_date), check.values(Cases.ptpp_date)
    early = due < asked
    what = day_texts(due[early]) + " mendahului Tanggal PTPP, " + day_texts(asked[early])
    yield from check.mark(early, Cases.due_date, what=what)


def day_texts(moments: Moments) -> Texts:
    """The day of each moment in words."""
    return np.array([language.date_text(day) for day in moments.astype("datetime64[D]").tolist()], dtype=object)


def _issued(check: Inspection) -> Flags:
    """True for the cases that have a PTPP."""
    return check.filled(Cases.ptpp_number) & ~missing(check, Cases.ptpp_number)


@rule(
    "K13",
    Severity.ERROR,
    message="{column} {date} mendahului {what} {other}.",
    fix="Periksa dokumen aslinya; perbaiki di buku kerja tanggal yang salah salin. Bila dokumennya sendiri keliru, "
    "buat surat ralat.",
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
        done_on = _days_of_last(check, last, done.end)
        yield from _too_early(check, Cases.verified_on, done_on, f"selesainya langkah {correction.number} pada")


def _days_of_last(check: Inspection, places: Ints, moments: Moments) -> Moments:
    """The day of the moment at each case's last of these places of executions; a place for each row of Register."""
    places = places[np.argsort(check.executions.case_row[places], kind="stable")]
    found = looked_up(check.executions.case_row[places], moments[places], check.rows(REGISTER))
    return found.astype("datetime64[D]")


def _too_early(check: Inspection, column: Column, days: Moments, what: str) -> Iterator[Mark]:
    dates = check.values(column)
    early = dates < days
    yield from check.mark(early, column, column=column.header, date=dates[early], what=what, other=days[early])


@rule(
    "K14",
    Severity.WARNING,
    message="Hasil sudah dipisahkan (langkah {step}), tetapi Perlu Dimusnahkan belum diisi.",
    fix="Isi Perlu Dimusnahkan dengan Ya atau Tidak menurut keputusan pejabat yang berwenang.",
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
    message="PTPP “{number}” sudah bernomor, tetapi {column} belum diisi.",
    fix="Isi {column} menurut PTPP yang terbit. Bila PTPP itu sendiri tidak memuatnya, lengkapi dengan surat ralat.",
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
    fix="Isi {column} menurut dokumen verifikasinya. Bila dokumen itu tidak memuatnya, lakukan verifikasi ulang dan "
    "catat dengan berita acara tambahan.",
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
    fix="Isi Hasil langkah ini menurut dokumennya.",
    reason="Persetujuan harus dinyatakan; selesai saja belum berarti disetujui.",
    clause=RECORD,
)
def approval_without_outcome(check: Inspection) -> Iterator[Mark]:
    """The approval step has ended and its Hasil is empty. Of the last one of a closed case K06 says it on the same
    cell. Where the register has no place for Hasil nothing is said.
    """
    approval, done = check.sop.duty("approval"), check.executions
    if approval:
        silent = _finished(check, approval.number) & is_missing(done.outcome) & ~_outcome_unknown(check)
        silent[_last_refusals(check, approval.number)] = False
        yield from check.mark(done.rows[silent], Events.outcome, step=approval.number)


@rule(
    "K53",
    Severity.WARNING,
    message="Ditutup melewati target: Tanggal Verifikasi {date}, sedangkan Target Selesai {due}.",
    fix="Periksa dokumen aslinya; perbaiki tanggal yang salah salin. Bila memang terlambat, laporkan sebabnya "
    "untuk dibahas dalam tinjauan manajemen.",
    reason="Kasus yang ditutup sesudah targetnya tetap terlambat, walaupun kini tidak lagi terbuka.",
    clause=IMPROVEMENT,
)
def closed_late(check: Inspection) -> Iterator[Mark]:
    """Status is Selesai and Tanggal Verifikasi is after Target Selesai. A target that is before Tanggal PTPP is K11's;
    what is not closed is W09's.
    """
    due, verified = check.values(Cases.due_date), check.values(Cases.verified_on)
    late = _closed(check) & (verified > due) & ~(due < check.values(Cases.ptpp_date))
    yield from check.mark(late, Cases.verified_on, date=verified[late], due=due[late])


@rule(
    "K55",
    Severity.BREACH,
    message="Tanggal Verifikasi {date} {why}.",
    fix="Periksa dokumen aslinya; perbaiki sel ini bila salah salin. Bila verifikasi memang mendahului persetujuan, "
    "lakukan verifikasi ulang sesudah persetujuan dan catat dengan berita acara tambahan.",
    reason="Yang diverifikasi ialah tindakan yang sudah disetujui; sebelumnya belum ada yang dapat dinilai efektif.",
    clause=IMPROVEMENT,
)
def verified_before_approval(check: Inspection) -> Iterator[Mark]:
    """By calendar date, Tanggal Verifikasi is before the end of the last approval step that approved; or it is filled
    though no approval step was executed, or none that approved: in a closed case too, beside K06 (or K07), for the one
    says that it was closed and the other that it was verified. A cancelled case is left alone.

    An approval that may stand among the rows in error, or whose Hasil is empty (K50), unknown, or of an unknown end, is
    not held against the verification. A Tanggal Verifikasi before the correction is K13's.
    """
    approval = check.sop.duty("approval")
    if not approval or not check.has(Events.case):
        return
    done, dates = check.executions, check.values(Cases.verified_on)
    approved = np.flatnonzero((done.step == approval.number) & (done.outcome == APPROVED))
    ends = _days_of_last(check, approved, done.end)
    early = dates < ends
    what = f"mendahului persetujuan (langkah {approval.number}) pada "
    yield from check.mark(early, Cases.verified_on, date=dates[early], why=what + day_texts(ends[early]))
    verified = check.rows(REGISTER)[~np.isnat(dates) & ~cancelled(check) & check.filled(Cases.number)]
    what = f"sudah diisi, padahal langkah {approval.number} (persetujuan)"
    for rows, why in (
        (_without(check, approval.number, verified), "belum dilaksanakan"),
        (_only_refused(check, approval.number, verified), "belum menyetujui tindakan perbaikannya"),
    ):
        yield from check.mark(rows, Cases.verified_on, date=check.known(Cases.verified_on), why=f"{what} {why}")


def _only_refused(check: Inspection, step: int, case_rows: Ints) -> Ints:
    """Of these cases, those whose approval steps refused or still run, all of them."""
    done = check.executions
    there = done.step == step
    silent = is_missing(done.outcome) & ~done.running
    endless = np.isnat(done.end) & ~done.end_blank
    possible = there & ((done.outcome == APPROVED) | silent | endless | _outcome_unknown(check))
    last = done.last(step)
    last = last[~np.isin(done.case_row[last], done.case_row[possible])]
    possible[list(_followed_in_error(check, step, last))] = True
    refused = np.isin(case_rows, done.case_row[there]) & ~np.isin(case_rows, done.case_row[possible])
    return np.asarray(case_rows[refused])


@rule(
    "K56",
    Severity.WARNING,
    message="PTPP bertanggal {date}, padahal langkah {step}, yang memerlukannya, sudah dimulai pada {begun}.",
    fix="Periksa dokumen aslinya; perbaiki sel ini bila salah salin. Tanggal PTPP yang sudah terbit tidak diubah; bila "
    "memang terlambat terbit, jelaskan dengan berita acara tambahan.",
    reason="PTPP yang bertanggal sesudah evaluasi dimulai berarti evaluasi itu belum mempunyai dasar.",
    clause=RECORD,
)
def request_dated_late(check: Inspection) -> Iterator[Mark]:
    """By calendar date, Tanggal PTPP is after the first begin of the step that needs a PTPP. Without a known Mulai of
    its own the step had begun by its Selesai at the latest. Cancelled cases are left alone, as in K01.
    """
    done, dates = check.executions, check.values(Cases.ptpp_date)
    begun = np.where(done.start_given & ~np.isnat(done.start), done.start, done.end)
    for step in (step for step in check.sop.steps if Cases.ptpp_number in _register_columns(step.needs)):
        there = np.flatnonzero((done.step == step.number) & ~np.isnat(begun))
        first = _days_of_last(check, there[np.argsort(begun[there])[::-1]], begun)
        late = (dates > first) & ~cancelled(check)
        yield from check.mark(late, Cases.ptpp_date, date=dates[late], step=step.number, begun=first[late])
