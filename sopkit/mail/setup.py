"""Where the office's mail account lies: its servers by its provider, and its secret in the system's keyring alone."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import get_args
from urllib.parse import quote

from sopkit.errors import MailProblem, SopkitError, UsageProblem
from sopkit.folders import how_to_add
from sopkit.mail import settings, smtp
from sopkit.mail.imap import DRAFTS, KEYRING_URL, SENT, Mailbox, account_of, opened, own_url
from sopkit.mail.mailbox import Choose, places
from sopkit.mail.sign_in import KEYRING, TOKEN_PREFIX, access_token


@dataclass(frozen=True)
class Provider:
    """How mail is sent and read there; `note` says where the password for programs comes from.

    With `token_command` one signs in by what it prints, without a password.
    """

    smtp: str
    imap: str
    note: str
    token_command: str = ""


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
OUTLOOK = Provider("smtp+starttls://{user}@smtp-mail.outlook.com:587", "imaps://{user}@outlook.office365.com:993", "")
MICROSOFT_365 = replace(OUTLOOK, smtp="smtp+starttls://{user}@smtp.office365.com:587")
PROVIDERS = {
    **dict.fromkeys(("gmail.com", "googlemail.com"), GMAIL),
    **dict.fromkeys(("yahoo.com", "yahoo.co.id"), YAHOO),
    **dict.fromkeys(("outlook.com", "outlook.co.id", "hotmail.com", "live.com", "msn.com"), OUTLOOK),
}
WITH_TOKEN = "Masuk dengan token akses (XOAUTH2) yang dicetak perintah itu; tidak ada sandi yang disimpan."
OWN_NOTE = (
    "Sandi dari pengelola surel kantor. Zimbra dengan verifikasi dua langkah meminta sandi aplikasi:\n"
    "Preferensi, Akun, Kode Sandi Aplikasi."
)
Ask = Callable[[str], str]


def provider_of(address: str, ask: Ask, token_command: str = "") -> Provider:
    """By the domain of the address; of an office's own domain it is asked. Nothing is guessed.

    `UsageProblem` where programs may not sign in with a password, and there is no command for a token.
    """
    domain = address.rpartition("@")[2].casefold()
    provider = PROVIDERS.get(domain) or _asked_for(domain, ask)
    if provider in (OUTLOOK, MICROSOFT_365) and not token_command:
        token_command = ask(
            "Microsoft tidak menerima sandi dari program lain, hanya token (XOAUTH2).\n"
            "Perintah yang mencetak token aksesnya, menurut pengelola surel (kosongkan bila tidak ada)"
        )
        if not token_command:
            raise UsageProblem(
                f"Surel {domain} tidak menerima sandi dari program lain.",
                "Pakai keluaran/kirim.html, atau buka drafnya di Outlook.",
            )
    return replace(provider, token_command=token_command, note=WITH_TOKEN) if token_command else provider


def _asked_for(domain: str, ask: Ask) -> Provider:
    answer = ask(f"Siapa penyedia surel {domain}? [g] Google, [m] Microsoft 365, [s] server sendiri atau Zimbra")
    known = {"g": GMAIL, "m": MICROSOFT_365}.get(answer.casefold()[:1])
    if known:
        return known
    smtp_host = _host(ask("Server pengirim (SMTP) menurut pengelola surel, misalnya mail.kantor.go.id atau …:587"))
    imap_host = _host(ask("Server kotak surat (IMAP), misalnya mail.kantor.go.id"))
    starttls = smtp_host.endswith(":587")
    send = smtp_host if ":" in smtp_host else f"{smtp_host}:465"
    read = imap_host if ":" in imap_host else f"{imap_host}:993"
    return Provider(
        f"{'smtp+starttls' if starttls else 'smtps'}://{{user}}@{send}", f"imaps://{{user}}@{read}", OWN_NOTE
    )


def _host(typed: str) -> str:
    """A server as it is copied from a page or a browser: `https://mail.kantor.go.id/`."""
    return typed.rpartition("://")[2].rstrip("/")


def keep(address: str, provider: Provider, secret: str) -> Mailbox:
    """Lay the servers and the secret into the keyring; the mailbox that is kept.

    The blanks with which Google and Yahoo show an app password are none of it.
    `UsageProblem` where an address of a server is none, `MailProblem` where the command prints no token, or there is
    no keyring; nothing is kept then.
    """
    user = quote(address, safe="")
    smtp_url, imap_url = provider.smtp.replace("{user}", user), provider.imap.replace("{user}", user)
    server, account = smtp.server_from(smtp_url), account_of(imap_url)
    secret = secret.replace(" ", "") if provider in (GMAIL, YAHOO) else secret
    command = provider.token_command
    _check_words(command)
    password = access_token(command) if command else secret
    names = server.name, account.name
    values = {smtp.KEYRING_URL: smtp_url, KEYRING_URL: imap_url, **dict.fromkeys(names, secret)}
    _into_keyring({**values, **{f"{TOKEN_PREFIX}{name}": command for name in names}})
    return replace(account, password=password, oauth=bool(command))


def _check_words(command: str) -> None:
    try:
        shlex.split(command)
    except ValueError:
        raise UsageProblem("Tanda kutip perintah token tidak berpasangan.", "Tulis lagi perintahnya.") from None


def _into_keyring(values: dict[str, str]) -> None:
    """An empty value takes away what was kept under that name before."""
    try:
        import keyring
        import keyring.errors
    except ImportError as error:
        raise UsageProblem("Penyimpan sandi (keyring) belum terpasang.", how_to_add("mail")) from error
    try:
        for name, value in values.items():
            if value:
                keyring.set_password(KEYRING, name, value)
            elif keyring.get_password(KEYRING, name):
                keyring.delete_password(KEYRING, name)
    except keyring.errors.KeyringError as error:
        raise SopkitError(
            "Penyimpan sandi sistem ini tidak dapat dipakai, sehingga sandinya tidak disimpan.",
            "Buka kunci penyimpan sandi komputer ini, lalu ulangi; tanpa itu pakai keluaran/kirim.html.",
        ) from error


def tried(mailbox: Mailbox, choose: Choose) -> Iterator[str]:
    """Sign in to both servers, and have the folders named where the server marks none; what came of it.

    `MailProblem` where the mailbox cannot be opened; that nothing can be sent is said, for many send from the mailbox.
    """
    with opened(mailbox) as dialogue:
        drafts, sent = places(dialogue, (DRAFTS, SENT), choose)
    yield f"Kotak suratnya dapat dibuka (Draf: {drafts.name}; Terkirim: {sent.name})."
    try:
        smtp.connect(smtp.password_for(smtp.server_from(smtp.smtp_url()))).close()
        yield "Surel dapat dikirim dari sini juga, dengan: sopkit mail send --send"
    except MailProblem as problem:
        yield f"Surel belum dapat dikirim langsung dari sini: {problem}"


def adjust(drafts: str | None, sent: str | None, in_run: str | None) -> str:
    """Remember what is given of the account in use; what is remembered now, in a sentence."""
    account = account_of(own_url()).name
    kept = settings.remembered(account)
    run = next((one for one in get_args(settings.InRun) if one == in_run), "" if in_run else kept.run)
    kept = settings.Remembered(kept.drafts if drafts is None else drafts, kept.sent if sent is None else sent, run)
    settings.remember(account, kept)
    named = [f"{word} {name}" for word, name in (("Draf", kept.drafts), ("Terkirim", kept.sent)) if name]
    told = f"{' dan '.join(named)}; " if named else ""
    doing = {"": "tidak membukanya", "find": "mencari yang sudah dikirim", "put": "juga meletakkan draf baru"}[run]
    return f"Pengaturan {account}: {told}sopkit run {doing}."
