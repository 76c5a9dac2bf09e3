"""An office's folder: its first register and templates, or a further year beside what is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sopkit.errors import SopkitError, UsageProblem
from sopkit.files import write_atomic
from sopkit.folders import bundled
from sopkit.newbook.create import WorkbookContent, build_workbook
from sopkit.register.identity import new_mark
from sopkit.register.layout import layout_for_sop, layout_path
from sopkit.sop.model import Sop, load_sop

EXAMPLE_NAME = "register-contoh.xlsx"

Files = Mapping[Path, Callable[[], bytes]]


@dataclass(frozen=True)
class Founded:
    """What `write_office` wrote, and what it found there and left as it was."""

    made: tuple[Path, ...]
    kept: tuple[Path, ...]


def write_office(target: Path, year: int, sop: Sop, example: bool = False, sop_file: Path | None = None) -> Founded:
    """Make an office folder, or a further year in one: a register, its SOP when it is another's, and `templates/`.

    Nothing that is there is overwritten. A register or an SOP of that name is refused (`SopkitError`; nothing was
    written); only where templates/ lacks a file, that alone is brought back beside the register.
    """
    register = target / "registers" / (EXAMPLE_NAME if example else f"register-{year}.xlsx")
    templates = _template_files(target / "templates")
    if register.exists() and _incomplete(target / "templates", templates):
        return _written(templates)
    blank = WorkbookContent(mark=new_mark())
    content = (lambda: _example(sop)) if example else (lambda: build_workbook(sop, year, blank))
    own = _sop_files(register, sop_file) if sop_file else {}
    present = [path for path, data in own.items() if path.exists() and path.read_bytes() != data()]
    present += [register] if register.exists() else []
    if present:
        names = ", ".join(str(path) for path in present)
        raise SopkitError(f"Sudah ada: {names}.", "Pilih folder lain, atau pindahkan berkas itu lebih dahulu.")
    return _written({register: content, **own, **templates})


def _written(files: Files) -> Founded:
    kept = tuple(path for path in files if path.exists())
    made = tuple(path for path in files if path not in kept)
    for path in made:
        write_atomic(path, files[path]())
    return Founded(made, kept)


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
