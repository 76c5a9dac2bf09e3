"""Writing a few cells into the staff's own workbook and changing nothing else.

The target cells are spliced into the sheet's XML by byte offset and every other member of the zip is copied as it
stands, so drawings, slicers, macros, comments, formulas and formats stay byte for byte.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from sopkit.errors import SopkitError, file_problem
from sopkit.files import write_atomic
from sopkit.language import list_text
from sopkit.ooxml.package import Package, sheet_parts
from sopkit.ooxml.sheet_edit import Cell, cell_splices, merged_cells, read_sheet
from sopkit.ooxml.xml_edit import UnclearPackageError, attribute, prefixed, spliced, text_xml
from sopkit.register.proof import differences

SAFE_FORMATS = (".xlsx", ".xlsm")
BACKUPS = "cadangan"
ZIP64 = 0xFFFFFFFF
FORMULA = re.compile(rb"<(?:[\w.-]+:)?f[\s/>]")  # within a cell
VALUE = re.compile(rb"<(?:[\w.-]+:)?[vt](?:\s[^<>]*)?(?<!/)>(?!</)")


@dataclass(frozen=True)
class CellEdit:
    """A text for one empty cell: sheet name, A1 address, value."""

    sheet: str
    cell: str
    value: str


class WriteRefused(SopkitError):
    """The workbook is better left alone."""


class NotAsSaid(SopkitError):
    """What was written is not what was to be written."""


def write_cells(path: Path, edits: Sequence[CellEdit], sha256: str) -> Path:
    """Write `edits` into the workbook at `path` and return the backup made beside it (folder `cadangan/`).

    `sha256` is of the bytes the edits were decided on. `WriteRefused` when the file is not xlsx/xlsm, is open in a
    spreadsheet program, has changed since it was read, is signed or shared, or a target holds a value or a formula
    or lies inside a merged range. Nothing is written then. `NotAsSaid` when an independent reader finds another
    change in the file than `edits`; it is put back then.
    """
    if path.suffix.lower() not in SAFE_FORMATS:
        raise WriteRefused(f"{path.name} bukan .xlsx atau .xlsm.", "Simpan sebagai .xlsx di Excel, lalu ulangi.")
    _refuse_open(path)
    data = _read(path)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise WriteRefused(f"{path.name} berubah sejak dibaca.", "Jalankan perintah ini sekali lagi.")
    changed = spliced_workbook(data, edits)
    backup = path.parent / BACKUPS / f"{path.stem}.{dt.datetime.now():%Y%m%d-%H%M%S}{path.suffix}"
    write_atomic(backup, data)
    write_atomic(path, changed)
    try:
        written = path.read_bytes()
    except OSError:  # a scanner holds the new file
        written = changed
    if wrong := differences(data, written, _by_sheet(edits)):
        what = f"{path.name} tidak tertulis sebagaimana mestinya: {list_text(wrong)}."
        raise NotAsSaid(what, _put_back(path, data, written, backup))
    return backup


def _put_back(path: Path, before: bytes, written: bytes, backup: Path) -> str:
    """Make the workbook what it was, unless somebody has changed it meanwhile; what came of it in Indonesian."""
    try:
        if path.read_bytes() == written:
            write_atomic(path, before)
            return "Buku kerja sudah dikembalikan seperti semula. Kirimkan salinannya kepada pengelola sopkit."
    except (OSError, SopkitError):
        pass  # said below
    return f"Buku kerja belum dapat dikembalikan. Tutup di Excel, lalu ganti dengan cadangannya: {backup}"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise file_problem(error, path, "dibaca") from error


def _refuse_open(path: Path) -> None:
    owners = (f"~${path.name}", f"~${path.name[2:]}", f".~lock.{path.name}#")
    if any((path.parent / owner).exists() for owner in owners):
        raise WriteRefused(f"{path.name} sedang dibuka.", "Simpan dan tutup berkas itu, lalu ulangi.")
    try:
        with path.open("r+b"):
            pass
    except OSError as error:
        raise WriteRefused(
            f"{path.name} sedang dibuka program lain atau hanya dapat dibaca.", "Tutup berkas itu, lalu ulangi."
        ) from error


def spliced_workbook(data: bytes, edits: Iterable[CellEdit]) -> bytes:
    """The bytes of the workbook with `edits` in place; every other member is the same bytes."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        _refuse_delicate([info.filename for info in archive.infolist()])
        try:
            changed = _changed_sheets(Package.read(data), edits)
        except UnclearPackageError as error:
            raise WriteRefused(
                f"Buku kerja ini {error}.", "Di Excel pilih Simpan Sebagai > Buku Kerja Excel (.xlsx), lalu ulangi."
            ) from error
        return _replaced_members(data, archive, changed)


def _changed_sheets(package: Package, edits: Iterable[CellEdit]) -> Mapping[str, bytes]:
    """Part -> its new content."""
    parts = sheet_parts(package)
    recalculate = any(b"<f" in package.parts[part] or b":f>" in package.parts[part] for part in parts.values())
    return {
        parts[sheet]: spliced_sheet(package.parts[parts[sheet]], texts, recalculate)
        for sheet, texts in _by_sheet(edits).items()
    }


def _by_sheet(edits: Iterable[CellEdit]) -> Mapping[str, Mapping[str, str]]:
    """Sheet -> A1 address -> text."""
    by_sheet: dict[str, dict[str, str]] = {}
    for edit in edits:
        by_sheet.setdefault(edit.sheet, {})[edit.cell] = edit.value
    return by_sheet


def _refuse_delicate(names: list[str]) -> None:
    if len(set(names)) != len(names):
        raise WriteRefused("Buku kerja memuat bagian ganda.", "Simpan ulang di Excel, lalu ulangi.")
    if any(name.startswith("_xmlsignatures/") for name in names):
        raise WriteRefused("Buku kerja ditandatangani secara digital.", "Hapus tanda tangan digitalnya lebih dahulu.")
    if any(name.startswith("xl/revisions/") for name in names):
        raise WriteRefused("Buku kerja dibagikan (shared workbook).", "Hentikan berbagi di Excel lebih dahulu.")


def spliced_sheet(xml: bytes, texts: Mapping[str, str], recalculate: bool) -> bytes:
    """The sheet's XML with these texts (A1 -> text) as inline strings; all other bytes as they were.

    With `recalculate` the sheet asks to be calculated when it is opened: its stored results may read a new cell.
    """
    sheet = read_sheet(xml)
    for cell, span in merged_cells(sheet, texts):
        if cell != span.partition(":")[0]:
            raise WriteRefused(f"Sel {cell} digabung dengan sel lain ({span}).", "Pisahkan sel itu di Excel.")
    splices = cell_splices(sheet, texts, lambda cell, text: _written(cell, text, sheet.root.prefix))
    if recalculate:
        asked = prefixed('<sheetCalcPr fullCalcOnLoad="1"/>', sheet.root.prefix)
        place = sheet.places.get("sheetCalcPr")
        splices.append((place.start, place.end, asked) if place else (sheet.data.end, sheet.data.end, asked))
    return spliced(xml, splices)


def _written(cell: Cell, text: str, prefix: bytes) -> bytes:
    """The cell with a text, when it was empty."""
    for what, held in (("rumus", FORMULA), ("nilai", VALUE)):
        if held.search(cell.rest):
            raise WriteRefused(f"Sel {cell.address} sudah berisi {what}.", "Periksa sel itu di Excel.")
    style = attribute(cell.tag, "s")
    look = f" s={quoteattr(style)}" if style else ""
    content = f'<is><t xml:space="preserve">{text_xml(text)}</t></is>'
    return prefixed(f'<c r="{cell.address}"{look} t="inlineStr">{content}</c>', prefix)


def _replaced_members(data: bytes, archive: zipfile.ZipFile, changed: Mapping[str, bytes]) -> bytes:
    """The zip with the members in `changed` replaced; all others copied as they are packed."""
    infos = sorted(archive.infolist(), key=lambda info: info.header_offset)
    directory = archive.start_dir
    ends = [info.header_offset for info in infos[1:]] + [directory]
    pieces, offset = [], 0
    places: dict[str, tuple[int, bytes | None]] = {}
    for info, end in zip(infos, ends, strict=True):
        if info.header_offset + 30 > end:
            raise WriteRefused("Susunan berkas buku kerja tidak lazim.", "Simpan ulang di Excel, lalu ulangi.")
        piece, numbers = data[info.header_offset : end], None
        if info.filename in changed:
            piece, numbers = _packed(piece, changed[info.filename])
        places[info.filename] = (offset, numbers)
        pieces.append(piece)
        offset += len(piece)
    entries, tail = _directory(data, directory, archive, places)
    return b"".join([*pieces, entries, _ending(tail, offset)])


def _packed(piece: bytes, content: bytes) -> tuple[bytes, bytes]:
    """A member's local record with new content, and the numbers that the directory repeats."""
    (name_length,) = struct.unpack("<H", piece[26:28])
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = packer.compress(content) + packer.flush()
    numbers = struct.pack("<LLL", zlib.crc32(content), len(packed), len(content))
    flags = struct.unpack("<H", piece[6:8])[0] & ~0x8
    head = piece[:6] + struct.pack("<HH", flags, 8) + piece[10:14] + numbers
    name = piece[30 : 30 + name_length]
    return head + struct.pack("<HH", name_length, 0) + name + packed, numbers


def _directory(
    data: bytes, start: int, archive: zipfile.ZipFile, places: Mapping[str, tuple[int, bytes | None]]
) -> tuple[bytes, bytes]:
    """The central directory with the new offsets, and what follows it."""
    entries, place = [], start
    for info in archive.infolist():
        lengths = struct.unpack("<HHH", data[place + 28 : place + 34])
        end = place + 46 + sum(lengths)
        entry = bytearray(data[place:end])
        if struct.unpack("<L", entry[42:46])[0] == ZIP64:
            raise WriteRefused("Buku kerja terlalu besar (zip64).", "Simpan ulang di Excel, lalu ulangi.")
        offset, numbers = places[info.filename]
        entry[42:46] = struct.pack("<L", offset)
        if numbers is not None:
            flags = struct.unpack("<H", entry[8:10])[0] & ~0x8
            entry[8:12] = struct.pack("<HH", flags, 8)
            entry[16:28] = numbers
        entries.append(bytes(entry))
        place = end
    return b"".join(entries), data[place:]


def _ending(tail: bytes, directory_offset: int) -> bytes:
    """The end record with the directory's new place."""
    if not tail.startswith(b"PK\x05\x06"):
        raise WriteRefused("Susunan berkas buku kerja tidak lazim.", "Simpan ulang di Excel, lalu ulangi.")
    ending: Any = bytearray(tail)
    ending[16:20] = struct.pack("<L", directory_offset)
    return bytes(ending)
