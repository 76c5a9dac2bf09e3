"""Where the file of a mail lies: in surel/ only what may still be sent from there with a double click."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

FOLDER = "surel"
SENT, UNCERTAIN, REPLACED, CANCELLED = "terkirim", "belum-pasti", "diganti", "dibatalkan"
CODE_LENGTH = 8


@dataclass(frozen=True)
class Move:
    """A mail's file on its way, both ends relative to the output folder; `stuck` when another program held it."""

    message_id: str
    source: str
    target: str
    stuck: bool = False


def code_of(message_id: str) -> str:
    """The short code that a mail's text and its successors name it by."""
    return message_id.lstrip("<")[:CODE_LENGTH]


def place_of(states: Collection[str]) -> str:
    """The folder in surel/ for a mail whose recipients are in these states; "" is surel/ itself."""
    if not {"sending", "uncertain"}.isdisjoint(states):
        return UNCERTAIN
    if "sent" in states:
        return SENT
    if set(states) <= {"replaced"}:
        return REPLACED
    return CANCELLED if set(states) <= {"replaced", "cancelled"} else ""


def is_at(file: str, place: str) -> bool:
    """Whether a file (as the outbox names it, with `/`) lies in its place."""
    return PurePosixPath(file).parent == _home(file) / place


def target_of(file: str, place: str, message_id: str, owner: Callable[[str], str | None], folder: Path) -> str:
    """A free name in its place for a file, relative to `folder` as `file` is."""
    stem = PurePosixPath(file).stem.removesuffix(f" {code_of(message_id)}")
    targets = (str(_home(file) / place / name) for name in names(stem, message_id))
    return next(one for one in targets if owner(one) is None and not (folder / one).exists())


def _home(file: str) -> PurePosixPath:
    parent = PurePosixPath(file).parent
    return parent.parent if parent.name in (SENT, UNCERTAIN, REPLACED, CANCELLED) else parent


def names(stem: str, message_id: str) -> Iterator[str]:
    """File names for a mail, the plainest first."""
    yield f"{stem}.eml"
    yield f"{stem} {code_of(message_id)}.eml"
    yield from (f"{stem} {code_of(message_id)} {number}.eml" for number in itertools.count(2))


def move_file(source: Path, target: Path) -> bool:
    """Move a file, once; False when another program holds it. One that is moved or gone already is no failure."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.exists() and not target.exists():
            source.replace(target)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
