"""Cells as people type them: what is understood, what is refused."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sopkit.language import MONTHS, WEEKDAYS
from sopkit.register.parse import Custom, Moment, Order, Refused, day_meaning, habit, read_column, read_moment
from sopkit.register.schema import Column, Kind

DAY_FIRST = Custom("day-first")


def read(kind: Kind, value: object, custom: Custom = DAY_FIRST, choices: str = "") -> tuple[object, list[str]]:
    array, notes = read_column(Column("X", kind, choices=choices), [value], custom)
    return array[0], [note.kind for note in notes]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("19 Agustus 2019", "2019-08-19"),
        ("19 Agt 2019 08.15", "2019-08-19 08:15"),
        ("19/8/2019 8:15", "2019-08-19 08:15"),
        ("19/08/2019", "2019-08-19"),
        ("19-08-19", "2019-08-19"),
        ("19.08.2019", "2019-08-19"),
        ("Senin, 19 Agustus 2019", "2019-08-19"),
        ("senin 19/8/2019 pukul 08.15 WIB", "2019-08-19 08:15"),
        ("Jum'at, 23 Agustus 2019", "2019-08-23"),
        ("19 Agustus 2019 pukul 08.15 WIB", "2019-08-19 08:15"),
        ("19 Agustus 2019, jam 8.15", "2019-08-19 08:15"),
        ("19 Agustus 2019 (08:15 WIB)", "2019-08-19 08:15"),
        ("2019-08-19T08:15:30", "2019-08-19 08:15:30"),
        ("2019-08-19 08:15", "2019-08-19 08:15"),
        ("2019/8/19", "2019-08-19"),
        ("１９/０８/２０１９", "2019-08-19"),
        ("19\u00a0Agustus\u00a02019", "2019-08-19"),
        ("  19  agustus   2019 ", "2019-08-19"),
        ("19AGUSTUS2019", "2019-08-19"),
        ("19-Agu-19", "2019-08-19"),
        ("3 Nopember 2025", "2025-11-03"),
        ("1 Pebruari 2026", "2026-02-01"),
        ("August 19, 2019", "2019-08-19"),
        ("19/8/2019 8:15 PM", "2019-08-19 20:15"),
        ("tgl 19 Agustus 2019", "2019-08-19"),
        ("19 Agustus 2019 M", "2019-08-19"),
        ("19082019", "2019-08-19"),
        ("19082019 0815", "2019-08-19 08:15"),
        ("3/4/2026", "2026-04-03"),
        ("5/5/2026", "2026-05-05"),
        ("46083", "2026-03-02"),
        (46083.34375, "2026-03-02 08:15"),
        (46083, "2026-03-02"),
    ],
)
def test_dates_as_people_type_them(text: object, expected: str) -> None:
    value, kinds = read(Kind.DATETIME, text)
    assert pd.Timestamp(value) == pd.Timestamp(expected)
    assert kinds == ["understood"] + ["date-only"] * (len(expected) == 10)


@pytest.mark.parametrize(
    "text",
    ["besok", "2026", 2026, 12.0, True, "Agustus 2019", "3-5 Maret 2026", "19/8", dt.time(8, 15), "1/1/1850", "9"],
)
def test_what_is_no_date_is_unreadable(text: object) -> None:
    value, kinds = read(Kind.DATE, text)
    assert pd.isna(value)
    assert kinds == ["unreadable"]


@pytest.mark.parametrize("text", ["31/2/2026", "29 Februari 2026", "2026-02-30", "32/1/2026", "13/13/2026", "0/5/2026"])
def test_impossible_dates_are_ambiguous(text: str) -> None:
    value, kinds = read(Kind.DATE, text)
    assert pd.isna(value)
    assert kinds == ["ambiguous"]


def test_a_weekday_must_fit_its_date() -> None:
    refused = read_moment("Selasa, 19 Agustus 2019", None)
    assert refused == Refused("ambiguous", "19 Agustus 2019 adalah hari Senin")


def test_a_weekday_settles_which_number_is_the_day() -> None:
    moment = read_moment("Jumat, 3/4/2026", None)
    assert moment == Moment(dt.datetime(2026, 4, 3), False, "day-first")


def test_where_texts_contradict_each_other_two_readings_are_refused() -> None:
    _, notes = read_column(Column("X", Kind.DATE), ["3/4/2026"], Custom())
    assert [(n.kind, n.shown) for n in notes] == [("ambiguous", "dapat berarti 3 April 2026 atau 4 Maret 2026")]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["25/3/2026", "3/4/2026"], "day-first"),
        (["3/25/2026", "3/4/2026"], "month-first"),
        (["25/3/2026", "3/25/2026"], None),
        (["3/4/2026", "5/5/2026", "2026-03-25", "25 Maret 2026", "31/2/2026"], "day-first"),
    ],
)
def test_the_habit_comes_from_texts_with_one_reading(texts: list[str], expected: Order | None) -> None:
    assert habit(texts) == expected


@pytest.mark.parametrize("order", [None, "day-first", "month-first"])
def test_the_form_of_sheet_petunjuk_is_always_day_first(order: Order | None) -> None:
    assert read_moment("05-10-2026 08.15", order) == Moment(dt.datetime(2026, 10, 5, 8, 15), True)


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        ("2026-10-05T08:04:59.999Z", "2026-10-05 08:05"),
        ("2026-10-05T08:05:00Z", "2026-10-05 08:05"),
        ("2026-10-05t08:05z", "2026-10-05 08:05"),
        ("2026-10-05T08:05:00.000+07:00", "2026-10-05 08:05"),
        ("2026-10-05T08:05:30-0330", "2026-10-05 08:05:30"),
        ("2026-10-05T08:05:00,25+07", "2026-10-05 08:05"),
        ("2025-12-31T23:59:59.9999999Z", "2026-01-01"),
    ],
)
def test_stamps_of_programs_are_read_as_the_wall_clock_that_they_state(stamp: str, moment: str) -> None:
    value, kinds = read(Kind.DATETIME, stamp)
    assert (pd.Timestamp(value), "understood" in kinds) == (pd.Timestamp(moment), False)


@pytest.mark.parametrize("stamp", ["2026-13-05T08:05:00Z", "2026-10-05T25:05:00Z", "2026-10-05T08:05:75Z", "T08:05Z"])
def test_stamps_that_no_clock_shows(stamp: str) -> None:
    assert pd.isna(read(Kind.DATETIME, stamp)[0])


def test_a_stamp_of_the_year_1899_is_a_time() -> None:
    assert read(Kind.TIME, "1899-12-30T07:29:59.999Z") == (np.timedelta64(450, "m"), [])


def test_month_first_workbooks_are_read_so() -> None:
    assert pd.Timestamp(read(Kind.DATE, "3/4/2026", Custom("month-first"))[0]) == pd.Timestamp("2026-03-04")


def test_serials_of_a_1904_workbook() -> None:
    assert pd.Timestamp(read(Kind.DATE, 44621, Custom(None, True))[0]) == pd.Timestamp("2026-03-02")


def test_real_dates_pass_and_midnight_is_a_date_only() -> None:
    values = [dt.datetime(2026, 3, 2, 8, 15, 0, 400), dt.date(2026, 3, 3), "", None, dt.datetime(2199, 1, 1)]
    array, notes = read_column(Column("X", Kind.DATETIME), values, Custom())
    assert array.dtype == np.dtype("datetime64[ns]")
    assert [str(a) for a in pd.Series(array)[:2]] == ["2026-03-02 08:15:00", "2026-03-03 00:00:00"]
    assert [(n.place, n.kind) for n in notes] == [(1, "date-only"), (4, "date-only")]


def test_a_date_column_drops_the_time() -> None:
    value, kinds = read(Kind.DATE, dt.datetime(2026, 3, 2, 23, 59, 59))
    assert (pd.Timestamp(value), kinds) == (pd.Timestamp("2026-03-02"), [])


@pytest.mark.parametrize(
    ("typed", "number", "kinds"),
    [
        (3.0, 3, []),
        (3, 3, []),
        (-2.5, -2.5, []),
        ("3", 3, ["understood"]),
        ("1.000,5", 1000.5, ["understood"]),
        ("1.000", 1000, ["understood"]),
        ("2,5", 2.5, ["understood"]),
        ("2.5", 2.5, ["understood"]),
        ("1,000.5", 1000.5, ["understood"]),
        ("１２", 12, ["understood"]),
        ("1,000", math.nan, ["ambiguous"]),
        ("3 lembar", math.nan, ["unreadable"]),
        ("1.00.0", math.nan, ["unreadable"]),
        (True, math.nan, ["unreadable"]),
        (dt.date(2026, 5, 3), math.nan, ["unreadable"]),
        (math.inf, math.nan, ["unreadable"]),
        ("nan", math.nan, ["unreadable"]),
        ("   ", math.nan, []),
    ],
)
def test_numbers(typed: object, number: float, kinds: list[str]) -> None:
    value, met = read(Kind.NUMBER, typed)
    assert value == pytest.approx(number, nan_ok=True)
    assert met == kinds


@pytest.mark.parametrize("typed", [5, 5.0, "5", "5.", "5. Memutuskan tindakan perbaikan", "５."])
def test_steps_by_number_or_by_name(typed: object) -> None:
    assert read(Kind.STEP, typed) == (5.0, [])


def test_blanks_around_a_step_are_said_as_around_any_text() -> None:
    assert read(Kind.STEP, " 5 ") == (5.0, ["trimmed"])


@pytest.mark.parametrize("typed", [3.7, "3.7", "lima", "5 Memutuskan", "Memutuskan", True, dt.date(2026, 5, 3), "5.5"])
def test_what_is_no_step(typed: object) -> None:
    value, kinds = read(Kind.STEP, typed)
    assert math.isnan(float(value))  # type: ignore[arg-type]
    assert kinds == ["unreadable"]


@pytest.mark.parametrize(
    ("typed", "minutes", "kinds"),
    [
        (dt.time(7, 30), 450, []),
        (dt.timedelta(hours=7, minutes=30), 450, []),
        ("07.30", 450, ["understood"]),
        ("07:30", 450, ["understood"]),
        ("pukul 7.30 WIB", 450, ["understood"]),
        (0.3125, 450, ["understood"]),
        (7.3, None, ["unreadable"]),
        ("25.00", None, ["unreadable"]),
        ("pagi", None, ["unreadable"]),
    ],
)
def test_times(typed: object, minutes: int | None, kinds: list[str]) -> None:
    value, met = read(Kind.TIME, typed)
    assert (None if pd.isna(value) else pd.Timedelta(value).total_seconds() / 60) == minutes
    assert met == kinds


@pytest.mark.parametrize(
    ("kind", "typed", "text", "kinds"),
    [
        (Kind.TEXT, "rapi", "rapi", []),
        (Kind.TEXT, "dua  spasi", "dua spasi", []),
        (Kind.TEXT, "satu\ndua\r\n\r\ntiga", "satu\ndua\n\ntiga", []),
        (Kind.TEXT, " depan", "depan", ["trimmed"]),
        (Kind.TEXT, "belakang\n", "belakang", ["trimmed"]),
        (Kind.TEXT, "a\u00a0b", "a b", ["trimmed"]),
        (Kind.TEXT, "a\u200bb\x07", "ab", ["trimmed"]),
        (Kind.TEXT, "a_x000D_\nb", "a\nb", []),
        (Kind.TEXT, "kode_x0041_", "kode_x0041_", []),
        (Kind.KEY, "001/\nCLTS", "001/ CLTS", ["trimmed"]),
        (Kind.KEY, 12.0, "12", []),
        (Kind.KEY, 12.5, "12,5", []),
        (Kind.TEXT, dt.date(2026, 3, 2), "2 Maret 2026", []),
        (Kind.TEXT, 'A & B <C> "d"', 'A & B <C> "d"', []),
        (Kind.TEXT, " \u00a0 ", None, []),
        (Kind.NIP, 197006051990031013.0, "197006051990031008", ["rounded"]),
        (Kind.NIP, "197006051990031013", "197006051990031013", []),
        (Kind.EMAIL, "a@b.id ", "a@b.id", ["trimmed"]),
    ],
)
def test_texts(kind: Kind, typed: object, text: str | None, kinds: list[str]) -> None:
    value, met = read(kind, typed)
    assert met == kinds
    assert value == text or (kinds == ["rounded"] and str(value).startswith("1970060519900310"))


def test_booleans_are_yes_and_no_in_their_columns() -> None:
    assert read(Kind.CHOICE, True, choices="Ya/Tidak")[0] == "Ya"
    assert read(Kind.CHOICE, False, choices="Ya/Tidak")[0] == "Tidak"


@st.composite
def typed_moments(draw: st.DrawFn) -> tuple[str, dt.datetime, bool]:
    moment = draw(st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2078, 12, 31))).replace(second=0, microsecond=0)
    month = MONTHS[moment.month - 1]
    date = draw(
        st.sampled_from(
            [
                f"{moment.day} {month} {moment.year}",
                f"{moment.day:02d} {month[:3]} {moment.year}",
                f"{WEEKDAYS[moment.weekday()]}, {moment.day} {month.upper()} {moment.year}",
                f"{moment.day}/{moment.month}/{moment.year}",
                f"{moment.day:02d}-{moment.month:02d}-{moment.year}",
                f"{moment.year}-{moment.month:02d}-{moment.day:02d}",
            ]
        )
    )
    clocks = ["", f" {moment:%H.%M}", f" {moment:%H:%M}", f" pukul {moment:%H.%M} WIB", f", jam {moment:%H.%M}"]
    clock = draw(st.sampled_from(clocks))
    return date + clock, moment, bool(clock)


@given(typed_moments())
@settings(max_examples=300, deadline=None)
def test_what_is_parsed_is_what_was_typed(typed: tuple[str, dt.datetime, bool]) -> None:
    text, moment, timed = typed
    found = read_moment(text, "day-first")
    assert isinstance(found, Moment)
    assert found.value == (moment if timed else dt.datetime.combine(moment, dt.time()))
    assert found.timed == timed


CELLS = st.one_of(
    st.text(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.integers(),
    st.booleans(),
    st.none(),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.from_regex(r"\A[ 0-9./:,-]{1,20}\Z"),
)


@given(st.sampled_from(Kind), st.lists(CELLS, max_size=8), st.sampled_from([None, "day-first", "month-first"]))
@settings(max_examples=400, deadline=None)
def test_any_cell_gives_a_reading(kind: Kind, values: list[object], order: Order | None) -> None:
    array, notes = read_column(Column("X", kind), values, Custom(order))
    assert len(array) == len(values)
    refused = {note.place for note in notes if note.kind in ("unreadable", "ambiguous")}
    assert all(pd.isna(array[place]) for place in refused)
    assert [note.place for note in notes] == sorted(note.place for note in notes)
    habit([value for value in values if isinstance(value, str)])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Jam yang sama", "same-time"), ("jam  pulang", "end-of-day"), ("7,5 jam", "hours:7.5"), ("8 Jam", "hours:8"),
        ("end-of-day", "end-of-day"), ("hours:7.5", "hours:7.5"), ("besok", "besok"), ("", ""),
    ],
)  # fmt: skip
def test_a_day_is_said_in_indonesian_or_in_the_words_of_the_sop(typed: str, meant: str) -> None:
    assert day_meaning(typed) == meant
