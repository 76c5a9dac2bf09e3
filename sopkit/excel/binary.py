"""The binary formats, xls and xlsb, as far as calamine must be guarded from them: their values are for it to read."""

from __future__ import annotations

import re
import struct
from typing import IO

from sopkit.ooxml.sheet_scan import Found, UnclearError, check_dense

GLOBALS = re.compile(rb"\x09\x08..\x00[\x05\x06]\x05\x00", re.DOTALL)  # BOF of an xls workbook's own records
DATE_1904, FILE_PASS, FONT = 0x22, 0x2F, 0x31
MAX_RECORD = 4 << 20
MAX_RECORDS = 1_000_000


def holds(data: bytes, stream: str) -> bool:
    """Whether an OLE2 container has a stream of that name, in whatever letters: its directory writes it in UTF-16."""
    return bool(re.search(re.escape(f"{stream}\0".encode("utf-16-le")), data, re.IGNORECASE))


def head_of_xls(data: bytes) -> tuple[bool, bool]:
    """Whether an xls is encrypted, and whether its dates count from 1904: said before its fonts, among the first."""
    found = GLOBALS.search(data)
    place, date_1904 = found.start() if found else len(data), False
    while place + 6 <= len(data):
        kind, size, value = struct.unpack_from("<HHH", data, place)
        if kind in (FILE_PASS, FONT):
            return kind == FILE_PASS, date_1904
        date_1904 = date_1904 or (kind == DATE_1904 and value == 1)
        place += 4 + size
    return False, date_1904


def workbook_of_xlsb(part: IO[bytes]) -> tuple[bool, dict[str, str]]:
    """Of workbook.bin: whether dates count from 1904, and sheet name -> relation id."""
    date_1904, sheets = False, {}
    while record := _record(part):
        kind, body = record
        if kind == 153 and body:
            date_1904 = bool(body[0] & 1)
        elif kind == 156:
            relation, place = _text(body, 8)
            sheets[_text(body, place)[0]] = relation
    return date_1904, sheets


def measure_xlsb(part: IO[bytes], sheet: str) -> None:
    """`TooLargeError` for a sheet whose cells span more than memory holds: calamine lays out all that lies between."""
    found, row = Found(), 0
    for _ in range(MAX_RECORDS):  # of a larger one its reader finds the end, or its own
        record = _record(part)
        if record is None:
            break
        kind, body = record
        if kind == 0:
            row = int(struct.unpack_from("<I", body)[0])
        elif 2 <= kind <= 11:
            found.reach(row + 1, int(struct.unpack_from("<I", body)[0]) + 1)
    check_dense(found.size(), sheet)


def _record(part: IO[bytes]) -> tuple[int, bytes] | None:
    """Kind in 1 or 2 bytes, size in 1 to 4, seven bits each; then the body."""
    kind, size = _number(part, 2), _number(part, 4)
    if kind is None or size is None:
        return None
    if size > MAX_RECORD:
        raise UnclearError("sebuah selnya jauh lebih panjang daripada yang diizinkan Excel")
    return kind, part.read(size)


def _number(part: IO[bytes], most: int) -> int | None:
    number = 0
    for step in range(most):
        byte = part.read(1)
        if not byte:
            return None
        number |= (byte[0] & 0x7F) << 7 * step
        if not byte[0] & 0x80:
            break
    return number


def _text(body: bytes, place: int) -> tuple[str, int]:
    length = int(struct.unpack_from("<I", body, place)[0])
    if length == 0xFFFFFFFF:
        return "", place + 4
    end = place + 4 + 2 * length
    return body[place + 4 : end].decode("utf-16-le", "replace"), end
