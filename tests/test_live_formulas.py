"""The live columns mean the same in every spreadsheet program, and what they say of a row is what the rules find."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import engines
import live_books
import numpy as np
import pytest
from engines import Book, compare, formula_cells, read_workbook, recalculated
from example.results import results
from example.year import NOW, YEAR
from frozen_sop import SOP, SOP_FILE

from sopkit.checks.catalogue import Finding
from sopkit.checks.inspection import Inspected, inspect_register
from sopkit.newbook import create, formula, live_calendar, pages
from sopkit.newbook.create import WorkbookContent, build_workbook
from sopkit.newbook.formula import HEADER_ROW, RUN, Live
from sopkit.newbook.live import live_columns
from sopkit.newbook.live_events import OUTSIDE
from sopkit.register.pattern_periods import patterns_of
from sopkit.register.read import read_register
from sopkit.register.schema import EVENTS, SheetPlan
from sopkit.sop.model import Sop, load_sop

MEANINGS = ("same-time", "Jam Pulang ", "7,5 jam")
SHORT, CLEAN, DIRTY, CHOICES = "enam langkah", "aturan", "aturan kotor", "pilihan"
NUMBERS, ONE_BA = "nomor", "SATU BARIS UNTUK SATU BERITA ACARA"
OTHER_SOP = load_sop(SOP_FILE.with_name("sop-pilihan.toml"))
WITNESSES = {
    "libreoffice-default": ("contoh", f"{CLEAN} 0", f"{DIRTY} 0"),
    "libreoffice@id-ID": ("7,5 jam", f"{DIRTY} 0"),
    "gnumeric": ("contoh", f"{DIRTY} 0", NUMBERS),
    "gnumeric@id-ID": ("7,5 jam",),
    "hyperformula": ("7,5 jam", SHORT, CHOICES, f"{DIRTY} 0", NUMBERS),
}
"""Programs that must show of these books what LibreOffice shows when it reckons all anew in English."""
TIME = {"Terlambat": "W02", "Lewat": "W03", "Hampir": "W04", "Selesai mendahului": "W01", "Mulai belum": "U09"}
ORDER = {
    "Mulai sebelum": "U02", "Ada langkah yang": "U01", "Selesai belum": "U08", "Tidak ada": "U03", "Belum ada": "U06",
    "Dipisahkan": "U10",
}  # fmt: skip
LEFT = {"U01", "U02", "U04", "U05", "U10"}
"""Rules of the order that a cell may leave to `sopkit run`."""
WRONG = {"U01", "U02", "U03", "U08"}
EXCEPTIONS = {
    "D01 a case without a number: its steps are not to blame": "the number is missing in Register, where it says so",
    "U06 two cases whose numbers are behind an error": "the number is an error in Register, where it says so",
    "U06 a case without a number has one course, that which began soonest": "as above",
    "W05 on a Sunday that was made a working day, typed as text": "Kalender reckons with real dates",
    "D04 a Selesai after now": "only Pantauan Waktu asks what time it is",
    "K01 a dash follows no pattern": "a dash is nothing to a live column",
    "K02 decided and corrected, and neither is recorded": "two dashes are something",
    "K16 a verification that cannot be told": "a value that is not in its list is a value",
    "K03 the destruction still goes on, and the number of its BA is in error": "a closed case is closed",
    "U08 the later step began before this one, which may still be running": "of two steps before, the one that ended",
    "W09 a contradicted status is K07 alone": "no cell of Register judges Status",
    "W09 a status of blanks is none": "a date with the month in letters is left to the command",
}
"""Fixtures about which a live column says something else than the rules, and why; all else agrees."""
CAPACITY = {"Register": 900, "Langkah": 3000, "Pegawai": 30}
"""Rows that the formulas of all books but the example look through: of the usual ones most would be empty."""
LACKS = ("D01", "K01", "K02", "K06", "K08", "K14", "K15", "K16")
EPOCH = dt.datetime(1899, 12, 30)


@dataclass
class Shown:
    """A workbook as a program shows it, and what Python finds in each row of it."""

    path: Path
    rows: Mapping[str, Mapping[int, Mapping[str, Any]]]
    found: Mapping[str, Mapping[int, Sequence[Finding]]]
    inspected: Inspected | None = None
    titles: Mapping[str, Mapping[int, str]] = field(default_factory=dict)

    def excepted(self, sheet: str, row: int) -> bool:
        return self.titles.get(sheet, {}).get(row) in EXCEPTIONS

    def codes(self, sheet: str, row: int) -> set[str]:
        return {finding.code for finding in self.found.get(sheet, {}).get(row, ())}


@pytest.fixture(scope="module")
def sop() -> Sop:
    return SOP


@pytest.fixture(scope="module")
def short(sop: Sop) -> Sop:
    return replace(sop, steps=tuple(step for step in sop.steps if step.number in (1, 2, 5, 7, 9, 10)))


def _made(sop: Sop, content: WorkbookContent) -> bytes:
    """The workbook with no more days to reckon than it needs: a month before its first and three after its last."""
    rows = [*content.cases, *content.events, *content.disposals]
    said = [value.isoformat() for row in rows for value in row.values() if isinstance(value, dt.date)]
    days = [dt.date.fromisoformat(text[:10]) for text in (*said, content.office["Waktu Acuan"])]
    days = [day for day in days if day.year == YEAR]
    span = min(days) - dt.timedelta(31), max(days) + dt.timedelta(92)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live_calendar, "day_span", lambda _: span)
        return build_workbook(sop, YEAR, content)


@pytest.fixture(scope="module")
def books(
    sop: Sop, short: Sop, example: Path, common: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, Any]]:
    """Name -> path and, where its rows are fixtures, what is found in them; W05's colours get a column of their own."""
    folder = tmp_path_factory.mktemp("hidup")
    made: dict[str, tuple[bytes, Any]] = {"contoh": (example.read_bytes(), None)}
    with pytest.MonkeyPatch.context() as patch:
        for module in (create, pages):
            patch.setattr(module, "live_columns", _with_outside)
        for module in (live_calendar, pages):  # fewer rows to reckon, the same formulas
            patch.setattr(module, "HOURS_ROWS", 12)
        patch.setattr(create, "SPARE_ROWS", dict.fromkeys(create.SPARE_ROWS, 3))
        for name, rows in CAPACITY.items():
            patch.setitem(formula.CAPACITY, name, rows)
        for name in MEANINGS:
            cases, events = live_books.moments(sop, name, 204 if name == MEANINGS[0] else 40)
            if name == MEANINGS[0]:
                more = live_books.courses(sop, 60)
                cases, events = cases + more[0], events + more[1]
            content = live_books.content(cases, events, name)
            content = live_books.unsaid(content, YEAR) if name == MEANINGS[1] else content
            made[name] = (_made(sop, content), None)
        made[NUMBERS] = (_made(sop, live_books.numbers()), None)
        made[SHORT] = (_made(short, live_books.content(*live_books.courses(short, 30), "hours:7.5")), None)
        made[CHOICES] = (_made(OTHER_SOP, live_books.content(*live_books.choices())), None)
        for name, dirty in ((CLEAN, False), (DIRTY, True)):
            for place, judged in enumerate(live_books.fixture_books(folder / "aturan", dirty, common)):
                made[f"{name} {place}"] = (_made(sop, judged.content), judged)
    paths = {}
    for name, (data, found) in made.items():
        path = folder / f"{name.strip().replace(',', '')}.xlsx"
        path.write_bytes(data)
        paths[name] = (path, found)
    yield paths


def _with_outside(plan: SheetPlan, sop: Sop) -> tuple[Live, ...]:
    live = live_columns(plan, sop)
    if plan is not EVENTS:
        return live
    outside = "+".join(f"IF({OUTSIDE[name]},{code},0)" for name, code in (("Mulai", 1), ("Selesai", 2)))
    return (*live, Live("h.luar", outside, "Untuk uji: 1 Mulai, 2 Selesai di luar jam kerja.", 0))


@pytest.fixture(scope="module")
def reckoned(books: Mapping[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Mapping[Path, Book]:
    paths = [path for path, _ in books.values()]
    return recalculated("libreoffice", paths, tmp_path_factory.mktemp("dihitung"))


@pytest.fixture(scope="module")
def shown(books: Mapping[str, Any], reckoned: Mapping[Path, Book], sop: Sop, short: Sop) -> Mapping[str, Shown]:
    own = {SHORT: short, CHOICES: OTHER_SOP}
    judged = {name: of for name, of in books.items() if name != NUMBERS}
    return {name: _shown(path, found, reckoned[path], own.get(name, sop)) for name, (path, found) in judged.items()}


def _shown(path: Path, found: live_books.Judged | None, book: Book, sop: Sop) -> Shown:
    rows = {name: _rows(book[name]) for name in ("Register", "Langkah", "Pemusnahan")}
    if found is not None:
        return Shown(path, rows, found.found, titles=found.titles)
    inspected = inspect_register(read_register(path), sop)
    by_row: dict[str, dict[int, list[Finding]]] = defaultdict(lambda: defaultdict(list))
    for finding in inspected.findings:
        by_row[finding.sheet][finding.row or 0].append(finding)
    return Shown(path, rows, by_row, inspected)


def _rows(sheet: Mapping[str, Any]) -> Mapping[int, Mapping[str, Any]]:
    """The rows below the header by Excel row number, as header -> value."""
    places = [(engines._place(cell), value) for cell, value in sheet.items()]
    header = {column: value for (column, row), value in places if row == HEADER_ROW}
    rows: dict[int, dict[str, Any]] = defaultdict(lambda: dict.fromkeys(header.values(), ""))
    for (column, row), value in places:
        if row > HEADER_ROW and column in header:
            rows[row][header[column]] = value
    return {row: cells for row, cells in rows.items() if any(str(cells[name]).strip() for name in list(cells)[:3])}


@pytest.mark.parametrize("engine", WITNESSES)
def test_every_program_shows_the_same(
    engine: str, books: Mapping[str, Any], reckoned: Mapping[Path, Book], tmp_path: Path
) -> None:
    """In every formula cell."""
    names = WITNESSES[engine]
    paths = [books[name][0] for name in names]
    for path, book in recalculated(engine, paths, tmp_path).items():
        cells = formula_cells(path)
        found = compare(reckoned[path], book, cells)
        planted = [cell for cell in found.differing if path.stem == "contoh" and cell[:2] == ("Register", "K8")]
        assert len(found.differing) == len(planted), f"{path.name}: {found}"
        assert found.compared > 2500


@pytest.mark.parametrize("name", ["contoh", *MEANINGS])
def test_deadlines_and_working_time_are_those_of_the_work_calendar(shown: Mapping[str, Shown], name: str) -> None:
    inspected = shown[name].inspected
    assert inspected is not None
    compared = 0
    for row, event in inspected.executions.frame.dropna(subset=["start"]).iterrows():
        cells = shown[name].rows["Langkah"][int(str(row))]
        if isinstance(cells["Mulai"], str):
            continue
        assert abs(cells["Batas Waktu"] - _serial(event["deadline"])) < 1 / 86400, (row, cells)
        if event["end"] == event["end"] and not cells["Pantauan Waktu"].startswith("Selesai mendahului"):
            taken = (
                float(inspected.calendar.elapsed(np.datetime64(event["start"]), np.datetime64(event["end"]))) / 86400
            )
            assert abs(cells["Lama Kerja"] - taken) < 1 / 86400, (row, cells)
        compared += 1
    assert compared >= (1200 if name == "contoh" else 40)


def _serial(moment: Any) -> float:
    return (moment.to_pydatetime() - EPOCH) / dt.timedelta(days=1)


def _said(text: str, words: Mapping[str, str]) -> set[str]:
    return {code for start, code in words.items() if text.startswith(start)}


def test_every_row_of_langkah_gets_the_verdict_of_the_rules(shown: Mapping[str, Shown]) -> None:
    """A cell says one thing of several that are found, and none that is not."""
    differing, seen, left = [], Counter[str](), Counter[str]()
    for name, book in shown.items():
        for row, cells in book.rows["Langkah"].items():
            found = book.codes("Langkah", row)
            if book.excepted("Langkah", row) or found & {"B04", "B05"}:  # an error spreads to what reads it
                continue
            for column, words in (("Pantauan Waktu", TIME), ("Pantauan Urutan", ORDER)):
                text = cells[column]
                said, judged = _said(text, words), found & set(words.values())
                if text.startswith("Mulai belum") and "D01" in found:
                    said = set()
                if RUN in text:
                    judged -= LEFT if column == "Pantauan Urutan" else set(TIME.values())
                    left[name] += 1
                seen.update(said)
                if not said <= judged or bool(said) != bool(judged):
                    differing.append((name, row, cells["No. Catatan"], cells["Langkah"], text, sorted(found)))
            backward = cells["Pantauan Waktu"].startswith("Selesai mendahului")  # one of the two is not meant
            if "h.luar" in cells and not backward and ("W05" in found) != (cells["h.luar"] not in (0, "")):
                differing.append((name, row, cells["Mulai"], cells["Selesai"], cells["h.luar"], sorted(found)))
    assert not differing, "\n".join(map(str, differing[:60]))
    assert {*TIME.values(), *ORDER.values()} <= set(seen)
    assert sum(seen.values()) > 400


def test_only_cases_that_are_not_plain_are_left_to_the_command(shown: Mapping[str, Shown]) -> None:
    """A rejection, a repeated step, a moment that is a text of another shape, or a step before that has no end."""
    cells = [row for book in shown.values() for row in book.rows["Langkah"].values()]
    left = Counter(row["Pantauan Urutan"] for row in cells if RUN in row["Pantauan Urutan"])
    assert len(left) == 5
    assert sum(left.values()) < len(cells) / 2
    assert not [row for row in shown[MEANINGS[1]].rows["Langkah"].values() if RUN in row["Pantauan Urutan"]]


def test_what_a_case_lacks_is_what_the_rules_miss(shown: Mapping[str, Shown]) -> None:
    differing = []
    for name, book in shown.items():
        left = {_key(row) for row in book.rows["Langkah"].values() if RUN in row["Pantauan Urutan"]}
        for row, cells in book.rows["Register"].items():
            findings = book.found.get("Register", {}).get(row, ())
            missed = {finding.column for finding in findings if finding.code in LACKS} - {"No. Catatan", "Status"}
            listed = set(filter(None, cells["Belum Lengkap"].split("; ")))
            listed -= {finding.column for finding in findings if finding.code in ("K11", "D14")}
            if "B04" in book.codes("Register", row):  # an error spreads to what reads it
                continue
            if ("D07", "Status") in {(finding.code, finding.column) for finding in findings}:
                continue  # the case may be cancelled: nothing is asked of it
            if _key(cells) in left:  # which of several executions counts is the command's to say
                missed &= listed
            if listed != missed and not book.excepted("Register", row):
                differing.append((name, row, cells["No. Catatan"], listed, missed, sorted(book.codes("Register", row))))
    assert not differing, "\n".join(map(str, differing[:40]))


def _key(cells: Mapping[str, Any]) -> str:
    return " ".join(str(cells["No. Catatan"]).split()).casefold()


def test_the_standing_of_a_case_is_what_the_rules_find(shown: Mapping[str, Shown]) -> None:
    differing, seen = [], Counter[str]()
    for name, book in shown.items():
        by_case: dict[str, set[str]] = defaultdict(set)
        left = {_key(row) for row in book.rows["Langkah"].values() if RUN in row["Pantauan Urutan"]}
        for row, cells in book.rows["Langkah"].items():
            by_case[_key(cells)] |= book.codes("Langkah", row)
        for row, cells in book.rows["Register"].items():
            number = _key(cells)
            codes = by_case[number] | book.codes("Register", row)
            text = cells["Pantauan"]
            seen[text] += 1
            wanted = {
                "Terlambat": "W03" in codes, "Target terlewati": "W09" in codes, "Hampir lewat batas": "W04" in codes,
                "Belum ada langkah": "U07" in codes, "Urutan perlu diperiksa": bool(codes & WRONG),
                "Selesai dengan catatan": bool(codes & WRONG),
            }.get(text, not codes & {"W03", "W09"})  # fmt: skip
            if (
                "B04" in codes
                or text in ("Batal",)
                or text.startswith("Selesai:")
                or number in left
                or book.excepted("Register", row)
            ):
                continue
            if not wanted:
                differing.append((name, row, number, text, sorted(codes)))
    assert not differing, "\n".join(map(str, differing[:40]))
    assert {"Terlambat", "Target terlewati", "Hampir lewat batas", "Belum ada langkah", "Urutan perlu diperiksa",
            "Selesai dengan catatan", "Selesai", "Batal", "Berjalan", "Menunggu verifikasi"} <= set(seen)  # fmt: skip


def test_the_next_step_of_an_sop_with_choices(shown: Mapping[str, Shown]) -> None:
    """What may be left out is not next, and of several of which one is due all are named; the order is the command's to
    judge wherever such steps stand side by side.
    """
    book = shown[CHOICES]
    assert [row["Langkah Berikutnya"] for row in book.rows["Register"].values()] == [*live_books.CHOICES.values()]
    said = {(row["Langkah"], row["Pantauan Urutan"]) for row in book.rows["Langkah"].values()}
    assert {text for step, text in said if step in (1, 8)} == {"Sesuai", "Mulai sebelum langkah sebelumnya selesai"}
    assert {text for step, text in said if step not in (1, 8)} == {f"Belum pasti: {RUN}", "Selesai belum diisi"}


def test_the_next_number_is_what_the_command_would_give(
    books: Mapping[str, Any], reckoned: Mapping[Path, Book]
) -> None:
    """By patterns that formulas can say; of others nothing is shown."""
    path = books[NUMBERS][0]
    register, shown = read_register(path), reckoned[path]
    for cell, section, key, taken in (
        (shown["Register"]["A3"], "TEMUAN", "Pola No. Catatan", register.cases.data["number"]),
        (shown["Register"]["I3"], "PTPP", "Pola No. PTPP", register.cases.data["ptpp_number"]),
        (shown["Pemusnahan"]["A3"], ONE_BA, "Pola No. BA", register.disposals.data["number"]),
    ):
        wanted = patterns_of(register.settings, key).next(taken.dropna(), NOW.date())
        assert cell == f"{section} · berikutnya {wanted}"
    unsaid = reckoned[books[MEANINGS[1]][0]]
    assert (unsaid["Register"]["I3"], unsaid["Pemusnahan"]["A3"]) == ("PTPP", ONE_BA)
    assert "berikutnya" in unsaid["Register"]["A3"]


def test_a_row_without_a_number_asks_for_one(books: Mapping[str, Any], reckoned: Mapping[Path, Book]) -> None:
    """Once something is typed in it; with the number where its date is a real one of the year."""
    shown = reckoned[books[NUMBERS][0]]
    said = [shown["Register"].get(f"AF{row}", "") for row in range(12, 18)]
    assert said == ["Beri nomor: 400.10/20/KEC/2026", "Beri nomor", "Beri nomor", "Beri nomor", "", ""]
    assert shown["Langkah"]["K5"] == "No. Catatan belum diisi"


def test_ringkasan_counts_what_the_register_holds(shown: Mapping[str, Shown]) -> None:
    book = shown["contoh"]
    late = {finding.case for finding in book.inspected.findings if finding.code in ("W03", "W09")}
    cases = book.rows["Register"].values()
    assert {row["No. Catatan"] for row in cases if row["Pantauan"] in ("Terlambat", "Target terlewati")} == late


def test_what_is_stored_is_what_is_shown(
    example: Path, reckoned: Mapping[Path, Book], books: Mapping[str, Any]
) -> None:
    """A preview, Protected View and a phone reckon nothing: they show what the file holds."""
    path = books["contoh"][0]
    stored = read_workbook(path, formulas=None).book
    found = compare(reckoned[path], stored, formula_cells(path))
    assert [cell[:2] for cell in found.differing] == [("Register", "K8")]  # planted: a formula that nobody reckoned
    summary = results(example)["Ringkasan"]
    assert (summary["A5"], summary["C5"]) == (150, 3)
