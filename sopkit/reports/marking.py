"""Colours on cells of an xlsx package: new looks in styles.xml, and the cells that wear them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sopkit.register.address import address_parts, letter
from sopkit.reports.xlsx import (
    ASIDE,
    ATTRIBUTES,
    BOOK,
    CONTENT,
    MAIN,
    Element,
    Package,
    Splice,
    UnclearPackageError,
    appended,
    attribute,
    children,
    opened,
    prefixed,
    root_of,
    spliced,
    with_attribute,
)

NO_STYLES = (
    f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>'
    '</fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>'
    '</fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="1">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs><cellStyles count="1">'
    '<cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
).encode()
WHITE = re.compile(rb"(<(?:[\w.-]+:)?color)\s+(?:rgb=\"FFFFFFFF\"|theme=\"0\")\s*/>")
DARK = b"1D3A5F"
LISTS = ("fonts", "fills", "borders", "cellXfs")


class Styles:
    """styles.xml with looks added at the ends of its lists, so that all present numbers keep their meaning."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.name = package.related(BOOK, "styles") or _new_styles(package)
        self.xml = package.part(self.name)
        root = root_of(self.xml)
        self.prefix = root.prefix
        lists = (each for each in children(self.xml, root) if each.name in LISTS and each.inner < each.end)
        self.places = {each.name: each for each in lists}
        if len(self.places) < len(LISTS):
            raise UnclearPackageError("tidak lengkap daftar gayanya")
        self.counts = {name: len(children(self.xml, place)) for name, place in self.places.items()}
        self.looks = children(self.xml, self.places["cellXfs"])
        self.fonts = children(self.xml, self.places["fonts"])
        self.added: dict[str, dict[bytes, int]] = {name: {} for name in LISTS}

    def font(self, content: str) -> int:
        """The number of a font with that content."""
        return self._number("fonts", prefixed(f"<font>{content}</font>", self.prefix))

    def fill(self, colour: str) -> int:
        """The number of a plain fill of that colour (RRGGBB)."""
        inside = f'<fgColor rgb="FF{colour}"/><bgColor indexed="64"/>'
        return self._number(
            "fills", prefixed(f'<fill><patternFill patternType="solid">{inside}</patternFill></fill>', self.prefix)
        )

    def border(self, content: str) -> int:
        """The number of a border with that content."""
        return self._number("borders", prefixed(f"<border>{content}</border>", self.prefix))

    def look(self, font: int = 0, fill: int = 0, border: int = 0, alignment: str = "") -> int:
        """The number of a look made of these."""
        inside = f'<xf numFmtId="0" fontId="{font}" fillId="{fill}" borderId="{border}" xfId="0"'
        inside += ' applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1"'
        inside += f"><alignment {alignment}/></xf>" if alignment else "/>"
        return self._number("cellXfs", prefixed(inside, self.prefix))

    def filled(self, look: int, colour: str) -> int:
        """The number of a present look with another fill; white letters turn dark, to be read on it."""
        known = self.looks[look if look < len(self.looks) else 0]
        tag = with_attribute(known.tag(self.xml), "fillId", str(self.fill(colour)))
        tag = with_attribute(tag, "fontId", str(self._readable(int(attribute(tag, "fontId") or 0))))
        return self._number("cellXfs", with_attribute(tag, "applyFill", "1") + self.xml[known.inner : known.end])

    def _readable(self, font: int) -> int:
        if font >= len(self.fonts):
            return 0
        content = self.xml[self.fonts[font].start : self.fonts[font].end]
        dark = WHITE.sub(rb'\1 rgb="FF' + DARK + rb'"/>', content)
        return font if dark == content else self._number("fonts", dark)

    def _number(self, name: str, content: bytes) -> int:
        added = self.added[name]
        return added.setdefault(content, self.counts[name] + len(added))

    def write(self) -> None:
        """Put the list ends into the package."""
        splices: list[Splice] = []
        for name, added in self.added.items():
            if added:
                splices += self._lengthened(self.places[name], b"".join(added), self.counts[name] + len(added))
        self.package.parts[self.name] = spliced(self.xml, splices)

    def _lengthened(self, place: Element, content: bytes, count: int) -> list[Splice]:
        tag = with_attribute(place.tag(self.xml), "count", str(count))
        return [(place.start, place.inner, tag), (place.inner_end, place.inner_end, content)]


def _new_styles(package: Package) -> str:
    name = package.add("xl/styles.xml", NO_STYLES, f"{CONTENT}.styles+xml")
    package.relate(BOOK, name, "styles")
    return name


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


def read_sheet(xml: bytes) -> Sheet:
    """The map of a sheet. `UnclearPackageError` when it holds no cells in the usual namespace or has rows twice."""
    root = root_of(xml)
    places = {each.name: each for each in children(xml, root)}
    sheet = Sheet(xml, root, places, _columns(xml, places.get("cols")))
    if "sheetData" not in sheet.places:
        raise UnclearPackageError("memuat lembar tanpa sel")
    number = 0
    for match in _tags(root.prefix, b"row").finditer(xml, sheet.data.inner, sheet.data.inner_end):
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


def _tags(prefix: bytes, name: bytes) -> re.Pattern[bytes]:
    return re.compile(ASIDE + rb"|<" + re.escape(prefix + name) + rb"(?=[\s/>])" + ATTRIBUTES + rb"/?>", re.DOTALL)


def shown_cells(sheet: Sheet, cells: Iterable[str]) -> Mapping[str, str]:
    """Each address -> the cell that shows it: the first of its merged range, else itself."""
    places = sorted((*address_parts(cell), cell) for cell in cells)
    rows = [row for row, _, _ in places]
    shown = {cell: cell for _, _, cell in places}
    merges = sheet.places.get("mergeCells")
    for merge in children(sheet.xml, merges) if merges else ():
        first, _, last = (attribute(merge.tag(sheet.xml), "ref") or "A1").partition(":")
        (top, left), (bottom, right) = address_parts(first), address_parts(last or first)
        for _, column, cell in places[bisect_left(rows, top) : bisect_right(rows, bottom)]:
            if left <= column <= right:
                shown[cell] = first
    return shown


def colour_splices(sheet: Sheet, styles: Styles, colours: Mapping[str, str]) -> list[Splice]:
    """What gives each cell its colour; cells and rows that the sheet does not hold yet are put where they belong."""
    rows: dict[int, dict[int, str]] = {}
    for cell, colour in colours.items():
        row, column = address_parts(cell)
        rows.setdefault(row, {})[column] = colour
    splices: list[Splice] = []
    new_rows: dict[int, bytes] = {}
    for row, wanted in sorted(rows.items()):
        place = bisect_left(sheet.numbers, row)
        if place < len(sheet.numbers) and sheet.numbers[place] == row:
            splices += _row_splices(sheet, styles, place, wanted)
        else:
            cells = b"".join(_new_cell(sheet, styles, row, column, "", wanted[column]) for column in sorted(wanted))
            whole = prefixed(f'<row r="{row}">', sheet.root.prefix) + cells + prefixed("</row>", sheet.root.prefix)
            at = sheet.starts[place] if place < len(sheet.starts) else sheet.data.inner_end
            new_rows[at] = new_rows.get(at, b"") + whole
    splices += [(at, at, content) for at, content in new_rows.items()]
    return _opened_data(sheet, splices) + _dimension(sheet, rows)


def _row_splices(sheet: Sheet, styles: Styles, place: int, wanted: Mapping[int, str]) -> list[Splice]:
    start, number = sheet.starts[place], sheet.numbers[place]
    end = sheet.starts[place + 1] if place + 1 < len(sheet.starts) else sheet.data.inner_end
    row = _tags(sheet.root.prefix, b"row").match(sheet.xml, start)
    assert row
    own = attribute(row[0], "s") if attribute(row[0], "customFormat") in ("1", "true") else None
    closed = row[0].endswith(b"/>")
    last = start if closed else sheet.xml.rindex(b"</" + sheet.root.prefix + b"row", start, end)
    inside = row.end(), row.end() if closed else last
    splices, new = [], dict[int, bytes]()
    for column in sorted(wanted):
        at, tag = _cell(sheet, number, column, *inside)
        if tag:
            look = styles.filled(int(attribute(tag, "s") or 0), wanted[column])
            splices.append((at, at + len(tag), with_attribute(tag, "s", str(look))))
        else:
            new[at] = new.get(at, b"") + _new_cell(sheet, styles, number, column, own or "", wanted[column])
    if closed:
        whole = opened(row[0]) + b"".join(new.values()) + prefixed("</row>", sheet.root.prefix)
        return [(start, row.end(), whole)]
    return splices + [(at, at, content) for at, content in new.items()]


def _cell(sheet: Sheet, row: int, column: int, start: int, end: int) -> tuple[int, bytes]:
    """Where a cell of the row between `start` and `end` begins, and its opening tag; none: where it belongs."""
    place = sheet.xml.find(f' r="{letter(column)}{row}"'.encode(), start, end)
    at = sheet.xml.rfind(b"<", start, place) if place >= 0 else -1
    if at >= 0 and sheet.xml.startswith(b"<" + sheet.root.prefix + b"c ", at) and sheet.xml.find(b">", at, place) < 0:
        return at, sheet.xml[at : sheet.xml.index(b">", place) + 1]
    here = 0
    for match in _tags(sheet.root.prefix, b"c").finditer(sheet.xml, start, end):
        if match[1] is not None:
            address = attribute(match[0], "r")
            here = address_parts(address)[1] if address else here + 1
            if here >= column:
                return match.start(), match[0] if here == column else b""
    return end, b""


def _new_cell(sheet: Sheet, styles: Styles, row: int, column: int, look: str, colour: str) -> bytes:
    look = look or _column_look(sheet, column)
    cell = f'<c r="{letter(column)}{row}" s="{styles.filled(int(look or 0), colour)}"/>'
    return prefixed(cell, sheet.root.prefix)


def _column_look(sheet: Sheet, column: int) -> str:
    return next((each.look for each in sheet.columns if each.first <= column <= each.last), "")


def _opened_data(sheet: Sheet, splices: list[Splice]) -> list[Splice]:
    """An empty `<sheetData/>` becomes one with the new rows."""
    if sheet.data.inner < sheet.data.end or not splices:
        return splices
    return [appended(sheet.xml, sheet.data, b"".join(content for _, _, content in splices))]


def _dimension(sheet: Sheet, rows: Mapping[int, Mapping[int, str]]) -> list[Splice]:
    """The sheet's stated extent, where a new cell lies outside."""
    place = sheet.places.get("dimension")
    text = attribute(place.tag(sheet.xml), "ref") if place else None
    stated = re.fullmatch(r"([A-Z]+\d+)(?::([A-Z]+\d+))?", text or "")
    if not place or not stated:
        return []
    (top, left), (bottom, right) = address_parts(stated[1]), address_parts(stated[2] or stated[1])
    places = [(row, column) for row, wanted in rows.items() for column in wanted]
    downs, acrosses = [top, bottom, *(row for row, _ in places)], [left, right, *(column for _, column in places)]
    wide = (min(downs), min(acrosses), max(downs), max(acrosses))
    if wide == (top, left, bottom, right):
        return []
    reference = f"{letter(wide[1])}{wide[0]}:{letter(wide[3])}{wide[2]}"
    return [(place.start, place.inner, with_attribute(place.tag(sheet.xml), "ref", reference))]
