"""What happens to an office's archive and workbooks from outside: the chain says what it lacks, and accuses nobody."""

from __future__ import annotations

import datetime as dt
import io
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rule_fixtures import Register, _keyword, _text, base_tables
from test_changes import NOW, Edit, all_of, append, edited, moment, put
from workbooks import office_workbook

from sopkit.checks.changes import short_link
from sopkit.checks.inspection import Inspected
from sopkit.cli.history import chain_text, checked_as
from sopkit.database import FILE, read_only
from sopkit.history.chain import Chain
from sopkit.newbook.renew import renew_workbook
from sopkit.pipeline import RunOptions, beside_history, inspect_books, run_books

LATER_START = put("Langkah", 2, "Mulai", moment("2026-11-02T08:05"))
RUNNING_ENDED = put("Langkah", 36, "Selesai", moment("2026-11-19T15:00"))


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office whose register was checked once."""
    home = tmp_path_factory.mktemp("kantor")
    (home / "registers").mkdir()
    tables = Register(base_tables()).tables
    book = office_workbook(home / "registers" / "register.xlsx", **{_keyword(n): _text(t) for n, t in tables.items()})
    record(book)
    return home


@pytest.fixture
def book(checked: Path, tmp_path: Path) -> Iterator[Path]:
    home = shutil.copytree(checked, tmp_path / "kantor")
    return home / "registers" / "register.xlsx"


def record(book: Path, when: dt.datetime = NOW) -> list[str]:
    """A check that goes into the history: what is told of it."""
    examined = beside_history(inspect_books([book], when, None), Console(quiet=True), record=True)
    assert not examined.unfinished
    return told(examined.inspected[0])


def run(book: Path) -> tuple[list[str], str]:
    console = Console(record=True, file=io.StringIO(), width=400)
    outcome = run_books([book], NOW, None, console, RunOptions())
    assert not outcome.unfinished
    return told(outcome.made[0].inspected), console.export_text()


def told(inspected: Inspected) -> list[str]:
    return sorted(f"{one.code} {one.sheet}!{one.cell}" for one in inspected.findings if one.family == "R")


def edit(book: Path, *edits: Edit) -> None:
    edited(book, all_of(*edits), book)


def archive(book: Path) -> Path:
    return book.parents[1] / "keluaran" / FILE


def links(path: Path) -> list[str]:
    with read_only(path) as connection:
        return [entry.link for entry in Chain(connection).entries()]


def last_link(book: Path) -> str:
    return short_link(links(archive(book))[-1])


def test_two_checks_at_once_are_one_after_the_other(book: Path) -> None:
    edit(book, LATER_START)

    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(record, [book, book]))

    assert found == [["R01 Langkah!D2"]] * 2
    assert chain_text(archive(book))[1].startswith("Riwayat utuh: 2 pemeriksaan")


def test_a_copied_folder_and_the_first_go_on_each_for_itself(book: Path, tmp_path: Path) -> None:
    home = shutil.copytree(book.parents[1], tmp_path / "salinan")
    copy = home / "registers" / book.name
    edit(book, LATER_START)
    edit(copy, RUNNING_ENDED)

    assert record(book) == ["R01 Langkah!D2"] and record(copy) == ["R05 !"]
    assert record(book) == ["R01 Langkah!D2"] and record(copy) == ["R05 !"]
    first, second = links(archive(book)), links(archive(copy))
    assert first[0] == second[0] and first[1] != second[1]
    assert chain_text(archive(book))[0] and chain_text(archive(copy))[0]
    assert checked_as(short_link(first[1]), archive(book)) and not checked_as(short_link(first[1]), archive(copy))


def test_the_copys_workbook_comes_back(book: Path, tmp_path: Path) -> None:
    """Only the workbook was copied, and is worked on elsewhere; then it takes the place of the first."""
    copy = Path(shutil.copy(book, tmp_path / "register-rumah.xlsx"))
    edit(copy, RUNNING_ENDED)
    shutil.copy(copy, book)

    assert record(book) == ["R05 !"]


def test_an_older_archive_is_restored(book: Path) -> None:
    """Its chain ends before the link that the last run told: what is there now is taken as it is, and that is said."""
    run(book)
    older = archive(book).read_bytes()
    edit(book, LATER_START)
    run(book)
    printed = short_link(links(archive(book))[-1])
    archive(book).write_bytes(older)
    assert "tidak memuat tautan" in chain_text(archive(book))[1] and not checked_as(printed, archive(book))

    found, said = run(book)

    assert found == [] and f"tautan {printed}" in said
    assert chain_text(archive(book)) == (True, f"Riwayat utuh: 2 pemeriksaan, tautan terakhir {last_link(book)}.")
    assert printed != last_link(book)
    edit(book, put("Langkah", 2, "Mulai", moment("2026-11-02T08:07")))
    assert record(book) == ["R01 Langkah!D2"]


def test_the_clock_goes_back(book: Path) -> None:
    """By half a day, and to before all that the register tells of, which nothing can be said of then."""
    for hours in (12, 9999, 0):
        assert record(book, NOW - dt.timedelta(hours=hours)) == []
    edit(book, LATER_START)

    assert [record(book, NOW - dt.timedelta(hours=hours)) for hours in (9999, 12, 9999, 0)] == [
        [], ["R01 Langkah!D2"], [], ["R01 Langkah!D2"],
    ]  # fmt: skip
    assert chain_text(archive(book))[0]


def test_a_renewed_workbook_is_the_same_register(book: Path) -> None:
    renewed = renew_workbook(book).path
    renewed.replace(book)

    assert record(book) == []


def _year_2027(book: Any) -> None:
    (cell,) = (row[1] for row in book["Kantor"].iter_rows() if row[0].value == "Tahun Register")
    cell.value = 2027


NEXT_YEAR = all_of(
    _year_2027,
    lambda book: book["Register"].delete_rows(2, 99),
    lambda book: book["Langkah"].delete_rows(2, 99),
    lambda book: book["Pemusnahan"].delete_rows(2, 99),
    append("Register", "001/CLTS/I/2027", moment("2027-01-04T08:00"), "Surat Pindah", "Nama keliru", "Ratna Anggraini"),
    append("Langkah", "001/CLTS/I/2027", 1, "Ratna Anggraini", moment("2027-01-04T08:00"), moment("2027-01-04T08:10")),
)


@pytest.mark.parametrize("name", ["register.xlsx", "register-2027.xlsx"])
def test_next_years_register_begins_a_history_of_its_own(name: str, book: Path) -> None:
    """Saved of this year's with its rows deleted, beside it or in its place."""
    following = edited(book, NEXT_YEAR, book.with_name(name))

    assert record(following, NOW + dt.timedelta(days=60)) == []
    (archive_of_next,) = [path for path in archive(book).parent.rglob(FILE) if path != archive(book)]
    assert len(links(archive(book))) == len(links(archive_of_next)) == 1


def test_two_registers_of_one_output_have_a_chain_each(book: Path) -> None:
    other = edited(book, NEXT_YEAR, book.with_name("desa.xlsx"))
    for _ in range(2):
        assert record(other) == [] and record(book) == []
    edit(book, LATER_START)

    assert record(other) == [] and record(book) == ["R01 Langkah!D2"]
    assert sorted(len(links(path)) for path in archive(book).parent.rglob(FILE)) == [1, 2]


def test_a_link_of_paper_is_found_in_the_chain_or_not(book: Path) -> None:
    (link,) = links(archive(book))

    assert checked_as(short_link(link), archive(book)).startswith("Tautan riwayat pemeriksaan ke-1, 20 November 2026")
    assert checked_as("0000-0000-0000-0000", archive(book)) == ""
