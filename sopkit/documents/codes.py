"""The archive code of a document: a SHA-256 over what the workbook says of its case, as text and as QR.

Kept apart from the fields so that a worker process loads nothing but what rendering needs.
"""

from __future__ import annotations

import hashlib
import json
import zlib

QR_DIGITS = 32  # of the SHA-256, in the QR


def canonical_sha256(value: object) -> str:
    """SHA-256 (hex) over the value as JSON with sorted keys; dates and numbers in ISO form."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def short_code(sha256: str) -> str:
    """What is printed of an archive code: `3F2A-91BC-77D0-12EE`."""
    head = sha256[:16].upper()
    return "-".join(head[place : place + 4] for place in range(0, 16, 4))


def full_code(kind_title: str, number: str, sha256: str) -> str:
    """What the QR holds: half of the SHA-256, and upper case so that the small, quick alphanumeric mode of QR serves.

    128 bits name a document as surely, in a code of 29 modules a side instead of 37. Codes with all 64 digits, printed
    by versions before 0.3, are known as ever.
    """
    return f"SOPKIT:{kind_title.upper()}:{number}:{sha256[:QR_DIGITS].upper()}"


def qr_png(text: str, scale: int = 6, border: int = 2) -> bytes:
    """A QR code as a black and white PNG, `scale` pixels a module.

    The PNG is written here because segno's own writer takes longer than the document it is for.
    """
    from sopkit.documents.qr import draw

    matrix = draw(text)
    side = (len(matrix) + 2 * border) * scale
    edge = "1" * (border * scale)
    lines = ["1" * side] * border
    pixels = {0: "1" * scale, 1: "0" * scale}
    lines += [edge + bytes(row).decode("latin-1").translate(pixels) + edge for row in matrix]
    lines += ["1" * side] * border
    width = -(-side // 8) * 8
    rows = [b"\0" + int(line.ljust(width, "0"), 2).to_bytes(width // 8, "big") for line in lines]
    header = side.to_bytes(4, "big") * 2 + bytes((1, 0, 0, 0, 0))
    packed = zlib.compress(b"".join(row * scale for row in rows), 9)
    chunks = ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big") for name, data in chunks
    )


def read_qr(png: bytes) -> str | None:
    """What a QR code of `qr_png` holds; None for any other picture."""
    from sopkit.documents.qr import read

    text = read(png)
    return text if text is not None and qr_png(text) == png else None
