"""The turn of the year: the office carried over, which registers are in use, and whose letterhead documents bear."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from python_calamine import CalamineWorkbook
from workbooks import few_rows, office_workbook

from sopkit import books, folders
from sopkit.checks.inspection import inspect_register
from sopkit.cli.main import main
from sopkit.newbook.create import WorkbookContent, build_workbook
from sopkit.newbook.init_office import write_office
from sopkit.register.read import read_register
from sopkit.sop.model import Sop, load_sop

FIRST = 5  # row of the first data row
LETTERHEAD = {
    "Pemerintah": "PEMERINTAH KABUPATEN SEMARANG", "Nama Kantor": "KECAMATAN AMBARAWA",
    "Alamat": "Jalan Mgr. Soegijapranata 1", "Tempat": "Ambarawa",
}  # fmt: skip
PEOPLE = (
    {"name": "Rina Astuti", "nip": "198501012010012001", "position": "Pengadministrasi", "role": "Staf"},
    {"name": "Budi Santoso", "position": "Kasi Pelayanan", "role": "Kasi", "email": "budi@semarangkab.go.id"},
    {"name": "Sari Dewi", "position": "Sekretaris Camat", "role": "Sekcam", "end": dt.date(2027, 1, 31)},
    {"name": "Hadi Wijaya", "position": "Camat", "role": "Camat", "other_names": "Hadi W."},
    {"name": "Tono Lama", "position": "Staf Umum", "role": "Staf", "active": "Tidak"},
    {"name": "Wati Pindah", "position": "Staf Umum", "role": "Staf", "end": dt.date(2026, 6, 30)},
)


@pytest.fixture
def sopkit(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    """Run the command line in this process: the exit code, and what it said."""

    def run(*words: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["sopkit", *map(str, words)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        told = capfd.readouterr()
        return int(left.value.code or 0), " ".join(told.out.split()), told.err

    return run


@pytest.fixture(scope="module", autouse=True)
def _fewer_rows() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        few_rows(patch)
        yield


@pytest.fixture(scope="module")
def december(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office's folder with the register of 2026: named, staffed, one case cancelled and one going on."""
    folder = tmp_path_factory.mktemp("desember")
    (folder / "registers").mkdir()
    shutil.copytree(Path(__file__).parents[1] / "templates", folder / "templates")
    _register(_book(folder), 2026, ("Batal", "Proses"))
    return folder


@pytest.fixture
def office(december: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that folder; the working folder is in it."""
    shutil.copytree(december, tmp_path / "kantor")
    monkeypatch.chdir(tmp_path / "kantor")
    return tmp_path / "kantor"


def _book(office: Path, year: int = 2026) -> Path:
    return office / "registers" / f"register-{year}.xlsx"


def _register(path: Path, year: int, states: Sequence[str], office: Mapping[str, str] = {}, **more: object) -> None:
    roman, month = ("XI", 11) if year == 2026 else ("I", 1)
    numbers = [f"{number:03d}/CLTS/{roman}/{year}" for number in range(1, len(states) + 1)]
    cases = [
        {
            "number": number, "found_at": dt.datetime(year, month, 10, 8, len(state)), "service": "Legalisasi Surat",
            "description": f"Surat untuk {number} keliru nama pemohonnya", "found_by": "Rina Astuti", "status": state,
            "remark": "Pemohon menarik berkasnya kembali", **more,
        }
        for number, state in zip(numbers, states, strict=True)
    ]  # fmt: skip
    begun, done = dt.datetime(year, month, 10, 8, 30), dt.datetime(year, month, 10, 8, 40)
    events = [{"case": one, "step": 1, "actor": "Rina Astuti", "start": begun, "end": done} for one in numbers]
    content = WorkbookContent(cases=cases, events=events, people=PEOPLE, office={**LETTERHEAD, **office})
    path.write_bytes(build_workbook(load_sop(), year, content))


def _open(book: Path) -> openpyxl.Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(book)


def _type(book: Path, sheet: str, *rows: Mapping[str, object]) -> None:
    """Type rows below what stands there, by their headers."""
    workbook = _open(book)
    typed = workbook[sheet]
    heads = {cell.value: cell.column for cell in typed[FIRST - 1]}
    row = FIRST
    while any(typed.cell(row, column).value is not None for column in (1, 3)):
        row += 1
    for number, values in enumerate(rows, row):
        for header, value in values.items():
            typed.cell(number, heads[header]).value = value
    workbook.save(book)


def _rows(book: Path, sheet: str) -> list[dict[str, object]]:
    lines = CalamineWorkbook.from_path(book).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    rows = (dict(zip(lines[FIRST - 2], line, strict=True)) for line in lines[FIRST - 1 :])
    return [row for row in rows if any(value not in ("", 0) for value in list(row.values())[:8])]


def _kantor(book: Path) -> dict[object, object]:
    return {row["Kunci"]: row["Nilai"] for row in _rows(book, "Kantor")}


def test_a_new_year_carries_the_office_over_and_says_so(sopkit, office: Path) -> None:
    settings = {"Waktu Acuan": "2026-11-20 10:00", "Domain Surel": "semarangkab.go.id"}
    _register(_book(office), 2026, ("Batal", "Proses"), settings)
    _type(_book(office), "Surel", {"Dokumen": "PTPP", "Kepada": "Hadi Wijaya", "Tembusan": "Kasi"})
    code, out, err = sopkit("init", "--year", "2027")
    assert (code, err) == (0, "")
    assert "4 pegawai dan data kantor disalin dari register-2026.xlsx." in out
    assert "Tono Lama (tidak aktif) dan Wati Pindah (Staf Umum, sampai 30 Juni 2026)" in out
    assert "1 kasus terbuka tetap dicatat di register-2026.xlsx: 002/CLTS/XI/2026." in out
    assert "Dikosongkan di sheet Kantor: Waktu Acuan." in out and "isi lebih dahulu" not in out
    new = _book(office, 2027)
    kantor = _kantor(new)
    assert {key: kantor[key] for key in LETTERHEAD} == LETTERHEAD
    assert (kantor["Tahun Register"], kantor["Waktu Acuan"], kantor["Domain Surel"]) == (
        "2027",
        "",
        "semarangkab.go.id",
    )
    people = _rows(new, "Pegawai")
    assert [row["Nama"] for row in people] == ["Rina Astuti", "Budi Santoso", "Sari Dewi", "Hadi Wijaya"]
    assert people[0]["NIP"] == "198501012010012001" and people[3]["Nama Lain"] == "Hadi W."
    assert {"Dokumen": "PTPP", "Kepada": "Hadi Wijaya", "Tembusan": "Kasi"} in _rows(new, "Surel")
    assert not _rows(new, "Register") and not _rows(new, "Langkah")


def test_a_carried_register_reads_as_clean_as_a_blank_one(office: Path) -> None:
    write_office(office, 2027, load_sop())
    found = inspect_register(read_register(_book(office, 2027)), load_sop(), dt.datetime(2027, 1, 4, 9)).findings
    assert {one.code for one in found} <= {"B10"}


def test_live_cells_of_a_carried_register_have_their_results(office: Path) -> None:
    write_office(office, 2027, load_sop())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(_book(office, 2027), data_only=True)
    assert book["Ringkasan"]["A1"].value == "KECAMATAN AMBARAWA · PEMERINTAH KABUPATEN SEMARANG"
    assert [book["Pegawai"][f"L{row}"].value for row in (5, 8, 9)] == [0, 0, None]
    assert [book["Ringkasan"].cell(5, column).value for column in range(1, 6)] == [0] * 5


def test_lists_and_own_columns_come_along(office: Path) -> None:
    book = _open(_book(office))
    book["Daftar"].cell(20, 1).value = "Adminduk Keliling"
    book["Kalender"].cell(4, 5).value, book["Kalender"].cell(5, 5).value = "Disposisi", "Camat"
    book.save(_book(office))
    write_office(office, 2027, load_sop())
    register = read_register(_book(office, 2027))
    assert register.choices["Jenis Layanan"][-1] == "Adminduk Keliling" and len(register.choices["Jenis Layanan"]) == 16
    assert "Disposisi" in _rows(_book(office, 2027), "Kalender")[0]


def test_the_calendar_is_the_new_years_with_what_the_office_wrote_for_it(sopkit, office: Path) -> None:
    own = [
        {"Tanggal": dt.date(2026, 3, 15), "Jenis": "Libur Daerah", "Keterangan": "Hari Jadi Kabupaten"},
        {"Tanggal": dt.date(2026, 9, 1), "Jenis": "Libur Daerah", "Keterangan": "Sedekah Bumi"},
        {"Tanggal": dt.date(2027, 3, 15), "Jenis": "Libur Daerah", "Keterangan": "Hari Jadi Kabupaten"},
        {"Tanggal": dt.date(2027, 5, 10), "Jenis": "Cuti Bersama", "Keterangan": "SKB 2027"},
        {"Tanggal": dt.date(2027, 8, 17), "Jenis": "Hari Kerja", "Keterangan": "Upacara dan pelayanan"},
        {"Tanggal": "entah", "Jenis": "Libur Daerah", "Keterangan": "Belum pasti"},
    ]
    _type(_book(office), "Kalender", *own)
    _, out, _ = sopkit("init", "--year", "2027")
    assert "3 hari yang ditulis kantor sendiri di sheet Kalender ikut disalin." in out
    assert "bila berlaku lagi: 1 September 2026 (Sedekah Bumi)." in out and "tanggalnya tidak terbaca" in out
    rows = [(row["Tanggal"], row["Jenis"]) for row in _rows(_book(office, 2027), "Kalender")]
    assert rows == sorted(rows) and {day.year for day, _ in rows} == {2027, 2028}
    assert (dt.date(2027, 3, 15), "Libur Daerah") in rows and (dt.date(2027, 5, 10), "Cuti Bersama") in rows
    assert [kind for day, kind in rows if day == dt.date(2027, 8, 17)] == ["Hari Kerja"]


def test_a_feast_that_the_office_moved_stands_once(office: Path) -> None:
    book = _open(_book(office))
    calendar = book["Kalender"]
    row = next(row for row in range(FIRST, 90) if "Idul Fitri" in str(calendar.cell(row, 3).value)
               and calendar.cell(row, 1).value.year == 2027)  # fmt: skip
    moved = calendar.cell(row, 1).value.date() + dt.timedelta(days=4)
    name = str(calendar.cell(row, 3).value).replace("(perkiraan)", "").strip()
    calendar.cell(row, 1).value, calendar.cell(row, 3).value = moved, name
    book.save(_book(office))
    write_office(office, 2027, load_sop())
    feasts = [
        one["Tanggal"] for one in _rows(_book(office, 2027), "Kalender") if str(one["Keterangan"]).startswith(name)
    ]
    assert [day for day in feasts if day.year == 2027 and day >= moved] == [moved]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ([], ["Senin–Kamis", "Jumat", "Senin–Kamis", "Jumat", "Senin–Kamis", "Jumat"]),
        ([{"Hari": "Sabtu", "Masuk": dt.time(8), "Pulang": dt.time(12)}],
         ["Senin–Kamis", "Jumat", "Senin–Kamis", "Jumat", "Senin–Kamis", "Jumat", "Sabtu"]),
        ([{"Berlaku Mulai": dt.date(2026, 8, 3), "Berlaku Sampai": dt.date(2026, 8, 7), "Hari": "Senin–Jumat",
           "Masuk": dt.time(9), "Pulang": dt.time(12)}],
         ["Senin–Kamis", "Jumat", "Senin–Kamis", "Jumat", "Senin–Kamis", "Jumat"]),
    ],
    ids=["default", "saturday", "past"],
)  # fmt: skip
def test_hours_are_the_usual_ones_and_the_offices_own(office: Path, typed: list, wanted: list[str]) -> None:
    if typed:
        _type(_book(office), "Jam Kerja", *typed)
    write_office(office, 2027, load_sop())
    hours = _rows(_book(office, 2027), "Jam Kerja")
    assert [row["Hari"] for row in hours] == wanted
    assert all(not row["Berlaku Sampai"] or row["Berlaku Sampai"].year >= 2027 for row in hours)


def test_hours_that_the_office_changed_stay_changed(office: Path) -> None:
    book = _open(_book(office))
    book["Jam Kerja"]["D5"].value = dt.time(8)
    book.save(_book(office))
    write_office(office, 2027, load_sop())
    usual = [row for row in _rows(_book(office, 2027), "Jam Kerja") if not row["Berlaku Mulai"]]
    assert [(row["Hari"], row["Masuk"]) for row in usual] == [("Jumat", dt.time(7, 30)), ("Senin–Kamis", dt.time(8))]


def test_a_pattern_that_writes_the_year_out_follows_it(sopkit, office: Path) -> None:
    _register(_book(office), 2026, ["Proses"], {"Pola No. BA": "{urut}/BA/12026/2026"})
    _, out, _ = sopkit("init", "--year", "2027")
    assert _kantor(_book(office, 2027))["Pola No. BA"] == "{urut}/BA/12026/2027"
    assert "Pola No. BA menjadi {urut}/BA/12026/2027" in out


@pytest.mark.parametrize("content", [b"PK\x03\x04 rusak", b""], ids=["broken", "empty"])
def test_a_newest_register_that_cannot_be_read_leaves_the_new_one_blank(sopkit, office: Path, content: bytes) -> None:
    _book(office).write_bytes(content)
    code, out, _ = sopkit("init", "--year", "2027")
    assert code == 0 and "Tidak ada yang disalin dari register-2026.xlsx, jadi register baru dimulai kosong." in out
    assert "isi lebih dahulu Nama Kantor (sel B6)" in out and "hapus register baru itu, lalu ulangi" in out
    assert not _rows(_book(office, 2027), "Pegawai") and _kantor(_book(office, 2027))["Nama Kantor"] == ""


def test_a_foreign_newest_register_leaves_the_new_one_blank(sopkit, office: Path) -> None:
    foreign = openpyxl.Workbook()
    foreign.active.append(["Nomor", "Tanggal", "Masalah"])
    foreign.active.append(["1", dt.date(2026, 12, 1), "Salah ketik"])
    foreign.save(_book(office))
    code, out, _ = sopkit("init", "--year", "2027")
    assert code == 0 and "tidak memuat sheet Pegawai dan Kantor" in out
    assert _kantor(_book(office, 2027))["Nama Kantor"] == ""


def test_the_example_is_nobodys_office(office: Path, example: Path, sopkit) -> None:
    shutil.copy(example, office / "registers")
    _, out, _ = sopkit("init", "--year", "2027")
    assert (
        "disalin dari register-2026.xlsx" in out and _kantor(_book(office, 2027))["Nama Kantor"] == "KECAMATAN AMBARAWA"
    )
    assert "register-contoh" not in out


def test_an_own_sop_bears_its_own_letterhead(tmp_path: Path, sop: Sop) -> None:
    own = replace(sop, office=replace(sop.office, name="KECAMATAN LAIN", place="LAIN"))
    assert write_office(tmp_path, 2026, own).first == ("sheet Pegawai",)
    assert _kantor(_book(tmp_path))["Nama Kantor"] == "KECAMATAN LAIN"


@pytest.fixture
def sop() -> Sop:
    return load_sop()


def test_a_fresh_office_is_asked_for_its_name_before_anything_else(sopkit, tmp_path: Path) -> None:
    code, out, _ = sopkit("init", tmp_path, "--year", "2026")
    first = "isi lebih dahulu Nama Kantor (sel B6), Pemerintah, Alamat, dan Tempat di sheet Kantor dan sheet Pegawai"
    assert code == 0 and f"Langkah berikutnya: {first}" in out
    _, out, _ = sopkit("run", _book(tmp_path))
    assert f"Langkah berikutnya I{first[1:]}" in out
    texts = " ".join(str(value) for value in _kantor(_book(tmp_path)).values())
    assert "BANDUNGAN" not in texts.upper()


def _made(inspected, tmp_path: Path):
    from sopkit.documents.generate import generate

    return generate(inspected, tmp_path / "keluaran", Path(__file__).parents[1] / "templates")


@pytest.mark.parametrize(
    ("kantor", "cells"),
    [
        ({"Nama Kantor": ""}, ["B6"]),
        ({"Nama Kantor": "", "Tempat": ""}, ["B6"]),
        ({"Nama Kantor": "   "}, ["B6"]),
        ({"Nama Kantor": "KECAMATAN AMBARAWA", "Tempat": ""}, ["B8"]),
        ({"Nama Kantor": "KECAMATAN AMBARAWA", "Tempat": "Ambarawa", "Alamat": "", "Pemerintah": ""}, []),
        ({"Nama Kantor": "Kecamatan  Bandungan", "Tempat": "", "Alamat": ""}, []),
        ({}, []),
    ],
)
def test_no_document_bears_another_offices_letterhead(
    office: Path, tmp_path: Path, kantor: dict[str, str], cells: list[str]
) -> None:
    """The register as the SOP's office would have it, but for these keys of Kantor."""
    own = dict.fromkeys(LETTERHEAD, "") | {"Nama Kantor": "KECAMATAN BANDUNGAN"} | kantor
    _register(_book(office), 2026, ["Proses"], own)
    inspected = inspect_register(read_register(_book(office)), load_sop(), dt.datetime(2026, 11, 28, 9))
    made = _made(inspected, tmp_path)
    assert [(one.code, one.sheet, one.cell) for one in made.findings] == [("T05", "Kantor", cell) for cell in cells]
    assert bool(made.documents) is not bool(cells)
    if "AMBARAWA" in own["Nama Kantor"]:
        assert "BANDUNGAN" not in f"{inspected.office}".upper()
    elif not cells:
        assert inspected.office.place == "BANDUNGAN" and inspected.office.address


def test_a_missing_sheet_kantor_means_the_sops_office_and_b50_says_whose_letterhead(tmp_path: Path) -> None:
    cases = (
        "No. Catatan | Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Ditemukan Oleh | Status\n"
        "001/CLTS/XI/2026 | 2026-11-16 08:00 | Legalisasi Surat | Stempel pada salinan tidak terbaca | Ratna Anggraini "
        "| Proses"
    )
    events = "No. Catatan | Langkah | Pelaksana | Mulai | Selesai\n001/CLTS/XI/2026 | 1 | Ratna Anggraini | "
    book = office_workbook(
        tmp_path / "r.xlsx", cases, f"{events}2026-11-16 08:00 | 2026-11-16 08:10", without=["Kantor"]
    )
    inspected = inspect_register(read_register(book), load_sop(), dt.datetime(2026, 11, 28, 9))
    (note,) = [found for found in inspected.findings if found.code == "B50"]
    assert "kop surat menurut SOP: KECAMATAN BANDUNGAN" in note.message
    made = _made(inspected, tmp_path)
    assert made.documents and not made.findings


def _registers(office: Path, *given: tuple[int, Sequence[str]]) -> None:
    for year, states in given:
        _register(_book(office, year), year, states)


@pytest.mark.parametrize(
    ("others", "as_of", "taken", "said"),
    [
        ([], "2027-01-11", [2026], ""),
        ([(2027, [])], "2027-01-11", [2027, 2026], ""),
        ([(2027, ["Proses"])], "2027-01-11", [2027, 2026], ""),
        ([(2027, [])], "2026-12-20", [2026], "register-2027.xlsx tidak diperiksa: belum memuat kasus tahun 2027."),
        ([(2025, ["Batal"])], "2026-12-20", [2026], "register-2025.xlsx tidak diperiksa: semua kasusnya selesai."),
        ([(2025, [])], "2026-12-20", [2026], "register-2025.xlsx tidak diperiksa: belum memuat kasus."),
        ([(2025, ["Terbuka"])], "2026-12-20", [2026, 2025], ""),
        (
            [(2024, ["Selesai"]), (2025, ["Batal"])],
            "2026-12-20",
            [2026],
            "register-2024.xlsx dan register-2025.xlsx tidak diperiksa: semua kasusnya selesai.",
        ),
        ([(2025, ["Batal"])], "2028-02-01", [2026], "register-2025.xlsx tidak diperiksa: semua kasusnya selesai."),
    ],
)
def test_this_years_register_and_the_older_ones_with_open_cases_are_taken(
    sopkit, office: Path, others: list, as_of: str, taken: list[int], said: str
) -> None:
    _registers(office, *others)
    _, _, err = sopkit("validate", "--as-of", as_of, "--format", "json", "--output", "temuan.json")
    data = json.loads((office / "temuan.json").read_text("utf-8"))
    paths = [Path(one["register"]["path"]).name for one in (data if isinstance(data, list) else [data])]
    assert paths == [f"register-{year}.xlsx" for year in taken]
    assert err.splitlines()[:-1] == ([said] if said else [])


def test_something_still_to_be_destroyed_keeps_a_register_in_use(office: Path) -> None:
    waiting, done = (office / "registers" / name for name in ("a.xlsx", "b.xlsx"))
    for path, number in ((waiting, None), (done, "001/BA/XI/2026")):
        _register(path, 2026, ["Selesai"], to_destroy="Ya", disposal_number=number)
    assert (books.look(waiting).open, books.look(done).open) == (("001/CLTS/XI/2026",), ())


def test_each_register_in_use_gets_its_numbers(sopkit, office: Path) -> None:
    for year in (2026, 2027):
        _register(_book(office, year), year, ["Proses"], number=None)
    code, out, err = sopkit("number", "--yes")
    assert (code, err) == (0, "") and out.count("ditulis ke") == 2
    assert "register-2026.xlsx:" in out and "register-2027.xlsx:" in out


def test_run_goes_through_the_registers_in_use(sopkit, office: Path) -> None:
    _registers(office, (2025, ["Batal"]), (2027, ["Proses"]))
    code, out, err = sopkit("run", "--as-of", "2027-01-11T09:00")
    assert code == 0 and out.index("register-2027.xlsx ---") < out.index("register-2026.xlsx ---")
    assert err == "register-2025.xlsx tidak diperiksa: semua kasusnya selesai.\n"
    assert sopkit("generate", "--as-of", "2027-01-11")[0] == 0
    assert sopkit("mail", "preview", "--as-of", "2027-01-11")[0] in (0, 4)
    assert sopkit("export", "--as-of", "2027-01-11")[1].count("CLTS/I/2027") == 1
    assert sopkit("recap", "--as-of", "2027-01-11")[1].startswith("Rekap 3 register")


def test_the_example_alone_is_taken_and_beside_a_register_it_is_not(sopkit, office: Path, example: Path) -> None:
    shutil.copy(example, office / "registers")
    assert books.choose([], dt.datetime(2026, 12, 1)).left == (
        "register-contoh.xlsx tidak diperiksa: itu register contoh.",
    )
    _book(office).unlink()
    assert [path.name for path in books.choose([]).books] == ["register-contoh.xlsx"]


def test_two_copies_of_one_register_are_not_both_taken(sopkit, office: Path) -> None:
    shutil.copy(_book(office), office / "registers" / "register-2026-diperbarui.xlsx")
    code, _, err = sopkit("run")
    assert code == 2 and "memuat 2 kasus yang sama" in err and not (office / "keluaran").exists()
    assert sopkit("validate", _book(office))[0] != 2


def test_two_registers_of_one_year_are_both_taken(office: Path) -> None:
    other = office / "registers" / "nikah.xlsx"
    _register(other, 2026, ["Proses"], description="Nama mempelai pada pengantar nikah tertukar")
    assert len(books.choose([], dt.datetime(2026, 12, 1)).books) == 2
    with pytest.raises(folders.SeveralBooks):
        books.choose_one(None, dt.datetime(2026, 12, 1))


def test_what_is_no_register_is_passed_over_and_what_is_broken_is_said(sopkit, office: Path) -> None:
    listed, numbers = openpyxl.Workbook(), office / "registers" / "angka.xlsx"
    listed.save(office / "registers" / "daftar-hadir.xlsx")
    listed.active["A1"] = "Rekap ketidaksesuaian: KECAMATAN AMBARAWA"
    listed.save(numbers)
    (office / "registers" / "rusak.xlsx").write_bytes(b"PK\x03\x04")
    code, _, err = sopkit("validate", "--as-of", "2026-12-01")
    assert code == 3 and "daftar-hadir.xlsx tidak diperiksa: tidak mempunyai sheet Register." in err
    assert "rusak.xlsx:" in err and f"{numbers.name} tidak diperiksa: itu hasil sopkit untuk dibaca." in err


@pytest.mark.parametrize("below", ["registers", "keluaran", "keluaran/ptpp", "templates/surel", "arsip/2026"])
def test_commands_work_anywhere_below_the_offices_folder(
    sopkit, office: Path, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    assert sopkit("run", "--as-of", "2026-12-01")[0] == 0
    (office / below).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(office / below)
    code, out, err = sopkit("run", "--as-of", "2026-12-01")
    assert code == 0 and f"Tempat:{office / 'keluaran'}" in "".join(out.split()), err  # the console breaks long paths
    for words in (["verify"], ["mail", "sent"], ["number"], ["sop", "show"], ["template", "check"], ["mail", "status"]):
        assert sopkit(*words)[0] == 0, words
    assert "Buku kerja: register-2026.xlsx" in sopkit("doctor")[1]
    if not below.startswith("arsip"):
        assert sopkit("init", "--year", "2027")[0] == 0 and _book(office, 2027).is_file()
    assert not (office / below / "keluaran").exists() and not (office / below / "registers").exists()


def test_the_search_for_the_office_ends_at_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "registers").mkdir()
    (tmp_path / "registers" / "r.xlsx").write_bytes(b"x")
    home = tmp_path / "home" / "siti"
    below = home / "kantor" / "keluaran"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert folders.office_folder() == tmp_path
    monkeypatch.setattr(Path, "home", lambda: home)
    assert folders.office_folder() == Path()
    (home / "registers").mkdir()
    assert folders.office_folder() == Path()  # holds no workbook
    (home / "templates").mkdir()
    assert folders.office_folder() == home


@pytest.mark.parametrize("command", ["validate", "run", "recap"])
@pytest.mark.parametrize("folder", ["registers", "."])
def test_a_folder_means_the_workbooks_in_it(sopkit, office: Path, command: str, folder: str) -> None:
    _registers(office, (2025, ["Batal"]))
    shutil.copy(_book(office), office / "registers" / "register-2026-diperiksa.xlsx")
    (office / "registers" / "~$register-2026.xlsx").write_bytes(b"x")
    (office / "registers" / "cadangan").mkdir()
    shutil.copy(_book(office), office / "registers" / "cadangan" / "lama.xlsx")
    code, out, err = sopkit(command, folder, "--as-of", "2026-12-01")
    assert code in (0, 1) and not err
    wanted = "Rekap 2 register" if command == "recap" else "register-2025.xlsx"
    assert wanted in out and "diperiksa.xlsx ---" not in out and "lama.xlsx" not in out


def test_a_folder_without_workbooks_is_said_to_be_one(sopkit, tmp_path: Path) -> None:
    code, _, err = sopkit("validate", tmp_path)
    assert code == 3 and "adalah folder" in err


@pytest.mark.skipif(os.name == "nt", reason="Ctrl+C is sent as a POSIX signal")
def test_watch_waits_for_every_register_in_use(office: Path) -> None:
    _registers(office, (2027, ["Proses"]))
    started = subprocess.Popen(
        [sys.executable, "-m", "sopkit", "watch", "registers"],
        cwd=office, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        assert started.stdout is not None
        waiting = next(line for line in started.stdout if line.startswith("Menunggu"))
    finally:
        started.kill()
        started.communicate(timeout=30)
    assert "register-2026.xlsx dan register-2027.xlsx disimpan" in waiting
