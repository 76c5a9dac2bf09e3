"""Sheet Hitungan, hidden: now, the SOP's standards, the working hours and one row per day, for the live formulas.

The workbook reckons working time as Python does: a day's row holds its opening, break, closing and the working seconds
before it, made from the workbook's own Kalender and Jam Kerja, so that a deadline is two look-ups and thousands of rows
stay quick.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sopkit.language import WEEKDAYS
from sopkit.newbook.formats import Formats
from sopkit.newbook.formula import (
    CAPACITY,
    FIRST,
    HEADER_ROW,
    HOURS_ROWS,
    code_of,
    due,
    due_day,
    moment,
    opening,
    worked,
)  # fmt: skip
from sopkit.newbook.live_events import STEP_CODES, step_codes
from sopkit.newbook.next_number import HINTS, SERIES, date_line, hint_lines, numbering_lines
from sopkit.newbook.pages import set_page
from sopkit.ooxml import address
from sopkit.register.schema import CALCULATION_SHEET, CHOICES, FORMULA_VERSION, PEOPLE
from sopkit.sop.model import Sop

if TYPE_CHECKING:
    from xlsxwriter import Workbook

    from sopkit.newbook.sheet import PlainWorksheet

SOP_PART = ("Nomor", "Kode", "Detik", "Hari", "Label", *STEP_CODES)
HOURS_PART = ("Dari", "Sampai", "Kunci", "Hari", *WEEKDAYS)
SPAN_PART = ("Rentang", *WEEKDAYS)
NAMES_PART = ("Aktif", "Aktif ke", "Pegawai aktif", "Tujuan surel")
HINT_PART = ("Sejak", "Saran")
DAY_PART = ("Tanggal", "Jam", "Senin", "Baris", "Buka", "Jeda", "Lanjut", "Tutup", "Pagi", "Lama", "Kum", "Hari")
SOP_COLUMN, HOURS_COLUMN, SPAN_COLUMN, NAMES_COLUMN, DAY_COLUMN, HINT_COLUMN = 3, 18, 30, 39, 44, 57
"""0-based first column of each part; one column is left between them."""
SPANS = 52


def day_span(year: int) -> tuple[dt.date, dt.date]:
    """First and last day that the workbook can reckon with; what is older than the register is doubtful (D16)."""
    return dt.date(year, 1, 1), dt.date(year + 1, 12, 31)


@dataclass(frozen=True)
class Parameter:
    """One line at the left of sheet Hitungan: label, formula, and the defined name of its cell."""

    label: str
    formula: str
    name: str = ""
    format: str = "raw"
    array: bool = False


def parameters(sop: Sop, year: int) -> tuple[Parameter, ...]:
    """Now, what a day stands for and the warning time, each step of the reckoning in a line of its own.

    `{label}` in a formula is the cell of that line.
    """
    last = (day_span(year)[1] - day_span(year)[0]).days
    iso = "DATE(LEFT({0},4)*1,MID({0},6,2)*1,MID({0},9,2)*1)+IF(LEN({0})>10,TIME(MID({0},12,2)*1,MID({0},15,2)*1,0),0)"
    text = 'TRIM(SUBSTITUTE(SUBSTITUTE({},"\u00a0"," "),",","."))'.format
    number = 'LEFT({0},FIND(" ",{0})-1)'
    day_start, day_work, amount = "{awal}", "{kerja}", "{peringatan}"
    seconds, days = f"IF({{per hari}}=0,ROUND({amount}*{{satuan}},0),0)", f"ROUNDUP({amount},0)"
    return (
        Parameter(
            "saat",
            f"IF(Kantor_Acuan=\"\",NOW(),IFERROR({moment('Kantor_Acuan')},IFERROR({iso.format('Kantor_Acuan')},NOW())))",
            "H_Saat", "raw_moment",
        ),
        Parameter("kini", f"MAX(0,MIN({last}*86400,ROUND((H_Saat-H_Awal)*86400,0)))", "H_Kini"),
        Parameter("awal", f"IFERROR({opening('H_Kini')},0)"),
        Parameter("kerja", f"IFERROR({worked('{awal}')},0)", "H_KumKini"),
        Parameter("arti", f'IF({text("Kantor_Arti")}="","{_day_words(sop.day)}",{text("Kantor_Arti")})'),
        Parameter(
            "arti hari",
            'IF(OR({arti}="jam pulang",{arti}="end-of-day"),2,IF(RIGHT({arti},4)=" jam",3,1))', "H_Arti",
        ),
        Parameter(
            "detik hari",
            f"IF(H_Arti=3,ROUND(3600*({_number(number.format('{arti}'))}),0),0)", "H_Sehari",
        ),
        Parameter("teks peringatan", text("Kantor_Peringatan")),
        Parameter("peringatan", f"IFERROR({_number(number.format('{teks peringatan}'))},1)"),
        Parameter("kata satuan", 'IFERROR(MID({teks peringatan},FIND(" ",{teks peringatan})+1,9),"jam")'),
        Parameter("satuan", 'IF({kata satuan}="menit",60,IF({kata satuan}="hari",H_Sehari,3600))'),
        Parameter("per hari", 'IF({kata satuan}="hari",IF(H_Arti=3,0,1),0)'),
        Parameter("detik peringatan", seconds),
        Parameter("hari peringatan", f"IFERROR({due_day(day_start, day_work, '{detik peringatan}', days)},0)"),
        Parameter(
            "batas peringatan",
            "IF({hari peringatan}=0,0,"
            f"{due('{hari peringatan}', day_start, day_work, '{detik peringatan}')})",
        ),
        Parameter("kerja peringatan", f"IFERROR({worked('{batas peringatan}')},0)", "H_Peringatan"),
        Parameter("versi rumus", str(FORMULA_VERSION), "H_Versi"),
        Parameter(*date_line(year), format="raw_date"),
        *(
            Parameter(label, formula, name, array=array)
            for series in SERIES for label, formula, name, array in numbering_lines(series, year)
        ),
    )  # fmt: skip


def _day_words(day: str) -> str:
    """`Sop.day` as sheet Kantor says it."""
    return day.removeprefix("hours:") + " jam" if day.startswith("hours:") else day


def _number(text: str) -> str:
    """A number typed with a point (or a comma made one), whatever the program's locale."""
    whole = f'LEFT({text},FIND(".",{text}&".")-1)*1'
    part = f'MID({text},FIND(".",{text}&".")+1,9)'
    return f'{whole}+IF({part}="",0,({part}&"0")*1/10^(LEN({part})+1))'


def define_calculation_names(book: Workbook, sop: Sop, year: int) -> None:
    """The names of sheet Hitungan: `H_` now and the days, `S_` the SOP's steps, `B_` and `X_` the working hours."""
    home = CALCULATION_SHEET
    for place, line in enumerate(parameters(sop, year), start=FIRST):
        if line.name:
            book.define_name(line.name, f"={home}!$B${place}")
    days = (day_span(year)[1] - day_span(year)[0]).days + 1
    for prefix, parts, first, rows in (
        ("S", SOP_PART, SOP_COLUMN, len(sop.steps)),
        ("B", HOURS_PART, HOURS_COLUMN, HOURS_ROWS),
        ("X", SPAN_PART, SPAN_COLUMN, SPANS),
        ("H", DAY_PART[4:], DAY_COLUMN + 4, days),
        ("N", HINT_PART, HINT_COLUMN, HINTS),
    ):
        for place, part in enumerate(parts, start=first + 1):
            letter = address.letter(place)
            book.define_name(f"{prefix}_{part}", f"={home}!${letter}${FIRST}:${letter}${FIRST + rows - 1}")
    book.define_name("H_Awal", f"={home}!${address.letter(DAY_COLUMN + 1)}${FIRST}")
    count, name, target = (address.letter(NAMES_COLUMN + place) for place in (2, 3, 4))
    last = FIRST + CAPACITY[PEOPLE.name] - 1
    book.define_name("P_Kum", f"={home}!${count}${FIRST}:${count}${last}")
    active = f"MAX(1,{home}!${count}${last})"
    book.define_name("Pegawai_Aktif", f"={home}!${name}${FIRST}:INDEX({home}!${name}${FIRST}:${name}${last},{active})")
    targets = f"{home}!${target}${FIRST}:${target}${last}"
    size = f"MIN({CAPACITY[PEOPLE.name]},{len(CHOICES['Peran']) + 1}+{active})"
    book.define_name("Tujuan_Surel", f"={home}!${target}${FIRST}:INDEX({targets},{size})")


def calculation_page(sheet: PlainWorksheet, sop: Sop, year: int, formats: Formats) -> None:
    """Sheet Hitungan: now, the SOP's standards, Jam Kerja by weekday, active names, and one row per day.

    A day's hours are those of WorkCalendar: the row of Jam Kerja with the narrowest validity, of two alike the upper;
    Kalender closes a day, and its Hari Kerja opens one, with Monday's hours where the weekday has none.
    """
    sheet.hide_gridlines(2)
    sheet.set_tab_color("#BFBFBF")
    sheet.write_string(0, 0, "Dihitung sendiri dari Kantor, Kalender, Jam Kerja, dan Pegawai", formats["office"])
    sheet.write_string(1, 0, "HITUNGAN", formats["title"])
    sheet.write_string(
        2, 0, "Jangan diisi dan jangan diubah: batas waktu di sheet Langkah memakainya.", formats["small"]
    )
    sheet.set_column(0, 0, 26, formats["raw"])
    sheet.set_column(1, 60, 10, formats["raw"])
    sheet.set_column(SOP_COLUMN + 4, SOP_COLUMN + 4, 46, formats["raw"])
    sheet.freeze_panes(HEADER_ROW, 0)
    _parameters(sheet, sop, year, formats)
    _standards(sheet, sop, formats)
    _spans(sheet, formats)
    _hours_part(sheet, formats)
    _names_part(sheet, formats)
    _days(sheet, year, formats)
    _hints(sheet, year, formats)
    sheet.hide()
    set_page(sheet, "Hitungan", landscape=True)


def _hints(sheet: PlainWorksheet, year: int, formats: Formats) -> None:
    """What a row of Register without a number says, by the month of its date."""
    _heads(sheet, HINT_COLUMN, HINT_PART, formats)
    for row, (since, said) in enumerate(hint_lines(address.letter(HINT_COLUMN + 1), year), start=HEADER_ROW):
        sheet.put(row, HINT_COLUMN, since, formats["raw_date"])
        sheet.put(row, HINT_COLUMN + 1, said, formats["raw"])


def _heads(sheet: PlainWorksheet, column: int, headers: Sequence[str], formats: Formats) -> None:
    for place, text in enumerate(headers, start=column):
        sheet.write_string(HEADER_ROW - 1, place, text, formats["header"])


def _parameters(sheet: PlainWorksheet, sop: Sop, year: int, formats: Formats) -> None:
    _heads(sheet, 0, ("Ketentuan", "Nilai"), formats)
    lines = parameters(sop, year)
    cells = {line.label: f"$B${row}" for row, line in enumerate(lines, start=FIRST)}
    for row, line in enumerate(lines, start=HEADER_ROW):
        sheet.write_string(row, 0, line.label.capitalize(), formats["raw"])
        if line.formula.isdigit():
            sheet.write_number(row, 1, int(line.formula), formats["raw"])
            continue
        formula = line.formula
        for label, cell in cells.items():
            formula = formula.replace(f"{{{label}}}", cell)
        sheet.put(row, 1, formula, formats[line.format], array=line.array)


def _standards(sheet: PlainWorksheet, sop: Sop, formats: Formats) -> None:
    _heads(sheet, SOP_COLUMN, SOP_PART, formats)
    for row, step in enumerate(sop.steps, start=HEADER_ROW):
        seconds = step.standard.seconds
        days = 0 if seconds else int(-(-step.standard.amount // 1))
        sheet.write_row(row, SOP_COLUMN, (step.number, code_of(sop, step.number)), formats["raw"])
        if seconds:
            sheet.write_number(row, SOP_COLUMN + 2, seconds, formats["raw"])
        else:
            sheet.put(row, SOP_COLUMN + 2, f"ROUND(H_Sehari*{step.standard.amount:g},0)", formats["raw"])
        sheet.write_number(row, SOP_COLUMN + 3, days, formats["raw"])
        sheet.write_string(row, SOP_COLUMN + 4, f"{step.number}. {step.activity}", formats["raw"])
        sheet.write_row(row, SOP_COLUMN + 5, step_codes(sop, step.number), formats["raw"])


def _spans(sheet: PlainWorksheet, formats: Formats) -> None:
    """The texts that name weekdays, and which they mean: each day, each span of two, and words for all."""
    _heads(sheet, SPAN_COLUMN, ("Rentang", *(day[:3] for day in WEEKDAYS)), formats)
    spans = [(day.replace("'", ""), {place}) for place, day in enumerate(WEEKDAYS)]
    for first in range(7):
        for last in range(7):
            if first != last:
                days = {(first + step) % 7 for step in range((last - first) % 7 + 1)}
                spans.append((f"{WEEKDAYS[first]}-{WEEKDAYS[last]}", days))
    spans += [("setiaphari", set(range(7))), ("semuahari", set(range(7))), ("harikerja", set(range(5)))]
    for row, (text, days) in enumerate(spans, start=HEADER_ROW):
        sheet.write_string(row, SPAN_COLUMN, text, formats["raw"])
        sheet.write_row(row, SPAN_COLUMN + 1, [int(day in days) for day in range(7)], formats["raw"])


def _hours_part(sheet: PlainWorksheet, formats: Formats) -> None:
    """Each row of Jam Kerja: validity, rank (narrowest first), and the weekdays its text names."""
    _heads(sheet, HOURS_COLUMN, ("Dari", "Sampai", "Kunci", "Hari", *(day[:3] for day in WEEKDAYS)), formats)
    since, until, rank, text = (address.letter(HOURS_COLUMN + place) for place in range(1, 5))
    for place in range(1, HOURS_ROWS + 1):
        row, here = HEADER_ROW + place - 1, HEADER_ROW + place
        start, stop, pause, resume, first, last = (
            f"INDEX(J_{name},{place})" for name in ("Masuk", "Pulang", "Istirahat", "Lanjut", "Dari", "Sampai")
        )
        sound = (
            f'AND(ISNUMBER({start}),ISNUMBER({stop}),{stop}>{start},OR(AND({pause}="",{resume}=""),'
            f"AND(ISNUMBER({pause}),ISNUMBER({resume}),{pause}>{start},{resume}>{pause},{stop}>{resume})))"
        )
        width = f"(100000-({until}{here}-{since}{here}))*100+{HOURS_ROWS - place + 1}"
        days = f'INDEX(J_Hari,{place})&""'
        for old, new in (("sampai dengan", "-"), (" ", ""), ("\u00a0", ""), ("–", "-"), ("—", "-"), ("s.d.", "-"),
                         ("s/d", "-"), ("sampai", "-"), ("hingga", "-"), ("'", ""), ("’", "")):  # fmt: skip
            days = f'SUBSTITUTE({days},"{old}","{new}")'
        sheet.put(row, HOURS_COLUMN, f"IF(ISNUMBER({first}),{first},32874)", formats["raw"])
        sheet.put(row, HOURS_COLUMN + 1, f"IF(ISNUMBER({last}),{last},73415)", formats["raw"])
        sheet.put(row, HOURS_COLUMN + 2, f"IF({sound},{width},0)", formats["raw"])
        sheet.put(row, HOURS_COLUMN + 3, days, formats["raw"])
        for place_of_day, day in enumerate(WEEKDAYS, start=HOURS_COLUMN + 4):
            named = f"MAX(ISNUMBER(SEARCH(X_Rentang,${text}{here}))*X_{day})"
            sheet.put(row, place_of_day, f"IF(${rank}{here}=0,0,{named})", formats["raw"], array=True)


def _names_part(sheet: PlainWorksheet, formats: Formats) -> None:
    """The active employees one below the other, each name once, and with the roles the list for sheet Surel."""
    _heads(sheet, NAMES_COLUMN, NAMES_PART, formats)
    flag, name = address.letter(NAMES_COLUMN + 1), address.letter(NAMES_COLUMN + 3)
    fixed = ("Penanggung Jawab", *CHOICES["Peran"])
    for place in range(CAPACITY[PEOPLE.name]):
        row = HEADER_ROW + place
        typed = f"INDEX(P_Nama,{place + 1})"
        first = f"IFERROR(MATCH({typed},P_Nama,0),0)={place + 1}"
        still = f'COUNTIF(P_Nama,{typed})-COUNTIFS(P_Nama,{typed},P_Aktif,"*Tidak*")>0'
        sheet.put(row, NAMES_COLUMN, f'IF({typed}="",0,IF(AND({first},{still}),1,0))', formats["raw"])
        sheet.put(row, NAMES_COLUMN + 1, f"SUM({flag}${FIRST}:{flag}{row + 1})", formats["raw"])
        listed = f'IFERROR(INDEX(P_Nama,MATCH({place + 1},P_Kum,0)),"")'
        sheet.put(row, NAMES_COLUMN + 2, listed, formats["raw"])
        if place < len(fixed):
            sheet.write_string(row, NAMES_COLUMN + 3, fixed[place], formats["raw"])
        else:
            sheet.put(row, NAMES_COLUMN + 3, f"{name}{row + 1 - len(fixed)}", formats["raw"])


def _days(sheet: PlainWorksheet, year: int, formats: Formats) -> None:
    """Per day: the rank of the hours of its weekday and of Monday, the row of Jam Kerja that rules, its clock seconds
    (all -1 on a working day without hours, all 0 on any other without work), the working seconds before it, and the
    number of working days up to it.

    Sums run from the first day, not from the row above: LibreOffice forgets what it looked up while it follows a chain
    of hundreds of cells, and then shows a case wrongly.
    """
    _heads(sheet, DAY_COLUMN, DAY_PART, formats)
    date, own, monday, line, start, pause, resume, stop, _, length, _, _ = (
        address.letter(DAY_COLUMN + place + 1) for place in range(len(DAY_PART))
    )
    first, last = day_span(year)
    for place in range((last - first).days + 1):
        here, above, day = FIRST + place, FIRST + place - 1, first + dt.timedelta(days=place)
        valid = f"*(B_Dari<=${date}{here})*(B_Sampai>=${date}{here})*B_Kunci)"
        ranks = [f"MAX(B_{name}{valid}" for name in (WEEKDAYS[day.weekday()], WEEKDAYS[0])]
        extra = f'COUNTIFS(K_Tanggal,${date}{here},K_Jenis,"*Hari Kerja*")>0'
        closed = f'COUNTIFS(K_Tanggal,${date}{here},K_Jenis,"?*")>0'
        rank = f"IF({extra},IF(${own}{here}>0,${own}{here},${monday}{here}),IF({closed},0,${own}{here}))"
        lacking = f"IF({closed},0,-1)" if day.weekday() < 5 else "0"
        chosen = f"IF({rank}=0,{lacking},{HOURS_ROWS + 1}-MOD({rank},100))"
        seconds = "ROUND(INDEX(J_{0},${1}{2})*86400,0)".format
        breaks = [
            f"IF(ISNUMBER(INDEX(J_{name},${line}{here})),{seconds(name, line, here)},${stop}{here})"
            for name in ("Istirahat", "Lanjut")
        ]
        edges = (seconds("Masuk", line, here), *breaks, seconds("Pulang", line, here))
        formulas = (
            chosen,
            *(f"IF(${line}{here}<1,${line}{here},{edge})" for edge in edges),
            f"{pause}{here}-{start}{here}",
            f"{pause}{here}-{start}{here}+{stop}{here}-{resume}{here}",
            f"SUM({length}${HEADER_ROW}:{length}{above})",
            f'COUNTIF({stop}${FIRST}:{stop}{here},">0")',
        )
        row = here - 1
        sheet.write_datetime(row, DAY_COLUMN, day, formats["raw_date"])
        for column, formula in enumerate(ranks, start=DAY_COLUMN + 1):
            sheet.put(row, column, formula, formats["raw"], array=True)
        for column, formula in enumerate(formulas, start=DAY_COLUMN + 3):
            sheet.put(row, column, formula, formats["raw"])
