"""A sheet put before all others of an xlsx package."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sopkit.ooxml.package import CONTENT, RELATIONSHIPS, Package, sheet_parts
from sopkit.ooxml.xml_edit import (
    Element,
    Splice,
    appended,
    attribute,
    children,
    prefixed,
    root_of,
    spliced,
    text_xml,
    with_attribute,
)
from sopkit.text import escape, quoteattr


def add_first_sheet(package: Package, name: str, content: bytes, titles: str, filtered: str) -> None:
    """Put a sheet before all others and open the workbook on it.

    `titles` are the rows printed on every page ($5:$5), `filtered` the range of its filter ($A$5:$J$9).
    """
    sheets = sheet_parts(package)
    for part in sheets.values():
        package.parts[part] = _unselected(package.parts[part])
    part = package.add("xl/worksheets/sheet{}.xml", content, f"{CONTENT}.worksheet+xml")
    book = package.book
    identity = package.relate(book, part, "worksheet")
    xml = package.part(book)
    places = {each.name: each for each in children(xml, root_of(xml))}
    splices = [_first_sheet(xml, places["sheets"], name, identity), _first_names(xml, places, name, titles, filtered)]
    splices += _shifted_names(xml, places.get("definedNames"))
    for view in children(xml, places["bookViews"]) if "bookViews" in places else ():
        tag = with_attribute(with_attribute(view.tag(xml), "activeTab", None), "firstSheet", None)
        splices.append((view.start, view.inner, tag))
    package.parts[book] = spliced(xml, splices)
    if "docProps/app.xml" in package.parts:
        package.parts["docProps/app.xml"] = _titled(package.parts["docProps/app.xml"], name, len(sheets))


def _unselected(xml: bytes) -> bytes:
    """A sheet whose tab is not selected: two selected tabs are edited together."""
    head = xml[: xml.find(b"sheetData")] if b"sheetData" in xml else xml
    plain = re.sub(rb"(<(?:[\w.-]+:)?sheetView\b[^<>]*?)\s+tabSelected=[\"'](?:1|true)[\"']", rb"\1", head)
    return xml if plain == head else plain + xml[len(head) :]


def _first_sheet(xml: bytes, sheets: Element, name: str, identity: str) -> Splice:
    used = [int(attribute(sheet.tag(xml), "sheetId") or 0) for sheet in children(xml, sheets)]
    sheet = (
        f'<sheet xmlns:r="{RELATIONSHIPS}" name={quoteattr(name)} sheetId="{max(used, default=0) + 1}" '
        f'r:id="{identity}"/>'
    )
    if sheets.inner == sheets.end:
        return appended(xml, sheets, prefixed(sheet, sheets.prefix))
    return sheets.inner, sheets.inner, prefixed(sheet, sheets.prefix)


def _first_names(xml: bytes, places: Mapping[str, Element], name: str, titles: str, filtered: str) -> Splice:
    quoted = escape("'" + name.replace("'", "''") + "'")
    names = (
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">{quoted}!{filtered}</definedName>'
        f'<definedName name="_xlnm.Print_Titles" localSheetId="0">{quoted}!{titles}</definedName>'
    )
    prefix = places["sheets"].prefix
    if "definedNames" in places:
        return appended(xml, places["definedNames"], prefixed(names, prefix))
    before = next(places[each] for each in ("externalReferences", "functionGroups", "sheets") if each in places)
    return before.end, before.end, prefixed(f"<definedNames>{names}</definedNames>", prefix)


def _shifted_names(xml: bytes, names: Element | None) -> Iterator[Splice]:
    """Names of one sheet tell it by its place, and each sheet stands one place further now."""
    for each in children(xml, names) if names else ():
        place = attribute(each.tag(xml), "localSheetId")
        if place is not None:
            yield each.start, each.inner, with_attribute(each.tag(xml), "localSheetId", str(int(place) + 1))


def _titled(xml: bytes, name: str, sheets: int) -> bytes:
    """docProps/app.xml with the sheet and its print titles among the titles, where they are counted as usual."""
    counts = list(re.finditer(rb"<((?:[\w.-]+:)?i4)>(\d+)</\1>", xml))
    vector = re.search(rb"<TitlesOfParts>\s*<([\w.:-]+)\b[^>]*?\bsize=\"(\d+)\"[^>]*>(.*?)</\1>", xml, re.DOTALL)
    tag = re.search(rb"<([\w.:-]*lpstr)>", vector[3]) if vector else None
    numbers = [int(count[2]) for count in counts]
    if not vector or not tag or int(vector[2]) != sum(numbers) or numbers[0] > sheets:
        return xml
    named = len(numbers) > 1 and sum(numbers[:-1]) == sheets
    changed = [counts[0], counts[-1]] if named else counts[:1]
    splices = [(*count.span(2), str(int(count[2]) + 1).encode()) for count in changed]
    splices.append((*vector.span(2), str(int(vector[2]) + len(changed)).encode()))
    splices.append((vector.start(3), vector.start(3), _title(tag[1], name)))
    if named:
        splices.append((vector.end(3), vector.end(3), _title(tag[1], f"{name}!Print_Titles")))
    return spliced(xml, splices)


def _title(tag: bytes, text: str) -> bytes:
    return b"<" + tag + b">" + text_xml(text).encode() + b"</" + tag + b">"
