"""Files on disk: complete or absent, with names every system accepts."""

from __future__ import annotations

import errno
import os
import re
import tempfile
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

from sopkit.errors import SopkitError

RESERVED = re.compile(r"^(CON|PRN|AUX|NUL|COM[0-9¹²³]|LPT[0-9¹²³]|CONIN\$|CONOUT\$)$", re.IGNORECASE)
SHARING_PATIENCE = 2.5  # seconds a Windows scanner or indexer was seen to hold a new file
SHARING_ERRORS = (5, 32, 33)  # ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION


def write_atomic(path: Path, data: bytes) -> None:
    """Write `data` so that `path` is complete or as it was, even if the machine stops meanwhile.

    A temporary file in the same folder, fsync, then `os.replace`, retried while Windows says that another
    program holds the file. `SopkitError` when the disk is full, the folder is protected or the file stays open.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".sopkit-", suffix=".tmp", dir=path.parent)
    except OSError as error:
        raise _refusal(path, error) from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _open_to_group(temporary, path)
        _patiently(lambda: temporary.replace(path))
    except OSError as error:
        raise _refusal(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def write_if_changed(path: Path, data: bytes) -> bool:
    """Write unless `path` already holds exactly `data`; True when it was written."""
    try:
        if path.stat().st_size == len(data) and path.read_bytes() == data:
            return False
    except OSError:
        pass
    write_atomic(path, data)
    return True


def safe_name(text: str, limit: int = 100) -> str:
    """A file name (without its ending) from any text: no separators, no reserved names, no trailing dots or blanks.

    `001/PTPP/XI/2026` gives `001-PTPP-XI-2026`. Never empty, never `.` or `..`; at most `limit` characters.
    """
    normal = unicodedata.normalize("NFC", text)
    kept = "".join("-" if c in '<>:"/\\|?*' or unicodedata.category(c)[0] == "C" else c for c in normal)
    name = re.sub(r"[\s-]*-[\s-]*", "-", " ".join(kept.split()))[:limit].strip(" .-")
    stem = name.split(".", 1)[0].strip()
    return f"_{name}" if not name or RESERVED.match(stem) else name


def _open_to_group(temporary: Path, path: Path) -> None:
    """mkstemp makes a private file; give it the rights the target has, or an ordinary new file's."""
    if os.name == "nt":
        return
    try:
        mode = path.stat().st_mode & 0o777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        mode = 0o666 & ~mask
    temporary.chmod(mode)


def _patiently(action: Callable[[], object]) -> None:
    """Repeat `action` while another program holds the file, for `SHARING_PATIENCE` seconds."""
    until = time.monotonic() + SHARING_PATIENCE
    pause = 0.02
    while True:
        try:
            action()
            return
        except PermissionError as error:
            if getattr(error, "winerror", None) not in SHARING_ERRORS or time.monotonic() > until:
                raise
        time.sleep(pause)
        pause = min(pause * 2, 0.3)


def _refusal(path: Path, error: OSError) -> SopkitError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return SopkitError(f"Disk penuh: {path} tidak dapat ditulis.", "Kosongkan ruang disk lalu jalankan lagi.")
    if isinstance(error, PermissionError):
        return SopkitError(
            f"{path} tidak dapat ditulis karena sedang dibuka program lain atau foldernya dilindungi.",
            "Tutup berkas itu di Excel atau Word, lalu jalankan lagi.",
        )
    return SopkitError(f"{path} tidak dapat ditulis ({error.strerror}).", "Periksa foldernya lalu jalankan lagi.")
