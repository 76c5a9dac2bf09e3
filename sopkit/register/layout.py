"""How an office's own workbook maps to the canonical one: `NAMA.sopkit.toml` beside `NAMA.xlsx`."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from sopkit.language import list_text
from sopkit.register.numbering import pattern_problem
from sopkit.register.own_words import OwnWords, own_words
from sopkit.register.schema import EVENTS, LISTS_SHEET, REGISTER, SHEETS, SOP_SHEET, Kind, SheetPlan
from sopkit.sop.model import Sop
from sopkit.sop.toml_file import not_right, parse_toml, read_toml_text
from sopkit.text import argument, nearest, worded_alike
from sopkit.text import plain as plain_text

WHAT = "Berkas tata letak"
Shape = Literal["long", "wide"]
KEYS = (
    "layout",
    "sop",
    "office",
    "sheets",
    "headers",
    "header_rows",
    "steps",
    "patterns",
    "history",
    "values",
    "absent",
)
SEVERAL = ("Register", "Langkah", "Pemusnahan", "Kalender")  # what may stand on several sheets, one for each year
STEP_FIELDS = ("actor", "start", "end", "outcome", "remark")


@dataclass(frozen=True)
class StepColumns:
    """Wide layout: the headers under which one step stands, by field of sheet Langkah (`end` always)."""

    number: int
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Layout:
    """What `NAMA.sopkit.toml` says. Sheets are named canonically; headers are the office's own, as written there."""

    path: Path | None = None
    shape: Shape = "long"
    sheets: Mapping[str, Sequence[str]] = field(default_factory=dict)  # canonical sheet -> the office's sheets
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # canonical sheet -> own header -> field
    header_rows: Mapping[str, int] = field(default_factory=dict)  # canonical sheet -> 1 or 2
    steps: tuple[StepColumns, ...] = ()  # wide: in the order in which the work goes
    office: Path | None = None
    sop: Path | None = None
    patterns: Mapping[str, str] = field(default_factory=dict)  # Kantor's key -> number pattern, where Kantor has none
    history: dt.date | None = None  # cases found until this day are not judged (`register/history.py`)
    values: OwnWords = field(default_factory=dict)  # list column -> the office's word -> value of the list
    shared: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # sheet -> date field -> field it is read as
    absent: Mapping[str, frozenset[str]] = field(default_factory=dict)  # sheet -> fields that the office does not keep

    @property
    def adopted(self) -> bool:
        """Whether it says what an office's own workbook is, not only what goes with a workbook of sopkit's."""
        return bool(self.sheets or self.headers)

    def sheet(self, canonical: str) -> str:
        """The office's sheet; of several the first."""
        return self.sheets_of(canonical)[0]

    def sheets_of(self, canonical: str) -> Sequence[str]:
        """The office's sheets that are read as one, in this order."""
        return self.sheets.get(canonical, (canonical,))

    def names(self, plan: SheetPlan) -> Mapping[str, str]:
        """Plain header -> field; a field that the layout names goes by that name only."""
        own = {plain(header): field for header, field in self.headers.get(plan.name, {}).items()}
        renamed = {*own.values(), *self.shared.get(plan.name, ())}
        return {plain(c.header): c.field for c in plan.columns if c.field not in renamed} | own


def plain(name: object) -> str:
    """The name of a sheet or column as people compare them; the star of a column that must be filled does not count."""
    return plain_text(str(name)).rstrip("*").strip() if name else ""


def layout_path(workbook: Path) -> Path:
    """Where the layout of a workbook stands: `NAMA.sopkit.toml` beside it."""
    return workbook.parent / f"{workbook.stem}.sopkit.toml"


def adopt_command(book: Path) -> str:
    """What to type for a workbook that nobody made for sopkit."""
    return f"sopkit adopt {argument(str(book))}"


def layout_beside(workbook: Path) -> Layout | None:
    """The layout that stands beside a workbook, None where there is none; `SopkitError` when it is wrong."""
    path = layout_path(workbook)
    try:
        beside = path.exists()
    except OSError:  # the workbook's name leaves no room for a longer one
        beside = False
    return load_layout(path) if beside else None


def layout_for_sop(sop: str) -> str:
    """TOML text of a layout that only names the SOP of its workbook, a file beside it."""
    return f"# SOP yang berlaku bagi buku kerja ini.\nsop = {toml_text(sop)}\n"


def layout_text(sop: str, layout: Layout) -> str:
    """TOML text of a layout of a canonical workbook; empty for one that has nothing to say."""
    parts = [layout_for_sop(sop)] if sop else []
    if layout.patterns:
        lines = (f"{toml_text(key)} = {toml_text(pattern)}\n" for key, pattern in layout.patterns.items())
        parts.append(f"[patterns]\n{''.join(lines)}")
    if layout.history:
        parts.append(f"[history]\nuntil = {layout.history.isoformat()}\n")
    if layout.values:
        lines = (f"{toml_text(column.header)} = {{ {_pairs(words)} }}\n" for column, words in layout.values.items())
        parts.append(f"[values]\n{''.join(lines)}")
    return "\n".join(parts)


def _pairs(texts: Mapping[str, str]) -> str:
    return ", ".join(f"{toml_text(key)} = {toml_text(text)}" for key, text in texts.items())


def toml_text(text: str) -> str:
    """A TOML basic string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def strange_columns(sop: Sop) -> list[str]:
    """Remarks on columns that the SOP wants filled and sheet Register does not have: rules can say nothing of them."""
    headers = [column.header for column in REGISTER.columns]
    known = {plain(header) for header in headers}
    named = [(s.number, key, name) for s in sop.steps for key in ("needs", "records") for name in getattr(s, key)]
    return [
        f"Langkah {number}: {key} menyebut kolom “{name}”, yang tidak ada di sheet Register"
        f"{_meant(name, headers)}; isiannya tidak dapat diperiksa."
        for number, key, name in named
        if plain(name) not in known
    ]


def sop_in_use(registers: Path) -> Path | None:
    """The SOP of the newest register (by its name) in a folder; None where that is sopkit's own."""
    beside = sorted(path for path in registers.glob("*.sopkit.toml") if path.is_file())
    return load_layout(beside[-1]).sop if beside else None


def load_layout(path: Path) -> Layout:
    """Read a layout file; `SopkitError` names every mistake in it."""
    return parse_layout(read_toml_text(path, WHAT), path)


def parse_layout(text: str, path: Path) -> Layout:
    """Build the `Layout` from TOML text; paths in it count from the folder of `path`."""
    data = parse_toml(text, path.name, WHAT)
    mistakes = [f"kunci '{key}' tidak dikenal" for key in data if key not in KEYS]
    shape = data.get("layout", "long")
    if shape not in get_args(Shape):
        mistakes.append(f'layout = \'{shape}\' harus "long" atau "wide"')
    sheets = _sheets(data.get("sheets", {}), mistakes)
    known = [plan.name for plan in SHEETS] + [LISTS_SHEET, SOP_SHEET]
    mistakes += [f"[sheets]: '{name}' bukan lembar sopkit ({list_text(known)})" for name in sheets if name not in known]
    shared: dict[str, dict[str, str]] = {}
    headers = _headers(data.get("headers", {}), shared, mistakes)
    rows = _rows(data.get("header_rows", {}), mistakes)
    steps = tuple(_steps(data.get("steps", {}), mistakes))
    if shape == "wide" and not steps:
        mistakes.append('layout = "wide" memerlukan bagian [steps]')
    mistakes += [
        f"kunci '{key}' harus berisi nama berkas" for key in ("office", "sop") if not _is_name(data.get(key, ""))
    ]
    patterns = dict(_patterns(_texts(data, "patterns", mistakes), mistakes))
    history = _until(data.get("history", {}), mistakes)
    values = own_words(data.get("values", {}), headers, mistakes)
    absent = _absent(data.get("absent", {}), headers, shared, mistakes)
    if mistakes:
        raise not_right(path.name, WHAT, mistakes)
    files = {key: path.parent / str(data[key]) if data.get(key) else None for key in ("office", "sop")}
    return Layout(
        path, shape, sheets, headers, rows, steps, files["office"], files["sop"], patterns, history, values, shared,
        absent,
    )  # fmt: skip


def _is_name(value: object) -> bool:
    return isinstance(value, str) and "\0" not in value


def _texts(data: Mapping[str, object], key: str, mistakes: list[str]) -> Mapping[str, str]:
    table = data.get(key, {})
    if isinstance(table, dict) and all(isinstance(value, str) and value.strip() for value in table.values()):
        return table
    mistakes.append(f'bagian [{key}] harus berisi nama = "nama"')
    return {}


def _sheets(data: object, mistakes: list[str]) -> Mapping[str, Sequence[str]]:
    """[sheets]: `Register = "Buku 2026"`, or `Register = ["2024", "2025", "2026"]` where a sheet has a year each."""
    given = data.items() if isinstance(data, dict) else ()
    found = {name: (value,) if isinstance(value, str) else tuple(value) for name, value in given if _are_names(value)}
    if not isinstance(data, dict) or len(found) < len(data):
        mistakes.append('bagian [sheets] harus berisi nama = "nama" atau nama = ["nama", "nama"]')
    for name, sheets in found.items():
        if len(sheets) > 1 and name not in SEVERAL:
            mistakes.append(f"[sheets]: {name} hanya boleh satu lembar; yang boleh beberapa: {list_text(SEVERAL)}")
        if len({plain(sheet) for sheet in sheets}) < len(sheets):
            mistakes.append(f"[sheets]: {name} menyebut satu lembar dua kali")
    return found


def _are_names(value: object) -> bool:
    names = [value] if isinstance(value, str) else value
    return isinstance(names, list) and bool(names) and all(isinstance(name, str) and name.strip() for name in names)


def _patterns(given: Mapping[str, str], mistakes: list[str]) -> Iterable[tuple[str, str]]:
    """[patterns]: `"No. PTPP" = "…"`, and `"No. PTPP sejak 1 Juli 2026" = "…"`, as the keys of sheet Kantor."""
    from sopkit.register.pattern_periods import PATTERNS, period_of  # it reads dates, and stands on this file

    for name, pattern in given.items():
        key = name if plain(name).startswith("pola ") else f"Pola {name}"
        setting, period = PATTERNS.get(plain(key)), period_of(key)
        if setting is None and (period is None or period[1] is None):
            known = list_text([one.key.removeprefix("Pola ") for one in PATTERNS.values()])
            mistakes.append(f"[patterns]: '{name}' bukan {known}, juga tidak dengan sejak TANGGAL")
        elif problem := pattern_problem(pattern):
            mistakes.append(f"[patterns]: pola {name} {problem}")
        else:
            yield setting.key if setting else key, pattern


def _until(data: object, mistakes: list[str]) -> dt.date | None:
    """[history]: `until` is a date of TOML, or one in words, `"30 Juni 2026"`."""
    from sopkit.register.parse import Moment, read_moment  # it stands on this file

    if data == {}:
        return None
    given = data.get("until") if isinstance(data, dict) and data.keys() == {"until"} else None
    if isinstance(given, str):
        moment = read_moment(given, "day-first")
        given = moment.value if isinstance(moment, Moment) else None
    if isinstance(given, dt.date):
        return given.date() if isinstance(given, dt.datetime) else given
    mistakes.append("bagian [history] harus berisi until = tanggal, misalnya until = 2026-06-30")
    return None


def _headers(data: object, shared: dict[str, dict[str, str]], mistakes: list[str]) -> Mapping[str, Mapping[str, str]]:
    """[headers.Register]: `"Tgl Terbit" = "Tanggal PTPP"`, or `= ["Tanggal PTPP", "Tanggal Ditemukan"]` where one date
    stands for both; then `shared` has the second of them.
    """
    if not isinstance(data, dict):
        mistakes.append("bagian [headers] harus berisi [headers.Register] dan seterusnya")
        return {}
    plans = {plan.name: plan for plan in SHEETS}
    found = {}
    for sheet in data:
        if sheet in plans:
            given = data[sheet]
            pairs = {h: names for h, names in given.items() if _are_dates(plans[sheet], names)} if given else {}
            single = {sheet: {h: pairs[h][0] if h in pairs else name for h, name in given.items()}} if pairs else data
            found[sheet] = dict(_fields(plans[sheet], _texts(single, sheet, mistakes), mistakes))
            shared[sheet] = dict(_twins(plans[sheet], pairs, found[sheet], mistakes))
        else:
            mistakes.append(f"[headers.{sheet}]: '{sheet}' bukan lembar sopkit ({list_text(plans)})")
    return found


def _are_dates(plan: SheetPlan, names: object) -> bool:
    """Whether these are several columns that hold dates: of others none can stand for two."""
    dates = {plain(name) for c in plan.columns if c.kind in (Kind.DATE, Kind.DATETIME) for name in (c.header, c.field)}
    return isinstance(names, list) and len(names) > 1 and all(isinstance(n, str) and plain(n) in dates for n in names)


def _twins(
    plan: SheetPlan, pairs: Mapping[str, Sequence[str]], found: Mapping[str, str], mistakes: list[str]
) -> Iterable[tuple[str, str]]:
    """The further columns that a header stands for, each with the first."""
    fields = {plain(name): c.field for c in plan.columns for name in (c.header, c.field)}
    used = set(found.values())
    for header, names in pairs.items():
        for name in names[1:] if header in found else ():
            own = fields[plain(name)]
            if own in used:
                mistakes.append(f"[headers.{plan.name}]: '{name}' disebut dua kali")
            else:
                used.add(own)
                yield own, found[header]


def _absent(
    data: object,
    headers: Mapping[str, Mapping[str, str]],
    shared: Mapping[str, Mapping[str, str]],
    mistakes: list[str],
) -> Mapping[str, frozenset[str]]:
    """[absent]: `Register = ["Jenis Layanan"]`, columns that this office does not keep; never the numbers and names by
    which a row is known.
    """
    plans = {plan.name: plan for plan in SHEETS}
    if not isinstance(data, dict) or not all(name in plans and _are_names(given) for name, given in data.items()):
        mistakes.append('bagian [absent] harus berisi nama lembar = ["kolom", "kolom"]')
        return {}
    found = {}
    for sheet, given in data.items():
        plan, names = plans[sheet], [given] if isinstance(given, str) else given
        fields = {plain(name): c.field for c in plan.columns for name in (c.header, c.field)}
        for name in names:
            own = fields.get(plain(name))
            if own is None:
                meant = _meant(name, [column.header for column in plan.columns])
                mistakes.append(f"[absent]: '{name}' bukan kolom {sheet}{meant}")
            elif own == plan.columns[0].field or (plan is EVENTS and own == "step"):
                mistakes.append(f"[absent]: {name} tidak boleh tidak ada; tanpa itu baris {sheet} tidak dapat dikenali")
            elif own in (*headers.get(sheet, {}).values(), *shared.get(sheet, ())):
                mistakes.append(f"[absent]: '{name}' juga disebut di [headers.{sheet}]")
        found[sheet] = frozenset(fields[plain(name)] for name in names if plain(name) in fields)
    return found


def _fields(plan: SheetPlan, given: Mapping[str, str], mistakes: list[str]) -> Iterable[tuple[str, str]]:
    fields = {plain(column.header): column.field for column in plan.columns}
    fields |= {column.field: column.field for column in plan.columns}
    used: dict[str, str] = {}
    for header, name in given.items():
        known = fields.get(plain(name))
        if known is None:
            meant = _meant(name, [column.header for column in plan.columns])
            mistakes.append(f"[headers.{plan.name}]: '{name}' bukan kolom {plan.name}{meant}")
        elif known in used:
            mistakes.append(f"[headers.{plan.name}]: '{used[known]}' dan '{header}' sama-sama menjadi '{name}'")
        else:
            used[known] = header
            yield header, known


def _meant(name: str, among: Iterable[str]) -> str:
    close = nearest(name, among, alike=worded_alike)
    return f" (maksudnya {list_text(close, 'atau')}?)" if close else ""


def _rows(data: object, mistakes: list[str]) -> Mapping[str, int]:
    names = [plan.name for plan in SHEETS]
    if isinstance(data, dict) and all(name in names and value in (1, 2) for name, value in data.items()):
        return data
    mistakes.append("bagian [header_rows] harus berisi nama lembar = 1 atau 2")
    return {}


def _steps(data: object, mistakes: list[str]) -> Iterable[StepColumns]:
    """`5 = "Judul"` is the finish alone; `5 = { Mulai = "…", Selesai = "…" }` names more."""
    if not isinstance(data, dict):
        mistakes.append("bagian [steps] harus berisi nomor langkah = judul kolom selesainya")
        return
    names = {plain(EVENTS.column(key).header): key for key in STEP_FIELDS} | {key: key for key in STEP_FIELDS}
    for number, given in data.items():
        columns = {"Selesai": given} if isinstance(given, str) else given
        fields = {plain(key): header for key, header in columns.items()} if isinstance(columns, dict) else {}
        if not re.fullmatch("[0-9]{1,3}", number) or (plain("Selesai") not in fields and "end" not in fields):
            mistakes.append(f'[steps]: {number} harus seperti 5 = "Judul kolom selesai"')
        elif strange := [key for key in fields if key not in names]:
            mistakes.append(f"[steps]: langkah {number} menyebut {list_text(strange)}, yang bukan kolom Langkah")
        elif not all(isinstance(header, str) for header in fields.values()):
            mistakes.append(f"[steps]: judul kolom langkah {number} harus berupa teks")
        else:
            yield StepColumns(int(number), {names[key]: header for key, header in fields.items()})
