"""K rules on a wide register, with columns that are not there, and what their texts say."""

from __future__ import annotations

import datetime as dt
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from frozen_sop import SOP
from rule_fixtures import Fixture, inspect_fixture
from workbooks import office_workbook, write_workbook

from sopkit.checks.catalogue import RULES, Finding
from sopkit.checks.inspection import inspect_register
from sopkit.checks.numbers import _longest_run, _out_of_order
from sopkit.documents.content import catatan
from sopkit.documents.records import DocumentData
from sopkit.register.read import read_register
from sopkit.register.schema import REGISTER
from sopkit.reports.export import to_csv_log
from sopkit.reports.html import render_report

NOW = dt.datetime(2026, 11, 20, 10)
D, T = dt.date, dt.datetime
STEPS = {1: "Temu", 2: "Nilai", 3: "Konsul", 5: "Putus", 6: "Pisah", 7: "Betul", 8: "Mohon", 9: "Setuju", 10: "Musnah"}
HAPPENED = {
    1: T(2026, 11, 2, 8, 10), 2: T(2026, 11, 2, 9), 3: T(2026, 11, 2, 15), 5: T(2026, 11, 2, 15, 10),
    6: T(2026, 11, 2, 15, 30), 7: T(2026, 11, 3, 10), 8: T(2026, 11, 3, 10, 30), 9: T(2026, 11, 3, 10, 50),
    10: T(2026, 11, 3, 14),
}  # fmt: skip
CLOSED = {
    "No. Catatan": "001/CLTS/XI/2026", "Tanggal Ditemukan": T(2026, 11, 2, 8), "Jenis Layanan": "Surat Pindah",
    "Uraian Ketidaksesuaian": "Alamat tujuan keliru", "Ditemukan Oleh": "Ratna Anggraini", "Sumber": "Keluhan",
    "Persyaratan yang Dilanggar": "Standar Pelayanan", "Kategori": "Minor", "No. PTPP": "001/PTPP/XI/2026",
    "Tanggal PTPP": D(2026, 11, 2), "Kepada": "Kasi Pelayanan", "Tindakan Langsung": "Surat ditahan di loket",
    "Analisis Penyebab": "Formulir lama masih dipakai", "Tindakan Perbaikan": "Formulir lama diganti",
    "Tindakan Pencegahan": "Formulir lama ditarik", "Penanggung Jawab": "Joko Santosa",
    "Target Selesai": D(2026, 11, 9), "Keputusan": "Perbaikan", "Diputuskan Oleh": "Wahyu Kusumaningrum",
    "Tempat Pemisahan": "Lemari B", "Hasil Perbaikan": "Surat diperbaiki", "Hasil Verifikasi": "Sesuai",
    "Diverifikasi Oleh": "Endah Purwanti", "Tanggal Verifikasi": D(2026, 11, 4), "Perlu Dimusnahkan": "Ya",
    "Jumlah": 1, "Satuan": "lembar", "No. BA Pemusnahan": "001/BA/XI/2026", "Status": "Selesai",
}  # fmt: skip
BA_DATE = D(2026, 11, 3)
BA = ["001/BA/XI/2026", BA_DATE, "Halaman", "Dicacah", "Bagus Setiawan", "Tutik Handayani", "Endah Purwanti",
      "Wahyu Kusumaningrum"]  # fmt: skip
BA_COLUMNS = ["No. BA", "Tanggal", "Tempat", "Cara Pemusnahan", "Pelaksana", "Saksi 1", "Saksi 2", "Mengetahui"]


def _wide(
    folder: Path,
    change: dict[str, object] | None = None,
    steps: dict[int, dt.datetime | None] | None = None,
    outcome: str | None = "Disetujui",
    ba_date: dt.date = BA_DATE,
    absent: tuple[str, ...] = (),
    family: str = "K",
) -> dict[str, Finding]:
    """Findings by `code header` of one wide case with finish columns only; `outcome` None: no column for it."""
    case = {name: value for name, value in (CLOSED | (change or {})).items() if name not in absent}
    cells = {**case, **{STEPS[step]: end for step, end in (HAPPENED | (steps or {})).items()}}
    layout = ['layout = "wide"', 'office = "kantor.xlsx"', "[steps]"]
    for step, name in STEPS.items():
        stated = step == 9 and outcome is not None
        layout.append(f'{step} = {{ Selesai = "{name}", Hasil = "Hasil 9" }}' if stated else f'{step} = "{name}"')
    if outcome is not None:
        cells["Hasil 9"] = outcome or None
    office_workbook(folder / "kantor.xlsx", without=("Register", "Langkah", "Pemusnahan"))
    path = folder / "lebar.xlsx"
    rows: list[list[object]] = [list(cells), list(cells.values())]
    write_workbook(path, {"Register": rows, "Pemusnahan": [BA_COLUMNS, [BA[0], ba_date, *BA[2:]]]})
    path.with_name("lebar.sopkit.toml").write_text("\n".join(layout), encoding="utf-8")
    header = {f"Register!{_letters(place)}2": name for place, name in enumerate(cells)}
    header |= {f"Pemusnahan!{_letters(place)}2": name for place, name in enumerate(BA_COLUMNS)}
    found = inspect_register(read_register(path), SOP, NOW).findings
    return {f"{f.code} {header.get(f'{f.sheet}!{f.cell}', f.cell)}": f for f in found if f.code[0] == family}


def _letters(place: int) -> str:
    return chr(65 + place) if place < 26 else f"A{chr(65 + place - 26)}"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"change": {"Tanggal Verifikasi": D(2026, 11, 10)}}, ["K53 Tanggal Verifikasi"]),
        ({"change": {"Tindakan Pencegahan": None, "Sumber": None}}, ["K54 Sumber", "K54 Tindakan Pencegahan"]),
        ({"absent": ("Kategori", "Tindakan Langsung")}, []),
        ({"steps": {9: T(2026, 11, 5, 9), 10: T(2026, 11, 5, 14)}, "ba_date": D(2026, 11, 5)},
         ["K55 Tanggal Verifikasi"]),
        ({"steps": {9: None, 10: None}, "outcome": "", "change": {"Status": "Proses", "No. BA Pemusnahan": None,
          "Target Selesai": D(2026, 11, 30)}}, ["K55 Tanggal Verifikasi", "K04 No. BA"]),
        ({"outcome": ""}, ["K06 Hasil 9"]),
        ({"outcome": None}, []),
        ({"outcome": None, "change": {"Status": "Proses", "Target Selesai": D(2026, 11, 30)}}, []),
        # Begun when step 1 ended is only inferred: by its end alone step 2 had surely begun.
        ({"change": {"Tanggal PTPP": D(2026, 11, 3)}}, ["K56 Tanggal PTPP"]),
        ({"change": {"Tanggal PTPP": D(2026, 11, 3)}, "steps": {2: T(2026, 11, 3, 8), 3: T(2026, 11, 3, 8, 30),
          5: T(2026, 11, 3, 8, 40), 6: T(2026, 11, 3, 9)}}, []),
        ({"change": {"PTPP Lanjutan": "001/PTPP/XI/2026"}}, ["K57 PTPP Lanjutan"]),
        ({"ba_date": D(2026, 11, 4)}, ["K05 Tanggal"]),
        ({"ba_date": D(2026, 11, 2)}, ["K05 Tanggal"]),
        # When the destruction began is not recorded, so a BA between the approval and its end may be right.
        ({"steps": {10: T(2026, 11, 4, 9)}}, []),
        ({"change": {"Status": "Batal", "Keterangan": "Laporan ganda", "No. PTPP": None}}, []),
    ],
)  # fmt: skip
def test_the_wide_layout(tmp_path: Path, change: dict[str, object], expected: list[str]) -> None:
    assert sorted(_wide(tmp_path, **change)) == sorted(expected)  # type: ignore[arg-type]


@pytest.mark.parametrize("day", [4, 5, 30])
def test_destruction_is_not_timed_from_the_approval(tmp_path: Path, day: int) -> None:
    """With finishes only, when step 10 began is not known; its day counts from its own start, never from step 9."""
    found = _wide(tmp_path, steps={10: T(2026, 11, day, 14)}, ba_date=D(2026, 11, day), family="W")
    assert f"W02 {STEPS[10]}" not in found


def test_a_report_of_finishes_only_does_not_time_destruction(tmp_path: Path) -> None:
    _wide(tmp_path)
    inspected = inspect_register(read_register(tmp_path / "lebar.xlsx"), SOP, NOW)
    done = inspected.executions
    assert done.verdict[done.step == 10].tolist() == ["belum diketahui"]
    assert "10. Memusnahkan" in render_report(inspected)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ({6: T(2026, 11, 2, 9, 30)}, []),  # segregated at once, before 3 and 5 ended: good practice, and 7 waits for 5
        ({10: T(2026, 11, 3, 10, 40)}, [f"U11 {STEPS[10]}"]),  # its own finish is before the approval
        ({10: T(2026, 11, 3, 10, 50)}, []),
        ({8: "entah"}, [f"D02 {STEPS[8]}"]),  # when 9 began follows from it alone
        ({8: T(2026, 11, 23, 9)}, [f"D04 {STEPS[8]}"]),
        ({8: T(2026, 11, 3, 9)}, [f"W01 {STEPS[8]}"]),  # 9 began when that cell says, which is in error
        ({7: T(2026, 11, 2, 15, 50), 8: T(2026, 11, 2, 19), 9: T(2026, 11, 3, 7, 40)}, [f"W05 {STEPS[8]}"]),
    ],
)  # fmt: skip
def test_what_follows_from_a_finish_is_said_once(
    tmp_path: Path, steps: dict[int, dt.datetime | None], expected: list[str]
) -> None:
    found = {name for family in "DUWK" for name in _wide(tmp_path, steps=steps, family=family)}
    assert sorted(found) == sorted(expected)


def test_nothing_that_nobody_recorded_is_printed(tmp_path: Path) -> None:
    """Of finishes only: no Mulai in the Catatan, the log or the report, and 10 is said to have ended."""
    _wide(tmp_path)
    inspected = inspect_register(read_register(tmp_path / "lebar.xlsx"), SOP, NOW)
    data = DocumentData(inspected)
    fields = catatan(data, 2).context
    assert {row["mulai"] for row in fields["langkah"]} == {""}
    assert [row["selesai"] for row in fields["langkah"]][-1] == "03-11-2026\n14.00"
    page = render_report(inspected)
    assert "selesai 1 kali, waktunya tidak dihitung" in page and "belum pernah selesai" not in page
    assert "mulai 03-11-2026 10.50" not in page
    log = to_csv_log(inspected)
    assert "T14:00:00" in log and log.count("2026-11-03T10:50:00") == 1


def test_an_empty_mulai_of_the_destruction_is_not_the_finish_of_the_approval(tmp_path: Path) -> None:
    """A layout with a Mulai for step 10, left empty: not timed, not asked for, and known for what it is."""
    _wide(tmp_path, steps={10: T(2026, 11, 30, 14)}, ba_date=D(2026, 11, 30))
    layout = tmp_path / "lebar.sopkit.toml"
    columns = '10 = { Mulai = "Mulai Musnah", Selesai = "Musnah" }'
    layout.write_text(layout.read_text("utf-8").replace('10 = "Musnah"', columns), encoding="utf-8")
    book = openpyxl.load_workbook(tmp_path / "lebar.xlsx")
    book["Register"].cell(1, 60).value = "Mulai Musnah"
    book.save(tmp_path / "lebar.xlsx")
    inspected = inspect_register(read_register(tmp_path / "lebar.xlsx"), SOP, dt.datetime(2026, 12, 4, 10))
    assert [(f.code, f.cell, f.message) for f in inspected.findings if f.family in "DUW"] == []
    done = inspected.executions
    assert done.verdict[done.step == 10].tolist() == ["belum diketahui"] and np.isnat(done.start[done.step == 10]).all()


def _message(folder: Path, code: str, *lines: str) -> str:
    folder.mkdir(exist_ok=True)
    found = inspect_fixture(Fixture(f"{code} text", list(lines)), folder).findings
    return next(f"{f.message} {f.fix}" for f in found if f.code == code)


def test_k05_names_its_cases_and_both_dates(tmp_path: Path) -> None:
    lines = ["Langkah!D10 = 2026-11-05 08:00", "Langkah!E10 = 2026-11-05 10:00", "Langkah!D30 = 2026-11-12 08:00",
             "Langkah!E30 = 2026-11-12 10:00", "Pemusnahan!B2 = 2026-11-12"]  # fmt: skip
    said = _message(tmp_path, "K05", *lines)
    assert said.startswith(
        "Tanggal BA 12 November 2026 tidak cocok dengan sheet Langkah: "
        "001/CLTS/XI/2026 dimusnahkan pada 5 November 2026. Periksa dokumen aslinya; "
    )
    assert "BA pembetulan" in said and "berita acara tambahan" in said


@pytest.mark.parametrize(
    ("code", "lines", "expected"),
    [
        ("K03", ["Register!AB2 = BA nomor 9"], "Berita acara “BA nomor 9” tidak ada di sheet Pemusnahan."),
        ("K13", ["Register!X2 = 2026-11-03"],
         "Tanggal Verifikasi 3 November 2026 mendahului selesainya langkah 7 pada 4 November 2026."),
        ("K11", ["Register!Q2 = 2026-11-01"],
         "Target Selesai 1 November 2026 mendahului Tanggal PTPP, 2 November 2026."),
        ("K55", ["Langkah!E9 = 2026-11-06 09:20"],
         "Tanggal Verifikasi 5 November 2026 mendahului persetujuan (langkah 9) pada 6 November 2026."),
        ("K57", ["Register!V3 = Tidak Sesuai", "Register!AC3 = 001/PTPP/XI/2026"],
         "PTPP Lanjutan “001/PTPP/XI/2026” bertanggal 2 November 2026, mendahului PTPP layanan ini yang bertanggal "
         "3 November 2026."),
        ("D54", ["Register!B3 = 2026-11-01 10:00"],
         "Nomor 002/CLTS/XI/2026 bertanggal 1 November 2026, lebih awal daripada nomor sebelumnya, 001/CLTS/XI/2026, "
         "yang bertanggal 2 November 2026."),
        ("B53", ["add Kalender: 2026-08-17 | Hari Kerja | Dibuka | SE"],
         "Tanggal 17 Agustus 2026 tercatat sebagai Hari Kerja, padahal pada Kalender!A4 tercatat sebagai Libur "
         "Nasional; hari itu dihitung sebagai hari kerja."),
    ],
)  # fmt: skip
def test_messages_give_complete_dates(tmp_path: Path, code: str, lines: list[str], expected: str) -> None:
    assert _message(tmp_path, code, *lines).startswith(expected)


def test_no_remedy_of_k_rewrites_what_is_signed() -> None:
    signed = {"K05", "K17", "K13", "K55", "K56", "K53", "K57"}
    for rule in RULES.values():
        assert rule.family != "K" or "amakan" not in rule.fix, rule.code
        assert rule.code not in signed or rule.fix.startswith("Periksa dokumen aslinya"), rule.code


def test_a_ba_of_many_cases_names_three_and_counts_the_rest(tmp_path: Path) -> None:
    """Nine cases in one BA, destroyed a day before it: one finding."""
    lines = ["Pemusnahan!B2 = 2026-11-11"]
    for number in (f"{sequence:03d}/CLTS/XI/2026" for sequence in range(6, 13)):
        row = [""] * len(REGISTER.columns)
        row[0], row[1], row[27] = number, "2026-11-09 08:00", "001/BA/XI/2026"
        lines.append(f"add Register: {' | '.join(row)}")
        lines.append(f"add Langkah: {number} | 10 | Bagus Setiawan | 2026-11-10 08:00 | 2026-11-10 10:00")
    said = _message(tmp_path, "K05", *lines)
    assert said.count("dimusnahkan pada 10 November 2026") == 3 and "; dan 6 layanan lain." in said


@pytest.mark.parametrize(
    ("days", "pairs"),
    [
        ([], {}),
        ([1, 1, 2], {}),
        ([9, 2], {1: 0}),
        ([9, 2, 3, 4], {1: 0}),
        ([1, 2, 9, 3, 4], {3: 2}),
        ([1, 2, 3, 4, 2], {4: 3}),
        ([9, 9, 2, 3, 4], {2: 0}),
        ([5, 6, 1, 7, 2, 8], {2: 1, 4: 3}),
    ],
)
def test_the_fewest_that_are_out_of_order(days: list[int], pairs: dict[int, int]) -> None:
    assert _out_of_order(days) == pairs


def test_order_is_found_quickly() -> None:
    days = [place * 7919 % 100_003 for place in range(100_000)]
    begun = time.perf_counter()
    run = _longest_run(days)
    assert time.perf_counter() - begun < 2
    assert all(days[one] <= days[other] for one, other in pairwise(run))
