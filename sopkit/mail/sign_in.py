"""What an account is signed in with: a password of the system's keyring, or a token (XOAUTH2) that a command prints."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys

from sopkit.errors import MailProblem
from sopkit.folders import to_do

KEYRING = "sopkit-smtp"
TOKEN_VARIABLE = "SOPKIT_TOKEN_COMMAND"
TOKEN_PREFIX = "token-command "  # before an account's name in the keyring
TOKEN_SECONDS = 60.0
TOKEN = re.compile(r"[!-~]{8,16384}")


def from_keyring(name: str) -> str:
    """What the keyring keeps under that name; empty without a keyring."""
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return ""
    try:
        return keyring.get_password(KEYRING, name) or ""
    except keyring.errors.KeyringError:
        return ""


def token_for(account: str) -> str:
    """An access token where the office gave a command for this account, else ""; `MailProblem` where it fails."""
    command = os.environ.get(TOKEN_VARIABLE, "").strip() or from_keyring(f"{TOKEN_PREFIX}{account}")
    return access_token(command) if command else ""


def access_token(command: str, seconds: float = TOKEN_SECONDS) -> str:
    """What the command prints, run without a shell. `MailProblem` tells nothing of what it said."""
    try:
        words: str | list[str] = command if sys.platform == "win32" else shlex.split(command)
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise _no_token(f"tidak selesai dalam {seconds:g} detik") from None
    except (OSError, ValueError, IndexError):  # of which the words repeat the command
        raise _no_token("tidak dapat dijalankan") from None
    token = done.stdout.decode("ascii", "replace").strip()
    if done.returncode:
        raise _no_token(f"gagal dengan kode {done.returncode}")
    if not TOKEN.fullmatch(token):
        raise _no_token("tidak mencetak satu token")
    return token


def _no_token(why: str) -> MailProblem:
    remedy = f"Jalankan perintah itu sendiri untuk melihat sebabnya; menggantinya: {to_do('sopkit mail setup')}"
    return MailProblem(f"Perintah token surel {why}.", remedy)


def xoauth2(user: str, token: str) -> str:
    """What the client says first, before base64."""
    return f"user={user}\x01auth=Bearer {token}\x01\x01"
