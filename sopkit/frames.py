"""Tables of typed columns by row, as light as rules need them, and from tables to rows of plain values.

pandas takes 0.2 s to import and 30 µs for what a column of a small office costs an array 1 µs: here it is only made
of a table for those who reckon with groups and medians (`Frame.pandas`).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from sopkit.arrays import Array, Flags, Ints, Moments

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]
EPOCH = dt.datetime(1970, 1, 1)
BLOCK = 4096  # moments at a time: they stay in the processor's cache


class Series:
    """One column: `array` has a place for each row, `index` the rows. Its names are those of pandas."""

    __slots__ = ("array", "index")
    __array_ufunc__ = None  # an array on the left leaves the work to the column

    def __init__(self, array: Array, index: Ints) -> None:
        self.array, self.index = array, index

    def __len__(self) -> int:
        return len(self.array)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.tolist())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.asarray(self.array, dtype)

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.array.dtype

    def to_numpy(self, dtype: Any = None) -> Array:
        return self.array if dtype is None else self.array.astype(dtype, copy=False)

    def tolist(self) -> list[Any]:
        """As Python has the values: str, float, datetime, timedelta, bool, None where one is missing."""
        return plain_values(self.array)

    def __getitem__(self, rows: Any) -> Any:
        """The value of a row; of flags or of several rows a column of them."""
        if isinstance(rows, int | np.integer):
            place = places_of(self.index, [int(rows)])
            return plain_values(self.array[place])[0]
        wanted = np.asarray(rows)
        places = wanted if wanted.dtype == bool else places_of(self.index, wanted)
        return Series(self.array[places], self.index[places])

    def items(self) -> Iterator[tuple[int, Any]]:
        return zip(self.index.tolist(), self.tolist(), strict=True)

    def isna(self) -> Series:
        gone = is_missing(self.array)
        if self.array.dtype == object:  # as typed in: what a damaged file calls a number and is none
            gone |= np.asarray(self.array != self.array, dtype=np.bool_)
        return Series(gone, self.index)

    def notna(self) -> Series:
        return ~self.isna()

    def dropna(self) -> Series:
        return self[~self.isna().array]  # type: ignore[no-any-return]

    def isin(self, values: Collection[Any]) -> Series:
        return Series(is_in(self.array, values), self.index)

    def without(self, flags: Flags) -> Series:
        """The same with these values missing."""
        kept = self.array.copy()
        kept[flags] = _missing_of(kept, 1)[0]
        return Series(kept, self.index)

    def __eq__(self, other: object) -> Series:  # type: ignore[override]
        return Series(np.asarray(self.array == _bare(other)), self.index)

    def __ne__(self, other: object) -> Series:  # type: ignore[override]
        return Series(np.asarray(self.array != _bare(other)), self.index)

    def __and__(self, other: Any) -> Series:
        return Series(np.asarray(self.array & _bare(other)), self.index)

    def __or__(self, other: Any) -> Series:
        return Series(np.asarray(self.array | _bare(other)), self.index)

    def __invert__(self) -> Series:
        return Series(~self.array, self.index)

    __rand__, __ror__, __hash__ = __and__, __or__, None  # type: ignore[assignment]


def _bare(other: Any) -> Any:
    return other.array if isinstance(other, Series) else other


class Frame:
    """Columns by name, all of the same rows: `index`, which ascend."""

    __slots__ = ("columns", "index")

    def __init__(self, columns: Mapping[str, Array], index: Ints) -> None:
        self.columns, self.index = dict(columns), index

    def __len__(self) -> int:
        return len(self.index)

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    def __getitem__(self, name: str) -> Series:
        return Series(self.columns[name], self.index)

    @property
    def empty(self) -> bool:
        return not len(self.index)

    def place(self, row: int) -> int:
        """Where a row stands; KeyError where there is none."""
        return int(places_of(self.index, [row])[0])

    def value(self, row: int, name: str) -> Any:
        """What stands there."""
        return self[name][row]

    def assign(self, columns: Mapping[str, Array]) -> Frame:
        """The same with these columns."""
        return Frame({**self.columns, **columns}, self.index)

    def with_index(self, index: Ints) -> Frame:
        return Frame(self.columns, index)

    def part(self, places: slice | Ints) -> Frame:
        """The rows at these places."""
        return Frame({name: array[places] for name, array in self.columns.items()}, self.index[places])

    def pandas(self) -> pd.DataFrame:
        """As pandas has it; of missing texts None. Its texts are one block: pandas takes longer for a column alone than
        for its cells.
        """
        import pandas as pd

        index = pd.Index(self.index)
        texts = [name for name, array in self.columns.items() if array.dtype == object]
        block = np.empty((len(texts), len(index)), dtype=object)
        for place, name in enumerate(texts):
            block[place] = self.columns[name]
        frame = pd.DataFrame(block.T, index=index, columns=texts, dtype=object)
        for place, (name, array) in enumerate(self.columns.items()):
            if array.dtype != object:
                frame.insert(place, name, array)
        return frame


def concat(frames: Sequence[Frame]) -> Frame:
    """One below the other; all have the same columns."""
    names = frames[0].columns
    columns = {name: np.concatenate([frame.columns[name] for frame in frames]) for name in names}
    return Frame(columns, np.concatenate([frame.index for frame in frames]))


def is_missing(values: Array) -> Flags:
    """True where a value is missing: None, NaN, NaT."""
    kind = values.dtype.kind
    if kind == "O":
        return np.asarray(values == None, dtype=np.bool_)  # noqa: E711
    if kind in "mM":
        return np.isnat(values)
    return np.isnan(values) if kind == "f" else np.zeros(len(values), dtype=bool)


def is_in(values: Array, wanted: Collection[Any]) -> Flags:
    """True where a value is one of these."""
    if not wanted:
        return np.zeros(len(values), dtype=bool)
    if values.dtype != object:
        return np.isin(values, list(wanted))
    known = wanted if isinstance(wanted, set | frozenset | dict) else set(wanted)
    return np.fromiter(map(known.__contains__, values.tolist()), bool, len(values))


def unique(values: Array) -> list[Any]:
    """Each value once, in the order in which they come first; of what is missing one None."""
    return list(dict.fromkeys(plain_values(values)))


def numbered(values: Array) -> tuple[Ints, list[Any]]:
    """The place of each value among those that differ, -1 where it is missing, and those, in order."""
    known: defaultdict[Any, int] = defaultdict()
    known.default_factory = known.__len__  # one look-up a value: half the time of two passes
    codes = np.fromiter(map(known.__getitem__, values.tolist()), np.int64, len(values))
    if None in known:
        missing = known.pop(None)
        codes = np.where(codes == missing, -1, codes - (codes > missing))
    return codes, list(known)


def places_of(index: Ints, rows: Sequence[int] | Array) -> Ints:
    """The places of these rows in an index that ascends; KeyError where one is missing."""
    wanted = np.asarray(rows, dtype=np.int64)
    places = np.searchsorted(index, wanted)
    if len(wanted) and (not len(index) or (index[np.minimum(places, len(index) - 1)] != wanted).any()):
        raise KeyError(list(rows))
    return places


def looked_up(keys: Ints, values: Array, wanted: Ints) -> Array:
    """The value of each of the wanted keys; missing where it is none of `keys`, which ascend. Of two alike the last."""
    if not len(keys):
        return _missing_of(values, len(wanted))
    places = np.searchsorted(keys, wanted, side="right") - 1
    found = values[np.maximum(places, 0)]
    absent = (places < 0) | (keys[np.maximum(places, 0)] != wanted)
    if absent.any():
        found = found.copy()
        found[absent] = _missing_of(values, 1)[0]
    return found


def _missing_of(values: Array, count: int) -> Array:
    kind = values.dtype.kind
    nothing: Any = None if kind == "O" else np.nan if kind == "f" else values.dtype.type("NaT")
    return np.full(count, nothing, dtype=values.dtype)


def moments_of(values: Sequence[dt.date | None]) -> Moments:
    """Dates as datetime64[us]: 150 ns each, where numpy by itself takes 1,200."""
    array = np.full(len(values), np.datetime64("NaT", "us"))
    kinds = set(map(type, values))
    there: Any = slice(None)
    real: Sequence[Any] = values
    if kinds != {dt.datetime}:
        there = [place for place, value in enumerate(values) if value is not None]
        real = [_with_time(values[place]) for place in there]
    ticks = np.zeros(len(real), dtype=np.int64)
    for first in range(0, len(real), BLOCK):
        since = [value - EPOCH for value in real[first : first + BLOCK]]
        for part, unit in (("days", 86_400_000_000), ("seconds", 1_000_000), ("microseconds", 1)):
            ticks[first : first + BLOCK] += np.fromiter(map(attrgetter(part), since), np.int64, len(since)) * unit
    array[there] = ticks.view("datetime64[us]")
    return array


def _with_time(value: Any) -> dt.datetime:
    if isinstance(value, dt.datetime):
        return value
    return dt.datetime(value.year, value.month, value.day)


def plain_values(array: Array) -> list[Any]:
    """The values as Python has them; None for what is missing."""
    kind = array.dtype.kind
    if kind in "mM":
        return array.astype(f"{kind}8[us]").tolist()  # type: ignore[no-any-return]
    if kind == "f" and (gone := np.isnan(array)).any():
        return [None if none else value for none, value in zip(gone.tolist(), array.tolist(), strict=True)]
    return array.tolist()  # type: ignore[no-any-return]


def rows_of(frame: Frame | pd.DataFrame) -> Iterator[tuple[Any, Row]]:
    """Label and fields of every row: None, str, float, int, bool, datetime rounded to the second, and timedelta.

    What is missing, and a text of blanks only, is None.
    """
    arrays = frame.columns if isinstance(frame, Frame) else {str(n): frame[n].to_numpy() for n in frame.columns}
    columns = {name: row_values(array) for name, array in arrays.items()}
    for place, label in enumerate(frame.index.tolist()):
        yield label, {name: values[place] for name, values in columns.items()}


def row_values(array: Array) -> list[Any]:
    """The values of a column as `rows_of` gives them."""
    if array.dtype.kind == "M" and np.datetime_data(array.dtype)[0] != "s":
        array = (array.astype("datetime64[us]") + np.timedelta64(500_000, "us")).astype("datetime64[s]")
    return [_row_value(value) for value in plain_values(array)]


def _row_value(value: Any) -> Any:
    if value is None or value != value:
        return None
    return None if isinstance(value, str) and not value.strip() else value
