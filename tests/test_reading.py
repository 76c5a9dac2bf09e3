"""From a real workbook to a Register: true addresses, used rows, readings, settings, lists."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from frozen_sop import SOP
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from workbooks import HEADERS_ONLY, office_workbook, write_workbook

from sopkit.checks.inspection import inspect_register
from sopkit.errors import SopkitError
from sopkit.register.read import read_register
from sopkit.register.schema import CHOICES, REGISTER, Kind
from sopkit.register.tables import Register, Table
from sopkit.reports.console import make_console, print_summary

REGISTER_TEXT = """
    No. Catatan | Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Jumlah | Status
    001/CLTS/III/2026 | 2026-03-02 08:15 | Legalisasi Surat | Salah nama | 2 | Proses
    002/CLTS/III/2026 | 2026-03-03 09:00 | Surat Pindah | Salah alamat | | Terbuka
"""
LANGKAH_TEXT = """
    No. Catatan | Langkah | Pelaksana | Mulai | Selesai
    001/CLTS/III/2026 | 1 | Ratna Anggraini | 2026-03-02 08:15 | 2026-03-02 08:30
    001/CLTS/III/2026 | 2. Mengevaluasi | Joko Santosa | 2026-03-02 08:30 |
"""


def met(table: Table, kind: str) -> list[tuple[str, str, str]]:
    return [(table.cell(r.row, r.field), r.typed, r.shown) for r in table.readings if r.kind == kind]


def test_a_canonical_workbook(tmp_path: Path) -> None:
    register = read_register(office_workbook(tmp_path / "r.xlsx", REGISTER_TEXT, LANGKAH_TEXT))
    assert register.cases.data.index.tolist() == [2, 3]
    assert register.cases.data["number"].tolist() == ["001/CLTS/III/2026", "002/CLTS/III/2026"]
    assert register.cases.cell(3, "status") == "F3"
    assert register.events.data["step"].tolist() == [1.0, 2.0]
    assert register.events.data.at[2, "end"] == pd.Timestamp("2026-03-02 08:30")
    assert register.events.raw.at[3, "step"] == "2. Mengevaluasi"
    assert register.cases.raw.at[2, "quantity"] == 2.0
    assert register.settings["Nama Kantor"] == "KECAMATAN SUKAMAJU"
    assert register.settings["Waktu Peringatan"] == "1 jam"
    assert register.as_of() == dt.datetime(2026, 11, 20, 10)
    assert (register.missing_sheets, register.defaulted_sheets) == ((), ())
    assert all(not table.readings for table in register.tables)
    assert len(register.source.sha256) == 64


def test_every_field_has_its_dtype_even_without_rows(tmp_path: Path) -> None:
    dtypes = {
        Kind.DATE: "datetime64[ns]", Kind.DATETIME: "datetime64[ns]", Kind.NUMBER: "float64", Kind.STEP: "float64",
        Kind.TIME: "timedelta64[ns]",
    }  # fmt: skip
    for register in (
        read_register(office_workbook(tmp_path / "rows.xlsx", REGISTER_TEXT, LANGKAH_TEXT)),
        read_register(write_workbook(tmp_path / "nothing.xlsx", {"Lain": [["x"]]})),
    ):
        for table in register.tables:
            assert list(table.data.columns) == list(table.raw.columns) == [c.field for c in table.plan.columns]
            for column in table.plan.columns:
                assert str(table.data[column.field].dtype) == dtypes.get(column.kind, "object"), column


def test_missing_and_defaulted_sheets(tmp_path: Path) -> None:
    register = read_register(office_workbook(tmp_path / "r.xlsx", without=("Langkah", "Kalender", "Surel")))
    assert register.missing_sheets == ("Langkah",)
    assert register.defaulted_sheets == ("Kalender", "Surel")
    assert not register.events.present


ROWS = [
    ["001", dt.datetime(2026, 3, 2, 8, 15), "Surat Pindah", "Salah"],
    ["002", dt.datetime(2026, 3, 3, 8, 15), "Surat Pindah", "Salah"],
]
NAMES = ["No. Catatan*", "TANGGAL  Ditemukan", "jenis\u00a0layanan", "Uraian Ketidaksesuaian *"]


@pytest.mark.parametrize(
    ("above", "left"),
    [(0, 0), (1, 0), (0, 2), (4, 3), (25, 30)],
)
def test_addresses_are_true_wherever_the_table_stands(tmp_path: Path, above: int, left: int) -> None:
    margin: list[object] = [None] * left
    rows: list[Sequence[object]] = [[]] * above + [[*margin, *row] for row in (NAMES, *ROWS)]
    register = read_register(write_workbook(tmp_path / "r.xlsx", {"register ": rows}))
    table = register.cases
    assert table.header_row == above + 1
    assert table.data.index.tolist() == [above + 2, above + 3]
    column = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[left] if left < 26 else "AE"
    assert table.cell(above + 3, "number") == f"{column}{above + 3}"
    assert table.structure.header_cell == f"{column}{above + 1}"


def test_title_bands_notes_and_gaps_are_no_cases(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["REGISTER KETIDAKSESUAIAN"], ["Kecamatan Sukamaju", None, "Status"], [], [*NAMES, "Catatan kami"], ROWS[0], [],
        [None, None, None, None, "hanya kolom lain"], ["  ", "\u00a0"], ROWS[1],
    ]  # fmt: skip
    table = read_register(write_workbook(tmp_path / "r.xlsx", {"Register": rows})).cases
    assert table.header_row == 4
    assert table.data.index.tolist() == [5, 9]
    assert table.structure.unknown_headers == (("E4", "Catatan kami"),)


def test_blank_formatted_rows_are_no_cases(tmp_path: Path) -> None:
    text = REGISTER_TEXT + "    [] | [] | [] | [] | [] | []\n" * 5
    table = read_register(office_workbook(tmp_path / "r.xlsx", text)).cases
    assert table.data.index.tolist() == [2, 3]


def test_what_a_live_formula_shows_makes_no_case(tmp_path: Path) -> None:
    text = REGISTER_TEXT + "    =A3 => 003 | | | | =A1 => 0 | =A1\n" + "    004/CLTS/III/2026 | | | | =A1 => 5 |\n"
    table = read_register(office_workbook(tmp_path / "r.xlsx", text)).cases
    assert table.data.index.tolist() == [2, 3, 5]
    assert table.data.at[5, "quantity"] == 5


def test_a_sheet_of_nothing_but_formulas_is_still_read(tmp_path: Path) -> None:
    text = "No. Catatan | Status\n=A1 => 001/A | =A1 => Proses\n"
    table = read_register(office_workbook(tmp_path / "r.xlsx", text)).cases
    assert table.data["number"].tolist() == ["001/A"]


def test_headers_missing_twice_and_unknown(tmp_path: Path) -> None:
    text = "No. Catatan | Status | status | Warna | Tanggal Ditemukan\n001 | Proses | Selesai | merah |\n"
    table = read_register(office_workbook(tmp_path / "r.xlsx", text, complete=False)).cases
    assert table.structure.duplicate_headers == (("C1", "status"),)
    assert table.structure.unknown_headers == (("D1", "Warna"),)
    assert table.structure.missing_headers == ("Jenis Layanan", "Uraian Ketidaksesuaian", "Ditemukan Oleh")
    assert table.data.at[2, "status"] == "Proses"
    assert table.cell(2, "due_date") == "A1"


def test_columns_of_live_formulas_are_not_unknown(tmp_path: Path) -> None:
    text = "No. Catatan | Pantauan\n001 | =A1 => Sesuai\n002 | =A1 => Sesuai\n"
    assert read_register(office_workbook(tmp_path / "r.xlsx", text)).cases.structure.unknown_headers == ()


def test_a_sheet_without_its_headers(tmp_path: Path) -> None:
    table = read_register(office_workbook(tmp_path / "r.xlsx", [["a", "b"], [1, 2]])).cases
    assert len(table.structure.missing_headers) == 5
    assert table.data.empty
    assert table.present


def test_error_cells_and_formulas_never_calculated(tmp_path: Path) -> None:
    text = "No. Catatan | Jumlah | Status | Target Selesai\n001 | #REF! | =A1 | #N/A\n#VALUE! | 2 | Proses |\n"
    table = read_register(office_workbook(tmp_path / "r.xlsx", text)).cases
    assert sorted(met(table, "error-cell")) == [("A3", "#VALUE!", ""), ("B2", "#REF!", ""), ("D2", "#N/A", "")]
    assert met(table, "not-calculated") == [("C2", "", "")]
    assert np.isnan(table.data.at[2, "quantity"])
    assert table.raw.at[2, "quantity"] == "#REF!"
    assert table.data.at[3, "number"] is None


def test_hidden_rows_and_merged_cells(tmp_path: Path) -> None:
    text = REGISTER_TEXT + "    003 | | | | |\n"
    path = office_workbook(
        tmp_path / "r.xlsx", text, hidden={"Register": [3, 9]}, merged={"Register": ["C3:D4", "AH2:AI2", "A9:B9"]}
    )
    structure = read_register(path).cases.structure
    assert structure.hidden_rows == (3,)
    assert structure.merged == ("C3:D4",)


def test_readings_carry_what_was_typed_and_how_it_was_read(tmp_path: Path) -> None:
    text = """
        No. Catatan | Tanggal Ditemukan | Jumlah | Tanggal PTPP | Ditemukan Oleh
        001 | '19 Agt 2026 08.15 | '1.000,5 | '25/3/2026 | '\u00a0Ratna
        002 | 2026-03-02 | lima | '3/4/2026 | x
        003 | 2026-03-02 08:15 | 1 | '31/2/2026 | x
    """
    table = read_register(office_workbook(tmp_path / "r.xlsx", text)).cases
    assert met(table, "understood") == [
        ("B2", "19 Agt 2026 08.15", "19 Agustus 2026 pukul 08.15"), ("D2", "25/3/2026", "25 Maret 2026"),
        ("C2", "1.000,5", "1.000,5"), ("D3", "3/4/2026", "3 April 2026"),
    ]  # fmt: skip
    assert met(table, "date-only") == [("B3", "2 Maret 2026", "")]
    assert met(table, "unreadable") == [("C3", "lima", "")]
    assert met(table, "ambiguous") == [("D4", "31/2/2026", "tanggal itu tidak ada dalam kalender")]
    assert met(table, "trimmed") == [("E2", "\u00a0Ratna", "Ratna")]


def test_another_sheet_settles_the_habit(tmp_path: Path) -> None:
    register = "No. Catatan | Tanggal PTPP\n001 | '3/4/2026\n"
    alone = read_register(office_workbook(tmp_path / "a.xlsx", register)).cases
    assert alone.data.at[2, "ptpp_date"] == pd.Timestamp("2026-04-03")
    kalender = "Tanggal | Jenis\n'8/17/2026 | Libur Nasional\n"
    other = read_register(office_workbook(tmp_path / "b.xlsx", register, kalender=kalender)).cases
    assert other.data.at[2, "ptpp_date"] == pd.Timestamp("2026-03-04")
    kalender = "Tanggal | Jenis\n'8/17/2026 | Libur Nasional\n'25/12/2026 | Libur Nasional\n"
    both = read_register(office_workbook(tmp_path / "c.xlsx", register, kalender=kalender)).cases
    assert met(both, "ambiguous") == [("B2", "3/4/2026", "dapat berarti 3 April 2026 atau 4 Maret 2026")]


def test_a_1904_workbook_keeps_its_dates(tmp_path: Path) -> None:
    rows = [["No. Catatan", "Tanggal Ditemukan", "Tanggal PTPP"], ["001", dt.datetime(2026, 3, 2, 8, 15), 44621]]
    path = write_workbook(tmp_path / "r.xlsx", {"Register": rows}, date_1904=True)
    table = read_register(path).cases
    assert table.data.at[2, "found_at"] == pd.Timestamp("2026-03-02 08:15")
    assert table.data.at[2, "ptpp_date"] == pd.Timestamp("2026-03-02")


def test_the_order_of_sheets_and_rows_does_not_matter(tmp_path: Path) -> None:
    header, *rows = [line for line in LANGKAH_TEXT.splitlines() if line.strip()]
    one = read_register(office_workbook(tmp_path / "a.xlsx", langkah="\n".join([header, *rows]))).events.data
    turned = "\n".join([header, *reversed(rows)])
    other = read_register(office_workbook(tmp_path / "b.xlsx", langkah=turned)).events.data
    pd.testing.assert_frame_equal(one.reset_index(drop=True), other.iloc[::-1].reset_index(drop=True))


def test_lists_of_the_office(tmp_path: Path) -> None:
    daftar = """
        Jenis Layanan | Status | Warna
        Surat Jalan | Terbuka | merah
        Surat  Jalan | Ditunda |
        | |
        Izin Keramaian | |
    """
    choices = read_register(office_workbook(tmp_path / "r.xlsx", daftar=daftar)).choices
    assert choices["Jenis Layanan"] == ("Surat Jalan", "Izin Keramaian")
    assert choices["Status"] == CHOICES["Status"]
    assert "Warna" not in choices


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("2026-11-20 10:00", "2026-11-20T10:00:00"),
        ("'20 November 2026 pukul 10.00", "2026-11-20T10:00:00"),
        ("'2026-11-20 10:00", "2026-11-20T10:00:00"),
        ("kemarin", "kemarin"),
    ],
)
def test_the_reference_time(tmp_path: Path, typed: str, text: str) -> None:
    settings = read_register(office_workbook(tmp_path / "r.xlsx", kantor={"Waktu Acuan": typed})).settings
    assert settings["Waktu Acuan"] == text


def test_settings_are_texts_and_match_tolerantly(tmp_path: Path) -> None:
    kantor = """
        Kunci | Nilai
        batas  jeda | 2 hari
        Periksa Nomor Urut | TRUE
        Tahun Register | 2026
        Kunci Sendiri | x
    """
    found = read_register(office_workbook(tmp_path / "r.xlsx", kantor=kantor)).settings
    assert (found["Batas Jeda"], found["Periksa Nomor Urut"], found["Tahun Register"]) == ("2 hari", "Ya", "2026")
    assert found["Kunci Sendiri"] == "x"
    assert found["Waktu Acuan"] == ""


def test_the_sheet_of_the_sop_is_kept_with_its_addresses(tmp_path: Path) -> None:
    sop: list[list[object]] = [["SOP"], [], [None, "No", "Aktifitas", "Waktu"], [None, 1, "Memulai", "15 menit"]]
    rows = read_register(office_workbook(tmp_path / "r.xlsx", sop=sop)).sop_sheet
    assert rows == (("A3", (None, "No", "Aktifitas", "Waktu")), ("A4", (None, 1.0, "Memulai", "15 menit")))


def test_signs_of_being_in_use(tmp_path: Path) -> None:
    path = office_workbook(tmp_path / "register.xlsx")
    signs = ["~$register.xlsx", ".~lock.register.xlsx#", "register (1).xlsx", "register (Conflicted copy 2).xlsx"]
    for name in [*signs, "register-2025.xlsx", "lain.xlsx", "register.sopkit"]:
        (tmp_path / name).write_bytes(b"x")
    assert read_register(path).source.open_elsewhere == tuple(sorted(signs))


@pytest.mark.parametrize(
    "copy",
    [
        "register-2026 (conflicted copy 2026-11-19).xlsx", "register-2026 (Budi's conflicted copy 2026-11-19).xlsx",
        "register-2026.sync-conflict-20261119-101010-ABCDEFG.xlsx", "register-2026 - Konflik LAPTOP.xlsx",
        "register-2026_conflict-20261119.xlsx", "register-2026-LAPTOP-4F2K.xlsx", "Salinan dari register-2026.xlsx",
        "register-2026 [Conflict].xlsx", "register-2026 - Copy (2).xlsx",
    ],
)  # fmt: skip
def test_copies_of_a_register_that_is_named_as_init_names_it(tmp_path: Path, copy: str) -> None:
    path = office_workbook(tmp_path / "register-2026.xlsx")
    for name in (copy, "register-2025 (conflicted copy 2026-11-19).xlsx", "register-2026-diperiksa.xlsx"):
        (tmp_path / name).write_bytes(b"x")
    assert read_register(path).source.open_elsewhere == (copy,)


@pytest.fixture(scope="module")
def old_formats(tmp_path_factory: pytest.TempPathFactory, converted: Callable[..., None]) -> Path:
    folder = tmp_path_factory.mktemp("formats")
    text = """
        No. Catatan | Tanggal Ditemukan | Jenis Layanan | Jumlah | Status | Target Selesai
        001 | 2026-03-02 08:15 | Legalisasi Surat | 2,5 | =NA() | 2026-03-05
        002 | '19 Agustus 2026 08.15 | Surat Pindah | 2.5 | =1/0 | []
        003 | 2026-03-03 09:07 | Surat Pindah | =1+2 | Proses | 2026-03-06
    """
    hidden, merged = {"Register": [3]}, {"Register": ["C4:C5"]}
    path = office_workbook(folder / "r.xlsx", text, LANGKAH_TEXT, hidden=hidden, merged=merged)
    for form in ("ods", "xls"):
        converted(form, folder, path)
    return folder


@pytest.mark.parametrize("form", ["ods", "xls"])
def test_the_older_formats_are_read_with_the_same_addresses(old_formats: Path, form: str) -> None:
    register = read_register(old_formats / f"r.{form}")
    assert register.source.format == form
    table = register.cases
    assert table.data.index.tolist() == [2, 3, 4]
    assert table.data["found_at"].tolist() == [
        pd.Timestamp("2026-03-02 08:15"), pd.Timestamp("2026-08-19 08:15"), pd.Timestamp("2026-03-03 09:07"),
    ]  # fmt: skip
    assert met(table, "understood") == [
        ("D2", "2,5", "2,5"), ("B3", "19 Agustus 2026 08.15", "19 Agustus 2026 pukul 08.15"),
    ]  # fmt: skip
    assert table.data["quantity"].tolist() == [2.5, 2.5, 3.0]
    assert register.hours.data.at[2, "open"] == pd.Timedelta(hours=7, minutes=30)
    hidden = form == "ods"  # of xls only the values are read
    assert met(table, "error-cell") == ([("E2", "#N/A", ""), ("E3", "#DIV/0!", "")] if hidden else [])
    assert table.structure.hidden_rows == ((3,) if hidden else ())
    assert table.structure.merged == (("C4:C5",) if hidden else ())


def test_an_xlsb_is_read_with_the_same_addresses(tmp_path: Path) -> None:
    path = tmp_path / "r.xlsb"
    rows: list[list[object]] = [["No. Catatan", "Jumlah", "Status"], ["001", 2.0, None], ["002", "#REF!", "x"]]
    path.write_bytes(xlsb("Register", 3, rows))
    register = read_register(path)
    assert register.source.format == "xlsb"
    assert register.cases.data["number"].to_dict() == {5: "001", 6: "002"}


def test_of_a_binary_workbook_it_is_said_that_only_values_are_read(tmp_path: Path) -> None:
    (tmp_path / "r.xlsb").write_bytes(xlsb("Register", 3, [["No. Catatan", "Jumlah"], ["001", 2.0]]))
    office_workbook(tmp_path / "r.xlsx")
    for name, told in (("r.xlsb", True), ("r.xlsx", False)):
        out = io.StringIO()
        print_summary(inspect_register(read_register(tmp_path / name), SOP), make_console(out))
        assert ("Simpan Sebagai .xlsx" in " ".join(out.getvalue().split())) is told


def test_an_xlsb_that_reaches_far_outside_its_data_is_refused(tmp_path: Path) -> None:
    """Calamine would lay out all the cells between."""
    path = tmp_path / "r.xlsb"
    data = xlsb("Register", 1_000_000, [["No. Catatan"] + [None] * 16_000 + ["x"]])
    near = xlsb("Register", 3, [["No. Catatan"]])
    sheet = "xl/worksheets/sheet1.bin"
    with zipfile.ZipFile(io.BytesIO(near)) as one, zipfile.ZipFile(io.BytesIO(data)) as other:
        far = one.read(sheet)[:-8] + other.read(sheet)
        with zipfile.ZipFile(path, "w") as package:
            for name in one.namelist():
                package.writestr(name, far if name == sheet else one.read(name))
    with pytest.raises(SopkitError, match="jauh di luar data"):
        read_register(path)


def record(kind: int, body: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return head + bytes([len(body) & 0x7F | 0x80, len(body) >> 7]) + body


def wide_text(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(sheet: str, above: int, rows: list[list[object]]) -> bytes:
    """A minimal xlsb; its last row is hidden."""
    body = record(129) + record(148, struct.pack("<IIII", above, above + len(rows) - 1, 0, 2)) + record(145)
    for number, row in enumerate(rows, start=above):
        hidden = 0x10 if row is rows[-1] else 0
        body += record(0, struct.pack("<IIHBBBI", number, 0, 300, 0, hidden, 0, 0))
        for column, value in enumerate(row):
            head = struct.pack("<II", column, 0)
            if isinstance(value, float):
                body += record(5, head + struct.pack("<d", value))
            elif value == "#REF!":
                body += record(3, head + bytes([23]))
            elif value is not None:
                body += record(6, head + wide_text(str(value)))
    body += record(146) + record(130)
    book = record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + wide_text("rId1") + wide_text(sheet))
    book += record(144) + record(132)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    relations = f'<Relationship Id="rId1" Type="{kind}" Target="worksheets/sheet1.bin"/>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("xl/workbook.bin", book)
        package.writestr("xl/worksheets/sheet1.bin", body)
        space = "http://schemas.openxmlformats.org/package/2006/relationships"
        package.writestr("xl/_rels/workbook.bin.rels", f'<Relationships xmlns="{space}">{relations}</Relationships>')
    return out.getvalue()


TYPED = st.one_of(
    st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=40), st.booleans(),
    st.integers(-(10**9), 10**9), st.floats(allow_nan=False, allow_infinity=False),
    st.datetimes(dt.datetime(1900, 3, 1), dt.datetime(9999, 12, 30)),
    st.sampled_from(["3/4/2026", "31/2/2026", "19 Agustus 2026", "5. Memutuskan", "1.000,5", "-", "07.30"]),
)  # fmt: skip


@given(st.lists(st.lists(TYPED, min_size=len(REGISTER.columns), max_size=len(REGISTER.columns)), max_size=3))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_cell_content_is_read(tmp_path: Path, rows: list[list[object]]) -> None:
    path = office_workbook(tmp_path / "r.xlsx", [*HEADERS_ONLY["Register"], *rows])
    register = read_register(path)
    assert set(register.cases.data.index) <= set(range(2, 2 + len(rows)))
    for row in register.cases.data.index:
        typed = rows[row - 2][4]
        if isinstance(typed, str) and typed.isalnum() and typed.isascii():
            assert register.cases.data.at[row, "found_by"] == typed


def test_a_register_knows_its_tables(tmp_path: Path) -> None:
    register = read_register(office_workbook(tmp_path / "r.xlsx"))
    assert isinstance(register, Register)
    assert [table.sheet for table in register.tables] == [
        "Register", "Langkah", "Pemusnahan", "Pegawai", "Kantor", "Kalender", "Jam Kerja", "Surel",
    ]  # fmt: skip
