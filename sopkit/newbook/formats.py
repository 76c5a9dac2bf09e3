"""How the workbook's cells look, and the colours that show staff, while they type, how a row stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sopkit.newbook.formula import RUN
from sopkit.newbook.live_events import LEFT_OPEN, OUTSIDE, USED
from sopkit.newbook.next_number import WANTED
from sopkit.register.schema import CALENDAR, DISPOSALS, EVENTS, PEOPLE, REGISTER, SheetPlan

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

Formats = Mapping[str, "Format"]
COLOURS: Mapping[str, str] = {
    "dark": "#17415A", "middle": "#3C6E87", "line": "#C9D3D9", "band": "#E6EEF2", "band_other": "#F3F6F8",
    "live": "#F6F3EA", "live_head": "#8A6D1D",
}  # fmt: skip


def conditions(plan: SheetPlan) -> list[tuple[str, str, str]]:
    """Header, condition in the `[@Header]` notation, format: what staff see while they type."""
    if plan.name == REGISTER.name:
        return _register_conditions()
    if plan.name == EVENTS.name:
        return _event_conditions()
    if plan.name == DISPOSALS.name:
        odd = 'AND([@Pantauan]<>"",[@Pantauan]<>"Sesuai")'
        return [("No. BA", odd, "bad"), ("Pantauan", odd, "bad"), ("Pantauan", '[@Pantauan]="Sesuai"', "good")]
    if plan.name == PEOPLE.name:
        return [(column.header, '[@Aktif]="Tidak"', "faded") for column in plan.columns]
    if plan.name == CALENDAR.name:
        return [
            (column.header, f'AND([@Jenis]<>"Hari Kerja",[@Jenis]<>"",[@Jenis]="{kind}")', shade)
            for column in plan.columns[:2]
            for kind, shade in (("Libur Nasional", "bad"), ("Cuti Bersama", "warn"), ("Libur Daerah", "warn"))
        ]
    return []


def _register_conditions() -> list[tuple[str, str, str]]:
    late = 'OR([@Pantauan]="Terlambat",[@Pantauan]="Target terlewati",[@Pantauan]="Urutan perlu diperiksa")'
    near = 'OR([@Pantauan]="Hampir lewat batas",[@Pantauan]="Belum ada langkah",[@Pantauan]="Selesai dengan catatan")'
    found = [
        (header, condition, shade)
        for header in ("No. Catatan", "Pantauan")
        for condition, shade in (
            (late, "bad"), (near, "warn"), ('LEFT([@Pantauan],7)="Selesai"', "good"), ('[@Pantauan]="Batal"', "faded"),
            ('OR([@Pantauan]="Berjalan",LEFT([@Pantauan],8)="Menunggu")', "running"),
        )
    ]  # fmt: skip
    found += [
        (header, f'LEFT([@Langkah Berikutnya],{len(WANTED)})="{WANTED}"', "missing")
        for header in ("No. Catatan", "Langkah Berikutnya")
    ]
    for column in REGISTER.columns[1:]:
        missing = f'AND([@{column.header}]="",ISNUMBER(SEARCH("; {column.header}; ","; "&[@Belum Lengkap]&"; ")))'
        found.append((column.header, missing, "missing"))
    found.append(("Target Selesai", '[@Pantauan]="Target terlewati"', "bad"))
    found.append(("Belum Lengkap", '[@Belum Lengkap]<>""', "missing"))
    return found


def _event_conditions() -> list[tuple[str, str, str]]:
    left = f'RIGHT([@Pantauan Urutan],{len(RUN)})="{RUN}"'
    sound = '[@Pantauan Urutan]="",[@Pantauan Urutan]="Sesuai",[@Pantauan Urutan]="Dipisahkan lebih awal"'
    order = f"NOT(OR({sound},{left}))"
    starts = (("Terlambat", 9), ("Lewat", 5), ("Selesai ", 8))
    late = "OR(" + ",".join(f'LEFT([@Pantauan Waktu],{length})="{text}"' for text, length in starts) + ")"
    return [
        ("No. Catatan", '[@Pantauan Urutan]="Belum ada di Register"', "bad"),
        ("No. Catatan", '[@Pantauan Urutan]="No. Catatan belum diisi"', "missing"),
        ("Langkah", '[@Pantauan Urutan]="Langkah belum diisi"', "missing"),
        ("Langkah", order, "bad"),
        ("Pelaksana", f'AND({USED},[@Pelaksana]="")', "missing"),
        ("Mulai", f'AND({USED},[@Mulai]="")', "missing"),
        ("Mulai", 'LEFT([@Pantauan Urutan],13)="Mulai sebelum"', "bad"),
        ("Mulai", 'LEFT([@Pantauan Waktu],5)="Lewat"', "bad"),
        ("Mulai", OUTSIDE["Mulai"], "outside"),
        ("Selesai", f"MOD([@h.nilai],10)={LEFT_OPEN}", "missing"),
        ("Selesai", f'AND([@Selesai]<>"",{late})', "bad"),
        ("Selesai", OUTSIDE["Selesai"], "outside"),
        ("Pantauan Waktu", late, "bad"),
        ("Pantauan Waktu", 'LEFT([@Pantauan Waktu],6)="Hampir"', "warn"),
        ("Pantauan Waktu", '[@Pantauan Waktu]="Berjalan"', "running"),
        ("Pantauan Waktu", '[@Pantauan Waktu]="Tepat waktu"', "good"),
        ("Pantauan Urutan", order, "bad"),
        ("Pantauan Urutan", '[@Pantauan Urutan]="Sesuai"', "good"),
        ("Pantauan Urutan", left, "faded"),
    ]


def make_formats(book: Workbook) -> dict[str, Format]:
    """The workbook's cell formats by name."""
    base = {"font_name": "Calibri", "font_size": 10, "valign": "top"}
    cell = {**base, "border": 1, "border_color": COLOURS["line"], "text_wrap": True}
    head = {**cell, "bold": True, "font_color": "#FFFFFF", "valign": "vcenter", "bg_color": COLOURS["middle"]}
    section = {**base, "bold": True, "font_size": 9, "font_color": COLOURS["dark"], "valign": "vcenter"}
    centred = {**base, "align": "center", "valign": "vcenter"}
    lined = {"border": 1, "border_color": COLOURS["line"]}
    live = {**cell, "bg_color": COLOURS["live"], "font_color": "#404040"}
    shapes: dict[str, dict[str, Any]] = {
        "text": cell,
        "order": {**cell, "align": "center"},
        "date": {**cell, "num_format": "dd-mm-yyyy", "align": "left"},
        "datetime": {**cell, "num_format": "dd-mm-yyyy hh:mm", "align": "left"},
        "time": {**cell, "num_format": "hh:mm", "align": "left"},
        "number": {**cell, "num_format": "#,##0.##", "align": "right", "indent": 1},
        "office": {**base, "bold": True, "font_color": "#5F6B73", "valign": "vcenter"},
        "title": {**base, "bold": True, "font_size": 16, "font_color": COLOURS["dark"], "valign": "vcenter"},
        "header": head,
        "header_required": {**head, "bg_color": COLOURS["dark"]},
        "header_live": {**head, "bg_color": COLOURS["live_head"], "italic": True},
        "section": {**section, "bg_color": COLOURS["band"]},
        "section_other": {**section, "bg_color": COLOURS["band_other"]},
        "section_live": {**section, "bg_color": COLOURS["live"], "font_color": COLOURS["live_head"]},
        "live": live,
        "live_datetime": {**live, "num_format": "dd-mm-yyyy hh:mm", "align": "left"},
        "live_span": {**live, "num_format": "[h]:mm", "align": "right", "indent": 1},
        "bad": {**lined, "bg_color": "#F8D4D0", "font_color": "#9C1C12"},
        "warn": {**lined, "bg_color": "#FDEBC8", "font_color": "#7A4B00"},
        "good": {**lined, "bg_color": "#DDF0DF", "font_color": "#1E5B2A"},
        "running": {**lined, "bg_color": "#DCEAF7", "font_color": "#1F4E79"},
        "missing": {**lined, "bg_color": "#FFF2A8", "font_color": "#6B5900"},
        "outside": {**lined, "font_color": "#B45F06", "italic": True, "bold": True},
        "lined": lined,
        "faded": {**lined, "font_color": "#9A9A9A", "italic": True},
        "label": {**base, "bold": True, "font_color": COLOURS["dark"], "text_wrap": True},
        "label_line": {**base, "bold": True, "font_color": COLOURS["dark"]},
        "plain": {**base, "text_wrap": True},
        "plain_line": base,
        "line": {**base, "border": 1, "border_color": COLOURS["line"]},
        "line_date": {**cell, "text_wrap": False, "num_format": "dd-mm-yyyy", "align": "left"},
        "small": {**base, "font_size": 9, "font_color": "#5F6B73", "text_wrap": True},
        "small_line": {**base, "font_size": 9, "font_color": "#5F6B73"},
        "figure": {**centred, "bold": True, "font_size": 24, "font_color": "#17415A", "bg_color": COLOURS["band"]},
        "figure_bad": {**centred, "bold": True, "font_size": 24, "font_color": "#9C1C12", "bg_color": "#F8D4D0"},
        "caption": {**centred, "font_color": "#5F6B73", "bg_color": COLOURS["band"]},
        "caption_bad": {**centred, "font_color": "#9C1C12", "bg_color": "#F8D4D0"},
        "count": {**cell, "num_format": "0;-0;–", "align": "center"},
        "share": {**cell, "num_format": "0%;-0%;–", "align": "center"},
        "raw": {**base, "font_size": 9, "font_color": "#5F6B73"},
        "raw_moment": {**base, "font_size": 9, "font_color": "#5F6B73", "num_format": "dd-mm-yyyy hh:mm"},
        "raw_date": {**base, "font_size": 9, "font_color": "#5F6B73", "num_format": "dd-mm-yyyy"},
    }  # fmt: skip
    for name in ("text", "date", "datetime", "time", "number"):
        shapes[f"column_{name}"] = {key: value for key, value in shapes[name].items() if not key.startswith("border")}
    return {name: book.add_format(shape) for name, shape in shapes.items()}
