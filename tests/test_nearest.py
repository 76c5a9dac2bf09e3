"""What is offered for a value that is not in its list: what staff mean by it, else what looks alike, else nothing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from report_samples import inspected
from workbooks import HEADERS_ONLY, office_workbook, write_workbook

from sopkit.checks.sequence import MOST_HINTS
from sopkit.checks.suggest import nearest
from sopkit.register.schema import CHOICES, REGISTER

PEOPLE = ("Ratna Anggraini", "Joko Santosa", "Agus Setyawan", "Dra. Sri Lestari, M.M.")


@pytest.mark.parametrize(
    ("text", "known", "meant"),
    [
        ("OK", CHOICES["Hasil"], "“Disetujui”"),
        ("setuju", CHOICES["Hasil"], "“Disetujui”"),
        ("Tidak Setuju", CHOICES["Hasil"], "“Ditolak”"),
        ("Komplain", CHOICES["Sumber"], "“Keluhan”"),
        ("OK", CHOICES["Hasil Verifikasi"], "“Sesuai”"),
        ("Y", CHOICES["Ya/Tidak"], "“Ya”"),
        ("KTP", CHOICES["Jenis Layanan"], "“Perekaman KTP-el”"),
        ("Selsai", CHOICES["Status"], "“Selesai”"),
        ("Pak Joko", PEOPLE, "“Joko Santosa”"),
        ("Sri Lestari", PEOPLE, "“Dra. Sri Lestari, M.M.”"),
        ("Nikah", CHOICES["Jenis Layanan"], "“Surat Pengantar Nikah” atau “Dispensasi Nikah”"),
    ],
)
def test_what_is_near_is_offered(text: str, known: tuple[str, ...], meant: str) -> None:
    assert nearest(text, known) == f"; mungkin maksudnya {meant}"


@pytest.mark.parametrize(
    ("text", "known"),
    [("KK", CHOICES["Jenis Layanan"]), ("Entahlah", CHOICES["Status"]), ("Budi", PEOPLE), ("xx", CHOICES["Hasil"])],
)
def test_nothing_is_offered_where_nothing_is_near(text: str, known: tuple[str, ...]) -> None:
    assert nearest(text, known) == ""


def _said(path: Path, code: str) -> str:
    (found,) = [found for found in inspected(path).findings if found.code == code]
    return found.message


def test_a_missing_header_is_looked_for_under_another_name(tmp_path: Path) -> None:
    register = [
        ["No. Catatan", "Tgl Ditemukan", "Jenis Layanan", "Uraian Ketidaksesuaian", "Penemu", "Warna"],
        ["001/CLTS/XI/2026", "16/11/2026 08:00", "Legalisasi Surat", "Stempel tidak terbaca", "Ratna Anggraini", "x"],
    ]
    assert _said(office_workbook(tmp_path / "r.xlsx", register), "B02") == (
        "Judul kolom wajib Tanggal Ditemukan dan Ditemukan Oleh tidak ada; "
        "mungkin “Tgl Ditemukan” (B1) maksudnya Tanggal Ditemukan dan “Penemu” (E1) maksudnya Ditemukan Oleh."
    )
    register[0][1], register[0][4] = "Warna Map", "Ditemukan Oleh"
    assert _said(office_workbook(tmp_path / "s.xlsx", register), "B02") == (
        "Judul kolom wajib Tanggal Ditemukan tidak ada."
    )


def test_a_missing_sheet_is_looked_for_under_another_name(tmp_path: Path) -> None:
    sheets = {{"Langkah": "Langkah-langkah 2026", "Pemusnahan": "Lampiran"}.get(name, name): rows
              for name, rows in HEADERS_ONLY.items()}  # fmt: skip
    assert _said(write_workbook(tmp_path / "r.xlsx", sheets), "B01") == (
        "Buku kerja tidak mempunyai sheet Langkah dan Pemusnahan; mungkin “Langkah-langkah 2026” maksudnya Langkah."
    )


def test_of_many_strange_numbers_the_first_are_explained_and_all_are_found(tmp_path: Path) -> None:
    """Where a whole column is mistyped the hint of each costs a look at all cases: it ends somewhere."""
    count = MOST_HINTS + 20
    times = [dt.datetime(2026, 11, 2, 8) + dt.timedelta(minutes=place) for place in range(count)]
    cases = [
        (f"{n + 1:03d}/CLTS/XI/2026", time, "Legalisasi Surat", "x", "Joko Santosa") for n, time in enumerate(times)
    ]
    events = [(f"{n + 1:03d}/CLTS/IX/2026", 1, "Joko Santosa", time, time) for n, time in enumerate(times)]
    register = [[column.header for column in REGISTER.columns if column.required], *cases]
    langkah = [["No. Catatan", "Langkah", "Pelaksana", "Mulai", "Selesai"], *events]
    found = inspected(office_workbook(tmp_path / "r.xlsx", register, langkah)).findings
    orphans = sorted((one for one in found if one.code == "U06"), key=lambda one: one.row or 0)
    assert [one.row for one in orphans] == list(range(2, count + 2))
    hinted = [f"mungkin dimaksudkan {one.case.replace('IX', 'XI')} " in one.fix for one in orphans if one.case]
    assert hinted == [True] * MOST_HINTS + [False] * 20
