"""Whatever is wrong with a template is said by its own cause and remedy, and stops nothing but its own documents."""

from __future__ import annotations

import os
import re
import shutil
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from offices import TEMPLATES, office
from wordfiles import members, png, rewritten, with_body, with_relationship, word_file

from sopkit.documents.generate import Generated, generate
from sopkit.documents.kinds import KINDS
from sopkit.documents.lint import check_template
from sopkit.documents.package import open_template
from sopkit.documents.template import WordTemplate

CASES = Path(__file__).parent / "cases"
MAIN = "word/document.xml"
TYPES = "[Content_Types].xml"
FIELDS = KINDS["label"].fields
ENGLISH = re.compile(r"\b(expected|unexpected|error|token|got|tag|not|the|Error|KeyError|terduga)\b")
Spoil = Callable[[Path], object]


def _bytes(data: bytes) -> Spoil:
    return lambda path: path.write_bytes(data)


def _raw(change: Callable[[bytes], bytes]) -> Spoil:
    return lambda path: path.write_bytes(change(path.read_bytes()))


def _swap(name: str, old: bytes, new: bytes) -> Spoil:
    def change(held: dict[str, bytes]) -> None:
        assert old in held[name]
        held[name] = held[name].replace(old, new)

    return lambda path: rewritten(path, change)


def _without(name: str) -> Spoil:
    return lambda path: rewritten(path, lambda held: held.pop(name) and None)


def _parts(parts: Mapping[str, bytes]) -> Spoil:
    return lambda path: rewritten(path, parts)


def _text(text: str) -> Spoil:
    return lambda path: word_file(path, text)


def _related(kind: str, target: str, external: bool = False) -> Spoil:
    return lambda path: with_relationship(path, kind, target, external=external)


def _body(xml: str) -> Spoil:
    return lambda path: with_body(path, xml)


def _case(name: str) -> Spoil:
    return lambda path: shutil.copyfile(CASES / name, path)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _twice(path: Path) -> None:
    data = members(path)[MAIN]
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(MAIN.upper(), data)


def _method(data: bytes) -> bytes:
    """The document packed by a method that nobody knows."""
    at = data.rindex(MAIN.encode()) - 46
    changed = data[: at + 10] + struct.pack("<H", 97) + data[at + 12 :]
    local = changed.index(MAIN.encode()) - 30
    return changed[: local + 8] + struct.pack("<H", 97) + changed[local + 10 :]


def _merge_field(name: str) -> str:
    """As Word writes it: the code split over two runs, then what it shows."""
    half = len(name) // 2
    codes = "".join(
        f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in (f" MERGEFIELD {name[:half]}", name[half:] + " ")
    )
    begin, middle, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end"))
    return f"<w:p>{begin}{codes}{middle}<w:r><w:t>«{name}»</w:t></w:r>{end}</w:p>"


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
RELS = "word/_rels/document.xml.rels"
MAIN_TYPE = b"wordprocessingml.document.main"
DTD = b"<!DOCTYPE x [<!ENTITY a 'b'>]><w:document"
FIELD = "nomor_catatan"
REFUSED: dict[str, tuple[Spoil, str, str]] = {
    "missing": (lambda path: path.unlink(), "tidak ada", "Letakkan berkas itu"),
    "empty": (_bytes(b""), "berkasnya kosong", "salinan yang utuh"),
    "not downloaded": (_bytes(bytes(5000)), "belum selesai disalin", "salinan yang utuh"),
    "folder": (_folder, "folder", "Pindahkan"),
    "truncated": (_raw(lambda data: data[:-40]), "terpotong", "salinan yang utuh"),
    "damaged": (_raw(lambda data: data[:300] + bytes(900) + data[1200:]), "rusak", "salinan yang utuh"),
    "odd packing": (_raw(_method), "dikemas dengan cara", "simpan sebagai Dokumen Word"),
    "old Word": (_bytes(OLE + b"WordDocument"), "Word lama (.doc)", "simpan sebagai Dokumen Word"),
    "password": (_bytes(OLE + "EncryptedPackage".encode("utf-16-le")), "berkata sandi", "hapus kata sandinya"),
    "RTF": (_bytes(b"{\\rtf1 x}"), "RTF", "simpan sebagai Dokumen Word"),
    "HTML": (_bytes(b"<html><body>x"), "halaman web", "simpan sebagai Dokumen Word"),
    "MHTML": (_bytes(b"MIME-Version: 1.0"), "MHTML", "simpan sebagai Dokumen Word"),
    "flat XML": (_bytes(b"\xef\xbb\xbf<?xml version='1.0'?><pkg:package/>"), "isinya XML", "simpan sebagai"),
    "PDF": (_bytes(b"%PDF-1.7"), "PDF", "simpan sebagai Dokumen Word"),
    "text": (_bytes(b"Nomor {{ nomor }}"), "bukan dokumen Word", "simpan sebagai Dokumen Word"),
    "any zip": (_without(TYPES), "arsip zip", "salinan yang utuh"),
    "OpenDocument": (_parts({"mimetype": b"application/vnd.oasis.opendocument.text"}), ".odt", "simpan sebagai"),
    "workbook": (_swap(TYPES, MAIN_TYPE, b"spreadsheetml.sheet.main"), "buku kerja Excel", "simpan sebagai"),
    "slides": (_swap(TYPES, MAIN_TYPE, b"presentationml.presentation.main"), "PowerPoint", "simpan sebagai"),
    "dotx": (_swap(TYPES, MAIN_TYPE, b"wordprocessingml.template.main"), ".dotx", "simpan sebagai Dokumen Word"),
    "macros": (_parts({"word/vbaProject.bin": b"x"}), "makro", "tanpa makro"),
    "macro type": (_swap(TYPES, b"vnd.openxmlformats-officedocument." + MAIN_TYPE,
                         b"vnd.ms-word.document.macroEnabled.main"), "makro", "tanpa makro"),
    "Strict": (_case("T2-strict-label.docx"), "Strict", "simpan sebagai Dokumen Word (.docx), bukan Strict"),
    "hash target": (_case("T1-hash_top-catatan.docx"), "#_top", "Hapus Hyperlink"),
    "fragment of a part": (_related("hyperlink", "styles.xml#a"), "styles.xml#a", "Hapus Hyperlink"),
    "no package relations": (_without("_rels/.rels"), "tidak menyebut dokumen utama", "salinan yang utuh"),
    "broken package relations": (_parts({"_rels/.rels": b"<Relationships>"}), "_rels/.rels rusak", "Buka di Word"),
    "no document": (_without(MAIN), "dokumen utamanya (word/document.xml) tidak ada", "salinan yang utuh"),
    "type of the document": (_swap(TYPES, b'PartName="/word/document.xml"', b'PartName="/word/a.xml"'),
                             "keliru disebut", "Buka di Word"),
    "other root": (_parts({MAIN: b"<html/>"}), "tidak tersusun", "Buka di Word"),
    "other prefix": (_raw(lambda data: data), "tidak tersusun", "Buka di Word"),
    "missing picture": (_related("image", "media/kop.png"), "gambarnya (media/kop.png) tidak ada", "sisipkan lagi"),
    "NULL picture": (_related("image", "NULL"), "gambarnya (NULL) tidak ada", "sisipkan lagi"),
    "missing part": (_related("chart", "charts/a.xml"), "bagian yang tidak ada (charts/a.xml)", "Buka di Word"),
    "empty target": (_related("styles", ""), "tanpa nama", "Buka di Word"),
    "untyped part": (lambda path: with_relationship(
        rewritten(path, {"word/a.xyz": b"x"}), "custom", "a.xyz", external=False), "a.xyz tidak disebut", "Buka"),
    "outside picture": (_related("image", "http://jauh.example/a.png", True), "dari luar", "sisipkan lagi"),
    "outside link": (_related("settings", "http://jauh.example/a", True), "dari luar", "putuskan tautannya"),
    "mail merge": (_swap("word/settings.xml", b"<w:zoom", b"<w:mailMerge/><w:zoom"), "surat massal", "Mailings"),
    "INCLUDETEXT": (_body('<w:p><w:fldSimple w:instr=" INCLUDETEXT a.docx "/></w:p>'), "INCLUDETEXT", "Ctrl+Shift+F9"),
    "OLE object": (_body('<w:p><w:r><w:object><o:OLEObject xmlns:o="o:o"/></w:object></w:r></w:p>'), "OLE", "hapus"),
    "altChunk": (_body("<w:altChunk/>"), "altChunk", "ketik sendiri"),
    "UTF-16": (lambda path: rewritten(path, {MAIN: members(path)[MAIN].decode().replace("UTF-8", "UTF-16")
                                             .encode("utf-16")}), "tidak memakai UTF-8", "Buka di Word"),
    "DTD": (_swap(MAIN, b"<w:document", DTD), "DTD", "Buka di Word"),
    "broken part": (_swap(MAIN, b"</w:body>", b""), "word/document.xml rusak", "Buka di Word"),
    "two parts of one name": (_twice, "dua bagian dengan nama yang sama", "Buka di Word"),
    "part outside": (_parts({"../a.xml": b"<a/>"}), "menunjuk ke luar berkas", "Buka di Word"),
}  # fmt: skip
REFUSED["other prefix"] = (
    lambda path: rewritten(
        path, {MAIN: re.sub(rb"(</?|xmlns:)w(?=[:=])", rb"\1ns0", members(path)[MAIN]).replace(b" w:", b" ns0:")}
    ),
    *REFUSED["other prefix"][1:],
)
TAGGED: dict[str, tuple[Spoil, str, str, tuple[str, ...]]] = {
    "blank in a name": (_case("T6-space-for-underscore-catatan.docx"), "T02", "garis bawah", ("jenis_layanan",)),
    "guillemets": (_case("T8-guillemets-catatan.docx"), "T02", "mail merge", ("jenis_layanan",)),
    "blank, no padding": (_text("{{nomor catatan}}"), "T02", "garis bawah", (FIELD,)),
    "hyphen": (_text("{{ nomor-catatan }}"), "T02", "garis bawah", (FIELD,)),
    "blanks and a filter": (_text("{{ NOMOR CATATAN|upper }}"), "T02", "garis bawah", (FIELD,)),
    "blank in a condition": (_text("{% if nomor catatan %}x{% endif %}"), "T02", "garis bawah", (FIELD,)),
    "capitals": (_text("{{ Nomor_Catatan }}"), "T01", "tidak dikenal", (FIELD,)),
    "single braces": (_text("{nomor_catatan}"), "T02", "ganda", ()),
    "single braces and a blank": (_text("{nomor catatan}"), "T02", "ganda", (FIELD,)),
    "triple braces": (_text("{{{ nomor_catatan }}}"), "T02", "bukan tiga", ()),
    "square brackets": (_text("[[nomor_catatan]]"), "T02", "ganda", ()),
    "angle brackets": (_text("<<Nomor Catatan>>"), "T02", "mail merge", (FIELD,)),
    "merge field": (_body(_merge_field("Nomor_Catatan")), "T02", "mail merge", (FIELD,)),
    "merge field of nothing known": (_body(_merge_field("KodePos")), "T02", "mail merge", ()),
    "simple merge field": (_body('<w:p><w:fldSimple w:instr=" MERGEFIELD Nomor_Catatan "/></w:p>'), "T02",
                           "mail merge", (FIELD,)),
    "nothing in it": (_text("{{ }}"), "T02", "ada yang kurang sebelum akhir penanda", ()),
    "filter forgotten": (_text("{{ nomor_catatan| }}"), "T02", "akhir penanda tidak pada tempatnya", ()),
    "one equals sign": (_text("{% if nomor_catatan = '1' %}x{% endif %}"), "T02", "“=” tidak pada tempatnya", ()),
    "strange sign": (_text("{{ nomor$ }}"), "T02", "“$” tidak dapat dipakai", ()),
    "open quote": (_text("{{ 'nomor }}"), "T02", "susunannya keliru", ()),
}  # fmt: skip


def _spoilt(folder: Path, spoil: Spoil) -> Path:
    path = Path(shutil.copytree(TEMPLATES, folder / "templates")) / "label.docx"
    word_file(path, "{{ nomor_catatan }}")
    spoil(path)
    return path


def _made(folder: Path, path: Path) -> Generated:
    return generate(office(folder), folder / "keluaran", path.parent, only=("label", "ptpp"))


@pytest.mark.parametrize("kind", REFUSED)
def test_what_keeps_a_template_from_being_opened_is_said_with_what_helps(tmp_path: Path, kind: str) -> None:
    spoil, said, remedy = REFUSED[kind]
    path = _spoilt(tmp_path, spoil)
    [problem] = check_template(path, FIELDS)
    assert (problem.code, problem.template) == ("T03", "label.docx")
    assert said in problem.problem and remedy in problem.remedy and remedy in problem.message
    assert not ENGLISH.search(problem.problem)
    generated = _made(tmp_path, path)
    [found] = generated.findings
    assert found.code == "T03" and problem.problem in found.message and found.fix == problem.remedy
    assert {document.kind for document in generated.documents} == {"ptpp"}
    assert generated.unusable_templates == 1


@pytest.mark.parametrize("kind", TAGGED)
def test_what_was_meant_as_a_tag_is_said_in_indonesian(tmp_path: Path, kind: str) -> None:
    spoil, code, said, nearest = TAGGED[kind]
    path = _spoilt(tmp_path, spoil)
    [problem] = check_template(path, FIELDS | KINDS["catatan"].fields)
    assert (problem.code, problem.nearest) == (code, nearest)
    assert said in problem.problem and problem.place != "seluruh templat"
    assert not ENGLISH.search(problem.problem)
    assert {document.kind for document in _made(tmp_path, path).documents} == {"ptpp"}


@pytest.mark.parametrize(
    "text",
    [
        "sebagaimana dimaksud pada [Pasal 3 ayat (1)] dan {ayat dua}",
        "menurut «Peraturan Daerah Nomor 3 Tahun 2019»",
        "[nomor] [1] {1} << lihat halaman berikut >>",
        "Rp1.000,00 {0} [a] «»",
        "{{ nomor_catatan }} [{{ nomor_catatan }}] «{{ nomor_catatan }}»",
    ],
)
def test_ordinary_text_in_brackets_is_no_tag(tmp_path: Path, text: str) -> None:
    assert check_template(word_file(tmp_path / "label.docx", text), FIELDS) == []


def test_an_attached_dotx_is_dropped_and_the_template_filled(tmp_path: Path) -> None:
    path = shutil.copyfile(CASES / "T4-attachedTemplate-catatan.docx", tmp_path / "catatan.docx")
    assert check_template(path, KINDS["catatan"].fields) == []
    held = WordTemplate(path)._members
    assert not any(b"attachedTemplate" in data or b"KopKecamatan" in data for data in held.values())


def test_the_text_may_lie_under_another_name(tmp_path: Path) -> None:
    """Word on the web calls it document2.xml; its tags are checked like any."""
    path = word_file(tmp_path / "label.docx", "{{ nomer_catatan }}", header="{{ hilang }}")
    held = members(path)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in held.items():
            if name in (TYPES, "_rels/.rels"):
                data = data.replace(b"word/document.xml", b"word/document2.xml")
            archive.writestr(name.replace("document.xml", "document2.xml"), data)
    assert [(one.code, one.place) for one in check_template(path, FIELDS)] == [
        ("T01", "paragraf 1"), ("T01", "kepala halaman, paragraf 1"),
    ]  # fmt: skip
    assert b"5" in members(WordTemplate(path).render({"nomer_catatan": "5", "hilang": ""}))["word/document2.xml"]


def test_a_template_is_read_once(tmp_path: Path) -> None:
    """One that is changed between the check and the filling cannot make the two differ."""
    file = open_template(word_file(tmp_path / "label.docx", "{{ nomor_catatan }}"))
    (tmp_path / "label.docx").write_bytes(b"diganti")
    assert check_template(file, FIELDS) == []
    assert WordTemplate(file).render({"nomor_catatan": "1"})


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="perlu izin Unix tanpa root")
def test_a_template_that_may_not_be_read_is_said(tmp_path: Path) -> None:
    path = word_file(tmp_path / "label.docx", "x")
    path.chmod(0)
    [problem] = check_template(path, FIELDS)
    assert problem.code == "T03" and "tidak ada izin" in problem.problem and "Tutup berkas itu" in problem.remedy


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="perlu pipa bernama")
def test_a_pipe_is_no_template_and_no_crest(tmp_path: Path) -> None:
    path = _spoilt(tmp_path, lambda path: path.unlink())
    os.mkfifo(path)
    os.mkfifo(path.with_name("lambang.png"))
    inspected = office(tmp_path, kantor={"Lambang": "lambang.png"})  # type: ignore[arg-type]
    generated = generate(inspected, tmp_path / "keluaran", path.parent, only=("label", "ptpp"))
    assert {found.code for found in generated.findings} == {"T03", "T50"}
    assert {document.kind for document in generated.documents} == {"ptpp"}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "bukan gambar PNG"),
        (b"\x89PNG\r\n\x1a\n", "rusak atau terpotong"),
        (png(40, 40)[:-20], "rusak atau terpotong"),
        (png(40, 40).replace(b"IDAT", b"IDAX"), "rusak atau terpotong"),
        (png(6000, 2), "lebih dari 5000 piksel"),
        (png() + bytes(3_000_000), "lebih besar dari 2 MB"),
    ],
    ids=["empty", "signature only", "cut", "changed", "too wide", "too large"],
)
def test_a_crest_that_cannot_be_printed_stops_nothing(tmp_path: Path, data: bytes, said: str) -> None:
    templates = Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))
    (templates / "lambang.png").write_bytes(data)
    inspected = office(tmp_path, kantor={"Lambang": "lambang.png"})  # type: ignore[arg-type]
    generated = generate(inspected, tmp_path / "keluaran", templates, only=("ptpp",))
    [found] = generated.findings
    assert found.code == "T50" and said in found.message
    assert len(generated.documents) == 2


def test_what_lies_in_the_place_of_a_document_stops_only_that_one(tmp_path: Path) -> None:
    place = tmp_path / "keluaran" / "ptpp" / "001-PTPP-III-2026.docx"
    place.mkdir(parents=True)
    generated = generate(office(tmp_path), tmp_path / "keluaran", TEMPLATES, only=("label", "ptpp"))
    [skipped] = [one for one in generated.skipped if one.number == "001/PTPP/III/2026"]
    assert "folder" in skipped.reason
    assert sum(document.kind == "ptpp" for document in generated.documents) == 1
    assert any(document.kind == "label" for document in generated.documents)


def test_a_document_that_takes_too_much_stops_only_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sopkit.documents.limits.MAX_SPENT", 25_000)
    long = {"Surat ditarik dari pemohon": "Surat ditarik dari pemohon " + "x" * 30_000}
    generated = generate(office(tmp_path, long), tmp_path / "keluaran", TEMPLATES, only=("label", "catatan"))
    stopped = [found for found in generated.findings if found.code == "T05"]
    assert stopped and all("terlalu besar" in found.message and "Persingkat" in found.fix for found in stopped)
    assert not any(found.tags for found in stopped) and generated.unusable_templates == 0
    assert generated.documents


@pytest.mark.parametrize(
    ("text", "mending"),
    [
        ("{{ jenis layanan }}", "tulis {{ jenis_layanan }}"),
        ("«jenis layanan»", "tulis {{ jenis_layanan }}"),
        ("{nomor_catatan}", "apit isian itu dengan {{ dan }}"),
        ("nomor_catatan }}", "setiap pembuka harus mempunyai penutupnya sendiri"),
        ("{{ nomor_catatan", "setiap pembuka harus mempunyai penutupnya sendiri"),
        ("{{{ nomor_catatan }}}", "hapus satu kurung kurawal di tiap sisi"),
        ("{% if nomor_catatan == \u201c1\u201d %}x{% endif %}", "tanda kutip lurus"),
        ("{{ nomor_catatan|upperr }}", "tulis upper"),
        ("{{ warna map kasus }}", "tulis nama isian dengan garis bawah"),
    ],
)
def test_the_remedy_of_a_broken_tag_fits_its_cause(tmp_path: Path, text: str, mending: str) -> None:
    _text(text)(tmp_path / "catatan.docx")
    problems = check_template(tmp_path / "catatan.docx", KINDS["catatan"].fields)
    assert [mending in one.mending for one in problems if one.code == "T02"][:1] == [True]
