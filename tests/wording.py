"""What a machine can hold against the words of a rule or of a finding."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sopkit.language import MONTHS

MOST_LETTERS = 400  # of a message
MOST_WORDS = 35  # of a sentence of a rule; a filled one may have lists in it
ENGLISH = (
    "and", "be", "begin", "case", "cell", "check", "column", "date", "day", "empty", "end", "error", "false", "file",
    "finding", "from", "in", "invalid", "is", "missing", "must", "none", "not", "of", "or", "row", "rule", "start",
    "step", "the", "time", "true", "unknown", "value", "warning", "with", "workbook",
)  # fmt: skip
_MONTH = f"(?:{'|'.join(MONTHS)})"
_DAY = rf"\d{{1,2}} {_MONTH}\b"
FLAWS: Mapping[str, str] = {
    r"\b\d{4}-\d{2}\b": "a date as computers write it",
    r"\b\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b": "a date without the name of its month",
    rf"\b{_DAY}(?! \d{{4}}\b)": "a date without its year",
    rf"\d {_DAY}": "a number that runs into a date: pada is missing",
    rf"\b(?:mulai|dimulai|selesai|ditemukan|disetujui|dimusnahkan|diverifikasi) {_DAY}": "pada is missing",
    r"[{}]": "a placeholder",
    rf"(?i)\b(?:{'|'.join(ENGLISH)})\b": "English",
    r"(?i)\bsamakan\b": "advice to make records agree",
    r"(?i)\b([^\W\d_]+) \1\b": "a word twice",
    r" [,.;:]|,,|;;|\.\.|  ": "stray punctuation",
}
_ABBREVIATED = re.compile(r"\b(?:No|Pola No|Plt|Plh|S|A|H)\.")


def flaws(text: str) -> list[str]:
    """What is wrong with a filled message or remedy; what it quotes is the office's own."""
    own = re.sub(r"“[^”]*”", "“…”", text)
    found = [f"{what}: {match[0]!r}" for pattern, what in FLAWS.items() for match in re.finditer(pattern, own)]
    return found + ([] if text.endswith(".") else ["no period at its end"])


def longest_sentence(text: str) -> int:
    """The words of the longest sentence of a rule's text; a placeholder is one word."""
    own = re.sub(r"\{\w+\}", "isi", _ABBREVIATED.sub(lambda match: match[0][:-1], text))
    return max(len(sentence.split()) for sentence in re.split(r"[.;:?] ", own))
