"""The history as it is told: each change with the check that found it, as text, JSON or CSV."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sopkit.checks.changes import CHANGE_KINDS, Change, Last, short_link
from sopkit.checks.number_forms import forms
from sopkit.history.chain import Chain
from sopkit.history.compare import changes_of
from sopkit.language import datetime_text
from sopkit.reports.findings import csv_text
from sopkit.text import clean_line, plain

HEADERS = (
    "Pemeriksaan", "Waktu", "Disimpan Oleh", "Disimpan Pada", "Berkas", "Perubahan", "Sheet", "Nomor", "Langkah",
    "Kolom", "Sebelumnya", "Sekarang",
)  # fmt: skip
KEYS = (
    "check", "moment", "saved_by", "saved_at", "file", "kind", "sheet", "number", "step", "column", "before", "after",
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What of a history is asked for: a case (or BA) by its number or its running number, a person, the checks from a
    day on.
    """

    number: str | None = None
    person: str | None = None
    since: dt.datetime | None = None

    def takes(self, last: Last, change: Change) -> bool:
        form = forms(change.number)[0]
        if self.number and forms(self.number)[0] not in (form, form.partition("/")[0]):
            return False
        named = (*change.people, last.author)
        return not self.person or any(plain(self.person) in plain(name) for name in named)


def told(chain: Chain, wanted: Wanted) -> Iterator[tuple[Last, list[Change]]]:
    """Each check of the chain with its changes that are asked for; one without such is left out where any is."""
    for entry in chain.entries():
        last = entry.last
        if wanted.since and last.moment < wanted.since:
            continue
        changes = [change for change in changes_of(chain, entry) if wanted.takes(last, change)]
        if changes or not (wanted.number or wanted.person):
            yield last, changes


def lines(history: Sequence[tuple[Last, list[Change]]]) -> Iterator[str]:
    """The history for a person."""
    for last, changes in history:
        saved = f" {last.saved_text}." if last.saved_text else ""
        yield (
            f"Pemeriksaan ke-{last.number}, {datetime_text(last.moment)}, {last.file}, tautan {short_link(last.link)}."
            f"{saved}"
        )
        if last.number == 1:
            yield "  Riwayat dimulai di sini."
        for one in changes:
            what = f"{one.called}{f', {one.column.header}' if one.column else ''}"
            values = (
                f"{one.before or '(kosong)'} -> {one.after or '(kosong)'}" if one.column else one.before or one.after
            )
            yield f"  {CHANGE_KINDS[one.kind]}: {what}: {clean_line(values)}"


def to_json(history: Sequence[tuple[Last, list[Change]]]) -> str:
    rows = [dict(zip(KEYS, row, strict=True)) for row in _rows(history)]
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def to_csv(history: Sequence[tuple[Last, list[Change]]]) -> str:
    return csv_text(HEADERS, _rows(history))


def _rows(history: Sequence[tuple[Last, list[Change]]]) -> Iterator[tuple[object, ...]]:
    for last, changes in history:
        for one in changes:
            yield (
                last.number, last.moment.isoformat(), last.author, last.saved, last.file, one.kind, one.plan.name,
                one.number, one.step, one.column.header if one.column else None, one.before, one.after,
            )  # fmt: skip
