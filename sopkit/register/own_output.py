"""Workbooks that sopkit made to be read: given as a register they would be numbered, printed and mailed beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, islice
from pathlib import Path

from sopkit.errors import UsageProblem
from sopkit.folders import REGISTERS, shown
from sopkit.register.grid import Grid
from sopkit.text import argument

COPY_OF = "Hasil pemeriksaan "
FOR_READING = "Salinan ini untuk dibaca. Perbaiki buku kerja aslinya, lalu jalankan pemeriksaan lagi."
LIST_ONLY = "Salinan berwarna tidak dapat dibuat karena buku kerja ini {why}. Temuannya tetap lengkap di bawah ini."
RECAP = "Rekap ketidaksesuaian"
DEPTH = 8  # rows of the first sheet in which it says what the workbook is
_SIGNS = (FOR_READING, LIST_ONLY.partition("{")[0])


class NoRegister(UsageProblem):
    """The workbook is what sopkit made of a register."""


def refuse_own_output(path: Path, grids: Mapping[str, Grid]) -> None:
    """`NoRegister` for an annotated copy or a recap, whatever the file is called, whichever program saved it."""
    first = next(iter(grids.values()), None)
    texts = [text.strip() for text in chain.from_iterable(first.rows[:DEPTH]) if isinstance(text, str)] if first else []
    copied = next((text.removeprefix(COPY_OF) for text in texts if text.startswith(COPY_OF)), "")
    if first and copied and any(text.startswith(_SIGNS) for text in texts):
        raise NoRegister(
            f"{path.name} adalah salinan untuk dibaca dari {copied}, bukan registernya.", _way(path, copied, first.name)
        )
    if texts and texts[0].startswith(RECAP):
        raise NoRegister(f"{path.name} adalah rekap buatan sopkit, bukan register.", "Sebutkan berkas registernya.")


def _way(path: Path, name: str, sheet: str) -> str:
    if original := next((one for one in _around(path, name) if one.is_file()), None):
        return f"Sebutkan registernya: {argument(str(shown(original)))}"
    return f"Sebutkan {name}; bila berkas itu hilang, hapus sheet {sheet} dari salinan ini dan simpan sebagai {name}."


def _around(path: Path, name: str) -> Iterator[Path]:
    """Where the register of an output may lie: beside it, or in the folders above it and their registers/."""
    for folder in islice(chain([path.parent], path.parent.absolute().parents), 4):
        yield from (folder / name, folder / REGISTERS / name)
