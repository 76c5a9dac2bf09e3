"""The live formulas of sheet Register: next step, deadline, standing and gaps of each case, reckoned from Langkah.

A case finds its rows by their keys (see `live_events`); of a case with a rejection or a repetition the next step and
the order are left to `sopkit run`, and the cell says so. Only Pantauan and what ranks it ask what time it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from sopkit.newbook.formula import RUN, Live, chain, clean, code_of, empty, moment, row_of, stands, structured
from sopkit.newbook.live_events import (
    APPROVED,
    APPROVED_AGAIN,
    LEFT_OPEN,
    LEFT_TO_RUN,
    NO_STEP,
    REJECTED,
    REPEATED,
    RUNNING,
    RUNNING_EARLY,
    UNREADABLE,
    WRONG,
)  # fmt: skip
from sopkit.register.layout import plain
from sopkit.register.schema import REGISTER
from sopkit.sop.model import Sop

NONE, BEGUN, ENDED, TIMELESS, PERIODIC = "0", "1", "2", "3", "9"
"""A digit of h.langkah: no row, begun, ended, a row without moments, no row of a periodic step."""
PARTS = 4
"""Auxiliary columns among which what is missing is divided, so that no formula grows long."""
CASE = "[@h.kunci]/10"


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
            "Langkah Berikutnya", f'IF([@h.langkah]="","",{_next_step(sop)})',
            "Langkah yang sedang berjalan, atau yang berikutnya.", width=30, name="R_Berikut",
        ),
        Live(
            "Batas Langkah",
            'IF([@h.jalan]=0,"",IF(INDEX(L_Batas,[@h.jalan])<0,"",H_Awal+INDEX(L_Batas,[@h.jalan])/86400))',
            "Batas waktu langkah yang sedang berjalan.", width=17, format="live_datetime",
        ),
        Live(
            "Pantauan", named(_verdict()),
            "Keadaan kasus ini sekarang.", width=26, name="R_Pantau",
        ),
        Live(
            "Belum Lengkap", f'MID({"&".join(f"[@h.kurang{n}]" for n in range(1, PARTS + 1))},3,999)',
            "Kolom yang seharusnya sudah terisi.", width=34,
        ),
        Live("h.nomor", f'IFERROR({clean("[@No. Catatan]")},"")', "Nomor tanpa spasi yang berlebih.", name="R_Nomor"),
        Live("h.status", f'IFERROR({clean("[@Status]")},"")', "Status tanpa spasi yang berlebih.", name="R_Status"),
        Live("h.ba", clean("[@No. BA Pemusnahan]"), "Nomor BA tanpa spasi yang berlebih.", name="R_BA"),
        Live(
            "h.kunci", f'IF([@h.nomor]="",0,{row_of("[@h.nomor]", "R_Nomor")}*100)',
            "Tempat kasus ini di Register dikali 100.", 0,
        ),
        Live(
            "h.langkah", f'IF([@h.kunci]=0,"",{_steps(sop)})',
            "Satu angka tiap langkah SOP: 0 belum ada, 1 dimulai, 2 selesai, 3 tanpa waktu, 9 berkala dan belum ada.",
        ),
        Live(
            "h.rumit", f"IF([@h.kunci]=0,0,{_left_to_run()})",
            "Urutannya diserahkan kepada sopkit run: 1 ada penolakan, 2 ada pengulangan, 3 ada waktu tidak terbaca.", 0,
            name="R_Rumit",
        ),
        Live(
            "h.setuju", f"IF(OR({_any_row('L_Tanda', APPROVED, APPROVED_AGAIN)}),1,0)",
            "1 bila perbaikannya sudah disetujui.", 0,
        ),
        Live(
            "h.salah", f"IF(OR({_any_row('L_Nilai', WRONG, WRONG + RUNNING, LEFT_OPEN)}),1,0)",
            "1 bila urutan salah satu barisnya keliru.", 0,
        ),
        Live(
            "h.jalan", f"IF([@h.kunci]=0,0,{_running_row()})",
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


def _steps(sop: Sop) -> str:
    found = []
    for step in sop.steps:
        ended = f"INDEX(L_Selesai,MATCH([@h.kunci]+{code_of(sop, step.number)},L_Kunci,0))"
        none = PERIODIC if step.periodic else NONE
        found.append(f"IFERROR(CHOOSE(MIN(0,{ended})+4,{TIMELESS},{BEGUN},{BEGUN},{ENDED}),{none})")
    return "&".join(found)


def _left_to_run() -> str:
    marks = ((REJECTED,), (REPEATED, APPROVED_AGAIN), (UNREADABLE,))
    tests = [(f"OR({_any_row('L_Tanda', *values)})", str(code)) for code, values in enumerate(marks, start=1)]
    return chain(tests, "0")


def _any_row(name: str, *values: int) -> str:
    """Whether the case has a row with one of these values, each a test of its own."""
    return ",".join(stands(f"{CASE}+{value}", name) for value in values)


def _running_row() -> str:
    """The ordinary step that runs, else one that may come early."""
    found = "0"
    for value in (RUNNING_EARLY, RUNNING + WRONG, RUNNING):
        found = f"IFERROR(MATCH({CASE}+{value},L_Nilai,0),{found})"
    return found


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
    running = "INDEX(S_Label,MATCH(MOD(INDEX(L_Kunci,[@h.jalan]),100),S_Kode,0))"
    rest = '"–"'
    periodic = next((place for place, step in enumerate(sop.steps, start=1) if step.periodic), 0)
    if periodic:
        pending = f'AND({clean("[@Perlu Dimusnahkan]")}="Ya",MID([@h.langkah],{periodic},1)="{PERIODIC}")'
        rest = f'IF({pending},INDEX(S_Label,{periodic}),"–")'
    return chain(
        (
            ('[@h.status]="Batal"', '"–"'),
            ("[@h.jalan]>0", f'{running}&" (berjalan)"'),
            ("AND([@h.rumit]=1,[@h.setuju]=0)", f'"{LEFT_TO_RUN[0]}: {RUN}"'),
            (f"{first}<={len(sop.steps)}", f"INDEX(S_Label,{first})"),
        ),
        rest,
    )


def _standing(sop: Sop) -> str:
    """What a case is when nothing of it runs."""
    none = "".join(PERIODIC if step.periodic else NONE for step in sop.steps)
    no_row = f'AND([@h.langkah]="{none}",ISNA(MATCH([@h.kunci]+{NO_STEP},L_Kunci,0)))'
    reasons = ",".join(f'"{reason}: {RUN}"' for reason in LEFT_TO_RUN)
    closed = f'IF([@h.salah]=1,"Selesai dengan catatan",IF([@h.rumit]>0,"Selesai: {RUN}","Selesai"))'
    return chain(
        (
            ('[@h.status]="Batal"', '"Batal"'),
            ('[@h.status]="Selesai"', closed),
            ("[@h.salah]=1", '"Urutan perlu diperiksa"'),
            (no_row, '"Belum ada langkah"'),
            (f"AND([@h.setuju]=1,{empty('[@Hasil Verifikasi]')})", '"Menunggu verifikasi"'),
            ("[@h.rumit]>0", f"CHOOSE([@h.rumit],{reasons})"),
        ),
        '"Menunggu langkah berikut"',
    )


def _verdict() -> str:
    known = 'OR([@h.status]="",[@h.status]="Terbuka",[@h.status]="Proses")'
    target = f"AND([@h.target]>0,[@h.target]+1<=H_Awal+H_Kini/86400,{known})"
    second = f"IFERROR(MATCH({CASE}+{RUNNING_EARLY},L_Nilai,0),[@h.jalan])"
    late = f"IF([@h.jalan]=0,FALSE,OR({_late('[@h.jalan]')},{_late(second)}))"
    return chain(
        (
            ('OR([@h.status]="Batal",[@h.status]="Selesai",[@h.salah]=1)', "[@h.keadaan]"),
            (late, '"Terlambat"'),
            (target, '"Target terlewati"'),
            ("[@h.jalan]=0", "[@h.keadaan]"),
            ("INDEX(L_Batas,[@h.jalan])<=H_Peringatan", '"Hampir lewat batas"'),
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
    found: dict[str, list[str]] = {}

    def due(headers: Sequence[str], condition: str) -> None:
        for header in headers:
            found.setdefault(header, []).append(condition)

    due([column.header for column in REGISTER.columns if column.required and column.field != "number"], "TRUE")
    for step in sop.steps:
        due(_columns_named(step.needs), _begun(sop, step.number))
        due(_columns_named(step.records), _ended(sop, step.number))
    segregation = sop.duty("segregation")
    if segregation:
        due(("Perlu Dimusnahkan",), _ended(sop, segregation.number))
    due(("Tanggal PTPP", "Kepada", "Penanggung Jawab", "Target Selesai"), 'TRIM([@No. PTPP])<>""')
    due(("Analisis Penyebab", "Tindakan Perbaikan", "Hasil Verifikasi"), '[@h.status]="Selesai"')
    due(("Diverifikasi Oleh", "Tanggal Verifikasi"), 'TRIM([@Hasil Verifikasi])<>""')
    due(("PTPP Lanjutan",), f'{clean("[@Hasil Verifikasi]")}="Tidak Sesuai"')
    return found
