"""The live formulas of sheet Langkah: deadline, working time, and what each row's time and order come to.

A row asks only for the steps that its own follows, whose rows Register has found by their key (place of the case in
Register * 100 + step), so that thousands of rows stay quick. The order of a case with a rejection, a repetition or a
moment that cannot be read here is left to `sopkit run`, and the cell says so. Only Pantauan Waktu asks what time it is.
"""

from __future__ import annotations

from sopkit.newbook.formula import (
    EARLY,
    NBSP,
    RUN,
    Live,
    chain,
    clean,
    clock_of,
    code_of,
    day_of,
    due,
    due_day,
    moment,
    opening,
    rejecting_step,
    soon,
    worked,
)  # fmt: skip
from sopkit.sop.model import Sop

DATE_ONLY = 86399
"""Clock seconds that a Mulai without a time is given: the latest that its date allows."""
BLANK, UNREAD, NEITHER = -1, -2, -3
"""Of h.mulai and h.selesai: not filled in, not readable here, and (h.selesai) neither of the two filled in."""
REJECTED, APPROVED, UNREADABLE, STEP = 1, 100, 10**4, 10**6
"""What h.tanda adds up, each in digits of its own, so that one sum tells Register how many of them a case has."""
RUNNING, WRONG, LEFT_OPEN, RUNNING_EARLY = 1, 2, 4, 5
"""What h.nilai adds to ten times the case's place: a step that runs, a row out of order, one without Selesai although
the work has gone on, a step that may come early and runs."""
RUNS = f"{RUNNING}{RUNNING + WRONG}{RUNNING_EARLY}"
"""The digits of h.nilai of a row that runs: the odd ones."""
AFTER_GAP, CAME_EARLY, OVERTAKING, UNCERTAIN = 1, 2, 3, 4
"""What h.urut says of a row: odd ones are out of order, and the last is left to `sopkit run`."""
BACKWARD = -(10**9)
"""h.lebih of a row whose Selesai lies before its Mulai."""
SOON = "Hampir lewat batas"
NO_STEP = 99
"""The code of a row in L_Kunci whose step is not in the SOP."""
LEFT_TO_RUN = ("Ada penolakan", "Ada pengulangan", "Tidak terbaca")
"""Why the order of a case is left to `sopkit run`, by its h.rumit from 1 on."""
USED = "COUNTA([@No. Catatan]:[@Mulai])>0"
"""Whether somebody has begun to fill in a row."""
OUTSIDE = {
    "Mulai": (
        "IF([@h.mulai]<0,FALSE,IF({1}={2},INDEX(H_Tutup,{0})=0,AND([@h.awal]<>[@h.mulai],INDEX(H_Tutup,{0})>=0)))"
    ).format(day_of("[@h.mulai]"), clock_of("[@h.mulai]"), DATE_ONLY),
    "Selesai": (
        "IF([@h.selesai]<0,FALSE,IF(OR(INDEX(H_Tutup,{0})<0,AND({1}=0,INDEX(H_Tutup,{0})>0)),FALSE,"
        "OR({1}<INDEX(H_Buka,{0}),{1}>INDEX(H_Tutup,{0}),INDEX(H_Tutup,{0})=0,"
        "AND({1}>INDEX(H_Jeda,{0}),{1}<INDEX(H_Lanjut,{0})))))"
    ).format(day_of("[@h.selesai]"), clock_of("[@h.selesai]")),
}
"""Conditions of the cells whose moment lies outside working hours; a date alone is held to its day."""
CASE, SAME_CASE = "INT([@h.kunci]/100)", "INT([@h.kunci]/100)*100"


def events(sop: Sop) -> tuple[Live, ...]:
    """The live columns of sheet Langkah."""
    lasted = f"({worked('[@h.selesai]')}-[@h.kum])/86400"
    return (
        Live(
            "Batas Waktu", 'IF([@h.batas]<0,"",H_Awal+[@h.batas]/86400)',
            "Saat baku mutu langkah ini habis.", width=17, format="live_datetime",
        ),
        Live(
            "Lama Kerja", f'IF(OR([@h.selesai]<{_start()},[@h.kum]<0),"",IFERROR({lasted},""))',
            "Waktu kerja dari Mulai sampai Selesai.", width=9, format="live_span",
        ),
        Live(
            "Pantauan Waktu", _time_verdict(),
            "Waktu langkah ini terhadap baku mutunya.", width=26, name="L_Pantau",
        ),
        Live(
            "Pantauan Urutan", f'IF({USED},{_order_verdict(sop)},"")',
            "Urutan langkah ini dalam kasusnya.", width=40,
        ),
        *_facts(sop),
        *_clock(),
        *_order(sop),
    )  # fmt: skip


def _start() -> str:
    """Mulai as typed: a date without a time is its midnight."""
    return f"([@h.mulai]-IF({clock_of('[@h.mulai]')}={DATE_ONLY},{DATE_ONLY},0))"


def _facts(sop: Sop) -> tuple[Live, ...]:
    """Which step of which case a row is about, and its moments."""
    text = clean("[@Langkah]")
    label = f'LEFT({text},FIND(".",{text}&".")-1)*1'
    case = f'IF({clean("[@No. Catatan]")}="",0,MATCH({clean("[@No. Catatan]")},R_Nomor,0))'
    return (
        Live(
            "h.pos", f"IFERROR(MATCH(IF(ISNUMBER([@Langkah]),[@Langkah],{label}),S_Nomor,0),0)",
            "Tempat langkah itu dalam SOP; 0: tidak ada.", 0,
        ),
        Live(
            "h.kunci", f"IFERROR({case},0)*100+IF([@h.pos]=0,{NO_STEP},INDEX(S_Kode,[@h.pos]))",
            "Tempat kasusnya di Register dikali 100, ditambah kode langkah.", NO_STEP, name="L_Kunci",
        ),
        Live(
            "h.mulai", _seconds("[@Mulai]", f"{DATE_ONLY}/86400", str(BLANK)),
            "Mulai dalam detik sejak hari pertama sheet Hitungan; -1 kosong, -2 tidak terbaca.", BLANK, name="L_Mulai",
        ),
        Live(
            "h.selesai", _seconds("[@Selesai]", "0", f"IF([@h.mulai]={BLANK},{NEITHER},{BLANK})"),
            "Selesai dengan cara yang sama; -3 bila Mulai pun tidak ada.", NEITHER, name="L_Usai",
        ),
    )  # fmt: skip


def _seconds(cell: str, bare_date: str, blank: str) -> str:
    since = f"ROUND(({moment(cell, bare_date)}-H_Awal)*86400,0)"
    return f'IF(TRIM(SUBSTITUTE({cell},"{NBSP}"," "))="",{blank},IFERROR(MAX({UNREAD},{since}),{UNREAD}))'


def _clock() -> tuple[Live, ...]:
    """The deadline as WorkCalendar reckons it, in seconds since the first day of the day table."""
    seconds, days = "INDEX(S_Detik,[@h.pos])", "INDEX(S_Hari,[@h.pos])"
    day = due_day("[@h.awal]", "[@h.kum]", seconds, days)
    deadline = due("[@h.hari]", "[@h.awal]", "[@h.kum]", seconds)
    own = "IF([@h.selesai]<0,0,[@h.kum]+IF(ISNUMBER([@Lama Kerja]),ROUND([@Lama Kerja]*86400,0),0))"
    sign = "IF([@h.selesai]<0,1,-1)"
    backward = f"[@h.selesai]+IF({clock_of('[@h.selesai]')}=0,{DATE_ONLY},0)<{_start()}"
    return (
        Live(
            "h.awal", f"IF([@h.mulai]<0,-1,IFERROR({opening('[@h.mulai]')},-1))",
            "Saat Mulai dihitung: dalam jam kerja, atau jam buka berikutnya.", -1,
        ),
        Live(
            "h.kum", f"IF([@h.awal]<0,-1,{worked('[@h.awal]')})",
            "Detik kerja sebelum saat itu.", -1,
        ),
        Live(
            "h.hari", f"IF(OR([@h.pos]=0,[@h.kum]<0),0,IFERROR({day},0))",
            "Tempat hari batas waktu di sheet Hitungan.", 0,
        ),
        Live(
            "h.batas", f"IF([@h.hari]=0,-1,IFERROR({deadline},-1))",
            "Batas waktu dalam detik.", -1, name="L_Batas",
        ),
        Live(
            "h.lebih",
            f"IF(AND([@h.selesai]>=0,{backward}),{BACKWARD},"
            f"IF([@h.batas]<0,0,{own}+{sign}*({worked('[@h.batas]', '[@h.hari]')})))",
            "Yang selesai: detik kerja di atas baku mutu. Yang berjalan: detik kerja sampai batas waktunya.", 0,
            name="L_Lebih",
        ),
    )  # fmt: skip


def _order(sop: Sop) -> tuple[Live, ...]:
    """What a row adds to its case (h.tanda), how it stands to those before it (h.urut), and both for Register."""
    running = f'AND([@h.mulai]>=0,[@h.selesai]={BLANK},LEFT(INDEX(R_Status,{CASE}),5)<>"Batal")'
    wrong = f"IF(MOD([@h.urut],2)=0,FALSE,AND([@h.mulai]>=0,INDEX(R_Rumit,{CASE})=0,NOT({_maybe_done()})))"
    judged = chain(
        (("[@h.pos]=0", str(WRONG)), (f"IF([@h.selesai]={BLANK},{_gone_on(sop)},FALSE)", str(LEFT_OPEN))),
        f"IF({running},INDEX(S_Jalan,[@h.pos]),0)+IF({wrong},{WRONG},0)",
    )
    return (
        Live(
            "h.tanda", _mark(sop),
            "Satuan: ditolak; ratusan: disetujui; puluh ribuan: tidak terbaca; jutaan: langkah yang ada dalam SOP.",
            0, name="L_Tanda",
        ),
        Live(
            "h.urut", f"IF([@h.pos]<2,0,{_before()})",
            "1 sesudah langkah yang dilewati, 2 lebih awal, 3 sebelum langkah sebelumnya selesai, 4 belum pasti.", 0,
        ),
        Live(
            "h.nilai", f"IF([@h.kunci]<100,0,{CASE}*10+{judged})",
            "Tempat kasus dikali 10, ditambah 1 berjalan, 2 urutan keliru, 4 belum ditutup, 5 berjalan lebih awal.", 0,
            name="L_Nilai",
        ),
    )  # fmt: skip


def _mark(sop: Sop) -> str:
    rejecting, approval, outcome = rejecting_step(sop), sop.duty("approval"), clean("[@Hasil]")
    unread = f"IF(OR([@h.pos]=0,[@h.mulai]={UNREAD},[@h.selesai]={UNREAD}),{UNREADABLE},0)"
    marks = [f"IF([@h.pos]=0,0,{STEP})", unread]
    for step, word, mark in ((rejecting, "Ditolak", REJECTED), (approval, "Disetujui", APPROVED)):
        if step:
            marks.append(f'IF([@h.pos]={sop.position(step.number) + 1},IF({outcome}="{word}",{mark},0),0)')
    return f"IF([@h.kunci]<100,0,{'+'.join(marks)})"


def _maybe_done() -> str:
    """Whether what the row's case lacks may stand in a row that names no case of Register."""
    gap = f"MOD([@h.urut],{OVERTAKING})>0"
    return f'IF({gap},COUNTIF(L_Kunci,"<{NO_STEP}")>0,FALSE)'


def _gone_on(sop: Sop) -> str:
    """Whether a later step of the case began since; after a rejection, from the step on that it returns to."""
    own = "[@h.kunci]+INDEX(S_Giliran,[@h.pos])"
    rejecting, itself = rejecting_step(sop), "0"
    if rejecting and rejecting.on_rejection is not None:
        rejected, back = f"MOD([@h.tanda],{APPROVED})={REJECTED}", sop.turn(sop.position(rejecting.on_rejection)).start
        own, itself = f"IF({rejected},{SAME_CASE}+{back},{own})", f"IF({rejected},1,0)"
    return f'COUNTIFS(L_Kunci,">"&{own},L_Kunci,"<"&{SAME_CASE}+{EARLY},L_Mulai,">="&[@h.mulai])>{itself}'


def _before() -> str:
    """How a step stands to the ordinary one before it, and to one between them that may come early.

    S_Dulu and S_Lain say where R_Baris has their rows (it begins with its header), S_Kunci how far below its own the
    key of the first lies. If one of them is missing, the first step that began after the gap is marked, and one that
    may come early if no later one has begun. While the one before it has no end, it depends on what came after.
    """
    rows = [f"MID(INDEX(R_Baris,{CASE}+1),INDEX({name},[@h.pos]),5)*1" for name in ("S_Dulu", "S_Lain")]
    ended = f"MAX({','.join(f'INDEX(L_Usai,{row})' for row in rows)})"
    until = "[@h.mulai]+INDEX(S_Saat,[@h.pos])"
    later = f'L_Kunci,">"&[@h.kunci]-INDEX(S_Kunci,[@h.pos]),L_Kunci,"<"&{SAME_CASE}+{EARLY}'
    sooner = f'COUNTIFS({later},L_Mulai,">=0",L_Mulai,"<"&{until})'
    overtaking = f"IF({ended}>[@h.mulai],INDEX(S_Susul,[@h.pos]),IF({ended}<0,INDEX(S_Tunda,[@h.pos]),0))"
    return f"IFERROR({overtaking},({sooner}=0)*INDEX(S_Celah,[@h.pos]))"


def step_codes(sop: Sop, number: int) -> tuple[int, ...]:
    """What sheet Hitungan says of a step beside its key, time standard and label, in the order of `STEP_CODES`."""
    step, place = sop.step(number), sop.position(number)
    before = sop.predecessors(number) or (number,)
    places = [sop.position(other) * 5 + 1 for other in (before[0], before[-1])]
    early = step.may_come_early
    marks = (CAME_EARLY, CAME_EARLY, UNCERTAIN) if early else (AFTER_GAP, OVERTAKING, UNCERTAIN)
    soonest = 10**9 if early else 0
    if _is_uncertain(sop, place):  # no row of R_Baris begins at 0, and nothing begins so soon: a gap for certain
        places, soonest, marks = [0, 0], -(10**9), (UNCERTAIN, 0, 0)
    return (
        *places,
        code_of(sop, number) - code_of(sop, before[0]),
        soonest,
        *marks,
        RUNNING_EARLY if early else RUNNING,
        -EARLY if early else sop.turn(place).stop - 1 - place,
    )


def _is_uncertain(sop: Sop, place: int) -> bool:
    """Whether the order of a step is left to `sopkit run`: it, or what it waits for, may come in any order, instead of
    another, or not at all.
    """
    return len(sop.turn(place)) > 1 or any(
        sop.steps[other].optional or len(sop.turn(other)) > 1 for other in sop.awaited(place)
    )


STEP_CODES = ("Dulu", "Lain", "Kunci", "Saat", "Celah", "Susul", "Tunda", "Jalan", "Giliran")
"""Where R_Baris has the rows of the two steps before it; how far below its own the key of the first lies; seconds after
its start that another may begin and count as sooner; its h.urut after a gap, before the end of those before it, and
while they run; its h.nilai when it runs; and how far from its own key the last key lies that is no later step's."""


def _duration(seconds: str) -> str:
    return f'IF({seconds}<3600,"",INT({seconds}/3600)&" jam ")&INT(MOD({seconds},3600)/60)&" menit"'


def _time_verdict() -> str:
    return chain(
        (
            ("[@h.kunci]<100", '""'),
            (f"[@h.mulai]={BLANK}", '"Mulai belum diisi"'),
            (f"[@h.mulai]={UNREAD}", f'"Mulai tidak terbaca: {RUN}"'),
            (f"[@h.selesai]={UNREAD}", f'"Selesai tidak terbaca: {RUN}"'),
            (f"[@h.lebih]={BACKWARD}", '"Selesai mendahului Mulai"'),
            ("[@h.batas]<0", '""'),
            ("[@h.selesai]>=0", f'IF([@h.lebih]>0,"Terlambat "&{_duration("[@h.lebih]")},"Tepat waktu")'),
            ("MOD([@h.nilai],2)=0", '""'),
            ("[@h.mulai]>H_Kini", '"Mulai di masa depan"'),
            ("H_KumKini>[@h.lebih]", '"Lewat batas"'),
            (soon("[@h.kum]", "[@h.lebih]"), f'"{SOON}"'),
        ),
        '"Berjalan"',
    )


def _order_verdict(sop: Sop) -> str:
    words = ('"Sesuai"', '"Ada langkah yang dilewati"', '"Dipisahkan lebih awal"',
             '"Mulai sebelum langkah sebelumnya selesai"', f'"Belum pasti: {RUN}"')  # fmt: skip
    left = f"CHOOSE(INDEX(R_Rumit,{CASE}),{','.join(f'{chr(34)}{reason}{chr(34)}' for reason in LEFT_TO_RUN)})"
    return chain(
        (
            ('TRIM([@No. Catatan])=""', '"No. Catatan belum diisi"'),
            ("[@h.kunci]<100", '"Belum ada di Register"'),
            ('TRIM([@Langkah])=""', '"Langkah belum diisi"'),
            ("[@h.pos]=0", '"Tidak ada dalam SOP"'),
            ("[@h.mulai]<0", '""'),
            (f"MOD([@h.nilai],10)={LEFT_OPEN}", '"Selesai belum diisi"'),
            (f"INDEX(R_Rumit,{CASE})>0", f'{left}&": {RUN}"'),
            (_maybe_done(), f'"Baris tanpa kasus: {RUN}"'),
        ),
        f"CHOOSE([@h.urut]+1,{','.join(words)})",
    )
