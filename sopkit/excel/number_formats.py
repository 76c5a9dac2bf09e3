"""What a cell that holds a number shows by its number format: 1 as 001, or as 001/PTPP/XI/2026."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from xml.etree.ElementTree import Element, ParseError

from sopkit.excel.preflight import LIMITS
from sopkit.ooxml.container import BROKEN, Unsafe, opened, relations, relationships_name, tree

WORKBOOK, STYLES = "xl/workbook.xml", "xl/styles.xml"
_TOKEN = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|(0[0#]*|#[0#]*)|([-/ ()+:])|\[[^\]]*\]')


def shown_numbers(data: bytes, sheet: str, cells: Mapping[str, float]) -> Mapping[str, str]:
    """The texts that these cells (A1 -> number) of an xlsx file show, where their format is of zeros and literals.

    Read only where a column of document numbers holds numbers: the sheet is looked through once more. What is not
    written as most programs do has no format here.
    """
    try:
        with opened(data, LIMITS) as package:
            part = _part(package, sheet)
            codes = _codes(package)
            styles = _styles(package.read(part), cells) if part and codes else {}
    except (*BROKEN, Unsafe, ParseError, KeyError):
        return {}
    shown = {cell: shown_as(cells[cell], codes[style]) for cell, style in styles.items() if style in codes}
    return {cell: text for cell, text in shown.items() if text is not None}


def shown_as(number: float, code: str) -> str | None:
    """A whole number in a format such as `000` or `000"/PTPP/XI/2026"`; None for a format of another kind."""
    code = code.split(";")[0]
    pieces, place, digits = [], 0, 0
    while place < len(code):
        token = _TOKEN.match(code, place)
        if not token:
            return None
        literal, escaped, zeros, plain = token.groups()
        digits += zeros is not None
        pieces.append(f"{number:0{zeros.count('0')}.0f}" if zeros else literal or escaped or plain or "")
        place = token.end()
    return "".join(pieces) if digits == 1 and number >= 0 and float(number).is_integer() else None


def _part(package: zipfile.ZipFile, sheet: str) -> str:
    """The part of the sheet of that name; empty where there is none."""
    rels = relationships_name(WORKBOOK)
    targets = {relation.id: relation.target for relation in relations(rels, package.read(rels))}
    for element in _each(tree(package.read(WORKBOOK)), "sheet"):
        if element.get("name") == sheet:
            return next((targets.get(v, "") for k, v in element.attrib.items() if k.endswith("}id")), "")
    return ""


def _codes(package: zipfile.ZipFile) -> Mapping[int, str]:
    """The number formats of the cell styles, for those that the workbook defines itself."""
    styles = tree(package.read(STYLES))
    formats = {one.get("numFmtId"): one.get("formatCode", "") for one in _each(styles, "numFmt")}
    records = next(_each(styles, "cellXfs"), None)
    used = [one.get("numFmtId") for one in records] if records is not None else []
    return {place: formats[name] for place, name in enumerate(used) if formats.get(name)}


def _styles(xml: bytes, cells: Iterable[str]) -> Mapping[str, int]:
    wanted = set(cells)
    columns = "|".join(sorted({cell.rstrip("0123456789") for cell in wanted}))
    pattern = re.compile(rf'<c r="((?:{columns})[0-9]+)"[^>]*? s="([0-9]{{1,6}})"'.encode())
    found = ((cell.decode(), int(style)) for cell, style in pattern.findall(xml))
    return {cell: style for cell, style in found if cell in wanted}


def _each(root: Element, tag: str) -> Iterator[Element]:
    return (element for element in root.iter() if element.tag.rsplit("}", 1)[-1] == tag)
