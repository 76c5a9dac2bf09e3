"""The fault table's short form: commands killed or refused at some of their operations, and nothing lost or doubled."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FAULTS = Path(__file__).parent.parent / "benchmarks" / "faults.py"


@pytest.mark.skipif(sys.platform != "linux", reason="LD_PRELOAD, /proc")
def test_a_command_killed_or_on_a_full_disk_is_made_good_by_the_next(compiler: str) -> None:
    rows = "^(number|mail send|run changed), (killed|ENOSPC)$"
    words = [sys.executable, str(FAULTS), "--every", "200", "--only", rows, "strikes"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("| killed |") == done.stdout.count("| ENOSPC |") == 3
