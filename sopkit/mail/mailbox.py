"""The office's own mailbox: drafts are laid into it once each, and what went out from there is noted by itself.

Nothing is appended before its intention is on disk. Where a process was killed, or the archive lost, Drafts and Sent
are searched first, by Message-ID and by Kode surel (Outlook gives what it sends a new Message-ID); only where all
searches were answered and empty is a draft laid again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from email.parser import BytesParser

from sopkit.errors import MailProblem, UsageProblem
from sopkit.mail import settings
from sopkit.mail.folders import code_of
from sopkit.mail.headers import POLICY
from sopkit.mail.imap import DRAFTS, SECONDS, SENT, Dialogue, Folder, Mailbox, Seen, opened, time_left
from sopkit.mail.laid import Laid, LaidDrafts, lying_anywhere
from sopkit.mail.outbox import Delivery, Mail, Outbox
from sopkit.mail.smtp import ADDRESS, sendable
from sopkit.mail.visit import Visit

BATCH = 40  # mails asked for in one search
LOOKED_AT, MOST_LOOKED_AT = 50, 1000  # mails looked at in one FETCH, and in all
LONGEST_WAIT = dt.timedelta(days=180)  # nobody looks further back for a Kode surel: it stands in the text of mails
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WORDS: Mapping[str, tuple[str, str]] = {DRAFTS: ("Draf", "--drafts"), SENT: ("Terkirim", "--sent")}
Choose = Callable[[str, Sequence[str]], str]
"""Which folder is meant by a word, of these names."""


@dataclass(frozen=True)
class Sought:
    """A mail, and its recipients as they stand."""

    mail: Mail
    deliveries: tuple[Delivery, ...]

    @property
    def is_draft(self) -> bool:
        return all(one.state == "draft" for one in self.deliveries)

    def reached(self, seen: Seen, *, by_code: bool) -> list[str]:
        """Whom a mail among the sent ones shows to have been written to.

        A copy with the very Message-ID, of what sopkit itself began to send, says nothing of a recipient whom the
        server put off: it names all of them.
        """
        begun = any(one.attempts for one in self.deliveries)
        states = ("uncertain",) if begun and not by_code else ("uncertain", "draft", "replaced", "cancelled")
        pending = [one.address for one in self.deliveries if one.state in states]
        return [address for address in pending if address.casefold() in seen.addresses]


@dataclass(frozen=True)
class Standing:
    """Where a mail stands in a folder, and whether only its Kode surel tells it."""

    uids: tuple[int, ...]
    by_code: bool


def find(
    outbox: Outbox,
    mailbox: Mailbox,
    now: dt.datetime,
    *,
    choose: Choose | None = None,
    seconds: float = SECONDS,
    until: float | None = None,
) -> Visit:
    """Note as sent what stands in Sent, of drafts and of mails whose fate is uncertain; nothing is written there.

    `SopkitError`, and nothing is noted, where the mailbox cannot be searched.
    """
    visit = Visit(mailbox.name)
    if sought(outbox):
        with outbox.sender(), opened(mailbox, seconds, until) as dialogue:
            visitor = _Visitor(outbox, dialogue, visit, now, choose, until)
            visitor.find()
            visitor.miss()
    return visit


def put(
    outbox: Outbox,
    mailbox: Mailbox,
    now: dt.datetime,
    *,
    lay: bool = True,
    choose: Choose | None = None,
    seconds: float = SECONDS,
    until: float | None = None,
) -> Visit:
    """The same; then what is no longer to be sent is withdrawn from Drafts, and each draft laid there that is not yet.

    What ends it is in the visit, never raised, so that what was done before is not lost; only when nobody can sign in,
    or another process sends, `SopkitError`. Without `lay` nothing is laid.
    """
    visit = Visit(mailbox.name)
    if sought(outbox) or LaidDrafts(outbox, mailbox.name).rows():
        with outbox.sender(), opened(mailbox, seconds, until) as dialogue:
            visitor = _Visitor(outbox, dialogue, visit, now, choose, until)
            try:
                visitor.find()
                visitor.withdraw()
                visitor.miss()
                if lay:
                    visitor.lay()
            except (MailProblem, UsageProblem) as problem:
                visit.problem = problem
    return visit


def to_put(outbox: Outbox, account: str, *, lay: bool) -> bool:
    """Whether `put` has anything to lay, or to withdraw."""
    rows, mails = LaidDrafts(outbox, account).rows(), _grouped(outbox)
    waits = lay and any(one.is_draft and not _done(rows, name) for name, one in mails.items())
    return waits or any(name in mails and not mails[name].is_draft for name in rows)


def places(dialogue: Dialogue, uses: Sequence[str], choose: Choose | None = None) -> list[Folder]:
    """The folders for these uses: as the office named them, else as the server marks them, else asked and remembered.

    `UsageProblem` says how to name them where nobody can be asked. No name is ever guessed.
    """
    there, account = dialogue.folders(), dialogue.mailbox.name
    kept = settings.remembered(account)
    found = []
    for use in uses:
        named = kept.drafts if use == DRAFTS else kept.sent
        marked = [one for one in there if one.name == named] or [one for one in there if use in one.uses]
        if len(marked) != 1:
            name = _asked(dialogue, use, [one.name for one in there], choose)
            marked = [one for one in there if one.name == name]
            kept = replace(kept, drafts=name) if use == DRAFTS else replace(kept, sent=name)
            settings.remember(account, kept)
        found.append(marked[0])
    return found


def _asked(dialogue: Dialogue, use: str, names: Sequence[str], choose: Choose | None) -> str:
    word, option = WORDS[use]
    name = choose(word, names) if choose and names else ""
    if name not in names:
        listed = ", ".join(f'"{one}"' for one in names)
        raise UsageProblem(
            f"Server {dialogue.mailbox.host} tidak menandai mana folder {word} di antara {listed or 'foldernya'}.",
            f'Sebutkan sekali saja dengan: sopkit mail setup {option} "NAMA FOLDER"',
        )
    return name


def sought(outbox: Outbox) -> dict[str, Sought]:
    """Mails that may have gone out otherwise: drafts, uncertain ones, and what lies in a mailbox though replaced."""
    lying = lying_anywhere(outbox)
    return {
        name: one
        for name, one in _grouped(outbox).items()
        if any(
            each.state in ("draft", "uncertain") or (name in lying and each.state != "sent") for each in one.deliveries
        )
    }


def _grouped(outbox: Outbox) -> dict[str, Sought]:
    grouped: dict[str, list[Delivery]] = {}
    for each in outbox.status():
        grouped.setdefault(each.mail.message_id, []).append(each)
    return {name: Sought(own[0].mail, tuple(own)) for name, own in grouped.items()}


@dataclass
class _Visitor:
    """The steps of a visit, in a dialogue that is signed in, while nobody else sends."""

    outbox: Outbox
    dialogue: Dialogue
    visit: Visit
    now: dt.datetime
    choose: Choose | None
    until: float | None
    _places: dict[str, Folder] = field(default_factory=dict)
    _doubtful: set[str] = field(default_factory=set)

    @property
    def rows(self) -> LaidDrafts:
        return LaidDrafts(self.outbox, self.visit.account)

    def find(self) -> None:
        if due := sought(self.outbox):
            self._recognise(due, self._place(SENT))

    def _recognise(self, due: Mapping[str, Sought], folder: Folder) -> None:
        """All is searched before anything is noted."""
        since = self.now - LONGEST_WAIT
        recent = f"SINCE {since.day}-{MONTHS[since.month - 1]}-{since.year}"
        standing = self._standing(folder, [one.mail for one in due.values()], "UNDRAFT", recent)
        uids = sorted({uid for one in standing.values() for uid in one.uids})[-MOST_LOOKED_AT:]
        batches = (uids[start : start + LOOKED_AT] for start in range(0, len(uids), LOOKED_AT))
        seen = {one.uid: one for batch in batches for one in self.dialogue.look(batch)}
        for name, one in standing.items():
            self._note(due[name], [seen[uid] for uid in one.uids if uid in seen], one.by_code)

    def _note(self, one: Sought, copies: Iterable[Seen], by_code: bool) -> None:
        files = _files(self.outbox, one.mail) if by_code else frozenset[str]()
        fitting = [copy for copy in copies if files <= copy.files]
        reached = {address for copy in fitting for address in one.reached(copy, by_code=by_code)}
        if reached:
            detail = "ada di kotak surat terkirim"
            self.outbox.settle(one.mail.message_id, sorted(reached), "sent", detail, self.now)
            self.visit.sent.append(one.mail)
        else:
            self._doubtful.add(one.mail.message_id)

    def miss(self) -> None:
        """What was laid, waits still by the archive, and is not there any more."""
        mails = _grouped(self.outbox)
        rows = [row for name, row in self.rows.rows().items() if row.done and name in mails and mails[name].is_draft]
        for folder, mine in self._by_folder(rows):
            there = self._standing(folder, [mails[row.message_id].mail for row in mine]) if folder else {}
            self.visit.missing += [mails[row.message_id].mail for row in mine if row.message_id not in there]

    def withdraw(self) -> None:
        mails = _grouped(self.outbox)
        rows = [row for name, row in self.rows.rows().items() if name in mails and not mails[name].is_draft]
        for folder, mine in self._by_folder(rows):
            for row in mine:
                mail = mails[row.message_id].mail
                fate = self._withdrawn(row, mail, folder) if folder else None
                if fate is not None:
                    (self.visit.withdrawn if fate else self.visit.kept).append(mail)
                if fate is not False:
                    self.rows.forget(row.message_id)

    def _by_folder(self, rows: Iterable[Laid]) -> Iterator[tuple[Folder | None, list[Laid]]]:
        grouped: dict[str, list[Laid]] = {}
        for row in rows:
            grouped.setdefault(row.folder, []).append(row)
        there = {one.name: one for one in self.dialogue.folders()} if grouped else {}
        for name, mine in grouped.items():
            yield there.get(name), mine

    def _withdrawn(self, row: Laid, mail: Mail, folder: Folder) -> bool | None:
        """True when it was removed, None when it lies there no longer, False when it is not surely what was laid."""
        standing = self._standing(folder, [mail]).get(mail.message_id)
        if standing is None:
            return None
        self.dialogue.open(folder, writable=True)
        uid = row.uid or standing.uids[0]
        if standing.uids != (uid,) or row.uidvalidity != self.dialogue.uidvalidity:
            return False
        flags, sha256 = self.dialogue.digest(uid) or (frozenset(), "")
        if "\\draft" not in flags or sha256 != row.sha256 or "UIDPLUS" not in self.dialogue.abilities:
            return False
        self.dialogue.expunge(uid)
        return True

    def lay(self) -> None:
        """First what was never tried; then, searched for once more, what an interrupted visit has left in doubt."""
        rows = self.rows.rows()
        waiting = [one for name, one in _grouped(self.outbox).items() if one.is_draft and not _done(rows, name)]
        if not waiting:
            return
        folder = self._place(DRAFTS)
        fresh = [one for one in waiting if one.mail.message_id not in rows]
        there = self._standing(folder, [one.mail for one in fresh])
        for one in fresh:
            self._lay(one, folder, there.get(one.mail.message_id), self.now.astimezone())
        for one in waiting:
            row = rows.get(one.mail.message_id)
            if row is not None and time_left(self.until):
                sent = self._place(SENT)
                self._recognise({one.mail.message_id: one}, sent)
                standing = self._standing(folder, [one.mail]).get(one.mail.message_id)
                self._lay(one, folder, standing, row.intended)
            elif row is not None:
                self.visit.left += 1

    def _lay(self, one: Sought, folder: Folder, standing: Standing | None, moment: dt.datetime) -> None:
        """Append one draft, unless it stands there or went out; `moment` is what its Date says."""
        mail = one.mail
        if mail.message_id in {sent.message_id for sent in self.visit.sent}:
            return
        if mail.message_id in self._doubtful and standing is None:
            self.visit.doubtful.append(mail)
            return
        if not time_left(self.until):
            self.visit.left += 1
            return
        message = _message(self.outbox, mail, self.dialogue.mailbox.user, moment)
        if message is None and standing is None:
            self.visit.edited.append(mail)
            return
        sha256 = hashlib.sha256(message or b"").hexdigest()
        row = Laid(mail.message_id, folder.name, self.dialogue.uidvalidity, 0, sha256, moment)
        if self.rows.intend(row):
            uid = standing.uids[0] if standing else self._appended(mail, folder, message or b"")
            if uid is not None:
                self.rows.complete(mail.message_id, uid, self.now)
                self.visit.laid.append(mail)

    def _appended(self, mail: Mail, folder: Folder, message: bytes) -> int | None:
        """The UID, 0 where it is unknown; None where the server refuses it."""
        answer = self.dialogue.append(folder, message)
        if isinstance(answer, str):
            self.rows.forget(mail.message_id)
            self.visit.refused.append((mail, answer))
            return None
        uidvalidity, uid = answer
        return uid if uidvalidity == self.dialogue.uidvalidity else 0

    def _place(self, use: str) -> Folder:
        if use not in self._places:
            (self._places[use],) = places(self.dialogue, [use], self.choose)
        return self._places[use]

    def _standing(self, folder: Folder, mails: Sequence[Mail], *also: str) -> dict[str, Standing]:
        """Which of them stand in the folder, by Message-ID or else by Kode surel."""
        self.dialogue.open(folder)
        by_id = self._hits({mail.message_id: f'HEADER Message-ID "{mail.message_id}"' for mail in mails})
        rest = [mail.message_id for mail in mails if mail.message_id not in by_id]
        found = {name: Standing(tuple(uids), by_code=False) for name, uids in by_id.items()}
        for name, uids in self._hits({name: _by_code(name) for name in rest}, *also).items():
            if own := self._without_successors(name, uids):
                found[name] = Standing(tuple(own), by_code=True)
        return found

    def _without_successors(self, message_id: str, uids: Sequence[int]) -> list[int]:
        """A mail that replaces another names the other's Kode surel beside its own."""
        rows = self.outbox.connection.execute("SELECT message_id FROM surel WHERE replaces = ?", (message_id,))
        others = {str(row[0]): _by_code(str(row[0])) for row in rows.fetchall()}
        foreign = {uid for own in self._hits(others).values() for uid in own}
        return [uid for uid in uids if uid not in foreign]

    def _hits(self, keys: Mapping[str, str], *also: str) -> dict[str, list[int]]:
        """Name -> UIDs in the open folder, of those that have any; few searches where there are none."""
        found: dict[str, list[int]] = {}
        names = list(keys)
        for start in range(0, len(names), BATCH):
            batch = names[start : start + BATCH]
            together = self.dialogue.search(*also, _any_of([keys[name] for name in batch]))
            uids = f"UID {','.join(map(str, together))}"
            found |= {name: self.dialogue.search(uids, keys[name]) for name in batch if together}
        return {name: uids for name, uids in found.items() if uids}


def _done(rows: Mapping[str, Laid], name: str) -> bool:
    return name in rows and rows[name].done


def _by_code(message_id: str) -> str:
    return f'BODY "{code_of(message_id)}"'


def _any_of(keys: Sequence[str]) -> str:
    if len(keys) == 1:
        return keys[0]
    half = len(keys) // 2
    return f"OR {_any_of(keys[:half])} {_any_of(keys[half:])}"


def _files(outbox: Outbox, mail: Mail) -> frozenset[str]:
    """Names of what is attached to a draft, by its file, else by the archive."""
    try:
        draft = BytesParser(policy=POLICY).parsebytes((outbox.folder / mail.file).read_bytes())
        return frozenset(str(part.get_filename()).casefold() for part in draft.iter_attachments())
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return frozenset(name.casefold() for name in mail.attachments)


def _message(outbox: Outbox, mail: Mail, user: str, moment: dt.datetime) -> bytes | None:
    """What is laid, the same bytes for the same moment; None where the file is not the one that was drafted."""
    try:
        data = (outbox.folder / mail.file).read_bytes()
    except OSError:
        return None
    if hashlib.sha256(data).hexdigest() != mail.sha256:
        return None
    sender = user if ADDRESS.fullmatch(user) else ""
    return re.sub(rb"\r\n|\r|\n", b"\r\n", sendable(data, sender, mail.office, moment))
