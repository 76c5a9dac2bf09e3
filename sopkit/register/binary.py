"""The binary formats, xls and xlsb, record by record: what they hide, and how far they reach."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping

from sopkit.register.address import letter
from sopkit.register.sheetxml import Chunks, ErrorCell, Found, SheetFacts, UnclearError

ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
Entry = tuple[int, int]  # first sector and size of a stream


class CompoundFile:
    """An OLE2 container: the names of its streams and their bytes. Damaged chains raise ValueError."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise ValueError("sector size")
        self.sector, self.mini = 1 << shift, 1 << mini_shift
        self.fat = self._fat()
        first_directory, self.cutoff, first_mini_fat = struct.unpack_from("<I4xII", data, 48)
        self.entries: dict[str, Entry] = {}
        self.root: Entry = (0, 0)
        self._directory(self._chain(first_directory))
        self.mini_fat = _integers(self._chain(first_mini_fat)) if first_mini_fat < 0xFFFFFFFA else []

    def stream(self, name: str) -> bytes:
        """Bytes of a stream; KeyError when there is none of that name."""
        start, size = self.entries[name]
        if size >= self.cutoff:
            return self._chain(start)[:size]
        store = self._chain(self.root[0])
        pieces = (store[at * self.mini : (at + 1) * self.mini] for at in self._links(start, self.mini_fat))
        return b"".join(pieces)[:size]

    def _fat(self) -> list[int]:
        places = [place for place in struct.unpack_from("<109I", self.data, 76) if place < 0xFFFFFFFA]
        following = int(struct.unpack_from("<I", self.data, 68)[0])
        seen: set[int] = set()
        while following < 0xFFFFFFFA and following not in seen:
            seen.add(following)
            block = _integers(self._sector(following))
            places += [place for place in block[:-1] if place < 0xFFFFFFFA]
            following = block[-1]
        return [number for place in dict.fromkeys(places) for number in _integers(self._sector(place))]

    def _directory(self, block: bytes) -> None:
        for start in range(0, len(block) - 127, 128):
            length, kind = struct.unpack_from("<HB", block, start + 64)
            name = block[start : start + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            entry = struct.unpack_from("<II", block, start + 116)
            if kind == 5:
                self.root = (entry[0], entry[1])
            elif kind in (1, 2):
                self.entries.setdefault(name, (entry[0], entry[1]))

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self.sector
        block = self.data[start : start + self.sector]
        if len(block) < 4:
            raise ValueError("sector out of file")
        return block.ljust(self.sector, b"\x00")

    def _links(self, start: int, table: list[int]) -> Iterator[int]:
        seen = 0
        while start < 0xFFFFFFFA:
            yield start
            seen += 1
            if start >= len(table) or seen > len(table):
                raise ValueError("chain")
            start = table[start]

    def _chain(self, start: int) -> bytes:
        return b"".join(self._sector(number) for number in self._links(start, self.fat))


def _integers(block: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(block) // 4}I", block[: len(block) // 4 * 4]))


class ProtectedError(Exception):
    """The workbook is encrypted."""


def look_through_biff8(stream: bytes) -> tuple[bool, Mapping[str, SheetFacts]]:
    """Of an xls Workbook stream: whether dates count from 1904, and the facts of every sheet by name."""
    date_1904, places = False, {}
    for kind, body in _records8(stream, 0):
        if kind == 0x2F:
            raise ProtectedError
        if kind == 0x22:
            date_1904 = body[:2] == b"\x01\x00"
        elif kind == 0x85:
            places[_sheet_name8(body)] = int(struct.unpack_from("<I", body)[0])
        elif kind == 0x0A:
            break
    return date_1904, {name: _sheet8(stream, place) for name, place in places.items()}


def _records8(stream: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    while place + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, place)
        yield kind, stream[place + 4 : place + 4 + size]
        place += 4 + size


def _sheet_name8(body: bytes) -> str:
    wide = body[7] & 1
    return body[8 : 8 + body[6] * (1 + wide)].decode("utf-16-le" if wide else "latin-1", "replace")


def _sheet8(stream: bytes, place: int) -> SheetFacts:
    found, depth = Found(), 0
    for kind, body in _records8(stream, place):
        depth += (kind == 0x809) - (kind == 0x0A)
        if kind == 0x0A and depth <= 0:
            break
        if depth != 1:
            continue
        if kind == 0x208 and len(body) >= 14 and body[12] & 0x20:
            found.hidden.append(struct.unpack_from("<H", body)[0] + 1)
        elif kind == 0x205 and len(body) >= 8 and body[7]:
            row, column = struct.unpack_from("<HH", body)
            found.errors.append(_error(row, column, body[6]))
        elif kind == 0x06 and len(body) >= 14:
            row, column = struct.unpack_from("<HH", body)
            found.formula(row + 1, column + 1)
            if body[12:14] == b"\xff\xff" and body[6] == 2:
                found.errors.append(_error(row, column, body[8]))
        elif kind == 0xE5:
            for at in range(2, len(body) - 7, 8):
                top, bottom, left, right = struct.unpack_from("<HHHH", body, at)
                found.merged.append(f"{letter(left + 1)}{top + 1}:{letter(right + 1)}{bottom + 1}")
    return found.facts()


def _error(row: int, column: int, code: int) -> ErrorCell:
    return ErrorCell(row + 1, column + 1, ERRORS.get(code, "#N/A"))


def workbook_of_biff12(part: bytes) -> tuple[bool, Mapping[str, str]]:
    """Of xlsb's workbook.bin: whether dates count from 1904, and sheet name -> relation id."""
    date_1904, sheets = False, {}
    for kind, body in _records12((part,)):
        if kind == 153 and body:
            date_1904 = bool(body[0] & 1)
        elif kind == 156:
            relation, place = _text12(body, 8)
            sheets[_text12(body, place)[0]] = relation
    return date_1904, sheets


def _text12(body: bytes, place: int) -> tuple[str, int]:
    length = int(struct.unpack_from("<I", body, place)[0])
    if length == 0xFFFFFFFF:
        return "", place + 4
    end = place + 4 + 2 * length
    return body[place + 4 : end].decode("utf-16-le", "replace"), end


def look_through_biff12(chunks: Chunks) -> SheetFacts:
    """Facts of one xlsb sheet. Raises `TooLargeError` and `UnclearError`."""
    found, row = Found(), 0
    for kind, body in _records12(chunks()):
        if kind == 0:
            row = int(struct.unpack_from("<I", body)[0])
            if len(body) > 11 and body[11] & 0x10:
                found.hidden.append(row + 1)
        elif 2 <= kind <= 11:
            column = int(struct.unpack_from("<I", body)[0])
            found.reach(row + 1, column + 1)
            if kind >= 8:
                found.formula(row + 1, column + 1)
            if kind in (3, 11):
                found.errors.append(_error(row, column, body[8]))
        elif kind == 176:
            top, bottom, left, right = struct.unpack_from("<IIII", body)
            found.merged.append(f"{letter(left + 1)}{top + 1}:{letter(right + 1)}{bottom + 1}")
    return found.facts()


def _records12(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Records of a binary part: kind in 1 or 2 bytes, size in 1 to 4, seven bits each."""
    buffer, place, ended, source = b"", 0, False, iter(chunks)
    while True:
        head = _head12(buffer, place)
        if head and len(buffer) - head[2] >= head[1]:
            kind, size, start = head
            yield kind, buffer[start : start + size]
            place = start + size
            continue
        if ended:
            return
        if head and head[1] > 4 << 20:
            raise UnclearError("sebuah selnya jauh lebih panjang daripada yang diizinkan Excel")
        more = next(source, b"")
        ended = not more
        buffer, place = buffer[place:] + more, 0


def _head12(buffer: bytes, place: int) -> tuple[int, int, int] | None:
    """Kind, size and place of the body of the record at `place`; None where it is not all there."""
    if place + 6 > len(buffer):
        buffer = buffer + b"\x00" * 6 if place + 2 <= len(buffer) else b""
    if not buffer:
        return None
    kind = buffer[place]
    place += 1
    if kind & 0x80:
        kind = kind & 0x7F | (buffer[place] & 0x7F) << 7
        place += 1
    size = 0
    for step in range(4):
        byte = buffer[place]
        place += 1
        size |= (byte & 0x7F) << 7 * step
        if not byte & 0x80:
            break
    return kind, size, place
