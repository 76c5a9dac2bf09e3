"""The live columns reckon as Python does: LibreOffice recalculates the workbook, and both say the same of every row."""

from __future__ import annotations

import datetime as dt
import random
import subprocess
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from python_calamine import CalamineWorkbook
from sopkit.register.example_year import NOW, YEAR

from sopkit.checks.inspection import Inspected, inspect_register
from sopkit.language import ROMAN_MONTHS
from sopkit.newbook.create import WorkbookContent, build_workbook
from sopkit.newbook.formula import HEADER_ROW
from sopkit.newbook.init_office import EXAMPLE_NAME
from sopkit.register import live_cases
from sopkit.register.read import read_register
from sopkit.sop.model import Sop, load_sop
from sopkit.workcalendar import WorkCalendar

EXAMPLE = Path(__file__).parent.parent / "registers" / EXAMPLE_NAME
RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item></oor:items>"""
MEANINGS = ("same-time", "Jam Pulang ", "7,5 jam")
GENERATED = 204
SHORT = "enam langkah"
TIME = {"Terlambat": "W02", "Lewat": "W03", "Hampir": "W04", "Selesai mendahului": "W01", "Mulai belum": "U09"}
ORDER = {
    "Mulai sebelum": "U02", "Ada langkah": "U01", "Selesai belum": "U08", "Diulang": "U04", "Belum kembali": "U05",
    "Tidak ada": "U03", "Belum ada": "U06", "Dipisahkan": "U10",
}  # fmt: skip
LASTING = dt.timedelta(minutes=9)
EPOCH = dt.datetime(1899, 12, 30)


@dataclass
class Pair:
    """The same workbook as Python judges it and as LibreOffice shows it: rows of a sheet by Excel row number."""

    inspected: Inspected
    shown: Mapping[str, Mapping[int, Mapping[str, Any]]]

    def codes(self, sheet: str, row: int) -> set[str]:
        return {found.code for found in self.inspected.findings if (found.sheet, found.row) == (sheet, row)}


@pytest.fixture(scope="module")
def sop() -> Sop:
    return load_sop()


@pytest.fixture(scope="module")
def pairs(libreoffice: str, sop: Sop, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Pair]:
    folder = tmp_path_factory.mktemp("hidup")
    short = replace(sop, steps=tuple(step for step in sop.steps if step.number in (1, 2, 5, 7, 9, 10)))
    books = {name: build_workbook(sop, YEAR, _generated(sop, name)) for name in MEANINGS}
    with pytest.MonkeyPatch.context() as patch:  # so that few rows are enough for a case's to stand far apart
        patch.setattr(live_cases, "BEFORE", 15)
        patch.setattr(live_cases, "NEAR", 30)
        books[SHORT] = build_workbook(short, YEAR, _content(*_courses(short, 30), "hours:7.5"))
    books["contoh"] = EXAMPLE.read_bytes()
    paths = {name: folder / f"{name.strip()}.xlsx" for name in books}
    for name, book in books.items():
        paths[name].write_bytes(book)
    _recalculate(libreoffice, folder, list(paths.values()))
    return {name: _pair(short if name == SHORT else sop, path, folder) for name, path in paths.items()}


def _recalculate(libreoffice: str, folder: Path, paths: Sequence[Path]) -> None:
    profile = folder / "profil" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(RECALCULATE, encoding="utf-8")
    subprocess.run(
        [libreoffice, "--headless", f"-env:UserInstallation={profile.parent.as_uri()}", "--convert-to", "xlsx",
         "--outdir", str(folder / "hasil"), *map(str, paths)],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip


def _pair(sop: Sop, path: Path, folder: Path) -> Pair:
    book = CalamineWorkbook.from_path(str(folder / "hasil" / path.name))
    shown = {}
    for name in ("Register", "Langkah"):
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        header = rows[HEADER_ROW - 1]
        shown[name] = {
            number: dict(zip(header, row, strict=True))
            for number, row in enumerate(rows[HEADER_ROW:], start=HEADER_ROW + 1)
            if row[0]
        }
    return Pair(inspect_register(read_register(path), sop), shown)


def _generated(sop: Sop, meaning: str) -> WorkbookContent:
    """One step per case, begun and ended at every kind of moment: holiday, weekend, lunch, Friday, Ramadan, evening."""
    chance = random.Random(f"hidup {meaning}")
    days = [
        dt.date(2026, 2, 20), dt.date(2026, 2, 27), dt.date(2026, 3, 18), dt.date(2026, 3, 19), dt.date(2026, 3, 3),
        dt.date(2026, 8, 14), dt.date(2026, 8, 17), dt.date(2026, 8, 15), dt.date(2026, 5, 8), dt.date(2026, 5, 9),
        dt.date(2026, 6, 30), dt.date(2026, 7, 3), dt.date(2026, 1, 2), dt.date(2026, 10, 22),
    ]  # fmt: skip
    clocks = [
        (7, 30),
        (11, 30),
        (11, 45),
        (12, 0),
        (12, 20),
        (13, 0),
        (15, 15),
        (16, 0),
        (16, 20),
        (16, 30),
        (6, 50),
        (19, 5),
    ]
    cases, events = [], []
    for place in range(GENERATED if meaning == MEANINGS[0] else 40):
        step = sop.steps[place % len(sop.steps)]
        start = dt.datetime.combine(
            days[place % len(days)], dt.time(*clocks[(place // len(days) + place) % len(clocks)])
        )
        if chance.random() < 0.5:
            start += dt.timedelta(minutes=chance.randint(0, 59))
        end: dt.datetime | None = start + dt.timedelta(
            minutes=chance.choice((10, 15, 16, 60, 61, 480, 1440, 1441, 4320))
        )
        if place % 12 == 5:
            start, end = NOW - dt.timedelta(minutes=chance.choice((5, 16, 55, 1400, 1441, 2900))), None
        number = f"{place + 1:03d}/CLTS/{ROMAN_MONTHS[start.month - 1]}/2026"
        cases.append(_case(number, start))
        events.append(
            {"case": number, "step": f"{step.number}. {step.activity}", "actor": "Uji", "start": start, "end": end}
        )
    if meaning == MEANINGS[0]:
        for added, more in zip((cases, events), _courses(sop, 60), strict=True):
            added += more
    return _content(cases, events, meaning)


def _case(number: str, start: dt.datetime) -> dict[str, Any]:
    return {
        "number": number, "found_at": start, "service": "Legalisasi Surat", "description": "Cap tidak terbaca jelas",
        "found_by": "Uji", "status": "Proses",
    }  # fmt: skip


def _content(cases: list[dict[str, Any]], events: list[dict[str, Any]], meaning: str) -> WorkbookContent:
    people = [{"name": "Uji", "position": "Pengolah", "role": "Staf", "active": "Ya"}]
    office = {"Waktu Acuan": f"{NOW:%Y-%m-%d %H:%M}", "Arti Satu Hari": meaning}
    return WorkbookContent(cases=cases, events=events, people=people, office=office)


def _courses(sop: Sop, count: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
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
        rows: list[dict[str, Any]] = []
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


def _spoil(chance: random.Random, kind: int, rows: list[dict[str, Any]]) -> None:
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
    elif kind == 7:
        rows.append({**victim})
    elif kind == 8 and seen[-2:] == [9, 10] and seen.count(9) == 1:
        rows[-1]["start"] = rows[-2]["start"] + dt.timedelta(minutes=1)


def _serial(moment: Any) -> float:
    """What LibreOffice stored, as days since Excel's epoch."""
    return (moment - EPOCH) / dt.timedelta(days=1) if isinstance(moment, dt.datetime) else float(moment)


@pytest.mark.parametrize("name", ["contoh", *MEANINGS])
def test_deadlines_and_working_time_are_those_of_the_work_calendar(
    pairs: Mapping[str, Pair], sop: Sop, name: str
) -> None:
    pair = pairs[name]
    events = pair.inspected.executions.frame
    calendar: WorkCalendar = pair.inspected.calendar
    compared = 0
    for row, event in events.dropna(subset=["start"]).iterrows():
        shown = pair.shown["Langkah"][int(str(row))]
        if not isinstance(shown["Mulai"], dt.datetime):
            continue
        deadline = event["deadline"].to_pydatetime()
        assert abs(_serial(shown["Batas Waktu"]) - _serial(deadline)) < 1 / 86400, (row, shown)
        end = event["end"].to_pydatetime() if event["end"] == event["end"] else NOW
        if not shown["Pantauan Waktu"].startswith("Selesai mendahului"):
            taken = float(calendar.elapsed(np.datetime64(event["start"]), np.datetime64(end))) / 86400
            lasted = shown["Lama Kerja"]
            lasted = lasted / dt.timedelta(days=1) if isinstance(lasted, dt.timedelta) else _clock_share(lasted)
            assert abs(lasted - taken) < 1 / 86400, (row, shown)
        compared += 1
    assert compared >= (1200 if name == "contoh" else GENERATED if name == MEANINGS[0] else 40)


def _clock_share(value: Any) -> float:
    """A duration under a day comes back as a clock time."""
    if isinstance(value, dt.time):
        return (value.hour * 3600 + value.minute * 60 + value.second) / 86400
    return _serial(value)


@pytest.mark.parametrize("name", ["contoh", SHORT, *MEANINGS])
def test_every_row_of_langkah_gets_the_verdict_of_the_rules(pairs: Mapping[str, Pair], name: str) -> None:
    pair = pairs[name]
    differing = []
    seen: Counter[str] = Counter()
    for row, shown in pair.shown["Langkah"].items():
        said = {code for start, code in TIME.items() if shown["Pantauan Waktu"].startswith(start)}
        said |= {code for start, code in ORDER.items() if shown["Pantauan Urutan"].startswith(start)}
        said |= {"W05"} if shown["h.luar"] else set()
        judged = pair.codes("Langkah", row) & {*TIME.values(), *ORDER.values(), "W05"}
        seen.update(said)
        if said != judged:
            differing.append((row, shown["No. Catatan"], shown["Langkah"], said, judged))
    assert not differing
    wanted = {
        "contoh": {*TIME.values(), *ORDER.values(), "W05"},
        "same-time": {"U01", "U02", "U04", "U05", "U08", "U10", "W02", "W03", "W05"},
        SHORT: {"U01", "U02", "U04", "U05", "U08", "W02"},
    }.get(name, {"U01", "W02", "W05"})  # fmt: skip
    assert wanted <= set(seen)


def test_what_a_case_lacks_is_what_the_rules_miss(pairs: Mapping[str, Pair]) -> None:
    pair = pairs["contoh"]
    missed: dict[int, set[str]] = defaultdict(set)
    for found in pair.inspected.findings:
        if found.sheet == "Register" and found.code in ("D01", "K01", "K02", "K06", "K08", "K14", "K15", "K16"):
            missed[found.row or 0].add(found.column)
    for row, shown in pair.shown["Register"].items():
        listed = {text for text in shown["Belum Lengkap"].split("; ") if text}
        listed -= {"Target Selesai"} if "K11" in pair.codes("Register", row) else set()
        assert listed == missed[row], (row, shown["No. Catatan"])


def test_ringkasan_counts_what_the_register_holds(pairs: Mapping[str, Pair]) -> None:
    pair = pairs["contoh"]
    shown = pair.shown["Register"].values()
    late = {found.case for found in pair.inspected.findings if found.code in ("W03", "W09")}
    assert {row["No. Catatan"] for row in shown if row["Pantauan"] in ("Terlambat", "Target terlewati")} == late
    near = {found.case for found in pair.inspected.findings if found.code == "W04"}
    assert {row["No. Catatan"] for row in shown if row["Pantauan"] == "Hampir lewat batas"} == near
