"""The words of every rule: Indonesian, complete dates, no advice to rewrite what was signed or issued."""

from __future__ import annotations

import re

import pytest
from wording import MOST_WORDS, flaws, longest_sentence

from sopkit.checks import load_rules
from sopkit.checks.catalogue import RULES, Rule

load_rules()
SIGNED = (
    "D10", "D12", "D54", "K03", "K04", "K05", "K09", "K11", "K13", "K17", "K52", "K53", "K55",
    "K56", "K57", "P02", "P03", "P04", "P05", "P08", "P09", "P50", "P51", "U11", "U12", "W01",
)  # fmt: skip
"""Rules about what was signed or issued: the document is looked at first, and then a lawful way is named."""
LAWFUL = re.compile(
    r"pembetulan|berita acara tambahan|surat ralat|surat pengganti|terbitkan PTPP baru|catat BA itu|catat langkah"
    r"|tidak pernah terbit|tinjauan manajemen|memuat PTPP itu|\{further\}|\{how\}"
)
CLAUSES = (
    "5.3", "7.2", "7.5.2", "7.5.3", "8.1", "8.5.1", "8.7.1", "8.7.2 d", "9.1.3", "10.2.1", "10.2.1 d", "10.2.2",
)  # fmt: skip


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_is_well_said(rule: Rule) -> None:
    for text in (rule.message, rule.fix, rule.reason):
        said = re.sub(r"\{\w+\}", "…", text)
        own = [flaw for flaw in flaws(said) if text not in ("{remedy}", "{problem}") or "period" not in flaw]
        assert own == [], text
        assert longest_sentence(text) <= MOST_WORDS, text


@pytest.mark.parametrize("code", SIGNED)
def test_what_was_signed_is_looked_at_and_mended_lawfully(code: str) -> None:
    fix = RULES[code].fix

    assert fix.startswith("Periksa dokumen aslinya; ")
    assert LAWFUL.search(fix)


def test_clauses_of_iso_9001_are_those_that_rules_may_cite() -> None:
    cited = {rule.clause.removeprefix("ISO 9001:2015 klausul ") for rule in RULES.values() if "ISO" in rule.clause}

    assert cited <= set(CLAUSES)
    assert RULES["P04"].clause.endswith("klausul 10.2.1 d")
    assert RULES["P03"].clause.endswith("klausul 8.7.2 d") and RULES["P08"].clause.endswith("klausul 8.7.2 d")


@pytest.mark.parametrize(
    "text",
    [
        "Langkah 7 8 Juli 2026 selesai.", "Langkah 7 dimulai 8 Juli 2026.", "Tanggal 8 Juli belum tiba.",
        "Tanggal 2026-07-08 belum tiba.", "Bulan 2026-07 belum tiba.", "Tanggal 08/07/2026 belum tiba.",
        "No. BA BA keliru.", "Samakan nomornya.", "Isi {kolom}.", "Isi value itu.", "Isi sel ini",
    ],
)  # fmt: skip
def test_flaws_are_seen(text: str) -> None:
    assert flaws(text)


def test_what_is_quoted_is_no_flaw() -> None:
    assert flaws("Teks “2026-07-08 the the {x}” dibaca sebagai 8 Juli 2026 pukul 08.15.") == []
