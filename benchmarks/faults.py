"""Every change to a file, killed once and refused once: what is corrupt, lost, doubled, left behind or unclear then.

    uv run python benchmarks/faults.py [EVERY] [COMMAND ...]

`run` (fresh, and again after a change of the register), `number` and `mail send` of a small office. Before each change
that a command makes to a file (open, write, rename, link, unlink, fsync, mkdir …; faults.c counts them) a process is
killed, or the system refuses it with ENOSPC, EIO or EACCES; then the command is run once more without harm.
With EVERY = 10 only every tenth change is struck. Linux, with a C compiler. The mails go to a server on this machine.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))
HARMS: Mapping[str, int] = {"killed": 0, "ENOSPC": errno.ENOSPC, "EIO": errno.EIO, "EACCES": errno.EACCES}
COLUMNS = ("corrupt", "lost", "doubled", "left behind", "unclear")
Tree = Mapping[str, bytes]


@dataclass(frozen=True)
class Told:
    code: int
    said: str


@dataclass
class Command:
    """`prepared` is the office before it; `after` what it is when nothing goes wrong."""

    words: tuple[str, ...]
    prepared: Path
    after: Path = Path()
    changes: int = 0
    found: dict[str, Counter[str]] = field(default_factory=dict)


def main(every: int, names: list[str]) -> int:
    if "faults.so" not in os.environ.get("LD_PRELOAD", ""):
        return _under_the_shim(every, names)
    import sopkit.cli.main
    import sopkit.pipeline  # noqa: F401

    with tempfile.TemporaryDirectory(prefix="faults-") as folder, _server(Path(folder) / "arrived") as port:
        os.environ |= {"SOPKIT_SMTP_URL": f"smtp://127.0.0.1:{port}?from=petugas@contoh.go.id", "TMPDIR": folder}
        commands = {name: command for name, command in _commands(Path(folder)).items() if not names or name in names}
        wrong = 0
        for name, command in commands.items():
            for harm, error in HARMS.items():
                wrong += _strike(Path(folder), name, command, harm, error, every)
    return int(wrong > 0)


def _under_the_shim(every: int, names: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        library = Path(folder) / "faults.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, HERE / "faults.c", "-ldl"], check=True)
        again = [sys.executable, __file__, str(every), *names]
        return subprocess.run(again, env={**os.environ, "LD_PRELOAD": str(library)}).returncode


def _commands(folder: Path) -> Mapping[str, Command]:
    """The offices, each as it is before its command."""
    fresh, again, bare, drafted = (folder / name for name in ("fresh", "again", "bare", "drafted"))
    _found(fresh, {})
    shutil.copytree(fresh, again)
    assert _called(again, ("run",)).code == 0
    _found(again, {"Cap legalisasi pada lembar kedua": "Cap legalisasi pada lembar ketiga"})
    _found(bare, {"001/PTPP/III/2026": "", "002/PTPP/III/2026": ""})
    shutil.copytree(fresh, drafted)
    assert _called(drafted, ("run",)).code == 0
    return {
        "run": Command(("run",), fresh),
        "run again": Command(("run",), again),
        "number": Command(("number", "--yes"), bare),
        "mail send": Command(("mail", "send", "--send", "--yes"), drafted),
    }


def _found(folder: Path, changes: Mapping[str, str]) -> None:
    from offices import LANGKAH, PEMUSNAHAN, REGISTER, TEMPLATES
    from workbooks import office_workbook

    register = REGISTER
    for old, new in changes.items():
        register = register.replace(old, new)
    (folder / "registers").mkdir(parents=True, exist_ok=True)
    office_workbook(
        folder / "registers" / "register-2026.xlsx", register, LANGKAH, PEMUSNAHAN,
        kantor={"Waktu Acuan": "2026-03-20 10:00"},
    )  # fmt: skip
    if not (folder / "templates").exists():
        shutil.copytree(TEMPLATES, folder / "templates")


def _strike(folder: Path, name: str, command: Command, harm: str, error: int, every: int) -> int:
    """Strike each of the command's changes with this harm and print a line of the table."""
    began = time.monotonic()
    reference = _struck(folder, command, 0, 0)
    sound, arrived = _tree(reference.office), reference.arrived
    found: Counter[str] = Counter()
    struck = range(1, reference.changes + 1, every)
    for nth in struck:
        outcome = _struck(folder, command, nth, error)
        for column in outcome.judged(sound, arrived, killed=not error):
            found[column] += 1
            print(f"  {name}, {harm} at {nth} of {reference.changes}: {column}: {outcome.words}", flush=True)
    cells = " | ".join(f"{found[column]:>11}" for column in COLUMNS)
    seconds = time.monotonic() - began
    print(f"{name:<10} {harm:<7} | {len(struck):>5} struck | {cells} | {seconds:.0f} s", flush=True)
    return sum(found.values())


@dataclass
class Outcome:
    """An office after one harm and one run without."""

    office: Path
    changes: int
    first: Told
    between: Tree
    second: Told
    arrived: Counter[str]

    @property
    def words(self) -> str:
        return f"{self.first.code} {self.first.said[-300:]!r}; {self.second.code} {self.second.said[-200:]!r}"

    def judged(self, sound: Tree, arrived: Counter[str], *, killed: bool) -> Iterator[str]:
        after = _tree(self.office)
        if broken := [name for tree in (self.between, after) for name, data in tree.items() if _is_corrupt(name, data)]:
            print("   ", *broken)
            yield "corrupt"
        if any(after.get(name) != data for name, data in sound.items() if _is_lasting(name)):
            yield "lost"
        extra = {name for name in after.keys() - sound.keys() if not _is_backup(name)}
        if any(".sopkit-" in name for name in extra):
            yield "left behind"
        if any(".sopkit-" not in name for name in extra) or self.arrived - arrived:
            yield "doubled"
        lacking = any(self.between.get(name) != data for name, data in sound.items() if _is_lasting(name))
        silent = self.first.code == 0 and lacking and "tidak dapat ditulis" not in " ".join(self.first.said.split())
        said = self.first.said + self.second.said
        if (silent and not killed) or "tidak terduga" in said or "Traceback" in said:
            yield "unclear"


def _struck(folder: Path, command: Command, nth: int, error: int) -> Outcome:
    office = folder / "office"
    shutil.rmtree(office, ignore_errors=True)
    shutil.copytree(command.prepared, office)
    for mail in (folder / "arrived").iterdir():
        mail.unlink()
    counted = folder / "counted"
    first = _called(office, command.words, nth, error, counted)
    between = _tree(office)
    second = _called(office, command.words)
    arrived = Counter(mail.read_text() for mail in (folder / "arrived").iterdir())
    return Outcome(office, int(counted.read_text() or 0) if not nth else 0, first, between, second, arrived)


def _called(office: Path, words: tuple[str, ...], nth: int = -1, error: int = 0, counted: Path | None = None) -> Told:
    """What a process says that runs this command in the office, armed where `nth` is not negative."""
    said = office.parent / "said"
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(BaseException):
            code = _command(office, words, said, nth, error, counted)
        os._exit(code)
    status = os.waitpid(child, 0)[1]
    return Told(os.waitstatus_to_exitcode(status), said.read_text("utf-8", "replace"))


def _command(office: Path, words: tuple[str, ...], said: Path, nth: int, error: int, counted: Path | None) -> int:
    import sopkit.files
    from sopkit.cli.main import main as sopkit_main

    sopkit.files.ORPHANED = -1.0  # what a killed process left is nobody's at once
    shim = ctypes.CDLL(None)
    os.chdir(office)
    sys.argv = ["sopkit", *words]
    sys.stdin = io.StringIO()
    with said.open("w", encoding="utf-8") as stream:
        sys.stdout = sys.stderr = io.TextIOWrapper(stream.buffer, "utf-8", write_through=True)
        if nth >= 0:
            shim.fault_arm(os.fsencode(office), nth, error)
        try:
            sopkit_main()
        except SystemExit as leave:
            return int(leave.code or 0)
        except BaseException:
            traceback.print_exc()
            return 1
        finally:
            if counted:
                number = shim.fault_count()
                shim.fault_arm(b"", 0, 0)
                counted.write_text(str(number))
    return 0


def _tree(office: Path) -> Tree:
    return {
        path.relative_to(office).as_posix(): path.read_bytes()
        for path in sorted(office.rglob("*"))
        if path.is_file() and not path.name.endswith((".lock", "-journal", "-wal", "-shm"))
    }


def _is_corrupt(name: str, data: bytes) -> bool:
    try:
        if "/.sopkit-" in f"/{name}":
            return False
        if name.endswith((".docx", ".xlsx")):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                return archive.testzip() is not None
        if name.endswith(".json"):
            json.loads(data)
        if name.endswith(".html"):
            return not data.rstrip().endswith(b"</html>")
        if name.endswith(".sqlite3"):
            return bool(data) and not data.startswith(b"SQLite format 3")
    except (zipfile.BadZipFile, ValueError):
        return True
    return False


def _is_lasting(name: str) -> bool:
    """What must be the same bytes in the end: not the archive, which holds times, nor mails, which hold numbers."""
    return name.endswith((".docx", ".xlsx", ".html", ".json")) and not _is_backup(name)


def _is_backup(name: str) -> bool:
    return "cadangan" in name


@contextlib.contextmanager
def _server(arrived: Path) -> Iterator[int]:
    """An SMTP server in a process of its own, which writes down what mail came for whom."""
    arrived.mkdir()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _serve(arrived, writer)
    port = int(os.read(reader, 9))
    try:
        yield port
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)


def _serve(arrived: Path, writer: int) -> None:
    import email

    from mail_servers import Script, smtp_server

    script = Script()

    def note(envelope: object) -> None:
        mail = email.message_from_bytes(envelope.content)  # type: ignore[attr-defined]
        for address in envelope.rcpt_tos:  # type: ignore[attr-defined]
            handle, _ = tempfile.mkstemp(dir=arrived)
            os.write(handle, f"{mail['Message-ID']} {address}".encode())
            os.close(handle)

    script.on_accepted = note
    with smtp_server(script) as port:
        os.write(writer, str(port).encode())
        while True:
            time.sleep(60)


if __name__ == "__main__":
    step, *chosen = sys.argv[1:] if sys.argv[1:2] and sys.argv[1].isdigit() else ["1", *sys.argv[1:]]
    sys.exit(main(int(step), chosen))
