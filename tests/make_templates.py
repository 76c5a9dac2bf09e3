"""The Word templates as they are first given to an office, made again byte for byte.

Run `uv run python tests/make_templates.py [FOLDER]`; without a folder it writes templates/. From then on the office
edits them in Word, so nothing here is needed to use sopkit.

How they look stands in `STYLES` and `TABLES`: every paragraph and table has a named style, so that an office changes a
look in one place. Direct formatting is for what differs in one place only.
"""

from __future__ import annotations

import datetime as dt
import sys
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor

from sopkit.documents.fields import NAMES
from sopkit.register.schema import CHOICES, REGISTER, Column, Kind

FONT = "Arial"
CENTER, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
DOTS = "…" * 22
GREY, DIM = "E7E7E7", "404040"


@dataclass(frozen=True)
class Style:
    """A paragraph style; sizes and spaces in points, `line` a border of `side:val:sz` (eighths of a point)."""

    size: float | None = None
    align: str = ""
    before: float = 0
    after: float = 0
    bold: bool = False
    italic: bool = False
    underline: bool = False
    color: str = ""
    keep: bool = False  # with the next paragraph
    outline: bool = False  # a heading, for Word's navigation and for readers of a PDF
    line: str = ""

    def paragraph(self) -> str:
        side, value, size = self.line.split(":") if self.line else ("", "", "")
        border = f'<w:pBdr><w:{side} w:val="{value}" w:sz="{size}" w:space="1" w:color="000000"/></w:pBdr>'
        return "".join((
            "<w:keepNext/>" if self.keep else "",
            border if self.line else "",
            f'<w:spacing w:before="{round(self.before * 20)}" w:after="{round(self.after * 20)}"/>',
            f'<w:jc w:val="{self.align}"/>' if self.align else "",
            '<w:outlineLvl w:val="0"/>' if self.outline else "",
        ))  # fmt: skip

    def run(self) -> str:
        half = self.size and round(self.size * 2)
        return "".join((
            "<w:b/><w:bCs/>" if self.bold else "",
            "<w:i/><w:iCs/>" if self.italic else "",
            f'<w:color w:val="{self.color}"/>' if self.color else "",
            f'<w:sz w:val="{half}"/><w:szCs w:val="{half}"/>' if half else "",
            '<w:u w:val="single"/>' if self.underline else "",
        ))  # fmt: skip


STYLES = {
    "KopPemerintah": Style(13, "center", before=4, keep=True),
    "KopKantor": Style(17, "center", bold=True, keep=True),
    "KopAlamat": Style(9, "center", before=2, after=6, keep=True),
    "KopGaris": Style(3, after=5, line="top:thickThinSmallGap:24"),
    "KopLambang": Style(),
    "Judul": Style(12, "center", before=2, bold=True, keep=True, outline=True),
    "Nomor": Style(align="center", before=2, keep=True),
    "Isi": Style(align="both", after=6),
    "Isian": Style(after=1),
    "IsianKotak": Style(before=0.5, after=0.5),
    "IsianNama": Style(before=0.5, after=0.5, bold=True),
    "Garis": Style(before=5),
    "Tabel": Style(8.5, before=0.5, after=0.5),
    "TabelTengah": Style(8.5, "center", before=0.5, after=0.5),
    "TabelKanan": Style(8.5, "right", before=0.5, after=0.5),
    "TabelKepala": Style(8.5, "center", before=1.5, after=1.5, bold=True),
    "TandaTangan": Style(align="center", keep=True),
    "TandaTanganNama": Style(align="center", bold=True, underline=True, keep=True),
    "TandaTanganNIP": Style(align="center", after=2),
    "Catatan": Style(8.5, before=4, italic=True),
    "Tembusan": Style(9, before=6),
    "Kepala": Style(8.5, color=DIM, line="bottom:single:4"),
    "Kaki": Style(8, before=6, color=DIM),
    "KakiKecil": Style(7, before=1, color=DIM),
    "KakiHalaman": Style(8, "right", before=6, color=DIM),
    "Perintah": Style(7, color="7F7F7F"),
    "Jarak": Style(5),
    "JarakKecil": Style(2),
}
"""Paragraph styles by name. What `Perintah` is for vanishes when the document is made."""
CHARACTERS = {
    "Tegas": "<w:b/><w:bCs/>",
    "Kosong": '<w:b w:val="0"/><w:bCs w:val="0"/><w:u w:val="none"/>',
    "Kecil": '<w:b w:val="0"/><w:bCs w:val="0"/><w:i/><w:iCs/><w:sz w:val="16"/><w:szCs w:val="16"/>',
    "Petunjuk": '<w:b w:val="0"/><w:bCs w:val="0"/><w:color w:val="595959"/><w:sz w:val="16"/><w:szCs w:val="16"/>',
}
ALL_SIDES = ("top", "left", "bottom", "right", "insideH", "insideV")
TABLES: dict[str, tuple[Sequence[str], float, str]] = {
    "TabelPolos": ((), 0.05, ""),
    "TabelKotak": (ALL_SIDES[:4], 0.2, ""),
    "TabelBergaris": (ALL_SIDES, 0.2, ""),
    "TabelData": (ALL_SIDES, 0.08, GREY),
    "TabelKaki": (("top",), 0.05, ""),
}
"""Table styles by name: borders, space beside the text of a cell in centimetres, and shade of the first row."""


def choose(field: str, otherwise: str) -> str:
    """The field, or in its absence something to fill in by hand."""
    return f"{{% if {field} %}}{{{{ {field} }}}}{{% else %}}{otherwise}{{% endif %}}"


class Page:
    """A document under construction; `width` is the text's, in centimetres."""

    def __init__(
        self, wide: float = 21.0, high: float = 29.7, margins: tuple[float, ...] = (1.6, 2, 2, 3), size: float = 11
    ) -> None:
        self.document = Document()
        section = self.document.sections[0]
        if wide > high:
            section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Cm(wide), Cm(high)
        top, right, bottom, left = margins
        section.top_margin, section.right_margin = Cm(top), Cm(right)
        section.bottom_margin, section.left_margin = Cm(bottom), Cm(left)
        section.header_distance, section.footer_distance = Cm(min(1.0, top)), Cm(min(0.6, bottom))
        self.width = wide - left - right
        _styles(self.document.styles.element, size)
        _settings(self.document.settings.element)

    def save(self, path: Path, title: str) -> None:
        for paragraph in self.document.element.body.iter(qn("w:p")):
            if paragraph.pPr is None or paragraph.pPr.pStyle is None:  # the empty one of a cell
                paragraph.get_or_add_pPr().get_or_add_pStyle().set(qn("w:val"), "Isian")
        core = self.document.core_properties
        core.title, core.author, core.language, core.comments = title, "{{ nama_kantor }}", "id-ID", ""
        core.created = core.modified = dt.datetime(2019, 8, 19)
        core.last_modified_by = ""
        core.revision = 1
        raw = BytesIO()
        self.document.save(raw)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_fixed(raw))


def _styles(styles: Any, size: float) -> None:
    """Ours in place of python-docx's, which are a hundred and ten times as long; Word has its own anyway."""
    for child in list(styles):
        styles.remove(child)
    half = round(size * 2)
    fonts = " ".join(f'w:{script}="{FONT}"' for script in ("ascii", "hAnsi", "cs", "eastAsia"))
    run = f'<w:rFonts {fonts}/><w:sz w:val="{half}"/><w:szCs w:val="{half}"/>'
    language = '<w:lang w:val="id-ID" w:eastAsia="id-ID" w:bidi="ar-SA"/>'
    spacing = '<w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/>'
    made = [
        f"<w:docDefaults {{}}><w:rPrDefault><w:rPr>{run}{language}</w:rPr></w:rPrDefault>"
        f"<w:pPrDefault><w:pPr><w:widowControl/>{spacing}</w:pPr></w:pPrDefault></w:docDefaults>",
        _style("paragraph", "Normal", "<w:qFormat/>", default=True),
        _style("character", "Default Paragraph Font", "<w:semiHidden/>", default=True),
        _style("table", "Normal Table", _cells(0.19, "<w:semiHidden/>"), default=True),
        _style("numbering", "No List", "<w:semiHidden/>", default=True),
    ]
    for name, one in STYLES.items():
        inner = f'<w:basedOn w:val="Normal"/><w:qFormat/><w:pPr>{one.paragraph()}</w:pPr><w:rPr>{one.run()}</w:rPr>'
        made.append(_style("paragraph", name, inner))
    made += [_style("character", name, f"<w:qFormat/><w:rPr>{run}</w:rPr>") for name, run in CHARACTERS.items()]
    made += [_style("table", name, _table_look(*look)) for name, look in TABLES.items()]
    for xml in made:
        styles.append(parse_xml(xml.format(nsdecls("w"))))


def _style(kind: str, name: str, inner: str, *, default: bool = False) -> str:
    mark = ' w:default="1"' if default else ' w:customStyle="1"'
    return (
        f'<w:style {{}} w:type="{kind}"{mark} w:styleId="{name.replace(" ", "")}"><w:name w:val="{name}"/>'
        f"{inner}</w:style>"
    )


def _table_look(sides: Sequence[str], margin: float, shade: str) -> str:
    lines = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>' for side in sides)
    first = (
        f'<w:tblStylePr w:type="firstRow"><w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="{shade}"/></w:tcPr>'
        "</w:tblStylePr>"
    )
    borders = f"<w:tblBorders>{lines}</w:tblBorders>" if lines else ""
    return _cells(margin, '<w:basedOn w:val="NormalTable"/><w:qFormat/>', borders) + (first if shade else "")


def _cells(margin: float, head: str, borders: str = "") -> str:
    side = f'w:w="{round(margin * 567)}" w:type="dxa"/>'
    return (
        f'{head}<w:tblPr><w:tblInd w:w="0" w:type="dxa"/>{borders}<w:tblCellMar><w:top w:w="0" w:type="dxa"/>'
        f'<w:left {side}<w:bottom w:w="0" w:type="dxa"/><w:right {side}</w:tblCellMar></w:tblPr>'
    )


def _settings(settings: Any) -> None:
    """The document's own language, and Word 2013's layout: in compatibility mode tables jut out of the margin."""
    compat = settings.find(qn("w:compat"))
    if compat is None:
        compat = OxmlElement("w:compat")
        after = settings.find(qn("w:rsids"))
        settings.append(compat) if after is None else after.addprevious(compat)
    for old in compat.findall(qn("w:compatSetting")):
        compat.remove(old)
    mode = OxmlElement("w:compatSetting")
    for key, value in (
        ("name", "compatibilityMode"), ("uri", "http://schemas.microsoft.com/office/word"), ("val", "15"),
    ):  # fmt: skip
        mode.set(qn(f"w:{key}"), value)
    compat.append(mode)
    language = settings.find(qn("w:themeFontLang"))
    if language is not None:
        language.set(qn("w:val"), "id-ID")


# Parts of python-docx's own template: a picture of nothing, styles that Word would repair, and what no style needs.
LEFTOVERS = (
    "docProps/thumbnail.jpeg", "word/stylesWithEffects.xml", "word/numbering.xml", "customXml/item1.xml",
    "customXml/itemProps1.xml", "customXml/_rels/item1.xml.rels",
)  # fmt: skip


def _fixed(raw: BytesIO) -> bytes:
    """The same zip with fixed times and without `LEFTOVERS`."""
    out = BytesIO()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name in LEFTOVERS:
                continue
            data = source.read(name)
            if name.endswith(".rels") or name == "[Content_Types].xml":
                data = _without_leftovers(data)
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            target.writestr(info, data)
    return out.getvalue()


def _without_leftovers(data: bytes) -> bytes:
    from lxml import etree

    root = etree.fromstring(data)
    names = {name.rsplit("/", 1)[-1] for name in LEFTOVERS}
    for one in list(root):
        if (one.get("Target") or one.get("PartName") or "").rsplit("/", 1)[-1] in names:
            root.remove(one)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def write(
    place: Any,
    text: str = "",
    style: str = "Isian",
    *,
    first: bool = False,
    character: str = "",
    bold: bool = False,
    size: float | None = None,
    align: Any = None,
    before: float | None = None,
    after: float | None = None,
    keep: bool = False,
    color: str | None = None,
    hanging: float = 0,
    tabs: Sequence[float] = (),
) -> Any:
    """A paragraph of this style; `first` uses the empty one that a new cell has. The rest is direct formatting."""
    paragraph = place.paragraphs[0] if first else place.add_paragraph()
    _styled(paragraph, style)
    run = add(paragraph, text, character)
    run.bold = bold or None
    if size:
        run.font.size = Pt(size)
        mark = OxmlElement("w:rPr")
        half_points = OxmlElement("w:sz")
        half_points.set(qn("w:val"), str(round(size * 2)))
        mark.append(half_points)
        paragraph._p.get_or_add_pPr().append(mark)
    if color:
        run.font.color.rgb = RGBColor.from_string(color)
    form = paragraph.paragraph_format
    if align is not None:
        form.alignment = align
    if before is not None:
        form.space_before = Pt(before)
    if after is not None:
        form.space_after = Pt(after)
    if keep:
        form.keep_with_next = True
    if hanging:
        form.left_indent, form.first_line_indent = Cm(hanging), Cm(-hanging)
    for tab in tabs:
        form.tab_stops.add_tab_stop(Cm(tab))
    return paragraph


def _styled(paragraph: Any, style: str) -> None:
    paragraph._p.get_or_add_pPr().get_or_add_pStyle().set(qn("w:val"), style)


def add(paragraph: Any, text: str, character: str = "") -> Any:
    """A run more, of a character style."""
    run = paragraph.add_run(text)
    if character:
        run._r.get_or_add_rPr().get_or_add_rStyle().set(qn("w:val"), character)
    return run


def command(place: Any, text: str, *, first: bool = False) -> None:
    """A paragraph that only steers the filling."""
    write(place, text, "Perintah", first=first)


def table(
    place: Any, widths: Sequence[float], rows: int, *, borders: bool = False, margins: float = 0, style: str = ""
) -> Any:
    """A table of fixed column widths in centimetres; `margins` where they differ from the style's."""
    known = hasattr(place, "sections") or hasattr(place, "_tc")  # how wide it is; a footer is not
    made = place.add_table(rows, len(widths), *([] if known else [Cm(sum(widths))]))
    made.autofit = False
    made.alignment = WD_TABLE_ALIGNMENT.LEFT
    properties = made._tbl.tblPr
    for old in properties.findall(qn("w:tblStyle")):
        properties.remove(old)
    name = OxmlElement("w:tblStyle")
    name.set(qn("w:val"), style or ("TabelBergaris" if borders else "TabelPolos"))
    properties.append(name)
    if margins:
        margin = OxmlElement("w:tblCellMar")
        for side in ("left", "right"):
            one = OxmlElement(f"w:{side}")
            one.set(qn("w:w"), str(round(margins * 567)))
            one.set(qn("w:type"), "dxa")
            margin.append(one)
        properties.append(margin)
    _in_schema_order(properties)
    for column, width in zip(made.columns, widths, strict=True):
        column.width = Cm(width)
        for cell in column.cells:
            cell.width = Cm(width)
    return made


def _in_schema_order(properties: Any) -> None:
    order = ("tblStyle", "tblW", "jc", "tblInd", "tblBorders", "tblLayout", "tblCellMar", "tblLook")
    children = sorted(properties, key=lambda child: order.index(child.tag.split("}")[1]))
    for child in children:
        properties.append(child)


def _borders(tag: str, sides: Sequence[str], size: int, kind: str = "single") -> Any:
    borders = OxmlElement(tag)
    for side in sides:
        line = OxmlElement(f"w:{side}")
        for key, value in (("val", kind), ("sz", str(size)), ("space", "1"), ("color", "000000")):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    return borders


def shade(cell: Any, fill: str) -> None:
    shading = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", fill)):
        shading.set(qn(f"w:{key}"), value)
    cell._tc.get_or_add_tcPr().append(shading)


def whole(row: Any) -> None:
    """The row is not split over two pages."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def repeated(row: Any) -> None:
    """The row heads the table on every page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def letterhead(page: Page) -> None:
    """Crest at the left in a frame that the lines flow around, government, office, address, double rule."""
    body = page.document
    command(body, "{%p if lambang %}")
    crest = write(body, "{{ lambang }}", "KopLambang")
    frame = OxmlElement("w:framePr")  # not in the style: LibreOffice reads none from there
    for key, value in (
        ("w", "1134"), ("hSpace", "113"), ("wrap", "around"), ("vAnchor", "text"), ("hAnchor", "margin"),
        ("xAlign", "left"), ("y", "1"),
    ):  # fmt: skip
        frame.set(qn(f"w:{key}"), value)
    crest._p.pPr.get_or_add_pStyle().addnext(frame)
    command(body, "{%p endif %}")
    write(body, "{{ pemerintah }}", "KopPemerintah")
    write(body, "{{ nama_kantor }}", "KopKantor")
    write(body, "{{ alamat }}", "KopAlamat")
    write(body, "", "KopGaris")


def title(page: Page, text: str, number: str = "", below: str = "") -> None:
    body = page.document
    write(body, text, "Judul")
    if number:
        write(body, f"Nomor: {number}", "Nomor")
    command(body, "{%p if kode_klasifikasi %}")
    write(body, "Kode klasifikasi: {{ kode_klasifikasi }}", "Nomor")
    command(body, "{%p endif %}")
    if below:
        write(body, below, "Nomor")
    write(body, "", "Jarak")


def head(page: Page, left: str, right: str) -> None:
    """What a page from the second on belongs to; the first has the letterhead."""
    section = page.document.sections[0]
    section.different_first_page_header_footer = True
    section.header.is_linked_to_previous = False
    paragraph = section.header.paragraphs[0]
    _styled(paragraph, "Kepala")
    add(paragraph, f"{left}\t{right}")
    paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(page.width), WD_TAB_ALIGNMENT.RIGHT)
    section.first_page_header.is_linked_to_previous = False
    _styled(section.first_page_header.paragraphs[0], "JarakKecil")


def footer(page: Page, number: str) -> None:
    """QR, archive code and page numbers on every page."""
    section = page.document.sections[0]
    for foot in (section.first_page_footer, section.footer):
        _footer(page, foot, number)


def _footer(page: Page, foot: Any, number: str) -> None:
    foot.is_linked_to_previous = False
    made = table(foot, (1.9, page.width - 4.9, 3.0), 1, style="TabelKaki")
    left, middle, right = made.rows[0].cells
    write(left, "{{ qr }}", first=True, before=2)
    write(middle, f"Kode verifikasi arsip: {{{{ kode_verifikasi }}}} ({number})", "Kaki", first=True)
    write(
        middle,
        "Tercatat dalam arsip {{ nama_kantor }}. Kode ini menunjukkan keaslian isi menurut arsip "
        "dan bukan tanda tangan elektronik.",
        "KakiKecil",
    )
    pages = write(right, "Halaman ", "KakiHalaman", first=True)
    _number(pages, "PAGE")
    add(pages, " dari ")
    _number(pages, "NUMPAGES")
    foot._element.remove(foot.paragraphs[0]._p)
    write(foot, "", "JarakKecil")


def _number(paragraph: Any, field: str) -> None:
    simple = OxmlElement("w:fldSimple")
    simple.set(qn("w:instr"), field)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    simple.append(run)
    paragraph._p.append(simple)


def closing(page: Page, *, copies: bool = True) -> None:
    """Below the signatures: initials and copies, where Kantor asks for them."""
    body = page.document
    for field, text in (("paraf", "Paraf: {{ paraf }}"), ("tembusan", "Tembusan:\n{{ tembusan }}")):
        if field == "paraf" or copies:
            command(body, f"{{%p if {field} %}}")
            write(body, text, "Tembusan")
            command(body, "{%p endif %}")
    write(body, "", "JarakKecil")


def particulars(page: Page, rows: Sequence[tuple[str, str]], label: float = 4.9) -> None:
    """Label, colon, value: the head of a form."""
    made = table(page.document, (label, 0.5, page.width - label - 0.5), len(rows))
    for row, (name, value) in zip(made.rows, rows, strict=True):
        whole(row)
        for cell, text in zip(row.cells, (name, ":", value), strict=True):
            write(cell, text, first=True)


def ruled(cell: Any, lines: int, width: float) -> None:
    """Dotted lines to write on."""
    for place in range(lines):
        paragraph = write(cell, "\t", "Garis", after=3 if place == lines - 1 else None)
        paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(width), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)


def text_or_lines(cell: Any, field: str, lines: int, width: float) -> None:
    """The field's text, or lines for filling it in by hand."""
    command(cell, f"{{%p if {field} %}}", first=True)
    write(cell, f"{{{{ {field} }}}}", "IsianKotak")
    command(cell, "{%p else %}")
    ruled(cell, lines, width)
    command(cell, "{%p endif %}")


def section(cell: Any, heading: str, field: str, hint: str, width: float) -> None:
    """A heading and below it the field's control with its text, or with two dotted lines to write on.

    Heading and text are one paragraph: so a page never ends with the heading, and long texts may still be split.
    """
    paragraph = write(cell, heading, "IsianKotak", character="Tegas", first=True)
    add(paragraph, f"{{%r if {field} %}}")
    add(paragraph, "\n")
    paragraph._p.append(control(field))
    add(paragraph, "{%r endif %}")
    command(cell, f"{{%p if not {field} %}}")
    lines = write(cell, "", "Garis")
    lines._p.append(control(field, f"({hint})\t\t"))
    lines.paragraph_format.line_spacing = 1.4  # room for handwriting
    lines.paragraph_format.tab_stops.add_tab_stop(Cm(width), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
    command(cell, "{%p endif %}")


CONTROLS = {
    Kind.DATE: '<w:date><w:dateFormat w:val="d MMMM yyyy"/><w:lid w:val="id-ID"/>'
    '<w:storeMappedDataAs w:val="date"/><w:calendar w:val="gregorian"/></w:date>',
    Kind.REASON: '<w:text w:multiLine="1"/>',
}
"""How Word takes what is filled in, by the kind of the column; other kinds are one line of text."""


def control(field: str, empty: str = "", character: str = "Petunjuk") -> Any:
    """A content control that holds the field, or is `empty` and shows that; it bears the field's name and header."""
    column = next(column for column in REGISTER.columns if NAMES[column.field] == field)
    content = run_of(empty or f"{{{{ {field} }}}}", character if empty else "")
    number = zlib.crc32(f"{field} {empty}".encode()) & 0x7FFFFFFF
    return parse_xml(
        f'<w:sdt {nsdecls("w")}><w:sdtPr><w:alias w:val="{column.header}"/><w:tag w:val="{field}"/>'
        f'<w:id w:val="{number}"/><w:lock w:val="sdtLocked"/>{"<w:showingPlcHdr/>" if empty else ""}'
        f"{_control_kind(column)}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"
    )


def _control_kind(column: Column) -> str:
    if column.kind is not Kind.CHOICE:
        return CONTROLS.get(column.kind, "<w:text/>")
    items = (f'<w:listItem w:displayText="{one}" w:value="{one}"/>' for one in CHOICES[column.choices])
    return f"<w:dropDownList>{''.join(items)}</w:dropDownList>"


def run_of(text: str, character: str) -> str:
    """A run of this text and character style, as XML."""
    look = f'<w:rPr><w:rStyle w:val="{character}"/></w:rPr>' if character else ""
    words = text.replace("\t", '</w:t><w:tab/><w:t xml:space="preserve">')
    return f'<w:r>{look}<w:t xml:space="preserve">{words}</w:t></w:r>'.replace('<w:t xml:space="preserve"></w:t>', "")


def controlled(paragraph: Any, field: str, empty: str, character: str = "Petunjuk", otherwise: str = "") -> None:
    """The field in a control, or the control empty; `otherwise` stands between: a condition, and text without one."""
    add(paragraph, f"{{%r if {field} %}}")
    paragraph._p.append(control(field))
    if otherwise:
        condition, _, text = otherwise.partition("|")
        add(paragraph, f"{{%r elif {condition} %}}")
        add(paragraph, text)
    add(paragraph, "{%r else %}")
    paragraph._p.append(control(field, empty, character))
    add(paragraph, "{%r endif %}")


@dataclass(frozen=True)
class Block:
    """One signature: perhaps place and date, then task and position, space, name, rank and NIP."""

    name: str
    lines: Sequence[str]
    date: str = ""


def signature(cell: Any, block: Block) -> None:
    """A signature that stands alone, in one cell."""
    for place, line in enumerate((block.date, *block.lines)):
        write(cell, line, "TandaTangan", first=place == 0, before=None if place else 2)
    for _ in range(3):
        write(cell, "", "TandaTangan")
    _name(cell, block, first=False)
    command(cell, f"{{%p if {block.name}_pangkat %}}")
    write(cell, f"{{{{ {block.name}_pangkat }}}}", "TandaTangan")
    command(cell, "{%p endif %}")
    _nip(cell, block, first=False)


def _name(cell: Any, block: Block, *, first: bool = True) -> None:
    signed = write(cell, f"{{{{ {block.name} }}}}", "TandaTanganNama", first=first)
    add(signed, f"{{% if not {block.name} %}}({'…' * 11}){{% endif %}}", "Kosong")


def _nip(cell: Any, block: Block, *, first: bool = True, keep: bool = False) -> None:
    nip = f"{block.name}_nip"
    text = f"{{% if {nip} %}}NIP {{{{ {nip} }}}}{{% elif not {block.name} %}}NIP {'…' * 8}{{% endif %}}"
    write(cell, text, "TandaTanganNIP", first=first, keep=keep)


def signing_table(page: Page, widths: Sequence[float], rows: int = 1) -> Any:
    """Rows for what the signatures belong to, and below room for `sign`: signatures alone on a page sign nothing.

    One table, as LibreOffice keeps a whole table together when its first paragraph is kept with the next, and knows
    no other way.
    """
    write(page.document, "", "Jarak")
    made = table(page.document, widths, rows + 1, margins=0.2)
    for row in made.rows:
        whole(row)
    write(merged(made.rows[-1]), "", "Jarak", first=True, keep=True)
    return made


def boxed(cell: Any) -> None:
    """A frame around one cell of a table without borders."""
    cell._tc.get_or_add_tcPr().append(_borders("w:tcBorders", ALL_SIDES[:4], 4))


def sign(made: Any, blocks: Sequence[Block], *, last: bool) -> None:
    """Rows for blocks beside each other; each line of them is a row, so that a long name sets no other awry."""

    def line(texts: Sequence[str], style: str = "TandaTangan") -> Any:
        row = made.add_row()
        whole(row)
        if len(blocks) == 1:
            merged(row)
        for cell, text in zip(row.cells, texts, strict=False):
            write(cell, text, style, first=True)
        return row

    if any(block.date for block in blocks):
        line([block.date for block in blocks])
    tasks = line([block.lines[0] for block in blocks])
    for cell, block in zip(tasks.cells, blocks, strict=False):
        for text in block.lines[1:]:
            write(cell, text, "TandaTangan")
    space = line([""] * len(blocks))
    space.height, space.height_rule = Cm(1.25), WD_ROW_HEIGHT_RULE.AT_LEAST
    names = made.add_row()
    ranks = [f"{block.name}_pangkat" for block in blocks]
    line([f"{{%tr if {' or '.join(ranks)} %}}"], "Perintah")
    line([f"{{{{ {rank} }}}}" for rank in ranks])
    line(["{%tr endif %}"], "Perintah")
    nips = made.add_row()
    for row in (names, nips):
        whole(row)
        if len(blocks) == 1:
            merged(row)
    for place, block in enumerate(blocks):
        _name(names.cells[place], block)
        _nip(nips.cells[place], block, keep=not last)


def merged(row: Any, first: int = 0, last: int = -1) -> Any:
    """Some cells of a row as one, without the empty paragraphs of those it swallows."""
    cell = row.cells[first].merge(row.cells[last])
    for extra in cell.paragraphs[1:]:
        extra._p.getparent().remove(extra._p)
    return cell


def head_of_office(*tasks: str, date: str = "") -> Block:
    return Block("pimpinan", (*tasks, "{{ pimpinan_jabatan }},"), date)


def ptpp() -> Page:
    page = Page(margins=(1, 2, 2, 3), size=10)  # blank, with a long letterhead and request, it is one page
    letterhead(page)
    title(page, "PERMINTAAN TINDAKAN PERBAIKAN DAN PENCEGAHAN (PTPP)", "{{ nomor_ptpp }}")
    particulars(page, (
        ("Kepada", "{{ kepada }}"),
        ("Dari", "{{ pengusul }}{% if pengusul_jabatan %}, {{ pengusul_jabatan }}{% endif %}"),
        ("Tanggal", "{{ tanggal_ptpp }}"),
        ("Nomor catatan", "{{ nomor_catatan }}"),
        ("Jenis layanan", "{{ jenis_layanan }}"),
        ("Ditemukan pada", "{{ tanggal_ditemukan_hari }}, {{ tanggal_ditemukan }}"
         "{% if tanggal_ditemukan_jam %} pukul {{ tanggal_ditemukan_jam }}{% endif %}"
         "{% if ditemukan_oleh != pengusul %} oleh {{ ditemukan_oleh }}{% endif %}"),
        ("Sumber", choose("sumber", DOTS)),
        ("Kategori", choose("kategori", "Mayor / Minor / Observasi *)")),
        ("Persyaratan yang dilanggar", choose("persyaratan_dilanggar", DOTS)),
    ))  # fmt: skip
    write(page.document, "", "Jarak")
    sections = (
        ("2.  Tindakan Langsung", "tindakan_langsung", "apa yang langsung dilakukan agar akibatnya berhenti"),
        ("3.  Analisis Penyebab", "analisis_penyebab", "mengapa hal itu terjadi"),
        ("4.  Tindakan Perbaikan", "tindakan_perbaikan", "apa yang dilakukan terhadap penyebabnya"),
        ("5.  Tindakan Pencegahan", "tindakan_pencegahan", "agar tidak terjadi pada layanan lain"),
    )
    made = table(page.document, (page.width,), 1 + len(sections), borders=True)
    described = write(made.rows[0].cells[0], "1.  Uraian Ketidaksesuaian", "IsianKotak", character="Tegas", first=True)
    add(described, "\n{{ uraian_ketidaksesuaian }}")
    for row, (heading, field, hint) in zip(list(made.rows)[1:], sections, strict=True):
        section(row.cells[0], heading, field, hint, page.width - 0.4)
    for row in made.rows:
        row.height, row.height_rule = Cm(1), WD_ROW_HEIGHT_RULE.AT_LEAST
    _issue(page, (
        Block("penanggung_jawab", ("Penanggung Jawab,",)),
        head_of_office("Mengetahui,"),
        Block("pengusul", ("Pengusul,",), "{{ tempat }}, {{ tanggal_ptpp }}"),
    ))  # fmt: skip
    _verification(page, Block(
        "diverifikasi_oleh",
        ("Diverifikasi oleh,{% if diverifikasi_oleh_jabatan %}\n{{ diverifikasi_oleh_jabatan }},{% endif %}",),
        "{{ tempat }}, " + choose("tanggal_verifikasi", "…" * 8),
    ))  # fmt: skip
    closing(page)
    head(page, "PTPP {{ nomor_ptpp }}", "Permintaan Tindakan Perbaikan dan Pencegahan")
    footer(page, "PTPP {{ nomor_ptpp }}")
    return page


def _issue(page: Page, blocks: Sequence[Block]) -> None:
    """Who is to do it until when, and the signatures under the request, kept on one page."""
    made = signing_table(page, (page.width / len(blocks),) * len(blocks))
    duty = merged(made.rows[0])
    boxed(duty)
    write(duty, "6.  Penanggung Jawab dan Target", "IsianNama", first=True, keep=True)
    _lines(duty, (
        ("Penanggung jawab", "{{ penanggung_jawab }}"
         "{% if penanggung_jawab_jabatan %}, {{ penanggung_jawab_jabatan }}{% endif %}"),
        ("Target selesai", ""),
    ))  # fmt: skip
    controlled(duty.paragraphs[-1], "target_selesai", f"{DOTS} (tanggal, bulan, tahun)")
    sign(made, blocks, last=True)


def _verification(page: Page, block: Block) -> None:
    """The last section with its own date and signature, in one row that is not split."""
    write(page.document, "", "Jarak")
    made = table(page.document, (page.width - 6.2, 6.2), 1, style="TabelKotak")
    whole(made.rows[0])
    check, signed = made.rows[0].cells
    heading = write(check, "7.  Verifikasi", "IsianNama", first=True, keep=True)
    add(heading, "{% if not hasil_verifikasi or not kategori %}   *) Coret yang tidak perlu{% endif %}", "Kecil")
    _lines(check, [(name, "") for name in ("Hasil verifikasi", "Tanggal verifikasi", "PTPP lanjutan")], 3.6)
    result, day, further = check.paragraphs[-3:]
    controlled(result, "hasil_verifikasi", "Sesuai / Tidak Sesuai *)", "")
    controlled(day, "tanggal_verifikasi", "…" * 12)
    controlled(further, "ptpp_lanjutan", "…" * 12, otherwise="hasil_verifikasi == 'Sesuai'|Tidak ada")
    signature(signed, block)
    name = next(one for one in signed.paragraphs if "{{ diverifikasi_oleh }}" in one.text)
    for run in name.runs:
        run._r.getparent().remove(run._r)
    controlled(name, "diverifikasi_oleh", f"({'…' * 11})", "Kosong")


def _lines(cell: Any, rows: Sequence[tuple[str, str]], label: float = 5.2) -> None:
    for name, value in rows:
        write(cell, f"{name}\t:\t{value}", hanging=label, tabs=(label - 0.45, label), after=2, keep=True)


def catatan() -> Page:
    page = Page(size=10)
    letterhead(page)
    title(page, "CATATAN LAYANAN TIDAK SESUAI", "{{ nomor_catatan }}")
    rows = (
        ("Jenis layanan", "{{ jenis_layanan }}", ""),
        ("Ditemukan pada", "{{ tanggal_ditemukan_hari }}, {{ tanggal_ditemukan }}"
         "{% if tanggal_ditemukan_jam %} pukul {{ tanggal_ditemukan_jam }}{% endif %}", ""),
        ("Ditemukan oleh", "{{ ditemukan_oleh }}"
         "{% if ditemukan_oleh_jabatan %}, {{ ditemukan_oleh_jabatan }}{% endif %}", ""),
        ("Sumber", choose("sumber", DOTS), ""),
        ("Persyaratan yang dilanggar", choose("persyaratan_dilanggar", DOTS), ""),
        ("Uraian ketidaksesuaian", "", "uraian_ketidaksesuaian"),
        ("Evaluasi", _who("evaluasi"), "evaluasi_keterangan"),
        ("Konsultasi dengan {{ pimpinan_jabatan }}", _who("konsultasi"), "konsultasi_keterangan"),
        ("Keputusan", "{% if keputusan %}{{ keputusan }}{% if diputuskan_oleh %}, diputuskan oleh {{ diputuskan_oleh }}"
         "{% if diputuskan_oleh_jabatan %} ({{ diputuskan_oleh_jabatan }}){% endif %}{% endif %}"
         "{% if putusan_tanggal %} pada {{ putusan_tanggal }}{% endif %}{% else %}" + DOTS + "{% endif %}", ""),
        ("Pemisahan", "{% if tempat_pemisahan %}{{ tempat_pemisahan }}{% else %}" + DOTS + "{% endif %}"
         "{% if pemisahan_selesai %}, {{ pemisahan_selesai }}{% endif %}", ""),
        ("Hasil perbaikan", "", "hasil_perbaikan"),
    )  # fmt: skip
    _described(page, rows)
    write(page.document, "Pelaksanaan langkah {{ sop }}", "IsianNama", before=5, after=3, keep=True)
    _steps(page)
    approver = "{% if disetujui_oleh_jabatan %}{{ disetujui_oleh_jabatan }},{% endif %}"
    approved = choose("disetujui_tanggal", "…" * 8)
    _registered(page, (
        Block("disetujui_oleh", ("Menyetujui,", approver), f"{{{{ tempat }}}}, {approved}"),
        Block("identifikasi_oleh", ("Pencatat,",), "{{ tempat }}, {{ tanggal_ditemukan }}"),
    ))  # fmt: skip
    closing(page, copies=False)
    head(page, "Catatan {{ nomor_catatan }}", "Catatan Layanan Tidak Sesuai")
    footer(page, "Catatan {{ nomor_catatan }}")
    return page


def _steps(page: Page) -> None:
    """The executions in the order of time; what was not done says why, and a remark has the whole width below it."""
    heads = ("No", "Aktivitas", "Pelaksana", "Mulai", "Selesai", "Waktu kerja", "Baku mutu", "Penilaian", "Hasil")
    names = ("nomor", "aktivitas", "pelaksana", "mulai", "selesai", "waktu", "baku_mutu", "penilaian", "hasil")
    widths = (0.7, 3.6, 2.45, 1.75, 1.75, 1.35, 1.35, 1.6, 1.45)
    made = looped(page, heads, names, widths, "langkah", more=7)
    before, line, otherwise, absent, end, remark, told, ended = made.rows[2:10]
    for row, text in (
        (before, "{%tr if not baris.tidak_dilaksanakan %}"), (otherwise, "{%tr else %}"), (end, "{%tr endif %}"),
        (remark, "{%tr if baris.keterangan and not baris.tidak_dilaksanakan %}"), (ended, "{%tr endif %}"),
    ):  # fmt: skip
        command(row.cells[0], text, first=True)
    _fields(line, names)
    _fields(absent, names[:2])
    write(merged(absent, 2), "{{ baris.tidak_dilaksanakan }}", "Tabel", first=True)
    text = "Keterangan langkah {{ baris.nomor }}: {{ baris.keterangan }}"
    write(merged(told), text, "Tabel", first=True)
    whole(absent)


def _registered(page: Page, blocks: Sequence[Block]) -> None:
    """The approval, the numbers of PTPP and BA and the signatures, kept on one page."""
    approval = (
        "{% if persetujuan_hasil %}{{ persetujuan_hasil }} oleh {{ persetujuan_oleh }}"
        "{% if persetujuan_selesai %}, {{ persetujuan_selesai }}{% endif %}{% else %}" + DOTS + "{% endif %}"
    )
    texts = (
        ("Nomor PTPP:  ", choose("nomor_ptpp", "…" * 12)),
        ("BA pemusnahan:  ", "{% if nomor_ba %}{{ nomor_ba }}{% elif perlu_dimusnahkan == 'Tidak' %}"
         "tidak ada yang dimusnahkan{% else %}" + "…" * 12 + "{% endif %}"),
    )  # fmt: skip
    made = signing_table(page, (page.width / len(blocks),) * len(blocks), 2)
    above = merged(made.rows[0])
    boxed(above)
    add(write(above, "Persetujuan:  ", "IsianKotak", character="Tegas", first=True, keep=True), approval)
    for cell, (name, value) in zip(made.rows[1].cells, texts, strict=True):
        boxed(cell)
        add(write(cell, name, "IsianKotak", character="Tegas", first=True, keep=True), value)
    sign(made, blocks, last=True)


def _described(page: Page, rows: Sequence[tuple[str, str, str]]) -> None:
    """Rows of label, short text and the field of a text that may be long."""
    made = table(page.document, (5.1, page.width - 5.1), len(rows), borders=True)
    for row, (name, value, long) in zip(made.rows, rows, strict=True):
        label, cell = row.cells
        write(label, name, "IsianNama", first=True)
        if value:
            write(cell, value, "IsianKotak", first=True)
            if long:
                command(cell, f"{{%p if {long} %}}")
                write(cell, f"{{{{ {long} }}}}", "IsianKotak")
                command(cell, "{%p endif %}")
            whole(row)
        else:
            text_or_lines(cell, long, 2, page.width - 5.5)


def _who(prefix: str) -> str:
    finished = f", selesai {{{{ {prefix}_selesai }}}}"
    begun = f", mulai {{{{ {prefix}_mulai }}}}"
    return (
        f"{{% if {prefix}_oleh %}}{{{{ {prefix}_oleh }}}}{{% if {prefix}_selesai %}}{finished}"
        f"{{% elif {prefix}_mulai %}}{begun}{{% endif %}}{{% else %}}{DOTS}{{% endif %}}"
    )


CENTERED = ("no", "nomor", "tanggal", "target", "selesai", "mulai", "jumlah", "umur")


def looped(
    page: Page, heads: Sequence[str], names: Sequence[str], widths: Sequence[float], rows: str, more: int = 0
) -> Any:
    """A table with a repeated header and a row for each of `rows`, or `more` rows more, left to fill."""
    made = table(page.document, widths, 4 + more, style="TabelData")
    head, begin, line, *_, end = made.rows
    whole(head)
    repeated(head)
    for cell, text in zip(head.cells, heads, strict=True):
        write(cell, text, "TabelKepala", first=True)
    command(begin.cells[0], f"{{%tr for baris in {rows} %}}", first=True)
    if not more:
        _fields(line, names)
    command(end.cells[0], "{%tr endfor %}", first=True)
    return made


def _fields(row: Any, names: Sequence[str]) -> None:
    whole(row)
    for cell, name in zip(row.cells, names, strict=False):
        style = "TabelTengah" if name in CENTERED else "Tabel"
        write(cell, f"{{{{ baris.{name} }}}}", style, first=True)


def daftar() -> Page:
    page = Page(29.7, 21.0, (1.6, 1.5, 1.8, 2), size=10)
    letterhead(page)
    title(page, "DAFTAR PERMINTAAN TINDAKAN PERBAIKAN DAN PENCEGAHAN", below="Periode {{ periode }}")
    heads = (
        "No", "No. PTPP", "Tanggal", "Jenis Layanan", "Uraian", "Kategori", "Penanggung Jawab", "Target", "Selesai",
        "Verifikasi", "Status", "Umur (hari kerja)", "Keterangan",
    )  # fmt: skip
    names = (
        "no", "nomor_ptpp", "tanggal", "jenis_layanan", "uraian_ringkas", "kategori", "penanggung_jawab", "target",
        "selesai", "verifikasi", "status", "umur", "keterangan_ringkas",
    )  # fmt: skip
    widths = (0.85, 2.8, 1.75, 2.5, 4.5, 1.6, 2.5, 1.75, 1.75, 1.75, 1.4, 1.15, 1.9)
    looped(page, heads, names, widths, "daftar")
    body = page.document
    command(body, "{%p if belum_tercantum %}")
    write(body, "Belum tercantum karena datanya belum benar: {{ belum_tercantum }}.", "Catatan")
    command(body, "{%p endif %}")
    write(
        body, "Umur dihitung sampai tanggal selesai; bila belum selesai, sampai {{ akhir_periode }}."
        "{% if tautan_riwayat %} Tautan riwayat register: {{ tautan_riwayat }}.{% endif %}", "Catatan", keep=True,
    )  # fmt: skip
    write(body, "", "Jarak", keep=True)
    frame = table(body, (9.0, page.width - 9.0 - 8.0, 8.0), 1)
    whole(frame.rows[0])
    left, middle, right = frame.rows[0].cells
    _styled(middle.paragraphs[0], "Isian")
    _totals(left)
    signature(right, head_of_office(date="{{ tempat }}, " + "…" * 10 + " 20….."))
    closing(page, copies=False)
    head(page, "Daftar PTPP, {{ periode }}", "Daftar Permintaan Tindakan Perbaikan dan Pencegahan")
    footer(page, "Daftar PTPP, {{ periode }}")
    return page


def _totals(cell: Any) -> None:
    """How many PTPP there are of each status."""
    totals = table(cell, (5.0, 2.8), 5, style="TabelData")
    cell._tc.remove(cell.paragraphs[0]._p)
    texts = (
        ("Status", "Banyaknya PTPP"), ("{%tr for baris in jumlah_per_status %}", ""),
        ("{{ baris.status }}", "{{ baris.banyak }}"), ("{%tr endfor %}", ""), ("Jumlah", "{{ banyak }}"),
    )  # fmt: skip
    styles = ("TabelKepala", "Perintah", "TabelTengah", "Perintah", "TabelKepala")
    for row, pair, style in zip(totals.rows, texts, styles, strict=True):
        for one, text in zip(row.cells, pair, strict=True):
            write(one, text, style, first=True, keep=True)
    _styled(cell.paragraphs[-1], "JarakKecil")


def berita_acara() -> Page:
    page = Page(size=10.5)
    letterhead(page)
    title(page, "BERITA ACARA PEMUSNAHAN HASIL LAYANAN TIDAK SESUAI", "{{ nomor_ba }}")
    body = page.document
    write(
        body,
        "Pada hari ini, {{ tanggal_hari }} tanggal {{ tanggal_hari_terbilang }} bulan {{ tanggal_bulan }} tahun "
        "{{ tanggal_tahun_terbilang }} ({{ tanggal_angka }}), bertempat di {{ tempat_pemusnahan }}, "
        "kami yang bertanda tangan di bawah ini:",
        "Isi",
    )
    people = (("Pelaksana", "pelaksana"), ("Saksi I", "saksi_1"), ("Saksi II", "saksi_2"))
    made = table(body, (0.8, 2.6, 0.4, page.width - 3.8), 2 * len(people))
    for place, (task, name) in enumerate(people):
        lines = (
            ("Nama/NIP", f"{{{{ {name} }}}} / {choose(f'{name}_nip', '-')}"),
            ("Jabatan", f"{{{{ {name}_jabatan }}}}, selaku {task}"),
        )
        for row, (label, value) in zip(made.rows[2 * place : 2 * place + 2], lines, strict=True):
            whole(row)
            number = "" if label == "Jabatan" else f"{place + 1}."
            for cell, text in zip(row.cells, (number, label, ":", value), strict=True):
                write(cell, text, first=True, keep=label != "Jabatan", after=4 if label == "Jabatan" else None)
    write(
        body,
        "berdasarkan {{ sop }}, telah melaksanakan pemusnahan hasil layanan tidak sesuai sebanyak {{ banyak }} "
        "({{ banyak_terbilang }}) catatan, dengan rincian sebagai berikut:",
        "Isi", before=4, keep=True,
    )  # fmt: skip
    heads = (
        "No", "No. Catatan", "Jenis Layanan", "Uraian Hasil Layanan Tidak Sesuai", "Jumlah", "Satuan", "Alasan"
    )  # fmt: skip
    names = ("no", "nomor_catatan", "jenis_layanan", "uraian_ringkas", "jumlah", "satuan", "alasan")
    made = looped(page, heads, names, (0.75, 2.85, 2.3, 3.5, 1.25, 1.75, 3.6), "rincian")
    for text in ("{%tr for baris in jumlah_per_satuan %}", "", "{%tr endfor %}"):
        row = made.add_row()
        whole(row)
        if text:
            command(row.cells[0], text, first=True)
            continue
        write(merged(row, 0, 3), "Jumlah seluruhnya", "TabelKanan", character="Tegas", first=True)
        write(row.cells[4], "{{ baris.jumlah }}", "TabelTengah", character="Tegas", first=True)
        write(row.cells[5], "{{ baris.satuan }}", "Tabel", character="Tegas", first=True)
        write(row.cells[6], "", "Tabel", first=True)
    write(
        body, "Pemusnahan dilaksanakan dengan cara: {{ cara_pemusnahan|tanpa_titik }}.", "Isi", before=6, keep=True
    )  # fmt: skip
    write(
        body,
        "Demikian Berita Acara ini dibuat dengan sesungguhnya untuk dipergunakan sebagaimana mestinya.",
        "Isi", keep=True,
    )  # fmt: skip
    witness = (page.width - 6.2) / 2
    made = table(body, (witness, witness, 6.2), 0)
    sign(made, (
        Block("saksi_1", ("Saksi I,",)),
        Block("saksi_2", ("Saksi II,",)),
        Block("pelaksana", ("Pelaksana,",), "{{ tempat }}, {{ tanggal }}"),
    ), last=False)  # fmt: skip
    tasks = len(made.rows)
    sign(made, [Block("mengetahui", ("Mengetahui,", "{{ mengetahui_jabatan }},"))], last=True)
    made.rows[tasks].cells[0].paragraphs[0].paragraph_format.space_before = Pt(5)
    closing(page)
    head(page, "BA {{ nomor_ba }}", "Berita Acara Pemusnahan Hasil Layanan Tidak Sesuai")
    footer(page, "BA {{ nomor_ba }}")
    return page


def label() -> Page:
    page = Page(10.5, 7.4, (0.5, 0.5, 0.4, 0.5), size=9.5)
    page.document.sections[0].footer_distance = Cm(0.2)
    body = page.document
    made = table(body, (2.2, page.width - 4.6, 2.4), 9, borders=False, margins=0.15)
    made._tbl.tblPr.append(_borders("w:tblBorders", ("top", "left", "bottom", "right"), 18))
    _in_schema_order(made._tbl.tblPr)
    rows = (
        ("No. Catatan", "{{ nomor_catatan }}", 0.5), ("No. PTPP", choose("nomor_ptpp", "-"), 0.5),
        ("Layanan", "{{ jenis_layanan_ringkas }}", 0.85),
        ("Dipisahkan", choose("tanggal_pemisahan", "…" * 10), 0.5),
        ("Tempat", choose("tempat_ringkas", "…" * 10), 1.2),
        ("Jumlah", "{% if jumlah %}{{ jumlah }} {{ satuan_ringkas }}{% else %}-{% endif %}", 0.5),
        ("Status", choose("status", "-"), 0.5),
    )  # fmt: skip
    for row, height in zip(made.rows, (0.9, 0.55, *(height for *_, height in rows)), strict=True):
        whole(row)
        row.height, row.height_rule = Cm(height), WD_ROW_HEIGHT_RULE.EXACTLY
    head, office = merged(made.rows[0]), merged(made.rows[1])
    shade(head, "000000")
    write(head, "TIDAK SESUAI", bold=True, size=20, align=CENTER, first=True, color="FFFFFF")
    write(office, "{{ nama_kantor }}", bold=True, align=CENTER, first=True, before=2)
    code = made.rows[2].cells[2].merge(made.rows[5].cells[2])
    for extra in code.paragraphs[1:]:
        extra._p.getparent().remove(extra._p)
    for row in made.rows[6:]:
        merged(row, 1, 2)
    write(code, "{{ qr }}", first=True, align=CENTER)
    write(code, "{{ kode_verifikasi }}", size=5, align=CENTER)
    for row, (name, value, _) in zip(made.rows[2:], rows, strict=True):
        write(row.cells[0], name, first=True, before=1)
        write(row.cells[1], value, first=True, before=1, bold=name == "No. Catatan")
    write(body, size=1)
    return page


TEMPLATES = {
    "ptpp.docx": (ptpp, "PTPP {{ nomor_ptpp }}"),
    "catatan.docx": (catatan, "Catatan Layanan Tidak Sesuai {{ nomor_catatan }}"),
    "daftar-ptpp.docx": (daftar, "Daftar PTPP {{ periode }}"),
    "ba-pemusnahan.docx": (berita_acara, "BA Pemusnahan {{ nomor_ba }}"),
    "label.docx": (label, "Label {{ nomor_catatan }}"),
}


def make_templates(folder: Path) -> None:
    for name, (build, text) in TEMPLATES.items():
        build().save(folder / name, text)


if __name__ == "__main__":
    make_templates(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "templates")
