"""A settings file in TOML, an SOP or a layout: opened, parsed, and what is wrong with it told in one sentence."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sopkit.errors import SopkitError
from sopkit.files import NotRegular, TooLarge, read_regular
from sopkit.language import toml_error_text

MAX_FILE = 1 << 19  # bytes; an SOP of thirty steps has some 20,000
DOTTED = re.compile(r"""(?<![\w"'-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){20}""")
"""A key of so many parts, for which the parser takes memory by the square of them."""
MOST_TOLD = 20  # mistakes that one sentence names
LONGEST_TOLD = 300  # letters of one of them


def read_toml_text(path: Path, what: str) -> str:
    """The text of a file called `what` (`Berkas SOP`); `SopkitError` where it cannot be read."""
    try:
        return read_regular(path, MAX_FILE).decode("utf-8-sig")
    except FileNotFoundError as error:
        raise SopkitError(f"{what} {path} tidak ditemukan.", "Periksa nama dan foldernya.") from error
    except (NotRegular, TooLarge) as error:
        kind = "bukan berkas biasa" if isinstance(error, NotRegular) else f"lebih besar dari {MAX_FILE >> 10} KB"
        raise SopkitError(f"{what} {path} tidak dibaca karena {kind}.", "Sebutkan berkas TOML yang benar.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SopkitError(
            f"{what} {path} tidak dapat dibaca.", "Simpan sebagai teks UTF-8 dan periksa izinnya."
        ) from error


def parse_toml(text: str, name: str, what: str) -> dict[str, Any]:
    """The content of a file; `SopkitError` where it is no TOML, or holds what no such file does."""
    try:
        if DOTTED.search(text):
            raise RecursionError
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problem, remedy = f"bukan TOML yang benar ({toml_error_text(error)})", "Perbaiki baris itu."
        raise SopkitError(f"{what} {name} {problem}.", remedy) from error
    except RecursionError as error:
        raise SopkitError(
            f"{what} {name} bersarang terlalu dalam.", "Hapus tanda kurung atau titik yang berlebih."
        ) from error
    except ValueError as error:  # more digits than Python converts
        raise SopkitError(f"{what} {name} memuat bilangan yang terlalu panjang.", "Perbaiki bilangan itu.") from error


def not_right(name: str, what: str, mistakes: Sequence[str]) -> SopkitError:
    """All that is wrong with a file; of very many mistakes the first."""
    short = (re.sub(r"(\S{60})\S+", r"\1…", one) for one in mistakes[:MOST_TOLD])
    told = [one if len(one) <= LONGEST_TOLD else f"{one[:LONGEST_TOLD]}…" for one in short]
    more = f"; dan {len(mistakes) - MOST_TOLD} lagi" if len(mistakes) > MOST_TOLD else ""
    return SopkitError(f"{what} {name} belum benar: {'; '.join(told)}{more}.", "Perbaiki lalu ulangi.")
