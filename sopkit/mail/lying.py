"""The mails that lie in the folders of surel/, as their files say: what an archive that was lost is made of again."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Literal

from sopkit.database import without_file
from sopkit.mail.folders import CANCELLED, FOLDER, REPLACED, SENT, UNCERTAIN
from sopkit.mail.headers import POLICY

NOTE = "X-Sopkit"  # the header that holds what the archive knows of a mail, for the day when it is lost
HEAD = 1 << 20  # bytes that are looked at for headers
WIDTH = 72
MESSAGE_ID = re.compile(r"<[0-9a-f]{40}@[^\s<>]+>")
_NOTE_LINES = re.compile(rb"^X-Sopkit:.*\r\n(?:[ \t].*\r\n)*", re.MULTILINE)

Place = Literal["draft", "sent", "uncertain", "replaced", "cancelled"]
STATES: Mapping[str, Place] = {
    "": "draft", SENT: "sent", UNCERTAIN: "uncertain", REPLACED: "replaced", CANCELLED: "cancelled"
}  # fmt: skip
OVERRULES: Mapping[str, frozenset[str]] = {
    SENT: frozenset(("draft", "replaced")),
    UNCERTAIN: frozenset(("draft", "replaced")),
    CANCELLED: frozenset(("draft", "replaced")),
}
"""A folder -> the states of the archive that are wrong of a mail that lies in it."""


@dataclass(frozen=True)
class Lying:
    """One mail's file; `file` relative to the output folder, `place` its folder in surel/."""

    message_id: str
    file: str
    place: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    replaces: str | None
    noted: Mapping[str, object]
    others: tuple[Mapping[str, object], ...] = ()  # of a digest: what it is about besides

    @property
    def state(self) -> Place:
        return STATES[self.place]

    @property
    def overrules(self) -> frozenset[str]:
        return OVERRULES.get(self.place, frozenset())


def noted(data: bytes, values: Mapping[str, object]) -> bytes:
    """A draft's bytes with the note before them; `values` are fields of `Mail` besides what its headers say."""
    full = {**values, "sha256": hashlib.sha256(data).hexdigest()}
    text = base64.b64encode(json.dumps(full, ensure_ascii=False, sort_keys=True).encode()).decode("ascii")
    lines = [text[place : place + WIDTH] for place in range(0, len(text), WIDTH)]
    return f"{NOTE}: ".encode() + "\r\n ".join(lines).encode() + b"\r\n" + data


def without_note(data: bytes) -> bytes:
    """The message as it is sent: the note is of nobody's concern outside the office."""
    head, separator, body = data.partition(b"\r\n\r\n")
    return _NOTE_LINES.sub(b"", head + b"\r\n")[:-2] + separator + body


def lying_in(output: Path) -> Iterator[Lying]:
    """The mails in surel/ and its folders that sopkit has made; who has gone first, drafts last."""
    return first_of_each(files_in(output))


def files_in(output: Path) -> Iterator[Lying]:
    """Every file of them in that order: a mail that lies twice comes twice."""
    for place in (SENT, UNCERTAIN, CANCELLED, "", REPLACED):
        for path in sorted((output / FOLDER / place).glob("*.eml")):
            found = _read(path, path.relative_to(output).as_posix(), place)
            if found is not None:
                yield found


def first_of_each(files: Iterable[Lying]) -> Iterator[Lying]:
    """One file of each mail, the first."""
    seen: set[str] = set()
    for found in files:
        if found.message_id not in seen:
            seen.add(found.message_id)
            yield found


def message_id_of(path: Path) -> str:
    """Whose file it is; "" for none, and for one that sopkit has not made."""
    found = _read(path, "", "")
    return found.message_id if found else ""


def _read(path: Path, file: str, place: str) -> Lying | None:
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD).partition(b"\r\n\r\n")[0]
        message = BytesParser(EmailMessage, policy=POLICY).parsebytes(head + b"\r\n\r\n", headersonly=True)
        message_id = str(message["Message-ID"] or "").strip()
        if not MESSAGE_ID.fullmatch(message_id):
            return None
        replaces = str(message["In-Reply-To"] or "").strip() or None
        to, cc = _addresses(message, "To"), _addresses(message, "Cc")
        subject = str(message["Subject"] or "")
        note = str(message[NOTE] or "")
    except (OSError, ValueError, LookupError, TypeError, MessageError):
        return None
    values, others = _values(note)
    return Lying(message_id, file, place, to, cc, subject, replaces, values, others) if to else None


def _addresses(message: EmailMessage, name: str) -> tuple[str, ...]:
    header = message[name]
    return tuple(one.addr_spec for one in header.addresses) if header is not None else ()


Values = dict[str, object]
_TEXTS = ("occasion", "content", "route", "document", "paper", "attached")


def _values(note: str) -> tuple[Values, tuple[Values, ...]]:
    """What the note says, as far as it can be what sopkit wrote."""
    with suppress(ValueError, binascii.Error):
        read = json.loads(base64.b64decode(re.sub(r"\s", "", note), validate=True))
        values, others = _of_content(read), [_of_content(one) for one in read.get("others", [])] if read else []
        if values and all(others) and all(isinstance(read.get(key), str) for key in ("office", "sha256")):
            return {**values, "office": read["office"], "sha256": read["sha256"]}, tuple(others)
    return {}, ()


def _of_content(read: object) -> Values:
    if not (isinstance(read, dict) and all(isinstance(read.get(key), str) for key in _TEXTS)):
        return {}
    kept: Values = {key: read[key] for key in _TEXTS}
    kept["occasion"] = without_file(str(read["occasion"]))
    kept["facts"] = str(read.get("facts", ""))
    parts = str(read["paper"]).split("/")
    if ".." in parts or (parts[0] == "" and len(parts) > 1) or ":" in parts[0] or "\\" in str(read["paper"]):
        kept["paper"] = ""
    return {**kept, "intended": read.get("intended", []), "closed": read.get("closed") is True}
