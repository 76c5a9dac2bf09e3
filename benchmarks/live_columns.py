"""What the live columns of a register cost when LibreOffice reckons them all, and how that grows with the register.

    uv run python benchmarks/live_columns.py [CASES]

CPU seconds of LibreOffice, in one run, to open, reckon and write CASES and four times as many. Rows stand in the order
of time; one case in twelve is rejected once, one in twelve has a row twice, every second is destroyed weeks later. Four
times the cases should cost about four times as much; every row must have its verdict, or the run ends.
"""

from __future__ import annotations

import datetime as dt
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from sopkit.newbook.create import WorkbookContent, build_workbook
from sopkit.newbook.formula import HEADER_ROW
from sopkit.sop.model import load_sop

RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item></oor:items>"""


def content(count: int) -> WorkbookContent:
    """A year of `count` cases, in the order of time."""
    cases: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for place in range(count):
        moment = dt.datetime(2026, 1, 2, 8) + dt.timedelta(minutes=place * 330 * 1440 // count)
        number = f"{place + 1:04d}/CLTS/I/2026"
        cases.append(
            {
                "number": number,
                "found_at": moment,
                "service": "Legalisasi Surat",
                "status": "Selesai" if place % 3 else "Proses",
            }
        )
        order = [1, 2, 3, 5, 6, 7, 8, 9, *((7, 8, 9) if place % 12 == 0 else ()), *((8,) if place % 12 == 6 else ())]
        for turn, step in enumerate([*order, *((10,) if place % 2 else ())]):
            moment += dt.timedelta(days=25) if step == 10 else dt.timedelta(hours=3 + turn % 4)
            events.append({
                "case": number, "step": step, "actor": "Uji", "start": moment, "end": moment + dt.timedelta(minutes=16),
                "outcome": ("Ditolak" if turn == 7 and place % 12 == 0 else "Disetujui") if step == 9 else None,
            })  # fmt: skip
    events.sort(key=lambda event: event["start"])
    return WorkbookContent(cases=cases, events=events, office={"Waktu Acuan": "2026-12-31 10:00"})


def reckoned(office: str, path: Path, folder: Path) -> float:
    """CPU seconds that LibreOffice takes to open the workbook, reckon all of it and write it to `folder`."""
    profile = folder / "profil" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(RECALCULATE, encoding="utf-8")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [office, "--headless", f"-env:UserInstallation={profile.parent.as_uri()}", "--convert-to", "xlsx"]
    subprocess.run([*command, "--outdir", str(folder), str(path)], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def check(path: Path, cases: int) -> None:
    """The verdicts are there, and not all alike."""
    book = CalamineWorkbook.from_path(path)
    for sheet, header in (("Register", "Pantauan"), ("Langkah", "Pantauan Urutan")):
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        place = rows[HEADER_ROW - 1].index(header)
        said = [row[place] for row in rows[HEADER_ROW:] if row[0]]
        if len(said) < cases or not all(said) or len(set(said)) < 2:
            raise SystemExit(f"{sheet}: {header} is not reckoned")


def main() -> None:
    office = shutil.which("soffice")
    if office is None:
        raise SystemExit("LibreOffice (soffice) is needed.")
    smaller = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    costs = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for cases in (smaller, 4 * smaller):
            path = folder / f"{cases}.xlsx"
            path.write_bytes(build_workbook(load_sop(), 2026, content(cases)))
            costs.append(reckoned(office, path, folder / str(cases)))
            check(folder / str(cases) / path.name, cases)
            print(f"{cases:6} cases: {costs[-1]:5.1f} s CPU")
    print(f"four times the cases cost {costs[1] / costs[0]:.1f} times as much")


if __name__ == "__main__":
    main()
