"""Values of a workbook as calamine gives them. Light to import: a process of its own reads what was not vetted."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
from typing import Any

MEMORY, PER_BYTE, MOST = 320 << 20, 60, 8 << 30  # bytes that a reading process may take, and more for each of the file
SECONDS, PER_SECOND = 5, 1 << 18  # seconds of processor time, and one more for so many bytes of the file
PATIENCE = 10  # seconds that may pass for one of these, on a machine with other work
Stored = list[tuple[str, tuple[int, int] | None, list[list[Any]]]]  # title, first cell (from 0), rows


def read_stored(data: bytes) -> Stored:
    """Values of all sheets. PermissionError when protected, ValueError when damaged."""
    import python_calamine as calamine

    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            kept = [one.name for one in workbook.sheets_metadata if one.typ == calamine.SheetTypeEnum.WorkSheet]
            sheets = ((title, workbook.get_sheet_by_name(title)) for title in kept)
            return [(title, sheet.start, sheet.to_python() if sheet.start else []) for title, sheet in sheets]
    except calamine.PasswordError as error:
        raise PermissionError from error
    except BaseException as error:
        if isinstance(error, calamine.CalamineError) or type(error).__name__ == "PanicException":
            raise ValueError(str(error)) from error
        raise


def read_apart(data: bytes) -> Stored:
    """Like `read_stored`, in a process of its own that is held to limits of memory and time: what was not vetted can
    end its reader, or keep it for ever.
    """
    seconds = SECONDS + len(data) // PER_SECOND
    memory = min(MOST, MEMORY + PER_BYTE * len(data))
    command = [sys.executable, "-m", "sopkit.excel.calamine_reader", str(memory), str(seconds)]
    hidden = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=PATIENCE * seconds, creationflags=hidden
        )
    except subprocess.TimeoutExpired as error:
        raise ValueError("timeout") from error
    if done.returncode:
        raise ValueError(f"exit {done.returncode}")
    stored: Stored = pickle.loads(done.stdout)
    return stored


if __name__ == "__main__":
    from sopkit.excel.process_limits import limit_this_process

    limit_this_process(*map(int, sys.argv[1:]))
    sys.stdout.buffer.write(pickle.dumps(read_stored(sys.stdin.buffer.read())))
