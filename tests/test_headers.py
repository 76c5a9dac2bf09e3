"""Where headers stand: in one row or two, merged or not, below titles, and again among the data."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sopkit.ooxml.address import letter
from sopkit.ooxml.sheet_scan import SheetFacts
from sopkit.register.grid import Grid
from sopkit.register.headers import find_header, find_titles, repeated, titles

DAY = dt.datetime(2026, 1, 6, 8)
KNOWN = ("no. catatan", "tanggal ditemukan", "jenis layanan", "uraian masalah", "pencatat", "ket", "status")


def grid(*rows: list[Any], merged: tuple[str, ...] = (), hidden: tuple[int, ...] = ()) -> Grid:
    width = max(map(len, rows))
    return Grid(
        "S", [[*row, *[""] * (width - len(row))] for row in rows], facts=SheetFacts(merged=merged, hidden_rows=hidden)
    )


def said(sheet: Grid, known: tuple[str, ...] = KNOWN) -> tuple[int, int, list[tuple[str, str]]]:
    found = find_titles(sheet, known)
    assert found
    return found.place + 1, found.depth, [(text, cell) for _, text, cell in found.titles]


PLAIN = ["No", "No. Catatan", "Tanggal Ditemukan", "Tanggal Selesai", "", "", "Ket"]
NAMES = ["", "", "", "Identifikasi", "Evaluasi", "Keputusan", ""]
DATA = [1, "001/CLTS/I/2026", DAY, DAY, DAY, DAY, ""]
TWO = [
    ("No", "A2"), ("No. Catatan", "B2"), ("Tanggal Ditemukan", "C2"), ("Tanggal Selesai Identifikasi", "D3"),
    ("Tanggal Selesai Evaluasi", "E3"), ("Tanggal Selesai Keputusan", "F3"), ("Ket", "G2"),
]  # fmt: skip
VERTICAL = ("A2:A3", "B2:B3", "C2:C3", "G2:G3")


@pytest.mark.parametrize("merged", [("A1:G1", *VERTICAL, "D2:F2"), ("A1:K1", "D2:F2"), VERTICAL, ()])
@pytest.mark.parametrize("numbers", [[], [[1, 2, 3, 4, 5, 6, 7]]])
def test_plain_columns_stand_beside_groups_over_two_rows(merged: tuple[str, ...], numbers: list[list[Any]]) -> None:
    sheet = grid(["KARTU KENDALI LAYANAN TIDAK SESUAI"], PLAIN, NAMES, *numbers, DATA, DATA, merged=merged)
    assert said(sheet) == (3, 2, TWO)


@pytest.mark.parametrize("depth", [None, 2])
def test_reading_finds_the_same_two_rows_by_what_the_layout_names(depth: int | None) -> None:
    sheet = grid(["KARTU KENDALI"], PLAIN, NAMES, DATA, merged=("A1:G1", *VERTICAL, "D2:F2"))
    names = {"no. catatan": "number", "tanggal ditemukan": "found_at", "ket": "remark"}
    found = find_header(sheet, names, depth, also=["tanggal selesai evaluasi"])
    assert found and (found.row, found.depth) == (3, 2)
    assert found.columns == {"number": 2, "found_at": 3, "remark": 7}
    assert found.texts["tanggal selesai evaluasi"] == 5


def test_plain_columns_may_stand_in_the_lower_row() -> None:
    sheet = grid(
        ["DAFTAR"],
        ["", "", "", "Evaluasi", "", "Keputusan", "", ""],
        ["No", "No. Catatan", "Pencatat", "Mulai", "Selesai", "Mulai", "Selesai", "Status"],
        [1, "001", "Budi", DAY, DAY, DAY, DAY, "Selesai"],
        merged=("D2:E2", "F2:G2"),
    )
    assert [text for text, _ in said(sheet)[2]] == [
        "No", "No. Catatan", "Pencatat", "Evaluasi Mulai", "Evaluasi Selesai", "Keputusan Mulai", "Keputusan Selesai",
        "Status",
    ]  # fmt: skip


def test_without_merged_cells_a_known_header_ends_its_group() -> None:
    sheet = grid(
        ["No", "Evaluasi", "", "Keputusan", "", ""],
        ["", "Mulai", "Selesai", "Mulai", "Selesai", "Status"],
        [1, DAY, DAY, DAY, DAY, "Selesai"],
    )
    assert [text for text, _ in said(sheet)[2]][-2:] == ["Keputusan Selesai", "Status"]


def test_steps_may_be_numbered_below_their_group() -> None:
    sheet = grid(
        ["No. Catatan", "Tanggal Selesai Langkah", "", "", "Ket"],
        ["", 1, 2, 3, ""],
        ["001", DAY, DAY, DAY, ""],
        merged=("B1:D1", "A1:A2", "E1:E2"),
    )
    assert [text for text, _ in said(sheet)[2]][1:4] == [f"Tanggal Selesai Langkah {n}" for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("title", "merged"),
    [
        (["BUKU REGISTER"], ("A1:H1",)),
        (["BUKU REGISTER"], ("A1:C1",)),
        (["BUKU REGISTER"], ()),
        (["", "", "DAFTAR TAHUN 2026"], ("C1:E1",)),
        (["", "KECAMATAN X"], ("B1:Z1",)),
    ],
)
def test_a_title_is_no_group(title: list[str], merged: tuple[str, ...]) -> None:
    headers = ["No. Catatan", "Tanggal Ditemukan", "Jenis Layanan", "Uraian Masalah", "Pencatat"]
    sheet = grid(title, headers, ["001", DAY, "KTP", "Nama salah", "Budi"], merged=merged)
    for known in (KNOWN, ()):
        place, depth, found = said(sheet, known)
        assert (place, depth) == (2, 1)
        assert found == [(text, f"{letter(at)}2") for at, text in enumerate(headers, start=1)]


def test_headers_far_below_letterhead_and_instructions_are_found() -> None:
    above = [[f"Petunjuk {n}"] for n in range(40)]
    headers = ["No. Catatan", "Tanggal Ditemukan", "Jenis Layanan"]
    assert said(grid(*above, headers, ["001", DAY, "KTP"]))[:2] == (41, 1)


def test_a_hidden_copy_of_the_headers_gives_way_to_the_one_that_is_seen() -> None:
    headers = ["No. Catatan", "Tanggal Ditemukan", "Jenis Layanan"]
    sheet = grid(headers, headers, ["001", DAY, "KTP"], hidden=(1,))
    found = find_header(sheet, {"no. catatan": "number", "jenis layanan": "service", "status": "status"})
    assert found and found.row == 2


def test_headers_that_stand_again_among_the_data_are_known() -> None:
    sheet = grid(
        ["No", "Nama", "Jenis"], [1, "Budi", "KTP"], ["No", "Nama", "Jenis"], ["", "Nama", "KTP"], [2, "No", ""]
    )
    found = find_header(sheet, {"nama": "name", "no": "no"})
    assert found and repeated(sheet, found, range(1, 5)) == [2]


def test_a_row_of_data_is_not_the_lower_of_two_header_rows() -> None:
    sheet = grid(["Nama", "", "Kota"], ["Budi", "Santoso", "Solo"], ["Sri", "Wahyuni", "Solo"], ["Joko", "W.", "Solo"])
    found = find_header(sheet, {"nama": "name", "kota": "town"})
    assert found and (found.row, found.depth) == (1, 1)


CELLS = st.one_of(
    st.just(""), st.text(max_size=4), st.integers(0, 20), st.booleans(), st.just(DAY), st.sampled_from(KNOWN)
)
CORNER = st.tuples(st.integers(1, 9), st.integers(1, 9))


@given(
    st.lists(st.lists(CELLS, min_size=4, max_size=4), min_size=1, max_size=6),
    st.lists(st.tuples(CORNER, CORNER), max_size=4),
    st.integers(1, 4),
    st.integers(1, 4),
)
def test_no_merged_range_is_too_much(
    rows: list[list[Any]], spans: list[tuple[tuple[int, int], tuple[int, int]]], row: int, column: int
) -> None:
    merged = tuple(f"{letter(b)}{a}:{letter(d)}{c}" for (a, b), (c, d) in spans)
    sheet = Grid("S", rows, row, column, SheetFacts(merged=(*merged, "A:C", "2:3")))
    find_titles(sheet, KNOWN)
    for place in range(1, len(rows)):
        titles(sheet, place, 2, KNOWN)
    for depth in (None, 1, 2):
        found = find_header(sheet, dict.fromkeys(KNOWN, "x"), depth)
        if found:
            repeated(sheet, found, range(len(rows)))


@pytest.mark.parametrize("depth", [None, 1, 2])
def test_the_sheets_of_two_years_may_differ_in_the_rows_of_their_headers(depth: int | None) -> None:
    names = {"no. catatan": "number", "evaluasi mulai": "start", "evaluasi selesai": "end"}
    one = grid(
        ["REGISTER 2024"], ["No. Catatan", "Evaluasi Mulai", "Evaluasi Selesai"], ["001", DAY, DAY], merged=("A1:C1",)
    )
    two = grid(["No. Catatan", "Evaluasi", ""], ["", "Mulai", "Selesai"], ["001", DAY, DAY], merged=("A1:A2", "B1:C1"))
    found = [find_header(sheet, names, depth) for sheet in (one, two)]
    assert [(one.row, one.depth) for one in found if one] == [(2, 1), (2, 2)]


def test_titles_that_stand_again_above_them_too() -> None:
    title, head, data = ["BUKU REGISTER", "", "Tahun 2026"], ["No", "Nama", "Jenis"], [1, "Budi", "KTP"]
    other = ["BUKU TAMU", "", ""]
    sheet = grid(title, head, data, title, ["", "", ""], head, data, other, head, data)
    found = find_header(sheet, {"nama": "name", "no": "no"})
    assert found and repeated(sheet, found, [2, 3, 5, 6, 7, 8, 9]) == [3, 5, 8]
