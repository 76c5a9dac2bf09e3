"""Mail drafts: one `.eml` for each occasion and addressee of sheet Surel, made once for each version of a document."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from sopkit.archive import Archive
from sopkit.checks.inspection import Inspected
from sopkit.database import FILE as ARCHIVE
from sopkit.files import safe_name, write_if_changed
from sopkit.mail.folders import FOLDER, REPLACED, Move, code_of, names
from sopkit.mail.lying import noted
from sopkit.mail.outbox import GONE, Content, Mail, Outbox, needs_decision
from sopkit.mail.page import renew_page
from sopkit.mail.planning import DraftRun, Due, Planned, Undelivered, broken_texts, paper_of, plan_mails
from sopkit.mail.recipients import Recipient, directory
from sopkit.mail.topics import Document


@dataclass(frozen=True)
class Draft:
    """One mail ready to be looked at. `path` is where its .eml lies (in a preview: would lie).

    `replaces` is the Message-ID of one that went out before, about an older version.
    """

    document: str
    subject: str
    to: tuple[Recipient, ...]
    cc: tuple[Recipient, ...]
    attachments: tuple[str, ...]
    size: int  # bytes
    path: Path
    message_id: str
    replaces: str | None = None
    closed: bool = False  # about a case that is closed already

    @property
    def code(self) -> str:
        return code_of(self.message_id)


@dataclass(frozen=True)
class Drafted:
    """`unchanged` counts the mails that were drafted before and are not made again.

    `notes` say what the office chose not to have; `waiting` counts all mails that are drafts now, `unsettled` those
    that were refused or are uncertain. `left_closed` counts those about closed cases, which are drafted only when asked
    for, `waits_for` the errors that the report waits for, `revived` those about what was cancelled and changed then.
    """

    drafts: tuple[Draft, ...]
    unchanged: int
    undelivered: tuple[Undelivered, ...]
    replaced: tuple[Path, ...] = ()  # drafts that are outdated, moved to surel/diganti
    stuck: tuple[Path, ...] = ()  # files that another program held in a folder where they are no longer right
    notes: tuple[str, ...] = ()
    unsettled: int = 0
    waiting: int = 0
    left_closed: int = 0
    waits_for: int = 0
    revived: int = 0
    page: Path | None = None  # kirim.html, where one was ever written

    @property
    def needs_attention(self) -> bool:
        """True when `mail draft` and `mail preview` exit 4."""
        return bool(self.undelivered) or bool(self.unsettled)

    @property
    def went_wrong(self) -> bool:
        """True when `run` exits 4 too: a mail is unsettled, or undraftable for a cause outside the workbook.

        What a cell says wrongly is a finding, and `run` leaves with 0 or (strict) 1 on findings.
        """
        reasons = [one.reason for one in self.undelivered]
        return bool(self.unsettled) or any(not reason.cell and not reason.absent for reason in reasons)


def draft_mails(
    inspected: Inspected,
    documents: Sequence[Document],
    output: Path,
    templates: Path,
    report: Path | None = None,
    allow: Iterable[str] = (),
    now: Callable[[], dt.datetime] = dt.datetime.now,
    record: Archive | None = None,
    *,
    closed: bool = False,
    despite_errors: bool = False,
) -> Drafted:
    """Write the drafts that are due into `output/surel`, remember them in the outbox, show what waits on kirim.html.

    A document whose bytes were drafted before is not drafted again; drafts of a version that is no more leave the
    folder unsent. `templates` is the office's folder (its texts lie in `surel/`), `report` the HTML report, `allow`
    addresses or domains beyond Domain Surel, `now` the clock of the journal, `record` the archive of `output`, if it is
    open. Mails about closed cases are drafted only where `closed` says so, that of the report while errors stand only
    with `despite_errors`. Whoever cannot be written to is listed; `SopkitError` only when the disk or the outbox fails.
    """
    with Outbox(output / ARCHIVE, record.connection if record else None) as outbox:
        people, texts = directory(inspected, allow), templates / FOLDER
        state = DraftRun(inspected, people, texts, output, outbox, closed, despite_errors)
        drafts: list[Draft] = []
        moves: list[Move] = []
        for bare in plan_mails(state, documents, report):
            if gone_or_cancelled(outbox.states(bare.message_id)) or bare.message_id in state.worse:
                state.reached.add(bare.message_id)
                outbox.note_told(bare.message_id, bare.told)
                continue
            planned = _noted(bare, state)
            for due in planned.dues:
                for message_id in outbox.supersede(due.occasion.key, due.occasion.content, now(), planned.instead):
                    moves += outbox.move_files(message_id)
            drafts.append(_put_down(outbox, planned, state, now()))
        for key, content in state.versions.items():
            outbox.supersede(key, content, now())
        moves += outbox.move_files()
        drafted = _drafted(state, drafts, outbox)
        gone = {output / move.target: move.stuck for move in moves}
        replaced = tuple(path for path, stuck in gone.items() if path.parent.name == REPLACED and not stuck)
        return replace(drafted, replaced=replaced, stuck=_stuck(output, moves), page=renew_page(outbox))


def _stuck(output: Path, moves: Iterable[Move]) -> tuple[Path, ...]:
    """Files that could not be moved, not even at the end."""
    last = {move.message_id: move for move in moves}
    return tuple(output / move.source for move in last.values() if move.stuck)


def preview(
    inspected: Inspected,
    documents: Sequence[Document],
    output: Path,
    templates: Path,
    report: Path | None = None,
    allow: Iterable[str] = (),
    *,
    closed: bool = False,
    despite_errors: bool = False,
) -> Drafted:
    """What `draft_mails` would make, and for whom; writes nothing."""
    people, texts = directory(inspected, allow), templates / FOLDER
    with Outbox(output / ARCHIVE) if (output / ARCHIVE).exists() else nullcontext() as outbox:
        state = DraftRun(inspected, people, texts, output, outbox, closed, despite_errors)
        planned = (_noted(one, state) for one in plan_mails(state, documents, report))
        return _drafted(state, [_draft(one, _free_path(state, one)) for one in planned], outbox)


def _put_down(outbox: Outbox, planned: Planned, state: DraftRun, now: dt.datetime) -> Draft:
    """The file first: a run killed before the outbox knows of it finds the same bytes there and goes on."""
    path = _free_path(state, planned)
    write_if_changed(path, planned.data)
    to, cc = ([person.address for person in people] for people in (planned.to, planned.cc))
    outbox.record(_mail(planned, path, state), to, cc, now, planned.told)
    return _draft(planned, path)


def _drafted(state: DraftRun, drafts: Sequence[Draft], outbox: Outbox | None) -> Drafted:
    deliveries = outbox.status() if outbox else ()
    return Drafted(
        tuple(drafts),
        len(state.reached),
        (*state.undelivered.values(), *broken_texts(state)),
        notes=tuple(state.notes),
        unsettled=len({one.mail.number for one in deliveries if needs_decision(one)}),
        waiting=len({one.mail.number for one in deliveries if one.state == "draft"}),
        left_closed=state.left_closed,
        waits_for=state.waits_for,
        revived=state.revived,
    )


def _free_path(state: DraftRun, planned: Planned) -> Path:
    """With a name for people; with the code where another draft, or one that somebody edited, has that name."""
    stem = safe_name(f"{planned.title.replace(planned.to[0].name, '')} {planned.to[0].name}")
    for name in names(stem, planned.message_id):
        owner, path = state.outbox and state.outbox.owner(f"{FOLDER}/{name}"), state.output / FOLDER / name
        if owner in (None, planned.message_id) and _is_free(path, planned.data):
            return path
    raise AssertionError("names never end")


def _is_free(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except FileNotFoundError:
        return True
    except OSError:
        return False


def gone_or_cancelled(states: Mapping[str, str]) -> bool:
    """Whether a mail went out, may have, or shall not: it is not drafted again."""
    return bool(states) and any(state in GONE or state == "cancelled" for state in states.values())


def _noted(planned: Planned, state: DraftRun) -> Planned:
    """With what the archive is to know of it, so that it can be told again from the file."""
    mail = _mail(planned, Path(), state)
    first, *others = map(asdict, mail.contents)
    values = {**first, "office": mail.office, **({"others": others} if others else {})}
    return replace(planned, data=noted(planned.data, values))


def _mail(planned: Planned, path: Path, state: DraftRun) -> Mail:
    names = [attachment.name for attachment in planned.attachments] or [""]
    first, *others = (_content(due, name, state) for due, name in zip(planned.dues, names, strict=True))
    return Mail(
        **asdict(first),
        message_id=planned.message_id,
        subject=planned.letter.subject,
        file=f"{FOLDER}/{path.name}",
        sha256=hashlib.sha256(planned.data).hexdigest(),
        replaces=planned.replaces,
        office=state.inspected.office.name,
        others=tuple(others),
    )


def _content(due: Due, attached: str, state: DraftRun) -> Content:
    return Content(
        occasion=due.occasion.key,
        content=due.occasion.content,
        route=due.route.to,
        intended=due.intended,
        document=due.occasion.document,
        paper=paper_of(due.occasion, state.output),
        attached=attached,
        closed=due.occasion.closed,
        facts=state.facts(due.occasion),
    )


def _draft(planned: Planned, path: Path) -> Draft:
    return Draft(
        document=planned.document,
        subject=planned.letter.subject,
        to=planned.to,
        cc=planned.cc,
        attachments=tuple(attachment.name for attachment in planned.attachments),
        size=len(planned.data),
        path=path,
        message_id=planned.message_id,
        replaces=planned.replaces,
        closed=planned.closed,
    )
