"""NAMA-diperiksa.xlsx: every finding on its cell, nothing of the staff's lost in silence."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import xlsxwriter
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from report_samples import inspected, telling, telling_register
from workbooks import office_workbook

from sopkit.checks.inspection import Inspected
from sopkit.errors import UsageProblem
from sopkit.ooxml.xml_edit import MAIN
from sopkit.register.read import open_book, read_register
from sopkit.reports.annotated import EXPLAINED_FILL, FILLS, annotate
from sopkit.reports.findings import remedy_text, standing_text
from sopkit.reports.recap import make_recap

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")  # openpyxl reads copies
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Inspected:
    return telling(tmp_path_factory.mktemp("diperiksa"))


@pytest.fixture(scope="module")
def copy(told: Inspected) -> Any:
    return load_workbook(io.BytesIO(annotate(told)))


def _rows(copy: Any) -> list[tuple[Any, ...]]:
    rows = list(copy["Temuan"].iter_rows())
    header = next(place for place, row in enumerate(rows) if row[0].value == "No.")
    return rows[header + 1 :]


def test_every_finding_is_coloured_and_noted_on_its_cell(told: Inspected, copy: Any) -> None:
    for found in told.findings:
        cell = copy[found.sheet][found.cell]
        assert f"{found.code}: {found.message}" in cell.comment.text
        assert found.explained or found.fix in cell.comment.text
        assert cell.fill.fgColor.rgb[2:] in {*FILLS.values(), "D9E5DC"}
    error = next(found for found in told.findings if found.code == "W01")
    assert copy[error.sheet][error.cell].fill.fgColor.rgb == f"FF{FILLS[error.severity]}"


@pytest.mark.parametrize("saved_again", [False, True])
def test_a_copy_is_no_register(told: Inspected, tmp_path: Path, saved_again: bool) -> None:
    """Whatever it is called and whichever program saved it; the register is named with its place."""
    folder = tmp_path / "keluaran"
    folder.mkdir()
    path, original = folder / "untuk pak camat.xlsx", tmp_path / "registers" / told.book.path.name
    path.write_bytes(annotate(told))
    if saved_again:
        load_workbook(path).save(path)
    with pytest.raises(UsageProblem, match=f"hapus sheet Temuan dari salinan ini dan simpan sebagai {original.name}"):
        read_register(path)
    original.parent.mkdir()
    original.write_bytes(told.book.data)
    with pytest.raises(UsageProblem, match=re.escape(f"salinan untuk dibaca dari {original.name}")) as refused:
        read_register(path)
    assert refused.value.remedy == f"Sebutkan registernya: {original}"


def test_a_list_without_its_workbook_and_a_recap_are_no_registers(told: Inspected, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    source = replace(told.register.source, format="ods")
    for data in (annotate(replace(told, register=replace(told.register, source=source))), make_recap([told]).workbook):
        path.write_bytes(data)
        with pytest.raises(UsageProblem, match="bukan register"):
            read_register(path)


def test_a_sheet_of_findings_of_the_office_is_none_of_ours(tmp_path: Path) -> None:
    path = office_workbook(tmp_path / "r.xlsx")
    book = load_workbook(path)
    book.create_sheet("Temuan", 0)["A1"] = "Hasil pemeriksaan lapangan"
    book.save(path)
    assert read_register(path).cases.present


def test_what_keterangan_acknowledges_is_calm_and_named(told: Inspected, copy: Any) -> None:
    found = next(found for found in told.findings if found.code == "W05")
    cell = copy[found.sheet][found.cell]
    assert cell.fill.fgColor.rgb == f"FF{EXPLAINED_FILL}"
    assert "PERINGATAN W05:" in cell.comment.text
    assert "Sudah diberi keterangan pada kolom Keterangan." in cell.comment.text
    assert "Perbaikan" not in cell.comment.text
    assert [row[1].value for row in _rows(copy)[-2:]] == ["dijelaskan", "diberi keterangan"]


def test_no_other_cell_is_touched(told: Inspected, copy: Any) -> None:
    places = {(found.sheet, found.cell) for found in told.findings}
    original = load_workbook(told.register.source.path)
    for sheet in original:
        for row in sheet.iter_rows():
            for cell in row:
                twin = copy[sheet.title][cell.coordinate]
                assert twin.value == cell.value
                assert (twin.comment is None) == ((sheet.title, cell.coordinate) not in places)
                assert twin.number_format == cell.number_format
                alike = twin.fill.fgColor.rgb == cell.fill.fgColor.rgb
                assert alike == ((sheet.title, cell.coordinate) not in places)


def test_the_first_sheet_lists_all_with_links_filter_and_remedy(told: Inspected, copy: Any) -> None:
    rows = _rows(copy)
    assert copy.sheetnames[0] == copy.active.title == "Temuan"
    assert len(rows) == len(told.findings)
    listed = {(row[2].value, row[3].value): row for row in rows}
    for found in told.findings:
        row = listed[found.code, f"{found.sheet}!{found.cell}"]
        assert row[3].hyperlink.location == f"'{found.sheet}'!{found.cell}"
        assert row[1].value == standing_text(found)
        assert (row[7].value, row[8].value) == (found.message, remedy_text(found))
    sheet = copy["Temuan"]
    assert sheet.auto_filter.ref == f"A{rows[0][0].row - 1}:J{rows[-1][0].row}"
    assert sheet.freeze_panes == f"A{rows[0][0].row}"


def test_old_notes_stay(tmp_path: Path) -> None:
    path = telling_register(tmp_path / "register.xlsx")
    book = load_workbook(path)
    book["Langkah"]["E27"].comment = Comment("Sudah ditanyakan kepada Pak Joko", "Ratna")
    book["Langkah"]["A2"].comment = Comment("Catatan lain", "Ratna")
    book.save(path)
    copy = load_workbook(io.BytesIO(annotate(inspected(path))))
    note = copy["Langkah"]["E27"].comment
    assert note.text.startswith("Sudah ditanyakan kepada Pak Joko\n\n")
    assert "W01" in note.text
    assert note.author == "Ratna"
    assert copy["Langkah"]["A2"].comment.text == "Catatan lain"


def test_same_input_same_bytes(told: Inspected) -> None:
    assert annotate(told) == annotate(told)
    assert annotate(inspected(told.register.source.path)) == annotate(told)


def test_the_staffs_file_is_not_touched(told: Inspected) -> None:
    before = told.register.source.path.read_bytes()
    annotate(told)
    assert told.register.source.path.read_bytes() == before


def test_a_workbook_saved_meanwhile_is_annotated_as_it_was_read(tmp_path: Path) -> None:
    told = telling(tmp_path)
    before = annotate(told)
    office_workbook(told.register.source.path)
    assert annotate(told) == before


def test_a_workbook_that_was_only_touched_meanwhile_is_the_same(tmp_path: Path) -> None:
    told = telling(tmp_path)
    before = annotate(told)
    os.utime(told.book.path, (0, 0))
    assert annotate(told) == before


def _rich_workbook(folder: Path) -> Path:
    """A register with much beside the cells: pictures, charts, boxes, buttons, rules, names, a filter."""
    path = folder / "kaya.xlsx"
    book = xlsxwriter.Workbook(path)
    for name, headers in (
        ("Rapat", ()),
        ("Register", ("No. Catatan", "Tanggal Ditemukan", "Jenis Layanan", "Uraian Ketidaksesuaian", "Ditemukan Oleh")),
        ("Langkah", ("No. Catatan", "Langkah", "Pelaksana", "Mulai")),
        ("Pemusnahan", ("No. BA",)),
        ("Pegawai", ("Nama", "Jabatan", "Peran")),
    ):
        book.add_worksheet(name).write_row(0, 0, headers)
    sheet: Any = book.get_worksheet_by_name("Rapat")
    sheet.write_row(0, 0, [3, 1, 2])
    (folder / "titik.png").write_bytes(PIXEL)
    sheet.insert_image("E2", str(folder / "titik.png"))
    sheet.insert_textbox("E9", "Rapat setiap Senin")
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=Rapat!$A$1:$C$1"})
    sheet.insert_chart("H2", chart)
    sheet.add_sparkline("D1", {"range": "Rapat!A1:C1"})
    sheet.conditional_format("A1:C1", {"type": "data_bar", "data_bar_2010": True})
    sheet.write_rich_string("A3", "biasa ", book.add_format({"bold": True}), "tebal")
    sheet.autofilter("A1:C1")
    sheet.repeat_rows(0)
    sheet.print_area("A1:F9")
    sheet.set_header("&CRapat")
    sheet.activate()
    steps: Any = book.get_worksheet_by_name("Langkah")
    steps.write_comment("D9", "Titip: berkas ada di Pak Joko", {"author": "Ratna", "width": 90, "height": 40})
    steps.write_comment("D2", "Tanya Pak Joko", {"author": "Ratna", "width": 60, "height": 20})
    steps.insert_button("J2", {"caption": "Cetak"})
    steps.conditional_format("D2:D50", {"type": "blanks", "format": book.add_format({"bg_color": "#FFFF00"})})
    steps.data_validation("F2:F50", {"validate": "list", "source": ["Disetujui", "Ditolak"]})
    steps.protect("", {"insert_rows": True})
    steps.add_table("L1:M4")
    steps.write_row(1, 0, ["001/CLTS/XI/2026", 1, "Ratna Anggraini", "besok"])
    book.define_name("Rapat!Peserta", "=Rapat!$A$1:$C$1")
    book.close()
    return path


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes, Inspected]:
    """A workbook full of everything, its copy, and what was found in it."""
    path = _rich_workbook(tmp_path_factory.mktemp("kaya"))
    told = inspected(path)
    return path.read_bytes(), annotate(told), told


def _members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def _head_and_tail(xml: bytes) -> tuple[bytes, bytes]:
    """What stands around the cells, without what the copy may change there."""
    head, _, rest = xml.partition(b"<sheetData")
    tail = rest.rpartition(b"</sheetData>")[2] or rest.partition(b"/>")[2]
    head = re.sub(rb' tabSelected="1"|<dimension[^>]*/>', b"", head)
    return head, re.sub(rb"<legacyDrawing [^>]*/>", b"", tail)


def test_nothing_but_the_marked_cells_changes(rich: tuple[bytes, bytes, Inspected]) -> None:
    before, after = _members(rich[0]), _members(rich[1])
    assert set(before) <= set(after)
    may_change = (
        r"xl/(workbook|styles|comments\d|worksheets/sheet\d)\.xml|.*\.rels|.*\.vml|docProps/app.xml|\[Content.*"
    )
    same = [name for name in before if not re.fullmatch(may_change, name)]
    assert {"xl/charts/chart1.xml", "xl/media/image1.png", "xl/drawings/drawing1.xml", "xl/tables/table1.xml"} < set(
        same
    )
    assert [name for name in same if before[name] != after[name]] == []
    for name in before:
        if name.startswith("xl/worksheets/sheet"):
            assert _head_and_tail(after[name]) == _head_and_tail(before[name])
            cells = [re.sub(rb' s="\d+"', b"", xml[xml.index(b"<sheetData") :]) for xml in (before[name], after[name])]
            assert len(re.findall(rb"<v>|<t[ >]|<f[ >]", cells[0])) == len(re.findall(rb"<v>|<t[ >]|<f[ >]", cells[1]))
    said = load_workbook(io.BytesIO(rich[1]))["Temuan"]["A5"].value
    assert said == "Selain warna dan catatan pada sel temuan serta sheet ini, isinya sama dengan buku kerja aslinya."


def test_every_part_of_the_copy_is_whole_and_named(rich: tuple[bytes, bytes, Inspected]) -> None:
    members = _members(rich[1])
    types = ElementTree.fromstring(members["[Content_Types].xml"])
    named = {each.get("PartName", "")[1:] for each in types}
    defaults = {each.get("Extension") for each in types}
    for name, content in members.items():
        if name.endswith((".xml", ".rels", ".vml")):
            ElementTree.fromstring(content)
        assert name in named or name.rpartition(".")[2] in defaults or name == "[Content_Types].xml"
        if name.endswith(".rels"):
            relations = list(ElementTree.fromstring(content))
            assert len({each.get("Id") for each in relations}) == len(relations)
            folder = name.partition("_rels/")[0]
            for each in relations:
                target = each.get("Target", "")
                assert target.lstrip("/") in members or f"{folder}{target}" in members or ".." in target
    assert named <= {*members, ""}


def test_names_and_tabs_keep_their_sheets(rich: tuple[bytes, bytes, Inspected]) -> None:
    before, after = (load_workbook(io.BytesIO(data)) for data in rich[:2])
    assert after.sheetnames == ["Temuan", *before.sheetnames]
    assert after.active.title == "Temuan"
    assert [sheet.title for sheet in after if sheet.sheet_view.tabSelected] == ["Temuan"]
    for sheet in before:
        twin = after[sheet.title]
        meanings = [{name: each.attr_text for name, each in one.defined_names.items()} for one in (sheet, twin)]
        assert meanings[0] == meanings[1]
        assert (sheet.print_title_rows, sheet.print_area) == (twin.print_title_rows, twin.print_area)
    assert set(after["Rapat"].defined_names) == {"Peserta"}
    assert after["Temuan"].print_title_rows == "$7:$7"
    app = _members(rich[1])["docProps/app.xml"].decode()
    titles = re.findall(r"<vt:lpstr>([^<]*)</vt:lpstr>", app.partition("<TitlesOfParts>")[2])
    assert titles[: len(after.sheetnames)] == after.sheetnames
    assert f'<vt:vector size="{len(titles)}" baseType="lpstr">' in app
    assert sum(map(int, re.findall(r"<vt:i4>(\d+)</vt:i4>", app))) == len(titles)


def test_boxes_of_staff_stay_and_new_ones_have_their_own_numbers(rich: tuple[bytes, bytes, Inspected]) -> None:
    before, after = _members(rich[0]), _members(rich[1])
    drawing = next(name for name, content in before.items() if name.endswith(".vml") and b"Cetak" in content)
    shapes = re.findall(rb'<v:shape id="([^"]+)"', after[drawing])
    found = {found.cell for found in rich[2].findings if found.sheet == "Langkah"}
    assert len(set(shapes)) == len(shapes) == 3 + len(found - {"D2"})
    for old in re.findall(rb"<v:shape .*?</v:shape>", before[drawing], re.DOTALL):
        assert b"<x:Row>1<" in old or old in after[drawing]
    everywhere = [
        shape for name, xml in after.items() if name.endswith(".vml") for shape in re.findall(rb"_s(\d+)\"", xml)
    ]
    assert len(set(everywhere)) == len(everywhere)
    owned = [block for xml in after.values() for data in re.findall(rb'<o:idmap [^>]*data="([\d,]+)"', xml)
             for block in data.split(b",")]  # fmt: skip
    assert len(set(owned)) == len(owned)
    assert {int(shape) // 1024 for shape in everywhere} <= set(map(int, owned))
    assert load_workbook(io.BytesIO(rich[1]))["Langkah"]["D9"].comment.text == "Titip: berkas ada di Pak Joko"


def _box(data: bytes, row: int, column: int) -> bytes:
    """The one box of that cell."""
    boxes = [box for name, xml in _members(data).items() if name.endswith(".vml")
             for box in re.findall(rb"<\w+:shape\s.*?</\w+:shape>", xml, re.DOTALL)]  # fmt: skip
    place = rb"<\w+:Row>%d</\w+:Row>\s*<\w+:Column>%d<" % (row - 1, column - 1)
    (box,) = [box for box in boxes if re.search(place, box)]
    return bytes(box)


def test_a_note_of_staff_on_a_marked_cell_grows_in_its_own_box(rich: tuple[bytes, bytes, Inspected]) -> None:
    before, after = (_box(data, 2, 4) for data in rich[:2])
    bottoms = [re.findall(rb"<x:Anchor>(?:\d+, ?){6}(\d+)", box) for box in (before, after)]
    assert int(bottoms[1][0]) > int(bottoms[0][0])
    plain = [re.sub(rb"<x:Anchor>[^<]*", b"", box) for box in (before, after)]
    assert plain[0] == plain[1]
    text = load_workbook(io.BytesIO(rich[1]))["Langkah"]["D2"].comment.text
    assert text.startswith("Tanya Pak Joko\n\nKESALAHAN D02:")


def test_a_box_without_a_place_gets_one(tmp_path: Path) -> None:
    path = telling_register(tmp_path / "register.xlsx")
    book = load_workbook(path)
    book["Langkah"]["E27"].comment = Comment("Sudah ditanyakan", "Ratna", height=20, width=60)
    book.save(path)
    assert b"Anchor" not in _box(path.read_bytes(), 27, 5)
    assert b":Anchor>5, 15, 26, 2, " in _box(annotate(inspected(path)), 27, 5)


def test_a_conversation_gets_a_reply(tmp_path: Path) -> None:
    path = telling_register(tmp_path / "register.xlsx")
    book = load_workbook(path)
    book["Langkah"]["E27"].comment = Comment("[Threaded comment]\n\nComment:\n    Jam ini benar?", "tc={A1}")
    book.save(path)
    spaces = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
    thread, person = "xl/threadedComments/threadedComment1.xml", "xl/persons/person.xml"
    relation = (
        '<Relationship Id="{}" Type="http://schemas.microsoft.com/office/2017/10/relationships/{}" Target="/{}"/>'
    )
    override = '<Override PartName="/{}" ContentType="application/vnd.ms-excel.{}+xml"/>'
    written = (
        '<threadedComment ref="E27" dT="2026-11-19T08:00:00.00" personId="{P}" id="{A1}"><text>Jam ini benar?</text>'
    )
    _rewrite(
        path, thread, f'<ThreadedComments xmlns="{spaces}">{written}</threadedComment></ThreadedComments>'.encode()
    )
    known = '<person displayName="Ratna" id="{P}" userId="Ratna" providerId="None"/>'
    _rewrite(path, person, f'<personList xmlns="{spaces}">{known}</personList>'.encode())
    kinds = override.format(thread, "threadedcomments") + override.format(person, "person")
    _rewrite(path, "[Content_Types].xml", lambda xml: xml.replace(b"</Types>", kinds.encode() + b"</Types>"))
    end = b"</Relationships>"
    for rels, new in (
        ("xl/_rels/workbook.xml.rels", relation.format("rId900", "person", person)),
        ("xl/worksheets/_rels/sheet2.xml.rels", relation.format("rId901", "threadedComment", thread)),
    ):
        _rewrite(path, rels, lambda xml, new=new: xml.replace(end, new.encode() + end))
    told = inspected(path)
    after = _members(annotate(told))
    talk = ElementTree.fromstring(after[thread])
    assert [each.get("parentId") for each in talk] == [None, "{A1}"]
    message = next(found.message for found in told.findings if found.cell == "E27")
    assert message in (talk[1][0].text or "")
    people = {each.get("id"): each.get("displayName") for each in ElementTree.fromstring(after[person])}
    assert people == {"{P}": "Ratna", talk[1].get("personId"): "sopkit"}
    note = load_workbook(io.BytesIO(annotate(told)))["Langkah"]["E27"].comment.text
    assert note.startswith("[Threaded comment]") and message in note


@pytest.mark.parametrize(
    ("member", "words"),
    [
        ("xl/vbaProject.bin", "makro"),
        ("_xmlsignatures/origin.sigs", "tanda tangan digital"),
        ("xl/revisions/revisionHeaders.xml", "riwayat perubahan bersama"),
    ],
)
def test_what_cannot_stay_is_taken_out_and_said(tmp_path: Path, member: str, words: str) -> None:
    path = telling_register(tmp_path / "register.xlsx")
    rels = "_rels/.rels" if member.startswith("_xml") else "xl/_rels/workbook.xml.rels"
    new = f'<Relationship Id="rId900" Type="http://contoh/jenis" Target="/{member}"/></Relationships>'.encode()
    kind = f'<Override PartName="/{member}" ContentType="application/contoh"/></Types>'.encode()
    _rewrite(path, member, b"isi")
    _rewrite(path, rels, lambda xml: xml.replace(b"</Relationships>", new))
    _rewrite(path, "[Content_Types].xml", lambda xml: xml.replace(b"</Types>", kind))
    data = annotate(inspected(path))
    assert not any(member.encode() in content or name == member for name, content in _members(data).items())
    said = load_workbook(io.BytesIO(data))["Temuan"]["A5"].value
    assert said == f"Tidak terbawa dalam salinan ini: {words}. Buku kerja asli tetap utuh."


def test_macros_do_not_travel(tmp_path: Path) -> None:
    path = telling_register(tmp_path / "register.xlsx")
    macro = tmp_path / "register.xlsm"
    path.rename(macro)
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    enabled = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    _rewrite(macro, "[Content_Types].xml", lambda xml: xml.replace(kind, enabled))
    types = _members(annotate(inspected(macro)))["[Content_Types].xml"]
    assert kind in types
    assert enabled not in types


def test_a_finding_under_a_merge_shows_on_its_first_cell(tmp_path: Path) -> None:
    path = telling_register(tmp_path / "register.xlsx")
    merge = (
        b'</sheetData><mergeCells count="2"><mergeCell ref="D27:E27"/><mergeCell ref="AZ1:XFD1048576"/></mergeCells>'
    )
    _rewrite(path, "xl/worksheets/sheet2.xml", lambda xml: xml.replace(b"</sheetData>", merge, 1))
    told = inspected(path)
    notes = _members(annotate(told))
    texts = b"".join(content for name, content in notes.items() if re.fullmatch(r"xl/comments\d\.xml", name))
    merged = [found for found in told.findings if found.sheet == "Langkah" and found.cell in ("D27", "E27")]
    assert merged
    assert texts.count(b'<comment ref="D27"') == 1
    assert b'<comment ref="E27"' not in texts


def test_white_letters_turn_dark_on_a_light_colour(told: Inspected, tmp_path: Path) -> None:
    path = telling_register(tmp_path / "register.xlsx")
    book = load_workbook(path)
    book["Langkah"]["E27"].font = Font(color="FFFFFFFF", bold=True)
    book["Langkah"]["E26"].font = Font(color="FFFFFFFF", bold=True)
    book.save(path)
    copy = load_workbook(io.BytesIO(annotate(inspected(path))))["Langkah"]
    assert (copy["E27"].font.color.rgb, copy["E27"].font.b) == ("FF1D3A5F", True)
    assert copy["E26"].font.color.rgb == "FFFFFFFF"


@pytest.mark.parametrize(
    ("member", "usual", "written", "said"),
    [
        ("workbook.xml", MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main", "Strict Open XML"),
        ("_rels/workbook.xml.rels", 'relationships/worksheet"', 'relationships/xlMacrosheet"', "makro Excel 4"),
    ],
)
def test_a_strict_workbook_and_one_of_old_macros_get_the_list_alone(
    tmp_path: Path, member: str, usual: str, written: str, said: str
) -> None:
    path = telling_register(tmp_path / "register.xlsx")
    told = inspected(path)
    _rewrite(path, f"xl/{member}", lambda xml: xml.replace(usual.encode(), written.encode(), 1))
    source = replace(told.register.source, book=open_book(path))
    copy = load_workbook(io.BytesIO(annotate(replace(told, register=replace(told.register, source=source)))))
    assert copy.sheetnames == ["Temuan"]
    assert said in str(copy["Temuan"]["A4"].value)
    assert len(_rows(copy)) == len(told.findings)


def _rewrite(path: Path, member: str, change: Any) -> None:
    with zipfile.ZipFile(path) as package:
        contents = {name: package.read(name) for name in package.namelist()}
    contents[member] = change if isinstance(change, bytes) else change(contents[member])
    with zipfile.ZipFile(path, "w") as package:
        for name, content in contents.items():
            package.writestr(name, content)


def test_a_text_like_a_formula_stays_a_text(tmp_path: Path) -> None:
    evil = "No. Catatan | Langkah | Pelaksana | Mulai\n'=1+1 | 1 | '=cmd|x | 2026-11-02 08:00"
    copy = load_workbook(io.BytesIO(annotate(inspected(office_workbook(tmp_path / "r.xlsx", None, evil)))))
    cases = [row[4] for row in _rows(copy) if row[4].value == "=1+1"]
    assert cases
    assert {cell.data_type for cell in cases} == {"s"}


def test_a_sheet_called_temuan_keeps_its_name(tmp_path: Path) -> None:
    path = office_workbook(tmp_path / "r.xlsx", temuan=[["catatan rapat"]])
    copy = load_workbook(io.BytesIO(annotate(inspected(path))))
    assert copy.sheetnames[0] == "Temuan 2"
    assert copy["Temuan"]["A1"].value == "catatan rapat"


def test_libreoffice_opens_the_copy_and_its_links_point_to_cells(
    told: Inspected, converted: Callable[..., None], tmp_path: Path
) -> None:
    (tmp_path / "copy.xlsx").write_bytes(annotate(told))
    converted("ods", tmp_path, tmp_path / "copy.xlsx")
    with zipfile.ZipFile(tmp_path / "copy.ods") as package:
        content = package.read("content.xml").decode("utf-8")
    assert content.count("<office:annotation ") == len({(found.sheet, found.cell) for found in told.findings})
    assert len(re.findall(r'xlink:href="#[^"]+"', content)) >= len(told.findings)


def test_an_old_format_gets_the_list_alone(tmp_path: Path, converted: Callable[..., None]) -> None:
    path = telling_register(tmp_path / "register.xlsx")
    converted("ods", tmp_path, path)
    told = inspected(tmp_path / "register.ods")
    copy = load_workbook(io.BytesIO(annotate(told)))
    assert copy.sheetnames == ["Temuan"]
    assert "berjenis ods" in str(copy["Temuan"]["A4"].value)
    assert len(_rows(copy)) == len(told.findings)
