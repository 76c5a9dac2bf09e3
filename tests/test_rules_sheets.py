"""What the rules find in a register they find in the same register on several sheets: each at its sheet and cell.

Of the fixtures of tests/rules some of each rule are run here, so that it takes seconds; all of them with
`uv run python tests/test_rules_sheets.py` (a minute), which also counts what cannot be spread and says why.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from rule_fixtures import CHECKED, FIXTURES, Fixture, Register, apart, changed, inspect_tables

SPREAD = ("Register", "Langkah", "Pemusnahan")
PER_SHEET = {"B07", "B08", "B51", "B52", "B54", "D53"}  # said once for each sheet
OTHERWISE = {
    "D08 names without the titles of Pegawai are said once for each sheet": "it is said once for each sheet",
    "D08 titles are said beside a name with another slip": "it is said once for each sheet",
}
Place = tuple[str, int]


@dataclass(frozen=True)
class Spread:
    """A register on three sheets of each kind, and where each row of data stands there."""

    register: Register
    places: Mapping[Place, Place]

    def lines(self, line: str) -> list[str]:
        """A line of a fixture with its sheet and row; what it says of a header is said of three."""
        match = re.search(rf"\b({'|'.join(SPREAD)})!([A-Z]+)(\d+)", line)
        if match is None:
            return [line]
        sheet, row = match[1], int(match[3])
        if row == 1:
            return [line.replace(match[0], f"{sheet} {n}!{match[2]}1") for n in (1, 2, 3)]
        own, at = self.places[sheet, row]
        return [line.replace(match[0], f"{own}!{match[2]}{at}")]


class CannotBeSpreadError(Exception):
    """Why a register cannot stand on several sheets and say the same."""


def spread(fixture: Fixture) -> Spread:
    if fixture.code in PER_SHEET:
        raise CannotBeSpreadError("it is said once for each sheet")
    if fixture.title in OTHERWISE:
        raise CannotBeSpreadError(OTHERWISE[fixture.title])
    if CHECKED in map(str.strip, fixture.lines):
        raise CannotBeSpreadError("it was checked before, on one sheet")
    register = changed(fixture)
    special = {*register.hidden, *register.merged, *register.excel_tables, *register.without}
    if special & set(SPREAD) or (register.layout and register.layout[0] != "[history]"):
        raise CannotBeSpreadError("it is about one of the sheets as such")
    tables = {name: table for name, table in register.tables.items() if name not in SPREAD}
    places: dict[Place, Place] = {}
    lines = ["[sheets]"]
    for name in SPREAD:
        head, *rows = register.tables[name]
        if not head or head[0] not in ("No. Catatan", "No. BA"):
            raise CannotBeSpreadError("it is about the headers")
        sheets = [f"{name} {n}" for n in (1, 2, 3)]
        lines.append(f"{name} = [{', '.join(map(repr, sheets))}]")
        ends = [0, len(rows) // 3, len(rows) // 3 + (len(rows) + 1) // 2, len(rows)]
        for sheet, first, last in zip(sheets, ends, ends[1:], strict=False):
            tables[sheet] = [head, *rows[first:last]]
            places |= {(name, row + 2): (sheet, row + 2 - first) for row in range(first, last)}
        places |= {(name, row): (sheets[2], row - ends[2]) for row in range(len(rows) + 2, len(rows) + 9)}
    layout = [*lines, *register.layout]
    tables = _complete(tables) if register.complete else tables
    return Spread(replace(register, tables=tables, layout=layout, without=[*register.without, *SPREAD]), places)


def _complete(tables: Mapping[str, list[list[str]]]) -> dict[str, list[list[str]]]:
    """The sheets with the canonical headers that a text register is given only under the canonical name."""
    from workbooks import HEADERS_ONLY

    found = {}
    for name, table in tables.items():
        headers = HEADERS_ONLY.get(name.rstrip(" 123"), [[]])[0] if name.rstrip(" 123") in SPREAD else []
        head = [*table[0], *(str(header) for header in headers if header not in table[0])] if table else []
        found[name] = [head, *table[1:]]
    return found


def differences(fixture: Fixture, folder: Path) -> list[str]:
    """What is found in one of the two registers alone; `CannotBeSpreadError` where there are no two."""
    on_three = spread(fixture)
    inspected = inspect_tables(on_three.register, folder)
    return apart(inspected.findings, (one for line in fixture.expected for one in on_three.lines(line)), fixture.code)


def _sample() -> Iterator[Fixture]:
    ours = sorted(FIXTURES, key=lambda fixture: fixture.code)
    for _, group in groupby(ours, lambda fixture: fixture.code):
        yield from islice((one for one in group if one.fails and _can_be_spread(one)), 1)


def _can_be_spread(fixture: Fixture) -> bool:
    try:
        spread(fixture)
    except CannotBeSpreadError:
        return False
    return True


@pytest.mark.parametrize("fixture", list(_sample()), ids=lambda fixture: fixture.title)
def test_three_sheets_give_the_findings_of_one(fixture: Fixture, tmp_path: Path) -> None:
    assert differences(fixture, tmp_path) == []


def test_most_fixtures_can_be_spread() -> None:
    assert sum(map(_can_be_spread, FIXTURES)) > 0.8 * len(FIXTURES)


def _main() -> None:
    reasons: Counter[str] = Counter()
    with TemporaryDirectory() as folder:
        for number, fixture in enumerate(FIXTURES):
            place = Path(folder) / str(number)
            place.mkdir()
            try:
                if differ := differences(fixture, place):
                    sys.stdout.write(f"{fixture.title}\n  " + "\n  ".join(differ) + "\n")
                reasons["run"] += 1
            except CannotBeSpreadError as reason:
                reasons[str(reason)] += 1
    sys.stdout.write("\n".join(f"{count:5} {reason}" for reason, count in reasons.most_common()) + "\n")


if __name__ == "__main__":
    _main()
