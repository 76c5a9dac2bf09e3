"""What to click for a command, where sopkit runs from the files to click that `sopkit bundle` made."""

from __future__ import annotations

import os
import re
from pathlib import Path

from sopkit.folders import clicked_folder

CLICKS = {
    "init": "Buat register baru",
    "run": "Periksa register",
    "number": "Periksa register",  # which asks for the numbers
    "mail setup": "Pasang surel",
    "mail sent": "Catat surel terkirim",
}
COMMAND = re.compile(
    r"\bsopkit ((?:(?:mail|template|sop) [a-z]+|run|validate|number|init|explain|history|receive|generate|verify|recap"
    r"|adopt|repair|export|watch|doctor)\b(?: --(?!folder)[a-z-]+)?)"
)
TYPED = "buka folder sopkit di Explorer, ketik cmd di kotak alamat, tekan Enter, lalu ketik perintahnya"
TYPED_POSIX = "buka terminal di folder sopkit, lalu ketik perintahnya dengan sh sopkit.sh sebagai ganti sopkit"


def click_for(command: str, output: Path | None = None) -> str:
    """What to click for a command (`mail sent`) about an output folder; "" where it is typed."""
    top = clicked_folder()
    if top is None or command not in CLICKS:
        return ""
    if output is None or output.absolute().is_relative_to(top.absolute()):
        return f"klik dua kali “{CLICKS[command]}”"
    dragged = f"folder {output}" if command.startswith("mail") else "buku kerjanya"
    return f"seret {dragged} ke atas “{CLICKS[command]}”"


def clicks_in(text: str) -> list[str]:
    """For the commands that a text names, each once: what to click, or how they are typed. Nothing elsewhere."""
    named = dict.fromkeys(COMMAND.findall(text)) if clicked_folder() else {}
    typed = [f"sopkit {command}" for command in named if command not in CLICKS]
    how = TYPED if os.name == "nt" else TYPED_POSIX
    clicked = [f"Untuk sopkit {command}: {click_for(command)}." for command in named if command in CLICKS]
    return [*clicked, *([f"Untuk {', '.join(typed)}: {how}."] if typed else [])]
