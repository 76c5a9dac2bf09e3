"""Where things lie in an office's folder: workbooks in registers/, templates/ and keluaran/ beside it."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from sopkit.errors import SopkitError, UsageProblem, file_problem
from sopkit.files import safe_name
from sopkit.text import nearest

READABLE = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
REGISTERS, TEMPLATES, OUTPUT = "registers", "templates", "keluaran"
REPORT, FINDINGS, RECAP = "laporan.html", "temuan.json", "rekap.xlsx"  # of each run, in its output folder
EXAMPLE_NAME = "register-contoh.xlsx"
OFFICE_BOOK = "BUKU-KANTOR.xlsx"  # an office's sheets alone: no register
PACKAGE = Path(__file__).parent
CLICKS = {
    "sopkit init": "Buat register baru",
    "sopkit run": "Periksa register",
    "sopkit mail setup": "Pasang surel",
    "sopkit mail sent": "Catat surel terkirim",
}
"""What to click in the folder that `sopkit bundle` made, for a command."""


class SeveralBooks(UsageProblem):
    """No workbook was named and there are several: `books`, by name. Who knows the command says what to type."""

    def __init__(self, books: Sequence[Path]) -> None:
        names = ", ".join(path.name for path in books)
        super().__init__(f"Ada {len(books)} buku kerja di {books[0].parent}: {names}.", "Sebutkan salah satunya.")
        self.books = tuple(books)


@dataclass(frozen=True)
class Workplace:
    """One workbook and the folders that belong to it."""

    book: Path
    output: Path
    templates: Path


def find_books(given: Sequence[Path], folder: Path | None = None) -> list[Path]:
    """The workbooks named, each once, of a folder those in it; with none named, the one workbook in `registers/`.

    `UsageProblem` when there is none there, or more than one (which of several is meant: `books.choose`).
    """
    if given:
        once: dict[Path, Path] = {}
        for named in given:
            for book in _registers_in(named) or (named,):
                once.setdefault(book.absolute(), book)
        return list(once.values())
    found = books_in(folder or office_folder() / REGISTERS)
    if len(found) == 1:
        return found
    if found:
        raise SeveralBooks(found)
    raise UsageProblem(
        "Tidak ada buku kerja yang disebutkan dan folder registers/ tidak berisi buku kerja.",
        f"Sebutkan berkasnya, atau buat folder kantor baru dengan: {to_do('sopkit init')}",
    )


def _registers_in(named: Path) -> list[Path]:
    """The workbooks of a folder, of an office's those in registers/; the example only where it stands alone.

    None for what is no folder of workbooks.
    """
    try:
        if not named.is_dir():
            return []
    except (OSError, ValueError):  # whoever reads it will hear why
        return []
    return without_example(books_in(named / REGISTERS) or books_in(named))


def without_example(books: Sequence[Path]) -> list[Path]:
    """The example is no office's register: it counts only where there is no other."""
    return [book for book in books if book.name.casefold() != EXAMPLE_NAME] or list(books)


def office_folder(start: Path | None = None) -> Path:
    """The office's folder that `start` (the working folder) is or lies in; `start` itself where it lies in none.

    An office's folder has workbooks in registers/, or registers/ and templates/. The search ends at the home folder
    and below the root.
    """
    start = start or Path()
    if _is_office(start):
        return start
    here, home = start.absolute(), _home()
    for folder in here.parents if here != home else ():
        if folder == folder.parent:
            break
        if _is_office(folder):
            return folder
        if folder == home:
            break
    return start


def _is_office(folder: Path) -> bool:
    registers = folder / REGISTERS
    try:
        if not registers.is_dir():
            return False
        return (folder / TEMPLATES).is_dir() or any(is_workbook(path) for path in registers.iterdir())
    except OSError:  # whoever reads it will hear why
        return folder == Path()


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:
        return None


def books_in(folder: Path) -> list[Path]:
    """The workbooks of a folder by name; none where there is no such folder. `SopkitError` when it may not be read."""
    try:
        return sorted(path for path in folder.iterdir() if is_workbook(path)) if folder.is_dir() else []
    except OSError as error:
        raise file_problem(error, folder, "dibaca") from error


def meant_book(path: Path) -> Path | None:
    """The workbook that a name which is not there was probably meant for: its ending forgotten, or a slip."""
    there = {book.name: book for book in books_in(path.parent)}
    whole = [book for name, book in there.items() if book.stem == path.name]
    close = nearest(path.name, there, limit=1, least=80)
    return whole[0] if whole else there[close[0]] if close else None


def how_to_add(extra: str) -> str:
    """What to type for an optional part of sopkit; to a checkout, or to the Python that sopkit is installed in.

    The folder or the wheel that sopkit came in may be gone and no registry has it, so what is installed there is
    not sopkit once more but the packages that the part needs.
    """
    from importlib.metadata import PackageNotFoundError, distribution

    if (PACKAGE.parent / "pyproject.toml").is_file():
        return f"Di folder {PACKAGE.parent}, jalankan: uv sync --extra {extra}"
    try:
        installed = distribution("sopkit")
    except PackageNotFoundError:
        return f"Pasang ulang sopkit beserta bagian tambahannya: {extra}."
    of_extra = re.compile(rf"extra == ['\"]{extra}['\"]")
    packages = [f'"{one.partition(";")[0].strip()}"' for one in installed.requires or () if of_extra.search(one)]
    python = f'"{sys.executable}"' if " " in sys.executable else sys.executable
    by_uv = (installed.read_text("INSTALLER") or "").strip() == "uv"  # its environments have no pip
    command = f"uv pip install --python {python}" if by_uv else f"{python} -m pip install"
    return f"Jalankan: {command} {' '.join(packages)}"


def is_workbook(path: Path) -> bool:
    """True for a file that may be a register: by its ending, and not an owner file, an output of sopkit or the office's
    sheets alone.
    """
    hidden = path.name.startswith(("~$", "."))
    other = path.stem.endswith("-diperiksa") or path.name.casefold() == OFFICE_BOOK.casefold()
    return path.suffix.lower() in READABLE and not hidden and not other and path.is_file()


def workplace(book: Path, output: Path | None = None, templates: Path | None = None, *, own: str = "") -> Workplace:
    """The folders of `book`: keluaran/ and templates/ beside registers/, else beside the workbook itself.

    With several workbooks in one call each has a folder of its `own` inside keluaran/.
    """
    office = office_of(book)
    target = output or shown(office / OUTPUT)
    return Workplace(book, target / own if own else target, template_folder(templates, office))


def office_of(book: Path) -> Path:
    """The office's folder: above registers/, else where the workbook lies."""
    home = book.absolute().parent
    return home.parent if home.name.lower() == REGISTERS else home


def own_folders(books: Sequence[Path]) -> list[str]:
    """A folder name for each of several workbooks: its stem, and where two have one, more of what tells them apart."""
    names = [safe_name(book.stem) for book in books]
    for more in (lambda book: book.name, lambda book: f"{office_of(book).name} {book.stem}"):
        counts = Counter(name.casefold() for name in names)
        pairs = zip(books, names, strict=True)
        names = [safe_name(more(book)) if counts[name.casefold()] > 1 else name for book, name in pairs]
    taken: set[str] = set()
    for place, name in enumerate(names):
        names[place] = next(one for one in numbered(name) if one.casefold() not in taken)
        taken.add(names[place].casefold())
    return names


def numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name} ({number})" for number in count(2))


def template_folder(given: Path | None, office: Path | None = None) -> Path:
    """The folder asked for, else the office's own templates/, else that beside the files to click, else the one that
    travels with sopkit.
    """
    if given is not None:
        if not given.is_dir():
            raise UsageProblem(f"Folder templat {given} tidak ada.", "Periksa nama foldernya.")
        return given
    offices = (office_folder() if office is None else office, clicked_folder())
    own = (folder / TEMPLATES for folder in offices if folder is not None)
    return next((folder for folder in own if folder.is_dir()), None) or bundled("templates")


def clicked_folder() -> Path | None:
    """The folder that `sopkit bundle` made, where sopkit runs from one: above its site/, with the files to click."""
    site = PACKAGE.parent
    return site.parent if site.name == "site" and (site.parent / "BACA-SAYA.txt").is_file() else None


def to_do(command: str) -> str:
    """A command as it is to be typed, or what to click instead."""
    return f"klik dua kali “{CLICKS[command]}”" if command in CLICKS and clicked_folder() else command


def shown(path: Path) -> Path:
    """Relative to the working folder where that is shorter to read."""
    here = Path.cwd()
    return path.relative_to(here) if path != here and path.is_relative_to(here) else path


def bundled(name: str) -> Path:
    """A folder that travels with sopkit: inside the installed package, or at the root of its repository."""
    for folder in (PACKAGE / "bundled" / name, PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise SopkitError(f"Folder {name} bawaan sopkit tidak ditemukan.", "Pasang ulang sopkit.")
