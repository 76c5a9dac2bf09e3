"""A sheet's XML, streamed: how far it reaches, its error cells, formulas, hidden rows and merged ranges.

Two readings of the same facts: an array scan of the bytes as every common program writes them, and expat for
whatever is written otherwise. The scan refuses to be sure rather than to be wrong: then expat decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

import numpy as np
import numpy.typing as npt

from sopkit.ooxml.address import address_parts, letter

Chunks = Callable[[], Iterable[bytes]]
Ints = npt.NDArray[np.int64]

MAX_AREA = 25_000_000  # cells of the rectangle that holds all values: readers keep it whole in memory
MAX_CELL = 4 << 20  # bytes of XML of one cell
MAX_TAIL = 128 << 20  # bytes after the cells: merged ranges, validations, conditional formats
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384


class TooLargeError(Exception):
    """The values reach as far as `cell`."""

    def __init__(self, cell: str) -> None:
        super().__init__(cell)
        self.cell = cell


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
class SheetFacts:
    """What readers of values hide. Rows are Excel's, columns count from 1, rows ascend."""

    errors: tuple[ErrorCell, ...] = ()
    formulas: Mapping[int, Ints] = field(default_factory=dict)  # column -> rows that hold a formula
    uncalculated: Mapping[int, Ints] = field(default_factory=dict)  # of these, those with no stored value
    hidden_rows: tuple[int, ...] = ()
    merged: tuple[str, ...] = ()
    tables: tuple[TableArea, ...] = ()  # of xlsx alone


def look_through_sheet(chunks: Chunks) -> SheetFacts:
    """Facts of one xlsx sheet; `chunks` gives its bytes anew. Raises `TooLargeError` and `UnclearError`."""
    try:
        return _Scan().run(chunks())
    except _NotPlainError:
        return _parse(chunks())


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
    def too_large(self) -> bool:
        beyond = self.bottom > LAST_ROW or self.right > LAST_COLUMN
        return beyond or (self.bottom - self.top + 1) * (self.right - self.left + 1) > MAX_AREA

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

    def formula(self, row: int, column: int, stored: bool = True) -> None:
        here = (np.array([row], dtype=np.int64), np.array([column], dtype=np.int64))
        self.formulas.append(here)
        if not stored:
            self.uncalculated.append(here)

    def reach(self, row: int, column: int) -> None:
        """A value stands there. Raises `TooLargeError`."""
        self.extent.widen(row, column, row, column)
        if self.extent.too_large:
            raise TooLargeError(self.extent.last)

    def facts(self) -> SheetFacts:
        return SheetFacts(
            tuple(self.errors),
            _by_column(self.formulas),
            _by_column(self.uncalculated),
            tuple(sorted(set(self.hidden))),
            tuple(self.merged),
        )


def _by_column(pieces: Iterable[tuple[Ints, Ints]]) -> Mapping[int, Ints]:
    pieces = list(pieces)
    if not pieces:
        return {}
    rows, columns = (np.concatenate([piece[side] for piece in pieces]) for side in (0, 1))
    return {int(column): np.unique(rows[columns == column]) for column in np.unique(columns)}


_LT, _GT, _BLANK, _QUOTE, _SLASH = b'<> "/'
_RANGE = re.compile("[A-Z]{1,3}[0-9]{1,7}(:[A-Z]{1,3}[0-9]{1,7})?")
_MERGE = re.compile(rb"<mergeCell\s[^>]*?ref=\"([A-Z]{1,3}[0-9]{1,7}(?::[A-Z]{1,3}[0-9]{1,7})?)\"")
_HIDING = (b'hidden="1"', b'hidden="true"')
_ROW = re.compile(rb"<row [^>]*?\br=\"([0-9]{1,7})\"")


class _Scan:
    """The array scan. What is not written `<c r="A1" …>` ends it with `_NotPlainError`."""

    def __init__(self) -> None:
        self.found = Found()

    def run(self, chunks: Iterable[bytes]) -> SheetFacts:
        carry, tail, ended = b"", bytearray(), False
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
            self._piece(buffer[:cut])
            carry = b"" if ended else buffer[cut:]
            tail += buffer[cut:] if ended else b""
            if len(carry) > MAX_CELL:
                raise UnclearError("sebuah selnya jauh lebih panjang daripada yang diizinkan Excel")
        if not ended:
            raise _NotPlainError
        if self.found.extent.too_large:
            raise _NotPlainError
        self.found.merged += [span.decode() for span in _MERGE.findall(tail)]
        return self.found.facts()

    def _piece(self, data: bytes) -> None:
        """Whole cells and rows: the tags' places as arrays, then what stands behind each."""
        array = np.frombuffer(data + b" " * 16, dtype=np.uint8)
        tags = np.flatnonzero(array == _LT)
        names, seconds = array[tags + 1], array[tags + 2]
        if np.any((names == ord("!")) | ((names == ord("?")) & (tags > 0))):
            raise _NotPlainError
        cells = tags[(names == ord("c")) & ((seconds <= _BLANK) | (seconds == _GT) | (seconds == _SLASH))]
        self._check_plain(data, array, cells)
        if len(cells) == 0:
            self._hidden(data)
            return
        rows, columns = _addresses(array, cells)
        self.found.extent.widen(int(rows.min()), int(columns.min()), int(rows.max()), int(columns.max()))
        formulas = tags[(names == ord("f")) & ((seconds <= _BLANK) | (seconds == _GT) | (seconds == _SLASH))]
        values = tags[(names == ord("v")) & ((seconds <= _BLANK) | (seconds == _GT))]
        self._formulas(data, array, cells, rows, columns, formulas, values)
        self._errors(data, cells, rows, columns)
        self._hidden(data)

    def _check_plain(self, data: bytes, array: npt.NDArray[np.uint8], cells: Ints) -> None:
        written = (array[cells + 2] == _BLANK) & (array[cells + 3] == ord("r")) & (array[cells + 4] == ord("="))
        if not np.all(written & (array[cells + 5] == _QUOTE)):
            raise _NotPlainError
        if len(cells) == 0 and re.search(rb"<[A-Za-z]\w*:(c|row|worksheet)\b", data):
            raise _NotPlainError

    def _formulas(
        self, data: bytes, array: npt.NDArray[np.uint8], cells: Ints, rows: Ints, columns: Ints, formulas: Ints,
        values: Ints,
    ) -> None:  # fmt: skip
        if len(formulas) == 0:
            return
        owner = np.searchsorted(cells, formulas) - 1
        if owner.min() < 0:
            raise _NotPlainError
        self.found.formulas.append((rows[owner], columns[owner]))
        ends = np.append(cells, len(data))[owner + 1]
        places = np.append(values, len(data))
        first = places[np.searchsorted(values, formulas)]
        stored = (first < ends) & (array[np.minimum(first + 3, len(data))] != _LT)
        spaced = (first < ends) & (array[np.minimum(first + 2, len(data))] != _GT)
        empty = np.flatnonzero(~stored | spaced)
        missing = [i for i in empty if not _calculated(data, int(cells[owner[i]]), int(ends[i]))]
        if missing:
            lost = owner[np.array(missing)]
            self.found.uncalculated.append((rows[lost], columns[lost]))

    def _errors(self, data: bytes, cells: Ints, rows: Ints, columns: Ints) -> None:
        for place in _places(data, b't="e"'):
            owner = int(np.searchsorted(cells, place)) - 1
            if owner < 0 or b">" in data[int(cells[owner]) : place]:
                continue
            end = int(cells[owner + 1]) if owner + 1 < len(cells) else len(data)
            shown = re.search(rb"<v[^>]*>([^<]*)</v>", data[place:end])
            text = shown[1].decode("utf-8", "replace") if shown else "#N/A"
            self.found.errors.append(ErrorCell(int(rows[owner]), int(columns[owner]), text))

    def _hidden(self, data: bytes) -> None:
        for mark in _HIDING:
            for place in _places(data, mark):
                start = data.rfind(b"<", 0, place)
                if data[start : start + 5] != b"<row " or b">" in data[start:place]:
                    continue
                number = _ROW.match(data, start)
                if not number:
                    raise _NotPlainError
                self.found.hidden.append(int(number[1]))


def _places(data: bytes, mark: bytes) -> Iterator[int]:
    place = data.find(mark)
    while place >= 0:
        yield place
        place = data.find(mark, place + len(mark))


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
    """Expat over one xlsx sheet, by local names; positions left out count on from the one before."""

    def __init__(self) -> None:
        self.found = Found()
        self.row = self.column = 0
        self.kind = ""
        self.formula = self.valued = False
        self.text: list[str] | None = None
        self.shown = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rsplit(":", 1)[-1]
        if tag == "row":
            self.row = _whole(attributes.get("r")) or self.row + 1
            self.column = 0
            if attributes.get("hidden") in ("1", "true"):
                self.found.hidden.append(self.row)
        elif tag == "c":
            self._cell(attributes)
        elif tag == "f":
            self.formula = True
        elif tag in ("v", "is"):
            self.text = []
        elif tag == "mergeCell" and _RANGE.fullmatch(attributes.get("ref", "")):
            self.found.merged.append(attributes["ref"])

    def _cell(self, attributes: dict[str, str]) -> None:
        try:
            self.row, self.column = address_parts(attributes["r"]) if "r" in attributes else (self.row, self.column + 1)
        except ValueError as error:
            raise UnclearError("alamat selnya tidak dapat dipahami") from error
        self.kind, self.formula, self.valued, self.shown = attributes.get("t", ""), False, False, ""

    def data(self, text: str) -> None:
        if self.text is not None:
            self.text.append(text)

    def end(self, name: str) -> None:
        tag = name.rsplit(":", 1)[-1]
        if tag in ("v", "is") and self.text is not None:
            self.shown, self.text = "".join(self.text), None
            self.valued = bool(self.shown) or self.valued
        elif tag == "c":
            self._close()

    def _close(self) -> None:
        if self.valued or self.formula or self.kind == "e":
            self.found.reach(self.row, self.column)
        if self.kind == "e":
            self.found.errors.append(ErrorCell(self.row, self.column, self.shown or "#N/A"))
        if self.formula:
            self.found.formula(self.row, self.column, self.valued or self.kind in ("str", "e"))


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0


def _parse(chunks: Iterable[bytes]) -> SheetFacts:
    state = _Parser()
    parser = expat.ParserCreate()
    parser.StartElementHandler = state.start
    parser.EndElementHandler = state.end
    parser.CharacterDataHandler = state.data
    parser.buffer_text = True
    _feed(parser, chunks, state)
    return state.found.facts()


def _feed(parser: Any, chunks: Iterable[bytes], state: Any) -> None:
    for chunk in chunks:
        parser.Parse(chunk, False)
        if state.text is not None and sum(map(len, state.text)) > MAX_CELL:
            raise UnclearError("sebuah selnya jauh lebih panjang daripada yang diizinkan Excel")
    parser.Parse(b"", True)


def look_through_ods(chunks: Chunks) -> Mapping[str, SheetFacts]:
    """Facts of every sheet of an ODS file by name, from its content.xml. Raises `TooLargeError` and `UnclearError`."""
    state = _OdsParser()
    parser = expat.ParserCreate()
    parser.StartElementHandler = state.start
    parser.EndElementHandler = state.end
    parser.CharacterDataHandler = state.data
    parser.buffer_text = True
    _feed(parser, chunks(), state)
    return {name: found.facts() for name, found in state.sheets.items()}


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
        if self.hidden:
            self.found.hidden += range(row, row + self.rows)
        error = self.cell.get("calcext:value-type") == "error"
        error = error or bool("formula" in self.cell and _ODS_ERROR.fullmatch(text))
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
