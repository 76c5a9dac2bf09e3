"""What a form of Microsoft or Google wrote is read as rows of Register."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from workbooks import PEGAWAI, write_workbook

from sopkit.checks.inspection import inspect_register
from sopkit.register.layout import parse_layout
from sopkit.register.read import read_register
from sopkit.register.tables import Register
from sopkit.sop.model import load_sop

MICROSOFT = ["ID", "Start time", "Completion time", "Email", "Name", "Jenis Layanan", "Uraian Ketidaksesuaian"]
GOOGLE = ["Timestamp", "Email Address", "Jenis Layanan", "Uraian Ketidaksesuaian", "Nama Pelapor"]
INDONESIAN = ["Stempel waktu", "Alamat Email", *GOOGLE[2:]]


def _read(folder: Path, header: list[str], found_at: str, stamps: list[object]) -> Register:
    place = header.index(found_at)
    rows = [[stamp if at in (place, place - 1) and "ime" in name else "x" for at, name in enumerate(header)]
            for stamp in stamps]  # fmt: skip
    for row, stamp in zip(rows, stamps, strict=True):
        row[place] = stamp
    path = write_workbook(folder / "r.xlsx", {"Form1": [header, *rows], "Pegawai": PEGAWAI})
    text = f'[sheets]\nRegister = "Form1"\n[headers.Register]\n"{found_at}" = "Tanggal Ditemukan"\n'
    return read_register(path, parse_layout(text, path.with_name("x.toml")))


def _days(register: Register) -> list[str]:
    return [str(moment)[:10] for moment in register.cases.data["found_at"]]


@pytest.mark.parametrize(
    ("header", "column", "stamps", "days"),
    [
        (MICROSOFT, "Completion time", ["1/5/26 8:10:22", "1/13/26 9:07:10"], ["2026-01-05", "2026-01-13"]),
        (MICROSOFT, "Completion time", ["1/5/2026 8:10:22 AM"], ["2026-01-05"]),
        (MICROSOFT, "Completion time", ["10/1/2026 8:10", "10/2/2026 8:10", "11/1/2026 8:10"],
         ["2026-10-01", "2026-10-02", "2026-11-01"]),
        (MICROSOFT, "Completion time", ["13/1/2026 8:10", "14/1/2026 8:10"], ["2026-01-13", "2026-01-14"]),
        (MICROSOFT, "Completion time", ["10/1/2026 8:10", "2/2/2026 8:10", "3/2/2026 8:10"],
         ["2026-01-10", "2026-02-02", "2026-02-03"]),
        (GOOGLE, "Timestamp", ["1/5/2026 8:01:22", "2/5/2026 8:01:22"], ["2026-01-05", "2026-02-05"]),
        (INDONESIAN, "Stempel waktu", ["05/01/2026 8:01:22", "06/01/2026 8.01.22"], ["2026-01-05", "2026-01-06"]),
        (MICROSOFT, "Completion time", [dt.datetime(2026, 5, 1, 8), "1/5/26 8:10"], ["2026-05-01", "2026-01-05"]),
        (GOOGLE, "Timestamp", [dt.datetime(2026, 5, 1, 8)], ["2026-05-01"]),
    ],
)  # fmt: skip
def test_stamps_are_moments(
    tmp_path: Path, header: list[str], column: str, stamps: list[object], days: list[str]
) -> None:
    register = _read(tmp_path, header, column, stamps)
    assert _days(register) == days
    assert all(reading.field != "found_at" for reading in register.cases.readings)


def test_what_is_no_stamp_stays_what_it_was(tmp_path: Path) -> None:
    register = _read(tmp_path, MICROSOFT, "Completion time", ["1/5/26 8:10:22", "kemarin"])
    assert [reading.kind for reading in register.cases.readings if reading.field == "found_at"][-1] == "unreadable"


def test_the_staff_s_own_dates_are_read_by_their_habit(tmp_path: Path) -> None:
    """A column of that name on a sheet that no form made is as any other."""
    register = _read(tmp_path, ["No. Catatan", "Jenis Layanan", "Timestamp"], "Timestamp", ["05/01/2026 08:00"])
    assert _days(register) == ["2026-01-05"]
    assert not [f for f in inspect_register(register, load_sop()).findings if f.code in ("D02", "D06")]
