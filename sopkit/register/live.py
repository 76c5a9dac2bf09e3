"""The formulas that show staff, while they type, what is late, out of order, running or missing.

The workbook reckons working time as Python does: sheet Hitungan holds one row per day (opening, break, closing,
working seconds before that day), made from the workbook's own Kalender and Jam Kerja, so that a deadline is two
look-ups and thousands of rows stay quick. A formula names a column of its row as `[@Header]`; in a cell that
becomes an A1 reference (short), in the table's definition a structured one (so that Excel fills new rows).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sopkit.register.columns import DISPOSALS, EVENTS, PEOPLE, REGISTER, SheetPlan
from sopkit.register.layout import plain
from sopkit.sop.model import Sop, Step

CALCULATION_SHEET = "Hitungan"
SUMMARY_SHEET = "Ringkasan"
HEADER_ROW = 4
"""1-based row of the header on every sheet that has a title band."""
CAPACITY: Mapping[str, int] = {"Register": 3000, "Langkah": 20000, "Pemusnahan": 500, "Pegawai": 300}
"""Rows that lists, names and colours reach."""
HOURS_ROWS = 60
Q_APPROVED, Q_REJECTED = '"Disetujui"', '"Ditolak"'
Q_NEAR, Q_RUNNING = '"Hampir*"', '"Berjalan"'
EMPTY_CASE = '[@No. Catatan]=""'
CASE_STEPS = "INDEX(R_Pola,[@h.kasus])"
WRONG_ORDER = ("Mulai sebelum", "Ada langkah", "Selesai belum", "Diulang", "Belum kembali", "Tidak ada")
"""How the verdicts begin that speak of steps out of order."""
CALENDAR_ROWS = 400
NEAR = 1500
"""Rows of Langkah within which nearly every case stands from first step to last; others are looked for farther."""
STEPS = 30
"""Steps that an SOP may have for its register to show where each stands."""


@dataclass(frozen=True)
class Live:
    """A live column: `formula` in the `[@Header]` notation; `width` in characters, 0 for a hidden auxiliary one."""

    header: str
    formula: str
    width: float = 0
    format: str = "live"
    name: str = ""  # defined name of the whole column
    span: int = 1  # columns that the name covers


LIVE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "Register": (
        "Langkah Berikutnya", "Batas Langkah", "Pantauan", "Belum Lengkap",
        "h.kasus", "h.ada", "h.mula", *(f"h.p{place}" for place in range(1, STEPS + 1)),
        "h.temu", "h.pola", "h.ganda", "h.dekat", "h.awal", "h.akhir", "h.buka", "h.rumit", "h.dimulai",
        "h.rampung", "h.lambat", "h.urut", "h.tingkat",
    ),
    "Langkah": (
        "Batas Waktu", "Lama Kerja", "Pantauan Waktu", "Pantauan Urutan",
        "h.posisi", "h.utama", "h.kasus", "h.kunci", "h.mulai", "h.selesai", "h.buka",
        "h.d1", "h.t1", "h.d2", "h.t2", "h.kum1", "h.kum2", "h.hari", "h.jam", "h.d3", "h.t3", "h.batas", "h.kum3",
        "h.luar",
        "h.rumit", "h.awal", "h.akhir", "h.sela", "h.lewat", "h.tolak", "h.dulu", "h.salah",
    ),
    "Pemusnahan": ("Jumlah Kasus", "Pantauan"),
    "Pegawai": ("Sedang Dikerjakan",),
}  # fmt: skip
"""Headers of the live columns per sheet: sopkit itself made them, so B08 says nothing about them."""


def a1(text: str, letters: Mapping[str, str], row: int) -> str:
    """`[@Mulai]` as `$D5`."""
    return re.sub(r"\[@([^\]]+)\]", lambda match: f"${letters[match[1]]}{row}", text)


def structured(text: str, table: str) -> str:
    """`[@Mulai]` as `tLangkah[[#This Row],[Mulai]]`."""
    return re.sub(r"\[@([^\]]+)\]", lambda match: f"{table}[[#This Row],[{match[1]}]]", text)


def live_columns(plan: SheetPlan, sop: Sop) -> tuple[Live, ...]:
    """The live columns of a sheet, in the order of `LIVE_COLUMNS`; none for a sheet that has none."""
    made = {REGISTER.name: _register, EVENTS.name: _events, DISPOSALS.name: _disposals, PEOPLE.name: _people}
    return made[plan.name](sop) if plan.name in made else ()


def _window(name: str) -> str:
    """The rows of a Langkah column between the first and the last row of this case."""
    return f"INDEX({name},[@h.awal]):INDEX({name},[@h.akhir])"


def _count(*conditions: str) -> str:
    """Number of this case's rows in Langkah that meet the conditions (name, criterion, …)."""
    pairs = "".join(f",{_window(conditions[i])},{conditions[i + 1]}" for i in range(0, len(conditions), 2))
    return f"COUNTIFS({_window('L_Kasus')},[@h.kasus]{pairs})"


def _executed(pola: str, place: str) -> str:
    """1 where the case has a row for the step at this place (which may be an array)."""
    return f"MOD(INT({pola}/2^({place}-1)),2)"


def _wall(cell: str) -> str:
    """A moment as whole seconds since the first day of the day table; -1 for none."""
    return f"IF(ISNUMBER({cell}),MAX(-1,ROUND(({cell}-H_Awal)*86400,0)),-1)"


def _worked(day: str, clock: str) -> str:
    """Working seconds up to a clock time of the n-th day of the day table."""
    morning = f"MAX(0,MIN({clock},INDEX(H_Jeda,{day}))-INDEX(H_Buka,{day}))"
    afternoon = f"MAX(0,MIN({clock},INDEX(H_Tutup,{day}))-INDEX(H_Lanjut,{day}))"
    return f"INDEX(H_Kum,{day})+{morning}+{afternoon}"


def _outside(wall: str, day: str, clock: str) -> str:
    inside = (
        f"AND(INDEX(H_Tutup,{day})>0,{clock}>=INDEX(H_Buka,{day}),{clock}<=INDEX(H_Tutup,{day}),"
        f"OR({clock}<=INDEX(H_Jeda,{day}),{clock}>=INDEX(H_Lanjut,{day})))"
    )
    return f"IF({wall}<0,0,IFERROR(IF({inside},0,1),0))"


def _duration(seconds: str) -> str:
    hours = f'IF({seconds}>=3600,INT({seconds}/3600)&" jam ","")'
    minutes = f'IF(OR(MOD({seconds},3600)>=60,{seconds}<3600),MAX(1,INT(MOD({seconds},3600)/60))&" menit","")'
    return f"TRIM({hours}&{minutes})"


def _above(value: str) -> str:
    return f'">"&{value}'


def _below(value: str) -> str:
    return f'"<"&{value}'


def _at_least(value: str) -> str:
    return f'">="&{value}'


def _at_most(value: str) -> str:
    return f'"<="&{value}'


def _events(sop: Sop) -> tuple[Live, ...]:
    blank = '[@No. Catatan]&[@Langkah]=""'
    return (
        Live("Batas Waktu", 'IF([@h.t3]<0,"",H_Awal+([@h.d3]-1)+[@h.t3]/86400)', 17, "live_datetime"),
        Live("Lama Kerja", 'IF(OR([@h.kum1]<0,[@h.kum2]<[@h.kum1]),"",([@h.kum2]-[@h.kum1])/86400)', 9, "live_span"),
        Live("Pantauan Waktu", f'IF({blank},"",{_time_verdict()})', 26, "live", "L_Waktu"),
        Live("Pantauan Urutan", f'IF({blank},"",{_order_verdict(sop)})', 32, "live", "L_Urutan"),
        *_event_facts(sop),
        *_event_clock(),
        *_event_order(sop),
    )


def _event_facts(sop: Sop) -> tuple[Live, ...]:
    """Which step and which case a row is about, its moments as whole seconds, and whether it lacks one (h.buka)."""
    label = 'VALUE(LEFT([@Langkah],FIND(".",[@Langkah]&".")-1))'
    strange = "[@h.kasus]*[@h.posisi]=0"
    return (
        Live("h.posisi", f'IF([@Langkah]="",0,IFERROR(MATCH({label},S_Nomor,0),0))', name="L_Posisi"),
        Live("h.utama", "IF([@h.posisi]=0,0,INDEX(S_Utama,[@h.posisi]))", name="L_Utama"),
        Live("h.kasus", f"IF({EMPTY_CASE},0,IFERROR(MATCH([@No. Catatan],R_Catatan,0),0))", name="L_Kasus"),
        Live("h.kunci", "[@h.kasus]*100+[@h.posisi]", name="L_Kunci"),
        Live("h.mulai", _wall("[@Mulai]"), name="L_Mulai"),
        Live("h.selesai", _wall("[@Selesai]"), name="L_Selesai"),
        Live("h.buka", f"IF({strange},0,IF(OR([@h.mulai]<0,[@h.selesai]<0),1,0))", name="L_Buka"),
    )


def _event_clock() -> tuple[Live, ...]:
    """Day of the day table (d), clock seconds (t) and working seconds (kum) of start 1, end or now 2 and deadline 3.

    The deadline is WorkCalendar's: hours run in working time, days count from the working day and clock time at which
    the start counts (h.hari, h.jam).
    """
    start, end, due = ("[@h.d1]", "[@h.t1]"), ("[@h.d2]", "[@h.t2]"), ("[@h.d3]", "[@h.t3]")
    opened = f"AND(INDEX(H_Tutup,{start[0]})>0,{start[1]}<=INDEX(H_Tutup,{start[0]}))"
    resumed = (
        f"IF(AND({start[1]}>INDEX(H_Jeda,{start[0]}),{start[1]}<INDEX(H_Lanjut,{start[0]})),"
        f"INDEX(H_Lanjut,{start[0]}),MAX({start[1]},INDEX(H_Buka,{start[0]})))"
    )
    amount = "INDEX(S_Detik,[@h.posisi])"
    day = f"IF({amount}>0,MATCH([@h.kum1]+{amount}-0.5,H_Kum,1),MATCH([@h.hari]+INDEX(S_Hari,[@h.posisi]),H_Hari,0))"
    rest, morning = f"([@h.kum1]+{amount}-INDEX(H_Kum,{due[0]}))", f"INDEX(H_Pagi,{due[0]})"
    clock = (
        f"IF({amount}>0,{rest}+IF({rest}<={morning},INDEX(H_Buka,{due[0]}),INDEX(H_Lanjut,{due[0]})-{morning}),"
        f"IF(H_Arti=2,INDEX(H_Tutup,{due[0]}),MAX(INDEX(H_Buka,{due[0]}),MIN(INDEX(H_Tutup,{due[0]}),[@h.jam]))))"
    )
    return (
        Live("h.d1", "INT([@h.mulai]/86400)+1"),
        Live("h.t1", "MOD([@h.mulai],86400)"),
        Live("h.d2", "INT(IF([@h.selesai]<0,H_Kini,[@h.selesai])/86400)+1"),
        Live("h.t2", "MOD(IF([@h.selesai]<0,H_Kini,[@h.selesai]),86400)"),
        Live("h.kum1", f"IF([@h.mulai]<0,-1,IFERROR({_worked(*start)},-1))"),
        Live("h.kum2", f"IF([@h.mulai]<0,-1,IFERROR({_worked(*end)},-1))"),
        Live("h.hari", f"IF([@h.kum1]<0,0,INDEX(H_Hari,{start[0]})+IF({opened},0,1))"),
        Live("h.jam", f"IF([@h.kum1]<0,0,IF({opened},{resumed},INDEX(H_Buka,MATCH([@h.hari],H_Hari,0))))"),
        Live("h.d3", f"IF(OR([@h.posisi]=0,[@h.kum1]<0),0,IFERROR({day},0))"),
        Live("h.t3", f"IF([@h.d3]=0,-1,{clock})"),
        Live("h.batas", "IF([@h.d3]=0,-1,([@h.d3]-1)*86400+[@h.t3])", name="L_Batas"),
        Live("h.kum3", f"IF([@h.d3]=0,-1,{_worked(*due)})"),
        Live("h.luar", f"{_outside('[@h.mulai]', *start)}+2*{_outside('[@h.selesai]', *end)}"),
    )


def _event_order(sop: Sop) -> tuple[Live, ...]:
    """What the other rows of the case say about this one.

    Register tells how unusual the case is (h.rumit, see `_case_facts`). In a plain one nothing is left to ask; where
    each step stands once, Register knows its row; only repetitions and rejections are counted out row by row.
    """
    silent = "OR([@h.rumit]=0,[@h.posisi]=0,[@h.mulai]<0)"
    later = _count("L_Utama", _above("[@h.posisi]"), "L_Mulai", _at_least("[@h.mulai]"))
    part = "2^([@h.posisi]-1)"
    skipped = f"IF(MOD({CASE_STEPS},{part})<{part}-1,1,0)"
    rejected, step = "0", _rejecting(sop)
    if step is not None:
        ended = ("L_Selesai", _at_least("0"), "L_Selesai", _at_most("[@h.mulai]"))
        rejected = _count("L_Posisi", str(sop.position(step.number) + 1), "L_Hasil", Q_REJECTED, *ended)
    wrong = ",".join(f'LEFT([@Pantauan Urutan],{len(text)})="{text}"' for text in WRONG_ORDER)
    facts = (("Rumit", 0), ("Awal", 1), ("Akhir", 1))
    return (
        *(Live(f"h.{name.lower()}", f"IF([@h.kasus]=0,{none},INDEX(R_{name},[@h.kasus]))") for name, none in facts),
        Live("h.sela", f"IF([@h.selesai]>=0,0,IF({silent},0,{later}))"),
        Live("h.lewat", f"IF({silent},0,IF([@h.utama]<2,0,{skipped}))", name="L_Lewat"),
        Live("h.tolak", f"IF([@h.rumit]<2,0,IF({silent},0,{rejected}))", name="L_Tolak"),
        Live("h.dulu", f"IF({silent},0,{_overtaken('S_Sebelum1')}+2*{_overtaken('S_Sebelum2')})"),
        Live("h.salah", f'IF([@Pantauan Urutan]="Sesuai",0,IF(OR({wrong}),[@h.kasus],0))', name="L_Salah"),
    )


def _overtaken(column: str) -> str:
    """1 where this execution began before its predecessor of the same round had ended.

    A predecessor without Selesai is unknown (its own cell says so), but a step that may come early did come early.
    """
    before = f"INDEX({column},[@h.posisi])"
    place = f"INDEX(R_Letak,[@h.kasus],{before})"
    end = f"INDEX(L_Selesai,{place})"
    once = f"IF({end}<0,IF([@h.utama]=0,1,0),IF({end}>[@h.mulai],1,0))"
    pred = ("L_Posisi", before, "L_Tolak", "[@h.tolak]")
    ended = _count(*pred, "L_Selesai", _at_least("0"), "L_Selesai", _at_most("[@h.mulai]"))
    unknown = f"IF([@h.utama]=0,0,{_count(*pred, 'L_Selesai', _below('0'))})"
    counted = f"IF(AND({_count(*pred)}>0,{ended}+{unknown}=0),1,0)"
    return f"IF({before}=0,0,IF({place}=0,0,IF([@h.rumit]=1,{once},{counted})))"


def _time_verdict() -> str:
    over = "([@h.kum2]-[@h.kum3])"
    return (
        'IF([@Mulai]="","Mulai belum diisi",IF([@h.mulai]<0,"Mulai bukan tanggal dan jam",'
        'IF(AND([@Selesai]<>"",[@h.selesai]<0),"Selesai bukan tanggal dan jam",'
        'IF(AND([@h.selesai]>=0,[@h.selesai]<[@h.mulai]),"Selesai mendahului Mulai",'
        'IF(OR([@h.t3]<0,[@h.sela]>0),"",'
        f'IF([@h.selesai]>=0,IF({over}>0,"Terlambat "&{_duration(over)},"Tepat waktu"),'
        f'IF({over}>0,"Lewat batas "&{_duration(over)},'
        'IF([@h.kum3]-[@h.kum2]<=H_Peringatan,"Hampir lewat batas","Berjalan"))))))))'
    )


def _order_verdict(sop: Sop) -> str:
    step = _rejecting(sop)
    number = '"Mulai sebelum langkah "&INDEX(S_Nomor,INDEX({},[@h.posisi]))&" selesai"'
    same = ("L_Posisi", "[@h.posisi]", "L_Mulai", _below("[@h.mulai]"))
    repeated, unreturned = _count(*same, "L_Tolak", "[@h.tolak]"), "FALSE"
    if step is not None and step.on_rejection is not None:
        back = sop.position(step.on_rejection) + 1
        repeated += f"+IF(AND([@h.tolak]>0,[@h.posisi]<{back}),{_count(*same)},0)"
        returned = _count("L_Posisi", str(back), "L_Mulai", _at_most("[@h.mulai]"))
        earlier = ("L_Tolak", "[@h.tolak]", "L_Posisi", f'">{back}"', "L_Mulai", _below("[@h.mulai]"))
        unreturned = (
            f"IF(AND([@h.tolak]>0,[@h.posisi]>{back}),IF({returned}<=[@h.tolak],{_count(*earlier)}=0,FALSE),FALSE)"
        )
    first_skip = f"{_count('L_Lewat', _above('0'), 'L_Mulai', _below('[@h.mulai]'))}=0"
    alone = f"AND({_executed(CASE_STEPS, 'INDEX(S_Sebelum1,[@h.posisi])')}=0,INT({CASE_STEPS}/2^[@h.posisi])=0)"
    tests = (
        (EMPTY_CASE, '"No. Catatan belum diisi"'),
        ("[@h.kasus]=0", '"Belum ada di Register"'),
        ('[@Langkah]=""', '"Langkah belum diisi"'),
        ("[@h.posisi]=0", '"Tidak ada dalam SOP"'),
        ("[@h.mulai]<0", '""'),
        ("[@h.rumit]=0", '"Sesuai"'),
        ("[@h.sela]>0", '"Selesai belum diisi"'),
        (f"IF([@h.rumit]=2,{repeated}>0,FALSE)", '"Diulang tanpa penolakan"'),
        (unreturned, f'"Belum kembali ke langkah {step.on_rejection if step else ""}"'),
        (f"IF([@h.lewat]>0,{first_skip},FALSE)", '"Ada langkah yang dilewati"'),
        (f"IF([@h.utama]=0,IF(MOD([@h.dulu],2)=1,TRUE,{alone}),FALSE)", '"Dipisahkan lebih awal"'),
        ("MOD([@h.dulu],2)=1", number.format("S_Sebelum1")),
        ("[@h.dulu]>=2", number.format("S_Sebelum2")),
    )
    return "".join(f"IF({test},{verdict}," for test, verdict in tests) + '"Sesuai"' + ")" * len(tests)


def _rejecting(sop: Sop) -> Step | None:
    return next((step for step in sop.steps if step.on_rejection is not None), None)


def _register(sop: Sop) -> tuple[Live, ...]:
    blank = '[@No. Catatan]=""'
    late_now = _count("L_Waktu", '"Lewat batas*"')
    return (
        Live("Langkah Berikutnya", f'IF({blank},"",{_next_step(sop)})', 30, "live", "R_Berikut"),
        Live("Batas Langkah", f'IF({blank},"",{_case_deadline()})', 17, "live_datetime", "R_Batas"),
        Live("Pantauan", f'IF({blank},"",{_case_verdict(sop)})', 26, "live", "R_Pantau"),
        Live("Belum Lengkap", f'IF({blank},"",{_missing(sop)})', 34, "live"),
        *_case_facts(sop),
        Live("h.lambat", f"IF([@h.buka]=0,0,{late_now})"),
        Live("h.urut", f"IF([@h.rumit]=0,0,{_count('L_Salah', _above('0'))})"),
        Live(
            "h.tingkat",
            f'IF({blank},0,IF(OR([@Status]="Selesai",[@Status]="Batal"),0,IF([@h.lambat]>0,3,IF(LEFT([@Pantauan],6)="Target",2,1))'
            "+(3000-ROW())/10000))",
            name="R_Tingkat",
        ),
    )  # fmt: skip


def _case_facts(sop: Sop) -> tuple[Live, ...]:
    """Where the steps of a case stand in Langkah, and how unusual it is.

    Nothing reads Langkah from top to bottom for every case: FREQUENCY has counted all cases' rows at once (h.ada), and
    rows are looked for from where a date search puts the case (h.mula) until so many are found. Rows in another order
    are found too, only later. h.p1, h.p2, … are a row of each step, h.pola holds a bit per step that has one. h.rumit
    is 0 for a plain case: each step once, in order without a gap, begun and ended, none rejected; 2 with a rejection
    or rows beside these; else 1. In a plain case the rows of Langkah need not ask for each other.
    """
    places = range(1, len(sop.steps) + 1)
    rows = [f"[@h.p{place}]" for place in places]
    bits = "+".join(f"({row}>0)*{2**i}" for i, row in enumerate(rows))
    whole = "INDEX(L_Kasus,1):INDEX(L_Kasus,MAX(1,L_Akhir))"
    near = f"INDEX(L_Kasus,[@h.mula]):INDEX(L_Kasus,{_end_of_search()})"
    first = f"IF([@h.dekat]=1,[@h.mula]-1+MATCH([@h.kasus],{near},0),MATCH([@h.kasus],{whole},0))"
    rest = f"INDEX(L_Kasus,[@h.awal]):INDEX(L_Kasus,IF([@h.dekat]=1,{_end_of_search()},MAX(1,L_Akhir)))"
    last = f"SUMPRODUCT(MAX(({rest}=[@h.kasus])*(ROW({rest})-ROW(INDEX(L_Kasus,1))+1)))"
    lacking = "+".join(f"IF({row}=0,0,INDEX(L_Buka,{row}))" for row in rows)
    uneven = f"IF(OR([@h.buka]=1,[@h.pola]<>2^[@h.temu]-1),1,IF(OR({','.join(_overtakings(sop))}),1,0))"
    beyond = CAPACITY[EVENTS.name]
    guess = "IF(ISNUMBER([@Tanggal Ditemukan]),IFERROR(MATCH([@Tanggal Ditemukan]-2,L_Saat,1),1),1)"
    return (
        Live("h.kasus", f"IF({EMPTY_CASE},0,IFERROR(MATCH([@No. Catatan],R_Catatan,0),0))"),
        Live("h.ada", "IF([@h.kasus]=0,0,INDEX(H_Banyak,[@h.kasus]+1))"),
        Live("h.mula", f"IF([@h.ada]=0,1,{guess})"),
        *(
            Live(f"h.p{place}", _place_of_step(place), name="R_Letak" if place == 1 else "", span=len(rows))
            for place in places
        ),
        Live("h.temu", "+".join(f"({row}>0)" for row in rows)),
        Live("h.pola", bits, name="R_Pola"),
        Live("h.ganda", f"IF([@h.ada]>[@h.temu],1,{_rejected_once(sop)})"),
        Live("h.dekat", f"IF([@h.ganda]=0,0,IF(COUNTIF({near},[@h.kasus])=[@h.ada],1,0))"),
        Live(
            "h.awal",
            f"IF([@h.ganda]=0,MIN({','.join(f'IF({row}=0,{beyond},{row})' for row in rows)}),{first})",
            name="R_Awal",
        ),
        Live("h.akhir", f"IF([@h.ganda]=0,MAX([@h.awal],{','.join(rows)}),{last})", name="R_Akhir"),
        Live("h.buka", f"IF(IF([@h.ganda]=0,{lacking},{_count('L_Buka', '1')})>0,1,0)"),
        Live("h.rumit", f"IF([@h.ada]=0,0,IF([@h.ganda]=1,2,{uneven}))", name="R_Rumit"),
        *(
            Live(f"h.{header}", f"IF([@h.buka]=0,[@h.pola],{_reached(rows, name)})")
            for header, name in (("dimulai", "L_Mulai"), ("rampung", "L_Selesai"))
        ),
    )


def _end_of_search() -> str:
    return f"MIN({CAPACITY['Langkah']},[@h.mula]+{NEAR})"


def _place_of_step(place: int) -> str:
    """A row of the step at this place, counted from the first of Langkah; 0 for none, or when all rows are found."""
    key, mine = f"[@h.kasus]*100+{place}", f"INDEX({{0}},[@h.mula]):INDEX({{0}},{_end_of_search()})"
    found = "+".join(f"([@h.p{before}]>0)" for before in range(1, place)) or "0"
    near = f"[@h.mula]-1+MATCH({key},{mine.format('L_Kunci')},0)"
    all_near = f"COUNTIF({mine.format('L_Kasus')},[@h.kasus])=[@h.ada]"
    return f"IF([@h.ada]<={found},0,IFERROR({near},IF({all_near},0,IFERROR(MATCH({key},L_Kunci,0),0))))"


def _rejected_once(sop: Sop) -> str:
    step = _rejecting(sop)
    if step is None:
        return "0"
    row = f"[@h.p{sop.position(step.number) + 1}]"
    return f"IF({row}=0,0,IF(INDEX(L_Hasil,{row})={Q_REJECTED},1,0))"


def _overtakings(sop: Sop) -> list[str]:
    """For each step but the first, whether it began before a predecessor had ended; all stand once."""
    found = ["FALSE"]
    for place, step in enumerate(sop.steps, start=1):
        start = f"INDEX(L_Mulai,[@h.p{place}])"
        ends = (f"INDEX(L_Selesai,[@h.p{sop.position(number) + 1}])" for number in sop.predecessors(step.number))
        early = ",".join(f"{start}<{end}" for end in ends)
        if early:
            found.append(f"IF([@h.p{place}]=0,FALSE,OR({early}))")
    return found


def _reached(rows: Sequence[str], name: str) -> str:
    """A bit per step of which a row has this moment."""
    bits = []
    for place, row in enumerate(rows, start=1):
        counted = _count("L_Posisi", str(place), name, _at_least("0"))
        bits.append(f"IF({row}=0,0,IF(IF([@h.ganda]=1,{counted},INDEX({name},{row})+1)>0,{2 ** (place - 1)},0))")
    return "+".join(bits)


def _next_step(sop: Sop) -> str:
    """The running step, else the step that a rejection returns to, else the first that has no row."""
    label = "INDEX(S_Label,{place})"
    open_rows = f"({_window('L_Kasus')}=[@h.kasus])*({_window('L_Mulai')}>=0)*({_window('L_Selesai')}<0)"
    running = f"IF([@h.buka]=0,0,SUMPRODUCT(MAX({open_rows}*{_window('L_Posisi')})))"
    missing = f"SUMPRODUCT(MAX((S_Berkala=0)*({_executed('[@h.pola]', 'S_Posisi')}=0)*(100-S_Posisi)))"
    rejecting = _rejecting(sop)
    again = "FALSE"
    if rejecting and rejecting.on_rejection is not None:
        back = sop.position(rejecting.on_rejection) + 1
        rejected = _count("L_Posisi", str(sop.position(rejecting.number) + 1), "L_Hasil", Q_REJECTED)
        again = f"IF([@h.ganda]=0,FALSE,AND({rejected}>0,{rejected}>={_count('L_Posisi', str(back))}))"
        repeat = label.format(place=back) + '&" (ulang)"'
    else:
        repeat = '""'
    periodic = next((i + 1 for i, step in enumerate(sop.steps) if step.periodic), 0)
    rest = '"–"'
    if periodic:
        pending = f'AND([@Perlu Dimusnahkan]="Ya",[@h.p{periodic}]=0)'
        rest = f'IF({pending},{label.format(place=periodic)},"–")'
    return (
        f'IF([@Status]="Batal","–",IF([@h.ada]=0,{label.format(place=1)},'
        f'IF({running}>0,{label.format(place=f"MAX(1,{running})")}&" (berjalan)",'
        f"IF({again},{repeat},IF({missing}>0,{label.format(place=f'MIN({len(sop.steps)},100-{missing})')},{rest})))))"
    )


def _case_deadline() -> str:
    """The latest deadline of a step that runs."""
    due = f"SUMPRODUCT(MAX(({_window('L_Kasus')}=[@h.kasus])*({_window('L_Selesai')}<0)*{_window('L_Batas')}))"
    return f'IF(OR([@h.buka]=0,[@Status]="Batal"),"",IF({due}>0,H_Awal+{due}/86400,""))'


def _case_verdict(sop: Sop) -> str:
    target = "IF(ISNUMBER([@Target Selesai]),INT([@Target Selesai])+1<=H_Awal+H_Kini/86400,FALSE)"
    near = f"IF([@h.buka]=0,0,{_count('L_Waktu', Q_NEAR)})"
    running = f"IF([@h.buka]=0,0,{_count('L_Waktu', Q_RUNNING)})"
    approval = sop.duty("approval")
    approved = "FALSE"
    if approval:
        place = sop.position(approval.number) + 1
        several = _count("L_Posisi", str(place), "L_Hasil", Q_APPROVED)
        once = f"INDEX(L_Hasil,[@h.p{place}])={Q_APPROVED}"
        approved = f'IF(OR([@Hasil Verifikasi]<>"",[@h.p{place}]=0),FALSE,IF([@h.ganda]=1,{several}>0,{once}))'
    tests = (
        ('[@Status]="Batal"', '"Batal"'),
        ('[@Status]="Selesai"', 'IF([@h.urut]>0,"Selesai dengan catatan","Selesai")'),
        ("[@h.urut]>0", '"Urutan perlu diperiksa"'),
        ("[@h.lambat]>0", '"Terlambat"'),
        (target, '"Target terlewati"'),
        ("[@h.ada]=0", '"Belum ada langkah"'),
        (f"{near}>0", '"Hampir lewat batas"'),
        (f"{running}>0", '"Berjalan"'),
        (approved, '"Menunggu verifikasi"'),
    )
    return "".join(f"IF({test},{verdict}," for test, verdict in tests) + '"Menunggu langkah berikut"' + ")" * len(tests)


def _columns_named(names: Sequence[str]) -> list[str]:
    """Headers of sheet Register that an SOP names; `sopkit sop check` tells of names that it does not have."""
    headers = {plain(column.header): column.header for column in REGISTER.columns}
    return [headers[plain(name)] for name in names if plain(name) in headers]


def _missing(sop: Sop) -> str:
    """The headers that should be filled by now, each followed by `; `."""
    conditions: dict[str, list[str]] = {}
    for column in REGISTER.columns:
        if column.required and column.field != "number":
            conditions.setdefault(column.header, []).append("TRUE")
    for place, step in enumerate(sop.steps, start=1):
        for header in _columns_named(step.needs):
            conditions.setdefault(header, []).append(f"{_executed('[@h.dimulai]', str(place))}=1")
        for header in _columns_named(step.records):
            conditions.setdefault(header, []).append(f"{_executed('[@h.rampung]', str(place))}=1")
    segregation = sop.duty("segregation")
    if segregation:
        place = sop.position(segregation.number) + 1
        conditions.setdefault("Perlu Dimusnahkan", []).append(f"{_executed('[@h.rampung]', str(place))}=1")
    for header in ("Tanggal PTPP", "Kepada", "Penanggung Jawab", "Target Selesai"):
        conditions.setdefault(header, []).append('[@No. PTPP]<>""')
    for header in ("Analisis Penyebab", "Tindakan Perbaikan", "Hasil Verifikasi"):
        conditions.setdefault(header, []).append('[@Status]="Selesai"')
    for header in ("Diverifikasi Oleh", "Tanggal Verifikasi"):
        conditions.setdefault(header, []).append('[@Hasil Verifikasi]<>""')
    conditions.setdefault("PTPP Lanjutan", []).append('[@Hasil Verifikasi]="Tidak Sesuai"')
    parts = [
        f'IF(AND([@{header}]="",{tests[0] if len(tests) == 1 else "OR(" + ",".join(tests) + ")"}),"{header}; ","")'
        for header, tests in conditions.items()
    ]
    return "&".join(parts)


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
