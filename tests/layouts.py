"""The layout file that `adopt` would write for a workbook of which nothing is decided."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from sopkit.adopt.decided import Decided
from sopkit.adopt.propose import Proposal, propose
from sopkit.adopt.write import layout_text_of


def proposal_of(path: Path) -> Proposal:
    return propose(path, Decided(), dt.date.today())


def proposed(path: Path) -> str:
    return layout_text_of(proposal_of(path))
