"""A few cells are written, and nothing else in the file changes."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
import xlsxwriter
from frozen_sop import SOP
from hostile_books import (
    BOOK_RELS,
    MISNAMED,
    ROOT,
    SHEET,
    changed,
    plain_parts,
    relations,
    sheet_xml,
    zipped,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter

from sopkit.checks.inspection import inspect_register
from sopkit.excel.preflight import preflight
from sopkit.ooxml.container import TYPES
from sopkit.ooxml.xml_edit import MAIN
from sopkit.register.read import read_register
from sopkit.register.write_cells import CellEdit, WriteRefused, spliced_sheet, spliced_workbook, write_cells
from sopkit.reports.annotated import annotate

NO_TYPES = (
    b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="xml" ContentType="application/xml"/></Types>'
)


def _book(path: Path) -> Path:
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Register")
    bold = book.add_format({"bold": True})
    sheet.set_column("F:F", 12, bold)
    sheet.write_row("A1", ["No. Catatan", "No. PTPP", "Jumlah"])
    sheet.write_row("A2", ["001", None, 3])
    sheet.write_formula("D2", '=B2&"!"', None, "!")
    sheet.write_blank("B3", None, bold)
    sheet.set_row(4, 30)
    sheet.merge_range("A8:B9", "gabungan")
    sheet.insert_textbox("H2", "catatan")
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=Register!$C$2:$C$3"})
    sheet.insert_chart("H8", chart)
    sheet.conditional_format("A1:F9", {"type": "data_bar", "data_bar_2010": True})
    book.add_worksheet("Kosong")
    book.close()
    return path


def _parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def _values(data: bytes, sheet: str) -> dict[str, object]:
    book = openpyxl.load_workbook(BytesIO(data))
    return {cell.coordinate: cell.value for row in book[sheet] for cell in row if cell.value is not None}


def test_only_the_sheets_part_changes_and_only_the_cells_said(tmp_path: Path) -> None:
    before = _book(tmp_path / "a.xlsx").read_bytes()
    edits = {"B2": "001/PTPP & <I>", "B3": "x", "C5": "y", "F7": "z", "B5": "w", "A12": "baris baru"}
    after = spliced_workbook(before, [CellEdit("Register", cell, text) for cell, text in edits.items()])
    old, new = _parts(before), _parts(after)
    assert list(old) == list(new)
    assert [name for name in old if old[name] != new[name]] == ["xl/worksheets/sheet1.xml"]
    assert _values(after, "Register") == {**_values(before, "Register"), **edits}


def test_a_new_cell_takes_the_look_of_its_place(tmp_path: Path) -> None:
    data = _book(tmp_path / "a.xlsx").read_bytes()
    after = spliced_workbook(data, [CellEdit("Register", "B3", "x"), CellEdit("Register", "F7", "z")])
    sheet = openpyxl.load_workbook(BytesIO(after))["Register"]
    assert sheet["B3"].font.bold and sheet["F7"].font.bold


@pytest.mark.parametrize("since_1904", [False, True])
@pytest.mark.parametrize(
    ("form", "shown"),
    [("dd-mm-yyyy", True), ("[$-421]d mmmm yyyy", True), ("d/m/yy;@", True), ("0.00", False), ('0"day"', False)],
)
def test_a_date_is_one_where_the_workbook_shows_dates(tmp_path: Path, form: str, shown: bool, since_1904: bool) -> None:
    path, day = tmp_path / "a.xlsx", dt.date(2026, 3, 19)
    book = xlsxwriter.Workbook(path, {"date_1904": since_1904})
    sheet, look = book.add_worksheet("Register"), book.add_format({"num_format": form})
    sheet.write_blank("A2", None, look)
    sheet.write_number("B2", 40000, look)
    book.close()
    edits = [CellEdit("Register", cell, day) for cell in ("A2", "B3", "C2")]
    write_cells(path, edits, hashlib.sha256(path.read_bytes()).hexdigest())  # proven by openpyxl
    written = openpyxl.load_workbook(path)["Register"]
    held = dt.datetime(2026, 3, 19) if shown else "19-03-2026"
    assert [written[cell].value for cell in ("A2", "B3", "C2")] == [held] * 3


def test_stored_results_are_asked_to_be_calculated_again(tmp_path: Path) -> None:
    after = spliced_workbook(_book(tmp_path / "a.xlsx").read_bytes(), [CellEdit("Register", "B2", "x")])
    assert b'<sheetCalcPr fullCalcOnLoad="1"/>' in _parts(after)["xl/worksheets/sheet1.xml"]


def test_a_sheet_without_rows_takes_its_first(tmp_path: Path) -> None:
    after = spliced_workbook(_book(tmp_path / "a.xlsx").read_bytes(), [CellEdit("Kosong", "B3", "isi")])
    assert _values(after, "Kosong") == {"B3": "isi"}


@pytest.mark.parametrize("sheet", ["Register", "Kosong"])
def test_new_rows_stand_in_their_order(tmp_path: Path, sheet: str) -> None:
    edits = [CellEdit(sheet, cell, "x") for cell in ("A110", "A30", "C30", "B20")]
    parts = _parts(spliced_workbook(_book(tmp_path / "a.xlsx").read_bytes(), edits))
    xml = parts[f"xl/worksheets/sheet{1 if sheet == 'Register' else 2}.xml"]
    rows = [int(row) for row in re.findall(rb'<row r="(\d+)"', xml)]
    assert rows == sorted(rows) and rows[-3:] == [20, 30, 110]
    assert re.findall(rb'<c r="([A-Z]+30)"', xml) == [b"A30", b"C30"]


@pytest.mark.parametrize("written", ['<dimension ref="A1:C9"/>', "<dimension ref='A1:C9' />"])
def test_the_stated_extent_grows_however_it_is_written(written: str) -> None:
    sheet = f'<worksheet xmlns="{MAIN}">{written}<sheetData/></worksheet>'.encode()
    assert re.findall(rb'<dimension ref="([A-Z0-9:]+)"/>', spliced_sheet(sheet, {"E12": "x"}, False)) == [b"A1:E12"]
    assert written.encode() in spliced_sheet(sheet, {"C9": "x"}, False)


@pytest.mark.parametrize(("cell", "said"), [("A2", "nilai"), ("D2", "rumus"), ("B9", "digabung")])
def test_a_filled_a_calculated_and_a_merged_cell_are_refused(tmp_path: Path, cell: str, said: str) -> None:
    with pytest.raises(WriteRefused, match=said):
        spliced_workbook(_book(tmp_path / "a.xlsx").read_bytes(), [CellEdit("Register", cell, "x")])


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.integers(1, 40), st.integers(1, 60)),
        st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="￾￿"), min_size=1),
        max_size=12,
    )
)
def test_whatever_is_written_is_read_back(cells: dict[tuple[int, int], str]) -> None:
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer)
    book.add_worksheet("S").set_row(6, 20)
    book.close()
    wanted = {f"{get_column_letter(column)}{row}": text for (row, column), text in cells.items()}
    after = spliced_workbook(buffer.getvalue(), [CellEdit("S", cell, text) for cell, text in wanted.items()])
    assert _values(after, "S") == wanted


def test_a_backup_stands_beside_and_the_original_is_in_it(tmp_path: Path) -> None:
    path = _book(tmp_path / "register.xlsx")
    before = path.read_bytes()
    backup = write_cells(path, [CellEdit("Register", "B2", "x")], hashlib.sha256(before).hexdigest())
    assert backup.parent == tmp_path / "cadangan" and backup.read_bytes() == before
    assert _values(path.read_bytes(), "Register")["B2"] == "x"


def _numbered(path: Path) -> Path:
    return write_cells(path, [CellEdit("Register", "B2", "x")], hashlib.sha256(path.read_bytes()).hexdigest())


def test_no_backup_takes_the_place_of_another(tmp_path: Path) -> None:
    path = _book(tmp_path / "register.xlsx")
    before, backups = path.read_bytes(), []
    for _ in range(3):
        path.write_bytes(before)
        backups.append(_numbered(path))
    assert len(set(backups)) == 3 and all(backup.read_bytes() == before for backup in backups)


@pytest.mark.skipif(os.name == "nt", reason="links and modes of POSIX")
def test_a_link_stays_one_and_the_file_keeps_its_mode_and_its_owner(tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    path = _book(share / "register.xlsx")
    path.chmod(0o640)
    if os.getuid() == 0:
        os.chown(path, 1234, 1234)
    owner = path.stat().st_uid, path.stat().st_gid
    link = tmp_path / "register.xlsx"
    link.symlink_to(path)
    backup = _numbered(link)
    assert link.is_symlink() and _values(path.read_bytes(), "Register")["B2"] == "x"
    for file in (path, backup):
        state = file.stat()
        assert (state.st_mode & 0o777, state.st_uid, state.st_gid) == (0o640, *owner)
    assert backup.parent == share / "cadangan"


class _Saves:
    """Somebody who saves the workbook just before the given file operation of ours."""

    def __init__(self) -> None:
        self.countdown, self.save = -1, lambda: None
        sys.addaudithook(self._hear)

    def _hear(self, event: str, _: object) -> None:
        if self.countdown >= 0 and event.partition(".")[0] in ("open", "os", "ctypes", "shutil", "pathlib"):
            self.countdown -= 1
            if self.countdown < 0:
                self.save()

    def before(self, operation: int, save: Callable[[], None]) -> None:
        self.countdown, self.save = operation, save


@pytest.fixture(scope="module")
def saves() -> _Saves:
    return _Saves()


@pytest.mark.parametrize("again", [0, 1])
@pytest.mark.parametrize("at_once", [True, False])
def test_a_save_at_any_moment_survives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saves: _Saves, at_once: bool, again: int
) -> None:
    """`again`: the second save comes so many operations later; nothing but what was saved last may lie there."""
    if not at_once:  # a disk on which two files cannot change places
        monkeypatch.setattr("sopkit.files._exchanged_at_once", lambda *_: False)
    path = _book(tmp_path / "register.xlsx")
    first = path.read_bytes()
    sha = hashlib.sha256(first).hexdigest()
    written = saved_in_between = 0
    for operation in range(200):
        path.write_bytes(first)
        saved: list[bytes] = []

        def save(saved: list[bytes] = saved) -> None:
            saved.append(first + f"disimpan {len(saved)}".encode())
            other = tmp_path / "simpan.tmp"
            other.write_bytes(saved[-1])
            other.replace(path)
            if len(saved) <= again:
                saves.before(again, save)

        saves.before(operation, save)
        with suppress(WriteRefused):
            write_cells(path, [CellEdit("Register", "B2", "x")], sha)
            written += 1
        saves.countdown = -1
        if not saved:
            break
        saved_in_between += 1
        everything = [file.read_bytes() for file in (path, *path.parent.glob("cadangan/*.xlsx"))]
        assert saved[-1] == path.read_bytes() or saved[-1] in everything
        assert not list(tmp_path.glob(".sopkit*")), operation
    assert saved_in_between > 20 and written


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is killed in the middle")
def test_killed_at_any_moment_the_workbook_is_whole_and_the_next_numbering_clears_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saves: _Saves
) -> None:
    monkeypatch.setattr("sopkit.files.ORPHANED", -1.0)
    path = _book(tmp_path / "register.xlsx")
    first = path.read_bytes()
    edits, sha = [CellEdit("Register", "B2", "x")], hashlib.sha256(first).hexdigest()
    whole = {first, spliced_workbook(first, edits)}
    for operation in range(200):
        path.write_bytes(first)
        child = os.fork()
        if not child:
            saves.before(operation, lambda: os._exit(9))
            with suppress(BaseException):
                write_cells(path, edits, sha)
            os._exit(0)
        killed = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
        assert path.read_bytes() in whole
        if not killed:
            break
        path.write_bytes(first)
        write_cells(path, edits, sha)
        assert not list(tmp_path.rglob(".sopkit*.tmp*")), operation
        assert {file.read_bytes() for file in (tmp_path / "cadangan").glob("*.xlsx")} == {first}
    assert operation > 20


@pytest.mark.parametrize("owner", ["~$register.xlsx", ".~lock.register.xlsx#"])
def test_an_open_workbook_is_left_alone(tmp_path: Path, owner: str) -> None:
    path = _book(tmp_path / "register.xlsx")
    before = path.read_bytes()
    (tmp_path / owner).write_text("", "utf-8")
    with pytest.raises(WriteRefused, match="sedang dibuka"):
        write_cells(path, [CellEdit("Register", "B2", "x")], hashlib.sha256(before).hexdigest())
    assert path.read_bytes() == before


def test_a_workbook_that_changed_since_it_was_read_is_left_alone(tmp_path: Path) -> None:
    path = _book(tmp_path / "register.xlsx")
    with pytest.raises(WriteRefused, match="berubah sejak dibaca"):
        write_cells(path, [CellEdit("Register", "B2", "x")], "0" * 64)


def test_only_xlsx_and_xlsm_are_written(tmp_path: Path) -> None:
    with pytest.raises(WriteRefused, match=r"Simpan sebagai \.xlsx"):
        write_cells(tmp_path / "register.xls", [CellEdit("Register", "B2", "x")], "")


def _rezipped(data: bytes, change: dict[str, bytes | None]) -> bytes:
    parts = {name: content for name, content in {**_parts(data), **change}.items() if content is not None}
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_a_prefixed_namespace_and_cells_without_addresses_are_understood(tmp_path: Path) -> None:
    sheet = (
        b'<?xml version="1.0"?><x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b"<x:sheetData><x:row><x:c><x:v>1</x:v></x:c><x:c/></x:row></x:sheetData></x:worksheet>"
    )
    data = _rezipped(_book(tmp_path / "a.xlsx").read_bytes(), {"xl/worksheets/sheet2.xml": sheet})
    after = spliced_workbook(data, [CellEdit("Kosong", "B1", "isi"), CellEdit("Kosong", "A4", "baru")])
    assert _values(after, "Kosong") == {"A1": 1, "B1": "isi", "A4": "baru"}


def test_a_text_inside_the_cell_that_looks_like_markup_is_a_value_and_blanks_are_none() -> None:
    cells = (
        '<c r="A1" t="inlineStr"><is><t><![CDATA[</c>]]></t></is></c><c r="B1" t="inlineStr"><is><t/></is></c>'
        '<c r="C1"><v></v></c><c r="D1"><f/><v/></c><c r="E1">\r\n  </c>'
    )
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData><row r="1">{cells}</row></sheetData></worksheet>'.encode()
    for cell in ("A1", "D1"):
        with pytest.raises(WriteRefused, match=f"Sel {cell} sudah berisi"):
            spliced_sheet(sheet, {cell: "x"}, False)
    after = ElementTree.fromstring(spliced_sheet(sheet, dict.fromkeys(("B1", "C1", "E1"), "isi"), False))
    assert ["".join(cell.itertext()) for cell in after.iter(f"{{{MAIN}}}c")] == ["</c>", "isi", "isi", "", "isi"]


def test_a_strict_workbook_is_refused_in_words(tmp_path: Path) -> None:
    data = _book(tmp_path / "a.xlsx").read_bytes()
    book = _parts(data)["xl/workbook.xml"].replace(MAIN.encode(), b"http://purl.oclc.org/ooxml/spreadsheetml/main")
    with pytest.raises(WriteRefused, match="Strict Open XML"):
        spliced_workbook(_rezipped(data, {"xl/workbook.xml": book}), [CellEdit("Register", "B2", "x")])


def test_a_sheet_of_old_macros_is_left_where_it_is(tmp_path: Path) -> None:
    data = _book(tmp_path / "a.xlsx").read_bytes()
    relations = _parts(data)["xl/_rels/workbook.xml.rels"]
    sheet2 = b'relationships/worksheet" Target="worksheets/sheet2.xml"'
    assert sheet2 in relations
    macros = relations.replace(sheet2, sheet2.replace(b'worksheet"', b'xlMacrosheet"'))
    data = _rezipped(data, {"xl/_rels/workbook.xml.rels": macros})
    after = _parts(spliced_workbook(data, [CellEdit("Register", "B2", "x")]))
    assert after["xl/worksheets/sheet2.xml"] == _parts(data)["xl/worksheets/sheet2.xml"]


@pytest.mark.parametrize(
    ("part", "said"), [("_xmlsignatures/sig1.xml", "ditandatangani"), ("xl/revisions/r.xml", "dibagikan")]
)
def test_signed_and_shared_workbooks_are_refused(tmp_path: Path, part: str, said: str) -> None:
    data = _rezipped(_book(tmp_path / "a.xlsx").read_bytes(), {part: b"<x/>"})
    with pytest.raises(WriteRefused, match=said):
        spliced_workbook(data, [CellEdit("Register", "B2", "x")])


def _elsewhere() -> dict[str, bytes]:
    """Packages whose sheet, or all of whose parts, lie where only the relations say."""
    found = {}
    for name, (part, target) in MISNAMED.items():
        links = relations(("worksheet", target), ("sharedStrings", "sharedStrings.xml"))
        found[name] = changed({SHEET: None, BOOK_RELS: links, part: sheet_xml(), TYPES: NO_TYPES})
    moved = {name.replace("xl/", "buku/").replace("workbook", "buku2"): xml for name, xml in plain_parts().items()}
    moved |= {ROOT: relations(("officeDocument", "buku/buku2.xml")), TYPES: NO_TYPES}
    found["buku-lain"] = zipped(moved)
    found["buku-mutlak"] = zipped(moved | {ROOT: relations(("officeDocument", "/buku/buku2.xml"))})
    found["buku-balik"] = zipped(moved | {ROOT: relations(("officeDocument", "buku\\BUKU2.xml"))})
    upper = {name if name in (ROOT, TYPES) else name.upper(): xml for name, xml in plain_parts().items()}
    found["huruf-besar"] = zipped({**upper, TYPES: NO_TYPES})
    return found


@pytest.mark.parametrize("name", _elsewhere())
def test_parts_lie_where_the_relations_say(name: str, tmp_path: Path) -> None:
    """What is read is what is written into, annotated and proved."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(data := _elsewhere()[name])
    register = read_register(path)
    assert len(register.cases.data) == 1
    write_cells(path, [CellEdit(register.cases.sheet, "H2", "001/PTPP/III/2026")], hashlib.sha256(data).hexdigest())
    before, after = _parts(data), _parts(path.read_bytes())
    assert list(before) == list(after)
    (changed_part,) = [part for part in before if before[part] != after[part]]
    assert b"001/PTPP/III/2026" in after[changed_part] and b"sheetData" in before[changed_part]
    copy = annotate(inspect_register(read_register(path), SOP))
    assert preflight("a.xlsx", copy).sheets.keys() >= {"Temuan", register.cases.sheet}


def test_a_part_under_two_names_is_read_and_neither_written_into_nor_copied(tmp_path: Path) -> None:
    """Its directory says another name than what stands at its place: programs would not agree which it is."""
    data = bytearray(changed({TYPES: NO_TYPES}))
    place = data.index(SHEET.encode())
    data[place : place + 2] = b"XX"
    path = tmp_path / "a.xlsx"
    path.write_bytes(data)
    register = read_register(path)
    with pytest.raises(WriteRefused, match="tidak lazim"):
        write_cells(path, [CellEdit(register.cases.sheet, "H2", "x")], hashlib.sha256(data).hexdigest())
    assert path.read_bytes() == data
    copy = annotate(inspect_register(register, SOP))
    assert list(preflight("a.xlsx", copy).sheets) == ["Temuan"]
