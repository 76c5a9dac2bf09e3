"""Several documents for the same people are one mail, whatever becomes of it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mail_servers import NOON
from test_mail_drafts import TEMPLATES, Paper, body, eml, office, papers, parsed

from sopkit.archive import Record, open_archive, sha256_of
from sopkit.database import FILE, VERSION
from sopkit.mail.compose import ALWAYS_BODY, ALWAYS_SUBJECT, check_letters
from sopkit.mail.drafts import Draft, Drafted, draft_mails, preview
from sopkit.mail.outbox import Outbox
from sopkit.mail.page import PAGE, renew_page
from sopkit.mail.recipients import DIGEST

HEAD = "Dokumen | Kepada | Tembusan"
CAMAT = f"{HEAD}\nPTPP | Camat |\n"
NUMBERS = (1, 2, 3)


class Desk:
    """An output folder into which the Camat's PTPPs are drafted."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.output = folder, folder / "keluaran"

    def papers(self, text: str = "isi", numbers: Sequence[int] = NUMBERS) -> list[Paper]:
        return papers(self.output, text, numbers)

    def draft(self, documents: Sequence[Paper], limit: str = "10 MB", surel: str = CAMAT) -> Drafted:
        return draft_mails(office(surel, limit=limit), documents, self.output, TEMPLATES)

    def outbox(self) -> Outbox:
        return Outbox(self.output / FILE)

    def states(self) -> dict[int, tuple[set[str], tuple[str, ...]]]:
        """Number -> states of its recipients, and its attachments."""
        with self.outbox() as outbox:
            deliveries = outbox.status()
            found = {one.mail.number: one.mail for one in deliveries}
            return {
                number: ({one.state for one in deliveries if one.mail.number == number}, mail.attachments)
                for number, mail in found.items()
            }

    def decide(self, number: str, state: str) -> None:
        with self.outbox() as outbox:
            outbox.resolve(number, state, NOON)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def names(*numbers: int) -> tuple[str, ...]:
    return tuple(f"{number:03d}-PTPP-XI-2026.docx" for number in numbers)


def attached(drafts: Sequence[Draft]) -> list[tuple[str, ...]]:
    return [draft.attachments for draft in drafts]


def test_one_mail_has_all_the_documents_and_a_table_of_them(desk: Desk) -> None:
    documents = desk.papers()
    (draft,) = desk.draft(documents).drafts
    assert (draft.document, draft.subject, draft.path.name) == (
        "Kumpulan", "Penyampaian 3 PTPP", "Kumpulan 3 dokumen Wahyu Kusumaningrum.eml",
    )  # fmt: skip
    message = parsed(draft.path)
    parts = list(message.iter_attachments())
    assert [part.get_filename() for part in parts] == list(names(*NUMBERS))
    assert [part.get_content() for part in parts] == [one.path.read_bytes() for one in documents if one.path]
    row = "| 1 | PTPP | 001/PTPP/XI/2026 | Legalisasi Surat | dilaksanakan dan dicatat pada register |"
    assert f"{row} 001-PTPP-XI-2026.docx |\n| 2 | PTPP | 002/PTPP/XI/2026 |" in body(message)
    assert body(message, "html").count("<tr>") == 4 and '<th align="left">Perihal</th>' in body(message, "html")
    assert f"Kode surel: {draft.code}" in body(message)
    assert "di setiap berkas Word PTPP terlampir" in body(message)


def test_several_kinds_for_the_same_people_are_one_digest_and_other_copies_are_another(desk: Desk) -> None:
    first, second, third = desk.papers()
    documents = [first, replace(second, kind="ba"), replace(third, kind="daftar", number=None)]
    surel = f"{HEAD}\nPTPP | Camat |\nBA Pemusnahan | Camat |\nDaftar PTPP | Camat | Sekcam\n"
    drafts = desk.draft(documents, surel=surel).drafts
    assert attached(drafts) == [names(1, 2), names(3)]
    assert drafts[0].subject == "Penyampaian 1 PTPP dan 1 BA Pemusnahan"
    assert [draft.document for draft in drafts] == ["Kumpulan", "Daftar PTPP"]
    assert ["membalas surel ini" in body(parsed(draft.path)) for draft in drafts] == [True, False]


def test_the_rows_may_stand_in_any_order_and_nothing_is_drafted_again(desk: Desk) -> None:
    documents = desk.papers()
    here = desk.draft(documents).drafts
    other = draft_mails(office(CAMAT), documents[::-1], desk.folder / "lain", TEMPLATES).drafts
    assert [one.message_id for one in here] == [one.message_id for one in other]
    again = desk.draft(documents[::-1])
    assert (again.drafts, again.unchanged) == ((), 1)
    assert preview(office(CAMAT), documents, desk.output, TEMPLATES).drafts == ()


def test_a_digest_is_filled_up_to_the_limit(desk: Desk) -> None:
    documents = desk.papers(numbers=range(1, 6))
    size = max(one.path.stat().st_size for one in documents if one.path)
    drafts = desk.draft(documents, limit=f"{(16_000 + 2.5 * (size * 78 // 57 + 3000)) / 1000:.0f} KB").drafts
    assert attached(drafts) == [names(1, 2), names(3, 4), names(5)]
    assert drafts[-1].subject == "PTPP Nomor 005/PTPP/XI/2026"
    assert all(draft.size <= 16_000 + 2.5 * (size * 78 // 57 + 3000) for draft in drafts)


def test_what_is_new_does_not_touch_a_waiting_draft(desk: Desk) -> None:
    (old,) = desk.draft(desk.papers(numbers=[1, 2])).drafts
    assert attached(desk.draft(desk.papers()).drafts) == [names(3)]
    assert attached(desk.draft(desk.papers(numbers=range(1, 6))).drafts) == [names(4, 5)]
    assert [states for states, _ in desk.states().values()] == [{"draft"}] * 3
    assert old.path.exists() and not (desk.output / "surel" / "diganti").exists()


def test_a_changed_document_replaces_the_whole_digest(desk: Desk) -> None:
    (old,) = desk.draft(desk.papers()).drafts
    changed = [*desk.papers("berubah", [1]), *desk.papers("isi", [2, 3])]
    drafted = desk.draft(changed)
    assert attached(drafted.drafts) == [names(*NUMBERS)] and drafted.drafts[0].message_id != old.message_id
    assert [states for states, _ in desk.states().values()] == [{"replaced"}, {"draft"}]
    assert eml(desk.output) == [old.path.name, f"diganti/{old.path.name}"]
    assert (desk.draft(changed).drafts, len(desk.states())) == ((), 2)
    back = desk.draft(desk.papers())
    assert [draft.message_id for draft in back.drafts] == [old.message_id]


def test_the_others_of_a_replaced_digest_come_when_their_document_does(desk: Desk) -> None:
    """A run that made only one of them (its case alone, or errors hold the others) leaves the others owed."""
    desk.draft(desk.papers())
    changed = desk.papers("berubah", [1])
    assert attached(desk.draft(changed).drafts) == [names(1)]
    assert attached(desk.draft([*changed, *desk.papers("isi", [2, 3])]).drafts) == [names(2, 3)]


@pytest.mark.parametrize("state", ["sent", "cancelled"])
def test_what_went_out_or_shall_not_is_left_document_by_document(desk: Desk, state: str) -> None:
    desk.draft(desk.papers())
    desk.decide("1", state)
    assert desk.draft(desk.papers()).drafts == ()
    changed = [*desk.papers("berubah", [2]), *desk.papers("isi", [1, 3])]
    drafted = desk.draft(changed)
    assert attached(drafted.drafts) == [names(2)]
    assert (drafted.revived, drafted.drafts[0].replaces is not None) == ((0, True) if state == "sent" else (1, False))
    assert desk.draft(changed).drafts == ()


def test_a_digest_says_which_of_its_documents_replace_another_mail(desk: Desk) -> None:
    (old,) = desk.draft(desk.papers(numbers=[1])).drafts
    desk.decide("1", "sent")
    (new,) = desk.draft([*desk.papers("berubah", [1]), *desk.papers("isi", [2])]).drafts
    text = body(parsed(new.path))
    assert f"| Legalisasi Surat (menggantikan surel berkode {old.code}) |" in text and text.count(old.code) == 1
    assert (new.replaces, new.subject) == (old.message_id, "Penyampaian dan Penggantian 2 PTPP")


def test_each_document_of_a_sent_digest_counts_as_mailed(desk: Desk) -> None:
    documents = desk.papers()
    with open_archive(desk.output) as archive:
        archive.record(
            Record(
                f"ptpp/{one.path.name}", "ptpp", str(one.number), 0, one.cases, str(sha256_of(one.path)), "d", "p", "t",
                "x", "2026-11-01",
            )
            for one in documents
            if one.path
        )  # fmt: skip
    desk.draft(documents)
    with desk.outbox() as outbox:
        (mail,) = outbox.sent_by_hand(["1"], NOON)
    assert [one.occasion for one in mail.contents] == [f"ptpp:{number:03d}/PTPP/XI/2026" for number in NUMBERS]
    with open_archive(desk.output) as archive:
        assert all(record.mailed_at for record in archive.records())


def test_pdfs_made_later_replace_the_word_files_of_a_waiting_digest(desk: Desk) -> None:
    documents = desk.papers()
    (old,) = desk.draft(documents).drafts
    for document in documents:
        assert document.path
        document.path.with_suffix(".pdf").write_bytes(b"%PDF-1.7")
    (new,) = desk.draft(documents).drafts
    assert new.attachments == tuple(name.replace("docx", "pdf") for name in names(*NUMBERS))
    assert eml(desk.output) == [old.path.name, f"diganti/{old.path.name}"]
    assert desk.draft(documents).drafts == ()


def test_closed_cases_are_a_digest_of_their_own_and_only_when_asked_for(desk: Desk) -> None:
    inspected, documents = office(CAMAT), desk.papers(numbers=range(1, 5))
    known = ("001/CLTS/XI/2026", "002/CLTS/XI/2026")
    documents = [replace(one, cases=(known[place % 2],)) for place, one in enumerate(documents)]
    cases = inspected.register.cases
    states = ["Selesai", *cases.read["status"].tolist()[1:]]
    read = cases.read.assign({"status": np.array(states, dtype=object)})
    closed = replace(inspected, register=replace(inspected.register, cases=replace(cases, read=read)))
    unasked = draft_mails(closed, documents, desk.folder / "lain", TEMPLATES)
    assert (attached(unasked.drafts), unasked.left_closed) == ([names(2, 4)], 2)
    drafts = draft_mails(closed, documents, desk.output, TEMPLATES, closed=True).drafts
    assert [(draft.attachments, draft.closed) for draft in drafts] == [(names(1, 3), True), (names(2, 4), False)]
    assert ["telah ditutup" in body(parsed(draft.path)) for draft in drafts] == [True, False]
    desk.decide("closed", "cancelled")
    assert [states for states, _ in desk.states().values()] == [{"cancelled"}, {"draft"}]


def test_a_lost_archive_knows_a_digest_again_by_its_file(desk: Desk) -> None:
    documents = desk.papers()
    (draft,) = desk.draft(documents).drafts
    before = desk.states()
    for path in desk.output.glob("arsip.sqlite3*"):
        path.unlink()
    assert desk.draft(documents).drafts == ()
    assert desk.states() == before and draft.path.exists()


def test_an_archive_of_version_2_drafts_nothing_anew(desk: Desk) -> None:
    documents = desk.papers(numbers=[1])
    desk.draft(documents)
    with sqlite3.connect(desk.output / FILE) as old:
        old.execute("DROP TABLE surel_isi")
        old.execute("PRAGMA user_version = 2")
    old.close()
    assert desk.draft(documents).drafts == ()
    with sqlite3.connect(desk.output / FILE) as new:
        assert new.execute("PRAGMA user_version").fetchone() == (VERSION,)
    new.close()
    assert attached(desk.draft(desk.papers()).drafts) == [names(2, 3)]


def test_a_damaged_row_of_a_digest_is_a_damage_of_the_archive(desk: Desk) -> None:
    desk.draft(desk.papers())
    with sqlite3.connect(desk.output / FILE) as wrong:
        wrong.execute("UPDATE surel_isi SET paper = '../x'")
    wrong.close()
    with desk.outbox() as outbox, pytest.raises(Exception, match="rusak"):
        outbox.status()


def test_a_file_that_cannot_be_read_leaves_the_others_together(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = desk.papers()
    reading, held = Path.read_bytes, documents[1].path
    count = iter(range(99))

    def read(path: Path) -> bytes:
        if path == held and next(count) > 0:  # the document is known, and then another program holds it
            raise PermissionError(13, "held")
        return reading(path)

    monkeypatch.setattr(Path, "read_bytes", read)
    drafted = desk.draft(documents)
    assert attached(drafted.drafts) == [names(1, 3)] and "tidak dapat dibaca" in str(drafted.undelivered[0])


def test_an_older_office_without_the_text_gets_sopkits_own(desk: Desk, tmp_path: Path) -> None:
    own = tmp_path / "templates" / "surel"
    own.mkdir(parents=True)
    for path in (TEMPLATES / "surel").glob("*.txt"):
        if path.name != "kumpulan.txt":
            (own / path.name).write_bytes(path.read_bytes())
    (draft,) = draft_mails(office(CAMAT), desk.papers(), desk.output, own.parent).drafts
    assert draft.subject == "Penyampaian 3 PTPP"
    (own / "kumpulan.txt").write_text("Subjek: x\n\n{{ nomer }}\n", encoding="utf-8")
    broken = draft_mails(office(CAMAT), desk.papers("lain"), desk.output, own.parent)
    assert broken.drafts == () and "kumpulan.txt" in str(broken.undelivered[0])


def test_its_text_is_held_to_the_fields_that_it_gets(desk: Desk, tmp_path: Path) -> None:
    own = Path(shutil.copytree(TEMPLATES / "surel", tmp_path / "templates" / "surel"))
    fields = [f"{{{{ {name} }}}}" for name in (*DIGEST.subject, *ALWAYS_SUBJECT, *DIGEST.body, *ALWAYS_BODY)]
    heads = " ".join(fields[: len(DIGEST.subject) + len(ALWAYS_SUBJECT)])
    (own / DIGEST.text).write_text(f"Subjek: {heads}\n\n{' '.join(fields)}\n", encoding="utf-8")
    assert check_letters([], own.parent) == []
    drafted = draft_mails(office(CAMAT), desk.papers(), desk.output, own.parent)
    assert len(drafted.drafts) == 1 and drafted.undelivered == ()


def test_the_page_names_every_attachment_of_a_digest(desk: Desk) -> None:
    desk.draft(desk.papers())
    with desk.outbox() as outbox:
        assert renew_page(outbox) == desk.output / PAGE
    page = (desk.output / PAGE).read_text("utf-8")
    assert all(f'href="ptpp/{name}"' in page for name in names(*NUMBERS)) and page.count("<article") == 1


def test_replies_go_to_the_office(desk: Desk) -> None:
    inspected = office(CAMAT, own="kantor@contoh.go.id")
    (draft,) = draft_mails(inspected, desk.papers(), desk.output, TEMPLATES).drafts
    assert parsed(draft.path)["Reply-To"] == "kantor@contoh.go.id"
