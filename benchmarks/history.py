"""What the history costs, in CPU and in the archive, beside `sopkit validate` (RESULTS.md, History).

    uv run python -m compileall -q sopkit && uv run python benchmarks/history.py CASES …

For each size one register (`registers.py`): the command as a process of its own (twice, the least), the first check and
a later one that finds nothing changed, in this process (the least of five), and the archive's bytes a case.
"""

from __future__ import annotations

import datetime as dt
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from registers import write_register
from sopkit.archive import Archive
from sopkit.checks.inspection import Inspected
from sopkit.database import FILE, open_database
from sopkit.history.chain import Chain
from sopkit.history.compare import compared, recorded
from sopkit.pipeline import inspect_books

NOW = dt.datetime(2026, 12, 30, 10)


def main() -> None:
    print("| cases | first check / validate | later check / validate | archive a case | content a case |")
    for cases in map(int, sys.argv[1:]):
        with tempfile.TemporaryDirectory() as folder:
            print(_row(cases, Path(folder)))


def _row(cases: int, folder: Path) -> str:
    book = folder / "register.xlsx"
    write_register(book, cases, spread=True)
    whole = min(_command(book) for _ in range(2))
    first, later = [], []
    for turn in range(5):
        output = folder / str(turn)
        output.mkdir()
        with closing(open_database(output / FILE)) as connection:
            empty = connection.execute("PRAGMA page_count").fetchone()[0]
            inspected, begun = _looked(book), time.process_time()
            recorded(inspected, Archive(connection, output))
            first.append(time.process_time() - begun)
            inspected, begun = _looked(book), time.process_time()
            compared(inspected, connection)
            later.append(time.process_time() - begun)
            pages = connection.execute("PRAGMA page_count").fetchone()[0] - empty
            tip = Chain(connection).tip()
    content = len(tip.content) if tip else 0
    shares = " | ".join(f"{100 * min(each) / whole:.1f} %" for each in (first, later))
    return f"| {cases:,} | {shares} | {4096 * pages / cases:.0f} B | {content / cases:.0f} B |"


def _looked(book: Path) -> Inspected:
    return inspect_books([book], NOW, None).inspected[0]


def _command(book: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "sopkit", "validate", str(book), "--as-of", NOW.isoformat()]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
