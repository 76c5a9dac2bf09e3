"""Reading the QR codes that `codes.qr_png` drew: undamaged, of a fixed mask, so without any correction of errors."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache

from segno import consts

BORDER = 2
MOST = 1 << 22  # bytes of an unpacked picture
ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
Matrix = Sequence[Sequence[int]]


def read(png: bytes, scale: int = 6) -> str | None:
    """The text; None for what cannot be such a picture."""
    try:
        matrix = _matrix(png, scale)
        version = (len(matrix) - 17) // 4
        if not 1 <= version <= 40 or len(matrix) != 17 + 4 * version:
            return None
        return _text("".join(f"{word:08b}" for word in _data_words(matrix, version)), version)
    except (ValueError, IndexError, KeyError, StopIteration, zlib.error):
        return None


def _matrix(png: bytes, scale: int) -> Matrix:
    side = int.from_bytes(png[16:20], "big")
    start = png.index(b"IDAT")
    size = int.from_bytes(png[start - 4 : start], "big")
    rows = zlib.decompressobj().decompress(png[start + 4 : start + 4 + size], MOST)
    width = side // 8 + (side % 8 > 0) + 1
    first, step = BORDER * scale, scale
    lines = [rows[y * width + 1 : (y + 1) * width] for y in range(first, side - first, step)]
    bits = ["".join(f"{byte:08b}" for byte in line) for line in lines]
    return [[1 - int(line[x]) for x in range(first, side - first, step)] for line in bits]


@lru_cache(maxsize=8)
def _free(version: int) -> tuple[tuple[bool, ...], ...]:
    """Where data stand in a code of this size: not in its corners, rulers, marks and the words on its format."""
    side = 17 + 4 * version
    free = [[x != 6 and y != 6 for x in range(side)] for y in range(side)]
    blocks = [(0, 0, 9, 9), (0, side - 8, 9, 8), (side - 8, 0, 8, 9)]
    if version >= 7:
        blocks += [(0, side - 11, 6, 3), (side - 11, 0, 3, 6)]
    marks = consts.ALIGNMENT_POS[version - 2] if version > 1 else ()
    corners = {(6, 6), (6, side - 7), (side - 7, 6)}
    blocks += [(y - 2, x - 2, 5, 5) for y in marks for x in marks if (y, x) not in corners]
    for top, left, height, width in blocks:
        for y in range(top, top + height):
            free[y][left : left + width] = [False] * width
    return tuple(map(tuple, free))


def _words(matrix: Matrix, version: int) -> Iterator[int]:
    """The codewords in the order in which they stand: columns in pairs from the right, up and down."""
    free, side = _free(version), len(matrix)
    rights = [x if x > 6 else x - 1 for x in range(side - 1, 0, -2)]  # the sixth column is a ruler
    places = [
        (y, x)
        for turn, right in enumerate(rights)
        for y in (range(side) if turn % 2 else range(side - 1, -1, -1))
        for x in (right, right - 1)
        if free[y][x]
    ]
    bits = "".join(str(matrix[y][x] ^ (x % 3 == 0)) for y, x in places)
    yield from (int(bits[place : place + 8], 2) for place in range(0, len(bits) - 7, 8))


def _data_words(matrix: Matrix, version: int) -> Iterator[int]:
    """The codewords of the blocks one after another; those that correct errors come last and are left out."""
    groups: Sequence[consts.EC] = consts.ECC[version][consts.ERROR_LEVEL_M]  # type: ignore[index]
    sizes = [group.num_data for group in groups for _ in range(group.num_blocks)]
    words = _words(matrix, version)
    blocks: list[list[int]] = [[] for _ in sizes]
    for place in range(max(sizes)):
        for block, size in zip(blocks, sizes, strict=True):
            if place < size:
                block.append(next(words))
    yield from (word for block in blocks for word in block)


def _text(bits: str, version: int) -> str | None:
    mode = int(bits[:4], 2)
    spans = consts.VERSION_RANGE_01_09, consts.VERSION_RANGE_10_26, consts.VERSION_RANGE_27_40
    span = spans[(version > 9) + (version > 26)]
    start = 4 + consts.CHAR_COUNT_INDICATOR_LENGTH[mode][span]
    count, rest = int(bits[4:start], 2), bits[start:]
    if mode == consts.MODE_BYTE:
        data = bytes(int(rest[place : place + 8], 2) for place in range(0, 8 * count, 8))
        return _decoded(data)
    return _alphanumeric(rest, count) if mode == consts.MODE_ALPHANUMERIC else None


def _alphanumeric(bits: str, count: int) -> str:
    pairs = (int(bits[place : place + 11], 2) for place in range(0, count // 2 * 11, 11))
    text = "".join(ALPHANUMERIC[pair // 45] + ALPHANUMERIC[pair % 45] for pair in pairs)
    return text + (ALPHANUMERIC[int(bits[count // 2 * 11 :][:6], 2)] if count % 2 else "")


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
