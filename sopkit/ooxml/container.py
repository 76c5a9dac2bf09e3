"""An Office file as a zip of parts: opened only when it is harmless, its relations, and written the same each time."""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Literal
from xml.etree.ElementTree import Element, ParseError
from xml.parsers.expat import ExpatError

TYPES = "[Content_Types].xml"
RELATION = ("Id", "Type", "Target", "TargetMode")
CHUNK = 1 << 20
SLICE = 1 << 16  # packed bytes that are unpacked at once
BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, LookupError, NotImplementedError, RuntimeError,
    struct.error, OverflowError, ExpatError, ParseError, TypeError,
)  # fmt: skip
"""What zipfile and expat raise over damaged bytes."""


@dataclass(frozen=True)
class Limits:
    """How large a package may be: members, and bytes once unpacked, in all and of one member.

    A member beyond `ratio_from` bytes may be `ratio` times as large as it is packed.
    """

    members: int
    total: int
    member: int
    ratio: int = 300
    ratio_from: int = 20 << 20


class Unsafe(Exception):
    """The package is not to be opened; `what` says why, an Indonesian predicate such as `memuat …`."""

    def __init__(self, what: str, kind: Literal["hostile", "encrypted", "encoding"] = "hostile") -> None:
        super().__init__(what)
        self.what = what
        self.kind = kind


@contextmanager
def opened(data: bytes, limits: Limits) -> Iterator[zipfile.ZipFile]:
    """The zip in these bytes; `Unsafe` unless its directory is harmless, one of `BROKEN` where it is damaged."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        _check_directory(archive.infolist(), limits)
        yield archive


def _check_directory(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    total = sum(member.file_size for member in members)
    if len(members) > limits.members or total > limits.total:
        raise Unsafe(f"isinya mengembang menjadi {total >> 20} MB dalam {len(members)} bagian")
    for member in members:
        _check_member(member, limits)
    if len({folded(member.filename) for member in members}) != len(members):
        raise Unsafe("memuat dua bagian dengan nama yang sama")


def folded(name: str) -> str:
    """A part's name as programs compare it: in any letters, and with a backslash for a slash."""
    return name.replace("\\", "/").lower()


def _check_member(member: zipfile.ZipInfo, limits: Limits) -> None:
    name, size = member.filename, member.file_size
    if member.flag_bits & 0x1:
        raise Unsafe("memuat bagian berkata sandi", "encrypted")
    if size > limits.member:
        raise Unsafe(f"bagian {name} mengembang menjadi {size >> 20} MB")
    if size > limits.ratio_from and size > limits.ratio * max(1, member.compress_size):
        raise Unsafe(f"bagian {name} mengembang lebih dari {limits.ratio} kali")
    if name.startswith(("/", "\\")) or ":" in name or ".." in re.split(r"[/\\]", name):
        raise Unsafe("memuat bagian yang namanya menunjuk ke luar berkas")


def read_parts(data: bytes, limits: Limits) -> dict[str, bytes]:
    """All parts by name, in the file's order."""
    with opened(data, limits) as archive:
        return {info.filename: _unpacked(archive, info) for info in archive.infolist() if not info.is_dir()}


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """At most what the directory declares: a lying size is cut and then fails the checksum."""
    with archive.open(info) as member:
        data = member.read(info.file_size + 1)
    if len(data) != info.file_size:
        raise zipfile.BadZipFile("the directory declares another size")
    return data


def packed(data: bytes, member: zipfile.ZipInfo) -> memoryview:
    """The bytes that the zip `data` holds of a member, packed as they are."""
    head = member.header_offset
    if data[head : head + 4] != b"PK\x03\x04":
        raise zipfile.BadZipFile("no member where the directory says")
    start = head + 30 + sum(struct.unpack_from("<HH", data, head + 26))
    if start + member.compress_size > len(data):
        raise zipfile.BadZipFile("a member ends beyond the file")
    return memoryview(data)[start : start + member.compress_size]


def unpacked(data: bytes, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a member, in pieces of about `CHUNK`; `BadZipFile` unless they are all that its packed bytes hold.

    zipfile stops at the declared size, where other programs read on: what it checks need not be what they read.
    """
    left, checksum = member.file_size, 0
    for piece in _gathered(_inflated(packed(data, member), member.compress_type)):
        left -= len(piece)
        if left < 0:
            break
        checksum = zlib.crc32(piece, checksum)
        yield piece
    if left or checksum != member.CRC:
        raise zipfile.BadZipFile("a member of another size or checksum than declared")


def _gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    held, size = [], 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= CHUNK:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def _inflated(content: memoryview, method: int) -> Iterator[bytes]:
    if method == zipfile.ZIP_STORED:
        yield from (bytes(content[at : at + CHUNK]) for at in range(0, len(content), CHUNK))
        return
    if method != zipfile.ZIP_DEFLATED:
        raise zipfile.BadZipFile("packed in an unusual way")
    unpacker = zlib.decompressobj(-15)
    for at in range(0, len(content), SLICE):
        if unpacker.eof:
            raise zipfile.BadZipFile("something follows what is packed")
        piece = unpacker.decompress(content[at : at + SLICE], CHUNK)
        while piece:
            yield piece
            piece = unpacker.decompress(unpacker.unconsumed_tail, CHUNK)
    if not unpacker.eof or unpacker.unused_data:
        raise zipfile.BadZipFile("packed bytes that end elsewhere")


def harmless_xml(part: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of an XML part as they are; `Unsafe` when one parser could read it otherwise than another.

    That is with another encoding than UTF-8, and with a DTD.
    """
    before = b""
    for piece in pieces:
        if not before:
            _check_encoding(part, piece[:256])
        joint = before + piece[:16]
        marked = b"!" in joint or b"!" in piece  # a hundredth of the time that the words take
        if marked and (b"<!DOCTYPE" in joint or b"<!DOCTYPE" in piece or b"<!ENTITY" in piece):
            raise Unsafe(f"bagian {part} mendefinisikan entitas (DTD)")
        before = piece[-16:] if len(piece) >= 16 else (before + piece)[-16:]
        yield piece


def _check_encoding(part: str, head: bytes) -> None:
    declared = re.search(rb"""<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)""", head)
    strange = declared and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii")
    if strange or b"\x00" in head or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unsafe(f"bagian {part} tidak memakai UTF-8", "encoding")


def tree(xml: bytes) -> Element:
    """The root of an XML part that is small; one of `BROKEN` where it is damaged or has a DTD."""
    from defusedxml.ElementTree import fromstring

    root: Element = fromstring(xml, forbid_dtd=True)
    return root


@dataclass(frozen=True)
class Relation:
    """What a part is related to: `kind` is the last word of the type, `target` a part or, if external, an address."""

    id: str
    kind: str
    target: str
    external: bool
    written: str  # the target as it stands there


def relations(name: str, xml: bytes) -> list[Relation]:
    """What stands in the part `name` (`word/_rels/document.xml.rels`)."""
    return [
        relation(name, element.attrib)
        for element in tree(xml).iter()
        if element.tag.rpartition("}")[2] == "Relationship"
    ]


def relation(name: str, attributes: Mapping[str, str | None]) -> Relation:
    """One relation of the part `name`, by the attributes of its element."""
    identity, kind, target, mode = (attributes.get(key) or "" for key in RELATION)
    external = mode.lower() == "external"
    means = target if external else resolved_target(name, target)
    return Relation(identity, kind.rstrip("/").rpartition("/")[2], means, external, target)


def resolved_target(name: str, target: str) -> str:
    """Part that a target in the relations `name` means: `media/a.png` in `word/_rels/document.xml.rels`."""
    folder = posixpath.dirname(posixpath.dirname(name))
    target = target.replace("\\", "/").split("#")[0]
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def office_document(root: Iterable[Relation], there: Container[str], *usual: str) -> str:
    """What a package is about by its own relations, the last where it names several, else a usual name of it.

    Empty where `there` is none of these.
    """
    related = [one.target for one in root if one.kind == "officeDocument" and not one.external]
    return next((name for name in (*related[-1:], *usual) if name in there), "")


def relationships_name(part: str) -> str:
    """`word/document.xml` gives `word/_rels/document.xml.rels`, the empty name `_rels/.rels`."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


class ZipRecord:
    """One member ready to be written: compressed once, its checksum known, dated 1980-01-01.

    What does not shrink is stored, or what `stored` says. `mode` are the permissions that Unix may give it; without
    them it comes from no system.
    """

    __slots__ = ("_directory", "_name", "local")

    _STAMP = struct.pack("<HH", 0, 0x21)  # 00:00, 1 January 1980: the earliest a zip can say

    def __init__(self, name: str, data: bytes, level: int = 6, *, stored: bool | None = None, mode: int = 0) -> None:
        packer = zlib.compressobj(level, zlib.DEFLATED, -15)
        packed = packer.compress(data) + packer.flush()
        method = 8
        if stored if stored is not None else len(packed) >= len(data):
            packed, method = data, 0
        self._name = name.encode()
        flags = 0 if name.isascii() else 0x800
        common = struct.pack("<HHH", 20, flags, method) + self._STAMP
        common += struct.pack("<LLLHH", zlib.crc32(data), len(packed), len(data), len(self._name), 0)
        self.local = b"PK\x03\x04" + common + self._name + packed
        made_by = struct.pack("<BB", 20, 3 if mode else 0)
        self._directory = b"PK\x01\x02" + made_by + common + struct.pack("<HHHL", 0, 0, 0, mode << 16)

    @classmethod
    def as_packed(cls, name: str, member: zipfile.ZipInfo, content: memoryview) -> ZipRecord:
        """A member of another zip under this name, its `content` packed as it is."""
        record = cls(name, b"")
        sizes = (member.CRC, member.compress_size, member.file_size, len(record._name), 0)
        common = struct.pack("<HHH", 20, 0, member.compress_type) + cls._STAMP + struct.pack("<LLLHH", *sizes)
        record.local = b"PK\x03\x04" + common + record._name + content
        record._directory = b"PK\x01\x02" + struct.pack("<BB", 20, 0) + common + struct.pack("<HHHL", 0, 0, 0, 0)
        return record

    def directory(self, offset: int) -> bytes:
        """The central directory's entry for this member, whose local header stands at `offset`."""
        return self._directory + struct.pack("<L", offset) + self._name


class ZipHead:
    """Members that never change, laid out once: each document starts with these bytes."""

    def __init__(self, records: Iterable[ZipRecord]) -> None:
        body, directory, self.count, offset = [], [], 0, 0
        for record in records:
            body.append(record.local)
            directory.append(record.directory(offset))
            offset += len(record.local)
            self.count += 1
        self._body = b"".join(body)
        self._directory = b"".join(directory)

    def write(self, changed: Iterable[ZipRecord]) -> bytes:
        """A whole zip file: the unchanged members, then `changed` in their order."""
        pieces, directory, offset, count = [self._body], [self._directory], len(self._body), self.count
        for record in changed:
            pieces.append(record.local)
            directory.append(record.directory(offset))
            offset += len(record.local)
            count += 1
        entries = b"".join(directory)
        end = struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, count, count, len(entries), offset, 0)
        return b"".join([*pieces, entries, end])


def write_package(members: Mapping[str, bytes]) -> bytes:
    """A zip file with these members, `[Content_Types].xml` first; the same members give the same bytes."""
    return ZipHead(ZipRecord(name, members[name]) for name in _in_order(members)).write(())


def _in_order(members: Mapping[str, bytes]) -> Iterator[str]:
    if TYPES in members:
        yield TYPES
    yield from (name for name in members if name != TYPES)
