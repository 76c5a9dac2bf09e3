"""Texts that stand in no list, and what was probably meant by them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any, TypeVar

from sopkit import language
from sopkit.arrays import Array
from sopkit.checks.executions import SIMILAR_NUMBER
from sopkit.frames import unique
from sopkit.text import nearest as nearest_names
from sopkit.text import plain, spelt_alike, worded_alike

NEAR = 75  # of 100: from here on a value of a list is offered as the nearest
SLIP = 92  # rapidfuzz ratio from which a text is another one mistyped
MEANT: Mapping[str, tuple[str, ...]] = {
    "ok": ("Disetujui", "Sesuai", "Ya"), "oke": ("Disetujui", "Sesuai", "Ya"), "acc": ("Disetujui",),
    "setuju": ("Disetujui",), "ya": ("Disetujui",), "y": ("Ya",), "iya": ("Ya",), "yes": ("Ya",), "perlu": ("Ya",),
    "tolak": ("Ditolak", "Penolakan"), "tidak setuju": ("Ditolak",), "tidak disetujui": ("Ditolak",),
    "tidak": ("Ditolak",), "t": ("Tidak",), "tdk": ("Tidak",), "no": ("Tidak",), "tidak perlu": ("Tidak",),
    "komplain": ("Keluhan",), "complain": ("Keluhan",), "pengaduan": ("Keluhan",), "aduan": ("Keluhan",),
    "skm": ("Survei",), "ikm": ("Survei",), "kuesioner": ("Survei",), "lainnya": ("Lain-lain",),
    "berat": ("Mayor",), "besar": ("Mayor",), "ringan": ("Minor",), "kecil": ("Minor",), "saran": ("Observasi",),
    "ganti": ("Penggantian",), "tarik": ("Penarikan",), "perbaiki": ("Perbaikan",),
    "efektif": ("Sesuai",), "tidak efektif": ("Tidak Sesuai",), "belum sesuai": ("Tidak Sesuai",),
    "open": ("Terbuka",), "baru": ("Terbuka",), "berjalan": ("Proses",), "dikerjakan": ("Proses",),
    "close": ("Selesai",), "closed": ("Selesai",), "tutup": ("Selesai",), "beres": ("Selesai",), "done": ("Selesai",),
    "cancel": ("Batal",), "gugur": ("Batal",),
    "sekretaris": ("Sekcam",), "sekretaris camat": ("Sekcam",), "sekretaris kecamatan": ("Sekcam",),
    "kepala seksi": ("Kasi",), "kepala kecamatan": ("Camat",), "pelaksana": ("Staf",), "staff": ("Staf",),
}  # fmt: skip
"""What staff type, and the values that they mean by it where the list has them."""
TITLES = frozenset(("pak", "bapak", "bu", "ibu", "sdr", "sdri", "saudara", "saudari"))


def nearest(text: str, known: tuple[str, ...] | list[str]) -> str:
    """`; mungkin maksudnya “…”` with the at most three nearest of `known`; empty when none is near."""
    meant = [value for value in MEANT.get(plain(text), ()) if value in known]
    near = meant or nearest_names(text, known, limit=3, least=NEAR, alike=nearness)
    names = [f"“{name}”" for name in near[:3]]
    return f"; mungkin maksudnya {language.list_text(names, 'atau')}" if names else ""


def nearness(text: str, name: str) -> float:
    """How like two names are, 0 to 100; Pak and Ibu do not count."""
    return worded_alike(text, name, without=TITLES)


def resembles(number: str, typed: object) -> bool:
    """True when a cell in error may mean this number: it looks like it, or it cannot be read at all."""
    from rapidfuzz import fuzz

    return not isinstance(typed, str) or fuzz.ratio(typed, number) >= SIMILAR_NUMBER


Missing = TypeVar("Missing")
Cell = TypeVar("Cell")


def paired(pairs: Iterable[tuple[tuple[Any, ...], Missing, Cell]]) -> dict[Missing, Cell]:
    """What is missing and the cell in error that it follows from, each at most once; the least rank goes first.

    An error excuses one thing that is missing and not all that look like it.
    """
    found: dict[Missing, Cell] = {}
    for _, missing, cell in sorted(pairs, key=lambda pair: (pair[0], str(pair[1]), str(pair[2]))):
        if missing not in found and cell not in found.values():
            found[missing] = cell
    return found


def not_in(typed: Array, known: Container[str]) -> dict[str, None]:
    """The texts of a column that are not known, each once, in order."""
    return dict.fromkeys(text for text in unique(typed) if isinstance(text, str) and text not in known)


def is_slip(text: str, known: list[str]) -> bool:
    """True for a text that is one of these but for a slip of the pen."""
    return any(spelt_alike(text, name) >= SLIP for name in known)
