"""Real SMTP servers on this machine, told which fault to have, and an outbox with something to send."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import functools
import hashlib
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sopkit.mail.compose import Attachment, Letter, compose
from sopkit.mail.folders import code_of
from sopkit.mail.outbox import Mail, Outbox
from sopkit.mail.recipients import Recipient

NOON = dt.datetime(2026, 11, 20, 12, 0)
USER, PASSWORD = "petugas@contoh.go.id", "rahasia-123"


@dataclass(frozen=True)
class Authority:
    """A CA of our own and a certificate of it for this machine."""

    ca: Path
    chain: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.chain, self.key)
        return context


def make_authority(folder: Path, names: Sequence[str] = ("localhost", "127.0.0.1")) -> Authority:
    """Keys and certificates as PEM files in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"CA uji {folder.name}")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    ca = _certificate(issuer, issuer, ca_key.public_key(), ca=True).sign(ca_key, hashes.SHA256())
    alternatives = x509.SubjectAlternativeName([_general(name) for name in names])
    leaf = _certificate(subject, issuer, key.public_key(), ca=False).add_extension(alternatives, critical=False)
    signed = leaf.sign(ca_key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    authority = Authority(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    authority.ca.write_bytes(ca.public_bytes(pem))
    authority.chain.write_bytes(signed.public_bytes(pem))
    authority.key.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return authority


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, *, ca: bool
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )


@dataclass
class Script:
    """How the server behaves. Replies are whole SMTP lines; `data` may also be `drop` or `hang`."""

    greeting: str = ""
    ehlo: str = ""
    mail: str = ""
    rcpt: Mapping[str, str] = field(default_factory=dict)
    data: str = ""
    delay: float = 0.0  # seconds between taking a message and saying 250
    on_accepted: Callable[[Envelope], None] = lambda _: None
    accepted: list[tuple[tuple[str, ...], bytes]] = field(default_factory=list)

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [self.ehlo] if self.ehlo else responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.mail == "drop":
            _drop(server)
            return "421 -"
        if not self.mail:
            envelope.mail_from = address
        return self.mail or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.rcpt:
            return self.rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data and self.data not in ("drop", "hang"):
            return self.data
        assert isinstance(envelope.content, bytes)
        self.accepted.append((tuple(envelope.rcpt_tos), envelope.content))
        self.on_accepted(envelope)
        await asyncio.sleep(30 if self.data == "hang" else self.delay)
        if self.data == "drop":
            _drop(server)
        return "250 2.0.0 diterima"


class _Greeting(asyncio.Protocol):
    """A server that says one line and hangs up."""

    def __init__(self, line: str) -> None:
        self.line = line

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(f"{self.line}\r\n".encode())
        transport.close()


def _drop(server: SMTP) -> None:
    assert server.transport is not None
    server.transport.abort()


def _check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


@contextlib.contextmanager
def smtp_server(
    script: Script, authority: Authority | None = None, *, implicit: bool = False, auth: bool = False, **options: Any
) -> Iterator[int]:
    """A server on 127.0.0.1; yields its port. With an authority it speaks TLS: STARTTLS, or from the first byte."""
    if authority and not implicit:
        options |= {"tls_context": authority.context(), "require_starttls": True}
    if auth:
        options |= {"authenticator": _check, "auth_required": True, "auth_require_tls": not implicit}
    context = authority.context() if authority and implicit else None
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> asyncio.Server:
        if script.greeting:
            return await loop.create_server(lambda: _Greeting(script.greeting), "127.0.0.1", 0, ssl=context)
        make = functools.partial(SMTP, script, loop=loop, enable_SMTPUTF8=False, hostname="localhost", **options)
        return await loop.create_server(make, "127.0.0.1", 0, ssl=context)

    async def stop() -> None:
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    server = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def fill(outbox: Outbox, mails: int = 1, to: Sequence[str] = ("a@contoh.go.id",), size: int = 0) -> list[Mail]:
    """Put drafts into the outbox, their files beside it."""
    made = []
    for number in range(1, mails + 1):
        people = [Recipient(f"Pegawai {place}", "Staf", address) for place, address in enumerate(to, start=1)]
        message_id = f"<{hashlib.sha256(str(number).encode()).hexdigest()[:40]}@contoh.go.id>"
        text = f"Surel {number}.\n.titik di awal\n\nKode surel: {code_of(message_id)}\n"
        letter = Letter(f"PTPP Nomor {number:03d}/PTPP/XI/2026", text)
        data = compose(letter, people, (), [Attachment(f"{number:03d}.docx", b"isi" + b"0" * size)], message_id)
        file = outbox.folder / "surel" / f"{number:03d}.eml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        mail = Mail(
            message_id=message_id,
            occasion=f"ptpp:{number:03d}/PTPP/XI/2026",
            content="1",
            route="Kasi",
            intended=tuple(person.name for person in people),
            document="PTPP",
            subject=letter.subject,
            file=f"surel/{number:03d}.eml",
            sha256=hashlib.sha256(data).hexdigest(),
            office="Kécamatan Sukamaju",
        )
        outbox.record(mail, [person.address for person in people], [], NOON)
        made.append(mail)
    return made
