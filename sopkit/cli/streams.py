"""Standard output that is closed, full or absent stops no work: what cannot be shown is noted."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sopkit.errors import SopkitError, trouble
from sopkit.text import SHOWABLE


class Lost:
    """Why something could not be shown; empty while everything was. A reader that has gone is no loss."""

    why = ""

    def note(self, error: OSError) -> None:
        if not isinstance(error, BrokenPipeError):
            self.why = self.why or trouble(error).cause


class _Forgiving(io.RawIOBase):
    """Writes to `inner` what it takes, and notes what it does not."""

    def __init__(self, inner: io.RawIOBase, lost: Lost) -> None:
        self.inner = inner
        self.lost = lost

    def write(self, data: Any) -> int:
        try:
            return self.inner.write(data) or 0
        except OSError as error:
            self.lost.note(error)
            return len(data)

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self.inner.isatty()

    def fileno(self) -> int:
        return self.inner.fileno()


@contextmanager
def forgiving() -> Iterator[Lost]:
    """Let standard output and error take everything; a letter that a console lacks is shown by another."""
    _fill_gaps()
    lost = Lost()
    if sys.stdin is None:
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - while the process lives
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - while the process lives
        elif type(stream) is io.TextIOWrapper and isinstance(_raw(stream), io.FileIO):
            setattr(sys, name, _wrapped(stream, lost))
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=SHOWABLE)
    yield lost
    for stream in (sys.stdout, sys.stderr):
        stream.flush()


def _raw(stream: Any) -> Any:
    """What is written to in the end; unbuffered (PYTHONUNBUFFERED), that is the buffer itself."""
    return getattr(stream.buffer, "raw", stream.buffer)


def _wrapped(stream: io.TextIOWrapper, lost: Lost) -> io.TextIOWrapper:
    stream.flush()
    raw = _Forgiving(_raw(stream), lost)
    buffer: Any = raw if _raw(stream) is stream.buffer else io.BufferedWriter(raw)
    return io.TextIOWrapper(
        buffer, stream.encoding, SHOWABLE, line_buffering=stream.line_buffering, write_through=stream.write_through
    )


def _fill_gaps() -> None:
    """Descriptors 0 to 2 that are closed: else the first file that is opened would be taken for one of them."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)


def write_whole(data: bytes) -> None:
    """Bytes that are the command's result, to standard output; `SopkitError` when it does not take them."""
    remedy = "Sebutkan berkasnya dengan --output."
    if getattr(sys.stdout, "name", "") == os.devnull:
        raise SopkitError("Hasil tidak dapat ditulis: tidak ada keluaran standar.", remedy)
    raw = _raw(sys.stdout)
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
    if isinstance(raw, _Forgiving) and raw.lost.why:
        raise SopkitError(f"Hasil tidak dapat ditulis ke keluaran standar ({raw.lost.why}).", remedy)
