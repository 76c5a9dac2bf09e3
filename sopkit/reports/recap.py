"""rekap.xlsx: the numbers of one register or of many, as tables that Excel sorts and filters and charts it can edit."""

from __future__ import annotations

import datetime as dt
import io
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from sopkit import language
from sopkit.checks.inspection import Inspected
from sopkit.errors import SopkitError
from sopkit.register.own_output import RECAP as TITLE
from sopkit.reports import statistics as numbers
from sopkit.reports.findings import harmless
from sopkit.reports.recap_counts import Counts
from sopkit.reports.recap_parts import CASES, parts_of
from sopkit.reports.statistics import Figures, Share

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.chart import Chart
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

Options = Mapping[str, object]  # what XlsxWriter takes
DAY = 86400
NAVY, AMBER, GREEN = "#1D3A5F", "#C06A12", "#2F7A58"
APART: Options = {"align": "right", "indent": 1}
"""A number does not touch the text in the next column."""
FORMATS: Mapping[str, Options] = {
    "text": {"text_wrap": True},
    "number": {"num_format": "#,##0", **APART},
    "rate": {"num_format": "0.0%", **APART},
    "days": {"num_format": "0.0", **APART},
    "time": {"num_format": "[h]:mm", **APART},
    "date": {"num_format": "dd/mm/yyyy", "align": "left"},
    "month": {"num_format": "[$-421]mmm yyyy", "align": "left"},
}
HEADER_ROW = 3
MONTH_SHEET = "Kantor x Bulan"
FINDINGS = (
    ("error", "Kesalahan"), ("breach", "Penyimpangan"), ("explained", "Dijelaskan"),
    ("warning", "Peringatan"), ("acknowledged", "Diberi keterangan"), ("note", "Informasi"),
)  # fmt: skip
MOST_ROWS = 1_048_576 - HEADER_ROW - 2  # of one table: Excel's sheet without what stands above it, and a total
MOST_DETAILS = 20_000  # rows of the details of one sheet: about 20 offices
MOST_IN_FILE = 1_048_575  # rows of one CSV: Excel's sheet without the headers
MANY = 50  # registers from which the workbook is written row by row and not held in memory
MOST_LETTERS = 32_767  # of a cell
FIRST_DATE = dt.datetime(1900, 1, 1)  # Excel has none before
LEFT_OUT = "Tidak termasuk dalam rekap ini: {count} buku kerja yang tidak dapat dibaca"
MOST_BARS = 30  # rows of one Pareto; the others are one
LINE = 15.0  # points
CHART_ROWS = 18  # that a chart takes
MOST_SERIES = 8  # lines that can still be told apart


@dataclass(frozen=True)
class Column:
    header: str
    kind: str = "number"
    width: float = 12


@dataclass(frozen=True)
class TableRange:
    """Where a table went: its sheet, the first and last row of its data (from 0), and the row of its total."""

    sheet: str
    first: int
    last: int
    bottom: int


CASE_COLUMNS = (
    Column("Kasus"), Column("Selesai"), Column("Terbuka"), Column("Lewat batas"), Column("Batal"),
    Column("Tingkat penyelesaian", "rate", 14), Column("Berulang"), Column("Selesai dengan temuan", width=13),
    Column("Ditutup dalam target", "rate", 13), Column("Median hari kerja sampai diverifikasi", "days", 16),
)  # fmt: skip
STEP_COLUMNS = (
    Column("Pelaksanaan", width=13), Column("Selesai dikerjakan", width=13), Column("Tepat waktu"), Column("Terlambat"),
    Column("Ketepatan waktu", "rate", 13), Column("Median (jam:menit)", "time", 13),
    Column("Persentil ke-90 (jam:menit)", "time", 15),
)  # fmt: skip


@dataclass(frozen=True)
class Recap:
    """`rekap.xlsx`, and by file name the tables (CSV) that are too long for a sheet of it."""

    workbook: bytes
    beside: Mapping[str, bytes] = field(default_factory=dict)


LeftOut = tuple[Path, SopkitError]
"""A workbook that could not be read, and why."""


class Offices(Protocol):
    """Registers in a recap, in their order, as often as they are asked for."""

    def __len__(self) -> int: ...

    def parts(self, *names: str, first: int = 0, last: int | None = None) -> Iterator[tuple[Any, ...]]:
        """These parts (fields of `Parts`) of each register, or of those from `first` to before `last`."""


class _Held:
    """The few that are held in memory."""

    def __init__(self, several: Iterable[Inspected | Figures]) -> None:
        self._several = [parts_of(each) for each in several]

    def __len__(self) -> int:
        return len(self._several)

    def parts(self, *names: str, first: int = 0, last: int | None = None) -> Iterator[tuple[Any, ...]]:
        return (tuple(getattr(each, name) for name in names) for each in self._several[first:last])


def make_recap(several: Iterable[Inspected | Figures] | Offices, left_out: Sequence[LeftOut] = ()) -> Recap:
    """The same bytes for the same registers in the same order; those left out are named on the first sheet.

    Of `Offices` never more than one is in memory.
    """
    from xlsxwriter import Workbook

    offices: Offices = _Held(several) if isinstance(several, Iterable) else several
    out = io.BytesIO()
    held = {"in_memory": True} if len(offices) < MANY else {"constant_memory": True}
    book = Workbook(out, {**held, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    heads = [head for (head,) in offices.parts("head")]
    as_of = max((dt.datetime.fromisoformat(head["as_of"]) for head in heads), default=dt.datetime(2000, 1, 1))
    book.set_properties({"title": TITLE, "author": "sopkit", "created": as_of})
    writer = _Writer(book, f"Keadaan pada {language.datetime_text(as_of)}")
    counts = Counts(offices.parts("measures", "services", "said"))
    placed = _summary(writer, heads, counts, left_out)
    if left_out:
        writer.list_below(placed, LEFT_OUT.format(count=len(left_out)), [f"{path}: {why}" for path, why in left_out])
    rows = {part: _Rows(offices, part, [head["rows"][part] for head in heads]) for part in PARTS}
    _by_month(writer, rows["months"], [head["office"] for head in heads])
    _by_step(writer, rows["steps"])
    _by_service(writer, counts)
    _paretos(writer, counts)
    _details(writer, rows["details"])
    _open_cases(writer, rows["open"])
    _recurrent(writer, rows["recurrent"])
    book.close()
    return Recap(out.getvalue(), Beside(writer.beside))


PARTS = ("months", "steps", "details", "open", "recurrent")


@dataclass(frozen=True)
class _Rows:
    """The rows of one sheet, register after register; `counts` says how many of each."""

    offices: Offices
    part: str
    counts: Sequence[int]
    shape: Callable[[Any], Iterable[object]] = iter

    def __len__(self) -> int:
        return sum(self.counts)

    def __iter__(self) -> Iterator[Sequence[object]]:
        return self.of()

    def of(self, first: int = 0, last: int | None = None) -> Iterator[Sequence[object]]:
        """Those of the registers from `first` to before `last`."""
        for head, rows in self.offices.parts("head", self.part, first=first, last=last):
            yield from ((head["office"], *self.shape(row)) for row in rows)

    def files(self) -> list[tuple[int, int]]:
        """The registers whose rows one CSV can hold: first and last, one after the other."""
        ends, held = [0], 0
        for place, count in enumerate(self.counts):
            if held + count > MOST_IN_FILE:
                ends.append(place)
                held = 0
            held += count
        return list(zip(ends, [*ends[1:], len(self.counts)], strict=True))


class Beside(Mapping[str, bytes]):
    """Files by name, each made when it is asked for: they may be large."""

    def __init__(self, makers: Mapping[str, Callable[[], bytes]]) -> None:
        self._makers = makers

    def __getitem__(self, name: str) -> bytes:
        return self._makers[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


class _Writer:
    """Puts tables on sheets with their formats and print set-up."""

    def __init__(self, book: Workbook, note: str) -> None:
        self.book = book
        self.note = note
        self.beside: dict[str, Callable[[], bytes]] = {}
        base = {"font_name": "Calibri", "valign": "top", "bottom": 1, "bottom_color": "#D3D9E0"}
        self.formats = {kind: book.add_format({**base, **extra}) for kind, extra in FORMATS.items()}
        self.total = {
            kind: book.add_format({**base, **extra, "bold": True, "top": 1}) for kind, extra in FORMATS.items()
        }
        self.title = book.add_format({"font_name": "Calibri", "bold": True, "font_size": 14, "font_color": NAVY})
        self.soft = book.add_format({"font_name": "Calibri", "italic": True, "font_color": "#4A5665"})
        self.header = book.add_format(
            {"font_name": "Calibri", "bold": True, "font_color": "#FFFFFF", "bg_color": NAVY, "text_wrap": True,
             "valign": "vcenter", "align": "center", "border": 1, "border_color": "#D3D9E0"}
        )  # fmt: skip

    def table(
        self,
        name: str,
        title: str,
        columns: Sequence[Column],
        rows: _Rows | Sequence[Sequence[object]],
        total: Sequence[object] | None = None,
        most: int = MOST_ROWS,
    ) -> TableRange:
        """A sheet with one table. Values of kind `time` are seconds, dates ISO texts; None is an empty cell.

        In a column of kind `mixed` each value comes with its own kind, as (kind, value). A table of more than `most`
        rows is written as CSV beside the workbook instead, which the sheet says.
        """
        sheet = self.book.add_worksheet(name)
        if len(rows) > most and isinstance(rows, _Rows):
            files = list(self._as_csv(name, columns, rows))
            where = files[0] if len(files) == 1 else f"{len(files)} berkas, {files[0]} sampai {files[-1]}"
            count = language.number_text(len(rows))
            title = f"{title}: {count} baris, terlalu banyak untuk satu sheet; semuanya di {where}"
            rows = []
        sheet.write_string(0, 0, title, self.title)
        sheet.write_string(1, 0, self.note, self.soft)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(HEADER_ROW, place, column.header, self.header)
        sheet.set_row(HEADER_ROW, 45)
        row = HEADER_ROW
        for row, values in enumerate(rows, start=HEADER_ROW + 1):
            self._row(sheet, row, columns, values, self.formats)
            if (lines := _lines(columns, values)) > 1:
                sheet.set_row(row, LINE * lines)
        sheet.autofilter(HEADER_ROW, 0, max(row, HEADER_ROW), len(columns) - 1)
        if total is not None:
            self._row(sheet, row + 1, columns, total, self.total)
        sheet.freeze_panes(HEADER_ROW + 1, 1)
        self._print_setup(sheet)
        return TableRange(name, HEADER_ROW + 1, row, row + 1)

    def list_below(self, placed: TableRange, title: str, lines: Sequence[str]) -> None:
        """Lines right under a table."""
        sheet: Worksheet = self.book.get_worksheet_by_name(placed.sheet)
        for row, (line, style) in enumerate([(title, self.title), *((line, self.soft) for line in lines)]):
            _put(sheet, placed.bottom + 2 + row, 0, line, "text", style)

    def _as_csv(self, name: str, columns: Sequence[Column], rows: _Rows) -> Iterator[str]:
        """The names of the files, in the form of the findings' CSV."""
        stem = f"rekap-{name.lower().replace(' x ', '-').replace(' ', '-')}"
        spans = rows.files()
        for number, (first, last) in enumerate(spans, start=1):
            file = f"{stem}-{number}.csv" if len(spans) > 1 else f"{stem}.csv"
            self.beside[file] = partial(_csv, columns, rows, first, last)
            yield file

    def chart(
        self, placed: TableRange, at: int, kind: str, title: str, series: Sequence[Options], **axis: object
    ) -> None:
        """A chart under its table, below `at` others; `axis` sets the vertical axis. None of a table without rows."""
        if placed.last < placed.first:
            return
        chart: Chart = self.book.add_chart({"type": kind})
        for each in series:
            chart.add_series(dict(each))
        months = {"num_format": FORMATS["month"]["num_format"]} if placed.sheet == MONTH_SHEET else {}
        chart.set_x_axis({"text_axis": True, **months})
        self._finish(chart, title, **axis)
        self._insert(placed, at, chart)

    def pareto(self, placed: TableRange, at: int, title: str, bars: Options, line: Options) -> None:
        """Columns with their cumulative share on a second axis."""
        chart: Chart = self.book.add_chart({"type": "column"})
        chart.add_series(dict(bars))
        above: Chart = self.book.add_chart({"type": "line"})
        above.add_series({**line, "y2_axis": True, "marker": {"type": "circle", "size": 5}})
        above.set_y2_axis({"min": 0, "max": 1, "num_format": "0%"})
        chart.combine(above)
        self._finish(chart, title)
        self._insert(placed, at, chart)

    def _finish(self, chart: Chart, title: str, **axis: object) -> None:
        chart.set_y_axis({"min": 0, "major_gridlines": {"visible": True, "line": {"color": "#E3E7EB"}}, **axis})
        chart.set_title({"name": title, "name_font": {"size": 12, "color": NAVY}, "overlay": False})
        chart.set_legend({"position": "bottom"})
        chart.set_size({"width": 760, "height": 340})

    def _insert(self, placed: TableRange, at: int, chart: Chart) -> None:
        sheet: Worksheet = self.book.get_worksheet_by_name(placed.sheet)
        sheet.insert_chart(placed.bottom + 2 + at * CHART_ROWS, 0, chart)
        # else LibreOffice prints as far as the rows of usual height would reach, and cuts the last chart
        sheet.print_area(0, 0, placed.bottom + 2 + (at + 1) * CHART_ROWS, sheet.dim_colmax)

    def _row(
        self,
        sheet: Worksheet,
        row: int,
        columns: Sequence[Column],
        values: Sequence[object],
        formats: Mapping[str, Format],
    ) -> None:
        for place, (column, value) in enumerate(zip(columns, values, strict=True)):
            kind = column.kind
            if isinstance(value, tuple):
                kind, value = value
            _put(sheet, row, place, value, kind, formats[kind])

    def _print_setup(self, sheet: Worksheet) -> None:
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEADER_ROW)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.set_footer("&L&A&RHalaman &P dari &N")
        sheet.hide_gridlines(2)


def _lines(columns: Sequence[Column], values: Sequence[object]) -> int:
    """Lines that the longest text of a row takes: LibreOffice gives each row one."""
    texts = (
        (len(value), column.width) for column, value in zip(columns, values, strict=True) if isinstance(value, str)
    )
    return min(9, max((-(-length // int(width * 1.1)) for length, width in texts), default=1))


def _csv(columns: Sequence[Column], rows: _Rows, first: int, last: int) -> bytes:
    import csv

    data = io.BytesIO()
    data.write(BOM_UTF8)
    out = io.TextIOWrapper(data, encoding="utf-8", newline="")  # which encodes many rows at once, utf-8-sig each
    table = csv.writer(out, delimiter=";", lineterminator="\r\n")
    table.writerow(column.header for column in columns)
    kinds = [column.kind for column in columns]
    table.writerows(map(_csv_text, row, kinds) for row in rows.of(first, last))
    out.detach()
    return data.getvalue()


def _put(sheet: Worksheet, row: int, column: int, value: Any, kind: str, style: Format) -> None:
    """RuntimeError when XlsxWriter refuses: it would leave the cell out, or cut it, without a word."""
    if value is None:
        refused = sheet.write_blank(row, column, None, style)
    elif kind in ("date", "month"):
        moment = dt.datetime.fromisoformat(value)
        if moment >= FIRST_DATE:
            refused = sheet.write_datetime(row, column, moment, style)
        else:
            refused = sheet.write_string(row, column, value, style)
    elif kind == "text":
        refused = sheet.write_string(row, column, _cell_text(value), style)
    else:
        refused = sheet.write_number(row, column, value / DAY if kind == "time" else value, style)
    if refused:
        raise RuntimeError(f"XlsxWriter refuses row {row}, column {column}: {refused}")


def _cell_text(text: str) -> str:
    """What a cell can hold of it, and an ellipsis where that is not all."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"


@lru_cache(65_536)
def _csv_text(value: Any, kind: str) -> str:
    """As Excel with Indonesian settings reads it: decimal comma, days of ISO 8601, h:mm:ss."""
    if value is None:
        return ""
    if kind in ("date", "month"):
        return str(value[:10])
    if kind == "text":
        return harmless(value.encode("utf-8", "replace").decode("utf-8"))
    if kind == "time":
        minutes, seconds = divmod(round(value), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(value).replace(".", ",")


def _case_values(row: Sequence[Any]) -> tuple[object, ...]:
    """What `CASE_COLUMNS` show of the counts of cases, and the median of their days."""
    of = dict(zip((*CASES, "days"), row, strict=True))
    counted = (of[name] for name in ("cases", "closed", "open", "overdue", "cancelled"))
    rates = _rate(of["closed"], of["cases"] - of["cancelled"]), _rate(of["in_target"], of["targeted"])
    return (*counted, rates[0], of["recurrent"], of["flawed"], rates[1], of["days"])


def _step_values(row: Sequence[Any]) -> tuple[object, ...]:
    """What `STEP_COLUMNS` show of the counts of executions, and their median and 90th percentile."""
    executions, finished, on_time, median, p90 = row
    return (executions, finished, on_time, finished - on_time, _rate(on_time, finished), median, p90)


def _both(row: Sequence[Any]) -> tuple[object, ...]:
    places = len(CASES) + 1
    return (*_case_values(row[:places]), *_step_values(row[places:]))


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _at(columns: Sequence[Column], header: str) -> int:
    """The place of a column."""
    return [column.header for column in columns].index(header)


def _series(placed: TableRange, label: str, column: int, category: int, colour: str) -> Options:
    return {
        "name": label,
        "categories": [placed.sheet, placed.first, category, placed.last, category],
        "values": [placed.sheet, placed.first, column, placed.last, column],
        "fill": {"color": colour},
        "line": {"color": colour},
        "gap": 60,
    }


def _summary(
    writer: _Writer, heads: Sequence[Mapping[str, Any]], counts: Counts, left_out: Sequence[LeftOut]
) -> TableRange:
    if len(heads) == 1 and not left_out:
        return _one_summary(writer, heads[0])
    return _many_summary(writer, heads, counts, len(left_out))


def _one_summary(writer: _Writer, head: Mapping[str, Any]) -> TableRange:
    """One register reads better downwards."""
    values = zip((*CASE_COLUMNS, *STEP_COLUMNS), _both(head["row"]), strict=True)
    about = [*["Kasus"] * len(CASE_COLUMNS), *["Langkah"] * len(STEP_COLUMNS)]
    rows = [(name, column.header, (column.kind, value)) for name, (column, value) in zip(about, values, strict=True)]
    rows += [("Temuan", label, ("number", head["found"][kind])) for kind, label in FINDINGS]
    columns = (Column("Tentang", "text", 14), Column("Ukuran", "text", 34), Column("Nilai", "mixed", 16))
    return writer.table("Ringkasan", f"{TITLE}: {head['office']}", columns, rows)


def _many_summary(writer: _Writer, heads: Sequence[Mapping[str, Any]], counts: Counts, left_out: int) -> TableRange:
    columns = (
        Column("Kantor", "text", 30), Column("Buku kerja", "text", 26), *CASE_COLUMNS, *STEP_COLUMNS,
        *(Column(label, width=14) for _, label in FINDINGS),
    )  # fmt: skip
    found = [[head["found"][kind] for kind, _ in FINDINGS] for head in heads]
    rows = [(head["office"], head["name"], *_both(head["row"]), *own) for head, own in zip(heads, found, strict=True)]
    if not rows:
        return writer.table("Ringkasan", TITLE, columns, rows)
    sums = [sum(of) for of in zip(*found, strict=True)]
    whole = ("Seluruhnya", f"{len(heads)} register", *_both(counts.whole([head["row"] for head in heads])), *sums)
    title = TITLE + (f" (tanpa {left_out} buku kerja; lihat di bawah)" if left_out else "")
    placed = writer.table("Ringkasan", title, columns, rows, whole)
    rates = [
        _series(placed, "Tingkat penyelesaian", _at(columns, "Tingkat penyelesaian"), 0, NAVY),
        _series(placed, "Ketepatan waktu", _at(columns, "Ketepatan waktu"), 0, GREEN),
    ]
    below = replace(placed, bottom=placed.bottom + (left_out + 2 if left_out else 0))
    writer.chart(below, 0, "column", "Penyelesaian dan ketepatan waktu tiap kantor", rates, max=1, num_format="0%")
    return placed


def _by_month(writer: _Writer, rows: _Rows, offices: Sequence[str]) -> None:
    columns = (Column("Kantor", "text", 30), Column("Bulan", "month"), *CASE_COLUMNS, *STEP_COLUMNS)
    rows = replace(rows, shape=lambda row: (row[0], *_both(row[1:])))
    placed = writer.table(MONTH_SHEET, "Menurut bulan ditemukan", columns, rows)
    if len(offices) == 1:
        bars = [
            _series(placed, "Kasus", 2, 1, NAVY),
            _series(placed, "Selesai", 3, 1, GREEN),
            _series(placed, "Lewat batas", 5, 1, AMBER),
        ]
        writer.chart(placed, 0, "column", "Kasus menurut bulan ditemukan", bars)
    rate = _at(columns, "Ketepatan waktu")
    ends = np.cumsum(rows.counts[:MOST_SERIES]).tolist()
    spans = zip(offices, [0, *ends], ends, strict=False)
    lines = [_line(placed, rate, office, first, end - 1) for office, first, end in spans if end > first]
    writer.chart(placed, int(len(offices) == 1), "line", "Ketepatan waktu menurut bulan", lines, max=1, num_format="0%")


def _line(placed: TableRange, column: int, office: str, first: int, last: int) -> Options:
    top, bottom = placed.first + first, placed.first + last
    return {
        "name": office,
        "categories": [placed.sheet, top, 1, bottom, 1],
        "values": [placed.sheet, top, column, bottom, column],
        "marker": {"type": "circle", "size": 6},
    }


def _by_step(writer: _Writer, rows: _Rows) -> None:
    columns = (
        Column("Kantor", "text", 30), Column("Langkah", width=9), Column("Aktivitas", "text", 46),
        Column("Baku mutu", "text"), *STEP_COLUMNS,
    )  # fmt: skip
    rows = replace(rows, shape=lambda row: (*row[:3], *_step_values(row[3:])))
    placed = writer.table("Langkah", "Waktu kerja tiap langkah terhadap baku mutu", columns, rows)
    if len(rows.counts) == 1:
        bars = [
            {**_series(placed, "Tepat waktu", 6, 1, NAVY), "gap": 40},
            _series(placed, "Terlambat", 7, 1, AMBER),
        ]
        writer.chart(placed, 0, "column", "Langkah tepat waktu dan terlambat", bars)


def _by_service(writer: _Writer, counts: Counts) -> None:
    columns = (
        Column("Jenis layanan", "text", 34), *CASE_COLUMNS, Column("Bagian", "rate"), Column("Kumulatif", "rate"),
    )  # fmt: skip
    rows = [
        (share.label, *_case_values(row), share.share, share.cumulative) for share, row in counts.services()
    ]  # fmt: skip
    placed = writer.table("Layanan", "Ketidaksesuaian menurut jenis layanan (Pareto)", columns, rows)
    if rows:
        bars = _series(placed, "Kasus", 1, 0, NAVY)
        line = _series(placed, "Kumulatif", _at(columns, "Kumulatif"), 0, AMBER)
        writer.pareto(placed, 0, "Pareto jenis layanan", bars, line)


def _paretos(writer: _Writer, counts: Counts) -> None:
    """By cause, category, source and person, without the cancelled."""
    columns = (
        Column("Menurut", "text", 20), Column("Isi", "text", 90), Column("Kasus"), Column("Bagian", "rate"),
        Column("Kumulatif", "rate"),
    )  # fmt: skip
    by: dict[str, list[Share]] = {about: counts.pareto(column, MOST_BARS) for column, about in numbers.PARETOS.items()}
    rows = [
        (about, share.label, share.count, share.share, share.cumulative) for about, shares in by.items()
        for share in shares
    ]  # fmt: skip
    title = "Ketidaksesuaian menurut sebab, kategori, sumber, dan penanggung jawab (Pareto, tanpa kasus batal)"
    placed = writer.table("Pareto", title, columns, rows)
    if rows:
        of_causes = replace(placed, last=placed.first + min(len(by[numbers.PARETOS["cause"]]), 10) - 1)
        bars, line = _series(of_causes, "Kasus", 2, 1, NAVY), _series(of_causes, "Kumulatif", 4, 1, AMBER)
        writer.pareto(placed, 0, "Pareto sebab yang serupa", bars, line)


def _details(writer: _Writer, rows: _Rows) -> None:
    columns = (
        Column("Kantor", "text", 30), Column("Bulan", "month"), Column("Jenis layanan", "text", 34),
        Column("Langkah", width=9), *STEP_COLUMNS,
    )  # fmt: skip
    rows = replace(rows, shape=lambda row: (*row[:3], *_step_values(row[3:])))
    writer.table(
        "Bulan x Layanan x Langkah", "Rincian menurut bulan, layanan, dan langkah", columns, rows, most=MOST_DETAILS
    )


def _open_cases(writer: _Writer, rows: _Rows) -> None:
    columns = (
        Column("Kantor", "text", 30), Column("No. Catatan", "text", 22), Column("Jenis layanan", "text", 30),
        Column("Uraian", "text", 46), Column("Status", "text"), Column("Ditemukan", "date"),
        Column("Umur (hari kerja)"), Column("Target selesai", "date"), Column("Lewat batas", "text"),
        Column("Keadaan PTPP", "text", 20),
    )  # fmt: skip
    title = "Kasus yang masih terbuka, yang paling lama lebih dahulu"
    writer.table("Kasus Terbuka", title, columns, rows)


def _recurrent(writer: _Writer, rows: _Rows) -> None:
    columns = (
        Column("Kantor", "text", 30), Column("No. Catatan", "text", 22), Column("Jenis layanan", "text", 34),
        Column("Uraian", "text", 60), Column("Ditemukan", "date"),
    )  # fmt: skip
    title = "Kasus dengan layanan sama dan sebab serupa dalam 90 hari"
    writer.table("Berulang", title, columns, rows)
