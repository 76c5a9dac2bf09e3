"""A spreadsheet is looked through before any parser opens it: refused when hostile, and what readers hide is noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cell:
    """A cell that a reader of values hides: its Excel row and column (both from 1) and what it shows."""

    row: int
    column: int
    shown: str = ""


@dataclass(frozen=True)
class SheetFacts:
    """What a sheet holds beside its values."""

    errors: tuple[Cell, ...] = ()  # cells that show an Excel error
    formulas: frozenset[tuple[int, int]] = frozenset()  # (row, column) of every formula
    uncalculated: frozenset[tuple[int, int]] = frozenset()  # formulas with no stored value
    hidden_rows: tuple[int, ...] = ()
    merged: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What the file is: `format` is its ending without the dot; `sheets` by name."""

    format: str
    date_1904: bool = False
    sheets: Mapping[str, SheetFacts] = field(default_factory=dict)


def preflight(name: str, data: bytes) -> Facts:
    """Look through the bytes of the file called `name`; `SopkitError` when it cannot or must not be opened."""
    return Facts(name.rsplit(".", 1)[-1].lower())
