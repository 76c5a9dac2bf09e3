"""Whether a text gives a reason: for D14, and for what a Keterangan explains."""

from __future__ import annotations

import re

EXPLANATION_LETTERS = 10  # a Keterangan shorter than this explains nothing
_NOTHING = frozenset({
    "idem", "sda", "s d a", "s d", "sama", "sama saja", "sama dengan atas", "sama dengan di atas",
    "sama seperti di atas", "seperti di atas", "lihat atas", "lihat di atas", "tidak ada", "belum ada", "belum tahu",
    "tidak tahu", "tidak diketahui", "belum diketahui", "nihil", "kosong", "cukup jelas", "sudah jelas", "dijelaskan",
    "dijelaskan di atas", "idem di atas", "idem dengan di atas", "menyusul", "menyusul nanti", "menyusul kemudian",
    "sedikit", "dan lain lain", "dll", "tanpa", "tidak",
})  # fmt: skip
_EMPTY_WORDS = frozenset({
    "ya", "iya", "yaa", "yah", "ok", "oke", "sih", "saja", "aja", "kok", "dong", "deh", "nih", "tuh", "lah", "kan",
    "pun", "memang", "begitu", "gitu", "lagi", "sudah", "telah", "mohon", "maaf", "pak", "bu", "bapak", "ibu", "terima",
    "kasih", "karena", "sebab", "alasan", "alasannya", "keterangan", "sebabnya",
    "terlambat", "telat", "lambat", "keterlambatan", "terlewat",
})  # fmt: skip
_REPEATED = re.compile(r"(.)\1+|(.{2,3})\2{2,}")
_COMMON = _EMPTY_WORDS.union(*(phrase.split() for phrase in _NOTHING))


def is_nothing(text: str) -> bool:
    """True for a text that gives no reason: fewer than two different words, a phrase that only points away, or words
    that say no more than the finding itself (`terlambat ya`) or are no words (`xxxx yyyy`).
    """
    folded = text.casefold()
    first, several, tells = "", False, False
    for word in folded.split():
        if len(word) > 1 and word.isalpha():
            first = first or word
            several = several or word != first
            tells = tells or (word not in _COMMON and len(set(word)) > 3)
            if several and tells:
                return False  # a word that is in no such phrase, and no repetition: most texts, in a sixth of the time
    words = re.findall(r"[^\W\d_]+", folded)
    telling = [word for word in words if word not in _EMPTY_WORDS and not _REPEATED.fullmatch(word)]
    few = len({word for word in words if len(word) > 1}) < 2 or not any(len(word) > 1 for word in telling)
    return few or " ".join(words) in _NOTHING or " ".join(telling) in _NOTHING


def explains(remark: str | None) -> bool:
    """True for a Keterangan that says why: ten letters or more, and not nothing."""
    return remark is not None and sum(map(str.isalpha, remark)) >= EXPLANATION_LETTERS and not is_nothing(remark)
