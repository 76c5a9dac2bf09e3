"""The register laid open for filling documents: rows as plain values, executions by case, people by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sopkit.checks.catalogue import Severity
from sopkit.checks.inspection import Inspected
from sopkit.frames import rows_of
from sopkit.register.tables import Table
from sopkit.text import plain

Record = Mapping[str, Any]


@dataclass(frozen=True)
class DocumentData:
    """The register laid open for filling: rows as plain values, executions by case, people by name."""

    inspected: Inspected

    @cached_property
    def people(self) -> Mapping[str, tuple[int, Record]]:
        """Row and record of each person by plain name; a name in error (the second of two alike) is unknown."""
        table = self.inspected.register.people
        wrong = {
            found.row
            for found in self.inspected.findings
            if found.sheet == table.sheet
            and found.severity is Severity.ERROR
            and found.column == table.plan.column("name").header
        }
        known: dict[str, tuple[int, Record]] = {}
        for row, person in records(table).items():
            if person["name"] and row not in wrong:
                known.setdefault(plain(person["name"]), (row, person))
        return known

    @cached_property
    def cases(self) -> Mapping[int, Record]:
        return records(self.inspected.register.cases)

    @cached_property
    def disposals(self) -> Mapping[int, Record]:
        return records(self.inspected.register.disposals)

    @cached_property
    def executions(self) -> Mapping[str, Sequence[Record]]:
        """The executions of each case in the order of time, with what the clock of `as_of` adds left out."""
        grouped: dict[str, list[Record]] = {}
        for _, row in rows_of(self.inspected.executions.frame):
            if row["end"] is None:
                verdict = "berjalan" if row["running"] else ""
                row.update(taken=None, verdict=verdict)
            grouped.setdefault(row["case"], []).append(row)
        return grouped

    @cached_property
    def office(self) -> Record:
        """Letterhead and head of office; Kantor rules, the SOP's own print stands in."""
        office, sop = self.inspected.office, self.inspected.sop
        head = self.person("pimpinan", self._head())
        return {
            "pemerintah": office.government,
            "nama_kantor": office.name,
            "alamat": office.address,
            "tempat": office.place,
            "sop": sop.title,
            **head,
            "pimpinan_jabatan": head["pimpinan_jabatan"] or sop.head_role,
        }

    def _head(self) -> str | None:
        """The one active person with the head's role; nobody is guessed among two."""
        role = self.inspected.sop.head_role
        active = [p["name"] for _, p in self.people.values() if p["role"] == role and p["active"] != "Tidak"]
        return active[0] if len(active) == 1 else None

    def person(self, prefix: str, name: str | None) -> dict[str, str]:
        """`prefix`, `prefix_nip`, `prefix_pangkat`, `prefix_jabatan`; a name as typed, blanks where unknown."""
        _, found = self.people.get(plain(name or ""), (0, {}))
        return {
            prefix: name or "",
            f"{prefix}_nip": found.get("nip") or "",
            f"{prefix}_pangkat": found.get("rank") or "",
            f"{prefix}_jabatan": found.get("position") or "",
        }


def records(table: Table) -> Mapping[int, Record]:
    """Rows of a table by Excel row."""
    return dict(rows_of(table.data))
