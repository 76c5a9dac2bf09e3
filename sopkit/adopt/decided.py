"""What is decided about a workbook: by its layout file, where one stands already, and by whoever is asked."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sopkit.register.layout import WHAT, parse_layout, plain
from sopkit.register.schema import SHEETS, SheetPlan
from sopkit.sop.toml_file import parse_toml, read_toml_text

UNUSED = "# tidak dipakai: "
NO_HISTORY = "# Kasus lama tidak dipisahkan sebagai riwayat"
_SECTION = re.compile(r"\[([^\[\]]+)\]\s*(?:#.*)?")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


@dataclass
class Decided:
    """Of a workbook, what nobody is to be asked again.

    headers   canonical sheet -> plain header -> column; None where it stands for none.
    sheets    canonical sheet -> the workbook's sheets that stand for it.
    steps     number -> part of the step (`Selesai`) -> header.
    shared    canonical sheet -> date column -> the date column whose header stands for both.
    absent    canonical sheet -> columns that the office does not keep.
    values    column as the layout calls it -> the office's word -> value of the list; '' where it has no meaning.
    history   the last day of history; None where there is to be none, and undecided while `history_asked` is False.
    """

    headers: dict[str, dict[str, str | None]] = field(default_factory=dict)
    sheets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    steps: dict[int, dict[str, str]] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    shared: dict[str, dict[str, str]] = field(default_factory=dict)
    absent: dict[str, list[str]] = field(default_factory=dict)
    patterns: dict[str, str] = field(default_factory=dict)
    history: dt.date | None = None
    history_asked: bool = False
    office: str = ""
    sop: str = ""
    shape: str = ""
    text: str = ""  # of the layout file that stands there

    def decide(self, plan: SheetPlan, header: str, column: str | None) -> None:
        self.headers.setdefault(plan.name, {})[plain(header)] = column

    def share(self, plan: SheetPlan, header: str, first: str, second: str) -> None:
        """That one date stands for both columns."""
        self.decide(plan, header, first)
        self.shared.setdefault(plan.name, {})[second] = first

    def leave_out(self, plan: SheetPlan, column: str) -> None:
        """That the office does not keep this column."""
        self.absent.setdefault(plan.name, []).append(column)


def read_decided(path: Path) -> Decided:
    """What a layout file says and what its marks say; nothing where there is none. `SopkitError` where it is wrong."""
    if not path.exists():
        return Decided()
    text = read_toml_text(path, WHAT)
    layout = parse_layout(text, path)
    data = parse_toml(text, path.name, WHAT)
    decided = Decided(text=text, shape=str(data.get("layout", "")), history=layout.history)
    decided.history_asked = layout.history is not None or NO_HISTORY in text
    decided.office, decided.sop = str(data.get("office", "")), str(data.get("sop", ""))
    decided.sheets = {name: _names(given) for name, given in data.get("sheets", {}).items()}
    decided.steps = {int(number): _parts(given) for number, given in data.get("steps", {}).items()}
    decided.patterns = dict(data.get("patterns", {}))
    decided.values = dict(_values(data.get("values", {})))
    plans = {plan.name: plan for plan in SHEETS}
    for sheet, fields in layout.headers.items():
        for header, name in fields.items():
            decided.decide(plans[sheet], header, plans[sheet].column(name).header)
    for sheet, pairs in layout.shared.items():
        headers = {plans[sheet].column(own).header: plans[sheet].column(first).header for own, first in pairs.items()}
        decided.shared[sheet] = headers
    for sheet, left_out in layout.absent.items():
        decided.absent[sheet] = [column.header for column in plans[sheet].columns if column.field in left_out]
    for sheet, header in unused_marks(text):
        if sheet in plans:
            decided.decide(plans[sheet], header, None)
    return decided


def _names(given: Any) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(map(str, given))


def _parts(given: Any) -> dict[str, str]:
    return {"Selesai": given} if isinstance(given, str) else {str(part): str(text) for part, text in given.items()}


def _values(data: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """Each column with its words; `Langkah.Hasil` without quotes is a table in a table."""
    for name, given in data.items():
        if given and all(isinstance(value, dict) for value in given.values()):
            yield from ((f"{name}.{header}", dict(words)) for header, words in given.items())
        else:
            yield name, dict(given)


def unused_marks(text: str) -> Iterator[tuple[str, str]]:
    """Canonical sheet and header of each column that is marked as not used."""
    sheet = ""
    for line in text.splitlines():
        if section := _SECTION.fullmatch(line.strip()):
            sheet = section[1].partition(".")[2].strip().strip('"')
        elif line.startswith(UNUSED) and (quoted := _STRING.match(line.removeprefix(UNUSED))):
            yield sheet, quoted[1].replace('\\"', '"').replace("\\\\", "\\")
