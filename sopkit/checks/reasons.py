"""Whether a text gives a reason: for D14, and for what a Keterangan explains."""

from __future__ import annotations

import re

EXPLANATION_LETTERS = 10  # a Keterangan shorter than this explains nothing
_PHRASES = frozenset({
    "idem", "sda", "s d a", "s d", "sama", "sama saja", "sama dengan atas", "sama dengan di atas",
    "sama seperti di atas", "seperti di atas", "lihat atas", "lihat di atas", "tidak ada", "belum ada", "belum tahu",
    "tidak tahu", "nihil", "kosong", "cukup jelas", "sudah jelas", "dan lain lain", "dll",
})  # fmt: skip
_FILLERS = frozenset({
    "ya", "yah", "iya", "saja", "aja", "kok", "sih", "deh", "nih", "lah", "dong", "oke", "ok", "memang", "sudah",
    "telah", "maaf", "mohon", "pak", "bapak", "bu", "ibu",
})  # fmt: skip
"""Words that add nothing to the one beside them: `terlambat ya`."""


def is_nothing(text: str) -> bool:
    """True for a text that gives no reason: fewer than two different words, or a phrase that only points away.

    A letter by itself or repeated is no word, and neither is a filler.
    """
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return len({word for word in words if len(set(word)) > 1} - _FILLERS) < 2 or " ".join(words) in _PHRASES


def explains(remark: str | None) -> bool:
    """True for a Keterangan that says why: ten letters or more, and not nothing."""
    return remark is not None and sum(map(str.isalpha, remark)) >= EXPLANATION_LETTERS and not is_nothing(remark)
