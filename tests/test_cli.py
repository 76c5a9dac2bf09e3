"""The commands as the clerk runs them: what is said, what is left on disk, and the exit code."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from offices import OWN_SOP, TEMPLATES
from workbooks import PEGAWAI, as_libreoffice_saves, few_rows, office_workbook

from sopkit import folders
from sopkit.cli import doctor
from sopkit.cli.click_indonesian import Group
from sopkit.cli.main import main
from sopkit.cli.main import sopkit as command_line
from sopkit.reports import annotated
from sopkit.reports.annotated import annotate

CASES = """
No. Catatan | Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Ditemukan Oleh | No. PTPP | Tanggal PTPP | Kepada | Penanggung Jawab | Target Selesai | Status
001/CLTS/XI/2026 | 2026-11-16 08:00 | Legalisasi Surat | Stempel pada salinan tidak terbaca oleh pemohon | Ratna Anggraini | 001/PTPP/XI/2026 | 2026-11-16 | Joko Santosa | Joko Santosa | 2026-11-27 | Proses
002/CLTS/XI/2026 | 2026-11-17 09:00 | Surat Keterangan Usaha | Alamat usaha salah ketik pada surat keterangan | Ratna Anggraini | | | | Joko Santosa | 2026-11-27 | Proses
"""  # noqa: E501
EVENTS = """
No. Catatan | Langkah | Pelaksana | Mulai | Selesai
001/CLTS/XI/2026 | 1 | Ratna Anggraini | 2026-11-16 08:00 | 2026-11-16 08:10
001/CLTS/XI/2026 | 2 | Joko Santosa | 2026-11-16 08:15 | 2026-11-16 09:00
001/CLTS/XI/2026 | 3 | Joko Santosa | 2026-11-16 09:10 | 2026-11-16 14:00
002/CLTS/XI/2026 | 1 | Ratna Anggraini | 2026-11-17 09:00 | 2026-11-17 09:10
"""


@dataclass(frozen=True)
class Told:
    code: int
    out: str
    err: str


@pytest.fixture
def sopkit(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    """Run the command line in this process."""

    def run(*words: str | Path) -> Told:
        monkeypatch.setattr(sys, "argv", ["sopkit", *map(str, words)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        told = capfd.readouterr()
        return Told(int(left.value.code or 0), told.out, told.err)

    return run


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `init` makes here is small."""
    few_rows(monkeypatch)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office's folder with one register; the working folder is in it."""
    (tmp_path / "registers").mkdir()
    office_workbook(tmp_path / "registers" / "register-2026.xlsx", CASES, EVENTS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _book(office: Path) -> Path:
    return office / "registers" / "register-2026.xlsx"


def _skip_a_step(office: Path) -> None:
    office_workbook(_book(office), CASES, "\n".join(line for line in EVENTS.splitlines() if "| 2 |" not in line))


def test_a_clean_register_leaves_with_0_and_a_breach_with_1(sopkit, office: Path) -> None:
    assert sopkit("validate").code == 0
    _skip_a_step(office)
    told = sopkit("validate")
    assert told.code == 1
    assert "U01" in told.out and "Langkah!B3" in told.out


def test_json_is_what_the_contract_says(sopkit, office: Path) -> None:
    _skip_a_step(office)
    told = sopkit("validate", "--format", "json", "--as-of", "2026-11-18T09:00")
    data = json.loads(told.out)
    assert set(data) == {"register", "sop", "as_of", "summary", "findings"}
    assert set(data["register"]) == {"path", "sha256", "cases", "events"}
    assert (data["register"]["cases"], data["register"]["events"]) == (2, 3)
    assert data["as_of"] == "2026-11-18T09:00:00"
    found = next(f for f in data["findings"] if f["code"] == "U01")
    assert {k: found[k] for k in ("severity", "explained", "sheet", "cell", "row", "column", "case", "step")} == {
        "severity": "breach",
        "explained": False,
        "sheet": "Langkah",
        "cell": "B3",
        "row": 3,
        "column": "Langkah",
        "case": "001/CLTS/XI/2026",
        "step": 3,
    }
    assert sopkit("validate", "--format", "json", "--as-of", "2026-11-18T09:00").out == told.out


def test_run_reads_a_workbook_and_its_layout_once(sopkit, office: Path) -> None:
    layout = office / "registers" / "register-2026.sopkit.toml"
    layout.write_text("[sheets]\nRegister = 'Register'\n", "utf-8")
    opened: list[str] = []

    def hear(event: str, words: tuple[object, ...]) -> None:
        if event == "open" and isinstance(words[0], (str, Path)):
            opened.append(Path(words[0]).name)

    sys.addaudithook(hear)
    assert sopkit("run").code == 0
    assert (opened.count(_book(office).name), opened.count(layout.name)) == (1, 1)
    opened = []


@pytest.mark.parametrize("form", ["table", "json", "csv", "html"])
def test_findings_go_to_a_file_when_asked(sopkit, office: Path, form: str) -> None:
    _skip_a_step(office)
    assert sopkit("validate", "--format", form, "--output", "hasil").code == 1
    assert "U01" in (office / "hasil").read_text("utf-8-sig")


def test_several_workbooks_give_a_list(sopkit, office: Path) -> None:
    other = office / "registers" / "register-2027.xlsx"
    shutil.copy(_book(office), other)
    told = sopkit("validate", _book(office), other, "--format", "json")
    assert [Path(one["register"]["path"]).name for one in json.loads(told.out)] == [_book(office).name, other.name]
    assert sopkit("validate").code == 2


def test_run_does_the_main_job_and_a_second_run_writes_nothing_anew(sopkit, office: Path) -> None:
    told = sopkit("run")
    assert told.code == 0, told.err
    made = [p for p in (office / "keluaran").rglob("*") if p.is_file() and not p.name.startswith("arsip.sqlite3")]
    names = {path.relative_to(office / "keluaran").as_posix() for path in made}
    assert {"laporan.html", "temuan.json", "rekap.xlsx", "register-2026-diperiksa.xlsx"} <= names
    assert {"ptpp/001-PTPP-XI-2026.docx", "catatan/001-CLTS-XI-2026.docx", "daftar-ptpp.docx"} <= names
    assert any(name.startswith("surel/") and name.endswith(".eml") for name in names)
    for word in ("Dokumen", "Surel", "Tempat", "Langkah berikutnya"):
        assert word in told.out
    times = {path: path.stat().st_mtime_ns for path in made}
    assert sopkit("run").code == 0
    assert {path: path.stat().st_mtime_ns for path in times} == times


def test_a_second_run_makes_only_the_reports_that_would_be_others(
    sopkit, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    monkeypatch.setattr(annotated, "annotate", lambda inspected: made.append(1) or annotate(inspected))
    report, when = office / "keluaran" / "laporan.html", ("--as-of", "2026-11-18T09:00")
    sopkit("run", *when)
    whole = report.read_bytes()
    assert sopkit("run", *when).out.count("laporan.html") and len(made) == 1
    for data in (b"", whole[:-1] + b" "):
        report.write_bytes(data)
        sopkit("run", *when)
        assert report.read_bytes() == whole
    (office / "keluaran" / "rekap.xlsx").unlink()
    sopkit("run", *when)
    assert (office / "keluaran" / "rekap.xlsx").is_file() and len(made) == 4
    sopkit("run", "--as-of", "2026-11-18T10:00")
    assert len(made) == 5 and report.read_bytes() != whole
    edited = office / "keluaran" / "ptpp" / "001-PTPP-XI-2026.docx"
    edited.write_bytes((office / "keluaran" / "catatan" / "001-CLTS-XI-2026.docx").read_bytes())
    sopkit("run", "--as-of", "2026-11-18T10:00")
    assert len(made) == 6 and "diubah" in report.read_text("utf-8")


def test_strict_run_leaves_with_1_on_a_breach(sopkit, office: Path) -> None:
    _skip_a_step(office)
    assert sopkit("run").code == 0
    assert sopkit("run", "--strict").code == 1


def test_what_keeps_a_document_from_being_made_is_an_error_everywhere(sopkit, office: Path) -> None:
    """T05 at its cell; a broken template is the next thing to do, and `generate` leaves with 3."""
    office_workbook(_book(office), CASES.replace("2026-11-16 | Joko Santosa |", "2026-11-16 | |", 1), EVENTS)
    told = sopkit("run", "--strict")
    data = json.loads((office / "keluaran" / "temuan.json").read_text("utf-8"))
    missing = [found for found in data["findings"] if found["code"] == "T05"]
    assert told.code == 1 and missing
    assert {(found["severity"], found["sheet"], found["column"]) for found in missing} == {
        ("error", "Register", "Kepada")
    }
    shutil.copytree(TEMPLATES / "surel", office / "kosong" / "surel")
    told = sopkit("run", "--templates", "kosong", "--output", "lain")
    assert told.code == 0
    assert "Perbaiki templat yang disebut di atas" in told.out.partition("Langkah berikutnya")[2]
    assert sopkit("generate", "--templates", "kosong", "--output", "lain").code == 3


def test_documents_that_fail_leave_the_report(sopkit, office: Path) -> None:
    (office / "keluaran" / ".sopkit.lock").mkdir(parents=True)
    assert sopkit("run").code == 3
    assert (office / "keluaran" / "laporan.html").is_file()
    assert (office / "keluaran" / "temuan.json").is_file()


def test_the_next_year_does_not_overwrite_the_last(sopkit, office: Path) -> None:
    sopkit("run")
    before = {path: path.read_bytes() for path in (office / "keluaran").glob("*.[hdjx]*")}
    later = [text.replace("2026", "2027") for text in (CASES, EVENTS)]
    office_workbook(office / "registers" / "register-2027.xlsx", *later, kantor={"Tahun Register": "2027"})
    for _ in range(2):
        sopkit("run", "registers/register-2027.xlsx")
        sopkit("generate", "registers/register-2027.xlsx")
    assert {path: path.read_bytes() for path in before} == before
    assert (office / "keluaran" / "register-2027" / "laporan.html").is_file()
    assert not (office / "keluaran" / "register-2027" / "register-2027").exists()


def test_one_unreadable_workbook_does_not_stop_the_others(sopkit, office: Path) -> None:
    broken = office / "registers" / "rusak.xlsx"
    broken.write_bytes(b"PK\x03\x04 not a workbook")
    told = sopkit("run", _book(office), broken)
    assert told.code == 3
    assert (office / "keluaran" / "register-2026" / "laporan.html").is_file()
    assert "rusak.xlsx" in told.out


def test_generate_only_what_is_asked(sopkit, office: Path) -> None:
    assert sopkit("generate", "--only", "ptpp").code == 0
    assert [p.name for p in (office / "keluaran").rglob("*.docx")] == ["001-PTPP-XI-2026.docx"]
    told = sopkit("generate", "--only", "surat")
    assert told.code == 2 and "surat tidak dikenal" in told.err
    assert sopkit("verify").code == 0


def test_numbers_are_given_and_the_backup_stands_beside(sopkit, office: Path) -> None:
    before = _book(office).read_bytes()
    dry = sopkit("number", "--dry-run")
    assert "Register!F3: 002/PTPP/XI/2026" in dry.out and _book(office).read_bytes() == before
    told = sopkit("number", "--yes")
    assert told.code == 0 and "1 nomor ditulis" in told.out
    assert [p.read_bytes() for p in (office / "registers" / "cadangan").glob("*.xlsx")] == [before]
    assert "Tidak ada nomor" in sopkit("number", "--yes").out
    assert "K15" in sopkit("validate").out  # the number stands; its date is now asked for


def test_run_names_what_gives_numbers_and_gives_them_when_told(sopkit, office: Path) -> None:
    """Not on a terminal: never by itself. The workbook is read again, so that what is made bears the number."""
    before = _book(office).read_bytes()
    told = sopkit("run")
    command = "1 nomor belum ada: sopkit number registers/register-2026.xlsx\n"
    assert told.code == 0 and command in told.out.replace("\\", "/") and _book(office).read_bytes() == before
    assert "- PTPP 002/CLTS/XI/2026: Belum ada No. PTPP; nomornya diberikan oleh sopkit number." in " ".join(
        told.out.split()
    )
    told = sopkit("run", "--number")
    assert told.code == 0 and "Register!F3: 002/PTPP/XI/2026" in told.out and "1 nomor ditulis" in told.out
    assert [path.read_bytes() for path in (office / "registers" / "cadangan").glob("*.xlsx")] == [before]
    assert "Register!G3 · 002/CLTS/XI/2026 · T05 Dokumen PTPP 002/PTPP/XI/2026" in " ".join(told.out.split())
    assert "nomor" not in sopkit("run", "--number").out.partition("\n---")[0]


def test_numbers_that_are_refused_stop_no_run(sopkit, office: Path) -> None:
    lock = _book(office).with_name("~$register-2026.xlsx")
    lock.touch()
    told = sopkit("run", "--number")
    assert told.code == 0 and (office / "keluaran" / "laporan.html").is_file()
    assert "Nomor belum diberikan. register-2026.xlsx sedang dibuka." in told.out
    lock.unlink()
    office_workbook(_book(office), CASES, EVENTS, kantor={"Pola No. PTPP": "PTPP"})
    told = sopkit("run", "--number")
    assert told.code == 0 and "Nomor belum diberikan. Pola No. PTPP" in told.out
    office_workbook(_book(office), without=["Register"])
    assert "B01" in sopkit("validate").out and "tidak mempunyai sheet Register" in sopkit("run", "--number").err


@pytest.mark.skipif(os.name == "nt", reason="a pseudo-terminal is POSIX")
@pytest.mark.parametrize(("answers", "written"), [("mungkin\nya\n", True), ("\n", False), ("\x04", False)])
def test_run_asks_once_on_a_terminal(office: Path, answers: str, written: bool) -> None:
    import pty

    before = _book(office).read_bytes()
    mine, theirs = pty.openpty()
    os.write(mine, answers.encode())
    command = [sys.executable, "-m", "sopkit", "run"]
    with subprocess.Popen(command, cwd=office, stdin=theirs, stdout=theirs, stderr=theirs) as started:
        os.close(theirs)
        said = b""
        with contextlib.suppress(OSError):  # Linux ends a pseudo-terminal so
            while piece := os.read(mine, 4096):
                said += piece
    os.close(mine)
    text = said.decode("utf-8")
    assert started.returncode == 0
    assert text.index("Register!F3: 002/PTPP/XI/2026") < text.index("Tulis 1 nomor ke register-2026.xlsx?")
    assert ("1 nomor ditulis" in text, "Tidak ada yang ditulis." in text) == (written, not written)
    assert (_book(office).read_bytes() != before) == written
    assert "Langkah berikutnya" in text


def test_what_blocks_most_is_listed_first_with_its_case(sopkit, office: Path) -> None:
    """Late now, then what withholds documents (T05 too), then breaches; the rest is counted and adds up."""
    late = EVENTS.replace("2026-11-16 14:00", "") + "001/CLTS/XI/2026 | 5 | Ratna Anggraini | |\n"
    office_workbook(_book(office), CASES.replace("2026-11-16 | Joko Santosa |", "2026-11-16 | |", 1), late)
    told = sopkit("run", "--number")
    listed = told.out.partition("Perbaiki lebih dahulu\n")[2].partition("\n\n")[0]
    codes = re.findall(r"^  \w+!\w+ · 00\d/CLTS/XI/2026 · (\w+) ", listed, re.MULTILINE)
    data = json.loads((office / "keluaran" / "temuan.json").read_text("utf-8"))
    severities = [{found["code"]: found["severity"] for found in data["findings"]}[code] for code in codes]
    assert "T05" in codes and "error" in severities
    order = {"error": 1, "breach": 2}
    places = [
        0 if code in ("W03", "W09") else order[severity] for code, severity in zip(codes, severities, strict=True)
    ]
    assert places == sorted(places)
    more = re.search(r"\.\.\. (\d+) kesalahan dan penyimpangan lain", listed)
    count = len(codes) + (int(more[1]) if more else 0)
    assert count == data["summary"]["error"] + data["summary"]["breach"]


def test_a_warning_that_is_counted_is_shown(sopkit, tmp_path: Path) -> None:
    book = office_workbook(tmp_path / "r.xlsx", pegawai=PEGAWAI.replace("| Camat | wahyu", "| Kasi | wahyu"))
    told = sopkit("run", book)
    assert "0 penyimpangan, 1 peringatan" in told.out
    assert "Periksa lebih dahulu\n  Pegawai!E1 · P07 " in told.out


@pytest.mark.parametrize("columns", ["60", "80"])
@pytest.mark.parametrize("words", [[], ["mail"]])
def test_help_begins_with_the_daily_work_and_cuts_nothing(
    sopkit, monkeypatch: pytest.MonkeyPatch, columns: str, words: Sequence[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    told = sopkit(*words, "--help")
    listed = told.out.partition("Perintah:\n")[2]
    group = command_line.commands["mail"] if words else command_line
    assert isinstance(group, Group)
    assert re.findall(r"^  (\w+)", listed, re.MULTILINE) == [name for name in group.daily if name in group.commands]
    assert words or listed.startswith("  run ")
    assert max(map(len, told.out.splitlines())) <= int(columns) and "..." not in listed
    said = " ".join(listed.split())
    for command in group.commands.values():
        assert " ".join((command.help or "").split()).partition(". ")[0].rstrip(".") in said
    assert told.out.encode("cp1252")


WITHOUT_EVENTS, WITHOUT_CASES = EVENTS.strip().splitlines()[0], CASES.strip().splitlines()[0]
EVERY_COMMAND = (
    "validate", "generate", "number", "run", "recap", "export", "export --format xes", "mail draft", "mail preview",
    "mail send", "mail status", "verify", "adopt registers/register-2026.xlsx", "template check", "doctor",
)  # fmt: skip


@pytest.mark.parametrize(
    ("cases", "events"),
    [
        (None, None),
        (CASES, WITHOUT_EVENTS),
        (WITHOUT_CASES, EVENTS),
        (WITHOUT_CASES, WITHOUT_EVENTS),
    ],
    ids=["made by init", "no events", "no cases", "headers only"],
)
def test_every_command_works_on_the_first_day(
    sopkit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cases: str | None, events: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    book = tmp_path / "registers" / "register-2026.xlsx"
    if cases is None:
        sopkit("init", "--year", "2026")
    else:
        book.parent.mkdir()
        office_workbook(book, cases, events)
    for words in EVERY_COMMAND:
        told = sopkit(*words.split())
        assert told.code != 3 and "tidak terduga" not in told.err, (words, told.err)


@pytest.mark.parametrize("words", ["generate", "number", "export", "recap", "mail draft", "mail preview"])
def test_a_workbook_without_its_register_is_no_register_with_nothing_to_do(sopkit, office: Path, words: str) -> None:
    office_workbook(_book(office), CASES, EVENTS, without=["Register"])
    told = sopkit(*words.split())
    assert told.code == 3 and "tidak mempunyai sheet Register" in told.err
    assert sopkit("validate").code == 1 and "B01" in sopkit("validate").out


def test_number_says_what_else_the_ptpp_needs(sopkit, office: Path) -> None:
    told = sopkit("number")
    assert "Isi juga  Register baris 3: Tanggal PTPP dan Kepada." in told.out
    assert "1 nomor ditulis" in told.out


def test_number_says_whose_date_is_of_another_year(sopkit, office: Path) -> None:
    office_workbook(_book(office), CASES, EVENTS, kantor={"Tahun Register": "2025"})
    told = sopkit("number", "--dry-run").out
    assert "Periksa dahulu  Register!F3: menurut tanggalnya tahun 2026, bukan 2025." in told


def test_number_says_how_libreoffice_shows_the_next_one(sopkit, office: Path) -> None:
    assert "LibreOffice" not in sopkit("number").out
    office_workbook(_book(office), CASES, EVENTS)
    as_libreoffice_saves(_book(office))
    assert "Di LibreOffice, tekan Ctrl+Shift+F9" in sopkit("number").out


def test_the_next_year_is_begun_beside_the_first_with_the_same_sop(
    sopkit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sop-kami.toml").write_text(OWN_SOP, "utf-8")
    assert sopkit("init", "--year", "2026", "--sop", "sop-kami.toml").code == 0
    assert json.loads(sopkit("validate", "--format", "json").out)["sop"]["id"] == "kami"
    assert "SOP Kami" in sopkit("sop", "show").out
    told = sopkit("init", "--year", "2027")
    assert told.code == 0 and "Sudah ada, dibiarkan:" in told.out
    assert "lalu jalankan  sopkit run" in told.out
    for words in (["run", "--as-of", "2026-12-01"], ["validate", "--as-of", "2026-12-01"]):
        told = sopkit(*words)
        assert told.code == 0 and "register-2027.xlsx tidak diperiksa: belum memuat kasus tahun 2027." in told.err
    second = sopkit("validate", "registers/register-2027.xlsx", "--format", "json")
    assert json.loads(second.out)["sop"]["id"] == "kami"


def test_init_makes_an_office_and_never_overwrites(sopkit, tmp_path: Path) -> None:
    told = sopkit("init", tmp_path / "kantor", "--year", "2026")
    assert told.code == 0
    assert (tmp_path / "kantor" / "registers" / "register-2026.xlsx").is_file()
    assert (tmp_path / "kantor" / "templates" / "ptpp.docx").is_file()
    again = sopkit("init", tmp_path / "kantor", "--year", "2026")
    assert again.code == 3 and "Sudah ada" in again.err


def test_a_blank_register_is_read_without_a_complaint_about_its_form(sopkit, tmp_path: Path) -> None:
    sopkit("init", tmp_path, "--year", "2026")
    told = sopkit("validate", tmp_path / "registers" / "register-2026.xlsx", "--format", "json")
    data = json.loads(told.out)
    assert (data["register"]["cases"], data["summary"]["error"], data["summary"]["breach"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("tidak-ada.xlsx", None, "tidak ditemukan"),
        ("kosong.xlsx", b"", "kosong"),
        ("surat.xlsx", b"<html><body>x</body></html>", "HTML"),
        ("data.xlsx", b"a;b;c\n1;2;3\n", "bukan"),
        ("~$register.xlsx", b"x", "kunci"),
        ("sandi.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1024), "register"),
    ],
)
def test_what_is_no_register_is_one_sentence_and_3(
    sopkit, tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    told = sopkit("validate", tmp_path / name)
    assert told.code == 3
    assert "Traceback" not in told.err and len(told.err.strip().splitlines()) == 1
    if said != "register":
        assert said in told.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["validate", "--besok"], "Pilihan --besok tidak dikenal"),
        (["terbang"], "Perintah terbang tidak ada"),
        (["validate", "--as-of", "besok"], "tidak dapat dibaca"),
        (["explain", "Z99"], "Aturan Z99 tidak ada"),
        (["validate"], "folder registers/ tidak berisi buku kerja"),
        (["run", "--jobs", "nol"], "--jobs"),
    ],
)
def test_a_wrong_call_is_said_in_indonesian_and_leaves_with_2(
    sopkit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: Sequence[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    told = sopkit(*words)
    assert told.code == 2
    assert said in told.err and "Error" not in told.err


@pytest.mark.parametrize("group", [[], ["mail"], ["sop"], ["template"]])
def test_an_incomplete_command_shows_its_help(sopkit, group: Sequence[str]) -> None:
    told = sopkit(*group)
    assert told.code == 2 and "Perintah:" in told.err and "Perintah belum lengkap" in told.err


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("20-11-2026", "2026-11-20T23:59:59"),
        ("20/11/2026 10.00", "2026-11-20T10:00:00"),
        ("5-6-2026 08:15", "2026-06-05T08:15:00"),
        ("20 November 2026", "2026-11-20T23:59:59"),
        ("2026-11-20", "2026-11-20T23:59:59"),
        ("2026-11-20 10.00", "2026-11-20T10:00:00"),
    ],
)
def test_now_may_be_written_as_people_here_write_it(sopkit, office: Path, typed: str, read: str) -> None:
    assert json.loads(sopkit("validate", "--format", "json", "--as-of", typed).out)["as_of"] == read


def test_a_name_without_its_ending_is_helped(sopkit, office: Path) -> None:
    for name in ("register-2026", "registr-2026.xlsx"):
        told = sopkit("validate", f"registers/{name}")
        assert told.code == 3 and "Mungkin maksudnya" in told.err and "register-2026.xlsx" in told.err


def test_bounds_are_said_in_words(sopkit) -> None:
    told = sopkit("run", "--help")
    assert "1 sampai 64" in told.out and "<" not in told.out


def test_an_open_workbook_is_said_on_the_console(sopkit, office: Path) -> None:
    said = "Buku kerja sedang dibuka; yang dibaca ialah yang terakhir disimpan."
    assert said not in sopkit("validate").out
    (office / "registers" / "register-2026 (1).xlsx").write_bytes(b"")
    book = "registers/register-2026.xlsx"
    assert said not in sopkit("validate", book).out  # a copy beside it is B12, but nobody has it open
    (office / "registers" / "~$register-2026.xlsx").write_bytes(b"")
    assert said in sopkit("validate", book).out and said in sopkit("run", book).out


def test_folders_of_several_workbooks_are_named(sopkit, office: Path) -> None:
    other = office / "registers" / "lain.xlsx"
    shutil.copy(_book(office), other)
    for words in (["verify"], ["mail", "status"]):
        told = sopkit(*words)
        assert told.code == 2 and "Buat dahulu dengan" in told.err
    sopkit("run", _book(office), other)
    for words in (["verify"], ["mail", "status"]):
        told = sopkit(*words)
        command = f"sopkit {' '.join(words)}"
        assert told.code == 2
        assert f"{command} keluaran/lain atau {command} keluaran/register-2026" in told.err.replace("\\", "/")
        assert sopkit(*words, "keluaran/lain").code == 0


def test_explain_tells_a_rule_and_lists_all(sopkit) -> None:
    family = sopkit("explain", "b").out
    assert "B01" in family and "B12" in family and "D01" not in family
    told = sopkit("explain", "w02")
    assert "penyimpangan" in told.out and "Keterangan" in told.out
    assert "Mengapa    : Baku mutu ialah janji pelayanan" in told.out
    assert sopkit("explain").out.count("\n") > 80


def test_the_sop_is_shown_and_checked(sopkit, tmp_path: Path) -> None:
    assert "Mengkonsultasikan dengan Camat" in " ".join(sopkit("sop", "show").out.split())
    assert "tidak memiliki nomor 4" in sopkit("sop", "check").out
    (tmp_path / "salah.toml").write_text("id = 1", "utf-8")
    assert sopkit("sop", "check", tmp_path / "salah.toml").code == 3
    (tmp_path / "rusak.toml").write_text("id = satu", "utf-8")
    told = sopkit("sop", "check", tmp_path / "rusak.toml")
    assert "baris 1, kolom 6: nilainya tidak dapat dibaca" in told.err and "Invalid" not in told.err


def test_the_sop_is_shown_whole(sopkit) -> None:
    told = " ".join(sopkit("sop", "show").out.split())
    for said in (
        "bukan Camat (menurut naskah)",
        "boleh mendahului gilirannya",
        "kembali ke langkah 7",
        "langkah 5 dan 6",
        "Berkala",
        "sampai jam yang sama pada hari kerja berikutnya",
        "Isi dahulu : No. PTPP",
    ):
        assert said in told


@pytest.mark.parametrize("command", ["show", "check"])
def test_an_sop_is_named_either_way(sopkit, tmp_path: Path, command: str) -> None:
    own = tmp_path / "sop.toml"
    own.write_text(OWN_SOP, "utf-8")
    assert sopkit("sop", command, own).out == sopkit("sop", command, "--sop", own).out
    assert "SOP Kami" in sopkit("sop", command, own).out


def test_a_column_that_the_register_does_not_have_is_remarked(sopkit, tmp_path: Path) -> None:
    needing = f'{OWN_SOP}needs = ["Nomor PTPP", "no. catatan"]\n'
    (tmp_path / "sop.toml").write_text(needing, "utf-8")
    told = sopkit("sop", "check", tmp_path / "sop.toml")
    assert "Langkah 1: needs menyebut kolom “Nomor PTPP”" in told.out and "No. PTPP" in told.out
    assert "no. catatan" not in told.out


def test_an_unforeseen_error_shows_no_traceback_unless_asked(
    sopkit, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr("sopkit.pipeline.inspect_register", crash)
    told = sopkit("validate")
    assert told.code == 3 and "Traceback" not in told.err and "ZeroDivisionError" in told.err
    monkeypatch.setattr(sys, "argv", ["sopkit", "validate", "--debug"])
    with pytest.raises(ZeroDivisionError):
        main()


def test_a_console_of_cp1252_stops_nothing(office: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sopkit", "validate"],
        cwd=office,
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("encoding", ["cp1252", "cp437"])
def test_what_a_console_lacks_is_shown_by_what_it_has(encoding: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sopkit", "explain", "W02"],
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=True,
    )
    said = done.stdout.decode(encoding)
    assert "kosong -> Listrik" in said and "?" not in said


def _all_files(folder: Path) -> dict[Path, tuple[bytes, int]]:
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def test_mail_is_drafted_previewed_and_only_shown_before_send(sopkit, office: Path) -> None:
    before = _all_files(office)
    assert "akan dibuat" in sopkit("mail", "preview").out
    assert _all_files(office) == before
    sopkit("mail", "draft")
    assert list((office / "keluaran" / "surel").glob("*.eml"))
    told = sopkit("mail", "send")
    assert told.code == 0 and "belum ada yang dikirim" in told.out
    assert "draf" in sopkit("mail", "status").out
    assert sopkit("mail", "status", "tidak-ada").code == 2


def test_what_was_sent_from_outlook_is_noted_and_a_change_becomes_a_revision(sopkit, office: Path) -> None:
    assert "catat dengan: sopkit mail sent" in sopkit("run").out
    told = sopkit("mail", "sent")
    assert told.code == 0 and "1. PTPP Nomor 001/PTPP/XI/2026" in told.out
    assert sopkit("mail", "sent", "1", "99").code == 2
    assert "masih draf" in sopkit("mail", "status").out
    before = _all_files(office)
    assert "0 draf akan dibuat" in sopkit("mail", "preview").out
    assert _all_files(office) == before
    assert "dicatat terkirim" in sopkit("mail", "sent", "all").out
    assert not list((office / "keluaran" / "surel").glob("*.eml"))
    assert "mail sent" not in sopkit("run").out
    office_workbook(_book(office), CASES.replace("tidak terbaca", "hilang"), EVENTS)
    assert "1 revisi baru" in sopkit("run").out
    (new,) = (office / "keluaran" / "surel").glob("PTPP*.eml")
    assert (office / "keluaran" / "surel" / "terkirim" / new.name).exists()
    assert "Subject: Pengganti PTPP" in new.read_text("ascii")


def test_mail_that_needs_attention_leaves_with_4_and_what_an_office_does_not_want_does_not(
    sopkit, office: Path
) -> None:
    few = "Dokumen | Kepada | Tembusan\nLaporan | Camat |\n"
    office_workbook(_book(office), CASES, EVENTS, surel=few)
    for words in (["mail", "preview"], ["mail", "draft"], ["run"]):
        told = sopkit(*words)
        assert told.code == 0 and "Sheet Surel tidak menyebut tujuan PTPP" in told.out
    for email, code in (("salah", 0), ("", 0)):
        staff = PEGAWAI.replace("joko@contoh.go.id", email)
        office_workbook(_book(office), CASES, EVENTS, pegawai=staff)
        assert sopkit("mail", "preview").code == sopkit("mail", "draft").code == 4
        assert sopkit("run").code == code


def test_a_broken_mail_template_is_said_once_and_by_template_check(sopkit, office: Path) -> None:
    shutil.copytree(folders.PACKAGE.parent / "templates", office / "templates")
    letter = office / "templates" / "surel" / "ptpp.txt"
    letter.write_text(letter.read_text("utf-8").replace("{{ nomor }}", "{{ nomer }}"), encoding="utf-8")
    told = sopkit("template", "check")
    assert told.code == 1 and "Semua templat dapat dipakai" not in told.out
    assert told.out.splitlines() == [
        "surel/ptpp.txt, baris 1  T01  subjek memakai bidang yang tidak ada: 'nomer'; mungkin maksudnya nomor",
        "surel/ptpp.txt, baris 14  T01  memakai bidang yang tidak ada: 'nomer'; mungkin maksudnya nomor",
    ]
    assert sopkit("template", "check", letter).out == told.out
    third = CASES.splitlines()[2].replace("001/", "003/").replace("Joko Santosa | 2026", "Endah Purwanti | 2026")
    more = CASES + third  # another's: two for the same person would be a digest, which has a text of its own
    office_workbook(_book(office), more, EVENTS + EVENTS.replace("001/", "003/").split("\n", 2)[2])
    told = sopkit("mail", "draft")
    assert told.code == 4 and told.out.count("nomer") == 1
    assert sopkit("run").code == 4
    assert "2 surel PTPP" in told.out and "ptpp.txt, baris 1:" in told.out
    letter.write_text("Subjek: x\n\n{% if nomor %}\n", encoding="utf-8")
    assert "surel/ptpp.txt, sekitar baris 3  T02" in sopkit("template", "check").out


def test_the_event_log_is_exported(sopkit, office: Path) -> None:
    assert "001/CLTS/XI/2026" in sopkit("export").out
    assert "<log" in sopkit("export", "--format", "xes").out


def test_templates_are_checked_and_their_fields_listed(sopkit, office: Path) -> None:
    assert "Semua templat dapat dipakai" in sopkit("template", "check").out
    assert "nomor_ptpp" in sopkit("template", "fields", "ptpp").out
    assert sopkit("template", "check", "tidak-ada.docx").code == 1
    templates = Path(__file__).parents[1] / "templates"
    assert "Semua templat dapat dipakai" in sopkit("template", "check", templates).out
    (office / "kosong").mkdir()
    told = sopkit("template", "check", "kosong", templates / "ptpp.docx")
    assert told.code == 1 and "ptpp.docx, berkas  T03" in told.out


def test_doctor_names_the_next_step(sopkit, office: Path) -> None:
    assert "Langkah berikutnya: sopkit run" in sopkit("doctor").out
    shutil.copy(_book(office), office / "registers" / "register-2027.xlsx")
    assert "Langkah berikutnya: sopkit run" in sopkit("doctor").out


@pytest.mark.parametrize(
    ("installer", "command"), [("pip", "{python} -m pip install"), ("uv", "uv pip install --python {python}")]
)
def test_doctor_tells_an_installed_sopkit_what_to_install_beside_it(
    sopkit, office: Path, monkeypatch: pytest.MonkeyPatch, installer: str, command: str
) -> None:
    info = office / "site" / "sopkit-0.1.0.dist-info"
    info.mkdir(parents=True)
    requires = ("click>=8", 'keyring>=25.5; extra == "mail"', 'docx2pdf>=0.1.8; (os_name == "nt") and extra == "word"')
    metadata = ["Metadata-Version: 2.4", "Name: sopkit", *(f"Requires-Dist: {one}" for one in requires)]
    (info / "METADATA").write_text("\n".join(metadata), encoding="utf-8")
    (info / "INSTALLER").write_text(f"{installer}\n", encoding="utf-8")
    monkeypatch.setattr(importlib.metadata, "distribution", lambda name: importlib.metadata.PathDistribution(info))
    monkeypatch.setattr(folders, "PACKAGE", office / "site" / "sopkit")
    monkeypatch.setattr(sys, "executable", "/opt/kantor kami/python")
    told = command.format(python='"/opt/kantor kami/python"')
    assert folders.how_to_add("mail") == f'Jalankan: {told} "keyring>=25.5"'
    assert folders.how_to_add("word") == f'Jalankan: {told} "docx2pdf>=0.1.8"'
    monkeypatch.setattr(doctor, "libreoffice", lambda: None)
    monkeypatch.setattr(doctor, "word_is_here", lambda: False)
    assert f'untuk memakai Word: Jalankan: {told} "docx2pdf>=0.1.8"' in sopkit("doctor").out


def test_doctor_finds_the_program_that_makes_pdfs(sopkit, office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = office / "Program" / "LibreOffice" / "program" / "soffice.exe"
    program.parent.mkdir(parents=True)
    monkeypatch.setattr("sopkit.libreoffice.PLACES", ())
    monkeypatch.setenv("PATH", str(office))
    monkeypatch.setenv("PROGRAMFILES", str(office / "Program"))
    assert "[belum] Pembuat PDF" in sopkit("doctor").out
    program.write_bytes(b"")
    assert "[ada]   Pembuat PDF (LibreOffice)" in sopkit("doctor").out


def test_nothing_of_sopkit_is_fetched_from_a_registry(sopkit, office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    told = sopkit("doctor")
    assert "uv sync --extra mail" in told.out and "pip install" not in told.out


def test_recap_of_many_registers_is_the_same_in_one_process_and_in_two(sopkit, office: Path) -> None:
    other = office / "registers" / "lain.xlsx"
    shutil.copy(_book(office), other)
    assert sopkit("recap", _book(office), other, "--output", "satu.xlsx").code == 0
    assert sopkit("recap", _book(office), other, "--jobs", "2", "--output", "dua.xlsx").code == 0
    assert (office / "satu.xlsx").read_bytes() == (office / "dua.xlsx").read_bytes()


def test_two_workbooks_of_one_name_keep_apart(sopkit, office: Path, tmp_path: Path) -> None:
    second = tmp_path / "kantor-lain" / "registers" / "register-2026.xlsx"
    second.parent.mkdir(parents=True)
    shutil.copy(_book(office), second)
    told = sopkit("run", _book(office), second, Path("registers/register-2026.xlsx"), "--output", "bersama")
    assert told.code == 0, told.err
    folders = sorted(path.name for path in (office / "bersama").iterdir() if path.is_dir())
    assert folders == sorted([f"{office.name} register-2026", "kantor-lain register-2026"])
    assert all((office / "bersama" / name / "ptpp" / "001-PTPP-XI-2026.docx").is_file() for name in folders)


def test_a_run_that_cannot_be_finished_says_so_on_stderr(sopkit, office: Path) -> None:
    told = sopkit("run", "tidak-ada.xlsx")
    assert told.code == 3 and not told.out and "tidak ditemukan" in told.err
    told = sopkit("run", "--templates", "tidak-ada")
    assert told.code == 2 and "Folder templat" in told.err
    told = sopkit("run", _book(office), "tidak-ada.xlsx")
    assert told.code == 3 and "tidak-ada.xlsx" in told.err and "laporan.html" in told.out


def test_a_name_too_long_for_its_companions_is_still_read(sopkit, office: Path) -> None:
    long = office / ("x" * 245 + ".xlsx")
    shutil.copy(_book(office), long)
    assert sopkit("validate", long).code == 0
    told = sopkit("run", long)
    assert told.code == 3 and "terlalu panjang" in told.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "--jobs", "0"], "Nilai untuk --jobs tidak dapat dipakai; isi dengan bilangan bulat paling sedikit 1"),
        (["validate", "--format", "xml"], "pilih table, json, csv, html."),
        (["validate", "--as-of", "31-2-2026"], "Waktu “31-2-2026” tidak dapat dibaca."),
        (["runn"], "Perintah runn tidak ada. Maksud Anda run?"),
        (["doctor", "x.toml"], "Perintah ini tidak menerima x.toml."),
        (["template", "fields", "surat"], "Jenis dokumen surat tidak dikenal."),
        (["mail", "resolve", "1", "hilang"], "pilih sent, draft, cancelled."),
        (["validate", "--as-of", "9999-12-31"], "Waktu “9999-12-31” di luar tahun 1990 sampai 2100."),
        (["mail", "resolve", "\udcff", "sent"], "Nama “?” memuat huruf yang rusak (bukan UTF-8)."),
        (["mail", "draft", "--allow", "a.go.id", "--allow", "\udcff"], "Nama “?” memuat huruf yang rusak"),
    ],
)
def test_a_wrong_value_is_said_without_click_s_english(sopkit, words: Sequence[str], said: str) -> None:
    told = sopkit(*words)
    assert told.code == 2 and said in told.err
    assert " is not " not in told.err and len(told.err.strip().splitlines()) == 1


@pytest.mark.skipif(os.name == "nt" or shutil.which("capsh") is None, reason="memerlukan capsh")
def test_a_workbook_that_may_not_be_read_is_one_sentence_and_3(office: Path) -> None:
    _book(office).chmod(0)
    bare = ["capsh", "--drop=cap_dac_override,cap_dac_read_search", "--", "-c"] if os.getuid() == 0 else ["sh", "-c"]
    done = subprocess.run(
        [*bare, f"{sys.executable} -m sopkit validate"], cwd=office, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert "tidak dapat dibuka" in done.stderr and len(done.stderr.strip().splitlines()) == 1


@pytest.mark.skipif(os.name == "nt" or shutil.which("capsh") is None, reason="memerlukan capsh")
def test_a_folder_that_may_only_be_read_is_verified_and_previewed(sopkit, office: Path) -> None:
    """As an auditor has it, on a disc or a share."""
    assert sopkit("run").code == 0
    for path in [*office.rglob("*"), office]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    bare = ["capsh", "--drop=cap_dac_override,cap_fowner", "--", "-c"] if os.getuid() == 0 else ["sh", "-c"]
    for command, said in (("verify", "Riwayat utuh"), ("mail preview", "akan dibuat")):
        told = subprocess.run(
            [*bare, f"{sys.executable} -m sopkit {command}"], cwd=office, capture_output=True, text=True, check=False
        )
        assert told.returncode in (0, 4) and said in told.stdout, told
    for path in [office, *office.rglob("*/")]:
        path.chmod(0o755)


def test_documents_of_vanished_cases_are_named_and_kept(sopkit, office: Path) -> None:
    sopkit("run")
    first = "\n".join(line for line in CASES.splitlines() if not line.startswith("002"))
    office_workbook(_book(office), first, "\n".join(line for line in EVENTS.splitlines() if line[:3] != "002"))
    told = sopkit("run")
    assert "Tidak ada lagi di register" in told.out and "catatan/002-CLTS-XI-2026.docx" in told.out
    assert (office / "keluaran" / "catatan" / "002-CLTS-XI-2026.docx").is_file()


def test_a_register_without_cases_is_not_praised(sopkit, tmp_path: Path) -> None:
    sopkit("init", tmp_path, "--year", "2026")
    told = sopkit("run", tmp_path / "registers" / "register-2026.xlsx")
    assert told.code == 0
    assert "belum berisi layanan tidak sesuai" in told.out and "sesuai SOP" not in told.out
    assert "kirimkan" not in told.out


def test_a_rule_is_explained_without_placeholders(sopkit) -> None:
    assert "{" not in sopkit("explain", "W02").out and "{" not in sopkit("explain").out


@pytest.mark.skipif(os.name == "nt", reason="Ctrl+C is sent as a POSIX signal")
def test_watch_does_not_wait_for_a_workbook_that_is_not_there(office: Path) -> None:
    pytest.importorskip("watchfiles")
    done = subprocess.run(
        [sys.executable, "-m", "sopkit", "watch", "salah.xlsx"],
        cwd=office, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 3 and "salah.xlsx tidak ditemukan" in done.stderr and not done.stdout


def test_watch_runs_again_when_the_workbook_is_saved_and_ends_with_ctrl_c(office: Path) -> None:
    pytest.importorskip("watchfiles")
    started = subprocess.Popen(
        [sys.executable, "-m", "sopkit", "watch"],
        cwd=office,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert started.stdout is not None
    seen = threading.Event()

    def save_until_seen() -> None:
        """The watcher may not listen yet when it says so."""
        while not seen.wait(0.3):
            _book(office).touch()

    try:
        assert any("Menunggu" in line for line in started.stdout)
        threading.Thread(target=save_until_seen, daemon=True).start()
        assert any("Langkah berikutnya" in line for line in started.stdout)
        seen.set()
        started.send_signal(signal.SIGINT)
        _, err = started.communicate(timeout=30)
    finally:
        seen.set()
        started.kill()
    assert (started.returncode, err) == (0, "")


def test_the_history_of_a_damaged_archive_is_one_sentence(sopkit, office: Path) -> None:
    sopkit("run")
    archive = office / "keluaran" / "arsip.sqlite3"
    data = archive.read_bytes()
    for damaged in (b"x" * 5000, data[:8192] + b"\xff" * (len(data) - 8192)):
        archive.write_bytes(damaged)
        told = sopkit("history")
        assert told.code == 3 and "sopkit repair" in told.err and len(told.err.strip().splitlines()) == 1


def test_repair_makes_no_archive_where_nothing_of_sopkit_is(sopkit, office: Path) -> None:
    told = sopkit("repair", "registers")
    assert told.code == 2 and "Sebutkan folder keluaran." in told.err
    assert [path.name for path in (office / "registers").iterdir()] == ["register-2026.xlsx"]


def test_a_text_template_that_is_not_there_is_named_as_it_was(sopkit, office: Path) -> None:
    assert sopkit("template", "check", "x.txt").out.startswith("x.txt, berkas  T03  Templat surel x.txt tidak ada.")


def test_a_bundle_that_has_no_place_is_refused_before_anything_is_fetched(sopkit, office: Path) -> None:
    (office / "ini").write_text("bukan folder")
    told = sopkit("bundle", "ini")
    assert told.code == 3 and "bukan folder" in told.err
