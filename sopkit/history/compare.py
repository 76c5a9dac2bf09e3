"""A register beside what former checks saw, and its own check added to the chain."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
import sqlite3
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

from sopkit.archive import Archive
from sopkit.checks.changes import Altered, Change, Changes, Gone, Last, short_link
from sopkit.checks.inspection import Inspected, Inspection
from sopkit.database import FILE, read_only, transaction
from sopkit.errors import SopkitError
from sopkit.folders import FINDINGS
from sopkit.history.chain import Chain, Entry, Place, compressed, packed, told
from sopkit.history.columns import packed_columns
from sopkit.history.facts import PLANS, Facts, Row, Unit, shown
from sopkit.history.follow import Follower, row_text, without_origins
from sopkit.language import list_text
from sopkit.ooxml.container import BROKEN
from sopkit.register.own_folder import folder_of
from sopkit.register.schema import Column, Events
from sopkit.text import clean_line

PARTS = ("docprops/core.xml", "meta.xml")  # of Office Open XML, of OpenDocument
AUTHOR = re.compile(rb"<(?:cp:lastModifiedBy|dc:creator)\b[^>]*>([^<]{1,400})<")
SAVED = re.compile(rb"<(?:dcterms:modified|dc:date)\b[^>]*>([^<]{1,40})<")
HEAD = 1 << 16  # bytes of a part of properties that are looked at
BEGUN = (
    "Arsip di {folder} tidak memuat pemeriksaan terakhir yang tercatat di temuan.json (tautan {link}): arsipnya pernah "
    "hilang, dipotong, atau diganti. Riwayat disusun mulai pemeriksaan ini; cocokkan tautan pada laporan tercetak."
)
NAMED = 3  # rows of a case that a finding quotes


@dataclass(frozen=True)
class _Compared:
    """What came of a comparison: the entry that it asks for, None where nothing changed, and where units stand now.

    A unit that is only written another way keeps its entry and gets a new digest, so that it is not looked at again.
    """

    changes: Changes
    entry: Entry | None
    places: Mapping[str, Place]


def compared(inspected: Inspected, connection: sqlite3.Connection) -> Inspected:
    """The register with what changed since the last check; nothing is written. As it is where there is no check."""
    chain = Chain(connection)
    return inspected.beside(_compare(inspected, chain).changes) if chain.tip() else inspected


def beside_archive(inspected: Inspected, output: Path) -> Inspected:
    """The same by the archive in or below an output folder, where one is this register's; nothing is written."""
    folder = folder_of(inspected.register, output)
    with suppress(OSError, SopkitError):
        if folder is not None and (folder / FILE).is_file():
            with read_only(folder / FILE) as connection:
                return compared(inspected, connection)
    return inspected


def recorded(inspected: Inspected, archive: Archive, say: Callable[[str], object] = len) -> Inspected:
    """The same, and its check is added to the chain, where it found something changed. All of it or nothing.

    Where the last run in this folder told of a link that the chain has not, the archive is another one or an older
    copy: the register is taken as it is, and `say` tells it.
    """
    with transaction(archive.connection):
        chain = Chain(archive.connection)
        lost = told_link(archive.output)
        lost = "" if chain.find(lost) else lost
        found = _compare(inspected, chain, lost)
        if not found.changes.older:
            chain.place(found.places)
        if found.entry and not found.changes.older:
            chain.append(found.entry)
            if lost:
                say(BEGUN.format(folder=archive.output, link=short_link(lost)))
    return inspected.beside(found.changes)


def told_link(output: Path) -> str:
    """The link that temuan.json in an output folder tells; "" for none."""
    try:
        link = json.loads((output / FINDINGS).read_text("utf-8"))["history"]["link"]
    except (OSError, ValueError, LookupError, TypeError):
        return ""
    return link if isinstance(link, str) and re.fullmatch(r"[0-9a-f]{64}", link) else ""


def _compare(inspected: Inspected, chain: Chain, lost: str = "") -> _Compared:
    check, tip, places = inspected.inspection.understood or inspected.inspection, chain.tip(), chain.places()
    facts = Facts(check, places.keys())
    if tip is None:
        return _begun(inspected, facts, lost)
    touched = _touched(facts, places)
    before = chain.units({key: places[key].number for key in touched if key in places})
    entries = {number: chain.entry(number) for number in {places[key].number for key in before}}
    seen = {key: entry.moment for key in before if (entry := entries[places[key].number])}
    number = tip.number + 1
    follower = Follower(seen, number, check.listed, absent=facts.missing, kept=facts.absent, anew=bool(lost))
    units = follower.follow(before, facts.rows(touched))
    texts = {key: told(unit) for key, unit in units.items()}
    content = {
        key: (places[key].number if key in places else 0, texts[key])
        for key in units
        if key not in before or texts[key] != told(before[key])
    }
    entry = None
    if content or lost:
        entry = _entry(inspected, number, facts.state, tip.link, packed(content))
    older = _older(chain, tip, facts.state, follower.changes, inspected) if entry and not lost else None
    last = entry.last if entry and not older else tip.last
    since, start = _since(chain, tip, entry, follower.changes) if not lost else ((), None)
    changes = Changes(
        tuple(_altered(units, check)), tuple(_gone(units, follower, tip)), since, start, last, older,
        tuple(filter(_is_lacking, follower.changes)) if older else (),
    )  # fmt: skip
    stand = {
        key: Place(number if key in content else places[key].number, digest, unit.open)
        for key, unit in units.items()
        for digest in (facts.digests.get(key, 0),)
        if key in content or digest != places[key].digest
    }
    return _Compared(changes, entry, stand)


def _begun(inspected: Inspected, facts: Facts, lost: str) -> _Compared:
    """The first check of a chain."""
    entry = _entry(inspected, 1, facts.state, lost, compressed(packed_columns(facts), 1))
    places = {key: Place(1, digest, False) for key, digest in facts.digests.items()}
    return _Compared(Changes(last=entry.last), entry, places)


def _touched(facts: Facts, places: Mapping[str, Place]) -> list[str]:
    """The units that are not as they were last seen, and those of which something is to be told."""
    digests = facts.digests
    kept = {"B"} if "disposals" in facts.absent else set()
    if {"cases", "events"} <= facts.absent:
        kept.add("K")
    new = [key for key, digest in digests.items() if key not in places or places[key].digest != digest]
    gone = [key for key in places if key not in digests and key[0] not in kept]
    there = {*new, *gone}
    return [*new, *gone, *(key for key, place in places.items() if place.open and key not in there)]


def _entry(inspected: Inspected, number: int, state: str, before: str, content: bytes) -> Entry:
    source = inspected.register.source
    author, saved = said_by_file(source.book.data)
    entry = Entry(
        number, inspected.as_of.isoformat(timespec="seconds"), dt.datetime.now().isoformat(timespec="seconds"),
        source.path.name, source.sha256, author, saved, state, before, content, "",
    )  # fmt: skip
    return replace(entry, link=entry.reckoned())


def said_by_file(data: bytes) -> tuple[str, str]:
    """Who last saved a workbook and when (ISO), as its file says; "" where it does not."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            names = [name for name in package.namelist() if name.lower() in PARTS]
            head = b""
            for name in names[:1]:
                with package.open(name) as part:
                    head = part.read(HEAD)
    except BROKEN:
        return "", ""
    author, saved = (_said(pattern, head) for pattern in (AUTHOR, SAVED))
    try:
        moment = dt.datetime.fromisoformat(saved)
    except ValueError:
        return author, ""
    return author, moment.replace(microsecond=0).isoformat()


def _said(pattern: re.Pattern[bytes], head: bytes) -> str:
    found = pattern.search(head)
    return clean_line(html.unescape(found[1].decode("utf-8", "replace")))[:100] if found else ""


def _older(chain: Chain, tip: Entry, state: str, changes: Sequence[Change], inspected: Inspected) -> Last | None:
    """The earlier check whose facts these are, where they are those of a copy and not values set back by hand."""
    same = [number for number, each in chain.states() if each == state and number < tip.number]
    entry = chain.entry(same[-1]) if same and tip.state != state else None
    if entry is None:
        return None
    source = inspected.register.source
    _, saved = said_by_file(source.book.data)
    lacking = any(_is_lacking(one) for one in changes)
    kept_back = saved and entry.saved and saved <= entry.saved and saved < tip.saved
    return entry.last if source.sha256 == entry.file_sha256 or kept_back or lacking else None


def _is_lacking(change: Change) -> bool:
    return change.kind == "gone" or (change.kind == "changed" and not change.after)


def _since(
    chain: Chain, tip: Entry, entry: Entry | None, changes: Sequence[Change]
) -> tuple[tuple[Change, ...], Last | None]:
    """What the last interval brought, and the check that it began with: a workbook that is as it was has none of its
    own, and says what the newest entry said.
    """
    if entry:
        return tuple(changes), tip.last
    former = chain.entry(tip.number - 1)
    return (tuple(changes_of(chain, tip)), former.last) if former else ((), None)


def changes_of(chain: Chain, entry: Entry) -> list[Change]:
    """What an entry of the chain changed against those before it; nothing for the first."""
    if entry.number == 1:
        return []
    content = entry.units()
    before = chain.units({key: number for key, (number, _) in content.items() if number})
    follower = Follower(dict.fromkeys(before, ""), entry.number)
    follower.follow(before, {key: without_origins(unit) for key, (_, unit) in content.items()})
    return follower.changes


def _altered(units: Mapping[str, Unit], check: Inspection) -> Iterable[Altered]:
    for key, unit in units.items():
        for row in unit.rows if unit.open else ():
            columns = {column.field: column for column in PLANS[row.table].columns}
            for name, (was, seen, remark, number) in row.origins.items():
                column = columns[name]
                now = key[1:] if column == _key_column(row) else row.values.get(name, "")
                if row.place is not None and not check.unknown(column)[_at(check, row)]:
                    yield Altered(
                        column, row.place, shown(column, was), shown(column, now),
                        dt.datetime.fromisoformat(seen), number, remark,
                    )  # fmt: skip


def _key_column(row: Row) -> Column:
    return Events.case if row.table == "events" else PLANS[row.table].column("number")


def _at(check: Inspection, row: Row) -> int:
    return int(check.rows(PLANS[row.table]).searchsorted(row.place or 0))


def _gone(units: Mapping[str, Unit], follower: Follower, tip: Entry) -> Iterable[Gone]:
    for key, unit in units.items():
        if not unit.gone:
            continue
        number, moment = key[1:], dt.datetime.fromisoformat(max(when for _, when in unit.gone))
        heads = [row for row, _ in unit.gone if row.table != "events"]
        rows = heads[:1] or [row for row, _ in unit.gone]
        said = "; ".join(
            row_text(row) if heads or len(rows) == 1 else f"langkah {row.values.get('step', '?')} {row_text(row)}"
            for row in rows[:NAMED]
        )
        more = f"; dan {len(rows) - NAMED} lagi" if len(rows) > NAMED else ""
        if key[0] == "B":
            yield Gone(None, f"BA {number}", said, moment)
        else:
            steps = list_text(dict.fromkeys(row.values.get("step", "?") for row in rows))
            yield Gone(number, f"Kasus {number}" if heads else f"Langkah {steps} kasus {number}", said + more, moment)
    for column, count in follower.lost.items():
        seen = dt.datetime.fromisoformat(tip.moment)
        yield Gone(None, f"Kolom {column.header}", f"{count} catatan di kolom itu", seen)
