"""A second judge of sequence and time, written from the SOP and the catalogue of findings, not from sopkit.

Nothing here imports sopkit. It is slow and plain on purpose: an auditor who knows a little Python can follow it from
top to bottom and compare each judgement with the sentence that it rests on (quoted beside it). It judges U01, U02,
U04, U05, U08, W02, W03, W04 and W07. `tests/test_oracle.py` compares it with sopkit on registers made at random, and
settles in writing every place where the two once differed. `python -m tests.oracle 20 7` makes 20 large registers
from seed 7, compares, and prints what agreed.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

# The SOP, as printed on 19 August 2019: number, activity, standard (column Waktu). There is no number 4.
SOP = (
    (1, "Mengidentifikasi layanan tidak sesuai", "15 menit"),
    (2, "Mengevaluasi layanan tidak sesuai", "1 jam"),
    (3, "Mengkonsultasikan dengan Camat", "1 hari"),
    (5, "Memutuskan tindakan perbaikan", "15 menit"),
    (6, "Memisahkan hasil layanan tidak sesuai", "30 menit"),
    (7, "Melakukan tindakan perbaikan", "1 hari"),
    (8, "Meminta persetujuan pada sekcam/kasi", "1 jam"),
    (9, "Menyetujui tindakan Perbaikan", "30 menit"),
    (10, "Memusnahkan hasil layanan tidak sesuai secara rutin", "1 hari"),
)
STEPS = tuple(number for number, _, _ in SOP)
STANDARD = {number: standard for number, _, standard in SOP}
# "step 7 then follows both 5 and 6"; any other step follows the one printed above it.
FOLLOWS = {1: (), 2: (1,), 3: (2,), 5: (3,), 6: (5,), 7: (5, 6), 8: (7,), 9: (8,), 10: (9,)}
MAY_COME_EARLY = 6  # "Step 6 earlier than its turn is good practice under ISO 8.7"
APPROVAL, RETURNS_TO = 9, 7  # "A rejection at 9 (Hasil = Ditolak) returns to 7"
PERIODIC = 10  # "Step 10 is periodic"
UNREADABLE = "tidak terbaca"

DAY = 24 * 60
SAME_TIME, CLOSING, SEVEN_AND_A_HALF = "jam yang sama", "jam pulang", "7,5 jam"


@dataclass(frozen=True)
class Row:
    """One row of sheet Langkah. `end` is None where Selesai is empty, UNREADABLE where it is no time."""

    sheet_row: int
    case: str
    step: int
    start: dt.datetime
    end: dt.datetime | str | None
    outcome: str = ""
    remark: str = ""
    actor: str = ""


@dataclass(frozen=True)
class Hours:
    """One row of sheet Jam Kerja; weekdays as Monday = 0, times as "07:30"."""

    valid_from: dt.date
    valid_until: dt.date | None
    weekdays: Sequence[int]
    opens: str
    break_from: str | None
    break_until: str | None
    closes: str


class WorkingTime:
    """Every minute of every day from `first` to `last`, and whether the office works in it."""

    def __init__(
        self, first: dt.date, last: dt.date, hours: Sequence[Hours], closed: Sequence[dt.date], day: str
    ) -> None:
        self.first, self.day = first, day
        self.working: list[bool] = []
        for number in range((last - first).days + 1):
            date = first + dt.timedelta(days=number)
            spans = [] if date in closed else _spans_of(date, hours)
            self.working += [any(begin <= minute < end for begin, end in spans) for minute in range(DAY)]
        self.worked_before = [0, *accumulate(self.working)]

    def minute(self, moment: dt.datetime) -> int:
        """The place of a moment in the table; registers hold whole minutes."""
        return (moment.date() - self.first).days * DAY + moment.hour * 60 + moment.minute

    def moment(self, minute: int) -> dt.datetime:
        return dt.datetime.combine(self.first, dt.time()) + dt.timedelta(minutes=minute)

    def elapsed(self, start: int, end: int) -> int:
        """Working minutes from `start` to `end`."""
        return self.worked_before[end] - self.worked_before[start]

    def opening(self, minute: int) -> int:
        """This minute if the office works in it, else the next in which it does."""
        while not self.working[minute]:
            minute += 1
        return minute

    def deadline(self, start: int, standard: str) -> int:
        """The moment at which a standard that counts from `start` has run out."""
        number, unit = int(standard.split()[0]), standard.split()[1]
        # "A start outside hours counts from the next opening." The minute of closing is outside: "a start exactly at
        # closing counts from the next opening".
        start = self.opening(start)
        # "Minutes and hours are working time."
        if unit == "menit":
            return self._after_working_minutes(start, number)
        if unit == "jam":
            return self._after_working_minutes(start, number * 60)
        # "A day ("1 hari") is a declared choice": `"hours:7.5"` …
        if self.day == SEVEN_AND_A_HALF:
            return self._after_working_minutes(start, number * 450)
        date = start // DAY
        for _ in range(number):
            date = self._next_working_day(date)
        minutes = [minute for minute in range(date * DAY, (date + 1) * DAY) if self.working[minute]]
        opens, closes = minutes[0], minutes[-1] + 1
        # … `"end-of-day"` (closing time of the next working day) …
        if self.day == CLOSING:
            return closes
        # … `"same-time"`: "same clock time on the next working day, clipped to that day's hours".
        return min(max(date * DAY + start % DAY, opens), closes)

    def counts_from_closing(self, minute: int, standard: str) -> bool:
        """A day that counts from the minute in which the office closes or its break begins, and ends at the same clock.

        The same clock as Thursday 16:00 is Friday 16:00; but nobody works from 16:00 on, and what begins outside hours
        counts from the next opening, Friday 07:30. The amendment decides it for "jam pulang" alone.
        """
        if self.day != SAME_TIME or not standard.endswith("hari"):
            return False
        if self.working[minute] or not self.working[minute - 1]:
            return False
        same_clock = self.deadline(minute - 1, standard) + 1
        return self.elapsed(same_clock, self.deadline(minute, standard)) > 0

    def _after_working_minutes(self, minute: int, count: int) -> int:
        while count:
            count -= self.working[minute]
            minute += 1
        return minute

    def _next_working_day(self, date: int) -> int:
        date += 1
        while not any(self.working[date * DAY : (date + 1) * DAY]):
            date += 1
        return date


def _spans_of(date: dt.date, hours: Sequence[Hours]) -> list[tuple[int, int]]:
    """Working hours of a date as minutes of the day. Of several rows that hold, the one that began last: Ramadan."""
    held = [
        row
        for row in hours
        if date.weekday() in row.weekdays
        and row.valid_from <= date
        and (row.valid_until is None or date <= row.valid_until)
    ]
    if not held:
        return []
    row = max(held, key=lambda row: row.valid_from)
    if row.break_from is None or row.break_until is None:
        return [(_clock(row.opens), _clock(row.closes))]
    return [(_clock(row.opens), _clock(row.break_from)), (_clock(row.break_until), _clock(row.closes))]


def _clock(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


@dataclass(frozen=True)
class Office:
    """What Kantor, Kalender and Jam Kerja say. `warning` and `idle` are standards: "1 jam", "1 hari"."""

    time: WorkingTime
    as_of: dt.datetime
    warning: str = "1 jam"
    idle: str = "1 hari"


Verdict = tuple[str, int, str]  # code, sheet row, column


def judge(rows: Sequence[Row], office: Office) -> set[Verdict]:
    """All that the nine rules find in a sheet Langkah."""
    verdicts: set[Verdict] = set()
    for case in {row.case for row in rows}:
        verdicts |= Course([row for row in rows if row.case == case], office).judge()
    return verdicts


def undecided(rows: Sequence[Row], office: Office) -> set[tuple[str, int]]:
    """Codes and sheet rows that `Course.undecided` leaves out."""
    return {
        each
        for case in {row.case for row in rows}
        for each in Course([row for row in rows if row.case == case], office).undecided()
    }


class Course:
    """The rows of one case, in the order in which they were begun."""

    def __init__(self, rows: Sequence[Row], office: Office) -> None:
        self.office, self.time = office, office.time
        self.now = self.time.minute(office.as_of)
        self.start = {row: self.time.minute(row.start) for row in rows}
        self.end = {row: self._known_end(row) for row in rows}
        self.rows = sorted(rows, key=lambda row: (row.start, STEPS.index(row.step), row.sheet_row))
        self.round = self._rounds()

    def judge(self) -> set[Verdict]:
        verdicts: set[Verdict] = set()
        for row in self.rows:
            sequence = {
                ("U02", "Mulai"): self.began_before_predecessor_ended(row),
                ("U04", "Langkah"): self.repeated(row),
                ("U08", "Selesai"): self.never_ended(row),
                ("W02", "Selesai"): self.over_standard(row),
                ("W03", "Mulai"): self.running_over_standard(row),
                ("W04", "Mulai"): self.running_out(row),
                ("W07", "Mulai"): self.begun_after_idling(row),
            }
            verdicts |= {(code, row.sheet_row, column) for (code, column), found in sequence.items() if found}
        verdicts |= {("U01", row.sheet_row, "Langkah") for row in self.after_skipped_steps()}
        verdicts |= {("U05", row.sheet_row, "Langkah") for row in self.went_on_after_rejection()}
        return verdicts

    def undecided(self) -> set[tuple[str, int]]:
        """Codes and rows on which neither SOP nor catalogue says what is right; the comparison leaves them out."""
        found = set()
        for row in self.rows:
            number = self.round[row]
            steps = {other.step for other in self._of_round(number)}
            # After a rejection the work returns to 7. Where earlier steps are first done there, with gaps between
            # them or without 7, it is written nowhere what the next one follows.
            if number > 1 and min(steps) < RETURNS_TO != row.step and not steps.issuperset(FOLLOWS[row.step]):
                found |= {("U02", row.sheet_row), ("W07", row.sheet_row)}
            # Nor what 7 follows there, unless both 5 and 6 are done in that round and their ends are known.
            if number > 1 and min(steps) < RETURNS_TO == row.step:
                before = [each for step in FOLLOWS[RETURNS_TO] for each in self._last_execution(step, row)]
                late = [each for each in before if self.end[each] is None or self._ended_after_rejection(each, number)]
                if late or (self._first_done_in(number) and not steps.issuperset(FOLLOWS[RETURNS_TO])):
                    found |= {("U02", row.sheet_row), ("W07", row.sheet_row)}
            # 7 follows both 5 and 6. Whether the time since 6 was idle when 5 has no row is written nowhere.
            if row.step == RETURNS_TO and not self._is_rework(row) and not self._executions(5, row):
                found.add(("W07", row.sheet_row))
            if self.time.counts_from_closing(self.start[row], STANDARD[row.step]):
                found |= {(code, row.sheet_row) for code in ("W02", "W03", "W04")}
            ends = [self.end[before] or 0 for before in self.predecessors(row)]
            if ends and self.time.counts_from_closing(max(ends), self.office.idle):
                found.add(("W07", row.sheet_row))
        return found

    def _ended_after_rejection(self, row: Row, number: int) -> bool:
        """A row of an earlier round that went on while the approval that opened this round was being decided."""
        return self.round[row] < number and (self.end[row] or 0) > self.start[self._rejection_before(number)]

    def _first_done_in(self, number: int) -> set[int]:
        """Steps before 7 that had no row before this round."""
        before = {row.step for row in self.rows if self.round[row] < number}
        return {row.step for row in self._of_round(number) if row.step < RETURNS_TO} - before

    def _known_end(self, row: Row) -> int | None:
        """ "A cell in error is unknown": no Selesai (empty or D02), one before Mulai (W01), one in the future (D04)."""
        if not isinstance(row.end, dt.datetime) or row.end < row.start or row.end > self.office.as_of:
            return None
        return self.time.minute(row.end)

    def _rounds(self) -> dict[Row, int]:
        """What is begun after a rejection is a new round.

        "A rejection at 9 (Hasil = Ditolak) returns to 7: 7, 8, 9 then repeat."
        """
        rounds, number = {}, 1
        for row in self.rows:
            rounds[row] = number
            if row.step == APPROVAL and row.outcome == "Ditolak":
                number += 1
        return rounds

    def _of_round(self, number: int) -> list[Row]:
        return [row for row in self.rows if self.round[row] == number]

    def _rejection_before(self, number: int) -> Row:
        """The rejected approval that opened a round."""
        return self._of_round(number - 1)[-1]

    def after_skipped_steps(self) -> set[Row]:
        """U01: the rows that tell of skipped steps.

        "steps were skipped: a later step (not one that may come early) has begun, and these have no row → Langkah of
        the earliest-begun such later step". "U01 looks at every round by itself: a step done only after a rejection
        does not count for the round before it." "one finding per run of skipped steps".
        """
        found = set()
        for number in set(self.round.values()):
            rows = self._of_round(number)
            done = {row.step for row in rows}
            for step in STEPS if number == 1 else STEPS[STEPS.index(RETURNS_TO) + 1 :]:
                later = [row for row in rows if row.step > step and row.step != MAY_COME_EARLY]
                # In a later round a missing 7 is U05, and so is what was skipped together with it.
                if step not in done and later and (number == 1 or RETURNS_TO in done):
                    found.add(later[0])
        return found

    def began_before_predecessor_ended(self, row: Row) -> bool:
        """U02: "a step began before its predecessor ended (a step that may come early is exempt) → Mulai"."""
        if row.step == MAY_COME_EARLY or self.repeated(row):
            return False  # a repeat without permission "is U04 alone"
        return any(self._ended_after(before, row) for before in self.predecessors(row))

    def _ended_after(self, before: Row, row: Row) -> bool:
        end = self.end[before]
        if end is not None:
            return end > self.start[row]
        # Its end is unknown. That it was not even begun, or is running still, is known all the same.
        return self.start[before] > self.start[row] or self.running(before)

    def predecessors(self, row: Row) -> list[Row]:
        """The executions that had to be ended before this row's Mulai."""
        found = [before for step in FOLLOWS[row.step] for before in self._last_execution(step, row)]
        if self._is_rework(row):
            number = self.round[row]
            # Had 5 or 6 been skipped and were they done only now, it follows them as well.
            return [self._rejection_before(number), *(before for before in found if self.round[before] == number)]
        return found

    def _is_rework(self, row: Row) -> bool:
        """7 after a rejection, which "returns to 7": the rejected 9 is then what 7 follows."""
        return self.round[row] > 1 and row.step == RETURNS_TO

    def _executions(self, step: int, row: Row) -> list[Row]:
        """Those of a step that may stand before this row; what comes before 7 is not done again in a later round."""
        number = self.round[row]
        return [
            other
            for other in self.rows
            if other.step == step
            and other != row
            and (self.round[other] == number or (step < RETURNS_TO and self.round[other] < number))
        ]

    def _last_execution(self, step: int, row: Row) -> list[Row]:
        """What of a step stands before this row.

        "the *last* execution before the follower's Mulai is its predecessor (W07, U02)"; one that came only afterwards
        if there is no other. A step with no row at all is U01, and the step before it takes its place.
        """
        alike = self._executions(step, row)
        before = [other for other in alike if other.start < row.start]
        if before:
            return [other for other in before if other.start == before[-1].start]  # two people at once: both
        if alike:
            return [alike[0]]
        if self.round[row] > 1 and step == RETURNS_TO:
            return []  # the rework itself is missing, which is U05 alone
        return [other for earlier in FOLLOWS[step] for other in self._last_execution(earlier, row)]

    def repeated(self, row: Row) -> bool:
        """U04: "a step repeated with no rejection before it → Langkah of the repeat".

        After a rejection "7, 8, 9 then repeat. Any other repeat is a breach". "a row per execution of a step": two rows
        of two people are two executions.
        """
        return any(
            other.step == row.step and (self.round[other] == self.round[row] or row.step < RETURNS_TO)
            for other in self.rows[: self.rows.index(row)]
        )

    def went_on_after_rejection(self) -> set[Row]:
        """U05: "work went on after a rejection without returning to the step it returns to → Langkah"."""
        found = set()
        for number in set(self.round.values()) - {1}:
            for row in self._of_round(number):
                if row.step == RETURNS_TO:
                    break
                if row.step > RETURNS_TO:
                    found.add(row)
                    break
        return found

    def never_ended(self, row: Row) -> bool:
        """U08: "a step has no Selesai while a later step (not one that may come early) has begun → Selesai".

        "a later step has begun" means begun after this row's Mulai; in one minute the SOP's order decides. An early 6
        "never counts as a "later step" for those it overtook". All rework is later than what was rejected.
        """
        return row.end is None and any(
            self.round[other] > self.round[row]
            or (self.round[other] == self.round[row] and other.step > row.step and other.step != MAY_COME_EARLY)
            for other in self.rows[self.rows.index(row) + 1 :]
        )

    def running(self, row: Row) -> bool:
        """No Selesai, and none is due.

        "A step begun again after 9 (U04) and still running is U04 alone; W03/W04 time it."
        """
        return row.end is None and not self.never_ended(row)

    def _over(self, row: Row, moment: int) -> bool:
        """Over by working time: what is done at night after the last working minute is not late."""
        return self.time.elapsed(self.time.deadline(self.start[row], STANDARD[row.step]), moment) > 0

    def over_standard(self, row: Row) -> bool:
        """W02: "a finished step took longer than its standard"."""
        end = self.end[row]
        return end is not None and self._over(row, end)

    def running_over_standard(self, row: Row) -> bool:
        """W03: "a running step is already over its standard at `as_of`"."""
        return self.running(row) and self._over(row, self.now)

    def running_out(self, row: Row) -> bool:
        """W04: "a running step will pass its standard within the office's warning time → Mulai".

        "W04 warns at min(setting, a quarter of the standard)."
        """
        if not self.running(row) or self.running_over_standard(row):
            return False
        deadline = self.time.deadline(self.start[row], STANDARD[row.step])
        given = self.time.elapsed(self.start[row], deadline)
        number, unit = self.office.warning.split()
        setting = int(number) * (60 if unit == "jam" else 1)
        return self.time.elapsed(self.now, deadline) <= min(setting, given / 4)

    def begun_after_idling(self, row: Row) -> bool:
        """W07: "idle between two steps longer than the office allows (default 1 working day) → Mulai of the later".

        "never before 10". "W07 compares working time (`elapsed(deadline, begun) > 0`), and speaks before 6 when 6 comes
        in its turn."
        """
        if row.step == PERIODIC or self.repeated(row):
            return False
        if not self._is_rework(row) and not all(self._executions(step, row) for step in FOLLOWS[row.step]):
            return False  # a step between the two has no row (U01): nobody knows that the time was idle
        if row.step < RETURNS_TO and any(self.round[before] < self.round[row] for before in self.predecessors(row)):
            return False  # done only after a rejection: the case was at 9 in between, not idle
        ends = [self.end[before] for before in self.predecessors(row)]
        known = [end for end in ends if end is not None]
        if not known or len(known) < len(ends) or max(known) > self.start[row]:
            return False  # nothing before it, an end unknown, or begun before its turn
        return self.time.elapsed(self.time.deadline(max(known), self.office.idle), self.start[row]) > 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    from oracle_registers import main

    main(*map(int, sys.argv[1:]))
