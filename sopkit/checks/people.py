"""P: who acted: known people, allowed roles, and duties that one person must not hold together."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial

import numpy as np

from sopkit import language
from sopkit.arrays import Array, Flags, Ints, Moments, distinct
from sopkit.checks.canonical import allowed
from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.data import RECORDS
from sopkit.checks.executions import NAT
from sopkit.checks.inspection import Inspection, first_known
from sopkit.checks.staff import ACT_DAYS, Standing, Standings
from sopkit.checks.suggest import nearest
from sopkit.frames import is_missing
from sopkit.ooxml.address import row_of
from sopkit.register.schema import REGISTER, Cases, Column, Disposals, Events, Kind, People
from sopkit.sop.model import Step
from sopkit.text import plain

ROLES = "SOP, kolom Pelaksana"
AUTHORITY = "ISO 9001:2015 klausul 5.3"
DISPOSITION = "ISO 9001:2015 klausul 8.7.2 d"
RESPONSIBLE = "Penanggung Jawab"  # in sheet Surel: whoever the case names so
LAWFUL = "Periksa dokumen aslinya; "
"""How every remedy begins that is about a record which was signed: nobody shall write it anew."""
FROM_OUTSIDE = ("Keluhan", "Survei", "Audit")  # the sources whose finder may be anyone: a customer, an auditor


def days_of(check: Inspection, column: Column) -> Moments:
    """When each person of a column acted, NaT where nobody can tell."""
    days = _decided_on(check) if column == Cases.decided_by else np.full(len(check.read(column)), NAT)
    moments = [check.recorded(dated).astype("datetime64[s]") for dated in ACT_DAYS[column]]
    return first_known(days, *moments, *([check.values(Events.start)] if column == Events.actor else []))


def _decided_on(check: Inspection) -> Moments:
    """When the decision step was last executed in each case. Read from Langkah itself, for P01 comes before its
    executions are laid out.
    """
    numbers, decision = check.values(Cases.number), check.sop.duty("decision")
    if decision is None:
        return np.full(len(numbers), NAT)
    there = (check.values(Events.step) == decision.number) & check.filled(Events.case)
    moments = days_of(check, Events.actor)[there]
    order = np.argsort(moments, kind="stable")[: np.count_nonzero(~np.isnat(moments))]  # NaT comes last
    latest = dict(zip(check.values(Events.case)[there][order].tolist(), moments[order], strict=True))
    return np.array([latest.get(number, NAT) for number in numbers.tolist()], dtype="datetime64[s]")


def _standings(check: Inspection, column: Column) -> Standings:
    """What each person of a column was on the day of the act."""
    return check.staff.standings(check.values(column), days_of(check, column))


@rule(
    "P01",
    Severity.ERROR,
    phase=1,
    message="“{name}” {problem} di sheet Pegawai{hint}.",
    fix="Tulis nama pegawai seperti di sheet Pegawai; {further}.",
    reason="Pelaksana harus dapat dikenali beserta jabatannya agar wewenangnya dapat diperiksa.",
    clause=AUTHORITY,
)
def unknown_person(check: Inspection) -> Iterator[Mark]:
    """A name is not in sheet Pegawai, or is that of two people there of whom the day of the act does not settle who is
    meant; in sheet Surel a role will do as well.

    Titles and degrees do not count where only one person fits without them, and Nama Lain counts as a name. Who found
    a nonconformity may be anyone where its Sumber is a complaint, a survey or an audit, or is not known. A row of
    Pegawai whose Nama cannot be read stands for one person who seems unknown.
    """
    if not check.has(People.name):
        return
    known = list(dict.fromkeys(check.staff.names))
    roles = [value for table in check.register.tables for column in table.plan.columns if column.field == "role"
             for value in allowed(check.register, check.sop, column)]  # fmt: skip
    lists = {Kind.PERSON: known, Kind.ROLE_OR_PERSON: [*known, *roles, RESPONSIBLE]}
    columns = [(column, lists[column.kind]) for table in check.register.tables
               for column in table.plan.columns if column.kind in lists]  # fmt: skip
    strange = {column: _strangers(check, column, names) for column, names in columns}
    meant = _unreadable_people(check, [name for rows in strange.values() for name in rows.values()], known)
    for column, names in columns:
        rows = {row: name for row, name in strange[column].items() if plain(name) not in meant}
        hints = {name: nearest(name, names) for name in set(rows.values())}
        hint = {row: hints[name] for row, name in rows.items()}
        further = _FINDER if column == Cases.found_by else _NEW
        yield from check.mark(list(rows), column, name=rows, problem="tidak ada", hint=hint, further=further)
        yield from _which(check, column)


_NEW = "di sana ejaan lain dicatat di kolom Nama Lain, dan pegawai baru ditambahkan lebih dahulu"
_FINDER = "temuan orang luar (warga, pelanggan, auditor) dicatat dengan Sumber Keluhan, Survei, atau Audit"
_NAMESAKES = "orang yang senama dibedakan di sana, misalnya dengan gelar, atau dengan Mulai dan Sampai masing-masing"


def _strangers(check: Inspection, column: Column, names: Iterable[str]) -> dict[int, str]:
    """The names of a column that nobody in Pegawai bears, by row."""
    rows = {row: name for row, name in _not_in(check, column, names).items() if not check.staff.named(name)}
    if column == Cases.found_by and rows:
        anyone = dict(zip(check.rows(REGISTER).tolist(), _from_outside(check).tolist(), strict=True))
        rows = {row: name for row, name in rows.items() if not anyone[row]}
    return rows


def _from_outside(check: Inspection) -> Flags:
    """The cases that anyone may have found."""
    return np.isin(check.values(Cases.source).astype(str), FROM_OUTSIDE) | check.unknown(Cases.source)


def _which(check: Inspection, column: Column) -> Iterator[Mark]:
    """The names of a column by which two people of Pegawai may be meant, unless the day is in error."""
    names = check.values(column)
    several = [name for name in check.different(column) if len(check.staff.named(name)) > 1]
    if not several or column.kind is not Kind.PERSON:
        return
    days = days_of(check, column)
    said = check.staff.standings(names, days)
    unsure = np.isnat(days) & np.logical_or.reduce([check.unknown(dated) for dated in ACT_DAYS[column]])
    unclear = said.flags(lambda one: len(one.persons) > 1) & ~unsure
    if column == Cases.found_by:
        unclear &= ~_from_outside(check)
    problem = said.values(lambda one: f"dapat berarti {len(one.persons)} orang")[unclear]
    hint = said.values(partial(_namesakes, check))[unclear]
    yield from check.mark(unclear, column, name=names[unclear], problem=problem, hint=hint, further=_NAMESAKES)


def _namesakes(check: Inspection, one: Standing) -> str:
    posts = [check.staff.posts[person] for person in one.persons]
    told = [f"{post.name} (NIP {post.nip})" if post.nip else post.name for post in posts]
    return f": {language.list_text(told, 'atau')}"


def _not_in(check: Inspection, column: Column, names: Iterable[str]) -> dict[int, str]:
    """The names of a column that are not among these, by row."""
    known = set(map(plain, names))
    strange = {name for name in check.different(column) if plain(name) not in known}
    return {row: name for row, name in check.texts(column).items() if name in strange} if strange else {}


def _unreadable_people(check: Inspection, strange: list[str], known: list[str]) -> set[str]:
    """Who may stand in the cells of Nama that say nothing: one each, the most often named, slips of the pen last."""
    unreadable = int((check.unknown(People.name) & is_missing(check.register.people.read.columns["name"])).sum())
    if not unreadable:
        return set()
    named = Counter(map(plain, strange))
    return set(sorted(named, key=lambda name: (-named[name], bool(nearest(name, known)), name))[:unreadable])


@rule(
    "P02",
    Severity.BREACH,
    message="{name} ({role}) melaksanakan langkah {step}, yang menurut SOP {by}.",
    fix=LAWFUL
    + "perbaiki nama yang salah salin. Bila ia Plt. atau Plh. pada hari itu, atau baru berganti jabatan, catat "
    "masa tugas dan SK-nya di sheet Pegawai. Bila memang bukan wewenangnya, mintakan penetapan {roles} dengan berita "
    "acara tambahan.",
    reason="SOP menetapkan siapa yang berwenang; langkah oleh orang lain dapat dipersoalkan keabsahannya.",
    clause=ROLES,
)
def wrong_role(check: Inspection) -> Iterator[Mark]:
    """The actor's role on that day (Mulai, else Selesai) may not do the step: a breach where the SOP says so itself, a
    warning where it was inferred.

    Of who holds two roles that day (Sekcam and Plt. Camat) either will do. Somebody whose role is not known is not
    judged. Who held no post that day had no role: a breach where the SOP says who may do the step, for that cannot be
    explained away; where it was inferred P06 alone speaks of him.
    """
    done, actors = check.executions, check.actors
    for place, step in enumerate(check.sop.steps):
        mine = np.flatnonzero(done.order == place)
        here = actors.at(mine)
        barred, strange = here.flags(partial(_barred, step)), here.flags(partial(_strange, step))
        for found, basis in ((barred, step.roles_not_basis), (strange, step.roles_basis)):
            places, roles = mine[found], here.at(found).values(lambda one: one.role)
            severity = Severity.BREACH if basis == "source" else Severity.WARNING
            permitted, not_permitted = " atau ".join(step.roles), " atau ".join(step.roles_not)
            permitted = permitted or "pejabat yang berwenang"
            by = (
                f"tidak boleh dilaksanakan oleh {not_permitted}"
                if found is barred
                else f"dilaksanakan oleh {permitted}"
            )
            yield from check.mark(
                done.rows[places], Events.actor,
                severity=severity, name=done.actor[places], role=roles, step=step.number, by=by, roles=permitted,
            )  # fmt: skip


def _may(step: Step, one: Standing) -> bool:
    return one.roles is None or any(
        role not in step.roles_not and (not step.roles or role in step.roles) for role in one.roles
    )


def _barred(step: Step, one: Standing) -> bool:
    return not _may(step, one) and not (one.roles or frozenset()).isdisjoint(step.roles_not)


def _strange(step: Step, one: Standing) -> bool:
    serves = bool(one.posts) or step.roles_basis == "source"
    return bool(step.roles) and serves and not _may(step, one) and not _barred(step, one)


@rule(
    "P03",
    Severity.BREACH,
    message="{name} menyetujui (langkah {step}) tindakan perbaikan yang dilakukannya sendiri (langkah {other}).",
    fix=LAWFUL
    + "perbaiki nama yang salah salin. Bila memang demikian, persetujuan yang sudah ditandatangani tidak diubah; "
    "mintakan persetujuan pejabat lain yang berwenang dengan berita acara tambahan.",
    reason="Orang yang menyetujui pekerjaannya sendiri tidak memberi jaminan apa pun.",
    clause=DISPOSITION,
)
def approved_own_work(check: Inspection) -> Iterator[Mark]:
    """Who decides on the approval (approved or rejected) did the correction of the same case, in whichever round."""
    approval, correction = check.sop.duty("approval"), check.sop.duty("correction")
    if not approval or not correction:
        return
    done, who = check.executions, check.actors.values(lambda one: one.who)
    deciding = np.flatnonzero((done.step == approval.number) & ~is_missing(done.actor))
    own = deciding[_did(check, correction.number, done.case_row[deciding], who[deciding])]
    yield from check.mark(
        check.executions.rows[own], Events.actor,
        name=done.actor[own], step=approval.number, other=correction.number,
    )  # fmt: skip


def _did(check: Inspection, step: int, case_rows: Ints, people: Array) -> Flags:
    """Whether each person (as `Standing.who` has them) executed that step in that case."""
    done = check.executions
    here = np.flatnonzero((done.step == step) & ~is_missing(done.actor))
    who = check.actors.at(here).values(lambda one: one.who)
    pairs = set(zip(done.case_row[here].tolist(), who, strict=True))
    found = [pair in pairs for pair in zip(case_rows.tolist(), people, strict=True)]
    return np.array(found, dtype=bool)


@rule(
    "P04",
    Severity.BREACH,
    message="{name} memverifikasi tindakan perbaikan yang dilakukannya sendiri (langkah {step}).",
    fix=LAWFUL
    + "perbaiki nama yang salah salin. Bila memang demikian, mintakan verifikasi ulang oleh orang lain dan catat "
    "dengan berita acara tambahan.",
    reason="Yang memverifikasi tidak boleh orang yang melaksanakan tindakan perbaikannya, agar hasilnya objektif.",
    clause="ISO 9001:2015 klausul 10.2.1 d",
)
def verified_own_work(check: Inspection) -> Iterator[Mark]:
    """Diverifikasi Oleh is one who did the correction step of the same case, in whichever round."""
    correction = check.sop.duty("correction")
    if not correction:
        return
    known = check.filled(Cases.verified_by)
    rows, names = check.rows(REGISTER)[known], check.values(Cases.verified_by)[known]
    who = _standings(check, Cases.verified_by).at(known).values(lambda one: one.who)
    own = _did(check, correction.number, rows, who)
    yield from check.mark(rows[own], Cases.verified_by, name=names[own], step=correction.number)


@rule(
    "P50",
    Severity.WARNING,
    message="{name} memverifikasi hasil tindakan yang menjadi tanggung jawabnya sendiri.",
    fix=LAWFUL
    + "perbaiki nama yang salah salin. Bila memang demikian, mintakan verifikasi ulang oleh pegawai lain dan "
    "catat dengan berita acara tambahan.",
    reason="Penanggung Jawab berkepentingan atas hasilnya, sehingga verifikasinya sendiri kurang meyakinkan.",
    clause="ISO 9001:2015 klausul 10.2.1 d",
)
def verified_by_responsible(check: Inspection) -> Iterator[Mark]:
    """Diverifikasi Oleh is the Penanggung Jawab of the same case, in whatever spelling."""
    verifier, responsible = _people(check, Cases.verified_by), _people(check, Cases.responsible)
    own = _same(verifier, responsible)
    yield from check.mark(own, Cases.verified_by, name=check.values(Cases.verified_by)[own])


def _people(check: Inspection, column: Column) -> Array:
    """Who the people of a column are, as `Standing.who` has them; None where nobody is named."""
    who = _standings(check, column).values(lambda one: one.who)
    who[~check.filled(column)] = None
    return who


def _same(one: Array, other: Array) -> Flags:
    return np.asarray((one == other) & ~is_missing(one), dtype=bool)


@rule(
    "P05",
    Severity.BREACH,
    message="{name} tidak dapat menjadi {column} karena {why}.",
    fix=LAWFUL
    + "bila di sana tertulis saksi lain, perbaiki isian ini. Bila memang demikian, BA yang sudah ditandatangani "
    "tidak diubah; buat BA pembetulan atau berita acara tambahan dengan saksi yang bukan pelaksana.",
    reason="Saksi harus orang lain agar kesaksiannya berarti.",
    clause=AUTHORITY,
)
def witness_not_independent(check: Inspection) -> Iterator[Mark]:
    """A witness is the Pelaksana of the BA, or both witnesses are one person, whatever the spelling of the names.

    That is what happened and not a slip of the register: the BA is made as it is, and carries the finding.
    """
    executor, first, second = (_people(check, c) for c in (Disposals.executor, Disposals.witness1, Disposals.witness2))
    for column, witness in ((Disposals.witness1, first), (Disposals.witness2, second)):
        same, names = _same(witness, executor), check.values(column)
        yield from check.mark(same, column, name=names[same], column=column.header, why="ia pelaksana pemusnahan")
    twice = _same(second, first) & ~_same(second, executor)
    names = check.values(Disposals.witness2)[twice]
    yield from check.mark(twice, Disposals.witness2, name=names, column="Saksi 2", why="ia sudah menjadi Saksi 1")


@rule(
    "P51",
    Severity.ERROR,
    message="{name} tercatat sebagai {column} dan sekaligus Mengetahui pada BA yang sama.",
    fix=LAWFUL
    + "perbaiki isian yang salah salin. Bila memang demikian, tetapkan saksi yang lain dengan BA pembetulan atau "
    "berita acara tambahan.",
    reason="Yang mengetahui mengesahkan kesaksian orang lain; ia tidak dapat mengesahkan kesaksiannya sendiri.",
    clause=AUTHORITY,
)
def witness_acknowledges(check: Inspection) -> Iterator[Mark]:
    """Mengetahui of a BA is one of its witnesses."""
    head = _people(check, Disposals.acknowledged_by)
    for column in (Disposals.witness1, Disposals.witness2):
        same = _same(_people(check, column), head)
        yield from check.mark(same, column, name=check.values(column)[same], column=column.header)


@rule(
    "P06",
    Severity.WARNING,
    explainable=True,
    message="Menurut sheet Pegawai, {name} {why}.",
    fix="Periksa nama itu pada dokumennya. Bila pada hari itu ia masih bertugas, isi kolom Mulai dan Sampai (hari "
    "terakhir bertugas) di sheet Pegawai sesuai SK-nya.",
    reason="Pegawai yang sudah tidak aktif tidak lagi berwenang bertindak atas nama kantor.",
    clause=AUTHORITY,
)
def inactive_person(check: Inspection) -> Iterator[Mark]:
    """Somebody acts outside all his periods, or his Aktif is Tidak and no Sampai says until when he served.

    Who found a nonconformity acts for nobody where its Sumber is a complaint, a survey or an audit.
    """
    if all(not post.left and not post.dated for post in check.staff.posts):
        return
    for column in (column for plan in RECORDS for column in plan.columns if column.kind is Kind.PERSON):
        days, names = days_of(check, column), check.values(column)
        said = check.staff.standings(names, days)
        idle = said.flags(lambda one: not one.acts)
        if column == Cases.found_by:
            idle &= ~_from_outside(check)
        left = said.at(idle).flags(lambda one: bool(one.posts))
        why = np.where(left, "tidak aktif lagi", [f"tidak menjabat pada {day}" for day in _said(days[idle])])
        yield from check.mark(idle, column, name=names[idle], why=why)


def _said(days: Moments) -> Iterator[str]:
    return (language.date_text(day) if day else "hari itu" for day in days.astype("datetime64[D]").tolist())


@rule(
    "P07",
    Severity.WARNING,
    message="Peran {problems}.",
    fix="Perbaiki kolom Peran, Aktif, Mulai, dan Sampai di sheet Pegawai sesuai SK, sehingga setiap peran itu dipegang "
    "oleh tepat satu pegawai pada setiap hari.",
    reason="Persetujuan dan tanda tangan memerlukan satu pejabat yang jelas pada setiap jabatan.",
    clause=AUTHORITY,
)
def single_role_not_single(check: Inspection) -> Iterator[Mark]:
    """A role that the SOP gives to one person (Camat, Sekcam) has no holder on the day of `as_of`, or several; or had
    none, or several, on an earlier day on which a step or a BA stands, where its holders have periods.

    A Plh. stands in while the holder keeps his post, and is no second one. Where a name, a role, Aktif, Mulai or Sampai
    is in error, that row may be the missing holder, and nothing is said.
    """
    if not check.has(People.role) or not check.has(People.name):
        return
    table = check.register.people
    sure = not any(check.unknown(column).any() for column in (People.active, People.start, People.end))
    all_held = sure and all(post.role for post in check.staff.posts)
    problems = []
    for role in check.sop.single_roles:
        today = _not_single(check, role, check.as_of.date(), all_held, sure)
        problems += [today] if today else list(_earlier(check, role, all_held, sure))[:1]
    if problems:
        cell = f"{table.letters.get('role', 'A')}{table.header_row}"
        yield check.mark_sheet(table.sheet, cell, "Peran", row_of(cell), problems="; ".join(problems))


def _not_single(check: Inspection, role: str, day: dt.date, all_held: bool, sure: bool) -> str:
    """What is wrong with the holders of a role on a day; nothing where the cells in error leave it open."""
    holders = check.staff.holders(role, day)
    named = [post.name for post in holders if post.name]
    if not holders and all_held:
        return f"{role} tidak dipegang oleh pegawai aktif mana pun"
    return f"{role} dipegang oleh {len(named)} pegawai aktif ({'; '.join(named)})" if len(named) > 1 and sure else ""


def _earlier(check: Inspection, role: str, all_held: bool, sure: bool) -> Iterator[str]:
    """What was wrong on the days on which something was done, each with its day."""
    posts = [post for post in check.staff.posts if post.role == role]
    if not any(post.dated for post in posts):
        return
    moments = np.concatenate([days_of(check, Events.actor), days_of(check, Disposals.executor)])
    days = distinct(moments[~np.isnat(moments)].astype("datetime64[D]"))
    for day in days[days >= check.first_plausible].tolist():
        problem = _not_single(check, role, day, all_held, sure) if day < check.as_of.date() else ""
        if problem:
            yield f"{problem} pada {language.date_text(day)}"


@rule(
    "P08",
    Severity.BREACH,
    message="{name} ({role}) tercatat memutuskan, {why}.",
    fix=LAWFUL
    + "bila di sana tertulis pejabat lain, perbaiki isian ini. Bila memang demikian, mintakan keputusan pejabat "
    "yang berwenang pada langkah {step} dengan surat pengganti.",
    reason="Keputusan hanya sah bila diambil oleh pejabat yang ditetapkan SOP dan sama dengan catatannya.",
    clause=DISPOSITION,
)
def wrong_decider(check: Inspection) -> Iterator[Mark]:
    """Diputuskan Oleh had a role that may not decide, or somebody else did the decision step of that case.

    The role is that of the day of the decision step; without that step, of the PTPP, else of the day it was found.
    """
    decision = check.sop.duty("decision")
    if not decision:
        return
    known = check.filled(Cases.decided_by)
    rows, names = check.rows(REGISTER)[known], check.values(Cases.decided_by)[known]
    said = _standings(check, Cases.decided_by).at(known)
    done = check.executions
    decided = done.case_row[(done.step == decision.number) & ~is_missing(done.actor)]
    other = np.isin(rows, decided) & ~_did(check, decision.number, rows, said.values(lambda one: one.who))
    barred = said.flags(lambda one: one.roles is not None and one.roles.isdisjoint(decision.roles))
    by_role = f"padahal yang berwenang ialah {' atau '.join(decision.roles)}"
    why = np.where(barred, by_role, f"padahal langkah {decision.number} dilaksanakan oleh orang lain")
    shown = said.values(lambda one: "peran tidak diketahui" if one.roles is None else one.role)
    wrong = barred | other
    yield from check.mark(
        rows[wrong], Cases.decided_by,
        name=names[wrong], role=shown[wrong], why=why[wrong], step=decision.number,
    )  # fmt: skip


@rule(
    "P09",
    Severity.BREACH,
    message="{name} ({role}) tidak dapat mengetahui BA Pemusnahan; BA diketahui oleh {head}.",
    fix=LAWFUL
    + "bila {head} yang menandatangani, perbaiki isian ini. Bila ia Plt. atau Plh. {head} pada hari itu, catat "
    "masa tugas dan SK-nya di sheet Pegawai. Bila memang demikian, buat BA pembetulan yang diketahui oleh {head}.",
    reason="Berita acara baru sah bila diketahui oleh kepala kantor.",
    clause=AUTHORITY,
)
def not_the_head(check: Inspection) -> Iterator[Mark]:
    """Mengetahui of a BA was not the head of the office (the SOP's head_role) on the date of the BA.

    That is what happened and not a slip of the register: the BA is made as it is, and carries the finding.
    """
    head = check.sop.head_role
    if not head:
        return
    said, names = _standings(check, Disposals.acknowledged_by), check.values(Disposals.acknowledged_by)
    wrong = said.flags(lambda one: one.roles is not None and head not in one.roles)
    roles = said.values(lambda one: one.role)[wrong]
    yield from check.mark(wrong, Disposals.acknowledged_by, name=names[wrong], role=roles, head=head)
