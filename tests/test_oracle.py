"""sopkit against a second judge (tests/oracle.py), which was written from the SOP and the catalogue alone.

`SETTLED` is the record of every kind of disagreement that was met, each as a small register with what is right, the
sentence that it rests on, and what was changed for it. ORACLE_REGISTERS=200 ORACLE_SEED=7 make the large run larger,
and `uv run python -m tests.oracle 200 7` prints its table.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import UNREADABLE, Office, Row, judge
from oracle_registers import (
    AS_OF,
    FIRST,
    IDLES,
    LAST,
    PEOPLE,
    READINGS,
    RULES,
    WARNINGS,
    Register,
    compare,
    found_by_sopkit,
    random_register,
    register_of,
    sopkit_inspects,
    table,
    told,
    working_time,
)

from sopkit.sop.model import Standard

REGISTERS = int(os.environ.get("ORACLE_REGISTERS", "10"))
SEED = os.environ.get("ORACLE_SEED", "13")


@dataclass(frozen=True)
class Settled:
    """A disagreement that was met, and what is right.

    `register`: the office, then a row a line: step | Mulai | Selesai (`-` empty, `?` unreadable) | Hasil | findings.
    """

    who_was_right: str
    sentence: str
    changed: str
    register: str


SETTLED = {
    "a step skipped before a rejection": Settled(
        "oracle",
        "A step done only after a rejection does not count for the round before it.",
        "sopkit, for this issue",
        """
        jam yang sama; 1 jam; 1 hari; 2026-11-20 10:00
        1 | 2026-11-16 08:00 | 2026-11-16 08:05
        2 | 2026-11-16 08:05 | 2026-11-16 08:10
        3 | 2026-11-16 08:10 | 2026-11-16 08:15
        5 | 2026-11-16 08:15 | 2026-11-16 08:20
        6 | 2026-11-16 08:20 | 2026-11-16 08:25
        7 | 2026-11-16 08:25 | 2026-11-16 08:30
        9 | 2026-11-16 08:30 | 2026-11-16 08:35 | Ditolak | U01 Langkah
        7 | 2026-11-16 08:35 | 2026-11-16 08:40
        8 | 2026-11-16 08:40 | 2026-11-16 08:45
        9 | 2026-11-16 08:45 | 2026-11-16 08:50 | Disetujui
        """,
    ),
    "a step done again after the approval and still running": Settled(
        "oracle",
        "A step begun again after 9 (U04) and still running is U04 alone; W03/W04 time it.",
        "sopkit, for this issue: a later step is one begun after this row's Mulai",
        """
        jam yang sama; 1 jam; 1 hari; 2026-11-20 10:00
        7 | 2026-11-16 08:25 | 2026-11-16 08:30 | | U01 Langkah
        8 | 2026-11-16 08:30 | 2026-11-16 08:35
        9 | 2026-11-16 08:35 | 2026-11-16 08:40 | Disetujui
        7 | 2026-11-18 08:40 | - | | U04 Langkah, W03 Mulai
        """,
    ),
    "idle for exactly the limit, over a night": Settled(
        "oracle",
        "W07 compares working time (`elapsed(deadline, begun) > 0`).",
        "sopkit, for this issue",
        """
        7,5 jam; 1 jam; 1 hari; 2026-11-20 10:00
        1 | 2026-11-16 15:50 | 2026-11-16 16:00
        2 | 2026-11-18 07:30 | 2026-11-18 07:40
        3 | 2026-11-19 07:41 | 2026-11-19 07:50 | | W07 Mulai
        """,
    ),
    "idle before 6 in its turn": Settled(
        "oracle",
        "W07 … speaks before 6 when 6 comes in its turn.",
        "sopkit, for this issue; 7 then counts from 6",
        """
        jam yang sama; 1 jam; 1 hari; 2026-11-20 10:00
        3 | 2026-11-16 08:00 | 2026-11-16 08:10 | | U01 Langkah
        5 | 2026-11-16 08:10 | 2026-11-16 08:20
        6 | 2026-11-19 08:00 | 2026-11-19 08:10 | | W07 Mulai
        7 | 2026-11-19 08:10 | 2026-11-19 08:20
        """,
    ),
    "the follower of a repeated step": Settled(
        "oracle",
        "After an unauthorised repeat the last execution before the follower's Mulai is its predecessor (W07, U02).",
        "sopkit, for this issue",
        """
        jam yang sama; 1 jam; 1 hari; 2026-11-20 10:00
        7 | 2026-11-16 08:40 | 2026-11-16 09:40 | | U01 Langkah
        7 | 2026-11-18 15:00 | 2026-11-19 08:30 | | U04 Langkah
        8 | 2026-11-19 08:20 | 2026-11-19 08:40 | | U02 Mulai
        """,
    ),
    "an unknown end of 5 beside the known end of 6": Settled(
        "oracle",
        "An unknown end of 5 hides no fault against the known end of 6.",
        "sopkit, for this issue",
        """
        jam yang sama; 1 jam; 1 hari; 2026-11-20 10:00
        5 | 2026-11-16 08:00 | ? | | U01 Langkah
        6 | 2026-11-16 08:30 | 2026-11-16 08:50
        7 | 2026-11-16 08:40 | 2026-11-16 09:00 | | U02 Mulai
        """,
    ),
    "an unknown end of 6 beside the known end of 5": Settled(
        "oracle",
        "The same the other way round: what is unknown hides nothing that is known.",
        "sopkit, after this oracle",
        """
        jam yang sama; 1 jam; 1 hari; 2026-11-20 10:00
        5 | 2026-11-16 08:00 | 2026-11-16 08:15 | | U01 Langkah
        6 | 2026-11-16 08:00 | ?
        7 | 2026-11-16 08:10 | 2026-11-16 08:30 | | U02 Mulai
        """,
    ),
    "begun in the minute of closing, read as closing time": Settled(
        "oracle",
        '"jam pulang": a start exactly at closing counts from the next opening.',
        "sopkit, for this issue",
        """
        jam pulang; 1 jam; 1 hari; 2026-11-20 10:00
        3 | 2026-11-16 16:00 | 2026-11-18 16:00 | | U01 Langkah
        5 | 2026-11-18 16:00 | 2026-11-19 07:46 | | W02 Selesai
        """,
    ),
    "a quarter of a day": Settled(
        "sopkit",
        "W04 warns at min(setting, a quarter of the standard).",
        "oracle, which had held a day to be 450 minutes: it is the working time from Mulai to the limit, here 480",
        """
        jam yang sama; 4 jam; 2 hari; 2026-02-18 10:00
        10 | 2026-02-13 13:00 | - | | U01 Langkah, W04 Mulai
        """,
    ),
    "two people at one step at the same time": Settled(
        "sopkit",
        "Langkah (a row per execution of a step); a step repeated with no rejection before it.",
        "oracle, which had held the two rows to be one execution; Keterangan explains such a U04",
        """
        jam yang sama; 1 jam; 1 hari; 2026-11-20 10:00
        1 | 2026-11-16 08:00 | 2026-11-16 08:10
        2 | 2026-11-16 08:10 | 2026-11-16 08:30
        2 | 2026-11-16 08:20 | 2026-11-16 08:30 | | U04 Langkah
        """,
    ),
    "a repeat that was itself begun too soon": Settled(
        "sopkit",
        "… is U04 alone.",
        "oracle, which had said U02 and W07 of a repeat too",
        """
        jam yang sama; 1 jam; 1 hari; 2026-11-20 10:00
        7 | 2026-11-16 08:22 | 2026-11-16 08:50 | | U01 Langkah
        8 | 2026-11-16 09:00 | 2026-11-16 09:10
        7 | 2026-11-16 09:20 | 2026-11-16 09:50 | | U04 Langkah
        8 | 2026-11-16 09:40 | 2026-11-16 10:10 | | U04 Langkah
        """,
    ),
    "an earlier step done again after a rejection": Settled(
        "sopkit",
        "7, 8, 9 then repeat. Any other repeat is a breach; a first execution is no repeat.",
        "nothing: both agreed, where the auditor's own oracle had not",
        """
        jam yang sama; 1 jam; 1 hari; 2026-11-20 10:00
        1 | 2026-11-16 08:00 | 2026-11-16 08:05
        2 | 2026-11-16 08:05 | 2026-11-16 08:10
        9 | 2026-11-16 08:10 | 2026-11-16 08:15 | Ditolak | U01 Langkah
        2 | 2026-11-16 08:15 | 2026-11-16 08:20 | | U04 Langkah
        3 | 2026-11-16 08:20 | 2026-11-16 08:25
        """,
    ),
    "work that goes on after a rejection": Settled(
        "sopkit",
        "U05: work went on after a rejection without returning to the step it returns to.",
        "oracle, which had held the rejected 9 to be what 8 follows (U02, W07); that 7 is missing is U05 alone",
        """
        jam yang sama; 1 jam; 1 hari; 2026-11-20 10:00
        9 | 2026-11-16 08:30 | 2026-11-16 09:00 | Ditolak | U01 Langkah
        8 | 2026-11-16 08:50 | 2026-11-16 09:10 | | U05 Langkah
        9 | 2026-11-19 09:10 | 2026-11-19 09:20 | Disetujui | W07 Mulai
        """,
    ),
    "a later step begun in the same minute": Settled(
        "sopkit",
        '"a later step has begun" means begun after this row\'s Mulai.',
        "oracle: registers hold minutes, and within one the SOP's order decides what came after",
        """
        jam yang sama; 1 jam; 1 hari; 2026-11-20 10:00
        3 | 2026-11-16 08:00 | - | | U01 Langkah, U08 Selesai
        5 | 2026-11-16 08:00 | 2026-11-16 08:10
        """,
    ),
    "6 begun after a rejection without an end": Settled(
        "sopkit",
        'It never counts as a "later step" for those it overtook; after the rejection it overtakes nothing.',
        "oracle, which had excepted 6 everywhere",
        """
        jam yang sama; 1 jam; 1 hari; 2026-11-20 10:00
        9 | 2026-11-16 08:00 | - | Ditolak | U01 Langkah, U08 Selesai
        6 | 2026-11-17 08:00 | 2026-11-17 08:10
        """,
    ),
    "a long time in which a step was skipped": Settled(
        "sopkit",
        "W07: idle between two steps.",
        "oracle, which had counted from the nearest recorded step: with 2 skipped nobody knows that the time was idle",
        """
        jam yang sama; 1 jam; 1 hari; 2026-11-20 10:00
        1 | 2026-11-09 08:00 | 2026-11-09 08:10
        3 | 2026-11-13 08:30 | 2026-11-13 09:00 | | U01 Langkah
        """,
    ),
    "5 and 6 done for the first time after a rejection": Settled(
        "sopkit",
        "Step 7 then follows both 5 and 6.",
        "oracle, which had counted 7 from the rejection alone",
        """
        jam yang sama; 1 jam; 1 hari; 2026-11-20 10:00
        3 | 2026-11-09 08:00 | 2026-11-09 08:10 | | U01 Langkah
        9 | 2026-11-09 08:10 | 2026-11-09 08:20 | Ditolak | U01 Langkah
        5 | 2026-11-09 08:20 | 2026-11-09 08:30
        6 | 2026-11-10 08:20 | 2026-11-10 08:30
        7 | 2026-11-11 08:20 | 2026-11-11 08:30
        """,
    ),
    "the step before was begun only afterwards and is running still": Settled(
        "oracle",
        "U02: a step began before its predecessor ended. That 3 was begun before 2 follows from two Mulai.",
        "sopkit, after this oracle",
        """
        jam yang sama; 10 menit; 1 hari; 2026-11-20 09:20
        1 | 2026-11-20 08:00 | 2026-11-20 08:10
        3 | 2026-11-20 08:30 | 2026-11-20 09:00 | | U02 Mulai
        2 | 2026-11-20 09:10 | -
        """,
    ),
    "the step before was begun only afterwards and has an unreadable end": Settled(
        "oracle",
        "A cell in error is unknown: no rule reports what follows only from it. This follows from two Mulai.",
        "sopkit, after this oracle",
        """
        jam yang sama; 1 jam; 1 hari; 2026-11-20 10:00
        1 | 2026-11-20 08:00 | 2026-11-20 08:10
        3 | 2026-11-20 08:30 | 2026-11-20 09:00 | | U02 Mulai
        2 | 2026-11-20 09:10 | ?
        """,
    ),
    "two people began the step before at one time, and the one of the first row ended last": Settled(
        "oracle",
        "The order of rows changes no finding. With the two rows of 7 the other way round sopkit says it.",
        "sopkit, after this oracle",
        """
        jam yang sama; 1 jam; 1 hari; 2026-11-20 10:00
        7 | 2026-11-16 08:22 | 2026-11-16 08:50 | | U01 Langkah
        7 | 2026-11-16 08:22 | 2026-11-16 08:40 | | U04 Langkah
        8 | 2026-11-16 08:45 | 2026-11-16 09:10 | | U02 Mulai
        """,
    ),
    "two people began the step before at one time, and the end of one is unknown": Settled(
        "oracle",
        "A cell in error is unknown: whether the time was idle is not known.",
        "sopkit, after this oracle",
        """
        jam yang sama; 1 jam; 1 hari; 2026-11-20 10:00
        7 | 2026-11-16 08:22 | ? | | U01 Langkah
        7 | 2026-11-16 08:22 | 2026-11-16 08:40 | | U04 Langkah
        8 | 2026-11-19 08:45 | 2026-11-19 09:10
        """,
    ),
    "exactly the warning time is left, and the limit is the end of a break": Settled(
        "oracle",
        "Within the office's warning time, in working time: from 11:00 to 13:00 it is one hour.",
        "sopkit, after this oracle",
        """
        jam yang sama; 1 jam; 2 hari; 2026-11-18 11:00
        10 | 2026-11-17 13:00 | - | | U01 Langkah, W04 Mulai
        """,
    ),
}


@pytest.mark.parametrize("scenario", SETTLED)
def test_what_was_settled_holds_in_both(scenario: str, tmp_path: Path) -> None:
    register, right = _parsed(SETTLED[scenario].register)

    assert judge(register.rows, register.office) == right
    assert found_by_sopkit(register, tmp_path) == right


def _parsed(text: str) -> tuple[Register, set[tuple[str, int, str]]]:
    head, *lines = (line.strip() for line in text.strip().splitlines())
    day, warning, idle, as_of = re.split(r" *; *", head)
    office = Office(working_time(day), dt.datetime.fromisoformat(as_of), warning, idle)
    rows, right = [], set()
    for number, line in enumerate(lines, start=2):
        step, start, end, outcome, verdicts = (*(cell.strip() for cell in line.split("|")), "", "")[:5]
        ended = None if end == "-" else UNREADABLE if end == "?" else dt.datetime.fromisoformat(end)
        begun = dt.datetime.fromisoformat(start)
        rows.append(Row(number, "001/CLTS/XI/2026", int(step), begun, ended, outcome, "", PEOPLE[0]))
        right |= {(code, number, column) for code, column in map(str.split, filter(None, verdicts.split(",")))}
    return Register(tuple(rows), office), right


DAYS = st.sampled_from(READINGS).map(working_time)
OFFICES = st.builds(Office, DAYS, st.sampled_from(AS_OF), st.sampled_from(WARNINGS), st.sampled_from(IDLES))


@given(OFFICES, st.lists(st.integers(0, 2**32), min_size=1, max_size=40))
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_registers_are_judged_alike(
    tmp_path_factory: pytest.TempPathFactory, office: Office, courses: list[int]
) -> None:
    """Hypothesis chooses the office and the courses, and leaves of those that differ the one that does."""
    compared = compare(register_of(office, courses), tmp_path_factory.mktemp("register"))

    assert [told(*differing, office) for differing in compared.differing()] == []


def test_large_registers_are_judged_alike(tmp_path: Path) -> None:
    made = (random_register(random.Random(f"{SEED}/{number}"), cases=100) for number in range(REGISTERS))
    compared = [compare(register, tmp_path) for register in made]
    differing = [told(*each, one.register.office) for one in compared for each in one.differing()]
    found = {code for one in compared for code, _, _ in one.sopkit & one.oracle}

    assert not differing, "\n\n".join([*differing[:5], table(compared)])
    assert found == set(RULES)


@pytest.mark.parametrize("reading", READINGS)
def test_working_time_is_that_of_the_minute_table(reading: str, tmp_path: Path) -> None:
    """10,000 intervals at random, a third of them at openings, breaks and closings; each standard and idle limit."""
    oracle, choose = working_time(reading), random.Random(reading)
    calendar = sopkit_inspects(_spanning(reading), tmp_path).calendar
    last = (LAST - FIRST).days * 1440 - 30 * 1440
    starts = [_some_minute(oracle.working, choose, last) for _ in range(10_000)]
    ends = [min(last, start + choose.randrange(0, choose.choice((90, 1440, 20_000)))) for start in starts]
    moments = np.array([oracle.moment(minute) for minute in starts], "datetime64[s]")
    elapsed = calendar.elapsed(moments, np.array([oracle.moment(minute) for minute in ends], "datetime64[s]"))

    assert [seconds / 60 for seconds in elapsed] == [oracle.elapsed(*span) for span in zip(starts, ends, strict=True)]
    standards = ("15 menit", "30 menit", "1 jam", "4 jam", "1 hari", "2 hari")
    for place, standard in enumerate(standards):  # each sixth start with each of the six
        deadlines = calendar.deadline(moments[place::6], Standard.parse(standard)).astype("datetime64[s]")
        assert [
            (standard, oracle.moment(start), found, oracle.moment(right))
            for start, found in zip(starts[place::6], deadlines.astype(dt.datetime), strict=True)
            for right in [oracle.deadline(start, standard)]
            if oracle.elapsed(*sorted((oracle.minute(found), right)))  # closing and the next opening are one
            and not oracle.counts_from_closing(start, standard)
        ] == []


def _spanning(reading: str) -> Register:
    """A register from one end of the minute table to the other, so that sopkit's calendar spans it too."""
    row = Row(2, "001/CLTS/XI/2026", 1, dt.datetime(2025, 12, 2, 8), None, "", "", PEOPLE[0])
    return Register((row,), Office(working_time(reading), dt.datetime(2027, 3, 1, 8)))


def _some_minute(working: list[bool], choose: random.Random, last: int) -> int:
    minute = choose.randrange(1440, last)
    if choose.random() < 1 / 3:
        while working[minute] == working[minute - 1]:
            minute -= 1
        return max(1440, minute + choose.choice((-1, 0, 0, 1)))
    return minute
