"""The workbook's pages around the tables: Ringkasan, Petunjuk, Daftar, SOP and the reckoning on sheet Hitungan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sopkit.language import MONTHS, WEEKDAYS, date_text
from sopkit.register import address
from sopkit.register.columns import (
    CALENDAR,
    CHOICES,
    DISPOSALS,
    EVENTS,
    EXTENDABLE,
    GUIDE_SHEET,
    HOURS,
    LISTS_SHEET,
    MAIL,
    OFFICE,
    PEOPLE,
    REGISTER,
    SETTINGS,
    SOP_SHEET,
    SheetPlan,
)  # fmt: skip
from sopkit.register.live import (
    CALCULATION_SHEET,
    CALENDAR_ROWS,
    HOURS_ROWS,
    SUMMARY_SHEET,
    live_columns,
)  # fmt: skip
from sopkit.register.live_terms import CAPACITY, HEADER_ROW
from sopkit.sop.model import Sop

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

Formats = Mapping[str, "Format"]
FIRST = HEADER_ROW + 1
"""1-based row of the first data row on every sheet with a title band."""
COLOURS: Mapping[str, str] = {
    "dark": "#17415A", "middle": "#3C6E87", "line": "#C9D3D9", "band": "#E6EEF2", "band_other": "#F3F6F8",
    "live": "#F6F3EA", "live_head": "#8A6D1D",
}  # fmt: skip
LIST_ROWS = 200
SOP_HEADERS = ("No", "Aktifitas", "Pelaksana", "Kelengkapan/Persyaratan", "Waktu", "Output")
URGENT_ROWS = 12
SERVICE_ROWS = 25


def visible_pages() -> tuple[str, ...]:
    """The sheets in their order."""
    return (
        REGISTER.name, EVENTS.name, DISPOSALS.name, SUMMARY_SHEET, GUIDE_SHEET, PEOPLE.name, OFFICE.name, CALENDAR.name,
        HOURS.name, MAIL.name, LISTS_SHEET, SOP_SHEET, CALCULATION_SHEET,
    )  # fmt: skip


def sop_rows(sop: Sop) -> list[tuple[int | str, ...]]:
    """Sheet SOP as the workbook carries it: the header, then one row per step."""
    rows: list[tuple[int | str, ...]] = [SOP_HEADERS]
    for step in sop.steps:
        roles, needed, made = "/".join(step.roles), "; ".join(step.requires), "; ".join(step.outputs)
        rows.append((step.number, step.activity, roles, needed, str(step.standard), made))
    return rows


def list_name(choices: str) -> str:
    """Defined name of a list of sheet Daftar: `Daftar_JenisLayanan`."""
    return "Daftar_" + "".join(filter(str.isalpha, choices))


def define_names(book: Workbook, sop: Sop, extra: Mapping[str, Sequence[str]]) -> None:
    """The names that formulas and lists speak. `extra` headers of a sheet stand before its live columns."""
    for plan, prefix, fields in (
        (REGISTER, "R", {"number": "Catatan", "service": "Layanan", "status": "Status", "disposal_number": "BA",
                         "found_at": "Ditemukan", "responsible": "Penanggung", "due_date": "Target"}),
        (EVENTS, "L", {"case": "Catatan", "actor": "Pelaksana", "outcome": "Hasil"}),
        (PEOPLE, "P", {"name": "Nama", "active": "Aktif"}),
    ):  # fmt: skip
        _column_names(book, plan, prefix, fields, sop, len(extra.get(plan.name, ())))
    for name, letter in zip(
        ("Dari", "Sampai", "Hari", "Masuk", "Istirahat", "Lanjut", "Pulang"), "ABCDEFG", strict=True
    ):
        book.define_name(f"J_{name}", f"='{HOURS.name}'!${letter}${FIRST}:${letter}${FIRST + HOURS_ROWS - 1}")
    for name, letter in (("Tanggal", "A"), ("Jenis", "B")):
        book.define_name(f"K_{name}", f"={CALENDAR.name}!${letter}${FIRST}:${letter}${FIRST + CALENDAR_ROWS - 1}")
    for name, key in (("Pemerintah", "Pemerintah"), ("Nama", "Nama Kantor"), ("Acuan", "Waktu Acuan"),
                      ("Peringatan", "Waktu Peringatan"), ("Arti", "Arti Satu Hari")):  # fmt: skip
        book.define_name(f"Kantor_{name}", f'=INDEX(Kantor!$B${FIRST}:$B$60,MATCH("{key}",Kantor!$A${FIRST}:$A$60,0))')
    for place, choices in enumerate(CHOICES):
        letter = address.letter(place + 1)
        span = f"{LISTS_SHEET}!${letter}${FIRST}:${letter}${FIRST + LIST_ROWS - 1}"
        start = f"{LISTS_SHEET}!${letter}${FIRST}"
        book.define_name(list_name(choices), f"=OFFSET({start},0,0,MAX(1,COUNTA({span})),1)")
    for name, home in (("Nomor_Catatan", REGISTER.name), ("Nomor_BA", DISPOSALS.name)):
        span = f"{home}!$A${FIRST}:$A${FIRST + CAPACITY[home] - 1}"
        book.define_name(name, f"=OFFSET({home}!$A${FIRST},0,0,MAX(1,COUNTA({span})),1)")
    _calculation_names(book, sop)


def _column_names(
    book: Workbook, plan: SheetPlan, prefix: str, fields: Mapping[str, str], sop: Sop, extra: int
) -> None:
    names = {place: (f"{prefix}_{fields[c.field]}", 1) for place, c in enumerate(plan.columns) if c.field in fields}
    for place, live in enumerate(live_columns(plan, sop), start=len(plan.columns) + extra):
        if live.name:
            names[place] = live.name, live.span
    for place, (name, span) in names.items():
        first, last = address.letter(place + 1), address.letter(place + span)
        book.define_name(name, f"={plan.name}!${first}${FIRST}:${last}${FIRST + CAPACITY[plan.name] - 1}")


def lists_page(sheet: Worksheet, formats: Formats) -> None:
    """Sheet Daftar: a column per drop-down list; the extendable ones say so."""
    sheet.write_string(0, 0, "Isi pilihan (drop-down)", formats["office"])
    sheet.write_string(1, 0, "DAFTAR PILIHAN", formats["title"])
    extendable = " dan ".join(EXTENDABLE)
    sheet.write_string(
        2, 0, f"Boleh ditambah di bawahnya: {extendable}. Pilihan lain tetap seperti ini.", formats["small"]
    )
    sheet.set_row(1, 24)
    for place, (name, values) in enumerate(CHOICES.items()):
        sheet.set_column(place, place, max(16, *(len(value) + 3 for value in values)), formats["plain"])
        sheet.write_string(HEADER_ROW - 1, place, name, formats["header_required" if name in EXTENDABLE else "header"])
        for row, value in enumerate(values, start=HEADER_ROW):
            sheet.write_string(row, place, value, formats["text"])
    _page(sheet, "Daftar pilihan", landscape=True)


def sop_page(sheet: Worksheet, sop: Sop, formats: Formats, changes: Mapping[str, str]) -> None:
    """Sheet SOP: the step table for reading, with its warnings and signers below."""
    sheet.write_string(0, 0, f"{sop.office.name} · {sop.office.government}", formats["office"])
    sheet.write_string(1, 0, sop.title.upper(), formats["title"])
    sheet.write_string(2, 0, "Untuk dibaca. Yang berlaku adalah SOP di dalam sopkit; ubah di sana.", formats["small"])
    sheet.set_row(1, 24)
    for place, width in enumerate((6, 50, 18, 40, 12, 44)):
        sheet.set_column(place, place, width)
    rows = sop_rows(sop)
    for row, values in enumerate(rows, start=HEADER_ROW - 1):
        for place, value in enumerate(values):
            shape = formats["header_required" if row == HEADER_ROW - 1 else "text"]
            cell = f"{'ABCDEF'[place]}{row + 1}"
            sheet.write(row, place, changes.get(cell, value), shape)
    row = HEADER_ROW + len(rows)
    for text in (*sop.warnings, *(f"{s.task}: {s.name}, NIP {s.nip}, {s.title}" for s in sop.signers)):
        sheet.merge_range(row, 1, row, 5, text, formats["small"])
        sheet.set_row(row, 26 if len(text) > 130 else 14)
        row += 1
    if sop.office.date:
        sheet.write_string(row, 1, f"{sop.office.place}, {date_text(sop.office.date)}", formats["small"])
    sheet.freeze_panes(HEADER_ROW, 0)
    _page(sheet, sop.title, landscape=True)


GUIDE: Sequence[tuple[str, Sequence[str]]] = (
    (
        "Setiap hari",
        (
            "1. Ada layanan yang tidak sesuai? Tambahkan satu baris di sheet Register: nomor, waktu, layanan, uraian.",
            "2. Langkah SOP dimulai? Tambahkan satu baris di sheet Langkah: Mulai saat itu juga, Selesai saat rampung.",
            "3. Nomor langkah mengikuti SOP: 1, 2, 3, 5, 6, 7, 8, 9, 10 (memang tidak ada nomor 4). Pilih dari daftar.",
            "4. Bila langkah 9 ditolak, ulangi langkah 7, 8, dan 9 dengan baris baru.",
            "5. Pemusnahan rutin: satu baris di sheet Pemusnahan untuk satu BA; nomornya ditulis di Register.",
            "6. Terlambat atau urutannya berbeda? Tulis sebabnya di Keterangan baris itu (paling sedikit 10 huruf).",
        ),
    ),
    (
        "Arti warna",
        (
            "Merah: terlambat, lewat batas, atau urutannya keliru.   Kuning: belum diisi, padahal sudah waktunya.",
            "Jingga: hampir lewat batas.   Biru: sedang berjalan.   Hijau: sesuai.   Miring jingga: di luar jam kerja.",
            "Kolom berlatar krem di sebelah kanan (Pantauan otomatis) dihitung sendiri dari Kalender dan Jam Kerja;",
            "jangan diisi. Rinciannya ada di sheet Hitungan yang disembunyikan.",
        ),
    ),
    (
        "Cara menulis",
        (
            "Tanggal dan jam: 19-08-2026 08:15.   Tanggal: 19-08-2026.   Nomor: 001/CLTS/VIII/2026.",
            "NIP ditulis sebagai teks 18 angka. Nama dipilih dari daftar; pegawai baru ditambahkan di sheet Pegawai.",
            "Jangan menggabungkan sel (merge), jangan mengubah judul kolom, jangan menghapus baris judul.",
            "Libur dan cuti bersama ada di sheet Kalender, jam kerja di sheet Jam Kerja; keduanya menentukan batas.",
        ),
    ),
)


def guide_page(sheet: Worksheet, formats: Formats) -> None:
    """Sheet Petunjuk: one page for staff, with the keys of sheet Kantor."""
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 38)
    sheet.set_column(2, 2, 66)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, "Untuk semua yang mengisi register", formats["office"])
    sheet.write_string(1, 0, "PETUNJUK PENGISIAN", formats["title"])
    sheet.set_row(1, 24)
    row = 3
    for title, lines in GUIDE:
        sheet.write_string(row, 0, title, formats["label"])
        for line in lines:
            row += 1
            sheet.merge_range(row, 0, row, 2, line, formats["plain"])
            sheet.set_row(row, 15)
        row += 2
    sheet.write_string(row, 0, "Isi sheet Kantor", formats["label"])
    row += 1
    for place, text in enumerate(("Kunci", "Bila kosong", "Arti")):
        sheet.write_string(row, place, text, formats["header"])
    for setting in SETTINGS:
        row += 1
        default = setting.default or "(kosong)"
        for place, text in enumerate((setting.key, default, setting.meaning)):
            sheet.write_string(row, place, text, formats["text"])
    _page(sheet, "Petunjuk", landscape=False, one_page=True)


def summary_page(book: Workbook, sheet: Worksheet, year: int, formats: Formats) -> None:
    """Sheet Ringkasan: figures of now, what to do first, each service, each month."""
    sheet.hide_gridlines(2)
    sheet.set_tab_color(COLOURS["live_head"])
    for place, width in enumerate((21, 25, 15, 25, 52, 3, 31, 9, 14, 11, 9)):
        sheet.set_column(place, place, width)
    sheet.write_formula(0, 0, '=Kantor_Nama&" · "&Kantor_Pemerintah', formats["office"], "")
    sheet.write_string(1, 0, f"RINGKASAN REGISTER TAHUN {year}", formats["title"])
    sheet.set_row(1, 24)
    moment = '="Keadaan pada "&TEXT(H_Saat,"dd-mm-yyyy hh:mm")'
    sheet.write_formula(2, 0, moment, formats["raw"], "")
    _figures(sheet, formats)
    _urgent(sheet, formats)
    _services(sheet, formats)
    _months(book, sheet, formats, year)
    _page(sheet, "Ringkasan", landscape=True, one_page=True)


def _figures(sheet: Worksheet, formats: Formats) -> None:
    """Five counts in big figures."""
    closed = 'COUNTIF(R_Status,"Selesai")-COUNTIF(R_Status,"Batal")'
    figures = (
        ("Kasus tercatat", 'COUNTIF(R_Catatan,"?*")', "figure"),
        ("Belum selesai", f'COUNTIF(R_Catatan,"?*")-{closed}', "figure"),
        ("Terlambat sekarang", 'COUNTIF(R_Pantau,"Terlambat")+COUNTIF(R_Pantau,"Target terlewati")', "figure_bad"),
        ("Hampir lewat", 'COUNTIF(R_Pantau,"Hampir*")', "figure"),
        ("Selesai", 'COUNTIF(R_Status,"Selesai")', "figure"),
    )
    sheet.set_row(4, 36)
    for place, (caption, formula, shape) in enumerate(figures):
        sheet.write_formula(4, place, "=" + formula, formats[shape], 0)
        sheet.write_string(5, place, caption, formats["caption_bad" if shape == "figure_bad" else "caption"])


def _urgent(sheet: Worksheet, formats: Formats) -> None:
    """The open cases that want doing first: late steps, passed targets, then the oldest."""
    sheet.write_string(7, 0, "Yang didahulukan", formats["label"])
    for place, text in enumerate(
        ("No. Catatan", "Pantauan", "Target Selesai", "Penanggung Jawab", "Langkah berikutnya")
    ):
        sheet.write_string(8, place, text, formats["header"])
    for place in range(URGENT_ROWS):
        row = 9 + place
        key = f"LARGE(R_Tingkat,{place + 1})"
        found = f"MATCH({key},R_Tingkat,0)"
        for column, name in enumerate(("R_Catatan", "R_Pantau", "R_Target", "R_Penanggung", "R_Berikut")):
            shape = formats["line_date" if name == "R_Target" else "line"]
            cell = f"INDEX({name},{found})"
            value = f'IF({cell}="","",{cell})'
            sheet.write_formula(row, column, f'=IFERROR(IF({key}<=0,"",{value}),"")', shape, "")
    last = 9 + URGENT_ROWS - 1
    for text, shade in (("Terlambat", "bad"), ("Target terlewati", "bad"), ("Urutan", "bad"), ("Hampir", "warn")):
        rule = {"type": "text", "criteria": "begins with", "value": text, "format": formats[shade]}
        sheet.conditional_format(9, 1, last, 1, rule)


def _services(sheet: Worksheet, formats: Formats) -> None:
    sheet.write_string(7, 6, "Menurut jenis layanan", formats["label"])
    for place, text in enumerate(("Jenis Layanan", "Kasus", "Belum selesai", "Terlambat", "Selesai"), start=6):
        sheet.write_string(8, place, text, formats["header"])
    for place in range(SERVICE_ROWS):
        row = 9 + place
        name = f"INDEX({LISTS_SHEET}!$A${FIRST}:$A${FIRST + LIST_ROWS - 1},{place + 1})"
        sheet.write_formula(row, 6, f'=IF({name}="","",{name})', formats["line"], "")
        own = f"$G{row + 1}"
        counts = (
            f"COUNTIFS(R_Layanan,{own})",
            f'COUNTIFS(R_Layanan,{own},R_Status,"<>Selesai",R_Status,"<>Batal")',
            f'COUNTIFS(R_Layanan,{own},R_Pantau,"Terlambat")+COUNTIFS(R_Layanan,{own},R_Pantau,"Target*")',
            f'COUNTIFS(R_Layanan,{own},R_Status,"Selesai")',
        )
        for column, formula in enumerate(counts, start=7):
            sheet.write_formula(row, column, f'=IF({own}="","",{formula})', formats["count"], "")
    bar = {"type": "data_bar", "bar_color": "#8FB3C4", "bar_solid": True}
    sheet.conditional_format(9, 7, 9 + SERVICE_ROWS - 1, 7, bar)


def _months(book: Workbook, sheet: Worksheet, formats: Formats, year: int) -> None:
    top = 9 + URGENT_ROWS + 1
    sheet.write_string(top, 0, "Menurut bulan ditemukan", formats["label"])
    for place, text in enumerate(("Bulan", "Kasus", "Selesai")):
        sheet.write_string(top + 1, place, text, formats["header"])
    for month, name in enumerate(MONTHS, start=1):
        row = top + 1 + month
        since, until = f"DATE({year},{month},1)", f"DATE({year},{month + 1},1)"
        within = f'R_Ditemukan,">="&{since},R_Ditemukan,"<"&{until}'
        sheet.write_string(row, 0, name, formats["line"])
        sheet.write_formula(row, 1, f"=COUNTIFS({within})", formats["count"], 0)
        sheet.write_formula(row, 2, f'=COUNTIFS({within},R_Status,"Selesai")', formats["count"], 0)
    chart = book.add_chart({"type": "column"})
    assert chart is not None
    for column, colour in ((1, "#8FB3C4"), (2, COLOURS["dark"])):
        chart.add_series(
            {
                "name": [SUMMARY_SHEET, top + 1, column], "fill": {"color": colour}, "gap": 60,
                "categories": [SUMMARY_SHEET, top + 2, 0, top + 13, 0],
                "values": [SUMMARY_SHEET, top + 2, column, top + 13, column],
            }
        )  # fmt: skip
    chart.set_title({"name": "Kasus per bulan", "name_font": {"size": 11, "color": COLOURS["dark"]}})
    chart.set_legend({"position": "bottom"})
    chart.set_y_axis({"major_gridlines": {"visible": True, "line": {"color": COLOURS["line"]}}, "num_format": "0"})
    chart.set_size({"width": 560, "height": 275})
    description = "Diagram batang: jumlah kasus yang ditemukan dan yang selesai setiap bulan."
    sheet.insert_chart(top + 1, 3, chart, {"x_offset": 6, "description": description})


def _page(sheet: Worksheet, title: str, *, landscape: bool, one_page: bool = False) -> None:
    if landscape:
        sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.5, right=0.5, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 1 if one_page else 0)
    sheet.set_footer(f"&C&8{title}&R&8Halaman &P dari &N")


SOP_PART = ("Nomor", "Posisi", "Detik", "Hari", "Dini", "Utama", "Berkala", "Sebelum1", "Sebelum2", "Label")
DAY_PART = ("Tanggal", "Hari", "Baris", "Buka", "Jeda", "Lanjut", "Tutup", "Pagi", "Kum", "Ke")
DAY_COLUMN = 40
COUNT_COLUMN = DAY_COLUMN + len(DAY_PART) + 1


def day_span(year: int) -> tuple[dt.date, dt.date]:
    """First and last day that the workbook can reckon with: a year about the register's own."""
    return dt.date(year - 1, 10, 1), dt.date(year + 1, 9, 30)


def _calculation_names(book: Workbook, sop: Sop) -> None:

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
    sheet.set_column(12, 12, 46, formats["raw"])
    sheet.freeze_panes(HEADER_ROW, 0)
    _parameters(sheet, sop, year, formats)
    _standards(sheet, sop, formats)
    _hours_part(sheet, formats)
    _names_part(sheet, formats)
    _days(sheet, year, formats)
    _counts(sheet, formats)
    sheet.hide()
    _page(sheet, "Hitungan", landscape=True)


def _heads(sheet: Worksheet, column: int, headers: Sequence[str], formats: Formats) -> None:
    for place, text in enumerate(headers, start=column):
        sheet.write_string(HEADER_ROW - 1, place, text, formats["header"])


def _parameters(sheet: Worksheet, sop: Sop, year: int, formats: Formats) -> None:
    _heads(sheet, 0, ("Ketentuan", "Nilai"), formats)
    text = "Kantor_Acuan"
    typed = f"DATE(LEFT({text},4),MID({text},6,2),MID({text},9,2))+IFERROR(TIME(MID({text},12,2),MID({text},15,2),0),0)"
    last = (day_span(year)[1] - day_span(year)[0]).days
    meaning = f'IF(Kantor_Arti="","{sop.day}",Kantor_Arti)'
    number = f"MID({meaning},7,9)"
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
        ("Arti satu hari", f'IF({meaning}="end-of-day",2,IF(LEFT({meaning},5)="hours",3,1))'),
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
        rest = (days, int(step.may_come_early), 0 if step.may_come_early else place, int(step.periodic), *before[:2])
        sheet.write_row(row, 6, rest, formats["raw"])
        sheet.write_string(row, 12, f"{step.number}. {step.activity}", formats["raw"])


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
