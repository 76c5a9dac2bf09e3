"""What each document says, out of the register's values.

A document's *facts* are what the workbook says about its cases; their SHA-256 is its archive code. Letterhead,
positions and the SOP's wording stand around them: when only those change, an issued document stays as it was issued.
"""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from sopkit import language
from sopkit.checks.changes import short_link
from sopkit.checks.executions import REJECTED
from sopkit.checks.reasons import explains
from sopkit.checks.staff import ACT_DAYS
from sopkit.documents.codes import canonical_sha256
from sopkit.documents.fields import (
    DISPOSAL_NAMES,
    DUTIES,
    LABEL_COLUMNS,
    LABEL_PLACE,
    LABEL_SERVICE,
    LABEL_UNIT,
    NAMES,
    PTPP_COLUMNS,
    SHORT_REMARK,
    SHORT_TEXT,
)
from sopkit.documents.records import DocumentData, Record
from sopkit.language import DateText
from sopkit.register.schema import DISPOSALS, PEOPLE, REGISTER, Cases, Column, Disposals, Kind
from sopkit.sop.model import Duty, Step
from sopkit.text import plain

CLOSED = ("Selesai", "Batal")


@dataclass(frozen=True)
class Missing:
    """A value without which the document would have a hole: the column and where it should stand; `key` in Kantor."""

    table: str
    row: int
    column: Column
    key: str = ""

    @property
    def called(self) -> str:
        """What staff call it."""
        return self.key or self.column.header


@dataclass(frozen=True)
class DocumentContent:
    """All that one document says.

    `facts` are the workbook's values it rests on, `context` what the template is given (the archive code and the
    pictures excepted), `people` the names it concerns for mailing (Penanggung Jawab, or a BA's executor), `days` on
    which it was made and last added to, by its own dates. `undated` are those entries of the context that follow the
    clock, as they would be without it: no document is made anew because a day has passed.
    """

    kind: str
    number: str
    cases: tuple[str, ...]
    facts: Mapping[str, Any]
    context: Mapping[str, Any]
    people: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    days: tuple[dt.date | None, dt.date | None] = (None, None)
    undated: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def data_sha256(self) -> str:
        """SHA-256 (hex) over the facts: the same facts give the same code on every machine."""
        return canonical_sha256([self.kind, self.number, self.facts])

    @cached_property
    def print_sha256(self) -> str:
        """SHA-256 (hex) over everything printed but what the clock alone changes."""
        return canonical_sha256({**self.context, **self.undated})


def ptpp(data: DocumentData, row: int) -> DocumentContent:
    """A PTPP; its sections that are not yet due are empty and the template prints lines to write on."""
    case = data.cases[row]
    facts = {name: case[name] for name in PTPP_COLUMNS}
    done = _last(data, data.executions.get(case["number"], ()), "identification") or {}
    proposer = done.get("actor") or case["found_by"]
    if proposer != case["found_by"]:
        facts["proposed_by"] = proposer
    context = {
        **data.office_on(case["ptpp_date"]),
        **case_fields(data, case, PTPP_COLUMNS),
        **data.person("pengusul", proposer, case["ptpp_date"]),
    }
    people = (case["responsible"],) if case["responsible"] else ()
    days = _first_and_last(case["ptpp_date"], case["verified_on"])
    return DocumentContent("ptpp", case["ptpp_number"], (case["number"],), facts, context, people, days=days)


def ptpp_mail(data: DocumentData, number: str, cases: Sequence[Record]) -> dict[str, object]:
    """What a mail may say of a PTPP."""
    case = cases[0] if cases else {}
    return {
        "nomor": number,
        "tanggal": _date(case.get("ptpp_date")),
        "nomor_catatan": _numbers(cases),
        "jenis_layanan": case.get("service") or "",
        "kategori": case.get("category") or "",
        "penanggung_jawab": case.get("responsible") or "",
        "target_selesai": _date(case.get("due_date")),
        "status": case.get("status") or "",
        "ditutup": case.get("status") in CLOSED,
    }


def catatan(data: DocumentData, row: int) -> DocumentContent:
    """A Catatan: all of the case and every execution, and the steps not yet taken as blank rows."""
    case = data.cases[row]
    executions = data.executions.get(case["number"], ())
    facts = {**case, "executions": [_execution_facts(e) for e in executions]}
    context = {
        **data.office_on(_moment(_last(data, executions, "consultation")) or case["found_at"]),
        **case_fields(data, case, NAMES),
        **_duty_fields(data, executions),
        **_approval_fields(data, executions),
        "langkah": _step_rows(data, case, executions),
    }
    people = (case["responsible"],) if case["responsible"] else ()
    moments = (moment for done in executions for moment in (done["start"], done["end"]))
    days = _first_and_last(case["found_at"], case["verified_on"], *moments)
    return DocumentContent("catatan", case["number"], (case["number"],), facts, context, people, days=days)


def label(data: DocumentData, row: int) -> DocumentContent:
    """A label for the segregated thing."""
    case = data.cases[row]
    done = _last(data, data.executions.get(case["number"], ()), "segregation")
    moment = done["end"] or done["start"] if done else None
    facts = {name: case[name] for name in LABEL_COLUMNS}
    facts |= {"segregated": moment, "by": done["actor"] if done else None}
    context = {
        **data.office_on(moment or case["found_at"]),
        **case_fields(data, case, LABEL_COLUMNS),
        "tanggal_pemisahan": _date(moment),
        "dipisahkan_oleh": (done["actor"] if done else None) or "",
        "jenis_layanan_ringkas": _shortened(case["service"], LABEL_SERVICE),
        "tempat_ringkas": _shortened(case["segregation_place"], LABEL_PLACE),
        "satuan_ringkas": _shortened(case["unit"], LABEL_UNIT),
    }
    days = _first_and_last(moment or case["found_at"])
    return DocumentContent("label", case["number"], (case["number"],), facts, context, days=days)


def is_segregated(data: DocumentData, row: int) -> bool:
    """Whether there is a thing to label: its place is written, or the segregation has begun."""
    case = data.cases[row]
    begun = _last(data, data.executions.get(case["number"] or "", ()), "segregation")
    return case["segregation_place"] is not None or begun is not None


def disposal(data: DocumentData, row: int, case_rows: Sequence[int]) -> DocumentContent:
    """A BA Pemusnahan over the cases that name it, in the order of the register."""
    record = data.disposals[row]
    cases = [data.cases[r] for r in case_rows]
    details = [_destroyed(place, case) for place, case in enumerate(cases, start=1)]
    columns = ("number", "service", "description", "quantity", "unit", "requirement", "disposition")
    facts = {**record, "cases": [{name: case[name] for name in columns} for case in cases]}
    context = {
        **data.office_on(record["date"]),
        **_ba_fields(data, record),
        "rincian": details,
        "jumlah_per_satuan": _totals_per_unit(cases),
        "banyak": str(len(cases)),
        "banyak_terbilang": _words(len(cases)),
    }
    missing = tuple(_without_position(data, record))
    numbers = tuple(case["number"] for case in cases)
    people = tuple(dict.fromkeys(case["responsible"] for case in cases if case["responsible"]))
    days = _first_and_last(record["date"])
    return DocumentContent("ba", record["number"], numbers, facts, context, people, missing, days=days)


def disposal_mail(data: DocumentData, number: str, cases: Sequence[Record]) -> dict[str, object]:
    """What a mail may say of a BA Pemusnahan."""
    record: Record = next((one for one in data.disposals.values() if one["number"] == number), {})
    return {
        "nomor": number,
        "tanggal": _date(record.get("date")),
        "tempat_pemusnahan": record.get("place") or "",
        "nomor_catatan": _numbers(cases),
        "jumlah_kasus": len(cases),
    }


def _without_position(data: DocumentData, record: Record) -> Iterator[Missing]:
    """A Berita Acara states who they were that signed it."""
    for column in DISPOSALS.columns:
        post = data.post(record[column.field], *_act(data, record, column)) if column.kind is Kind.PERSON else None
        if post and not post.position:
            yield Missing("people", post.row, PEOPLE.column("position"))


def _act(data: DocumentData, record: Record, column: Column) -> tuple[dt.datetime | None, tuple[str, ...]]:
    """When the person of a column acted, and in which of his roles if he has several."""
    sop = data.inspected.sop
    days = [record[dated.field] for dated in ACT_DAYS[column]]
    if column == Disposals.acknowledged_by:
        return days[0], (sop.head_role,)
    decision = sop.duty("decision")
    if column != Cases.decided_by or decision is None:
        return next(filter(None, days), None), ()
    decided = _moment(_last(data, data.executions.get(record["number"] or "", ()), "decision"))
    return next(filter(None, (decided, *days)), None), decision.roles


def _moment(done: Record | None) -> dt.datetime | None:
    """When an execution was begun as far as it was recorded, else ended."""
    return (_begun(done) or done["end"] or done["start"]) if done else None


def _first_and_last(first: dt.datetime | None, *later: dt.datetime | None) -> tuple[dt.date | None, dt.date | None]:
    """The day a document begins with, and the last of those that it tells of."""
    known = [moment.date() for moment in (first, *later) if moment]
    return first.date() if first else None, max(known, default=None)


def _begun(done: Record) -> dt.datetime | None:
    """The recorded Mulai. One that follows from the step before (wide layout) is for judging and not for print."""
    return done["start"] if done.get("start_given") else None


def register_list(data: DocumentData, rows: Sequence[int], left_out: Sequence[str]) -> DocumentContent:
    """The Daftar PTPP of the register up to the end of the month of its last record.

    Ages of what is not yet approved run to the reference moment, which `akhir_periode` names. They are no facts: the
    list is made anew when something else has changed, and says until when it counted. So it is with the history's link.
    """
    cases = [data.cases[row] for row in rows]
    cases.sort(key=lambda case: (case["ptpp_date"] or dt.datetime.max, case["ptpp_number"]))
    moments = _moments(data, cases)
    first, last = _period(data, cases, moments)
    lines = [_listed(data, place, case) for place, case in enumerate(cases, start=1)]
    today, changes = data.inspected.as_of.date(), data.inspected.changes
    aged = [
        line | {"umur": line["umur"] or _age(data, case["ptpp_date"], today)}
        for line, case in zip(lines, cases, strict=True)
    ]
    counts = {status: sum(1 for case in cases if (case["status"] or "") == status) for status in _statuses(data, cases)}
    context = {
        **data.office_on(last),
        "periode": _period_text(first, last),
        "akhir_periode": _date(today),
        "tautan_riwayat": short_link(changes.last.link) if changes and changes.last else "",
        "daftar": aged,
        "jumlah_per_status": [{"status": s or "Belum diisi", "banyak": str(n)} for s, n in counts.items()],
        "banyak": str(len(cases)),
        "belum_tercantum": language.list_text(left_out) if left_out else "",
    }
    facts = {"period": [first, last], "lines": lines, "left_out": list(left_out)}
    numbers = tuple(case["number"] for case in cases)
    undated = {"akhir_periode": "", "tautan_riwayat": "", "daftar": lines}
    days = _first_and_last(max(moments, default=None))
    return DocumentContent("daftar", str(last.year), numbers, facts, context, days=days, undated=undated)


def list_mail(data: DocumentData, number: str, cases: Sequence[Record]) -> dict[str, object]:
    """What a mail may say of the Daftar PTPP."""
    year = data.inspected.register.settings.get("Tahun Register", "") or str(data.inspected.as_of.year)
    return {"tahun": year, "jumlah_ptpp": sum(1 for case in cases if case["ptpp_number"])}


def case_fields(data: DocumentData, case: Record, columns: Iterable[str]) -> dict[str, str]:
    """The fields of some columns of a case, each with its dates, words and people spelled out."""
    return _fields(data, case, [(NAMES[name], REGISTER.column(name)) for name in columns])


def _ba_fields(data: DocumentData, record: Record) -> dict[str, str]:
    date = record["date"]
    return {
        **_fields(data, record, [(DISPOSAL_NAMES[c.field], c) for c in DISPOSALS.columns]),
        "tanggal_hari_terbilang": _words(date.day) if date else "",
        "tanggal_bulan": language.MONTHS[date.month - 1] if date else "",
        "tanggal_tahun_terbilang": _words(date.year) if date else "",
    }


def _fields(data: DocumentData, record: Record, columns: Iterable[tuple[str, Column]]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, column in columns:
        value = record[column.field]
        if column.kind in (Kind.DATE, Kind.DATETIME):
            fields.update(_date_fields(name, value, clock=column.kind is Kind.DATETIME))
        elif column.kind is Kind.PERSON:
            fields.update(data.person(name, value, *_act(data, record, column)))
        elif column.kind is Kind.NUMBER:
            fields[name] = "" if value is None else language.number_text(value)
            whole = value is not None and value == int(value)
            fields[f"{name}_terbilang"] = _words(int(value)) if whole else fields[name]
        else:
            fields[name] = "" if value is None else str(value)
    return fields


def _date_fields(name: str, value: dt.datetime | None, *, clock: bool) -> dict[str, str]:
    fields = dict.fromkeys((name, f"{name}_hari", f"{name}_terbilang", f"{name}_angka"), "")
    if clock:
        fields[f"{name}_jam"] = ""
    if value is None:
        return fields
    fields[name] = _date(value)
    fields[f"{name}_hari"] = language.weekday_text(value)
    fields[f"{name}_terbilang"] = f"{_words(value.day)} {language.MONTHS[value.month - 1]} {_words(value.year)}"
    fields[f"{name}_angka"] = _short(value)
    if clock and value.time() != dt.time():
        fields[f"{name}_jam"] = language.clock_text(value.time())
    return fields


@lru_cache(maxsize=4096)
def _words(number: int) -> str:
    return language.words(number)


def _last(data: DocumentData, executions: Sequence[Record], duty: Duty) -> Record | None:
    """The last execution of the step with that duty."""
    step = data.inspected.sop.duty(duty)
    done = [e for e in executions if step is not None and e["step"] == step.number]
    return done[-1] if done else None


def _duty_fields(data: DocumentData, executions: Sequence[Record]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for duty, (prefix, _) in DUTIES.items():
        done = _last(data, executions, duty) or {}
        step = data.inspected.sop.duty(duty)
        roles = step.roles if step else ()
        fields.update(data.person(f"{prefix}_oleh", done.get("actor"), _moment(done) if done else None, roles))
        fields[f"{prefix}_mulai"] = _moment_text(_begun(done))
        fields[f"{prefix}_selesai"] = _moment_text(done.get("end"))
        fields[f"{prefix}_tanggal"] = _date(done.get("end"))
        fields[f"{prefix}_hasil"] = done.get("outcome") or ""
        fields[f"{prefix}_keterangan"] = done.get("remark") or ""
    return fields


def _approval_fields(data: DocumentData, executions: Sequence[Record]) -> dict[str, str]:
    """Who approved, and when: nobody after a rejection, nor while the approval goes on."""
    step, done = data.inspected.sop.duty("approval"), _approval(data, executions)
    actor, end = (done["actor"], done["end"]) if done else (None, None)
    roles = step.roles if step else ()
    return {"disetujui_tanggal": _date(end), **data.person("disetujui_oleh", actor, end, roles)}


def _approval(data: DocumentData, executions: Sequence[Record]) -> Record | None:
    """The last execution of the step that approves, where it ended and did not reject."""
    done = _last(data, executions, "approval")
    return done if done and done["end"] and done["outcome"] != REJECTED else None


def _moment_text(value: dt.datetime | None) -> str:
    if value is None:
        return ""
    return _date(value) if value.time() == dt.time() else DateText(language.datetime_text(value))


def _execution_facts(execution: Record) -> Record:
    return {
        name: execution[name]
        for name in ("step", "actor", "start", "end", "outcome", "remark", "taken", "verdict")
    }  # fmt: skip


def _step_rows(data: DocumentData, case: Record, executions: Sequence[Record]) -> list[dict[str, str]]:
    """Every execution in the order of time, before it the steps that were skipped, and after them, in the SOP's order,
    the steps not yet taken nor replaced by an alternative.
    """
    sop, rows, told = data.inspected.sop, [], set[int]()
    for done in executions:
        skipped = [sop.steps[order] for order in done["skipped"]]
        rows += [_step_row(step, {}, _skipped(done["remark"])) for step in skipped]
        rows.append(_step_row(sop.step(done["step"]), done))
        told.update([done["step"], *(step.number for step in skipped)])
    left = [step for step in sop.steps if told.isdisjoint(step.one_of or (step.number,))]
    return rows + [_step_row(step, {}, _not_taken(data, case, executions, step)) for step in left]


def _skipped(remark: str | None) -> str:
    """What stands for a skipped step, with the Keterangan that says why where one does."""
    return f"dilewati: {remark}" if explains(remark) else "dilewati"


def _not_taken(data: DocumentData, case: Record, executions: Sequence[Record], step: Step) -> str:
    """Why a step has no execution; nothing where it is still to come and may be filled in by hand."""
    destruction = step == data.inspected.sop.duty("destruction")
    if destruction and case["to_destroy"] == "Tidak":
        return "tidak ada yang dimusnahkan"
    if _approval(data, executions) is None:
        return ""
    return "belum dimusnahkan" if destruction else "tidak dilaksanakan"


def _step_row(step: Step, done: Record, absence: str = "") -> dict[str, str]:
    """A row of the table; of a step without an execution `absence` says why, also where a template has remarks only."""
    return {
        "nomor": str(step.number),
        "aktivitas": step.activity,
        "pelaksana": done.get("actor") or "",
        "mulai": _two_lines(_begun(done)),
        "selesai": _two_lines(done.get("end")),
        "waktu": language.duration_text(done["taken"].total_seconds()) if done.get("taken") is not None else "",
        "baku_mutu": str(step.standard),
        "penilaian": done.get("verdict") or "",
        "hasil": done.get("outcome") or "",
        "keterangan": done.get("remark") or absence,
        "tidak_dilaksanakan": absence,
    }


def _two_lines(value: dt.datetime | None) -> str:
    """`02-11-2026` and below it `08.15`, for a narrow column."""
    if value is None:
        return ""
    clock = "" if value.time() == dt.time() else f"\n{language.clock_text(value.time())}"
    return DateText(_short(value) + clock)


def _destroyed(place: int, case: Record) -> dict[str, str]:
    return {
        "no": str(place),
        "nomor_catatan": case["number"],
        "jenis_layanan": case["service"] or "",
        "uraian": case["description"] or "",
        "uraian_ringkas": _shortened(case["description"], SHORT_TEXT),
        "jumlah": "" if case["quantity"] is None else language.number_text(case["quantity"]),
        "satuan": case["unit"] or "",
        "alasan": _reason(case),
    }


def _reason(case: Record) -> str:
    """Why it is destroyed, from what the register says: the requirement it misses and what was decided."""
    requirement = _shortened(case["requirement"], SHORT_TEXT)
    missed = f"Tidak memenuhi: {requirement}" if requirement else "Tidak sesuai persyaratan"
    return f"{missed}\nKeputusan: {case['disposition']}" if case["disposition"] else missed


def _totals_per_unit(cases: Sequence[Record]) -> list[dict[str, str]]:
    totals: dict[str, tuple[str, float]] = {}
    for case in cases:
        unit = case["unit"] or ""
        shown, sum_ = totals.get(plain(unit or ""), (unit, 0.0))
        totals[plain(unit or "")] = shown, sum_ + (case["quantity"] or 0.0)
    return [{"satuan": unit, "jumlah": language.number_text(sum_)} for unit, sum_ in totals.values()]


def _moments(data: DocumentData, cases: Sequence[Record]) -> list[dt.datetime]:
    """Every moment that is recorded of these cases."""
    moments = [case[name] for case in cases for name in ("ptpp_date", "found_at", "verified_on") if case[name]]
    moments += [
        moment
        for case in cases
        for execution in data.executions.get(case["number"], ())
        for moment in (execution["start"], execution["end"])
        if moment
    ]
    return moments


def _period(data: DocumentData, cases: Sequence[Record], moments: Sequence[dt.datetime]) -> tuple[dt.date, dt.date]:
    """From the month of the first PTPP to the end of the month of the last record of these cases."""
    if not moments:
        year = data.inspected.register.stated_year or data.inspected.as_of.year
        return dt.date(year, 1, 1), dt.date(year, 12, 31)
    first = min(case["ptpp_date"] or case["found_at"] for case in cases).date().replace(day=1)
    last = max(moments).date()
    following = (last.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    return first, following - dt.timedelta(days=1)


def _period_text(first: dt.date, last: dt.date) -> str:
    end = f"{language.MONTHS[last.month - 1]} {last.year}"
    if (first.year, first.month) == (last.year, last.month):
        return end
    start = language.MONTHS[first.month - 1] + ("" if first.year == last.year else f" {first.year}")
    return f"{start} s.d. {end}"


def _statuses(data: DocumentData, cases: Sequence[Record]) -> list[str]:
    listed = list(data.inspected.register.choices.get("Status", ()))
    return listed + [s for s in dict.fromkeys(case["status"] or "" for case in cases) if s not in listed]


def _listed(data: DocumentData, place: int, case: Record) -> dict[str, str]:
    """A line of the list; without an age while it still grows."""
    approval = _last(data, data.executions.get(case["number"], ()), "approval")
    approved = approval["end"] if approval and approval["outcome"] == "Disetujui" else None
    verified = case["verified_on"]
    return {
        "no": str(place),
        "nomor_ptpp": case["ptpp_number"],
        "tanggal": _short(case["ptpp_date"]),
        "jenis_layanan": case["service"] or "",
        "uraian": case["description"] or "",
        "uraian_ringkas": _shortened(case["description"], SHORT_TEXT),
        "kategori": case["category"] or "",
        "penanggung_jawab": case["responsible"] or "",
        "target": _short(case["due_date"]),
        "selesai": _short(approved),
        "verifikasi": DateText("\n".join(part for part in (case["verification"] or "", _short(verified)) if part)),
        "status": case["status"] or "",
        "umur": _age(data, case["ptpp_date"], approved.date()) if approved else "",
        "keterangan": case["remark"] or "",
        "keterangan_ringkas": _shortened(case["remark"], SHORT_REMARK),
    }


def _shortened(text: str | None, most: int) -> str:
    """One line of at most so many characters, cut between words where there are any."""
    line = " ".join((text or "").split())
    if len(line) <= most:
        return line
    words = textwrap.shorten(line, most, placeholder=" …")
    return words if len(words) > most // 2 else f"{line[: most - 1]}…"


def _date(value: dt.date | None) -> str:
    return DateText(language.date_text(value)) if value else ""


def _numbers(cases: Iterable[Record]) -> str:
    return language.list_text(case["number"] for case in cases)


def _short(value: dt.date | None) -> str:
    return DateText(language.short_date_text(value)) if value else ""


def _age(data: DocumentData, start: dt.datetime | None, until: dt.date) -> str:
    if start is None:
        return ""
    return str(int(data.inspected.calendar.working_days(np.datetime64(start), np.datetime64(until))))
