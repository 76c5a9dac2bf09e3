"""Intact but unusual workbooks, as other programs write them: read as what they are."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from sopkit.register.read import read_register

HEAD = ["No. Catatan", "Tanggal Ditemukan", "Jenis Layanan", "Uraian Ketidaksesuaian", "Ditemukan Oleh"]
ROW = ["001/CLTS/I/2026", "05-01-2026 08:00", "KTP-el", "Nama salah cetak", "Budi"]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
Parts = dict[str, bytes]


def _parts() -> Parts:
    book = openpyxl.Workbook()
    book.active.title = "Register"
    for row in (HEAD, ROW):
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    with zipfile.ZipFile(target) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _in(part: str, old: str, new: str) -> Callable[[Parts], Parts]:
    def change(parts: Parts) -> Parts:
        assert old.encode() in parts[part], (part, parts[part])
        return {**parts, part: parts[part].replace(old.encode(), new.encode())}

    return change


def _moved(parts: Parts) -> Parts:
    """The workbook's parts in a folder of another name, as some programs have it."""
    moved = {name.replace("xl/", "buku/"): data.replace(b"/xl/", b"/buku/") for name, data in parts.items()}
    return {**moved, "_rels/.rels": parts["_rels/.rels"].replace(b"xl/", b"buku/")}


def _backslashes(parts: Parts) -> Parts:
    return {name.replace("/", "\\"): data for name, data in parts.items()}


def _strict(parts: Parts) -> Parts:
    pairs = ((MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main"),
             (LINKS, "http://purl.oclc.org/ooxml/officeDocument/relationships"))  # fmt: skip
    for old, new in pairs:
        parts = {name: data.replace(old.encode(), new.encode()) for name, data in parts.items()}
    return parts


def _another_sheet(kind: str, folder: str, root: str, *, related: bool = True) -> Callable[[Parts], Parts]:
    """A sheet of another kind before the register's, or one that leads nowhere."""

    def change(parts: Parts) -> Parts:
        book = parts["xl/workbook.xml"].replace(b"<sheets>", b'<sheets><sheet name="Lain" sheetId="9" r:id="rId99"/>')
        if b"xmlns:r=" not in book:
            book = book.replace(b"<workbook ", f'<workbook xmlns:r="{LINKS}" '.encode(), 1)
        link = f'<Relationship Id="rId99" Type="{LINKS}/{kind}" Target="{folder}/sheet1.xml"/>'
        rels = parts["xl/_rels/workbook.xml.rels"]
        rels = rels.replace(b"</Relationships>", f"{link}</Relationships>".encode()) if related else rels
        sheet = {f"xl/{folder}/sheet1.xml": f'<{root} xmlns="{MAIN}"/>'.encode()} if related else {}
        return {**parts, "xl/workbook.xml": book, "xl/_rels/workbook.xml.rels": rels, **sheet}

    return change


def _cell(cell: str, xml: str) -> Callable[[Parts], Parts]:
    def change(parts: Parts) -> Parts:
        sheet = parts["xl/worksheets/sheet1.xml"].decode()
        new = re.sub(rf'<c r="{cell}".*?</c>', xml, sheet)
        assert new != sheet
        return {**parts, "xl/worksheets/sheet1.xml": new.encode()}

    return change


def _template(kind: str) -> Callable[[Parts], Parts]:
    return _in("[Content_Types].xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main", kind)


UNUSUAL: dict[str, tuple[str, Callable[[Parts], Parts]]] = {
    "sheet state show": ("xlsx", _in("xl/workbook.xml", 'state="visible"', 'state="show"')),
    "a sheet whose relation is absent": ("xlsx", _another_sheet("", "", "", related=False)),
    "a sheet of Excel 4 macros": ("xlsm", _another_sheet("xlMacrosheet", "macrosheets", "macrosheet")),
    "a sheet of a dialog": ("xlsx", _another_sheet("dialogsheet", "dialogsheets", "dialogsheet")),
    "a sheet that is a chart": ("xlsx", _another_sheet("chartsheet", "chartsheets", "chartsheet")),
    "a sheet of an international macro": ("xlsm", _another_sheet("xlIntlMacrosheet", "macrosheets", "macrosheet")),
    "merged whole columns": (
        "xlsx", _in("xl/worksheets/sheet1.xml", "</sheetData>",
                    '</sheetData><mergeCells count="1"><mergeCell ref="H:I"/></mergeCells>')),
    "merged whole rows": (
        "xlsx", _in("xl/worksheets/sheet1.xml", "</sheetData>",
                    '</sheetData><mergeCells count="1"><mergeCell ref="8:9"/></mergeCells>')),
    "the workbook's part elsewhere": ("xlsx", _moved),
    "names of parts with backslashes": ("xlsx", _backslashes),
    "Strict Open XML": ("xlsx", _strict),
    "a date with Z": ("xlsx", _cell("B2", '<c r="B2" t="d"><v>2026-01-05T08:00:00.000Z</v></c>')),
    "a date without a zone": ("xlsx", _cell("B2", '<c r="B2" t="d"><v>2026-01-05T08:00:00</v></c>')),
    "an inline text in v": ("xlsx", _cell("C2", '<c r="C2" t="inlineStr"><v>KTP-el</v></c>')),
    "an inline text": ("xlsx", _cell("C2", '<c r="C2" s="0" t="inlineStr"><is><t>KTP-el</t></is></c>')),
    "a template": ("xltx", _template("application/vnd.openxmlformats-officedocument.spreadsheetml.template.main")),
    "a template with macros": ("xltm", _template("application/vnd.ms-excel.template.macroEnabled.main")),
    "a workbook with macros": ("xlsm", _template("application/vnd.ms-excel.sheet.macroEnabled.main")),
}  # fmt: skip


@pytest.mark.parametrize("name", UNUSUAL)
def test_it_is_read(name: str, tmp_path: Path) -> None:
    ending, change = UNUSUAL[name]
    path = tmp_path / f"register.{ending}"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, data in change(_parts()).items():
            archive.writestr(part, data)
    (case,) = read_register(path).cases.data.to_dict("records")
    assert [case["number"], str(case["found_at"]), case["service"], case["found_by"]] == [
        ROW[0], "2026-01-05 08:00:00", "KTP-el", "Budi",
    ]  # fmt: skip


def _root_of_mac(data: bytes) -> bytes:
    """The directory of Excel for Mac calls its root R."""
    place = data.index("Root Entry\0".encode("utf-16-le"))
    return data[:place] + "R".encode("utf-16-le").ljust(64, b"\0") + b"\x04\0" + data[place + 66 :]


def _capitals(data: bytes) -> bytes:
    return data.replace("Workbook\0".encode("utf-16-le"), "WORKBOOK\0".encode("utf-16-le"))


def test_an_xls_of_excel_for_mac_and_one_in_capitals_are_read(converted: Callable[..., None], tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Register"
    for row in (HEAD, ROW):
        book.active.append(row)
    book.save(tmp_path / "register.xlsx")
    converted("xls", tmp_path, tmp_path / "register.xlsx")
    made = (tmp_path / "register.xls").read_bytes()
    for change in (_root_of_mac, _capitals):
        assert change(made) != made
        (tmp_path / "lain.xls").write_bytes(change(made))
        assert read_register(tmp_path / "lain.xls").cases.data["number"].tolist() == [ROW[0]]
