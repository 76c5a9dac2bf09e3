"""The formulas that show staff, while they type, what is late, out of order, running or missing."""

from __future__ import annotations

from sopkit.newbook.formula import NBSP, Live, clean
from sopkit.newbook.live_cases import cases
from sopkit.newbook.live_events import events
from sopkit.register.schema import DISPOSALS, EVENTS, PEOPLE, REGISTER, SheetPlan
from sopkit.sop.model import Sop


def live_columns(plan: SheetPlan, sop: Sop) -> tuple[Live, ...]:
    """The live columns of a sheet, from left to right; none for a sheet that has none."""
    made = {REGISTER.name: cases, EVENTS.name: events, DISPOSALS.name: _disposals, PEOPLE.name: _people}
    return made[plan.name](sop) if plan.name in made else ()


def _disposals(sop: Sop) -> tuple[Live, ...]:
    named = 'IF(TRIM([@No. BA])="","",{})'.format
    executor, first, second = (f"TRIM([@{header}])" for header in ("Pelaksana", "Saksi 1", "Saksi 2"))
    same = f'AND({executor}<>"",OR({executor}={first},{executor}={second}))'
    blanks = ("", '&" *"', f'&"{NBSP}*"')  # behind the number as Register has it
    counted = "+".join(f"COUNTIF(R_BA,{clean('[@No. BA]')}{rest})" for rest in blanks)
    verdict = (
        f'IF([@Jumlah Kasus]=0,"Belum disebut di Register",IF({same},"Saksi sama dengan pelaksana",'
        f'IF(AND({first}<>"",{first}={second}),"Kedua saksi orang yang sama","Sesuai")))'
    )
    return (
        Live(
            "Jumlah Kasus", named(counted),
            "Kasus di Register yang menyebut BA ini.", width=9,
        ),
        Live("Pantauan", named(verdict), "Keadaan BA ini.", width=28),
    )  # fmt: skip


def _people(sop: Sop) -> tuple[Live, ...]:
    running = 'COUNTIFS(L_Pelaksana,[@Nama],L_Mulai,">=0",L_Usai,-1)'
    return (
        Live(
            "Sedang Dikerjakan", f'IF([@Nama]="","",{running})',
            "Langkah yang sudah dimulai dan belum selesai.", width=11,
        ),
    )  # fmt: skip
