"""QR codes of a fixed mask: drawn quickly where the alphanumeric mode serves, and read from pictures of ours.

Segno draws the frame of each size once; what is left is placing the data: 0.1 ms a code instead of segno's 2. Read are
undamaged pictures alone, so nothing corrects errors.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, zip_longest

from segno import consts

BORDER = 2
MASK = 2  # any is valid, and trying all eight costs more than everything else
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


def draw(text: str) -> Matrix:
    """The modules of a code of level M and mask 2, dark ones 1, as segno draws them."""
    import segno

    version = _version(len(text)) if set(text) <= set(ALPHANUMERIC) and not text.isdecimal() else None
    if version is None:
        return segno.make(text, error="m", micro=False, boost_error=False, mask=MASK).matrix
    words = _padded(text, version)
    bits = "".join(f"{word:08b}" for word in _with_correction(words, version))
    matrix = [bytearray(row) for row in _frame(version)]
    for (y, x, mask), bit in zip(_places(version), bits, strict=False):
        matrix[y][x] = (bit == "1") ^ mask
    return matrix


def _groups(version: int) -> Sequence[consts.EC]:
    return consts.ECC[version][consts.ERROR_LEVEL_M]  # type: ignore[index, no-any-return]


def _room(version: int) -> int:
    """Words of data."""
    return sum(group.num_data * group.num_blocks for group in _groups(version))


def _counted(version: int, mode: int = consts.MODE_ALPHANUMERIC) -> int:
    """Bits that say how many letters there are; KeyError for an unknown mode."""
    span = consts.VERSION_RANGE_01_09, consts.VERSION_RANGE_10_26, consts.VERSION_RANGE_27_40
    where = span[(version > 9) + (version > 26)]
    return int(consts.CHAR_COUNT_INDICATOR_LENGTH[mode][where])


@lru_cache(maxsize=64)
def _version(letters: int) -> int | None:
    """The smallest that holds so many letters; None where none does."""
    bits = letters // 2 * 11 + letters % 2 * 6
    return next((one for one in range(1, 41) if 4 + _counted(one) + bits <= 8 * _room(one)), None)


def _padded(text: str, version: int) -> bytes:
    values = [ALPHANUMERIC.index(letter) for letter in text]
    pairs = "".join(f"{one * 45 + two:011b}" for one, two in zip(values[::2], values[1::2], strict=False))
    last = f"{values[-1]:06b}" if len(values) % 2 else ""
    bits = f"{consts.MODE_ALPHANUMERIC:04b}{len(text):0{_counted(version)}b}{pairs}{last}"
    room = _room(version)
    bits = bits.ljust(min(len(bits) + 4, 8 * room), "0")
    bits += "0" * (8 - len(bits) % 8)  # a whole word where none is lacking, as segno has it: pictures are compared
    return (int(bits, 2).to_bytes(len(bits) // 8, "big") + b"\xec\x11" * room)[:room]


def _with_correction(words: bytes, version: int) -> Iterator[int]:
    """The words of data and of correction in the order in which they stand."""
    sizes = [(one.num_data, one.num_total - one.num_data) for one in _groups(version) for _ in range(one.num_blocks)]
    ends = [*accumulate(size for size, _ in sizes)]
    blocks = [words[end - size : end] for end, (size, _) in zip(ends, sizes, strict=True)]
    corrections = [_correction(block, count) for block, (_, count) in zip(blocks, sizes, strict=True)]
    for several in (blocks, corrections):
        yield from (word for turn in zip_longest(*several) for word in turn if word is not None)


def _correction(data: bytes, count: int) -> bytes:
    """The remainder of the data by the generator of so many words: Reed and Solomon's code, a word at a time."""
    multiples, rest, kept = _multiples(count), 0, (1 << 8 * count) - 1
    for word in data:
        rest = (rest << 8 & kept) ^ multiples[word ^ rest >> 8 * (count - 1)]
    return rest.to_bytes(count, "big")


@lru_cache(maxsize=8)
def _multiples(count: int) -> tuple[int, ...]:
    """The generator without its leading word, times each word."""
    generator = [1]
    root = 1
    for _ in range(count):
        longer = [*generator, 0]
        for place, word in enumerate(generator):
            longer[place + 1] ^= _product(word, root)
        generator, root = longer, _product(root, 2)
    return tuple(
        int.from_bytes(bytes(_product(word, factor) for word in generator[1:]), "big") for factor in range(256)
    )


def _product(one: int, other: int) -> int:
    """In the field of 256 words that QR reckons in."""
    found = 0
    while other:
        found ^= one * (other & 1)
        one = one << 1 ^ 0x11D * (one >> 7)
        other >>= 1
    return found


@lru_cache(maxsize=8)
def _frame(version: int) -> Matrix:
    """A code of this size: what all of them have in common stands in it."""
    import segno

    code = segno.make("A", version=version, error="m", micro=False, boost_error=False, mask=MASK)
    return tuple(map(bytes, code.matrix))


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


@lru_cache(maxsize=8)
def _places(version: int) -> Sequence[tuple[int, int, bool]]:
    """Where the bits stand, row and column, and whether the mask turns them: columns in pairs from the right, up and
    down.
    """
    free, side = _free(version), 17 + 4 * version
    rights = [x if x > 6 else x - 1 for x in range(side - 1, 0, -2)]  # the sixth column is a ruler
    return [
        (y, x, x % 3 == 0)
        for turn, right in enumerate(rights)
        for y in (range(side) if turn % 2 else range(side - 1, -1, -1))
        for x in (right, right - 1)
        if free[y][x]
    ]


def _data_words(matrix: Matrix, version: int) -> Iterator[int]:
    """The codewords of the blocks one after another; those that correct errors come last and are left out."""
    sizes = [group.num_data for group in _groups(version) for _ in range(group.num_blocks)]
    bits = "".join(str(matrix[y][x] ^ mask) for y, x, mask in _places(version))
    words = (int(bits[place : place + 8], 2) for place in range(0, len(bits) - 7, 8))
    blocks: list[list[int]] = [[] for _ in sizes]
    for place in range(max(sizes)):
        for block, size in zip(blocks, sizes, strict=True):
            if place < size:
                block.append(next(words))
    yield from (word for block in blocks for word in block)


def _text(bits: str, version: int) -> str | None:
    mode = int(bits[:4], 2)
    start = 4 + _counted(version, mode)
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
