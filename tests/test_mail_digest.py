"""Several documents for one person are one mail: never twice, never forgotten, whatever becomes of one of them."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
from mail_servers import NOON
from test_mail_drafts import ONLY_PTPP, REPOSITORY, TEMPLATES, Paper, body, office, papers, parsed, problems, word

from sopkit.database import COPY
from sopkit.database import FILE as ARCHIVE
from sopkit.mail.compose import check_letters
from sopkit.mail.drafts import Drafted, draft_mails
from sopkit.mail.outbox import Outbox
from sopkit.mail.page import waiting_mails

ONE_PERSON = "Dokumen | Kepada | Tembusan\nPTPP | Camat | Sekcam\n"


def drafted(output: Path, documents: Sequence[Paper], **options: str) -> Drafted:
    return draft_mails(office(ONE_PERSON, **options), documents, output, TEMPLATES)


def waiting(output: Path) -> list[tuple[str, ...]]:
    """What each waiting mail carries."""
    with Outbox(output / ARCHIVE) as outbox:
        mails = [group[0].mail for group in waiting_mails(outbox.status())]
    return sorted(tuple(part.attached for part in mail.parts) or (mail.attached,) for mail in mails)


def decide(output: Path, state: str, place: int = 0) -> None:
    with Outbox(output / ARCHIVE) as outbox:
        mails = list(dict.fromkeys(one.mail.number for one in outbox.status()))
        outbox.resolve(str(mails[place]), state, NOON)


A, B, C = (f"{number:03d}-PTPP-XI-2026.docx" for number in (1, 2, 3))


def test_it_carries_all_with_a_table_of_them(tmp_path: Path) -> None:
    (draft,) = drafted(tmp_path / "k", papers(tmp_path), own="kantor@contoh.go.id").drafts
    message = parsed(draft.path)
    assert [part.get_filename() for part in message.iter_attachments()] == [A, B]
    assert message["Subject"] == "2 PTPP (pengendalian layanan tidak sesuai)" and draft.document == "Kumpulan"
    assert message["Reply-To"] == "kantor@contoh.go.id" and message["Cc"]
    line = "PTPP 001/PTPP/XI/2026 : Legalisasi Surat, target 10 November 2026; 001-PTPP-XI-2026.docx"
    assert line in body(message) and f"Kode surel: {draft.code}" in body(message)
    cells = "<td>PTPP 001/PTPP/XI/2026</td><td>:</td><td>Legalisasi Surat, target 10 November 2026; "
    assert cells in body(message, "html")


def test_the_order_of_the_documents_makes_no_other_mail_and_a_rerun_none(tmp_path: Path) -> None:
    first = drafted(tmp_path / "k", papers(tmp_path))
    assert drafted(tmp_path / "k", papers(tmp_path)[::-1]).drafts == ()
    assert drafted(tmp_path / "k", papers(tmp_path)).unchanged == 2
    assert waiting(tmp_path / "k") == [(A, B)] and len(first.drafts) == 1


def test_a_changed_document_replaces_the_whole_digest_at_once(tmp_path: Path) -> None:
    documents = papers(tmp_path)
    (old,) = drafted(tmp_path / "k", documents).drafts
    documents[1].path.write_bytes(word("lain"))
    again = drafted(tmp_path / "k", documents)
    assert [draft.attachments for draft in again.drafts] == [(A, B)] and waiting(tmp_path / "k") == [(A, B)]
    assert [path.name for path in again.replaced] == [old.path.name]
    assert drafted(tmp_path / "k", documents).drafts == ()
    documents[1].path.write_bytes(papers(tmp_path / "z")[1].path.read_bytes())  # as it was at first
    assert [draft.message_id for draft in drafted(tmp_path / "k", documents).drafts] == [old.message_id]
    assert waiting(tmp_path / "k") == [(A, B)]


def test_a_changed_document_whose_case_is_closed_leaves_the_others_theirs(tmp_path: Path) -> None:
    drafted(tmp_path / "k", papers(tmp_path))
    documents = papers(tmp_path)[:1]
    documents[0].path.write_bytes(word("lain"))
    assert [draft.attachments for draft in drafted(tmp_path / "k", documents).drafts] == [(A,)]
    assert [draft.attachments for draft in drafted(tmp_path / "k", papers(tmp_path, "isi", [2])).drafts] == [(B,)]


def test_a_new_document_does_not_pull_the_waiting_into_another_mail(tmp_path: Path) -> None:
    documents = papers(tmp_path)
    drafted(tmp_path / "k", documents)
    third = tmp_path / "ptpp" / C
    third.write_bytes(word("tiga"))
    documents.append(Paper("ptpp", "003/PTPP/XI/2026", ("002/CLTS/XI/2026",), third))
    assert [draft.attachments for draft in drafted(tmp_path / "k", documents).drafts] == [(C,)]
    assert waiting(tmp_path / "k") == [(A, B), (C,)]


def test_what_was_sent_is_mailed_document_by_document(tmp_path: Path) -> None:
    output = tmp_path / "k"
    documents = papers(output)
    (digest,) = drafted(output, documents).drafts
    with sqlite3.connect(output / ARCHIVE) as archive:
        for number, document in enumerate(documents):
            row = (f"ptpp/{document.path.name}", "ptpp", str(number), 0, "[]", "", "", "", "", "", "", None)
            archive.execute(f"INSERT INTO documents VALUES ({', '.join('?' * 12)})", row)
        archive.execute("UPDATE documents SET file_sha256 = i.content FROM surel_isi i WHERE i.paper = documents.path")
    decide(output, "sent")
    with sqlite3.connect(output / ARCHIVE) as archive:
        assert archive.execute("SELECT count(*) FROM documents WHERE mailed_at IS NOT NULL").fetchone() == (2,)
    assert drafted(output, documents).drafts == ()
    documents[0].path.write_bytes(word("direvisi"))
    (again,) = drafted(output, documents).drafts
    assert again.attachments == (A,) and again.replaces == digest.message_id
    assert f"kode {digest.code}" in body(parsed(again.path))


def test_what_was_cancelled_stays_so_until_it_changes(tmp_path: Path) -> None:
    documents = papers(tmp_path)
    drafted(tmp_path / "k", documents)
    decide(tmp_path / "k", "cancelled")
    assert drafted(tmp_path / "k", documents).drafts == () and waiting(tmp_path / "k") == []
    documents[0].path.write_bytes(word("lain"))
    again = drafted(tmp_path / "k", documents)
    assert [draft.attachments for draft in again.drafts] == [(A,)] and again.revived == 1


def test_no_mail_is_over_the_limit(tmp_path: Path) -> None:
    documents = papers(tmp_path, numbers=[1, 2])
    size = len(documents[0].path.read_bytes())
    limit = f"{(size * 3) // 1000} KB"
    made = drafted(tmp_path / "k", documents, limit=limit).drafts
    assert [draft.attachments for draft in made] == [(A,), (B,)]
    assert all(draft.size <= (size * 3) // 1000 * 1000 for draft in made)


def test_an_archive_that_is_lost_is_made_again_of_the_files(tmp_path: Path) -> None:
    documents = papers(tmp_path)
    drafted(tmp_path / "k", documents)
    for name in (ARCHIVE, COPY):
        (tmp_path / "k" / name).unlink()
    assert drafted(tmp_path / "k", documents).drafts == () and waiting(tmp_path / "k") == [(A, B)]
    documents[0].path.write_bytes(word("lain"))
    assert [draft.attachments for draft in drafted(tmp_path / "k", documents).drafts] == [(A, B)]


def test_a_better_form_of_one_document_drafts_them_all_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sopkit.mail.topics.is_pdf_of", lambda pdf, paper: pdf.is_file())
    documents = papers(tmp_path)
    drafted(tmp_path / "k", documents)
    documents[0].path.with_suffix(".pdf").write_bytes(b"%PDF-1.7")
    again = drafted(tmp_path / "k", documents)
    assert [draft.attachments for draft in again.drafts] == [(A.replace(".docx", ".pdf"), B)]
    assert waiting(tmp_path / "k") == [(A.replace(".docx", ".pdf"), B)] and len(again.replaced) == 1


def test_each_gets_what_concerns_him(tmp_path: Path) -> None:
    """Two responsible for one PTPP each, and the same copy: no digest."""
    made = draft_mails(office(ONLY_PTPP), papers(tmp_path), tmp_path / "k", TEMPLATES).drafts
    assert [draft.attachments for draft in made] == [(A,), (B,)]


def test_an_office_whose_folder_has_no_text_for_it_gets_the_bundled_one(tmp_path: Path) -> None:
    own = tmp_path / "templates"
    shutil.copytree(REPOSITORY / "templates" / "surel", own / "surel")
    (own / "surel" / "kumpulan.txt").unlink()
    assert check_letters([], own) == []
    (draft,) = draft_mails(office(ONE_PERSON), papers(tmp_path), tmp_path / "k", own).drafts
    assert draft.document == "Kumpulan"
    (own / "surel" / "kumpulan.txt").write_text("Subjek: {{ nomer }}\n\nisi\n", "utf-8")
    assert [one.code for one in check_letters([], own)] == ["T01"]
    made = draft_mails(office(ONE_PERSON), papers(tmp_path), tmp_path / "l", own)
    assert [draft.attachments for draft in made.drafts] == [(A,), (B,)] and "nomer" in problems(made)
