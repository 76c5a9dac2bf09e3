"""kirim.html: what waits, in a browser that opens no drafts; pressed and ticked in a real one."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from browser import Browser, browsing
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from mail_servers import NOON, fill
from test_mail_drafts import TEMPLATES, office, papers

from sopkit import folders
from sopkit.cli.main import sopkit
from sopkit.clicks import clicks_in
from sopkit.database import FILE as ARCHIVE
from sopkit.errors import UsageProblem
from sopkit.mail.compose import Attachment, Letter, compose
from sopkit.mail.drafts import Drafted, draft_mails, preview
from sopkit.mail.folders import code_of
from sopkit.mail.messages import waiting_lines
from sopkit.mail.outbox import Mail, Outbox
from sopkit.mail.page import GMAIL, LONGEST_LINK, MOST_MAILS, PAGE, gmail_link, renew_page
from sopkit.mail.recipients import Recipient

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&"
CODE = "12ab34cd"
posix = pytest.mark.skipif(os.name == "nt", reason="dikendalikan melalui pipa POSIX")


def drafted(folder: Path, text: str = "isi") -> Drafted:
    output = folder / "keluaran"
    return draft_mails(office(), papers(output, text), output, TEMPLATES, now=lambda: NOON)


def text_of(folder: Path) -> str:
    return (folder / "keluaran" / PAGE).read_text("utf-8")


def put(outbox: Outbox, subject: str, text: str, name: str = "Joko", attached: str = "") -> Mail:
    """One draft with this text in the outbox."""
    to = [Recipient(name, "Staf", "joko@contoh.go.id")]
    message_id = f"<{hashlib.sha256(f'{subject}{text}'.encode()).hexdigest()[:40]}@contoh.go.id>"
    files = [Attachment(attached, b"isi")] if attached else []
    data = compose(Letter(subject, text), to, [], files, message_id)
    path = outbox.folder / "surel" / f"{code_of(message_id)}.eml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    mail = Mail(
        message_id=message_id, occasion=message_id, content="", route="Kasi", intended=(), document="PTPP",
        subject=subject, file=f"surel/{path.name}", sha256=hashlib.sha256(data).hexdigest(),
        attached=attached, office=name,
    )  # fmt: skip
    outbox.record(mail, ["joko@contoh.go.id"], [], NOON)
    return mail


class _Elements(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def links(page: str) -> list[str]:
    hrefs = [attributes.get("href") or "" for tag, attributes in _Elements(page).seen if tag == "a"]
    return [href for href in hrefs if href.startswith("https:")]


def test_each_waiting_mail_opens_in_gmail_with_all_that_the_draft_says(tmp_path: Path) -> None:
    made = drafted(tmp_path)
    assert made.page == tmp_path / "keluaran" / PAGE
    asked = [parse_qs(urlsplit(link).query) for link in links(text_of(tmp_path))]
    assert [one["su"] for one in asked] == [["PTPP Nomor 001/PTPP/XI/2026"], ["PTPP Nomor 002/PTPP/XI/2026"]]
    for one, draft in zip(asked, made.drafts, strict=True):
        assert (one["view"], one["fs"]) == (["cm"], ["1"])
        assert one["to"] == [person.address for person in draft.to]
        assert one["cc"] == [", ".join(person.address for person in draft.cc)]
        assert one["body"][0].startswith(f"Yth. {draft.to[0].titled}")
        assert one["body"][0].endswith(f"Kode surel: {draft.code}")


def test_the_same_drafts_give_the_same_page_wherever_it_lies(tmp_path: Path) -> None:
    drafted(tmp_path / "a")
    drafted(tmp_path / "b")
    page = text_of(tmp_path / "a")
    assert page == text_of(tmp_path / "b")
    assert str(tmp_path) not in page
    before = (tmp_path / "a" / "keluaran" / PAGE).stat().st_mtime_ns
    drafted(tmp_path / "a")
    assert (tmp_path / "a" / "keluaran" / PAGE).stat().st_mtime_ns == before


def test_the_cards_stand_in_the_order_of_mail_sent_with_its_numbers(tmp_path: Path) -> None:
    with Outbox(tmp_path / ARCHIVE) as outbox:
        for subject in ("PTPP 2", "BA 1", "PTPP 1"):
            put(outbox, subject, "isi")
        outbox.sent_by_hand(["2"], NOON)
        renew_page(outbox)
        listed = [line.partition(" (")[0] for line in waiting_lines(outbox.status(), tmp_path)][:-1]
    page = (tmp_path / PAGE).read_text("utf-8")
    shown = re.findall(r'class="number">(.*?)</span> <span data-part="subject">(.*?)</span>', page)
    assert [" ".join(card) for card in shown] == listed == ["1. PTPP 2", "3. PTPP 1"]


def from_the_zip(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """sopkit as if it ran from the files to click in `folder`."""
    package = folder / "site" / "sopkit"
    package.mkdir(parents=True)
    (folder / "BACA-SAYA.txt").touch()
    monkeypatch.setattr(folders, "PACKAGE", package)


def test_from_the_zip_the_page_says_what_to_click_and_how_to_get_pdfs_once_a_mail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafted(tmp_path / "kantor")
    assert "sopkit run" in text_of(tmp_path / "kantor") and 'data-home=""' in text_of(tmp_path / "kantor")
    from_the_zip(tmp_path / "kantor", monkeypatch)
    for place, home, how in (
        ("kantor", "..", ("klik dua kali “Catat surel terkirim”", "klik dua kali “Periksa register”")),
        ("lain", "../../kantor", ("seret folder keluaran ini ke atas “Catat", "seret buku kerjanya ke atas “Periksa")),
    ):
        drafted(tmp_path / place)
        page = text_of(tmp_path / place).partition("<script>")[0]
        assert f'data-home="{home}"' in page and all(words in page for words in how)
        assert "sopkit mail" not in page and "sopkit run" not in page
        assert page.count("<b>Lampiran</b> di sheet Kantor") == page.count("<article") == 2


def test_a_text_that_names_commands_is_followed_by_what_to_click(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "Lihat sopkit run, sopkit mail sent --folder x, sopkit run --closed; sopkit memeriksa."
    assert clicks_in(text) == []
    from_the_zip(tmp_path, monkeypatch)
    clicked, noted, typed = clicks_in(text)
    assert clicked == "Untuk sopkit run: klik dua kali “Periksa register”."
    assert noted == "Untuk sopkit mail sent: klik dua kali “Catat surel terkirim”."
    assert typed.startswith("Untuk sopkit run --closed: buka ")


def test_a_preview_and_an_office_without_mail_have_no_page(tmp_path: Path) -> None:
    output = tmp_path / "keluaran"
    shown = preview(office(), papers(output), output, TEMPLATES)
    assert shown.page is None
    nothing = draft_mails(office(), [], output, TEMPLATES, now=lambda: NOON)
    assert nothing.page is None
    assert not (output / PAGE).exists()


def test_what_was_noted_as_sent_is_gone_and_an_empty_page_says_so(tmp_path: Path) -> None:
    first, second = drafted(tmp_path).drafts
    runner, folder = CliRunner(), str(tmp_path / "keluaran")
    assert runner.invoke(sopkit, ["mail", "sent", first.code, "--folder", folder]).exit_code == 0
    assert first.code not in text_of(tmp_path)
    assert second.code in text_of(tmp_path)
    assert runner.invoke(sopkit, ["mail", "resolve", "2", "cancelled", folder]).exit_code == 0
    page = text_of(tmp_path)
    assert "Tidak ada surel yang menunggu." in page
    assert "script" not in {tag for tag, _ in _Elements(page).seen}
    assert not links(page)
    assert runner.invoke(sopkit, ["mail", "resolve", "2", "draft", folder]).exit_code == 0
    assert second.code in text_of(tmp_path)


def test_a_changed_document_has_its_new_mail_on_the_page(tmp_path: Path) -> None:
    old = {draft.code for draft in drafted(tmp_path).drafts}
    new = {draft.code for draft in drafted(tmp_path, "lain").drafts}
    shown = set(re.findall(r'data-code="(\w+)"', text_of(tmp_path)))
    assert shown == new
    assert not old & new


@posix
def test_the_page_is_no_more_open_than_the_register(tmp_path: Path) -> None:
    book = tmp_path / "registers" / "register-2026.xlsx"
    book.parent.mkdir()
    shutil.copy(TEMPLATES.parent / "registers" / "register-contoh.xlsx", book)
    shutil.copytree(TEMPLATES, tmp_path / "templates")
    book.chmod(0o600)
    ran = subprocess.run([sys.executable, "-m", "sopkit", "run"], cwd=tmp_path, capture_output=True, check=False)
    assert "kirim.html" in " ".join(ran.stdout.decode().split())
    path = tmp_path / "keluaran" / PAGE
    assert path.stat().st_mode & 0o077 == 0
    code = re.findall(r'data-code="(\w+)"', path.read_text("utf-8"))[0]
    subprocess.run(
        [sys.executable, "-m", "sopkit", "mail", "sent", code], cwd=tmp_path, capture_output=True, check=True
    )
    assert code not in path.read_text("utf-8")
    assert path.stat().st_mode & 0o077 == 0


def test_mails_are_named_by_number_message_id_or_code(tmp_path: Path) -> None:
    with Outbox(tmp_path / ARCHIVE) as outbox:
        one, two = fill(outbox, 2)
        for name in ("2", two.message_id, code_of(two.message_id), code_of(two.message_id).upper()):
            assert outbox.mail(name).message_id == two.message_id
        for name in ("3", code_of(two.message_id)[:7], "", "%"):
            with pytest.raises(UsageProblem, match="tidak ada"):
                outbox.mail(name)
        assert outbox.mail(code_of(one.message_id)).number == 1


def test_two_mails_of_one_code_are_told_apart_by_their_number(tmp_path: Path) -> None:
    with Outbox(tmp_path / ARCHIVE) as outbox:
        for end in "ab":
            message_id = f"<{CODE}{end * 32}@contoh.go.id>"
            outbox.record(
                Mail(
                    message_id=message_id,
                    occasion=message_id,
                    content="",
                    route="",
                    intended=(),
                    document="",
                    subject="",
                    file=f"surel/{end}.eml",
                    sha256="",
                ),
                ["a@b.id"],
                [],
                NOON,
            )
        with pytest.raises(UsageProblem, match="lebih dari satu"):
            outbox.mail(CODE)
        assert outbox.mail("2").message_id.startswith(f"<{CODE}b")


def test_values_are_text_and_never_markup(tmp_path: Path) -> None:
    with Outbox(tmp_path / ARCHIVE) as outbox:
        put(outbox, f"Subjek {EVIL}", f"Isi {EVIL}\n\x00\x1b\u202e \ud7ff", "Joko", attached="laporan.html")
        (tmp_path / "laporan.html").write_text("isi", encoding="utf-8")
        assert renew_page(outbox)
    page = (tmp_path / PAGE).read_text("utf-8")
    assert [tag for tag, _ in _Elements(page).seen if tag in ("img", "script")] == ["script"]
    for tag, attributes in _Elements(page).seen:
        assert tag not in ("link", "iframe", "object", "embed", "form", "base")
        assert not [name for name in attributes if name.startswith("on") or name in ("src", "style", "action")]
        href = attributes.get("href") or "laporan.html"
        assert href == "laporan.html" or href.startswith(GMAIL)
    assert not re.search("[\x00-\x08\x0e-\x1f\u202e]", page)


def test_the_policy_names_style_and_script_and_nothing_else(tmp_path: Path) -> None:
    drafted(tmp_path)
    page = text_of(tmp_path)
    digests = {}
    for name in ("style", "script"):
        found = re.search(rf"<{name}>(.*?)</{name}>", page, re.DOTALL)
        assert found
        digests[name] = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
    script, style = (f"{name}-src 'sha256-{digests[name]}'; " for name in ("script", "style"))
    assert f"content=\"default-src 'none'; {script}{style}base-uri 'none'; form-action 'none'\"" in page


@given(
    body=st.text(st.sampled_from('abc \n’é€😀%&=+#<"'), max_size=3000).map(
        lambda text: f"{text}\n\nKode surel: {CODE}"
    ),
    subject=st.text(st.sampled_from("a é😀"), max_size=150),
    copies=st.integers(0, 60),
)
@settings(max_examples=150, deadline=None)
def test_a_link_is_never_too_long_cuts_whole_lines_and_keeps_the_code(body: str, subject: str, copies: int) -> None:
    cc = ", ".join(f"pegawai{number}@kecamatan.contoh.go.id" for number in range(copies))
    link, left_out = gmail_link("a@contoh.go.id", cc, subject, body, CODE)
    assert len(link) <= LONGEST_LINK
    assert link.isascii()
    asked = parse_qs(urlsplit(link).query, keep_blank_values=True, errors="strict")
    assert asked["to"] == ["a@contoh.go.id"]
    assert f"Kode surel: {CODE}" in asked["body"][0]
    assert (asked["body"] == [body]) == ("Isi" not in left_out)
    if "Isi" in left_out:
        beginning = asked["body"][0].removesuffix(f"Kode surel: {CODE}").strip("\n")
        assert body.strip("\n").startswith(beginning)
    assert ("cc" in asked) == (bool(cc) and "Tembusan" not in left_out)


def test_an_office_template_without_the_code_gets_it_here_so_that_find_knows_it(tmp_path: Path) -> None:
    with Outbox(tmp_path / ARCHIVE) as outbox:
        mail = put(outbox, "Subjek", "Isi saja.\n")
        renew_page(outbox)
    (link,) = links((tmp_path / PAGE).read_text("utf-8"))
    assert parse_qs(urlsplit(link).query)["body"] == [f"Isi saja.\n\nKode surel: {code_of(mail.message_id)}"]


def test_a_draft_that_is_gone_or_spoilt_is_still_named(tmp_path: Path) -> None:
    with Outbox(tmp_path / ARCHIVE) as outbox:
        gone, spoilt = put(outbox, "Satu", "Isi\n"), put(outbox, "Dua", "Isi lain\n")
        (tmp_path / gone.file).unlink()
        (tmp_path / spoilt.file).write_bytes(
            b"\xff\x00To: \xff\r\nContent-Type: text/plain; charset=x-tiada\r\n\r\n\xff"
        )
        renew_page(outbox)
    page = (tmp_path / PAGE).read_text("utf-8")
    assert f"({gone.file}) tidak dapat dibaca" in page
    assert [parse_qs(urlsplit(link).query)["to"] for link in links(page)] == [["joko@contoh.go.id"]] * 2


def test_who_has_it_already_is_not_addressed_again(tmp_path: Path) -> None:
    with Outbox(tmp_path / ARCHIVE) as outbox:
        (mail,) = fill(outbox, to=("a@contoh.go.id", "b@contoh.go.id", "c@contoh.go.id"))
        outbox.begin(mail.message_id, ["a@contoh.go.id"], NOON)
        outbox.settle(mail.message_id, ["a@contoh.go.id"], "sent", "250", NOON)
        outbox.settle(mail.message_id, ["b@contoh.go.id"], "refused", "550 tidak dikenal", NOON)
        renew_page(outbox)
    page = (tmp_path / PAGE).read_text("utf-8")
    (link,) = links(page)
    assert parse_qs(urlsplit(link).query)["to"] == ["b@contoh.go.id, c@contoh.go.id"]
    assert "Sudah dikirim kepada a@contoh.go.id" in page
    assert "Server menolak b@contoh.go.id (550 tidak dikenal)." in page


def test_more_mails_than_a_page_opens_are_counted(tmp_path: Path) -> None:
    with Outbox(tmp_path / ARCHIVE) as outbox:
        fill(outbox, MOST_MAILS + 3)
        renew_page(outbox)
    page = (tmp_path / PAGE).read_text("utf-8")
    assert page.count("<article") == MOST_MAILS
    assert "3 surel lain belum ditampilkan" in page


@pytest.fixture(scope="module")
def browser(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsing(chromium, tmp_path_factory.mktemp("peramban")) as opened:
        yield opened


def button(words: str, place: int = 0) -> str:
    buttons = f"[...document.querySelectorAll('article')[{place}].querySelectorAll('button')]"
    return f"{buttons}.find(each => each.textContent == {words!r})"


@posix
def test_every_button_copies_what_it_says(tmp_path: Path, browser: Browser) -> None:
    drafts = drafted(tmp_path / "kantor kami").drafts
    browser.seen.clear()
    browser.show(tmp_path / "kantor kami" / "keluaran" / PAGE)
    path = tmp_path / "kantor kami" / "keluaran" / "ptpp" / "002-PTPP-XI-2026.docx"
    expected = {
        "Kepada": drafts[1].to[0].address,
        "Tembusan": drafts[1].cc[0].address,
        "Judul": "PTPP Nomor 002/PTPP/XI/2026",
        "Salin letaknya": str(path),
    }
    for words, text in expected.items():
        browser.press(button(words, 1))
        browser.until(f"document.querySelectorAll('.copy .told')[1].textContent == 'Tersalin: {words}'")
        assert browser.clipboard() == text
    browser.press(button("Isi", 1))
    browser.until("document.querySelectorAll('.copy .told')[1].textContent == 'Tersalin: Isi'")
    assert browser.clipboard().startswith(f"Yth. {drafts[1].to[0].titled}\ndi tempat\n\n")
    assert browser.clipboard().endswith(f"Kode surel: {drafts[1].code}")
    browser.press(button("Teks WhatsApp", 1))
    browser.until("document.querySelectorAll('.copy .told')[1].textContent == 'Tersalin: Teks WhatsApp'")
    assert "Bersama ini kami teruskan PTPP Nomor 002/PTPP/XI/2026." in browser.clipboard()
    assert browser.seen == []


@posix
def test_ticks_are_remembered_and_become_one_command_that_works(tmp_path: Path, browser: Browser) -> None:
    first, second = drafted(tmp_path / "kantor 'kami'").drafts
    output = tmp_path / "kantor 'kami'" / "keluaran"
    browser.seen.clear()
    browser.show(output / PAGE)
    assert browser.ask("document.querySelector('.doing').hidden")
    browser.press("document.querySelectorAll('.tick input')[1]")
    browser.until("!document.querySelector('.doing').hidden")
    time.sleep(1)  # as a clerk: a page that is left within milliseconds takes its last tick along
    for _ in range(50):  # Chromium writes localStorage when it comes to it: a busy machine may show the page before
        browser.show(output / PAGE, 390)
        if browser.ask("document.querySelectorAll('.tick input')[1].checked"):
            break
        time.sleep(0.1)
    assert browser.ask("document.querySelectorAll('.tick input')[1].checked")
    assert not browser.ask("document.querySelectorAll('.tick input')[0].checked")
    assert browser.ask(f"localStorage.getItem('sopkit-kirim:{second.message_id}')")
    browser.press("document.querySelector('[data-do=command]')")
    browser.until("document.querySelector('.noting .told').textContent == 'Tersalin'")
    assert browser.clipboard().startswith("sopkit mail sent --folder '/")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    ran = subprocess.run(["sh", "-c", browser.clipboard()], env=environment, capture_output=True, check=True)
    assert b"PTPP Nomor 002/PTPP/XI/2026: tercatat terkirim" in ran.stdout
    browser.show(output / PAGE)
    assert browser.ask("document.querySelectorAll('article').length") == 1
    assert browser.ask(f"localStorage.getItem('sopkit-kirim:{second.message_id}')") is None
    assert first.code in text_of(output.parent)
    assert browser.seen == []


@posix
def test_the_downloaded_file_notes_what_was_ticked(tmp_path: Path, chromium: str) -> None:
    drafts = drafted(tmp_path / "kantor").drafts
    with browsing(chromium, tmp_path / "unduhan") as browser:
        browser.show(tmp_path / "kantor" / "keluaran" / PAGE)
        for place in range(2):
            browser.press(f"document.querySelectorAll('.tick input')[{place}]")
        browser.press("document.querySelector('[data-do=file]')")
        browser.until("document.querySelector('.noting .told').textContent == 'Terunduh: Catat surel terkirim.sh'")
        loaded = tmp_path / "unduhan" / "Catat surel terkirim.sh"
        while not loaded.is_file():
            browser.ask("1")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    bundled = tmp_path / "kantor" / "sopkit.sh"  # of the ZIP: it is run rather than what is installed
    bundled.write_text('echo dari ZIP\nexec sopkit "$@"\n')
    ran = subprocess.run(["sh", str(loaded)], env=environment, capture_output=True, check=True)
    assert ran.stdout.startswith(b"dari ZIP\n") and b"2 surel dicatat terkirim." in ran.stdout
    bundled.unlink()
    again = subprocess.run(["sh", str(loaded)], env=environment, capture_output=True, check=True)
    assert b"tidak menunggu pengiriman" in again.stderr and b"Belum tercatat." in again.stdout
    assert all(draft.code not in text_of(tmp_path / "kantor") for draft in drafts)
    (tmp_path / "kantor" / "sopkit.sh").write_text("echo dari ZIP: $*\n", encoding="utf-8")
    ran = subprocess.run(["sh", str(loaded)], env=environment, capture_output=True, check=True)
    assert ran.stdout.startswith(b"dari ZIP: mail sent --folder . ")


@posix
def test_on_windows_the_command_names_its_folder_and_the_file_takes_any_name(tmp_path: Path, chromium: str) -> None:
    """The page's script as it would be at C:\\Kantor & 100% (kita)\\keluaran; the file's lines are those of cmd.exe."""
    draft = drafted(tmp_path).drafts[0]
    there = "{protocol: 'file:', host: '', pathname: '/C:/Kantor%20%26%20100%25%20(kita)/keluaran/kirim.html'}"
    page = re.sub(r"<meta http-equiv[^>]*>", "", text_of(tmp_path)).replace("folderOf(location)", f"folderOf({there})")
    (tmp_path / "halaman.html").write_text(page, encoding="utf-8")
    with browsing(chromium, tmp_path / "unduhan") as browser:
        browser.show(tmp_path / "halaman.html")
        browser.press("document.querySelector('.tick input')")
        command = browser.ask("document.querySelector('.command').textContent")
        assert command == f'sopkit mail sent --folder "C:\\Kantor & 100% (kita)\\keluaran" {draft.code}'
        place = browser.ask("document.querySelector('[data-part=file]').textContent")
        assert place == "C:\\Kantor & 100% (kita)\\keluaran\\ptpp\\001-PTPP-XI-2026.docx"
        browser.press("document.querySelector('[data-do=file]')")
        loaded = tmp_path / "unduhan" / "Catat surel terkirim.bat"
        browser.until("document.querySelector('.noting .told').textContent == 'Terunduh: Catat surel terkirim.bat'")
        while not loaded.is_file():
            browser.ask("1")
    lines = loaded.read_bytes().decode("ascii").split("\r\n")
    assert not [line for line in lines if "\n" in line]
    assert 'pushd "C:\\Kantor & 100%% (kita)\\keluaran"' in lines
    assert f'"%PYTHON%" -m sopkit mail sent --folder . {draft.code}' in lines
    labels = {line for line in lines if line.startswith(":")}
    assert (
        labels == {line.split("goto ")[1] for line in lines if "goto " in line} == {":nofolder", ":installed", ":ended"}
    )


@posix
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, False), (390, True)])
def test_the_page_fits_and_axe_finds_nothing(
    tmp_path: Path, browser: Browser, axe: str, width: int, dark: bool
) -> None:
    drafted(tmp_path)
    browser.seen.clear()
    browser.show(tmp_path / "keluaran" / PAGE, width, dark=dark)
    browser.press("document.querySelector('.tick label')")
    browser.ask("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert browser.ask("document.documentElement.scrollWidth") <= width
    assert browser.ask("matchMedia('(prefers-color-scheme: dark)').matches") == dark
    browser.ask(axe)
    found = browser.ask(
        "axe.run(document).then(r => JSON.stringify([r.passes.length, r.violations.map(v => [v.id, v.help,"
        " v.nodes.map(n => n.html.slice(0, 200))])]))"
    )
    passes, violations = json.loads(unescape(found))
    assert passes > 20
    assert violations == []
    assert browser.seen == []
