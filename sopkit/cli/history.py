"""`sopkit history`, and what `sopkit verify` says of the chain."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from sopkit.checks.changes import short_link
from sopkit.cli.options import FINDINGS, deliver, moment_of, say
from sopkit.database import FILE, read_only, reading_rows
from sopkit.errors import UsageProblem
from sopkit.history import told
from sopkit.history.chain import Chain
from sopkit.history.compare import told_link
from sopkit.language import datetime_text


def show(
    book: Path | None, output: Path | None, number: str | None, person: str | None, since: str | None, form: str
) -> None:
    """The history of a workbook; exit code 1 where its chain is broken."""
    from sopkit.books import choose_one
    from sopkit.folders import workplace
    from sopkit.register.own_folder import folder_of
    from sopkit.register.read import read_register

    path = choose_one(book)
    folder = folder_of(read_register(path), workplace(path, output).output)
    if folder is None or not (folder / FILE).is_file():
        raise UsageProblem(f"Belum ada riwayat {path}.", f"Jalankan dahulu: sopkit run {path}")
    first = moment_of(since)
    wanted = told.Wanted(number, person, first.replace(hour=0, minute=0, second=0) if first else None)
    with reading_rows(folder / FILE), read_only(folder / FILE) as connection:
        history = list(told.told(Chain(connection), wanted))
    if form != "text":
        deliver(told.to_json(history) if form == "json" else told.to_csv(history), None)
    else:
        say(told.lines(history) if history else ["Tidak ada perubahan yang diminta."])
    whole, verdict = chain_text(folder / FILE)
    if form == "text" or not whole:
        click.echo(verdict, err=form != "text")
    if not whole:
        sys.exit(FINDINGS)


def chain_text(path: Path) -> tuple[bool, str]:
    """Whether the chain in an archive is whole, and the sentence that says so or where it breaks."""
    with reading_rows(path), read_only(path) as connection:
        chain = Chain(connection)
        tip, broken, link = chain.tip(), chain.broken(), told_link(path.parent)
        lost = bool(link) and chain.find(link) is None
    if broken:
        return False, f"Riwayat putus: pemeriksaan ke-{broken[0]} {broken[1]}."
    if lost:
        told_of = f"tidak memuat tautan {short_link(link)} yang tercatat di temuan.json"
        return False, f"Riwayat {told_of}: arsipnya pernah hilang, dipotong, atau diganti."
    if tip is None:
        return True, "Riwayat belum dimulai; sopkit run mencatatnya."
    return True, f"Riwayat utuh: {tip.number} pemeriksaan, tautan terakhir {short_link(tip.link)}."


def checked_as(code: str, path: Path) -> str:
    """The check whose link is printed so; empty where the chain has none."""
    plainly = re.sub(r"[\s-]", "", code).lower()
    if not re.fullmatch(r"[0-9a-f]{8,64}", plainly):
        return ""
    with reading_rows(path), read_only(path) as connection:
        entry = Chain(connection).find(plainly)
    if entry is None:
        return ""
    last = entry.last
    return f"Tautan riwayat pemeriksaan ke-{last.number}, {datetime_text(last.moment)}, {last.file}."
