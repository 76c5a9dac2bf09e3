"""Registers for the tests of the live columns: all kinds of moments, courses with a fault each, the rules' fixtures."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import workbooks
from example.year import NOW
from frozen_sop import SOP
from rule_fixtures import FIXTURES, Fixture, Register, Table, changed, findings_of, inspect_tables

from sopkit.checks.catalogue import Finding
from sopkit.language import ROMAN_MONTHS
from sopkit.newbook.create import ErrorCell, WorkbookContent, office_settings
from sopkit.newbook.formula import FIRST
from sopkit.register.schema import DISPOSALS, EVENTS, REGISTER, Kind
from sopkit.sop.model import Sop

LASTING = dt.timedelta(minutes=9)
DAYS = [
    dt.date(2026, 2, 20), dt.date(2026, 2, 27), dt.date(2026, 3, 18), dt.date(2026, 3, 19), dt.date(2026, 3, 3),
    dt.date(2026, 8, 14), dt.date(2026, 8, 17), dt.date(2026, 8, 15), dt.date(2026, 5, 8), dt.date(2026, 5, 9),
    dt.date(2026, 6, 30), dt.date(2026, 7, 3), dt.date(2026, 1, 2), dt.date(2026, 10, 22),
]  # fmt: skip
CLOCKS = [
    (7, 30), (11, 30), (11, 45), (12, 0), (12, 20), (13, 0), (15, 15), (16, 0), (16, 20), (16, 30), (6, 50), (19, 5),
]  # fmt: skip
Rows = list[dict[str, Any]]


def moments(sop: Sop, meaning: str, count: int) -> tuple[Rows, Rows]:
    """One step per case, begun and ended at every kind of moment: holiday, weekend, lunch, Friday, Ramadan, evening."""
    chance = random.Random(f"hidup {meaning}")
    cases, events = [], []
    for place in range(count):
        step = sop.steps[place % len(sop.steps)]
        clock = CLOCKS[(place // len(DAYS) + place) % len(CLOCKS)]
        start = dt.datetime.combine(DAYS[place % len(DAYS)], dt.time(*clock))
        if chance.random() < 0.5:
            start += dt.timedelta(minutes=chance.randint(0, 59))
        lasted = chance.choice((10, 15, 16, 60, 61, 480, 1440, 1441, 4320))
        end: dt.datetime | None = start + dt.timedelta(minutes=lasted)
        if place % 12 == 5:
            start, end = NOW - dt.timedelta(minutes=chance.choice((5, 16, 55, 1400, 1441, 2900))), None
        number = f"{place + 1:03d}/CLTS/{ROMAN_MONTHS[start.month - 1]}/2026"
        cases.append(_case(number, start))
        label = f"{step.number}. {step.activity}"
        events.append({"case": number, "step": label, "actor": "Uji", "start": start, "end": end})
    return cases, events


def courses(sop: Sop, count: int) -> tuple[Rows, Rows]:
    """Whole courses, each with one thing wrong: a step skipped, overtaken, repeated, left open, a rejection ignored.

    Their rows stand in no order.
    """
    chance = random.Random("urutan")
    cases, events = [], []
    numbers = {step.number for step in sop.steps}
    for place in range(count):
        number = f"{place + 401:03d}/CLTS/IX/2026"
        moment = dt.datetime(2026, 9, 1, 7, 30) + dt.timedelta(minutes=chance.randint(0, 400))
        order = [1, 2, 3, 5, 6, 7, 8, 9, *((7, 8, 9) if place % 3 == 0 else ())]
        rows: Rows = []
        for step in filter(numbers.__contains__, order):
            rows.append({"case": number, "step": step, "actor": "Uji", "start": moment, "end": moment + LASTING})
            moment += dt.timedelta(minutes=chance.randint(10, 30))
        next(row for row in rows if row["step"] == 9)["outcome"] = "Ditolak" if place % 3 == 0 else None
        rows[-1]["outcome"] = "Disetujui"
        if place % 4 < 2:
            later = moment + dt.timedelta(days=chance.choice((0, 3, 20)))
            rows.append({"case": number, "step": 10, "actor": "Uji", "start": later, "end": later + LASTING})
        _spoil(chance, place % 10, rows)
        cases.append(_case(number, rows[0]["start"]))
        events += rows
    chance.shuffle(events)
    return cases, events


CHOICES = {
    "": "2. Memeriksa berkas",
    "3 10-25": "2. Memeriksa berkas",
    "3 10-25; 2 20-": "2. Memeriksa berkas (berjalan)",
    "3 10-25; 2 30-45": "5. Memperbaiki (atau langkah 6)",
    "2 10-25; 3 30-45; 4 50-55": "5. Memperbaiki (atau langkah 6)",
    "2 10-25; 3 30-45; 6 50-": "6. Mengganti (berjalan)",
    "2 10-25; 3 30-45; 6 50-55": "7. Menyetujui",
    "2 10-25; 3 30-45; 5 50-55; 7 57-59": "8. Menyampaikan jawaban",
    "3 20-25; 2 10-": "2. Memeriksa berkas (berjalan)",
    "2 10-25; 3 30-; 5 50-55": "7. Menyetujui",
    "2 10-25; 3 30-45; 7 50-55": "5. Memperbaiki (atau langkah 6)",
    "2 10-25; 3 30-45; 5 50-55; 7 57-59; 8 58-59": "–",
}
"""What a case of tests/sop-pilihan.toml has come to after its first step (minutes of an hour), and its next step."""


def choices() -> tuple[Rows, Rows]:
    """A case for each of `CHOICES`."""
    cases, events = [], []
    for place, text in enumerate(CHOICES):
        number, hour = f"{place + 1:03d}/CLTS/XI/2026", dt.datetime(2026, 11, 20, 8)
        cases.append(_case(number, hour))
        for step, begun, _, ended in re.findall(r"(\d+) (\d+)(-)(\d*)", f"1 0-5; {text}"):
            start, end = (hour + dt.timedelta(minutes=int(m)) if m else None for m in (begun, ended))
            outcome = "Disetujui" if step == "7" else None
            events.append({"case": number, "step": int(step), "actor": "Uji", "start": start, "end": end,
                           "outcome": outcome})  # fmt: skip
    return cases, events


def _spoil(chance: random.Random, kind: int, rows: Rows) -> None:
    victim = rows[chance.choice((1, 2, 3, 5, 6) if len(rows) > 7 else (1, 2))]
    seen = [row["step"] for row in rows]
    if kind == 0:
        rows.remove(victim)
    elif kind == 1:
        victim["start"] -= dt.timedelta(minutes=chance.choice((12, 25)))
    elif kind == 2:
        later = dt.timedelta(minutes=4)
        rows.append({**victim, "start": victim["start"] + later, "end": victim["end"] + later})
    elif kind == 3:
        victim["end"] = None
    elif kind == 4 and seen.count(7) == 2:
        del rows[seen.index(9) + 1]
    elif kind == 5 and 6 in seen:
        early = rows[seen.index(6)]
        early["start"], early["end"] = (rows[0]["end"] + dt.timedelta(minutes=m) for m in (1, 6))
    elif kind == 6:
        rows[:] = rows[: chance.randint(1, len(rows))]
        rows[-1]["end"] = None
    elif kind == 7:
        rows.append({**victim})
    elif kind == 8 and seen[-2:] == [9, 10] and seen.count(9) == 1:
        rows[-1]["start"] = rows[-2]["start"] + dt.timedelta(minutes=1)


def _case(number: str, start: dt.datetime) -> dict[str, Any]:
    return {
        "number": number, "found_at": start, "service": "Legalisasi Surat", "description": "Cap tidak terbaca jelas",
        "found_by": "Uji", "status": "Proses",
    }  # fmt: skip


def content(cases: Rows, events: Rows, meaning: str = "") -> WorkbookContent:
    people = [{"name": "Uji", "position": "Pengolah", "role": "Staf", "active": "Ya"}]
    office = {"Waktu Acuan": f"{NOW:%Y-%m-%d %H:%M}", "Arti Satu Hari": meaning}
    return WorkbookContent(cases=cases, events=events, people=people, office=office)


def numbers() -> WorkbookContent:
    """Numbers by patterns of three kinds, in other spellings and of other years, and rows that have none yet."""
    found = dt.datetime(2026, 10, 30, 8)
    given = ("400.10/7/KEC/2026", " 400.10/17/KEC/2026", "400.10/55/KEC/2025", "400.11/66/KEC/2026", "lain/99",
             "400.10/ 18 /KEC/2026", "\u00a0400.10/19/KEC/2026")  # fmt: skip
    cases: Rows = [_case(number, found) for number in given]
    for case, number in zip(cases, ("PTPP-2026-0003", "PTPP-2025-0033", "PTPP-2026-0012"), strict=False):
        case["ptpp_number"] = number
    last_year = {"description": "Cap terbalik", "found_at": dt.datetime(2025, 12, 30, 8)}
    text = {"service": "Legalisasi Surat", "found_at": "30-10-2026"}
    cases += [{"found_at": found}, text, {"found_by": "Uji"}, last_year, {"remark": "nanti"}]
    patterns = {
        "Pola No. Catatan": "400.10/{urut}/KEC/{tahun}", "Pola No. PTPP": "PTPP-{tahun}-{urut:04d}",
        "Pola No. BA": "{urut:02d}.{bulan:02d}.{tahun}",
    }  # fmt: skip
    made = content(cases, [{"actor": "Uji"}])
    disposals = [{"number": "05.01.2026"}, {"number": "06.11.2026"}]
    return replace(made, disposals=disposals, office={**made.office, **patterns})


def unsaid(made: WorkbookContent, year: int) -> WorkbookContent:
    """The same with patterns of which formulas say nothing: one with a month first, and one with a period."""
    own = {**made.office, "Pola No. PTPP": "{bulan_romawi}/{urut}/{tahun}"}
    rows = [{"key": key, "value": value} for key, value in office_settings(SOP, year, own).items()]
    return replace(made, office_rows=[*rows, {"key": "Pola No. BA sejak 1 Juli 2026", "value": "BA {urut}"}])


@dataclass
class Judged:
    """Rows of a workbook and what Python finds in them: sheet -> Excel row -> findings."""

    content: WorkbookContent
    found: Mapping[str, Mapping[int, Sequence[Finding]]]
    titles: Mapping[str, Mapping[int, str]] = field(default_factory=dict)


@dataclass
class _Group:
    """Fixtures of one office, one calendar and one now, to be laid below each other in one workbook."""

    register: Register
    rows: dict[str, Rows] = field(default_factory=lambda: {plan.table: [] for plan in LAID})
    found: dict[str, dict[int, list[Finding]]] = field(default_factory=lambda: {plan.name: {} for plan in LAID})
    titles: dict[str, dict[int, str]] = field(default_factory=lambda: {plan.name: {} for plan in LAID})


LAID = (REGISTER, EVENTS, DISPOSALS)
INVISIBLE = "\\u200b"
"""A character that some programs take for nothing, and others not."""
JUDGED = (
    "U01", "U02", "U03", "U06", "U07", "U08", "U09", "U10", "W01", "W02", "W03", "W04", "W05", "W09", "K01", "K02",
    "K06", "K08", "K14", "K15", "K16", "D01",
)  # fmt: skip
"""The rules that a live column speaks of."""


def fixture_books(folder: Path, dirty: bool, common: Path) -> list[Judged]:
    """The rules' fixtures as workbooks with live columns: each one's own cases, under numbers of its own.

    The first workbook holds those of the usual office and now. `dirty`: every second of these alone, with blanks, NBSP,
    other letters, and moments typed as text (all of them took a minute of the suite's four).
    """
    base = changed(Fixture("base"))
    usual = f"{base.settings} {base.as_of} {base.tables['Kalender']} {base.tables['Jam Kerja']}"
    groups = {usual: _Group(base)}
    for place, fixture in enumerate(FIXTURES):
        register = changed(fixture)
        key = f"{register.settings} {register.as_of} {register.tables['Kalender']} {register.tables['Jam Kerja']}"
        cases = _differing(register, base)
        seen = INVISIBLE not in "".join(fixture.lines) and (not dirty or (key == usual and place % 2 == 0))
        seen &= not register.layout  # of which the sheet knows nothing
        if cases and seen and fixture.code.startswith(JUDGED) and not register.without and register.complete:
            if dirty:
                _soil(register)
                home = folder / f"kotor-{place}"
                home.mkdir(parents=True)
                found = inspect_tables(register, home).findings
            else:
                found = findings_of(fixture, common)
            _lay(groups.setdefault(key, _Group(register)), register, cases, place, found)
    return [Judged(_as_content(group), group.found, group.titles) for group in groups.values()]


def _lay(group: _Group, register: Register, cases: set[str], place: int, found_alone: Sequence[Finding]) -> None:
    """Add the cases that differ from the base register, with what Python finds in this fixture's own workbook."""
    findings: dict[tuple[str, int], list[Finding]] = {}
    for finding in found_alone:
        findings.setdefault((finding.sheet, finding.row or 0), []).append(finding)
    for plan in LAID:
        table = register.tables[plan.name]
        fields = {column.header: column for column in plan.columns}
        for number, row in enumerate(table[1:], start=2):
            if (plan is not DISPOSALS and _key(row[:1]) not in cases) or not any(row):
                continue
            laid = {}
            for header, text in zip(table[0], row, strict=False):
                column = fields.get(header)
                if column is not None:
                    keyed = column.kind in (Kind.KEY, Kind.REFERENCE) and text[:1] not in ("#", "=")
                    own = _marked(text, f"{place}") if keyed else text
                    laid[column.field] = _value(own)
            rows = group.rows[plan.table]
            rows.append(laid)
            group.found[plan.name][FIRST + len(rows) - 1] = findings.get((plan.name, number), [])
            group.titles[plan.name][FIRST + len(rows) - 1] = FIXTURES[place].title


def _value(text: str) -> object:
    formula, _, result = text.partition(" => ")
    if text == workbooks.EMPTY_CELL or (formula.startswith("=") and not result):
        return None
    return ErrorCell(text) if text.startswith("#") else workbooks.value_of(result or text)


def _differing(register: Register, base: Register) -> set[str]:
    """The cases of which a row of Register or Langkah is not that of the base register."""
    found = set()
    for plan in (REGISTER, EVENTS):
        own, usual = ([tuple(_trimmed(row)) for row in r.tables[plan.name][1:]] for r in (register, base))
        if register.tables[plan.name][0] != base.tables[plan.name][0]:
            usual = []
        for row in {*own} ^ {*usual}:
            found.add(_key(row[:1]))
        found |= {_key(row[:1]) for row in own if own.count(row) != usual.count(row)}
    return found


def _trimmed(row: Sequence[str]) -> list[str]:
    cells = list(row)
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _key(cells: Iterable[str]) -> str:
    return "".join(cells).replace("\\u00a0", "").replace("\\u0020", "").strip(" '").casefold()


def _marked(text: str, mark: str) -> str:
    """A document number with the fixture's mark, before what blanks follow it."""
    return re.sub(r"(?i)(\d|[a-z/])((?:\\u00a0|\\u0020|\s)*)$", rf"\g<1>-{mark}\g<2>", text)


def _as_content(group: _Group) -> WorkbookContent:
    register = group.register
    office = {**workbooks.KANTOR, **register.settings}
    if register.as_of:
        office["Waktu Acuan"] = f"{register.as_of:%Y-%m-%d %H:%M}"
    return WorkbookContent(
        cases=group.rows["cases"], events=group.rows["events"], disposals=group.rows["disposals"], office=office,
        calendar=_rows(register.tables["Kalender"], ("date", "kind", "remark", "basis")),
        hours=_rows(register.tables["Jam Kerja"],
                    ("valid_from", "valid_until", "days", "open", "break_start", "break_end", "close", "basis")),
    )  # fmt: skip


def _rows(table: Table, fields: Sequence[str]) -> Rows:
    return [
        {name: workbooks.value_of(text) for name, text in zip(fields, row, strict=False)}
        for row in table[1:]
        if any(row)
    ]


def _soil(register: Register) -> None:
    for plan in (REGISTER, EVENTS):
        table = register.tables[plan.name]
        kinds = {column.header: column.kind for column in plan.columns}
        for number, row in enumerate(table[1:]):
            for place, text in enumerate(row[: len(table[0])]):
                soil = SOILS.get(kinds.get(table[0][place], Kind.TEXT))
                if soil and any(map(str.isalnum, text)) and text[0] not in "#='[\\":
                    row[place] = soil(text, number)
    register.settings = {key: _soiled_setting(key, value) for key, value in register.settings.items()}


def _blanks(text: str, number: int) -> str:
    return (text + "\\u00a0", "\\u0020" + text, text + "\\u0020\\u0020", text)[number % 4]


def _letters(text: str, number: int) -> str:
    return _blanks((text.lower(), text.upper(), text)[number % 3], number)


def _typed_moment(text: str, number: int) -> str:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    if len(text) <= len("2026-11-02"):
        return text
    return f"'{moment:%d-%m-%Y %H:%M}" if number % 2 else f"'{moment:%d/%m/%Y %H.%M}\\u00a0"


def _step(text: str, number: int) -> str:
    return text if not text.isdigit() else (f"'{text}.", f"'{text}. Langkah", f"'\\u0020{text}", text)[number % 4]


def _soiled_setting(key: str, value: str) -> str:
    return value.replace("jam", "JAM").replace(" ", "  ") if key in ("Waktu Peringatan", "Arti Satu Hari") else value


SOILS: Mapping[Kind, Callable[[str, int], str]] = {
    Kind.KEY: _blanks, Kind.REFERENCE: _letters, Kind.CHOICE: _letters, Kind.DATETIME: _typed_moment,
    Kind.STEP: _step,
}  # fmt: skip
