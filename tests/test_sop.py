"""The SOP as data: exactly the source's table, and clear words for a broken file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from offices import OWN_SOP

from sopkit.errors import SopkitError
from sopkit.sop.model import administrative_remarks, load_sop, parse_sop

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


TODAY = dt.date(2026, 11, 20)
COMPLETE = """
number = "065/12/2025"
effective = 2025-11-20
legal_basis = ["Peraturan Menteri PANRB Nomor 35 Tahun 2012"]
qualification = ["Memahami pelayanan publik"]
"""


def _remarks(more: str, today: dt.date = TODAY) -> list[str]:
    return administrative_remarks(parse_sop(more + OWN_SOP, "kecil.toml"), today)


def test_what_the_regulation_asks_of_an_sop_is_remarked() -> None:
    lacking, old = administrative_remarks(load_sop(), TODAY)
    for said in ("nomor SOP", "tanggal efektif", "dasar hukum", "kualifikasi pelaksana"):
        assert said in lacking
    assert "bertanggal 19 Agustus 2019" in old


@pytest.mark.parametrize(
    ("more", "today", "said"),
    [
        (COMPLETE, TODAY, []),
        (COMPLETE, dt.date(2026, 11, 21), ["berlaku sejak 20 November 2025"]),
        (COMPLETE + "evaluated = 2026-11-19", dt.date(2026, 11, 21), []),
        (COMPLETE + "evaluated = 2025-11-19", dt.date(2026, 11, 21), ["dievaluasi terakhir 19 November 2025"]),
        (COMPLETE.replace("2025-11-20", "2024-02-29"), dt.date(2025, 2, 28), []),
        (COMPLETE.replace("2025-11-20", "2024-02-29"), dt.date(2025, 3, 1), ["berlaku sejak 29 Februari 2024"]),
        (COMPLETE.replace('"065/12/2025"', '" "'), TODAY, ["meminta nomor SOP (number); berkas"]),
        (COMPLETE.replace("legal_basis", "#"), TODAY, ["meminta dasar hukum (legal_basis); berkas"]),
    ],
)
def test_each_remark_is_made_for_its_reason(more: str, today: dt.date, said: list[str]) -> None:
    remarks = _remarks(more, today)
    assert len(remarks) == len(said)
    assert all(text in remark for text, remark in zip(said, remarks, strict=True))


@pytest.mark.parametrize(
    "key", ['effective = "2019"', "evaluated = 2019-08-19T08:00:00", "number = 7", 'legal_basis = "UU"']
)
def test_such_a_key_of_the_wrong_kind_is_a_mistake(key: str) -> None:
    with pytest.raises(SopkitError, match=f"kunci '{key.split()[0]}' harus"):
        parse_sop(key + OWN_SOP, "kecil.toml")
