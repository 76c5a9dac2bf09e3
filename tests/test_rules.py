"""Every rule fires where it must and is silent where it must: tiny registers as real workbooks, really read."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import pytest
import workbooks

from sopkit.checks import load_rules
from sopkit.checks.catalogue import RULES, Finding, Severity
from sopkit.checks.inspection import Inspected, inspect_register
from sopkit.register.read import read_register
from sopkit.sop.model import load_sop

FOLDER = Path(__file__).parent / "rules"
Table = list[list[str]]


@dataclass
class Fixture:
    """One change to the base register and all that is found in it."""

    title: str
    lines: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    @property
    def code(self) -> str:
        return self.title.split()[0]

    @property
    def fails(self) -> bool:
        return any(line.startswith(self.code) for line in self.expected)


@dataclass
class Register:
    """The base register as text, and what a fixture changes in it."""

    tables: dict[str, Table]
    settings: dict[str, str] = field(default_factory=dict)
    hidden: dict[str, list[int]] = field(default_factory=dict)
    merged: dict[str, list[str]] = field(default_factory=dict)
    without: list[str] = field(default_factory=list)
    complete: bool = True
    as_of: dt.datetime | None = None
    elsewhere: list[str] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)


def test_the_base_register_has_no_finding_at_all(tmp_path: Path) -> None:
    inspected = _inspect(Fixture("base"), tmp_path)

    assert [_said(found) for found in inspected.findings] == []


def _read_fixtures() -> Iterator[Fixture]:
    for path in sorted(FOLDER.glob("[A-Z].txt")):
        fixture: Fixture | None = None
        for line in path.read_text("utf-8").splitlines():
            if line.startswith("== "):
                if fixture:
                    yield fixture
                fixture = Fixture(line[3:].strip())
            elif line.startswith("> ") and fixture:
                fixture.expected.append(line[2:].strip())
            elif fixture:
                fixture.lines.append(line)
        if fixture:
            yield fixture


FIXTURES = list(_read_fixtures())
FEWER: Mapping[str, str] = {}
"""Rules with less than eight fixtures, two that fail and two that pass, and why that must do."""
load_rules()


@pytest.fixture(scope="session")
def findings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, Future[tuple[Finding, ...]]]]:
    """What is found in each fixture that is asked for, by its title; two processes work ahead of the tests."""
    folder = tmp_path_factory.mktemp("rules")
    asked = {item.callspec.id for item in request.session.items if hasattr(item, "callspec")}
    chosen = [fixture for fixture in FIXTURES if fixture.title in asked]
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        yield {fixture.title: pool.submit(_found, fixture, folder / str(i)) for i, fixture in enumerate(chosen)}
        pool.shutdown(cancel_futures=True)


def _found(fixture: Fixture, folder: Path) -> tuple[Finding, ...]:
    folder.mkdir()
    return _inspect(fixture, folder).findings


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.title)
def test_finds_exactly(fixture: Fixture, findings: Mapping[str, Future[tuple[Finding, ...]]]) -> None:
    grave = (Severity.ERROR, Severity.BREACH)
    found = [_said(f) for f in findings[fixture.title].result() if f.severity in grave or f.code == fixture.code]

    assert sorted(found) == sorted(fixture.expected)


def test_every_rule_has_enough_fixtures_that_pass_and_that_fail() -> None:
    """What arises while documents are made (family T) has no register to show; tests/test_lint.py and the like do."""
    rules = {code for code, rule in RULES.items() if rule.check}
    fail = Counter(fixture.code for fixture in FIXTURES if fixture.fails)
    passing = Counter(fixture.code for fixture in FIXTURES if not fixture.fails)
    few = {code: (fail[code], passing[code]) for code in sorted(rules - set(FEWER))
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


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.title)
def test_every_finding_is_whole(fixture: Fixture, findings: Mapping[str, Future[tuple[Finding, ...]]]) -> None:
    """Messages and remedies are sentences with nothing left to fill in; cells are addresses of their row."""
    for found in findings[fixture.title].result():
        said = re.findall(r"[A-Za-z]+", found.message)
        assert found.message.endswith(".") and found.fix.endswith(".") and found.clause
        assert not {"nan", "NaT", "None"} & set(said)
        assert found.cell == "" or re.fullmatch(rf"[A-Z]+{found.row}", found.cell)


def _said(found: Finding) -> str:
    rule = RULES[found.code]
    place = f"{found.sheet}!{found.cell}" if found.sheet else "buku kerja"
    lowered = f" {found.severity.value}" if found.severity is not rule.severity else ""
    return f"{found.code} @ {place}{' explained' if found.explained else ''}{lowered}"


def _inspect(fixture: Fixture, folder: Path) -> Inspected:
    register = _changed(fixture)
    path = workbooks.office_workbook(
        folder / "register.xlsx",
        kantor=register.settings,
        without=register.without,
        complete=register.complete,
        hidden=register.hidden,
        merged=register.merged,
        **{_keyword(name): _text(table) for name, table in register.tables.items()},
    )
    for name in register.beside:
        (folder / name).write_bytes(b"")
    return inspect_register(read_register(path), _sop(), register.as_of, register.elsewhere)


_sop = cache(load_sop)


def _keyword(sheet: str) -> str:
    return sheet.lower().replace(" ", "_")


def _text(table: Table) -> str:
    return "\n".join(" | ".join(row) for row in table)


def _base() -> dict[str, Table]:
    tables: dict[str, Table] = {}
    for block in (FOLDER / "base.txt").read_text("utf-8").split("\n\n"):
        name, *rows = block.strip().splitlines()
        tables[name.strip("[]")] = _parsed(rows)
    others = {"Pegawai": workbooks.PEGAWAI, "Kalender": workbooks.KALENDER, "Jam Kerja": workbooks.JAM_KERJA,
              "Surel": workbooks.SUREL}  # fmt: skip
    return tables | {name: _parsed(text.strip().splitlines()) for name, text in others.items()}


def _parsed(rows: list[str]) -> Table:
    return [[cell.strip() for cell in re.split(r"(?:^|(?<=\s))\|(?=\s|$)", row)] for row in rows]


def _changed(fixture: Fixture) -> Register:
    register = Register(_base())
    sheet: str | None = None
    for line in fixture.lines:
        if re.fullmatch(r"\[[^\]]+\]", line):
            sheet = line.strip("[]")
            register.tables[sheet] = []
        elif not line.strip():
            sheet = None
        elif sheet:
            register.tables[sheet] += _parsed([line])
        else:
            _change(register, line.strip())
    return register


def _change(register: Register, line: str) -> None:
    for pattern, change in _CHANGES.items():
        if match := re.fullmatch(pattern, line):
            change(register, *match.groups())
            return
    raise AssertionError(f"not understood: {line}")


def _type(register: Register, sheet: str, letters: str, number: str, text: str) -> None:
    row, place = register.tables[sheet][int(number) - 1], workbooks._index(letters)
    row += [""] * (place + 1 - len(row))
    row[place] = text.strip()


def _delete(register: Register, sheet: str, number: str) -> None:
    del register.tables[sheet][int(number) - 1]


def _add(register: Register, sheet: str, text: str) -> None:
    register.tables[sheet] += _parsed([text])


def _as_of(register: Register, text: str) -> None:
    register.as_of = dt.datetime.fromisoformat(text)


_CHANGES: Mapping[str, object] = {
    r"delete ([^!]+)!(\d+)": _delete,
    r"add ([^:]+): (.*)": _add,
    r"Kantor: ([^=]+?) = ?(.*)": lambda register, key, value: register.settings.update({key: value}),
    r"hide ([^!]+)!(\d+)": lambda register, sheet, row: register.hidden.setdefault(sheet, []).append(int(row)),
    r"merge ([^!]+)!(\S+)": lambda register, sheet, span: register.merged.setdefault(sheet, []).append(span),
    r"without (.+)": lambda register, sheet: register.without.append(sheet),
    r"as typed": lambda register: setattr(register, "complete", False),
    r"as of (.+)": _as_of,
    r"elsewhere (.+)": lambda register, number: register.elsewhere.append(number),
    r"copy (.+)": lambda register, name: register.beside.append(name),
    r"([^!]+)!([A-Z]+)(\d+) =(.*)": _type,
}
