"""The office's mailbox in `sopkit run`: opened where the office said so, for a short time, and never in its way."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING

from sopkit.archive import Archive
from sopkit.database import FILE
from sopkit.errors import SopkitError, contained
from sopkit.mail import settings
from sopkit.mail.outbox import Outbox
from sopkit.mail.page import renew_page
from sopkit.mail.visit import Visit

if TYPE_CHECKING:
    from sopkit.mail.imap import Mailbox

ANSWER_SECONDS, ALL_SECONDS = 10.0, 60.0  # for each answer, and for all visits of one run


class MailboxInRun:
    """One run's visits. What goes wrong stands in the visit, and nobody knocks a second time in the same run."""

    def __init__(self) -> None:
        self._until = time.monotonic() + ALL_SECONDS
        self._mailbox: Mailbox | None = None
        self._failed = False
        self.visit = Visit("")

    def begin(self) -> None:
        """Another workbook's turn."""
        self.visit = Visit("")

    def find(self, record: Archive) -> None:
        """Before documents are made: what went out makes of a change a revision."""
        self._visited(record, last=False)

    def put(self, record: Archive) -> None:
        self._visited(record, last=True)

    def _visited(self, record: Archive, *, last: bool) -> None:
        if self._failed or not settings.in_use():
            return
        came = contained(self._work)(record, last=last)
        if isinstance(came, SopkitError):
            came = Visit("", problem=came)
        self._failed = came.problem is not None
        _add(self.visit, came)

    def _work(self, record: Archive, *, last: bool) -> Visit:
        from sopkit.mail.imap import account_of, mailbox_from, own_url
        from sopkit.mail.mailbox import find, put, sought, to_put

        account = account_of(own_url()).name
        does = settings.remembered(account).run
        with Outbox(record.output / FILE, record.connection) as outbox:
            due = to_put(outbox, account, lay=does == "put") if last else bool(sought(outbox))
            if not does or not due:
                return Visit(account)
            self._mailbox = self._mailbox or mailbox_from("")
            visiting = partial(put, lay=does == "put") if last else find
            visit = visiting(outbox, self._mailbox, dt.datetime.now(), seconds=ANSWER_SECONDS, until=self._until)
            renew_page(outbox)
            return visit


def _add(visit: Visit, more: Visit) -> None:
    for one in fields(Visit):
        there, added = getattr(visit, one.name), getattr(more, one.name)
        if isinstance(there, list):
            there.extend(added)
        elif added:
            setattr(visit, one.name, added)
