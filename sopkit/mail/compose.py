"""Mail texts: the office's editable templates filled with data, and the message made of them."""

from __future__ import annotations

import hashlib
import html
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.header import Header
from email.message import EmailMessage
from email.utils import formataddr
from functools import lru_cache
from pathlib import Path

from jinja2 import Template, TemplateError, TemplateSyntaxError, nodes

from sopkit.documents.limits import RUN, FieldMissing, Forbidden, LimitedEnvironment, Run
from sopkit.errors import SopkitError, file_problem
from sopkit.mail.headers import POLICY
from sopkit.mail.recipients import Recipient, letters
from sopkit.text import clean_line, nearest

SUBJECT_LINE = re.compile(r"Subjek\s*:[ \t]*(.+)")
FIELD_LINE = re.compile(r"(\S.{0,38}?)\s+: (\S.*)")
ROW = re.compile(r"\|( .* \|)+")
LARGEST_TEMPLATE = 100_000  # bytes
LONGEST_SUBJECT = 150  # characters; longer ones are cut off in every mail program's list
PDF, WORD, HTML = (
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "text/html",
)
MEDIA_TYPES: Mapping[str, str] = {".pdf": PDF, ".docx": WORD, ".html": HTML}
ALWAYS_SUBJECT = ("pengganti", "kantor")
ALWAYS_BODY = (
    "pemerintah", "alamat", "tempat", "penerima", "lampiran", "isian_word", "kode_surel", "kode_surel_lama",
)  # fmt: skip


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str


@dataclass(frozen=True)
class Attachment:
    name: str
    data: bytes

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES.get(Path(self.name).suffix.lower(), "application/octet-stream")


@dataclass(frozen=True)
class LetterProblem:
    """One fault of a text template, said like those of the Word templates: T01 a field, T02 a tag, T03 the file."""

    template: str
    code: str
    place: str
    message: str


class BrokenTag(SopkitError):
    """A tag of a text template that cannot be used."""

    def __init__(self, name: str, line: int, problem: str) -> None:
        super().__init__(
            f"Templat surel {name}, sekitar baris {line}: {problem}.",
            "Pakai hanya {{ bidang }}, {% if %}, dan {% for %} yang tidak bertingkat, lengkap dengan penutupnya.",
        )
        self.line = line
        self.problem = problem


@dataclass(frozen=True)
class LetterTemplate:
    """A template of templates/surel, compiled; `sha256` is that of its text.

    The subject sees fewer fields: no names of people.
    """

    name: str
    subject: Template
    body: Template
    sha256: str

    def render(self, subject: Mapping[str, object], body: Mapping[str, object]) -> Letter:
        """`SopkitError` names an unknown field; nothing is printed blank in its place."""
        line = clean_line(self._fill(self.subject, subject, "subjek "))
        text = self._fill(self.body, {**subject, **body}, "")
        tidy = re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)).strip("\n")
        return Letter(line[:LONGEST_SUBJECT].strip(), tidy + "\n")

    def _fill(self, template: Template, fields: Mapping[str, object], part: str) -> str:
        try:
            return template.render({**fields, RUN: Run(clean=False)})
        except FieldMissing as error:
            raise SopkitError(
                f"Bagian {part}templat surel {self.name} memakai bidang yang tidak ada: {error.field}.",
                f"Yang dapat dipakai: {', '.join(sorted(fields))}.",
            ) from error
        except (TemplateError, TypeError, ValueError) as error:
            raise SopkitError(
                f"Templat surel {self.name} tidak dapat diisi.", "Perbaiki tanda {{ }} dan {% %} di dalamnya."
            ) from error


def load_letter(folder: Path, name: str) -> LetterTemplate:
    """Read `folder/name`; `SopkitError` names its first fault with line and the field that may have been meant."""
    problems = check_letter(folder / name)
    if problems:
        first = problems[0]
        more = f" Masih ada {len(problems) - 1} kesalahan lain di dalamnya." if problems[1:] else ""
        raise SopkitError(
            f"Templat surel {folder / name}, {first.place}: {first.message}.{more}",
            "Perbaiki di Notepad, lalu periksa dengan: sopkit template check",
        )
    return parse_letter(_read(folder / name), name)


def check_letters(files: Sequence[Path], templates: Path) -> list[LetterProblem]:
    """All faults of the text templates named, else of those that sopkit fills in `templates/surel`."""
    chosen = files or [templates / "surel" / topic.text for topic in letters()]
    if not files and not chosen[-1].exists():  # an older office has none: then sopkit's own is filled
        chosen = chosen[:-1]
    return [problem for path in chosen for problem in check_letter(path)]


def check_letter(path: Path) -> list[LetterProblem]:
    """All faults of one text template, line by line; one of a name that sopkit does not know may use any field."""
    shown = Path(path.parent.name, path.name).as_posix()
    try:
        source = _read(path)
        parse_letter(source, path.name)
    except BrokenTag as error:
        return [LetterProblem(shown, "T02", f"sekitar baris {error.line}", error.problem)]
    except SopkitError as error:
        return [LetterProblem(shown, "T03", "berkas", str(error).rstrip("."))]
    return list(_strange_fields(source, path.name, shown))


def _strange_fields(source: str, name: str, shown: str) -> Iterator[LetterProblem]:
    mine = [topic for topic in letters() if topic.text == name] or letters()
    heads = {*ALWAYS_SUBJECT, *(field for topic in mine for field in topic.subject)}
    body = {field for topic in mine for field in topic.body}
    heads |= body if len(mine) > 1 else set()
    parts = zip(_split(source, name), ("subjek ", ""), (heads, heads | {*body, *ALWAYS_BODY}), strict=True)
    for (text, above), part, known in parts:
        for field, line in _fields_used(text):
            if field not in known:
                near = nearest(field, sorted(known), limit=1)
                meant = f"mungkin maksudnya {near[0]}" if near else f"yang dikenal: {', '.join(sorted(known))}"
                message = f"{part}memakai bidang yang tidak ada: '{field}'; {meant}"
                yield LetterProblem(shown, "T01", f"baris {line + above}", message)


@lru_cache(maxsize=32)
def _fields_used(text: str) -> Sequence[tuple[str, int]]:
    """Names that a part of a template asks for, with their lines; not those that its own loops make."""
    tree = _environment().parse(text)
    own = {"loop"}
    for loop in tree.find_all(nodes.For):
        own |= {name.name for name in loop.target.find_all(nodes.Name)}
        own |= {loop.target.name} if isinstance(loop.target, nodes.Name) else set()
    names = tree.find_all(nodes.Name)
    return [(name.name, name.lineno) for name in names if name.ctx == "load" and name.name not in own]


@lru_cache(maxsize=16)  # checked, then filled, and by every workbook of a run: compiling is what takes the time
def parse_letter(source: str, name: str) -> LetterTemplate:
    """A first line `Subjek: …`, a blank line, and the text."""
    (subject, _), (body, above) = _split(source, name)
    environment = _environment()
    parts = _compile(environment, subject, name, 0), _compile(environment, body, name, above)
    return LetterTemplate(name, *parts, hashlib.sha256(source.encode()).hexdigest())


def _split(source: str, name: str) -> tuple[tuple[str, int], tuple[str, int]]:
    """Subject and body, each with the number of lines above it."""
    plain = source.replace("\r\n", "\n")
    start = plain.lstrip("\n")
    head, _, rest = start.partition("\n")
    subject = SUBJECT_LINE.fullmatch(head.strip())
    if subject is None:
        raise SopkitError(
            f"Baris pertama templat surel {name} bukan 'Subjek: …'.", "Tulis subjek surel di baris pertama."
        )
    body = rest.lstrip("\n")
    above = len(plain) - len(start)
    return (subject[1], above), (body, above + 1 + len(rest) - len(body))


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_TEMPLATE:
            raise SopkitError(f"Templat surel {path.name} terlalu besar.", "Pakai templat bawaan dari sopkit init.")
        return path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise SopkitError(
            f"Templat surel {path} tidak ada.", "Pulihkan dari templat bawaan dengan sopkit init."
        ) from error
    except UnicodeDecodeError as error:
        raise SopkitError(
            f"Templat surel {path.name} bukan teks UTF-8.", "Simpan ulang dari Notepad dengan pengodean UTF-8."
        ) from error
    except OSError as error:
        raise file_problem(error, path, "dibaca") from error


def _environment() -> LimitedEnvironment:
    # Plain text is not escaped here: the HTML part is made from the filled text, and escapes all of it.
    return LimitedEnvironment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)


def _compile(environment: LimitedEnvironment, source: str, name: str, above: int) -> Template:
    try:
        return environment.compiled(source)
    except Forbidden as error:
        raise BrokenTag(name, error.lineno + above, str(error.message)) from error
    except TemplateSyntaxError as error:
        raise BrokenTag(name, error.lineno + above, "penanda tidak lengkap atau keliru") from error


def html_of(text: str) -> str:
    """The plain text as simple HTML: paragraphs, `- ` lines as a list, `Nama : isi` (a blank first) as a table.

    Lines `| a | b |` are a table too, the first of them its head.
    """
    blocks = [block.split("\n") for block in re.split(r"\n{2,}", text.strip("\n"))]
    inner = "\n".join(part for block in blocks for part in _block(block))
    return (
        '<!DOCTYPE html>\n<html lang="id"><head><meta charset="utf-8"></head>\n'
        f'<body style="font-family: Arial, sans-serif; font-size: 11pt">\n{inner}\n</body></html>\n'
    )


def _block(lines: Sequence[str]) -> Iterator[str]:
    for kind, group in itertools.groupby(lines, _line_kind):
        if kind == "item":
            items = "".join(f"<li>{html.escape(line.strip()[2:])}</li>" for line in group)
            yield f"<ul>{items}</ul>"
        elif kind == "row":
            rows = "".join(_cells(line, "td" if place else "th") for place, line in enumerate(group))
            yield f'<table border="1" cellpadding="4" style="font-size: 11pt; border-collapse: collapse">{rows}</table>'
        elif kind == "field":
            yield f'<table style="font-size: 11pt">{"".join(map(_table_row, group))}</table>'
        else:
            yield f"<p>{'<br>'.join(map(html.escape, group))}</p>"


def _line_kind(line: str) -> str:
    if line.strip().startswith("- "):
        return "item"
    if ROW.fullmatch(line):
        return "row"
    return "field" if FIELD_LINE.fullmatch(line) else "text"


def _cells(line: str, tag: str) -> str:
    cells = (html.escape(cell.strip()) for cell in line.strip().strip("|").split("|"))
    return "<tr>" + "".join(f'<{tag} align="left">{cell}</{tag}>' for cell in cells) + "</tr>"


def in_a_row(text: object) -> str:
    """A value that stands in a line `| a | b |`."""
    return clean_line(str(text)).replace("|", "/")


def _table_row(line: str) -> str:
    match = FIELD_LINE.fullmatch(line)
    assert match is not None
    return f"<tr><td>{html.escape(match[1])}</td><td>:</td><td>{html.escape(match[2])}</td></tr>"


def message_digest(
    letter: Letter, to: Sequence[Recipient], cc: Sequence[Recipient], content: str, replaces: str | None
) -> str:
    """SHA-256 over what is said, to whom and what it replaces; `content` stands for the attachments."""
    parts = [letter.subject, letter.text, content, replaces or ""]
    parts += [f"to {person.address}" for person in to] + [f"cc {person.address}" for person in cc]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def compose(
    letter: Letter,
    to: Sequence[Recipient],
    cc: Sequence[Recipient],
    attachments: Sequence[Attachment],
    message_id: str,
    replaces: str | None = None,
    reply_to: str = "",
) -> bytes:
    """A draft (`X-Unsent: 1`) that Outlook and others open ready to send, the same bytes for the same input.

    It has no From and no Date: whoever sends it gives them. `reply_to` is the office's own address, "" for none.
    """
    message = EmailMessage(policy=POLICY)
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(html_of(letter.text), subtype="html", cte="quoted-printable")
    for attachment in attachments:
        kind, _, subtype = attachment.media_type.partition("/")
        message.add_attachment(attachment.data, maintype=kind, subtype=subtype, filename=attachment.name)
    message["Subject"] = letter.subject
    message["Content-Language"] = "id"
    _fix_boundaries(message, message_id)
    lines = ["X-Unsent: 1", f"Message-ID: {message_id}"]
    lines += [f"In-Reply-To: {replaces}", f"References: {replaces}"] if replaces else []
    lines += [f"Reply-To: {reply_to}"] if reply_to else []
    lines += [address_header(name, people) for name, people in (("To", to), ("Cc", cc)) if people]
    return "".join(f"{line}\r\n" for line in lines).encode("ascii") + bytes(message)


def address_header(name: str, people: Sequence[Recipient]) -> str:
    """A folded address header. The library's own folding loses addresses after two names that are not ASCII."""
    return f"{name}: " + ",\r\n ".join(_mailbox(person) for person in people)


def _mailbox(person: Recipient) -> str:
    if person.name.isascii():
        return formataddr((person.name, person.address))
    coded = Header(person.name, "utf-8", maxlinelen=70).encode(linesep="\r\n")
    return f"{coded}\r\n <{person.address}>"


def _fix_boundaries(message: EmailMessage, seed: str) -> None:
    """The library draws them at random; here they follow from the message itself."""
    for place, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary("=_sopkit_" + hashlib.sha256(f"{seed}{place}".encode()).hexdigest()[:32])
