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
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from sopkit.errors import SopkitError
from sopkit.files import write_atomic
from sopkit.register.address import address_parts, letter

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SAFE_FORMATS = (".xlsx", ".xlsm")
BACKUPS = "cadangan"
ZIP64 = 0xFFFFFFFF


@dataclass(frozen=True)
class CellEdit:
    """A text for one empty cell: sheet name, A1 address, value."""

    sheet: str
    cell: str
    value: str


class WriteRefused(SopkitError):
    """The workbook is better left alone."""


def write_cells(path: Path, edits: Iterable[CellEdit], sha256: str) -> Path:
    """Write `edits` into the workbook at `path` and return the backup made beside it (folder `cadangan/`).

    `sha256` is of the bytes the edits were decided on. `WriteRefused` when the file is not xlsx/xlsm, is open in a
    spreadsheet program, has changed since it was read, is signed or shared, or a target holds a value or a formula
    or lies inside a merged range. Nothing is written then.
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
    return backup


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise WriteRefused(f"{path} tidak dapat dibaca ({error.strerror}).", "Tutup berkas itu di Excel.") from error


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
        names = [info.filename for info in archive.infolist()]
        _refuse_delicate(names)
        parts = _sheet_parts(archive)
        recalculate = any(b"<f" in archive.read(name) or b":f>" in archive.read(name) for name in parts.values())
        by_sheet: dict[str, dict[str, str]] = {}
        for edit in edits:
            by_sheet.setdefault(edit.sheet, {})[edit.cell] = edit.value
        changed = {
            parts[sheet]: spliced_sheet(archive.read(parts[sheet]), cells, recalculate)
            for sheet, cells in by_sheet.items()
        }
        return _replaced_members(data, archive, changed)


def _refuse_delicate(names: list[str]) -> None:
    if len(set(names)) != len(names):
        raise WriteRefused("Buku kerja memuat bagian ganda.", "Simpan ulang di Excel, lalu ulangi.")
    if any(name.startswith("_xmlsignatures/") for name in names):
        raise WriteRefused("Buku kerja ditandatangani secara digital.", "Hapus tanda tangan digitalnya lebih dahulu.")
    if any(name.startswith("xl/revisions/") for name in names):
        raise WriteRefused("Buku kerja dibagikan (shared workbook).", "Hentikan berbagi di Excel lebih dahulu.")


def _sheet_parts(archive: zipfile.ZipFile) -> Mapping[str, str]:
    """Sheet name -> name of its part."""
    from defusedxml.ElementTree import fromstring

    root = fromstring(archive.read("_rels/.rels"))
    book = next(r.attrib["Target"] for r in root if r.attrib["Type"].endswith("/officeDocument")).lstrip("/")
    folder, _, name = book.rpartition("/")
    relations = fromstring(archive.read(f"{folder}/_rels/{name}.rels"))
    targets = {r.attrib["Id"]: r.attrib["Target"] for r in relations}
    sheets = fromstring(archive.read(book)).iter(f"{{{MAIN}}}sheet")
    return {s.attrib["name"]: _absolute(folder, targets[s.attrib[f"{{{RELATIONSHIPS}}}id"]]) for s in sheets}


def _absolute(folder: str, target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"


@dataclass
class _Cell:
    column: int
    start: int
    end: int = 0
    style: str = ""
    formula: bool = False
    filled: bool = False


@dataclass
class _Row:
    start: int
    tag_end: int = 0
    end: int = 0
    style: str = ""
    cells: list[_Cell] = field(default_factory=list)


class _SheetMap:
    """Where things stand in a sheet's XML, in bytes: one pass, remembering only the rows that are asked for."""

    def __init__(self, xml: bytes, wanted: set[int]) -> None:
        self.xml, self.wanted = xml, wanted
        self.rows: dict[int, _Row] = {}
        self.row_starts: list[tuple[int, int]] = []
        self.columns: list[tuple[int, int, str]] = []
        self.merged: list[str] = []
        self.dimension: tuple[int, int, str] | None = None
        self.data_start = self.data_end = 0
        self.data_empty = False
        self.calculation: tuple[int, int] | None = None
        self.prefix = ""
        self._row = self._column = 0
        self._path: list[str] = []
        self._cell: _Cell | None = None
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        self._parser = parser
        parser.Parse(xml, True)

    def _tag(self) -> bytes:
        start = self._parser.CurrentByteIndex
        return self.xml[start : self.xml.index(b">", start) + 1]

    def _finish(self, start: int) -> int:
        """End of the element that began at `start` and ends here: expat stands after a self-closed tag, which is
        the whole element, and before an end tag."""
        place = self._parser.CurrentByteIndex
        tag_end = self.xml.index(b">", start) + 1
        closed = self.xml[tag_end - 2 : tag_end] == b"/>"
        return tag_end if closed else self.xml.index(b">", place) + 1

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        self._path.append(local if space == MAIN else "")
        handler = getattr(self, f"_start_{self._path[-1]}", None)
        if handler:
            handler(attributes)

    def _end(self, name: str) -> None:
        handler = getattr(self, f"_end_{self._path.pop()}", None)
        if handler:
            handler()

    def _text(self, text: str) -> None:
        if self._cell and self._path[-1] in ("v", "t"):
            self._cell.filled = True

    def _start_sheetData(self, attributes: Mapping[str, str]) -> None:  # noqa: N802
        self.data_start = self._parser.CurrentByteIndex
        match = re.match(rb"<([\w.-]+:)?", self._tag())
        self.prefix = (match[1] or b"").decode() if match else ""

    def _end_sheetData(self) -> None:  # noqa: N802
        self.data_end = self._finish(self.data_start)
        self.data_empty = self.xml[self.data_end - 2 : self.data_end] == b"/>"

    def _start_row(self, attributes: Mapping[str, str]) -> None:
        self._row = int(attributes.get("r", self._row + 1))
        self._column = 0
        start = self._parser.CurrentByteIndex
        self.row_starts.append((self._row, start))
        if self._row in self.wanted:
            style = attributes.get("s", "") if attributes.get("customFormat") in ("1", "true") else ""
            self.rows[self._row] = _Row(start, start + len(self._tag()), style=style)

    def _end_row(self) -> None:
        if self._row in self.rows:
            self.rows[self._row].end = self._finish(self.rows[self._row].start)

    def _start_c(self, attributes: Mapping[str, str]) -> None:
        reference = attributes.get("r")
        self._column = address_parts(reference)[1] if reference else self._column + 1
        if self._row in self.rows:
            self._cell = _Cell(self._column, self._parser.CurrentByteIndex, style=attributes.get("s", ""))
            self.rows[self._row].cells.append(self._cell)

    def _end_c(self) -> None:
        if self._cell:
            self._cell.end = self._finish(self._cell.start)
        self._cell = None

    def _start_f(self, attributes: Mapping[str, str]) -> None:
        if self._cell:
            self._cell.formula = True

    def _start_col(self, attributes: Mapping[str, str]) -> None:
        self.columns.append((int(attributes["min"]), int(attributes["max"]), attributes.get("style", "")))

    def _start_mergeCell(self, attributes: Mapping[str, str]) -> None:  # noqa: N802
        self.merged.append(attributes["ref"])

    def _start_dimension(self, attributes: Mapping[str, str]) -> None:
        start = self._parser.CurrentByteIndex
        self.dimension = (start, start + len(self._tag()), attributes.get("ref", ""))

    def _start_sheetCalcPr(self, attributes: Mapping[str, str]) -> None:  # noqa: N802
        self.calculation = (self._parser.CurrentByteIndex, 0)

    def _end_sheetCalcPr(self) -> None:  # noqa: N802
        assert self.calculation
        self.calculation = (self.calculation[0], self._finish(self.calculation[0]))


def spliced_sheet(xml: bytes, cells: Mapping[str, str], recalculate: bool) -> bytes:
    """The sheet's XML with the texts of `cells` (A1 -> text) as inline strings; all other bytes as they were.

    With `recalculate` the sheet asks to be calculated when it is opened: its stored results may read a new cell.
    """
    targets: dict[int, dict[int, str]] = {}
    for cell, text in cells.items():
        row, column = address_parts(cell)
        targets.setdefault(row, {})[column] = text
    sheet = _SheetMap(xml, set(targets))
    _refuse_merged(sheet, cells)
    splices = [splice for row, texts in targets.items() for splice in _row_splices(sheet, row, texts)]
    splices += _dimension_splice(sheet, targets)
    if recalculate:
        splices.append(_calculation_splice(sheet))
    if sheet.data_empty:
        splices = _opened_data(sheet, splices)
    for start, end, new in sorted(splices, key=lambda splice: splice[:2], reverse=True):
        xml = xml[:start] + new + xml[end:]
    return xml


Splice = tuple[int, int, bytes]


def _refuse_merged(sheet: _SheetMap, cells: Iterable[str]) -> None:
    for span in sheet.merged:
        first, _, last = span.partition(":")
        (top, left), (bottom, right) = address_parts(first), address_parts(last or first)
        for cell in cells:
            row, column = address_parts(cell)
            if top <= row <= bottom and left <= column <= right and cell != first:
                raise WriteRefused(f"Sel {cell} digabung dengan sel lain ({span}).", "Pisahkan sel itu di Excel.")


def _row_splices(sheet: _SheetMap, number: int, texts: Mapping[int, str]) -> list[Splice]:
    row = sheet.rows.get(number)
    if row is None:
        cells = "".join(
            _cell_xml(sheet, number, column, text, _column_style(sheet, column))
            for column, text in sorted(texts.items())
        )
        place = next((start for other, start in sheet.row_starts if other > number), _data_inner_end(sheet))
        return [(place, place, f'<{sheet.prefix}row r="{number}">{cells}</{sheet.prefix}row>'.encode())]
    splices = [_cell_splice(sheet, row, number, column, text) for column, text in sorted(texts.items())]
    merged: dict[tuple[int, int], bytes] = {}
    for start, end, new in splices:
        merged[start, end] = merged.get((start, end), b"") + new
    return _opened_row(sheet, row, [(start, end, new) for (start, end), new in merged.items()])


def _cell_splice(sheet: _SheetMap, row: _Row, number: int, column: int, text: str) -> Splice:
    for cell in row.cells:
        if cell.column == column:
            address = f"{letter(column)}{number}"
            if cell.formula or cell.filled:
                what = "rumus" if cell.formula else "nilai"
                raise WriteRefused(f"Sel {address} sudah berisi {what}.", "Periksa sel itu di Excel.")
            return cell.start, cell.end, _cell_xml(sheet, number, column, text, cell.style).encode()
    after = next((cell.start for cell in row.cells if cell.column > column), None)
    place = after if after is not None else (row.cells[-1].end if row.cells else row.tag_end)
    return place, place, _cell_xml(sheet, number, column, text, row.style or _column_style(sheet, column)).encode()


def _opened_row(sheet: _SheetMap, row: _Row, splices: list[Splice]) -> list[Splice]:
    """An empty `<row …/>` becomes a row with its new cells."""
    if row.end != row.tag_end:
        return splices
    tag = sheet.xml[row.start : row.tag_end]
    cells = b"".join(new for _, _, new in splices)
    return [(row.start, row.tag_end, tag[:-2].rstrip() + b">" + cells + f"</{sheet.prefix}row>".encode())]


def _opened_data(sheet: _SheetMap, splices: list[Splice]) -> list[Splice]:
    """An empty `<sheetData/>` becomes one with the new rows."""
    inside = sorted(s for s in splices if s[0] == sheet.data_end and b"sheetCalcPr" not in s[2])
    rows = b"".join(new for _, _, new in inside)
    whole = f"<{sheet.prefix}sheetData>".encode() + rows + f"</{sheet.prefix}sheetData>".encode()
    return [s for s in splices if s not in inside] + [(sheet.data_start, sheet.data_end, whole)]


def _data_inner_end(sheet: _SheetMap) -> int:
    return sheet.data_end if sheet.data_empty else sheet.xml.rindex(b"</", 0, sheet.data_end)


def _column_style(sheet: _SheetMap, column: int) -> str:
    return next((style for low, high, style in sheet.columns if low <= column <= high), "")


def _cell_xml(sheet: _SheetMap, row: int, column: int, text: str, style: str) -> str:
    p = sheet.prefix
    look = f" s={quoteattr(style)}" if style else ""
    content = f'<{p}is><{p}t xml:space="preserve">{escape(text)}</{p}t></{p}is>'
    return f'<{p}c r="{letter(column)}{row}"{look} t="inlineStr">{content}</{p}c>'


def _dimension_splice(sheet: _SheetMap, targets: Mapping[int, Mapping[int, str]]) -> list[Splice]:
    if sheet.dimension is None or not sheet.dimension[2]:
        return []
    start, end, reference = sheet.dimension
    first, _, last = reference.partition(":")
    (top, left), (bottom, right) = address_parts(first), address_parts(last or first)
    rows = [*targets, top, bottom]
    columns = [*(c for texts in targets.values() for c in texts), left, right]
    wide = f"{letter(min(columns))}{min(rows)}:{letter(max(columns))}{max(rows)}"
    if wide in (reference, f"{first}:{last or first}"):
        return []
    tag = sheet.xml[start:end]
    return [(start, end, tag.replace(f'"{reference}"'.encode(), f'"{wide}"'.encode()))]


def _calculation_splice(sheet: _SheetMap) -> Splice:
    asked = f'<{sheet.prefix}sheetCalcPr fullCalcOnLoad="1"/>'.encode()
    start, end = sheet.calculation or (sheet.data_end, sheet.data_end)
    return start, end, asked


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
