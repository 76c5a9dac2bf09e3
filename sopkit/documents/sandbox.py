"""The Jinja environment in which a template from anywhere may run: it can read its fields, and spend little."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from string import Formatter
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, Undefined, nodes, pass_context
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.filters import FILTERS
from jinja2.runtime import Context, LoopContext, markup_join
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler, missing
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

RUN = "\x00run"  # the context's key for what this rendering may still spend; no template can spell it
MAX_STEPS = 4_000_000  # loop turns, calls and printed values in one document
MAX_SECONDS = 5.0
MAX_TEXT = 1_000_000  # characters (or bytes of list) that one operation may make
MAX_CREATED = 60_000_000  # the same, over one document
MAX_PRINTED = 40_000_000  # characters printed into one document
MAX_NESTING = 50
MAX_INTEGER_BITS = 4_096
CLOCK_EVERY = 64  # steps between two looks at the clock

FORBIDDEN = "\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff"
UNUSUAL = re.compile(f"[{FORBIDDEN}\x09-\x0d\x85\u2028\u2029]")
LINE_BREAK = re.compile("\r\n|[\r\x0b\x85\u2028\u2029]")
REMOVED = re.compile(f"[{FORBIDDEN}\x0c]")
REMOVED_FROM_RICH = re.compile("[\x00-\x06\x08\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # \a and \f mean something there

FILTER_NAMES = frozenset((
    "abs", "attr", "batch", "capitalize", "center", "count", "d", "default", "dictsort", "e", "escape",
    "filesizeformat", "first", "float", "forceescape", "format", "groupby", "indent", "int", "items", "join",
    "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "replace", "reverse",
    "round", "select", "selectattr", "slice", "sort", "string", "sum", "title", "trim", "truncate", "unique",
    "upper", "wordcount", "wordwrap",
))  # fmt: skip
"""Left out of Jinja's own: `random` (never the same bytes), `safe` and the makers of HTML (data would become XML)."""

TEXT_METHODS = frozenset((
    "capitalize", "casefold", "center", "count", "endswith", "find", "index", "isalnum", "isalpha", "isdecimal",
    "isdigit", "islower", "isnumeric", "isspace", "istitle", "isupper", "join", "ljust", "lower", "lstrip",
    "partition", "removeprefix", "removesuffix", "replace", "rfind", "rindex", "rjust", "rpartition", "rsplit",
    "rstrip", "split", "splitlines", "startswith", "strip", "swapcase", "title", "upper", "zfill",
))  # fmt: skip
SAFE_METHODS: Mapping[type, frozenset[str]] = {
    str: TEXT_METHODS,
    dict: frozenset({"get", "items", "keys", "values"}),
    list: frozenset({"count", "index"}),
    tuple: frozenset({"count", "index"}),
    LoopContext: frozenset({"cycle", "changed"}),
    Cycler: frozenset({"next", "reset"}),
}


class FieldMissing(UndefinedError):
    """A field that the data do not have; `field` is its dotted name as far as it is known."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class SpentTooMuch(SecurityError):
    """The template asks for more time or memory than a document can need; the message is Indonesian."""


class FieldUndefined(StrictUndefined):
    """Jinja's strict undefined, with the name kept in the error that its use raises."""

    def __init__(
        self, hint: str | None = None, obj: Any = missing, name: Any = None, exc: Any = UndefinedError
    ) -> None:
        super().__init__(hint, obj, name, exc if exc is SecurityError else _missing(name))


def _missing(name: Any) -> Any:
    return lambda message: FieldMissing(str(name or message))


class Run:
    """One rendering: what it has spent, and what its values held that a document cannot."""

    def __init__(self) -> None:
        self.steps = 0
        self.created = 0
        self.printed = 0
        self.breaks = False
        self.removed: list[tuple[str, str]] = []
        self.place: Callable[[Any, str], str | None] = _nothing
        self._deadline = time.monotonic() + MAX_SECONDS

    def step(self) -> None:
        self.steps += 1
        if self.steps % CLOCK_EVERY == 0:
            self.check()

    def check(self) -> None:
        if self.steps > MAX_STEPS:
            raise SpentTooMuch("pengulangan di dalamnya terlalu banyak")
        if time.monotonic() > self._deadline:
            raise SpentTooMuch(f"pengisiannya memerlukan lebih dari {MAX_SECONDS:.0f} detik")

    def take(self, value: Any) -> Any:
        """Charge for a value that the template made itself."""
        kind = type(value)
        if kind is bool or kind is float or value is None:
            return value
        size = _weight(value, {}, 0)
        if size > MAX_TEXT:
            raise SpentTooMuch("salah satu nilainya terlalu panjang")
        self.created += size
        if self.created > MAX_CREATED:
            raise SpentTooMuch("nilai yang dibuatnya terlalu banyak")
        return value

    def text(self, value: Any, label: str) -> Any:
        """What is printed for `value`, ready to be escaped; `FieldMissing` for nothing at all."""
        if isinstance(value, str):
            shown = self._rich(str(value), label) if hasattr(value, "__html__") else self._plain(value, label)
        elif value is None or isinstance(value, Undefined):
            raise _error_of(value, label)
        else:
            placed = self.place(value, label)
            if placed is not None:
                shown = Markup(placed)
            elif hasattr(value, "__html__"):
                shown = self._rich(value.__html__(), label)
            else:
                _refuse_gaps(value, label)
                shown = self._plain(str(self.take(value)), label)
        self.charge(len(shown))
        return shown

    def charge(self, characters: int) -> None:
        _allow(characters)
        self.printed += characters
        if self.printed > MAX_PRINTED:
            raise SpentTooMuch("dokumen yang dihasilkannya terlalu panjang")

    def _plain(self, value: str, label: str) -> str:
        if not UNUSUAL.search(value):
            return value
        value = LINE_BREAK.sub("\n", value)
        cleaned = REMOVED.sub("", value)
        if len(cleaned) != len(value):
            self.removed.append((label, "".join(sorted(set(REMOVED.findall(value))))))
        self.breaks = self.breaks or "\n" in cleaned or "\t" in cleaned
        return cleaned

    def _rich(self, value: str, label: str) -> Markup:
        cleaned = REMOVED_FROM_RICH.sub("", LINE_BREAK.sub("\n", value))
        if REMOVED_FROM_RICH.search(value):
            self.removed.append((label, "".join(sorted(set(REMOVED_FROM_RICH.findall(value))))))
        self.breaks = self.breaks or any(c in cleaned for c in "\n\t\a\f")
        return Markup(cleaned)


def _nothing(value: Any, label: str) -> str | None:
    return None


def _refuse_gaps(value: object, label: str) -> None:
    """A list is printed as Python writes it; what is missing in it must not pass as `Undefined`."""
    if isinstance(value, (list, tuple)):
        for item in value:
            if isinstance(item, Undefined):
                raise _error_of(item, label)


def _error_of(value: Undefined | None, label: str) -> Exception:
    """A forbidden attribute stays a matter of safety; anything else is a field that is not there."""
    try:
        str(value)
    except SecurityError as error:
        return error
    except UndefinedError:
        pass
    return FieldMissing(label)


def _weight(value: Any, seen: dict[int, int], depth: int) -> int:
    """Characters that `value` would take when written out, shared lists counted each time they are met."""
    if isinstance(value, (str, bytes)):
        return len(value)
    if isinstance(value, int):
        return value.bit_length() // 8
    if not isinstance(value, (list, tuple, dict, set, frozenset)):
        return 1
    if depth > MAX_NESTING:
        raise SpentTooMuch("daftar di dalamnya bersarang terlalu dalam")
    if id(value) not in seen:
        items: Iterable[Any] = [*value.keys(), *value.values()] if isinstance(value, dict) else value
        seen[id(value)] = 8 + sum(8 + _weight(item, seen, depth + 1) for item in items)
    return seen[id(value)]


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """Sandboxed, strict, autoescaping, and each step counted against the `Run` found in the context."""

    intercepted_binops = frozenset(["+", "-", "*", "/", "//", "%", "**"])

    def __init__(self, autoescape: bool = True) -> None:
        super().__init__(undefined=FieldUndefined, autoescape=autoescape, optimized=False, cache_size=0)
        own = {"center": _center, "format": _format, "indent": _indent, "join": _join, "replace": _replace}
        own |= {"slice": _slice, "wordwrap": _wordwrap, "batch": _batch}
        self.filters = {name: FILTERS[name] for name in FILTER_NAMES} | own | _INTERNAL
        self.globals.pop("lipsum", None)

    def compile(self, source: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(source, str):
            source = self.guarded(source)
        return super().compile(source, *args, **kwargs)

    def guarded(self, source: str) -> nodes.Template:
        """The parsed template with every printed value, loop turn and made value passing through its `Run`."""
        tree = self.parse(source)
        _Guard().visit(tree)
        tree.set_environment(self)
        return tree

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if not super().is_safe_attribute(obj, attr, value):
            return False
        return not callable(value) or any(isinstance(obj, kind) and attr in SAFE_METHODS[kind] for kind in SAFE_METHODS)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        wrapped = super().wrap_str_format(value)
        return wrapped and _limited_format(value.__self__, wrapped)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        _refuse_operation(operator, left, right)
        run: Run = context.parent[RUN]
        run.step()
        return run.take(super().call_binop(context, operator, left, right))

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        run: Run = __context.parent[RUN]
        run.step()
        _refuse_call(__obj, args)
        return run.take(super().call(__context, __obj, *args, **kwargs))

    def call_filter(
        self,
        name: str,
        value: Any,
        args: Sequence[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
        context: Context | None = None,
        eval_ctx: Any = None,
    ) -> Any:
        made = super().call_filter(name, value, args, kwargs, context, eval_ctx)
        if context is None:
            return made
        run: Run = context.parent[RUN]
        run.step()
        return run.take(made)


def _refuse_operation(operator: str, left: Any, right: Any) -> None:
    """Before it is done: sums and products whose size would be known only when memory is gone."""
    if operator == "*":
        for many, times in ((left, right), (right, left)):
            if isinstance(many, (str, bytes, list, tuple)) and isinstance(times, int):
                _allow(len(many) * times)
        if isinstance(left, int) and isinstance(right, int):
            _allow_bits(left.bit_length() + right.bit_length())
    elif operator == "**" and isinstance(left, int) and isinstance(right, int):
        _allow_bits(left.bit_length() * abs(right))
    elif operator == "%" and isinstance(left, (str, bytes)):
        _allow_format(left, right)


def _refuse_call(obj: Any, args: Sequence[Any]) -> None:
    owner, name = getattr(obj, "__self__", None), getattr(obj, "__name__", "")
    if not isinstance(owner, str):
        return
    if name in ("center", "ljust", "rjust", "zfill"):
        _allow(max((n for n in args if isinstance(n, int)), default=0))
    elif name == "replace" and len(args) >= 2:
        _allow_replace(owner, args[0], args[1])
    elif name == "join" and args and isinstance(args[0], (list, tuple)):
        _allow(sum(len(str(item)) + len(owner) for item in args[0]))


def _allow(size: int) -> None:
    if size > MAX_TEXT:
        raise SpentTooMuch("salah satu nilainya terlalu panjang")


def _allow_bits(bits: int) -> None:
    if bits > MAX_INTEGER_BITS:
        raise SpentTooMuch("salah satu bilangannya terlalu besar")


def _allow_replace(text: Any, old: Any, new: Any) -> None:
    text, old, new = str(text), str(old), str(new)
    _allow(len(text) + (text.count(old) if old else len(text) + 1) * len(new))


def _allow_format(pattern: Any, values: Any) -> None:
    if isinstance(pattern, bytes) or re.search(r"%[^a-zA-Z%]*(?:\*|\d{4})", pattern):
        raise SpentTooMuch("salah satu nilainya terlalu panjang")
    longest = _weight(values, {}, 0)
    _allow(len(pattern) + pattern.count("%") * longest)


def _limited_format(pattern: str, wrapped: Callable[..., str]) -> Callable[..., str]:
    """`str.format` without widths that the template computes, or of more than three digits."""

    def formatted(*args: Any, **kwargs: Any) -> str:
        specifications = [specification or "" for _, _, specification, _ in Formatter().parse(pattern)]
        if any("{" in one or re.search(r"\d{4}", one) for one in specifications):
            raise SpentTooMuch("salah satu nilainya terlalu panjang")
        _allow(len(pattern) + len(specifications) * (1000 + _weight((args, kwargs), {}, 0)))
        return wrapped(*args, **kwargs)

    return formatted


def _center(value: Any, width: int = 80) -> str:
    _allow(width)
    return str(value).center(width)


def _format(value: Any, *args: Any, **kwargs: Any) -> Any:
    _allow_format(str(value), (args, kwargs))
    return FILTERS["format"](value, *args, **kwargs)


def _indent(value: Any, width: int | str = 4, first: bool = False, blank: bool = False) -> Any:
    each = width if isinstance(width, int) else len(width)
    _allow(len(str(value)) + (str(value).count("\n") + 1) * each)
    return FILTERS["indent"](value, width, first, blank)


@pass_context
def _join(context: Context, value: Any, d: str = "", attribute: Any = None) -> Any:
    items = list(value)
    context.parent[RUN].take(items)
    _allow(len(items) * len(str(d)))
    return FILTERS["join"](context.eval_ctx, items, d, attribute)


@pass_context
def _replace(context: Context, s: Any, old: Any, new: Any, count: int | None = None) -> Any:
    _allow_replace(s, old, new)
    return FILTERS["replace"](context.eval_ctx, s, old, new, count)


def _slice(value: Any, slices: int, fill_with: Any = None) -> Any:
    _allow(slices * 8)
    return FILTERS["slice"](value, slices, fill_with)


def _batch(value: Any, linecount: int, fill_with: Any = None) -> Any:
    _allow(linecount * 8)
    return FILTERS["batch"](value, linecount, fill_with)


@pass_context
def _wordwrap(context: Context, s: Any, width: int = 79, *args: Any) -> Any:
    _allow(len(str(s)) * (2 + len(str(args))))
    return FILTERS["wordwrap"](context.environment, s, max(int(width), 1), *args)


@pass_context
def _print(context: Context, value: Any, label: str) -> Any:
    run: Run = context.parent[RUN]
    run.steps += 1
    if run.steps % CLOCK_EVERY == 0:
        run.check()
    if type(value) is str and not UNUSUAL.search(value):
        run.charge(len(value))
        return value
    return run.text(value, label)


@pass_context
def _tick(context: Context, value: Any) -> Any:
    context.parent[RUN].step()
    return value


@pass_context
def _take(context: Context, value: Any) -> Any:
    run: Run = context.parent[RUN]
    run.step()
    return run.take(value)


@pass_context
def _concat(context: Context, parts: tuple[Any, ...], *labels: str) -> Any:
    run: Run = context.parent[RUN]
    run.take(parts)
    texts = [
        run.text(part, label) if part is None or isinstance(part, Undefined) else part
        for part, label in zip(parts, labels, strict=True)
    ]
    return run.take(markup_join(texts) if context.eval_ctx.autoescape else "".join(map(str, texts)))


PRINT, TICK, TAKE, CONCAT = "\x00print", "\x00tick", "\x00take", "\x00concat"
_INTERNAL: dict[str, Callable[..., Any]] = {PRINT: _print, TICK: _tick, TAKE: _take, CONCAT: _concat}

LITERAL_TAGS = (("{_{", "{{"), ("}_}", "}}"), ("{_%", "{%"), ("%_}", "%}"))
"""docxtpl's way of writing a literal tag; undone in the template's own text only, never in a value."""


class _Guard(NodeTransformer):
    """Passes what a template does through its `Run`, and refuses what a document never needs."""

    def visit_TemplateData(self, node: nodes.TemplateData) -> nodes.Node:  # noqa: N802
        for written, meant in LITERAL_TAGS:
            node.data = node.data.replace(written, meant)
        return node

    def visit_Output(self, node: nodes.Output) -> nodes.Node:  # noqa: N802
        labels = [expression_label(child) for child in node.nodes]
        self.generic_visit(node)
        node.nodes = [
            child if isinstance(child, nodes.TemplateData) else _filtered(child, PRINT, nodes.Const(label))
            for child, label in zip(node.nodes, labels, strict=True)
        ]
        return node

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        tick = _filtered(nodes.Const(True, lineno=node.lineno), TICK)
        node.body.insert(0, nodes.ExprStmt(tick, lineno=node.lineno))
        if node.test is not None:
            again = _filtered(nodes.Const(True, lineno=node.lineno), TICK)
            node.test = nodes.And(again, node.test, lineno=node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        labels = [nodes.Const(expression_label(child)) for child in node.nodes]
        self.generic_visit(node)
        return _filtered(nodes.Tuple(node.nodes, "load", lineno=node.lineno), CONCAT, *labels)

    def visit_Filter(self, node: nodes.Filter) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return node if node.node is None else _filtered(node, TAKE)

    def visit_List(self, node: nodes.List) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _filtered(node, TAKE)

    visit_Dict = visit_List  # noqa: N815

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return node if node.ctx == "store" else _filtered(node, TAKE)

    def _refuse(self, node: nodes.Node) -> nodes.Node:
        raise TemplateSyntaxError(f"{type(node).__name__} is not allowed here", node.lineno)

    visit_Include = visit_Import = visit_FromImport = visit_Extends = visit_Block = _refuse  # noqa: N815
    visit_ScopedEvalContextModifier = visit_EvalContextModifier = _refuse  # noqa: N815


def _filtered(node: Any, name: str, *args: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(node, name, list(args), [], None, None, lineno=node.lineno)


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
