"""A Word file is read only when it is harmless."""

from __future__ import annotations

import hashlib
import posixpath
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from sopkit.errors import SopkitError, trouble
from sopkit.files import NotRegular, TooLarge, read_regular
from sopkit.ooxml.container import (
    BROKEN,
    TYPES,
    Limits,
    Relation,
    Unsafe,
    harmless_xml,
    read_parts,
    relations,
    tree,
)

MAX_FILE = 50_000_000  # bytes of the file itself
LIMITS = Limits(members=2_000, total=120_000_000, member=40_000_000)
MAX_XML = 3_000_000  # bytes of one XML part: a template of a hundred pages is smaller

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
W = f"{{{WORD}}}"
DOCUMENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
STRICT = b"purl.oclc.org/ooxml/"
SETTINGS_RELATIONS = re.compile(r"settings\d*\.xml\.rels", re.IGNORECASE)
SAVE = "Buka di Word, lalu simpan sebagai Dokumen Word (.docx)."
REMAKE = "Ambil salinan yang utuh, atau pakai lagi templat contoh (sopkit init menaruhnya di folder baru)."
PLAIN = "Di Word, simpan sebagai Dokumen Word (.docx) tanpa makro."
EMBEDDED = "Di Word, hapus objek itu atau ganti dengan gambar atau tabel biasa, lalu simpan."
BREAK_LINK = "Di Word, pilih File > Info > Edit Links to Files (Edit Tautan ke File), putuskan tautannya, lalu simpan."
UNMERGE = (
    "Di Word, pilih Mailings (Surat) > Start Mail Merge (Mulai Gabungan Surat) > Normal Word Document, lalu simpan."
)
TEXT_ONLY = "Di Word, klik bidang itu, tekan Ctrl+Shift+F9 agar menjadi teks biasa, lalu simpan."
INSERT_AGAIN = "Di Word, hapus gambar itu, sisipkan lagi dari komputer ini, lalu simpan."
RETYPE = "Di Word, hapus isi itu atau ketik sendiri isinya, lalu simpan."
DETACH = "Di Word, kosongkan nama templat di Developer (Pengembang) > Document Template, lalu simpan."
ACTIVE_RELATIONSHIPS = {
    "oleobject": ("objek OLE", EMBEDDED),
    "package": ("berkas lain yang tertanam", EMBEDDED),
    "control": ("kontrol ActiveX", EMBEDDED),
    "activexcontrolbinary": ("kontrol ActiveX", EMBEDDED),
    "vbaproject": ("makro", PLAIN),
    "wordvbadata": ("makro", PLAIN),
    "keymapcustomizations": ("penyesuaian tombol", PLAIN),
    "attachedtoolbars": ("bilah alat tertanam", PLAIN),
    "afchunk": ("potongan berkas asing (altChunk)", RETYPE),
    "attachedtemplate": ("templat lain yang ditautkan", DETACH),
    "subdocument": ("dokumen lain yang ditautkan", RETYPE),
    "frame": ("bingkai yang ditautkan", RETYPE),
    "externallink": ("tautan ke berkas lain", BREAK_LINK),
    "externallinkpath": ("tautan ke berkas lain", BREAK_LINK),
    "mailmergesource": ("sumber surat massal", UNMERGE),
    "recipientdata": ("sumber surat massal", UNMERGE),
    "extensibility": ("penyesuaian menu", PLAIN),
}
"""What Word would fetch or run, by the relation that names it, with what to do about it."""
ACTIVE_ELEMENTS = {
    "altChunk": ("potongan berkas asing (altChunk)", RETYPE),
    "OLEObject": ("objek OLE", EMBEDDED),
    "control": ("kontrol ActiveX", EMBEDDED),
    "mailMerge": ("sumber surat massal", UNMERGE),
    "subDoc": ("dokumen lain yang ditautkan", RETYPE),
}
ACTIVE_FIELDS = frozenset((
    "DDE", "DDEAUTO", "INCLUDETEXT", "INCLUDEPICTURE", "INCLUDE", "IMPORT", "LINK", "DATABASE", "RD", "EMBED",
    "MACROBUTTON", "PRINT",
))  # fmt: skip
REACHING_OUT = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:|\\\\|//)", re.IGNORECASE)


FOREIGN_HEADS = (
    (b"{\\rtf", "isinya dokumen RTF"),
    (b"%PDF", "isinya PDF"),
    (b"<?xml", "isinya XML, bukan dokumen Word (.docx)"),
    (b"<", "isinya halaman web (HTML)"),
    (b"MIME-Version", "isinya halaman web (MHTML)"),
)
FOREIGN_TYPES = (
    (b"wordprocessingml.template.main", "isinya templat Word (.dotx)"),
    (b"spreadsheetml", "isinya buku kerja Excel"),
    (b"presentationml", "isinya presentasi PowerPoint"),
)


class TemplateRefused(SopkitError):
    """T03: the file is missing, is no .docx, or carries what a template may not carry."""

    code = "T03"

    def __init__(self, template: Path | str, reason: str, remedy: str) -> None:
        self.template = str(template)
        self.reason = reason
        super().__init__(f"Templat {Path(template).name} ditolak: {reason}.", remedy)

    def __reduce__(self) -> tuple[type[TemplateRefused], tuple[str, str, str]]:
        return type(self), (self.template, self.reason, self.remedy)


@dataclass(frozen=True)
class TemplateFile:
    """A template's bytes, read once: what is checked is what is filled, whatever becomes of the file meanwhile.

    The same bytes under the same name are the same template, in whichever folder they lie.
    """

    name: str
    sha256: str
    path: Path = field(compare=False)
    raw: bytes = field(repr=False, compare=False)


def open_template(path: Path | str | TemplateFile) -> TemplateFile:
    """The file at `path`, read once; a file that was read already as it is. `TemplateRefused` (T03) says why not."""
    if isinstance(path, TemplateFile):
        return path
    raw = _bytes_of(Path(path))
    return TemplateFile(Path(path).name, hashlib.sha256(raw).hexdigest(), Path(path), raw)


def read_template(file: TemplateFile) -> dict[str, bytes]:
    """The parts of a .docx by name, in the file's order, without the link to the .dotx that Word made it from.

    Raises `TemplateRefused` (T03) unless the file is a plain .docx without macros, embedded objects, anything that
    Word would fetch from outside (hyperlinks are only text until clicked), entities, or parts of absurd size.
    """
    refuse = _Refusal(file.path)
    _refuse_other_formats(file.path, file.raw, refuse)
    members = _unzip(file.raw, refuse)
    _refuse_wrong_kind(members, refuse)
    for name, data in members.items():
        if _is_xml(name, data):
            _refuse_active(name, data, refuse)
    _refuse_wrong_main_part(members, refuse)
    _drop_attached_template(members)
    _refuse_outside_relationships(members, refuse)
    return members


def main_part(members: Mapping[str, bytes]) -> str:
    """Name of the part that holds the text (`word/document.xml`, of some programs `word/document2.xml`)."""
    found = relations("_rels/.rels", members.get("_rels/.rels", b"<Relationships/>"))
    return next((one.target for one in found if one.kind == "officeDocument"), "")


class ContentTypes:
    """What `[Content_Types].xml` says of each part; one of `BROKEN` where it is damaged."""

    def __init__(self, xml: bytes) -> None:
        stated = list(tree(xml))
        self._parts = {one.get("PartName", "").lower(): one.get("ContentType", "") for one in stated}
        self._endings = {one.get("Extension", "").lower(): one.get("ContentType", "") for one in stated}

    def of(self, name: str) -> str:
        """Its type; empty where none is stated."""
        ending = posixpath.splitext(name)[1].removeprefix(".").lower()
        return self._parts.get(f"/{name.lower()}") or (ending and self._endings.get(ending, ""))


class _Refusal:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, reason: str, remedy: str = SAVE) -> TemplateRefused:
        return TemplateRefused(self.path, reason, remedy)


def _bytes_of(path: Path) -> bytes:
    try:
        return read_regular(path, MAX_FILE)
    except TooLarge as error:
        raise TemplateRefused(
            path, f"berkasnya lebih besar dari {MAX_FILE // 1_000_000} MB", "Perkecil gambarnya."
        ) from error
    except NotRegular as error:
        what = "folder" if path.is_dir() else "sesuatu yang bukan berkas"
        raise TemplateRefused(
            path, f"yang ada di situ {what}", f"Pindahkan itu, lalu letakkan templatnya di {path.parent}."
        ) from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise TemplateRefused(path, "berkasnya tidak ada", f"Letakkan berkas itu di {path.parent}.") from error
    except OSError as error:
        raise TemplateRefused(
            path,
            f"berkasnya tidak dapat dibaca ({trouble(error).cause})",
            "Tutup berkas itu di Word, periksa izinnya, lalu jalankan lagi.",
        ) from error


def _refuse_other_formats(path: Path, raw: bytes, refuse: _Refusal) -> None:
    suffix = path.suffix.lower()
    if path.name.startswith("~$"):
        raise refuse("itu berkas bantu Word selagi sebuah dokumen terbuka", "Sebutkan templatnya, tanpa ~$.")
    if suffix in (".docm", ".dotm"):
        raise refuse("berkas itu dapat memuat makro", PLAIN)
    if suffix != ".docx":
        raise refuse(f"akhiran {suffix or '(kosong)'} bukan .docx")
    if not raw.strip(b"\x00"):
        raise refuse("berkasnya kosong" if not raw else "berkasnya belum selesai disalin atau diunduh", REMAKE)
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in raw:
            raise refuse("berkas itu berkata sandi", "Di Word, hapus kata sandinya di File > Info, lalu simpan.")
        raise refuse("berkas itu berformat Word lama (.doc)")
    if not raw.startswith(b"PK\x03\x04"):
        head = raw[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
        raise refuse(
            next((said for start, said in FOREIGN_HEADS if head.startswith(start)), "isinya bukan dokumen Word")
        )


def _unzip(raw: bytes, refuse: _Refusal) -> dict[str, bytes]:
    try:
        return read_parts(raw, LIMITS)
    except Unsafe as error:
        raise refuse(error.what) from error
    except NotImplementedError as error:
        raise refuse("berkasnya dikemas dengan cara yang tidak dikenal") from error
    except BROKEN as error:
        cut = isinstance(error, zipfile.BadZipFile) and b"PK\x05\x06" not in raw
        raise refuse("berkasnya terpotong" if cut else "berkasnya rusak", REMAKE) from error


def _refuse_wrong_kind(members: Mapping[str, bytes], refuse: _Refusal) -> None:
    types = members.get(TYPES, b"")
    if b"macroEnabled" in types or any("vbaproject" in name.lower() for name in members):
        raise refuse("memuat makro", PLAIN)
    if members.get("mimetype", b"").startswith(b"application/vnd.oasis"):
        raise refuse("isinya dokumen OpenDocument (.odt)")
    if not types:
        raise refuse("isinya arsip zip, bukan dokumen Word", REMAKE)
    if DOCUMENT_TYPE.encode() not in types:
        raise refuse(next((said for kind, said in FOREIGN_TYPES if kind in types), "isinya bukan dokumen Word"))


def _refuse_wrong_main_part(members: Mapping[str, bytes], refuse: _Refusal) -> None:
    """The text is there, under the names by which docxtpl looks for it."""
    if STRICT in members.get("_rels/.rels", b""):
        raise refuse(
            "berformat Strict Open XML", "Di Word, simpan sebagai Dokumen Word (.docx), bukan Strict Open XML."
        )
    try:
        main, stated = main_part(members), ContentTypes(members[TYPES])
    except BROKEN as error:
        raise refuse("daftar bagiannya rusak", REMAKE) from error
    if not main:
        raise refuse("daftar bagiannya (_rels/.rels) tidak menyebut dokumen utama", REMAKE)
    if main not in members:
        raise refuse(f"dokumen utamanya ({main[:80]}) tidak ada", REMAKE)
    if stated.of(main) != DOCUMENT_TYPE:
        raise refuse(f"jenis dokumen utamanya ({main[:80]}) keliru disebut")
    root = etree.fromstring(members[main])
    if root.tag != f"{W}document" or root.prefix != "w" or root.find(f"{W}body") is None:
        raise refuse(f"dokumen utamanya ({main[:80]}) tidak tersusun seperti buatan Word")


def _drop_attached_template(members: dict[str, bytes]) -> None:
    """The .dotx that a document was made from is no content: the documents need not know it, nor Word fetch it."""
    for name in [name for name in members if SETTINGS_RELATIONS.fullmatch(posixpath.basename(name))]:
        root = etree.fromstring(members[name])
        attached = [one for one in root if one.get("Type", "").lower().endswith("/attachedtemplate")]
        for one in attached:
            root.remove(one)
        settings = posixpath.join(posixpath.dirname(posixpath.dirname(name)), posixpath.basename(name)[: -len(".rels")])
        if attached:
            members[name] = xml_of(root)
        if attached and settings in members:
            owner = etree.fromstring(members[settings])
            for element in list(owner.iter(f"{W}attachedTemplate")):
                element.getparent().remove(element)
            members[settings] = xml_of(owner)


def xml_of(root: Any) -> bytes:
    """A part of a package."""
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True))


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
    if found := _active_content(data, name, refuse):
        raise refuse(f"memuat {found[0]} ({name[:80]})", found[1])


def _active_content(data: bytes, name: str, refuse: _Refusal) -> tuple[str, str] | None:
    """What it would fetch or run, in Indonesian, and the remedy; the parser itself refuses absurd nesting."""
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
            return "gambar atau isi yang diambil dari luar", INSERT_AGAIN
    if b"instr" in data:
        codes = _FieldCodes()
        fields = root.iter(f"{W}instrText", f"{W}fldSimple", f"{W}fldChar")
        reason = next((reason for reason in map(codes.read, fields) if reason), None)
        return (reason, TEXT_ONLY) if reason else None
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
    stated = ContentTypes(members[TYPES])
    for name, data in members.items():
        if not name.lower().endswith(".rels"):
            continue
        try:
            found = relations(name, data)
        except BROKEN as error:
            raise refuse(f"bagian {name} rusak") from error
        for relation in found:
            _refuse_relation(relation, members, refuse)
            if not relation.external and not stated.of(relation.target):
                raise refuse(f"jenis bagian {relation.target[:80]} tidak disebut")


def _refuse_relation(relation: Relation, members: Mapping[str, bytes], refuse: _Refusal) -> None:
    kind, shown = relation.kind.lower(), relation.written[:80]
    if kind in ACTIVE_RELATIONSHIPS:
        what, remedy = ACTIVE_RELATIONSHIPS[kind]
        raise refuse(f"memuat {what}", remedy)
    if relation.external:
        if kind != "hyperlink":
            remedy = INSERT_AGAIN if kind == "image" else BREAK_LINK
            raise refuse(f"menautkan isi dari luar ({shown})", remedy)
    elif "#" in relation.written:
        raise refuse(
            f"memuat tautan ke {shown} yang tidak ditulis menurut aturan Word",
            "Di Word, klik kanan tautan itu, pilih Remove Hyperlink (Hapus Hyperlink), lalu simpan.",
        )
    elif relation.target not in members and kind == "image":
        raise refuse(f"gambarnya ({shown}) tidak ada di dalam berkas", INSERT_AGAIN)
    elif relation.target not in members:
        raise refuse(f"menunjuk bagian yang tidak ada ({shown or 'tanpa nama'})")
