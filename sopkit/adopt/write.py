"""The layout file of a proposal: what is decided as TOML, what is open as marks that one may strike out."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sopkit.adopt.decided import NO_HISTORY, UNUSED
from sopkit.adopt.match import Match
from sopkit.adopt.propose import OWN_SHEETS, Proposal
from sopkit.errors import SopkitError
from sopkit.language import date_text, list_text
from sopkit.register.header_synonyms import DONE
from sopkit.register.layout import parse_layout, plain
from sopkit.register.schema import EVENTS, SHEETS, Cases, Column, Events, SheetPlan, is_live

PERHAPS, LACKING, NOWHERE = "# MUNGKIN: ", "# BELUM ADA: ", "# BELUM DITEMUKAN"
PARTS = ("Pelaksana", "Mulai", "Selesai", "Hasil", "Keterangan")
SAMPLE = 24  # letters of a sample value
_MARKS = (PERHAPS, LACKING, UNUSED, NO_HISTORY, "# Lembar yang tidak dipakai", "# BELUM DIARTIKAN: ")
_SECTION = re.compile(r"\[([^\[\]]+)\]\s*(?:#.*)?")
_KEY = re.compile(r'(?:"((?:[^"\\]|\\.)*)"|([\w-]+))\s*=')


def layout_text_of(proposal: Proposal, *, asks: bool = False) -> str:
    """TOML of the proposal. Where a layout file stands already, what people wrote in it stays as it is.

    Where somebody is there who `asks` and answers, the history that nobody has decided is left out.
    """
    if asks and not proposal.decided.history_asked:
        proposal = replace(proposal, until=None)
    new = "\n".join(_lines(proposal)).rstrip() + "\n"
    old = proposal.decided.text
    if not old:
        return new
    merged = _merged(old, new)
    try:
        parse_layout(merged, proposal.path)
    except SopkitError:  # written in a form that lines cannot be put into: all that it decides is in the new one
        return new
    return merged


def _lines(proposal: Proposal) -> Iterator[str]:
    yield from _opening(proposal)
    yield from _sheet_lines(proposal)
    for plan in SHEETS:
        if plan.name in proposal.chosen:
            yield from _header_lines(proposal, plan)
    yield from _step_lines(proposal)
    yield from _pattern_lines(proposal)
    yield from _history_lines(proposal)
    yield from _value_lines(proposal)
    yield from _absent_lines(proposal)


def _opening(proposal: Proposal) -> Iterator[str]:
    yield f"# Usulan tata letak untuk {proposal.path.name}, dibuat oleh  sopkit adopt.  Periksa setiap baris."
    yield "# Baris yang diawali # tidak dibaca. Jalankan  sopkit adopt  lagi untuk melanjutkan; yang ditulis tetap."
    yield '# Bentuknya:  "judul kolom di buku kerja Anda" = "kolom sopkit"'
    yield ""
    yield '# "long": tiap langkah satu baris di lembar tersendiri; "wide": satu baris per kasus, langkah sebagai kolom.'
    yield f'layout = "{"wide" if proposal.is_wide else "long"}"'
    sop, office = proposal.decided.sop, proposal.office
    yield f"sop = {quoted(sop)}" if sop else '# sop = "sop-kantor.toml"          # bila SOP kantor Anda berbeda'
    yield (
        f"office = {quoted(office)}   # Pegawai, Kantor, Kalender, Jam Kerja, dan Surel"
        if office
        else '# office = "BUKU-KANTOR.xlsx"      # bila Pegawai, Kantor, Kalender, Jam Kerja ada di buku kerja lain'
    )
    yield ""


def _sheet_lines(proposal: Proposal) -> Iterator[str]:
    yield "[sheets]                            # lembar sopkit = lembar di buku kerja Anda"
    absent = proposal.absent()
    for plan in SHEETS:
        names = [sheet.name for sheet in proposal.chosen.get(plan.name, ())]
        if names:
            yield f"{quoted(plan.name)} = {quoted(names[0]) if len(names) == 1 else _list(names)}"
        elif plan in absent or (plan.required and not (plan is EVENTS and proposal.is_wide) and not proposal.office):
            yield f'# {quoted(plan.name)} = ""   {NOWHERE}: isi nama lembarnya'
    taken = {sheet.name for sheets in proposal.chosen.values() for sheet in sheets}
    own = {plain(name) for name in OWN_SHEETS}
    spare = [name for name in proposal.tables if name not in taken and plain(name) not in own]
    if spare:
        yield f"# Lembar yang tidak dipakai: {', '.join(map(quoted, spare))}"
    doubled = {name: sheets[0].depth for name, sheets in proposal.chosen.items() if sheets[0].depth > 1}
    if doubled:
        yield from ("", "[header_rows]                       # judul kolom yang memakai dua baris")
        yield from (f"{quoted(name)} = {depth}" for name, depth in doubled.items())
    yield ""


def _header_lines(proposal: Proposal, plan: SheetPlan) -> Iterator[str]:
    matches = proposal.matches[plan.name]
    order = {column: place for place, column in enumerate((*plan.columns, DONE))}
    placed = sorted((m for m in matches if m.column), key=lambda m: order[m.column] if m.column else 0)
    lines = [line for match in placed if (line := _match_line(proposal, plan, match))]
    lines += [f"{LACKING}kolom wajib {quoted(column.header)}" for column in proposal.lacking(plan)]
    lines += [
        f"{UNUSED}{quoted(match.heading.text)} (sel {match.heading.cell})"
        for match in matches
        if match.certainty == "none" and not is_live(plan.name, match.heading.text)
    ]
    if lines:
        sheet = proposal.chosen[plan.name][0]
        yield f"[headers.{quoted(plan.name)}]    # lembar {sheet.name}, judul kolom di baris {sheet.row}"
        yield from (*lines, "")


def _match_line(proposal: Proposal, plan: SheetPlan, match: Match) -> str:
    column, heading = match.answers[0], match.heading
    line = f"{quoted(heading.text)} = {quoted(column.header)}"
    if match.certainty == "sure":
        twins = [own for own, first in proposal.decided.shared.get(plan.name, {}).items() if first == column.header]
        if twins:
            return f"{quoted(heading.text)} = {_list([column.header, *twins])}"
        perhaps = [own.header for own in proposal.wanted(plan) if column in shareable(proposal, plan, own)]
        if perhaps:
            return f"{line}   # atau {_list([column.header, *perhaps])} bila satu tanggal berlaku untuk keduanya"
        return line if plain(heading.text) != plain(column.header) else ""
    if column == DONE:
        line = f"{quoted(heading.text)} = {quoted(f'Selesai langkah {proposal.correction}')}"
        return f"{PERHAPS}{line}   # sel {heading.cell}{_samples(match)}; jalankan  sopkit adopt  untuk memutuskan"
    others = "".join(f", atau {quoted(other.header)}" for other in match.answers[1:] if other != DONE)
    return f"{PERHAPS}{line}   # sel {heading.cell}{_samples(match)}{others}; hapus tanda # di depan bila benar"


def _samples(match: Match) -> str:
    shown = "; ".join(shortened(text, SAMPLE) for text in match.heading.samples())
    return f": {shown}" if shown else ""


def shortened(text: str, most: int) -> str:
    """One line of at most so many letters."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _step_lines(proposal: Proposal) -> Iterator[str]:
    if proposal.steps:
        yield "[steps]                             # nomor langkah SOP = kolom-kolomnya; Selesai wajib ada"
        for number, parts in sorted(proposal.steps.items()):
            order = sorted(parts, key=lambda part: PARTS.index(part) if part in PARTS else len(PARTS))
            yield f"{number} = {{ {', '.join(f'{part} = {quoted(parts[part])}' for part in order)} }}"
        yield ""


def _pattern_lines(proposal: Proposal) -> Iterator[str]:
    if proposal.patterns:
        yield "[patterns]                          # pola nomor dokumen, menurut nomor yang sudah ada"
        yield from (f"{quoted(name)} = {quoted(pattern)}" for name, pattern in proposal.patterns.items())
        yield ""


def _history_lines(proposal: Proposal) -> Iterator[str]:
    left_out = proposal.decided.text and not proposal.decided.history_asked  # somebody may have struck it out
    if proposal.until and not left_out:
        yield "[history]                           # keputusan kantor: ubah tanggalnya, atau hapus bagian ini"
        yield f"# Kasus yang ditemukan sampai {date_text(proposal.until)} dibaca, direkap, dan diekspor, tetapi tidak"
        yield "# dinilai terhadap SOP. Dokumennya hanya dibuat bila diminta."
        yield f"until = {proposal.until.isoformat()}"
        yield ""
    elif proposal.decided.history_asked:
        yield from (f"{NO_HISTORY}.", "")


def _value_lines(proposal: Proposal) -> Iterator[str]:
    lines: list[str] = []
    for column, words in proposal.words.items():
        known = proposal.decided.values.get(column, {}) | {word.text: word.meant for word in words if word.sure}
        said = {word: meant for word, meant in known.items() if meant}
        if said:
            lines.append(f"{quoted(column)} = {_table(said)}")
        for word in words:
            if not word.sure and word.meant:
                lines.append(f"{PERHAPS}{quoted(column)} = {_table({word.text: word.meant})}")
            elif not word.sure:
                values = list_text(proposal.lists[column], "atau")
                lines.append(f"# BELUM DIARTIKAN: {quoted(column)}, {quoted(word.text)} ({word.count} kali): {values}?")
    if lines:
        yield "[values]                            # kata di buku kerja Anda = nilai sopkit"
        yield from (*lines, "")


def _absent_lines(proposal: Proposal) -> Iterator[str]:
    lines = []
    for plan in SHEETS:
        known = proposal.decided.absent.get(plan.name, [])
        lacking = proposal.wanted(plan) if plan.name in proposal.chosen else []
        perhaps = [c.header for c in lacking if dispensable(plan, c) and not shareable(proposal, plan, c)]
        if known:
            lines.append(f"{quoted(plan.name)} = {_list(known)}")
        elif perhaps:
            lines.append(f"{PERHAPS}{quoted(plan.name)} = {_list(perhaps)}   # hapus tanda # di depan bila benar")
    if lines:
        yield "[absent]                            # kolom yang memang tidak dicatat kantor ini; isinya tidak ditagih"
        yield from (*lines, "")


def dispensable(plan: SheetPlan, column: Column) -> bool:
    """Whether an office may do without this column: not those by which a row is known."""
    return column not in (plan.columns[0], Events.step)


def shareable(proposal: Proposal, plan: SheetPlan, column: Column) -> list[Column]:
    """The dates that have a column and may stand for this one, which has none; the day of a case and of its PTPP."""
    pair = (Cases.found_at, Cases.ptpp_date)
    return [one for one in pair if column in pair and one != column and one in proposal.placed(plan)]


def quoted(text: str) -> str:
    """A TOML basic string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _list(names: Sequence[str]) -> str:
    return f"[{', '.join(map(quoted, names))}]"


def _table(texts: Mapping[str, str]) -> str:
    return f"{{ {', '.join(f'{quoted(key)} = {quoted(text)}' for key, text in texts.items())} }}"


@dataclass
class _Section:
    name: str
    lines: list[str]


def _merged(old: str, new: str) -> str:
    """The old text with what is new: its own lines stay, marks that are decided now give way, the rest is added."""
    sections, fresh = _sections(old), _sections(new)
    by_name = {section.name: section for section in sections}
    for section in fresh:
        if section.name in by_name:
            by_name[section.name].lines = list(_merged_lines(by_name[section.name].lines, section))
        else:
            sections.append(section)
    return "\n".join("\n".join(section.lines).rstrip("\n") + "\n" for section in sections if section.lines)


def _sections(text: str) -> list[_Section]:
    found = [_Section("", [])]
    for line in text.splitlines():
        if match := _SECTION.fullmatch(line.strip()):
            found.append(_Section(plain(match[1].replace('"', "")), []))
        found[-1].lines.append(line)
    return found


def _merged_lines(old: Sequence[str], section: _Section) -> Iterator[str]:
    fresh = {key: line for line in section.lines if (key := _key(line))}
    kept: list[str] = []
    for line in old:
        if line.startswith(_MARKS) or (line.startswith("#") and NOWHERE in line):
            continue
        key = _key(line)
        again = key in fresh and (
            section.name in ("values", "sheets", "absent") or key == "layout" or "= [" in fresh[key].partition("#")[0]
        )
        kept.append(fresh[key] if again and not line.startswith("#") and not fresh[key].startswith("#") else line)
    while kept and not kept[-1].strip():
        kept.pop()
    written = {key for line in kept if (key := _key(line)) and not line.startswith("#")}
    added = [line for line in section.lines if line not in kept and _is_new(line, written, section.name)]
    yield from (*kept, *added, "")


def _is_new(line: str, written: Container[str], section: str) -> bool:
    """Whether a line of a new proposal says something that the old file does not decide."""
    key = _key(line)
    return line.startswith(_MARKS) if not key else key not in written or (section == "values" and line.startswith("#"))


def _key(line: str) -> str:
    """What a line decides or asks about; '' for any other."""
    bare = next((line.removeprefix(mark) for mark in _MARKS if line.startswith(mark)), line)
    if line.startswith("#") and bare == line:
        bare = line[1:].strip() if NOWHERE in line or re.match(r"# (sop|office) =", line) else ""
    match = _KEY.match(bare) or (re.match(r'"((?:[^"\\]|\\.)*)"', bare) if line.startswith(UNUSED) else None)
    return plain(match[1] or match[match.lastindex or 1] or "") if match else ""
