"""Replies read and judged: what is new, the same, other or a clash, and what is never written."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from frozen_sop import SOP
from lxml import etree
from offices import AS_OF, LANGKAH, PEMUSNAHAN, REGISTER, TEMPLATES
from replies import ANSWERS, W, changed, controls, element, filled, flattened, mail, put, run, twice
from rich.console import Console
from test_template import by_docxtpl
from wordfiles import canonical_parts
from workbooks import as_libreoffice_saves, office_workbook

from sopkit.archive import open_archive
from sopkit.checks.inspection import inspect_register
from sopkit.cli.main import main
from sopkit.cli.summary import print_known
from sopkit.documents.generate import generate, known_by
from sopkit.documents.kinds import wanted_documents
from sopkit.documents.pdf_stamp import stamped
from sopkit.documents.records import DocumentData
from sopkit.documents.template import WordTemplate
from sopkit.ooxml.container import write_package
from sopkit.receive import opening
from sopkit.receive.compare import Office, Reply, received
from sopkit.receive.opening import Carried, carried_by
from sopkit.receive.word import FILLED, labelled
from sopkit.register.read import read_register
from sopkit.register.schema import Cases

PTPP = "ptpp/002-PTPP-III-2026.docx"
DONE = "ptpp/001-PTPP-III-2026.docx"
WHEN = ("--as-of", "2026-03-20T10:00")
HEADERS = {
    "tindakan_langsung": "Tindakan Langsung", "analisis_penyebab": "Analisis Penyebab",
    "tindakan_perbaikan": "Tindakan Perbaikan", "tindakan_pencegahan": "Tindakan Pencegahan",
    "hasil_verifikasi": "Hasil Verifikasi", "tanggal_verifikasi": "Tanggal Verifikasi",
    "diverifikasi_oleh": "Diverifikasi Oleh",
}  # fmt: skip


def issue(folder: Path, register: str = REGISTER, templates: Path = TEMPLATES) -> Office:
    """An office's folder with its register and the documents made of it."""
    (folder / "registers").mkdir(parents=True)
    book = office_workbook(folder / "registers" / "register.xlsx", register, LANGKAH, PEMUSNAHAN)
    inspected = inspect_register(read_register(book), SOP, AS_OF)
    generate(inspected, folder / "keluaran", templates, only=("ptpp", "catatan"))
    return Office(inspected, (folder / "keluaran",))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return issue(tmp_path_factory.mktemp("kantor"))


@pytest.fixture(scope="module")
def issued(office: Office) -> bytes:
    return (office.folders[0] / PTPP).read_bytes()


def judged(office: Office, *documents: bytes) -> list[Reply]:
    carried = [Carried(f"{place}.docx", data) for place, data in enumerate(documents)]
    return [reply for reply, _ in received(carried, [office])]


def states(reply: Reply) -> dict[str, str]:
    return {cell.column.header: cell.state for cell in reply.cells}


def replies(reply: Reply) -> dict[str, str]:
    return {cell.column.header: cell.reply for cell in reply.cells}


NEW = {HEADERS[tag]: "baru" for tag in ANSWERS} | {"Target Selesai": "sama"}


def test_what_is_filled_in_is_new_and_what_is_not_is_silent(office: Office, issued: bytes) -> None:
    (untouched,) = judged(office, issued)
    assert states(untouched) == {"Target Selesai": "sama"} and not untouched.problems and not untouched.undecided
    (reply,) = judged(office, filled(issued))
    assert (reply.number, reply.case, reply.problems) == ("002/PTPP/III/2026", "002/CLTS/III/2026", ())
    assert states(reply) == NEW and not reply.undecided
    assert replies(reply) == {HEADERS[tag]: text for tag, text in ANSWERS.items()} | {"Target Selesai": "27 Maret 2026"}
    assert {edit.cell for edit in reply.edits} == {"K3", "L3", "M3", "N3", "U3", "V3", "W3"}


def test_each_open_field_has_its_control_and_a_placeholder(office: Office, issued: bytes) -> None:
    root = etree.fromstring(read_parts(issued)["word/document.xml"])
    for column in FILLED:
        tag = next(one for one in root.iter(f"{W}alias") if one.get(f"{W}val") == column.header).getparent()
        assert tag.find(f"{W}lock").get(f"{W}val") == "sdtLocked"
        assert (tag.find(f"{W}showingPlcHdr") is None) == (column.header == "Target Selesai")
    choices = [one.get(f"{W}value") for one in root.iter(f"{W}listItem")]
    assert choices == ["Sesuai", "Tidak Sesuai"]
    dates = {
        (one.find(f"{W}lid").get(f"{W}val"), one.find(f"{W}dateFormat").get(f"{W}val")) for one in root.iter(f"{W}date")
    }
    assert dates == {("id-ID", "d MMMM yyyy")}
    ids = [one.get(f"{W}val") for one in root.iter(f"{W}id") if one.getparent().tag == f"{W}sdtPr"]
    assert len(ids) == len(set(ids)) == len(FILLED)


def read_parts(document: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(document)) as package:
        return {name: package.read(name) for name in package.namelist()}


@pytest.mark.parametrize("number", [0, 1])
def test_docxtpl_makes_the_same_document(office: Office, number: int) -> None:
    """In every part, of a case whose PTPP is filled and of one whose PTPP is open."""
    wanted = wanted_documents(DocumentData(office.inspected), ["ptpp"])[0][number]
    said = {**wanted.fill().context, "qr": "", "lambang": "", "kode_verifikasi": "0000"}
    fields = {name: str(value) for name, value in said.items()} | {"uraian_ketidaksesuaian": "satu\ndua & <tiga>"}
    template = TEMPLATES / "ptpp.docx"
    assert canonical_parts(WordTemplate(template).render(fields)) == canonical_parts(by_docxtpl(template, fields))


def wrapped(root: Any) -> None:
    """Each control in another one that nobody named, and its text in two runs."""
    for tag, text in ANSWERS.items():
        control = controls(root, tag)[0]
        middle = len(text) // 2
        put(control, run(text[:middle]), run(text[middle:]))
        outer, content = element("sdt"), element("sdtContent")
        control.addprevious(outer)
        outer.append(element("sdtPr"))
        outer.append(content)
        content.append(control)
        inner = element("sdt")
        inner.append(element("sdtContent"))
        inside = control.find(f"{W}sdtContent")
        inner[0].extend(list(inside))
        inside.append(inner)


def in_paragraphs(root: Any) -> None:
    """A control around whole paragraphs, as Word makes of a rich one."""
    for tag, text in ANSWERS.items():
        control = controls(root, tag)[0]
        put(control, run(text))
        if tag == "analisis_penyebab":
            paragraph = control.getparent()
            paragraph.addprevious(control)
            paragraph.getparent().remove(paragraph)
            put(control, *(element("p") for _ in text.split("\n")))
            for made, line in zip(control.iter(f"{W}p"), text.split("\n"), strict=True):
                made.append(run(line))


def known_by_title(root: Any) -> None:
    """The tag is lost, the title is not."""
    for tag, text in ANSWERS.items():
        control = controls(root, tag)[0]
        put(control, run(text))
        control.find(f"{W}sdtPr").remove(control.find(f"{W}sdtPr/{W}tag"))


def accepted(root: Any) -> None:
    """Only the looks were tracked."""
    for tag, text in ANSWERS.items():
        control = controls(root, tag)[0]
        put(control, run(text))
        look = element("rPr")
        look.append(element("rPrChange", id="9", author="x"))
        control.find(f"{W}sdtContent/{W}r").insert(0, look)


@pytest.mark.parametrize("change", [wrapped, in_paragraphs, known_by_title, accepted])
def test_a_control_is_read_whatever_word_made_of_it(
    office: Office, issued: bytes, change: Callable[[Any], None]
) -> None:
    (reply,) = judged(office, changed(issued, change))
    assert (states(reply), reply.problems) == (NEW, ())
    assert replies(reply)["Analisis Penyebab"] == ANSWERS["analisis_penyebab"]


def test_controls_that_are_lost_are_read_by_their_labels(office: Office, issued: bytes) -> None:
    (reply,) = judged(office, flattened(filled(issued)))
    assert (states(reply), reply.problems) == (NEW, ())
    assert replies(reply)["Analisis Penyebab"] == ANSWERS["analisis_penyebab"]
    (untouched,) = judged(office, flattened(issued))
    assert (states(untouched), untouched.problems) == ({"Target Selesai": "sama"}, ())


def without_controls(root: Any) -> None:
    """As templates were before: a field's name where a control stands now."""
    for control in list(root.iter(f"{W}sdt")):
        tag = control.find(f"{W}sdtPr/{W}tag").get(f"{W}val")
        control.addprevious(run(f"{{{{ {tag} }}}}"))
        control.getparent().remove(control)


def by_hand(root: Any) -> None:
    """Filled in beside the labels, with the place's date and the NIP over their dots."""
    paragraphs = list(root.iter(f"{W}p"))
    texts = ["".join(paragraph.itertext()) for paragraph in paragraphs]
    for tag, text in ANSWERS.items():
        label = HEADERS[tag].lower()
        at = next(at for at, said in enumerate(texts) if said.lower().lstrip("0123456789. ").startswith(label))
        below = 0 if text in ("Sesuai", "19 Maret 2026") else 4 if text == "Hartono Wibowo" else 1
        paragraphs[at + below].append(run(text))
    for dots, text in {"Sukamaju, ……………………": "Sukamaju, 19 Maret 2026", "NIP ……………………": "NIP 19700101"}.items():
        place = paragraphs[texts.index(dots)]
        for old in place.findall(f"{W}r"):
            place.remove(old)
        place.append(run(text))


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office whose template has no controls."""
    folder = tmp_path_factory.mktemp("lama")
    templates = Path(shutil.copytree(TEMPLATES, folder / "templates"))
    (templates / "ptpp.docx").write_bytes(changed((templates / "ptpp.docx").read_bytes(), without_controls))
    return issue(folder, templates=templates)


def test_a_template_without_controls_is_read_by_its_labels(older: Office) -> None:
    document = (older.folders[0] / PTPP).read_bytes()
    (untouched,) = judged(older, document)
    assert not untouched.cells and not untouched.problems
    (reply,) = judged(older, changed(document, by_hand))
    assert (reply.problems, states(reply)) == ((), {HEADERS[tag]: "baru" for tag in ANSWERS})
    assert replies(reply) == {HEADERS[tag]: text for tag, text in ANSWERS.items()}
    assert "Isian tanpa kotak dibaca menurut labelnya: cocokkan dengan dokumennya." in reply.remarks


@pytest.mark.parametrize("change", ["typed_over", "added"])
def test_fixed_text_of_a_template_without_controls_is_held_too(older: Office, change: str) -> None:
    document = changed((older.folders[0] / PTPP).read_bytes(), by_hand)
    (reply,) = judged(older, changed(document, globals()[change]))
    assert "Bagian tetap dokumen ini diubah" in reply.problems[0] and not reply.edits


def test_what_a_template_without_controls_printed_is_compared(older: Office) -> None:
    document = (older.folders[0] / DONE).read_bytes()
    (untouched,) = judged(older, document)
    assert not untouched.cells and not untouched.problems

    def other_cause(root: Any) -> None:
        (printed,) = (one for one in root.iter(f"{W}t") if one.text == "Petugas menyalin data dari berkas lama")
        printed.text = "Sebab yang lain"

    (reply,) = judged(older, changed(document, other_cause))
    assert states(reply) == {"Analisis Penyebab": "berbeda"} and not reply.problems and not reply.edits


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Analisis Penyebab\x1e:\x1ekering\x1eTindakan Perbaikan\x1e:\x1eganti\x1e", "kering"),
        ("3.  Analisis Penyebab\nkering\x1e4. Tindakan Perbaikan\nganti\x1e", "kering"),
        ("Analisis Penyebab\x1ekering\nsekali\x1eTindakan Perbaikan\x1eganti\x1e", "kering\nsekali"),
        ("ANALISIS  PENYEBAB : kering\nTindakan Perbaikan: ganti\n", "kering"),
        (
            "Analisis Penyebab\n1. cap kering\n2. tidak diperiksa\n4. Tindakan Perbaikan\n",
            "1. cap kering\n2. tidak diperiksa",
        ),
        ("Analisis Penyebab\n\x1e4. Tindakan Perbaikan\nganti\x1e", ""),
        ("Analisis Penyebab yang dilakukan kemarin benar\n", ""),
        ("tidak ada label", ""),
    ],
)
def test_what_follows_a_label(text: str, said: str) -> None:
    assert labelled(text, Cases.cause) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("7. Verifikasi\nPTPP lanjutan\t:\t\n\x1eSukamaju, 19 Maret 2026\nDiverifikasi oleh,", ""),
        ("PTPP lanjutan :\x1e004/PTPP/IV/2026\x1eSukamaju", "004/PTPP/IV/2026"),
        ("PTPP lanjutan\x1e:\x1e004/PTPP/IV/2026\x1eSukamaju", "004/PTPP/IV/2026"),
    ],
)  # fmt: skip
def test_one_line_is_not_sought_in_another_cell(text: str, said: str) -> None:
    assert labelled(text, Cases.follow_up_ptpp) == said


def test_an_answer_typed_below_its_control_is_found(office: Office, issued: bytes) -> None:
    def below(root: Any) -> None:
        paragraph = controls(root, "analisis_penyebab")[0].getparent()
        paragraph.addnext(element("p"))
        paragraph.getnext().append(run("Bantalan cap sudah kering"))

    (reply,) = judged(office, changed(issued, below))
    assert replies(reply)["Analisis Penyebab"] == "Bantalan cap sudah kering" and not reply.problems
    (both,) = judged(office, changed(filled(issued), below))
    assert states(both) == NEW
    assert any("luar kotak isian Analisis Penyebab: “Bantalan cap sudah kering”" in said for said in both.remarks)


def test_what_is_struck_out_on_paper_does_not_count(office: Office, issued: bytes) -> None:
    def strike(root: Any) -> None:
        kept, struck = run("Sesuai / "), run("Tidak Sesuai")
        struck.insert(0, element("rPr"))
        struck[0].append(element("strike"))
        put(controls(root, "hasil_verifikasi")[0], kept, struck, run(" *)"))

    (reply,) = judged(office, flattened(changed(issued, strike)))
    assert replies(reply)["Hasil Verifikasi"] == "Sesuai"


@pytest.mark.parametrize(
    ("answers", "header", "state", "said"),
    [
        ({"tanggal_verifikasi": "19-03-2026"}, "Tanggal Verifikasi", "baru", ""),
        ({"tanggal_verifikasi": "19 Maret 2026 ………"}, "Tanggal Verifikasi", "baru", ""),
        ({"tanggal_verifikasi": "3/4/2026"}, "Tanggal Verifikasi", "ditolak", "dapat berarti"),
        ({"tanggal_verifikasi": "31/2/2026"}, "Tanggal Verifikasi", "ditolak", "tidak ada dalam kalender"),
        ({"tanggal_verifikasi": "pekan depan"}, "Tanggal Verifikasi", "ditolak", "tanggal"),
        ({"tanggal_verifikasi": "19 Maret 2027"}, "Tanggal Verifikasi", "ditolak", "D04"),
        ({"hasil_verifikasi": "tidak  sesuai"}, "Hasil Verifikasi", "baru", ""),
        ({"hasil_verifikasi": "Belum"}, "Hasil Verifikasi", "ditolak", "Sesuai dan Tidak Sesuai"),
        ({"diverifikasi_oleh": "hartono wibowo"}, "Diverifikasi Oleh", "baru", ""),
        ({"diverifikasi_oleh": "Hartono Wibawa"}, "Diverifikasi Oleh", "ditolak", "mungkin Hartono Wibowo"),
        ({"diverifikasi_oleh": "Warga"}, "Diverifikasi Oleh", "ditolak", "tidak ada di sheet Pegawai"),
        ({"analisis_penyebab": "x" * 32_001}, "Analisis Penyebab", "ditolak", "satu sel"),
        ({"target_selesai": "28 Maret 2026"}, "Target Selesai", "berbeda", ""),
    ],
)  # fmt: skip
def test_the_registers_own_reading_decides(
    office: Office, issued: bytes, answers: dict[str, str], header: str, state: str, said: str
) -> None:
    (reply,) = judged(office, filled(issued, answers))
    cell = next(one for one in reply.cells if one.column.header == header)
    assert cell.state == state and said in " ".join(cell.notes)
    assert reply.undecided == (state != "baru") and len(reply.edits) == (state == "baru")


@pytest.mark.parametrize("blank", ["………", "-", "    ", "(mengapa hal itu terjadi)", "."])
def test_what_says_nothing_is_no_answer(office: Office, issued: bytes, blank: str) -> None:
    (reply,) = judged(office, filled(issued, {"analisis_penyebab": blank}))
    assert "Analisis Penyebab" not in states(reply)


def test_names_and_choices_are_written_as_their_lists_write_them(office: Office, issued: bytes) -> None:
    (reply,) = judged(
        office, filled(issued, {"hasil_verifikasi": "tidak sesuai", "diverifikasi_oleh": "HARTONO  wibowo"})
    )
    assert {edit.value for edit in reply.edits} == {"Tidak Sesuai", "Hartono Wibowo"}


def test_a_control_that_stands_twice(office: Office, issued: bytes) -> None:
    once = filled(issued)
    (same,) = judged(office, twice(once, "tindakan_perbaikan", f"  {ANSWERS['tindakan_perbaikan']} "))
    assert states(same) == NEW
    (differing,) = judged(office, twice(once, "tindakan_perbaikan", "Cap dipinjam dari kantor lain"))
    assert states(differing)["Tindakan Perbaikan"] == "bentrok" and differing.undecided
    assert "M3" not in {edit.cell for edit in differing.edits}


def tracked(root: Any) -> None:
    put(controls(root, "analisis_penyebab")[0], element("ins", id="1", author="Joko"), element("del", id="2"))
    content = controls(root, "analisis_penyebab")[0].find(f"{W}sdtContent")
    content[0].append(run("Bantalan cap kering"))
    gone = element("r")
    gone.append(element("delText", "Bukan ini"))
    content[1].append(gone)


def test_tracked_changes_are_told_and_not_written(office: Office, issued: bytes) -> None:
    (reply,) = judged(office, changed(filled(issued, {"tindakan_perbaikan": "Cap diganti"}), tracked))
    cell = next(one for one in reply.cells if one.column.header == "Analisis Penyebab")
    assert (cell.reply, cell.state, cell.writable) == ("Bantalan cap kering", "baru", False)
    assert "belum diterima" in cell.notes[0] and reply.undecided
    assert {edit.cell for edit in reply.edits} == {"M3"}


def test_comments_are_kept(office: Office, issued: bytes) -> None:
    def remark(root: Any) -> None:
        content = controls(root, "tindakan_perbaikan")[0].find(f"{W}sdtContent")
        content.insert(0, element("commentRangeStart", id="7"))

    said = (
        '<w:comments xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:comment w:id="7" '
        'w:author="Joko Santosa" w:date="2026-03-19T09:00:00Z"><w:p><w:r><w:t>Menunggu anggaran</w:t></w:r></w:p>'
        "</w:comment></w:comments>"
    )
    held = read_parts(changed(filled(issued), remark))
    held["word/comments.xml"] = said.encode()
    rels = "word/_rels/document.xml.rels"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"
    link = f'<Relationship Id="rK" Type="{kind}" Target="comments.xml"/></Relationships>'
    held[rels] = held[rels].replace(b"</Relationships>", link.encode())
    (reply,) = judged(office, write_package(held))
    (comment,) = reply.comments
    assert (comment.author, comment.date, comment.text) == ("Joko Santosa", "2026-03-19", "Menunggu anggaran")
    assert comment.about == "Tindakan Perbaikan" and states(reply) == NEW


def typed_over(root: Any) -> None:
    next(one for one in root.iter(f"{W}t") if one.text == "Kepala Seksi Pelayanan").text = "Sekretaris Kecamatan"


def added(root: Any) -> None:
    next(one for one in root.iter(f"{W}t") if "tidak terbaca" in (one.text or "")).text += " sama sekali"


@pytest.mark.parametrize("change", [typed_over, added])
@pytest.mark.parametrize("bare", [False, True])
def test_fixed_text_that_was_changed_is_told_and_nothing_is_written(
    office: Office, issued: bytes, change: Callable[[Any], None], bare: bool
) -> None:
    document = changed(filled(issued), change)
    (reply,) = judged(office, flattened(document) if bare else document)
    assert "Bagian tetap dokumen ini diubah" in reply.problems[0]
    assert states(reply) == NEW and not reply.edits and reply.undecided


def test_a_document_that_the_archive_does_not_know(office: Office, issued: bytes, tmp_path: Path) -> None:
    other = issue(tmp_path, REGISTER.replace("Cap legalisasi pada lembar kedua", "Cap pada lembar ketiga"))
    (foreign,) = judged(other, filled(issued))
    assert "tidak dikenal arsip kantor ini: dokumen kantor lain, atau PTPP 002" in foreign.problems[0]
    assert states(foreign) == NEW and not foreign.edits and foreign.undecided and not foreign.remarks
    elsewhere = later(other, tmp_path, lambda text: text.replace("002/PTPP", "202/PTPP"))
    (strange,) = judged(elsewhere, filled(issued))
    assert "dokumen kantor lain." in strange.problems[0] and not strange.cells

    def nameless(root: Any) -> None:
        for text in root.iter(f"{W}t"):
            text.text = None

    held = read_parts(issued)
    bare = {name: data for name, data in held.items() if not name.startswith("word/media/")}
    document = write_package(bare)
    for part in [name for name in bare if name.startswith("word/footer")]:
        document = changed(document, nameless, part)
    (without,) = judged(office, document)
    assert "Kode verifikasi arsip tidak ada" in without.problems[0]
    (catatan,) = judged(office, (office.folders[0] / "catatan" / "002-CLTS-III-2026.docx").read_bytes())
    assert catatan.problems == ("Ini Catatan Layanan Tidak Sesuai, bukan PTPP.",)


def test_an_older_revision_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    office = issue(tmp_path)
    old = (office.folders[0] / PTPP).read_bytes()
    with open_archive(office.folders[0]) as record:
        sha = next(one.file_sha256 for one in record.records() if one.path == PTPP)
        assert record.mark_mailed(PTPP, sha, AS_OF)
    book = office_workbook(office.path, REGISTER.replace("| Audit | Mayor |", "| Audit | Minor |"), LANGKAH, PEMUSNAHAN)
    again = inspect_register(read_register(book), SOP, AS_OF)
    generate(again, office.folders[0], TEMPLATES, only=("ptpp",))
    (reply,) = judged(Office(again, office.folders), filled(old))
    assert reply.problems == (
        "Ini revisi lama; yang berlaku ptpp/002-PTPP-III-2026 rev-1.docx. Yang berlainan: Kategori “Mayor”, kini "
        "“Minor”. Nilainya tidak ditulis.",
    )
    assert states(reply) == NEW and not reply.edits


def made_anew(folder: Path, old: str, new: str) -> tuple[Office, bytes]:
    """An office that typed something else after its PTPP was handed over, and made it anew; and the one handed over."""
    office = issue(folder)
    document = (office.folders[0] / PTPP).read_bytes()
    assert old in REGISTER
    book = office_workbook(office.path, REGISTER.replace(old, new), LANGKAH, PEMUSNAHAN)
    again = inspect_register(read_register(book), SOP, AS_OF)
    generate(again, office.folders[0], TEMPLATES, only=("ptpp",))
    assert (office.folders[0] / PTPP).read_bytes() != document
    return Office(again, office.folders), document


def test_one_that_was_made_anew_with_another_text_is_told(tmp_path: Path) -> None:
    office, document = made_anew(tmp_path, "| Audit | Mayor |", "| Audit | Minor |")
    (reply,) = judged(office, filled(document))
    (problem,) = reply.problems
    assert problem.startswith("PTPP 002/PTPP/III/2026 ini dibuat pada ") and "dibuat ulang pada" in problem
    assert problem.endswith(". Yang berlainan: Kategori “Mayor”, kini “Minor”. Nilainya tidak ditulis.")
    assert states(reply) == NEW and not reply.edits
    console = Console(record=True, file=StringIO(), width=200)
    print_known(known_by(reply.code, office.folders[0]), reply.code, console)
    assert "Berlaku: tidak, dibuat ulang pada" in console.export_text()
    with open_archive(office.folders[0]) as record:  # as an archive of before November 2026 is
        record.connection.execute("DELETE FROM kode_lama")
    (unknown,) = judged(office, filled(document))
    assert "tidak dikenal arsip kantor ini" in unknown.problems[0] and not unknown.edits
    assert "Yang berlainan: Kategori “Mayor”, kini “Minor”." in unknown.problems[0]


def test_one_that_was_made_anew_with_the_same_text_is_taken(tmp_path: Path) -> None:
    """What the register says since of the open fields is what the reply is compared with."""
    office, document = made_anew(
        tmp_path, "| | | | | Joko Santosa | 2026-03-27", "| Cap ulang | | | | Joko Santosa | 2026-03-27"
    )
    (reply,) = judged(office, filled(document))
    assert reply.problems == () and any("dibuat ulang pada" in said for said in reply.remarks)
    assert states(reply) == NEW | {"Tindakan Langsung": "berbeda"} and len(reply.edits) == len(ANSWERS) - 1
    (untouched,) = judged(office, document)
    assert states(untouched) == {"Target Selesai": "sama"} and not untouched.undecided


def test_an_issued_document_that_was_edited_proves_nothing(tmp_path: Path) -> None:
    office = issue(tmp_path)
    document = filled((office.folders[0] / PTPP).read_bytes())
    (office.folders[0] / PTPP).write_bytes(document)
    (reply,) = judged(office, document)
    assert "tidak dapat dibandingkan" in reply.problems[0] and not reply.edits


def later(office: Office, folder: Path, change: Callable[[str], str]) -> Office:
    """The same office after somebody typed into its register."""
    book = office_workbook(folder / "register.xlsx", change(REGISTER), LANGKAH, PEMUSNAHAN)
    return Office(inspect_register(read_register(book), SOP, AS_OF), office.folders)


def test_what_the_register_says_since_is_never_overwritten(office: Office, issued: bytes, tmp_path: Path) -> None:
    filled_in = later(
        office,
        tmp_path,
        lambda text: text.replace("| | | | | Joko Santosa | 2026-03-27", "| Cap ulang | | | | Joko Santosa |"),
    )
    (reply,) = judged(filled_in, filled(issued))
    assert states(reply) == NEW | {"Tindakan Langsung": "bentrok", "Target Selesai": "bentrok"}
    assert not {"K3", "P3"} & {edit.cell for edit in reply.edits}
    (done,) = judged(office, filled((office.folders[0] / DONE).read_bytes(), {"analisis_penyebab": "Sebab yang lain"}))
    assert states(done)["Analisis Penyebab"] == "berbeda" and set(states(done).values()) == {"berbeda", "sama"}


def test_a_value_that_was_emptied_in_word_stays_in_the_register(office: Office) -> None:
    def empty(root: Any) -> None:
        control = controls(root, "analisis_penyebab")[0]
        put(control, run("Klik atau ketuk di sini untuk memasukkan teks."))
        control.find(f"{W}sdtPr").append(element("showingPlcHdr"))

    (reply,) = judged(office, changed((office.folders[0] / DONE).read_bytes(), empty))
    cell = next(one for one in reply.cells if one.column.header == "Analisis Penyebab")
    assert (cell.state, cell.notes, cell.reply) == ("berbeda", ("dikosongkan di Word",), "") and not reply.edits


def test_two_replies_that_contradict_each_other_clash(office: Office, issued: bytes) -> None:
    one, other = judged(office, filled(issued), filled(issued, {**ANSWERS, "analisis_penyebab": "Lampu mati"}))
    assert states(one)["Analisis Penyebab"] == states(other)["Analisis Penyebab"] == "bentrok"
    assert len(one.edits) == len(other.edits) == len(ANSWERS) - 1


def bomb(document: bytes) -> bytes:
    return write_package(read_parts(document) | {"word/media/a.bin": b"\0" * 50_000_000})


def with_entities(document: bytes) -> bytes:
    held = read_parts(document)
    held["word/document.xml"] = b'<!DOCTYPE a [<!ENTITY b "c">]>' + held["word/document.xml"].split(b"?>", 1)[1]
    return write_package(held)


def too_deep(document: bytes) -> bytes:
    held = read_parts(document)
    held["word/document.xml"] = held["word/document.xml"].replace(
        b"<w:body>", b"<w:body>" + b"<w:sdt><w:sdtContent>" * 5000, 1
    )
    return write_package(held)


@pytest.mark.parametrize(
    "spoil",
    [
        bomb, with_entities, too_deep, lambda data: data[: len(data) // 2], lambda data: b"PK\x03\x04",
        lambda data: b"", lambda data: b"{\\rtf1", lambda data: write_package({"a": b"b"}),
        lambda data: write_package({k: v for k, v in read_parts(data).items() if k != "word/document.xml"}),
    ],
)  # fmt: skip
def test_a_hostile_or_broken_file_is_told(office: Office, issued: bytes, spoil: Callable[[bytes], bytes]) -> None:
    (reply,) = judged(office, spoil(issued))
    assert reply.unread and reply.problems[0].startswith("Tidak dapat dibaca: ") and not reply.cells


def test_a_mail_is_opened_with_the_mails_inside_it(issued: bytes, tmp_path: Path) -> None:
    inner = mail(("Balasan PTPP 002.docx", issued))
    (tmp_path / "terusan.eml").write_bytes(mail(("foto.docx", b"x"), within=inner).as_bytes())
    (tmp_path / "lain.eml").write_bytes(mail().as_bytes())
    (tmp_path / "rusak.eml").write_bytes(b"Content-Type: multipart/mixed; boundary=a\n\n--a\n\xff\xfe")
    (tmp_path / "~$balasan.docx").write_bytes(b"")
    (tmp_path / "catatan.txt").write_text("bukan balasan")
    (tmp_path / "pindai.pdf").write_bytes(b"%PDF")
    (tmp_path / "langsung.docx").write_bytes(issued)
    found = list(carried_by([tmp_path]))
    good = {Path(one.source.split(":")[0]).name for one in found if one.data == issued}
    assert good == {"terusan.eml", "langsung.docx"}
    assert "Joko Santosa <joko@contoh.go.id>" in next(one.origin for one in found if one.data == issued and one.origin)
    told = [one.problem for one in found if one.problem]
    assert len(told) == 3 and any("tidak membawa lampiran" in one for one in told) and any("pdf" in one for one in told)


def test_a_mail_of_endless_parts_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nested = b"".join(b"Content-Type: message/rfc822\n\n" for _ in range(3000))
    (tmp_path / "dalam.eml").write_bytes(nested + b"Subject: x\n\ny")
    assert all(one.problem for one in carried_by([tmp_path / "dalam.eml"]))
    monkeypatch.setattr(opening, "MAX_PARTS", 3)
    (tmp_path / "banyak.eml").write_bytes(mail(*((f"{n}.docx", b"PK") for n in range(9))).as_bytes())
    assert "lebih dari 3 bagian" in list(carried_by([tmp_path / "banyak.eml"]))[-1].problem


@pytest.fixture
def sopkit(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Run the command line in this process."""

    def call(*words: str | Path) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["sopkit", *map(str, words)])
        with pytest.raises(SystemExit) as left:
            main()
        return int(left.value.code or 0), "".join(capfd.readouterr())

    return call


@pytest.fixture
def place(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the office, in which the command runs."""
    folder = Path(shutil.copytree(office.path.parent.parent, tmp_path / "kantor"))
    with contextlib.chdir(folder):
        yield folder


def test_new_values_are_written_and_proven(place: Path, issued: bytes, sopkit: Callable[..., tuple[int, str]]) -> None:
    book = place / "registers" / "register.xlsx"
    as_libreoffice_saves(book)
    before = book.read_bytes()
    (place / "balasan.docx").write_bytes(filled(issued))
    code, said = sopkit("receive", "balasan.docx", *WHEN)
    assert code == 0 and book.read_bytes() == before and "Tulis 7 nilai baru dengan" in said
    code, said = sopkit("receive", "balasan.docx", "--write", *WHEN)
    assert code == 0 and "7 sel ditulis" in said and "sudah dibaca ulang" in said
    assert "Di LibreOffice, tekan Ctrl+Shift+F9" in said
    (backup,) = (place / "registers" / "cadangan").glob("*.xlsx")
    assert backup.read_bytes() == before
    cases = read_register(book).cases
    assert cases.data.at[3, "cause"] == ANSWERS["analisis_penyebab"]
    assert f"{cases.data.at[3, 'verified_on']:%Y-%m-%d}" == "2026-03-19"
    assert cases.raw.at[3, "verified_on"] == dt.date(2026, 3, 19)  # a date, as its column has others
    code, said = sopkit("receive", "balasan.docx", "--write", *WHEN)
    assert code == 0 and "8 sama" in said
    code, said = sopkit("receive", ".", "--format", "json", *WHEN)
    assert {cell["state"] for cell in json.loads(said)["replies"][0]["cells"]} == {"sama"}


def test_exit_codes(place: Path, issued: bytes, sopkit: Callable[..., tuple[int, str]]) -> None:
    (place / "lain.docx").write_bytes(filled(issued, {"target_selesai": "28 Maret 2026"}))
    assert sopkit("receive", "lain.docx", *WHEN)[0] == 1
    assert sopkit("receive", "tidak-ada.docx", *WHEN)[0] == 2
    assert sopkit("receive")[0] == 2
    (place / "rusak.docx").write_bytes(b"PK\x03\x04")
    code, said = sopkit("receive", "rusak.docx", "lain.docx", *WHEN)
    assert code == 3 and "Tidak dapat dibaca" in said and "berbeda" in said
    (place / "baru.docx").write_bytes(filled(issued))
    (place / "registers" / "~$register.xlsx").write_bytes(b"")
    code, said = sopkit("receive", "baru.docx", "--write", *WHEN)
    assert code == 3 and "sedang dibuka" in said


def test_verify_proves_the_document_that_somebody_holds(
    place: Path, issued: bytes, tmp_path: Path, sopkit: Callable[..., tuple[int, str]]
) -> None:
    held = tmp_path / "unduhan" / "dari surel.docx"
    held.parent.mkdir()
    for data, expected, words in (
        (issued, 0, "sama dengan yang dibuat sopkit"),
        (filled(issued), 0, "bagian tetapnya tidak berubah"),
        (changed(issued, typed_over), 1, "bagian tetapnya diubah"),
        (b"PK", 1, "tidak dapat dibaca"),
    ):
        held.write_bytes(data)
        code, said = sopkit("verify", held)
        assert code == expected and words in said and ("Berlaku: ya" in said) == (data != b"PK"), said
    assert "PTPP 002/PTPP" in sopkit("verify", "keluaran" / Path(PTPP))[1]
    code, said = sopkit("verify", "registers/register.xlsx")
    assert code == 2 and "sopkit validate" in said
    code, said = sopkit("verify", "tiada.docx")
    assert code == 2 and "tidak ada" in said
    pdf = tmp_path / "pindai.pdf"
    pdf.write_bytes(b"%PDF-1.7")
    code, said = sopkit("verify", pdf)
    assert code == 1 and "--code KODE" in said
    pdf.write_bytes(stamped(b"%PDF-1.7 /ID [<" + b"0" * 32 + b"><" + b"0" * 32 + b">]", issued))
    code, said = sopkit("verify", pdf)
    assert code == 0 and "Berlaku: ya" in said
    with contextlib.chdir(held.parent):
        code, said = sopkit("verify", held)
    assert code == 2 and "Jalankan dari folder kantor" in said
