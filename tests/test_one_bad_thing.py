"""One bad thing stops only itself: a workbook, a process, a screen, a fault of sopkit. With real processes."""

from __future__ import annotations

import errno
import io
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fates import fate
from openpyxl import load_workbook
from processes import ended
from report_samples import telling
from test_cli import CASES, EVENTS
from workbooks import few_rows, office_workbook

from sopkit import files, folders, spread
from sopkit.errors import SopkitError, Unforeseen, unforeseen
from sopkit.reports import recap
from sopkit.reports.statistics import measure

SOPKIT = [sys.executable, "-m", "sopkit"]
BROKEN = b"PK\x03\x04broken"
POSIX = pytest.mark.skipif(os.name == "nt", reason="POSIX")


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "registers").mkdir()
    office_workbook(_book(tmp_path), CASES, EVENTS)
    few_rows(monkeypatch)  # what `init` makes
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _book(office: Path) -> Path:
    return office / "registers" / "register-2026.xlsx"


def _ended(command: Sequence[str], **options: object) -> subprocess.CompletedProcess[str]:
    given = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8", "timeout": 120}
    return subprocess.run(command, check=False, **{**given, **options})  # type: ignore[call-overload,no-any-return]


def _column(data: bytes, column: int = 1) -> list[str]:
    sheet = load_workbook(io.BytesIO(data))["Ringkasan"]
    return [str(row[column - 1]) for row in sheet.iter_rows(values_only=True) if row[column - 1] is not None]


def _three(office: Path) -> list[str]:
    (office / "rusak.xlsx").write_bytes(BROKEN)
    shutil.copy(_book(office), office / "lain.xlsx")
    return [str(_book(office)), "rusak.xlsx", "lain.xlsx"]


def test_recap_names_the_unreadable_and_counts_the_others_in_one_process_and_in_two(office: Path) -> None:
    books = _three(office)
    for jobs in ("1", "2"):
        done = ended("recap", *books, "--jobs", jobs, "--output", f"rekap-{jobs}.xlsx")
        assert done.returncode == 3 and "Rekap 2 register" in done.stdout
        assert done.stderr.count("rusak.xlsx: ") == 1 and "Traceback" not in done.stderr
    data = Path("rekap-1.xlsx").read_bytes()
    assert data == Path("rekap-2.xlsx").read_bytes()
    first = _column(data)
    assert "tanpa 1 buku kerja" in first[0]
    assert first[-2].startswith("Tidak termasuk dalam rekap ini: 1") and first[-1].startswith("rusak.xlsx: ")
    assert _column(data, 2)[-1] == "2 register"


def test_recap_of_nothing_readable_writes_nothing(office: Path) -> None:
    _three(office)
    assert ended("recap", "rusak.xlsx").returncode == 3
    shutil.copy("rusak.xlsx", "rusak-2.xlsx")
    done = ended("recap", "rusak.xlsx", "rusak-2.xlsx", "--output", "r.xlsx")
    assert done.returncode == 3 and len(done.stderr.strip().splitlines()) == 2 and not Path("r.xlsx").exists()


def test_validate_goes_on_with_the_others_and_leaves_with_3(office: Path) -> None:
    done = ended("validate", *_three(office))
    assert done.returncode == 3 and "lain.xlsx" in done.stdout and "rusak.xlsx: " in done.stderr


def test_run_names_the_unreadable_in_the_common_recap(office: Path) -> None:
    done = ended("run", *_three(office), "--output", "semua")
    assert done.returncode == 3 and "rusak.xlsx: " in done.stderr
    assert "rusak.xlsx: " in _column(Path("semua/rekap.xlsx").read_bytes())[-1]
    assert all((office / "semua" / name / "laporan.html").is_file() for name in ("register-2026", "lain"))


def test_a_process_that_dies_is_done_again_and_then_named(tmp_path: Path) -> None:
    names = ["a", "mati", "b", "sekali", "c"]
    with spread.spreading(2, None) as spreading:
        came = list(spreading(fate, [tmp_path / name for name in names]))
    assert isinstance(came[1], SopkitError) and "berhenti mendadak" in str(came[1])
    assert came[:1] + came[2:] == ["a", "b", "sekali", "c"]


def test_details_too_long_for_a_sheet_are_all_in_a_file_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = measure(telling(tmp_path))
    name = "Bulan x Layanan x Langkah"
    whole = load_workbook(io.BytesIO(recap.make_recap([figures] * 2).workbook))[name].max_row - 4
    monkeypatch.setattr(recap, "MOST_DETAILS", whole - 1)
    made = recap.make_recap([figures] * 2)
    ((file, data),) = made.beside.items()
    title = load_workbook(io.BytesIO(made.workbook))[name]["A1"].value
    assert f"{whole} baris" in title and file in title
    lines = data.decode("utf-8-sig").splitlines()
    assert len(lines) == whole + 1 and lines[0].startswith("Kantor;Bulan;Jenis layanan;Langkah")
    assert ";2026-10-01;" in lines[1] and "0:27:30" in lines[1]


def test_a_cell_that_excel_cannot_hold_is_cut_and_said_and_no_refusal_is_passed_over(tmp_path: Path) -> None:
    figures = measure(telling(tmp_path))
    whole = len(figures.of_cases)
    long, old = np.full(whole, "x" * 40_000, object), np.full(whole, np.datetime64("1800-01-01", "us"))
    cases = figures.of_cases.assign({"description": long, "found_at": old})
    book = load_workbook(io.BytesIO(recap.make_recap([replace(figures, of_cases=cases)]).workbook))
    row = [cell.value for cell in book["Kasus Terbuka"][5]]
    assert row[3] == "x" * 32_766 + "…" and str(row[5]).startswith("1800-01-01")

    class Refusing:
        def write_string(self, *_: object) -> int:
            return -1

    with pytest.raises(RuntimeError, match="refuses"):
        recap._put(Refusing(), 1_048_576, 0, "a", "text", None)  # type: ignore[arg-type]


CRASH = (
    "import sopkit.pipeline as room\n"
    "def inspect_register(*_): return {}['Joko Santosa']\n"
    "room.inspect_register = inspect_register\n"
    "from sopkit.cli.main import main\n"
    "main()"
)


@pytest.mark.parametrize("place", ["keluaran", "sementara", "nowhere"])
def test_an_unforeseen_error_is_written_down_without_data(office: Path, place: str) -> None:
    temporary = office / "sementara"
    temporary.mkdir()
    if place != "keluaran":
        Path("keluaran").write_bytes(b"")  # no folder can be made
    env = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
    if place == "nowhere":
        code = CRASH.replace("main()", "import tempfile, os\ntempfile.tempdir = os.path.abspath('tak-ada')\nmain()")
    else:
        code = CRASH
    done = ended("validate", _book(office), "--as-of", "2026-11-20", code=code, env=env)
    assert done.returncode == 3 and len(done.stderr.strip().splitlines()) == 1
    assert "tidak terduga (KeyError)" in done.stderr and "Joko" not in done.stderr
    if place == "nowhere":
        assert "tidak dapat disimpan" in done.stderr
        return
    (file,) = (office / place).glob("*galat*.txt")
    assert file.name in done.stderr
    text = file.read_text("utf-8")
    assert "Perintah: sopkit validate register-2026.xlsx --as-of 2026-11-20" in text
    assert "KeyError" in text and "inspect_register" in text
    assert "Joko" not in text and str(office) not in text


@POSIX
@pytest.mark.parametrize("words", [("number",), ("mail", "send", "--send")])
def test_without_any_stream_nothing_is_asked_and_nothing_fails(office: Path, words: Sequence[str]) -> None:
    ended("run")
    done = _ended(["sh", "-c", f'"{sys.executable}" -m sopkit {" ".join(words)} <&- >&- 2>&-'])
    assert done.returncode in (0, 2, 4) and not list(office.rglob("galat.txt"))


def test_what_the_system_refuses_is_no_fault_ofended() -> None:
    named = unforeseen(PermissionError(errno.EACCES, "-", "keluaran/ptpp"))
    assert not isinstance(named, Unforeseen) and "keluaran/ptpp" in str(named)
    assert "disknya gagal" in str(unforeseen(OSError(errno.EIO, "-")))
    assert isinstance(unforeseen(OSError(errno.ENOTTY, "-")), Unforeseen)


def test_a_fault_in_one_of_several_stops_only_that_one(office: Path) -> None:
    code = CRASH.replace(
        "def inspect_register(*_): return {}['Joko Santosa']",
        "old = room.inspect_register\n"
        "def inspect_register(register, *more): return old(register, *more) if register.source.path.name != 'lain.xlsx'"
        " else {}['Joko Santosa']",
    )
    done = ended("run", *_three(office), code=code)
    assert done.returncode == 3 and "lain.xlsx: Terjadi kesalahan yang tidak terduga" in done.stderr
    assert (office / "keluaran" / "register-2026" / "laporan.html").is_file()


@POSIX
@pytest.mark.parametrize("where", [">/dev/full", ">&-", ">&- 2>&-"])
def test_a_screen_that_takes_nothing_loses_nothing(office: Path, where: str) -> None:
    unbuffered = "-u" if where == ">&-" else ""
    done = _ended(["sh", "-c", f'"{sys.executable}" {unbuffered} -m sopkit run {where}'])
    assert done.returncode == 0, done.stderr
    made = {path.name for path in (office / "keluaran").iterdir()}
    assert {"laporan.html", "rekap.xlsx", "temuan.json", "ptpp", "surel"} <= made and "galat.txt" not in made
    assert "Traceback" not in done.stderr and ("disk penuh" in done.stderr) == (where == ">/dev/full")


@POSIX
def test_a_result_that_standard_output_does_not_take_is_said(office: Path) -> None:
    for where, unbuffered in ((">/dev/full", "-u"), (">&-", "")):
        done = _ended(["sh", "-c", f'"{sys.executable}" {unbuffered} -m sopkit validate --format json {where}'])
        assert done.returncode == 3 and "Sebutkan berkasnya dengan --output." in done.stderr
    done = _ended(["sh", "-c", f'("{sys.executable}" -m sopkit validate; echo $? >kode) | head -1'])
    assert not done.stderr and Path("kode").read_text("utf-8").strip() == "0"


@POSIX
@pytest.mark.parametrize("words", [["run"], ["recap", "registers/register-2026.xlsx", "lain.xlsx", "--jobs", "2"]])
def test_ctrl_c_at_any_time_shows_no_traceback(office: Path, words: list[str]) -> None:
    _three(office)
    running = []
    for pause in (0.1, 0.4, 1.0):
        started = subprocess.Popen(
            [*SOPKIT, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )  # fmt: skip
        time.sleep(pause)
        os.killpg(started.pid, signal.SIGINT)
        running.append(started)
    for started in running:
        _, err = started.communicate(timeout=60)
        assert (started.returncode, err.strip()) in [(3, "Dibatalkan."), (0, "")]


def test_verify_goes_on_where_one_document_cannot_be_read(office: Path) -> None:
    ended("run")
    document = office / "keluaran" / "ptpp" / "001-PTPP-XI-2026.docx"
    document.unlink()
    document.mkdir()
    done = ended("verify")
    assert done.returncode == 1 and "ptpp/001-PTPP-XI-2026.docx: tidak dapat dibaca" in " ".join(done.stdout.split())
    assert "dokumen diperiksa" in done.stdout


def test_a_workbook_saved_meanwhile_is_said_and_what_was_read_is_reported(office: Path) -> None:
    code = (
        "import os\n"
        "import sopkit.documents.generate as room\n"
        "old = room.generate\n"
        "def generate(inspected, *more, **options):\n"
        "    path = inspected.book.path\n"
        "    {}\n"
        "    return old(inspected, *more, **options)\n"
        "room.generate = generate\n"
        "from sopkit.cli.main import main\n"
        "main()"
    )
    for change in ("path.write_bytes(path.read_bytes() + b'x')", "path.unlink()"):
        office_workbook(_book(office), CASES, EVENTS)
        done = ended("run", code=code.format(change))
        assert done.returncode == 0, done.stderr
        assert "disimpan lagi selagi diperiksa; jalankan lagi" in " ".join(done.stdout.split())
        assert (office / "keluaran" / "register-2026-diperiksa.xlsx").is_file()
        shutil.rmtree("keluaran")


@POSIX
def test_what_other_commands_write_is_no_more_open_either(office: Path) -> None:
    _book(office).chmod(0o600)
    assert ended("run").returncode == 0
    before = os.umask(0o022)
    try:
        assert ended("adopt", _book(office)).returncode == 0
        (office / "registers" / "register-2026.sopkit.toml").rename(office / "register.toml")
        assert ended("init", "--renew", _book(office)).returncode == 0
        office_book = office / "registers" / "BUKU-KANTOR.xlsx"
        assert ended("init", "--office-sheets", office_book, "--from", _book(office)).returncode == 0
        office_book.rename(office / "kantor.xlsx")
        assert ended("mail", "sent", "1").returncode == 0
        for left in (office / "keluaran").glob("arsip.sqlite3*"):
            left.unlink()
        assert ended("repair").returncode == 0
    finally:
        os.umask(before)
    made = [
        *(office / "registers").iterdir(),
        office / "register.toml",
        office / "kantor.xlsx",
        *(office / "keluaran").rglob("*"),
    ]
    for path in made:
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


@POSIX
@pytest.mark.parametrize(("register", "output"), [(0o600, 0o600), (0o640, 0o640), (0o444, 0o644)])
def test_outputs_are_no_more_open_than_the_register(office: Path, register: int, output: int) -> None:
    _book(office).chmod(register)
    (office / "keluaran").mkdir()
    (office / "keluaran" / "laporan.html").write_bytes(b"lama")
    (office / "keluaran" / "laporan.html").chmod(0o666)
    assert ended("run").returncode == 0
    for path in (office / "keluaran").rglob("*"):
        assert not stat.S_IMODE(path.stat().st_mode) & ~(output | (0o111 if path.is_dir() else 0)), path
    assert stat.S_IMODE((office / "keluaran" / "ptpp").stat().st_mode) & 0o700 == 0o700


def test_what_killed_commands_left_in_the_temporary_folder_is_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left, used, fresh = (tmp_path / f"sopkit-{pid}-x" for pid in (ended.pid, os.getpid(), "abc"))
    for folder in (left, used, fresh):
        folder.mkdir()
        (folder / "salinan.docx").write_bytes(b"")
    age = time.time() - (2 * files.ABANDONED if os.name == "nt" else 10)
    os.utime(left, (age, age))
    files.sweep_temporary()
    assert [folder.exists() for folder in (left, used, fresh)] == [False, True, True]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are always text")
def test_a_name_that_is_no_utf_8_is_said(office: Path) -> None:
    name = b"registers/r\xe9gister.xlsx"
    shutil.copy(os.fsencode(_book(office)), name)
    for command in ("run", "number"):
        done = ended(command, name.decode("utf-8", "surrogateescape"))
        assert done.returncode == 3 and "bukan UTF-8" in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_registers_folder_that_cannot_be_read_is_not_said_to_be_empty(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(self: Path) -> None:
        raise PermissionError(13, "denied", str(self))

    monkeypatch.setattr(Path, "iterdir", refused)
    with pytest.raises(SopkitError, match=r"registers tidak dapat dibaca"):
        folders.find_books([])


@pytest.mark.parametrize("letter", ["🙂", "漢", "é", "a"])
def test_a_safe_name_is_no_longer_than_a_disk_takes(letter: str, tmp_path: Path) -> None:
    name = files.safe_name(letter * 99)
    assert 40 < len(name) <= 99 and len(name.encode("utf-8")) <= 180
    files.write_atomic(tmp_path / f"{name}-r12.cadangan-3.docx", b"")
