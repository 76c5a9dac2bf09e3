"""An independent reader's word that a workbook was written as said.

openpyxl, which knows nothing of how cells are spliced, reads the edited sheets before and after: every cell must hold
what it held, or what was said. All else must be the same bytes: the other parts (sheets, names, styles, texts), and of
an edited sheet its formulas and what stands around its cells (merged ranges, validations, formats). Formulas are
compared as bytes because openpyxl takes 7.5 s to spell out the shared ones of 2,000 cases, and 3 s without them.
"""

from __future__ import annotations

import datetime as dt
import io
import logging
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import unescape

from sopkit.ooxml.address import address_parts, letter
from sopkit.ooxml.package import Package, sheet_parts
from sopkit.ooxml.xml_edit import text_xml

LOG = logging.getLogger(__name__)
NAMED = 3  # differences that are said

CELLS = re.compile(rb"<((?:[\w.-]+:)?sheetData)\b(?:[^<>]*/>|.*</\1\s*>)", re.DOTALL)
CELL = re.compile(rb"<(?:[\w.-]+:)?c[\s/>]")
FORMULA = re.compile(rb"<(?:[\w.-]+:)?c\s[^<>]*>\s*<(?:[\w.-]+:)?f\b(?:[^<>]*/>|[^<>]*>[^<]*</)")
ALLOWED = re.compile(rb"<((?:[\w.-]+:)?(?:dimension|sheetCalcPr))\b[^<>]*?(?:/>|>\s*</\1\s*>)")

Texts = Mapping[str, Mapping[str, str | dt.date]]  # sheet -> A1 address -> text or date
Place = tuple[int, int]  # row and column


@dataclass(frozen=True)
class Seen:
    """A sheet as openpyxl reads it: its stated extent (least row and column, greatest), how many cells, what they hold.

    `held` has the kind and the value of each cell that is not empty.
    """

    extent: tuple[int | None, ...]
    cells: int
    held: Mapping[Place, tuple[str, Any]]


def differences(before: bytes, after: bytes, texts: Texts) -> list[str]:
    """What else than `texts` changed from one workbook to the other, or did not; a few Indonesian phrases.

    Where openpyxl cannot read the workbook as it was, or passes over cells of it, only the bytes are compared.
    """
    old = Package.read(before)
    try:
        new = Package.read(after)
    except Exception as error:  # whatever zipfile meets in a broken file
        return [f"berkasnya tidak dapat dibuka ({error})"]
    found = list(_other_bytes(old, new, {sheet_parts(old)[sheet]: sheet for sheet in texts}))
    return (found or _other_cells(old, before, after, texts))[:NAMED]


def _other_bytes(old: Package, new: Package, edited: Mapping[str, str]) -> Iterator[str]:
    """`edited`: part -> its sheet."""
    if list(old.parts) != list(new.parts):
        yield "bagian-bagian berkasnya"
    for part, content in old.parts.items():
        now = new.parts.get(part, b"")
        if part not in edited:
            if now != content:
                yield f"bagian {part}"
            continue
        (around, formulas), (around_now, formulas_now) = _beside_values(content), _beside_values(now)
        if around != around_now:
            yield f"aturan dan bentuk sheet {edited[part]}"
        if formulas != formulas_now:
            yield f"rumus di sheet {edited[part]}"


def _beside_values(xml: bytes) -> tuple[bytes, list[bytes]]:
    """What stands around a sheet's cells, except what may change with them; and its formulas, with their cells."""
    cells = CELLS.search(xml)
    if cells is None:
        return xml, []
    return ALLOWED.sub(b"", xml[: cells.start()] + xml[cells.end() :]), FORMULA.findall(cells[0])


def _other_cells(old: Package, before: bytes, after: bytes, texts: Texts) -> list[str]:
    try:
        was = _read(before, texts)
        _refuse_partial(old, was)
    except Exception as error:  # openpyxl raises whatever its parsing meets
        LOG.debug("openpyxl tidak dapat memeriksa buku kerja ini (%s); hanya byte yang dibandingkan.", error)
        return []
    try:
        now = _read(after, texts)
    except Exception as error:
        return [f"isinya tidak dapat dibaca lagi ({error})"]
    return [what for sheet in texts for what in _apart(sheet, was[sheet], now[sheet], texts[sheet])]


def _read(data: bytes, sheets: Texts) -> Mapping[str, Seen]:
    from openpyxl import load_workbook

    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):  # it prints what it finds strange
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        return {sheet: _seen(book[sheet]) for sheet in sheets}


def _seen(sheet: Any) -> Seen:
    from openpyxl.cell.read_only import EMPTY_CELL

    extent = (sheet.min_row, sheet.min_column, sheet.max_row, sheet.max_column)
    sheet.reset_dimensions()  # else cells beyond a wrong extent are passed over
    cells = [cell for row in sheet.iter_rows() for cell in row if cell is not EMPTY_CELL]
    held = {(cell.row, cell.column): (cell.data_type, cell.value) for cell in cells if cell.value is not None}
    return Seen(extent, len(cells), held)


def _refuse_partial(package: Package, seen: Mapping[str, Seen]) -> None:
    """ValueError when openpyxl saw not all cells: it loses those that are out of their order."""
    for sheet, part in sheet_parts(package).items():
        cells = CELLS.search(package.parts[part]) if sheet in seen else None
        if cells and len(CELL.findall(cells[0])) != seen[sheet].cells:
            raise ValueError(f"sel sheet {sheet} tidak berurutan")


def _apart(sheet: str, was: Seen, now: Seen, texts: Mapping[str, str | dt.date]) -> Iterator[str]:
    places = {address_parts(cell): value for cell, value in texts.items()}
    said = {place: _as_held(value, now.held.get(place)) for place, value in places.items()}
    expected = {**was.held, **said}
    if expected != now.held:
        for place in sorted(expected.keys() | now.held.keys()):
            if expected.get(place) != now.held.get(place):
                yield f"sel {sheet}!{letter(place[1])}{place[0]}"
    if now.extent not in (was.extent, _widened(was.extent, said)):
        yield f"luas sheet {sheet}"


def _as_held(value: str | dt.date, now: tuple[str, Any] | None) -> tuple[str, Any]:
    """What a cell is to hold: its text, or its day as a date or as a text."""
    if not isinstance(value, dt.date):
        return "s", _as_read(value)
    dated = "d", dt.datetime.combine(value, dt.time())
    return dated if now == dated else ("s", f"{value:%d-%m-%Y}")


def _as_read(text: str) -> str:
    """The text that a reader of XML gets."""
    return re.sub(r"\r\n?", "\n", unescape(text_xml(text)))


def _widened(extent: tuple[int | None, ...], places: Mapping[Place, object]) -> tuple[int | None, ...]:
    rows, columns = ([place[axis] for place in places] for axis in (0, 1))
    top, left, bottom, right = extent
    if top is None or left is None or bottom is None or right is None:
        return extent
    return min(top, *rows), min(left, *columns), max(bottom, *rows), max(right, *columns)
