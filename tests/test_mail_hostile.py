"""Servers that drip, flood, lie and answer beside the question: each is left soon, and no mail is lost or doubled."""

from __future__ import annotations

import base64
import contextlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from mail_servers import NOON, PASSWORD, USER, Authority, fill, make_authority

from sopkit.errors import MailProblem, UsageProblem
from sopkit.mail.imap import Mailbox, mailbox_from
from sopkit.mail.mailbox import find
from sopkit.mail.outbox import Outbox
from sopkit.mail.smtp import Outcome, Server, send, server_from
from sopkit.repair import repair

A, B = "a@contoh.go.id", "b@contoh.go.id"
SECONDS = 0.15
LONGEST = 6.0  # seconds that a clerk waits here; each server would hold him for more than a minute
MOST_SENT = 24 * 1024 * 1024  # what a flood gets into the system's own buffers before it is cut off
Say = Callable[[socket.socket, bytes], None]
PROPER: Mapping[str, bytes] = {
    "banner": b"220 siap\r\n", "EHLO": b"250-contoh\r\n250 AUTH PLAIN LOGIN\r\n", "AUTH": b"235 ok\r\n",
    "MAIL": b"250 ok\r\n", "RCPT": b"250 ok\r\n", "DATA": b"354 silakan\r\n", "isi": b"250 diterima\r\n",
    "RSET": b"250 ok\r\n", "NOOP": b"250 ok\r\n", "QUIT": b"221 ok\r\n",
}  # fmt: skip


def _drip(connection: socket.socket, proper: bytes) -> None:
    for byte in b"250-" + b"x" * 100 + proper:
        connection.sendall(bytes([byte]))
        time.sleep(SECONDS / 4)


def _repeating(piece: bytes) -> Say:
    def flood(connection: socket.socket, _: bytes) -> None:
        sent = 0
        while sent < 2 * MOST_SENT:
            connection.sendall(piece * 1000)
            sent += len(piece) * 1000
        raise AssertionError("nobody ended the flood")

    return flood


def _hang(connection: socket.socket, _: bytes) -> None:
    connection.recv(1 << 16)


def _saying(reply: bytes) -> Say:
    return lambda connection, _: connection.sendall(reply)


HABITS: Mapping[str, Say] = {
    "drips": _drip,
    "goes on without end": _repeating(b"250-lagi\r\n"),
    "ends no line": _repeating(b"x"),
    "is silent": _hang,
    "hangs up": lambda connection, _: connection.shutdown(socket.SHUT_RDWR),
    "says every reply twice": lambda connection, proper: connection.sendall(proper * 2),
    "says what is no reply": _saying(b"\x00\xff\xfe\r\n"),
    "says an empty line": _saying(b"\r\n"),
    "says a code of no kind": _saying(b"999 apa\r\n"),
    "says zero": _saying(b"000 apa\r\n"),
    "says digits that are none": _saying("²50 ok\r\n".encode()),
    "says so much in a line": _saying(b"250 " + b"9" * 9000 + b"\r\n"),
    "greets again": _saying(b"220 siap\r\n"),
}


@contextlib.contextmanager
def _serving(serve: Callable[[socket.socket], None], context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Each connection is served in a thread of its own; what goes wrong there is raised here."""
    listener = socket.create_server(("127.0.0.1", 0))
    wrong: list[BaseException] = []

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=run, args=[listener.accept()[0]], daemon=True).start()

    def run(connection: socket.socket) -> None:
        try:
            with connection if context is None else context.wrap_socket(connection, server_side=True) as stream:
                stream.settimeout(20)
                serve(stream)
        except OSError:
            pass
        except BaseException as error:
            wrong.append(error)

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    assert not wrong


def _smtp(stage: str, habit: Say) -> Callable[[socket.socket], None]:
    """A server that is proper but at one stage of the talk."""

    def serve(connection: socket.socket) -> None:
        lines = connection.makefile("rb")

        def say(at: str) -> None:
            (habit if at == stage else _saying(PROPER[at]))(connection, PROPER[at])

        say("banner")
        for line in lines:
            word = line[:4].decode("ascii", "replace").upper()
            say(word)
            if word == "DATA":
                while (part := lines.readline()) not in (b".\r\n", b""):
                    if part[:4] in (b"RSET", b"QUIT"):
                        return
                say("isi")

    return serve


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / "keluaran" / "arsip.sqlite3") as opened:
        yield opened


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sopkit.mail.smtp.PARTING_SECONDS", 0.1)


def _dispatch(outbox: Outbox, server: Server) -> Outcome:
    begun = time.monotonic()
    outcome = send(outbox, server, dry_run=False, now=lambda: NOON, command_seconds=SECONDS, answer_seconds=SECONDS)
    assert time.monotonic() - begun < LONGEST
    return outcome


@pytest.mark.parametrize("habit", HABITS)
@pytest.mark.parametrize("stage", ["banner", "EHLO", "MAIL", "RCPT", "DATA", "isi", "NOOP"])
def test_no_habit_of_a_server_holds_the_clerk_or_hides_a_mail(outbox: Outbox, stage: str, habit: str) -> None:
    first, second = fill(outbox, mails=2, to=(A, B))
    with _serving(_smtp(stage, HABITS[habit])) as port:
        outcome = _dispatch(outbox, server_from(f"smtp://127.0.0.1:{port}?from={USER}"))
    states = {(delivery.mail.message_id, delivery.address): delivery.state for delivery in outbox.status()}
    told = {(one.mail.message_id, one.address): one.state for one in outcome.sent}
    assert "sending" not in states.values()
    assert all(state == told.get(key, "draft") for key, state in states.items())
    if stage in ("banner", "EHLO") and (stage, habit) != ("banner", "greets again"):
        assert set(states.values()) == {"draft"} and isinstance(outcome.problem, MailProblem)
    if stage in ("MAIL", "DATA") and habit not in ("greets again", "says every reply twice"):
        assert states[first.message_id, A] in ("draft", "refused")
    if stage == "isi" and habit in ("drips", "is silent", "hangs up", "goes on without end", "ends no line"):
        assert states[first.message_id, A] == "uncertain" and states[second.message_id, A] == "draft"


@pytest.mark.parametrize("doubled", ["MAIL", "RCPT", "isi"])
def test_a_mail_for_which_the_wrong_reply_was_read_is_a_draft_and_is_told(outbox: Outbox, doubled: str) -> None:
    mails = fill(outbox, mails=2, to=(A,))
    with _serving(_smtp(doubled, HABITS["says every reply twice"])) as port:
        outcome = _dispatch(outbox, server_from(f"smtp://127.0.0.1:{port}?from={USER}"))
    victim = mails[doubled == "isi"]
    assert outcome.problem is not None and "menjawab tidak menurut aturan" in str(outcome.problem)
    assert victim.message_id in {one.mail.message_id for one in outbox.status() if one.state == "draft"}


SENDER = """
import sys
from pathlib import Path
from sopkit.mail.outbox import Outbox
from sopkit.mail.smtp import send, server_from
with Outbox(Path(sys.argv[1])) as outbox:
    send(outbox, server_from(sys.argv[2]), dry_run=False)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills by SIGKILL")
@pytest.mark.parametrize("stage", ["RCPT", "DATA", "isi"])
def test_killed_while_sending_and_the_archive_lost_no_mail_goes_twice(tmp_path: Path, stage: str) -> None:
    """What was with the server is uncertain by the folder where its file lies, the archive and its copy gone."""
    archive, taken, process = tmp_path / "keluaran" / "arsip.sqlite3", [], None
    with Outbox(archive) as outbox:
        fill(outbox, to=(A, B))

    def serve(connection: socket.socket) -> None:
        def killing(connection: socket.socket, _: bytes) -> None:
            taken.append(stage)
            assert process is not None
            process.kill()
            process.wait()

        _smtp(stage, killing)(connection)

    with _serving(serve) as port:
        url = f"smtp://127.0.0.1:{port}?from={USER}"
        process = subprocess.Popen([sys.executable, "-c", SENDER, str(archive), url])
        process.wait(60)
    assert taken == [stage] and process.returncode == -signal.SIGKILL
    lies = [path.relative_to(archive.parent).as_posix() for path in archive.parent.rglob("*.eml")]
    begun = stage != "RCPT"
    assert lies == ["surel/belum-pasti/001.eml" if begun else "surel/001.eml"]
    for left in archive.parent.glob("arsip.sqlite3*"):
        left.unlink()
    repair(archive.parent)
    with Outbox(archive) as outbox:
        states = {delivery.state for delivery in outbox.status()}
        assert states == {"uncertain" if begun else "draft"}
        assert bool(outbox.due(NOON)) is not begun


@pytest.mark.parametrize("habit", ["says a code of no kind", "hangs up", "is silent"])
@pytest.mark.parametrize("stage", ["RCPT", "DATA"])
def test_what_was_begun_and_not_given_lies_among_the_drafts_again(outbox: Outbox, stage: str, habit: str) -> None:
    (mail,) = fill(outbox, to=(A,))
    with _serving(_smtp(stage, HABITS[habit])) as port:
        _dispatch(outbox, server_from(f"smtp://127.0.0.1:{port}?from={USER}"))
    assert [one.state for one in outbox.status()] == ["draft"]
    assert outbox.mail(mail.message_id).file == mail.file and (outbox.folder / mail.file).is_file()


@pytest.mark.parametrize("size", ["²³", "9" * 5000, "-1", "0", "abc", ""])
def test_a_size_that_is_no_number_is_none(outbox: Outbox, size: str) -> None:
    fill(outbox, to=(A,))
    with _serving(_smtp("EHLO", _saying(f"250-contoh\r\n250 SIZE {size}\r\n".encode()))) as port:
        outcome = _dispatch(outbox, server_from(f"smtp://127.0.0.1:{port}?from={USER}"))
    assert [one.state for one in outcome.sent] == ["sent"]


@pytest.mark.parametrize("url", [
    f"smtps://u:{PASSWORD}/x@contoh.go.id", f"smtps://{'h' * 300}", f"smtps://u@h..x:465?from={USER}",
    f"smtps://u:{PASSWORD}@contoh.go.id:{PASSWORD}", f"smtps://u@{'h' * 64}.id?from={USER}", "smtps://u@[::1?from=a@b.id",
])  # fmt: skip
def test_an_odd_address_is_refused_in_words_without_its_password(url: str) -> None:
    for refuse in (server_from, lambda text: mailbox_from(text.replace("smtps", "imaps"), lambda _: PASSWORD)):
        if refuse is not server_from and "@" not in url:
            continue
        with pytest.raises(UsageProblem) as caught:
            refuse(url)
        error: BaseException | None = caught.value
        while error is not None:
            assert PASSWORD not in str(error) and not re.search("[a-z]h{64}", str(error))
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("ca"))


def _spoken(problem: BaseException | None) -> str:
    words = []
    while problem is not None:
        words.append(str(problem))
        problem = problem.__cause__ or (None if problem.__suppress_context__ else problem.__context__)
    return " ".join(words)


@pytest.mark.parametrize("password", [PASSWORD, "sändi-rahasia"])
@pytest.mark.parametrize("code", [454, 535, 235])
def test_a_server_that_repeats_the_password_does_not_have_it_printed_or_kept(
    outbox: Outbox, authority: Authority, monkeypatch: pytest.MonkeyPatch, password: str, code: int
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca))
    fill(outbox, to=(A, B))
    token = base64.b64encode(f"\0{USER}\0{password}".encode()).decode()
    repeated = f"{password} {token}".encode()

    def serve(connection: socket.socket) -> None:
        _smtp("AUTH", _saying(b"%d %s\r\n" % (code, repeated)))(connection)

    def serve_refusing(connection: socket.socket) -> None:
        _smtp("RCPT", _saying(b"550 %s\r\n" % repeated))(connection)

    url = f"smtps://{USER.replace('@', '%40')}@localhost:"
    with _serving(serve_refusing if code == 235 else serve, authority.context()) as port:
        server = Server("localhost", port, "implicit", USER, USER, password)
        outcome = _dispatch(outbox, server)
    said = " ".join([_spoken(outcome.problem), *(one.detail for one in outcome.sent)])
    said += " ".join(delivery.detail for delivery in outbox.status()) + repr(server) + url
    assert password not in said and token not in said
    assert code != 235 or "•••" in said


TO = f"To: {A}\r\n\r\n".encode()


def _imap(stage: str, habit: Say) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        lines = connection.makefile("rb")
        (habit if stage == "banner" else _saying(b"* OK siap\r\n"))(connection, b"* OK siap\r\n")
        for line in lines:
            tag, word, *rest = line.split()
            word = rest[0] if word == b"UID" else word
            proper = {
                b"CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n",
                b"LIST": b'* LIST (\\Sent) "/" Terkirim\r\n',
                b"SELECT": b"* 1 EXISTS\r\n",
                b"EXAMINE": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ya\r\n",
                b"SEARCH": b"* SEARCH 1\r\n",
                b"FETCH": b"* 1 FETCH (UID 1 BODYSTRUCTURE () BODY[HEADER.FIELDS (TO)] {%d}\r\n%s)\r\n" % (len(TO), TO),
            }.get(word, b"")
            if word == b"AUTHENTICATE":
                connection.sendall(b"+ \r\n")
                lines.readline()
            proper += tag + b" OK selesai\r\n"
            (habit if word.decode() == stage else _saying(proper))(connection, proper)

    return serve


IMAP_HABITS: Mapping[str, Say] = {
    "drips": _drip,
    "floods": _repeating(b"* OK lagi\r\n"),
    "ends no line": _repeating(b"x"),
    "is silent": _hang,
    "hangs up": lambda connection, _: connection.shutdown(socket.SHUT_RDWR),
    "says what is no reply": _saying(b"\x00\xff\xfe\r\n"),
    "means to send four gigabytes": _saying(b"* LIST () NIL {4000000000}\r\n"),
    "means to send without end": _saying(b"* LIST () NIL {" + b"9" * 5000 + b"}\r\n"),
    "says bytes beyond ASCII": _saying("* CAPABILITY IMAP4rev1 é\r\n* BYE é\r\n".encode()),
}


@pytest.mark.parametrize(("stage", "said"), [("EXAMINE", b"OK [UIDVALIDITY %d] x"), ("SEARCH", b"SEARCH %d")])
def test_numbers_that_no_archive_holds_are_no_answer(
    outbox: Outbox, authority: Authority, monkeypatch: pytest.MonkeyPatch, stage: str, said: bytes
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca))
    fill(outbox, to=(A,))

    def habit(connection: socket.socket, proper: bytes) -> None:
        connection.sendall(b"* " + said % 10**30 + b"\r\n" + proper.splitlines(keepends=True)[-1])

    with _serving(_imap(stage, habit), authority.context()) as port, pytest.raises(MailProblem, match="aturan"):
        find(outbox, Mailbox("localhost", port, USER, PASSWORD), NOON, seconds=SECONDS)


@pytest.mark.parametrize("habit", IMAP_HABITS)
@pytest.mark.parametrize("stage", ["banner", "CAPABILITY", "LOGIN", "LIST", "EXAMINE", "SEARCH", "FETCH"])
def test_no_habit_of_a_mailbox_holds_the_clerk_or_settles_a_mail(
    outbox: Outbox, authority: Authority, monkeypatch: pytest.MonkeyPatch, stage: str, habit: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca))
    (mail,) = fill(outbox, to=(A,))
    outbox.settle(mail.message_id, [A], "uncertain", "", NOON)
    begun = time.monotonic()
    with _serving(_imap(stage, IMAP_HABITS[habit]), authority.context()) as port:
        with pytest.raises(MailProblem) as caught:
            find(outbox, Mailbox("localhost", port, USER, PASSWORD), NOON, seconds=SECONDS)
        assert time.monotonic() - begun < LONGEST
    assert PASSWORD not in _spoken(caught.value) and "(galat" not in str(caught.value)
    assert [delivery.state for delivery in outbox.status()] == ["uncertain"]


def test_a_user_of_a_windows_domain_is_quoted(
    outbox: Outbox, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca))
    fill(outbox, to=(A,))
    heard: list[bytes] = []

    def listen(connection: socket.socket) -> None:
        connection.sendall(b"* OK siap\r\n")
        for line in connection.makefile("rb"):
            heard.append(line.partition(b" ")[2])
            connection.sendall(b"* CAPABILITY IMAP4rev1\r\n" + line.split()[0] + b" OK ya\r\n")

    with _serving(listen, authority.context()) as port, pytest.raises(UsageProblem):  # it lists no folders
        find(outbox, Mailbox("localhost", port, "KAB\\pak camat", "s a"), NOON, seconds=SECONDS)
    assert b'LOGIN "KAB\\\\pak camat" "s a"\r\n' in heard


def test_a_mailbox_takes_a_password_of_any_letters(
    outbox: Outbox, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca))
    (mail,) = fill(outbox, to=(A,))
    outbox.settle(mail.message_id, [A], "uncertain", "", NOON)
    with _serving(_imap("", _hang), authority.context()) as port:
        visit = find(outbox, Mailbox("localhost", port, USER, "sändi"), NOON, seconds=SECONDS)
    assert [one.number for one in visit.sent] == [1] and [delivery.state for delivery in outbox.status()] == ["sent"]
