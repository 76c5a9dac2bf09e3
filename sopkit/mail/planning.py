"""Which mails are owed: to whom each occasion goes by sheet Surel, and whom its newest version has not reached yet."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sopkit.checks.inspection import Inspected, default_setting
from sopkit.errors import SopkitError, trouble
from sopkit.language import list_text, number_text
from sopkit.mail.compose import Attachment, Letter, LetterTemplate, compose, load_letter, message_digest
from sopkit.mail.folders import CODE_LENGTH, code_of
from sopkit.mail.outbox import GONE, Mail, Outbox
from sopkit.mail.recipients import (
    RESPONSIBLE,
    Directory,
    Person,
    Reason,
    Recipient,
    Route,
    one_address,
    routes,
    topics,
)
from sopkit.mail.topics import REPORT_KEY, Document, Occasion, occasions
from sopkit.text import clean_line, same

UNITS: Mapping[str, int] = {"KB": 1000, "MB": 1000**2}


@dataclass(frozen=True)
class Undelivered:
    """Something or somebody that no draft was made for, and why."""

    document: str
    title: str
    reason: Reason

    @property
    def why(self) -> str:
        where = f" (sheet {self.reason.sheet}, sel {self.reason.cell})" if self.reason.cell else ""
        return f"{self.reason.message} {self.reason.remedy}{where}"

    def __str__(self) -> str:
        return f"{self.title}: {self.why}"


@dataclass(frozen=True)
class Planned:
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
    instead: tuple[str, ...] = ()  # Message-IDs of unsent mails with a worse form of the same document


@dataclass
class DraftRun:
    """What one drafting has met so far."""

    inspected: Inspected
    people: Directory
    templates: Path
    output: Path
    outbox: Outbox | None = None  # None: nothing was ever drafted here
    closed: bool = False  # mails about closed cases are wanted
    despite_errors: bool = False  # the report is wanted though errors stand
    unchanged: int = 0
    left_closed: int = 0  # mails that are not drafted, for their cases are closed
    waits_for: int = 0  # errors for which the report is not drafted
    revived: int = 0  # mails about what was cancelled before it changed
    undelivered: dict[tuple[str, str, str], Undelivered] = field(default_factory=dict)
    letters: dict[str, LetterTemplate | SopkitError] = field(default_factory=dict)
    broken: dict[str, int] = field(default_factory=dict)  # document -> mails that its text template does not serve
    notes: list[str] = field(default_factory=list)
    claimed: set[tuple[str, str]] = field(default_factory=set)
    versions: dict[str, str] = field(default_factory=dict)  # occasion -> its content now
    reply_to: str = ""  # the office's own address

    def known(self, occasion: str) -> Sequence[Mail]:
        return self.outbox.of_occasion(occasion) if self.outbox else ()

    def states(self, message_id: str) -> Mapping[str, str]:
        return self.outbox.states(message_id) if self.outbox else {}

    def facts(self, occasion: Occasion) -> str:
        """What the workbook says of a document's cases; "" where nobody has noted it."""
        paper = paper_of(occasion, self.output)
        return self.outbox.facts_of(paper, occasion.content) if self.outbox and paper else ""

    def miss(self, occasion: Occasion, reason: Reason) -> None:
        self.undelivered.setdefault(
            (occasion.title, reason.message, reason.cell), Undelivered(occasion.document, occasion.title, reason)
        )


def paper_of(occasion: Occasion, output: Path) -> str:
    """The document's path in the output folder, with `/`; "" without one."""
    path = occasion.document_path
    return path.relative_to(output).as_posix() if path and path.is_relative_to(output) else ""


def broken_texts(state: DraftRun) -> Iterator[Undelivered]:
    """A text template that does not serve is said once, whatever the number of its mails."""
    for document, count in state.broken.items():
        error = state.letters[document]
        assert isinstance(error, SopkitError)
        yield Undelivered(document, f"{count} surel {document}", Reason(error.message, error.remedy))


def plan_mails(state: DraftRun, documents: Sequence[Document], report: Path | None) -> Iterator[Planned]:
    ways = routes(state.inspected)
    state.reply_to = _office_address(state)
    unrouted: dict[str, int] = {}
    for occasion in occasions(state.inspected, documents, report):
        mine = [route for route in ways if same(route.document, occasion.document)]
        if occasion.problem:
            state.miss(occasion, occasion.problem)
            continue
        state.versions[occasion.key] = occasion.content
        if state.outbox and occasion.former:
            state.outbox.rename_content(occasion.key, occasion.former, occasion.content)
        if _is_held_back(state, occasion, mine):
            continue
        if not mine and occasion.document_path is not None:
            unrouted[occasion.document] = unrouted.get(occasion.document, 0) + 1
        for route in mine:
            yield from _plan_one(state, occasion, route)
    for document, count in unrouted.items():
        state.notes.append(f"Sheet Surel tidak menyebut tujuan {document}; {count} surel tidak disiapkan.")


def _office_address(state: DraftRun) -> str:
    """Kantor's Surel Kantor; "" where it holds nothing, or no single address, which is said."""
    typed = clean_line(state.inspected.register.settings.get("Surel Kantor", ""))
    address = one_address(typed) if typed else ""
    if address is None:
        state.notes.append(
            "Surel Kantor di sheet Kantor bukan satu alamat surel, jadi balasan tidak diarahkan ke sana."
        )
    return address or ""


def _is_held_back(state: DraftRun, occasion: Occasion, ways: Sequence[Route]) -> bool:
    """Whether it is drafted only when asked for; counted where a mail would be due.

    The report waits for the errors also where nobody can receive it yet: else nothing would be said of it.
    """
    errors = state.inspected.summary["error"] if occasion.key == REPORT_KEY else 0
    closed = occasion.closed and not state.closed
    if not closed and (not errors or state.despite_errors):
        return False
    due = [_due(state, occasion, route) for route in ways]
    state.left_closed += sum(map(bool, due)) if closed else 0
    state.waits_for = errors if not closed and any(people is None or people for people in due) else state.waits_for
    return True


def _due(state: DraftRun, occasion: Occasion, route: Route) -> list[Person] | None:
    """Who has not been written to of it; None where there is nobody to write to."""
    people, _ = _people(state, occasion, route)
    return _not_yet(state, occasion, route, people, state.known(occasion.key)) if people else None


def _plan_one(state: DraftRun, occasion: Occasion, route: Route) -> Iterator[Planned]:
    people, reasons = _people(state, occasion, route)
    for reason in reasons:
        state.miss(occasion, reason)
    if not people:
        return
    earlier = state.known(occasion.key)
    waiting = _not_yet(state, occasion, route, people, earlier)
    if not waiting:
        better = _better_form(state, occasion, route, people, earlier)
        state.unchanged += not better
        yield from better
        return
    to = _reachable(state, occasion, waiting)
    to = [one for one in to if (occasion.key, one.address) not in state.claimed]
    if not to:
        return
    state.claimed.update((occasion.key, person.address) for person in to)
    state.revived += _is_revived(state, occasion, to, earlier)
    copies, reasons = _copies(state, occasion, route, to)
    for reason in reasons:
        state.miss(occasion, reason)
    if reasons:
        return
    try:
        yield from _write(state, occasion, route, people, to, copies, earlier)
    except SopkitError as error:
        state.miss(occasion, Reason(error.message, error.remedy))


def _people(state: DraftRun, occasion: Occasion, route: Route) -> tuple[list[Person], list[Reason]]:
    people, reasons = state.people.named(route.to, occasion.responsible, route)
    if occasion.owner is not None:
        people = [person for person in people if same(person.name, occasion.owner)]
    return people, reasons


def _not_yet(
    state: DraftRun, occasion: Occasion, route: Route, people: Sequence[Person], earlier: Sequence[Mail]
) -> list[Person]:
    """Those whom this version has not reached a draft for.

    Once drafted along a route it stays done, even when another person takes the role; only who was meant then and had
    no address is still owed it.
    """
    reached = _reached(state, occasion, earlier)
    along = [mail for mail in earlier if _holds(state, occasion, mail) and same(mail.route, route.to)]
    along = [mail for mail in along if reached & state.states(mail.message_id).keys()]
    meant = {name for mail in along for name in mail.intended}
    waiting = [person for person in people if not along or person.name in meant]
    return [person for person in waiting if person.email.casefold() not in {one.casefold() for one in reached}]


def _reached(state: DraftRun, occasion: Occasion, earlier: Sequence[Mail]) -> set[str]:
    """Addresses for which this version is the last that was drafted or went out.

    A draft that was replaced does not count. Another version that went out later does, except for reminders: they are
    about a week, not about a thing that changes to and fro. What was cancelled stays so while the case is as it was.
    """
    facts = state.facts(occasion)
    last: dict[str, bool] = {}
    for mail in earlier:
        current = mail.content == occasion.content
        for address, fate in state.states(mail.message_id).items():
            held = current or (fate == "cancelled" and _is_same_case(mail.facts, facts))
            if fate != "replaced" and (held or (fate in GONE and occasion.owner is None)):
                last[address] = held
    return {address for address, held in last.items() if held}


def _holds(state: DraftRun, occasion: Occasion, mail: Mail) -> bool:
    """Whether a mail is about this version, or was cancelled while the case was as it is now."""
    cancelled = "cancelled" in state.states(mail.message_id).values()
    return mail.content == occasion.content or (cancelled and _is_same_case(mail.facts, state.facts(occasion)))


def _is_same_case(one: str, other: str) -> bool:
    """By the digests of what the workbook says: of a document known by its printed code alone there are 16 digits."""
    return bool(one and other) and (one.startswith(other) or other.startswith(one))


def _is_revived(state: DraftRun, occasion: Occasion, to: Sequence[Recipient], earlier: Sequence[Mail]) -> bool:
    """Whether one of them was not to be written to about an older version; a reminder is of its week alone."""
    fates = [state.states(mail.message_id) for mail in earlier if occasion.owner is None]
    return any(fate.get(person.address) == "cancelled" for fate in fates for person in to)


def _better_form(
    state: DraftRun, occasion: Occasion, route: Route, people: Sequence[Person], earlier: Sequence[Mail]
) -> list[Planned]:
    """New drafts for unsent ones that carry a worse form of the document than there is now (Word where PDF is)."""
    found = []
    for mail in earlier:
        fates = state.states(mail.message_id)
        mine = mail.content == occasion.content and same(mail.route, route.to) and set(fates.values()) == {"draft"}
        if not (mine and _is_worse(mail, occasion) and _is_untouched(state.output / mail.file, mail.sha256)):
            continue
        outcomes = [state.people.recipient(person) for person in people if person.email in fates]
        to = [one for one in outcomes if isinstance(one, Recipient)]
        copies, reasons = _copies(state, occasion, route, to)
        if not to or reasons:
            continue
        with contextlib.suppress(SopkitError):
            again = _write(state, occasion, route, people, to, copies, earlier)
            found += [replace(one, instead=(mail.message_id,)) for one in again if form_of(one) != mail.attached]
    return found


def form_of(planned: Planned) -> str:
    return planned.attachments[0].name if planned.attachments else ""


def _is_worse(mail: Mail, occasion: Occasion) -> bool:
    return mail.attached in [path.name for path in occasion.files[1:]]


def _is_untouched(path: Path, sha256: str) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except OSError:
        return False


def _reachable(state: DraftRun, occasion: Occasion, people: Iterable[Person]) -> list[Recipient]:
    found: dict[str, Recipient] = {}
    for person in people:
        recipient = state.people.recipient(person)
        if isinstance(recipient, Reason):
            state.miss(occasion, recipient)
        else:
            found.setdefault(recipient.address.casefold(), recipient)
    return list(found.values())


def _copies(
    state: DraftRun, occasion: Occasion, route: Route, to: Sequence[Recipient]
) -> tuple[list[Recipient], list[Reason]]:
    """Who gets a copy, and why somebody who should does not: then there is no draft, for a copy is easily forgotten."""
    people: list[Person] = []
    reasons: list[Reason] = []
    for copy in route.cc:
        found, why = state.people.named(copy.to, occasion.responsible, replace(route, cell=copy.cell))
        people += found
        reasons += why
    outcomes = [state.people.recipient(person) for person in people]
    taken = {person.address.casefold() for person in to}
    copies = {one.address.casefold(): one for one in outcomes if isinstance(one, Recipient)}
    reasons += [one for one in outcomes if isinstance(one, Reason)]
    return [one for address, one in copies.items() if address not in taken], reasons


def _write(
    state: DraftRun,
    occasion: Occasion,
    route: Route,
    people: Sequence[Person],
    to: Sequence[Recipient],
    cc: Sequence[Recipient],
    earlier: Sequence[Mail],
) -> list[Planned]:
    """None when the text template does not serve; `SopkitError` when the attachment does not."""
    template = _template(state, occasion.document)
    if isinstance(template, SopkitError):
        state.broken[occasion.document] = state.broken.get(occasion.document, 0) + 1
        return []
    previous = _previous(state, occasion, route, to, earlier)
    replaces = previous.message_id if previous else None
    limit = _limit(state.inspected)
    for attachments in _forms(occasion):
        letter, digest = _letter(state, template, occasion, to, cc, attachments, replaces)
        message_id = f"<{digest[:40]}@{_domain(state.inspected)}>"
        data = compose(letter, to, cc, attachments, message_id, replaces, state.reply_to)
        if len(data) <= limit:
            intended = tuple(person.name for person in people)
            return [
                Planned(
                    occasion, route, intended, tuple(to), tuple(cc), previous, letter, message_id, attachments, data
                )
            ]
    size, most = (number_text(round(count / UNITS["MB"], 1)) for count in (len(data), limit))
    raise SopkitError(
        f"Surelnya berukuran {size} MB, melebihi batas {most} MB.",
        "Sampaikan dokumennya dengan cara lain atau naikkan Batas Lampiran di sheet Kantor.",
    )


def _previous(
    state: DraftRun, occasion: Occasion, route: Route, to: Sequence[Recipient], earlier: Sequence[Mail]
) -> Mail | None:
    """The latest mail about another version that went out, or may have, to the same role or people."""
    wanted = {person.address for person in to}
    for mail in reversed(earlier):
        gone = {address for address, fate in state.states(mail.message_id).items() if fate in GONE}
        if mail.content == occasion.content or not gone:
            continue
        if wanted & gone or (same(mail.route, route.to) and not same(route.to, RESPONSIBLE)):
            return mail
    return None


def _letter(
    state: DraftRun,
    template: LetterTemplate,
    occasion: Occasion,
    to: Sequence[Recipient],
    cc: Sequence[Recipient],
    attachments: Sequence[Attachment],
    replaces: str | None,
) -> tuple[Letter, str]:
    """The filled text, and the digest that its code shows; the code itself stands outside the digest."""
    office = state.inspected.office
    subject = {**occasion.subject, "pengganti": replaces is not None, "kantor": office.name}
    body = {
        **occasion.body,
        "pemerintah": office.government,
        "alamat": office.address,
        "tempat": office.place,
        "penerima": list_text(person.titled for person in to),
        "lampiran": list_text(attachment.name for attachment in attachments),
        "kode_surel_lama": code_of(replaces or ""),
    }
    unsigned = template.render(subject, {**body, "kode_surel": ""})
    content = "\0".join((occasion.key, occasion.content, *(attachment.name for attachment in attachments)))
    digest = message_digest(unsigned, to, cc, content, replaces)
    return template.render(subject, {**body, "kode_surel": digest[:CODE_LENGTH]}), digest


def _template(state: DraftRun, document: str) -> LetterTemplate | SopkitError:
    if document not in state.letters:
        try:
            state.letters[document] = load_letter(state.templates, topics()[document].text)
        except SopkitError as error:
            state.letters[document] = error
    return state.letters[document]


def _forms(occasion: Occasion) -> Iterator[tuple[Attachment, ...]]:
    """What to attach, in the forms that there are, the best first; `SopkitError` when a file cannot be read."""
    if not occasion.files:
        yield ()
    for path in occasion.files:
        try:
            yield (Attachment(path.name, path.read_bytes()),)
        except OSError as error:
            raise SopkitError(
                f"{path} tidak dapat dibaca untuk dilampirkan ({trouble(error).cause}).",
                "Tutup berkasnya di program lain, lalu jalankan lagi.",
            ) from error


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
