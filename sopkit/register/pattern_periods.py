"""Number patterns with a period: Kantor's `Pola No. PTPP sejak 1 Juli 2026` beside `Pola No. PTPP`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import lru_cache

from sopkit.register.numbering import Patterns, pattern_problem
from sopkit.register.parse import Moment, read_moment
from sopkit.register.schema import SETTINGS
from sopkit.text import plain

PATTERNS = {plain(setting.key): setting for setting in SETTINGS if setting.key.startswith("Pola No. ")}
_SINCE = re.compile(r"(.+?) (?:sejak|mulai)(?: tanggal)? (.+)")


@lru_cache(maxsize=256)  # each rule about numbers asks it of all keys of Kantor
def period_of(key: str) -> tuple[str, dt.date | None] | None:
    """The key of the pattern and the first day of its period, None where the day cannot be read.

    None for a key that names no pattern, or no period.
    """
    match = _SINCE.fullmatch(plain(key))
    setting = PATTERNS.get(match[1]) if match else None
    if match is None or setting is None:
        return None
    moment = read_moment(match[2], "day-first")
    return setting.key, moment.value.date() if isinstance(moment, Moment) else None


def patterns_of(settings: Mapping[str, str], key: str) -> Patterns:
    """The patterns of one key; its default where the office's cannot be used (D50 says so)."""
    pattern = settings.get(key, "").strip()
    since = {dt.date.min: PATTERNS[plain(key)].default if pattern_problem(pattern) else pattern}
    for name, value in settings.items():
        period = period_of(name)
        if period and period[0] == key and period[1] and not pattern_problem(value.strip()):
            since[period[1]] = value.strip()
    return _patterns(tuple(sorted(since.items())))


_patterns = lru_cache(maxsize=16)(Patterns)  # with the numbers that each has read
