"""Documents written once, rewritten only for cause, and never over anybody's own work."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import re
import shutil
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document as open_docx  # noqa: N813
from frozen_sop import SOP
from offices import AS_OF, DONE, PLAIN, TEMPLATES, UNDER_WAY, many, office
from workbooks import KANTOR, PEGAWAI, office_workbook

from sopkit import language
from sopkit.archive import open_archive, sha256_of
from sopkit.checks.inspection import Inspected, inspect_register
from sopkit.database import FILE
from sopkit.documents.codes import full_code, qr_png, read_qr
from sopkit.documents.decide import paths_of
from sopkit.documents.generate import Document, Generated, generate, known_by, verify
from sopkit.documents.kinds import KINDS, Wanted, wanted_documents
from sopkit.documents.lint import check_template
from sopkit.documents.package import open_template
from sopkit.documents.records import DocumentData
from sopkit.documents.recover import complete
from sopkit.documents.render import RenderRequest, render_all, renderer
from sopkit.errors import SopkitError, UsageProblem
from sopkit.register.read import read_register

PTPP = "ptpp/001-PTPP-III-2026.docx"
SEEN = {0xA0: " ", 0x2011: "-"}
CHANGED = {"Surat ditarik dari pemohon": "Surat ditarik dan pemohon dihubungi"}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Generated]:
    """The office's documents, made once; tests that change them work on a copy."""
    folder = tmp_path_factory.mktemp("pertama")
    return folder / "keluaran", generate(office(folder), folder / "keluaran", TEMPLATES)


@pytest.fixture
def made(first: tuple[Path, Generated], tmp_path: Path) -> Path:
    return Path(shutil.copytree(first[0], tmp_path / "keluaran"))


def files(output: Path) -> dict[str, bytes]:
    return {path.relative_to(output).as_posix(): path.read_bytes() for path in sorted(output.rglob("*.docx"))}


def text(path: Path) -> str:
    """Everything a document says in its body, tables in their place, one line for each paragraph, as staff read it:
    what keeps a date on one line is not seen.
    """
    body = open_docx(str(path)).element.body
    paragraphs = body.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}p")
    return "\n".join(_line(paragraph) for paragraph in paragraphs).translate(SEEN)


def _line(paragraph: object) -> str:
    pieces = []
    for run in paragraph.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}r"):  # type: ignore[attr-defined]
        for one in run:
            name = one.tag.split("}")[1]
            pieces.append({"t": one.text or "", "br": "\n", "tab": "\t"}.get(name, ""))
    return "".join(pieces)


def states(generated: Generated) -> dict[str, str]:
    return {document.path.name: document.state for document in generated.documents}


def of(generated: Generated, name: str) -> Document:
    (found,) = (document for document in generated.documents if document.path.name == name)
    return found


def test_each_kind_has_its_place(first: tuple[Path, Generated]) -> None:
    output, generated = first
    assert set(files(output)) == {
        "ptpp/001-PTPP-III-2026.docx", "ptpp/002-PTPP-III-2026.docx", "catatan/001-CLTS-III-2026.docx",
        "catatan/002-CLTS-III-2026.docx", "catatan/003-CLTS-III-2026.docx", "ba-pemusnahan/001-BA-III-2026.docx",
        "label/001-CLTS-III-2026.docx", "daftar-ptpp.docx",
    }  # fmt: skip
    assert {document.state for document in generated.documents} == {"made"}
    assert not generated.findings
    assert of(generated, "001-PTPP-III-2026.docx").people == ("Joko Santosa",)


def test_no_case_is_lost_in_silence(first: tuple[Path, Generated]) -> None:
    _, generated = first
    for kind in ("ptpp", "catatan", "label"):
        documented = {case for one in generated.documents if one.kind == kind for case in one.cases}
        reasoned = {one.case for one in generated.skipped if one.kind == kind and one.reason}
        assert documented | reasoned == {DONE, UNDER_WAY, PLAIN}
        assert not documented & reasoned
    (reason,) = [one.reason for one in generated.skipped if (one.kind, one.case) == ("ptpp", PLAIN)]
    assert reason == "Belum ada No. PTPP; nomornya menunggu langkah pertamanya dicatat di sheet Langkah."


def test_the_berita_acara_says_what_it_must(first: tuple[Path, Generated]) -> None:
    said = text(first[0] / "ba-pemusnahan" / "001-BA-III-2026.docx")
    assert (
        "Pada hari ini, Kamis tanggal dua belas bulan Maret tahun dua ribu dua puluh enam (12-03-2026), bertempat di "
        "ruang arsip, kami yang bertanda tangan di bawah ini:"
    ) in said
    assert ("Demikian Berita Acara ini dibuat dengan sesungguhnya untuk dipergunakan sebagaimana mestinya.") in said
    assert "berdasarkan SOP Pengendalian Ketidaksesuaian" in said


@pytest.mark.parametrize("part", ["word/document.xml", "word/footer1.xml"])
def test_no_tag_is_left_in_any_document(first: tuple[Path, Generated], part: str) -> None:
    for path in first[0].rglob("*.docx"):
        with zipfile.ZipFile(path) as package:
            if part in package.namelist():
                assert not [mark for mark in (b"{{", b"}}", b"{%", b"%}") if mark in package.read(part)], path


def test_a_long_description_prints_as_typed(tmp_path: Path) -> None:
    typed = ("Berkas A & B <C> tertukar; petugas berkata \"salin\" dan 'lanjut'.\nBaris berikut. " * 30)[:2000].strip()
    shown = typed.replace("\n", "\\n")
    inspected = office(tmp_path, {"Cap legalisasi pada lembar kedua tidak terbaca": shown})
    generate(inspected, tmp_path / "keluaran", TEMPLATES, only=("ptpp",))
    said = text(tmp_path / "keluaran" / "ptpp" / "002-PTPP-III-2026.docx")
    assert inspected.register.cases.data["description"].iloc[1] in said


def test_sections_not_yet_due_are_lines_to_write_on(first: tuple[Path, Generated]) -> None:
    said = text(first[0] / "ptpp" / "002-PTPP-III-2026.docx")
    after = said.split("3.  Analisis Penyebab\n")[1]
    assert after.startswith("(mengapa hal itu terjadi)\t\t\n4.  Tindakan Perbaikan")  # two dotted lines
    assert "Sesuai / Tidak Sesuai *)" in said
    assert "None" not in said


def test_running_again_rewrites_nothing(made: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in made.rglob("*.docx")}
    again = generate(office(tmp_path, as_of=dt.datetime(2026, 4, 2, 9)), made, TEMPLATES)
    assert set(states(again).values()) == {"unchanged"}
    assert {path: path.stat().st_mtime_ns for path in made.rglob("*.docx")} == before


def test_two_days_give_the_same_bytes(first: tuple[Path, Generated], tmp_path: Path) -> None:
    """But for the Daftar, which says until when it counted ages."""
    generate(office(tmp_path, as_of=dt.datetime(2026, 4, 2, 9)), tmp_path / "keluaran", TEMPLATES)
    one, other = files(tmp_path / "keluaran"), files(first[0])
    assert {name for name in one | other if one[name] != other[name]} == {"daftar-ptpp.docx"}


def test_another_day_rewrites_nothing(made: Path, tmp_path: Path) -> None:
    before = files(made)
    later = office(tmp_path, as_of=dt.datetime(2026, 4, 2, 9))
    for again in (generate(later, made, TEMPLATES), generate(later, made, TEMPLATES, refresh=True)):
        assert {document.state for document in again.documents} == {"unchanged"}
    assert files(made) == before


def test_a_changed_row_rewrites_only_its_documents(made: Path, tmp_path: Path) -> None:
    before = files(made)
    again = generate(office(tmp_path, CHANGED), made, TEMPLATES)
    changed = {name for name, data in files(made).items() if data != before[name]}
    assert changed == {PTPP, "catatan/001-CLTS-III-2026.docx"}
    rewritten = {one.path.relative_to(made).as_posix() for one in again.documents if one.state == "rewritten"}
    assert rewritten == changed
    assert "Surat ditarik dan pemohon dihubungi" in text(made / PTPP)


def test_a_document_edited_by_hand_is_kept_and_reported(made: Path, tmp_path: Path) -> None:
    (made / PTPP).write_bytes(b"disunting")
    again = generate(office(tmp_path, CHANGED), made, TEMPLATES)
    assert (made / PTPP).read_bytes() == b"disunting"
    assert of(again, Path(PTPP).name).state == "kept"
    assert [(found.code, PTPP in found.message) for found in again.findings] == [("T04", True)]


def test_overwrite_puts_the_edit_aside(made: Path, tmp_path: Path) -> None:
    (made / PTPP).write_bytes(b"disunting")
    for _ in range(2):
        again = generate(office(tmp_path, CHANGED), made, TEMPLATES, overwrite=True)
    assert states(again)["001-PTPP-III-2026.docx"] == "unchanged"
    assert "pemohon dihubungi" in text(made / PTPP)
    backups = list(made.rglob("*.cadangan-*"))
    assert [(path.name, path.read_bytes()) for path in backups] == [("001-PTPP-III-2026.cadangan-1.docx", b"disunting")]


def test_a_stranger_in_the_place_of_a_document_is_kept(tmp_path: Path) -> None:
    stranger = tmp_path / "keluaran" / PTPP
    stranger.parent.mkdir(parents=True)
    stranger.write_bytes(b"milik orang lain")
    generated = generate(office(tmp_path), tmp_path / "keluaran", TEMPLATES)
    assert stranger.read_bytes() == b"milik orang lain"
    assert of(generated, stranger.name).state == "kept"
    assert [found.code for found in generated.findings] == ["T04"]


def _changed_template(folder: Path) -> Path:
    """The templates with one word of the PTPP changed."""
    target = Path(shutil.copytree(TEMPLATES, folder / "templates"))
    document = open_docx(str(target / "ptpp.docx"))
    for paragraph in document.paragraphs:
        if "PERMINTAAN" in paragraph.text:
            paragraph.runs[0].text = "LEMBAR PERMINTAAN TINDAKAN"
    document.save(str(target / "ptpp.docx"))
    return target


def test_a_changed_template_alone_rewrites_nothing_until_refreshed(made: Path, tmp_path: Path) -> None:
    before, inspected, templates = files(made), office(tmp_path), _changed_template(tmp_path)
    said = generate(inspected, made, templates)
    assert files(made) == before
    assert {document.kind for document in said.documents if document.state == "outdated"} == {"ptpp"}
    refreshed = generate(inspected, made, templates, refresh=True)
    assert {document.kind for document in refreshed.documents if document.state == "rewritten"} == {"ptpp"}
    assert "LEMBAR PERMINTAAN" in text(made / PTPP)
    assert set(states(generate(inspected, made, templates)).values()) == {"unchanged"}


def test_refresh_leaves_what_would_print_the_same(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version of the tool that prints the same bytes: also no revision of what was mailed."""
    _mail(made, PTPP)
    monkeypatch.setattr("sopkit.documents.decide.TOOL", "sopkit 99")
    monkeypatch.setattr("sopkit.documents.generate.TOOL", "sopkit 99")
    before, inspected = files(made), office(tmp_path)
    assert set(states(generate(inspected, made, TEMPLATES)).values()) == {"outdated"}
    assert set(states(generate(inspected, made, TEMPLATES, refresh=True)).values()) == {"unchanged"}
    assert set(states(generate(inspected, made, TEMPLATES)).values()) == {"unchanged"}
    assert files(made) == before


def test_a_corrected_nip_or_letterhead_reaches_what_was_not_mailed(made: Path, tmp_path: Path) -> None:
    _mail(made, "ptpp/002-PTPP-III-2026.docx")
    people = PEGAWAI.replace("197212101996032002", "197212101996032009")
    inspected = office(tmp_path, pegawai=people, kantor={"Alamat": "Jl. Kenanga No. 2"})  # type: ignore[arg-type]
    said = states(generate(inspected, made, TEMPLATES))
    assert said.pop("002-PTPP-III-2026.docx") == "outdated"
    assert set(said.values()) == {"rewritten"}
    assert "197212101996032009" in text(made / PTPP)
    assert "Kenanga" in text(made / "catatan" / "003-CLTS-III-2026.docx")


@pytest.mark.parametrize("form", ["printed", "qr", "head", "older qr"])
def test_a_printed_code_finds_its_document(made: Path, tmp_path: Path, form: str) -> None:
    _mail(made, PTPP)
    with open_archive(made) as record:
        old = record.current()["ptpp", "001/PTPP/III/2026"]
    head = old.data_sha256[:16].upper()
    code = {"printed": "-".join(head[n : n + 4] for n in range(0, 16, 4)), "head": f" {head[:8].lower()} ",
            "qr": full_code("ptpp", old.number, old.data_sha256),
            "older qr": f"SOPKIT:PTPP:{old.number}:{old.data_sha256.upper()}"}[form]  # fmt: skip
    [known] = known_by(code, made)
    assert (known.record.path, known.state, known.superseded) == (PTPP, "matching", False)
    generate(office(tmp_path, CHANGED), made, TEMPLATES)
    [known] = known_by(code, made)
    assert known.superseded and known.newest.path == PTPP.replace(".docx", " rev-1.docx")
    assert known_by("0000-0000", made) == ()
    with pytest.raises(UsageProblem, match="bukan kode"):
        known_by("001/PTPP", made)


@pytest.mark.parametrize(("digits", "state"), [(32, "unchanged"), (64, "outdated")])
def test_a_lost_archive_is_made_again_of_codes_of_either_length(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, digits: int, state: str
) -> None:
    """Until version 0.2 the QR held all 64 digits: such documents stay as they are."""
    monkeypatch.setattr("sopkit.documents.codes.QR_DIGITS", digits)
    inspected, output = office(tmp_path), tmp_path / "keluaran"
    generate(inspected, output, TEMPLATES)
    monkeypatch.undo()
    with open_archive(output) as record:
        before = {one.path: one.data_sha256[:digits] for one in record.records()}
    (output / FILE).unlink()
    with open_archive(output) as record:
        complete(record)
        assert {one.path: one.data_sha256 for one in record.records()} == before
    assert set(states(generate(inspected, output, TEMPLATES)).values()) == {state}


def test_a_document_that_lost_its_content_with_the_power_is_made_again(made: Path, tmp_path: Path) -> None:
    whole = (made / PTPP).read_bytes()
    for left in (b"", bytes(len(whole))):
        (made / PTPP).write_bytes(left)
        generate(office(tmp_path), made, TEMPLATES)
        assert (made / PTPP).read_bytes() == whole
    assert not list((made / PTPP).parent.glob("*.cadangan-*"))


def test_who_asks_for_one_document_is_told_though_another_cannot_be_read(made: Path) -> None:
    with open_archive(made) as record:
        code = record.current()["ptpp", "001/PTPP/III/2026"].data_sha256
    unreadable = next((made / "catatan").glob("*.docx"))
    unreadable.unlink()
    unreadable.mkdir()
    assert [one.state for one in verify(made).checked].count("unreadable") == 1
    [known] = known_by(code, made)
    assert known.state == "matching"


def test_who_only_asks_makes_no_archive(tmp_path: Path) -> None:
    for ask in (verify, lambda output: known_by("3F2A-91BC-77D0-12EE", output)):
        with pytest.raises(SopkitError, match="Tidak ada arsip dokumen"):
            ask(tmp_path)
    assert not list(tmp_path.iterdir())


def _mail(output: Path, path: str) -> None:
    with open_archive(output) as record:
        assert record.mark_mailed(path, sha256_of(output / path) or "", dt.datetime(2026, 3, 21, 8))


def test_a_mailed_document_becomes_a_revision_beside_the_old(made: Path, tmp_path: Path) -> None:
    _mail(made, PTPP)
    old = (made / PTPP).read_bytes()
    again = generate(office(tmp_path / "a", CHANGED), made, TEMPLATES)
    revision = of(again, "001-PTPP-III-2026 rev-1.docx")
    assert (revision.state, revision.replaces) == ("revised", made / PTPP)
    assert (made / PTPP).read_bytes() == old
    assert "pemohon dihubungi" in text(revision.path)
    further = {"Surat ditarik dari pemohon": "Surat ditarik petugas"}
    assert of(generate(office(tmp_path / "b", further), made, TEMPLATES), revision.path.name).state == "rewritten"
    _mail(made, revision.path.relative_to(made).as_posix())
    last = generate(office(tmp_path / "c", CHANGED), made, TEMPLATES)
    assert of(last, "001-PTPP-III-2026 rev-2.docx").replaces == revision.path
    assert verify(made).sound


def test_documents_of_vanished_cases_are_listed_and_left(made: Path, tmp_path: Path) -> None:
    before = files(made)
    again = generate(office(tmp_path, without=UNDER_WAY), made, TEMPLATES)
    gone = {"ptpp/002-PTPP-III-2026.docx", "catatan/002-CLTS-III-2026.docx"}
    assert {record.path for record in again.vanished} == gone
    assert {name: files(made)[name] for name in gone} == {name: before[name] for name in gone}


def test_a_lost_document_is_made_again(made: Path, tmp_path: Path) -> None:
    before = files(made)
    (made / PTPP).unlink()
    assert of(generate(office(tmp_path), made, TEMPLATES), Path(PTPP).name).state == "made"
    assert files(made) == before


def test_a_lost_archive_is_learnt_again_from_the_documents(made: Path, tmp_path: Path) -> None:
    before = files(made)
    (made / FILE).unlink()
    (made / "ptpp" / "002-PTPP-III-2026.docx").write_bytes(b"disunting")
    again = generate(office(tmp_path), made, TEMPLATES)
    assert states(again).pop("002-PTPP-III-2026.docx") == "kept"
    assert {name: data for name, data in files(made).items() if "002-PTPP" not in name} == {
        name: data for name, data in before.items() if "002-PTPP" not in name
    }
    with open_archive(made) as record:
        assert len(record.records()) == len(before) - 1


def _killed(inspected: Inspected, output: Path, at: int, after: bool) -> None:
    """A process that makes the documents and is gone before or after the `at`-th file is put in place."""
    child = os.fork()
    if child == 0:
        try:
            real, calls = Path.replace, []

            def dying(temporary: Path, path: Path) -> Path:
                calls.append(path)
                if len(calls) == at and not after:
                    os._exit(9)
                real(temporary, path)
                if len(calls) == at:
                    os._exit(9)
                return path

            Path.replace = dying  # type: ignore[method-assign, assignment]
            generate(inspected, output, TEMPLATES)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


@pytest.mark.skipif(not hasattr(os, "fork"), reason="perlu fork")
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("again", [{}, CHANGED], ids=["unchanged", "changed-since"])
def test_a_killed_run_is_repaired_by_running_again(
    tmp_path: Path, first: tuple[Path, Generated], after: bool, again: Mapping[str, str]
) -> None:
    """Killed before or after the third file was put in place; what it wrote is never taken for somebody's edit."""
    output = tmp_path / "keluaran"
    _killed(office(tmp_path / "a"), output, 3, after)
    assert len(files(output)) == (3 if after else 2)
    generated = generate(office(tmp_path / "b", again), output, TEMPLATES)
    assert not generated.findings
    assert "kept" not in states(generated).values()
    assert set(files(output)) == set(files(first[0]))
    if not again:
        assert files(output) == files(first[0])
    assert verify(output).sound


@pytest.mark.skipif(not hasattr(os, "fork"), reason="perlu fork")
@pytest.mark.parametrize(
    "words", ["dan pemohon dihubungi", "dan pemohon didatangi", "dari pemohon"], ids=["unchanged", "changed", "undone"]
)
def test_a_run_killed_while_rewriting_is_repaired_too(made: Path, tmp_path: Path, words: str) -> None:
    """The archive still tells of the old bytes; those that stand there were intended and are no edit."""
    _killed(office(tmp_path / "a", CHANGED), made, 1, after=True)
    again = {"Surat ditarik dari pemohon": f"Surat ditarik {words}"}
    generated = generate(office(tmp_path / "b", again), made, TEMPLATES)
    assert not generated.findings
    assert of(generated, Path(PTPP).name).state == "rewritten"
    assert f"Surat ditarik {words}" in text(made / PTPP)
    assert verify(made).sound


def test_errors_hold_back_their_case_alone_and_name_the_cell(tmp_path: Path) -> None:
    inspected = office(tmp_path, {"2026-03-18 09:05": "kapan-kapan"})
    generated = generate(inspected, tmp_path / "keluaran", TEMPLATES)
    held = [one for one in generated.skipped if one.case == UNDER_WAY]
    assert {one.kind for one in held} == {"ptpp", "catatan", "daftar", "label"}
    assert {one.cells for one in held} == {("Langkah!D11",)}
    assert all("Langkah!D11" in one.reason for one in held)
    assert not [one for one in generated.documents if UNDER_WAY in one.cases]
    listed = text(tmp_path / "keluaran" / "daftar-ptpp.docx")
    assert "Belum tercantum karena datanya belum benar: 002/PTPP/III/2026." in listed
    assert len(generated.documents) == 6


@pytest.mark.parametrize(
    ("changes", "cell"),
    [
        ({"ruang arsip | dicacah dengan mesin": "ruang arsip | "}, "Pemusnahan!D2"),
        ({"2026-03-12 09:00 | 2026-03-12 10:00": "2026-03-12 09:00 | kemarin sore"}, "Langkah!E10"),
    ],
    ids=["its own row", "a case of it"],
)
def test_an_error_holds_back_the_berita_acara(tmp_path: Path, changes: Mapping[str, str], cell: str) -> None:
    generated = generate(office(tmp_path, changes), tmp_path / "keluaran", TEMPLATES, only=("ba",))
    assert generated.documents == ()
    (held,) = generated.skipped
    assert (held.number, held.cells) == ("001/BA/III/2026", (cell,))


def test_a_berita_acara_needs_the_position_of_who_signs_it(tmp_path: Path) -> None:
    from workbooks import PEGAWAI

    people = PEGAWAI.replace("| Kepala Seksi Pemerintahan |", "| |")
    generated = generate(office(tmp_path, pegawai=people), tmp_path / "keluaran", TEMPLATES, only=("ba", "ptpp"))
    assert [(found.code, found.sheet, found.cell) for found in generated.findings] == [("T05", "Pegawai", "D6")]
    assert [one.kind for one in generated.skipped if one.cells == ("Pegawai!D6",)] == ["ba"]
    assert {one.kind for one in generated.documents} == {"ptpp"}


def test_of_two_rows_of_one_person_the_first_is_meant(tmp_path: Path) -> None:
    """The second is the one in error (D10), and what is in error is unknown."""
    people = f"{PEGAWAI}Joko Santosa | | | Juru Parkir | Staf | lain@contoh.go.id | Ya\n"
    generate(office(tmp_path, pegawai=people), tmp_path / "keluaran", TEMPLATES, only=("ptpp",))
    said = text(tmp_path / "keluaran" / PTPP)
    assert "NIP 197911302005011007" in said
    assert "Juru Parkir" not in said


def test_of_two_people_of_one_name_nobody_is_guessed(tmp_path: Path) -> None:
    """Their NIP tell them apart, and the name alone does not: P01 asks who is meant before a PTPP is made."""
    people = f"{PEGAWAI}Joko Santosa | '198001012005011001 | | Juru Parkir | Staf | lain@contoh.go.id | Ya\n"
    generated = generate(office(tmp_path, pegawai=people), tmp_path / "keluaran", TEMPLATES, only=("ptpp",))
    assert not generated.documents and generated.skipped


def test_a_template_that_is_gone_is_said_though_its_documents_stand(tmp_path: Path) -> None:
    """They are not called outdated, for nobody knows; what should be corrected in them waits and is said."""
    made = generate(office(tmp_path), tmp_path / "keluaran", TEMPLATES, only=("ptpp",))
    (tmp_path / "kosong").mkdir()
    again = generate(office(tmp_path), tmp_path / "keluaran", tmp_path / "kosong", only=("ptpp",))
    assert [found.code for found in again.findings] == ["T03"] and again.skipped == made.skipped
    assert [(one.number, one.state) for one in again.documents] == [(one.number, "unchanged") for one in made.documents]
    people = PEGAWAI.replace("'197911302005011007", "'197911302005011008")
    corrected = generate(office(tmp_path, pegawai=people), tmp_path / "keluaran", tmp_path / "kosong", only=("ptpp",))
    assert [found.code for found in corrected.findings] == ["T03"]
    assert {one.number for one in corrected.skipped} > {one.number for one in made.skipped}


def test_a_missing_field_is_reported_at_its_cell_and_not_printed_blank(tmp_path: Path) -> None:
    inspected = office(tmp_path, {"002/PTPP/III/2026 | 2026-03-18 | Kepala Seksi Pelayanan": "002/PTPP/III/2026 | | "})
    generated = generate(inspected, tmp_path / "keluaran", TEMPLATES, only=("ptpp",))
    assert [(found.code, found.sheet, found.cell) for found in generated.findings] == [
        ("T05", "Register", "I3"), ("T05", "Register", "J3"),
    ]  # fmt: skip
    (held,) = [one for one in generated.skipped if one.number == "002/PTPP/III/2026"]
    assert held.cells == ("Register!I3", "Register!J3")
    assert [one.number for one in generated.documents] == ["001/PTPP/III/2026"]


def test_columns_that_are_absent_share_a_cell_that_is_named_once(tmp_path: Path) -> None:
    cases = """
    No. Catatan | Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Ditemukan Oleh | No. PTPP
    001/CLTS/III/2026 | 2026-03-02 08:00 | Surat Pindah | Alamat keliru sekali | Ratna Anggraini | 001/PTPP/III/2026
    """
    register = read_register(office_workbook(tmp_path / "r.xlsx", cases, complete=False))
    inspected = inspect_register(register, SOP, dt.datetime(2026, 3, 2, 9))
    (held,) = generate(inspected, tmp_path / "keluaran", TEMPLATES, only=("ptpp",)).skipped
    assert held.cells == ("Register!A1",) and held.reason.startswith("Register!A1: Tanggal PTPP, Kepada")


def test_one_case_alone(tmp_path: Path) -> None:
    inspected = office(tmp_path)
    for asked in (DONE, "001/PTPP/III/2026", "001/BA/III/2026"):
        generated = generate(inspected, tmp_path / "keluaran", TEMPLATES, case=asked)
        assert {document.kind for document in generated.documents} == {"ptpp", "catatan", "ba", "label"}
    with pytest.raises(UsageProblem, match="tidak ada di Register") as caught:
        generate(inspected, tmp_path / "keluaran", TEMPLATES, case="001/CLTS/III/2062")
    assert DONE in caught.value.remedy


def test_numbers_that_give_the_same_file_name_do_not_collide(tmp_path: Path) -> None:
    wanted = [Wanted("ptpp", number, (), lambda: None) for number in ("1/A", "1-A", "1-a", "2/A")]  # type: ignore[arg-type, return-value]
    paths = paths_of(wanted, {}, set())
    assert len({path.casefold() for path in paths.values()}) == 4
    assert paths["ptpp", "2/A"] == "ptpp/2-A.docx"
    assert paths == paths_of(wanted[::-1], {}, set())
    assert paths_of(wanted[3:], {}, {"ptpp/2-a.docx"})["ptpp", "2/A"] != "ptpp/2-A.docx"


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda path: path.unlink(), "T03"),
        (lambda path: path.write_bytes(b"bukan docx"), "T03"),
        (lambda path: _retag(path, "{{ nomor_ptpp }}", "{{ nomer_ptpp }}"), "T01"),
        (lambda path: _retag(path, "{{ nomor_ptpp }}", "{{ nomor_ptpp"), "T02"),
    ],
    ids=["missing", "no docx", "unknown field", "broken tag"],
)
def test_a_template_that_cannot_be_used_is_said_once_and_the_others_go_on(
    tmp_path: Path, spoil: object, code: str
) -> None:
    templates = Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))
    spoil(templates / "ptpp.docx")  # type: ignore[operator]
    generated = generate(office(tmp_path), tmp_path / "keluaran", templates, only=("ptpp", "label"))
    assert [found.code for found in generated.findings] == [code]
    assert [document.kind for document in generated.documents] == ["label"]
    assert len([one for one in generated.skipped if one.kind == "ptpp"]) == 3


def test_every_error_of_a_template_is_said_with_its_place_and_like_names(tmp_path: Path) -> None:
    templates = Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))
    _retag(templates / "ptpp.docx", "{{ nomor_ptpp }}", "{{ nomer_ptpp }} {% if sumbr %}x{% endif %}")
    generated = generate(office(tmp_path), tmp_path / "keluaran", templates, only=("ptpp",))
    said = [found.message for found in generated.findings]
    assert len(said) == 2
    assert all("ptpp.docx, paragraf" in message for message in said)
    assert {message.partition("maksudnya ")[2] for message in said} == {"sumber.", "nomor_ptpp."}


@pytest.mark.parametrize("kind", KINDS)
def test_the_templates_ask_for_nothing_unknown(kind: str) -> None:
    assert check_template(TEMPLATES / KINDS[kind].template, KINDS[kind].fields) == []


def _retag(path: Path, old: str, new: str) -> None:
    document = open_docx(str(path))
    (run,) = [run for paragraph in document.paragraphs for run in paragraph.runs if old in run.text]
    run.text = run.text.replace(old, new)
    document.save(str(path))


@pytest.mark.parametrize("name", ["../rahasia.png", "..\\rahasia.png", "/etc/passwd", "tidak-ada.png", "teks.png"])
def test_a_workbook_cannot_read_files_by_its_crest(tmp_path: Path, name: str) -> None:
    templates = Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))
    (tmp_path / "rahasia.png").write_bytes(_png(4, 4))
    (templates / "teks.png").write_text("bukan gambar", encoding="utf-8")
    inspected = office(tmp_path, kantor={"Lambang": name})  # type: ignore[arg-type]
    generated = generate(inspected, tmp_path / "keluaran", templates, only=("ptpp",))
    [found] = generated.findings
    assert (found.code, found.sheet, found.cell) == ("T50", "Kantor", "B9")
    assert name in found.message
    assert not open_docx(str(tmp_path / "keluaran" / PTPP)).inline_shapes


def _png(across: int, down: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = zlib.compress((b"\0" + b"\x40" * across) * down)
    header = struct.pack(">IIBBBBB", across, down, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("across", "down"), [(40, 10), (10, 40)])
def test_the_crest_stands_in_the_letterhead_in_its_own_proportions(tmp_path: Path, across: int, down: int) -> None:
    templates = Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))
    (templates / "lambang.png").write_bytes(_png(across, down))
    inspected = office(tmp_path, kantor={"Lambang": "lambang.png"})  # type: ignore[arg-type]
    generate(inspected, tmp_path / "keluaran", templates, only=("ptpp",))
    document = open_docx(str(tmp_path / "keluaran" / PTPP))
    (shape,) = document.inline_shapes
    assert shape.width / shape.height == pytest.approx(across / down, rel=0.01)
    assert shape.width.mm <= 17.01 and shape.height.mm <= 18.51


def _orders(inspected: Inspected) -> list[RenderRequest]:
    desk = DocumentData(inspected)
    fillings = [one.fill() for one in wanted_documents(desk, ("ptpp", "catatan"))[0]]
    return [
        RenderRequest(open_template(TEMPLATES / f"{f.kind}.docx"), "", f.kind, f.number, f.data_sha256, f.context, None)
        for f in fillings
    ]


def test_several_processes_make_the_same_and_a_dead_one_loses_nothing(tmp_path: Path) -> None:
    orders = _orders(many(tmp_path, 6))
    expected = render_all(orders)
    assert all(isinstance(one, bytes) for one in expected)
    with renderer(2) as render:
        assert render(orders)() == expected
        pending = render(orders)
        for worker in multiprocessing.active_children():
            worker.kill()
        assert pending() == expected
        assert render(orders)() == expected
        assert render(orders[:3])() == expected[:3]


def test_two_processes_write_the_same_folder(first: tuple[Path, Generated], tmp_path: Path) -> None:
    generated = generate(office(tmp_path), tmp_path / "keluaran", TEMPLATES, jobs=2)
    assert files(tmp_path / "keluaran") == files(first[0])
    assert states(generated) == states(first[1])


def test_progress_reaches_the_whole(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    inspected = many(tmp_path, 20)
    generated = generate(
        inspected, tmp_path / "keluaran", TEMPLATES, progress=lambda done, total: told.append((done, total))
    )
    assert told[-1] == (len(generated.documents),) * 2
    assert told == sorted(told) and len(told) > 1


def test_verify_tells_edited_missing_and_unknown(made: Path) -> None:
    assert verify(made).sound
    (made / PTPP).write_bytes(b"disunting")
    (made / "label" / "001-CLTS-III-2026.docx").unlink()
    (made / "ptpp" / "salinan.docx").write_bytes(b"asing")
    (made / "ptpp" / "001-PTPP-III-2026.cadangan-1.docx").write_bytes(b"cadangan")
    checked = verify(made)
    assert {one.record.path: one.state for one in checked.checked if one.state != "matching"} == {
        PTPP: "edited", "label/001-CLTS-III-2026.docx": "missing",
    }  # fmt: skip
    assert [path.name for path in checked.unknown] == ["salinan.docx"]
    assert not checked.sound


def test_verify_needs_an_archive(tmp_path: Path) -> None:
    with pytest.raises(SopkitError, match="Tidak ada arsip"):
        verify(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text", ["SOPKIT:PTPP:001/PTPP/XI/2026:" + "0F" * 16, "SOPKIT:PTPP:001/PTPP/XI/2026:" + "0F" * 32, "A" * 7,
             "SOPKIT:LABEL:1/é:0F", *("Z:" * (50 * length) for length in (1, 2, 4, 7, 20, 30))],
)  # fmt: skip
def test_the_qr_is_what_segno_draws(text: str) -> None:
    import segno

    matrix = segno.make(text, error="m", micro=False, boost_error=False, mask=2).matrix
    assert _modules(qr_png(text, scale=3, border=2), 3, 2) == [[bool(dark) for dark in row] for row in matrix]
    assert read_qr(qr_png(text)) == text


def _modules(png: bytes, scale: int, border: int) -> list[list[bool]]:
    """The modules of a one-bit PNG, read at the middle of each."""
    side = int.from_bytes(png[16:20], "big")
    at = png.index(b"IDAT")
    pixels = zlib.decompress(png[at + 4 : at + 4 + int.from_bytes(png[at - 4 : at], "big")])
    stride = 1 + -(-side // 8)
    places = range(border * scale + scale // 2, side - border * scale, scale)
    rows = [pixels[y * stride + 1 : (y + 1) * stride] for y in places]
    return [[not row[x // 8] >> (7 - x % 8) & 1 for x in places] for row in rows]


def _pages(documents: Sequence[Path], folder: Path, converted: Callable[..., None], *options: str) -> list[list[str]]:
    """The pages of each document as LibreOffice prints it, as text; `options` are of pdftotext."""
    reader = shutil.which("pdftotext")
    if reader is None:
        pytest.skip("pdftotext belum terpasang")
    converted("pdf", folder, *documents)
    printed = []
    for document in documents:
        read = [reader, *options, str(folder / f"{document.stem}.pdf"), "-"]
        shown = subprocess.run(read, check=True, capture_output=True, timeout=60).stdout.decode("utf-8")
        printed.append(shown.removesuffix("\f").split("\f"))
    return printed


def test_signatures_stay_with_their_names(tmp_path: Path, converted: Callable[..., None]) -> None:
    """A long BA in LibreOffice: what is signed, and by whom, is on one page; the header row is on every page."""
    generate(many(tmp_path, 40), tmp_path / "keluaran", TEMPLATES, only=("ba",))
    source = tmp_path / "keluaran" / "ba-pemusnahan" / "001-BA-III-2026.docx"
    (pages,) = _pages([source], tmp_path, converted, "-layout")
    assert len(pages) > 2
    closing = [page for page in pages if "Demikian Berita Acara" in page]
    assert len(closing) == 1
    for words in ("Mengetahui,", "Wahyu Kusumaningrum", "Saksi II,", "NIP 197212101996032002"):
        assert words in closing[0]
    assert all("No. Catatan" in page for page in pages[:-1])


def test_forms_are_whole_on_their_pages(tmp_path: Path, converted: Callable[..., None]) -> None:
    """In LibreOffice: an open PTPP, a Catatan, a BA of three cases and a label are one page each, and a PTPP that
    needs two ends with more than signatures."""
    place = "Lemari besi nomor 2 ruang Seksi Pelayanan lantai dua, rak ketiga dari atas sebelah kiri, map merah tua"
    cause = "Petugas menyalin data dari berkas lama "
    inspected = many(tmp_path, 3, {"Map merah lemari 2": place, "| 2 | lembar": "| 2 | kilogram"})
    generate(inspected, tmp_path / "keluaran", TEMPLATES, only=("ba", "label"))
    generate(office(tmp_path, {cause.strip(): cause * 60}), tmp_path / "keluaran", TEMPLATES, only=("ptpp", "catatan"))
    names = ("ba-pemusnahan/001-BA", "label/003-CLTS", "catatan/001-CLTS", "ptpp/002-PTPP", "ptpp/001-PTPP")
    *whole, long = _pages([tmp_path / f"keluaran/{name}-III-2026.docx" for name in names], tmp_path, converted)
    assert [len(pages) for pages in whole] == [1, 1, 1, 1]
    assert "7. Verifikasi" in " ".join(long[-1].split()) and "Pengusul," in long[-1]
    assert len(long) == 2


def test_signatures_stand_in_line_where_names_and_dates_are_long(
    tmp_path: Path, converted: Callable[..., None]
) -> None:
    long = "Raden Ajeng Tutik Handayani Kusumawardhani, S.AP., M.Si."
    town = {**KANTOR, "Tempat": "Kedungwuni Timur Laut"}
    settings = "Kunci | Nilai\n" + "\n".join(f"{key} | {value}" for key, value in town.items())
    inspected = office(tmp_path, {"Tutik Handayani": long}, pegawai=PEGAWAI, kantor=settings)
    generate(inspected, tmp_path / "keluaran", TEMPLATES, only=("ba",))
    source = tmp_path / "keluaran" / "ba-pemusnahan" / "001-BA-III-2026.docx"
    ((page, *_),) = _pages([source], tmp_path, converted, "-bbox")
    tops = {
        word: re.findall(rf'yMin="([0-9.]+)"[^>]*>{re.escape(word)}<', page)[-1]
        for word in ("I,", "Pelaksana,", "Bagus", "Raden", "199001152014021003", "199207222019032006")
    }
    assert tops["I,"] == tops["Pelaksana,"]
    assert tops["Bagus"] == tops["Raden"]
    assert tops["199001152014021003"] == tops["199207222019032006"]


def test_a_long_remark_is_not_pressed_into_a_narrow_column(tmp_path: Path) -> None:
    reason = "Sekcam rapat di kabupaten sampai siang" + " dan baru kembali setelah jam istirahat" * 5
    inspected = office(tmp_path, {"Sekcam rapat di kabupaten sampai siang": reason})
    generate(inspected, tmp_path / "keluaran", TEMPLATES, only=("catatan",))
    said = text(tmp_path / "keluaran" / "catatan" / "001-CLTS-III-2026.docx").splitlines()
    assert said.count(f"Keterangan langkah 8: {reason}") == 1
    assert reason not in said
    assert "Keterangan langkah 2: Seluruh berkas hari itu diperiksa" in said


def test_a_manner_that_ends_with_a_full_stop_gets_no_second(tmp_path: Path) -> None:
    inspected = office(tmp_path, {"dicacah dengan mesin": "dibakar sampai menjadi abu."})
    generate(inspected, tmp_path / "keluaran", TEMPLATES, only=("ba",))
    said = text(tmp_path / "keluaran" / "ba-pemusnahan" / "001-BA-III-2026.docx").splitlines()
    assert "Pemusnahan dilaksanakan dengan cara: dibakar sampai menjadi abu." in said


def test_the_list_is_dated_by_hand(first: tuple[Path, Generated]) -> None:
    """Nobody knows when it will be signed; what it counted until is said."""
    said = text(first[0] / "daftar-ptpp.docx")
    assert f"bila belum selesai, sampai {language.date_text(AS_OF)}." in said
    assert re.search(r"Sukamaju, …+ 20…", said)


def test_documents_open_as_word_files(first: tuple[Path, Generated]) -> None:
    for data in files(first[0]).values():
        with zipfile.ZipFile(BytesIO(data)) as package:
            assert package.testzip() is None
        assert open_docx(BytesIO(data)).sections


def test_only_the_kinds_asked_for(tmp_path: Path) -> None:
    assert tuple(KINDS) == ("ptpp", "catatan", "ba", "daftar", "label")
    generated = generate(office(tmp_path), tmp_path / "keluaran", TEMPLATES, only=("daftar",))
    assert [path.name for path in (tmp_path / "keluaran").rglob("*.docx")] == ["daftar-ptpp.docx"]
    assert {one.kind for one in generated.skipped} <= {"daftar"}
