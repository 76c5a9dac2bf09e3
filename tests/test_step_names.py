"""Columns that are named as the SOP names its steps, or as offices call them for short."""

from __future__ import annotations

import pytest

from sopkit.register.schema import SHEETS
from sopkit.register.step_names import LIKELY, SURE, step_of, steps_of
from sopkit.sop.model import Sop, load_sop, parse_sop

SOP = load_sop()
SHORT = {
    1: ("Identifikasi", "Tanggal Selesai Identifikasi", "1. Identifikasi", "Mengidentifikasi layanan tidak sesuai"),
    2: ("Evaluasi", "Tgl Evaluasi", "EVALUASI", "3. Evaluasi", "Langkah 2", "Penilaian"),
    3: ("Konsultasi Camat", "Konsultasi", "Konsultasi ke Camat", "Konsultasi dengan Camat"),
    5: ("Keputusan", "Tanggal Selesai Keputusan", "Memutuskan tindakan perbaikan", "5"),
    6: ("Pemisahan", "Memisahkan hasil layanan", "Waktu Pemisahan", "Karantina"),
    7: ("Perbaikan", "Pelaksanaan Perbaikan", "Tanggal Perbaikan", "L7 Selesai", "Koreksi"),
    8: ("Minta Persetujuan", "Permintaan Persetujuan", "Permohonan Persetujuan", "Meminta Persetujuan"),
    9: ("Persetujuan", "Menyetujui", "Tgl Disetujui", "Persetujuan Perbaikan", "ACC"),
    10: ("Pemusnahan", "Memusnahkan", "Tanggal Pemusnahan", "Langkah 10"),
}


@pytest.mark.parametrize(("number", "header"), [(number, one) for number, said in SHORT.items() for one in said])
def test_a_step_goes_by_its_activity_or_its_short_form(number: int, header: str) -> None:
    named = step_of(header, SOP)
    assert named and (named.number, named.field) == (number, "end")
    assert named.sure >= (LIKELY if header == "5" else SURE)


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("3. Evaluasi Mulai", "start"), ("3. Evaluasi Selesai", "end"), ("3. Evaluasi Petugas", "actor"),
        ("Evaluasi Oleh", "actor"), ("Jam Mulai Evaluasi", "start"), ("Tanggal Selesai Evaluasi", "end"),
        ("Pelaksana Langkah 2", "actor"), ("Evaluasi Ket.", "remark"), ("Evaluasi Hasil", "outcome"),
    ],
)  # fmt: skip
def test_the_part_of_a_step_stands_before_or_after_it(header: str, field: str) -> None:
    named = step_of(header, SOP)
    assert named and (named.number, named.field) == (2, field) and named.sure >= SURE


@pytest.mark.parametrize(
    "header",
    [
        "Langkah 4",
        "Tanggal",
        "Selesai",
        "Mulai",
        "No",
        "Layanan tidak sesuai",
        "",
        "…",
        "2026",
        "Alamat",
    ],
)
def test_what_names_no_step_is_none(header: str) -> None:
    assert step_of(header, SOP) is None


def test_what_may_mean_something_else_is_only_suggested() -> None:
    for header in (
        "Verifikasi",
        "Tindak Lanjut",
        "Analisa",
        "Penyelesaian",
        "Hasil Perbaikan",
        "Tempat Pemisahan",
        "Nama Pemohon",
    ):
        named = step_of(header, SOP)
        assert named is None or named.sure < SURE, header


def test_no_column_of_the_canonical_workbook_becomes_a_step() -> None:
    assert not steps_of([column.header for plan in SHEETS for column in plan.columns], SOP)


def test_a_register_with_a_column_per_step() -> None:
    steps = ("Identifikasi", "Evaluasi", "Konsultasi Camat", "Keputusan", "Pemisahan", "Perbaikan",
             "Minta Persetujuan", "Persetujuan", "Pemusnahan")  # fmt: skip
    others = ["No", "No. Catatan", "Tanggal Ditemukan", "Jenis Layanan", "Uraian Masalah", "Pencatat", "Ket"]
    numbers = [step.number for step in SOP.steps]
    grouped = [f"Tanggal Selesai {name}" for name in steps]
    assert steps_of([*others, *grouped], SOP) == {n: {"end": one} for n, one in zip(numbers, grouped, strict=True)}
    assert steps_of([*others, *steps], SOP, dated=steps) == {
        n: {"end": one} for n, one in zip(numbers, steps, strict=True)
    }
    assert set(steps_of([*others, *steps], SOP)) == set(numbers) - {5}  # Keputusan is a column of Register too
    assert not steps_of([*others, *steps], SOP, dated=["Tanggal Ditemukan"])


def test_groups_with_parts() -> None:
    parts = {"start": "Mulai", "end": "Selesai", "actor": "Petugas"}
    headers = [f"{name} {part}" for name in ("1. Identifikasi", "2. Evaluasi") for part in parts.values()]
    assert steps_of(headers, SOP) == {
        1: {field: f"1. Identifikasi {part}" for field, part in parts.items()},
        2: {field: f"2. Evaluasi {part}" for field, part in parts.items()},
    }


def _other() -> Sop:
    activities = ("Menerima pengaduan", "Memverifikasi berkas pengaduan", "Meneruskan pengaduan ke seksi terkait",
                  "Menyusun jawaban", "Menandatangani surat jawaban", "Mengirim jawaban kepada pengadu")  # fmt: skip
    steps = "".join(
        f'[[steps]]\nnumber = {n}\nactivity = "{text}"\nroles = ["Staf"]\nroles_basis = "inferred"\n'
        'standard = "1 jam"\n'
        for n, text in enumerate(activities, start=1)
    )
    head = 'id = "x"\ntitle = "X"\nday = "same-time"\nroles = ["Staf"]\nsingle_roles = []\nhead_role = "Staf"\n'
    return parse_sop(f'{head}[office]\ngovernment = "P"\nname = "K"\n{steps}', "x.toml")


@pytest.mark.parametrize(
    ("header", "number"),
    [
        ("Penerimaan", 1), ("Terima Pengaduan", 1), ("Verifikasi", 2), ("Verifikasi Berkas", 2), ("Penerusan", 3),
        ("Penyusunan Jawaban", 4), ("Penyusunan", 4), ("Tanda Tangan", 0), ("Penandatanganan", 5),
        ("Pengiriman Jawaban", 6), ("Pengiriman", 6), ("Jawaban", 0), ("Pengaduan", 0),
    ],
)  # fmt: skip
def test_any_sop_names_its_own_steps(header: str, number: int) -> None:
    named = step_of(f"Tgl {header}", _other())
    assert (named.number if named and named.sure >= SURE else 0) == number
