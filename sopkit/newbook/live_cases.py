"""The live formulas of sheet Register: next step, deadline, standing and gaps of each case, reckoned from Langkah.

A case finds its rows by their keys (see `live_events`); of a case with a rejection or a repetition the next step and
the order are left to `sopkit run`, and the cell says so. Only Pantauan and what ranks it ask what time it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from sopkit.language import list_text
from sopkit.newbook.formula import RUN, Live, chain, clean, code_of, empty, moment, row_of, structured
from sopkit.newbook.live_events import (
    APPROVED,
    LEFT_TO_RUN,
    NO_STEP,
    RUNNING,
    RUNNING_EARLY,
    RUNS,
    SOON,
    STEP,
    UNREADABLE,
    WRONG,
)  # fmt: skip
from sopkit.newbook.next_number import hint
from sopkit.register.layout import plain
from sopkit.register.schema import CHOICES, PTPP_NEEDS, REGISTER
from sopkit.sop.model import Sop, Step

NONE, BEGUN, ENDED, TIMELESS, NEEDLESS, PERIODIC = "0", "1", "2", "3", "8", "9"
"""A digit of h.langkah: no row, begun, ended, a row without moments, no row of a step that may be left out, no row of a
periodic step."""
PARTS = 4
"""Auxiliary columns among which what is missing is divided, so that no formula grows long."""
CASE = "[@h.kunci]/10"
OWN_ROWS = 'L_Kunci,">"&[@h.kunci],L_Kunci,"<"&[@h.kunci]+100'
"""The case's rows of Langkah, for SUMIFS."""
APPROVAL = f"MOD(INT([@h.jumlah]/{APPROVED}),100)"
"""How many approvals a case has."""


def cases(sop: Sop) -> tuple[Live, ...]:
    """The live columns of sheet Register.

    Langkah Berikutnya begins with h.langkah: LibreOffice, reckoning all anew, reads Langkah only half when it comes to
    it through the marks of its rows first, and shows the first case as if it had no steps.
    """
    named = 'IF([@h.nomor]="","",{})'.format
    parts = _missing(sop)
    urgency = 'IF([@Pantauan]="Terlambat",3,IF(LEFT([@Pantauan],6)="Target",2,1))'
    closed = 'OR([@h.status]="Selesai",[@h.status]="Batal")'
    return (
        Live(
            "Langkah Berikutnya", f'IF([@h.langkah]="",{_unnumbered()},{_next_step(sop)})',
            "Langkah yang sedang berjalan, atau yang berikutnya; sebelum itu nomor yang dapat diberikan.",
            width=30, name="R_Berikut",
        ),
        Live(
            "Batas Langkah",
            'IF([@h.jalan]=0,"",IF(INDEX(L_Batas,[@h.jalan])<0,"",H_Awal+INDEX(L_Batas,[@h.jalan])/86400))',
            "Batas waktu langkah yang sedang berjalan.", width=17, format="live_datetime",
        ),
        Live(
            "Pantauan", named(_verdict()),
            "Keadaan kasus ini sekarang.", width=30, name="R_Pantau",
        ),
        Live(
            "Belum Lengkap", f'MID({"&".join(f"[@h.kurang{n}]" for n in range(1, PARTS + 1))},3,999)',
            "Kolom yang seharusnya sudah terisi.", width=34,
        ),
        Live("h.nomor", f'IFERROR({clean("[@No. Catatan]")},"")', "Nomor tanpa spasi yang berlebih.", name="R_Nomor"),
        Live(
            "h.status", _status(),
            "Status tanpa spasi yang berlebih; Batal? bila tidak terbaca.", name="R_Status",
        ),
        Live(
            "h.kunci", f'IF([@h.nomor]="",0,{row_of("[@h.nomor]", "R_Nomor")}*100)',
            "Tempat kasus ini di Register dikali 100.", 0,
        ),
        Live(
            "h.baris", f'IF([@h.kunci]=0,"",{_rows(sop)})',
            "Lima angka tiap langkah SOP: barisnya di Langkah, dihitung dari yang pertama; xxxxx tidak ada.",
            name="R_Baris",
        ),
        Live(
            "h.langkah", f'IF([@h.kunci]=0,"",{_steps(sop)})',
            "Satu angka tiap langkah SOP: 0 belum ada, 1 dimulai, 2 selesai, 3 tanpa waktu, 8 tidak perlu, 9 berkala.",
        ),
        Live(
            "h.jumlah", f"IF([@h.kunci]=0,0,SUMIFS(L_Tanda,{OWN_ROWS}))",
            "Jumlah h.tanda baris-baris kasus ini.", 0,
        ),
        Live(
            "h.rumit", _left_to_run(sop),
            "Urutannya diserahkan kepada sopkit run: 1 ada penolakan, 2 ada pengulangan, 3 ada isian tidak terbaca.", 0,
            name="R_Rumit",
        ),
        Live(
            "h.salah", f'IF([@h.kunci]=0,0,COUNTIFS(L_Nilai,">"&{CASE}+{RUNNING},L_Nilai,"<"&{CASE}+{RUNNING_EARLY}))',
            "Banyak baris yang urutannya keliru.", 0,
        ),
        Live(
            "h.jalan", f"IF([@h.kunci]=0,0,IF([@h.rumit]>0,{_running_row()},{_open_row()}))",
            "Baris Langkah yang sedang berjalan, dihitung dari yang pertama; 0 tidak ada.", 0,
        ),
        Live(
            "h.target", f"IFERROR(INT({moment('[@Target Selesai]')}),0)",
            "Tanggal Target Selesai, juga bila diketik sebagai teks; 0 tidak ada.", 0,
        ),
        Live("h.keadaan", named(_standing(sop)), "Keadaan kasus bila tidak ada langkah yang berjalan."),
        *(Live(f"h.kurang{n}", named(part), "Bagian dari Belum Lengkap.") for n, part in enumerate(parts, start=1)),
        Live(
            "h.tingkat", f'IF([@h.nomor]="",0,IF({closed},0,IFERROR({urgency}+(3000-ROW())/10000,0)))',
            "Urutan pada sheet Ringkasan: makin besar makin mendesak.", 0, name="R_Tingkat",
        ),
    )  # fmt: skip


def _unnumbered() -> str:
    """What a row without a number says: once something is typed in it, that it wants one."""
    begun = "COUNTA([@Tanggal Ditemukan]:[@Ditemukan Oleh])"
    return f'IF(OR(ISERROR([@No. Catatan]),{begun}=0),"",{hint("[@Tanggal Ditemukan]")})'


def _status() -> str:
    """A Status that is in no list may be Batal: its steps do not run, and its target is nobody's to miss."""
    status = clean("[@Status]")
    known = ";".join(("", *CHOICES["Status"], ""))
    return f'IFERROR(IF(ISNUMBER(SEARCH(";"&{status}&";",";{known}")),{status},"Batal?"),"Batal?")'


def _rows(sop: Sop) -> str:
    rows = (f"MATCH([@h.kunci]+{code_of(sop, step.number)},L_Kunci,0)" for step in sop.steps)
    return "&".join(f'IFERROR(TEXT({row},"00000"),"xxxxx")' for row in rows)


def _steps(sop: Sop) -> str:
    found = []
    for place, step in enumerate(sop.steps):
        ended = f"INDEX(L_Usai,MID([@h.baris],{place * 5 + 1},5)*1)"
        none = _none(step)
        for other in sop.alternatives(place) if none == NONE else ():
            if other != place:
                none = f"IFERROR((MID([@h.baris],{other * 5 + 1},5)*1>0)*{NEEDLESS},{none})"
        found.append(f"IFERROR(CHOOSE(MIN(0,{ended})+4,{TIMELESS},{BEGUN},{BEGUN},{ENDED}),{none})")
    return "&".join(found)


def _none(step: Step) -> str:
    """The digit of a step that has no row, where none of its alternatives has one."""
    return PERIODIC if step.periodic else NEEDLESS if step.optional else NONE


def _left_to_run(sop: Sop) -> str:
    present = f'({len(sop.steps)}-(LEN([@h.baris])-LEN(SUBSTITUTE([@h.baris],"x","")))/5)'
    tests = (
        ("[@h.kunci]=0", "0"),
        (f"MOD([@h.jumlah],{APPROVED})>0", "1"),
        (f"INT([@h.jumlah]/{STEP})>{present}", "2"),
        (f"MOD(INT([@h.jumlah]/{UNREADABLE}),100)>0", "3"),
    )
    return chain(tests, "0")


def _running_row() -> str:
    """Of a case that is not plain, the row of the ordinary step that runs, else of one that may come early."""
    found = "0"
    for value in (RUNNING_EARLY, RUNNING + WRONG, RUNNING):
        found = f"IFERROR(MATCH({CASE}+{value},L_Nilai,0),{found})"
    return found


def _open_row() -> str:
    """Of a plain case, the row of the last step that has begun and not ended, if it runs; else 0."""
    digits = "[@h.langkah]"
    count = f'LEN({digits})-LEN(SUBSTITUTE({digits},"{BEGUN}",""))'
    row = f'MID([@h.baris],FIND("*",SUBSTITUTE({digits},"{BEGUN}","*",{count}))*5-4,5)*1'
    return f'IFERROR(IF(ISNUMBER(FIND(RIGHT(INDEX(L_Nilai,{row}),1),"{RUNS}")),{row},0),0)'


def _late(row: str) -> str:
    return f"INDEX(L_Lebih,{row})<H_KumKini"


def _begun(sop: Sop, number: int) -> str:
    return _digit(sop, number, BEGUN, ENDED)


def _ended(sop: Sop, number: int) -> str:
    return _digit(sop, number, ENDED)


def _digit(sop: Sop, number: int, *digits: str) -> str:
    """Whether a step's digit in h.langkah is one of these.

    MATCH, because LibreOffice reckons a column with it row by row; others it divides among threads, and when it reckons
    all anew these may read a cell too early.
    """
    listed = ",".join(digits if len(digits) > 1 else digits * 2)  # Gnumeric takes an array of one for a number
    return f"ISNUMBER(MATCH(MID([@h.langkah],{sop.position(number) + 1},1)*1,{{{listed}}},0))"


def _next_step(sop: Sop) -> str:
    """The running step, else the first that has no row, else the periodic one where something is to be destroyed."""
    first = f'FIND("{NONE}",[@h.langkah]&"{NONE}")'
    label = f"INDEX(S_Label,{first})"
    running = "INDEX(S_Label,MATCH(MOD(INDEX(L_Kunci,[@h.jalan]),100),S_Kode,0))"
    for place in range(len(sop.steps)):
        alike = sop.alternatives(place)
        if len(alike) > 1 and alike[0] == place:
            others = list_text((sop.steps[other].number for other in alike[1:]), "atau")
            label += f'&IF({first}={place + 1}," (atau langkah {others})","")'
    rest = '"–"'
    periodic = next((place for place, step in enumerate(sop.steps, start=1) if step.periodic), 0)
    if periodic:
        pending = f'AND({clean("[@Perlu Dimusnahkan]")}="Ya",MID([@h.langkah],{periodic},1)="{PERIODIC}")'
        rest = f'IF({pending},INDEX(S_Label,{periodic}),"–")'
    return chain(
        (
            ('[@h.status]="Batal"', '"–"'),
            ("[@h.jalan]>0", f'{running}&" (berjalan)"'),
            (f"AND([@h.rumit]=1,{APPROVAL}=0)", f'"{LEFT_TO_RUN[0]}: {RUN}"'),
            (f"{first}<={len(sop.steps)}", label),
        ),
        rest,
    )


def _standing(sop: Sop) -> str:
    """What a case is when nothing of it runs."""
    none = "".join(map(_none, sop.steps))
    no_row = f'AND([@h.langkah]="{none}",ISNA(MATCH([@h.kunci]+{NO_STEP},L_Kunci,0)))'
    reasons = ",".join(f'"{reason}: {RUN}"' for reason in LEFT_TO_RUN)
    closed = f'IF([@h.salah]>0,"Selesai dengan catatan",IF([@h.rumit]>0,"Selesai: {RUN}","Selesai"))'
    return chain(
        (
            ('[@h.status]="Batal"', '"Batal"'),
            ('[@h.status]="Selesai"', closed),
            ("[@h.salah]>0", '"Urutan perlu diperiksa"'),
            (no_row, '"Belum ada langkah"'),
            (f"AND({APPROVAL}>0,{empty('[@Hasil Verifikasi]')})", '"Menunggu verifikasi"'),
            ("[@h.rumit]>0", f"CHOOSE([@h.rumit],{reasons})"),
        ),
        '"Menunggu langkah berikut"',
    )


def _verdict() -> str:
    known = 'OR([@h.status]="",[@h.status]="Terbuka",[@h.status]="Proses")'
    target = f"AND([@h.target]>0,[@h.target]+1<=H_Awal+H_Kini/86400,{known})"
    rows = (f"IFERROR(MATCH({CASE}+{value},L_Nilai,0),[@h.jalan])" for value in (RUNNING, RUNNING_EARLY))
    late = f"IF([@h.jalan]=0,FALSE,OR({','.join(map(_late, rows))}))"
    return chain(
        (
            ('OR([@h.status]="Batal",[@h.status]="Selesai",[@h.salah]>0)', "[@h.keadaan]"),
            (late, '"Terlambat"'),
            (target, '"Target terlewati"'),
            ("[@h.jalan]=0", "[@h.keadaan]"),
            (f'INDEX(L_Pantau,[@h.jalan])="{SOON}"', f'"{SOON}"'),
        ),
        '"Berjalan"',
    )


def _columns_named(names: Sequence[str]) -> list[str]:
    """Headers of sheet Register that an SOP names; `sopkit sop check` tells of names that it does not have."""
    headers = {plain(column.header): column.header for column in REGISTER.columns}
    return [headers[plain(name)] for name in names if plain(name) in headers]


def _missing(sop: Sop) -> list[str]:
    """The headers that should be filled by now, each after `; `, in as many formulas as `PARTS`."""
    texts = [
        f'IF(AND({empty(f"[@{header}]")},OR({",".join(tests)})),"; {header}","")'
        for header, tests in _conditions(sop).items()
    ]
    sizes = [len(structured(text, "tRegister")) for text in texts]
    parts: list[list[str]] = [[] for _ in range(PARTS)]
    before = 0
    for text, size in zip(texts, sizes, strict=True):
        parts[(before + size // 2) * PARTS // sum(sizes)].append(text)
        before += size
    return ["&".join(part) or '""' for part in parts]


def _conditions(sop: Sop) -> dict[str, list[str]]:
    """Header -> when it is due."""
    kept = '[@h.status]<>"Batal"'
    found: dict[str, list[str]] = {}

    def due(headers: Sequence[str], condition: str) -> None:
        for header in headers:
            found.setdefault(header, []).append(condition)

    due([column.header for column in REGISTER.columns if column.required and column.field != "number"], "TRUE")
    for step in sop.steps:
        due(_columns_named(step.needs), f"AND({kept},{_begun(sop, step.number)})")
        due(_columns_named(step.records), _ended(sop, step.number))
    segregation = sop.duty("segregation")
    if segregation:
        due(("Perlu Dimusnahkan",), _ended(sop, segregation.number))
    asked = 'TRIM([@No. PTPP])<>""'
    due([column.header for column in PTPP_NEEDS], asked)
    due(("Target Selesai",), f"AND({kept},{asked})")
    due(("Analisis Penyebab", "Tindakan Perbaikan", "Hasil Verifikasi"), '[@h.status]="Selesai"')
    due(("Diverifikasi Oleh", "Tanggal Verifikasi"), 'TRIM([@Hasil Verifikasi])<>""')
    due(("PTPP Lanjutan",), f'{clean("[@Hasil Verifikasi]")}="Tidak Sesuai"')
    return found
