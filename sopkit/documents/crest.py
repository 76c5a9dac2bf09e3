"""The crest of the letterhead: a small PNG beside the templates, looked through before any document carries it."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from sopkit.errors import trouble
from sopkit.files import NotRegular, TooLarge, read_regular
from sopkit.folders import template_place

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_FILE = 2_000_000  # bytes: it goes into each document
MAX_SIDE = 5_000  # pixels


class CrestUnusable(ValueError):
    """Why there is no crest; the message is an Indonesian clause."""


def read_crest(folder: Path, name: str) -> bytes:
    """The PNG of this name in `folder`; `CrestUnusable` for anything that Word would not show, or reach elsewhere for.

    Only a plain file name will do: a workbook may not read files.
    """
    if Path(name).name != name or "\\" in name or ":" in name:
        raise CrestUnusable("itu bukan nama berkas")
    try:
        data = read_regular(folder / name, MAX_FILE)
    except TooLarge:
        raise CrestUnusable(f"berkas itu lebih besar dari {MAX_FILE // 1_000_000} MB") from None
    except NotRegular:
        raise CrestUnusable("yang ada di situ bukan berkas") from None
    except (FileNotFoundError, NotADirectoryError):
        raise CrestUnusable(f"berkas itu tidak ada di {template_place(folder)}") from None
    except OSError as error:
        raise CrestUnusable(f"berkas itu tidak dapat dibaca ({trouble(error).cause})") from None
    except ValueError:  # a name with a zero character
        raise CrestUnusable("itu bukan nama berkas") from None
    if not data.startswith(SIGNATURE):
        raise CrestUnusable("berkas itu bukan gambar PNG")
    _check_picture(data)
    return data


def _check_picture(data: bytes) -> None:
    """Whole from its first chunk to its last (PNG, 5.3), and of a size that a letterhead has room for."""
    at = len(SIGNATURE)
    kinds: list[bytes] = []
    while at + 12 <= len(data) and kinds[-1:] != [b"IEND"]:
        (length,) = struct.unpack_from(">L", data, at)
        body = data[at + 4 : at + 8 + length]
        if data[at + 8 + length : at + 12 + length] != struct.pack(">L", zlib.crc32(body)):
            break
        kinds.append(body[:4])
        at += 12 + length
    if kinds[:1] != [b"IHDR"] or kinds[-1] != b"IEND" or b"IDAT" not in kinds:
        raise CrestUnusable("gambar itu rusak atau terpotong")
    across, down = struct.unpack_from(">LL", data, len(SIGNATURE) + 8)
    if not (0 < across <= MAX_SIDE and 0 < down <= MAX_SIDE):
        raise CrestUnusable(f"gambar itu lebih dari {MAX_SIDE} piksel")
