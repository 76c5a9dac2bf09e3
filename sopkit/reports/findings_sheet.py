"""The sheet Temuan: every finding in a line, with a link to its cell, a filter and a page set-up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sopkit.ooxml.address import letter
from sopkit.ooxml.xml_edit import MAIN, text_xml
from sopkit.reports.cell_styles import Styles
from sopkit.text import quoteattr

COLUMNS: tuple[tuple[str, int], ...] = (
    ("No.", 6), ("Tingkat", 19), ("Kode", 8), ("Sel", 20), ("No. Catatan", 22), ("Langkah", 9),
    ("Kolom", 20), ("Temuan", 62), ("Cara Memperbaiki", 52), ("Dasar", 30),
)  # fmt: skip
SEVERITY_COLUMN, LINK_COLUMN = 2, 4
MOST_LETTERS = 32_767  # in a cell
LINE, MOST = 15.0, 405.0  # points of a line, and of the highest row that Excel takes
FONT = '<sz val="{size}"/><color {colour}/><name val="Calibri"/><family val="2"/>'
BLACK, NAVY, WHITE = 'theme="1"', 'rgb="FF1D3A5F"', 'rgb="FFFFFFFF"'
RULE = '<left/><right/><top/><bottom style="thin"><color rgb="FFD3D9E0"/></bottom><diagonal/>'
TOP = 'horizontal="left" vertical="top" wrapText="1" indent="1"'
MIDDLE = 'horizontal="left" vertical="center" wrapText="1" indent="1"'


@dataclass(frozen=True)
class Line:
    """A finding: the colour of its severity, where its link leads (empty for nowhere), the values after `No.`."""

    colour: str
    link: str
    values: tuple[str | int | None, ...]


@dataclass(frozen=True)
class Listing:
    title: str
    verdict: str
    texts: Sequence[str]
    lines: Sequence[Line]

    @property
    def header(self) -> int:
        """The row of the column headers."""
        return len(self.texts) + 4

    @property
    def span(self) -> str:
        """The range of the filter."""
        return f"$A${self.header}:${letter(len(COLUMNS))}${self.header + len(self.lines)}"


def list_sheet(listing: Listing, styles: Styles) -> bytes:
    """The XML of the sheet; its looks are added to `styles`."""
    header = listing.header
    pane = f'<pane ySplit="{header}" topLeftCell="A{header + 1}" activePane="bottomLeft" state="frozen"/>'
    widths = (
        f'<col min="{column}" max="{column}" width="{width}" customWidth="1"/>'
        for column, (_, width) in enumerate(COLUMNS, start=1)
    )
    return "".join(
        (
            f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{MAIN}">',
            '<sheetPr><tabColor rgb="FF9B1C1C"/><pageSetUpPr fitToPage="1"/></sheetPr>',
            f'<dimension ref="A1:{letter(len(COLUMNS))}{header + len(listing.lines)}"/>',
            f'<sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0">{pane}',
            f'<selection pane="bottomLeft" activeCell="A{header + 1}" sqref="A{header + 1}"/></sheetView></sheetViews>',
            f'<sheetFormatPr defaultRowHeight="15"/><cols>{"".join(widths)}</cols>',
            f"<sheetData>{''.join(_rows(listing, styles))}</sheetData>",
            f'<autoFilter ref="{listing.span.replace("$", "")}"/>{_links(listing)}',
            '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/>',
            '<pageSetup paperSize="9" fitToHeight="0" orientation="landscape"/>',
            "<headerFooter><oddFooter>&amp;RHalaman &amp;P dari &amp;N</oddFooter></headerFooter></worksheet>",
        )
    ).encode()


def _rows(listing: Listing, styles: Styles) -> Iterator[str]:
    title = styles.look(styles.font("<b/>" + FONT.format(size=14, colour=BLACK)))
    strong = styles.look(styles.font("<b/>" + FONT.format(size=11, colour=BLACK)))
    plain = styles.look(styles.font(FONT.format(size=11, colour=BLACK)))
    top = ((title, listing.title), (strong, listing.verdict), *((plain, text) for text in listing.texts))
    for row, (look, text) in enumerate(top, start=1):
        yield f'<row r="{row}">{_cell(1, row, look, text)}</row>'
    white = styles.font("<b/>" + FONT.format(size=11, colour=WHITE))
    head = styles.look(white, styles.fill("1D3A5F"), alignment=MIDDLE)
    cells = (_cell(column, listing.header, head, text) for column, (text, _) in enumerate(COLUMNS, start=1))
    yield f'<row r="{listing.header}">{"".join(cells)}</row>'
    yield from _line_rows(listing, styles)


def _line_rows(listing: Listing, styles: Styles) -> Iterator[str]:
    font, rule = styles.font(FONT.format(size=11, colour=BLACK)), styles.border(RULE)
    plain = styles.look(font, border=rule, alignment=TOP)
    link = styles.look(styles.font("<u/>" + FONT.format(size=11, colour=NAVY)), border=rule, alignment=TOP)
    for number, line in enumerate(listing.lines, start=1):
        row, values = listing.header + number, (number, *line.values)
        looks = [plain] * len(values)
        looks[SEVERITY_COLUMN - 1] = styles.look(font, styles.fill(line.colour), rule, TOP)
        looks[LINK_COLUMN - 1] = link if line.link else plain
        cells = (_cell(column, row, looks[column - 1], value) for column, value in enumerate(values, start=1))
        yield f'<row r="{row}" ht="{_height(values)}" customHeight="1">{"".join(cells)}</row>'


def _cell(column: int, row: int, look: int, value: str | int | None) -> str:
    """A text is stored inside the cell, so that one that begins like a formula stays a text."""
    start = f'<c r="{letter(column)}{row}" s="{look}"'
    if value is None or value == "":
        return f"{start}/>"
    if isinstance(value, int):
        return f"{start}><v>{value}</v></c>"
    return f'{start} t="inlineStr"><is><t xml:space="preserve">{text_xml(value[:MOST_LETTERS])}</t></is></c>'


def _height(values: Sequence[str | int | None]) -> float:
    lines = (
        sum(max(1, -(-len(part) // (width - 2))) for part in str(value or "").split("\n"))
        for value, (_, width) in zip(values, COLUMNS, strict=True)
    )
    return min(LINE * max(lines), MOST)


def _links(listing: Listing) -> str:
    links = "".join(
        f'<hyperlink ref="{letter(LINK_COLUMN)}{listing.header + number}" location={quoteattr(line.link)}/>'
        for number, line in enumerate(listing.lines, start=1)
        if line.link
    )
    return f"<hyperlinks>{links}</hyperlinks>" if links else ""
