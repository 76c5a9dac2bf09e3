"""What a patched part's XML looks like whichever way its tags decide: known once, checked never again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from jinja2 import nodes

MARKUP = re.compile(r"<!--.*?-->|<\?.*?\?>|<[^<>]*>", re.DOTALL)
NAME = re.compile(r"</?([^\s/>]+)")
SPAN = re.compile(r'w:val="(\d+)"')
MAX_PROVEN = 1_500_000  # characters of XML; a larger template is repaired as docxtpl does, document by document
HOLE = "\x00"  # stands for a printed value inside a tag


@dataclass
class _Row:
    path: tuple[int, ...]
    cells: int = 0
    span: int = 0


@dataclass
class _Table:
    path: tuple[int, ...]
    columns: int = 0
    rows: list[_Row] = field(default_factory=list)
    open_rows: list[_Row] = field(default_factory=list)


@dataclass(frozen=True)
class Structure:
    """`balanced`: well-formed for any data. `steady`: docxtpl's `fix_tables` never has anything to do."""

    balanced: bool
    steady: bool


State = tuple[tuple[str, ...], str]


class _Unprovable(Exception):
    pass


def structure_of(tree: nodes.Template) -> Structure:
    """Follow each branch and loop body once; what cannot be proven is reported as not so."""
    if sum(len(data.data) for data in tree.find_all(nodes.TemplateData)) > MAX_PROVEN:
        return Structure(balanced=False, steady=False)
    walk = _Walk()
    try:
        balanced = walk.body(tree.body, ((), ""), ()) == ((), "")
    except _Unprovable:
        return Structure(balanced=False, steady=False)
    return Structure(balanced, balanced and walk.steady and not walk.tables)


class _Walk:
    def __init__(self) -> None:
        self.steady = True
        self.tables: list[_Table] = []
        self._branches = 0

    def body(self, body: list[nodes.Node], state: State, path: tuple[int, ...]) -> State:
        for node in body:
            state = self._node(node, state, path)
        return state

    def _node(self, node: nodes.Node, state: State, path: tuple[int, ...]) -> State:
        if isinstance(node, nodes.Output):
            return self._output(node, state, path)
        if isinstance(node, nodes.If):
            return self._same([node.body, *(other.body for other in node.elif_), node.else_], state, path)
        if isinstance(node, nodes.For):
            return self._neutral([node.body, node.else_], state, path)
        if isinstance(node, (nodes.Macro, nodes.CallBlock, nodes.AssignBlock)):
            self._neutral([node.body], ((), ""), path)
            return state
        if isinstance(node, (nodes.With, nodes.Scope)):
            return self.body(node.body, state, path)
        if isinstance(node, (nodes.Assign, nodes.ExprStmt)):
            return state
        raise _Unprovable

    def _output(self, node: nodes.Output, state: State, path: tuple[int, ...]) -> State:
        for child in node.nodes:
            if isinstance(child, nodes.TemplateData):
                state = self._feed(child.data, state, path)
            elif state[1]:
                state = (state[0], state[1] + HOLE)
        return state

    def _same(self, bodies: list[list[nodes.Node]], state: State, path: tuple[int, ...]) -> State:
        """Branches: each must leave the same elements open."""
        ends = {self.body(body, state, self._deeper(path)) for body in bodies}
        if len(ends) != 1:
            raise _Unprovable
        return ends.pop()

    def _neutral(self, bodies: list[list[nodes.Node]], state: State, path: tuple[int, ...]) -> State:
        """Repeated any number of times: must leave open what was open."""
        if self._same(bodies, state, path) != state:
            raise _Unprovable
        return state

    def _deeper(self, path: tuple[int, ...]) -> tuple[int, ...]:
        self._branches += 1
        return (*path, self._branches)

    def _feed(self, data: str, state: State, path: tuple[int, ...]) -> State:
        stack, pending = list(state[0]), state[1] + data
        end = 0
        for found in MARKUP.finditer(pending):
            if "<" in pending[end : found.start()]:
                raise _Unprovable
            self._element(found[0], stack, path)
            end = found.end()
        rest = pending[end:]
        begin = rest.find("<")
        return tuple(stack), _canonical(rest[begin:]) if begin >= 0 else ""

    def _element(self, markup: str, stack: list[str], path: tuple[int, ...]) -> None:
        if markup.startswith(("<!", "<?")):
            return
        name = NAME.match(markup)
        if name is None or HOLE in name[1]:
            raise _Unprovable
        if markup.startswith("</"):
            if not stack or stack.pop() != name[1]:
                raise _Unprovable
            self._closed(name[1])
        elif markup.endswith("/>"):
            self._opened(name[1], markup, path)
            self._closed(name[1])
        else:
            stack.append(name[1])
            self._opened(name[1], markup, path)

    def _opened(self, name: str, markup: str, path: tuple[int, ...]) -> None:
        if name == "w:tbl":
            self.tables.append(_Table(path))
        elif not self.tables:
            return
        elif name == "w:gridCol":
            self.tables[-1].columns += 1
            self.steady = self.steady and path == self.tables[-1].path
        elif name == "w:tr":
            self._open_row(path)
        elif name == "w:tc":
            self._open_cell(path)
        elif name == "w:gridSpan":
            self._widen(markup, path)

    def _open_row(self, path: tuple[int, ...]) -> None:
        row = _Row(path)
        self.tables[-1].rows.append(row)
        self.tables[-1].open_rows.append(row)

    def _open_cell(self, path: tuple[int, ...]) -> None:
        rows = self.tables[-1].open_rows
        if not rows or rows[-1].path != path:
            self.steady = False
            return
        rows[-1].cells += 1
        rows[-1].span += 1

    def _widen(self, markup: str, path: tuple[int, ...]) -> None:
        span, rows = SPAN.search(markup), self.tables[-1].open_rows
        if span is None or HOLE in markup or not rows or rows[-1].path != path:
            self.steady = False
            return
        rows[-1].span += int(span[1]) - 1

    def _closed(self, name: str) -> None:
        if name == "w:tr" and self.tables and self.tables[-1].open_rows:
            self.tables[-1].open_rows.pop()
        elif name == "w:tbl" and self.tables:
            table = self.tables.pop()
            fits = all(row.cells <= table.columns and row.span <= table.columns for row in table.rows)
            full = any(row.path == table.path and row.span == table.columns for row in table.rows)
            self.steady = self.steady and fits and full
            if self.tables:
                outer = self.tables[-1]
                outer.rows += [_Row((-1,), row.cells, row.span) for row in table.rows]


def _canonical(pending: str) -> str:
    """An unfinished tag, told apart only by what decides how it goes on."""
    name = NAME.match(pending)
    quotes = pending.count('"') % 2
    kept = name[1] if name and len(name[0]) < len(pending) else pending
    if kept == "w:gridSpan":
        return pending
    return f"<{kept}" + (' "' if quotes else " ") if kept != pending else pending
