"""What stands on a sheet among its data and is none: column numbers, headers again, totals and signatures.

Where it is in doubt, a row is data: a case that is lost would be lost in silence.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, takewhile

from sopkit.language import MONTHS
from sopkit.ooxml.address import address_parts, letter
from sopkit.register.headers import repeated
from sopkit.register.parse import is_blank
from sopkit.register.schema import CHOICES, OFFICE, PEOPLE, Cases, Column, Kind, People, SheetPlan
from sopkit.register.sheets import Grid, Header
from sopkit.register.tables import Aside
from sopkit.text import clean_line, plain

FEW = 3  # cells in a row of signatures: its left, its middle and its right
FAR = 3  # rows below the headers in which their numbers stand
BELOW_SIGN = 2  # rows below the last sign of a block between cases: a name and a rank
LONGEST_SIGN = 80
LONGEST_LABEL = 40  # letters of "Jumlah kasus sampai dengan November 2026"
_COUNT = re.compile(r"[(\[]?\s*(\d{1,3})\s*(?:=[^)\]]*)?[)\].]?")
_TOTAL = re.compile(r"(?:(?:sub|grand)[ -]?)?(?:total|jumlah)(?: .*)?[\s:.=]*")
_ROLE = (
    r"(?:(?:plt|plh|pj|an|a\.n|ub|u\.b)\b\.?\s*)*"
    r"(?:camat|sekcam|lurah|bupati|wali ?kota|kasi\b|sekretaris (?:kecamatan|camat)|kepala (?:seksi|sub|kantor|desa))"
    r"[^.;:]{0,40}[,.]?"
)
_ASSENT = r"(?:di|me)?(?:ketahui|ngetahui|setujui|nyetujui|sahkan|ngesahkan|periksa|meriksa|buat|susun|catat)"
_MONTH = "|".join(MONTHS).casefold()
_SIGNATURES = (
    re.compile(rf"{_ASSENT}(?: oleh)?(?:\s*[,:/&]?\s*(?:{_ROLE})?)[\s,:.]*"),
    re.compile(r"(?:yang )?(?:membuat|menyusun|mencatat)[\s,:.]*|(?:petugas|pembuat|penyusun)[\s]*[,:.]+|t\.?t\.?d\.?"),
    re.compile(_ROLE),
    re.compile(r"nip\b[\s.:]*[\d\s.]*"),
    re.compile(rf"[a-z][a-z .'-]{{1,40}},(?=.*(?:{_MONTH}|[.…_]{{2}}|\d[-/]\d))(?:[\s\d.…_/-]|tanggal|tgl|{_MONTH})+"),
)
_OF_ROLES = _SIGNATURES[2]
_NAMING = (Kind.PERSON, Kind.ROLE_OR_PERSON, Kind.CHOICE)  # columns in which a role is nothing strange
_NO_KEY = re.compile(r"(?=\D*$)|\s*(?:nip|jumlah|total|sub|grand)|[^,]*,", re.IGNORECASE)
_SERIAL = dt.date(1899, 12, 31)


def set_aside(
    plan: SheetPlan, grid: Grid, header: Header, columns: Mapping[int, Column], places: Sequence[int]
) -> tuple[Aside, ...]:
    """What of these used rows (`places` in `grid.rows`) is no data; `columns` are those that are read.

    A table's last row of totals and a row that begins with Jumlah or Total end the data: what follows is none, unless
    it looks like data.
    """
    if plan is OFFICE or not places:  # a key of Kantor may be called anything
        return ()
    sheet = _Sheet(plan, grid, header, columns)
    numbers = places[:1] if sheet.numbers_columns(places[0]) else []
    again = repeated(grid, header, places)
    numbers = [*numbers, *(place for place in sheet.following(again) if sheet.numbers(place))]
    without = {*numbers, *again}
    left = [place for place in places if place not in without] if without else places
    odd = sheet.without_key(left)
    if sheet.unread:
        odd = sorted({*odd, *filter(sheet.is_total_unread, left)})
    totals, after = _totals(sheet, odd)
    signed = _signatures(sheet, left, totals, [place for place in odd if place not in totals])
    kinds = (("numbers", numbers), ("headers", again), ("totals", sorted(totals | (after - set().union(*signed)))))
    found = [Aside(kind, sheet.rows(rows), sheet.first_cell(rows[0])) for kind, rows in kinds if rows]  # type: ignore[arg-type]
    return (*found, *(Aside("signature", sheet.rows(block), sheet.first_cell(block[0])) for block in signed))


def _totals(sheet: _Sheet, odd: Sequence[int]) -> tuple[set[int], set[int]]:
    """The rows of totals, and those below the last of them that do not look like data."""
    totals = {
        place for place in odd if place in sheet.table_totals or sheet.says_total(place) or sheet.is_total_unread(place)
    }
    if not totals:
        return set(), set()
    return totals, {place for place in odd if place > max(totals) and not sheet.like_data(place)}


def _signatures(sheet: _Sheet, places: Sequence[int], totals: set[int], odd: Iterable[int]) -> list[list[int]]:
    """The blocks of signatures, at the end of the data or between cases (a block for each month): from the first row
    that is surely of one; at the end to the last that holds few texts.
    """
    possible = {place for place in odd if sheet.cells(place) <= FEW and not sheet.like_data(place)}
    blocks: list[list[int]] = []
    for may_be, run in groupby(places, possible.__contains__):
        rows = list(run)
        signs = sheet.signs(rows) if may_be else {}
        first = next((at for at, place in enumerate(rows) if signs.get(place)), None)
        if first is None:
            continue
        count, last = sum(map(len, signs.values())), rows[-1] == places[-1]
        apart = sheet.below_blank(rows[first]) or rows[first] - 1 in totals
        if (count > 1 and (apart or last)) or count > 2 or (apart and last and sheet.plan is not PEOPLE):
            blocks.append(rows[first:] if last else _between_cases(sheet, rows[first:], signs))
    return blocks


def _between_cases(sheet: _Sheet, rows: Sequence[int], signs: Mapping[int, set[Column]]) -> list[int]:
    """Of a block that data follow, the rows that hold nothing but what stands in its columns: signs, a name, a rank."""
    columns = set[Column]().union(*signs.values())
    own = list(takewhile(lambda place: signs[place] or {c for c, _ in sheet.typed(place)} <= columns, rows))
    last = max(at for at, place in enumerate(own) if signs[place])
    return own[: last + 1 + BELOW_SIGN]


@dataclass(frozen=True)
class _Sheet:
    """A sheet's rows as these questions need them."""

    plan: SheetPlan
    grid: Grid
    header: Header
    columns: Mapping[int, Column]

    def rows(self, places: Iterable[int]) -> tuple[int, ...]:
        return tuple(self.grid.first_row + place for place in places)

    def first_cell(self, place: int) -> str:
        values = self.grid.rows[place]
        column = next((at for at, value in enumerate(values) if not is_blank(value)), 0)
        return f"{letter(self.grid.first_column + column)}{self.grid.first_row + place}"

    def value(self, place: int, column: int) -> object:
        return self.grid.rows[place][column - self.grid.first_column]

    def typed(self, place: int) -> Iterator[tuple[Column, object]]:
        """The filled cells of the columns that are read, without what formulas show."""
        row = self.grid.first_row + place
        for place_of, column in self.columns.items():
            value = self.value(place, place_of)
            if not is_blank(value) and row not in self._formulas.get(place_of, ()):
                yield column, value

    def below_blank(self, place: int) -> bool:
        """Whether the row above, below the headers, is blank."""
        above = self.grid.first_row + place - 1 > self.header.row
        return above and all(is_blank(self.value(place - 1, column)) for column in self.columns)

    def cells(self, place: int) -> int:
        return sum(1 for _ in self.typed(place))

    def without_key(self, places: Sequence[int]) -> list[int]:
        """The rows in which the first column of the sheet does not hold what can be a number or a date."""
        if self._key is None:
            return list(places)
        keys = self.grid.column(self._key, places)
        odd = {key for key in set(keys) if (not _can_be_key(key) if isinstance(key, str) else is_blank(key))}
        return [place for place, key in zip(places, keys, strict=True) if key in odd] if odd else []

    def like_data(self, place: int) -> bool:
        """A date in its column, or half of what must be filled, at least two, each as its column wants it."""
        typed = list(self.typed(place))
        if any(isinstance(value, dt.date) and c.kind in (Kind.DATE, Kind.DATETIME) for c, value in typed):
            return True
        required = sum(column.required for column in self.plan.columns)
        fitting = sum(column.required and self._suits(column, value) for column, value in typed)
        return fitting >= max(2, (required + 1) // 2)

    def signs(self, places: Iterable[int]) -> Mapping[int, set[Column]]:
        """The cells of these rows that belong to a signature; a role below such a cell does in whatever column."""
        found: dict[int, set[Column]] = {}
        above = set[Column]()
        for place in places:
            cells = self.typed(place)
            found[place] = {column for column, value in cells if self._is_sign(column, value, below=column in above)}
            above |= found[place]
        return found

    def says_total(self, place: int) -> bool:
        """Whether the row begins with Jumlah or Total and says little else in words."""
        typed = sorted(self.typed(place), key=lambda pair: self._places[pair[0]])
        if not typed or self._places[typed[0][0]] not in self._first_columns:
            return False
        return _labels_total(typed[0][1], [value for _, value in typed[1:]])

    def is_total_unread(self, place: int) -> bool:
        """The same where Jumlah or Total stands in a column before the others that no column of sopkit is read from."""
        for column in self.unread:
            value = self.value(place, column)
            if not is_blank(value):
                return isinstance(value, str) and _labels_total(value, [v for _, v in self.typed(place)])
        return False

    def following(self, places: Sequence[int]) -> list[int]:
        """The rows right below these."""
        return [place + 1 for place in places if place + 1 < len(self.grid.rows) and place + 1 not in places]

    @cached_property
    def table_totals(self) -> set[int]:
        """Places of the totals rows of the Excel table that begins at the headers."""
        return {
            row - self.grid.first_row
            for area in self.grid.facts.tables
            if area.top == self.header.row
            for row in range(area.bottom - area.totals + 1, area.bottom + 1)
        }

    def numbers_columns(self, place: int) -> bool:
        """Whether the row numbers the headers above it: 1, 2, 3 … or (1), (2) …, or 7=5+6 as tables of accounts do."""
        return self.grid.first_row + place <= self.header.row + FAR and self.numbers(place)

    def numbers(self, place: int) -> bool:
        """The same, wherever the row stands."""
        headed = {address_parts(cell)[1] for cell, _ in self.header.duplicates} | set(self.header.texts.values())
        row = self.grid.first_row + place
        shown = [(row in self._formulas.get(at, ()), self.value(place, at)) for at in sorted(headed)]
        typed = [value for formula, value in shown if not formula and not is_blank(value)]
        every = [value for _, value in shown if not is_blank(value)]
        least = max(min(3, len(headed)), (min(len(headed), len(self.columns)) + 1) // 2)
        return any(len(values) >= least and _counts(values) for values in (typed, every))

    @cached_property
    def _key(self) -> int | None:
        first = self.plan.columns[0]
        return next((place for place, column in self.columns.items() if column == first), None)

    @cached_property
    def _places(self) -> Mapping[Column, int]:
        return {column: place for place, column in self.columns.items()}

    @cached_property
    def _first_columns(self) -> Sequence[int]:
        return sorted(self.columns)[:FEW]

    @cached_property
    def unread(self) -> Sequence[int]:
        """Places of headers to the left of the first column that is read, and among the first of the sheet."""
        return [at for at in sorted(self.header.texts.values()) if at < min(self.columns, default=0)][:FEW]

    @cached_property
    def _formulas(self) -> Mapping[int, set[int]]:
        return {column: set(rows.tolist()) for column, rows in self.grid.facts.formulas.items()}

    def _is_sign(self, column: Column, value: object, *, below: bool = False) -> bool:
        if not isinstance(value, str):
            return False
        text = plain(value)
        naming = not below and (column.kind in _NAMING or column in (Cases.addressee, People.position))
        patterns = (pattern for pattern in _SIGNATURES if not (naming and pattern is _OF_ROLES))
        return len(text) <= LONGEST_SIGN and any(pattern.fullmatch(text) for pattern in patterns)

    def _suits(self, column: Column, value: object) -> bool:
        if self._is_sign(column, value):
            return False
        if column.kind is Kind.CHOICE and column.choices in CHOICES and isinstance(value, str):
            return plain(value) in map(plain, CHOICES[column.choices])
        digits = column.kind in (Kind.DATE, Kind.DATETIME, Kind.TIME, Kind.STEP, Kind.NUMBER, Kind.REFERENCE)
        digits = digits or (column.kind is Kind.KEY and self.plan is not PEOPLE)
        return not digits or not isinstance(value, str) or any(map(str.isdigit, value))


def _can_be_key(text: str) -> bool:
    return _NO_KEY.match(text) is None


def _labels_total(value: object, others: Sequence[object]) -> bool:
    """Whether a cell says Jumlah or Total, and the `others` of its row little else in words."""
    label = plain(value) if isinstance(value, str) else ""
    label = label.replace("j u m l a h", "jumlah").replace("t o t a l", "total")
    words, dates = sum(isinstance(one, str) for one in others), any(isinstance(one, dt.date) for one in others)
    return len(label) <= LONGEST_LABEL and _TOTAL.fullmatch(label) is not None and words <= 1 and not dates


def _counts(values: Sequence[object]) -> bool:
    return all(number in _numbers(value) for number, value in enumerate(values, start=1))


def _numbers(value: object) -> Sequence[float]:
    """What a cell that numbers a column may say; a number in the format of a date is one of the year 1900."""
    if isinstance(value, str):
        match = _COUNT.fullmatch(clean_line(value))
        return [int(match[1])] if match else []
    if isinstance(value, dt.date):
        days = ((value.date() if isinstance(value, dt.datetime) else value) - _SERIAL).days
        return [days, days + 1]
    return [value] if isinstance(value, float | int) and not isinstance(value, bool) else []
