"""The way in for an office with a register of its own: adopt, office sheets, validate and run, and no TOML by hand.

The registers are those of `adopt/make.py`; `adopt/headings.toml` says what usual headings mean.
"""

from __future__ import annotations

import json
import os
import re
import select
import signal
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from adopt import make, measure
from openpyxl import load_workbook
from processes import become, prepare

from sopkit.cli.main import main

AS_OF = ("--as-of", "2026-11-20T10:00")
READ = re.compile(r"Terbaca: (\d+) kasus dan (\d+) langkah\.")


@dataclass(frozen=True)
class Kept:
    """A register, and what is in it."""

    make: Callable[[Path], Path]
    cases: int
    current: int  # found in 2026
    sheets: str | list[str]  # what Register is read from
    answers: Mapping[str, str] = field(default_factory=dict)  # what its clerk answers when asked about a column


KEPT = {
    "a": Kept(make.log_ptpp, 90, 26, "LOG PTPP", {"Tanggal Ditemukan": "Tgl Terbit", "Unit Kerja": "Kepada"}),
    "b": Kept(make.per_year, 133, 40, ["2024", "2025", "2026"]),
    "c": Kept(make.daftar_lts, 70, 32, "Daftar LTS"),
    "d": Kept(make.control_cards, 46, 46, "Kendali"),
    "e": Kept(make.forms_and_log, 64, 34, "CAPA Log", {"No. Catatan": "CAPA ID"}),
}


@dataclass(frozen=True)
class Told:
    code: int
    out: str
    err: str


class Office:
    """An office's folder, and its clerk who runs commands in it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        self.folder, self.monkeypatch, self.capfd = folder, monkeypatch, capfd
        monkeypatch.chdir(folder)

    def run(self, *words: str) -> Told:
        self.monkeypatch.setattr(sys, "argv", ["sopkit", *words])
        self.capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        told = self.capfd.readouterr()
        assert "tidak terduga" not in told.out + told.err
        return Told(int(left.value.code or 0), told.out, told.err)

    def layout(self, book: Path) -> dict[str, Any]:
        return tomllib.loads(book.with_suffix(".sopkit.toml").read_text(encoding="utf-8"))

    def fill_office_sheets(self, name: str = "BUKU-KANTOR.xlsx") -> None:
        """What a clerk types into the office's workbook: who works there, and whose office it is."""
        path = self.folder / name
        book = load_workbook(path)
        people = book["Pegawai"]
        columns = {str(cell.value).rstrip(" *"): cell.column for row in people.iter_rows(max_row=5) for cell in row}
        top = next(row[0].row for row in people.iter_rows(max_row=5) if "Nama" in [c.value for c in row])
        for y, (person, nip, rank, post, role) in enumerate(make.PEOPLE, top + 1):
            typed = {
                "Nama": person,
                "NIP": nip,
                "Pangkat/Golongan": rank,
                "Jabatan": post,
                "Peran": role,
                "Aktif": "Ya",
            }
            for header, value in {**typed, "Email": f"{person.split()[0].lower()}@contoh.example"}.items():
                people.cell(y, columns[header], value)
        kantor = book["Kantor"]
        (name_of,) = (row[1] for row in kantor.iter_rows() if row[0].value == "Nama Kantor")
        name_of.value = "KECAMATAN CONTOH"
        (place,) = (row[1] for row in kantor.iter_rows() if row[0].value == "Tempat")
        place.value = "Contoh"
        book.save(path)

    def findings(self, book: Path) -> dict[str, Any]:
        told = self.run("validate", book.name, *AS_OF, "--format", "json", "--output", "temuan.json")
        assert told.code in (0, 1)
        return dict(json.loads((self.folder / "temuan.json").read_text(encoding="utf-8")))

    def documents(self) -> Counter[str]:
        made = (self.folder / "keluaran").rglob("*.docx")
        return Counter(path.parent.name for path in made)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Office:
    return Office(tmp_path, monkeypatch, capfd)


@pytest.fixture(params=sorted(KEPT))
def kept(request: pytest.FixtureRequest) -> Kept:
    return KEPT[request.param]


def test_the_registers_are_the_same_at_each_making(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        for register in make.REGISTERS:
            register(tmp_path / name)
    books = sorted((tmp_path / "one").iterdir())
    assert len(books) == 5
    assert all(book.read_bytes() == (tmp_path / "two" / book.name).read_bytes() for book in books)


def test_usual_headings_are_placed_rightly_or_asked(tmp_path: Path) -> None:
    """None placed wrongly without asking; seven of ten rightly; nine of ten rightly at the first guess."""
    verdicts = measure.measure(tmp_path)
    columns = [verdict for verdict in verdicts if verdict.means not in ("ask", "none")]
    kinds = Counter(verdict.kind for verdict in columns)
    said = measure.table(verdicts)
    assert len(verdicts) >= 250
    assert [verdict for verdict in verdicts if verdict.kind == "wrong"] == [], said
    assert kinds["right"] >= 0.7 * len(columns), said
    assert kinds["right"] + kinds["asked"] >= 0.9 * len(columns), said


def test_what_adopt_says_at_the_end_is_true(office: Office, kept: Kept) -> None:
    """How much is read, from which sheets, what is still missing, what to do next; 1 says that something is missing."""
    book = kept.make(office.folder)
    told = office.run("adopt", book.name)
    said = " ".join(told.out.split())
    read = READ.search(said)
    assert read, told.out
    assert int(read[1]) == kept.cases
    assert (int(read[2]) > 0) == (kept is KEPT["d"])
    assert office.layout(book)["sheets"]["Register"] == kept.sheets
    assert "Langkah" not in office.layout(book)["sheets"]
    assert told.code == 1
    assert "Belum siap. Yang masih kurang:" in said
    assert "sopkit init --office-sheets BUKU-KANTOR.xlsx" in said
    assert f"sopkit adopt {book.name}" in said


def test_without_a_terminal_a_register_with_nothing_to_ask_goes_the_whole_way(office: Office) -> None:
    kept = KEPT["d"]
    book = kept.make(office.folder)
    assert office.run("adopt", book.name).code == 1  # nobody is known yet
    assert office.run("init", "--office-sheets", "BUKU-KANTOR.xlsx").code == 0
    office.fill_office_sheets()
    assert office.run("adopt", book.name).code == 0
    assert office.layout(book)["office"] == "BUKU-KANTOR.xlsx"
    _read_and_documented(office, book, kept)


@pytest.mark.skipif(os.name == "nt", reason="pty ada di POSIX saja")
def test_from_adopt_to_documents_on_a_terminal(office: Office, kept: Kept) -> None:
    """Each question is answered: nothing stays undecided, and a second run has nothing more to ask."""
    book = kept.make(office.folder)
    shown, questions, code = on_a_terminal(office.folder, kept.answers, "adopt", book.name)
    assert questions < 20, shown
    layout = book.with_suffix(".sopkit.toml").read_text(encoding="utf-8")
    assert "MUNGKIN" not in layout
    assert code in (0, 1)
    assert "sopkit init --office-sheets BUKU-KANTOR.xlsx" in shown
    assert office.run("init", "--office-sheets", "BUKU-KANTOR.xlsx").code == 0
    office.fill_office_sheets()
    shown, questions, _ = on_a_terminal(office.folder, kept.answers, "adopt", book.name)
    assert questions == 0, shown
    assert "sudah ada" not in shown
    assert ("Langkah SOP tidak dicatat dalam buku kerja ini" in shown) == (kept is not KEPT["d"])
    _read_and_documented(office, book, kept)
    if kept is KEPT["a"]:
        assert office.documents()["ptpp"] >= 0.9 * kept.current


_ASKS = re.compile(r"Pilih 1-\d+[^\n]*: $")
_OPTION = re.compile(r"^ +(\d+)  (.+?)\r?$", re.MULTILINE)


def on_a_terminal(folder: Path, answers: Mapping[str, str], *words: str) -> tuple[str, int, int]:
    """The command in a real terminal, answered as a clerk would: what was shown, how many questions, exit code."""
    import pty

    prepare()
    work, here = pty.fork()
    if work == 0:
        become(words, folder, {"TERM": "xterm", "COLUMNS": "110", "LINES": "40"})
    shown, seen, questions = "", 0, 0
    while questions < 60:
        ready = select.select([here], [], [], 0.2)[0]
        try:
            piece = os.read(here, 65536) if ready else b""
        except OSError:  # Linux says so when the other end is closed
            break
        shown += piece.decode(errors="replace")
        if _ASKS.search(shown, seen):
            os.write(here, f"{_answer(shown[seen:], answers)}\r".encode())
            seen, questions = len(shown), questions + 1
        elif ready and not piece:
            break
    else:
        os.kill(work, signal.SIGKILL)
    os.close(here)
    return shown, questions, os.waitstatus_to_exitcode(os.waitpid(work, 0)[1])


def _answer(question: str, answers: Mapping[str, str]) -> str:
    """What the clerk knows of the one asked about; else Enter where there is a guess, else that there is none."""
    options = [(number, text) for number, text in _OPTION.findall(question)]
    about = re.search("“(.+?)”", question[question.rfind("[") :])
    wanted = answers.get(about[1] if about else "", "")
    chosen = next((number for number, text in options if wanted and text.startswith(wanted)), "")
    unkept = next(
        (number for number, text in options if text.startswith("tidak ada pada register ini")), options[-1][0]
    )
    return chosen or ("" if "Enter =" in question else unkept)


def _read_and_documented(office: Office, book: Path, kept: Kept) -> None:
    """Each row is a case; nothing about old rows drowns the rest; nine of ten current cases have a Catatan."""
    found = office.findings(book)
    assert found["register"]["cases"] == kept.cases
    summary = found["summary"]
    assert summary["error"] <= 5, found["findings"][:20]
    assert summary["breach"] + summary["warning"] <= 5 * kept.current, Counter(f["code"] for f in found["findings"])
    told = office.run("run", book.name, *AS_OF)
    assert told.code == 0
    assert office.documents()["catatan"] >= 0.9 * kept.current, told.out


@pytest.mark.parametrize("words", ["validate", "run", "generate", "number --dry-run", "recap", "export", "mail draft"])
def test_each_command_on_a_foreign_workbook_names_adopt(office: Office, words: str) -> None:
    book = make.daftar_lts(office.folder)
    first, *rest = words.split()
    told = office.run(first, *rest, book.name)
    assert told.code != 0
    assert f"sopkit adopt {book.name}" in told.out + told.err
