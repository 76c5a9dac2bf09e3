"""rekap.xlsx: the numbers of one register or of many, as tables that Excel sorts and filters and charts it can edit."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sopkit import language
from sopkit.checks.inspection import Inspected
from sopkit.errors import SopkitError
from sopkit.frames import rows_of
from sopkit.reports import statistics as numbers
from sopkit.reports.findings import harmless
from sopkit.reports.statistics import Figures, Totals

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
MOST_DETAILS = 100_000  # rows of the details of one sheet: about 100 offices, and 200 MB while it is written
MOST_LETTERS = 32_767  # of a cell
FIRST_DATE = pd.Timestamp(1900, 1, 1)  # Excel has none before
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


def make_recap(several: Iterable[Inspected | Figures], left_out: Sequence[LeftOut] = ()) -> Recap:
    """The same bytes for the same registers in the same order; those left out are named on the first sheet.

    Registers that were measured elsewhere (other processes, other machines) may come as `Figures`.
    """
    from xlsxwriter import Workbook

    measured = [each if isinstance(each, Figures) else numbers.measure(each) for each in several]
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = Workbook(out, options)
    as_of = max((each.as_of for each in measured), default=dt.datetime(2000, 1, 1))
    book.set_properties({"title": "Rekap ketidaksesuaian", "author": "sopkit", "created": as_of})
    writer = _Writer(book, f"Keadaan pada {language.datetime_text(as_of)}")
    placed = _summary(writer, measured, left_out)
    if left_out:
        writer.list_below(placed, LEFT_OUT.format(count=len(left_out)), [f"{path}: {why}" for path, why in left_out])
    _by_month(writer, measured)
    _by_step(writer, measured)
    _by_service(writer, measured)
    _paretos(writer, measured)
    _details(writer, measured)
    _open_cases(writer, measured)
    _recurrent(writer, measured)
    book.close()
    return Recap(out.getvalue(), writer.beside)


class _Writer:
    """Puts tables on sheets with their formats and print set-up."""

    def __init__(self, book: Workbook, note: str) -> None:
        self.book = book
        self.note = note
        self.beside: dict[str, bytes] = {}
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
        rows: Iterable[Sequence[object]],
        total: Sequence[object] | None = None,
        most: int = MOST_ROWS,
    ) -> TableRange:
        """A sheet with one table. Values of kind `time` are seconds; None and NaN are empty cells.

        In a column of kind `mixed` each value comes with its own kind, as (kind, value). A table of more than `most`
        rows is written as CSV beside the workbook instead, which the sheet says.
        """
        sheet = self.book.add_worksheet(name)
        coming = iter(rows)
        rows = list(islice(coming, most + 1))
        if len(rows) > most:
            file, count = self._as_csv(name, columns, chain(rows, coming))
            title = f"{title}: {language.number_text(count)} baris, terlalu banyak untuk satu sheet; semuanya di {file}"
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

    def _as_csv(self, name: str, columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> tuple[str, int]:
        """The name of the file and its rows, in the form of the findings' CSV."""
        file = f"rekap-{name.lower().replace(' x ', '-').replace(' ', '-')}.csv"
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8-sig", newline="", write_through=True)
        table = csv.writer(out, delimiter=";", lineterminator="\r\n")
        table.writerow(column.header for column in columns)
        count = 0
        for row in rows:
            table.writerow(_csv_text(value, column.kind) for value, column in zip(row, columns, strict=True))
            count += 1
        self.beside[file] = out.detach().getvalue()
        return file, count

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


def _put(sheet: Worksheet, row: int, column: int, value: Any, kind: str, style: Format) -> None:
    """RuntimeError when XlsxWriter refuses: it would leave the cell out, or cut it, without a word."""
    if value is None or pd.isna(value):
        refused = sheet.write_blank(row, column, None, style)
    elif kind in ("date", "month") and pd.Timestamp(value) >= FIRST_DATE:
        refused = sheet.write_datetime(row, column, pd.Timestamp(value).to_pydatetime(), style)
    elif kind in ("text", "date", "month"):
        refused = sheet.write_string(row, column, _cell_text(str(value)), style)
    else:
        refused = sheet.write_number(row, column, value / DAY if kind == "time" else value, style)
    if refused:
        raise RuntimeError(f"XlsxWriter refuses row {row}, column {column}: {refused}")


def _cell_text(text: str) -> str:
    """What a cell can hold of it, and an ellipsis where that is not all."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"


def _csv_text(value: Any, kind: str) -> str:
    """As Excel with Indonesian settings reads it: decimal comma, days of ISO 8601, h:mm:ss."""
    if value is None or pd.isna(value):
        return ""
    if kind in ("date", "month"):
        return pd.Timestamp(value).date().isoformat()
    if kind == "text":
        return harmless(str(value).encode("utf-8", "replace").decode("utf-8"))
    if kind == "time":
        minutes, seconds = divmod(round(value), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(value).replace(".", ",")


def _case_values(total: Totals) -> tuple[object, ...]:
    return (
        total.cases, total.closed, total.open, total.overdue, total.cancelled, total.closing_rate, total.recurrent,
        total.flawed, total.target_rate, total.days,
    )  # fmt: skip


def _step_values(total: Totals) -> tuple[object, ...]:
    return (
        total.executions, total.finished, total.on_time, total.late, total.on_time_rate, total.median, total.p90,
    )  # fmt: skip


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


def _summary(writer: _Writer, measured: Sequence[Figures], left_out: Sequence[LeftOut]) -> TableRange:
    if len(measured) == 1 and not left_out:
        return _one_summary(writer, measured[0])
    return _many_summary(writer, measured, len(left_out))


def _one_summary(writer: _Writer, figures: Figures) -> TableRange:
    """One register reads better downwards."""
    total = numbers.total(figures)
    parts = (
        ("Kasus", zip(CASE_COLUMNS, _case_values(total), strict=True)),
        ("Langkah", zip(STEP_COLUMNS, _step_values(total), strict=True)),
        ("Temuan", [(Column(label), figures.summary[kind]) for kind, label in FINDINGS]),
    )
    rows = [(about, column.header, (column.kind, value)) for about, pairs in parts for column, value in pairs]
    columns = (Column("Tentang", "text", 14), Column("Ukuran", "text", 34), Column("Nilai", "mixed", 16))
    return writer.table("Ringkasan", f"Rekap ketidaksesuaian: {figures.office}", columns, rows)


def _many_summary(writer: _Writer, measured: Sequence[Figures], left_out: int) -> TableRange:
    columns = (
        Column("Kantor", "text", 30), Column("Buku kerja", "text", 26), *CASE_COLUMNS, *STEP_COLUMNS,
        *(Column(label, width=14) for _, label in FINDINGS),
    )  # fmt: skip
    rows = []
    for each in measured:
        total = numbers.total(each)
        found = [each.summary[kind] for kind, _ in FINDINGS]
        rows.append((each.office, each.name, *_case_values(total), *_step_values(total), *found))
    if not rows:
        return writer.table("Ringkasan", "Rekap ketidaksesuaian", columns, rows)
    total = numbers.totals(*numbers.together(measured))
    sums = [sum(each.summary[kind] for each in measured) for kind, _ in FINDINGS]
    whole = ("Seluruhnya", f"{len(measured)} register", *_case_values(total), *_step_values(total), *sums)
    title = "Rekap ketidaksesuaian" + (f" (tanpa {left_out} buku kerja; lihat di bawah)" if left_out else "")
    placed = writer.table("Ringkasan", title, columns, rows, whole)
    rates = [
        _series(placed, "Tingkat penyelesaian", _at(columns, "Tingkat penyelesaian"), 0, NAVY),
        _series(placed, "Ketepatan waktu", _at(columns, "Ketepatan waktu"), 0, GREEN),
    ]
    below = replace(placed, bottom=placed.bottom + (left_out + 2 if left_out else 0))
    writer.chart(below, 0, "column", "Penyelesaian dan ketepatan waktu tiap kantor", rates, max=1, num_format="0%")
    return placed


def _by_month(writer: _Writer, measured: Sequence[Figures]) -> None:
    columns = (Column("Kantor", "text", 30), Column("Bulan", "month"), *CASE_COLUMNS, *STEP_COLUMNS)
    rows: list[tuple[object, ...]] = []
    spans: list[tuple[str, int, int]] = []
    for each in measured:
        months = numbers.months([each])
        spans.append((each.office, len(rows), len(rows) + len(months) - 1))
        for month in months:
            total = numbers.totals(numbers.in_month(each.cases, month), numbers.in_month(each.executions, month))
            rows.append((each.office, month, *_case_values(total), *_step_values(total)))
    placed = writer.table(MONTH_SHEET, "Menurut bulan ditemukan", columns, rows)
    if not rows:
        return
    if len(measured) == 1:
        bars = [
            _series(placed, "Kasus", 2, 1, NAVY),
            _series(placed, "Selesai", 3, 1, GREEN),
            _series(placed, "Lewat batas", 5, 1, AMBER),
        ]
        writer.chart(placed, 0, "column", "Kasus menurut bulan ditemukan", bars)
    rate = _at(columns, "Ketepatan waktu")
    lines = [_line(placed, rate, *span) for span in spans[:MOST_SERIES] if span[2] >= span[1]]
    writer.chart(
        placed, int(len(measured) == 1), "line", "Ketepatan waktu menurut bulan", lines, max=1, num_format="0%"
    )


def _line(placed: TableRange, column: int, office: str, first: int, last: int) -> Options:
    top, bottom = placed.first + first, placed.first + last
    return {
        "name": office,
        "categories": [placed.sheet, top, 1, bottom, 1],
        "values": [placed.sheet, top, column, bottom, column],
        "marker": {"type": "circle", "size": 6},
    }


def _by_step(writer: _Writer, measured: Sequence[Figures]) -> None:
    columns = (
        Column("Kantor", "text", 30), Column("Langkah", width=9), Column("Aktivitas", "text", 46),
        Column("Baku mutu", "text"), *STEP_COLUMNS,
    )  # fmt: skip
    rows = [
        (each.office, step.number, step.activity, step.standard, *_step_values(total))
        for each in measured
        for step, total in numbers.by_step(each)
    ]
    placed = writer.table("Langkah", "Waktu kerja tiap langkah terhadap baku mutu", columns, rows)
    if len(measured) == 1 and rows:
        bars = [
            {**_series(placed, "Tepat waktu", 6, 1, NAVY), "gap": 40},
            _series(placed, "Terlambat", 7, 1, AMBER),
        ]
        writer.chart(placed, 0, "column", "Langkah tepat waktu dan terlambat", bars)


def _by_service(writer: _Writer, measured: Sequence[Figures]) -> None:
    columns = (
        Column("Jenis layanan", "text", 34), *CASE_COLUMNS, Column("Bagian", "rate"), Column("Kumulatif", "rate"),
    )  # fmt: skip
    cases, executions = numbers.together(measured) if measured else (pd.DataFrame(), pd.DataFrame())
    rows = [
        (share.label, *_case_values(numbers.totals(cases[cases["service"] == share.label], executions.iloc[:0])),
         share.share, share.cumulative)
        for share in numbers.pareto_of(cases)
    ]  # fmt: skip
    placed = writer.table("Layanan", "Ketidaksesuaian menurut jenis layanan (Pareto)", columns, rows)
    if rows:
        bars = _series(placed, "Kasus", 1, 0, NAVY)
        line = _series(placed, "Kumulatif", _at(columns, "Kumulatif"), 0, AMBER)
        writer.pareto(placed, 0, "Pareto jenis layanan", bars, line)


def _paretos(writer: _Writer, measured: Sequence[Figures]) -> None:
    """By cause, category, source and person, without the cancelled."""
    columns = (
        Column("Menurut", "text", 20), Column("Isi", "text", 90), Column("Kasus"), Column("Bagian", "rate"),
        Column("Kumulatif", "rate"),
    )  # fmt: skip
    cases = numbers.together(measured)[0] if measured else pd.DataFrame()
    by = {about: numbers.pareto_by(cases, column, MOST_BARS) for column, about in numbers.PARETOS.items() if len(cases)}
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


def _details(writer: _Writer, measured: Sequence[Figures]) -> None:
    columns = (
        Column("Kantor", "text", 30), Column("Bulan", "month"), Column("Jenis layanan", "text", 34),
        Column("Langkah", width=9), *STEP_COLUMNS,
    )  # fmt: skip
    writer.table(
        "Bulan x Layanan x Langkah", "Rincian menurut bulan, layanan, dan langkah", columns, _detail_rows(measured),
        most=MOST_DETAILS,
    )  # fmt: skip


def _detail_rows(measured: Sequence[Figures]) -> Iterator[tuple[object, ...]]:
    for each in measured:
        for _, row in rows_of(numbers.details(each)):
            finished, on_time = row["finished"], row["on_time"]
            rate = on_time / finished if finished else None
            counted = (row["executions"], finished, on_time, finished - on_time, rate, row["median"], row["p90"])
            yield (each.office, row["month"], row["service"], row["step"], *counted)


def _open_cases(writer: _Writer, measured: Sequence[Figures]) -> None:
    columns = (
        Column("Kantor", "text", 30), Column("No. Catatan", "text", 22), Column("Jenis layanan", "text", 30),
        Column("Uraian", "text", 46), Column("Status", "text"), Column("Ditemukan", "date"),
        Column("Umur (hari kerja)"), Column("Target selesai", "date"), Column("Lewat batas", "text"),
        Column("Keadaan PTPP", "text", 20),
    )  # fmt: skip
    writer.table(
        "Kasus Terbuka", "Kasus yang masih terbuka, yang paling lama lebih dahulu", columns, _open_rows(measured)
    )


def _open_rows(measured: Sequence[Figures]) -> Iterator[tuple[object, ...]]:
    fields = ("number", "service", "description", "status", "found_at", "age", "due_date")
    for each in measured:
        open_cases = each.cases[each.cases["open"]].sort_values("age", ascending=False, kind="stable")
        for _, row in rows_of(open_cases):
            yield (each.office, *(row[name] for name in fields), "Ya" if row["overdue"] else "Tidak", row["ptpp"])


def _recurrent(writer: _Writer, measured: Sequence[Figures]) -> None:
    columns = (
        Column("Kantor", "text", 30), Column("No. Catatan", "text", 22), Column("Jenis layanan", "text", 34),
        Column("Uraian", "text", 60), Column("Ditemukan", "date"),
    )  # fmt: skip
    title = "Kasus dengan layanan sama dan sebab serupa dalam 90 hari"
    writer.table("Berulang", title, columns, _recurrent_rows(measured))


def _recurrent_rows(measured: Sequence[Figures]) -> Iterator[tuple[object, ...]]:
    for each in measured:
        for _, row in rows_of(each.cases[each.cases["recurrent"]]):
            yield (each.office, row["number"], row["service"], row["description"], row["found_at"])
