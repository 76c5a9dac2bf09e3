"""D: what stands in the cells: empty, unreadable, impossible, not in its list, twice, or saying nothing."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from sopkit import language
from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.courses import SIMILAR_NUMBER, Array
from sopkit.checks.doubt import LEAST_YEAR, stated_year
from sopkit.checks.inspection import Inspection, default_setting
from sopkit.checks.spelling import allowed, plain
from sopkit.checks.workbook import cell_marks
from sopkit.register.columns import EXTENDABLE, SETTINGS, Column, Kind, Setting
from sopkit.register.numbering import DocumentNumber, PatternError, parse_number, pattern_regex
from sopkit.sop.model import Standard

CONTROL = "ISO 9001:2015 klausul 7.5.3"
SERVICES = "Jenis Layanan"  # the list that every office writes for itself
RECORDS = ("cases", "events", "disposals")  # the sheets that record what happened
NUMBERED = (
    ("cases", "number", "found_at", "Pola No. Catatan"),
    ("cases", "ptpp_number", "ptpp_date", "Pola No. PTPP"),
    ("disposals", "number", "date", "Pola No. BA"),
)
"""Table, number, its date, and the Kantor key of its pattern."""
NEAR = 75  # of 100: from here on a value of a list is offered as the nearest
SLIP = 92  # rapidfuzz ratio from which a text is another one mistyped
MEANT: Mapping[str, tuple[str, ...]] = {
    "ok": ("Disetujui", "Sesuai", "Ya"), "oke": ("Disetujui", "Sesuai", "Ya"), "acc": ("Disetujui",),
    "setuju": ("Disetujui",), "ya": ("Disetujui",), "y": ("Ya",), "iya": ("Ya",), "yes": ("Ya",), "perlu": ("Ya",),
    "tolak": ("Ditolak", "Penolakan"), "tidak setuju": ("Ditolak",), "tidak disetujui": ("Ditolak",),
    "tidak": ("Ditolak",), "t": ("Tidak",), "tdk": ("Tidak",), "no": ("Tidak",), "tidak perlu": ("Tidak",),
    "komplain": ("Keluhan",), "complain": ("Keluhan",), "pengaduan": ("Keluhan",), "aduan": ("Keluhan",),
    "skm": ("Survei",), "ikm": ("Survei",), "kuesioner": ("Survei",), "lainnya": ("Lain-lain",),
    "berat": ("Mayor",), "besar": ("Mayor",), "ringan": ("Minor",), "kecil": ("Minor",), "saran": ("Observasi",),
    "ganti": ("Penggantian",), "tarik": ("Penarikan",), "perbaiki": ("Perbaikan",),
    "efektif": ("Sesuai",), "tidak efektif": ("Tidak Sesuai",), "belum sesuai": ("Tidak Sesuai",),
    "open": ("Terbuka",), "baru": ("Terbuka",), "berjalan": ("Proses",), "dikerjakan": ("Proses",),
    "close": ("Selesai",), "closed": ("Selesai",), "tutup": ("Selesai",), "beres": ("Selesai",), "done": ("Selesai",),
    "cancel": ("Batal",), "gugur": ("Batal",),
    "sekretaris": ("Sekcam",), "sekretaris camat": ("Sekcam",), "sekretaris kecamatan": ("Sekcam",),
    "kepala seksi": ("Kasi",), "kepala kecamatan": ("Camat",), "pelaksana": ("Staf",), "staff": ("Staf",),
}  # fmt: skip
"""What staff type, and the values that they mean by it where the list has them."""
TITLES = frozenset(("pak", "bapak", "bu", "ibu", "sdr", "sdri", "saudara", "saudari"))


def nearest(text: str, known: tuple[str, ...] | list[str]) -> str:
    """`; mungkin maksudnya “…”` with the at most three nearest of `known`; empty when none is near."""
    meant = [value for value in MEANT.get(plain(text), ()) if value in known]
    scores = {} if meant else {name: nearness(text, name) for name in known}
    near = sorted((name for name, score in scores.items() if score >= NEAR), key=lambda name: -scores[name])
    names = [f"“{name}”" for name in (meant or near)[:3]]
    return f"; mungkin maksudnya {language.list_text(names, 'atau')}" if names else ""


def nearness(text: str, name: str) -> float:
    """How near two names are, 0 to 100: whole, word by word, or as a piece of the other; short texts only whole."""
    from rapidfuzz import fuzz

    one, other = _words(text), _words(name)
    least = min(len(one), len(other))
    by_word = fuzz.token_set_ratio(one, other) if least >= 3 else 0.0
    as_piece = 0.9 * fuzz.partial_ratio(one, other) if least >= 5 else 0.0
    return max(fuzz.ratio(one, other), by_word, as_piece)


def _words(text: str) -> str:
    words = "".join(c if c.isalnum() else " " for c in plain(text)).split()
    return " ".join(word for word in words if word not in TITLES)


def resembles(number: str, typed: object) -> bool:
    """True when a cell in error may mean this number: it looks like it, or it cannot be read at all."""
    from rapidfuzz import fuzz

    return not isinstance(typed, str) or fuzz.ratio(typed, number) >= SIMILAR_NUMBER


Lost = TypeVar("Lost")
Cell = TypeVar("Cell")


def paired(pairs: Iterable[tuple[tuple[Any, ...], Lost, Cell]]) -> dict[Lost, Cell]:
    """What is missing and the cell in error that it follows from, each at most once; the least rank goes first.

    An error excuses one thing that is missing and not all that look like it.
    """
    found: dict[Lost, Cell] = {}
    for _, lost, cell in sorted(pairs, key=lambda pair: (pair[0], str(pair[1]), str(pair[2]))):
        if lost not in found and cell not in found.values():
            found[lost] = cell
    return found


def strangers(typed: Array, known: Container[str]) -> dict[str, None]:
    """The texts of a column that are not known, each once, in order."""
    return dict.fromkeys(text for text in pd.unique(typed) if isinstance(text, str) and text not in known)


def pattern_setting(case: Inspection, key: str) -> str:
    """A number pattern of sheet Kantor; its default where the office's cannot be used (D50 says so)."""
    pattern = case.setting(key)
    try:
        pattern_regex(pattern)
    except PatternError:
        return default_setting(key)
    return pattern


def parsed(case: Inspection, table: str, field: str, key: str) -> dict[int, DocumentNumber]:
    """The numbers of a column that are known and follow their pattern, by row."""
    pattern = pattern_setting(case, key)
    read = {row: parse_number(pattern, text) for row, text in case.texts(table, field).items()}
    return {row: number for row, number in read.items() if number}


@rule(
    "D01",
    Severity.ERROR,
    stage=1,
    message="Kolom {column} wajib diisi, tetapi kosong.",
    fix="Isi sel ini.",
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
                strange = {text: None for text in strange if counts[plain(text)] == 1 or _is_slip(text, known)}
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


def _is_slip(text: str, known: list[str]) -> bool:
    from rapidfuzz import fuzz

    return any(fuzz.ratio(plain(text), plain(name)) >= SLIP for name in known)


def _few(known: list[str]) -> str:
    return ", ".join(known) if len(known) <= 8 else f"{', '.join(known[:8])}, dan seterusnya"


@rule(
    "D08",
    Severity.NOTE,
    stage=1,
    message="Spasi berlebih atau karakter yang tidak tampak pada sel ini diabaikan; dibaca “{shown}”.",
    fix="Tidak perlu tindakan; untuk merapikan, ketik ulang isinya.",
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


@rule(
    "D10",
    Severity.ERROR,
    stage=1,
    message="{column} {value} sudah dipakai pada baris {first}.",
    fix="Beri {column} yang berbeda, atau hapus baris yang ganda.",
    clause=CONTROL,
)
def key_twice(case: Inspection) -> Iterator[Mark]:
    """A number names one thing. The first to stand keeps it, as it stands on paper too."""
    for name in ("cases", "disposals", "people"):
        for column in case.tables[name].plan.columns:
            if column.kind is not Kind.KEY:
                continue
            keys = case.texts(name, column.field)
            firsts: dict[str, int] = {}
            first = {row: firsts.setdefault(plain(key), row) for row, key in keys.items()}
            again = [row for row in keys if first[row] != row]
            yield from case.mark(name, again, column.field, column=column.header, value=keys, first=first)


@rule(
    "D13",
    Severity.ERROR,
    stage=1,
    message="Nomor {number} tidak mengikuti pola kantor {pattern}.",
    fix="Tulis nomornya menurut pola, misalnya {example}; pola diatur di sheet Kantor.",
    clause=CONTROL,
)
def off_pattern(case: Inspection) -> Iterator[Mark]:
    """A number that does not follow the office's pattern cannot be ordered, dated or found again."""
    for name, field, _, key in NUMBERED:
        pattern = pattern_setting(case, key)
        numbers = case.texts(name, field)
        wrong = [row for row, text in numbers.items() if parse_number(pattern, text) is None]
        yield from case.mark(name, wrong, field, number=numbers, pattern=pattern, example=_example(case, pattern))


def _example(case: Inspection, pattern: str) -> str:
    from sopkit.register.numbering import format_number

    return format_number(pattern, 1, case.as_of.date())


@rule(
    "D11",
    Severity.WARNING,
    stage=1,
    message="Nomor urut {missing} tahun ini tidak ada: nomor sebelumnya {before}.",
    fix="Cari catatan yang hilang, atau tulis di sheet Kantor Periksa Nomor Urut = Tidak bila memang demikian.",
    clause=CONTROL,
)
def number_gap(case: Inspection) -> Iterator[Mark]:
    """A missing number is a missing record, or one torn out. A register may begin with any number.

    A number in error may be the missing one, so as many missing numbers as there are numbers in error say nothing.
    """
    if plain(case.setting("Periksa Nomor Urut")) == "tidak":
        return
    for name, field, _, key in NUMBERED:
        spare = int(case.unknown(name, field).sum())
        years: dict[int | None, dict[int, int]] = {}
        for row, number in sorted(parsed(case, name, field, key).items(), reverse=True):
            years.setdefault(number.year, {})[number.sequence] = row
        for _, rows in sorted(years.items(), key=lambda item: item[0] or 0):
            taken = sorted(rows)
            for before, after in pairwise(taken):
                lost = after - before - 1
                if 0 < lost <= spare:
                    spare -= lost
                elif lost:
                    said = str(before + 1) if lost == 1 else f"{before + 1} sampai {after - 1}"
                    last = case.frame(name).at[rows[before], field]
                    yield from case.mark(name, [rows[after]], field, missing=said, before=last)


@rule(
    "D12",
    Severity.WARNING,
    stage=1,
    message="Nomor {number} memuat {what}, sedangkan tanggalnya {date}.",
    fix="Samakan nomor dengan tanggalnya.",
    clause=CONTROL,
)
def number_contradicts_date(case: Inspection) -> Iterator[Mark]:
    """The year and month inside a number are those of its date, else the one or the other was typed wrong."""
    for name, field, date_field, key in NUMBERED:
        numbers = parsed(case, name, field, key)
        days = case.values(name, date_field).astype("datetime64[D]").tolist()
        dates = {row: day for row, day in zip(case.frame(name).index.tolist(), days, strict=True) if day}
        what = {row: _contradiction(number, dates[row]) for row, number in numbers.items() if row in dates}
        wrong = [row for row, said in what.items() if said]
        yield from case.mark(name, wrong, field, number=case.texts(name, field), what=what, date=dates)


def _contradiction(number: DocumentNumber, date: dt.date) -> str:
    wrong = []
    if number.month is not None and number.month != date.month:
        wrong.append(f"bulan {number.month}")
    if number.year is not None and number.year != date.year:
        wrong.append(f"tahun {number.year}")
    return " dan ".join(wrong)


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


@rule(
    "D50",
    Severity.WARNING,
    stage=1,
    message="Nilai “{value}” untuk {key} tidak dapat dipakai: {problem}. Dipakai nilai bawaan {default}.",
    fix="Perbaiki nilainya di sheet Kantor; arti setiap kunci ada di sheet Petunjuk.",
    clause=CONTROL,
)
def unusable_setting(case: Inspection) -> Iterator[Mark]:
    """A setting that cannot be used is not silently replaced."""
    office = case.register.office
    defaults = {plain(setting.key): setting for setting in SETTINGS}
    for row, key in case.texts("office", "key").items():
        setting = defaults.get(plain(key))
        value = case.setting(setting.key) if setting else ""
        problem = _setting_problem(setting.key, value) if setting and value else ""
        if setting and problem and case.has("office", "value") and office.raw["value"].notna()[row]:
            default = _default(case, setting)
            yield from case.mark(
                "office", [row], "value", value=value, key=setting.key, problem=problem, default=default
            )


def _default(case: Inspection, setting: Setting) -> str:
    """What is in force instead, in words: an empty default has a meaning too."""
    if setting.key == "Arti Satu Hari":
        return f"menurut SOP, {case.sop.day}"
    meaning = {"Waktu Acuan": "waktu sekarang", "Tahun Register": "tanpa tahun register"}
    return setting.default or meaning.get(setting.key, "kosong")


@rule(
    "D51",
    Severity.NOTE,
    stage=1,
    message="Kunci “{key}” tidak dikenal sopkit dan diabaikan{nearest}.",
    fix="Perbaiki ejaannya bila dimaksudkan untuk sopkit; daftar kunci ada di sheet Petunjuk.",
    clause=CONTROL,
)
def unknown_setting(case: Inspection) -> Iterator[Mark]:
    """A misspelt key leaves the default in force without anybody noticing."""
    known = {plain(setting.key): setting.key for setting in SETTINGS}
    for row, key in case.texts("office", "key").items():
        if plain(key) not in known:
            yield from case.mark("office", [row], "key", key=key, nearest=nearest(key, list(known.values())))


def _setting_problem(key: str, value: str) -> str:
    check = _SETTING_CHECKS.get(key)
    return check(value) if check else ""


def _pattern_problem(value: str) -> str:
    try:
        pattern_regex(value)
    except PatternError as error:
        return f"pola itu {error}"
    return ""


def _duration_problem(value: str) -> str:
    try:
        Standard.parse(value)
    except ValueError:
        return "tulis seperti “30 menit”, “1 jam”, atau “1 hari”"
    return ""


def _period_problem(value: str) -> str:
    digits = value.removesuffix("hari").strip()
    return "" if digits.isdecimal() and int(digits) else "tulis jumlah hari kalender, seperti “30 hari”"


def _day_problem(value: str) -> str:
    kind, _, hours = value.partition(":")
    counted = kind == "hours" and re.fullmatch(r"\d{1,2}(\.\d+)?", hours) and 0 < float(hours) <= 24
    if value in ("same-time", "end-of-day") or counted:
        return ""
    return "pilih same-time (jam yang sama pada hari kerja berikutnya), end-of-day (akhir hari itu), atau hours:7.5"


def _moment_problem(value: str) -> str:
    try:
        dt.datetime.fromisoformat(value)
    except ValueError:
        return "tulis seperti 2026-11-20 10:00"
    return ""


def _year_problem(value: str) -> str:
    return "" if value.isdecimal() and LEAST_YEAR <= int(value) <= 2200 else "tulis tahun empat angka"


def _yes_no_problem(value: str) -> str:
    return "" if plain(value) in ("ya", "tidak") else "tulis Ya atau Tidak"


_SETTING_CHECKS = {
    "Tahun Register": _year_problem,
    "Pola No. Catatan": _pattern_problem,
    "Pola No. PTPP": _pattern_problem,
    "Pola No. BA": _pattern_problem,
    "Periksa Nomor Urut": _yes_no_problem,
    "Waktu Peringatan": _duration_problem,
    "Batas Jeda": _duration_problem,
    "Periode Pemusnahan": _period_problem,
    "Arti Satu Hari": _day_problem,
    "Waktu Acuan": _moment_problem,
}
