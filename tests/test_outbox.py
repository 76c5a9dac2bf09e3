"""The outbox: nothing is sent twice by itself, nothing is forgotten."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from mail_servers import NOON, fill

from sopkit.archive import Record, open_archive
from sopkit.database import VERSION
from sopkit.errors import MailProblem, SopkitError, UsageProblem
from sopkit.mail.outbox import Mail, Outbox, State

A, B = "a@contoh.go.id", "b@contoh.go.id"


def archive_of(folder: Path) -> Path:
    return folder / "keluaran" / "arsip.sqlite3"


def states(outbox: Outbox) -> list[tuple[str, str]]:
    return [(delivery.address, delivery.state) for delivery in outbox.status()]


def test_what_was_left_as_sending_becomes_uncertain_and_is_not_due(tmp_path: Path) -> None:
    with Outbox(archive_of(tmp_path)) as outbox:
        (mail,) = fill(outbox, to=(A, B))
        outbox.begin(mail.message_id, [A], NOON)
        assert states(outbox) == [(A, "sending"), (B, "draft")]
    with Outbox(archive_of(tmp_path)) as outbox:
        assert states(outbox) == [(A, "uncertain"), (B, "draft")]
        assert [addresses for _, addresses in outbox.due(NOON)] == [(B,)]


def test_looking_while_another_sends_disturbs_nothing(tmp_path: Path) -> None:
    with Outbox(archive_of(tmp_path)) as outbox, outbox.sender():
        (mail,) = fill(outbox)
        outbox.begin(mail.message_id, [A], NOON)
        with Outbox(archive_of(tmp_path)) as looking:
            assert states(looking) == [(A, "sending")]
            with pytest.raises(MailProblem, match="Pengiriman surel lain sedang berjalan"), looking.sender():
                pass
        outbox.settle(mail.message_id, [A], "sent", "250", NOON)
    with Outbox(archive_of(tmp_path)) as outbox:
        assert states(outbox) == [(A, "sent")]


def test_a_killed_sender_leaves_its_lock_free_and_its_mail_uncertain(tmp_path: Path) -> None:
    path = archive_of(tmp_path)
    with Outbox(path) as outbox:
        (mail,) = fill(outbox)
    code = f"""
        import datetime as dt, os, pathlib, signal
        from sopkit.mail.outbox import Outbox
        outbox = Outbox(pathlib.Path({str(path)!r}))
        with outbox.sender():
            outbox.begin({mail.message_id!r}, [{A!r}], dt.datetime(2026, 11, 20))
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    """
    assert subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False).returncode != 0
    with Outbox(path) as outbox, outbox.sender():
        assert states(outbox) == [(A, "uncertain")]


def test_sending_is_committed_before_begin_returns(tmp_path: Path) -> None:
    with Outbox(archive_of(tmp_path)) as outbox:
        (mail,) = fill(outbox)
        outbox.begin(mail.message_id, [A], NOON)
        other = sqlite3.connect(archive_of(tmp_path))
        assert other.execute("SELECT state FROM surel_penerima").fetchall() == [("sending",)]
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        other.close()


def test_only_a_draft_can_be_sent(tmp_path: Path) -> None:
    with Outbox(archive_of(tmp_path)) as outbox:
        (mail,) = fill(outbox)
        outbox.begin(mail.message_id, [A], NOON)
        outbox.settle(mail.message_id, [A], "sent", "250", NOON)
        with pytest.raises(MailProblem, match="Keadaan surel berubah"):
            outbox.begin(mail.message_id, [A], NOON)
        assert states(outbox) == [(A, "sent")]


def test_what_is_put_off_waits_longer_each_time_and_at_most_four_hours(tmp_path: Path) -> None:
    with Outbox(archive_of(tmp_path)) as outbox:
        (mail,) = fill(outbox)
        waits = []
        for _ in range(8):
            outbox.postpone(mail.message_id, [A], "451 nanti", NOON)
            next_try = outbox.status()[0].next_try
            assert next_try
            waits.append((next_try - NOON) // dt.timedelta(minutes=1))
        assert waits == [5, 10, 20, 40, 80, 160, 240, 240]
        assert outbox.due(NOON) == () and len(outbox.due(NOON, impatient=True)) == 1


@pytest.mark.parametrize(
    ("state", "decided", "becomes"),
    [
        ("uncertain", "sent", "sent"),
        ("uncertain", "draft", "draft"),
        ("draft", "sent", "sent"),
        ("refused", "draft", "draft"),
        ("draft", "cancelled", "cancelled"),
        ("sent", "draft", None),
        ("sent", "cancelled", None),
        ("draft", "draft", None),
        ("uncertain", "refused", None),
    ],
)
def test_a_person_resolves_what_is_open_and_nothing_else(
    tmp_path: Path, state: str, decided: str, becomes: str | None
) -> None:
    with Outbox(archive_of(tmp_path)) as outbox:
        (mail,) = fill(outbox)
        outbox.settle(mail.message_id, [A], state, "", NOON)  # type: ignore[arg-type]
        if becomes is None:
            with pytest.raises(UsageProblem):
                outbox.resolve("1", decided, NOON)
            assert states(outbox) == [(A, state)]
        else:
            assert [d.state for d in outbox.resolve("1", decided, NOON)] == [becomes]


def test_resolving_names_a_mail_that_exists(tmp_path: Path) -> None:
    with Outbox(archive_of(tmp_path)) as outbox:
        (mail,) = fill(outbox, to=(A, B))
        outbox.resolve(mail.message_id, "sent", NOON, address=B.upper())
        assert states(outbox) == [(A, "draft"), (B, "sent")]
        with pytest.raises(UsageProblem, match="Surel 7 tidak ada"):
            outbox.resolve("7", "sent", NOON)


def test_all_that_was_sent_by_hand_is_noted_at_once_and_nothing_else_changes(tmp_path: Path) -> None:
    with Outbox(archive_of(tmp_path)) as outbox:
        first, _ = fill(outbox, mails=2)
        outbox.settle(first.message_id, [A], "cancelled", "", NOON)
        outbox.resolve("all", "sent", NOON)
        assert states(outbox) == [(A, "cancelled"), (A, "sent")]
        assert outbox.due(NOON) == ()


@pytest.mark.parametrize("end", ["sent", "uncertain"])
def test_the_archive_learns_what_went_out_or_may_have(tmp_path: Path, end: str) -> None:
    output = tmp_path / "keluaran"
    record = Record("ptpp/1.docx", "ptpp", "1", 0, ("c",), "abc", "d", "p", "t", "sopkit", "2026-11-20T12:00:00")
    with open_archive(output) as archive:
        archive.record([record])
    with Outbox(archive_of(tmp_path)) as outbox:
        mail = Mail(
            message_id="<1@x.id>", occasion="ptpp:1", content="abc", route="Kasi", intended=("N",), document="PTPP",
            subject="s", file="surel/1.eml", sha256="f", paper="ptpp/1.docx",
        )  # fmt: skip
        outbox.record(mail, [A], [], NOON)
        with open_archive(output) as archive:
            assert archive.records()[0].mailed_at is None
        outbox.begin(mail.message_id, [A], NOON)
        if end == "sent":
            outbox.settle(mail.message_id, [A], "sent", "250", NOON)
    Outbox(archive_of(tmp_path)).close()
    with open_archive(output) as archive:
        assert archive.records()[0].mailed_at is not None


@pytest.mark.parametrize(
    ("fates", "place"),
    [
        (["draft", "draft"], ""),
        (["refused", "draft"], ""),
        (["sent", "draft"], "terkirim/"),
        (["sent", "replaced"], "terkirim/"),
        (["sent", "uncertain"], "belum-pasti/"),
        (["cancelled", "replaced"], "dibatalkan/"),
        (["replaced", "replaced"], "diganti/"),
    ],
)
def test_a_file_lies_where_the_state_of_its_mail_says(tmp_path: Path, fates: list[State], place: str) -> None:
    with Outbox(archive_of(tmp_path)) as outbox:
        (mail,) = fill(outbox, to=(A, B))
        for address, state in zip((A, B), fates, strict=True):
            outbox.settle(mail.message_id, [address], state, "", NOON)
        assert outbox.mail("1").file == f"surel/{place}001.eml"
        assert (outbox.folder / outbox.mail("1").file).exists()


def test_what_is_to_be_sent_after_all_comes_back(tmp_path: Path) -> None:
    with Outbox(archive_of(tmp_path)) as outbox:
        (mail,) = fill(outbox)
        outbox.resolve("1", "cancelled", NOON)
        (outbox.folder / mail.file).write_bytes(b"a stranger's")
        outbox.resolve("1", "draft", NOON)
        assert outbox.mail("1").file == f"surel/001 {mail.message_id[1:9]}.eml"
        assert (outbox.folder / mail.file).read_bytes() == b"a stranger's"


def test_a_file_that_is_no_archive_is_said(tmp_path: Path) -> None:
    path = archive_of(tmp_path)
    path.parent.mkdir()
    path.write_bytes(b"bukan basis data" * 100)
    with pytest.raises(SopkitError, match=r"tidak dapat dibuka \(bukan arsip sopkit\)"):
        Outbox(path)


def test_an_archive_of_a_newer_sopkit_is_not_written_to(tmp_path: Path) -> None:
    """Neither a decision nor a note is kept half: the version is looked at before the first write."""
    path = archive_of(tmp_path)
    with Outbox(path) as outbox:
        fill(outbox, mails=2)
    with contextlib.closing(sqlite3.connect(path)) as newer:
        newer.execute(f"PRAGMA user_version = {VERSION + 1}")
        newer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.read_bytes()
    for decide in (lambda box: box.resolve("1", "cancelled", NOON), lambda box: box.sent_by_hand(["2"], NOON)):
        with pytest.raises(SopkitError, match="lebih baru"), Outbox(path) as outbox:
            decide(outbox)
    assert path.read_bytes() == before


@pytest.mark.parametrize("first", ["mails", "documents"])
def test_mails_and_documents_are_one_archive_whichever_comes_first(tmp_path: Path, first: str) -> None:
    path = archive_of(tmp_path)
    if first == "mails":
        Outbox(path).close()
    else:
        with open_archive(path.parent):
            pass
    with contextlib.closing(sqlite3.connect(path)) as made:
        tables = {row[0] for row in made.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert made.execute("PRAGMA user_version").fetchone() == (VERSION,)
    assert {"documents", "intended", "runs", "surel", "surel_penerima", "surel_jejak", "surel_jeda"} <= tables


def test_an_archive_without_mails_yet_learns_them(tmp_path: Path) -> None:
    path = archive_of(tmp_path)
    with open_archive(path.parent):
        pass
    with contextlib.closing(sqlite3.connect(path)) as old:
        for table in ("surel_jeda", "surel_jejak", "surel_penerima", "surel"):
            old.execute(f"DROP TABLE {table}")
    with Outbox(path) as outbox:
        fill(outbox)
        assert states(outbox) == [(A, "draft")]


def test_a_damage_met_while_mails_are_looked_at_is_said(tmp_path: Path) -> None:
    path = archive_of(tmp_path)
    with Outbox(path) as outbox:
        fill(outbox)
    with pytest.raises(SopkitError, match="rusak"), Outbox(path) as outbox:
        outbox._db.execute("DROP TABLE surel_penerima")
        outbox.status()
