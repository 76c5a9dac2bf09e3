"""rekap.xlsx: one register or many, as Excel shows and sorts it."""

from __future__ import annotations

import datetime as dt
import io
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from report_samples import AS_OF, golden, inspected, telling
from workbooks import office_workbook

from sopkit.checks.inspection import Inspected
from sopkit.pipeline import recap_of, write_recap
from sopkit.register.read import read_book
from sopkit.reports import recap, recap_measure
from sopkit.reports.recap import make_recap
from sopkit.reports.statistics import Figures, by_step, measure, total

SHEETS = [
    "Ringkasan", "Kantor x Bulan", "Langkah", "Layanan", "Pareto", "Bulan x Layanan x Langkah", "Kasus Terbuka",
    "Berulang",
]  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Inspected:
    return telling(tmp_path_factory.mktemp("rekap"))


@pytest.fixture(scope="module")
def three(told: Inspected) -> list[Figures]:
    return [replace(measure(told), office=f"KECAMATAN {name}") for name in ("SATU", "DUA", "TIGA")]


def _book(data: bytes) -> Any:
    return load_workbook(io.BytesIO(data))


def _rows(sheet: Any) -> list[dict[str, Any]]:
    """The table's rows by header; the header stands in row 4."""
    headers = [str(cell.value) for cell in sheet[4]]
    rows = [dict(zip(headers, row, strict=True)) for row in sheet.iter_rows(min_row=5, values_only=True)]
    return [row for row in rows if any(value is not None for value in row.values())]


def _said(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def test_recap_reads_as_before(told: Inspected, update_golden: bool) -> None:
    lines = []
    for sheet in _book(make_recap([told]).workbook):
        lines.append(f"== {sheet.title} ({len(sheet._charts)} grafik)")
        lines += [" | ".join("" if v is None else _said(v) for v in row) for row in sheet.iter_rows(values_only=True)]
    golden("rekap.txt", "\n".join(lines) + "\n", update_golden)


def test_the_sheets_of_one_register(told: Inspected) -> None:
    assert _book(make_recap([told]).workbook).sheetnames == SHEETS


def test_working_time_is_a_duration_that_excel_can_calculate_with(told: Inspected) -> None:
    sheet = _book(make_recap([told]).workbook)["Langkah"]
    first = _rows(sheet)[0]
    assert first["Median (jam:menit)"] == dt.timedelta(minutes=10) or first["Median (jam:menit)"] == dt.time(0, 10)
    column = [cell.value for cell in sheet[4]].index("Median (jam:menit)") + 1
    assert sheet.cell(5, column).number_format == "[h]:mm"


def test_steps_are_those_of_the_figures(told: Inspected) -> None:
    rows = _rows(_book(make_recap([told]).workbook)["Langkah"])
    for row, (step, numbers) in zip(rows, by_step(measure(told)), strict=True):
        assert (row["Langkah"], row["Baku mutu"]) == (step.number, step.standard)
        assert (row["Selesai dikerjakan"], row["Tepat waktu"]) == (numbers.finished, numbers.on_time)
        assert row["Ketepatan waktu"] == pytest.approx(numbers.on_time_rate)


def test_month_by_service_by_step_adds_up(told: Inspected) -> None:
    rows = _rows(_book(make_recap([told]).workbook)["Bulan x Layanan x Langkah"])
    whole = total(measure(told))
    assert sum(row["Pelaksanaan"] for row in rows) == whole.executions
    assert sum(row["Tepat waktu"] for row in rows) == whole.on_time
    assert {row["Bulan"] for row in rows} == {dt.datetime(2026, 10, 1), dt.datetime(2026, 11, 1)}
    keys = [(row["Bulan"], row["Jenis layanan"], row["Langkah"]) for row in rows]
    assert len(set(keys)) == len(keys)


def test_open_cases_are_listed_oldest_first(told: Inspected) -> None:
    rows = _rows(_book(make_recap([told]).workbook)["Kasus Terbuka"])
    assert [row["No. Catatan"] for row in rows] == ["003/CLTS/XI/2026", "004/CLTS/XI/2026", "005/CLTS/XI/2026"]
    assert [row["Lewat batas"] for row in rows] == ["Ya", "Tidak", "Tidak"]
    assert [row["Umur (hari kerja)"] for row in rows] == [13, 2, 1]


def test_many_offices_are_offices_by_months(three: list[Figures]) -> None:
    book = _book(make_recap(three).workbook)
    rows = _rows(book["Kantor x Bulan"])
    assert [(row["Kantor"], row["Bulan"].month) for row in rows] == [
        (f"KECAMATAN {name}", month) for name in ("SATU", "DUA", "TIGA") for month in (10, 11)
    ]
    summary = _rows(book["Ringkasan"])
    assert [row["Kantor"] for row in summary] == [each.office for each in three] + ["Seluruhnya"]
    assert summary[-1]["Kasus"] == sum(row["Kasus"] for row in summary[:-1]) == 15
    assert summary[-1]["Ketepatan waktu"] == pytest.approx(total(three[0]).on_time_rate)


def test_the_pareto_sheet_counts_every_case_four_times(three: list[Figures]) -> None:
    rows = _rows(_book(make_recap(three).workbook)["Pareto"])
    by: dict[str, int] = {}
    for row in rows:
        by[row["Menurut"]] = by.get(row["Menurut"], 0) + row["Kasus"]
    assert by == dict.fromkeys(("Analisis Penyebab", "Kategori", "Sumber", "Penanggung Jawab"), 15)
    assert rows[0]["Isi"] == "Data pemohon tidak dicocokkan dengan KTP"
    assert (rows[0]["Kasus"], rows[0]["Bagian"]) == (6, pytest.approx(6 / 15))


def test_charts_are_excels_own(told: Inspected, three: list[Figures]) -> None:
    assert sum(len(sheet._charts) for sheet in _book(make_recap([told]).workbook)) >= 4
    with zipfile.ZipFile(io.BytesIO(make_recap(three).workbook)) as package:
        charts = [package.read(name) for name in package.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) >= 3
    assert any(b"<c:lineChart>" in chart and chart.count(b"<c:ser>") == 3 for chart in charts)


def test_every_sheet_prints_on_a4_landscape_with_its_header(told: Inspected) -> None:
    for sheet in _book(make_recap([told]).workbook):
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.paperSize == 9
        assert sheet.print_title_rows in ("4:4", "$4:$4")
        assert sheet.freeze_panes == "B5"


def test_same_registers_same_bytes(told: Inspected) -> None:
    assert make_recap([told]).workbook == make_recap([inspected(told.register.source.path)]).workbook


def test_a_text_like_a_formula_stays_a_text(tmp_path: Path) -> None:
    evil = office_workbook(
        tmp_path / "r.xlsx",
        "No. Catatan | Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian\n'=1+1 | 2026-11-02 | '=A1 | '=A2",
        kantor={"Nama Kantor": "'=HYPERLINK(1)"},
    )
    for sheet in _book(make_recap([inspected(evil)]).workbook):
        for row in sheet.iter_rows():
            assert "f" not in {cell.data_type for cell in row}


def test_libreoffice_opens_it(told: Inspected, converted: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / "rekap.xlsx").write_bytes(make_recap([told]).workbook)
    second_sheet = "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true,false,false,false,2"
    converted(second_sheet, tmp_path, tmp_path / "rekap.xlsx")
    (sheet,) = tmp_path.glob("rekap*.csv")
    lines = sheet.read_text("utf-8").splitlines()
    assert lines[4].split(";")[2:8] == ["2", "2", "0", "0", "0", "100%"]


def _offices(folder: Path, count: int = 3) -> list[Path]:
    """Small registers; the second names a PTPP of the first, the third has a step that runs."""
    books = []
    for number in range(1, count + 1):
        case, day = f"00{number}/CLTS/XI/2026", f"2026-11-0{number}"
        row = f"{case} | {day} 08:00 | Surat Pindah | Alamat keliru | 00{number}/PTPP/XI/2026"
        after = "001/PTPP/XI/2026 | Tidak Sesuai" if number == 2 else " | "
        cases = (
            "No. Catatan | Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | No. PTPP | PTPP Lanjutan"
            f" | Hasil Verifikasi\n{row} | {after}"
        )
        end = "" if number == 3 else f"{day} 08:15"
        events = (
            f"No. Catatan | Langkah | Pelaksana | Mulai | Selesai\n{case} | 1 | Ratna Anggraini | {day} 08:05 | {end}"
        )
        books.append(office_workbook(folder / f"r{number}.xlsx", cases, events, kantor={"Nama Kantor": f"K{number}"}))
    return books


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the workbooks that are read, in their order."""
    names: list[str] = []

    def read(book: Any) -> Any:
        names.append(book.path.name)
        return read_book(book)

    monkeypatch.setattr(recap_measure, "read_book", read)
    return names


def test_each_workbook_is_read_once_and_what_names_others_twice(tmp_path: Path, reads: list[str]) -> None:
    books = _offices(tmp_path)
    several = recap_of(books, AS_OF, None).recap
    assert several and reads == ["r1.xlsx", "r2.xlsx", "r3.xlsx", "r2.xlsx"]
    alone = recap_of(books[1:], AS_OF, None).recap
    found = [_rows(_book(each.workbook)["Ringkasan"])[place] for place, each in ((1, several), (0, alone)) if each]
    assert found[1]["Kesalahan"] == found[0]["Kesalahan"] + 1  # K09, where the first is not given


def test_what_did_not_change_is_not_read_again(tmp_path: Path, reads: list[str]) -> None:
    books, kept = _offices(tmp_path), tmp_path / "rekap-simpanan.sqlite3"
    first = recap_of(books, AS_OF, None, kept=kept)
    reads.clear()
    again = recap_of(books, AS_OF, None, kept=kept)
    assert not reads and again.recap and first.recap and again.recap.workbook == first.recap.workbook
    later = AS_OF + dt.timedelta(hours=1)
    told = recap_of(books, later, None, kept=kept)
    assert set(reads) == {"r3.xlsx"}  # its step still runs
    fresh = recap_of(books, later, None)
    assert told.recap and fresh.recap and told.recap.workbook == fresh.recap.workbook
    reads.clear()
    books[0].write_bytes(books[2].read_bytes())  # the first is saved, the second is opened in Excel
    (tmp_path / "~$r2.xlsx").write_bytes(b"")
    recap_of(books, later, None, kept=kept)
    assert set(reads) == {"r1.xlsx", "r2.xlsx"}


def test_a_damaged_file_of_kept_numbers_is_begun_anew_and_one_that_cannot_be_used_left_alone(
    tmp_path: Path, reads: list[str]
) -> None:
    books, kept = _offices(tmp_path), tmp_path / "rekap-simpanan.sqlite3"
    whole = recap_of(books, AS_OF, None, kept=kept)
    assert not whole.told and whole.recap
    data = bytearray(kept.read_bytes())
    for damaged in (b"bukan basis data" * 300, bytes(data[:5000]), bytes(reversed(data))):
        kept.write_bytes(damaged)
        told = recap_of(books, AS_OF, None, kept=kept)
        assert "disusun lagi" in told.told and told.recap and told.recap.workbook == whole.recap.workbook
        reads.clear()
        assert recap_of(books, AS_OF, None, kept=kept).told == "" and not reads
    with closing(sqlite3.connect(kept)) as held:
        (table,) = held.execute("SELECT name FROM sqlite_master WHERE name LIKE 'kept%' AND type = 'table'").fetchone()
        held.execute(f"UPDATE {table} SET head = x'00'")
        held.commit()
    told = recap_of(books, AS_OF, None, kept=kept)
    assert len(reads) == 4 and told.recap and told.recap.workbook == whole.recap.workbook
    (tmp_path / "folder").mkdir()
    assert "tidak dapat dipakai" in recap_of(books, AS_OF, None, kept=tmp_path / "folder").told


def test_what_does_not_fit_one_sheet_is_in_several_files(three: list[Figures], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _book(make_recap(three).workbook)["Bulan x Layanan x Langkah"].max_row - 4
    monkeypatch.setattr(recap, "MOST_DETAILS", 1)
    monkeypatch.setattr(recap, "MOST_IN_FILE", whole // 3 * 2)
    made = make_recap(three)
    assert list(made.beside) == [f"rekap-bulan-layanan-langkah-{number}.csv" for number in (1, 2)]
    lines = [data.decode("utf-8-sig").splitlines() for data in made.beside.values()]
    assert [len(each) - 1 for each in lines] == [whole // 3 * 2, whole // 3] and lines[0][0] == lines[1][0]
    title = _book(made.workbook)["Bulan x Layanan x Langkah"]["A1"].value
    assert "2 berkas, rekap-bulan-layanan-langkah-1.csv sampai rekap-bulan-layanan-langkah-2.csv" in title


def test_the_tables_of_a_longer_recap_do_not_stay(
    three: list[Figures], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """But those that somebody changed, and all where another recap lies beside, whose tables bear the same names."""
    monkeypatch.setattr(recap, "MOST_DETAILS", 1)

    def written(most: int, target: str = "rekap.xlsx") -> list[str]:
        monkeypatch.setattr(recap, "MOST_IN_FILE", most)
        write_recap(make_recap(three), tmp_path / target)
        return sorted(path.name for path in tmp_path.glob("*.csv"))

    own = tmp_path / "rekap-milik-sendiri.csv"
    own.write_text("bukan dari sopkit", "utf-8")
    whole = len(next(iter(make_recap(three).beside.values())).splitlines()) - 1
    assert len(written(whole // 3)) == 1 + 3
    assert written(whole // 3 * 2) == [*(f"rekap-bulan-layanan-langkah-{n}.csv" for n in (1, 2)), own.name]
    with (tmp_path / "rekap-bulan-layanan-langkah-2.csv").open("ab") as edited:
        edited.write(b"catatan;saya")
    assert written(whole) == [f"rekap-bulan-layanan-langkah{n}.csv" for n in ("-2", "")] + [own.name]
    written(whole // 3, "lain.xlsx")
    assert len(written(whole)) == 1 + 1 + 3


def test_many_registers_are_written_row_by_row_and_read_the_same(
    three: list[Figures], monkeypatch: pytest.MonkeyPatch
) -> None:
    held = _book(make_recap(three).workbook)
    monkeypatch.setattr(recap, "MANY", 1)
    for one, other in zip(held, _book(make_recap(three).workbook), strict=True):
        assert list(one.iter_rows(values_only=True)) == list(other.iter_rows(values_only=True))
        assert len(one._charts) == len(other._charts)
