"""Registers made at random for the oracle: courses of cases, their workbook, and what sopkit finds in it."""

from __future__ import annotations

import datetime as dt
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import workbooks
from frozen_sop import SOP
from oracle import (
    CLOSING,
    SAME_TIME,
    SEVEN_AND_A_HALF,
    STANDARD,
    UNREADABLE,
    Hours,
    Office,
    Row,
    Verdict,
    WorkingTime,
    judge,
    undecided,
)

from sopkit.checks.inspection import Inspected, inspect_register
from sopkit.register.read import read_register

RULES = ("U01", "U02", "U04", "U05", "U08", "W02", "W03", "W04", "W07")
READINGS = (SAME_TIME, CLOSING, SEVEN_AND_A_HALF)
FIRST, LAST = dt.date(2025, 12, 1), dt.date(2027, 3, 31)
HOLIDAYS = {
    dt.date(2025, 12, 25): "Libur Nasional",
    dt.date(2025, 12, 26): "Cuti Bersama",
    dt.date(2026, 1, 1): "Libur Nasional",
    dt.date(2026, 1, 16): "Libur Nasional",
    dt.date(2026, 2, 16): "Cuti Bersama",
    dt.date(2026, 2, 17): "Libur Nasional",
    dt.date(2026, 3, 15): "Libur Daerah",
    dt.date(2026, 3, 18): "Cuti Bersama",
    dt.date(2026, 3, 19): "Libur Nasional",
    dt.date(2026, 3, 20): "Cuti Bersama",
    dt.date(2026, 4, 3): "Libur Nasional",
    dt.date(2026, 5, 1): "Libur Nasional",
    dt.date(2026, 8, 17): "Libur Nasional",
    dt.date(2026, 11, 11): "Libur Daerah",
    dt.date(2026, 12, 24): "Cuti Bersama",
    dt.date(2026, 12, 25): "Libur Nasional",
    dt.date(2027, 1, 1): "Libur Nasional",
}
RAMADAN = (dt.date(2026, 2, 19), dt.date(2026, 3, 17))
ALWAYS = dt.date(2024, 1, 1)
HOURS = (
    Hours(ALWAYS, None, (0, 1, 2, 3), "07:30", "12:00", "13:00", "16:00"),
    Hours(ALWAYS, None, (4,), "07:30", "11:30", "13:00", "16:30"),
    Hours(*RAMADAN, (0, 1, 2, 3), "08:00", None, None, "15:15"),
    Hours(*RAMADAN, (4,), "08:00", None, None, "11:30"),
)
AS_OF = (
    dt.datetime(2026, 2, 18, 10, 0), dt.datetime(2026, 3, 4, 14, 15), dt.datetime(2026, 3, 13, 11, 29),
    dt.datetime(2026, 3, 24, 8, 10), dt.datetime(2026, 5, 4, 12, 30), dt.datetime(2026, 8, 21, 16, 30),
    dt.datetime(2026, 11, 12, 7, 31), dt.datetime(2026, 11, 20, 10, 0), dt.datetime(2026, 11, 21, 9, 0),
    dt.datetime(2026, 12, 23, 15, 59), dt.datetime(2027, 1, 5, 11, 0), dt.datetime(2027, 2, 12, 13, 0),
)  # fmt: skip
WARNINGS, IDLES = ("1 jam", "10 menit", "30 menit", "2 jam"), ("1 hari", "2 hari", "4 jam")
PEOPLE = ("Ratna Anggraini", "Bagus Setiawan", "Tutik Handayani", "Joko Santosa", "Endah Purwanti", "Hartono Wibowo")


@cache
def working_time(day: str) -> WorkingTime:
    return WorkingTime(FIRST, LAST, HOURS, tuple(HOLIDAYS), day)


@dataclass(frozen=True)
class Register:
    """A register made at random, its office included."""

    rows: tuple[Row, ...]
    office: Office


class CourseMaker:
    """Courses of cases up to `as_of`: mostly as the SOP has it, with some faults, times often at a border."""

    def __init__(self, choose: random.Random, office: Office) -> None:
        self.choose, self.office, self.time = choose, office, office.time
        self.now = office.time.minute(office.as_of)

    def course(self, case: str) -> list[Row]:
        """The rows of one case, sheet rows not given yet."""
        faults = self.choose.choices((0, 1, 2, 5), (2, 5, 3, 1))[0]
        steps = self._steps()
        for _ in range(faults):
            steps = self.choose.choice(
                (self._skip, self._repeat, self._swap, self._early, self._reopen, self._rejected_at_once, self._keep)
            )(steps)
        rows = self._timed(case, steps)
        for _ in range(faults):
            rows = self.choose.choice(
                (self._begin_sooner, self._open, self._unread, self._backwards, self._future, self._shared, self._keep)
            )(rows)
        rows = [row for row in rows if row.start <= self.office.as_of]
        return [self._until_now(row) for row in rows]

    def _steps(self) -> list[tuple[int, str]]:
        rejections = self.choose.choices((0, 1, 2, 3), (6, 4, 2, 1))[0]
        steps = [(step, "") for step in (1, 2, 3, 5, 6)]
        for left in range(rejections, -1, -1):
            steps += [(7, ""), (8, ""), (9, "Ditolak" if left else "Disetujui")]
        if self.choose.random() < 0.2:
            early = steps.pop(4)
            steps.insert(self.choose.choice((0, 1, 2, 3, 3)), early)
        return steps + [(10, "")] * (self.choose.random() < 0.5)

    def _keep(self, items: list) -> list:  # type: ignore[type-arg]
        return items

    def _skip(self, steps: list[tuple[int, str]]) -> list[tuple[int, str]]:
        first = self.choose.randrange(len(steps))
        return steps[:first] + steps[first + self.choose.choice((1, 1, 1, 2, 3)) :] or steps

    def _repeat(self, steps: list[tuple[int, str]]) -> list[tuple[int, str]]:
        place = self.choose.randrange(len(steps))
        again = place + self.choose.choice((1, 1, 2, 3))
        return [*steps[:again], steps[place], *steps[again:]]

    def _swap(self, steps: list[tuple[int, str]]) -> list[tuple[int, str]]:
        place = self.choose.randrange(max(1, len(steps) - 1))
        return [*steps[:place], *reversed(steps[place : place + 2]), *steps[place + 2 :]]

    def _early(self, steps: list[tuple[int, str]]) -> list[tuple[int, str]]:
        rest = [step for step in steps if step[0] != 6]
        place = self.choose.randrange(min(5, len(rest) + 1))
        return [*rest[:place], (6, ""), *rest[place:]]

    def _reopen(self, steps: list[tuple[int, str]]) -> list[tuple[int, str]]:
        return [*steps, (self.choose.choice((7, 7, 7, 8, 9, 5, 10)), "")]

    def _rejected_at_once(self, steps: list[tuple[int, str]]) -> list[tuple[int, str]]:
        """A rejection that nothing led to, or after which the rework is not begun."""
        place = self.choose.randrange(len(steps) + 1)
        return [*steps[:place], (9, "Ditolak"), *steps[place:]]

    def _timed(self, case: str, steps: list[tuple[int, str]]) -> list[Row]:
        """Times for the steps; often the last that has begun is running near its limit at `as_of`."""
        running = self.choose.randrange(1, len(steps) + 1) if self.choose.random() < 0.4 else None
        aimed = self._start_near_limit(steps[running - 1][0]) if running else self.now
        begun = self._begin_of_case(aimed, running or len(steps))
        rows, clock = [], begun
        for place, (step, outcome) in enumerate(steps, start=1):
            start = clock if place == 1 else self._next_start(clock)
            if place == running:
                start = max(clock, aimed)
            end = self._end_of(step, start)
            outcome = outcome or ("Disetujui" if step == 9 else "")
            rows.append(self._row(case, step, start, None if place == running else end, outcome))
            if place == running:
                break
            clock = end
        return rows

    def _row(self, case: str, step: int, start: int, end: int | None, outcome: str) -> Row:
        ended = None if end is None else self.time.moment(end)
        return Row(0, case, step, self.time.moment(start), ended, outcome, "", self.choose.choice(PEOPLE))

    def _start_near_limit(self, step: int) -> int:
        """A start whose standard, or whose warning, runs out within a minute of `as_of`."""
        if self.choose.random() < 0.15:
            day = self.now // 1440 - self.choose.choice((0, 0, 1, 1, 2, 3))
            return min(self.now, day * 1440 + self.choose.choice((450, 480, 690, 720, 780, 960, 990)))
        slack = self.choose.choice((0, 0, 1, -1, 2, 4, 8, 15, 16, 30, 60, 61, 120)) + self.choose.choice((-1, 0, 0, 1))
        minute = self.now
        for _ in range(4 * 24 * 60):
            minute -= 1
            if self.time.working[minute]:
                left = self.time.elapsed(self.now, self.time.deadline(minute, STANDARD[step]))
                if left <= max(slack, 0):
                    return minute
                minute -= max(0, min(left - slack - 2, 400)) // 3
        return minute

    def _begin_of_case(self, before: int, steps: int) -> int:
        days = self.choose.choice((0, 1, 2, 3, 5, 8, 13, 30))
        day = max(1, before // 1440 - days - steps // 4)
        clock = self.choose.choice((450, 480, 480, 481, 510, 540, 600, 690, 719, 720, 750, 780, 900, 959, 960, 975))
        clock = self.choose.choice((clock, clock, self.choose.randrange(1, 1440)))
        minute = min(day * 1440 + clock, before)
        return minute if self.choose.random() < 0.15 else self.time.opening(minute)

    def _next_start(self, ended: int) -> int:
        """Mostly soon after; sometimes the next opening, outside hours, or at the border of the idle limit."""
        kind = self.choose.choices(("soon", "at once", "limit", "closing", "anywhere"), (8, 2, 2, 1, 1))[0]
        if kind == "soon":
            start = self.time.opening(ended + self.choose.randrange(0, 40))
        elif kind == "limit":
            start = self.time.deadline(ended, self.office.idle) + self.choose.choice((-1, 0, 1, 1, 2, 16 * 60))
            start = self.choose.choice((start, self.time.opening(start), self.time.opening(start) + 1))
        elif kind == "closing":
            start = self.time.opening(ended)
            while self.time.working[start]:
                start += 1
        elif kind == "anywhere":
            start = ended + self.choose.randrange(1, 3 * 1440)
        else:
            start = ended
        return self._not_midnight(max(start, ended))

    def _end_of(self, step: int, start: int) -> int:
        limit = self.time.deadline(start, STANDARD[step])
        kind = self.choose.choices(("within", "border", "nothing", "long"), (8, 4, 1, 1))[0]
        if kind == "within":
            end = start + self.choose.randrange(1, max(2, min(limit - start, 45)))
        elif kind == "border":
            end = limit + self.choose.choice((-1, 0, 1, 1, 60, 15 * 60))
            end = self.choose.choice((end, end, self.time.opening(end), self.time.opening(end) + 1))
        elif kind == "nothing":
            end = start
        else:
            end = limit + self.choose.randrange(1, 2000)
        return self._not_midnight(max(end, start))

    def _not_midnight(self, minute: int) -> int:
        """00:00 is a date without time (D03), another matter."""
        return minute + (minute % 1440 == 0)

    def _begin_sooner(self, rows: list[Row]) -> list[Row]:
        """A row that was begun before the one before it had ended, or even before that was begun."""
        if len(rows) < 2:
            return rows
        place = self.choose.randrange(1, len(rows))
        other = rows[self.choose.choice((place - 1, place - 1, max(0, place - 2)))]
        ended = other.end if isinstance(other.end, dt.datetime) else other.start
        start = self.time.minute(ended) - self.choose.choice((1, 1, 0, 5, 20, 61))
        return self._replaced(rows, place, start=self.time.moment(self._not_midnight(max(1, start))))

    def _open(self, rows: list[Row]) -> list[Row]:
        return self._replaced(rows, self.choose.choice((-1, self.choose.randrange(len(rows)))), end=None)

    def _unread(self, rows: list[Row]) -> list[Row]:
        return self._replaced(rows, self.choose.randrange(len(rows)), end=UNREADABLE)

    def _backwards(self, rows: list[Row]) -> list[Row]:
        place = self.choose.randrange(len(rows))
        end = self.time.minute(rows[place].start) - self.choose.choice((1, 7, 70))
        return self._replaced(rows, place, end=self.time.moment(self._not_midnight(max(1, end))))

    def _future(self, rows: list[Row]) -> list[Row]:
        place = self.choose.randrange(len(rows))
        return self._replaced(rows, place, end=self.time.moment(self.now + self.choose.choice((1, 30))), remark="D04")

    def _shared(self, rows: list[Row]) -> list[Row]:
        """Two people at one step: the same time, or a time that overlaps."""
        row = self.choose.choice(rows)
        actor = self.choose.choice([name for name in PEOPLE if name != row.actor])
        if isinstance(row.end, dt.datetime) and row.end > row.start:
            length = int((row.end - row.start).total_seconds() / 60)
            later = self.choose.choice((0, 0, self.choose.randrange(length), length - 1))
            start = row.start + dt.timedelta(minutes=later)
            end = row.end + dt.timedelta(minutes=self.choose.choice((0, 0, 5)))
            start = start if (start.hour, start.minute) != (0, 0) else row.start
            end = end if (end.hour, end.minute) != (0, 0) else row.end
            return [*rows, replace(row, actor=actor, start=start, end=end)]
        return rows

    def _replaced(self, rows: list[Row], place: int, **changes: object) -> list[Row]:
        rows = list(rows)
        rows[place] = replace(rows[place], **changes)  # type: ignore[arg-type]
        return rows

    def _until_now(self, row: Row) -> Row:
        """What ends after `as_of` has not ended yet, unless that is its fault (D04)."""
        if isinstance(row.end, dt.datetime) and row.end > self.office.as_of and row.remark != "D04":
            return replace(row, end=None, outcome="")
        if row.end is None and row.step == 9 and row.outcome == "Disetujui":
            return replace(row, outcome="")
        return row


def random_office(choose: random.Random) -> Office:
    day = working_time(choose.choice(READINGS))
    return Office(day, choose.choice(AS_OF), choose.choice(WARNINGS), choose.choice(IDLES))


def register_of(office: Office, seeds: Sequence[int], order: random.Random | None = None) -> Register:
    """A register with the course of each seed; `order` shuffles the rows of the sheet."""
    rows = [
        row
        for number, seed in enumerate(seeds, start=1)
        for row in CourseMaker(random.Random(seed), office).course(f"{number:03d}/CLTS/XI/2026")
    ]
    if order:
        order.shuffle(rows)
    return Register(tuple(replace(row, sheet_row=place) for place, row in enumerate(rows, start=2)), office)


def random_register(choose: random.Random, cases: int) -> Register:
    office = random_office(choose)
    seeds = [choose.randrange(2**32) for _ in range(cases)]
    return register_of(office, seeds, choose if choose.random() < 0.5 else None)


def found_by_sopkit(register: Register, folder: Path) -> set[Verdict]:
    """The verdicts of the rules compared."""
    return {
        (found.code, found.row or 0, found.column)
        for found in sopkit_inspects(register, folder).findings
        if found.code in RULES and found.sheet == "Langkah"
    }


def sopkit_inspects(register: Register, folder: Path) -> Inspected:
    """A real workbook, really read and inspected."""
    rows = [["No. Catatan", "Langkah", "Pelaksana", "Mulai", "Selesai", "Hasil", "Keterangan"]]
    rows += [
        [row.case, row.step, row.actor, row.start, row.end, row.outcome or None, row.remark or None]  # type: ignore[list-item]
        for row in register.rows
    ]
    first = {row.case: row.start for row in sorted(register.rows, key=lambda row: row.start, reverse=True)}
    cases: list[list[object]] = [
        ["No. Catatan", "Tanggal Ditemukan", "Jenis Layanan", "Uraian Ketidaksesuaian", "Ditemukan Oleh", "Status"]
    ]
    cases += [[case, found, "KTP", "Nama pada surat salah ketik", PEOPLE[0], "Proses"] for case, found in first.items()]
    calendar: list[list[object]] = [["Tanggal", "Jenis", "Keterangan", "Dasar"]]
    calendar += [[date, kind, "Libur", "SKB"] for date, kind in HOLIDAYS.items()]
    path = workbooks.office_workbook(
        folder / "register.xlsx", register=cases, langkah=rows,
        kantor={
            "Waktu Peringatan": register.office.warning, "Batas Jeda": register.office.idle,
            "Arti Satu Hari": register.office.time.day, "Tahun Register": "2026",
        },
        kalender=calendar, jam_kerja=_hours_sheet(),
    )  # fmt: skip
    return inspect_register(read_register(path), SOP, register.office.as_of)


def _hours_sheet() -> list[list[object]]:
    names = {(0, 1, 2, 3): "Senin-Kamis", (4,): "Jumat"}
    rows: list[list[object]] = [
        ["Berlaku Mulai", "Berlaku Sampai", "Hari", "Masuk", "Istirahat Mulai", "Istirahat Selesai", "Pulang", "Dasar"]
    ]
    for row in HOURS:
        times = [
            text and dt.time.fromisoformat(text) for text in (row.opens, row.break_from, row.break_until, row.closes)
        ]
        rows.append([row.valid_from, row.valid_until, names[tuple(row.weekdays)], *times, "Perpres 21/2023"])
    return rows


@dataclass(frozen=True)
class Compared:
    """What both say of a register; `left_out`: verdicts of either on what the oracle calls undecided."""

    register: Register
    sopkit: set[Verdict]
    oracle: set[Verdict]
    left_out: set[Verdict]

    def differing(self) -> Iterator[tuple[Verdict, str, list[Row]]]:
        """Each verdict that only one of the two has: who, and the rows of its case in order."""
        for verdict in sorted(self.sopkit ^ self.oracle):
            case = next(row.case for row in self.register.rows if row.sheet_row == verdict[1])
            rows = sorted(
                (row for row in self.register.rows if row.case == case), key=lambda row: (row.start, row.step)
            )
            yield verdict, "sopkit" if verdict in self.sopkit else "oracle", rows


def compare(register: Register, folder: Path) -> Compared:
    sopkit, oracle = found_by_sopkit(register, folder), judge(register.rows, register.office)
    open_questions = undecided(register.rows, register.office)
    left_out = {verdict for verdict in sopkit | oracle if verdict[:2] in open_questions}
    return Compared(register, sopkit - left_out, oracle - left_out, left_out)


def told(verdict: Verdict, who: str, rows: Sequence[Row], office: Office) -> str:
    """A disagreement as text: the rows of the case, the one in question marked."""
    code, number, column = verdict
    lines = [f"{code} @ {column}, only {who}; {office.time.day}, Peringatan {office.warning}, Jeda {office.idle}, "
             f"as of {office.as_of:%a %Y-%m-%d %H:%M}"]  # fmt: skip
    for row in rows:
        end = f"{row.end:%a %m-%d %H:%M}" if isinstance(row.end, dt.datetime) else str(row.end or "-")
        mark = ">" if row.sheet_row == number else " "
        lines.append(f"  {mark} {row.step:2} {row.start:%a %m-%d %H:%M} | {end} | {row.outcome} {row.actor.split()[0]}")
    return "\n".join(lines)


def table(compared: Sequence[Compared]) -> str:
    agree, only = Counter[str](), Counter[tuple[str, str]]()
    left_out = Counter(code for one in compared for code, _, _ in one.left_out)
    for one in compared:
        agree.update(code for code, _, _ in one.sopkit & one.oracle)
        only.update((code, "sopkit") for code, _, _ in one.sopkit - one.oracle)
        only.update((code, "oracle") for code, _, _ in one.oracle - one.sopkit)
    lines = ["rule | agree | only sopkit | only oracle | left out"]
    for code in RULES:
        sopkit, oracle = only[code, "sopkit"], only[code, "oracle"]
        lines.append(f"{code}  | {agree[code]:5} | {sopkit:11} | {oracle:11} | {left_out[code]:8}")
    return "\n".join(lines)


def main(registers: int = 20, seed: int = 1, cases: int = 100, shown: int = 3) -> None:
    """Compare so many registers, and print the table and the first disagreements of each rule and side."""
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        made = (random_register(random.Random(f"{seed}/{number}"), cases) for number in range(registers))
        compared = [compare(register, Path(folder)) for register in made]
    seen = Counter[tuple[str, str]]()
    for one in compared:
        for verdict, who, rows in one.differing():
            seen[verdict[0], who] += 1
            if seen[verdict[0], who] <= shown:
                sys.stdout.write(told(verdict, who, rows, one.register.office) + "\n\n")
    rows = sum(len(one.register.rows) for one in compared)
    sys.stdout.write(f"{rows} step rows, {registers} registers, {time.process_time() - began:.0f} s CPU\n")
    sys.stdout.write(table(compared) + "\n")
