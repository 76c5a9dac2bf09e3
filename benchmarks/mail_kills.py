"""Kill the sender again and again while the server holds back its 250: nothing may arrive twice, nothing be lost.

    uv run python benchmarks/mail_kills.py [KILLS] [SEED]

A real SMTP server on this machine keeps what it accepted and answers late. A process that sends is killed (SIGKILL) at
a random moment and started again, until it has been killed so often; then one is let finish. What arrived is compared
with what the outbox says. Peers in the same run: the same loop with "sent" recorded only after the 250.
"""

from __future__ import annotations

import collections
import email
import email.policy
import random
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from mail_servers import Script, fill, smtp_server

from sopkit.mail.outbox import Outbox

DELAY = 0.12  # seconds before the 250
RECIPIENTS = ("a@contoh.go.id", "b@contoh.go.id")
SENDER = """
    import sys, pathlib
    from sopkit.mail.outbox import Outbox
    from sopkit.mail.smtp import send, server_from
    with Outbox(pathlib.Path(sys.argv[1])) as outbox:
        send(outbox, server_from(sys.argv[2]), dry_run=False)
"""
NAIVE = """
    import pathlib, smtplib, sqlite3, sys
    box = pathlib.Path(sys.argv[1]).parent
    db = sqlite3.connect(box / "naive.sqlite3", isolation_level=None)
    db.execute("CREATE TABLE IF NOT EXISTS sent (file TEXT)")
    done = {row[0] for row in db.execute("SELECT file FROM sent")}
    port = int(sys.argv[2].rpartition(":")[2].partition("?")[0])
    smtp = smtplib.SMTP("127.0.0.1", port)
    for file in sorted((box / "surel").glob("*.eml")):
        if file.name not in done:
            smtp.sendmail("x@contoh.go.id", ["a@contoh.go.id", "b@contoh.go.id"], file.read_bytes())
            db.execute("INSERT INTO sent VALUES (?)", (file.name,))
"""
Counts = collections.Counter[tuple[str, str]]


def main(kills: int, seed: int) -> None:
    for name, code in (("sopkit", SENDER), ("sent only after the 250", NAIVE)):
        random.seed(seed)
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            done, arrived, outbox = drive(code, Path(folder) / "keluaran" / "arsip.sqlite3", kills)
            duplicates = sum(count - 1 for count in arrived.values() if count > 1)
            print(f"{name}: {done} kills in {time.monotonic() - began:.0f} s, {len(arrived)} deliveries arrived, "
                  f"{duplicates} duplicates")  # fmt: skip
            if code is SENDER:
                report(outbox, arrived)
            outbox.close()


def drive(code: str, path: Path, kills: int) -> tuple[int, Counts, Outbox]:
    """Send with `code` until killed so often, then to the end; what arrived, and the outbox."""
    arrived: Counts = collections.Counter()
    script = Script(delay=DELAY)
    mails = int(kills * 1.6) + 10
    with Outbox(path) as outbox:
        fill(outbox, mails=mails, to=RECIPIENTS)
    with smtp_server(script) as port:
        command = [
            sys.executable,
            "-c",
            textwrap.dedent(code),
            str(path),
            f"smtp://127.0.0.1:{port}?from=x@contoh.go.id",
        ]
        done = 0
        while done < kills:
            before = len(script.accepted)
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while len(script.accepted) == before and process.poll() is None:
                time.sleep(0.002)
            time.sleep(random.uniform(0, DELAY * 1.5))
            if process.poll() is not None:
                break
            process.kill()
            process.wait()
            done += 1
        subprocess.run(command, check=True)
        time.sleep(DELAY * 2)
    for recipients, data in script.accepted:
        identity = email.message_from_bytes(data, policy=email.policy.default)["Message-ID"]
        arrived.update((str(identity), recipient) for recipient in recipients)
    return done, arrived, Outbox(path)


def report(outbox: Outbox, arrived: Counts) -> None:
    """Every recipient of every mail must be accounted for by its state."""
    states = collections.Counter(delivery.state for delivery in outbox.status())
    said = {(d.mail.message_id, d.address): d.state for d in outbox.status()}
    lost = [key for key, state in said.items() if state == "sent" and key not in arrived]
    unlisted = [key for key in arrived if said[key] not in ("sent", "uncertain")]
    really = sum(1 for key, state in said.items() if state == "uncertain" and key in arrived)
    print(f"  states {dict(states)}; said sent but not there: {len(lost)}; there but not listed: {len(unlisted)}; "
          f"of the uncertain {really} had arrived")  # fmt: skip
    if lost or unlisted or any(count > 1 for count in arrived.values()):
        sys.exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300, int(sys.argv[2]) if len(sys.argv) > 2 else 1)
