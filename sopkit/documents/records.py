"""The register laid open for filling documents: rows as plain values, executions by case, people by name."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from sopkit.checks.inspection import Inspected
from sopkit.checks.sequence import skipped_before
from sopkit.checks.staff import Post
from sopkit.frames import rows_of
from sopkit.register.tables import Table

Record = Mapping[str, Any]
DOTS = "…" * 5  # room for initials


@dataclass(frozen=True)
class DocumentData:
    """The register laid open for filling: rows as plain values, executions by case, people as they were on a day."""

    inspected: Inspected

    @cached_property
    def cases(self) -> Mapping[int, Record]:
        return records(self.inspected.register.cases)

    @cached_property
    def disposals(self) -> Mapping[int, Record]:
        return records(self.inspected.register.disposals)

    @cached_property
    def executions(self) -> Mapping[str, Sequence[Record]]:
        """The executions of each case in the order of time, with what the clock of `as_of` adds left out.

        `skipped` are the orders of the steps that were skipped before each.
        """
        done = self.inspected.executions
        skipped = skipped_before(done)
        grouped: dict[str, list[Record]] = {}
        for place, (_, row) in enumerate(rows_of(done.table)):
            row["skipped"] = skipped.get(place, ())
            if row["end"] is None:
                verdict = "berjalan" if row["running"] else ""
                row.update(taken=None, verdict=verdict)
            grouped.setdefault(row["case"], []).append(row)
        return grouped

    @cached_property
    def office(self) -> Record:
        """Letterhead and head of office on the day of `as_of`."""
        return self.office_on(None)

    @cached_property
    def _post(self) -> Callable[[str, dt.date | None, tuple[str, ...]], Post | None]:
        """What somebody was on a day, looked up once: a register has few people and many acts."""
        return lru_cache(None)(self.inspected.staff.post)

    def office_on(self, day: dt.datetime | dt.date | None) -> Record:
        """Letterhead, and who was head of office on that day (None: of `as_of`); Kantor rules, the SOP's own print
        stands in.
        """
        office, sop = self.inspected.office, self.inspected.sop
        day = _date(day) or self.inspected.as_of.date()
        head = self.person("pimpinan", self._head(day), day, (sop.head_role,))
        return {
            "pemerintah": office.government,
            "nama_kantor": office.name,
            "alamat": office.address,
            "tempat": office.place,
            "sop": sop.title,
            **self._optional_lines(),
            **head,
            "pimpinan_jabatan": head["pimpinan_jabatan"] or sop.head_role,
        }

    def _optional_lines(self) -> dict[str, str]:
        """What only some offices print; empty where Kantor does not ask for it."""
        said = self.inspected.register.settings
        initials, copies = (_listed(said.get(key, "")) for key in ("Paraf", "Tembusan"))
        numbered = [f"{place}. {one}" for place, one in enumerate(copies, start=1)]
        return {
            "kode_klasifikasi": said.get("Kode Klasifikasi", "").strip(),
            "paraf": "   ".join(f"{one} {DOTS}" for one in initials),
            "tembusan": "\n".join(numbered if len(numbered) > 1 else copies),
        }

    def _head(self, day: dt.date) -> str | None:
        """The one person who held the head's role that day; nobody is guessed among two."""
        holders = self.inspected.staff.holders(self.inspected.sop.head_role, day)
        return holders[0].name if len(holders) == 1 else None

    def post(self, name: str | None, day: dt.datetime | dt.date | None, roles: Iterable[str] = ()) -> Post | None:
        """What somebody was on that day, of two posts the one with one of these roles; None where he is unknown."""
        return self._post(name, _date(day), tuple(roles)) if name else None

    def person(
        self, prefix: str, name: str | None, day: dt.datetime | dt.date | None, roles: Iterable[str] = ()
    ) -> dict[str, str]:
        """`prefix`, `prefix_nip`, `prefix_pangkat`, `prefix_jabatan`; a name as typed, blanks where unknown."""
        post = self.post(name, day, roles)
        return {
            prefix: name or "",
            f"{prefix}_nip": post.nip if post else "",
            f"{prefix}_pangkat": post.rank if post else "",
            f"{prefix}_jabatan": post.position if post else "",
        }


def _listed(text: str) -> list[str]:
    """The parts of a setting that holds several."""
    return [part.strip() for part in re.split(r"[;\n]", text) if part.strip()]


def _date(moment: dt.datetime | dt.date | None) -> dt.date | None:
    return moment.date() if isinstance(moment, dt.datetime) else moment


def records(table: Table) -> Mapping[int, Record]:
    """Rows of a table by Excel row."""
    return dict(rows_of(table.read))
