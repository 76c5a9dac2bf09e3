"""The live formulas of sheet Langkah: deadline, working time, and what each row's time and order come to.

Of other rows a row knows only what Register says about its case in one text (h.kode): nothing for a plain case, a
digit per step where each step stands once, and the whereabouts of its rows where they must be counted. So an edit of
one row makes no row of Langkah ask another, and thousands of rows stay quick.
"""

from __future__ import annotations

from collections.abc import Sequence

from sopkit.register.live_terms import (
    CASE_ROW,
    EMPTY_CASE,
    Q_REJECTED,
    Live,
    above,
    at_least,
    at_most,
    below,
    chain,
    code_part,
    count,
    has_step,
    periodic_step,
    rejecting_step,
    window,
)  # fmt: skip
from sopkit.sop.model import Sop

WRONG_ORDER = ("Mulai sebelum", "Ada langkah", "Selesai belum", "Diulang", "Belum kembali", "Tidak ada")
"""How the verdicts begin that speak of steps out of order."""
OPEN_STATES = ("Berjalan", "Hampir lewat batas", "Lewat batas ")
"""What a step that runs can be, the more urgent the later; h.nilai holds its place here, and 10 for a wrong order."""
NEVER = 10**9  # seconds, after every moment
COUNTED = "[@h.awal]>0"
"""The case's rows must be counted: some step was rejected or repeated."""
SILENT = f"OR({COUNTED}=FALSE,[@h.posisi]=0,[@h.mulai]<0)"
"""Nothing is to be counted for this row."""


def events(sop: Sop) -> tuple[Live, ...]:
    """The live columns of sheet Langkah."""
    blank = '[@No. Catatan]&[@Langkah]=""'
    return (
        Live("Batas Waktu", 'IF([@h.t3]<0,"",H_Awal+([@h.d3]-1)+[@h.t3]/86400)', 17, "live_datetime"),
        Live("Lama Kerja", 'IF(OR([@h.kum1]<0,[@h.kum2]<[@h.kum1]),"",([@h.kum2]-[@h.kum1])/86400)', 9, "live_span"),
        Live("Pantauan Waktu", f'IF({blank},"",{_time_verdict()})', 26, "live"),
        Live("Pantauan Urutan", f'IF({blank},"",{_order_verdict(sop)})', 32, "live"),
        *_facts(),
        *_clock(),
        *_order(sop),
    )


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


def _facts() -> tuple[Live, ...]:
    """Which step and which case a row is about, its moments as whole seconds, and whether it lacks one (h.buka)."""
    label = 'VALUE(LEFT([@Langkah],FIND(".",[@Langkah]&".")-1))'
    strange = "[@h.kasus]*[@h.posisi]=0"
    return (
        Live("h.posisi", f'IF([@Langkah]="",0,IFERROR(MATCH({label},S_Nomor,0),0))', name="L_Posisi"),
        Live("h.utama", "IF([@h.posisi]=0,0,INDEX(S_Utama,[@h.posisi]))", name="L_Utama"),
        Live("h.kasus", CASE_ROW, name="L_Kasus"),
        Live("h.kunci", "[@h.kasus]*100+[@h.posisi]", name="L_Kunci"),
        Live("h.mulai", _wall("[@Mulai]"), name="L_Mulai"),
        Live("h.selesai", _wall("[@Selesai]"), name="L_Selesai"),
        Live("h.buka", f"IF({strange},0,IF(OR([@h.mulai]<0,[@h.selesai]<0),1,0))", name="L_Buka"),
    )


def _clock() -> tuple[Live, ...]:
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


def _order(sop: Sop) -> tuple[Live, ...]:
    """What Register says about the row's case, and what its other rows say where they must be counted.

    h.dari and h.sampai bound the row's round: when the last rejection before its start ended, and the first after it.
    """
    code = 'IF([@h.kasus]=0,"",INDEX(R_Kode,[@h.kasus]))'
    later = count("L_Utama", above("[@h.posisi]"), "L_Mulai", at_least("[@h.mulai]"))
    later += _far_below(sop, "[@h.jauh]>=[@h.mulai]", "[@h.posisi]")
    since, until = _round(sop)
    overtaken = f"{_overtaken('S_Sebelum1')}+2*{_overtaken('S_Sebelum2')}"
    wrong = ",".join(f'LEFT([@Pantauan Urutan],{len(text)})="{text}"' for text in WRONG_ORDER)
    states = [(f'LEFT([@Pantauan Waktu],{len(text)})="{text}"', str(n)) for n, text in enumerate(OPEN_STATES, start=1)]
    running = f"IF([@h.selesai]>=0,0,{chain(states, '0')})"
    return (
        Live("h.kode", code),
        Live("h.awal", 'IF(LEFT([@h.kode])="*",' + code_part("awal") + ",0)"),
        Live("h.akhir", f"IF({COUNTED},{code_part('ujung')},0)"),
        Live("h.jauh", f"IF({COUNTED},{code_part('jauh')},0)"),
        Live("h.sela", f"IF([@h.selesai]>=0,0,IF({SILENT},IF({_own_digit()}=1,1,0),{later}))"),
        Live("h.dari", since),
        Live("h.sampai", until),
        Live("h.dulu", f"IF({SILENT},0,{overtaken})"),
        Live("h.nilai", f'IF([@Pantauan Urutan]="Sesuai",0,IF(OR({wrong}),10,0))+{running}', name="L_Nilai"),
    )


def _round(sop: Sop) -> tuple[str, str]:
    step = rejecting_step(sop)
    if step is None:
        return "-1", str(NEVER)
    unrejected = f"IF({SILENT},TRUE,{code_part('tolak')}=0)"
    ends, key = window("L_Selesai"), f"[@h.kasus]*100+{sop.position(step.number) + 1}"
    rejections = f"({window('L_Kunci')}={key})*({window('L_Hasil')}={Q_REJECTED})*({ends}>=0)"
    since = f"SUMPRODUCT(MAX({rejections}*({ends}<=[@h.mulai])*({ends}+1)))-1"
    until = f"{NEVER}-SUMPRODUCT(MAX({rejections}*({ends}>[@h.mulai])*({NEVER}-{ends})))"
    return f"IF({unrejected},-1,{since})", f"IF({unrejected},{NEVER},{until})"


def _far_below(sop: Sop, test: str, place: str) -> str:
    """One more for the periodic step far below, if it stands after this place of the SOP and its start passes."""
    periodic = periodic_step(sop)
    return f"+IF([@h.jauh]=0,0,IF(AND({periodic}>{place},{test}),1,0))" if periodic else ""


def _own_digit() -> str:
    """How this row's step stands in a case whose steps stand once: as `live_cases` says."""
    return 'IF(OR([@h.kode]="",[@h.awal]>0,[@h.posisi]=0),0,VALUE(MID([@h.kode],[@h.posisi],1)))'


def _overtaken(column: str) -> str:
    """1 where this execution began before its predecessor of the same round had ended.

    A predecessor without Selesai is unknown (its own cell says so), but a step that may come early did come early.
    """
    before = f"INDEX({column},[@h.posisi])"
    this_round = ("L_Mulai", at_least("[@h.dari]"), "L_Mulai", below("[@h.sampai]"))
    there = count(*this_round, step=before)
    ended = count(*this_round, "L_Selesai", at_least("0"), "L_Selesai", at_most("[@h.mulai]"), step=before)
    unknown = f"IF([@h.utama]=0,0,{count(*this_round, 'L_Selesai', below('0'), step=before)})"
    return f"IF({before}=0,0,IF({ended}>0,0,IF({unknown}>0,0,IF({there}>0,1,0))))"


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
    overtaking = '"Mulai sebelum langkah "&INDEX(S_Nomor,INDEX({},[@h.posisi]))&" selesai"'
    left_open = 'IF([@Selesai]="","Selesai belum diisi","Sesuai")'
    words = ('"Sesuai"', left_open, '"Ada langkah yang dilewati"', '"Dipisahkan lebih awal"')
    once = (*words, overtaking.format("S_Sebelum1"), overtaking.format("S_Sebelum2"))
    tests = (
        (EMPTY_CASE, '"No. Catatan belum diisi"'),
        ("[@h.kasus]=0", '"Belum ada di Register"'),
        ('[@Langkah]=""', '"Langkah belum diisi"'),
        ("[@h.posisi]=0", '"Tidak ada dalam SOP"'),
        ("[@h.mulai]<0", '""'),
        ('[@h.kode]=""', words[0]),
        ("[@h.awal]=0", f"CHOOSE(1+{_own_digit()},{','.join(once)})"),
        *_counted_verdict(sop, once),
    )
    return chain(tests, words[0])


def _counted_verdict(sop: Sop, words: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The tests of a case with a rejection or a repetition."""
    step, unreturned = rejecting_step(sop), "FALSE"
    earlier, this_round = ("L_Mulai", below("[@h.mulai]")), ("L_Mulai", at_least("[@h.dari]"))
    own = "ROW()-ROW(INDEX(L_Kunci,1))+1"
    so_far = (f"INDEX({name},[@h.awal]):INDEX({name},{own})" for name in ("L_Kunci", "L_Mulai"))
    twin = "COUNTIFS({},[@h.kunci],{},[@h.mulai])>1".format(*so_far)
    repeated = f"{count(*earlier, *this_round, step='[@h.posisi]')}>0"
    if step is not None and step.on_rejection is not None:
        back = sop.position(step.on_rejection) + 1
        sent_back = f"AND([@h.dari]>=0,[@h.posisi]<{back})"
        repeated = f"IF({sent_back},{count(*earlier, step='[@h.posisi]')}>0,{repeated})"
        returned = count("L_Mulai", at_most("[@h.mulai]"), *this_round, step=str(back))
        onward = count("L_Utama", above(str(back)), *earlier, *this_round)
        onward += _far_below(sop, "AND([@h.jauh]>=[@h.dari],[@h.jauh]<[@h.mulai])", str(back))
        unreturned = f"IF(AND([@h.dari]>=0,[@h.utama]>{back}),IF({returned}=0,({onward})=0,FALSE),FALSE)"
    gap, pola = code_part("luang"), code_part("pola")
    others = count("L_Utama", above(gap), "L_Mulai", at_least("0"), "L_Mulai", below("[@h.mulai]"))
    first = f"({others}{_far_below(sop, '[@h.jauh]<[@h.mulai]', gap)})=0"
    alone = f"AND({has_step(pola, 'INDEX(S_Sebelum1,[@h.posisi])')}=0,INT({pola}/2^[@h.posisi])=0)"
    return (
        ("[@h.sela]>0", words[1]),
        (f"IF({twin},TRUE,{repeated})", '"Diulang tanpa penolakan"'),
        (unreturned, f'"Belum kembali ke langkah {step.on_rejection if step else ""}"'),
        (f"IF([@h.utama]>{gap},{first},FALSE)", words[2]),
        (f"IF([@h.utama]=0,IF(MOD([@h.dulu],2)=1,TRUE,{alone}),FALSE)", words[3]),
        ("MOD([@h.dulu],2)=1", words[4]),
        ("[@h.dulu]>=2", words[5]),
    )
