"""Workbooks that mean harm or are written oddly, made in memory; and the process that opens them one by one.

Called with a folder and limits; prints one line of JSON for each file: how it ended, seconds of processor time, peak
memory in MB, cases read. See test_hostile_books.py.
"""

from __future__ import annotations

import io
import json
import random
import resource
import struct
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

Parts = dict[str, bytes]
READ = "dibaca"  # what is expected of a workbook that is odd and harmless
ANY = ""  # read, or refused with one sentence
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
HEADERS = ("No. Catatan", "Tanggal Ditemukan", "Jenis Layanan", "Uraian Ketidaksesuaian", "Ditemukan Oleh", "Status")
VALUES = ("001/CLTS/III/2026", "2026-03-02", "Surat Pindah", "Salah nama", "Ratna Anggraini", "Proses")
LONG = 32_767
SHEET, STRINGS, BOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
BOOK_RELS, ROOT = "xl/_rels/workbook.xml.rels", "_rels/.rels"


def relations(*targets: tuple[str, str]) -> bytes:
    one = '<Relationship Id="rId{}" Type="{}/{}" Target="{}"/>'
    inside = "".join(one.format(at, LINKS, kind, target) for at, (kind, target) in enumerate(targets, start=1))
    return f'<Relationships xmlns="{RELS}">{inside}</Relationships>'.encode()


def book_xml(*sheets: tuple[str, str], more: str = "") -> bytes:
    inside = "".join(f'<sheet name="{n}" sheetId="{i}" {a}/>' for i, (n, a) in enumerate(sheets, start=1))
    return f'<workbook {MAIN} xmlns:r="{LINKS}">{more}<sheets>{inside}</sheets></workbook>'.encode()


def rows_xml(extra: str = "") -> str:
    """The header and one case, by shared texts 0 to 11."""
    cells = [
        "".join(f'<c r="{"ABCDEF"[i]}{row}" t="s"><v>{i + 6 * (row - 1)}</v></c>' for i in range(6)) for row in (1, 2)
    ]
    return f'<row r="1">{cells[0]}</row><row r="2">{cells[1]}</row>{extra}'


def sheet_xml(extra: str = "", before: str = "", after: str = "") -> bytes:
    return f"<worksheet {MAIN}>{before}<sheetData>{rows_xml(extra)}</sheetData>{after}</worksheet>".encode()


def strings_xml(*more: str, counts: str = 'uniqueCount="12"') -> bytes:
    texts = "".join(f"<si><t>{text}</t></si>" for text in (*HEADERS, *VALUES))
    return f"<sst {MAIN} {counts}>{texts}{''.join(more)}</sst>".encode()


def plain_parts() -> Parts:
    return {
        ROOT: relations(("officeDocument", BOOK)),
        BOOK: book_xml(("Register", 'r:id="rId1"')),
        BOOK_RELS: relations(("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")),
        SHEET: sheet_xml(),
        STRINGS: strings_xml(),
    }


def zipped(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method, compresslevel=1) as package:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name)
            info.filename = name  # as it is, also with a backslash on Windows
            info.compress_type = method
            package.writestr(info, content)
    return out.getvalue()


def changed(changes: Mapping[str, bytes | None]) -> bytes:
    parts: dict[str, bytes | None] = {**plain_parts(), **changes}
    return zipped({name: content for name, content in parts.items() if content is not None})


def cell(address: str, row: int, inside: str = "<v>1</v>", given: str = "") -> str:
    return f'<row r="{row}"><c r="{address}"{given}>{inside}</c></row>'


FAR = cell("XFD1048576", 1048576)
MISNAMED = {
    "huruf-lain": ("xl/Worksheets/Sheet1.XML", "worksheets/sheet1.xml"),
    "garis-balik": ("xl\\worksheets\\sheet1.xml", "worksheets/sheet1.xml"),
    "folder-lain": ("xl/lembar/sheet1.xml", "lembar/sheet1.xml"),
    "folder-grafik": ("xl/chartsheets/sheet1.xml", "chartsheets/sheet1.xml"),
    "mutlak": ("isi/satu.xml", "/isi/satu.xml"),
    "tanpa-akhiran": ("xl/worksheets/sheet1", "worksheets/sheet1"),
    "akhiran-lain": ("xl/worksheets/sheet1.dat", "worksheets/sheet1.dat"),
    "naik-turun": ("xl/worksheets/sheet1.xml", "../xl/./worksheets/sheet1.xml"),
    "balik-di-sasaran": ("xl/worksheets/sheet1.xml", "worksheets\\sheet1.xml"),
}


def misnamed() -> Iterator[tuple[str, bytes, str]]:
    """Sheets under other names: read where they are harmless, and looked through where they are not."""
    for name, (part, target) in MISNAMED.items():
        links = relations(("worksheet", target), ("sharedStrings", "sharedStrings.xml"))
        for kind, extra, said in (("wajar", "", READ), ("jauh", FAR, "XFD1048576")):
            yield f"nama-{name}-{kind}", changed({SHEET: None, BOOK_RELS: links, part: sheet_xml(extra)}), said
        dtd = b'<!DOCTYPE x [<!ENTITY a "a">]>' + sheet_xml()
        yield f"nama-{name}-dtd", changed({SHEET: None, BOOK_RELS: links, part: dtd}), "entitas"
    twin = {"xl\\worksheets\\sheet1.xml": sheet_xml(FAR)}
    yield "nama-kembar-garis-balik", changed(twin), "nama yang sama"
    yield "nama-kembar-huruf", changed({"xl/Worksheets/Sheet1.xml": sheet_xml(FAR)}), "nama yang sama"


def counted() -> Iterator[tuple[str, bytes, str]]:
    for count in ("4294967295", "18446744073709551615", "9" * 40, "2000000"):
        yield f"hitung-{len(count)}", changed({STRINGS: strings_xml(counts=f'uniqueCount="{count}"')}), READ
    yield "hitung-petik", changed({STRINGS: strings_xml(counts="uniqueCount = '4294967295'")}), READ
    prefixed = strings_xml(counts='uniqueCount="4294967295"').replace(b"<", b"<x:").replace(b"<x:/", b"</x:")
    yield "hitung-berawalan", changed({STRINGS: prefixed.replace(b"xmlns=", b"xmlns:x=")}), READ
    yield "hitung-sedikit", changed({STRINGS: strings_xml(counts='count="1" uniqueCount="3"')}), READ
    yield "hitung-bohong-kecil", changed({STRINGS: strings_xml(counts='uniqueCount="500"')}), READ
    lying = strings_xml(counts='uniqueCount="4294967295"').replace(b"<si>", b"<!-- - --><si>", 1)
    yield "hitung-komentar", changed({STRINGS: lying}), READ
    hidden = b"<!-- <si> -->" + strings_xml(counts='uniqueCount="4294967295"')
    yield "hitung-sesudah-palsu", changed({STRINGS: hidden}), "jumlah teks"
    bare = strings_xml(counts="uniqueCount=4294967295")
    yield "hitung-telanjang", changed({STRINGS: bare}), ANY
    late = strings_xml(counts='a="<si>" uniqueCount="4294967295"')
    yield "hitung-dalam-nilai", changed({STRINGS: late}), ANY
    yield "ukuran-bohong", changed({SHEET: sheet_xml(before='<dimension ref="A1:XFD1048576"/>')}), READ
    yield "ukuran-terbalik", changed({SHEET: sheet_xml(before='<dimension ref="XFD1048576:A1"/>')}), ANY
    yield "ukuran-rusak", changed({SHEET: sheet_xml(before='<dimension ref="??"/>')}), ANY


def many_cells(count: int, index: int) -> str:
    body = f'" t="s"><v>{index}</v></c>'
    rows = range(3, 3 + count // 20)
    cells = ("".join(f'<c r="{column}{row}{body}' for column in "ABCDEFGHIJKLMNOPQRST") for row in rows)
    return "".join(f'<row r="{row}">{inside}</row>' for row, inside in zip(rows, cells, strict=True))


def texts() -> Iterator[tuple[str, bytes, str]]:
    long, much, too_long = "y" * LONG, "lebih banyak teks", "lebih panjang dari satu sel"
    used = {"banyak": 60_000, "sedang": 10_000}
    for name, count in used.items():
        parts = {STRINGS: strings_xml(f"<si><t>{long}</t></si>"), SHEET: sheet_xml(many_cells(count, 12))}
        yield f"teks-panjang-{name}", changed(parts), much
    parts = {STRINGS: strings_xml(f"<si><t>{long}</t></si>"), SHEET: sheet_xml(many_cells(20, 12))}
    yield "teks-panjang-jarang", changed(parts), READ
    wide = {STRINGS: strings_xml(f"<si><t>😀{'y' * 20_000}</t></si>"), SHEET: sheet_xml(many_cells(6_000, 12))}
    yield "teks-lebar", changed(wide), much
    hidden = many_cells(60_000, 12).replace('t="s"', "t='s'")
    yield "teks-kutip-lain", changed({STRINGS: strings_xml(f"<si><t>{long}</t></si>"), SHEET: sheet_xml(hidden)}), much
    first = many_cells(60_000, 12).replace("<v>", "<f>1</f><v>")
    yield "teks-rumus", changed({STRINGS: strings_xml(f"<si><t>{long}</t></si>"), SHEET: sheet_xml(first)}), much
    for size in (LONG + 1, 100_000, (1 << 20) - 100, 3 << 20, 6 << 20):
        yield f"teks-bersama-{size}", changed({STRINGS: strings_xml(f"<si><t>{'z' * size}</t></si>")}), too_long
        for kind, inside in (("inlineStr", "<is><t>{}</t></is>"), ("str", "<f>A1</f><v>{}</v>")):
            extra = cell("A3", 3, inside.format("z" * size), f' t="{kind}"')
            yield f"teks-{kind}-{size}", changed({SHEET: sheet_xml(extra)}), too_long
    pieces = "".join(f"<r><rPr><b/></rPr><t>{'z' * 100}</t></r>" for _ in range(400))
    yield "teks-kaya", changed({STRINGS: strings_xml(f"<si>{pieces}</si>")}), too_long
    yield "teks-kaya-wajar", changed({STRINGS: strings_xml(f"<si>{pieces[: len(pieces) // 2]}</si>")}), READ
    yield "teks-tersandi", changed({STRINGS: strings_xml(f"<si><t>{'&amp;' * LONG}</t></si>")}), READ
    inside = f"<si><t><![CDATA[{'<si>' * 9_000}]]></t></si>"
    yield "teks-cdata", changed({STRINGS: strings_xml(inside)}), too_long
    yield "teks-cdata-wajar", changed({STRINGS: strings_xml("<si><t><![CDATA[<si>]]></t></si>")}), READ
    repeated = f"""<row r="3">{'<c r="A3"><v>1</v></c>' * 700_000}</row>"""
    links = relations(
        *(("worksheet", f"worksheets/sheet{n}.xml") for n in (1, 2)), ("sharedStrings", "sharedStrings.xml")
    )
    same = {SHEET: sheet_xml(repeated), SHEET.replace("1", "2"): sheet_xml(repeated), BOOK_RELS: links}
    both = book_xml(("Register", 'r:id="rId1"'), ("Lain", 'r:id="rId2"'))
    yield "sel-sama", changed({**same, BOOK: both}), "lebih banyak teks atau angka"


def far() -> Iterator[tuple[str, bytes, str]]:
    """A slip far from the data costs nothing; one at the sheet's very end is said."""
    slips = {
        "XFD900": [("XFD900", 900)], "XFD1": [("XFD1", 1)], "A1048576": [("A1048576", 1048576)],
        "dua": [("XFD900", 900), ("B60000", 60_000)], "tengah": [("AZZ40000", 40_000)],
        "T1048576": [("T1048576", 1048576)],
    }  # fmt: skip
    for name, cells in slips.items():
        yield f"jauh-{name}", changed({SHEET: sheet_xml("".join(cell(*one) for one in cells))}), READ
        blank = "".join(cell(*one, "", ' s="0"') for one in cells)
        yield f"jauh-kosong-{name}", changed({SHEET: sheet_xml(blank)}), READ
    yield "jauh-akhir", changed({SHEET: sheet_xml(FAR)}), "XFD1048576"
    yield "jauh-akhir-kosong", changed({SHEET: sheet_xml(cell("XFD1048576", 1048576, "", ' s="0"'))}), READ
    spread = "".join(
        cell(f"{'ABCDEFGHIJ'[r % 10]}{'ZZ' if r % 2 else ''}{3 + 90 * r}", 3 + 90 * r) for r in range(9000)
    )
    yield "jauh-tersebar", changed({SHEET: sheet_xml(spread)}), ANY
    prefixed = sheet_xml(cell("XFD900", 900)).replace(b"<", b"<x:").replace(b"<x:/", b"</x:")
    yield "jauh-berawalan", changed({SHEET: prefixed.replace(b"xmlns=", b"xmlns:x=")}), READ
    for address, row in (
        ("A0", 3),
        ("ZZZZ1", 3),
        ("A99999999999", 3),
        ("", 3),
        ("1A", 3),
        ("A-1", 3),
        ("A16777216", 3),
    ):
        yield f"alamat-{address or 'kosong'}", changed({SHEET: sheet_xml(cell(address, row))}), ANY
    hidden = (
        '<row r="3"><x:c r="XFD1048576"><x:v>1</x:v></x:c></row>',
        '<row r="3"><c r="A3" r="XFD1048576"><v>1</v></c></row>',
        "<row r='3'><c r=\"A3\"\tr='XFD1048576'><v>1</v></c></row>",
        '<row r="1048576"><c r="XFC3"><v>1</v></c><c><v>1</v></c></row>',
        '<row r="A1048576"><c r="XFC3"><v>1</v></c><c><v>1</v></c></row>', f'</sheetData><sheetData>{FAR}',
        f'<a b="</sheetData>"/>{FAR}', f"<!-- </sheetData> -->{FAR}", f"<![CDATA[</sheetData>]]>{FAR}",
        f'<?x </sheetData> ?>{FAR}', f"</x:sheetData><x:sheetData>{FAR}</x:sheetData>",
        '<row r="3"><c r="A3"r="XFD1048576"><v>1</v></c></row>',
        '<row r="3"><c r="A3" s=\'0\'r="XFD1048576"><v>1</v></c></row>',
        '<row r="3"><c r="A3" r = "XFD1048576"><v>1</v></c></row>', '<row r="3"><c r="xfd1048576"><v>1</v></c></row>',
    )  # fmt: skip
    for number, extra in enumerate(hidden):
        yield f"sembunyi-{number}", changed({SHEET: sheet_xml(extra)}), ANY
    stray = sheet_xml(FAR).replace(b"<sheetData>", b'<a b="<sheetData>"></sheetData><sheetData>', 1)
    yield "sembunyi-awal", changed({SHEET: stray}), ANY
    yield "baris-besar", changed({SHEET: sheet_xml('<row r="4294967295"><c><v>1</v></c></row>')}), ANY


def encodings() -> Iterator[tuple[str, bytes, str]]:
    strange = "UTF-8"
    for name in (SHEET, STRINGS, BOOK, BOOK_RELS, ROOT):
        content = plain_parts()[name]
        stem = name.replace("/", "-").strip("_")
        yield f"sandi-16-{stem}", changed({name: content.decode().encode("utf-16")}), strange
        latin = b'<?xml version="1.0" encoding="ISO-8859-1"?>' + content
        yield f"sandi-latin-{stem}", changed({name: latin}), strange
        yield f"dtd-{stem}", changed({name: b'<!DOCTYPE a [<!ENTITY b "c">]>' + content}), "entitas"
        yield f"putus-{stem}", changed({name: content[: len(content) // 2]}), "rusak"
    query = '<?xml version="1.0" encoding="utf-16"?><DataMashup>AAAA</DataMashup>'.encode("utf-16")
    yield "sandi-kueri", changed({"customXml/item1.xml": query}), READ
    yield "dtd-luar", changed({"customXml/item2.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'}), READ


def lying_size(extra: bytes, follow: bytes = b"") -> bytes:
    """A sheet whose packed bytes hold more than its directory says; `follow` comes after them."""
    parts = plain_parts()
    content = parts.pop(SHEET)
    data = zipped(parts)
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = packer.compress(content + extra) + packer.flush() + follow
    name = SHEET.encode()
    common = struct.pack("<HHHHHLLLHH", 20, 0, 8, 0, 33, zlib.crc32(content), len(packed), len(content), len(name), 0)
    end = data.rindex(b"PK\x05\x06")
    count, size, start = struct.unpack_from("<HLL", data, end + 10)
    local = b"PK\x03\x04" + common + name + packed
    entry = b"PK\x01\x02\x14\x00" + common + struct.pack("<HHHLL", 0, 0, 0, 0, start) + name
    directory = data[start : start + size] + entry
    tail = struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, count + 1, count + 1, len(directory), start + len(local), 0)
    return data[:start] + local + directory + tail


def zips() -> Iterator[tuple[str, bytes, str]]:
    whole = zipped(plain_parts())
    yield "zip-wajar", whole, READ
    yield "zip-tanpa-padat", zipped(plain_parts(), zipfile.ZIP_STORED), READ
    yield "zip-bzip2", zipped(plain_parts(), zipfile.ZIP_BZIP2), "rusak"
    yield "zip-lanjut", lying_size(b"<row/>" * 1000), "rusak"
    yield "zip-lanjut-panjang", lying_size(b"<row/>" * 2_000_000), "rusak"
    yield "zip-buntut", lying_size(b"", b"x" * 100_000), "rusak"
    for at in (4, len(whole) // 3, len(whole) - 30, len(whole) - 5):
        yield f"zip-putus-{at}", whole[:at], ANY
    yield "zip-awalan", b"PK" + whole, ANY
    yield "zip-rasio", changed({SHEET: sheet_xml("<row/>" * 4_000_000)}), "mengembang"
    yield "zip-rasio-luar", changed({"xl/media/a.xml": b"\0" * (30 << 20)}), "mengembang"
    yield "zip-keluar", changed({"../../jahat.xml": b"<a/>"}), "ke luar berkas"
    yield "zip-mutlak", changed({"/tmp/jahat.xml": b"<a/>"}), "ke luar berkas"
    yield "zip-banyak", changed({f"x{number}": b"" for number in range(10_001)}), "mengembang"
    coded = bytearray(whole)
    coded[6] |= 1
    coded[whole.index(b"PK\x01\x02") + 8] |= 1
    yield "zip-sandi", bytes(coded), "kata sandi"
    chance = random.Random(4)
    for number in range(10):
        spoiled = bytearray(whole)
        for _ in range(6):
            spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
        yield f"zip-rusak-{number}", bytes(spoiled), ANY


def structures() -> Iterator[tuple[str, bytes, str]]:
    same, twice = 'r:id="rId1"', "nama atau isi yang sama"
    yield "bagian-dua-kali", changed({BOOK: book_xml(("Register", same), ("Lain", same))}), twice
    yield "bagian-2000-kali", changed({BOOK: book_xml(*((f"L{n}", same) for n in range(2000)))}), twice
    other = relations(
        ("worksheet", "worksheets/sheet1.xml"), ("worksheet", "b.xml"), ("sharedStrings", "sharedStrings.xml")
    )
    pair = {"xl/b.xml": sheet_xml(), BOOK_RELS: other, BOOK: book_xml(("Register", same), ("Register", 'r:id="rId2"'))}
    yield "judul-sama", changed(pair), twice
    yield "hubungan-tidak-ada", changed({BOOK: book_xml(("Register", same), ("Lain", 'r:id="rId77"'))}), READ
    yield "bagian-tidak-ada", changed({SHEET: None}), "rusak"
    yield "keadaan-aneh", changed({BOOK: book_xml(("Register", f'state="show" {same}'))}), READ
    for kind in ("dialogsheet", "xlMacrosheet", "chartsheet", "aneh"):
        links = relations(
            ("worksheet", "worksheets/sheet1.xml"), (kind, "b.xml"), ("sharedStrings", "sharedStrings.xml")
        )
        both = book_xml(("Register", same), ("Lain", 'r:id="rId2"'))
        yield f"jenis-{kind}", changed({BOOK: both, BOOK_RELS: links, "xl/b.xml": b"<macrosheet/>"}), READ
    outer = BOOK_RELS.encode() and relations(("worksheet", "http://contoh.invalid/a.xml")).replace(
        b'Target="http', b'TargetMode="External" Target="http'
    )
    yield "lembar-di-luar", changed({BOOK_RELS: outer}), ANY
    yield "tanpa-akar", changed({ROOT: None}), READ
    yield "akar-ke-diri", changed({ROOT: relations(("officeDocument", ROOT))}), ANY
    yield "akar-ke-luar", changed({ROOT: relations(("officeDocument", "../../../etc/passwd"))}), ANY
    moved = {name.replace("xl/", "buku/").replace("workbook", "buku2"): part for name, part in plain_parts().items()}
    moved[ROOT] = relations(("officeDocument", "buku/buku2.xml"))
    yield "nama-lain-semua", zipped(moved), READ
    yield "buku-kosong", changed({BOOK: b"<a/>"}), "rusak"
    yield "hubungan-banyak", changed({BOOK_RELS: relations(*(("worksheet", f"x{n}.xml") for n in range(20_000)))}), ANY
    yield "xl-saja", zipped({BOOK: plain_parts()[BOOK]}), ANY


def contents() -> Iterator[tuple[str, bytes, str]]:
    given = [
        ("galat-aneh", "<v>#BUSY!</v>", ' t="e"'), ("jenis", "<v>1</v>", ' t="zz"'),
        ("gaya", "<v>1</v>", ' s="99999999"'),
        ("indeks", "<v>999999999</v>", ' t="s"'), ("indeks-minus", "<v>-1</v>", ' t="s"'), ("nan", "<v>NaN</v>", ""),
        ("tak-hingga", "<v>1e999</v>", ""), ("angka-panjang", f"<v>{'9' * 5000}</v>", ""),
        ("tanggal", "<v>2026-13-45T99</v>", ' t="d"'),
        ("bersama", '<f t="shared" si="4000000000">A1</f><v>1</v>', ""),
        ("larik", '<f t="array" ref="A1:XFD1048576">A1</f><v>1</v>', ""),
        ("lain", "<zzz>1</zzz>", ""), ("dalam", "<v>" * 3000, ""), ("kosong", "", ' t="s"'), ("nol", "<v>a\0b</v>", ""),
    ]  # fmt: skip
    for name, inside, how in given:
        yield f"isi-{name}", changed({SHEET: sheet_xml(cell("A3", 3, inside, how))}), ANY
    merged = '<mergeCells><mergeCell ref="A:XFD"/><mergeCell ref="A1:XFD1048576"/><mergeCell ref="Z9:A1"/></mergeCells>'
    yield "isi-gabungan", changed({SHEET: sheet_xml(after=merged)}), READ
    yield "isi-bersarang", changed({SHEET: sheet_xml("<a>" * 50_000)}), ANY
    formats = '<xf numFmtId="14"/>' * 100_000
    style = f"<styleSheet {MAIN}><cellXfs>{formats}</cellXfs></styleSheet>".encode()
    yield "isi-gaya-banyak", changed({"xl/styles.xml": style}), READ


TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
ODS_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"


def ods(rows: str, head: str = "") -> bytes:
    table = f'<table:table table:name="Register">{rows}</table:table>'
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    spaces = f'xmlns:table="{TABLE}" xmlns:text="{ODS_TEXT}" xmlns:office="{OFFICE}"'
    content = f"{head}<office:document-content {spaces}>{body}</office:document-content>".encode()
    manifest = b'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return zipped({"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest})


def ods_cell(text: str, given: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {given}><text:p>{text}</text:p></table:table-cell>'


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def foreign() -> Iterator[tuple[str, bytes, str]]:
    head = "".join(ods_cell(text) for text in HEADERS)
    row = "<table:table-row{}>{}</table:table-row>"
    case = row.format("", head) + row.format("", "".join(ods_cell(text) for text in VALUES))
    yield "ods-wajar", ods(case), READ
    across, down = 'table:number-columns-repeated="16384"', ' table:number-rows-repeated="1048000"'
    yield "ods-lebar", ods(case + row.format(down, ods_cell("x", across))), "jauh|lebih banyak"
    yield "ods-teks", ods(case + row.format("", ods_cell("y" * 30_000, across))), "lebih banyak teks"
    yield "ods-teks-panjang", ods(case + row.format("", ods_cell("y" * 40_000))), "lebih panjang"
    beyond = row.format(' table:number-rows-repeated="99999999"', ods_cell("x"))
    yield "ods-lewat", ods(case + beyond), "diulang"
    gap = row.format("", f"<table:table-cell {across.replace('16384', '16000')}/>{ods_cell('x')}")
    blank = row.format(' table:number-rows-repeated="900"', "<table:table-cell/>")
    yield "ods-jauh", ods(case + blank + gap), "jauh"
    yield "ods-dtd", ods(case, '<!DOCTYPE a [<!ENTITY b "c">]>'), "entitas"
    yield "ods-dalam", ods("<table:table-row>" * 20_000), "rusak"
    yield "xls-kosong", OLE + b"\0" * 600, "rusak"
    stream = "Workbook\0".encode("utf-16-le") + "Root Entry\0".encode("utf-16-le")
    yield "xls-acak", OLE + random.Random(7).randbytes(4000) + stream, "rusak"
    yield "xls-putaran", OLE + b"\0" * 20 + struct.pack("<100L", *([0] * 100)) + stream + b"\0" * 4000, "rusak"
    record = b"\x9c\x01\xff\xff\xff\x7f"
    yield (
        "xlsb-panjang",
        zipped({"xl/workbook.bin": record * 3, ROOT: relations(("officeDocument", "xl/workbook.bin"))}),
        ANY,
    )
    yield (
        "docx",
        zipped({"word/document.xml": b"<a/>", ROOT: relations(("officeDocument", "word/document.xml"))}),
        "Word",
    )


FAMILIES: tuple[Callable[[], Iterator[tuple[str, bytes, str]]], ...] = (
    misnamed, counted, texts, far, encodings, zips, structures, contents, foreign,
)  # fmt: skip


def write_books(folder: Path) -> dict[str, str]:
    """All of them into the folder; name -> what is expected."""
    expected = {}
    for family in FAMILIES:
        for name, data, said in family():
            assert name not in expected, name
            (folder / f"{name}.xlsx").write_bytes(data)
            expected[name] = said
    return expected


def peak() -> int:
    """MB that this process held at most since it was last asked."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    found = next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) // 1024
    Path("/proc/self/clear_refs").write_text("5")
    return found


def main(folder: Path, memory: int) -> None:
    from sopkit.errors import SopkitError
    from sopkit.register.read import read_register

    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    peak()
    for path in sorted(folder.iterdir()):
        print(json.dumps({"begun": path.stem}), flush=True)
        began = time.process_time()
        told = {"name": path.stem, "cases": -1, "remedy": "-", "code": 0}
        try:
            told |= {"end": READ, "cases": len(read_register(path).cases.data)}
        except SopkitError as error:
            told |= {"end": error.message, "remedy": error.remedy, "code": error.exit_code}
        except BaseException as error:
            told |= {"end": f"!{type(error).__name__}: {error}"[:200]}
        print(json.dumps(told | {"seconds": time.process_time() - began, "peak": peak()}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
