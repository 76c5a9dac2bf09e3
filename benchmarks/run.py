"""What `sopkit run` costs on the example: the first time, and again when nothing has changed.

    uv run python benchmarks/run.py [TIMES]

Processor seconds and seconds on the clock of whole processes, compiled beforehand, the least of several.
"""

from __future__ import annotations

import compileall
import shutil
import sys
import tempfile
from pathlib import Path

from validate import EXAMPLE, SOPKIT, cost

import sopkit


def main(times: int) -> None:
    compileall.compile_dir(str(Path(sopkit.__file__).parent), quiet=1)
    with tempfile.TemporaryDirectory() as name:
        office = Path(name)
        shutil.copytree(EXAMPLE.parent, office / EXAMPLE.parent)
        shutil.copytree("templates", office / "templates")
        command = [*SOPKIT, "run", str(EXAMPLE)]
        turns = []
        for _ in range(times):
            shutil.rmtree(office / "keluaran", ignore_errors=True)
            turns.append((cost(command, office), cost(command, office)))
    for title, runs in zip(("first", "again"), zip(*turns, strict=True), strict=True):
        cpu, clock = min(one.cpu for one in runs), min(one.clock for one in runs)
        print(f"{title}: {cpu:.2f} s of processor, {clock:.2f} s on the clock")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
