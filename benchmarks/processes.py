"""Making the documents of a large register with one process and with several, in one run.

    uv run python benchmarks/processes.py [CASES] [JOBS]

Wall times, for that is what several processes save: of the whole command `sopkit generate`, and of the documents alone
(the register is read and checked by one process anyhow). The two take turns, three times each, and the ratio is of
the best. It says something only when as many processors as JOBS have nothing else to do; how much these can do together
is measured with commands that have nothing to do with each other. Both must make the same bytes, or the run ends.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

TURNS = 3
TEMPLATES = Path("templates")


def started(register: Path, output: Path, jobs: int) -> subprocess.Popen[bytes]:
    asked = [sys.executable, "-m", "sopkit", "generate", str(register), "--output", str(output), "--jobs", str(jobs)]
    return subprocess.Popen(asked, stdout=subprocess.DEVNULL)


def side_by_side(register: Path, folder: Path, count: int) -> float:
    """Wall time of `count` commands of one process each that have nothing to do with each other."""
    began = time.perf_counter()
    running = [started(register, folder / f"sendiri-{place}", 1) for place in range(count)]
    if any(process.wait() for process in running):
        sys.exit("A command failed")
    return time.perf_counter() - began


def documents(register: Path, output: Path, jobs: int) -> float:
    """The workers import this file too, so what only the parent needs is imported here."""
    import datetime as dt

    from sopkit.checks.inspection import inspect_register
    from sopkit.documents.generate import generate
    from sopkit.register.read import read_register
    from sopkit.sop.model import load_sop

    inspected = inspect_register(read_register(register), load_sop(), dt.datetime(2026, 6, 1))
    began = time.perf_counter()
    generate(inspected, output, TEMPLATES, jobs=jobs)
    return time.perf_counter() - began


def whole(register: Path, output: Path, jobs: int) -> float:
    began = time.perf_counter()
    if started(register, output, jobs).wait():
        sys.exit("The command failed")
    return time.perf_counter() - began


def made(output: Path) -> dict[str, bytes]:
    return {str(path.relative_to(output)): path.read_bytes() for path in output.rglob("*.docx")}


def main(cases: int, jobs: int) -> None:
    from registers import write_register

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        register = folder / "register.xlsx"
        write_register(register, cases)
        for title, work in (("whole command", whole), ("documents alone", documents)):
            taken: dict[int, list[float]] = {1: [], jobs: []}
            for turn in range(TURNS):
                for count in taken:
                    taken[count].append(work(register, folder / f"{work.__name__}-{count}-{turn}", count))
            one, several = (made(folder / f"{work.__name__}-{count}-0") for count in taken)
            if one != several:
                sys.exit(f"{title}: not the same bytes")
            best = {count: min(times) for count, times in taken.items()}
            ratio = best[1] / best[jobs]
            print(f"{title}: {len(one)} documents, 1 process {best[1]:.2f} s, {jobs} processes {best[jobs]:.2f} s,"
                  f" {ratio:.2f} times as fast")  # fmt: skip
            if work is whole:
                most = jobs * best[1] / side_by_side(register, folder, jobs)
                print(f"{jobs} commands side by side do {most:.2f} times the work of one: no more is to be had here")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 900, int(sys.argv[2]) if len(sys.argv) > 2 else 2)
