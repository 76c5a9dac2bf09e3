"""What is wrong with a Word template, all at once, each with its place as staff would look for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from docxtpl_lint import core
from docxtpl_lint.reader import Paragraph
from jinja2 import TemplateError, TemplateSyntaxError, nodes
from lxml import etree

from sopkit.documents.limits import LimitedEnvironment, not_understood, refusal
from sopkit.documents.package import SAVE, TemplateFile, TemplateRefused, main_part, open_template, read_template
from sopkit.documents.template import CORE, PROPERTIES, TemplateBroken, compiled
from sopkit.ooxml.container import relations, relationships_name, write_package
from sopkit.text import nearest, plain

NEAR = 70  # rapidfuzz's score from which a name is worth suggesting
CERTAIN = 85  # from which what stands in other brackets was meant as a field
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
SINGLE = re.compile(r"(?<![{_])\{\s*([A-Za-z_][\w. -]*?)\s*\}(?![}_])")
MERGED = re.compile(
    r"\bMERGEFIELD\s+(?P<code>\"[^\"]+\"|[^\s\"\\«]+)|«\s*(?P<shown>[^«»]{1,60}?)\s*»|<<\s*(?P<typed>[^<>]{1,60}?)\s*>>"
)
BRACKETED = re.compile(r"\[\s*([A-Za-z][\w -]*?)\s*\]")
LOGIC = frozenset(("and", "or", "not", "if", "else", "in", "is", "for", "elif", "set"))
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
    remedy: str = ""  # of T03: what helps depends on the cause

    @property
    def mending(self) -> str:
        """What helps, as its cause asks for it."""
        if self.code != "T02":
            return self.remedy
        if self.nearest:
            word = self.problem.startswith(("perintah", "penyaring", "uji"))
            return f"tulis {' atau '.join(name if word else f'{{{{ {name} }}}}' for name in self.nearest)}"
        return tag_mending(self.problem)

    @property
    def message(self) -> str:
        near = f"; mungkin maksudnya {' atau '.join(self.nearest)}" if self.nearest else ""
        shown = f": {self.text}" if self.text else ""
        remedy = f". {self.remedy}" if self.remedy else ""
        return f"{self.problem}{near}{shown}{remedy}"

    def __str__(self) -> str:
        return f"{self.code} {self.template}, {self.place}: {self.message}"


def tag_mending(problem: str) -> str:
    """What mends a tag of which nobody knows which field was meant."""
    return next((how for words, how in _MENDING.items() if words in problem), _OTHERWISE)


_OTHERWISE = "susun sesederhana templat bawaan; daftar isian: sopkit template fields"
_MENDING = {
    "ganda": "apit isian itu dengan {{ dan }}",
    "nama isian": "tulis nama isian dengan garis bawah menurut daftar: sopkit template fields",
    "isian surat massal": "ketik isiannya di antara {{ dan }}; daftar isian: sopkit template fields",
    "kutip": "ketik ulang tanda kutipnya sebagai tanda kutip lurus",
    "bukan tiga": "hapus satu kurung kurawal di tiap sisi",
    "terlacak": "terima perubahannya (Tinjau > Terima)",
    **dict.fromkeys(
        ("berpasangan", "ditutup", "pembuka", "menutup"), "setiap pembuka harus mempunyai penutupnya sendiri"
    ),
}


def check_template(file: Path | str | TemplateFile, known_fields: Collection[str]) -> list[TemplateProblem]:
    """Every problem of a template in the order in which it stands; an empty list when it can be used.

    `known_fields` are dotted names; a list's rows are written `langkah.mulai`. A list of which no row field is named
    may be used with any.
    """
    name = (file.path if isinstance(file, TemplateFile) else Path(file)).name
    try:
        file = open_template(file)
        return _problems(file, read_template(file), known_fields)
    except TemplateRefused as error:
        return [refused(error)]
    except Exception:  # a template is foreign code: whatever it raises is its own fault, and the others go on
        return [TemplateProblem(name, "T03", "berkas", "", "isinya tidak dapat diperiksa", remedy=SAVE)]


def refused(error: TemplateRefused) -> TemplateProblem:
    """The one problem of a file that cannot be opened as a template."""
    return TemplateProblem(Path(error.template).name, "T03", "berkas", "", error.reason, remedy=error.remedy)


def _problems(file: TemplateFile, members: Mapping[str, bytes], known: Collection[str]) -> list[TemplateProblem]:
    check = _Check(file, members, known)
    problems = sorted(set(check.problems()), key=check.order)
    if not any(problem.code == "T02" for problem in problems):
        problems += check.compiled()
    return problems


class _Check:
    def __init__(self, file: TemplateFile, members: Mapping[str, bytes], known: Collection[str]) -> None:
        self._file = file
        self._package = _rendered_parts(members)
        self._parts = _tags_by_part(self._package, members)
        self._known = frozenset(known)
        self._environment = LimitedEnvironment()
        self._where: dict[str, int] = {}
        self._judged: list[core.Tag] = []  # whose names have been said otherwise

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
            compiled(self._file)
        except TemplateBroken as error:
            yield TemplateProblem(self._file.path.name, "T02", WHOLE, "", error.reason)

    def _problem(self, code: str, paragraph: Any, text: str, problem: str, **more: Any) -> TemplateProblem:
        place = _place(
            paragraph.part, getattr(paragraph, "index", 0) or getattr(paragraph, "paragraph", 0), paragraph.cells
        )
        self._where.setdefault(place, len(self._where))
        return TemplateProblem(self._file.path.name, code, place, " ".join(text.split())[:120], problem, **more)

    def _structure(self) -> Iterator[TemplateProblem]:
        """Pairs and places, as docxtpl-lint knows them; properties, which it does not read, in the same way."""
        issues = list(core.lint_path(_as_path(self._package), autoescape=True).issues)
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
            yield from self._bracketed(paragraph, single, self._meant(single[1]))
        for bracketed in BRACKETED.finditer(rest):
            field = _as_field(bracketed[1])
            yield from self._bracketed(paragraph, bracketed, (field,) if "_" in field and field in self._known else ())
        yield from self._merged(paragraph, rest)

    def _bracketed(
        self, paragraph: Paragraph, found: re.Match[str], meant: tuple[str, ...]
    ) -> Iterator[TemplateProblem]:
        if meant:
            near = () if meant[0] == found[1] else meant
            problem = "isian harus diapit kurung kurawal ganda {{ … }}"
            yield self._problem("T02", paragraph, found[0], problem, nearest=near)

    def _merged(self, paragraph: Paragraph, text: str) -> Iterator[TemplateProblem]:
        """Fields of Word's own mail merge, as codes or as they are shown: nobody fills them here."""
        said = set()
        for found in MERGED.finditer(text):
            name = (found["code"] or found["shown"] or found["typed"]).strip('" ')
            near = self._meant(name)
            if name in said or not (near or found["code"] or re.fullmatch(r"\w*[^\W_]_\w+", name)):
                continue
            said.add(name)
            problem = "isian surat massal (mail merge) tidak diisi sopkit; ketik isiannya di antara {{ dan }}"
            yield self._problem("T02", paragraph, found[0], problem, field=name, nearest=near)

    def _meant(self, name: str) -> tuple[str, ...]:
        """The field that was certainly meant, however its words were joined."""
        field = _as_field(name)
        return (field,) if field in self._known or self._is_known(name, name) else self._nearest(field, CERTAIN)

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
        if tag.raw.startswith("{{{"):
            yield self._problem("T02", tag.para, tag.raw, "kurung kurawal harus dua, bukan tiga")
            return
        if meant := self._words(tag):
            self._judged.append(tag)
            problem = "tidak dapat dipahami: nama isian ditulis dengan garis bawah, tanpa spasi atau tanda hubung"
            yield self._problem("T02", tag.para, tag.raw, problem, field=meant[0], nearest=meant[1:])
            return
        try:
            tree = self._environment.parse(_alone(tag))
            unknown = list(self._names(tag, tree))
            yield from unknown
            if not unknown and (found := refusal(tree)):
                yield self._problem("T02", tag.para, tag.raw, found[0])
        except TemplateSyntaxError as error:
            yield self._problem("T02", tag.para, tag.raw, not_understood(error))
        except TemplateError:
            yield self._problem("T02", tag.para, tag.raw, "tidak dapat dipahami: susunannya keliru")
        except RecursionError:
            yield self._problem("T02", tag.para, tag.raw, "bersarang terlalu dalam")

    def _words(self, tag: core.Tag) -> tuple[str, ...]:
        """A name typed with blanks or hyphens, then the fields that may have been meant; empty for any other tag."""
        body = tag.body.strip() if tag.kind == "expr" else tag.body.strip().removeprefix(_keyword(tag)).strip()
        body = body.partition("|")[0].strip()
        words = re.split(r"[\s\u2010-\u2015-]+", body)
        if len(words) < 2 or not all(re.fullmatch(r"[^\W\d]\w*", word) and word not in LOGIC for word in words):
            return ()
        field = _as_field(body)
        return (body, *((field,) if field in self._known else self._nearest(field)))

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
            if tag in self._judged or field.split(".")[0] in local or self._is_known(used, field):
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


def _rendered_parts(members: Mapping[str, bytes]) -> bytes:
    """A package of the parts that are filled, under the names by which docxtpl-lint knows them."""
    main = main_part(members)
    named = {"word/document.xml": members[main]}
    for one in relations(relationships_name(main), members.get(relationships_name(main), b"<Relationships/>")):
        if one.kind in ("header", "footer", "footnotes") and not one.external:
            number = "" if one.kind == "footnotes" else sum(name.startswith(f"word/{one.kind}") for name in named) + 1
            named[f"word/{one.kind}{number}.xml"] = members[one.target]
    return write_package(named)


def _tags_by_part(package: bytes, members: Mapping[str, bytes]) -> list[_TaggedPart]:
    """The paragraphs of each part with their tags: body, headers, footers, footnotes, and the document's properties."""
    parts: dict[str, list[Paragraph]] = {}
    for paragraph in (*core.iter_paragraphs(_as_path(package)), *_properties(members)):
        parts.setdefault(paragraph.part, []).append(paragraph)
    return [(own, core.scan_tags("", own, [])) for own in parts.values()]


def _as_path(package: bytes) -> Any:
    """For docxtpl-lint, which asks for a path and gives it to zipfile: that takes a file as well."""
    return BytesIO(package)


def _as_field(text: str) -> str:
    return re.sub(r"\W+", "_", plain(text)).strip("_")


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
