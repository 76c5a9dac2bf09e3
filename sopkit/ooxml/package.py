"""An xlsx package as named parts, of which no name stands twice."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping

from sopkit.ooxml.container import RELATION, TYPES, Relation, ZipHead, ZipRecord, relation, relationships_name
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
        """The package in the bytes of a zip; members that are stored uncompressed stay so."""
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            stored = (info.filename for info in infos if info.compress_type == zipfile.ZIP_STORED)
            return cls({info.filename: archive.read(info) for info in infos}, stored)

    def to_bytes(self) -> bytes:
        """The zip; the same bytes for the same parts."""
        return ZipHead(
            ZipRecord(name, content, stored=name in self.stored, mode=0o600) for name, content in self.parts.items()
        ).write(())

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
        return {one.id: (one.kind, one.target) for _, one in self._relations(relationships_name(part))}

    def related(self, part: str, kind: str) -> str | None:
        """The part that `part` is related to as `kind`."""
        return next((target for known, target in self.relations(part).values() if known == kind), None)

    def relate(self, part: str, target: str, kind: str) -> str:
        """Relate `part` to `target` as `kind`, a full address or the last word of a usual one; returns the id."""
        relations = relationships_name(part)
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
            leading = [element for element, one in self._relations(relations) if one.target in gone]
            self._remove(relations, leading)
        types = self.parts[TYPES]
        overrides = children(types, children(types)[0])
        self._remove(TYPES, [each for each in overrides if (attribute(each.tag(types), "PartName") or "")[1:] in gone])
        return True

    def without_macros(self) -> None:
        """Call the workbook one without macros, as its name .xlsx does."""
        kind = rb"application/vnd\.ms-excel\.(?:sheet|template)\.macroEnabled\.main\+xml"
        self.parts[TYPES] = re.sub(kind, f"{CONTENT}.sheet.main+xml".encode(), self.parts[TYPES])

    def _relations(self, name: str) -> Iterator[tuple[Element, Relation]]:
        xml = self.parts.get(name, NO_RELATIONS)
        for element in children(xml, children(xml)[0]):
            tag = element.tag(xml)
            yield element, relation(name, {key: attribute(tag, key) for key in RELATION})

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


def sheet_parts(package: Package) -> Mapping[str, str]:
    """Sheet name -> name of its part, in the order of the tabs."""
    xml = package.part(BOOK)
    sheets = next((each for each in children(xml, root_of(xml)) if each.name == "sheets"), None)
    relations = package.relations(BOOK)
    found = {}
    for sheet in children(xml, sheets) if sheets else ():
        _, target = relations.get(attribute(sheet.tag(xml), "*:id") or "", ("", ""))
        package.part(target)
        found[attribute(sheet.tag(xml), "name") or ""] = target
    return found
