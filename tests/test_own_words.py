"""`[values]` of a layout file: the office's own words for values of lists count everywhere as those values."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from offices import TEMPLATES
from rich.console import Console
from rule_fixtures import FIXTURES, changed, inspect_tables
from workbooks import office_workbook

from sopkit.checks.inspection import Inspected
from sopkit.errors import SopkitError
from sopkit.newbook.renew import renew_workbook
from sopkit.pipeline import RunOptions, generate_documents, inspect_books, run_books
from sopkit.register.layout import layout_beside, parse_layout
from sopkit.register.schema import Cases, Events
from sopkit.reports import statistics
from sopkit.reports.export import to_csv_log

AS_OF = dt.datetime(2026, 11, 24, 9, 0)
CASES = """
No. Catatan | Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Ditemukan Oleh | Kategori | No. PTPP | Tanggal PTPP | Kepada | Penanggung Jawab | Target Selesai | Status | Keterangan
001/CLTS/XI/2026 | 2026-11-16 08:00 | Legalisasi Surat | Stempel pada salinan tidak terbaca oleh pemohon | Ratna Anggraini | major | 001/PTPP/XI/2026 | 2026-11-16 | Joko Santosa | Joko Santosa | 2026-11-27 | On Progress |
002/CLTS/XI/2026 | 2026-11-17 09:00 | Surat Keterangan Usaha | Alamat usaha salah ketik pada surat keterangan | Ratna Anggraini | 2 | 002/PTPP/XI/2026 | 2026-11-17 | Joko Santosa | Joko Santosa | 2026-11-26 | Cancelled | Laporan ganda dari pemohon yang sama
"""  # noqa: E501
EVENTS = """
No. Catatan | Langkah | Pelaksana | Mulai | Selesai
001/CLTS/XI/2026 | 1 | Ratna Anggraini | 2026-11-16 08:00 | 2026-11-16 08:10
002/CLTS/XI/2026 | 1 | Ratna Anggraini | 2026-11-17 09:00 | 2026-11-17 09:10
"""
WORDS = """[values]
"Kategori" = { "Major" = "Mayor", "2" = "Minor" }
"Status" = { "On Progress" = "Proses", "Cancelled" = "Batal", "a \\"b\\"\\n" = "Terbuka" }
"""


def _office(folder: Path, words: str = WORDS) -> Path:
    (folder / "registers").mkdir()
    path = office_workbook(folder / "registers" / "register-2026.xlsx", CASES, EVENTS)
    path.with_name("register-2026.sopkit.toml").write_text(words, encoding="utf-8")
    return path


def _inspected(book: Path) -> Inspected:
    (inspected,) = inspect_books([book], AS_OF, None).inspected
    return inspected


def test_the_data_have_the_values_and_raw_stays_as_typed(tmp_path: Path) -> None:
    inspected = _inspected(_office(tmp_path))
    cases = inspected.register.cases
    assert cases.data["status"].tolist() == ["Proses", "Batal"] and cases.data["category"].tolist() == [
        "Mayor",
        "Minor",
    ]
    assert cases.raw["status"].tolist() == ["On Progress", "Cancelled"] and cases.raw["category"].tolist() == [
        "major",
        2,
    ]
    assert not [found for found in inspected.findings if found.code in ("D07", "D08")]


def test_reports_and_documents_count_them(tmp_path: Path) -> None:
    book = _office(tmp_path)
    inspected = _inspected(book)
    total = statistics.total(statistics.measure(inspected))
    assert (total.cases, total.open, total.cancelled) == (2, 1, 1)
    assert "On Progress" not in to_csv_log(inspected)
    generated = generate_documents(inspected, Console(record=True), RunOptions(templates=TEMPLATES))
    assert not [one for one in generated.skipped if one.case == "001/CLTS/XI/2026" and one.cells]
    outcome = run_books([book], AS_OF, None, Console(record=True), RunOptions(templates=TEMPLATES))
    assert len(outcome.made) == 1 and not outcome.unfinished


def test_a_wide_register_has_them_too(tmp_path: Path) -> None:
    register = changed(FIXTURES[0])
    head, row, _ = ([cell.strip() for cell in line.split("|")] for line in CASES.strip().splitlines())
    head[-1:], row[-1:] = ["Satu", "Sembilan", "Putusan"], ["2026-11-16 08:10", "2026-11-16 10:00", "acc"]
    register.tables |= {"Register": [head, row], "Langkah": [["x"]]}
    register.layout = [
        'layout = "wide"', "[steps]", '1 = "Satu"', '9 = { Selesai = "Sembilan", Hasil = "Putusan" }',
        *WORDS.splitlines(), '"Hasil" = { "ACC" = "Disetujui" }',
    ]  # fmt: skip
    register.as_of = AS_OF
    events = inspect_tables(register, tmp_path).register.events
    assert events.data["outcome"].tolist() == [None, "Disetujui"] and events.raw["outcome"].tolist()[1] == "acc"


def test_the_office_may_call_a_column_by_its_own_header() -> None:
    text = (
        '[headers.Register]\n"Status (Open/Close)" = "Status"\n[values]\n"status (open/close)" = {Open = "Terbuka"}\n'
    )
    assert parse_layout(text, Path("x.toml")).values == {Cases.status: {"Open": "Terbuka"}}
    text = '[headers.Register]\n"Hasil" = "Hasil Verifikasi"\n[values]\n"Langkah.Hasil" = {OK = "Disetujui"}\n'
    assert parse_layout(text, Path("x.toml")).values == {Events.outcome: {"OK": "Disetujui"}}


@pytest.mark.parametrize(
    "text, said",
    [
        ("values = 1", "bagian [values] harus berisi Status"),
        ("[values]\nStatus = 1", "Status harus seperti"),
        ('[values]\nStatus = {Closed = ["Selesai"]}', "Status harus seperti"),
        ('[values]\nStatus = {Closed = "Selesia"}', "'Selesia' bukan nilai Status (maksudnya Selesai?)"),
        ('[values]\nStatus = {Selesai = "Closed"}', 'mungkin terbalik: "Closed" = "Selesai"'),
        ('[values]\nKategori = {Berat = "Besar"}', "'Besar' bukan nilai Kategori (Mayor, Minor, dan Observasi)"),
        ('[values]\nStatuss = {Closed = "Selesai"}', "'Statuss' bukan kolom berdaftar pilihan (maksudnya Status?)"),
        ('[values]\n"Ditemukan Oleh" = {Ratna = "Ratna A"}', "bukan kolom berdaftar pilihan"),
        ('[values]\n"Langkah.Status" = {Closed = "Selesai"}', "bukan kolom berdaftar pilihan"),
        ('[values]\nStatus = {" " = "Selesai"}', "tidak boleh kosong"),
        ('[values]\nStatus = {Open = "Terbuka", "open " = "Proses"}', "mengartikan 'open ' dua kali"),
    ],
)
def test_mistakes_are_told_at_once(text: str, said: str) -> None:
    with pytest.raises(SopkitError) as told:
        parse_layout(text, Path("buku.sopkit.toml"))
    assert said in str(told.value) and "buku.sopkit.toml" in str(told.value)


def test_all_mistakes_are_told_together() -> None:
    with pytest.raises(SopkitError) as told:
        parse_layout('[values]\nStatus = {A = "Selesia", B = "Prosses"}\nx = 1', Path("buku.sopkit.toml"))
    assert all(word in str(told.value) for word in ("Selesia", "Prosses", "'x'"))


def test_the_renewed_workbook_keeps_them(tmp_path: Path) -> None:
    book = _office(tmp_path)
    renewed = renew_workbook(book)
    beside, own = layout_beside(renewed.path), layout_beside(book)
    assert beside and own and beside.values == own.values
    assert renewed.made[0].read_text("utf-8") == WORDS
    assert [line for line in renewed.left if line.startswith("Register: kata kantor sendiri di kolom Status dibawa")]
    assert _inspected(renewed.path).register.cases.data["status"].tolist() == ["Proses", "Batal"]


def test_what_the_layout_does_not_know_is_told_with_the_way(tmp_path: Path) -> None:
    book = _office(tmp_path, '[values]\nStatus = { "On Progress" = "Proses" }\n')
    found = [one for one in _inspected(book).findings if one.code == "D07"]
    assert [one.cell for one in found if one.column == "Status"] == ["L3"]
    assert all(
        "kata kantor sendiri diartikan di register-2026.sopkit.toml, bagian [values]" in one.fix for one in found
    )
