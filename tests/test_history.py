"""`[history] until = DATE` of a layout file: such cases are kept, counted and exported, and not judged."""

from __future__ import annotations

import datetime as dt
import email
from collections.abc import Iterable
from email import policy
from pathlib import Path

import pytest
from offices import TEMPLATES
from rich.console import Console
from rule_fixtures import FIXTURES, changed, inspect_tables
from workbooks import office_workbook

from sopkit.checks.inspection import NOT_JUDGED, Inspected
from sopkit.errors import SopkitError
from sopkit.pipeline import RunOptions, generate_documents, inspect_books, run_books
from sopkit.register.assign_numbers import allot_numbers
from sopkit.register.layout import parse_layout
from sopkit.register.read import read_register
from sopkit.reports import html, statistics
from sopkit.reports.export import to_csv_log

AS_OF = dt.datetime(2026, 11, 24, 9, 0)
CASES = """
No. Catatan | Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Ditemukan Oleh | No. PTPP | Tanggal PTPP | Kepada | Penanggung Jawab | Target Selesai | Status
001/CLTS/XI/2026 | 2026-11-16 08:00 | Legalisasi Surat | Stempel pada salinan tidak terbaca oleh pemohon | Ratna Anggraini | 001/PTPP/XI/2026 | 2026-11-16 | Joko Santosa | Joko Santosa | 2026-11-27 | Proses
002/CLTS/XI/2026 | 2026-11-17 09:00 | Surat Keterangan Usaha | Alamat usaha salah ketik pada surat keterangan | Ratna Anggraini | 002/PTPP/XI/2026 | 2026-11-17 | Joko Santosa | Joko Santosa | 2026-11-19 | Proses
 | 2026-11-16 10:00 | Surat Keterangan Usaha | Nama usaha salah ketik pada surat keterangan | Ratna Anggraini | | | | Joko Santosa | 2026-11-27 | Terbuka
"""  # noqa: E501
EVENTS = """
No. Catatan | Langkah | Pelaksana | Mulai | Selesai
001/CLTS/XI/2026 | 1 | Ratna Anggraini | 2026-11-16 08:00 | 2026-11-16 12:10
001/CLTS/XI/2026 | 2 | Joko Santosa | 2026-11-16 13:15 |
002/CLTS/XI/2026 | 1 | Ratna Anggraini | 2026-11-17 09:00 | 2026-11-17 12:10
002/CLTS/XI/2026 | 2 | Joko Santosa | 2026-11-17 13:15 |
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    (tmp_path / "registers").mkdir()
    path = office_workbook(tmp_path / "registers" / "register-2026.xlsx", CASES, EVENTS)
    path.with_name("register-2026.sopkit.toml").write_text("[history]\nuntil = 2026-11-16\n", encoding="utf-8")
    return path


def _words(console: Console) -> str:
    return " ".join(console.export_text().split())


def _names(folder: Path, pattern: str) -> list[str]:
    return sorted(path.name for path in folder.rglob(pattern))


def _letter(path: Path) -> str:
    body = email.message_from_bytes(path.read_bytes(), policy=policy.default).get_body(("plain",))
    return body.get_content() if body else ""


def _console() -> Console:
    return Console(record=True, width=200)


def test_only_what_the_cells_hold_is_looked_at(book: Path) -> None:
    (inspected,) = inspect_books([book], AS_OF, None).inspected
    told = {(found.code, found.case) for found in inspected.findings if found.family in "UWPK"}
    assert {case for _, case in told} == {"002/CLTS/XI/2026"} and {"W02", "W03", "W09"} <= {code for code, _ in told}
    assert ("D01", "Register!A4") in {(found.code, f"{found.sheet}!{found.cell}") for found in inspected.findings}


def test_run_makes_no_documents_and_no_mail_of_them_and_says_so_in_one_line(book: Path) -> None:
    from sopkit.cli.summary import print_outcome

    console, output = _console(), book.parent.parent / "keluaran"
    outcome = run_books([book], AS_OF, None, console, RunOptions(templates=TEMPLATES))
    print_outcome(outcome, console)
    (made,) = outcome.made
    assert _names(output / "ptpp", "*.docx") == ["002-PTPP-XI-2026.docx"]
    assert "001/CLTS" not in "".join(draft.subject for draft in made.drafted.drafts)
    reminders = "".join(_letter(draft.path) for draft in made.drafted.drafts if draft.document == "Pengingat")
    assert "002/CLTS" in reminders and "001/CLTS" not in reminders
    told = [one for one in made.generated.skipped if one.history]
    assert {one.case for one in told} == {"001/CLTS/XI/2026", "(baris 4)"}
    assert all("riwayat (ditemukan sampai 16 November 2026)" in one.reason and not one.cells for one in told)
    said = _words(console)
    assert said.count("bila diminta: sopkit generate --case NOMOR.") == 1
    assert "2 kasus riwayat (ditemukan sampai 16 November 2026) tidak dinilai terhadap SOP." in said
    assert "001/PTPP/XI/2026" in (output / "laporan.html").read_text("utf-8")  # among what was not made


def test_what_is_wrong_in_history_comes_last_and_what_is_said_twice_once(book: Path, tmp_path: Path) -> None:
    from sopkit.cli.summary import print_outcome

    words = ("Lama", "Lancar", "Lancar")
    rows = [f"00{n}/CLTS/XI/2026 | 2026-11-1{n + 5} 08:00 | SKU | {word}" for n, word in enumerate(words, 1)]
    office_workbook(book, "\n".join(["No. Catatan | Tanggal Ditemukan | Jenis Layanan | Status", *rows]))
    console = _console()
    print_outcome(run_books([book], AS_OF, None, console, RunOptions(templates=TEMPLATES)), console)
    said = _words(console)
    assert said.index("“Lancar” tidak ada dalam daftar Status") < said.index("“Lama” tidak ada dalam daftar Status")
    assert said.count("“Lancar” tidak ada dalam daftar Status") == 1 and "Begitu pula 1 sel lain." in said


def test_a_document_is_made_when_it_is_asked_for(book: Path) -> None:
    (inspected,) = inspect_books([book], AS_OF, None).inspected
    options = RunOptions(templates=TEMPLATES, number="001/CLTS/XI/2026")
    generated = generate_documents(inspected, _console(), options)
    assert {document.kind for document in generated.documents} == {"ptpp", "catatan"}


OLD = """
No. Catatan | Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Ditemukan Oleh | Tindakan Langsung | Status
1 | 2025-02-03 | Legalisir KK | Nama salah cetak pada salinan kartu keluarga | Sri | Diulang | Closed
2 | 2025-02-04 | Legalisir KK | Nama salah cetak pada salinan kartu keluarga | Bu Sri | Diulang | Closed
1 | 2025-03-03 | Legalisir KK | Nama salah cetak pada salinan kartu keluarga | | Diulang | Close
2 | 2025-03-04 | Pengantar | Nama salah cetak pada salinan kartu keluarga | | Diulang | Closed
3 | 2025-03-05 | Legalisir KK | Nama salah cetak pada salinan kartu keluarga | | Diulang | Closed
4 | 05-03-2025 | Legalisir KK | Nama salah cetak pada salinan kartu keluarga | | Diulang | Closed
1 | 2025-04-03 | Legalisir KK | Nama salah cetak pada salinan kartu keluarga | Sri | Diulang | Closed
2 | 2025-04-04 | Legalisir KK | Nama salah cetak pada salinan kartu keluarga | Sri | Diulang | Closed
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = office_workbook(tmp_path / "register-2025.xlsx", OLD)
    path.with_name("register-2025.sopkit.toml").write_text("[history]\nuntil = 2025-12-31\n", encoding="utf-8")
    return path


def test_a_year_of_old_rows_is_no_error(old: Path) -> None:
    (inspected,) = inspect_books([old], AS_OF, None).inspected
    of_rows = [found for found in inspected.findings if found.sheet == "Register" and found.code[0] != "B"]
    assert {found.severity.value for found in of_rows} == {"note"}
    assert sorted(found.code for found in of_rows) == ["D01", "D03", "D05", "D07", "D10", "D13", "D14", "D16"]
    assert not inspected.failed and all("kasus riwayat" in one.message for one in of_rows if one.code != "D05")


def test_documents_of_old_numbers_are_made_when_they_are_asked_for(old: Path) -> None:
    (inspected,) = inspect_books([old], AS_OF, None).inspected
    made = generate_documents(inspected, _console(), RunOptions(templates=TEMPLATES, number="3"))
    assert [one.kind for one in made.documents] == ["catatan"]
    twice = generate_documents(inspected, _console(), RunOptions(templates=TEMPLATES, number="1", only="catatan"))
    assert not twice.documents and {one.reason for one in twice.skipped} == {
        "Nomor 1 dipakai 3 kasus, jadi dokumennya tidak dapat dibedakan."
    }


def test_the_list_of_all_ptpp_keeps_them(book: Path) -> None:
    (inspected,) = inspect_books([book], AS_OF, None).inspected
    generated = generate_documents(inspected, _console(), RunOptions(templates=TEMPLATES))
    (whole,) = [document for document in generated.documents if document.kind == "daftar"]
    assert whole.cases == ("001/CLTS/XI/2026", "002/CLTS/XI/2026")


def test_they_are_counted_and_not_as_late(book: Path) -> None:
    (inspected,) = inspect_books([book], AS_OF, None).inspected
    figures = statistics.measure(inspected)
    total = statistics.total(figures)
    assert (total.cases, total.open, total.overdue, total.executions, total.finished) == (3, 3, 1, 4, 1)
    assert {share.label: share.count for share in statistics.ptpp_states(figures)} == {
        "Lewat target": 1,
        "Riwayat, belum diverifikasi": 1,
    }
    page = html.render_report(inspected)
    assert "2 kasus riwayat (ditemukan sampai 16 November 2026) tidak dinilai" in page
    assert "001/CLTS/XI/2026</" not in page  # no card: nothing of it needs a look


def test_their_events_are_exported_without_a_verdict(book: Path) -> None:
    (inspected,) = inspect_books([book], AS_OF, None).inspected
    lines = to_csv_log(inspected).splitlines()
    assert sum("001/CLTS/XI/2026" in line for line in lines) == sum("002/CLTS/XI/2026" in line for line in lines)
    assert all((NOT_JUDGED in line) == ("001/CLTS/XI/2026" in line) for line in lines[1:])


def test_no_numbers_are_given_to_them(book: Path) -> None:
    allotment = allot_numbers(read_register(book))
    assert not allotment.edits and allotment.history == "riwayat (ditemukan sampai 16 November 2026)"
    book.with_name("register-2026.sopkit.toml").unlink()
    assert [edit.value for edit in allot_numbers(read_register(book)).edits] == ["003/CLTS/XI/2026"]


def test_a_wide_register_has_a_history_too(tmp_path: Path) -> None:
    told = _wide(tmp_path, ["[history]", "until = 2026-11-16"]).findings
    assert {found.case for found in told if found.family in "UWPK"} == {"002/CLTS/XI/2026"}


def _wide(folder: Path, history: Iterable[str]) -> Inspected:
    register = changed(FIXTURES[0])
    head = [cell.strip() for cell in CASES.strip().splitlines()[0].split(" | ")]
    rows = [[cell.strip() for cell in line.split(" | ")] for line in CASES.strip().splitlines()[1:3]]
    done = {"001": ["2026-11-16 12:10", ""], "002": ["2026-11-17 12:10", ""]}
    rows = [[*row, *done[row[0][:3]]] for row in rows]
    register.tables |= {"Register": [[*head, "Identifikasi", "Evaluasi"], *rows], "Langkah": [["x"]]}
    register.layout = ['layout = "wide"', *history, "[steps]", '1 = "Identifikasi"', '2 = "Evaluasi"']
    register.as_of = AS_OF
    return inspect_tables(register, folder)


@pytest.mark.parametrize("typed", ["until = 2026-06-30", 'until = "30 Juni 2026"', "until = 2026-06-30T12:00:00"])
def test_the_date_may_be_written_as_toml_or_in_words(typed: str) -> None:
    assert parse_layout(f"[history]\n{typed}", Path("x.sopkit.toml")).history == dt.date(2026, 6, 30)


@pytest.mark.parametrize("typed", ["[history]\nuntil = 2026", "[history]\nuntil = 'besok'", "history = 2026-06-30",
                                   "[history]\nuntil = 2026-06-30\nsince = 2026-01-01"])  # fmt: skip
def test_anything_else_is_a_mistake(typed: str) -> None:
    with pytest.raises(SopkitError, match=r"\[history\] harus berisi until = tanggal, misalnya until = 2026-06-30"):
        parse_layout(typed, Path("x.sopkit.toml"))
