"""A workbook of older formulas is known as one, and renewed: every value as typed, what is left behind told."""

from __future__ import annotations

import datetime as dt
import io
import re
import sys
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from frozen_sop import SOP, SOP_FILE
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.worksheet.datavalidation import DataValidation
from workbooks import few_rows, office_workbook

from sopkit.checks.inspection import inspect_register
from sopkit.cli.main import main
from sopkit.errors import SopkitError
from sopkit.files import write_atomic
from sopkit.newbook import renew
from sopkit.newbook.create import ErrorCell, WorkbookContent, build_workbook
from sopkit.newbook.renew import Renewed, renew_workbook
from sopkit.newbook.typed import Typed, read_typed
from sopkit.ooxml.address import corners
from sopkit.register.layout import Layout, layout_beside
from sopkit.register.read import read_register
from sopkit.register.schema import FORMULA_VERSION, is_live
from sopkit.reports.console import make_console, print_summary
from sopkit.reports.html import render_report
from sopkit.reports.statistics import outdated_text
from sopkit.sop.model import load_sop

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
OWN_SOP = SOP_FILE.read_bytes()
EXAMPLE = Path(__file__).parent.parent / "registers" / "register-contoh.xlsx"
SURE = ["number", "found_at", "service", "due_date", "segregation_place", "quantity"]
CASE = "001/CLTS/III/2026"
CONTENT = WorkbookContent(
    cases=[
        {
            "number": CASE, "found_at": dt.datetime(2026, 3, 2, 8, 15), "service": "Legalisasi Surat Desa",
            "description": "Nama pemohon salah ketik", "due_date": dt.date(2026, 3, 9), "quantity": 2.5,
            "segregation_place": "  Lemari arsip", "remark": "baris satu\nbaris dua", "Agenda": 7.0,
        },
        {
            "number": "002/CLTS/III/2026", "found_at": "3 Maret 2026 09.30", "description": ErrorCell("#REF!"),
            "ptpp_date": 46086.0, "to_destroy": True, "status": dt.date(2026, 3, 4), "remark": dt.timedelta(hours=30),
            "addressee": dt.time(7, 30), "Agenda": dt.datetime(2026, 3, 3, 9, 5), "Lunas": False,
        },
        {"number": "003/CLTS/III/2026", "found_at": dt.datetime(2026, 3, 4, 10), "cause": "_x000D_ apa adanya"},
    ],
    events=[
        {"case": CASE, "step": 1.0, "actor": "Ratna Anggraini", "start": dt.datetime(2026, 3, 2, 8, 15, 30)},
        {"case": CASE, "step": "2. Penilaian", "actor": "Ratna Anggraini", "start": "03-03-2026 08:00"},
    ],
    people=[{"name": "Ratna Anggraini", "nip": "198503122010012004", "position": "Pengelola", "role": "Pendamping"}],
    office={"Nama Kantor": "KECAMATAN SUKAMAJU", "Pemerintah": ""},
    office_rows=[
        {"key": "Nama Kantor", "value": "KECAMATAN SUKAMAJU"}, {"key": "Tahun Register", "value": 2026.0},
        {"key": "Waktu Acuan", "value": dt.datetime(2026, 3, 20, 10)}, {"key": "Semboyan", "value": "Melayani"},
    ],
    hours=[{"days": "Senin-Jumat", "open": dt.time(7, 30), "close": "16.00", "basis": "Edaran"}],
    calendar=[{"date": dt.date(2026, 3, 20), "kind": "Cuti Bersama"}, {"date": "21-03-2026", "kind": "Libur Daerah"}],
    mail=[{"document": "PTPP", "to": "Camat"}],
    extra={"Register": ("Agenda", "Lunas")},
    hidden={"Register": (1,), "Langkah": (0,)},
    lists={
        "Jenis Layanan": ["Legalisasi Surat Desa", "Surat Keterangan Usaha"],
        "Peran": ["Staf", "Kasi", "Sekcam", "Camat", "Pendamping"], "Sumber": ["Keluhan", "Audit", "Warga"],
        "Desa": ["Suka", 12.0],
    },
)  # fmt: skip


@cache
def _small() -> bytes:
    """The workbook of CONTENT: nearly every test begins with it."""
    return _made(CONTENT)


def _made(content: WorkbookContent) -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        few_rows(patch)
        return build_workbook(SOP, 2026, content)


def _write(path: Path) -> Path:
    path.write_bytes(_small())
    return path


def _aged(path: Path) -> Path:
    """The workbook as formulas of version 1 would say it of themselves."""
    target = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/sharedStrings.xml":
                part = part.replace(b"<t>Saat</t>", b"<t>Waktu kini</t>")
                part = part.replace(b"<t>Versi rumus</t>", b"<t>Baris Langkah terpakai</t>")
            new.writestr(name, part)
    path.write_bytes(target.getvalue())
    return path


def _edited(path: Path, edit: Callable[[openpyxl.Workbook], Any]) -> Path:
    book = openpyxl.load_workbook(path)
    edit(book)
    book.save(path)
    return path


def _values(typed: Typed) -> dict[str, Sequence[object]]:
    return {name: sheet.rows for name, sheet in typed.sheets.items()} | dict(typed.lists)


def _typed(path: Path) -> Typed:
    return read_typed(path, layout_beside(path) or Layout())


@pytest.fixture(autouse=True)
def frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A workbook whose layout names no SOP is renewed for the frozen one."""
    monkeypatch.setattr(renew, "load_sop", lambda path: load_sop(path or SOP_FILE))
    few_rows(monkeypatch)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return _aged(_write(tmp_path / "register-2026.xlsx"))


@cache
def _renewed(old: Path) -> tuple[bytes, Renewed]:
    """What a workbook was renewed to, and what was told: renewed once for all tests."""
    done = renew_workbook(old)
    return done.path.read_bytes(), done


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _aged(_write(tmp_path_factory.mktemp("pertama") / "register-2026.xlsx"))


@pytest.fixture
def renewed(old: Path, first: Path) -> Renewed:
    data, done = _renewed(first)
    path = old.with_name(done.path.name)
    path.write_bytes(data)
    return Renewed(path, (path,), done.left)


def test_a_workbook_says_the_version_of_its_formulas(tmp_path: Path, old: Path) -> None:
    today = _write(tmp_path / "baru.xlsx")
    assert read_register(today).formula_version == FORMULA_VERSION
    assert read_register(old).formula_version == 1
    assert read_register(office_workbook(tmp_path / "kantor.xlsx")).formula_version is None
    assert [read_register(path).outdated for path in (today, old, tmp_path / "kantor.xlsx")] == [False, True, False]


def test_a_sheet_hitungan_of_another_making_says_nothing(tmp_path: Path) -> None:
    own = office_workbook(tmp_path / "kantor.xlsx", hitungan=[["Waktu kini", 3], ["Jumlah", "=1+1"]])
    assert read_register(own).formula_version is None


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_the_version_survives_libreoffice(form: str, converted, tmp_path: Path, old: Path) -> None:
    today = _write(tmp_path / "baru.xlsx")
    converted(form, tmp_path / "lo", today, old)
    found = [read_register(tmp_path / "lo" / f"{path.stem}.{form}").formula_version for path in (today, old)]
    assert found == [FORMULA_VERSION, 1]


def test_old_formulas_are_told_in_one_sentence(old: Path, tmp_path: Path) -> None:
    inspected = inspect_register(read_register(old), SOP)
    said = outdated_text(inspected, str(old))
    assert said.endswith(f"sopkit init --renew {old}") and "keliru di Excel" in said
    assert "sopkit init --renew register-2026.xlsx." in render_report(inspected)
    screen = io.StringIO()
    print_summary(inspected, make_console(screen))
    assert "Rumus buku kerja ini versi lama" in screen.getvalue()
    today = inspect_register(read_register(_write(tmp_path / "baru.xlsx")), SOP)
    assert outdated_text(today, "baru.xlsx") == "" and "--renew" not in render_report(today)


def test_a_path_with_blanks_is_quoted_in_the_command(old: Path) -> None:
    inspected = inspect_register(read_register(old), SOP)
    assert outdated_text(inspected, "register kami.xlsx").endswith('--renew "register kami.xlsx"')


def test_every_kind_of_cell_is_carried_over_as_typed(old: Path, renewed: Renewed) -> None:
    assert renewed.path == old.with_name("register-2026-diperbarui.xlsx")
    before, after = _values(_typed(old)), _values(_typed(renewed.path))
    assert before.keys() <= after.keys()
    for name, values in before.items():
        assert after[name][: len(values)] == values, name
        assert name in ("Kantor", "Sumber") or len(after[name]) == len(values), name
    written = [{key: value for key, value in row.items() if value is not None} for row in CONTENT.cases]
    assert after["Register"] == written


def test_the_new_workbook_has_todays_formulas_and_the_old_one_is_as_it_was(tmp_path: Path) -> None:
    old = _aged(_write(tmp_path / "register-2026.xlsx"))
    before = old.read_bytes()
    assert read_register(renew_workbook(old).path).formula_version == FORMULA_VERSION
    assert old.read_bytes() == before


def test_renewed_twice_it_holds_the_same(renewed: Renewed) -> None:
    again = renew_workbook(renewed.path)
    assert again.path.read_bytes() == renewed.path.read_bytes()


def test_hidden_rows_and_unknown_keys_stay(old: Path, renewed: Renewed) -> None:
    was, now = read_register(old), read_register(renewed.path)
    assert [table.structure.hidden_rows for table in (now.cases, now.events)] == [(6,), (5,)]
    assert now.settings == was.settings and now.settings["Semboyan"] == "Melayani"


def test_own_lists_stay_and_the_fixed_ones_keep_what_rules_rest_on(renewed: Renewed) -> None:
    lists = _typed(renewed.path).lists
    assert lists["Desa"] == ["Suka", 12.0] and lists["Peran"][-1] == "Pendamping"
    assert lists["Sumber"][:3] == ["Keluhan", "Audit", "Warga"] and "Survei" in lists["Sumber"]
    assert read_register(renewed.path).choices["Jenis Layanan"] == ("Legalisasi Surat Desa", "Surat Keterangan Usaha")


def test_own_columns_are_carried_and_their_look_is_told(renewed: Renewed) -> None:
    told = [line for line in renewed.left if "kolom sendiri" in line]
    assert [line.split(":")[0] for line in told] == ["Register!AF", "Register!AG"]


def test_the_renewed_example_has_the_same_findings(tmp_path: Path) -> None:
    old = tmp_path / EXAMPLE.name
    old.write_bytes(EXAMPLE.read_bytes())
    new = renew_workbook(_aged(old)).path
    codes = [
        sorted((f.code, f.cell, f.case or "") for f in inspect_register(read_register(path), SOP).findings)
        for path in (old, new)
    ]
    assert [found for found in codes[0] if found[0] != "B09"] == codes[1]


ORDER = """
Uraian Ketidaksesuaian | Kotak | No. Catatan | Tanggal Ditemukan | Jenis Layanan | Ditemukan Oleh
Salah nama | merah | 001/CLTS/III/2026 | 2026-03-02 08:15 | Legalisasi Surat | Ratna Anggraini
| | | | |
Salah alamat | biru | 002/CLTS/III/2026 | 2026-03-03 | Legalisasi Surat | Ratna Anggraini
"""


NOT_DATA = """
No. Catatan | Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Ditemukan Oleh | Kotak
(1) | (2) | (3) | (4) | (5) | (6)
001/CLTS/III/2026 | 2026-03-02 08:15 | Legalisasi Surat | Salah nama pemohon | Ratna Anggraini | merah
002/CLTS/III/2026 | 2026-03-03 | Legalisasi Surat | Salah alamat pemohon | Ratna Anggraini | biru
Jumlah | | | 2 | |
| | | | | dua kotak
| | | | |
| | | Mengetahui, Camat | | Petugas
| | | NIP. 197001011990031001 | | Ratna
| | | | | NIP. 198503122010012004
"""


def test_column_numbers_totals_and_signatures_are_no_cases_and_are_told(tmp_path: Path) -> None:
    new = renew_workbook(office_workbook(tmp_path / "register-2026.xlsx", NOT_DATA, complete=False))
    rows = _typed(new.path).sheets["Register"].rows
    assert [(row["number"], row["Kotak"]) for row in rows] == [
        ("001/CLTS/III/2026", "merah"),
        ("002/CLTS/III/2026", "biru"),
    ]
    told = [line for line in new.left if line.startswith("Register!") and "kolom sendiri" not in line]
    assert told == [
        "Register!A2, B2, C2, D2, E2, F2: nomor kolom tidak dibawa.",
        "Register!A5, D5: baris jumlah (total) tidak dibawa.",
        "Register!D8:D9, F8:F9: tanda tangan di bawah tabel tidak dibawa.",
        "Register!F6, F10: tulisan sendiri di bawah data tidak dibawa.",
    ]


def test_history_and_patterns_of_the_layout_go_along(old: Path) -> None:
    pattern = '"Pola No. PTPP sejak 1 Juli 2026" = "{urut}/PTPP \\"B\\"/{tahun}"'
    said = f"[patterns]\n{pattern}\n\n[history]\nuntil = 2026-03-03\n"
    old.with_name("register-2026.sopkit.toml").write_text(said, encoding="utf-8")
    new = renew_workbook(old)
    assert [path.name for path in new.made] == ["register-2026-diperbarui.sopkit.toml", "register-2026-diperbarui.xlsx"]
    assert new.made[0].read_text("utf-8") == said
    assert inspect_register(read_register(new.path), SOP).history.numbers == {CASE, "002/CLTS/III/2026"}


def test_without_what_is_no_data_the_rows_stay(tmp_path: Path) -> None:
    text = NOT_DATA.partition("Jumlah")[0] + "| | | | | hijau"
    rows = _typed(renew_workbook(office_workbook(tmp_path / "a.xlsx", text, complete=False)).path).sheets["Register"]
    assert [row.get("Kotak") for row in rows.rows] == ["merah", "biru", "hijau"]


def test_formulas_that_were_lost_come_back(tmp_path: Path) -> None:
    lines = NOT_DATA.partition("Jumlah")[0].strip().splitlines()
    shown = ("Pantauan", "", "=1+1 => Selesai", "")
    text = "\n".join(f"{line} | {live}" for line, live in zip(lines, shown, strict=True))
    old = office_workbook(tmp_path / "register-2026.xlsx", text, complete=False)
    new = renew_workbook(old).path
    codes = [{f.code for f in inspect_register(read_register(path), SOP).findings} for path in (old, new)]
    assert ["B54" in found for found in codes] == [True, False]


def test_lapses_of_a_real_workbook_are_told_and_mended(tmp_path: Path) -> None:
    """A cell overtyped, a row whose formulas are gone, and a case below the table."""

    def spoil(book: openpyxl.Workbook) -> None:
        sheet = book["Register"]
        live = [cell.column for cell in sheet[4] if is_live("Register", cell.value)]
        for column in live:
            sheet.cell(7, column).value = None
        sheet.cell(6, live[2]).value = "Sudah beres"
        (table,) = sheet.tables.values()
        below = corners(table.ref)[1][0] + 1
        for column in range(1, 6):
            sheet.cell(below, column).value = sheet.cell(5, column).value
        sheet.cell(below, 1).value = "004/CLTS/III/2026"

    cases = [{**CONTENT.cases[0], "number": f"00{place}/CLTS/III/2026"} for place in (1, 2, 3)]
    content = replace(CONTENT, cases=cases, hidden={}, office_rows=None)
    (tmp_path / "register-2026.xlsx").write_bytes(_made(content))
    path = _edited(tmp_path / "register-2026.xlsx", spoil)
    (told,) = (f for f in inspect_register(read_register(path), SOP).findings if f.code == "B54")
    assert (told.sheet, told.cell) == ("Register", "AJ6") and "sopkit init --renew" in told.fix
    assert (
        "20 sel kosong" in told.message and "1 sel yang rumusnya tertimpa" in told.message and "1 baris" in told.message
    )
    new = renew_workbook(path)
    assert "B54" not in {f.code for f in inspect_register(read_register(new.path), SOP).findings}
    assert len(read_register(new.path).cases.data) == 4
    assert not [line for line in new.left if "komentar" in line or "validasi" in line]


def test_columns_land_in_their_order_and_blank_rows_close_up(tmp_path: Path) -> None:
    renewed = renew_workbook(office_workbook(tmp_path / "kantor.xlsx", ORDER, complete=False))
    sheet = openpyxl.load_workbook(renewed.path)["Register"]
    assert [sheet[cell].value for cell in ("A5", "A6", "D6", "AF6")] == [
        "001/CLTS/III/2026", "002/CLTS/III/2026", "Salah alamat", "biru",
    ]  # fmt: skip
    assert "Register: 1 baris kosong di antara isian dirapatkan." in renewed.left


def test_a_workbook_without_sheet_daftar_takes_any_service_as_before(tmp_path: Path) -> None:
    own = ORDER.replace("Legalisasi Surat", "Layanan Kami")
    renewed = renew_workbook(office_workbook(tmp_path / "kantor.xlsx", own, without=("Surel",)))
    assert read_register(renewed.path).own_lists == {"Peran"}
    assert [line for line in renewed.left if line.startswith("Daftar!A5: daftar Jenis Layanan kosong")]


def test_a_workbook_is_read_through_its_layout(tmp_path: Path) -> None:
    own = tmp_path / "buku.xlsx"
    office_workbook(own, ORDER, complete=False)
    book = openpyxl.load_workbook(own)
    book["Register"].title = "Buku Besar"
    book["Buku Besar"]["C1"] = "Nomor Kami"
    book.save(own)
    (tmp_path / "sop-kami.toml").write_bytes(OWN_SOP)
    (tmp_path / "buku.sopkit.toml").write_text(
        'sop = "sop-kami.toml"\n[sheets]\nRegister = "Buku Besar"\n[headers.Register]\n"Nomor Kami" = "number"\n',
        "utf-8",
    )
    renewed = renew_workbook(own)
    assert openpyxl.load_workbook(renewed.path)["Register"]["A6"].value == "002/CLTS/III/2026"
    layout = layout_beside(renewed.path)
    assert layout and layout.sop and layout.sop.resolve() == (tmp_path / "sop-kami.toml").resolve()
    assert set(renewed.made) == {renewed.path, tmp_path / "buku-diperbarui.sopkit.toml"}


def test_what_is_left_behind_is_told_with_its_cells(old: Path) -> None:
    def edit(book: openpyxl.Workbook) -> None:
        sheet = book["Register"]
        sheet["D6"] = "Salah alamat"
        sheet["C5"].comment = Comment("lihat arsip", "Ratna")
        sheet["AL5"] = "ditimpa"
        sheet["AK3"] = "Catatan kami"
        rule = DataValidation(type="list", formula1='"a,b"')
        rule.add("AG5:AG40")
        sheet.add_data_validation(rule)
        sheet.conditional_formatting.add("E5:E30", CellIsRule(operator="equal", formula=["1"]))
        chart = BarChart()
        chart.add_data(Reference(sheet, min_col=32, min_row=5, max_row=6))
        book["Langkah"].add_chart(chart, "P9")
        book.create_sheet("Rekap Kami")["A1"] = 1
        book["Petunjuk"]["F3"] = "tulisan"

    left = renew_workbook(_edited(old, edit)).left
    for start, part in (
        ("Register!C5: ", "komentar"), ("Register!AL5: ", "kolom otomatis"), ("Register!AK3: ", "tulisan sendiri"),
        ("Register!AG5:AG40: ", "validasi"), ("Register!E5:E30: ", "pemformatan bersyarat"),
        ("Langkah!P9: ", "diagram"), ("Rekap Kami: ", "sheet sendiri"), ("Petunjuk!F3: ", "tulisan sendiri"),
    ):  # fmt: skip
        assert [line for line in left if line.startswith(start) and part in line], (start, left)
    assert len(left) == 10  # and the two own columns


def test_macros_are_told(old: Path) -> None:
    with zipfile.ZipFile(old, "a") as package:
        package.writestr("xl/vbaProject.bin", b"makro")
    assert "Makro (VBA) tidak dibawa." in renew_workbook(old).left


def test_sheets_of_an_office_workbook_come_into_the_new_one(tmp_path: Path) -> None:
    office = office_workbook(tmp_path / "kantor.xlsx")
    own = office_workbook(tmp_path / "buku.xlsx", ORDER, complete=False, without=("Pegawai", "Kantor", "Kalender"))
    (tmp_path / "buku.sopkit.toml").write_text('office = "kantor.xlsx"\n', "utf-8")
    new = renew_workbook(own).path
    assert read_register(new).people.data["name"].tolist() == read_register(office).people.data["name"].tolist()


def test_headers_of_two_rows_and_headers_that_clash(tmp_path: Path) -> None:
    rows = [
        ["Temuan", None, None, None, None, "Lain", "Lain"],
        ["No.", "Waktu", "Layanan", "Uraian", "Oleh", "unit", "x"],
    ]
    rows += [["001/CLTS/III/2026", dt.datetime(2026, 3, 2, 8, 15), "Legalisasi Surat", "Salah nama", "Ratna", "a", "b"]]
    own = office_workbook(tmp_path / "buku.xlsx", rows)
    names = {"Temuan No.": "number", "Waktu": "found_at", "Layanan": "service", "Uraian": "description"}
    heads = [f'"{text}" = "{name}"' for text, name in {**names, "Oleh": "found_by"}.items()]
    layout = ["[header_rows]", "Register = 2", "[headers.Register]", *heads]
    (tmp_path / "buku.sopkit.toml").write_text("\n".join(layout), "utf-8")
    sheet = openpyxl.load_workbook(renew_workbook(own).path)["Register"]
    assert [sheet[cell].value for cell in ("A5", "D5", "AF4", "AF5", "AG4", "AG5")] == [
        "001/CLTS/III/2026", "Salah nama", "Lain unit", "a", "Lain x", "b",
    ]  # fmt: skip


def test_own_headers_never_clash_with_fields_live_headers_or_each_other(tmp_path: Path) -> None:
    own = ORDER.replace("Kotak", "unit | PANTAUAN | Kotak | kotak").replace("merah", "a | b | c | d")
    own = own.replace("biru", "e | f | g | h").replace("| | | | |\n", "")
    renewed = renew_workbook(office_workbook(tmp_path / "kantor.xlsx", own, complete=False))
    sheet = openpyxl.load_workbook(renewed.path)["Register"]
    found = {sheet.cell(4, place).value: sheet.cell(5, place).value for place in range(32, 36)}
    assert found == {"Unit": "a", "PANTAUAN (kantor)": "b", "Kotak": "c", "kotak (2)": "d"}


def test_formulas_of_staff_leave_their_values(tmp_path: Path) -> None:
    own = office_workbook(tmp_path / "kantor.xlsx", ORDER.replace("Salah alamat", '="Salah "&"alamat" => Salah alamat'))
    renewed = renew_workbook(own)
    assert openpyxl.load_workbook(renewed.path)["Register"]["D6"].value == "Salah alamat"
    assert [line for line in renewed.left if line.startswith("Register!A4: rumus")]


@pytest.mark.parametrize(
    ("register", "merged", "said"),
    [
        (ORDER.replace("Salah alamat", "=A1&A1"), {}, "belum pernah dihitung"),
        (ORDER, {"Register": ["A2:A3"]}, "digabung"),
        (ORDER.replace("Kotak", "No. Catatan"), {}, "dua kali"),
        (ORDER.replace("No. Catatan", "Nomor"), {}, "tidak ada"),
    ],
    ids=["not calculated", "merged", "header twice", "header missing"],
)
def test_what_cannot_be_read_whole_is_refused(register: str, merged: Any, said: str, tmp_path: Path) -> None:
    own = office_workbook(tmp_path / "kantor.xlsx", register, complete=False, merged=merged)
    with pytest.raises(SopkitError, match=said):
        renew_workbook(own)
    assert list(tmp_path.iterdir()) == [own]


def test_a_wide_register_is_refused(tmp_path: Path) -> None:
    own = office_workbook(tmp_path / "kantor.xlsx", ORDER, complete=False)
    (tmp_path / "kantor.sopkit.toml").write_text('layout = "wide"\n[steps]\n1 = "Kotak"\n', "utf-8")
    with pytest.raises(SopkitError, match="wide"):
        renew_workbook(own)


def test_what_is_there_is_never_overwritten(old: Path) -> None:
    target = old.with_name("register-2026-diperbarui.xlsx")
    target.write_bytes(b"milik kantor")
    with pytest.raises(SopkitError, match="sudah ada"):
        renew_workbook(old)
    assert target.read_bytes() == b"milik kantor"


def test_a_workbook_that_would_say_anything_else_is_not_written(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build = renew.build_workbook

    def spoiled(sop: Any, year: int, content: WorkbookContent) -> bytes:
        cases = [dict(row) for row in content.cases]
        cases[0]["quantity"] = 3.0
        return build(sop, year, replace(content, cases=cases))

    monkeypatch.setattr(renew, "build_workbook", spoiled)
    with pytest.raises(SopkitError, match=r"tidak sama isinya \(sel Register!Z5\)"):
        renew_workbook(old)
    assert list(old.parent.iterdir()) == [old]


@pytest.mark.parametrize("fails", [".xlsx", ".toml"])
def test_a_full_disk_leaves_nothing(fails: str, old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        if path.parent == old.parent and path.suffix == fails:
            raise SopkitError("Disk penuh.")
        write_atomic(path, data)

    sop = old.with_name("sop-kami.toml")
    sop.write_bytes(OWN_SOP)
    monkeypatch.setattr(renew, "write_atomic", full)
    with pytest.raises(SopkitError, match="Disk penuh"):
        renew_workbook(old, sop)
    assert sorted(old.parent.iterdir()) == sorted([old, sop])


@pytest.mark.parametrize("form", ["xlsx", "ods", "xls"])
def test_other_programs_workbooks_are_renewed_too(form: str, converted, tmp_path: Path, old: Path) -> None:
    converted(form, tmp_path / "lo", old)
    renewed = renew_workbook(tmp_path / "lo" / f"{old.stem}.{form}")
    assert renewed.path.suffix == ".xlsx"
    was, now = (read_register(path).cases.data[SURE] for path in (old, renewed.path))
    assert now.equals(was)  # of the others LibreOffice words some anew
    assert bool([line for line in renewed.left if line.startswith(f"Dari berkas .{form}")]) == (form != "xlsx")
    own = ("bersyarat", "validasi", "komentar")
    assert not [line for line in renewed.left if form == "xlsx" and any(word in line for word in own)]


def test_libreoffice_shows_what_a_fresh_workbook_shows(converted, tmp_path: Path, old: Path, renewed: Renewed) -> None:
    fresh = _write(tmp_path / "segar.xlsx")
    converted("ods", tmp_path / "lo", fresh, renewed.path)
    one, other = (read_typed(tmp_path / "lo" / f"{path.stem}.ods", Layout()) for path in (fresh, renewed.path))
    for name in ("Register", "Langkah"):
        assert one.sheets[name].grid.rows == other.sheets[name].grid.rows


def test_the_command_says_what_was_made_and_what_to_do(
    old: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["sopkit", *words])
        with pytest.raises(SystemExit) as left:
            main()
        told = capfd.readouterr()
        return int(left.value.code or 0), told.out, told.err

    code, said, _ = run("init", "--renew", str(old))
    target = old.with_name("register-2026-diperbarui.xlsx")
    assert code == 0 and f"Dibuat: {target}" in said and f"sopkit run {target}" in said
    assert re.search(r"^- Register!AF: ", said, re.M)
    code, _, wrong = run("init", "--renew", str(old))
    assert code == 3 and "sudah ada" in wrong
    code, _, wrong = run("init", "--renew", str(old), "--year", "2027")
    assert code == 2 and "--renew" in wrong
    code, _, wrong = run("init", "--renew", str(old.with_name("tidak-ada.xlsx")))
    assert code == 3 and "tidak ditemukan" in wrong
