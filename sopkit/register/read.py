"""From a file to a `Register`: everything that was met on the way is kept, nothing is judged."""

from __future__ import annotations

import datetime as dt
import os
import re
import unicodedata
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from sopkit.arrays import Array
from sopkit.errors import SopkitError, file_problem
from sopkit.excel.number_formats import shown_numbers
from sopkit.excel.preflight import MAX_FILE, Facts, hostile
from sopkit.files import NotRegular, TooLarge, read_regular
from sopkit.folders import meant_book, to_do
from sopkit.frames import Frame, Series
from sopkit.language import list_text
from sopkit.ooxml.address import address_parts, corners, letter
from sopkit.register import schema as plans
from sopkit.register.forms import as_moments, stamps
from sopkit.register.layout import Layout, StepColumns, adopt_command, layout_beside, plain
from sopkit.register.live_lapses import holds, live_lapses
from sopkit.register.not_data import set_aside
from sopkit.register.own_words import by_spelling
from sopkit.register.parse import (
    Custom,
    Refused,
    as_typed,
    day_first_months,
    day_meaning,
    habit,
    is_blank,
    read_column,
    read_moment,
    typed_text,
    values_of_text,
)
from sopkit.register.schema import Column, Kind, SheetPlan
from sopkit.register.sheets import Grid, Header, find_header, named, open_sheets, used_rows
from sopkit.register.swapped_dates import months_in_use
from sopkit.register.tables import Aside, Book, Reading, Register, Source, Structure, Table, joined
from sopkit.register.wide import StepValues, wide_events
from sopkit.text import clean_line, clean_lines, nearest, worded_alike

VERSION_DEPTH = 60  # rows of sheet Hitungan in which the version of its formulas is looked for
SOP_HEADERS = ("No", "No.", "Langkah", "Aktifitas", "Pelaksana", "Kelengkapan", "Waktu", "Baku Mutu", "Output")


def read_register(path: Path, layout: Layout | None = None) -> Register:
    """Read a workbook into a `Register`.

    Without `layout`, `NAMA.sopkit.toml` beside the workbook is used where it stands. `SopkitError` only when there
    is no register to speak of: no file, no spreadsheet, protected, hostile or broken, or a layout that does not fit.
    """
    return read_book(open_book(path, layout))


def open_book(path: Path, layout: Layout | None = None, sop: Path | None = None) -> Book:
    """The file with what goes with it; the layout's SOP unless another is asked for. `SopkitError` as above."""
    stamp = _stamp(path)
    data = read_bytes(path)
    layout = layout or layout_beside(path) or Layout()
    return Book(path, data, layout, sop or layout.sop, stamp)


def changed_since(book: Book) -> bool:
    """Whether the file holds other bytes than when it was opened; `SopkitError` when it is gone.

    It is read again only where its size or its time of change is another.
    """
    return (not book.stamp or _stamp(book.path) != book.stamp) and read_bytes(book.path) != book.data


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        told = path.stat()
    except OSError:  # whoever reads it will hear why
        return ()
    return told.st_size, told.st_mtime_ns


def read_book(opened: Book) -> Register:
    """The register in an opened workbook; `SopkitError` as for `read_register`."""
    path, layout = opened.path, opened.layout
    book = _open(path, opened.data)
    office = _open(layout.office, read_bytes(layout.office)) if layout.office else None
    selected = {plan.table: _select_all(plan, _grids(plan.name, layout, book, office), layout) for plan in plans.SHEETS}
    selections = [selection for several in selected.values() for selection in several]
    dates = list(_date_columns(selections))
    order = habit(text for values in dates for text in values_of_text(values))
    swapped = months_in_use((values, day_first_months(values)) for values in dates if _mixed(values))
    words = by_spelling(layout.values)
    custom = Custom(order, book.facts.date_1904, book.facts.format == "xls", swapped, words)
    of_sheets = {name: [_table(selection, custom) for selection in several] for name, several in selected.items()}
    if vetted := book.facts.vetted:
        for name in ("cases", "events", "disposals"):
            of_sheets[name] = [_with_shown_numbers(table, vetted) for table in of_sheets[name]]
    if layout.shape == "wide":
        pairs = zip(of_sheets["cases"], selected["cases"], strict=True)
        of_sheets["events"] = [wide_events(cases, selection.steps, custom) for cases, selection in pairs]
    tables = {name: joined(several) for name, several in of_sheets.items()}
    absent = [plan for plan in plans.SHEETS if not tables[plan.table].present]
    apart = {name: _grids(name, layout, book, office)[0] for name in (plans.LISTS_SHEET, plans.SOP_SHEET)}
    lists = _own_lists(apart[plans.LISTS_SHEET])
    read = {grid.name for grid in (*(selection.grid for selection in selections), *apart.values()) if grid}
    return Register(
        source=Source(opened, beside(path), book.facts.format),
        cases=tables["cases"],
        events=tables["events"],
        disposals=tables["disposals"],
        people=tables["people"],
        office=tables["office"],
        calendar=tables["calendar"],
        hours=tables["hours"],
        mail=tables["mail"],
        choices={**plans.CHOICES, **lists},
        settings=_settings(tables["office"], layout.patterns, custom),
        sop_sheet=_sop_rows(apart[plans.SOP_SHEET]),
        missing_sheets=tuple(plan.name for plan in absent if plan.required and not _dispensable(plan, layout)),
        defaulted_sheets=tuple(plan.name for plan in absent if not plan.required or _dispensable(plan, layout)),
        other_sheets=tuple(name for name in book.grids if name not in read),
        spare_sheets=tuple(_spare(layout, tables, (grid for name, grid in book.grids.items() if name not in read))),
        layout=layout.shape,
        own_lists=frozenset(lists),
        formula_version=_formula_version(named(book.grids, plans.CALCULATION_SHEET)),
        empty=not any(grid.rows for grid in book.grids.values()),
    )


@dataclass(frozen=True)
class _Book:
    """A workbook as typed."""

    path: Path
    facts: Facts
    grids: Mapping[str, Grid]


def _spare(layout: Layout, tables: Mapping[str, Table], others: Iterable[Grid]) -> Iterable[tuple[str, str, str]]:
    """Sheets with rows under the headers of Register or Langkah, which nothing reads."""
    for grid in others:
        for plan in (plans.REGISTER,) if layout.shape == "wide" else (plans.REGISTER, plans.EVENTS):
            header = find_header(grid, layout.names(plan), layout.header_rows.get(plan.name))
            if header is None or not tables[plan.table].present:
                continue
            alike = _is_like(header, tables[plan.table])
            if alike and used_rows(grid, header, list(header.columns.values())):
                yield grid.name, header.first_cell, plan.name
                break


def _is_like(header: Header, table: Table) -> bool:
    """Whether a sheet has all required headers of a table; where an office's own sheet does without some of them, those
    that it has, and two thirds of all that are read of it.
    """
    required = {column.field for column in table.plan.columns if column.required}
    own, found = table.letters.keys(), header.columns.keys()
    return required <= found or (
        not required <= own and required & own <= found and 3 * len(own & found) >= max(6, 2 * len(own))
    )


def demand_cases(register: Register) -> None:
    """`SopkitError` where there is no sheet of cases: that nothing can be made is not that nothing is to do."""
    if not register.cases.present:
        raise without_cases(register)


def without_cases(register: Register) -> SopkitError:
    """What is said of a workbook that has no sheet of cases, with the way on."""
    path, layout = register.source.path, register.source.book.layout
    choose = "pilih buku kerja registernya"
    if register.empty:
        new = f"{choose.capitalize()}, atau buat yang baru dengan: {to_do('sopkit init')}"
        return SopkitError(f"{path.name} tidak memuat lembar kerja yang berisi.", new)
    adopt = adopt_command(path)
    if layout.path:
        way = f"Sebutkan lembarnya di {layout.path.name}, bagian [sheets], atau jalankan: {adopt}"
    else:
        way = f"Bila ini register kantor dengan susunan sendiri, jalankan: {adopt} (bila bukan, {choose})"
    return SopkitError(f"{path.name} tidak mempunyai sheet {register.cases.plan.name}.", way)


def _open(path: Path, data: bytes) -> _Book:
    return _Book(path, *open_sheets(path, data))


def _grids(sheet: str, layout: Layout, book: _Book, office: _Book | None) -> list[Grid | None]:
    """The sheets that stand for a canonical one: of the office's workbook where it has them, else of the register's."""
    grids = []
    for name in layout.sheets_of(sheet):
        found = named(office.grids, name) if office else None
        grids.append(found or named(book.grids, name))
        if grids[-1] is None and sheet in layout.sheets:
            raise _misfit(layout, f"menyebut lembar '{name}' yang tidak ada di {book.path.name}", name, book.grids)
    return grids


def _misfit(layout: Layout, what: str, name: str, there: Iterable[str]) -> SopkitError:
    close = list_text([f"'{other}'" for other in nearest(name, there, alike=worded_alike)], "atau")
    file = layout.path.name if layout.path else "Tata letak"
    hint = f"Maksudnya mungkin {close}. " if close else ""
    return SopkitError(f"{file} {what}.", f"{hint}Perbaiki berkas tata letak itu, atau susun lagi dengan: sopkit adopt")


def _dispensable(plan: SheetPlan, layout: Layout) -> bool:
    """An office's own workbook need not have BA where nothing is destroyed (a number of one is then K03), nor keep the
    steps.
    """
    return layout.path is not None and (plan is plans.DISPOSALS or (plan is plans.EVENTS and layout.adopted))


def read_bytes(path: Path) -> bytes:
    """The whole file at one moment; `SopkitError` when it is not there or not to be read."""
    shown = str(path).encode("utf-8", "replace").decode("utf-8")
    if shown != str(path):  # such a name can stand in no report, archive or mail
        raise SopkitError(f"Nama {shown} memuat huruf yang rusak (bukan UTF-8).", "Ganti namanya, lalu jalankan lagi.")
    if path.name.startswith("~$"):
        raise SopkitError(f"{path.name} adalah berkas kunci Excel, bukan buku kerja.", f"Pilih berkas {path.name[2:]}.")
    try:
        data = read_regular(path, MAX_FILE)
    except NotRegular as error:
        raise _not_regular(path) from error
    except TooLarge as error:
        raise hostile(path.name, f"lebih besar dari {MAX_FILE >> 20} MB") from error
    except FileNotFoundError as error:
        meant = meant_book(path)
        remedy = f"Mungkin maksudnya {meant}." if meant else "Periksa nama dan foldernya."
        raise SopkitError(f"Berkas {path} tidak ditemukan.", remedy) from error
    except OSError as error:
        raise file_problem(error, path, "dibuka") from error
    if not data:
        raise SopkitError(f"{path.name} kosong (0 byte).", "Ambil salinan yang utuh, misalnya dari cadangan.")
    return data


def _not_regular(path: Path) -> SopkitError:
    if path.is_dir():
        return SopkitError(f"{path} adalah folder, bukan buku kerja.", "Sebutkan nama berkas Excel di dalamnya.")
    return SopkitError(f"{path} adalah pipa atau perangkat, bukan berkas.", "Sebutkan nama berkas Excel registernya.")


@dataclass(frozen=True)
class _Selection:
    """The rows and columns of one sheet that belong to its table, still as typed."""

    plan: SheetPlan
    grid: Grid | None
    header: Header | None
    rows: Sequence[int]  # Excel row numbers
    values: Mapping[str, Sequence[object]]  # field -> values, for the fields whose header is there
    steps: Sequence[StepValues] = ()
    asides: tuple[Aside, ...] = ()
    absent: Collection[str] = ()  # fields that the layout says are not kept


def _select_all(plan: SheetPlan, grids: Sequence[Grid | None], layout: Layout) -> list[_Selection]:
    steps = layout.steps if plan is plans.REGISTER and layout.shape == "wide" else ()
    also = {plain(text) for step in steps for text in step.headers.values()}
    names, depth = layout.names(plan), layout.header_rows.get(plan.name)
    headers = [find_header(grid, names, depth, also) if grid else None for grid in grids]
    headers = [header and _with_shared(header, layout.shared.get(plan.name, {})) for header in headers]
    _check_fit(plan, [(g, h) for g, h in zip(grids, headers, strict=True) if g and h], layout, steps)
    absent = layout.absent.get(plan.name, frozenset())
    return [_select(plan, grid, header, steps, absent) for grid, header in zip(grids, headers, strict=True)]


def _with_shared(header: Header, shared: Mapping[str, str]) -> Header:
    """The header with the date columns that are read from the column of another."""
    own = header.columns
    return replace(header, columns={**own, **{field: own[other] for field, other in shared.items() if other in own}})


def _select(
    plan: SheetPlan,
    grid: Grid | None,
    header: Header | None,
    wanted: Iterable[StepColumns],
    absent: Collection[str] = (),
) -> _Selection:
    if grid is None or header is None:
        return _Selection(plan, grid, header, [], {}, absent=absent)
    steps = list(_present(wanted, header))
    of_steps = {header.texts[plain(text)] for step in steps for text in step.headers.values()}
    header = replace(header, unknown=tuple(u for u in header.unknown if address_parts(u[0])[1] not in of_steps))
    read_as = {place: plan.column(field) for field, place in header.columns.items()}
    read_as |= _read_as(steps, header)
    places = used_rows(grid, header, list(read_as))
    asides = set_aside(plan, grid, header, read_as, places)
    without = {row - grid.first_row for aside in asides for row in aside.rows}
    places = [place for place in places if place not in without]
    columns = grid.select(read_as, places)
    for place, month_first in stamps(header.texts).items():
        if place in columns:
            columns[place] = as_moments(columns[place], month_first)
    rows = [grid.first_row + place for place in places]
    values = {field: columns[place] for field, place in header.columns.items()}
    of_cases = [_step_values(step, header, grid, rows, columns) for step in steps]
    return _Selection(plan, grid, header, rows, values, of_cases, asides, absent)


def _read_as(steps: Iterable[StepColumns], header: Header) -> dict[int, Column]:
    """The columns of the steps, ascending, by what they are in sheet Langkah."""
    named = [(header.texts[plain(text)], field) for step in steps for field, text in step.headers.items()]
    return {place: plans.EVENTS.column(field) for place, field in sorted(named)}


def _present(steps: Iterable[StepColumns], header: Header) -> Iterable[StepColumns]:
    """The steps of which a sheet has the finish, with the columns that it has: one of several may lack some."""
    for step in steps:
        headers = {field: text for field, text in step.headers.items() if plain(text) in header.texts}
        if "end" in headers:
            yield replace(step, headers=headers)


def _check_fit(
    plan: SheetPlan, found: Sequence[tuple[Grid, Header]], layout: Layout, steps: Collection[StepColumns]
) -> None:
    """A header that the layout names and none of the sheets has is a slip in the layout, and said at once."""
    wanted = [*layout.headers.get(plan.name, {}), *(text for step in steps for text in step.headers.values())]
    for text in wanted if found or steps else ():
        if all(plain(text) not in header.texts for _, header in found):
            where = list_text([f"{grid.name} baris {header.row}" for grid, header in found], "atau")
            where = where or list_text(layout.sheets_of(plan.name))
            what = f"menyebut judul kolom '{text}' yang tidak ada di lembar {where}"
            raise _misfit(layout, what, text, {text: 0 for _, header in found for text in header.texts})


def _step_values(
    step: StepColumns, header: Header, grid: Grid, rows: Sequence[int], columns: Mapping[int, Sequence[object]]
) -> StepValues:
    places = {field: header.texts[plain(text)] for field, text in step.headers.items()}
    values = {field: columns[place] for field, place in places.items()}
    position = {row: at for at, row in enumerate(rows)}
    hidden = {
        field: {position[reading.row]: reading for reading in _hidden_in(grid, place, field, position)}
        for field, place in places.items()
    }
    return StepValues(step, values, places, hidden)


def _date_columns(selections: Iterable[_Selection]) -> Iterable[Sequence[object]]:
    """The values of every column that holds dates."""
    for selection in selections:
        for column in selection.plan.columns:
            if column.kind in (Kind.DATE, Kind.DATETIME):
                yield selection.values.get(column.field, ())
        for step in selection.steps:
            yield from (step.values.get(field, ()) for field in ("start", "end"))


def _mixed(values: Sequence[object]) -> bool:
    """Whether a column holds real dates and texts."""
    return any(values_of_text(values)) and any(isinstance(value, dt.date) for value in values)


def _table(selection: _Selection, custom: Custom) -> Table:
    hidden = _hidden_cells(selection)
    index = np.array(selection.rows, dtype=np.int64)
    places = {row: place for place, row in enumerate(selection.rows)} if any(hidden.values()) else {}
    data: dict[str, Array] = {}
    raw: dict[str, Array] = {}
    readings: list[Reading] = []
    for column in selection.plan.columns:
        values = selection.values.get(column.field, [""] * len(index))
        typed = as_typed(values)
        array, notes = read_column(column, values, custom, typed)
        readings += [Reading(n.kind, selection.rows[n.place], column.field, n.typed, n.shown) for n in notes]
        data[column.field] = array
        if under := hidden.get(column.field):
            typed = typed.copy()
            for row, reading in under.items():
                typed[places[row]] = reading.typed or None
                readings.append(reading)
        raw[column.field] = typed
    readings.sort(key=lambda reading: reading.row)
    header = selection.header
    return Table(
        selection.plan,
        selection.grid.name if selection.grid else selection.plan.name,
        Frame(data, index),
        Frame(raw, index),
        {field: letter(place) for field, place in header.columns.items()} if header else {},
        header.row if header else 1,
        tuple(readings),
        _structure(selection),
        selection.grid is not None,
    )


def _with_shown_numbers(table: Table, data: bytes) -> Table:
    """The table with document numbers that are stored as numbers read as their cells show them: 1 as 001."""
    found = []
    for field in table.letters:
        if table.plan.column(field).kind in (Kind.KEY, Kind.REFERENCE):
            stored = {table.cell(row, field): (row, value) for row, value in _bare_numbers(table.typed[field])}
            shown = shown_numbers(data, table.sheet, {cell: n for cell, (_, n) in stored.items()}) if stored else {}
            typed = {cell: typed_text(stored[cell][1]) for cell in shown}
            found += [
                Reading("shown", stored[cell][0], field, typed[cell], text)
                for cell, text in shown.items()
                if text != typed[cell]
            ]
    if not found:
        return table
    columns = {field: table.read.columns[field].copy() for field in {reading.field for reading in found}}
    for reading in found:
        columns[reading.field][table.read.place(reading.row)] = reading.shown
    readings = tuple(sorted((*table.readings, *found), key=lambda one: one.row))
    return replace(table, read=table.read.assign(columns), readings=readings)


def _bare_numbers(column: Series) -> Iterable[tuple[int, float]]:
    """The cells of a column of document numbers that hold a number and no text, by row."""
    values = column.array.tolist()
    if {float, int} & set(map(type, values)):
        rows = column.index.tolist()
        yield from ((row, v) for row, v in zip(rows, values, strict=True) if type(v) in (float, int) and v == v)


def _hidden_cells(selection: _Selection) -> Mapping[str, Mapping[int, Reading]]:
    """Error cells and formulas never calculated, by field and row: their values came as empty."""
    grid, header = selection.grid, selection.header
    if grid is None or header is None:
        return {}
    rows = set(selection.rows)
    return {
        field: {reading.row: reading for reading in _hidden_in(grid, column, field, rows)}
        for field, column in header.columns.items()
    }


def _hidden_in(grid: Grid, column: int, field: str, rows: Container[int]) -> Iterable[Reading]:
    for row in grid.facts.uncalculated.get(column, np.array([], dtype=np.int64)).tolist():
        if row in rows:
            yield Reading("not-calculated", row, field)
    for cell in grid.facts.errors:
        if cell.column == column and cell.row in rows:
            yield Reading("error-cell", cell.row, field, cell.shown)


def _structure(selection: _Selection) -> Structure:
    grid, header = selection.grid, selection.header
    kept = [column for column in selection.plan.columns if column.field not in selection.absent]
    required = [column for column in kept if column.required]
    if grid is None or header is None:
        return Structure(missing_headers=tuple(column.header for column in required) if grid else ())
    broken = tuple((f"{letter(c.column)}{c.row}", c.shown) for c in grid.facts.errors if c.row == header.row)
    missing = tuple(column.header for column in required if column.field not in header.columns)
    return Structure(
        merged=tuple(span for span in grid.facts.merged if _touches(span, selection.rows, header)),
        hidden_rows=tuple(sorted(set(grid.facts.hidden_rows) & set(selection.rows))),
        duplicate_headers=header.duplicates,
        unknown_headers=tuple(_not_calculations(header, grid, selection.rows)),
        missing_headers=missing if len(missing) > len(broken) else (),  # they may stand behind the errors
        broken_headers=broken,
        header_cell=header.first_cell,
        asides=selection.asides,
        absent_headers=tuple(
            column.header
            for column in selection.plan.columns
            if column.field in selection.absent and column.field not in header.columns
        ),
        lapses=live_lapses(selection.plan, grid, header, selection.rows),
    )


def _touches(span: str, rows: Sequence[int], header: Header) -> bool:
    (top, left), (bottom, right) = corners(span)
    place = int(np.searchsorted(rows, top))
    inside = any(left <= column <= right for column in header.columns.values())
    return inside and place < len(rows) and rows[place] <= bottom


def _not_calculations(header: Header, grid: Grid, rows: Sequence[int]) -> Iterable[tuple[str, str]]:
    """Unknown headers, without the columns of live formulas: those show something, they hold nothing of their own."""
    data = np.asarray(rows, dtype=np.int64)
    for cell, shown in header.unknown:
        formulas = grid.facts.formulas.get(address_parts(cell)[1], ())
        if not len(formulas) or not holds(formulas, data).all():
            yield cell, shown


def _own_lists(grid: Grid | None) -> Mapping[str, tuple[str, ...]]:
    """The lists that sheet Daftar gives itself; the rules rest on the values of those that may not be extended."""
    given = _columns_of(grid)
    return {name: given[name] for name in plans.EXTENDABLE if given.get(name)}


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


def _settings(office: Table, patterns: Mapping[str, str], custom: Custom) -> Mapping[str, str]:
    """Sheet Kantor over the layout's patterns and the defaults; a key matches its setting tolerantly, `Waktu Acuan`
    becomes ISO text and `Arti Satu Hari` the SOP's own word.
    """
    settings = {setting.key: setting.default for setting in plans.SETTINGS} | dict(patterns)
    known = {plain(key): key for key in settings}
    for row, key in office.read["key"].items():
        value = office.typed.value(row, "value")
        if key and not is_blank(value):
            settings[known.get(plain(key), str(key))] = _setting_text(value)
    settings["Waktu Acuan"] = _as_of(settings["Waktu Acuan"], custom)
    settings["Arti Satu Hari"] = day_meaning(settings["Arti Satu Hari"])
    return settings


def _as_of(text: str, custom: Custom) -> str:
    """ISO text of `Waktu Acuan`; as typed when it is empty or cannot be read."""
    if not text:
        return ""
    try:
        return dt.datetime.fromisoformat(text).isoformat()
    except ValueError:
        moment = read_moment(text, custom.order)
    return text if isinstance(moment, Refused) else moment.value.isoformat()


def _setting_text(value: object) -> str:
    if isinstance(value, bool):
        return "Ya" if value else "Tidak"
    if isinstance(value, dt.date):
        return value.isoformat()
    return clean_lines(typed_text(value))


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


def _formula_version(grid: Grid | None) -> int | None:
    """Of the live formulas, as sheet Hitungan says; 1 where it is sopkit's and says none, None where it is not."""
    if grid is None:
        return None
    lines = {plain(row[0]): row[1] for row in grid.rows[:VERSION_DEPTH] if len(row) > 1 and isinstance(row[0], str)}
    said = lines.get(plain(plans.VERSION_LABEL))
    if isinstance(said, float | int):
        return int(said)
    return 1 if {plain(plans.FIRST_VERSION_LABEL), "ketentuan"} <= set(lines) else None


def beside(path: Path) -> tuple[str, ...]:
    """Lock files of Excel and LibreOffice and conflict copies of OneDrive, Dropbox and the like beside the file.

    Names are compared as Windows does, in any letters. A file that itself is named as a copy, and stands alone, has
    none.
    """
    own, meant = _folded(path.name), _original(path.stem)
    locks = (f"~${own}", f".~lock.{own}#")
    try:
        with os.scandir(path.parent) as there:  # a province may lie in one folder: no more is asked than names
            folded = {other.name: _folded(other.name) for other in there}
    except OSError:
        return ()
    return tuple(
        name
        for name in sorted(name for name, like in folded.items() if meant in like)
        if folded[name] in locks
        or (
            folded[name] != own
            and _folded(Path(name).suffix) == _folded(path.suffix)
            and _original(Path(name).stem) == meant
        )
    )


_COPIES = re.compile(
    r"(?:copy|salinan)(?: \(\d+\))? (?:of |dari )?(?P<behind>.+)"
    r"|(?P<before>.+?)(?: ?\(\d+\)| - (?:copy|salin|salinan)|[ _-](?:copy|salinan)\d*"
    r"|-(?:laptop|desktop|pc|win|notebook|komputer)-[a-z0-9-]+|\.sync-conflict-[a-z0-9-]+"
    r"|(?: ?[(\[][^()\[\]]*| - .*|[ _-]+)(?:conflict|konflik|bentrok).*)"
)


def _original(stem: str) -> str:
    """The name of which this is a copy's, all marks of copies taken off; the name itself where it bears none."""
    name = _folded(stem)
    while match := _COPIES.fullmatch(name):
        name = match["behind"] or match["before"]
    return name


@lru_cache(1 << 14)  # all names of a folder are asked for by each workbook in it
def _folded(name: str) -> str:
    return (name if name.isascii() else unicodedata.normalize("NFC", name)).casefold()
