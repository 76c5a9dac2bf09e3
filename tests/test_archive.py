"""The archive: what was made, what was about to be, what went out."""

from __future__ import annotations

import datetime as dt
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from sopkit import database
from sopkit.archive import Record, open_archive
from sopkit.errors import SopkitError

NOW = dt.datetime(2026, 11, 20, 10)
ONE = Record(
    "ptpp/001.docx", "ptpp", "001/PTPP/XI/2026", 0, ("001/CLTS/XI/2026",), "f" * 64, "3f2a91bc" + "d" * 56, "e" * 64,
    "a" * 64, "sopkit 0.1.0", NOW.isoformat(),
)  # fmt: skip


def test_what_is_recorded_is_there_again(tmp_path: Path) -> None:
    with open_archive(tmp_path) as record:
        record.record([ONE])
    with open_archive(tmp_path) as record:
        assert record.records() == [ONE]
        assert record.current() == {("ptpp", "001/PTPP/XI/2026"): ONE}


def test_the_latest_revision_is_current(tmp_path: Path) -> None:
    second = replace(ONE, path="ptpp/001 rev-1.docx", revision=1)
    with open_archive(tmp_path) as record:
        record.record([second, ONE])
        assert record.current()["ptpp", ONE.number] == second
        assert len(record.records()) == 2


def test_an_intention_stands_until_it_is_fulfilled(tmp_path: Path) -> None:
    with open_archive(tmp_path) as record:
        record.intend([(ONE.path, ONE.file_sha256), ("ptpp/002.docx", "0" * 64)])
    with open_archive(tmp_path) as record:
        record.record([ONE])
        assert record.intended() == {"ptpp/002.docx": "0" * 64}


def test_only_the_bytes_that_went_out_are_marked_as_mailed(tmp_path: Path) -> None:
    with open_archive(tmp_path) as record:
        record.record([ONE])
        assert not record.mark_mailed(ONE.path, "0" * 64, NOW)
        assert record.mark_mailed(ONE.path, ONE.file_sha256, NOW)
        assert record.mark_mailed(ONE.path, ONE.file_sha256, NOW + dt.timedelta(days=1))
        assert [one.mailed_at for one in record.records()] == [NOW.isoformat()]


def test_runs_are_kept(tmp_path: Path) -> None:
    with open_archive(tmp_path) as record:
        run = record.begin_run("register.xlsx", "0" * 64, "sopkit 0.1.0", NOW)
        record.begin_run("register.xlsx", "0" * 64, "sopkit 0.1.0", NOW)
        record.end_run(run, {"made": 3}, NOW)
        rows = record.connection.execute("SELECT finished_at, counts FROM runs ORDER BY id").fetchall()
        record.begin_run("nama-baru.xlsx", "0" * 64, "sopkit 0.1.0", NOW)
        assert record.file_names() == ["register.xlsx", "nama-baru.xlsx"]
    assert rows == [(NOW.isoformat(), '{"made": 3}'), (None, None)]


@pytest.mark.parametrize("damage", [b"", b"SQLite format 3\0" + b"\xff" * 5000, b"bukan arsip " * 500])
def test_a_damaged_archive_is_said_to_be_damaged(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / database.FILE
    path.write_bytes(damage)
    if not damage:  # SQLite takes an empty file for a new archive, and so does sopkit
        with open_archive(tmp_path) as record:
            assert record.records() == []
        return
    with pytest.raises(SopkitError, match="rusak") as caught, open_archive(tmp_path):
        pass
    assert "sopkit repair" in caught.value.remedy
    assert path.read_bytes() == damage


def test_a_damage_met_later_is_said_too(tmp_path: Path) -> None:
    with open_archive(tmp_path) as record:
        record.record(replace(ONE, path=f"ptpp/{n}.docx", number=str(n)) for n in range(400))
    path = tmp_path / database.FILE
    data = bytearray(path.read_bytes())
    data[len(data) // 2 :] = b"\xee" * (len(data) - len(data) // 2)
    path.write_bytes(data)
    with pytest.raises(SopkitError, match="rusak"), open_archive(tmp_path) as record:
        record.records()


def test_another_table_of_the_same_name_is_no_archive(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / database.FILE) as other:
        other.execute("CREATE TABLE documents (title TEXT)")
    with pytest.raises(SopkitError, match="rusak"), open_archive(tmp_path):
        pass


def test_an_archive_of_a_newer_sopkit_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / database.FILE) as newer:
        newer.execute("PRAGMA user_version = 99")
    with pytest.raises(SopkitError, match="lebih baru"), open_archive(tmp_path):
        pass


def test_an_archive_held_by_another_is_said_to_be_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    with open_archive(tmp_path):
        pass
    other = sqlite3.connect(tmp_path / database.FILE)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(SopkitError, match="sedang dipakai"), open_archive(tmp_path) as record:
        record.record([ONE])
    other.close()
    with open_archive(tmp_path) as record:
        assert record.records() == []


def test_no_document_is_half_recorded(tmp_path: Path) -> None:
    broken = replace(ONE, path="ptpp/002.docx", number="002", made_at=None)  # type: ignore[arg-type]
    with pytest.raises(SopkitError), open_archive(tmp_path) as record:
        record.record([ONE, broken])
    with open_archive(tmp_path) as record:
        assert record.records() == []
