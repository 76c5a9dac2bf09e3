"""Indonesian wording."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

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


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "nol"),
        (11, "sebelas"),
        (19, "sembilan belas"),
        (110, "seratus sepuluh"),
        (1000, "seribu"),
        (1945, "seribu sembilan ratus empat puluh lima"),
        (2026, "dua ribu dua puluh enam"),
        (101_000, "seratus satu ribu"),
        (1_001_100, "satu juta seribu seratus"),
        (1_000_000_000_011, "satu triliun sebelas"),
        (-1_000_000, "min satu juta"),
    ],
)
def test_words(number: int, text: str) -> None:
    assert language.words(number) == text


def _num2words(number: int) -> str:
    """What num2words says, which forgets `seribu` after a million."""
    return re.sub(r"(juta|miliar|\w+iliun) satu ribu", r"\1 seribu", num2words(number, lang="id"))


def test_words_of_every_small_number_are_those_of_num2words() -> None:
    assert [n for n in range(-1100, 12_200) if language.words(n) != _num2words(n)] == []


BLOCKS = st.lists(st.sampled_from([0, 1, 10, 11, 12, 19, 20, 21, 99, 100, 101, 111, 999]), min_size=1, max_size=6)


@given(st.integers(-(10**18) + 1, 10**18 - 1), BLOCKS)
def test_words_of_large_numbers_are_those_of_num2words(any_number: int, blocks: list[int]) -> None:
    built = sum(block * 1000**place for place, block in enumerate(blocks))
    for number in (any_number, built, -built):
        assert language.words(number) == _num2words(number)


def test_a_number_beyond_the_words_is_refused() -> None:
    assert language.words(10**18 - 1).startswith("sembilan ratus sembilan puluh sembilan kuadriliun")
    with pytest.raises(ValueError, match="no words"):
        language.words(10**18)
