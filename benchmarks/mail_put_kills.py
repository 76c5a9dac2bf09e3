"""Kill `mail put` at its every step, or cut its connection there: each draft stands once in the end.

    uv run python benchmarks/mail_put_kills.py [MAILS]

A real Dovecot on this machine. A process lays the drafts of a new archive and is killed (SIGKILL) at the nth of its
steps: before and after each command that goes to the mailbox, within each message (half of it is sent), at each line
that is read, and before and after each statement of the archive; or only the connection is cut there. Then nobody, or
the clerk, does something: sends what lies in Drafts (as Gmail and Outlook do: with another Message-ID), or changes it.
Then `put` is done again, whole. Afterwards each mail must stand once, in Drafts or in Sent, and the archive must say
which. A peer does the same that notes what it has laid only after the server's OK. As root, on Linux, with
dovecot-imapd.
"""

from __future__ import annotations

import datetime as dt
import email
import os
import re
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from dovecot import FOLDERS, MARKED, Dovecot, dovecot
from mail_servers import PASSWORD, fill, make_authority

from sopkit.errors import MailProblem
from sopkit.mail import laid, mailbox, replies
from sopkit.mail.folders import code_of
from sopkit.mail.imap import Mailbox
from sopkit.mail.laid import LaidDrafts
from sopkit.mail.mailbox import put
from sopkit.mail.outbox import Outbox

DRAFTS, SENT = FOLDERS[MARKED]
NOW = dt.datetime(2026, 11, 28, 9, 0)
PEER, CUT = "noted only after the OK", 7


def main(mails: int) -> int:
    wrong = 0
    print("| what | harm | the clerk meanwhile | steps | lost | doubled | said wrongly | seconds |")
    print("|---|---|---|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        place.chmod(0o755)
        authority = make_authority(place / "ca")
        os.environ["SSL_CERT_FILE"] = str(authority.ca)
        os.environ["SOPKIT_MAIL_SETTINGS"] = str(place / "surel.json")
        with dovecot(authority) as server:
            for clerk in (nothing, sends, edits):
                wrong += row("mail put", "killed", server, place, mails, clerk)
                wrong += row("mail put", "cut", server, place, mails, clerk)
            for clerk in (nothing, sends, edits):
                row(PEER, "killed", server, place, mails, clerk)
    return int(wrong > 0)


def row(name: str, harm: str, server: Dovecot, place: Path, mails: int, clerk: Callable[[Dovecot], None]) -> int:
    began, counts, nth = time.monotonic(), Counter[str](), 0
    while True:
        nth += 1
        prepared = prepare(place, mails, server)
        if not struck(prepared, server, nth, harm, name == PEER):
            break
        clerk(server)
        assert not struck(prepared, server, 0, harm, name == PEER)
        for what in faults(prepared, server, mails):
            counts[what] += 1
            print(f"    {name}, {harm}, {clerk.__name__}, step {nth}: {what}", file=sys.stderr, flush=True)
    cells = " | ".join(str(counts[one]) for one in ("lost", "doubled", "said wrongly"))
    print(f"| {name} | {harm} | {clerk.__doc__} | {nth - 1} | {cells} | {time.monotonic() - began:.0f} |", flush=True)
    return counts.total()


def prepare(place: Path, mails: int, server: Dovecot) -> Path:
    server.empty()
    output = place / "keluaran"
    shutil.rmtree(output, ignore_errors=True)
    with Outbox(output / "arsip.sqlite3") as outbox:
        fill(outbox, mails=mails, size=30_000)
    return output


def struck(output: Path, server: Dovecot, nth: int, harm: str, peer: bool) -> bool:
    """Whether the process was harmed at its nth step (0: never)."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            code = CUT if _work(output, server, nth, harm, peer) else 0
        finally:
            os._exit(code)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, CUT, -signal.SIGKILL), status
    return status != 0


def _work(output: Path, server: Dovecot, nth: int, harm: str, peer: bool) -> bool:
    _arm(nth, harm)
    if peer:
        _as_peer()
    with Outbox(output / "arsip.sqlite3") as outbox:
        try:
            return put(outbox, Mailbox("localhost", server.port, MARKED, PASSWORD), NOW).problem is not None
        except MailProblem:
            return True


def _arm(nth: int, harm: str) -> None:
    """Before and after each command, message, line and statement is a step; those of the archive cut no connection."""
    send, readline, connect = replies.BoundedIMAP.send, replies.BoundedIMAP.readline, sqlite3.connect
    steps = count(1)

    def step(connection: replies.BoundedIMAP | None = None) -> None:
        if (harm == "killed" or connection) and next(steps) == nth:
            if harm == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            assert connection
            connection.shutdown()
            raise ConnectionResetError

    def sending(self: replies.BoundedIMAP, data: bytes) -> None:
        step(self)
        if len(data) > 1000:
            send(self, data[: len(data) // 2])
            step(self)
            data = data[len(data) // 2 :]
        send(self, data)
        step(self)

    def reading(self: replies.BoundedIMAP) -> bytes:
        line = readline(self)
        step(self)
        return line

    class Counting(sqlite3.Connection):
        def execute(self, *given: object) -> sqlite3.Cursor:  # type: ignore[override]
            writes = re.match("INSERT|UPDATE|DELETE|COMMIT", str(given[0])) is not None
            if writes:
                step()
            done = super().execute(*given)  # type: ignore[arg-type]
            if writes:
                step()
            return done

    replies.BoundedIMAP.send, replies.BoundedIMAP.readline = sending, reading  # type: ignore[method-assign,assignment]
    sqlite3.connect = lambda *given, **named: connect(*given, factory=Counting, **named)  # type: ignore[assignment]


def _as_peer() -> None:
    """No intention, no search: what most programs do."""
    complete = LaidDrafts.complete
    held: dict[str, laid.Laid] = {}

    def intend(self: LaidDrafts, one: laid.Laid) -> bool:
        held[one.message_id] = one
        return True

    def completed(self: LaidDrafts, message_id: str, uid: int, now: dt.datetime) -> None:
        own(self, held[message_id])
        complete(self, message_id, uid, now)

    own = LaidDrafts.intend
    LaidDrafts.intend, LaidDrafts.complete = intend, completed  # type: ignore[method-assign]
    mailbox._Visitor._standing = lambda *_: {}  # type: ignore[method-assign]


def faults(output: Path, server: Dovecot, mails: int) -> list[str]:
    """Each mail once, in Drafts or in Sent, and as the archive says."""
    codes = [_codes(server, folder, output) for folder in (DRAFTS, SENT)]
    found = []
    with Outbox(output / "arsip.sqlite3") as outbox:
        for delivery in outbox.status():
            code = code_of(delivery.mail.message_id)
            drafts, sent = (one[code] for one in codes)
            if drafts + sent != 1:
                found.append("doubled" if drafts + sent else "lost")
            if delivery.state != ("sent" if sent else "draft"):
                found.append("said wrongly")
    return found


def _codes(server: Dovecot, folder: str, output: Path) -> Counter[str]:
    bodies = [email.message_from_bytes(data).as_string() for _, data in server.mails(folder)]
    return Counter(found[1] for body in bodies if (found := re.search(r"Kode surel: (\w{8})", body)))


def nothing(server: Dovecot) -> None:
    """does nothing"""


def sends(server: Dovecot) -> None:
    """sends what lies there"""
    for place, (_, data) in reversed(list(enumerate(server.mails(DRAFTS), 1))):
        server.add(SENT, re.sub(rb"(?m)^Message-ID:.*\r\n", b"Message-ID: <%d@lain.example>\r\n" % place, data))
        server.clear(DRAFTS, place)


def edits(server: Dovecot) -> None:
    """changes what lies there"""
    for place, (_, data) in reversed(list(enumerate(server.mails(DRAFTS), 1))):
        changed = re.sub(rb"(?m)^Message-ID:.*\r\n", b"Message-ID: <%d@lain.example>\r\n" % place, data)
        server.add(DRAFTS, changed.replace(b"Surel ", b"Surat "), flags="\\Draft")
        server.clear(DRAFTS, place)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
