"""Where the office's mail account lies: its servers by its provider, and its secret in the system's keyring alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import quote

from sopkit.errors import SopkitError, UsageProblem
from sopkit.folders import how_to_add
from sopkit.mail.mailbox import Mailbox, mailbox_from
from sopkit.mail.smtp import KEYRING, KEYRING_URL, server_from


@dataclass(frozen=True)
class Provider:
    """How mail is sent and read there; `note` says where the password for programs comes from."""

    smtp: str
    imap: str
    note: str


GMAIL = Provider(
    "smtps://{user}@smtp.gmail.com:465",
    "imaps://{user}@imap.gmail.com:993",
    "Gmail meminta sandi aplikasi, bukan sandi akun: nyalakan Verifikasi 2 Langkah, lalu buat di\n"
    "myaccount.google.com/apppasswords (16 huruf). Akun kantor (Workspace) mungkin memerlukan izin adminnya.",
)
YAHOO = Provider(
    "smtps://{user}@smtp.mail.yahoo.com:465",
    "imaps://{user}@imap.mail.yahoo.com:993",
    "Yahoo meminta sandi aplikasi: buat di Keamanan Akun, lalu salin ke sini.",
)
PROVIDERS = {"gmail.com": GMAIL, "googlemail.com": GMAIL, "yahoo.com": YAHOO, "yahoo.co.id": YAHOO}
MICROSOFT = ("outlook.com", "outlook.co.id", "hotmail.com", "live.com", "msn.com")
Ask = Callable[[str], str]


def provider_of(address: str, ask: Ask) -> Provider:
    """By the domain of the address; of an office's own server it is asked. Nothing is guessed.

    `UsageProblem` where programs may not sign in with a password at all.
    """
    domain = address.rpartition("@")[2].casefold()
    if domain in MICROSOFT:
        raise UsageProblem(
            f"Surel {domain} tidak menerima sandi dari program lain.",
            "Pakai keluaran/kirim.html, atau buka drafnya di Outlook.",
        )
    if domain in PROVIDERS:
        return PROVIDERS[domain]
    if ask(f"Apakah surel {domain} disediakan Google (Gmail)? [y/t]").casefold()[:1] in ("y", "i"):
        return GMAIL
    smtp = ask("Server pengirim (SMTP) menurut pengelola surel, misalnya mail.kantor.go.id")
    imap = ask("Server kotak surat (IMAP), misalnya mail.kantor.go.id")
    return Provider(
        f"smtps://{{user}}@{smtp}:465", f"imaps://{{user}}@{imap}:993", "Sandi dari pengelola surel kantor."
    )


def keep(address: str, provider: Provider, secret: str) -> Mailbox:
    """Lay the servers and the secret into the keyring; the mailbox that is kept.

    `UsageProblem` where an address of a server is none, or there is no keyring; nothing is kept then.
    """
    user = quote(address, safe="")
    smtp, imap = provider.smtp.format(user=user), provider.imap.format(user=user)
    server, mailbox = server_from(smtp), replace(mailbox_from(imap, lambda _: secret), password=secret)
    names = server.name, mailbox.name
    _into_keyring({KEYRING_URL: smtp, "imap-url": imap, **dict.fromkeys(names, secret)})
    return mailbox


def _into_keyring(values: dict[str, str]) -> None:
    try:
        import keyring
        import keyring.errors
    except ImportError as error:
        raise UsageProblem("Penyimpan sandi (keyring) belum terpasang.", how_to_add("mail")) from error
    try:
        for name, value in values.items():
            keyring.set_password(KEYRING, name, value)
    except keyring.errors.KeyringError as error:
        raise SopkitError(
            "Penyimpan sandi sistem ini tidak dapat dipakai, sehingga sandinya tidak disimpan.",
            "Buka kunci penyimpan sandi komputer ini, lalu ulangi; tanpa itu pakai keluaran/kirim.html.",
        ) from error
