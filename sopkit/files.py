"""Files on disk: complete or absent, with names every system accepts."""

from __future__ import annotations

import os
import re
import secrets
import stat
import time
import unicodedata
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from pathlib import Path

from sopkit.errors import SopkitError, file_problem

RESERVED = re.compile(r"^(CON|PRN|AUX|NUL|COM[0-9¹²³]|LPT[0-9¹²³]|CONIN\$|CONOUT\$)$", re.IGNORECASE)
SHARING_PATIENCE = 2.5  # seconds a Windows scanner or indexer was seen to hold a new file
SHARING_ERRORS = (5, 32, 33)  # ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION
WRITERS = 4  # threads that wait for the disk at once

ABANDONED = 3600.0  # seconds after which a temporary file is certainly nobody's
ORPHANED = 1.0  # the same when its process is gone; more than 0 for one on another machine that shares the folder


class NotRegular(OSError):
    """What stands there is a folder, a pipe or a device: reading it might never end."""


class TooLarge(OSError):
    """The file is larger than whoever asked for it can use."""


def read_regular(path: Path, most: int) -> bytes:
    """The bytes of a file of at most `most` bytes; `NotRegular`, `TooLarge`, or what the system says (OSError)."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise NotRegular(path)
    if found.st_size > most:
        raise TooLarge(path)
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise TooLarge(path)
    return data


def write_atomic(path: Path, data: bytes) -> None:
    """Write `data` so that `path` is complete or as it was, even if the machine stops meanwhile.

    A temporary file in the same folder, fsync, then `os.replace`, retried while Windows says that another
    program holds the file. `SopkitError` when the disk is full, the folder is protected or the file stays open.
    """
    _put_in_place(_staged(path, data), path)


def write_together(files: Sequence[tuple[Path, bytes]]) -> Generator[SopkitError | None]:
    """`write_atomic` for several files, in order; for each None, or why it could not be written.

    The disk is waited for once and not file after file: the temporary files are brought to it side by side.
    """
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(WRITERS) as pool:
        staging = [pool.submit(_staged, path, data) for path, data in files]
        try:
            for (path, _), future in zip(files, staging, strict=True):
                try:
                    _put_in_place(future.result(), path)
                except SopkitError as error:
                    yield error
                else:
                    yield None
        finally:
            for future in staging:
                if future.exception() is None:
                    future.result().unlink(missing_ok=True)


def _staged(path: Path, data: bytes) -> Path:
    """A temporary file beside `path` with its future content, safe on the disk."""
    temporary = path.with_name(f".sopkit-{os.getpid()}-{secrets.token_hex(6)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if os.name != "nt" and path.is_file():
            temporary.chmod(path.stat().st_mode & 0o777)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise file_problem(error, path, "ditulis") from error
    return temporary


def _put_in_place(temporary: Path, path: Path) -> None:
    try:
        _patiently(lambda: temporary.replace(path))
    except OSError as error:
        raise file_problem(error, path, "ditulis") from error
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


def sweep(folder: Path) -> None:
    """Remove what killed processes left of `write_atomic` in `folder` and the folders in it.

    Only what nobody can still be writing: of a process that is no more, or (where that cannot be told) an hour old.
    """
    for left in [*folder.glob(".sopkit-*.tmp"), *folder.glob("*/.sopkit-*.tmp")]:
        try:
            if time.time() - left.stat().st_mtime > _grace(left.name):
                left.unlink()
        except OSError:
            continue


def _grace(name: str) -> float:
    """Seconds that a temporary file is left alone. Windows has no harmless way to ask whether a process lives."""
    match = re.match(r"\.sopkit-(\d+)-", name)
    if os.name == "nt" or match is None:
        return ABANDONED
    try:
        os.kill(int(match[1]), 0)
    except (ProcessLookupError, OverflowError):
        return ORPHANED
    except PermissionError:
        pass
    return ABANDONED


def safe_name(text: str, limit: int = 100) -> str:
    """A file name (without its ending) from any text: no separators, no reserved names, no trailing dots or blanks.

    `001/PTPP/XI/2026` gives `001-PTPP-XI-2026`. Never empty, never `.` or `..`; at most `limit` characters.
    """
    normal = unicodedata.normalize("NFC", text)
    kept = "".join("-" if c in '<>:"/\\|?*' or unicodedata.category(c)[0] == "C" else c for c in normal)
    name = re.sub(r"[\s-]*-[\s-]*", "-", " ".join(kept.split()))[:limit].strip(" .-")
    stem = name.split(".", 1)[0].strip()
    return f"_{name}" if not name or RESERVED.match(stem) else name


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
