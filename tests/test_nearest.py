"""What is offered for a value that is not in its list: what staff mean by it, else what looks alike, else nothing."""

from __future__ import annotations

import pytest

from sopkit.checks.likeness import nearest
from sopkit.register.columns import CHOICES

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
