"""The fixtures of tests/rules: each a change to the base register, made into a real workbook and really read."""

from __future__ import annotations

import datetime as dt
import os
import pickle
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import workbooks
from frozen_sop import SOP

from sopkit.archive import Archive
from sopkit.checks.catalogue import RULES, Finding, Severity
from sopkit.checks.inspection import Inspected, inspect_register
from sopkit.database import in_memory
from sopkit.history.compare import compared, recorded
from sopkit.register.read import read_register

FOLDER = Path(__file__).parent / "rules"
CHECKED = "checked"
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
    excel_tables: dict[str, tuple[str, bool]] = field(default_factory=dict)
    layout: list[str] = field(default_factory=list)


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


def inspect_fixture(fixture: Fixture, folder: Path) -> Inspected:
    """`checked` in a fixture: the register was checked as it is up to there, and what follows was done since."""
    checks = [place for place, line in enumerate(fixture.lines) if line.strip() == CHECKED]
    if not checks:
        return inspect_tables(changed(fixture), folder)
    with closing(in_memory()) as archive:
        for place in checks:
            former = inspect_tables(changed(replace(fixture, lines=fixture.lines[:place])), folder)
            recorded(former, Archive(archive, folder))
        return compared(inspect_tables(changed(fixture), folder), archive)


def findings_of(fixture: Fixture, common: Path) -> Sequence[Finding]:
    """What is found in a fixture, looked for once in a run: `common` is the folder that its processes share."""
    kept = common / f"fixture-{FIXTURES.index(fixture)}.pickle"
    found: Sequence[Finding]
    if kept.exists():
        found = pickle.loads(kept.read_bytes())
    else:
        with TemporaryDirectory(dir=common) as folder:
            found = inspect_fixture(fixture, Path(folder)).findings
        own = kept.with_suffix(f".{os.getpid()}")
        own.write_bytes(pickle.dumps(found))
        own.replace(kept)
    return found


def inspect_tables(register: Register, folder: Path) -> Inspected:
    """What is found in a register of texts; its workbook is written to `folder`."""
    path = workbooks.office_workbook(
        folder / "register.xlsx",
        kantor=register.settings,
        without=register.without,
        complete=register.complete,
        hidden=register.hidden,
        merged=register.merged,
        tables=register.excel_tables,
        **{_keyword(name): _text(table) for name, table in register.tables.items()},
    )
    for name in register.beside:
        (folder / name).write_bytes(b"")
    if register.layout:
        (folder / "register.sopkit.toml").write_text("\n".join(register.layout), encoding="utf-8")
    return inspect_register(read_register(path), SOP, register.as_of, register.elsewhere)


def said(found: Finding) -> str:
    """A finding as the fixtures write it."""
    rule = RULES[found.code]
    place = f"{found.sheet}!{found.cell}" if found.sheet else "buku kerja"
    lowered = f" {found.severity.value}" if found.severity is not rule.severity else ""
    return f"{found.code} @ {place}{' explained' if found.explained else ''}{lowered}"


def apart(found: Iterable[Finding], expected: Iterable[str], code: str) -> list[str]:
    """Errors, breaches and the findings of a rule that are found (+) or expected (-) alone."""
    grave = (Severity.ERROR, Severity.BREACH)
    there = Counter(said(one) for one in found if one.severity in grave or one.code == code)
    wanted = Counter(expected)
    return sorted(f"+ {one}" for one in there - wanted) + sorted(f"- {one}" for one in wanted - there)


def _keyword(sheet: str) -> str:
    return sheet.lower().replace(" ", "_")


def _text(table: Table) -> str:
    return "\n".join(" | ".join(row) for row in table)


def base_tables() -> dict[str, Table]:
    return {name: [list(row) for row in table] for name, table in _base_tables().items()}


@cache
def _base_tables() -> Mapping[str, Table]:
    tables: dict[str, Table] = {}
    for block in (FOLDER / "base.txt").read_text("utf-8").split("\n\n"):
        name, *rows = block.strip().splitlines()
        tables[name.strip("[]")] = _parsed(rows)
    others = {"Pegawai": workbooks.PEGAWAI, "Kalender": workbooks.KALENDER, "Jam Kerja": workbooks.JAM_KERJA,
              "Surel": workbooks.SUREL}  # fmt: skip
    return tables | {name: _parsed(text.strip().splitlines()) for name, text in others.items()}


def _parsed(rows: list[str]) -> Table:
    return [[cell.strip() for cell in re.split(r"(?:^|(?<=\s))\|(?=\s|$)", row)] for row in rows]


def changed(fixture: Fixture) -> Register:
    register = Register(base_tables())
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


def _insert(register: Register, sheet: str, number: str, text: str) -> None:
    register.tables[sheet][int(number) - 1 : int(number) - 1] = _parsed([text])


def _excel_table(register: Register, sheet: str, span: str, totals: str | None) -> None:
    register.excel_tables[sheet] = (span, totals is not None)


def _as_of(register: Register, text: str) -> None:
    register.as_of = dt.datetime.fromisoformat(text)


def _fill(register: Register, sheet: str, letters: str, first: str, last: str, text: str) -> None:
    for number in range(int(first), int(last) + 1):
        _type(register, sheet, letters, str(number), text)


def _sort(register: Register, sheet: str, letters: str) -> None:
    head, *rows = register.tables[sheet]
    place = workbooks._index(letters)
    register.tables[sheet] = [head, *sorted(rows, key=lambda row: row[place], reverse=True)]


_CHANGES: Mapping[str, object] = {
    CHECKED: lambda register: None,
    r"fill ([^!]+)!([A-Z]+)(\d+):\2(\d+) =(.*)": _fill,
    r"sort ([^!]+)!([A-Z]+)": _sort,
    r"delete ([^!]+)!(\d+)": _delete,
    r"add ([^:]+): ?(.*)": _add,
    r"Kantor: ([^=]+?) = ?(.*)": lambda register, key, value: register.settings.update({key: value}),
    r"hide ([^!]+)!(\d+)": lambda register, sheet, row: register.hidden.setdefault(sheet, []).append(int(row)),
    r"merge ([^!]+)!(\S+)": lambda register, sheet, span: register.merged.setdefault(sheet, []).append(span),
    r"insert ([^!]+)!(\d+): ?(.*)": _insert,
    r"table ([^!]+)!(\S+)( totals)?": _excel_table,
    r"layout (.+)": lambda register, line: register.layout.append(line),
    r"without (.+)": lambda register, sheet: register.without.append(sheet),
    r"as typed": lambda register: setattr(register, "complete", False),
    r"as of (.+)": _as_of,
    r"elsewhere (.+)": lambda register, number: register.elsewhere.append(number),
    r"copy (.+)": lambda register, name: register.beside.append(name),
    r"([^!]+)!([A-Z]+)(\d+) =(.*)": _type,
}
