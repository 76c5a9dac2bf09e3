"""Of what the numbers and pages of a register follow: what is known by it need not be made again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path

from sopkit import __version__
from sopkit.register.read import beside, read_bytes
from sopkit.register.tables import Book

PACKAGE = Path(__file__).parent.parent
MADE_WITH = ("holidays", "numpy", "pandas", "python-calamine", "rapidfuzz", "Jinja2", "XlsxWriter", "lxml")


def digest(*told: object) -> str:
    """Of what JSON can hold."""
    return sha256(json.dumps(told).encode("ascii")).hexdigest()


def digest_of(book: Book) -> str:
    """A digest of the workbook's bytes, of what goes with it, of the names beside it, and of sopkit itself."""
    layout = replace(book.layout, path=None, office=None, sop=None, absent={})
    absent = sorted((sheet, sorted(fields)) for sheet, fields in book.layout.absent.items())
    files = (sha256(read_bytes(file)).hexdigest() if file else "" for file in (book.layout.office, book.sop))
    own = sha256(book.data).hexdigest(), book.path.name, beside(book.path)
    return digest(_version(), own, repr(layout), absent, list(files))


@lru_cache(1)
def _version() -> str:
    """sopkit as it is installed, file by file, and the versions of what reads and writes with it."""
    whole = sha256(json.dumps([__version__, *map(metadata.version, MADE_WITH)]).encode("ascii"))
    for file in sorted(_files(PACKAGE)):
        whole.update(file.read_bytes())
    return whole.hexdigest()


def _files(folder: Path) -> Iterable[Path]:
    for path in folder.iterdir():
        if path.is_file():
            yield path
        elif path.name != "__pycache__":
            yield from _files(path)
