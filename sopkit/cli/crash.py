"""galat.txt: what is known of a fault of sopkit itself, without anything of the data, for the clerk to send on."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from sopkit import __version__
from sopkit.errors import SopkitError, Unforeseen

FILE = "galat.txt"
PLAIN_VALUE = re.compile(r"[0-9][0-9.:T-]*")
FILES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".toml", ".docx", ".txt", ".csv", ".json", ".html", ".xes")


def told(error: SopkitError, words: Sequence[str]) -> str:
    """What the clerk is told of an error; of a fault of sopkit itself also where it is written down."""
    if not isinstance(error, Unforeseen):
        return str(error)
    place = _written("\n".join(_lines(error, words)) + "\n", words)
    if place is None:
        where = "Rinciannya tidak dapat disimpan; ulangi dengan  sopkit --debug …  dan kirimkan hasilnya"
    else:
        where = f"Rinciannya, tanpa isi buku kerja, ada di {place}: kirimkan berkas itu"
    return f"{error} {where} kepada pengelola sopkit."


def _lines(error: Unforeseen, words: Sequence[str]) -> Iterator[str]:
    import datetime as dt
    import platform

    yield f"sopkit {__version__}"
    yield f"Waktu: {dt.datetime.now().isoformat(timespec='seconds')}"
    yield f"Python: {sys.version.split()[0]}"
    yield f"Sistem: {platform.system()} {platform.release()} {platform.machine()}"
    yield f"Perintah: sopkit {' '.join(_shown(word) for word in words)}"
    yield ""
    yield from error.trace


def _shown(word: str) -> str:
    """Commands, options, numbers and names of files as they are; of anything else only that it was there."""
    option, equals, value = word.partition("=")
    if word.startswith("-"):
        return f"{option}={_shown(value)}" if equals else word
    if word in _commands() or PLAIN_VALUE.fullmatch(word):
        return word
    return re.split(r"[/\\]", word)[-1] if word.lower().endswith(FILES) else "…"


def _commands() -> frozenset[str]:
    import click

    from sopkit.cli.main import sopkit

    def names(group: click.Group) -> Iterator[str]:
        for name, command in group.commands.items():
            yield name
            if isinstance(command, click.Group):
                yield from names(command)

    return frozenset(names(sopkit)) | {"table", "json", "csv", "html", "xes"}


def _written(text: str, words: Sequence[str]) -> Path | None:
    """Where it was written: the output folder, else the folder for temporary files; None where neither takes it."""
    from sopkit.files import write_atomic

    with suppress(SopkitError, OSError):
        path = _output(words) / FILE
        write_atomic(path, text.encode("utf-8"))
        return path
    with suppress(OSError):
        import tempfile

        number, name = tempfile.mkstemp(prefix="sopkit-galat-", suffix=".txt")
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
        return Path(name)
    return None


def _output(words: Sequence[str]) -> Path:
    """keluaran/ of the first workbook that the command names, else of this folder."""
    from sopkit.folders import OUTPUT, is_workbook, office_folder, workplace

    books = (Path(word) for word in words if not word.startswith("-"))
    book = next((path for path in books if is_workbook(path)), None)
    return workplace(book).output if book is not None else office_folder() / OUTPUT
