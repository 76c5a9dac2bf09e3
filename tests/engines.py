"""A workbook as several spreadsheet programs reckon it: the same cells from each, so that they can be compared."""

from __future__ import annotations

import json
import os
import posixpath
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from openpyxl.formula.tokenizer import Token, Tokenizer
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string, get_column_letter

Value = float | bool | str
Book = Mapping[str, Mapping[str, Value]]
"""Per sheet and cell: numbers and dates as float, text as str, errors as "#N/A"; empty cells are absent."""

NODE_MODULES = Path(__file__).parent.parent / ".ci" / "node_modules"
SCRIPT = Path(__file__).parent / "hyperformula.mjs"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
REFERENCE = re.compile(r"(\$?)\b([A-Z]{1,3})(\$?)(\d+)\b(?![(.\w])")
EMPTY_CELLS = re.compile(rb"<c [^<>]*/>")
EMPTY_CELLS_AND_FORMULAS = re.compile(rb"<c [^<>]*/>|<f(?: [^<>]*)?(?:/>|>[^<]*</f>)")
"""Most of what other programs write of a sheet: cells that have a format only."""
NEARNESS, LONGEST = 1e-6, 900
LONG = 1000  # rows of a name that no INDEX counts to its end


@dataclass(frozen=True)
class Formula:
    """A cell's formula without `=`; `array` is the range that an array formula fills, else empty."""

    text: str
    array: str = ""


@dataclass
class Sheet:
    """A sheet as it stands in the file: stored values, and formulas with shared ones written out for each cell."""

    values: dict[str, Value] = field(default_factory=dict)
    formulas: dict[str, Formula] = field(default_factory=dict)


@dataclass
class Workbook:
    sheets: dict[str, Sheet] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    @property
    def book(self) -> Book:
        return {name: sheet.values for name, sheet in self.sheets.items()}


def read_workbook(path: Path, formulas: Callable[[str], str] | None = str) -> Workbook:
    """What an xlsx holds; `formulas` rewrites each formula before it is shared out; None leaves them out."""
    with zipfile.ZipFile(path) as package:
        texts = _shared_texts(package)
        unread = EMPTY_CELLS if formulas is not None else EMPTY_CELLS_AND_FORMULAS
        sheets = {name: _sheet(part, texts, formulas) for name, part in sheet_parts(package, unread)}
        return Workbook(sheets, defined_names(package))


def sheet_parts(package: zipfile.ZipFile, unread: re.Pattern[bytes] | None = None) -> Iterator[tuple[str, ET.Element]]:
    """Each sheet's name and XML, in the workbook's order; what is `unread` is left out before it is parsed."""
    links = ET.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): posixpath.join("/xl", link.get("Target", "")).lstrip("/") for link in links}
    for sheet in ET.fromstring(package.read("xl/workbook.xml")).iter(f"{MAIN}sheet"):
        data = package.read(targets[sheet.get(LINK)])
        yield sheet.get("name", ""), ET.fromstring(unread.sub(b"", data) if unread else data)


def defined_names(package: zipfile.ZipFile) -> dict[str, str]:
    """The names that formulas use; not those of print areas and the like."""
    found = ET.fromstring(package.read("xl/workbook.xml")).iter(f"{MAIN}definedName")
    return {name.get("name", ""): name.text or "" for name in found if not name.get("name", "").startswith("_xlnm.")}


def _shared_texts(package: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in package.namelist():
        return []
    return [_text(item) for item in ET.fromstring(package.read("xl/sharedStrings.xml"))]


def _text(item: ET.Element) -> str:
    runs = [item, *item.findall(f"{MAIN}r")]
    return "".join(part.text or "" for run in runs for part in run.findall(f"{MAIN}t"))


def _sheet(part: ET.Element, texts: Sequence[str], formulas: Callable[[str], str] | None) -> Sheet:
    sheet, shared = Sheet(), dict[str, Shared]()
    for cell in part.iter(f"{MAIN}c"):
        place = cell.get("r", "")
        value = _value(cell, texts)
        if value != "":
            sheet.values[place] = value
        formula = cell.find(f"{MAIN}f")
        if formula is None or formulas is None:
            continue
        if formula.get("t") == "shared":
            if formula.text:
                shared[formula.get("si", "")] = Shared(formulas(formula.text), place)
            sheet.formulas[place] = Formula(shared[formula.get("si", "")].at(place))
        elif formula.text:
            array = formula.get("ref", "") if formula.get("t") == "array" else ""
            sheet.formulas[place] = Formula(formulas(formula.text), array)
    return sheet


def _value(cell: ET.Element, texts: Sequence[str]) -> Value:
    kind, stored = cell.get("t", "n"), cell.findtext(f"{MAIN}v")
    if kind == "inlineStr":
        inner = cell.find(f"{MAIN}is")
        return "" if inner is None else _text(inner)
    if not stored:
        return ""
    if kind == "s":
        return texts[int(stored)]
    if kind == "b":
        return stored == "1"
    return float(stored) if kind == "n" else stored


class Shared:
    """A shared formula: tokenised once, written out for any cell (openpyxl's Translator does so for each anew)."""

    def __init__(self, text: str, origin: str) -> None:
        self.column, self.row = _place(origin)
        self.pieces = list[str | tuple[str, int, str, int]]()
        for token in Tokenizer("=" + text).items:
            if (token.type, token.subtype) != (Token.OPERAND, Token.RANGE):
                self.pieces.append(token.value)
                continue
            end = 0
            for match in REFERENCE.finditer(token.value):
                self.pieces.append(token.value[end : match.start()])
                self.pieces.append((match[1], column_index_from_string(match[2]), match[3], int(match[4])))
                end = match.end()
            self.pieces.append(token.value[end:])

    def at(self, cell: str) -> str:
        column, row = _place(cell)
        right, down = column - self.column, row - self.row
        return "".join(piece if isinstance(piece, str) else _moved(piece, right, down) for piece in self.pieces)


def _moved(piece: tuple[str, int, str, int], right: int, down: int) -> str:
    fixed_column, column, fixed_row, row = piece
    letter = get_column_letter(column if fixed_column else column + right)
    return f"{fixed_column}{letter}{fixed_row}{row if fixed_row else row + down}"


def _place(cell: str) -> tuple[int, int]:
    letter, row = coordinate_from_string(cell)
    return column_index_from_string(letter), row


def recalculated(engine: str, paths: Sequence[Path], folder: Path) -> Mapping[Path, Book]:
    """Each workbook (their file names differ) as the engine reckons it; `folder` takes what it leaves behind.

    `engine` is a key of ENGINES, with `@en-US` or `@id-ID` behind it for LibreOffice and Gnumeric. A program that is
    absent skips the test, and fails it in CI.
    """
    name, _, locale = engine.partition("@")
    home = folder / engine
    home.mkdir(parents=True)
    return ENGINES[name](paths, home, locale or "en-US")


def _program(name: str, found: str | None) -> str:
    if found is None:
        reason = f"{name} belum terpasang"
        if os.environ.get("SOPKIT_CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def _libreoffice(mode: int | None) -> Callable[[Sequence[Path], Path, str], Mapping[Path, Book]]:
    """LibreOffice told to recalculate what it opens, or (None) with the settings that it has when new."""

    def reckon(paths: Sequence[Path], home: Path, locale: str) -> Mapping[Path, Book]:
        program = _program("soffice", shutil.which("soffice") or shutil.which("libreoffice"))
        profile = home / "profil" / "user"
        profile.mkdir(parents=True)
        (profile / "registrymodifications.xcu").write_text(_settings(mode, locale), encoding="utf-8")
        command = [program, "--headless", "--norestore", f"-env:UserInstallation={profile.parent.as_uri()}"]
        _run([*command, "--convert-to", "xlsx", "--outdir", str(home / "hasil"), *map(str, paths)])
        return {path: read_workbook(home / "hasil" / path.name, formulas=None).book for path in paths}

    return reckon


def _settings(mode: int | None, locale: str) -> str:
    items = [("Setup/L10N", "ooSetupSystemLocale", locale)]
    if mode is not None:
        items.append(("Office.Calc/Formula/Load", "OOXMLRecalcMode", str(mode)))
    said = "".join(
        f'<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop>'
        "</item>"
        for path, name, value in items
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<oor:items xmlns:oor="http://openoffice.org/2001/registry">{said}</oor:items>'
    )


def _gnumeric(paths: Sequence[Path], home: Path, locale: str) -> Mapping[Path, Book]:
    program = _program("ssconvert", shutil.which("ssconvert"))
    environment = {**os.environ, **_locale(home, locale)}
    for path in paths:
        _run([program, "--recalc", str(path), str(home / path.name)], environment)
    return {path: read_workbook(home / path.name, formulas=None).book for path in paths}


def _locale(home: Path, locale: str) -> Mapping[str, str]:
    """The environment that makes a program of the C library speak this locale; it is compiled for the occasion."""
    if locale == "en-US":
        return {"LC_ALL": "C.UTF-8"}
    name = locale.replace("-", "_")
    compiler = _program("localedef", shutil.which("localedef"))
    target = home / f"{name}.UTF-8"
    made = subprocess.run([compiler, "-i", name, "-f", "UTF-8", str(target)], capture_output=True, timeout=60)
    _program(f"locale {name} (package locales)", str(target) if made.returncode in (0, 1) and target.exists() else None)
    return {"LOCPATH": str(home), "LC_ALL": target.name}


def _hyperformula(paths: Sequence[Path], home: Path, locale: str) -> Mapping[Path, Book]:
    library = NODE_MODULES / "hyperformula"
    node = _program("node", shutil.which("node"))
    _program("hyperformula (npm install --prefix .ci hyperformula)", str(library) if library.exists() else None)
    pairs = [(home / f"{path.stem}.json", home / f"{path.stem}-hasil.json") for path in paths]
    for path, (told, _) in zip(paths, pairs, strict=True):
        told.write_text(json.dumps(_for_hyperformula(read_workbook(path, _arrayed))), encoding="utf-8")
    _run(
        [node, "--max-old-space-size=6000", str(SCRIPT), str(library), *(str(file) for pair in pairs for file in pair)]
    )
    return {path: _from_hyperformula(answer) for path, (_, answer) in zip(paths, pairs, strict=True)}


def _for_hyperformula(workbook: Workbook) -> Mapping[str, object]:
    """Names whose end is reckoned serve drop-down lists only, and HyperFormula has none of them."""
    names = [
        {"name": name, "expression": "=" + _clipped(text, workbook)}
        for name, text in workbook.names.items()
        if "OFFSET(" not in text and ":INDEX(" not in text
    ]
    return {"sheets": {name: _matrix(sheet) for name, sheet in workbook.sheets.items()}, "names": names}


def _clipped(text: str, workbook: Workbook) -> str:
    """A name's range without the empty rows below its sheet, which HyperFormula would search one by one."""
    match = re.fullmatch(r"'?([^'!]+)'?!(\$[A-Z]+)\$(\d+):(\$[A-Z]+)\$(\d+)", text)
    if match is None or match[1] not in workbook.sheets or int(match[5]) < LONG:
        return text
    sheet = workbook.sheets[match[1]]
    last = max((_place(cell)[1] for cell in (*sheet.values, *sheet.formulas)), default=1)
    return f"'{match[1]}'!{match[2]}${match[3]}:{match[4]}${max(int(match[3]), min(int(match[5]), last))}"


def _arrayed(text: str) -> str:
    """SUMPRODUCT reckons its arguments as arrays, which HyperFormula must be told; it wants no `_xlfn.` either."""
    text = text.replace("_xlfn.", "")
    if "SUMPRODUCT(" not in text:
        return text
    made, closers = list[str](), list[str]()
    for token in Tokenizer("=" + text).items:
        said = token.value
        if token.type in (Token.FUNC, Token.PAREN, Token.ARRAY) and token.subtype == Token.OPEN:
            wrapped = said == "SUMPRODUCT("
            said = "ARRAYFORMULA(" + said if wrapped else said
            closers.append("))" if wrapped else "")
        elif token.subtype == Token.CLOSE:
            said = closers.pop() or said
        made.append(said)
    return "".join(made)


def _matrix(sheet: Sheet) -> list[list[Value | None]]:
    filled = {cell: _typed(value) for cell, value in sheet.values.items()}
    for formula in sheet.formulas.values():
        if formula.array:
            for cell in _cells(formula.array):
                filled.pop(cell, None)  # HyperFormula fills them itself
    for cell, formula in sheet.formulas.items():
        filled[cell] = f"=ARRAYFORMULA({formula.text})" if formula.array else "=" + formula.text
    places = {_place(cell): value for cell, value in filled.items()}
    rows: list[list[Value | None]] = [[] for _ in range(max((row for _, row in places), default=0))]
    for (column, row), value in sorted(places.items()):
        rows[row - 1] += [None] * (column - 1 - len(rows[row - 1])) + [value]
    return rows


def _typed(value: Value) -> Value:
    """HyperFormula reads text as if typed, unless an apostrophe stands before it."""
    return "'" + value if isinstance(value, str) and not value.startswith("#") else value


def _cells(area: str) -> Iterator[str]:
    corners = [_place(corner) for corner in area.partition(":")[::2] if corner]
    (left, top), (right, bottom) = corners[0], corners[-1]
    for row in range(top, bottom + 1):
        yield from (f"{get_column_letter(column)}{row}" for column in range(left, right + 1))


def _from_hyperformula(answer: Path) -> Book:
    sheets = json.loads(answer.read_text(encoding="utf-8"))
    return {
        name: {
            f"{get_column_letter(column)}{row}": _said(value)
            for row, values in enumerate(rows, start=1)
            for column, value in enumerate(values, start=1)
            if value is not None and value != ""
        }
        for name, rows in sheets.items()
    }


def _said(value: object) -> Value:
    if isinstance(value, dict):
        return str(value["error"])
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value  # type: ignore[return-value]


def _run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, timeout=LONGEST)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]


ENGINES: Mapping[str, Callable[[Sequence[Path], Path, str], Mapping[Path, Book]]] = {
    "libreoffice": _libreoffice(mode=0),
    "libreoffice-default": _libreoffice(mode=None),
    "gnumeric": _gnumeric,
    "hyperformula": _hyperformula,
}


@dataclass
class Comparison:
    """How many cells two books hold together, and those in which they differ: sheet, cell, both values."""

    compared: int
    differing: Sequence[tuple[str, str, Value, Value]]

    def by_column(self) -> Mapping[str, int]:
        """Differing cells per `Register!AO`, most first."""
        columns = (f"{sheet}!{coordinate_from_string(cell)[0]}" for sheet, cell, *_ in self.differing)
        return dict(Counter(columns).most_common())

    def __str__(self) -> str:
        samples = dict[str, str]()
        for sheet, cell, first, second in self.differing:
            samples.setdefault(f"{sheet}!{coordinate_from_string(cell)[0]}", f"{cell}: {first!r} / {second!r}")
        lines = [f"{column}: {count} ({samples[column]})" for column, count in self.by_column().items()]
        return "\n".join((f"{self.compared} compared, {len(self.differing)} differ", *lines))


def compare(first: Book, second: Book, only: Mapping[str, set[str]] | None = None) -> Comparison:
    """All cells that either book fills, or `only` these; `formula_cells` gives those that matter."""
    compared, differing = 0, []
    for sheet in sorted({*first, *second}):
        left, right = first.get(sheet, {}), second.get(sheet, {})
        cells = {*left, *right} if only is None else only.get(sheet, set())
        compared += len(cells)
        pairs = ((cell, left.get(cell, ""), right.get(cell, "")) for cell in cells)
        differing += [(sheet, cell, one, other) for cell, one, other in pairs if not _same(one, other)]
    return Comparison(compared, sorted(differing, key=lambda found: (found[0], *_place(found[1]))))


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= NEARNESS * max(1.0, abs(one), abs(other))
    return type(one) is type(other) and one == other


@cache
def formula_cells(path: Path) -> Mapping[str, set[str]]:
    """The cells that a formula fills, array formulas with all of their range."""
    sheets = read_workbook(path, lambda _: "").sheets
    return {
        name: {*sheet.formulas, *(c for f in sheet.formulas.values() if f.array for c in _cells(f.array))}
        for name, sheet in sheets.items()
    }
