"""kirim.html: the mails that wait, for an office that writes mail in a browser, where no draft file can be opened.

One page without network. Its policy allows its own style and script alone, each named by its hash, so nothing that
stands in a mail can run or load. It depends on the outbox and the drafts alone, and holds no path of this machine: the
script reads where it lies from the browser.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from sopkit.documents.pdf import is_pdf_of
from sopkit.files import write_if_changed
from sopkit.html_page import policy_hash, resource, template
from sopkit.language import list_text, number_text
from sopkit.mail.folders import code_of
from sopkit.mail.headers import POLICY
from sopkit.mail.laid import lying_anywhere
from sopkit.mail.outbox import BY_HAND, GONE, Content, Delivery, Mail, Outbox, waiting_mails
from sopkit.text import clean_line, clean_lines, xml_text

PAGE, ROOM = "kirim.html", "sopkit.mail"
GMAIL = "https://mail.google.com/mail/?view=cm&fs=1"
LONGEST_LINK = 2000  # characters that every browser and Gmail take
MOST_MAILS = 300  # on a page that a phone still opens at once, and in one line of cmd.exe
LIES = "Drafnya sudah ada di Draf kotak surat kantor: kirim dari sana saja, jangan dua kali."
HEAD = 1 << 20  # bytes of a draft in which its text lies; the attachments come after it
UNREADABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, MessageError)


@dataclass(frozen=True)
class Enclosed:
    """An attachment by its name: the file to attach, and the one to forward by WhatsApp, relative to the page.

    "" where there is none.
    """

    name: str
    file: str
    forward: str


@dataclass(frozen=True)
class Waiting:
    """One mail as the page shows it. `to` and `cc` are the addresses that wait, `names` the people of `to`.

    `link` opens it in Gmail; `left_out` names what the link has no room for; `chat` is the text for WhatsApp.
    """

    message_id: str
    code: str
    subject: str
    names: str
    to: str
    cc: str
    body: str
    link: str
    left_out: tuple[str, ...]
    enclosed: tuple[Enclosed, ...]
    chat: str
    notes: tuple[str, ...]

    @property
    def without_pdf(self) -> bool:
        """Whether there is a Word document of which no PDF can be forwarded."""
        return any(one.forward.endswith(".docx") for one in self.enclosed)


def renew_page(outbox: Outbox) -> Path | None:
    """Bring kirim.html in the output folder up to date; where it lies, None where nothing ever waited.

    `SopkitError` when it cannot be written.
    """
    path = outbox.folder / PAGE
    groups = waiting_mails(outbox.status())
    if not groups and not path.is_file():
        return None
    lying = lying_anywhere(outbox)
    shown = [_waiting(outbox.folder, group, lying) for group in groups[:MOST_MAILS]]
    write_if_changed(path, render_page(shown, len(groups) - len(shown)).encode("utf-8"))
    return path


def render_page(mails: Sequence[Waiting], more: int = 0) -> str:
    """The whole page; `more` counts the mails that wait and are not on it."""
    style, script = resource(ROOM, "page.css"), resource(ROOM, "page.js")
    page = template(ROOM, "page.html.j2").render(
        style=Markup(style), script=Markup(script), style_hash=policy_hash(style), script_hash=policy_hash(script),
        mails=mails, count=number_text(len(mails) + more), more=more and number_text(more), listed=list_text,
    )  # fmt: skip
    return xml_text(page)


def _waiting(output: Path, group: Sequence[Delivery], lying: Collection[str]) -> Waiting:
    mail = group[0].mail
    message = _draft(output / mail.file)
    body = _with_code(_text(message), code_of(mail.message_id)) if message else ""
    subject = clean_line(xml_text(_header(message, "Subject") or mail.subject))
    to, cc = (", ".join(one.address for one in group if one.kind == kind and one.state in BY_HAND) for kind in KINDS)
    link, left_out = gmail_link(to, cc, subject, body, code_of(mail.message_id))
    names = list_text(_names(message, [one.address for one in group if one.kind == "to" and one.state in BY_HAND]))
    enclosed = tuple(_enclosed(output, one) for one in mail.contents if one.attached)
    notes = [*_notes(group, message, mail, enclosed), *([LIES] if mail.message_id in lying else [])]
    return Waiting(
        mail.message_id, code_of(mail.message_id), subject, names, to, cc, body, link, left_out, enclosed,
        _chat(names, subject, body, enclosed, mail), tuple(notes),
    )  # fmt: skip


KINDS = ("to", "cc")


def _draft(path: Path) -> EmailMessage | None:
    try:
        with path.open("rb") as stream:
            return BytesParser(EmailMessage, policy=POLICY).parsebytes(stream.read(HEAD))
    except UNREADABLE:
        return None


def _header(message: EmailMessage | None, name: str) -> str:
    try:
        return str(message[name] or "") if message else ""
    except UNREADABLE:
        return ""


def _text(message: EmailMessage) -> str:
    """Its plain text, also where somebody has edited and saved it; "" where there is none."""
    try:
        part = message.get_body(("plain",))
        return _tidy(str(part.get_content())) if isinstance(part, EmailMessage) else ""
    except UNREADABLE:
        return ""


def _tidy(text: str) -> str:
    return clean_lines(xml_text(text))


def _with_code(text: str, code: str) -> str:
    """The text with its Kode surel, by which `mail find` knows it again, also where the office's template has none."""
    return text if not text or code in text else f"{text}\n\n{_code_line(text, code)}"


def _code_line(text: str, code: str) -> str:
    return next((line for line in text.split("\n") if code in line), f"Kode surel: {code}")


def _names(message: EmailMessage | None, addresses: Sequence[str]) -> list[str]:
    """The people behind these addresses as the draft names them, else the addresses."""
    known: dict[str, str] = {}
    try:
        people = message["To"].addresses if message else ()
        known = {one.addr_spec.casefold(): clean_line(xml_text(one.display_name)) for one in people}
    except UNREADABLE:
        pass
    return [known.get(address.casefold()) or address for address in addresses]


def gmail_link(to: str, cc: str, subject: str, body: str, code: str) -> tuple[str, tuple[str, ...]]:
    """A link that opens the mail in Gmail, at most `LONGEST_LINK` characters, and the buttons whose text it cut."""
    parts = {"to": to, "cc": cc, "su": subject}
    heads = ((("to", "cc", "su"), ()), (("to", "su"), ("Tembusan",)), (("to",), ("Tembusan", "Judul")))
    for names, left_out in heads:
        head = GMAIL + _query({name: parts[name] for name in names})
        whole = head + _query({"body": body})
        if len(whole) <= LONGEST_LINK:
            return whole, left_out
        short = head + _query({"body": _beginning(body, code, LONGEST_LINK - len(head))})
        if len(short) <= LONGEST_LINK:
            return short, (*left_out, "Isi")
    return GMAIL, ("Kepada", "Tembusan", "Judul", "Isi")


def _query(values: Mapping[str, str]) -> str:
    return "".join(f"&{name}={quote(value, safe='')}" for name, value in values.items() if value)


def _beginning(body: str, code: str, room: int) -> str:
    """As many whole lines of the text as have room, and its Kode surel, which is never cut off."""
    end = f"\n\n{_code_line(body, code)}"
    left = room - len("&body=") - len(quote(end, safe=""))
    lines: list[str] = []
    for line in body.split("\n"):
        left -= len(quote(f"{line}\n", safe=""))
        if left < 0:
            break
        lines.append(line)
    return ("\n".join(lines).strip("\n") + end).lstrip("\n")


def _enclosed(output: Path, content: Content) -> Enclosed:
    """To be forwarded is the PDF where there is one."""
    paper, name = Path(content.paper), content.attached
    places = (paper.with_name(name), Path(name)) if content.paper else (Path(name),)
    file = next((place for place in places if (output / place).is_file()), None)
    pdf = paper.with_suffix(".pdf") if content.paper else None
    better = pdf and pdf != paper and (output / pdf).is_file() and is_pdf_of(output / pdf, output / paper)
    forward = pdf if better else file
    return Enclosed(name, file.as_posix() if file else "", forward.as_posix() if forward else "")


def _chat(names: str, subject: str, body: str, enclosed: Sequence[Enclosed], mail: Mail) -> str:
    """A short text to send with the documents; what has no document is the message itself."""
    forwards = [one.forward for one in enclosed if one.forward]
    if not forwards:
        return body
    named = list_text(Path(one).name for one in forwards if not one.endswith(".docx"))
    named = f" (berkas {named})" if named else ""
    lines = [
        f"Yth. {names},",
        "",
        f"Bersama ini kami teruskan {subject}{named}. Mohon berkenan menerima dan memeriksanya. Terima kasih.",
        "",
        *((clean_line(xml_text(mail.office)),) if mail.office else ()),
        f"Kode surel: {code_of(mail.message_id)}",
    ]
    return "\n".join(lines)


def _notes(
    group: Sequence[Delivery], message: EmailMessage | None, mail: Mail, enclosed: Sequence[Enclosed]
) -> Iterable[str]:
    if message is None:
        yield f"Berkas drafnya ({mail.file}) tidak dapat dibaca, jadi isinya tidak ada di sini."
    elif not _text(message):
        yield f"Isinya tidak dapat ditampilkan di sini; buka berkas drafnya: {mail.file}."
    lost = list_text(one.name for one in enclosed if not one.file)
    if lost:
        yield f"Lampirannya ({lost}) tidak ada di folder ini; simpan dari berkas drafnya: {mail.file}."
    gone = [one.address for one in group if one.state in GONE]
    if gone:
        yield f"Sudah dikirim kepada {list_text(gone)}, atau mungkin sudah; mereka tidak dicantumkan lagi."
    for one in group:
        if one.state == "refused":
            yield f"Server menolak {one.address}{f' ({clean_line(xml_text(one.detail))})' if one.detail else ''}."
    if mail.closed:
        yield "Kasusnya sudah ditutup."
