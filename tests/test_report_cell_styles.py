"""Colours and notes find their cells however a program writes its sheets, and touch nothing beside them."""

from __future__ import annotations

import datetime as dt
import io
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from sopkit.ooxml.address import letter
from sopkit.ooxml.package import Package, new_package, sheet_parts
from sopkit.ooxml.sheet_edit import read_sheet
from sopkit.ooxml.xml_edit import MAIN, UnclearPackageError, attribute, children, spliced, with_attribute
from sopkit.reports.cell_comments import Remark, note_splices
from sopkit.reports.cell_styles import Styles, colour_splices, shown_cells
from sopkit.reports.insert_sheet import add_first_sheet

RED = "F4B6B6"
DECLARED = f'xmlns="{MAIN}"'


def _package(sheet: str) -> Package:
    """A workbook with that sheet alone, called Lembar."""
    package = new_package()
    Styles(package)
    add_first_sheet(package, "Lembar", sheet.encode(), "$1:$1", "$A$1:$A$1")
    return package


def _coloured(sheet: str, *cells: str) -> tuple[bytes, Package]:
    """The sheet with these cells red."""
    package = _package(sheet)
    name = sheet_parts(package)["Lembar"]
    styles, known = Styles(package), read_sheet(package.part(name))
    package.parts[name] = spliced(known.xml, colour_splices(known, styles, dict.fromkeys(cells, RED)))
    styles.write()
    return package.parts[name], package


def _red_cells(package: Package) -> list[str]:
    sheet = load_workbook(io.BytesIO(package.to_bytes()))["Lembar"]
    return [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.fill.fgColor.rgb == f"FF{RED}"]


SHEETS = {
    "plain": f'<worksheet {DECLARED}><sheetData><row r="2"><c r="B2"><v>1</v></c><c r="D2"><v>2</v></c></row>'
    '<row r="4"><c r="A4"><v>3</v></c></row></sheetData></worksheet>',
    "prefixed": f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="2"><x:c r="B2"><x:v>1</x:v></x:c>'
    '<x:c r="D2"><x:v>2</x:v></x:c></x:row></x:sheetData></x:worksheet>',
    "single quotes": f"<worksheet {DECLARED}><sheetData><row r='2'><c r='B2' s='0'><v>1</v></c></row></sheetData>"
    "</worksheet>",
    "addresses left out": f"<worksheet {DECLARED}><sheetData><row/><row><c/><c><v>1</v></c><c/></row></sheetData>"
    "</worksheet>",
    "no rows": f"<worksheet {DECLARED}><sheetData/></worksheet>",
    "blank rows": f'<worksheet {DECLARED}><sheetData><row r="1" /><row r="2" ht="20"/><row r="3"/></sheetData>'
    "</worksheet>",
    "remarks and texts": f'<worksheet {DECLARED}><!-- <row r="9"> --><sheetData><!-- <row r="1"><c r="B2"> -->'
    '<row r="2"><c r="A2" t="inlineStr"><is><t> r="B2"</t></is></c><c r="C2" t="inlineStr">'
    '<is><t><![CDATA[<c r="B2">]]></t></is></c></row></sheetData></worksheet>',
    "breaks between": f'<worksheet\n {DECLARED} >\n <sheetData >\n  <row\n r="2"\n>\n <c\n r="B2"\n/>\n </row>\n'
    " </sheetData>\n</worksheet>\n",
}  # fmt: skip


@pytest.mark.parametrize("form", SHEETS)
def test_cells_are_found_or_put_where_they_belong(form: str) -> None:
    xml, package = _coloured(SHEETS[form], "B2", "C2", "A1", "E7")
    root = ElementTree.fromstring(xml)
    rows = [int(row.get("r", place)) for place, row in enumerate(root.iter(f"{{{MAIN}}}row"), start=1)]
    assert rows == sorted(set(rows))
    assert _red_cells(package) == ["A1", "B2", "C2", "E7"]
    assert re.findall(rb"<(?:x:)?v>\d</", xml) == re.findall(rb"<(?:x:)?v>\d</", SHEETS[form].encode())


@settings(max_examples=40, deadline=None)
@given(
    st.sets(st.tuples(st.integers(1, 12), st.integers(1, 30)), max_size=25),
    st.sets(st.tuples(st.integers(1, 12), st.integers(1, 30)), min_size=1, max_size=12),
    st.booleans(),
)
def test_any_cells_of_any_sheet(present: set[tuple[int, int]], marked: set[tuple[int, int]], prefixed: bool) -> None:
    p = "x:" if prefixed else ""
    rows = "".join(
        f'<{p}row r="{row}">'
        + "".join(f'<{p}c r="{letter(c)}{r}"><{p}v>{r * c}</{p}v></{p}c>' for r, c in sorted(present) if r == row)
        + f"</{p}row>"
        for row in sorted({row for row, _ in present})
    )
    declared = f'xmlns:x="{MAIN}"' if prefixed else DECLARED
    sheet = f"<{p}worksheet {declared}><{p}sheetData>{rows}</{p}sheetData></{p}worksheet>"
    _, package = _coloured(sheet, *(f"{letter(column)}{row}" for row, column in marked))
    assert _red_cells(package) == [f"{letter(column)}{row}" for row, column in sorted(marked)]
    copy = load_workbook(io.BytesIO(package.to_bytes()))["Lembar"]
    values = {(cell.row, cell.column): cell.value for row in copy.iter_rows() for cell in row if cell.value is not None}
    assert values == {(row, column): row * column for row, column in present}


def test_a_new_cell_looks_like_its_row_or_column() -> None:
    package = _package(
        f'<worksheet {DECLARED}><cols><col min="2" max="3" width="9" style="1"/></cols><sheetData>'
        '<row r="1" s="2" customFormat="1"/><row r="2" s="2"/></sheetData></worksheet>'
    )
    styles = Styles(package)
    assert (styles.look(alignment='horizontal="center"'), styles.look(alignment='horizontal="right"')) == (1, 2)
    styles.write()
    name = sheet_parts(package)["Lembar"]
    styles, known = Styles(package), read_sheet(package.part(name))
    cells = dict.fromkeys(("A1", "B1", "B2", "D2"), RED)
    package.parts[name] = spliced(known.xml, colour_splices(known, styles, cells))
    styles.write()
    sheet = load_workbook(io.BytesIO(package.to_bytes()))["Lembar"]
    assert [sheet[cell].alignment.horizontal for cell in cells] == ["right", "right", "center", None]


def test_a_new_cell_widens_the_stated_extent() -> None:
    sheet = f'<worksheet {DECLARED}><dimension ref="B2:C3"/><sheetData/></worksheet>'
    assert b'<dimension ref="B2:C3"/>' in _coloured(sheet, "C2")[0]
    assert b'<dimension ref="A2:C9"/>' in _coloured(sheet, "A3", "B9")[0]


def test_rows_out_of_order_are_left_alone() -> None:
    with pytest.raises(UnclearPackageError, match="tidak berurutan"):
        _coloured(f'<worksheet {DECLARED}><sheetData><row r="3"/><row r="2"/></sheetData></worksheet>', "A1")


def test_a_merge_over_the_whole_sheet_costs_nothing() -> None:
    merged = '<mergeCells><mergeCell ref="B2:XFD1048576"/><mergeCell ref="A1"/></mergeCells>'
    sheet = read_sheet(f"<worksheet {DECLARED}><sheetData/>{merged}</worksheet>".encode())
    assert shown_cells(sheet, ["A1", "A9", "C9", "XFD7"]) == {"A1": "A1", "A9": "A9", "C9": "B2", "XFD7": "B2"}


BEFORE_LEGACY = ("sheetProtection", "mergeCells", "conditionalFormatting", "dataValidations", "hyperlinks",
                 "pageMargins", "pageSetup", "headerFooter", "ignoredErrors", "drawing")  # fmt: skip
AFTER = ("legacyDrawingHF", "picture", "oleObjects", "controls", "tableParts", "extLst")


@pytest.mark.parametrize("following", [*AFTER, ""])
def test_the_drawing_of_the_notes_stands_where_excel_wants_it(following: str) -> None:
    after = AFTER[AFTER.index(following) :] if following else ()
    tail = "".join(f"<{name}/>" for name in (*BEFORE_LEGACY, *after))
    package = _package(f"<worksheet {DECLARED}><sheetData/>{tail}</worksheet>")
    name = sheet_parts(package)["Lembar"]
    sheet = read_sheet(package.part(name))
    splices = note_splices(package, name, sheet, {"B2": [Remark("A:", " b")]}, dt.datetime(2026, 1, 1))
    root = ElementTree.fromstring(spliced(sheet.xml, splices))
    order = [element.tag.partition("}")[2] for element in root]
    assert order.index("legacyDrawing") == len(BEFORE_LEGACY) + 1
    identity = root.find(f"{{{MAIN}}}legacyDrawing").attrib.values()  # type: ignore[union-attr]
    assert package.relations(name)[next(iter(identity))] == ("vmlDrawing", "xl/drawings/vmlDrawing1.vml")


def test_a_thousand_notes_own_a_second_block_of_numbers() -> None:
    package = _package(f"<worksheet {DECLARED}><sheetData/></worksheet>")
    name = sheet_parts(package)["Lembar"]
    sheet = read_sheet(package.part(name))
    notes = {f"A{row}": [Remark("A:", " b")] for row in range(1, 1026)}
    note_splices(package, name, sheet, notes, dt.datetime(2026, 1, 1))
    drawing = package.parts["xl/drawings/vmlDrawing1.vml"]
    assert b'<o:idmap v:ext="edit" data="1,2"/>' in drawing
    numbers = [int(number) for number in re.findall(rb'id="_x0000_s(\d+)"', drawing)]
    assert numbers == list(range(1025, 1025 + 1025))


@given(st.text(st.characters(min_codepoint=1, exclude_categories=["Cs"]), max_size=40))
def test_attributes_say_what_was_put_in(text: str) -> None:
    plain = "".join(character for character in text if character >= " " and character not in "￾￿")
    tag = with_attribute(b"<c r=\"A1\" s='3'/>", "s", plain)
    assert attribute(tag, "s") == plain
    assert attribute(tag, "r") == "A1"
    assert ElementTree.fromstring(tag).get("s") == plain
    assert with_attribute(tag, "s", None) == b'<c r="A1"/>'


def test_children_are_told_from_what_only_looks_like_them() -> None:
    xml = b'<?xml version="1.0"?><a x="<b/>" y=\'>\'><!-- <b/> --><b z=">"><b/></b><![CDATA[<b>]]><p:c/></a>'
    xml = xml.replace(b'<b/>"', b'&lt;b/>"')
    (root,) = children(xml)
    inside = children(xml, root)
    assert [(each.name, each.prefix) for each in inside] == [("b", b""), ("c", b"p:")]
    assert xml[inside[0].start : inside[0].end] == b'<b z=">"><b/></b>'
    assert xml[inside[0].inner : inside[0].inner_end] == b"<b/>"
