"""Several documents for the same people go in one mail, with a table of what is in it, as far as the size limit allows.

A document that replaces one which went out goes alone, so that it follows that mail in every mail program; so do the
report and the reminders, which are messages of their own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sopkit.errors import SopkitError
from sopkit.language import list_text
from sopkit.mail.compose import compose
from sopkit.mail.outbox import DIGEST as KEY
from sopkit.mail.planning import DraftRun, Planned, filled, mail_domain, size_limit, template_of
from sopkit.mail.recipients import DIGEST
from sopkit.mail.topics import Occasion

MARGIN = 20_000  # bytes of headers and of the table, which the mails of the documents alone do not have


def gathered(state: DraftRun, planned: Iterable[Planned]) -> list[Planned]:
    """The same mails, those of several documents to the same people as one; in the order of their first documents."""
    groups: dict[object, list[Planned]] = {}
    for place, one in enumerate(planned):
        people = tuple(person.address for person in one.to), tuple(person.address for person in one.cc)
        alone = one.previous is not None or one.occasion.document_path is None
        groups.setdefault(place if alone else people, []).append(one)
    return [mail for group in groups.values() for some in _fitting(state, group) for mail in _gathered(state, some)]


def _fitting(state: DraftRun, group: Sequence[Planned]) -> Iterator[list[Planned]]:
    """Parts of a group that are each within the limit: a mail with several documents is less than their own mails."""
    limit, part, size = size_limit(state.inspected) - MARGIN, list[Planned](), 0
    for one in group:
        if part and size + len(one.data) > limit:
            yield part
            part, size = [], 0
        part.append(one)
        size += len(one.data)
    yield part


def _gathered(state: DraftRun, part: Sequence[Planned]) -> Sequence[Planned]:
    template = template_of(state, DIGEST.name) if len(part) > 1 else None
    if template is None:
        return part
    if isinstance(template, SopkitError):
        state.broken[DIGEST.name] = state.broken.get(DIGEST.name, 0) + 1
        return part
    first, occasion = part[0], _occasion(part)
    attachments = tuple(attachment for one in part for attachment in one.attachments)
    letter, digest = filled(state, template, occasion, first.to, first.cc, attachments, None)
    message_id = f"<{digest[:40]}@{mail_domain(state.inspected)}>"
    data = compose(letter, first.to, first.cc, attachments, message_id, None, state.reply_to)
    instead = tuple(dict.fromkeys(old for one in part for old in one.instead))
    return [
        replace(
            first, occasion=occasion, letter=letter, message_id=message_id, attachments=attachments, data=data,
            instead=instead, parts=tuple(part),
        )
    ]  # fmt: skip


def _occasion(part: Sequence[Planned]) -> Occasion:
    """What a digest is about: known by its documents, in whatever order they came."""
    known = sorted(f"{one.occasion.key}\0{one.occasion.content}" for one in part)
    digest = hashlib.sha256("\0".join(known).encode()).hexdigest()
    kinds = [one.occasion.document for one in part]
    summary = list_text(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
    return Occasion(
        document=DIGEST.name,
        key=f"{KEY}{digest[:16]}",
        content=digest,
        title=f"{DIGEST.name} {len(part)} dokumen",
        responsible=(),
        subject={"jumlah": len(part), "ringkasan": summary},
        body={"dokumen": [_line(one) for one in part], "ditutup": any(one.occasion.closed for one in part)},
        closed=all(one.occasion.closed for one in part),
    )


def _line(one: Planned) -> str:
    """`PTPP 001/PTPP/I/2026 : Legalisasi Surat, target 30 November 2026; 001-PTPP-I-2026.pdf`."""
    values = one.occasion.body
    told = [str(values[name]) for name in ("jenis_layanan", "jumlah_kasus") if values.get(name)]
    if isinstance(values.get("jumlah_kasus"), int):
        told[-1] += " kasus"
    if one.occasion.closed:
        told.append("sudah ditutup")
    elif values.get("target_selesai"):
        told.append(f"target {values['target_selesai']}")
    files = list_text(attachment.name for attachment in one.attachments)
    return f"{one.occasion.title} : {'; '.join(filter(None, (', '.join(told), files)))}"
