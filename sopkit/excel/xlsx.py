"""An xlsx package: looked through part by part, and given to the reader of values as the vetted parts alone."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import TypeVar
from xml.parsers import expat

import numpy as np

from sopkit.arrays import Ints
from sopkit.ooxml.container import (
    BROKEN,
    TYPES,
    Relation,
    Unsafe,
    ZipHead,
    ZipRecord,
    folded,
    harmless_xml,
    office_document,
    packed,
    relation,
    relationships_name,
    unpacked,
)
from sopkit.ooxml.sheet_scan import (
    LONGEST,
    MAX_CELLS,
    MAX_SLOW,
    MAX_TEXT,
    NO_TEXTS,
    TOO_LONG,
    TOO_MUCH,
    SheetFacts,
    Size,
    TableArea,
    TooLargeError,
    UnclearError,
    compacted,
    letters,
    look_through_sheet,
    measured,
    memory,
)
from sopkit.text import quoteattr

BOOK = "xl/workbook.xml"
MAX_SMALL = 32 << 20  # bytes of a part that says what others are
MAX_STRINGS = 5_000_000
MAX_RELATIONS = 1 << 20  # bytes of a sheet's relations in which its tables are looked for
TABLE_HEAD = 1 << 16  # bytes of a table's part in which it says where it stands
CELLS = 1_000_000  # cells that any file may hold, and how many more for each byte of it
CELLS_PER_BYTE = 4
TEXT, TEXT_PER_BYTE = 24 << 20, 64  # the same of the bytes that its texts take up, up to `MAX_TEXT`
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRING = re.compile(rb"<(?:[^\s<>/:!?]+:)?si[\s/>]")
_UNIQUE = re.compile(rb"[cC]ount\s*=\s*[\"']\s*\+?([0-9]{1,30})")
_COUNT = re.compile(rb"\w*[cC]ount\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_TABLE = re.compile(rb"<(?:\w+:)?table\s[^>]*>")
_REFERENCE = re.compile(rb"\sref=[\"'][A-Z]{1,3}([0-9]{1,7}):[A-Z]{1,3}([0-9]{1,7})[\"']")
_TOTALS = re.compile(rb"\stotalsRowCount=[\"']([0-9]{1,4})[\"']")


@dataclass(frozen=True)
class Vetted:
    """What a package holds; `package` is one with the parts of its values alone, under their usual names."""

    package: bytes
    macros: bool
    date_1904: bool
    sheets: Mapping[str, SheetFacts]


class Parts:
    """The members of a zip by their folded names."""

    def __init__(self, data: bytes, members: Iterable[zipfile.ZipInfo]) -> None:
        self.data = data
        self.members = {folded(member.filename): member for member in members}

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and folded(name) in self.members

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes of an XML part; KeyError where there is none, `Unsafe` where it is not harmless."""
        member = self.members[folded(name)]
        return harmless_xml(member.filename, unpacked(self.data, member))

    def size(self, name: str) -> int:
        return self.members[folded(name)].file_size

    def small(self, name: str) -> bytes:
        """The bytes of an XML part that never is large."""
        if self.size(name) > MAX_SMALL:
            raise Unsafe(f"bagian {name} mengembang menjadi {self.size(name) >> 20} MB")
        return b"".join(self.pieces(name))

    def relations(self, part: str) -> list[Relation]:
        """What a part is related to, by folded names; none where it has no relations."""
        name = folded(relationships_name(part))
        found = _elements(self.small(name), ("Relationship",)) if name in self else []
        return [replace(one, target=folded(one.target)) for one in (relation(name, given) for _, given in found)]

    def check_rest(self, seen: Collection[str], own: str = "xl/") -> None:
        """The other parts are whole; those of the workbook, which begin with `own`, are harmless too."""
        for name, member in self.members.items():
            if name not in seen and name.endswith((".xml", ".rels", ".bin")) and "printersettings" not in name:
                inner = name.startswith(own) or name.endswith(".rels") or name == folded(TYPES)
                pieces = unpacked(self.data, member)
                for _ in harmless_xml(member.filename, pieces) if inner and not name.endswith(".bin") else pieces:
                    pass

    def record(self, name: str, part: str) -> ZipRecord:
        """The part under another name, packed as it is."""
        member = self.members[folded(part)]
        return ZipRecord.as_packed(name, member, packed(self.data, member))


def book_part(parts: Parts) -> str:
    """The folded name of the workbook's part, by the package's own relations; empty where it has none."""
    return office_document(parts.relations(""), parts, BOOK, "xl/workbook.bin")


def look_through_xlsx(parts: Parts, book: str) -> Vetted:
    """Raises `Unsafe`, `TooLargeError`, `UnclearError`, one of `BROKEN`."""
    related = {one.id: one for one in parts.relations(book)}
    elements = _elements(parts.small(book), ("sheet", "workbookPr", "workbook"))
    if not elements:
        raise zipfile.BadZipFile("no workbook")
    named = dict(_sheets(parts, elements, related))
    by_kind = {one.kind: one.target for one in related.values() if not one.external and one.target in parts}
    beside = book.rpartition("/")[0]
    strings, styles = (
        by_kind.get(kind, f"{beside}/{kind.lower()}.xml".lstrip("/")) for kind in ("sharedStrings", "styles")
    )
    texts, declared = text_sizes(parts, strings) if strings in parts else (NO_TEXTS, 0)
    size = sum(map(parts.size, named.values()))
    looked = {title: _facts(parts, title, part, texts, size) for title, part in named.items()}
    facts = _bounded(parts, named, looked, texts)
    parts.check_rest({*named.values(), strings})
    given = next((given for tag, given in elements if tag == "workbookPr"), {})
    date_1904 = given.get("date1904", "0").lower() in ("1", "true", "on")
    records = [*_frame(list(named), date_1904), *_sheet_records(parts, named, facts)]
    records += [parts.record("xl/styles.xml", styles)] if styles in parts else []
    if strings in parts:
        most = len(texts) + CELLS  # a reader sets aside room for as many as are declared
        name = "xl/sharedStrings.xml"
        record = parts.record(name, strings) if declared <= most else ZipRecord(name, _uncounted(parts, strings, most))
        records.append(record)
    macros = TYPES in parts and b"macroEnabled" in parts.small(TYPES)
    return Vetted(ZipHead(records).write(()), macros, date_1904, {title: one for title, (one, _) in facts.items()})


Seen = TypeVar("Seen")
Sized = Mapping[str, tuple[SheetFacts, bytes]]  # the facts of a sheet, and its XML where it is written anew


def _sheets(
    parts: Parts, elements: Iterable[tuple[str, Mapping[str, str]]], related: Mapping[str, Relation]
) -> Iterator[tuple[str, str]]:
    """Title and part of the worksheets; other kinds of sheets, and those that lead to no part, hold no register."""
    titles, seen = set[str](), set[str]()
    for tag, given in elements:
        link = next((v for k, v in given.items() if k == "id" or k.endswith(":id")), "")
        if tag != "sheet" or link not in related or related[link].kind != "worksheet" or related[link].external:
            continue
        title, part = given.get("name", ""), related[link].target
        if part not in parts:
            raise zipfile.BadZipFile("a sheet without its part")
        if title in titles or part in seen:
            raise Unsafe("memuat dua lembar dengan nama atau isi yang sama")
        titles.add(title)
        seen.add(part)
        yield title, part


def text_sizes(parts: Parts, name: str) -> tuple[Ints, int]:
    """The bytes that each shared text takes up at most, and the most that the part says of their number.

    A text longer than Excel's is refused.
    """
    sizes: list[int] = []
    carry, declared = b"", 0
    for piece in parts.pieces(name):
        buffer = carry + piece
        declared = max([declared, *map(int, _UNIQUE.findall(buffer))])
        if b"<!" in buffer:  # what stands in a comment or CDATA is no element
            return _parsed_sizes(parts, name, declared)
        places = [match.start() for match in _STRING.finditer(buffer)]
        carry = buffer[places[-1] :] if places else buffer
        sizes += _sizes(buffer, places)
        _check_strings(carry, len(sizes))
    sizes += _sizes(carry, [0, len(carry)] if _STRING.match(carry) else [])
    return np.array(sizes, dtype=np.int64), declared


def _uncounted(parts: Parts, name: str, most: int) -> bytes:
    """The shared texts without what the head of their part says of their number, where that is beyond `most`."""
    xml = parts.small(name)
    first = _STRING.search(xml)
    head = xml[: first.start()] if first else xml
    if any(int(count) > most for count in _UNIQUE.findall(xml, len(head))):
        raise Unsafe("menyatakan jumlah teks yang tidak dimuatnya")
    return _COUNT.sub(b"", head) + xml[len(head) :]


def _parsed_sizes(parts: Parts, name: str, declared: int) -> tuple[Ints, int]:
    """The same by expat."""
    sizes, held = list[int](), list[str]()

    def start(tag: str, given: Mapping[str, str]) -> None:
        nonlocal declared
        counts = (given.get(key, "") for key in ("count", "uniqueCount"))
        declared = max([declared, *(int(count) for count in counts if count.isdecimal() and len(count) < 30)])
        if tag.rpartition(":")[2] == "si":
            held.clear()

    def end(tag: str) -> None:
        if tag.rpartition(":")[2] == "si":
            text = "".join(held)
            if len(text) > LONGEST:
                raise Unsafe(TOO_LONG)
            sizes.append(memory(text.encode()))
            _check_strings(b"", len(sizes))

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, held.append
    parser.Parse(parts.small(name), True)
    return np.array(sizes, dtype=np.int64), declared


def _sizes(buffer: bytes, places: list[int]) -> Iterator[int]:
    for start, end in pairwise(places):
        size = end - start
        if size > LONGEST and letters(buffer[start:end]) > LONGEST:
            raise Unsafe(TOO_LONG)
        yield memory(buffer[start:end])


def _check_strings(carry: bytes, count: int) -> None:
    if len(carry) > 4 << 20:
        raise Unsafe(TOO_LONG)
    if count > MAX_STRINGS:
        raise Unsafe(f"memuat lebih dari {MAX_STRINGS:,} teks".replace(",", "."))


def _facts(parts: Parts, title: str, part: str, texts: Ints, size: int) -> tuple[SheetFacts, bytes]:
    found = _in_sheet(title, look_through_sheet, parts, part, texts, size)
    return replace(found, tables=tuple(_tables(parts, part))), b""


def _bounded(parts: Parts, named: Mapping[str, str], facts: Sized, texts: Ints) -> Sized:
    """The facts with sure sizes where it matters, and sheets of far cells written anew."""
    most = min(MAX_CELLS, CELLS + CELLS_PER_BYTE * len(parts.data))
    longest = min(MAX_TEXT, TEXT + TEXT_PER_BYTE * len(parts.data))
    sizes = {title: one.size for title, (one, _) in facts.items()}
    much = sum(one.text for one in sizes.values()) > longest or sum(one.cells for one in sizes.values()) > most
    for title, size in sizes.items():
        if not size.sure and (much or size.sparse):
            sizes[title] = _in_sheet(title, measured, parts, named[title], texts, parts.size(named[title]))
    if sum(one.text for one in sizes.values()) > longest or sum(one.cells for one in sizes.values()) > most:
        raise UnclearError(TOO_MUCH)
    return dict(_anew(parts, named, facts, sizes))


def _anew(
    parts: Parts, named: Mapping[str, str], facts: Sized, sizes: Mapping[str, Size]
) -> Iterator[tuple[str, tuple[SheetFacts, bytes]]]:
    """Sheets that are sparse or odd written anew, as far as there is time for it."""
    left = MAX_SLOW
    for title, (one, xml) in facts.items():
        anew = sizes[title].sparse or one.size.odd
        left -= parts.size(named[title]) if anew else 0
        if left < 0 and sizes[title].sparse:
            raise TooLargeError(sizes[title].last, title)
        if anew and left >= 0:
            xml, rows = _in_sheet(title, compacted, parts, named[title])
            one = replace(one, rows=rows)
        yield title, (one, xml)


def _in_sheet(title: str, look: Callable[..., Seen], parts: Parts, part: str, *more: object) -> Seen:
    """What a look through a sheet's pieces gives; `TooLargeError` names the sheet."""
    try:
        return look(partial(parts.pieces, part), *more)
    except TooLargeError as error:
        raise TooLargeError(error.cell, title) from error


def _tables(parts: Parts, part: str) -> Iterator[TableArea]:
    """The Excel tables of a sheet, by what the head of each table's part says."""
    beside = relationships_name(part)
    if beside not in parts or parts.size(beside) > MAX_RELATIONS:
        return
    try:
        related = parts.relations(part)
    except (Unsafe, *BROKEN):  # no reader of values needs them
        return
    for one in related:
        if one.kind == "table" and one.target in parts:
            head = _TABLE.search(next(parts.pieces(one.target), b"")[:TABLE_HEAD])
            span = _REFERENCE.search(head[0]) if head else None
            if head and span:
                totals = _TOTALS.search(head[0])
                yield TableArea(int(span[1]), int(span[2]), int(totals[1]) if totals else 0)


def _frame(titles: list[str], date_1904: bool) -> Iterator[ZipRecord]:
    """The parts that say where the others are."""
    sheets = "".join(
        f'<sheet name={quoteattr(title)} sheetId="{at}" r:id="rId{at}"/>' for at, title in enumerate(titles, start=1)
    )
    book = f'<workbook {_MAIN} xmlns:r="{_LINKS}"><workbookPr date1904="{int(date_1904)}"/><sheets>{sheets}</sheets>'
    yield ZipRecord("_rels/.rels", _relations({"rId1": ("officeDocument", BOOK)}))
    yield ZipRecord(BOOK, f"{book}</workbook>".encode())
    targets = {f"rId{at}": ("worksheet", f"worksheets/sheet{at}.xml") for at in range(1, len(titles) + 1)}
    targets |= {"rIdT": ("sharedStrings", "sharedStrings.xml"), "rIdS": ("styles", "styles.xml")}
    yield ZipRecord(relationships_name(BOOK), _relations(targets))


def _relations(targets: Mapping[str, tuple[str, str]]) -> bytes:
    one = '<Relationship Id="{}" Type="{}/{}" Target="{}"/>'
    inside = "".join(one.format(name, _LINKS, kind, target) for name, (kind, target) in targets.items())
    kind = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{kind}">{inside}</Relationships>'.encode()


def _sheet_records(parts: Parts, named: Mapping[str, str], facts: Sized) -> Iterator[ZipRecord]:
    for at, (title, part) in enumerate(named.items(), start=1):
        name, anew = f"xl/worksheets/sheet{at}.xml", facts[title][1]
        yield ZipRecord(name, anew) if anew else parts.record(name, part)


def _elements(xml: bytes, wanted: Collection[str]) -> list[tuple[str, Mapping[str, str]]]:
    """The elements of these local names with their attributes, in order; an `ExpatError` where it is damaged."""
    found: list[tuple[str, Mapping[str, str]]] = []

    def start(name: str, given: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag in wanted:
            found.append((tag, given))

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.Parse(xml, True)
    return found
