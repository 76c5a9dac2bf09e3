"""The short form of `python -m tests.hostile 10000`: some cases of each kind; and the watch sees what it is for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("resource")

import hostile
from hostile import KINDS, SHARES, Watch, run, shares

QUICK = ("structure", "names", "sop", "layout", "patterns", "templates", "letters")


def test_some_hostile_inputs_of_each_kind_end_well(tmp_path: Path) -> None:
    kinds, each = ",".join(QUICK), 25
    command = [
        sys.executable,
        str(Path(hostile.__file__)),
        "--kind",
        kinds,
        str(each),
        "--seed",
        "7",
        "--in",
        str(tmp_path),
    ]
    lines, code = hostile._listened(command, each)
    assert code == 0 and [line for line in lines if "wrong" in line] == []
    assert [line["done"]["tried"] for line in lines if "done" in line] == [each] * len(QUICK)


def test_all_kinds_together_are_as_many_as_asked() -> None:
    assert set(SHARES) == set(KINDS) and sum(SHARES.values()) == sum(shares(10_000).values()) == 10_000


def test_the_watch_sees_what_is_executed_and_what_is_written_outside(tmp_path: Path) -> None:
    inside = tmp_path / "kantor"
    inside.mkdir()
    watch = Watch(inside)

    def bad(deed: object) -> None:
        if deed == "run":
            subprocess.run([sys.executable, "-c", ""], check=True)
        elif deed == "outside":
            (tmp_path / "luar").write_text("x")
        elif deed == "crash":
            raise KeyError("x")
        (inside / "dalam").write_text("x")
        os.replace(inside / "dalam", inside / "lain")  # noqa: PTH105 - as hostile code would

    found = {deed: set(hostile._one(bad, deed, watch)) for deed in ("run", "outside", "crash", "")}
    assert found == {"run": {"executed"}, "outside": {"outside"}, "crash": {"unforeseen"}, "": set()}


def test_a_process_that_dies_is_counted_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    said = iter([([{"begun": 1}, {"begun": 2}], -6), ([{"begun": 1}, {"done": {"tried": 1}}], 0)])
    monkeypatch.setattr(hostile, "_listened", lambda command, count: next(said))
    counts, told = run("sop", 3, seed=1)
    assert (counts["tried"], counts["aborted"]) == (3, 1) and told[0]["wrong"] == "aborted"
