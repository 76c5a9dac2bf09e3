"""What is wrong with a Word template, all at once, each with its place as staff would look for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docxtpl_lint import core
from docxtpl_lint.reader import Paragraph
from jinja2 import TemplateError, nodes
from lxml import etree

from sopkit.documents.limits import LimitedEnvironment, refusal
from sopkit.documents.package import TemplateRefused, read_template
from sopkit.documents.template import CORE, PROPERTIES, TemplateBroken, WordTemplate
from sopkit.text import nearest

NEAR = 70  # rapidfuzz's score from which a name is worth suggesting
PROPERTY_PART = "properties"
WHOLE = "seluruh templat"
PLACES = {
    "header": "kepala halaman",
    "footer": "kaki halaman",
    "footnotes": "catatan kaki",
    PROPERTY_PART: "properti dokumen",
}
SMART_QUOTES = re.compile("[“”„‟‘’‚‛″′«»]")
STRAY = re.compile(r"\}\}|%\}|#\}|\{\s+[{%]|[%}]\s+\}|[｛｝]")
SINGLE = re.compile(r"(?<![{_])\{\s*([A-Za-z_][\w.]*)\s*\}(?![}_])")
BOUND = re.compile(r"^(?:for\s+([\w\s,]+?)\s+in\b|set\s+([\w.]+))")
KEYWORDS = (
    "if", "elif", "else", "endif", "for", "endfor", "set", "endset", "with", "endwith", "macro", "endmacro",
    "call", "endcall", "filter", "endfilter", "raw", "endraw", "colspan", "cellbg", "vm", "hm",
)  # fmt: skip

_TaggedPart = tuple[list[Paragraph], list[core.Tag]]
Say = Callable[[Mapping[str, Any]], str]
PROBLEMS: Mapping[str, Say] = {
    "DTL001": lambda p: f"penanda {p['open']} tidak ditutup dengan {p['close']}",
    "DTL002": lambda p: f"penanda {p['open']} baru ditutup di paragraf lain ({p['end_para']})",
    "DTL003": lambda p: "penanda terdapat dalam perubahan terlacak yang belum diterima (Tinjau > Terima)",
    "DTL101": lambda p: f"{{% {p['kw']} %}} tidak ditutup dengan {{% end{p['kw']} %}}",
    "DTL102": lambda p: f"{p['raw']} tidak mempunyai pembuka",
    "DTL106": lambda p: f"{p['name']} hanya ada di dalam pengulangannya",
    "DTL201": lambda p: f"penanda {p['prefix']} tidak boleh memuat % atau }} di dalamnya",
    "DTL202": lambda p: f"tulis {{%{p['prefix']} tanpa spasi sebelum {p['prefix']}",
    "DTL203": lambda p: f"{p['raw']} hanya dapat dipakai di dalam tabel",
    "DTL204": lambda p: f"{p['close_raw']} menutup {p['open_raw']} dengan awalan yang berbeda",
    "DTL205": lambda p: f"{p['open_raw']} dan {p['close_raw']} berada di dua tabel",
    "DTL206": lambda p: f"{p['open_raw']} dan {p['close_raw']} harus berada di baris tabel yang berbeda",
    "DTL207": lambda p: f"{p['open_raw']} dan {p['close_raw']} harus berada di satu baris tabel",
    "DTL208": lambda p: f"{p['raw']} hanya dapat dipakai di dalam sel tabel",
    "DTL209": lambda p: f"isi lain di samping {p['raw']} (“{p['rest']}”) akan hilang",
    "DTL210": lambda p: f"{p['open_raw']} dan {p['close_raw']} harus berada di paragraf yang berbeda",
}
"""What docxtpl-lint finds, said in Indonesian; its other rules are about data, or are checked here."""


@dataclass(frozen=True)
class TemplateProblem:
    """One error: its code (T01, T02, T03), where it stands, the text there, what is wrong, and names like it."""

    template: str
    code: str
    place: str
    text: str
    problem: str
    field: str = ""
    nearest: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        near = f"; mungkin maksudnya {' atau '.join(self.nearest)}" if self.nearest else ""
        shown = f": {self.text}" if self.text else ""
        return f"{self.problem}{near}{shown}"

    def __str__(self) -> str:
        return f"{self.code} {self.template}, {self.place}: {self.message}"


def check_template(path: Path | str, known_fields: Collection[str]) -> list[TemplateProblem]:
    """Every problem of a template in the order in which it stands; an empty list when it can be used.

    `known_fields` are dotted names; a list's rows are written `langkah.mulai`. A list of which no row field is named
    may be used with any.
    """
    path = Path(path)
    try:
        members = read_template(path)
    except TemplateRefused as error:
        return [TemplateProblem(path.name, "T03", "berkas", "", error.reason)]
    check = _Check(path, _tags_by_part(path, members), known_fields)
    problems = sorted(set(check.problems()), key=check.order)
    if not any(problem.code == "T02" for problem in problems):
        problems += check.compiled()
    return problems


class _Check:
    def __init__(self, path: Path, parts: Sequence[_TaggedPart], known: Collection[str]) -> None:
        self._path = path
        self._parts = parts
        self._known = frozenset(known)
        self._environment = LimitedEnvironment()
        self._where: dict[str, int] = {}

    def problems(self) -> Iterator[TemplateProblem]:
        yield from self._structure()
        for paragraphs, tags in self._parts:
            for paragraph in paragraphs:
                yield from self._outside(paragraph, tags)
            for tag in tags:
                yield from self._tag(tag)
            yield from self._nested(tags)
            yield from self._fields(tags)

    def order(self, problem: TemplateProblem) -> tuple[int, str, str]:
        return self._where.get(problem.place, 0), problem.code, problem.text

    def compiled(self) -> Iterator[TemplateProblem]:
        """The engine has the last word."""
        try:
            WordTemplate(self._path)
        except TemplateBroken as error:
            yield TemplateProblem(self._path.name, "T02", WHOLE, "", error.reason)

    def _problem(self, code: str, paragraph: Any, text: str, problem: str, **more: Any) -> TemplateProblem:
        place = _place(
            paragraph.part, getattr(paragraph, "index", 0) or getattr(paragraph, "paragraph", 0), paragraph.cells
        )
        self._where.setdefault(place, len(self._where))
        return TemplateProblem(self._path.name, code, place, " ".join(text.split())[:120], problem, **more)

    def _structure(self) -> Iterator[TemplateProblem]:
        """Pairs and places, as docxtpl-lint knows them; properties, which it does not read, in the same way."""
        issues = list(core.lint_path(self._path, autoescape=True).issues)
        for paragraphs, tags in self._parts:
            for paragraph in paragraphs:
                self._where.setdefault(_place(paragraph.part, paragraph.index, paragraph.cells), len(self._where))
            if paragraphs[0].part == PROPERTY_PART:
                core.scan_tags("", paragraphs, issues)
                issues += core.check_blocks("", tags)
        for issue in issues:
            if issue.rule in PROBLEMS:
                yield self._problem("T02", issue.location, issue.snippet, PROBLEMS[issue.rule](issue.params))

    def _outside(self, paragraph: Paragraph, tags: Iterable[core.Tag]) -> Iterator[TemplateProblem]:
        """What was meant as a tag and is none."""
        rest = paragraph.text
        for tag in tags:
            if tag.para is paragraph:
                rest = rest.replace(tag.raw, "\0", 1)
        opened = re.search(r"\{[{%#]", rest)
        if stray := STRAY.search(rest) if not opened else None:
            yield self._problem("T02", paragraph, paragraph.text, f"kurung kurawal “{stray[0]}” tidak berpasangan")
        for single in SINGLE.finditer(rest):
            if self._is_known(single[1], single[1]) or self._nearest(single[1], 85):
                yield self._problem("T02", paragraph, single[0], "isian harus diapit kurung kurawal ganda {{ … }}")

    def _tag(self, tag: core.Tag) -> Iterator[TemplateProblem]:
        if tag.kind == "comment":
            return
        if quote := SMART_QUOTES.search(tag.raw):
            yield self._problem(
                "T02", tag.para, tag.raw, f"tanda kutip miring {quote[0]} harus diganti dengan yang lurus"
            )
            return
        if tag.kind == "stmt" and (word := _keyword(tag)) not in KEYWORDS:
            near = _similar(word, KEYWORDS, 1)
            yield self._problem("T02", tag.para, tag.raw, f"perintah “{word}” tidak dikenal", nearest=near)
            return
        try:
            tree = self._environment.parse(_alone(tag))
            unknown = list(self._names(tag, tree))
            yield from unknown
            if not unknown and (found := refusal(tree)):
                yield self._problem("T02", tag.para, tag.raw, found[0])
        except TemplateError as error:
            yield self._problem("T02", tag.para, tag.raw, f"tidak dapat dipahami ({error.message})")
        except RecursionError:
            yield self._problem("T02", tag.para, tag.raw, "bersarang terlalu dalam")

    def _nested(self, tags: Iterable[core.Tag]) -> Iterator[TemplateProblem]:
        """Loops within loops show only when the tags are read together."""
        depth = 0
        for tag in tags:
            word = _keyword(tag) if tag.kind == "stmt" else ""
            if word == "for" and depth:
                problem = "perulangan di dalam perulangan tidak diizinkan di dalam templat"
                yield self._problem("T02", tag.para, tag.raw, problem)
            depth = max(depth + (word == "for") - (word == "endfor"), 0)

    def _fields(self, tags: list[core.Tag]) -> Iterator[TemplateProblem]:
        found = core.analyse(tags)
        local = _bound_names(tags) if core.check_blocks("", tags) or core.check_syntax("", tags) else set()
        for used, tag in found.uses:
            field = _dotted(used)
            if field.split(".")[0] in local or self._is_known(used, field):
                continue
            near = self._nearest(field)
            yield self._problem("T01", tag.para, tag.raw, f"isian “{field}” tidak dikenal", field=field, nearest=near)

    def _names(self, tag: core.Tag, tree: nodes.Template) -> Iterator[TemplateProblem]:
        for kind, word, known in (
            (nodes.Filter, "penyaring", self._environment.filters),
            (nodes.Test, "uji", self._environment.tests),
        ):
            for node in tree.find_all(kind):
                if node.name not in known:
                    near = _similar(node.name, [name for name in known if name.isidentifier()], 1)
                    yield self._problem("T02", tag.para, tag.raw, f"{word} “{node.name}” tidak dikenal", nearest=near)
        for inner in tree.find_all(nodes.Getattr):
            if inner.attr.startswith("_"):
                yield self._problem("T02", tag.para, tag.raw, f"“{inner.attr}” tidak diizinkan di dalam templat")

    def _is_known(self, used: str, field: str) -> bool:
        """A list whose row fields nobody names is open; an attribute of a plain field is not."""
        if field in self._known:
            return True
        head, _, _ = used.partition("[]")
        whole = _dotted(head)
        return head != used and whole in self._known and not any(name.startswith(f"{whole}.") for name in self._known)

    def _nearest(self, field: str, cutoff: int = NEAR) -> tuple[str, ...]:
        group = field.rpartition(".")[0]
        choices = sorted(name for name in self._known if name.rpartition(".")[0] == group) or sorted(self._known)
        return _similar(field, choices, 2, cutoff)


def _similar(word: str, choices: Collection[str], limit: int, cutoff: int = NEAR) -> tuple[str, ...]:
    return tuple(nearest(word, choices, limit=limit, least=cutoff))


def _tags_by_part(path: Path, members: Mapping[str, bytes]) -> list[_TaggedPart]:
    """The paragraphs of each part with their tags: body, headers, footers, footnotes, and the document's properties."""
    parts: dict[str, list[Paragraph]] = {}
    for paragraph in (*core.iter_paragraphs(path), *_properties(members)):
        parts.setdefault(paragraph.part, []).append(paragraph)
    return [(own, core.scan_tags("", own, [])) for own in parts.values()]


def _properties(members: Mapping[str, bytes]) -> Iterator[Paragraph]:
    data = members.get(CORE)
    if data is None:
        return
    texts = [element.text for element in etree.fromstring(data).iter(*PROPERTIES) if element.text]
    for number, text in enumerate(texts, 1):
        yield Paragraph(PROPERTY_PART, number, (), 0, text)


def _place(part: str, paragraph: int, cells: Iterable[Any]) -> str:
    """`paragraf 12`, `tabel 2 baris 3 kolom 1`, `kepala halaman, paragraf 1`, `catatan kaki` …"""
    kind = PLACES.get(re.sub(r"\d+$", "", part), "")
    spot = ", ".join(f"tabel {cell.table} baris {cell.row} kolom {cell.col}" for cell in reversed(tuple(cells)))
    if not spot and paragraph and part != PROPERTY_PART:
        spot = f"paragraf {paragraph}"
    return ", ".join(text for text in (kind, spot) if text) or WHOLE


def _dotted(path: str) -> str:
    return path.replace("[]", "")


def _keyword(tag: core.Tag) -> str:
    return re.split(r"[\s(]", tag.body.strip(), maxsplit=1)[0]


def _alone(tag: core.Tag) -> str:
    """The tag as a template of its own, so that each is judged whatever the others are like."""
    if tag.kind == "expr":
        return "{{ " + re.sub(r"^(?:tr|tc|p|r) ", "", tag.raw[2:-2]) + " }}"
    word, body = _keyword(tag), tag.body
    if word in ("if", "for", "with", "macro", "call", "filter"):
        return f"{{% {body} %}}{{% end{word} %}}"
    if word == "elif":
        return f"{{% if 1 %}}{{% {body} %}}{{% endif %}}"
    if word == "set":
        return f"{{% {body} %}}" if "=" in body else f"{{% {body} %}}{{% endset %}}"
    if word in ("colspan", "cellbg"):
        return f"{{{{ {body[len(word) :]} }}}}"
    return ""


def _bound_names(tags: Iterable[core.Tag]) -> set[str]:
    """Names that loops and assignments make, for a part whose blocks do not pair and have no scope."""
    names = {"loop"}
    for tag in tags:
        if tag.kind == "stmt" and (found := BOUND.match(tag.body)):
            names |= {name.strip() for name in (found[1] or found[2]).split(",")}
    return names


def check_templates(files: Sequence[Path], folder: Path) -> list[TemplateProblem]:
    """Problems of the templates named, else of all that sopkit fills in `folder`; a missing one is T03.

    A file is held to the fields of the document it is for, by its name; one of another name to those of any.
    """
    from sopkit.documents.kinds import KINDS

    known = {kind.template: kind.fields for kind in KINDS.values()}
    every = {field for fields in known.values() for field in fields}
    chosen = files or [folder / name for name in known]
    return [problem for path in chosen for problem in check_template(path, known.get(path.name, every))]
