"""Looking for uncertain mails in the sender's own mailbox of sent mail (IMAP over verified TLS)."""

from __future__ import annotations

import contextlib
import datetime as dt
import imaplib
import os
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from sopkit.errors import MailProblem, UsageProblem
from sopkit.mail.error_text import certificate_cause, system_cause, tls_cause
from sopkit.mail.outbox import Delivery, Outbox
from sopkit.mail.replies import BoundedIMAP
from sopkit.mail.smtp import KEYRING, from_keyring

URL_VARIABLE = "SOPKIT_IMAP_URL"
PORT = 993
SECONDS = 60.0
USUAL_NAMES = ("Sent", "Terkirim", "Sent Items", "Sent Mail", "[Gmail]/Sent Mail", "INBOX.Sent")
LISTED = re.compile(r'\((?P<flags>[^)]*)\) (?:"[^"]*"|NIL) (?P<name>.+)$')


@dataclass(frozen=True)
class Mailbox:
    host: str
    port: int
    user: str
    password: str = field(repr=False)

    @property
    def name(self) -> str:
        """For messages and the keyring; holds no secret."""
        return f"{self.user}@{self.host}:{self.port}"


def mailbox_from(url: str, ask: Callable[[str], str] | None = None) -> Mailbox:
    """`imaps://user@host:993`; the password from the URL, the keyring (`user@host:993`) or asked for.

    Without `url` that of the environment or the keyring. `UsageProblem` without repeating the URL.
    """
    url = url or os.environ.get(URL_VARIABLE, "").strip() or from_keyring("imap-url")
    try:
        parts = urlsplit(url)
        host, port, user = parts.hostname or "", parts.port or PORT, unquote(parts.username or "")
        host.encode("idna")
    except ValueError:
        host = ""
    if not host or parts.scheme != "imaps" or not user:
        raise UsageProblem(
            "Kotak surat terkirim belum ditetapkan dengan benar.", f"Isi {URL_VARIABLE}: imaps://nama@server.go.id"
        )
    name = Mailbox(host, port, user, "").name
    password = unquote(parts.password or "") or from_keyring(name) or (ask(f"Sandi surel untuk {name}") if ask else "")
    if not password:
        raise UsageProblem(f"Sandi surel untuk {name} tidak ada.", f"Simpan dengan: keyring set {KEYRING} {name}")
    return Mailbox(host, port, user, password)


def look_up(outbox: Outbox, mailbox: Mailbox, now: dt.datetime, seconds: float = SECONDS) -> tuple[Delivery, ...]:
    """Mark as sent the uncertain mails whose Message-ID stands in the mailbox; returns what is still uncertain.

    A mail that is not found there stays uncertain: not every server keeps a copy. `MailProblem` when the mailbox
    cannot be read; nothing is changed then. `seconds` is how long each answer may take.
    """
    uncertain = [delivery for delivery in outbox.status() if delivery.state == "uncertain"]
    if uncertain:
        found = _present(mailbox, sorted({delivery.mail.message_id for delivery in uncertain}), seconds)
        for message_id in found:
            addresses = [one.address for one in uncertain if one.mail.message_id == message_id]
            outbox.settle(message_id, addresses, "sent", "ada di kotak surat terkirim", now)
    return tuple(delivery for delivery in outbox.status() if delivery.state == "uncertain")


def demand_readable(mailbox: Mailbox, seconds: float = SECONDS) -> None:
    """`MailProblem` when one cannot sign in there or no mailbox of sent mail is found."""
    _present(mailbox, [], seconds)


def _present(mailbox: Mailbox, message_ids: list[str], seconds: float) -> list[str]:
    try:
        connection = BoundedIMAP(mailbox.host, mailbox.port, ssl_context=ssl.create_default_context(), timeout=seconds)
    except (OSError, imaplib.IMAP4.error, ValueError) as error:
        raise MailProblem(
            f"Tidak dapat terhubung dengan aman ke {mailbox.host}:{mailbox.port} ({_cause(error)}).",
            "Periksa alamatnya.",
        ) from error
    try:
        _log_in(connection, mailbox)
        if connection.select(f'"{_sent_name(connection)}"', readonly=True)[0] != "OK":
            raise MailProblem(f"Kotak surat terkirim di {mailbox.host} tidak ditemukan.", "Putuskan dengan tangan.")
        return [message_id for message_id in message_ids if _holds(connection, message_id)]
    except (OSError, imaplib.IMAP4.abort, ValueError, OverflowError) as error:
        raise MailProblem(
            f"Kotak surat di {mailbox.host} tidak menjawab sebagaimana mestinya ({_cause(error)}).",
            "Jalankan lagi nanti.",
        ) from None  # its words may repeat the password
    except imaplib.IMAP4.error:
        raise MailProblem(
            f"Kotak surat di {mailbox.host} menolak nama pengguna, sandi, atau pencarian.", "Periksa sandi surel."
        ) from None
    finally:
        with contextlib.suppress(OSError, imaplib.IMAP4.error, ValueError, OverflowError):
            connection.logout()


def _log_in(connection: imaplib.IMAP4, mailbox: Mailbox) -> None:
    """A password with letters beyond ASCII goes by AUTHENTICATE PLAIN in UTF-8: LOGIN has no way to say it."""
    if f"{mailbox.user}{mailbox.password}".isascii():
        connection.login(mailbox.user, mailbox.password)
    else:
        connection.authenticate("PLAIN", lambda _: f"\0{mailbox.user}\0{mailbox.password}".encode())


def _cause(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"sertifikatnya {certificate_cause(error)}"
    return tls_cause(error) if isinstance(error, ssl.SSLError) else system_cause(error)


def _holds(connection: imaplib.IMAP4, message_id: str) -> bool:
    state, found = connection.search(None, "HEADER", "Message-ID", f'"{message_id}"')
    return state == "OK" and bool(found and found[0])


def _sent_name(connection: imaplib.IMAP4) -> str:
    """The mailbox that the server marks as \\Sent, else one with a usual name."""
    names = []
    for line in connection.list()[1]:
        match = LISTED.match(line.decode("ascii", "replace")) if isinstance(line, bytes) else None
        if match is None:
            continue
        name = match["name"].strip('"')
        if "\\sent" in match["flags"].lower().split():
            return name
        names.append(name)
    return next((name for name in USUAL_NAMES if name in names), USUAL_NAMES[0])
