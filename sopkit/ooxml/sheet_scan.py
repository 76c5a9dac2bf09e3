"""A sheet's XML, streamed: how far it reaches, its error cells, formulas, hidden rows and merged ranges.

Two readings of the same facts: an array scan of the bytes as every common program writes them, and expat for
whatever is written otherwise. The scan refuses to be sure rather than to be wrong: then expat decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import NoReturn
from xml.parsers import expat

import numpy as np
import numpy.typing as npt

from sopkit.arrays import Flags, Ints, distinct
from sopkit.ooxml.address import address_parts, letter
from sopkit.text import escape, quoteattr

Chunks = Callable[[], Iterable[bytes]]

MAX_AREA = 1 << 30  # cells of the rectangle that holds all values: none but a slip or a trap reaches so far
GAP = 256  # empty columns after which what follows is a slip, and not the table
LONGEST = 32_767  # letters of a cell's text, as Excel has them
MAX_TEXT = 256 << 20  # bytes of the texts that all cells of a workbook show
MAX_CELLS = 25_000_000
MAX_EMPTY = 5_000_000  # cells of a mostly empty rectangle that a process of its own may lay out
MAX_SLOW = 48 << 20  # bytes of a sheet that only expat can read
MAX_CELL = 4 << 20  # bytes of XML of one cell
MAX_TAIL = 128 << 20  # bytes after the cells: merged ranges, validations, conditional formats
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384


class TooLargeError(Exception):
    """The values of `sheet` (empty where that is not known yet) reach as far as `cell`."""

    def __init__(self, cell: str, sheet: str = "") -> None:
        super().__init__(cell)
        self.cell, self.sheet = cell, sheet


class UnclearError(Exception):
    """The sheet is written so that readers could understand it differently; `what` says how (Indonesian)."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class _NotPlainError(Exception):
    """The scan cannot be sure; expat can."""


@dataclass(frozen=True)
class ErrorCell:
    """A cell that shows an Excel error (`shown`, such as #REF!); row and column count from 1."""

    row: int
    column: int
    shown: str


@dataclass(frozen=True)
class TableArea:
    """An Excel table: its first row (of headers), its last, and how many of the last are totals."""

    top: int
    bottom: int
    totals: int = 0


@dataclass(frozen=True)
class Size:
    """How much a sheet holds: cells, bytes of the texts that they show, cells of the rectangle that they span.

    Unless it is `sure`, this is the most that it may hold: cells that hold nothing count too. In an `odd` sheet stands
    what makes readers of values stumble, such as merged columns, or pass over a text, such as an inline one in `v`.
    """

    cells: int = 0
    text: int = 0
    area: int = 0
    last: str = "A1"
    sure: bool = False
    odd: bool = False

    @property
    def sparse(self) -> bool:
        """Whether readers, which keep the whole rectangle in memory, would mostly keep nothing."""
        return self.area > 20 * self.cells + 1_000_000


@dataclass(frozen=True)
class SheetFacts:
    """What readers of values hide. Rows are Excel's, columns count from 1, rows ascend.

    `rows` are those that a sheet without its empty rows had before (see `compacted`).
    """

    errors: tuple[ErrorCell, ...] = ()
    formulas: Mapping[int, Ints] = field(default_factory=dict)  # column -> rows that hold a formula
    uncalculated: Mapping[int, Ints] = field(default_factory=dict)  # of these, those with no stored value
    hidden_rows: tuple[int, ...] = ()
    merged: tuple[str, ...] = ()
    tables: tuple[TableArea, ...] = ()  # of xlsx alone
    size: Size = field(default=Size(), compare=False)
    rows: tuple[int, ...] = field(default=(), compare=False)


NO_TEXTS: Ints = np.zeros(0, dtype=np.int64)


def look_through_sheet(chunks: Chunks, texts: Ints = NO_TEXTS, size: int = 0) -> SheetFacts:
    """Facts of one xlsx sheet; `chunks` gives its bytes anew. Raises `TooLargeError` and `UnclearError`.

    `size` is that of all sheets: where it is large, one that only expat can read is refused. `texts` are the sizes of
    the shared texts that its cells name.
    """
    try:
        return _Scan(texts).run(chunks())
    except _NotPlainError:
        return _parse(chunks(), texts) if size <= MAX_SLOW else _unusual()


def measured(chunks: Chunks, texts: Ints = NO_TEXTS, size: int = 0) -> Size:
    """The sure size of one xlsx sheet, at the price of a second look. Raises what `look_through_sheet` does."""
    try:
        return _Measure(texts).run(chunks())
    except _NotPlainError:
        return look_through_sheet(chunks, texts, size).size if size <= MAX_SLOW else _unusual()


def _unusual() -> NoReturn:
    raise UnclearError("salah satu lembarnya besar dan ditulis dengan cara yang tidak lazim")


def compacted(chunks: Chunks) -> tuple[bytes, tuple[int, ...]]:
    """The XML of a sheet without its empty rows, and the numbers that the others had. Raises `TooLargeError`.

    Columns beyond a gap of `GAP` empty ones are left out, on the side where fewer cells are.
    """
    keeper = _Keeper()
    _run(keeper, chunks())
    return keeper.sheet()


@dataclass
class _Extent:
    """The rectangle that holds the cells seen so far."""

    top: int = LAST_ROW + 1
    left: int = LAST_COLUMN + 1
    bottom: int = 0
    right: int = 0

    def widen(self, top: int, left: int, bottom: int, right: int) -> None:
        self.top, self.left = min(self.top, top), min(self.left, left)
        self.bottom, self.right = max(self.bottom, bottom), max(self.right, right)

    @property
    def area(self) -> int:
        return max(0, self.bottom - self.top + 1) * max(0, self.right - self.left + 1)

    @property
    def beyond(self) -> bool:
        return self.bottom > LAST_ROW or self.right > LAST_COLUMN

    @property
    def too_large(self) -> bool:
        return self.beyond or self.area > MAX_AREA

    @property
    def last(self) -> str:
        return f"{letter(self.right)}{self.bottom}"


@dataclass
class Found:
    """Facts as they are gathered."""

    errors: list[ErrorCell] = field(default_factory=list)
    formulas: list[tuple[Ints, Ints]] = field(default_factory=list)  # rows, columns
    uncalculated: list[tuple[Ints, Ints]] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    extent: _Extent = field(default_factory=_Extent)
    cells: int = 0
    text: int = 0
    odd: bool = False

    def formula(self, row: int, column: int, stored: bool = True) -> None:
        here = (np.array([row], dtype=np.int64), np.array([column], dtype=np.int64))
        self.formulas.append(here)
        if not stored:
            self.uncalculated.append(here)

    def reach(self, row: int, column: int) -> None:
        """A value stands there. Raises `TooLargeError`."""
        self.cells += 1
        self.extent.widen(row, column, row, column)
        if self.extent.too_large:
            raise TooLargeError(self.extent.last)

    def size(self, sure: bool = True) -> Size:
        return Size(self.cells, self.text, self.extent.area, self.extent.last if self.cells else "A1", sure, self.odd)

    def facts(self, sure: bool = True) -> SheetFacts:
        return SheetFacts(
            tuple(self.errors),
            _by_column(self.formulas),
            _by_column(self.uncalculated),
            tuple(sorted(set(self.hidden))),
            tuple(self.merged),
            size=self.size(sure),
        )


def _by_column(pieces: Iterable[tuple[Ints, Ints]]) -> Mapping[int, Ints]:
    pieces = list(pieces)
    if not pieces:
        return {}
    rows, columns = (np.concatenate([piece[side] for piece in pieces]) for side in (0, 1))
    order = np.lexsort((rows, columns))
    rows, columns = rows[order], columns[order]
    first = np.append(True, columns[1:] != columns[:-1])
    known = np.flatnonzero(first | np.append(True, rows[1:] != rows[:-1]))  # each cell once
    starts = np.flatnonzero(first[known])
    return {int(columns[known[at]]): rows[known[at:end]] for at, end in pairwise([*starts.tolist(), len(known)])}


_LT, _GT, _BLANK, _QUOTE, _SLASH = b'<> "/'
_RANGE = re.compile("[A-Z]{1,3}[0-9]{1,7}(:[A-Z]{1,3}[0-9]{1,7})?")
_MERGE = re.compile(rb"<mergeCell\s[^>]*?ref=\"([A-Z]{1,3}[0-9]{1,7}(?::[A-Z]{1,3}[0-9]{1,7})?)\"")
_HIDING = (b'hidden="1"', b'hidden="true"')
_ROW = re.compile(rb"<row [^>]*?\br=\"([0-9]{1,7})\"")


def _cell_pieces(chunks: Iterable[bytes], tail: bytearray) -> Iterator[bytes]:
    """The bytes before `</sheetData>`, cut before cells or rows; what follows goes into `tail`."""
    carry, ended = b"", False
    for chunk in chunks:
        if ended:
            tail += chunk
            if len(tail) > MAX_TAIL:
                raise UnclearError("lembarnya memuat pemformatan yang tidak wajar banyaknya")
            continue
        buffer = carry + chunk
        end = buffer.find(b"</sheetData>")
        ended = end >= 0
        cut = end if ended else max(buffer.rfind(b"<c "), buffer.rfind(b"<row "), 0)
        yield buffer[:cut]
        carry = b"" if ended else buffer[cut:]
        tail += buffer[cut + len(b"</sheetData>") :] if ended else b""
        if len(carry) > MAX_CELL:
            raise UnclearError(TOO_LONG)
    if not ended or b"sheetData" in tail:
        raise _NotPlainError


TOO_MUCH = "sel-selnya memuat lebih banyak teks atau angka daripada yang wajar"
TOO_LONG = "memuat teks yang lebih panjang dari satu sel Excel"
_ASIDE = re.compile(rb"<((?:\w+:)?(?:f|rPh))[\s>].*?</\1>", re.DOTALL)
_TAG = re.compile(rb"<[^>]*>")
_REFERENCE = re.compile(r"&[^;\s]{1,10};")


def letters(xml: bytes) -> int:
    """How many letters of text stand in this XML, formulas and readings aside."""
    return len(_REFERENCE.sub("x", _TAG.sub(b"", _ASIDE.sub(b"", xml)).decode("utf-8", "replace")))


def memory(xml: bytes) -> int:
    """The bytes that a text of this XML takes up at most: one letter beyond the usual makes all of them wide."""
    widest = max(xml, default=0) if len(xml) > WIDE_FROM else 0
    return len(xml) * (4 if widest >= 0xF0 else 2 if widest >= 0xC4 else 1)


WIDE_FROM = 1_000  # bytes of a text whose letters are looked at


class _Piece:
    """Whole cells and rows: the tags' places as arrays, so that what stands behind each is asked of all at once.

    To compare a whole piece with one byte takes numpy 0.03 ms for each MB; `bytes.find` takes 0.5 to 1.3.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.array = array = np.frombuffer(data + b" " * 16, dtype=np.uint8)
        self.tags = np.flatnonzero(array == _LT)
        self.names, self.seconds = array[self.tags + 1], array[self.tags + 2]
        self.ended = (self.seconds <= _BLANK) | (self.seconds == _GT) | (self.seconds == _SLASH)
        self.is_cell = (self.names == ord("c")) & self.ended
        self.cells = self.tags[self.is_cell]

    def of_name(self, name: bytes) -> tuple[Ints, Ints]:
        """The tags of a name of one letter, and the place of the cell that each stands in (-1 before the first)."""
        there = (self.names == name[0]) & self.ended
        return self.tags[there], self.owner[there]

    @cached_property
    def owner(self) -> Ints:
        """The place of the cell that each tag stands in, or is the beginning of; -1 before the first."""
        return np.asarray(np.cumsum(self.is_cell) - 1)

    @cached_property
    def signs(self) -> Ints:
        """Of equality: in the tags before each value of an attribute."""
        return np.flatnonzero(self.array == ord("="))

    @cached_property
    def _kinds(self) -> Ints:
        """The signs behind a `t`: in the tag of a cell, of what kind its value is."""
        return np.asarray(self.signs[self.array[self.signs - 1] == ord("t")])

    def of_kind(self, kind: bytes, unless: bytes = b"") -> tuple[Ints, Ints]:
        """The signs in the tags of cells before a kind that begins so, unless it goes on so, and the cells' places."""
        places = self._kinds
        for step, one in enumerate(kind, start=2):
            places = places[self.array[places + step] == one]
        if unless:
            usual = [self.array[places + 2 + step] == one for step, one in enumerate(kind + unless)]
            places = places[~np.logical_and.reduce(usual)]
        tags = np.searchsorted(self.tags, places) - 1
        own = self.is_cell[tags] & (tags >= 0)
        return places[own], self.owner[tags[own]]

    def text(self, texts: Ints) -> int:
        """The most bytes that the texts of the cells take up: what is no tag, and the shared texts that they name."""
        ends = int(np.count_nonzero(self.names == _SLASH))
        inline = int(np.count_nonzero((self.names == ord("i")) & (self.seconds == ord("s"))))
        tags = LEAST_TAG * len(self.tags) + ends + LEAST_CELL * len(self.cells)
        own = max(0, len(self.data) - tags - LEAST_INLINE * min(inline, len(self.cells)))
        if not len(texts) or not len(self.cells):
            return own
        values, owners = self.of_name(b"v")
        shared = np.zeros(len(self.cells) + 1, dtype=bool)
        shared[self.of_kind(b's"')[1]] = True
        named = values[shared[owners]]
        numbers, whole = _whole_numbers(self.array, named + 3)
        plain = whole & (self.array[named + 2] == _GT)
        if not plain.all() or len(self.of_kind(b"&")[0]) or _odd_heads(self):
            return own + len(self.cells) * int(texts.max())
        return own + int(texts[numbers[numbers < len(texts)]].sum())


LEAST_TAG, LEAST_CELL, LEAST_INLINE = len("<v>"), len(' r="A1"/'), len(' t="inlineStr"')


class _Scan:
    """The array scan. What is not written `<c r="A1" …>` ends it with `_NotPlainError`."""

    def __init__(self, texts: Ints = NO_TEXTS) -> None:
        self.found = Found()
        self.texts = texts

    def run(self, chunks: Iterable[bytes]) -> SheetFacts:
        tail = bytearray()
        for piece in _cell_pieces(chunks, tail):
            self._piece(_Piece(piece))
        if self.found.extent.beyond:
            raise _NotPlainError
        self.found.merged += [span.decode() for span in _MERGE.findall(tail)]
        self.found.odd |= len(self.found.merged) != tail.count(b"<mergeCell ")
        return self.found.facts(sure=False)

    def _piece(self, piece: _Piece) -> None:
        tags, names, cells = piece.tags, piece.names, piece.cells
        if np.any((names == ord("!")) | ((names == ord("?")) & (tags > 0))):
            raise _NotPlainError
        _check_plain(piece)
        if len(cells):
            rows, columns = _addresses(piece.array, cells)
            self.found.extent.widen(int(rows.min()), int(columns.min()), int(rows.max()), int(columns.max()))
            self.found.cells += len(cells)
            self.found.text += piece.text(self.texts)
            _check_lengths(piece.data, cells)
            self._formulas(piece, rows, columns)
            self._errors(piece, rows, columns)
            self.found.odd |= _inline_in_value(piece)
        self._hidden(piece)

    def _formulas(self, piece: _Piece, rows: Ints, columns: Ints) -> None:
        data, array, cells = piece.data, piece.array, piece.cells
        (formulas, owner), (values, _) = piece.of_name(b"f"), piece.of_name(b"v")
        if len(formulas) == 0:
            return
        if owner.min() < 0:
            raise _NotPlainError
        self.found.formulas.append((rows[owner], columns[owner]))
        ends = np.append(cells, len(data))[owner + 1]
        places = np.append(values, len(data))
        first = places[np.searchsorted(values, formulas)]
        stored = (first < ends) & (array[np.minimum(first + 3, len(data))] != _LT)
        spaced = (first < ends) & (array[np.minimum(first + 2, len(data))] != _GT)
        told = np.zeros(len(cells), dtype=bool)
        told[piece.of_kind(b'str"')[1]] = True  # an empty text is a result
        empty = np.flatnonzero((~stored | spaced) & ~told[owner])
        missing = [i for i in empty if not _calculated(data, int(cells[owner[i]]), int(ends[i]))]
        if missing:
            lost = owner[np.array(missing)]
            self.found.uncalculated.append((rows[lost], columns[lost]))

    def _errors(self, piece: _Piece, rows: Ints, columns: Ints) -> None:
        data, cells = piece.data, piece.cells
        for place, owner in zip(*(one.tolist() for one in piece.of_kind(b'e"')), strict=True):
            end = int(cells[owner + 1]) if owner + 1 < len(cells) else len(data)
            shown = re.search(rb"<v[^>]*>([^<]*)</v>", data[place:end])
            text = shown[1].decode("utf-8", "replace") if shown else "#N/A"
            self.found.errors.append(ErrorCell(int(rows[owner]), int(columns[owner]), text))

    def _hidden(self, piece: _Piece) -> None:
        data, signs, array = piece.data, piece.signs, piece.array
        for place in signs[(array[signs - 1] == ord("n")) & (array[signs - 2] == ord("e"))].tolist():
            if data[place - 6 : place + 4] not in _HIDING and data[place - 6 : place + 7] not in _HIDING:
                continue
            start = data.rfind(b"<", 0, place)
            if data[start : start + 5] != b"<row " or b">" in data[start:place]:
                continue
            number = _ROW.match(data, start)
            if not number:
                raise _NotPlainError
            self.found.hidden.append(int(number[1]))


def _inline_in_value(piece: _Piece) -> bool:
    """Whether a cell that says that it holds an inline text begins with a value."""
    _, owners = piece.of_kind(b"i", unless=b'nlineStr"><is')
    after = np.flatnonzero(piece.is_cell)[owners] + 1
    return bool((piece.names[after[after < len(piece.tags)]] == ord("v")).any())


def _check_plain(piece: _Piece) -> None:
    data, array, cells = piece.data, piece.array, piece.cells
    written = (array[cells + 2] == _BLANK) & (array[cells + 3] == ord("r")) & (array[cells + 4] == ord("="))
    if not np.all(written & (array[cells + 5] == _QUOTE)):
        raise _NotPlainError
    if len(cells) == 0 and re.search(rb"<[A-Za-z]\w*:(c|row|worksheet)\b", data):
        raise _NotPlainError
    _check_names(piece)
    signs = piece.signs
    before = array[signs - 1]
    apart = array[signs - 2]
    apart = (apart <= _QUOTE) | (apart == ord("'"))  # a blank, or the end of the attribute before
    numbers = np.count_nonzero((before <= _BLANK) | ((before == ord("r")) & apart))
    rows = piece.tags[(piece.names == ord("r")) & (piece.seconds == ord("o"))]
    usual = len(cells) + np.count_nonzero((array[rows + 5] == ord("r")) & (array[rows + 6] == ord("=")))
    if numbers > usual and len(_HEAD.findall(data)) != len(cells):  # of two addresses these readers take the last
        raise _NotPlainError


_HEAD = re.compile(rb'<c r="[A-Z0-9]+"(?: (?!r=)[a-z]{1,8}="[^"<>]*")*\s?/?>')
_PREFIXED = re.compile(rb"<[^\s<>]*:(?:c|v|is|t|f|row)[\s/>]")


def _check_names(piece: _Piece) -> None:
    """No cell, row or value hides behind a prefix: elements of more than one letter are few kinds."""
    longer = ~(piece.ended | (piece.names == _SLASH))
    tags, seconds = piece.tags[longer], piece.seconds[longer]
    thirds, fourths = piece.array[tags + 3], piece.array[tags + 4]
    usual = ((seconds == ord("o")) & (thirds == ord("w"))) | ((seconds == ord("s")) & (thirds == _GT))
    if not np.all(usual & (fourths != ord(":"))) and _PREFIXED.search(piece.data):
        raise _NotPlainError


def _check_lengths(data: bytes, cells: Ints) -> None:
    ends = np.append(cells[1:], len(data))
    for at in np.flatnonzero(ends - cells > LONGEST):
        if letters(data[int(cells[at]) : int(ends[at])]) > LONGEST:
            raise UnclearError(TOO_LONG)


def _odd_heads(piece: _Piece) -> bool:
    """Whether an attribute of a cell is not written `t="s"`: with blanks around the sign, or other quotes."""
    array, cells, signs = piece.array, piece.cells, piece.signs
    odd = signs[(array[signs + 1] != _QUOTE) | (array[signs - 1] <= _BLANK)]
    odd = odd[odd > cells[0]]
    if not len(odd):
        return False
    ends = np.append(np.flatnonzero(array == _GT), len(array))
    return bool(np.any(odd < ends[np.searchsorted(ends, cells[np.searchsorted(cells, odd) - 1])]))


class _Measure:
    """The array scan once more, for what cells really hold."""

    def __init__(self, texts: Ints) -> None:
        self.found = Found()
        self.texts = texts

    def run(self, chunks: Iterable[bytes]) -> Size:
        for piece in _cell_pieces(chunks, bytearray()):
            self._piece(_Piece(piece))
        if self.found.extent.too_large:
            raise TooLargeError(self.found.extent.last)
        return self.found.size()

    def _piece(self, piece: _Piece) -> None:
        names, cells = piece.names, piece.cells
        owners = piece.owner[(names == ord("v")) | (names == ord("i")) | (names == ord("f"))]
        if len(cells) == 0 or len(owners) == 0:
            return
        if owners.min() < 0:
            raise _NotPlainError
        _check_plain(piece)
        if _odd_heads(piece):
            raise _NotPlainError
        held = distinct(owners)
        rows, columns = _addresses(piece.array, cells[held])
        self.found.cells += len(held)
        self.found.extent.widen(int(rows.min()), int(columns.min()), int(rows.max()), int(columns.max()))
        self.found.text += piece.text(self.texts)


def _whole_numbers(array: npt.NDArray[np.uint8], places: Ints) -> tuple[Ints, Flags]:
    """The numbers that begin at these places, of at most eight digits, and whether a tag ends each."""
    numbers, going = np.zeros(len(places), dtype=np.int64), np.ones(len(places), dtype=bool)
    ended = np.zeros(len(places), dtype=bool)
    for step in range(9):
        letters = array[np.minimum(places + step, len(array) - 1)]
        ended |= going & (letters == _LT) & (step > 0)
        digits = letters.astype(np.int64) - 48
        going &= (digits >= 0) & (digits <= 9)
        if not going.any():
            break
        numbers = np.where(going, numbers * 10 + digits, numbers)
    return numbers, ended


def _calculated(data: bytes, start: int, end: int) -> bool:
    """Whether a formula's cell holds a result; an empty text (`t="str"`) is one."""
    cell = data[start:end]
    head = cell[: cell.find(b">")]
    return b't="str"' in head or re.search(rb"<v[^>/]*>[^<]", cell) is not None


def _addresses(array: npt.NDArray[np.uint8], cells: Ints) -> tuple[Ints, Ints]:
    """Rows and columns of cells written `<c r="AB12"`, by arrays: a character at a time for all cells."""
    place = cells + 6
    columns = np.zeros(len(cells), dtype=np.int64)
    rows = np.zeros(len(cells), dtype=np.int64)
    going = np.ones(len(cells), dtype=bool)
    for _ in range(4):
        letters = array[place].astype(np.int64) - 64
        going &= (letters >= 1) & (letters <= 26)
        if not going.any():
            break
        columns = np.where(going, columns * 26 + letters, columns)
        place = place + going
    going = np.ones(len(cells), dtype=bool)
    for _ in range(8):
        digits = array[place].astype(np.int64) - 48
        going &= (digits >= 0) & (digits <= 9)
        if not going.any():
            break
        rows = np.where(going, rows * 10 + digits, rows)
        place = place + going
    if not np.all((array[place] == _QUOTE) & (columns > 0) & (rows > 0)):
        raise _NotPlainError
    return rows, columns


class _Parser:
    """Expat over one xlsx sheet, by local names; positions left out count on as the reader of values counts them."""

    def __init__(self, texts: Ints = NO_TEXTS) -> None:
        self.found = Found()
        self.texts = texts
        self.row = self.column = 0
        self.line = 1  # the row of cells that do not say theirs
        self.kind = self.style = ""
        self.formula = self.valued = False
        self.text: list[str] | None = None
        self.shown = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rsplit(":", 1)[-1]
        if tag == "row":
            self._row(attributes)
        elif tag == "c":
            self._cell(attributes)
        elif tag == "f":
            self.formula = True
        elif tag in ("v", "is"):
            self.text = []
        elif tag == "mergeCell":
            self._merged(attributes.get("ref", ""))

    def _merged(self, span: str) -> None:
        if _RANGE.fullmatch(span):
            self.found.merged.append(span)
        else:
            self.found.odd = True

    def _row(self, attributes: dict[str, str]) -> None:
        if "r" in attributes:
            self.line = _whole(attributes["r"])
        if not 0 < self.line <= LAST_ROW:
            raise UnclearError("nomor barisnya tidak dapat dipahami")
        if attributes.get("hidden") in ("1", "true"):
            self.found.hidden.append(self.line)

    def _cell(self, attributes: dict[str, str]) -> None:
        here = (self.line, self.column + 1)
        try:
            self.row, self.column = address_parts(attributes["r"]) if "r" in attributes else here
        except ValueError as error:
            raise UnclearError("alamat selnya tidak dapat dipahami") from error
        self.kind, self.formula, self.valued, self.shown = attributes.get("t", ""), False, False, ""
        self.style = attributes.get("s", "")

    def data(self, text: str) -> None:
        if self.text is not None:
            self.text.append(text)

    def end(self, name: str) -> None:
        tag = name.rsplit(":", 1)[-1]
        if tag in ("v", "is") and self.text is not None:
            self.shown, self.text = "".join(self.text), None
            if len(self.shown) > LONGEST:
                raise UnclearError(TOO_LONG)
            self.valued = bool(self.shown) or self.valued
            self.found.odd |= tag == "v" and self.kind == "inlineStr"
        elif tag == "c":
            self._close()
        elif tag == "row":
            self.line, self.column = self.line + 1, 0

    def _close(self) -> None:
        if self.valued or self.formula or self.kind == "e":
            self.found.reach(self.row, self.column)
            place = _whole(self.shown) if self.kind == "s" else -1
            self.found.text += int(self.texts[place]) if 0 <= place < len(self.texts) else memory(self.shown.encode())
        if self.kind == "e":
            self.found.errors.append(ErrorCell(self.row, self.column, self.shown or "#N/A"))
        if self.formula:
            self.found.formula(self.row, self.column, self.valued or self.kind in ("str", "e"))


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0


class _Keeper(_Parser):
    """Keeps the cells that hold something."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[tuple[int, int, str, str, str]] = []  # row, column, style, kind, what it shows

    def _close(self) -> None:
        super()._close()
        if self.valued:
            self.cells.append((self.row, self.column, self.style, self.kind, self.shown))

    def sheet(self) -> tuple[bytes, tuple[int, ...]]:
        """The XML of what was kept, and the numbers of its rows as they were. Raises `TooLargeError`."""
        columns = _side_by_side(sorted(cell[1] for cell in self.cells))
        kept: dict[int, list[str]] = {}
        for row, column, style, kind, shown in sorted(self.cells):
            if column in columns:
                kept.setdefault(row, []).append(_cell_xml(len(kept), column, style, kind, shown))
        if Size(len(self.cells), area=len(kept) * len(columns)).sparse:
            raise TooLargeError(self.found.extent.last)
        body = "".join(f'<row r="{at}">{"".join(cells)}</row>' for at, cells in enumerate(kept.values(), start=1))
        return f"<worksheet><sheetData>{body}</sheetData></worksheet>".encode(), tuple(kept)


def _side_by_side(columns: list[int]) -> range:
    """Of sorted columns (one for each cell), those with the most cells that no gap of `GAP` parts."""
    groups: list[list[int]] = []
    for column in columns:
        if not groups or column - groups[-1][-1] > GAP:
            groups.append([])
        groups[-1].append(column)
    widest = max(groups, key=len, default=[0])
    return range(widest[0], widest[-1] + 1)


def _cell_xml(row: int, column: int, style: str, kind: str, shown: str) -> str:
    text, kind = (shown.strip(), "str") if kind == "inlineStr" else (shown, kind)
    given = "".join(f" {key}={quoteattr(value)}" for key, value in (("s", style), ("t", kind)) if value)
    return f'<c r="{letter(column)}{row}"{given}><v>{escape(text)}</v></c>'


def _parse(chunks: Iterable[bytes], texts: Ints = NO_TEXTS) -> SheetFacts:
    state = _Parser(texts)
    _run(state, chunks)
    return state.found.facts()


def _run(state: _Parser | _OdsParser, chunks: Iterable[bytes]) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = state.start
    parser.EndElementHandler = state.end
    parser.CharacterDataHandler = state.data
    parser.buffer_text = True
    for chunk in chunks:
        parser.Parse(chunk, False)
        if state.text is not None and sum(map(len, state.text)) > MAX_CELL:
            raise UnclearError(TOO_LONG)
    parser.Parse(b"", True)


def look_through_ods(chunks: Chunks) -> Mapping[str, SheetFacts]:
    """Facts of every sheet of an ODS file by name, from its content.xml. Raises `TooLargeError` and `UnclearError`."""
    state = _OdsParser()
    _run(state, chunks())
    for name, found in state.sheets.items():
        check_dense(found.size(), name)
    return {name: found.facts() for name, found in state.sheets.items()}


def check_dense(size: Size, sheet: str) -> None:
    """`TooLargeError` where a reader would mostly keep nothing in memory, and too much of it for its process."""
    if size.sparse and size.area > MAX_EMPTY:
        raise TooLargeError(size.last, sheet)


class _OdsParser:
    """Expat over content.xml: repeated rows and cells count as often as they say."""

    def __init__(self) -> None:
        self.sheets: dict[str, Found] = {}
        self.found = Found()
        self.row = self.rows = self.column = self.columns = 0
        self.aside = 0  # depth inside notes, tracked changes and drawings, whose texts are no cell's
        self.hidden = False
        self.cell: dict[str, str] = {}
        self.text: list[str] | None = None

    def start(self, name: str, given: dict[str, str]) -> None:
        tag = name.rsplit(":", 1)[-1]
        if self.aside or tag in ("annotation", "tracked-changes", "shapes", "frame", "custom-shape"):
            self.aside += 1
            return
        attributes = {key.rsplit(":", 1)[-1] if not key.startswith("calcext") else key: v for key, v in given.items()}
        if tag == "table":
            self.found = self.sheets.setdefault(attributes.get("name", ""), Found())
            self.row = self.rows = 0
        elif tag == "table-row":
            self.row, self.rows = self.row + self.rows, _times(attributes, "number-rows-repeated")
            self.column = self.columns = 0
            self.hidden = attributes.get("visibility") in ("collapse", "filter")
            _within(self.row + self.rows, LAST_ROW)
        elif tag in ("table-cell", "covered-table-cell"):
            self.column, self.columns = self.column + self.columns, _times(attributes, "number-columns-repeated")
            _within(self.column + self.columns, LAST_COLUMN)
            self.cell, self.text = attributes, []

    def data(self, text: str) -> None:
        if self.text is not None and not self.aside:
            self.text.append(text)

    def end(self, name: str) -> None:
        if self.aside:
            self.aside -= 1
        elif name.rsplit(":", 1)[-1] in ("table-cell", "covered-table-cell") and self.text is not None:
            self._close("".join(self.text).strip())
            self.text = None

    def _close(self, text: str) -> None:
        row, column = self.row + 1, self.column + 1
        down, across = _times(self.cell, "number-rows-spanned"), _times(self.cell, "number-columns-spanned")
        if down > 1 or across > 1:
            self.found.merged.append(f"{letter(column)}{row}:{letter(column + across - 1)}{row + down - 1}")
        kind = self.cell.get("value-type", "")
        if not (kind or text or "formula" in self.cell):
            return
        self.found.reach(row, column)
        self.found.reach(row + self.rows - 1, column + self.columns - 1)
        times = self.rows * self.columns
        self.found.cells += times - 2
        self.found.text += times * (len(text) + len(self.cell.get("string-value", "")))
        if len(text) > LONGEST:
            raise UnclearError(TOO_LONG)
        if self.found.text > MAX_TEXT or self.found.cells > MAX_CELLS:
            raise UnclearError(TOO_MUCH)
        if self.hidden:
            self.found.hidden += range(row, row + self.rows)
            self.hidden = False
        error = self.cell.get("calcext:value-type") == "error"
        error = error or bool("formula" in self.cell and _ODS_ERROR.fullmatch(text))
        if (error or "formula" in self.cell) and times > LAST_ROW:
            raise UnclearError(TOO_MUCH)
        for at in ((r, c) for r in range(row, row + self.rows) for c in range(column, column + self.columns)):
            if "formula" in self.cell:
                self.found.formula(*at, stored=bool(kind or text))
            if error:
                self.found.errors.append(ErrorCell(*at, text or "#N/A"))


_ODS_ERROR = re.compile(r"#[A-Z0-9/]+[!?]?|Err:[0-9]{3}")


def _times(attributes: Mapping[str, str], key: str) -> int:
    return _whole(attributes.get(key)) or 1


def _within(reached: int, last: int) -> None:
    if reached > last:
        raise UnclearError("baris atau kolomnya diulang lebih banyak daripada yang dimuat sebuah lembar")
