"""Rules and findings: what a rule is, how it is registered, and how it is said."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sopkit.checks.inspection import Inspection


class Severity(StrEnum):
    ERROR = "error"
    BREACH = "breach"
    WARNING = "warning"
    NOTE = "note"

    @property
    def indonesian(self) -> str:
        return {"error": "kesalahan", "breach": "penyimpangan", "warning": "peringatan", "note": "informasi"}[self]


FAMILIES: Mapping[str, str] = {
    "B": "Buku kerja",
    "D": "Data",
    "U": "Urutan langkah",
    "W": "Waktu",
    "P": "Pelaksana",
    "K": "Kelengkapan",
    "T": "Templat dan dokumen",
}


@dataclass(frozen=True)
class Mark:
    """Where a rule points, and the values its message needs. `row` None: the sheet or workbook as a whole."""

    sheet: str
    cell: str
    row: int | None
    field: str
    values: Mapping[str, object]
    case: str | None = None
    step: int | None = None
    severity: Severity | None = None
    remark: str | None = None  # Keterangan of the row, for what may be explained


@dataclass(frozen=True)
class Rule:
    """`message` and `fix` are Indonesian format strings over a mark's values; `check` finds the marks."""

    code: str
    severity: Severity
    message: str
    fix: str
    clause: str
    check: Callable[[Inspection], Iterable[Mark]]
    explainable: bool = False

    @property
    def family(self) -> str:
        return self.code[0]

    @property
    def reason(self) -> str:
        """The check's docstring: why the rule is there (English, for developers)."""
        return " ".join((self.check.__doc__ or "").split())


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

    @property
    def counts_as(self) -> str:
        """Key in the summary: `explained` for an explained breach or warning, else the severity."""
        return "explained" if self.explained and self.severity is Severity.BREACH else self.severity.value


RULES: dict[str, Rule] = {}
"""Every rule by code, in the order in which they run (the families' files are imported in that order)."""

Check = Callable[["Inspection"], Iterator[Mark]]


def rule(code: str, severity: Severity, *, message: str, fix: str, clause: str, explainable: bool = False) -> Callable[[Check], Check]:
    """Register a check under `code`; a code is given once and a check must say why it is there."""

    def register(check: Check) -> Check:
        if code in RULES:
            raise ValueError(f"rule {code} is registered twice")
        if not check.__doc__:
            raise ValueError(f"rule {code} has no docstring")
        RULES[code] = Rule(code, severity, message, fix, clause, check, explainable)
        return check

    return register


class _Strict(string.Formatter):
    """A missing placeholder raises KeyError; nothing but plain names is looked up."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        return kwargs[field_name], field_name


def say(text: str, values: Mapping[str, object]) -> str:
    """Fill a message; KeyError where a value is missing."""
    return _Strict().vformat(text, (), values)
