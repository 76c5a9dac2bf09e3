"""A worksheet of XlsxWriter that stores formulas as Excel itself does, with true results or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from sopkit.ooxml.address import letter

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

Result = str | float | None
"""What a formula cell shows before it is reckoned; None: no result is stored, and every program reckons it."""
MARK = "\x01"
"""Begins a formula in XlsxWriter's table; kind, number, range and text follow, each after it."""


class PlainWorksheet(Protocol):
    """What `worksheet_class` makes."""

    tables: Any
    stored: Mapping[str, Result]
    """Results by cell that take the place of those that `put` is given."""

    def put(
        self, row: int, column: int, formula: str, shape: Format, result: Result = None, *, array: bool = False
    ) -> None:
        """Write one formula, `array` for one that is reckoned over whole ranges."""

    def share(
        self, rows: range, column: int, number: int, formula: str, shape: Format, result: Callable[[int], Result]
    ) -> None:
        """Write a column's formula once, as its first row has it; the other rows name it by its number."""

    def __getattr__(self, name: str) -> Callable[..., object]: ...


def worksheet_class() -> type[Worksheet]:
    """The class, made late so that XlsxWriter is not loaded before a workbook is made.

    XlsxWriter writes 0 for a result that it does not know, which LibreOffice believes, and repeats a column's formula
    in every cell: for 2,000 cases a minute and 150 MB. Excel's own way is a shared formula. Rests on two private
    methods of XlsxWriter 3 (pyproject bounds it).
    """
    from xlsxwriter.worksheet import Worksheet as Base

    class Sheet(Base):  # type: ignore[misc]
        stored: Mapping[str, Result] = {}

        def put(
            self, row: int, column: int, formula: str, shape: Format, result: Result = None, *, array: bool = False
        ) -> None:
            cell = f"{letter(column + 1)}{row + 1}"
            kind = f' t="array" ref="{cell}"' if array else ""
            self._formula(row, column, kind, formula, shape, self.stored.get(cell, result))

        def share(
            self, rows: range, column: int, number: int, formula: str, shape: Format, result: Callable[[int], Result]
        ) -> None:
            name = letter(column + 1)
            span = f' ref="{name}{rows[0] + 1}:{name}{rows[-1] + 1}"'
            for row in rows:
                kind = f' t="shared"{span if row == rows[0] else ""} si="{number}"'
                known = self.stored.get(f"{name}{row + 1}", result(row))
                self._formula(row, column, kind, formula if row == rows[0] else "", shape, known)

        def _formula(self, row: int, column: int, kind: str, formula: str, shape: Format, result: Result) -> None:
            self.write_formula(row, column, MARK.join(("", kind, formula)), shape, result)

        def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
            return formula.removeprefix("=")

        def _xml_formula_element(
            self, formula: str, result: Result, attributes: Sequence[tuple[str, object]] = ()
        ) -> None:
            if not formula.startswith(MARK):
                super()._xml_formula_element(formula, result, attributes)
                return
            _, kind, text = formula.split(MARK)
            own = "".join(f' {key}="{value}"' for key, value in attributes) + (' t="str"' if result == "" else "")
            value = "" if result is None else f"<v>{self._escape_data(result)}</v>"
            content = f">{self._escape_data(text)}</f>" if text else "/>"
            self.fh.write(f"<c{own}><f{kind}{content}{value}</c>")

    return Sheet
