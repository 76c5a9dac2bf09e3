"""`sopkit bundle`: the ZIP, the files that a clerk clicks, and what they do. There is no Windows here.

Of the .bat the lines are run by wine's cmd where there is one, with a stand-in for Python that says what reached it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest
from workbooks import few_rows

from sopkit import folders
from sopkit.bundle import make as bundle
from sopkit.bundle.make import CLICKED, WINDOWS, Target, like_this, make
from sopkit.cli import desk
from sopkit.database import FILE as ARCHIVE
from sopkit.errors import SopkitError, UsageProblem
from sopkit.newbook.init_office import write_office
from sopkit.sop.model import load_sop

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "registers" / "register-contoh.xlsx"
ODD = "Kantor & Arsip (50%) ! ^ satu"  # of a folder that a clerk may well have


def made(folder: Path, target: Target, python: str | None = None, sha256: str | None = None) -> tuple[Path, list[str]]:
    """The ZIP and what was said; skipped where the packages can be had neither from uv's cache nor from an index."""
    try:
        said = list(make(folder, target, python, sha256))
    except SopkitError as error:
        if "tidak dapat diambil" in error.message or "uv tidak ditemukan" in error.message:
            pytest.skip(str(error))
        raise
    return next(folder.glob("*.zip")), said


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    return made(tmp_path_factory.mktemp("windows"), WINDOWS)


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ZIP for computers like this one, in a folder with an odd name."""
    if os.name == "nt":
        pytest.skip("di Windows tidak ada yang sejenis ini")
    package, _ = made(tmp_path_factory.mktemp("here"), like_this())
    folder = tmp_path_factory.mktemp("kantor") / ODD
    with zipfile.ZipFile(package) as opened:
        opened.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register without a case."""
    folder = tmp_path_factory.mktemp("kosong")
    with pytest.MonkeyPatch.context() as patch:
        few_rows(patch)
        write_office(folder, 2026, load_sop())
    return folder / "registers" / "register-2026.xlsx"


def embeddable(machine: bytes = b"\x64\x86", dll: str = "python313.dll") -> bytes:
    """What the embeddable ZIP of Python looks like from outside."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("python.exe", b"MZ".ljust(60, b"\0") + b"\x40\0\0\0" + b"PE\0\0" + machine)
        package.writestr(dll, b"")
        package.writestr("python313._pth", "python313.zip\r\n.\r\n#import site\r\n")
    return out.getvalue()


def test_the_zip_holds_what_an_office_pc_needs_and_no_more(windows: tuple[Path, list[str]]) -> None:
    path, said = windows
    with zipfile.ZipFile(path) as package:
        names = package.namelist()
    assert {name for name in names if "/" not in name} == {f"{name}.bat" for name in CLICKED} | {
        "BACA-SAYA.txt", "sopkit.bat",
    }  # fmt: skip
    assert path.stat().st_size <= 35_000_000
    assert any(name.endswith(".cp313-win_amd64.pyd") for name in names)
    assert not [name for name in names if name.endswith((".so", ".pyc", ".exe")) and "/win32" not in name]
    assert not [name for name in names if {"tests", "test", "__pycache__"} & set(name.split("/")[:-1])]
    assert f"site/sopkit/bundled/registers/{EXAMPLE.name}" in names and "site/sopkit/bundled/uv.lock" in names
    assert "site/sopkit/bundled/LICENSE" in names
    packages = {name.split("/")[1] for name in names if ".dist-info/" in name}
    licensed = {name.split("/")[1] for name in names if re.search(r"dist-info/.*(licen[sc]e|copying)", name, re.I)}
    assert {name.partition("-")[0] for name in packages - licensed} == {"docxtpl"}, "its wheel holds none"
    assert not [name for name in names if name.startswith(("registers/", "templates/", "keluaran/", "python/"))]
    assert any("Tanpa Python" in line and "https://www.python.org/" in line for line in said)
    assert re.search(r"numpy +\d+(,\d)? MB", "\n".join(said)) and "SHA-256" in said[-1]


def test_sopkit_in_the_zip_is_what_its_wheel_holds(windows: tuple[Path, list[str]]) -> None:
    with zipfile.ZipFile(windows[0]) as package:
        own = {name for name in package.namelist() if name.startswith("site/sopkit/")}
    source = {path.relative_to(ROOT).as_posix() for path in (ROOT / "sopkit").rglob("*") if path.is_file()}
    templates = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "templates").rglob("*")
        if path.suffix in (".docx", ".txt")
    }
    expected = {f"site/{name}" for name in source if "__pycache__" not in name and "/bundled/" not in name}
    assert expected <= own
    assert {f"site/sopkit/bundled/{name}" for name in templates} <= own


def test_the_same_files_give_the_same_bytes() -> None:
    files = [("b.sh", b"b" * 999), ("a.txt", b"a")]
    assert bundle._zipped(files) == bundle._zipped(reversed(files))


def test_python_is_taken_from_a_file_and_finds_the_site_folder(windows: tuple[Path, list[str]], tmp_path: Path) -> None:
    given = tmp_path / "python-3.13.0-embed-amd64.zip"
    given.write_bytes(embeddable())
    digest = hashlib.sha256(given.read_bytes()).hexdigest()
    path, said = made(tmp_path / "out", WINDOWS, str(given), digest.upper())
    with zipfile.ZipFile(path) as package:
        paths = package.read("python/python313._pth").decode("cp1252").split("\r\n")
        assert package.read("python/python313._pth") == package.read("site/python313._pth")
        entries = {entry.filename: (entry.CRC, entry.date_time) for entry in package.infolist()}
    with zipfile.ZipFile(windows[0]) as without:
        before = {entry.filename: (entry.CRC, entry.date_time) for entry in without.infolist()}
    assert {name for name, entry in before.items() if entries[name] != entry} == {"BACA-SAYA.txt"}
    assert "..\\site" in paths and "import site" in paths
    assert "cocok" in said[0] and not any("Tanpa Python" in line for line in said)


@pytest.mark.parametrize(
    "content",
    [b"bukan zip", embeddable(machine=b"\x4c\x01"), embeddable(dll="python312.dll"), embeddable()[:100]],
    ids=["no ZIP", "32-bit", "3.12", "cut off"],
)
def test_another_python_is_refused(content: bytes, tmp_path: Path) -> None:
    given = tmp_path / "python.zip"
    given.write_bytes(content)
    with pytest.raises(SopkitError, match="embeddable 64-bit"):
        list(make(tmp_path, WINDOWS, str(given)))
    with pytest.raises(SopkitError, match="SHA-256"):
        list(make(tmp_path, WINDOWS, str(given), "0" * 64))
    with pytest.raises(SopkitError, match="tidak ditemukan"):
        list(make(tmp_path, WINDOWS, str(tmp_path / "tiada.zip")))


def test_what_cannot_be_meant_is_refused_before_anything_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="--sha256"):
        list(make(tmp_path, WINDOWS, "https://127.0.0.1:1/python.zip"))
    with pytest.raises(UsageProblem, match="--sha256"):
        list(make(tmp_path, WINDOWS, None, "0" * 64))
    with pytest.raises(UsageProblem, match="hanya untuk Windows"):
        list(make(tmp_path, Target("Linux", ".sh", ()), "python.zip"))


def test_an_address_without_an_answer_costs_one_sentence() -> None:
    files, said = bundle._python("https://127.0.0.1:1/python.zip", "0" * 64)
    assert files == [] and len(said) == 1 and "ZIP dibuat tanpa Python" in said[0]


def test_without_uv_or_packages_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UV", raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(bundle.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SopkitError, match="pip install uv"):
        list(make(tmp_path, WINDOWS))
    monkeypatch.setattr(shutil, "which", lambda name: sys.executable)  # knows no `export`
    with pytest.raises(SopkitError, match="tidak dapat diambil"):
        list(make(tmp_path, WINDOWS))
    assert not list(tmp_path.iterdir())


def test_the_batch_files_are_plain(windows: tuple[Path, list[str]]) -> None:
    """cp1252 and CRLF; nothing of the user's is expanded outside quotes, but for `%*`, which cmd has split already."""
    with zipfile.ZipFile(windows[0]) as package:
        texts = {name: package.read(name) for name in package.namelist() if name.endswith(".bat") and "/" not in name}
        page = package.read("BACA-SAYA.txt")
    assert len(texts) == len(CLICKED) + 1
    for data in [*texts.values(), page]:
        assert data.isascii() and data.count(b"\n") == data.count(b"\r\n")
    assert b"{" not in page
    for name, data in texts.items():
        lines = data.decode().splitlines()
        assert lines[0] == "@echo off"
        for line in lines:
            bare = re.sub(r'"[^"]*"', "", line)
            assert not re.search(r"%~|%CD%|!cmdcmdline!", bare), (name, line)
            assert not (line.startswith("echo ") and re.search(r"[&|<>^!]", line)), (name, line)
        labels = {line[1:] for line in lines if line.startswith(":")}
        assert {word for line in lines for word in re.findall(r"goto (\w+)", line)} <= labels


DROPPED = [
    (r'C:\WINDOWS\system32\cmd.exe /c ""C:\K & A\Periksa register.bat" "', []),
    (r'C:\WINDOWS\system32\cmd.exe /c ""C:\K\Periksa register.bat""', []),
    (r'cmd.exe /c ""C:\K\Periksa register.bat" "C:\R (1) & 2.xlsx""', [r"C:\R (1) & 2.xlsx"]),
    (r'cmd.exe /c ""C:\K\Periksa register.bat" C:\A&B.xlsx"', [r"C:\A&B.xlsx"]),
    (r'cmd.exe /C ""C:\K\Periksa register.bat" C:\a^b!%.xlsx "D:\c d.xlsx" "', [r"C:\a^b!%.xlsx", r"D:\c d.xlsx"]),
    (r'cmd.exe /c ""\\server\k\Periksa register.bat" \\server\k\a,b;c=d.xlsx"', [r"\\server\k\a,b;c=d.xlsx"]),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), DROPPED)
def test_what_is_dropped_is_read_from_the_line_that_started_cmd(line: str, expected: Sequence[str]) -> None:
    books = desk.given_books([], {"SOPKIT_LINE": line, "SOPKIT_ARGS": r"C:\A"})
    assert [str(book) for book in books] == list(expected)


def test_in_a_shell_names_are_of_its_folder(tmp_path: Path) -> None:
    shell = {"SOPKIT_LINE": r'"C:\WINDOWS\system32\cmd.exe" ', "SOPKIT_ARGS": '"a & b.xlsx" c.xlsx'}
    books = desk.given_books([], {**shell, "SOPKIT_HERE": str(tmp_path)})
    assert books == [tmp_path / "a & b.xlsx", tmp_path / "c.xlsx"]
    assert desk.given_books(["x.xlsx"], {"SOPKIT_HERE": str(tmp_path)}) == [tmp_path / "x.xlsx"]
    called = {"SOPKIT_LINE": 'cmd.exe /c "harian.cmd"', "SOPKIT_ARGS": "d.xlsx", "SOPKIT_HERE": str(tmp_path)}
    assert desk.given_books([], called) == [tmp_path / "d.xlsx"]


def clicked(folder: Path, name: str, *words: str) -> subprocess.CompletedProcess[str]:
    """The file run as a click does, by the interpreter of these tests."""
    python = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        ["sh", str(folder / f"{name}{like_this().ending}"), *words],
        cwd=folder.parent, env={**os.environ, **python}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        encoding="utf-8", timeout=300, check=False,
    )  # fmt: skip


def test_a_clerk_goes_from_the_unpacked_zip_to_the_report(unpacked: Path) -> None:
    """The twin of the .bat, with this system's wheels in site/: nothing of the test's own environment is used."""
    early = clicked(unpacked, "Periksa register")
    assert early.returncode == 2 and "Buat register baru" in early.stdout
    assert clicked(unpacked, "Buka laporan").returncode == 2
    founded = clicked(unpacked, "Buat register baru")
    assert founded.returncode == 0, founded
    assert list((unpacked / "registers").glob("register-*.xlsx")) and (unpacked / "templates" / "ptpp.docx").is_file()
    shutil.copy(EXAMPLE, next((unpacked / "registers").glob("*.xlsx")))
    done = clicked(unpacked, "Periksa register")
    assert done.returncode == 0 and done.stdout.endswith("\nSelesai.\n"), done
    assert (unpacked / "keluaran" / "laporan.html").is_file() and list((unpacked / "keluaran" / "ptpp").glob("*.docx"))
    log = (unpacked / "keluaran" / "log.txt").read_text("utf-8")
    assert "periksa" in log.splitlines()[0] and "kode 0" in log.splitlines()[0] and "laporan.html" in log
    assert "laporan.html" in clicked(unpacked, "Buka laporan").stdout
    assert "klik dua kali “Catat surel terkirim”" in done.stdout and "sopkit mail sent" not in done.stdout
    assert "Untuk sopkit number: klik dua kali “Periksa register”." in done.stdout
    page = (unpacked / "keluaran" / "laporan.html").read_text("utf-8")
    assert re.search("<p>Untuk [^<]*sopkit verify[^<]*: buka ", page)
    listed = clicked(unpacked, "Catat surel terkirim").stdout
    assert "\n3. " in listed and "sopkit mail sent" not in listed


def test_workbooks_dropped_from_elsewhere_are_checked_where_they_lie(
    unpacked: Path, empty: Path, tmp_path: Path
) -> None:
    books = [tmp_path / name for name in ("Register 2026 & salinan (1).xlsx", "100% beres!.xlsx")]
    for book in books:
        shutil.copy(empty, book)
    done = clicked(unpacked, "Periksa register", *map(str, books))
    assert done.returncode == 0, done
    assert len(list((tmp_path / "keluaran").glob("*/laporan.html"))) == 2
    assert books[1].name in (tmp_path / "keluaran" / "log.txt").read_text("utf-8")
    templates = f"Templat dokumen: {unpacked / 'templates'}"
    assert templates.replace(" ", "") in "".join(done.stdout.split())  # the console wraps long lines
    missing = clicked(unpacked, "Periksa register", str(tmp_path / "tiada.xlsx"))
    assert missing.returncode in desk.MEANINGS and desk.MEANINGS[missing.returncode] in missing.stdout
    assert "Traceback" not in missing.stderr


def test_templates_beside_the_register_win_then_those_beside_the_files_to_click(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top, office = tmp_path / "sopkit", tmp_path / "kantor lain"
    package = top / "site" / "sopkit"
    (package / "bundled" / "templates").mkdir(parents=True)
    (top / "BACA-SAYA.txt").touch()
    monkeypatch.setattr(folders, "PACKAGE", package)
    found = folders.template_folder(None, office)
    assert found == package / "bundled" / "templates" and folders.template_place(found) == "folder templates"
    for place in (top, office):
        (place / "templates").mkdir(parents=True)
        found = folders.template_folder(None, office)
        assert found == place / "templates" and folders.template_place(found) == str(found)


def test_python_runs_sopkit_from_the_site_folder(unpacked: Path, empty: Path) -> None:
    """-S: no packages but those of site/."""
    command = [sys.executable, "-S", "-X", "utf8", "-m", "sopkit", "run", str(empty), "-o", str(unpacked / "lain")]
    env = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        command, cwd=unpacked / "site", env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False
    )
    assert done.returncode == 0, done
    assert (unpacked / "lain" / "laporan.html").is_file()


STAND_IN = """\
@echo off
set SOPKIT_> "said.txt"
echo arguments %* >> "said.txt"
cd >> "said.txt"
exit /b {code}
"""


@pytest.fixture(scope="module")
def wine(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    if shutil.which("wine") is None:
        pytest.skip("wine belum terpasang")
    return {**os.environ, "WINEDEBUG": "-all", "WINEPREFIX": str(tmp_path_factory.mktemp("wine"))}


def under_wine(wine: dict[str, str], folder: Path, arguments: str, code: int) -> tuple[str, list[str]]:
    """What "Periksa register.bat" shows, and what reached Python: the line that starts it is a stand-in's."""
    (folder / "python").mkdir(parents=True, exist_ok=True)
    (folder / "python" / "python.exe").touch()
    (folder / "site").mkdir(exist_ok=True)
    (folder / "site" / "python313._pth").write_text("# sopkit\n")
    (folder / "python" / "python313._pth").write_text("#import site\n")
    (folder / "python" / "stand-in.bat").write_bytes(bundle._crlf(STAND_IN.format(code=code)))
    clickable = dict(bundle._to_click(WINDOWS, with_python=True))["Periksa register.bat"]
    replaced = clickable.replace(b'"python\\python.exe" -X', b'call "python\\stand-in.bat" -X')
    assert replaced != clickable
    (folder / "Periksa register.bat").write_bytes(replaced)
    outer = f'@echo off\r\ncall "{folder.name}\\Periksa register.bat" {arguments}\r\nexit %errorlevel%\r\n'
    (folder.parent / "outer.bat").write_bytes(outer.encode())
    said = folder / "said.txt"
    shown, _ = outer_run(wine, folder.parent)
    return shown, said.read_text("utf-8").splitlines() if said.is_file() else []


def outer_run(wine: dict[str, str], folder: Path) -> tuple[str, int]:
    command = ["wine", "cmd", "/c", "outer.bat"]
    done = subprocess.run(command, cwd=folder, env=wine, input=b"\r\n", capture_output=True, timeout=120, check=False)
    return done.stdout.decode("utf-8", "replace"), done.returncode


@pytest.mark.parametrize("name", ["biasa", "Kantor & Arsip (5) ! ^ satu", "a;b,c=d"])  # wine itself harms a %
def test_the_batch_file_hands_over_names_unharmed(name: str, wine: dict[str, str], tmp_path: Path) -> None:
    shown, said = under_wine(wine, tmp_path / name, r'"C:\R & (1)! ^x.xlsx" D:\b.xlsx', 0)
    assert r'SOPKIT_ARGS="C:\R & (1)! ^x.xlsx" D:\b.xlsx' in said
    assert any(line.startswith("arguments") and line.strip().endswith("sopkit.cli.desk periksa") for line in said)
    assert said[-1].endswith(f"\\{name}")
    assert any(line.startswith("SOPKIT_HERE=") and line.endswith(f"\\{tmp_path.name}") for line in said)
    assert "Tekan sembarang tombol" in shown and "tidak dapat dijalankan" not in shown
    assert (tmp_path / name / "python" / "python313._pth").read_text() == "# sopkit\n"


def test_the_batch_file_says_when_python_cannot_start_or_is_not_there(wine: dict[str, str], tmp_path: Path) -> None:
    shown, said = under_wine(wine, tmp_path / "kantor", "", 9)  # after `call`, wine gives 1 for any
    assert "tidak dapat dijalankan, kode" in shown and not [line for line in said if "SOPKIT_ARGS" in line]
    (tmp_path / "kantor" / "python" / "python.exe").unlink()
    shown, code = outer_run(wine, tmp_path)
    assert "ekstrak dahulu" in shown and code


def test_each_output_folder_is_asked_about_and_what_is_dropped_alone(tmp_path: Path) -> None:
    """From January the drafts of two years wait in two folders."""
    folders = [tmp_path / "keluaran", tmp_path / "keluaran" / "register-2027"]
    for folder in folders:
        folder.mkdir()
        (folder / ARCHIVE).touch()
    assert desk.outputs([tmp_path / "registers" / "register-2026.xlsx"]) == folders
    assert desk.outputs([tmp_path]) == folders and desk.outputs(folders[1:]) == folders[1:]


def test_what_keeps_a_click_from_its_work_is_said_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An archive that is damaged, and Ctrl-C while the numbers are asked for."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    monkeypatch.setattr(sys, "argv", ["desk", "terkirim"])
    (tmp_path / "keluaran").mkdir()
    (tmp_path / "keluaran" / ARCHIVE).write_bytes(b"x" * 5000)
    with pytest.raises(SystemExit) as left:
        desk.main()
    said = capsys.readouterr()
    assert left.value.code == 3 and "bukan arsip sopkit" in said.err and desk.MEANINGS[3] in said.out
    monkeypatch.setitem(desk.WORK, "terkirim", lambda _: signal.raise_signal(signal.SIGINT))
    monkeypatch.setattr(sys, "argv", ["desk", "terkirim"])
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background work ignores it
    try:
        with pytest.raises(SystemExit) as left:
            desk.main()
    finally:
        signal.signal(signal.SIGINT, before)
    assert left.value.code == 3 and "Dibatalkan." in capsys.readouterr().out
