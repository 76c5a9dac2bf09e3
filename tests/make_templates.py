"""The Word templates as they are first given to an office, made again byte for byte.

Run `uv run python tests/make_templates.py [FOLDER]`; without a folder it writes templates/. From then on the office
edits them in Word, so nothing here is needed to use sopkit.
"""

from __future__ import annotations

import datetime as dt
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

FONT = "Arial"
CENTER, JUSTIFY, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.JUSTIFY, WD_ALIGN_PARAGRAPH.RIGHT
DOTS = "…" * 22
GREY = "E7E7E7"


def choose(field: str, otherwise: str) -> str:
    """The field, or in its absence something to fill in by hand."""
    return f"{{% if {field} %}}{{{{ {field} }}}}{{% else %}}{otherwise}{{% endif %}}"


class Page:
    """A document under construction; `width` is the text's, in centimetres."""

    def __init__(
        self, wide: float = 21.0, high: float = 29.7, margins: tuple[float, ...] = (2, 2, 2, 3), size: float = 11
    ) -> None:
        self.document = Document()
        section = self.document.sections[0]
        if wide > high:
            section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Cm(wide), Cm(high)
        top, right, bottom, left = margins
        section.top_margin, section.right_margin = Cm(top), Cm(right)
        section.bottom_margin, section.left_margin = Cm(bottom), Cm(left)
        section.header_distance, section.footer_distance = Cm(min(1.0, top)), Cm(min(0.8, bottom))
        self.width = wide - left - right
        style = self.document.styles["Normal"]
        style.font.name, style.font.size = FONT, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for script in ("w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(script), FONT)
        language = OxmlElement("w:lang")
        language.set(qn("w:val"), "id-ID")
        style.element.get_or_add_rPr().append(language)
        style.paragraph_format.space_after = style.paragraph_format.space_before = Pt(0)
        style.paragraph_format.line_spacing = 1.0
        style.paragraph_format.widow_control = True
        _as_word_2013(self.document.settings.element)

    def save(self, path: Path, title: str) -> None:
        _without_table_styles(self.document)
        core = self.document.core_properties
        core.title, core.author, core.language, core.comments = title, "", "id-ID", ""
        core.created = core.modified = dt.datetime(2019, 8, 19)
        core.last_modified_by = ""
        core.revision = 1
        raw = BytesIO()
        self.document.save(raw)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_fixed(raw))


def _without_table_styles(document: Any) -> None:
    """python-docx adds a hundred that nothing here uses, fifteen times as long as all else; Word has them anyway."""
    styles = document.styles.element
    for style in styles.findall(qn("w:style")):
        if style.get(qn("w:type")) == "table" and style.get(qn("w:default")) != "1":
            styles.remove(style)


def _as_word_2013(settings: Any) -> None:
    """Without this Word opens the file in compatibility mode and lets tables jut out of the margin."""
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


# Parts of python-docx's own template: a picture of nothing, and styles that Word would repair.
LEFTOVERS = ("docProps/thumbnail.jpeg", "word/stylesWithEffects.xml")


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
    *,
    bold: bool = False,
    italic: bool = False,
    underline: bool = False,
    size: float | None = None,
    align: Any = None,
    before: float = 0,
    after: float = 0,
    keep: bool = False,
    together: bool = False,
    color: str | None = None,
    first: bool = False,
    indent: float = 0,
    hanging: float = 0,
    tabs: Sequence[float] = (),
) -> Any:
    """A paragraph; `first` uses the empty one that a new cell has."""
    paragraph = place.paragraphs[0] if first else place.add_paragraph()
    run = paragraph.add_run(text)
    run.bold, run.italic, run.underline = bold or None, italic or None, underline or None
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
    form.space_before, form.space_after = Pt(before), Pt(after)
    if keep:
        form.keep_with_next = True
    if together:
        form.keep_together = True
    if indent or hanging:
        form.left_indent, form.first_line_indent = Cm(indent + hanging), Cm(-hanging)
    for tab in tabs:
        form.tab_stops.add_tab_stop(Cm(tab))
    return paragraph


def table(place: Any, widths: Sequence[float], rows: int, *, borders: bool, margins: float = 0.15) -> Any:
    """A table of fixed column widths in centimetres."""
    made = place.add_table(rows, len(widths), Cm(sum(widths))) if hasattr(place, "_tc") or not hasattr(
        place, "sections") else place.add_table(rows, len(widths))  # fmt: skip
    made.autofit = False
    made.alignment = WD_TABLE_ALIGNMENT.LEFT
    properties = made._tbl.tblPr
    if borders:
        properties.append(_borders("w:tblBorders", ("top", "left", "bottom", "right", "insideH", "insideV"), 4))
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


def rule(paragraph: Any, side: str, size: int, kind: str = "single") -> None:
    """A line above or below a paragraph, where the schema wants it among its properties."""
    properties = paragraph._p.get_or_add_pPr()
    border = _borders("w:pBdr", (side,), size, kind)
    later = ("w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")
    successor = next((child for name in later for child in properties.findall(qn(name))), None)
    if successor is None:
        properties.append(border)
    else:
        successor.addprevious(border)


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
    write(body, "{%p if lambang %}", size=2)
    crest = write(body, "{{ lambang }}")
    frame = OxmlElement("w:framePr")
    for key, value in (
        ("w", "1134"), ("hSpace", "113"), ("wrap", "around"), ("vAnchor", "text"), ("hAnchor", "margin"),
        ("xAlign", "left"), ("y", "1"),
    ):  # fmt: skip
        frame.set(qn(f"w:{key}"), value)
    crest._p.get_or_add_pPr().insert(0, frame)
    write(body, "{%p endif %}", size=2)
    write(body, "{{ pemerintah }}", size=13, align=CENTER, keep=True, before=4)
    write(body, "{{ nama_kantor }}", size=17, bold=True, align=CENTER, keep=True)
    write(body, "{{ alamat }}", size=9, align=CENTER, keep=True, before=2, after=6)
    line = write(body, size=3, after=7)
    rule(line, "top", 24, "thickThinSmallGap")


def title(page: Page, text: str, number: str = "", below: str = "") -> None:
    write(page.document, text, bold=True, size=12, align=CENTER, keep=True, before=2)
    if number:
        write(page.document, f"Nomor: {number}", align=CENTER, keep=True, before=2)
    if below:
        write(page.document, below, align=CENTER, keep=True, before=2)
    write(page.document, size=9)


def footer(page: Page, number: str) -> None:
    """QR, archive code and page numbers on every page."""
    foot = page.document.sections[0].footer
    foot.is_linked_to_previous = False
    made = table(foot, (1.9, page.width - 4.9, 3.0), 1, borders=False, margins=0.05)
    made._tbl.tblPr.insert(
        [child.tag for child in made._tbl.tblPr].index(qn("w:tblLayout")), _borders("w:tblBorders", ("top",), 4)
    )
    left, middle, right = made.rows[0].cells
    write(left, "{{ qr }}", first=True, before=2)
    code = f"Kode verifikasi arsip: {{{{ kode_verifikasi }}}} ({number})"
    write(middle, code, size=8, first=True, before=6, color="404040")
    write(
        middle,
        "Tercatat dalam arsip {{ nama_kantor }}. Kode ini menunjukkan keaslian isi menurut arsip "
        "dan bukan tanda tangan elektronik.",
        size=7, color="404040", before=1,
    )  # fmt: skip
    pages = write(right, "Halaman ", size=8, first=True, before=6, align=RIGHT, color="404040")
    _number(pages, "PAGE")
    between = pages.add_run(" dari ")
    between.font.size, between.font.color.rgb = Pt(8), RGBColor.from_string("404040")
    _number(pages, "NUMPAGES")
    foot._element.remove(foot.paragraphs[0]._p)
    write(foot, size=1)


def _number(paragraph: Any, field: str) -> None:
    simple = OxmlElement("w:fldSimple")
    simple.set(qn("w:instr"), field)
    run = OxmlElement("w:r")
    properties = OxmlElement("w:rPr")
    size = OxmlElement("w:sz")
    size.set(qn("w:val"), "16")
    color = OxmlElement("w:color")
    color.set(qn("w:val"), "404040")
    properties.append(color)
    properties.append(size)
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(properties)
    run.append(text)
    simple.append(run)
    paragraph._p.append(simple)


def particulars(page: Page, rows: Sequence[tuple[str, str]], label: float = 4.9) -> None:
    """Label, colon, value: the head of a form."""
    made = table(page.document, (label, 0.5, page.width - label - 0.5), len(rows), borders=False, margins=0.05)
    for row, (name, value) in zip(made.rows, rows, strict=True):
        whole(row)
        for cell, text in zip(row.cells, (name, ":", value), strict=True):
            write(cell, text, first=True, after=1)


def ruled(cell: Any, lines: int, width: float) -> None:
    """Dotted lines to write on."""
    for place in range(lines):
        paragraph = write(cell, "\t", before=6, after=3 if place == lines - 1 else 0)
        paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(width), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)


def text_or_lines(cell: Any, field: str, lines: int, width: float) -> None:
    """The field's text, or lines for filling it in by hand."""
    write(cell, f"{{%p if {field} %}}", first=True, size=2)
    write(cell, f"{{{{ {field} }}}}", before=1.5, after=1.5)
    write(cell, "{%p else %}", size=2)
    ruled(cell, lines, width)
    write(cell, "{%p endif %}", size=2)


def section(cell: Any, heading: str, field: str, lines: int, width: float) -> None:
    """A heading and below it the field's text, or lines for filling it in by hand.

    Heading and text are one paragraph: so a page never ends with the heading, and long texts may still be split.
    """
    paragraph = write(cell, heading, bold=True, first=True, before=2, after=2)
    paragraph.add_run(f"{{% if {field} %}}\n{{{{ {field} }}}}{{% endif %}}")
    write(cell, f"{{%p if not {field} %}}", size=2)
    ruled(cell, lines, width)
    write(cell, "{%p endif %}", size=2)


@dataclass(frozen=True)
class Block:
    """One signature: perhaps place and date, then task and position, space, name and NIP."""

    name: str
    lines: Sequence[str]
    date: str = ""


def signature(cell: Any, block: Block, size: float) -> None:
    """A signature that stands alone, in one cell."""
    for place, line in enumerate((block.date, *block.lines)):
        write(cell, line, align=CENTER, first=place == 0, keep=True, size=size)
    for _ in range(3):
        write(cell, align=CENTER, keep=True, size=size)
    _name(cell, block, size, first=False)
    _nip(cell, block, size, first=False)


def _name(cell: Any, block: Block, size: float | None, *, first: bool = True) -> None:
    name = f"{{{{ {block.name} }}}}"
    signed = write(cell, name, bold=True, underline=True, align=CENTER, keep=True, size=size, first=first)
    blank = signed.add_run(f"{{% if not {block.name} %}}({'…' * 16}){{% endif %}}")
    blank.font.size = Pt(size) if size else None


def _nip(cell: Any, block: Block, size: float | None, *, first: bool = True, keep: bool = False) -> None:
    nip = f"{block.name}_nip"
    text = f"{{% if {nip} %}}NIP {{{{ {nip} }}}}{{% elif not {block.name} %}}NIP {'…' * 12}{{% endif %}}"
    write(cell, text, align=CENTER, size=size, first=first, keep=keep)


def signatures(page: Page, blocks: Sequence[Block], below: Block | None = None) -> None:
    """Blocks beside each other and perhaps one below in the middle, all on one page."""
    write(page.document, size=6, keep=True)
    made = table(page.document, (page.width / len(blocks),) * len(blocks), 0, borders=False, margins=0.1)
    sign(made, blocks, last=below is None)
    if below is not None:
        sign(made, [below], last=True)
        made.rows[-4].cells[0].paragraphs[0].paragraph_format.space_before = Pt(5)


def signing_table(page: Page, columns: int) -> Any:
    """A row for what the signatures belong to, and below it room for `sign`: signatures alone on a page sign nothing.

    One table, as LibreOffice keeps a whole table together when its first paragraph is kept with the next, and knows
    no other way.
    """
    write(page.document, size=4)
    made = table(page.document, (page.width / columns,) * columns, 2, borders=False)
    for row in made.rows:
        whole(row)
    write(merged(made.rows[1]), size=6, first=True, keep=True)
    return made


def boxed(cell: Any) -> None:
    """A frame around one cell of a table without borders."""
    cell._tc.get_or_add_tcPr().append(_borders("w:tcBorders", ("top", "left", "bottom", "right"), 4))


def sign(made: Any, blocks: Sequence[Block], *, last: bool) -> None:
    """Rows for blocks beside each other; each line of them is a row, so that a long name sets no other awry."""
    dated = any(block.date for block in blocks)
    rows = [made.add_row() for _ in range(5 if dated else 4)]
    for row in rows:
        whole(row)
        if len(blocks) == 1:
            merged(row)
    if dated:
        for cell, block in zip(rows[0].cells, blocks, strict=True):
            write(cell, block.date, align=CENTER, first=True, keep=True)
    tasks, space, names, nips = rows[-4:]
    space.height, space.height_rule = Cm(1.4), WD_ROW_HEIGHT_RULE.AT_LEAST
    for place, block in enumerate(blocks):
        for number, line in enumerate(block.lines):
            write(tasks.cells[place], line, align=CENTER, first=number == 0, keep=True)
        write(space.cells[place], first=True, keep=True)
        _name(names.cells[place], block, None)
        _nip(nips.cells[place], block, None, keep=not last)


def merged(row: Any, first: int = 0, last: int = -1) -> Any:
    """Some cells of a row as one, without the empty paragraphs of those it swallows."""
    cell = row.cells[first].merge(row.cells[last])
    for extra in cell.paragraphs[1:]:
        extra._p.getparent().remove(extra._p)
    return cell


def head_of_office(*tasks: str, date: str = "") -> Block:
    return Block("pimpinan", (*tasks, "{{ pimpinan_jabatan }},"), date)


def ptpp() -> Page:
    page = Page(size=10)
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
    write(page.document, size=6)
    sections = (
        ("1.  Uraian Ketidaksesuaian", "uraian_ketidaksesuaian"),
        ("2.  Tindakan Langsung", "tindakan_langsung"),
        ("3.  Analisis Penyebab", "analisis_penyebab"),
        ("4.  Tindakan Perbaikan", "tindakan_perbaikan"),
        ("5.  Tindakan Pencegahan", "tindakan_pencegahan"),
    )
    made = table(page.document, (page.width,), len(sections) + 1, borders=True)
    for row, (heading, field) in zip(made.rows, sections, strict=False):
        section(row.cells[0], heading, field, 2, page.width - 0.4)
        row.height, row.height_rule = Cm(1), WD_ROW_HEIGHT_RULE.AT_LEAST
    duty = made.rows[-1].cells[0]
    whole(made.rows[-1])
    write(duty, "6.  Penanggung Jawab dan Target", bold=True, first=True, before=2, after=1)
    _lines(duty, (
        ("Penanggung jawab", "{{ penanggung_jawab }}"
         "{% if penanggung_jawab_jabatan %}, {{ penanggung_jawab_jabatan }}{% endif %}"),
        ("Target selesai", choose("target_selesai", DOTS)),
    ))  # fmt: skip
    _verification(page, (
        Block("penanggung_jawab", ("Penanggung Jawab,",)),
        head_of_office("Mengetahui,"),
        Block("pengusul", ("Pengusul,",), "{{ tempat }}, {{ tanggal_ptpp }}"),
    ))  # fmt: skip
    footer(page, "PTPP {{ nomor_ptpp }}")
    return page


def _verification(page: Page, blocks: Sequence[Block]) -> None:
    """The last section and the signatures, kept on one page."""
    made = signing_table(page, len(blocks))
    check = merged(made.rows[0])
    boxed(check)
    heading = write(check, "7.  Verifikasi", bold=True, first=True, before=2, after=1)
    note = heading.add_run("{% if not hasil_verifikasi or not kategori %}\t*) Coret yang tidak perlu{% endif %}")
    note.bold, note.italic, note.font.size = False, True, Pt(8)
    heading.paragraph_format.tab_stops.add_tab_stop(Cm(page.width - 0.4), WD_TAB_ALIGNMENT.RIGHT)
    _lines(check, (
        ("Hasil verifikasi", choose("hasil_verifikasi", "Sesuai / Tidak Sesuai *)")),
        ("Diverifikasi oleh", choose("diverifikasi_oleh", DOTS)),
        ("Tanggal verifikasi", choose("tanggal_verifikasi", DOTS)),
        ("PTPP lanjutan", "{% if ptpp_lanjutan %}{{ ptpp_lanjutan }}{% elif hasil_verifikasi == 'Sesuai' %}Tidak ada"
         "{% else %}" + DOTS + "{% endif %}"),
    ))  # fmt: skip
    for paragraph in check.paragraphs:
        paragraph.paragraph_format.keep_with_next = True
    sign(made, blocks, last=True)


def _lines(cell: Any, rows: Sequence[tuple[str, str]]) -> None:
    for name, value in rows:
        write(cell, f"{name}\t:\t{value}", hanging=5.2, tabs=(4.75, 5.2), after=2)


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
        ("Persetujuan", "{% if persetujuan_hasil %}{{ persetujuan_hasil }} oleh {{ persetujuan_oleh }}"
         "{% if persetujuan_selesai %}, {{ persetujuan_selesai }}{% endif %}{% else %}" + DOTS + "{% endif %}", ""),
    )  # fmt: skip
    _described(page, rows)
    write(page.document, "Pelaksanaan langkah {{ sop }}", bold=True, before=7, after=3, keep=True)
    heads = ("No", "Aktivitas", "Pelaksana", "Mulai", "Selesai", "Waktu kerja", "Baku mutu", "Penilaian", "Keterangan")
    names = ("nomor", "aktivitas", "pelaksana", "mulai", "selesai", "waktu", "baku_mutu", "penilaian", "keterangan")
    looped(page, heads, names, (0.7, 3.75, 2.4, 1.65, 1.65, 1.3, 1.2, 1.35, 2.0), "langkah", 7.5, long="keterangan")
    approver = "{% if persetujuan_oleh_jabatan %}{{ persetujuan_oleh_jabatan }},{% endif %}"
    _registered(page, (
        Block("persetujuan_oleh", ("Menyetujui,", approver)),
        Block("identifikasi_oleh", ("Pencatat,",), "{{ tempat }}, {{ tanggal_ditemukan }}"),
    ))  # fmt: skip
    footer(page, "Catatan {{ nomor_catatan }}")
    return page


def _registered(page: Page, blocks: Sequence[Block]) -> None:
    """The numbers of PTPP and BA and the signatures, kept on one page."""
    texts = (
        ("Nomor PTPP:  ", choose("nomor_ptpp", "…" * 12)),
        ("BA pemusnahan:  ", "{% if nomor_ba %}{{ nomor_ba }}{% elif perlu_dimusnahkan == 'Tidak' %}"
         "tidak ada yang dimusnahkan{% else %}" + "…" * 12 + "{% endif %}"),
    )  # fmt: skip
    made = signing_table(page, len(blocks))
    for cell, (name, value) in zip(made.rows[0].cells, texts, strict=True):
        boxed(cell)
        write(cell, name, first=True, before=2, after=2, bold=True, keep=True).add_run(value)
    sign(made, blocks, last=True)


def _described(page: Page, rows: Sequence[tuple[str, str, str]]) -> None:
    """Rows of label, short text and the field of a text that may be long."""
    made = table(page.document, (5.1, page.width - 5.1), len(rows), borders=True)
    for row, (name, value, long) in zip(made.rows, rows, strict=True):
        label, cell = row.cells
        write(label, name, first=True, before=1.5, after=1.5, bold=True)
        if value:
            write(cell, value, first=True, before=1.5, after=1.5)
            if long:
                write(cell, f"{{%p if {long} %}}", size=2)
                write(cell, f"{{{{ {long} }}}}", after=1.5)
                write(cell, "{%p endif %}", size=2)
            whole(row)
        else:
            text_or_lines(cell, long, 2, page.width - 5.5)


def _who(prefix: str) -> str:
    finished = f", selesai {{{{ {prefix}_selesai }}}}"
    begun = f", mulai {{{{ {prefix}_mulai }}}}"
    return (
        f"{{% if {prefix}_oleh %}}Oleh {{{{ {prefix}_oleh }}}}{{% if {prefix}_selesai %}}{finished}"
        f"{{% elif {prefix}_mulai %}}{begun}{{% endif %}}{{% else %}}{DOTS}{{% endif %}}"
    )


CENTERED = ("no", "nomor", "tanggal", "target", "selesai", "mulai", "jumlah", "umur")
LENGTHY = "baris.{}|length > 60"  # characters: five lines of a narrow column


def looped(
    page: Page,
    heads: Sequence[str],
    names: Sequence[str],
    widths: Sequence[float],
    rows: str,
    size: float,
    long: str = "",
) -> Any:
    """A table with a repeated header and a row for each of `rows`; a long remark has the whole width below it."""
    made = table(page.document, widths, 7 if long else 4, borders=True, margins=0.08)
    head, begin, line, *remark, end = made.rows
    for row in (head, line):
        whole(row)
    repeated(head)
    for cell, text in zip(head.cells, heads, strict=True):
        shade(cell, GREY)
        write(cell, text, bold=True, size=size, align=CENTER, first=True, before=2, after=2)
    write(begin.cells[0], f"{{%tr for baris in {rows} %}}", first=True, size=size)
    for cell, name in zip(line.cells, names, strict=True):
        align = CENTER if name in CENTERED else None
        text = f"{{{{ baris.{name} }}}}"
        if name == long:
            text = f"{{% if not {LENGTHY.format(long)} %}}{text}{{% else %}}lihat di bawah{{% endif %}}"
        write(cell, text, size=size, first=True, before=1, after=1, align=align)
    if long:
        write(remark[0].cells[0], f"{{%tr if {LENGTHY.format(long)} %}}", first=True, size=size)
        text = f"Keterangan langkah {{{{ baris.nomor }}}}: {{{{ baris.{long} }}}}"
        write(merged(remark[1]), text, first=True, size=size, before=1, after=1)
        write(remark[2].cells[0], "{%tr endif %}", first=True, size=size)
    write(end.cells[0], "{%tr endfor %}", first=True, size=size)
    return made


def daftar() -> Page:
    page = Page(29.7, 21.0, (2, 2, 1.8, 2.5), size=10)
    letterhead(page)
    title(page, "DAFTAR PERMINTAAN TINDAKAN PERBAIKAN", below="Periode {{ periode }}")
    heads = (
        "No", "No. PTPP", "Tanggal", "Jenis Layanan", "Uraian", "Kategori", "Penanggung Jawab", "Target", "Selesai",
        "Verifikasi", "Status", "Umur (hari kerja)", "Keterangan",
    )  # fmt: skip
    names = (
        "no", "nomor_ptpp", "tanggal", "jenis_layanan", "uraian_ringkas", "kategori", "penanggung_jawab", "target",
        "selesai", "verifikasi", "status", "umur", "keterangan_ringkas",
    )  # fmt: skip
    widths = (0.85, 2.4, 1.6, 2.35, 4.75, 1.5, 2.4, 1.6, 1.6, 1.7, 1.3, 1.1, 2.05)
    looped(page, heads, names, widths, "daftar", 7.5)
    write(page.document, "{%p if belum_tercantum %}", size=2)
    left_out = "Belum tercantum karena datanya belum benar: {{ belum_tercantum }}."
    write(page.document, left_out, size=8, italic=True, before=4)
    write(page.document, "{%p endif %}", size=2)
    ages = "Umur dihitung sampai tanggal selesai; bila belum selesai, sampai {{ akhir_periode }}."
    write(page.document, ages, size=8, italic=True, before=4)
    write(page.document, size=4, keep=True)
    frame = table(page.document, (9.0, page.width - 9.0), 1, borders=False, margins=0.0)
    whole(frame.rows[0])
    left, right = frame.rows[0].cells
    totals = left.add_table(5, 2)
    left._tc.remove(left.paragraphs[0]._p)
    totals.autofit = False
    totals._tbl.tblPr.append(_borders("w:tblBorders", ("top", "left", "bottom", "right", "insideH", "insideV"), 4))
    _in_schema_order(totals._tbl.tblPr)
    for column, width in zip(totals.columns, (5.0, 2.5), strict=True):
        for cell in column.cells:
            cell.width = Cm(width)
    texts = (
        ("Status", "Banyaknya PTPP"), ("{%tr for baris in jumlah_per_status %}", ""),
        ("{{ baris.status }}", "{{ baris.banyak }}"), ("{%tr endfor %}", ""), ("Jumlah", "{{ banyak }}"),
    )  # fmt: skip
    for place, (row, pair) in enumerate(zip(totals.rows, texts, strict=True)):
        for cell, text, align in zip(row.cells, pair, (None, CENTER), strict=True):
            if place == 0:
                shade(cell, GREY)
            write(cell, text, size=8, first=True, align=align, bold=place in (0, 4), keep=True)
    write(left, size=2)
    signature(right, head_of_office(date="{{ tempat }}, " + "…" * 10 + " 20….."), 10)
    for paragraph in right.paragraphs:
        paragraph.paragraph_format.left_indent = Cm(page.width - 9.0 - 8.0)
    footer(page, "Daftar PTPP, {{ periode }}")
    return page


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
        align=JUSTIFY, after=6,
    )  # fmt: skip
    people = (("Pelaksana", "pelaksana"), ("Saksi I", "saksi_1"), ("Saksi II", "saksi_2"))
    made = table(body, (0.8, 2.6, 0.4, page.width - 3.8), 2 * len(people), borders=False, margins=0.05)
    for place, (task, name) in enumerate(people):
        lines = (
            ("Nama/NIP", f"{{{{ {name} }}}} / {choose(f'{name}_nip', '-')}"),
            ("Jabatan", f"{{{{ {name}_jabatan }}}}, selaku {task}"),
        )
        for row, (label, value) in zip(made.rows[2 * place : 2 * place + 2], lines, strict=True):
            whole(row)
            number = "" if label == "Jabatan" else f"{place + 1}."
            for cell, text in zip(row.cells, (number, label, ":", value), strict=True):
                write(cell, text, first=True, keep=label != "Jabatan", after=4 if label == "Jabatan" else 0)
    write(
        body,
        "berdasarkan {{ sop }}, telah melaksanakan pemusnahan hasil layanan tidak sesuai sebanyak {{ banyak }} "
        "({{ banyak_terbilang }}) catatan, dengan rincian sebagai berikut:",
        align=JUSTIFY, before=4, after=6, keep=True,
    )  # fmt: skip
    heads = (
        "No", "No. Catatan", "Jenis Layanan", "Uraian Hasil Layanan Tidak Sesuai", "Jumlah", "Satuan", "Alasan"
    )  # fmt: skip
    names = ("no", "nomor_catatan", "jenis_layanan", "uraian_ringkas", "jumlah", "satuan", "alasan")
    made = looped(page, heads, names, (0.7, 2.7, 2.3, 3.5, 1.2, 1.8, 3.8), "rincian", 8)
    for text in ("{%tr for baris in jumlah_per_satuan %}", "", "{%tr endfor %}"):
        row = made.add_row()
        whole(row)
        if text:
            write(row.cells[0], text, first=True, size=8)
            continue
        write(merged(row, 0, 3), "Jumlah seluruhnya", first=True, bold=True, size=8, align=RIGHT, before=1, after=1)
        write(row.cells[4], "{{ baris.jumlah }}", first=True, bold=True, size=8, align=CENTER, before=1, after=1)
        write(row.cells[5], "{{ baris.satuan }}", first=True, bold=True, size=8, before=1, after=1)
    write(
        body,
        "Pemusnahan dilaksanakan dengan cara: {{ cara_pemusnahan|tanpa_titik }}.",
        align=JUSTIFY,
        before=6,
        after=4,
    )
    write(
        body,
        "Demikian Berita Acara ini dibuat dengan sesungguhnya untuk dipergunakan sebagaimana mestinya.",
        align=JUSTIFY, after=2, keep=True,
    )  # fmt: skip
    signatures(page, (
        Block("saksi_1", ("Saksi I,",)),
        Block("saksi_2", ("Saksi II,",)),
        Block("pelaksana", ("Pelaksana,",), "{{ tempat }}, {{ tanggal }}"),
    ), Block("mengetahui", ("Mengetahui,", "{{ mengetahui_jabatan }},")))  # fmt: skip
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
    "ptpp.docx": (ptpp, "Permintaan Tindakan Perbaikan dan Pencegahan"),
    "catatan.docx": (catatan, "Catatan Layanan Tidak Sesuai"),
    "daftar-ptpp.docx": (daftar, "Daftar Permintaan Tindakan Perbaikan"),
    "ba-pemusnahan.docx": (berita_acara, "Berita Acara Pemusnahan"),
    "label.docx": (label, "Label Hasil Layanan Tidak Sesuai"),
}


def make_templates(folder: Path) -> None:
    for name, (build, text) in TEMPLATES.items():
        build().save(folder / name, text)


if __name__ == "__main__":
    make_templates(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "templates")
