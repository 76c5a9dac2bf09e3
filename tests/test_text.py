"""What makes two texts one, which of several was meant, and what XML can hold."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sopkit.text import SHOWABLE, nearest, plain, same, worded_alike, xml_text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nur'aini", "Nur’aini"), ("Nur'aini", "NUR´AINI"), ("Jum`at", "jumʼat"),
        ("Búdi", "Bu\u0301di"), ("Joko Santosa", " joko\u00a0 santosa\t"), ("Joko", "Jo\u200bko"),
        ("Joko", "Joko_x000D_"), ("No. 12", "no. １２"), ("-5", "−5"), ("ＰＩＣ", "pic"),
    ],
)  # fmt: skip
def test_two_spellings_of_one_text(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(("one", "other"), [("Joko", "Jokó"), ("A-1", "A 1"), ("Nuraini", "Nur'aini"), ("", "-")])
def test_two_texts(one: str, other: str) -> None:
    assert not same(one, other)


@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "Z", "C"), max_codepoint=0x2FFF)))
def test_blanks_at_the_ends_and_between_never_count(text: str) -> None:
    assert plain(f" \u00a0{text}\t") == plain(text)
    assert "  " not in plain(text)


@pytest.mark.parametrize(
    ("text", "among", "meant"),
    [("genrate", ["generate", "run", "mail"], ["generate"]), ("xyz", ["generate", "run"], []), ("", ["run"], [])],
)
def test_the_name_that_was_meant(text: str, among: list[str], meant: list[str]) -> None:
    assert nearest(text, among) == meant


def test_the_likest_come_first_and_no_more_than_asked() -> None:
    headers = ["Tanggal PTPP", "Tanggal Ditemukan", "Target Selesai", "No. PTPP"]
    assert nearest("tgl ditemukan", headers, limit=1, alike=worded_alike) == ["Tanggal Ditemukan"]
    assert nearest("Tangal PTPP", headers)[:1] == ["Tanggal PTPP"]


@given(st.text())
def test_what_is_left_for_xml_is_read_back(text: str) -> None:
    element = ElementTree.Element("t")
    element.text = xml_text(text).replace("\r", "")
    assert (ElementTree.fromstring(ElementTree.tostring(element, "utf-8")).text or "") == element.text


def test_signs_that_an_encoding_lacks() -> None:
    """cp437 has neither these quotation marks nor dashes, but some letters with marks."""
    text = "“Ditolak” – baris 5 … ≥ 2 → é ő ハ"
    assert text.encode("cp437", SHOWABLE).decode("cp437") == '"Ditolak" - baris 5 ... ≥ 2 -> é o ?'
    assert text.encode("cp1252", SHOWABLE).decode("cp1252") == "“Ditolak” – baris 5 … >= 2 -> é o ?"
