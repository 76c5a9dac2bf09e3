"""How many usual headings `sopkit adopt` places rightly, asks about, or places wrongly: `headings.toml` is the measure.

`python -m tests.adopt.measure` prints the table, with every heading that is not right.
"""

from __future__ import annotations

import datetime as dt
import re
import tempfile
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter
from click.testing import CliRunner

from sopkit.cli.main import sopkit

HEADINGS = Path(__file__).with_name("headings.toml")
BESIDE = (
    ("No. Catatan", "Tanggal Ditemukan", "Jenis Layanan", "Uraian Ketidaksesuaian", "Ditemukan Oleh"),
    *(
        (f"{n:03d}/CLTS/I/2026", f"{n + 10}-01-2026", "Legalisasi Surat", "Stempel tidak terbaca", "Sumarni")
        for n in range(1, 5)
    ),
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?$")
_ASKED = re.compile(r'^#[^"\n]*"((?:[^"\\]|\\.)*)"\s*=\s*"((?:[^"\\]|\\.)*)"', re.MULTILINE)


@dataclass(frozen=True)
class Form:
    """One register's headings, what each means, and what stands below it."""

    name: str
    sheet: str
    means: dict[str, str]
    below: dict[str, list[Any]]


@dataclass(frozen=True)
class Verdict:
    """`kind` is right, asked (not placed, the first guess right), asked badly (no guess, or another), or wrong."""

    form: str
    heading: str
    means: str
    got: str
    kind: str


def forms() -> list[Form]:
    """The forms of headings.toml."""
    tables = tomllib.loads(HEADINGS.read_text(encoding="utf-8"))
    samples = tables.pop("samples")
    found = []
    for name, table in tables.items():
        sheet = table.pop("sheet", "Register")
        means = {heading: meaning for heading, (meaning, _) in table.items()}
        found.append(Form(name, sheet, means, {heading: samples[below] for heading, (_, below) in table.items()}))
    return found


def write(form: Form, path: Path) -> Path:
    """The form as a sheet of a workbook: a title, the headings, twelve rows; steps stand beside a Register."""
    book = xlsxwriter.Workbook(path, {"in_memory": True})
    if form.sheet != "Register":
        register = book.add_worksheet("Register")
        for y, row in enumerate(BESIDE):
            register.write_row(y, 0, row)
    page = book.add_worksheet("Lembar1")
    page.write(0, 0, "REGISTER KECAMATAN ARGOSARI")
    looks = [book.add_format({"num_format": look}) for look in ("dd/mm/yyyy", "dd/mm/yyyy hh:mm")]
    for x, (heading, values) in enumerate(form.below.items()):
        page.write_string(2, x, heading)
        for y, value in enumerate(values, 3):
            if isinstance(value, str) and _MOMENT.match(value):
                page.write_datetime(y, x, dt.datetime.fromisoformat(value), looks[" " in value])
            elif isinstance(value, str) and value:
                page.write_string(y, x, value)
            elif value != "":
                page.write(y, x, value)
    book.close()
    return path


def judge(form: Form, layout: str) -> list[Verdict]:
    """What the proposal says of each heading of the form."""
    placed = {**tomllib.loads(layout).get("headers", {}).get(form.sheet, {})}
    section = re.search(rf'^\[headers\."?{form.sheet}"?\](.*?)(?=^\[|\Z)', layout, re.MULTILINE | re.DOTALL)
    lines = section[1] if section else ""
    asked: dict[str, str] = {}
    for heading, column in _ASKED.findall(lines):
        asked.setdefault(heading, column)
    return [_verdict(form, heading, means, placed, asked, lines) for heading, means in form.means.items()]


def _verdict(
    form: Form, heading: str, means: str, placed: dict[str, Any], asked: dict[str, str], lines: str
) -> Verdict:
    sure = placed.get(heading) or (heading if lines and heading == means and f'"{heading}"' not in lines else "")
    guess = asked.get(heading, "")
    if means in ("ask", "none"):
        kind = "wrong" if sure else "asked" if guess and means == "none" else "right"
    elif sure:
        kind = "right" if sure == means else "wrong"
    else:
        kind = "asked" if guess == means else "asked badly"
    return Verdict(form.name, heading, means, f"{sure} pasti" if sure else guess or "-", kind)


def measure(folder: Path) -> list[Verdict]:
    """Every heading, each form adopted by itself without a terminal."""
    found = []
    for form in forms():
        book = write(form, folder / f"{form.name}.xlsx")
        CliRunner().invoke(sopkit, ["adopt", str(book)])
        layout = book.with_suffix(".sopkit.toml")
        found += judge(form, layout.read_text(encoding="utf-8") if layout.exists() else "")
    return found


def table(verdicts: list[Verdict]) -> str:
    """Counts by kind of meaning, then each heading that is not right."""
    kinds = ("right", "asked", "asked badly", "wrong")
    groups = {"a column": [v for v in verdicts if v.means not in ("ask", "none")]}
    groups |= {name: [v for v in verdicts if v.means == name] for name in ("none", "ask")}
    lines = [f"{'':10}{'all':>6}" + "".join(f"{kind:>13}" for kind in kinds)]
    for name, group in {**groups, "all": verdicts}.items():
        counts = Counter(verdict.kind for verdict in group)
        lines.append(f"{name:10}{len(group):>6}" + "".join(f"{counts[kind]:>13}" for kind in kinds))
    rest = [v for v in verdicts if v.kind != "right"]
    lines += [
        f"{v.kind:12} {v.form:22} {v.heading!r}: {v.means}, got {v.got}" for v in sorted(rest, key=lambda v: v.kind)
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as there:
        print(table(measure(Path(there))))
