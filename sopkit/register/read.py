"""From a file to a `Register`: everything that was met on the way is kept, nothing is judged."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sopkit.errors import SopkitError
from sopkit.register import columns as plans
from sopkit.register.columns import Kind, SheetPlan
from sopkit.register.layout import Layout
from sopkit.register.preflight import preflight
from sopkit.register.register import Reading, Register, Source, Structure, Table
from sopkit.register.sheets import Grid, Header, find_header, named, plain, read_sheets, used_rows
from sopkit.register.sheetxml import address_parts, letter
from sopkit.register.values import (
    Custom,
    as_typed,
    clean_line,
    habit,
    is_blank,
    read_column,
    typed_text,
    values_of_text,
)

SOP_HEADERS = ("No", "No.", "Langkah", "Aktifitas", "Pelaksana", "Kelengkapan", "Waktu", "Baku Mutu", "Output")


def read_register(path: Path, layout: Layout | None = None) -> Register:
    """Read a workbook into a `Register`.

    Without `layout`, `NAMA.sopkit.toml` beside the workbook is used where it stands. `SopkitError` only when there
    is no register to speak of: no file, no spreadsheet, protected, hostile or broken.
    """
    data = read_bytes(path)
    facts = preflight(path.name, data)
    grids = read_sheets(path.name, data, facts)
    selections = [_select(plan, named(grids, plan.name)) for plan in plans.SHEETS]
    custom = Custom(habit(_date_texts(selections)), facts.date_1904, facts.format == "xls")
    tables = {selection.plan.table: _table(selection, custom) for selection in selections}
    absent = [plan for plan in plans.SHEETS if not tables[plan.table].present]
    return Register(
        source=Source(path, hashlib.sha256(data).hexdigest(), _in_use(path), facts.format),
        cases=tables["cases"],
        events=tables["events"],
        disposals=tables["disposals"],
        people=tables["people"],
        office=tables["office"],
        calendar=tables["calendar"],
        hours=tables["hours"],
        mail=tables["mail"],
        choices=_choices(named(grids, plans.LISTS_SHEET)),
        settings=_settings(tables["office"]),
        sop_sheet=_sop_rows(named(grids, plans.SOP_SHEET)),
        missing_sheets=tuple(plan.name for plan in absent if plan.required),
        defaulted_sheets=tuple(plan.name for plan in absent if not plan.required),
    )


def read_bytes(path: Path) -> bytes:
    """The whole file at one moment; `SopkitError` when it is not there or not to be read."""
    if path.name.startswith("~$"):
        raise SopkitError(
            f"{path.name} adalah berkas kunci Excel, bukan buku kerja.", f"Pilih berkas {path.name[2:]}."
        )
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise SopkitError(f"Berkas {path} tidak ditemukan.", "Periksa nama dan foldernya.") from error
    except IsADirectoryError as error:
        raise SopkitError(
            f"{path} adalah folder, bukan buku kerja.", "Sebutkan nama berkas Excel di dalamnya."
        ) from error
    except PermissionError as error:
        raise SopkitError(
            f"{path} tidak dapat dibuka karena sedang dikunci program lain atau tidak diizinkan.",
            "Tutup berkas itu di Excel, lalu jalankan lagi.",
        ) from error
    except OSError as error:
        raise SopkitError(f"{path} tidak dapat dibaca ({error.strerror}).", "Periksa berkas dan disknya.") from error
    if not data:
        raise SopkitError(f"{path.name} kosong (0 byte).", "Ambil salinan yang utuh, misalnya dari cadangan.")
    return data


@dataclass(frozen=True)
class _Selection:
    """The rows and columns of one sheet that belong to its table, still as typed."""

    plan: SheetPlan
    grid: Grid | None
    header: Header | None
    rows: Sequence[int]  # Excel row numbers
    values: Mapping[str, Sequence[Any]]  # field -> values, for the fields whose header is there


def _select(plan: SheetPlan, grid: Grid | None) -> _Selection:
    names = {plain(column.header): column.field for column in plan.columns}
    header = find_header(grid, names) if grid else None
    if grid is None or header is None:
        return _Selection(plan, grid, header, [], {})
    places = used_rows(grid, header)
    columns = list(zip(*(grid.rows[place] for place in places), strict=True)) or [()] * len(grid.rows[0])
    values = {field: columns[place - grid.first_column] for field, place in header.columns.items()}
    return _Selection(plan, grid, header, [grid.first_row + place for place in places], values)


def _date_texts(selections: Iterable[_Selection]) -> Iterable[str]:
    for selection in selections:
        for column in selection.plan.columns:
            if column.kind in (Kind.DATE, Kind.DATETIME):
                yield from values_of_text(selection.values.get(column.field, ()))


def _table(selection: _Selection, custom: Custom) -> Table:
    index = pd.Index(np.array(selection.rows, dtype="int64"))
    data: dict[str, pd.Series[Any]] = {}
    raw: dict[str, pd.Series[Any]] = {}
    readings: list[Reading] = []
    hidden = _hidden_cells(selection)
    for column in selection.plan.columns:
        values = selection.values.get(column.field, [""] * len(index))
        array, notes = read_column(column, values, custom)
        readings += [Reading(n.kind, selection.rows[n.place], column.field, n.typed, n.shown) for n in notes]
        data[column.field] = pd.Series(array, index=index, dtype=array.dtype)
        raw[column.field] = _as_typed(values, index, hidden.get(column.field, {}))
        readings += [reading for _, reading in hidden.get(column.field, {}).items()]
    readings.sort(key=lambda reading: reading.row)
    header = selection.header
    return Table(
        selection.plan,
        selection.grid.name if selection.grid else selection.plan.name,
        pd.DataFrame(data, index=index),
        pd.DataFrame(raw, index=index),
        {field: letter(place) for field, place in header.columns.items()} if header else {},
        header.row if header else 1,
        tuple(readings),
        _structure(selection),
        selection.grid is not None,
    )


def _as_typed(values: Sequence[Any], index: pd.Index[Any], hidden: Mapping[int, Reading]) -> pd.Series[Any]:
    array = as_typed(values)
    for row, reading in hidden.items():
        array[index.get_loc(row)] = reading.typed or None
    return pd.Series(array, index=index, dtype=object)


def _hidden_cells(selection: _Selection) -> Mapping[str, Mapping[int, Reading]]:
    """Error cells and formulas never calculated, by field and row: their values came as empty."""
    grid, header = selection.grid, selection.header
    if grid is None or header is None:
        return {}
    fields = {column: field for field, column in header.columns.items()}
    rows = set(selection.rows)
    found: dict[str, dict[int, Reading]] = {}
    for column, lost in grid.facts.uncalculated.items():
        for row in rows.intersection(lost.tolist()) if column in fields else ():
            found.setdefault(fields[column], {})[row] = Reading("not-calculated", row, fields[column])
    for cell in grid.facts.errors:
        if cell.row in rows and cell.column in fields:
            field = fields[cell.column]
            found.setdefault(field, {})[cell.row] = Reading("error-cell", cell.row, field, cell.shown)
    return found


def _structure(selection: _Selection) -> Structure:
    grid, header = selection.grid, selection.header
    required = [column for column in selection.plan.columns if column.required]
    if grid is None or header is None:
        return Structure(missing_headers=tuple(column.header for column in required) if grid else ())
    return Structure(
        merged=tuple(span for span in grid.facts.merged if _touches(span, selection.rows, header)),
        hidden_rows=tuple(sorted(set(grid.facts.hidden_rows) & set(selection.rows))),
        duplicate_headers=header.duplicates,
        unknown_headers=tuple(_not_calculations(header, grid, selection.rows)),
        missing_headers=tuple(column.header for column in required if column.field not in header.columns),
        header_cell=header.first_cell,
    )


def _touches(span: str, rows: Sequence[int], header: Header) -> bool:
    (top, left), (bottom, right) = (address_parts(cell) for cell in (span.split(":")[0], span.split(":")[-1]))
    place = int(np.searchsorted(rows, top))
    inside = any(left <= column <= right for column in header.columns.values())
    return inside and place < len(rows) and rows[place] <= bottom


def _not_calculations(header: Header, grid: Grid, rows: Sequence[int]) -> Iterable[tuple[str, str]]:
    """Unknown headers, without the columns of live formulas: those show something, they hold nothing of their own."""
    for cell, shown in header.unknown:
        formulas = grid.facts.formulas.get(address_parts(cell)[1], ())
        if not len(formulas) or not set(rows) <= set(formulas):
            yield cell, shown


def _choices(grid: Grid | None) -> Mapping[str, tuple[str, ...]]:
    """Sheet Daftar over the canonical lists; the rules rest on the values of those that may not be extended."""
    given = _columns_of(grid)
    own = {name: given[name] for name in plans.EXTENDABLE if given.get(name)}
    return {**plans.CHOICES, **own}


def _columns_of(grid: Grid | None) -> Mapping[str, tuple[str, ...]]:
    """The lists of sheet Daftar by name, each value once, in order."""
    names = {plain(name): name for name in plans.CHOICES}
    header = find_header(grid, names) if grid else None
    if grid is None or header is None:
        return {}
    rows = grid.rows[header.row - grid.first_row + 1 :]
    columns = {name: [row[place - grid.first_column] for row in rows] for name, place in header.columns.items()}
    return {
        name: tuple(dict.fromkeys(clean_line(typed_text(value)) for value in values if not is_blank(value)))
        for name, values in columns.items()
    }


def _settings(office: Table) -> Mapping[str, str]:
    """Sheet Kantor over the defaults; a key matches its setting tolerantly."""
    settings = {setting.key: setting.default for setting in plans.SETTINGS}
    known = {plain(key): key for key in settings}
    for row, key in office.data["key"].items():
        value = office.raw.at[row, "value"]
        if key and not is_blank(value):
            settings[known.get(plain(key), str(key))] = _setting_text(value)
    return settings


def _setting_text(value: object) -> str:
    if isinstance(value, bool):
        return "Ya" if value else "Tidak"
    if isinstance(value, dt.date):
        return value.isoformat()
    return typed_text(value).strip()


def _sop_rows(grid: Grid | None) -> tuple[tuple[str, tuple[object, ...]], ...]:
    """Sheet SOP from the row that names its columns: blank rows left out, values as typed, None for empty."""
    names = {plain(name): name for name in SOP_HEADERS}
    header = find_header(grid, names) if grid else None
    if grid is None or header is None:
        return ()
    rows = ((row, values) for row, values in enumerate(grid.rows, start=grid.first_row) if row >= header.row)
    return tuple(
        (f"{letter(grid.first_column)}{row}", tuple(None if is_blank(value) else value for value in values))
        for row, values in rows
        if not all(map(is_blank, values))
    )


def _in_use(path: Path) -> tuple[str, ...]:
    """Lock files of Excel and LibreOffice and conflict copies of OneDrive, Dropbox and the like beside the file."""
    stem, ending = re.escape(path.stem), re.escape(path.suffix)
    copy = re.compile(
        rf"(~\${re.escape(path.name)}|\.~lock\.{re.escape(path.name)}\#"
        rf"|{stem} ?\(\d+\){ending}|{stem}[ _-].*(conflict|konflik|bentrok).*{ending}|{stem}-Copy\d*{ending})",
        re.IGNORECASE,
    )
    try:
        beside = sorted(other.name for other in path.parent.iterdir())
    except OSError:
        return ()
    return tuple(name for name in beside if name != path.name and copy.fullmatch(name))
