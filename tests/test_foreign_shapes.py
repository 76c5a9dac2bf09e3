"""Registers in the shapes that offices give them: read with the layout that says what their columns are."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from layouts import proposed
from workbooks import PEGAWAI, write_workbook

from sopkit.checks.inspection import Inspected, inspect_register
from sopkit.errors import SopkitError
from sopkit.excel.preflight import preflight
from sopkit.register.headers import find_titles
from sopkit.register.layout import parse_layout
from sopkit.register.read import read_bytes, read_register
from sopkit.register.sheets import read_sheets
from sopkit.register.step_names import steps_of
from sopkit.register.tables import Register
from sopkit.sop.model import load_sop

CASES = Path(__file__).parent / "cases"
SOP = load_sop()
STEPS = ("Identifikasi", "Evaluasi", "Konsultasi Camat", "Keputusan", "Pemisahan", "Perbaikan", "Minta Persetujuan",
         "Persetujuan", "Pemusnahan")  # fmt: skip
NUMBERS = [step.number for step in SOP.steps]


def _read(path: Path, text: str) -> Register:
    return read_register(path, parse_layout(text, path.with_name("x.toml")))


def _found(register: Register) -> list[str]:
    inspected: Inspected = inspect_register(register, SOP, dt.datetime(2026, 11, 20, 10))
    return [f"{one.code} {one.sheet}!{one.cell}" for one in inspected.findings]


def _texts(path: Path, sheet: str) -> tuple[int, int, list[str]]:
    data = read_bytes(path)
    grid = read_sheets(path.name, data, preflight(path.name, data))[sheet]
    titled = find_titles(grid)
    assert titled
    return grid.first_row + titled.place, titled.depth, [text for _, text, _ in titled.titles]


@pytest.mark.parametrize(
    ("name", "sheet", "row", "depth", "first", "last"),
    [
        ("a_log_ptpp", "LOG 2024", 3, 1, "No", "Ket"),
        ("c_daftar_lts", "2025", 3, 1, "No.", "Keterangan"),
        ("d_wide_named_steps", "Kendali", 4, 2, "No", "Ket"),
        ("title_wider", "Register", 2, 1, "No. Catatan", "Ditemukan Oleh"),
        ("numrow", "Register", 1, 1, "No. Catatan", "Ditemukan Oleh"),
    ],
)
def test_the_headers_of_registers_as_offices_keep_them(
    name: str, sheet: str, row: int, depth: int, first: str, last: str
) -> None:
    found = _texts(CASES / f"{name}.xlsx", sheet)
    assert (found[0], found[1], found[2][0], found[2][-1]) == (row, depth, first, last)


@pytest.mark.parametrize("rows", ["[header_rows]\nRegister = 2\n", ""])
def test_a_column_per_step_below_a_merged_group(rows: str) -> None:
    path = CASES / "d_wide_named_steps.xlsx"
    steps = steps_of(_texts(path, "Kendali")[2], SOP)
    assert steps == {n: {"end": f"Tanggal Selesai {name}"} for n, name in zip(NUMBERS, STEPS, strict=True)}
    lines = "".join(f'{number} = "{step["end"]}"\n' for number, step in steps.items())
    names = '[headers.Register]\n"Uraian Masalah" = "Uraian Ketidaksesuaian"\nPencatat = "Ditemukan Oleh"\n'
    register = _read(path, f'layout = "wide"\n[sheets]\nRegister = "Kendali"\n{rows}{names}[steps]\n{lines}')
    assert len(register.events.data) == 8 * len(register.cases.data) == 80
    assert register.cases.data.index[0] == 6 and register.events.cell(1, "end") == "G6"
    assert [one for one in _found(register) if one[:3] in ("B02", "B51", "B06")] == ["B51 Kendali!A5"]


PARTS = {"end": ("Selesai",), "start end": ("Mulai", "Selesai"), "start end actor": ("Mulai", "Selesai", "Petugas")}
GROUPS = ("1. Identifikasi", "2. Evaluasi", "3. Konsultasi", "4. Keputusan")


def _kept(folder: Path, fields: str, merged: bool) -> Path:
    """Three cases of four steps, the parts of a step below its group."""
    parts = PARTS[fields]
    path = folder / "r.xlsx"
    book = xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy hh:mm"})
    sheet = book.add_worksheet("Kendali")
    sheet.merge_range(0, 0, 0, 20, "KARTU KENDALI TAHUN 2026")
    width = 3 + len(GROUPS) * len(parts)
    for at, text in {0: "No. Catatan", 1: "Tanggal Ditemukan", width - 1: "Ket"}.items():
        sheet.merge_range(1, at, 2, at, text) if merged else sheet.write(1, at, text)
    for number, group in enumerate(GROUPS):
        first = 2 + number * len(parts)
        sheet.merge_range(1, first, 1, first + len(parts) - 1, group) if merged else sheet.write(1, first, group)
        sheet.write_row(2, first, parts)
    for case in range(3):
        day = dt.datetime(2026, 1, 5 + case)
        row: list[Any] = [f"{case + 1:03d}/CLTS/I/2026", day.replace(hour=8)]
        for hour in range(8, 12):
            known = {"Mulai": day.replace(hour=hour, minute=10), "Selesai": day.replace(hour=hour, minute=20)}
            row += [known.get(part, "Budi") for part in parts]
        for at, value in enumerate([*row, "beres"]):
            sheet.write(3 + case, at, value)
    book.close()
    return path


@pytest.mark.parametrize("fields", ["start end", "start end actor"])
@pytest.mark.parametrize("merged", [True, False])
def test_a_group_per_step(tmp_path: Path, fields: str, merged: bool) -> None:
    path = _kept(tmp_path, fields, merged)
    row, depth, texts = _texts(path, "Kendali")
    assert (row, depth) == (3, 2)
    steps = steps_of(texts, SOP)
    assert list(steps) == [1, 2, 3, 5]  # the office counts its columns, not the SOP's steps
    assert [" ".join(step) for step in steps.values()] == [fields] * 4
    lines = "".join(f"{n} = {{ {', '.join(f'{f} = {t!r}' for f, t in step.items())} }}\n" for n, step in steps.items())
    register = _read(path, f'layout = "wide"\n[sheets]\nRegister = "Kendali"\n[headers.Register]\nKet = "Keterangan"\n'
                           f"[steps]\n{lines}")  # fmt: skip
    events = register.events.data
    assert events["step"].tolist() == [1, 2, 3, 5] * 3
    assert [moment.minute for moment in events["start"]] == [10] * 12 and not events["end"].isna().any()
    assert events["actor"].notna().all() == ("actor" in fields)
    assert register.cases.data["remark"].tolist() == ["beres"] * 3


def test_finish_alone_begins_where_the_step_before_ended(tmp_path: Path) -> None:
    head = ["No. Catatan", "Tanggal Ditemukan", "Tgl Identifikasi", "Tgl Evaluasi", "Tgl Konsultasi"]
    moments = [dt.datetime(2026, 1, 5, hour) for hour in (8, 9, 10, 11)]
    path = write_workbook(tmp_path / "r.xlsx", {"Buku": [head, ["001/CLTS/I/2026", *moments]], "Pegawai": PEGAWAI})
    steps = steps_of(head, SOP, dated=head[1:])
    assert steps == {1: {"end": head[2]}, 2: {"end": head[3]}, 3: {"end": head[4]}}
    lines = "".join(f'{n} = "{step["end"]}"\n' for n, step in steps.items())
    events = _read(path, f'layout = "wide"\n[sheets]\nRegister = "Buku"\n[steps]\n{lines}').events.data
    assert events["start"].tolist() == moments[:3] and events["end"].tolist() == moments[1:]


YEAR = (
    "No | Tanggal | Pelayanan | Masalah | Penemu | Status\n"
    "1 | 2025-02-03 08:00 | KTP | Nama salah cetak | Budi | Selesai"
)
OWN = """[headers.Register]
No = "No. Catatan"
Tanggal = "Tanggal Ditemukan"
Pelayanan = "Jenis Layanan"
Masalah = "Uraian Ketidaksesuaian"
"""


def test_another_year_s_sheet_of_a_foreign_register_is_told_with_the_line_to_write(tmp_path: Path) -> None:
    sheets = {"2026": YEAR, "2024": YEAR, "2025": YEAR, "Daftar Pegawai": "No | Nama\n1 | Budi", "Pegawai": PEGAWAI}
    path = write_workbook(tmp_path / "r.xlsx", sheets)
    register = _read(path, f'[sheets]\nRegister = "2026"\n{OWN}')
    told = [one for one in inspect_register(register, SOP).findings if one.code == "B52"]
    assert [(one.sheet, one.cell) for one in told] == [("2024", "A1"), ("2025", "A1")]
    assert all('Register = ["2026", "2024", "2025"]' in one.fix and "r.sopkit.toml" in one.fix for one in told)
    both = _read(path, f'[sheets]\nRegister = ["2024", "2025", "2026"]\n{OWN}')
    assert len(both.cases.data) == 3 and "B52" not in {one[:3] for one in _found(both)}


def test_a_layout_of_columns_that_stand_nowhere_is_a_misfit_and_no_crash(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "r.xlsx", {"Data": [["apa", "itu"], [1, 2]], "Pegawai": PEGAWAI})
    with pytest.raises(SopkitError, match="'X' yang tidak ada di lembar Data"):
        _read(path, 'layout = "wide"\n[sheets]\nRegister = "Data"\n[steps]\n1 = "X"\n')


def test_numbers_with_letters_of_four_are_no_years(tmp_path: Path) -> None:
    rows = [["No. Catatan", "Uraian Masalah"], *([f"{n:03d}/acdd/x", "Nama salah"] for n in range(1, 6))]
    path = write_workbook(tmp_path / "r.xlsx", {"Register": rows})
    assert "Register" in proposed(path)
