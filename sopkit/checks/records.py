"""K: the records that each step leaves behind: inputs, outputs, numbers, disposals and follow-ups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.courses import SIMILAR_NUMBER, looked_up
from sopkit.checks.data import is_nothing, parsed, pattern_setting
from sopkit.checks.inspection import Inspection, plain, rows_of
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


def _missing(case: Inspection, field: str) -> pd.Series:
    """True where a Register cell is empty or holds nothing but a dash."""
    texts = case.frame("cases")[field]
    dashes = texts.map(lambda text: isinstance(text, str) and not any(map(str.isalnum, text)))
    return case.blank("cases", field) | dashes.astype(bool)


def _cases_where(case: Inspection, executions: pd.Series) -> pd.Series:
    """True for the rows of Register that these executions (a mask of the events) belong to."""
    rows = case.frame("cases").index
    belong = case.courses.events["case_row"].to_numpy()[executions.to_numpy(bool)]
    return pd.Series(rows.isin(belong), index=rows)


@rule(
    "K01",
    Severity.BREACH,
    message="Langkah {step} sudah dimulai, tetapi {column} belum diisi.",
    fix="Isi {column}; langkah {step} memerlukannya.",
    clause=RECORD,
)
def input_missing(case: Inspection) -> Iterator[Mark]:
    """A step has begun without what the SOP says it needs (the SOP's `needs`: no evaluation without a PTPP)."""
    events = case.courses.events
    for step in (step for step in case.sop.steps if step.needs):
        begun = _cases_where(case, (events["step"] == step.number) & events["begun"])
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
    events = case.courses.events
    for step in (step for step in case.sop.steps if step.records):
        done = _cases_where(case, (events["step"] == step.number) & events["end"].notna())
        for field, header in _register_fields(step.records):
            yield from case.mark("cases", done & _missing(case, field), field, step=step.number, column=header)


@rule(
    "K03",
    Severity.ERROR,
    message="No. BA {number} tidak ada di sheet Pemusnahan.",
    fix="Perbaiki nomornya, atau catat BA itu di sheet Pemusnahan.",
    clause=DISPOSAL,
)
def disposal_unknown(case: Inspection) -> Iterator[Mark]:
    """A reference to a BA that does not exist; one that resembles a BA number in error follows from that error."""
    if not case.has("disposals", "number"):
        return
    numbers = case.frame("cases")["disposal_number"]
    typed = case.tables["disposals"].data["number"]
    wrong = typed[case.unknown("disposals", "number") | typed.isna()]
    lost = numbers[numbers.notna() & ~numbers.isin(typed.dropna())]
    alone = [row for row, number in rows_of(lost)
             if not any(_resembles(number, text) and _agree(case, row, ba) for ba, text in rows_of(wrong))]  # fmt: skip
    yield from case.mark("cases", alone, "disposal_number", number=numbers)


def _resembles(number: str, typed: object) -> bool:
    """True when a cell in error may mean this number: it looks like it, or it cannot be read at all."""
    from rapidfuzz import fuzz

    return not isinstance(typed, str) or fuzz.ratio(typed, number) >= SIMILAR_NUMBER


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
    """A BA must say what was destroyed. A mistyped reference in Register (K03) is said there alone."""
    if not case.has("cases", "number") or not case.has("cases", "disposal_number"):
        return
    numbers = case.frame("disposals")["number"].dropna()
    named = case.frame("cases")["disposal_number"].dropna()
    wrong = case.tables["cases"].data["disposal_number"][case.unknown("cases", "disposal_number")]
    unnamed = numbers[~numbers.isin(named)]
    alone = [
        ba
        for ba, number in rows_of(unnamed)
        if not any(_resembles(number, text) and _agree(case, row, ba) for row, text in rows_of(wrong))
    ]
    yield from case.mark("disposals", alone, "number", number=numbers)


def _disposed(case: Inspection) -> pd.DataFrame:
    """A row per case that names a known BA: `disposal` (row of Pemusnahan), indexed by row of Register."""
    numbers = case.frame("disposals")["number"].dropna()
    rows = pd.Series(numbers.index, index=numbers.to_numpy())
    named = case.frame("cases")["disposal_number"].map(rows[~rows.index.duplicated()]).dropna()
    return pd.DataFrame({"disposal": named.astype("int64")})


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
    members, dates = _disposed(case), case.frame("disposals")["date"]
    events = case.courses.events
    here = events[(events["step"] == step.number) & events["case_row"].isin(members.index)]
    here = here.assign(disposal=here["case_row"].map(members["disposal"]))
    ends = here["end"].where(~here["running"], pd.Timestamp(case.as_of)).dt.normalize()
    begun = here["start"].dt.normalize().groupby(here["disposal"]).max().reindex(dates.index)
    ended = ends.groupby(here["disposal"]).agg(lambda days: days.max(skipna=False)).reindex(dates.index)
    approved = case.courses.approved.dt.normalize().reindex(members.index).groupby(members["disposal"]).max()
    approved = approved.reindex(dates.index)
    early, late, unapproved = dates < begun, dates > ended, dates < approved
    why = pd.Series("melewati akhir pemusnahan di sheet Langkah", index=dates.index)
    why[early] = "mendahului pemusnahan di sheet Langkah"
    why[unapproved] = "mendahului persetujuan tindakan perbaikan"
    yield from case.mark("disposals", early | late | unapproved, "date", date=dates, why=why)


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
    cases, events = case.frame("cases"), case.courses.events
    periodic = [step.number for step in case.sop.steps if step.periodic]
    running = events[events["running"] & ~events["step"].isin(periodic)].drop_duplicates("case_row")
    open_step = running.set_index("case_row")["step"].reindex(cases.index)
    finished = (cases["status"] == "Selesai") & open_step.notna()
    approved = (cases["status"] == "Terbuka") & cases.index.isin(case.courses.approved.dropna().index)
    dropped = (cases["status"] == "Batal") & _missing(case, "remark")
    why = pd.Series("Keterangan kosong, padahal pembatalan harus beralasan", index=cases.index)
    why[finished] = "langkah " + open_step[finished].astype(int).astype(str) + " belum selesai"
    why[approved] = "tindakan perbaikan sudah disetujui"
    yield from case.mark("cases", finished | approved | dropped, "status", status=cases["status"], why=why)


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
    cases = case.frame("cases")
    closed = cases["status"] == "Selesai"
    for field in ("cause", "corrective_action", "verification"):
        header = REGISTER.column(field).header
        yield from case.mark("cases", closed & case.blank("cases", field), field, what=f"{header} belum diisi")
    approval = case.sop.duty("approval")
    if approval and case.has("events", "case"):
        yield from _unapproved(case, approval.number, cases.index[closed & cases["number"].notna()])


def _unapproved(case: Inspection, step: int, closed: pd.Index) -> Iterator[Mark]:
    last = case.courses.last(step)
    last = last[last.index.isin(closed)]
    refused = last[(last["outcome"] != "Disetujui") & ~last["outcome_unknown"]]
    yield from case.mark("events", list(refused["row"]), "outcome", what=f"langkah {step} tidak mencatat persetujuan")
    bare = closed[~closed.isin(last.index)]
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
    failed = case.frame("cases")["verification"] == "Tidak Sesuai"
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
    numbers = case.frame("cases")["follow_up_ptpp"]
    numbers = numbers[~_missing(case, "follow_up_ptpp") & numbers.notna()]
    typed = case.tables["cases"].data["ptpp_number"]
    pattern = pattern_setting(case, "Pola No. PTPP")
    dark = typed[case.unknown("cases", "ptpp_number")]
    wrong = [text for text in dark if not isinstance(text, str) or parse_number(pattern, text) is None]
    lost = numbers[~numbers.isin([*typed.dropna(), *case.ptpp_elsewhere])]
    covered = _years_given(case)
    for row in lost.index:
        read = parse_number(pattern, lost[row])
        elsewhere = bool(read and read.year and covered and read.year not in covered)
        why = "bernomor tahun lain; PTPP itu tidak diperiksa" if elsewhere else "tidak ada di buku kerja yang diperiksa"
        if not any(_resembles(lost[row], text) for text in wrong):
            severity = Severity.NOTE if elsewhere else None
            yield from case.mark("cases", [row], "follow_up_ptpp", severity=severity, number=numbers, why=why)


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
    step, cases = case.sop.duty("destruction"), case.frame("cases")
    if not step:
        return
    events = case.courses.events
    destroyed = _cases_where(case, (events["step"] == step.number) & events["begun"])
    destroyed |= cases["disposal_number"].notna() & ~_missing(case, "disposal_number")
    none = case.blank("cases", "quantity")
    nothing = cases["quantity"] <= 0
    unitless = _missing(case, "unit")
    what = pd.Series("Satuan belum diisi", index=cases.index)
    what[nothing] = "Jumlah tidak lebih dari nol"
    what[none] = "Jumlah belum diisi"
    wrong = (none | nothing | unitless) & ~case.unknown("cases", "quantity")
    yield from case.mark("cases", destroyed & wrong, "quantity", what=what)


@rule(
    "K11",
    Severity.WARNING,
    message="Target Selesai {what}.",
    fix="Isi Target Selesai dengan tanggal yang wajar sesudah Tanggal PTPP.",
    clause=IMPROVEMENT,
)
def target_missing(case: Inspection) -> Iterator[Mark]:
    """A request without a date is a wish. Due once the case has a PTPP."""
    cases = case.frame("cases")
    missing = ~_missing(case, "ptpp_number") & cases["ptpp_number"].notna() & case.blank("cases", "due_date")
    early = cases["due_date"] < cases["ptpp_date"]
    what = pd.Series("belum diisi", index=cases.index).mask(early, "mendahului Tanggal PTPP")
    yield from case.mark("cases", missing | early, "due_date", what=what)


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
    cases = case.frame("cases")
    told = cases.dropna(subset=["service", "cause", "found_at"])
    told = told[~told["cause"].map(is_nothing).astype(bool)]
    told = told.assign(words=told["cause"].map(_sorted_words), day=_day_numbers(told["found_at"]))
    told = told.sort_values(["service", "found_at", "number"], kind="stable")
    for _, same in told.groupby("service", sort=True):
        earlier = _earlier_alike(same["words"].tolist(), same["day"].tolist())
        rows = {int(same.index[later]): int(same.index[before]) for later, before in earlier.items()}
        other = {row: case.case_of("cases", before) or f"baris {before}" for row, before in rows.items()}
        ages = dict(zip(same.index, same["day"], strict=True))
        days = {row: ages[row] - ages[before] for row, before in rows.items()}
        yield from case.mark("cases", list(rows), "cause", service=same["service"], other=other, days=days)


def _day_numbers(moments: pd.Series) -> np.ndarray:
    """Days since 1970."""
    return moments.to_numpy("datetime64[D]").astype(np.int64)


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
    cases = case.frame("cases")
    found = cases["found_at"].dt.normalize()
    early = cases["ptpp_date"] < found
    yield from case.mark(
        "cases", early, "ptpp_date",
        column="Tanggal PTPP", date=cases["ptpp_date"], what="Tanggal Ditemukan", other=found,
    )  # fmt: skip
    correction = case.sop.duty("correction")
    if correction:
        done = case.courses.last(correction.number)["end"].dt.normalize().reindex(cases.index)
        early, what = cases["verified_on"] < done, f"selesainya langkah {correction.number}"
        yield from case.mark(
            "cases", early, "verified_on",
            column="Tanggal Verifikasi", date=cases["verified_on"], what=what, other=done,
        )  # fmt: skip


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
        events = case.courses.events
        done = _cases_where(case, (events["step"] == step.number) & events["end"].notna())
        yield from case.mark("cases", done & case.blank("cases", "to_destroy"), "to_destroy", step=step.number)


@rule(
    "K15",
    Severity.WARNING,
    message="No. PTPP {number} sudah ada, tetapi {column} belum diisi.",
    fix="Isi {column}.",
    clause="SOP, Permintaan Tindakan Perbaikan dan Pencegahan",
)
def request_incomplete(case: Inspection) -> Iterator[Mark]:
    """A request says when, to whom, and who is responsible."""
    numbers = case.frame("cases")["ptpp_number"]
    issued = numbers.notna() & ~_missing(case, "ptpp_number")
    for field in ("ptpp_date", "addressee", "responsible"):
        header = REGISTER.column(field).header
        yield from case.mark("cases", issued & _missing(case, field), field, number=numbers, column=header)


@rule(
    "K16",
    Severity.BREACH,
    message="Hasil Verifikasi sudah diisi, tetapi {column} belum.",
    fix="Isi {column}.",
    clause=EVIDENCE,
)
def verification_unsigned(case: Inspection) -> Iterator[Mark]:
    """A verification by nobody, or at no time, is none."""
    verified = case.frame("cases")["verification"].notna()
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
    members, events = _disposed(case), case.courses.events
    here = events[(events["step"] == step.number) & events["case_row"].isin(members.index)]
    dark = here.loc[here["actor"].isna(), "case_row"].map(members["disposal"])
    actors = here["actor"].map(plain, na_action="ignore")
    pairs = set(zip(here["case_row"].map(members["disposal"]), actors, strict=True))
    recorded = {disposal for disposal, _ in pairs} - set(dark)
    names = case.frame("disposals")["executor"].dropna()
    strange = [row for row, name in rows_of(names) if row in recorded and (row, plain(name)) not in pairs]
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
    approval = case.sop.duty("approval")
    if not approval:
        return
    events = case.courses.events
    silent = events[(events["step"] == approval.number) & events["end"].notna() & events["outcome"].isna()]
    closed = looked_up(silent["case_row"], case.frame("cases")["status"]) == "Selesai"
    silent = silent[~silent["outcome_unknown"] & ~closed]
    yield from case.mark("events", silent, "outcome", step=approval.number)


@rule(
    "K51",
    Severity.WARNING,
    message="PTPP Lanjutan {number} adalah No. PTPP layanan ini sendiri.",
    fix="Terbitkan PTPP baru dan tulis nomornya di PTPP Lanjutan.",
    clause=IMPROVEMENT,
)
def follows_itself(case: Inspection) -> Iterator[Mark]:
    """A PTPP that is its own follow-up has none."""
    cases = case.frame("cases")
    same = cases["follow_up_ptpp"].notna() & (cases["follow_up_ptpp"] == cases["ptpp_number"])
    yield from case.mark("cases", same, "follow_up_ptpp", number=cases["follow_up_ptpp"])


@rule(
    "K52",
    Severity.WARNING,
    message="BA {number} disebut, tetapi langkah {step} layanan ini tidak tercatat di sheet Langkah.",
    fix="Catat langkah {step} di sheet Langkah, atau hapus No. BA Pemusnahan ini.",
    clause=DISPOSAL,
)
def destruction_unrecorded(case: Inspection) -> Iterator[Mark]:
    """A case stands in a BA and nobody recorded that it was destroyed."""
    step = case.sop.duty("destruction")
    if not step or not case.has("events", "case"):
        return
    members, events = _disposed(case), case.courses.events
    done = set(events.loc[events["step"] == step.number, "case_row"])
    known = members.index[case.frame("cases")["number"].reindex(members.index).notna()]
    idle = [row for row in known if row not in done]
    lacking = case.courses.lacking(step.number, idle)
    numbers = case.frame("cases")["disposal_number"]
    yield from case.mark(
        "cases", [row for row in idle if row not in lacking], "disposal_number", number=numbers, step=step.number
    )
