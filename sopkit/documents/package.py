"""A Word file as a zip of parts: read only when it is harmless, written with the same bytes each time."""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from lxml import etree

from sopkit.errors import SopkitError, trouble

CONTENT_TYPES = "[Content_Types].xml"
MAX_FILE = 50_000_000  # bytes of the file itself
MAX_MEMBERS = 2_000
MAX_MEMBER = 40_000_000  # bytes of one part, unpacked
MAX_TOTAL = 120_000_000
MAX_XML = 3_000_000  # bytes of one XML part: a template of a hundred pages is smaller

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
W = f"{{{WORD}}}"
RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
DOCUMENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
ACTIVE_RELATIONSHIPS = {
    "oleobject": "objek OLE",
    "package": "berkas lain yang tertanam",
    "control": "kontrol ActiveX",
    "activexcontrolbinary": "kontrol ActiveX",
    "vbaproject": "makro",
    "wordvbadata": "makro",
    "keymapcustomizations": "penyesuaian tombol",
    "attachedtoolbars": "bilah alat tertanam",
    "afchunk": "potongan berkas asing (altChunk)",
    "attachedtemplate": "templat lain yang ditautkan",
    "subdocument": "dokumen lain yang ditautkan",
    "frame": "bingkai yang ditautkan",
    "externallink": "tautan ke berkas lain",
    "externallinkpath": "tautan ke berkas lain",
    "mailmergesource": "sumber surat massal",
    "recipientdata": "sumber surat massal",
    "ui/extensibility": "penyesuaian menu",
}
ACTIVE_ELEMENTS = {
    "altChunk": "potongan berkas asing (altChunk)",
    "OLEObject": "objek OLE",
    "control": "kontrol ActiveX",
    "mailMerge": "sumber surat massal",
    "subDoc": "dokumen lain yang ditautkan",
}
ACTIVE_FIELDS = frozenset((
    "DDE", "DDEAUTO", "INCLUDETEXT", "INCLUDEPICTURE", "INCLUDE", "IMPORT", "LINK", "DATABASE", "RD", "EMBED",
    "MACROBUTTON", "PRINT",
))  # fmt: skip
REACHING_OUT = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:|\\\\|//)", re.IGNORECASE)


class TemplateRefused(SopkitError):
    """T03: the file is missing, is no .docx, or carries what a template may not carry."""

    code = "T03"

    def __init__(self, template: Path | str, reason: str, remedy: str) -> None:
        self.template = str(template)
        self.reason = reason
        super().__init__(f"Templat {Path(template).name} ditolak: {reason}.", remedy)


def read_template(path: Path) -> dict[str, bytes]:
    """The parts of a .docx by name, in the file's order.

    Raises `TemplateRefused` (T03) unless the file is a plain .docx without macros, embedded objects, anything that
    Word would fetch from outside (hyperlinks are only text until clicked), entities, or parts of absurd size.
    """
    raw = _bytes_of(path)
    refuse = _Refusal(path)
    _refuse_other_formats(path, raw, refuse)
    members = _unzip(raw, refuse)
    _refuse_wrong_kind(members, refuse)
    for name, data in members.items():
        if _is_xml(name, data):
            _refuse_active(name, data, refuse)
    _refuse_outside_relationships(members, refuse)
    return members


class _Refusal:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, reason: str, remedy: str = "") -> TemplateRefused:
        return TemplateRefused(
            self.path, reason, remedy or "Buat ulang templat itu di Word dan simpan sebagai Dokumen Word (.docx)."
        )


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE:
            raise TemplateRefused(path, f"berkasnya lebih besar dari {MAX_FILE // 1_000_000} MB", "Perkecil gambarnya.")
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise TemplateRefused(path, "berkasnya tidak ada", f"Letakkan berkas itu di {path.parent}.") from error
    except OSError as error:
        raise TemplateRefused(
            path, f"berkasnya tidak dapat dibaca ({trouble(error).cause})", "Tutup di Word."
        ) from error


def _refuse_other_formats(path: Path, raw: bytes, refuse: _Refusal) -> None:
    suffix = path.suffix.lower()
    if suffix in (".docm", ".dotm"):
        raise refuse("berkas itu dapat memuat makro", "Simpan sebagai Dokumen Word (.docx) tanpa makro.")
    if suffix != ".docx":
        raise refuse(f"akhiran {suffix or '(kosong)'} bukan .docx")
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise refuse("berkas itu berkata sandi atau berformat Word lama (.doc)", "Simpan sebagai .docx tanpa sandi.")
    if not raw.startswith(b"PK\x03\x04"):
        raise refuse("isinya bukan dokumen Word")


def _unzip(raw: bytes, refuse: _Refusal) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            _refuse_odd_members(infos, refuse)
            return {info.filename: _unpack(archive, info, refuse) for info in infos}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, struct.error, RuntimeError) as error:
        raise refuse("berkasnya rusak") from error


def _refuse_odd_members(infos: list[zipfile.ZipInfo], refuse: _Refusal) -> None:
    names = [info.filename for info in infos]
    if len(names) > MAX_MEMBERS:
        raise refuse(f"memuat {len(names)} bagian")
    if len({name.lower() for name in names}) != len(names):
        raise refuse("memuat dua bagian dengan nama yang sama")
    if any(name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or ":" in name for name in names):
        raise refuse("memuat bagian yang namanya menunjuk ke luar berkas")
    if any(info.flag_bits & 0x1 for info in infos):
        raise refuse("memuat bagian berkata sandi")
    if any(info.file_size > MAX_MEMBER for info in infos) or sum(info.file_size for info in infos) > MAX_TOTAL:
        raise refuse("isinya terlalu besar setelah dibuka")


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, refuse: _Refusal) -> bytes:
    """At most what the directory declares: a lying size is cut and then fails the checksum."""
    with archive.open(info) as member:
        data = member.read(info.file_size + 1)
    if len(data) != info.file_size:
        raise refuse("berkasnya rusak")
    return data


def _refuse_wrong_kind(members: Mapping[str, bytes], refuse: _Refusal) -> None:
    types = members.get(CONTENT_TYPES, b"")
    if b"macroEnabled" in types or any("vbaproject" in name.lower() for name in members):
        raise refuse("memuat makro", "Simpan sebagai Dokumen Word (.docx) tanpa makro.")
    if DOCUMENT_TYPE.encode() not in types:
        raise refuse("isinya bukan dokumen Word")


def _is_xml(name: str, data: bytes) -> bool:
    return name.lower().endswith((".xml", ".rels", ".vml")) or data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _refuse_active(name: str, data: bytes, refuse: _Refusal) -> None:
    """Entities and foreign encodings first: only what cannot surprise the parser is parsed."""
    head = data[:200].lower()
    encoding = re.search(rb"encoding\s*=\s*[\"']([\w.-]+)", head.split(b"?>")[0])
    if b"\x00" in head or (encoding and encoding[1] not in (b"utf-8", b"us-ascii", b"ascii")):
        raise refuse(f"bagian {name} tidak ditulis dalam UTF-8")
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise refuse(f"bagian {name} memuat DTD atau entitas")
    if len(data) > MAX_XML:
        raise refuse(f"bagian {name} terlalu besar")
    reason = _active_content(data, name, refuse)
    if reason:
        raise refuse(f"memuat {reason} ({name})", "Hapus isi itu dari templat lalu simpan kembali sebagai .docx.")


def _active_content(data: bytes, name: str, refuse: _Refusal) -> str | None:
    """What it would fetch or run, in Indonesian; the parser itself refuses absurd nesting."""
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    except etree.XMLSyntaxError as error:
        raise refuse(f"bagian {name} rusak atau bersarang terlalu dalam") from error
    named = [f"{{*}}{local}" for local in ACTIVE_ELEMENTS if local.encode() in data]  # rare, and the search is long
    if named and (found := next(root.iter(*named), None)) is not None:
        return ACTIVE_ELEMENTS[etree.QName(found).localname]
    if b"src" in data or b"href" in data:
        addresses = root.xpath("//@*[local-name()='src' or local-name()='href']")
        if any(REACHING_OUT.match(address) for address in addresses):
            return "gambar atau isi yang diambil dari luar"
    if b"instr" in data:
        codes = _FieldCodes()
        fields = root.iter(f"{W}instrText", f"{W}fldSimple", f"{W}fldChar")
        return next((reason for reason in map(codes.read, fields) if reason), None)
    return None


class _FieldCodes:
    """Field codes as Word reads them, put together again from the runs that they are split over."""

    def __init__(self) -> None:
        self._open: list[str] = []

    def read(self, element: Any) -> str | None:
        if element.tag == f"{W}instrText":
            if self._open:
                self._open[-1] += element.text or ""
                return None
            return self._judge(element.text or "")
        if element.tag == f"{W}fldSimple":
            return self._judge(element.get(f"{W}instr", ""))
        if element.tag == f"{W}fldChar":
            return self._turn(element.get(f"{W}fldCharType"))
        return None

    def _turn(self, kind: str | None) -> str | None:
        if kind == "begin":
            self._open.append("")
        elif self._open:
            code = self._open[-1]
            self._open[-1] = ""
            if kind == "end":
                self._open.pop()
            return self._judge(code)
        return None

    @staticmethod
    def _judge(code: str) -> str | None:
        word = code.split(maxsplit=1)[0].upper() if code.split() else ""
        return f"kode bidang {word} yang mengambil isi dari luar" if word in ACTIVE_FIELDS else None


def _refuse_outside_relationships(members: Mapping[str, bytes], refuse: _Refusal) -> None:
    for name, data in members.items():
        if not name.lower().endswith(".rels"):
            continue
        for relationship in etree.fromstring(data).iter(RELATIONSHIP):
            _refuse_relationship(name, relationship, members, refuse)


def _refuse_relationship(name: str, relationship: Any, members: Mapping[str, bytes], refuse: _Refusal) -> None:
    kind = relationship.get("Type", "").rstrip("/").rsplit("/", 1)[-1].lower()
    target = relationship.get("Target", "")
    if kind in ACTIVE_RELATIONSHIPS:
        raise refuse(f"memuat {ACTIVE_RELATIONSHIPS[kind]}", "Hapus isi itu dari templat lalu simpan kembali.")
    if relationship.get("TargetMode", "").lower() == "external":
        if kind != "hyperlink":
            raise refuse(f"menautkan isi dari luar ({target[:80]})", "Sisipkan isinya sendiri, bukan tautannya.")
        return
    if target and not target.startswith("#") and resolve_target(name, target) not in members:
        raise refuse(f"menunjuk bagian yang tidak ada ({target[:80]})")


def resolve_target(relationships: str, target: str) -> str:
    """Part name that a relationship's target means, e.g. (`word/_rels/document.xml.rels`, `media/a.png`)."""
    folder = posixpath.dirname(posixpath.dirname(relationships))
    return posixpath.normpath(posixpath.join("/", folder, target.split("#")[0])).lstrip("/")


def relationships_name(part: str) -> str:
    """`word/document.xml` gives `word/_rels/document.xml.rels`."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


class ZipRecord:
    """One member ready to be written: compressed once, its checksum known, dated 1980-01-01."""

    __slots__ = ("_directory", "_name", "local")

    _STAMP = struct.pack("<HH", 0, 0x21)  # 00:00, 1 January 1980: the earliest a zip can say

    def __init__(self, name: str, data: bytes, level: int = 6) -> None:
        packer = zlib.compressobj(level, zlib.DEFLATED, -15)
        packed = packer.compress(data) + packer.flush()
        method = 8
        if len(packed) >= len(data):
            packed, method = data, 0
        self._name = name.encode()
        flags = 0 if name.isascii() else 0x800
        common = struct.pack("<HHH", 20, flags, method) + self._STAMP
        common += struct.pack("<LLLHH", zlib.crc32(data), len(packed), len(data), len(self._name), 0)
        self.local = b"PK\x03\x04" + common + self._name + packed
        self._directory = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHL", 0, 0, 0, 0)

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
    if CONTENT_TYPES in members:
        yield CONTENT_TYPES
    yield from (name for name in members if name != CONTENT_TYPES)
