"""What a layout of a foreign workbook should say: sheets, columns, steps, numbers, history, words; and its doubts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sopkit.adopt.decided import Decided
from sopkit.adopt.evidence import FEW, FEWEST, profile
from sopkit.adopt.infer_patterns import Numbered, fits, infer_patterns
from sopkit.adopt.match import MOST_ANSWERS, Match, is_form, match_headings
from sopkit.adopt.tables import Heading, Sheet, read_tables
from sopkit.errors import SopkitError
from sopkit.folders import OFFICE_BOOK
from sopkit.register.header_synonyms import DONE, name_scores, vocabulary
from sopkit.register.layout import plain
from sopkit.register.parse import Custom, read_column, typed_text
from sopkit.register.pattern_periods import PATTERNS
from sopkit.register.schema import (
    CHOICES,
    DISPOSALS,
    EVENTS,
    EXTENDABLE,
    GUIDE_SHEET,
    LISTS_SHEET,
    PEOPLE,
    REGISTER,
    SHEETS,
    SOP_SHEET,
    SUMMARY_SHEET,
    Cases,
    Column,
    Disposals,
    Kind,
    SheetPlan,
    is_live,
)
from sopkit.register.step_names import step_of, steps_of
from sopkit.sop.model import Sop, load_sop
from sopkit.text import nearest, spelt_alike

ALIKE = 0.75  # of the headers of two sheets: they are of one kind
RECOGNISED = 2.0  # worth of a sheet's columns from which it stands for a canonical one
LEAST_KNOWN = 0.5  # share of required columns
LONGEST_LIST = 40  # different words of a column that an office could have as a list of its own
CLEAR = ("Status", "Kategori", "Ya/Tidak", "Sumber", "Hasil")
"""Lists of which the words of offices can mean nothing else."""
_BESIDE = ("actor", "outcome", "remark")  # what a step says besides its times
OWN_SHEETS = (LISTS_SHEET, SOP_SHEET, GUIDE_SHEET, SUMMARY_SHEET)
NUMBERED = {Cases.number: "No. Catatan", Cases.ptpp_number: "No. PTPP", Disposals.number: "No. BA"}
DATED = {
    Cases.number: (Cases.found_at,),
    Cases.ptpp_number: (Cases.ptpp_date, Cases.found_at),
    Disposals.number: (Disposals.date,),
}


@dataclass(frozen=True)
class Word:
    """A word of the office in a column of a list: `meant` is the value, `sure` whether nobody need be asked."""

    text: str
    count: int
    meant: str
    sure: bool


@dataclass(frozen=True)
class Proposal:
    """All that the layout of a workbook is to say, and what is still open."""

    path: Path
    decided: Decided
    tables: Mapping[str, Sheet]
    chosen: Mapping[str, Sequence[Sheet]]
    matches: Mapping[str, Sequence[Match]]
    steps: Mapping[int, Mapping[str, str]]
    correction: int  # number of the step that DONE is the finish of; 0 where the SOP has none
    patterns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Sequence[Word]] = field(default_factory=dict)
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)  # column as above -> values of its list
    old: int = 0  # cases of earlier years
    until: dt.date | None = None  # the last day of history that is proposed
    office: str = ""

    @property
    def is_wide(self) -> bool:
        return bool(self.steps)

    def placed(self, plan: SheetPlan) -> Mapping[Column, Heading]:
        """Column -> its header, of those that are decided or sure; one header may stand for two dates."""
        found = {
            match.column: match.heading
            for match in self.matches.get(plan.name, ())
            if match.column and match.certainty == "sure"
        }
        columns = {column.header: column for column in plan.columns}
        shared = {columns[own]: columns[first] for own, first in self.decided.shared.get(plan.name, {}).items()}
        return found | {own: found[first] for own, first in shared.items() if first in found and own not in found}

    def asked(self) -> list[tuple[SheetPlan, Match]]:
        """The headers that somebody must decide on."""
        return [
            (plan, match) for plan in SHEETS for match in self.matches.get(plan.name, ()) if match.certainty == "asked"
        ]

    def lacking(self, plan: SheetPlan) -> list[Column]:
        """Required columns that no header stands for, not even perhaps."""
        found = {match.column for match in self.matches.get(plan.name, ())} | self.placed(plan).keys()
        left_out = self.decided.absent.get(plan.name, ())
        return [c for c in plan.columns if c.required and c not in found and c.header not in left_out]

    def wanted(self, plan: SheetPlan) -> list[Column]:
        """The same, and the date without which the PTPP that have a number cannot be made."""
        found = {match.column for match in self.matches.get(plan.name, ())} | self.placed(plan).keys()
        numbered = plan is REGISTER and Cases.ptpp_number in found and Cases.ptpp_date not in found
        dated = numbered and Cases.ptpp_date.header not in self.decided.absent.get(plan.name, ())
        return [*self.lacking(plan), *([Cases.ptpp_date] if dated else [])]

    def unplaced(self) -> list[Column]:
        """Columns of Register that need not be there, and that no header stands for, not even perhaps."""
        perhaps = {column for plan, match in self.asked() if plan is REGISTER for column in match.answers}
        found, left_out = self.placed(REGISTER).keys() | perhaps, self.decided.absent.get(REGISTER.name, ())
        free = [c for c in REGISTER.columns if not c.required and c not in found and c.header not in left_out]
        return [c for c in free if c != Cases.remark and c not in self.wanted(REGISTER)]

    def undecided(self) -> Mapping[str, Sequence[Word]]:
        """Column -> the words in it of which nobody has said what they mean."""
        words = {key: [one for one in found if not (one.sure and one.meant)] for key, found in self.words.items()}
        return {key: found for key, found in words.items() if found}

    def absent(self) -> list[SheetPlan]:
        """Sheets that sopkit needs and that are nowhere; an office that destroys nothing has no BA."""
        needed = (REGISTER, PEOPLE) if self.is_wide else (REGISTER, EVENTS, PEOPLE)
        return [plan for plan in needed if plan.name not in self.chosen and not self._of_office(plan)]

    def _of_office(self, plan: SheetPlan) -> bool:
        if not self.office:
            return False
        return any(plain(name) == plain(plan.name) for name in office_sheets(self.path.with_name(self.office)))


def office_sheets(book: Path) -> Mapping[str, Sheet]:
    """The tables of the office's workbook; none where it cannot be read."""
    try:
        return read_tables(book, vocabulary().headers)
    except SopkitError:
        return {}


def propose(path: Path, decided: Decided, today: dt.date, tables: Mapping[str, Sheet] | None = None) -> Proposal:
    """The proposal that keeps what is decided. `SopkitError` when the file cannot be read or holds no table at all."""
    tables = read_tables(path, vocabulary().headers) if tables is None else tables
    if not tables:
        raise SopkitError(f"{path.name} tidak memuat tabel dengan judul kolom.", "Pilih berkas Excel registernya.")
    office = decided.office or (
        OFFICE_BOOK if path.with_name(OFFICE_BOOK).is_file() and path.name != OFFICE_BOOK else ""
    )
    sop = _sop(path, decided)
    chosen = _choose(tables, decided)
    people = _people(chosen, path, office)
    headings = {name: _joined(sheets) for name, sheets in chosen.items()}
    steps = _steps(headings.get(REGISTER.name, ()), decided, sop) if EVENTS.name not in chosen else {}
    correction = sop.duty("correction")
    number = correction.number if correction else 0
    matches = {
        plan.name: _matched(plan, headings[plan.name], people, decided, steps, EVENTS.name in chosen)
        for plan in SHEETS
        if plan.name in chosen
    }
    bare = Proposal(path, decided, tables, chosen, matches, steps, number, office=office)
    return _with_values(bare, today)


def _sop(path: Path, decided: Decided) -> Sop:
    return load_sop(path.parent / decided.sop if decided.sop else None)


def _choose(tables: Mapping[str, Sheet], decided: Decided) -> dict[str, Sequence[Sheet]]:
    """Which sheets stand for which canonical one: as decided, by name, else by the headers that they share."""
    chosen: dict[str, Sequence[Sheet]] = {}
    for name, given in decided.sheets.items():
        found = [tables[title] for one in given for title in tables if plain(title) == plain(one)]
        if found:
            chosen[name] = found
    for plan in SHEETS:
        same = next((sheet for sheet in tables.values() if plain(sheet.name) == plain(plan.name)), None)
        if same and plan.name not in chosen:
            chosen[plan.name] = [same]
    for plan in (REGISTER, EVENTS, PEOPLE, DISPOSALS):
        if plan is EVENTS and REGISTER.name in chosen and REGISTER.name not in decided.sheets:
            first = chosen[REGISTER.name][0]
            alike = [sheet for sheet in _free(tables, chosen) if is_alike(first, sheet)]
            chosen[REGISTER.name] = [sheet for sheet in tables.values() if sheet is first or sheet in alike]
        free = _free(tables, chosen)
        if plan.name not in chosen and free:
            worth = {sheet.name: _worth(plan, sheet) for sheet in free}
            best = max(free, key=lambda sheet: worth[sheet.name])
            if worth[best.name] >= RECOGNISED or (plan is REGISTER and len(tables) == 1):
                chosen[plan.name] = [best]
    return chosen


def _free(tables: Mapping[str, Sheet], chosen: Mapping[str, Sequence[Sheet]]) -> list[Sheet]:
    taken = {sheet.name for sheets in chosen.values() for sheet in sheets}
    own = {plain(name) for name in OWN_SHEETS}
    return [sheet for sheet in tables.values() if sheet.name not in taken and plain(sheet.name) not in own]


def is_alike(one: Sheet, other: Sheet) -> bool:
    return len(one.known & other.known) >= ALIKE * len(one.known | other.known)


def _worth(plan: SheetPlan, sheet: Sheet) -> float:
    """How much a sheet looks like a canonical one: its sure columns, those that are perhaps one half, the required
    double; nothing for one that has too few of the required.
    """
    if plan is not REGISTER and is_form(sheet.headings):
        return 0.0
    matches = [match for match in match_headings(plan, sheet.headings, ()) if match.column in plan.columns]
    worth = [
        (1.0 if match.certainty == "sure" else 0.5) * (2 if match.column and match.column.required else 1)
        for match in matches
    ]
    needed = [column for column in plan.columns if column.required]
    share = sum(match.column in needed for match in matches) / max(1, len(needed))
    least = 0.4 if plan is REGISTER else LEAST_KNOWN
    return sum(worth) + min(len(sheet.rows), 100) / 1000 if share >= least else 0.0


def _joined(sheets: Sequence[Sheet]) -> Sequence[Heading]:
    """The headers of sheets of one kind, each once, with the values of all of them."""
    if len(sheets) == 1:
        return sheets[0].headings
    found: dict[str, list[Heading]] = {}
    for sheet in sheets:
        for heading in sheet.headings:
            found.setdefault(plain(heading.text), []).append(heading)
    return [
        Heading(ones[0].text, ones[0].cell, ones[0].column, [value for one in ones for value in one.values])
        for ones in found.values()
    ]


def _people(chosen: Mapping[str, Sequence[Sheet]], path: Path, office: str) -> Collection[str]:
    """Plain names of the people whom the office knows."""
    sheets = list(chosen.get(PEOPLE.name, ()))
    if not sheets and office:
        sheets = [s for name, s in office_sheets(path.with_name(office)).items() if plain(name) == plain(PEOPLE.name)]
    named = [m for sheet in sheets for m in match_headings(PEOPLE, sheet.headings, ()) if m.column == PEOPLE.columns[0]]
    return {plain(typed_text(value)) for match in named for value in match.heading.values}


def _steps(headings: Sequence[Heading], decided: Decided, sop: Sop) -> Mapping[int, Mapping[str, str]]:
    """Steps that stand as columns of the register: as decided, else by the SOP's names of them."""
    if decided.steps:
        return decided.steps
    dated = [heading.text for heading in headings if not heading.values or profile(heading, ()).dates >= 0.5]
    left = {plain(text) for text in decided.headers.get(REGISTER.name, {})}
    headers = [heading.text for heading in headings if plain(heading.text) not in left]
    found = {number: dict(parts) for number, parts in steps_of(headers, sop, dated).items()}
    for header in headers if found else ():  # "Hasil 9" is of step 9 where the steps stand as columns
        name = step_of(header, sop)
        part = "outcome" if name and "hasil" in plain(header).split() else name.field if name else ""
        if name and part in _BESIDE and header not in dated and str(name.number) in header:
            found.get(name.number, {}).setdefault(part, header)
    return {
        number: {EVENTS.column(part).header: text for part, text in parts.items()} for number, parts in found.items()
    }


def _matched(
    plan: SheetPlan,
    headings: Sequence[Heading],
    people: Collection[str],
    decided: Decided,
    steps: Mapping[int, Mapping[str, str]],
    has_events: bool,
) -> list[Match]:
    of_steps = {plain(text) for parts in steps.values() for text in parts.values()} if plan is REGISTER else set()
    known = decided.headers.get(plan.name, {})
    columns = {column.header: column for column in plan.columns}
    fixed: dict[str, Match] = {}
    for heading in headings:
        name = known.get(plain(heading.text), "")
        if name != "":
            fixed[heading.cell] = Match(heading, "sure", (columns[name],)) if name else Match(heading, "none")
    taken = {match.column for match in fixed.values() if match.column}
    if plan is REGISTER and (has_events or steps):
        taken.add(DONE)
    free = [h for h in headings if h.cell not in fixed and plain(h.text) not in of_steps]
    found = {match.heading.cell: _doubted(match) for match in match_headings(plan, free, people, taken)}
    whole = [fixed.get(h.cell) or found[h.cell] for h in headings if h.cell in fixed or h.cell in found]
    return [match if match.heading.cell in fixed else _with_days(plan, match, whole) for match in whole]


def _with_days(plan: SheetPlan, match: Match, all_of_them: Sequence[Match]) -> Match:
    """A column of dates that its words say nothing of may be any date that no other header stands for."""
    heading = match.heading
    if plan is not REGISTER or match.column or len(heading.values) < FEWEST or profile(heading, ()).dates < 0.7:
        return match
    if is_live(plan.name, heading.text) or (
        plain(heading.text) in vocabulary().forms and any(m.column == Cases.found_at for m in all_of_them)
    ):
        return match
    given = {other.column for other in all_of_them}
    free = [c for c in plan.columns if c.kind in (Kind.DATE, Kind.DATETIME) and c not in given]
    named = name_scores(heading.text, plan, tuple(free))
    answers = sorted(free, key=lambda column: -named[column])[:MOST_ANSWERS]
    return Match(heading, "asked", tuple(answers)) if answers else match


def _doubted(match: Match) -> Match:
    """That the day of the correction is that of a step is for people to say: it makes another kind of register."""
    return Match(match.heading, "asked", match.answers) if match.column == DONE else match


def _with_values(bare: Proposal, today: dt.date) -> Proposal:
    """The proposal with what the values say: patterns of numbers, words of lists, cases of earlier years."""
    words = dict(_words(bare))
    old, until = _history(bare, today)
    return Proposal(
        bare.path, bare.decided, bare.tables, bare.chosen, bare.matches, bare.steps, bare.correction,
        _patterns(bare), {key: found for key, (found, _) in words.items()},
        {key: known for key, (_, known) in words.items()}, old, until, bare.office,
    )  # fmt: skip


def _patterns(proposal: Proposal) -> Mapping[str, str]:
    """The patterns of [patterns], by their keys; those that are the default are left out."""
    found = dict(proposal.decided.patterns)
    for plan in (REGISTER, DISPOSALS):
        placed = proposal.placed(plan)
        for column, name in NUMBERED.items():
            if column not in placed or any(plain(key).removeprefix("pola ").startswith(plain(name)) for key in found):
                continue
            numbers = [number for sheet in proposal.chosen[plan.name] for number in _numbered(sheet, placed, column)]
            inferred = infer_patterns(numbers)
            default = PATTERNS[plain(f"Pola {name}")].default
            if inferred and (list(inferred.values()) != [default]) and fits(inferred, [n for n, _ in numbers]) >= 0.6:
                found |= {f"{name} {since}".strip(): pattern for since, pattern in inferred.items()}
    return found


def _numbered(sheet: Sheet, placed: Mapping[Column, Heading], column: Column) -> Iterator[Numbered]:
    """The numbers of a sheet, each once, with the dates of their rows."""
    at = {plain(heading.text): heading.column - sheet.grid.first_column for heading in sheet.headings}
    number = at.get(plain(placed[column].text), -1)
    days = [at[text] for day in DATED[column] if day in placed and (text := plain(placed[day].text)) in at]
    seen: set[str] = set()
    for row in sheet.rows if number >= 0 else ():
        text = typed_text(row[number]).strip()
        if text and text not in seen:
            seen.add(text)
            yield text, next((day for place in days if (day := day_of(row[place]))), None)


def day_of(value: object) -> dt.date | None:
    """The day that a cell says, None where it says none."""
    moments, _ = read_column(Cases.found_at, [value], Custom("day-first"))
    return None if np.isnat(moments[0]) else moments[0].astype("datetime64[s]").item().date()


def _history(proposal: Proposal, today: dt.date) -> tuple[int, dt.date | None]:
    """How many cases are of earlier years, and the last day of these; as decided, where it is."""
    if proposal.decided.history_asked:
        return 0, proposal.decided.history
    heading = proposal.placed(REGISTER).get(Cases.found_at)
    if heading is None:
        return 0, None
    moments, _ = read_column(Cases.found_at, heading.values, Custom("day-first"))
    old = int((moments < np.datetime64(dt.date(today.year, 1, 1))).sum())
    return old, dt.date(today.year - 1, 12, 31) if old else None


def _words(proposal: Proposal) -> Iterator[tuple[str, tuple[Sequence[Word], Sequence[str]]]]:
    """Of each column of a list: the words that are not in it, with what they mean, and the values of the list."""
    for plan in (REGISTER, EVENTS, PEOPLE):
        for column, heading in proposal.placed(plan).items():
            if column.kind is not Kind.CHOICE:
                continue
            key = _key(proposal, plan, column)
            known = [*CHOICES[column.choices], *_own_list(proposal.tables, column.choices)]
            given = proposal.decided.values.get(key, {})
            found = list(_strange(heading, column, known, given))
            if found or given:
                yield key, (found, known)


def _key(proposal: Proposal, plan: SheetPlan, column: Column) -> str:
    """What [values] calls a column: its header, with the sheet where an office calls another so."""
    own = [
        heading.text
        for one in (REGISTER, EVENTS, PEOPLE)
        for other, heading in proposal.placed(one).items()
        if other != column
    ]
    return f"{plan.name}.{column.header}" if plain(column.header) in map(plain, own) else column.header


def _own_list(tables: Mapping[str, Sheet], name: str) -> list[str]:
    """The values that sheet Daftar gives."""
    lists = next((sheet for title, sheet in tables.items() if plain(title) == plain(LISTS_SHEET)), None)
    headings = [h for h in (lists.headings if lists else ()) if plain(h.text) == plain(name)]
    return [typed_text(value) for heading in headings for value in heading.values]


def _strange(heading: Heading, column: Column, known: Sequence[str], given: Mapping[str, str]) -> Iterator[Word]:
    listed, synonyms = {plain(value) for value in known}, vocabulary().values.get(column.choices, {})
    said = {plain(word): value for word, value in given.items()}
    counts: dict[str, list[str]] = {}
    for value in heading.values:
        counts.setdefault(plain(typed_text(value)), []).append(typed_text(value).strip())
    own = column.choices in EXTENDABLE and len(counts) <= LONGEST_LIST
    for word, texts in counts.items():
        if word in listed:
            continue
        if word in said:
            yield Word(texts[0], len(texts), said[word], True)
        elif word in synonyms:
            yield Word(texts[0], len(texts), synonyms[word], column.choices in CLEAR)
        elif len(counts) <= (LONGEST_LIST if own else FEW):
            near = nearest(texts[0], known, limit=1, least=85, alike=spelt_alike)
            yield Word(
                texts[0],
                len(texts),
                near[0] if near else texts[0] if own else "",
                bool(own and not near and column.choices != "Peran"),
            )
