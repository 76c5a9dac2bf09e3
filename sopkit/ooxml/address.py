"""A1 addresses: column letters and numbers."""

from __future__ import annotations

import re


def letter(column: int) -> str:
    """Letters of a column counted from 1: 28 gives `AB`."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def column_number(letters: str) -> int:
    """`A` gives 1, `AB` 28."""
    column = 0
    for character in letters.upper():
        column = column * 26 + ord(character) - 64
    return column


def address_parts(cell: str) -> tuple[int, int]:
    """Row and column, from 1, of an A1 address; ValueError for anything else."""
    match = re.fullmatch(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})", cell)
    if not match:
        raise ValueError(cell)
    return int(match[2]), column_number(match[1])


def row_of(cell: str) -> int:
    """Row of an A1 address; ValueError for anything else."""
    return address_parts(cell)[0]


def corners(span: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """The first and the last cell, as row and column, of a range such as `A5:B6`; a cell alone is both."""
    first, _, last = span.partition(":")
    return address_parts(first), address_parts(last or first)
