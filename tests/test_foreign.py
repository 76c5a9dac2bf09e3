"""Registers that other offices made for themselves, read through their layout file; and the proposal of one."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
from frozen_sop import SOP
from layouts import proposal_of, proposed
from openpyxl import load_workbook
from workbooks import JAM_KERJA, PEGAWAI, few_rows, office_workbook, write_workbook

from sopkit.adopt.verdict import verdict_of
from sopkit.adopt.write import layout_text_of
from sopkit.archive import Archive
from sopkit.checks.inspection import inspect_register
from sopkit.database import in_memory
from sopkit.errors import SopkitError
from sopkit.history.compare import recorded
from sopkit.newbook.create import build_workbook
from sopkit.register.layout import layout_beside, load_layout, parse_layout
from sopkit.register.read import read_register
from sopkit.sop.model import load_sop

WIDE_LAYOUT = """
layout = "wide"
office = "kantor.xlsx"

[sheets]
Register = "REKAP 2026"

[headers.Register]
"Nomor" = "No. Catatan"
"Tgl Temuan" = "Tanggal Ditemukan"
"Layanan" = "Jenis Layanan"
"Masalah" = "Uraian Ketidaksesuaian"
"Pelapor" = "Ditemukan Oleh"
"Ket" = "Keterangan"

[steps]
1 = "1. Identifikasi"
2 = { Selesai = "2. Evaluasi", Pelaksana = "Penilai" }
3 = "3. Konsultasi"
5 = "5. Putusan"
6 = "6. Pemisahan"
7 = { Mulai = "7. Mulai", Selesai = "7. Perbaikan" }
8 = "8. Permohonan"
9 = { Selesai = "9. Persetujuan", Hasil = "Hasil 9" }
"""
T = dt.datetime


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    """Two merged title rows, finish times only, one case in work and one that skipped a step."""
    names = [
        "Nomor", "Tgl Temuan", "Layanan", "Masalah", "Pelapor", "1. Identifikasi", "2. Evaluasi", "Penilai",
        "3. Konsultasi", "5. Putusan", "6. Pemisahan", "7. Mulai", "7. Perbaikan", "8. Permohonan", "9. Persetujuan",
        "Hasil 9", "Ket", "Warna Map",
    ]  # fmt: skip
    one: list[object] = [
        "001/CLTS/III/2026", T(2026, 3, 2, 8), "Surat Pindah", "Salah nama", "Ratna Anggraini", T(2026, 3, 2, 8, 15),
        "2/3/2026 9.00", "Joko Santosa", T(2026, 3, 3, 9), T(2026, 3, 3, 9, 10), T(2026, 3, 3, 9, 30),
        T(2026, 3, 3, 10), T(2026, 3, 4, 9), T(2026, 3, 4, 9, 30), T(2026, 3, 4, 10), "Disetujui", "rapi", "merah",
    ]  # fmt: skip
    two: list[object] = [
        "002/CLTS/III/2026", T(2026, 3, 25, 8), "Surat Pindah", "Salah alamat", "Ratna Anggraini", "25/3/2026 08.10",
        None, None, T(2026, 3, 26, 8),
    ]  # fmt: skip
    rows = [["REKAPITULASI KETIDAKSESUAIAN"], ["Tahun 2026"], [], names, one, [], two]
    office_workbook(tmp_path / "kantor.xlsx", without=("Register", "Langkah", "Pemusnahan"))
    path = tmp_path / "rekap.xlsx"
    sheets = {"Sampul": [["Kecamatan"]], "REKAP 2026": rows}
    write_workbook(path, sheets, merged={"REKAP 2026": ["A1:R1", "A2:R2"]})
    path.with_name("rekap.sopkit.toml").write_text(WIDE_LAYOUT, encoding="utf-8")
    return path


def test_a_wide_register_gives_events(wide: Path) -> None:
    register = read_register(wide)
    assert register.layout == "wide"
    assert register.missing_sheets == ()
    assert register.defaulted_sheets[0] == "Pemusnahan"
    assert register.cases.data.index.tolist() == [5, 7]
    assert register.cases.structure.unknown_headers == (("R4", "Warna Map"),)
    assert register.cases.structure.merged == ()
    events = register.events
    assert events.sheet == "REKAP 2026"
    assert events.data["step"].tolist() == [1, 2, 3, 5, 6, 7, 8, 9, 1, 3]
    assert events.data["case"].tolist() == ["001/CLTS/III/2026"] * 8 + ["002/CLTS/III/2026"] * 2
    assert events.data.index.tolist() == list(range(1, 11))
    assert register.people.data["name"].iloc[0] == "Ratna Anggraini"


def test_a_step_runs_from_the_finish_before_it(wide: Path) -> None:
    events = read_register(wide).events.data
    spans = [(f"{s:%d %H:%M}", f"{e:%d %H:%M}") for s, e in zip(events["start"], events["end"], strict=True)]
    assert spans == [
        ("02 08:00", "02 08:15"), ("02 08:15", "02 09:00"), ("02 09:00", "03 09:00"), ("03 09:00", "03 09:10"),
        ("03 09:10", "03 09:30"), ("03 10:00", "04 09:00"), ("04 09:00", "04 09:30"), ("04 09:30", "04 10:00"),
        ("25 08:00", "25 08:10"), ("25 08:10", "26 08:00"),
    ]  # fmt: skip
    assert events["outcome"].dropna().tolist() == ["Disetujui"]
    assert events["actor"].dropna().tolist() == ["Joko Santosa"]


def test_every_event_cell_has_an_address(wide: Path) -> None:
    events = read_register(wide).events
    cells = {field: events.cell(6, field) for field in ("case", "step", "actor", "start", "end", "outcome", "remark")}
    assert cells == {
        "case": "A5", "step": "M5", "actor": "M5", "start": "L5", "end": "M5", "outcome": "M5", "remark": "Q5",
    }  # fmt: skip
    assert (events.cell(10, "start"), events.cell(2, "actor"), events.cell(8, "outcome")) == ("I7", "H5", "P5")


def test_texts_in_step_columns_are_read_by_the_same_habit(wide: Path) -> None:
    events = read_register(wide).events
    read = [(events.cell(r.row, r.field), r.kind, r.shown) for r in events.readings]
    assert read == [
        ("G5", "understood", "2 Maret 2026 pukul 09.00"), ("F7", "understood", "25 Maret 2026 pukul 08.10"),
    ]  # fmt: skip


SOP6 = """
id = "keluhan-6"
title = "SOP Penanganan Keluhan"

[office]
government = "PEMERINTAH KOTA CONTOH"
name = "KELURAHAN SUKAMAJU"
""" + "".join(
    f"""
[[steps]]
number = {number}
activity = "{activity}"
roles = ["Petugas"]
roles_basis = "source"
standard = "1 jam"
"""
    for number, activity in enumerate(("Menerima", "Menilai", "Menugaskan", "Memperbaiki", "Memeriksa", "Menutup"), 1)
)
OTHER_LAYOUT = """
sop = "sop-keluhan.toml"

[sheets]
Register = "Buku Keluhan"
Langkah = "Jurnal"
Pegawai = "Tim"

[header_rows]
Langkah = 2

[headers.Register]
"ID" = "No. Catatan"
"Masuk" = "Tanggal Ditemukan"
"Pelayanan" = "Jenis Layanan"
"Isi Keluhan" = "Uraian Ketidaksesuaian"
"Penerima" = "found_by"
"Posisi" = "Status"

[headers.Langkah]
"ID" = "No. Catatan"
"Tahap" = "Langkah"
"Petugas" = "Pelaksana"
"Waktu Awal" = "Mulai"
"Waktu Akhir" = "Selesai"

[headers.Pegawai]
"Nama Lengkap" = "Nama"
"Tugas" = "Jabatan"
"Sebagai" = "Peran"
"""


@pytest.fixture
def other(tmp_path: Path) -> Path:
    journal: list[list[object]] = [
        ["Jurnal kerja"], ["ID", "Tahap", "Petugas", "Waktu", None], [None, None, None, "Awal", "Akhir"],
        ["K-1", 1, "Sri Rahayu", T(2026, 3, 2, 8), T(2026, 3, 2, 8, 30)],
        ["K-1", 2, "Sri Rahayu", T(2026, 3, 2, 9), None],
    ]  # fmt: skip
    sheets = {
        "Buku Keluhan": """
            ID | Masuk | Pelayanan | Isi Keluhan | Penerima | Posisi
            K-1 | 2026-03-02 08:00 | KTP | Lama | Sri Rahayu | Proses
        """,
        "Jurnal": journal,
        "Tim": "Nama Lengkap | Tugas | Sebagai\nSri Rahayu | Petugas Loket | Petugas",
        "Jam Kerja": JAM_KERJA,
    }
    path = write_workbook(tmp_path / "keluhan.xlsx", sheets, merged={"Jurnal": ["D2:E2", "A2:A3", "B2:B3", "C2:C3"]})
    path.with_name("keluhan.sopkit.toml").write_text(OTHER_LAYOUT, encoding="utf-8")
    path.with_name("sop-keluhan.toml").write_text(SOP6, encoding="utf-8")
    return path


def test_a_register_of_other_words_and_another_sop(other: Path) -> None:
    register = read_register(other)
    assert register.cases.sheet == "Buku Keluhan"
    case = register.cases.data.loc[2, ["number", "service", "found_by", "status"]]
    assert case.tolist() == ["K-1", "KTP", "Sri Rahayu", "Proses"]
    assert register.cases.structure.missing_headers == ()
    assert register.events.header_row == 3
    assert register.events.data["step"].to_dict() == {4: 1.0, 5: 2.0}
    assert register.events.data.at[4, "end"] == pd.Timestamp("2026-03-02 08:30")
    assert (register.events.cell(5, "end"), register.events.cell(4, "start")) == ("E5", "D4")
    assert register.people.data["role"].tolist() == ["Petugas"]
    layout = load_layout(other.with_name("keluhan.sopkit.toml"))
    assert layout.sop is not None
    assert [step.number for step in load_sop(layout.sop).steps] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('layout = "lebar"', 'harus "long" atau "wide"'),
        ('layout = "wide"', r"memerlukan bagian \[steps\]"),
        ("warna = 1", "kunci 'warna' tidak dikenal"),
        ('[sheets]\nBuku = "x"', "'Buku' bukan lembar sopkit"),
        ('[headers.Register]\n"A" = "No. Catatn"', r"'No. Catatn' bukan kolom Register \(maksudnya No. Catatan"),
        ('[headers.Register]\n"A" = "Status"\n"B" = "Status"', "sama-sama menjadi 'Status'"),
        ('[headers.Langkah]\n"A" = 5', r"bagian \[Langkah\] harus berisi"),
        ("[header_rows]\nRegister = 3", "1 atau 2"),
        ('[steps]\nlima = "X"', "lima harus seperti"),
        ('[steps]\n5 = { Selesai = "X", Warna = "Y" }', "menyebut warna"),
        ("layout = ", "bukan TOML yang benar"),
    ],
)
def test_a_wrong_layout_says_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(SopkitError, match=said):
        parse_layout(text, Path("x.sopkit.toml"))


def test_all_mistakes_are_said_at_once() -> None:
    with pytest.raises(SopkitError, match=r"warna.*lebar.*Buku"):
        parse_layout('warna = 1\nlayout = "lebar"\n[sheets]\nBuku = "x"', Path("x.sopkit.toml"))


def test_a_layout_that_does_not_fit_the_workbook_is_said(other: Path) -> None:
    file = other.with_name("keluhan.sopkit.toml")
    file.write_text(OTHER_LAYOUT.replace('"Isi Keluhan" =', '"Isi Keluan" ='), encoding="utf-8")
    with pytest.raises(SopkitError, match=r"'Isi Keluan' yang tidak ada di lembar Buku Keluhan") as refused:
        read_register(other)
    assert "isi keluhan" in refused.value.remedy.casefold()
    file.write_text(OTHER_LAYOUT.replace('"Jurnal"', '"Jurnla"'), encoding="utf-8")
    with pytest.raises(SopkitError, match="lembar 'Jurnla' yang tidak ada"):
        read_register(other)


def test_adopt_proposes_what_reads_the_workbook(other: Path) -> None:
    text = proposed(other)
    assert '"Langkah" = "Jurnal"' in text
    assert '"Tahap" = "Langkah"' in text
    file = other.with_name("keluhan.sopkit.toml")
    file.write_text(text, encoding="utf-8")
    register = read_register(other)
    assert register.events.data["step"].to_dict() == {4: 1.0, 5: 2.0}
    assert register.cases.data["number"].tolist() == ["K-1"]
    assert register.events.data.at[4, "end"] == pd.Timestamp("2026-03-02 08:30")
    assert '# "Pemusnahan" = ""   # BELUM DITEMUKAN: isi nama lembarnya' in text
    assert '# MUNGKIN: "Penerima" = "Ditemukan Oleh"   # sel E1' in text
    assert '# BELUM ADA: kolom wajib "Tanggal Ditemukan"' in text


def test_adopt_recognises_a_wide_register(wide: Path) -> None:
    text = proposed(wide)
    assert 'layout = "wide"' in text
    assert '9 = { Selesai = "9. Persetujuan", Hasil = "Hasil 9" }' in text
    assert '"Langkah" =' not in text
    assert '7 = { Mulai = "7. Mulai", Selesai = "7. Perbaikan" }' in text
    assert '# tidak dipakai: "Warna Map" (sel R4)' in text
    wide.with_name("rekap.sopkit.toml").write_text(text, encoding="utf-8")
    register = read_register(wide)
    assert register.events.data["step"].tolist() == [1, 2, 3, 5, 6, 7, 8, 9, 1, 3]


def test_adopt_of_a_canonical_workbook_has_nothing_to_rename(tmp_path: Path) -> None:
    text = proposed(office_workbook(tmp_path / "r.xlsx", pegawai=PEGAWAI))
    layout = parse_layout(text, tmp_path / "r.sopkit.toml")
    assert all(not names for names in layout.headers.values())
    assert layout.sheet("Jam Kerja") == "Jam Kerja"


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("No BA", "No. BA Pemusnahan"),
        ("Nomor BA Pemusnahan", "No. BA Pemusnahan"),
        ("Tgl PTPP", "Tanggal PTPP"),
        ("Nomor PTPP", "No. PTPP"),
        ("No.PTPP", "No. PTPP"),
        ("Tgl. Ditemukan", "Tanggal Ditemukan"),
    ],
)
def test_adopt_knows_the_usual_abbreviations(tmp_path: Path, header: str, column: str) -> None:
    text = proposed(write_workbook(tmp_path / "r.xlsx", {"Register": f"Jenis Layanan | {header}\nSurat | x"}))
    assert f'\n"{header}" = "{column}"\n' in text


def test_adopt_does_not_take_a_row_count_for_a_number(tmp_path: Path) -> None:
    book = write_workbook(tmp_path / "r.xlsx", {"Register": "No | Jenis Layanan | Status\n1 | Surat | Proses"})
    assert '\n"No" = ' not in proposed(book)


def test_adopt_of_an_unfilled_workbook_of_sopkit_has_nothing_to_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_rows(monkeypatch)
    book = tmp_path / "register-2026.xlsx"
    book.write_bytes(build_workbook(SOP, 2026))
    text = proposed(book)
    assert '"Pegawai" = "Pegawai"' in text and "[headers." not in text
    assert not any(word in text for word in ("BELUM", "MUNGKIN", "# tidak dipakai"))
    assert '"Daftar"' not in text and '"SOP"' not in text


def test_adopt_ends_with_what_would_be_read(other: Path) -> None:
    proposal, target = proposal_of(other), other.with_name("x.toml")
    text = layout_text_of(proposal)
    cases = len(read_register(other, parse_layout(text, target)).cases.data)
    told = verdict_of(proposal, text, target)
    assert told.read.startswith(f"Terbaca: {cases} kasus dan ") and "Tanggal Ditemukan" in " ".join(told.missing)
    broken = verdict_of(proposal, text.replace("[sheets]", '[sheets]\n"Kalender" = "Tak Ada"'), target)
    assert "belum terbaca" in broken.read and "Tak Ada" in broken.missing[0]


def test_adopt_of_a_workbook_without_tables(tmp_path: Path) -> None:
    with pytest.raises(SopkitError, match="tidak memuat tabel"):
        proposed(write_workbook(tmp_path / "r.xlsx", {"X": [["satu"]]}))


def _found(path: Path) -> list[str]:
    layout = layout_beside(path)
    sop = load_sop(layout.sop) if layout and layout.sop else SOP
    inspected = inspect_register(read_register(path), sop, dt.datetime(2026, 11, 20, 10))
    return [f"{f.code} {f.sheet}!{f.cell}" for f in inspected.findings if f.severity != "note"]


def test_findings_of_the_wide_register_point_to_its_own_cells(wide: Path) -> None:
    """The skipped step 2 stands at step 3's finish cell; no cell is asked of a column that the layout has not (B55)."""
    assert _found(wide) == ["B55 REKAP 2026!A4", "U01 REKAP 2026!I7"]


@pytest.mark.parametrize(
    ("remark", "explained"), [("Evaluasi lisan pada hari Minggu", True), ("terlambat ya", False), ("xxxxxxxxxx", False)]
)
def test_the_remark_of_a_wide_row_explains_its_steps(wide: Path, remark: str, explained: bool) -> None:
    """A breach (the skipped step 2) and a warning (finished on a Sunday) alike; the other row's remark does nothing."""
    book = load_workbook(wide)
    sheet = book["REKAP 2026"]
    sheet["I7"], sheet["Q7"], sheet["Q5"] = T(2026, 3, 29, 10), remark, "Keterangan milik kasus lain"
    book.save(wide)
    inspected = inspect_register(read_register(wide), SOP, T(2026, 11, 20, 10))
    found = {(f.code, f.cell, f.explained) for f in inspected.findings if f.code in ("U01", "W05")}
    assert found == {("U01", "I7", explained), ("W05", "I7", explained)}
    assert inspected.summary["acknowledged"] == int(explained)


def test_findings_of_the_other_sop(other: Path) -> None:
    """Numbers off the default pattern are D13, yet their steps are followed: step 2 of one hour still runs."""
    assert _found(other) == [
        "B55 Buku Keluhan!A1", "D07 Buku Keluhan!C2", "D13 Buku Keluhan!A2", "D14 Buku Keluhan!D2", "W03 Jurnal!D5",
    ]  # fmt: skip


def test_a_register_of_which_no_row_is_known_has_an_empty_history(tmp_path: Path) -> None:
    """Neither a number of its cases nor a sheet of steps: nothing to compare, and no fault of sopkit's."""
    sheet = "Nomor Urut | Jenis Layanan\n1 | KTP"
    path = office_workbook(tmp_path / "r.xlsx", sheet, without=("Langkah", "Pemusnahan"), complete=False)
    path.with_suffix(".sopkit.toml").write_text('[sheets]\nRegister = "Register"\n', encoding="utf-8")
    inspected = inspect_register(read_register(path), SOP, dt.datetime(2026, 11, 20, 10))
    with closing(in_memory()) as connection:
        after = recorded(inspected, Archive(connection, tmp_path))
    assert not [found for found in after.findings if found.code[0] == "R"]
