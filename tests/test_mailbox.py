"""Uncertain mails looked up in a real Dovecot on this machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from mail_servers import NOON, PASSWORD, Authority, fill, make_authority

from sopkit.errors import MailProblem, UsageProblem
from sopkit.mail.mailbox import look_up, mailbox_from
from sopkit.mail.outbox import Outbox

DOVECOT = shutil.which("dovecot", path="/usr/sbin:/sbin")
needs_dovecot = pytest.mark.skipif(
    os.name == "nt" or os.geteuid() != 0 or (not DOVECOT and "SOPKIT_CI" not in os.environ),
    reason="dovecot belum terpasang, atau bukan root",
)
CONFIG = """
base_dir = {root}/run
state_dir = {root}/run
log_path = {root}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{chain}
ssl_key = <{key}
mail_location = maildir:{root}/mail
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={root}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
  }}
}}
namespace inbox {{
  inbox = yes
  mailbox "Surat Keluar" {{
    auto = create
    special_use = \\Sent
  }}
}}
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("imap"))


@pytest.fixture(scope="module")
def dovecot(authority: Authority) -> Iterator[tuple[int, Path]]:
    with tempfile.TemporaryDirectory(prefix="sopkit-dovecot-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        root.chmod(0o755)
        for name in ("mail", "home"):
            (root / name).mkdir()
            shutil.chown(root / name, "mail", "mail")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        values = {"root": root, "chain": authority.chain, "key": authority.key, "password": PASSWORD, "port": port}
        (root / "dovecot.conf").write_text(CONFIG.format(**values))
        assert DOVECOT
        process = subprocess.Popen([DOVECOT, "-F", "-c", root / "dovecot.conf"])
        try:
            _await(port)
            yield port, root / "mail" / ".Surat Keluar"
        finally:
            process.terminate()
            process.wait(20)


def _await(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("dovecot does not listen")


@needs_dovecot
def test_what_stands_in_the_sent_mailbox_was_sent_and_the_rest_stays_uncertain(
    dovecot: tuple[int, Path], authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, sent = dovecot
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca))
    monkeypatch.setenv("SOPKIT_IMAP_URL", f"imaps://petugas@localhost:{port}")
    mailbox = mailbox_from("", lambda _: PASSWORD)
    assert PASSWORD not in repr(mailbox)
    with Outbox(tmp_path / "arsip.sqlite3") as outbox:
        first, second = fill(outbox, mails=2)
        for mail in (first, second):
            outbox.settle(mail.message_id, ["a@contoh.go.id"], "uncertain", "", NOON)
        assert len(look_up(outbox, mailbox, NOON)) == 2
        target = sent / "new" / "1.arrived"
        shutil.copyfile(tmp_path / outbox.mail(first.message_id).file, target)
        shutil.chown(target, "mail", "mail")
        (still,) = look_up(outbox, mailbox, NOON)
        assert still.mail.message_id == second.message_id
        assert [delivery.state for delivery in outbox.status()] == ["sent", "uncertain"]
        with pytest.raises(MailProblem, match="menolak nama pengguna"):
            look_up(outbox, mailbox_from("", lambda _: "salah"), NOON)
        monkeypatch.setenv("SSL_CERT_FILE", str(make_authority(tmp_path / "lain").ca))
        with pytest.raises(MailProblem, match="terhubung dengan aman"):
            look_up(outbox, mailbox, NOON)
        assert [delivery.state for delivery in outbox.status()] == ["sent", "uncertain"]


@pytest.mark.parametrize("url", ["imap://a@b", "imaps://b", "imaps://a:rahasia@b:x", "x"])
def test_only_a_whole_address_over_tls_serves(url: str) -> None:
    with pytest.raises(UsageProblem) as refused:
        mailbox_from(url)
    assert "rahasia" not in str(refused.value)
