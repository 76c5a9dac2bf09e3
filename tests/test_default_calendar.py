"""What a new workbook's Kalender and Jam Kerja hold, against the decrees."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from sopkit.register.default_calendar import calendar_rows, hours_rows, seed_frames
from sopkit.register.schema import CALENDAR, CHOICES, HOURS, Kind
from sopkit.sop.model import Standard
from sopkit.workcalendar import WorkCalendar, estimated_dates, has_joint_leave, parse_days

JOINT_LEAVE_2026 = ["02-16", "03-18", "03-20", "03-23", "03-24", "05-15", "05-28", "12-24"]
HOLIDAYS_2026 = [
    "01-01", "01-16", "02-17", "03-19", "03-21", "03-22", "04-03", "04-05", "05-01",
    "05-14", "05-27", "05-31", "06-01", "06-16", "08-17", "08-25", "12-25",
]  # fmt: skip


def dates(year: int, kind: str) -> list[str]:
    return [f"{date:%m-%d}" for date, found, _, _ in calendar_rows([year]) if found == kind]


def semarang(*years: int) -> WorkCalendar:
    return WorkCalendar.from_tables(
        *seed_frames(years), dt.date(min(years), 1, 1), dt.date(max(years), 12, 31), "same-time"
    )


def test_the_days_off_of_2026_are_those_of_the_joint_decree() -> None:
    assert dates(2026, "Libur Nasional") == HOLIDAYS_2026
    assert dates(2026, "Cuti Bersama") == JOINT_LEAVE_2026


@pytest.mark.parametrize(("year", "joint"), [(2023, 11), (2024, 10), (2025, 11), (2026, 8), (2028, 0)])
def test_joint_leave_is_there_as_soon_as_it_was_decreed(year: int, joint: int) -> None:
    assert len(dates(year, "Cuti Bersama")) == joint
    assert has_joint_leave(seed_frames([year])[0], year) == (joint > 0)


def test_election_days_that_were_days_off_are_kept_with_their_own_basis() -> None:
    found = {date: basis for date, _, remark, basis in calendar_rows([2024]) if "Pemilihan" in remark}
    assert found == dict.fromkeys(
        (dt.date(2024, 2, 14), dt.date(2024, 11, 27)), "Keputusan Presiden tentang Hari Libur Nasional"
    )


def test_estimated_feasts_say_so() -> None:
    calendar, _ = seed_frames([2026, 2028])
    assert estimated_dates(calendar, 2026) == []
    assert dt.date(2028, 2, 27) in estimated_dates(calendar, 2028)


def test_years_without_a_decree_do_not_name_one() -> None:
    bases = {basis for date, _, _, basis in calendar_rows([2026, 2028]) if date.year == 2028}
    assert bases == {"Perhitungan kalender; keputusan bersama tahun ini belum dimuat"}


def test_each_date_stands_once_in_order_with_a_kind_of_the_list() -> None:
    rows = calendar_rows([2025, 2024, 2024])
    found = [date for date, _, _, _ in rows]
    assert found == sorted(set(found))
    assert {date.year for date in found} == {2024, 2025}
    assert {kind for _, kind, _, _ in rows} <= set(CHOICES["Jenis Hari"])


def test_the_ordinary_week_follows_the_regulation() -> None:
    rows = [row for row in hours_rows([2026]) if row[0] is None]
    assert [row[2:7] for row in rows] == [
        ("Senin–Kamis", dt.time(7, 30), dt.time(12), dt.time(13), dt.time(16)),
        ("Jumat", dt.time(7, 30), dt.time(11, 30), dt.time(13), dt.time(16, 30)),
    ]
    assert frozenset(range(5)) == parse_days(rows[0][2]) | parse_days(rows[1][2])


def test_ramadan_of_2026_follows_the_circular() -> None:
    rows = [row for row in hours_rows([2026]) if row[0]]
    assert [row[:8] for row in rows] == [
        (dt.date(2026, 2, 19), dt.date(2026, 3, 20), days, dt.time(8), None, None, close,
         "Surat Edaran Bupati Semarang 100.3.4.2/02651/2026")
        for days, close in (("Senin–Kamis", dt.time(15, 15)), ("Jumat", dt.time(11, 30)))
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("year", "first", "last"),
    [
        (2023, dt.date(2023, 3, 23), dt.date(2023, 4, 21)),
        (2024, dt.date(2024, 3, 12), dt.date(2024, 4, 9)),
        (2025, dt.date(2025, 3, 1), dt.date(2025, 3, 30)),
    ],
)
def test_earlier_ramadans_run_from_the_ministrys_day_to_the_eve_of_the_feast(
    year: int, first: dt.date, last: dt.date
) -> None:
    rows = [row for row in hours_rows([year]) if row[0]]
    assert {row[:2] for row in rows} == {(first, last)}
    assert all("surat edaran" in row[8] and "perkiraan" not in row[8] for row in rows)


def test_a_ramadan_not_yet_set_is_thirty_days_and_an_estimate() -> None:
    rows = [row for row in hours_rows([2027]) if row[0]]
    assert {row[:2] for row in rows} == {(dt.date(2027, 2, 8), dt.date(2027, 3, 9))}
    assert all("perkiraan" in row[8] for row in rows)


def test_a_year_with_two_feasts_and_one_that_ends_in_ramadan_get_all_their_days() -> None:
    twice = sorted({row[:2] for row in hours_rows([2030]) if row[0]})
    assert [first.year for first, _ in twice] == [2030, 2030]
    alone = hours_rows([2031])
    assert all(row[0] is None or 2031 in (row[0].year, row[1].year) for row in alone if row[1] or not row[0])


@pytest.mark.parametrize("years", [[2025, 2026, 2027], [2026], []])
def test_the_frames_have_the_dtypes_of_a_table_that_was_read(years: list[int]) -> None:
    dtypes = {Kind.DATE: "datetime64[ns]", Kind.TIME: "timedelta64[ns]"}
    for plan, frame in zip((CALENDAR, HOURS), seed_frames(years), strict=True):
        kinds = [dtypes.get(column.kind, "object") for column in plan.columns]
        assert [str(array.dtype) for array in frame.columns.values()] == kinds
        assert list(frame.columns) == [column.field for column in plan.columns]
        assert list(frame.index) == list(range(2, len(frame) + 2))
        texts = [value for name in frame for value in frame[name] if frame[name].dtype == object]
        assert all(value is None or (isinstance(value, str) and value) for value in texts)


def test_the_seed_has_no_gap_and_no_overlap() -> None:
    assert semarang(*range(2015, 2036)).problems == ()


def test_the_seed_counts_the_fasting_month_and_the_long_holiday() -> None:
    calendar = semarang(2026)
    hours = calendar.elapsed(["2026-02-23", "2026-03-16"], ["2026-03-02", "2026-03-30"]) / 3600
    assert hours.tolist() == [32.5, 2 * 7.25 + 2 * 7.5 + 7.5]
    end = calendar.deadline([pd.Timestamp("2026-03-17 10:00")], Standard.parse("1 hari"))
    assert str(end[0]) == "2026-03-25T10:00:00"
