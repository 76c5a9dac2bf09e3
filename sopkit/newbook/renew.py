"""A new workbook of today's formulas with all that staff typed into an older one, which stays as it is."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from sopkit.checks.catalogue import Finding
from sopkit.checks.inspection import Inspected, inspect_register
from sopkit.errors import SopkitError
from sopkit.files import temporary_prefix, write_atomic
from sopkit.newbook.create import TABLED, Row, WorkbookContent, build_workbook
from sopkit.newbook.formula import FIRST
from sopkit.newbook.leftover import SERVICES, left_behind
from sopkit.newbook.typed import Typed, TypedSheet, merged_ranges, read_typed
from sopkit.ooxml.address import letter
from sopkit.register.identity import mark_of, new_mark
from sopkit.register.layout import Layout, layout_path, layout_text, plain
from sopkit.register.read import open_book, read_register
from sopkit.register.schema import CHOICES, EXTENDABLE, HOURS, OFFICE, SETTINGS, SHEETS, SheetPlan
from sopkit.register.tables import Register, Table
from sopkit.sop.model import load_sop

UNSOUND = ("B01", "B02", "B03")
"""What keeps a sheet from being read whole; nothing is carried over before it is mended."""
OF_THE_BOOK = ("B08", "B09", "B12", "B50", "B51", "B54")
"""Findings on the workbook and not on what was typed: own headers, sheet SOP, copies beside it, absent sheets, what is
no data, live columns."""


@dataclass(frozen=True)
class Renewed:
    """What was written, and what could not be carried over, a line each."""

    path: Path
    made: tuple[Path, ...]
    left: tuple[str, ...]


def renew_workbook(book: Path, sop_file: Path | None = None) -> Renewed:
    """Write `NAMA-diperbarui.xlsx` beside a workbook, with its values proved the same.

    `SopkitError`, and nothing written, where a file of that name is there, the workbook cannot be read whole, or the
    new one would say anything else.
    """
    layout = open_book(book).layout
    target = book.with_name(f"{book.stem}-diperbarui.xlsx")
    own_sop = sop_file or layout.sop
    beside = _layout_of(layout, own_sop, target.parent)
    _refuse(book, target, layout, beside)
    sop = load_sop(own_sop)
    before = inspect_register(read_register(book, layout), sop)
    _demand_sound(before)
    typed = read_typed(book, layout)
    _demand_calculated(before.register, typed)
    data = build_workbook(sop, _year(before), _content(before.register, typed))
    with _folder() as folder:
        trial = Path(folder) / target.name
        write_atomic(trial, data)
        _prove(before, typed, trial, _carried(layout))
        left = tuple(left_behind(typed, layout, trial, before.findings))
    files = {target: data}
    if beside:
        files = {layout_path(target): beside, target: data}
    return Renewed(target, _written(files), left)


def _refuse(book: Path, target: Path, layout: Layout, beside: bytes) -> None:
    if layout.shape == "wide":
        raise SopkitError(
            f'{book.name} menyimpan langkah dalam kolom (layout = "wide"), jadi tidak dapat diperbarui.',
            "Salin isinya ke buku kerja baru dari sopkit init.",
        )
    for path in (target, *([layout_path(target)] if beside else [])):
        if path.exists():
            raise SopkitError(
                f"{path} sudah ada.", "Pindahkan atau hapus berkas itu lebih dahulu; tidak ada yang ditimpa."
            )


def _demand_sound(inspected: Inspected) -> None:
    for found in inspected.findings:
        table = next((t for t in inspected.register.tables if t.sheet == found.sheet), None)
        merged = found.code == "B06" and table is not None and table.plan.name in TABLED
        if found.code in UNSOUND or merged:
            place = f"{found.sheet}!{found.cell}: " if found.cell else ""
            raise SopkitError(f"Buku kerja ini belum dapat diperbarui. {place}{found.message}", found.fix)


def _demand_calculated(register: Register, typed: Typed) -> None:
    """A formula that was never calculated has no value to carry over, unless it can be written as it is."""
    for table in register.tables:
        for reading in table.readings:
            sheet = typed.sheets[table.plan.name] if reading.kind == "not-calculated" else None
            if sheet and reading.field not in sheet.rows[list(sheet.numbers).index(reading.row)]:
                raise SopkitError(
                    f"Rumus di {table.sheet}!{table.cell(reading.row, reading.field)} belum pernah dihitung, jadi "
                    "nilainya tidak dapat dibawa.",
                    "Buka buku kerja di Excel, tekan F9, simpan, lalu ulangi.",
                )


def _year(inspected: Inspected) -> int:
    """The register's own, else that of its latest case, else this one."""
    found = inspected.register.cases.data["found_at"].dropna()
    return inspected.register.stated_year or int(found.max().year if len(found) else inspected.as_of.year)


def _content(register: Register, typed: Typed) -> WorkbookContent:
    rows: dict[str, Sequence[Row] | None] = {
        plan.table: typed.sheets[plan.name].rows if plan.name in typed.sheets else None for plan in SHEETS
    }
    return WorkbookContent(
        cases=rows["cases"] or (), events=rows["events"] or (), disposals=rows["disposals"] or (),
        people=rows["people"] or (), calendar=rows["calendar"], hours=rows["hours"], mail=rows["mail"],
        office=register.settings, office_rows=_office_rows(register, rows["office"]), lists=lists_of(register, typed),
        extra={name: tuple(sheet.own) for name, sheet in typed.sheets.items()},
        hidden={name: sheet.hidden for name, sheet in typed.sheets.items()},
        merged={plan.name: tuple(_merged(plan, typed.sheets.get(plan.name))) for plan in (OFFICE, HOURS)},
        mark=mark_of(register.source.book.data) or new_mark(register.source.book.data),
    )  # fmt: skip


def _office_rows(register: Register, rows: Sequence[Row] | None) -> Sequence[Row]:
    """Sheet Kantor as typed, and below it the keys that it does not have yet."""
    known = set(map(plain, register.office.data["key"].dropna()))
    new = [{"key": setting.key, "value": setting.default} for setting in SETTINGS if plain(setting.key) not in known]
    return [*(rows or ()), *new]


def lists_of(register: Register, typed: Typed) -> Mapping[str, Sequence[object]]:
    """Sheet Daftar as typed; a list that may not be extended has sopkit's values too.

    A workbook without services of its own takes any, so its list stays empty.
    """
    lists = {name: values for name, values in typed.lists.items() if values or name not in CHOICES}
    for name in lists.keys() & CHOICES.keys() - set(EXTENDABLE):
        there = {plain(value) for value in lists[name]}
        lists[name] = [*lists[name], *(value for value in CHOICES[name] if plain(value) not in there)]
    return {SERVICES: [], **lists} if SERVICES not in register.own_lists else lists


def _merged(plan: SheetPlan, sheet: TypedSheet | None) -> Iterator[str]:
    for first, last, place in merged_ranges(plan, sheet) if sheet else ():
        if last > first:
            yield f"{letter(place + 1)}{FIRST + first}:{letter(place + 1)}{FIRST + last}"


def _folder() -> TemporaryDirectory[str]:
    try:
        return TemporaryDirectory(prefix=temporary_prefix())
    except OSError as error:
        raise SopkitError("Folder sementara tidak dapat dibuat.", "Kosongkan ruang disk lalu jalankan lagi.") from error


def _prove(before: Inspected, typed: Typed, trial: Path, layout: Layout) -> None:
    """`SopkitError` unless the new workbook holds the same values and has the same findings."""
    register = read_register(trial, layout)
    after = inspect_register(register, before.sop, before.as_of)
    again = read_typed(trial, Layout())
    found = next(_differences(_with_all_columns(before), typed, after, again), None)
    if found:
        raise SopkitError(
            f"Buku kerja yang baru tidak sama isinya ({found}), jadi tidak ditulis.",
            "Perbaiki yang disebut itu bila dapat, lalu ulangi; buku kerja yang lama tidak berubah.",
        )


def _with_all_columns(inspected: Inspected) -> Inspected:
    """As the new workbook is judged, which has every column: of one that nothing was connected with, the records are
    missing there.
    """
    if not inspected.inspection.unconnected:
        return inspected
    register = inspected.register
    book = replace(register.source.book, layout=replace(register.source.book.layout, sheets={}, headers={}))
    register = replace(register, source=replace(register.source, book=book))
    return inspect_register(register, inspected.sop, inspected.as_of)


def _differences(before: Inspected, typed: Typed, after: Inspected, again: Typed) -> Iterator[str]:
    """Where the two workbooks differ: as typed, as read, and in what is found in them."""
    for name, sheet in typed.sheets.items():
        same = sheet.rows == again.sheets[name].rows[: len(sheet.rows)] and sheet.hidden == again.sheets[name].hidden
        if not same or (name != OFFICE.name and len(sheet.rows) != len(again.sheets[name].rows)):
            yield _first_difference(name, sheet, again.sheets[name])
    for name, values in typed.lists.items():
        if list(values) != list(again.lists.get(name, ()))[: len(values)]:
            yield f"daftar {name}"
    moved = {name: _moves(sheet) for name, sheet in typed.sheets.items()}
    for old, new in zip(before.register.tables, after.register.tables, strict=True):
        if old.present:
            yield from _read_otherwise(old, new, moved.get(old.plan.name, {}))
    if before.register.settings != after.register.settings:
        yield "ketentuan sheet Kantor"
    sheets = {table.sheet: table.plan.name for table in before.register.tables}
    passed = (*OF_THE_BOOK, *(("B10",) if before.register.defaulted_sheets else ()))
    was = Counter(_moved(found, sheets, moved) for found in before.findings if found.code not in passed)
    kept = {name: {row: row for row in rows.values()} for name, rows in moved.items()}
    now = Counter(_moved(found, {}, kept) for found in after.findings if found.code not in passed)
    yield from (f"temuan {code} di {sheet}" for code, sheet, *_ in (was - now) + (now - was))


def _first_difference(name: str, old: TypedSheet, new: TypedSheet) -> str:
    for row, was, now in zip(old.numbers, old.rows, new.rows, strict=False):
        for key in (*was, *now):
            if was.get(key) != now.get(key):
                return f"sel {old.grid.name}!{letter(old.columns[key])}{row}" if key in old.columns else f"sheet {name}"
    return f"sheet {name}"


def _moves(sheet: TypedSheet) -> dict[int, int]:
    """Row of the old workbook -> row of the new one."""
    return {row: FIRST + place for place, row in enumerate(sheet.numbers)}


def _read_otherwise(old: Table, new: Table, moved: Mapping[int, int]) -> Iterator[str]:
    """Where the rows are read differently; sheet Kantor may have further ones."""
    rows = [moved.get(row, 0) for row in old.data.index]
    if rows != new.data.index.tolist()[: len(rows)] or (old.plan != OFFICE and len(rows) != len(new.data)):
        yield f"baris sheet {old.sheet}"
        return
    for name in old.data.columns:
        was, now = old.data[name], new.data[name].iloc[: len(rows)]
        other = ~((was.to_numpy() == now.to_numpy()) | (was.isna().to_numpy() & now.isna().to_numpy()))
        yield from (f"sel {old.sheet}!{old.cell(row, name)}" for row in was.index[other])
    kept = {row: row for row in rows}
    apart = Counter(_readings(old, moved)) - Counter(_readings(new, kept))
    apart += Counter(_readings(new, kept)) - Counter(_readings(old, moved))
    yield from (f"pembacaan kolom {old.plan.column(name).header} di sheet {old.sheet}" for _, _, name, *_ in apart)
    if sorted(moved[row] for row in old.structure.hidden_rows) != sorted(new.structure.hidden_rows):
        yield f"baris tersembunyi sheet {old.sheet}"


def _readings(table: Table, rows: Mapping[int, int]) -> Iterator[tuple[str, int, str, str, str]]:
    return ((r.kind, rows.get(r.row, 0), r.field, _said(r.kind, r.typed), r.shown) for r in table.readings)


def _said(kind: str, typed: str) -> str:
    """Of an error only that it is one: not every program names them alike."""
    return "" if kind == "error-cell" else typed


def _moved(found: Finding, sheets: Mapping[str, str], rows: Mapping[str, Mapping[int, int]]) -> tuple[object, ...]:
    """What a finding says wherever its cell stands."""
    sheet = sheets.get(found.sheet, found.sheet)
    row = rows.get(sheet, {}).get(found.row or 0)
    return found.code, sheet, row, found.column, found.case, found.step, found.severity, found.explained


def _layout_of(layout: Layout, sop: Path | None, folder: Path) -> bytes:
    """The layout file of the new workbook: its SOP, and what its sheets do not say; empty where it needs none."""
    name = ""
    if sop:
        try:
            name = Path(os.path.relpath(sop, folder)).as_posix()
        except ValueError:  # on another drive of Windows
            name = sop.absolute().as_posix()
    return layout_text(name, layout).encode("utf-8")


def _carried(layout: Layout) -> Layout:
    """What of a layout holds for the new workbook too."""
    return Layout(patterns=layout.patterns, history=layout.history, values=layout.values)


def _written(files: Mapping[Path, bytes]) -> tuple[Path, ...]:
    """Write all files, or leave none behind."""
    made: list[Path] = []
    try:
        for path, data in files.items():
            write_atomic(path, data)
            made.append(path)
    except SopkitError:
        for path in made:
            path.unlink(missing_ok=True)
        raise
    return tuple(made)
