"""The formulas that show staff, while they type, what is late, out of order, running or missing.

The workbook reckons working time as Python does: sheet Hitungan holds one row per day (opening, break, closing,
working seconds before that day), made from the workbook's own Kalender and Jam Kerja, so that a deadline is two
look-ups and thousands of rows stay quick. A formula names a column of its row as `[@Header]`; in a cell that
becomes an A1 reference (short), in the table's definition a structured one (so that Excel fills new rows).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sopkit.register.columns import DISPOSALS, EVENTS, PEOPLE, REGISTER, SheetPlan
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
WRONG_ORDER = ("Mulai sebelum", "Ada langkah", "Selesai belum", "Diulang", "Belum kembali", "Tidak ada")
"""How the verdicts begin that speak of steps out of order."""
CALENDAR_ROWS = 400


@dataclass(frozen=True)
class Live:
    """A live column: `formula` in the `[@Header]` notation; `width` in characters, 0 for a hidden auxiliary one."""

    header: str
    formula: str
    width: float = 0
    format: str = "live"
    name: str = ""  # defined name of the whole column
    value: object = ""  # what a blank row shows


LIVE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "Register": (
        "Langkah Berikutnya", "Batas Langkah", "Pantauan", "Belum Lengkap",
        "h.ada", "h.awal", "h.kasus", "h.baris", "h.dimulai", "h.rampung", "h.pola", "h.rumit", "h.akhir", "h.lambat",
        "h.urut", "h.tingkat",
    ),
    "Langkah": (
        "Batas Waktu", "Lama Kerja", "Pantauan Waktu", "Pantauan Urutan",
        "h.posisi", "h.utama", "h.kasus", "h.kunci", "h.mulai", "h.selesai", "h.bobot", "h.bobot1", "h.bobot2",
        "h.awal", "h.akhir", "h.pola", "h.rumit",
        "h.d1", "h.t1", "h.d2", "h.t2", "h.kum1", "h.kum2", "h.hari", "h.jam", "h.d3", "h.t3", "h.batas", "h.kum3",
        "h.luar",
        "h.sela", "h.ulang", "h.lewat", "h.tolak", "h.balik", "h.dulu1", "h.dulu2", "h.dini", "h.salah",
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


def _base(sop: Sop) -> int:
    """What a case's rows are counted in: a digit per step, then rejections, approvals, rows without a time; 52 bits."""
    return int(2 ** (52 // (len(sop.steps) + 3)))


def _digit(packed: str, place: int | str, base: int) -> str:
    """The digit of the step at this place (from 1), which may be an array; Excel's MOD refuses quotients over 2^40."""
    if isinstance(place, int):
        return f"(INT({packed}/{base ** (place - 1)})-{base}*INT({packed}/{base**place}))"
    return f"(INT({packed}/{base}^({place}-1))-{base}*INT({packed}/{base}^{place}))"


def _executed(place: str) -> str:
    """1 where the case has a row for the step at this place."""
    return f"MOD(INT([@h.pola]/2^({place}-1)),2)"


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
    """Which step and which case a row is about, its moments as whole seconds, and how its case looks as a whole."""
    label = 'VALUE(LEFT([@Langkah],FIND(".",[@Langkah]&".")-1))'
    registered = "IFERROR(MATCH([@No. Catatan],R_Catatan,0),0)"
    base, approval = _base(sop), sop.duty("approval")
    weight = f"{base}^([@h.posisi]-1)"
    decided, timeless = "0", f"IF(OR([@h.mulai]<0,[@h.selesai]<0),{base ** (len(sop.steps) + 2)},0)"
    if approval:
        rejected, approved = base ** len(sop.steps), base ** (len(sop.steps) + 1)
        decision = f"IF([@Hasil]={Q_REJECTED},{rejected},IF([@Hasil]={Q_APPROVED},{approved},0))"
        decided = f"IF([@h.posisi]={sop.position(approval.number) + 1},{decision},0)"
    return (
        Live("h.posisi", f'IF([@Langkah]="",0,IFERROR(MATCH({label},S_Nomor,0),0))', name="L_Posisi", value=0),
        Live("h.utama", "IF([@h.posisi]=0,0,INDEX(S_Utama,[@h.posisi]))", name="L_Utama", value=0),
        Live("h.kasus", f'IF([@No. Catatan]="",0,{registered})', name="L_Kasus", value=0),
        Live("h.kunci", "[@h.kasus]*100+[@h.posisi]", name="L_Kunci", value=0),
        Live("h.mulai", _wall("[@Mulai]"), name="L_Mulai", value=-1),
        Live("h.selesai", _wall("[@Selesai]"), name="L_Selesai", value=-1),
        Live("h.bobot", f"IF([@h.posisi]=0,0,{weight}+{decided}+{timeless})", name="L_Bobot", value=0),
        Live("h.bobot1", f"IF(OR([@h.posisi]=0,[@h.mulai]<0),0,{weight})", name="L_Bobot1", value=0),
        Live("h.bobot2", f"IF(OR([@h.posisi]=0,[@h.selesai]<0),0,{weight})", name="L_Bobot2", value=0),
        *(
            Live(f"h.{name.lower()}", f"IF([@h.kasus]=0,{none},INDEX(R_{name},[@h.kasus]))", value=none)
            for name, none in (("Awal", 1), ("Akhir", 1), ("Pola", 0), ("Rumit", 0))
        ),
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
        Live("h.d1", "INT([@h.mulai]/86400)+1", value=0),
        Live("h.t1", "MOD([@h.mulai],86400)", value=0),
        Live("h.d2", "INT(IF([@h.selesai]<0,H_Kini,[@h.selesai])/86400)+1", value=0),
        Live("h.t2", "MOD(IF([@h.selesai]<0,H_Kini,[@h.selesai]),86400)", value=0),
        Live("h.kum1", f"IF([@h.mulai]<0,-1,IFERROR({_worked(*start)},-1))", value=-1),
        Live("h.kum2", f"IF([@h.mulai]<0,-1,IFERROR({_worked(*end)},-1))", value=-1),
        Live("h.hari", f"IF([@h.kum1]<0,0,INDEX(H_Hari,{start[0]})+IF({opened},0,1))", value=0),
        Live("h.jam", f"IF([@h.kum1]<0,0,IF({opened},{resumed},INDEX(H_Buka,MATCH([@h.hari],H_Hari,0))))", value=0),
        Live("h.d3", f"IF(OR([@h.posisi]=0,[@h.kum1]<0),0,IFERROR({day},0))", value=0),
        Live("h.t3", f"IF([@h.d3]=0,-1,{clock})", value=-1),
        Live("h.batas", "IF([@h.d3]=0,-1,([@h.d3]-1)*86400+[@h.t3])", name="L_Batas", value=-1),
        Live("h.kum3", f"IF([@h.d3]=0,-1,{_worked(*due)})", value=-1),
        Live("h.luar", f"{_outside('[@h.mulai]', *start)}+2*{_outside('[@h.selesai]', *end)}", value=0),
    )


def _event_order(sop: Sop) -> tuple[Live, ...]:
    """What the other rows of the case say about this one.

    Most cases are plain: each step once, in order without a gap, begun and ended, nothing rejected. There only the end
    of the predecessor matters, and one look-up finds it. The others (h.rumit) are counted out row by row.
    """
    silent = "OR([@h.kasus]=0,[@h.posisi]=0,[@h.mulai]<0)"
    plain = f"OR([@h.rumit]=0,{silent})"
    later = _count("L_Utama", _above("[@h.posisi]"), "L_Mulai", _at_least("[@h.mulai]"))
    same = ("L_Posisi", "[@h.posisi]", "L_Mulai", _below("[@h.mulai]"))
    occurrence = _count(*same, "L_Tolak", "[@h.tolak]")
    skipped = "IF(MOD([@h.pola],2^([@h.posisi]-1))<2^([@h.posisi]-1)-1,1,0)"
    alone = f"AND({_executed('INDEX(S_Sebelum1,[@h.posisi])')}=0,INT([@h.pola]/2^[@h.posisi])=0)"
    rejected, returned, again = "0", "1", "0"
    step = _rejecting(sop)
    if step is not None and step.on_rejection is not None:
        ended = ("L_Selesai", _at_least("0"), "L_Selesai", _at_most("[@h.mulai]"))
        rejected = _count("L_Posisi", str(sop.position(step.number) + 1), "L_Hasil", Q_REJECTED, *ended)
        back = sop.position(step.on_rejection) + 1
        returned = _count("L_Posisi", str(back), "L_Mulai", _at_most("[@h.mulai]"))
        again = f"IF(AND([@h.tolak]>0,[@h.posisi]<{back}),{_count(*same)},0)"
    wrong = ",".join(f'LEFT([@Pantauan Urutan],{len(text)})="{text}"' for text in WRONG_ORDER)
    return (
        Live("h.sela", f"IF([@h.selesai]>=0,0,IF({plain},0,{later}))", value=0),
        Live("h.ulang", f"IF({plain},0,{occurrence}+{again})", value=0),
        Live("h.lewat", f"IF(OR({silent},[@h.utama]<2),0,{skipped})", name="L_Lewat", value=0),
        Live("h.tolak", f"IF({plain},0,{rejected})", name="L_Tolak", value=0),
        Live("h.balik", f"IF([@h.tolak]=0,0,{returned})", value=0),
        Live("h.dulu1", f"IF({silent},0,{_overtaken('S_Sebelum1')})", value=0),
        Live("h.dulu2", f"IF({silent},0,{_overtaken('S_Sebelum2')})", value=0),
        Live("h.dini", f"IF(OR({silent},[@h.utama]>0),0,IF({alone},1,0))", value=0),
        Live("h.salah", f"IF(OR({wrong}),[@h.kasus],0)", name="L_Salah", value=0),
    )


def _overtaken(column: str) -> str:
    """1 where this execution began before its predecessor of the same round had ended.

    A predecessor without Selesai is unknown (its own cell says so), but a step that may come early did come early.
    """
    before = f"INDEX({column},[@h.posisi])"
    keys = "INDEX(L_Kunci,[@h.awal]):INDEX(L_Kunci,L_Akhir)"
    end = f"INDEX(L_Selesai,[@h.awal]-1+MATCH([@h.kasus]*100+{before},{keys},0))"
    pred = ("L_Posisi", before, "L_Tolak", "[@h.tolak]")
    ended = _count(*pred, "L_Selesai", _at_least("0"), "L_Selesai", _at_most("[@h.mulai]"))
    unknown = f"IF([@h.utama]=0,0,{_count(*pred, 'L_Selesai', _below('0'))})"
    counted = f"IF(AND({_count(*pred)}>0,{ended}+{unknown}=0),1,0)"
    return f"IF({before}=0,0,IF({_executed(before)}=0,0,IF([@h.rumit]=0,IF({end}>[@h.mulai],1,0),{counted})))"


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
    back = sop.position(step.on_rejection) + 1 if step is not None and step.on_rejection is not None else 99
    earlier = ("L_Tolak", "[@h.tolak]", "L_Posisi", f'">{back}"', "L_Mulai", _below("[@h.mulai]"))
    first_after = f"{_count(*earlier)}=0"
    early = "IF([@h.utama]=0,OR([@h.dulu1]>0,[@h.dini]>0),FALSE)"
    first_skip = f"{_count('L_Lewat', _above('0'), 'L_Mulai', _below('[@h.mulai]'))}=0"
    tests = (
        ('[@No. Catatan]=""', '"No. Catatan belum diisi"'),
        ("[@h.kasus]=0", '"Belum ada di Register"'),
        ('[@Langkah]=""', '"Langkah belum diisi"'),
        ("[@h.posisi]=0", '"Tidak ada dalam SOP"'),
        ("[@h.mulai]<0", '""'),
        ("[@h.sela]>0", '"Selesai belum diisi"'),
        ("[@h.ulang]>0", '"Diulang tanpa penolakan"'),
        (
            f"IF(AND([@h.posisi]>{back},[@h.tolak]>0,[@h.balik]<=[@h.tolak]),{first_after},FALSE)",
            f'"Belum kembali ke langkah {step.on_rejection if step else ""}"',
        ),
        (f"IF([@h.lewat]>0,{first_skip},FALSE)", '"Ada langkah yang dilewati"'),
        (early, '"Dipisahkan lebih awal"'),
        ("[@h.dulu1]>0", number.format("S_Sebelum1")),
        ("[@h.dulu2]>0", number.format("S_Sebelum2")),
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
        Live("h.lambat", f"IF([@h.rumit]=0,0,{late_now})", value=0),
        Live("h.urut", "IF([@h.kasus]=0,0,COUNTIF(L_Salah,[@h.kasus]))", value=0),
        Live(
            "h.tingkat",
            f'IF({blank},0,IF(OR([@Status]="Selesai",[@Status]="Batal"),0,IF([@h.lambat]>0,3,IF(LEFT([@Pantauan],6)="Target",2,1))'
            "+(3000-ROW())/10000))",
            name="R_Tingkat",
            value=0,
        ),
    )  # fmt: skip


def _case_facts(sop: Sop) -> tuple[Live, ...]:
    """Where a case's rows stand in Langkah, how often each step has a row, was begun and was ended.

    h.pola holds a bit per step that has a row; h.rumit is 1 unless each of them stands once, begun and ended, without
    a gap before it and without a rejection.
    """
    base, steps = _base(sop), len(sop.steps)
    digits = _digit("[@h.baris]", "S_Posisi", base)
    timeless, rejected = (f"{_digit('[@h.baris]', place, base)}>0" for place in (steps + 3, steps + 1))
    gap, repeated = f"[@h.pola]<>2^SUMPRODUCT(--({digits}>0))-1", f"SUMPRODUCT(--({digits}>1))>0"
    unusual = f"OR({timeless},{rejected},{gap},{repeated})"
    total = "SUMIF(INDEX(L_Kasus,[@h.awal]):INDEX(L_Kasus,{0}),[@h.kasus],INDEX({1},[@h.awal]):INDEX({1},{0}))"
    counted = f"IF([@h.rumit]=0,MOD([@h.baris],{base**steps}),{total})"
    rows = "INDEX(L_Kasus,[@h.awal]):INDEX(L_Kasus,MAX([@h.awal],L_Akhir))"
    last = f"SUMPRODUCT(MAX(({rows}=[@h.kasus])*(ROW({rows})-{HEADER_ROW})))"
    return (
        Live("h.ada", 'IF([@No. Catatan]="",0,IFERROR(MATCH([@No. Catatan],L_Catatan,0),0))', value=0),
        Live("h.awal", "MAX(1,[@h.ada])", name="R_Awal", value=1),
        Live("h.kasus", "IF([@h.ada]=0,0,INDEX(L_Kasus,[@h.ada]))", value=0),
        Live("h.baris", f"IF([@h.kasus]=0,0,{total.format('L_Akhir', 'L_Bobot')})", value=0),
        Live("h.dimulai", counted.format("[@h.akhir]", "L_Bobot1"), value=0),
        Live("h.rampung", counted.format("[@h.akhir]", "L_Bobot2"), value=0),
        Live("h.pola", f"SUMPRODUCT(({digits}>0)*2^(S_Posisi-1))", name="R_Pola", value=0),
        Live("h.rumit", f"IF([@h.kasus]=0,0,IF({unusual},1,0))", name="R_Rumit", value=0),
        Live("h.akhir", f"IF([@h.rumit]=0,[@h.awal],{last})", name="R_Akhir", value=1),
    )


def _next_step(sop: Sop) -> str:
    """The running step, else the step that a rejection returns to, else the first that has no row."""
    base, label = _base(sop), "INDEX(S_Label,{place})"
    open_rows = f"({_window('L_Kasus')}=[@h.kasus])*({_window('L_Mulai')}>=0)*({_window('L_Selesai')}<0)"
    running = f"IF([@h.rumit]=0,0,SUMPRODUCT(MAX({open_rows}*{_window('L_Posisi')})))"
    missing = f"SUMPRODUCT(MAX((S_Berkala=0)*({_executed('S_Posisi')}=0)*(100-S_Posisi)))"
    rejecting = _rejecting(sop)
    again = "FALSE"
    if rejecting and rejecting.on_rejection is not None:
        back = sop.position(rejecting.on_rejection) + 1
        rejected = _digit("[@h.baris]", len(sop.steps) + 1, base)
        again = f"AND({rejected}>0,{rejected}>={_digit('[@h.baris]', back, base)})"
        repeat = label.format(place=back) + '&" (ulang)"'
    else:
        repeat = '""'
    periodic = next((i + 1 for i, step in enumerate(sop.steps) if step.periodic), 0)
    rest = '"–"'
    if periodic:
        pending = f'AND([@Perlu Dimusnahkan]="Ya",{_executed(str(periodic))}=0)'
        rest = f'IF({pending},{label.format(place=periodic)},"–")'
    return (
        f'IF([@Status]="Batal","–",IF([@h.ada]=0,{label.format(place=1)},'
        f'IF({running}>0,{label.format(place=f"MAX(1,{running})")}&" (berjalan)",'
        f"IF({again},{repeat},IF({missing}>0,{label.format(place=f'MIN({len(sop.steps)},100-{missing})')},{rest})))))"
    )


def _case_deadline() -> str:
    """The latest deadline of a step that runs."""
    due = f"SUMPRODUCT(MAX(({_window('L_Kasus')}=[@h.kasus])*({_window('L_Selesai')}<0)*{_window('L_Batas')}))"
    return f'IF(OR([@h.rumit]=0,[@Status]="Batal"),"",IF({due}>0,H_Awal+{due}/86400,""))'


def _case_verdict(sop: Sop) -> str:
    target = "IF(ISNUMBER([@Target Selesai]),INT([@Target Selesai])+1<=H_Awal+H_Kini/86400,FALSE)"
    near = f"IF([@h.rumit]=0,0,{_count('L_Waktu', Q_NEAR)})"
    running = f"IF([@h.rumit]=0,0,{_count('L_Waktu', Q_RUNNING)})"
    approval = sop.duty("approval")
    approved = "FALSE"
    if approval:
        approvals = _digit("[@h.baris]", len(sop.steps) + 2, _base(sop))
        approved = f'AND([@Hasil Verifikasi]="",{approvals}>0)'
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


def _missing(sop: Sop) -> str:
    """The headers that should be filled by now, each followed by `; `."""
    conditions: dict[str, list[str]] = {}
    base = _base(sop)
    for column in REGISTER.columns:
        if column.required and column.field != "number":
            conditions.setdefault(column.header, []).append("TRUE")
    for place, step in enumerate(sop.steps, start=1):
        for header in step.needs:
            conditions.setdefault(header, []).append(f"{_digit('[@h.dimulai]', place, base)}>0")
        for header in step.records:
            conditions.setdefault(header, []).append(f"{_digit('[@h.rampung]', place, base)}>0")
    segregation = sop.duty("segregation")
    if segregation:
        place = sop.position(segregation.number) + 1
        conditions.setdefault("Perlu Dimusnahkan", []).append(f"{_digit('[@h.rampung]', place, base)}>0")
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
