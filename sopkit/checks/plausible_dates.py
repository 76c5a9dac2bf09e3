"""Dates that can hardly be meant: before the register's time (D16). What only follows from one is not reported."""

from __future__ import annotations

import numpy as np

from sopkit.register.pattern_periods import patterns_of
from sopkit.register.tables import LEAST_YEAR, Register


def first_plausible(register: Register) -> np.datetime64:
    """The first day (datetime64[D]) that a record of this register can bear.

    New Year of its stated year; without one, of the year before the earliest that the numbers of its cases name.
    """
    year = register.stated_year or max(LEAST_YEAR, (_least_numbered(register) or 0) - 1)
    return np.datetime64(f"{year:04d}-01-01")


def _least_numbered(register: Register) -> int | None:
    patterns = patterns_of(register.settings, "Pola No. Catatan")
    numbers = [patterns.read(number) for number in register.cases.read["number"].dropna()]
    return min((number.year for number in numbers if number and number.year), default=None)
