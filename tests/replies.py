"""PTPP as they come back: filled in and otherwise treated as Word, other programs and officials treat them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from typing import Any

from lxml import etree
from wordfiles import members

from sopkit.ooxml.container import write_package

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WORD_TYPE = ("application", "vnd.openxmlformats-officedocument.wordprocessingml.document")
ANSWERS = {
    "tindakan_langsung": "Lembar kedua dicap ulang hari itu",
    "analisis_penyebab": "Bantalan cap sudah kering\ndan tidak pernah diperiksa",
    "tindakan_perbaikan": "Bantalan cap diganti dan dicoba setiap pagi",
    "tindakan_pencegahan": "Pemeriksaan alat masuk daftar periksa loket",
    "hasil_verifikasi": "Sesuai",
    "tanggal_verifikasi": "19 Maret 2026",
    "diverifikasi_oleh": "Hartono Wibowo",
}


def changed(document: bytes, change: Callable[[Any], None], part: str = "word/document.xml") -> bytes:
    """The document with a part's tree changed in place."""
    held = members(document)
    root = etree.fromstring(held[part])
    change(root)
    held[part] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return write_package(held)


def controls(root: Any, tag: str) -> list[Any]:
    found = [one.getparent().getparent() for one in root.iter(f"{W}tag") if one.get(f"{W}val") == tag]
    assert found, tag
    return found


def element(name: str, text: str | None = None, **attributes: str) -> Any:
    made = etree.Element(f"{W}{name}", {f"{W}{key}": value for key, value in attributes.items()})
    made.text = text
    return made


def run(text: str) -> Any:
    """A run of this text, with a break for each line."""
    made = element("r")
    for place, line in enumerate(text.split("\n")):
        if place:
            made.append(element("br"))
        made.append(element("t", line))
    return made


def put(control: Any, *inside: Any) -> None:
    """What somebody typed into a control, in place of its placeholder or its text."""
    for mark in control.findall(f"{W}sdtPr/{W}showingPlcHdr"):
        mark.getparent().remove(mark)
    content = control.find(f"{W}sdtContent")
    for old in list(content):
        content.remove(old)
    content.extend(inside)


def filled(document: bytes, answers: Mapping[str, str] = ANSWERS) -> bytes:
    """As Word fills it."""

    def fill(root: Any) -> None:
        for tag, text in answers.items():
            put(controls(root, tag)[0], run(text))

    return changed(document, fill)


def flattened(document: bytes) -> bytes:
    """As a program that knows no controls saves it: their text stands there bare."""

    def flatten(root: Any) -> None:
        while (control := next(root.iter(f"{W}sdt"), None)) is not None:
            for one in control.find(f"{W}sdtContent"):
                control.addprevious(one)
            control.getparent().remove(control)

    return changed(document, flatten)


def twice(document: bytes, tag: str, text: str) -> bytes:
    """With the control copied behind itself and another text in the copy."""

    def double(root: Any) -> None:
        control = controls(root, tag)[0]
        other = copy.deepcopy(control)
        put(other, run(text))
        control.addnext(other)

    return changed(document, double)


def mail(*documents: tuple[str, bytes], within: EmailMessage | None = None) -> EmailMessage:
    """A mail that carries documents, perhaps in a mail that it forwards."""
    message = EmailMessage()
    message["From"], message["To"] = "Joko Santosa <joko@contoh.go.id>", "kantor@contoh.go.id"
    message["Subject"], message["Date"] = "Balasan PTPP", "Thu, 19 Mar 2026 10:00:00 +0700"
    message.set_content("Terlampir PTPP yang sudah diisi.\n")
    for name, data in documents:
        message.add_attachment(data, maintype=WORD_TYPE[0], subtype=WORD_TYPE[1], filename=name)
    if within is not None:
        message.add_attachment(within)
    return message
