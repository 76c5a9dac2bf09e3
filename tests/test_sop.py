"""The SOP as data: exactly the source's table, and clear words for a broken file."""

from __future__ import annotations

from pathlib import Path

import pytest
from offices import OWN_SOP

from sopkit.errors import SopkitError
from sopkit.sop.model import load_sop, parse_sop

TABLE = [
    (1, "Mengidentifikasi layanan tidak sesuai", "15 menit"),
    (2, "Mengevaluasi layanan tidak sesuai", "1 jam"),
    (3, "Mengkonsultasikan dengan Camat", "1 hari"),
    (5, "Memutuskan tindakan perbaikan", "15 menit"),
    (6, "Memisahkan hasil layanan tidak sesuai", "30 menit"),
    (7, "Melakukan tindakan perbaikan", "1 hari"),
    (8, "Meminta persetujuan pada sekcam/kasi", "1 jam"),
    (9, "Menyetujui tindakan Perbaikan", "30 menit"),
    (10, "Memusnahkan hasil layanan tidak sesuai secara rutin", "1 hari"),
]


def test_the_table_is_the_sources() -> None:
    assert [(s.number, s.activity, str(s.standard)) for s in load_sop().steps] == TABLE


def test_the_gap_the_inferred_executors_and_the_two_signers_are_remarked() -> None:
    remarks = " ".join(load_sop().remarks)
    assert "tidak memiliki nomor 4" in remarks
    assert "langkah 1, 2, 3, 5, 6, 7, 8, 10 disimpulkan" in remarks
    assert "EKO PURWANTO, S.Sos dan DHANI ARDIANTO, S. STP" in remarks


def test_step_7_follows_5_and_6_and_6_follows_5() -> None:
    sop = load_sop()
    assert sop.predecessors(7) == (5, 6)
    assert sop.predecessors(6) == (5,)
    assert sop.predecessors(5) == (3,)
    assert sop.predecessors(1) == ()


def test_the_consultation_is_not_the_camats_by_the_source() -> None:
    step = load_sop().step(3)
    assert (step.roles, step.roles_basis, step.roles_not, step.roles_not_basis) == (
        ("Kasi", "Sekcam"), "inferred", ("Camat",), "source",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('standard = "1 jam"', 'standard = "1 minggu"'), "baku mutu '1 minggu'"),
        (("number = 1", 'number = "satu"'), "'number' belum diisi"),
        (('roles_basis = "source"', 'roles_basis = "kira"'), "roles_basis"),
        (('activity = "Satu"', 'aktivitas = "Satu"'), "kunci 'aktivitas' tidak dikenal"),
        (('title = "SOP Kami"', ""), "kunci 'title' belum diisi"),
        (('standard = "1 jam"', 'standard = "1 jam"\non_rejection = 9'), "on_rejection = 9"),
        (('id = "kami"', 'id = "kami"\nday = "besok"'), "day = 'besok'"),
        (("[office]", "[office"), "bukan TOML yang benar"),
    ],
)
def test_a_broken_file_says_what_is_wrong(change: tuple[str, str], said: str) -> None:
    with pytest.raises(SopkitError) as refusal:
        parse_sop(OWN_SOP.replace(*change), "kecil.toml")
    assert said in str(refusal.value)


def test_all_mistakes_are_said_at_once() -> None:
    text = OWN_SOP.replace('standard = "1 jam"', 'standard = "?"').replace('id = "kami"', 'idd = "kecil"')
    with pytest.raises(SopkitError) as refusal:
        parse_sop(text, "kecil.toml")
    assert "baku mutu '?'" in str(refusal.value) and "kunci 'idd'" in str(refusal.value)


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SopkitError, match="tidak ditemukan"):
        load_sop(tmp_path / "tidak-ada.toml")


def test_a_byte_order_mark_of_notepad_is_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "kecil.toml"
    path.write_bytes(b"\xef\xbb\xbf" + OWN_SOP.encode())
    assert load_sop(path).title == "SOP Kami"
