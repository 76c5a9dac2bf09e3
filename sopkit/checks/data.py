"""D: what stands in the cells: empty, unreadable, impossible, not in its list, or saying nothing."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from sopkit.arrays import Flags
from sopkit.checks.canonical import REFERENCES, allowed
from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.inspection import Inspection, case_of
from sopkit.checks.number_forms import PATTERN_KEYS
from sopkit.checks.suggest import is_slip, nearest, not_in
from sopkit.checks.workbook import readings
from sopkit.frames import is_missing
from sopkit.language import list_text
from sopkit.ooxml.address import address_parts, letter
from sopkit.register.numbering import DocumentNumber
from sopkit.register.parse import typed_text
from sopkit.register.pattern_periods import patterns_of
from sopkit.register.schema import (
    DISPOSALS,
    EVENTS,
    EXTENDABLE,
    PEOPLE,
    REGISTER,
    SHEETS,
    Cases,
    Column,
    Disposals,
    Events,
    Kind,
    People,
)
from sopkit.sop.model import Sop
from sopkit.text import plain, quoted

CONTROL = "ISO 9001:2015 klausul 7.5.3"
SERVICES = "Jenis Layanan"  # the list that every office writes for itself
OWN_NUMBERS = (Cases.number, Disposals.number)  # required, and given by `sopkit number`
NUMBERED = "; nomor baru diberikan oleh sopkit number"
RECORDS = (REGISTER, EVENTS, DISPOSALS)  # the sheets that record what happened


@rule(
    "D01",
    Severity.ERROR,
    phase=1,
    message="Kolom {column} wajib diisi, tetapi kosong.",
    fix="Isi sel ini menurut dokumennya{also}.",
    reason="Rekaman tanpa isian wajib tidak dapat ditelusuri dan tidak dapat dibuatkan dokumennya;"
    " nomor dokumen yang belum ada diberikan oleh sopkit number.",
    clause=CONTROL,
)
def empty_required(check: Inspection) -> Iterator[Mark]:
    """A required cell of a used row is empty. A Mulai that is missing while Selesai is there is U09's.

    In the wide layout a field without a column of its own is not asked for: its address is the finish cell's.
    """
    for table in check.register.tables:
        for column in table.plan.columns:
            if column.required and check.has(column):
                empty = check.blank(column)
                if column == Events.start:
                    empty &= table.typed["end"].isna().array & check.start_given
                if table.addresses is not None:
                    empty &= table.addresses.columns[column.field] != table.addresses.columns["end"]
                also = NUMBERED if column in OWN_NUMBERS else ""
                yield from check.mark(empty, column, column=column.header, also=also)


@rule(
    "D53",
    Severity.ERROR,
    phase=1,
    message="Hari dan bulan pada kolom {name} tertukar: {real} tanggal Excel semuanya berhari 1–12, {why}."
    " Tanggal kolom ini tidak dipakai.",
    fix="Atur wilayah (Region) Windows ke Indonesia, lalu ketik atau tempel ulang kolom ini dari berkas asalnya.",
    reason="Excel berwilayah Amerika Serikat membaca “03/11/2026” sebagai 11 Maret 2026 tanpa memberi tahu.",
    clause=CONTROL,
)
def days_and_months_swapped(check: Inspection) -> Iterator[Mark]:
    """A US-locale Excel has swapped the days and months of a column: what it could (days up to the twelfth) became real
    dates, the rest stayed text. Its moments are unknown.

    At least three of each are asked for, where the real dates lie in the months of the texts only when swapped back,
    and eight of each where the texts stretch over most of a year. Once one column is swapped for certain, others of
    the workbook need no more than real dates that fit its months only when swapped back.
    """
    for table in check.register.tables:
        columns: dict[tuple[str, int, str, str], list[int]] = {}
        for reading in table.readings:
            if reading.kind == "swapped":
                letters = letter(address_parts(table.cell(reading.row, reading.field))[1])
                sheet = table.part(reading.row)
                columns.setdefault((sheet.sheet, sheet.header_row, letters, reading.field), []).append(reading.row)
        for (name, row, letters, field), rows in columns.items():
            texts = sum(isinstance(value, str) for value in table.typed[field][rows])
            header = table.plan.column(field).header
            why = f"sedangkan {texts} tanggal yang tinggal sebagai teks semuanya berhari 13–31"
            why = why if texts else "dan baru cocok dengan kolom lain bila hari dan bulannya ditukar kembali"
            real = len(rows) - texts
            yield check.mark_sheet(name, f"{letters}{row}", header, row, name=header, real=real, why=why)


_DUE = {
    Kind.DATE: "tanggal", Kind.DATETIME: "tanggal dan waktu", Kind.TIME: "jam", Kind.NUMBER: "angka",
}  # fmt: skip


@rule(
    "D02",
    Severity.ERROR,
    phase=1,
    message="“{typed}” tidak dapat dibaca sebagai {due}.",
    fix="Ketik ulang isinya menurut dokumennya sebagai {due}, misalnya {example}.",
    reason="Nilai yang tidak terbaca tidak dapat dihitung; menebaknya berarti memalsukan rekaman.",
    clause=CONTROL,
)
def unreadable(check: Inspection) -> Iterator[Mark]:
    """A cell holds something that cannot be read as its column's date, time or number. Nothing is guessed: the value
    counts as unknown. A step that cannot be read is U03's.
    """
    examples = {"tanggal": "“19-08-2026”", "tanggal dan waktu": "“19-08-2026 08:15”", "jam": "“07:30”", "angka": "“12”"}
    for column, reading in readings(check, "unreadable"):
        due = _DUE.get(column.kind)
        if due:
            yield from check.mark([reading.row], column, typed=reading.typed, due=due, example=examples[due])


@rule(
    "D03",
    Severity.WARNING,
    phase=1,
    message="{column} hanya berisi tanggal {date} tanpa jam, sehingga waktu kerja tidak dapat dihitung dengan tepat.",
    fix="Tambahkan jam yang tertulis pada dokumennya, misalnya “08:15”; jangan mengira-ngira.",
    reason="Baku mutu dalam menit dan jam hanya dapat diukur bila jam mulai dan selesainya tercatat.",
    clause="SOP, baku mutu waktu",
)
def date_without_time(check: Inspection) -> Iterator[Mark]:
    """A moment of Register or Langkah is a date without a time (00:00). Other rules then report only what is certain
    whatever the time was. Where an office's own workbook keeps no steps at all, no working time is asked for.
    """
    for column, reading in readings(check, "date-only") if not check.register.without_steps else ():
        yield from check.mark([reading.row], column, column=column.header, date=check.read(column)[reading.row])


@rule(
    "D04",
    Severity.ERROR,
    phase=1,
    message="{moment} belum tiba; pemeriksaan ini mengacu pada {now}.",
    fix="Periksa dokumen aslinya; perbaiki tanggal yang salah salin. Kejadian yang belum berlangsung dicatat sesudah "
    "terjadi.",
    reason="Yang belum terjadi tidak dapat dicatat; tanggal di depan biasanya salah ketik.",
    clause=CONTROL,
)
def in_the_future(check: Inspection) -> Iterator[Mark]:
    """A moment is after `as_of`; a date without a time, if its day is after the day of `as_of`. Target Selesai may lie
    ahead.
    """
    for column in _moments():
        if column == Cases.due_date:
            continue
        moments = check.recorded(column)
        future = moments > np.datetime64(check.as_of, "D" if column.kind is Kind.DATE else "s")
        yield from check.mark(future, column, moment=moments[future], now=check.as_of)


def _moments() -> Iterator[Column]:
    """The date and date-time columns of the sheets that record what happened."""
    for plan in RECORDS:
        yield from (column for column in plan.columns if column.kind in (Kind.DATE, Kind.DATETIME))


@rule(
    "D05",
    Severity.NOTE,
    phase=1,
    message="Teks “{typed}” dibaca sebagai {shown}.",
    fix="Tidak perlu tindakan bila pembacaan ini benar; bila salah, ketik ulang isinya.",
    reason="Tanggal yang diketik sebagai teks perlu diketahui cara membacanya agar tidak salah dimengerti.",
    clause=CONTROL,
)
def understood_text(check: Inspection) -> Iterator[Mark]:
    """A date or number typed as text could be read in one way only; the note says how it was read."""
    for column, reading in readings(check, "understood"):
        yield from check.mark([reading.row], column, typed=reading.typed, shown=reading.shown)


@rule(
    "D06",
    Severity.ERROR,
    phase=1,
    message="“{typed}” tidak dapat dipastikan artinya: {shown}.",
    fix="Ketik ulang {how}.",
    reason="Hari dan bulan yang dapat tertukar mengubah urutan dan lamanya langkah.",
    clause=CONTROL,
)
def ambiguous(check: Inspection) -> Iterator[Mark]:
    """A text can be read as two dates and the workbook's other text dates contradict each other, or names a day that no
    calendar has. Where nothing says otherwise, the day comes first, and always in the form `19-08-2026` of sheet
    Petunjuk (D05).
    """
    for column, reading in readings(check, "ambiguous"):
        if column.kind is not Kind.STEP:
            how = _clearer(column.kind, reading.shown)
            yield from check.mark([reading.row], column, typed=reading.typed, shown=reading.shown, how=how)


def _clearer(kind: Kind, shown: str) -> str:
    if kind is Kind.NUMBER:
        return "sebagai angka, bukan sebagai teks"
    if not shown.startswith("dapat berarti"):
        return "dengan tanggal yang benar menurut kalender"
    return "sebagai tanggal Excel, atau dengan nama bulan, misalnya 2 November 2026"


@rule(
    "D07",
    Severity.ERROR,
    phase=1,
    message="“{typed}” tidak ada dalam daftar {list}{nearest}.",
    fix="Pilih dari daftar: {known}{extend}.",
    reason="Nilai di luar daftar tidak terhitung dalam rekap dan tidak dapat diperiksa artinya.",
    clause=CONTROL,
)
def not_in_list(check: Inspection) -> Iterator[Mark]:
    """A value is not in the list of its column. Upper and lower case and repeated blanks do not matter.

    Only an office knows its services. Where sheet Daftar does not list them, a service that is named more than once
    counts as one of them, unless it looks like a slip of the pen of a usual one; any other is a warning and no error,
    for the usual services are sopkit's list and not the office's. A Hasil of a step that has none is D52's.
    """
    for table in check.register.tables:
        for column in table.plan.columns:
            known = list(allowed(check.register, check.sop, column)) if column.kind is Kind.CHOICE else []
            strange = dict.fromkeys(text for text in check.different(column) if text not in known) if known else {}
            severity = None
            if column.choices == SERVICES and SERVICES not in check.register.own_lists:
                severity = Severity.WARNING
                counts = Counter(plain(text) for text in check.texts(column).values())
                strange = {text: None for text in strange if counts[plain(text)] == 1 or is_slip(text, known)}
            if not strange:
                continue
            hints = {text: nearest(text, known) for text in strange}
            rows = {row: text for row, text in check.texts(column).items() if text in strange}
            if column == Events.outcome:
                unasked = set(check.rows(EVENTS)[_without_outcome(check)].tolist())
                rows = {row: text for row, text in rows.items() if row not in unasked}
            near = {row: hints[text] for row, text in rows.items()}
            extend = "; nilai baru ditambahkan dahulu di sheet Daftar" if column.choices in EXTENDABLE else ""
            extend += _own_word(check, column)
            yield from check.mark(
                list(rows), column, severity=severity,
                typed=rows, list=column.header, nearest=near, known=_few(known), extend=extend,
            )  # fmt: skip


def _own_word(check: Inspection, column: Column) -> str:
    """Where the layout file may say what a word of the office means."""
    layout = check.register.source.book.layout
    mapped = layout.path and column.table in (*(plan.table for plan in RECORDS), PEOPLE.table)
    return f"; kata kantor sendiri diartikan di {layout.path.name}, bagian [values]" if mapped and layout.path else ""


def _few(known: list[str]) -> str:
    return ", ".join(known) if len(known) <= 8 else f"{', '.join(known[:8])}, dan seterusnya"


@rule(
    "D08",
    Severity.NOTE,
    phase=1,
    message="{what}; dibaca “{shown}”.",
    fix="Tidak perlu tindakan; untuk merapikan, ketik ulang isinya.",
    reason="Karakter yang tidak tampak membuat dua isian yang sama terlihat berbeda bagi Excel.",
    clause=CONTROL,
)
def trimmed(check: Inspection) -> Iterator[Mark]:
    """Blanks or invisible characters around or within a value were left out. Excel would hold the value different from
    one without them; sopkit does not.

    Or a number is written another way than where it is defined (blanks, dashes, full-width digits, other letters, only
    its running number). Or names stand without the titles that sheet Pegawai has, or with others, and only one person
    fits: one note per sheet, on the first of them.
    """
    yield from _other_titles(check)
    for column in (*PATTERN_KEYS, *REFERENCES):
        rows = _written_otherwise(check, column)
        yield from check.mark(rows, column, what="Nomor ini ditulis dengan cara lain", shown=check.read(column))
    what = "Spasi berlebih atau karakter yang tidak tampak pada sel ini diabaikan"
    for column, reading in readings(check, "trimmed"):
        yield from check.mark([reading.row], column, what=what, shown=quoted(reading.shown))


def _other_titles(check: Inspection) -> Iterator[Mark]:
    columns = [column for plan in SHEETS for column in plan.columns
               if column.kind in (Kind.PERSON, Kind.ROLE_OR_PERSON)]  # fmt: skip
    marks: dict[str, list[Mark]] = {}
    for column in columns:
        typed = check.raw(column)
        names = [name for name in not_in(typed.array, ()) if check.listed.only_but_for_titles(name)]
        for mark in check.mark(typed.isin(names), column, shown=check.read(column)) if names else ():
            marks.setdefault(mark.sheet, []).append(mark)
    for found in marks.values():
        first = min(found, key=lambda mark: address_parts(mark.cell))
        what = f"Gelar pada nama ini ({len(found)} sel di sheet ini) tidak ditulis seperti di sheet Pegawai"
        yield replace(first, values={**first.values, "what": what})


def _written_otherwise(check: Inspection, column: Column) -> list[int]:
    """The rows whose number is read otherwise than written; in the wide layout Langkah has no number of its own.

    Where the one that a number refers to is off the pattern and this one is not, that one is D13's.
    """
    if column == Events.case and check.register.events.addresses is not None:
        return []
    raw, read = check.raw(column), check.read(column)
    other = np.asarray(raw.array != read.array, dtype=bool) & ~is_missing(read.array)
    if not other.any():
        return []
    shown = {reading.row: reading.shown for reading in check.shown_numbers(column)}
    patterns = patterns_of(check.register.settings, PATTERN_KEYS[REFERENCES.get(column, column)])
    rows = read.index[other].tolist()
    written = {row: shown.get(row) or typed_text(typed) for row, typed in zip(rows, raw[other], strict=True)}
    return [row for row, text in written.items()
            if _full_width(text) or (plain(text) != plain(read[row]) and not patterns.read(text))]  # fmt: skip


def _full_width(text: str) -> bool:
    return any(unicodedata.east_asian_width(letter) == "F" for letter in text)


@rule(
    "D09",
    Severity.WARNING,
    phase=1,
    message="NIP “{nip}” {problem}.",
    fix="Periksa NIP pada SK pegawai itu, lalu ketik 18 angkanya sebagai teks (awali dengan tanda petik ').",
    reason="NIP yang salah tercetak pada dokumen dan dapat menunjuk pegawai lain.",
    clause=CONTROL,
)
def bad_nip(check: Inspection) -> Iterator[Mark]:
    """A NIP is not 18 digits, or its parts are impossible: birth date, year and month of appointment, sex, number; or
    Excel stored it as a number and rounded it.

    Contract staff (PPPK) carry 21 and above in place of the month. Blanks between the groups are usual in print.
    """
    table = check.register.people
    rounded = {reading.row for reading in table.readings if reading.kind == "rounded"}
    for row, nip in check.texts(People.nip).items():
        problem = _nip_problem(nip, check.as_of.date())
        if row in rounded:
            problem = "tersimpan sebagai angka, sehingga Excel mungkin sudah membulatkan angka terakhirnya"
        if problem:
            yield from check.mark([row], People.nip, nip=nip, problem=problem)


def _nip_problem(nip: str, today: dt.date) -> str:
    digits = re.sub(r"\s", "", nip)
    if not re.fullmatch(r"[0-9]{18}", digits):
        return "tidak terdiri atas 18 angka"
    try:
        born = dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return "memuat tanggal lahir yang tidak ada dalam kalender"
    if not born.year >= 1900 or born >= today:
        return "memuat tanggal lahir yang tidak mungkin"
    year, month = int(digits[8:12]), int(digits[12:14])
    if not born.year + 15 <= year <= today.year + 1 or not (1 <= month <= 12 or month >= 21):
        return "memuat tahun dan bulan pengangkatan yang tidak mungkin"
    return "" if digits[14] in "12" else "memuat kode jenis kelamin selain 1 dan 2"


@rule(
    "D14",
    Severity.WARNING,
    phase=1,
    message="Isian {column} “{text}” tidak menjelaskan apa pun.",
    fix="Tulis kalimat yang dapat dipahami orang lain tanpa bertanya.",
    reason="Uraian tanpa isi tidak dapat dipakai untuk mencari sebab dan mencegah terulangnya.",
    clause="ISO 9001:2015 klausul 10.2.2",
)
def says_nothing(check: Inspection) -> Iterator[Mark]:
    """A reason is a dash, a single word (even if repeated), a phrase that only points elsewhere (`idem`, `sda`),
    letters typed again and again, or words without content (`terlambat ya`).
    """
    for table in check.register.tables:
        for column in table.plan.columns:
            if column.kind is Kind.REASON:
                empty = check.says_nothing(column) & check.filled(column)
                yield from check.mark(empty, column, column=column.header, text=check.read(column))


@rule(
    "D15",
    Severity.WARNING,
    phase=1,
    message="Alamat surel “{email}” {problem}.",
    fix="Perbaiki alamatnya; satu alamat saja per pegawai, pada domain yang diizinkan di sheet Kantor (Domain Surel).",
    reason="Surel ke alamat yang salah tidak sampai, atau sampai kepada orang yang tidak berhak.",
    clause=CONTROL,
)
def bad_email(check: Inspection) -> Iterator[Mark]:
    """An address is not well-formed, or its domain is not among those of Kantor's Domain Surel (empty: any domain)."""
    domains = [text.strip().lstrip("@").casefold() for text in re.split(r"[,;\s]+", check.setting("Domain Surel"))]
    allowed = [domain for domain in domains if domain]
    for row, address in check.texts(People.email).items():
        problem = _email_problem(address, allowed)
        if problem:
            yield from check.mark([row], People.email, email=address, problem=problem)


_USUAL_EMAIL = re.compile(
    r"[a-z0-9]{1,20}(?:[._-][a-z0-9]{1,20}){0,2}@((?:[a-z][a-z0-9]{0,20}\.){1,4}(?:id|com|net|org|example))"
)


def _email_problem(address: str, allowed: list[str]) -> str:
    domain = _email_domain(address)
    if not domain:
        return "tidak berbentuk alamat surel yang benar"
    return "berada di luar domain yang diizinkan" if allowed and domain not in allowed else ""


def _email_domain(address: str) -> str:
    """Empty for what is no address; the package (0.03 s to load) is asked only for what is not plainly one."""
    if usual := _USUAL_EMAIL.fullmatch(address):
        return usual[1]
    if address.count("@") != 1 and '"' not in address:
        return ""
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(address, check_deliverability=False).domain.casefold()
    except EmailNotValidError:
        return ""


@rule(
    "D16",
    Severity.WARNING,
    explainable=True,
    phase=1,
    message="Tanggal {date} {why}{others}.",
    fix="Periksa dokumen aslinya; perbaiki tahun yang salah salin. Bila banyak tanggal bergeser sekitar empat tahun, "
    "periksa pengaturan sistem tanggal 1904 pada buku kerja.",
    reason="Tanggal yang terlalu lama biasanya salah tahun dan merusak perhitungan waktu.",
    clause=CONTROL,
)
def implausibly_old(check: Inspection) -> Iterator[Mark]:
    """A moment is before the register's year (Kantor's Tahun Register); without one, before the year that precedes the
    earliest that the numbers name, and before 2000 in any case. One finding per case, at its first such cell, and one
    per BA.

    None for a moment of the year that the case's own number names. Of a date that is marked here D12 does not say once
    more that the number names another year (found on New Year's Eve, numbered in January).
    """
    year = check.register.stated_year
    why = f"mendahului tahun register {year}" if year else "terlalu lama untuk register ini"
    found: dict[object, list[tuple[int, Column]]] = {}
    for column in _moments():
        moments = check.recorded(column)
        places = np.flatnonzero(moments < check.first_plausible)
        rows = check.read(column).index[places].tolist()
        for row, day in zip(rows, moments[places].astype("datetime64[D]").tolist(), strict=True):
            key, number = _number_of(check, column, row)
            if number is None or number.year != day.year:
                found.setdefault(key, []).append((row, column))
    for (row, column), *others in found.values():
        more = f"; begitu pula {len(others)} tanggal lain yang berkaitan" if others else ""
        yield from check.mark([row], column, date=check.read(column)[row], why=why, others=more)


def _number_of(check: Inspection, column: Column, row: int) -> tuple[object, DocumentNumber | None]:
    """What a row belongs to (its case, its BA, else itself), and what the number of that says of itself."""
    own = Disposals.number if column.table == DISPOSALS.table else Cases.number
    table = check.table(DISPOSALS if own is Disposals.number else EVENTS if column.table == EVENTS.table else REGISTER)
    number = table.read.value(row, own.field) if own is Disposals.number else case_of(table, row)
    if not isinstance(number, str):
        return (column.table, row), None
    return (own, number), patterns_of(check.register.settings, PATTERN_KEYS[own]).read(number)


@rule(
    "D55",
    Severity.WARNING,
    phase=1,
    message="Sampai {end} mendahului Mulai {start}; masa tugas baris ini tidak dipakai.",
    fix="Periksa SK pada kolom Dasar; perbaiki Mulai atau Sampai (hari terakhir bertugas) yang salah salin.",
    reason="Masa tugas yang mustahil membuat wewenang pegawai itu tidak dapat diperiksa menurut hari tindakannya.",
    clause=CONTROL,
)
def post_ends_before_it_begins(check: Inspection) -> Iterator[Mark]:
    """Sampai of a row of Pegawai is before its Mulai; one day alone is a period. The row then holds always, as one
    without dates does.
    """
    start, end = check.values(People.start), check.values(People.end)
    wrong = end < start
    yield from check.mark(wrong, People.end, start=start[wrong], end=end[wrong])


@rule(
    "D52",
    Severity.NOTE,
    message="Hasil “{outcome}” diisi pada langkah {step}, sedangkan langkah ini tidak mempunyai Hasil; "
    "isian ini tidak dipakai.",
    fix="Bila maksudnya persetujuan atau penolakan, isi Hasil pada baris langkah yang memutuskannya{where}; "
    "bila tidak, kosongkan sel ini.",
    reason="Persetujuan atau penolakan yang diisi pada langkah lain tidak dihitung, walaupun mungkin bermakna.",
    clause=CONTROL,
)
def outcome_of_another_step(check: Inspection) -> Iterator[Mark]:
    """Hasil is filled on a step that has none, one that neither approves nor rejects, with whatever words."""
    asking, steps, outcomes = _with_outcome(check.sop), check.values(Events.step), check.values(Events.outcome)
    strange = check.filled(Events.outcome) & _without_outcome(check)
    where = f" (langkah {list_text(map(str, asking))})" if asking else ""
    yield from check.mark(
        strange, Events.outcome, outcome=outcomes[strange], step=steps[strange].astype(int), where=where
    )


def _with_outcome(sop: Sop) -> list[int]:
    """The numbers of the steps that have a Hasil."""
    return [step.number for step in sop.steps if step.duty == "approval" or step.on_rejection is not None]


def _without_outcome(check: Inspection) -> Flags:
    """True for the rows of Langkah whose step is known and has no Hasil."""
    others = {step.number for step in check.sop.steps}.difference(_with_outcome(check.sop))
    return np.isin(check.values(Events.step), list(others))
