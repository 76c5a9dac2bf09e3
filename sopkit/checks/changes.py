"""R: what changed since a former check saw it. `history/` compares; here it is judged and worded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.language import datetime_text, list_text, number_text
from sopkit.register.schema import Column, SheetPlan

if TYPE_CHECKING:
    from sopkit.checks.inspection import Inspection

RECORDS = "ISO 9001:2015 klausul 7.5.3"
MOST_ROWS = 20  # of one interval that are named one by one
EMPTY = "(kosong)"
COUNTED = ("kasus", "langkah", "BA")
Kind = Literal["added", "completed", "changed", "edited", "gone"]
CHANGE_KINDS: Mapping[Kind, str] = {
    "gone": "Hilang",
    "changed": "Diubah kemudian",
    "added": "Ditambahkan",
    "completed": "Dilengkapi",
    "edited": "Disunting",
}
"""What staff call them, the gravest first."""


@dataclass(frozen=True)
class Change:
    """One thing that differs between two checks; `before` and `after` as staff read them, "" for nothing.

    `column` is None for a whole row, `row` its place in the table where it stands in the register now. `recorded`: the
    row (or the fact) was a record when it was last seen.
    """

    kind: Kind
    plan: SheetPlan
    number: str
    step: int | None
    column: Column | None
    before: str
    after: str
    people: tuple[str, ...] = ()
    row: int | None = None
    recorded: bool = True

    @property
    def called(self) -> str:
        """`kasus 001/CLTS/XI/2026, langkah 7`."""
        if self.plan.table == "disposals":
            return f"BA {self.number}"
        return f"kasus {self.number}" + (f", langkah {self.step}" if self.plan.table == "events" else "")


@dataclass(frozen=True)
class Altered:
    """A recorded fact that is not what a check saw: `seen` is when, `check` the number of the one that found it other.

    `remark` is what the Keterangan said when it was seen.
    """

    column: Column
    row: int
    before: str
    after: str
    seen: dt.datetime
    check: int
    remark: str


@dataclass(frozen=True)
class Gone:
    """What a check saw and is there no more; `said` is what its rows said."""

    case: str | None
    what: str
    said: str
    seen: dt.datetime


@dataclass(frozen=True)
class Last:
    """The newest check of the chain, or the one that is to be its newest: who saved the file, and when, as it says."""

    number: int
    moment: dt.datetime
    link: str
    author: str
    saved: str
    file: str

    @property
    def saved_text(self) -> str:
        """`Disimpan terakhir oleh Ratna pada 2 November 2026 pukul 03.00 UTC`; empty where the file does not say."""
        who = f" oleh {self.author}" if self.author else ""
        if not self.saved:
            return f"Disimpan terakhir{who}" if who else ""
        moment = dt.datetime.fromisoformat(self.saved)
        return f"Disimpan terakhir{who} pada {datetime_text(moment)}{' UTC' if moment.tzinfo else ''}"


@dataclass(frozen=True)
class Changes:
    """A register beside what former checks saw. `since` is what the last interval brought, `before` its beginning.

    `before` is None where there was no check before; `older` is the check whose facts are checked again.
    """

    altered: tuple[Altered, ...] = ()
    gone: tuple[Gone, ...] = ()
    since: tuple[Change, ...] = ()
    before: Last | None = None
    last: Last | None = None
    older: Last | None = None
    lacking: tuple[Change, ...] = field(default=())

    @property
    def many(self) -> dict[int, list[Altered]]:
        """What changed at once in more rows than are named one by one, by the check that found it."""
        by_check: dict[int, list[Altered]] = {}
        for one in self.altered:
            by_check.setdefault(one.check, []).append(one)
        return {
            check: several
            for check, several in by_check.items()
            if len({(one.column.table, one.row) for one in several}) > MOST_ROWS
        }


@rule(
    "R01",
    Severity.BREACH,
    phase=4,
    explainable=True,
    message="{column} sudah tercatat “{before}” pada pemeriksaan {seen}, kini “{after}”.",
    fix="Periksa dokumen aslinya; kembalikan isi semula, atau tulis sebab perubahan di kolom Keterangan baris ini.",
    reason="Catatan yang diubah sesudah kejadian tanpa sebab tertulis tidak dapat dipercaya sebagai bukti.",
    clause=RECORDS,
)
def recorded_fact_changed(check: Inspection) -> Iterator[Mark]:
    """A fact that a check saw in a complete row is another now, whatever has been checked since.

    Complete is a step with Selesai, a BA with number and date; of a case its number with Tanggal Ditemukan, the PTPP
    with number and date, the decision with who decided, the verification with who and when, the quantity with its unit.
    Facts are who, when, outcome, quantity, number and decision (Kategori and a Status that was closed too). Texts such
    as Uraian, and what was not complete, may be edited: the history tells it and nobody is accused. What was empty may
    be filled in. It stands until the cell says again what it said, or a Keterangan that was not there when the fact was
    last seen says why. Values are compared as what they mean, moments to the minute, as the sheet shows them; a cell
    that is not understood is unknown, and the fact stays as seen; one that is contradicted as well is told by both
    rules.
    """
    changes = _changes(check)
    many = changes.many
    for one in changes.altered:
        if one.check not in many:
            for mark in check.mark([one.row], one.column, **_said(one)):
                yield mark.without_remark() if mark.remark == one.remark else mark


@rule(
    "R02",
    Severity.ERROR,
    phase=4,
    message="{what} yang tercatat pada pemeriksaan {seen} tidak ada lagi: {said}.",
    fix="Kembalikan isinya dari cadangan buku kerja. Kasus yang salah catat tidak dihapus: isi Status dengan Batal dan "
    "tulis sebabnya.",
    reason="Rekaman yang hilang dari register membuat kejadiannya tidak dapat dibuktikan lagi.",
    clause=RECORDS,
)
def record_gone(check: Inspection) -> Iterator[Mark]:
    """A case, a step with Selesai, a BA or a column of such facts that a check saw is not there.

    It points to the workbook, one finding for a case, its steps or a BA, and stands until the row is back. One of
    several rows that say the same is not missed. A case that got another number, a row that was given to another case
    and a row whose step was corrected are R01 there; a sheet that is missing is B01 alone.
    """
    for one in _changes(check).gone:
        yield Mark("", "", values={"what": one.what, "seen": datetime_text(one.seen), "said": one.said}, case=one.case)


@rule(
    "R03",
    Severity.WARNING,
    phase=4,
    message="{count} baris yang sudah tercatat berubah sekaligus sesudah pemeriksaan {seen}, pertama pada sel ini: "
    "{column} “{before}” menjadi “{after}”.",
    fix="Periksa apakah isian tertempel di baris yang keliru atau salinan lama dipakai; sopkit history menampilkan "
    "semuanya.",
    reason="Banyak catatan yang berubah serentak biasanya salah tempel atau salinan lama, bukan pembetulan.",
    clause=RECORDS,
)
def many_changed(check: Inspection) -> Iterator[Mark]:
    """More than 20 rows with recorded facts changed in one interval between two checks; R01 is folded under it.

    It points to the first such cell by sheet, row and column, and stands while so many of them differ.
    """
    for several in _changes(check).many.values():
        first = min(several, key=lambda one: (one.column.table != "cases", one.column.table != "events", one.row))
        count = number_text(len({(one.column.table, one.row) for one in several}))
        yield from check.mark([first.row], first.column, count=count, **_said(first))


@rule(
    "R04",
    Severity.ERROR,
    phase=4,
    message="Yang diperiksa salinan lama: isinya sama dengan pemeriksaan {seen}, padahal yang terakhir diperiksa "
    "pada {last}{lacking}.",
    fix="Pakai buku kerja yang terbaru. Bila yang terbaru sudah hilang, isikan kembali yang kurang menurut dokumen "
    "aslinya.",
    reason="Pekerjaan di atas salinan lama membuang catatan yang lebih baru tanpa diketahui.",
    clause=RECORDS,
)
def older_copy(check: Inspection) -> Iterator[Mark]:
    """All facts are those of an earlier check and not those of the last one.

    It is a copy where its bytes are those that were checked then, where the file says that it was saved no later than
    then, or where rows or values of the last check are lacking. Setting a single value back and saving is none. What
    follows from the copy (R01, R02, R03, R05) is not said, and the history waits for the newer workbook.
    """
    changes = check.changes
    if changes and changes.older and changes.last:
        names = list(dict.fromkeys(one.called for one in changes.lacking))
        more = [f"{number_text(len(names) - 2)} lagi"] if len(names) > 3 else names[2:]
        lacking = f"; yang kurang: {list_text([*names[:2], *more])}" if names else ""
        seen, last = datetime_text(changes.older.moment), datetime_text(changes.last.moment)
        yield Mark("", "", values={"seen": seen, "last": last, "lacking": lacking})


@rule(
    "R05",
    Severity.NOTE,
    phase=4,
    message="Sejak pemeriksaan {seen}: {what}.",
    fix="Tidak perlu tindakan; rinciannya ada pada laporan dan pada sopkit history.",
    reason="Yang bertambah di antara dua pemeriksaan menunjukkan bahwa register hidup dan siapa yang mengisinya.",
    clause=RECORDS,
)
def added_since(check: Inspection) -> Iterator[Mark]:
    """What was added, completed or edited in the last interval between two checks, counted.

    A workbook that is checked again as it was says the same again.
    """
    changes = _changes(check)
    if changes.before and (what := counts_text(changes)):
        yield Mark("", "", values={"seen": datetime_text(changes.before.moment), "what": what})


def short_link(link: str) -> str:
    """What is printed of a link: `3F2A-91BC-77D0-12EE`."""
    return "-".join(link[place : place + 4] for place in range(0, 16, 4)).upper()


def counts_text(changes: Changes) -> str:
    """`2 kasus dan 5 langkah ditambahkan; 3 isian dilengkapi`; empty where there is none of it."""
    added = [one.plan.table for one in changes.since if one.kind == "added"]
    named = ((added.count(table), word) for table, word in zip(("cases", "events", "disposals"), COUNTED, strict=True))
    rows = list_text(f"{number_text(count)} {word}" for count, word in named if count)
    kinds = [one.kind for one in changes.since]
    told = ((kinds.count("completed"), "dilengkapi"), (kinds.count("edited"), "disunting"))
    cells = [f"{number_text(count)} isian {word}" for count, word in told if count]
    return "; ".join([*([f"{rows} ditambahkan"] if rows else []), *cells])


def _changes(check: Inspection) -> Changes:
    """What is to be judged: nothing without a check before, nor of an older copy."""
    return check.changes if check.changes and not check.changes.older else Changes()


def _said(one: Altered) -> dict[str, Any]:
    values = {"before": one.before or EMPTY, "after": one.after or EMPTY, "seen": datetime_text(one.seen)}
    return {"column": one.column.header, **values}
