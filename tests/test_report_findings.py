"""temuan.json and its CSV."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from report_samples import AS_OF, inspected, telling
from rule_fixtures import FIXTURES, inspect_fixture
from workbooks import office_workbook

from sopkit.checks.inspection import Inspected
from sopkit.reports.findings import CSV_HEADERS, place_text, to_csv, to_json
from sopkit.reports.statistics import counts_text, verdict


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Inspected:
    return telling(tmp_path_factory.mktemp("temuan"))


def test_json_has_the_shape_of_the_contract(told: Inspected) -> None:
    data = json.loads(to_json(told))
    assert list(data) == ["register", "sop", "as_of", "summary", "findings"]
    assert data["register"] == {
        "path": told.register.source.path.as_posix(),
        "sha256": told.register.source.sha256,
        "cases": 5,
        "events": 28,
    }
    assert list(data["sop"]) == ["id", "title"]
    assert data["as_of"] == AS_OF.isoformat() == "2026-11-20T10:00:00"
    assert list(data["summary"]) == ["error", "breach", "explained", "warning", "acknowledged", "note"]
    assert list(data["findings"][0]) == [
        "code", "severity", "explained", "sheet", "cell", "row", "column", "case", "step", "message", "fix", "clause",
    ]  # fmt: skip


def test_json_counts_what_it_lists(told: Inspected) -> None:
    data = json.loads(to_json(told))
    counts = dict.fromkeys(data["summary"], 0)
    for found in data["findings"]:
        severity = found["severity"]
        counts[{"breach": "explained", "warning": "acknowledged"}[severity] if found["explained"] else severity] += 1
    assert counts == data["summary"]
    assert data["summary"]["explained"] == 1


def test_csv_says_of_each_whether_keterangan_explains_it(told: Inspected) -> None:
    rows = csv.DictReader(io.StringIO(to_csv(told).lstrip("\ufeff")), delimiter=";")
    assert {(row["Kode"], row["Tingkat"]) for row in rows if row["Dijelaskan"] == "ya"} == {
        ("W02", "penyimpangan"), ("W05", "peringatan"),
    }  # fmt: skip


def test_a_register_with_acknowledged_warnings_alone_is_in_order(tmp_path: Path) -> None:
    """Warnings never fail; acknowledged ones are not said to need a look."""
    fixture = next(each for each in FIXTURES if each.title == "W05 acknowledged")
    one = inspect_fixture(fixture, tmp_path)
    counts = {"error": 0, "breach": 0, "explained": 0, "warning": 0, "acknowledged": 1, "note": 0}
    assert json.loads(to_json(one))["summary"] == counts
    assert not one.failed
    assert verdict(one) == "Register sesuai SOP."
    assert counts_text(one.summary) == (
        "0 kesalahan, 0 penyimpangan, 0 peringatan (1 lagi diberi keterangan), dan 0 informasi"
    )


def test_findings_stand_by_sheet_row_column_code(told: Inspected) -> None:
    found = json.loads(to_json(told))["findings"]
    order = [(f["sheet"], f["row"] or 0, f["column"], f["code"]) for f in found]
    assert order == sorted(order)


def test_one_workbook_is_an_object_and_several_are_a_list(told: Inspected) -> None:
    one = json.loads(to_json(told))
    assert json.loads(to_json([told])) == [one]
    assert json.loads(to_json([told, told])) == [one, one]


def test_json_keeps_letters_readable(tmp_path: Path) -> None:
    book = office_workbook(tmp_path / "r.xlsx", None, "No. Catatan | Langkah | Pelaksana | Mulai\n“é” | 4 | Ratna | 3")
    assert "“é”" in to_json(inspected(book))


def test_same_input_same_text(told: Inspected) -> None:
    again = inspected(told.register.source.path)
    assert to_json(again) == to_json(told)
    assert to_csv(again) == to_csv(told)


def test_csv_opens_in_excel_with_indonesian_settings(told: Inspected) -> None:
    data = to_csv(told).encode("utf-8")
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    assert tuple(rows[0]) == CSV_HEADERS
    assert len(rows) == 1 + len(told.findings)
    assert {len(row) for row in rows} == {len(CSV_HEADERS)}
    assert [row[1] for row in rows[1:]] == [found.code for found in told.findings]


def test_csv_holds_no_formula(tmp_path: Path) -> None:
    evil = (
        'No. Catatan | Langkah | Pelaksana | Mulai\n\'=HYPERLINK("http://x") | 1 | Ratna Anggraini | 2026-11-02 08:00'
    )
    text = to_csv(inspected(office_workbook(tmp_path / "r.xlsx", None, evil)))
    cells = [cell for row in csv.reader(io.StringIO(text), delimiter=";") for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_a_place_is_said_as_excel_says_it(tmp_path: Path) -> None:
    book = office_workbook(tmp_path / "r.xlsx", without=["Langkah"])
    missing = next(found for found in inspected(book).findings if found.code == "B01")
    assert place_text(missing) == "buku kerja"


def test_a_missing_number_names_what_gives_it(tmp_path: Path) -> None:
    """D01 at No. Catatan and No. BA, K01 at No. PTPP; other empty cells are only to be filled in."""
    register = (
        "No. Catatan | Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Ditemukan Oleh | Status\n"
        " | 2026-11-16 08:00 | Legalisasi Surat | Stempel pada salinan tidak terbaca | Ratna Anggraini | Terbuka\n"
        "002/CLTS/XI/2026 | 2026-11-17 09:00 | Surat Pindah | | Ratna Anggraini | Proses"
    )
    steps = (
        "No. Catatan | Langkah | Pelaksana | Mulai | Selesai\n"
        "002/CLTS/XI/2026 | 1 | Ratna Anggraini | 2026-11-17 09:00 | 2026-11-17 09:10\n"
        "002/CLTS/XI/2026 | 2 | Joko Santosa | 2026-11-17 09:15 | 2026-11-17 09:50"
    )
    burnt = "No. BA | Tanggal | Tempat\n | 2026-11-18 | Halaman kantor"
    found = inspected(office_workbook(tmp_path / "r.xlsx", register, steps, burnt)).findings
    fixes = {(each.code, each.column): "sopkit number" in each.fix for each in found if each.code in ("D01", "K01")}
    assert fixes["D01", "No. Catatan"] and fixes["D01", "No. BA"] and fixes["K01", "No. PTPP"]
    assert not fixes["D01", "Uraian Ketidaksesuaian"] and not fixes["D01", "Saksi 1"]


def test_what_is_explained_asks_for_nothing_in_data_either(told: Inspected) -> None:
    told_fixes = {each["fix"] for each in json.loads(to_json(told))["findings"] if each["explained"]}
    assert told_fixes == {"Sudah dijelaskan pada kolom Keterangan.", "Sudah diberi keterangan pada kolom Keterangan."}
    rows = csv.DictReader(io.StringIO(to_csv(told).lstrip("\ufeff")), delimiter=";")
    assert {row["Cara Memperbaiki"] for row in rows if row["Dijelaskan"] == "ya"} == told_fixes
