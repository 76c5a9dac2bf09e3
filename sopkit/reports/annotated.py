"""NAMA-diperiksa.xlsx: the staff's own workbook with every finding on its cell, and a first sheet that lists them all.

The copy is for reading; the staff's file is not touched. openpyxl cannot carry everything that Excel can hold, so what
the copy lacks is said on its first sheet. A workbook that openpyxl cannot write at all gets the list alone.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any

from sopkit import language
from sopkit.checks.catalogue import Finding, Severity
from sopkit.checks.inspection import Inspected
from sopkit.errors import SopkitError
from sopkit.reports.figures import counts_text, verdict
from sopkit.reports.findings import place_text

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.styles.cell_style import StyleArray
    from openpyxl.worksheet.worksheet import Worksheet

VEIL = b"SOPKITSHARED"
SHARED = re.compile(rb'<f((?: [a-z]+="[^"<>&]*")* t="shared"(?: [a-z]+="[^"<>&]*")*)\s*(/?>)')
VEILED = re.compile(rb"<f>SOPKITSHARED\.([0-9a-f]+)\.(</f>)?")
WRITABLE = ("xlsx", "xlsm")
SHEET = "Temuan"
FONT = "Calibri"
LINE = 15.0  # points
AUTHOR = "sopkit"
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
FILLS = {Severity.ERROR: "F4B6B6", Severity.BREACH: "F8CBA0", Severity.WARNING: "FFE99A", Severity.NOTE: "CFE0F1"}
EXPLAINED_FILL = "D9E5DC"
SPAN = re.compile(rb'<(?:\w+:)?(?:mergeCell|hyperlink)\s[^>]*?\bref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"')
MOST_SPANNED = 200_000
LIST_ONLY = (
    "Salinan berwarna hanya dapat dibuat dari berkas xlsx yang wajar; berkas ini berjenis {kind} atau memuat sel "
    "gabungan yang sangat luas. Temuannya tetap lengkap di bawah ini."
)
MOST_COMMENT = 4000  # letters; Excel cuts a note at 32,767 and nobody reads past a screen
HEADERS: tuple[tuple[str, int], ...] = (
    ("No.", 6), ("Tingkat", 15), ("Kode", 8), ("Sel", 20), ("No. Catatan", 22), ("Langkah", 9),
    ("Kolom", 20), ("Temuan", 62), ("Cara Memperbaiki", 52), ("Dasar", 30),
)  # fmt: skip
SEVERITY_COLUMN, LINK_COLUMN = 2, 4

PARTS: tuple[tuple[str, str], ...] = (
    (r"xl/media/", "gambar"),
    (r"xl/charts/", "grafik (tampilannya dapat berbeda)"),
    (r"xl/charts/(style|colors)\d", "gaya grafik"),
    (r"xl/chartex/", "grafik jenis baru"),
    (r"xl/diagrams/", "SmartArt"),
    (r"xl/slicers/", "slicer"),
    (r"xl/timelines/", "garis waktu pivot"),
    (r"xl/threadedComments/", "percakapan komentar (isinya tetap ada sebagai catatan)"),
    (r"xl/ctrlProps/", "tombol dan kendali formulir"),
    (r"xl/activeX/", "kendali ActiveX"),
    (r"xl/embeddings/", "objek sisipan"),
    (r"xl/vbaProject", "makro"),
    (r"xl/queryTables/", "kueri data"),
    (r"xl/connections\.xml", "sambungan data"),
    (r"xl/model/", "model data"),
    (r"xl/richData/", "jenis data kaya"),
    (r"customXml/", "data XML khusus"),
    (r"xl/printerSettings/", "pengaturan pencetak"),
    (r"_xmlsignatures/", "tanda tangan digital"),
)
"""Members of the package that do not survive openpyxl, and what staff call them."""
MARKS: tuple[tuple[str, bytes, str], ...] = (
    (r"xl/worksheets/[^/]+\.xml", rb"<(?:\w+:)?sparklineGroup[\s>]", "grafik mini dalam sel (sparkline)"),
    (r"xl/worksheets/[^/]+\.xml", rb"<x14:cfRule[\s>]", "pewarnaan bersyarat jenis baru"),
    (r"xl/worksheets/[^/]+\.xml", rb"<x14:dataValidation[\s>]", "daftar pilihan jenis baru"),
    (r"xl/drawings/[^/]+\.xml", rb"<(?:\w+:)?(?:sp|cxnSp|grpSp)[\s>]", "bentuk dan kotak teks"),
)
"""The same inside the XML of a member."""


def annotate(inspected: Inspected) -> bytes:
    """The annotated copy as the bytes of an xlsx; the same bytes for the same input.

    `SopkitError` when the workbook is gone or has changed since it was checked: its cells would be the wrong ones.
    """
    from openpyxl import Workbook

    source = inspected.register.source
    data = _checked_bytes(inspected)
    names: Mapping[str, str] = {}
    if source.format not in WRITABLE or _spans_too_much(data):
        book = Workbook()
        book.remove(book.worksheets[0])
        remarks = [LIST_ONLY.format(kind=source.format)]
    else:
        book = _load(data)
        names = {sheet.title: sheet.title for sheet in book.worksheets}
        remarks = _remarks(lost_parts(data))
        _mark_cells(book, inspected.findings)
    _list_findings(book, inspected, remarks, names)
    return _fixed(book, inspected)


def lost_parts(data: bytes) -> list[str]:
    """What of this workbook the copy will lack, in words of staff; in the order of the tables above."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        members = package.namelist()
        found = [words for pattern, words in PARTS if any(re.match(pattern, name) for name in members)]
        for pattern, mark, words in MARKS:
            inside = (package.read(name) for name in members if re.fullmatch(pattern, name))
            if any(re.search(mark, content) for content in inside):
                found.append(words)
    return found


def _checked_bytes(inspected: Inspected) -> bytes:
    from hashlib import sha256

    from sopkit.register.read import read_bytes

    source = inspected.register.source
    data = read_bytes(source.path)
    if sha256(data).hexdigest() != source.sha256:
        raise SopkitError(f"{source.path} berubah sejak diperiksa.", "Jalankan lagi.")
    return data


def _spans_too_much(data: bytes) -> bool:
    """Whether merged ranges or links span more cells than openpyxl could hold: it makes every one of them."""
    cells = 0
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                for span in SPAN.findall(package.read(name)):
                    left, top, right, bottom = (int(part) if part.isdigit() else _column(part) for part in span)
                    cells += (abs(bottom - top) + 1) * (abs(right - left) + 1)
    return cells > MOST_SPANNED


def _column(letters: bytes) -> int:
    from openpyxl.utils import column_index_from_string

    return column_index_from_string(letters.decode())


def _load(data: bytes) -> Workbook:
    """Without macros, so that what is opened from a mail can run nothing."""
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is lost is said on the first sheet
        return load_workbook(io.BytesIO(_veiled(data)), keep_vba=False, rich_text=True)


def _veiled(data: bytes) -> bytes:
    """The workbook with its shared formulas under names, for openpyxl to carry as they are.

    openpyxl would write every one of them out: most of the time and three quarters of the size of a copy of a
    register, whose live columns are shared formulas down to the last empty row.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        contents = {name: package.read(name) for name in package.namelist()}
    if any(VEIL in content for content in contents.values()):
        return data
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as veiled:
        for name, content in contents.items():
            is_sheet = name.startswith("xl/worksheets/")
            veiled.writestr(name, SHARED.sub(_veil, content) if is_sheet else content)
    return out.getvalue()


def _veil(formula: re.Match[bytes]) -> bytes:
    name = b"%s.%s." % (VEIL, formula[1].hex().encode())
    return b"<f>%s</f>" % name if formula[2] == b"/>" else b"<f>" + name


def _unveil(formula: re.Match[bytes]) -> bytes:
    attributes = bytes.fromhex(formula[1].decode())
    return b"<f%s/>" % attributes if formula[2] else b"<f%s>" % attributes


def _remarks(lost: Sequence[str]) -> list[str]:
    remarks = ["Salinan ini untuk dibaca. Perbaiki buku kerja aslinya, lalu jalankan pemeriksaan lagi."]
    if lost:
        remarks.append(f"Tidak terbawa dalam salinan ini: {language.list_text(lost)}. Buku kerja asli tetap utuh.")
    return remarks


def _mark_cells(book: Workbook, findings: Sequence[Finding]) -> None:
    """Colour each cell by its gravest finding, and append what was found to the note that staff left there."""
    places: dict[tuple[str, str], list[Finding]] = {}
    for found in findings:
        if found.cell:
            places.setdefault((found.sheet, found.cell), []).append(found)
    merged = {sheet.title: _merged(sheet) for sheet in book.worksheets}
    looks = _Looks()
    for (sheet, address), here in places.items():
        if sheet in merged:
            cell = book[sheet][merged[sheet].get(address, address)]
            colour = _colour(here)
            looks.give(cell, (_Looks.name_of(cell), colour), partial(_fill, colour=colour))
            _note(cell, here)


def _merged(sheet: Worksheet) -> Mapping[str, str]:
    """Cells hidden under a merge, and the cell that shows."""
    from openpyxl.utils import get_column_letter

    shown: dict[str, str] = {}
    for span in sheet.merged_cells.ranges:
        for row, column in span.cells:
            shown[f"{get_column_letter(column)}{row}"] = span.start_cell.coordinate
    return shown


def _colour(found: Sequence[Finding]) -> str:
    worst = min(found, key=lambda each: (each.explained, list(Severity).index(each.severity)))
    return EXPLAINED_FILL if worst.explained else FILLS[worst.severity]


def _fill(cell: Cell | MergedCell, colour: str) -> None:
    from openpyxl.styles import PatternFill

    cell.fill = PatternFill("solid", fgColor=colour)


def _note(cell: Cell, found: Sequence[Finding]) -> None:
    from openpyxl.comments import Comment

    texts = [f"{each.severity.indonesian.upper()} {each.code}: {each.message}\n{_remedy(each)}" for each in found]
    old = cell.comment
    parts = [old.text.rstrip()] if old and old.text.strip() else []
    text = _plain("\n\n".join([*parts, *texts]))[:MOST_COMMENT]
    lines = sum(1 + len(line) // 46 for line in text.splitlines())
    note = Comment(text, old.author if old and old.author else AUTHOR)
    note.width, note.height = 330, min(40 + 19 * lines, 500)
    cell.comment = note


def _remedy(found: Finding) -> str:
    return "Sudah dijelaskan pada Keterangan." if found.explained else f"Perbaikan: {found.fix}"


def _list_findings(book: Workbook, inspected: Inspected, remarks: Sequence[str], names: Mapping[str, str]) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(_free_name(book), 0)
    book.active = 0
    for other in book.worksheets[1:]:
        other.sheet_view.tabSelected = False
    name = inspected.register.source.path.name
    top = (
        (f"Hasil pemeriksaan {name}", Font(name=FONT, bold=True, size=14)),
        (verdict(inspected.summary), Font(name=FONT, bold=True)),
        (f"{counts_text(inspected.summary)}. Keadaan pada {language.datetime_text(inspected.as_of)}.", Font(name=FONT)),
        *((remark, Font(name=FONT, italic=True)) for remark in remarks),
    )
    for row, (text, font) in enumerate(top, start=1):
        _say(sheet.cell(row, 1), text).font = font
    header = len(top) + 2
    _header(sheet, header)
    looks = _Looks()
    ordered = sorted(inspected.findings, key=lambda found: (found.explained, list(Severity).index(found.severity)))
    for place, found in enumerate(ordered, start=1):
        _list_finding(sheet, header + place, place, found, names, looks)
    last = max(header + len(inspected.findings), header)
    sheet.auto_filter.ref = f"A{header}:{get_column_letter(len(HEADERS))}{last}"
    sheet.freeze_panes = f"A{header + 1}"
    _print_setup(sheet, header)


def _header(sheet: Worksheet, row: int) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    for column, (text, width) in enumerate(HEADERS, start=1):
        cell = _say(sheet.cell(row, column), text)
        cell.font = Font(name=FONT, bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="1D3A5F")
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(column)].width = width


def _list_finding(
    sheet: Worksheet, row: int, place: int, found: Finding, names: Mapping[str, str], looks: _Looks
) -> None:
    severity = "dijelaskan" if found.explained else found.severity.indonesian
    values = (
        place, severity, found.code, place_text(found), found.case or "", found.step, found.column, found.message,
        found.fix, found.clause,
    )  # fmt: skip
    linked = found.sheet in names
    for column, value in enumerate(values, start=1):
        cell = _say(sheet.cell(row, column), value)
        colour = _colour([found]) if column == SEVERITY_COLUMN else ""
        looks.give(
            cell, f"list {colour}{linked and column == LINK_COLUMN}", partial(_list_look, colour=colour, linked=linked)
        )
    lines = [-(-len(str(value or "")) // width) for value, (_, width) in zip(values, HEADERS, strict=True)]
    sheet.row_dimensions[row].height = LINE * max(lines)
    if linked:
        _link(sheet.cell(row, LINK_COLUMN), found.sheet, found.cell or "A1")


def _list_look(cell: Cell | MergedCell, colour: str, linked: bool) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    link = linked and cell.column == LINK_COLUMN
    cell.font = Font(name=FONT, color="1D3A5F", underline="single") if link else Font(name=FONT)
    cell.border = Border(bottom=Side("thin", color="D3D9E0"))
    cell.alignment = Alignment(vertical="top", wrap_text=True, horizontal="left")
    if colour:
        cell.fill = PatternFill("solid", fgColor=colour)


class _Looks:
    """Looks that many cells share, made once: openpyxl weighs every style anew, which took most of the time."""

    def __init__(self) -> None:
        self.known: dict[object, StyleArray] = {}

    @staticmethod
    def name_of(cell: Any) -> tuple[int, ...]:
        """The look that the cell has now."""
        return tuple(cell._style) if cell.has_style else ()

    def give(self, cell: Any, name: object, make: Callable[[Any], None]) -> None:
        """Give the cell the look called `name`, which `make` gives to the first cell that asks for it."""
        if name not in self.known:
            make(cell)
            self.known[name] = copy(cell._style)
        cell._style = copy(self.known[name])


def _link(cell: Cell | MergedCell, sheet: str, address: str) -> None:
    from openpyxl.worksheet.hyperlink import Hyperlink

    quoted = sheet.replace("'", "''")
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{quoted}'!{address}", display=str(cell.value))


def _print_setup(sheet: Worksheet, header: int) -> None:
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{header}:{header}"
    if sheet.oddFooter:
        sheet.oddFooter.right.text = "Halaman &P dari &N"
    sheet.sheet_properties.tabColor = "9B1C1C"
    sheet.sheet_view.showGridLines = False


def _say(cell: Cell | MergedCell, value: str | int | None) -> Cell | MergedCell:
    """Put a value; a text stays a text even when it begins like a formula."""
    text = _plain(value) if isinstance(value, str) else value
    cell.value = text
    if isinstance(text, str) and text.startswith("="):
        cell.data_type = "s"
    return cell


def _plain(text: str) -> str:
    """Without the control characters that a sheet's XML cannot hold."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff￾￿]", " ", text)


def _free_name(book: Workbook) -> str:
    """`Temuan`, or `Temuan 2` … where the staff's workbook has one."""
    taken = {name.casefold() for name in book.sheetnames}
    number, name = 1, SHEET
    while name.casefold() in taken:
        number += 1
        name = f"{SHEET} {number}"
    return name


def _fixed(book: Workbook, inspected: Inspected) -> bytes:
    """The package with fixed times: openpyxl stamps every member and the properties with the clock."""
    book.calculation.fullCalcOnLoad = True
    written = io.BytesIO()
    book.save(written)
    stamp = f"{inspected.as_of.isoformat(timespec='seconds')}Z".encode()
    out = io.BytesIO()
    with zipfile.ZipFile(written) as package, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as fixed:
        for name in package.namelist():
            content = package.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:(?:modified|created)[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            elif name.startswith("xl/worksheets/"):
                content = VEILED.sub(_unveil, content)
            info = zipfile.ZipInfo(name, ZIP_TIME)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            fixed.writestr(info, content, compresslevel=6)
    return out.getvalue()
