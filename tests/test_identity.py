"""A register is itself whatever its file is called: one output folder, one archive and one draft for the same case."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import offices
import openpyxl
import pytest
from rich.console import Console
from workbooks import KANTOR, few_rows, office_workbook

from sopkit.archive import Owner, open_archive
from sopkit.cli.main import main
from sopkit.database import COPY, FILE, VERSION
from sopkit.mail.messages import note_lines
from sopkit.mail.outbox import Outbox
from sopkit.newbook.create import WorkbookContent, build_workbook
from sopkit.newbook.renew import renew_workbook
from sopkit.pipeline import Outcome, RunOptions, run_books
from sopkit.register.identity import PROPERTY, is_same, mark_of, new_mark
from sopkit.register.write_cells import CellEdit, write_cells
from sopkit.sop.model import load_sop

TEMPLATES = Path(__file__).parents[1] / "templates"
AS_OF = dt.datetime(2026, 11, 18, 9)
MARK, OTHER = new_mark(b"satu"), new_mark(b"dua")
HEAD = (
    "No. Catatan | Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Ditemukan Oleh | No. PTPP | "
    "Tanggal PTPP | Kepada | Penanggung Jawab | Target Selesai | Status"
)
STEPS = "No. Catatan | Langkah | Pelaksana | Mulai | Selesai"


def case(number: int, text: str, who: str = "Joko Santosa", status: str = "Proses", year: int = 2026) -> str:
    return (
        f"{number:03d}/CLTS/XI/{year} | {year}-11-16 08:15 | Legalisasi Surat | {text} | Ratna Anggraini | "
        f"{number:03d}/PTPP/XI/{year} | {year}-11-16 | Kasi | {who} | {year}-11-24 | {status}"
    )


UMUM = [case(1, "Stempel pada surat legalisasi tidak terbaca"), case(2, "Nama pemohon pada surat salah ketik")]
NIKAH = [
    case(1, "Tanggal lahir calon pengantin keliru ditulis", "Endah Purwanti"),
    case(2, "Surat pengantar nikah tertukar pemohonnya", "Endah Purwanti"),
]


class Office:
    """An office's folder and what was said in it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.said = folder, io.StringIO()
        (folder / "registers").mkdir(parents=True)
        self.output = folder / "keluaran"

    def book(self, name: str) -> Path:
        return self.folder / "registers" / name

    def write(self, name: str, cases: Sequence[str], mark: str = "", year: int = 2026, **more: str) -> Path:
        steps = [
            f"{one.split(' |')[0]} | 1 | Ratna Anggraini | {year}-11-16 08:1{one[2]} | {year}-11-16 08:1{one[2]}"
            for one in cases
        ]
        kantor = {"Tahun Register": str(year), "Waktu Acuan": "", **more}
        path = office_workbook(self.book(name), "\n".join([HEAD, *cases]), "\n".join([STEPS, *steps]), kantor=kantor)
        if mark:
            _mark(path, mark)
        return path

    def write_closed(self, name: str) -> Path:
        """A register of one closed case with all that belongs to it, and of two that are open; one has no No. PTPP."""
        return office_workbook(
            self.book(name), offices.REGISTER, offices.LANGKAH, offices.PEMUSNAHAN, kantor={"Waktu Acuan": ""}
        )

    def run(self, *names: str, as_of: dt.datetime = AS_OF, **options: object) -> Outcome:
        console = Console(file=self.said, width=300)
        outcome = run_books([self.book(name) for name in names], as_of, None, console, RunOptions(**options))  # type: ignore[arg-type]
        assert not outcome.unfinished, outcome.unfinished
        return outcome

    def drafts(self) -> list[str]:
        """Every mail's file in keluaran/, wherever it lies: none is drafted twice, none replaced."""
        return sorted(path.relative_to(self.output).as_posix() for path in self.output.rglob("*.eml"))

    def documents(self) -> dict[str, bytes]:
        return {path.relative_to(self.output).as_posix(): path.read_bytes() for path in self.output.rglob("*.docx")}

    def archives(self) -> list[str]:
        return sorted(path.parent.relative_to(self.folder).as_posix() for path in self.output.rglob(FILE))

    def decide(self, *decision: str) -> None:
        with Outbox(self.output / FILE) as outbox:
            outbox.resolve(*decision, AS_OF)  # type: ignore[arg-type, misc]

    def send(self) -> None:
        with Outbox(self.output / FILE) as outbox:
            outbox.sent_by_hand(["all"], AS_OF)


def _mark(path: Path, mark: str) -> None:
    """The property, as a program would write it that knows the package's custom properties."""
    text = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns="http://schemas.openxmlformats.org/'
        'officeDocument/2006/custom-properties" xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/'
        'docPropsVTypes"><property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" '
        f'name="{PROPERTY}"><vt:lpwstr>{mark}</vt:lpwstr></property></Properties>'
    )
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("docProps/custom.xml", text)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "kantor")


def drafted(outcome: Outcome) -> int:
    return sum(len(one.drafted.drafts) for one in outcome.made)


@pytest.mark.parametrize("marks", [("", ""), (MARK, MARK), (MARK, OTHER), (MARK, "")])
@pytest.mark.parametrize("names", [("umum.xlsx", "nikah.xlsx"), ("nikah.xlsx", "umum.xlsx")])
def test_two_registers_of_one_year_leave_each_other_alone(
    office: Office, marks: tuple[str, str], names: tuple[str, str]
) -> None:
    """The marks: books of their own, both saved from one blank workbook, each made by init, only one."""
    office.write("umum.xlsx", UMUM, marks[0])
    office.write("nikah.xlsx", NIKAH, marks[1])
    first, second = names
    office.run(first)
    alone = office.documents()
    assert f"Folder {office.output}" not in office.said.getvalue()
    office.run(second)
    own = f"keluaran/{Path(second).stem}"
    told = f"Folder {office.output} milik register {first}; hasil {second} ada di {office.folder / own}."
    assert office.said.getvalue().count(told) == 1
    assert office.archives() == ["keluaran", own]
    assert {path: data for path, data in office.documents().items() if path in alone} == alone
    drafts, documents = office.drafts(), office.documents()
    assert len(drafts) == 2 * 4 and not any("diganti" in path for path in drafts)  # PTPP together, Daftar, two more
    for given in ([first], [second], [first, second], [second, first], [second]):
        assert drafted(office.run(*given)) == 0, given
    assert (office.drafts(), office.documents()) == (drafts, documents)
    assert office.said.getvalue().count(told) == 1, "said where the folder was made, and not at each run"
    assert office.archives() == ["keluaran", own]
    assert (office.output / "gabungan" / "rekap.xlsx").is_file()


def test_who_drafts_elsewhere_hears_where_the_mails_are_known(office: Office, sopkit: Callable[..., Told]) -> None:
    book = str(office.write("umum.xlsx", UMUM))
    office.run("umum.xlsx")
    when, told = ("--as-of", AS_OF.isoformat()), f"Folder keluaran umum.xlsx adalah {office.output}. Yang dibuat di"
    assert told in sopkit("mail", "preview", *when, book, "-o", str(office.folder / "lain")).out
    assert told not in sopkit("mail", "preview", *when, book, "-o", str(office.output)).out
    assert told not in sopkit("mail", "preview", *when, book).out


def test_registers_begun_together_keep_their_folders_when_run_alone(office: Office) -> None:
    office.write("umum.xlsx", UMUM, MARK)
    office.write("nikah.xlsx", NIKAH, MARK)
    office.run("umum.xlsx", "nikah.xlsx")
    drafts = office.drafts()
    assert office.archives() == ["keluaran/nikah", "keluaran/umum"] and (office.output / "rekap.xlsx").is_file()
    for name in ("nikah.xlsx", "umum.xlsx"):
        assert drafted(office.run(name)) == 0
    office.write("surat.xlsx", [case(1, "Surat masuk tidak diagendakan hari itu juga")])
    office.run("surat.xlsx")
    assert office.archives() == ["keluaran/nikah", "keluaran/surat", "keluaran/umum"]
    assert set(drafts) < set(office.drafts())


@pytest.mark.parametrize("mark", ["", MARK])
@pytest.mark.parametrize("sent", [False, True])
def test_a_renamed_workbook_repeats_nothing(office: Office, mark: str, sent: bool) -> None:
    office.write("a.xlsx", UMUM, mark)
    assert drafted(office.run("a.xlsx")) == 4
    if sent:
        office.send()
    before = office.drafts()
    office.book("a.xlsx").rename(office.book("b.xlsx"))
    assert drafted(office.run("b.xlsx")) == 0
    assert office.drafts() == before and office.archives() == ["keluaran"]
    assert [path.name for path in office.output.glob("*-diperiksa.xlsx")] == ["b-diperiksa.xlsx"]


def test_the_same_with_its_first_cases_corrected_on_the_way(office: Office) -> None:
    office.write("a.xlsx", UMUM, MARK)
    office.run("a.xlsx")
    office.book("a.xlsx").unlink()
    office.write("b.xlsx", [case(1, "Stempel tidak terbaca"), case(2, "Nama salah ketik")], MARK)
    office.run("b.xlsx")
    assert office.archives() == ["keluaran"]


def test_a_copy_is_the_same_register(office: Office) -> None:
    office.write("a.xlsx", UMUM, MARK)
    office.run("a.xlsx")
    before = office.drafts()
    shutil.copy(office.book("a.xlsx"), office.book("a - Copy.xlsx"))
    shutil.copy(office.book("a.xlsx"), office.book("cadangan november.xlsx"))
    for name in ("a - Copy.xlsx", "cadangan november.xlsx", "a.xlsx"):
        assert drafted(office.run(name)) == 0
    for given in (["a.xlsx", "a - Copy.xlsx"], ["a - Copy.xlsx", "a.xlsx"]):
        outcome = office.run(*given)
        assert [one.place.book.name for one in outcome.made] == ["a.xlsx"]
        assert "a - Copy.xlsx adalah salinan register a.xlsx; yang dikerjakan hanya a.xlsx." in office.said.getvalue()
    assert office.drafts() == before and office.archives() == ["keluaran"]


def test_a_copy_run_beside_its_register_for_the_first_time(office: Office) -> None:
    office.write("a.xlsx", UMUM)
    shutil.copy(office.book("a.xlsx"), office.book("a - Copy.xlsx"))
    office.run("a.xlsx", "a - Copy.xlsx")
    assert office.archives() == ["keluaran/a"]
    shutil.copy(office.book("a.xlsx"), office.book("lain.xlsx"))
    office.run("lain.xlsx", "a.xlsx")
    assert office.archives() == ["keluaran/a"]


@pytest.mark.parametrize("gone", [False, True])
@pytest.mark.parametrize("carried", [0, 1])
def test_next_year_saved_from_this_year_is_another_register(office: Office, gone: bool, carried: int) -> None:
    """Save As keeps the mark; a case that is still open may have been carried along."""
    office.write("register-2026.xlsx", UMUM, MARK)
    office.run("register-2026.xlsx")
    before = office.documents()
    if gone:
        office.book("register-2026.xlsx").rename(office.folder / "lama.xlsx")
    office.write("register-2027.xlsx", [*UMUM[:carried], case(1, "Alamat keliru", year=2027)], MARK, 2027)
    office.run("register-2027.xlsx", as_of=dt.datetime(2027, 11, 18, 9))
    assert office.archives() == ["keluaran", "keluaran/register-2027"]
    assert {path: data for path, data in office.documents().items() if path in before} == before


def test_a_year_that_was_mended_is_no_other_register(office: Office) -> None:
    office.write("r.xlsx", UMUM, MARK, **{"Tahun Register": "2062"})
    office.run("r.xlsx")
    office.write("r.xlsx", UMUM, MARK)
    office.run("r.xlsx")
    assert office.archives() == ["keluaran"]


def test_trial_cases_that_were_deleted_do_not_move_the_register(office: Office) -> None:
    office.write("r.xlsx", [case(1, "coba"), case(2, "coba lagi")], MARK)
    office.run("r.xlsx")
    office.write("r.xlsx", [], MARK)
    office.run("r.xlsx")
    office.write("r.xlsx", UMUM, MARK)
    office.run("r.xlsx")
    assert office.archives() == ["keluaran"]


def test_an_output_folder_asked_for_is_no_exception(office: Office) -> None:
    office.write("umum.xlsx", UMUM)
    office.write("nikah.xlsx", NIKAH)
    office.output = office.folder / "hasil"
    office.run("umum.xlsx", output=office.output)
    before = office.documents()
    office.run("nikah.xlsx", output=office.output)
    assert office.archives() == ["hasil", "hasil/nikah"]
    assert {path: data for path, data in office.documents().items() if path in before} == before


def test_a_folder_of_its_own_is_none_that_documents_lie_in(office: Office) -> None:
    office.write("umum.xlsx", UMUM)
    office.write("ptpp.xlsx", NIKAH)
    office.run("umum.xlsx")
    office.run("ptpp.xlsx")
    assert office.archives() == ["keluaran", "keluaran/ptpp (2)"]


@pytest.mark.parametrize("copied", [True, False])
def test_a_lost_archive_gives_no_folder_away(office: Office, copied: bool) -> None:
    office.write("umum.xlsx", UMUM)
    office.write("nikah.xlsx", NIKAH)
    office.run("umum.xlsx")
    (office.output / FILE).unlink()
    if not copied:
        (office.output / COPY).unlink()
    before = office.drafts()
    office.run("nikah.xlsx")
    assert office.archives() == ["keluaran/nikah"]
    assert drafted(office.run("umum.xlsx")) == 0
    assert office.archives() == ["keluaran", "keluaran/nikah"] and set(before) < set(office.drafts())


def _as_version_1(office: Office, stem: str) -> None:
    """What sopkit kept before: report and reminders by the workbook's name, no owner, no facts of a mail."""
    for left in office.output.glob(f"{FILE}*"):
        if left.name != FILE:
            left.unlink()
    with sqlite3.connect(office.output / FILE) as old:
        old.execute("DROP TABLE register")
        old.execute("ALTER TABLE surel DROP COLUMN facts")
        old.execute(f"UPDATE surel SET occasion = 'laporan:{stem}' WHERE occasion = 'laporan'")
        old.execute(f"UPDATE surel SET occasion = replace(occasion, 'pengingat:', 'pengingat:{stem}:')")
        old.execute("PRAGMA user_version = 1")


@pytest.mark.parametrize("renamed", [False, True])
@pytest.mark.parametrize("decide", ["", "sent", "cancelled"])
def test_an_archive_of_before_drafts_nothing_twice(office: Office, renamed: bool, decide: str) -> None:
    office.write("a.xlsx", UMUM)
    office.run("a.xlsx")
    if decide:
        office.decide("all", decide)
    _as_version_1(office, "a")
    before = office.drafts()
    name = "b.xlsx" if renamed else "a.xlsx"
    office.book("a.xlsx").rename(office.book(name))
    assert drafted(office.run(name)) == 0 and office.drafts() == before
    office.write("nikah.xlsx", NIKAH)
    office.run("nikah.xlsx")
    assert office.archives() == ["keluaran", "keluaran/nikah"]
    with sqlite3.connect(office.output / FILE) as there:
        assert there.execute("PRAGMA user_version").fetchone() == (VERSION,)
    if decide == "cancelled":
        assert drafted(office.run(name, refresh=True, templates=_other_templates(office))) == 0


def test_an_archive_of_before_asks_the_workbook_that_is_still_there(office: Office) -> None:
    office.write("umum.xlsx", UMUM)
    office.run("umum.xlsx")
    _as_version_1(office, "umum")
    shutil.copy(office.book("umum.xlsx"), office.book("salinan.xlsx"))
    office.write("nikah.xlsx", NIKAH)
    office.run("nikah.xlsx")
    assert office.archives() == ["keluaran", "keluaran/nikah"]
    assert drafted(office.run("salinan.xlsx")) == 0
    assert office.archives() == ["keluaran", "keluaran/nikah"]


def _other_templates(office: Office) -> Path:
    """The office's templates with another word in each document's body."""
    folder = office.folder / "templat baru"
    shutil.copytree(TEMPLATES, folder)
    for path in folder.glob("*.docx"):
        with zipfile.ZipFile(path) as package:
            parts = {name: package.read(name) for name in package.namelist()}
        parts["word/document.xml"] = parts["word/document.xml"].replace(b"<w:body>", b"<w:body><w:p/>", 1)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
            for name, data in parts.items():
                package.writestr(name, data)
    return folder


def test_what_was_cancelled_stays_so_while_the_case_is_as_it_was(office: Office) -> None:
    office.write("r.xlsx", UMUM)
    assert drafted(office.run("r.xlsx")) == 4
    office.decide("all", "cancelled")
    assert drafted(office.run("r.xlsx", refresh=True, templates=_other_templates(office))) == 0
    office.write("r.xlsx", UMUM, Alamat="Jl. Kenanga 2", Pemerintah="PEMERINTAH KOTA CONTOH")
    made = office.run("r.xlsx", refresh=True)
    assert drafted(made) == 0 and made.made[0].drafted.revived == 0
    office.write("r.xlsx", [UMUM[0], case(2, "Nama pemohon dan alamatnya salah ketik")])
    outcome = office.run("r.xlsx")
    assert sorted(one.document for one in outcome.made[0].drafted.drafts) == ["Daftar PTPP", "PTPP"]
    assert outcome.made[0].drafted.revived == 2


def test_a_decision_is_one_persons(office: Office) -> None:
    """Cancelled is a mail with all its documents, and no other."""
    office.write("r.xlsx", UMUM)
    office.run("r.xlsx")
    with Outbox(office.output / FILE) as outbox:
        (ptpp, *_) = [one for one in outbox.status() if one.mail.document == "PTPP"]  # both PTPP in one
        outbox.resolve(str(ptpp.mail.number), "cancelled", AS_OF)
    outcome = office.run("r.xlsx", refresh=True, templates=_other_templates(office))
    assert sorted(one.document for one in outcome.made[0].drafted.drafts) == ["Daftar PTPP"]


def _reports(outcome: Outcome) -> int:
    return sum(one.document == "Laporan" for made in outcome.made for one in made.drafted.drafts)


def test_a_report_is_drafted_for_what_is_found_and_not_for_the_clock(office: Office) -> None:
    office.write("r.xlsx", UMUM)
    assert _reports(office.run("r.xlsx")) == 1
    for minutes in (5, 10, 240):
        assert drafted(office.run("r.xlsx", as_of=AS_OF + dt.timedelta(minutes=minutes))) == 0
    (office.book("~$r.xlsx")).write_bytes(b"")  # Excel has it open
    assert drafted(office.run("r.xlsx")) == 0
    office.write("r.xlsx", UMUM[::-1])  # sorted otherwise
    assert _reports(office.run("r.xlsx")) == 0
    office.write("r.xlsx", [*UMUM, case(3, "Berkas pemohon hilang di meja layanan")])
    assert _reports(office.run("r.xlsx")) == 1


def test_it_is_said_that_a_report_waits_also_where_nobody_can_receive_it(office: Office) -> None:
    wrong = [*UMUM, case(2, "Nomor ini sudah dipakai kasus lain")]
    book = office.write("r.xlsx", wrong)
    filled = openpyxl.load_workbook(book)
    for row in filled["Pegawai"].iter_rows(min_row=2):
        for cell in row:
            cell.value = "Tidak" if cell.value == "Ya" else cell.value
    filled.save(book)
    made = office.run("r.xlsx").made[0]
    errors = made.inspected.summary["error"]
    assert errors and not made.drafted.drafts
    assert any(
        line.startswith(f"Draf laporan menunggu {errors} kesalahan") for line in note_lines(made.drafted, office.output)
    )


def test_a_report_waits_while_errors_stand(office: Office) -> None:
    wrong = [*UMUM, case(2, "Nomor ini sudah dipakai kasus lain")]
    office.write("r.xlsx", wrong)
    outcome = office.run("r.xlsx")
    errors = outcome.made[0].inspected.summary["error"]
    assert errors and _reports(outcome) == 0 and outcome.made[0].drafted.waits_for == errors
    assert _reports(office.run("r.xlsx", report=True)) == 1
    outcome = office.run("r.xlsx")
    assert _reports(outcome) == 0 and outcome.made[0].drafted.waits_for == 0  # it is drafted already
    office.write("r.xlsx", UMUM)
    assert _reports(office.run("r.xlsx")) == 1


def test_closed_cases_are_written_about_when_asked(office: Office) -> None:
    office.write_closed("r.xlsx")
    outcome = office.run("r.xlsx", report=True)
    assert outcome.made[0].drafted.left_closed == 1
    assert not any(one.closed for one in outcome.made[0].drafted.drafts)
    (asked,) = office.run("r.xlsx", closed=True).made
    assert [(one.document, one.closed) for one in asked.drafted.drafts] == [("PTPP", True)]
    assert office.run("r.xlsx").made[0].drafted.left_closed == 0


class Told(NamedTuple):
    code: int
    out: str


@pytest.fixture
def sopkit(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Told]:
    def run(*words: str) -> Told:
        monkeypatch.setattr(sys, "argv", ["sopkit", *words])
        with pytest.raises(SystemExit) as left:
            main()
        return Told(int(left.value.code or 0), " ".join(capfd.readouterr().out.split()))

    return run


def test_the_commands_say_where_things_are_and_what_is_left_out(
    office: Office, sopkit: Callable[..., Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(office.folder)
    office.write_closed("umum.xlsx")
    office.write("nikah.xlsx", NIKAH)
    told = sopkit("run", "--as-of", AS_OF.isoformat(), "registers/umum.xlsx")
    assert "1 surel kasus yang sudah ditutup tidak dibuatkan draf (bila perlu: --closed)." in (told.out)
    office.write("nikah.xlsx", [*NIKAH, NIKAH[0]])
    told = sopkit("mail", "preview", "--as-of", AS_OF.isoformat(), "registers/nikah.xlsx")
    assert "Draf laporan menunggu 2 kesalahan diperbaiki (bila perlu sekarang: --report)." in told.out
    office.write("nikah.xlsx", NIKAH)
    told = sopkit("mail", "preview", "--as-of", AS_OF.isoformat(), "registers/nikah.xlsx")
    assert "Folder keluaran milik register umum.xlsx; hasil nikah.xlsx ada di" in told.out
    assert "4 draf akan dibuat" in told.out and office.archives() == ["keluaran"]
    told = sopkit("mail", "draft", "--as-of", AS_OF.isoformat(), "registers/nikah.xlsx")
    assert "sopkit mail send keluaran" in told.out and office.archives() == ["keluaran", "keluaran/nikah"]
    told = sopkit("mail", "draft", "--closed", "--report", "--as-of", AS_OF.isoformat(), "registers/umum.xlsx")
    assert (
        told.out.startswith("1 draf baru")
        and "1 draf menyangkut kasus yang sudah ditutup" in told.out
        and "--closed" not in told.out
        and "--report" not in told.out
    )


def _owner(facts: str, mark: str = "", year: int = 2026, name: str = "sukamaju") -> Owner:
    return Owner(mark, name, year, tuple(facts), "")


@pytest.mark.parametrize(
    ("old", "new", "home", "left", "same"),
    [
        (_owner("abc"), _owner("abcd"), True, False, True),
        (_owner("abc"), _owner("abcd"), False, False, True),
        (_owner("abc"), _owner("xyz"), False, False, False),
        (_owner("abc", MARK), _owner("xyz", MARK), False, False, False),
        (_owner("abc", MARK), _owner("xyz", MARK), False, True, True),
        (_owner("abc", MARK), _owner("abc", OTHER), False, True, True),
        (_owner("abc", MARK), _owner("xyz", OTHER), True, False, False),
        (_owner("", MARK), _owner("xyz", OTHER), True, False, True),
        (_owner("abc", MARK), _owner("", MARK), False, False, False),
        (_owner("abc", MARK), _owner("", MARK), True, False, True),
        (_owner("abc"), _owner("xyz"), False, True, False),
        (_owner(""), _owner("xyz"), False, True, True),
        (_owner("abc", MARK), _owner("abc", MARK, 2027), False, False, False),
        (_owner("abc", MARK), _owner("x", MARK, 2027), True, False, False),
        (_owner("abc", MARK), _owner("abcd", MARK, 2027), True, False, True),
        (_owner("abc"), _owner("abc", name="majujaya"), False, False, False),
        (_owner("abc"), _owner("abc", name="majujaya"), True, False, True),
        (_owner("abcdef"), _owner("fuvwxy"), False, False, False),
        (_owner("abc"), _owner("abc", year=0), False, False, True),
    ],
)
def test_when_two_are_one_register(old: Owner, new: Owner, home: bool, left: bool, same: bool) -> None:
    assert is_same(old, new, at_home=home, left=left) is same


def _filled(path: Path, mark: str) -> None:
    """A register as init makes it, with one case."""
    cases = [
        {
            "number": "001/CLTS/XI/2026", "found_at": dt.datetime(2026, 11, 16, 8, 15), "service": "Legalisasi Surat",
            "description": "Stempel pada surat legalisasi tidak terbaca", "found_by": "Ratna Anggraini",
            "ptpp_number": "001/PTPP/XI/2026", "ptpp_date": dt.date(2026, 11, 16), "addressee": "Kasi",
            "responsible": "Joko Santosa", "due_date": dt.date(2026, 11, 24), "status": "Proses",
        }
    ]  # fmt: skip
    people = [
        {"name": "Ratna Anggraini", "role": "Staf", "active": "Ya", "email": "ratna@contoh.go.id"},
        {"name": "Joko Santosa", "role": "Kasi", "active": "Ya", "email": "joko@contoh.go.id"},
        {"name": "Hartono Wibowo", "role": "Sekcam", "active": "Ya", "email": "hartono@contoh.go.id"},
    ]
    content = WorkbookContent(cases=cases, people=people, office={**KANTOR, "Waktu Acuan": ""}, mark=mark)
    with pytest.MonkeyPatch.context() as patch:
        few_rows(patch)
        path.write_bytes(build_workbook(load_sop(), 2026, content))


def test_init_gives_each_register_an_identity_that_number_and_renew_keep(
    office: Office, sopkit: Callable[..., Told], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_rows(monkeypatch)
    marks = set()
    for name in ("satu", "dua"):
        assert sopkit("init", str(tmp_path / name), "--year", "2026").code == 0
        marks.add(mark_of((tmp_path / name / "registers" / "register-2026.xlsx").read_bytes()))
    assert len(marks) == 2 and "" not in marks
    book = office.book("r.xlsx")
    _filled(book, MARK)
    data = book.read_bytes()
    assert mark_of(data) == MARK
    write_cells(book, [CellEdit("Register", "A6", "002/CLTS/XI/2026")], sha256(data).hexdigest())
    assert mark_of(book.read_bytes()) == MARK
    _filled(book, MARK)
    assert mark_of(renew_workbook(book).path.read_bytes()) == MARK
    _filled(office.book("lama.xlsx"), "")
    assert mark_of(renew_workbook(office.book("lama.xlsx")).path.read_bytes()).startswith("sopkit-")


def _resaved(book: Path, program: str, target: Path, request: pytest.FixtureRequest) -> None:
    form = target.suffix[1:]
    if program == "soffice":
        request.getfixturevalue("converted")(form, target.parent / "lo", book)
        (target.parent / "lo" / f"{book.stem}.{form}").replace(target)
    else:
        kind = {"xls": ["-T", "Gnumeric_Excel:excel_biff8"]}.get(form, [])
        subprocess.run(["ssconvert", *kind, book, target], check=True, capture_output=True)


@pytest.mark.parametrize("form", ["xlsx", "xls", "ods"])
@pytest.mark.parametrize("program", ["soffice", "ssconvert"])
def test_other_programs_keep_the_identity(
    office: Office, program: str, form: str, request: pytest.FixtureRequest
) -> None:
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed")
    book = office.book("r.xlsx")
    _filled(book, MARK)
    office.run("r.xlsx", report=True)
    before = [path for path in office.drafts() if "Laporan" not in path]
    target = office.book(f"disimpan ulang.{form}")
    _resaved(book, program, target, request)
    assert mark_of(target.read_bytes()) == MARK
    if (program, form) == ("ssconvert", "ods"):
        return  # sopkit's reader does not take it: to be saved as .xlsx
    book.unlink()
    office.run(target.name, report=True)
    assert office.archives() == ["keluaran"]
    assert [path for path in office.drafts() if "Laporan" not in path] == before


def test_what_the_archive_remembers(office: Office) -> None:
    office.write("r.xlsx", UMUM, MARK)
    office.run("r.xlsx")
    with open_archive(office.output) as record:
        owner = record.owner()
    assert owner is not None
    assert (owner.mark, owner.office, owner.year, owner.file) == (
        MARK,
        "kecamatan sukamaju",
        2026,
        "../registers/r.xlsx",
    )
    assert len(owner.facts) == 2
