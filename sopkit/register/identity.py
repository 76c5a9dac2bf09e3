"""Which register a workbook is, whatever its file is called: the mark in its properties, its office, year, first facts.

Excel, LibreOffice and Gnumeric keep a workbook's own properties. A book saved under another name as the start of next
year's, or of another register, keeps them too: so what was recorded in it counts beside them.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np

from sopkit.archive import Owner
from sopkit.ooxml.container import BROKEN
from sopkit.register.tables import Register
from sopkit.text import plain

PROPERTY = "sopkit-register"
FIRST = 20  # cases, the earliest found, that a register is known by
HEAD = 1 << 20  # bytes of a part of properties that are looked at
PARTS = ("docprops/custom.xml", "meta.xml")  # of Office Open XML, of OpenDocument
MARK = re.compile(rb"sopkit-[0-9a-f]{32}")
WIDE_MARK = re.compile(b"".join(re.escape(bytes((letter, 0))) for letter in b"sopkit-") + rb"(?:[0-9a-f]\x00){32}")
YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")


def new_mark(of: bytes = b"") -> str:
    """An identity that no other register has; the same for the same bytes, where it is that of a file."""
    return f"sopkit-{hashlib.sha256(of).hexdigest()[:32] if of else secrets.token_hex(16)}"


def mark_of(data: bytes) -> str:
    """The identity in the properties of a workbook's file, whatever program saved it; "" where they hold none."""
    if not data.startswith(b"PK"):  # xls: its streams are not packed
        found = MARK.search(data) or WIDE_MARK.search(data)
        return found[0].replace(b"\0", b"").decode() if found else ""
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            for name in package.namelist():
                if name.lower() in PARTS:
                    with package.open(name) as part:
                        found = MARK.search(part.read(HEAD))
                    if found:
                        return found[0].decode()
    except BROKEN:
        return ""
    return ""


def identity_of(register: Register) -> Owner:
    """What a register is known by; where its file lies is left open."""
    office = plain(register.settings.get("Nama Kantor", ""))
    return Owner(mark_of(register.source.book.data), office, _year(register), _first_facts(register), "")


def file_from(output: Path, book: Path) -> str:
    """The workbook's path as seen from the output folder, with `/`: both may move together."""
    try:
        return Path(os.path.relpath(book.absolute(), output.absolute())).as_posix()
    except ValueError:  # on another drive of Windows
        return book.absolute().as_posix()


def is_same(old: Owner, new: Owner, *, at_home: bool, left: bool) -> bool:
    """Whether what the archive remembers and a workbook are one register.

    `at_home`: the workbook lies where that register lay; `left`: nothing lies there any more.
    Cases that are alike make two books one register, a copy, and the lack of them makes two of what was copied from one
    blank workbook. Another year is another register, unless all that was recorded is there and the year was mended.
    """
    moved_or_here = at_home or left
    if old.year and new.year and old.year != new.year:
        return moved_or_here and set(old.facts) <= set(new.facts)
    if _alike(old, new):
        return moved_or_here or old.office == new.office
    if old.mark and new.mark and old.mark != new.mark:
        return at_home and not old.facts
    return at_home or (left and (old.mark == new.mark != "" or not (old.facts and new.facts)))


def _alike(old: Owner, new: Owner) -> bool:
    shared = len(set(old.facts) & set(new.facts))
    return shared > 0 and 2 * shared >= min(len(old.facts), len(new.facts))


def _year(register: Register) -> int:
    """Tahun Register, else a year in the file's name, else that of the first case."""
    named = YEAR.search(register.source.path.stem)
    found = register.cases.read["found_at"].dropna()
    return register.stated_year or (int(named[0]) if named else min(found).year if len(found) else 0)


def _first_facts(register: Register) -> tuple[str, ...]:
    """A digest of each of the cases found first: its day and what was found, else its number."""
    read = register.cases.read.columns
    days = read["found_at"].astype("datetime64[D]")
    places = np.argsort(days, kind="stable")[: 2 * FIRST]  # of no day last
    found = []
    for place in places:
        told, number = read["description"][place], read["number"][place]
        what = plain(told) if isinstance(told, str) else number if isinstance(number, str) else ""
        if what:
            found.append(hashlib.sha256(f"{days[place]}\0{what}".encode()).hexdigest()[:16])
    return tuple(dict.fromkeys(found))[:FIRST]
