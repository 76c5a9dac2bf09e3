"""Indonesian wording."""

from __future__ import annotations

import datetime as dt

import pytest

from sopkit import language


def test_dates() -> None:
    date = dt.date(2019, 8, 19)
    assert language.date_text(date) == "19 Agustus 2019"
    assert language.weekday_text(date) == "Senin"
    assert language.short_date_text(date) == "19-08-2019"
    assert language.datetime_text(dt.datetime(2019, 8, 19, 8, 5)) == "19 Agustus 2019 pukul 08.05"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 menit"),
        (20, "kurang dari 1 menit"),
        (60, "1 menit"),
        (3600, "1 jam"),
        (34800, "9 jam 40 menit"),
        (1792 * 3600, "1.792 jam"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert language.duration_text(seconds) == text


@pytest.mark.parametrize(("value", "text"), [(3.0, "3"), (1250.5, "1.250,5"), (1000000, "1.000.000"), (0.25, "0,25")])
def test_numbers(value: float, text: str) -> None:
    assert language.number_text(value) == text


@pytest.mark.parametrize(("items", "text"), [([2], "2"), ([2, 3], "2 dan 3"), ([2, 3, 5], "2, 3, dan 5")])
def test_lists(items: list[int], text: str) -> None:
    assert language.list_text(items) == text


def test_words() -> None:
    assert language.words(2026) == "dua ribu dua puluh enam"
