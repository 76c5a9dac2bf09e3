"""What is made for paper: cetak.pdf with its list, labels on sheets of A4, and PDFs where Kantor asks for them."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping, Sequence
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import docx
import pytest
from offices import AS_OF, LANGKAH, PEMUSNAHAN, REGISTER, TEMPLATES, many, office
from pypdf import PdfReader, PdfWriter
from workbooks import KANTOR, office_workbook

from sopkit.archive import Archive, open_archive
from sopkit.checks.inspection import Inspected
from sopkit.database import FILE as ARCHIVE
from sopkit.documents import pdf, printout
from sopkit.documents.generate import Document, Generated, generate, verify
from sopkit.documents.kinds import KINDS, DocumentKind
from sopkit.documents.label_sheet import LabelUnusable, label_sheets, read_label
from sopkit.documents.package import W
from sopkit.documents.pdf_stamp import digits_of, source_of
from sopkit.documents.print_cover import cover
from sopkit.documents.recover import LABEL_SHEET
from sopkit.errors import SopkitError
from sopkit.mail.outbox import Outbox
from sopkit.pipeline import Outcome, RunOptions, draft_book, inspect_cases, run_books
from sopkit.reports.console import make_console

UNDESTROYED = {"| lembar | 001/BA/III/2026 |": "| lembar | |"}
CHANGED = {"Cap legalisasi pada lembar kedua tidak terbaca": "Cap legalisasi pada lembar ketiga tidak terbaca"}
PAPERS = [
    "Daftar cetak",
    "Catatan Layanan Tidak Sesuai 001/CLTS/III/2026",
    "Catatan Layanan Tidak Sesuai 002/CLTS/III/2026",
    "Catatan Layanan Tidak Sesuai 003/CLTS/III/2026",
    "PTPP 001/PTPP/III/2026",
    "PTPP 002/PTPP/III/2026",
    "BA Pemusnahan 001/BA/III/2026",
    "Daftar PTPP",
]
posix = pytest.mark.skipif(os.name == "nt", reason="memakai skrip shell")


@pytest.fixture
def quick_office(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program called soffice that makes a page of each document at once; those named in `menolak` it refuses."""
    folder = tmp_path_factory.mktemp("program")
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    with (folder / "kosong.pdf").open("wb") as stream:
        writer.write(stream)
    (folder / "menolak").touch()
    lines = (
        "#!/bin/sh", f"echo x >> {folder}/panggilan", 'for a; do case "$a" in *.docx)',
        f'cmp -s "$a" "$(cat {folder}/menolak)" || cp {folder}/kosong.pdf "pdf/${{a%.docx}}.pdf";; esac; done', "",
    )  # fmt: skip
    program = folder / "soffice"
    program.write_text("\n".join(lines), encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


@pytest.fixture
def no_office(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PATH", "PROGRAMFILES", "PROGRAMFILES(X86)", "PROGRAMW6432"):
        monkeypatch.setenv(name, str(tmp_path / "kosong"))
    monkeypatch.setattr("sopkit.libreoffice.PLACES", ())


def made(folder: Path, changes: Mapping[str, str] = {}) -> tuple[Inspected, Generated]:
    inspected = office(folder, changes)
    return inspected, generate(inspected, folder / "keluaran", TEMPLATES)


def printed(folder: Path, changes: Mapping[str, str] = {}, say: Any = lambda text: None) -> Path | None:
    inspected, generated = made(folder, changes)
    with open_archive(folder / "keluaran") as record:
        return printout.print_new(inspected, generated.documents, record, say)


def outline(path: Path | None) -> list[str]:
    assert path is not None
    return [str(one.title) for one in PdfReader(path).outline if not isinstance(one, list)]


@posix
def test_what_is_new_is_printed_once_in_the_order_of_signing(tmp_path: Path, quick_office: Path) -> None:
    said: list[str] = []
    path = printed(tmp_path, say=said.append)
    assert outline(path) == PAPERS  # no label: what was set apart is destroyed
    assert said == ["cetak.pdf: 7 dokumen yang baru, 8 halaman, siap dicetak dan ditandatangani."]
    assert path is not None and not (tmp_path / "keluaran" / "ptpp" / "001-PTPP-III-2026.pdf").exists()
    before = path.read_bytes(), path.stat().st_mtime_ns
    assert printed(tmp_path) is None
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert len((quick_office / "panggilan").read_text().split()) == 2


@posix
def test_the_print_before_is_kept_for_it_may_not_be_on_paper_yet(tmp_path: Path, quick_office: Path) -> None:
    path = printed(tmp_path)
    assert path is not None
    before = path.read_bytes()
    assert outline(printed(tmp_path, CHANGED)) == [
        "Daftar cetak", "Catatan Layanan Tidak Sesuai 002/CLTS/III/2026", "PTPP 002/PTPP/III/2026", "Daftar PTPP",
    ]  # fmt: skip
    assert (path.parent / "cetak-lama" / "cetak-001.pdf").read_bytes() == before
    assert len(outline(printed(tmp_path))) == 4  # as it was is not as it was last printed
    assert sorted(one.name for one in (path.parent / "cetak-lama").iterdir()) == ["cetak-001.pdf", "cetak-002.pdf"]


@posix
@pytest.mark.parametrize("place", ["write_atomic", "note_printed"])
def test_a_killed_print_loses_nothing(
    tmp_path: Path, quick_office: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def killed(*args: object) -> None:
        raise KeyboardInterrupt

    path = printed(tmp_path)
    assert path is not None
    first = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(printout if place == "write_atomic" else Archive, place, killed)
        with pytest.raises(KeyboardInterrupt):
            printed(tmp_path, CHANGED)
    assert (path.read_bytes() != first) == (place == "note_printed")
    for _ in range(2):
        printed(tmp_path, CHANGED)
        assert len(outline(path)) == 4
    kept = {one.name: one.read_bytes() for one in (path.parent / "cetak-lama").iterdir()}
    assert kept == {"cetak-001.pdf": first}


@posix
def test_what_cannot_be_converted_is_told_and_stays_new(tmp_path: Path, quick_office: Path) -> None:
    refused = tmp_path / "keluaran" / "catatan" / "002-CLTS-III-2026.docx"
    (quick_office / "menolak").write_text(str(refused), encoding="utf-8")
    said: list[str] = []
    assert outline(printed(tmp_path, say=said.append)) == [one for one in PAPERS if "002/CLTS" not in one]
    assert "PDF untuk 002-CLTS-III-2026.docx tidak dibuat" in said[0]
    (quick_office / "menolak").write_text("", encoding="utf-8")
    assert outline(printed(tmp_path)) == ["Daftar cetak", "Catatan Layanan Tidak Sesuai 002/CLTS/III/2026"]


@posix
def test_a_label_is_printed_while_its_thing_waits(tmp_path: Path, quick_office: Path) -> None:
    assert outline(printed(tmp_path, UNDESTROYED)) == [one for one in PAPERS if "BA" not in one] + ["Label"]
    assert "Label" not in outline(printed(tmp_path))


@posix
def test_too_many_for_one_file_follow_in_the_next(
    tmp_path: Path, quick_office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printout, "MOST", 4)
    said: list[str] = []
    assert outline(printed(tmp_path, say=said.append)) == PAPERS[:5]
    assert said[-1].endswith("3 lagi masuk cetakan berikutnya: jalankan sekali lagi.")
    assert outline(printed(tmp_path)) == [PAPERS[0], *PAPERS[5:]]


def test_without_a_program_nothing_is_printed_and_it_is_said(tmp_path: Path, no_office: None) -> None:
    said: list[str] = []
    assert printed(tmp_path, say=said.append) is None
    assert said == [pdf.HOW_TO_GET_ONE]
    assert not (tmp_path / "keluaran" / "cetak.pdf").exists()


def register(folder: Path, lampiran: str) -> Path:
    (folder / "registers").mkdir(exist_ok=True)
    kantor = {**KANTOR, "Lampiran": lampiran}
    return office_workbook(
        folder / "registers" / "register-2026.xlsx", REGISTER, LANGKAH, pemusnahan=PEMUSNAHAN, kantor=kantor
    )


def run(book: Path, **options: Any) -> Outcome:
    return run_books([book], AS_OF, None, make_console(StringIO()), RunOptions(**options))


def waiting(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "keluaran" / "surel").glob("*.eml"))


@posix
@pytest.mark.parametrize("lampiran", ["PDF", "pdf "])
def test_kantor_asks_for_pdfs_once_and_for_all(tmp_path: Path, quick_office: Path, lampiran: str) -> None:
    (one,) = run(register(tmp_path, lampiran), paper="with-pdf").made
    assert len(one.generated.pdfs) == len(one.generated.documents) == 8
    assert one.generated.printed in one.files
    attached = [name for draft in one.drafted.drafts for name in draft.attachments]
    assert {name.partition(".")[2] for name in attached} == {"pdf", "html"}
    assert sum(name.endswith(".pdf") for name in attached) == 3  # of what is closed nobody is written to
    calls = (quick_office / "panggilan").read_text()
    (again,) = run(one.place.book, paper="with-pdf").made
    assert again.drafted.drafts == () and again.generated.printed is None
    assert (quick_office / "panggilan").read_text() == calls


@posix
@pytest.mark.parametrize("lampiran", ["Word", "", "ODT"])
def test_otherwise_word_files_go(tmp_path: Path, quick_office: Path, lampiran: str) -> None:
    (one,) = run(register(tmp_path, lampiran), paper="with-pdf").made
    assert one.generated.pdfs == () and one.generated.printed is None
    assert not list((tmp_path / "keluaran").rglob("*.pdf"))
    assert any(name.endswith(".docx") for draft in one.drafted.drafts for name in draft.attachments)


def test_where_no_program_makes_pdfs_word_files_go_and_it_is_said_once(tmp_path: Path, no_office: None) -> None:
    console = make_console(screen := StringIO())
    (one,) = run_books([register(tmp_path, "PDF")], AS_OF, None, console, RunOptions(paper="with-pdf")).made
    assert screen.getvalue().count("PDF tidak dibuat") == 1
    attached = {name.partition(".")[2] for draft in one.drafted.drafts for name in draft.attachments}
    assert attached == {"docx", "html"} and one.generated.printed is None


@posix
def test_a_changed_setting_drafts_no_mail_twice(tmp_path: Path, quick_office: Path) -> None:
    """What went out stays as it was; a draft that nobody sent yet becomes one with the PDF, and is still one."""
    book = register(tmp_path, "Word")
    (one,) = run(book).made
    sent = next(draft for draft in one.drafted.drafts if "002/PTPP" in draft.subject)
    with Outbox(tmp_path / "keluaran" / ARCHIVE) as outbox:
        outbox.sent_by_hand([sent.message_id], AS_OF)
    before = waiting(tmp_path)
    assert len(before) == len(one.drafted.drafts) - 1
    for lampiran in ("PDF", "PDF", "Word", "PDF"):
        run(register(tmp_path, lampiran))
        assert waiting(tmp_path) == before
    assert run(book).made[0].drafted.drafts == ()


@posix
def test_a_draft_alone_and_a_watched_workbook_use_up_no_print(tmp_path: Path, quick_office: Path) -> None:
    book = register(tmp_path, "PDF")
    inspected = inspect_cases(book, AS_OF, None)
    for look in (True, False):
        _, drafted = draft_book(inspected, make_console(StringIO()), RunOptions(), preview=look)
        assert sum(name.endswith(".pdf") for draft in drafted.drafts for name in draft.attachments) == 3
    (one,) = run(book).made
    assert one.generated.pdfs and one.generated.printed is None and not one.drafted.drafts
    (one,) = run(book, paper="with-pdf").made
    assert outline(one.generated.printed) == PAPERS


@posix
def test_print_alone_leaves_word_files_to_the_mails(tmp_path: Path, quick_office: Path) -> None:
    (one,) = run(register(tmp_path, "Word"), paper="always").made
    assert outline(one.generated.printed) == PAPERS
    assert [path.name for path in (tmp_path / "keluaran").rglob("*.pdf")] == ["cetak.pdf"]


@posix
def test_a_print_that_is_held_open_stops_nothing(
    tmp_path: Path, quick_office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(path: Path, data: bytes) -> None:
        raise SopkitError(f"{path.name} sedang dibuka.", "Tutup berkasnya, lalu ulangi.")

    with monkeypatch.context() as patch:
        patch.setattr(printout, "write_atomic", held)
        (one,) = run(register(tmp_path, "PDF"), paper="with-pdf").made
        assert one.generated.printed is None and one.drafted.drafts
    (one,) = run(one.place.book, paper="with-pdf").made
    assert outline(one.generated.printed) == PAPERS


def texts(document: Any) -> list[str]:
    """The cells of all tables, row by row."""
    return [cell.text for table in document.tables for row in table.rows for cell in row.cells]


def papers(documents: Sequence[Document]) -> list[printout.Paper]:
    return [printout.Paper(one, one.path, 2) for one in documents if one.kind != "label"]


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.name != "label"], ids=lambda kind: kind.name)
def test_who_signs_is_who_stands_below_the_template(kind: DocumentKind) -> None:
    body = docx.Document(str(TEMPLATES / kind.template)).element.body
    named = [
        "".join(text.text or "" for text in paragraph.iter(f"{W}t"))
        for paragraph in body.iter(f"{W}p")
        for style in paragraph.iterfind(f"{W}pPr/{W}pStyle[@{W}val='TandaTanganNama']")
    ]
    fields = {field for text in named for field in re.findall(r"{{ (\w+) }}", text)}
    assert fields == set(kind.signers)


def test_the_list_names_who_signs_and_has_boxes(tmp_path: Path) -> None:
    inspected, generated = made(tmp_path)
    document = docx.Document(BytesIO(cover(inspected, papers(generated.documents), [], 3, 12)))
    said = texts(document)
    place = said.index("002/PTPP/III/2026")
    assert said[place - 3 : place + 3] == [
        "2", "", "PTPP", "002/PTPP/III/2026", "2", "Ratna Anggraini; Joko Santosa; Wahyu Kusumaningrum; …",
    ]  # fmt: skip
    assert said[said.index("Bagus Setiawan") :][:3] == ["Bagus Setiawan", "", "6"]
    notes = " ".join(paragraph.text for paragraph in document.paragraphs)
    assert "cetakan ke-3, keadaan register 20 Maret 2026 pukul 10.00" in notes
    assert "12 dokumen lain masuk cetakan berikutnya" in notes and "cetak-lama/cetak-002.pdf" in notes


def labels_of(folder: Path, count: int) -> tuple[Inspected, Generated]:
    inspected = many(folder, count, UNDESTROYED)
    return inspected, generate(inspected, folder / "keluaran", TEMPLATES, only=("label",))


@pytest.mark.parametrize("count", [1, 8, 9])
def test_labels_are_laid_on_sheets_with_their_own_words(tmp_path: Path, count: int) -> None:
    inspected, generated = labels_of(tmp_path, count)
    output = tmp_path / "keluaran"
    for _ in range(2):
        printout.renew_label_sheet(inspected, generated.documents, output, pytest.fail)
    sheet = docx.Document(str(output / LABEL_SHEET))
    cells = [cell for table in sheet.tables for row in table.rows for cell in row.cells]
    filled = [cell for cell in cells if cell.tables]
    assert len(filled) == count and len(sheet.tables) == -(-count // 8)
    for cell, document in zip(filled, generated.documents, strict=True):
        assert texts(cell) == texts(docx.Document(str(document.path)))
    numbers = [element.get("id") for element in sheet.element.body.iter() if str(element.tag).endswith("}docPr")]
    assert len(numbers) == len(set(numbers)) == count
    files = [document.path.read_bytes() for document in generated.documents]
    assert (output / LABEL_SHEET).read_bytes() == label_sheets([read_label(data) for data in files])
    assert output / LABEL_SHEET not in verify(output).unknown


def test_only_what_still_waits_has_a_label_on_the_sheet(tmp_path: Path) -> None:
    inspected, generated = labels_of(tmp_path, 2)
    output = tmp_path / "keluaran"
    printout.renew_label_sheet(inspected, generated.documents, output, pytest.fail)
    assert (output / LABEL_SHEET).exists()
    printout.renew_label_sheet(many(tmp_path, 2), generated.documents, output, pytest.fail)
    assert not (output / LABEL_SHEET).exists()


def test_a_label_that_somebody_damaged_is_left_out(tmp_path: Path) -> None:
    inspected, generated = labels_of(tmp_path, 2)
    generated.documents[0].path.write_bytes(b"PK\x03\x04 rusak")
    printout.renew_label_sheet(inspected, generated.documents, tmp_path / "keluaran", pytest.fail)
    sheet = docx.Document(str(tmp_path / "keluaran" / LABEL_SHEET))
    assert [bool(cell.tables) for table in sheet.tables for row in table.rows for cell in row.cells] == [True, False]
    with pytest.raises(LabelUnusable):
        read_label(b"PK\x03\x04 rusak")


def embedded(reader: PdfReader) -> dict[str, bool]:
    fonts = {}
    for page in reader.pages:
        for font in page["/Resources"].get_object().get("/Font", {}).values():
            about = font.get_object()["/FontDescriptor"].get_object()
            fonts[str(about["/FontName"])] = bool({"/FontFile", "/FontFile2", "/FontFile3"} & set(about))
    return fonts


def test_pdfs_by_libreoffice_are_archival_tagged_and_the_same_again(
    tmp_path: Path, libreoffice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One start for all that a PDF must be, and for the pages that sheets of labels and the list take."""
    inspected, generated = made(tmp_path, UNDESTROYED)
    others = {"lembar-1": 1, "lembar-8": 8, "lembar-9": 9}
    nine = [read_label(document.path.read_bytes()) for document in labels_of(tmp_path / "sembilan", 9)[1].documents]
    for name, count in others.items():
        (tmp_path / f"{name}.docx").write_bytes(label_sheets(nine[:count]))
    (tmp_path / "daftar.docx").write_bytes(cover(inspected, papers(generated.documents), [], 1, 0))
    files = [*(document.path for document in generated.documents), *sorted(tmp_path.glob("*.docx"))]
    pages = {}
    for result in pdf.convert_to_pdf(files):
        assert result.pdf is not None, result.reason
        data = result.pdf.read_bytes()
        reader = PdfReader(BytesIO(data))
        root: Any = reader.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in root, result.source
        assert b"<pdfaid:part>2</pdfaid:part>" in root["/Metadata"].get_object().get_data()
        assert root["/Lang"] == "id-ID", result.source
        assert [one["/S"] for one in root["/OutputIntents"]] == ["/GTS_PDFA1"]
        fonts = embedded(reader)
        assert fonts and all(fonts.values()), result.source
        assert source_of(data) == digits_of(result.source.read_bytes())
        pages[result.source.stem] = len(reader.pages)
    assert [pages[name] for name in (*others, "daftar")] == [1, 1, 2, 1]
    again = pdf.convert_to_pdf([tmp_path / "daftar.docx"], tmp_path / "lagi")
    assert again[0].pdf is not None and again[0].pdf.read_bytes() == (tmp_path / "daftar.pdf").read_bytes()
