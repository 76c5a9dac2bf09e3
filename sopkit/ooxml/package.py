"""An xlsx package as named parts, of which no name stands twice."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping

from sopkit.ooxml.container import (
    BROKEN,
    RELATION,
    TYPES,
    Relation,
    ZipHead,
    ZipRecord,
    folded,
    office_document,
    relation,
    relationships_name,
)
from sopkit.ooxml.xml_edit import (
    MAIN,
    Element,
    UnclearPackageError,
    appended,
    attribute,
    children,
    prefixed,
    root_of,
    spliced,
    whole,
)

RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
BOOK = "xl/workbook.xml"
NO_RELATIONS = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'


class Package:
    """Parts by name, and what the package says of them."""

    def __init__(self, parts: Mapping[str, bytes], stored: Iterable[str] = ()) -> None:
        self.parts, self.stored = dict(parts), frozenset(stored)

    @classmethod
    def read(cls, data: bytes) -> Package:
        """The package in the bytes of a zip; members that are stored uncompressed stay so.

        `UnclearPackageError` for one that is read otherwise by some programs: a part under two names, and the like.
        """
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                infos = archive.infolist()
                stored = (info.filename for info in infos if info.compress_type == zipfile.ZIP_STORED)
                return cls({info.filename: archive.read(info) for info in infos}, stored)
        except BROKEN as error:
            raise UnclearPackageError("tersusun dengan cara yang tidak lazim") from error

    def to_bytes(self) -> bytes:
        """The zip; the same bytes for the same parts."""
        return ZipHead(
            ZipRecord(name, content, stored=name in self.stored, mode=0o600) for name, content in self.parts.items()
        ).write(())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.named(name) in self.parts

    def named(self, name: str) -> str:
        """The name of a part as the package writes it; the name itself where there is no such part."""
        return name if name in self.parts else self._by_folded().get(folded(name), name)

    def _by_folded(self) -> Mapping[str, str]:
        return {folded(name): name for name in self.parts}

    @property
    def book(self) -> str:
        """The part that is the workbook; its usual name where there is none."""
        return self.named(office_document((one for _, one in self._relations("_rels/.rels")), self, BOOK) or BOOK)

    def part(self, name: str) -> bytes:
        """Its bytes; `UnclearPackageError` when a relation leads to nothing."""
        if name not in self.parts:
            raise UnclearPackageError(f"tidak memuat bagian {name} yang disebutnya sendiri")
        return self.parts[name]

    def add(self, stem: str, content: bytes, content_type: str) -> str:
        """Put in a new part and return its name: `stem` holds `{}` for the first free number."""
        number = 1
        while (name := stem.format(number)) in self:
            number += 1
        types = self.part(self.named(TYPES))
        self.parts[name] = content
        if not name.endswith(".vml"):
            self._append(TYPES, f'<Override PartName="/{name}" ContentType="{content_type}"/>')
        elif not re.search(rb"\sExtension=[\"']vml[\"']", types, re.IGNORECASE):
            self._append(TYPES, f'<Default Extension="vml" ContentType="{content_type}"/>')
        return name

    def relations(self, part: str) -> Mapping[str, tuple[str, str]]:
        """Relation id -> (last word of its type, name of the part it leads to)."""
        names = self._by_folded()
        found = (one for _, one in self._relations(relationships_name(part)))
        return {one.id: (one.kind, names.get(folded(one.target), one.target)) for one in found}

    def related(self, part: str, kind: str) -> str | None:
        """The part that `part` is related to as `kind`."""
        return next((target for known, target in self.relations(part).values() if known == kind), None)

    def relate(self, part: str, target: str, kind: str) -> str:
        """Relate `part` to `target` as `kind`, a full address or the last word of a usual one; returns the id."""
        relations = self.named(relationships_name(part))
        self.parts.setdefault(relations, NO_RELATIONS)
        known, number = set(self.relations(part)), 1
        while (identity := f"rId{number}") in known:
            number += 1
        full = kind if "/" in kind else f"{RELATIONSHIPS}/{kind}"
        self._append(relations, f'<Relationship Id="{identity}" Type="{full}" Target="/{target}"/>')
        return identity

    def drop(self, pattern: str) -> bool:
        """Take out the parts whose names begin like `pattern`, and whatever names them; False when there are none."""
        gone = {name for name in self.parts if re.match(pattern, folded(name), re.IGNORECASE)}
        if not gone:
            return False
        for name in gone:
            del self.parts[name]
        known = {folded(name) for name in gone}
        for relations in [name for name in self.parts if name.lower().endswith(".rels")]:
            leading = [element for element, one in self._relations(relations) if folded(one.target) in known]
            self._remove(relations, leading)
        types = self.part(self.named(TYPES))
        named = [(each, attribute(each.tag(types), "PartName") or "") for each in children(types, whole(types))]
        self._remove(TYPES, [each for each, name in named if folded(name[1:]) in known])
        return True

    def without_macros(self) -> None:
        """Call the workbook one without macros, as its name .xlsx does."""
        kind = rb"application/vnd\.ms-excel\.(?:sheet|template)\.macroEnabled\.main\+xml"
        name = self.named(TYPES)
        self.parts[name] = re.sub(kind, f"{CONTENT}.sheet.main+xml".encode(), self.part(name))

    def _relations(self, name: str) -> Iterator[tuple[Element, Relation]]:
        xml = self.parts.get(self.named(name), NO_RELATIONS)
        for element in children(xml, whole(xml)):
            tag = element.tag(xml)
            yield element, relation(name, {key: attribute(tag, key) for key in RELATION})

    def _append(self, name: str, content: str) -> None:
        name = self.named(name)
        xml = self.parts[name]
        root = whole(xml)
        self.parts[name] = spliced(xml, [appended(xml, root, prefixed(content, root.prefix))])

    def _remove(self, name: str, elements: Iterable[Element]) -> None:
        name = self.named(name)
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


def sheet_parts(package: Package) -> Mapping[str, str]:
    """Sheet name -> name of its part, in the order of the tabs."""
    book = package.book
    xml, relations = package.part(book), package.relations(book)
    sheets = next((each for each in children(xml, root_of(xml)) if each.name == "sheets"), None)
    found = {}
    for sheet in children(xml, sheets) if sheets else ():
        _, target = relations.get(attribute(sheet.tag(xml), "*:id") or "", ("", ""))
        package.part(target)
        found[attribute(sheet.tag(xml), "name") or ""] = target
    return found
