"""Each kind of formula that another program reckons otherwise than Excel is found, and its right form is not."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter
from formula_audit import faults, limits, parsed, stated, workbook_faults

NAMES = {"r": "S!$A$1:$A$9", "k": "S!$B$1:$B$9", "one": "S!$A$1", "moving": "OFFSET(S!$A$1,0,0,5,1)"}

WRONG = {
    "IF($AL5<=($AN5>0),0,1)": "compares a comparison",
    "(A1>0)=(B1>0)": "compares a comparison",
    "(A1>0)=FALSE": "compares a comparison",
    "A1>B1>C1": "compares a comparison",
    "A1=TRUE": "a value of any kind with boolean",
    "ISNUMBER(A1)=1": "boolean with number",
    "LEFT(A1,2)>3": "text with number",
    'LEN(A1)="2"': "number with text",
    "AND(A1,B1)>0": "boolean with number",
    "IF(A1=1,5)>LEN(B1)": "the boolean is above",
    '(A1>0)&"x"': "a boolean joined to a text",
    "SUMPRODUCT(r=A1)": "leaves booleans out",
    "VALUE(A1)": "locale",
    "VALUE(MID(A1,2,3))": "locale",
    "LEFT(A1,3)*1": "decimal sign",
    "--TRIM(A1)": "decimal sign",
    'TEXT(A1,"0.00")': "locale",
    'TEXT(A1,"#,##0")': "locale",
    'TEXT(A1,"d mmmm yyyy")': "locale",
    "TEXT(A1,B1)": "locale",
    'DATEVALUE("09-12-2025")': "locale",
    'TIMEVALUE("07:30")': "locale",
    "CHAR(160)": "another machine",
    "r": "range or an array",
    "A1:A9*2": "outside SUMPRODUCT",
    "MAX((r=1)*k)": "outside SUMPRODUCT",
    "LEFT(r,1)": "one value is due",
    'OR(A1={"a","b"})': "outside SUMPRODUCT",
    "COUNTIF(r,k)": "one value is due",
    "SUMPRODUCT(MAX((r=1)*k))": "Gnumeric does not array MAX",
    "SUMPRODUCT(--ISNUMBER(SEARCH(r,A1)))": "Gnumeric does not array SEARCH",
    "SUMPRODUCT(--ISNUMBER(MATCH(r,k,0)))": "Gnumeric does not array MATCH",
    "SUMPRODUCT(IF(r=1,k,0))": "Gnumeric does not array IF",
    "SUMPRODUCT((r=1)*INDEX(S!$A$1:$D$9,0,2))": "whole row or column",
    "SUM(INDEX(S!$A$1:$D$9,2,0))": "whole row or column",
    "MAXIFS(r,k,1)": "_xlfn.MAXIFS",
    "CONCAT(A1,B1)": "_xlfn.CONCAT",
    "SUM(A:A)": "whole column",
    "SUM(S!$A:$Z)": "whole column",
    "SUM(3:3)": "whole column",
    "NOW()": "volatile",
    "TODAY()-1": "volatile",
    "SUM(OFFSET(A1,1,0,3,1))": "volatile",
    'SUM(INDIRECT("A1:A3"))': "volatile",
    'CELL("row",A1)': "volatile",
    "RAND()": "volatile",
}
RIGHT = (
    "IF($AL5<=($AN5>0)*1,0,1)", "IF($AL5<=($AN5>0)+($AO5>0),0,1)", "IF($AL5<=IF($AN5>0,1,0),0,1)", "A1<=--(B1>0)",
    "(A1>0)*(B1>0)*4", 'A1=""', 'IF(A1="","",B1)<>""', "IF(A1>1,,3)", "-A1^2%", "ISNUMBER(A1)=ISNUMBER(B1)",
    "SUM(r)", "SUM(moving)", "one*2", "INDEX(r,2)", "INDEX(S!$A$1:$D$9,2,3)", 'COUNTIFS(r,">"&A1,k,"?*")',
    "SUMPRODUCT((r=A1)*(k>2))", "SUMPRODUCT(--(r>2),k)", "SUMPRODUCT(LARGE((r=1)*k,1))", 'MATCH(A1,{"a","b"},0)',
    "MATCH(A1,r,1)", "SUM({1,2;3,4})", "_xlfn.MAXIFS(r,k,1)", "VALUE(MID(A1,2,1))", "MID(A1,2,1)*1",
    'TEXT(A1,"000")', 'TEXT(A1,"dd-mm-yyyy")', "tR[[#This Row],[h.ada]]+1", "IFERROR(INDEX(r,MATCH(A1,k,0)),0)",
    "ROW()-4", "ROW(A1)", "SUM(INDEX(r,1):INDEX(r,3))", "IF(AND(A1>0,B1>0),1,0)",
)  # fmt: skip
IN_ARRAYS = ("MAX((r=A1)*k)", "MAX(IF(r=A1,k,0))", "SUM(--ISNUMBER(SEARCH(r,A1)))", "INDEX(r,MATCH(1,(r=1)*(k=2),0))")


@pytest.mark.parametrize(("formula", "said"), WRONG.items())
def test_wrong(formula: str, said: str) -> None:
    found = faults(formula, names=NAMES)
    assert any(said in sentence for sentence in found), found


@pytest.mark.parametrize("formula", RIGHT)
def test_right(formula: str) -> None:
    assert faults("=" + formula, names=NAMES) == []


@pytest.mark.parametrize("formula", IN_ARRAYS)
def test_an_array_formula_may_array(formula: str) -> None:
    assert faults(formula, array=True, names=NAMES) == []
    assert faults(formula, names=NAMES)


@pytest.mark.parametrize(
    ("formula", "said"),
    (("SUM(r>1)", "leaves booleans out"), ("SUM(COUNTIF(r,k))", "the criterion of COUNTIF"), ("MAX(ROW(r))", "ROW(r)")),
)
def test_wrong_in_an_array_formula_too(formula: str, said: str) -> None:
    assert any(said in sentence for sentence in faults(formula, array=True, names=NAMES))


def test_what_is_allowed_is_not_said() -> None:
    assert faults("NOW()+VALUE(A1)", allowed=frozenset({"NOW", "VALUE"})) == []
    assert faults(NAMES["moving"], ranged=True, allowed=frozenset({"OFFSET"})) == []
    assert faults(NAMES["r"], ranged=True) == []


def test_precedence() -> None:
    assert str(parsed("1+2*-A1^2&B1>=C1%")) == "((1+(2*(-A1^2)))&B1)>=(C1%)"


def test_what_hyperformula_does_not_know() -> None:
    assert len(limits("SUM(INDEX(r,1):INDEX(r,2))+SUM(A2:INDEX(r,2))+LOOKUP(9.9E+307,FREQUENCY(r,k))")) == 5
    assert limits("SUM(A1:A2)+MAX(r)") == []


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A workbook with a formula of each kind."""
    path = tmp_path / "semua.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        sheet = made.add_worksheet("Lembar")
        sheet.write_formula("A1", "=NOW()")
        sheet.write_array_formula("B1:B2", "{=FREQUENCY(C1:C9,D1:D2)}")
        columns = [{"header": "a"}, {"header": "b", "formula": "=tT[[#This Row],[a]]+1"}]
        sheet.add_table("F1:G3", {"name": "tT", "columns": columns})
        sheet.data_validation("H1", {"validate": "integer", "criteria": "between", "minimum": "=A1", "maximum": "=A2"})
        sheet.conditional_format("J1:J9", {"type": "formula", "criteria": "=$J1=TRUE"})
        made.define_name("Daftar", "=OFFSET(Lembar!$A$1,0,0,3,1)")
    return path


def test_every_formula_of_a_workbook(book: Path) -> None:
    found = {(one.kind, one.where): one.text for one in stated(book)}
    assert found == {
        ("name", "Daftar"): "OFFSET(Lembar!$A$1,0,0,3,1)", ("cell", "Lembar!A1"): "NOW()",
        ("array", "Lembar!B1:B2"): "FREQUENCY(C1:C9,D1:D2)", ("validation", "Lembar!H1"): "A2",
        ("format", "Lembar!J1:J9"): "$J1=TRUE", ("column", "tT[b]"): "tT[[#This Row],[a]]+1",
        ("cell", "Lembar!G2"): "tT[[#This Row],[a]]+1", ("cell", "Lembar!G3"): "tT[[#This Row],[a]]+1",
    }  # fmt: skip
    assert [one.text for one in stated(book) if one.kind == "validation"] == ["A1", "A2"]


def test_the_faults_of_a_workbook(book: Path) -> None:
    said = list(workbook_faults(book, lambda one: frozenset({"OFFSET"}) if one.kind == "name" else frozenset()))
    assert [sentence.split(":")[0] for sentence in said] == ["Lembar!A1 (cell)", "Lembar!J1"]
