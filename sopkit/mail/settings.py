"""What is remembered of mailboxes, by account and without secrets: the names of folders, and what `run` does there.

It lies in the user's own folder and not in the office's: an office's folder may come from anybody.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

from sopkit.files import write_atomic

VARIABLE = "SOPKIT_MAIL_SETTINGS"
FILE = "surel.json"
InRun = Literal["", "find", "put"]


@dataclass(frozen=True)
class Remembered:
    """`drafts` and `sent` are names of folders as people read them, "" where the server marks them itself."""

    drafts: str = ""
    sent: str = ""
    run: InRun = ""


def settings_file() -> Path | None:
    """None where this user has no folder of his own."""
    if given := os.environ.get(VARIABLE, ""):
        return Path(given)
    own = os.environ.get("APPDATA" if sys.platform == "win32" else "XDG_CONFIG_HOME", "")
    try:
        return (Path(own) if own else Path.home() / ".config") / "sopkit" / FILE
    except RuntimeError:
        return None


def remembered(account: str) -> Remembered:
    """Nothing where nothing readable stands there."""
    kept = _accounts().get(account)
    if not isinstance(kept, dict):
        return Remembered()
    drafts, sent, run = (kept[name] if isinstance(kept.get(name), str) else "" for name in ("drafts", "sent", "run"))
    return Remembered(drafts, sent, next((one for one in get_args(InRun) if one == run), ""))


def remember(account: str, what: Remembered) -> None:
    """`SopkitError` where it cannot be written."""
    if path := settings_file():
        text = json.dumps({**_accounts(), account: asdict(what)}, ensure_ascii=False, indent=1)
        write_atomic(path, f"{text}\n".encode())


def in_use() -> bool:
    """Whether any account is remembered: else nobody needs to ask the keyring."""
    return bool(_accounts())


def _accounts() -> dict[str, object]:
    path = settings_file()
    try:
        read = json.loads(path.read_text("utf-8")) if path else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
