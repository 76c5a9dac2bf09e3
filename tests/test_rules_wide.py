"""What the rules find in a register they find in the same register laid out wide, a row per case: each at its cell.

Of the fixtures of tests/rules some of each rule are run here, so that it takes seconds; all of them with
`uv run python tests/test_rules_wide.py` (a minute), which also counts what cannot be laid wide and says why.

The base register rejects case 002 once. A row per case has no place for the repetition that follows: the rejection is
made an approval, and what is found on the repetition is not looked for.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from frozen_sop import SOP
from rule_fixtures import FIXTURES, Fixture, Register, apart, base_tables, changed, inspect_tables
from workbooks import EMPTY_CELL

from sopkit.ooxml.address import letter
from sopkit.register.schema import EVENTS

FIELDS = ("Pelaksana", "Mulai", "Selesai", "Hasil", "Keterangan")
STEPS = [str(step.number) for step in SOP.steps]
HEADERS = [column.header for column in EVENTS.columns]
BASE = base_tables()["Langkah"]
REPEATED = BASE[18:21]  # the second round of case 002: in a row of its own it has but one
REJECTION = BASE[17]

FAMILIES = "UWPKD"
OTHERWISE = {
    "U01 the decision was taken only after the rejection": "it is about the rejection",
    "U01 the segregation came only after the rejection": "it is about the rejection",
    "K13 verified before the correction of the last round": "it is about the repetition",
    "K03 without sheet Pemusnahan nothing is known of it": "a workbook with a layout file need not have the sheet",
    "D08 names without the titles of Pegawai are said once for each sheet": "Langkah and Register are one sheet",
}
"""Fixtures of which the wide register says something else, and why."""

Place = tuple[str, str]  # case and step


@dataclass(frozen=True)
class Wide:
    """A register laid out wide, and where the cells of Langkah stand in it; `dropped` are rows that it cannot hold."""

    register: Register
    places: Mapping[int, Place]
    rows: Mapping[str, int]
    dropped: frozenset[int]
    width: int

    def cell(self, header: str, row: int) -> str:
        """Where this cell of Langkah stands."""
        case, step = self.places[row]
        if header == "No. Catatan":
            return f"Register!A{self.rows[case]}"
        field = "Selesai" if header == "Langkah" else header  # a step has no cell that says its number
        column = self.width + STEPS.index(step) * len(FIELDS) + FIELDS.index(field)
        return f"Register!{letter(column + 1)}{self.rows[case]}"

    def line(self, line: str) -> str:
        """A line of a fixture with its cell in the wide register; empty for what is found on a dropped row."""
        match = re.search(r"\bLangkah!([A-Z])(\d+)", line)
        if match is None:
            return line
        row = int(match[2])
        if row in self.dropped:
            return ""
        return line.replace(match[0], self.cell(HEADERS["ABCDEFG".index(match[1])], row))


class CannotBeWideError(Exception):
    """Why a register has no wide layout that says the same."""


def laid_wide(fixture: Fixture) -> Wide:
    """The register of a fixture; `CannotBeWideError` for what a row per case cannot say."""
    if fixture.title in OTHERWISE:
        raise CannotBeWideError(OTHERWISE[fixture.title])
    register = changed(fixture)
    if any(re.search(r"!?Langkah\b", line) for line in fixture.lines if re.match("hide|merge|table|without", line)):
        raise CannotBeWideError("it is about sheet Langkah as such")
    if not register.complete or (register.layout and register.layout[0] != "[history]"):
        raise CannotBeWideError("it is about headers or a layout of its own")
    events, dropped = _one_round(register.tables["Langkah"])
    if register.tables["Langkah"][0] != BASE[0]:
        raise CannotBeWideError("it is about the headers of Langkah")
    cases = [row[0] if row else "" for row in register.tables["Register"]]
    places: dict[int, Place] = {}
    for number, row in events.items():
        case, step = row[0], row[1] if len(row) > 1 else ""
        if cases.count(case) != 1 or not case or step not in STEPS:
            raise CannotBeWideError("a step of no case, of a number that stands twice, or of no number")
        if (case, step) in places.values():
            raise CannotBeWideError("a step was executed more than once")
        if _cell(row, "Mulai") in ("", EMPTY_CELL):
            raise CannotBeWideError("an empty Mulai is the finish of the step before")
        places[number] = (case, step)
    width = max(map(len, register.tables["Register"]))
    tables = {name: table for name, table in register.tables.items() if name != "Langkah"}
    tables["Register"] = _widened(tables["Register"], width, {places[n]: row for n, row in events.items()})
    layout = ['layout = "wide"', *register.layout, "[steps]", *(_step_line(step) for step in STEPS)]
    wide = replace(register, tables=tables, layout=layout, without=[*register.without, "Langkah"])
    return Wide(wide, places, {case: at for at, case in enumerate(cases, start=1)}, dropped, width)


def _one_round(table: Sequence[list[str]]) -> tuple[dict[int, list[str]], frozenset[int]]:
    """The rows of Langkah with the rejection of the base register made its approval, and the rows of its repetition."""
    rows = {number: row for number, row in enumerate(table[1:], start=2) if any(row)}
    there = {number for number, row in rows.items() if row in REPEATED}
    rejection = [number for number, row in rows.items() if row == REJECTION]
    if len(there) != len(REPEATED) or len(rejection) != 1:
        raise CannotBeWideError("a step was executed more than once")
    rows[rejection[0]] = [*REJECTION[:5], "Disetujui"]
    return {number: row for number, row in rows.items() if number not in there}, frozenset(there)


def _widened(cases: Sequence[list[str]], width: int, done: Mapping[Place, list[str]]) -> list[list[str]]:
    head = [f"{step} {field}" for step in STEPS for field in FIELDS]
    rows = [[*cases[0], *[""] * (width - len(cases[0])), *head]]
    for case in cases[1:]:
        cells = [
            _cell(done[case[0], step], field) if (case[0], step) in done else "" for step in STEPS for field in FIELDS
        ]
        rows.append([*case, *[""] * (width - len(case)), *cells])
    return rows


def _cell(row: Sequence[str], header: str) -> str:
    place = HEADERS.index(header)
    return row[place] if place < len(row) else ""


def _step_line(step: str) -> str:
    named = ", ".join(f'{field} = "{step} {field}"' for field in FIELDS)
    return f"{step} = {{ {named} }}"


def differences(fixture: Fixture, folder: Path) -> list[str]:
    """What is found in one of the two registers alone; `CannotBeWideError` where there are no two."""
    wide = laid_wide(fixture)
    inspected = inspect_tables(wide.register, folder)
    return apart(inspected.findings, filter(None, map(wide.line, fixture.expected)), fixture.code)


def _sample() -> Iterator[Fixture]:
    """Of each rule one that fails, of those of order and time one that passes too; on Langkah where there is one."""
    ours = [fixture for fixture in FIXTURES if fixture.code[0] in FAMILIES]
    ours.sort(key=lambda fixture: (fixture.code, "Langkah" not in str((fixture.lines, fixture.expected))))
    for _, group in groupby(ours, lambda fixture: fixture.code):
        of_rule = list(group)
        passing = of_rule[0].code[0] in "UW"
        yield from islice((one for one in of_rule if one.fails and _can_be_wide(one)), 1)
        yield from islice((one for one in of_rule if not one.fails and _can_be_wide(one)), int(passing))


def _can_be_wide(fixture: Fixture) -> bool:
    try:
        laid_wide(fixture)
    except CannotBeWideError:
        return False
    return True


@pytest.mark.parametrize("fixture", list(_sample()), ids=lambda fixture: fixture.title)
def test_a_row_per_case_gives_the_same_findings(fixture: Fixture, tmp_path: Path) -> None:
    assert differences(fixture, tmp_path) == []


def test_most_fixtures_have_a_wide_register() -> None:
    ours = [fixture for fixture in FIXTURES if fixture.code[0] in FAMILIES]
    assert sum(map(_can_be_wide, ours)) > 0.8 * len(ours)
    assert OTHERWISE.keys() <= {fixture.title for fixture in ours}


def _main() -> None:
    reasons: Counter[str] = Counter()
    with TemporaryDirectory() as folder:
        for number, fixture in enumerate(one for one in FIXTURES if one.code[0] in FAMILIES):
            place = Path(folder) / str(number)
            place.mkdir()
            try:
                if differ := differences(fixture, place):
                    sys.stdout.write(f"{fixture.title}\n  " + "\n  ".join(differ) + "\n")
                reasons["run"] += 1
            except CannotBeWideError as reason:
                reasons[str(reason)] += 1
    sys.stdout.write("\n".join(f"{count:5} {reason}" for reason, count in reasons.most_common()) + "\n")


if __name__ == "__main__":
    _main()
