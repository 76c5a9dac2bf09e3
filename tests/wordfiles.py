"""Word files made for tests: real .docx packages, small, with tags wherever a template may have them."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from docx import Document
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from lxml import etree

FOOTNOTES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    '<w:footnote w:id="1"><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:footnote></w:footnotes>'
)


def word_file(
    path: Path,
    *paragraphs: str,
    table: Sequence[Sequence[str]] = (),
    header: str = "",
    footer: str = "",
    footnote: str = "",
    title: str = "",
) -> Path:
    """A .docx with these paragraphs, then a table, and texts in the other places that docxtpl renders."""
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if table:
        grid = document.add_table(len(table), len(table[0]))
        for row, texts in zip(grid.rows, table, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
    if header:
        document.sections[0].header.paragraphs[0].text = header
    if footer:
        document.sections[0].footer.paragraphs[0].text = footer
    if footnote:
        blob = FOOTNOTES.format(footnote).encode()
        part = Part(PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, blob, document.part.package)
        document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    document.core_properties.title = title
    document.save(str(path))
    return path


def members(file: Path | bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(file) if isinstance(file, bytes) else file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewritten(path: Path, change: Callable[[dict[str, bytes]], None] | Mapping[str, bytes]) -> Path:
    """The same file with members changed in place, by a function or replaced by a mapping."""
    held = members(path)
    if callable(change):
        change(held)
    else:
        held |= dict(change)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in held.items():
            archive.writestr(name, data)
    return path


def with_body(path: Path, xml: str) -> Path:
    """Put `xml` first into the body."""

    def change(held: dict[str, bytes]) -> None:
        held["word/document.xml"] = held["word/document.xml"].replace(b"<w:body>", b"<w:body>" + xml.encode(), 1)

    return rewritten(path, change)


def with_relationship(path: Path, kind: str, target: str, external: bool = True, part: str = "document") -> Path:
    mode = ' TargetMode="External"' if external else ""
    added = (
        '<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        f'{kind}" Target="{target}"{mode}/></Relationships>'
    )

    def change(held: dict[str, bytes]) -> None:
        name = f"word/_rels/{part}.xml.rels"
        held[name] = held[name].replace(b"</Relationships>", added.encode())

    return rewritten(path, change)


def paragraph_texts(file: bytes) -> list[str]:
    return [paragraph.text for paragraph in Document(BytesIO(file)).paragraphs]


def table_texts(file: bytes) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in Document(BytesIO(file)).tables[0].rows]


def png(width: int = 4, height: int = 4, shade: int = 0) -> bytes:
    """A grey picture of the size in pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))

    rows = (b"\x00" + bytes([shade]) * width) * height
    head = struct.pack(">LLBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def canonical_parts(file: bytes) -> dict[str, str]:
    """Each part in a form in which equal XML is equal text: prefixes and insignificant blanks left out."""
    return {
        name: _canonical(name, data)
        for name, data in members(file).items()
        if name.endswith(".xml") and name != "[Content_Types].xml"
    }


@lru_cache(maxsize=200)
def _canonical(name: str, data: bytes) -> str:
    root = etree.fromstring(data)
    for element in root.iter():
        if isinstance(element.tag, str) and not element.tag.endswith("}t") and not (element.text or "").strip():
            element.text = None
        if not (element.tail or "").strip():
            element.tail = None
    if name == "docProps/core.xml":  # docxtpl adds the empty properties that it rendered
        for element in [child for child in root if not child.text]:
            root.remove(element)
    return str(etree.canonicalize(etree.tostring(root, encoding="unicode"), rewrite_prefixes=True))
