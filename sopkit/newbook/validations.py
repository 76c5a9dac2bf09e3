"""What the cells of a column take: Excel's data validation, with its drop-down lists."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sopkit.newbook.pages import list_name
from sopkit.register.schema import Cases, Column, Kind, SheetPlan


def validation(plan: SheetPlan, column: Column) -> dict[str, Any] | None:
    """The drop-down or check of a column; texts are free."""
    source = _list_source(plan, column)
    if source:
        return {
            "validate": "list", "source": source, "error_title": "Tidak ada dalam daftar",
            "error_message": f"Pilih {column.header} dari daftar. Daftar diatur di sheet {_list_home(column)}.",
            "error_type": "warning" if column.kind is Kind.REFERENCE or column == Cases.found_by else "stop",
        }  # fmt: skip
    if column.kind in (Kind.DATE, Kind.DATETIME):
        sample = "19-08-2026 08:15" if column.kind is Kind.DATETIME else "19-08-2026"
        return {
            "validate": "date", "criteria": ">=", "value": dt.date(2000, 1, 1), "error_title": "Bukan tanggal",
            "error_message": f"Tulis {column.header} seperti {sample}.",
        }  # fmt: skip
    if column.kind is Kind.TIME:
        return {
            "validate": "time", "criteria": "between", "minimum": dt.time(0), "maximum": dt.time(23, 59),
            "error_title": "Bukan jam", "error_message": "Tulis jam seperti 07:30.",
        }  # fmt: skip
    if column.kind is Kind.NUMBER:
        return {
            "validate": "decimal", "criteria": ">", "value": 0, "error_title": "Bukan jumlah",
            "error_message": f"Tulis {column.header} dengan angka lebih dari nol.",
        }  # fmt: skip
    return None


def _list_source(plan: SheetPlan, column: Column) -> str:
    if column.kind is Kind.CHOICE:
        return "=" + list_name(column.choices)
    named = {
        Kind.PERSON: "=Pegawai_Aktif", Kind.STEP: "=S_Label", Kind.ROLE_OR_PERSON: "=Tujuan_Surel",
    }.get(column.kind, "")  # fmt: skip
    if column.kind is Kind.REFERENCE:
        return {("Langkah", "case"): "=Nomor_Catatan", ("Register", "disposal_number"): "=Nomor_BA"}.get(
            (plan.name, column.field), ""
        )
    return named


def _list_home(column: Column) -> str:
    return {Kind.PERSON: "Pegawai", Kind.STEP: "SOP", Kind.REFERENCE: "Register"}.get(column.kind, "Daftar")
