"""Propose a layout file for a workbook that nobody made for sopkit: headers matched by likeness, doubts said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sopkit.errors import SopkitError
from sopkit.excel.preflight import preflight
from sopkit.ooxml.address import letter
from sopkit.register.header_synonyms import LIKELY, SYNONYMS, likeness
from sopkit.register.layout import parse_layout, plain
from sopkit.register.read import read_bytes, read_register
from sopkit.register.schema import (
    DISPOSALS,
    EVENTS,
    LISTS_SHEET,
    PEOPLE,
    REGISTER,
    SHEETS,
    SOP_SHEET,
    Column,
    SheetPlan,
    is_live,
)
from sopkit.register.sheets import HEADER_DEPTH, Grid, header_texts, read_sheets

SURE = 82  # likeness (0 to 100) from which a header is placed; below, it is only suggested
MANY_STEPS = 3  # columns that name a step by number: a wide layout
_STEP = re.compile(r"(?:langkah|tahap|step|l|no\.?)?\s*\.?\s*(\d{1,2})(?!\d)[\s.:)-]*(.*)", re.IGNORECASE)
_STEP_LAST = re.compile(
    r"(selesai|akhir|mulai|awal|pelaksana|petugas|hasil|keterangan|ket)\.?\s+(?:langkah|tahap)?\s*(\d{1,2})",
    re.IGNORECASE,
)
_PARTS = {
    "Selesai": ("selesai", "akhir", "tgl selesai", "waktu selesai", ""),
    "Mulai": ("mulai", "awal", "tgl mulai", "waktu mulai"),
    "Pelaksana": ("pelaksana", "petugas", "oleh"),
    "Hasil": ("hasil",),
    "Keterangan": ("keterangan", "ket", "catatan"),
}


@dataclass(frozen=True)
class _Sheet:
    """A sheet of the workbook with the headers that were found on it."""

    grid: Grid
    row: int
    depth: int
    headers: Sequence[tuple[str, str]]  # header as typed, its cell


@dataclass(frozen=True)
class _Match:
    """A header of the workbook and the column it is taken for."""

    header: str
    cell: str
    column: Column
    likeness: float


def propose_layout(path: Path) -> str:
    """TOML text of a layout for the workbook, with a comment for everything that could not be placed.

    `SopkitError` when the file cannot be read or holds no table at all.
    """
    data = read_bytes(path)
    grids = read_sheets(path.name, data, preflight(path.name, data))
    sheets = [sheet for grid in grids.values() if (sheet := _table_of(grid))]
    if not sheets:
        raise SopkitError(f"{path.name} tidak memuat tabel dengan judul kolom.", "Pilih berkas Excel registernya.")
    chosen = _assign(sheets)
    register = chosen.get(REGISTER.name)
    steps = _step_columns(register) if register and EVENTS.name not in chosen else {}
    lines = _opening(path, bool(steps))
    lines += _sheet_lines(chosen, sheets, bool(steps))
    for plan in SHEETS:
        if plan.name in chosen:
            lines += _header_lines(plan, chosen[plan.name], steps if plan is REGISTER else {})
    return "\n".join([*lines, *_step_lines(steps)]).rstrip() + "\n"


def dry_reading(path: Path, proposal: str, target: Path) -> str:
    """One Indonesian sentence: what sopkit reads of the workbook with the proposal as it stands in `target`."""
    try:
        register = read_register(path, parse_layout(proposal, target))
    except SopkitError as error:
        return f"Dengan usulan ini buku kerja belum terbaca: {error}"
    doubts = sum(line.startswith(("# MUNGKIN", "# tidak dipakai")) for line in proposal.splitlines())
    lacking = sum(line.startswith("# BELUM") for line in proposal.splitlines())
    counts = [
        f"{len(register.cases.data)} kasus dan {len(register.events.data)} langkah terbaca",
        f"{doubts} kolom belum dipasangkan",
        f"{lacking} kolom atau lembar wajib belum ada",
    ]
    return f"Dengan usulan ini: {', '.join(counts)}."


def _opening(path: Path, wide: bool) -> list[str]:
    return [
        f"# Usulan tata letak untuk {path.name}, dibuat oleh  sopkit adopt.  Periksa setiap baris, lalu simpan sebagai",
        f"# {path.stem}.sopkit.toml di samping buku kerja itu. Baris yang diawali # tidak dibaca.",
        '# Bentuknya:  "judul kolom di buku kerja Anda" = "kolom sopkit"',
        "",
        '# "long": tiap langkah satu baris di lembar tersendiri; "wide": satu baris per kasus, langkah sebagai kolom.',
        f'layout = "{"wide" if wide else "long"}"',
        '# sop = "sop-kantor.toml"          # bila SOP kantor Anda berbeda',
        '# office = "kantor.xlsx"           # bila Pegawai, Kantor, Kalender, Jam Kerja ada di buku kerja lain',
        "",
    ]


def _table_of(grid: Grid) -> _Sheet | None:
    """The row among the first that looks most like headers: the most short texts, known ones counting twice."""
    known = {plain(column.header) for plan in SHEETS for column in plan.columns}
    known |= {plain(word) for words in SYNONYMS.values() for word in words}
    best: tuple[int, int, int] = (0, 0, 1)
    for depth in (1, 2):
        for place in range(depth - 1, min(HEADER_DEPTH, len(grid.rows))):
            texts = [text for text in header_texts(grid, place, depth) if text and len(text) <= 60]
            familiar = sum(plain(text) in known for text in texts)
            score = len(set(texts)) + familiar
            if place == len(grid.rows) - 1 and familiar < 2:  # nothing below it: headers only where they are known
                continue
            if score > best[0] and (depth == 1 or _has_groups(grid, place - 1)):
                best = (score, place, depth)
    score, place, depth = best
    if score < 2:
        return None
    row = grid.first_row + place
    places = enumerate(header_texts(grid, place, depth), start=grid.first_column)
    return _Sheet(grid, row, depth, [(text, f"{letter(column)}{row}") for column, text in places if text])


def _has_groups(grid: Grid, place: int) -> bool:
    """Whether cells of that row are merged over several columns, each group with a row of headers below."""
    row = grid.first_row + place
    spans = [span for span in grid.facts.merged if re.fullmatch(rf"[A-Z]+{row}:[A-Z]+{row}", span)]
    return bool(spans)


def _matches(plan: SheetPlan, sheet: _Sheet) -> list[_Match]:
    """Each header to at most one column and each column to at most one header, the likest first."""
    pairs = [
        _Match(header, cell, column, likeness(header, column))
        for header, cell in sheet.headers
        for column in plan.columns
    ]
    taken: list[_Match] = []
    for match in sorted(pairs, key=lambda match: -match.likeness):
        free = all(match.cell != other.cell and match.column != other.column for other in taken)
        if free and match.likeness >= LIKELY:
            taken.append(match)
    return taken


def _assign(sheets: Sequence[_Sheet]) -> Mapping[str, _Sheet]:
    """Which sheet stands for which canonical one: by its name, else by the headers it shares."""
    chosen: dict[str, _Sheet] = {}
    for plan in SHEETS:
        same = next((sheet for sheet in sheets if plain(sheet.grid.name) == plain(plan.name)), None)
        if same:
            chosen[plan.name] = same
    for plan in (REGISTER, EVENTS, PEOPLE, DISPOSALS):
        free = [sheet for sheet in sheets if sheet not in chosen.values()]
        if plan.name not in chosen and free:
            best = max(free, key=lambda sheet: _fit(plan, sheet))
            if _fit(plan, best) >= 2:
                chosen[plan.name] = best
    return chosen


def _fit(plan: SheetPlan, sheet: _Sheet) -> float:
    """How many columns of the plan the sheet surely has, required ones counting double, a key most of all."""
    sure = [match.column for match in _matches(plan, sheet) if match.likeness >= SURE]
    needed = [column for column in plan.columns if column.required]
    share = sum(column in sure for column in needed) / max(1, len(needed))
    return len(sure) + 2 * sum(column.required for column in sure) if share >= 0.4 else 0


def _sheet_lines(chosen: Mapping[str, _Sheet], sheets: Sequence[_Sheet], wide: bool) -> list[str]:
    lines = ["[sheets]                            # lembar sopkit = lembar di buku kerja Anda"]
    for plan in SHEETS:
        if plan.name in chosen:
            lines.append(f"{_quoted(plan.name)} = {_quoted(chosen[plan.name].grid.name)}")
        elif plan.required and not (wide and plan is EVENTS):
            lines.append(f'# {_quoted(plan.name)} = ""   # BELUM DITEMUKAN: isi nama lembarnya')
    by_name = {plain(LISTS_SHEET), plain(SOP_SHEET)}  # read wherever they are, without columns to match
    spare = [s.grid.name for s in sheets if s not in chosen.values() and plain(s.grid.name) not in by_name]
    lines += [f"# Lembar yang tidak dipakai: {', '.join(map(_quoted, spare))}"] if spare else []
    doubled = {name: sheet.depth for name, sheet in chosen.items() if sheet.depth > 1}
    if doubled:
        lines += ["", "[header_rows]                       # judul kolom yang memakai dua baris"]
        lines += [f"{_quoted(name)} = {depth}" for name, depth in doubled.items()]
    return [*lines, ""]


def _header_lines(plan: SheetPlan, sheet: _Sheet, steps: Mapping[int, Mapping[str, str]]) -> list[str]:
    of_steps = {header for parts in steps.values() for header in parts.values()}
    rest = _Sheet(sheet.grid, sheet.row, sheet.depth, [h for h in sheet.headers if h[0] not in of_steps])
    matches = _matches(plan, rest)
    placed = {match.cell for match in matches if match.likeness >= SURE}
    lines: list[str] = []
    for match in sorted(matches, key=lambda match: plan.columns.index(match.column)):
        line = f"{_quoted(match.header)} = {_quoted(match.column.header)}"
        doubt = f"# MUNGKIN: {line}   # sel {match.cell}; hapus tanda # di depan bila benar"
        if plain(match.header) != plain(match.column.header):
            lines.append(line if match.cell in placed else doubt)
    lacking = [c.header for c in plan.columns if c.required and c.header not in {m.column.header for m in matches}]
    lines += [f"# BELUM ADA: kolom wajib {_quoted(header)}" for header in lacking]
    known = {match.cell for match in matches}
    lines += [
        f"# tidak dipakai: {_quoted(header)} (sel {cell})"
        for header, cell in rest.headers
        if cell not in known and not is_live(plan.name, header)
    ]
    heading = f"[headers.{_quoted(plan.name)}]    # lembar {sheet.grid.name}, judul kolom di baris {sheet.row}"
    return [heading, *lines, ""] if lines else []


def _step_columns(sheet: _Sheet) -> Mapping[int, Mapping[str, str]]:
    """Columns that name a step by its number, when there are enough of them to be a wide layout."""
    steps: dict[int, dict[str, str]] = {}
    for header, _ in sheet.headers:
        leading, trailing = _STEP.fullmatch(header), _STEP_LAST.fullmatch(header)
        if leading:
            steps.setdefault(int(leading[1]), {}).setdefault(_part(leading[2]), header)
        elif trailing:
            steps.setdefault(int(trailing[2]), {}).setdefault(_part(trailing[1]), header)
    whole = {number: parts for number, parts in steps.items() if "Selesai" in parts}
    return dict(sorted(whole.items())) if len(whole) >= MANY_STEPS else {}


def _part(rest: str) -> str:
    words = plain(rest)
    for part, endings in _PARTS.items():
        if any(words == ending or (ending and words.endswith(f" {ending}")) for ending in endings):
            return part
    return "Selesai"


def _step_lines(steps: Mapping[int, Mapping[str, str]]) -> list[str]:
    if not steps:
        return []
    lines = ["[steps]                             # nomor langkah SOP = kolom-kolomnya; Selesai wajib ada"]
    for number, parts in steps.items():
        inside = ", ".join(f"{part} = {_quoted(header)}" for part, header in _ordered(parts))
        lines.append(f"{number} = {{ {inside} }}")
    return lines


def _ordered(parts: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    order = ("Pelaksana", "Mulai", "Selesai", "Hasil", "Keterangan")
    return ((part, parts[part]) for part in order if part in parts)


def _quoted(text: str) -> str:
    """A TOML basic string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
