"""Labels laid out on sheets of A4, as many as their size allows: eight of 105 x 74 mm.

What a label says stays the template's: the body of each finished label is set whole into a cell as large as its page.
"""

from __future__ import annotations

import copy
import hashlib
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from sopkit.documents.package import W, xml_of
from sopkit.errors import SopkitError
from sopkit.ooxml.container import (
    BROKEN,
    TYPES,
    Limits,
    Relation,
    Unsafe,
    read_parts,
    relations,
    relationships_name,
    write_package,
)

LIMITS = Limits(members=500, total=20 << 20, member=10 << 20)
DOCUMENT = "word/document.xml"
RELATIONS = relationships_name(DOCUMENT)
CORE = "docProps/core.xml"
PACKAGE_RELATION = "http://schemas.openxmlformats.org/package/2006/relationships"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
A4 = (11906, 16838)  # twentieths of a point
USUAL = {"w": 5953, "h": 4195, "top": 283, "right": 283, "bottom": 227, "left": 283}
ROUNDED = 20  # so much may two columns be wider than the paper
CUT = 'w:val="dashed" w:sz="2" w:space="0" w:color="A6A6A6"'
OWN = "bookmarkStart", "bookmarkEnd", "proofErr", "commentRangeStart", "commentRangeEnd", "commentReference"


class LabelUnusable(SopkitError):
    """A label's file is damaged, or holds something that cannot be moved into a sheet."""


@dataclass(frozen=True)
class Label:
    """A label's parts, the blocks of its body, and what the body is related to."""

    parts: dict[str, bytes]
    root: Any
    blocks: list[Any]
    related: dict[str, Relation]


@dataclass
class _Pictures:
    """The pictures of the whole sheet, each once; `relations` is the XML of its relations."""

    parts: dict[str, bytes]
    relations: Any
    known: dict[str, str] = field(default_factory=dict)

    def taken_over(self, label: Label, relation: Relation) -> str:
        """The sheet's own relation to the same picture or address."""
        data = b"" if relation.external else label.parts[relation.target]
        key = f"{relation.kind} {relation.target if relation.external else hashlib.sha256(data).hexdigest()}"
        if key not in self.known:
            self.known[key] = f"rIdLembar{len(self.known) + 1}"
            target = relation.target
            if not relation.external:
                extension = posixpath.splitext(target)[1]
                target = f"media/lembar{len(self.known)}{extension}"
                self.parts[f"word/{target}"] = data
            self._relate(self.known[key], relation, target)
        return self.known[key]

    def _relate(self, identity: str, relation: Relation, target: str) -> None:
        attributes = {"Id": identity, "Type": f"{RELATED}/{relation.kind}", "Target": target}
        if relation.external:
            attributes["TargetMode"] = "External"
        etree.SubElement(self.relations, f"{{{PACKAGE_RELATION}}}Relationship", attributes)


def read_label(data: bytes) -> Label:
    """A finished label (.docx); `LabelUnusable` where it is damaged or holds what cannot be moved into a sheet."""
    try:
        parts = read_parts(data, LIMITS)
        root = _parsed(parts[DOCUMENT])
        related = {one.id: one for one in relations(RELATIONS, parts[RELATIONS])} if RELATIONS in parts else {}
        label = Label(parts, root, [block for block in root.find(f"{W}body") if block.tag != f"{W}sectPr"], related)
        movable = all(_is_movable(label, related[identity]) for identity in _used(label.blocks))
    except (*BROKEN, Unsafe, etree.XMLSyntaxError) as error:
        raise LabelUnusable("Sebuah label tidak dapat dibaca.", "Buat ulang labelnya.") from error
    if not movable:
        raise LabelUnusable("Sebuah label memuat objek lain.", "Hapus objek itu dari templat label.")
    return label


def _used(blocks: Iterable[Any]) -> Iterator[str]:
    for block in blocks:
        for element in block.iter():
            yield from (value for name, value in element.attrib.items() if name.startswith(f"{{{RELATED}}}"))


def _is_movable(label: Label, relation: Relation) -> bool:
    if relation.external:
        return relation.kind == "hyperlink"
    return relation.kind == "image" and relation.target in label.parts


def label_sheets(labels: Sequence[Label]) -> bytes:
    """A Word document with these labels, in their order; the same labels give the same bytes.

    Styles are those of the first: all come of one template.
    """
    first = labels[0]
    page = _page(first.root)
    parts = dict(first.parts)
    related = _parsed(parts[RELATIONS]) if RELATIONS in parts else etree.Element(f"{{{PACKAGE_RELATION}}}Relationships")
    pictures = _Pictures(parts, related)
    filled = [list(_moved(label, pictures)) for label in labels]
    root = copy.deepcopy(first.root)
    body = root.find(f"{W}body")
    body[:] = _sheets(filled, page)
    _number_pictures(body)
    parts |= {DOCUMENT: xml_of(root), RELATIONS: xml_of(related)}
    if CORE in parts:
        parts[CORE] = re.sub(rb"(<dc:title>)[^<]*(</dc:title>)", rb"\g<1>Lembar label\g<2>", parts[CORE])
    return write_package({name: parts[name] for name in (TYPES, *sorted(parts.keys() - {TYPES}))})


def _parsed(xml: bytes) -> Any:
    return etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def _page(root: Any) -> dict[str, int]:
    """Size and margins of a label's page."""
    page = dict(USUAL)
    for tag in ("pgSz", "pgMar"):
        for found in root.iterfind(f"{W}body/{W}sectPr/{W}{tag}"):
            sizes = {name: found.get(f"{W}{name}", "") for name in page}
            page |= {name: int(text) for name, text in sizes.items() if text.isdecimal()}
    return page | {"w": max(page["w"], 1000), "h": max(page["h"], 1000)}


def _moved(label: Label, pictures: _Pictures) -> Iterator[Any]:
    """A label's blocks as they may stand among others: their relations the sheet's, no marks that must be single."""
    for block in label.blocks:
        block = copy.deepcopy(block)
        etree.strip_elements(block, *(f"{W}{name}" for name in OWN), with_tail=False)
        for element in block.iter():
            for name, value in list(element.attrib.items()):
                if name.startswith(f"{{{RELATED}}}"):
                    element.set(name, pictures.taken_over(label, label.related[value]))
                elif name.endswith(("}paraId", "}textId")):
                    del element.attrib[name]
        if block.tag not in {f"{W}{name}" for name in OWN}:
            yield block


def _number_pictures(body: Any) -> None:
    named = [element for element in body.iter() if isinstance(element.tag, str)]
    pictures = [element for element in named if element.tag.rpartition("}")[2] in ("docPr", "cNvPr")]
    for number, element in enumerate(pictures, start=1):
        element.set("id", str(number))


def _sheets(filled: Sequence[list[Any]], page: dict[str, int]) -> Iterator[Any]:
    across, down = max(1, (A4[0] + ROUNDED) // page["w"]), max(1, A4[1] // page["h"])
    yield _made(_thin())  # LibreOffice loses the looks of a cell with which everything begins
    for start in range(0, len(filled), across * down):
        yield _table(filled[start : start + across * down], page, across, down)
        if start + across * down < len(filled):
            yield _made(_thin(_section(page)))
        else:
            yield _made(_thin())
            yield _made(_section(page))


def _table(filled: Sequence[list[Any]], page: dict[str, int], across: int, down: int) -> Any:
    """A cell as large as a label's page for each; what lies in the paper's margin is cut from the outer cells."""
    inner = _inner(page, across, down)
    widths = [width for width, *_ in inner[0]]
    lines = "".join(f"<w:{side} {CUT}/>" for side in ("insideH", "insideV"))
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    table = _made(
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{lines}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/>{_margins("tblCellMar", 0, 0, 0, 0)}</w:tblPr>'
        f"<w:tblGrid>{columns}</w:tblGrid></w:tbl>"
    )
    for place in range(-(-len(filled) // across)):
        height = page["h"] - (0 if place else page["top"]) - (page["bottom"] if place == down - 1 else 0)
        table.append(_row(filled[place * across : (place + 1) * across], inner[place], height))
    return table


def _inner(page: dict[str, int], across: int, down: int) -> list[list[tuple[int, int, int, int, int]]]:
    """For each row and column: the cell's width, and its margins top, left, bottom, right."""
    rows = []
    for row in range(down):
        top, bottom = page["top"] if row else 0, page["bottom"] if row < down - 1 else 0
        cells = []
        for column in range(across):
            left, right = page["left"] if column else 0, page["right"] if column < across - 1 else 0
            outer = (0 if column else page["left"]) + (0 if column < across - 1 else page["right"])
            cells.append((page["w"] - outer, top, left, bottom, right))
        rows.append(cells)
    return rows


def _row(labels: Sequence[list[Any]], inner: Sequence[Any], height: int) -> Any:
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{_margins("tcMar", *margins)}</w:tcPr></w:tc>'
        for width, *margins in inner
    )
    exact = f'<w:cantSplit/><w:trHeight w:val="{height}" w:hRule="exact"/>'
    row = _made(f"<w:tr><w:trPr>{exact}</w:trPr>{cells}</w:tr>")
    for place, cell in enumerate(row.findall(f"{W}tc")):
        cell.extend(labels[place] if place < len(labels) else [])
        if cell[-1].tag != f"{W}p":
            cell.append(_made(_thin()))
    return row


def _margins(tag: str, top: int, left: int, bottom: int, right: int) -> str:
    sizes = (("top", top), ("left", left), ("bottom", bottom), ("right", right))
    sides = "".join(f'<w:{name} w:w="{size}" w:type="dxa"/>' for name, size in sizes)
    return f"<w:{tag}>{sides}</w:{tag}>"


def _thin(section: str = "") -> str:
    """A paragraph that takes no room: Word wants one after each table."""
    spacing = '<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'
    return f'<w:p><w:pPr>{spacing}<w:rPr><w:sz w:val="2"/></w:rPr>{section}</w:pPr></w:p>'


def _section(page: dict[str, int]) -> str:
    sides = "".join(f'w:{name}="{page[name]}" ' for name in ("top", "right", "bottom", "left"))
    return (
        f'<w:sectPr><w:pgSz w:w="{A4[0]}" w:h="{A4[1]}"/>'
        f'<w:pgMar {sides}w:header="0" w:footer="0" w:gutter="0"/></w:sectPr>'
    )


def _made(xml: str) -> Any:
    return etree.fromstring(f'<w:body xmlns:w="{W[1:-1]}">{xml}</w:body>')[0]
