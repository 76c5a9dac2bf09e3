"""Working time against an oracle that walks the clock, and the sheets Kalender and Jam Kerja with their faults."""

from __future__ import annotations

import datetime as dt
from functools import cache
from itertools import accumulate

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sopkit.frames import Frame
from sopkit.sop.model import Standard
from sopkit.workcalendar import (
    HoursProblem,
    WorkCalendar,
    estimated_dates,
    has_joint_leave,
    parse_days,
)

FIRST, LAST = dt.date(2026, 1, 1), dt.date(2026, 6, 30)
STANDARDS = ("15 menit", "30 menit", "1 jam", "9 jam", "1 hari", "2 hari", "7 hari")
READINGS = ("same-time", "end-of-day", "hours:7.5")
HOLIDAYS = {
    dt.date(2026, 2, 16): "Cuti Bersama",
    dt.date(2026, 2, 17): "Libur Nasional",
    dt.date(2026, 3, 19): "Libur Nasional",
    dt.date(2026, 3, 20): "Cuti Bersama",
    dt.date(2026, 4, 3): "Libur Daerah",
}
EXTRA = {dt.date(2026, 2, 21), dt.date(2026, 4, 11), dt.date(2026, 4, 12)}
RAMADAN = (dt.date(2026, 2, 19), dt.date(2026, 3, 20))
WEEK = (
    (None, None, "Senin–Kamis", "07:30", "12:00", "13:00", "16:00"),
    (None, None, "Jumat", "07:30", "11:30", "13:00", "16:30"),
)
FASTING = ((*RAMADAN, "Senin–Kamis", "08:00", None, None, "15:15"), (*RAMADAN, "Jumat", "08:00", None, None, "11:30"))


def calendar_frame(kinds: dict[dt.date, str], remarks: dict[dt.date, str] | None = None) -> Frame:
    columns = {
        "date": np.array(list(kinds), dtype="datetime64[ns]"),
        "kind": np.array(list(kinds.values()), dtype=object),
        "remark": np.array([(remarks or {}).get(date) for date in kinds], dtype=object),
        "basis": np.full(len(kinds), None, dtype=object),
    }
    return Frame(columns, np.arange(2, len(kinds) + 2))


def hours_frame(*rows: tuple[object, ...]) -> Frame:
    names = ("valid_from", "valid_until", "days", "open", "break_start", "break_end", "close")
    columns: dict[str, np.ndarray] = {}
    for place, name in enumerate(names):
        values = [row[place] for row in rows]
        if name == "days":
            columns[name] = np.array(values, dtype=object)
        elif name.startswith("valid"):
            columns[name] = np.array(values, dtype="datetime64[ns]")
        else:
            times = [None if value is None else pd.Timedelta(f"{value}:00") for value in values]
            columns[name] = np.array(times, dtype="timedelta64[ns]")
    return Frame(columns, np.arange(2, len(rows) + 2))


@cache
def semarang(day: str = "same-time") -> WorkCalendar:
    kinds = {**HOLIDAYS, **dict.fromkeys(EXTRA, "Hari Kerja")}
    return WorkCalendar.from_tables(calendar_frame(kinds), hours_frame(*WEEK, *FASTING), FIRST, LAST, day)


def built(*rows: tuple[object, ...], kinds: dict[dt.date, str] | None = None) -> WorkCalendar:
    return WorkCalendar.from_tables(calendar_frame(kinds or {}), hours_frame(*rows), FIRST, LAST, "same-time")


def problems(*rows: tuple[object, ...]) -> list[tuple[int, str]]:
    return [(problem.row, problem.field) for problem in built(*rows).problems]


def at(text: str) -> np.ndarray:
    return np.array([np.datetime64(text, "s")])


def deadline(start: str, standard: str, day: str = "same-time") -> str:
    return str(semarang(day).deadline(at(start), Standard.parse(standard))[0])[:16]


# The oracle knows the hours from the regulation's text and the dates above, not from the frames. It counts in minutes
# since the new year and has a list with one entry for each.

ORIGIN = dt.datetime(2026, 1, 1)
DAY = 1440
DAYS = 240


@cache
def oracle_hours(day: int) -> list[tuple[int, int]]:
    """Working spans of the day with this number, in minutes since midnight."""
    date = (ORIGIN + dt.timedelta(days=day)).date()
    weekday = date.weekday()
    if date in EXTRA:
        weekday = weekday if weekday < 5 else 0
    elif date in HOLIDAYS or weekday >= 5:
        return []
    if RAMADAN[0] <= date <= RAMADAN[1]:
        return [(480, 690)] if weekday == 4 else [(480, 915)]
    return [(450, 690), (780, 990)] if weekday == 4 else [(450, 720), (780, 960)]


@cache
def worked() -> list[bool]:
    """Whether the minute that begins then is worked."""
    return [any(a <= m < b for a, b in oracle_hours(day)) for day in range(DAYS) for m in range(DAY)]


@cache
def worked_before() -> list[int]:
    """Worked minutes before each minute."""
    return list(accumulate(worked(), initial=0))


def oracle_open(minute: int) -> bool:
    return any(a <= minute % DAY <= b for a, b in oracle_hours(minute // DAY))


def oracle_start(minute: int) -> int:
    """The minute a start counts from: itself while the office is open, its edges included, else the next opening."""
    while not oracle_open(minute):
        minute += 1
    return minute


def oracle_after(minute: int, count: int) -> int:
    while count:
        count -= worked()[minute]
        minute += 1
    return minute


def oracle_deadline(start: int, amount: int, unit: str, day: str) -> int:
    if unit != "hari":
        return oracle_after(start, amount * (60 if unit == "jam" else 1))
    if day == "hours:7.5":
        return oracle_after(start, amount * 450)
    at_closing = start == oracle_start(start) and start % DAY == oracle_hours(start // DAY)[-1][1]
    late = day == "end-of-day" and at_closing  # "jam pulang": it counts from the next opening (Amendments, Time)
    number, clock = divmod(oracle_start(start + late), DAY)
    while amount:
        number += 1
        amount -= bool(oracle_hours(number))
    opening, closing = oracle_hours(number)[0][0], oracle_hours(number)[-1][1]
    return number * DAY + (closing if day == "end-of-day" else min(max(clock, opening), closing))


def moments(minutes: list[int]) -> np.ndarray:
    return np.datetime64(ORIGIN, "s") + np.array(minutes, dtype="timedelta64[m]")


EDGES = st.builds(
    lambda day, clock, beside: max(day * DAY + clock + beside, 0),
    st.integers(0, 170),
    st.sampled_from((0, 450, 480, 690, 720, 780, 915, 960, 990, 1439)),
    st.integers(-1, 1),
)
MINUTES = st.integers(0, 170 * DAY) | EDGES
MANY = st.lists(MINUTES, min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(MINUTES, MINUTES), min_size=1, max_size=30))
def test_elapsed_agrees_with_counting_minutes(pairs: list[tuple[int, int]]) -> None:
    starts, ends = moments([start for start, _ in pairs]), moments([end for _, end in pairs])
    expected = [60 * (worked_before()[end] - worked_before()[start]) for start, end in pairs]
    assert semarang().elapsed(starts.astype("M8[ns]"), ends.astype("M8[ns]")).tolist() == expected


@pytest.mark.parametrize("day", READINGS)
@settings(max_examples=40, deadline=None)
@given(MANY, st.sampled_from(STANDARDS))
def test_deadline_agrees_with_walking_the_clock(day: str, starts: list[int], text: str) -> None:
    standard = Standard.parse(text)
    expected = moments([oracle_deadline(start, int(standard.amount), standard.unit, day) for start in starts])
    assert semarang(day).deadline(moments(starts), standard).tolist() == expected.tolist()


@settings(max_examples=60, deadline=None)
@given(MANY, st.integers(1, 5000), st.integers(0, 59))
def test_minutes_taken_up_to_the_deadline_are_the_standard(minutes: list[int], amount: int, second: int) -> None:
    starts = moments(minutes) + np.timedelta64(second, "s")
    ends = semarang().deadline(starts, Standard(amount, "menit"))
    assert set(semarang().elapsed(starts, ends)) == {amount * 60}
    assert set(semarang().elapsed(starts, ends - np.timedelta64(1, "s"))) == {amount * 60 - 1}


@settings(max_examples=60, deadline=None)
@given(MANY)
def test_open_moments_and_next_openings_agree_with_the_clock(minutes: list[int]) -> None:
    calendar, given_moments = semarang(), moments(minutes)
    openings = [oracle_start(minute) for minute in minutes]
    assert calendar.next_opening(given_moments).tolist() == moments(openings).tolist()
    assert calendar.is_open(given_moments).tolist() == [oracle_open(minute) for minute in minutes]
    own_days = [
        minute if oracle_hours(minute // DAY) and minute % DAY <= oracle_hours(minute // DAY)[-1][1] else opening
        for minute, opening in zip(minutes, openings, strict=True)
    ]
    assert calendar.day_of(given_moments).tolist() == moments(own_days).astype("M8[D]").tolist()


@settings(max_examples=60, deadline=None)
@given(MINUTES, MINUTES)
def test_working_days_are_counted_without_the_first_and_with_the_last(start: int, end: int) -> None:
    expected = sum(bool(oracle_hours(day)) for day in range(start // DAY + 1, end // DAY + 1))
    assert semarang().working_days(moments([start]), moments([end])).tolist() == [expected]


def test_an_ordinary_week_has_thirty_seven_and_a_half_hours() -> None:
    assert semarang().elapsed(at("2026-01-05"), at("2026-01-12")).tolist() == [37.5 * 3600]


def test_a_week_in_ramadan_has_thirty_two_and_a_half_hours() -> None:
    assert semarang().elapsed(at("2026-03-02"), at("2026-03-09")).tolist() == [32.5 * 3600]


@pytest.mark.parametrize(
    ("start", "standard", "day", "expected"),
    [
        ("2026-01-05T10:00", "15 menit", "same-time", "2026-01-05T10:15"),
        ("2026-01-05T11:45", "15 menit", "same-time", "2026-01-05T12:00"),
        ("2026-01-05T11:50", "15 menit", "same-time", "2026-01-05T13:05"),
        ("2026-01-05T12:30", "15 menit", "same-time", "2026-01-05T13:15"),
        ("2026-01-09T15:45", "1 jam", "same-time", "2026-01-12T07:45"),
        ("2026-01-05T10:00", "1 hari", "same-time", "2026-01-06T10:00"),
        ("2026-01-09T16:20", "1 hari", "same-time", "2026-01-12T16:00"),
        ("2026-01-10T09:00", "1 hari", "same-time", "2026-01-13T07:30"),
        ("2026-01-05T18:00", "1 hari", "same-time", "2026-01-07T07:30"),
        ("2026-02-18T07:45", "1 hari", "same-time", "2026-02-19T08:00"),
        ("2026-02-19T14:00", "1 hari", "same-time", "2026-02-20T11:30"),
        ("2026-02-13T10:00", "1 hari", "same-time", "2026-02-18T10:00"),
        ("2026-02-20T10:00", "1 hari", "same-time", "2026-02-21T10:00"),
        ("2026-01-05T10:00", "1,5 hari", "same-time", "2026-01-06T14:45"),
        ("2026-01-05T10:00", "1 hari", "end-of-day", "2026-01-06T16:00"),
        ("2026-01-08T10:00", "1 hari", "end-of-day", "2026-01-09T16:30"),
        ("2026-01-05T10:00", "1,5 hari", "end-of-day", "2026-01-07T16:00"),
        ("2026-01-05T10:00", "1 hari", "hours:7.5", "2026-01-06T10:00"),
        ("2026-02-18T10:00", "1 hari", "hours:7.5", "2026-02-19T10:30"),
    ],
)
def test_deadlines_that_an_auditor_can_check_by_hand(start: str, standard: str, day: str, expected: str) -> None:
    assert deadline(start, standard, day) == expected


@pytest.mark.parametrize("moment", ["07:30:00", "12:00:00", "13:00:00", "16:00:00", "10:00:00"])
def test_the_edges_of_the_office_hours_are_inside(moment: str) -> None:
    assert semarang().is_open(at(f"2026-01-05T{moment}")).tolist() == [True]


@pytest.mark.parametrize("moment", ["00:00:00", "07:29:59", "12:00:01", "12:59:59", "16:00:01", "23:59:59"])
def test_a_second_beside_the_edges_is_outside(moment: str) -> None:
    assert semarang().is_open(at(f"2026-01-05T{moment}")).tolist() == [False]


def test_midnight_of_a_holiday_is_not_open() -> None:
    assert semarang().is_open(at("2026-02-17T00:00:00")).tolist() == [False]


def test_finishing_in_the_break_or_after_closing_costs_no_working_time() -> None:
    starts = np.array(["2026-01-05T11:45", "2026-01-05T15:45", "2026-01-05T11:45"], dtype="M8[s]")
    ends = np.array(["2026-01-05T12:40", "2026-01-05T19:00", "2026-01-05T13:10"], dtype="M8[s]")
    deadlines = semarang().deadline(starts, Standard.parse("15 menit"))
    assert (ends > deadlines).all()
    assert semarang().elapsed(deadlines, ends).tolist() == [0, 0, 600]


def test_an_end_before_its_start_is_negative() -> None:
    assert semarang().elapsed(at("2026-01-05T13:10"), at("2026-01-05T11:50")).tolist() == [-20 * 60]


def test_missing_moments_stay_missing() -> None:
    moments = pd.Series([pd.NaT, pd.Timestamp("2026-01-05 10:00")])
    end = pd.Timestamp("2026-01-05 11:00")
    assert np.isnan(semarang().elapsed(moments, end)).tolist() == [True, False]
    for day in READINGS:
        assert np.isnat(semarang(day).deadline(moments, Standard.parse("1,5 hari"))).tolist() == [True, False]
    assert np.isnat(semarang().next_opening(moments)).tolist() == [True, False]
    assert np.isnat(semarang().day_of(moments)).tolist() == [True, False]
    assert semarang().is_open(moments).tolist() == [False, True]
    assert semarang().is_working_day(moments).tolist() == [False, True]
    assert semarang().working_days(moments, end).tolist() == [-1, 0]


def test_no_moments_give_no_results() -> None:
    none = pd.Series([], dtype="datetime64[ns]")
    assert semarang().elapsed(none, none).shape == (0,)
    assert semarang().deadline(none, Standard.parse("1 hari")).shape == (0,)


def test_a_hundred_thousand_moments_are_as_one_at_a_time() -> None:
    starts = np.datetime64("2026-01-01", "s") + np.arange(0, 100_000 * 97, 97)
    ends = starts + np.timedelta64(40_000, "s")
    whole = semarang().elapsed(starts, ends)
    for place in (0, 1, 32_767, 32_768, 65_536, 99_999):
        assert semarang().elapsed(starts[place], ends[place]) == whole[place]


def test_moments_that_excel_stores_a_little_beside_the_second_are_rounded() -> None:
    start = np.array(["2026-01-05T07:29:59.999999900", "2026-01-05T16:00:00.000000200"], dtype="M8[ns]")
    assert semarang().is_open(start).tolist() == [True, True]


@pytest.mark.parametrize("moment", ["1900-01-01T10:00", "2150-01-01T10:00"])
def test_moments_beyond_the_table_count_as_its_edge(moment: str) -> None:
    edge = "1990-01-01T00:00:00" if moment < "2000" else "2100-12-31T23:59:59"
    reference = at("2026-01-05T10:00")
    assert semarang().elapsed(at(moment), reference) == semarang().elapsed(at(edge), reference)
    assert not semarang().is_open(at(moment))[0]


def test_a_deadline_after_the_table_ends_is_missing() -> None:
    for day in READINGS:
        assert np.isnat(semarang(day).deadline(at("2100-12-31T16:00"), Standard.parse("1 hari"))[0])


def test_the_tables_last_working_day_is_still_open() -> None:
    assert semarang().next_opening(at("2100-12-31T10:00")).tolist() == at("2100-12-31T10:00").tolist()


def test_a_standard_under_a_second_ends_after_its_start() -> None:
    assert semarang().deadline(at("2026-01-06T07:30"), Standard(0.001, "menit")) == at("2026-01-06T07:30:01")


def test_weekdays_on_which_nobody_works_leave_no_deadline() -> None:
    calendar = built(kinds={})
    assert calendar.problems == (HoursProblem(0, "days", "Sheet Jam Kerja belum berisi satu baris pun."),)
    for standard in ("1 jam", "1 hari"):
        assert np.isnat(calendar.deadline(at("2026-01-05T10:00"), Standard.parse(standard))[0])
    assert calendar.elapsed(at("2026-01-05"), at("2026-01-12")).tolist() == [0]


def test_an_unknown_reading_of_a_day_is_refused() -> None:
    with pytest.raises(ValueError, match="sometime"):
        WorkCalendar.from_tables(calendar_frame({}), hours_frame(*WEEK), FIRST, LAST, "sometime")


# Kalender


def test_hari_kerja_opens_a_weekend_with_mondays_hours() -> None:
    calendar = built(*WEEK, kinds={dt.date(2026, 1, 10): "Hari Kerja"})
    assert calendar.is_open(["2026-01-10 15:59", "2026-01-10 16:15"]).tolist() == [True, False]


def test_hari_kerja_outdoes_a_holiday_on_the_same_date() -> None:
    frame = calendar_frame({dt.date(2026, 1, 9): "Cuti Bersama", dt.date(2026, 1, 12): "Hari Kerja"})
    frame.columns["date"][1] = np.datetime64("2026-01-09")
    calendar = WorkCalendar.from_tables(frame, hours_frame(*WEEK), FIRST, LAST, "same-time")
    assert calendar.is_open(["2026-01-09 16:15"]).tolist() == [True]


def test_rows_of_kalender_without_date_or_kind_say_nothing() -> None:
    frame = calendar_frame({dt.date(2026, 1, 6): "Libur Daerah", dt.date(2026, 1, 7): "Libur Daerah"})
    frame.columns["date"][0] = np.datetime64("NaT")
    frame.columns["kind"][1] = None
    calendar = WorkCalendar.from_tables(frame, hours_frame(*WEEK), FIRST, LAST, "same-time")
    assert calendar.is_working_day(["2026-01-06", "2026-01-07"]).tolist() == [True, True]


def test_joint_leave_and_estimates_are_told_by_year() -> None:
    remarks = {dt.date(2027, 3, 10): "Hari Raya Idul Fitri (Perkiraan)"}
    frame = calendar_frame({**HOLIDAYS, dt.date(2027, 3, 10): "Libur Nasional"}, remarks)
    assert (has_joint_leave(frame, 2026), has_joint_leave(frame, 2027)) == (True, False)
    assert estimated_dates(frame, 2026) == []
    assert estimated_dates(frame, 2027) == [dt.date(2027, 3, 10)]
    assert estimated_dates(calendar_frame({}), 2027) == []
    assert not has_joint_leave(calendar_frame({}), 2027)


# Jam Kerja


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Senin–Kamis", {0, 1, 2, 3}),
        ("Senin-Kamis", {0, 1, 2, 3}),
        ("SENIN — KAMIS", {0, 1, 2, 3}),
        ("Senin s.d. Jumat", {0, 1, 2, 3, 4}),
        ("Senin s/d Jumat", {0, 1, 2, 3, 4}),
        ("senin sd jumat", {0, 1, 2, 3, 4}),
        ("Senin sampai dengan Rabu", {0, 1, 2}),
        ("Selasa hingga Rabu", {1, 2}),
        ("Jumat", {4}),
        ("Jum'at", {4}),
        ("Jum’at", {4}),
        ("hari Jumat", {4}),
        ("Senin, Rabu", {0, 2}),
        ("Senin, Rabu, dan Jumat", {0, 2, 4}),
        ("Sabtu & Minggu", {5, 6}),
        ("Sabtu/Ahad", {5, 6}),
        ("Sabtu–Senin", {5, 6, 0}),
        ("Senin–Rabu, Jumat", {0, 1, 2, 4}),
        ("Sen–Kam", {0, 1, 2, 3}),
        ("Setiap hari", set(range(7))),
        ("hari kerja", set(range(5))),
        ("  Senin \u00a0", {0}),
    ],
)
def test_weekdays_are_read_as_offices_write_them(text: str, expected: set[int]) -> None:
    assert parse_days(text) == expected


@pytest.mark.parametrize("text", ["", "Senen", "Monday", "Senin–", "Senin–Rabu–Jumat", "Senin,", "1-4", "kerja"])
def test_weekdays_that_are_not_understood_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_days(text)


def test_the_narrowest_validity_rules_whatever_the_order_of_rows() -> None:
    march = ("2026-03-01", "2026-03-31", "Senin–Jumat", "09:00", None, None, "10:00")
    year = ("2026-01-01", None, "Senin–Jumat", "08:00", None, None, "11:00")
    for rows in ((march, year, *WEEK), (*WEEK, year, march)):
        calendar = built(*rows)
        assert calendar.problems == ()
        assert calendar.elapsed(at("2026-03-02"), at("2026-03-03")).tolist() == [3600]
        assert calendar.elapsed(at("2026-04-01"), at("2026-04-02")).tolist() == [3 * 3600]
        assert calendar.elapsed(at("2025-12-30"), at("2025-12-31")).tolist() == [7.5 * 3600]


def test_sound_hours_have_no_problems() -> None:
    assert semarang().problems == ()


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ((None, None, "Rabuk", "07:30", None, None, "16:00"), "days"),
        ((None, None, "Sabtu", "16:00", None, None, "07:30"), "close"),
        ((None, None, "Sabtu", "07:30", None, None, "07:30"), "close"),
        ((None, None, "Sabtu", "-01:00", None, None, "07:30"), "open"),
        ((None, None, "Sabtu", "07:30", None, None, "25:00"), "close"),
        ((None, None, "Sabtu", "07:30", "12:00", None, "16:00"), "break_end"),
        ((None, None, "Sabtu", "07:30", None, "13:00", "16:00"), "break_start"),
        ((None, None, "Sabtu", "07:30", "13:00", "12:00", "16:00"), "break_end"),
        ((None, None, "Sabtu", "07:30", "07:00", "08:00", "16:00"), "break_start"),
        ((None, None, "Sabtu", "07:30", "15:00", "17:00", "16:00"), "break_end"),
        (("2026-03-01", "2026-02-01", "Sabtu", "07:30", None, None, "16:00"), "valid_until"),
    ],
)
def test_impossible_hours_are_told_at_their_cell_and_not_used(row: tuple[object, ...], field: str) -> None:
    calendar = built(*WEEK, row)
    assert [(problem.row, problem.field) for problem in calendar.problems] == [(4, field)]
    assert not calendar.is_working_day(["2026-01-10"])[0]


def test_impossible_hours_outside_the_period_in_use_are_not_told() -> None:
    assert problems(*WEEK, ("2024-01-01", "2024-12-31", "Sabtu", "16:00", None, None, "07:30")) == []


def test_a_row_without_its_hours_is_left_to_the_rule_on_empty_cells() -> None:
    assert problems(WEEK[0], (None, None, "Jumat", None, None, None, "16:00")) == []


def test_two_rows_alike_overlap_at_the_lower_and_the_upper_rules() -> None:
    other = (None, None, "Jumat–Sabtu", "09:00", None, None, "10:00")
    calendar = built(*WEEK, other)
    assert [(p.row, p.field, p.text) for p in calendar.problems] == [
        (4, "valid_from", "Masa berlaku baris ini bertindih dengan baris 3 untuk hari Jumat.")
    ]
    assert calendar.elapsed(at("2026-01-09"), at("2026-01-10")).tolist() == [7.5 * 3600]


def test_validities_that_cross_contradict_each_other() -> None:
    spring = ("2026-02-01", "2026-04-30", "Senin–Jumat", "09:00", None, None, "10:00")
    summer = ("2026-04-01", "2026-07-31", "Jumat", "08:00", None, None, "10:00")
    found = built(*WEEK, spring, summer).problems
    assert [(problem.row, problem.field) for problem in found] == [(5, "valid_from")]
    assert "baris 4 untuk hari Jumat sejak 1 April 2026 sampai 30 April 2026" in found[0].text


def test_crossing_outside_the_period_in_use_is_not_told() -> None:
    one = ("2024-02-01", "2024-04-30", "Jumat", "09:00", None, None, "10:00")
    other = ("2024-04-01", "2024-06-30", "Jumat", "08:00", None, None, "10:00")
    assert problems(*WEEK, one, other) == []


def test_a_gap_is_told_once_where_the_earlier_validity_ended() -> None:
    until = (None, "2026-03-31", *WEEK[0][2:])
    since = ("2026-04-13", None, *WEEK[0][2:])
    found = built(until, WEEK[1], since).problems
    assert found == (
        HoursProblem(
            2,
            "valid_until",
            "Tidak ada jam kerja untuk hari Senin, Selasa, Rabu, dan Kamis antara 1 April 2026 dan 9 April 2026; "
            "hari itu terhitung libur.",
        ),
    )


def test_a_gap_before_the_first_validity_is_told_where_it_begins() -> None:
    assert problems(("2026-01-08", None, *WEEK[0][2:]), WEEK[1]) == [(2, "valid_from")]


def test_a_weekday_that_no_row_names_is_told() -> None:
    found = built(WEEK[0]).problems
    assert [(problem.row, problem.field) for problem in found] == [(2, "days")]
    assert "hari Jumat" in found[0].text


def test_a_weekday_without_hours_that_kalender_opens_is_no_gap() -> None:
    fridays = [FIRST + dt.timedelta(days=number) for number in range(1, 181, 7)]
    calendar = built(WEEK[0], kinds=dict.fromkeys(fridays, "Hari Kerja"))
    assert calendar.problems == ()
    assert calendar.is_open(["2026-01-09 15:59", "2026-01-09 16:15"]).tolist() == [True, False]


def test_a_gap_on_holidays_alone_is_none() -> None:
    until, since = (None, "2026-01-05", "Senin–Jumat", *WEEK[0][3:]), ("2026-01-07", None, "Senin–Jumat", *WEEK[0][3:])
    assert built(until, since, kinds={dt.date(2026, 1, 6): "Libur Daerah"}).problems == ()
    assert [p.row for p in built(until, since).problems] == [2]
