"""What of the outbox lies as a draft in the office's own mailbox: intended before it is laid, done when it lies there.

An intention without an end has an unknown fate: it is looked for before it is laid again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sopkit.database import reading_rows
from sopkit.mail.outbox import Outbox


@dataclass(frozen=True)
class Laid:
    """One draft in the folder of that name, `sha256` of its bytes as they were laid.

    `intended` is the moment that their Date says, `uid` 0 where the server has not told it, `done` false where nobody
    knows whether it lies there.
    """

    message_id: str
    folder: str
    uidvalidity: int
    uid: int
    sha256: str
    intended: dt.datetime
    done: bool = False


class LaidDrafts:
    """Those of one account; each change is on disk when it returns."""

    def __init__(self, outbox: Outbox, account: str) -> None:
        self._outbox = outbox
        self._account = account

    def rows(self) -> Mapping[str, Laid]:
        """By Message-ID, the oldest intention first."""
        rows = self._outbox.connection.execute(
            "SELECT message_id, folder, uidvalidity, uid, sha256, intended, done FROM surel_kotak"
            " WHERE account = ? ORDER BY intended, message_id",
            (self._account,),
        ).fetchall()
        with reading_rows(self._outbox.path):
            return {
                name: Laid(
                    name, folder, uidvalidity, uid, sha256, dt.datetime.fromisoformat(intended), done is not None
                )
                for name, folder, uidvalidity, uid, sha256, intended, done in rows
            }

    def intend(self, laid: Laid) -> bool:
        """False where the mail is no longer a draft for all its recipients: then nothing is noted."""
        noted = self._outbox.connection.execute(
            "INSERT OR REPLACE INTO surel_kotak SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL WHERE NOT EXISTS"
            " (SELECT 1 FROM surel_penerima WHERE message_id = ?1 AND state != 'draft')",
            (
                laid.message_id, self._account, laid.folder, laid.uidvalidity, laid.uid, laid.sha256,
                laid.intended.isoformat(sep=" "),
            ),
        )  # fmt: skip
        return noted.rowcount == 1

    def complete(self, message_id: str, uid: int, now: dt.datetime) -> None:
        self._outbox.connection.execute(
            "UPDATE surel_kotak SET uid = ?, done = ? WHERE message_id = ? AND account = ?",
            (uid, now.isoformat(sep=" ", timespec="seconds"), message_id, self._account),
        )

    def forget(self, message_id: str) -> None:
        """It lies there no longer, or never did."""
        self._outbox.connection.execute(
            "DELETE FROM surel_kotak WHERE message_id = ? AND account = ?", (message_id, self._account)
        )


def lying_anywhere(outbox: Outbox) -> frozenset[str]:
    """Message-IDs of what lies, or may lie, in a mailbox: it is sent from there."""
    return frozenset(str(row[0]) for row in outbox.connection.execute("SELECT message_id FROM surel_kotak"))
