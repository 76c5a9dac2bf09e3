"""Drafts laid into a real mailbox, and what went out from there noted by itself: Dovecot, with and without marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest
from click.testing import CliRunner
from dovecot import FOLDERS, GMAIL, MARKED, PLAIN, TOKEN, USABLE, Dovecot, between, dovecot
from mail_servers import NOON, PASSWORD, Authority, fill, make_authority
from offices import LANGKAH, PEMUSNAHAN, REGISTER
from workbooks import office_workbook

from sopkit.cli.main import sopkit
from sopkit.errors import MailProblem, UsageProblem
from sopkit.mail import settings
from sopkit.mail.folders import code_of
from sopkit.mail.imap import Mailbox, files_in, folder_name, mailbox_from
from sopkit.mail.laid import lying_anywhere
from sopkit.mail.mailbox import find, put
from sopkit.mail.messages import visit_lines
from sopkit.mail.outbox import Mail, Outbox
from sopkit.mail.settings import Remembered, remember, remembered
from sopkit.mail.smtp import send
from sopkit.mail.visit import Visit

needs_dovecot = pytest.mark.skipif(not USABLE, reason="dovecot belum terpasang, atau bukan root")
A, B = "a@contoh.go.id", "b@contoh.go.id"
DRAFTS, SENT = FOLDERS[MARKED]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("imap"))


@pytest.fixture(scope="module")
def running(authority: Authority) -> Iterator[Dovecot]:
    with dovecot(authority) as server:
        yield server


@pytest.fixture
def server(running: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dovecot:
    monkeypatch.setenv("SSL_CERT_FILE", str(running.authority.ca))
    monkeypatch.setenv(settings.VARIABLE, str(tmp_path / "surel.json"))
    for user in FOLDERS:
        running.empty(user)
    return running


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / "keluaran" / "arsip.sqlite3") as opened:
        yield opened


def box(server: Dovecot, user: str = MARKED) -> Mailbox:
    return Mailbox("localhost", server.port, user, PASSWORD)


def states(outbox: Outbox) -> list[str]:
    return [delivery.state for delivery in outbox.status()]


def numbers(mails: list[Mail]) -> list[int]:
    return [mail.number for mail in mails]


def codes(server: Dovecot, folder: str = DRAFTS, user: str = MARKED) -> list[str]:
    return sorted(code_of(message_from_bytes(data)["Message-ID"]) for _, data in server.mails(folder, user))


def sent_by_outlook(data: bytes, **changes: str) -> bytes:
    """As the clerk's program sends a draft: with a Message-ID of its own."""
    changes = {"Message-ID": "<PN3PR01MB1234@outlook.example>", **changes}
    for name, value in changes.items():
        data = re.sub(rf"(?m)^{name}:.*\r\n(?:[ \t].*\r\n)*".encode(), f"{name}: {value}\r\n".encode(), data)
    return data


@needs_dovecot
def test_each_draft_is_laid_once_and_the_same_bytes_whoever_asks(server: Dovecot, outbox: Outbox) -> None:
    mails = fill(outbox, mails=3, size=2_000_000)
    assert numbers(put(outbox, box(server), NOON).laid) == [1, 2, 3]
    assert put(outbox, box(server), NOON) == Visit(box(server).name)
    there = server.mails(DRAFTS)
    assert codes(server) == sorted(code_of(mail.message_id) for mail in mails)
    assert all({"\\Draft", "\\Seen"} <= set(flags.split()) for flags, _ in there)
    first = message_from_bytes(there[0][1])
    assert MARKED in first["From"] and first["Date"] and not first["X-Unsent"] and not first["X-Sopkit"]
    assert lying_anywhere(outbox) == {mail.message_id for mail in mails}


@needs_dovecot
@pytest.mark.parametrize("intended", [True, False], ids=["intended", "archive lost"])
@pytest.mark.parametrize("there", ["nowhere", "drafts", "edited", "sent", "sent by Outlook", "sent elsewhere"])
def test_what_nobody_knows_of_is_searched_and_laid_only_where_it_is_nowhere(
    server: Dovecot, outbox: Outbox, there: str, intended: bool
) -> None:
    """As a process that was killed leaves it, or an archive that was lost: twice never, lost never."""
    fill(outbox)
    put(outbox, box(server), NOON)
    ((_, data),) = server.mails(DRAFTS)
    outbox.connection.execute("UPDATE surel_kotak SET done = NULL, uid = 0" if intended else "DELETE FROM surel_kotak")
    if there != "drafts":
        server.clear(DRAFTS)
    if there == "edited":
        server.add(DRAFTS, sent_by_outlook(data, Subject="Lain"), flags="\\Draft")
    elif there.startswith("sent"):
        server.add(
            SENT, {"sent": data, "sent by Outlook": sent_by_outlook(data)}.get(there, sent_by_outlook(data, To=B))
        )
    visit = put(outbox, box(server), NOON)
    lies = len(server.mails(DRAFTS))
    assert lies == (0 if there.startswith("sent") else 1)
    assert states(outbox) == ["sent" if there in ("sent", "sent by Outlook") else "draft"]
    assert numbers(visit.doubtful) == ([1] if there == "sent elsewhere" else [])
    if there == "nowhere" and intended:
        assert server.mails(DRAFTS)[0][1] == data, "From and Date are those of the first intention"
    again = put(outbox, box(server), NOON)
    assert len(server.mails(DRAFTS)) == lies and not again.laid


@needs_dovecot
@pytest.mark.parametrize("cut", ["in the middle of APPEND", "before its answer"])
def test_a_connection_cut_at_an_append_leaves_one_draft_in_the_end(server: Dovecot, outbox: Outbox, cut: str) -> None:
    fill(outbox, mails=2, size=200_000)
    seen: list[int] = []

    def asked(data: bytes) -> bytes | None:
        if cut.startswith("in") and len(data) > 8000:
            seen.append(1)
            return None
        return data

    def answered(data: bytes) -> bytes | None:
        if cut.startswith("before") and b"[APPENDUID" in data:
            seen.append(1)
            return None
        return data

    with between(server, answered, asked) as cutting:
        mailbox = Mailbox("localhost", cutting.port, MARKED, PASSWORD)
        visit = put(outbox, mailbox, NOON, seconds=5)
        assert isinstance(visit.problem, MailProblem) and seen and not visit.laid
        outbox.connection.execute("UPDATE surel_kotak SET account = ?", (box(server).name,))
    assert numbers(put(outbox, box(server), NOON).laid) == [2, 1]
    assert len(server.mails(DRAFTS)) == 2


@needs_dovecot
def test_what_the_clerk_sent_is_found_and_its_file_and_page_follow(server: Dovecot, outbox: Outbox) -> None:
    first, second, third = fill(outbox, mails=3, to=(A, B))
    put(outbox, box(server), NOON)
    one, two, _ = (data for _, data in server.mails(DRAFTS))
    server.add(SENT, sent_by_outlook(one))
    server.add(SENT, sent_by_outlook(two, To=A))
    server.clear(DRAFTS, 2)
    server.clear(DRAFTS, 1)
    visit = find(outbox, box(server), NOON)
    assert numbers(visit.sent) == [1, 2] and not visit.missing
    assert states(outbox) == ["sent", "sent", "sent", "draft", "draft", "draft"], "B was taken out of the second"
    assert outbox.mail(first.message_id).file == "surel/terkirim/001.eml"
    server.clear(DRAFTS, 1)
    assert numbers(find(outbox, box(server), NOON).missing) == [3]
    assert outbox.mail(third.message_id).file == "surel/003.eml" and second.message_id != third.message_id


@needs_dovecot
@pytest.mark.parametrize(("change", "found"), [
    ({}, True), ({"To": f"Lain <c@contoh.go.id>, {A}"}, True), ({"To": B}, False),
    ({"body": "Kode surel: 00000000"}, False), ({"file": "002.docx"}, False), ({"flags": "\\Draft"}, False),
    ({"file": "=?utf-8?q?001=2Edocx?="}, True),
])  # fmt: skip
def test_a_sent_mail_is_known_by_its_code_its_recipient_and_its_attachment(
    server: Dovecot, outbox: Outbox, change: dict[str, str], found: bool
) -> None:
    (mail,) = fill(outbox)
    data = sent_by_outlook((outbox.folder / mail.file).read_bytes(), **({"To": change["To"]} if "To" in change else {}))
    data = data.replace(b"001.docx", change.get("file", "001.docx").encode())
    if "body" in change:
        data = data.replace(b"Kode surel: " + code_of(mail.message_id).encode(), change["body"].encode())
    server.add(SENT, data, flags=change.get("flags", "\\Seen"))
    assert bool(find(outbox, box(server), NOON).sent) is found
    assert states(outbox) == ["sent" if found else "draft"]


@needs_dovecot
def test_the_mail_that_replaces_another_is_not_taken_for_it(server: Dovecot, outbox: Outbox) -> None:
    old, new = fill(outbox, mails=2)
    outbox.settle(old.message_id, [A], "uncertain", "", NOON)
    outbox.connection.execute("UPDATE surel SET replaces = ? WHERE number = 2", (old.message_id,))
    data = (outbox.folder / new.file).read_bytes().replace(b"002.docx", b"001.docx")
    server.add(SENT, sent_by_outlook(data.replace(b"Surel 2.", b"Pengganti " + code_of(old.message_id).encode())))
    outbox.settle(new.message_id, [A], "sent", "", NOON)
    assert not find(outbox, box(server), NOON).sent
    assert states(outbox) == ["uncertain", "sent"]


@needs_dovecot
def test_a_copy_of_what_sopkit_sent_says_nothing_of_whom_the_server_put_off(server: Dovecot, outbox: Outbox) -> None:
    (mail,) = fill(outbox, to=(A, B))
    outbox.begin(mail.message_id, [A], NOON)
    outbox.settle(mail.message_id, [A], "uncertain", "", NOON)
    server.add(SENT, (outbox.folder / outbox.mail("1").file).read_bytes())
    find(outbox, box(server), NOON)
    assert states(outbox) == ["sent", "draft"]


@needs_dovecot
def test_a_draft_that_somebody_removed_is_laid_again_where_a_person_says_so(server: Dovecot, outbox: Outbox) -> None:
    fill(outbox)
    for there in (0, 1):
        put(outbox, box(server), NOON)
        server.clear(DRAFTS) if there else None
        visit = find(outbox, box(server), NOON)
        assert numbers(visit.missing) == [1] * there and len(server.mails(DRAFTS)) == 1 - there
        assert ("sopkit mail resolve 1 draft, lalu" in "".join(visit_lines(visit, Path("keluaran")))) == bool(there)
        assert [one.state for one in outbox.resolve("1", "draft", NOON)] == ["draft"]
        assert send(outbox, None).lying == 1
        assert numbers(put(outbox, box(server), NOON).laid) == [1] and len(server.mails(DRAFTS)) == 1


@needs_dovecot
@pytest.mark.parametrize("harm", ["untouched", "edited", "no flag", "no uidplus", "other uidvalidity"])
def test_a_replaced_draft_is_withdrawn_only_where_it_is_surely_what_was_laid(
    server: Dovecot, outbox: Outbox, harm: str
) -> None:
    old, new = fill(outbox, mails=2)
    outbox.resolve(new.message_id, "cancelled", NOON)
    put(outbox, box(server), NOON)
    ((_, data),) = server.mails(DRAFTS)
    if harm == "edited":
        server.clear(DRAFTS)
        server.add(DRAFTS, data.replace(b"Surel 1.", b"Surel satu."), flags="\\Draft")
    elif harm == "no flag":
        client = server.client()
        client.select('"Draf &- Kons&AOk-p"')
        client.store("1", "-FLAGS", "\\Draft")
        client.logout()
    elif harm == "other uidvalidity":
        outbox.connection.execute("UPDATE surel_kotak SET uidvalidity = 5")
    outbox.supersede(old.occasion, "2", NOON)
    outbox.resolve(new.message_id, "draft", NOON)
    with between(server, lambda data: data.replace(b"UIDPLUS", b"UIDLESS") if harm == "no uidplus" else data) as front:
        outbox.connection.execute("UPDATE surel_kotak SET account = ?", (box(front).name,))
        visit = put(outbox, box(front), NOON)
    assert (numbers(visit.withdrawn), numbers(visit.kept)) == (([1], []) if harm == "untouched" else ([], [1]))
    assert numbers(visit.laid) == [2]
    assert len(server.mails(DRAFTS)) == (1 if harm == "untouched" else 2)


@needs_dovecot
def test_what_lies_in_the_mailbox_is_not_sent_from_here_too(server: Dovecot, outbox: Outbox) -> None:
    fill(outbox, mails=2)
    put(outbox, box(server), NOON)
    outcome = send(outbox, None)
    assert (outcome.sent, outcome.lying) == ((), 2)
    outbox.sent_by_hand(["1"], NOON)
    assert numbers(put(outbox, box(server), NOON).withdrawn) == [1]
    outbox.resolve("2", "cancelled", NOON)
    put(outbox, box(server), NOON)
    outbox.resolve("2", "draft", NOON)
    assert not server.mails(DRAFTS) and numbers(put(outbox, box(server), NOON).laid) == [2]


@needs_dovecot
def test_an_edited_file_is_not_laid_and_a_refused_one_holds_up_nobody(server: Dovecot, outbox: Outbox) -> None:
    first, *_ = fill(outbox, mails=3)
    (outbox.folder / first.file).write_bytes(b"disunting")
    told = 0

    def answered(data: bytes) -> bytes:
        nonlocal told
        told += b"APPENDUID" in data
        return re.sub(rb"(\S+) OK \[APPENDUID[^\r]*", rb"\1 NO [OVERQUOTA] penuh", data) if told == 1 else data

    with between(server, answered) as front:
        visit = put(outbox, box(front), NOON)
    assert numbers(visit.edited) == [1] and numbers(visit.laid) == [3]
    assert [(mail.number, words) for mail, words in visit.refused] == [(2, "[OVERQUOTA] penuh")]


@needs_dovecot
def test_folders_without_marks_are_asked_for_and_remembered_never_guessed(server: Dovecot, outbox: Outbox) -> None:
    fill(outbox)
    with pytest.raises(
        UsageProblem, match=r'tidak menandai mana folder Terkirim .*"Terkirim".*sopkit mail setup --sent'
    ):
        find(outbox, box(server, PLAIN), NOON)
    asked: list[str] = []

    def choose(word: str, names: object) -> str:
        asked.append(word)
        return word

    assert numbers(put(outbox, box(server, PLAIN), NOON, choose=choose).laid) == [1]
    assert asked == ["Terkirim", "Draf"] and len(server.mails("Draf", PLAIN)) == 1
    assert remembered(box(server, PLAIN).name) == Remembered("Draf", "Terkirim")
    assert PASSWORD not in (outbox.folder.parent / "surel.json").read_text()
    assert put(outbox, box(server, PLAIN), NOON).problem is None
    remember(box(server, PLAIN).name, Remembered("Draf", "Sudah tidak ada"))
    assert isinstance(put(outbox, box(server, PLAIN), NOON).problem, UsageProblem)


@needs_dovecot
def test_gmail_with_its_names_and_extensions(server: Dovecot, outbox: Outbox) -> None:
    """Literals for names, X-GM-… in what it can and says, an attribute more in each FETCH, another Message-ID."""

    def answered(data: bytes) -> bytes:
        data = data.replace(b"SPECIAL-USE ", b"SPECIAL-USE X-GM-EXT-1 XLIST ").replace(b"LIST-EXTENDED ", b"")
        data, times = re.subn(rb'"/" "?\[Gmail\]/Surat Terkirim"?', b'"/" {22}\r\n[Gmail]/Surat Terkirim', data)
        literals.append(times)
        return re.sub(rb"FETCH \(UID", rb"FETCH (X-GM-MSGID 1278455344230334865 X-GM-LABELS (\\Sent) UID", data)

    literals: list[int] = []
    drafts, sent = FOLDERS[GMAIL]
    fill(outbox, mails=2)
    with between(server, answered) as gmail:
        mailbox = Mailbox("localhost", gmail.port, GMAIL, PASSWORD)
        assert numbers(put(outbox, mailbox, NOON).laid) == [1, 2]
        ((_, data), _) = server.mails(drafts, GMAIL)
        server.add(sent, sent_by_outlook(data, **{"Message-ID": "<CAF=x@mail.gmail.com>"}), GMAIL)
        server.clear(drafts, 1, GMAIL)
        assert numbers(put(outbox, mailbox, NOON).sent) == [1]
        outbox.sent_by_hand(["2"], NOON)
        assert numbers(put(outbox, mailbox, NOON).withdrawn) == [2]
    assert not server.mails(drafts, GMAIL) and states(outbox) == ["sent", "sent"] and any(literals)


@needs_dovecot
def test_a_token_opens_the_mailbox_and_a_wrong_one_does_not(
    server: Dovecot, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(outbox)
    monkeypatch.setenv("SOPKIT_IMAP_URL", f"imaps://{MARKED.replace('@', '%40')}@localhost:{server.port}")
    monkeypatch.setenv("SOPKIT_TOKEN_COMMAND", "echo token-yang-salah")
    with pytest.raises(MailProblem, match="menolak nama pengguna") as caught:
        find(outbox, mailbox_from(""), NOON)
    assert "token-yang" not in str(caught.value)
    monkeypatch.setenv("SOPKIT_TOKEN_COMMAND", f"echo {TOKEN}")
    mailbox = mailbox_from("")
    assert mailbox.oauth and TOKEN not in repr(mailbox)
    assert numbers(put(outbox, mailbox, NOON).laid) == [1]


@needs_dovecot
def test_what_cannot_be_trusted_or_signed_into_is_said_and_changes_nothing(
    server: Dovecot, outbox: Outbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (mail,) = fill(outbox)
    outbox.settle(mail.message_id, [A], "uncertain", "", NOON)
    server.add(SENT, (outbox.folder / outbox.mail("1").file).read_bytes())
    with pytest.raises(MailProblem, match="menolak nama pengguna"):
        find(outbox, Mailbox("localhost", server.port, MARKED, "salah"), NOON)
    with pytest.raises(MailProblem, match="tidak menjawab"):
        find(outbox, box(server), NOON, until=0.0)
    monkeypatch.setenv("SSL_CERT_FILE", str(make_authority(tmp_path / "lain").ca))
    with pytest.raises(MailProblem, match="terhubung dengan aman"):
        put(outbox, box(server), NOON)
    assert states(outbox) == ["uncertain"]


@needs_dovecot
def test_run_finds_what_went_out_before_it_makes_documents_and_says_it_in_one_line(
    server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = tmp_path / "registers" / "register-2026.xlsx"
    book.parent.mkdir()
    office_workbook(book, REGISTER, LANGKAH, PEMUSNAHAN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    url = f"imaps://{MARKED.replace('@', '%40')}:{PASSWORD}@localhost:{server.port}"
    monkeypatch.setenv("SOPKIT_IMAP_URL", url)
    remember(box(server).name, Remembered(run="put"))
    words = ["run", "--closed", "--as-of", "2026-03-20T10:00"]

    def run() -> tuple[int, list[str]]:
        told = CliRunner().invoke(sopkit, words)
        return told.exit_code, [line.strip() for line in told.output.splitlines() if "Kotak surat" in line]

    code, told = run()
    drafts = server.mails(DRAFTS)
    assert (code, told) == (0, [f"Kotak surat {MARKED}: {len(drafts)} draf diletakkan."])
    assert run() == (0, [])
    ptpp = next(place for place, (_, data) in enumerate(drafts, 1) if b"002-PTPP-III-2026" in data)
    server.add(SENT, sent_by_outlook(drafts[ptpp - 1][1]))
    server.clear(DRAFTS, ptpp)
    office_workbook(book, REGISTER.replace("Cap legalisasi pada", "Stempel legalisasi pada"), LANGKAH, PEMUSNAHAN)
    code, (line,) = run()
    assert "1 tercatat terkirim" in line and "draf lama ditarik" in line
    assert len(list((tmp_path / "keluaran" / "ptpp").glob("002*.docx"))) == 2, "the changed document is a revision"
    replaced = [data for _, data in server.mails(DRAFTS) if b"In-Reply-To" in data]
    assert len(replaced) == 1, "the new mail says that it replaces the one that went out"
    monkeypatch.setenv("SOPKIT_IMAP_URL", url.replace(PASSWORD, "salah"))
    office_workbook(book, REGISTER, LANGKAH, PEMUSNAHAN)
    code, (line,) = run()
    assert code == 0 and line.startswith("Kotak surat: Kotak surat di localhost menolak nama pengguna")


@pytest.mark.parametrize("url", ["imap://a@b", "imaps://b", "imaps://a:rahasia@b:x", "x"])
def test_only_a_whole_address_over_tls_serves(url: str) -> None:
    with pytest.raises(UsageProblem) as refused:
        mailbox_from(url)
    assert "rahasia" not in str(refused.value)


@pytest.mark.parametrize(("wire", "name"), [
    (b"[Gmail]/Surat Terkirim", "[Gmail]/Surat Terkirim"), (b"Draf &- Kons&AOk-p", "Draf & Konsép"),
    (b"&x-", "&x-"), (b"a&2D0-", "a&2D0-"), ("é".encode(), "é"), (b"\xff", "\ufffd"),
])  # fmt: skip
def test_a_folder_is_called_what_people_read(wire: bytes, name: str) -> None:
    assert folder_name(wire) == name


def test_names_of_files_as_servers_write_them() -> None:
    parts = [
        [b"attachment", [b"FILENAME", b"=?utf-8?q?PTPP_=C3=A9.docx?="]],
        [b"attachment", [b"filename*0*", b"utf-8''BA%20", b"filename*1*", b"%C3%A9.pdf"]],
        [b"text", b"html", [b"charset", b"utf-8", b"name", b"Laporan.html"]],
    ]
    assert set(files_in(list(parts))) == {"ptpp é.docx", "ba é.pdf", "laporan.html"}
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert list(files_in(deep)) == []  # type: ignore[arg-type]
