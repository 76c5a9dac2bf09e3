"""Files on disk: complete or absent, with names every system accepts."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sopkit.errors import SopkitError, file_problem

RESERVED = re.compile(r"^(CON|PRN|AUX|NUL|COM[0-9¹²³]|LPT[0-9¹²³]|CONIN\$|CONOUT\$)$", re.IGNORECASE)
FORBIDDEN = '<>:"/\\|?*'  # in a name of Windows
PATIENCE = 10.0  # seconds to wait for another sopkit at work in the same folder
SHARING_PATIENCE = 2.5  # seconds a Windows scanner or indexer was seen to hold a new file
SHARING_ERRORS = (5, 32, 33)  # ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION
MOST_NAME_BYTES = 180
_closed: list[int] = []  # rights that outputs of this command lack: `no_more_open_than`

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
        data = file.read(found.st_size + 1)  # no more: as much memory as is asked for is set aside at once
        if len(data) > found.st_size:  # it grows meanwhile
            data += file.read(most + 1 - len(data))
    if len(data) > most:
        raise TooLarge(path)
    return data


@contextmanager
def alone_in(folder: Path, busy: SopkitError, no_folder: str) -> Iterator[None]:
    """No other sopkit works in this folder, made where it lacks; `busy` where one still does after `PATIENCE`.

    `no_folder`: what to do where something else has its name.
    """
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".sopkit.lock", timeout=PATIENCE)
        lock.acquire()
    except Timeout as error:
        raise busy from error
    except (FileExistsError, NotADirectoryError) as error:
        raise SopkitError(f"{folder} bukan folder.", no_folder) from error
    except OSError as error:
        raise file_problem(error, folder, "ditulis") from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def umask_restored() -> Iterator[None]:
    """What `no_more_open_than` asks for lasts until here."""
    before = os.umask(0o077)
    os.umask(before)
    try:
        yield
    finally:
        _closed.clear()
        os.umask(before)


def no_more_open_than(path: Path) -> None:
    """From now on this process makes files that nobody may read or write who may not do so with `path` (POSIX)."""
    if os.name == "nt":
        return
    with suppress(OSError):
        mode, closed = path.stat().st_mode, 0
        for shift in (3, 0):  # the group, the others
            rights = mode >> shift & 7
            closed |= (0 if rights & 2 else 2 if rights & 4 else 7) << shift
        _closed.append(closed)
        os.umask(os.umask(0o077) | closed)


def write_atomic(path: Path, data: bytes) -> None:
    """Write `data` so that `path` is complete or as it was, even if the machine stops meanwhile.

    A temporary file in the same folder, fsync, then `os.replace`, retried while Windows says that another
    program holds the file. `SopkitError` when the disk is full, the folder is protected or the file stays open.
    """
    with suppress(OSError):  # what is wrong with the name is said below
        path = path.resolve() if path.is_symlink() else path  # a link stays one
    if _is_no_file(path):
        _write_into(path, data)
    else:
        _put_in_place(staged(path, data), path)


def _is_no_file(path: Path) -> bool:
    """True for a device or a pipe, which is written into and not replaced."""
    with suppress(OSError):
        return path.exists() and not path.is_file() and not path.is_dir()
    return False


def _write_into(path: Path, data: bytes) -> None:
    try:
        with path.open("wb") as stream:
            stream.write(data)
    except OSError as error:
        raise file_problem(error, path, "ditulis") from error


def keep_copy(path: Path) -> None:
    """Keep what someone wrote there as NAME.cadangan-N beside it, once for the same bytes. OSError, `SopkitError`."""
    data = path.read_bytes()
    number = 1
    while (backup := path.with_name(f"{path.stem}.cadangan-{number}{path.suffix}")).exists():
        if backup.read_bytes() == data:
            return
        number += 1
    write_atomic(backup, data)


def write_remakeable(files: Iterable[tuple[Path, bytes]]) -> Iterator[SopkitError | None]:
    """`write_atomic` for files that can be made again, in order; for each None, or why it could not be written.

    The disk is not waited for: where the machine loses its power before it has them, one may be empty (`sha256_of` in
    archive.py takes that for missing). 390 documents cost 3 s of waiting otherwise, on office disks twice that.
    """
    for path, data in files:
        try:
            _put_in_place(staged(path, data, wait=False), path)
        except SopkitError as error:
            yield error
        else:
            yield None


def staged(path: Path, data: bytes, like: Path | None = None, *, wait: bool = True) -> Path:
    """A temporary file beside `path` with its future content, safe on the disk where that is waited for.

    It may be read by those who may read `like` (default: `path`; see `no_more_open_than`), and is theirs as far as the
    system lets us.
    """
    temporary = path.parent / f".sopkit-{os.getpid()}-{secrets.token_hex(6)}.tmp"
    model = like or path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            file.write(data)
            if wait:
                file.flush()
                os.fsync(file.fileno())
        if os.name != "nt" and model.is_file():
            _make_like(temporary, model.stat(), [] if like else _closed)
    except OSError as error:
        remove(temporary)
        raise file_problem(error, path, "ditulis") from error
    return temporary


def _make_like(file: Path, model: os.stat_result, closed: Iterable[int]) -> None:
    mode = model.st_mode & 0o777
    for rights in closed:
        mode &= ~rights
    file.chmod(mode)
    if (model.st_uid, model.st_gid) != (os.getuid(), os.getgid()):
        with suppress(OSError):  # only root may give a file away
            os.chown(file, model.st_uid, model.st_gid)


def remove(path: Path) -> None:
    """Remove a file of our own that nobody needs any more; a scanner that holds it does no harm."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


def exchange(one: Path, other: Path) -> None:
    """Let two files of one folder change places: `other` is never missing, and what either held is not lost.

    OSError when the system refuses. Where it cannot do this at once (a stick, some shares), `other` is missing for the
    moment between two renames; FileExistsError when somebody puts a file there in that moment, which then stays.
    """
    if os.name == "nt":
        _exchange_on_windows(one, other)
    elif not _exchanged_at_once(one, other):
        aside = one.with_name(f"{one.name}.lama")
        other.rename(aside)
        try:
            _rename_to_nothing(one, other)
        finally:
            aside.rename(one)


def _rename_to_nothing(one: Path, other: Path) -> None:
    try:
        os.link(one, other)
    except FileExistsError:
        raise
    except OSError:  # a disk without links
        one.rename(other)


def _exchanged_at_once(one: Path, other: Path) -> bool:
    """False where the system cannot, or the disk: renameat2(2), RENAME_EXCHANGE; on macOS renamex_np, RENAME_SWAP."""
    import ctypes

    system = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(one), os.fsencode(other)
    if hasattr(system, "renameat2"):
        failed = system.renameat2(-100, names[0], -100, names[1], 2)  # AT_FDCWD: paths from here
    elif hasattr(system, "renamex_np"):
        failed = system.renamex_np(*names, 2)
    else:
        return False
    number = ctypes.get_errno()
    if failed and number not in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        raise OSError(number, os.strerror(number), str(other))
    return not failed


def _exchange_on_windows(one: Path, other: Path) -> None:
    """ReplaceFileW keeps the rights of `other`. It can fail half-way, with `other` under the name of its backup."""
    import ctypes

    aside = one.with_name(f"{one.name}.lama")
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined, unused-ignore]

    def replace_file() -> None:
        if not kernel.ReplaceFileW(str(other), str(one), str(aside), 0, None, None):
            problem = ctypes.WinError(ctypes.get_last_error())  # type: ignore[attr-defined, unused-ignore]
            if aside.exists() and not other.exists():
                aside.rename(other)
            raise problem

    _patiently(replace_file)
    aside.rename(one)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system has a way to ask for it."""
    if os.name != "nt":
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _put_in_place(temporary: Path, path: Path) -> None:
    try:
        _patiently(lambda: temporary.replace(path))
    except OSError as error:
        raise file_problem(error, path, "ditulis") from error
    finally:
        remove(temporary)


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
    for left in [*abandoned(folder), *(file for inner in folder.glob("*/") for file in abandoned(inner))]:
        remove(left)


def sweep_temporary() -> None:
    """Remove the folders that killed processes of this user left in the system's folder for temporary files."""
    import shutil
    import tempfile

    for left in Path(tempfile.gettempdir()).glob("sopkit-*/"):
        with suppress(OSError):
            told = left.lstat()
            ours = os.name == "nt" or told.st_uid == os.getuid()
            if ours and stat.S_ISDIR(told.st_mode) and time.time() - told.st_mtime > _grace(f".{left.name}"):
                shutil.rmtree(left, ignore_errors=True)


def temporary_prefix() -> str:
    """How the name of a folder for temporary files begins, so that `sweep_temporary` knows whose it is."""
    return f"sopkit-{os.getpid()}-"


def abandoned(folder: Path) -> Iterator[Path]:
    """The temporary files in a folder that nobody can still be writing."""
    for left in folder.glob(".sopkit-*.tmp*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _grace(left.name):
                yield left


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

    `001/PTPP/XI/2026` gives `001-PTPP-XI-2026`. Never empty, never `.` or `..`; at most `limit` characters, and no more
    bytes than leave a disk's 255 room for what is put before and after it.
    """
    normal = unicodedata.normalize("NFC", text)
    kept = "".join("-" if c in FORBIDDEN or unicodedata.category(c)[0] == "C" else c for c in normal)
    name = re.sub(r"[\s-]*-[\s-]*", "-", " ".join(kept.split()))[:limit]
    name = name.encode("utf-8")[:MOST_NAME_BYTES].decode("utf-8", "ignore").strip(" .-")
    stem = name.split(".", 1)[0].strip()
    return f"_{name}" if not name or RESERVED.match(stem) else name


def kept_name(text: str) -> str:
    """A file name (without its ending) as it is where every system takes it, else the safe one that is nearest."""
    stem = text.split(".", 1)[0].rstrip()
    odd = any(c in FORBIDDEN or unicodedata.category(c)[0] == "C" for c in text)
    return safe_name(text) if odd or RESERVED.match(stem) or text.endswith((".", " ")) else text


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
