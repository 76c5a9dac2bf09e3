"""Which workbooks a command is about: those named, those of a folder, or those in use."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from sopkit.errors import SopkitError, UsageProblem, contained
from sopkit.folders import (
    FINDINGS,
    OUTPUT,
    REGISTERS,
    SeveralBooks,
    books_in,
    find_books,
    office_folder,
    without_example,
)
from sopkit.language import list_text
from sopkit.register.history import history_of
from sopkit.register.identity import YEAR
from sopkit.register.own_output import NoRegister
from sopkit.register.read import read_register
from sopkit.register.tables import Register
from sopkit.text import plain

SETTLED = ("selesai", "batal")
MOST_CASES = 12  # named in a line


@dataclass(frozen=True)
class Chosen:
    """The workbooks meant, this year's first, and why others of the folder are not, an Indonesian line each."""

    books: tuple[Path, ...]
    left: tuple[str, ...] = ()


@dataclass(frozen=True)
class YearBook:
    """What of a workbook says whether it is in use; `problem` where it cannot be read, and then the name alone speaks.

    years    those that it is a register of: as Kantor states, and those of its cases; else the one in its name.
    open     the No. Catatan of the cases that go on, `baris 5` of those without one.
    keys     what tells its cases apart from another register's.
    """

    path: Path
    years: frozenset[int]
    register: Register | None = None
    open: tuple[str, ...] = ()
    keys: frozenset[tuple[object, ...]] = frozenset()
    problem: SopkitError | None = None

    @property
    def is_register(self) -> bool:
        return self.register is not None and self.register.cases.present

    @property
    def newest(self) -> int:
        """Its last year, 0 where nothing tells it."""
        return max(self.years, default=0)

    def saved_since(self, checked: Mapping[str, str]) -> bool:
        """Whether it is another than the one that was checked; not when it never was."""
        own = self.register.source.sha256 if self.register else ""
        return checked.get(self.path.name, own) != own


def choose(given: Sequence[Path], as_of: dt.datetime | None = None) -> Chosen:
    """The workbooks named; with none named, those of registers/ that are in use on the day of `as_of` (None: today).

    Used are this year's, or, where there is none, the newest; and the older ones in which cases go on, or that were
    saved since their last run (which closed the last of them). One alone is taken as it is. `UsageProblem` where there
    is none, or where two of them hold the same cases.
    """
    there = [] if given else books_in(office_folder() / REGISTERS)
    real = without_example(there)
    if len(real) < 2:
        return Chosen(tuple(find_books(given or real)), tuple(_aside(path) for path in there if path not in real))
    looked = [look(path) for path in real]
    year = (as_of or dt.datetime.now()).year
    taken = _in_use(looked, year, _last_checked(office_folder() / OUTPUT))
    _refuse_copies(taken)
    ordered = sorted(taken, key=lambda one: (year not in one.years, -one.newest, one.path.name))
    left: dict[str, list[str]] = {}
    for one in looked:
        if one not in taken:
            left.setdefault(_why_not(one, year), []).append(one.path.name)
    lines = [f"{list_text(names)} tidak diperiksa: {why}." for why, names in left.items()]
    return Chosen(tuple(one.path for one in ordered), (*lines, *(_aside(path) for path in there if path not in real)))


def choose_one(given: Path | None, as_of: dt.datetime | None = None) -> Path:
    """The workbook named; with none named, this year's. `SeveralBooks` where that could be more than one."""
    if given is not None:
        return find_books([given])[0]
    chosen = choose([], as_of).books
    if len(chosen) == 1:
        return chosen[0]
    year = (as_of or dt.datetime.now()).year
    of_year = [one.path for one in map(look, chosen) if year in one.years]
    if len(of_year) != 1:
        raise SeveralBooks(sorted(chosen))
    return of_year[0]


def look(path: Path) -> YearBook:
    """Read a workbook for its year and its open cases; what keeps it from being read is kept with it."""
    named = frozenset(map(int, YEAR.findall(path.stem)[-1:]))
    register = contained(read_register)(path)
    if isinstance(register, SopkitError):
        return YearBook(path, named, problem=register)
    found = register.cases.data["found_at"].dropna().dt.year
    stated = register.stated_year
    years = frozenset(map(int, found.unique())) | ({stated} if stated else frozenset())
    return YearBook(path, years or named, register, tuple(open_cases(register)), frozenset(_keys(register)))


def open_cases(register: Register) -> Iterator[str]:
    """The cases on which work goes on: neither closed nor cancelled, or closed with something still to be destroyed.

    History is not counted: nobody works on it.
    """
    data, past = register.cases.data, history_of(register).cases
    status = data["status"].fillna("").map(plain)
    waiting = (data["to_destroy"].fillna("").map(plain) == "ya") & data["disposal_number"].isna()
    going = ~status.isin(SETTLED) | ((status == SETTLED[0]) & waiting)
    for row in data.index[going]:
        if row not in past:
            yield str(data.at[row, "number"] or register.cases.called(int(row)))


def _keys(register: Register) -> Iterator[tuple[object, ...]]:
    data = register.cases.data
    rows = zip(data["number"], data["found_at"], data["description"], strict=True)
    return (row for row in rows if row[0] is not None)


def _last_checked(output: Path) -> dict[str, str]:
    """Name of a workbook -> SHA-256 that it had at its last run, as its temuan.json says."""
    found = {}
    for path in (output / FINDINGS, *output.glob(f"*/{FINDINGS}")):
        with suppress(OSError, ValueError, LookupError, TypeError):  # none yet, or one of several workbooks
            told = json.loads(path.read_text("utf-8"))["register"]
            found[Path(told["path"]).name] = str(told["sha256"])
    return found


def _in_use(looked: Sequence[YearBook], year: int, checked: Mapping[str, str]) -> list[YearBook]:
    """Those of the year, else the newest that has come, those with open cases and those saved since they were checked;
    those that cannot be read too, for their reason to be told.
    """
    registers = [one for one in looked if one.is_register]
    if not registers:
        raise SeveralBooks([one.path for one in looked])
    come = [one.newest for one in registers if min(one.years, default=0) <= year]
    current = year if any(year in one.years for one in registers) else max(come, default=0)
    used = [one for one in registers if current in one.years or one.open or one.saved_since(checked)] or registers
    return [one for one in looked if (one.problem and not isinstance(one.problem, NoRegister)) or one in used]


def _refuse_copies(taken: Sequence[YearBook]) -> None:
    """Two workbooks with the same cases: both would number, print and mail them."""
    for one, other in combinations(taken, 2):
        if same := one.keys & other.keys:
            raise UsageProblem(
                f"{one.path.name} dan {other.path.name} memuat {len(same)} kasus yang sama.",
                "Pindahkan yang tidak dipakai lagi ke folder lain, atau sebutkan buku kerja yang berlaku.",
            )


def _why_not(one: YearBook, year: int) -> str:
    why = "semua kasusnya selesai"
    if isinstance(one.problem, NoRegister):
        why = "itu hasil sopkit untuk dibaca"
    elif not one.is_register:
        why = "tidak mempunyai sheet Register"
    elif not one.keys:
        why = "belum memuat kasus" + (f" tahun {one.newest}" if one.newest > year else "")
    return why


def _aside(path: Path) -> str:
    return f"{path.name} tidak diperiksa: itu register contoh."


def going_on(looked: Sequence[YearBook]) -> Iterator[str]:
    """A line for each workbook in which cases go on: `3 kasus terbuka tetap dicatat di register-2026.xlsx: …`."""
    for one in looked:
        if one.open:
            more = len(one.open) - MOST_CASES
            names = list_text([*one.open[:MOST_CASES], *([f"{more} lagi"] if more > 0 else [])])
            yield f"{len(one.open)} kasus terbuka tetap dicatat di {one.path.name}: {names}."
