"""What is installed, what is missing, and the next step."""

from __future__ import annotations

import importlib.util
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

from sopkit import __version__
from sopkit.documents.pdf import word_is_here
from sopkit.folders import REGISTERS, TEMPLATES, books_in, how_to_add
from sopkit.libreoffice import libreoffice


def examine(folder: Path = Path()) -> Iterator[str]:
    """Lines of Indonesian text: each thing, whether it is there, and what to do when it is not."""
    yield f"sopkit {__version__}, Python {platform.python_version()}, {platform.system()} {platform.release()}"
    yield _line(sys.version_info >= (3, 11), "Python 3.11 atau lebih baru", "Pasang Python yang lebih baru.")
    yield _line(_pdf_maker() is not None, f"Pembuat PDF ({_pdf_maker() or 'LibreOffice atau Word'})", _pdf_remedy())
    yield _keyring()
    books = books_in(folder / REGISTERS)
    names = ", ".join(path.name for path in books) or "belum ada"
    yield _line(bool(books), f"Buku kerja: {names}", "Buat dengan: sopkit init")
    templates = sorted(path.name for path in (folder / TEMPLATES).glob("*.docx"))
    yield _line(bool(templates), f"Templat Word: {len(templates)} berkas", "Templat bawaan sopkit yang dipakai.")
    yield _line(os.access(folder, os.W_OK), "Folder ini dapat ditulis", "Pindah ke folder yang dapat ditulis.")
    yield f"Langkah berikutnya: {'sopkit run' if books else 'sopkit init'}"


def _line(good: bool, text: str, remedy: str) -> str:
    return f"[ada]   {text}" if good else f"[belum] {text}. {remedy}"


def _keyring() -> str:
    """Not a fault where it is absent: who does all from Outlook or the browser has no use for it."""
    purpose = "Penyimpan sandi surel (keyring)"
    if importlib.util.find_spec("keyring") is not None:
        return _line(True, purpose, "")
    works = "menaruh draf di kotak surat, mencari yang sudah terkirim, atau mengirim"
    return f"[boleh] {purpose}: hanya berguna bila sopkit sendiri {works}. {how_to_add('mail')}"


def _pdf_maker() -> str | None:
    """What `--pdf` would use."""
    if libreoffice():
        return "LibreOffice"
    return "Word" if word_is_here() else None


def _pdf_remedy() -> str:
    return f"Pasang LibreOffice (gratis) dari https://id.libreoffice.org; untuk memakai Word: {how_to_add('word')}"
