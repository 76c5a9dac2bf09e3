"""D: what the office sets for itself in sheet Kantor."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.data import CONTROL
from sopkit.checks.inspection import Inspection
from sopkit.checks.suggest import nearest
from sopkit.register.numbering import format_number, pattern_problem
from sopkit.register.parse import DAY_MEANINGS
from sopkit.register.pattern_periods import period_of
from sopkit.register.schema import SETTINGS, Office, Setting
from sopkit.register.tables import LEAST_YEAR
from sopkit.sop.model import Standard
from sopkit.text import plain


@rule(
    "D50",
    Severity.WARNING,
    phase=1,
    message="Nilai “{value}” untuk {key} tidak dapat dipakai: {problem}. Yang dipakai {default}.",
    fix="Perbaiki nilainya di sheet Kantor; arti setiap kunci ada di sheet Petunjuk.",
    reason="Kantor perlu mengetahui bahwa ketentuannya tidak berlaku dan nilai bawaan yang dipakai.",
    clause=CONTROL,
)
def unusable_setting(check: Inspection) -> Iterator[Mark]:
    """A value of sheet Kantor cannot be used; the finding names the default that is in force instead."""
    office = check.register.office
    defaults = {plain(setting.key): setting for setting in SETTINGS}
    for row, key in check.texts(Office.key).items():
        setting = defaults.get(plain(key))
        period = period_of(key)
        if period:
            yield from _unusable_period(check, row, key, period)
        value = check.setting(setting.key) if setting else ""
        problem = _setting_problem(setting, value) if setting and value else ""
        if setting and problem and check.has(Office.value) and office.typed["value"][row] is not None:
            default = f"nilai bawaan, yaitu {_default(check, setting)}"
            yield from check.mark([row], Office.value, value=value, key=setting.key, problem=problem, default=default)


def _unusable_period(check: Inspection, row: int, key: str, period: tuple[str, dt.date | None]) -> Iterator[Mark]:
    """A pattern with a period (`Pola No. PTPP sejak 1 Juli 2026`) that cannot be used; the one before it holds on."""
    value = check.setting(key)
    problem = "" if period[1] else "tanggal mulainya tidak dapat dibaca; tulis seperti “sejak 1 Juli 2026”"
    problem = problem or (_pattern_problem(value) if value else "")
    if problem and check.has(Office.value):
        yield from check.mark(
            [row], Office.value, value=value, key=key, problem=problem, default="pola yang sebelumnya"
        )


def _default(check: Inspection, setting: Setting) -> str:
    """What is in force instead, in words: an empty default has a meaning too."""
    if setting.key == "Arti Satu Hari":
        words = {meaning: text for text, meaning in DAY_MEANINGS.items()}
        day = words.get(check.sop.day) or check.sop.day.partition(":")[2].replace(".", ",") + " jam"
        return f"{day} menurut SOP"
    if setting.key.startswith("Pola No. "):
        return f"pola seperti {format_number(setting.default, 1, check.as_of.date())}"
    meaning = {"Waktu Acuan": "waktu sekarang", "Tahun Register": "tanpa tahun register"}
    return setting.default or meaning.get(setting.key, "kosong")


@rule(
    "D51",
    Severity.NOTE,
    phase=1,
    message="Kunci “{key}” tidak dikenal sopkit dan diabaikan{nearest}.",
    fix="Perbaiki ejaannya bila dimaksudkan untuk sopkit; daftar kunci ada di sheet Petunjuk.",
    reason="Kunci yang salah eja membuat ketentuan kantor tidak berlaku tanpa disadari.",
    clause=CONTROL,
)
def unknown_setting(check: Inspection) -> Iterator[Mark]:
    """A key of sheet Kantor is not one that sopkit knows; its value has no effect."""
    known = {plain(setting.key): setting.key for setting in SETTINGS}
    for row, key in check.texts(Office.key).items():
        if plain(key) not in known and not period_of(key):
            yield from check.mark([row], Office.key, key=key, nearest=nearest(key, list(known.values())))


def _setting_problem(setting: Setting, value: str) -> str:
    check = _SETTING_CHECKS.get(setting.key)
    if check:
        return check(value)
    known = not setting.choices or setting.free or plain(value) in map(plain, setting.choices)
    return "" if known else f"tulis {' atau '.join(setting.choices)}"


def _pattern_problem(value: str) -> str:
    problem = pattern_problem(value)
    return f"pola itu {problem}" if problem else ""


def _duration_problem(value: str) -> str:
    try:
        Standard.parse(value)
    except ValueError:
        return "tulis seperti “30 menit”, “1 jam”, atau “1 hari”"
    return ""


def _period_problem(value: str) -> str:
    digits = value.casefold().removesuffix("hari").strip()
    known = digits.isdecimal() and len(digits) <= 4 and int(digits)
    return "" if known else "tulis jumlah hari kalender, seperti “30 hari”"


def _day_problem(value: str) -> str:
    kind, _, hours = value.partition(":")
    counted = kind == "hours" and re.fullmatch(r"\d{1,2}(\.\d+)?", hours) and 0 < float(hours) <= 24
    if value in ("same-time", "end-of-day") or counted:
        return ""
    return "tulis jam yang sama atau jam pulang (pada hari kerja berikutnya), atau lamanya seperti 7,5 jam"


def _moment_problem(value: str) -> str:
    try:
        dt.datetime.fromisoformat(value)
    except ValueError:
        return "tulis seperti “20-11-2026 10:00”"
    return ""


def _year_problem(value: str) -> str:
    known = len(value) == 4 and value.isdecimal() and LEAST_YEAR <= int(value) <= 2200
    return "" if known else "tulis tahun empat angka"


_SETTING_CHECKS = {
    "Tahun Register": _year_problem,
    "Pola No. Catatan": _pattern_problem,
    "Pola No. PTPP": _pattern_problem,
    "Pola No. BA": _pattern_problem,
    "Waktu Peringatan": _duration_problem,
    "Batas Jeda": _duration_problem,
    "Periode Pemusnahan": _period_problem,
    "Arti Satu Hari": _day_problem,
    "Waktu Acuan": _moment_problem,
}
