"""Small offices for faults.py: a command called in one under a harm, and what is wrong with the office afterwards."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import io
import json
import os
import pickle
import re
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))
CHANGE, LOOK, NETWORK = 1, 2, 4
COLUMNS = ("corrupt", "lost", "doubled", "left behind", "unclear")
CHANGED = {"Cap legalisasi pada lembar kedua": "Cap legalisasi pada lembar ketiga"}
BARE = {"001/PTPP/III/2026": "", "002/PTPP/III/2026": ""}
DOMAIN = "petugas@contoh.go.id"
EXPLAINED = re.compile(
    r"tidak dapat|disknya gagal|[Dd]isk penuh|tidak ditemukan|T03|tidak terbaca|belum pasti|surel ditunda"
)
SAID_ON_PAGE = re.compile(r"Berkas drafnya \([^)]*\) tidak dapat dibaca|Lampirannya \([^)]*\) tidak ada di folder ini")
"""What kirim.html says at a mail whose draft or attachment it could not read."""
PASSING = (".lock", "-journal", "-wal", "-shm")  # what comes and goes beside an archive
MOMENT = re.compile(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?")
ABANDONED = re.compile(r"\.sopkit-.*tmp|\.lama$")
Words = tuple[str, ...]
Tree = Mapping[str, bytes]


@dataclass(frozen=True)
class Harm:
    """At the nth operation of these kinds: `error` > 0 refuses it, 0 kills, < 0 sends that signal.

    `meanwhile` is done to the office while the process stands still there.
    """

    name: str
    error: int = 0
    kinds: int = CHANGE
    lasting: bool = False
    meanwhile: Callable[[Path], None] | None = None


NONE = Harm("none", kinds=0)


@dataclass(frozen=True)
class Told:
    words: Words
    code: int
    said: str
    operations: int = 0

    @property
    def unclear(self) -> bool:
        """True for a traceback, a fault of sopkit itself, or a failure without a last sentence of its own."""
        said = self.said.strip()
        if "tidak terduga" in said or "Traceback" in said:
            return True
        last = said.rpartition("\n")[2]
        return self.code not in (0, -signal.SIGKILL) and (self.code < 0 or not re.search(r"\.$|: sopkit .*$", last))


@dataclass
class Outcome:
    """What is wrong after a harm: column -> what in particular."""

    told: Sequence[Told]
    wrong: dict[str, list[str]] = field(default_factory=dict)

    def add(self, column: str, what: str) -> None:
        self.wrong.setdefault(column, []).append(what)

    def __str__(self) -> str:
        said = "; ".join(f"{' '.join(one.words)} -> {one.code} {one.said[-160:]!r}" for one in self.told)
        return f"{ {column: what[:4] for column, what in self.wrong.items()} }; {said}"


Known = dict[bytes, Outcome]


class Sound(NamedTuple):
    """How an office should be: its files, and its mails by occasion, address and state."""

    tree: Tree
    mails: Counter[tuple[str, ...]]


class Offices:
    """A folder with the prepared offices, one to be harmed, an SMTP server, and what arrived there."""

    def __init__(self, folder: Path, arrived: Path) -> None:
        self.folder, self.arrived_in = folder, arrived
        self.office, self.temporary = folder / "office", folder / "tmp"
        self.temporary.mkdir()
        os.environ["TMPDIR"] = tempfile.tempdir = str(self.temporary)
        found(folder / "fresh", {})
        found(folder / "bare", BARE)
        _remember()
        for name in ("again", "changed"):
            self._warmed("fresh", ("run",))
            shutil.copytree(self.office, folder / name)
        found(folder / "changed", CHANGED)
        found(folder / "bare changed", {**CHANGED, **BARE})
        for name in ("changed", "again"):
            self._warmed(name, ("run",), ("run",))
        _warm(self.office, ("mail", "send", "--send"))
        self._warmed("bare", ("number", "--yes"), ("run",))
        gc.freeze()
        _other_template(folder)

    def copied(self, prepared: str, name: str = "office") -> Path:
        office = self.folder / name
        for old in (office, self.temporary):
            shutil.rmtree(old, ignore_errors=True)
        self.temporary.mkdir()
        shutil.copytree(self.folder / prepared, office)
        for mail in self.arrived_in.iterdir():
            mail.unlink()
        return office

    def _warmed(self, prepared: str, *commands: Words) -> None:
        self.copied(prepared)
        for words in commands:
            _warm(self.office, words)

    def arrived(self) -> Counter[str]:
        return Counter(mail.read_text() for mail in self.arrived_in.iterdir())

    def call(self, words: Words, nth: int = -1, harm: Harm = NONE, office: Path | None = None) -> Told:
        """What a process says that runs this command, harmed at its nth operation (0: these are counted)."""
        return self.begun(words, nth, harm, office)()

    def begun(self, words: Words, nth: int = -1, harm: Harm = NONE, office: Path | None = None) -> Callable[[], Told]:
        """The process is begun; called, the result waits for its end."""
        office = office or self.office
        number, said = tempfile.mkstemp(dir=self.folder)
        os.close(number)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            code = 1
            with contextlib.suppress(BaseException):
                code = _command(office, words, Path(said), nth, harm, writer)
            os._exit(code)
        os.close(writer)

        def end() -> Told:
            status = os.waitpid(child, os.WUNTRACED)[1]
            while os.WIFSTOPPED(status):
                if harm.meanwhile:
                    harm.meanwhile(office)
                os.kill(child, signal.SIGCONT)
                status = os.waitpid(child, os.WUNTRACED)[1]
            counted = os.read(reader, 20)
            os.close(reader)
            text = Path(said).read_text("utf-8", "replace")
            Path(said).unlink()
            return Told(words, os.waitstatus_to_exitcode(status), text, int(counted or 0))

        return end

    def sound(self, *commands: Words) -> Sound:
        """The office after these commands without harm, one after the other."""
        told = [self.call(words) for words in commands]
        assert all(one.code == 0 for one in told), told
        return Sound(tree(self.office), mails(self.output))

    @property
    def output(self) -> Path:
        return self.office / "keluaran"

    def judged(self, told: Sequence[Told], sound: Sound | None, between: Tree | None = None) -> Outcome:
        """What is wrong with the office now, where it should be as `sound` (None: whole, and the mails as said).

        `between` is what it was after the first, harmed command, that should have said what was lacking then.
        """
        outcome, after = Outcome(told), tree(self.office)
        for name in (name for name, data in after.items() if is_corrupt(name, data)):
            outcome.add("corrupt", name)
        left = [*(name for name in after if ABANDONED.search(name)), *(path.name for path in self.temporary.iterdir())]
        faults = [*mail_faults(self.output, self.arrived()), *chain_faults(self.output)]
        for column, what in [*(("left behind", name) for name in left), *faults]:
            outcome.add(column, what)
        if sound:
            self._compared(outcome, sound, after)
        for one in told:
            if one.unclear:
                outcome.add("unclear", " ".join(one.words))
        if between is not None:
            _said_so(outcome, sound, between)
        return outcome

    def put_right(
        self, harmed: Told, then: Sequence[Words], sound: Sound, between: Tree | None, known: Known
    ) -> Outcome:
        """The same, after `then` is done. Where `known` holds an office of the same bytes, it came to the same."""
        left = self._left()
        if left not in known:
            known[left] = self.judged(list(map(self.call, then)), sound)
        outcome = Outcome([harmed, *known[left].told], {column: [*what] for column, what in known[left].wrong.items()})
        if harmed.unclear:
            outcome.add("unclear", " ".join(harmed.words))
        if between is not None:
            _said_so(outcome, sound, between)
        return outcome

    def _left(self) -> bytes:
        """A digest of all that lies in the office and has arrived: of archives what they hold, moments left out."""
        found = sha256(repr(sorted(self.arrived().items())).encode())
        for path in sorted(path for top in (self.office, self.temporary) for path in top.rglob("*") if path.is_file()):
            if path.name.startswith("arsip.sqlite3-"):  # what the archive holds with it is in its own text
                data = str(path.stat().st_size > 0).encode()
            else:
                data = _held(path, self.folder) if path.name.startswith("arsip.sqlite3") else path.read_bytes()
            found.update(f"{path} {len(data)} ".encode() + MOMENT.sub(b"", data))
        return found.digest()

    def _compared(self, outcome: Outcome, sound: Sound, after: Tree) -> None:
        for name in _differing(sound.tree, after):
            outcome.add("lost", name)
        for name in after.keys() - sound.tree.keys():
            if not (name.endswith(".eml") or is_backup(name) or ABANDONED.search(name)):
                outcome.add("doubled", name)
        found = mails(self.output)
        if sound.mails - found:
            outcome.add("lost", f"mails {dict(sound.mails - found)}")
        if found - sound.mails:
            outcome.add("doubled", f"mails {dict(found - sound.mails)}")


def _held(archive: Path, folder: Path) -> bytes:
    """What whoever opens it next will find in it; its bytes where it cannot be opened."""
    copy = folder / "left.sqlite3"
    for end in ("", "-wal", "-journal"):
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(f"{archive}{end}", f"{copy}{end}")
    try:
        with contextlib.closing(sqlite3.connect(copy)) as database:
            return "\n".join(database.iterdump()).encode()
    except sqlite3.Error:
        return archive.read_bytes()
    finally:
        for path in folder.glob("left.sqlite3*"):
            path.unlink()


def _said_so(outcome: Outcome, sound: Sound | None, between: Tree) -> None:
    for name in (name for name, data in between.items() if is_corrupt(name, data)):
        outcome.add("corrupt", name)
    told = " ".join(outcome.told[0].said.split())  # a console breaks its lines anywhere
    if sound and outcome.told[0].code == 0 and not EXPLAINED.search(told):
        for name in _differing(sound.tree, between):
            if not SAID_ON_PAGE.search(between.get(name, b"").decode("utf-8", "replace")):
                outcome.add("unclear", f"silent about {name}")


def _differing(sound: Tree, found: Tree) -> list[str]:
    return [name for name, data in sound.items() if is_lasting(name) and found.get(name) != data]


def _remember() -> None:
    """Answers of these that a warming came to serve all children: they look at no file, and their arguments say all."""
    from sopkit import pipeline
    from sopkit.documents import render
    from sopkit.register import read
    from sopkit.reports import annotated, html, recap

    for room, name in (
        (read, "_open"), (pipeline, "inspect_register"), (html, "render_report"), (annotated, "annotate"),
        (recap, "make_recap"), (render, "_filled"),
    ):  # fmt: skip
        setattr(room, name, _remembering(getattr(room, name)))


def _remembering(function: Callable[..., Any]) -> Callable[..., Any]:
    kept: dict[bytes, Any] = {}

    def answer(*given: object, **named: object) -> Any:
        key = io.BytesIO()
        _Key(key).dump((given, named))
        if key.getvalue() not in kept:
            kept[key.getvalue()] = function(*given, **named)
        return kept[key.getvalue()]

    return answer


class _Key(pickle.Pickler):
    def persistent_id(self, thing: object) -> int | None:
        """Calendars are large; those kept are the same ones."""
        return id(thing) if type(thing).__name__ == "WorkCalendar" else None


def _warm(office: Path, words: Words) -> None:
    """Do the command in this process, so that what it loads is there for all its children."""
    import sopkit.cli.main

    before, streams, umask = Path.cwd(), (sys.stdout, sys.stderr), os.umask(0o022)
    os.chdir(office)
    sys.argv, sys.stdout = ["sopkit", *words], io.TextIOWrapper(io.BytesIO(), "utf-8")
    with contextlib.suppress(SystemExit):
        sopkit.cli.main.main()
    sys.stdout, sys.stderr = streams
    os.umask(umask)
    os.chdir(before)


def _command(office: Path, words: Words, said: Path, nth: int, harm: Harm, counted: int) -> int:
    import sopkit.files
    from sopkit.cli.main import main as sopkit_main

    sopkit.files.ORPHANED = -1.0  # what a killed process left is nobody's at once
    signal.signal(signal.SIGINT, signal.default_int_handler)
    shim = ctypes.CDLL(None)
    os.chdir(office)
    sys.argv = ["sopkit", *words]
    sys.stdin = io.StringIO()
    with said.open("w", encoding="utf-8") as stream:
        sys.stdout = sys.stderr = io.TextIOWrapper(stream.buffer, "utf-8", write_through=True)
        if nth >= 0:
            shim.fault_arm(os.fsencode(office), nth, harm.error, harm.kinds, int(harm.lasting))
        try:
            sopkit_main()
        except SystemExit as leave:
            return int(leave.code or 0)
        except BaseException:
            traceback.print_exc()
            return 1
        finally:
            operations = shim.fault_count()
            shim.fault_arm(b"", 0, 0, 0, 0)
            os.write(counted, str(operations).encode())
    return 0


def found(folder: Path, changes: Mapping[str, str]) -> Path:
    """Write the office's workbook, changed so; its templates where it has none."""
    from offices import LANGKAH, PEMUSNAHAN, REGISTER, TEMPLATES
    from workbooks import office_workbook

    register = REGISTER
    for old, new in changes.items():
        register = register.replace(old, new)
    (folder / "registers").mkdir(parents=True, exist_ok=True)
    book = folder / "registers" / "register-2026.xlsx"
    office_workbook(book, register, LANGKAH, PEMUSNAHAN, kantor={"Waktu Acuan": "2026-03-20 10:00"})
    if not (folder / "templates").exists():
        shutil.copytree(TEMPLATES, folder / "templates")
    return book


def _other_template(folder: Path) -> None:
    import docx

    (folder / "other").mkdir()
    document = docx.Document(str(folder / "fresh" / "templates" / "ptpp.docx"))
    document.add_paragraph("Kalimat yang kantor tambahkan.")
    document.save(str(folder / "other" / "ptpp.docx"))


def tree(office: Path) -> Tree:
    files = (path for path in sorted(office.rglob("*")) if path.is_file() and not path.name.endswith(PASSING))
    return {path.relative_to(office).as_posix(): path.read_bytes() for path in files}


def is_lasting(name: str) -> bool:
    """What must be the same bytes in the end: not the archive, which holds times, nor mails, which hold numbers."""
    # kirim.html shows the numbers of mails, which depend on what was interrupted
    lasting = name.endswith((".docx", ".xlsx", ".html", ".json")) and not name.endswith("kirim.html")
    return lasting and not is_backup(name)


def is_backup(name: str) -> bool:
    return "cadangan" in name or "arsip-rusak" in name


def is_corrupt(name: str, data: bytes) -> bool:
    if ".sopkit-" in name or "arsip-rusak" in name:
        return False
    try:
        if name.endswith((".docx", ".xlsx")):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                return archive.testzip() is not None
        if name.endswith(".json"):
            json.loads(data)
    except (zipfile.BadZipFile, ValueError):
        return True
    if name.endswith(".html"):
        return not data.rstrip().endswith(b"</html>")
    return name.endswith(".sqlite3") and bool(data) and not data.startswith(b"SQLite format 3")


def mail_faults(output: Path, arrived: Counter[str]) -> Iterator[tuple[str, str]]:
    """Where the archive's word on the mails is not what arrived, or not what lies in surel/."""
    if not (output / "arsip.sqlite3").is_file():
        return
    with contextlib.closing(sqlite3.connect(output / "arsip.sqlite3")) as archive:
        states = dict(archive.execute("SELECT message_id || ' ' || address, state FROM surel_penerima"))
        files = [name for (name,) in archive.execute("SELECT file FROM surel")]
    yield from (("doubled", f"mail {key} x{count}") for key, count in arrived.items() if count > 1)
    yield from (("lost", f"mail {key} unknown") for key in arrived.keys() - states.keys())
    for key, state in states.items():
        if state == "sent" and key not in arrived:
            yield "lost", f"mail {key} said sent"
        if state not in ("sent", "uncertain") and key in arrived:
            yield "doubled", f"mail {key} arrived, said {state}"
    yield from (("lost", name) for name in files if not (output / name).is_file())
    lying = (path.relative_to(output).as_posix() for path in output.glob("surel/**/*.eml"))
    yield from (("doubled", name) for name in lying if name not in files)


def chain_faults(output: Path) -> Iterator[tuple[str, str]]:
    """Where the history's chain breaks, or lacks the link that the reports tell."""
    from sopkit.cli.history import chain_text

    if (output / "arsip.sqlite3").is_file():
        whole, told = chain_text(output / "arsip.sqlite3")
        if not whole:
            yield "lost", told


def mails(output: Path) -> Counter[tuple[str, ...]]:
    """Occasion, address and state of every recipient; `uncertain` is as good as sent, `replaced` is no more."""
    if not (output / "arsip.sqlite3").is_file():
        return Counter()
    with contextlib.closing(sqlite3.connect(output / "arsip.sqlite3")) as archive:
        rows = archive.execute(
            "SELECT occasion, address, iif(state = 'uncertain', 'sent', state)"
            " FROM surel_penerima JOIN surel USING (message_id) WHERE state != 'replaced'"
        )
        return Counter(map(tuple, rows))


@contextlib.contextmanager
def offices(folder: Path) -> Iterator[Offices]:
    """With an SMTP server in a process of its own, which writes down what mail came for whom."""
    arrived = folder / "arrived"
    arrived.mkdir()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _serve(arrived, writer)
    try:
        os.environ["SOPKIT_SMTP_URL"] = f"smtp://127.0.0.1:{int(os.read(reader, 9))}?from={DOMAIN}"
        yield Offices(folder, arrived)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _serve(arrived: Path, writer: int) -> None:
    import email

    from mail_servers import Script, smtp_server

    script = Script()

    def note(envelope: object) -> None:
        mail = email.message_from_bytes(envelope.content)  # type: ignore[attr-defined]
        for address in envelope.rcpt_tos:  # type: ignore[attr-defined]
            number, _ = tempfile.mkstemp(dir=arrived.parent)
            os.write(number, f"{mail['Message-ID']} {address}".encode())
            os.close(number)
            Path(_).rename(arrived / Path(_).name)

    script.on_accepted = note
    with smtp_server(script) as port:
        os.write(writer, str(port).encode())
        while True:
            time.sleep(60)
