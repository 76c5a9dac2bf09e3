"""Mail drafts: one `.eml` for each occasion and addressee of sheet Surel, made once for each version of a document."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sopkit.archive import FILE as ARCHIVE
from sopkit.checks.inspection import Inspected, default_setting
from sopkit.errors import SopkitError
from sopkit.files import safe_name, write_if_changed
from sopkit.language import list_text, number_text
from sopkit.mail.letters import Attachment, Letter, LetterTemplate, compose, load_letter, message_digest
from sopkit.mail.occasions import DOCUMENTS, Document, Occasion, occasions
from sopkit.mail.outbox import Mail, Outbox
from sopkit.mail.routes import (
    DISPOSAL,
    LIST,
    PTPP,
    REMINDER,
    REPORT,
    RESPONSIBLE,
    Directory,
    Person,
    Reason,
    Recipient,
    Route,
    directory,
    routes,
    same,
)

FOLDER = "surel"
RETIRED = "diganti"
TEMPLATES: Mapping[str, str] = {
    PTPP: "ptpp.txt",
    DISPOSAL: "ba-pemusnahan.txt",
    LIST: "daftar-ptpp.txt",
    REPORT: "laporan.txt",
    REMINDER: "pengingat.txt",
}
UNITS: Mapping[str, int] = {"KB": 1000, "MB": 1000**2}
CODE_LENGTH = 8


@dataclass(frozen=True)
class Draft:
    """One mail ready to be looked at. `path` is where its .eml lies (in a preview: would lie)."""

    document: str
    subject: str
    to: tuple[Recipient, ...]
    cc: tuple[Recipient, ...]
    attachments: tuple[str, ...]
    size: int  # bytes
    path: Path
    message_id: str
    replaces: str | None = None

    @property
    def code(self) -> str:
        return code_of(self.message_id)


@dataclass(frozen=True)
class Undelivered:
    """Something or somebody that no draft was made for, and why."""

    document: str
    title: str
    reason: Reason

    def __str__(self) -> str:
        where = f" (sheet {self.reason.sheet}, sel {self.reason.cell})" if self.reason.cell else ""
        return f"{self.title}: {self.reason.message} {self.reason.remedy}{where}"


@dataclass(frozen=True)
class Drafted:
    """`unchanged` counts the mails that were drafted before and are not made again."""

    drafts: tuple[Draft, ...]
    unchanged: int
    undelivered: tuple[Undelivered, ...]
    replaced: tuple[Path, ...] = ()  # drafts that are outdated, moved to surel/diganti


@dataclass(frozen=True)
class _Planned:
    occasion: Occasion
    route: Route
    intended: tuple[str, ...]
    to: tuple[Recipient, ...]
    cc: tuple[Recipient, ...]
    previous: Mail | None
    letter: Letter
    message_id: str
    attachments: tuple[Attachment, ...]
    data: bytes


@dataclass
class _Round:
    """What one drafting has met so far."""

    inspected: Inspected
    people: Directory
    templates: Path
    known: Callable[[str], Sequence[Mail]]
    addresses: Callable[[str], frozenset[str]]
    unchanged: int = 0
    undelivered: dict[tuple[str, str, str], Undelivered] = field(default_factory=dict)
    letters: dict[str, LetterTemplate] = field(default_factory=dict)
    claimed: set[tuple[str, str]] = field(default_factory=set)

    def miss(self, occasion: Occasion, reason: Reason) -> None:
        self.undelivered.setdefault(
            (occasion.title, reason.message, reason.cell), Undelivered(occasion.document, occasion.title, reason)
        )


def draft_mails(
    inspected: Inspected,
    documents: Sequence[Document],
    output: Path,
    templates: Path,
    report: Path | None = None,
    allow: Iterable[str] = (),
) -> Drafted:
    """Write the drafts that are due into `output/surel` and remember them in the outbox.

    A document whose bytes were drafted before is not drafted again. `templates` is the office's folder (its texts lie
    in `surel/`), `report` the HTML report, `allow` addresses or domains beyond Domain Surel. Whoever cannot be written
    to is listed; `SopkitError` only when the disk or the outbox fails.
    """
    with Outbox(output / ARCHIVE) as outbox:
        state = _round(inspected, templates, allow, outbox.of_occasion, outbox.addresses)
        drafts = []
        for planned in _plan(state, documents, report):
            path = _free_path(output / FOLDER, planned)
            write_if_changed(path, planned.data)
            outbox.record(
                _mail(planned, path, output, _office(inspected)),
                [person.address for person in planned.to],
                [person.address for person in planned.cc],
                inspected.as_of,
            )
            drafts.append(_draft(planned, path))
        replaced = tuple(_put_away(outbox, output))
        return Drafted(tuple(drafts), state.unchanged, tuple(state.undelivered.values()), replaced)


def preview(
    inspected: Inspected,
    documents: Sequence[Document],
    output: Path,
    templates: Path,
    report: Path | None = None,
    allow: Iterable[str] = (),
) -> Drafted:
    """What `draft_mails` would make, and for whom; writes nothing."""
    if not (output / ARCHIVE).exists():
        state = _round(inspected, templates, allow, lambda _: (), lambda _: frozenset())
        return _previewed(state, documents, output, report)
    with Outbox(output / ARCHIVE) as outbox:
        state = _round(inspected, templates, allow, outbox.of_occasion, outbox.addresses)
        return _previewed(state, documents, output, report)


def code_of(message_id: str) -> str:
    """The short code that a mail's text and its successors name it by."""
    return message_id.lstrip("<")[:CODE_LENGTH]


def _previewed(state: _Round, documents: Sequence[Document], output: Path, report: Path | None) -> Drafted:
    drafts = [_draft(planned, _free_path(output / FOLDER, planned)) for planned in _plan(state, documents, report)]
    return Drafted(tuple(drafts), state.unchanged, tuple(state.undelivered.values()))


def _round(
    inspected: Inspected,
    templates: Path,
    allow: Iterable[str],
    known: Callable[[str], Sequence[Mail]],
    addresses: Callable[[str], frozenset[str]],
) -> _Round:
    return _Round(inspected, directory(inspected, allow), templates / FOLDER, known, addresses)


def _plan(state: _Round, documents: Sequence[Document], report: Path | None) -> Iterator[_Planned]:
    ways = routes(state.inspected)
    unrouted: dict[str, int] = {}
    for occasion in occasions(state.inspected, documents, report):
        mine = [route for route in ways if same(route.document, occasion.document)]
        if occasion.problem:
            state.miss(occasion, occasion.problem)
            continue
        if not mine and occasion.document in DOCUMENTS.values():
            unrouted[occasion.document] = unrouted.get(occasion.document, 0) + 1
        for route in mine:
            yield from _plan_one(state, occasion, route)
    for document, count in unrouted.items():
        message = f"Sheet Surel tidak menyebut tujuan {document}; {count} surel tidak disiapkan."
        reason = Reason(message, "Tambahkan barisnya bila perlu dikirim.", "Surel")
        state.undelivered[document, message, ""] = Undelivered(document, document, reason)


def _plan_one(state: _Round, occasion: Occasion, route: Route) -> Iterator[_Planned]:
    people, reasons = _people(state, occasion, route)
    for reason in reasons:
        state.miss(occasion, reason)
    if not people:
        return
    earlier = state.known(occasion.key)
    waiting = _not_yet(state, occasion, route, people, earlier)
    if not waiting:
        state.unchanged += 1
        return
    to = _reachable(state, occasion, waiting)
    to = [one for one in to if (occasion.key, one.address) not in state.claimed]
    if not to:
        return
    state.claimed.update((occasion.key, person.address) for person in to)
    cc = _copies(state, occasion, route, to)
    try:
        yield _write(state, occasion, route, people, to, cc, earlier)
    except SopkitError as error:
        state.miss(occasion, Reason(error.message, error.remedy))


def _people(state: _Round, occasion: Occasion, route: Route) -> tuple[list[Person], list[Reason]]:
    people, reasons = state.people.named(route.to, occasion.responsible, route)
    if occasion.owner is not None:
        people = [person for person in people if same(person.name, occasion.owner)]
    return people, reasons


def _not_yet(
    state: _Round, occasion: Occasion, route: Route, people: Sequence[Person], earlier: Sequence[Mail]
) -> list[Person]:
    """Those whom this version has not reached a draft for.

    Once drafted along a route it stays done, even when another person takes the role; only who was meant then and had
    no address is still owed it.
    """
    current = [mail for mail in earlier if mail.content == occasion.content]
    along = [mail for mail in current if same(mail.route, route.to)]
    reached = {address for mail in current for address in state.addresses(mail.message_id)}
    meant = {name for mail in along for name in mail.intended}
    waiting = [person for person in people if not along or person.name in meant]
    return [person for person in waiting if person.email.casefold() not in {one.casefold() for one in reached}]


def _reachable(state: _Round, occasion: Occasion, people: Iterable[Person]) -> list[Recipient]:
    found: dict[str, Recipient] = {}
    for person in people:
        recipient = state.people.recipient(person)
        if isinstance(recipient, Reason):
            state.miss(occasion, recipient)
        else:
            found.setdefault(recipient.address.casefold(), recipient)
    return list(found.values())


def _copies(state: _Round, occasion: Occasion, route: Route, to: Sequence[Recipient]) -> list[Recipient]:
    people: list[Person] = []
    for cell in route.cc:
        found, reasons = state.people.named(cell, occasion.responsible, route)
        people += found
        for reason in reasons:
            state.miss(occasion, reason)
    taken = {person.address.casefold() for person in to}
    return [one for one in _reachable(state, occasion, people) if one.address.casefold() not in taken]


def _write(
    state: _Round,
    occasion: Occasion,
    route: Route,
    people: Sequence[Person],
    to: Sequence[Recipient],
    cc: Sequence[Recipient],
    earlier: Sequence[Mail],
) -> _Planned:
    """`SopkitError` when the text template or the attachment does not serve."""
    previous = _previous(state, occasion, route, to, earlier)
    replaces = previous.message_id if previous else None
    limit = _limit(state.inspected)
    for attachments in _forms(occasion):
        letter, digest = _letter(state, occasion, to, cc, attachments, replaces)
        message_id = f"<{digest[:40]}@{_domain(state.inspected)}>"
        data = compose(letter, to, cc, attachments, message_id, replaces)
        if len(data) <= limit:
            names = tuple(person.name for person in people)
            return _Planned(
                occasion, route, names, tuple(to), tuple(cc), previous, letter, message_id, attachments, data
            )
    size, most = (number_text(round(count / UNITS["MB"], 1)) for count in (len(data), limit))
    raise SopkitError(
        f"Surelnya berukuran {size} MB, melebihi batas {most} MB.",
        "Sampaikan dokumennya dengan cara lain atau naikkan Batas Lampiran di sheet Kantor.",
    )


def _previous(
    state: _Round, occasion: Occasion, route: Route, to: Sequence[Recipient], earlier: Sequence[Mail]
) -> Mail | None:
    """The latest mail about an older version, to the same role or people."""
    wanted = {person.address for person in to}
    for mail in reversed(earlier):
        if mail.content == occasion.content:
            continue
        if same(mail.route, route.to) and not same(route.to, RESPONSIBLE):
            return mail
        if wanted & state.addresses(mail.message_id):
            return mail
    return None


def _letter(
    state: _Round,
    occasion: Occasion,
    to: Sequence[Recipient],
    cc: Sequence[Recipient],
    attachments: Sequence[Attachment],
    replaces: str | None,
) -> tuple[Letter, str]:
    """The filled text, and the digest that its code shows; the code itself stands outside the digest."""
    template = _template(state, occasion.document)
    subject = {**occasion.subject, "pengganti": replaces is not None, "kantor": _office(state.inspected)}
    body = {
        **occasion.body,
        **_office_fields(state.inspected),
        "penerima": list_text(person.titled for person in to),
        "lampiran": list_text(attachment.name for attachment in attachments),
        "kode_surel_lama": code_of(replaces or ""),
    }
    unsigned = template.render(subject, {**body, "kode_surel": ""})
    content = f"{occasion.key}\0{occasion.content}"
    digest = message_digest(unsigned, to, cc, content, replaces)
    return template.render(subject, {**body, "kode_surel": digest[:CODE_LENGTH]}), digest


def _template(state: _Round, document: str) -> LetterTemplate:
    name = TEMPLATES[document]
    if name not in state.letters:
        state.letters[name] = load_letter(state.templates, name)
    return state.letters[name]


def _forms(occasion: Occasion) -> Iterator[tuple[Attachment, ...]]:
    """What to attach, in the forms that there are, the best first; `SopkitError` when a file cannot be read."""
    if not occasion.files:
        yield ()
    for path in occasion.files:
        try:
            yield (Attachment(path.name, path.read_bytes()),)
        except OSError as error:
            raise SopkitError(
                f"{path} tidak dapat dibaca untuk dilampirkan ({error.strerror}).",
                "Tutup berkasnya di program lain, lalu jalankan lagi.",
            ) from error


def _free_path(folder: Path, planned: _Planned) -> Path:
    """A name for people; with the code where another draft, or one that somebody edited, has that name."""
    name = safe_name(f"{planned.occasion.title.replace(planned.to[0].name, '')} {planned.to[0].name}")
    path = folder / f"{name}.eml"
    if _is_free(path, planned.data):
        return path
    return folder / f"{name} {code_of(planned.message_id)}.eml"


def _is_free(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except FileNotFoundError:
        return True
    except OSError:
        return False


def _put_away(outbox: Outbox, output: Path) -> Iterator[Path]:
    """Outdated drafts leave the folder from which the clerk sends."""
    for mail in outbox.retired():
        source = output / mail.file
        target = source.parent / RETIRED / source.name
        if source.parent.name == RETIRED or not source.exists():
            continue
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)
        except OSError as error:
            raise SopkitError(
                f"Draf lama {source} tidak dapat dipindahkan ({error.strerror}).",
                "Tutup surel itu di Outlook, lalu jalankan lagi.",
            ) from error
        outbox.move(mail.message_id, target.relative_to(output).as_posix())
        yield target


def _mail(planned: _Planned, path: Path, output: Path, office: str) -> Mail:
    paper = planned.occasion.paper
    return Mail(
        message_id=planned.message_id,
        occasion=planned.occasion.key,
        content=planned.occasion.content,
        route=planned.route.to,
        intended=planned.intended,
        document=planned.occasion.document,
        subject=planned.letter.subject,
        file=f"{FOLDER}/{path.name}",
        sha256=hashlib.sha256(planned.data).hexdigest(),
        replaces=planned.previous.message_id if planned.previous else None,
        office=office,
        paper=paper.relative_to(output).as_posix() if paper and paper.is_relative_to(output) else "",
    )


def _draft(planned: _Planned, path: Path) -> Draft:
    return Draft(
        document=planned.occasion.document,
        subject=planned.letter.subject,
        to=planned.to,
        cc=planned.cc,
        attachments=tuple(attachment.name for attachment in planned.attachments),
        size=len(planned.data),
        path=path,
        message_id=planned.message_id,
        replaces=planned.previous.message_id if planned.previous else None,
    )


def _limit(inspected: Inspected) -> int:
    """Kantor's Batas Lampiran in bytes; its default where it cannot be read."""
    for text in (inspected.register.settings.get("Batas Lampiran", ""), default_setting("Batas Lampiran")):
        match = re.fullmatch(r"(\d{1,4}(?:[.,]\d+)?)\s*(KB|MB)", text.strip(), re.IGNORECASE)
        if match and float(match[1].replace(",", ".")) > 0:
            return int(float(match[1].replace(",", ".")) * UNITS[match[2].upper()])
    raise AssertionError("the default limit is not readable")


def _domain(inspected: Inspected) -> str:
    """Right side of the Message-ID: the office's first mail domain."""
    domains = re.findall(r"[a-z0-9.-]+\.[a-z]{2,}", inspected.register.settings.get("Domain Surel", "").casefold())
    return domains[0] if domains else "sopkit.invalid"


def _office(inspected: Inspected) -> str:
    return inspected.register.settings.get("Nama Kantor", "") or inspected.sop.office.name


def _office_fields(inspected: Inspected) -> Mapping[str, object]:
    settings, printed = inspected.register.settings, inspected.sop.office
    return {
        "pemerintah": settings.get("Pemerintah", "") or printed.government,
        "alamat": settings.get("Alamat", "") or printed.address,
        "tempat": settings.get("Tempat", "") or printed.place,
    }
