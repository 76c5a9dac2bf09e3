"""What the templates of Word and of mail may contain, and what filling one may cost: one answer for both.

A template may print fields, loop once over a list and decide on fields. It cannot call, calculate or keep a value, so
that it reaches nothing but its fields; what is left to spend, by loops and long texts, is counted while it is filled.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, Undefined, nodes, pass_context
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.filters import FILTERS
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from sopkit.language import DateText

RUN = "\x00run"  # the fields' key for what this filling has spent; no template can spell it
MAX_SPENT = 100_000_000  # characters: of the text in loops and of values, each time that they are printed or changed
NODE = 20  # characters that a construct in a loop counts for, each time round
MAX_DEPTH = 20  # conditions within conditions

CONSTRUCTS = frozenset((
    "Template", "Output", "TemplateData", "Name", "Getattr", "Getitem", "Const", "If", "For", "Compare", "Operand",
    "And", "Or", "Not", "Filter", "Test", "CondExpr",
))  # fmt: skip
DICT_NAMES = frozenset(dir(dict))
TEST_NAMES = frozenset(("defined", "undefined", "none"))
ARITHMETIC = frozenset(("Add", "Sub", "Mul", "Div", "FloorDiv", "Mod", "Pow", "Neg", "Pos"))
SAID = {
    "Assign": "perintah set", "AssignBlock": "perintah set", "Call": "pemanggilan fungsi", "CallBlock": "perintah call",
    "Concat": "penggabung ~", "Dict": "kurung kurawal di dalam isian", "Extends": "perintah extends",
    "FilterBlock": "perintah filter", "FromImport": "perintah import", "Import": "perintah import",
    "Include": "perintah include", "List": "kurung siku", "Macro": "perintah macro", "Slice": "kurung siku",
    "Tuple": "beberapa nilai sekaligus", "With": "perintah with",
}  # fmt: skip

TOKENS = {
    "end of print statement": "akhir penanda", "end of statement block": "akhir perintah",
    "end of template": "akhir templat", "integer": "angka", "float": "angka", "string": "teks dalam tanda kutip",
}  # fmt: skip
SYNTAX = (
    (r"Expected an expression, got '(.+?)'", "ada yang kurang sebelum {}"),
    (r"expected token .+, got '(.+)'", "{} tidak pada tempatnya"),
    (r"unexpected char '(.+?)' at", "{} tidak dapat dipakai di dalam penanda"),
    (r"Unexpected end of template", "ada perintah yang belum ditutup"),
    (r"(?:Encountered unknown tag|unexpected) '(.+?)'", "{} tidak pada tempatnya"),
    (r"No (?:filter|test) named '(.+?)'", "{} tidak dikenal"),
)
"""What Jinja says of a template that it cannot parse, in English, and what that means."""

FORBIDDEN = "\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff"
UNUSUAL = re.compile(f"[{FORBIDDEN}\x09-\x0d\x85\u2028\u2029]")
SPECIAL = re.compile(f"[{FORBIDDEN}\x09-\x0d\x85\u2028\u2029&<>'\"]")  # what is not usual, or not itself in XML
LINE_BREAK = re.compile("\r\n|[\r\x0b\x85\u2028\u2029]")
REMOVED = re.compile(f"[{FORBIDDEN}\x0c]")


class Forbidden(TemplateSyntaxError):
    """The template contains what no template may; the message is Indonesian."""


class Stopped(SecurityError):
    """The template asks for what only its data forbid, or for too much of it; the message is Indonesian."""


class TooMuch(Stopped):
    """Filling it would take more time or memory than a document can need; the message is Indonesian."""


class FieldMissing(UndefinedError):
    """A field that the data do not have; `field` is its dotted name as far as it is known."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class FieldUndefined(StrictUndefined):
    """Jinja's strict undefined, with the name kept in the error that its use raises."""

    def __init__(
        self, hint: str | None = None, obj: Any = missing, name: Any = None, exc: Any = UndefinedError
    ) -> None:
        super().__init__(hint, obj, name, exc if exc is SecurityError else _missing(name))


def _missing(name: object) -> Any:
    return lambda message: FieldMissing(str(name or message))


class Run:
    """One filling: what it has spent, and what its values held that a document cannot.

    `place` prints what is no text (a picture) as markup, or gives None. For a mail values stay as they were typed
    (`clean` is False): only XML forbids characters.
    """

    def __init__(self, *, clean: bool = True) -> None:
        self._clean = clean
        self.spent = 0
        self.breaks = False
        self.removed: list[tuple[str, str]] = []
        self.place: Callable[[object], str | None] = lambda value: None

    def charge(self, characters: int) -> None:
        self.spent += characters
        if self.spent > MAX_SPENT:
            raise TooMuch("isiannya memerlukan waktu atau memori terlalu besar")

    def text(self, value: object, label: str) -> str:
        """What is printed for `value`, ready to be escaped; `FieldMissing` for nothing at all."""
        if value is None or isinstance(value, Undefined):
            raise _error_of(value, label)
        placed = None if isinstance(value, str) else self.place(value)
        said = value.unparted if self._clean and isinstance(value, DateText) else str(value)
        shown = self._cleaned(said, label) if placed is None else Markup(placed)
        self.charge(len(shown) + NODE)
        return shown

    def _cleaned(self, value: str, label: str) -> str:
        if not (self._clean and UNUSUAL.search(value)):
            return value
        value = LINE_BREAK.sub("\n", value)
        cleaned = REMOVED.sub("", value)
        if len(cleaned) != len(value):
            self.removed.append((label, "".join(sorted(set(REMOVED.findall(value))))))
        self.breaks = self.breaks or "\n" in cleaned or "\t" in cleaned
        return cleaned


def _error_of(value: Undefined | None, label: str) -> Exception:
    """A forbidden attribute stays a matter of safety; anything else is a field that is not there."""
    try:
        str(value)
    except SecurityError as error:
        return error
    except UndefinedError:
        pass
    return FieldMissing(label)


class LimitedEnvironment(ImmutableSandboxedEnvironment):
    """Strict and sandboxed, without functions; `compiled` is the only way in for a template.

    `xml`: what is printed stands in XML. It is escaped where it is counted, in a third of the time that Jinja takes.
    """

    def __init__(self, *, xml: bool = False, **options: Any) -> None:
        super().__init__(undefined=FieldUndefined, optimized=False, cache_size=0, autoescape=False, **options)
        self.globals.clear()
        self.filters = {**FILTER_NAMES, PRINT: _print_escaped if xml else _print, ROWS: _rows, SPEND: _spend}
        self.tests = {name: self.tests[name] for name in TEST_NAMES}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Of a row its field; Jinja would first look for an attribute of that name, and fail."""
        if type(obj) is dict and attribute in obj and attribute not in DICT_NAMES:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return super().is_safe_attribute(obj, attr, value) and not callable(value)

    def guarded(self, source: str) -> nodes.Template:
        """The parsed template, its prints, loops and filters counted; `Forbidden` names what it may not contain."""
        try:
            tree = self.parse(source)
            if found := refusal(tree):
                raise Forbidden(*found)
            _Guard().visit(tree)
        except RecursionError:
            raise Forbidden("isian yang bersarang terlalu dalam tidak diizinkan", 1) from None
        tree.set_environment(self)
        return tree

    def compiled(self, source: str) -> Template:
        return self.from_string(self.guarded(source))


def not_understood(error: TemplateSyntaxError) -> str:
    """Why a template cannot be parsed, in Indonesian."""
    message = str(error.message)
    if isinstance(error, Forbidden):
        return message
    for pattern, said in SYNTAX:
        if found := re.match(pattern, message):
            quoted = [TOKENS.get(word, f"“{word[:60]}”") for word in found.groups()]
            return f"tidak dapat dipahami: {said.format(*quoted)}"
    return "tidak dapat dipahami: susunannya keliru"


def refusal(tree: nodes.Template) -> tuple[str, int] | None:
    """The first thing that no template may contain, in Indonesian, with its line; None when all of it may stay."""
    found = next(_refused(tree, 0, False), None)
    return found and (f"{found[0]} tidak diizinkan di dalam templat", found[1])


def _refused(node: nodes.Node, depth: int, looping: bool) -> Iterator[tuple[str, int]]:
    kind = type(node).__name__
    if what := _of_kind(node, kind) or _of_name(node):
        yield what, node.lineno
    if isinstance(node, nodes.For) and (looping or node.recursive):
        yield "perulangan di dalam perulangan", node.lineno
    deeper = depth + isinstance(node, nodes.If | nodes.For | nodes.CondExpr)
    if deeper > MAX_DEPTH:
        yield f"syarat yang bersarang lebih dari {MAX_DEPTH} kali", node.lineno
        return
    for child in node.iter_child_nodes():
        yield from _refused(child, deeper, looping or isinstance(node, nodes.For))


def _of_kind(node: nodes.Node, kind: str) -> str:
    if kind in ARITHMETIC:
        return "hitungan"
    if kind not in CONSTRUCTS:
        return SAID.get(kind, f"susunan {kind}")
    if isinstance(node, nodes.Operand) and node.op in ("in", "notin"):
        return "pembanding in"
    if isinstance(node, nodes.Getitem) and not (isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str)):
        return "kurung siku"
    return ""


def _of_name(node: nodes.Node) -> str:
    if isinstance(node, nodes.Filter) and node.name not in FILTER_NAMES:
        return f"penyaring {node.name}"
    if isinstance(node, nodes.Test) and node.name not in TEST_NAMES:
        return f"uji {node.name}"
    name = node.arg.value if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) else None
    name = node.attr if isinstance(node, nodes.Getattr) else node.name if isinstance(node, nodes.Name) else name
    return f"nama {name}" if isinstance(name, str) and name.startswith("_") else ""


def _without_stop(value: object) -> str:
    """For a text that the template itself ends with a full stop."""
    return str(value).rstrip(".")


def _join(value: object, d: str = "") -> object:
    """A list as text; a text stays as it is, for joining its letters again and again would make it endless."""
    return str(d).join(map(str, value)) if isinstance(value, list | tuple) else value


FILTER_NAMES: dict[str, Callable[..., object]] = {
    **{name: FILTERS[name] for name in ("upper", "lower", "capitalize", "title", "trim", "length", "default")},
    **{name: FILTERS[name] for name in ("first", "last")},
    "join": _join,
    "tanpa_titik": _without_stop,
}
PRINT, ROWS, SPEND = "\x00print", "\x00rows", "\x00spend"


@pass_context
def _print(context: Context, value: object, label: str) -> str:
    run: Run = context.parent[RUN]
    return run.text(value, label)


@pass_context
def _print_escaped(context: Context, value: object, label: str) -> str:
    run: Run = context.parent[RUN]
    if type(value) is str and not SPECIAL.search(value):
        run.charge(len(value) + NODE)
        return value
    return str(escape(run.text(value, label)))


@pass_context
def _rows(context: Context, value: object, label: str, weight: int) -> Sequence[object]:
    """The list that a loop goes through; the whole loop is paid for before it begins."""
    if value is None or isinstance(value, Undefined):
        raise _error_of(value, label)
    if not isinstance(value, list | tuple):
        raise Stopped(f"{label} bukan daftar sehingga tidak dapat diulang")
    context[RUN].charge(len(value) * weight)
    return value


@pass_context
def _spend(context: Context, value: object) -> object:
    """What a filter is given: a long text takes time to change."""
    context[RUN].charge(NODE + (len(value) if isinstance(value, str) else 0))
    return value


class _Guard(NodeTransformer):
    """Passes what a template prints, loops over and changes through its `Run`."""

    def visit_Output(self, node: nodes.Output) -> nodes.Node:  # noqa: N802
        labels = [expression_label(child) for child in node.nodes]
        self.generic_visit(node)
        node.nodes = [
            child if isinstance(child, nodes.TemplateData) else _filtered(child, PRINT, label)
            for child, label in zip(node.nodes, labels, strict=True)
        ]
        return node

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
        weight = sum(
            len(inner.data) if isinstance(inner, nodes.TemplateData) else NODE for inner in node.find_all(nodes.Node)
        )
        label = expression_label(node.iter)
        self.generic_visit(node)
        node.iter = _filtered(node.iter, ROWS, label, weight)
        return node

    def visit_Filter(self, node: nodes.Filter) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        if node.node is not None:
            node.node = _filtered(node.node, SPEND)
        return node


def _filtered(node: Any, name: str, *values: object) -> nodes.Filter:
    return nodes.Filter(node, name, [nodes.Const(value) for value in values], [], None, None, lineno=node.lineno)


def expression_label(node: nodes.Node) -> str:
    """Dotted name of a printed expression (`kasus.nomor`), through filters to the field they work on."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{expression_label(node.node)}.{node.attr}"
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        return f"{expression_label(node.node)}.{node.arg.value}"
    if isinstance(node, nodes.Filter) and node.node is not None:
        return expression_label(node.node)
    return next((found.name for found in node.find_all(nodes.Name)), "?")
