"""Writing a few cells into the staff's own workbook and changing nothing else.

The target cells are spliced into the sheet's XML by byte offset and every other member of the zip is copied as it
stands, so drawings, slicers, macros, comments, formulas and formats stay byte for byte.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from sopkit.errors import SopkitError, file_problem
from sopkit.files import abandoned, alone_in, exchange, remove, staged, sweep, sync_folder
from sopkit.language import list_text
from sopkit.ooxml.container import folded
from sopkit.ooxml.package import Package, sheet_parts
from sopkit.ooxml.sheet_edit import Cell, Sheet, cell_splices, merged_cells, read_sheet
from sopkit.ooxml.xml_edit import UnclearPackageError, attribute, prefixed, spliced, text_xml
from sopkit.register.proof import differences
from sopkit.text import quoteattr

SAFE_FORMATS = (".xlsx", ".xlsm")
BACKUPS = "cadangan"
ZIP64 = 0xFFFFFFFF
FORMULA = re.compile(rb"<(?:[\w.-]+:)?f[\s/>]")  # within a cell
NUMBER_FORMAT = re.compile(rb'<(?:[\w.-]+:)?numFmt\s[^<>]*?numFmtId="(\d+)"[^<>]*?formatCode="([^"]*)"')
VALUE = re.compile(rb"<(?:[\w.-]+:)?[vt](?:\s[^<>]*)?(?<!/)>(?!</)")


Value = str | dt.date


@dataclass(frozen=True)
class CellEdit:
    """A text or a date for one empty cell: sheet name, A1 address, value.

    A date is stored as one, and looks like others of its column; `date_as_text` where the workbook shows no dates.
    """

    sheet: str
    cell: str
    value: Value


class WriteRefused(SopkitError):
    """The workbook is better left alone."""


class NotAsSaid(SopkitError):
    """What was written is not what was to be written."""


def write_cells(path: Path, edits: Sequence[CellEdit], sha256: str) -> Path:
    """Write `edits` into the workbook at `path` and return the backup made beside it (folder `cadangan/`).

    `sha256` is of the bytes the edits were decided on. `WriteRefused` when the file is not xlsx/xlsm, is open in a
    spreadsheet program, has changed since it was read, is signed or shared, or a target holds a value or a formula
    or lies inside a merged range; `NotAsSaid` when an independent reader finds another change in the new file than
    `edits`. Nothing is written then.

    The new file changes places with whatever lies there at that moment. Where this is not what was read, somebody has
    saved meanwhile, and both change back.
    """
    demand_format(path)
    path = path.resolve()  # a link to the share's workbook stays one
    with _alone(path):
        _rescue(path)
        _refuse_open(path)
        data = _read(path)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise _changed(path, "sejak dibaca")
        new = _marked(staged(path, spliced_workbook(data, edits)))
        try:
            _prove(path, data, new, edits)
            backup = _backed_up(path, data)
        except SopkitError:
            remove(new)
            raise
        _exchange(new, path, sha256, backup)
    return backup


def demand_writable(path: Path) -> None:
    """`WriteRefused` where `write_cells` would refuse whatever the workbook holds: by its format, or as it is open."""
    demand_format(path)
    _refuse_open(path.resolve())


def demand_format(path: Path) -> None:
    """`WriteRefused` where the format is one that `write_cells` never writes."""
    if path.suffix.lower() not in SAFE_FORMATS:
        raise WriteRefused(f"{path.name} bukan .xlsx atau .xlsm.", "Simpan sebagai .xlsx di Excel, lalu ulangi.")


def clear_left(path: Path) -> None:
    """Clear away what a numbering that was killed left beside this workbook, if anything."""
    path = path.resolve()
    if any(abandoned(path.parent)) or any(abandoned(path.parent / BACKUPS)):
        with _alone(path):
            _rescue(path)


def _alone(path: Path) -> AbstractContextManager[None]:
    """No other sopkit writes into a workbook of this folder meanwhile."""
    busy = WriteRefused(f"{path.name} sedang diberi nomor oleh sopkit yang lain.", "Ulangi sebentar lagi.")
    return alone_in(path.parent / BACKUPS, busy, "Beri berkas itu nama lain, lalu ulangi.")


def _rescue(path: Path) -> None:
    """Clear away what a killed run left. What lay at `path` and is nowhere else comes to the backups."""
    sweep(path.parent / BACKUPS)
    for left in abandoned(path.parent):
        with suppress(OSError):
            if left.read_bytes() in (file.read_bytes() for file in left.parent.glob(f"{BACKUPS}/*{path.suffix}")):
                remove(left)
        _keep(left, path)


def _marked(new: Path) -> Path:
    """The new file, complete, under a name with its SHA-256: what comes to lie there by exchange is told from it."""
    try:
        return new.rename(new.with_name(f"{new.stem}-{_sha256(new)}.tmp"))
    except OSError as error:
        remove(new)
        raise file_problem(error, new.parent, "ditulis") from error


def _is_ours(left: Path) -> bool:
    """True for a new file as it was made, or not yet complete; False for what was at the workbook's place."""
    mark = re.fullmatch(r"\.sopkit-\d+-[0-9a-f]+-([0-9a-f]{64})\.tmp(\.lama)?", left.name)
    return mark is None or (mark[2] is None and mark[1] == _sha256(left))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _prove(path: Path, data: bytes, new: Path, edits: Iterable[CellEdit]) -> None:
    if wrong := differences(data, _read(new), _by_sheet(edits)):
        raise NotAsSaid(
            f"{path.name} tidak tertulis sebagaimana mestinya: {list_text(wrong)}.",
            "Buku kerja dibiarkan seperti semula. Kirimkan salinannya kepada pengelola sopkit.",
        )


def _backed_up(path: Path, data: bytes) -> Path:
    backup = _free_name(path)
    copy = staged(backup, data, like=path)
    try:
        copy.rename(backup)
    except OSError as error:
        remove(copy)
        raise file_problem(error, backup, "ditulis") from error
    sync_folder(backup.parent)
    return backup


def _free_name(path: Path) -> Path:
    """A name for a backup that none has; `_alone` keeps it free."""
    stem = f"{path.stem}.{dt.datetime.now():%Y%m%d-%H%M%S}"
    names = (f"{stem}{f'-{count}' if count > 1 else ''}{path.suffix}" for count in itertools.count(1))
    return next(place for name in names if not (place := path.parent / BACKUPS / name).exists())


def _exchange(new: Path, path: Path, sha256: str, backup: Path) -> None:
    """Let the new file and the one at `path` change places, and back where that was not the one with this SHA-256."""
    try:
        exchange(new, path)
        sync_folder(path.parent)
        if meant := _sha256(new) == sha256:
            remove(new)
        else:
            exchange(new, path)
    except FileExistsError:
        meant = False
    except OSError as error:
        _keep(new, path)
        raise file_problem(error, path, "ditulis") from error
    if not meant:
        remove(backup)
        _keep(new, path)
        raise _changed(path, "selagi nomor ditulis")


def _keep(left: Path, path: Path) -> None:
    """What was saved while we wrote goes to the backups, our own work away."""
    with suppress(OSError):  # the next run looks again
        if _is_ours(left):
            remove(left)
        else:
            left.rename(_free_name(path))


def _changed(path: Path, when: str) -> WriteRefused:
    return WriteRefused(f"{path.name} berubah {when}; tidak ada yang ditulis.", "Jalankan perintah ini sekali lagi.")


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
    parts, days = sheet_parts(package), _days(package)
    recalculate = any(b"<f" in package.parts[part] or b":f>" in package.parts[part] for part in parts.values())
    return {
        parts[sheet]: spliced_sheet(package.parts[parts[sheet]], values, recalculate, days)
        for sheet, values in _by_sheet(edits).items()
    }


@dataclass(frozen=True)
class Days:
    """How a workbook stores dates: the looks (`s`) of cells that show them, and the day that it counts from."""

    looks: Sequence[str] = ()
    first: dt.date = dt.date(1899, 12, 30)


def _days(package: Package) -> Days:
    styles = package.parts.get(package.related(package.book, "styles") or "", b"")
    codes = dict(NUMBER_FORMAT.findall(styles))
    records = re.search(rb"<(?:[\w.-]+:)?cellXfs\b.*?</(?:[\w.-]+:)?cellXfs>", styles, re.DOTALL)
    used = re.findall(rb"<(?:[\w.-]+:)?xf\s[^<>]*?numFmtId=[\"'](\d+)", records[0]) if records else []
    looks = [str(place) for place, number in enumerate(used) if _shows_days(number, codes)]
    since_1904 = re.search(rb"date1904=[\"'](?:1|true)", package.part(package.book))
    return Days(looks, dt.date(1904, 1, 1) if since_1904 else dt.date(1899, 12, 30))


def _shows_days(number: bytes, codes: Mapping[bytes, bytes]) -> bool:
    """Whether a number format shows day and year: one of Excel's own (14 to 17, 22), or by its code."""
    if number in codes:
        return bool(re.search(rb"d.*y|y.*d", re.sub(rb"\[[^]]*\]|&quot;.*?&quot;|\\\\.", b"", codes[number]).lower()))
    return int(number) in (14, 15, 22)


def date_as_text(day: dt.date) -> str:
    """As sheet Petunjuk teaches to type it: 03-11-2026."""
    return f"{day:%d-%m-%Y}"


def _by_sheet(edits: Iterable[CellEdit]) -> Mapping[str, Mapping[str, Value]]:
    """Sheet -> A1 address -> value."""
    by_sheet: dict[str, dict[str, Value]] = {}
    for edit in edits:
        by_sheet.setdefault(edit.sheet, {})[edit.cell] = edit.value
    return by_sheet


def _refuse_delicate(names: list[str]) -> None:
    names = [folded(name) for name in names]
    if len(set(names)) != len(names):
        raise WriteRefused("Buku kerja memuat bagian ganda.", "Simpan ulang di Excel, lalu ulangi.")
    if any(name.startswith("_xmlsignatures/") for name in names):
        raise WriteRefused("Buku kerja ditandatangani secara digital.", "Hapus tanda tangan digitalnya lebih dahulu.")
    if any(re.match("[^/]+/revisions/", name) for name in names):
        raise WriteRefused("Buku kerja dibagikan (shared workbook).", "Hentikan berbagi di Excel lebih dahulu.")


def spliced_sheet(xml: bytes, values: Mapping[str, Value], recalculate: bool, days: Days = Days()) -> bytes:
    """The sheet's XML with these values (A1 -> value), texts as inline strings; all other bytes as they were.

    With `recalculate` the sheet asks to be calculated when it is opened: its stored results may read a new cell.
    """
    sheet = read_sheet(xml)
    for cell, span in merged_cells(sheet, values):
        if cell != span.partition(":")[0]:
            raise WriteRefused(f"Sel {cell} digabung dengan sel lain ({span}).", "Pisahkan sel itu di Excel.")
    splices = cell_splices(sheet, values, lambda cell, value: _written(cell, value, sheet, days))
    if recalculate:
        asked = prefixed('<sheetCalcPr fullCalcOnLoad="1"/>', sheet.root.prefix)
        place = sheet.places.get("sheetCalcPr")
        splices.append((place.start, place.end, asked) if place else (sheet.data.end, sheet.data.end, asked))
    return spliced(xml, splices)


def _written(cell: Cell, value: Value, sheet: Sheet, days: Days) -> bytes:
    """The cell with a value, when it was empty."""
    for what, held in (("rumus", FORMULA), ("nilai", VALUE)):
        if held.search(cell.rest):
            raise WriteRefused(f"Sel {cell.address} sudah berisi {what}.", "Periksa sel itu di Excel.")
    style = attribute(cell.tag, "s")
    if isinstance(value, dt.date):
        if dated := style if style in days.looks else _look_of_column(sheet, cell.address, days):
            number = (value - days.first).days
            return prefixed(f'<c r="{cell.address}" s="{dated}"><v>{number}</v></c>', sheet.root.prefix)
        value = date_as_text(value)
    look = f" s={quoteattr(style)}" if style else ""
    content = f'<is><t xml:space="preserve">{text_xml(value)}</t></is>'
    return prefixed(f'<c r="{cell.address}"{look} t="inlineStr">{content}</c>', sheet.root.prefix)


def _look_of_column(sheet: Sheet, address: str, days: Days) -> str:
    """How a date of the cell's column looks, else one of the workbook; empty where it has none."""
    column = re.escape(address.rstrip("0123456789").encode())
    looks = re.findall(rb'\br="' + column + rb'\d+"[^<>]*? s="(\d+)"', sheet.xml)
    return next((look.decode() for look in looks if look.decode() in days.looks), next(iter(days.looks), ""))


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
