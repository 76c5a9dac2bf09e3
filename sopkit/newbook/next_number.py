"""The next free number of each kind, shown where it is typed: lines of sheet Hitungan and the terms that use them.

A pattern of sheet Kantor is read by what formulas can say: the running number between texts that are fixed for the
year. Where a pattern varies before it, or has a period of its own, nothing is shown and `sopkit number` knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sopkit.language import ROMAN_MONTHS
from sopkit.newbook.formula import FIRST, NBSP
from sopkit.register.schema import DISPOSALS, REGISTER, SETTINGS, Cases, Column, Disposals

NEXT, WANTED = "berikutnya", "Beri nomor"
HINTS = 14
"""Months of the register's year, what lies before, and what lies after."""
KANTOR_KEYS = f"Kantor!$A${FIRST}:$A$60"


@dataclass(frozen=True)
class Series:
    """One kind of number: the column where it is typed, the name of that column, and what Kantor and names call it."""

    column: Column
    range: str
    word: str

    @property
    def key(self) -> str:
        """Of sheet Kantor."""
        return f"Pola No. {self.word}"

    @property
    def next(self) -> str:
        """Name of the cell that holds the next number of this month; empty where formulas cannot say it.

        A register is one of a year: before and after that year its first and last month are meant.
        """
        return f"N_{self.word}"

    @property
    def unfinished(self) -> str:
        """Name of the cell that holds the same with the month still to be filled in."""
        return f"N_Pola{self.word}"


SERIES = (
    Series(Cases.number, "R_Catatan", "Catatan"),
    Series(Cases.ptpp_number, "R_PTPP", "PTPP"),
    Series(Disposals.number, "D_BA", "BA"),
)
HOMES = {Cases.number.table: REGISTER.name, Disposals.number.table: DISPOSALS.name}


def series_of(sheet: str, field: str) -> Series | None:
    """The kind of number that a column holds."""
    found = (each for each in SERIES if (HOMES[each.column.table], each.column.field) == (sheet, field))
    return next(found, None)


def with_month(text: str, date: str) -> str:
    """A number with the month of a date (a number, no text) in place of what the pattern says of it."""
    months = "".join(f"{name:<4}" for name in ROMAN_MONTHS)
    roman = f'TRIM(MID("{months}",MONTH({date})*4-3,4))'
    two = f'RIGHT("0"&MONTH({date}),2)'
    bare = f'SUBSTITUTE({text},"{{bulan_romawi}}",{roman})'
    return f'SUBSTITUTE(SUBSTITUTE({bare},"{{bulan:02d}}",{two}),"{{bulan}}",MONTH({date})&"")'


DATE = "tanggal nomor"
"""Label of the line with the day whose number is next."""


def date_line(year: int) -> tuple[str, str]:
    """Label and formula."""
    return DATE, f"MAX(DATE({year},1,1),MIN(H_Saat,DATE({year},12,31)))"


def numbering_lines(series: Series, year: int) -> Iterator[tuple[str, str, str, bool]]:
    """Label, formula, defined name and whether it is reckoned as an array; `{label}` is another line's cell."""
    word = series.word
    default = next(setting.default for setting in SETTINGS if setting.key == series.key)
    text = f'TRIM(SUBSTITUTE({series.range}&"","{NBSP}"," "))'
    pattern, place, rest, token, width, parting, start, within, last, filled = (
        f"{{{label} {word}}}"
        for label in ("pola", "tempat", "sisa", "tanda", "lebar", "pisah", "mulai", "tahun", "nomor", "isi")
    )
    typed = f'IFERROR(TRIM(Kantor_Pola{word}),"")'
    own = f'SUBSTITUTE(IF({typed}="","{default}",{typed}),"{{tahun}}","{year}")'
    behind = f"MID({text},{start},99)&{parting}"
    found = f"LEFT({behind},FIND({parting},{behind})-1)*1"
    alike = f"(LEFT({text},{start}-1)=LEFT({pattern},{start}-1))*(FIND({within},{behind})>0)"
    complete = with_month(filled, f"{{{DATE}}}")
    lines = (
        ("pola", f'IF(COUNTIF({KANTOR_KEYS},"{series.key} ?*")>0,"",{own})', "", False),
        ("tempat", f'FIND("{{urut",{pattern}&"{{urut")', "", False),
        ("sisa", f"MID({pattern},{place},99)", "", False),
        ("tanda", f'IFERROR(LEFT({rest},FIND("}}",{rest})),"")', "", False),
        ("lebar", f'IF({token}="{{urut}}",1,IFERROR(MID({token},8,LEN({token})-9)*1,0))', "", False),
        ("pisah", f'MID({rest}&"|",LEN({token})+1,1)', "", False),
        (
            "mulai",
            f'IF(OR({width}=0,{parting}="",ISNUMBER(FIND({parting},"0123456789{{")),'
            f'ISNUMBER(FIND("{{",LEFT({pattern},{place}-1)))),0,{place})',
            "", False,
        ),
        ("tahun", f'IF(ISNUMBER(FIND("{year}",{rest})),"{year}",{parting})', "", False),
        ("nomor", f"IF({start}=0,0,MAX(IFERROR({found}*{alike},0))+1)", "", True),
        (
            "isi",
            f'IF({start}=0,"",SUBSTITUTE({pattern},{token},REPT("0",MAX(0,{width}-LEN({last}&"")))&{last}))',
            series.unfinished, False,
        ),
        (
            "berikut",
            f'IF(ISNUMBER(FIND("{{",{complete})),"",{complete})',
            series.next, False,
        ),
    )  # fmt: skip
    for label, formula, name, array in lines:
        yield f"{label} {word}", formula, name, array


def band(text: str, series: Series) -> str:
    """What stands over a column of numbers: what the section is called, and the next number."""
    return f'"{text}"&IF({series.next}="",""," · {NEXT} "&{series.next})'


def hint(date: str) -> str:
    """That a row wants a No. Catatan, and which, where its date is a real one of the register's year."""
    return f'IFERROR(INDEX(N_Saran,MATCH({date},N_Sejak,1)),"{WANTED}")'


def hint_lines(letter: str, year: int) -> Iterator[tuple[str, str]]:
    """The table that `hint` looks into, its first column at a letter of sheet Hitungan: the first day of each month,
    before and after them all, and what to say from then on.
    """
    own = SERIES[0]
    for month in range(HINTS):
        number = f'"{WANTED}: "&{with_month(own.unfinished, f"${letter}{FIRST + month}")}'
        first = f"DATE({year},{month},1)" if month else "0"
        yield first, f'IF({own.next}="","{WANTED}",{number})' if 0 < month < HINTS - 1 else f'"{WANTED}"'
