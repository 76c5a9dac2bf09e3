"""Sending over SMTP, only when asked: TLS always verified, each recipient's fate recorded before and after DATA."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import hashlib
import ipaddress
import os
import re
import signal
import smtplib
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from email.header import Header
from email.utils import format_datetime, formataddr
from types import FrameType
from typing import Literal
from urllib.parse import parse_qs, quote, unquote, urlsplit

from sopkit.errors import MailProblem, UsageProblem
from sopkit.folders import to_do
from sopkit.mail.error_text import certificate_cause, system_cause, tls_cause
from sopkit.mail.laid import lying_anywhere
from sopkit.mail.lying import without_note
from sopkit.mail.outbox import STATE_WORDS, Mail, Outbox, State
from sopkit.mail.replies import BoundedSMTP, BoundedSMTPS
from sopkit.mail.sign_in import KEYRING, from_keyring, token_for, xoauth2

URL_VARIABLE = "SOPKIT_SMTP_URL"
KEYRING_URL = "url"
PORTS: Mapping[str, int] = {"smtps": 465, "smtp": 587, "smtp+starttls": 587}
COMMAND_SECONDS = 60.0
ANSWER_SECONDS = 600.0  # RFC 5321 4.5.3.2.6: a server may take ten minutes to answer the end of a message
PARTING_SECONDS = 2.0
CLOSING = 421
LONGEST_DETAIL = 200

Now = Callable[[], dt.datetime]


@dataclass(frozen=True)
class Server:
    """Where to send through. `sender` is the address in From and in the envelope.

    `password` is an access token where `oauth` says so.
    """

    host: str
    port: int
    tls: Literal["implicit", "starttls", "plain"]
    user: str
    sender: str
    password: str | None = field(default=None, repr=False)
    oauth: bool = False

    @property
    def name(self) -> str:
        """For messages and the keyring; holds no secret."""
        return f"{self.user}@{self.host}:{self.port}" if self.user else f"{self.host}:{self.port}"

    @property
    def plain_token(self) -> str:
        """Who logs in, as AUTH PLAIN says it (RFC 4616)."""
        return _base64(f"\0{self.user}\0{self.password or ''}")

    def conceal(self, text: str) -> str:
        """A server's words without the password that it may repeat, in whatever form it got it."""
        secret = self.password or ""
        login = _base64(xoauth2(self.user, secret))
        for form in (self.plain_token, login, _base64(secret), quote(secret, safe=""), secret) if secret else ():
            text = text.replace(form, "•••")
        return text


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


@dataclass(frozen=True)
class Sent:
    """What became of one recipient in this run; in a dry run `state` is `draft`."""

    mail: Mail
    address: str
    state: State
    detail: str = ""

    @property
    def state_words(self) -> str:
        return STATE_WORDS[self.state]


@dataclass(frozen=True)
class Outcome:
    """`problem` is what ended the run early, `left` how many mails are still to be sent.

    `lying` are not sent from here, because they lie in the office's mailbox as drafts.
    """

    sent: tuple[Sent, ...]
    problem: MailProblem | None = None
    left: int = 0
    lying: int = 0

    @property
    def needs_attention(self) -> bool:
        """True when the command exits 4."""
        return self.problem is not None or any(one.state in ("refused", "uncertain") for one in self.sent)


def smtp_url() -> str:
    """From the environment, else from the keyring; `UsageProblem` when neither has it."""
    url = os.environ.get(URL_VARIABLE, "").strip() or from_keyring(KEYRING_URL)
    if not url:
        raise UsageProblem(
            "Server surel belum ditetapkan.",
            f"Isi {URL_VARIABLE}, misalnya smtps://nama@server.go.id, atau simpan dengan: keyring set {KEYRING} url",
        )
    return url


def server_from(url: str, sender: str = "") -> Server:
    """`smtps://user@host:465`, `smtp://user@host:587` or `smtp+starttls://…`, `?from=` the sender's address.

    `smtp://` uses STARTTLS wherever the server has it and goes on without only to this machine. `UsageProblem` without
    repeating the URL, for it may hold a password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS[parts.scheme]
        host = parts.hostname or ""
        if not host.encode("idna"):
            raise ValueError
    except (ValueError, KeyError):  # of which the words may repeat a password
        raise UsageProblem(
            "Alamat server surel tidak sah.",
            "Contoh yang benar: smtps://nama@server.go.id:465. Tanda / : @ di dalam sandi ditulis %2F %3A %40.",
        ) from None
    user = unquote(parts.username or "")
    sender = sender or parse_qs(parts.query).get("from", [""])[0] or (user if "@" in user else "")
    if not re.fullmatch(r"[!-?A-~]+@[A-Za-z0-9.-]+", sender):
        raise UsageProblem(
            "Alamat server surel tidak menyebut pengirimnya.",
            "Pakai alamat surel sebagai nama pengguna, atau tambahkan ?from=alamat@kantor.go.id",
        )
    tls: Literal["implicit", "starttls", "plain"] = "starttls"
    if parts.scheme == "smtps":
        tls = "implicit"
    elif parts.scheme == "smtp" and _is_loopback(host):
        tls = "plain"
    return Server(host, port, tls, user, sender, unquote(parts.password) if parts.password else None)


def password_for(server: Server, ask: Callable[[str], str] | None = None) -> Server:
    """The server with its password or token: from keyring or command, else asked for. It is kept in memory alone."""
    if not server.user or server.password is not None:
        return server
    if token := token_for(server.name):
        return replace(server, password=token, oauth=True)
    password = from_keyring(server.name)
    if not password and ask is not None:
        password = ask(f"Sandi surel untuk {server.name}")
    if not password:
        raise UsageProblem(
            f"Sandi surel untuk {server.name} tidak ada.", f"Simpan dengan: keyring set {KEYRING} {server.name}"
        )
    return replace(server, password=password)


def send(
    outbox: Outbox,
    server: Server | None,
    *,
    dry_run: bool = True,
    limit: int | None = None,
    per_minute: float | None = None,
    impatient: bool = False,
    now: Now = dt.datetime.now,
    wait: Callable[[float], None] = time.sleep,
    told: Callable[[Sent], None] = lambda _: None,
    command_seconds: float = COMMAND_SECONDS,
    answer_seconds: float = ANSWER_SECONDS,
) -> Outcome:
    """Send what the outbox has to send, oldest first.

    A dry run (the default) tells what would be sent and connects to nothing. `limit` mails at most, `per_minute` at
    most, `impatient` without waiting for the next try of what was put off. The run ends between two mails when it was
    told to pause or Ctrl-C was pressed. What ends it is in the outcome, never raised, so that what was done before is
    not lost; `MailProblem` is raised only when another process sends.
    """
    if dry_run or server is None:
        due, lying = _due(outbox, now(), impatient=impatient)
        chosen = due[:limit]
        sent = tuple(Sent(mail, address, "draft") for mail, addresses in chosen for address in addresses)
        return Outcome(sent, None, len(due) - len(chosen), lying)
    run = _Run(outbox, server, now, told, command_seconds, answer_seconds)
    with outbox.sender(), _stop_softly(run):
        due, lying = _due(outbox, now(), impatient=impatient)
        try:
            _send_all(run, due[:limit], 60 / per_minute if per_minute else 0.0, wait)
        except MailProblem as problem:
            run.problem = problem
        finally:
            run.close()
    begun = {one.mail.message_id for one in run.sent}
    return Outcome(tuple(run.sent), run.problem, sum(mail.message_id not in begun for mail, _ in due), lying)


def _due(outbox: Outbox, now: dt.datetime, *, impatient: bool) -> tuple[list[tuple[Mail, tuple[str, ...]]], int]:
    """What is to be sent now, and how many lie in a mailbox instead: who may press send there must be the only one."""
    due, lying = outbox.due(now, impatient=impatient), lying_anywhere(outbox)
    from_here = [one for one in due if one[0].message_id not in lying]
    return from_here, len(due) - len(from_here)


@dataclass
class _Run:
    outbox: Outbox
    server: Server
    now: Now
    told: Callable[[Sent], None]
    command_seconds: float
    answer_seconds: float
    sent: list[Sent] = field(default_factory=list)
    problem: MailProblem | None = None
    interrupted: bool = False
    connection: BoundedSMTP | None = None

    def tell(self, mail: Mail, addresses: Sequence[str], state: State, detail: str) -> None:
        for address in addresses:
            self.sent.append(Sent(mail, address, state, detail))
            self.told(self.sent[-1])

    def later(self, mail: Mail, addresses: Sequence[str], detail: str) -> None:
        self.outbox.postpone(mail.message_id, addresses, detail, self.now())
        self.tell(mail, addresses, "draft", detail)

    def settle(self, mail: Mail, addresses: Sequence[str], state: State, detail: str) -> None:
        if addresses:
            self.outbox.settle(mail.message_id, addresses, state, detail, self.now())
            self.tell(mail, addresses, state, detail)

    def said(self, code: int, reply: bytes) -> str:
        return self.server.conceal(_said(code, reply))

    def close(self) -> None:
        if self.connection is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                if self.connection.sock is not None:
                    self.connection.sock.settimeout(PARTING_SECONDS)
                    self.connection.patience = PARTING_SECONDS
                    self.connection.quit()
            self.connection.close()
            self.connection = None


def _send_all(
    run: _Run, chosen: Sequence[tuple[Mail, Sequence[str]]], pause: float, wait: Callable[[float], None]
) -> None:
    for place, (mail, addresses) in enumerate(chosen):
        if place and pause:
            wait(pause)
        if run.outbox.paused:
            raise MailProblem("Pengiriman dihentikan sementara.", "Izinkan kembali dengan: sopkit mail resume")
        if run.interrupted:
            raise MailProblem("Pengiriman dihentikan.", "Lanjutkan dengan: sopkit mail send --send")
        addresses = run.outbox.waiting(mail.message_id, addresses)
        payload = _payload(run, mail, addresses) if addresses else None
        if payload is not None:
            _deliver(run, _connected(run), mail, addresses, payload)


def _payload(run: _Run, mail: Mail, addresses: Sequence[str]) -> bytes | None:
    """The draft's bytes with From and Date; None when the file is no longer the one that was drafted."""
    by_hand = f"bila sudah dikirim dari Outlook: sopkit mail resolve {mail.number} sent"
    try:
        data = (run.outbox.folder / mail.file).read_bytes()
    except OSError:
        run.tell(mail, addresses, "draft", f"berkas drafnya tidak ada lagi; {by_hand}")
        return None
    if hashlib.sha256(data).hexdigest() != mail.sha256:
        run.tell(mail, addresses, "draft", f"drafnya telah disunting, jadi tidak dikirim dari sini; {by_hand}")
        return None
    return sendable(data, run.server.sender, mail.office, run.now().astimezone())


def sendable(data: bytes, sender: str, office: str, moment: dt.datetime) -> bytes:
    """With From (none where `sender` is "") and Date; only header lines are touched: attachments stay as they are."""
    head, separator, body = without_note(data).partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if line.lower() != b"x-unsent: 1"]
    name = Header(office, "utf-8", maxlinelen=70).encode(linesep="\r\n") if not office.isascii() else ""
    author = f"{name}\r\n <{sender}>" if name else formataddr((office, sender))
    own = [f"From: {author}".encode("ascii")] if sender else []
    own.append(f"Date: {format_datetime(moment)}".encode("ascii"))
    return b"\r\n".join(own + lines) + separator + body


def _deliver(run: _Run, smtp: BoundedSMTP, mail: Mail, addresses: Sequence[str], payload: bytes) -> None:
    """One message to its recipients: MAIL, RCPT for each, `sending` on disk, DATA, and what the server said."""
    room = smtp.esmtp_features.get("size", "")
    if re.fullmatch("[0-9]{1,15}", room) and 0 < int(room) < len(payload):
        run.settle(mail, addresses, "refused", f"ukuran {len(payload)} byte melebihi batas server {room} byte")
        return
    with _lost_before_data(run, mail, addresses):
        options = [f"SIZE={len(payload)}"] if "size" in smtp.esmtp_features else []
        if not _accepted(run, mail, addresses, *smtp.mail(run.server.sender, options)):
            _reset(smtp)
            return
    accepted = _offer_recipients(run, smtp, mail, addresses)
    if not accepted:
        _reset(smtp)
        return
    run.outbox.begin(mail.message_id, accepted, run.now())
    with _lost_before_data(run, mail, accepted):
        code, reply = smtp.docmd("DATA")
        if code // 100 not in (3, 4, 5):
            raise smtplib.SMTPResponseException(code, reply)  # the answer to something else: who knows what is next
        if code != 354:
            _accepted(run, mail, accepted, code, reply)
            _reset(smtp)
            return
    _give_data(run, smtp, mail, accepted, payload)


def _offer_recipients(run: _Run, smtp: BoundedSMTP, mail: Mail, addresses: Sequence[str]) -> list[str]:
    accepted: list[str] = []
    for place, address in enumerate(addresses):
        with _lost_before_data(run, mail, [*accepted, *addresses[place:]]):
            code, reply = smtp.rcpt(address)
        if code == CLOSING:
            run.later(mail, [*accepted, *addresses[place:]], run.said(code, reply))
            raise _closing(run.server)
        if _accepted(run, mail, [address], code, reply):
            accepted.append(address)
    return accepted


def _give_data(run: _Run, smtp: BoundedSMTP, mail: Mail, accepted: Sequence[str], payload: bytes) -> None:
    """From the first byte of the message on, silence means that nobody knows."""
    try:
        assert smtp.sock is not None
        smtp.sock.settimeout(run.answer_seconds)
        smtp.patience = run.answer_seconds
        smtp.send(_stuffed(payload))
        code, reply = smtp.getreply()
        if code // 100 not in (2, 4, 5):
            raise smtplib.SMTPResponseException(code, reply)
        smtp.sock.settimeout(run.command_seconds)
        smtp.patience = run.command_seconds
    except BaseException as error:
        run.settle(mail, accepted, "uncertain", "pengiriman terputus sebelum server menjawab")
        smtp.close()
        run.connection = None
        if not isinstance(error, OSError | smtplib.SMTPException):
            raise
        raise MailProblem(
            f"{run.server.host} tidak memberi jawaban yang pasti; surel {mail.number} belum pasti terkirim.",
            f"Tanyakan kepada penerimanya. Bila sudah sampai: sopkit mail resolve {mail.number} sent; "
            f"bila belum: sopkit mail resolve {mail.number} draft",
        ) from None  # a reply may repeat the password
    if _accepted(run, mail, accepted, code, reply):
        run.settle(mail, accepted, "sent", run.said(code, reply))


def _accepted(run: _Run, mail: Mail, addresses: Sequence[str], code: int, reply: bytes) -> bool:
    """True for 2xx. 4xx puts off, 5xx refuses; 421 also ends the run."""
    if code // 100 == 2:
        return True
    if code // 100 == 5:
        run.settle(mail, addresses, "refused", run.said(code, reply))
    else:
        run.later(mail, addresses, run.said(code, reply))
    if code == CLOSING:
        raise _closing(run.server)
    return False


@contextlib.contextmanager
def _lost_before_data(run: _Run, mail: Mail, addresses: Sequence[str]) -> Iterator[None]:
    """A connection lost here has carried no message: the recipients stay drafts."""
    try:
        yield
    except smtplib.SMTPResponseException:
        run.later(mail, addresses, "server menjawab tidak menurut aturan sebelum isi surel dikirim")
        raise MailProblem(
            f"Server {run.server.host} menjawab tidak menurut aturan; surel {mail.number} belum dikirim.",
            "Jalankan lagi nanti; bila terulang, tanyakan kepada pengelola surel kantor.",
        ) from None
    except (OSError, smtplib.SMTPException) as error:
        run.later(mail, addresses, "sambungan terputus sebelum isi surel dikirim")
        raise MailProblem(
            f"Sambungan ke {run.server.host} terputus sebelum surel dikirim ({system_cause(error)}).",
            "Periksa jaringan, lalu jalankan lagi.",
        ) from error


def _closing(server: Server) -> MailProblem:
    return MailProblem(f"Server {server.host} menutup layanannya untuk sementara (421).", "Jalankan lagi nanti.")


def _reset(smtp: BoundedSMTP) -> None:
    with contextlib.suppress(OSError, smtplib.SMTPException):
        smtp.rset()


def _connected(run: _Run) -> BoundedSMTP:
    """The open connection if it still answers, else a new one."""
    if run.connection is not None:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            if run.connection.noop()[0] == 250:
                return run.connection
        run.connection.close()
        run.connection = None
    run.connection = connect(run.server, run.command_seconds)
    return run.connection


def connect(server: Server, seconds: float = COMMAND_SECONDS) -> BoundedSMTP:
    """A connection that is encrypted, verified and logged in; `MailProblem` says which of these failed."""
    try:
        return _connect(server, seconds)
    except ssl.SSLCertVerificationError as error:
        raise MailProblem(
            f"Sertifikat server {server.host} tidak dapat dipercaya: {certificate_cause(error)}. Surel tidak dikirim.",
            "Periksa nama servernya; tanyakan kepada pengelola surel kantor.",
        ) from error
    except ssl.SSLError as error:
        raise MailProblem(
            f"Sambungan aman ke {server.host} gagal ({tls_cause(error)}).", "Periksa porta dan jenis sambungannya."
        ) from error
    except smtplib.SMTPAuthenticationError as error:  # of which the words may repeat the password
        if error.smtp_code // 100 == 5:
            raise MailProblem(
                f"Server {server.host} menolak nama pengguna atau sandi ({error.smtp_code}).", "Periksa sandi surel."
            ) from None
        raise MailProblem(
            f"Server {server.host} tidak melayani saat ini ({error.smtp_code}).", "Jalankan lagi nanti."
        ) from None
    except smtplib.SMTPResponseException as error:
        raise MailProblem(
            f"Server {server.host} tidak melayani saat ini ({_said(error.smtp_code, error.smtp_error)}).",
            "Jalankan lagi nanti.",
        ) from None
    except (OSError, smtplib.SMTPException, ValueError) as error:  # ValueError: a challenge that is none
        raise MailProblem(
            f"Tidak dapat terhubung dengan server surel {server.host}:{server.port} ({system_cause(error)}).",
            "Periksa jaringan dan alamat servernya.",
        ) from error


def _connect(server: Server, seconds: float) -> BoundedSMTP:
    context = ssl.create_default_context()
    smtp: BoundedSMTP
    if server.tls == "implicit":
        smtp = BoundedSMTPS(server.host, server.port, timeout=seconds, context=context)
    else:
        smtp = BoundedSMTP(server.host, server.port, timeout=seconds)
    try:
        code, reply = smtp.ehlo()
        if code != 250:
            raise smtplib.SMTPHeloError(code, reply)
        encrypted = server.tls == "implicit" or _start_tls(smtp, server, context)
        if server.user:
            if not encrypted:
                raise MailProblem(
                    f"Server {server.host} tidak menyediakan sambungan aman, sehingga sandi tidak dikirim.",
                    "Pakai smtps:// atau server yang mendukung STARTTLS.",
                )
            _log_in(smtp, server)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _log_in(smtp: BoundedSMTP, server: Server) -> None:
    """smtplib knows ASCII alone; a password with other letters goes by AUTH PLAIN in UTF-8 (RFC 4616)."""
    if server.oauth:
        _give_token(smtp, server)
        return
    if f"{server.user}{server.password}".isascii():
        smtp.login(server.user, server.password or "")
        return
    if "PLAIN" not in smtp.esmtp_features.get("auth", "").upper().split():
        raise MailProblem(
            f"Server {server.host} tidak dapat menerima sandi yang memuat huruf di luar ASCII.",
            "Ganti sandi surel itu dengan huruf Latin biasa dan angka.",
        )
    code, reply = smtp.docmd("AUTH", f"PLAIN {server.plain_token}")
    if code not in (235, 503):
        raise smtplib.SMTPAuthenticationError(code, reply)


def _give_token(smtp: BoundedSMTP, server: Server) -> None:
    """A refusal comes as a challenge, which is answered with nothing."""
    if "XOAUTH2" not in smtp.esmtp_features.get("auth", "").upper().split():
        raise MailProblem(
            f"Server {server.host} tidak menerima token (XOAUTH2).",
            f"Pakai sandi aplikasi: {to_do('sopkit mail setup')}",
        )
    response = xoauth2(server.user, server.password or "")
    smtp.auth("XOAUTH2", lambda challenge=None: response if challenge is None else "")


def _start_tls(smtp: BoundedSMTP, server: Server, context: ssl.SSLContext) -> bool:
    """True when the connection is encrypted now; False only towards this machine without STARTTLS."""
    if smtp.has_extn("starttls"):
        smtp.starttls(context=context)
        smtp.ehlo()
        return True
    if server.tls == "plain":
        return False
    raise MailProblem(
        f"Server {server.host} tidak menyediakan sambungan aman (STARTTLS). Surel tidak dikirim.",
        "Pakai smtps:// atau server yang mendukung STARTTLS.",
    )


@contextlib.contextmanager
def _stop_softly(run: _Run) -> Iterator[None]:
    """The first Ctrl-C lets the mail under way be finished; the second is a real one."""

    def first(number: int, frame: FrameType | None) -> None:
        run.interrupted = True
        signal.signal(signal.SIGINT, before)

    try:
        before = signal.signal(signal.SIGINT, first)
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _stuffed(payload: bytes) -> bytes:
    """CRLF line ends throughout (a lone CR or LF could smuggle in another message), leading dots doubled, an end."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", payload)
    lines = lines if lines.endswith(b"\r\n") else lines + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", lines) + b".\r\n"


def _said(code: int, reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    printable = "".join(character if character.isprintable() else " " for character in text)
    return f"{code} {' '.join(printable.split())}"[:LONGEST_DETAIL]


def _is_loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host.casefold() == "localhost"
