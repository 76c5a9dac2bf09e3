"""The SOP as data: read from TOML, checked with all its mistakes said at once, never repaired."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from sopkit.language import date_text, list_text
from sopkit.sop.toml_file import not_right, parse_toml, read_toml_text

Basis = Literal["source", "inferred"]
Duty = Literal[
    "", "identification", "evaluation", "consultation", "decision", "segregation",
    "correction", "approval-request", "approval", "destruction",
]  # fmt: skip
Unit = Literal["menit", "jam", "hari"]
SECONDS: Mapping[str, int] = {"menit": 60, "jam": 3600}
WHAT = "Berkas SOP"
LAST_NUMBER = 999
DEFAULT_FILE = "pengendalian-ketidaksesuaian.toml"
GROUPS: Mapping[str, str] = {
    "one_of": 'sebuah teks atau daftar nomor langkah, misalnya "keputusan" atau [5, 6]',
    "any_order": 'true, sebuah teks, atau daftar nomor langkah, misalnya "pemeriksaan" atau [5, 6]',
}
"""Keys of a step that put it into a group, and what they hold."""
PRINTED = ("procedure", "motto", "clauses")  # keys for what stands on the SOP and nothing rests on
Toml = Mapping[str, Any]  # a table of the file, not yet checked


@dataclass(frozen=True)
class Standard:
    """A time standard as printed: `15 menit`, `1 jam` (working time) or `1 hari` (a declared choice, see `Sop.day`)."""

    amount: float
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Standard:
        """`ValueError` unless the text is a positive number and menit, jam or hari, in any letters."""
        amount, _, unit = " ".join(text.casefold().split()).partition(" ")
        value = float(amount.replace(",", "."))
        if unit not in get_args(Unit) or not 0 < value < 1000:
            raise ValueError(text)
        return cls(value, unit)  # type: ignore[arg-type]

    @property
    def seconds(self) -> float | None:
        """Seconds of working time; None for days."""
        return self.amount * SECONDS[self.unit] if self.unit in SECONDS else None

    def __str__(self) -> str:
        return f"{self.amount:g} {self.unit}".replace(".", ",")


@dataclass(frozen=True)
class Step:
    """One row of the SOP's table. `number` is a label: order is the order in `Sop.steps`."""

    number: int
    activity: str
    roles: tuple[str, ...]
    roles_basis: Basis
    standard: Standard
    duty: Duty = ""
    roles_not: tuple[str, ...] = ()
    roles_not_basis: Basis = "inferred"
    requires: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    may_come_early: bool = False
    periodic: bool = False
    on_rejection: int | None = None
    optional: bool = False
    one_of: tuple[int, ...] = ()  # the steps of which one is due, this one among them
    any_order: tuple[int, ...] = ()  # the steps that may come in any order among themselves, this one among them


@dataclass(frozen=True)
class Signer:
    task: str
    name: str
    nip: str
    title: str


@dataclass(frozen=True)
class Office:
    """The office as the SOP prints it; the workbook's sheet Kantor overrides it."""

    government: str
    name: str
    address: str = ""
    place: str = ""
    date: dt.date | None = None


@dataclass(frozen=True)
class Sop:
    id: str
    title: str
    steps: tuple[Step, ...]
    roles: tuple[str, ...]
    office: Office
    number: str = ""
    effective: dt.date | None = None
    evaluated: dt.date | None = None
    legal_basis: tuple[str, ...] = ()
    qualification: tuple[str, ...] = ()
    day: str = "same-time"
    head_role: str = ""
    single_roles: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    signers: tuple[Signer, ...] = ()
    remarks: tuple[str, ...] = field(default=(), compare=False)

    def position(self, number: int) -> int:
        """Index of the step labelled `number`; KeyError if the SOP has none."""
        for index, step in enumerate(self.steps):
            if step.number == number:
                return index
        raise KeyError(number)

    def step(self, number: int) -> Step:
        """The step labelled `number`; KeyError if the SOP has none."""
        return self.steps[self.position(number)]

    def duty(self, duty: Duty) -> Step | None:
        """The step with that duty, or None where this SOP has none."""
        return next((step for step in self.steps if step.duty == duty), None)

    def predecessors(self, number: int) -> tuple[int, ...]:
        """Labels of the steps that must have ended before `number` begins, those of them that are executed.

        The step before it; a step that may come early stands beside the ordinary one before it, so the next
        ordinary step follows both (7 follows 5 and 6). Steps that share a turn (`turn`) are followed together, and
        past an optional step the one before it is named too.
        """
        return tuple(self.steps[place].number for place in self.awaited(self.position(number)))

    def awaited(self, place: int) -> range:
        """The places of the steps that must have ended before the one at `place` begins: `predecessors`."""
        stop = start = self.turn(place).start
        while start > 0:
            start = self.turn(start - 1).start
            if any(not (step.may_come_early or step.optional) for step in self.steps[start : self.turn(start).stop]):
                break
        return range(start, stop)

    def turn(self, place: int) -> range:
        """The places of the steps that come in any order among themselves, the one at `place` among them."""
        return self._turns[place]

    @cached_property
    def _turns(self) -> tuple[range, ...]:
        """A place per step. Groups stand side by side; `one_of` may lie within `any_order`, which is the wider then."""
        turns = []
        for place, step in enumerate(self.steps):
            places = [self.position(number) for number in step.any_order or step.one_of] or [place]
            turns.append(range(min(places), max(places) + 1))
        return tuple(turns)

    def alternatives(self, place: int) -> tuple[int, ...]:
        """The places of the steps of which one is due, the one at `place` among them."""
        return tuple(self.position(number) for number in self.steps[place].one_of) or (place,)


Part = TypeVar("Part", Signer, Office)


def load_sop(path: Path | None = None) -> Sop:
    """Read an SOP; without `path`, the one in the package. `SopkitError` names every mistake of the file."""
    if path is None:
        text = resources.files("sopkit.sop").joinpath(DEFAULT_FILE).read_text("utf-8")
        return parse_sop(text, DEFAULT_FILE)
    return parse_sop(read_toml_text(path, WHAT), path.name)


@lru_cache(16)
def parse_sop(text: str, name: str) -> Sop:
    """Build the `Sop` from TOML text; `SopkitError` lists all that is wrong, with where. It is reckoned once."""
    data = parse_toml(text, name, WHAT)
    mistakes: list[str] = []
    rows = data.pop("steps", None)
    steps = tuple(_steps(rows, mistakes))
    signers = _records(Signer, data.pop("signers", []), "signers", mistakes)
    offices = _records(Office, [data.pop("office", {})], "office", mistakes)
    data = {key: value for key, value in data.items() if key not in PRINTED}
    known = {f.name for f in fields(Sop)} - {"steps", "signers", "office", "remarks"}
    mistakes += [f"kunci '{key}' tidak dikenal" for key in data if key not in known]
    mistakes += [f"kunci '{key}' belum diisi" for key in ("id", "title") if not isinstance(data.get(key), str)]
    mistakes += _type_mistakes(data)
    mistakes += _step_mistakes(steps, data)
    steps = _grouped(steps, _numbers(rows), mistakes)
    if mistakes:
        raise not_right(name, WHAT, mistakes)
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
    values.setdefault("roles", tuple(dict.fromkeys(role for step in steps for role in step.roles)))
    sop = Sop(**values, steps=steps, signers=signers, office=offices[0])
    return Sop(**{**{f.name: getattr(sop, f.name) for f in fields(Sop)}, "remarks": tuple(_remarks(sop))})


def _records(kind: type[Part], rows: Any, name: str, mistakes: list[str]) -> tuple[Part, ...]:
    built = []
    for row in rows if isinstance(rows, list) else [rows]:
        try:
            found = _form_mistakes(kind, row, f"bagian [{name}]")
            mistakes += found
            built += [] if found else [kind(**row)]
        except TypeError:
            wanted = ", ".join(f.name for f in fields(kind))
            mistakes.append(f"bagian [{name}] harus berisi {wanted}")
    return tuple(built)


def _steps(rows: object, mistakes: list[str]) -> list[Step]:
    if not isinstance(rows, list) or not rows:
        mistakes.append("tidak ada satu pun [[steps]]")
        return []
    if not all(isinstance(row, dict) for row in rows):
        mistakes.append("tiap langkah harus berupa [[steps]]")
        return []
    steps = []
    for place, row in enumerate(rows, start=1):
        step = _step(row, f"langkah ke-{place} (number = {row.get('number', '?')})", mistakes)
        if step:
            steps.append(step)
    return steps


def _step(row: Toml, where: str, mistakes: list[str]) -> Step | None:
    known = {f.name for f in fields(Step)}
    found = [f"{where}: kunci '{key}' tidak dikenal" for key in row if key not in known]
    for key, kind in (("number", int), ("activity", str), ("roles", list), ("roles_basis", str), ("standard", str)):
        if not isinstance(row.get(key), kind) or isinstance(row.get(key), bool):
            found.append(f"{where}: '{key}' belum diisi dengan benar")
    if isinstance(row.get("number"), int) and not 0 < row["number"] <= LAST_NUMBER:
        found.append(f"{where}: 'number' harus 1 sampai {LAST_NUMBER}")
    found += [] if found else _form_mistakes(Step, row, where)
    found += [
        f'{where}: \'{key}\' harus "source" atau "inferred"'
        for key in ("roles_basis", "roles_not_basis")
        if row.get(key, "source") not in get_args(Basis)
    ]
    if not isinstance(row.get("optional", False), bool):
        found.append(f"{where}: 'optional' harus true atau false")
    found += [f"{where}: '{key}' harus {form}" for key, form in GROUPS.items() if not _names_group(key, row.get(key))]
    if row.get("duty", "") not in get_args(Duty):
        found.append(f"{where}: duty '{row.get('duty')}' tidak dikenal")
    try:
        standard = Standard.parse(str(row.get("standard", "")))
    except ValueError:
        found.append(f'{where}: baku mutu \'{row.get("standard")}\' harus seperti "15 menit", "1 jam", "1 hari"')
    mistakes += found
    if found:
        return None
    values: Toml = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return Step(**{**values, "standard": standard})


def _names_group(key: str, value: object) -> bool:
    """Whether a value of `one_of` or `any_order` is of a kind that names a group; what it names is looked at later."""
    if isinstance(value, list):
        return all(isinstance(number, int) and not isinstance(number, bool) for number in value)
    return value is None or isinstance(value, str) or (isinstance(value, bool) and key == "any_order")


def _numbers(rows: object) -> set[object]:
    """The numbers that stand in the file, those of steps that are not right otherwise too."""
    rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return {number for row in rows if isinstance(number := row.get("number"), int)}


def _grouped(steps: tuple[Step, ...], numbers: Set[object], mistakes: list[str]) -> tuple[Step, ...]:
    """The steps with the numbers of their groups in `one_of` and `any_order` instead of what the file says of them.

    Where some of the file's `numbers` are of steps that are not right otherwise, groups are not looked at as a whole.
    """
    groups = {key: _members(steps, key, numbers, mistakes) for key in GROUPS}
    for key in GROUPS if len(numbers) == len(steps) else ():
        for group in sorted(set(filter(None, groups[key]))):
            mistakes += _group_mistakes(steps, key, group)
    for one, other in zip(groups["one_of"], groups["any_order"], strict=True):
        if one and other and not set(one) <= set(other):
            mistakes.append(f"one_of langkah {_listed(one)} harus seluruhnya berada dalam any_order-nya")
    grouped = tuple(
        replace(step, one_of=one, any_order=other)
        for step, one, other in zip(steps, groups["one_of"], groups["any_order"], strict=True)
    )
    mistakes += [
        f"langkah {step.number}: '{key}' tidak berlaku pada langkah berkala (periodic)"
        for step in grouped
        for key in ("optional", *GROUPS)
        if step.periodic and getattr(step, key)
    ]
    mistakes[:] = dict.fromkeys(mistakes)
    return grouped


def _members(steps: Sequence[Step], key: str, known: Set[object], mistakes: list[str]) -> list[tuple[int, ...]]:
    """For each step the numbers of its group in the order of the SOP; empty for a step in none.

    A text groups the steps that share it, a list those that it names with the step itself, `true` neighbours that say
    it. Groups that share a step are one.
    """
    numbers = [step.number for step in steps]
    bonds = []
    for place, step in enumerate(steps):
        said: Any = getattr(step, key)
        if said is True:
            after = [other.number for other in steps[place + 1 : place + 2] if getattr(other, key) is True]
            bonds.append({step.number, *after})
        elif isinstance(said, str) and said.strip():
            bonds.append({other.number for other in steps if _label(other, key) == _label(step, key)})
        elif said:
            strange = [number for number in said if number not in known]
            mistakes += [
                f"langkah {step.number}: {key} menyebut langkah {number}, yang tidak ada" for number in strange
            ]
            bonds.append({step.number, *said} - set(strange))
    return [tuple(n for n in numbers if n in _joined({number}, bonds)) if _in_any(number, bonds) else ()
            for number in numbers]  # fmt: skip


def _label(step: Step, key: str) -> str:
    said: object = getattr(step, key)
    return said.strip().casefold() if isinstance(said, str) else ""


def _in_any(number: int, bonds: Sequence[set[int]]) -> bool:
    return any(number in bond for bond in bonds)


def _joined(group: set[int], bonds: Sequence[set[int]]) -> set[int]:
    """The group with all that bonds join to it."""
    wider = group.union(*(bond for bond in bonds if bond & group))
    return group if wider == group else _joined(wider, bonds)


def _group_mistakes(steps: Sequence[Step], key: str, numbers: tuple[int, ...]) -> list[str]:
    if len(numbers) == 1:
        return [f"langkah {numbers[0]}: {key} hanya berisi langkah itu sendiri"]
    places = [place for place, step in enumerate(steps) if step.number in numbers]
    if places[-1] - places[0] >= len(places):
        return [f"{key} langkah {_listed(numbers)} tidak bersebelahan"]
    return []


def _listed(numbers: Iterable[int]) -> str:
    return list_text(map(str, numbers))


def _form_mistakes(kind: type, row: Mapping[str, object], where: str) -> list[str]:
    """What is filled in with something else than its field holds."""
    forms = {each.name: FORMS[str(each.type)] for each in fields(kind) if str(each.type) in FORMS and each.name in row}
    return [f"{where}: '{key}' harus {form}" for key, (form, holds) in forms.items() if not holds(row[key])]


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


FORMS: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "str": ("berupa teks", lambda value: isinstance(value, str)),
    "bool": ("true atau false", lambda value: isinstance(value, bool)),
    "int | None": ("berupa bilangan bulat", lambda value: isinstance(value, int) and not isinstance(value, bool)),
    "tuple[str, ...]": ("berupa daftar teks", _are_texts),
    "dt.date | None": ("berupa tanggal, seperti 2019-08-19", lambda value: isinstance(value, dt.date)),
}


def _type_mistakes(data: Toml) -> list[str]:
    lists = ("roles", "single_roles", "clauses", "warnings", "records", "legal_basis", "qualification")
    found = [
        f"kunci '{key}' harus berupa daftar teks"
        for key in lists
        if not (isinstance(data.get(key, []), list) and all(isinstance(item, str) for item in data.get(key, [])))
    ]
    found += [
        f"kunci '{key}' harus berupa tanggal, seperti 2019-08-19"
        for key in ("effective", "evaluated")
        if key in data and (not isinstance(data[key], dt.date) or isinstance(data[key], dt.datetime))
    ]
    found += [
        f"kunci '{key}' harus berupa teks" for key in ("number", "head_role") if not isinstance(data.get(key, ""), str)
    ]
    day = data.get("day", "same-time")
    if day not in ("same-time", "end-of-day") and not _is_hours(day):
        found.append(f'day = \'{day}\' harus "same-time", "end-of-day", atau seperti "hours:7.5"')
    return found


def _is_hours(day: object) -> bool:
    kind, _, hours = str(day).partition(":")
    return kind == "hours" and bool(re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,6})?", hours)) and 0 < float(hours) <= 24


def _step_mistakes(steps: tuple[Step, ...], data: Toml) -> list[str]:
    numbers = [step.number for step in steps]
    found = [
        f"nomor langkah {number} tercantum dua kali" for number in sorted({n for n in numbers if numbers.count(n) > 1})
    ]
    duties = [step.duty for step in steps if step.duty]
    found += [f"duty '{duty}' tercantum dua kali" for duty in sorted({d for d in duties if duties.count(d) > 1})]
    roles = data.get("roles", [])
    for step in steps:
        if step.on_rejection is not None and step.on_rejection not in numbers[: numbers.index(step.number)]:
            found.append(f"langkah {step.number}: on_rejection = {step.on_rejection} bukan langkah sebelumnya")
        if roles:
            strange = [role for role in (*step.roles, *step.roles_not) if role not in roles]
            found += [f"langkah {step.number}: peran '{role}' tidak ada di roles" for role in strange]
    return found


def _remarks(sop: Sop) -> list[str]:
    """What a reader of the SOP should know: stated, never mended."""
    numbers = [step.number for step in sop.steps]
    missing = [n for n in range(min(numbers), max(numbers)) if n not in numbers]
    remarks = [f"Penomoran SOP tidak memiliki nomor {n}; nomor langkah dipakai apa adanya." for n in missing]
    inferred = [str(step.number) for step in sop.steps if step.roles_basis == "inferred"]
    if inferred:
        remarks.append(
            f"Pelaksana langkah {', '.join(inferred)} disimpulkan, tidak tertulis pada naskah SOP; "
            "pelanggarannya dilaporkan sebagai peringatan."
        )
    remarks += signer_remarks(sop)
    if numbers != sorted(numbers):
        remarks.append("Nomor langkah tidak berurut naik; urutan mengikuti susunan berkas.")
    return remarks


def signer_remarks(sop: Sop) -> list[str]:
    """Of those who signed the SOP, whom another office that uses it does not know."""
    titles = [signer.title for signer in sop.signers]
    return [
        f"{' dan '.join(s.name for s in sop.signers if s.title == title)} sama-sama tercantum sebagai {title}; "
        "dicetak apa adanya."
        for title in dict.fromkeys(t for t in titles if titles.count(t) > 1)
    ]


def administrative_remarks(sop: Sop, today: dt.date) -> list[str]:
    """What PermenPAN-RB 35/2012 asks of an SOP and the file does not say, and an evaluation that is over a year ago.

    The regulation has an SOP evaluated at least once a year; without a date of one it is as old as it is in force.
    """
    asked = {
        "nomor SOP (number)": sop.number.strip(),
        "tanggal efektif (effective)": sop.effective,
        "dasar hukum (legal_basis)": sop.legal_basis,
        "kualifikasi pelaksana (qualification)": sop.qualification,
    }
    lacking = [what for what, said in asked.items() if not said]
    remarks = []
    if lacking:
        remarks.append(f"PermenPAN-RB Nomor 35 Tahun 2012 meminta {list_text(lacking)}; berkas ini belum memuatnya.")
    since = sop.evaluated or sop.effective or sop.office.date
    if since and today > _a_year_after(since):
        what = "dievaluasi terakhir" if sop.evaluated else "berlaku sejak" if sop.effective else "bertanggal"
        remarks.append(
            f"SOP ini {what} {date_text(since)}; PermenPAN-RB Nomor 35 Tahun 2012 meminta evaluasi sedikitnya sekali "
            "setahun. Tulis tanggal evaluasi terakhir pada kunci evaluated."
        )
    return remarks


def _a_year_after(day: dt.date) -> dt.date:
    """The same day of the next year; of 29 February, 28 February."""
    return day.replace(year=day.year + 1, day=28 if (day.month, day.day) == (2, 29) else day.day)
