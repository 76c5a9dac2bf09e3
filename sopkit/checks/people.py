"""P: who acted: known people, allowed roles, and duties that one person must not hold together."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.data import RECORDS, nearest
from sopkit.checks.inspection import Inspection, plain
from sopkit.register.address import address_parts
from sopkit.register.columns import Kind

ROLES = "SOP, kolom Pelaksana"
AUTHORITY = "ISO 9001:2015 klausul 5.3"
RESPONSIBLE = "Penanggung Jawab"  # in sheet Surel: whoever the case names so


@rule(
    "P01",
    Severity.ERROR,
    stage=1,
    message="{name} tidak ada di sheet Pegawai{nearest}.",
    fix="Perbaiki ejaannya, atau tambahkan orang itu di sheet Pegawai.",
    clause=AUTHORITY,
)
def unknown_person(case: Inspection) -> Iterator[Mark]:
    """Somebody whom the office does not know cannot have acted for it. In sheet Surel a role will do as well."""
    if not case.has("people", "name"):
        return
    known = list(case.names.values())
    roles = [value for table in case.register.tables for column in table.plan.columns if column.field == "role"
             for value in case.allowed(column)]  # fmt: skip
    for table in case.register.tables:
        for column in table.plan.columns:
            extra = [*roles, RESPONSIBLE] if column.kind is Kind.ROLE_OR_PERSON else []
            if column.kind is Kind.PERSON or extra:
                yield from _strangers(case, table.plan.table, column.field, known, extra)


def _strangers(case: Inspection, table: str, field: str, known: list[str], extra: list[str]) -> Iterator[Mark]:
    typed = case.frame(table)[field].dropna()
    allowed = {plain(name) for name in (*known, *extra)}
    hints = {name: nearest(name, [*known, *extra]) for name in typed.unique() if plain(name) not in allowed}
    yield from case.mark(table, typed.index[typed.isin(list(hints))], field, name=typed, nearest=typed.map(hints))


@rule(
    "P02",
    Severity.BREACH,
    message="{name} ({role}) melaksanakan langkah {step}, yang menurut SOP {by}.",
    fix="Pastikan pelaksananya benar; langkah {step} dilaksanakan oleh {roles}.",
    clause=ROLES,
)
def wrong_role(case: Inspection) -> Iterator[Mark]:
    """A step done by a role that may not do it: a breach where the SOP says so itself, a warning where inferred."""
    events = case.courses.events
    roles = events["actor"].map(case.roles)
    known = events.index[roles.notna()]
    held = pd.DataFrame({"step": events["step"], "role": roles}).loc[known]
    for step in case.sop.steps:
        mine = held.loc[held["step"] == step.number, "role"]
        barred = mine.index[mine.isin(step.roles_not)]
        strange = mine.index[~mine.isin((*step.roles, *step.roles_not))] if step.roles else mine.index[:0]
        for rows, basis in ((barred, step.roles_not_basis), (strange, step.roles_basis)):
            severity = Severity.BREACH if basis == "source" else Severity.WARNING
            allowed, not_allowed = " atau ".join(step.roles), " atau ".join(step.roles_not)
            by = f"tidak boleh dilaksanakan {not_allowed}" if rows is barred else f"dilaksanakan {allowed}"
            yield from case.mark(
                "events", rows, "actor",
                severity=severity, name=events["actor"], role=roles, step=step.number, by=by, roles=allowed,
            )  # fmt: skip


@rule(
    "P03",
    Severity.BREACH,
    message="{name} menyetujui (langkah {step}) tindakan perbaikan yang dilakukannya sendiri (langkah {other}).",
    fix="Persetujuan harus diberikan oleh pejabat yang tidak melaksanakan tindakan perbaikan itu.",
    clause=AUTHORITY,
)
def approved_own_work(case: Inspection) -> Iterator[Mark]:
    """Nobody approves, or rejects, what he has done himself; whichever round it was done in."""
    approval, correction = case.sop.duty("approval"), case.sop.duty("correction")
    if not approval or not correction:
        return
    events = case.courses.events
    deciding = events[(events["step"] == approval.number) & events["actor"].notna()]
    own = _did(case, correction.number, deciding["case_row"], deciding["actor"])
    yield from case.mark(
        "events", deciding[own], "actor", name=deciding["actor"], step=approval.number, other=correction.number
    )


def _did(case: Inspection, step: int, case_rows: pd.Series, names: pd.Series) -> pd.Series:
    """Whether each named person executed that step in that case."""
    events = case.courses.events
    done = events[(events["step"] == step) & events["actor"].notna()]
    pairs = set(zip(done["case_row"], done["actor"].map(plain), strict=True))
    found = [(row, plain(name)) in pairs for row, name in zip(case_rows, names, strict=True)]
    return pd.Series(found, index=names.index, dtype=bool)


@rule(
    "P04",
    Severity.BREACH,
    message="{name} memverifikasi tindakan perbaikan yang dilakukannya sendiri (langkah {step}).",
    fix="Verifikasi harus dilakukan oleh orang lain.",
    clause="ISO 9001:2015 klausul 9.2.2",
)
def verified_own_work(case: Inspection) -> Iterator[Mark]:
    """Nobody audits his own work."""
    correction = case.sop.duty("correction")
    if not correction:
        return
    names = case.frame("cases")["verified_by"].dropna()
    own = _did(case, correction.number, names.index.to_series(), names)
    yield from case.mark("cases", own, "verified_by", name=names, step=correction.number)


@rule(
    "P05",
    Severity.ERROR,
    message="{name} tidak dapat menjadi {column} karena {why}.",
    fix="Tunjuk saksi lain; pelaksana dan kedua saksi harus tiga orang yang berbeda.",
    clause=AUTHORITY,
)
def witness_not_independent(case: Inspection) -> Iterator[Mark]:
    """Who destroys is not his own witness, and one person is not two witnesses."""
    table = case.frame("disposals")
    fields = ("executor", "witness1", "witness2")
    executor, first, second = (table[field].map(plain, na_action="ignore") for field in fields)
    for field, header, witness in (("witness1", "Saksi 1", first), ("witness2", "Saksi 2", second)):
        same = witness.notna() & (witness == executor)
        yield from case.mark("disposals", same, field, name=table[field], column=header, why="ia pelaksana pemusnahan")
    twice = second.notna() & (second == first) & (second != executor)
    yield from case.mark(
        "disposals", twice, "witness2", name=table["witness2"], column="Saksi 2", why="ia sudah menjadi Saksi 1"
    )


@rule(
    "P06",
    Severity.WARNING,
    message="{name} tercatat tidak aktif di sheet Pegawai.",
    fix="Periksa namanya, atau perbarui kolom Aktif di sheet Pegawai.",
    clause=AUTHORITY,
)
def inactive_person(case: Inspection) -> Iterator[Mark]:
    """Somebody who has left acts no more; the register does not say since when, so this is only a warning."""
    people = case.frame("people")
    inactive = set(people.loc[people["active"] == "Tidak", "name"].dropna())
    for name in RECORDS:
        for column in case.tables[name].plan.columns:
            if column.kind is Kind.PERSON and inactive:
                acting = case.frame(name)[column.field]
                yield from case.mark(name, acting.isin(inactive), column.field, name=acting)


@rule(
    "P07",
    Severity.WARNING,
    message="{problems}.",
    fix="Perbaiki kolom Peran dan Aktif sehingga setiap jabatan itu dipegang tepat satu pegawai aktif.",
    clause=AUTHORITY,
)
def single_role_not_single(case: Inspection) -> Iterator[Mark]:
    """An office has one Camat and one Sekcam. Where a role or a name is in error, it may be the one that lacks."""
    table = case.register.people
    if not case.has("people", "role") or not case.has("people", "name"):
        return
    people = case.frame("people")
    active = people[people["active"].ne("Tidak") & people["name"].notna()]
    unsure = case.unknown("people", "active").any()
    doubtful = unsure or (people["role"].isna() & people["active"].ne("Tidak")).any()
    problems = []
    for role in case.sop.single_roles:
        holders = list(active.loc[active["role"] == role, "name"])
        if not holders and not doubtful:
            problems.append(f"{role} tidak dipegang pegawai aktif mana pun")
        if len(holders) > 1 and not unsure:
            problems.append(f"{role} dipegang {len(holders)} pegawai aktif ({', '.join(holders)})")
    if problems:
        cell = f"{table.letters.get('role', 'A')}{table.header_row}"
        yield case.mark_sheet(table.sheet, cell, "Peran", address_parts(cell)[0], problems="; ".join(problems))


@rule(
    "P08",
    Severity.BREACH,
    message="{name} ({role}) tercatat memutuskan, {why}.",
    fix="Samakan Diputuskan Oleh dengan pejabat yang memutuskan pada langkah {step}.",
    clause=ROLES,
)
def wrong_decider(case: Inspection) -> Iterator[Mark]:
    """The decision belongs to the roles of its step, and to the person who took it where that step is recorded."""
    decision = case.sop.duty("decision")
    if not decision:
        return
    names = case.frame("cases")["decided_by"].dropna()
    roles = names.map(case.roles).astype(object)
    events = case.courses.events
    done = events[(events["step"] == decision.number) & events["actor"].notna()]
    other = names.index.isin(done["case_row"]) & ~_did(case, decision.number, names.index.to_series(), names)
    barred = roles.notna() & ~roles.isin(decision.roles)
    reason = pd.Series(f"padahal langkah {decision.number} dilakukan orang lain", index=names.index)
    reason[barred] = f"padahal yang berwenang adalah {' atau '.join(decision.roles)}"
    wrong = barred | other
    shown = roles.fillna("peran tidak diketahui")
    yield from case.mark(
        "cases", names.index[wrong], "decided_by", name=names, role=shown, why=reason, step=decision.number
    )


@rule(
    "P09",
    Severity.ERROR,
    message="{name} ({role}) tidak dapat mengetahui BA Pemusnahan; BA diketahui oleh {head}.",
    fix="Isi kolom Mengetahui dengan nama {head}.",
    clause=AUTHORITY,
)
def not_the_head(case: Inspection) -> Iterator[Mark]:
    """A BA of destruction goes out under the head of the office and nobody else."""
    if not case.sop.head_role:
        return
    names = case.frame("disposals")["acknowledged_by"]
    roles = names.map(case.roles)
    wrong = roles.notna() & (roles != case.sop.head_role)
    yield from case.mark("disposals", wrong, "acknowledged_by", name=names, role=roles, head=case.sop.head_role)
