"""What a person is asked about a workbook, one question at a time, and what becomes of each answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from sopkit.adopt.decided import Decided
from sopkit.adopt.evidence import AGAINST, evidence, profile
from sopkit.adopt.match import Match
from sopkit.adopt.propose import Proposal, Word, is_alike
from sopkit.adopt.tables import Heading, Sheet
from sopkit.adopt.write import dispensable, shareable, shortened
from sopkit.language import date_text, list_text
from sopkit.register.header_synonyms import DONE
from sopkit.register.layout import plain
from sopkit.register.parse import Moment, read_moment
from sopkit.register.schema import EXTENDABLE, REGISTER, SHEETS, Column, Kind, SheetPlan

SAMPLE, MOST_SAMPLES = 60, 3
SHOWN_LIST = 15


@dataclass(frozen=True)
class Option:
    """An answer: what it says, and what it decides; `then` is a further question instead."""

    label: str
    decide: Callable[[Decided], None] = lambda decided: None
    then: Callable[[], Question] | None = None


@dataclass(frozen=True)
class Question:
    """`key` tells it from all others; the first option is taken with Enter unless `plain` says there is no best."""

    key: str
    lines: Sequence[str]
    options: Sequence[Option]
    has_best: bool = True
    free: Callable[[str], Option | None] | None = None  # an answer in words that is no number
    hint: str = ""


def next_question(proposal: Proposal, skipped: Collection[str]) -> Question | None:
    """The first that is open and was not put off; None when nothing is."""
    return next((question for question in _questions(proposal) if question.key not in skipped), None)


def open_questions(proposal: Proposal, skipped: Collection[str]) -> int:
    """How many are left."""
    return sum(question.key not in skipped for question in _questions(proposal))


def _questions(proposal: Proposal) -> Iterator[Question]:
    if REGISTER.name not in proposal.chosen:
        yield _which_sheet(proposal)
        return
    for plan, match in proposal.asked():
        yield _which_column(proposal, plan, match)
    for plan in SHEETS:
        if plan.name in proposal.chosen:
            yield from (_which_header(proposal, plan, column) for column in proposal.wanted(plan))
    for key, words in proposal.words.items():
        yield from (_what_meant(proposal, key, word) for word in words if not word.sure)
    if proposal.until and not proposal.decided.history_asked:
        yield _how_far_back(proposal, proposal.until)
    if unplaced := proposal.unplaced():
        yield _not_kept(unplaced)


def _which_sheet(proposal: Proposal) -> Question:
    def take(sheet: Sheet) -> Option:
        names = tuple(one.name for one in proposal.tables.values() if one is sheet or is_alike(sheet, one))
        heads = shortened(", ".join(heading.text for heading in sheet.headings), SAMPLE)
        return Option(f"{sheet.name}: {heads}", lambda decided: decided.sheets.update({REGISTER.name: names}))

    options = [*map(take, proposal.tables.values())]
    return Question("register", ["Lembar mana yang memuat register (satu baris untuk satu kasus)?"], options, False)


def _which_column(proposal: Proposal, plan: SheetPlan, match: Match) -> Question:
    heading = match.heading
    lines = [_of_sheet(proposal, plan, f"Kolom “{heading.text}” (sel {heading.cell})"), *_samples(heading)]
    options = [_as_column(proposal, plan, heading, column) for column in match.answers]
    rest = [c for c in _free(proposal, plan) if c not in match.answers and _can_be(heading, c)]
    if rest:
        others = [_as_column(proposal, plan, heading, column) for column in rest]
        options.append(Option("kolom lain …", then=lambda: Question(f"{heading.cell} lain", lines, others, False)))
    options.append(_unused(plan, heading))
    return Question(f"{plan.name} {plain(heading.text)}", lines, options)


def _of_sheet(proposal: Proposal, plan: SheetPlan, text: str) -> str:
    sheets = proposal.chosen[plan.name]
    return text if plan is REGISTER and len(sheets) == 1 else f"{text}, lembar {sheets[0].name}"


def _samples(heading: Heading) -> list[str]:
    shown = [shortened(text, SAMPLE) for text in heading.samples(MOST_SAMPLES)]
    return [f"contoh isi: {'; '.join(shown)}" if shown else "kolom ini masih kosong"]


def _as_column(proposal: Proposal, plan: SheetPlan, heading: Heading, column: Column) -> Option:
    if column == DONE:
        number, header = proposal.correction, heading.text
        steps = {number: {"Selesai": header}}
        return Option(f"tanggal selesai langkah {number} (perbaikan)", lambda decided: decided.steps.update(steps))
    label = f"{column.header} (wajib)" if column.required else column.header
    return Option(label, lambda decided: decided.decide(plan, heading.text, column.header))


def _unused(plan: SheetPlan, heading: Heading) -> Option:
    return Option("tidak dipakai", lambda decided: decided.decide(plan, heading.text, None))


def _free(proposal: Proposal, plan: SheetPlan) -> list[Column]:
    return [column for column in plan.columns if column not in proposal.placed(plan)]


def _can_be(heading: Heading, column: Column) -> bool:
    return evidence(profile(heading, ()), column) > AGAINST


def _which_header(proposal: Proposal, plan: SheetPlan, column: Column) -> Question:
    """A required column that no header stands for: those that are not used, and those of columns that one can spare."""
    matches = proposal.matches[plan.name]
    spare = [match for match in matches if match.column is None or _can_spare(match.column, column)]
    fitting = [match for match in spare if match.heading.values and _can_be(match.heading, column)]
    fitting.sort(key=lambda match: match.column is not None)

    def take(match: Match) -> Option:
        now = f", kini {match.column.header}" if match.column else ""
        shown = shortened("; ".join(match.heading.samples(2)), 30)
        label = f"{match.heading.text} (sel {match.heading.cell}: {shown}){now}"
        return Option(label, lambda decided: decided.decide(plan, match.heading.text, column.header))

    what = "Kolom wajib" if column.required else "Kolom"
    lines = [
        _of_sheet(proposal, plan, f"{what} “{column.header}” belum ada padanannya"),
        "Kolom mana di buku kerja Anda yang memuatnya?",
    ]
    nothing = Option("tidak ada; kolom itu akan ditambahkan di buku kerja", lambda decided: None)
    options = [*_of_both(proposal, plan, column), *map(take, fitting)]
    if dispensable(plan, column):
        options.append(
            Option(
                "tidak ada pada register ini; dokumen dibuat tanpa isian itu",
                lambda decided: decided.leave_out(plan, column.header),
            )
        )
    return Question(f"{plan.name} wajib {column.header}", lines, [*options, nothing], False)


def _of_both(proposal: Proposal, plan: SheetPlan, column: Column) -> Iterator[Option]:
    """For a date that has no column of its own: each date that has one, for both."""
    for first in shareable(proposal, plan, column):
        heading = proposal.placed(plan)[first]
        label = f"{heading.text} (sel {heading.cell}) untuk keduanya: {first.header} dan {column.header}"
        yield Option(label, partial(_share, plan, heading.text, first.header, column.header))


def _share(plan: SheetPlan, header: str, first: str, second: str, decided: Decided) -> None:
    decided.share(plan, header, first, second)


def _can_spare(placed: Column, wanted: Column) -> bool:
    """Whether a column that is taken for another may be the required one instead: of the same kind, and not needed."""
    moments = (Kind.DATE, Kind.DATETIME)
    alike = placed.kind in (wanted.kind, Kind.TEXT) or (placed.kind in moments and wanted.kind in moments)
    return not placed.required and alike


def _what_meant(proposal: Proposal, key: str, word: Word) -> Question:
    def take(value: str) -> Option:
        return Option(value, lambda decided: decided.values.setdefault(key, {}).update({word.text: value}))

    known = list(dict.fromkeys([*([word.meant] if word.meant else []), *proposal.lists[key]]))[:SHOWN_LIST]
    options = [*map(take, known), Option("biarkan; belum diartikan", take("").decide)]
    if key.rpartition(".")[2] in EXTENDABLE and word.text not in known:
        own = Option(f"{word.text} (nama yang dipakai kantor ini)", take(word.text).decide)
        options.insert(1 if word.meant else 0, own)
    text = f"Kolom “{key}” berisi “{shortened(word.text, SAMPLE)}” ({word.count} kali). Apa artinya?"
    return Question(f"{key} {plain(word.text)}", [text], options, bool(word.meant))


def _not_kept(columns: Sequence[Column]) -> Question:
    def leave_out(decided: Decided) -> None:
        for column in columns:
            decided.leave_out(REGISTER, column.header)

    lines = [
        f"{len(columns)} kolom sopkit tidak ada padanannya: {list_text(column.header for column in columns)}.",
        "Apakah register ini memang tidak mencatatnya?",
    ]
    options = [
        Option("ya; isinya tidak ditagih, dan dokumen dibuat tanpanya", leave_out),
        Option("tidak; kolomnya akan ditambahkan, dan sampai saat itu diingatkan"),
    ]
    return Question("tanpa padanan", lines, options)


def _how_far_back(proposal: Proposal, until: dt.date) -> Question:
    def take(day: dt.date | None) -> Callable[[Decided], None]:
        def decide(decided: Decided) -> None:
            decided.history, decided.history_asked = day, True

        return decide

    def typed(text: str) -> Option | None:
        moment = read_moment(text, "day-first")
        return Option(text, take(moment.value.date())) if isinstance(moment, Moment) else None

    lines = [
        f"{proposal.old} kasus ditemukan sebelum {until.year + 1}. Kasus lama dapat dijadikan riwayat: dibaca dan "
        "direkap, tetapi tidak dinilai terhadap SOP. Sampai tanggal berapa?",
    ]
    options = [
        Option(f"sampai {date_text(until)}", take(until)),
        Option("tidak; semua kasus dinilai", take(None)),
    ]
    return Question("riwayat", lines, options, free=typed, hint=", atau tulis tanggal lain")
