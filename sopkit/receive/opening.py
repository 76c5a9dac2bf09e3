"""Where replies come from: Word files, mails that carry them, and folders of both. All of it is foreign."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from sopkit.errors import SopkitError, UsageProblem, file_problem
from sopkit.files import NotRegular, TooLarge, read_regular
from sopkit.text import clean_line

MAX_FILE = 50_000_000  # bytes of a document, or of a mail with all that it carries
MAX_PARTS = 500  # of one mail, those of the mails inside it too
MAX_FILES = 2_000  # of one folder
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
WORD, MAIL = ".docx", ".eml"
OTHER = (".doc", ".docm", ".odt", ".rtf", ".pdf", ".msg", ".zip", ".dat")
"""What an answer may come as and is not read: it is said, so that no answer is passed over."""
SAVE_AS = "Simpan sebagai Dokumen Word (.docx), lalu ulangi."


@dataclass(frozen=True)
class Carried:
    """One document, or why what was carried there is none: `source` says where, `origin` who sent it and when."""

    source: str
    data: bytes = b""
    origin: str = ""
    problem: str = ""


def carried_by(paths: Sequence[Path]) -> Iterator[Carried]:
    """Every document in these files and folders, in their order; `UsageProblem` where a path is not there."""
    for path in paths:
        if path.is_dir():
            yield from _in_folder(path)
        elif not path.exists():
            raise UsageProblem(f"Berkas {path} tidak ada.", "Periksa nama berkasnya.")
        else:
            yield from _in_file(path)


def _in_folder(folder: Path) -> Iterator[Carried]:
    try:
        found = sorted(path for path in folder.iterdir() if not path.name.startswith(("~$", ".")))
    except OSError as error:
        raise file_problem(error, folder, "dibaca") from error
    found = [path for path in found if path.suffix.lower() in (WORD, MAIL, *OTHER) and not path.is_dir()]
    if not found:
        yield Carried(str(folder), problem="folder ini tidak memuat .docx atau .eml")
    elif len(found) > MAX_FILES:
        yield Carried(str(folder), problem=f"folder ini memuat lebih dari {MAX_FILES} berkas; sebutkan berkasnya")
    else:
        for path in found:
            yield from _in_file(path)


def _in_file(path: Path) -> Iterator[Carried]:
    try:
        data = read_regular(path, MAX_FILE)
    except TooLarge:
        yield Carried(str(path), problem=f"berkasnya lebih besar dari {MAX_FILE // 1_000_000} MB")
    except NotRegular:
        yield Carried(str(path), problem="yang ada di situ bukan berkas")
    except OSError as error:
        yield Carried(str(path), problem=file_problem(error, path, "dibaca").message.rstrip("."))
    else:
        if path.suffix.lower() == MAIL:
            yield from _in_mail(str(path), data)
        else:
            yield _document(str(path), path.name, data)


def _document(source: str, name: str, data: bytes, origin: str = "") -> Carried:
    suffix = Path(name).suffix.lower()
    if suffix != WORD and not (suffix == "" and data.startswith(b"PK\x03\x04")):
        return Carried(source, b"", origin, f"{suffix or 'berkas ini'} bukan .docx. {SAVE_AS}")
    return Carried(source, data, origin)


def _in_mail(source: str, data: bytes) -> Iterator[Carried]:
    """The Word files that a mail carries, also within a mail that it forwards."""
    try:
        documents = list(_attached(source, message_from_bytes(data, policy=policy.default)))
    except SopkitError:
        raise
    except Exception as error:  # whatever the parser meets in a mail that nobody vouches for, and its recursion
        yield Carried(source, problem=f"surelnya tidak dapat dibaca ({type(error).__name__})")
        return
    yield from documents or [Carried(source, problem="surel ini tidak membawa lampiran .docx")]


def _attached(source: str, message: EmailMessage) -> Iterator[Carried]:
    origin = _origin(message)
    for count, part in enumerate(message.walk()):
        if count >= MAX_PARTS:
            yield Carried(source, b"", origin, f"surel ini memuat lebih dari {MAX_PARTS} bagian; sisanya tidak dibaca")
            return
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload(0) if part.is_multipart() else None
            origin = _origin(inner) if isinstance(inner, EmailMessage) else origin
        name = clean_line(part.get_filename() or "")
        is_word = part.get_content_type() == WORD_TYPE
        if part.is_multipart() or not (is_word or Path(name).suffix.lower() in (WORD, *OTHER)):
            continue
        content = part.get_payload(decode=True)
        shown = name or "lampiran.docx"
        yield _document(f"{source}: {shown}", f"a{WORD}" if is_word else name, bytes(content or b""), origin)


def _origin(message: EmailMessage) -> str:
    """Who wrote it and when, as the mail itself says."""
    said = (clean_line(str(message.get(name) or ""))[:200] for name in ("From", "Date"))
    return ", ".join(filter(None, said))
