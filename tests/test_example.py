"""The example year: every planted fault is found at its cell, and nothing worse than a warning beside them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from example import Planted, example_content
from example.results import results
from example.year import DOMAIN, NOW, YEAR
from frozen_sop import SOP

from sopkit.checks.catalogue import Severity
from sopkit.checks.inspection import Inspected, inspect_register
from sopkit.newbook.create import WorkbookContent, build_workbook
from sopkit.newbook.init_office import EXAMPLE_NAME
from sopkit.register.read import read_register
from sopkit.sop.model import Sop

COMMITTED = Path(__file__).parent.parent / "registers" / EXAMPLE_NAME


@pytest.fixture(scope="module")
def sop() -> Sop:
    return SOP


@pytest.fixture(scope="module")
def made(sop: Sop) -> tuple[WorkbookContent, tuple[Planted, ...]]:
    return example_content(sop)


@pytest.fixture(scope="module")
def planted(made: tuple[WorkbookContent, tuple[Planted, ...]]) -> tuple[Planted, ...]:
    return made[1]


@pytest.fixture(scope="module")
def inspected(sop: Sop) -> Inspected:
    return inspect_register(read_register(COMMITTED), sop)


def test_the_committed_workbook_is_what_the_code_makes(
    sop: Sop, made: tuple[WorkbookContent, tuple[Planted, ...]]
) -> None:
    """With the results that LibreOffice stored in it; whether they are true, tests/test_live_formulas.py asks."""
    content = replace(made[0], stored=results(COMMITTED))
    assert COMMITTED.read_bytes() == build_workbook(sop, YEAR, content), "buat ulang: uv run python -m tests.example"


def test_every_planted_fault_is_found_at_its_cell_and_no_other_error_or_breach(
    inspected: Inspected, planted: tuple[Planted, ...]
) -> None:
    found = Counter((finding.code, finding.sheet, finding.cell) for finding in inspected.findings)
    assert not Counter(planted) - found
    grave = Counter(
        (finding.code, finding.sheet, finding.cell)
        for finding in inspected.findings
        if finding.severity in (Severity.ERROR, Severity.BREACH)
    )
    assert not grave - Counter(planted)
    assert sum((found - Counter(planted)).values()) <= 5


def test_the_planted_faults_cover_every_family(planted: tuple[Planted, ...], inspected: Inspected) -> None:
    codes = {code for code, _, _ in planted}
    assert {code[0] for code in codes} == set("BDUWPK")
    assert len(codes) >= 70
    assert inspected.summary["explained"] >= 3


def test_it_is_an_office_year(inspected: Inspected) -> None:
    cases = inspected.register.cases.data
    assert len(cases) == 150 and inspected.as_of == NOW
    months = Counter(cases["found_at"].dt.month)
    assert all(months[month] >= 8 for month in range(1, 12))
    assert len(inspected.register.disposals.data) >= 9
    statuses = Counter(cases["status"])
    assert statuses["Selesai"] > 100 and statuses["Batal"] == 4 and statuses["Proses"] >= 4
    assert sum(inspected.register.events.data["outcome"] == "Ditolak") >= 6


def test_work_is_done_in_working_hours_but_for_the_planted(inspected: Inspected, planted: tuple[Planted, ...]) -> None:
    events = inspected.register.events.data
    for field in ("start", "end"):
        moments = events[field].dropna()
        shut = moments[~inspected.calendar.is_open(moments.to_numpy("datetime64[s]"))]
        cells = {inspected.register.events.cell(row, field) for row in shut.index}
        assert cells <= {cell for code, sheet, cell in planted if code == "W05"}


def test_nobody_in_it_is_real_and_no_mail_can_reach_anyone(inspected: Inspected, sop: Sop) -> None:
    people = inspected.register.people.data
    assert not set(people["name"]) & {signer.name for signer in sop.signers}
    assert not set(people["nip"]) & {signer.nip for signer in sop.signers}
    assert all(address.endswith(f"@{DOMAIN}") for address in people["email"])
    assert DOMAIN.endswith(".example")


def test_one_case_is_as_long_as_staff_write_and_holds_what_breaks_templates(inspected: Inspected) -> None:
    longest = max(inspected.register.cases.data["description"].dropna(), key=len)
    assert len(longest) >= 2000
    assert all(part in longest for part in ("A & B <C>", "\n", '"', "'"))


def test_waktu_acuan_keeps_it_from_rotting(inspected: Inspected) -> None:
    assert inspected.register.as_of() == dt.datetime(2026, 11, 20, 10, 0)
