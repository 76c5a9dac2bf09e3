"""Rules and findings: what a rule is, how it is registered, and how it is said."""

from __future__ import annotations

import datetime as dt
import string
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sopkit import language
from sopkit.checks.reasons import explains
from sopkit.register.schema import Column

REASONS: Mapping[str, str] = {
    "B": "Buku kerja adalah rekaman resmi; bentuk yang tidak utuh membuat isinya tidak dapat dipercaya.",
    "D": "Data yang salah atau tidak terbaca tidak dapat dijadikan bukti pada audit.",
    "U": "Urutan langkah menjamin setiap layanan tidak sesuai dievaluasi, diputuskan, diperbaiki, dan disetujui.",
    "W": "Baku mutu waktu adalah janji SOP; keterlambatan harus diketahui dan dijelaskan selagi masih dapat dibantu.",
    "P": "Wewenang dan pemisahan tugas menjamin tidak ada yang menyetujui atau memeriksa pekerjaannya sendiri.",
    "K": "Setiap langkah meninggalkan rekaman; tanpa rekaman, pelaksanaannya tidak dapat dibuktikan.",
    "R": "Register yang berubah tanpa jejak tidak dapat membuktikan kapan dan oleh siapa sesuatu dicatat.",
    "T": "Dokumen yang berlubang atau berubah tanpa diketahui tidak layak ditandatangani.",
}
"""Why the rules of a family are there, in words for staff."""
TAGS: Mapping[str, str] = {
    "late": "a limit has passed and what was due by it is not done: a running step, a target, a destruction",
    "soon": "such a limit is near",
    "unproven": "the case is called closed, and its records do not say so",
    "recurrent": "it has happened before",
    "foreign": "the workbook has not the sheets or headers that sopkit knows: adopt finds what stands for them",
    "edited": "a document that sopkit made was changed by hand",
    "hole": "a value is lacking without which a document cannot be made",
}
"""What reports and mails ask a finding for, instead of its code."""
ACKNOWLEDGE = "Bila memang demikian keadaannya, tulis sebabnya di kolom Keterangan baris ini."
"""What the remedy of a warning that may be acknowledged ends with."""


class Severity(StrEnum):
    ERROR = "error"
    BREACH = "breach"
    WARNING = "warning"
    NOTE = "note"

    @property
    def indonesian(self) -> str:
        return {"error": "kesalahan", "breach": "penyimpangan", "warning": "peringatan", "note": "informasi"}[self]


EXPLAINED: Mapping[Severity, str] = {Severity.BREACH: "explained", Severity.WARNING: "acknowledged"}
"""What a finding counts as once Keterangan says why."""
COUNTED = ("error", "breach", "explained", "warning", "acknowledged", "note")
"""What findings are counted as, in the order of temuan.json."""
FAMILIES: Mapping[str, str] = {  # in the order in which they run
    "B": "Buku kerja",
    "D": "Data",
    "U": "Urutan langkah",
    "W": "Waktu",
    "P": "Pelaksana",
    "K": "Kelengkapan",
    "R": "Riwayat",
    "T": "Templat dan dokumen",
}
CHANGED = "R"  # the family of what changed since a former check
DOCUMENTS = "T"  # the family of what comes up while documents are made


@dataclass(frozen=True)
class Mark:
    """Where a rule points, and the values its message needs.

    `index` and `field` name the cell for the engine (a cell in error becomes unknown); `row` None: the sheet or
    the workbook as a whole.
    """

    sheet: str
    cell: str
    column: str = ""
    row: int | None = None
    values: Mapping[str, object] = dataclass_field(default_factory=dict)
    case: str | None = None
    step: int | None = None
    severity: Severity | None = None
    remark: str | None = None  # Keterangan of the row, for what may be explained
    index: int | None = None  # row of the table's data; differs from `row` in the wide layout only
    field: Column | None = None

    def without_remark(self) -> Mark:
        """The same where what Keterangan says does not speak of it."""
        return replace(self, remark=None)


Check = Callable[[Any], Iterable[Mark]]
"""A rule's function; it is given the `Inspection`, which stands above the catalogue and is not named here."""


@dataclass(frozen=True)
class Rule:
    """`message` and `fix` are Indonesian format strings over a mark's values; `check` finds the marks.

    `reason` tells staff in one Indonesian sentence what the rule is good for, `why` tells engineers how it judges.
    `phase` says what a check may lean on: 1 looks at a cell, a row or a sheet by itself; 2 at whole cases, after
    the cells in error are known; 3 at what phase 2 found; 4 at what a former check saw.
    """

    code: str
    severity: Severity
    message: str
    fix: str
    reason: str
    clause: str
    check: Check | None
    why: str
    explainable: bool = False
    phase: int = 2
    tags: frozenset[str] = frozenset()

    @property
    def family(self) -> str:
        return self.code[0]


@dataclass(frozen=True)
class Finding:
    """One finding as the world sees it (product.md, temuan.json)."""

    code: str
    severity: Severity
    explained: bool
    sheet: str
    cell: str
    row: int | None
    column: str
    case: str | None
    step: int | None
    message: str
    fix: str
    clause: str
    tags: frozenset[str] = frozenset()  # of `TAGS`

    @property
    def family(self) -> str:
        return self.code[0]

    @property
    def explainable(self) -> bool:
        """Whether the Keterangan of its row may explain it."""
        return RULES[self.code].explainable

    @property
    def counts_as(self) -> str:
        """Key in the summary: `explained` and `acknowledged` for what Keterangan says why, else the severity."""
        return EXPLAINED.get(self.severity, self.severity.value) if self.explained else self.severity.value


RULES: dict[str, Rule] = {}
"""Every rule by code. Within a phase they run family by family, and there in the order in which they stand."""


def rule(
    code: str,
    severity: Severity,
    *,
    message: str,
    fix: str,
    reason: str,
    clause: str,
    explainable: bool = False,
    phase: int = 2,
    tags: AbstractSet[str] = frozenset(),
) -> Callable[[Check], Check]:
    """Register a check under `code`; a code is given once and a check must say why it is there.

    A warning that is `explainable` is acknowledged by the Keterangan of its row, and its remedy says so.
    """
    if explainable and severity is Severity.WARNING:
        fix = f"{fix} {ACKNOWLEDGE}"

    def register(check: Check) -> Check:
        why = check.__doc__ or ""
        declare(code, severity, message=message, fix=fix, reason=reason, clause=clause, why=why, tags=tags)
        RULES[code] = replace(RULES[code], check=check, explainable=explainable, phase=phase)
        return check

    return register


def declare(
    code: str,
    severity: Severity,
    *,
    message: str,
    fix: str,
    reason: str,
    clause: str,
    why: str,
    tags: AbstractSet[str] = frozenset(),
) -> Rule:
    """Register a rule whose findings arise elsewhere than in the register (the documents' family T)."""
    if code in RULES:
        raise ValueError(f"rule {code} is registered twice")
    if not why.strip():
        raise ValueError(f"rule {code} does not say why it is there")
    if not tags <= TAGS.keys():
        raise ValueError(f"rule {code} bears a tag that nobody asks for: {sorted(tags - TAGS.keys())}")
    RULES[code] = Rule(code, severity, message, fix, reason, clause, None, " ".join(why.split()), tags=frozenset(tags))
    return RULES[code]


def counted(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings count as each of `COUNTED`; the one count that every summary and every table shows."""
    counts = dict.fromkeys(COUNTED, 0)
    for found in findings:
        counts[found.counts_as] += 1
    return counts


def finding(rule: Rule, mark: Mark) -> Finding:
    """Word one mark. KeyError where the message needs a value that the mark does not bring."""
    values = {key: worded(value) for key, value in mark.values.items()}
    return Finding(
        code=rule.code,
        severity=mark.severity or rule.severity,
        explained=rule.explainable and explains(mark.remark),
        sheet=mark.sheet,
        cell=mark.cell,
        row=mark.row,
        column=mark.column,
        case=mark.case,
        step=mark.step,
        message=say(rule.message, values),
        fix=say(rule.fix, values),
        clause=rule.clause,
        tags=rule.tags,
    )


def worded(value: object) -> str:
    """A value in Indonesian words: moments, dates, working time (timedelta), numbers and lists."""
    if isinstance(value, str):
        return value
    if isinstance(value, dt.datetime):
        return language.datetime_text(value) if value.time() != dt.time() else language.date_text(value)
    if isinstance(value, dt.date):
        return language.date_text(value)
    if isinstance(value, dt.timedelta):
        return language.duration_text(value.total_seconds())
    if isinstance(value, float):
        return language.number_text(value)
    if isinstance(value, (list, tuple)):
        return language.list_text(map(worded, value))
    return str(value)


def say(text: str, values: Mapping[str, object]) -> str:
    """Fill a message; KeyError where a value is missing, and for anything but a plain name in its braces."""
    return "".join(said if name is None else f"{said}{values[name]}" for said, name in _parts(text))


@lru_cache(maxsize=512)
def _parts(text: str) -> tuple[tuple[str, str | None], ...]:
    """A message cut at its placeholders: what is said as it is, and the name that follows."""
    return tuple((said, name) for said, name, _, _ in string.Formatter().parse(text))
