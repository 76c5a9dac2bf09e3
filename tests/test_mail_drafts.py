"""Mail drafts: who gets what, said how, and never twice."""

from __future__ import annotations

import contextlib
import datetime as dt
import email
import email.policy
import functools
import io
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path

import numpy as np
import pytest
from docx import Document as WordDocument
from frozen_sop import SOP
from hypothesis import given, settings
from hypothesis import strategies as st
from mail_servers import NOON
from workbooks import KANTOR, PEGAWAI, office_workbook
from workbooks import SUREL as ALL_DOCUMENTS

from sopkit.checks.inspection import Inspected, inspect_register
from sopkit.database import FILE as ARCHIVE
from sopkit.errors import SopkitError
from sopkit.files import safe_name
from sopkit.mail import folders
from sopkit.mail.compose import (
    ALWAYS_BODY,
    ALWAYS_SUBJECT,
    Attachment,
    Letter,
    check_letter,
    check_letters,
    compose,
    html_of,
    parse_letter,
)
from sopkit.mail.drafts import Draft, Drafted, draft_mails, preview
from sopkit.mail.messages import drafted_lines, note_lines
from sopkit.mail.outbox import Outbox, State
from sopkit.mail.recipients import Recipient, one_address, topics
from sopkit.mail.topics import _counted, occasions
from sopkit.register.read import read_register

REPOSITORY = Path(__file__).parent.parent
TEMPLATES = REPOSITORY / "templates"
REGISTER = "\n".join((
    "No. Catatan | Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Ditemukan Oleh | No. PTPP | "
    "Tanggal PTPP | Kepada | Penanggung Jawab | Target Selesai | Status",
    "001/CLTS/XI/2026 | 2026-11-02 08:15 | Legalisasi Surat | Stempel salah pada surat | Ratna Anggraini | "
    "001/PTPP/XI/2026 | 2026-11-02 | Kasi | Joko Santosa | 2026-11-10 | Proses",
    "002/CLTS/XI/2026 | 2026-11-16 08:15 | Surat Pindah | Alamat tujuan keliru ditulis | Ratna Anggraini | "
    "002/PTPP/XI/2026 | 2026-11-16 | Kasi | Endah Purwanti | 2026-11-24 | Proses",
))  # fmt: skip
LANGKAH = """
No. Catatan | Langkah | Pelaksana | Mulai | Selesai
001/CLTS/XI/2026 | 1 | Ratna Anggraini | 2026-11-02 08:15 | 2026-11-02 08:25
002/CLTS/XI/2026 | 1 | Bagus Setiawan | 2026-11-16 08:15 |
"""
PLAIN_NAME = "PTPP 001-PTPP-XI-2026 Joko Santosa.eml"
ONLY_PTPP = """
Dokumen | Kepada | Tembusan
PTPP | Penanggung Jawab | Sekcam
"""


@dataclass(frozen=True)
class Paper:
    kind: str
    number: str | None
    cases: tuple[str, ...]
    path: Path | None
    title: str = ""


@functools.cache
def office(surel: str = ONLY_PTPP, pegawai: str = PEGAWAI, limit: str = "10 MB", own: str = "") -> Inspected:
    """The inspected register of a small office. The cases are always the same, so they are inspected once."""
    kantor = {**KANTOR, "Batas Lampiran": limit, "Surel Kantor": own}
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "register-uji.xlsx"
        office_workbook(book, REGISTER, LANGKAH, pegawai=pegawai, kantor=kantor, surel=surel)
        return replace(_inspected_cases(), register=read_register(book))


@functools.cache
def _inspected_cases() -> Inspected:
    with tempfile.TemporaryDirectory() as folder:
        return inspect_register(read_register(office_workbook(Path(folder) / "r.xlsx", REGISTER, LANGKAH)), SOP)


@functools.cache
def word(text: str) -> bytes:
    """A real .docx, the same bytes for the same text (python-docx writes the time into it)."""
    buffer = io.BytesIO()
    document = WordDocument()
    document.add_paragraph(text)
    document.save(buffer)
    return buffer.getvalue()


def papers(folder: Path, text: str = "isi", numbers: Sequence[int] = (1, 2)) -> list[Paper]:
    made = []
    for number in numbers:
        path = folder / "ptpp" / f"{number:03d}-PTPP-XI-2026.docx"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(word(f"{text} {number}"))
        made.append(Paper("ptpp", f"{number:03d}/PTPP/XI/2026", (f"{number:03d}/CLTS/XI/2026",), path))
    return made


def parsed(path: Path) -> EmailMessage:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def addresses(message: EmailMessage, header: str) -> list[tuple[str, str]]:
    return [(one.display_name, one.addr_spec) for one in message[header].addresses] if message[header] else []


def problems(drafted: Drafted) -> str:
    return "\n".join(map(str, drafted.undelivered))


def test_a_ptpp_goes_to_the_responsible_person_with_a_copy_and_the_document(tmp_path: Path) -> None:
    documents = papers(tmp_path)
    drafted = draft_mails(office(), documents, tmp_path / "keluaran", TEMPLATES)
    assert [draft.path.name for draft in drafted.drafts] == [
        "PTPP 001-PTPP-XI-2026 Joko Santosa.eml",
        "PTPP 002-PTPP-XI-2026 Endah Purwanti.eml",
    ]
    message = parsed(drafted.drafts[0].path)
    assert message["X-Unsent"] == "1"
    assert message["Subject"] == "PTPP Nomor 001/PTPP/XI/2026"
    assert addresses(message, "To") == [("Joko Santosa", "joko@contoh.go.id")]
    assert addresses(message, "Cc") == [("Hartono Wibowo", "hartono@contoh.go.id")]
    (attachment,) = message.iter_attachments()
    assert attachment.get_filename() == "001-PTPP-XI-2026.docx"
    assert attachment.get_content() == documents[0].path.read_bytes()  # type: ignore[union-attr]
    assert "Nomor PTPP : 001/PTPP/XI/2026\nTanggal : 2 November 2026" in body(message)
    assert "<td>Nomor PTPP</td><td>:</td><td>001/PTPP/XI/2026</td>" in body(message, "html")
    assert f"Kode surel: {drafted.drafts[0].code}" in body(message)
    assert drafted.undelivered == ()


def test_the_pdf_beside_the_document_is_attached_unless_it_is_older(tmp_path: Path) -> None:
    documents = papers(tmp_path)
    for document, days in zip(documents, (1, -1), strict=True):
        assert document.path
        pdf = document.path.with_suffix(".pdf")
        pdf.write_bytes(b"%PDF-1.7")
        made = document.path.stat().st_mtime + days * 86400
        os.utime(pdf, (made, made))
    drafted = draft_mails(office(), documents, tmp_path / "keluaran", TEMPLATES)
    assert [draft.attachments for draft in drafted.drafts] == [("001-PTPP-XI-2026.pdf",), ("002-PTPP-XI-2026.docx",)]


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    inspected, documents = office(), papers(tmp_path)
    one = draft_mails(inspected, documents, tmp_path / "a", TEMPLATES)
    other = draft_mails(inspected, documents, tmp_path / "b", TEMPLATES)
    assert [d.path.read_bytes() for d in one.drafts] == [d.path.read_bytes() for d in other.drafts]
    assert len({draft.message_id for draft in one.drafts}) == 2


def test_an_unchanged_document_is_not_drafted_again_even_when_its_draft_was_deleted(tmp_path: Path) -> None:
    inspected, documents, output = office(), papers(tmp_path), tmp_path / "keluaran"
    first = draft_mails(inspected, documents, output, TEMPLATES)
    first.drafts[0].path.unlink()
    again = draft_mails(inspected, documents, output, TEMPLATES)
    assert (again.drafts, again.unchanged) == ((), 2)
    assert not first.drafts[0].path.exists()


def fates(output: Path) -> dict[str, str]:
    with Outbox(output / ARCHIVE) as outbox:
        return {delivery.mail.message_id: delivery.state for delivery in outbox.status()}


def eml(output: Path) -> list[str]:
    """The files below surel/, sorted."""
    return sorted(path.relative_to(output / "surel").as_posix() for path in (output / "surel").rglob("*.eml"))


def went_out(output: Path, draft: Draft, state: State = "sent") -> None:
    with Outbox(output / ARCHIVE) as outbox:
        outbox.settle(draft.message_id, list(outbox.states(draft.message_id)), state, "", NOON)


@pytest.mark.parametrize(("state", "place"), [("sent", "terkirim"), ("uncertain", "belum-pasti")])
def test_a_changed_document_is_drafted_anew_naming_the_one_that_went_out(
    tmp_path: Path, state: State, place: str
) -> None:
    inspected, output = office(), tmp_path / "keluaran"
    old = draft_mails(inspected, papers(tmp_path, numbers=[1]), output, TEMPLATES).drafts[0]
    went_out(output, old, state)
    drafted = draft_mails(inspected, papers(tmp_path, "isi baru", [1]), output, TEMPLATES)
    (new,) = drafted.drafts
    message = parsed(new.path)
    assert new.replaces == message["In-Reply-To"] == old.message_id
    assert message["Subject"] == "Pengganti PTPP Nomor 001/PTPP/XI/2026"
    assert f"kode {old.code};" in body(message)
    assert eml(output) == [PLAIN_NAME, f"{place}/{PLAIN_NAME}"]
    assert body(parsed(output / "surel" / place / PLAIN_NAME)).strip().endswith(old.code)
    assert fates(output) == {old.message_id: state, new.message_id: "draft"}


def test_a_draft_that_was_not_sent_is_replaced_in_silence(tmp_path: Path) -> None:
    inspected, output = office(), tmp_path / "keluaran"
    (old,) = draft_mails(inspected, papers(tmp_path, numbers=[1]), output, TEMPLATES).drafts
    drafted = draft_mails(inspected, papers(tmp_path, "isi baru", [1]), output, TEMPLATES)
    (new,) = drafted.drafts
    message = parsed(new.path)
    assert new.replaces is message["In-Reply-To"] is message["References"] is None
    assert message["Subject"] == "PTPP Nomor 001/PTPP/XI/2026" and "terdahulu" not in body(message)
    assert drafted.replaced == (output / "surel" / "diganti" / PLAIN_NAME,)
    assert eml(output) == [PLAIN_NAME, f"diganti/{PLAIN_NAME}"]
    assert fates(output) == {old.message_id: "replaced", new.message_id: "draft"}


def test_a_document_that_is_again_what_it_was_has_the_draft_that_fits_it(tmp_path: Path) -> None:
    inspected, output = office(), tmp_path / "keluaran"
    (first,) = draft_mails(inspected, papers(tmp_path, numbers=[1]), output, TEMPLATES).drafts
    (second,) = draft_mails(inspected, papers(tmp_path, "lain", [1]), output, TEMPLATES).drafts
    (again,) = draft_mails(inspected, papers(tmp_path, numbers=[1]), output, TEMPLATES).drafts
    assert again.message_id == first.message_id
    assert fates(output) == {first.message_id: "draft", second.message_id: "replaced"}
    assert parsed(output / "surel" / PLAIN_NAME)["Message-ID"] == first.message_id
    assert len(eml(output)) == 2, "its old file in diganti/ is gone"
    with Outbox(output / ARCHIVE) as outbox:
        assert [(mail.message_id, mail.file) for mail, _ in outbox.due(NOON)] == [
            (first.message_id, f"surel/{PLAIN_NAME}")
        ]


def test_an_archive_set_back_to_an_older_copy_takes_no_file_for_that_of_another_mail(tmp_path: Path) -> None:
    inspected, output = office(), tmp_path / "keluaran"
    (old,) = draft_mails(inspected, papers(tmp_path, numbers=[1]), output, TEMPLATES).drafts
    copy = (output / ARCHIVE).read_bytes()
    (new,) = draft_mails(inspected, papers(tmp_path, "isi baru", [1]), output, TEMPLATES).drafts
    for path in output.glob(f"{ARCHIVE}*"):
        path.unlink()
    (output / ARCHIVE).write_bytes(copy)
    draft_mails(inspected, papers(tmp_path, "isi baru", [1]), output, TEMPLATES)
    assert fates(output) == {old.message_id: "replaced", new.message_id: "draft"}
    with Outbox(output / ARCHIVE) as outbox:
        for mail in (outbox.mail(old.message_id), outbox.mail(new.message_id)):
            assert parsed(output / mail.file)["Message-ID"] == mail.message_id
    assert len(eml(output)) == 2


def test_a_draft_of_a_version_that_is_no_more_is_put_away_though_nothing_new_is_due(tmp_path: Path) -> None:
    inspected, output = office(), tmp_path / "keluaran"
    (sent,) = draft_mails(inspected, papers(tmp_path, numbers=[1]), output, TEMPLATES).drafts
    went_out(output, sent)
    (revision,) = draft_mails(inspected, papers(tmp_path, "lain", [1]), output, TEMPLATES).drafts
    assert draft_mails(inspected, papers(tmp_path, numbers=[1]), output, TEMPLATES).drafts == ()
    assert fates(output) == {sent.message_id: "sent", revision.message_id: "replaced"}
    (revision,) = draft_mails(inspected, papers(tmp_path, "lain", [1]), output, TEMPLATES).drafts
    went_out(output, revision)
    (back,) = draft_mails(inspected, papers(tmp_path, numbers=[1]), output, TEMPLATES).drafts
    assert back.replaces == revision.message_id


def test_a_draft_that_was_deleted_does_not_take_its_successor_with_it(tmp_path: Path) -> None:
    inspected, output = office(), tmp_path / "keluaran"
    (old,) = draft_mails(inspected, papers(tmp_path, numbers=[1]), output, TEMPLATES).drafts
    old.path.unlink()
    (new,) = draft_mails(inspected, papers(tmp_path, "isi baru", [1]), output, TEMPLATES).drafts
    assert eml(output) == [PLAIN_NAME]
    assert parsed(output / "surel" / PLAIN_NAME)["Message-ID"] == new.message_id


@pytest.mark.parametrize("place", ["before", "after"])
def test_a_run_killed_while_it_moved_a_file_is_understood(tmp_path: Path, place: str) -> None:
    inspected, output = office(), tmp_path / "keluaran"
    (old,) = draft_mails(inspected, papers(tmp_path, numbers=[1]), output, TEMPLATES).drafts
    with Outbox(output / ARCHIVE) as outbox:
        outbox.supersede("ptpp:001/PTPP/XI/2026", "lain", NOON)
        carried = folders.move_file

        def killed(source: Path, target: Path) -> bool:
            if place == "after":
                carried(source, target)
            raise KeyboardInterrupt

        with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(folders, "move_file", killed)
            outbox.move_files()
    (new,) = draft_mails(inspected, papers(tmp_path, "isi baru", [1]), output, TEMPLATES).drafts
    assert eml(output) == [PLAIN_NAME, f"diganti/{PLAIN_NAME}"]
    assert parsed(output / "surel" / PLAIN_NAME)["Message-ID"] == new.message_id
    assert parsed(output / "surel" / "diganti" / PLAIN_NAME)["Message-ID"] == old.message_id


def test_a_file_that_cannot_be_moved_is_said_and_the_new_draft_has_another_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inspected, output = office(), tmp_path / "keluaran"
    (old,) = draft_mails(inspected, papers(tmp_path, numbers=[1]), output, TEMPLATES).drafts
    with monkeypatch.context() as patch:  # as Windows does while Outlook shows the file
        patch.setattr(folders, "move_file", lambda source, target: False)
        drafted = draft_mails(inspected, papers(tmp_path, "isi baru", [1]), output, TEMPLATES)
    assert drafted.stuck == (old.path,) and drafted.replaced == ()
    assert "sedang dibuka program lain" in "\n".join(drafted_lines(drafted, output, preview=False))
    (new,) = drafted.drafts
    assert new.path.name != PLAIN_NAME and new.path.exists()
    draft_mails(inspected, papers(tmp_path, "isi baru", [1]), output, TEMPLATES)
    assert eml(output) == [new.path.name, f"diganti/{PLAIN_NAME}"]


def test_an_unsent_draft_takes_the_pdf_when_there_is_one(tmp_path: Path) -> None:
    inspected, documents, output = office(), papers(tmp_path), tmp_path / "keluaran"
    first, other = draft_mails(inspected, documents, output, TEMPLATES).drafts
    went_out(output, other)
    for document in documents:
        assert document.path
        document.path.with_suffix(".pdf").write_bytes(b"%PDF-1.7")
    assert [draft.attachments for draft in preview(inspected, documents, output, TEMPLATES).drafts] == [
        ("001-PTPP-XI-2026.pdf",)
    ]
    drafted = draft_mails(inspected, documents, output, TEMPLATES)
    (new,) = drafted.drafts
    assert (new.replaces, drafted.unchanged) == (None, 1)
    assert fates(output) == {first.message_id: "replaced", other.message_id: "sent", new.message_id: "draft"}
    assert new.path == first.path
    assert draft_mails(inspected, documents, output, TEMPLATES).unchanged == 2


@pytest.mark.parametrize("pdf", [False, True])
def test_who_gets_a_ptpp_in_word_is_asked_to_fill_it_in_and_to_reply(tmp_path: Path, pdf: bool) -> None:
    (document,) = papers(tmp_path, numbers=[1])
    assert document.path
    if pdf:
        document.path.with_suffix(".pdf").write_bytes(b"%PDF-1.7")
    (draft,) = draft_mails(office(), [document], tmp_path / "keluaran", TEMPLATES).drafts
    assert ("dengan membalas surel ini" in body(parsed(draft.path))) != pdf


def test_a_draft_that_someone_edited_does_not_take_the_pdf(tmp_path: Path) -> None:
    inspected, documents, output = office(), papers(tmp_path, numbers=[1]), tmp_path / "keluaran"
    (first,) = draft_mails(inspected, documents, output, TEMPLATES).drafts
    first.path.write_bytes(first.path.read_bytes() + b"\r\n")
    assert documents[0].path
    documents[0].path.with_suffix(".pdf").write_bytes(b"%PDF-1.7")
    assert draft_mails(inspected, documents, output, TEMPLATES).unchanged == 1


def test_an_unsent_draft_takes_the_text_that_the_office_changes(tmp_path: Path) -> None:
    """As it takes a changed document; what went out, was cancelled or was edited by hand stays."""
    inspected, output, texts = office(), tmp_path / "keluaran", tmp_path / "templates"
    shutil.copytree(TEMPLATES, texts)
    documents = papers(tmp_path)
    sent, old = draft_mails(inspected, documents, output, texts).drafts
    went_out(output, sent)
    text = texts / "surel" / "ptpp.txt"
    plain = text.read_bytes()
    assert draft_mails(inspected, documents, output, texts).drafts == ()
    text.write_bytes(plain + b"{# sama saja #}")
    assert draft_mails(inspected, documents, output, texts).drafts == (), "the text is the same"
    text.write_bytes(plain.replace(b"Dengan hormat,", b"Salam sejahtera,"))
    assert [one.subject for one in preview(inspected, documents, output, texts).drafts] == [old.subject]
    drafted = draft_mails(inspected, documents, output, texts)
    (new,) = drafted.drafts
    assert new.replaces is None and "Salam sejahtera," in body(parsed(new.path))
    assert drafted.replaced == (output / "surel" / "diganti" / old.path.name,)
    assert fates(output) == {sent.message_id: "sent", old.message_id: "replaced", new.message_id: "draft"}
    assert draft_mails(inspected, documents, output, texts).drafts == ()
    text.write_bytes(b"{{ rusak")
    assert draft_mails(inspected, documents, output, texts).drafts == ()
    assert fates(output)[new.message_id] == "draft"
    text.write_bytes(plain)
    assert [one.message_id for one in draft_mails(inspected, documents, output, texts).drafts] == [old.message_id]
    old.path.write_bytes(old.path.read_bytes() + b"catatan petugas\r\n")
    text.write_bytes(plain.replace(b"Dengan hormat,", b"Salam sejahtera,"))
    assert draft_mails(inspected, documents, output, texts).drafts == ()
    went_out(output, old, "cancelled")
    assert draft_mails(inspected, documents, output, texts).drafts == ()


def test_the_journal_tells_the_hour_of_the_clock_and_not_waktu_acuan(tmp_path: Path) -> None:
    output, hour = tmp_path / "k", dt.datetime(2026, 12, 1, 7, 30)
    draft_mails(office(), papers(tmp_path, numbers=[1]), output, TEMPLATES, now=lambda: hour)
    draft_mails(office(), papers(tmp_path, "baru", [1]), output, TEMPLATES, now=lambda: hour)
    with contextlib.closing(sqlite3.connect(output / ARCHIVE)) as archive:
        assert archive.execute("SELECT DISTINCT moment FROM surel_jejak").fetchall() == [("2026-12-01 07:30:00",)]
        assert archive.execute("SELECT DISTINCT changed FROM surel_penerima").fetchall() == [("2026-12-01 07:30:00",)]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("hartono@contoh.go.id; x@contoh.go.id", "Alamat surel Hartono Wibowo tidak sah"),
        ("", "Hartono Wibowo belum memiliki alamat surel."),
    ],
)
def test_without_the_copy_there_is_no_draft_and_it_is_said_every_time(tmp_path: Path, typed: str, said: str) -> None:
    broken = office(pegawai=PEGAWAI.replace("hartono@contoh.go.id", typed))
    output, documents = tmp_path / "k", papers(tmp_path)
    for attempt in (draft_mails, draft_mails, preview):
        drafted = attempt(broken, documents, output, TEMPLATES)
        assert (drafted.drafts, drafted.unchanged) == ((), 0)
        assert problems(drafted).count(said) == 2 and drafted.needs_attention
        assert not drafted.went_wrong
    (first, _) = draft_mails(office(), documents, output, TEMPLATES).drafts
    assert [person.name for person in first.cc] == ["Hartono Wibowo"]


def test_a_copy_for_nobody_is_said_with_its_own_cell(tmp_path: Path) -> None:
    surel = "Dokumen | Kepada | Tembusan\nPTPP | Sekcam |\nPTPP | Sekcam | Siti\n"
    drafted = draft_mails(office(surel=surel), papers(tmp_path, numbers=[1]), tmp_path / "k", TEMPLATES)
    assert drafted.drafts == ()
    assert [(u.reason.message, u.reason.cell) for u in drafted.undelivered] == [
        ("Siti bukan peran dan tidak tercatat di sheet Pegawai.", "C3")
    ]


def test_a_draft_that_someone_edited_is_kept_beside_the_new_one(tmp_path: Path) -> None:
    inspected, output = office(), tmp_path / "keluaran"
    edited = output / "surel" / "PTPP 001-PTPP-XI-2026 Joko Santosa.eml"
    edited.parent.mkdir(parents=True)
    edited.write_bytes(b"Subject: disunting\r\n\r\n")
    (new, _) = draft_mails(inspected, papers(tmp_path), output, TEMPLATES).drafts
    assert edited.read_bytes() == b"Subject: disunting\r\n\r\n"
    assert new.path.name == f"PTPP 001-PTPP-XI-2026 Joko Santosa {new.code}.eml"


def test_preview_tells_the_same_and_writes_nothing(tmp_path: Path) -> None:
    inspected, documents, output = office(), papers(tmp_path), tmp_path / "keluaran"
    shown = preview(inspected, documents, output, TEMPLATES)
    assert not output.exists()
    assert shown.drafts == draft_mails(inspected, documents, output, TEMPLATES).drafts
    assert preview(inspected, documents, output, TEMPLATES).unchanged == 2


BAD_ADDRESSES = {
    "": "belum memiliki alamat surel.",
    "joko@contoh.go.id, lain@contoh.go.id": "satu sel hanya boleh berisi satu alamat.",
    "joko@contoh.go.id;lain@contoh.go.id": "satu sel hanya boleh berisi satu alamat.",
    "joko@contoh.go.id\\nBcc: lain@contoh.go.id": "satu sel hanya boleh berisi satu alamat.",
    "Joko <joko@contoh.go.id>": "satu sel hanya boleh berisi satu alamat.",
    "joko": "satu sel hanya boleh berisi satu alamat.",
    "joko@gmail.com": "berada di luar domain yang diizinkan.",
    "joko@contoh.go.id.jahat.com": "berada di luar domain yang diizinkan.",
    "joko@xcontoh.go.id": "berada di luar domain yang diizinkan.",
}


def test_an_address_that_does_not_serve_is_said_with_its_cell(tmp_path: Path) -> None:
    rows = [f"Pegawai {n} | | | Lurah {n} | Kasi | {typed} | Ya" for n, typed in enumerate(BAD_ADDRESSES)]
    surel = "Dokumen | Kepada | Tembusan\nPTPP | Kasi |\n"
    inspected = office(surel=surel, pegawai="\n".join([PEGAWAI.strip(), *rows]))
    (draft,) = draft_mails(inspected, papers(tmp_path)[:1], tmp_path / "k", TEMPLATES).drafts
    assert [person.name for person in draft.to] == ["Joko Santosa", "Endah Purwanti"]
    said = preview(inspected, papers(tmp_path)[1:], tmp_path / "k", TEMPLATES).undelivered
    assert len(said) == len(BAD_ADDRESSES)
    for place, (undelivered, expected) in enumerate(zip(said, BAD_ADDRESSES.values(), strict=True)):
        assert f"Pegawai {place}" in undelivered.reason.message
        assert undelivered.reason.message.endswith(expected)
        assert (undelivered.reason.sheet, undelivered.reason.cell) == ("Pegawai", f"F{place + 9}")


def test_outside_the_domains_only_what_was_allowed(tmp_path: Path) -> None:
    pegawai = PEGAWAI.replace("joko@contoh.go.id", "joko@gmail.com").replace("endah@contoh.go.id", "endah@gmail.com")
    inspected = office(pegawai=pegawai)
    drafted = draft_mails(inspected, papers(tmp_path), tmp_path / "k", TEMPLATES, allow=["joko@gmail.com"])
    assert [draft.to[0].address for draft in drafted.drafts] == ["joko@gmail.com"]
    assert "Endah Purwanti berada di luar domain" in problems(drafted)
    assert preview(inspected, papers(tmp_path), tmp_path / "l", TEMPLATES, allow=["gmail.com"]).undelivered == ()


def test_an_address_mended_later_gets_its_draft(tmp_path: Path) -> None:
    without = PEGAWAI.replace("joko@contoh.go.id", "")
    surel = "Dokumen | Kepada | Tembusan\nPTPP | Kasi |\n"
    output = tmp_path / "k"
    first = draft_mails(office(pegawai=without, surel=surel), papers(tmp_path), output, TEMPLATES)
    assert {person.name for draft in first.drafts for person in draft.to} == {"Endah Purwanti"}
    mended = draft_mails(office(surel=surel), papers(tmp_path), output, TEMPLATES)
    assert [[person.name for person in draft.to] for draft in mended.drafts] == [["Joko Santosa"]]
    assert mended.drafts[0].attachments == ("001-PTPP-XI-2026.docx", "002-PTPP-XI-2026.docx")


def test_a_new_holder_of_a_role_does_not_get_the_whole_year_again(tmp_path: Path) -> None:
    surel = "Dokumen | Kepada | Tembusan\nPTPP | Camat |\n"
    output = tmp_path / "k"
    draft_mails(office(surel=surel), papers(tmp_path), output, TEMPLATES)
    successor = PEGAWAI.replace("Wahyu Kusumaningrum", "Dian Lestari").replace("wahyu@", "dian@")
    again = draft_mails(office(surel=surel, pegawai=successor), papers(tmp_path), output, TEMPLATES)
    assert (again.drafts, again.unchanged) == ((), 1)


def test_a_role_means_its_active_people_and_nobody_is_written_to_twice(tmp_path: Path) -> None:
    surel = "Dokumen | Kepada | Tembusan\nPTPP | Kasi | Joko Santosa\nPTPP | Kasi | Camat\nPTPP | Joko Santosa |\n"
    pegawai = PEGAWAI.replace("bagus@contoh.go.id | Ya", "bagus@contoh.go.id | Tidak").replace("| Staf |", "| Kasi |")
    inspected = office(surel=surel, pegawai=pegawai)
    drafted = draft_mails(inspected, papers(tmp_path)[:1], tmp_path / "k", TEMPLATES)
    (draft,) = drafted.drafts
    assert [person.name for person in draft.to] == [
        "Ratna Anggraini", "Tutik Handayani", "Joko Santosa", "Endah Purwanti",
    ]  # fmt: skip
    assert [person.name for person in draft.cc] == ["Wahyu Kusumaningrum"]


def test_drafts_about_closed_cases_are_counted_and_put_away_at_once(tmp_path: Path) -> None:
    inspected, output = office(), tmp_path / "k"
    cases = inspected.register.cases
    states = ["Selesai", *cases.read["status"].tolist()[1:]]
    read = cases.read.assign({"status": np.array(states, dtype=object)})
    register = replace(inspected.register, cases=replace(cases, read=read))
    closed = replace(inspected, register=register)
    unasked = draft_mails(closed, papers(tmp_path), tmp_path / "lain", TEMPLATES)
    assert [draft.closed for draft in unasked.drafts] == [False] and unasked.left_closed == 1
    assert any(line.startswith("1 surel kasus yang sudah ditutup") for line in note_lines(unasked, output))
    drafted = draft_mails(closed, papers(tmp_path), output, TEMPLATES, closed=True)
    assert [draft.closed for draft in drafted.drafts] == [True, False]
    letters = [body(parsed(draft.path)) for draft in drafted.drafts]
    assert ["telah ditutup (status Selesai)" in text for text in letters] == [True, False]
    assert ["Mohon tindakan" in text for text in letters] == [False, True]
    assert any(line.startswith("1 draf menyangkut kasus yang sudah ditutup.") for line in note_lines(drafted, output))
    with Outbox(output / ARCHIVE) as outbox:
        assert [one.mail.number for one in outbox.resolve("closed", "cancelled", NOON)] == [1, 1]
    assert list(fates(output).values()) == ["cancelled", "draft"]
    assert eml(output) == ["PTPP 002-PTPP-XI-2026 Endah Purwanti.eml", f"dibatalkan/{PLAIN_NAME}"]
    assert draft_mails(office(), papers(tmp_path), output, TEMPLATES).drafts == ()
    with Outbox(output / ARCHIVE) as outbox:
        outbox.resolve("closed", "draft", NOON)
    assert list(fates(output).values()) == ["draft", "draft"] and PLAIN_NAME in eml(output)


def test_an_addressee_who_is_nobody_is_said(tmp_path: Path) -> None:
    pegawai = PEGAWAI.replace("Tidak", "Ya").replace("tutik@contoh.go.id | Ya", "tutik@contoh.go.id | Tidak")
    surel = "Dokumen | Kepada | Tembusan\nPTPP | Bendahara |\nPTPP | Tutik Handayani |\nPTPP | Sekcam | Siti\n"
    sekcam = pegawai.replace("hartono@contoh.go.id | Ya", "hartono@contoh.go.id | Tidak")
    drafted = draft_mails(office(surel=surel, pegawai=sekcam), papers(tmp_path)[:1], tmp_path / "k", TEMPLATES)
    assert drafted.drafts == ()
    assert [(u.reason.message, u.reason.cell) for u in drafted.undelivered] == [
        ("Bendahara bukan peran dan tidak tercatat di sheet Pegawai.", "B2"),
        ("Tutik Handayani tidak aktif lagi.", "B3"),
        ("Tidak ada pegawai aktif dengan peran Sekcam.", "B4"),
    ]


def test_a_document_without_a_row_in_surel_is_said(tmp_path: Path) -> None:
    surel = "Dokumen | Kepada | Tembusan\nLaporan | Camat |\n"
    drafted = draft_mails(office(surel=surel), papers(tmp_path), tmp_path / "k", TEMPLATES)
    assert drafted.notes == ("Sheet Surel tidak menyebut tujuan PTPP; 2 surel tidak disiapkan.",)
    assert drafted.undelivered == () and not drafted.needs_attention


def test_without_sheet_surel_the_defaults_hold(tmp_path: Path) -> None:
    book = office_workbook(tmp_path / "r.xlsx", REGISTER, LANGKAH, without=["Surel"])
    inspected = replace(office(), register=read_register(book))
    drafted = draft_mails(inspected, papers(tmp_path), tmp_path / "k", TEMPLATES)
    ptpp = [draft for draft in drafted.drafts if draft.document == "PTPP"]
    assert [(d.to[0].name, d.cc[0].name) for d in ptpp] == [
        ("Joko Santosa", "Hartono Wibowo"), ("Endah Purwanti", "Hartono Wibowo"),
    ]  # fmt: skip


def test_the_reminder_tells_each_person_only_theirs_and_once_a_week(tmp_path: Path) -> None:
    surel = "Dokumen | Kepada | Tembusan\nPengingat | Penanggung Jawab |\n"
    inspected, output = office(surel=surel), tmp_path / "k"
    drafted = draft_mails(inspected, [], output, TEMPLATES)
    texts = {d.to[0].name: body(parsed(d.path)) for d in drafted.drafts}
    assert set(texts) == {"Joko Santosa", "Endah Purwanti", "Bagus Setiawan"}
    assert "002/CLTS" not in texts["Joko Santosa"] and "001/CLTS" not in texts["Endah Purwanti"]
    assert "Terlambat:\n- 001/CLTS/XI/2026: " in texts["Joko Santosa"]
    assert "Segera jatuh tempo:\n- 002/CLTS/XI/2026: target selesai 24 November 2026." in texts["Endah Purwanti"]
    assert "Langkah 1 masih berjalan" in texts["Bagus Setiawan"]
    assert draft_mails(inspected, [], output, TEMPLATES).unchanged == 3
    later = replace(inspected, as_of=inspected.as_of + dt.timedelta(days=3))
    assert len(draft_mails(later, [], output, TEMPLATES).drafts) == 3


def test_the_report_is_drafted_again_only_when_its_findings_changed(tmp_path: Path) -> None:
    surel = "Dokumen | Kepada | Tembusan\nLaporan | Sekcam |\n"
    report, output = tmp_path / "laporan.html", tmp_path / "k"
    report.write_text("<p>pukul 10</p>", encoding="utf-8")
    inspected = office(surel=surel)
    (draft,) = draft_mails(inspected, [], output, TEMPLATES, report).drafts
    assert draft.attachments == ("laporan.html",)
    assert "Penyimpangan dari SOP : " in body(parsed(draft.path))
    report.write_text("<p>pukul 11</p>", encoding="utf-8")
    later = replace(inspected, as_of=inspected.as_of + dt.timedelta(minutes=1))
    assert draft_mails(later, [], output, TEMPLATES, report).drafts == ()
    went_out(output, draft)
    mended = replace(later, findings=later.findings[1:])
    assert [new.replaces for new in draft_mails(mended, [], output, TEMPLATES, report).drafts] == [draft.message_id]


@pytest.mark.parametrize("edited", [False, True])
def test_a_report_that_says_again_what_it_said_lies_once_however_its_bytes_differ(tmp_path: Path, edited: bool) -> None:
    report, output = tmp_path / "laporan.html", tmp_path / "k"
    inspected = office(surel="Dokumen | Kepada | Tembusan\nLaporan | Sekcam |\n")
    mended = replace(inspected, findings=inspected.findings[1:])
    report.write_text("<p>pukul 10</p>", encoding="utf-8")
    (first,) = draft_mails(inspected, [], output, TEMPLATES, report).drafts
    (replaced,) = draft_mails(mended, [], output, TEMPLATES, report).replaced
    if edited:
        replaced.write_bytes(replaced.read_bytes() + b"Catatan petugas.\r\n")
    report.write_text("<p>pukul 12</p>", encoding="utf-8")
    (again,) = draft_mails(inspected, [], output, TEMPLATES, report).drafts
    assert again.message_id == first.message_id and again.path.parent == output / "surel"
    assert len(eml(output)) == 2 + edited and replaced.exists() == edited


def test_a_mail_over_the_limit_is_said_and_the_word_file_stands_in_for_a_large_pdf(tmp_path: Path) -> None:
    documents = papers(tmp_path, numbers=[1])
    assert documents[0].path
    documents[0].path.with_suffix(".pdf").write_bytes(b"%PDF" + b"0" * 200_000)
    inspected = office(limit="100 KB")
    (draft,) = preview(inspected, documents, tmp_path / "k", TEMPLATES).drafts
    assert draft.attachments == ("001-PTPP-XI-2026.docx",)
    tight = office(limit="20 KB")
    assert "melebihi batas 0 MB" in problems(preview(tight, documents, tmp_path / "k", TEMPLATES))


def test_personal_data_stay_out_of_the_subject(tmp_path: Path) -> None:
    template = parse_letter("Subjek: PTPP untuk {{ penanggung_jawab }}\n\nIsi\n", "ptpp.txt")
    with pytest.raises(SopkitError, match=r"subjek templat surel ptpp.txt memakai bidang yang tidak ada"):
        template.render({"nomor": "1"}, {"penanggung_jawab": "Joko"})


@pytest.mark.parametrize(
    "source",
    [
        "{{ nomor.__class__ }}",
        "{{ nomor|attr('x') }}",
        "{{ 'A' * 1000000000 }}",
        "{{ range(9) }}",
        "{% for a in nomor %}{% for b in nomor %}x{% endfor %}{% endfor %}",
        "{% include 'x' %}",
        "{% set a = 1 %}",
        "{{ nomor.format(nomor) }}",
        "{{ '%s' % nomor }}",
        "{{ nomor[0] }}",
        "{{ nomor ~ nomor }}",
        "{{ _nomor }}",
        "{{ lipsum }",
    ],
)
def test_a_text_template_is_data(source: str) -> None:
    with pytest.raises(SopkitError, match="sekitar baris"):
        parse_letter(f"Subjek: x\n\n{source}\n", "x.txt")


def test_a_template_without_subject_or_with_an_unknown_field_is_said(tmp_path: Path) -> None:
    with pytest.raises(SopkitError, match="bukan 'Subjek: …'"):
        parse_letter("Yth.\n", "x.txt")
    own = tmp_path / "templates"
    (own / "surel").mkdir(parents=True)
    (own / "surel" / "ptpp.txt").write_text("Subjek: x\n\n{{ nomer }}\n", encoding="utf-8")
    drafted = draft_mails(office(), papers(tmp_path), tmp_path / "k", own)
    assert drafted.drafts == ()
    assert "memakai bidang yang tidak ada: 'nomer'" in problems(drafted)


def test_the_fields_that_a_template_is_held_to_are_those_that_it_gets(tmp_path: Path) -> None:
    """A name in the list that no mail fills would be a crash at the clerk's, one too few a template refused."""
    report = tmp_path / "laporan.html"
    report.write_text("<p></p>", encoding="utf-8")
    documents = papers(tmp_path, numbers=[1])
    documents += [replace(documents[0], kind="ba"), replace(documents[0], kind="daftar")]
    told = {one.document: one for one in occasions(office(), documents, report)}
    assert set(told) == set(topics())
    for name, topic in topics().items():
        assert (set(told[name].subject), set(told[name].body)) == (set(topic.subject), set(topic.body)), name
    own = tmp_path / "templates" / "surel"
    own.mkdir(parents=True)
    for topic in topics().values():
        fields = (*topic.subject, *topic.body, *ALWAYS_SUBJECT, *ALWAYS_BODY)
        lines = "\n".join(f"{{{{ {field} }}}}" for field in fields)
        heads = " ".join(f"{{{{ {field} }}}}" for field in (*topic.subject, *ALWAYS_SUBJECT))
        (own / topic.text).write_text(f"Subjek: {heads}\n\n{lines}\n", encoding="utf-8")
    assert check_letters([], own.parent) == []
    drafted = draft_mails(office(ALL_DOCUMENTS), documents, tmp_path / "k", own.parent, report)
    assert {draft.document for draft in drafted.drafts} == set(told) and drafted.undelivered == ()


def test_names_that_a_template_makes_itself_are_no_fields(tmp_path: Path) -> None:
    path = tmp_path / "pengingat.txt"
    path.write_text(
        "\nSubjek: {{ tanggal }}\n\n{% for a in terlambat %}{{ loop.index }}. {{ a }}{% endfor %}\n{{ b }}\n", "utf-8"
    )
    (problem,) = check_letters([path], tmp_path)
    assert (problem.code, problem.place) == ("T01", "baris 5") and "'b'" in problem.message
    assert check_letters([tmp_path / "tidak-ada.txt"], tmp_path)[0].code == "T03"


def test_the_report_s_mail_is_a_table_of_what_blocks_each_case_first(tmp_path: Path) -> None:
    inspected = office("Dokumen | Kepada | Tembusan\nLaporan | Sekcam |\n")
    report = tmp_path / "laporan.html"
    report.write_text("<p></p>", encoding="utf-8")
    (draft,) = draft_mails(inspected, [], tmp_path / "k", TEMPLATES, report).drafts
    text = body(parsed(draft.path))
    head, *block = text.split("pada setiap kasus:\n\n")[1].split("\n\n")[0].splitlines()
    assert head == "| Kasus | Temuan terberat | Yang perlu dilakukan |" and 1 < len(block) <= 10
    assert len({line.split(" | ")[0] for line in block}) == len(block)  # each case once
    late = [one for one in inspected.findings if one.code in ("W03", "W08", "W09") and not one.explained]
    assert late and block[0] == f"| {late[0].case} | {late[0].message} | {late[0].fix} |"
    (told,) = [one for one in occasions(inspected, [], report) if one.document == "Laporan"]
    assert 1 < len(told.body["mendesak"]) <= 3  # type: ignore[arg-type]  # for an office's own text
    calm = replace(inspected, findings=())
    (draft,) = draft_mails(calm, [], tmp_path / "l", TEMPLATES, report).drafts
    assert "Temuan terberat" not in body(parsed(draft.path))


def test_html_shows_what_was_typed() -> None:
    page = html_of('A & B <C> "d"\n\n- satu <b>\n- dua\n')
    assert "<p>A &amp; B &lt;C&gt; &quot;d&quot;</p>" in page
    assert "<ul><li>satu &lt;b&gt;</li><li>dua</li></ul>" in page


name = st.text(st.characters(min_codepoint=32, max_codepoint=0x24F), min_size=1, max_size=80)


@settings(max_examples=int(os.environ.get("SOPKIT_MAIL_REPEATS", "1")) * 40, deadline=None, derandomize=True)
@given(st.lists(name, min_size=1, max_size=6), name, name)
def test_whatever_is_typed_makes_the_headers_that_were_meant(names: list[str], subject: str, file: str) -> None:
    from sopkit.mail.recipients import display_name

    to = [Recipient(display_name(n), "", f"a{i}@contoh.go.id") for i, n in enumerate(names)]
    letter = parse_letter("Subjek: {{ s }}\n\n{{ s }}\n", "x").render({"s": subject}, {})
    data = compose(letter, to, (), [Attachment(f"{safe_name(file)}.docx", b"x")], "<1@contoh.go.id>")
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    plain = email.message_from_bytes(data, policy=email.policy.compat32)
    read = [(str(make_header(decode_header(n))), address) for n, address in getaddresses([plain["To"]])]
    assert read == [(one.name, one.address) for one in to]
    assert message["Subject"] == letter.subject
    (attachment,) = message.iter_attachments()
    assert attachment.get_filename() == f"{safe_name(file)}.docx"
    assert sorted(set(message.keys())) == [
        "Content-Language", "Content-Type", "MIME-Version", "Message-ID", "Subject", "To", "X-Unsent",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["a@b.go.id, c@d.go.id", "a@b.go.id c@d.go.id", "", "a@", "@b.go.id", "ä@b.go.id"])
def test_no_cell_yields_more_or_less_than_one_address(text: str) -> None:
    assert one_address(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{% if 1 %}" * 900 + "{% endif %}" * 900, "bersarang"),
        ("{% if 1 %}" * 60 + "{% endif %}" * 60, "bersarang"),
        ("{{ nomor.upper() }}", "pemanggilan fungsi tidak diizinkan"),
        ("{% for a in b %}{% for c in b %}{% endfor %}{% endfor %}", "perulangan di dalam perulangan tidak diizinkan"),
        ("{{ nomor + 1 }}", "hitungan tidak diizinkan"),
    ],
)
def test_what_no_text_may_contain_is_said_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "ptpp.txt").write_text(f"Subjek: x\n\nisi\n{text}\n", encoding="utf-8")
    (problem,) = check_letter(tmp_path / "ptpp.txt")
    assert (problem.code, said in problem.message) == ("T02", True)
    assert problem.place == ("sekitar baris 4" if len(text) < 10_000 else "sekitar baris 3")


@pytest.mark.parametrize("text", ["{% for a in s %}{{ s }}{% endfor %}", "{{ s|title|lower }}" * 5_000])
def test_no_text_takes_all_time_or_memory(text: str) -> None:
    with pytest.raises(SopkitError, match="tidak dapat diisi"):
        parse_letter(f"Subjek: x\n\n{text}\n", "x").render({}, {"s": "x" * 32_767})
    assert len(parse_letter("Subjek: x\n\n{{ s|join(s)|join(s) }}\n", "x").render({}, {"s": "x" * 999}).text) == 1_000


def test_a_letter_is_plain_data() -> None:
    letter = parse_letter("Subjek: {{ s }}\n\n{{ s }}\n", "x").render({"s": "a\r\nBcc: x@y.z"}, {})
    assert letter == Letter("a Bcc: x@y.z", "a\r\nBcc: x@y.z\n")


@pytest.mark.parametrize("typed", ["Nur’aini Kusuma", "nur`aini  kusuma", "NUR\u02bcAINI\u00a0Kusuma"])
def test_a_name_in_sheet_surel_is_the_person_however_it_is_typed(tmp_path: Path, typed: str) -> None:
    """What a keyboard or Word makes of an apostrophe is no other person: a register that is clean can be mailed."""
    pegawai = f"{PEGAWAI.rstrip()}\nNur'aini Kusuma | | Penata | Staf | Staf | nuraini@contoh.go.id | Ya\n"
    inspected = office(f"Dokumen | Kepada | Tembusan\nPTPP | {typed} |\n", pegawai)
    drafted = draft_mails(inspected, papers(tmp_path), tmp_path / "keluaran", TEMPLATES)
    assert drafted.undelivered == ()
    assert addresses(parsed(drafted.drafts[0].path), "To") == [("Nur'aini Kusuma", "nuraini@contoh.go.id")]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", None),
        ("kecamatan@contoh.go.id", "kecamatan@contoh.go.id"),
        ("  Kecamatan@CONTOH.go.id ", "Kecamatan@contoh.go.id"),
        ("kecamatan.contoh@gmail.com", "kecamatan.contoh@gmail.com"),
        ("tidak ada", None),
        ("a@contoh.go.id, b@contoh.go.id", None),
        ("a@contoh.go.id Bcc: b@contoh.go.id", None),
        ("Kantor <a@contoh.go.id>", None),
        ("a@contoh", None),
    ],
)
def test_answers_go_to_the_offices_own_address(tmp_path: Path, typed: str, expected: str | None) -> None:
    made = draft_mails(office(own=typed), papers(tmp_path), tmp_path / "k", TEMPLATES, now=lambda: NOON)
    message = parsed(made.drafts[0].path)
    assert message["Reply-To"] == expected
    assert message["Bcc"] is None
    assert [note for note in made.notes if "Surel Kantor" in note] == [
        "Surel Kantor di sheet Kantor bukan satu alamat surel, jadi balasan tidak diarahkan ke sana."
    ] * bool(typed and expected is None)


def test_filling_in_the_offices_address_writes_no_mail_again(tmp_path: Path) -> None:
    draft_mails(office(), papers(tmp_path), tmp_path / "k", TEMPLATES, now=lambda: NOON)
    again = draft_mails(office(own="a@contoh.go.id"), papers(tmp_path), tmp_path / "k", TEMPLATES, now=lambda: NOON)
    assert not again.drafts
    assert again.unchanged == 2


def test_the_report_counts_cases_whose_status_is_empty() -> None:
    assert _counted(["Proses", "", "Proses", "Selesai"], ["Terbuka", "Proses", "Selesai"]) == [
        "Proses: 2", "Selesai: 1", "Belum jelas: 1",
    ]  # fmt: skip
