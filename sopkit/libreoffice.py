"""LibreOffice, where it is installed: it makes PDFs, and turns what sopkit does not read into an .xlsx."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "/usr/lib/libreoffice/program/soffice",
    "/opt/libreoffice/program/soffice",
)


def libreoffice() -> Path | None:
    """LibreOffice's program, from the path or from where its installers put it."""
    named = next((found for found in map(shutil.which, ("soffice", "libreoffice")) if found), None)
    if named:
        return Path(named)
    folders = [os.environ.get(name, "") for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "PROGRAMW6432")]
    windows = [Path(folder, "LibreOffice", "program", "soffice.exe") for folder in folders if folder]
    return next((path for path in [*windows, *map(Path, PLACES)] if path.is_file()), None)
