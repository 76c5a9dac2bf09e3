"""What `sopkit receive` shows of the replies and of what was written: tables for a clerk, or JSON."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from sopkit.archive import folders_with_archive
from sopkit.checks.inspection import Inspected
from sopkit.cli.number import reckoning_hint
from sopkit.cli.options import FINDINGS, UNFINISHED, deliver, say
from sopkit.folders import workplace
from sopkit.language import list_text
from sopkit.receive.compare import Office, Reply, State, received
from sopkit.receive.fill import Filled, fill
from sopkit.receive.opening import carried_by
from sopkit.reports.console import make_console, printable
from sopkit.text import argument

STYLES: Mapping[State, str] = {"baru": "green", "sama": "", "berbeda": "yellow", "bentrok": "red", "ditolak": "red"}


def receive_files(
    files: Sequence[Path], inspected: Sequence[Inspected], output: Path | None, *, write: bool, form: str
) -> int:
    """Show the replies in these files and, where `write`, fill the register; the exit code."""
    offices = [_office(one, output) for one in inspected]
    found = received(carried_by(files), offices)
    replies = [reply for reply, _ in found]
    filled = []
    if form == "table":
        _show(replies)
    if write:
        for office in offices:
            own = [reply for reply, of in found if of is office]
            if done := fill(office, own):
                filled.append(done)
    if form == "json":
        data = {"replies": [_data(reply) for reply in replies], "written": [_written(one) for one in filled]}
        deliver(json.dumps(data, ensure_ascii=False, indent=2) + "\n", None)
    else:
        say(_summary(replies, filled, files, write=write))
    if any(reply.unread for reply in replies):
        return UNFINISHED
    return FINDINGS if any(reply.undecided for reply in replies) else 0


def _office(inspected: Inspected, output: Path | None) -> Office:
    place = workplace(inspected.book.path, output).output
    return Office(inspected, (place, *folders_with_archive(place)))


def _show(replies: Sequence[Reply]) -> None:
    console = make_console(sys.stdout)
    for reply in replies:
        console.print(Text(printable(f"\n{reply.source}"), style="bold"))
        about = [f"PTPP {reply.number}", f"kasus {reply.case}", f"kode {reply.code}"] if reply.number else []
        say(line for line in (reply.origin, ", ".join(about)) if line)
        say(f"! {problem}" for problem in reply.problems)
        if reply.cells:
            console.print(_table(reply))
        say(f"Catatan {one.author or 'tanpa nama'}{_about(one.about)}: {one.text}" for one in reply.comments)
        say(reply.remarks)


def _about(header: str) -> str:
    return f" pada {header}" if header else ""


def _table(reply: Reply) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", expand=True)
    for header in ("Sel", "Kolom", "Di register", "Di balasan", "Keadaan"):
        table.add_column(header, overflow="fold", ratio=None if header == "Sel" else 2)
    for one in reply.cells:
        state = "; ".join((one.state, *one.notes))
        texts = (one.cell, one.column.header, one.register, one.reply)
        table.add_row(*map(printable, texts), Text(printable(state), style=STYLES[one.state]))
    return table


def _summary(
    replies: Sequence[Reply], filled: Sequence[Filled], files: Sequence[Path], *, write: bool
) -> Iterator[str]:
    counts = Counter(cell.state for reply in replies for cell in reply.cells)
    said = [f"{counts[state]} {state}" for state in STYLES if counts[state]]
    yield f"\n{len(replies)} dokumen: {list_text(said) if said else 'tidak ada isian'}."
    for one in filled:
        yield f"{one.cells} sel ditulis ke {one.path} dan sudah dibaca ulang. Cadangan: {one.backup}"
        yield from reckoning_hint(one.path)
        if one.gone:
            yield f"Temuan yang selesai: {list_text(f'{found.code} {found.cell}' for found in one.gone)}."
        yield from (f"Temuan baru: {found.code} {found.sheet}!{found.cell}: {found.message}" for found in one.new)
    waiting = sum(len(reply.edits) for reply in replies)
    if waiting and not write:
        named = " ".join(argument(str(file)) for file in files)
        yield f"Tulis {waiting} nilai baru dengan: sopkit receive {named} --write"
    if any(reply.undecided for reply in replies):
        yield "Yang ditandai !, berbeda, bentrok, atau ditolak tidak ditulis: periksa, lalu isi sendiri bila benar."


def _data(reply: Reply) -> Mapping[str, Any]:
    cells = [
        {
            "sheet": one.sheet, "cell": one.cell, "column": one.column.header, "state": one.state,
            "register": one.register, "reply": one.reply, "notes": list(one.notes), "writable": one.writable,
        }
        for one in reply.cells
    ]  # fmt: skip
    comments = [{"author": c.author, "date": c.date, "text": c.text, "column": c.about} for c in reply.comments]
    return {
        "source": reply.source, "origin": reply.origin, "number": reply.number, "case": reply.case,
        "code": reply.code, "problems": list(reply.problems), "remarks": list(reply.remarks),
        "cells": cells, "comments": comments,
    }  # fmt: skip


def _written(filled: Filled) -> Mapping[str, Any]:
    gone, new = (
        [{"code": one.code, "sheet": one.sheet, "cell": one.cell, "message": one.message} for one in found]
        for found in (filled.gone, filled.new)
    )
    place = {"register": str(filled.path), "backup": str(filled.backup), "cells": filled.cells}
    return place | {"gone": gone, "new": new}
