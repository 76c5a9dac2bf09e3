"""A real Dovecot on this machine, and what stands between it and sopkit where a server is to have other habits."""

from __future__ import annotations

import base64
import contextlib
import http.server
import imaplib
import json
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mail_servers import PASSWORD, Authority

PROGRAM = shutil.which("dovecot", path="/usr/sbin:/sbin")
USABLE = os.name != "nt" and os.geteuid() == 0 and (PROGRAM is not None or "SOPKIT_CI" in os.environ)
MARKED, PLAIN, GMAIL = "petugas@contoh.go.id", "polos@contoh.go.id", "kecamatan@gmail.com"
FOLDERS = {
    MARKED: ("Draf & Konsép", "Surat Keluar"),
    PLAIN: ("Draf", "Terkirim"),
    GMAIL: ("[Gmail]/Draf", "[Gmail]/Surat Terkirim"),
}
"""User -> the folders of drafts and of sent mail; those of `PLAIN` bear no mark of the server."""
TOKEN = "ya29.token-uji-0123456789"
CONFIG = """
base_dir = {root}/run
state_dir = {root}/run
log_path = {root}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{chain}
ssl_key = <{key}
mail_location = maildir:{root}/mail/%u
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
auth_mechanisms = plain login xoauth2
auth_failure_delay = 0
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {root}/token.conf
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={root}/home/%u allow_all_users=yes
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
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox "Draf & Konsép" {{
    special_use = \\Drafts
  }}
  mailbox "Surat Keluar" {{
    special_use = \\Sent
  }}
  mailbox "[Gmail]/Draf" {{
    special_use = \\Drafts
  }}
  mailbox "[Gmail]/Surat Terkirim" {{
    special_use = \\Sent
  }}
}}
"""


class _Tokens(http.server.BaseHTTPRequestHandler):
    """Says whose token it is."""

    def do_GET(self) -> None:
        right = self.headers.get("Authorization", "") == f"Bearer {TOKEN}"
        body = json.dumps({"email": MARKED, "active": True} if right else {"active": False}).encode()
        self.send_response(200 if right else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: pytest's output is no place for it."""


@dataclass(frozen=True)
class Dovecot:
    port: int
    authority: Authority

    def client(self, user: str = MARKED) -> imaplib.IMAP4_SSL:
        """A mail program of the clerk's, signed in."""
        context = ssl.create_default_context(cafile=str(self.authority.ca))
        client = imaplib.IMAP4_SSL("localhost", self.port, ssl_context=context, timeout=20)
        client.login(user, PASSWORD)
        return client

    def empty(self, user: str = MARKED) -> None:
        """The user's two folders, there and with nothing in them."""
        client = self.client(user)
        for name in FOLDERS[user]:
            client.create(wire(name))
            if int(client.select(wire(name))[1][0] or 0):
                client.store("1:*", "+FLAGS", "\\Deleted")
                client.expunge()
        client.logout()

    def mails(self, folder: str, user: str = MARKED) -> list[tuple[str, bytes]]:
        """Flags and bytes of each mail in a folder."""
        client = self.client(user)
        there = int(client.select(wire(folder), readonly=True)[1][0] or 0)
        found = client.fetch("1:*", "(FLAGS BODY.PEEK[])")[1] if there else []
        client.logout()
        pairs = [one for one in found if isinstance(one, tuple)]
        return [(one[0].decode().partition("FLAGS (")[2].partition(")")[0], one[1]) for one in pairs]

    def add(self, folder: str, message: bytes, user: str = MARKED, flags: str = "\\Seen") -> None:
        client = self.client(user)
        assert client.append(wire(folder), f"({flags})", "", message)[0] == "OK"
        client.logout()

    def clear(self, folder: str, number: int = 1, user: str = MARKED) -> None:
        """The clerk's program removes one mail."""
        client = self.client(user)
        client.select(wire(folder))
        client.store(str(number), "+FLAGS", "\\Deleted")
        client.expunge()
        client.logout()


def wire(name: str) -> str:
    """A name of a folder as it is quoted in a command."""
    coded = name.replace("&", "&-")
    for letter in {one for one in coded if not one.isascii()}:
        inner = base64.b64encode(letter.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
        coded = coded.replace(letter, f"&{inner}-")
    return '"' + coded.replace("\\", "\\\\").replace('"', '\\"') + '"'


@contextlib.contextmanager
def dovecot(authority: Authority) -> Iterator[Dovecot]:
    """With the folders of `FOLDERS`, empty; it takes `PASSWORD` of everybody, and `TOKEN` of `MARKED`."""
    tokens = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Tokens)
    threading.Thread(target=tokens.serve_forever, daemon=True).start()
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
        (root / "dovecot.conf").write_text(CONFIG.format(**values), "utf-8")
        place = f"http://127.0.0.1:{tokens.server_port}/"
        (root / "token.conf").write_text(
            f"introspection_url = {place}\nintrospection_mode = auth\nusername_attribute = email\n"
            "active_attribute = active\nactive_value = true\n"
        )
        assert PROGRAM
        process = subprocess.Popen([PROGRAM, "-F", "-c", root / "dovecot.conf"])
        try:
            _await(port)
            server = Dovecot(port, authority)
            for user in FOLDERS:
                server.empty(user)
            yield server
        finally:
            process.terminate()
            process.wait(20)
            tokens.shutdown()


def _await(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("dovecot does not listen")


Rewrite = Callable[[bytes], bytes | None]
"""What becomes of bytes on their way; None cuts the connection there."""


@contextlib.contextmanager
def between(
    server: Dovecot, answered: Rewrite = lambda data: data, asked: Rewrite = lambda data: data
) -> Iterator[Dovecot]:
    """A server that speaks as Dovecot does, but for what these make of its answers and of what it is asked."""
    front = server.authority.context()
    back = ssl.create_default_context(cafile=str(server.authority.ca))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(30)

        def serve() -> None:
            while True:
                try:
                    raw = listening.accept()[0]
                except OSError:
                    return
                with contextlib.suppress(OSError):
                    client = front.wrap_socket(raw, server_side=True)
                    far = back.wrap_socket(
                        socket.create_connection(("127.0.0.1", server.port)), server_hostname="localhost"
                    )
                    for source, target, rewrite in ((client, far, asked), (far, client, answered)):
                        threading.Thread(target=_carry, args=(source, target, rewrite), daemon=True).start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield Dovecot(listening.getsockname()[1], server.authority)


def _carry(source: ssl.SSLSocket, target: ssl.SSLSocket, rewrite: Rewrite) -> None:
    with contextlib.suppress(OSError, ValueError):
        while (data := source.recv(1 << 16)) and (changed := rewrite(data)) is not None:
            target.sendall(changed)
    for one in (source, target):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
            one.close()
