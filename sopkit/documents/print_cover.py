"""The first pages of cetak.pdf: what it holds, who signs it, and boxes to tick."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from sopkit import language
from sopkit.checks.inspection import Inspected

if TYPE_CHECKING:
    from sopkit.documents.generate import Document
    from sopkit.documents.printout import Paper

FONT = "Arial"
NEWS = {"rewritten": "diperbarui", "revised": "revisi", "kept": "disunting tangan"}
WIDTHS = (0.9, 1.2, 3.0, 3.9, 1.0, 7.0)  # cm
HEADS = ("No", "Cek", "Dokumen", "Nomor", "Hlm", "Penanda tangan, berurutan")
CENTER = WD_ALIGN_PARAGRAPH.CENTER


def cover(inspected: Inspected, papers: Sequence[Paper], labels: Sequence[Document], batch: int, left: int) -> bytes:
    """The list as a Word document; `batch` is its number, `left` how many documents wait for the next one."""
    document = _blank()
    _write(document.add_paragraph(), "DAFTAR CETAK DAN TANDA TANGAN", size=13, bold=True, align=CENTER)
    moment = language.datetime_text(inspected.as_of)
    office = inspected.office.name
    _write(document.add_paragraph(), f"{office}, cetakan ke-{batch}, keadaan register {moment}", size=9, align=CENTER)
    if papers:
        _listed(document, papers)
        _people(document, papers)
    notes = list(_notes(labels, batch, left))
    for note in notes:
        _write(document.add_paragraph(), note, size=9, before=4)
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def _listed(document: Any, papers: Sequence[Paper]) -> None:
    rows = []
    for number, paper in enumerate(papers, start=1):
        one = paper.document
        news = f"\n({NEWS[one.state]})" if one.state in NEWS else ""
        signers = "; ".join(name or "…" for name in one.signers) or "–"
        rows.append((str(number), "", one.title + news, one.number or "–", str(paper.pages), signers))
    _table(document, HEADS, rows, WIDTHS, centered=(0, 4))


def _people(document: Any, papers: Sequence[Paper]) -> None:
    """Whom to go to with what."""
    desks: dict[str, list[str]] = {}
    for number, paper in enumerate(papers, start=1):
        for name in filter(None, paper.document.signers):
            desks.setdefault(name, []).append(str(number))
    if desks:
        _write(document.add_paragraph(), "Menurut penanda tangan", bold=True, before=8, keep=True)
        rows = [(name, "", ", ".join(numbers)) for name, numbers in desks.items()]
        _table(document, ("Nama", "Cek", "No dalam daftar ini"), rows, (5.8, 1.2, 10.0), centered=())


def _notes(labels: Sequence[Document], batch: int, left: int) -> Any:
    if labels:
        yield f"Label di halaman terakhir: {language.list_text(label.number for label in labels)}."
    if left:
        yield f"{left} dokumen lain masuk cetakan berikutnya."
    if batch > 1:
        yield f"Cetakan sebelumnya: cetak-lama/cetak-{batch - 1:03d}.pdf."
    yield "Cetak satu muka, supaya tiap dokumen dapat ditandatangani dan diarsipkan sendiri."


def _blank() -> Any:
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2)
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(9)
    style.paragraph_format.space_after = Pt(2)
    document.core_properties.title = "Daftar cetak"
    for language_ in document.styles.element.iter(qn("w:lang")):
        language_.set(qn("w:val"), "id-ID")
    return document


def _table(
    document: Any, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float], centered: Sequence[int]
) -> None:
    table = document.add_table(1 + len(rows), len(heads), style="Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    repeated = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)
    for place, texts in enumerate((heads, *rows)):
        row = table.rows[place]
        whole = OxmlElement("w:cantSplit")
        row._tr.get_or_add_trPr().insert(0, whole)
        for column, (cell, text, width) in enumerate(zip(row.cells, texts, widths, strict=True)):
            cell.width = Cm(width)
            align = CENTER if place == 0 or column in centered else None
            _write(cell.paragraphs[0], text, size=8.5, bold=place == 0, align=align, before=2)


def _write(
    paragraph: Any,
    text: str,
    *,
    size: float = 9,
    bold: bool = False,
    align: Any = None,
    before: float = 0,
    keep: bool = False,
) -> None:
    run = paragraph.add_run(text)
    run.bold, run.font.size = bold, Pt(size)
    paragraph.alignment = align
    paragraph.paragraph_format.space_before = Pt(before)
    paragraph.paragraph_format.keep_with_next = keep
