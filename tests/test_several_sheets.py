"""A register on several sheets, one for each year or month: read as one, written to where it stands."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections import Counter
from pathlib import Path
from zipfile import ZipFile

import oracle_registers
import pytest
from frozen_sop import SOP
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from offices import AS_OF, LANGKAH, PEMUSNAHAN, REGISTER, TEMPLATES
from openpyxl import load_workbook
from rule_fixtures import base_tables
from workbooks import office_workbook, value_of, write_workbook

from sopkit.checks.inspection import Inspected, inspect_register
from sopkit.documents.generate import generate
from sopkit.errors import SopkitError
from sopkit.register.assign_numbers import allot_numbers
from sopkit.register.layout import parse_layout
from sopkit.register.read import read_register
from sopkit.register.write_cells import write_cells

KINDS = ("Register", "Langkah", "Pemusnahan")
Place = tuple[str, int]


def spread(path: Path, choose: random.Random) -> tuple[Path, dict[Place, Place]]:
    """The same workbook with its rows on three sheets of each kind; and the sheet and row on which each was."""
    book = load_workbook(path)
    was: dict[Place, Place] = {}
    lines = ["[sheets]"]
    for kind in KINDS:
        sheet = book[kind]
        last = sheet.max_row
        cuts = sorted(choose.randrange(2, last + 2) for _ in range(2))
        names = [f"{kind} {year}" for year in (2024, 2025, 2026)]
        for name, first, end in zip(names, [2, *cuts], [*cuts, last + 1], strict=True):
            part = book.create_sheet(name)
            above = choose.randrange(3)
            for at in range(above):
                part.cell(at + 1, 1, "BUKU REGISTER")
            for at, row in enumerate([1, *range(first, end)], start=above + 1):
                for cell in sheet[row]:
                    copy = part.cell(at, cell.column, cell.value)
                    copy.number_format = cell.number_format
                was[name, at] = (kind, row)
        del book[kind]
        lines.append(f"{kind} = [{', '.join(map(repr, names))}]")
    into = path.parent / "tersebar"
    into.mkdir()
    book.save(into / "register.xlsx")
    (into / "register.sopkit.toml").write_text("\n".join(lines), encoding="utf-8")
    return into / "register.xlsx", was


def found(inspected: Inspected, was: dict[Place, Place]) -> Counter[tuple[object, ...]]:
    """The findings on rows of data, each at its place on the one sheet, without the places that its message names."""
    told: Counter[tuple[object, ...]] = Counter()
    for one in inspected.findings:
        sheet, row = was.get((one.sheet, one.row or 0), (one.sheet, one.row))
        if row != 1:
            letters = re.sub(r"\d", "", one.cell)
            message = re.sub(r"baris \d+( sheet \w+ \d+)?|[\w ]+![A-Z]+\d+", "…", one.message)
            told[one.code, one.severity, one.explained, sheet, row, letters, one.case, one.step, message] += 1
    return told


@given(st.integers(0, 10**6))
@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_rows_on_three_sheets_are_found_as_on_one(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    choose, folder = random.Random(seed), tmp_path_factory.mktemp("spread")
    register = oracle_registers.random_register(choose, 12)
    on_one = oracle_registers.sopkit_inspects(register, folder)
    path, was = spread(folder / "register.xlsx", choose)
    on_three = inspect_register(read_register(path), SOP, register.office.as_of)
    assert found(on_three, was) == found(on_one, {}) and on_one.findings


def _office(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return office_workbook(folder / "register.xlsx", register=REGISTER, langkah=LANGKAH, pemusnahan=PEMUSNAHAN)


def test_the_documents_are_the_same(tmp_path: Path) -> None:
    one = _office(tmp_path / "satu")
    path, _ = spread(one, random.Random(3))
    made = []
    for book in (one, path):
        inspected = inspect_register(read_register(book), SOP, AS_OF)
        done = generate(inspected, book.parent / "keluaran", TEMPLATES)
        made.append({one.path.name: ZipFile(one.path).read("word/document.xml") for one in done.documents})
    assert made[0] == made[1] and len(made[0]) > 3


def test_numbers_go_to_the_sheet_of_their_row(tmp_path: Path) -> None:
    head = "No. Catatan | Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Ditemukan Oleh"
    rest = "Legalisasi Surat | Cap pada lembar kedua tidak terbaca | Ratna Anggraini"
    path = write_workbook(
        tmp_path / "r.xlsx",
        {
            "2025": f"{head}\n001/CLTS/III/2025 | 2025-03-03 08:00 | {rest}\n | 2025-04-01 08:00 | {rest}",
            "2026": f"{head}\n007/CLTS/I/2026 | 2026-01-05 08:00 | {rest}\n | 2026-01-06 08:00 | {rest}",
        },
    )
    path.with_name("r.sopkit.toml").write_text('[sheets]\nRegister = ["2025", "2026"]\n')
    register = read_register(path)
    edits = allot_numbers(register).edits
    assert [(one.sheet, one.cell, one.value) for one in edits] == [
        ("2025", "A3", "002/CLTS/IV/2025"), ("2026", "A3", "008/CLTS/I/2026"),
    ]  # fmt: skip
    write_cells(path, edits, register.source.sha256)
    assert read_register(path).cases.data["number"].notna().all()


def test_a_column_may_be_on_one_sheet_alone(tmp_path: Path) -> None:
    path = write_workbook(
        tmp_path / "r.xlsx",
        {
            "A": [["No. Catatan", "Tanggal Ditemukan"], ["001/CLTS/I/2026", dt.datetime(2026, 1, 5, 8)]],
            "B": [["Status", "Tanggal Ditemukan", "No. Catatan"], ["Proses", dt.datetime(2026, 1, 6, 8), None]],
        },
    )
    layout = parse_layout('[sheets]\nRegister = ["A", "B"]', path.with_name("x.toml"))
    cases = read_register(path, layout).cases
    assert cases.data["status"].tolist() == [None, "Proses"]
    first, second = cases.data.index
    assert (cases.cell(first, "number"), cases.cell(second, "number")) == ("A2", "C2")
    assert (cases.cell(first, "status"), cases.cell(second, "status")) == ("A1", "A2")
    assert (cases.called(first), cases.called(second)) == ("baris 2 sheet A", "baris 2 sheet B")
    assert cases.row_at("B", 2) == second and cases.row_at("C", 2) is None


def test_a_wide_register_of_two_years(tmp_path: Path) -> None:
    head = ["No. Catatan", "Tanggal Ditemukan", "Identifikasi", "Evaluasi"]
    days = [dt.datetime(2026, 1, 5, hour) for hour in (8, 9, 10)]
    path = write_workbook(
        tmp_path / "r.xlsx",
        {
            "2025": [["REGISTER 2025"], head, ["001/CLTS/I/2026", *days]],
            "2026": [head[:3], ["002/CLTS/I/2026", *days[:2]], ["003/CLTS/I/2026", *days[:2]]],
            "2027": [["belum ada"]],
        },
    )
    text = (
        'layout = "wide"\n[sheets]\nRegister = ["2025", "2026", "2027"]\n[steps]\n1 = "Identifikasi"\n2 = "Evaluasi"\n'
    )
    events = read_register(path, parse_layout(text, path.with_name("x.toml"))).events
    assert events.data["step"].tolist() == [1, 2, 1, 1]
    places = [f"{events.part(row).sheet}!{events.cell(row, 'end')}" for row in events.data.index]
    assert places == ["2025!C3", "2025!D3", "2026!C2", "2026!C3"]
    inspect_register(read_register(path, parse_layout(text, path.with_name("x.toml"))), SOP)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Pegawai = ['A', 'B']", "hanya boleh satu lembar"),
        ("Register = ['A', 'a']", "dua kali"),
        ("Register = []", 'nama = \\["nama", "nama"\\]'),
        ("Register = ['A', 1]", 'nama = \\["nama", "nama"\\]'),
        ("Register = ['A', '']", 'nama = \\["nama", "nama"\\]'),
    ],
)
def test_what_a_layout_cannot_say_of_sheets(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(SopkitError, match=said):
        parse_layout(f"[sheets]\n{line}", tmp_path / "x.toml")
    with pytest.raises(SopkitError, match="'Tidak ada'"):
        read_register(_office(tmp_path), parse_layout("[sheets]\nRegister = ['Register', 'Tidak ada']", tmp_path / "x"))


def test_a_calendar_of_two_years(tmp_path: Path) -> None:
    one = office_workbook(tmp_path / "satu.xlsx", register=REGISTER, langkah=LANGKAH, pemusnahan=PEMUSNAHAN)
    book = load_workbook(one)
    second = book.create_sheet("Kalender 2027")
    for row in (["Keterangan", "Tanggal", "Jenis"], ["Libur", dt.datetime(2026, 3, 3), "Libur Daerah"]):
        second.append(row)
    second.append(["Buka", dt.datetime(2026, 3, 3), "Hari Kerja"])
    book.save(tmp_path / "dua.xlsx")
    (tmp_path / "dua.sopkit.toml").write_text("[sheets]\nKalender = ['Kalender', 'Kalender 2027']\n")
    inspected = inspect_register(read_register(tmp_path / "dua.xlsx"), SOP, AS_OF)
    assert [f"{f.sheet}!{f.cell}" for f in inspected.findings if f.code == "B53"] == ["Kalender 2027!B3"]
    assert "Kalender 2027!B2" in next(f.message for f in inspected.findings if f.code == "B53")


def test_what_a_sheet_has_no_column_for_is_missed_there_alone(tmp_path: Path) -> None:
    """003 stands on a sheet without Uraian (required), No. PTPP (a record) and Status (whether it was cancelled)."""
    cells = [[value_of(text) for text in row] for row in base_tables()["Register"]]
    left = [at for at, header in enumerate(cells[0]) if header not in ("Uraian Ketidaksesuaian", "No. PTPP", "Status")]
    rest = [[row[at] if at < len(row) else None for at in left] for row in (cells[0], *cells[3:])]
    path = office_workbook(tmp_path / "r.xlsx", langkah=_sheet("Langkah"), pemusnahan=_sheet("Pemusnahan"),
                           daftar=_sheet("Daftar"), a=cells[:3], b=rest, without=["Register"])  # fmt: skip
    layout = parse_layout('[sheets]\nRegister = ["A", "B"]', tmp_path / "x.toml")
    inspected = inspect_register(read_register(path, layout), SOP, dt.datetime(2026, 11, 20, 10))
    grave = [f"{f.code} {f.sheet}!{f.cell} {f.case}" for f in inspected.findings if f.severity.value != "note"]
    assert grave == ["B02 B!A1 None", "K01 B!A1 003/CLTS/XI/2026"]


def _sheet(name: str) -> str:
    return "\n".join(map(" | ".join, base_tables()[name]))
