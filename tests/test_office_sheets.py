"""The office's sheets in a workbook of their own, for a register that the office keeps in its own way."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from formula_audit import stated, workbook_faults
from frozen_sop import SOP

from sopkit.folders import OFFICE_BOOK, books_in
from sopkit.newbook.create import build_office_sheets
from sopkit.register.schema import CALENDAR, HOURS, MAIL, OFFICE, PEOPLE, SheetPlan

CASES = Path(__file__).parent / "cases"
OWN = (PEOPLE, OFFICE, CALENDAR, HOURS, MAIL)
STAFF = (
    ("Retno Palupi", "197906182005012007", "Penata (III/c)", "Kasi Pelayanan", "Kasi"),
    ("Slamet Santoso", "197404051999031005", "Pembina (IV/a)", "Sekcam", "Sekcam"),
    ("Kartika Dewi", "197212101996032002", "Pembina (IV/a)", "Camat", "Camat"),
)

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")


def sopkit(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sopkit", *words],
        cwd=folder, capture_output=True, text=True, encoding="utf-8", stdin=subprocess.DEVNULL,
    )  # fmt: skip


def fill_people(book: Path) -> None:
    """As a clerk would: three rows under the headers of Pegawai."""
    opened = openpyxl.load_workbook(book)
    for row, person in enumerate(STAFF, start=5):
        for column, value in enumerate(person, start=1):
            opened["Pegawai"].cell(row, column, value)
    opened.save(book)


@pytest.fixture(scope="module")
def made() -> bytes:
    return build_office_sheets(SOP, 2026)


def test_it_holds_the_sheets_of_the_office_alone(made: bytes) -> None:
    names = openpyxl.load_workbook(io.BytesIO(made)).sheetnames
    assert names == [*(plan.name for plan in OWN), "Daftar", "Petunjuk"]
    assert made == build_office_sheets(SOP, 2026)


@pytest.mark.parametrize("plan", OWN, ids=lambda plan: plan.name)
def test_headers_are_those_of_the_register_workbook_without_live_columns(made: bytes, plan: SheetPlan) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(made))[plan.name]
    assert [cell.value for cell in sheet[4] if cell.value] == [column.header for column in plan.columns]


def test_no_formula_looks_at_a_sheet_that_is_not_there(made: bytes, tmp_path: Path) -> None:
    book = tmp_path / OFFICE_BOOK
    book.write_bytes(made)
    assert not list(workbook_faults(book))
    names = {one.where for one in stated(book) if one.kind == "name"}
    for one in stated(book):
        assert not any(f"{sheet}!" in one.text for sheet in ("Register", "Langkah", "Pemusnahan", "Hitungan", "SOP"))
        if one.kind == "validation" and one.text.startswith("Daftar_"):
            assert any(one.text in name for name in names)


def test_it_leaves_the_number_patterns_and_the_year_to_the_register(made: bytes) -> None:
    rows = openpyxl.load_workbook(io.BytesIO(made))["Kantor"].iter_rows(min_row=5, values_only=True)
    said = {row[0]: row[1] for row in rows}
    assert said["Pola No. PTPP"] is said["Pola No. Catatan"] is said["Tahun Register"] is None
    assert said["Nama Kantor"] == SOP.office.name


def test_holidays_of_the_years_that_a_register_may_reach_back_to(made: bytes) -> None:
    rows = openpyxl.load_workbook(io.BytesIO(made))["Kalender"].iter_rows(min_row=5, max_col=1, values_only=True)
    assert {row[0].year for row in rows if row[0]} >= {2024, 2025, 2026}


def test_nothing_is_overwritten_and_the_name_is_that_of_a_workbook(tmp_path: Path) -> None:
    ran = sopkit(tmp_path, "init", "--office-sheets", OFFICE_BOOK)
    assert ran.returncode == 0 and f"Dibuat: {OFFICE_BOOK}" in ran.stdout and "sopkit adopt" in ran.stdout
    before = (tmp_path / OFFICE_BOOK).read_bytes()
    again = sopkit(tmp_path, "init", "--office-sheets", OFFICE_BOOK)
    assert again.returncode == 3 and "Sudah ada" in again.stderr
    assert (tmp_path / OFFICE_BOOK).read_bytes() == before
    wrong = sopkit(tmp_path, "init", "--office-sheets", "kantor.xls")
    assert wrong.returncode == 2 and ".xlsx" in wrong.stderr
    assert sopkit(tmp_path, "init", "kantor", "--office-sheets", "b.xlsx").returncode == 2
    assert sopkit(tmp_path, "init", "--renew", "a.xlsx", "--office-sheets", "b.xlsx").returncode == 2
    assert not (tmp_path / "b.xlsx").exists()


def test_it_is_no_register_that_run_would_take(tmp_path: Path) -> None:
    (tmp_path / OFFICE_BOOK).write_bytes(b"x")
    (tmp_path / "log.xlsx").write_bytes(b"x")
    assert [path.name for path in books_in(tmp_path)] == ["log.xlsx"]


@pytest.mark.skipif(os.name == "nt", reason="rights of POSIX")
def test_it_is_no_more_open_than_the_register_beside_it(tmp_path: Path) -> None:
    shutil.copy(CASES / "d_wide_named_steps.xlsx", tmp_path / "kartu.xlsx")
    (tmp_path / "kartu.xlsx").chmod(0o600)
    assert sopkit(tmp_path, "init", "--office-sheets", OFFICE_BOOK).returncode == 0
    assert (tmp_path / OFFICE_BOOK).stat().st_mode & 0o077 == 0


def test_adopt_takes_it_and_run_works_with_it(tmp_path: Path) -> None:
    shutil.copy(CASES / "d_wide_named_steps.xlsx", tmp_path / "kartu.xlsx")
    lacking = sopkit(tmp_path, "adopt", "kartu.xlsx")
    assert lacking.returncode == 1 and "sopkit init --office-sheets" in lacking.stdout
    assert sopkit(tmp_path, "init", "--office-sheets", OFFICE_BOOK, "--year", "2026").returncode == 0
    fill_people(tmp_path / OFFICE_BOOK)
    adopted = sopkit(tmp_path, "adopt", "kartu.xlsx")
    assert adopted.returncode == 0, adopted.stdout
    assert f'office = "{OFFICE_BOOK}"' in (tmp_path / "kartu.sopkit.toml").read_text("utf-8")
    ran = sopkit(tmp_path, "run", "kartu.xlsx", "--as-of", "2026-11-28 10:00")
    assert ran.returncode in (0, 1), ran.stderr
    assert (tmp_path / "keluaran" / "laporan.html").is_file()
    assert "B01" not in (tmp_path / "keluaran" / "temuan.json").read_text("utf-8")
