"""Which mails are owed: to whom each occasion goes by sheet Surel, and whom its newest version has not reached yet."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sopkit.checks.inspection import Inspected, default_setting
from sopkit.errors import SopkitError, trouble
from sopkit.folders import bundled
from sopkit.language import list_text, number_text
from sopkit.mail.compose import Attachment, Letter, LetterTemplate, compose, in_a_row, load_letter, message_digest
from sopkit.mail.folders import CODE_LENGTH, FOLDER, code_of
from sopkit.mail.outbox import GONE, Mail, Outbox
from sopkit.mail.recipients import (
    DIGEST,
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

FRAME, PART = 16_000, 3_000  # bytes of a digest beside its attachments: its text, and what each document adds
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
class Due:
    """An occasion that these people are to be written to about, by a row of sheet Surel."""

    occasion: Occasion
    route: Route
    intended: tuple[str, ...]
    to: tuple[Recipient, ...]
    cc: tuple[Recipient, ...]
    previous: Mail | None


@dataclass(frozen=True)
class Planned:
    """A mail about one thing, or a digest of several documents for the same people, each with one attachment."""

    dues: tuple[Due, ...]
    letter: Letter
    message_id: str
    attachments: tuple[Attachment, ...]
    data: bytes
    instead: tuple[str, ...] = ()  # Message-IDs of unsent mails with a worse form of the same document, or another text
    told: str = ""  # stands for the template of its text and the letterhead

    @property
    def to(self) -> tuple[Recipient, ...]:
        return self.dues[0].to

    @property
    def cc(self) -> tuple[Recipient, ...]:
        return self.dues[0].cc

    @property
    def document(self) -> str:
        return self.dues[0].occasion.document if len(self.dues) == 1 else DIGEST.name

    @property
    def title(self) -> str:
        return self.dues[0].occasion.title if len(self.dues) == 1 else f"{DIGEST.name} {len(self.dues)} dokumen"

    @property
    def closed(self) -> bool:
        return all(due.occasion.closed for due in self.dues)

    @property
    def replaces(self) -> str | None:
        """Message-ID of the mail that went out before; of a digest the first of them."""
        return next((due.previous.message_id for due in self.dues if due.previous), None)


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
    reached: set[str] = field(default_factory=set)  # Message-IDs of the mails that need not be drafted again
    left_closed: int = 0  # mails that are not drafted, for their cases are closed
    waits_for: int = 0  # errors for which the report is not drafted
    revived: int = 0  # mails about what was cancelled before it changed
    undelivered: dict[tuple[str, str, str], Undelivered] = field(default_factory=dict)
    letters: dict[str, LetterTemplate | SopkitError] = field(default_factory=dict)
    broken: dict[str, int] = field(default_factory=dict)  # document -> mails that its text template does not serve
    notes: list[str] = field(default_factory=list)
    claimed: set[tuple[str, str]] = field(default_factory=set)
    versions: dict[str, str] = field(default_factory=dict)  # occasion -> its content now
    outdated: set[str] = field(default_factory=set)  # Message-IDs of drafts that are to be replaced whole
    worse: set[str] = field(default_factory=set)  # those of them that lack nothing but a better form, or today's text
    retold: set[str] = field(default_factory=set)  # those of them whose text is another now
    reply_to: str = ""  # the office's own address

    def known(self, occasion: str) -> Sequence[Mail]:
        return self.outbox.of_occasion(occasion) if self.outbox else ()

    def states(self, message_id: str) -> Mapping[str, str]:
        """Address -> state, as it will be when the outdated drafts are replaced."""
        states = self.outbox.states(message_id) if self.outbox else {}
        if message_id in self.outdated:
            return {address: "replaced" if state == "draft" else state for address, state in states.items()}
        return states

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
    dues: list[Due] = []
    for occasion in _current(state, documents, report):
        mine = [route for route in ways if same(route.document, occasion.document)]
        if _is_held_back(state, occasion, mine):
            continue
        if not mine and occasion.document_path is not None:
            unrouted[occasion.document] = unrouted.get(occasion.document, 0) + 1
        for route in mine:
            dues += _due_along(state, occasion, route)
    for document, count in unrouted.items():
        state.notes.append(f"Sheet Surel tidak menyebut tujuan {document}; {count} surel tidak disiapkan.")
    for group in _for_the_same(dues):
        for bundle in _bundles(group, _limit(state.inspected)):
            yield from _written(state, bundle)


def _current(state: DraftRun, documents: Sequence[Document], report: Path | None) -> list[Occasion]:
    """What can be written about; the drafts that it makes outdated are known then, whole digests of them."""
    found = []
    for occasion in occasions(state.inspected, documents, report):
        if occasion.problem:
            state.miss(occasion, occasion.problem)
            continue
        state.versions[occasion.key] = occasion.content
        if state.outbox and occasion.former:
            state.outbox.rename_content(occasion.key, occasion.former, occasion.content)
        found.append(occasion)
    if state.outbox:
        state.outdated = state.outbox.outdated(state.versions)
        state.retold = set(_told_otherwise(state, state.outbox)) - state.outdated
        state.worse = {name for occasion in found for name in _worse_forms(state, occasion)} - state.outdated
        state.worse |= state.retold
        state.outdated |= state.worse
    return found


def _told_otherwise(state: DraftRun, outbox: Outbox) -> Iterator[str]:
    """Unsent mails whose template or letterhead is another now; what somebody has edited stays."""
    documents = {document: document for document in topics()} | {"": DIGEST.name}
    now = {key: _told(state, letter) for key, name in documents.items() if (letter := _usable(state, name))}
    for mail in outbox.told_otherwise(now):
        if _is_untouched(state.output / mail.file, mail.sha256):
            yield mail.message_id


def _told(state: DraftRun, letter: LetterTemplate) -> str:
    """What the text of a mail follows beside the cases, as one digest."""
    office = state.inspected.office
    parts = letter.sha256, office.name, office.government, office.address, office.place
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _worse_forms(state: DraftRun, occasion: Occasion) -> Iterator[str]:
    """Unsent mails that carry a worse form of the document than there is now (Word where PDF is)."""
    worse = [path.name for path in occasion.files[1:]]
    for mail in state.known(occasion.key) if worse else ():
        if mail.content != occasion.content or mail.attached not in worse:
            continue
        waits = set(state.states(mail.message_id).values()) == {"draft"}
        if waits and _is_untouched(state.output / mail.file, mail.sha256):
            yield mail.message_id


def _for_the_same(dues: Sequence[Due]) -> list[list[Due]]:
    """The documents for the same people with the same copies together; each report and reminder by itself.

    Open and closed cases apart, so that the mails about closed ones can be cancelled. By their numbers: in which order
    the rows stand is no matter of a mail.
    """
    groups: dict[object, list[Due]] = {}
    for place, due in enumerate(dues):
        alone = None if due.occasion.document_path else place
        groups.setdefault((alone, frozenset(due.to), frozenset(due.cc), due.occasion.closed), []).append(due)
    kinds = list(topics())
    return [
        sorted(group, key=lambda due: (kinds.index(due.occasion.document), due.occasion.key))
        for group in groups.values()
    ]


def _bundles(group: Sequence[Due], limit: int) -> Iterator[tuple[Due, ...]]:
    """As many for one mail as the limit allows, by the sizes that their files have in one."""
    filled: list[Due] = []
    room = limit - FRAME
    for due in group:
        weight = _weight(due)
        if filled and weight > room:
            yield tuple(filled)
            filled, room = [], limit - FRAME
        filled.append(due)
        room -= weight
    if filled:
        yield tuple(filled)


def _weight(due: Due) -> int:
    """Bytes of a document in a mail: base64 in lines, its row of the table, the part's headers."""
    try:
        size = due.occasion.files[0].stat().st_size if due.occasion.files else 0
    except OSError:  # said when it is read
        size = 0
    return size * 78 // 57 + PART


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
    closed = closed and state.retold.isdisjoint(mail.message_id for mail in state.known(occasion.key))
    if not closed and (not errors or state.despite_errors):
        return False
    due = [_unwritten(state, occasion, route) for route in ways]
    state.left_closed += sum(map(bool, due)) if closed else 0
    state.waits_for = errors if not closed and any(people is None or people for people in due) else state.waits_for
    return True


def _unwritten(state: DraftRun, occasion: Occasion, route: Route) -> list[Person] | None:
    """Who has not been written to of it; None where there is nobody to write to."""
    people, _ = _people(state, occasion, route)
    return _not_yet(state, occasion, route, people, state.known(occasion.key)) if people else None


def _due_along(state: DraftRun, occasion: Occasion, route: Route) -> Iterator[Due]:
    people, reasons = _people(state, occasion, route)
    for reason in reasons:
        state.miss(occasion, reason)
    if not people:
        return
    earlier = state.known(occasion.key)
    waiting = _not_yet(state, occasion, route, people, earlier)
    if not waiting:
        done = [mail.message_id for mail in earlier if _holds(state, occasion, mail) and same(mail.route, route.to)]
        state.reached.add(done[-1] if done else f"{occasion.key} {route.to}")
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
    intended = tuple(person.name for person in people)
    previous = _previous(state, occasion, route, to, earlier)
    yield Due(occasion, route, intended, tuple(to), tuple(copies), previous)


def _written(state: DraftRun, dues: Sequence[Due]) -> Iterator[Planned]:
    """The mail; where an attachment does not serve, that is said, and a digest holds the others."""
    if len(dues) == 1:
        try:
            yield from _write(state, dues[0])
        except SopkitError as error:
            state.miss(dues[0].occasion, Reason(error.message, error.remedy))
        return
    read: list[tuple[Due, Attachment]] = []
    for due in dues:
        try:
            read += [(due, attachment) for attachment in next(_forms(due.occasion))]
        except SopkitError as error:
            state.miss(due.occasion, Reason(error.message, error.remedy))
    if len(read) > 1:
        yield from _write_digest(state, read)
    elif read:
        yield from _written(state, [read[0][0]])


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


def _write(state: DraftRun, due: Due) -> list[Planned]:
    """None when the text template does not serve; `SopkitError` when the attachment does not."""
    occasion, limit = due.occasion, _limit(state.inspected)
    template = _template(state, occasion.document)
    if template is None:
        return []
    for attachments in _forms(occasion):
        planned = _composed(state, template, (due,), attachments, occasion.subject, occasion.body)
        if len(planned.data) <= limit:
            return [planned]
    size, most = (number_text(round(count / UNITS["MB"], 1)) for count in (len(planned.data), limit))
    raise SopkitError(
        f"Surelnya berukuran {size} MB, melebihi batas {most} MB.",
        "Sampaikan dokumennya dengan cara lain atau naikkan Batas Lampiran di sheet Kantor.",
    )


def _write_digest(state: DraftRun, read: Sequence[tuple[Due, Attachment]]) -> Iterator[Planned]:
    template = _template(state, DIGEST.name)
    if template is None:
        return
    dues, attachments = zip(*read, strict=True)
    kinds = Counter(due.occasion.document for due in dues)
    subject = {
        "jumlah_dokumen": len(dues),
        "rincian": list_text(f"{count} {kind}" for kind, count in kinds.items()),
    }
    body = {
        "dokumen": [_row(place, due, attachment) for place, (due, attachment) in enumerate(read, start=1)],
        "ditutup": dues[0].occasion.closed,
    }
    planned = _composed(state, template, dues, attachments, subject, body)
    if len(planned.data) <= _limit(state.inspected):
        yield planned
    else:
        middle = len(dues) // 2
        yield from _written(state, dues[:middle])
        yield from _written(state, dues[middle:])


def _row(place: int, due: Due, attachment: Attachment) -> Mapping[str, object]:
    """A document as the table of a digest shows it."""
    occasion, topic = due.occasion, topics()[due.occasion.document]
    number = str(occasion.subject.get("nomor", ""))
    return {
        "urut": place,
        "jenis": in_a_row(occasion.document),
        "nomor": in_a_row(number) or "-",
        "perihal": in_a_row(topic.about.format_map({**occasion.subject, **occasion.body})) or "-",
        "mohon": "diketahui dan diarsipkan" if occasion.closed else in_a_row(topic.ask),
        "lampiran": in_a_row(attachment.name),
        "kode_surel_lama": code_of(due.previous.message_id) if due.previous else "",
    }


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


def _composed(
    state: DraftRun,
    template: LetterTemplate,
    dues: Sequence[Due],
    attachments: Sequence[Attachment],
    own_subject: Mapping[str, object],
    own_body: Mapping[str, object],
) -> Planned:
    """The message. Its code, which the text shows, stands outside the digest that it is taken from."""
    office, to, cc = state.inspected.office, dues[0].to, dues[0].cc
    replaces = next((due.previous.message_id for due in dues if due.previous), None)
    subject = {**own_subject, "pengganti": replaces is not None, "kantor": office.name}
    body = {
        **own_body,
        "pemerintah": office.government,
        "alamat": office.address,
        "tempat": office.place,
        "penerima": list_text(person.titled for person in to),
        "lampiran": list_text(attachment.name for attachment in attachments),
        "isian_word": any(map(_is_to_fill, dues, attachments)),
        "kode_surel_lama": code_of(replaces or ""),
    }
    unsigned = template.render(subject, {**body, "kode_surel": ""})
    names = [f"\0{attachment.name}" for attachment in attachments] or [""]
    pairs = zip(dues, names, strict=True)
    content = sorted(f"{due.occasion.key}\0{due.occasion.content}{name}" for due, name in pairs)
    digest = message_digest(unsigned, to, cc, "\0".join(content), replaces)
    letter = template.render(subject, {**body, "kode_surel": digest[:CODE_LENGTH]})
    message_id = f"<{digest[:40]}@{_domain(state.inspected)}>"
    data = compose(letter, to, cc, attachments, message_id, replaces, state.reply_to)
    instead = dict.fromkeys(name for due in dues for name in _worse_mails(state, due))
    return Planned(tuple(dues), letter, message_id, tuple(attachments), data, tuple(instead), _told(state, template))


def _is_to_fill(due: Due, attachment: Attachment) -> bool:
    """Whether whoever gets it fills it in and mails it back, for `sopkit receive`."""
    topic = topics()[due.occasion.document]
    return topic.filled_in and attachment.name.endswith(".docx") and not due.occasion.closed


def _worse_mails(state: DraftRun, due: Due) -> Iterator[str]:
    """Those that are to be replaced for their worse form of the document or their former text."""
    for mail in state.known(due.occasion.key) if state.worse else ():
        if mail.message_id in state.worse and mail.content == due.occasion.content:
            yield mail.message_id


def _template(state: DraftRun, document: str) -> LetterTemplate | None:
    """The text; None, counted, where it does not serve."""
    found = _usable(state, document)
    if found is None:
        state.broken[document] = state.broken.get(document, 0) + 1
    return found


def _usable(state: DraftRun, document: str) -> LetterTemplate | None:
    """The text where it serves. That of a digest is sopkit's own where the office has none."""
    if document not in state.letters:
        name = DIGEST.text if document == DIGEST.name else topics()[document].text
        lacks = document == DIGEST.name and not (state.templates / name).exists()
        try:
            state.letters[document] = load_letter(bundled("templates") / FOLDER if lacks else state.templates, name)
        except SopkitError as error:
            state.letters[document] = error
    found = state.letters[document]
    return None if isinstance(found, SopkitError) else found


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
