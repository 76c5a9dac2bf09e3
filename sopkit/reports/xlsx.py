"""An xlsx package as named parts, changed by splices: what nobody asked to change stays byte for byte.

The XML is that of a workbook which the preflight has passed: UTF-8, no DTD, no part twice.
"""

from __future__ import annotations

import html
import io
import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
TYPES, BOOK = "[Content_Types].xml", "xl/workbook.xml"
NO_RELATIONS = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
ZIP_TIME = (1980, 1, 1, 0, 0, 0)

ASIDE = rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>"
ATTRIBUTES = rb"((?:[^<>\"'/]++|\"[^\"]*\"|'[^']*'|/(?!>))*+)"
MARKUP = re.compile(ASIDE + rb"|<(/?)([\w.:-]+)" + ATTRIBUTES + rb"(/?)>", re.DOTALL)

Splice = tuple[int, int, bytes]


class UnclearPackageError(Exception):
    """The package is written so that it is better left alone; says why in Indonesian."""


@dataclass(frozen=True)
class Element:
    """Where an element stands in its XML: from `start` to `end`, with its content from `inner` to `inner_end`.

    `name` is without prefix; a self-closed element has no content and `inner == end`.
    """

    name: str
    prefix: bytes
    start: int
    inner: int
    inner_end: int
    end: int

    def tag(self, xml: bytes) -> bytes:
        """Its opening tag."""
        return xml[self.start : self.inner]


def children(xml: bytes, parent: Element | None = None) -> list[Element]:
    """The elements directly inside `parent`; of no parent, the root alone. A sheet's cells are passed over."""
    place, stop = (parent.inner, parent.inner_end) if parent else (0, len(xml))
    found: list[Element] = []
    opened: list[tuple[bytes, int, int]] = []
    while (match := MARKUP.search(xml, place, stop)) is not None:
        place = match.end()
        if match[2] is None:
            continue
        if match[1]:
            name, start, inner = opened.pop()
            if not opened:
                found.append(_element(name, start, inner, match.start(), place))
        elif match[4]:
            if not opened:
                found.append(_element(match[2], match.start(), place, place, place))
        else:
            opened.append((match[2], match.start(), place))
            if match[2].endswith(b"sheetData"):
                place = xml.rindex(b"</" + match[2], place)
    return found


def _element(name: bytes, start: int, inner: int, inner_end: int, end: int) -> Element:
    prefix, colon, local = name.rpartition(b":")
    return Element(local.decode(), prefix + colon, start, inner, inner_end, end)


def root_of(xml: bytes) -> Element:
    """The root. `UnclearPackageError` when it is not in the namespace that Excel writes by default."""
    root = children(xml)[0]
    declared = attribute(root.tag(xml), f"xmlns:{root.prefix[:-1].decode()}" if root.prefix else "xmlns")
    if declared != MAIN:
        raise UnclearPackageError("disimpan sebagai Strict Open XML")
    return root


def attribute(tag: bytes, name: str) -> str | None:
    """The value of an attribute in an opening tag; `name` with its prefix, or `*:name` for any or none."""
    written = rb"(?:[\w.-]+:)?" + name[2:].encode() if name.startswith("*:") else name.encode()
    match = re.search(rb"\s" + written + rb"\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", tag)
    return None if match is None else html.unescape((match[1] if match[1] is not None else match[2]).decode())


def with_attribute(tag: bytes, name: str, value: str | None) -> bytes:
    """The opening tag with that attribute set, or without it for None."""
    bare = re.sub(rb"\s+" + name.encode() + rb"\s*=\s*(?:\"[^\"]*\"|'[^']*')", b"", tag)
    if value is None:
        return bare
    end = -2 if bare.endswith(b"/>") else -1
    return bare[:end].rstrip() + b" " + name.encode() + b"=" + quoteattr(value).encode() + bare[end:]


def spliced(xml: bytes, splices: Iterable[Splice]) -> bytes:
    """The bytes with each (start, end, new) put in; those at one place in the order given."""
    pieces, place = [], 0
    for start, end, new in sorted(splices, key=lambda splice: splice[:2]):
        if start < place:
            raise UnclearPackageError("bagian-bagiannya saling menimpa")
        pieces += [xml[place:start], new]
        place = end
    return b"".join([*pieces, xml[place:]])


def appended(xml: bytes, parent: Element, content: bytes) -> Splice:
    """The splice that puts `content` at the end of `parent`."""
    if parent.inner < parent.end:
        return parent.inner_end, parent.inner_end, content
    tag = parent.tag(xml)
    return parent.start, parent.end, opened(tag) + content + b"</" + parent.prefix + parent.name.encode() + b">"


def opened(tag: bytes) -> bytes:
    """A self-closed tag as an opening one."""
    return tag[:-2].rstrip() + b">"


def prefixed(content: str, prefix: bytes) -> bytes:
    """XML of the main namespace, written without prefix, for a part that has one; texts must be escaped."""
    return re.sub(rb"<(/?)(?=\w)", rb"<\g<1>" + prefix, content.encode()) if prefix else content.encode()


def text_xml(text: str) -> str:
    """A text for XML: escaped, without the characters that XML cannot hold, its blanks kept by the caller."""
    return escape(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", " ", text))


class Package:
    """Parts by name, and what the package says of them."""

    def __init__(self, parts: Mapping[str, bytes], stored: Iterable[str] = ()) -> None:
        self.parts, self.stored = dict(parts), frozenset(stored)

    @classmethod
    def read(cls, data: bytes) -> Package:
        """The package in the bytes of a zip; members that are stored uncompressed stay so."""
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            stored = (info.filename for info in infos if info.compress_type == zipfile.ZIP_STORED)
            return cls({info.filename: archive.read(info) for info in infos}, stored)

    def to_bytes(self) -> bytes:
        """The zip; the same bytes for the same parts."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, content in self.parts.items():
                info = zipfile.ZipInfo(name, ZIP_TIME)
                info.compress_type = zipfile.ZIP_STORED if name in self.stored else zipfile.ZIP_DEFLATED
                info.external_attr = 0o600 << 16
                archive.writestr(info, content, compresslevel=6)
        return out.getvalue()

    def part(self, name: str) -> bytes:
        """Its bytes; `UnclearPackageError` when a relation leads to nothing."""
        if name not in self.parts:
            raise UnclearPackageError(f"tidak memuat bagian {name} yang disebutnya sendiri")
        return self.parts[name]

    def add(self, stem: str, content: bytes, content_type: str) -> str:
        """Put in a new part and return its name: `stem` holds `{}` for the first free number."""
        number = 1
        while (name := stem.format(number)) in self.parts:
            number += 1
        self.parts[name] = content
        if not name.endswith(".vml"):
            self._append(TYPES, f'<Override PartName="/{name}" ContentType="{content_type}"/>')
        elif not re.search(rb"\sExtension=[\"']vml[\"']", self.parts[TYPES], re.IGNORECASE):
            self._append(TYPES, f'<Default Extension="vml" ContentType="{content_type}"/>')
        return name

    def relations(self, part: str) -> Mapping[str, tuple[str, str]]:
        """Relation id -> (last word of its type, name of the part it leads to)."""
        return {identity: (kind, target) for _, identity, kind, target in self._relations(_relations_of(part))}

    def related(self, part: str, kind: str) -> str | None:
        """The part that `part` is related to as `kind`."""
        return next((target for known, target in self.relations(part).values() if known == kind), None)

    def relate(self, part: str, target: str, kind: str) -> str:
        """Relate `part` to `target` as `kind`, a full address or the last word of a usual one; returns the id."""
        relations = _relations_of(part)
        self.parts.setdefault(relations, NO_RELATIONS)
        known, number = set(self.relations(part)), 1
        while (identity := f"rId{number}") in known:
            number += 1
        full = kind if "/" in kind else f"{RELATIONSHIPS}/{kind}"
        self._append(relations, f'<Relationship Id="{identity}" Type="{full}" Target="/{target}"/>')
        return identity

    def drop(self, pattern: str) -> bool:
        """Take out the parts whose names begin like `pattern`, and whatever names them; False when there are none."""
        gone = {name for name in self.parts if re.match(pattern, name)}
        if not gone:
            return False
        for name in gone:
            del self.parts[name]
        for relations in [name for name in self.parts if name.endswith(".rels")]:
            leading = [element for element, _, _, target in self._relations(relations) if target in gone]
            self._remove(relations, leading)
        types = self.parts[TYPES]
        overrides = children(types, children(types)[0])
        self._remove(TYPES, [each for each in overrides if (attribute(each.tag(types), "PartName") or "")[1:] in gone])
        return True

    def without_macros(self) -> None:
        """Call the workbook one without macros, as its name .xlsx does."""
        kind = rb"application/vnd\.ms-excel\.(?:sheet|template)\.macroEnabled\.main\+xml"
        self.parts[TYPES] = re.sub(kind, f"{CONTENT}.sheet.main+xml".encode(), self.parts[TYPES])

    def _relations(self, name: str) -> Iterator[tuple[Element, str, str, str]]:
        xml = self.parts.get(name, NO_RELATIONS)
        folder = posixpath.dirname(posixpath.dirname(name))
        for element in children(xml, children(xml)[0]):
            tag = element.tag(xml)
            kind, target = attribute(tag, "Type") or "", attribute(tag, "Target") or ""
            if attribute(tag, "TargetMode") != "External":
                target = posixpath.normpath(posixpath.join(f"/{folder}", target)).lstrip("/")
            yield element, attribute(tag, "Id") or "", kind.rpartition("/")[2], target

    def _append(self, name: str, content: str) -> None:
        xml = self.parts[name]
        root = children(xml)[0]
        self.parts[name] = spliced(xml, [appended(xml, root, prefixed(content, root.prefix))])

    def _remove(self, name: str, elements: Iterable[Element]) -> None:
        self.parts[name] = spliced(self.parts[name], [(each.start, each.end, b"") for each in elements])


def new_package() -> Package:
    """A workbook that has no sheet yet."""
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    kinds = (("rels", "application/vnd.openxmlformats-package.relationships+xml"), ("xml", "application/xml"))
    defaults = "".join(f'<Default Extension="{end}" ContentType="{kind}"/>' for end, kind in kinds)
    parts = {TYPES: f'<Types xmlns="{types}">{defaults}</Types>'.encode(), "_rels/.rels": NO_RELATIONS}
    package = Package(parts)
    package.add(BOOK, f'<workbook xmlns="{MAIN}"><sheets/></workbook>'.encode(), f"{CONTENT}.sheet.main+xml")
    package.relate("", BOOK, "officeDocument")
    return package


def _relations_of(part: str) -> str:
    folder, _, name = part.rpartition("/")
    return f"{folder}/_rels/{name}.rels".lstrip("/")


def sheet_parts(package: Package) -> Mapping[str, str]:
    """Sheet name -> name of its part, in the order of the tabs. `UnclearPackageError` for sheets of Excel 4 macros."""
    xml = package.part(BOOK)
    sheets = next((each for each in children(xml, root_of(xml)) if each.name == "sheets"), None)
    relations = package.relations(BOOK)
    found = {}
    for sheet in children(xml, sheets) if sheets else ():
        kind, target = relations.get(attribute(sheet.tag(xml), "*:id") or "", ("", ""))
        if kind not in ("worksheet", "chartsheet", "dialogsheet"):
            raise UnclearPackageError("memuat lembar makro Excel 4")
        package.part(target)
        found[attribute(sheet.tag(xml), "name") or ""] = target
    return found


def add_first_sheet(package: Package, name: str, content: bytes, titles: str, filtered: str) -> None:
    """Put a sheet before all others and open the workbook on it.

    `titles` are the rows printed on every page ($5:$5), `filtered` the range of its filter ($A$5:$J$9).
    """
    count = len(sheet_parts(package))
    for part in sheet_parts(package).values():
        package.parts[part] = _unselected(package.parts[part])
    part = package.add("xl/worksheets/sheet{}.xml", content, f"{CONTENT}.worksheet+xml")
    identity = package.relate(BOOK, part, "worksheet")
    xml = package.part(BOOK)
    places = {each.name: each for each in children(xml, root_of(xml))}
    splices = [_first_sheet(xml, places["sheets"], name, identity), _first_names(xml, places, name, titles, filtered)]
    splices += _shifted_names(xml, places.get("definedNames"))
    for view in children(xml, places["bookViews"]) if "bookViews" in places else ():
        tag = with_attribute(with_attribute(view.tag(xml), "activeTab", None), "firstSheet", None)
        splices.append((view.start, view.inner, tag))
    package.parts[BOOK] = spliced(xml, splices)
    if "docProps/app.xml" in package.parts:
        package.parts["docProps/app.xml"] = _titled(package.parts["docProps/app.xml"], name, count)


def _unselected(xml: bytes) -> bytes:
    """A sheet whose tab is not selected: two selected tabs are edited together."""
    head = xml[: xml.find(b"sheetData")] if b"sheetData" in xml else xml
    plain = re.sub(rb"(<(?:[\w.-]+:)?sheetView\b[^<>]*?)\s+tabSelected=[\"'](?:1|true)[\"']", rb"\1", head)
    return xml if plain == head else plain + xml[len(head) :]


def _first_sheet(xml: bytes, sheets: Element, name: str, identity: str) -> Splice:
    used = [int(attribute(sheet.tag(xml), "sheetId") or 0) for sheet in children(xml, sheets)]
    sheet = (
        f'<sheet xmlns:r="{RELATIONSHIPS}" name={quoteattr(name)} sheetId="{max(used, default=0) + 1}" '
        f'r:id="{identity}"/>'
    )
    if sheets.inner == sheets.end:
        return appended(xml, sheets, prefixed(sheet, sheets.prefix))
    return sheets.inner, sheets.inner, prefixed(sheet, sheets.prefix)


def _first_names(xml: bytes, places: Mapping[str, Element], name: str, titles: str, filtered: str) -> Splice:
    quoted = escape("'" + name.replace("'", "''") + "'")
    names = (
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">{quoted}!{filtered}</definedName>'
        f'<definedName name="_xlnm.Print_Titles" localSheetId="0">{quoted}!{titles}</definedName>'
    )
    prefix = places["sheets"].prefix
    if "definedNames" in places:
        return appended(xml, places["definedNames"], prefixed(names, prefix))
    before = next(places[each] for each in ("externalReferences", "functionGroups", "sheets") if each in places)
    return before.end, before.end, prefixed(f"<definedNames>{names}</definedNames>", prefix)


def _shifted_names(xml: bytes, names: Element | None) -> Iterator[Splice]:
    """Names of one sheet tell it by its place, and each sheet stands one place further now."""
    for each in children(xml, names) if names else ():
        place = attribute(each.tag(xml), "localSheetId")
        if place is not None:
            yield each.start, each.inner, with_attribute(each.tag(xml), "localSheetId", str(int(place) + 1))


def _titled(xml: bytes, name: str, sheets: int) -> bytes:
    """docProps/app.xml with the sheet and its print titles among the titles, where they are counted as usual."""
    counts = list(re.finditer(rb"<((?:[\w.-]+:)?i4)>(\d+)</\1>", xml))
    vector = re.search(rb"<TitlesOfParts>\s*<([\w.:-]+)\b[^>]*?\bsize=\"(\d+)\"[^>]*>(.*?)</\1>", xml, re.DOTALL)
    tag = re.search(rb"<([\w.:-]*lpstr)>", vector[3]) if vector else None
    numbers = [int(count[2]) for count in counts]
    if not vector or not tag or int(vector[2]) != sum(numbers) or numbers[0] > sheets:
        return xml
    named = len(numbers) > 1 and sum(numbers[:-1]) == sheets
    changed = [counts[0], counts[-1]] if named else counts[:1]
    splices = [(*count.span(2), str(int(count[2]) + 1).encode()) for count in changed]
    splices.append((*vector.span(2), str(int(vector[2]) + len(changed)).encode()))
    splices.append((vector.start(3), vector.start(3), _title(tag[1], name)))
    if named:
        splices.append((vector.end(3), vector.end(3), _title(tag[1], f"{name}!Print_Titles")))
    return spliced(xml, splices)


def _title(tag: bytes, text: str) -> bytes:
    return b"<" + tag + b">" + text_xml(text).encode() + b"</" + tag + b">"
