"""The live formulas of sheet Register: next step, deadline, standing and gaps of each case, reckoned from Langkah."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sopkit.register.columns import EVENTS, REGISTER
from sopkit.register.layout import plain
from sopkit.register.live_terms import (
    CAPACITY,
    CASE_ROW,
    CODE_PARTS,
    Q_APPROVED,
    Q_REJECTED,
    Live,
    at_least,
    chain,
    count,
    has_step,
    periodic_step,
    rejecting_step,
    window,
)  # fmt: skip
from sopkit.sop.model import Sop

BEFORE, NEAR = 400, 800
"""Rows of Langkah before and after where a case is expected, in which nearly every case stands from first step to last;
others are looked for farther."""


def cases(sop: Sop) -> tuple[Live, ...]:
    """The live columns of sheet Register."""
    blank = '[@No. Catatan]=""'
    urgency = 'IF(MOD([@h.nilai],10)=3,3,IF(LEFT([@Pantauan],6)="Target",2,1))'
    closed = 'OR([@Status]="Selesai",[@Status]="Batal")'
    return (
        Live("Langkah Berikutnya", f'IF({blank},"",{_next_step(sop)})', 30, "live", "R_Berikut"),
        Live("Batas Langkah", f'IF({blank},"",{_case_deadline()})', 17, "live_datetime"),
        Live("Pantauan", f'IF({blank},"",{_case_verdict(sop)})', 26, "live", "R_Pantau"),
        Live("Belum Lengkap", f'IF({blank},"",{_missing(sop)})', 34, "live"),
        *_whereabouts(sop),
        *_standings(sop),
        *_reaches(sop),
        Live("h.nilai", f"IF([@h.rumit]=0,0,{_worst_rows()})"),
        Live("h.tingkat", f"IF({blank},0,IF({closed},0,{urgency}+(3000-ROW())/10000))", name="R_Tingkat"),
    )


def _places(sop: Sop) -> range:
    return range(1, len(sop.steps) + 1)


def _each(sop: Sop, kind: str, formula: Callable[[int], str]) -> tuple[Live, ...]:
    """One column per step of the SOP."""
    return tuple(Live(f"h.{kind}{place}", formula(place)) for place in _places(sop))


def _whereabouts(sop: Sop) -> tuple[Live, ...]:
    """Where the steps of a case stand in Langkah, and how unusual it is.

    Nothing reads Langkah from top to bottom for every case: FREQUENCY has counted all cases' rows at once (h.ada), and
    rows are looked for about where so many rows of earlier cases put them (h.mula) until so many are found. Rows in
    another order are found too, only later. h.p1, h.p2, … are a row of each step, h.m… and h.e… its start and end;
    h.pola holds a bit per step that has a row, h.luang is the first step without one. h.rumit is 0 for a plain case:
    each step once, in order without a gap, begun and ended, none rejected; 2 with a rejection or rows beside these;
    else 1.
    """
    rows = [f"[@h.p{place}]" for place in _places(sop)]
    bits = "+".join(f"({row}>0)*{2**i}" for i, row in enumerate(rows))
    gap = ",".join(f"IF({row}=0,{place},99)" for place, row in enumerate(rows, start=1))
    whole = "INDEX(L_Kasus,1):INDEX(L_Kasus,MAX(1,L_Akhir))"
    near = _nearby("L_Kasus")
    first = f"IF([@h.dekat]=1,[@h.mula]-1+MATCH([@h.kasus],{near},0),MATCH([@h.kasus],{whole},0))"
    rest = f"INDEX(L_Kasus,[@h.awal]):INDEX(L_Kasus,IF([@h.dekat]=1,{_end_of_search()},MAX(1,L_Akhir)))"
    lacking = ",".join(f"IF({row}=0,FALSE,MIN([@h.m{p}],[@h.e{p}])<0)" for p, row in enumerate(rows, start=1))
    overtaken = ",".join(_overtakings(sop))
    uneven = f"IF(OR([@h.buka]=1,[@h.pola]<>2^[@h.temu]-1),1,IF(OR({overtaken}),1,0))"
    beyond = CAPACITY[EVENTS.name]
    start = f"IF([@h.ganda]=0,MIN({','.join(f'IF({row}=0,{beyond},{row})' for row in rows)}),{first})"
    return (
        Live("h.kasus", CASE_ROW),
        Live("h.ada", "IF([@h.kasus]=0,0,INDEX(H_Banyak,[@h.kasus]+1))"),
        Live("h.mula", f"IF([@h.ada]=0,1,MAX(1,INDEX(H_Hingga,[@h.kasus])-{BEFORE}))"),
        *_each(sop, "p", _place_of_step),
        *_each(sop, "m", lambda place: f"IF([@h.p{place}]=0,-1,INDEX(L_Mulai,[@h.p{place}]))"),
        *_each(sop, "e", lambda place: f"IF([@h.p{place}]=0,-1,INDEX(L_Selesai,[@h.p{place}]))"),
        Live("h.temu", "+".join(f"({row}>0)" for row in rows)),
        Live("h.pola", bits),
        Live("h.luang", f"MIN({gap},{len(rows) + 1})"),
        Live("h.ganda", f"IF([@h.ada]>[@h.temu],1,{_rejected_once(sop)})"),
        Live("h.dekat", f"IF([@h.ganda]=0,0,IF(COUNTIF({near},[@h.kasus])=[@h.ada],1,0))"),
        Live("h.awal", start),
        Live("h.akhir", f"IF([@h.ganda]=0,MAX([@h.awal],{','.join(rows)}),{_last_of(rest)})"),
        *_span_to_count(sop, rest),
        Live("h.buka", f"IF([@h.ganda]=0,IF(OR({lacking}),1,0),IF({count('L_Buka', '1')}>0,1,0))"),
        Live("h.rumit", f"IF([@h.ada]=0,0,IF([@h.ganda]=1,2,{uneven}))"),
    )


def _span_to_count(sop: Sop, rest: str) -> tuple[Live, ...]:
    """Up to which row Langkah counts the rows of a case (h.ujung), and whether one of them was rejected (h.tolak).

    A periodic step that stands once, below all others, is left out, for routine destruction may follow weeks and a
    thousand rows later: its start (h.jauh) is told instead.
    """
    place, rejecting = periodic_step(sop), rejecting_step(sop)
    last, start, rejected = "[@h.akhir]", "0", "0"
    if place:
        keys, key = rest.replace("L_Kasus", "L_Kunci"), f"([@h.kasus]*100+{place})"
        others = _last_of(rest, f"({keys}<>{key})*")
        far = f"IF([@h.p{place}]=[@h.akhir],COUNTIF({keys},{key})=1,FALSE)"
        last = f"IF([@h.ganda]=0,0,IF({far},{others},[@h.akhir]))"
        start = f"IF([@h.ujung]<[@h.akhir],MAX(0,[@h.m{place}]),0)"
    if rejecting:
        found = count("L_Hasil", Q_REJECTED, step=str(sop.position(rejecting.number) + 1))
        rejected = f"IF([@h.ganda]=0,0,IF({found}>0,1,0))"
    return Live("h.ujung", last), Live("h.jauh", start), Live("h.tolak", rejected)


def _last_of(rows: str, and_also: str = "") -> str:
    """The last of these rows of L_Kasus that is the case's, counted from the first of Langkah."""
    return f"SUMPRODUCT(MAX(({rows}=[@h.kasus])*{and_also}(ROW({rows})-ROW(INDEX(L_Kasus,1))+1)))"


def _end_of_search() -> str:
    return f"MIN({CAPACITY[EVENTS.name]},[@h.mula]+{BEFORE + NEAR})"


def _nearby(name: str, since: str = "[@h.mula]") -> str:
    """The rows of a Langkah column in which a case is looked for first."""
    return f"INDEX({name},{since}):INDEX({name},{_end_of_search()})"


def _place_of_step(place: int) -> str:
    """A row of the step at this place, counted from the first of Langkah; 0 for none, or when all rows are found.

    A step mostly stands below the one before it.
    """
    key, found = f"[@h.kasus]*100+{place}", "+".join(f"([@h.p{before}]>0)" for before in range(1, place)) or "0"
    near = f"[@h.mula]-1+MATCH({key},{_nearby('L_Kunci')},0)"
    if place > 1:
        since = f"MIN({_end_of_search()},MAX([@h.mula],[@h.p{place - 1}]))"
        near = f"IFERROR({since}-1+MATCH({key},{_nearby('L_Kunci', since)},0),{near})"
    all_near, last = f"COUNTIF({_nearby('L_Kasus')},[@h.kasus])=[@h.ada]", CAPACITY[EVENTS.name]
    below = f"{_end_of_search()}-1+MATCH({key},INDEX(L_Kunci,{_end_of_search()}):INDEX(L_Kunci,{last}),0)"
    far = f"IFERROR({below},IFERROR(MATCH({key},L_Kunci,0),0))"
    return f"IF([@h.ada]<={found},0,IFERROR({near},IF({all_near},0,{far})))"


def _rejected_once(sop: Sop) -> str:
    step = rejecting_step(sop)
    if step is None:
        return "0"
    row = f"[@h.p{sop.position(step.number) + 1}]"
    return f"IF({row}=0,0,IF(INDEX(L_Hasil,{row})={Q_REJECTED},1,0))"


def _overtakings(sop: Sop) -> list[str]:
    """For each step but the first, whether it began before a predecessor had ended; all stand once."""
    found = ["FALSE"]
    for place, step in enumerate(sop.steps, start=1):
        ends = [f"[@h.e{sop.position(number) + 1}]" for number in sop.predecessors(step.number)]
        if ends:
            found.append(f"IF([@h.m{place}]<0,FALSE,[@h.m{place}]<MAX({','.join(ends)}))")
    return found


def _standings(sop: Sop) -> tuple[Live, ...]:
    """How each step of a case stands whose steps stand once (h.u1, h.u2, …), and what Langkah is told of a case.

    h.kode is empty for a plain case; else a digit per step: 0 in order, 1 left open, 2 after a gap, 3 early, 4 and 5
    begun before its first or second predecessor had ended; or `*` with what Langkah needs of a case whose rows must be
    counted: the first and the last of them, the first missing step, the start of a periodic step far below, whether
    any was rejected, and h.pola.
    """
    digits = "&".join(f"[@h.u{place}]" for place in _places(sop))
    counted = "&".join(('"*"', *(f'TEXT([@h.{name}],"{"0" * size}")' for name, size in CODE_PARTS.items())))
    code = f'IF([@h.rumit]=0,"",IF([@h.rumit]=2,{counted},{digits}))'
    return (*_each(sop, "u", lambda place: _standing(sop, place)), Live("h.kode", code, name="R_Kode"))


def _standing(sop: Sop, place: int) -> str:
    """The digit of the step at this place; 0 unless each step of the case stands once."""
    step, start = sop.steps[place - 1], f"[@h.m{place}]"
    main = [p for p, other in enumerate(sop.steps, start=1) if not other.may_come_early]
    before = [sop.position(number) + 1 for number in sop.predecessors(step.number)][:2]
    overtaken = [f"[@h.e{p}]>{start}" for p in before]
    tests = [(f"AND([@h.e{place}]<0,{_any(f'[@h.m{p}]>={start}' for p in main if p > place)})", "1")]
    if step.may_come_early:
        overtaken = [f"AND([@h.p{p}]>0,OR([@h.e{p}]<0,{late}))" for p, late in zip(before, overtaken, strict=True)]
        alone = ",".join((*(f"[@h.p{p}]=0" for p in before[:1]), f"[@h.pola]<{2**place}"))
        tests.append((_any((*overtaken[:1], f"AND({alone})")), "3"))
    elif place > 1:
        others = (f"AND([@h.luang]<{p},[@h.m{p}]>=0,[@h.m{p}]<{start})" for p in main if p > 1 and p != place)
        tests.append((f"IF([@h.luang]<{place},NOT({_any(others)}),FALSE)", "2"))
    tests += zip(overtaken, "45", strict=False)
    return f"IF(OR([@h.rumit]<>1,{start}<0),0,{chain(tests, '0')})"


def _any(tests: Iterable[str]) -> str:
    return f"OR({','.join(('FALSE', *tests))})"


def _reaches(sop: Sop) -> tuple[Live, ...]:
    """A bit per step that has begun, and per step that has ended."""
    return tuple(
        Live(f"h.{header}", f"IF([@h.buka]=0,[@h.pola],{_reached(sop, name, kind)})")
        for header, name, kind in (("dimulai", "L_Mulai", "m"), ("rampung", "L_Selesai", "e"))
    )


def _reached(sop: Sop, name: str, kind: str) -> str:
    counted = f"SUMPRODUCT(({count(name, at_least('0'), step='S_Posisi')}>0)*2^(S_Posisi-1))"
    once = "+".join(f"([@h.{kind}{place}]>=0)*{2 ** (place - 1)}" for place in _places(sop))
    return f"IF([@h.ganda]=1,{counted},{once})"


def _worst_rows() -> str:
    """10 when a row of the case is out of order, and the most urgent state of a running one (h.nilai of Langkah)."""
    states = f"SUMPRODUCT(MAX(({window('L_Kasus')}=[@h.kasus])*MOD({window('L_Nilai')},10)))"
    return f"IF({count('L_Nilai', at_least('10'))}>0,10,0)+IF([@h.buka]=0,0,{states})"


def _next_step(sop: Sop) -> str:
    """The running step, else the step that a rejection returns to, else the first that has no row."""
    label = "INDEX(S_Label,{place})"
    open_rows = f"({window('L_Kasus')}=[@h.kasus])*({window('L_Mulai')}>=0)*({window('L_Selesai')}<0)"
    running = f"IF([@h.buka]=0,0,SUMPRODUCT(MAX({open_rows}*{window('L_Posisi')})))"
    missing = f"SUMPRODUCT(MAX((S_Berkala=0)*({has_step('[@h.pola]', 'S_Posisi')}=0)*(100-S_Posisi)))"
    rejecting = rejecting_step(sop)
    again = "FALSE"
    if rejecting and rejecting.on_rejection is not None:
        back = sop.position(rejecting.on_rejection) + 1
        rejected = count("L_Hasil", Q_REJECTED, step=str(sop.position(rejecting.number) + 1))
        again = f"IF([@h.tolak]=0,FALSE,{rejected}>={count(step=str(back))})"
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
    due = f"SUMPRODUCT(MAX(({window('L_Kasus')}=[@h.kasus])*({window('L_Selesai')}<0)*{window('L_Batas')}))"
    return f'IF(OR([@h.buka]=0,[@Status]="Batal"),"",IF({due}>0,H_Awal+{due}/86400,""))'


def _case_verdict(sop: Sop) -> str:
    target = "IF(ISNUMBER([@Target Selesai]),INT([@Target Selesai])+1<=H_Awal+H_Kini/86400,FALSE)"
    approval = sop.duty("approval")
    approved = "FALSE"
    if approval:
        place = sop.position(approval.number) + 1
        several = count("L_Hasil", Q_APPROVED, step=str(place))
        once = f"INDEX(L_Hasil,[@h.p{place}])={Q_APPROVED}"
        approved = f'IF(OR([@Hasil Verifikasi]<>"",[@h.p{place}]=0),FALSE,IF([@h.ganda]=1,{several}>0,{once}))'
    tests = (
        ('[@Status]="Batal"', '"Batal"'),
        ('[@Status]="Selesai"', 'IF([@h.nilai]>=10,"Selesai dengan catatan","Selesai")'),
        ("[@h.nilai]>=10", '"Urutan perlu diperiksa"'),
        ("[@h.nilai]=3", '"Terlambat"'),
        (target, '"Target terlewati"'),
        ("[@h.ada]=0", '"Belum ada langkah"'),
        ("[@h.nilai]=2", '"Hampir lewat batas"'),
        ("[@h.nilai]=1", '"Berjalan"'),
        (approved, '"Menunggu verifikasi"'),
    )
    return chain(tests, '"Menunggu langkah berikut"')


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
            conditions.setdefault(header, []).append(f"{has_step('[@h.dimulai]', str(place))}=1")
        for header in _columns_named(step.records):
            conditions.setdefault(header, []).append(f"{has_step('[@h.rampung]', str(place))}=1")
    segregation = sop.duty("segregation")
    if segregation:
        place = sop.position(segregation.number) + 1
        conditions.setdefault("Perlu Dimusnahkan", []).append(f"{has_step('[@h.rampung]', str(place))}=1")
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
