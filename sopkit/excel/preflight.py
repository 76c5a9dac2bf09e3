"""A spreadsheet is looked through before any parser opens it: refused when hostile, and what readers hide is noted."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar
from xml.etree.ElementTree import Element

from sopkit.errors import SopkitError
from sopkit.excel.binary import head_of_xls, holds, measure_xlsb, workbook_of_xlsb
from sopkit.ooxml.container import (
    BROKEN,
    CHUNK,
    Limits,
    Unsafe,
    chunks,
    opened,
    relations,
    relationships_name,
    tree,
)
from sopkit.ooxml.sheet_scan import (
    SheetFacts,
    TableArea,
    TooLargeError,
    UnclearError,
    look_through_ods,
    look_through_sheet,
)

MAX_FILE = 256 << 20
LIMITS = Limits(members=10_000, total=1 << 30, member=1 << 30)
"""100,000 rows of 30 columns unpack to about 150 MB, and sheets of equal rows to about 100 times their size."""
MAX_STRINGS = 20_000_000
MAX_RELATIONS = 1 << 20  # bytes of a sheet's relations in which its tables are looked for
TABLE_HEAD = 1 << 16  # bytes of a table's part in which it says where it stands
_TABLE = re.compile(rb"<(?:\w+:)?table\s[^>]*>")
_REFERENCE = re.compile(rb"\sref=[\"'][A-Z]{1,3}([0-9]{1,7}):[A-Z]{1,3}([0-9]{1,7})[\"']")
_TOTALS = re.compile(rb"\stotalsRowCount=[\"']([0-9]{1,4})[\"']")
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
Source = TypeVar("Source")
Seen = TypeVar("Seen")


@dataclass(frozen=True)
class Facts:
    """What the file is: `format` by its content, xlsx, xlsm, xls, xlsb or ods; `sheets` by name, none of xls, xlsb."""

    format: str
    date_1904: bool = False
    sheets: Mapping[str, SheetFacts] = field(default_factory=dict)


def preflight(name: str, data: bytes) -> Facts:
    """Look through the bytes of the file called `name`; `SopkitError` when it cannot or must not be opened."""
    if len(data) > MAX_FILE:
        raise hostile(name, f"berukuran {len(data) >> 20} MB")
    try:
        if data.startswith(OLE2):
            return _look_through_xls(name, data)
        if not data.startswith(b"PK"):
            raise _foreign(name, data)
        with opened(data, LIMITS) as package:
            return _look_through(name, package)
    except Unsafe as error:
        raise _refused(name, error) from error
    except BROKEN as error:
        raise unreadable(name) from error


def unreadable(name: str) -> SopkitError:
    return SopkitError(
        f"{name} rusak atau bukan buku kerja Excel yang utuh.",
        "Buka di Excel, pilih Perbaiki bila ditawarkan, lalu simpan ulang sebagai .xlsx.",
    )


def hostile(name: str, what: str) -> SopkitError:
    return SopkitError(
        f"{name} ditolak sebelum dibuka karena {what}.",
        "Salin datanya ke buku kerja baru dari `sopkit init`, atau minta berkas yang wajar dari pengirimnya.",
    )


def _refused(name: str, error: Unsafe) -> SopkitError:
    if error.kind == "encrypted":
        return password_protected(name)
    if error.kind == "encoding":
        return SopkitError(
            f"{name} tidak dapat dibaca dengan aman karena {error.what}.",
            "Buka di Excel lalu simpan ulang sebagai .xlsx.",
        )
    return hostile(name, error.what)


def password_protected(name: str) -> SopkitError:
    return SopkitError(
        f"{name} dilindungi kata sandi sehingga tidak dapat dibaca.",
        "Buka di Excel, hapus kata sandinya lewat File > Info > Proteksi Buku Kerja, lalu simpan.",
    )


def _foreign(name: str, data: bytes) -> SopkitError:
    """What the file is instead of a spreadsheet, said by its first bytes."""
    text = data[:4096].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    resave = "Buka di Excel lalu pilih Simpan Sebagai > Buku Kerja Excel (.xlsx)."
    if re.match(rb"<!doctype html|<html|<table|<head|<meta|<body|<div", text):
        return SopkitError(f"{name} adalah halaman web (HTML), bukan buku kerja Excel.", resave)
    if b"urn:schemas-microsoft-com:office:spreadsheet" in text:
        return SopkitError(f"{name} adalah XML Spreadsheet 2003, yang tidak dibaca.", resave)
    if text.startswith(b"%pdf"):
        return SopkitError(f"{name} adalah PDF, bukan buku kerja Excel.", "Pilih berkas Excel registernya.")
    if _looks_like_csv(data):
        return SopkitError(f"{name} adalah berkas teks (CSV), bukan buku kerja Excel.", resave)
    return SopkitError(f"{name} bukan buku kerja Excel.", "Pilih berkas .xlsx, .xlsm, .xls, .xlsb, atau .ods.")


def _looks_like_csv(data: bytes) -> bool:
    head = data[:4096]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.replace(b"\x00", b"")[2:]
    lines = [line for line in head.splitlines()[:5] if line.strip()]
    printable = not re.search(rb"[\x00-\x08\x0e-\x1f]", head)
    return printable and bool(lines) and any(mark in line for line in lines for mark in (b",", b";", b"\t"))


def _look_through(name: str, package: zipfile.ZipFile) -> Facts:
    names = set(package.namelist())
    if "xl/workbook.xml" in names:
        return _look_through_xlsx(name, package)
    if "xl/workbook.bin" in names:
        return _look_through_xlsb(name, package)
    if "content.xml" in names and _is_ods(package, names):
        return _look_through_ods(name, package)
    what = "dokumen Word" if "word/document.xml" in names else "arsip zip"
    raise SopkitError(f"{name} adalah {what}, bukan buku kerja Excel.", "Pilih berkas Excel registernya.")


def _parts(members: list[zipfile.ZipInfo]) -> Iterator[str]:
    """The parts that readers of values open; pictures and printer settings are nobody's business here."""
    for member in members:
        if member.filename.endswith((".xml", ".rels", ".bin")) and "printerSettings" not in member.filename:
            yield member.filename


def _is_ods(package: zipfile.ZipFile, names: set[str]) -> bool:
    kind = package.read("mimetype") if "mimetype" in names else b""
    return kind.strip().startswith(b"application/vnd.oasis.opendocument.spreadsheet")


def _look_through_xlsx(name: str, package: zipfile.ZipFile) -> Facts:
    for part in _parts(package.infolist()):
        if not part.startswith("xl/worksheets/") or part.endswith(".rels"):
            _drain(package, part)
    workbook = tree(package.read("xl/workbook.xml"))
    targets = _targets(package, "xl/workbook.xml")
    sheets = {}
    for sheet in _each(workbook, "sheet"):
        relation = next((v for k, v in sheet.attrib.items() if k.endswith("}id")), "")
        part = targets.get(relation, "")
        title = sheet.get("name", "")
        if part in package.namelist() and part.startswith("xl/worksheets/"):
            facts = _look(name, title, partial(_chunks, package, part), look_through_sheet)
            sheets[title] = replace(facts, tables=tuple(_tables(package, part)))
    properties = next(_each(workbook, "workbookPr"), None)
    date_1904 = properties is not None and properties.get("date1904", "0").lower() in ("1", "true", "on")
    kinds = package.read("[Content_Types].xml") if "[Content_Types].xml" in package.namelist() else b""
    return Facts("xlsm" if b"macroEnabled" in kinds else "xlsx", date_1904, sheets)


def _tables(package: zipfile.ZipFile, part: str) -> Iterator[TableArea]:
    """The Excel tables of a sheet, by what the head of each table's part says."""
    names, beside = set(package.namelist()), relationships_name(part)
    if beside not in names or package.getinfo(beside).file_size > MAX_RELATIONS:
        return
    try:
        related = relations(beside, package.read(beside))
    except (Unsafe, *BROKEN):  # no reader of values needs them
        return
    for relation in related:
        if relation.kind == "table" and relation.target in names:
            with package.open(relation.target) as stream:
                head = _TABLE.search(stream.read(TABLE_HEAD))
            span = _REFERENCE.search(head[0]) if head else None
            if head and span:
                totals = _TOTALS.search(head[0])
                yield TableArea(int(span[1]), int(span[2]), int(totals[1]) if totals else 0)


def _look_through_xlsb(name: str, package: zipfile.ZipFile) -> Facts:
    for part in _parts(package.infolist()):
        _drain(package, part)
    with package.open("xl/workbook.bin") as stream:
        date_1904, relations = workbook_of_xlsb(stream)
    targets, names = _targets(package, "xl/workbook.bin"), set(package.namelist())
    for title, relation in relations.items():
        part = targets.get(relation, "")
        if part in names and part.startswith("xl/worksheets/"):
            with package.open(part) as stream:
                _look(name, title, stream, measure_xlsb)
    return Facts("xlsb", date_1904)


def _look_through_xls(name: str, data: bytes) -> Facts:
    if not holds(data, "Root Entry"):
        raise unreadable(name)
    encrypted, date_1904 = head_of_xls(data)
    if encrypted or holds(data, "EncryptedPackage") or holds(data, "EncryptionInfo"):
        raise password_protected(name)
    if not (holds(data, "Workbook") or holds(data, "Book")):
        what = "dokumen Word" if holds(data, "WordDocument") else "berkas Office lain"
        raise SopkitError(f"{name} adalah {what}, bukan buku kerja Excel.", "Pilih berkas Excel registernya.")
    return Facts("xls", date_1904)


def _look(name: str, title: str, source: Source, look: Callable[[Source], Seen]) -> Seen:
    try:
        return look(source)
    except TooLargeError as error:
        where = f"lembar {title}" if title else "salah satu lembar"
        raise SopkitError(
            f"{name} ditolak sebelum dibuka: {where} terisi sampai sel {error.cell}, jauh di luar data.",
            "Buka di Excel, hapus isi baris dan kolom yang jauh di luar data, lalu simpan.",
        ) from error
    except UnclearError as error:
        raise hostile(name, error.what) from error


def _look_through_ods(name: str, package: zipfile.ZipFile) -> Facts:
    for part in _parts(package.infolist()):
        if part != "content.xml":
            _drain(package, part)
    return Facts("ods", False, _look(name, "", partial(_chunks, package, "content.xml"), look_through_ods))


def _each(root: Element, tag: str) -> Iterator[Element]:
    return (element for element in root.iter() if element.tag.rsplit("}", 1)[-1] == tag)


def _targets(package: zipfile.ZipFile, part: str) -> Mapping[str, str]:
    name = relationships_name(part)
    return {relation.id: relation.target for relation in relations(name, package.read(name))}


def _drain(package: zipfile.ZipFile, part: str) -> None:
    """Read a part to its end, so that its checksum and its texts are checked."""
    strings, shared = 0, part.endswith("sharedStrings.xml")
    for chunk in _chunks(package, part):
        here = chunk.count(b"<si") if shared else 0
        strings += here
        if shared and not here and len(chunk) == CHUNK and b":si" not in chunk:
            raise Unsafe("memuat teks yang lebih panjang dari satu sel Excel")
        if strings > MAX_STRINGS:
            raise Unsafe(f"memuat lebih dari {MAX_STRINGS:,} teks".replace(",", "."))


def _chunks(package: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """A part, piece by piece. A text that fills a whole piece is no cell's: Excel allows 32,767 characters."""
    for chunk in chunks(package, part):
        if len(chunk) == CHUNK and b"<" not in chunk and part.endswith((".xml", ".rels")):
            raise Unsafe(f"bagian {part} memuat teks yang lebih panjang dari satu sel Excel")
        yield chunk
