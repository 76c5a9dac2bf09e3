"""P: who acted: known people, allowed roles, and duties that one person must not hold together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.courses import Array
from sopkit.checks.data import RECORDS
from sopkit.checks.inspection import Inspection
from sopkit.checks.likeness import nearest, strangers
from sopkit.checks.spelling import allowed, names_of
from sopkit.register.address import row_of
from sopkit.register.columns import Kind
from sopkit.text import plain

ROLES = "SOP, kolom Pelaksana"
AUTHORITY = "ISO 9001:2015 klausul 5.3"
RESPONSIBLE = "Penanggung Jawab"  # in sheet Surel: whoever the case names so


@rule(
    "P01",
    Severity.ERROR,
    stage=1,
    message="“{name}” tidak ada di sheet Pegawai{nearest}.",
    fix="Perbaiki ejaannya, atau tambahkan orang itu di sheet Pegawai.",
    reason="Pelaksana harus dapat dikenali beserta jabatannya agar wewenangnya dapat diperiksa.",
    clause=AUTHORITY,
)
def unknown_person(case: Inspection) -> Iterator[Mark]:
    """Somebody whom the office does not know cannot have acted for it. In sheet Surel a role will do as well.

    A row of Pegawai whose Nama cannot be read stands for one person who seems unknown.
    """
    if not case.has("people", "name"):
        return
    known = list(names_of(case.register).values())
    roles = [value for table in case.register.tables for column in table.plan.columns if column.field == "role"
             for value in allowed(case.register, case.sop, column)]  # fmt: skip
    lists = {Kind.PERSON: known, Kind.ROLE_OR_PERSON: [*known, *roles, RESPONSIBLE]}
    columns = [(table.plan.table, column.field, lists[column.kind]) for table in case.register.tables
               for column in table.plan.columns if column.kind in lists]  # fmt: skip
    strange = {(table, field): _strangers(case, table, field, names) for table, field, names in columns}
    meant = _unreadable_people(case, [name for rows in strange.values() for name in rows.values()], known)
    for table, field, names in columns:
        rows = {row: name for row, name in strange[table, field].items() if plain(name) not in meant}
        hints = {name: nearest(name, names) for name in set(rows.values())}
        near = {row: hints[name] for row, name in rows.items()}
        yield from case.mark(table, list(rows), field, name=rows, nearest=near)


def _strangers(case: Inspection, table: str, field: str, names: Iterable[str]) -> dict[int, str]:
    """The names of a column that are not among these, by row."""
    known = set(map(plain, names))
    strange = {name for name in strangers(case.values(table, field), ()) if plain(name) not in known}
    return {row: name for row, name in case.texts(table, field).items() if name in strange} if strange else {}


def _unreadable_people(case: Inspection, strange: list[str], known: list[str]) -> set[str]:
    """Who may stand in the cells of Nama that say nothing: one each, the most often named, slips of the pen last."""
    lost = int((case.unknown("people", "name") & case.register.people.data["name"].isna().to_numpy()).sum())
    if not lost:
        return set()
    named = Counter(map(plain, strange))
    return set(sorted(named, key=lambda name: (-named[name], bool(nearest(name, known)), name))[:lost])


@rule(
    "P02",
    Severity.BREACH,
    message="{name} ({role}) melaksanakan langkah {step}, yang menurut SOP {by}.",
    fix="Pastikan pelaksananya benar; langkah {step} dilaksanakan oleh {roles}.",
    reason="SOP menetapkan siapa yang berwenang; langkah oleh orang lain dapat dipersoalkan keabsahannya.",
    clause=ROLES,
)
def wrong_role(case: Inspection) -> Iterator[Mark]:
    """A step done by a role that may not do it: a breach where the SOP says so itself, a warning where inferred."""
    actors, roles = case.courses.columns["actor"], _roles(case, case.courses.columns["actor"])
    known = ~pd.isna(roles)
    for place, step in enumerate(case.sop.steps):
        mine = np.flatnonzero(known & (case.courses.columns["order"] == place))
        barred = mine[_among(roles[mine], step.roles_not)]
        strange = mine[~_among(roles[mine], (*step.roles, *step.roles_not))] if step.roles else mine[:0]
        for places, basis in ((barred, step.roles_not_basis), (strange, step.roles_basis)):
            severity = Severity.BREACH if basis == "source" else Severity.WARNING
            allowed, not_allowed = " atau ".join(step.roles), " atau ".join(step.roles_not)
            by = f"tidak boleh dilaksanakan {not_allowed}" if places is barred else f"dilaksanakan {allowed}"
            yield from case.mark(
                "events", case.courses.rows[places], "actor",
                severity=severity, name=actors[places], role=roles[places], step=step.number, by=by, roles=allowed,
            )  # fmt: skip


def _roles(case: Inspection, names: Array) -> Array:
    """The roles of these people, None where they are not known."""
    return np.array([case.roles.get(name) for name in names], dtype=object)


def _among(values: Array, names: Iterable[str]) -> Array:
    found = np.zeros(len(values), dtype=bool)
    for name in names:
        found |= values == name
    return found


@rule(
    "P03",
    Severity.BREACH,
    message="{name} menyetujui (langkah {step}) tindakan perbaikan yang dilakukannya sendiri (langkah {other}).",
    fix="Persetujuan harus diberikan oleh pejabat yang tidak melaksanakan tindakan perbaikan itu.",
    reason="Orang yang menyetujui pekerjaannya sendiri tidak memberi jaminan apa pun.",
    clause=AUTHORITY,
)
def approved_own_work(case: Inspection) -> Iterator[Mark]:
    """Nobody approves, or rejects, what he has done himself; whichever round it was done in."""
    approval, correction = case.sop.duty("approval"), case.sop.duty("correction")
    if not approval or not correction:
        return
    done = case.courses.columns
    deciding = np.flatnonzero((done["step"] == approval.number) & ~pd.isna(done["actor"]))
    own = deciding[_did(case, correction.number, done["case_row"][deciding], done["actor"][deciding])]
    yield from case.mark(
        "events", case.courses.rows[own], "actor",
        name=done["actor"][own], step=approval.number, other=correction.number,
    )  # fmt: skip


def _did(case: Inspection, step: int, case_rows: Array, names: Array) -> Array:
    """Whether each named person executed that step in that case."""
    done = case.courses.columns
    here = np.flatnonzero((done["step"] == step) & ~pd.isna(done["actor"]))
    pairs = set(zip(done["case_row"][here].tolist(), map(plain, done["actor"][here]), strict=True))
    found = [(row, plain(name)) in pairs for row, name in zip(case_rows.tolist(), names, strict=True)]
    return np.array(found, dtype=bool)


@rule(
    "P04",
    Severity.BREACH,
    message="{name} memverifikasi tindakan perbaikan yang dilakukannya sendiri (langkah {step}).",
    fix="Verifikasi harus dilakukan oleh orang lain.",
    reason="Verifikasi harus dilakukan oleh orang lain agar hasilnya objektif.",
    clause="ISO 9001:2015 klausul 9.2.2",
)
def verified_own_work(case: Inspection) -> Iterator[Mark]:
    """Nobody audits his own work."""
    correction = case.sop.duty("correction")
    if not correction:
        return
    known = case.filled("cases", "verified_by")
    rows, names = case.frame("cases").index[known], case.values("cases", "verified_by")[known]
    own = _did(case, correction.number, rows.to_numpy(), names)
    yield from case.mark("cases", rows[own], "verified_by", name=names[own], step=correction.number)


@rule(
    "P05",
    Severity.ERROR,
    message="{name} tidak dapat menjadi {column} karena {why}.",
    fix="Tunjuk saksi lain; pelaksana dan kedua saksi harus tiga orang yang berbeda.",
    reason="Saksi harus orang lain agar kesaksiannya berarti.",
    clause=AUTHORITY,
)
def witness_not_independent(case: Inspection) -> Iterator[Mark]:
    """Who destroys is not his own witness, and one person is not two witnesses."""
    executor, first, second = (case.texts("disposals", field) for field in ("executor", "witness1", "witness2"))
    for field, header, witness in (("witness1", "Saksi 1", first), ("witness2", "Saksi 2", second)):
        same = [row for row in witness if _same(witness, executor, row)]
        yield from case.mark("disposals", same, field, name=witness, column=header, why="ia pelaksana pemusnahan")
    twice = [row for row in second if _same(second, first, row) and not _same(second, executor, row)]
    yield from case.mark("disposals", twice, "witness2", name=second, column="Saksi 2", why="ia sudah menjadi Saksi 1")


def _same(one: Mapping[int, str], other: Mapping[int, str], row: int) -> bool:
    return row in other and plain(one[row]) == plain(other[row])


@rule(
    "P06",
    Severity.WARNING,
    message="{name} tercatat tidak aktif di sheet Pegawai.",
    fix="Periksa namanya, atau perbarui kolom Aktif di sheet Pegawai.",
    reason="Pegawai yang sudah tidak aktif tidak lagi berwenang bertindak atas nama kantor.",
    clause=AUTHORITY,
)
def inactive_person(case: Inspection) -> Iterator[Mark]:
    """Somebody who has left acts no more; the register does not say since when, so this is only a warning."""
    active = case.texts("people", "active")
    inactive = {name for row, name in case.texts("people", "name").items() if active.get(row) == "Tidak"}
    for name in RECORDS:
        for column in case.tables[name].plan.columns:
            if column.kind is Kind.PERSON and inactive:
                acting = {row: who for row, who in case.texts(name, column.field).items() if who in inactive}
                yield from case.mark(name, list(acting), column.field, name=acting)


@rule(
    "P07",
    Severity.WARNING,
    message="{problems}.",
    fix="Perbaiki kolom Peran dan Aktif sehingga setiap jabatan itu dipegang tepat satu pegawai aktif.",
    reason="Persetujuan dan tanda tangan memerlukan satu pejabat yang jelas pada setiap jabatan.",
    clause=AUTHORITY,
)
def single_role_not_single(case: Inspection) -> Iterator[Mark]:
    """An office has one Camat and one Sekcam. Where a role or a name is in error, it may be the one that lacks."""
    table = case.register.people
    if not case.has("people", "role") or not case.has("people", "name"):
        return
    name, role, active = (case.texts("people", field) for field in ("name", "role", "active"))
    acting = [row for row in case.frame("people").index.tolist() if active.get(row) != "Tidak"]
    unsure = case.unknown("people", "active").any()
    doubtful = unsure or any(row not in role for row in acting)
    problems = []
    for single in case.sop.single_roles:
        holders = [name[row] for row in acting if row in name and role.get(row) == single]
        nameless = [row for row in acting if row not in name and role.get(row) == single]
        if not holders and not nameless and not doubtful:
            problems.append(f"{single} tidak dipegang pegawai aktif mana pun")
        if len(holders) > 1 and not unsure:
            problems.append(f"{single} dipegang {len(holders)} pegawai aktif ({', '.join(holders)})")
    if problems:
        cell = f"{table.letters.get('role', 'A')}{table.header_row}"
        yield case.mark_sheet(table.sheet, cell, "Peran", row_of(cell), problems="; ".join(problems))


@rule(
    "P08",
    Severity.BREACH,
    message="{name} ({role}) tercatat memutuskan, {why}.",
    fix="Samakan Diputuskan Oleh dengan pejabat yang memutuskan pada langkah {step}.",
    reason="Keputusan hanya sah bila diambil oleh pejabat yang ditetapkan SOP dan sama dengan catatannya.",
    clause=ROLES,
)
def wrong_decider(case: Inspection) -> Iterator[Mark]:
    """The decision belongs to the roles of its step, and to the person who took it where that step is recorded."""
    decision = case.sop.duty("decision")
    if not decision:
        return
    known = case.filled("cases", "decided_by")
    rows, names = case.frame("cases").index[known].to_numpy(), case.values("cases", "decided_by")[known]
    done = case.courses.columns
    decided = done["case_row"][(done["step"] == decision.number) & ~pd.isna(done["actor"])]
    other = np.isin(rows, decided) & ~_did(case, decision.number, rows, names)
    roles = _roles(case, names)
    barred = ~pd.isna(roles) & ~_among(roles, decision.roles)
    by_role = f"padahal yang berwenang adalah {' atau '.join(decision.roles)}"
    why = np.where(barred, by_role, f"padahal langkah {decision.number} dilakukan orang lain")
    shown = np.where(pd.isna(roles), "peran tidak diketahui", roles)
    wrong = barred | other
    yield from case.mark(
        "cases", rows[wrong], "decided_by",
        name=names[wrong], role=shown[wrong], why=why[wrong], step=decision.number,
    )  # fmt: skip


@rule(
    "P09",
    Severity.ERROR,
    message="{name} ({role}) tidak dapat mengetahui BA Pemusnahan; BA diketahui oleh {head}.",
    fix="Isi kolom Mengetahui dengan nama {head}.",
    reason="Berita acara baru sah bila diketahui oleh kepala kantor.",
    clause=AUTHORITY,
)
def not_the_head(case: Inspection) -> Iterator[Mark]:
    """A BA of destruction goes out under the head of the office and nobody else."""
    head = case.sop.head_role
    if not head:
        return
    names = case.texts("disposals", "acknowledged_by")
    roles = {row: case.roles.get(name) for row, name in names.items()}
    wrong = [row for row, role in roles.items() if role and role != head]
    yield from case.mark("disposals", wrong, "acknowledged_by", name=names, role=roles, head=head)
