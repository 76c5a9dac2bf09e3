"""Text as people compare it: when two are the same, which of several was meant, and what a file can hold of one."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable, Container, Iterable

QUOTED_LETTERS = 60  # of what was typed: a cell may hold 32,767

SHOWABLE = "sopkit-showable"
"""How streams of text deal with letters that their encoding lacks (`errors` of an encoding)."""
_INSTEAD = {
    "→": "->", "…": "...", "·": "-", "–": "-", "—": "-", "−": "-", "•": "-", "“": '"', "”": '"', "„": '"', "‘": "'",
    "’": "'", "≤": "<=", "≥": ">=", "≠": "<>", "×": "x", "✓": "v",
}  # fmt: skip

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]"
)
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_SHAPES = str.maketrans(dict.fromkeys("‘’ʼ´′＇`", "'") | {"−": "-"})
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _showable(error: UnicodeError) -> tuple[str, int]:
    """What a console that lacks a letter can show instead: signs of ASCII, the letter without its marks, or `?`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_INSTEAD.get(one) or _bare(one) or "?" for one in lacking), error.end


def _bare(letter: str) -> str:
    return unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()


codecs.register_error(SHOWABLE, _showable)


def same(one: str, other: str) -> bool:
    """True for two spellings of one name, header, list value or number, as `plain` has it."""
    return plain(one) == plain(other)


def plain(text: str) -> str:
    """What the spellings of one text have in common.

    Case, blanks of every kind, invisible characters, the shape of an apostrophe or a minus, full-width digits and the
    way a letter with a mark is stored do not count.
    """
    if text.isascii():
        if "_x" not in text and "`" not in text and text.isprintable():  # most: in half the time
            return " ".join(text.lower().split())
    else:
        text = unicodedata.normalize("NFKC", text.translate(_SHAPES))
    return clean_line(text).casefold().replace("`", "'")


def clean_line(text: str) -> str:
    """One line: invisible characters dropped, blanks of every kind single, none at the ends."""
    text = _unescape(text)
    if not text.isprintable():  # nothing invisible is printable; 0.25 µs a text instead of 0.38
        text = _INVISIBLE.sub("", text)
    return " ".join(text.split())


def clean_lines(text: str) -> str:
    """Like `clean_line`, but line breaks stay line breaks."""
    lines = _unescape(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(clean_line(line) for line in lines).strip("\n")


def _unescape(text: str) -> str:
    """Excel stores a control character as `_x000D_`; readers leave it so."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)) if int(m[1], 16) < 32 else m[0], text)


def xml_text(text: str, instead: str = "") -> str:
    """The text without the characters that XML 1.0 cannot hold at all, not yet escaped."""
    return _NOT_XML.sub(instead, text)


def escape(text: str) -> str:
    """The text as XML has it between tags. The standard library's own loads all of HTTP and mail: 20 ms."""
    return text.replace("&", "&amp;").replace(">", "&gt;").replace("<", "&lt;")


def quoteattr(text: str) -> str:
    """The value of an attribute, in quotes."""
    text = escape(text).replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;")
    if '"' not in text:
        return f'"{text}"'
    return f"'{text}'" if "'" not in text else '"' + text.replace('"', "&quot;") + '"'


def argument(text: str) -> str:
    """A name as it is typed on a command line, of Windows too: in quotes where it holds blanks and the like."""
    return text if re.fullmatch(r"[\w./\\:+@-]+", text) else f'"{text}"'


def quoted(text: str) -> str:
    """What a finding quotes of a typed text: its beginning, on one line, where it is longer than `QUOTED_LETTERS`."""
    if len(text) <= QUOTED_LETTERS:
        return text
    line = " ".join(text[: 4 * QUOTED_LETTERS].split())
    return f"{line[: QUOTED_LETTERS - 1].rstrip()}…"


Likeness = Callable[[str, str], float]
"""How like two texts are, 0 to 100."""


def spelt_alike(one: str, other: str) -> float:
    """How like two texts are letter by letter: for slips of the pen in names of files, fields and commands."""
    from rapidfuzz import fuzz

    return fuzz.ratio(plain(one), plain(other))


def worded_alike(one: str, other: str, without: Container[str] = ()) -> float:
    """How like two texts are as a whole, word by word, or one as a piece of the other; short texts only as a whole.

    Words that stand in `without` do not count.
    """
    from rapidfuzz import fuzz

    one, other = words(one, without), words(other, without)
    least = min(len(one), len(other))
    by_word = fuzz.token_set_ratio(one, other) if least >= 3 else 0.0
    as_piece = 0.9 * fuzz.partial_ratio(one, other) if least >= 5 else 0.0
    return max(fuzz.ratio(one, other), by_word, as_piece)


def words(text: str, without: Container[str] = ()) -> str:
    """The letters and digits of a text, word by word, as `plain` has them."""
    found = _BETWEEN_WORDS.sub(" ", plain(text)).split()
    return " ".join(word for word in found if word not in without)


def nearest(
    text: str, among: Iterable[str], *, limit: int = 2, least: float = 70, alike: Likeness = spelt_alike
) -> list[str]:
    """The at most `limit` of these names that are at least so much like `text`, the likest first."""
    scores = {name: alike(text, name) for name in among}
    return sorted((name for name in scores if scores[name] >= least), key=lambda name: -scores[name])[:limit]
