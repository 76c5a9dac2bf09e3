"""Every rule fires where it must and is silent where it must: tiny registers as real workbooks, really read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from rule_fixtures import FIXTURES, Fixture, findings_of, inspect_fixture, said
from wording import MOST_LETTERS, flaws

from sopkit.checks import load_rules
from sopkit.checks.catalogue import RULES, Finding, Severity


def test_the_base_register_has_no_finding_at_all(tmp_path: Path) -> None:
    inspected = inspect_fixture(Fixture("base"), tmp_path)

    assert [said(found) for found in inspected.findings] == []


load_rules()


@pytest.fixture(scope="session")
def findings(request: pytest.FixtureRequest, common: Path) -> Iterator[Mapping[str, Future[Sequence[Finding]]]]:
    """What is found in each fixture that is asked for, by its title; two processes work ahead of the tests."""
    asked = {item.callspec.id for item in request.session.items if hasattr(item, "callspec")}
    chosen = [fixture for fixture in FIXTURES if fixture.title in asked]
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        yield {fixture.title: pool.submit(findings_of, fixture, common) for fixture in chosen}
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.title)
def test_finds_exactly(fixture: Fixture, findings: Mapping[str, Future[Sequence[Finding]]]) -> None:
    grave = (Severity.ERROR, Severity.BREACH)
    found = [said(f) for f in findings[fixture.title].result() if f.severity in grave or f.code == fixture.code]

    assert sorted(found) == sorted(fixture.expected)


def test_every_rule_has_enough_fixtures_that_pass_and_that_fail() -> None:
    """What arises while documents are made (family T) has no register to show; tests/test_lint.py and the like do."""
    rules = {code for code, rule in RULES.items() if rule.check}
    fail = Counter(fixture.code for fixture in FIXTURES if fixture.fails)
    passing = Counter(fixture.code for fixture in FIXTURES if not fixture.fails)
    few = {code: (fail[code], passing[code]) for code in sorted(rules)
           if fail[code] + passing[code] < 8 or fail[code] < 2 or passing[code] < 2}  # fmt: skip

    assert few == {}
    assert {fixture.code for fixture in FIXTURES} <= rules


def test_every_fixture_has_a_title_of_its_own() -> None:
    """Two of one title would be run as one."""
    titles = Counter(fixture.title for fixture in FIXTURES)

    assert [title for title, times in titles.items() if times > 1] == []


def test_every_rule_has_its_own_reason_in_one_sentence() -> None:
    reasons = [rule.reason for rule in RULES.values()]

    assert len(set(reasons)) == len(reasons)
    for reason in reasons:
        assert re.fullmatch(r"[A-Z][^.{}]{30,}\.", reason), reason


def test_what_keterangan_explains_says_so_in_its_remedy() -> None:
    """And no other rule promises that a word in Keterangan helps; each has a fixture of both."""
    explainable = {code for code, rule in RULES.items() if rule.explainable}
    said = {(f.code, line.endswith("explained")) for f in FIXTURES for line in f.expected if line.startswith(f.code)}

    assert {code for code, told in said if told} == explainable
    assert {(code, False) for code in explainable} <= said
    assert {code for code, rule in RULES.items() if "kolom Keterangan" in rule.fix} == explainable
    assert {code for code in explainable if RULES[code].severity is Severity.WARNING} == {
        "W05", "W06", "W07", "P06", "U13", "D11", "D12", "D16",
    }  # fmt: skip


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.title)
def test_every_finding_is_whole(fixture: Fixture, findings: Mapping[str, Future[Sequence[Finding]]]) -> None:
    """Messages and remedies are sentences without a flaw and with nothing left to fill in; cells are addresses of their
    row.
    """
    for found in findings[fixture.title].result():
        said = re.findall(r"[A-Za-z]+", found.message)
        assert found.message.endswith(".") and found.fix.endswith(".") and found.clause
        assert not {"nan", "NaT", "None"} & set(said)
        assert found.cell == "" or re.fullmatch(rf"[A-Z]+{found.row}", found.cell)
        assert (flaws(found.message), flaws(found.fix)) == ([], [])
        assert len(found.message) <= MOST_LETTERS
