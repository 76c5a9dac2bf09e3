"""An office's folder: its first register and templates, or a further year beside what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sopkit.books import going_on, look
from sopkit.errors import SopkitError, UsageProblem, contained
from sopkit.files import no_more_open_than, write_atomic
from sopkit.folders import EXAMPLE_NAME, books_in, bundled
from sopkit.newbook.carry import carry
from sopkit.newbook.create import WorkbookContent, build_workbook, unsaid
from sopkit.newbook.formula import FIRST
from sopkit.register.identity import new_mark
from sopkit.register.layout import layout_for_sop, layout_path
from sopkit.register.schema import OFFICE, PEOPLE, SETTINGS
from sopkit.sop.model import Sop, load_sop

Files = Mapping[Path, Callable[[], bytes]]


@dataclass(frozen=True)
class Founded:
    """What `write_office` wrote, and what it found there and left as it was.

    `said` tells what came of the office's older registers, an Indonesian line each; `first` what is to be filled in
    before anything else.
    """

    made: tuple[Path, ...]
    kept: tuple[Path, ...]
    said: tuple[str, ...] = ()
    first: tuple[str, ...] = ()


def write_office(target: Path, year: int, sop: Sop, example: bool = False, sop_file: Path | None = None) -> Founded:
    """Make an office folder, or a further year in one: a register, its SOP when it is another's, and `templates/`.

    The register takes the office's sheets over from the newest one there; one that cannot be read leaves it blank.
    Nothing that is there is overwritten. A register or an SOP of that name is refused (`SopkitError`; nothing was
    written); only where templates/ lacks a file, that alone is brought back beside the register.
    """
    register = target / "registers" / (EXAMPLE_NAME if example else f"register-{year}.xlsx")
    templates = _template_files(target / "templates")
    if register.exists() and _incomplete(target / "templates", templates):
        return _written(templates)
    own = _sop_files(register, sop_file) if sop_file else {}
    present = [path for path, data in own.items() if path.exists() and path.read_bytes() != data()]
    present += [register] if register.exists() else []
    if present:
        names = ", ".join(str(path) for path in present)
        raise SopkitError(f"Sudah ada: {names}.", "Pilih folder lain, atau pindahkan berkas itu lebih dahulu.")
    if example:
        return _written({register: lambda: _example(sop), **own, **templates})
    data, content, said = _filled(register.parent, sop, year)
    written = _written({register: lambda: data, **own, **templates})
    return replace(written, said=said, first=tuple(_still_to_fill(sop, content)))


def _written(files: Files) -> Founded:
    kept = tuple(path for path in files if path.exists())
    made = tuple(path for path in files if path not in kept)
    for path in made:
        write_atomic(path, files[path]())
    return Founded(made, kept)


def _filled(registers: Path, sop: Sop, year: int) -> tuple[bytes, WorkbookContent, tuple[str, ...]]:
    """The new register, what fills it, and what is said of the older ones in that folder."""
    older = [path for path in books_in(registers) if path.name.casefold() != EXAMPLE_NAME]
    for path in older:
        no_more_open_than(path)
    looked = [look(path) for path in older]
    blank = WorkbookContent(office=unsaid(sop))
    if not looked:
        return _new_book(sop, year, blank), blank, ()
    newest = max(looked, key=lambda one: (one.newest, one.path.stat().st_mtime))
    going = tuple(going_on(looked))
    carried = contained(carry)(newest, sop, year)
    data = carried if isinstance(carried, SopkitError) else contained(_new_book)(sop, year, carried.content)
    if isinstance(carried, SopkitError) or isinstance(data, SopkitError):
        why = str(data.message) if isinstance(data, SopkitError) else ""
        said = f"Tidak ada yang disalin dari {newest.path.name}, jadi register baru dimulai kosong. {why}"
        again = ("Bila dapat dibaca lagi, hapus register baru itu, lalu ulangi.",) if newest.problem else ()
        return _new_book(sop, year, blank), blank, (said, *again, *going)
    return data, carried.content, (*carried.said, *going)


def _new_book(sop: Sop, year: int, content: WorkbookContent) -> bytes:
    return build_workbook(sop, year, replace(content, mark=new_mark()))


def _still_to_fill(sop: Sop, content: WorkbookContent) -> Iterator[str]:
    keys = [setting.key for setting in SETTINGS]
    rows = content.office_rows
    keys = [str(row.get("key", "")).strip() for row in rows] if rows is not None else keys
    if not content.office.get("Nama Kantor", sop.office.name):
        place = FIRST + keys.index("Nama Kantor")
        yield f"Nama Kantor (sel B{place}), Pemerintah, Alamat, dan Tempat di sheet {OFFICE.name}"
    if not content.people:
        yield f"sheet {PEOPLE.name}"


def _sop_files(register: Path, sop_file: Path) -> Files:
    """The SOP beside the register, and the layout file that names it."""
    layout = layout_for_sop(sop_file.name)
    return {
        register.with_name(sop_file.name): sop_file.read_bytes,
        layout_path(register): lambda: layout.encode("utf-8"),
    }


def _template_files(target: Path) -> Files:
    home = bundled("templates")
    sources = [
        path for path in sorted(home.rglob("*")) if path.is_file() and path.suffix != ".md" and path.name[0] not in ".~"
    ]
    return {target / path.relative_to(home): path.read_bytes for path in sources}


def _incomplete(folder: Path, files: Files) -> bool:
    return folder.is_dir() and not all(path.exists() for path in files)


def _example(sop: Sop) -> bytes:
    """The example as it travels with sopkit: a year of the office whose SOP is sopkit's own."""
    if sop != load_sop():
        raise UsageProblem("Register contoh memakai SOP bawaan sopkit.", "Buat register tanpa --example.")
    return (bundled("registers") / EXAMPLE_NAME).read_bytes()
