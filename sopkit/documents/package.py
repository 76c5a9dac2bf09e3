"""A Word file is read only when it is harmless."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lxml import etree

from sopkit.errors import SopkitError, trouble
from sopkit.ooxml.container import BROKEN, TYPES, Limits, Relation, Unsafe, harmless_xml, read_parts, relations

MAX_FILE = 50_000_000  # bytes of the file itself
LIMITS = Limits(members=2_000, total=120_000_000, member=40_000_000)
MAX_XML = 3_000_000  # bytes of one XML part: a template of a hundred pages is smaller

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
W = f"{{{WORD}}}"
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
    "extensibility": "penyesuaian menu",
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
        return read_parts(raw, LIMITS)
    except Unsafe as error:
        raise refuse(error.what) from error
    except BROKEN as error:
        raise refuse("berkasnya rusak") from error


def _refuse_wrong_kind(members: Mapping[str, bytes], refuse: _Refusal) -> None:
    types = members.get(TYPES, b"")
    if b"macroEnabled" in types or any("vbaproject" in name.lower() for name in members):
        raise refuse("memuat makro", "Simpan sebagai Dokumen Word (.docx) tanpa makro.")
    if DOCUMENT_TYPE.encode() not in types:
        raise refuse("isinya bukan dokumen Word")


def _is_xml(name: str, data: bytes) -> bool:
    return name.lower().endswith((".xml", ".rels", ".vml")) or data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _refuse_active(name: str, data: bytes, refuse: _Refusal) -> None:
    """Entities and foreign encodings first: only what cannot surprise the parser is parsed."""
    try:
        data = b"".join(harmless_xml(name, (data,)))
    except Unsafe as error:
        raise refuse(error.what) from error
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
        try:
            found = relations(name, data)
        except BROKEN as error:
            raise refuse(f"bagian {name} rusak") from error
        for relation in found:
            _refuse_relation(relation, members, refuse)


def _refuse_relation(relation: Relation, members: Mapping[str, bytes], refuse: _Refusal) -> None:
    kind = relation.kind.lower()
    if kind in ACTIVE_RELATIONSHIPS:
        raise refuse(f"memuat {ACTIVE_RELATIONSHIPS[kind]}", "Hapus isi itu dari templat lalu simpan kembali.")
    if relation.external:
        if kind != "hyperlink":
            shown = relation.written[:80]
            raise refuse(f"menautkan isi dari luar ({shown})", "Sisipkan isinya sendiri, bukan tautannya.")
    elif relation.written and not relation.written.startswith("#") and relation.target not in members:
        raise refuse(f"menunjuk bagian yang tidak ada ({relation.written[:80]})")
