"""XML as bytes, changed by splices: what nobody asked to change stays byte for byte.

The XML is that of a workbook which the preflight has passed: UTF-8, no DTD.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass

from sopkit.text import escape, quoteattr, xml_text

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

ASIDE = rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>"
ATTRIBUTES = rb"((?:[^<>\"'/]++|\"[^\"]*\"|'[^']*'|/(?!>))*+)"
MARKUP = re.compile(ASIDE + rb"|<(/?)([\w.:-]+)" + ATTRIBUTES + rb"(/?)>", re.DOTALL)

UNPAIRED = "memuat bagian yang isinya tidak utuh"

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
    """The elements directly inside `parent`; of no parent, the root alone. A sheet's cells are passed over.

    `UnclearPackageError` where an element ends that was not begun, or a sheet's cells do not end.
    """
    place, stop = (parent.inner, parent.inner_end) if parent else (0, len(xml))
    found: list[Element] = []
    opened: list[tuple[bytes, int, int]] = []
    while (match := MARKUP.search(xml, place, stop)) is not None:
        place = match.end()
        if match[2] is None:
            continue
        if match[1]:
            if not opened:
                raise UnclearPackageError(UNPAIRED)
            name, start, inner = opened.pop()
            if not opened:
                found.append(_element(name, start, inner, match.start(), place))
        elif match[4]:
            if not opened:
                found.append(_element(match[2], match.start(), place, place, place))
        else:
            opened.append((match[2], match.start(), place))
            if match[2].endswith(b"sheetData"):
                place = xml.rfind(b"</" + match[2], place)
                if place < 0:
                    raise UnclearPackageError(UNPAIRED)
    return found


def _element(name: bytes, start: int, inner: int, inner_end: int, end: int) -> Element:
    prefix, colon, local = name.rpartition(b":")
    return Element(local.decode(), prefix + colon, start, inner, inner_end, end)


def whole(xml: bytes) -> Element:
    """The root. `UnclearPackageError` when there is none."""
    found = children(xml)
    if not found:
        raise UnclearPackageError(UNPAIRED)
    return found[0]


def root_of(xml: bytes) -> Element:
    """The root. `UnclearPackageError` when it is not in the namespace that Excel writes by default."""
    root = whole(xml)
    declared = attribute(root.tag(xml), f"xmlns:{root.prefix[:-1].decode()}" if root.prefix else "xmlns")
    if declared != MAIN:
        raise UnclearPackageError("disimpan sebagai Strict Open XML")
    return root


def tags(prefix: bytes, name: bytes) -> re.Pattern[bytes]:
    """Finds the opening tags of an element, its attributes as group 1; None there for what only looks like one."""
    return re.compile(ASIDE + rb"|<" + re.escape(prefix + name) + rb"(?=[\s/>])" + ATTRIBUTES + rb"/?>", re.DOTALL)


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
    return escape(xml_text(text, " "))
