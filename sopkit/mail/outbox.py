"""The outbox: what happened to every mail and every recipient, kept so that nothing is sent twice or forgotten.

States of a recipient: draft -> sending -> sent | refused | uncertain. `sending` is on disk before the first byte of
the message leaves, in the archive and by the folder of its file; whatever is still `sending` when nobody sends has an
unknown fate and becomes `uncertain`, which only a person resolves. A draft whose document changed becomes `replaced`;
one that shall not be sent, `cancelled`.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Literal

from filelock import FileLock, Timeout

from sopkit.archive import Archive, save_copy
from sopkit.database import (
    database_problem,
    demand_same_file,
    file_identity,
    inside,
    open_database,
    reading_rows,
    transaction,
)
from sopkit.errors import MailProblem, UsageProblem
from sopkit.files import sync_folder
from sopkit.mail import folders
from sopkit.mail.lying import Lying, files_in, first_of_each, message_id_of

State = Literal["draft", "sending", "sent", "refused", "uncertain", "replaced", "cancelled"]
STATE_WORDS: Mapping[str, str] = {
    "draft": "draf",
    "sending": "sedang dikirim",
    "sent": "terkirim",
    "refused": "ditolak server",
    "uncertain": "belum pasti terkirim",
    "replaced": "diganti draf baru",
    "cancelled": "dibatalkan",
}
RESOLUTIONS: Mapping[str, frozenset[str]] = {
    "sent": frozenset(("draft", "uncertain", "refused")),
    "draft": frozenset(("uncertain", "refused", "cancelled")),
    "cancelled": frozenset(("draft", "uncertain", "refused")),
}
"""What a person may decide by hand -> from which states."""
BY_HAND = frozenset(("draft", "refused"))
"""States of which a person may say that the mail was sent otherwise. Of the uncertain it is asked one by one."""
GONE = frozenset(("sending", "sent", "uncertain"))
"""States of a recipient whom the mail has reached, or may have."""

CONTENT = ("occasion", "content", "route", "intended", "document", "paper", "attached", "closed", "facts")
"""Of each thing that a mail is about; the first stands in `surel`, the others of a digest in `surel_isi`."""
ALL = "all"
CLOSED = "closed"
FIRST_ONLY, EVERY = (
    f"SELECT message_id, {', '.join(CONTENT)} FROM surel",
    " UNION ALL ".join(f"SELECT message_id, {', '.join(CONTENT)} FROM {table}" for table in ("surel", "surel_isi")),
)
FIRST_PAUSE = dt.timedelta(minutes=5)
LONGEST_PAUSE = dt.timedelta(hours=4)


@dataclass(frozen=True)
class Content:
    """One thing that a mail is about.

    `occasion` is what (`ptpp:001/PTPP/XI/2026`), `content` which version of it, `route` the cell of sheet Surel that
    asked for it, `intended` the names that the cell meant, `paper` the document's path in the output folder ("" without
    one); `content` is then the SHA-256 of its bytes. `attached` is the name of its attachment, `closed` true when the
    case was closed as the mail was drafted, `facts` the SHA-256 of what the workbook said of the document's cases (""
    where that is unknown, as of what is no document).
    """

    occasion: str
    content: str
    route: str
    intended: tuple[str, ...]
    document: str
    paper: str = ""
    attached: str = ""
    closed: bool = False
    facts: str = ""


@dataclass(frozen=True)
class Mail:
    """One message of the outbox. `file` is relative to the output folder, `sha256` that of its bytes.

    It is about what its own fields say, as in `Content`, and where it is a digest of several documents about `others`
    too. `replaces` is the Message-ID of the one before, `office` the name that From shows.
    """

    message_id: str
    occasion: str
    content: str
    route: str
    intended: tuple[str, ...]
    document: str
    subject: str
    file: str
    sha256: str
    replaces: str | None = None
    paper: str = ""
    office: str = ""
    attached: str = ""
    closed: bool = False
    facts: str = ""
    number: int = 0  # as staff name it in `mail resolve`; given by the outbox
    others: tuple[Content, ...] = ()

    @property
    def contents(self) -> tuple[Content, ...]:
        """All that it is about."""
        return (Content(**{name: getattr(self, name) for name in CONTENT}), *self.others)

    @property
    def attachments(self) -> tuple[str, ...]:
        """The names of all its attachments."""
        return tuple(one.attached for one in self.contents if one.attached)


@dataclass(frozen=True)
class Delivery:
    """One recipient of one message."""

    mail: Mail
    address: str
    kind: Literal["to", "cc"]
    state: State
    detail: str
    attempts: int
    next_try: dt.datetime | None
    changed: dt.datetime

    @property
    def state_words(self) -> str:
        return STATE_WORDS[self.state]


def needs_decision(delivery: Delivery) -> bool:
    """Refused or uncertain: sopkit does nothing more with it by itself."""
    return delivery.state in ("refused", "uncertain")


def waiting_mails(deliveries: Iterable[Delivery]) -> list[list[Delivery]]:
    """The recipients of each mail that waits for one of them to be written to, as kirim.html and `mail sent` list it.

    By what they are about: in which order they were drafted depends on which runs were interrupted.
    """
    mails: dict[str, list[Delivery]] = {}
    for each in deliveries:
        mails.setdefault(each.mail.message_id, []).append(each)
    waiting = [group for group in mails.values() if any(each.state in BY_HAND for each in group)]
    return sorted(waiting, key=lambda group: (group[0].mail.occasion, [each.address for each in group]))


class Outbox:
    """The tables `surel*` of the archive.

    Opening makes `uncertain` what was left as `sending`, and ends moves of files that were begun, unless somebody is
    sending at this moment.
    """

    def __init__(self, path: Path, database: sqlite3.Connection | None = None) -> None:
        """`database`: the archive of that path, open already or not on disk yet; it is left as it is, and open."""
        self.path = path
        self._lock = FileLock(str(path.with_name(path.name + ".pengirim.lock")), timeout=0)
        self._owned = database is None
        self._db = open_database(path) if database is None else database
        self._opened = file_identity(path)
        if not self._owned:
            return
        try:
            with contextlib.suppress(Timeout), self._lock:
                self._recover()
                self.adopt(dt.datetime.now())
                self.move_files()
        except BaseException as error:
            self._db.close()
            if isinstance(error, sqlite3.Error):
                raise database_problem(path, error) from error
            raise

    def __enter__(self) -> Outbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None and self._owned and self._db.total_changes:
                save_copy(self._db, self.path)
                demand_same_file(self._db, self.path, self._opened)
        except sqlite3.Error as failure:
            raise database_problem(self.path, failure) from failure
        finally:
            self.close()
        if isinstance(error, sqlite3.Error):
            raise database_problem(self.path, error) from error

    def close(self) -> None:
        if self._owned:
            self._db.close()

    def recover(self) -> None:
        """Make `uncertain` what a killed sender left as `sending`, unless somebody is sending at this moment."""
        with contextlib.suppress(Timeout), self._lock:
            self._recover()

    def adopt(self, now: dt.datetime) -> int:
        """Believe the folders of the mails more than the archive; returns how many mails it had otherwise.

        What lies in terkirim/, belum-pasti/ or dibatalkan/ is not sent again whatever the archive says, and a mail
        that it does not know is taken in as its file describes it, in the state of its folder.
        """
        lying = tuple(files_in(self.folder))
        changed = sum(self._adopt(found, now) for found in first_of_each(lying))
        for message_id, times in Counter(found.message_id for found in lying).items():
            if times > 1:
                self._drop_copies(message_id, [found.file for found in lying if found.message_id == message_id])
        self._mark_documents()
        return changed

    def _drop_copies(self, message_id: str, files: Collection[str]) -> None:
        """An archive that was lost while it was written leaves a mail in two folders: the file it names stays.

        So does what differs from it, which somebody has edited, and what another program holds.
        """
        file = self._db.execute("SELECT file FROM surel WHERE message_id = ?", (message_id,)).fetchone()[0]
        if self._moving(message_id) or file not in files:
            return
        with contextlib.suppress(OSError):
            data = (self.folder / file).read_bytes()
            for other in files:
                if other != file and (self.folder / other).read_bytes() == data:
                    (self.folder / other).unlink()

    def _adopt(self, found: Lying, now: dt.datetime) -> bool:
        states = self.states(found.message_id)
        if not states:
            self._take_in(found, now)
            return True
        if self._has_strayed(found):
            with self._transaction():
                self._db.execute("UPDATE surel SET file = ? WHERE message_id = ?", (found.file, found.message_id))
        wrong = [address for address, state in states.items() if state in found.overrules]
        if not wrong or (states and folders.place_of(list(states.values())) == found.place):
            return False
        if self._moving(found.message_id):
            return False
        with self._transaction():
            self._change(found.message_id, wrong, found.state, "menurut folder tempat surelnya", now)
            self._db.execute("UPDATE surel SET file = ? WHERE message_id = ?", (found.file, found.message_id))
        return True

    def _has_strayed(self, found: Lying) -> bool:
        """True where the archive (an older copy, perhaps) names a file that is not this mail's, or is none."""
        file = self._db.execute("SELECT file FROM surel WHERE message_id = ?", (found.message_id,)).fetchone()[0]
        if file == found.file or self._moving(found.message_id):
            return False
        with reading_rows(self.path):
            return message_id_of(self.folder / inside(file)) != found.message_id

    def _moving(self, message_id: str) -> bool:
        rows = self._db.execute("SELECT moved_from FROM surel WHERE message_id = ?", (message_id,)).fetchone()
        return rows is not None and rows[0] is not None

    def _take_in(self, found: Lying, now: dt.datetime) -> None:
        self.record(found.mail(self.folder, Mail, _noted_content), found.to, found.cc, now)
        addresses = [*found.to, *found.cc]
        if found.state != "draft":
            with self._transaction():
                self._change(found.message_id, addresses, found.state, "menurut folder tempat surelnya", now)

    @property
    def folder(self) -> Path:
        """The output folder, to which the mails' files are relative."""
        return self.path.parent

    @property
    def connection(self) -> sqlite3.Connection:
        """The archive, for what else is kept of mails (`laid.py`)."""
        return self._db

    @contextlib.contextmanager
    def sender(self) -> Iterator[None]:
        """Be the only sender; `MailProblem` when another process sends. A killed sender's lock is free."""
        try:
            with self._lock:
                self._recover()
                yield
        except Timeout as error:
            raise MailProblem(
                "Pengiriman surel lain sedang berjalan.", "Tunggu sampai selesai, lalu lihat sopkit mail status."
            ) from error

    def of_occasion(self, occasion: str) -> tuple[Mail, ...]:
        """All mails about one thing, oldest first; of a digest what it says of that thing alone."""
        return tuple(self._mails("WHERE c.occasion = ? ORDER BY s.number", (occasion,), EVERY))

    def outdated(self, versions: Mapping[str, str]) -> set[str]:
        """Message-IDs of the mails that wait for somebody with something of which there is another version now."""
        rows = self._db.execute(
            f"SELECT c.message_id, c.occasion, c.content FROM ({EVERY}) c"
            " WHERE c.message_id IN (SELECT message_id FROM surel_penerima WHERE state = 'draft')"
        )
        return {name for name, occasion, content in rows if versions.get(occasion, content) != content}

    def mail(self, name: str) -> Mail:
        """By number, Message-ID or Kode surel; `UsageProblem` when there is none, or two have that code."""
        where = "WHERE s.message_id = ?1 OR CAST(s.number AS TEXT) = ?1 OR substr(s.message_id, 2, ?2) = lower(?1)"
        found = list(self._mails(where, (name, folders.CODE_LENGTH)))
        if len(found) != 1:
            problem = "lebih dari satu" if found else "tidak ada"
            raise UsageProblem(f"Surel {name} {problem}.", "Lihat nomor surel dengan sopkit mail status.")
        return found[0]

    def states(self, message_id: str) -> Mapping[str, str]:
        """Address -> state of every recipient of one mail."""
        rows = self._db.execute("SELECT address, state FROM surel_penerima WHERE message_id = ?", (message_id,))
        return dict(rows.fetchall())

    def owner(self, file: str) -> str | None:
        """Message-ID of the mail whose file lies there."""
        row = self._db.execute("SELECT message_id FROM surel WHERE file = ?", (file,)).fetchone()
        return str(row[0]) if row else None

    def record(self, mail: Mail, to: Iterable[str], cc: Iterable[str], now: dt.datetime) -> None:
        """Remember a new draft, or one that had been replaced and is wanted after all: its old file is to go."""
        self._drop_outdated(mail)
        with self._transaction():
            self._db.execute(
                "INSERT INTO surel (message_id, occasion, content, route, intended, document, subject,"
                " file, sha256, replaces, paper, office, attached, closed, facts)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (message_id) DO UPDATE SET file = excluded.file, sha256 = excluded.sha256,"
                " moved_from = nullif(file, excluded.file)",
                (
                    mail.message_id, mail.occasion, mail.content, mail.route, json.dumps(mail.intended), mail.document,
                    mail.subject, mail.file, mail.sha256, mail.replaces, mail.paper, mail.office, mail.attached,
                    mail.closed, mail.facts,
                ),
            )  # fmt: skip
            self._change(mail.message_id, self._in_state(mail.message_id, ("replaced",)), "draft", "", now)
            self._db.executemany(
                f"INSERT OR IGNORE INTO surel_isi (message_id, place, {', '.join(CONTENT)})"
                f" VALUES ({', '.join('?' * (len(CONTENT) + 2))})",
                [(mail.message_id, place, *_row(other)) for place, other in enumerate(mail.others, start=2)],
            )
            for kind, addresses in (("to", to), ("cc", cc)):
                self._db.executemany(
                    "INSERT OR IGNORE INTO surel_penerima (message_id, address, kind, changed) VALUES (?, ?, ?, ?)",
                    [(mail.message_id, address, kind, _stamp(now)) for address in addresses],
                )

    def _drop_outdated(self, mail: Mail) -> None:
        """The file of a replaced draft that came back with other bytes, unless somebody has edited it."""
        row = self._db.execute(
            "SELECT file, sha256 FROM surel WHERE message_id = ? AND file != ?", (mail.message_id, mail.file)
        ).fetchone()
        if row is None or self._moving(mail.message_id):
            return
        with reading_rows(self.path):
            old = self.folder / inside(row[0])
        with contextlib.suppress(OSError):
            if hashlib.sha256(old.read_bytes()).hexdigest() == row[1]:
                old.unlink()

    def facts_of(self, paper: str, content: str) -> str:
        """The SHA-256 of what the workbook says of a document's cases, by its path and its bytes; "" where unknown."""
        row = self._db.execute(
            "SELECT data_sha256 FROM documents WHERE path = ? AND file_sha256 = ?", (paper, content)
        ).fetchone()
        return str(row[0]) if row else ""

    def rename_content(self, occasion: str, former: str, content: str) -> None:
        """What an older sopkit called a version otherwise is the same version."""
        for table in ("surel", "surel_isi"):
            self._db.execute(
                f"UPDATE {table} SET content = ? WHERE occasion = ? AND content = ?", (content, occasion, former)
            )

    def supersede(self, occasion: str, content: str, now: dt.datetime, instead: Iterable[str] = ()) -> tuple[str, ...]:
        """Drafts about an occasion with another content, and the mails `instead`, are no longer to be sent.

        Returns the Message-IDs of those mails.
        """
        older = [mail.message_id for mail in self.of_occasion(occasion) if mail.content != content]
        details = dict.fromkeys(older, "dokumennya berubah")
        details |= dict.fromkeys(instead, "ada bentuk lampiran yang lebih baik")
        stale = tuple(message_id for message_id in details if self._in_state(message_id, ("draft",)))
        if stale:
            with self._transaction():
                for message_id in stale:
                    waiting = self._in_state(message_id, ("draft",))
                    self._change(message_id, waiting, "replaced", details[message_id], now)
        return stale

    def move_files(self, message_id: str | None = None) -> tuple[folders.Move, ...]:
        """Bring each file, or only that of one mail, to the folder that its mail's state deserves (`folders.place_of`).

        The new place is on disk before the file moves, with the old one, so that a run killed between is understood.
        A file that another program holds stays, and is tried again at the next opening.
        """
        moves = self._intended_moves(message_id)
        if not moves:
            return ()
        done = tuple(
            replace(move, stuck=not folders.move_file(self.folder / move.source, self.folder / move.target))
            for move in moves
        )
        with self._transaction():
            self._db.executemany(
                "UPDATE surel SET file = ?, moved_from = NULL WHERE message_id = ?",
                [(move.source if move.stuck else move.target, move.message_id) for move in done],
            )
        return done

    def _intended_moves(self, message_id: str | None) -> list[folders.Move]:
        """Moves that a killed run left, and those that are due now, all noted in the journal."""
        rows = self._db.execute(
            "SELECT s.message_id, s.file, s.moved_from, group_concat(DISTINCT p.state)"
            " FROM surel s JOIN surel_penerima p USING (message_id)"
            " WHERE ?1 IS NULL OR s.message_id = ?1 GROUP BY s.message_id ORDER BY s.number",
            (message_id,),
        ).fetchall()
        with reading_rows(self.path):
            rows = [(mail, inside(file), moved and inside(moved), states) for mail, file, moved, states in rows]
        moves = [folders.Move(mail, moved_from, file) for mail, file, moved_from, _ in rows if moved_from is not None]
        due = [
            (mail, file, place)
            for mail, file, moved_from, states in rows
            if moved_from is None and not folders.is_at(file, place := folders.place_of(states.split(",")))
        ]
        if due:
            with self._transaction():
                moves += [move for one in due for move in self._intend_move(*one)]
        return moves

    def _intend_move(self, message_id: str, file: str, place: str) -> Iterator[folders.Move]:
        """Nothing when another process was faster."""
        target = folders.target_of(file, place, message_id, self.owner, self.folder)
        changed = self._db.execute(
            "UPDATE surel SET file = ?, moved_from = ? WHERE message_id = ? AND file = ? AND moved_from IS NULL",
            (target, file, message_id, file),
        )
        if changed.rowcount == 1:
            yield folders.Move(message_id, file, target)

    def due(self, now: dt.datetime, *, impatient: bool = False) -> tuple[tuple[Mail, tuple[str, ...]], ...]:
        """Mails with the recipients who are to be sent to now, oldest first; `impatient` ignores waiting times."""
        rows = self._db.execute(
            "SELECT message_id, address FROM surel_penerima WHERE state = 'draft'"
            " AND (? OR next_try IS NULL OR next_try <= ?) ORDER BY kind DESC, rowid",
            (impatient, _stamp(now)),
        ).fetchall()
        grouped: dict[str, list[str]] = {}
        for message_id, address in rows:
            grouped.setdefault(message_id, []).append(address)
        mails = self._mails("ORDER BY s.number")
        return tuple((mail, tuple(grouped[mail.message_id])) for mail in mails if mail.message_id in grouped)

    def waiting(self, message_id: str, addresses: Iterable[str]) -> list[str]:
        """Those of `addresses` that are still drafts: a new draft or a person may have changed them meanwhile."""
        drafts = self._in_state(message_id, ("draft",))
        return [address for address in addresses if address in drafts]

    def begin(self, message_id: str, addresses: Sequence[str], now: dt.datetime) -> None:
        """Commit `sending` before DATA; `MailProblem` if one of them is not a draft any more.

        The file goes to belum-pasti/ as well, for the day when the archive is lost before anybody learns what became
        of it. What comes next moves it on. Where another program holds it, the archive alone knows.
        """
        with self._transaction():
            if self.waiting(message_id, addresses) != list(addresses):
                raise MailProblem("Keadaan surel berubah selama pengiriman.", "Jalankan lagi sopkit mail send.")
            marks = ", ".join("?" * len(addresses))
            self._db.execute(
                f"UPDATE surel_penerima SET attempts = attempts + 1 WHERE message_id = ? AND address IN ({marks})",
                (message_id, *addresses),
            )
            self._change(message_id, addresses, "sending", "", now)
            file, moved_from = self._db.execute(
                "SELECT file, moved_from FROM surel WHERE message_id = ?", (message_id,)
            ).fetchone()
            away = moved_from is None and not folders.is_at(file, folders.UNCERTAIN)
            moves = list(self._intend_move(message_id, file, folders.UNCERTAIN)) if away else []
        for move in moves:
            if folders.move_file(self.folder / move.source, self.folder / move.target):
                sync_folder((self.folder / move.target).parent)

    def settle(self, message_id: str, addresses: Sequence[str], state: State, detail: str, now: dt.datetime) -> None:
        """What became of them. The document of what went out, or may have, is marked as mailed in the archive."""
        with self._transaction():
            self._change(message_id, addresses, state, detail, now)
        self._mark_documents()
        self._move_on(message_id)

    def _move_on(self, message_id: str) -> None:
        """The file of a mail that was begun, from where it is on its way to, to where it belongs."""
        if self._moving(message_id):
            self.move_files(message_id)
        self.move_files(message_id)

    def postpone(self, message_id: str, addresses: Sequence[str], detail: str, now: dt.datetime) -> None:
        """They stay drafts, to be tried again later: 5 minutes, then twice as long each time, at most 4 hours."""
        with self._transaction():
            for address in addresses:
                attempts = self._db.execute(
                    "SELECT count(*) FROM surel_jejak WHERE message_id = ? AND address = ? AND state = 'draft'",
                    (message_id, address),
                ).fetchone()[0]
                wait = min(FIRST_PAUSE * 2 ** min(attempts, 10), LONGEST_PAUSE)
                self._change(message_id, [address], "draft", detail, now, next_try=now + wait)
        self._move_on(message_id)

    def resolve(self, name: str, state: str, now: dt.datetime, address: str | None = None) -> tuple[Delivery, ...]:
        """A person's decision on one mail (its number or Message-ID) or on `all`, for every recipient that it fits.

        `closed` means the drafts about cases that were closed already; what is uncertain is never decided so.
        `sent` it has arrived or was sent by hand; `draft` it has not, send it again; `cancelled` never send it.
        Returns the deliveries of those mails as they are now; `UsageProblem` where nothing can be decided so.
        """
        if state not in RESOLUTIONS:
            raise UsageProblem(f"Keputusan {state} tidak dikenal.", f"Pilih salah satu: {', '.join(RESOLUTIONS)}.")
        named = {mail.message_id for mail in self._named(name)}
        fitting = RESOLUTIONS[state] - {"uncertain", "refused"} if name == CLOSED else RESOLUTIONS[state]
        chosen = [
            (found.mail.message_id, found.address)
            for found in self.status()
            if found.mail.message_id in named
            and found.state in fitting
            and (address is None or found.address.casefold() == address.casefold())
        ]
        if not chosen:
            raise UsageProblem(
                f"Tidak ada penerima yang dapat diputuskan menjadi {STATE_WORDS[state]}.",
                "Lihat keadaannya dengan sopkit mail status.",
            )
        with self._transaction():
            for message_id, found_address in chosen:
                self._change(message_id, [found_address], state, "diputuskan petugas", now)
        self._mark_documents()
        self.move_files()
        return tuple(found for found in self.status() if found.mail.message_id in named)

    def _named(self, name: str) -> Iterator[Mail]:
        if name in (ALL, CLOSED):
            yield from self._mails("ORDER BY s.number" if name == ALL else "WHERE s.closed ORDER BY s.number")
        else:
            yield self.mail(name)

    def sent_by_hand(self, names: Sequence[str], now: dt.datetime) -> tuple[Mail, ...]:
        """Note mails (numbers, Message-IDs, or `all` that wait) as sent from another program; returns them.

        `UsageProblem`, and nothing is noted, when one of them is not there or waits for nothing.
        """
        waiting = {one.mail.message_id: one.mail for one in self.status() if one.state in BY_HAND}
        chosen = tuple(waiting.values()) if ALL in names else tuple(dict.fromkeys(map(self.mail, names)))
        over = [str(mail.number) for mail in chosen if mail.message_id not in waiting]
        if over or not chosen:
            what = f"Surel {', '.join(over)} tidak menunggu pengiriman." if over else "Tidak ada draf yang menunggu."
            raise UsageProblem(what, "Lihat keadaannya dengan sopkit mail status.")
        with self._transaction():
            for mail in chosen:
                addresses = self._in_state(mail.message_id, sorted(BY_HAND))
                self._change(mail.message_id, addresses, "sent", "dikirim petugas dari program surel", now)
        self._mark_documents()
        self.move_files()
        return chosen

    def status(self) -> tuple[Delivery, ...]:
        """Every recipient of every mail, oldest mail first, To before Cc."""
        mails = {mail.message_id: mail for mail in self._mails()}
        rows = self._db.execute(
            "SELECT p.message_id, p.address, p.kind, p.state, p.detail, p.attempts, p.next_try, p.changed"
            " FROM surel_penerima p JOIN surel s USING (message_id) ORDER BY s.number, p.kind DESC, p.rowid"
        )
        with reading_rows(self.path):
            return tuple(
                Delivery(mails[row[0]], row[1], row[2], row[3], row[4], row[5], _moment(row[6]), _read_stamp(row[7]))
                for row in rows
            )

    @property
    def paused(self) -> bool:
        """Sending was told to stop; a sender looks before every message."""
        return bool(self._db.execute("SELECT count(*) FROM surel_jeda").fetchone()[0])

    def pause(self) -> None:
        with self._transaction():
            self._db.execute("INSERT INTO surel_jeda VALUES ('petugas')")

    def resume(self) -> None:
        with self._transaction():
            self._db.execute("DELETE FROM surel_jeda")

    def _recover(self) -> None:
        now = dt.datetime.now()
        with self._transaction():
            rows = self._db.execute("SELECT message_id, address FROM surel_penerima WHERE state = 'sending'").fetchall()
            for message_id, address in rows:
                self._change(message_id, [address], "uncertain", "pengiriman terputus sebelum server menjawab", now)
        self._mark_documents()

    def _mark_documents(self) -> None:
        """Tell the archive once for each mail; a run killed before it is made up for by the next opening."""
        rows = self._db.execute(
            f"SELECT s.message_id, c.paper, c.content, min(p.changed) FROM surel s JOIN ({EVERY}) c USING (message_id)"
            " JOIN surel_penerima p USING (message_id)"
            " WHERE c.paper != '' AND NOT s.archived AND p.state IN ('sent', 'uncertain')"
            " GROUP BY s.message_id, c.occasion"
        ).fetchall()
        if not rows:
            return
        archive = Archive(self._db, self.folder)
        with self._transaction():
            for _, paper, content, changed in rows:
                with reading_rows(self.path):
                    moment = _read_stamp(changed)
                archive.mark_mailed(paper, content, moment)
            self._db.executemany("UPDATE surel SET archived = 1 WHERE message_id = ?", [(row[0],) for row in rows])

    def _change(
        self,
        message_id: str,
        addresses: Iterable[str],
        state: str,
        detail: str,
        now: dt.datetime,
        next_try: dt.datetime | None = None,
    ) -> None:
        for address in addresses:
            self._db.execute(
                "UPDATE surel_penerima SET state = ?, detail = ?, next_try = ?, changed = ?"
                " WHERE message_id = ? AND address = ?",
                (state, detail, _stamp(next_try) if next_try else None, _stamp(now), message_id, address),
            )
            self._db.execute(
                "INSERT INTO surel_jejak VALUES (?, ?, ?, ?, ?)", (_stamp(now), message_id, address, state, detail)
            )

    def _in_state(self, message_id: str, states: Sequence[str]) -> list[str]:
        rows = self._db.execute(
            "SELECT address, state FROM surel_penerima WHERE message_id = ? ORDER BY kind DESC, rowid", (message_id,)
        )
        return [address for address, state in rows if state in states]

    def _mails(self, where: str = "", values: Sequence[object] = (), contents: str = FIRST_ONLY) -> Iterator[Mail]:
        """Mails `s` with what they are about, `c`: the first alone, and then the others of a digest with it."""
        rows = self._db.execute(
            "SELECT s.message_id, c.occasion, c.content, c.route, c.intended, c.document, s.subject, s.file, s.sha256,"
            " s.replaces, c.paper, s.office, c.attached, c.closed, c.facts, s.number"
            f" FROM surel s JOIN ({contents}) c USING (message_id) {where}",
            tuple(values),
        ).fetchall()
        others = self._others() if contents == FIRST_ONLY else {}
        for row in rows:
            with reading_rows(self.path):
                mail = replace(_mail(row), others=tuple(others.get(row[0], ())))
            yield mail

    def _others(self) -> dict[str, list[Content]]:
        rows = self._db.execute(f"SELECT message_id, {', '.join(CONTENT)} FROM surel_isi ORDER BY message_id, place")
        found: dict[str, list[Content]] = {}
        with reading_rows(self.path):
            for message_id, *values in rows:
                found.setdefault(message_id, []).append(_content(values))
        return found

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            with transaction(self._db):
                yield
        except sqlite3.Error as error:
            raise database_problem(self.path, error) from error


def _mail(row: Sequence[object]) -> Mail:
    """A row as `_mails` asks for it; ValueError or TypeError when nobody can have written it so."""
    message_id, occasion, content, route, intended, document, subject, file, sha256, replaces, paper, *rest = row
    _demand_inside(paper)
    head = (message_id, occasion, content, route, _names(intended), document, subject, inside(file), sha256)
    return Mail(*head, replaces, paper, *rest)  # type: ignore[arg-type]


def _content(row: Sequence[object]) -> Content:
    """A row of `surel_isi`; errors as `_mail` has."""
    values = dict(zip(CONTENT, row, strict=True))
    _demand_inside(values["paper"])
    return Content(**{**values, "intended": _names(values["intended"])})  # type: ignore[arg-type]


def _noted_content(values: Mapping[str, object]) -> Content:
    """As the note of a lying digest has it."""
    intended = values["intended"]
    names = tuple(map(str, intended if isinstance(intended, list) else ()))
    return Content(**{**values, "intended": names})  # type: ignore[arg-type]


def _names(intended: object) -> tuple[str, ...]:
    names = json.loads(str(intended))
    if not isinstance(names, list):
        raise ValueError(intended)
    return tuple(map(str, names))


def _demand_inside(paper: object) -> None:
    if paper:
        inside(paper)


def _row(content: Content) -> list[object]:
    values = {name: getattr(content, name) for name in CONTENT}
    return list({**values, "intended": json.dumps(content.intended)}.values())


def _stamp(moment: dt.datetime) -> str:
    return moment.replace(microsecond=0).isoformat(sep=" ")


def _read_stamp(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def _moment(text: str | None) -> dt.datetime | None:
    return _read_stamp(text) if text else None
