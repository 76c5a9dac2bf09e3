"""What stands in a PTPP that came back: its code, what was filled in, and what of it nobody was to change.

A field is read from its content control, known by its tag or its title; where another program has lost both, as
LibreOffice 7.4 does, from what follows its label. Tracked changes count as accepted, and are told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from lxml import etree

from sopkit.documents.codes import read_qr
from sopkit.documents.fields import NAMES, PTPP_OPEN
from sopkit.documents.package import LIMITS, main_part
from sopkit.documents.recover import FULL_CODE, PRINTED
from sopkit.language import list_text
from sopkit.ooxml.container import BROKEN, Unsafe, harmless_xml, read_parts, relations, relationships_name
from sopkit.register.schema import CHOICES, REGISTER, Column, Kind
from sopkit.text import clean_line, clean_lines, plain, quoted

FILLED = tuple(REGISTER.column(name) for name in PTPP_OPEN)
MAX_XML = 3_000_000  # bytes of one part that is read
MAX_LINES = 500  # of one answer; no cell shows as many
MAX_PICTURES = 20
HOLE = "\ufffc"  # where a control stood
CELL_END = "\x1e"
PROPERTIES = frozenset(("pPr", "rPr", "sdtPr", "sdtEndPr", "tblPr", "tcPr", "trPr", "sectPr", "tblGrid"))
ASIDE = frozenset(
    ("instrText", "delText", "delInstrText", "drawing", "pict", "object", "AlternateContent", "txbxContent")
)
SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
INSERTED, DELETED = frozenset(("ins", "moveTo")), frozenset(("del", "moveFrom"))
NUMBERED = re.compile(r"\s*\d{1,2}\s*[.)]\s+")
LABELS = ("Penanggung Jawab dan Target", "Penanggung Jawab", "Verifikasi", "Mengetahui", "Pengusul")
"""Others in a PTPP, at which an answer ends."""


class NotReadable(Exception):
    """No Word document that can be read; the message is an Indonesian predicate."""


@dataclass(frozen=True)
class Control:
    """A content control of a field: its text, whether that is only its placeholder, and whether it is still tracked."""

    column: Column
    text: str
    placeholder: bool
    tracked: bool


@dataclass(frozen=True)
class Comment:
    """A comment in the margin, with the header of the field that it is about, if any."""

    author: str
    date: str
    text: str
    about: str


@dataclass(frozen=True)
class WordText:
    """A document's body as text, with a `HOLE` for each control that is known, and what stood in those.

    `codes` are the archive codes it shows, that of its QR first; `all_text` has headers and footers too.
    """

    text: str
    controls: tuple[Control, ...]
    comments: tuple[Comment, ...]
    codes: tuple[str, ...]
    all_text: str
    tracked: bool  # somewhere outside its controls

    def values(self, column: Column) -> tuple[Control, ...]:
        return tuple(control for control in self.controls if control.column == column)


def squeezed(text: str) -> str:
    """Without blanks, which programs move about (LibreOffice 7.4 puts the line breaks of a control before it)."""
    return re.sub(r"[\s\x1e]+", "", clean_lines(text))


def read_word(data: bytes) -> WordText:
    """`NotReadable` for what is no harmless .docx."""
    try:
        parts = read_parts(data, LIMITS)
        main = main_part(parts)
        reader = _Reader()
        body: list[str] = []
        reader.walk(_root(main, parts), body)
        around = [part for part in parts if re.fullmatch(r"word/(?:header|footer)\d*\.xml", part)]
        edges: list[str] = []
        for name in around:
            _Reader().walk(_root(name, parts), edges)
        comments = tuple(_comments(parts, main, reader.anchors))
    except Unsafe as error:
        raise NotReadable(error.what) from error
    except (*BROKEN, etree.XMLSyntaxError, RecursionError) as error:
        raise NotReadable("berkasnya rusak, atau bukan dokumen Word (.docx)") from error
    all_text = "".join([*body, *edges])
    codes = dict.fromkeys([*_drawn(parts), *PRINTED.findall(all_text)])
    return WordText("".join(body), tuple(reader.controls), comments, tuple(codes), all_text, reader.tracked)


def _root(name: str, parts: Mapping[str, bytes]) -> Any:
    data = b"".join(harmless_xml(name, (parts[name],)))
    if len(data) > MAX_XML:
        raise Unsafe(f"bagian {name[:80]} terlalu besar")
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))


def _drawn(parts: Mapping[str, bytes]) -> Iterator[str]:
    pictures = [data for name, data in parts.items() if name.startswith("word/media/") and len(data) < 1_000_000]
    for data in pictures[:MAX_PICTURES]:
        if (text := read_qr(data)) and (match := FULL_CODE.fullmatch(text)):
            yield match[3]


def _comments(parts: Mapping[str, bytes], main: str, anchors: Mapping[str, str]) -> Iterator[Comment]:
    rels = relationships_name(main)
    for one in relations(rels, parts.get(rels, b"<Relationships/>")):
        if one.kind == "comments" and one.target in parts:
            for comment in _root(one.target, parts):
                said: list[str] = []
                _Reader().walk(comment, said)
                author, date, key = (_named(comment, name) for name in ("author", "date", "id"))
                text = clean_lines("".join(said).replace(HOLE, ""))
                yield Comment(clean_line(author), date[:10], text, anchors.get(key, ""))


def _local(element: Any) -> str:
    """Its name without the namespace: Strict Open XML has another one, and means the same."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _named(element: Any, name: str) -> str:
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


@dataclass
class _Reader:
    """Walks through a part and gathers its text; `_open` are the controls that it is in, the innermost last."""

    controls: list[Control] = field(default_factory=list)
    anchors: dict[str, str] = field(default_factory=dict)  # comment -> header of the control that it begins in
    tracked: bool = False
    _open: list[Column] = field(default_factory=list)
    _pending: set[Column] = field(default_factory=set)
    _inserting: int = 0
    _deleting: int = 0

    def walk(self, element: Any, into: list[str]) -> None:
        for child in element:
            name = _local(child)
            if name == "t":
                self._text(child.text or "", child, into)
            elif name in SIGNS:
                self._text(SIGNS[name], child, into)
            elif name == "sdt":
                self._control(child, into)
            elif name in INSERTED or name in DELETED:
                self._change(child, into, deleted=name in DELETED)
            elif name in PROPERTIES:
                self._properties(child)
            elif name in ("commentRangeStart", "commentReference"):
                self.anchors.setdefault(_named(child, "id"), self._open[-1].header if self._open else "")
            elif name not in ASIDE:
                self.walk(child, into)
                into.append({"p": "\n", "tc": CELL_END}.get(name, ""))

    def _text(self, text: str, element: Any, into: list[str]) -> None:
        if self._inserting or self._deleting:
            self._mark()
        if self._deleting or _is_unseen(element.getparent()):
            return
        before = element.getprevious()
        if self._open and _local(element) == "t" and before is not None and _local(before) == "t":
            into.append("\n")  # LibreOffice 7.4 parts the lines of a control so, and loses their break
        into.append(text.replace(HOLE, ""))

    def _mark(self) -> None:
        if self._open:
            self._pending.add(self._open[-1])
        else:
            self.tracked = True

    def _change(self, element: Any, into: list[str], *, deleted: bool) -> None:
        self._mark()
        self._deleting += deleted
        self._inserting += not deleted
        self.walk(element, into)
        self._deleting -= deleted
        self._inserting -= not deleted

    def _properties(self, element: Any) -> None:
        """A paragraph mark that was typed or deleted under tracking."""
        if _local(element) == "pPr" and any(_local(one) in INSERTED | DELETED for one in element.iter()):
            self._mark()

    def _control(self, element: Any, into: list[str]) -> None:
        properties = next((one for one in element if _local(one) == "sdtPr"), ())
        said = {_local(one): _named(one, "val") for one in properties}
        placeholder = "showingPlcHdr" in said and plain(said["showingPlcHdr"]) not in ("0", "false", "off")
        column = _meant(said.get("tag", ""), said.get("alias", ""))
        if column is None or column in self._open:
            self.walk(element, [] if placeholder and column is None else into)
            return
        self._open.append(column)
        own: list[str] = []
        self._pending.discard(column)
        if self._inserting or self._deleting:
            self._mark()
        self.walk(element, own)
        self._open.pop()
        text = _tidy("".join(own).replace(HOLE, "").replace(CELL_END, "\n"), column)
        self.controls.append(Control(column, text, placeholder, column in self._pending))
        into.append(HOLE)


def _is_unseen(run: Any) -> bool:
    """Whether the text of this run is hidden, or struck out as what does not hold is on paper."""
    looks = next((one for one in run if _local(one) == "rPr"), ())
    return any(
        _local(one) in ("vanish", "strike", "dstrike") and _named(one, "val") not in ("0", "false") for one in looks
    )


def _meant(tag: str, title: str) -> Column | None:
    """The column whose field the tag names, else whose header the title is."""
    named = next((column for column in FILLED if NAMES[column.field] == plain(tag)), None)
    return named or next((column for column in FILLED if plain(column.header) == plain(title)), None)


def is_blank(text: str, column: Column, placeholders: Iterable[str] = ()) -> bool:
    """Whether nobody filled it in: nothing but dots and lines, or what the template shows in place of an answer."""
    bare = squeezed(text)
    offered = squeezed("/".join(CHOICES.get(column.choices, ())))
    return not any(map(str.isalnum, bare)) or bare.rstrip("*)") == offered or bare in map(squeezed, placeholders)


def labelled(text: str, column: Column) -> str:
    """What stands after the label of a column, to the end of its cell or to the next label; empty where there is none.

    A name, a date and the like are one line.
    """
    begin, end = _beside_label(text, column) or (0, 0)
    return _answer(re.split(f"[\n{CELL_END}]", text[begin:end].lstrip(f":\t\n{CELL_END} ")), column)


def _beside_label(text: str, column: Column) -> tuple[int, int] | None:
    """Where in the text that begins and ends; None where there is no label."""
    others = [plain(one.header) for one in FILLED if one != column] + [plain(one) for one in LABELS]
    begin, count, place = None, 0, 0
    for cell in text.split(CELL_END):
        for line in cell.split("\n"):
            bare = NUMBERED.sub("", line, count=1) if line else ""  # a page may be empty for long
            if begin is not None:
                count += 1
                if count > MAX_LINES or any(_after(bare, other) is not None for other in others):
                    return begin, place
            elif line and (rest := _after(bare, plain(column.header))) is not None:
                begin = place + len(line) - len(rest)
                among_others = ":" in line[: len(line) - len(rest)] and cell.strip() != line.strip()
                if among_others and column.kind is not Kind.REASON:
                    return begin, place + len(line)
            place += len(line) + 1
        if begin is not None and text[begin : place - 1].strip(f":{CELL_END}\n\t "):
            return begin, place - 1
    return None if begin is None else (begin, len(text))


def _after(line: str, label: str) -> str | None:
    """What follows a label at the beginning of a line; None for a line that has another, or goes on as a sentence."""
    head = re.match(
        r"\s*" + r"\s+".join(map(re.escape, label.split())) + r"(?:\s*[:,]\s*|\s*\t\s*|\s{2,}|\s*$)", line, re.I
    )
    return line[head.end() :].lstrip(":\t ") if head else None


def _answer(lines: Sequence[str], column: Column) -> str:
    """What is one line is the first that is not blank; a NIP stands below a name."""
    if column.kind is not Kind.REASON:
        lines = [line for line in lines if clean_line(line) and not line.lstrip().startswith("NIP")][:1]
    return _tidy("\n".join(lines).replace(HOLE, ""), column)


def _tidy(text: str, column: Column) -> str:
    """The text as a cell holds it; what is one line without the dots that it was written over, and Coret yang perlu."""
    if column.kind is not Kind.REASON:
        text = re.sub(r"…+|\.{3,}|_{2,}", " ", text)
    return clean_lines(text).strip(" /*)" if column.kind is Kind.CHOICE else " \n")


def altered(issued: WordText, reply: WordText) -> str:
    """Where the fixed text of a reply is another than it was issued with, by the words there; empty where nowhere.

    Between two pieces of it anything may stand: an answer, in a control or not.
    """
    text = squeezed(reply.text).replace(HOLE, "")
    fixed = holed(issued).split(HOLE)
    pieces, place = list(map(squeezed, fixed)), 0
    for number, piece in enumerate(pieces):
        last = number == len(pieces) - 1
        at = text.rfind(piece) if last else text.find(piece, place)
        if at < place or (number == 0 and at) or (last and at + len(piece) != len(text)):
            return _near(fixed[number])
        place = at + len(piece)
    return ""


def holed(word: WordText) -> str:
    """The text with a `HOLE` too for what stands beside the label of a field that has no control, and for dots in a
    line, over which name, date and NIP are written by hand: so it is where a template has no controls.
    """
    text, there = word.text, {control.column for control in word.controls}
    spans = []
    for column in (column for column in FILLED if column not in there):
        begin, end = _beside_label(text, column) or (0, 0)
        if column.kind is not Kind.REASON and (first := re.search(r"[^\s:\x1e][^\n\x1e]*", text[begin:end])):
            end = begin + first.end()
        if end and HOLE not in text[begin:end]:
            spans.append((begin, end))
    last = len(text)
    for begin, end in sorted(spans, reverse=True):
        if end <= last:
            text, last = text[:begin] + HOLE + text[end:], begin
    return "".join(map(_undotted, re.split(f"([\n{CELL_END}])", text)))


def _undotted(line: str) -> str:
    said = line.rstrip("…._ )")
    dotted = any(dots in line[len(said) :] for dots in ("…", "...", "___")) and any(map(str.isalpha, said))
    return said + HOLE if dotted else line


def differences(old: WordText, new: WordText) -> str:
    """How the fixed text of one differs from that of the other: `Kategori “Mayor”, kini “Minor”`; empty for nothing."""
    before, after = (_fixed_lines(word) for word in (old, new))
    found = [
        f"{before[start - 1][:40] if start else ''} {_told(before[start:end])}, kini {_told(after[first:last])}".strip()
        for tag, start, end, first, last in SequenceMatcher(None, before, after, False).get_opcodes()
        if tag != "equal"
    ]
    more = [f"{len(found) - 3} lagi"] if len(found) > 3 else []
    return list_text([*found[:3], *more])


def _fixed_lines(word: WordText) -> list[str]:
    lines = map(clean_line, re.split(f"[\n{CELL_END}{HOLE}]", holed(word)))
    return [line for line in lines if any(map(str.isalnum, line))][:MAX_LINES]


def _told(lines: Sequence[str]) -> str:
    return f"“{quoted(' / '.join(lines))}”" if lines else "tidak ada"


def _near(fixed: str) -> str:
    lines = map(clean_line, fixed.replace(CELL_END, "\n").split("\n"))
    return next((line for line in lines if any(map(str.isalpha, line))), "")[:60]
