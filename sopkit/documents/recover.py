"""What a document of sopkit's own says of itself, for the day when the archive is lost."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path, PurePosixPath

from sopkit.archive import Archive, Record, sha256_of
from sopkit.documents.codes import read_qr
from sopkit.documents.kinds import KINDS
from sopkit.errors import SopkitError
from sopkit.files import read_regular
from sopkit.ooxml.container import BROKEN, Limits, read_parts

LIMITS = Limits(members=500, total=100 << 20, member=50 << 20)
LARGEST = 50 << 20  # bytes of a document that is looked into
LABEL_SHEET = "label/lembar-label.docx"  # made of labels, and none itself
REVISION = re.compile(r" rev-(\d+)$")
FULL_CODE = re.compile(r"SOPKIT:([A-Z]+):(.*):([0-9A-F]{32}|[0-9A-F]{64})", re.DOTALL)
PRINTED = re.compile(r"\b[0-9A-F]{4}(?:-[0-9A-F]{4}){3}\b")


def documents_in(output: Path) -> Iterator[Path]:
    """Word files where documents belong, but for backups, Word's owner files and the sheet of labels."""
    places = dict.fromkeys([output, *(output / kind.folder for kind in KINDS.values())])
    for place in places:
        for path in sorted(place.glob("*.docx")) if place.is_dir() else []:
            if path == output / LABEL_SHEET or path.name.startswith("~$"):
                continue
            if not re.search(r"\.cadangan-\d+$", path.stem):
                yield path


def own_record(path: str, data: bytes, made_at: str) -> Record | None:
    """The record of a document at `path`, as far as its bytes tell; None unless sopkit itself wrote these bytes.

    What it does not tell is empty: what it prints and its template. The QR leaves the code's first 32 digits, a
    template without QR 16. The next run completes it where the same bytes come of the register.
    """
    if len(data) > LARGEST or not _as_sopkit_packs(data):
        return None
    try:
        parts = read_parts(data, LIMITS)
    except BROKEN:
        return None
    told = _by_qr(parts) or _by_text(parts, path)
    if told is None or not _is_place_of(told[0], told[1], path):
        return None
    kind, number, code = told
    cases = (number,) if kind in ("catatan", "label") else ()
    sha256 = hashlib.sha256(data).hexdigest()
    return Record(path, kind, number, _revision(path), cases, sha256, code, "", "", "", made_at)


def same_but_codes(path: Path, other: bytes) -> bool:
    """Whether two documents differ in printed codes alone: a list also bears the link of a history that is lost."""
    try:
        parts = [read_parts(data, LIMITS) for data in (read_regular(path, LARGEST), other)]
    except (*BROKEN, OSError):
        return False
    bare = [{name: PRINTED.sub("", data.decode("utf-8", "replace")) for name, data in each.items()} for each in parts]
    return bare[0] == bare[1]


def _as_sopkit_packs(data: bytes) -> bool:
    """Word and LibreOffice pack otherwise (dates, flags, their version): what they saved may have been edited."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
    except BROKEN:
        return False
    return bool(members) and all(
        one.date_time == (1980, 1, 1, 0, 0, 0)
        and one.flag_bits in (0, 0x800)
        and (one.create_system, one.create_version, one.extract_version) == (0, 20, 20)
        and not one.extra
        and not one.comment
        for one in members
    )


def _by_qr(parts: dict[str, bytes]) -> tuple[str, str, str] | None:
    for name, data in parts.items():
        if name.startswith("word/media/") and (text := read_qr(data)) and (match := FULL_CODE.fullmatch(text)):
            kind = match[1].lower()
            alone = kind in KINDS and not KINDS[kind].folder  # the one list of all, recorded without a number
            return kind, "" if alone else match[2], match[3].lower()
    return None


def _by_text(parts: dict[str, bytes], path: str) -> tuple[str, str, str] | None:
    """By the printed code, the folder, and the word in it that the file is named by."""
    folder = PurePosixPath(path).parent.as_posix().removeprefix(".")
    text = " ".join(
        re.sub(r"<[^>]*>", "", re.sub(r"</w:p>|<w:tab/>|<w:br/>", " ", data.decode("utf-8", "replace")))
        for name, data in parts.items()
        if re.fullmatch(r"word/(document|header\d*|footer\d*)\.xml", name)
    )
    code = PRINTED.search(text)
    if code is None:
        return None
    short = code[0].replace("-", "").lower()
    for kind in KINDS.values():
        if kind.folder == folder:
            words = [""] if not kind.folder else dict.fromkeys(text.split())
            for word in words:
                if _is_place_of(kind.name, word.strip(",;()"), path):
                    return kind.name, word.strip(",;()"), short
    return None


def _is_place_of(kind: str, number: str, path: str) -> bool:
    """Whether a document of this kind and number lies where sopkit puts it."""
    if kind not in KINDS:
        return False
    plain = KINDS[kind].path(number).removesuffix(".docx")
    stem = REVISION.sub("", path.removesuffix(".docx"))
    return stem in (plain, f"{plain}-{hashlib.sha256(number.encode()).hexdigest()[:6]}")


def _revision(path: str) -> int:
    match = REVISION.search(path.removesuffix(".docx"))
    return int(match[1]) if match else 0


def read_own(output: Path, path: str) -> Record | None:
    """`own_record` of the file that lies there; None also when it cannot be read."""
    file = output / path
    try:
        if file.stat().st_size > LARGEST:
            return None
        made_at = dt.datetime.fromtimestamp(file.stat().st_mtime).replace(microsecond=0).isoformat()
        return own_record(path, file.read_bytes(), made_at)
    except (OSError, ValueError):
        return None


def _stands(file: Path, made: Record) -> bool:
    """True also of a file that cannot be read now: the run will say it."""
    try:
        return sha256_of(file) == made.file_sha256
    except SopkitError:
        return True


def complete(record: Archive) -> int:
    """Record the documents of sopkit's own that the archive does not know, or has otherwise.

    Returns how many. A file that a killed run was about to write is left to the next run.
    """
    known = {one.path: one for one in record.records()}
    intended = record.intended()
    held = {(one.kind, one.number, one.revision) for one in known.values()}
    found = []
    for file in documents_in(record.output):
        path = file.relative_to(record.output).as_posix()
        if path in intended:
            continue
        before = known.get(path)
        if before is not None and _stands(file, before):
            continue
        own = read_own(record.output, path)
        if own is None:
            continue
        key = (own.kind, own.number, own.revision)
        if (before is None and key in held) or (before is not None and key[:2] != (before.kind, before.number)):
            continue
        held.add(key)
        found.append(own)
    if found:
        record.record(found)
    return len(found)
