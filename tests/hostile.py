"""`python -m tests.hostile 10000`: so many inputs that mean harm, made by hypothesis, over all that comes from outside.

Each kind runs in a process of its own, held to limits of memory and watched for what it executes and where it writes.
A case ends well when it is used, or refused with one sentence. `--measure` runs the hostile workbooks through the real
command instead, each in its own process.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]  # as pytest does

SHARES = {
    "cells": 1500, "structure": 1500, "names": 1000, "sop": 1000, "layout": 1000, "patterns": 1200, "templates": 800,
    "letters": 1000, "smtp": 700, "imap": 300,
}  # fmt: skip
"""Of 10,000 cases."""
KINDS = {
    "cells": "cells of a workbook", "structure": "structure of a workbook", "names": "names of files, cases and people",
    "sop": "SOP (TOML)", "layout": "layout (TOML)", "patterns": "number patterns",
    "templates": "tags of Word templates",
    "letters": "mail texts, addresses and headers", "smtp": "replies of SMTP servers",
    "imap": "replies of IMAP servers",
}  # fmt: skip
WRONG = ("aborted", "hung", "executed", "outside", "unforeseen")
SECONDS, MEMORY = 20, 3 << 30  # of one case, on a machine with other work; of address space
DEEDS = (
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "os.startfile",
    "webbrowser.",
    "ftplib.",
    "urllib.Request",
)
CHANGES = (
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.mkdir",
    "os.chmod",
    "os.link",
    "os.symlink",
    "os.truncate",
    "shutil.",
)


class HungError(BaseException):
    """The case took too long."""


class Watch:
    """What the process does while a case runs: `executed` and `outside` tell the first such deed of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = os.path.realpath(folder)
        self.on = False
        self.executed = self.outside = ""
        sys.addaudithook(self._hear)

    def _hear(self, event: str, words: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if (
            event.startswith(DEEDS)
            or (event == "subprocess.Popen" and "sopkit.excel.calamine_reader" not in str(words))
            or (event == "socket.connect" and "127.0.0.1" not in str(words) and "::1" not in str(words))
        ):
            self.executed = self.executed or f"{event} {words!r}"[:200]
        elif event == "open" and isinstance(words[2], int) and words[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            self._writes(event, words[0])
        elif event.startswith(CHANGES):
            for word in words[:2]:
                self._writes(event, word)

    def _writes(self, event: str, path: object) -> None:
        if isinstance(path, str | bytes | os.PathLike) and not str(path).endswith((".pyc", "/dev/null")):
            real = os.path.realpath(os.fsdecode(path))
            if "__pycache__" not in real and not real.startswith(self.folder):
                self.outside = self.outside or f"{event} {real!r}"[:200]


def attempt(kind: str, count: int, seed: int, folder: Path) -> None:
    """Run so many cases of a kind here; prints a line of JSON for each that ended wrong, and one at the end."""
    import resource

    from hostile_kinds import CASES
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded

    os.environ["TMPDIR"] = str(folder)  # so that what is written there is seen as well
    strategy, use = CASES[kind]
    use_once = use(folder)
    watch, done = Watch(folder), Counter[str]()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, _too_long)

    @seeded(seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def one(value: object) -> None:
        if done["tried"] >= count:
            return
        done["tried"] += 1
        print(json.dumps({"begun": done["tried"]}), flush=True)
        for what, told in _one(use_once, value, watch).items():
            done[what] += 1
            print(json.dumps({"wrong": what, "told": told, "case": repr(value)[:2000]}), flush=True)

    while done["tried"] < count:
        before = done["tried"]
        seed += 1
        seeded(seed)(one)()
        if done["tried"] == before:
            break
    print(json.dumps({"done": dict(done)}), flush=True)


def _one(use: Callable[[Any], object], value: object, watch: Watch) -> dict[str, str]:
    """What went wrong with one case."""
    from sopkit.errors import SopkitError, Unforeseen

    wrong: dict[str, str] = {}
    watch.executed = watch.outside = ""
    signal.alarm(SECONDS)
    watch.on = True
    try:
        use(value)
    except HungError:
        wrong["hung"] = f"more than {SECONDS} s"
    except SopkitError as error:
        if isinstance(error, Unforeseen) or not error.message or error.exit_code not in (2, 3, 4):
            wrong["unforeseen"] = f"{type(error).__name__}: {error}"[:500]
    except BaseException as error:
        wrong["unforeseen"] = _traced(error)
    finally:
        watch.on = False
        signal.alarm(0)
    wrong |= {what: told for what in ("executed", "outside") if (told := getattr(watch, what))}
    return wrong


def _traced(error: BaseException) -> str:
    import traceback

    frames = [f"{Path(f.filename).name}:{f.lineno}" for f in traceback.extract_tb(error.__traceback__)][-6:]
    return f"{type(error).__name__}: {error} ({' > '.join(frames)})"[:700]


def _too_long(*_: object) -> None:
    raise HungError


def run(kind: str, count: int, seed: int) -> tuple[Counter[str], list[dict[str, str]]]:
    """So many cases of a kind, in processes; one that dies is counted and another goes on with the rest."""
    counts, told, left = Counter[str](), list[dict[str, str]](), count
    while left > 0:
        with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
            command = [
                sys.executable,
                str(Path(__file__)),
                "--kind",
                kind,
                str(left),
                "--seed",
                str(seed),
                "--in",
                folder,
            ]
            lines, code = _listened(command, left)
        begun = max((line["begun"] for line in lines if "begun" in line), default=0)
        told += [line for line in lines if "wrong" in line]
        counts.update(line["wrong"] for line in lines if "wrong" in line)
        if any("done" in line for line in lines):
            counts["tried"] += begun
            break
        what = "hung" if code is None else "aborted"
        counts.update({"tried": max(begun, 1), what: 1})
        told.append({"wrong": what, "told": f"exit {code}", "case": f"{kind}, seed {seed}, case {begun}"})
        left -= max(begun, 1)
        seed += 1000
    return counts, told


def _listened(command: list[str], count: int) -> tuple[list[dict[str, Any]], int | None]:
    """The lines that a process printed, and its exit code; None where it had to be ended."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=out, stderr=errors, cwd=HERE.parent)
        size, still = -1, time.monotonic()
        while process.poll() is None:
            time.sleep(0.05)
            if (now := os.fstat(out.fileno()).st_size) != size:
                size, still = now, time.monotonic()
            elif time.monotonic() - still > 3 * SECONDS + 30:
                process.kill()
                process.wait()
                return _lines(out), None
        errors.seek(0)
        if process.returncode:
            print(errors.read().decode(errors="replace")[-1500:], file=sys.stderr)
        return _lines(out), process.returncode


def _lines(out: Any) -> list[dict[str, Any]]:
    out.seek(0)
    whole = (line for line in out.read().decode(errors="replace").splitlines() if line.endswith("}"))
    return [json.loads(line) for line in whole if line.startswith('{"')]


def shares(total: int) -> dict[str, int]:
    """How many cases of each kind; at least one."""
    given = {kind: max(1, total * share // 10_000) for kind, share in SHARES.items()}
    given["cells"] += max(0, total - sum(given.values()))
    return given


def suite(total: int, seed: int, only: str = "") -> Counter[str]:
    """All kinds, with a table on screen; the sums."""
    sums = Counter[str]()
    print(f"{'kind':<36}{'tried':>7}" + "".join(f"{what:>12}" for what in WRONG) + f"{'seconds':>10}")
    for kind, count in shares(total).items():
        if only and kind != only:
            continue
        began = time.monotonic()
        counts, told = run(kind, count, seed)
        sums += counts
        columns = "".join(f"{counts[what]:>12}" for what in WRONG)
        print(f"{KINDS[kind]:<36}{counts['tried']:>7}{columns}{time.monotonic() - began:>10.0f}", flush=True)
        shown = Counter[str]()
        for one in told:
            cause = re.sub(r"[0-9]+|'.*?'", "", one["told"])[:80]
            shown[cause] += 1
            if shown[cause] <= 2:
                print(f"    {one['wrong']}: {one['told']}\n        {one['case'][:600]}", flush=True)
    print(f"{'all':<36}{sums['tried']:>7}" + "".join(f"{sums[what]:>12}" for what in WRONG))
    return sums


def measure(most_seconds: float = 5, most_megabytes: int = 300) -> int:
    """The real command on each hostile workbook, in its own process: seconds and memory at most; how many exceed."""
    import hostile_books

    worst: list[tuple[float, int, int, str]] = []
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        hostile_books.write_books(Path(folder))
        worst += [(*_command("validate", path), path.stem) for path in sorted(Path(folder).glob("*.xlsx"))]
    beyond = [one for one in worst if one[0] > most_seconds or one[1] > most_megabytes or one[2] not in (0, 1, 3)]
    print(f"{'workbook':<28}{'CPU s':>8}{'peak MB':>9}{'exit':>6}")
    slow, large = sorted(worst, reverse=True)[:8], sorted(worst, key=lambda one: -one[1])[:8]
    for seconds, megabytes, code, name in dict.fromkeys([*slow, *large, *beyond]):
        print(f"{name:<28}{seconds:>8.2f}{megabytes:>9}{code:>6}")
    most = (max(one[0] for one in worst), max(one[1] for one in worst))
    codes = dict(sorted(Counter(one[2] for one in worst).items()))
    print(f"{len(worst)} workbooks: at most {most[0]:.2f} s, {most[1]} MB; exit codes {codes}; beyond: {len(beyond)}")
    return len(beyond)


def _command(name: str, path: Path) -> tuple[float, int, int]:
    """CPU seconds and peak MB, of the process and those that it started together, and the exit code."""
    told = path.with_suffix(".txt")
    with told.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "sopkit", name, str(path)], stdout=out, stderr=out, cwd=HERE.parent
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    code = 99 if "tidak terduga" in told.read_text("utf-8", "replace") else process.returncode
    return used.ru_utime + used.ru_stime, used.ru_maxrss // 1024, code


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("count", nargs="?", type=int, default=10_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--only", choices=KINDS, default="")
    asked.add_argument("--measure", action="store_true")
    asked.add_argument("--kind", help=argparse.SUPPRESS)
    asked.add_argument("--in", dest="folder", type=Path, help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.kind:
        for kind in given.kind.split(","):
            (given.folder / kind).mkdir()
            attempt(kind, given.count, given.seed, given.folder / kind)
    elif given.measure:
        sys.exit(bool(measure()))
    else:
        sums = suite(given.count, given.seed, given.only)
        sys.exit(any(sums[what] for what in WRONG))


if __name__ == "__main__":
    main()
