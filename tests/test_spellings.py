"""List values, names and numbers typed in another case mean the same to rules, documents, figures and the archive."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from docx import Document
from offices import DONE, TEMPLATES, office
from workbooks import PEGAWAI

from sopkit.documents.generate import Generated, generate
from sopkit.reports import statistics
from sopkit.text import plain

TYPED = {
    "| Selesai\n": "| SELESAI\n", "| Penggantian |": "| penggantian |", "| Sesuai |": "| sesuai |",
    "| Minor |": "| minor |", "| Ya |": "| ya |",
    "Bagus Setiawan | 2026-03-02 10:30": "bagus  setiawan | 2026-03-02 10:30",
    "001/CLTS/III/2026 | 7 |": "001/clts/iii/2026 | 7 |", "| 001/BA/III/2026 |": "| 001/ba/III/2026 |",
}  # fmt: skip


def texts(generated: Generated) -> dict[str, str]:
    found = {}
    for document in generated.documents:
        opened = Document(str(document.path))
        cells = [cell.text for table in opened.tables for row in table.rows for cell in row.cells]
        found[document.path.name] = "\n".join([*(paragraph.text for paragraph in opened.paragraphs), *cells])
    return found


@pytest.fixture(scope="module")
def as_listed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("daftar")
    return texts(generate(office(folder), folder / "keluaran", TEMPLATES))


def test_documents_print_the_spelling_of_the_lists(tmp_path: Path, as_listed: dict[str, str]) -> None:
    plainly, oddly = office(tmp_path / "a"), office(tmp_path / "b", TYPED)
    assert [(one.code, one.cell) for one in oddly.findings] == [(one.code, one.cell) for one in plainly.findings]
    assert texts(generate(oddly, tmp_path / "keluaran", TEMPLATES)) == as_listed


def test_figures_count_them(tmp_path: Path) -> None:
    for changes in ({}, {"| Selesai\n": "| SELESAI\n"}):
        total = statistics.total(statistics.measure(office(tmp_path / str(len(changes)), changes)))
        assert (total.cases, total.closed) == (3, 1)


def test_a_role_in_small_letters_is_that_role(tmp_path: Path, as_listed: dict[str, str]) -> None:
    """And a former Camat marked `tidak` signs nothing."""
    people = PEGAWAI.replace("| Camat | Camat |", "| Camat | camat |").rstrip() + (
        "\nMantan Camat | '196501011990031001 | Pembina (IV/a) | Camat | camat | | tidak\n"
    )
    inspected = office(tmp_path, pegawai=people, as_of=dt.datetime(2026, 3, 20, 10))
    assert texts(generate(inspected, tmp_path / "keluaran", TEMPLATES)) == as_listed


def test_a_case_number_in_small_letters_names_its_case(tmp_path: Path) -> None:
    inspected = office(tmp_path, {"001/CLTS/III/2026 | 7 |": "001/clts/iii/2026 | 7 |"})
    assert "U06" not in {found.code for found in inspected.findings}
    assert set(inspected.register.events.data["case"].iloc[:9]) == {DONE}
    assert "001/clts/iii/2026" in set(inspected.register.events.raw["case"])


@pytest.mark.parametrize("typed", ["Ma’ruf Búdi", "ma`ruf  búdi", "MA'RUF BU\u0301DI", "Ma\u02bcruf Bu\u0301di"])
def test_one_name_however_a_keyboard_writes_it(typed: str) -> None:
    assert plain(typed) == plain("Ma'ruf Búdi")
