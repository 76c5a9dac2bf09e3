"""The spreadsheet programs of tests/engines.py say of a small workbook what they are known to say."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import xlsxwriter
from engines import ENGINES, Book, Shared, compare, formula_cells, read_workbook, recalculated
from openpyxl.formula.translate import Translator

SAME = {
    "B1": ("=A1*2", 18.0), "B2": ('=IF(A1>0,"ya","tidak")', "ya"), "B3": ("=A1>0", True), "B4": ("=1/0", "#DIV/0!"),
    "B5": ("=A9", 0.0), "B6": ("=SUM(Angka)", 15.0), "B7": ('=TRIM(SUBSTITUTE("a\xa0b","\xa0"," "))', "a b"),
    "B8": ("=SUMPRODUCT((Angka>1)*Angka)", 14.0), "B9": ('=""', ""), "B10": ("=MATCH(4,Angka,0)", 3.0),
    "B11": ('="12"', "12"), "B12": ("=DATE(2026,8,19)", 46253.0), "B13": ("=A4", 46253.25), "B14": ("=A5", "=x"),
}  # fmt: skip
SECOND_STEP = "=IF(A1<=(A2>0),0,1)"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "kecil.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        sheet = made.add_worksheet("Lembar")
        sheet.write_number("A1", 9)
        sheet.write_number("A2", 1)
        sheet.write_number("A4", 46253.25, made.add_format({"num_format": "dd-mm-yyyy hh:mm"}))
        sheet.write_string("A5", "=x")
        sheet.write_column("D1", (1, 2, 4, 8))
        made.define_name("Angka", "=Lembar!$D$1:$D$4")
        for cell, (formula, _) in SAME.items():
            sheet.write_formula(cell, formula, None, "")
        sheet.write_array_formula("B20", "{=MAX((D1:D4<5)*D1:D4)}", None, "")
        sheet.write_formula("B21", SECOND_STEP, None, "")
        sheet.write_formula("B22", '=IFERROR(VALUE("1,5"),0)', None, "")
    return path


@pytest.mark.parametrize("engine", (*ENGINES, "libreoffice@id-ID", "gnumeric@id-ID"))
def test_an_engine(engine: str, small: Path, tmp_path: Path) -> None:
    book = recalculated(engine, [small], tmp_path)[small]
    shown = book["Lembar"]
    assert {cell: shown.get(cell, "") for cell in SAME} == {cell: value for cell, (_, value) in SAME.items()}
    assert shown["B20"] == 4
    assert shown["B21"] == (1 if engine.startswith("libreoffice") else 0)  # Excel: 9 <= TRUE
    assert shown["B22"] == (1.5 if engine.endswith("id-ID") else 0)


def test_several_at_once(small: Path, tmp_path: Path) -> None:
    other = tmp_path / "kedua.xlsx"
    other.write_bytes(small.read_bytes())
    books = recalculated("hyperformula", [small, other], tmp_path)
    assert books[small] == books[other]


def test_formula_cells_reach_over_arrays(small: Path) -> None:
    assert formula_cells(small)["Lembar"] == {*SAME, "B20", "B21", "B22"}


def test_comparing() -> None:
    one: Book = {"S": {"A1": 1.0, "A2": "x", "A3": True, "A4": 1e9, "A6": "Ya"}}
    other: Book = {"S": {"A1": 1.0 + 1e-8, "A2": "x", "A3": 1.0, "A4": 1e9 + 1, "A5": "", "A6": "ya"}}
    found = compare(one, other)
    assert found.compared == 6
    assert [cell for _, cell, *_ in found.differing] == ["A3", "A6"]
    assert found.by_column() == {"S!A": 2}
    assert "A3: True / 1.0" in str(found)
    assert compare(one, other, {"S": {"A1", "A5"}}).differing == []
    assert compare({"S": {"A1": math.inf}}, {}).compared == 1


def test_a_shared_formula_is_written_out_as_openpyxl_does(example: Path) -> None:
    """For the first shared formulas of each sheet, in a row far below."""
    text = 'IF($A5="A5",SUM(Register!B$4:B5,$C$1,C5:D6)+LOG10(B5),Kantor_Acuan&D5%)'
    for place in ("AG5", "AI77", "CB4999"):
        assert "=" + Shared(text, "AG5").at(place) == Translator("=" + text, "AG5").translate_formula(place)
    sheets = read_workbook(example).sheets
    for name, first, last in (("Register", "AG5", "AG150"), ("Langkah", "H5", "H1200")):
        formulas = sheets[name].formulas
        assert "=" + formulas[last].text == Translator("=" + formulas[first].text, first).translate_formula(last)
