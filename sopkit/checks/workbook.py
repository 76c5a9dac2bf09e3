"""B: the workbook itself: sheets, headers, cells that hide their value, and the sheets that set the office."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from sopkit import language
from sopkit.arrays import Ints, distinct
from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.inspection import Inspection, case_of, moments_in_use, step_of, years_of
from sopkit.checks.suggest import NEAR, nearness, paired
from sopkit.ooxml.address import address_parts, column_number, letter, row_of
from sopkit.register.header_synonyms import LIKELY, likeness
from sopkit.register.layout import adopt_command, layout_path, toml_text
from sopkit.register.schema import CALENDAR, DISPOSALS, OFFICE, PEOPLE, SOP_SHEET, Calendar, Column, Hours, is_live
from sopkit.register.tables import Reading, ReadingKind, Table
from sopkit.sop.model import Step
from sopkit.text import plain, quoted
from sopkit.workcalendar import EXTRA_DAY, estimated_dates, has_joint_leave

OF_ONE_ROW = ("open", "break_start", "break_end", "close")  # fields of Jam Kerja whose faults lie in their own row
UNKEPT = "; menurut berkas tata letak, kantor ini memang tidak mencatatnya"
CONTROL = "ISO 9001:2015 klausul 7.5.3"


def readings(check: Inspection, kind: ReadingKind) -> Iterator[tuple[Column, Reading]]:
    """Every reading of this kind with its column."""
    for table in check.register.tables:
        for reading in table.readings:
            if reading.kind == kind:
                yield table.plan.column(reading.field), reading


@rule(
    "B01",
    Severity.ERROR,
    phase=1,
    message="Buku kerja tidak mempunyai sheet {sheets}{nearest}.",
    fix="Tambahkan sheet itu dengan judul kolom seperti pada buku kerja buatan sopkit init, atau perbaiki namanya."
    " {else_}.",
    reason="Tanpa sheet itu sebagian rekaman tidak ada, dan register tidak dapat dinilai.",
    clause=CONTROL,
    tags={"foreign"},
)
def missing_sheet(check: Inspection) -> Iterator[Mark]:
    """Required sheets are not in the workbook; one finding names them all, and what they would hold is not missed.

    An SOP that destroys nothing asks for no sheet Pemusnahan.
    """
    idle = "" if check.sop.duty("destruction") else DISPOSALS.name
    if missing := [name for name in check.register.missing_sheets if name != idle]:
        scores = ((nearness(own, name), f"“{own}”", name) for own in check.register.other_sheets for name in missing)
        near = _meant(pair for pair in scores if pair[0] >= NEAR)
        yield check.mark_sheet("", sheets=missing, nearest=near, else_=_elsewhere(check, missing))


def _elsewhere(check: Inspection, missing: Sequence[str]) -> str:
    """The way of an office whose register sopkit did not make, and of one that keeps its staff in a workbook apart."""
    if missing == [PEOPLE.name]:
        return "Pegawai dapat pula disimpan di buku kerja kantor: sopkit init --office-sheets BUKU-KANTOR.xlsx"
    return f"Bila register ini bersusunan sendiri, jalankan: {adopt_command(Path(check.register.source.path.name))}"


@rule(
    "B02",
    Severity.ERROR,
    phase=1,
    message="Judul kolom wajib {headers} tidak ada{nearest}.",
    fix="Ganti judul kolom yang dimaksud menjadi judul baku itu, atau tambahkan kolomnya pada baris judul sheet ini."
    " Bila judul kantor memang lain, jalankan: {adopt}.",
    reason="Kolom tanpa judul baku tidak dapat dikenali, sehingga isinya tidak ikut diperiksa.",
    clause=CONTROL,
    tags={"foreign"},
)
def missing_header(check: Inspection) -> Iterator[Mark]:
    """Required columns are not on a sheet; one finding per sheet names them all. Their cells are unknown, not empty.
    A note of those that the office does not keep, as its layout file says ([absent]).
    """
    adopt = adopt_command(Path(check.register.source.path.name))
    for table in check.register.sheets:
        if table.present and table.structure.missing_headers:
            missing, cell = list(table.structure.missing_headers), table.structure.header_cell
            yield _at_header(check, table, cell, headers=missing, nearest=_headers_meant(table), adopt=adopt)
        elif table.present and table.structure.absent_headers:
            unkept, cell = list(table.structure.absent_headers), table.structure.header_cell
            mark = _at_header(check, table, cell, headers=unkept, nearest=UNKEPT, adopt=adopt)
            yield replace(mark, severity=Severity.NOTE)


def _headers_meant(table: Table) -> str:
    """What stands in the header row and may be a required header by another name."""
    missing = [column for column in table.plan.columns if column.header in table.structure.missing_headers]
    scores = (
        (likeness(own, column), f"“{own}” ({cell})", column.header)
        for cell, own in table.structure.unknown_headers
        for column in missing
    )
    return _meant(pair for pair in scores if pair[0] >= LIKELY)


def _meant(pairs: Iterable[tuple[float, str, str]]) -> str:
    """`; mungkin … maksudnya …`: the likest pairs first, each name of the workbook and of sopkit but once."""
    taken = paired(((-score, place), own, name) for place, (score, own, name) in enumerate(pairs))
    said = [f"{own} maksudnya {name}" for own, name in taken.items()]
    return f"; mungkin {language.list_text(said)}" if said else ""


def _at_header(check: Inspection, table: Table, cell: str, column: str = "", **values: object) -> Mark:
    return check.mark_sheet(table.sheet, cell, quoted(column), row_of(cell), **values)


@rule(
    "B03",
    Severity.ERROR,
    phase=1,
    message="Judul kolom “{header}” tercantum dua kali; yang dibaca hanya kolom yang pertama.",
    fix="Hapus atau ganti nama salah satu kolom itu.",
    reason="Dengan dua kolom berjudul sama, tidak jelas isi mana yang menjadi rekaman.",
    clause=CONTROL,
)
def duplicate_header(check: Inspection) -> Iterator[Mark]:
    """A header stands twice. The first column is read, the second is not."""
    for table in check.register.sheets:
        for cell, header in table.structure.duplicate_headers:
            yield _at_header(check, table, cell, header, header=quoted(header))


@rule(
    "B04",
    Severity.ERROR,
    phase=1,
    message="Sel ini menampilkan galat Excel “{shown}”.",
    fix="Perbaiki rumusnya, atau ketik nilainya menurut dokumennya.",
    reason="Nilai di balik galat Excel tidak dapat dibaca siapa pun dan tidak menjadi bukti.",
    clause=CONTROL,
)
def error_cell(check: Inspection) -> Iterator[Mark]:
    """A cell shows an Excel error; its value is unknown and not empty."""
    for column, reading in readings(check, "error-cell"):
        yield from check.mark([reading.row], column, shown=reading.typed or "#N/A")
    for table in check.register.sheets:
        for cell, shown in table.structure.broken_headers:
            yield _at_header(check, table, cell, shown=shown)


@rule(
    "B05",
    Severity.WARNING,
    phase=1,
    message="Rumus pada sel ini belum pernah dihitung sehingga nilainya tidak diketahui.",
    fix="Buka buku kerja di Excel, tekan F9, lalu simpan; atau ketik nilainya menurut dokumennya.",
    reason="Nilai yang belum dihitung tidak tersimpan, sehingga tidak seorang pun dapat memeriksanya.",
    clause=CONTROL,
)
def uncalculated_formula(check: Inspection) -> Iterator[Mark]:
    """A formula has no stored value (programs that write formulas without calculating them leave such cells); its value
    is unknown.
    """
    for column, reading in readings(check, "not-calculated"):
        yield from check.mark([reading.row], column)


@rule(
    "B06",
    Severity.ERROR,
    phase=1,
    message="Sel {span} digabung (merge) di dalam data, sehingga hanya sel pertama yang berisi.",
    fix="Pisahkan sel gabungan itu (Unmerge Cells) dan isi setiap selnya.",
    reason="Sel yang digabung menghapus isi baris lain; setiap baris harus dapat dibaca sendiri.",
    clause=CONTROL,
)
def merged_cells(check: Inspection) -> Iterator[Mark]:
    """Cells are merged within the data. All but the first are empty in the file; they are unknown and not missing."""
    for table in check.register.sheets:
        for span in table.structure.merged:
            cell = span.partition(":")[0]
            yield _in_data(check, table, cell, span=span)


def _in_data(check: Inspection, table: Table, cell: str, **values: object) -> Mark:
    """Point to a cell without making it unknown; it belongs to the case of its row."""
    excel_row, place = address_parts(cell)
    field = next((name for name, letters in table.letters.items() if column_number(letters) == place), None)
    header = table.plan.column(field).header if field else ""
    whole, row = check.table(table.plan), table.base + excel_row
    known = row in table.read.index
    return Mark(
        table.sheet, cell, header, excel_row, values,
        case=case_of(whole, row) if known else None,
        step=step_of(whole, row) if known else None,
    )  # fmt: skip


@rule(
    "B07",
    Severity.WARNING,
    phase=1,
    message="{count} baris yang berisi data tersembunyi atau tersaring; baris itu tetap diperiksa.",
    fix="Tampilkan baris itu (Unhide) atau hapus saringannya (Clear Filter).",
    reason="Baris yang tidak tampak mudah terlewat saat register diperiksa atau dicetak.",
    clause=CONTROL,
)
def hidden_rows(check: Inspection) -> Iterator[Mark]:
    """Rows with data are hidden or filtered out; they are checked all the same. One finding per sheet counts them."""
    for table in check.register.sheets:
        hidden = table.structure.hidden_rows
        if hidden:
            yield _in_data(check, table, f"A{min(hidden)}", count=len(hidden))


@rule(
    "B08",
    Severity.NOTE,
    phase=1,
    message="Kolom “{header}” tidak dikenal sopkit; kolom itu dibiarkan dan tidak diperiksa.",
    fix="Tidak perlu tindakan; bila maksudnya kolom baku, ganti judulnya menjadi judul baku.",
    reason="Judul yang salah eja membuat isian pegawai tidak terbaca tanpa disadari.",
    clause=CONTROL,
)
def unknown_header(check: Inspection) -> Iterator[Mark]:
    """A header is no column of sopkit; such columns are kept and ignored. The live columns that sopkit made itself are
    known.
    """
    for table in check.register.sheets:
        for cell, header in table.structure.unknown_headers:
            if not is_live(table.plan.name, header.strip()):
                yield _at_header(check, table, cell, header, header=quoted(header))


@rule(
    "B09",
    Severity.WARNING,
    phase=1,
    message="Sheet SOP berbeda dari SOP yang berlaku: {difference}.",
    fix="Perbaiki sheet SOP menurut SOP yang berlaku; perintah sopkit sop show menampilkannya.",
    reason="Pegawai bekerja menurut sheet SOP; bila berbeda, yang dikerjakan bukan SOP yang berlaku.",
    clause="ISO 9001:2015 klausul 7.5.3",
)
def sop_sheet_differs(check: Inspection) -> Iterator[Mark]:
    """Sheet SOP says something else than the SOP in force. Blanks, case and bullets do not count, and `Catatan` will do
    for the one document of the SOP that begins so.

    A step that stands on neither side is said at its number, or at the header where it has no row.
    """
    if not check.register.sop_sheet:
        return
    columns = _sop_columns(check.register.sop_sheet[0][1])
    if "number" not in columns:
        return
    header_cell = check.register.sop_sheet[0][0]
    steps = {step.number: step for step in check.sop.steps}
    for first, row in check.register.sop_sheet[1:]:
        number = _label(_value(row, columns["number"]))
        if number is None:
            continue
        step = steps.pop(number, None)
        yield from _step_differences(check, first, row, columns, number, step)
    if steps:
        yield _sop_mark(check, header_cell, 0, f"langkah {language.list_text(steps)} tidak tercantum")


def _step_differences(
    check: Inspection, first: str, row: tuple[object, ...], columns: Mapping[str, int], number: int, step: Step | None
) -> Iterator[Mark]:
    if step is None:
        yield _sop_mark(check, first, columns["number"], f"langkah {number} tidak ada dalam SOP itu")
        return
    documents = [text for each in check.sop.steps for text in (*each.requires, *each.outputs)]
    for what, wanted in _wanted(step).items():
        if what in columns:
            typed = _value(row, columns[what])
            if _essence(_spelled_out(typed, documents)) != _essence(wanted):
                shown = f"“{quoted(str(typed))}”" if typed is not None else "kosong"
                difference = f"langkah {number}, {_SAID[what]} tertulis {shown}, seharusnya “{wanted}”"
                yield _sop_mark(check, first, columns[what], difference)


_SAID = {"activity": "aktivitas", "requires": "kelengkapan", "standard": "waktu", "outputs": "output"}
_HEADINGS = {
    "no": "number", "no.": "number", "nomor": "number",
    "aktifitas": "activity", "aktivitas": "activity", "uraian": "activity", "kegiatan": "activity",
    "kelengkapan": "requires", "kelengkapan/persyaratan": "requires", "kelengkapan/ persyaratan": "requires",
    "persyaratan": "requires", "waktu": "standard", "baku mutu waktu": "standard", "output": "outputs",
}  # fmt: skip


def _wanted(step: Step) -> Mapping[str, str]:
    return {
        "activity": step.activity,
        "requires": "; ".join(step.requires),
        "standard": str(step.standard),
        "outputs": "; ".join(step.outputs),
    }


def _sop_columns(header: tuple[object, ...]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for place, text in enumerate(header):
        name = _HEADINGS.get(plain(str(text or "")))
        if name:
            found.setdefault(name, place)
    return found


def _value(row: tuple[object, ...], place: int) -> object:
    return row[place] if place < len(row) else None


def _label(value: object) -> int | None:
    match = re.match(r"\s*(\d+)(?:\.0*)?(?!\d)", str(value or ""))
    return int(match[1]) if match else None


def _essence(value: object) -> str:
    """Letters and digits only, so that bullets, line breaks and separators do not count."""
    return "".join(filter(str.isalnum, str(value if value is not None else ""))).casefold()


def _spelled_out(value: object, documents: Iterable[str]) -> str:
    """A list of documents with each short form as the one document that begins so."""
    parts = [part.strip(" -•\t") for part in re.split(r"[;,\n]", str(value if value is not None else ""))]
    return " ".join(_document(part, documents) for part in parts)


def _document(short: str, documents: Iterable[str]) -> str:
    known = {plain(text): text for text in documents}
    meant = [text for name, text in known.items() if name.startswith(f"{plain(short)} ")] if short else []
    return meant[0] if plain(short) not in known and len(meant) == 1 else short


def _sop_mark(check: Inspection, first: str, place: int, difference: str) -> Mark:
    row, column = address_parts(first)
    return check.mark_sheet(SOP_SHEET, f"{letter(column + place)}{row}", row=row, difference=difference)


@rule(
    "B10",
    Severity.WARNING,
    message="Kalender tahun {years} {lack}, padahal dipakai untuk menghitung waktu kerja.",
    fix="Lengkapi sheet Kalender menurut keputusan bersama tiga menteri dan surat edaran kepala daerah untuk tahun "
    "itu.",
    reason="Hari libur yang tidak tercatat dihitung sebagai hari kerja dan membuat langkah tampak terlambat.",
    clause="SOP, baku mutu waktu",
)
def calendar_incomplete(check: Inspection) -> Iterator[Mark]:
    """Sheet Kalender has no joint leave, or estimated dates, for a year in which something of the register happened.
    One finding names all such years.
    """
    table = check.register.calendar
    if not table.present:
        return
    used = distinct(years_of(moments_in_use(check.register, check.as_of))).tolist()
    unsure = check.unknown(Calendar.date) | check.unknown(Calendar.kind)  # may be the joint leave that is missed
    bare = [str(year) for year in used if not (has_joint_leave(table.read, year) or unsure.any())]
    guessed = [str(year) for year in used if estimated_dates(table.read, year) and str(year) not in bare]
    if bare or guessed:
        lack = "belum memuat cuti bersama" if bare else "masih memuat tanggal perkiraan"
        if bare and guessed:
            lack = "belum memuat cuti bersama atau masih memuat tanggal perkiraan"
        yield _at_header(check, table, table.structure.header_cell, years=sorted(bare + guessed), lack=lack)


@rule(
    "B11",
    Severity.WARNING,
    message="{problem}",
    fix="Perbaiki atau lengkapi sheet Jam Kerja agar setiap hari kerja mempunyai tepat satu jam kerja.",
    reason="Waktu kerja tidak dapat dihitung dengan benar dari jam kerja yang bercelah atau bertentangan.",
    clause="SOP, baku mutu waktu",
)
def hours_unusable(check: Inspection) -> Iterator[Mark]:
    """Sheet Jam Kerja has a gap, an overlap or impossible hours within the time that the register uses."""
    table = check.register.hours
    if not table.present:
        return
    columns = (
        Hours.valid_from,
        Hours.valid_until,
        Hours.days,
        Hours.open,
        Hours.break_start,
        Hours.break_end,
        Hours.close,
    )
    unsure = np.any([check.unknown(column) for column in columns], axis=0)
    unknown = set(table.read.index[unsure].tolist())
    for problem in check.calendar.problems:
        if problem.row in unknown or (unknown and problem.field not in OF_ONE_ROW):  # it may follow from these alone
            continue
        if problem.row in table.read.index:
            yield from check.mark([problem.row], table.plan.column(problem.field or "days"), problem=problem.text)
        else:
            yield _at_header(check, table, table.structure.header_cell, problem=problem.text)


@rule(
    "B12",
    Severity.NOTE,
    phase=1,
    message="Buku kerja tampaknya sedang dibuka atau mempunyai salinan lain di folder yang sama: {names}.",
    fix="Simpan dan tutup buku kerja, dan pastikan hanya satu salinan yang diisi.",
    reason="Yang diperiksa ialah berkas yang terakhir disimpan; perubahan di salinan lain tidak ikut.",
    clause=CONTROL,
)
def open_elsewhere(check: Inspection) -> Iterator[Mark]:
    """A lock file or a conflict copy lies beside the workbook: what is checked is what was last saved."""
    if check.register.source.open_elsewhere:
        yield check.mark_sheet("", names=[f"“{name}”" for name in check.register.source.open_elsewhere])


@rule(
    "B50",
    Severity.NOTE,
    phase=1,
    message="Sheet {sheets} tidak ada; {instead}.",
    fix="Tambahkan sheet itu bila kantor memerlukan isian sendiri.",
    reason="Kantor perlu mengetahui bahwa ketentuan bawaan, bukan ketentuannya sendiri, yang dipakai.",
    clause=CONTROL,
)
def defaults_used(check: Inspection) -> Iterator[Mark]:
    """Sheets that an office may do without are not there; the defaults stand in for them."""
    if check.register.defaulted_sheets:
        instead = "sopkit memakai nilai bawaan"
        if OFFICE.name in check.register.defaulted_sheets:
            instead += f", dan kop surat menurut SOP: {check.sop.office.name}"
        if check.register.without_steps:
            instead += "; langkah tidak dicatat, sehingga urutan dan waktunya tidak diperiksa"
        yield check.mark_sheet("", sheets=list(check.register.defaulted_sheets), instead=instead)


@rule(
    "B53",
    Severity.NOTE,
    message="Tanggal {date} tercatat sebagai {kind}, padahal pada {where} tercatat sebagai {other}; "
    "hari itu dihitung sebagai hari kerja.",
    fix="Periksa keputusan yang terakhir tentang tanggal itu, lalu hapus baris yang tidak berlaku.",
    reason="Hari yang tercatat sebagai libur dan sekaligus hari kerja membuat perhitungan waktu kerja diragukan.",
    clause="SOP, baku mutu waktu",
)
def calendar_contradicts_itself(check: Inspection) -> Iterator[Mark]:
    """Sheet Kalender says of one date that it is Hari Kerja and that it is closed; the second of the two rows is told.
    Two kinds of closing on one date (a national holiday that is joint leave too) do not contradict each other.
    """
    days = check.values(Calendar.date).astype("datetime64[D]")
    kinds = check.texts(Calendar.kind)
    firsts: dict[tuple[object, bool], int] = {}
    other: dict[int, int] = {}
    for row, day in zip(check.rows(CALENDAR).tolist(), days.tolist(), strict=True):
        if day is not None and row in kinds:
            works = plain(kinds[row]) == EXTRA_DAY
            first = firsts.get((day, not works))
            if first is not None and (day, works) not in firsts:
                other[row] = first
            firsts.setdefault((day, works), row)
    where = {row: check.address(first, Calendar.date) for row, first in other.items()}
    said = {row: kinds[first] for row, first in other.items()}
    yield from check.mark(
        list(other), Calendar.date, date=check.known(Calendar.date), kind=kinds, where=where, other=said
    )


@rule(
    "B54",
    Severity.NOTE,
    phase=1,
    message="Kolom pantauan tidak lengkap: {what}. Pemeriksaan sopkit tidak terpengaruh.",
    fix="Salin rumus kolom itu dari baris lain (Fill Down, Ctrl+D) dan perluas tabel sampai baris terakhir, atau buat "
    "buku kerja yang utuh dengan sopkit init --renew.",
    reason="Tanpa rumusnya kolom pantauan tidak menunjukkan keadaan yang sebenarnya kepada pegawai yang mengetik.",
    clause=CONTROL,
)
def live_columns_lapse(check: Inspection) -> Iterator[Mark]:
    """A live cell of a row of data holds no formula or something typed, or rows stand beyond the Excel table. One
    finding per sheet, at the first of them, counts them; a sheet without any live formula is not looked at, nor are the
    formats of which only values are read.
    """
    if check.register.source.format not in ("xlsx", "xlsm"):
        return
    for table in check.register.sheets:
        if lapses := table.structure.lapses:
            parts = (
                (lapses.missing, "sel kosong yang seharusnya berisi rumus"),
                (lapses.overtyped, "sel yang rumusnya tertimpa isian"),
                (lapses.beyond, "baris di luar tabel Excel"),
            )
            what = [f"{language.number_text(count)} {words}" for count, words in parts if count]
            mark = _in_data(check, table, lapses.cell, what=what)
            yield replace(mark, column=lapses.column or mark.column)


@rule(
    "B51",
    Severity.NOTE,
    phase=1,
    message="{rows} {what}.",
    fix="Tidak perlu tindakan; bila baris itu data, isilah kolom wajibnya agar terbaca sebagai data.",
    reason="Pegawai perlu mengetahui baris mana pada lembar yang tidak dihitung sebagai kasus atau langkah.",
    clause=CONTROL,
)
def not_data(check: Inspection) -> Iterator[Mark]:
    """Rows of a sheet are no data: the numbers of its columns, totals, or signatures below the table or a month. Each
    kind is said once a sheet, a block of signatures once each; a row that may be data is data.
    """
    for table in check.register.sheets:
        for aside in table.structure.asides:
            rows = _spoken_rows(aside.rows)
            yield check.mark_sheet(
                table.sheet, aside.cell, row=row_of(aside.cell), rows=rows, what=_NO_DATA[aside.kind]
            )


_NO_DATA: Mapping[str, str] = {
    "numbers": "berisi nomor kolom dan dibaca sebagai bagian dari judul",
    "headers": "mengulang judul kolom dan tidak dibaca sebagai data",
    "totals": "berisi jumlah (total) dan tidak dibaca sebagai data",
    "signature": "berisi tanda tangan dan tidak dibaca sebagai data",
}


def _spoken_rows(rows: Sequence[int]) -> str:
    """`Baris 5 sampai 12 dan 14`."""
    places = np.asarray(rows)
    runs = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
    return f"Baris {language.list_text([_span(run) for run in runs])}"


def _span(run: Ints) -> str:
    first, last = int(run[0]), int(run[-1])
    return f"{first} sampai {last}" if last > first else f"{first}"


@rule(
    "B55",
    Severity.WARNING,
    phase=1,
    message="Kolom {headers} belum dihubungkan dengan kolom di register ini; yang seharusnya tercatat di sana tidak "
    "diperiksa.",
    fix="Bila register ini mempunyai kolomnya, jalankan: {adopt}. Bila tidak, tambahkan kolomnya, atau sebutkan di "
    "bagian [absent] berkas tata letak {file} bila kantor memang tidak mencatatnya.",
    reason="Kolom yang belum dihubungkan tidak mengatakan apa-apa tentang kantor; rekamannya mungkin ada.",
    clause=CONTROL,
    tags={"foreign"},
)
def unconnected_columns(check: Inspection) -> Iterator[Mark]:
    """An office's own register for which nothing stands for some columns of Register that need not be there; one
    finding names them all. Their cells are unknown, not empty: whether those records are kept, nobody has said.
    """
    if left := [column.header for column in check.unconnected]:
        path, cell = check.register.source.book.path, check.register.cases.structure.header_cell
        adopt, file = adopt_command(Path(path.name)), layout_path(path).name
        yield _at_header(check, check.register.cases, cell, headers=left, adopt=adopt, file=file)


@rule(
    "B52",
    Severity.WARNING,
    phase=1,
    message="Judul kolom sheet ini seperti judul kolom sheet {like}, tetapi isinya tidak dibaca dan tidak ikut "
    "diperiksa.",
    fix="Pindahkan baris-barisnya ke sheet {into}; atau, agar keduanya dibaca sebagai satu register, tulis "
    "{line} di bagian [sheets] berkas tata letak {file}.",
    reason="Kasus di sheet kedua hilang dari register tanpa diketahui siapa pun.",
    clause=CONTROL,
)
def second_sheet(check: Inspection) -> Iterator[Mark]:
    """A sheet has rows under the headers of Register or of Langkah and is none of those that are read: under all that
    are required; where an office's own sheet does without some, under most of those that are read of it.
    """
    book, spare = check.register.source.book, check.register.spare_sheets
    for sheet, cell, like in spare:
        own = next(table for table in check.register.tables if table.plan.name == like)
        names = [*(part.sheet for part in own.sheets), *(name for name, _, other in spare if other == like)]
        line = f"{like} = [{', '.join(map(toml_text, names))}]"
        into, file = own.sheets[-1].sheet, layout_path(book.path).name
        yield check.mark_sheet(sheet, cell, row=row_of(cell), like=like, into=into, line=line, file=file)
