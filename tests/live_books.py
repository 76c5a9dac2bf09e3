"""Registers for the tests of the live columns: every kind of moment, whole courses with a fault each, rules' fixtures."""

from __future__ import annotations

import datetime as dt
from typing import Any

GENERATED = 204
LASTING = dt.timedelta(minutes=9)
DAYS = [
    dt.date(2026, 2, 20), dt.date(2026, 2, 27), dt.date(2026, 3, 18), dt.date(2026, 3, 19), dt.date(2026, 3, 3),
    dt.date(2026, 8, 14), dt.date(2026, 8, 17), dt.date(2026, 8, 15), dt.date(2026, 5, 8), dt.date(2026, 5, 9),
    dt.date(2026, 6, 30), dt.date(2026, 7, 3), dt.date(2026, 1, 2), dt.date(2026, 10, 22),
]  # fmt: skip
CLOCKS = [
    (7, 30),
    (11, 30),
    (11, 45),
    (12, 0),
    (12, 20),
    (13, 0),
    (15, 15),
    (16, 0),
    (16, 20),
    (16, 30),
    (6, 50),
    (19, 5),
]
Rows = list[dict[str, Any]]
