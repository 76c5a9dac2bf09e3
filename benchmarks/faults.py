"""What a clerk's commands leave when the world does not hold still: corrupt, lost, doubled, left behind, unclear.

    uv run python benchmarks/faults.py [--every N] [--only WORD] [PART ...]

strikes: every operation of `run` (fresh, again, after a change), `number` and `mail send` on files and sockets (opened,
         read, written, renamed, flushed, looked at …; faults.c counts them) is killed once, refused once with ENOSPC,
         EIO and EACCES, once with all after it, and once the clerk presses Ctrl-C there
full:    the disk is full at 20 sizes, and then has room
pairs:   two commands at once, begun 12 times at other distances
between: the process stands still before an operation while workbook, template or archive change
around:  clock, time zone, locale, encoding, standard output; real processes
ctrl-c:  30 moments of real processes, from their first

After each harm the command is done again as a clerk would; then the office must be as if nothing had been. The mails go
to an SMTP server on this machine. With --every N only each Nth moment is tried, two at least. Linux, glibc,
a C compiler; `full` as root.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from fault_office import (
    CHANGE,
    COLUMNS,
    HERE,
    LOOK,
    NETWORK,
    Harm,
    Known,
    Offices,
    Outcome,
    Told,
    Words,
    offices,
    tree,
)  # fmt: skip

RUN, NUMBER, SEND = ("run",), ("number", "--yes"), ("mail", "send", "--send")
AT_ONCE, REPAIR, DRAFT = (*SEND, "--now"), ("repair",), ("mail", "draft")
Moment = tuple[str, Outcome]


@dataclass(frozen=True)
class Command:
    """`office` is how things are before; `then` is done without harm afterwards, as a clerk would."""

    office: str
    words: Words
    then: tuple[Words, ...]


COMMANDS: Mapping[str, Command] = {
    "number": Command("bare", NUMBER, (NUMBER,)),
    "mail send": Command("again", SEND, (AT_ONCE, RUN)),
    "run again": Command("again", RUN, (RUN,)),
    "run changed": Command("changed", RUN, (RUN,)),
    "run fresh": Command("fresh", RUN, (RUN,)),
}
HARMS = (
    Harm("killed", 0, CHANGE | NETWORK),
    Harm("ENOSPC", errno.ENOSPC, CHANGE),
    Harm("EIO", errno.EIO, CHANGE | LOOK),
    Harm("EACCES", errno.EACCES, CHANGE | LOOK),
    Harm("EIO from then on", errno.EIO, CHANGE | LOOK, lasting=True),
    Harm("ECONNRESET", errno.ECONNRESET, NETWORK),
    Harm("Ctrl-C", -signal.SIGINT, CHANGE | LOOK | NETWORK),
)
PAIRS: Mapping[str, tuple[str, Words, Words, tuple[Words, ...] | None]] = {
    "run + run": ("fresh", RUN, RUN, (RUN,)),
    "run + number": ("bare", RUN, NUMBER, (NUMBER, RUN)),
    "number + number": ("bare", NUMBER, NUMBER, (NUMBER,)),
    "run + mail send": ("again", RUN, SEND, (AT_ONCE, RUN)),
    "run changed + mail send": ("changed", RUN, SEND, None),
    "run changed + mail draft": ("changed", RUN, DRAFT, (RUN,)),
    "mail send + mail send": ("again", SEND, SEND, (AT_ONCE, RUN)),
    "mail send + repair": ("again", SEND, REPAIR, (AT_ONCE, RUN)),
    "run + repair": ("again", RUN, REPAIR, (RUN,)),
    "run changed + repair": ("changed", RUN, REPAIR, (RUN,)),
    "run + recap": ("fresh", RUN, ("recap",), (RUN,)),
}
"""Office, two commands, and what is done afterwards; None where the order decides what is right."""
SIZES, DISTANCES, INTERRUPTS = 20, 12, 30
ZONES = {"TZ=": {"TZ": ""}, "TZ=Bukan/Zona": {"TZ": "Bukan/Zona"}, "TZ=UTC+14": {"TZ": "Pacific/Kiritimati"}}
LOCALES = {f"LC_ALL={name}": {"LC_ALL": name, "LANG": name} for name in ("C", "tr_TR.UTF-8", "xx_YY")}
ENCODINGS = {f"stdout in {name}": {"PYTHONIOENCODING": name} for name in ("cp1252", "ascii", "utf-16")}
DAY = 24 * 3600
CLOCKS = {
    f"clock {words}": {"FAULT_CLOCK": str(days * DAY)}
    for words, days in (
        ("a day back", -1), ("10 years back", -3650), ("in 1975", -18600), ("10 years on", 3650), ("in 2110", 30500)
    )
}  # fmt: skip
BARE_WORLD = {"no HOME, PATH": {"HOME": "", "PATH": ""}, "no TMPDIR": {"TMPDIR": "/tidak/ada"}}
STREAMS = {
    "stdout closed": ">&-", "all closed": ">&- 2>&- <&-", "stdout full": ">/dev/full", "all full": ">/dev/full 2>&1",
    "reader gone": "| true",
}  # fmt: skip


class Table:
    def __init__(self, every: int, only: str) -> None:
        self.every, self.only = every, only
        self.total: Counter[str] = Counter()
        self.began = time.monotonic()
        print(f"| what | harm | tried | of | {' | '.join(COLUMNS)} | seconds |", flush=True)
        print(f"|---|---|{'---:|' * (len(COLUMNS) + 3)}", flush=True)

    def wants(self, what: str, harm: str) -> bool:
        return re.search(self.only, f"{what}, {harm}") is not None

    def row(self, what: str, harm: str, of: int, tries: Callable[[range], Iterable[Moment]]) -> None:
        """`tries` makes an outcome of each number of a range from 1 to `of`."""
        if not self.wants(what, harm):
            return
        began, counts = time.monotonic(), Counter[str]()
        for moment, outcome in tries(range(1, of + 1, max(1, min(self.every, of // 2)))):
            counts["tried"] += 1
            counts.update(outcome.wrong.keys())
            if outcome.wrong:
                print(f"    {what}, {harm}, {moment}: {outcome}", file=sys.stderr, flush=True)
        counts["of"] = of
        self.total += counts
        self._line(f"{what} | {harm}", counts, time.monotonic() - began)

    def end(self) -> int:
        self._line("**all** | ", self.total, time.monotonic() - self.began)
        return int(any(self.total[column] for column in COLUMNS))

    def _line(self, names: str, counts: Counter[str], seconds: float) -> None:
        cells = " | ".join(str(counts[column]) for column in ("tried", "of", *COLUMNS))
        print(f"| {names} | {cells} | {seconds:.0f} |", flush=True)


def strikes(table: Table, place: Offices) -> None:
    for name, command in COMMANDS.items():
        known: Known = {}
        for harm in (one for one in HARMS if table.wants(name, one.name)):
            place.copied(command.office)
            if of := place.call(command.words, 0, harm).operations:
                table.row(name, harm.name, of, partial(_struck, place, command, harm, known))


def _struck(place: Offices, command: Command, harm: Harm, known: Known, moments: range) -> Iterator[Moment]:
    place.copied(command.office)
    sound = place.sound(command.words, *command.then)
    for nth in moments:
        place.copied(command.office)
        harmed = place.call(command.words, nth, harm)
        between = tree(place.office) if harm.error > 0 else None
        same = {} if harm.kinds & NETWORK and command.words == SEND else known  # a mail may still be arriving
        yield str(nth), place.put_right(harmed, command.then, sound, between, same)


def full(table: Table, place: Offices) -> None:
    for name, folder in {"number": "registers", **dict.fromkeys(list(COMMANDS)[1:], "keluaran")}.items():
        table.row(name, "disk full", SIZES, partial(_on_small_disks, place, COMMANDS[name], folder))


def _on_small_disks(place: Offices, command: Command, folder: str, moments: range) -> Iterator[Moment]:
    with _disk(place, command.office, folder) as disk:
        least = _used(disk)
        place.call(command.words)
        most = _used(disk) * 1.2 - least * 0.2  # temporary files come and go
        sound = place.sound(*command.then)
    for step in moments:
        size = int(least + (most - least) * step / SIZES)
        with _disk(place, command.office, folder, size) as disk:
            told = [place.call(command.words)]
            between = tree(place.office)
            subprocess.run(["mount", "-o", "remount,size=1g", disk], check=True)
            told += map(place.call, command.then)
            yield f"{size >> 10} KB", place.judged(told, sound, between)


@contextlib.contextmanager
def _disk(place: Offices, prepared: str, folder: str, size: int = 1 << 30) -> Iterator[Path]:
    """The office with this folder of it on a disk of its own."""
    disk = place.copied(prepared) / folder
    content = place.folder / prepared / folder
    disk.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk], check=True)
    try:
        if content.is_dir():
            shutil.copytree(content, disk, dirs_exist_ok=True)
        yield disk
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def _used(disk: Path) -> int:
    found = os.statvfs(disk)
    return (found.f_blocks - found.f_bfree) * found.f_frsize


def pairs(table: Table, place: Offices) -> None:
    for name, pair in PAIRS.items():
        table.row(name, "at once", DISTANCES, partial(_at_once, place, *pair))


def _at_once(
    place: Offices, office: str, one: Words, other: Words, then: tuple[Words, ...] | None, moments: range
) -> Iterator[Moment]:
    place.copied(office)
    began = time.monotonic()
    place.call(one)
    length = time.monotonic() - began
    sound = place.sound(other, *then) if then else None
    for step in moments:
        place.copied(office)
        first = place.begun(one if step % 2 else other)
        time.sleep(length * (step - 1) / DISTANCES)
        second = place.begun(other if step % 2 else one)
        told = [first(), second(), *map(place.call, then or (AT_ONCE,))]
        yield f"distance {step}", place.judged(told, sound)


def between(table: Table, place: Offices) -> None:
    """The office changes before the nth operation; sound is what the changed office comes to."""
    saved, saved_bare = (
        place.folder / name / "registers" / "register-2026.xlsx" for name in ("changed", "bare changed")
    )
    template = place.folder / "other" / "ptpp.docx"
    for name, what, change, then in (
        ("run fresh", "workbook saved", partial(_brought, saved), (RUN,)),
        ("run again", "workbook saved", partial(_brought, saved), (RUN,)),
        ("number", "workbook saved", partial(_brought, saved_bare), (NUMBER,)),
        ("run fresh", "template replaced", partial(_brought, template, folder="templates"), (("run", "--refresh"),)),
        ("run changed", "archive removed", _without_archive, (RUN,)),
        ("run changed", "archive emptied", _emptied, (RUN,)),
        ("run changed", "archive set back", partial(_set_back, place, "changed"), (RUN,)),
        ("mail send", "archive removed", _without_archive, (RUN, AT_ONCE, RUN)),
        ("mail send", "archive set back", partial(_set_back, place, "again"), (RUN, AT_ONCE, RUN)),
    ):
        command = COMMANDS[name]
        harm = Harm(what, -signal.SIGSTOP, CHANGE | LOOK | NETWORK, meanwhile=change)
        place.copied(command.office)
        of = place.call(command.words, 0, harm).operations
        table.row(name, what, of, partial(_changed, place, command, harm, then))


def _changed(place: Offices, command: Command, harm: Harm, then: tuple[Words, ...], moments: range) -> Iterator[Moment]:
    assert harm.meanwhile
    office = place.copied(command.office)
    place.call(command.words)
    harm.meanwhile(office)
    sound = place.sound(*then)
    for nth in moments:
        place.copied(command.office)
        told = [place.call(command.words, nth, harm), *map(place.call, then)]
        yield str(nth), place.judged(told, sound)


def _brought(source: Path, office: Path, folder: str = "registers") -> None:
    """As a program saves, or a sync client brings it: beside, then in its place."""
    target = office / folder / source.name
    aside = office.parent / "aside"
    shutil.copyfile(source, aside)
    aside.replace(target)


def _without_archive(office: Path) -> None:
    for path in office.glob("keluaran/arsip.sqlite3*"):
        if not path.name.endswith((".cadangan", ".lock")):
            path.unlink()


def _emptied(office: Path) -> None:
    (office / "keluaran" / "arsip.sqlite3").write_bytes(b"")


def _set_back(place: Offices, prepared: str, office: Path) -> None:
    _without_archive(office)
    shutil.copyfile(place.folder / prepared / "keluaran" / "arsip.sqlite3", office / "keluaran" / "arsip.sqlite3")


def around(table: Table, place: Offices) -> None:
    worlds = {**ZONES, **LOCALES, **ENCODINGS, **CLOCKS, **BARE_WORLD}
    tries = [(name, env, "") for name, env in worlds.items()] + [(name, {}, where) for name, where in STREAMS.items()]
    for name in ("number", "mail send", "run fresh"):
        table.row(name, "surroundings", len(tries), partial(_surrounded, place, COMMANDS[name], tries))


def _surrounded(
    place: Offices, command: Command, tries: list[tuple[str, Mapping[str, str], str]], moments: range
) -> Iterator[Moment]:
    place.copied(command.office)
    sound = place.sound(command.words, *command.then)
    for step in moments:
        name, env, where = tries[step - 1]
        place.copied(command.office)
        shell = ["/bin/sh", "-c", f'"$0" -m sopkit "$@" {where}', sys.executable, *command.words]
        done = subprocess.run(shell, cwd=place.office, env={**os.environ, **env}, capture_output=True, check=False)
        told = Told(command.words, done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace"))
        outcome = place.judged([told, *map(place.call, command.then)], sound, tree(place.office))
        yield name, outcome


def interrupts(table: Table, place: Offices) -> None:
    for name in ("number", "mail send", "run fresh"):
        table.row(name, "Ctrl-C, real", INTERRUPTS, partial(_interrupted, place, COMMANDS[name]))


def _interrupted(place: Offices, command: Command, moments: range) -> Iterator[Moment]:
    place.copied(command.office)
    began = time.monotonic()
    _real(place, command.words).wait()
    length = time.monotonic() - began
    sound = place.sound(*command.then)
    for step in moments:
        place.copied(command.office)
        process = _real(place, command.words)
        time.sleep(length * step / INTERRUPTS)
        process.send_signal(signal.SIGINT)
        said = process.communicate()[0]
        told = Told(command.words, process.returncode, said)
        yield f"{step} of {INTERRUPTS}", place.judged([told, *map(place.call, command.then)], sound)


def _real(place: Offices, words: Words) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "sopkit", *words], cwd=place.office, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip


PARTS = {
    "strikes": strikes, "full": full, "pairs": pairs, "between": between, "around": around, "ctrl-c": interrupts,
}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--only", default="", help="rows whose name this pattern finds: 'number, (killed|EIO)'")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    asked = parser.parse_args()
    if "faults.so" not in os.environ.get("LD_PRELOAD", ""):
        return _under_the_shim()
    memory = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(prefix="faults-", dir=memory) as folder, offices(Path(folder)) as place:
        table = Table(asked.every, asked.only)
        for part in asked.parts or PARTS:
            PARTS[part](table, place)
        return table.end()


def _under_the_shim() -> int:
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        library = Path(folder) / "faults.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, HERE / "faults.c", "-ldl"], check=True)
        return subprocess.run([sys.executable, *sys.argv], env={**os.environ, "LD_PRELOAD": str(library)}).returncode


if __name__ == "__main__":
    sys.exit(main())
