"""What staff typed into a workbook, sheet by sheet as typed, whatever the order of its columns and their names."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from sopkit.errors import SopkitError
from sopkit.excel.preflight import Facts
from sopkit.language import list_text
from sopkit.newbook.create import ErrorCell, Formula
from sopkit.newbook.formula import HEADER_ROW
from sopkit.ooxml.address import address_parts, corners, letter
from sopkit.ooxml.package import Package, sheet_parts
from sopkit.ooxml.xml_edit import UnclearPackageError
from sopkit.register.layout import Layout, plain
from sopkit.register.not_data import set_aside
from sopkit.register.parse import EARLIEST_SERIAL, LATEST_SERIAL, is_blank
from sopkit.register.read import read_bytes
from sopkit.register.schema import CHOICES, LISTS_SHEET, LIVE_HEADERS, SHEETS, Kind, SheetPlan, is_live
from sopkit.register.sheets import Grid, Header, find_header, named, open_sheets, used_rows
from sopkit.register.tables import Aside

ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")
"""The error values that an xlsx cell may hold without newer parts; others are written as the last."""
LONGEST_HEADER = 255
TEMPORAL = (Kind.DATE, Kind.DATETIME, Kind.TIME)
FOREIGN = re.compile(r"[\[!]")  # in a formula: what leads out of its sheet


@dataclass(frozen=True)
class TypedSheet:
    """One sheet. `rows` are field or own header -> value, empty cells left out; `numbers` their rows in the workbook.

    `own` are the columns that sopkit does not know: header (each once, none a field or a live header) -> column.
    `live` are the columns that sopkit filled with formulas. `asides` are rows that are no data, and `strewn` what
    stands in own columns beyond the data: none of them is in `rows`.
    """

    grid: Grid
    header: Header
    own: Mapping[str, int]
    live: Sequence[int]
    rows: Sequence[Mapping[str, object]]
    numbers: Sequence[int]
    asides: Sequence[Aside] = ()
    strewn: Sequence[int] = ()

    @property
    def columns(self) -> Mapping[str, int]:
        """Field or own header -> column."""
        return {**self.header.columns, **self.own}

    @cached_property
    def hidden(self) -> tuple[int, ...]:
        """Places in `rows` of the hidden ones."""
        hidden = set(self.grid.facts.hidden_rows)
        return tuple(place for place, row in enumerate(self.numbers) if row in hidden)


@dataclass(frozen=True)
class Opened:
    """A workbook's bytes, and what readers make of them."""

    data: bytes
    facts: Facts
    grids: Mapping[str, Grid]

    @cached_property
    def package(self) -> Package | None:
        """Its parts, where it is one of Excel's XML formats and clear."""
        try:
            return Package.read(self.data) if self.facts.format in ("xlsx", "xlsm") else None
        except UnclearPackageError:
            return None

    def xml(self, sheet: str) -> bytes:
        """A sheet's XML; empty where it has none or the package is unclear."""
        try:
            return self.package.part(sheet_parts(self.package)[sheet]) if self.package else b""
        except (UnclearPackageError, KeyError):
            return b""


@dataclass(frozen=True)
class Typed:
    """A workbook: its sheets by the name that sopkit gives them, and the columns of sheet Daftar by header."""

    book: Opened
    sheets: Mapping[str, TypedSheet]
    lists: Mapping[str, Sequence[object]] = field(default_factory=dict)


def read_typed(path: Path, layout: Layout) -> Typed:
    """All that was typed into the sheets that sopkit reads; those of an office's workbook where the layout has one."""
    for name, several in layout.sheets.items():
        if len(several) > 1:
            raise SopkitError(
                f"Berkas tata letak membaca {name} dari {len(several)} lembar ({list_text(several)}).",
                "Buku kerja seperti itu dipakai apa adanya; yang diperbarui hanya buku kerja buatan sopkit.",
            )
    book = _opened(path)
    office = _opened(layout.office) if layout.office else None
    sheets, lists = {}, dict[str, Sequence[object]]()
    for name in (*(plan.name for plan in SHEETS), LISTS_SHEET):
        home = office if office and named(office.grids, layout.sheet(name)) else book
        grid = named(home.grids, layout.sheet(name))
        if grid is None:
            continue
        plan = next((plan for plan in SHEETS if plan.name == name), None)
        if plan is None:
            lists = dict(_lists(grid))
        elif sheet := _sheet(plan, grid, layout, home):
            sheets[name] = sheet
    return Typed(book, sheets, lists)


def _opened(path: Path) -> Opened:
    data = read_bytes(path)
    return Opened(data, *open_sheets(path, data))


def _sheet(plan: SheetPlan, grid: Grid, layout: Layout, home: Opened) -> TypedSheet | None:
    header = find_header(grid, layout.names(plan), layout.header_rows.get(plan.name))
    if header is None:
        return None
    blind = home.facts.format in ("xls", "xlsb")  # of which only values are read
    titles = _titles(header).items()
    live = [place for place, title in titles if is_live(plan.name, title) and (blind or _shows(grid, place))]
    own = _own_columns(plan, grid, header, live)
    columns = {**header.columns, **own}
    kinds = {column.field: column.kind for column in plan.columns}
    asides = _asides(plan, grid, header)
    used = [grid.first_row + place for place in used_rows(grid, header, list(columns.values()))]
    numbers, strewn = _rows_of_data(grid, header, used, asides)
    kept = unmoved(plan, header, numbers) and bool(grid.facts.uncalculated)
    read = _Values(grid, home.facts.format == "xls", home.xml(grid.name) if kept else b"")
    rows = [
        {
            name: value
            for name, column in columns.items()
            if (value := read.at(number, column, kinds.get(name, Kind.TEXT))) is not None
        }
        for number in numbers
    ]
    return TypedSheet(grid, header, own, live, rows, numbers, asides, strewn)


def _asides(plan: SheetPlan, grid: Grid, header: Header) -> tuple[Aside, ...]:
    """What is no data to whoever reads the register."""
    read_as = {place: plan.column(name) for name, place in header.columns.items()}
    return set_aside(plan, grid, header, read_as, used_rows(grid, header, list(read_as)))


def _rows_of_data(
    grid: Grid, header: Header, used: Sequence[int], asides: Sequence[Aside]
) -> tuple[list[int], list[int]]:
    """The rows with data, and those below all data and beside totals or signatures that fill own columns alone."""
    aside = {row for one in asides for row in one.rows}
    left = [row for row in used if row not in aside]
    ending = [row for one in asides if one.kind != "numbers" for row in one.rows]
    if not ending:
        return left, []
    known = {grid.first_row + place for place in used_rows(grid, header, list(header.columns.values()))} - aside
    end = max((*known, min(ending)))
    return [row for row in left if row <= end], [row for row in left if row > end]


def _titles(header: Header) -> dict[int, str]:
    """Column -> header, of those that are unknown."""
    return {address_parts(cell)[1]: shown.strip() for cell, shown in header.unknown}


def _shows(grid: Grid, column: int) -> bool:
    return bool(len(grid.facts.formulas.get(column, ())))


def _own_columns(plan: SheetPlan, grid: Grid, header: Header, live: Sequence[int]) -> dict[str, int]:
    """The columns with a header that sopkit does not know, and those with none where something was typed below."""
    titles = _titles(header)
    taken = {plain(column.header) for column in plan.columns}
    fields = {column.field for column in plan.columns}
    own: dict[str, int] = {}
    last = grid.first_column + (len(grid.rows[0]) if grid.rows else 0)
    for column in range(grid.first_column, last):
        if column in live or column in header.columns.values():
            continue
        if column in titles or _typed_below(grid, header, column):
            title = titles.get(column, f"Kolom {letter(column)}")
            shown = f"{title} (kantor)" if _sounds_live(plan, title) else title
            shown = shown.capitalize() if shown in fields else shown
            own[_once(shown[:LONGEST_HEADER], taken)] = column
    return own


def _sounds_live(plan: SheetPlan, title: str) -> bool:
    """Whether a table would take the header for that of a live column."""
    return is_live(plan.name, plain(title)) or plain(title) in map(plain, LIVE_HEADERS.get(plan.name, ()))


def _typed_below(grid: Grid, header: Header, column: int) -> bool:
    shown = set(grid.facts.formulas.get(column, ()))
    return any(grid.first_row + place not in shown for place in used_rows(grid, header, [column]))


def _once(title: str, taken: set[str]) -> str:
    """The header itself, else with the first number that makes it another's: a table has each header once."""
    name, number = title, 2
    while plain(name) in taken:
        name, number = f"{title[: LONGEST_HEADER - 8]} ({number})", number + 1
    taken.add(plain(name))
    return name


class _Values:
    """The cells of a sheet as typed; None for empty. `serials` when the reader gives real dates as bare numbers.

    With its `xml` a formula that was never calculated is a value too.
    """

    def __init__(self, grid: Grid, serials: bool = False, xml: bytes = b"") -> None:
        self.grid, self.serials, self.xml = grid, serials, xml
        self.errors = {(cell.row, cell.column): cell.shown for cell in grid.facts.errors}

    def at(self, row: int, column: int, kind: Kind) -> object:
        if (row, column) in self.errors:
            shown = self.errors[row, column]
            return ErrorCell(shown if shown in ERRORS else ERRORS[-1])
        value = self.grid.rows[row - self.grid.first_row][column - self.grid.first_column]
        if isinstance(value, str):
            return value or self._formula(row, column)
        if isinstance(value, float) and not math.isfinite(value):
            return ErrorCell("#NUM!")
        if self.serials and kind in TEMPORAL and isinstance(value, float | int):
            return _moment(value)
        return value

    def _formula(self, row: int, column: int) -> Formula | None:
        if self.xml and row in self.grid.facts.uncalculated.get(column, ()):
            return formula_in(self.xml, f"{letter(column)}{row}")
        return None


def _moment(serial: float) -> object:
    """What a bare number of an old workbook stands for in a column of dates or times."""
    if 0 <= serial < 1:
        return (dt.datetime.min + dt.timedelta(seconds=round(serial * 86400) % 86400)).time()
    if not EARLIEST_SERIAL <= serial < LATEST_SERIAL + 1:
        return serial
    moment = dt.datetime(1899, 12, 30) + dt.timedelta(seconds=round(serial * 86400))
    return moment if math.modf(serial)[0] else moment.date()


def _lists(grid: Grid) -> Iterator[tuple[str, Sequence[object]]]:
    """Sheet Daftar: the columns by header, their values one after the other; the known lists by sopkit's names."""
    header = find_header(grid, {plain(name): name for name in CHOICES})
    if header is None:
        return
    taken = set(map(plain, CHOICES))
    own = {_once(title, taken): column for column, title in _titles(header).items()}
    read = _Values(grid)
    for name, column in {**header.columns, **own}.items():
        values = [read.at(row, column, Kind.TEXT) for row in range(header.row + 1, grid.first_row + len(grid.rows))]
        yield name, [value for value in values if not is_blank(value)]


def merged_ranges(plan: SheetPlan, sheet: TypedSheet) -> Iterator[tuple[int, int, int]]:
    """The merged ranges in the rows of a sheet: places of the first and the last row, and of the column in its plan."""
    fields = {column: name for name, column in sheet.header.columns.items()}
    order = [column.field for column in plan.columns]
    for span in sheet.grid.facts.merged:
        (top, left), (bottom, right) = corners(span)
        places = [place for place, number in enumerate(sheet.numbers) if top <= number <= bottom]
        if places and left == right and left in fields:
            yield places[0], places[-1], order.index(fields[left])


def unmoved(plan: SheetPlan, header: Header, numbers: Sequence[int]) -> bool:
    """Whether every known cell stands where the canonical workbook has it, so that formulas mean the same there."""
    order = [column.field for column in plan.columns]
    rows = list(numbers) == list(range(HEADER_ROW + 1, HEADER_ROW + 1 + len(numbers)))
    return rows and all(order.index(name) == column - 1 for name, column in header.columns.items())


def formula_in(xml: bytes, cell: str) -> Formula | None:
    """A cell's own formula from a sheet's XML; None for one that leads out of its sheet or is another cell's."""
    found = re.search(rb'<c r="%s"[^<>]*>\s*<f>([^<]+)</f>' % cell.encode(), xml)
    if found is None:
        return None
    from html import unescape

    text = unescape(found[1].decode("utf-8"))
    return None if FOREIGN.search(text) else Formula(f"={text}")
