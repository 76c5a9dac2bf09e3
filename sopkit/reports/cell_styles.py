"""Colours on cells of an xlsx package: new looks in styles.xml, and the cells that wear them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from sopkit.ooxml.package import CONTENT, Package
from sopkit.ooxml.sheet_edit import Cell, Sheet, cell_splices, merged_cells
from sopkit.ooxml.xml_edit import (
    MAIN,
    Element,
    Splice,
    UnclearPackageError,
    attribute,
    children,
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
        self.name = package.related(package.book, "styles") or _new_styles(package)
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
    package.relate(package.book, name, "styles")
    return name


def shown_cells(sheet: Sheet, cells: Iterable[str]) -> Mapping[str, str]:
    """Each address -> the cell that shows it: the first of its merged range, else itself."""
    cells = list(cells)
    first = {cell: span.partition(":")[0] for cell, span in merged_cells(sheet, cells)}
    return {cell: first.get(cell, cell) for cell in cells}


def colour_splices(sheet: Sheet, styles: Styles, colours: Mapping[str, str]) -> list[Splice]:
    """What gives each cell its colour."""

    def coloured(cell: Cell, colour: str) -> bytes:
        look = styles.filled(int(attribute(cell.tag, "s") or 0), colour)
        return with_attribute(cell.tag, "s", str(look)) + cell.rest

    return cell_splices(sheet, colours, coloured)
