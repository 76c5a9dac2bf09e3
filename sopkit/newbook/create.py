"""The register workbook, made by code: blank for a new office, or filled with given rows.

The same content gives the same bytes. Headers come from `schema.py`, live formulas from `live.py`, the pages around
the tables from `pages.py`.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from sopkit.newbook.formats import COLOURS, conditions, make_formats
from sopkit.newbook.formula import CAPACITY, FIRST, HEADER_ROW, Live, a1, structured
from sopkit.newbook.live import live_columns
from sopkit.newbook.live_calendar import calculation_page, define_calculation_names
from sopkit.newbook.next_number import band, series_of
from sopkit.newbook.pages import (
    NO_NAME,
    OFFICE_LINE,
    Guide,
    define_names,
    define_office_names,
    guide_page,
    lists_page,
    sop_page,
    summary_page,
    visible_pages,
)  # fmt: skip
from sopkit.newbook.sheet import PlainWorksheet, Result, worksheet_class
from sopkit.newbook.validations import note_of, setting_validation, validation
from sopkit.ooxml import address
from sopkit.ooxml.sheet_scan import LAST_ROW
from sopkit.register.identity import PROPERTY
from sopkit.register.schema import (
    CALENDAR,
    CHOICES,
    DISPOSALS,
    EVENTS,
    GUIDE_SHEET,
    HOURS,
    LISTS_SHEET,
    MAIL,
    OFFICE,
    PEOPLE,
    REGISTER,
    SETTINGS,
    Kind,
    SheetPlan,
)  # fmt: skip
from sopkit.sop.model import Sop, load_sop
from sopkit.text import plain

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

CREATED = dt.datetime(2026, 1, 1, 8, 0)
"""Creation time in every workbook's properties: the same input gives the same bytes."""
SPARE_ROWS: Mapping[str, int] = {"Register": 100, "Langkah": 600, "Pemusnahan": 24, "Pegawai": 20}
"""Blank rows with formulas kept ready below the data. Excel lengthens the table by itself after that; LibreOffice does
not, which B54 tells and `init --renew` mends. A thousand of them cost 50 KiB and no time that one feels."""
Row = Mapping[str, object]
DEFAULT_MAIL: tuple[Row, ...] = (
    {"document": "PTPP", "to": "Penanggung Jawab", "cc": "Sekcam"},
    {"document": "BA Pemusnahan", "to": "Camat"},
    {"document": "Daftar PTPP", "to": "Sekcam"},
    {"document": "Laporan", "to": "Sekcam"},
    {"document": "Pengingat", "to": "Penanggung Jawab"},
)


@dataclass(frozen=True)
class ErrorCell:
    """A cell that shows an Excel error, such as `#REF!`."""

    code: str


@dataclass(frozen=True)
class Formula:
    """A formula that was never calculated."""

    text: str


@dataclass(frozen=True)
class WorkbookContent:
    """What fills the tables: rows as field -> value (str, number, bool, date, datetime, time, timedelta, `ErrorCell`,
    `Formula`).

    None for calendar, hours or mail means the seeds. `hidden` gives places (0-based) of hidden rows per sheet, `extra`
    further headers per sheet (their values under the header's name), `merged` ranges of a sheet that is no Excel
    table, `sop_cells` what sheet SOP says otherwise than the SOP; `stored` the results of formulas by sheet and cell:
    those that it does not have are not stored, and the program that opens the workbook reckons them. `office_rows` are
    sheet Kantor as it stands, in place of the SOP's office and the defaults; `lists` values of sheet Daftar by header,
    in place of the usual ones or in columns of their own. `mark` is the register's identity, for its properties.
    """

    cases: Sequence[Row] = ()
    events: Sequence[Row] = ()
    disposals: Sequence[Row] = ()
    people: Sequence[Row] = ()
    office: Mapping[str, str] = field(default_factory=dict)
    calendar: Sequence[Row] | None = None
    hours: Sequence[Row] | None = None
    mail: Sequence[Row] | None = None
    extra: Mapping[str, Sequence[str]] = field(default_factory=dict)
    hidden: Mapping[str, Sequence[int]] = field(default_factory=dict)
    merged: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sop_cells: Mapping[str, str] = field(default_factory=dict)
    stored: Mapping[str, Mapping[str, Result]] = field(default_factory=dict)
    office_rows: Sequence[Row] | None = None
    lists: Mapping[str, Sequence[object]] = field(default_factory=dict)
    mark: str = ""

    @property
    def blank(self) -> bool:
        """Whether it has no cases: what its formulas come to is known."""
        return not (self.cases or self.events or self.disposals)


def build_workbook(sop: Sop, year: int, content: WorkbookContent | None = None) -> bytes:
    """The canonical workbook (product.md) for a register of `year`; without `content`, blank with the seeds."""
    content = content or WorkbookContent()
    return _built(f"{sop.title}: register {year}", sop, content, lambda book: _Maker(book, sop, year, content).make())


def build_office_book(sop: Sop, year: int, content: WorkbookContent, guide: Guide) -> bytes:
    """A workbook of the sheets that set an office, for registers that sopkit did not make."""
    return _built(
        "Buku kantor", sop, content, lambda book: _Maker(book, sop, year, content, alone=True).make_office(guide)
    )


def _built(title: str, sop: Sop, content: WorkbookContent, fill: Callable[[Workbook], None]) -> bytes:
    from xlsxwriter import Workbook

    target = io.BytesIO()
    book = Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    author = content.office.get("Nama Kantor", sop.office.name).title()
    book.set_properties({"title": title, "author": author, "created": CREATED})
    if content.mark:
        book.set_custom_property(PROPERTY, content.mark, "text")
    book.calc_on_load = not content.stored
    fill(book)
    book.close()
    return target.getvalue()


def unsaid(sop: Sop) -> Mapping[str, str]:
    """The letterhead in sheet Kantor of an office that has not said who it is: empty, as the SOP of the package bears
    another's; an SOP of the office's own bears its own.
    """
    if sop.office.name != load_sop().office.name:
        return {}
    return dict.fromkeys(("Pemerintah", "Nama Kantor", "Alamat", "Tempat"), "")


def office_settings(sop: Sop, year: int, office: Mapping[str, str]) -> dict[str, str]:
    """Key -> value of sheet Kantor: the SOP's office, the defaults, and over them what the content gives."""
    own = {
        "Pemerintah": sop.office.government,
        "Nama Kantor": sop.office.name,
        "Alamat": sop.office.address,
        "Tempat": sop.office.place.title(),
        "Tahun Register": str(year),
    }
    return {setting.key: office.get(setting.key, own.get(setting.key, setting.default)) for setting in SETTINGS}


@dataclass(frozen=True)
class _Look:
    """How a sheet of rows looks: title, tab colour, widths by field, sections over the header, columns kept in view."""

    title: str
    tab: str
    widths: Mapping[str, float]
    sections: tuple[tuple[str, str, str], ...] = ()  # first field, last field, text
    frozen: int = 1
    wide: int = 1  # pages across when printed


LOOKS: Mapping[str, _Look] = {
    "Register": _Look(
        "REGISTER LAYANAN TIDAK SESUAI",
        "dark",
        {
            "number": 19, "found_at": 17, "service": 22, "description": 46, "found_by": 22, "source": 15,
            "requirement": 28, "category": 11, "ptpp_number": 19, "ptpp_date": 12, "addressee": 20, "correction": 32,
            "cause": 34, "corrective_action": 34, "preventive_action": 34, "responsible": 22, "due_date": 12,
            "disposition": 13, "decided_by": 22, "segregation_place": 22, "correction_result": 32, "verification": 13,
            "verified_by": 22, "verified_on": 12, "to_destroy": 13, "quantity": 9, "unit": 10, "disposal_number": 17,
            "follow_up_ptpp": 19, "status": 10, "remark": 34,
        },
        (
            ("number", "category", "TEMUAN"), ("ptpp_number", "addressee", "PTPP"),
            ("correction", "due_date", "TINDAKAN"), ("disposition", "segregation_place", "KEPUTUSAN DAN PEMISAHAN"),
            ("correction_result", "verified_on", "HASIL DAN VERIFIKASI"),
            ("to_destroy", "disposal_number", "PEMUSNAHAN"), ("follow_up_ptpp", "remark", "PENUTUPAN"),
        ),
        wide=4,
    ),
    "Langkah": _Look(
        "PELAKSANAAN LANGKAH SOP",
        "dark",
        {"case": 19, "step": 44, "actor": 24, "start": 17, "end": 17, "outcome": 12, "remark": 44},
        (("case", "remark", "DIISI SAAT PEKERJAAN BERJALAN"),),
        frozen=2,
    ),
    "Pemusnahan": _Look(
        "PEMUSNAHAN HASIL LAYANAN TIDAK SESUAI",
        "dark",
        {
            "number": 17, "date": 12, "place": 26, "manner": 28, "executor": 24, "witness1": 24, "witness2": 24,
            "acknowledged_by": 26, "remark": 34,
        },
        (("number", "remark", "SATU BARIS UNTUK SATU BERITA ACARA"),),
    ),
    "Pegawai": _Look(
        "DAFTAR PEGAWAI",
        "middle",
        {
            "name": 32, "nip": 22, "rank": 24, "position": 36, "role": 10, "email": 34, "active": 8, "start": 12,
            "end": 12, "basis": 34, "other_names": 34,
        },
    ),
    "Kantor": _Look("IDENTITAS DAN KETENTUAN KANTOR", "middle", {"key": 24, "value": 78}),
    "Kalender": _Look("HARI LIBUR DAN CUTI BERSAMA", "middle", {"date": 14, "kind": 18, "remark": 52, "basis": 84}),
    "Jam Kerja": _Look(
        "JAM KERJA",
        "middle",
        {
            "valid_from": 14, "valid_until": 14, "days": 18, "open": 9, "break_start": 11, "break_end": 11, "close": 9,
            "basis": 50, "remark": 36,
        },
    ),
    "Surel": _Look("TUJUAN SUREL", "middle", {"document": 20, "to": 34, "cc": 34}),
}  # fmt: skip
TABLED = ("Register", "Langkah", "Pemusnahan", "Pegawai", "Kalender", "Surel")
"""Sheets whose rows are an Excel table; Kantor and Jam Kerja stay plain, as their rows are few and fixed."""
FORMATS: Mapping[Kind, str] = {Kind.DATE: "date", Kind.DATETIME: "datetime", Kind.TIME: "time", Kind.NUMBER: "number"}

SPAN: Mapping[str, object] = {
    "font_name": "Calibri", "font_size": 10, "valign": "top", "border": 1, "border_color": COLOURS["line"],
    "num_format": "[h]:mm:ss", "align": "left",
}  # fmt: skip
"""The look of a length of time, which no column of sopkit's own holds."""
LIVE_NOTE = "Dihitung sendiri; jangan diisi."
LINED = "COUNTA($A"
"""Begins the condition of the lines around filled rows."""
TEMPORAL = ("date", "datetime", "time")
TEMPORAL_TYPES = ((dt.datetime, "datetime"), (dt.date, "date"), (dt.time, "time"))


class _Maker:
    """One workbook in the making: its formats and sheets. One `alone` has no register, and no formula that asks it."""

    def __init__(self, book: Workbook, sop: Sop, year: int, content: WorkbookContent, alone: bool = False) -> None:
        self.book, self.sop, self.year, self.content, self.alone = book, sop, year, content, alone
        self.formats = make_formats(book)
        self.settings = office_settings(sop, year, content.office)

    def make(self) -> None:
        sheets = self._pages(visible_pages())
        for name, results in self.content.stored.items():
            sheets[name].stored = results
        rows = {REGISTER: self.content.cases, EVENTS: self.content.events, DISPOSALS: self.content.disposals}
        rows |= self._office_sheets()
        define_names(self.book, self.sop, self.content.extra)
        define_calculation_names(self.book, self.sop, self.year)
        lists = self._fill(sheets, rows)
        own = plain(self.settings["Nama Kantor"]) == plain(self.sop.office.name)
        sop_page(sheets["SOP"], self.sop, self.formats, self.content.sop_cells, self._office_line(), own=own)
        guide_page(sheets["Petunjuk"], self.formats)
        calculation_page(sheets["Hitungan"], self.sop, self.year, self.formats)
        services = [str(value) for value in lists["Jenis Layanan"]] if self.content.blank else None
        summary_page(self.book, sheets["Ringkasan"], self.year, self.formats, self._office_line(), services)
        sheets["Register"].activate()
        sheets["Register"].set_first_sheet()

    def make_office(self, guide: Guide) -> None:
        rows = self._office_sheets()
        sheets = self._pages([GUIDE_SHEET, *(plan.name for plan in rows), LISTS_SHEET])
        define_office_names(self.book)
        self._fill(sheets, rows)
        readers = "Buku kantor, untuk semua register kantor ini"
        guide_page(sheets[GUIDE_SHEET], self.formats, guide, readers, (PEOPLE, CALENDAR, HOURS, MAIL))
        sheets[PEOPLE.name].activate()

    def _pages(self, names: Iterable[str]) -> dict[str, Any]:
        kind = worksheet_class()
        return {name: self.book.add_worksheet(name, worksheet_class=kind) for name in names}

    def _fill(self, sheets: Mapping[str, Any], rows: Mapping[SheetPlan, Sequence[Row]]) -> dict[str, Sequence[object]]:
        """The tables and sheet Daftar; returns its lists."""
        for plan, own in rows.items():
            self._sheet(sheets[plan.name], plan, own)
        lists = {**CHOICES, **self.content.lists}
        lists_page(sheets[LISTS_SHEET], self.formats, lists, partial(self._value, sheets[LISTS_SHEET]))
        return lists

    def _office_sheets(self) -> dict[SheetPlan, Sequence[Row]]:
        """The rows of the sheets that set the office: the content's, else the seeds."""
        from sopkit.register.default_calendar import calendar_rows, hours_rows

        content, years = self.content, range(self.year, self.year + 2)
        office, calendar, hours = content.office_rows, content.calendar, content.hours
        if office is None:
            office = [{"key": key, "value": value} for key, value in self.settings.items()]
        if calendar is None:
            calendar = [named_row(CALENDAR, row) for row in calendar_rows(years)]
        if hours is None:
            hours = [named_row(HOURS, row) for row in hours_rows(years, self.settings["Pemerintah"])]
        mail = DEFAULT_MAIL if content.mail is None else content.mail
        return {PEOPLE: content.people, OFFICE: office, CALENDAR: calendar, HOURS: hours, MAIL: mail}

    def _office_line(self) -> str:
        name, government = self.settings["Nama Kantor"], self.settings["Pemerintah"]
        return " · ".join(filter(None, (name, government))) if name else NO_NAME

    def _sheet(self, sheet: PlainWorksheet, plan: SheetPlan, rows: Sequence[Row]) -> None:
        look = LOOKS[plan.name]
        live = () if self.alone else live_columns(plan, self.sop)
        extra = tuple(self.content.extra.get(plan.name, ()))
        headers = [column.header for column in plan.columns] + list(extra) + [column.header for column in live]
        letters = {header: address.letter(place + 1) for place, header in enumerate(headers)}
        count = len(rows) + SPARE_ROWS.get(plan.name, 0)
        self._columns(sheet, plan, look, extra, live)
        self._band(sheet, look, plan, len(plan.columns) + len(extra), live)
        self._table(sheet, plan, extra, live, max(count, 1))
        self._header(sheet, plan, extra, live)
        for place, row in enumerate(rows):
            self._row(sheet, plan, extra, place, row)
            hidden = {"hidden": True} if place in self.content.hidden.get(plan.name, ()) else {}
            sheet.set_row(HEADER_ROW + place, _height(plan, look, row), None, hidden)
        self._live_rows(sheet, live, letters, len(plan.columns) + len(extra), range(len(rows), max(count, 1)))
        for span in self.content.merged.get(plan.name, ()):
            self._merge(sheet, plan, span, rows)
        self._lists(sheet, plan, rows)
        self._colours(sheet, plan, letters)
        self._lines(sheet, plan, len(plan.columns) + len(extra))
        self._print(sheet, plan, len(plan.columns) + len(extra))

    def _columns(
        self, sheet: PlainWorksheet, plan: SheetPlan, look: _Look, extra: tuple[str, ...], live: tuple[Live, ...]
    ) -> None:
        for place, column in enumerate(plan.columns):
            shape = self.formats["column_" + FORMATS.get(column.kind, "text")]
            sheet.set_column(place, place, look.widths[column.field], shape)
        for place in range(len(extra)):
            sheet.set_column(len(plan.columns) + place, len(plan.columns) + place, 14, self.formats["column_text"])
        first = len(plan.columns) + len(extra)
        for place, shown in enumerate(live, start=first):
            hidden = {"hidden": True} if not shown.width else {}
            sheet.set_column(place, place, shown.width or 9, None, hidden)
        sheet.set_tab_color(COLOURS[look.tab])
        sheet.freeze_panes(HEADER_ROW, look.frozen)

    def _of_year(self, plan: SheetPlan) -> str:
        of_year = ("Register", "Langkah", "Pemusnahan", *(() if self.alone else ("Kalender",)))
        return f" TAHUN {self.year}" if plan.name in of_year else ""

    def _band(self, sheet: PlainWorksheet, look: _Look, plan: SheetPlan, width: int, live: tuple[Live, ...]) -> None:
        """Office, title, and over the header what belongs together.

        Of a sheet that is several pages wide the title stands beside the columns that every page repeats, which would
        cut it.
        """
        column = look.frozen if look.wide > 1 else 0
        for row, height in enumerate((16, 24, 17)):
            sheet.set_row(row, height, self.formats["plain_line"])
        sheet.put(0, column, OFFICE_LINE, self.formats["office"], self._office_line())
        sheet.write_string(1, column, look.title + self._of_year(plan), self.formats["title"])
        places = {column.field: place for place, column in enumerate(plan.columns)}
        for index, (first, last, text) in enumerate(look.sections):
            shade = self.formats["section" if index % 2 == 0 else "section_other"]
            series = series_of(plan.name, first)
            if series:
                sheet.put(2, places[first], band(text, series), shade, text)
            else:
                sheet.write_string(2, places[first], text, shade)
            for place in range(places[first] + 1, places[last] + 1):
                sheet.write_blank(2, place, None, shade)
        visible = [shown for shown in live if shown.width]
        for place in range(width, width + len(visible)):
            sheet.write_string(2, place, "PANTAUAN OTOMATIS" if place == width else "", self.formats["section_live"])

    def _table(
        self, sheet: PlainWorksheet, plan: SheetPlan, extra: tuple[str, ...], live: tuple[Live, ...], count: int
    ) -> None:
        headers: list[dict[str, Any]] = [{"header": column.header} for column in plan.columns]
        headers += [{"header": header} for header in extra]
        table = table_name(plan)
        headers += [{"header": shown.header} for shown in live]
        if plan.name not in TABLED:
            return
        sheet.add_table(
            HEADER_ROW - 1, 0, HEADER_ROW - 1 + count, len(headers) - 1,
            {"name": table, "columns": headers, "style": "Table Style Light 1", "banded_rows": False},
        )  # fmt: skip
        first = len(plan.columns) + len(extra)
        for index, shown in enumerate(live):
            # add_table(formula=…) would write the text into every cell; this only tells Excel how to fill new rows.
            sheet.tables[-1]["columns"][first + index]["formula"] = structured(shown.formula, table)
        if live:
            span = f"{address.letter(first + 1)}{HEADER_ROW + 1}:{address.letter(len(headers))}{HEADER_ROW + count}"
            sheet.ignore_errors({"calculated_column": span, "formula_differs": span})

    def _header(self, sheet: PlainWorksheet, plan: SheetPlan, extra: tuple[str, ...], live: tuple[Live, ...]) -> None:
        sheet.set_row(HEADER_ROW - 1, 32)
        for place, column in enumerate(plan.columns):
            sheet.write_string(
                HEADER_ROW - 1, place, column.header, self.formats["header_required" if column.required else "header"]
            )
            _note(sheet, place, note_of(column))
        for place, header in enumerate(extra, start=len(plan.columns)):
            sheet.write_string(HEADER_ROW - 1, place, header, self.formats["header"])
        for place, shown in enumerate(live, start=len(plan.columns) + len(extra)):
            sheet.write_string(HEADER_ROW - 1, place, shown.header, self.formats["header_live"])
            if shown.width:
                _note(sheet, place, f"{LIVE_NOTE} {shown.meaning}")

    def _row(self, sheet: PlainWorksheet, plan: SheetPlan, extra: tuple[str, ...], place: int, row: Row) -> None:
        for index, column in enumerate(plan.columns):
            self._value(sheet, HEADER_ROW + place, index, row.get(column.field), column.kind)
        for index, header in enumerate(extra, start=len(plan.columns)):
            self._value(sheet, HEADER_ROW + place, index, row.get(header))

    def _value(self, sheet: PlainWorksheet, row: int, column: int, value: object, kind: Kind = Kind.TEXT) -> None:
        self._cell(sheet, row, column, value, self._shape(value, kind))

    def _shape(self, value: object, kind: Kind) -> Format:
        """The look of a value in a column: a date looks like one everywhere, and a number in no column like a date."""
        if isinstance(value, dt.timedelta):
            if "span" not in self.formats:
                self.formats["span"] = self.book.add_format(dict(SPAN))
            return self.formats["span"]
        usual = FORMATS.get(kind, "text")
        if isinstance(value, (dt.date, dt.time)) and usual not in TEMPORAL:
            usual = next(name for form, name in TEMPORAL_TYPES if isinstance(value, form))
        elif isinstance(value, (int, float)) and usual in TEMPORAL:
            usual = "text"
        return self.formats[usual]

    def _cell(self, sheet: PlainWorksheet, row: int, column: int, value: object, shape: Format) -> None:
        if value is None or value == "":
            sheet.write_blank(row, column, None, shape)
        elif isinstance(value, ErrorCell):
            sheet.write_formula(row, column, f"={value.code}", shape, value.code)
        elif isinstance(value, Formula):
            sheet.write_formula(row, column, value.text, shape, "")
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value, shape)
        elif isinstance(value, (dt.datetime, dt.date, dt.time, dt.timedelta)):
            sheet.write_datetime(row, column, value, shape)
        elif isinstance(value, (int, float)):
            sheet.write_number(row, column, value, shape)
        else:
            sheet.write_string(row, column, str(value), shape)

    def _live_rows(
        self, sheet: PlainWorksheet, live: tuple[Live, ...], letters: Mapping[str, str], first: int, blank: range
    ) -> None:
        """The live columns; their results are known on the rows of `blank`, and of people where there are no cases."""
        for index, shown in enumerate(live):
            known = {HEADER_ROW + place: shown.blank for place in blank}
            if self.content.blank and sheet.get_name() == PEOPLE.name:
                known |= {HEADER_ROW + place: 0 for place in range(blank.start)}
            rows = range(HEADER_ROW, HEADER_ROW + blank.stop)
            text = a1(shown.formula, letters, FIRST)
            sheet.share(rows, first + index, index, text, self.formats[shown.format], known.get)

    def _merge(self, sheet: PlainWorksheet, plan: SheetPlan, span: str, rows: Sequence[Row]) -> None:
        first = span.split(":")[0]
        place = ord(first[0]) - ord("A")
        value = rows[int(first[1:]) - HEADER_ROW - 1].get(plan.columns[place].field)
        sheet.merge_range(span, str(value or ""), self.formats["text"])

    def _lists(self, sheet: PlainWorksheet, plan: SheetPlan, rows: Sequence[Row]) -> None:
        last = HEADER_ROW + CAPACITY.get(plan.name, 500) - 1
        for place, column in enumerate(plan.columns):
            rule = validation(column)
            if rule and not (self.alone and column.kind is Kind.ROLE_OR_PERSON):
                sheet.data_validation(HEADER_ROW, place, last, place, rule)
        for place, row in enumerate(rows if plan is OFFICE else ()):
            if rule := setting_validation(str(row.get("key", ""))):
                sheet.data_validation(HEADER_ROW + place, 1, HEADER_ROW + place, 1, rule)

    def _colours(self, sheet: PlainWorksheet, plan: SheetPlan, letters: Mapping[str, str]) -> None:
        last = HEADER_ROW + CAPACITY.get(plan.name, 500) - 1
        for header, formula, shade in conditions(plan):
            place = list(letters).index(header)
            text = "=" + a1(formula, letters, HEADER_ROW + 1)
            rule = {"type": "formula", "criteria": text, "format": self.formats[shade], "stop_if_true": True}
            sheet.conditional_format(HEADER_ROW, place, last, place, rule)

    def _lines(self, sheet: PlainWorksheet, plan: SheetPlan, width: int) -> None:
        """Lines around the cells of the rows that are filled in; blank ones show on screen alone, not in print."""
        last = HEADER_ROW + CAPACITY.get(plan.name, 500) - 1
        rule = {
            "type": "formula", "criteria": f"={LINED}{FIRST}:${address.letter(width)}{FIRST})>0",
            "format": self.formats["lined"],
        }  # fmt: skip
        sheet.conditional_format(HEADER_ROW, 0, last, width - 1, rule)

    def _print(self, sheet: PlainWorksheet, plan: SheetPlan, width: int) -> None:
        """The columns that staff fill in, as far as the data reach, with the title whole on every page.

        Of a sheet that is several pages wide only the first has the title beside its rows, so there it stands in the
        page's own header.
        """
        look = LOOKS[plan.name]
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.4, right=0.4, top=0.75 if look.wide > 1 else 0.5, bottom=0.6)
        sheet.repeat_rows(HEADER_ROW - 2 if look.wide > 1 else 0, HEADER_ROW - 1)
        if look.wide > 1:
            sheet.repeat_columns(0, look.frozen - 1)
            sheet.set_header(f"&L&9{look.title}{self._of_year(plan)}")
        sheet.fit_to_pages(look.wide, 0)
        # not print_area(), which writes $A:$AE: openpyxl would drop that
        area = f"='{plan.name}'!$A$1:${address.letter(width)}${LAST_ROW}"
        self.book.define_name(f"'{plan.name}'!_xlnm.Print_Area", area)
        sheet.set_footer(f"&L&8&F&C&8{look.title}&R&8Halaman &P dari &N")


def _height(plan: SheetPlan, look: _Look, row: Row) -> float:
    """Height in points that shows the row's texts, up to nine lines; Excel fits only the rows that staff type in."""
    lines = 1
    for column in plan.columns:
        value = row.get(column.field)
        if isinstance(value, str):
            room = max(1.0, look.widths[column.field] * 1.12)
            lines = max(lines, sum(-(-len(part) // int(room)) or 1 for part in value.split("\n")))
    return 2 + 13.2 * min(lines, 9)


def _note(sheet: PlainWorksheet, place: int, text: str) -> None:
    """A note on a header, as high as its text."""
    height = 12 + 17 * -(-len(text) // 38)
    sheet.write_comment(
        HEADER_ROW - 1, place, text, {"author": "sopkit", "width": 260, "height": height, "font_size": 9}
    )


def named_row(plan: SheetPlan, row: Sequence[object]) -> dict[str, Any]:
    """Values in the order of the sheet's columns, by field."""
    return dict(zip((column.field for column in plan.columns), row, strict=True))


def table_name(plan: SheetPlan) -> str:
    """`tRegister`: the Excel table of a sheet."""
    return "t" + plan.name.replace(" ", "")
