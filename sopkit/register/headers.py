"""Where the headers of a sheet stand: their row, whether they take two, and the text and the cell of each.

Reading looks for headers that it knows, adopting for a row that looks like headers. Both go by what stands here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sopkit.ooxml.address import corners, letter
from sopkit.register.grid import Grid
from sopkit.register.layout import plain
from sopkit.text import clean_line

HEADER_DEPTH = 60  # rows in which a header row is looked for
LONGEST = 80  # letters of a text that can be a header
_TITLE = re.compile(
    r"(?:buku|kartu|daftar|data|form(?:ulir)?|lampiran|lap(?:oran)?|log(?:book)?|register|rekap\w*|tabel)\b.*"
    r"|.*\b(?:tahun|periode|bulan)\s*:?\s*\S*\s*\d{4}\b.*"
)
_PARTS = frozenset(
    (
        "mulai", "selesai", "awal", "akhir", "pelaksana", "petugas", "oleh", "paraf", "hasil", "keterangan", "ket",
        "ket.", "catatan", "tanggal", "tgl", "tgl.", "jam", "waktu", "start", "end", "finish", "actor", "remark",
    )
)  # fmt: skip
"""What stands under many groups, and there belongs to its group."""


@dataclass(frozen=True)
class Header:
    """Where a sheet's headers stand: `row` in Excel (the lower of two), `columns` field -> Excel column, from 1."""

    row: int
    columns: Mapping[str, int]
    duplicates: tuple[tuple[str, str], ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()
    first_cell: str = "A1"
    texts: Mapping[str, int] = field(default_factory=dict)  # every header, plain -> Excel column
    depth: int = 1  # rows that the headers take


@dataclass(frozen=True)
class Titled:
    """A row of headers: `place` in `grid.rows` (of two rows the lower), and each header with its column and cell."""

    place: int
    depth: int
    titles: tuple[tuple[int, str, str], ...]  # Excel column, text, A1 address of the cell that it stands in

    @property
    def known(self) -> frozenset[str]:
        return frozenset(plain(text) for _, text, _ in self.titles)


def find_header(
    grid: Grid, names: Mapping[str, str], depth: int | None = None, also: Collection[str] = ()
) -> Header | None:
    """The header row: of the first rows, the one that holds the most different known names; None where none does.

    `names` maps a plain header to its field; `also` are plain headers of no field. Where headers take two rows, a
    header is the upper and the lower text with a blank between. Where one row and two find as many, it is `depth` rows;
    None: two where they are surely headers together.
    """
    known = dict.fromkeys(also, "") | dict(names)
    all_of_them = len(set(names.values())) + len(set(also) - names.keys())
    best: tuple[tuple[int, bool, bool, bool], Titled] | None = None
    for titled, double in _candidates(grid, known, depth):
        here = titled.known
        score = len({names[text] for text in here if text in names}) + len(here.intersection(also) - names.keys())
        rank = (score, titled.depth == depth, double, not _is_hidden(grid, titled))
        if score and (best is None or rank > best[0]):
            best = (rank, titled)
        if score == all_of_them:
            break
    return _header(grid, best[1], names) if best else None


def find_titles(grid: Grid, known: Container[str] = ()) -> Titled | None:
    """The row that looks most like headers: the most short texts, those whose plain form is `known` counting double.

    For a sheet of which no names are certain. None where no row has two texts, or nothing stands below.
    """
    best: tuple[tuple[int, bool, bool], Titled] | None = None
    for titled, double in _candidates(grid, known, None):
        texts = {text for text in titled.known if len(text) <= LONGEST}
        familiar = sum(text in known for text in texts)
        below = titled.place < len(grid.rows) - 1
        rank = (len(texts) + familiar, double, not _is_hidden(grid, titled))
        if len(texts) > 1 and (below or familiar > 1) and (best is None or rank > best[0]):
            best = (rank, titled)
    return best[1] if best else None


def titles(grid: Grid, place: int, depth: int, known: Container[str] = ()) -> Titled:
    """The headers that `grid.rows[place]` gives, with the row above it where they take two."""
    return _titles(grid, place, depth, known, _spans(grid))


def header_texts(grid: Grid, place: int, depth: int) -> list[str]:
    """The same by column of the grid: '' where there is none."""
    said = {column: text for column, text, _ in titles(grid, place, depth).titles}
    return [said.get(grid.first_column + at, "") for at in range(len(grid.rows[place]))]


def repeated(grid: Grid, header: Header, places: Sequence[int]) -> list[int]:
    """Of these places those that say the headers again, as a table does that was printed page by page, and the titles
    above them where they are again those of the sheet.
    """
    first = header.row - grid.first_row - header.depth + 1
    lines = [_texts(grid, place) for place in range(first, first + header.depth)]
    said = [{at: plain(text) for at, text in enumerate(line) if text} for line in lines]
    found = {
        place for one in said if len(one) > 1 for place in _with_one(grid, one, places) if _says(grid.rows[place], one)
    }
    if not found:
        return []
    titles_above = {plain(text) for place in range(first) for text in _texts(grid, place) if text}
    return sorted(found | {place for place in _above(found, places) if _is_of(grid.rows[place], titles_above)})


def _above(found: Collection[int], places: Sequence[int]) -> Iterator[int]:
    """The places at most four rows above one of these."""
    return (place for place in places if any(place + step in found for step in range(1, 5)))


def _is_of(row: Sequence[object], texts: Container[str]) -> bool:
    """Whether a row says nothing but these texts."""
    said = [value for value in row if value != ""]
    return bool(said) and all(isinstance(value, str) and plain(value) in texts for value in said)


def _with_one(grid: Grid, said: Mapping[int, str], places: Sequence[int]) -> Iterator[int]:
    """The places that hold one of the first two texts in its column: looked for by column, 10 ms for 100,000 rows."""
    for at, text in list(said.items())[:2]:
        column = grid.column(grid.first_column + at, places)
        like = (value for value in set(column) if isinstance(value, str) and value[:2].casefold().find(text[0]) >= 0)
        same = {value for value in like if plain(value) == text}
        if same:
            yield from (place for place, value in zip(places, column, strict=True) if value in same)


def _says(row: Sequence[object], said: Mapping[int, str]) -> bool:
    """Whether a row holds two thirds of these texts, two at least, and next to nothing else in their columns."""
    agreeing = other = 0
    for at, text in said.items():
        value = row[at]
        if isinstance(value, str) and value and plain(value) == text:
            agreeing += 1
        elif value != "":
            other += 1
            if other > 1:  # the usual row of data ends here
                return False
    return agreeing >= max(2, len(said) * 2 // 3)


def _candidates(grid: Grid, known: Container[str], depth: int | None) -> Iterator[tuple[Titled, bool]]:
    """What may be the headers, and whether it surely takes two rows."""
    spans = _spans(grid)
    for place in range(min(HEADER_DEPTH, len(grid.rows))):
        yield _titles(grid, place, 1, known, spans), False
        double = place > 0 and _is_double(grid, place, known, spans)
        if double or (depth == 2 and place > 0):
            yield _titles(grid, place, 2, known, spans), double


def _titles(grid: Grid, place: int, depth: int, known: Container[str], spans: _Spans) -> Titled:
    lower = _texts(grid, place)
    above = _Above.of(grid, place, lower, known, spans) if depth == 2 else None
    row, found = grid.first_row + place, []
    for at, below in enumerate(above.lower if above else lower):
        text = " ".join(filter(None, (above.spread[at], below))) if above else below
        if text:
            column = grid.first_column + at
            found.append((column, text, f"{letter(column)}{row if below else row - 1}"))
    return Titled(place, depth, tuple(found))


def _is_hidden(grid: Grid, titled: Titled) -> bool:
    return grid.first_row + titled.place in grid.facts.hidden_rows


def _texts(grid: Grid, place: int) -> list[str]:
    return [clean_line(cell) if isinstance(cell, str) and cell else "" for cell in grid.rows[place]]


def _is_double(grid: Grid, place: int, known: Container[str], spans: _Spans) -> bool:
    """Whether this row and the one above make headers together: groups above with two texts or more below one.

    They need each other: a text above has none below, or two texts below are the same, or both together are known.
    So a title is no group. Where dates or amounts stand below, it is a row of data.
    """
    lower = _texts(grid, place)
    if any(not isinstance(cell, str) and _small(cell) is None for cell in grid.rows[place]):
        return False
    above = _Above.of(grid, place, lower, known, spans)
    filled = [text for text in above.lower if text]
    own = [at for at, text in enumerate(above.own) if text]
    if len(above.grouped) < 2 or (len(own) == 1 and _is_title(own[0], above)):
        return False
    if any(plain(f"{above.spread[at]} {above.lower[at]}") in known for at in above.grouped):
        return True
    if any(not above.lower[at] for at in own):
        return True
    return len(set(filled)) < len(filled)


def _is_title(at: int, above: _Above) -> bool:
    """Whether the only text of a row is the title of what stands below: it begins no later, or says so."""
    return not any(above.lower[:at]) or _TITLE.fullmatch(plain(above.own[at])) is not None


_Spans = Mapping[int, Sequence[tuple[int, int, int]]]
"""Of the merged ranges in the first rows: top row -> left column, bottom row, right column; all in Excel's count."""


def _spans(grid: Grid) -> _Spans:
    found: dict[int, list[tuple[int, int, int]]] = {}
    for span in grid.facts.merged:
        try:
            (top, left), (bottom, right) = corners(span)
        except ValueError:  # whole columns or rows
            continue
        if top < grid.first_row + HEADER_DEPTH:
            found.setdefault(top, []).append((left, bottom, right))
    return found


@dataclass(frozen=True)
class _Above:
    """Two rows that may be headers: `own` the texts of the upper as they stand, `spread` over the columns of its
    groups, `lower` those below, `grouped` the columns (in the grid's count) that stand below one with others.
    """

    own: Sequence[str]
    spread: Sequence[str]
    lower: Sequence[str]
    grouped: Sequence[int]

    @classmethod
    def of(cls, grid: Grid, place: int, texts: Sequence[str], known: Container[str], spans: _Spans) -> _Above:
        own, lower = _texts(grid, place - 1), list(texts)
        wide = list(_wide(grid, grid.first_row + place - 1, len(own), spans))
        for first, last in wide:  # steps may be called 1, 2, 3 below their group
            if not any(lower[first : last + 1]):
                numbers = [_small(value) for value in grid.rows[place][first : last + 1]]
                lower[first : last + 1] = ["" if number is None else str(number) for number in numbers]
        runs = wide or list(_runs(own, lower, known))
        spread, grouped = list(own), []
        for first, last in runs:
            below = [at for at in range(first, last + 1) if lower[at]]
            for at in below:
                spread[at] = own[first]
            grouped += below if own[first] and len(below) > 1 else []
        return cls(own, spread, lower, grouped)


def _wide(grid: Grid, row: int, width: int, spans: _Spans) -> Iterator[tuple[int, int]]:
    """The first and the last column of each group that is merged over several columns of a row."""
    for left, _, right in spans.get(row, ()):
        first, last = left - grid.first_column, min(right - grid.first_column, width - 1)
        if 0 <= first < last:  # a title may be merged over more columns than hold anything
            yield first, last


def _runs(own: Sequence[str], lower: Sequence[str], known: Container[str]) -> Iterator[tuple[int, int]]:
    """The same where nothing is merged: a text stands for the columns to its right too that have a text below and none
    above, up to one that is known by itself.
    """
    first = None
    for at in range(len(own) + 1):
        below = plain(lower[at]) if at < len(own) else ""
        alone = below in known and (below not in _PARTS or lower.count(lower[at]) == 1)
        if first is not None and (not below or own[at] or alone):
            yield first, at - 1
            first = None
        if at < len(own) and own[at] and below:
            first = at


def _small(value: object) -> int | None:
    """The number of a step, such as may stand in a header; None for anything else."""
    number = isinstance(value, float | int) and not isinstance(value, bool) and value == value
    return int(value) if number and 0 < value < 100 and value == int(value) else None  # type: ignore[operator,call-overload]


def _header(grid: Grid, titled: Titled, names: Mapping[str, str]) -> Header:
    columns: dict[str, int] = {}
    texts: dict[str, int] = {}
    duplicates, unknown = [], []
    for column, shown, address in titled.titles:
        text = plain(shown)
        if not text:
            continue
        texts.setdefault(text, column)
        if text not in names:
            unknown.append((address, shown))
        elif names[text] in columns:
            duplicates.append((address, shown))
        else:
            columns[names[text]] = column
    row = grid.first_row + titled.place
    first = next((address for _, shown, address in titled.titles if plain(shown)), f"A{row}")
    return Header(row, columns, tuple(duplicates), tuple(unknown), first, texts, titled.depth)
