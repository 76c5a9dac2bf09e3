"""What the documents say, and that it depends on the workbook alone."""

from __future__ import annotations

import datetime as dt
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from make_templates import TEMPLATES as BUILDERS
from make_templates import make_templates
from offices import DONE, TEMPLATES, UNDER_WAY, many, office

from sopkit.checks.inspection import Inspected
from sopkit.documents import codes
from sopkit.documents.content import DocumentContent, catatan
from sopkit.documents.fields import FIELDS
from sopkit.documents.kinds import KINDS, wanted_documents
from sopkit.documents.records import DocumentData

ADDED = {"qr", "lambang", "kode_verifikasi"}


def fillings(inspected: Inspected) -> dict[tuple[str, str], DocumentContent]:
    desk = DocumentData(inspected)
    wanted, _ = wanted_documents(desk, KINDS)
    return {one.key: one.fill() for one in wanted}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], DocumentContent]:
    return fillings(office(tmp_path_factory.mktemp("kantor")))


def test_every_field_listed_is_given_and_every_field_given_is_listed(
    said: dict[tuple[str, str], DocumentContent],
) -> None:
    for (kind, _), filling in said.items():
        given = set(filling.context) | ADDED
        for name, value in filling.context.items():
            given |= {f"{name}.{key}" for row in value if isinstance(value, list) for key in row}
        assert given == set(FIELDS[kind]), kind
    assert {kind for kind, _ in said} == set(KINDS)


def test_fields_of_a_ptpp(said: dict[tuple[str, str], DocumentContent]) -> None:
    ptpp = said["ptpp", "001/PTPP/III/2026"].context
    assert ptpp["tanggal_ptpp"] == "2 Maret 2026"
    assert ptpp["tanggal_ptpp_hari"] == "Senin"
    assert ptpp["tanggal_ptpp_angka"] == "02-03-2026"
    assert ptpp["tanggal_ptpp_terbilang"] == "dua Maret dua ribu dua puluh enam"
    assert ptpp["tanggal_ditemukan_jam"] == "08.00"
    assert (ptpp["penanggung_jawab"], ptpp["penanggung_jawab_jabatan"]) == ("Joko Santosa", "Kepala Seksi Pelayanan")
    assert (ptpp["pimpinan"], ptpp["pimpinan_nip"]) == ("Wahyu Kusumaningrum", "197212101996032002")
    assert said["ptpp", "002/PTPP/III/2026"].context["analisis_penyebab"] == ""


def test_steps_of_a_catatan(said: dict[tuple[str, str], DocumentContent]) -> None:
    rows = said["catatan", DONE].context["langkah"]
    assert [row["nomor"] for row in rows] == ["1", "2", "3", "5", "6", "7", "8", "9", "10"]
    assert rows[6]["waktu"] == "2 jam 10 menit"
    assert (rows[6]["penilaian"], rows[7]["penilaian"]) == ("terlambat", "tepat waktu")
    running = said["catatan", UNDER_WAY].context["langkah"]
    assert (running[1]["penilaian"], running[1]["waktu"], running[1]["selesai"]) == ("berjalan", "", "")
    assert [row["pelaksana"] for row in running[2:]] == [""] * 7


REJECTION = "2026-03-03 14:10 | Disetujui |"


@pytest.mark.parametrize(
    ("changes", "who", "day"),
    [
        ({}, "Hartono Wibowo", "3 Maret 2026"),
        ({REJECTION: "2026-03-03 14:10 | Ditolak | NIK salah"}, "", ""),  # the rejection alone approves nothing
        ({f"13:55 | {REJECTION}": "13:55 | | |"}, "", ""),
    ],
)  # fmt: skip
def test_nobody_has_approved_before_the_approval(tmp_path: Path, changes: dict[str, str], who: str, day: str) -> None:
    inspected = office(tmp_path, changes)
    row = min(DocumentData(inspected).cases)
    filled = catatan(DocumentData(inspected), row).context
    assert (filled["disetujui_oleh"], filled["disetujui_tanggal"]) == (who, day)
    assert filled["disetujui_oleh_jabatan"] == ("Sekretaris Kecamatan" if who else "")


SKIPPED = "001/CLTS/III/2026 | 3 | Joko Santosa | 2026-03-02 09:15 | 2026-03-02 10:00 | |\n"
FIFTH = "2026-03-02 10:20 | |"


@pytest.mark.parametrize(
    ("remark", "printed"),
    [
        ("Camat dinas luar, arahan lewat telepon", "dilewati: Camat dinas luar, arahan lewat telepon"),
        ("", "dilewati"),
        ("terlewat", "dilewati"),  # explains nothing (U01)
    ],
)
def test_a_skipped_step_stands_in_its_place(tmp_path: Path, remark: str, printed: str) -> None:
    inspected = office(tmp_path, {SKIPPED: "", FIFTH: f"{FIFTH} {remark}"})
    rows = catatan(DocumentData(inspected), min(DocumentData(inspected).cases)).context["langkah"]
    assert [row["nomor"] for row in rows] == ["1", "2", "3", "5", "6", "7", "8", "9", "10"]
    assert (rows[2]["tidak_dilaksanakan"], rows[2]["keterangan"], rows[2]["pelaksana"]) == (printed, printed, "")
    assert {row["tidak_dilaksanakan"] for row in rows if row["nomor"] != "3"} == {""}


@pytest.mark.parametrize(
    ("need", "approved", "printed"),
    [
        ("Tidak", True, "tidak ada yang dimusnahkan"),
        ("Tidak", False, "tidak ada yang dimusnahkan"),
        ("Ya", True, "belum dimusnahkan"),
        ("Ya", False, ""),  # to be filled in by hand
        ("", True, "belum dimusnahkan"),
    ],
)
def test_after_the_approval_no_line_is_empty(tmp_path: Path, need: str, approved: bool, printed: str) -> None:
    changes = {
        "| Ya | 2 | lembar | 001/BA/III/2026 |": f"| {need} | 2 | lembar | |",
        "001/CLTS/III/2026 | 10 | Tutik Handayani | 2026-03-12 09:00 | 2026-03-12 10:00 | |\n": "",
    }
    if not approved:
        changes[REJECTION] = "| |"
    inspected = office(tmp_path, changes)
    rows = catatan(DocumentData(inspected), min(DocumentData(inspected).cases)).context["langkah"]
    assert (rows[-1]["nomor"], rows[-1]["tidak_dilaksanakan"]) == ("10", printed)


def test_a_finished_step_that_was_over_time_keeps_its_verdict(tmp_path: Path) -> None:
    late = office(tmp_path, {"2026-03-02 08:15 |": "2026-03-02 11:15 |"}, as_of=dt.datetime(2026, 9, 1, 8))
    rows = catatan(DocumentData(late), min(DocumentData(late).cases)).context["langkah"]
    assert (rows[0]["nomor"], rows[0]["penilaian"], rows[0]["waktu"]) == ("1", "terlambat", "3 jam 10 menit")


def test_words_of_a_berita_acara(said: dict[tuple[str, str], DocumentContent]) -> None:
    ba = said["ba", "001/BA/III/2026"].context
    words = [ba[f"tanggal_{name}"] for name in ("hari", "hari_terbilang", "bulan", "tahun_terbilang", "angka")]
    assert words == ["Kamis", "dua belas", "Maret", "dua ribu dua puluh enam", "12-03-2026"]
    assert ba["saksi_2_jabatan"] == "Kepala Seksi Pemerintahan"
    assert ba["jumlah_per_satuan"] == [{"satuan": "lembar", "jumlah": "2"}]


def test_totals_of_a_berita_acara_are_per_unit(tmp_path: Path) -> None:
    inspected = many(tmp_path, 3)
    columns = {"unit": np.array(["lembar", "berkas", "Lembar "], object), "quantity": np.array([2.0, 1.0, 0.5])}
    read = inspected.register.cases.read.assign(columns)
    register = replace(inspected.register, cases=replace(inspected.register.cases, read=read))
    inspected = replace(inspected, register=register)
    (ba,) = [filling for (kind, _), filling in fillings(inspected).items() if kind == "ba"]
    assert ba.context["jumlah_per_satuan"] == [
        {"satuan": "lembar", "jumlah": "2,5"},
        {"satuan": "berkas", "jumlah": "1"},
    ]


@pytest.mark.parametrize(("typed", "beginning"), [("Lemari besi " * 20, "Lemari besi Lemari"), ("x" * 120, "xxx")])
def test_what_is_too_long_for_its_place_is_shortened_and_kept_whole_beside(
    tmp_path: Path, typed: str, beginning: str
) -> None:
    changes = {
        "Map merah lemari 2": typed,
        "Nama pemohon pada surat tidak sesuai dengan kartu tanda penduduk": typed * 3,
    }
    filled = fillings(office(tmp_path, changes))
    label, ba = filled["label", DONE].context, filled["ba", "001/BA/III/2026"].context
    short, described = label["tempat_ringkas"], ba["rincian"][0]
    assert short.startswith(beginning) and short.endswith("…") and 60 < len(short) <= 90
    assert 150 < len(described["uraian_ringkas"]) <= 200
    assert label["tempat_pemisahan"] == typed.strip() and described["uraian"] == (typed * 3).strip()


@pytest.mark.parametrize(
    ("as_of", "until", "age"),
    [
        (dt.datetime(2026, 3, 18, 16), "18 Maret 2026", "0"),  # the day of the PTPP
        (dt.datetime(2026, 3, 20, 10), "20 Maret 2026", "1"),  # the 20th is joint leave
        (dt.datetime(2026, 3, 31, 7), "31 Maret 2026", "8"),  # 19, 23–27, 30 and 31 March
    ],
)
def test_ages_run_to_the_reference_moment_and_it_is_said(
    tmp_path: Path, as_of: dt.datetime, until: str, age: str
) -> None:
    listed = fillings(office(tmp_path, as_of=as_of))["daftar", ""].context
    assert (listed["periode"], listed["akhir_periode"]) == ("Maret 2026", until)
    done, under_way = listed["daftar"]
    assert (done["umur"], done["selesai"]) == ("1", "03-03-2026")
    assert under_way["umur"] == age
    assert {row["status"]: row["banyak"] for row in listed["jumlah_per_status"]} == {
        "Terbuka": "0", "Proses": "1", "Selesai": "1", "Batal": "0",
    }  # fmt: skip


def test_another_day_makes_no_document_anew(tmp_path: Path) -> None:
    """Only the Daftar says another age and day, and that alone is no reason to print it again."""
    one = fillings(office(tmp_path / "a", as_of=dt.datetime(2026, 3, 20, 10)))
    other = fillings(office(tmp_path / "b", as_of=dt.datetime(2026, 4, 2, 15)))
    assert [key for key in one if one[key].context != other[key].context] == [("daftar", "")]
    for sha256 in ("data_sha256", "print_sha256"):
        assert {key: getattr(f, sha256) for key, f in one.items()} == {
            key: getattr(f, sha256) for key, f in other.items()
        }


def test_a_new_head_of_office_leaves_the_code_of_issued_documents(tmp_path: Path) -> None:
    from workbooks import PEGAWAI

    promoted = PEGAWAI.replace("Pembina (IV/a) | Camat", "Pembina Tingkat I (IV/b) | Camat")
    before, after = fillings(office(tmp_path / "a")), fillings(office(tmp_path / "b", pegawai=promoted))
    key = ("ptpp", "001/PTPP/III/2026")
    assert before[key].data_sha256 == after[key].data_sha256
    assert before[key].print_sha256 != after[key].print_sha256


def test_a_changed_status_is_no_new_ptpp_but_a_new_catatan(tmp_path: Path) -> None:
    before = fillings(office(tmp_path / "a"))
    after = fillings(office(tmp_path / "b", {"Bagus Setiawan | | | | | |": "Bagus Setiawan | Audit | | | | |"}))
    changed = {key for key in before if before[key].data_sha256 != after[key].data_sha256}
    assert changed == {("catatan", "003/CLTS/III/2026")}


@pytest.mark.parametrize("role", ["Kasi | wahyu", "Camat | wahyu@contoh.go.id | Ya\nBayu Aji | | | Camat | Camat | b"])
def test_no_head_is_guessed_where_there_is_none_or_two(tmp_path: Path, role: str) -> None:
    from workbooks import PEGAWAI

    people = PEGAWAI.replace("Camat | wahyu", role)
    office_fields = DocumentData(office(tmp_path, pegawai=people)).office
    assert (office_fields["pimpinan"], office_fields["pimpinan_jabatan"]) == ("", "Camat")


def test_codes() -> None:
    sha256 = "3f2a91bc77d012ee" + "0" * 48
    assert codes.short_code(sha256) == "3F2A-91BC-77D0-12EE"
    assert codes.full_code("ptpp", "001/PTPP/XI/2026", sha256) == f"SOPKIT:PTPP:001/PTPP/XI/2026:{sha256[:32].upper()}"


def test_templates_can_be_made_again(tmp_path: Path) -> None:
    make_templates(tmp_path)
    assert set(BUILDERS) == {kind.template for kind in KINDS.values()}
    for name in BUILDERS:
        assert (tmp_path / name).read_bytes() == (TEMPLATES / name).read_bytes(), name


@pytest.mark.parametrize("name", BUILDERS)
def test_templates_carry_nothing_of_their_making(name: str) -> None:
    with zipfile.ZipFile(TEMPLATES / name) as package:
        assert not [member for member in package.namelist() if "thumbnail" in member]
        assert b"python-docx" not in package.read("docProps/core.xml")
        assert b'w:val="15"' in package.read("word/settings.xml")
