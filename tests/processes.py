"""Commands in a process of their own: its streams, its signals, its exit code; without the second that imports take."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NoReturn, TextIO

from sopkit.checks import load_rules
from sopkit.cli.main import main
from sopkit.documents.generate import _problems
from sopkit.documents.kinds import KINDS
from sopkit.documents.package import open_template
from sopkit.mail.compose import parse_letter

TEMPLATES = Path(__file__).parent.parent / "templates"
USED = (
    "docx", "docxtpl", "docxtpl_lint", "email_validator", "holidays", "jinja2.sandbox", "lxml.etree", "openpyxl",
    "pandas", "python_calamine", "rapidfuzz", "rich.progress", "rich.table", "segno", "xlsxwriter",
    "sopkit.adopt.propose", "sopkit.documents.generate", "sopkit.mail.drafts", "sopkit.mail.smtp", "sopkit.pipeline",
    "sopkit.repair", "sopkit.reports.html", "sopkit.reports.recap",
)  # fmt: skip
"""What commands import when they come to it: once here, and not in each process."""
START = "from sopkit.cli.main import main\nmain()"
LONGEST = 120  # seconds


def ended(
    *words: object, code: str = START, folder: Path | None = None, env: Mapping[str, str] = {}
) -> subprocess.CompletedProcess[str]:
    """`sopkit WORDS`, ended; standard input is empty, and `env` is laid over this process's. `code` is how it starts.

    Where the system can, it is a copy of this process: nothing is imported anew.
    """
    told = [str(word) for word in words]
    if not hasattr(os, "fork"):
        return subprocess.run(
            [sys.executable, "-c", f"import sys\nsys.argv[0] = 'sopkit'\n{code}", *told],
            cwd=folder, env={**os.environ, **env}, check=False, capture_output=True, text=True, encoding="utf-8",
            stdin=subprocess.DEVNULL, timeout=LONGEST,
        )  # fmt: skip
    prepare()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, Path(os.devnull).open("rb") as nothing:
        child = os.fork()
        if child == 0:
            for number, stream in enumerate((nothing, out, err)):
                os.dup2(stream.fileno(), number)
            become(told, folder, env, code)
        _, status = os.waitpid(child, 0)
        out.seek(0)
        err.seek(0)
        said = out.read().decode(), err.read().decode()
    return subprocess.CompletedProcess(["sopkit", *told], os.waitstatus_to_exitcode(status), *said)


@cache
def prepare() -> None:
    """Import what the children would."""
    load_rules()
    for name in USED:
        import_module(name)
    for kind in KINDS.values():  # and compile the templates, which a child would for itself alone
        _problems(open_template(TEMPLATES / kind.template), kind.name)
    for text in (TEMPLATES / "surel").glob("*.txt"):
        parse_letter(text.read_text("utf-8"), text.name)


def become(words: Sequence[str], folder: Path | None = None, env: Mapping[str, str] = {}, code: str = "") -> NoReturn:
    """In the child of a fork: be `sopkit WORDS` on the streams 0, 1 and 2, and end with its exit code."""
    left = 99
    try:
        signal.alarm(LONGEST)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.stdin = sys.__stdin__ = _stream(0, "r")
        sys.stdout = sys.__stdout__ = _stream(1, "w")
        sys.stderr = sys.__stderr__ = _stream(2, "w")
        os.environ.update(env)
        tempfile.tempdir = None
        if folder is not None:
            os.chdir(folder)
        sys.argv = ["sopkit", *words]
        exec(code, {"__name__": "__main__"}) if code else main()
    except SystemExit as gone:
        left = int(gone.code or 0)
    except BaseException as fault:
        with suppress(OSError, ValueError):
            sys.stderr.write(f"Traceback: {fault!r}\n")
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(left)


def _stream(number: int, mode: str) -> TextIO:
    return os.fdopen(number, mode, encoding="utf-8", errors="backslashreplace" if number == 2 else "strict")
