"""SOPs, layouts and values of sheet Kantor that mean harm or are slips: used, or refused with one sentence."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("resource")

import hostile_settings
from hostile_books import READ

SECONDS, MEGABYTES, LETTERS = 5, 300, 10_000
MEMORY = 2 << 30


def test_hostile_settings_end_nothing_and_fill_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "berkas"
    folder.mkdir()
    expected = hostile_settings.write_settings(folder)
    assert len(expected) >= 100
    command = [sys.executable, str(Path(hostile_settings.__file__)), str(folder), str(MEMORY)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    ended = {told["name"]: told for told in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 0, (list(ended)[-1:], done.stderr[-2000:])
    assert set(ended) == set(expected)
    for name, told in ended.items():
        end = told["end"]
        assert re.search(expected[name], end), (name, end)
        assert not end.startswith("!") and len(end) < LETTERS, (name, end[:1000])
        assert end == READ or (told["code"] == 3 and told["remedy"] and end.endswith(".")), (name, told)
        assert told["seconds"] <= SECONDS and told["peak"] <= MEGABYTES, (name, told)
    assert [path.name for path in tmp_path.iterdir()] == ["berkas"]
