"""The example register: an invented office's year with about 150 cases, and faults planted one by one.

`python -m tests.example` writes registers/register-contoh.xlsx, which `sopkit init --example` copies. Nobody in it is
real but the signers whom sheet SOP repeats from the SOP. Chance is a seeded generator of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from sopkit.newbook.create import WorkbookContent
from sopkit.newbook.formula import HEADER_ROW
from sopkit.ooxml import address
from sopkit.register.default_calendar import calendar_rows, hours_rows
from sopkit.register.schema import DISPOSALS, EVENTS, HOURS, PEOPLE, REGISTER, SheetPlan
from sopkit.sop.model import Sop

from .faults import plant_faults
from .year import DOMAIN, NOW, YEAR, Row, Year, ordinary_year

Planted = tuple[str, str, str]
"""Code, sheet, cell."""


def example_content(sop: Sop) -> tuple[WorkbookContent, tuple[Planted, ...]]:
    """The year's rows, and where each fault was planted: (code, sheet, cell), ordered by sheet and code."""
    year = ordinary_year(sop)
    plant_faults(year)
    return _laid_out(year)


def _laid_out(year: Year) -> tuple[WorkbookContent, tuple[Planted, ...]]:
    cases = [case.row for case in year.cases]
    events = sorted(
        (event for case in year.cases for event in case.events),
        key=lambda event: (_when(event), event.get("order", 0), str(event["case"])),
    )
    for event in events:
        step = event["step"]
        event["step"] = f"{step}. {year.sop.step(step).activity}" if isinstance(step, int) else step
    fields = [column.field for column in HOURS.columns]
    hours = [dict(zip(fields, row, strict=True)) for row in hours_rows([YEAR, YEAR + 1])]
    hours.append(dict(hours[3]))
    mail = [
        {"document": "PTPP", "to": "Penanggung Jawab", "cc": "Sekcam"},
        {"document": "BA Pemusnahan", "to": "Camat", "cc": "Sekcam"},
        {"document": "Daftar PTPP", "to": "Sekcam", "cc": "Camat"},
        {"document": "Laporan", "to": "Sekcam", "cc": "Camat"},
        {"document": "Pengingat", "to": "Penanggung Jawab"},
    ]
    content = WorkbookContent(
        cases=cases,
        events=events,
        disposals=year.disposals,
        people=year.people,
        office={"Domain Surel": DOMAIN, "Waktu Acuan": f"{NOW:%Y-%m-%d %H:%M}"},
        calendar=_calendar_rows(year),
        hours=hours,
        mail=mail,
        extra={REGISTER.name: ("No. Agenda",)},
        hidden={EVENTS.name: (HIDDEN, HIDDEN + 1)},
        merged={HOURS.name: (f"H{HEADER_ROW + 1}:H{HEADER_ROW + 2}",)},
        sop_cells={SOP_CELL: "30 menit"},
    )
    tables = {REGISTER.name: cases, EVENTS.name: events, DISPOSALS.name: year.disposals, PEOPLE.name: year.people}
    planted = [(code, plan.name, _cell(plan, tables[plan.name], row, name)) for code, plan, row, name in year.marks]
    planted += [
        ("B06", HOURS.name, f"H{HEADER_ROW + 1}"),
        ("B07", EVENTS.name, f"A{HEADER_ROW + 1 + HIDDEN}"),
        ("B08", REGISTER.name, f"{address.letter(len(REGISTER.columns) + 1)}{HEADER_ROW}"),
        ("B09", "SOP", SOP_CELL),
        ("B10", "Kalender", f"A{HEADER_ROW}"),
        ("B11", HOURS.name, f"A{HEADER_ROW + len(hours)}"),
    ]
    return content, tuple(sorted(planted, key=lambda found: (found[1], found[0], found[2])))


HIDDEN = 402
SOP_CELL = f"E{HEADER_ROW + 7}"


def _when(event: Mapping[str, Any]) -> dt.datetime:
    """Where a row stands in Langkah: by the moment at which it was meant to be written."""
    moment = event.get("written") or event["start"]
    return moment if isinstance(moment, dt.datetime) else NOW


def _cell(plan: SheetPlan, rows: Iterable[Row], row: Row, name: str) -> str:
    place = next(place for place, other in enumerate(rows) if other is row)
    letter = address.letter([column.field for column in plan.columns].index(name) + 1)
    return f"{letter}{HEADER_ROW + 1 + place}"


def _calendar_rows(year: Year) -> list[Row]:
    rows = [dict(zip(("date", "kind", "remark", "basis"), row, strict=True)) for row in calendar_rows([YEAR, YEAR + 1])]
    return rows + year.calendar_extra
