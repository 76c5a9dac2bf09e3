"""K: what follows from a PTPP that did not work: the PTPP after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sopkit import language
from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.inspection import Inspection
from sopkit.checks.number_forms import Numbers
from sopkit.checks.numbers import parsed
from sopkit.checks.records import EVIDENCE, IMPROVEMENT, missing
from sopkit.checks.suggest import resembles
from sopkit.register.pattern_periods import patterns_of
from sopkit.register.schema import Cases
from sopkit.text import quoted


@rule(
    "K08",
    Severity.BREACH,
    message="Hasil Verifikasi Tidak Sesuai, tetapi PTPP Lanjutan belum diisi.",
    fix="Tulis nomor PTPP yang menyusul di PTPP Lanjutan; bila belum terbit, terbitkan PTPP baru.",
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
    message="PTPP Lanjutan “{number}” {why}.",
    fix="Periksa dokumen aslinya; perbaiki nomor yang salah salin, atau periksa register ini bersama buku kerja yang "
    "memuat PTPP itu.",
    reason="Tindak lanjut hanya dapat ditelusuri bila PTPP yang disebut benar-benar ada.",
    clause=EVIDENCE,
)
def follow_up_unknown(check: Inspection) -> Iterator[Mark]:
    """PTPP Lanjutan is no PTPP number of the workbooks given. Where its year is one that none of them covers this is
    only a note. Written another way it is the same number. A PTPP number in error that looks like it may be the one
    meant; nothing is said then.
    """
    if not check.has(Cases.ptpp_number):
        return
    typed = check.read(Cases.ptpp_number).array
    patterns = patterns_of(check.register.settings, "Pola No. PTPP")
    known, elsewhere = set(typed), Numbers(sorted(check.ptpp_elsewhere), patterns)
    absent = missing(check, Cases.follow_up_ptpp)[check.filled(Cases.follow_up_ptpp)]
    follow_ups = check.texts(Cases.follow_up_ptpp).items()
    unmatched = {
        row: text
        for (row, text), bare in zip(follow_ups, absent, strict=True)
        if not bare and text not in known and elsewhere.get(text) is None
    }
    if not unmatched:
        return
    unreadable = typed[check.unknown(Cases.ptpp_number)]
    wrong = [text for text in unreadable if not isinstance(text, str) or patterns.read(text) is None]
    covered = _years_given(check)
    for row, number in unmatched.items():
        read = patterns.read(number)
        other_year = bool(read and read.year and covered and read.year not in covered)
        why = (
            "bernomor tahun lain; PTPP itu tidak diperiksa" if other_year else "tidak ada di buku kerja yang diperiksa"
        )
        if not any(resembles(number, text) for text in wrong):
            severity = Severity.NOTE if other_year else None
            yield from check.mark([row], Cases.follow_up_ptpp, severity=severity, number=number, why=why)


def _years_given(check: Inspection) -> set[int]:
    """Years of the PTPP numbers given, and of the register."""
    patterns = patterns_of(check.register.settings, "Pola No. PTPP")
    own = parsed(check, Cases.ptpp_number, "Pola No. PTPP").values()
    others = (patterns.read(number) for number in check.ptpp_elsewhere)
    years = {number.year for number in [*own, *others] if number and number.year}
    year = check.register.stated_year
    return years | {year} if year else years


@rule(
    "K57",
    Severity.ERROR,
    message="PTPP Lanjutan “{number}” {why}.",
    fix="Periksa dokumen aslinya; {how}.",
    reason="PTPP Lanjutan harus permintaan baru yang menyusul; bila tidak, tindak lanjutnya tidak pernah ada.",
    clause=IMPROVEMENT,
)
def follows_wrongly(check: Inspection) -> Iterator[Mark]:
    """PTPP Lanjutan is the case's own No. PTPP, a PTPP that is older, or one from which the follow-ups lead back. It is
    a warning only where a follow-up is given though Hasil Verifikasi is Sesuai.

    Older is what bears the earlier Tanggal PTPP; where one of the two dates is not known, what was found on an earlier
    day; of a PTPP that stands in no row here, what bears the number of an earlier year. In a circle each follow-up is
    said, but an older one in it breaks it: the others may be right.
    """
    follow_ups = {row: text for row, text in check.texts(Cases.follow_up_ptpp).items() if any(map(str.isalnum, text))}
    own = check.texts(Cases.ptpp_number)
    rows = {number: row for row, number in sorted(own.items(), reverse=True)}  # the first of two alike
    why = {row: "adalah No. PTPP layanan ini sendiri" for row, number in follow_ups.items() if own.get(row) == number}
    why |= _older(check, {row: number for row, number in follow_ups.items() if row not in why}, rows)
    links = {row: rows[number] for row, number in follow_ups.items() if row not in why and number in rows}
    why |= {row: f"akhirnya kembali ke PTPP layanan ini, {quoted(own[row])}" for row in _in_circles(links)}
    how = "tulis nomor PTPP yang terbit sesudah PTPP ini, atau terbitkan PTPP baru"
    yield from check.mark(list(why), Cases.follow_up_ptpp, number=follow_ups, why=why, how=how)
    verified = check.texts(Cases.verification)
    needless = [row for row in follow_ups if row not in why and verified.get(row) == "Sesuai"]
    said = "diisi, padahal Hasil Verifikasi menyatakan Sesuai"
    how = "kosongkan sel ini bila bukan tindak lanjut layanan ini, atau perbaiki Hasil Verifikasi yang salah salin"
    yield from check.mark(
        needless, Cases.follow_up_ptpp, severity=Severity.WARNING, number=follow_ups, why=said, how=how
    )


def _older(check: Inspection, follow_ups: Mapping[int, str], rows: Mapping[str, int]) -> dict[int, str]:
    """Of these follow-ups, by row of their case, what makes them older; `rows` are those of the PTPP numbers."""
    asked, found = check.days(Cases.ptpp_date), check.days(Cases.found_at)
    patterns = patterns_of(check.register.settings, "Pola No. PTPP")
    why = {}
    for row, number in follow_ups.items():
        other, read = rows.get(number), patterns.read(number)
        if other is None:
            year = asked[row].year if row in asked else None
            if read and read.year and year and read.year < year:
                why[row] = f"bernomor tahun {read.year}, sedangkan PTPP layanan ini bertahun {year}"
        else:
            both = row in asked and other in asked
            days = asked if both else found
            if other in days and row in days and days[other] < days[row]:
                earlier, later = (language.date_text(days[at]) for at in (other, row))
                why[row] = f"untuk layanan yang ditemukan pada {earlier}, sebelum layanan ini ditemukan pada {later}"
                if both:
                    why[row] = f"bertanggal {earlier}, mendahului PTPP layanan ini yang bertanggal {later}"
    return why


def _in_circles(links: Mapping[int, int]) -> list[int]:
    """The rows from which the links lead back to themselves."""
    seen = set[int]()
    circles = []
    for start in links:
        path: dict[int, None] = {}
        row: int | None = start
        while row is not None and row not in seen and row not in path:
            path[row] = None
            row = links.get(row)
        if row in path:
            course = list(path)
            circles += course[course.index(row) :]
        seen.update(path)
    return circles
