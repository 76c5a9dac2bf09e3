"""A PDF that says of which document it is, and has the same bytes whenever it is made of that document.

Its file identifier (/ID, two numbers of 16 bytes) is the place: the first is the document's SHA-256, the second the
PDF's own. So a PDF that somebody signed, scanned or changed is known from one that sopkit made.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
import zlib
from io import BytesIO

DIGITS = 32  # hex digits of each number
UNDATED = "20000101000000"
IDENTIFIER = re.compile(rb"(/ID\s*\[\s*<)([0-9A-Fa-f]{32})(>\s*<)([0-9A-Fa-f]{32})(>\s*\])")
CHECKSUM = re.compile(rb"(/DocChecksum\s*/)[0-9A-F]{32}")  # LibreOffice's, of the identifier
INFO_DATE = re.compile(rb"(/(?:CreationDate|ModDate)\s*\(D:)\d{14}")
XMP_DATE = re.compile(rb"(<xmp:(?:Create|Modify|Metadata)Date>)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
PROFILE = re.compile(rb"/N 3/Length (\d+) 0 R/Filter/FlateDecode>>\s*stream\r?\n")
PLACE = re.compile(rb"(?m)^\d{10}(?= \d{5} n)|(?<=^startxref\n)\d+")
MODIFIED = re.compile(rb"<dcterms:modified[^>]*>(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)")


def stamped(pdf: bytes, document: bytes) -> bytes:
    """The PDF as made of this Word document: its moments are the document's, its identifier says which it is."""
    date = _date_of(document)
    pdf = INFO_DATE.sub(rb"\g<1>" + date.encode(), pdf)
    pdf = XMP_DATE.sub(rb"\g<1>" + _iso(date).encode(), pdf)
    pdf = _undated_profile(pdf)
    source = digits_of(document).encode()
    pdf = CHECKSUM.sub(rb"\g<1>" + source, pdf)
    return IDENTIFIER.sub(rb"\g<1>" + source + rb"\g<3>" + _own(pdf, source) + rb"\g<5>", pdf)


def source_of(pdf: bytes) -> str | None:
    """The digits of the document that it was made of; None unless it is byte for byte what sopkit made."""
    found = IDENTIFIER.search(pdf)
    if found is None or found[4] != _own(pdf, found[2]):
        return None
    return found[2].decode()


def digits_of(document: bytes) -> str:
    """What a PDF's identifier says of a document with these bytes."""
    return hashlib.sha256(document).hexdigest()[:DIGITS].upper()


def _own(pdf: bytes, source: bytes) -> bytes:
    blank = IDENTIFIER.sub(rb"\g<1>" + source + rb"\g<3>" + b"0" * DIGITS + rb"\g<5>", pdf)
    return digits_of(blank).encode()


def _date_of(document: bytes) -> str:
    """The moment that the document's properties give, as PDF writes it."""
    try:
        with zipfile.ZipFile(BytesIO(document)) as package:
            found = MODIFIED.search(package.read("docProps/core.xml"))
    except (zipfile.BadZipFile, KeyError, OSError, zlib.error, NotImplementedError, RuntimeError):
        return UNDATED
    return b"".join(found.groups()).decode() if found else UNDATED


def _iso(date: str) -> str:
    return f"{date[:4]}-{date[4:6]}-{date[6:8]}T{date[8:10]}:{date[10:12]}:{date[12:]}"


def _undated_profile(pdf: bytes) -> bytes:
    """The colour profile of PDF/A bears the moment of its making, on which also hangs its packed length."""
    for found in PROFILE.finditer(pdf):
        unpacker = zlib.decompressobj()
        try:
            profile = unpacker.decompress(pdf[found.end() :])
        except zlib.error:
            continue
        if profile[36:40] == b"acsp":
            packed = zlib.compress(profile[:24] + bytes(12) + profile[36:], 9)
            return _put(pdf, found, len(pdf) - len(unpacker.unused_data), packed)
    return pdf


def _put(pdf: bytes, found: re.Match[bytes], end: int, data: bytes) -> bytes:
    """The PDF with `data` for the stream up to `end`; its length, an object behind it, and the places of all follow."""
    length = re.compile(rb"(?<=^%s 0 obj\n)\d+" % found[1], re.MULTILINE)
    kept, changed = length.subn(lambda old: b"%0*d" % (len(old[0]), len(data)), pdf[end:], count=1)
    moved = len(data) - (end - found.end())

    def place(old: re.Match[bytes]) -> bytes:
        return b"%0*d" % (len(old[0]), int(old[0]) + (moved if int(old[0]) >= end else 0))

    return pdf[: found.end()] + data + PLACE.sub(place, kept) if changed else pdf
