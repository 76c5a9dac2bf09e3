"""What a clerk's click does in the folder that `sopkit bundle` made: `python -m sopkit.cli.desk WORD [BUKU]...`.

Beside the commands themselves: which workbooks were dropped, the log in keluaran/, the report that opens, and the exit
code in words.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any, NoReturn

from sopkit.clicks import clicks_in
from sopkit.database import FILE as ARCHIVE
from sopkit.errors import SopkitError
from sopkit.files import write_atomic
from sopkit.folders import OUTPUT, REGISTERS, REPORT, books_in, office_folder, office_of
from sopkit.text import SHOWABLE

LOG = "log.txt"
MEANINGS = {
    0: "Selesai.",
    2: "Tidak dijalankan: ada yang keliru. Pesan di atas menyebutkan apa, dan cara memperbaikinya.",
    3: "Tidak dapat diselesaikan. Pesan di atas menyebutkan apa yang salah, dan cara memperbaikinya.",
    4: "Selesai, tetapi ada surel yang perlu dilihat. Pesan di atas menyebutkan yang mana.",
}


class Copied:
    """A console that also keeps what it is given, for the log. It has no `buffer`, so click writes through it."""

    def __init__(self, console: Any, kept: list[str]) -> None:
        self.console = console
        self.kept = kept
        self.encoding = console.encoding
        self.errors = console.errors

    def write(self, text: str) -> int:
        with suppress(OSError):  # a window that was closed
            self.console.write(text)
        self.kept.append(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self.console.flush()

    def isatty(self) -> bool:
        return bool(self.console.isatty())

    def fileno(self) -> int:
        return int(self.console.fileno())


def given_books(words: Sequence[str], environment: Mapping[str, str]) -> list[Path]:
    """The files that were dropped or named: from the line with which Explorer started cmd, else as a shell gave them.

    A name without a folder is one of the folder in which that shell was.
    """
    line = environment.get("SOPKIT_LINE", "")
    names = _dropped(line)
    if names is None:
        names = [*words, *_split(environment.get("SOPKIT_ARGS", ""))]
    here = Path(environment.get("SOPKIT_HERE", ""))
    return [Path(os.path.normpath(here / name)) for name in names]


def _dropped(line: str) -> list[str] | None:
    """What follows the .bat in `cmd /c ""D:\\x.bat" "D:\\a b.xlsx" D:\\c.xlsx"`; None where cmd was not started so."""
    found = re.search(r"\s/c\s+(.*)", line, re.IGNORECASE | re.DOTALL)
    if found is None:
        return None
    text = found[1].strip()
    if text.startswith('""'):
        text = text[1:].removesuffix('"')
    started, *names = _split(text) or [""]
    return names if started.lower().endswith(".bat") else None


def _split(line: str) -> list[str]:
    """Names, those with blanks in quotes."""
    return [quoted or bare for quoted, bare in re.findall(r'"([^"]+)"|([^\s"]+)', line)]


def found_office(books: Sequence[Path]) -> Path:
    return _office_of_given(books[0]) if books else office_folder()


def _office_of_given(book: Path) -> Path:
    """Of a folder that was dropped, the folder itself or the office above its registers/."""
    return office_of(book / "-") if book.is_dir() else office_of(book)


def sopkit(*words: str) -> int:
    """Run a command; its exit code."""
    from sopkit.cli.main import main

    sys.argv = ["sopkit", *words]
    try:
        main()
    except SystemExit as leave:
        return int(leave.code or 0)


def check(books: Sequence[Path]) -> int:
    """`run`, then the reports that it wrote are opened."""
    if not books and not books_in(office_folder() / REGISTERS):
        print("Belum ada buku kerja di folder registers. Klik dua kali “Buat register baru”, atau salin buku kerja")
        print("yang sudah ada ke folder registers; buku kerja di tempat lain diseret ke atas “Periksa register”.")
        return 2
    began = time.time() - 2  # a disk's clock may count whole seconds
    code = sopkit("run", *map(str, books))
    offices = {_office_of_given(book) for book in books} or {office_folder()}
    made = [path for office in sorted(offices) for path in reports(office) if path.stat().st_mtime >= began]
    for path in made[:3]:
        show(path)
    return code


def reports(office: Path) -> list[Path]:
    """Every laporan.html of an office, the newest first."""
    there = [*(office / OUTPUT).glob(REPORT), *(office / OUTPUT).glob(f"*/{REPORT}")]
    return sorted(there, key=lambda path: -path.stat().st_mtime)


def new_register(books: Sequence[Path]) -> int:
    return sopkit("init", ".")


def show_report(books: Sequence[Path]) -> int:
    newest = reports(found_office(books))[:1]
    if not newest:
        print("Belum ada laporan. Klik dua kali “Periksa register” lebih dahulu.")
        return 2
    print(f"Laporan: {newest[0]}")
    show(newest[0])
    return 0


def set_up_mail(books: Sequence[Path]) -> int:
    return sopkit("mail", "setup")


def note_sent(books: Sequence[Path]) -> int:
    """`mail sent` shows the numbers of the drafts, of each output folder by itself; which of them went out is asked."""
    folders = [folder for folder in outputs(books) if _waits(folder)]
    codes = [_note_sent_of(folder, named=len(folders) > 1) for folder in folders]
    if not folders:
        print("Tidak ada draf yang menunggu.")
    return max(codes, default=0)


def outputs(given: Sequence[Path]) -> list[Path]:
    """The output folders of what was dropped: those themselves, else all of the office."""
    dropped = [folder for folder in given if (folder / ARCHIVE).is_file()]
    there = found_office(given) / OUTPUT
    return dropped or sorted(path.parent for path in [*there.glob(ARCHIVE), *there.glob(f"*/{ARCHIVE}")])


def _waits(output: Path) -> bool:
    """Whether a draft waits there; also where that cannot be told, for `mail sent` says why."""
    from sopkit.mail.outbox import Outbox, waiting_mails

    try:
        with Outbox(output / ARCHIVE) as outbox:
            return bool(waiting_mails(outbox.status()))
    except SopkitError:
        return True


def _note_sent_of(output: Path, *, named: bool) -> int:
    if named:
        print(f"\nSurel di {output}:")
    code = sopkit("mail", "sent", "--folder", str(output))
    if code or not sys.stdin.isatty():
        return code
    print("Nomor yang sudah Anda kirim, misalnya 3 4 (all: semua; kosong: tidak ada): ", end="", flush=True)
    numbers = sys.stdin.readline().replace(",", " ").split()
    return sopkit("mail", "sent", "--folder", str(output), *numbers) if numbers else 0


WORK: dict[str, Callable[[Sequence[Path]], int]] = {
    "buat": new_register,
    "periksa": check,
    "laporan": show_report,
    "surel": set_up_mail,
    "terkirim": note_sent,
}


def show(path: Path) -> None:
    """Open a file as a double click would, where somebody sits before the screen."""
    if not sys.stdin or not sys.stdin.isatty():
        return
    with suppress(OSError):  # the page is named in what was said
        if sys.platform == "win32":
            os.startfile(path.absolute())
        else:
            program = "open" if sys.platform == "darwin" else "xdg-open"
            quiet = subprocess.DEVNULL
            subprocess.Popen([program, str(path)], stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)


def keep_log(folder: Path, heading: str, kept: Sequence[str]) -> None:
    """What was said, in keluaran/log.txt; without colours and without what was written over."""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", "".join(kept)).replace("\r\n", "\n")
    lines = [line.rpartition("\r")[2].rstrip() for line in text.split("\n")]
    with suppress(SopkitError):
        write_atomic(folder / LOG, os.linesep.join([heading, "", *lines]).encode("utf-8"))


def main() -> NoReturn:
    from sopkit.cli.main import ending

    word = sys.argv[1]
    books = given_books(sys.argv[2:], os.environ)
    office = found_office(books)
    kept: list[str] = []
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors=SHOWABLE)  # type: ignore[union-attr]
    copied: Any = (Copied(sys.stdout, kept), Copied(sys.stderr, kept))
    with redirect_stdout(copied[0]), redirect_stderr(copied[1]):
        code, said = ending(lambda: sys.exit(WORK[word](books)), sys.argv[1:])
        print(said)
        for line in clicks_in("".join(kept)):
            print(f"{line}\n")
        print(MEANINGS.get(code, MEANINGS[3]))
    if (office / OUTPUT).is_dir():
        named = " ".join(f'"{book}"' for book in books)
        keep_log(office / OUTPUT, f"{dt.datetime.now():%Y-%m-%d %H:%M:%S}  {word} {named}  kode {code}", kept)
    sys.exit(code)


if __name__ == "__main__":
    main()
