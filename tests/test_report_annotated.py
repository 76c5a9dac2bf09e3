"""NAMA-diperiksa.xlsx: every finding on its cell, nothing of the staff's lost in silence."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from openpyxl import load_workbook
from openpyxl.comments import Comment
from report_samples import inspected, telling, telling_register
from workbooks import office_workbook

from sopkit.checks.inspection import Inspected
from sopkit.errors import SopkitError
from sopkit.reports.annotated import FILLS, annotate, lost_parts

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
    assert copy[error.sheet][error.cell].fill.fgColor.rgb == f"00{FILLS[error.severity]}"


def test_no_other_cell_is_touched(told: Inspected, copy: Any) -> None:
    places = {(found.sheet, found.cell) for found in told.findings}
    original = load_workbook(told.register.source.path)
    for sheet in original:
        for row in sheet.iter_rows():
            for cell in row:
                twin = copy[sheet.title][cell.coordinate]
                assert twin.value == cell.value
                assert (twin.comment is None) == ((sheet.title, cell.coordinate) not in places)


def test_the_first_sheet_lists_all_with_links_filter_and_remedy(told: Inspected, copy: Any) -> None:
    rows = _rows(copy)
    assert copy.sheetnames[0] == copy.active.title == "Temuan"
    assert len(rows) == len(told.findings)
    listed = {(row[2].value, row[3].value): row for row in rows}
    for found in told.findings:
        row = listed[found.code, f"{found.sheet}!{found.cell}"]
        assert row[3].hyperlink.location == f"'{found.sheet}'!{found.cell}"
        assert row[1].value == ("dijelaskan" if found.explained else found.severity.indonesian)
        assert (row[7].value, row[8].value) == (found.message, found.fix)
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


def test_a_workbook_changed_meanwhile_is_refused(tmp_path: Path) -> None:
    told = telling(tmp_path)
    office_workbook(told.register.source.path)
    with pytest.raises(SopkitError, match="berubah sejak diperiksa"):
        annotate(told)


def test_what_the_copy_lacks_is_said_on_its_first_sheet(tmp_path: Path) -> None:
    path = _rich_workbook(tmp_path)
    lost = lost_parts(path.read_bytes())
    assert lost == [
        "gambar",
        "grafik (tampilannya dapat berbeda)",
        "grafik mini dalam sel (sparkline)",
        "pewarnaan bersyarat jenis baru",
        "bentuk dan kotak teks",
    ]
    sheet = load_workbook(io.BytesIO(annotate(inspected(path))))["Temuan"]
    said = " ".join(str(row[0].value) for row in sheet.iter_rows(max_row=8))
    for words in lost:
        assert words in said
    assert "Buku kerja asli tetap utuh." in said


def test_letters_formatted_inside_a_cell_stay(tmp_path: Path) -> None:
    told = inspected(_rich_workbook(tmp_path))
    cell = load_workbook(io.BytesIO(annotate(told)), rich_text=True)["Rapat"]["A3"]
    assert str(cell.value) == "biasa tebal"
    assert [getattr(part, "font", None) is not None and part.font.b for part in cell.value] == [False, True]


def test_nothing_is_said_to_be_lost_where_nothing_is(told: Inspected, copy: Any) -> None:
    assert lost_parts(told.register.source.path.read_bytes()) == []
    assert "Tidak terbawa" not in " ".join(str(row[0].value) for row in copy["Temuan"].iter_rows(max_row=8))


def _rich_workbook(folder: Path) -> Path:
    """A register with what openpyxl does not carry, beside the sheets that matter."""
    path = folder / "kaya.xlsx"
    book = xlsxwriter.Workbook(path)
    for name, headers in (
        ("Register", ("No. Catatan", "Tanggal Ditemukan", "Jenis Layanan", "Uraian Ketidaksesuaian", "Ditemukan Oleh")),
        ("Langkah", ("No. Catatan", "Langkah", "Pelaksana", "Mulai")),
        ("Pemusnahan", ("No. BA",)),
        ("Pegawai", ("Nama", "Jabatan", "Peran")),
    ):
        book.add_worksheet(name).write_row(0, 0, headers)
    sheet: Any = book.add_worksheet("Rapat")
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
    book.close()
    return path


def test_shared_formulas_stay_shared(tmp_path: Path) -> None:
    path = telling_register(tmp_path / "register.xlsx")
    shared = (
        b'<row r="40"><c r="J40"><f t="shared" ref="J40:J42" si="0">A40&amp;"&lt;"</f><v>1</v></c></row>'
        b'<row r="41"><c r="J41"><f t="shared" si="0"/><v>2</v></c></row>'
        b'<row r="42"><c r="J42"><f t="shared" si="0"/><v>3</v></c></row></sheetData>'
    )
    _rewrite(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"</sheetData>", shared))
    data = annotate(inspected(path))
    before, after = load_workbook(path)["Register"], load_workbook(io.BytesIO(data))["Register"]
    assert [before[cell].value for cell in ("J40", "J41", "J42")] == ['=A40&"<"', '=A41&"<"', '=A42&"<"']
    assert [after[cell].value for cell in ("J40", "J41", "J42")] == ['=A40&"<"', '=A41&"<"', '=A42&"<"']
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        sheets = b"".join(package.read(name) for name in package.namelist() if "worksheets/sheet" in name)
    assert sheets.count(b't="shared"') == 3
    assert b"SOPKIT" not in sheets


def _rewrite(path: Path, member: str, change: Any) -> None:
    with zipfile.ZipFile(path) as package:
        contents = {name: package.read(name) for name in package.namelist()}
    contents[member] = change(contents[member])
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


def test_a_merge_over_a_whole_sheet_gives_the_list_alone(tmp_path: Path) -> None:
    path = telling_register(tmp_path / "register.xlsx")
    merge = b'</sheetData><mergeCells count="1"><mergeCell ref="AZ1:XFD1048576"/></mergeCells>'
    _rewrite(path, "xl/worksheets/sheet8.xml", lambda xml: xml.replace(b"</sheetData>", merge))
    copy = load_workbook(io.BytesIO(annotate(inspected(path))))
    assert copy.sheetnames == ["Temuan"]
    assert "sangat luas" in str(copy["Temuan"]["A4"].value)


def test_macros_do_not_travel(tmp_path: Path) -> None:
    path = telling_register(tmp_path / "register.xlsx")
    macro = tmp_path / "register.xlsm"
    path.rename(macro)
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    _rewrite(
        macro,
        "[Content_Types].xml",
        lambda xml: xml.replace(kind, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"),
    )
    data = annotate(inspected(macro))
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert kind in package.read("[Content_Types].xml")


def test_libreoffice_opens_the_copy_and_its_links_point_to_cells(
    told: Inspected, libreoffice: str, tmp_path: Path
) -> None:
    (tmp_path / "copy.xlsx").write_bytes(annotate(told))
    command = [
        libreoffice, "--headless", f"-env:UserInstallation={(tmp_path / 'profil').as_uri()}",
        "--convert-to", "ods", "--outdir", str(tmp_path), str(tmp_path / "copy.xlsx"),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    with zipfile.ZipFile(tmp_path / "copy.ods") as package:
        content = package.read("content.xml").decode("utf-8")
    assert content.count("<office:annotation ") == len({(found.sheet, found.cell) for found in told.findings})
    assert len(re.findall(r'xlink:href="#[^"]+"', content)) >= len(told.findings)


def test_an_old_format_gets_the_list_alone(tmp_path: Path, libreoffice: str) -> None:
    path = telling_register(tmp_path / "register.xlsx")
    command = [
        libreoffice, "--headless", f"-env:UserInstallation={(tmp_path / 'profil').as_uri()}",
        "--convert-to", "ods", "--outdir", str(tmp_path), str(path),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    told = inspected(tmp_path / "register.ods")
    copy = load_workbook(io.BytesIO(annotate(told)))
    assert copy.sheetnames == ["Temuan"]
    assert "berjenis ods" in str(copy["Temuan"]["A4"].value)
    assert len(_rows(copy)) == len(told.findings)
