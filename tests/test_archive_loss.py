"""The archive lost in every way, after real sending: no mail twice, nothing held for edited, each revision once."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import cache
from importlib import import_module
from itertools import count
from pathlib import Path

import pytest
from mail_servers import USER, Script, smtp_server
from offices import LANGKAH, PEMUSNAHAN, REGISTER
from rich.console import Console
from workbooks import KANTOR, office_workbook

from sopkit import archive, repair
from sopkit.archive import open_archive
from sopkit.cli.main import main
from sopkit.database import COPY, FILE, open_database
from sopkit.documents.generate import verify
from sopkit.errors import SopkitError
from sopkit.mail import outbox as outbox_room
from sopkit.mail.lying import files_in
from sopkit.mail.outbox import Outbox
from sopkit.mail.smtp import send, server_from
from sopkit.pipeline import Made, RunOptions, run_books

AS_OF = dt.datetime(2026, 3, 20, 10)
LATER = AS_OF + dt.timedelta(hours=2)
EDITED = "Nama pemohon pada surat tidak sesuai dengan kartu keluarga"


class Office:
    """A folder with one register, what its SMTP server took, and the commands."""

    def __init__(self, folder: Path, name: str = "kantor", like: Office | None = None) -> None:
        """A new one, or one that has come as far as another."""
        self.folder = folder / name
        self.output = self.folder / "keluaran"
        self.book = self.folder / "registers" / "register-2026.xlsx"
        self.server = Script()
        if like is not None:
            shutil.copytree(like.folder, self.folder)
            self.server.accepted += like.server.accepted
            return
        self.book.parent.mkdir(parents=True)
        self.write(REGISTER)

    def write(self, register: str, name: str = KANTOR["Nama Kantor"]) -> None:
        self.book.write_bytes(_workbook(register, name))

    def change(self) -> None:
        self.write(REGISTER.replace("Nama pemohon pada surat tidak sesuai dengan kartu tanda penduduk", EDITED))

    def run(self, as_of: dt.datetime = AS_OF) -> Made:
        outcome = run_books([self.book], as_of, None, Console(quiet=True), RunOptions(closed=True))
        assert not outcome.unfinished, outcome.unfinished
        return outcome.made[0]

    def send(self) -> int:
        with smtp_server(self.server) as port, Outbox(self.output / FILE) as outbox:
            before = len(self.server.accepted)
            outcome = send(outbox, server_from(f"smtp://127.0.0.1:{port}?from={USER}"), dry_run=False)
            assert outcome.problem is None
            return len(self.server.accepted) - before

    def states(self) -> Counter[str]:
        with Outbox(self.output / FILE) as outbox:
            return Counter(one.state for one in outbox.status())

    def documents(self) -> dict[str, bytes]:
        return {path.relative_to(self.output).as_posix(): path.read_bytes() for path in self.output.rglob("*.docx")}


@cache
def _workbook(register: str, name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "register.xlsx"
        office_workbook(book, register, LANGKAH, pemusnahan=PEMUSNAHAN, kantor={**KANTOR, "Nama Kantor": name})
        return book.read_bytes()


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """All drafts sent, nothing left to do; not to be changed."""
    office = Office(tmp_path_factory.mktemp("selesai"))
    office.run()
    assert office.send() >= 3
    return office


@pytest.fixture(scope="module")
def undisturbed(done: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """One like it, run again after its data changed, with its archive whole; not to be changed."""
    office = Office(tmp_path_factory.mktemp("tenang"), like=done)
    office.change()
    office.run()
    return office


@pytest.fixture
def office(done: Office, tmp_path: Path) -> Office:
    """One like it, for the test to change."""
    return Office(tmp_path, like=done)


def _emptied(office: Office) -> None:
    (office.output / FILE).write_bytes(b"")


def _deleted(office: Office) -> None:
    for left in office.output.glob(f"{FILE}*"):
        if not left.name.endswith((COPY, ".lock")):
            left.unlink()


def _renamed(office: Office) -> None:
    (office.output / FILE).rename(office.output / "arsip-lama.sqlite3")


def _truncated(office: Office) -> None:
    data = (office.output / FILE).read_bytes()
    (office.output / FILE).write_bytes(data[: len(data) // 2 + 100])


def _random(office: Office) -> None:
    (office.output / FILE).write_bytes(os.urandom(20_000))


def _holed(office: Office) -> None:
    data = bytearray((office.output / FILE).read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    (office.output / FILE).write_bytes(bytes(data))


def _another_program(office: Office) -> None:
    (office.output / FILE).unlink()
    with sqlite3.connect(office.output / FILE) as other:
        other.execute("CREATE TABLE catatan (isi TEXT)")


@cache
def _archive_of(register: str, name: str, sent: bool) -> bytes:
    """The archive of an office in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        other = Office(Path(folder))
        other.write(register, name)
        other.run()
        if sent:
            other.send()
        return (other.output / FILE).read_bytes()


def _another_office(office: Office) -> None:
    (office.output / FILE).write_bytes(_archive_of(REGISTER, "KECAMATAN MAJU JAYA", sent=True))


def _a_twin(office: Office) -> None:
    twin = REGISTER.replace("Ratna Anggraini", "Bagus Setiawan")
    (office.output / FILE).write_bytes(_archive_of(twin, KANTOR["Nama Kantor"], sent=False))


def _started_anew(office: Office) -> None:
    _deleted(office)
    with open_archive(office.output):
        pass


LOSSES = [
    _emptied, _deleted, _renamed, _truncated, _random, _holed, _another_program, _another_office, _started_anew,
]  # fmt: skip


@pytest.mark.parametrize(
    ("lose", "changed", "copied"),
    [(lose, place % 2 == 0, place // 2 % 2 == 0) for place, lose in enumerate([*LOSSES, _a_twin])],
)
def test_after_any_loss_no_mail_goes_twice(
    office: Office, lose: Callable[[Office], None], changed: bool, copied: bool
) -> None:
    sent, before = len(office.server.accepted), office.documents()
    if not copied:
        (office.output / COPY).unlink()
    lose(office)
    if not copied:
        (office.output / COPY).unlink(missing_ok=True)
    if changed:
        office.change()
    made = office.run()
    states = Counter(document.state for document in made.generated.documents)
    assert states["kept"] == 0 and states["outdated"] == 0
    assert states["revised"] == (3 if changed else 0), states  # PTPP, BA and Daftar had been mailed
    assert all(office.documents()[path] == data for path, data in before.items() if path.startswith(("ptpp", "ba")))
    office.send()
    again = [data for _, data in office.server.accepted[sent:]]
    old = {_message_id(data) for _, data in office.server.accepted[:sent]}
    assert not old & {_message_id(data) for data in again}
    assert changed or not again
    revisions = set(office.documents())
    second = office.run()
    assert {one.state for one in second.generated.documents} == {"unchanged"}
    assert set(office.documents()) == revisions and office.send() == 0
    assert verify(office.output).sound


def _message_id(data: bytes) -> bytes:
    return next(line for line in data.splitlines() if line.lower().startswith(b"message-id"))


def test_what_is_sent_carries_no_note_of_ours(office: Office) -> None:
    assert office.server.accepted
    assert not any(b"X-Sopkit" in data for _, data in office.server.accepted)


@pytest.mark.parametrize("lose", LOSSES)
def test_every_command_gives_the_one_advice(
    office: Office, lose: Callable[[Office], None], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    lose(office)
    before = (office.output / FILE).read_bytes() if (office.output / FILE).exists() else None
    monkeypatch.chdir(office.folder)
    for words in (["mail", "status"], ["mail", "send"], ["mail", "sent", "all"], ["verify"]):
        monkeypatch.setattr(sys, "argv", ["sopkit", *words])
        with pytest.raises(SystemExit) as left:
            main()
        told = capfd.readouterr().err
        assert left.value.code == 3 and "sopkit repair" in told and "Arsip" in told, (words, told)
    assert ((office.output / FILE).read_bytes() if (office.output / FILE).exists() else None) == before
    monkeypatch.setattr(sys, "argv", ["sopkit", "repair"])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 0 and "disusun kembali" in capfd.readouterr().out
    assert not repair.condition(office.output)


def test_run_says_it_in_a_sentence(office: Office, monkeypatch, capfd: pytest.CaptureFixture[str]) -> None:
    _emptied(office)
    monkeypatch.chdir(office.folder)
    monkeypatch.setattr(sys, "argv", ["sopkit", "run", "--as-of", AS_OF.isoformat()])
    with pytest.raises(SystemExit):
        main()
    told = capfd.readouterr().out
    assert "kosong; arsip disusun kembali" in told and told.count("disusun kembali") == 1


def _tidy(office: Office) -> tuple[Counter[str], list[str]]:
    lying = sorted(found.message_id for found in files_in(office.output))
    assert len(lying) == len(set(lying)) and not repair.condition(office.output)
    return office.states(), lying


@pytest.mark.skipif(sys.platform == "win32", reason="there an open archive can be neither removed nor replaced")
@pytest.mark.parametrize("lose", [_deleted, _emptied, _another_program])
@pytest.mark.parametrize(
    "moment",
    ["sopkit.documents.generate.wanted_documents", "sopkit.pipeline._reports", "sopkit.mail.drafts.Outbox",
     "sopkit.mail.drafts.plan_mails"],
)  # fmt: skip
def test_the_archive_lost_while_run_works_is_said_and_made_good(
    office: Office, undisturbed: Office, lose: Callable[[Office], None], moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.change()
    module, name = moment.rsplit(".", 1)
    real = getattr(import_module(module), name)

    def losing(*given: object) -> object:
        lose(office)
        return real(*given)

    with monkeypatch.context() as patched:
        patched.setattr(moment, losing)
        ((_, told),) = run_books([office.book], AS_OF, None, Console(quiet=True), RunOptions(closed=True)).unfinished
    assert "Arsip" in str(told) and isinstance(told, SopkitError) and "sopkit repair" in told.remedy
    office.run()
    assert office.documents() == undisturbed.documents()
    assert _tidy(office) == _tidy(undisturbed)


@pytest.mark.skipif(sys.platform == "win32", reason="there an open archive can be neither removed nor replaced")
@pytest.mark.parametrize("lose", [_deleted, _emptied, _another_program, _another_office, _started_anew])
@pytest.mark.parametrize("nth", range(1, 6))
def test_the_archive_lost_before_any_opening_is_made_whole_or_refused(
    office: Office, undisturbed: Office, nth: int, lose: Callable[[Office], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run looks whether a newer sopkit made it, looks it through, opens it once, and repairs in between."""
    office.change()
    openings, real = count(1), open_database

    def losing(path: Path) -> sqlite3.Connection:
        if path == office.output / FILE and next(openings) == nth:
            lose(office)
        return real(path)

    with monkeypatch.context() as patched:
        for room in (repair, archive, outbox_room):
            patched.setattr(room, "open_database", losing)
        outcome = run_books([office.book], AS_OF, None, Console(quiet=True))
    for _, told in outcome.unfinished:
        assert "sopkit repair" in told.remedy, told
    for made in outcome.made:
        assert not {one.state for one in made.generated.documents} & {"kept", "outdated"}
    office.run()
    assert office.documents() == undisturbed.documents()
    assert _tidy(office) == _tidy(undisturbed)


def _make_whole(office: Office) -> None:
    told: list[object] = []
    with repair.made_whole(office.output, told.append):
        assert not told


def test_the_same_mail_in_two_folders(office: Office) -> None:
    """Left by an archive that was lost while it was written: the file it names stays, and what differs from it."""
    (sent, edited, *_) = (office.output / "surel" / "terkirim").glob("*.eml")
    twice = [office.output / "surel" / sent.name, office.output / "surel" / "diganti" / sent.name]
    for copy in twice:
        copy.parent.mkdir(exist_ok=True)
        shutil.copyfile(sent, copy)
    other = office.output / "surel" / "diganti" / edited.name
    other.write_bytes(edited.read_bytes() + b"Catatan petugas.\r\n")
    before = office.states()
    assert sent.is_file() and edited.is_file() and other.is_file() and not any(copy.exists() for copy in twice)
    assert office.send() == 0 and office.states() == before


def test_an_older_copy_of_the_archive(office: Office) -> None:
    """Put back by somebody from before the sending, and before the data changed."""
    _fresh = office.folder.parent / "lama.sqlite3"
    first = Office(office.folder.parent, "awal")
    first.run()
    shutil.copyfile(first.output / FILE, _fresh)
    first.send()
    first.change()
    changed = {document.path.name for document in first.run().generated.documents}
    first.send()
    sent = len(first.server.accepted)
    shutil.copyfile(_fresh, first.output / FILE)
    made = first.run()
    assert {one.state for one in made.generated.documents} == {"unchanged"}
    assert {document.path.name for document in made.generated.documents} == changed
    assert first.send() == 0 and len(first.server.accepted) == sent


@pytest.mark.parametrize("step", (1, 3, 5, 8))
def test_killed_in_the_middle_of_repair(office: Office, step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    _random(office)
    seen = 0

    def die(real: Callable[..., object]) -> Callable[..., object]:
        def call(*words: object, **more: object) -> object:
            nonlocal seen
            seen += 1
            if seen == step:
                raise KeyboardInterrupt
            return real(*words, **more)

        return call

    with monkeypatch.context() as killed:
        for name in ("_base", "_complete", "image_of", "_put_aside", "write_atomic", "condition"):
            killed.setattr(repair, name, die(getattr(repair, name)))
        killed.setattr(repair.archive, "save_copy", die(repair.archive.save_copy))
        with contextlib.suppress(KeyboardInterrupt):
            repair.repair(office.output)
    made = office.run()
    assert {one.state for one in made.generated.documents} == {"unchanged"}
    assert office.send() == 0


def test_states_follow_the_folders(office: Office) -> None:
    surel = office.output / "surel"
    sent = sorted((surel / "terkirim").glob("*.eml"))
    for place, path in zip(("belum-pasti", "dibatalkan"), sent, strict=False):
        (surel / place).mkdir(exist_ok=True)
        path.rename(surel / place / path.name)
    _deleted(office)
    (office.output / COPY).unlink()
    office.run()
    states = office.states()
    assert states["draft"] == 0 and states["uncertain"] >= 1 and states["cancelled"] >= 1
    assert office.send() == 0


def test_a_look_at_the_archive_leaves_a_sender_at_work(office: Office) -> None:
    office.change()
    office.run(LATER)
    with Outbox(office.output / FILE) as outbox, outbox.sender():
        mail, addresses = outbox.due(LATER)[0]
        outbox.begin(mail.message_id, addresses, LATER)
        assert repair.condition(office.output) == ""
        _make_whole(office)
        assert set(outbox.states(mail.message_id).values()) == {"sending"}
    _make_whole(office)
    with open_archive(office.output) as record:
        states = record.connection.execute(
            "SELECT DISTINCT state FROM surel_penerima WHERE message_id = ?", (mail.message_id,)
        )
        assert states.fetchall() == [("uncertain",)]


def test_a_document_edited_by_hand_is_kept_after_a_loss(office: Office) -> None:
    path = next((office.output / "catatan").glob("*.docx"))
    import zipfile

    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in parts.items():
            new.writestr(name, data)
    edited = path.read_bytes()
    _deleted(office)
    (office.output / COPY).unlink()
    made = office.run()
    assert path.read_bytes() == edited
    assert [one.path for one in made.generated.documents if one.state == "kept"] == [path]


def test_a_draft_in_surel_whose_mail_lies_in_terkirim_is_not_sent(office: Office) -> None:
    with sqlite3.connect(office.output / FILE) as wrong:
        wrong.execute("UPDATE surel_penerima SET state = 'draft'")
    wrong.close()
    assert office.send() == 0
    assert set(office.states()) == {"sent"}


@pytest.mark.parametrize(
    ("table", "column", "path"),
    [
        *(("documents", "path", path) for path in ("../registers/register-2026.xlsx", "/etc/x", "C:/x", "..\\x")),
        ("surel", "file", "a/../../x"),
        ("surel", "paper", "../x"),
    ],
)
def test_a_path_outside_the_folder_is_a_damage(office: Office, path: str, table: str, column: str) -> None:
    book = office.book.read_bytes()
    with sqlite3.connect(office.output / FILE) as wrong:
        wrong.execute(
            f"UPDATE {table} SET {column} = ? WHERE rowid IN (SELECT rowid FROM {table} LIMIT 1)"
            if table == "surel"
            else f"UPDATE {table} SET {column} = ? WHERE path = (SELECT min(path) FROM {table})",
            (path,),
        )
    wrong.close()
    with pytest.raises(SopkitError, match="rusak") as caught:
        repair.demand_sound(office.output)
    assert "sopkit repair" in caught.value.remedy
    made = office.run()
    assert {one.state for one in made.generated.documents} == {"unchanged"}
    assert office.book.read_bytes() == book and office.send() == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE surel SET intended = 'x'",
        "UPDATE surel_penerima SET changed = 'kemarin'",
        "UPDATE documents SET cases = '{'",
        "UPDATE documents SET revision = 'dua'",
    ],
)
def test_rows_that_do_not_parse_are_a_damage(office: Office, statement: str) -> None:
    with sqlite3.connect(office.output / FILE) as wrong:
        wrong.execute(statement)
    wrong.close()
    with pytest.raises(SopkitError, match="rusak"):
        repair.demand_sound(office.output)
    office.run()
    assert office.send() == 0


def test_an_archive_of_a_newer_sopkit_is_left_alone_by_every_command(
    office: Office, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with sqlite3.connect(office.output / FILE) as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    before = {path: path.read_bytes() for path in office.output.rglob("*") if path.is_file()}
    monkeypatch.chdir(office.folder)
    for words in (
        ["run"], ["generate"], ["verify"], ["repair"], ["mail", "draft"], ["mail", "status"], ["mail", "send"],
        ["mail", "sent", "all"], ["mail", "pause"], ["mail", "resume"], ["mail", "resolve", "all", "sent"],
    ):  # fmt: skip
        monkeypatch.setattr(sys, "argv", ["sopkit", *words])
        with pytest.raises(SystemExit) as left:
            main()
        assert left.value.code == 3 and "lebih baru" in capfd.readouterr().err, words
    after = {path: path.read_bytes() for path in office.output.rglob("*") if path.is_file()}
    assert {path for path in after.keys() | before.keys() if after.get(path) != before.get(path)} <= {
        office.output / ".sopkit.lock"
    }


def test_a_folder_without_documents_or_mails_starts_in_silence(tmp_path: Path) -> None:
    (tmp_path / "surel").mkdir()
    (tmp_path / "catatan").mkdir()
    (tmp_path / "catatan" / "tulisan.docx").write_bytes(b"tulisan orang")
    assert repair.condition(tmp_path) == ""
    (tmp_path / FILE).write_bytes(b"")
    assert repair.condition(tmp_path) == ""
