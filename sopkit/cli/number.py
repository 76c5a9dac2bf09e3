"""Giving documents their numbers: the dialogue of `sopkit number`, and of `sopkit run` where some have none."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from zipfile import ZipFile

import click

from sopkit.cli.options import agreed, is_terminal, say
from sopkit.errors import SopkitError

if TYPE_CHECKING:
    from pathlib import Path

    from sopkit.register.assign_numbers import Allotment
    from sopkit.register.tables import Register


def number_book(path: Path, *, yes: bool, dry_run: bool) -> None:
    """Show what lacks a number, and write the numbers unless the answer is no; `SopkitError` when it is refused."""
    from sopkit.register.assign_numbers import allot_numbers
    from sopkit.register.read import demand_cases, read_register
    from sopkit.register.write_cells import clear_left

    register = read_register(path)
    clear_left(register.source.path)
    demand_cases(register)
    allotment = allot_numbers(register)
    say(_lines(allotment))
    if not allotment.edits:
        need = "dapat diberikan sekarang" if allotment.waiting else "perlu diberikan"
        click.echo(f"Tidak ada nomor yang {need}.")
    elif dry_run:
        click.echo("Tidak ada yang ditulis.")
    else:
        _write(register, allotment, ask=sys.stdin.isatty() and not yes)


def offering(*, always: bool) -> Callable[[Register], bool]:
    """What `run` does with a register that it has read: give the numbers that are lacking, where somebody says so.

    The call tells whether the workbook was written, so that it has to be read again. `always` writes without asking.
    Otherwise a terminal asks, and anything else only names the command. What is refused is said and stops nothing.
    """

    def offer(register: Register) -> bool:
        try:
            return _offered(register, always)
        except SopkitError as refused:
            say([f"Nomor belum diberikan. {refused}"])
            return False

    return offer


def _offered(register: Register, always: bool) -> bool:
    from sopkit.register.assign_numbers import allot_numbers
    from sopkit.register.write_cells import clear_left, demand_format, demand_writable
    from sopkit.text import argument

    if not register.cases.present:
        return False
    path = register.source.path
    clear_left(path)
    allotment = allot_numbers(register)
    if not allotment.edits:
        return False
    demand_format(path)
    if not (always or is_terminal()):
        say([f"{len(allotment.edits)} nomor belum ada: sopkit number {argument(str(path))}"])
        return False
    demand_writable(path)
    say(_lines(allotment))
    return _write(register, allotment, ask=not always)


def _lines(allotment: Allotment) -> Iterator[str]:
    """What would be written where, what has to wait, and what else is lacking."""
    yield from (f"{edit.sheet}!{edit.cell}: {edit.value}" for edit in allotment.edits)
    yield from (f"Menunggu  {reason}" for reason in allotment.waiting)
    yield from (f"Isi juga  {lack}." for lack in allotment.lacking)
    yield from (f"Periksa dahulu  {odd}." for odd in allotment.odd)
    if allotment.history:
        yield f"Kasus {allotment.history} tidak diberi nomor."


def _write(register: Register, allotment: Allotment, *, ask: bool) -> bool:
    """Whether the numbers were written; where `ask`, only when the answer is yes."""
    from sopkit.register.write_cells import write_cells

    path, count = register.source.path, len(allotment.edits)
    if ask and not agreed(f"Tulis {count} nomor ke {path.name}?"):
        click.echo("Tidak ada yang ditulis.")
        return False
    backup = write_cells(path, allotment.edits, register.source.sha256)
    say([f"{count} nomor ditulis ke {path}. Cadangan: {backup}"])
    say(reckoning_hint(path))
    return True


def reckoning_hint(path: Path) -> Iterator[str]:
    """What to do in LibreOffice, where it saved the workbook that was written into: it does not reckon anew what it
    finds reckoned, as Excel does when told to.
    """
    with ZipFile(path) as package:
        saved = "docProps/app.xml" in package.namelist() and b"LibreOffice" in package.read("docProps/app.xml")
    if saved:
        yield "Di LibreOffice, tekan Ctrl+Shift+F9 sesudah membukanya: rumusnya masih menunjukkan hasil yang lama."
