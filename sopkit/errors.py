"""What goes wrong is said to a clerk in one Indonesian sentence, with what to do about it."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Generic, NamedTuple, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class SopkitError(Exception):
    """A problem that stops the command.

    `message` says what is wrong and `remedy` what to do, both whole Indonesian sentences;
    `exit_code` is the process's (product.md: 2 usage, 3 could not finish, 4 mail needs attention).
    """

    exit_code = 3

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class UsageProblem(SopkitError):
    """The command was asked for something that cannot be."""

    exit_code = 2


class MailProblem(SopkitError):
    """A mail was refused or its fate is uncertain."""

    exit_code = 4


class Unforeseen(SopkitError):
    """A fault of sopkit itself. `trace` says where, without anything of the data: it may be sent on."""

    def __init__(self, kind: str, trace: Sequence[str]) -> None:
        super().__init__(f"Terjadi kesalahan yang tidak terduga ({kind}).", "Tidak ada berkas yang rusak.")
        self.kind = kind
        self.trace = tuple(trace)

    def __reduce__(self) -> tuple[type[Unforeseen], tuple[str, tuple[str, ...]]]:
        return type(self), (self.kind, self.trace)


class contained(Generic[P, T]):  # noqa: N801 - read as a verb; a class travels to other processes
    """`contained(work)(...)` is what `work` returns, or as a `SopkitError` what kept it from that."""

    def __init__(self, work: Callable[P, T]) -> None:
        self.work = work

    def __call__(self, *args: P.args, **options: P.kwargs) -> T | SopkitError:
        try:
            return self.work(*args, **options)
        except SopkitError as error:
            return _without_locals(error)
        except Exception as error:
            return _without_locals(unforeseen(error))


def _without_locals(told: SopkitError) -> SopkitError:
    """The same, without what its frames hold: else each workbook that failed would stay in memory."""
    import traceback

    error: BaseException | None = told
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__
    return told


def unforeseen(error: Exception) -> SopkitError:
    """What a clerk is told of an error that nobody thought of."""
    told: SopkitError
    if isinstance(error, MemoryError):
        told = SopkitError("Memori tidak cukup.", "Tutup program lain, lalu jalankan lagi.")
    elif isinstance(error, OSError) and trouble(error) in SYSTEM.values():
        told = _refused(error)
    else:
        told = Unforeseen(type(error).__name__, list(_trace(error)))
    told.__cause__ = error
    return told


def _refused(error: OSError) -> SopkitError:
    """What the system refuses is no fault of sopkit, wherever it happens; it often says of which file."""
    if isinstance(error.filename, str):
        return file_problem(error, Path(error.filename), "dipakai")
    cause = trouble(error).cause
    return SopkitError(f"Sebuah berkas tidak dapat dipakai ({cause}).", "Periksa disk dan foldernya, lalu ulangi.")


def _trace(error: BaseException | None) -> Iterator[str]:
    """Types, files by name, lines and functions; no messages, which quote cells, and no folders."""
    import traceback

    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        number = f" {error.errno}" if isinstance(error, OSError) and error.errno is not None else ""
        yield f"{type(error).__name__}{number}"
        for frame, line in traceback.walk_tb(error.__traceback__):
            module = frame.f_globals.get("__name__", Path(frame.f_code.co_filename).name)
            yield f"  {module}:{line} {frame.f_code.co_name}"
        error = error.__cause__ or error.__context__


class Trouble(NamedTuple):
    """What the system refuses: in a few words, and for a file as a sentence over `path` and `verb`, with a remedy."""

    cause: str
    sentence: str = "{path} tidak dapat {verb} ({cause})."
    remedy: str = "Periksa berkas dan foldernya, lalu jalankan lagi."


_FULL = Trouble("disk penuh", "Disk penuh: {path} tidak dapat {verb}.", "Kosongkan ruang disk lalu jalankan lagi.")
_LONG = Trouble(
    "namanya terlalu panjang", "Nama {path.name} terlalu panjang bagi disk ini.", "Pakai nama berkas yang lebih pendek."
)
_NO_FOLDER = Trouble("foldernya bukan folder", "{path.parent} bukan folder.", "Sebutkan folder lain.")
_HELD = Trouble(
    "tidak ada izin, atau sedang dibuka program lain",
    "{path} tidak dapat {verb} karena sedang dibuka program lain atau tidak diizinkan.",
    "Tutup berkas itu di Excel atau Word, lalu jalankan lagi.",
)
SYSTEM: Mapping[int, Trouble] = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.ENAMETOOLONG: _LONG,
    errno.ENOTDIR: _NO_FOLDER,
    errno.EEXIST: _NO_FOLDER,
    errno.EISDIR: Trouble(
        "itu folder, bukan berkas",
        "{path} tidak dapat {verb} karena itu adalah folder.",
        "Pindahkan folder itu, atau sebutkan nama berkas.",
    ),
    errno.ENOENT: Trouble("tidak ada", "{path} tidak ditemukan.", "Periksa nama dan foldernya."),
    errno.EACCES: _HELD,
    errno.EPERM: _HELD,
    errno.EBUSY: _HELD,
    errno.EROFS: Trouble("disknya hanya dapat dibaca"),
    errno.EIO: Trouble("disknya gagal membaca atau menulis"),
    errno.ECONNREFUSED: Trouble("sambungan ditolak; tidak ada layanan surel di porta itu"),
    errno.ECONNRESET: Trouble("sambungan diputus oleh server"),
    errno.ECONNABORTED: Trouble("sambungan diputus"),
    errno.EPIPE: Trouble("sambungan diputus oleh server"),
    errno.ETIMEDOUT: Trouble("server tidak menjawab sampai batas waktu"),
    errno.ENETUNREACH: Trouble("jaringan tidak terjangkau"),
    errno.EHOSTUNREACH: Trouble("server tidak terjangkau"),
    errno.ENETDOWN: Trouble("jaringan mati"),
}
"""What the system's own errors mean."""
_WINDOWS = {39: errno.ENOSPC, 206: errno.ENAMETOOLONG}
"""Errors of Windows for which Python has no number, or that of another: a full handle's disk, a name too long."""


def trouble(error: OSError) -> Trouble:
    """What stands in the table for this error; of others their number, for whoever is asked."""
    number = _WINDOWS.get(getattr(error, "winerror", None) or 0, error.errno)
    if number is None and isinstance(error, TimeoutError):
        number = errno.ETIMEDOUT
    known = SYSTEM.get(number) if number is not None else None
    return known or Trouble(f"galat {type(error).__name__}{f' {number}' if number is not None else ''}")


def file_problem(error: OSError, path: Path, verb: str) -> SopkitError:
    """Why a file cannot be used, for a clerk; `verb` is `dibaca`, `dibuka`, `dipakai` or `ditulis`."""
    cause, sentence, remedy = trouble(error)
    return SopkitError(sentence.format(path=path, verb=verb, cause=cause), remedy)


def is_disk_full(error: BaseException | None) -> bool:
    """True when there is no room to write in: what follows will fail as well."""
    return isinstance(error, OSError) and trouble(error) is _FULL
