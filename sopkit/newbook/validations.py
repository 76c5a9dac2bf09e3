"""What cells take and what they say when they are chosen: Excel's data validation, with its lists and prompts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sopkit.language import list_text
from sopkit.newbook.pages import list_name
from sopkit.register.schema import (
    CHOICES,
    DISPOSALS,
    EXTENDABLE,
    REGISTER,
    SETTINGS,
    SHEETS,
    Cases,
    Column,
    Disposals,
    Events,
    Kind,
    Setting,
)  # fmt: skip
from sopkit.text import plain

ALERTS = ("Tidak ada dalam daftar", "Bukan tanggal", "Bukan jam", "Bukan jumlah")
"""Titles of what a cell says of a value that it does not take."""
NUMBERED = (Cases.number, Cases.ptpp_number, Disposals.number)
"""Columns whose numbers `sopkit number` gives."""
PROMPTS = {column.header for plan in SHEETS for column in plan.columns} | {setting.key for setting in SETTINGS}
"""Titles of what cells say when they are chosen."""
_FREE = {"validate": "any"}
_REFERENCES = {Events.case: ("=Nomor_Catatan", REGISTER.name), Cases.disposal_number: ("=Nomor_BA", DISPOSALS.name)}
"""Columns that name a number of another sheet: where the list of those stands."""


def validation(column: Column) -> dict[str, Any] | None:
    """The drop-down or check of a column with its prompt; None for free texts."""
    rule = _list(column) or _check(column) or (_FREE if column in NUMBERED else None)
    return {**rule, "input_title": column.header, "input_message": column.meaning} if rule else None


def setting_validation(key: str) -> dict[str, Any] | None:
    """The drop-down and prompt of a value of sheet Kantor; None for a key that sopkit does not know."""
    setting = next((setting for setting in SETTINGS if plain(setting.key) == plain(key)), None)
    if setting is None:
        return None
    default = f" Bila kosong: {setting.default}." if setting.default else ""
    return {**_choice_of(setting), "input_title": setting.key, "input_message": setting.meaning + default}


def _choice_of(setting: Setting) -> dict[str, Any]:
    if not setting.choices:
        return _FREE
    said = f"Pilih {list_text(setting.choices, 'atau')}."
    rule = {"validate": "list", "source": list(setting.choices), "show_error": not setting.free}
    return {**rule, "error_title": ALERTS[0], "error_message": said}


def _list(column: Column) -> dict[str, Any] | None:
    """The list of a column, and what is said of a value that is not in it: where that list is kept."""
    source, home = _source(column)
    if not source:
        return None
    outside = column.kind is Kind.REFERENCE or column == Cases.found_by  # a person from outside, a number to come
    return {
        "validate": "list", "source": source, "error_title": ALERTS[0], "error_message": home,
        "error_type": "warning" if outside else "stop", "show_error": column != Cases.addressee,
    }  # fmt: skip


def _source(column: Column) -> tuple[str, str]:
    """Formula of the list, and the words."""
    if column in _REFERENCES:
        source, home = _REFERENCES[column]
        return (
            source,
            f"Nomor ini belum ada di sheet {home}. Pilih dari daftar, atau catat lebih dahulu di sheet {home}.",
        )
    if column.kind is Kind.CHOICE:
        return "=" + list_name(column.choices), _words_of(column)
    if column.kind is Kind.PERSON or column == Cases.addressee:
        said = f"Pilih {column.header} dari daftar; pegawai baru ditambahkan lebih dahulu di sheet Pegawai."
        return "=Pegawai_Aktif", said
    if column.kind is Kind.STEP:
        said = "Pilih langkah dari daftar. Langkah itu menurut SOP yang berlaku (sheet SOP) dan tidak ditambah di sini."
        return "=S_Label", said
    if column.kind is Kind.ROLE_OR_PERSON:
        roles = list_text(CHOICES["Peran"], "atau")
        return "=Tujuan_Surel", f"Pilih Penanggung Jawab, peran ({roles}), atau nama pegawai aktif di sheet Pegawai."
    return "", ""


def _words_of(column: Column) -> str:
    if column.choices in EXTENDABLE:
        return f"Pilih {column.header} dari daftar, atau tambahkan lebih dahulu di sheet Daftar."
    return f"Pilih {column.header} dari daftar: {list_text(CHOICES[column.choices], 'atau')}."


def _check(column: Column) -> dict[str, Any] | None:
    if column.kind in (Kind.DATE, Kind.DATETIME):
        sample = "19-08-2026 08:15" if column.kind is Kind.DATETIME else "19-08-2026"
        return {
            "validate": "date", "criteria": ">=", "value": dt.date(2000, 1, 1), "error_title": ALERTS[1],
            "error_message": f"Tulis {column.header} seperti {sample}.",
        }  # fmt: skip
    if column.kind is Kind.TIME:
        return {
            "validate": "time", "criteria": "between", "minimum": dt.time(0), "maximum": dt.time(23, 59),
            "error_title": ALERTS[2], "error_message": f"Tulis {column.header} seperti 07:30.",
        }  # fmt: skip
    if column.kind is Kind.NUMBER:
        return {
            "validate": "decimal", "criteria": ">", "value": 0, "error_title": ALERTS[3],
            "error_message": f"Tulis {column.header} dengan angka lebih dari nol.",
        }  # fmt: skip
    return None


def note_of(column: Column) -> str:
    """What the note on a column's header says."""
    return f"{column.meaning}{' Wajib diisi.' if column.required else ''}"
