"""The dialogue with an office's own mailbox: IMAP over verified TLS. What is not answered with OK is no answer."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import imaplib
import itertools
import os
import re
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.errors import MessageError
from email.policy import SMTP
from email.utils import getaddresses
from typing import Any
from urllib.parse import unquote, urlsplit

from sopkit.errors import MailProblem, UsageProblem
from sopkit.mail.error_text import certificate_cause, system_cause, tls_cause
from sopkit.mail.replies import BoundedIMAP
from sopkit.mail.sign_in import from_keyring, secret_of, xoauth2

URL_VARIABLE, KEYRING_URL = "SOPKIT_IMAP_URL", "imap-url"
PORT = 993
SECONDS = 60.0
CHUNK, LARGEST = 1 << 19, 1 << 26  # bytes asked for at once, and of one mail
DRAFTS, SENT = "\\drafts", "\\sent"
NOT_A_FOLDER = frozenset(("\\noselect", "\\nonexistent"))
SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")
TOKENS = re.compile(rb'\(|\)|"((?:[^"\\]|\\.)*)"|((?:BODY\[[^\]]*\](?:<\d+>)?|[^\s()"])+)', re.IGNORECASE | re.DOTALL)
LITERAL = re.compile(rb"\{\d+\+?\}$")
NAME_OF_FILE = re.compile(rb"(?:file)?name((?:\*\d{1,2})?\*?)", re.IGNORECASE)
APPENDED = re.compile(rb"\[APPENDUID (\d{1,10}) (\d{1,10})\]", re.IGNORECASE)
Value = bytes | None | list["Value"]
"""A string or an atom, NIL, or a list, of an answer."""


@dataclass(frozen=True)
class Mailbox:
    """An account; `password` is an access token where `oauth` says so."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    oauth: bool = False

    @property
    def name(self) -> str:
        """For messages, settings and the keyring; holds no secret."""
        return f"{self.user}@{self.host}:{self.port}"


@dataclass(frozen=True)
class Folder:
    """`name` as people read it, `wire` as the server wrote it, `uses` its special uses (RFC 6154) in small letters."""

    name: str
    wire: bytes
    uses: frozenset[str]


@dataclass(frozen=True)
class Seen:
    """A mail as it lies there: all to whom it is addressed, and the names of its attachments, in small letters."""

    uid: int
    addresses: frozenset[str]
    files: frozenset[str]


def mailbox_from(url: str, ask: Callable[[str], str] | None = None) -> Mailbox:
    """`imaps://user@host:993`; the password from the URL, the keyring (`user@host:993`) or asked for, or a token.

    Without `url` that of the environment or the keyring. `UsageProblem` without repeating the URL.
    """
    account = account_of(url or own_url())
    if account.password:
        return account
    password, oauth = secret_of(account.name, ask)
    return replace(account, password=password, oauth=oauth)


def own_url() -> str:
    """From the environment, else from the keyring; "" where neither has it."""
    return os.environ.get(URL_VARIABLE, "").strip() or from_keyring(KEYRING_URL)


def account_of(url: str) -> Mailbox:
    """What the URL alone says; `UsageProblem` where that is no account."""
    try:
        parts = urlsplit(url)
        host, port, user = parts.hostname or "", parts.port or PORT, unquote(parts.username or "")
        host.encode("idna")
    except ValueError:
        host = ""
    if not host or parts.scheme != "imaps" or not user:
        raise UsageProblem(
            "Kotak surat kantor belum ditetapkan dengan benar.",
            f"Jalankan: sopkit mail setup; atau isi {URL_VARIABLE}: imaps://nama@server.go.id",
        )
    return Mailbox(host, port, user, unquote(parts.password or ""))


@contextlib.contextmanager
def opened(mailbox: Mailbox, seconds: float = SECONDS, until: float | None = None) -> Iterator[Dialogue]:
    """A signed-in dialogue; each answer may take `seconds`, none goes on after `until` (of `time.monotonic`)."""
    try:
        connection = BoundedIMAP(mailbox.host, mailbox.port, ssl_context=ssl.create_default_context(), timeout=seconds)
    except (OSError, imaplib.IMAP4.error, ValueError) as error:
        raise MailProblem(
            f"Tidak dapat terhubung dengan aman ke {mailbox.host}:{mailbox.port} ({_cause(error)}).",
            "Periksa jaringan dan alamatnya.",
        ) from error
    connection.until = until
    dialogue = Dialogue(mailbox, connection)
    try:
        dialogue.sign_in()
        yield dialogue
        with contextlib.suppress(OSError, imaplib.IMAP4.error, ValueError, OverflowError):
            connection.logout()
    finally:  # without LOGOUT after a failure: it might be taken for the end of a message half sent
        with contextlib.suppress(OSError):
            connection.shutdown()


class Dialogue:
    """A connection. Every method raises `MailProblem` where the server does not do, or answer, what it was asked."""

    def __init__(self, mailbox: Mailbox, connection: BoundedIMAP) -> None:
        self.mailbox = mailbox
        self._imap = connection
        self.uidvalidity = 0  # of the open folder
        self.abilities: frozenset[str] = frozenset()

    def sign_in(self) -> None:
        """A password with letters beyond ASCII goes by AUTHENTICATE PLAIN in UTF-8: LOGIN has no way to say it."""
        user, password = self.mailbox.user, self.mailbox.password
        with self._explained("nama pengguna atau sandi", "Periksa sandi surel."):
            # a process that is killed must not have the rest of an APPEND sent by the system after its end
            self._imap.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if self.mailbox.oauth:
                answers = iter((xoauth2(user, password).encode(),))
                self._imap.authenticate("XOAUTH2", lambda _: next(answers, b""))
            elif f"{user}{password}".isascii():
                self._imap.login(quoted(user.encode()).decode(), password)  # imaplib quotes the password alone
            else:
                self._imap.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
        said = b" ".join(one for one in self._do("capability") if isinstance(one, bytes))
        self.abilities = frozenset(said.decode("ascii", "replace").upper().split())

    def folders(self) -> list[Folder]:
        """Those that can be opened; of a name that no command could carry there is none."""
        asked = '"*" RETURN (SPECIAL-USE)' if {"SPECIAL-USE", "LIST-EXTENDED"} <= self.abilities else '"*"'
        found = []
        for answer in answers_in(self._do("list", '""', asked)):
            match answer:
                case [list() as flags, _, bytes(wire), *_] if wire and not re.search(rb"[\r\n\0]", wire):
                    uses = frozenset(flag.decode("ascii", "replace").lower() for flag in flags if type(flag) is bytes)
                    if not uses & NOT_A_FOLDER:
                        found.append(Folder(folder_name(wire), wire, uses))
        return found

    def open(self, folder: Folder, *, writable: bool = False) -> None:
        self._do("select", quoted(folder.wire), not writable)
        with self._explained():
            found = self._imap.response("UIDVALIDITY")[1]
            self.uidvalidity = _number(found[-1]) if found and isinstance(found[-1], bytes) else 0

    def search(self, *keys: str) -> list[int]:
        """UIDs in the open folder; a server that answers OK and says no result has not answered."""
        found = self._do("uid", "SEARCH", *keys)
        with self._explained():
            lines = [one for one in found if isinstance(one, bytes)]
            if not lines:
                raise ValueError
            return [_number(uid) for line in lines for uid in line.split()]

    def look(self, uids: Iterable[int]) -> list[Seen]:
        """To whom these mails go and what is attached to them; of those that are there."""
        named = ",".join(map(str, uids))
        asked = "(UID BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (TO CC BCC)])"
        return [seen for one in self._fetched(named, asked) if (seen := _seen(one))]

    def part(self, uid: int, start: int) -> tuple[frozenset[str], bytes] | None:
        """Flags of a mail, and `CHUNK` of its bytes from `start` on; None where it is not there."""
        for one in self._fetched(str(uid), f"(UID FLAGS BODY.PEEK[]<{start}.{CHUNK}>)"):
            values = {key.upper(): value for key, value in one.items()}
            flags = values.get(b"FLAGS")
            body = next((value for key, value in values.items() if key.startswith(b"BODY[]")), None)
            if values.get(b"UID") == str(uid).encode() and isinstance(flags, list):
                names = frozenset(flag.decode("ascii", "replace").lower() for flag in flags if type(flag) is bytes)
                return names, body if isinstance(body, bytes) else b""
        return None

    def digest(self, uid: int) -> tuple[frozenset[str], str] | None:
        """Flags and SHA-256 of a mail of the open folder; None where it is not there."""
        found = hashlib.sha256()
        for start in range(0, LARGEST, CHUNK):
            part = self.part(uid, start)
            if part is None:
                return None
            found.update(part[1])
            if len(part[1]) < CHUNK:
                return part[0], found.hexdigest()
        return frozenset(), ""

    def append(self, folder: Folder, message: bytes) -> tuple[int, int] | str:
        """UIDVALIDITY and UID of the draft that is laid now (0 where the server does not say); why it is refused."""
        name: Any = quoted(folder.wire)
        with self._explained():
            try:
                state, said = self._imap.append(name, "(\\Draft \\Seen)", "", message)
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error:
                return "BAD"
        text = b" ".join(one for one in said if isinstance(one, bytes))
        if state != "OK":
            return " ".join("".join(c if c.isprintable() else " " for c in text.decode("utf-8", "replace")).split())
        uids = APPENDED.search(text)
        return (int(uids[1]), int(uids[2])) if uids else (0, 0)

    def expunge(self, uid: int) -> None:
        """Remove one mail of the open, writable folder, and no other (UIDPLUS)."""
        self._do("uid", "STORE", str(uid), "+FLAGS.SILENT", "(\\Deleted)")
        self._do("uid", "EXPUNGE", str(uid))

    def _fetched(self, uids: str, asked: str) -> Iterator[dict[bytes, Value]]:
        for answer in answers_in(self._do("uid", "FETCH", uids, asked)):
            match answer:
                case [_, list() as items]:
                    pairs = zip(items[::2], items[1::2], strict=False)
                    yield {key: value for key, value in pairs if isinstance(key, bytes)}

    def _do(self, command: str, *words: object) -> Sequence[object]:
        with self._explained():
            state, data = getattr(self._imap, command)(*words)
            if state != "OK":
                raise imaplib.IMAP4.error
        return data or [None]

    @contextlib.contextmanager
    def _explained(
        self, what: str = "yang diminta", remedy: str = "Periksa pengaturan kotak suratnya."
    ) -> Iterator[None]:
        host = self.mailbox.host
        try:
            yield
        except (OSError, imaplib.IMAP4.abort, ValueError, OverflowError) as error:
            raise MailProblem(
                f"Kotak surat di {host} tidak menjawab sebagaimana mestinya ({_cause(error)}).", "Jalankan lagi nanti."
            ) from None  # its words may repeat the password
        except imaplib.IMAP4.error:
            raise MailProblem(f"Kotak surat di {host} menolak {what}.", remedy) from None


def _cause(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"sertifikatnya {certificate_cause(error)}"
    if isinstance(error, ssl.SSLError):
        return tls_cause(error)
    found = next((one for one in (error, error.__context__) if isinstance(one, OSError)), None)
    if found or not isinstance(error, imaplib.IMAP4.abort) or "unexpected" in str(error):
        return system_cause(found) if found else "tidak menurut aturan"
    return "sambungan diputus oleh server"


def _number(text: bytes) -> int:
    """ValueError for what is none of 32 bits, as all of IMAP are."""
    if (number := int(text)) >> 32:
        raise ValueError
    return number


def quoted(wire: bytes) -> bytes:
    return b'"' + re.sub(rb'(["\\])', rb"\\\1", wire) + b'"'


def folder_name(wire: bytes) -> str:
    """A name in modified UTF-7 (RFC 3501, 5.1.3) as people read it; one that is none, as it stands."""
    try:
        return SHIFTED.sub(_unshifted, wire.decode("ascii"))
    except ValueError:
        return wire.decode("utf-8", "replace")


def _unshifted(found: re.Match[str]) -> str:
    text = found[1].replace(",", "/")
    return base64.b64decode(text + "=" * (-len(text) % 4)).decode("utf-16-be") if text else "&"


def answers_in(data: Iterable[object]) -> Iterator[list[Value]]:
    """Each untagged answer as imaplib hands it over: lines, and pairs of a line and the literal that it announced."""
    pieces: list[tuple[bytes, bytes | None]] = []
    for one in data:
        match one:
            case (bytes(line), bytes(literal)):
                pieces.append((LITERAL.sub(b"", line), literal))
            case bytes(line):
                yield _nested([*pieces, (line, None)])
                pieces = []


def _nested(pieces: Iterable[tuple[bytes, bytes | None]]) -> list[Value]:
    top: list[Value] = []
    open_lists = [top]
    for line, literal in pieces:
        for token in TOKENS.finditer(line):
            if token[0] == b"(":
                inner: list[Value] = []
                open_lists[-1].append(inner)
                open_lists.append(inner)
            elif token[0] == b")":
                del open_lists[max(1, len(open_lists) - 1) :]
            elif token[1] is not None:
                open_lists[-1].append(re.sub(rb"\\(.)", rb"\1", token[1], flags=re.DOTALL))
            else:
                open_lists[-1].append(None if token[2].upper() == b"NIL" else token[2])
        if literal is not None:
            open_lists[-1].append(literal)
    return top


def _seen(values: dict[bytes, Value]) -> Seen | None:
    uid, structure = values.get(b"UID"), values.get(b"BODYSTRUCTURE")
    head = next((value for key, value in values.items() if key.upper().startswith(b"BODY[HEADER")), None)
    if not (isinstance(uid, bytes) and uid.isdigit() and isinstance(head, bytes)):
        return None
    message = message_from_bytes(head)
    written = [str(value) for name in ("To", "Cc", "Bcc") for value in message.get_all(name, [])]
    addresses = frozenset(address.casefold() for _, address in getaddresses(written) if address)
    return Seen(int(uid), addresses, frozenset(files_in(structure)))


def files_in(structure: Value) -> Iterator[str]:
    """The names of files in a BODYSTRUCTURE, in small letters: plain, or as RFC 2047 and RFC 2231 write them."""
    waiting = [structure]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, list):
            continue
        waiting += [inner for inner in one if isinstance(inner, list)]
        pairs = itertools.pairwise(one)
        named = [(key, value) for key, value in pairs if type(key) is bytes and type(value) is bytes]
        written = [(found[1].lower(), value) for key, value in named if (found := NAME_OF_FILE.fullmatch(key))]
        if written and (name := _file_name(written)):
            yield name.casefold()


def _file_name(written: Sequence[tuple[bytes, bytes]]) -> str:
    """Of the parameters `filename`, `filename*`, `filename*0*` …, told by the end of their names."""
    line = b"; ".join(b'filename%s="%s"' % (end, re.sub(rb'[\r\n"\\]', b"", value)) for end, value in written)
    try:
        part = message_from_bytes(b"Content-Disposition: attachment; " + line + b"\r\n\r\n", policy=SMTP)
        return str(part.get_filename() or "")
    except (ValueError, LookupError, TypeError, AttributeError, MessageError):
        return ""


def time_left(until: float | None) -> bool:
    return until is None or time.monotonic() < until
