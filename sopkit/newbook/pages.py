"""The workbook's pages around the tables: Ringkasan, Petunjuk, Daftar and SOP."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from sopkit.language import MONTHS, date_text, list_text
from sopkit.newbook.formats import COLOURS, Formats
from sopkit.newbook.formula import CALENDAR_ROWS, CAPACITY, FIRST, HEADER_ROW, HOURS_ROWS
from sopkit.newbook.live import live_columns
from sopkit.newbook.next_number import SERIES
from sopkit.ooxml import address
from sopkit.register.schema import (
    CALCULATION_SHEET,
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
    SUMMARY_SHEET,
    SheetPlan,
)  # fmt: skip
from sopkit.sop.model import Sop

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

    from sopkit.newbook.sheet import PlainWorksheet, Result

LIST_ROWS = 200
FROM_HEADER = "R_Baris"
"""The name that begins with its header: a row without a case asks for place 0 of Register, and INDEX would give all."""
SOP_HEADERS = ("No", "Aktifitas", "Pelaksana", "Kelengkapan/Persyaratan", "Waktu", "Output")
NO_NAME = "Isi dahulu Nama Kantor di sheet Kantor"
OFFICE_LINE = f'IF(Kantor_Nama="","{NO_NAME}",Kantor_Nama&IF(Kantor_Pemerintah="",""," · "&Kantor_Pemerintah))'
URGENT_ROWS = 12
SERVICE_ROWS = 25
WriteValue = Callable[[int, int, object], None]


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
    register = {"number": "Catatan", "service": "Layanan", "found_at": "Ditemukan", "responsible": "Penanggung",
                "disposal_number": "BA", "due_date": "Target", "ptpp_number": "PTPP"}  # fmt: skip
    for plan, prefix, fields in (
        (REGISTER, "R", register),
        (EVENTS, "L", {"actor": "Pelaksana"}),
        (DISPOSALS, "D", {"number": "BA"}),
        (PEOPLE, "P", {"name": "Nama", "active": "Aktif"}),
    ):
        _column_names(book, plan, prefix, fields, sop, len(extra.get(plan.name, ())))
    for name, letter in zip(
        ("Dari", "Sampai", "Hari", "Masuk", "Istirahat", "Lanjut", "Pulang"), "ABCDEFG", strict=True
    ):
        book.define_name(f"J_{name}", f"='{HOURS.name}'!${letter}${FIRST}:${letter}${FIRST + HOURS_ROWS - 1}")
    for name, letter in (("Tanggal", "A"), ("Jenis", "B")):
        book.define_name(f"K_{name}", f"={CALENDAR.name}!${letter}${FIRST}:${letter}${FIRST + CALENDAR_ROWS - 1}")
    define_office_names(book)
    for name, home in (("Nomor_Catatan", REGISTER.name), ("Nomor_BA", DISPOSALS.name)):
        span = f"{home}!$A${FIRST}:$A${FIRST + CAPACITY[home] - 1}"
        book.define_name(name, f"={home}!$A${FIRST}:INDEX({span},MAX(1,COUNTA({span})))")


def define_office_names(book: Workbook) -> None:
    """Those of them that sheets Kantor and Daftar alone stand for."""
    for name, key in (("Pemerintah", "Pemerintah"), ("Nama", "Nama Kantor"), ("Acuan", "Waktu Acuan"),
                      ("Peringatan", "Waktu Peringatan"), ("Arti", "Arti Satu Hari"),
                      *((f"Pola{series.word}", series.key) for series in SERIES)):  # fmt: skip
        value = f'INDEX(Kantor!$B${FIRST}:$B$60,MATCH("{key}",Kantor!$A${FIRST}:$A$60,0))'
        book.define_name(f"Kantor_{name}", f'=IF({value}="","",{value})')
    for place, choices in enumerate(CHOICES):
        letter = address.letter(place + 1)
        span = f"{LISTS_SHEET}!${letter}${FIRST}:${letter}${FIRST + LIST_ROWS - 1}"
        start = f"{LISTS_SHEET}!${letter}${FIRST}"
        book.define_name(list_name(choices), f"={start}:INDEX({span},MAX(1,COUNTA({span})))")


def _column_names(
    book: Workbook, plan: SheetPlan, prefix: str, fields: Mapping[str, str], sop: Sop, extra: int
) -> None:
    names = {place: f"{prefix}_{fields[c.field]}" for place, c in enumerate(plan.columns) if c.field in fields}
    for place, live in enumerate(live_columns(plan, sop), start=len(plan.columns) + extra):
        if live.name:
            names[place] = live.name
    for place, name in names.items():
        letter, first = address.letter(place + 1), HEADER_ROW if name == FROM_HEADER else FIRST
        book.define_name(name, f"={plan.name}!${letter}${first}:${letter}${FIRST + CAPACITY[plan.name] - 1}")


def lists_page(
    sheet: PlainWorksheet, formats: Formats, lists: Mapping[str, Sequence[object]], write: WriteValue
) -> None:
    """Sheet Daftar: a column per list by its header, the extendable ones say so; `write` puts a value at its place."""
    sheet.write_string(0, 0, "Isi pilihan (drop-down)", formats["office"])
    sheet.write_string(1, 0, "DAFTAR PILIHAN", formats["title"])
    extendable = " dan ".join(EXTENDABLE)
    sheet.write_string(
        2, 0, f"Boleh ditambah di bawahnya: {extendable}. Pilihan lain tetap seperti ini.", formats["small_line"]
    )
    sheet.set_row(1, 24)
    for place, (name, values) in enumerate(lists.items()):
        width = min(60, max(16, *(len(str(value)) + 3 for value in values), 0))
        sheet.set_column(place, place, width, formats["plain"])
        sheet.write_string(HEADER_ROW - 1, place, name, formats["header_required" if name in EXTENDABLE else "header"])
        for row, value in enumerate(values, start=HEADER_ROW):
            write(row, place, value)
    set_page(sheet, "Daftar pilihan", landscape=True)


def sop_page(
    sheet: PlainWorksheet, sop: Sop, formats: Formats, changes: Mapping[str, str], office_line: str, *, own: bool
) -> None:
    """Sheet SOP: the step table for reading, with its warnings below; in the office that it is of, its signers too."""
    sheet.put(0, 0, OFFICE_LINE, formats["office"], office_line)
    sheet.write_string(1, 0, sop.title.upper(), formats["title"])
    sheet.write_string(
        2, 0, "Untuk dibaca. Yang berlaku adalah SOP di dalam sopkit; ubah di sana.", formats["small_line"]
    )
    sheet.set_row(1, 24)
    for place, width in enumerate((6, 50, 18, 40, 12, 44)):
        sheet.set_column(place, place, width)
    rows = sop_rows(sop)
    for row, values in enumerate(rows, start=HEADER_ROW - 1):
        for place, value in enumerate(values):
            usual = "order" if place == 0 else "text"
            shape = formats["header_required" if row == HEADER_ROW - 1 else usual]
            cell = f"{'ABCDEF'[place]}{row + 1}"
            sheet.write(row, place, changes.get(cell, value), shape)
    row = HEADER_ROW + len(rows)
    signers = [f"{s.task}: {s.name}, NIP {s.nip}, {s.title}" for s in sop.signers if own]
    for text in (*_choices(sop), *sop.warnings, *signers):
        sheet.merge_range(row, 1, row, 5, text, formats["small"])
        sheet.set_row(row, 26 if len(text) > 130 else 14)
        row += 1
    if sop.office.date and own:
        sheet.write_string(row, 1, f"{sop.office.place}, {date_text(sop.office.date)}", formats["small"])
    sheet.freeze_panes(HEADER_ROW, 0)
    set_page(sheet, sop.title, landscape=True)


def _choices(sop: Sop) -> list[str]:
    """What may be left out, chosen or turned round, a sentence each; nothing of an SOP whose steps all come in turn."""
    optional = [step.number for step in sop.steps if step.optional]
    said = [f"Langkah {list_text(optional)} boleh tidak dilaksanakan."] if optional else []
    said += [f"Cukup salah satu: langkah {list_text(step.one_of, 'atau')}." for step in sop.steps if step.one_of]
    for step in sop.steps:
        if step.any_order:
            said.append(f"Langkah {list_text(step.any_order)} boleh dengan urutan apa pun.")
    return list(dict.fromkeys(said))


GUIDE_WIDTHS = (26, 38, 66)
"""Of the columns of sheet Petunjuk, in characters."""
Guide = Sequence[tuple[str, Sequence[str]]]
"""Titles with their lines."""
GUIDE: Guide = (
    (
        "Setiap hari",
        (
            "1. Ada layanan yang tidak sesuai? Tambahkan satu baris di sheet Register: nomor, waktu, layanan, uraian.",
            "2. Langkah SOP dimulai? Tambahkan satu baris di sheet Langkah: Mulai saat itu juga, Selesai saat rampung.",
            "3. Nomor langkah mengikuti SOP: 1, 2, 3, 5, 6, 7, 8, 9, 10 (memang tidak ada nomor 4). Pilih dari daftar.",
            "4. Bila langkah 9 ditolak, ulangi langkah 7, 8, dan 9 dengan baris baru.",
            "5. Pemusnahan rutin: satu baris di sheet Pemusnahan untuk satu BA; nomornya ditulis di Register.",
            "6. Terlambat atau urutannya berbeda? Tulis sebabnya di Keterangan baris itu (paling sedikit 10 huruf).",
            "7. Peringatan atas isian yang memang benar (misalnya di luar jam kerja) juga dapat diberi Keterangan.",
            "8. Yang sudah terbit atau ditandatangani tidak diubah; yang keliru dibetulkan dengan surat ralat, BA",
            "pembetulan, atau berita acara tambahan.",
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
            "Naik jabatan, Plt., atau Plh.? Tambahkan baris baru di sheet Pegawai (misalnya Peran Camat, Jabatan Plt.",
            "Camat) dengan Mulai, Sampai, dan Dasar (nomor SK). Isi Sampai pada baris lama yang berakhir.",
            "Ejaan lama suatu nama ditulis di Nama Lain, dipisahkan dengan titik koma.",
            "Bila Sumber berisi Keluhan, Survei, atau Audit, Ditemukan Oleh boleh siapa saja (warga, pelanggan,",
            "auditor); orang itu tidak perlu ada di sheet Pegawai.",
            "Jangan menggabungkan sel (merge), jangan mengubah judul kolom, jangan menghapus baris judul.",
            "Libur dan cuti bersama ada di sheet Kalender, jam kerja di sheet Jam Kerja; keduanya menentukan batas.",
        ),
    ),
)


def guide_page(
    sheet: Worksheet,
    formats: Formats,
    guide: Guide = GUIDE,
    readers: str = "Untuk semua yang mengisi register",
    plans: Sequence[SheetPlan] = (REGISTER, EVENTS, DISPOSALS, PEOPLE, CALENDAR, HOURS, MAIL),
) -> None:
    """Sheet Petunjuk: what to do, then the columns of each sheet in order of use, and the keys of sheet Kantor."""
    for place, width in enumerate(GUIDE_WIDTHS):
        sheet.set_column(place, place, width)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, readers, formats["office"])
    sheet.write_string(1, 0, "PETUNJUK PENGISIAN", formats["title"])
    sheet.set_row(1, 24)
    row = 3
    for title, lines in guide:
        sheet.write_string(row, 0, title, formats["label"])
        for line in lines:
            row += 1
            sheet.merge_range(row, 0, row, 2, line, formats["plain"])
            sheet.set_row(row, 15)
        row += 2
    breaks = []
    for plan in plans:
        rows = [(c.header + (" *" if c.required else ""), c.meaning) for c in plan.columns]
        if plan in (REGISTER, PEOPLE):
            breaks.append(row)
        row = _explained(sheet, formats, row, f"Kolom sheet {plan.name}  (* wajib diisi)", ("Kolom", "Isi"), rows) + 1
    keys = [(setting.key, setting.default or "(kosong)", setting.meaning) for setting in SETTINGS]
    _explained(sheet, formats, row, "Isi sheet Kantor", ("Kunci", "Bila kosong", "Arti"), keys)
    set_page(sheet, "Petunjuk", landscape=False)
    sheet.repeat_rows(0, 1)
    sheet.set_h_pagebreaks(breaks)


def _explained(
    sheet: Worksheet, formats: Formats, row: int, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]
) -> int:
    """A title and a table; what its rows say last takes the width that is left. Returns the row below."""
    sheet.write_string(row, 0, title, formats["label_line"])
    for number, texts in enumerate((heads, *rows)):
        row += 1
        shape = formats["text" if number else "header"]
        for place, text in enumerate(texts[:-1]):
            sheet.write_string(row, place, text, shape)
        last = len(texts) - 1
        if last < len(GUIDE_WIDTHS) - 1:
            sheet.merge_range(row, last, row, len(GUIDE_WIDTHS) - 1, texts[-1], shape)
        else:
            sheet.write_string(row, last, texts[-1], shape)
        room = sum(GUIDE_WIDTHS[last:]) * 1.15
        sheet.set_row(row, 2 + 13.2 * max(1, -(-len(texts[-1]) // int(room))))
    return row + 1


def summary_page(
    book: Workbook, sheet: PlainWorksheet, year: int, formats: Formats, office: str, services: Sequence[str] | None
) -> None:
    """Sheet Ringkasan: figures of now, what to do first, each service, each month.

    `services` are the names that a blank register shows, beside nothing but zeros; None where it has rows.
    """
    sheet.hide_gridlines(2)
    sheet.set_tab_color(COLOURS["live_head"])
    for place, width in enumerate((21, 25, 15, 25, 52, 3, 31, 9, 14, 11, 9)):
        sheet.set_column(place, place, width)
    sheet.put(0, 0, OFFICE_LINE, formats["office"], office)
    sheet.write_string(1, 0, f"RINGKASAN REGISTER TAHUN {year}", formats["title"])
    sheet.set_row(1, 24)
    sheet.write_string(2, 0, "Keadaan pada", formats["raw"])
    sheet.put(2, 1, "H_Saat", formats["raw_moment"])
    zero = None if services is None else 0
    _figures(sheet, formats, zero)
    _urgent(sheet, formats, None if services is None else "")
    _services(sheet, formats, services)
    _months(book, sheet, formats, year, zero)
    set_page(sheet, "Ringkasan", landscape=True, one_page=True)


def _figures(sheet: PlainWorksheet, formats: Formats, zero: Result) -> None:
    """Five counts in big figures."""
    # Of typed cells: LibreOffice is late with those of h.nomor, and its COUNTIF counts a cell in error as a text.
    every = "COUNTA(R_Catatan)"
    closed = 'COUNTIF(R_Status,"Selesai")-COUNTIF(R_Status,"Batal")'
    figures = (
        ("Kasus tercatat", every, "figure"),
        ("Belum selesai", f"{every}-{closed}", "figure"),
        ("Terlambat sekarang", 'COUNTIF(R_Pantau,"Terlambat")+COUNTIF(R_Pantau,"Target terlewati")', "figure_bad"),
        ("Hampir lewat", 'COUNTIF(R_Pantau,"Hampir*")', "figure"),
        ("Selesai", 'COUNTIF(R_Status,"Selesai")', "figure"),
    )
    sheet.set_row(4, 36)
    for place, (caption, formula, shape) in enumerate(figures):
        sheet.put(4, place, formula, formats[shape], zero)
        sheet.write_string(5, place, caption, formats["caption_bad" if shape == "figure_bad" else "caption"])


def _urgent(sheet: PlainWorksheet, formats: Formats, nothing: Result) -> None:
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
            sheet.put(row, column, f'IFERROR(IF({key}<=0,"",{value}),"")', shape, nothing)
    last = 9 + URGENT_ROWS - 1
    for text, shade in (("Terlambat", "bad"), ("Target terlewati", "bad"), ("Urutan", "bad"), ("Hampir", "warn")):
        rule = {"type": "text", "criteria": "begins with", "value": text, "format": formats[shade]}
        sheet.conditional_format(9, 1, last, 1, rule)


def _services(sheet: PlainWorksheet, formats: Formats, services: Sequence[str] | None) -> None:
    sheet.write_string(7, 6, "Menurut jenis layanan", formats["label"])
    for place, text in enumerate(("Jenis Layanan", "Kasus", "Belum selesai", "Terlambat", "Selesai"), start=6):
        sheet.write_string(8, place, text, formats["header"])
    for place in range(SERVICE_ROWS):
        row = 9 + place
        name = f"INDEX({LISTS_SHEET}!$A${FIRST}:$A${FIRST + LIST_ROWS - 1},{place + 1})"
        known = "" if services is None or place >= len(services) else services[place]
        sheet.put(row, 6, f'IF({name}="","",{name})', formats["line"], None if services is None else known)
        own = f"$G{row + 1}"
        counts = (
            f"COUNTIFS(R_Layanan,{own})",
            f'COUNTIFS(R_Layanan,{own},R_Status,"<>Selesai",R_Status,"<>Batal")',
            f'COUNTIFS(R_Layanan,{own},R_Pantau,"Terlambat")+COUNTIFS(R_Layanan,{own},R_Pantau,"Target*")',
            f'COUNTIFS(R_Layanan,{own},R_Status,"Selesai")',
        )
        for column, formula in enumerate(counts, start=7):
            zero = None if services is None else 0 if known else ""
            sheet.put(row, column, f'IF({own}="","",{formula})', formats["count"], zero)
    bar = {"type": "data_bar", "bar_color": "#8FB3C4", "bar_solid": True}
    sheet.conditional_format(9, 7, 9 + SERVICE_ROWS - 1, 7, bar)


def _months(book: Workbook, sheet: PlainWorksheet, formats: Formats, year: int, zero: Result) -> None:
    top = 9 + URGENT_ROWS + 1
    sheet.write_string(top, 0, "Menurut bulan ditemukan", formats["label"])
    for place, text in enumerate(("Bulan", "Kasus", "Selesai")):
        sheet.write_string(top + 1, place, text, formats["header"])
    for month, name in enumerate(MONTHS, start=1):
        row = top + 1 + month
        since, until = f"DATE({year},{month},1)", f"DATE({year},{month + 1},1)"
        within = f'R_Ditemukan,">="&{since},R_Ditemukan,"<"&{until}'
        sheet.write_string(row, 0, name, formats["line"])
        sheet.put(row, 1, f"COUNTIFS({within})", formats["count"], zero)
        sheet.put(row, 2, f'COUNTIFS({within},R_Status,"Selesai")', formats["count"], zero)
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


def set_page(sheet: Worksheet, title: str, *, landscape: bool, one_page: bool = False) -> None:
    if landscape:
        sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.5, right=0.5, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 1 if one_page else 0)
    sheet.set_footer(f"&C&8{title}&R&8Halaman &P dari &N")
