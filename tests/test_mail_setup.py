"""`mail setup`: the account into the keyring, and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from click.testing import CliRunner
from keyring.backend import KeyringBackend

from sopkit.cli.mail import _choose_folder
from sopkit.cli.main import sopkit
from sopkit.cli.options import agreed
from sopkit.errors import MailProblem, UsageProblem
from sopkit.mail.imap import mailbox_from
from sopkit.mail.settings import VARIABLE, Remembered, remembered
from sopkit.mail.setup import GMAIL, Provider, adjust, keep, provider_of
from sopkit.mail.sign_in import access_token
from sopkit.mail.smtp import password_for, server_from, smtp_url

ADDRESS, SECRET = "kecamatan.contoh@gmail.com", "abcd/efgh:@ij"


class Memory(KeyringBackend):
    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[username]


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, str]]:
    for name in ("SOPKIT_SMTP_URL", "SOPKIT_IMAP_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    before, memory = keyring.get_keyring(), Memory()
    keyring.set_keyring(memory)
    try:
        yield memory.kept
    finally:
        keyring.set_keyring(before)


def test_what_is_kept_is_what_send_and_find_use(kept: dict[str, str], tmp_path: Path) -> None:
    kept[f"{ADDRESS}@imap.gmail.com:993"] = "sandi lama"
    mailbox = keep(ADDRESS, provider_of(ADDRESS, lambda _: pytest.fail("asked")), SECRET)
    assert (mailbox.host, mailbox.user, mailbox.password) == ("imap.gmail.com", ADDRESS, SECRET)
    assert mailbox_from("") == mailbox
    server = password_for(server_from(smtp_url()))
    assert (server.host, server.sender, server.password) == ("smtp.gmail.com", ADDRESS, SECRET)
    assert not [value for name, value in kept.items() if "url" in name and SECRET in value]
    assert not list(tmp_path.iterdir()), "no file holds anything of it"


def test_an_office_on_its_own_server_is_asked(kept: dict[str, str]) -> None:
    answers = iter(["s", "mail.kab.example:587", "imap.kab.example"])
    provider = provider_of("camat@kab.example", lambda _: next(answers))
    mailbox = keep("camat@kab.example", provider, "s")
    server = server_from(smtp_url())
    assert (mailbox.host, mailbox.port, server.host, server.port) == ("imap.kab.example", 993, "mail.kab.example", 587)
    assert server.tls == "starttls" and "Zimbra" in provider.note
    assert provider_of("camat@kab.example", lambda _: "Google") is GMAIL


def test_blanks_in_a_password_are_its_own_but_for_app_passwords(kept: dict[str, str]) -> None:
    answers = iter(["s", "https://mail.kab.example/", "imap.{kab}.example"])
    own = provider_of("camat@kab.example", lambda _: next(answers))
    assert keep("camat@kab.example", own, "sandi saya 1").password == "sandi saya 1"
    assert server_from(smtp_url()).host == "mail.kab.example"
    assert keep(ADDRESS, GMAIL, "abcd efgh ijkl mnop").password == "abcdefghijklmnop"


def test_what_is_asked_is_answered_in_indonesian() -> None:
    with CliRunner().isolation("99\nx\n2\nbukan\nYa\nt\n\n\n") as (out, *_):
        assert _choose_folder("Draf", ["Konsep", "Draf"]) == "Draf"
        answers = [agreed("Tulis?"), agreed("Tulis?", enter=True), agreed("Tulis?"), agreed("Tulis?", enter=True)]
    assert answers == [True, False, False, True]
    assert b"Tulis nomor 1 sampai 2." in out.getvalue() and b"Error" not in out.getvalue()


@pytest.mark.parametrize(("address", "answers"), [
    ("kantor@outlook.com", ["echo token-uji"]), ("camat@kab.example", ["m", "echo token-uji"]),
])  # fmt: skip
def test_microsoft_is_signed_into_by_a_token_and_keeps_no_password(
    kept: dict[str, str], address: str, answers: list[str]
) -> None:
    kept[f"{address}@outlook.office365.com:993"] = "sandi lama"
    given = iter(answers)
    mailbox = keep(address, provider_of(address, lambda _: next(given)), "")
    assert (mailbox.host, mailbox.password, mailbox.oauth) == ("outlook.office365.com", "token-uji", True)
    assert mailbox_from("") == mailbox
    server = password_for(server_from(smtp_url()))
    assert (server.port, server.tls, server.password, server.oauth) == (587, "starttls", "token-uji", True)
    assert "sandi lama" not in kept.values() and "token-uji" not in kept.values()


@pytest.mark.parametrize(("command", "why"), [
    ("tidak-ada-program-ini", "tidak dapat dijalankan"), ("false", "gagal dengan kode 1"),
    ("echo a b rahasia", "satu token"),
    ("sleep 5", "tidak selesai"), ("echo 'rahasia", "tidak dapat dijalankan"),
])  # fmt: skip
@pytest.mark.skipif(os.name == "nt", reason="programs of POSIX")
def test_a_token_command_that_fails_is_said_without_what_it_said(command: str, why: str) -> None:
    with pytest.raises(MailProblem, match=why) as caught:
        access_token(command, 0.3)
    assert "rahasia" not in str(caught.value) and caught.value.__cause__ is None


def test_what_run_does_and_folders_without_marks_are_told_without_a_terminal(
    kept: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "bawah" / "surel.json"))
    account = keep(ADDRESS, GMAIL, SECRET).name
    told = CliRunner().invoke(sopkit, ["mail", "setup", "--drafts", "Konsep", "--sent", "Terkirim", "--run", "put"])
    assert (told.exit_code, remembered(account)) == (0, Remembered("Konsep", "Terkirim", "put"))
    assert told.output.strip().endswith("sopkit run juga meletakkan draf baru.")
    adjust(None, None, "no")
    assert remembered(account) == Remembered("Konsep", "Terkirim", "")
    assert SECRET not in (tmp_path / "bawah" / "surel.json").read_text("utf-8")


def test_nothing_is_kept_of_what_cannot_serve(kept: dict[str, str]) -> None:
    with pytest.raises(UsageProblem, match="tidak menerima sandi"):
        provider_of("kantor@outlook.com", lambda _: "")
    with pytest.raises(UsageProblem):
        keep(ADDRESS, Provider("smtps://{user}@", "imaps://{user}@", ""), SECRET)
    assert not kept
