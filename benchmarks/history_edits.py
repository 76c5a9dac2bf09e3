"""Every edit of tests/test_changes.py once more as other programs save it: what the history tells is to be the same.

    uv run python benchmarks/history_edits.py

Each edited workbook goes through LibreOffice (.xlsx, .ods, .xls) and through pandas (read_excel, to_excel: values
alone); then the history is asked. One row for each program: edits that are not to be told and were (accused),
edits that are to be told and were not, or at another cell (missed).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from rule_fixtures import Register, _keyword, _text, base_tables
from test_changes import NOT_TOLD, TOLD, _look, _told, edited
from workbooks import office_workbook

from sopkit.archive import Archive
from sopkit.database import in_memory
from sopkit.history.compare import compared, recorded
from sopkit.libreoffice import libreoffice

EXPECTED = {**{name: [] for name in NOT_TOLD}, **{name: list(told) for name, (_, told) in TOLD.items()}}
Saved = Mapping[str, Path]


def main() -> int:
    warnings.simplefilter("ignore")
    wrong = 0
    with tempfile.TemporaryDirectory() as name, closing(in_memory()) as archive:
        folder = Path(name)
        base = office_workbook(
            folder / "register.xlsx", **{_keyword(k): _text(t) for k, t in Register(base_tables()).tables.items()}
        )
        recorded(_look(base), Archive(archive, folder))
        edits = {**NOT_TOLD, **{name: edit for name, (edit, _) in TOLD.items()}}
        (folder / "diedit").mkdir()
        books = {
            name: edited(base, edit, folder / "diedit" / f"{place}.xlsx")
            for place, (name, edit) in enumerate(edits.items())
        }
        print("| saved by | edits | accused | missed |\n|---|---:|---:|---:|")
        for program, saved in _programs(books, folder):
            found = {name: _told(compared(_look(path), archive)) for name, path in saved.items()}
            bad = [name for name, told in found.items() if told != EXPECTED[name]]
            for name in bad:
                print(f"    {program}: {name}: {found[name]}, not {EXPECTED[name]}", file=sys.stderr)
            accused = sum(name in NOT_TOLD for name in bad)
            print(f"| {program} | {len(saved)} | {accused} | {len(bad) - accused} |", flush=True)
            wrong += len(bad)
    return int(wrong > 0)


def _programs(books: Saved, folder: Path) -> Iterator[tuple[str, Saved]]:
    yield "openpyxl", books
    yield "pandas", {name: _by_pandas(path, folder / f"pandas-{path.name}") for name, path in books.items()}
    office = libreoffice()
    profile = f"-env:UserInstallation={(folder / 'profil').as_uri()}"
    for ending in ("xlsx", "ods", "xls") if office else ():
        target = folder / ending
        words = [str(office), profile, "--headless", "--convert-to", ending, "--outdir", str(target)]
        subprocess.run([*words, *map(str, books.values())], check=True, capture_output=True, timeout=1200)
        yield f"LibreOffice, .{ending}", {name: target / f"{path.stem}.{ending}" for name, path in books.items()}


def _by_pandas(book: Path, target: Path) -> Path:
    with pd.ExcelWriter(target) as writer:
        for name, table in pd.read_excel(book, sheet_name=None, header=None, dtype=object, engine="openpyxl").items():
            table.to_excel(writer, sheet_name=name, header=False, index=False)
    return target


if __name__ == "__main__":
    sys.exit(main())
