"""What the clerk sees in the terminal: findings, the summary, and progress.

Nothing here needs more than the letters of cp1252: rules are hyphens and there are no boxes, so the same text serves
a Windows console, a pipe and a log. Cell values are printed as they are; markup and control characters in them do
nothing.
"""

from __future__ import annotations

import io
import os
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sopkit import language
from sopkit.checks.catalogue import Finding, Severity
from sopkit.checks.inspection import Inspected
from sopkit.reports.findings import place_text, standing_text
from sopkit.text import SHOWABLE

if TYPE_CHECKING:
    from sopkit.reports.statistics import Totals

PIPED_WIDTH = 100  # columns where there is no terminal that says its own
MOST_PLACES = 40  # explained findings whose places are named
MOST = 1000  # findings of one severity that a person could still read on a screen
OPEN = "Buku kerja sedang dibuka; yang dibaca ialah yang terakhir disimpan."
VALUES_ONLY = (
    "Dari buku kerja .xls dan .xlsb hanya nilainya yang dibaca: rumus, sel galat seperti #REF!, sel gabungan, dan "
    "baris tersembunyi tidak terlihat. Simpan Sebagai .xlsx agar semuanya diperiksa."
)
NO_CASES = "Register belum berisi layanan tidak sesuai."
WIDE = 100  # from here on a finding is a row of a table; below it is a short paragraph
LOCKS = ("~$", ".~lock.")  # files that Excel and LibreOffice lay beside a workbook that is open
STYLES = {
    Severity.ERROR: "bold red",
    Severity.BREACH: "yellow",
    Severity.WARNING: "cyan",
    Severity.NOTE: "dim",
}
MEANINGS = {
    Severity.ERROR: "harus diperbaiki; dokumen kasusnya belum dibuat",
    Severity.BREACH: "SOP tidak diikuti atau catatan belum lengkap",
    Severity.WARNING: "kemungkinan keliru atau segera jatuh tempo",
    Severity.NOTE: "untuk diketahui",
}


Tick = Callable[[int, int], None]
"""How many are done, and of how many."""


def make_console(stream: IO[str] | TextIO | None = None) -> Console:
    """A console on `stream` (standard output) that never fails on a letter that its encoding lacks.

    Colour only on a terminal and without NO_COLOR; in a pipe the width is COLUMNS or 100.
    """
    stream = stream or sys.stdout
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None and not str(getattr(stream, "encoding", "")).lower().startswith("utf"):
        reconfigure(errors=SHOWABLE)
    width = None if stream.isatty() or os.environ.get("COLUMNS", "").isdigit() else PIPED_WIDTH
    return Console(file=stream, width=width, highlight=False, emoji=False, markup=False, soft_wrap=False)


def print_findings(inspected: Inspected | Sequence[Inspected], console: Console) -> None:
    """Every finding, worst first; within a severity in the order of the workbook."""
    several = [inspected] if isinstance(inspected, Inspected) else list(inspected)
    for each in several:
        if len(several) > 1:
            console.print(_heading(each.book.path.as_posix(), console))
        for severity in Severity:
            found = [f for f in each.findings if f.severity is severity]
            if found:
                _print_group(severity, found, console)


def findings_text(inspected: Inspected | Sequence[Inspected]) -> str:
    """The same as plain text, 100 columns wide."""
    out = io.StringIO()
    print_findings(inspected, Console(file=out, width=PIPED_WIDTH, highlight=False, emoji=False, markup=False))
    return out.getvalue()


def print_summary(inspected: Inspected | Sequence[Inspected], console: Console) -> None:
    """The verdict of each workbook in a sentence, its counts and its main figures."""
    from sopkit.register.read import without_cases
    from sopkit.reports.statistics import (
        closed_text,
        counts_text,
        days_text,
        history_text,
        measure,
        outdated_text,
        percent,
        steps_text,
        target_text,
        total,
        verdict,
    )

    for each in [inspected] if isinstance(inspected, Inspected) else inspected:
        numbers = total(measure(each))
        console.print(_heading(each.book.path.name, console))
        if any(name.startswith(LOCKS) for name in each.register.source.open_elsewhere):
            console.print(OPEN)
        if each.register.source.format in ("xls", "xlsb"):
            console.print(VALUES_ONLY)
        if not each.register.cases.present:
            console.print(Text(printable(without_cases(each.register)), style="bold"))
            continue
        empty = not len(each.register.cases.read) and not each.failed
        console.print(Text(NO_CASES if empty else verdict(each), style="bold"))
        if outdated := outdated_text(each, str(each.book.path)):
            console.print(Text(printable(outdated)))
        if history := history_text(each):
            console.print(Text(history))
        if unrecorded := steps_text(each):
            console.print(Text(unrecorded))
        table = _table()
        table.add_column()
        table.add_column(overflow="fold")
        table.add_row("Temuan", counts_text(each.summary))
        table.add_row("Kasus", _cases_text(numbers))
        doubted = f"; {closed_text(numbers)}" if numbers.flawed else ""
        table.add_row("Penyelesaian", f"{percent(numbers.closing_rate)} kasus selesai{doubted}")
        in_target = f"{percent(numbers.target_rate)} {target_text(numbers)}"
        table.add_row("Dalam target", f"{in_target}; sampai diverifikasi {days_text(numbers.days)} (median)")
        on_time = f"{percent(numbers.on_time_rate)} dari {language.number_text(numbers.finished)} langkah"
        table.add_row("Tepat waktu", "tidak diketahui" if each.register.without_steps else on_time)
        table.add_row("Waktu acuan", language.datetime_text(each.as_of))
        console.print(table)


@contextmanager
def progress(console: Console, label: str) -> Iterator[Tick]:
    """A counter on a terminal, silence elsewhere. Call what it yields with how many are done, and of how many."""
    if not console.is_terminal:
        yield lambda done, whole: None
        return
    from rich.progress import Progress, TextColumn

    # No bar and no spinner: they need letters that a console may lack.
    count = TextColumn("{task.completed:.0f}/{task.total:.0f}")
    with Progress(TextColumn("{task.description}"), count, console=console, transient=True) as shown:
        task = shown.add_task(label, total=0)
        yield lambda done, whole: shown.update(task, completed=done, total=whole)


def printable(value: object) -> str:
    """A value without control characters, so that no cell can move the cursor or colour the screen."""
    text = "" if value is None else str(value)
    return "".join(c if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs") else " " for c in text)


def _print_group(severity: Severity, found: Sequence[Finding], console: Console) -> None:
    told = [each for each in found if each.explained]
    found = [each for each in found if not each.explained]
    aside = f", {language.number_text(len(told))} lagi {standing_text(told[0])}" if told else ""
    title = f"{severity.indonesian.capitalize()} ({language.number_text(len(found))}{aside}): {MEANINGS[severity]}"
    console.print()
    console.print(Text(title, style=STYLES[severity]))
    shown = found[:MOST]
    if shown and console.width >= WIDE:
        console.print(_finding_table(shown, severity))
    elif shown:
        _print_paragraphs(shown, severity, console)
    if len(found) > MOST:
        left = language.number_text(len(found) - MOST)
        console.print(Text(f"... dan {left} {severity.indonesian} lagi; lihat semuanya dengan --format csv."))
    if told:
        console.print(indented(printable(f"Sudah {standing_text(told[0])} pada kolom Keterangan: {_places(told)}.")))


def _places(found: Sequence[Finding]) -> str:
    """`W05 Langkah!D2 (001/CLTS/XI/2026); W07 …`, cut where it would fill the screen."""
    by_code: dict[str, list[str]] = {}
    for each in found[:MOST_PLACES]:
        case = f" ({each.case})" if each.case else ""
        by_code.setdefault(each.code, []).append(f"{place_text(each)}{case}")
    places = "; ".join(f"{code} {', '.join(by_code[code])}" for code in sorted(by_code))
    left = len(found) - MOST_PLACES
    return f"{places}; dan {language.number_text(left)} lagi" if left > 0 else places


def _finding_table(found: Iterable[Finding], severity: Severity) -> Table:
    table = _table(header=True)
    table.add_column("Sel", overflow="fold", max_width=22, style=STYLES[severity])
    table.add_column("Kode", no_wrap=True)
    table.add_column("Kasus", overflow="fold", max_width=20)
    table.add_column("Temuan", overflow="fold", ratio=3)
    table.add_column("Cara memperbaiki", overflow="fold", ratio=2)
    for each in found:
        cells = (place_text(each), each.code, each.case or "", each.message, each.fix)
        table.add_row(*(Text(printable(cell)) for cell in cells))
    return table


def _print_paragraphs(found: Iterable[Finding], severity: Severity, console: Console) -> None:
    for each in found:
        head = Text(f"{place_text(each)}  {each.code}", style=STYLES[severity])
        if each.case:
            head.append(f"  {printable(each.case)}", style="default")
        console.print(head)
        for text in (each.message, f"> {each.fix}"):
            console.print(indented(printable(text)))


def indented(text: str) -> Table:
    """A paragraph set in by two blanks, its further lines too."""
    grid = Table.grid(padding=0)
    grid.add_column(width=2)
    grid.add_column(overflow="fold")
    grid.add_row("", Text(text))
    return grid


def _cases_text(numbers: Totals) -> str:
    """What is recorded is closed, open or cancelled; the late ones are open."""
    return language.list_text(
        f"{language.number_text(count)} {word}"
        for count, word in (
            (numbers.cases, "tercatat"),
            (numbers.closed, "selesai"),
            (numbers.open, "terbuka"),
            (numbers.overdue, "terlambat"),
            (numbers.cancelled, "batal"),
        )
        if count or word != "batal"
    )


def _heading(text: str, console: Console) -> Text:
    shown = printable(text)
    rule = "-" * min(len(shown), console.width)
    return Text(f"\n{shown}\n{rule}", style="bold", overflow="fold")


def _table(header: bool = False) -> Table:
    return Table(box=None, show_header=header, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", expand=header)
