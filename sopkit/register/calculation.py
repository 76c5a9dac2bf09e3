"""Sheet Hitungan, hidden: now, the SOP's standards, the working hours and one row per day, for the live formulas.

The workbook reckons working time as Python does: a day's row holds its opening, break, closing and the working seconds
before it, made from the workbook's own Kalender and Jam Kerja, so that a deadline is two look-ups and thousands of rows
stay quick.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sopkit.language import WEEKDAYS
from sopkit.register import address
from sopkit.register.columns import CALCULATION_SHEET, CHOICES, PEOPLE, REGISTER
from sopkit.register.formats import Formats
from sopkit.register.live_terms import CAPACITY, HEADER_ROW, HOURS_ROWS
from sopkit.register.pages import FIRST, set_page
from sopkit.sop.model import Sop

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

SOP_PART = ("Nomor", "Posisi", "Detik", "Hari", "Utama", "Berkala", "Sebelum1", "Sebelum2", "Label")
DAY_PART = ("Tanggal", "Hari", "Baris", "Buka", "Jeda", "Lanjut", "Tutup", "Pagi", "Kum", "Ke")
DAY_COLUMN = 40
COUNT_COLUMN = DAY_COLUMN + len(DAY_PART) + 1


def day_span(year: int) -> tuple[dt.date, dt.date]:
    """First and last day that the workbook can reckon with: a year about the register's own."""
    return dt.date(year - 1, 10, 1), dt.date(year + 1, 9, 30)


def define_calculation_names(book: Workbook, sop: Sop) -> None:
    """The names of sheet Hitungan: `H_` now and the days, `S_` the SOP's steps, `B_` and `X_` the working hours."""
    home, last = CALCULATION_SHEET, FIRST + len(sop.steps) - 1
    for name, row in (
        ("H_Saat", 5),
        ("H_Kini", 6),
        ("H_Arti", 7),
        ("H_Sehari", 8),
        ("H_Peringatan", 9),
        ("L_Akhir", 10),
    ):
        book.define_name(name, f"={home}!$B${row}")
    for place, part in enumerate(SOP_PART, start=3):
        letter = address.letter(place + 1)
        book.define_name(f"S_{part}", f"={home}!${letter}${FIRST}:${letter}${last}")
    for place, part in ((13, "Dari"), (14, "Sampai"), (15, "Kunci")):
        letter = address.letter(place + 1)
        book.define_name(f"B_{part}", f"={home}!${letter}${FIRST}:${letter}${FIRST + HOURS_ROWS - 1}")
    book.define_name("B_Hari", f"={home}!$Q${FIRST}:$W${FIRST + HOURS_ROWS - 1}")
    book.define_name("X_Hari", f"={home}!$Y${FIRST}:$Y${FIRST + 48}")
    book.define_name("X_Isi", f"={home}!$Z${FIRST}:$AF${FIRST + 48}")
    names = CAPACITY[PEOPLE.name]
    book.define_name("P_Kum", f"={home}!$AH${FIRST}:$AH${FIRST + names - 1}")
    size = f"MAX(1,MAX({home}!$AH${FIRST}:$AH${FIRST + names - 1}))"
    book.define_name("Pegawai_Aktif", f"=OFFSET({home}!$AI${FIRST},0,0,{size},1)")
    roles = len(CHOICES["Peran"]) + 1
    book.define_name("Tujuan_Surel", f"=OFFSET({home}!$AJ${FIRST},0,0,{roles}+{size},1)")
    for name, place in (("Banyak", 2), ("Hingga", 3)):
        letter = address.letter(COUNT_COLUMN + place)
        book.define_name(f"H_{name}", f"={home}!${letter}${FIRST}:${letter}${FIRST + CAPACITY[REGISTER.name] - 1}")
    book.define_name("H_Awal", f"={home}!${address.letter(DAY_COLUMN + 1)}${FIRST}")
    for place, part in enumerate(DAY_PART, start=DAY_COLUMN):
        if part in ("Buka", "Jeda", "Lanjut", "Tutup", "Pagi", "Kum", "Ke"):
            letter = address.letter(place + 1)
            span = f"={home}!${letter}${FIRST}:${letter}${FIRST + 729}"
            book.define_name("H_Hari" if part == "Ke" else f"H_{part}", span)


def calculation_page(sheet: Worksheet, sop: Sop, year: int, formats: Formats) -> None:
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
    sheet.set_column(11, 11, 46, formats["raw"])
    sheet.freeze_panes(HEADER_ROW, 0)
    _parameters(sheet, sop, year, formats)
    _standards(sheet, sop, formats)
    _hours_part(sheet, formats)
    _names_part(sheet, formats)
    _days(sheet, year, formats)
    _counts(sheet, formats)
    sheet.hide()
    set_page(sheet, "Hitungan", landscape=True)


def _heads(sheet: Worksheet, column: int, headers: Sequence[str], formats: Formats) -> None:
    for place, text in enumerate(headers, start=column):
        sheet.write_string(HEADER_ROW - 1, place, text, formats["header"])


def _parameters(sheet: Worksheet, sop: Sop, year: int, formats: Formats) -> None:
    _heads(sheet, 0, ("Ketentuan", "Nilai"), formats)
    text = "Kantor_Acuan"
    typed = f"DATE(LEFT({text},4),MID({text},6,2),MID({text},9,2))+IFERROR(TIME(MID({text},12,2),MID({text},15,2),0),0)"
    last = (day_span(year)[1] - day_span(year)[0]).days
    meaning = f'IF(TRIM(Kantor_Arti)="","{sop.day}",TRIM(Kantor_Arti))'
    spoken = f'SUBSTITUTE(LEFT({meaning},LEN({meaning})-4),",",".")'  # "7,5 jam"
    number = f'IF(LEFT({meaning},5)="hours",MID({meaning},7,9),{spoken})'
    whole = f'VALUE(LEFT({number},FIND(".",{number}&".")-1))'
    part = f'MID({number},FIND(".",{number}&".")+1,9)'
    hours = f'{whole}+IF({part}="",0,VALUE({part})/10^LEN({part}))'
    warned = 'VALUE(LEFT(Kantor_Peringatan,FIND(" ",Kantor_Peringatan)-1))'
    unit = (
        'IF(ISNUMBER(SEARCH("menit",Kantor_Peringatan)),60,IF(ISNUMBER(SEARCH("hari",Kantor_Peringatan)),27000,3600))'
    )
    rows = (
        ("Waktu kini", f'IF(ISNUMBER({text}),{text},IF({text}="",NOW(),IFERROR({typed},NOW())))'),
        ("Waktu kini (detik)", f"MAX(0,MIN({last}*86400,ROUND((H_Saat-H_Awal)*86400,0)))"),
        (
            "Arti satu hari",
            f'IF(OR({meaning}="end-of-day",{meaning}="jam pulang"),2,'
            f'IF(OR(LEFT({meaning},5)="hours",RIGHT({meaning},4)=" jam"),3,1))',
        ),
        ("Detik dalam satu hari", f"IF(B7=3,ROUND(3600*({hours}),0),0)"),
        ("Peringatan (detik)", f"IFERROR({warned}*{unit},3600)"),
        ("Baris Langkah terpakai", 'SUMPRODUCT(MAX((L_Catatan<>"")*(ROW(L_Catatan)-ROW(INDEX(L_Catatan,1))+1)))'),
    )
    for row, (name, formula) in enumerate(rows, start=HEADER_ROW):
        sheet.write_string(row, 0, name, formats["raw"])
        shape = formats["raw_moment"] if name == "Waktu kini" else formats["raw"]
        sheet.write_formula(row, 1, "=" + formula, shape, 0)


def _standards(sheet: Worksheet, sop: Sop, formats: Formats) -> None:
    _heads(sheet, 3, SOP_PART, formats)
    for place, step in enumerate(sop.steps, start=1):
        row = HEADER_ROW + place - 1
        before = [sop.position(number) + 1 for number in sop.predecessors(step.number)]
        before += [0] * (2 - len(before))
        seconds = step.standard.seconds
        days = 0 if seconds else int(-(-step.standard.amount // 1))
        sheet.write_row(row, 3, (step.number, place), formats["raw"])
        if seconds:
            sheet.write_number(row, 5, seconds, formats["raw"])
        else:
            sheet.write_formula(row, 5, f"=ROUND(H_Sehari*{step.standard.amount:g},0)", formats["raw"], 0)
        rest = (days, 0 if step.may_come_early else place, int(step.periodic), *before[:2])
        sheet.write_row(row, 6, rest, formats["raw"])
        sheet.write_string(row, 11, f"{step.number}. {step.activity}", formats["raw"])


def _hours_part(sheet: Worksheet, formats: Formats) -> None:
    """Each row of Jam Kerja: validity, rank (narrowest first), and the weekdays its text names."""
    _heads(sheet, 13, ("Dari", "Sampai", "Kunci", *(day[:3] for day in WEEKDAYS)), formats)
    _heads(sheet, 24, ("Rentang", *(day[:3] for day in WEEKDAYS)), formats)
    spans = [(first, last) for first in range(7) for last in range(7) if first != last]
    for row, (first, last) in enumerate(spans, start=HEADER_ROW):
        days = {(first + step) % 7 for step in range((last - first) % 7 + 1)}
        sheet.write_string(row, 24, f"{WEEKDAYS[first]}-{WEEKDAYS[last]}", formats["raw"])
        sheet.write_row(row, 25, [int(day in days) for day in range(7)], formats["raw"])
    for row, text in enumerate(("setiaphari", "semuahari", "harikerja"), start=HEADER_ROW + len(spans)):
        sheet.write_string(row, 24, text, formats["raw"])
        sheet.write_row(row, 25, [int(day < 5 or text != "harikerja") for day in range(7)], formats["raw"])
    for place in range(HOURS_ROWS):
        row, here = HEADER_ROW + place, HEADER_ROW + place + 1
        start, stop = f"INDEX(J_Masuk,{place + 1})", f"INDEX(J_Pulang,{place + 1})"
        pause, resume = f"INDEX(J_Istirahat,{place + 1})", f"INDEX(J_Lanjut,{place + 1})"
        sound = (
            f'AND(ISNUMBER({start}),ISNUMBER({stop}),{stop}>{start},OR(AND({pause}="",{resume}=""),'
            f"AND(ISNUMBER({pause}),ISNUMBER({resume}),{pause}>{start},{resume}>{pause},{stop}>{resume})))"
        )
        since, until = f"INDEX(J_Dari,{place + 1})", f"INDEX(J_Sampai,{place + 1})"
        sheet.write_formula(row, 13, f"=IF(ISNUMBER({since}),{since},32874)", formats["raw"], 0)
        sheet.write_formula(row, 14, f"=IF(ISNUMBER({until}),{until},73415)", formats["raw"], 0)
        rank = f"(100000-(O{here}-N{here}))*100+{HOURS_ROWS - place}"
        sheet.write_formula(row, 15, f"=IF({sound},{rank},0)", formats["raw"], 0)
        text = f"INDEX(J_Hari,{place + 1})"
        for old, new in (
            (" ", ""),
            ("–", "-"),
            ("—", "-"),
            ("s.d.", "-"),
            ("s/d", "-"),
            ("sampai", "-"),
            ("'", ""),
            ("hingga", "-"),
        ):
            text = f'SUBSTITUTE({text},"{old}","{new}")'
        for day, name in enumerate(WEEKDAYS):
            spanned = f'SUMPRODUCT(ISNUMBER(SEARCH(X_Hari,{text}))*(X_Hari<>"")*INDEX(X_Isi,0,{day + 1}))>0'
            formula = f'=IF($P{here}=0,0,IF(ISNUMBER(SEARCH("{name}",{text})),1,IF({spanned},1,0)))'
            sheet.write_formula(row, 16 + day, formula, formats["raw"], 0)


def _names_part(sheet: Worksheet, formats: Formats) -> None:
    """The active employees one below the other, and with the roles the list for sheet Surel."""
    _heads(sheet, 33, ("Aktif ke", "Pegawai aktif", "Tujuan surel"), formats)
    fixed = ("Penanggung Jawab", *CHOICES["Peran"])
    for place in range(CAPACITY[PEOPLE.name]):
        row = HEADER_ROW + place
        before = f"AH{row}" if place else "0"
        active = f'AND(INDEX(P_Nama,{place + 1})<>"",INDEX(P_Aktif,{place + 1})<>"Tidak")'
        sheet.write_formula(row, 33, f"={before}+IF({active},1,0)", formats["raw"], 0)
        name = f'IFERROR(INDEX(P_Nama,MATCH({place + 1},P_Kum,0)),"")'
        sheet.write_formula(row, 34, "=" + name, formats["raw"], "")
        if place < len(fixed):
            sheet.write_string(row, 35, fixed[place], formats["raw"])
        else:
            sheet.write_formula(row, 35, f"=AI{row + 1 - len(fixed)}", formats["raw"], "")


def _days(sheet: Worksheet, year: int, formats: Formats) -> None:

    _heads(sheet, DAY_COLUMN, DAY_PART, formats)
    date, day, line, start, pause, resume, stop, _, before, count = (
        address.letter(DAY_COLUMN + place + 1) for place in range(len(DAY_PART))
    )
    first, last = day_span(year)
    for place in range((last - first).days + 1):
        row, here = HEADER_ROW + place, HEADER_ROW + place + 1
        above = here - 1
        own = f"SUMPRODUCT(MAX(INDEX(B_Hari,0,${day}{here})*(B_Dari<=${date}{here})*(B_Sampai>=${date}{here})*B_Kunci))"
        monday = f"SUMPRODUCT(MAX(INDEX(B_Hari,0,1)*(B_Dari<=${date}{here})*(B_Sampai>=${date}{here})*B_Kunci))"
        extra = f'COUNTIFS(K_Tanggal,${date}{here},K_Jenis,"Hari Kerja")>0'
        closed = f'COUNTIFS(K_Tanggal,${date}{here},K_Jenis,"?*")>0'
        rank = f"IF({extra},IF({own}>0,{own},{monday}),IF({closed},0,{own}))"
        chosen = f"IF({rank}=0,0,{HOURS_ROWS + 1}-MOD({rank},100))"
        formulas = (
            f"=WEEKDAY({date}{here},2)",
            f"={chosen}",
            f"=IF(${line}{here}=0,0,ROUND(INDEX(J_Masuk,${line}{here})*86400,0))",
            f"=IF(${line}{here}=0,0,IF(ISNUMBER(INDEX(J_Istirahat,${line}{here})),ROUND(INDEX(J_Istirahat,${line}{here})*86400,0),${stop}{here}))",
            f"=IF(${line}{here}=0,0,IF(ISNUMBER(INDEX(J_Lanjut,${line}{here})),ROUND(INDEX(J_Lanjut,${line}{here})*86400,0),${stop}{here}))",
            f"=IF(${line}{here}=0,0,ROUND(INDEX(J_Pulang,${line}{here})*86400,0))",
            f"={pause}{here}-{start}{here}",
            f"={before}{above}+{pause}{above}-{start}{above}+{stop}{above}-{resume}{above}" if place else "=0",
            f"={count}{above}+IF({stop}{here}>0,1,0)" if place else f"=IF({stop}{here}>0,1,0)",
        )
        sheet.write_datetime(row, DAY_COLUMN, first + dt.timedelta(days=place), formats["raw_date"])
        for column, formula in enumerate(formulas, start=DAY_COLUMN + 1):
            sheet.write_formula(row, column, formula, formats["raw"], 0)


def _counts(sheet: Worksheet, formats: Formats) -> None:
    """How many rows of Langkah each case has, all counted in one reading, and how many the cases up to it have.

    The first count is of rows without a case.
    """
    _heads(sheet, COUNT_COLUMN, ("Kasus", "Banyak", "Hingga"), formats)
    capacity = CAPACITY[REGISTER.name]
    cases, counts, sums = (address.letter(COUNT_COLUMN + place) for place in (1, 2, 3))
    formula = f"=FREQUENCY(L_Kasus,{cases}{FIRST}:{cases}{FIRST + capacity - 1})"
    sheet.write_column(HEADER_ROW, COUNT_COLUMN, range(capacity), formats["raw"])
    sheet.write_array_formula(f"{counts}{FIRST}:{counts}{FIRST + capacity - 1}", formula, formats["raw"], 0)
    sheet.write_number(HEADER_ROW, COUNT_COLUMN + 2, 0, formats["raw"])
    for row in range(HEADER_ROW + 1, HEADER_ROW + capacity):
        sheet.write_formula(row, COUNT_COLUMN + 2, f"={sums}{row}+{counts}{row + 1}", formats["raw"], 0)
