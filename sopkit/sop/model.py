"""The SOP as data: read from TOML, checked with all its mistakes said at once, never repaired."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib import resources
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from sopkit.errors import SopkitError
from sopkit.language import toml_error_text

Basis = Literal["source", "inferred"]
Duty = Literal[
    "", "identification", "evaluation", "consultation", "decision", "segregation",
    "correction", "approval-request", "approval", "destruction",
]  # fmt: skip
Unit = Literal["menit", "jam", "hari"]
SECONDS: Mapping[str, int] = {"menit": 60, "jam": 3600}
DEFAULT_FILE = "pengendalian-ketidaksesuaian.toml"
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
        """Labels of the steps that must have ended before `number` begins.

        The step before it; a step that may come early stands beside the ordinary one before it, so the next
        ordinary step follows both (7 follows 5 and 6).
        """
        before: list[int] = []
        for step in reversed(self.steps[: self.position(number)]):
            before.append(step.number)
            if not step.may_come_early:
                break
        return tuple(reversed(before))


Part = TypeVar("Part", Signer, Office)


def load_sop(path: Path | None = None) -> Sop:
    """Read an SOP; without `path`, the one in the package. `SopkitError` names every mistake of the file."""
    if path is None:
        text = resources.files("sopkit.sop").joinpath(DEFAULT_FILE).read_text("utf-8")
        return parse_sop(text, DEFAULT_FILE)
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise SopkitError(f"Berkas SOP {path} tidak ditemukan.", "Periksa nama dan foldernya.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SopkitError(
            f"Berkas SOP {path} tidak dapat dibaca.", "Simpan sebagai teks UTF-8 dan periksa izinnya."
        ) from error
    return parse_sop(text, path.name)


def parse_sop(text: str, name: str) -> Sop:
    """Build the `Sop` from TOML text; `SopkitError` lists all that is wrong, with where."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SopkitError(
            f"Berkas SOP {name} bukan TOML yang benar ({toml_error_text(error)}).", "Perbaiki baris itu."
        ) from error
    mistakes: list[str] = []
    steps = tuple(_steps(data.pop("steps", None), mistakes))
    signers = _records(Signer, data.pop("signers", []), "signers", mistakes)
    offices = _records(Office, [data.pop("office", {})], "office", mistakes)
    data = {key: value for key, value in data.items() if key not in PRINTED}
    known = {f.name for f in fields(Sop)} - {"steps", "signers", "office", "remarks"}
    mistakes += [f"kunci '{key}' tidak dikenal" for key in data if key not in known]
    mistakes += [f"kunci '{key}' belum diisi" for key in ("id", "title") if not isinstance(data.get(key), str)]
    mistakes += _type_mistakes(data)
    mistakes += _step_mistakes(steps, data)
    if mistakes:
        raise SopkitError(f"Berkas SOP {name} belum benar: {'; '.join(mistakes)}.", "Perbaiki lalu ulangi.")
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
    values.setdefault("roles", tuple(dict.fromkeys(role for step in steps for role in step.roles)))
    sop = Sop(**values, steps=steps, signers=signers, office=offices[0])
    return Sop(**{**{f.name: getattr(sop, f.name) for f in fields(Sop)}, "remarks": tuple(_remarks(sop))})


def _records(kind: type[Part], rows: Any, name: str, mistakes: list[str]) -> tuple[Part, ...]:
    built = []
    for row in rows if isinstance(rows, list) else [rows]:
        try:
            built.append(kind(**row))
        except TypeError:
            wanted = ", ".join(f.name for f in fields(kind))
            mistakes.append(f"bagian [{name}] harus berisi {wanted}")
    return tuple(built)


def _steps(rows: object, mistakes: list[str]) -> list[Step]:
    if not isinstance(rows, list) or not rows:
        mistakes.append("tidak ada satu pun [[steps]]")
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
    found += [
        f'{where}: \'{key}\' harus "source" atau "inferred"'
        for key in ("roles_basis", "roles_not_basis")
        if row.get(key, "source") not in get_args(Basis)
    ]
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


def _type_mistakes(data: Toml) -> list[str]:
    lists = ("roles", "single_roles", "clauses", "warnings", "records")
    found = [
        f"kunci '{key}' harus berupa daftar teks"
        for key in lists
        if not (isinstance(data.get(key, []), list) and all(isinstance(item, str) for item in data.get(key, [])))
    ]
    day = data.get("day", "same-time")
    if day not in ("same-time", "end-of-day") and not _is_hours(day):
        found.append(f'day = \'{day}\' harus "same-time", "end-of-day", atau seperti "hours:7.5"')
    return found


def _is_hours(day: object) -> bool:
    kind, _, hours = str(day).partition(":")
    return kind == "hours" and hours.replace(".", "", 1).isdigit() and 0 < float(hours) <= 24


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
    titles = [signer.title for signer in sop.signers]
    for title in dict.fromkeys(t for t in titles if titles.count(t) > 1):
        names = " dan ".join(s.name for s in sop.signers if s.title == title)
        remarks.append(f"{names} sama-sama tercantum sebagai {title}; dicetak apa adanya.")
    if numbers != sorted(numbers):
        remarks.append("Nomor langkah tidak berurut naik; urutan mengikuti susunan berkas.")
    return remarks
