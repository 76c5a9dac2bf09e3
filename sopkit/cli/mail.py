"""The commands of `sopkit mail`."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sopkit.cli.click_indonesian import Group, Option
from sopkit.cli.options import (
    AS_OF,
    BOOK,
    CLOSED,
    FOLDER,
    MAIL,
    OUTPUT,
    PATH,
    REPORT,
    SOP_FILE,
    TEMPLATES,
    agreed,
    chosen,
    is_terminal,
    moment_of,
    output_folder,
    say,
    takes,
    with_archive,
)

if TYPE_CHECKING:
    from sopkit.mail.visit import Visit

ALLOW = click.option("--allow", metavar="ALAMAT", multiple=True, help="Alamat atau domain lain yang boleh dituju.")


DAILY = ("status", "preview", "draft", "put", "sent", "find", "resolve", "send", "pause", "resume", "setup")
"""The commands in the order in which a mail passes them."""


@click.group(cls=Group, daily=DAILY)
def mail() -> None:
    """Surel: draf, pratinjau, kirim, dan keadaan pengiriman."""


@mail.command("draft")
@takes(BOOK, AS_OF, SOP_FILE, TEMPLATES, OUTPUT, ALLOW, CLOSED, REPORT)
def mail_draft(
    book: Path | None,
    as_of: str | None,
    sop_file: Path | None,
    templates: Path | None,
    output: Path | None,
    allow: tuple[str, ...],
    closed: bool,
    report: bool,
) -> None:
    """Membuat draf surel (.eml) dari dokumen terbaru; tidak mengirim apa pun."""
    _draft(book, as_of, sop_file, templates, output, allow, closed, report, preview=False)


@mail.command("preview")
@takes(BOOK, AS_OF, SOP_FILE, TEMPLATES, OUTPUT, ALLOW, CLOSED, REPORT)
def mail_preview(
    book: Path | None,
    as_of: str | None,
    sop_file: Path | None,
    templates: Path | None,
    output: Path | None,
    allow: tuple[str, ...],
    closed: bool,
    report: bool,
) -> None:
    """Menampilkan surel apa yang akan dibuat dan untuk siapa, tanpa membuatnya."""
    _draft(book, as_of, sop_file, templates, output, allow, closed, report, preview=True)


def _draft(
    book: Path | None,
    as_of: str | None,
    sop_file: Path | None,
    templates: Path | None,
    output: Path | None,
    allow: tuple[str, ...],
    closed: bool,
    report: bool,
    *,
    preview: bool,
) -> None:
    from sopkit.mail.messages import drafted_lines
    from sopkit.pipeline import RunOptions, draft_book, inspect_cases
    from sopkit.reports.console import make_console

    options = RunOptions(output, templates, closed=closed, report=report)
    attention = False
    for path in chosen([book] if book else [], moment_of(as_of)):
        inspected = inspect_cases(path, moment_of(as_of), sop_file)
        place, drafted = draft_book(inspected, make_console(sys.stdout), options, preview=preview, allow=allow)
        say(drafted_lines(drafted, place.output, preview=preview))
        attention = attention or drafted.needs_attention
    if attention:
        sys.exit(MAIL)


@mail.command("send")
@FOLDER
@click.option("--send", "really", is_flag=True, help="Benar-benar kirim; tanpa ini hanya ditampilkan.")
@click.option("--max", "limit", cls=Option, type=click.IntRange(1), metavar="N", help="Paling banyak sekian surel.")
@click.option(
    "--per-minute", cls=Option, type=click.FloatRange(0, min_open=True), metavar="N", help="Paling banyak tiap menit."
)
@click.option("--now", "impatient", is_flag=True, help="Jangan menunggu waktu coba lagi.")
@click.option("--sender", metavar="ALAMAT", default="", help="Alamat pengirim.")
def mail_send(
    folder: Path, really: bool, limit: int | None, per_minute: float | None, impatient: bool, sender: str
) -> None:
    """Mengirim draf melalui SMTP. Tanpa --send hanya menampilkan yang akan dikirim.

    Server dibaca dari SOPKIT_SMTP_URL atau keyring; sandi dari keyring atau ditanyakan.
    """
    from sopkit.mail import smtp
    from sopkit.mail.messages import sent_lines
    from sopkit.mail.outbox import Outbox
    from sopkit.mail.page import renew_page

    server = None
    if really:
        server = smtp.password_for(smtp.server_from(smtp.smtp_url(), sender), _ask_password)
    with Outbox(_outbox_file(folder)) as outbox:
        outcome = smtp.send(outbox, server, dry_run=not really, limit=limit, per_minute=per_minute, impatient=impatient)
        if really:
            renew_page(outbox)
    say(sent_lines(outcome, dry_run=not really))
    if outcome.needs_attention:
        sys.exit(MAIL)


@mail.command("status")
@FOLDER
def mail_status(folder: Path) -> None:
    """Menampilkan keadaan setiap surel bagi setiap penerima."""
    from sopkit.mail.messages import needs_attention, status_lines
    from sopkit.mail.outbox import Outbox

    with Outbox(_outbox_file(folder)) as outbox:
        deliveries = outbox.status()
    say(status_lines(deliveries))
    if needs_attention(deliveries):
        sys.exit(MAIL)


@mail.command("resolve")
@click.argument("number", metavar="NOMOR")
@click.argument("state", metavar="KEADAAN", type=click.Choice(["sent", "draft", "cancelled"]))
@FOLDER
@click.option("--address", metavar="ALAMAT", help="Hanya untuk penerima ini.")
def mail_resolve(number: str, state: str, folder: Path, address: str | None) -> None:
    """Memutuskan surel: sent (sudah sampai), draft (kirim lagi), cancelled (jangan kirim).

    NOMOR menurut `sopkit mail status`; all untuk semuanya, closed untuk draf kasus yang sudah ditutup.
    """
    import datetime as dt

    from sopkit.mail.messages import status_lines
    from sopkit.mail.outbox import Outbox
    from sopkit.mail.page import renew_page

    with Outbox(_outbox_file(folder)) as outbox:
        say(status_lines(outbox.resolve(number, state, dt.datetime.now(), address)))
        renew_page(outbox)


@mail.command("sent")
@click.argument("numbers", metavar="[NOMOR]...", nargs=-1)
@click.option("--folder", metavar="FOLDER", default=output_folder, type=PATH, help="Folder keluaran; bawaan: keluaran.")
def mail_sent(numbers: Sequence[str], folder: Path) -> None:
    """Mencatat surel yang sudah dikirim dari Outlook atau program lain.

    NOMOR menurut `sopkit mail status`, Kode surel, atau all untuk semua draf.
    Tanpa NOMOR hanya menampilkan yang menunggu.
    """
    import datetime as dt

    from sopkit.mail.messages import noted_lines, waiting_lines
    from sopkit.mail.outbox import Outbox
    from sopkit.mail.page import renew_page

    with Outbox(_outbox_file(folder)) as outbox:
        if numbers:
            say(noted_lines(outbox.sent_by_hand(numbers, dt.datetime.now())))
            renew_page(outbox)
        else:
            say(waiting_lines(outbox.status(), folder))


@mail.command("put")
@FOLDER
def mail_put(folder: Path) -> None:
    """Meletakkan draf di Draf kotak surat kantor (IMAP), sekali tiap surel.

    Tidak mengirim apa pun: periksa dan kirim dari kotak surat itu. Yang sudah dikirim dari sana dicatat terkirim;
    draf yang tidak berlaku lagi ditarik bila belum Anda ubah.
    Akun disimpan dengan sopkit mail setup, atau SOPKIT_IMAP_URL.
    """
    from sopkit.mail.mailbox import put

    _visit(folder, put)


@mail.command("find")
@FOLDER
def mail_find(folder: Path) -> None:
    """Mencari yang sudah dikirim di Terkirim kotak surat kantor (IMAP), lalu mencatatnya.

    Dikenali dari Message-ID, atau dari Kode surel bersama penerima dan lampirannya.
    Akun disimpan dengan sopkit mail setup, atau SOPKIT_IMAP_URL.
    """
    from sopkit.mail.mailbox import find

    _visit(folder, find)


def _visit(folder: Path, work: Callable[..., Visit]) -> None:
    import datetime as dt

    from sopkit.mail.imap import mailbox_from
    from sopkit.mail.messages import status_lines, visit_lines
    from sopkit.mail.outbox import Outbox
    from sopkit.mail.page import renew_page

    path = _outbox_file(folder)
    mailbox = mailbox_from("", _ask_password)
    with Outbox(path) as outbox:
        visit = work(outbox, mailbox, dt.datetime.now(), choose=_choose_folder if is_terminal() else None)
        renew_page(outbox)
        uncertain = [one for one in outbox.status() if one.state == "uncertain"]
    say(visit_lines(visit, folder))
    if uncertain:
        say(status_lines(uncertain))
    if uncertain or visit.needs_attention:
        sys.exit(MAIL)


def _choose_folder(word: str, names: Sequence[str]) -> str:
    say([f"Servernya tidak menandai folder {word}. Folder yang ada:"])
    say(f"{number:>3}. {name}" for number, name in enumerate(names, 1))
    numbered = {str(number): name for number, name in enumerate(names, 1)}
    while (typed := _ask(f"Nomor folder {word}")) not in numbered:
        say([f"Tulis nomor 1 sampai {len(names)}."])
    return numbered[typed]


@mail.command("setup")
@click.option("--drafts", metavar="FOLDER", help="Nama folder Draf, bila server tidak menandainya.")
@click.option("--sent", metavar="FOLDER", help="Nama folder Terkirim, bila server tidak menandainya.")
@click.option("--run", "in_run", type=click.Choice(["no", "find", "put"]), help="Yang dikerjakan sopkit run di sana.")
@click.option("--token-command", metavar="PERINTAH", default="", help="Perintah yang mencetak token akses (XOAUTH2).")
def mail_setup(drafts: str | None, sent: str | None, in_run: str | None, token_command: str) -> None:
    """Menyimpan akun surel kantor: servernya dikenal dari alamatnya, sandinya disimpan di keyring saja.

    Dengan --drafts, --sent atau --run hanya pengaturan akun yang sudah ada yang diubah, tanpa bertanya.
    """
    from sopkit.errors import UsageProblem
    from sopkit.mail import setup

    if drafts is not None or sent is not None or in_run is not None:
        say([setup.adjust(drafts, sent, in_run)])
        return
    if not sys.stdin.isatty():
        raise UsageProblem(
            "mail setup bertanya di terminal.", "Jalankan di jendela perintah, atau sebutkan --drafts, --sent, --run."
        )
    address = str(click.prompt("Alamat surel kantor")).strip()
    if not re.fullmatch(r"[^@\s]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}", address):
        raise UsageProblem("Itu bukan alamat surel.", "Contoh: kecamatan@gmail.com")
    provider = setup.provider_of(address, _ask, token_command)
    click.echo(provider.note)
    secret = "" if provider.token_command else _ask_password("Sandi (tidak ditampilkan)")
    if not secret.strip() and not provider.token_command:
        raise UsageProblem("Sandinya kosong; tidak ada yang disimpan.", "Ulangi: sopkit mail setup")
    mailbox = setup.keep(address, provider, secret)
    click.echo("Akun dan sandinya disimpan di penyimpan sandi sistem.")
    say(setup.tried(mailbox, _choose_folder))
    put = agreed("Letakkan draf baru di kotak surat ini setiap kali sopkit run dijalankan?", enter=True)
    say([setup.adjust(None, None, "put" if put else "find")])


def _ask(question: str) -> str:
    return str(click.prompt(question, default="", show_default=False)).strip()


@mail.command("pause")
@FOLDER
def mail_pause(folder: Path) -> None:
    """Menghentikan pengiriman sebelum surel berikutnya."""
    from sopkit.mail.outbox import Outbox

    with Outbox(_outbox_file(folder)) as outbox:
        outbox.pause()
    click.echo("Pengiriman dihentikan. Lanjutkan dengan: sopkit mail resume")


@mail.command("resume")
@FOLDER
def mail_resume(folder: Path) -> None:
    """Mengizinkan pengiriman kembali."""
    from sopkit.mail.outbox import Outbox

    with Outbox(_outbox_file(folder)) as outbox:
        outbox.resume()
    click.echo("Pengiriman boleh berjalan lagi.")


def _outbox_file(folder: Path) -> Path:
    return with_archive(folder, "Belum ada surel", "sopkit mail draft")


def _ask_password(question: str) -> str:
    if not sys.stdin.isatty():
        return ""
    return str(click.prompt(question, hide_input=True, default="", show_default=False))
