"""PDFs by the real LibreOffice: all files in one call, whole or absent, and its absence explained."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import zlib
from pathlib import Path

import pytest
from pypdf import PdfReader
from wordfiles import members, rewritten, word_file

from sopkit.documents import pdf
from sopkit.documents.pdf_stamp import digits_of, source_of, stamped


@pytest.fixture
def no_office(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PATH", "PROGRAMFILES", "PROGRAMFILES(X86)", "PROGRAMW6432"):
        monkeypatch.setenv(name, str(tmp_path / "kosong"))
    monkeypatch.setattr("sopkit.libreoffice.PLACES", ())


def stand_in(folder: Path, *lines: str) -> Path:
    """A program called soffice: shell lines, with the real one as $REAL."""
    folder.mkdir()
    program = folder / "soffice"
    program.write_text("\n".join(["#!/bin/sh", *lines, ""]), encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


def test_all_files_in_one_call(tmp_path: Path, libreoffice: str) -> None:
    """Two folders may hold the same name, one file may be broken, and one may be missing."""
    for folder in ("ptpp", "catatan"):
        (tmp_path / folder).mkdir()
    good = [
        word_file(tmp_path / "ptpp" / "001-PTPP-XI-2026.docx", "Permintaan Tindakan"),
        word_file(tmp_path / "catatan" / "001-PTPP-XI-2026.docx", "Catatan Layanan"),
    ]
    broken = tmp_path / "ptpp" / "rusak.docx"
    broken.write_bytes(b"PK\x03\x04 bukan dokumen")
    seen: list[tuple[int, int]] = []
    results = pdf.convert_to_pdf(
        [good[0], broken, tmp_path / "tidak-ada.docx", good[1]], progress=lambda done, total: seen.append((done, total))
    )
    assert [result.pdf for result in results] == [
        good[0].with_suffix(".pdf"), None, None, good[1].with_suffix(".pdf"),
    ]  # fmt: skip
    assert all(path.with_suffix(".pdf").read_bytes().startswith(b"%PDF-") for path in good)
    assert all(result.reason for result in results if result.pdf is None)
    assert seen[-1][1] == 4
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {
        "001-PTPP-XI-2026.docx", "001-PTPP-XI-2026.pdf", "rusak.docx",
    }  # fmt: skip
    before = good[0].with_suffix(".pdf").stat().st_mtime_ns
    os.utime(good[0], ns=(before + 10**12, before + 10**12))  # copied, synchronised: its bytes are the same
    assert pdf.convert(good) == tuple(path.with_suffix(".pdf") for path in good)
    assert good[0].with_suffix(".pdf").stat().st_mtime_ns == before


def test_paper_has_the_text_of_controls_with_its_lines(tmp_path: Path, libreoffice: str) -> None:
    """LibreOffice 7.4 prints a control of plain text on one line, whatever breaks it has."""
    control = (
        "<w:p><w:sdt><w:sdtPr><w:alias w:val='x'/><w:text w:multiLine='1'/></w:sdtPr><w:sdtContent>"
        "<w:r><w:t>satu</w:t><w:br/><w:t>dua</w:t></w:r></w:sdtContent></w:sdt></w:p>"
    )
    document = word_file(tmp_path / "a.docx", "isi")
    whole = members(document)["word/document.xml"]
    rewritten(document, {"word/document.xml": whole.replace(b"<w:p>", control.encode() + b"<w:p>", 1)})
    before = document.read_bytes()
    [result] = pdf.convert_to_pdf([document])
    assert result.pdf is not None and document.read_bytes() == before
    assert PdfReader(result.pdf).pages[0].extract_text().split()[:2] == ["satu", "dua"]


@pytest.mark.skipif(os.name == "nt", reason="memakai skrip shell")
def test_a_hanging_office_is_stopped_and_started_once_more(
    tmp_path: Path, libreoffice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = tmp_path / "panggilan"
    program = stand_in(
        tmp_path / "bin", f"echo x >> {calls}", f"[ $(wc -l < {calls}) = 1 ] && sleep 600", f'exec {libreoffice} "$@"'
    )
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    document = word_file(tmp_path / "a.docx", "isi")
    patience = iter([1.0, 90.0])
    [result] = pdf.convert_to_pdf([document], seconds=lambda count: next(patience))
    assert result.pdf == tmp_path / "a.pdf"
    assert len(calls.read_text(encoding="utf-8").split()) == 2


@pytest.mark.skipif(os.name == "nt", reason="memakai skrip shell")
def test_an_office_that_hangs_twice_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = stand_in(tmp_path / "bin", "sleep 600")
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    document = word_file(tmp_path / "a.docx", "isi")
    said: list[str] = []
    monkeypatch.setattr(pdf, "START_SECONDS", 0.3)
    monkeypatch.setattr(pdf, "FILE_SECONDS", 0.1)
    assert pdf.convert([document], said.append) == ()
    assert said == ["PDF untuk a.docx tidak dibuat: LibreOffice terlalu lama mengerjakannya."]
    assert not (tmp_path / "a.pdf").exists()


def a_pdf(text: str = "isi", date: str = "20261128101112") -> bytes:
    """As LibreOffice ends one: dates, an identifier of its own, a checksum of it."""
    number = hashlib.md5(f"{text}{date}".encode()).hexdigest().upper()
    return (
        f"%PDF-1.6\n{text}\n<</CreationDate(D:{date}Z')>>\n<xmp:CreateDate>2026-11-28T10:11:12Z</xmp:CreateDate>\n"
        f"trailer\n<</ID [ <{number}>\n<{number}> ]\n/DocChecksum /{number}\n>>\nstartxref\n0\n%%EOF\n"
    ).encode()


def test_the_same_document_gives_the_same_pdf_whenever_it_is_made() -> None:
    one, other = stamped(a_pdf(), b"dokumen"), stamped(a_pdf(date="20271231235959"), b"dokumen")
    assert one == other and len(one) == len(a_pdf())
    assert source_of(one) == digits_of(b"dokumen") != source_of(stamped(a_pdf(), b"dokumen lain"))


def with_profile(moment: int) -> bytes:
    """With a colour profile, whose moment decides into how many bytes it is packed, and a table of where all lies."""
    profile = zlib.compress(bytes(24) + moment.to_bytes(12, "big") + b"acsp" + bytes(200))
    pdf = b"%%PDF-1.6\n1 0 obj\n<</N 3/Length 2 0 R/Filter/FlateDecode>>\nstream\n%s\nendstream\nendobj\n" % profile
    second = len(pdf)
    pdf += b"2 0 obj\n%d\nendobj\n" % len(profile)
    table = b"xref\n0 3\n0000000000 65535 f \n%010d 00000 n \n%010d 00000 n \n" % (len(b"%PDF-1.6\n"), second)
    return pdf + table + b"trailer\n<</Size 3>>\nstartxref\n%d\n%%%%EOF\n" % len(pdf)


def test_a_profile_that_packs_worse_at_another_second_changes_nothing() -> None:
    one, other = with_profile(0), with_profile(2**95 + 12345678901234567)
    assert len(one) != len(other)
    made = stamped(one, b"dokumen")
    assert made == stamped(other, b"dokumen")
    first, second = (int(place) for place in re.findall(rb"(\d{10}) 00000 n", made))
    assert made[first:].startswith(b"1 0 obj") and made[second:].startswith(b"2 0 obj")
    (end,) = re.findall(rb"startxref\n(\d+)", made)
    assert made[int(end) :].startswith(b"xref")
    (length,) = re.findall(rb"2 0 obj\n(\d+)\n", made)
    assert made.index(b"\nendstream") - made.index(b"stream\n") - len(b"stream\n") == int(length)


@pytest.mark.parametrize("change", [(b"isi", b"ISI"), (b"%%EOF\n", b"%%EOF\n% ditandatangani\n")])
def test_a_pdf_that_somebody_changed_is_not_one_that_sopkit_made(change: tuple[bytes, bytes]) -> None:
    assert source_of(stamped(a_pdf(), b"dokumen").replace(*change)) is None
    assert source_of(a_pdf()) is None and source_of(b"%PDF-1.7 %%EOF") is None


def test_a_pdf_is_told_by_what_it_is_made_of_and_not_by_its_age(tmp_path: Path) -> None:
    document, beside = tmp_path / "a.docx", tmp_path / "a.pdf"
    document.write_bytes(b"dokumen")
    assert not pdf.is_pdf_of(beside, document)
    beside.write_bytes(stamped(a_pdf(), b"dokumen"))
    os.utime(beside, ns=(0, 0))
    assert pdf.is_pdf_of(beside, document)
    document.write_bytes(b"dokumen yang berubah")
    os.utime(document, ns=(0, 0))
    assert not pdf.is_pdf_of(beside, document)
    beside.write_bytes(b"%PDF-1.7 dipindai %%EOF")  # the signed paper, laid there after the document was written
    assert pdf.is_pdf_of(beside, document)


@pytest.mark.skipif(os.name == "nt", reason="memakai skrip shell")
def test_a_scan_that_is_older_than_its_document_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "baru.pdf").write_bytes(a_pdf())
    program = stand_in(tmp_path / "bin", f"cp {tmp_path / 'baru.pdf'} pdf/00001.pdf")
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    document, beside = word_file(tmp_path / "a.docx", "isi"), tmp_path / "a.pdf"
    beside.write_bytes(b"%PDF-1.7 dipindai %%EOF")
    os.utime(beside, ns=(0, 0))
    for _ in range(2):
        assert pdf.convert([document]) == (beside,)
    assert source_of(beside.read_bytes()) == digits_of(document.read_bytes())
    assert (tmp_path / "a.cadangan-1.pdf").read_bytes() == b"%PDF-1.7 dipindai %%EOF"
    word_file(document, "isi lain")
    assert pdf.convert([document]) == (beside,)
    assert {path.name for path in tmp_path.glob("*.pdf")} == {"a.pdf", "a.cadangan-1.pdf", "baru.pdf"}


def test_half_a_pdf_is_never_placed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.name == "nt":
        pytest.skip("memakai skrip shell")
    program = stand_in(tmp_path / "bin", "printf '%%PDF-1.7 setengah' > pdf/00001.pdf")
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    document = word_file(tmp_path / "a.docx", "isi")
    (tmp_path / "a.pdf").write_bytes(b"%PDF-lama %%EOF")
    os.utime(tmp_path / "a.pdf", ns=(0, 0))
    [result] = pdf.convert_to_pdf([document])
    assert result.pdf is None and result.reason
    assert (tmp_path / "a.pdf").read_bytes() == b"%PDF-lama %%EOF"


def test_no_call_has_more_words_than_libreoffice_reads(tmp_path: Path) -> None:
    """Beyond 255 it is silent, ends well, and leaves the other files (7.4)."""
    batch = pdf._Batch(tmp_path / "soffice", tmp_path, [])
    assert len(batch._command([f"{number:05d}" for number in range(pdf.BATCH)], "profil-1")) < 255


def test_absence_is_explained_once(tmp_path: Path, no_office: None) -> None:
    files = [word_file(tmp_path / f"{name}.docx", "isi") for name in "ab"]
    said: list[str] = []
    assert pdf.convert(files, said.append) == ()
    assert said == [pdf.HOW_TO_GET_ONE]
    assert "LibreOffice" in said[0] and "Word" in said[0]


def test_nothing_to_do_needs_no_office(tmp_path: Path, no_office: None) -> None:
    assert pdf.convert_to_pdf([]) == []
