"""Runs templates that mean harm, in a process of its own that watches what they do; see test_hostile_templates.py.

Called with a folder that holds one subfolder per kind; prints JSON: kind → how it ended, how long, what it touched.
"""

from __future__ import annotations

import datetime as dt
import json
import resource
import sys
import time
from pathlib import Path

from sopkit.documents.template import WordTemplate
from sopkit.errors import SopkitError

WATCHED = (
    "os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen", "socket.", "ftplib.", "urllib.", "shutil.",
    "os.remove", "os.rename", "os.rmdir", "os.mkdir", "webbrowser.", "ctypes.dlopen",
)  # fmt: skip


class Trap:
    """What a careless office might hand to a template: methods with consequences."""

    secret = "rahasia"

    def __init__(self) -> None:
        self.sprung = False

    def delete(self) -> str:
        self.sprung = True
        return "terhapus"


def _own(path: str, folder: Path) -> bool:
    """The template itself, and modules that Python loads late (or looks up for a traceback)."""
    return path.startswith(str(folder)) or path.endswith((".py", ".pyc")) or path == "<template>"


def _peak_megabytes() -> int:
    """Of this process alone: what getrusage tells begins with the memory of the process that started it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) // 1024


def main(folder: Path) -> None:
    sys.dont_write_bytecode = True  # Python's own cache of a late import is no deed of a template
    WordTemplate(folder / "biasa.docx").render({"nomor": "1"})
    touched: list[str] = []
    watching = [False]

    def watch(event: str, args: tuple[object, ...]) -> None:
        if not watching[0]:
            return
        if event.startswith(WATCHED) or (event == "open" and not _own(str(args[0]), folder)):
            touched.append(f"{event} {args[:1]}")

    sys.addaudithook(watch)
    ended: dict[str, dict[str, object]] = {}
    for path in sorted((folder / "jahat").iterdir()):
        trap = Trap()
        context = {
            "nomor": "001", "butir": [{"nama": "satu"}], "kasus": {"uraian": "x"}, "jebakan": trap,
            "tanggal": dt.date(2026, 11, 20), "fungsi": main, "berkas": path, "panjang": "x" * 50_000,
        }  # fmt: skip
        begin = time.monotonic()
        watching[0] = True
        try:
            code = f"rendered {len(WordTemplate(path).render(context))}"
        except SopkitError as error:
            code = str(getattr(error, "code", "?"))
            code += f" {error}"
        watching[0] = False
        ended[path.stem] = {
            "end": code, "seconds": time.monotonic() - begin, "touched": touched[:3], "sprung": trap.sprung,
            "peak": _peak_megabytes(),
        }  # fmt: skip
        touched.clear()
    print(json.dumps({"kinds": ended, "megabytes": _peak_megabytes()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
