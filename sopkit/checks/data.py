"""D: what stands in the cells: empty, unreadable, impossible, not in its list, or saying nothing."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator

import numpy as np

from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.doubt import stated_year
from sopkit.checks.inspection import Inspection
from sopkit.checks.likeness import is_slip, nearest, strangers
from sopkit.checks.spelling import allowed
from sopkit.checks.workbook import cell_marks
from sopkit.register.columns import EXTENDABLE, Column, Kind
from sopkit.text import plain

CONTROL = "ISO 9001:2015 klausul 7.5.3"
SERVICES = "Jenis Layanan"  # the list that every office writes for itself
RECORDS = ("cases", "events", "disposals")  # the sheets that record what happened


@rule(
    "D01",
    Severity.ERROR,
    stage=1,
    message="Kolom {column} wajib diisi, tetapi kosong.",
    fix="Isi sel ini.",
    reason="Rekaman tanpa isian wajib tidak dapat ditelusuri dan tidak dapat dibuatkan dokumennya.",
    clause=CONTROL,
)
def empty_required(case: Inspection) -> Iterator[Mark]:
    """A record without its required cells proves nothing. A Mulai that lacks while Selesai stands is U09's.

    In the wide layout a field without a column of its own is not asked for: its address is the finish cell's.
    """
    for table in case.register.tables:
        name = table.plan.table
        for column in table.plan.columns:
            if column.required and case.has(name, column.field):
                empty = case.blank(name, column.field)
                if (name, column.field) == ("events", "start"):
                    empty &= table.raw["end"].isna().to_numpy()
                if table.addresses is not None:
                    empty &= (table.addresses[column.field] != table.addresses["end"]).to_numpy()
                yield from case.mark(name, empty, column.field, column=column.header)


_DUE = {
    Kind.DATE: "tanggal", Kind.DATETIME: "tanggal dan waktu", Kind.TIME: "jam", Kind.NUMBER: "angka",
}  # fmt: skip


@rule(
    "D02",
    Severity.ERROR,
    stage=1,
    message="“{typed}” tidak dapat dibaca sebagai {due}.",
    fix="Ketik ulang sebagai {due}, misalnya {example}.",
    reason="Nilai yang tidak terbaca tidak dapat dihitung; menebaknya berarti memalsukan rekaman.",
    clause=CONTROL,
)
def unreadable(case: Inspection) -> Iterator[Mark]:
    """What is not understood is not guessed. A step that cannot be read is U03's."""
    examples = {"tanggal": "19/08/2026", "tanggal dan waktu": "19/08/2026 08:15", "jam": "07:30", "angka": "12"}
    for table, row, field, typed, _ in cell_marks(case, "unreadable"):
        due = _DUE.get(table.plan.column(field).kind)
        if due:
            yield from case.mark(table.plan.table, [row], field, typed=typed, due=due, example=examples[due])


@rule(
    "D03",
    Severity.WARNING,
    stage=1,
    message="Waktu {column} hanya berisi tanggal {date} tanpa jam; lama pengerjaan tidak dapat dihitung dengan tepat.",
    fix="Tambahkan jamnya, misalnya 08:15.",
    reason="Baku mutu dalam menit dan jam hanya dapat diukur bila jam mulai dan selesainya tercatat.",
    clause="SOP, baku mutu waktu",
)
def date_without_time(case: Inspection) -> Iterator[Mark]:
    """A standard of 15 minutes cannot be held against a date. Other rules then report only what is certain."""
    for table, row, field, _, _ in cell_marks(case, "date-only"):
        moment = table.data.at[row, field]
        header = table.plan.column(field).header
        yield from case.mark(table.plan.table, [row], field, column=header, date=moment)


@rule(
    "D04",
    Severity.ERROR,
    stage=1,
    message="{moment} belum terjadi; pemeriksaan ini mengacu pada {now}.",
    fix="Perbaiki tanggalnya. Catat kejadian sesudah terjadi, bukan sebelumnya.",
    reason="Yang belum terjadi tidak dapat dicatat; tanggal di depan biasanya salah ketik.",
    clause=CONTROL,
)
def in_the_future(case: Inspection) -> Iterator[Mark]:
    """A record of what has not happened yet is no record. A date counts as future from the day after `as_of` on."""
    for name, column in _moments(case):
        if column.field == "due_date":
            continue
        moments = case.values(name, column.field)
        future = moments > np.datetime64(case.as_of, "D" if column.kind is Kind.DATE else "s")
        yield from case.mark(name, future, column.field, moment=moments[future], now=case.as_of)


def _moments(case: Inspection) -> Iterator[tuple[str, Column]]:
    """The date and date-time columns of the sheets that record what happened."""
    for name in RECORDS:
        for column in case.tables[name].plan.columns:
            if column.kind in (Kind.DATE, Kind.DATETIME):
                yield name, column


@rule(
    "D05",
    Severity.NOTE,
    stage=1,
    message="Teks “{typed}” dibaca sebagai {shown}.",
    fix="Tidak perlu tindakan bila pembacaan ini benar; bila salah, ketik ulang.",
    reason="Tanggal yang diketik sebagai teks perlu diketahui cara membacanya agar tidak salah dimengerti.",
    clause=CONTROL,
)
def understood_text(case: Inspection) -> Iterator[Mark]:
    """A date or number typed as text was understood; what was made of it is said, so that nobody is surprised."""
    for table, row, field, typed, shown in cell_marks(case, "understood"):
        yield from case.mark(table.plan.table, [row], field, typed=typed, shown=shown)


@rule(
    "D06",
    Severity.ERROR,
    stage=1,
    message="“{typed}” tidak dapat dipastikan artinya: {shown}.",
    fix="Ketik ulang {how}.",
    reason="Hari dan bulan yang dapat tertukar mengubah urutan dan lamanya langkah.",
    clause=CONTROL,
)
def ambiguous(case: Inspection) -> Iterator[Mark]:
    """A text that can be read two ways against the workbook's own habit, or a date that no calendar has."""
    for table, row, field, typed, shown in cell_marks(case, "ambiguous"):
        kind = table.plan.column(field).kind
        if kind is not Kind.STEP:
            yield from case.mark(table.plan.table, [row], field, typed=typed, shown=shown, how=_clearer(kind, shown))


def _clearer(kind: Kind, shown: str) -> str:
    if kind is Kind.NUMBER:
        return "sebagai angka, bukan sebagai teks"
    if not shown.startswith("dapat berarti"):
        return "dengan tanggal yang benar menurut kalender"
    return "sebagai tanggal Excel, atau dengan nama bulan, misalnya 2 November 2026"


@rule(
    "D07",
    Severity.ERROR,
    stage=1,
    message="“{typed}” tidak ada dalam daftar {list}{nearest}.",
    fix="Pilih dari daftar: {known}{extend}.",
    reason="Nilai di luar daftar tidak terhitung dalam rekap dan tidak dapat diperiksa artinya.",
    clause=CONTROL,
)
def not_in_list(case: Inspection) -> Iterator[Mark]:
    """A value of one's own invention is counted by nobody. Case and repeated blanks do not matter.

    Which services there are, an office says in its sheet Daftar. Where it has said nothing, what it names more than
    once is one of its services, unless that is a slip of the pen of a usual one; the rest is doubtful and no error,
    for the usual services are sopkit's list and not the office's.
    """
    for table in case.register.tables:
        name = table.plan.table
        for column in table.plan.columns:
            known = list(allowed(case.register, case.sop, column)) if column.kind is Kind.CHOICE else []
            typed = case.values(name, column.field)
            strange = strangers(typed, known) if known else {}
            severity = None
            if column.choices == SERVICES and SERVICES not in case.register.own_lists:
                severity = Severity.WARNING
                counts = Counter(plain(text) for text in case.texts(name, column.field).values())
                strange = {text: None for text in strange if counts[plain(text)] == 1 or is_slip(text, known)}
            if not strange:
                continue
            hints = {text: nearest(text, known) for text in strange}
            rows = {row: text for row, text in case.texts(name, column.field).items() if text in strange}
            near = {row: hints[text] for row, text in rows.items()}
            extend = "; nilai baru ditambahkan dahulu di sheet Daftar" if column.choices in EXTENDABLE else ""
            yield from case.mark(
                name, list(rows), column.field, severity=severity,
                typed=rows, list=column.header, nearest=near, known=_few(known), extend=extend,
            )  # fmt: skip


def _few(known: list[str]) -> str:
    return ", ".join(known) if len(known) <= 8 else f"{', '.join(known[:8])}, dan seterusnya"


@rule(
    "D08",
    Severity.NOTE,
    stage=1,
    message="Spasi berlebih atau karakter yang tidak tampak pada sel ini diabaikan; dibaca “{shown}”.",
    fix="Tidak perlu tindakan; untuk merapikan, ketik ulang isinya.",
    reason="Karakter yang tidak tampak membuat dua isian yang sama terlihat berbeda bagi Excel.",
    clause=CONTROL,
)
def trimmed(case: Inspection) -> Iterator[Mark]:
    """Blanks and characters that nobody sees make equal things unequal in Excel; here they do not, and it is said."""
    for table, row, field, _, shown in cell_marks(case, "trimmed"):
        yield from case.mark(table.plan.table, [row], field, shown=_short(shown))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}…"


@rule(
    "D09",
    Severity.WARNING,
    stage=1,
    message="NIP “{nip}” {problem}.",
    fix="Ketik NIP 18 angka sebagai teks (awali dengan tanda petik ').",
    reason="NIP yang salah tercetak pada dokumen dan dapat menunjuk pegawai lain.",
    clause=CONTROL,
)
def bad_nip(case: Inspection) -> Iterator[Mark]:
    """A NIP goes into signed documents. It holds the birth date, year and month of appointment, sex and a number.

    Contract staff (PPPK) carry 21 and above in place of the month. Blanks between the groups are usual in print.
    """
    table = case.register.people
    rounded = {reading.row for reading in table.readings if reading.kind == "rounded"}
    for row, nip in case.texts("people", "nip").items():
        problem = _nip_problem(nip, case.as_of.date())
        if row in rounded:
            problem = "tersimpan sebagai angka, sehingga Excel mungkin sudah membulatkan angka terakhirnya"
        if problem:
            yield from case.mark("people", [row], "nip", nip=nip, problem=problem)


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


_NOTHING = frozenset({
    "idem", "sda", "s d a", "s d", "sama", "sama saja", "sama dengan atas", "sama dengan di atas",
    "sama seperti di atas", "seperti di atas", "lihat atas", "lihat di atas", "tidak ada", "belum ada", "belum tahu",
    "tidak tahu", "nihil", "kosong", "cukup jelas", "sudah jelas", "dan lain lain", "dll",
})  # fmt: skip


@rule(
    "D14",
    Severity.WARNING,
    stage=1,
    message="Isian {column} “{text}” tidak menjelaskan apa pun.",
    fix="Tulis kalimat yang dapat dipahami orang lain tanpa bertanya.",
    reason="Uraian tanpa isi tidak dapat dipakai untuk mencari sebab dan mencegah terulangnya.",
    clause="ISO 9001:2015 klausul 10.2.2",
)
def says_nothing(case: Inspection) -> Iterator[Mark]:
    """Where a reason is due, a dash, `idem`, `sda` or a single word is none; a repeated word is still one."""
    for table in case.register.tables:
        for column in table.plan.columns:
            if column.kind is Kind.REASON:
                texts = case.texts(table.plan.table, column.field)
                empty = [row for row, text in texts.items() if is_nothing(text)]
                yield from case.mark(table.plan.table, empty, column.field, column=column.header, text=texts)


def is_nothing(text: str) -> bool:
    """True for a text that gives no reason: fewer than two different words, or a phrase that only points away."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return len({word for word in words if len(word) > 1}) < 2 or " ".join(words) in _NOTHING


@rule(
    "D15",
    Severity.WARNING,
    stage=1,
    message="Alamat surel {email} {problem}.",
    fix="Perbaiki alamatnya; satu alamat saja per pegawai, pada domain yang diizinkan di sheet Kantor (Domain Surel).",
    reason="Surel ke alamat yang salah tidak sampai, atau sampai kepada orang yang tidak berhak.",
    clause=CONTROL,
)
def bad_email(case: Inspection) -> Iterator[Mark]:
    """An address that cannot be reached, or one outside the office, receives nobody's documents."""
    domains = [text.strip().lstrip("@").casefold() for text in re.split(r"[,;\s]+", case.setting("Domain Surel"))]
    allowed = [domain for domain in domains if domain]
    for row, address in case.texts("people", "email").items():
        problem = _email_problem(address, allowed)
        if problem:
            yield from case.mark("people", [row], "email", email=address, problem=problem)


def _email_problem(address: str, allowed: list[str]) -> str:
    from email_validator import EmailNotValidError, validate_email

    try:
        domain = validate_email(address, check_deliverability=False).domain.casefold()
    except EmailNotValidError:
        return "tidak berbentuk alamat surel yang benar"
    return "berada di luar domain yang diizinkan" if allowed and domain not in allowed else ""


@rule(
    "D16",
    Severity.WARNING,
    stage=1,
    message="Tanggal {date} {why}.",
    fix="Periksa tahunnya; bila banyak tanggal bergeser sekitar empat tahun, periksa sistem tanggal 1904 buku kerja.",
    reason="Tanggal yang terlalu lama biasanya salah tahun dan merusak perhitungan waktu.",
    clause=CONTROL,
)
def implausibly_old(case: Inspection) -> Iterator[Mark]:
    """A date before the register's year, or from the dawn of Excel's calendars, is most often a slip."""
    year = stated_year(case.register)
    why = f"mendahului tahun register {year}" if year else "terlalu lama untuk register ini"
    for name, column in _moments(case):
        moments = case.values(name, column.field)
        old = moments < case.first_plausible
        yield from case.mark(name, old, column.field, date=moments[old], why=why)
