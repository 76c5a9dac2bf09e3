"""A document that somebody holds, proved against the archive: by its bytes, else by its code and its fixed text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sopkit.documents.codes import short_code
from sopkit.documents.generate import Known, known_by, known_file
from sopkit.documents.pdf_stamp import source_of
from sopkit.errors import UsageProblem, file_problem
from sopkit.files import NotRegular, TooLarge, read_regular
from sopkit.receive.opening import MAIL, MAX_FILE, OTHER, WORD, Carried, carried_by
from sopkit.receive.word import NotReadable, WordText, altered, read_word
from sopkit.text import plain

SAME = "sama dengan yang dibuat sopkit"
FILLED = "disimpan lagi sesudah dibuat; bagian tetapnya tidak berubah, isian terbukanya tidak dibandingkan"
BY_CODE = "Periksa kode yang tercetak padanya dengan: sopkit verify --code KODE"


@dataclass(frozen=True)
class Proof:
    """What a file is in the archive, None where it is nothing there; `holds` where nothing fixed of it was changed."""

    source: str
    said: str
    holds: bool = False
    known: Known | None = None


def proofs(path: Path, folders: Sequence[Path]) -> Iterator[Proof]:
    """A proof for each document that a file is or carries, among the archives of `folders`."""
    suffix = path.suffix.lower()
    if suffix not in ("", WORD, MAIL, *OTHER):
        raise UsageProblem(
            f"{path.name} bukan dokumen yang dapat dicocokkan dengan arsip.",
            "Berikan .docx, .pdf, atau .eml-nya; buku kerja diperiksa dengan sopkit validate.",
        )
    if suffix == ".pdf":
        yield _of_pdf(path, folders)
        return
    for carried in carried_by([path]):
        yield _of_word(carried, folders)


def _of_pdf(path: Path, folders: Sequence[Path]) -> Proof:
    try:
        source = source_of(read_regular(path, MAX_FILE))
    except (TooLarge, NotRegular):
        return Proof(str(path), "bukan berkas PDF yang dapat dibaca.")
    except OSError as error:
        raise file_problem(error, path, "dibaca") from error
    if source is None:
        return Proof(str(path), f"bukan PDF buatan sopkit, atau sudah diubah, misalnya hasil pindai. {BY_CODE}")
    found = _first(known_file(source, folder) for folder in folders)
    if found is None:
        return Proof(str(path), f"dibuat dari dokumen yang tidak ada di arsip ini. {BY_CODE}")
    return Proof(str(path), f"{SAME}.", True, found[0])


def _of_word(carried: Carried, folders: Sequence[Path]) -> Proof:
    if carried.problem:
        return Proof(carried.source, f"{carried.problem.rstrip('.')}.")
    same = _first(known_file(hashlib.sha256(carried.data).hexdigest(), folder) for folder in folders)
    if same:
        return Proof(carried.source, f"{SAME}.", True, same[0])
    try:
        word = read_word(carried.data)
    except NotReadable as error:
        return Proof(carried.source, f"tidak dapat dibaca: {error}.")
    codes = [code.replace("-", "") for code in word.codes]
    if not codes:
        return Proof(carried.source, "tidak memuat kode verifikasi arsip, jadi asalnya tidak diketahui.")
    code = short_code(codes[0])
    if not all(codes[0].startswith(one) or one.startswith(codes[0]) for one in codes):
        return Proof(carried.source, "kode QR dan kode yang tercetak berlainan.")
    for folder in folders:
        if known := known_by(code, folder):
            why = _changed(word, known[0], folder)
            return Proof(carried.source, f"{why or FILLED}.", not why, known[0])
    return Proof(carried.source, f"kode {code} tidak ada di arsip ini: dokumen kantor lain, atau sudah dibuat ulang.")


def _changed(word: WordText, known: Known, folder: Path) -> str:
    """What of its fixed text is another than it was issued with; empty where nothing is."""
    record = known.record
    if plain(record.number) not in plain(word.all_text):
        return f"nomor {record.number} tidak tercetak padanya, padahal kodenya milik nomor itu"
    if known.state != "matching":
        return f"diubah sesudah dibuat, dan naskah aslinya {record.path} tidak ada lagi untuk dibandingkan"
    try:
        near = altered(read_word((folder / record.path).read_bytes()), word)
    except (OSError, NotReadable):
        return f"naskah aslinya {record.path} tidak dapat dibaca untuk dibandingkan"
    return f"bagian tetapnya diubah, di dekat “{near}”" if near else ""


def _first(found: Iterator[tuple[Known, ...]]) -> tuple[Known, ...] | None:
    return next((known for known in found if known), None)
