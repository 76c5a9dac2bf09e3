"""NAMA-diperiksa.xlsx: the staff's own workbook with every finding on its cell, and a first sheet that lists them all.

The copy is for reading; the staff's file is not touched. Colours, notes and the list are laid into the package of the
staff's workbook, whose other parts stay byte for byte. Macros, a digital signature and the history of a shared
workbook cannot stay, which is said on the first sheet. Where colours cannot be laid in, the list stands alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sopkit import language
from sopkit.checks.catalogue import Finding, Severity
from sopkit.checks.inspection import Inspected
from sopkit.ooxml.package import Package, new_package, sheet_parts
from sopkit.ooxml.sheet_edit import read_sheet
from sopkit.ooxml.xml_edit import UnclearPackageError, spliced
from sopkit.register.own_output import COPY_OF, FOR_READING, LIST_ONLY
from sopkit.reports.cell_comments import Remark, note_splices
from sopkit.reports.cell_styles import Styles, colour_splices, shown_cells
from sopkit.reports.findings import place_text, remedy_text, standing_text
from sopkit.reports.findings_sheet import Line, Listing, list_sheet
from sopkit.reports.insert_sheet import add_first_sheet
from sopkit.reports.statistics import counts_text, verdict

WRITABLE = ("xlsx", "xlsm")
SHEET = "Temuan"
FILLS = {Severity.ERROR: "F4B6B6", Severity.BREACH: "F8CBA0", Severity.WARNING: "FFE99A", Severity.NOTE: "CFE0F1"}
EXPLAINED_FILL = "D9E5DC"
MOST_NOTE = 4000  # letters; Excel cuts a note at 32,767 and nobody reads past a screen
UNTOUCHED = "Selain warna dan catatan pada sel temuan serta sheet ini, isinya sama dengan buku kerja aslinya."
LEFT_OUT = "Tidak terbawa dalam salinan ini: {what}. Buku kerja asli tetap utuh."
LEAVES: tuple[tuple[str, str], ...] = (
    (r"[^/]+/(_rels/)?vba|customUI/", "makro"),
    (r"_xmlsignatures/", "tanda tangan digital"),
    (r"[^/]+/(revisions/|userNames)", "riwayat perubahan bersama"),
)
"""Parts that cannot stay: what runs by itself, what a change makes untrue. With what staff call them."""


def annotate(inspected: Inspected) -> bytes:
    """The annotated copy as the bytes of an xlsx; the same bytes for the same input.

    It is a copy of the bytes that were checked, though the workbook may have been saved again since.
    """
    data = inspected.book.data
    kind = inspected.register.source.format
    if kind not in WRITABLE:
        return _list_alone(inspected, f"berjenis {kind}")
    try:
        return _coloured(inspected, data)
    except UnclearPackageError as error:
        return _list_alone(inspected, str(error))


def left_out(data: bytes) -> list[str]:
    """What of this workbook the copy will lack, in words of staff."""
    return _take_out(Package.read(data))


def _coloured(inspected: Inspected, data: bytes) -> bytes:
    package = Package.read(data)
    if any(kind.endswith("acrosheet") for kind, _ in package.relations(package.book).values()):
        raise UnclearPackageError("memuat lembar makro Excel 4")
    lost = _take_out(package)
    sheets = sheet_parts(package)
    styles = Styles(package)
    for name, found in _by_sheet(inspected.findings).items():
        if name in sheets:
            _mark(package, sheets[name], styles, found, inspected)
    remark = LEFT_OUT.format(what=language.list_text(lost)) if lost else UNTOUCHED
    return _listed(package, styles, inspected, [FOR_READING, remark], list(sheets))


def _list_alone(inspected: Inspected, why: str) -> bytes:
    package = new_package()
    return _listed(package, Styles(package), inspected, [LIST_ONLY.format(why=why)], [])


def _take_out(package: Package) -> list[str]:
    lost = []
    for pattern, words in LEAVES:
        if package.drop(pattern):
            lost.append(words)
    package.without_macros()
    return lost


def _by_sheet(findings: Sequence[Finding]) -> Mapping[str, list[Finding]]:
    sheets: dict[str, list[Finding]] = {}
    for found in findings:
        if found.cell:
            sheets.setdefault(found.sheet, []).append(found)
    return sheets


def _mark(package: Package, part: str, styles: Styles, findings: Sequence[Finding], inspected: Inspected) -> None:
    """Colour each cell by its gravest finding, and append what was found to the note that staff left there."""
    sheet = read_sheet(package.part(part))
    shown = shown_cells(sheet, {found.cell for found in findings})
    cells: dict[str, list[Finding]] = {}
    for found in findings:
        cells.setdefault(shown[found.cell], []).append(found)
    splices = colour_splices(sheet, styles, {cell: _colour(here) for cell, here in cells.items()})
    notes = {cell: _remarks(here) for cell, here in cells.items()}
    splices += note_splices(package, part, sheet, notes, inspected.as_of)
    package.parts[part] = spliced(sheet.xml, splices)


def _colour(found: Sequence[Finding]) -> str:
    worst = min(found, key=lambda each: (each.explained, list(Severity).index(each.severity)))
    return EXPLAINED_FILL if worst.explained else FILLS[worst.severity]


def _remarks(findings: Sequence[Finding]) -> list[Remark]:
    remarks, room = [], MOST_NOTE
    for found in findings:
        remedy = f"{'' if found.explained else 'Perbaikan: '}{remedy_text(found)}"
        text = f" {found.message}\n{remedy}"[:room]
        remarks.append(Remark(f"{found.severity.indonesian.upper()} {found.code}:", text))
        room -= len(text)
        if room <= 0:
            break
    return remarks


def _listed(
    package: Package, styles: Styles, inspected: Inspected, remarks: Sequence[str], sheets: Sequence[str]
) -> bytes:
    order = list(Severity)
    findings = sorted(inspected.findings, key=lambda found: (found.explained, order.index(found.severity)))
    listing = Listing(
        title=f"{COPY_OF}{inspected.book.path.name}",
        verdict=verdict(inspected),
        texts=(
            f"{counts_text(inspected.summary)}. Keadaan pada {language.datetime_text(inspected.as_of)}.", *remarks,
        ),
        lines=[_line(found, sheets) for found in findings],
    )  # fmt: skip
    content = list_sheet(listing, styles)
    styles.write()
    name = _free_name(sheets)
    add_first_sheet(package, name, content, titles=f"${listing.header}:${listing.header}", filtered=listing.span)
    return package.to_bytes()


def _line(found: Finding, sheets: Sequence[str]) -> Line:
    quoted = found.sheet.replace("'", "''")
    return Line(
        colour=_colour([found]),
        link=f"'{quoted}'!{found.cell or 'A1'}" if found.sheet in sheets else "",
        values=(
            standing_text(found), found.code, place_text(found), found.case or "", found.step, found.column,
            found.message, remedy_text(found), found.clause,
        ),
    )  # fmt: skip


def _free_name(sheets: Sequence[str]) -> str:
    """`Temuan`, or `Temuan 2` … where the staff's workbook has one."""
    taken = {name.casefold() for name in sheets}
    number, name = 1, SHEET
    while name.casefold() in taken:
        number += 1
        name = f"{SHEET} {number}"
    return name
