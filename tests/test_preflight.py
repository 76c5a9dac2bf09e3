"""Files that must not be opened, and what the ones that may be opened hide from a reader of values."""

from __future__ import annotations

import datetime as dt
import io
import os
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from workbooks import office_workbook, write_workbook

from sopkit.errors import SopkitError
from sopkit.excel.binary import head_of_xls
from sopkit.excel.calamine_reader import read_apart
from sopkit.excel.preflight import preflight
from sopkit.ooxml.sheet_scan import SheetFacts, _parse, look_through_sheet
from sopkit.register.read import read_register

MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEAD = b'<?xml version="1.0" encoding="UTF-8"?>'
SHEET = HEAD + b'<worksheet xmlns="' + MAIN + b'"><sheetData>%s</sheetData></worksheet>'


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return office_workbook(tmp_path_factory.mktemp("office") / "register.xlsx").read_bytes()


def changed(data: bytes, **parts: bytes | None) -> bytes:
    """A copy of a package with members replaced (`xl__sharedStrings` is xl/sharedStrings.xml), None to leave out."""
    given = {name.replace("__", "/") + ".xml": content for name, content in parts.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in [*source.namelist(), *(name for name in given if name not in source.namelist())]:
            content = given.get(name, source.read(name) if name in source.namelist() else None)
            if content is not None:
                target.writestr(name, content)
    return out.getvalue()


def sheet1(cells: bytes) -> dict[str, bytes]:
    return {"xl__worksheets__sheet1": SHEET % cells}


def _far_cell(data: bytes) -> bytes:
    far = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return changed(data, **sheet1(far))


def _far_cell_prefixed(data: bytes) -> bytes:
    far = b"<x:row><x:c r='A1'><x:v>1</x:v></x:c></x:row><x:row><x:c t='n' r = 'XFD1048576'><x:v>1</x:v></x:c></x:row>"
    root = b'<x:worksheet xmlns:x="' + MAIN + b'"><x:sheetData>' + far + b"</x:sheetData></x:worksheet>"
    return changed(data, xl__worksheets__sheet1=root)


def _far_cell_in_disorder(data: bytes) -> bytes:
    return changed(data, **sheet1(b'<row r="9"><c s="1" r="XFD1048576"><v>1</v></c><c r="A1"><v>1</v></c></row>'))


def _giant_text(data: bytes) -> bytes:
    cell = b'<c r="A1" t="inlineStr"><is><t>%s</t></is></c>' % (b"x" * (6 << 20))
    return changed(data, **sheet1(b'<row r="1">%s</row>' % cell))


def _giant_shared_text(data: bytes) -> bytes:
    return changed(data, xl__sharedStrings=b"<sst><si><t>%s</t></si></sst>" % (b"y" * (6 << 20)))


def _zip_bomb(data: bytes) -> bytes:
    return changed(data, xl__worksheets__sheet1=SHEET % (b"<row/>" * 4_000_000))


def _entities(data: bytes) -> bytes:
    entities = b'<!DOCTYPE sst [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    return changed(data, xl__sharedStrings=HEAD + entities + b"<sst><si><t>&b;</t></si></sst>")


def _utf16(data: bytes) -> bytes:
    return changed(data, xl__worksheets__sheet1=(SHEET % b"").decode().replace("UTF-8", "UTF-16").encode("utf-16"))


def _other_encoding(data: bytes) -> bytes:
    return changed(data, xl__worksheets__sheet1=(SHEET % b"").replace(b"UTF-8", b"ISO-8859-1"))


def _wrong_crc(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        place = package.getinfo("xl/sharedStrings.xml").header_offset
    at = place + 30 + len("xl/sharedStrings.xml") + 8
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def _twice(data: bytes) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as package, pytest.warns(UserWarning, match="Duplicate"):
        package.writestr("xl/workbook.xml", b"<workbook/>")
    return out.getvalue()


def _truncated(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _broken_xml(data: bytes) -> bytes:
    return changed(data, xl__workbook=b"<workbook><sheets>")


def _many_members(data: bytes) -> bytes:
    return changed(data, **{f"x{number}": b"" for number in range(10_001)})


HOSTILE = [
    (_far_cell, "terisi sampai sel XFD1048576"),
    (_far_cell_prefixed, "terisi sampai sel XFD1048576"),
    (_far_cell_in_disorder, "terisi sampai sel XFD1048576"),
    (_giant_text, "jauh lebih panjang|lebih panjang dari satu sel"),
    (_giant_shared_text, "lebih panjang dari satu sel"),
    (_zip_bomb, "mengembang"),
    (_entities, "entitas"),
    (_utf16, "UTF-8"),
    (_other_encoding, "UTF-8"),
    (_wrong_crc, "rusak"),
    (_twice, "nama yang sama"),
    (_truncated, "rusak"),
    (_broken_xml, "rusak"),
    (_many_members, "mengembang"),
]


@pytest.mark.parametrize(("spoil", "said"), HOSTILE, ids=[spoil.__name__.strip("_") for spoil, _ in HOSTILE])
def test_hostile_and_broken_workbooks_are_refused(office: bytes, spoil: object, said: str, tmp_path: Path) -> None:
    path = tmp_path / "register.xlsx"
    path.write_bytes(spoil(office))  # type: ignore[operator]
    with pytest.raises(SopkitError, match=said) as refused:
        read_register(path)
    assert refused.value.exit_code == 3
    assert refused.value.remedy


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.xls", b"<html><table><tr><td>1</td></tr></table></html>", "halaman web"),
        ("a.xls", b"\xef\xbb\xbf\n<TABLE>", "halaman web"),
        ("a.xls", b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "2003"),
        ("a.xlsx", b"No. Catatan;Tanggal\n001;2026-01-02\n", "CSV"),
        ("a.xlsx", "No\tTanggal\n".encode("utf-16"), "CSV"),
        ("a.xlsx", b"%PDF-1.7 ...", "PDF"),
        ("a.xlsx", b"\x00\x01\x02\x03", "bukan buku kerja"),
        ("a.xlsx", b"PK\x05\x06" + b"\x00" * 18, "arsip zip"),
        ("a.xlsx", b"", "kosong"),
        ("~$register.xlsx", b"\x05Ratna", "berkas kunci Excel"),
        ("a.xls", OLE + b"\x00" * 600, "rusak"),
        ("a.xls", OLE, "rusak"),
    ],
)
def test_what_is_no_workbook_is_called_by_its_name(name: str, data: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(SopkitError, match=said):
        read_register(path)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(SopkitError, match="tidak ditemukan"):
        read_register(tmp_path / "tidak-ada.xlsx")
    with pytest.raises(SopkitError, match="folder"):
        read_register(tmp_path)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root boleh membaca segalanya")
def test_a_file_one_may_not_read(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", {"X": [["a"]]})
    path.chmod(0)
    with pytest.raises(SopkitError, match="dikunci program lain atau tidak diizinkan"):
        read_register(path)


def test_a_protected_workbook(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(compound_file({"EncryptedPackage": b"\x00" * 4096, "EncryptionInfo": b"\x00" * 4096}))
    with pytest.raises(SopkitError, match="kata sandi"):
        read_register(path)


def test_a_protected_xls(tmp_path: Path) -> None:
    record = b"\x09\x08\x10\x00" + b"\x00\x06\x05\x00" + b"\x00" * 12 + b"\x2f\x00\x06\x00" + b"\x01" * 6
    path = tmp_path / "a.xls"
    path.write_bytes(compound_file({"Workbook": record.ljust(4096, b"\x00")}))
    with pytest.raises(SopkitError, match="kata sandi"):
        read_register(path)


@pytest.mark.parametrize(
    ("records", "told"),
    [
        (b"\x22\x00\x02\x00\x01\x00", (False, True)),
        (b"\x42\x00\x02\x00\xb0\x04" + b"\x22\x00\x02\x00\x00\x00", (False, False)),
        (b"\x2f\x00\x06\x00" + b"\x01" * 6, (True, False)),
        (b"\x31\x00\x02\x00\x00\x00" + b"\x22\x00\x02\x00\x01\x00", (False, False)),
        (b"\x22\x00", (False, False)),
    ],
)
def test_what_an_xls_says_at_its_head(records: bytes, told: tuple[bool, bool]) -> None:
    head = b"\x09\x08\x10\x00" + b"\x00\x06\x05\x00" + b"\x00" * 12
    assert head_of_xls(OLE + b"\x00" * 512 + head + records) == told
    assert head_of_xls(records) == (False, False)


def test_a_word_document(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(compound_file({"WordDocument": b"\x00" * 4096}))
    with pytest.raises(SopkitError, match="dokumen Word"):
        read_register(path)


def compound_file(streams: dict[str, bytes]) -> bytes:
    """A minimal OLE2 container: allocation table, directory, then streams of at least 4,096 bytes each."""
    table = [0xFFFFFFFD, 0xFFFFFFFE]
    directory, body = _entry("Root Entry", 5, 0xFFFFFFFE, 0), b""
    for name, content in streams.items():
        first, count = len(table), -(-len(content) // 512)
        table += [*range(first + 1, first + count), 0xFFFFFFFE]
        directory += _entry(name, 2, first, len(content))
        body += content.ljust(count * 512, b"\x00")
    head = OLE + b"\x00" * 16 + b"\x3e\x00\x03\x00\xfe\xff\x09\x00\x06\x00" + b"\x00" * 6
    head += struct.pack("<10I", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    chains = struct.pack(f"<{len(table)}I", *table)
    return head.ljust(512, b"\xff") + chains.ljust(512, b"\xff") + directory.ljust(512, b"\x00") + body


def _entry(name: str, kind: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\x00\x00"
    tree = b"\xff" * 12 + b"\x00" * 36
    return text.ljust(64, b"\x00") + struct.pack("<HBB", len(text), kind, 1) + tree + struct.pack("<IQ", start, size)


BOOK = {
    "Data": """
        No | Waktu | Nilai
        1 | 2026-03-02 08:15 | =A1+1
        2 | #N/A | =A1 => 3
        3 | #REF! | =A1 => teks
        4 | [] | 7
    """
}


def facts_of(path: Path) -> SheetFacts:
    return preflight(path.name, path.read_bytes()).sheets["Data"]


def test_what_readers_hide_is_seen(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", BOOK, hidden={"Data": [3, 4]}, merged={"Data": ["A4:A5"]})
    facts = facts_of(path)
    assert [(cell.row, cell.column, cell.shown) for cell in facts.errors] == [(3, 2, "#N/A"), (4, 2, "#REF!")]
    assert {column: rows.tolist() for column, rows in facts.formulas.items()} == {2: [3, 4], 3: [2, 3, 4]}
    assert {column: rows.tolist() for column, rows in facts.uncalculated.items()} == {3: [2]}
    assert facts.hidden_rows == (3, 4)
    assert facts.merged == ("A4:A5",)


def test_a_1904_workbook_is_known(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", BOOK, date_1904=True)
    assert preflight(path.name, path.read_bytes()).date_1904
    assert not preflight("b.xlsx", write_workbook(tmp_path / "b.xlsx", BOOK).read_bytes()).date_1904


def same(one: SheetFacts, other: SheetFacts) -> bool:
    def plain(facts: SheetFacts) -> object:
        columns = [{c: r.tolist() for c, r in part.items()} for part in (facts.formulas, facts.uncalculated)]
        return facts.errors, columns, facts.hidden_rows, facts.merged

    return plain(one) == plain(other)


CELL = st.sampled_from(
    [
        b'<c r="%s"><v>1</v></c>', b'<c r="%s" t="e"><v>#REF!</v></c>', b'<c r="%s"><f>A1</f></c>',
        b'<c r="%s" s="3"/>',
        b'<c r="%s" t="str"><f>A1</f><v></v></c>', b'<c r="%s"><f>A1</f><v></v></c>', b'<c r="%s"><f>A1</f><v/></c>',
        b'<c r="%s" t="e"><f>NA()</f><v>#N/A</v></c>', b'<c r="%s"><f t="shared" si="0"/><v>5</v></c>',
        b'<c r="%s" t="inlineStr"><is><t>t="e" hidden="1" r="A1"</t></is></c>', b'<c t="s" r="%s"><v>0</v></c>',
        b'<c r="%s" t="str"><f>A1</f><v xml:space="preserve"> x</v></c>',
    ]
)  # fmt: skip


ROW = st.sampled_from([b"", b' hidden="1"', b' ht="20" hidden="true"'])


@given(st.lists(st.tuples(ROW, st.lists(CELL, max_size=4))))
@settings(max_examples=200, deadline=None)
def test_the_fast_look_sees_what_the_parser_sees(rows: list[tuple[bytes, list[bytes]]]) -> None:
    body = b""
    for number, (attributes, cells) in enumerate(rows, start=1):
        inside = b"".join(cell % f"{'ABCD'[i]}{number}".encode() for i, cell in enumerate(cells))
        body += b'<row r="%d"%s>%s</row>' % (number, attributes, inside)
    xml = (SHEET % body).replace(b"</worksheet>", b'<mergeCells><mergeCell ref="A1:B2"/></mergeCells></worksheet>')
    chunks = [xml[at : at + 97] for at in range(0, len(xml), 97)]
    assert same(look_through_sheet(lambda: chunks), _parse(chunks))


@given(st.binary(max_size=600), st.sampled_from([b"", b"PK\x03\x04", OLE, b"<html", b"PK\x05\x06"]))
@example(b"", OLE)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_give_one_clear_error(tmp_path: Path, data: bytes, head: bytes) -> None:
    path = tmp_path / "any.xlsx"
    path.write_bytes(head + data)
    with pytest.raises(SopkitError) as refused:
        read_register(path)
    assert refused.value.message.endswith(".")


@given(st.lists(st.tuples(st.floats(0, 0.999999), st.integers(0, 255)), min_size=1, max_size=6))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_workbook_is_read_or_refused(tmp_path: Path, office: bytes, damage: list[tuple[float, int]]) -> None:
    spoiled = bytearray(office)
    for place, value in damage:
        spoiled[int(place * len(spoiled))] = value
    path = tmp_path / "damaged.xlsx"
    path.write_bytes(spoiled)
    try:
        register = read_register(path)
    except SopkitError:
        return
    assert register.source.sha256


def test_a_binary_workbook_is_read_in_a_process_of_its_own() -> None:
    """Calamine ends its process over some damaged xls: ours goes on and says so."""
    with pytest.raises(ValueError, match="exit"):
        read_apart(OLE + b"\x00" * 600)


def test_a_big_sheet_needs_no_parser(tmp_path: Path) -> None:
    rows = [[number, dt.datetime(2026, 1, 2), "teks", number / 7] for number in range(3000)]
    path = write_workbook(tmp_path / "a.xlsx", {"Data": [["No", "Waktu", "Uraian", "Nilai"], *rows]})
    assert facts_of(path) == SheetFacts()


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="A1" t="s"><v>1</v></c>',
        b'<c r="A1" t="s" s="3"><v xml:space="preserve">1</v></c>',
        b'<c r="A1" t="s"><v>&#49;</v></c>',
        b'<c r="A1" t="s"><v> 1</v></c>',
        b"<c r=\"A1\" t='s'><v>1</v></c>",
        b'<c r="A1" t= "s"><v>1</v></c>',
        b'<c r="A1" t="&#115;"><v>1</v></c>',
        b'<c r="A1" t="inlineStr"><is><t>' + b"x" * 30_000 + b"</t></is></c>",
        b'<c r="A1" t="str"><v>' + b't="inlineStr"' * 2_400 + b"</v></c>",
    ],
)
def test_no_way_of_writing_a_text_makes_it_smaller(cell: bytes) -> None:
    """What a cell shows is never counted short, and what only names or frames it hardly counts."""
    others = b"".join(b'<c r="%c2" t="s"><v>0</v></c>' % letter for letter in b"BCDEFGH")
    xml = SHEET % (b'<row r="1">' + cell + b'</row><row r="2">' + others + b"</row>")
    size = look_through_sheet(lambda: [xml], np.array([4, 29_000])).size
    assert size.text >= 29_000
    plain = cell.startswith(b'<c r="A1" t="s"><v>1')
    assert not plain or size.text < 30_000
