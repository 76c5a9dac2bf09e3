"""What the mail commands say to the clerk, a line at a time."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from sopkit.folders import clicked_folder, to_do
from sopkit.language import datetime_text, list_text, number_text
from sopkit.mail.folders import FOLDER
from sopkit.mail.outbox import ALL, STATE_WORDS, Delivery, Mail, needs_decision, waiting_mails

if TYPE_CHECKING:
    from sopkit.mail.drafts import Draft, Drafted
    from sopkit.mail.planning import Undelivered
    from sopkit.mail.recipients import Recipient
    from sopkit.mail.smtp import Outcome, Sent
    from sopkit.mail.visit import Visit

MEGABYTE, KILOBYTE = 1_000_000, 1_000
NAMED = 3  # mails named for one reason
LONGEST_WORDS = 200  # of a server
WHOLE_WORDS: Mapping[str, str] = {
    "uncertain": STATE_WORDS["uncertain"],
    "partly": "terkirim kepada sebagian penerima",
    "refused": STATE_WORDS["refused"],
    "delayed": "ditunda",
    "sending": STATE_WORDS["sending"],
    "draft": "masih draf",
    "sent": STATE_WORDS["sent"],
    "cancelled": STATE_WORDS["cancelled"],
    "replaced": STATE_WORDS["replaced"],
}
"""What became of a mail as a whole, what wants attention first."""


def drafted_lines(drafted: Drafted, output: Path, *, preview: bool) -> Iterator[str]:
    """After `mail draft`, or for `mail preview` every mail with its recipients, attachment and size."""
    if preview:
        for draft in drafted.drafts:
            yield from _draft_lines(draft)
    yield f"{len(drafted.drafts)} draf {'akan dibuat' if preview else 'baru siap diperiksa dan dikirim'}."
    if drafted.unchanged:
        yield f"{drafted.unchanged} surel tidak dibuat lagi karena isinya tidak berubah."
    if drafted.replaced:
        yield f"{len(drafted.replaced)} draf lama digantikan dan dipindahkan ke folder {drafted.replaced[0].parent}."
    yield from note_lines(drafted, output)
    if drafted.undelivered:
        yield "Belum dapat disiapkan:"
        yield from undelivered_lines(drafted.undelivered)
    yield from unsettled_lines(drafted, output)
    if drafted.waiting and not preview:
        yield f"Buka draf di folder {output / FOLDER} dengan Outlook, atau jalankan: {command('send', output)}"
        yield by_hand(output)
        yield from by_page(drafted)


def note_lines(drafted: Drafted, output: Path) -> Iterator[str]:
    """What needs nobody's attention, and what the clerk may want to do about it."""
    closed = sum(draft.closed for draft in drafted.drafts)
    if closed:
        cancel = command("resolve closed cancelled", output)
        yield f"{closed} draf menyangkut kasus yang sudah ditutup. Bila tidak perlu dikirim lagi: {cancel}"
    if drafted.left_closed:
        yield f"{drafted.left_closed} surel kasus yang sudah ditutup tidak dibuatkan draf (bila perlu: --closed)."
    if drafted.waits_for:
        yield f"Draf laporan menunggu {drafted.waits_for} kesalahan diperbaiki (bila perlu sekarang: --report)."
    if drafted.revived:
        yield f"{drafted.revived} draf dibuat lagi, walaupun pernah dibatalkan, karena isinya berubah sejak itu."
    yield from drafted.notes


def undelivered_lines(undelivered: Sequence[Undelivered]) -> Iterator[str]:
    """A line for each reason, with what it holds back."""
    grouped: dict[str, list[str]] = {}
    for one in undelivered:
        grouped.setdefault(one.why, []).append(one.title)
    for why, titles in grouped.items():
        more = [f"{len(titles) - NAMED} lainnya"] if titles[NAMED:] else []
        yield f"- {list_text([*titles[:NAMED], *more])}: {why}"


def unsettled_lines(drafted: Drafted, output: Path) -> Iterator[str]:
    """What earlier mails want of the clerk."""
    for path in drafted.stuck:
        yield f"{path} sudah tidak berlaku, tetapi sedang dibuka program lain. Tutup, lalu jalankan lagi."
    if drafted.unsettled:
        yield f"{drafted.unsettled} surel ditolak server atau belum pasti terkirim. Lihat: {command('status', output)}"


def by_hand(output: Path) -> str:
    """How sopkit learns of what it did not send itself."""
    way = to_do("sopkit mail sent") if clicked_folder() else command("sent", output)
    return f"Yang sudah dikirim dari Outlook, catat dengan: {way}"


def by_page(drafted: Drafted) -> Iterator[str]:
    """Where an office goes on that writes its mail in a browser."""
    if drafted.page is not None:
        yield f"Untuk Gmail atau webmail di peramban, buka {drafted.page}."


def command(name: str, output: Path) -> str:
    """The mail command as it is to be typed for this output folder."""
    if output == Path("keluaran"):
        return f"sopkit mail {name}"
    quoted = f'"{output}"' if " " in str(output) else str(output)
    return f"sopkit mail {name} {'--folder ' if name.startswith('sent') else ''}{quoted}"


def waiting_lines(deliveries: Sequence[Delivery], output: Path) -> Iterator[str]:
    """For `mail sent` without a number: what may have been sent by hand."""
    waiting = [group[0].mail for group in waiting_mails(deliveries)]
    yield from (f"{mail.number}. {mail.subject} ({PurePosixPath(mail.file).name})" for mail in waiting)
    if waiting and not clicked_folder():  # a click asks for the numbers by itself
        which = [command(f"sent {name}", output) for name in (waiting[0].number, ALL)]
        yield f"Sebutkan nomor yang sudah dikirim, misalnya: {which[0]}; atau semuanya: {which[1]}"
    if not waiting:
        yield "Tidak ada draf yang menunggu."


def noted_lines(mails: Sequence[Mail]) -> Iterator[str]:
    """After `mail sent`."""
    yield from (f"{mail.number}. {mail.subject}: tercatat terkirim" for mail in mails)
    yield f"{len(mails)} surel dicatat terkirim. Perubahan dokumennya akan menjadi revisi."


def status_lines(deliveries: Sequence[Delivery]) -> Iterator[str]:
    """For `mail status`: each mail with its recipients, then the counts, and what wants a decision."""
    for _, group in itertools.groupby(deliveries, lambda delivery: delivery.mail.number):
        recipients = list(group)
        yield f"{recipients[0].mail.number}. {recipients[0].mail.subject}"
        yield from (f"   {delivery.address}: {_fate(delivery)}" for delivery in recipients)
    yield _mail_counts((one.mail.number, one.state) for one in deliveries) or "Belum ada surel."
    if any(one.state == "uncertain" for one in deliveries):
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
        fates = ((one.mail.number, "delayed" if one.state == "draft" else one.state) for one in outcome.sent)
        yield _mail_counts(fates) or "Tidak ada yang dikirim."
    if outcome.left:
        yield f"{outcome.left} surel lain menunggu giliran."
    if outcome.lying:
        yield f"{outcome.lying} surel ada di Draf kotak surat kantor: kirim dari sana, lalu jalankan: sopkit mail find"
    if outcome.problem is not None:
        yield str(outcome.problem)


def visit_lines(visit: Visit, output: Path) -> Iterator[str]:
    """After `mail put` and `mail find`: each mail whose state changed, and each that wants something of the clerk."""
    yield from (
        f"{mail.number}. {mail.subject}: sudah dikirim dari kotak surat, tercatat terkirim" for mail in visit.sent
    )
    yield from (f"{mail.number}. {mail.subject}: diletakkan di Draf" for mail in visit.laid)
    yield from (f"{mail.number}. {mail.subject}: tidak berlaku lagi, ditarik dari Draf" for mail in visit.withdrawn)
    yield _visited(visit)
    for mails, why in (
        (visit.kept, "tidak berlaku lagi, tetapi berubah di Draf kotak surat, jadi dibiarkan; hapus sendiri di sana"),
        (visit.edited, "berkas drafnya berubah atau tidak ada, jadi tidak diletakkan; kirim sendiri dari berkasnya"),
        (
            visit.doubtful,
            "di Terkirim ada surel dengan kodenya, tetapi penerima atau lampirannya lain, jadi tidak diletakkan",
        ),
        (visit.missing, "tidak ada lagi di Draf, dan tidak ada di Terkirim"),
    ):
        yield from (f"{mail.number}. {mail.subject}: {why}." for mail in mails)
    for mail, words in visit.refused:
        yield f"{mail.number}. {mail.subject}: ditolak kotak surat ({words[:LONGEST_WORDS]})."
    if unclear := [*visit.doubtful, *visit.missing]:
        number = unclear[0].number
        yield (
            f"Bila sudah dikirim: {command(f'sent {number}', output)}; "
            f"bila tidak jadi dikirim: sopkit mail resolve {number} cancelled"
        )
    if visit.left:
        yield f"{visit.left} draf belum diletakkan; lanjutkan dengan: {command('put', output)}"
    if visit.problem is not None:
        yield str(visit.problem)


def visit_line(visit: Visit, output: Path) -> str:
    """After `run`, in one line; empty where nothing is to be said."""
    if visit.problem is not None:
        return f"Kotak surat: {visit.problem}"
    more = f"; {visit.left} draf lagi dengan: {command('put', output)}" if visit.left else ""
    rest = len([*visit.kept, *visit.missing, *visit.doubtful, *visit.edited, *visit.refused])
    look = f"; {rest} perlu diperhatikan, lihat: {command('put', output)}" if rest else ""
    told = visit.sent or visit.laid or visit.withdrawn or more or look
    return f"{_visited(visit).rstrip('.')}{more}{look}." if told else ""


def _visited(visit: Visit) -> str:
    counts = (
        (len(visit.laid), "draf diletakkan"),
        (len(visit.sent), "tercatat terkirim"),
        (len(visit.withdrawn), "draf lama ditarik"),
    )
    done = list_text(f"{count} {words}" for count, words in counts if count)
    return f"Kotak surat {visit.account.rpartition('@')[0]}: {done or 'tidak ada yang berubah'}."


def needs_attention(deliveries: Iterable[Delivery]) -> bool:
    """True when `mail status` exits 4: something is refused or uncertain."""
    return any(map(needs_decision, deliveries))


def _mail_counts(fates: Iterable[tuple[int, str]]) -> str:
    """How many mails came to what; a mail to several people counts once, by what wants most attention."""
    by_mail: dict[int, set[str]] = {}
    for number, state in fates:
        by_mail.setdefault(number, set()).add(state)
    counts = Counter(_whole(states) for states in by_mail.values())
    return list_text(f"{counts[state]} surel {word}" for state, word in WHOLE_WORDS.items() if counts[state])


def _whole(states: set[str]) -> str:
    if "sent" in states and states & {"draft", "delayed", "refused"}:
        return "partly"
    return next(state for state in WHOLE_WORDS if state in states)


def _draft_lines(draft: Draft) -> Iterator[str]:
    yield draft.subject
    yield f"   Kepada: {_people(draft.to)}"
    if draft.cc:
        yield f"   Tembusan: {_people(draft.cc)}"
    if draft.attachments:
        yield f"   Lampiran: {list_text(draft.attachments)} ({_size(draft.size)})"
    yield f"   {'Pengganti surel terdahulu' if draft.replaces else 'Surel pertama'}"


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
