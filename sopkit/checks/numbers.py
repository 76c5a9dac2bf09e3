"""D: the numbers that the office gives: each once, after its pattern, without gaps, of the year of its date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise

from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.data import CONTROL
from sopkit.checks.inspection import Inspection, default_setting
from sopkit.register.numbering import DocumentNumber, PatternError, parse_number, pattern_regex
from sopkit.register.schema import SHEETS, Cases, Column, Disposals, Kind
from sopkit.text import plain

NUMBERED = (
    (Cases.number, Cases.found_at, "Pola No. Catatan"),
    (Cases.ptpp_number, Cases.ptpp_date, "Pola No. PTPP"),
    (Disposals.number, Disposals.date, "Pola No. BA"),
)
"""A number, its date, and the Kantor key of its pattern."""


def pattern_setting(check: Inspection, key: str) -> str:
    """A number pattern of sheet Kantor; its default where the office's cannot be used (D50 says so)."""
    pattern = check.setting(key)
    try:
        pattern_regex(pattern)
    except PatternError:
        return default_setting(key)
    return pattern


def parsed(check: Inspection, column: Column, key: str) -> dict[int, DocumentNumber]:
    """The numbers of a column that are known and follow their pattern, by row."""
    pattern = pattern_setting(check, key)
    read = {row: parse_number(pattern, text) for row, text in check.texts(column).items()}
    return {row: number for row, number in read.items() if number}


@rule(
    "D10",
    Severity.ERROR,
    phase=1,
    message="{column} {value} sudah dipakai pada baris {first}.",
    fix="Beri {column} yang berbeda, atau hapus baris yang ganda.",
    reason="Nomor menunjuk tepat satu rekaman; nomor ganda mencampurkan dua kasus.",
    clause=CONTROL,
)
def key_twice(check: Inspection) -> Iterator[Mark]:
    """A number, or a name in Pegawai, stands in an earlier row already, however it is written (upper and lower case,
    blanks). The first one keeps it.
    """
    for column in (column for plan in SHEETS for column in plan.columns if column.kind is Kind.KEY):
        keys = check.texts(column)
        firsts: dict[str, int] = {}
        first = {row: firsts.setdefault(plain(key), row) for row, key in keys.items()}
        again = [row for row in keys if first[row] != row]
        yield from check.mark(again, column, column=column.header, value=keys, first=first)


@rule(
    "D13",
    Severity.ERROR,
    phase=1,
    message="Nomor {number} tidak mengikuti pola kantor {pattern}.",
    fix="Tulis nomornya menurut pola, misalnya {example}; pola diatur di sheet Kantor.",
    reason="Pola yang tetap membuat setiap nomor dapat dicari, diurutkan, dan dipercaya.",
    clause=CONTROL,
)
def off_pattern(check: Inspection) -> Iterator[Mark]:
    """A number does not follow the office's pattern (Kantor's Pola …)."""
    for column, _, key in NUMBERED:
        pattern = pattern_setting(check, key)
        numbers = check.texts(column)
        wrong = [row for row, text in numbers.items() if parse_number(pattern, text) is None]
        yield from check.mark(wrong, column, number=numbers, pattern=pattern, example=_example(check, pattern))


def _example(check: Inspection, pattern: str) -> str:
    from sopkit.register.numbering import format_number

    return format_number(pattern, 1, check.as_of.date())


@rule(
    "D11",
    Severity.WARNING,
    explainable=True,
    phase=1,
    message="Nomor urut {missing} tahun ini tidak ada: nomor sebelumnya {before}.",
    fix="Cari catatan yang hilang. Kantor yang nomornya tidak berurutan menulis Periksa Nomor Urut = Tidak "
    "di sheet Kantor.",
    reason="Nomor yang terlewat menimbulkan dugaan bahwa ada rekaman yang hilang atau dihapus.",
    clause=CONTROL,
)
def number_gap(check: Inspection) -> Iterator[Mark]:
    """Running numbers are missing between two numbers of a year; the first number of a year may be any.

    A number in error may be a missing one: as many missing numbers as there are numbers in error are not said.
    """
    if plain(check.setting("Periksa Nomor Urut")) == "tidak":
        return
    for column, _, key in NUMBERED:
        spare = int(check.unknown(column).sum())
        years: dict[int | None, dict[int, int]] = {}
        for row, number in sorted(parsed(check, column, key).items(), reverse=True):
            years.setdefault(number.year, {})[number.sequence] = row
        for _, rows in sorted(years.items(), key=lambda item: item[0] or 0):
            taken = sorted(rows)
            for before, after in pairwise(taken):
                absent = after - before - 1
                if 0 < absent <= spare:
                    spare -= absent
                elif absent:
                    said = str(before + 1) if absent == 1 else f"{before + 1} sampai {after - 1}"
                    last = check.read(column)[rows[before]]
                    yield from check.mark([rows[after]], column, missing=said, before=last)


@rule(
    "D12",
    Severity.WARNING,
    explainable=True,
    phase=1,
    message="Nomor {number} memuat {what}, sedangkan tanggalnya {date}.",
    fix="Samakan nomor dengan tanggalnya.",
    reason="Nomor yang bertentangan dengan tanggalnya membuat dokumen sukar dicari dan diragukan.",
    clause=CONTROL,
)
def number_contradicts_date(check: Inspection) -> Iterator[Mark]:
    """The year or month inside a number is not that of its date."""
    for column, dated, key in NUMBERED:
        numbers = parsed(check, column, key)
        days = check.values(dated).astype("datetime64[D]").tolist()
        dates = {row: day for row, day in zip(check.read(dated).index.tolist(), days, strict=True) if day}
        what = {row: _contradiction(number, dates[row]) for row, number in numbers.items() if row in dates}
        wrong = [row for row, said in what.items() if said]
        yield from check.mark(wrong, column, number=check.texts(column), what=what, date=dates)


def _contradiction(number: DocumentNumber, date: dt.date) -> str:
    wrong = []
    if number.month is not None and number.month != date.month:
        wrong.append(f"bulan {number.month}")
    if number.year is not None and number.year != date.year:
        wrong.append(f"tahun {number.year}")
    return " dan ".join(wrong)
