"""A real Postfix on this machine (STARTTLS by our own CA, AUTH): what arrives is opened again and compared."""

from __future__ import annotations

import email
import email.policy
import grp
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest
from mail_servers import NOON, PASSWORD, USER, Authority, make_authority
from test_mail_drafts import TEMPLATES, office, papers

from sopkit.database import FILE
from sopkit.mail.drafts import draft_mails
from sopkit.mail.outbox import Outbox
from sopkit.mail.smtp import Outcome, password_for, send, server_from

POSTFIX, SASL = shutil.which("postfix", path="/usr/sbin:/sbin"), shutil.which("saslpasswd2", path="/usr/sbin:/usr/bin")
pytestmark = [
    pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="postfix dijalankan sebagai root"),
    pytest.mark.skipif(
        not (POSTFIX and SASL) and "SOPKIT_CI" not in os.environ, reason="postfix dan saslpasswd2 belum terpasang"
    ),
]
MAIN = """
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
maillog_file = /dev/stdout
myhostname = localhost
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 192.0.2.0/24
alias_maps =
local_recipient_maps =
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_chain_files = {key}, {chain}
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = cyrus
smtpd_sasl_local_domain = contoh.go.id
message_size_limit = 300000
virtual_mailbox_domains = contoh.go.id
virtual_mailbox_base = {root}/mail
virtual_mailbox_maps = texthash:{root}/boxes
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    port: int
    mail: Path
    authority: Authority

    def arrived(self, box: str, wanted: int, patience: float = 20.0) -> list[EmailMessage]:
        """Messages in a mailbox, once there are so many."""
        until = time.monotonic() + patience
        while True:
            files = sorted((self.mail / box / "new").glob("*"))
            if len(files) >= wanted or time.monotonic() > until:
                break
            time.sleep(0.05)
        found = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
        return [message for message in found if isinstance(message, EmailMessage)]


@pytest.fixture(scope="module")
def postfix() -> Iterator[Postfix]:
    with tempfile.TemporaryDirectory(prefix="sopkit-postfix-") as folder:  # pytest's own folders are closed to postfix
        root = Path(folder)
        root.chmod(0o755)
        yield from _running(root)


def _running(root: Path) -> Iterator[Postfix]:
    authority = make_authority(root / "ca")
    port = _free_port()
    config = _configure(root, authority, port)
    assert POSTFIX
    subprocess.run([POSTFIX, "-c", config, "check"], check=True, capture_output=True)
    log = (root / "log").open("wb")
    process = subprocess.Popen([POSTFIX, "-c", config, "start-fg"], stdout=log, stderr=log)
    try:
        _await_port(port)
        yield Postfix(port, root / "mail", authority)
    finally:
        subprocess.run([POSTFIX, "-c", config, "stop"], check=False, capture_output=True)
        process.wait(20)
        log.close()


def _configure(root: Path, authority: Authority, port: int) -> Path:
    config, mail = root / "etc", root / "mail"
    sasl = config / "sasl"  # where Debian's Postfix looks
    for folder in (config, sasl, mail, root / "queue", root / "data"):
        folder.mkdir()
    shutil.chown(root / "data", "postfix")
    shutil.chown(mail, "postfix", "postfix")
    uid, gid = mail.stat().st_uid, grp.getgrnam("postfix").gr_gid
    values = {"root": root, "key": authority.key, "chain": authority.chain, "uid": uid, "gid": gid, "port": port}
    (config / "main.cf").write_text(MAIN.format(**values))
    (config / "master.cf").write_text(MASTER.format(**values))
    (root / "boxes").write_text("".join(f"{name}@contoh.go.id {name}/\n" for name in ("joko", "endah", "hartono")))
    (sasl / "smtpd.conf").write_text(
        f"pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: {sasl}/db\nmech_list: PLAIN LOGIN\n"
    )
    command = [SASL, "-p", "-c", "-f", sasl / "db", "-u", "contoh.go.id", USER.partition("@")[0]]
    subprocess.run(command, input=PASSWORD.encode(), check=True)  # type: ignore[arg-type]
    shutil.chown(sasl / "db", "postfix")
    return config


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_port(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("postfix does not listen")


def _dispatch(postfix: Postfix, output: Path, password: str = PASSWORD) -> Outcome:
    login = USER.replace("@", "%40")
    server = password_for(server_from(f"smtp+starttls://{login}@localhost:{postfix.port}"), lambda _: password)
    with Outbox(output / FILE) as outbox:
        return send(outbox, server, dry_run=False, now=lambda: NOON)


def test_the_documents_arrive_as_they_are(postfix: Postfix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(postfix.authority.ca))
    documents = papers(tmp_path)
    draft_mails(office(), documents, tmp_path / "keluaran", TEMPLATES)
    outcome = _dispatch(postfix, tmp_path / "keluaran")
    assert outcome.problem is None and {one.state for one in outcome.sent} == {"sent"}
    assert all("queued as" in one.detail for one in outcome.sent)
    (to_joko,), copies = postfix.arrived("joko", 1), postfix.arrived("hartono", 2)
    attachments = [attachment for message in copies for attachment in message.iter_attachments()]
    assert {a.get_filename(): a.get_content() for a in attachments} == {  # type: ignore[attr-defined]
        d.path.name: d.path.read_bytes() for d in documents if d.path
    }
    assert to_joko["Subject"] == "PTPP Nomor 001/PTPP/XI/2026"
    assert str(to_joko["From"]) == f"KECAMATAN SUKAMAJU <{USER}>"
    assert "with ESMTPSA" in str(to_joko["Received"])
    assert _dispatch(postfix, tmp_path / "keluaran").sent == ()


def test_postfix_refuses_an_unknown_box_a_wrong_password_and_too_large_a_mail(
    postfix: Postfix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(postfix.authority.ca))
    surel = "Dokumen | Kepada | Tembusan\nPTPP | Penanggung Jawab | Camat\n"
    documents = papers(tmp_path, numbers=[2])
    draft_mails(office(surel=surel), documents, tmp_path / "keluaran", TEMPLATES)
    assert "(535)" in str(_dispatch(postfix, tmp_path / "keluaran", "salah").problem)
    outcome = _dispatch(postfix, tmp_path / "keluaran")
    assert {one.address: one.state for one in outcome.sent} == {
        "endah@contoh.go.id": "sent", "wahyu@contoh.go.id": "refused",
    }  # fmt: skip
    assert documents[0].path
    documents[0].path.write_bytes(os.urandom(400_000))
    draft_mails(office(surel=surel), documents, tmp_path / "keluaran", TEMPLATES)
    large = _dispatch(postfix, tmp_path / "keluaran")
    assert {one.state for one in large.sent} == {"refused"}
    assert all("melebihi batas server 300000 byte" in one.detail for one in large.sent)


def test_postfix_with_a_certificate_of_another_authority_gets_nothing(
    postfix: Postfix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(make_authority(tmp_path / "lain").ca))
    draft_mails(office(), papers(tmp_path), tmp_path / "keluaran", TEMPLATES)
    outcome = _dispatch(postfix, tmp_path / "keluaran")
    assert "tidak dapat dipercaya" in str(outcome.problem) and outcome.sent == ()
