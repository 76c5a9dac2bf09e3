"""Steps of another office's SOP: some that may be left out, one of several, and some that come in any order."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from offices import OWN_SOP
from workbooks import few_rows, office_workbook

from sopkit.checks.catalogue import Finding
from sopkit.checks.inspection import inspect_register
from sopkit.errors import SopkitError
from sopkit.newbook.create import WorkbookContent, build_workbook
from sopkit.register.read import read_register
from sopkit.sop.model import Sop, load_sop, parse_sop

SOP = load_sop(Path(__file__).with_name("sop-pilihan.toml"))
REGISTER = """
No. Catatan | Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Ditemukan Oleh | Status
001/CLTS/XI/2026 | 2026-11-02 08:00 | Legalisasi Surat | Stempel legalisasi terbalik | Ratna Anggraini | Proses
"""
HEADER = "No. Catatan | Langkah | Pelaksana | Mulai | Selesai | Hasil"


def found(folder: Path, *steps: str, sop: Sop = SOP) -> list[Finding]:
    """What families U and W find in one case with these steps: `2 09:00 09:30 Ditolak`, all on one day."""
    rows = [HEADER]
    for text in steps:
        step, start, *rest = text.split()
        end = f"2026-11-02 {rest[0]}" if rest and rest[0] != "-" else ""
        rows.append(f"001/CLTS/XI/2026 | {step} | Ratna Anggraini | 2026-11-02 {start} | {end} | {''.join(rest[1:])}")
    book = office_workbook(folder / "register.xlsx", register=REGISTER, langkah="\n".join(rows))
    findings = inspect_register(read_register(book), sop, None, ()).findings
    return [found for found in findings if found.code[0] in "UW" and found.code != "W03"]


PLAIN = ("1 08:00 08:10", "2 08:15 08:30", "3 08:35 08:50", "5 09:00 09:20", "7 09:25 09:30 Disetujui", "8 09:35 09:40")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (PLAIN, []),
        # optional: it may be left out, and what follows waits for the step before it
        ((*PLAIN[:3], "4 08:52 08:58", *PLAIN[3:]), []),
        ((*PLAIN[:3], "4 08:52 09:05", *PLAIN[3:]), ["U02 @ D6"]),
        ((*PLAIN[:3], "5 08:45 09:20", *PLAIN[4:]), ["U02 @ D5"]),
        ((*PLAIN[:3], "4 08:52 08:58", "4 08:58 08:59", *PLAIN[3:]), ["U04 @ B6"]),
        ((*PLAIN[:3], "4 08:45 08:58", *PLAIN[3:]), ["U02 @ D5"]),
        ((*PLAIN[:3], "4 08:52 -", *PLAIN[3:]), ["U08 @ E5"]),
        (PLAIN[:3], []),
        # one of two
        ((*PLAIN[:3], "6 09:00 09:20", *PLAIN[4:]), []),
        ((*PLAIN[:3], *PLAIN[4:]), ["U01 @ B5"]),
        ((*PLAIN[:4], "6 09:00 09:22", *PLAIN[4:]), []),
        ((*PLAIN[:3], "6 09:00 09:10", "5 09:05 09:20", *PLAIN[4:]), []),
        ((*PLAIN[:4], "6 09:00 09:28", *PLAIN[4:]), ["U02 @ D7"]),
        ((*PLAIN[:4], "5 09:21 09:22", *PLAIN[4:]), ["U04 @ B6"]),
        ((*PLAIN[:3], "6 08:45 09:20", *PLAIN[4:]), ["U02 @ D5"]),
        ((*PLAIN[:3], "6 09:00 -", *PLAIN[4:]), ["U08 @ E5"]),
        ((*PLAIN[:3], "6 09:00 -", "5 09:05 09:10"), []),
        # after a rejection either of the two is a return
        ((*PLAIN[:4], "7 09:25 09:30 Ditolak", "6 09:35 09:40", "7 09:45 09:50 Disetujui"), []),
        ((*PLAIN[:4], "7 09:25 09:30 Ditolak", "6 09:28 09:40", "7 09:45 09:50 Disetujui"), ["U02 @ D7"]),
        ((*PLAIN[:4], "7 09:25 09:30 Ditolak", "7 09:45 09:50 Disetujui"), ["U05 @ B7"]),
        # in any order
        (("1 08:00 08:10", "3 08:15 08:30", "2 08:35 08:50", *PLAIN[3:]), []),
        (("1 08:00 08:10", "3 08:15 08:50", "2 08:20 08:40", *PLAIN[3:]), []),
        (("1 08:00 08:10", "3 08:15 08:30", *PLAIN[3:]), ["U01 @ B4"]),
        (("1 08:00 08:10", "2 08:15 08:30", *PLAIN[3:]), ["U01 @ B4"]),
        (("1 08:00 08:10", "3 08:15 08:30"), []),
        (("1 08:00 08:10", "3 08:05 08:30", "2 08:35 08:50", *PLAIN[3:]), ["U02 @ D3"]),
        (("1 08:00 08:10", "3 08:15 08:30", "2 08:05 08:50", *PLAIN[3:]), ["U02 @ D4"]),
        (("1 08:00 08:10", "3 08:15 08:30", "2 08:35 09:05", *PLAIN[3:]), ["U02 @ D5"]),
        (("1 08:00 08:10", "3 08:35 08:50", "2 08:15 -", *PLAIN[3:]), ["U08 @ E4"]),
        (("1 08:00 08:10", "3 08:35 08:50", "2 08:15 -"), []),
        (("3 08:35 08:50", "2 08:15 08:30", *PLAIN[3:]), ["U01 @ B3"]),
        (("1 08:00 08:10", "2 08:15 08:30", "3 08:35 08:40", "2 08:42 08:50", *PLAIN[3:]), ["U04 @ B5"]),
    ],
)  # fmt: skip
def test_the_order_of_such_steps(tmp_path: Path, steps: tuple[str, ...], expected: list[str]) -> None:
    assert [f"{one.code} @ {one.cell}" for one in found(tmp_path, *steps)] == expected


def test_of_several_of_which_one_is_due_all_are_named(tmp_path: Path) -> None:
    [skipped] = found(tmp_path, *PLAIN[:3], *PLAIN[4:])
    assert skipped.message == (
        "Langkah 5 atau 6 dilewati (5 atau 6 sebelum 7): langkah 7 sudah dimulai, sedangkan langkah 5 atau 6 tidak "
        "tercatat."
    )


def test_a_row_in_error_may_be_either_of_the_two(tmp_path: Path) -> None:
    steps = (*PLAIN[:3], "99 09:00 09:20", *PLAIN[4:])
    assert [one.code for one in found(tmp_path, *steps)] == ["U03"]


def test_the_wait_is_counted_from_the_later_of_those_in_any_order(tmp_path: Path) -> None:
    late = ("1 08:00 08:10", "3 08:15 15:50", "2 08:20 08:40", "5 15:55 15:58")
    assert not found(tmp_path, *late)


OWN_STEP = """
[[steps]]
number = {number}
activity = "Dua"
roles = ["Staf"]
roles_basis = "source"
standard = "1 jam"
{more}
"""


def _own(*more: str) -> str:
    return OWN_SOP + "".join(OWN_STEP.format(number=n, more=text) for n, text in enumerate(more, start=2))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("one_of = [2, 9]", "one_of = [2, 9]"), "langkah 2: one_of menyebut langkah 9, yang tidak ada"),
        (("one_of = [2]",), "langkah 2: one_of hanya berisi langkah itu sendiri"),
        (('any_order = "sendiri"',), "langkah 2: any_order hanya berisi langkah itu sendiri"),
        (("any_order = true", "", "any_order = true"), "langkah 2: any_order hanya berisi langkah itu sendiri"),
        (('one_of = "a"', "", 'one_of = "a"'), "one_of langkah 2 dan 4 tidak bersebelahan"),
        (("any_order = [2, 4]", ""), "any_order menyebut langkah 4, yang tidak ada"),
        (("any_order = [3]", "periodic = true"), "langkah 3: 'any_order' tidak berlaku pada langkah berkala"),
        (("optional = true\nperiodic = true",), "langkah 2: 'optional' tidak berlaku pada langkah berkala"),
        (('optional = "ya"',), "'optional' harus true atau false"),
        (("one_of = true",), "'one_of' harus sebuah teks atau daftar nomor"),
        (("any_order = [2.5]",), "'any_order' harus true"),
        (('one_of = "a"\nany_order = "b"', 'one_of = "a"', 'any_order = "b"'), "seluruhnya berada dalam any_order"),
    ],
)
def test_a_wrong_group_says_what_is_wrong(more: tuple[str, ...], said: str) -> None:
    with pytest.raises(SopkitError) as refusal:
        parse_sop(_own(*more), "kecil.toml")
    assert said in str(refusal.value)


def test_wrong_groups_are_said_with_all_other_mistakes() -> None:
    text = _own("one_of = [9]").replace('id = "kami"', 'idd = "kecil"').replace('"1 jam"', '"?"', 1)
    with pytest.raises(SopkitError) as refusal:
        parse_sop(text, "kecil.toml")
    for said in ("langkah 9, yang tidak ada", "kunci 'idd'", "baku mutu '?'"):
        assert said in str(refusal.value)


@pytest.mark.parametrize(
    "more",
    [
        ("one_of = [2, 3]", ""), ("one_of = [3]", "one_of = [2]"), ('one_of = "A "', 'one_of = "a"'),
    ],
)  # fmt: skip
def test_a_group_is_named_by_a_text_or_by_numbers(more: tuple[str, ...]) -> None:
    sop = parse_sop(_own(*more), "kecil.toml")
    assert [step.one_of for step in sop.steps] == [(), (2, 3), (2, 3)]


def test_true_joins_neighbours() -> None:
    sop = parse_sop(_own("any_order = true", "any_order = true", "", "any_order = true", "any_order = true"), "k.toml")
    assert [step.any_order for step in sop.steps] == [(), (2, 3), (2, 3), (), (5, 6), (5, 6)]


def test_what_is_followed_is_said() -> None:
    assert [SOP.predecessors(step.number) for step in SOP.steps] == [
        (), (1,), (1,), (2, 3), (2, 3, 4), (2, 3, 4), (5, 6), (7,),
    ]  # fmt: skip


def test_the_sheet_of_the_sop_says_what_may_be_left_out_chosen_or_turned_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_rows(monkeypatch)
    path = tmp_path / "register.xlsx"
    path.write_bytes(build_workbook(SOP, 2026, WorkbookContent()))
    told = [cell.value for row in openpyxl.load_workbook(path)["SOP"].iter_rows() for cell in row if cell.value]
    assert {
        "Langkah 4 boleh tidak dilaksanakan.",
        "Cukup salah satu: langkah 5 atau 6.",
        "Langkah 2 dan 3 boleh dengan urutan apa pun.",
    } <= set(told)
    assert "B09" not in [one.code for one in inspect_register(read_register(path), SOP).findings]


def test_the_sheet_of_an_sop_in_turn_says_nothing_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few_rows(monkeypatch)
    path = tmp_path / "register.xlsx"
    path.write_bytes(build_workbook(load_sop(), 2026, WorkbookContent()))
    told = [cell.value for row in openpyxl.load_workbook(path)["SOP"].iter_rows() for cell in row if cell.value]
    assert not [text for text in told if "boleh" in str(text) or "Cukup salah satu" in str(text)]
