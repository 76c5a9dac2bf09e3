"""The dialogue of `sopkit adopt`: what stands in a workbook, what it is taken for, and what only people know."""

from __future__ import annotations

import copy
import datetime as dt
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sopkit.cli.options import FINDINGS, UNFINISHED, is_terminal, say
from sopkit.errors import SopkitError

if TYPE_CHECKING:
    from sopkit.adopt.decided import Decided
    from sopkit.adopt.propose import Proposal
    from sopkit.adopt.questions import Option, Question
    from sopkit.register.tables import Register

WIDEST = 100
LATER, BACK = "0", "u"
HELP = "0 = nanti saja, u = ulangi pertanyaan sebelumnya, Ctrl+C = berhenti"


def adopt_book(book: Path, output: Path | None) -> None:
    """Propose the layout of a workbook, ask what is open where somebody is there to answer, and write it.

    Leaves with 1 where something is missing, and with 3 where the dialogue was broken off.
    """
    from sopkit.adopt.decided import read_decided
    from sopkit.adopt.propose import propose
    from sopkit.adopt.questions import next_question
    from sopkit.register.layout import layout_path

    target = output or layout_path(book)
    today = dt.date.today()
    decided = read_decided(target)
    proposal = propose(book, decided, today)
    asks = is_terminal()
    stopped = False
    if asks:
        say(_overview(proposal))
        if decided.text and next_question(proposal, ()):
            say(["", f"Jawaban yang sudah ada di {target} tetap dipakai; ini yang masih terbuka."])
        proposal, stopped = _dialogue(proposal, today, target)
    _conclude(proposal, target, asks=asks, stopped=stopped)


def _dialogue(proposal: Proposal, today: dt.date, target: Path) -> tuple[Proposal, bool]:
    """The proposal after all answers, and whether it was broken off.

    Each answer is kept in the layout file at once: a window that is closed loses none.
    """
    from sopkit.adopt.propose import propose
    from sopkit.adopt.questions import next_question, open_questions

    skipped: set[str] = set()
    past: list[tuple[Decided, set[str]]] = []
    number = 0
    try:
        while question := next_question(proposal, skipped):
            number += 1
            last = number - 1 + open_questions(proposal, skipped)
            before = (copy.deepcopy(proposal.decided), set(skipped))
            answer = _ask(question, f"[{number}/{last}] ", bool(past))
            if answer == BACK:
                decided, skipped = past.pop()
                number -= 2
            else:
                past.append(before)
                decided = proposal.decided
                if isinstance(answer, str):
                    skipped.add(question.key)
                else:
                    answer.decide(decided)
                    skipped.add(question.key)  # what an answer leaves open is not asked twice in a row
            proposal = propose(proposal.path, decided, today, proposal.tables)
            with suppress(SopkitError):  # at the end it is written again, and what is wrong is said
                _keep(proposal, target, asks=True)
    except (click.Abort, KeyboardInterrupt):
        click.echo()
        return propose(proposal.path, proposal.decided, today, proposal.tables), True
    return proposal, False


def _ask(question: Question, number: str, can_go_back: bool) -> Option | str:
    """The answer, or `LATER` or `BACK`."""
    while True:
        click.echo()
        _print_question(question, number)
        while True:
            typed = click.prompt(_prompt(question), default="", show_default=False, prompt_suffix="").strip()
            if typed == LATER or (typed.casefold() == BACK and can_go_back):
                return typed.casefold()
            option = _option(question, typed)
            if option:
                break
            say([f"  Tulis nomor 1 sampai {len(question.options)}{question.hint}.", f"  {HELP}."])
        if option.then is None:
            return option
        question, number = option.then(), " " * len(number)


def _option(question: Question, typed: str) -> Option | None:
    if not typed:
        return question.options[0] if question.has_best else None
    if typed.isascii() and typed.isdigit():
        return question.options[int(typed) - 1] if 0 < int(typed[:4]) <= len(question.options) else None
    return question.free(typed) if question.free else None


def _print_question(question: Question, number: str) -> None:
    indent, width = " " * len(number), _width()
    for at, line in enumerate(question.lines):
        say(textwrap.wrap(line, width, initial_indent=indent if at else number, subsequent_indent=indent) or [""])
    for at, option in enumerate(question.options, 1):
        hanging = f"{indent}{at:>3}  "
        say(textwrap.wrap(option.label, width, initial_indent=hanging, subsequent_indent=" " * len(hanging)))


def _prompt(question: Question) -> str:
    best = ", Enter = 1" if question.has_best else ""
    return f"Pilih 1-{len(question.options)}{best}{question.hint} (0 nanti, u ulangi): "


def _width() -> int:
    return min(shutil.get_terminal_size((80, 24)).columns, WIDEST) - 1


def _overview(proposal: Proposal) -> Iterator[str]:
    """Each header with sample values and what it is taken for."""
    from sopkit.register.layout import plain
    from sopkit.register.schema import SHEETS

    for plan in SHEETS:
        for sheet in proposal.chosen.get(plan.name, ())[:1]:
            names = ", ".join(one.name for one in proposal.chosen[plan.name])
            rows = sum(len(one.rows) for one in proposal.chosen[plan.name])
            yield ""
            yield f"Lembar {names} sebagai {plan.name}: {rows} baris, judul kolom di baris {sheet.row}"
            matches = proposal.matches[plan.name]
            if all(match.column and plain(match.column.header) == plain(match.heading.text) for match in matches):
                yield "  semua judul kolomnya dikenali"
            else:
                yield from _table(proposal, matches)
    if proposal.steps:
        yield ""
        yield f"Langkah SOP sebagai kolom: langkah {', '.join(map(str, sorted(proposal.steps)))}"


def _table(proposal: Proposal, matches: Sequence[object]) -> Iterator[str]:
    from sopkit.adopt.match import Match
    from sopkit.adopt.write import shortened

    width = _width()
    first, last = width * 3 // 10, width * 3 // 10
    middle = width - first - last - 5

    def row(*cells: str) -> str:
        sizes = (first, middle, last)
        return "  ".join(shortened(cell, size).ljust(size) for cell, size in zip(cells, sizes, strict=True)).rstrip()

    yield row("Judul kolom", "Contoh isi", "Diartikan sebagai")
    yield row("-" * first, "-" * middle, "-" * last)
    for match in matches:
        assert isinstance(match, Match)
        samples = "; ".join(shortened(text, 20) for text in match.heading.samples())
        yield row(match.heading.text, samples, _meaning(proposal, match.certainty, match.column))


def _meaning(proposal: Proposal, certainty: str, column: object) -> str:
    from sopkit.register.header_synonyms import DONE

    if column is None:
        return "-"
    name = f"selesai langkah {proposal.correction}" if column == DONE else getattr(column, "header", "")
    return name if certainty == "sure" else f"? {name}"


def _conclude(proposal: Proposal, target: Path, *, asks: bool, stopped: bool) -> None:
    from sopkit.adopt.verdict import verdict_of
    from sopkit.register.layout import adopt_command
    from sopkit.register.schema import REGISTER
    from sopkit.text import argument

    book = proposal.path
    if REGISTER.name not in proposal.chosen:
        say(_unrecognised(proposal, target))
        sys.exit(UNFINISHED if stopped else FINDINGS)
    text = _keep(proposal, target, asks=asks)
    if not asks:
        say(text.splitlines())
    say(["", *_found(proposal)])
    verdict = verdict_of(proposal, text, target)
    say([f"Tata letak: {target}", verdict.read])
    if stopped:
        say(["Dihentikan; yang sudah diputuskan tersimpan.", f"Lanjutkan dengan:  {adopt_command(book)}"])
        sys.exit(UNFINISHED)
    if undecided := [*_undecided(proposal, verdict.open, asks=asks)]:
        say(["Belum diputuskan:", *_wrapped(undecided)])
    if verdict.missing:
        say(["Belum siap. Yang masih kurang:", *_wrapped(verdict.missing)])
        say([f"Setelah itu jalankan lagi:  {adopt_command(book)}"])
        sys.exit(FINDINGS)
    say(_wrapped(verdict.remarks))
    blocked, others = _blocked(proposal, verdict.register) if verdict.register else (0, 0)
    if blocked:
        say([f"Belum siap: dokumen {blocked} kasus menunggu kata yang belum diartikan itu."])
        say([f"Artikan dengan menjawab di terminal:  {adopt_command(book)}"])
        sys.exit(FINDINGS)
    if others:
        say([f"Dokumen {others} kasus menunggu isian yang salah; sopkit run menyebut selnya."])
    say([f"Siap. Jalankan:  sopkit run {argument(str(book))}"])


def _keep(proposal: Proposal, target: Path, *, asks: bool) -> str:
    """The text of the layout file, which is written where it says something new. `SopkitError` where it cannot be."""
    from sopkit.adopt.write import layout_text_of
    from sopkit.files import write_atomic

    text = layout_text_of(proposal, asks=asks)
    if not (target.is_file() and target.read_bytes() == text.encode("utf-8")):
        write_atomic(target, text.encode("utf-8"))
    return text


def _undecided(proposal: Proposal, columns: int, *, asks: bool) -> Iterator[str]:
    """A sentence each on what nobody has decided on: words of a column, history, columns that need not be there."""
    from sopkit.language import list_text
    from sopkit.text import quoted

    for key, words in proposal.undecided().items():
        yield f"Kolom {key}: belum diartikan {list_text(f'“{quoted(one.text)}” ({one.count} kali)' for one in words)}."
    if asks and proposal.until and not proposal.decided.history_asked:
        yield f"Riwayat: selama belum diputuskan, {proposal.old} kasus dari tahun-tahun sebelumnya ikut dinilai."
    if columns:
        yield f"{columns} kolom yang tidak wajib; boleh dilanjutkan nanti."


def _blocked(proposal: Proposal, register: Register) -> tuple[int, int]:
    """How many cases get no documents because of these words, and how many for other errors alone; history gets none
    anyway.
    """
    from sopkit.checks.inspection import inspect_register
    from sopkit.sop.model import load_sop
    from sopkit.text import plain, quoted

    inspected = inspect_register(register, load_sop(register.source.book.sop))
    grave = [inspected.blocking(case) for case in inspected.by_case if case not in inspected.history.numbers]
    words = {
        (key.rpartition(".")[2], plain(f"“{quoted(word.text)}”"))
        for key, several in proposal.undecided().items()
        for word in several
    }
    waiting = sum(
        any(one.column == key and text in plain(one.message) for one in found for key, text in words) for found in grave
    )
    return waiting, sum(map(bool, grave)) - waiting


def _wrapped(sentences: Sequence[str]) -> Iterator[str]:
    for sentence in sentences:
        yield from textwrap.wrap(
            sentence,
            _width(),
            initial_indent="- ",
            subsequent_indent="  ",
            break_on_hyphens=False,
            break_long_words=False,
        )


def _found(proposal: Proposal) -> Iterator[str]:
    """What was found besides the columns."""
    for name, pattern in proposal.patterns.items():
        yield f"Pola {name}: {pattern}"
    for column, words in proposal.words.items():
        said = [f"{word.text} = {word.meant}" for word in words if word.sure and word.meant and word.text != word.meant]
        if said:
            yield f"{column}: {'; '.join(said)}"


def _unrecognised(proposal: Proposal, target: Path) -> Iterator[str]:
    from sopkit.register.layout import adopt_command

    yield f"Tidak ada lembar di {proposal.path.name} yang dikenali sebagai register. Tidak ada yang ditulis."
    for sheet in proposal.tables.values():
        yield from _wrapped([f"{sheet.name}: {', '.join(heading.text for heading in sheet.headings)}"])
    yield f"Jalankan di terminal untuk memilih lembarnya:  {adopt_command(proposal.path)}"
