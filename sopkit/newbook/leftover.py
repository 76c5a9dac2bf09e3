"""What of a workbook is not carried over into the new one, each told in one line with its sheet and cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import unescape
from pathlib import Path

from sopkit.checks.catalogue import Finding
from sopkit.newbook.create import LINED, LIVE_NOTE, Formula
from sopkit.newbook.formula import FIRST
from sopkit.newbook.typed import Opened, Typed, TypedSheet, read_typed
from sopkit.newbook.validations import ALERTS, PROMPTS, note_of
from sopkit.ooxml.address import address_parts, corners, letter
from sopkit.ooxml.package import Package, sheet_parts
from sopkit.ooxml.sheet_scan import LAST_ROW
from sopkit.ooxml.xml_edit import UnclearPackageError, attribute
from sopkit.register.layout import Layout, plain
from sopkit.register.own_words import by_spelling
from sopkit.register.parse import is_blank
from sopkit.register.schema import (
    CALCULATION_SHEET,
    EXTENDABLE,
    GUIDE_SHEET,
    LISTS_SHEET,
    SHEETS,
    SOP_SHEET,
    SUMMARY_SHEET,
)  # fmt: skip
from sopkit.register.sheets import Grid, named

MOST_CELLS = 12
SERVICES = EXTENDABLE[0]
TALL = 250  # rows from which on a rule of one column is one that sopkit itself laid
_NO_DATA = {
    "numbers": "nomor kolom",
    "headers": "judul kolom yang diulang",
    "totals": "baris jumlah (total)",
    "signature": "tanda tangan di bawah tabel",
}
"""What rows that are no data are called."""
MADE = (GUIDE_SHEET, SUMMARY_SHEET, SOP_SHEET)
DRAWN = {b"pic": "gambar", b"graphicFrame": "diagram", b"sp": "bentuk", b"cxnSp": "garis", b"grpSp": "kelompok gambar"}
ANCHOR = re.compile(
    rb"<(?:\w+:)?(?:twoCell|oneCell|absolute)Anchor\b.*?</(?:\w+:)?(?:twoCell|oneCell|absolute)Anchor>", re.S
)
FROM = re.compile(rb"<(?:\w+:)?from>.*?<(?:\w+:)?col>(\d+)<.*?<(?:\w+:)?row>(\d+)<", re.S)
CONDITION = re.compile(rb"<((?:\w+:)?)conditionalFormatting\b([^>]*)>(.*?)</\1conditionalFormatting>", re.S)
VALIDATION = re.compile(rb"<(?:\w+:)?dataValidation\s([^>]*)>", re.S)
COMMENT = re.compile(rb"<((?:\w+:)?)comment(\s[^>]*)>.*?<\1text>(.*?)</\1text>", re.S)
NEWER = re.compile(rb"<x14:(conditionalFormatting|dataValidation)\b.*?<xm:sqref>([^<]*)</xm:sqref>", re.S)

Cells = Sequence[tuple[int, int]]  # row and column


def left_behind(typed: Typed, layout: Layout, renewed: Path, findings: Sequence[Finding]) -> Iterator[str]:
    """Indonesian lines; `renewed` is the new workbook, `findings` those of the old one."""
    new = read_typed(renewed, Layout())
    for name, sheet in typed.sheets.items():
        yield from _of_rows(sheet)
        yield from _of_own_columns(sheet)
        yield from _beside(sheet.grid, new.book.grids[name], sheet.header.row - 1)
    for name in (*MADE, LISTS_SHEET):
        if grid := named(typed.book.grids, layout.sheet(name)):
            yield from _beside(grid, new.book.grids[name], LAST_ROW, changed=name == LISTS_SHEET)
    if not typed.lists.get(SERVICES):
        yield f"{LISTS_SHEET}!A{FIRST}: daftar {SERVICES} kosong seperti semula; isilah agar dapat dipilih."
    yield from _own_words(typed, layout)
    sop = [address_parts(found.cell) for found in findings if found.code == "B09"]
    yield from _line(SOP_SHEET, sop, "sheet ini dibuat menurut SOP yang berlaku; isi yang berbeda tidak dibawa")
    yield from _own_sheets(typed.book, layout)
    yield from _of_package(typed, layout)


def _own_words(typed: Typed, layout: Layout) -> Iterator[str]:
    """The office's own words for values of lists: the layout file says what they mean, the live columns cannot."""
    for column, words in by_spelling(layout.values).items():
        for sheet in (
            typed.sheets[plan.name] for plan in SHEETS if column in plan.columns and plan.name in typed.sheets
        ):
            values = (row.get(column.field) for row in sheet.rows)
            if any(isinstance(value, str) and plain(value) in words for value in values):
                yield (
                    f"{sheet.grid.name}: kata kantor sendiri di kolom {column.header} dibawa; kolom otomatis tidak "
                    "mengenalnya, jadi pilihlah dari daftar untuk isian baru."
                )


def _of_rows(sheet: TypedSheet) -> Iterator[str]:
    name, numbers = sheet.grid.name, set(sheet.numbers)
    formulas = {column: set(rows) for column, rows in sheet.grid.facts.formulas.items()}
    own = [
        (number, column)
        for title, column in sheet.columns.items()
        for number, row in zip(sheet.numbers, sheet.rows, strict=True)
        if number in formulas.get(column, ()) and not isinstance(row.get(title), Formula)
    ]
    yield from _line(name, own, "rumus di kolom isian; nilainya dibawa, rumusnya tidak")
    aside = {row for one in sheet.asides for row in one.rows}
    below = range(sheet.header.row + 1, sheet.grid.first_row + len(sheet.grid.rows))
    over = [
        (row, column)
        for column in sheet.live
        for row in below
        if column in formulas and row not in formulas[column] and row not in aside and _typed(sheet.grid, row, column)
    ]
    yield from _line(name, over, "isi yang diketik di kolom otomatis tidak dibawa; kolom itu dihitung lagi")
    yield from _of_asides(sheet)
    passed = numbers | {row for row in aside if numbers and row < sheet.numbers[-1]}
    gaps = (sheet.numbers[-1] - sheet.header.row - len(passed)) if numbers else 0
    if gaps > 0:
        yield f"{name}: {gaps} baris kosong di antara isian dirapatkan."


def _of_asides(sheet: TypedSheet) -> Iterator[str]:
    """What stands on the sheet and is no data."""
    groups = [(_NO_DATA[one.kind], one.rows) for one in sheet.asides]
    grid = sheet.grid
    columns = range(grid.first_column, grid.first_column + len(grid.rows[0]))
    for what, rows in (*groups, ("tulisan sendiri di bawah data", sheet.strewn)):
        filled = ((row, column) for row in rows for column in columns if _typed(grid, row, column))
        yield from _line(grid.name, list(filled), f"{what} tidak dibawa")


def _typed(grid: Grid, row: int, column: int) -> bool:
    return not is_blank(_at(grid, row, column))


def _at(grid: Grid, row: int, column: int) -> object:
    down, across = row - grid.first_row, column - grid.first_column
    inside = 0 <= down < len(grid.rows) and 0 <= across < len(grid.rows[down])
    return (grid.rows[down][across] or None) if inside else None


def _of_own_columns(sheet: TypedSheet) -> Iterator[str]:
    titles = {address_parts(cell)[1]: shown.strip() for cell, shown in sheet.header.unknown}
    for title, column in sheet.own.items():
        was = titles.get(column, "")
        kept = f"isi kolom sendiri “{was}” dibawa" if was else "isi kolom tanpa judul dibawa"
        renamed = "" if was == title else f", judulnya menjadi “{title}”"
        yield f"{sheet.grid.name}!{letter(column)}: {kept}{renamed}; format angka, warna, dan lebarnya tidak."


def _beside(old: Grid, new: Grid, last: int, *, changed: bool = True) -> Iterator[str]:
    """What was typed in rows up to `last` and stands nowhere in the new sheet.

    Without `changed` only where the new sheet has nothing: its own texts may have changed since.
    """
    shown = {(row, column) for column, rows in old.facts.formulas.items() for row in rows}
    texts = {plain(str(value)) for row in new.rows for value in row if not is_blank(value)}
    end = min(last, old.first_row + len(old.rows) - 1)
    cells = [
        (row, column)
        for row in range(old.first_row, end + 1)
        for column in range(old.first_column, old.first_column + len(old.rows[0]))
        if (row, column) not in shown and _typed(old, row, column) and (changed or not _typed(new, row, column))
        and plain(str(_at(old, row, column))) not in texts
    ]  # fmt: skip
    yield from _line(old.name, cells, "tulisan sendiri di luar tabel tidak dibawa")


def _own_sheets(book: Opened, layout: Layout) -> Iterator[str]:
    ours = (*(plan.name for plan in SHEETS), *MADE, LISTS_SHEET, CALCULATION_SHEET)
    known = {plain(layout.sheet(name)) for name in ours}
    for name in dict.fromkeys((*book.grids, *_parts(book))):
        if plain(name) not in known:
            yield f"{name}: sheet sendiri tidak dibawa."


def _parts(book: Opened) -> Mapping[str, str]:
    try:
        return sheet_parts(book.package) if book.package else {}
    except UnclearPackageError:
        return {}


def _of_package(typed: Typed, layout: Layout) -> Iterator[str]:
    """Comments, pictures, conditional formats, validations and macros, as far as the format lets one see them."""
    book = typed.book
    if book.package is None:
        yield (
            f"Dari berkas .{book.facts.format} hanya isi sel yang dibawa; komentar, gambar, pemformatan bersyarat, "
            "validasi, dan makro tidak."
        )
        return
    if any(part.endswith("vbaProject.bin") for part in book.package.parts):
        yield "Makro (VBA) tidak dibawa."
    ours = {layout.sheet(plan.name): typed.sheets.get(plan.name) for plan in SHEETS}
    tables = {plain(name): sheet for name, sheet in ours.items()}
    known = {*tables, *(plain(layout.sheet(name)) for name in (*MADE, LISTS_SHEET, CALCULATION_SHEET))}
    for name, part in _parts(book).items():
        if plain(name) in known:
            yield from _line(name, _comments(book.package, part), "komentar sel tidak dibawa")
            yield from _drawings(book.package, name, part)
        if plain(name) in tables:
            yield from _rules(name, book.package.parts[part], tables[plain(name)])


def _comments(package: Package, part: str) -> Cells:
    """The cells with a comment that sopkit did not write on a header."""
    xml = package.parts.get(package.related(part, "comments") or "", b"")
    found = (
        (re.search(rb"ref=[\"']([A-Z]+\d+)[\"']", head), unescape(re.sub(r"<[^>]*>", "", body.decode())))
        for _, head, body in COMMENT.findall(xml)
    )
    own = {plain(note_of(column)) for plan in SHEETS for column in plan.columns}
    return [
        address_parts(cell[1].decode())
        for cell, text in found
        if cell and plain(text) not in own and not plain(text).startswith(plain(LIVE_NOTE))
    ]


def _drawings(package: Package, name: str, part: str) -> Iterator[str]:
    drawing = package.parts.get(package.related(part, "drawing") or "", b"")
    own = plain(name) == plain(SUMMARY_SHEET)  # its first diagram is sopkit's
    for anchor in ANCHOR.findall(drawing):
        kind = next((kind for kind in DRAWN if re.search(rb"<(?:\w+:)?" + kind + rb"[\s>]", anchor)), b"sp")
        if own and kind == b"graphicFrame":
            own = False
            continue
        place = FROM.search(anchor)
        cells = [(int(place[2]) + 1, int(place[1]) + 1)] if place else []
        yield from (
            _line(name, cells, f"{DRAWN[kind]} tidak dibawa") if cells else (f"{name}: {DRAWN[kind]} tidak dibawa.",)
        )


def _rules(name: str, xml: bytes, sheet: TypedSheet | None) -> Iterator[str]:
    """Conditional formats and validations, without those that look like sopkit's own."""
    tail = xml[xml.rfind(b"sheetData>") :]
    common = {*sheet.header.columns.values(), *sheet.live} if sheet else set()
    formats = [
        _spans(attribute(b"<a" + head + b">", "sqref") or "")
        for _, head, body in CONDITION.findall(tail)
        if b"stopIfTrue=" not in body and LINED.encode() not in body
        and not _wide(attribute(b"<a" + head + b">", "sqref") or "", common)
    ]  # fmt: skip
    checks = [
        _spans(attribute(b"<a " + head + b">", "sqref") or "") for head in VALIDATION.findall(tail) if not _ours(head)
    ]
    for kind, spans in NEWER.findall(tail):
        (formats if kind == b"conditionalFormatting" else checks).append(_spans(spans.decode()))
    for found, what in ((formats, "pemformatan bersyarat sendiri"), (checks, "validasi sendiri")):
        spans = list(dict.fromkeys(span for each in found for span in each))
        if spans:
            yield f"{name}!{_listed(spans)}: {what} tidak dibawa."


def _spans(text: str) -> list[str]:
    return [span for span in text.split() if re.fullmatch(r"[A-Z]+\d+(:[A-Z]+\d+)?", span)]


def _wide(spans: str, common: Iterable[int]) -> bool:
    """Whether these are whole columns that sopkit fills or has filled in."""
    found = [corners(span) for span in _spans(spans)]
    return all(right in common and left == right and bottom - top >= TALL for (top, left), (bottom, right) in found)


def _ours(head: bytes) -> bool:
    """Whether a validation is one that sopkit itself laid."""
    said = b"<a " + head + b">"
    return attribute(said, "errorTitle") in ALERTS or attribute(said, "promptTitle") in PROMPTS


def _line(name: str, cells: Iterable[tuple[int, int]], what: str) -> Iterator[str]:
    spans = _runs(cells)
    if spans:
        yield f"{name}!{_listed(spans)}: {what}."


def _runs(cells: Iterable[tuple[int, int]]) -> list[str]:
    """A1 ranges: cells below each other as one."""
    spans: list[list[int]] = []  # column, first row, last row
    for column, row in sorted({(column, row) for row, column in cells}):
        if spans and spans[-1][0] == column and spans[-1][2] == row - 1:
            spans[-1][2] = row
        else:
            spans.append([column, row, row])
    return [
        f"{letter(column)}{first}" + (f":{letter(column)}{last}" if last > first else "")
        for column, first, last in spans
    ]


def _listed(spans: Sequence[str]) -> str:
    more = len(spans) - MOST_CELLS
    return ", ".join(spans[:MOST_CELLS]) + (f" dan {more} tempat lain" if more > 0 else "")
