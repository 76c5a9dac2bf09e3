"""Cells put into a sheet's XML where they belong, all other bytes as they were."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sopkit.ooxml.address import address_parts, corners, letter
from sopkit.ooxml.xml_edit import (
    ASIDE,
    Element,
    Splice,
    UnclearPackageError,
    appended,
    attribute,
    children,
    prefixed,
    root_of,
    tags,
    with_attribute,
)

Value = TypeVar("Value")


@dataclass(frozen=True)
class Columns:
    """Columns `first` to `last` that share a look (a number, or empty) and a width in characters, 0 when hidden."""

    first: int
    last: int
    look: str
    width: float


@dataclass
class Sheet:
    """A sheet's XML: the elements around its cells, its columns, and where its rows begin."""

    xml: bytes
    root: Element
    places: Mapping[str, Element]
    columns: Sequence[Columns]
    numbers: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    heights: dict[int, float] = field(default_factory=dict)  # points, of rows that have their own

    @property
    def data(self) -> Element:
        return self.places["sheetData"]


@dataclass(frozen=True)
class Cell:
    """A cell as the sheet holds it: its opening tag, and what follows to the end of its element.

    One that the sheet does not hold yet is blank and has the look of its row or column.
    """

    address: str
    tag: bytes
    rest: bytes = b""


def read_sheet(xml: bytes) -> Sheet:
    """The map of a sheet. `UnclearPackageError` when it holds no cells in the usual namespace or has rows twice."""
    root = root_of(xml)
    places = {each.name: each for each in children(xml, root)}
    sheet = Sheet(xml, root, places, _columns(xml, places.get("cols")))
    if "sheetData" not in sheet.places:
        raise UnclearPackageError("memuat lembar tanpa sel")
    number = 0
    for match in tags(root.prefix, b"row").finditer(xml, sheet.data.inner, sheet.data.inner_end):
        if match[1] is not None:
            number = int(attribute(match[0], "r") or number + 1)
            sheet.numbers.append(number)
            sheet.starts.append(match.start())
            if b"ht" in match[1]:
                sheet.heights[number] = float(attribute(match[0], "ht") or 15)
    if any(later <= earlier for earlier, later in zip(sheet.numbers, sheet.numbers[1:], strict=False)):
        raise UnclearPackageError("memuat baris yang tidak berurutan")
    return sheet


def _columns(xml: bytes, place: Element | None) -> list[Columns]:
    found = []
    for tag in (each.tag(xml) for each in children(xml, place)) if place else ():
        hidden = attribute(tag, "hidden") in ("1", "true")
        width = 0.0 if hidden else float(attribute(tag, "width") or 9.14)
        first, last = int(attribute(tag, "min") or 0), int(attribute(tag, "max") or 0)
        found.append(Columns(first, last, attribute(tag, "style") or "", width))
    return found


def merged_cells(sheet: Sheet, cells: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Those of the cells that lie in a merged range, each with that range."""
    places = sorted((*address_parts(cell), cell) for cell in cells)
    rows = [row for row, _, _ in places]
    merges = sheet.places.get("mergeCells")
    for merge in children(sheet.xml, merges) if merges else ():
        span = attribute(merge.tag(sheet.xml), "ref") or "A1"
        (top, left), (bottom, right) = corners(span)
        for _, column, cell in places[bisect_left(rows, top) : bisect_right(rows, bottom)]:
            if left <= column <= right:
                yield cell, span


def cell_splices(sheet: Sheet, values: Mapping[str, Value], write: Callable[[Cell, Value], bytes]) -> list[Splice]:
    """What puts `write(cell, value)` in the place of each cell (A1 -> value), and widens the sheet's stated extent."""
    rows: dict[int, dict[int, Value]] = {}
    for address, value in values.items():
        row, column = address_parts(address)
        rows.setdefault(row, {})[column] = value
    splices = [splice for row in sorted(rows) for splice in _row_splices(sheet, row, rows[row], write)]
    if sheet.data.inner == sheet.data.end and splices:
        splices = [appended(sheet.xml, sheet.data, b"".join(content for _, _, content in splices))]
    return splices + _dimension(sheet, rows)


def _row_splices(
    sheet: Sheet, number: int, values: Mapping[int, Value], write: Callable[[Cell, Value], bytes]
) -> list[Splice]:
    place = bisect_left(sheet.numbers, number)
    if place == len(sheet.numbers) or sheet.numbers[place] != number:
        at = sheet.starts[place] if place < len(sheet.starts) else sheet.data.inner_end
        cells = b"".join(write(_blank(sheet, number, column), values[column]) for column in sorted(values))
        opening, closing = (prefixed(tag, sheet.root.prefix) for tag in (f'<row r="{number}">', "</row>"))
        return [(at, at, opening + cells + closing)]
    row, look = _row(sheet, place)
    splices = []
    for column in sorted(values):
        at, end, cell = _cell(sheet, row, number, column)
        splices.append((at, end, write(cell or _blank(sheet, number, column, look), values[column])))
    if row.inner == row.end:
        return [appended(sheet.xml, row, b"".join(content for _, _, content in splices))]
    return splices


def _row(sheet: Sheet, place: int) -> tuple[Element, str]:
    """A row of the sheet, and the look that it gives to its blank cells."""
    start, prefix = sheet.starts[place], sheet.root.prefix
    match = tags(prefix, b"row").match(sheet.xml, start)
    assert match
    look = attribute(match[0], "s") if attribute(match[0], "customFormat") in ("1", "true") else None
    inner = inner_end = end = match.end()
    if not match[0].endswith(b"/>"):
        until = sheet.starts[place + 1] if place + 1 < len(sheet.starts) else sheet.data.inner_end
        inner_end = sheet.xml.rindex(b"</" + prefix + b"row", start, until)
        end = sheet.xml.index(b">", inner_end) + 1
    return Element("row", prefix, start, inner, inner_end, end), look or ""


def _cell(sheet: Sheet, row: Element, number: int, column: int) -> tuple[int, int, Cell | None]:
    """From where to where a cell of the row stands; for one that is not there, twice the place where it belongs."""
    address = f"{letter(column)}{number}"
    at, tag = _opening_tag(sheet, row, address, column)
    if not tag:
        return at, at, None
    inner = end = at + len(tag)
    if not tag.endswith(b"/>"):
        closing = re.compile(ASIDE + rb"|</(" + re.escape(row.prefix) + rb"c)\s*>", re.DOTALL)
        end = next(match.end() for match in closing.finditer(sheet.xml, inner) if match[1])
    return at, end, Cell(address, tag, sheet.xml[inner:end])


def _opening_tag(sheet: Sheet, row: Element, address: str, column: int) -> tuple[int, bytes]:
    place = sheet.xml.find(f' r="{address}"'.encode(), row.inner, row.inner_end)
    at = sheet.xml.rfind(b"<", row.inner, place) if place >= 0 else -1
    if at >= 0 and sheet.xml.startswith(b"<" + row.prefix + b"c ", at) and sheet.xml.find(b">", at, place) < 0:
        return at, sheet.xml[at : sheet.xml.index(b">", place) + 1]
    here = 0
    for match in tags(row.prefix, b"c").finditer(sheet.xml, row.inner, row.inner_end):
        if match[1] is not None:
            written = attribute(match[0], "r")
            here = address_parts(written)[1] if written else here + 1
            if here >= column:
                return match.start(), match[0] if here == column else b""
    return row.inner_end, b""


def _blank(sheet: Sheet, row: int, column: int, look: str = "") -> Cell:
    look = look or next((each.look for each in sheet.columns if each.first <= column <= each.last), "")
    address = f"{letter(column)}{row}"
    tag = prefixed(f'<c r="{address}"/>', sheet.root.prefix)
    return Cell(address, with_attribute(tag, "s", look) if look else tag)


def _dimension(sheet: Sheet, rows: Mapping[int, Iterable[int]]) -> list[Splice]:
    """The sheet's stated extent, where a cell lies outside."""
    place = sheet.places.get("dimension")
    text = attribute(place.tag(sheet.xml), "ref") if place else None
    if not place or not re.fullmatch(r"[A-Z]+\d+(:[A-Z]+\d+)?", text or ""):
        return []
    (top, left), (bottom, right) = corners(text or "")
    downs, acrosses = [top, bottom, *rows], [left, right, *(column for columns in rows.values() for column in columns)]
    wide = (min(downs), min(acrosses)), (max(downs), max(acrosses))
    if wide == ((top, left), (bottom, right)):
        return []
    reference = ":".join(f"{letter(column)}{row}" for row, column in wide)
    return [(place.start, place.inner, with_attribute(place.tag(sheet.xml), "ref", reference))]
