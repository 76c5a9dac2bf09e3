"""Every formula that a workbook holds, and what in one is not the same in every spreadsheet program.

Excel orders number < text < boolean, arrays only what it is told to, and reads "1,5" by the machine's settings;
LibreOffice coerces, arrays by itself, and shows nothing of it. So formulas are judged by their text.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from engines import MAIN, defined_names, sheet_parts
from openpyxl.formula.tokenizer import Token, Tokenizer


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


EXCEL_2010 = _words(
    """ABS ACOS ADDRESS AGGREGATE AND AREAS ASIN ATAN ATAN2 AVEDEV AVERAGE AVERAGEA AVERAGEIF AVERAGEIFS CEILING CELL
    CHAR CHOOSE CLEAN CODE COLUMN COLUMNS COMBIN CONCATENATE CONVERT CORREL COS COUNT COUNTA COUNTBLANK COUNTIF COUNTIFS
    DATE DATEDIF DATEVALUE DAY DAYS360 DEC2BIN DOLLAR EDATE EOMONTH ERROR.TYPE EVEN EXACT EXP FACT FALSE FIND FIXED
    FLOOR FREQUENCY GCD GETPIVOTDATA HLOOKUP HOUR HYPERLINK IF IFERROR INDEX INDIRECT INFO INT ISBLANK ISERR ISERROR
    ISEVEN ISLOGICAL ISNA ISNONTEXT ISNUMBER ISODD ISREF ISTEXT LARGE LCM LEFT LEN LN LOG LOG10 LOOKUP LOWER MATCH MAX
    MAXA MEDIAN MID MIN MINA MINUTE MMULT MOD MODE MONTH MROUND N NA NETWORKDAYS NETWORKDAYS.INTL NOT NOW ODD OFFSET OR
    PERCENTILE PERCENTRANK PI POWER PRODUCT PROPER QUARTILE QUOTIENT RAND RANDBETWEEN RANK REPLACE REPT RIGHT ROMAN
    ROUND ROUNDDOWN ROUNDUP ROW ROWS SEARCH SECOND SIGN SIN SMALL SQRT STDEV SUBSTITUTE SUBTOTAL SUM SUMIF SUMIFS
    SUMPRODUCT SUMSQ T TAN TEXT TIME TIMEVALUE TODAY TRANSPOSE TRIM TRUE TRUNC TYPE UPPER VALUE VAR VLOOKUP WEEKDAY
    WEEKNUM WORKDAY WORKDAY.INTL YEAR YEARFRAC"""
)
VOLATILE = _words("NOW TODAY RAND RANDBETWEEN OFFSET INDIRECT CELL INFO")
NUMBER, TEXT, BOOLEAN = frozenset({"number"}), frozenset({"text"}), frozenset({"boolean"})
ANY = NUMBER | TEXT | BOOLEAN
TEXTS = _words(
    """LEFT RIGHT MID TEXT SUBSTITUTE TRIM CLEAN UPPER LOWER PROPER REPT CONCATENATE CHAR REPLACE FIXED DOLLAR ROMAN T
    ADDRESS HYPERLINK CONCAT TEXTJOIN UNICHAR"""
)
BOOLEANS = _words(
    """AND OR NOT XOR EXACT TRUE FALSE ISBLANK ISERR ISERROR ISEVEN ISLOGICAL ISNA ISNONTEXT ISNUMBER ISODD ISREF
    ISTEXT"""
)
UNKNOWN = _words("INDEX VLOOKUP HLOOKUP LOOKUP OFFSET INDIRECT CELL INFO GETPIVOTDATA TRANSPOSE AGGREGATE")
TOTALS = _words(
    """SUM SUMSQ PRODUCT MAX MAXA MIN MINA COUNT COUNTA AVERAGE AVERAGEA MEDIAN MODE STDEV VAR GCD LCM AND OR XOR
    FREQUENCY CONCAT"""
)
"""Functions all of whose arguments may be ranges."""
ONE_RANGE: Mapping[str, Callable[[int], bool]] = {
    **dict.fromkeys(_words("COUNTIFS"), lambda place: place % 2 == 0),
    **dict.fromkeys(_words("SUMIFS AVERAGEIFS MAXIFS MINIFS"), lambda place: place == 0 or place % 2 == 1),
    **dict.fromkeys(_words("COUNTIF SUMIF AVERAGEIF"), lambda place: place in (0, 2)),
    **dict.fromkeys(_words("MATCH VLOOKUP HLOOKUP RANK"), lambda place: place == 1),
    **dict.fromkeys(_words("INDEX LARGE SMALL PERCENTILE QUARTILE PERCENTRANK COUNTBLANK"), lambda place: place == 0),
    **dict.fromkeys(_words("ROW ROWS COLUMN COLUMNS AREAS OFFSET CELL ISREF"), lambda place: place == 0),
    **dict.fromkeys(_words("LOOKUP CHOOSE SUBTOTAL AGGREGATE TEXTJOIN"), lambda place: place > 0),
    **dict.fromkeys(_words("NETWORKDAYS WORKDAY"), lambda place: place == 2),
}
"""Whether an argument (from 0) may be a range; where absent, none may."""
CRITERIA = _words("COUNTIF COUNTIFS SUMIF SUMIFS AVERAGEIF AVERAGEIFS MAXIFS MINIFS")
UNKNOWN_TO_HYPERFORMULA = _words(
    "AGGREGATE AVERAGEIFS CELL DOLLAR FIXED FREQUENCY INDIRECT INFO LOOKUP PERCENTILE PERCENTRANK RANK"
)
BRANCHES: Mapping[str, int] = {"IF": 1, "CHOOSE": 1, "IFERROR": 0, "IFNA": 0}
COMPARING = ("=", "<>", "<", ">", "<=", ">=")
PRECEDENCE = {**dict.fromkeys(COMPARING, 1), "&": 2, "+": 3, "-": 3, "*": 4, "/": 4, "^": 5, ",": 7}
PREFIX = 6
SINGLE, RANGE, ARRAY = 0, 1, 2
SHOWN = 120
CELLS, PRODUCT, CSE = "cells", "SUMPRODUCT", "array"
WHOLE = re.compile(r"^\$?[A-Z]{1,3}:\$?[A-Z]{1,3}$|^\$?\d+:\$?\d+$")
SPAN = re.compile(r"^\$?[A-Z]{1,3}\$?\d+:\$?[A-Z]{1,3}\$?\d+$")
SHAPE_FREE = re.compile(r"^0+$|^[dmyhs]{1,4}([-: ][dmyhs]{1,4})*$")
WORDS = re.compile(r"mmm|ddd")


@dataclass(frozen=True)
class Stated:
    """A formula without `=`, and where it stands: `Register!AO5:AO194`, `tRegister[Pantauan]`, the name L_Kasus."""

    kind: str  # cell, array, column, validation, format or name
    where: str
    text: str

    @property
    def length(self) -> int:
        return len(self.text)


def stated(path: Path) -> Iterator[Stated]:
    """Every formula of an xlsx; a shared one once, with the range that shares it."""
    with zipfile.ZipFile(path) as package:
        yield from (Stated("name", name, text) for name, text in defined_names(package).items())
        for sheet, element in sheet_parts(package):
            yield from _of_sheet(sheet, element)
        for part in sorted(name for name in package.namelist() if re.fullmatch(r"xl/tables/[^/]+\.xml", name)):
            yield from _of_table(ET.fromstring(package.read(part)))


def _of_sheet(sheet: str, part: ET.Element) -> Iterator[Stated]:
    for cell in part.iter(f"{MAIN}c"):
        formula = cell.find(f"{MAIN}f")
        if formula is not None and formula.text:
            kind = "array" if formula.get("t") == "array" else "cell"
            yield Stated(kind, f"{sheet}!{formula.get('ref') or cell.get('r')}", formula.text)
    for outer, inner, kind in (
        ("dataValidation", ("formula1", "formula2"), "validation"),
        ("conditionalFormatting", ("formula",), "format"),
    ):
        for element in part.iter(MAIN + outer):
            texts = [found.text for name in inner for found in element.iter(MAIN + name) if found.text]
            yield from (Stated(kind, f"{sheet}!{element.get('sqref')}", text) for text in texts)


def _of_table(table: ET.Element) -> Iterator[Stated]:
    for column in table.iter(f"{MAIN}tableColumn"):
        text = column.findtext(f"{MAIN}calculatedColumnFormula")
        if text:
            yield Stated("column", f"{table.get('name')}[{column.get('name')}]", text)


def _nothing(_: Stated) -> frozenset[str]:
    return frozenset()


def workbook_faults(path: Path, allowed: Callable[[Stated], frozenset[str]] = _nothing) -> Iterator[str]:
    """What `faults` says of each formula of a workbook; `allowed` gives the functions that a formula may use yet."""
    found = list(stated(path))
    names = {one.where: one.text for one in found if one.kind == "name"}
    for one in found:
        ranged = one.kind in ("name", "validation")
        for fault in faults(one.text, array=one.kind == "array", ranged=ranged, names=names, allowed=allowed(one)):
            yield f"{one.where} ({one.kind}): {fault}"


def faults(
    formula: str,
    *,
    array: bool = False,
    ranged: bool = False,
    names: Mapping[str, str] | None = None,
    allowed: frozenset[str] = frozenset(),
) -> list[str]:
    """What in a formula (with or without `=`) another program reckons otherwise than Excel; a sentence for each.

    `array` is an array formula ({=…}); `ranged` may result in a range (a name, the source of a list); `names` are the
    workbook's defined names; `allowed` are volatile or locale-bound functions that this formula may use.
    """
    judge = _Judge(names or {}, allowed)
    result = judge.judged(parsed(formula), CSE if array else CELLS)
    if result.shape != SINGLE and not (array or ranged):
        judge.say("The result is a range or an array where one value is due; only an array formula may be so.")
    return list(dict.fromkeys(judge.found))


@dataclass(frozen=True)
class Node:
    """Part of a formula: an operand (its token's kind is `role`), an operator or a function with its arguments."""

    role: str  # operand subtype, "operator", "prefix", "call" or "empty"
    name: str
    args: tuple[Node, ...] = ()

    def __str__(self) -> str:
        """As in the formula, with all parentheses; a long one without its middle."""
        text = self._written()
        return text if len(text) <= SHOWN else f"{text[: SHOWN // 2]}…{text[-SHOWN // 2 :]}"

    def _written(self) -> str:
        inner = [arg._written() for arg in self.args]
        if self.role == "call":
            return f"{self.name}({','.join(inner)})"
        if self.role == "constant":
            return "{" + ",".join(inner) + "}"
        if self.role == "operator":
            shown = [
                f"({text})" if arg.role == "operator" else text for arg, text in zip(self.args, inner, strict=True)
            ]
            return self.name.join(shown) if len(shown) > 1 else shown[0] + self.name
        return self.name + "".join(inner)


@cache
def parsed(formula: str) -> Node:
    """The tree of a formula; ValueError for one that Excel would not take."""
    parser = _Parser(
        [token for token in Tokenizer("=" + formula.removeprefix("=")).items if token.type != Token.WSPACE]
    )
    node = parser.expression(0)
    if parser.tokens:
        raise ValueError(f"{formula}: {parser.tokens[0].value} is too much")
    return node


@dataclass
class _Parser:
    tokens: list[Token]

    def next_is(self, kind: str, subtype: str = "") -> bool:
        return bool(self.tokens) and self.tokens[0].type == kind and subtype in ("", self.tokens[0].subtype)

    def expression(self, least: int) -> Node:
        left = self.postfixed()
        while self.next_is(Token.OP_IN) and PRECEDENCE[self.tokens[0].value] > least:
            name = self.tokens.pop(0).value
            left = Node("operator", name, (left, self.expression(PRECEDENCE[name])))
        return left

    def postfixed(self) -> Node:
        node = self.operand()
        while self.tokens:
            if self.next_is(Token.OP_POST):
                node = Node("operator", self.tokens.pop(0).value, (node,))
            elif self.tokens[0].value.startswith(":"):
                node = Node("operator", ":", (node, self.operand()))
            else:
                break
        return node

    def operand(self) -> Node:
        if not self.tokens:
            raise ValueError("the formula breaks off")
        token = self.tokens.pop(0)
        if token.type == Token.OP_PRE:
            return Node("prefix", token.value, (self.expression(PREFIX),))
        if token.type == Token.FUNC and token.subtype == Token.OPEN:
            return self.call(token.value)
        if token.type == Token.PAREN and token.subtype == Token.OPEN:
            inner = self.expression(0)
            self.tokens.pop(0)
            return inner
        if token.type == Token.ARRAY and token.subtype == Token.OPEN:
            return self.constant()
        if token.type != Token.OPERAND:
            raise ValueError(f"{token.value} stands where a value is due")
        return Node(token.subtype, token.value.removeprefix(":"))

    def call(self, opening: str) -> Node:
        before, _, name = opening[:-1].rpartition(":")
        args = list[Node]()
        while not self.next_is(Token.FUNC, Token.CLOSE):
            empty = self.next_is(Token.SEP)
            args.append(Node("empty", "") if empty else self.expression(0))
            if self.next_is(Token.SEP):
                self.tokens.pop(0)
                if self.next_is(Token.FUNC, Token.CLOSE):
                    args.append(Node("empty", ""))
        self.tokens.pop(0)
        node = Node("call", name.upper(), tuple(args))
        return Node("operator", ":", (Node(Token.RANGE, before), node)) if before else node

    def constant(self) -> Node:
        parts = list[Node]()
        while not self.next_is(Token.ARRAY, Token.CLOSE):
            token = self.tokens[0]
            if token.type in (Token.SEP, "ARRAYROW"):
                self.tokens.pop(0)
            else:
                parts.append(self.expression(0))
        self.tokens.pop(0)
        return Node("constant", "{}", tuple(parts))


@dataclass(frozen=True)
class _Result:
    kinds: frozenset[str]
    shape: int = SINGLE
    compared: bool = False


@dataclass
class _Judge:
    names: Mapping[str, str]
    allowed: frozenset[str]
    found: list[str] = field(default_factory=list)

    def say(self, sentence: str) -> None:
        self.found.append(sentence)

    def judged(self, node: Node, where: str) -> _Result:
        if node.role == "call":
            return self.call(node, where)
        if node.role == "operator":
            return self.operator(node, where)
        if node.role == "prefix":
            inner = self.judged(node.args[0], where)
            self.number_of_text(node, node.args[0], inner)
            return _Result(NUMBER, inner.shape)
        if node.role == "constant":
            kinds = [self.judged(arg, where).kinds for arg in node.args]
            return _Result(frozenset().union(*kinds), ARRAY)
        return self.operand(node)

    def operand(self, node: Node) -> _Result:
        if node.role in (Token.NUMBER, Token.TEXT, Token.LOGICAL):
            return _Result({Token.NUMBER: NUMBER, Token.TEXT: TEXT, Token.LOGICAL: BOOLEAN}[node.role])
        place = node.name.rpartition("!")[2]
        if WHOLE.match(place):
            self.say(f"{node} is a whole column or row: say from which cell to which.")
            return _Result(ANY, RANGE)
        if SPAN.match(place):
            return _Result(ANY, RANGE)
        if node.name in self.names:
            inner = _Judge({k: v for k, v in self.names.items() if k != node.name}, VOLATILE)
            return inner.judged(parsed(self.names[node.name]), CELLS)
        whole_column = node.name.endswith("]") and "#This Row" not in node.name and "[@" not in node.name
        return _Result(ANY, RANGE if whole_column else SINGLE)

    def operator(self, node: Node, where: str) -> _Result:
        results = [self.judged(arg, where) for arg in node.args]
        shape = max(result.shape for result in results)
        if node.name in (":", ","):
            return _Result(ANY, RANGE)
        if shape != SINGLE and where == CELLS:
            self.say(f"{node} reckons with a range or an array outside SUMPRODUCT and array formulas.")
        shape = ARRAY if shape else SINGLE
        if node.name in COMPARING:
            self.comparison(node, *results)
            return _Result(BOOLEAN, shape, compared=True)
        if node.name == "&":
            for arg, result in zip(node.args, results, strict=True):
                if result.kinds == BOOLEAN:
                    self.say(f"{arg} is a boolean joined to a text: TRUE is spelled by the program's language.")
            return _Result(TEXT, shape)
        for arg, result in zip(node.args, results, strict=True):
            self.number_of_text(node, arg, result)
        return _Result(NUMBER, shape)

    def comparison(self, node: Node, left: _Result, right: _Result) -> None:
        for arg, result in zip(node.args, (left, right), strict=True):
            if result.compared:
                self.say(f"{node} compares a comparison, {arg}: Excel puts every boolean above every number and text.")
                return
        if (left.kinds == BOOLEAN) != (right.kinds == BOOLEAN) or not left.kinds & right.kinds:
            self.say(f"{node} compares {_kinds(left)} with {_kinds(right)}: Excel orders number < text < boolean.")
        elif {left.kinds >= BOOLEAN, right.kinds >= BOOLEAN} == {True, False} and ANY not in (left.kinds, right.kinds):
            self.say(f"{node} compares {_kinds(left)} with {_kinds(right)}: the boolean is above both others in Excel.")

    def number_of_text(self, node: Node, arg: Node, result: _Result) -> None:
        if result.kinds == TEXT and not _digit(arg) and "VALUE" not in self.allowed:
            self.say(f"{node} makes a number of the text {arg}, by the machine's decimal sign.")

    def call(self, node: Node, where: str) -> _Result:
        name = node.name.removeprefix("_XLFN.")
        self.function(node, name)
        inside = PRODUCT if name == "SUMPRODUCT" and where != CSE else where
        results = [self.judged(arg, inside) for arg in node.args]
        spread = [result for place, result in enumerate(results) if result.shape and not _takes_range(name, place)]
        self.arrays(node, name, results, bool(spread), inside)
        branches = results[BRANCHES[name] :] if name in BRANCHES else []
        if branches:
            kinds = [branch.kinds for branch in branches] + [BOOLEAN] * (name == "IF" and len(results) == 2)
            return _Result(frozenset().union(*kinds), max(result.shape for result in results))
        return _Result(_kind_of(name, results), self.shape(node, name, bool(spread), results))

    def shape(self, node: Node, name: str, spread: bool, results: Sequence[_Result]) -> int:
        if (name == "INDEX" and _whole_index(node)) or name in ("OFFSET", "INDIRECT"):
            return RANGE
        listed = name in ("ROW", "COLUMN") and results and results[0].shape
        return ARRAY if spread or listed or name in ("FREQUENCY", "TRANSPOSE", "MMULT") else SINGLE

    def arrays(self, node: Node, name: str, results: Sequence[_Result], spread: bool, where: str) -> None:
        """Ranges where one value is due, and arrays that one program or another does not make of them."""
        computed = any(result.shape == ARRAY for result in results)
        if spread and where == CELLS:
            self.say(f"{node} gives {name} a range or an array where one value is due.")
        elif spread and where == PRODUCT:
            self.say(f"{node} within SUMPRODUCT: Gnumeric does not array {name}.")
        elif spread and name in CRITERIA:
            self.say(f"{node}: Gnumeric does not array the criterion of {name}.")
        elif computed and where == PRODUCT and name not in ("SUMPRODUCT", "LARGE"):
            self.say(f"{node} within SUMPRODUCT: Gnumeric does not array {name}.")
        if name == "INDEX" and _whole_index(node):
            self.say(f"{node}: a whole row or column by INDEX is #REF! in Gnumeric and #VALUE! in HyperFormula.")
        if name in ("ROW", "COLUMN") and results and results[0].shape:
            self.say(f"{node} as an array is the first place for all in HyperFormula.")
        if name in (TOTALS | {"SUMPRODUCT", "LARGE", "SMALL"}) - BOOLEANS:
            for arg, result in zip(node.args, results, strict=True):
                if result.shape == ARRAY and result.kinds == BOOLEAN:
                    self.say(f"{node} adds up the comparison {arg}: Excel leaves booleans out; write ({arg})*1.")

    def function(self, node: Node, name: str) -> None:
        if name == node.name and name not in EXCEL_2010:
            self.say(f"{name} is no function of Excel 2010: it is written _xlfn.{name}.")
        if name in VOLATILE - self.allowed:
            self.say(f"{name} is volatile: the workbook is reckoned anew at every touch.")
        if name in self.allowed:
            return
        first = node.args[0] if node.args else Node("empty", "")
        if name in ("DATEVALUE", "TIMEVALUE", "FIXED", "DOLLAR") or (name == "VALUE" and not _digit(first)):
            self.say(f"{node} reads or writes by the machine's locale.")
        if name == "TEXT" and len(node.args) == 2:
            shape = node.args[1].name.strip('"')
            if node.args[1].role != Token.TEXT or not SHAPE_FREE.match(shape) or WORDS.search(shape):
                self.say(f"{node} writes by the machine's locale.")
        if name == "CHAR" and (first.role != Token.NUMBER or float(first.name) > 127):
            self.say(f"{node} is another character on another machine.")


def limits(formula: str) -> list[str]:
    """What in a formula is right in Excel, but HyperFormula 3.5 does not know, so that no test in it can say so."""
    found, waiting = list[str](), [parsed(formula)]
    while waiting:
        node = waiting.pop()
        waiting += node.args
        if node.role == "operator" and node.name in (":", ","):
            found.append(f"{node}: HyperFormula takes no range that is reckoned.")
        elif node.role == "call" and node.name in UNKNOWN_TO_HYPERFORMULA:
            found.append(f"{node.name} is unknown to HyperFormula.")
        elif node.role == Token.NUMBER and "E" in node.name.upper():
            found.append(f"{node} is no number to HyperFormula.")
    return list(dict.fromkeys(found))


def _takes_range(name: str, place: int) -> bool:
    if name in TOTALS or name == "SUMPRODUCT" or (name in BRANCHES and place >= BRANCHES[name]):
        return True
    return name in ONE_RANGE and ONE_RANGE[name](place)


def _kind_of(name: str, results: Sequence[_Result]) -> frozenset[str]:
    if name in TEXTS:
        return TEXT
    if name in BOOLEANS:
        return BOOLEAN
    return ANY if name in UNKNOWN else NUMBER


def _kinds(result: _Result) -> str:
    return " or ".join(sorted(result.kinds)) if result.kinds != ANY else "a value of any kind"


def _whole_index(node: Node) -> bool:
    """INDEX(r,0), INDEX(r,0,n), INDEX(r,n,0), INDEX(r,,n)."""
    return any(arg.role == "empty" or (arg.role == Token.NUMBER and float(arg.name) == 0) for arg in node.args[1:3])


def _digit(node: Node) -> bool:
    """Whether a text is one character (no decimal sign fits in a number of one) or a number as digits."""
    if node.role == Token.TEXT:
        return node.name.strip('"').isdigit()
    if node.role != "call":
        return False
    if node.name == "TEXT":
        return len(node.args) == 2 and bool(re.fullmatch(r'"0+"', node.args[1].name))
    return node.name in ("MID", "LEFT", "RIGHT") and (len(node.args) == 1 or node.args[-1].name == "1")
