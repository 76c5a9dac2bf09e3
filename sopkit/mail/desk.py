"""What the mail commands say to the clerk, a line at a time."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from sopkit.language import datetime_text, list_text, number_text
from sopkit.mail.outbox import STATE_WORDS, Delivery

if TYPE_CHECKING:
    from sopkit.mail.drafts import Draft, Drafted
    from sopkit.mail.routes import Recipient
    from sopkit.mail.smtp import Outcome, Sent

MEGABYTE, KILOBYTE = 1_000_000, 1_000


def drafted_lines(drafted: Drafted, *, preview: bool) -> Iterator[str]:
    """After `mail draft`, or for `mail preview` every mail with its recipients, attachment and size."""
    if preview:
        for draft in drafted.drafts:
            yield from _draft_lines(draft)
    yield f"{len(drafted.drafts)} draf {'akan dibuat' if preview else 'baru siap diperiksa dan dikirim'}."
    if drafted.unchanged:
        yield f"{drafted.unchanged} surel tidak dibuat lagi karena isinya tidak berubah."
    if drafted.replaced:
        yield f"{len(drafted.replaced)} draf lama digantikan dan dipindahkan ke folder {drafted.replaced[0].parent}."
    if drafted.undelivered:
        yield "Belum dapat disiapkan:"
        yield from (f"- {undelivered}" for undelivered in drafted.undelivered)
    if drafted.drafts and not preview:
        yield f"Buka draf di folder {drafted.drafts[0].path.parent} dengan Outlook, atau jalankan: sopkit mail send"


def status_lines(deliveries: Sequence[Delivery]) -> Iterator[str]:
    """For `mail status`: each mail with its recipients, then the counts, and what wants a decision."""
    for _, group in itertools.groupby(deliveries, lambda delivery: delivery.mail.number):
        recipients = list(group)
        yield f"{recipients[0].mail.number}. {recipients[0].mail.subject}"
        yield from (f"   {delivery.address}: {_fate(delivery)}" for delivery in recipients)
    counts = Counter[str](delivery.state for delivery in deliveries)
    yield _counted(counts, STATE_WORDS) or "Belum ada surel."
    if counts["uncertain"]:
        yield "Yang belum pasti tidak dikirim ulang. Tanyakan kepada penerimanya."
        yield "Bila sudah sampai: sopkit mail resolve NOMOR sent; bila belum: sopkit mail resolve NOMOR draft"


def sent_lines(outcome: Outcome, *, dry_run: bool) -> Iterator[str]:
    """After `mail send`: what became of each, or in a dry run what would be sent."""
    for _, group in itertools.groupby(outcome.sent, lambda one: one.mail.number):
        yield from _sent_lines(list(group), dry_run)
    mails = len({one.mail.number for one in outcome.sent})
    if dry_run:
        yield f"Uji coba: {mails} surel akan dikirim, belum ada yang dikirim. Untuk mengirim: sopkit mail send --send"
    else:
        counts = Counter[str](one.state for one in outcome.sent)
        yield _counted(counts, {**STATE_WORDS, "draft": "ditunda"}) or "Tidak ada yang dikirim."
    if outcome.left:
        yield f"{outcome.left} surel lain menunggu giliran."
    if outcome.problem is not None:
        yield str(outcome.problem)


def needs_attention(deliveries: Iterable[Delivery]) -> bool:
    """True when `mail status` exits 4: something is refused or uncertain."""
    return any(delivery.state in ("refused", "uncertain") for delivery in deliveries)


def _counted(counts: Mapping[str, int], words: Mapping[str, str]) -> str:
    return list_text(f"{counts[state]} {word}" for state, word in words.items() if counts[state])


def _draft_lines(draft: Draft) -> Iterator[str]:
    yield draft.subject
    yield f"   Kepada: {_people(draft.to)}"
    if draft.cc:
        yield f"   Tembusan: {_people(draft.cc)}"
    if draft.attachments:
        yield f"   Lampiran: {list_text(draft.attachments)} ({_size(draft.size)})"
    if draft.replaces:
        yield "   Menggantikan surel terdahulu"


def _people(people: Iterable[Recipient]) -> str:
    return "; ".join(f"{person.name} <{person.address}>" for person in people)


def _size(count: int) -> str:
    if count >= MEGABYTE:
        return f"{number_text(round(count / MEGABYTE, 1))} MB"
    return f"{number_text(max(round(count / KILOBYTE), 1))} KB"


def _fate(delivery: Delivery) -> str:
    words = delivery.state_words
    if delivery.state == "draft" and delivery.next_try:
        words = f"ditunda sampai {datetime_text(delivery.next_try)}"
    elif delivery.state == "sent":
        words = f"{words} {datetime_text(delivery.changed)}"
    telling = delivery.detail and delivery.state not in ("sent", "replaced")
    return f"{words} ({delivery.detail})" if telling else words


def _sent_lines(group: Sequence[Sent], dry_run: bool) -> Iterator[str]:
    yield f"{group[0].mail.number}. {group[0].mail.subject}"
    for one in group:
        words = "akan dikirim" if dry_run else "ditunda" if one.state == "draft" else one.state_words
        yield f"   {one.address}: {words}" + (f" ({one.detail})" if one.detail and one.state != "sent" else "")
