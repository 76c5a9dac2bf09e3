"""What a server says, read within limits: it may be slow, endless or hostile, and the clerk waits no longer for it."""

from __future__ import annotations

import imaplib
import smtplib
import socket
import time
from typing import Any

MOST_BYTES, MOST_LINES = 64 * 1024, 100  # of one SMTP reply
MOST_IMAP_BYTES, MOST_IMAP_LINES = 1024 * 1024, 10_000  # of all that is said to one command: it may list mailboxes
LONGEST_IMAP_LINE = 64 * 1024
CHUNK = 4096
IMAPS = 993


class EndlessReplyError(OSError):
    """A server says more than any server has to say."""


class Replies:
    """The lines of a connection, in place of the file that smtplib and imaplib read from.

    `begin` gives the next reply its seconds, all its lines together; `TimeoutError` when they have passed.
    """

    def __init__(self, connection: socket.socket, most_bytes: int = MOST_BYTES, most_lines: int = MOST_LINES) -> None:
        self._connection = connection
        self._most = (most_bytes, most_lines)
        self._pending = bytearray()
        self.begin(connection.gettimeout() or 0.0)

    def begin(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = time.monotonic() + seconds
        self._read, self._lines = 0, 0

    def readline(self, limit: int = -1) -> bytes:
        """The next line with its end; what there is when the connection ends, or when the line is longer."""
        self._lines += 1
        while (end := self._pending.find(b"\n") + 1) == 0 and not 0 <= limit <= len(self._pending) and self._more():
            pass
        return self._take(min(length for length in (end or len(self._pending), limit) if length >= 0))

    def read(self, size: int) -> bytes:
        """So many bytes, fewer when the connection ends."""
        if size > self._most[0]:
            raise EndlessReplyError
        while len(self._pending) < size and self._more():
            pass
        return self._take(size)

    def close(self) -> None:
        """The connection is closed by whoever opened it."""

    def _take(self, size: int) -> bytes:
        taken = bytes(self._pending[:size])
        del self._pending[:size]
        return taken

    def _more(self) -> bool:
        if self._read > self._most[0] or self._lines > self._most[1]:
            raise EndlessReplyError
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        try:
            chunk = self._connection.recv(CHUNK)
        finally:
            self._connection.settimeout(self._seconds)
        self._read += len(chunk)
        self._pending += chunk
        return bool(chunk)


class BoundedSMTP(smtplib.SMTP):
    """smtplib's client; `patience` is how many seconds it waits for a whole reply."""

    patience: float | None = None

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = Replies(self.sock)
        if self.file is not None:
            self.file.begin(self.patience or self.timeout)
        return super().getreply()


class BoundedSMTPS(BoundedSMTP, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""


class BoundedIMAP(imaplib.IMAP4_SSL):
    """imaplib's client; the answer to each command has the seconds of its `timeout`, but none goes on after `until`."""

    until: float | None = None  # of time.monotonic

    def open(self, host: str = "", port: int | None = None, timeout: float | None = None) -> None:
        super().open(host, port or IMAPS, timeout)
        self._replies = Replies(self.sock, MOST_IMAP_BYTES, MOST_IMAP_LINES)
        self._seconds = timeout or 0.0

    def send(self, data: Any) -> None:
        left = self._seconds if self.until is None else min(self._seconds, self.until - time.monotonic())
        if left <= 0:
            raise TimeoutError
        self._replies.begin(left)
        super().send(data)

    def readline(self) -> bytes:
        line = self._replies.readline(LONGEST_IMAP_LINE)
        if len(line) == LONGEST_IMAP_LINE:
            raise EndlessReplyError
        return line

    def read(self, size: int) -> bytes:
        return self._replies.read(size)
