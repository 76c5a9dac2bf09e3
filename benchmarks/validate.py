"""What `sopkit validate` costs beside a bare reading of the same file, and where that goes.

    uv run python benchmarks/validate.py [CASES ...]

For each size (150, 1,000 and 10,000 cases unless others are given; 100,000 takes ten minutes) a register of which
nothing is found and one of seven findings a case (`registers.py`) are written; the example is measured too. Processor
seconds and memory are of whole processes, compiled beforehand: `python -c` with calamine reading all sheets, and
`sopkit validate`, in turns, the least of several. The stages are those of one more process, without findings.
"""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sopkit

BARE = """
import sys
from python_calamine import CalamineWorkbook
book = CalamineWorkbook.from_path(sys.argv[1])
rows = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
"""
EXAMPLE = Path("registers/register-contoh.xlsx")
SOPKIT = (sys.executable, "-m", "sopkit")


@dataclass(frozen=True)
class Cost:
    """Of one process: processor seconds, seconds on the clock, and most memory in MB."""

    cpu: float
    clock: float
    memory: float


def cost(command: Sequence[str], folder: Path | None = None) -> Cost:
    """What this process has in memory counts as the child's too: it should have little."""
    began = time.perf_counter()
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        _, _, used = os.wait4(child.pid, 0)
        child.returncode = 0
    return Cost(used.ru_utime + used.ru_stime, time.perf_counter() - began, used.ru_maxrss / 1024)


def least(commands: Sequence[Sequence[str]], times: int) -> list[Cost]:
    """The least of each of these commands, which take turns."""
    turns = [[cost(command) for command in commands] for _ in range(times)]
    return [
        Cost(min(one.cpu for one in runs), min(one.clock for one in runs), min(one.memory for one in runs))
        for runs in zip(*turns, strict=True)
    ]


def compare(title: str, register: Path, cases: int, times: int) -> None:
    moment = [] if register == EXAMPLE else ["--as-of", "2026-12-31"]
    bare = (sys.executable, "-c", BARE, str(register))
    checked = (*SOPKIT, "validate", "--format", "json", *moment, str(register))
    reading, whole = least((bare, checked), times)
    each = f" | {whole.cpu / cases * 1000:.3f}" if cases else " | "
    print(
        f"| {title} | {reading.cpu:.2f} | {whole.cpu:.2f} | {whole.cpu / reading.cpu:.1f}{each}"
        f" | {reading.memory:.0f} | {whole.memory:.0f} | {whole.memory / reading.memory:.1f} |"
    )


def stages(register: Path) -> None:
    """One inspection in this process, with the time of its parts."""
    spent: dict[str, float] = {}

    def timed(title: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*given: Any, **named: Any) -> Any:
            began = time.process_time()
            try:
                return work(*given, **named)
            finally:
                spent[title] = spent.get(title, 0.0) + time.process_time() - began

        return wrapped

    def watch(room: Any, *names: str) -> None:
        for name in names:
            setattr(room, name, timed(name, getattr(room, name)))

    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as the command has it, and so the collector below
    import numpy  # noqa: F401

    spent["Python, numpy"] = time.process_time()
    import sopkit.cli.main  # noqa: F401

    spent["the command line"] = time.process_time() - spent["Python, numpy"]
    import datetime as dt
    import gc

    from sopkit.checks import inspection, load_rules
    from sopkit.register import read, sheets
    from sopkit.sop.model import load_sop

    gc.set_threshold(200_000, 20, 50)
    load_rules()
    spent["the rest of imports"] = time.process_time() - spent["the command line"] - spent["Python, numpy"]
    watch(sheets, "preflight", "read_stored")
    watch(read, "_select", "read_column", "as_typed")
    watch(inspection, "office_calendar", "canonical", "lay_out")
    rule_of = inspection._apply
    inspection._apply = lambda rule, check: timed(f"rule {rule.code}", lambda: list(rule_of(rule, check)))()
    book = timed("all of reading", lambda: read.read_book(read.open_book(register)))()
    timed("all of inspecting", inspection.inspect_register)(book, load_sop(), dt.datetime(2026, 12, 31))
    rules = {name: spent.pop(name) for name in list(spent) if name.startswith("rule ")}
    spent |= {f"rules {family}": sum(rules[n] for n in rules if n[5] == family) for family in "BDUWPK"}
    dearest = sorted(rules, key=lambda name: -rules[name])[:8]
    print("; ".join(f"{name} {seconds:.3f}" for name, seconds in spent.items()))
    print("dearest: " + "; ".join(f"{name[5:]} {rules[name]:.3f}" for name in dearest))


def main(sizes: Sequence[int]) -> None:
    compileall.compile_dir(str(Path(sopkit.__file__).parent), quiet=1)
    print("| register | bare read, s | validate, s | times | ms a case | bare MB | validate MB | times |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as name:
        made = []
        for cases in sizes:
            for title, spread in (("nothing found", True), ("7 findings a case", False)):
                made.append((f"{cases:,} cases, {title}", Path(name) / f"{cases}-{spread}.xlsx", cases))
                asked = [str(cases), str(made[-1][1]), *([] if spread else ["--at-once"])]
                subprocess.run([sys.executable, str(Path(__file__).parent / "registers.py"), *asked], check=True)
        for title, register, cases in [("the example", EXAMPLE, 0), *made]:
            compare(title, register, cases, 2 if cases > 20_000 else 5)
        for words in (["--help"], ["explain", "W02"]):
            (told,) = least([(*SOPKIT, *words)], 7)
            print(f"`sopkit {' '.join(words)}`: {told.cpu:.3f} s, {told.memory:.0f} MB")
        for title, register, _ in made:
            if "nothing" in title:
                print(f"\n{title}", flush=True)
                subprocess.run([sys.executable, __file__, "--stages", str(register)], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--stages"]:
        stages(Path(sys.argv[2]))
    else:
        main([int(cases) for cases in sys.argv[1:]] or [150, 1_000, 10_000])
