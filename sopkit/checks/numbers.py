"""D: the numbers that the office gives: each once, after its pattern, without gaps, of the year of its date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise

from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.data import CONTROL
from sopkit.checks.inspection import Inspection, default_setting
from sopkit.register.columns import Kind
from sopkit.register.numbering import DocumentNumber, PatternError, parse_number, pattern_regex
from sopkit.text import plain

NUMBERED = (
    ("cases", "number", "found_at", "Pola No. Catatan"),
    ("cases", "ptpp_number", "ptpp_date", "Pola No. PTPP"),
    ("disposals", "number", "date", "Pola No. BA"),
)
"""Table, number, its date, and the Kantor key of its pattern."""


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
    "D10",
    Severity.ERROR,
    stage=1,
    message="{column} {value} sudah dipakai pada baris {first}.",
    fix="Beri {column} yang berbeda, atau hapus baris yang ganda.",
    reason="Nomor menunjuk tepat satu rekaman; nomor ganda mencampurkan dua kasus.",
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
    reason="Pola yang tetap membuat setiap nomor dapat dicari, diurutkan, dan dipercaya.",
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
    reason="Nomor yang terlewat menimbulkan dugaan bahwa ada rekaman yang hilang atau dihapus.",
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
    reason="Nomor yang bertentangan dengan tanggalnya membuat dokumen sukar dicari dan diragukan.",
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
