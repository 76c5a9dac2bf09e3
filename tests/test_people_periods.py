"""People have periods: who was what on the day of an act, in findings, documents, mail and the new workbook."""

# ruff: noqa: E501

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from docx import Document as open_docx  # noqa: N813
from frozen_sop import SOP
from hypothesis import given
from hypothesis import strategies as st
from offices import TEMPLATES, office
from rule_fixtures import base_tables
from workbooks import PEGAWAI, few_rows, office_workbook

from sopkit.checks.inspection import Inspected, inspect_register
from sopkit.checks.staff import Post, Staff, without_titles
from sopkit.documents.generate import generate
from sopkit.documents.records import DocumentData
from sopkit.mail.recipients import Route, directory
from sopkit.newbook.create import WorkbookContent, build_workbook
from sopkit.newbook.renew import renew_workbook
from sopkit.register.layout import parse_layout
from sopkit.register.read import read_register

CASES = Path(__file__).parent / "cases"
HARTONO = "Hartono Wibowo | '197404051999031005 | Pembina (IV/a)"
HEADERS = "Nama | NIP | Pangkat/Golongan | Jabatan | Peran | Email | Aktif | Mulai | Sampai | Dasar | Nama Lain"


def staff_sheet(*rows: str, camat: str = "") -> str:
    """Sheet Pegawai of the small office with periods: `camat` are those of its Camat (Mulai | Sampai)."""
    lines = PEGAWAI.strip().splitlines()
    return "\n".join([HEADERS, *lines[1:-1], f"{lines[-1]} | {camat}", *rows])


def plt(first: str, last: str = "", *, position: str = "Plt. Camat") -> str:
    return f"{HARTONO} | {position} | Camat | | Ya | {first} | {last} | SK Bupati 821/17/2026"


def said(inspected: Inspected) -> list[str]:
    return [f"{f.code} @ {f.sheet}!{f.cell}" for f in inspected.findings if f.family == "P"]


def text_of(path: Path) -> str:
    body = open_docx(str(path)).element.body
    return "\n".join("".join(node.itertext()) for node in body.iter() if node.tag.endswith("}p"))


def acted(inspected: Inspected, output: Path) -> dict[str, str]:
    """The text of each document by its folder and name."""
    made = generate(inspected, output, TEMPLATES)
    return {f"{one.path.parent.name}/{one.path.name}": text_of(one.path) for one in made.documents}


STEPPED = {  # the small office of March, in which Sekcam Hartono decides and signs as Plt. Camat
    "5 | Wahyu Kusumaningrum": "5 | Hartono Wibowo",
    "Penggantian | Wahyu Kusumaningrum": "Penggantian | Hartono Wibowo",
    "Endah Purwanti | Wahyu Kusumaningrum": "Endah Purwanti | Hartono Wibowo",
    "9 | Hartono Wibowo": "9 | Endah Purwanti",
}


def test_documents_print_the_position_of_the_day(tmp_path: Path) -> None:
    """PTPP, BA and Catatan of a Plt. period say Plt. Camat; his own post stands where he acts in that."""
    people = staff_sheet(plt("2026-03-01", "2026-03-31"), camat="| 2026-02-28")
    inspected = office(tmp_path, STEPPED, pegawai=people)
    assert said(inspected) == []
    texts = acted(inspected, tmp_path / "keluaran")
    for name in ("ptpp/001-PTPP-III-2026.docx", "ba-pemusnahan/001-BA-III-2026.docx", "catatan/001-CLTS-III-2026.docx"):
        assert "Plt. Camat" in texts[name], name
        assert name.startswith("catatan") or "197404051999031005" in texts[name], name
        assert "Wahyu Kusumaningrum" not in texts[name], name


def test_documents_of_the_days_before_and_after_name_the_camat(tmp_path: Path) -> None:
    """The Plt. of the 12th signs the BA; the PTPP of the 2nd is the Camat's, though she has left since."""
    people = staff_sheet(plt("2026-03-12"), camat="| 2026-03-11")
    inspected = office(
        tmp_path, {"Endah Purwanti | Wahyu Kusumaningrum": "Endah Purwanti | Hartono Wibowo"}, pegawai=people
    )
    assert said(inspected) == []
    texts = acted(inspected, tmp_path / "keluaran")
    assert "Wahyu Kusumaningrum" in texts["ptpp/001-PTPP-III-2026.docx"]
    assert "Plt. Camat" not in texts["ptpp/001-PTPP-III-2026.docx"]
    assert "Plt. Camat" in texts["ba-pemusnahan/001-BA-III-2026.docx"]
    assert "Plt. Camat" in texts["ptpp/002-PTPP-III-2026.docx"]


def test_a_ba_under_the_wrong_official_is_made_and_carries_the_finding(tmp_path: Path) -> None:
    changes = {"Endah Purwanti | Wahyu Kusumaningrum": "Bagus Setiawan | Hartono Wibowo"}
    inspected = office(tmp_path, changes)
    assert sorted(said(inspected)) == ["P05 @ Pemusnahan!G2", "P09 @ Pemusnahan!H2"]
    assert "ba-pemusnahan/001-BA-III-2026.docx" in acted(inspected, tmp_path / "keluaran")
    assert all(f.fix.startswith("Periksa dokumen aslinya") for f in inspected.findings if f.code in ("P05", "P09"))


def test_a_customer_s_name_is_printed_as_it_is(tmp_path: Path) -> None:
    inspected = office(tmp_path, {"Ratna Anggraini | Keluhan": "Bapak Slamet (pemohon) | Keluhan"})
    assert said(inspected) == []
    texts = acted(inspected, tmp_path / "keluaran")
    assert "Bapak Slamet (pemohon)" in texts["ptpp/001-PTPP-III-2026.docx"]


def test_a_role_in_mail_is_who_holds_it_today(tmp_path: Path) -> None:
    people = staff_sheet(plt("2026-03-12"), camat="| 2026-03-11")
    route = Route("BA Pemusnahan", "Camat", (), "Surel", "B3")
    for day, name, position in ((11, "Wahyu Kusumaningrum", "Camat"), (12, "Hartono Wibowo", "Plt. Camat")):
        inspected = office(tmp_path, pegawai=people, as_of=dt.datetime(2026, 3, day, 9))
        (person,), reasons = directory(inspected).named("Camat", (), route)
        assert (person.name, person.position, reasons) == (name, position, [])
        assert person.email == f"{name.split()[0].lower()}@contoh.go.id"  # the row of the Plt. has none of its own


def test_a_former_spelling_and_a_missing_title_name_the_same_addressee(tmp_path: Path) -> None:
    people = staff_sheet().replace("Joko Santosa", "Drs. Joko Santosa, M.Si.").replace(
        "joko@contoh.go.id | Ya", "joko@contoh.go.id | Ya | | | | J. Santosa; Joko S."
    )  # fmt: skip
    inspected = office(tmp_path, pegawai=people)
    for name in ("joko santosa", "Joko S.", "Joko Santosa, M.Si", "J. Santosa"):
        (person,), _ = directory(inspected)._one(name, "Surel", "B2")
        assert person.name == "Drs. Joko Santosa, M.Si."


def test_titles_in_pegawai_and_none_elsewhere_are_understood(tmp_path: Path) -> None:
    inspected = inspect_register(read_register(CASES / "X16-titles.xlsx"), SOP, dt.datetime(2026, 11, 20, 10))
    notes = [f for f in inspected.findings if f.code != "K54"]  # what its closed cases do not say
    assert [(f.code, f.sheet, f.cell) for f in notes] == [
        ("D08", "Langkah", "C2"), ("D08", "Pemusnahan", "E2"), ("D08", "Register", "E2"),
    ]  # fmt: skip
    assert "11 sel di sheet ini" in notes[0].message
    person = DocumentData(inspected).person("oleh", "Joko Santosa", None)
    assert person["oleh_nip"] == "197911302005011007"
    assert "Drs. Joko Santosa, M.M." in "".join(acted(inspected, tmp_path / "keluaran").values())


def test_a_camat_a_plt_and_a_new_camat_in_one_year(tmp_path: Path) -> None:
    """Camat until 30 June, Plt. from 1 July, a new Camat from 1 September: nobody is accused, on any of these days."""
    months = {"VI": ("2026-06-30", "Wahyu Kusumaningrum"), "VII": ("2026-07-01", "Hartono Wibowo"),
              "VIII": ("2026-08-31", "Hartono Wibowo"), "IX": ("2026-09-01", "Dwi Astuti")}  # fmt: skip
    inspected = inspect_register(read_register(_year(tmp_path, months)), SOP, dt.datetime(2026, 9, 30, 10))
    assert said(inspected) == []
    for month, (_, name) in months.items():
        other = dict(months)
        other[month] = (months[month][0], "Dwi Astuti" if name != "Dwi Astuti" else "Wahyu Kusumaningrum")
        folder = tmp_path / month
        folder.mkdir()
        found = inspect_register(read_register(_year(folder, other)), SOP, dt.datetime(2026, 9, 30, 10))
        assert {f.code for f in found.findings if f.family == "P"} == {"P06", "P08", "P09"}, month


def _year(folder: Path, months: Mapping[str, tuple[str, str]]) -> Path:
    """A workbook with a case in each of these months, decided and its BA acknowledged by the one named, that day."""
    register = ["No. Catatan | Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Ditemukan Oleh | Sumber | "
                "No. PTPP | Tanggal PTPP | Kepada | Penanggung Jawab | Keputusan | Diputuskan Oleh | Status"]  # fmt: skip
    events = ["No. Catatan | Langkah | Pelaksana | Mulai | Selesai"]
    papers = ["No. BA | Tanggal | Tempat | Cara Pemusnahan | Pelaksana | Saksi 1 | Saksi 2 | Mengetahui"]
    for number, (month, (day, name)) in enumerate(months.items(), start=1):
        key = f"{number:03d}/CLTS/{month}/2026"
        register.append(f"{key} | {day} 08:00 | Surat Pindah | Alamat tujuan keliru ditulis | Ratna Anggraini | Survei | "
                        f"{number:03d}/PTPP/{month}/2026 | {day} | Kasi | Joko Santosa | Perbaikan | {name} | Proses")  # fmt: skip
        events += [f"{key} | 1 | Ratna Anggraini | {day} 08:00 | {day} 08:10",
                   f"{key} | 5 | {name} | {day} 09:00 | {day} 09:10"]  # fmt: skip
        papers.append(f"{number:03d}/BA/{month}/2026 | {day} | Aula | Dicacah | Bagus Setiawan | Tutik Handayani | "
                      f"Endah Purwanti | {name}")  # fmt: skip
    people = staff_sheet(
        plt("2026-07-01", "2026-08-31"),
        "Dwi Astuti | '197801012003122001 | Pembina (IV/a) | Camat | Camat | | Ya | 2026-09-01 | | SK Bupati 821/30",
        camat="| 2026-06-30",
    )
    texts = ("\n".join(lines) for lines in (register, events, papers))
    return office_workbook(folder / "register.xlsx", *texts, people)


STEPS = (1, 2, 3, 5, 6, 7, 8, 9, 10)
WIDE = 'layout = "wide"\n[steps]\n' + "\n".join(
    f'{n} = {{ Pelaksana = "P{n}", Mulai = "M{n}", Selesai = "S{n}"' + (', Hasil = "H9" }' if n == 9 else " }")
    for n in STEPS
)


def wide(folder: Path, people: str, changes: Mapping[str, str] = {}) -> list[str]:
    """What P finds in three cases of the rules' base register (1, 3 and 4), each a row with columns for each step.

    A cell is named by case and header: `1 P5` is who did step 5 of the first.
    """
    tables = base_tables()
    head, first, _, third, fourth, _ = tables["Register"]
    events = tables["Langkah"][1:]
    columns = [f"{letter}{n}" for n in STEPS for letter in "PMS"] + ["H9"]
    rows = [[*head, *columns]]
    for case in (first, third, fourth):
        done = {row[1]: row + [""] * 6 for row in events if row[0] == case[0]}
        cells = [done.get(str(n), [""] * 6)[place] for n in STEPS for place in (2, 3, 4)]
        filled = case + [""] * (len(head) - len(case))
        rows.append([*filled, *cells, done.get("9", [""] * 6)[5]])
    for cell, text in changes.items():
        row = {"1": 1, "3": 2, "4": 3}[cell[0]]
        rows[row][rows[0].index(cell[2:])] = text
    register = "\n".join(" | ".join(row) for row in rows)
    papers = "\n".join(" | ".join(row) for row in tables["Pemusnahan"])
    path = folder / "lebar.xlsx"
    office_workbook(path, register, pemusnahan=papers, pegawai=people, without=("Langkah",))
    layout = parse_layout(WIDE, folder / "lebar.sopkit.toml")
    inspected = inspect_register(read_register(path, layout), SOP, dt.datetime(2026, 11, 20, 10))
    heads = {cell.column_letter: cell.value for cell in openpyxl.load_workbook(path)["Register"][1]}
    return [
        f"{f.code} @ {'134'[f.row - 2]} {heads[f.cell.rstrip('0123456789')]}" if f.sheet == "Register" else one
        for f, one in zip((f for f in inspected.findings if f.family == "P"), said(inspected), strict=True)
    ]


@pytest.mark.parametrize(
    ("people", "changes", "expected"),
    [
        (staff_sheet(), {}, []),
        (staff_sheet(camat="| 2026-11-19"), {}, ["P07 @ Pegawai!E1"]),
        (staff_sheet(plt("2026-11-19"), camat="| 2026-11-18"), {"4 P5": "Hartono Wibowo", "4 Diputuskan Oleh": "Hartono Wibowo"}, []),
        (staff_sheet(plt("2026-11-20"), camat="| 2026-11-18"), {"4 P5": "Hartono Wibowo", "4 Diputuskan Oleh": "Hartono Wibowo"},
         ["P07 @ Pegawai!E1", "P08 @ 4 Diputuskan Oleh", "P02 @ 4 P5"]),
        (staff_sheet().replace("Sekretaris Kecamatan | Sekcam | hartono@contoh.go.id | Ya", "Sekretaris Kecamatan | Sekcam | hartono@contoh.go.id | Ya | 2026-11-05"), {},
         ["P06 @ 1 P9", "P02 @ 1 P9", "P07 @ Pegawai!E1"]),
        (staff_sheet(), {"1 Ditemukan Oleh": "Ibu Sri (pelanggan)"}, []),
        (staff_sheet(), {"1 Ditemukan Oleh": "Ibu Sri (pelanggan)", "1 Sumber": "Lain-lain"}, ["P01 @ 1 Ditemukan Oleh"]),
        (staff_sheet().replace("Joko Santosa", "Joko Santosa, S.Sos."), {}, []),
        (staff_sheet().replace("joko@contoh.go.id | Ya", "joko@contoh.go.id | Ya | | | | Joko S"), {"1 P2": "Joko S"}, []),
        (staff_sheet(), {"1 Diverifikasi Oleh": "Joko Santosa"}, ["P50 @ 1 Diverifikasi Oleh"]),
    ],
)  # fmt: skip
def test_the_wide_layout_says_the_same(
    tmp_path: Path, people: str, changes: Mapping[str, str], expected: Sequence[str]
) -> None:
    assert sorted(wide(tmp_path, people, changes)) == sorted(expected)


def test_a_new_workbook_has_the_columns_and_each_name_once_in_its_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_rows(monkeypatch)
    rows = [
        {"name": "Hartono Wibowo", "position": "Sekretaris", "role": "Sekcam", "active": "Ya"},
        {"name": "Hartono Wibowo", "position": "Plt. Camat", "role": "Camat", "active": "Ya",
         "start": dt.date(2026, 7, 1), "end": dt.date(2026, 8, 31), "basis": "SK 821", "other_names": "H. Wibowo"},
    ]  # fmt: skip
    path = tmp_path / "register.xlsx"
    path.write_bytes(build_workbook(SOP, 2026, WorkbookContent(people=rows)))
    book = openpyxl.load_workbook(path)
    assert [cell.value for cell in book["Pegawai"][4]][:11] == HEADERS.split(" | ")
    kinds = {str(rule.sqref): rule.type for rule in book["Pegawai"].data_validations.dataValidation}
    assert sum(kind == "date" for kind in kinds.values()) == 2
    (found_by,) = [
        rule for rule in book["Register"].data_validations.dataValidation if str(rule.sqref).startswith("E5")
    ]
    assert found_by.errorStyle == "warning"  # a customer's name can be typed
    read = read_register(path).people.data
    assert read["start"].iloc[1] == dt.datetime(2026, 7, 1) and read["other_names"].iloc[1] == "H. Wibowo"


def test_a_renewed_workbook_has_them_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few_rows(monkeypatch)
    old = office_workbook(tmp_path / "lama.xlsx", pegawai=PEGAWAI, complete=False)
    new = renew_workbook(old).path
    assert [cell.value for cell in openpyxl.load_workbook(new)["Pegawai"][4]][:11] == HEADERS.split(" | ")
    assert read_register(new).people.data["start"].isna().all()


@pytest.mark.parametrize(
    ("typed", "bare"),
    [
        ("BUDI SANTOSO, S.Sos", "budi santoso"), ("Drs. H. Budi Santoso, M.Si.", "budi santoso"),
        ("Budi Santoso SE MM", "budi santoso"), ("Dr. dr. Budi  Santoso, Sp.PD, M.Kes", "budi santoso"),
        ("Budi Santoso, A.Md.Keb", "budi santoso"), ("M. Yusuf, S. STP", "m yusuf"), ("Sumarno", "sumarno"),
        ("S.Sos", "s sos"), ("Budi, sepupunya", "budi sepupunya"), ("Budi A. Santoso", "budi a santoso"),
        ("", ""), (",", ""), ("H.", "h"),
    ],
)  # fmt: skip
def test_a_name_without_titles(typed: str, bare: str) -> None:
    assert without_titles(typed) == bare


DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2026, 1, 20))
PERIODS = st.tuples(st.none() | DAYS, st.none() | DAYS)


@given(st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from(["", "1", "2"]), st.sampled_from(["Staf", "Camat"]), PERIODS)),
       st.lists(st.tuples(st.sampled_from(["A", "b", "C", None]), st.none() | DAYS), min_size=1))  # fmt: skip
def test_many_standings_are_each_what_one_is(
    rows: list[tuple[str, str, str, tuple[dt.date | None, dt.date | None]]],
    asked: list[tuple[str | None, dt.date | None]],
) -> None:
    """The single search over all names and days finds what is found for one name on one day."""
    posts = tuple(
        Post(place, name, nip, "", role, role, "", (), first or dt.date.min, last or dt.date.max, False)
        for place, (name, nip, role, (first, last)) in enumerate(rows)
    )
    staff = Staff(posts)
    days = np.array([day for _, day in asked], dtype="datetime64[s]")
    found = staff.standings(np.array([name for name, _ in asked], dtype=object), days)
    for place, (name, day) in enumerate(asked):
        one = found.table[found.codes[place]]
        if name is None:
            assert one.persons == ()
            continue
        alone = staff.standing(name, day)
        assert (one.who, one.persons, one.roles, one.acts) == (alone.who, alone.persons, alone.roles, alone.acts)
        covering = [p for p in posts if p.name == name.upper() and (day is None or p.covers(day))]
        assert one.roles is None or one.roles <= {post.role for post in covering}
