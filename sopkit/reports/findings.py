"""Findings as data: temuan.json and the CSV of the same (product.md states the shape)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence

from sopkit.checks.catalogue import DOCUMENTS, Finding, Severity
from sopkit.checks.inspection import Inspected

CSV_HEADERS = (
    "Buku Kerja", "Kode", "Tingkat", "Dijelaskan", "Sheet", "Sel", "Baris", "Kolom", "No. Catatan", "Langkah",
    "Temuan", "Cara Memperbaiki", "Dasar",
)  # fmt: skip
STANDINGS: Mapping[str, str] = {"explained": "dijelaskan", "acknowledged": "diberi keterangan"}
"""What the explained are called, by what they count as; the others by their severity."""
TASKS: tuple[tuple[str, Callable[[Finding], bool], str], ...] = (
    (
        "breach",
        lambda f: "late" in f.tags and f.severity is Severity.BREACH and f.step is not None,
        "Selesaikan {count} langkah berjalan yang sudah melewati baku mutu",
    ),
    (
        "breach",
        lambda f: "late" in f.tags and f.severity is Severity.BREACH,
        "Selesaikan {count} kasus yang melewati target",
    ),
    (
        "error",
        lambda f: f.severity is Severity.ERROR and f.family != DOCUMENTS,
        "Perbaiki {count} kesalahan pada register",
    ),
    ("error", lambda f: "hole" in f.tags, "Isi {count} sel yang kosong agar dokumennya dapat dibuat"),
    ("error", lambda f: f.severity is Severity.ERROR, "Perbaiki {count} kesalahan pada templat"),
    ("warning", lambda f: "edited" in f.tags, "Periksa {count} dokumen yang diubah dengan tangan"),
    ("warning", lambda f: f.family == DOCUMENTS, "Lengkapi {count} hal pada templat atau kop surat"),
    ("warning", lambda f: "soon" in f.tags, "Dahulukan {count} langkah yang segera melewati baku mutu"),
    ("warning", lambda f: "late" in f.tags, "Musnahkan hasil {count} kasus yang sudah waktunya"),
    ("breach", lambda f: f.severity is Severity.BREACH and not f.explainable, "Tindak lanjuti {count} penyimpangan"),
    (
        "breach",
        lambda f: f.severity is Severity.BREACH,
        "Perbaiki, atau jelaskan pada kolom Keterangan, {count} penyimpangan lain",
    ),
    ("warning", lambda f: not f.explainable, "Periksa {count} peringatan"),
    ("warning", lambda f: True, "Perbaiki, atau beri keterangan bila memang demikian, {count} peringatan lain"),
)
"""What to do first, with its tone: what is late now can still be helped, errors withhold documents, what was late can
only be explained. A finding belongs to the first that takes it.
"""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def to_json(inspected: Inspected | Sequence[Inspected]) -> str:
    """temuan.json: one object for one workbook, a list for several. Same input, same text."""
    several = [inspected] if isinstance(inspected, Inspected) else inspected
    about = [{**_about(each), "findings": []} for each in several]
    text = json.dumps(about[0] if isinstance(inspected, Inspected) else about, ensure_ascii=False, indent=2) + "\n"
    between = text.split(_NO_FINDINGS)
    indent = 2 if isinstance(inspected, Inspected) else 4
    lists = (_list(each.findings, indent) for each in several)
    return between[0] + "".join(found + rest for found, rest in zip(lists, between[1:], strict=True))


_NO_FINDINGS = '"findings": []'
_encoded = json.JSONEncoder(ensure_ascii=False).encode


def _list(findings: Sequence[Finding], indent: int) -> str:
    """As `json.dumps` has it with an indent, which takes ten times as long: Python's quick encoder knows none."""
    if not findings:
        return _NO_FINDINGS
    opening, closing = "\n" + " " * (indent + 2), "\n" + " " * indent
    objects = (
        ",".join(f'{opening}  "{key}": {_encoded(value)}' for key, value in finding_data(found).items())
        for found in findings
    )
    return f'"findings": [{",".join(f"{opening}{{{one}{opening}}}" for one in objects)}{closing}]'


def _about(inspected: Inspected) -> dict[str, object]:
    register = inspected.register
    last = inspected.changes.last if inspected.changes else None
    history = {"history": {"number": last.number, "link": last.link}} if last else {}
    return {
        "register": {
            "path": register.source.path.as_posix(),
            "sha256": register.source.sha256,
            "cases": len(register.cases.read),
            "events": len(register.events.read),
        },
        "sop": {"id": inspected.sop.id, "title": inspected.sop.title},
        "as_of": inspected.as_of.isoformat(timespec="seconds"),
        **history,
        "summary": dict(inspected.summary),
    }


def finding_data(found: Finding) -> Mapping[str, object]:
    """One finding with the keys of temuan.json."""
    return {
        "code": found.code,
        "severity": found.severity.value,
        "explained": found.explained,
        "sheet": found.sheet,
        "cell": found.cell,
        "row": found.row,
        "column": found.column,
        "case": found.case,
        "step": found.step,
        "message": found.message,
        "fix": remedy_text(found),
        "clause": found.clause,
    }


def place_text(found: Finding) -> str:
    """`Langkah!D17`; the sheet, or the workbook, where there is no cell."""
    if not found.sheet:
        return "buku kerja"
    return f"{found.sheet}!{found.cell}" if found.cell else found.sheet


def standing_text(found: Finding) -> str:
    """`penyimpangan`; `dijelaskan` or `diberi keterangan` where Keterangan says why."""
    return STANDINGS.get(found.counts_as, found.severity.indonesian)


def task_of(found: Finding) -> int | None:
    """Its place in `TASKS`; None for a note, and for what Keterangan has explained."""
    if found.explained or found.severity is Severity.NOTE:
        return None
    return next(place for place, (_, takes, _) in enumerate(TASKS) if takes(found))


def urgency(found: Finding) -> tuple[int, bool]:
    """Sorts what blocks most first: by task, and there what withholds documents before what does not."""
    task = task_of(found)
    return len(TASKS) if task is None else task, not (found.case or "foreign" in found.tags)


def line_text(found: Finding) -> str:
    """`Langkah!E24 · 004/CLTS/XI/2026 · W02 Langkah 7 memerlukan …`; the case where it has one."""
    parts = (place_text(found), found.case, f"{found.code} {found.message}")
    return " · ".join(part for part in parts if part)


def remedy_text(found: Finding) -> str:
    """How to mend it, or that Keterangan has said why."""
    return f"Sudah {standing_text(found)} pada kolom Keterangan." if found.explained else found.fix


def to_csv(inspected: Inspected | Sequence[Inspected]) -> str:
    """The findings of one or several workbooks, as `csv_text` writes them."""
    several = [inspected] if isinstance(inspected, Inspected) else inspected
    return csv_text(
        CSV_HEADERS, (_csv_row(each.book.path.as_posix(), one) for each in several for one in each.findings)
    )


def csv_text(headers: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """A table as text that Excel with Indonesian settings opens by a double click.

    Semicolons separate, since the comma is the Indonesian decimal sign; the byte order mark at the start tells Excel
    that the bytes are UTF-8 (encode as plain UTF-8). A text that Excel would take for a formula gets an apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(headers)
    writer.writerows([harmless("" if value is None else str(value)) for value in row] for row in rows)
    return "\ufeff" + out.getvalue()


def _csv_row(path: str, found: Finding) -> tuple[object, ...]:
    return (
        path, found.code, found.severity.indonesian, "ya" if found.explained else "tidak", found.sheet, found.cell,
        found.row, found.column, found.case, found.step, found.message, remedy_text(found), found.clause,
    )  # fmt: skip


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: one that looks so gets an apostrophe."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
