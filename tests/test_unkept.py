"""What an office does not keep: the steps, a column, a date of its own; its layout file says so, and no rule asks."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from processes import ended
from workbooks import PEGAWAI, write_workbook

from sopkit.adopt.decided import Decided, read_decided
from sopkit.adopt.propose import Proposal, propose
from sopkit.adopt.questions import next_question
from sopkit.adopt.verdict import verdict_of
from sopkit.adopt.write import layout_text_of
from sopkit.errors import SopkitError
from sopkit.register.layout import parse_layout
from sopkit.register.read import read_register
from sopkit.register.schema import REGISTER

CASES = Path(__file__).parent / "cases"
TODAY = dt.date(2024, 7, 1)
BESIDES = """
Budi | | | Kepala Seksi | Kasi | budi@contoh.go.id | Ya
Siti | | | Auditor | Staf | siti@contoh.go.id | Ya
"""
UNRECORDED = "Langkah tidak dicatat dalam buku kerja ini; urutan dan waktunya tidak diperiksa."
LOG = (
    "No. Catatan | No. PTPP | Tgl Terbit | Uraian | PIC | Status\n"
    "001/CLTS/II/2026 | 001/PTPP/II/2026 | 02-02-2026 | KK salah cetak | Joko Santosa | Terbuka\n"
    "002/CLTS/III/2026 | 002/PTPP/III/2026 | 03-03-2026 | KTP salah cetak | Joko Santosa | Terbuka"
)
LAYOUT = """[sheets]
Register = "LOG"
[headers.Register]
"Tgl Terbit" = {dates}
"Uraian" = "Uraian Ketidaksesuaian"
"PIC" = "Penanggung Jawab"
{absent}
"""
BOTH = '["Tanggal PTPP", "Tanggal Ditemukan"]'
UNKEPT = '[absent]\nRegister = ["Jenis Layanan", "Ditemukan Oleh", "Kepada"]'


def sopkit(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return ended(*words, folder=folder)


def book(folder: Path, *, dates: str = BOTH, absent: str = UNKEPT, sheets: Mapping[str, str] | None = None) -> Path:
    made = write_workbook(folder / "log.xlsx", {"LOG": LOG, "Pegawai": PEGAWAI, **(sheets or {})})
    layout = LAYOUT.format(dates=dates, absent=absent)
    (folder / "log.sopkit.toml").write_text(layout, encoding="utf-8")
    return made


def found(folder: Path) -> dict[str, set[str]]:
    """Severities by code of what `validate` says."""
    ran = sopkit(folder, "validate", "log.xlsx", "--as-of", "2026-03-10 10:00", "--format", "json")
    assert ran.returncode in (0, 1), ran.stderr
    codes: dict[str, set[str]] = {}
    for one in json.loads(ran.stdout)["findings"]:
        codes.setdefault(one["code"], set()).add(one["severity"])
    return codes


def test_a_log_without_steps_is_read_with_a_note(tmp_path: Path) -> None:
    codes = found(book(tmp_path).parent)
    assert "B01" not in codes and codes["B50"] == {"note"}
    assert not [code for code in codes if code[0] in "U" or code in ("K55", "K50", "D01", "D03", "T05", "K15")]


def test_documents_are_made_without_steps(tmp_path: Path) -> None:
    book(tmp_path)
    ran = sopkit(tmp_path, "run", "log.xlsx", "--as-of", "2026-03-10 10:00")
    assert ran.stdout.count(UNRECORDED) == 1 and "dari 0 langkah" not in ran.stdout
    assert len(list((tmp_path / "keluaran").rglob("*.docx"))) == 5  # two PTPP, two Catatan, the Daftar
    report = (tmp_path / "keluaran" / "laporan.html").read_text("utf-8")
    assert report.count(UNRECORDED) == 1
    assert "belum pernah selesai" not in report and "dari 0 langkah" not in report


def test_without_a_layout_a_missing_sheet_stays_an_error(tmp_path: Path) -> None:
    book(tmp_path)
    (tmp_path / "log.sopkit.toml").write_text('[patterns]\n"No. PTPP" = "{urut}"\n', encoding="utf-8")
    assert found(tmp_path)["B01"] == {"error"}
    (tmp_path / "log.sopkit.toml").unlink()
    assert found(tmp_path)["B01"] == {"error"}


def test_steps_that_are_kept_are_judged(tmp_path: Path) -> None:
    steps = "No. Catatan | Langkah | Pelaksana | Mulai | Selesai | Hasil | Keterangan"
    book(tmp_path, sheets={"Langkah": f"{steps}\n001/CLTS/II/2026 | 1 | Joko Santosa | 02-02-2026 08:00 | | |"})
    assert "U07" in found(tmp_path)


def test_a_column_that_is_not_kept_is_a_note(tmp_path: Path) -> None:
    assert found(book(tmp_path).parent)["B02"] == {"note"}


def test_a_column_of_which_nothing_is_said_is_still_missed(tmp_path: Path) -> None:
    assert "error" in found(book(tmp_path, absent="").parent)["B02"]


def test_a_column_that_nothing_is_connected_with_is_told_once(tmp_path: Path) -> None:
    """No date of the PTPP: neither K15 nor T05 of each case, but what to do, once."""
    book(tmp_path, dates='"Tanggal Ditemukan"', absent=UNKEPT.replace('"Kepada"', '"Kepada", "Sumber"'))
    assert found(tmp_path)["B55"] == {"note"} and "K15" not in found(tmp_path)
    ran = sopkit(tmp_path, "run", "log.xlsx", "--as-of", "2026-03-10 10:00")
    said = " ".join(ran.stdout.split())
    assert said.count("Dokumen PTPP tidak dapat dibuat karena kolom Tanggal PTPP belum dihubungkan.") == 1
    assert "kolom Tanggal PTPP belum dihubungkan. Jalankan: sopkit adopt log.xlsx." in said


def test_one_date_for_two_columns(tmp_path: Path) -> None:
    register = read_register(book(tmp_path))
    cases = register.cases
    assert cases.data["found_at"].tolist() == cases.data["ptpp_date"].tolist()
    assert cases.letters["found_at"] == cases.letters["ptpp_date"] == "C"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[absent]\nRegister = ["No. Catatan"]', "tidak dapat dikenali"),
        ('[absent]\nLangkah = ["Langkah"]', "tidak dapat dikenali"),
        ('[absent]\nRegister = ["Jenis Layan"]', "Jenis Layanan"),
        ('[absent]\nBuku = ["x"]', "[absent]"),
        ("[absent]\nRegister = 3", "[absent]"),
        ('absent = "x"', "[absent]"),
        ('[absent]\nRegister = ["PIC"]', "bukan kolom Register"),
        ('[headers.Register]\n"J" = "Jenis Layanan"\n[absent]\nRegister = ["Jenis Layanan"]', "juga disebut"),
        ('[headers.Register]\n"T" = ["Tanggal PTPP", "Uraian Ketidaksesuaian"]', "[Register]"),
        ('[headers.Register]\n"T" = ["Tanggal PTPP", "Tanggal PTPP"]', "dua kali"),
        ('[headers.Register]\n"T" = ["Tanggal PTPP", "Tanggal Ditemukan"]\n"U" = "Tanggal Ditemukan"', "dua kali"),
        ('[headers.Register]\n"T" = []', "[Register]"),
    ],
)
def test_what_cannot_be_said(text: str, said: str) -> None:
    with pytest.raises(SopkitError) as told:
        parse_layout(text, Path("x.sopkit.toml"))
    assert said in str(told.value)


def _answered(folder: Path, wanted: Mapping[str, str]) -> Proposal:
    """The proposal for the log after all questions: the option that `wanted` names by the question, else the first."""
    path = Path(shutil.copy(CASES / "a_log_ptpp.xlsx", folder))
    write_workbook(folder / "BUKU-KANTOR.xlsx", {"Pegawai": PEGAWAI.rstrip() + BESIDES})
    today = dt.date.today()
    proposal, skipped = propose(path, Decided(), today), set[str]()
    while question := next_question(proposal, skipped):
        text = next((text for key, text in wanted.items() if key in question.key), "")
        option = next(option for option in question.options if text in option.label)
        option.decide(proposal.decided)
        skipped.add(question.key)
        proposal = propose(path, proposal.decided, today, proposal.tables)
    return proposal


ANSWERS = {"Tanggal Ditemukan": "untuk keduanya", "Jenis Layanan": "tidak ada pada", "riwayat": "tidak;"}


def test_adopt_asks_and_writes_it_so_that_ptpp_are_made(tmp_path: Path) -> None:
    proposal = _answered(tmp_path, ANSWERS)
    text, target = layout_text_of(proposal), tmp_path / "a_log_ptpp.sopkit.toml"
    assert '"Tgl Terbit" = ["Tanggal PTPP", "Tanggal Ditemukan"]' in text
    assert "[absent]" in text and '"Register" = ["Jenis Layanan", "Sumber"' in text
    verdict = verdict_of(proposal, text, target)
    assert not verdict.missing and "tambahkan lembar Langkah" in " ".join(verdict.remarks)
    target.write_text(text, encoding="utf-8")
    again = sopkit(tmp_path, "adopt", "a_log_ptpp.xlsx")
    assert again.returncode == 0 and again.stdout.splitlines()[-1].startswith("Siap.")
    assert parse_layout(target.read_text("utf-8"), target) == parse_layout(text, target)  # what is decided stays
    ran = sopkit(tmp_path, "run", "a_log_ptpp.xlsx", "--as-of", "2024-07-01")
    assert UNRECORDED in ran.stdout and "K15" not in ran.stdout
    assert len(list((tmp_path / "keluaran" / "ptpp").glob("*.docx"))) == 30, ran.stdout


def test_the_answers_are_put_into_a_file_that_stands_there(tmp_path: Path) -> None:
    path = Path(shutil.copy(CASES / "a_log_ptpp.xlsx", tmp_path))
    target = tmp_path / "a_log_ptpp.sopkit.toml"
    first = layout_text_of(propose(path, Decided(), TODAY))
    assert '# atau ["Tanggal PTPP", "Tanggal Ditemukan"]' in first
    assert '# MUNGKIN: "Register" = ["Jenis Layanan"]' in first
    parse_layout(first, target)
    target.write_text(first.replace('# MUNGKIN: "Register" = [', '"Register" = ['), encoding="utf-8")
    decided = read_decided(target)
    assert decided.absent == {"Register": ["Jenis Layanan"]}
    decided.share(REGISTER, "Tgl Terbit", "Tanggal PTPP", "Tanggal Ditemukan")
    second = layout_text_of(propose(path, decided, TODAY))
    assert second.count('"Tgl Terbit" =') == 1 and "BELUM ADA" not in second
    assert '"Tgl Terbit" = ["Tanggal PTPP", "Tanggal Ditemukan"]' in second
    target.write_text(second, encoding="utf-8")
    assert layout_text_of(propose(path, read_decided(target), TODAY)) == second
