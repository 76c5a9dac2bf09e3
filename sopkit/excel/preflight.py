"""A spreadsheet is looked through before any parser opens it: refused when hostile, and what readers hide is noted."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from sopkit.errors import SopkitError
from sopkit.excel.binary import head_of_xls, holds, measure_xlsb, workbook_of_xlsb
from sopkit.excel.way_out import OtherForm
from sopkit.excel.xlsx import MAX_SMALL, Parts, book_part, look_through_xlsx
from sopkit.ooxml.container import BROKEN, Limits, Unsafe, opened, relations, relationships_name
from sopkit.ooxml.sheet_scan import SheetFacts, TooLargeError, UnclearError, look_through_ods

MAX_FILE = 256 << 20
LIMITS = Limits(members=10_000, total=1 << 30, member=1 << 30)
"""100,000 rows of 30 columns unpack to about 150 MB, and sheets of equal rows to about 100 times their size."""
SHARE, PER_BYTE = 256 << 20, 60  # bytes that any file may unpack to, and how many more for each byte of it
ODS = Limits(members=10_000, total=1 << 30, member=256 << 20, ratio=40, ratio_from=32 << 20)
OLDEST = re.compile(rb"\x09[\x00\x02\x04][\x04-\x08]\x00..[\x10\x20\x40\x00]", re.DOTALL)  # BOF of BIFF 2 to 4
MANIFEST = "META-INF/manifest.xml"
HEAVY = 12_000_000  # cells: beyond 100,000 cases with all their steps
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class Facts:
    """What the file is: `format` by its content, xlsx, xlsm, xls, xlsb or ods; `sheets` by name, none of xls, xlsb.

    `vetted` is what a reader of values may be given, of xlsx and xlsm alone; others are read in a process of its own.
    """

    format: str
    date_1904: bool = False
    sheets: Mapping[str, SheetFacts] = field(default_factory=dict)
    vetted: bytes = field(default=b"", repr=False)

    @property
    def heavy(self) -> bool:
        """Whether its values are so many that a reader is better held to limits."""
        return sum(sheet.size.cells for sheet in self.sheets.values()) > HEAVY


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
            return _look_through(name, data, package)
    except Unsafe as error:
        raise _refused(name, error) from error
    except UnclearError as error:
        raise hostile(name, error.what) from error
    except TooLargeError as error:
        raise _too_far(name, error) from error
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


def _too_far(name: str, error: TooLargeError) -> SopkitError:
    where = f"lembar {error.sheet}" if error.sheet else "salah satu lembar"
    return SopkitError(
        f"{name} ditolak sebelum dibuka: {where} terisi sampai sel {error.cell}, jauh di luar data.",
        "Buka di Excel, hapus isi baris dan kolom yang jauh di luar data, lalu simpan.",
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
    if b"<title>laporan pemeriksaan register" in text or re.match(rb"[\[{]+\s*\"register\"", text):
        return SopkitError(f"{name} adalah hasil sopkit, bukan register.", "Pilih berkas Excel registernya.")
    if re.match(rb"<!doctype html|<html|<table|<head|<meta|<body|<div", text):
        return OtherForm(f"{name} adalah halaman web (HTML), bukan buku kerja Excel.", ".xls")
    if b"urn:schemas-microsoft-com:office:spreadsheet" in text:
        return OtherForm(f"{name} adalah XML Spreadsheet 2003, yang tidak dibaca.", ".xml", ".xls")
    if OLDEST.match(data):
        return OtherForm(f"{name} adalah buku kerja Excel 2, 3, atau 4, yang tidak dibaca.", ".xls")
    if text.startswith(b"%pdf"):
        return SopkitError(f"{name} adalah PDF, bukan buku kerja Excel.", "Pilih berkas Excel registernya.")
    if re.match(rb"\{.*(?:docs\.google\.com|\"doc_id\")", text, re.DOTALL):
        return SopkitError(
            f"{name} hanya tautan ke Google Sheets, bukan buku kerja Excel.",
            "Buka di Google Sheets, lalu pilih File > Download > Microsoft Excel (.xlsx).",
        )
    if _looks_like_csv(data):
        return OtherForm(f"{name} adalah berkas teks (CSV), bukan buku kerja Excel.", ".csv", ".txt", ".tsv")
    return SopkitError(f"{name} bukan buku kerja Excel.", "Pilih berkas .xlsx, .xlsm, .xls, .xlsb, atau .ods.")


def _looks_like_csv(data: bytes) -> bool:
    head = data[:4096]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.replace(b"\x00", b"")[2:]
    lines = [line for line in head.splitlines()[:5] if line.strip()]
    printable = not re.search(rb"[\x00-\x08\x0e-\x1f]", head)
    return printable and bool(lines) and any(mark in line for line in lines for mark in (b",", b";", b"\t"))


def _look_through(name: str, data: bytes, package: zipfile.ZipFile) -> Facts:
    names = set(package.namelist())
    total = sum(member.file_size for member in package.infolist())
    if total > SHARE + PER_BYTE * len(data):
        raise Unsafe(f"isinya mengembang menjadi {total >> 20} MB")
    parts = Parts(data, package.infolist())
    book = book_part(parts)
    if book.endswith(".bin"):
        if "xl/workbook.bin" not in names:
            raise OtherForm(f"{name} menyimpan buku kerjanya di tempat yang tidak lazim, jadi tidak dapat dibaca.")
        return _look_through_xlsb(package)
    if book and not book.startswith(("word/", "ppt/", "visio/")):
        vetted = look_through_xlsx(parts, book)
        return Facts("xlsm" if vetted.macros else "xlsx", vetted.date_1904, vetted.sheets, vetted.package)
    if "content.xml" in names and _is_ods(package, names):
        if MANIFEST in names and b"encryption-data" in parts.small(MANIFEST):
            raise password_protected(name)
        with opened(data, ODS):  # all of it passes through expat
            return _look_through_ods(parts)
    if "Index.zip" in names or any(part.endswith(".iwa") for part in names):
        raise SopkitError(
            f"{name} adalah dokumen Numbers atau Pages (Apple), bukan buku kerja Excel.",
            "Buka di Numbers, lalu pilih File > Ekspor Ke > Excel.",
        )
    if "content.xml" in names and _is_sheet_of_odf(parts):  # without the part that says so first
        raise OtherForm(f"{name} adalah buku kerja ODS yang tidak lengkap.", ".ods")
    what = "dokumen Word" if "word/document.xml" in names else "arsip zip"
    raise SopkitError(f"{name} adalah {what}, bukan buku kerja Excel.", "Pilih berkas Excel registernya.")


def _is_ods(package: zipfile.ZipFile, names: set[str]) -> bool:
    if "mimetype" not in names:
        return False
    with package.open("mimetype") as stream:
        kind = stream.read(100)
    return kind.strip().startswith(b"application/vnd.oasis.opendocument.spreadsheet")


def _is_sheet_of_odf(parts: Parts) -> bool:
    return b"office:spreadsheet" in next(parts.pieces("content.xml"), b"")


def _look_through_xlsb(package: zipfile.ZipFile) -> Facts:
    with package.open("xl/workbook.bin") as stream:
        date_1904, related = workbook_of_xlsb(stream)
    rels = relationships_name("xl/workbook.bin")
    if package.getinfo(rels).file_size > MAX_SMALL:
        raise Unsafe("memuat terlalu banyak hubungan antarbagian")
    targets = {one.id: one.target for one in relations(rels, package.read(rels))}
    names = set(package.namelist())
    for title, link in related.items():
        part = targets.get(link, "")
        if part in names:
            with package.open(part) as stream:
                measure_xlsb(stream, title)
    return Facts("xlsb", date_1904)


def _look_through_xls(name: str, data: bytes) -> Facts:
    encrypted, date_1904 = head_of_xls(data)
    if encrypted or holds(data, "EncryptedPackage") or holds(data, "EncryptionInfo"):
        raise password_protected(name)
    if not (holds(data, "Workbook") or holds(data, "Book")):
        if not holds(data, "Root Entry"):
            raise unreadable(name)
        what = "dokumen Word" if holds(data, "WordDocument") else "berkas Office lain"
        raise SopkitError(f"{name} adalah {what}, bukan buku kerja Excel.", "Pilih berkas Excel registernya.")
    return Facts("xls", date_1904)


def _look_through_ods(parts: Parts) -> Facts:
    parts.check_rest({"content.xml"}, "")
    return Facts("ods", False, look_through_ods(partial(parts.pieces, "content.xml")))
