"""Sending through real servers on this machine: each fault leaves each recipient in the state it deserves."""

from __future__ import annotations

import base64
import datetime as dt
import email
import email.policy
import errno
import os
import smtplib
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from mail_servers import NOON, PASSWORD, USER, Authority, Script, fill, make_authority, smtp_server

from sopkit.errors import UsageProblem
from sopkit.mail.error_text import system_cause
from sopkit.mail.outbox import Outbox
from sopkit.mail.smtp import Outcome, Server, password_for, send, server_from, smtp_url

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # implicit TLS is enough
REPEATS = int(os.environ.get("SOPKIT_MAIL_REPEATS", "1"))
LOGIN = USER.replace("@", "%40")
A, B, C = "a@contoh.go.id", "b@contoh.go.id", "c@contoh.go.id"


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / "keluaran" / "arsip.sqlite3") as opened:
        yield opened


def plain(port: int) -> Server:
    return server_from(f"smtp://127.0.0.1:{port}?from={USER}")


def dispatch(outbox: Outbox, server: Server, **options: object) -> Outcome:
    return send(outbox, server, dry_run=False, now=lambda: NOON, answer_seconds=0.3, **options)  # type: ignore[arg-type]


def states(outbox: Outbox) -> dict[str, str]:
    return {delivery.address: delivery.state for delivery in outbox.status()}


@pytest.mark.parametrize("turn", range(REPEATS))
@pytest.mark.parametrize(
    ("script", "expected", "stopped", "left_at_server"),
    [
        (Script(), {A: "sent", B: "sent", C: "sent"}, "", 1),
        (Script(greeting="421 4.3.2 tutup"), {A: "draft", B: "draft", C: "draft"}, "(421 4.3.2 tutup)", 0),
        (Script(ehlo="421 4.3.2 tutup"), {A: "draft", B: "draft", C: "draft"}, "421", 0),
        (Script(mail="421 4.3.2 tutup"), {A: "draft", B: "draft", C: "draft"}, "(421)", 0),
        (Script(mail="451 4.3.0 nanti"), {A: "draft", B: "draft", C: "draft"}, "", 0),
        (Script(mail="552 5.3.4 terlalu besar"), {A: "refused", B: "refused", C: "refused"}, "", 0),
        (Script(mail="drop"), {A: "draft", B: "draft", C: "draft"}, "terputus sebelum surel dikirim", 0),
        (Script(rcpt={B: "550 5.1.1 tidak ada"}), {A: "sent", B: "refused", C: "sent"}, "", 1),
        (Script(rcpt={B: "451 4.2.1 nanti"}), {A: "sent", B: "draft", C: "sent"}, "", 1),
        (Script(rcpt={B: "421 4.3.2 tutup"}), {A: "draft", B: "draft", C: "draft"}, "(421)", 0),
        (Script(rcpt=dict.fromkeys((A, B, C), "550 -")), {A: "refused", B: "refused", C: "refused"}, "", 0),
        (Script(data="421 4.3.2 tutup"), {A: "draft", B: "draft", C: "draft"}, "(421)", 0),
        (Script(data="451 4.3.0 nanti"), {A: "draft", B: "draft", C: "draft"}, "", 0),
        (Script(data="552 5.2.2 penuh"), {A: "refused", B: "refused", C: "refused"}, "", 0),
        (Script(data="hang"), {A: "uncertain", B: "uncertain", C: "uncertain"}, "belum pasti terkirim", 1),
        (Script(data="drop"), {A: "uncertain", B: "uncertain", C: "uncertain"}, "belum pasti terkirim", 1),
        (Script(data="399 apa"), {A: "uncertain", B: "uncertain", C: "uncertain"}, "belum pasti terkirim", 0),
    ],
    ids=lambda value: (
        "-".join(filter(None, (value.greeting, value.ehlo, value.mail, *value.rcpt.values(), value.data)))[:30]
        if isinstance(value, Script)
        else ""
    ),
)
def test_every_fault_leaves_each_recipient_in_the_right_state(
    outbox: Outbox, script: Script, expected: dict[str, str], stopped: str, left_at_server: int, turn: int
) -> None:
    fill(outbox, to=(A, B, C))
    script.accepted.clear()
    with smtp_server(script) as port:
        outcome = dispatch(outbox, plain(port))
    assert states(outbox) == expected
    assert stopped in str(outcome.problem) if stopped else outcome.problem is None
    assert len(script.accepted) == left_at_server
    assert {one.address: one.state for one in outcome.sent} == (expected if not script.ehlo + script.greeting else {})
    assert outcome.needs_attention == (bool(stopped) or "refused" in expected.values())


def test_what_was_put_off_is_tried_again_when_its_time_has_come_and_only_that(outbox: Outbox) -> None:
    fill(outbox, to=(A, B))
    script = Script(rcpt={B: "451 4.2.1 nanti"})
    with smtp_server(script) as port:
        dispatch(outbox, plain(port))
        assert dispatch(outbox, plain(port)).sent == ()
        script.rcpt = {}
        later = send(outbox, plain(port), dry_run=False, now=lambda: NOON + dt.timedelta(minutes=5))
    assert [(one.address, one.state) for one in later.sent] == [(B, "sent")]
    assert [recipients for recipients, _ in script.accepted] == [(A,), (B,)]


def test_an_uncertain_mail_is_never_sent_again_by_itself_and_ends_the_run(outbox: Outbox) -> None:
    fill(outbox, mails=2)
    script = Script(data="drop")
    with smtp_server(script) as port:
        assert dispatch(outbox, plain(port)).left == 1
        script.data = ""
        outcome = dispatch(outbox, plain(port), impatient=True)
    assert [one.mail.number for one in outcome.sent] == [2]
    assert [delivery.state for delivery in outbox.status()] == ["uncertain", "sent"]
    assert len(script.accepted) == 2


def test_a_dry_run_connects_to_nothing_and_changes_nothing(outbox: Outbox) -> None:
    fill(outbox, mails=3)
    script = Script(ehlo="500 tidak boleh dihubungi")
    with smtp_server(script) as port:
        outcome = send(outbox, plain(port), limit=2)
    assert [one.mail.number for one in outcome.sent] == [1, 2] and outcome.left == 1
    assert {delivery.state for delivery in outbox.status()} == {"draft"}
    assert not outcome.needs_attention


def test_at_most_so_many_so_fast_and_never_again(outbox: Outbox) -> None:
    fill(outbox, mails=4)
    waits: list[float] = []
    script = Script()
    with smtp_server(script) as port:
        first = dispatch(outbox, plain(port), limit=3, per_minute=30, wait=waits.append)
        second = dispatch(outbox, plain(port), wait=waits.append)
        third = dispatch(outbox, plain(port))
    assert (len(first.sent), first.left, len(second.sent), third.sent) == (3, 1, 1, ())
    assert waits == [2.0, 2.0]
    ids = [message_of(data)["Message-ID"] for _, data in script.accepted]
    assert len(ids) == len(set(ids)) == 4


def test_a_pause_ends_the_run_between_two_mails(outbox: Outbox) -> None:
    fill(outbox, mails=3)
    with smtp_server(Script()) as port:
        outcome = dispatch(outbox, plain(port), per_minute=60, wait=lambda _: outbox.pause())
        assert [len(outcome.sent), outcome.left] == [1, 2]
        assert "dihentikan sementara" in str(outcome.problem)
        outbox.resume()
        assert len(dispatch(outbox, plain(port)).sent) == 2


def test_a_mail_larger_than_the_server_takes_is_refused_before_data(outbox: Outbox) -> None:
    fill(outbox, size=30_000)
    script = Script()
    with smtp_server(script, data_size_limit=20_000) as port:
        (one,) = dispatch(outbox, plain(port)).sent
    assert (one.state, script.accepted) == ("refused", [])
    assert "melebihi batas server 20000 byte" in one.detail


@pytest.mark.parametrize("spoil", ["edited", "deleted"])
def test_a_draft_that_is_not_as_it_was_made_stays_with_the_clerk(outbox: Outbox, spoil: str) -> None:
    file = outbox.folder / fill(outbox)[0].file
    file.unlink() if spoil == "deleted" else file.write_bytes(file.read_bytes() + b"\r\n")
    script = Script()
    with smtp_server(script) as port:
        (one,) = dispatch(outbox, plain(port)).sent
    assert (one.state, script.accepted) == ("draft", [])
    assert "resolve" in one.detail


def test_what_is_decided_while_sending_is_heeded(outbox: Outbox) -> None:
    fill(outbox, mails=2)
    script = Script()
    with smtp_server(script) as port:
        cancel = lambda _: outbox.resolve("2", "cancelled", NOON)  # noqa: E731
        outcome = dispatch(outbox, plain(port), per_minute=60, wait=cancel)
    assert [one.mail.number for one in outcome.sent] == [1] and len(script.accepted) == 1


def message_of(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_server_that_is_not_there_is_said_in_indonesian(outbox: Outbox) -> None:
    fill(outbox)
    with smtp_server(Script()) as port:
        pass
    problem = str(dispatch(outbox, plain(port)).problem)
    assert "(sambungan ditolak; tidak ada layanan surel di porta itu)" in problem and "Errno" not in problem
    assert states(outbox) == {A: "draft"}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (socket.gaierror(-2, "Name or service not known"), "nama server tidak ditemukan"),
        (TimeoutError("timed out"), "server tidak menjawab sampai batas waktu"),
        (smtplib.SMTPServerDisconnected("Connection unexpectedly closed"), "sambungan diputus oleh server"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "jaringan tidak terjangkau"),
        (OSError(123456, "Odd"), "galat OSError 123456"),
    ],
)
def test_causes_are_said_in_indonesian(error: Exception, said: str) -> None:
    assert system_cause(error) == said


def test_what_arrives_is_the_draft_with_its_sender_and_date(outbox: Outbox) -> None:
    mail = fill(outbox, size=100_000)[0]
    script = Script()
    with smtp_server(script) as port:
        send(outbox, plain(port), dry_run=False, now=lambda: NOON)
    arrived = message_of(script.accepted[0][1])
    assert str(arrived["From"].addresses[0]) == f"Kécamatan Sukamaju <{USER}>"
    assert arrived["Date"].datetime.replace(tzinfo=None) == NOON
    assert arrived["X-Unsent"] is None and arrived["Message-ID"] == mail.message_id
    draft = message_of((outbox.folder / outbox.mail(mail.message_id).file).read_bytes())
    assert [part.get_content() for part in arrived.iter_attachments()] == [  # type: ignore[attr-defined]
        part.get_content()  # type: ignore[attr-defined]
        for part in draft.iter_attachments()
    ]
    assert "\n.titik di awal" in arrived.get_body(("plain",)).get_content()  # type: ignore[union-attr]


@pytest.mark.parametrize("turn", range(REPEATS))
@pytest.mark.parametrize("implicit", [True, False])
def test_over_verified_tls_with_a_password(
    outbox: Outbox, authority: Authority, implicit: bool, turn: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(outbox)
    script = Script()
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca))
    with smtp_server(script, authority, implicit=implicit, auth=True) as port:
        scheme = "smtps" if implicit else "smtp+starttls"
        server = password_for(server_from(f"{scheme}://{LOGIN}@localhost:{port}"), lambda _: PASSWORD)
        outcome = dispatch(outbox, server)
    assert outcome.problem is None
    assert states(outbox) == {A: "sent"} and len(script.accepted) == 1
    assert PASSWORD not in repr(server) + server.name


class TokenScript(Script):
    """Takes the exact string of XOAUTH2 and no other."""

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        right = base64.b64decode(args[1]) == f"user={USER}\x01auth=Bearer token-uji\x01\x01".encode()
        if not right:
            assert await server.challenge_auth('{"status":"400"}') == b""
        return AuthResult(success=right, handled=False)


@pytest.mark.parametrize(("token", "state"), [("token-uji", "sent"), ("token-lain", "draft")])
def test_a_token_of_a_command_signs_in(
    outbox: Outbox, authority: Authority, monkeypatch: pytest.MonkeyPatch, token: str, state: str
) -> None:
    fill(outbox)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca))
    monkeypatch.setenv("SOPKIT_TOKEN_COMMAND", f"echo {token}")
    with smtp_server(TokenScript(), authority, implicit=True, auth=True) as port:
        server = password_for(server_from(f"smtps://{LOGIN}@localhost:{port}"))
        outcome = dispatch(outbox, server)
    assert states(outbox) == {A: state} and token not in f"{outcome.problem}{server!r}"


@pytest.mark.parametrize("turn", range(REPEATS))
@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls", "smtp"])
def test_a_certificate_of_another_authority_is_refused_before_anything_is_said(
    outbox: Outbox, authority: Authority, scheme: str, turn: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(outbox)
    script = Script()
    monkeypatch.setenv("SSL_CERT_FILE", str(make_authority(tmp_path / "lain").ca))
    with smtp_server(script, authority, implicit=scheme == "smtps", auth=True) as port:
        server = password_for(server_from(f"{scheme}://petugas@localhost:{port}?from={USER}"), lambda _: PASSWORD)
        outcome = dispatch(outbox, server)
    assert "Sertifikat server localhost tidak dapat dipercaya" in str(outcome.problem)
    assert states(outbox) == {A: "draft"} and script.accepted == []
    assert (outcome.left, outcome.needs_attention) == (1, True)


def test_a_certificate_for_another_name_is_refused(
    outbox: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(outbox)
    other = make_authority(tmp_path / "nama", ["surel.contoh.go.id"])
    monkeypatch.setenv("SSL_CERT_FILE", str(other.ca))
    with smtp_server(Script(), other, implicit=True) as port:
        outcome = dispatch(outbox, server_from(f"smtps://{LOGIN}:x@localhost:{port}"))
    assert "tidak dapat dipercaya" in str(outcome.problem) and states(outbox) == {A: "draft"}


@pytest.mark.parametrize("turn", range(REPEATS))
def test_a_wrong_password_leaves_everything_a_draft_and_says_no_password(
    outbox: Outbox, authority: Authority, turn: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(outbox)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca))
    with smtp_server(Script(), authority, auth=True) as port:
        server = password_for(server_from(f"smtp://petugas@localhost:{port}?from={USER}"), lambda _: "salah-sandi")
        outcome = dispatch(outbox, server)
    assert "menolak nama pengguna atau sandi (535)" in str(outcome.problem)
    assert states(outbox) == {A: "draft"} and "salah-sandi" not in str(outcome)
    assert b"salah-sandi" not in b"".join(path.read_bytes() for path in outbox.folder.glob("arsip*"))


def test_no_password_without_tls_and_no_mail_beyond_this_machine_without_it(outbox: Outbox) -> None:
    fill(outbox)
    script = Script()
    with smtp_server(script) as port:
        with_user = password_for(server_from(f"smtp://petugas@127.0.0.1:{port}?from={USER}"), lambda _: PASSWORD)
        refused = dispatch(outbox, with_user)
        demanded = dispatch(outbox, server_from(f"smtp+starttls://127.0.0.1:{port}?from={USER}"))
    assert "sandi tidak dikirim" in str(refused.problem)
    assert "tidak menyediakan sambungan aman (STARTTLS)" in str(demanded.problem)
    assert server_from(f"smtp://surel.contoh.go.id?from={USER}").tls == "starttls"
    assert states(outbox) == {A: "draft"} and script.accepted == []


def test_nobody_listens(outbox: Outbox) -> None:
    fill(outbox)
    with smtp_server(Script()) as port:
        pass
    outcome = dispatch(outbox, plain(port))
    assert "Tidak dapat terhubung" in str(outcome.problem) and states(outbox) == {A: "draft"}


@pytest.mark.parametrize(
    "url", ["", "http://x", "smtp://", "smtps://nama:rahasia@x", "smtps://x:0:1", "smtps://x?from=a@b%0d%0aRCPT"]
)
def test_a_bad_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(UsageProblem) as refused:
        server_from(url)
    assert "rahasia" not in str(refused.value)


def test_the_url_comes_from_the_environment_and_the_password_from_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring
    from keyring.backend import KeyringBackend

    class Memory(KeyringBackend):
        priority = 1  # type: ignore[assignment]

        def get_password(self, service: str, username: str) -> str | None:
            return {"url": f"smtps://{LOGIN}@dari-keyring", f"{USER}@dari-keyring:465": "s3"}.get(username)

        def set_password(self, service: str, username: str, password: str) -> None:
            raise AssertionError("sopkit stores no password")

        def delete_password(self, service: str, username: str) -> None:
            raise AssertionError("sopkit deletes no password")

    before = keyring.get_keyring()
    keyring.set_keyring(Memory())
    try:
        monkeypatch.setenv("SOPKIT_SMTP_URL", f"smtps://dari-env?from={USER}")
        assert server_from(smtp_url()).host == "dari-env"
        monkeypatch.delenv("SOPKIT_SMTP_URL")
        assert password_for(server_from(smtp_url())).password == "s3"
    finally:
        keyring.set_keyring(before)
    with pytest.raises(UsageProblem, match="Sandi surel untuk"):
        password_for(server_from("smtps://x@y?from=x@y.id"), None)
