"""Notes (the yellow ones of Excel) laid on cells of an xlsx package, after whatever staff wrote there.

A note is a text in the comments part and a box in the sheet's VML drawing; where staff hold a conversation on a cell,
newer Excel shows that alone, so the note becomes a reply in it as well.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sopkit.ooxml.address import address_parts
from sopkit.ooxml.package import CONTENT, RELATIONSHIPS, Package
from sopkit.ooxml.sheet_edit import Sheet
from sopkit.ooxml.xml_edit import (
    MAIN,
    Element,
    Splice,
    UnclearPackageError,
    appended,
    attribute,
    children,
    prefixed,
    root_of,
    spliced,
    text_xml,
    whole,
)

AUTHOR = "sopkit"
NO_COMMENTS = f'<comments xmlns="{MAIN}"><authors></authors><commentList></commentList></comments>'.encode()
VML = {
    "v": "urn:schemas-microsoft-com:vml", "o": "urn:schemas-microsoft-com:office:office",
    "x": "urn:schemas-microsoft-com:office:excel",
}  # fmt: skip
NO_DRAWING = b"<xml></xml>"
VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
SHAPE_TYPE = (
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
SHAPE = (
    '<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;width:{width}pt;height:{height}pt;'
    'z-index:1;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
    '<v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
MARK = rb"<((?:[\w.-]+:)?)%s>\s*(\d+)\s*<"  # an element of a box that holds a number
BLOCK = 1024  # shape numbers of one block; a drawing owns whole blocks
AFTER_LEGACY = (
    "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst",
)  # fmt: skip
"""What follows `legacyDrawing` in a worksheet (ISO 29500-1, CT_Worksheet)."""
WIDTH, LINE_HEIGHT, MARGIN, MOST_HEIGHT = 330, 17, 14, 500  # pixels
LETTERS = 46  # in a line of a note
PLAIN = '<sz val="9"/><color indexed="81"/><rFont val="Tahoma"/><family val="2"/>'
PERSON = str(uuid.uuid5(uuid.NAMESPACE_URL, AUTHOR)).upper()


@dataclass(frozen=True)
class Remark:
    """One thing to say on a cell: `heading` in bold, then `text`."""

    heading: str
    text: str


Notes = Mapping[str, Sequence[Remark]]


def note_splices(package: Package, part: str, sheet: Sheet, notes: Notes, at: dt.datetime) -> list[Splice]:
    """Put the notes (A1 -> remarks) into the package; returns what the sheet itself needs for that."""
    comments = package.related(part, "comments") or _new_comments(package, part)
    old = _write_comments(package, comments, notes)
    conversation = package.related(part, "threadedComment")
    if conversation:
        _reply(package, conversation, notes, at)
    sizes = {cell: _lines([old.get(cell, ""), *_texts(notes[cell])]) for cell in notes}
    return _draw(package, part, sheet, sizes)


def _new_comments(package: Package, part: str) -> str:
    name = package.add("xl/comments{}.xml", NO_COMMENTS, f"{CONTENT}.comments+xml")
    package.relate(part, name, "comments")
    return name


def _write_comments(package: Package, name: str, notes: Notes) -> Mapping[str, str]:
    """Add the texts and return what staff wrote on these cells."""
    xml = package.part(name)
    root = root_of(xml)
    places = {each.name: each for each in children(xml, root)}
    if not {"authors", "commentList"} <= set(places):
        raise UnclearPackageError("tidak lengkap catatan selnya")
    author = len(children(xml, places["authors"]))
    splices = [appended(xml, places["authors"], prefixed(f"<author>{AUTHOR}</author>", root.prefix))]
    old: dict[str, str] = {}
    for each in children(xml, places["commentList"]):
        cell = attribute(each.tag(xml), "ref") or ""
        if cell in notes:
            old[cell] = re.sub(r"<[^>]*>", "", xml[each.inner : each.inner_end].decode())
            splices += _continued(xml, each, notes[cell])
    new = "".join(
        f'<comment ref="{cell}" authorId="{author}"><text>{_runs(notes[cell])}</text></comment>'
        for cell in sorted(notes, key=address_parts)
        if cell not in old
    )
    splices.append(appended(xml, places["commentList"], prefixed(new, root.prefix)))
    package.parts[name] = spliced(xml, splices)
    return old


def _continued(xml: bytes, comment: Element, remarks: Sequence[Remark]) -> Iterator[Splice]:
    """What staff wrote stays; ours follows. A plain text becomes the first run, as runs follow only runs."""
    text = next((each for each in children(xml, comment) if each.name == "text"), None)
    if text is None:
        raise UnclearPackageError("tidak lengkap catatan selnya")
    inside = children(xml, text)
    for each in inside:
        if each.name == "t":
            yield each.start, each.start, prefixed("<r>", text.prefix)
            yield each.end, each.end, prefixed("</r>", text.prefix)
    runs = prefixed(_runs(remarks, bool(inside)), text.prefix)
    after = next((each for each in inside if each.name in ("rPh", "phoneticPr")), None)
    yield (after.start, after.start, runs) if after else appended(xml, text, runs)


def _runs(remarks: Sequence[Remark], following: bool = False) -> str:
    runs: list[str] = []
    for remark in remarks:
        gap = "\n\n" if following or runs else ""
        runs.append(_run(f"<b/>{PLAIN}", gap + remark.heading) + _run(PLAIN, remark.text))
    return "".join(runs)


def _run(look: str, text: str) -> str:
    return f'<r><rPr>{look}</rPr><t xml:space="preserve">{text_xml(text)}</t></r>'


def _texts(remarks: Sequence[Remark]) -> list[str]:
    return [remark.heading + remark.text for remark in remarks]


def _lines(texts: Sequence[str]) -> int:
    return sum(1 + len(line) // LETTERS for line in "\n\n".join(filter(None, texts)).splitlines())


def _reply(package: Package, name: str, notes: Notes, at: dt.datetime) -> None:
    xml = package.part(name)
    root = whole(xml)
    replies = ""
    seen: set[str] = set()
    for each in children(xml, root):
        cell, parent = attribute(each.tag(xml), "ref") or "", attribute(each.tag(xml), "id")
        if cell in notes and cell not in seen and parent and not attribute(each.tag(xml), "parentId"):
            seen.add(cell)
            text = "\n\n".join(_texts(notes[cell]))
            own = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{parent} {text}")).upper()
            replies += (
                f'<threadedComment ref="{cell}" dT="{at:%Y-%m-%dT%H:%M:%S}.00" personId="{{{PERSON}}}" id="{{{own}}}" '
                f'parentId="{parent}"><text>{text_xml(text)}</text></threadedComment>'
            )
    if replies:
        package.parts[name] = spliced(xml, [appended(xml, root, prefixed(replies, root.prefix))])
        _introduce(package)


def _introduce(package: Package) -> None:
    """Say who replies, once in a workbook."""
    name = package.related(package.book, "person")
    if name is None:
        raise UnclearPackageError("tidak menyebut siapa yang menulis percakapannya")
    xml = package.part(name)
    if PERSON.encode() not in xml:
        root = whole(xml)
        person = f'<person displayName="{AUTHOR}" id="{{{PERSON}}}" userId="{AUTHOR}" providerId="None"/>'
        package.parts[name] = spliced(xml, [appended(xml, root, prefixed(person, root.prefix))])


def _draw(package: Package, part: str, sheet: Sheet, lines: Mapping[str, int]) -> list[Splice]:
    """Put a box for each note into the sheet's VML drawing; a box that staff made keeps its look and grows."""
    place = sheet.places.get("legacyDrawing")
    identity = attribute(place.tag(sheet.xml), "*:id") if place else None
    name = package.relations(part).get(identity or "", ("", ""))[1]
    splices: list[Splice] = []
    if not name:
        name = package.add("xl/drawings/vmlDrawing{}.vml", _namespaced(NO_DRAWING), VML_TYPE)
        splices = [_legacy_drawing(sheet, package.relate(part, name, "vmlDrawing"))]
    boxes = {address_parts(cell): _box(sheet, cell, count) for cell, count in lines.items()}
    package.parts[name] = _drawn(_namespaced(package.part(name)), boxes, _free_block(package))
    return splices


def _legacy_drawing(sheet: Sheet, identity: str) -> Splice:
    drawing = prefixed(f'<legacyDrawing xmlns:r="{RELATIONSHIPS}" r:id="{identity}"/>', sheet.root.prefix)
    later = [
        each.start
        for name, each in sheet.places.items()
        if name in AFTER_LEGACY or (name == "AlternateContent" and each.start > sheet.data.end)
    ]
    at = min(later, default=sheet.root.inner_end)
    old = sheet.places.get("legacyDrawing")
    return (old.start, old.end, drawing) if old else (at, at, drawing)


def _namespaced(xml: bytes) -> bytes:
    """The drawing with the prefixes that boxes use; Excel's VML is not always XML, so it is handled as text."""
    head = re.search(rb"<xml\b[^>]*", xml)
    if head is None:
        raise UnclearPackageError("memuat gambar kotak catatan yang tidak lazim")
    missing = [short for short in VML if f"xmlns:{short}=".encode() not in xml]
    declared = "".join(f' xmlns:{short}="{VML[short]}"' for short in missing)
    return xml[: head.end()] + declared.encode() + xml[head.end() :]


def _free_block(package: Package) -> int:
    """The first block of shape numbers after all that drawings of the workbook own."""
    owned = [0]
    for name, content in package.parts.items():
        if name.endswith(".vml"):
            for blocks in re.findall(rb"<(?:[\w.-]+:)?idmap\b[^>]*?\bdata=[\"']([\d,\s]*)[\"']", content):
                owned += [int(block) for block in blocks.replace(b",", b" ").split()]
            owned += [int(shape) // BLOCK for shape in re.findall(rb"_x0000_s(\d{4,9})\b", content)]
    return max(owned) + 1


@dataclass(frozen=True)
class _Box:
    anchor: str
    width: float  # points
    height: float


def _drawn(xml: bytes, boxes: Mapping[tuple[int, int], _Box], block: int) -> bytes:
    xml, present = _grown(xml, boxes)
    new = [place for place in sorted(boxes) if place not in present]
    if not new:
        return xml
    shapes = "".join(
        SHAPE.format(
            number=block * BLOCK + 1 + number, width=boxes[row, column].width, height=boxes[row, column].height,
            anchor=boxes[row, column].anchor, row=row - 1, column=column - 1,
        )
        for number, (row, column) in enumerate(new)
    )  # fmt: skip
    if b'id="_x0000_t202"' not in xml:
        shapes = SHAPE_TYPE + shapes
    end = xml.rindex(b"</xml>") if b"</xml>" in xml else len(xml)
    return _owning(xml[:end] + shapes.encode() + xml[end:], range(block, block + 1 + len(new) // BLOCK))


def _grown(xml: bytes, boxes: Mapping[tuple[int, int], _Box]) -> tuple[bytes, set[tuple[int, int]]]:
    """The boxes that stand already on these cells, with room for what was added."""
    splices: list[Splice] = []
    present: set[tuple[int, int]] = set()
    for shape in re.finditer(rb"<((?:[\w.-]+:)?)shape(?=\s).*?</\1shape>", xml, re.DOTALL):
        row, column = (re.search(MARK % name, shape[0]) for name in (b"Row", b"Column"))
        if re.search(rb"\sObjectType=[\"']Note[\"']", shape[0]) and row and column:
            place = int(row[2]) + 1, int(column[2]) + 1
            present.add(place)
            if place in boxes:
                start, end, content = _anchored(shape[0], row, boxes[place].anchor.encode())
                splices.append((shape.start() + start, shape.start() + end, content))
    return spliced(xml, splices), present


def _anchored(shape: bytes, row: re.Match[bytes], anchor: bytes) -> Splice:
    known = re.search(rb"<(?:[\w.-]+:)?Anchor>([^<]*)<", shape)
    if known:
        return (*known.span(1), anchor)
    return row.start(), row.start(), b"<%sAnchor>%s</%sAnchor>" % (row[1], anchor, row[1])


def _owning(xml: bytes, blocks: range) -> bytes:
    """The drawing with these blocks of shape numbers among its own."""
    added = ",".join(map(str, blocks)).encode()
    known = re.search(rb"<(?:[\w.-]+:)?idmap\b[^>]*?\bdata=[\"']([\d,\s]*)()[\"']", xml)
    if known:
        return xml[: known.start(2)] + (b"," if known[1].strip() else b"") + added + xml[known.start(2) :]
    layout = b'<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="%s"/></o:shapelayout>' % added
    head = re.search(rb"<xml\b[^>]*>", xml)
    assert head
    return xml[: head.end()] + layout + xml[head.end() :]


def _box(sheet: Sheet, cell: str, lines: int) -> _Box:
    """A box at the right of the cell, as wide as a note reads well and as high as its lines."""
    row, column = address_parts(cell)
    height = min(MARGIN + LINE_HEIGHT * lines, MOST_HEIGHT)
    right, right_offset = _walk(_widths(sheet, column + 1), 15 + WIDTH)
    bottom, bottom_offset = _walk(_heights(sheet, row), 2 + height)
    anchor = f"{column}, 15, {row - 1}, 2, {column + right}, {right_offset}, {row - 1 + bottom}, {bottom_offset}"
    return _Box(anchor, WIDTH * 0.75, height * 0.75)


def _walk(sizes: Iterator[int], pixels: int) -> tuple[int, int]:
    """How many columns (or rows) lie wholly within so many pixels, and how far into the next they reach."""
    count = 0
    for size in sizes:
        if pixels < size:
            break
        pixels -= size
        count += 1
    return count, pixels


def _widths(sheet: Sheet, first: int) -> Iterator[int]:
    """Pixels of the columns from `first` on, in Calibri 11."""
    for column in range(first, 16_385):
        width = next((each.width for each in sheet.columns if each.first <= column <= each.last), 9.14)
        yield int(7 * width + 0.5)


def _heights(sheet: Sheet, first: int) -> Iterator[int]:
    usual = sheet.places.get("sheetFormatPr")
    points = float(attribute(usual.tag(sheet.xml), "defaultRowHeight") or 15) if usual else 15.0
    return (int(sheet.heights.get(row, points) / 0.75 + 0.5) for row in range(first, 1_048_577))
