"""What holds for any register: the SOP followed is clean, a fault has one address, order is nothing, no crash."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import pytest
import workbooks
from frozen_sop import SOP
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rule_fixtures import Fixture, base_tables, changed, inspect_fixture

from sopkit.checks.catalogue import Finding, Severity
from sopkit.checks.inspection import Inspected, inspect_register
from sopkit.register.read import read_register
from sopkit.register.schema import SHEETS, Kind

GRAVE = (Severity.ERROR, Severity.BREACH)
EXAMPLES = settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
RECORDS = {plan.name: plan for plan in SHEETS if plan.table in ("cases", "events", "disposals")}


def _grave(inspected: Inspected) -> list[Finding]:
    return [found for found in inspected.findings if found.severity in GRAVE]


@st.composite
def courses(draw: st.DrawFn) -> list[list[object]]:
    """Rows of sheet Langkah of one case that follows the SOP, with up to two rejections."""
    day, rows = dt.datetime(2026, 11, draw(st.integers(2, 5)), 8), []
    evaluator = draw(st.sampled_from(["Joko Santosa", "Endah Purwanti", "Hartono Wibowo"]))
    minute = st.integers(0, 10)

    def step(number: int, who: str, minutes: int, outcome: str | None = None) -> None:
        nonlocal day
        begun = day + dt.timedelta(minutes=draw(minute))
        day = begun + dt.timedelta(minutes=minutes)
        rows.append(["001/CLTS/XI/2026", number, who, begun, day, outcome])

    step(1, "Ratna Anggraini", draw(st.integers(1, 15)))
    step(2, evaluator, draw(st.integers(1, 60)))
    step(3, evaluator, draw(st.integers(1, 60)))
    step(5, "Wahyu Kusumaningrum", draw(st.integers(1, 15)))
    step(6, "Tutik Handayani", draw(st.integers(1, 20)))
    for turn in range(draw(st.integers(0, 2)), -1, -1):
        day = _next_morning(day)
        step(7, "Bagus Setiawan", draw(st.integers(1, 80)))
        step(8, "Bagus Setiawan", draw(st.integers(1, 60)))
        step(9, "Hartono Wibowo", draw(st.integers(1, 25)), "Ditolak" if turn else "Disetujui")
    return rows


def _next_morning(day: dt.datetime) -> dt.datetime:
    following = day.replace(hour=8, minute=0) + dt.timedelta(days=1)
    return following + dt.timedelta(days=max(0, 7 - following.weekday()) if following.weekday() > 4 else 0)


@given(courses(), st.randoms(use_true_random=False))
@EXAMPLES
def test_a_case_made_by_following_the_sop_is_clean(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[object]], order: random.Random
) -> None:
    case = [*base_tables()["Register"][1][:24], "Tidak", "", "", "", "", "Selesai", ""]
    found, last = rows[0][3], rows[-1][4]
    values = [workbooks.value_of(text) for text in case]
    values[1], values[9], values[16], values[23] = found, found.date(), last.date(), last.date()  # type: ignore[union-attr]
    order.shuffle(rows)
    path = workbooks.office_workbook(
        tmp_path_factory.mktemp("clean") / "register.xlsx",
        register=[base_tables()["Register"][0], values],
        langkah=[base_tables()["Langkah"][0][:6], *rows],
    )

    assert inspect_register(read_register(path), SOP).findings == ()


@st.composite
def spoiled_cells(draw: st.DrawFn) -> tuple[str, str, str]:
    """A cell of the base register that is filled, and a text that cannot stand there."""
    kinds = {Kind.PERSON: "Bukan Siapa-siapa", Kind.CHOICE: "Entahlah", Kind.DATE: "kapan-kapan",
             Kind.DATETIME: "tadi pagi", Kind.NUMBER: "beberapa", Kind.STEP: "4"}  # fmt: skip
    sheet = draw(st.sampled_from(sorted(RECORDS)))
    table = base_tables()[sheet]
    cells = [
        (row, place, kinds[column.kind])
        for row in range(1, len(table))
        for place, column in enumerate(RECORDS[sheet].columns)
        if column.kind in kinds and place < len(table[row]) and table[row][place]
    ]
    row, place, text = draw(st.sampled_from(cells))
    return sheet, f"{_letters(place)}{row + 1}", text


def _letters(place: int) -> str:
    return chr(65 + place) if place < 26 else f"A{chr(65 + place - 26)}"


@given(spoiled_cells())
@settings(EXAMPLES, max_examples=20)
def test_one_spoiled_cell_is_named_at_its_address_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, spoiled: tuple[str, str, str]
) -> None:
    sheet, cell, text = spoiled
    inspected = inspect_fixture(Fixture("spoiled", [f"{sheet}!{cell} = {text}"]), tmp_path_factory.mktemp("spoiled"))

    assert [(found.sheet, found.cell) for found in _grave(inspected)] == [(sheet, cell)]


FAULTS = [
    "Langkah!D3 = 2026-11-02 08:05", "Langkah!B5 = 4", "Langkah!C9 = Tutik Handayani", "Register!M2 =",
    "Langkah!E29 = 2026-11-06 10:40", "Register!AB4 = 002/BA/XI/2026", "Register!I5 =", "delete Langkah!20",
]  # fmt: skip


@given(st.randoms(use_true_random=False))
@EXAMPLES
def test_the_order_of_rows_changes_no_finding_but_its_row(
    tmp_path_factory: pytest.TempPathFactory, order: random.Random
) -> None:
    first = _content(Fixture("faults", FAULTS), tmp_path_factory, None)
    again = _content(Fixture("faults", FAULTS), tmp_path_factory, order)

    assert again == first and len(first) > 6


def _content(
    fixture: Fixture, factory: pytest.TempPathFactory, order: random.Random | None
) -> list[tuple[object, ...]]:
    """The findings without their rows, of a register whose rows stand in another order."""
    tables = changed(fixture).tables
    for name in ("Langkah", "Register", "Pemusnahan", "Pegawai"):
        header, *rows = tables[name]
        if order:
            order.shuffle(rows)
        tables[name] = [header, *rows]
    lines = [line for name, table in tables.items() for line in (f"[{name}]", *map(" | ".join, table), "")]
    inspected = inspect_fixture(Fixture("shuffled", lines), factory.mktemp("shuffled"))
    found = [(f.code, f.severity, f.sheet, f.column, f.case or "", f.step or 0, f.message) for f in inspected.findings]
    return sorted(found)


def test_the_order_of_sheets_is_irrelevant(tmp_path: Path) -> None:
    tables = changed(Fixture("faults", FAULTS)).tables
    kantor = "Kunci | Nilai\n" + "\n".join(f"{key} | {value}" for key, value in workbooks.KANTOR.items())
    sheets = {name: "\n".join(map(" | ".join, table)) for name, table in tables.items()} | {"Kantor": kantor}
    found = []
    for turn, names in enumerate((list(sheets), list(reversed(sheets)))):
        path = workbooks.write_workbook(tmp_path / f"{turn}.xlsx", {name: sheets[name] for name in names})
        found.append(inspect_register(read_register(path), SOP).findings)

    assert found[0] == found[1] and found[0]


ANYTHING = st.one_of(
    st.text(max_size=30), st.floats(allow_nan=False, allow_infinity=False, width=32), st.booleans(), st.none(),
    st.datetimes(dt.datetime(1900, 3, 1), dt.datetime(2199, 1, 1)),
    st.times().map(lambda time: time.replace(microsecond=0)),
    st.sampled_from(["Selesai", "Ditolak", "001/CLTS/XI/2026", 10, 4, "-", "=1+1", "#N/A", "1" * 400]),
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(SHEETS), st.integers(0, 12), st.integers(0, 30), ANYTHING), max_size=40))
@settings(EXAMPLES, max_examples=12)
def test_any_content_of_any_cell_gives_findings_and_never_a_crash(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[object, int, int, object]]
) -> None:
    tables = {plan.name: [[column.header for column in plan.columns]] + [[None] * len(plan.columns) for _ in range(12)]
              for plan in SHEETS}  # fmt: skip
    for name in ("Register", "Langkah", "Pemusnahan"):
        rows = [[workbooks.value_of(text) for text in row] for row in base_tables()[name][1:12]]
        for place, row in enumerate(rows, start=1):
            tables[name][place][: len(row)] = row
    for plan, row, place, value in cells:
        table = tables[plan.name]  # type: ignore[attr-defined]
        table[row][place % len(table[row])] = value
    path = workbooks.write_workbook(tmp_path_factory.mktemp("any") / "register.xlsx", tables)
    inspected = inspect_register(read_register(path), SOP, dt.datetime(2026, 11, 20, 10))

    assert all(found.message and found.fix for found in inspected.findings)
