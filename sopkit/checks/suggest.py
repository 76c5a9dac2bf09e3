"""Texts that stand in no list, and what was probably meant by them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any, TypeVar

import pandas as pd

from sopkit import language
from sopkit.arrays import Array
from sopkit.checks.canonical import plain
from sopkit.checks.executions import SIMILAR_NUMBER

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
    scores = {} if meant else {name: nearness(text, name) for name in known}
    near = sorted((name for name, score in scores.items() if score >= NEAR), key=lambda name: -scores[name])
    names = [f"“{name}”" for name in (meant or near)[:3]]
    return f"; mungkin maksudnya {language.list_text(names, 'atau')}" if names else ""


def nearness(text: str, name: str) -> float:
    """How near two names are, 0 to 100: whole, word by word, or as a piece of the other; short texts only whole."""
    from rapidfuzz import fuzz

    one, other = _words(text), _words(name)
    least = min(len(one), len(other))
    by_word = fuzz.token_set_ratio(one, other) if least >= 3 else 0.0
    as_piece = 0.9 * fuzz.partial_ratio(one, other) if least >= 5 else 0.0
    return max(fuzz.ratio(one, other), by_word, as_piece)


def _words(text: str) -> str:
    words = "".join(c if c.isalnum() else " " for c in plain(text)).split()
    return " ".join(word for word in words if word not in TITLES)


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
    return dict.fromkeys(text for text in pd.unique(typed) if isinstance(text, str) and text not in known)


def is_slip(text: str, known: list[str]) -> bool:
    """True for a text that is one of these but for a slip of the pen."""
    from rapidfuzz import fuzz

    return any(fuzz.ratio(plain(text), plain(name)) >= SLIP for name in known)
