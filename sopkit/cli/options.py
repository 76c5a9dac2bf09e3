"""What several commands take, and how they say what came of it."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from sopkit.cli.click_indonesian import Option, demand_text
from sopkit.errors import SopkitError, UsageProblem, file_problem
from sopkit.folders import OUTPUT as DEFAULT_OUTPUT

FINDINGS, USAGE, UNFINISHED, MAIL = 1, 2, 3, 4


class _Place(click.Path):
    """A path that the system can look for; another one is refused at once, before anything is done."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = Path(str(super().convert(value, param, ctx)))
        demand_text(str(path))
        try:
            path.stat()
        except (FileNotFoundError, NotADirectoryError):
            pass
        except (OSError, ValueError) as error:  # ValueError: a zero byte
            raise file_problem(error if isinstance(error, OSError) else OSError(str(error)), path, "dibuka") from error
        return path


# click would look itself whether a path may be read, and complain in English of a file that Excel holds
PATH = _Place(path_type=Path, readable=False)
BOOK_PATH = click.Path(path_type=Path, readable=False)  # of several books a bad one stops only itself
BOOKS = click.argument("books", metavar="[BUKU]...", nargs=-1, type=BOOK_PATH)
BOOK = click.argument("book", metavar="[BUKU]", required=False, type=BOOK_PATH)
OUTPUT = click.option("--output", "-o", metavar="TEMPAT", type=PATH, help="Tempat keluaran.")
AS_OF = click.option("--as-of", metavar="WAKTU", help="Anggap sekarang waktu ini, misalnya 2026-11-20T10:00.")
SOP_FILE = click.option("--sop", "sop_file", metavar="BERKAS", type=PATH, help="SOP lain (TOML).")
TEMPLATES = click.option("--templates", metavar="FOLDER", type=PATH, help="Folder templat Word; bawaan: templates/.")
PDF = click.option("--pdf", is_flag=True, help="Buat juga PDF, seperti Lampiran: PDF di sheet Kantor; dan cetak.pdf.")
PRINT = click.option(
    "--print",
    "paper",
    flag_value="always",
    default="with-pdf",
    show_default=False,
    help="Buat cetak.pdf: semua dokumen yang baru, siap dicetak dan ditandatangani.",
)
JOBS = click.option(
    "--jobs",
    cls=Option,
    type=click.IntRange(1, 64),
    metavar="N",
    default=1,
    help="Banyaknya proses, 1 sampai 64; bawaan 1.",
)
CLUSTER = click.option("--cluster", metavar="ALAMAT", help="Alamat kluster Dask, misalnya tcp://10.0.0.5:8786.")
OVERWRITE = click.option(
    "--overwrite", is_flag=True, help="Ganti dokumen yang diubah dengan tangan (cadangannya disimpan)."
)
REFRESH = click.option("--refresh", is_flag=True, help="Buat ulang dokumen yang templatnya berubah.")
CLOSED = click.option("--closed", is_flag=True, help="Siapkan juga surel untuk kasus yang sudah ditutup.")
REPORT = click.option("--report", is_flag=True, help="Siapkan juga surel Laporan walaupun masih ada kesalahan.")


def output_folder() -> Path:
    """keluaran/ here, else that of the office in whose folder this is."""
    from sopkit.folders import office_folder

    here = Path(DEFAULT_OUTPUT)
    return here if here.is_dir() else office_folder() / DEFAULT_OUTPUT


FOLDER = click.argument("folder", metavar="[FOLDER]", default=output_folder, type=PATH)


def takes(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A command takes these arguments and options, in this order."""

    def apply(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return apply


def chosen(given: Sequence[Path], as_of: dt.datetime | None = None) -> tuple[Path, ...]:
    """The workbooks that a command is about; why others of the folder are not is said on stderr."""
    if given:
        from sopkit.folders import find_books

        return tuple(find_books(given))
    from sopkit.books import choose
    from sopkit.reports.console import printable

    there = choose(given, as_of)
    for line in there.left:
        click.echo(printable(line), err=True)
    return there.books


def with_archive(folder: Path, none: str, maker: str) -> Path:
    """The archive in an output folder; `UsageProblem` names the folders below that have one, else the command."""
    from sopkit import archive, database, repair
    from sopkit.files import no_more_open_than

    path = folder / database.FILE
    repair.demand_sound(folder)
    if path.is_file():
        no_more_open_than(path)
        return path
    command = click.get_current_context().command_path
    own = [f"{command} {below}" for below in archive.folders_with_archive(folder)]
    remedy = f"Sebutkan folder buku kerjanya: {' atau '.join(own)}" if own else f"Buat dahulu dengan: {maker}"
    raise UsageProblem(f"{none} di {folder}.", remedy)


def is_terminal() -> bool:
    """Whether somebody is there who can be asked."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def agreed(question: str, *, enter: bool = False) -> bool:
    """The answer on the terminal, `enter` where nothing is typed. Nobody there to answer is no."""
    yes, no = ("y", "ya", "yes"), ("t", "tidak", "n", "no")
    asked = f"{question} [{'Enter = ya, t = tidak' if enter else 'y = ya, Enter = tidak'}] "
    while True:
        try:
            answer = input(asked).strip().casefold()
        except EOFError:
            click.echo()
            return False
        if answer in (*yes, *no, ""):
            return answer in yes if answer else enter


def say(lines: Iterable[str]) -> None:
    """Each line with what the console can show."""
    from sopkit.reports.console import printable

    for line in lines:
        click.echo(printable(line))


def echo_wrapped(line: str, indent: int) -> None:
    """A line, on a terminal broken between words, with what follows indented by so many letters."""
    width = shutil.get_terminal_size().columns - 1 if is_terminal() else 0
    if len(line) > width > 2 * indent:
        texts = textwrap.wrap(
            line, width, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False
        )  # fmt: skip
        line = "\n".join(texts)
    click.echo(line)


def leave_unfinished(unfinished: Sequence[tuple[Path, SopkitError]]) -> None:
    """Name the workbooks that could not be finished, and leave with 3; go on where there are none."""
    from sopkit.cli import crash

    for path, error in unfinished:
        click.echo(f"{path}: {crash.told(error, sys.argv[1:])}", err=True)
    if unfinished:
        sys.exit(UNFINISHED)


def moment_of(text: str | None) -> dt.datetime | None:
    """`--as-of`: ISO, or as people here write it (day, month, year); a date alone is the end of that day."""
    import re

    if text is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(text.strip()).replace(tzinfo=None)
        timed = len(text.strip()) > len("2026-11-20")
    except ValueError:
        from sopkit.register.parse import Refused, read_moment

        read = read_moment(text, "day-first")
        if isinstance(read, Refused) or not re.search(r"\d{4}", text):
            raise UsageProblem(
                f"Waktu “{text}” tidak dapat dibaca.", "Tulis seperti 2026-11-20T10:00 atau 20-11-2026 10.00."
            ) from None
        moment, timed = read.value, read.timed
    from sopkit.workcalendar import FIRST, LAST

    if not FIRST <= moment.date() <= LAST:
        raise UsageProblem(f"Waktu “{text}” di luar tahun {FIRST.year} sampai {LAST.year}.", "Tulis tahun yang benar.")
    return moment if timed else moment.replace(hour=23, minute=59, second=59)


def deliver(text: str, output: Path | None) -> None:
    """To the file named, or to standard output as UTF-8 whatever the console's encoding."""
    from sopkit.files import write_atomic

    if output is None:
        from sopkit.cli.streams import write_whole

        write_whole(text.encode("utf-8"))
        return

    write_atomic(output, text.encode("utf-8"))
    click.echo(f"Ditulis: {output}", err=True)
