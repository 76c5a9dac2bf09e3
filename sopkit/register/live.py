"""The formulas that show staff, while they type, what is late, out of order, running or missing."""

from __future__ import annotations

from collections.abc import Mapping

from sopkit.register.columns import DISPOSALS, EVENTS, PEOPLE, REGISTER, SheetPlan
from sopkit.register.live_cases import cases
from sopkit.register.live_events import events
from sopkit.register.live_terms import Live
from sopkit.sop.model import Sop

STEPS = 30
"""Steps that an SOP may have for its register to show where each stands."""

LIVE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "Register": (
        "Langkah Berikutnya", "Batas Langkah", "Pantauan", "Belum Lengkap",
        "h.kasus", "h.ada", "h.mula", *(f"h.{kind}{place}" for kind in "pme" for place in range(1, STEPS + 1)),
        "h.temu", "h.pola", "h.luang", "h.ganda", "h.dekat", "h.awal", "h.akhir", "h.ujung", "h.jauh",
        "h.tolak", "h.buka", "h.rumit",
        *(f"h.u{place}" for place in range(1, STEPS + 1)), "h.kode", "h.dimulai", "h.rampung", "h.nilai", "h.tingkat",
    ),
    "Langkah": (
        "Batas Waktu", "Lama Kerja", "Pantauan Waktu", "Pantauan Urutan",
        "h.posisi", "h.utama", "h.kasus", "h.kunci", "h.mulai", "h.selesai", "h.buka",
        "h.d1", "h.t1", "h.d2", "h.t2", "h.kum1", "h.kum2", "h.hari", "h.jam", "h.d3", "h.t3", "h.batas", "h.kum3",
        "h.luar",
        "h.kode", "h.awal", "h.akhir", "h.jauh", "h.sela", "h.dari", "h.sampai", "h.dulu", "h.nilai",
    ),
    "Pemusnahan": ("Jumlah Kasus", "Pantauan"),
    "Pegawai": ("Sedang Dikerjakan",),
}  # fmt: skip
"""Headers of the live columns per sheet: sopkit itself made them, so B08 says nothing about them."""


def live_columns(plan: SheetPlan, sop: Sop) -> tuple[Live, ...]:
    """The live columns of a sheet, in the order of `LIVE_COLUMNS`; none for a sheet that has none."""
    made = {REGISTER.name: cases, EVENTS.name: events, DISPOSALS.name: _disposals, PEOPLE.name: _people}
    return made[plan.name](sop) if plan.name in made else ()


def _disposals(sop: Sop) -> tuple[Live, ...]:
    return (
        Live("Jumlah Kasus", 'IF([@No. BA]="","",COUNTIF(R_BA,[@No. BA]))', 9),
        Live(
            "Pantauan",
            'IF([@No. BA]="","",IF([@Jumlah Kasus]=0,"Belum disebut di Register",'
            'IF(AND([@Pelaksana]<>"",OR([@Pelaksana]=[@Saksi 1],[@Pelaksana]=[@Saksi 2])),'
            '"Saksi sama dengan pelaksana",'
            'IF(AND([@Saksi 1]<>"",[@Saksi 1]=[@Saksi 2]),"Kedua saksi orang yang sama","Sesuai"))))',
            28,
        ),
    )


def _people(sop: Sop) -> tuple[Live, ...]:
    return (
        Live("Sedang Dikerjakan", 'IF([@Nama]="","",COUNTIFS(L_Pelaksana,[@Nama],L_Mulai,">=0",L_Selesai,"<0"))', 11),
    )  # fmt: skip
