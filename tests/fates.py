"""Work that dies as its workbook's name says: a module of its own, so that the processes that do it import little."""

from __future__ import annotations

import os
from pathlib import Path


def fate(book: Path) -> str:
    """The name; `mati` ends its process, `sekali` only the first time."""
    if book.name == "mati":
        os._exit(9)
    if book.name == "sekali" and not (mark := book.with_name("sudah")).exists():
        mark.touch()
        os._exit(9)
    return book.name
