"""The terms that the live formulas of the workbook are written in.

A formula names a column of its row as `[@Header]`; in a cell that becomes an A1 reference (short), in the table's
definition a structured one (so that Excel fills new rows). Every term means the same in Excel, LibreOffice, Gnumeric
and HyperFormula: no comparison is compared or counted, texts are read without the program's locale, and an array is
reckoned only in a formula that is stored as one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sopkit.sop.model import Sop, Step

HEADER_ROW = 4
"""1-based row of the header on every sheet that has a title band."""
FIRST = HEADER_ROW + 1
"""1-based row of the first data row on every sheet with a title band."""
CAPACITY: Mapping[str, int] = {"Register": 3000, "Langkah": 20000, "Pemusnahan": 500, "Pegawai": 300}
"""Rows that lists, names and colours reach."""
CALENDAR_ROWS, HOURS_ROWS = 400, 60
NBSP = "\u00a0"
EARLY = 50
"""Added to the place of a step that may come early in the keys of Langkah, so that it is no later step."""
RUN = "lihat hasil sopkit run"
"""What a cell says that leaves the verdict to the command."""


@dataclass(frozen=True)
class Live:
    """A live column.

    `formula` is in the `[@Header]` notation, `meaning` says what it shows, `blank` is its value on a row that nobody
    has filled in, `width` in characters (0 for a hidden auxiliary column), `name` a defined name of the whole column.
    """

    header: str
    formula: str
    meaning: str
    blank: str | int = ""
    width: float = 0
    format: str = "live"
    name: str = ""


def a1(text: str, letters: Mapping[str, str], row: int) -> str:
    """`[@Mulai]` as `$D5`."""
    return re.sub(r"\[@([^\]]+)\]", lambda match: f"${letters[match[1]]}{row}", text)


def structured(text: str, table: str) -> str:
    """`[@Mulai]` as `tLangkah[[#This Row],[Mulai]]`."""
    return re.sub(r"\[@([^\]]+)\]", lambda match: f"{table}[[#This Row],[{match[1]}]]", text)


def clean(cell: str) -> str:
    """A typed text without blanks at its ends, doubled blanks, NBSP and control characters."""
    return f'TRIM(SUBSTITUTE(CLEAN({cell}),"{NBSP}"," "))'


def empty(cell: str) -> str:
    """Whether a cell holds nothing, blanks, or a dash."""
    return f'TRIM(SUBSTITUTE(SUBSTITUTE({cell},"{NBSP}",""),"-",""))=""'


def chain(tests: Sequence[tuple[str, str]], rest: str) -> str:
    """The value of the first test that holds, else `rest`."""
    return "".join(f"IF({test},{value}," for test, value in tests) + rest + ")" * len(tests)


def row_of(key: str, name: str) -> str:
    """The first place of a key in a named column; 0 for none."""
    return f"IFERROR(MATCH({key},{name},0),0)"


def moment(cell: str, bare_date: str = "0") -> str:
    """A typed moment as a serial number: a real date, or a text such as 02-11-2026 08:15 with any separators.

    `bare_date` is added to a date without a time. An error for any other text, and for a day or an hour that no
    calendar and no clock has.
    """
    year, month, day = f"MID({cell},7,4)*1", f"MID({cell},4,2)*1", f"LEFT({cell},2)*1"
    hour, minute = f"MID({cell},12,2)*1", f"MID({cell},15,2)*1"
    length = f'LEN(TRIM(SUBSTITUTE({cell},"{NBSP}"," ")))'
    date = f"DATE({year},{month},{day})"
    sound = f"MAX({hour},{minute}-36,ABS({length}-16)*24)<24"
    clock = f"IF({length}=10,{bare_date},IF({sound},TIME({hour},{minute},0),NA()))"
    real = cell if bare_date == "0" else f"{cell}+IF(INT({cell})={cell},{bare_date},0)"
    return f"IF(ISNUMBER({cell}),{real},IF(DAY({date})={day},{date},NA())+{clock})"


def code_of(sop: Sop, number: int) -> int:
    """How the keys of Langkah (place of the case in Register * 100 + this) name a step."""
    place = sop.position(number) + 1
    return place + EARLY if sop.step(number).may_come_early else place


def rejecting_step(sop: Sop) -> Step | None:
    """The step whose rejection sends a case back."""
    return next((step for step in sop.steps if step.on_rejection is not None), None)


def day_of(moment: str) -> str:
    """Place in the day table of a moment in seconds since its first day."""
    return f"INT({moment}/86400)+1"


def clock_of(moment: str) -> str:
    return f"MOD({moment},86400)"


def worked(moment: str, day: str = "") -> str:
    """Working seconds from the first day of the day table to a moment in seconds since that day."""
    day, clock = day or day_of(moment), clock_of(moment)
    morning = f"MAX(0,MIN({clock},INDEX(H_Jeda,{day}))-INDEX(H_Buka,{day}))"
    afternoon = f"MAX(0,MIN({clock},INDEX(H_Tutup,{day}))-INDEX(H_Lanjut,{day}))"
    return f"INDEX(H_Kum,{day})+{morning}+{afternoon}"


def opening(moment: str) -> str:
    """The moment from which a start counts: itself, after the break, or the next opening."""
    day, clock = day_of(moment), clock_of(moment)
    next_day = f"MATCH(INDEX(H_Hari,{day})+1,H_Hari,0)"
    inside = (
        f"IF(AND({clock}>INDEX(H_Jeda,{day}),{clock}<INDEX(H_Lanjut,{day})),INDEX(H_Lanjut,{day}),"
        f"MAX({clock},INDEX(H_Buka,{day})))"
    )
    return (
        f"IF(AND(INDEX(H_Tutup,{day})>0,{clock}<=INDEX(H_Tutup,{day})),INT({moment}/86400)*86400+{inside},"
        f"({next_day}-1)*86400+INDEX(H_Buka,{next_day}))"
    )


def due_day(start: str, work: str, seconds: str, days: str) -> str:
    """Place in the day table of a deadline: so many working seconds, or (0 of them) working days, after a start.

    `start` is a moment as `opening` gives it, `work` the working seconds before it. Where a day means the closing time,
    a start at closing counts from the next opening.
    """
    by_work = f"MATCH({work}+{seconds}-0.5,H_Kum,1)"
    closed = f"IF(AND(H_Arti=2,{clock_of(start)}=INDEX(H_Tutup,{day_of(start)})),1,0)"
    return f"IF({seconds}>0,{by_work},MATCH(INDEX(H_Hari,{day_of(start)})+{days}+{closed},H_Hari,0))"


def soon(start: str, deadline: str) -> str:
    """Whether a deadline is near: within the office's warning time, and a quarter of the working time given is left.

    Both are moments as the working seconds before them.
    """
    return f"MAX({deadline}-H_Peringatan,3*{deadline}+{start}-4*H_KumKini)<=0"


def due(day: str, start: str, work: str, seconds: str) -> str:
    """The deadline in seconds since the first day of the day table, on the day that `due_day` found."""
    rest, morning = f"({work}+{seconds}-INDEX(H_Kum,{day}))", f"INDEX(H_Pagi,{day})"
    by_work = f"{rest}+IF({rest}<={morning},INDEX(H_Buka,{day}),INDEX(H_Lanjut,{day})-{morning})"
    same_clock = f"MAX(INDEX(H_Buka,{day}),MIN(INDEX(H_Tutup,{day}),{clock_of(start)}))"
    return f"({day}-1)*86400+IF({seconds}>0,{by_work},IF(H_Arti=2,INDEX(H_Tutup,{day}),{same_clock}))"
