"""Which pattern the numbers of an office follow, and from when: inferred from what stands in the column."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from sopkit.language import ROMAN_MONTHS, date_text
from sopkit.register.numbering import Patterns, parse_number, pattern_problem, tidy

LEAST_SHARE = 0.6  # of the numbers of a year that its pattern must fit
FEWEST = 2  # numbers that make a pattern of their own
YEARS = range(1990, 2100)
_PIECE = re.compile(r"\d+|[^\W\d_]+|[\W_]+")

Numbered = tuple[str, dt.date | None]
"""A number as typed, and the date of its record."""
Piece = tuple[str, str]
"""What a piece of a number is (`digits`, `roman`, `text`), and itself where that is part of the form."""


def infer_patterns(numbers: Sequence[Numbered]) -> Mapping[str, str]:
    """Patterns by the words of their period: '' for the first, `sejak 1 Januari 2026` for those after it.

    Empty where the numbers follow none. Years are taken one by one; a pattern changes within a year only where all
    numbers of the old form are older than those of the new.
    """
    dated = sorted(((tidy(number), day) for number, day in numbers), key=lambda one: one[1] or dt.date.min)
    periods: list[tuple[dt.date | None, str]] = []
    for year, rows in groupby(dated, key=lambda one: _year(*one)):
        for first, pattern in _of_year(list(rows)):
            if not periods or periods[-1][1] != pattern:
                own = first if first else dt.date(year, 1, 1) if year else None
                periods.append((own, pattern))
    periods = _widened(periods)
    return {"" if at == 0 or since is None else f"sejak {date_text(since)}": pattern
            for at, (since, pattern) in enumerate(periods)}  # fmt: skip


def _year(number: str, day: dt.date | None) -> int:
    """Of the record; else that which the number says; 0 where neither is known."""
    if day:
        return day.year
    return next((int(piece) for piece in _PIECE.findall(number) if len(piece) == 4 and _is_year(piece)), 0)


def _of_year(rows: Sequence[Numbered]) -> Iterator[tuple[dt.date | None, str]]:
    """The pattern of most of these numbers; of two forms one after the other both, the later with its first day."""
    kinds: dict[tuple[Piece, ...], list[Numbered]] = {}
    for number, day in rows:
        kinds.setdefault(_form(number), []).append((number, day))
    whole = [(found, rest) for rest in kinds.values() if (found := _pattern(rest))]
    whole.sort(key=lambda one: -len(one[1]))
    if not whole or sum(len(rest) for _, rest in whole[:2]) < LEAST_SHARE * len(rows):
        return
    (most, its), others = whole[0], whole[1:]
    if others and len(others[0][1]) >= FEWEST and len(its) >= FEWEST and others[0][0] != most:
        early, late = sorted((whole[0], whole[1]), key=lambda one: one[1][0][1] or dt.date.min)
        days = [[day for _, day in rest if day] for _, rest in (early, late)]
        if days[0] and days[1] and max(days[0]) < min(days[1]):
            yield None, early[0]
            yield min(days[1]), late[0]
            return
    if len(its) >= LEAST_SHARE * len(rows):
        yield None, most


def _widened(periods: Sequence[tuple[dt.date | None, str]]) -> list[tuple[dt.date | None, str]]:
    """Without those that say the same as the one before."""
    found: list[tuple[dt.date | None, str]] = []
    for since, pattern in periods:
        if not found or found[-1][1] != pattern:
            found.append((since, pattern))
    return found


def _form(number: str) -> tuple[Piece, ...]:
    return tuple(_kind(piece) for piece in _PIECE.findall(number))


def _kind(piece: str) -> Piece:
    if piece.isdigit():
        return ("year", "") if _is_year(piece) and len(piece) == 4 else ("digits", "")
    return ("roman", "") if piece in ROMAN_MONTHS else ("text", piece)


def _is_year(piece: str) -> bool:
    return piece.isdecimal() and int(piece) in YEARS


def _pattern(rows: Sequence[Numbered]) -> str:
    """The pattern of numbers of one form; empty where none fits most of them."""
    pieces = [_PIECE.findall(number) for number, _ in rows]
    columns = list(zip(*pieces, strict=True))
    months = [day.month if day else None for _, day in rows]
    roles = [_role(kind, column, months) for (kind, _), column in zip(_form(rows[0][0]), columns, strict=True)]
    counting = [at for at, role in enumerate(roles) if role == "urut"]
    if not counting:  # a single number, or the same one all over: that with leading noughts, else the first
        steady = [at for at, role in enumerate(roles) if role == "steady"]
        counting = sorted(steady, key=lambda at: (not columns[at][0].startswith("0"), at))[:1]
    if len(counting) > 1:
        counting = [at for at in counting if len(set(columns[at])) == max(len(set(columns[i])) for i in counting)][:1]
    if not counting:
        return ""
    roles = ["urut" if at in counting else "literal" if role == "urut" else role for at, role in enumerate(roles)]
    pattern = "".join(_written(role, column) for role, column in zip(roles, columns, strict=True))
    fits = not pattern_problem(pattern) and sum(parse_number(pattern, number) is not None for number, _ in rows)
    return pattern if fits and fits >= LEAST_SHARE * len(rows) else ""


def _role(kind: str, column: Sequence[str], months: Sequence[int | None]) -> str:
    """What a piece is, by how it goes through the numbers: `urut`, `tahun`, `bulan`, `bulan_romawi`, or it is fixed."""
    if kind == "text":
        return "literal"
    if kind == "year":
        return "tahun" if len(set(column)) < max(2, len(column) // 2) or len(column) < 3 else "urut"
    if kind == "roman":
        said = [ROMAN_MONTHS.index(piece) + 1 for piece in column]
        return "bulan_romawi" if len(set(column)) > 1 or said[0] in (months[0], None) else "literal"
    if len(set(column)) == 1 and len(column) > 1:
        return "steady"
    known = [(int(piece), month) for piece, month in zip(column, months, strict=True) if month]
    if known and len(column[0]) <= 2 and sum(said == month for said, month in known) >= 0.8 * len(known) > 1:
        return "bulan"
    return "urut" if len(column) > 1 else "steady"


def _written(role: str, column: Sequence[str]) -> str:
    if role in ("tahun", "bulan_romawi"):
        return f"{{{role}}}"
    if role in ("urut", "bulan"):
        padded = [piece for piece in column if piece.startswith("0")]
        width = len(min(padded, key=len)) if padded else 0
        return f"{{{role}:0{width}d}}" if width else f"{{{role}}}"
    most = Counter(column).most_common(1)[0][0]
    return most.replace("{", "{{").replace("}", "}}")


def fits(patterns: Mapping[str, str], numbers: Sequence[str]) -> float:
    """Share of the numbers that follow one of these patterns."""
    since = tuple((dt.date.min, pattern) for pattern in patterns.values())
    read = Patterns(since) if since else None
    return sum(read is not None and read.read(tidy(number)) is not None for number in numbers) / max(1, len(numbers))
