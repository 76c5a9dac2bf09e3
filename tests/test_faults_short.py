"""The fault table's short form: every command killed at some of its operations, and nothing is lost or doubled."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FAULTS = Path(__file__).parent.parent / "benchmarks" / "faults.py"


@pytest.mark.skipif(sys.platform != "linux", reason="LD_PRELOAD, /proc")
def test_a_killed_command_is_made_good_by_the_next(compiler: str) -> None:
    words = [sys.executable, str(FAULTS), "--every", "150", "--only", "killed", "strikes"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("| killed |") == 5
