"""Files are complete or absent, and their names are accepted everywhere."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sopkit import files
from sopkit.errors import SopkitError, file_problem, is_disk_full
from sopkit.files import safe_name, write_atomic, write_if_changed, write_remakeable


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "baru" / "laporan.html"
    write_atomic(target, b"satu")
    write_atomic(target, b"dua")
    assert target.read_bytes() == b"dua"
    assert list(target.parent.iterdir()) == [target]


def test_the_same_content_is_not_written_again(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    assert write_if_changed(target, b"x")
    before = target.stat().st_mtime_ns
    assert not write_if_changed(target, b"x")
    assert target.stat().st_mtime_ns == before


def test_killed_while_writing_the_old_file_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "besar.bin"
    write_atomic(target, b"lama" * 1000)
    code = (
        "import sys, pathlib\nfrom sopkit.files import write_atomic\n"
        "print('go', flush=True)\n"
        "while True: write_atomic(pathlib.Path(sys.argv[1]), b'baru' * 5_000_000)"
    )
    for pause in (0.0, 0.01, 0.03, 0.07):
        with subprocess.Popen([sys.executable, "-c", code, str(target)], stdout=subprocess.PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            time.sleep(pause)
            process.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
        assert target.read_bytes() in (b"lama" * 1000, b"baru" * 5_000_000)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full tidak ada di sistem ini")
def test_a_full_disk_is_said_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    target = tmp_path / "a.docx"
    write_atomic(target, b"lama")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SopkitError, match="Disk penuh"):
        write_atomic(target, b"baru")
    assert target.read_bytes() == b"lama"
    assert list(tmp_path.iterdir()) == [target]


def test_a_sharing_error_of_windows_is_waited_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refusals = iter([True, True, False])
    real = Path.replace

    def held(self: Path, target: Path) -> Path:
        if next(refusals):
            error = PermissionError(13, "The process cannot access the file")
            error.winerror = 32  # type: ignore[attr-defined]
            raise error
        return real(self, target)

    monkeypatch.setattr(Path, "replace", held)
    write_atomic(tmp_path / "a.docx", b"isi")
    assert (tmp_path / "a.docx").read_bytes() == b"isi"


def test_a_file_held_too_long_says_to_close_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def held(self: Path, target: Path) -> Path:
        error = PermissionError(13, "The process cannot access the file")
        error.winerror = 32  # type: ignore[attr-defined]
        raise error

    monkeypatch.setattr(files, "SHARING_PATIENCE", 0.05)
    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(SopkitError, match=r"Tutup berkas itu di Excel atau Word"):
        write_atomic(tmp_path / "a.docx", b"isi")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("001/PTPP/XI/2026", "001-PTPP-XI-2026"),
        ("..", "_"),
        ("CON", "_CON"),
        ("LPT1 .docx", "_LPT1 .docx"),
        ("com1.txt", "_com1.txt"),
        ("a\x00b\nc", "a-b-c"),
        ("  nama. ", "nama"),
        ("../../etc/passwd", "etc-passwd"),
        ("", "_"),
    ],
)
def test_safe_names(text: str, name: str) -> None:
    assert safe_name(text) == name


@given(st.text())
def test_any_text_gives_one_safe_name(text: str) -> None:
    name = safe_name(text)
    assert name and name not in (".", "..") and len(name) <= 101
    assert not set(name) & set('<>:"/\\|?*') and not name.endswith((" ", "."))
    assert name.isprintable() or not any(ord(c) < 32 for c in name)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps them for an hour")
def test_what_a_killed_process_left_is_swept_away_and_nothing_else(tmp_path: Path) -> None:
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    names = {
        f".sopkit-{gone.stdout.strip()}-a.tmp": 10,  # its process is no more
        f".sopkit-{os.getpid()}-b.tmp": 10,  # still being written
        ".sopkit-c.tmp": 7200,
        "surat.docx": 7200,
    }
    for folder in (tmp_path, tmp_path / "ptpp"):
        folder.mkdir(exist_ok=True)
        for name, age in names.items():
            (folder / name).write_bytes(b"x")
            os.utime(folder / name, (time.time() - age,) * 2)
    files.sweep(tmp_path)
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    kept = (f".sopkit-{os.getpid()}-b.tmp", "surat.docx")
    assert left == {*kept, *(f"ptpp/{name}" for name in kept)}


def test_a_folder_in_the_file_s_place_is_said(tmp_path: Path) -> None:
    with pytest.raises(SopkitError, match="adalah folder"):
        files.write_atomic(tmp_path, b"x")
    (tmp_path / "berkas").write_bytes(b"x")
    with pytest.raises(SopkitError, match="bukan folder"):
        files.write_atomic(tmp_path / "berkas" / "hasil.json", b"x")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "Disk penuh: register.xlsx tidak dapat ditulis. Kosongkan"),
        (
            errno.EACCES,
            "register.xlsx tidak dapat ditulis karena sedang dibuka program lain atau tidak diizinkan.",
        ),
        (errno.ENOENT, "register.xlsx tidak ditemukan."),
        (errno.ENAMETOOLONG, "Nama register.xlsx terlalu panjang"),
        (errno.EISDIR, "register.xlsx tidak dapat ditulis karena itu adalah folder."),
        (errno.EROFS, "register.xlsx tidak dapat ditulis (disknya hanya dapat dibaca)."),
        (123456, "register.xlsx tidak dapat ditulis (galat OSError 123456)."),
    ],
)
def test_what_the_system_refuses_is_said_in_indonesian(number: int, said: str) -> None:
    problem = str(file_problem(OSError(number, "English words"), Path("register.xlsx"), "ditulis"))
    assert problem.startswith(said) and "English" not in problem
    assert is_disk_full(OSError(number, "")) == (number == errno.ENOSPC)


def test_windows_says_a_long_name_as_a_missing_file() -> None:
    error = OSError(errno.ENOENT, "The filename or extension is too long")
    error.winerror = 206  # type: ignore[attr-defined]
    assert "terlalu panjang" in str(file_problem(error, Path("a.docx"), "ditulis"))


@pytest.mark.skipif(os.name == "nt", reason="devices and links of POSIX")
def test_a_device_is_written_into_and_a_link_stays_one(tmp_path: Path) -> None:
    write_atomic(Path("/dev/null"), b"isi")
    assert not Path("/dev/null").is_file()
    pipe, link = tmp_path / "pipa", tmp_path / "tautan"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_atomic(pipe, b"isi")
    assert os.read(reader, 9) == b"isi"
    os.close(reader)
    link.symlink_to(tmp_path / "berkas")
    write_atomic(link, b"isi")
    assert link.is_symlink() and (tmp_path / "berkas").read_bytes() == b"isi"


def test_a_file_that_cannot_be_removed_afterwards_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "held by a scanner")

    monkeypatch.setattr(Path, "unlink", refuse)
    write_atomic(tmp_path / "a", b"isi")
    assert list(write_remakeable([(tmp_path / "b", b"isi")])) == [None]
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() == b"isi"
