"""P: who acted: known people, allowed roles, and duties that one person must not hold together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from sopkit.arrays import Flags, Ints, Texts
from sopkit.checks.canonical import allowed, names_of
from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.data import RECORDS
from sopkit.checks.inspection import Inspection
from sopkit.checks.suggest import nearest, not_in
from sopkit.ooxml.address import row_of
from sopkit.register.schema import PEOPLE, REGISTER, Cases, Column, Disposals, Events, Kind, People
from sopkit.text import plain

ROLES = "SOP, kolom Pelaksana"
AUTHORITY = "ISO 9001:2015 klausul 5.3"
RESPONSIBLE = "Penanggung Jawab"  # in sheet Surel: whoever the case names so


@rule(
    "P01",
    Severity.ERROR,
    phase=1,
    message="“{name}” tidak ada di sheet Pegawai{nearest}.",
    fix="Perbaiki ejaannya, atau tambahkan orang itu di sheet Pegawai.",
    reason="Pelaksana harus dapat dikenali beserta jabatannya agar wewenangnya dapat diperiksa.",
    clause=AUTHORITY,
)
def unknown_person(check: Inspection) -> Iterator[Mark]:
    """A name is not in sheet Pegawai; in sheet Surel a role will do as well.

    A row of Pegawai whose Nama cannot be read stands for one person who seems unknown.
    """
    if not check.has(People.name):
        return
    known = list(names_of(check.register).values())
    roles = [value for table in check.register.tables for column in table.plan.columns if column.field == "role"
             for value in allowed(check.register, check.sop, column)]  # fmt: skip
    lists = {Kind.PERSON: known, Kind.ROLE_OR_PERSON: [*known, *roles, RESPONSIBLE]}
    columns = [(column, lists[column.kind]) for table in check.register.tables
               for column in table.plan.columns if column.kind in lists]  # fmt: skip
    strange = {column: _not_in(check, column, names) for column, names in columns}
    meant = _unreadable_people(check, [name for rows in strange.values() for name in rows.values()], known)
    for column, names in columns:
        rows = {row: name for row, name in strange[column].items() if plain(name) not in meant}
        hints = {name: nearest(name, names) for name in set(rows.values())}
        near = {row: hints[name] for row, name in rows.items()}
        yield from check.mark(list(rows), column, name=rows, nearest=near)


def _not_in(check: Inspection, column: Column, names: Iterable[str]) -> dict[int, str]:
    """The names of a column that are not among these, by row."""
    known = set(map(plain, names))
    strange = {name for name in not_in(check.values(column), ()) if plain(name) not in known}
    return {row: name for row, name in check.texts(column).items() if name in strange} if strange else {}


def _unreadable_people(check: Inspection, strange: list[str], known: list[str]) -> set[str]:
    """Who may stand in the cells of Nama that say nothing: one each, the most often named, slips of the pen last."""
    unreadable = int((check.unknown(People.name) & check.register.people.data["name"].isna().to_numpy()).sum())
    if not unreadable:
        return set()
    named = Counter(map(plain, strange))
    return set(sorted(named, key=lambda name: (-named[name], bool(nearest(name, known)), name))[:unreadable])


@rule(
    "P02",
    Severity.BREACH,
    message="{name} ({role}) melaksanakan langkah {step}, yang menurut SOP {by}.",
    fix="Pastikan pelaksananya benar; langkah {step} dilaksanakan oleh {roles}.",
    reason="SOP menetapkan siapa yang berwenang; langkah oleh orang lain dapat dipersoalkan keabsahannya.",
    clause=ROLES,
)
def wrong_role(check: Inspection) -> Iterator[Mark]:
    """The actor's role may not do the step: a breach where the SOP says so itself, a warning where it was inferred.
    Somebody whose role is not known is not judged.
    """
    done, roles = check.executions, _roles(check, check.executions.actor)
    known = ~pd.isna(roles)
    for place, step in enumerate(check.sop.steps):
        mine = np.flatnonzero(known & (done.order == place))
        barred = mine[_among(roles[mine], step.roles_not)]
        strange = mine[~_among(roles[mine], (*step.roles, *step.roles_not))] if step.roles else mine[:0]
        for places, basis in ((barred, step.roles_not_basis), (strange, step.roles_basis)):
            severity = Severity.BREACH if basis == "source" else Severity.WARNING
            allowed, not_allowed = " atau ".join(step.roles), " atau ".join(step.roles_not)
            by = f"tidak boleh dilaksanakan {not_allowed}" if places is barred else f"dilaksanakan {allowed}"
            yield from check.mark(
                check.executions.rows[places], Events.actor,
                severity=severity, name=done.actor[places], role=roles[places], step=step.number, by=by, roles=allowed,
            )  # fmt: skip


def _roles(check: Inspection, names: Texts) -> Texts:
    """The roles of these people, None where they are not known."""
    return np.array([check.roles.get(name) for name in names], dtype=object)


def _among(values: Texts, names: Iterable[str]) -> Flags:
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
def approved_own_work(check: Inspection) -> Iterator[Mark]:
    """Who decides on the approval (approved or rejected) did the correction of the same case, in whichever round."""
    approval, correction = check.sop.duty("approval"), check.sop.duty("correction")
    if not approval or not correction:
        return
    done = check.executions
    deciding = np.flatnonzero((done.step == approval.number) & ~pd.isna(done.actor))
    own = deciding[_did(check, correction.number, done.case_row[deciding], done.actor[deciding])]
    yield from check.mark(
        check.executions.rows[own], Events.actor,
        name=done.actor[own], step=approval.number, other=correction.number,
    )  # fmt: skip


def _did(check: Inspection, step: int, case_rows: Ints, names: Texts) -> Flags:
    """Whether each named person executed that step in that case."""
    done = check.executions
    here = np.flatnonzero((done.step == step) & ~pd.isna(done.actor))
    pairs = set(zip(done.case_row[here].tolist(), map(plain, done.actor[here]), strict=True))
    found = [(row, plain(name)) in pairs for row, name in zip(case_rows.tolist(), names, strict=True)]
    return np.array(found, dtype=bool)


@rule(
    "P04",
    Severity.BREACH,
    message="{name} memverifikasi tindakan perbaikan yang dilakukannya sendiri (langkah {step}).",
    fix="Verifikasi harus dilakukan oleh orang lain.",
    reason="Yang memverifikasi tidak boleh orang yang melaksanakan tindakan perbaikannya, agar hasilnya objektif.",
    clause="ISO 9001:2015 klausul 9.2.2",
)
def verified_own_work(check: Inspection) -> Iterator[Mark]:
    """Diverifikasi Oleh is one who did the correction step of the same case, in whichever round."""
    correction = check.sop.duty("correction")
    if not correction:
        return
    known = check.filled(Cases.verified_by)
    rows, names = check.rows(REGISTER)[known], check.values(Cases.verified_by)[known]
    own = _did(check, correction.number, rows, names)
    yield from check.mark(rows[own], Cases.verified_by, name=names[own], step=correction.number)


@rule(
    "P05",
    Severity.ERROR,
    message="{name} tidak dapat menjadi {column} karena {why}.",
    fix="Tunjuk saksi lain; pelaksana dan kedua saksi harus tiga orang yang berbeda.",
    reason="Saksi harus orang lain agar kesaksiannya berarti.",
    clause=AUTHORITY,
)
def witness_not_independent(check: Inspection) -> Iterator[Mark]:
    """A witness is the Pelaksana of the BA, or both witnesses are one person. Spelling of names is compared as
    `canonical.plain` does.
    """
    executor, first, second = map(check.texts, (Disposals.executor, Disposals.witness1, Disposals.witness2))
    for column, witness in ((Disposals.witness1, first), (Disposals.witness2, second)):
        same = [row for row in witness if _same(witness, executor, row)]
        yield from check.mark(same, column, name=witness, column=column.header, why="ia pelaksana pemusnahan")
    twice = [row for row in second if _same(second, first, row) and not _same(second, executor, row)]
    yield from check.mark(twice, Disposals.witness2, name=second, column="Saksi 2", why="ia sudah menjadi Saksi 1")


def _same(one: Mapping[int, str], other: Mapping[int, str], row: int) -> bool:
    return row in other and plain(one[row]) == plain(other[row])


@rule(
    "P06",
    Severity.WARNING,
    explainable=True,
    message="{name} tercatat tidak aktif di sheet Pegawai.",
    fix="Periksa namanya, atau perbarui kolom Aktif di sheet Pegawai.",
    reason="Pegawai yang sudah tidak aktif tidak lagi berwenang bertindak atas nama kantor.",
    clause=AUTHORITY,
)
def inactive_person(check: Inspection) -> Iterator[Mark]:
    """Somebody acts whose Aktif is Tidak. The register does not say since when, so this is only a warning."""
    active = check.texts(People.active)
    inactive = {name for row, name in check.texts(People.name).items() if active.get(row) == "Tidak"}
    for column in (column for plan in RECORDS for column in plan.columns if column.kind is Kind.PERSON and inactive):
        acting = {row: who for row, who in check.texts(column).items() if who in inactive}
        yield from check.mark(list(acting), column, name=acting)


@rule(
    "P07",
    Severity.WARNING,
    message="{problems}.",
    fix="Perbaiki kolom Peran dan Aktif sehingga setiap jabatan itu dipegang tepat satu pegawai aktif.",
    reason="Persetujuan dan tanda tangan memerlukan satu pejabat yang jelas pada setiap jabatan.",
    clause=AUTHORITY,
)
def single_role_not_single(check: Inspection) -> Iterator[Mark]:
    """A role that the SOP gives to one person (Camat, Sekcam) has no active holder, or several. Where a name, a role or
    Aktif is in error, that row may be the missing holder, and nothing is said.
    """
    table = check.register.people
    if not check.has(People.role) or not check.has(People.name):
        return
    name, role, active = map(check.texts, (People.name, People.role, People.active))
    acting = [row for row in check.rows(PEOPLE).tolist() if active.get(row) != "Tidak"]
    unsure = check.unknown(People.active).any()
    possibly_held = unsure or any(row not in role for row in acting)
    problems = []
    for single in check.sop.single_roles:
        holders = [name[row] for row in acting if row in name and role.get(row) == single]
        nameless = [row for row in acting if row not in name and role.get(row) == single]
        if not holders and not nameless and not possibly_held:
            problems.append(f"{single} tidak dipegang pegawai aktif mana pun")
        if len(holders) > 1 and not unsure:
            problems.append(f"{single} dipegang {len(holders)} pegawai aktif ({', '.join(holders)})")
    if problems:
        cell = f"{table.letters.get('role', 'A')}{table.header_row}"
        yield check.mark_sheet(table.sheet, cell, "Peran", row_of(cell), problems="; ".join(problems))


@rule(
    "P08",
    Severity.BREACH,
    message="{name} ({role}) tercatat memutuskan, {why}.",
    fix="Samakan Diputuskan Oleh dengan pejabat yang memutuskan pada langkah {step}.",
    reason="Keputusan hanya sah bila diambil oleh pejabat yang ditetapkan SOP dan sama dengan catatannya.",
    clause=ROLES,
)
def wrong_decider(check: Inspection) -> Iterator[Mark]:
    """Diputuskan Oleh has a role that may not decide, or somebody else did the decision step of that case. Without that
    step only the role is judged.
    """
    decision = check.sop.duty("decision")
    if not decision:
        return
    known = check.filled(Cases.decided_by)
    rows, names = check.rows(REGISTER)[known], check.values(Cases.decided_by)[known]
    done = check.executions
    decided = done.case_row[(done.step == decision.number) & ~pd.isna(done.actor)]
    other = np.isin(rows, decided) & ~_did(check, decision.number, rows, names)
    roles = _roles(check, names)
    barred = ~pd.isna(roles) & ~_among(roles, decision.roles)
    by_role = f"padahal yang berwenang adalah {' atau '.join(decision.roles)}"
    why = np.where(barred, by_role, f"padahal langkah {decision.number} dilakukan orang lain")
    shown = np.where(pd.isna(roles), "peran tidak diketahui", roles)
    wrong = barred | other
    yield from check.mark(
        rows[wrong], Cases.decided_by,
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
def not_the_head(check: Inspection) -> Iterator[Mark]:
    """Mengetahui of a BA has another role than the head of the office (the SOP's head_role)."""
    head = check.sop.head_role
    if not head:
        return
    names = check.texts(Disposals.acknowledged_by)
    roles = {row: check.roles.get(name) for row, name in names.items()}
    wrong = [row for row, role in roles.items() if role and role != head]
    yield from check.mark(wrong, Disposals.acknowledged_by, name=names, role=roles, head=head)
