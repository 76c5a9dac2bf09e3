"""Word templates: docxtpl compiled once, so that a document costs little more than compressing it."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import struct
from collections.abc import Callable, Iterator, Mapping, MutableSequence, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import Template, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError
from lxml import etree

from sopkit.documents.limits import RUN, FieldMissing, LimitedEnvironment, Run, Stopped, TooMuch, not_understood
from sopkit.documents.package import SAVE, TemplateFile, TemplateRefused, W, open_template, read_template
from sopkit.errors import SopkitError
from sopkit.ooxml.container import TYPES as CONTENT_TYPES
from sopkit.ooxml.container import ZipHead, ZipRecord, relationships_name, write_package
from sopkit.text import escape, quoteattr

__all__ = [
    "Picture",
    "RemovedCharacters",
    "TemplateBroken",
    "TemplateFieldMissing",
    "TemplateRefused",
    "TooLong",
    "WordTemplate",
]

CORE = "docProps/core.xml"
FOOTNOTES_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
PROPERTIES = (
    "{http://purl.org/dc/elements/1.1/}creator",
    "{http://purl.org/dc/elements/1.1/}description",
    "{http://purl.org/dc/elements/1.1/}identifier",
    "{http://purl.org/dc/elements/1.1/}language",
    "{http://purl.org/dc/elements/1.1/}subject",
    "{http://purl.org/dc/elements/1.1/}title",
)
Days = tuple[dt.date | None, dt.date | None]
DAYS = ("{http://purl.org/dc/terms/}created", "{http://purl.org/dc/terms/}modified")
IMAGE_RELATIONSHIP = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
NO_RELATIONSHIPS = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
)
XML_HEAD = "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"
TAG = re.compile(r"\{[{%#]")
BREAK = re.compile(r"[\n\t\a\f]")
BROKEN_TEXT = re.compile(r"<w:t(?: [^>]*)?>[^<]*[\n\t\a\f]")
LITERAL_TAGS = (("{_{", "{{"), ("}_}", "}}"), ("{_%", "{%"), ("%_}", "%}"))
"""docxtpl's way of writing a literal tag; undone in the template's own text only, never in a value."""
PICTURE_ID = re.compile(r'(<wp:docPr\b[^>]*? id=")\d+(")')
BLOCK = "sopkit-block"
ELEMENT = re.compile(r"<(/?)([\w:.-]+)[^<>]*?(/?)>")
MAX_TAGS = 20_000
MAX_TAG = 10_000  # characters
EMU_PER_MM = 36_000
CHECK = "Jalankan `sopkit template check` untuk melihat letaknya."


class TemplateBroken(SopkitError):
    """T02: a tag cannot be understood, or what the template asks for cannot be done."""

    code = "T02"

    def __init__(self, template: Path | str, reason: str) -> None:
        self.template = str(template)
        self.reason = reason
        super().__init__(f"Isian di templat {Path(template).name} salah: {reason}.", CHECK)


class TooLong(TemplateBroken):
    """T05 for this document alone: with its data it would take more time or memory than a document can need."""


class TemplateFieldMissing(SopkitError):
    """T05: the data have no such field (or nothing at all in it); `field` is its dotted name."""

    code = "T05"

    def __init__(self, field: str, template: Path | str) -> None:
        self.field = field
        self.template = str(template)
        super().__init__(
            f"Isian {field} yang diminta templat {Path(template).name} tidak ada datanya.",
            "Lengkapi datanya di buku kerja, atau perbaiki nama isian itu di templat.",
        )


@dataclass(frozen=True)
class RemovedCharacters:
    """Characters that a document cannot hold (`U+0007` …), left out of what was printed for `field`."""

    field: str
    characters: str


class PictureUnusable(ValueError):
    """What is no picture; the message is Indonesian."""


@dataclass(frozen=True)
class Picture:
    """A PNG or JPEG to be printed where the template names it, `width` millimetres wide."""

    data: bytes
    width: float
    height: float | None = None  # millimetres; None keeps the picture's proportions
    description: str = ""

    def extent(self) -> tuple[int, int]:
        """Width and height in EMU; `ValueError` when it is no PNG or JPEG."""
        wide, high = _pixels(self.data)
        height = self.height if self.height is not None else self.width * high / wide
        return round(self.width * EMU_PER_MM), round(height * EMU_PER_MM)

    @property
    def suffix(self) -> str:
        return "png" if self.data.startswith(b"\x89PNG") else "jpeg"


def _pixels(data: bytes) -> tuple[int, int]:
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) > 24:
        wide, high = struct.unpack(">LL", data[16:24])
        return max(wide, 1), max(high, 1)
    if data.startswith(b"\xff\xd8"):
        from docx.image.image import Image

        image = Image.from_blob(data)
        return image.px_width, image.px_height
    raise PictureUnusable("bukan gambar PNG atau JPEG")


@dataclass(frozen=True)
class _Part:
    """One part with tags: `head` and `tail` stand around what the template renders."""

    name: str
    template: Template
    head: str
    tail: str
    steady: bool  # nothing to mend in it, whatever the data
    body: str = ""  # the body's start tag with its namespaces, for docxtpl's own repairs
    broken_text: bool = False  # the template's own text has line breaks that docxtpl turns into Word's
    text_boxes: bool = False
    relationships: bytes = NO_RELATIONSHIPS


@dataclass(frozen=True)
class _Day:
    """The text of a property that is a day: that of the document, or the template's own."""

    place: int
    otherwise: str

    def text(self, days: Days) -> str:
        day = days[self.place]
        return escape(self.otherwise) if day is None else f"{day:%Y-%m-%d}T00:00:00Z"


class WordTemplate:
    """A .docx template, read and compiled once; `render` gives a document's bytes.

    Raises `TemplateRefused` (T03) for a file that is no harmless .docx and `TemplateBroken` (T02) for tags that
    cannot be compiled. Documents equal docxtpl's under the same environment (docxtpl 0.20, its public methods).
    """

    def __init__(self, file: Path | str | TemplateFile) -> None:
        file = open_template(file)
        self.path = file.path
        self.sha256 = file.sha256
        members = read_template(file)
        self._environment = LimitedEnvironment(xml=True)
        self._plain = LimitedEnvironment()
        self._docxtpl = self._opened(members)
        members[CONTENT_TYPES] = _with_picture_types(members[CONTENT_TYPES])
        self._members = members
        self._parts = self._compiled(self._compile_parts)
        self._core = self._compiled(self._compile_core)
        self._lay_out()

    def render(
        self,
        context: Mapping[str, object],
        *,
        removed: MutableSequence[RemovedCharacters] | None = None,
        days: Days = (None, None),
    ) -> bytes:
        """The document for these fields; the same fields give the same bytes.

        `days` are when its properties say it was created and last modified (None: as the template says).
        `removed`, when given, receives the characters that XML forbids and that were therefore left out.
        Raises `TemplateFieldMissing` (T05) for a field that is not in `context` or is None, and `TemplateBroken`
        (T02) for a template that fails or asks for more time or memory than a document can need.
        """
        run = Run()
        try:
            data = self._rendered(context, run, days)
        except SopkitError:
            raise
        except FieldMissing as error:
            raise TemplateFieldMissing(error.field, self.path) from error
        except (TooMuch, RecursionError, MemoryError) as error:
            raise TooLong(self.path, _reason(error)) from error
        except Exception as error:  # a template is foreign code: whatever it raises is its own fault
            raise TemplateBroken(self.path, _reason(error)) from error
        if removed is not None:
            removed.extend(RemovedCharacters(field, _named(found)) for field, found in dict.fromkeys(run.removed))
        return data

    def _opened(self, members: Mapping[str, bytes]) -> DocxTemplate:
        docxtpl = DocxTemplate(BytesIO(write_package(members)))
        try:
            docxtpl.init_docx()
        except Exception as error:  # python-docx raises whatever it meets in a file that Word would mend
            raise TemplateRefused(self.path, "susunan bagian-bagiannya tidak lengkap", SAVE) from error
        return docxtpl

    def _compiled(self, compile_: Any) -> Any:
        try:
            return compile_()
        except SopkitError:
            raise
        except TemplateSyntaxError as error:
            raise TemplateBroken(self.path, _reason(error)) from error
        except Exception as error:
            raise TemplateBroken(self.path, f"templatnya tidak dapat dibaca ({_reason(error)})") from error

    def _compile_parts(self) -> list[_Part]:
        return [self._body_part(), *self._edge_parts(), *self._footnote_parts()]

    def _body_part(self) -> _Part:
        root = self._docxtpl.get_docx().element
        whole = self._docxtpl.xml_to_string(root)
        begin, end = whole.index("<w:body"), whole.rindex("</w:body>") + len("</w:body>")
        own = whole[begin : whole.index(">", begin) + 1]
        xml = self._docxtpl.get_xml()
        self._refuse_heavy(xml)
        patched = self._docxtpl.patch_xml(xml)
        declared = patched[: patched.index(">") + 1]
        name = self._docxtpl.get_docx().part.partname.lstrip("/")
        return self._part(
            name, own + patched[len(declared) :], XML_HEAD + whole[:begin], whole[end:], body=(own, declared)
        )

    def _edge_parts(self) -> Iterator[_Part]:
        """Headers and footers, in docxtpl's order; without tags they stay as they are."""
        for uri in (DocxTemplate.HEADER_URI, DocxTemplate.FOOTER_URI):
            for _, part in self._docxtpl.get_headers_footers(uri):
                xml = self._docxtpl.get_part_xml(part)
                if TAG.search(_text(xml)) or BROKEN_TEXT.search(xml):
                    self._refuse_heavy(xml)
                    yield self._part(part.partname.lstrip("/"), self._docxtpl.patch_xml(xml), XML_HEAD, "")

    def _footnote_parts(self) -> Iterator[_Part]:
        for part in self._docxtpl.get_docx().part.package.parts:
            if part.content_type == FOOTNOTES_TYPE:
                xml = part.blob.decode("utf-8-sig")
                if TAG.search(_text(xml)) or BROKEN_TEXT.search(xml):
                    self._refuse_heavy(xml)
                    yield self._part(part.partname.lstrip("/"), self._docxtpl.patch_xml(xml), "", "")

    def _part(self, name: str, patched: str, head: str, tail: str, body: tuple[str, str] = ("", "")) -> _Part:
        tree = self._environment.guarded(patched)
        return _Part(
            name=name,
            template=self._template(self._environment, tree),
            head=head,
            tail=tail,
            steady=_is_steady(tree, *body),
            body="\n".join(body) if any(body) else "",
            broken_text=bool(BROKEN_TEXT.search(patched)),
            text_boxes="<w:txbxContent" in patched,
            relationships=self._members.get(relationships_name(name), NO_RELATIONSHIPS),
        )

    @staticmethod
    def _template(environment: LimitedEnvironment, tree: nodes.Template) -> Template:
        for text in tree.find_all(nodes.TemplateData):
            for written, meant in LITERAL_TAGS:
                text.data = text.data.replace(written, meant)
        return environment.from_string(tree)

    def _refuse_heavy(self, xml: str) -> None:
        """Unclosed tags make docxtpl's expressions search the whole part for each of them."""
        text = _text(xml)
        position = count = 0
        while found := TAG.search(text, position):
            count += 1
            close = {"{{": "}}", "{%": "%}", "{#": "#}"}[found[0]]
            end = text.find(close, found.end(), found.end() + MAX_TAG)
            inner = text[found.end() : end]
            if end < 0 or (found[0] != "{#" and re.search(r"\{[{%]", inner)):
                raise TemplateBroken(self.path, f"tanda {found[0]} tidak ditutup dengan {close}")
            if count > MAX_TAGS:
                raise TemplateBroken(self.path, "isiannya terlalu banyak")
            position = end + 2

    def _compile_core(self) -> list[str | Template | _Day]:
        """docProps/core.xml cut at its days and rendered properties; empty where there is none."""
        if CORE not in self._members:
            return []
        root = etree.fromstring(self._members[CORE])
        templates: list[Template | _Day] = []
        for element in root.iter(*PROPERTIES):
            if element.text and TAG.search(element.text):
                templates.append(self._template(self._plain, self._plain.guarded(element.text)))
                element.text = f"\ue000{len(templates) - 1}\ue001"
        for element in root.iter(*DAYS):
            templates.append(_Day(DAYS.index(element.tag), element.text or ""))
            element.text = f"\ue000{len(templates) - 1}\ue001"
        text = XML_HEAD + etree.tostring(root, encoding="unicode")
        pieces = re.split("\ue000(\\d+)\ue001", text)
        return [templates[int(piece)] if i % 2 else piece for i, piece in enumerate(pieces)]

    def _lay_out(self) -> None:
        """Compress what no document changes; parts with tags, and what they refer to, come after."""
        changing = {part.name for part in self._parts} | ({CORE} if self._core else set())
        relationships = {relationships_name(part.name) for part in self._parts}
        first = [CONTENT_TYPES, *(name for name in self._members if name != CONTENT_TYPES)]
        self._head = ZipHead(
            ZipRecord(name, self._members[name]) for name in first if name not in changing | relationships
        )
        self._relationships = {
            name: ZipRecord(name, self._members[name]) for name in sorted(relationships & self._members.keys())
        }

    def _rendered(self, context: Mapping[str, object], run: Run, days: Days) -> bytes:
        fields = {**context, RUN: run}
        images = _Images()
        parts = [(part, self._text_of(part, fields, run, images)) for part in self._parts]
        records = dict(self._relationships)
        changed = []
        for part, xml in parts:
            changed.append(ZipRecord(part.name, xml.encode()))
            if pictures := images.relationships(part.name):
                name = relationships_name(part.name)
                records[name] = ZipRecord(name, _with_relationships(part.relationships, pictures))
        if self._core:
            changed.append(ZipRecord(CORE, self._core_xml(fields, days).encode()))
        media = [ZipRecord(name, data, level=0) for name, data in images.media()]
        return self._head.write([*records.values(), *media, *changed])

    def _text_of(self, part: _Part, fields: dict[str, object], run: Run, images: _Images) -> str:
        run.breaks = False
        run.place = images.placing(part.name)
        xml = part.template.render(fields)
        if run.breaks or part.broken_text:
            xml = self._with_breaks(xml, part)
        if not part.steady:
            xml = self._repaired(xml, part)
        if part.body and "<wp:docPr" in xml:
            xml = _renumbered(xml)
        return f"{part.head}{xml}{part.tail}"

    def _with_breaks(self, xml: str, part: _Part) -> str:
        """docxtpl's `resolve_listing`, for the paragraphs that need it only."""
        if part.text_boxes:
            return str(self._docxtpl.resolve_listing(xml))
        pieces, done = [], 0
        for begin, end in _broken_paragraphs(xml):
            pieces += [xml[done:begin], self._docxtpl.resolve_listing(xml[begin:end])]
            done = end
        return "".join([*pieces, xml[done:]])

    def _repaired(self, xml: str, part: _Part) -> str:
        """What docxtpl does to every document: parse, mend tables whose grid has changed, write again."""
        if not part.body:
            etree.fromstring(xml.encode())
            return xml
        own, declared = part.body.split("\n")
        tree = self._docxtpl.fix_tables(declared + xml[len(own) :])
        mended: str = self._docxtpl.xml_to_string(tree)
        return own + mended[mended.index(">") + 1 :]

    def _core_xml(self, fields: dict[str, object], days: Days) -> str:
        return "".join(
            piece if isinstance(piece, str)
            else piece.text(days) if isinstance(piece, _Day)
            else escape(piece.render(fields))
            for piece in self._core
        )  # fmt: skip


@lru_cache(maxsize=16)
def compiled(file: TemplateFile) -> WordTemplate:
    """Compiled once in each process for each state of the file: it is checked, and then filled."""
    return WordTemplate(file)


def _is_steady(tree: nodes.Template, own: str, declared: str) -> bool:
    """Whether XML and tables come out whole for any data, so that docxtpl's `fix_tables` need not be asked each time.

    Asking costs 0.9 ms of a PTPP's 1.2 and 120 ms of 130 for a BA of 500 rows. Proven where each block of the template
    is whole elements and none parts the cells of a row; `own` and `declared` are the body's start tag without and with
    its namespaces.
    """
    try:
        root = etree.fromstring((declared + _skeleton(tree.body)[len(own) :]).encode())
        return all(_keeps_grid(table) for table in root.iter(f"{W}tbl"))
    except (etree.XMLSyntaxError, ValueError):
        return False


def _skeleton(body: Sequence[nodes.Node]) -> str:
    """The template's own text, each branch and loop body in an element of its own; ValueError where it is a piece."""
    text = ""
    for node in body:
        if isinstance(node, nodes.Output):
            text += "".join(one.data if isinstance(one, nodes.TemplateData) else "?" for one in node.nodes)
        elif isinstance(node, nodes.If):
            text += "".join(map(_block, [node.body, *(one.body for one in node.elif_), node.else_]))
        elif isinstance(node, nodes.For):
            text += _block(node.body) + _block(node.else_)
    return text


def _block(body: Sequence[nodes.Node]) -> str:
    inner = _skeleton(body)
    if "<" not in inner:
        if ">" in inner or inner.count('"') % 2:
            raise ValueError
        return ""  # text, or an attribute
    left = _left_and_entered_again(inner)
    if not left <= {"w:t", "w:r", "w:p"}:
        raise ValueError
    return inner if left else f"<{BLOCK}>{inner}</{BLOCK}>"


def _left_and_entered_again(xml: str) -> set[str]:
    """The elements around a piece that it closes and opens again (as between two runs); ValueError for any other."""
    left: list[str] = []
    entered: list[str] = []
    for closing, name, empty in ELEMENT.findall(xml):
        if closing and not entered:
            left.append(name)
        elif closing and entered.pop() != name:
            raise ValueError
        elif not closing and not empty:
            entered.append(name)
    if entered != left[::-1]:
        raise ValueError
    return set(left)


def _keeps_grid(table: Any) -> bool:
    """As docxtpl counts: no row is wider than the grid, and one that is always there is as wide."""
    columns = len(table.findall(f"{W}tblGrid/{W}gridCol"))
    parted = [cell for cell in table.iter(f"{W}tc") if cell.getparent().tag != f"{W}tr"]
    parted += [span for span in table.iter(f"{W}gridSpan") if span.getparent().getparent().tag != f"{W}tc"]
    if parted or table.find(f"{W}tblGrid/{BLOCK}") is not None:
        return False
    widths = [(row, sum(map(_width, row.findall(f"{W}tc")))) for row in table.iter(f"{W}tr")]
    full = any(width == columns for row, width in widths if row.getparent() is table)
    return full and all(width <= columns for _, width in widths)


def _width(cell: Any) -> int:
    span = cell.find(f"{W}tcPr/{W}gridSpan")
    return 1 if span is None else int(span.get(f"{W}val"))


class _Images:
    """The pictures of one document: each file once, a relationship for each part that shows it."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[str, bytes]] = {}
        self._shown: dict[str, dict[str, str]] = {}
        self._count = 0

    def placing(self, part: str) -> Callable[[object], str | None]:
        return lambda value: self._place(value, part) if isinstance(value, Picture) else None

    def _place(self, picture: Picture, part: str) -> str:
        width, height = picture.extent()
        digest = hashlib.sha256(picture.data).hexdigest()[:16]
        name = f"gambar-{digest}.{picture.suffix}"
        self._files[digest] = (f"word/media/{name}", picture.data)
        self._shown.setdefault(part, {})[f"rGambar{digest}"] = f"media/{name}"
        self._count += 1
        return _inline_picture(f"rGambar{digest}", name, picture.description, width, height, self._count)

    def relationships(self, part: str) -> dict[str, str]:
        return self._shown.get(part, {})

    def media(self) -> Iterator[tuple[str, bytes]]:
        yield from self._files.values()


def _inline_picture(relationship: str, name: str, description: str, width: int, height: int, number: int) -> str:
    """DrawingML for a picture in a line of text (ECMA-376 part 1, 20.4.2.8), between two runs as docxtpl does."""
    alternative = quoteattr(description or name)
    return (
        "</w:t></w:r><w:r><w:drawing>"
        '<wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
        ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
        ' xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
        ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
        f' distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{width}" cy="{height}"/>'
        f'<wp:docPr id="{20000 + number}" name="Gambar {number}" descr={alternative}/>'
        '<wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr><a:graphic>'
        '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>'
        f'<pic:cNvPr id="{number}" name="{name}"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>'
        f'<a:blip r:embed="{relationship}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr>'
        f'<a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
        '</wp:inline></w:drawing></w:r><w:r><w:t xml:space="preserve">'
    )


def _with_relationships(relationships: bytes, pictures: Mapping[str, str]) -> bytes:
    added = "".join(
        f'<Relationship Id="{name}" Type="{IMAGE_RELATIONSHIP}" Target="{target}"/>'
        for name, target in pictures.items()
    )
    root = etree.fromstring(relationships)
    if root.prefix is not None:
        return relationships.replace(b"</", added.replace("<", f"<{root.prefix}:").encode() + b"</", 1)
    text = relationships.decode("utf-8-sig").rstrip()
    if text.endswith("</Relationships>"):
        return f"{text[: -len('</Relationships>')]}{added}</Relationships>".encode()
    return f"{text[:-2]}>{added}</Relationships>".encode()


def _with_picture_types(types: bytes) -> bytes:
    """Content types that know PNG and JPEG, so that a document may get a picture the template has not."""
    text = types.decode("utf-8-sig")
    known = {found.lower() for found in re.findall(r'Extension="([^"]+)"', text)}
    added = "".join(
        f'<Default Extension="{kind}" ContentType="image/{kind}"/>' for kind in ("jpeg", "png") if kind not in known
    )
    return re.sub(r"(<Types\b[^>]*>)", lambda found: found[0] + added, text, count=1).encode()


def _broken_paragraphs(xml: str) -> Iterator[tuple[int, int]]:
    """Begin and end of each paragraph that holds a line break or tab in its text."""
    position = 0
    while found := BREAK.search(xml, position):
        begin = max(xml.rfind("<w:p>", 0, found.start()), xml.rfind("<w:p ", 0, found.start()))
        end = xml.find("</w:p>", found.start())
        if begin < 0 or end < 0 or xml.find("</w:p>", begin, found.start()) >= 0:
            position = found.end()
            continue
        position = end + len("</w:p>")
        yield begin, position


def _renumbered(xml: str) -> str:
    """docxtpl's `fix_docpr_ids`: drawings numbered from 1001 in the order in which they stand."""
    number = 1000

    def next_id(found: re.Match[str]) -> str:
        nonlocal number
        number += 1
        return f"{found[1]}{number}{found[2]}"

    return PICTURE_ID.sub(next_id, xml)


def _text(xml: str) -> str:
    return re.sub(r"<[^>]*>", "", xml)


def _named(characters: str) -> str:
    return ", ".join(f"U+{ord(character):04X}" for character in characters)


def _reason(error: Exception) -> str:
    """Why a template failed, for the clerk."""
    if isinstance(error, (Stopped, PictureUnusable)):
        return str(error)
    if isinstance(error, RecursionError):
        return "isiannya bersarang terlalu dalam"
    if isinstance(error, MemoryError):
        return "isiannya memerlukan memori terlalu besar"
    if isinstance(error, SecurityError):
        return "penandanya meminta hal yang tidak diizinkan"
    if isinstance(error, TemplateSyntaxError):
        return not_understood(error)
    return f"isinya tidak dapat dihitung ({type(error).__name__})"
