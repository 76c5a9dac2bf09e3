"""Working time: WorkCalendar beside a loop over rows and beside pandas CustomBusinessHour, in one run.

    uv run python benchmarks/working_time.py [INTERVALS]

Prints the time of each and how many times longer the peer takes. The peers work on a sample, for all would take
minutes; their answers on it are compared with WorkCalendar's, and a difference ends the run. CustomBusinessHour knows
lunch but neither Friday nor Ramadan and cannot tell elapsed time, so it is asked only for deadlines in a week of equal
days.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pandas as pd

from sopkit.register.default_calendar import calendar_rows, seed_frames
from sopkit.sop.model import Standard
from sopkit.workcalendar import WorkCalendar

Result = TypeVar("Result")
FIRST, LAST = dt.date(2025, 1, 1), dt.date(2026, 12, 31)
SAMPLE = 2000
HOUR, DAY = Standard(1, "jam"), Standard(1, "hari")


def timed(work: Callable[[], Result], times: int = 3) -> tuple[float, Result]:
    """Best wall time in seconds, and the result."""
    best = float("inf")
    for _ in range(times):
        began = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - began)
    return best, result


class RowByRow:
    """The same rules as an ordinary program states them: one interval after the other, one day after the other."""

    def __init__(self) -> None:
        self.closed = {date for date, *_ in calendar_rows((2025, 2026, 2027))}
        self.fasting = (
            (dt.date(2025, 3, 1), dt.date(2025, 3, 30)),
            (dt.date(2026, 2, 19), dt.date(2026, 3, 20)),
        )

    def spans(self, date: dt.date) -> list[tuple[dt.datetime, dt.datetime]]:
        if date.weekday() > 4 or date in self.closed:
            return []
        friday = date.weekday() == 4
        if any(first <= date <= last for first, last in self.fasting):
            clocks = [(480, 690 if friday else 915)]
        else:
            clocks = [(450, 690), (780, 990)] if friday else [(450, 720), (780, 960)]
        midnight = dt.datetime.combine(date, dt.time())
        return [(midnight + dt.timedelta(minutes=a), midnight + dt.timedelta(minutes=b)) for a, b in clocks]

    def elapsed(self, start: dt.datetime, end: dt.datetime) -> float:
        date, total = start.date(), dt.timedelta()
        while date <= end.date():
            for opening, closing in self.spans(date):
                total += max(min(end, closing) - max(start, opening), dt.timedelta())
            date += dt.timedelta(days=1)
        return total.total_seconds()

    def after(self, start: dt.datetime, rest: dt.timedelta) -> dt.datetime:
        date = start.date()
        while True:
            for opening, closing in self.spans(date):
                worked = max(closing - max(start, opening), dt.timedelta())
                if worked >= rest:
                    return max(start, opening) + rest
                rest -= worked
            date += dt.timedelta(days=1)

    def next_day(self, start: dt.datetime) -> dt.datetime:
        date = start.date()
        while not any(start <= closing for _, closing in self.spans(date)):
            date += dt.timedelta(days=1)
        spans = self.spans(date)
        inside = next((max(start, opening) for opening, closing in spans if start <= closing), spans[0][0])
        date += dt.timedelta(days=1)
        while not self.spans(date):
            date += dt.timedelta(days=1)
        spans = self.spans(date)
        return min(max(dt.datetime.combine(date, inside.time()), spans[0][0]), spans[-1][1])


def compare(name: str, count: int, ours: Callable[[], object], peer: Callable[[], object], sample: int) -> None:
    """Print both times for a million intervals and their ratio."""
    own, other = timed(ours)[0] / count * 1e6, timed(peer, 1)[0] / sample * 1e6
    print(f"{name:<44}{own:>9.3f} s{other:>11.1f} s{other / own:>10.0f} x")


def same(ours: object, peer: object, name: str) -> None:
    if list(np.asarray(ours)) != list(np.asarray(peer)):
        sys.exit(f"{name}: the answers differ")


def equal_days() -> tuple[WorkCalendar, pd.offsets.CustomBusinessHour]:
    """Monday to Friday alike, lunch included: what both can say."""
    calendar, hours = seed_frames((2025, 2026, 2027))
    hours = hours.part(slice(1)).assign({"days": np.array(["Senin–Jumat"], dtype=object)})
    business = pd.offsets.CustomBusinessHour(
        start=["07:30", "13:00"], end=["12:00", "16:00"], holidays=calendar.columns["date"].astype("datetime64[D]")
    )
    return WorkCalendar.from_tables(calendar, hours, FIRST, LAST, "same-time"), business


def main(count: int) -> None:
    random = np.random.default_rng(20260219)
    span = (LAST - FIRST).days * 86400
    starts = (np.datetime64(FIRST, "s") + random.integers(0, span, count)).astype("datetime64[ns]")
    ends = starts + random.integers(0, 14 * 86400, count).astype("timedelta64[s]")
    calendar = WorkCalendar.from_tables(*seed_frames((2025, 2026, 2027)), FIRST, LAST, "same-time")
    rows, sample = RowByRow(), min(SAMPLE, count)
    some, until = (moments[:sample].astype("datetime64[s]").tolist() for moments in (starts, ends))

    same(calendar.elapsed(some, until), [rows.elapsed(*pair) for pair in zip(some, until, strict=True)], "elapsed")
    an_hour = [rows.after(moment, dt.timedelta(hours=1)) for moment in some]
    same(calendar.deadline(some, HOUR).tolist(), an_hour, "1 jam")
    same(calendar.deadline(some, DAY).tolist(), [rows.next_day(moment) for moment in some], "1 hari")
    plain, business = equal_days()
    added = [pd.Timestamp(moment) + business for moment in some]
    same(plain.elapsed(some, plain.deadline(some, HOUR)), plain.elapsed(some, added), "CustomBusinessHour")

    print(f"{'per million intervals':<44}{'sopkit':>11}{'peer':>13}{'ratio':>12}")
    compare(
        "elapsed, row by row", count, lambda: calendar.elapsed(starts, ends),
        lambda: [rows.elapsed(*pair) for pair in zip(some, until, strict=True)], sample,
    )  # fmt: skip
    compare(
        "deadline 1 jam, row by row", count, lambda: calendar.deadline(starts, HOUR),
        lambda: [rows.after(moment, dt.timedelta(hours=1)) for moment in some], sample,
    )  # fmt: skip
    compare(
        "deadline 1 hari, row by row", count, lambda: calendar.deadline(starts, DAY),
        lambda: [rows.next_day(moment) for moment in some], sample,
    )  # fmt: skip
    compare(
        "deadline 1 jam, pandas CustomBusinessHour", count, lambda: plain.deadline(starts, HOUR),
        lambda: [pd.Timestamp(moment) + business for moment in some], sample,
    )  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
