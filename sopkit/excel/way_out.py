"""Files that other programs open and sopkit does not read: what they are, and how they become an .xlsx."""

from __future__ import annotations

import shutil
from pathlib import Path

from sopkit.errors import SopkitError
from sopkit.libreoffice import libreoffice
from sopkit.text import argument

COPIES = "hasil-konversi"  # the folder of what LibreOffice makes: a file of the same name is never written over


class OtherForm(SopkitError):
    """Such a file. `endings` are what its name ends in where programs are to know it; none: it does already."""

    def __init__(self, message: str, *endings: str) -> None:
        super().__init__(message, way_out(Path(), endings))
        self.endings = endings

    def of(self, path: Path) -> SopkitError:
        """The same with a way out that names the file."""
        return SopkitError(self.message, way_out(path, self.endings))


def way_out(path: Path, endings: tuple[str, ...] = ()) -> str:
    """How the file becomes an .xlsx, and what to type for it where LibreOffice is installed."""
    save = "buka di Excel atau LibreOffice, lalu pilih Simpan Sebagai > Buku Kerja Excel (.xlsx)"
    if path.name and endings and path.suffix.lower() not in endings:
        return f"Ganti namanya menjadi {path.with_suffix(endings[0]).name}, {save}."
    program = libreoffice() if path.name else None
    command = f"; atau jalankan: {conversion(program, path)}" if program else "."
    return f"{save[0].upper()}{save[1:]}{command}"


def conversion(program: Path, path: Path) -> str:
    """What to type so that LibreOffice makes an .xlsx of the file, in a folder beside it."""
    found = program.stem if shutil.which(program.stem) else argument(str(program))
    return f"{found} --headless --convert-to xlsx --outdir {argument(str(path.parent / COPIES))} {argument(str(path))}"
