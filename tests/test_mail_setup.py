"""`mail setup`: the account into the keyring, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from sopkit.errors import UsageProblem
from sopkit.mail.mailbox import mailbox_from
from sopkit.mail.setup import GMAIL, Provider, keep, provider_of
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
    answers = iter(["t", "mail.kab.example", "imap.kab.example"])
    provider = provider_of("camat@kab.example", lambda _: next(answers))
    mailbox = keep("camat@kab.example", provider, "s")
    assert (mailbox.host, server_from(smtp_url()).host) == ("imap.kab.example", "mail.kab.example")
    assert provider_of("camat@kab.example", lambda _: "ya") is GMAIL


def test_nothing_is_kept_of_what_cannot_serve(kept: dict[str, str]) -> None:
    with pytest.raises(UsageProblem, match="tidak menerima sandi"):
        provider_of("kantor@outlook.com", lambda _: "")
    with pytest.raises(UsageProblem):
        keep(ADDRESS, Provider("smtps://{user}@", "imaps://{user}@", ""), SECRET)
    assert not kept
