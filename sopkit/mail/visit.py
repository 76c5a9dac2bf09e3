"""What came of a visit to the office's mailbox."""

from __future__ import annotations

from dataclasses import dataclass, field

from sopkit.errors import SopkitError
from sopkit.mail.outbox import Mail


@dataclass
class Visit:
    """What came of one visit.

    `sent` was found among what went out, `laid` lies in Drafts now, `withdrawn` was removed there, `kept` is no longer
    to be sent and lies there still. `missing` was laid, and is neither in Drafts nor in Sent; of `doubtful` something
    went out that is not quite it; `edited` has another file than was drafted; `refused` by the server, in its words;
    `left` waits for the next time; `problem` is what ended it early.
    """

    account: str
    sent: list[Mail] = field(default_factory=list)
    laid: list[Mail] = field(default_factory=list)
    withdrawn: list[Mail] = field(default_factory=list)
    kept: list[Mail] = field(default_factory=list)
    missing: list[Mail] = field(default_factory=list)
    doubtful: list[Mail] = field(default_factory=list)
    edited: list[Mail] = field(default_factory=list)
    refused: list[tuple[Mail, str]] = field(default_factory=list)
    left: int = 0
    problem: SopkitError | None = None

    @property
    def needs_attention(self) -> bool:
        """True when `mail put` and `mail find` exit 4."""
        return bool(self.problem or self.missing or self.doubtful or self.edited or self.refused or self.left)
