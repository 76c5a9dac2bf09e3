"""U: the order of the steps (ISO 9001 8.1, 8.7; the SOP's table of activities)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

import numpy as np

from sopkit.arrays import Flags, Ints, Moments
from sopkit.checks.catalogue import Mark, Severity, rule
from sopkit.checks.executions import (
    DAY,
    NAT,
    REJECTED,
    SIMILAR_NUMBER,
    Executions,
    after_turn,
    date_only,
    may_come_early,
    return_order,
)
from sopkit.checks.inspection import Inspection, first_known, rows_of
from sopkit.checks.suggest import paired, resembles
from sopkit.frames import is_in, looked_up
from sopkit.language import list_text
from sopkit.register.schema import EVENTS, REGISTER, Cases, Events
from sopkit.sop.model import Sop
from sopkit.text import quoted

ORDER = "SOP, urutan aktivitas"
MOST_HINTS = 500  # of so many numbers none is a slip of the pen any more, and each is compared with all of Register
HIDDEN_VALUES = ("error-cell", "not-calculated")  # B04 and B05 speak of these


@rule(
    "U03",
    Severity.ERROR,
    phase=1,
    message="Langkah “{typed}” tidak ada dalam SOP; langkah yang ada: {known}.",
    fix="Pilih dari daftar nomor langkah yang sebenarnya dikerjakan.",
    reason="Nomor langkah ialah nama langkah dalam SOP; nomor lain tidak menunjuk pekerjaan apa pun.",
    clause=ORDER,
)
def unknown_step(check: Inspection) -> Iterator[Mark]:
    """Langkah is no step number of the SOP. Numbers are labels: this SOP has no 4, so a 4 is not read as the fourth
    step.

    A text that names no step is the same mistake, whatever D02 or D07 would call it.
    """
    typed, read = check.raw(Events.step), check.read(Events.step)
    known = [step.number for step in check.sop.steps]
    readings = [reading for reading in check.table(EVENTS).readings if reading.field == Events.step.field]
    hidden = {reading.row for reading in readings if reading.kind in HIDDEN_VALUES}
    strange = typed[typed.notna() & ~read.isin(known)]
    rows = {row: quoted(_as_typed(value)) for row, value in rows_of(strange)}
    wrong = [row for row, text in rows.items() if text and row not in hidden]
    yield from check.mark(wrong, Events.step, typed=rows, known=known)


def _as_typed(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).strip()


@rule(
    "U06",
    Severity.ERROR,
    phase=1,
    message="No. Catatan “{number}” tidak ada di sheet Register.",
    fix="Perbaiki nomor yang salah salin{nearest}, atau catat layanan tidak sesuai itu di sheet Register.",
    reason="Pekerjaan yang tidak terhubung dengan kasusnya tidak membuktikan apa pun.",
    clause="ISO 9001:2015 klausul 7.5.3",
)
def orphan_event(check: Inspection) -> Iterator[Mark]:
    """No. Catatan of a row in Langkah is not in Register.

    A whole course is excused when a case stands in Register under a number in error: the course has the first
    step and began within three days after that case was found. Each such case excuses one number.
    """
    if not check.has(Cases.number):
        return
    registered = frozenset(check.read(Cases.number).dropna())
    strange = [number for number in check.different(Events.case) if number not in registered]
    homeless = _standing_in_error(check, strange)
    orphans = [number for number in strange if number not in homeless]
    if orphans:
        rows = {row: number for row, number in check.texts(Events.case).items() if number not in registered}
        rows = {row: number for row, number in rows.items() if number not in homeless}
        hints = _cases_meant(check, orphans[:MOST_HINTS])
        near = {row: hints.get(number, "") for row, number in rows.items()}
        yield from check.mark(list(rows), Events.case, number=rows, nearest=near)


def _standing_in_error(check: Inspection, numbers: Iterable[str]) -> Container[str]:
    """The numbers whose rows begin with the first step, within three days of the finding of a case whose own number
    is in error or missing: one number for each such case, first what looks like it, then what began soonest.
    """
    typed, events = check.read(Cases.number).array, set(check.read(Events.case).dropna())
    times = Counter(typed.tolist())
    in_register = np.array([text in events and times[text] == 1 for text in typed.tolist()], dtype=bool)
    nameless = np.flatnonzero(~check.filled(Cases.number) & ~in_register)
    found = check.values(Cases.found_at)[nameless]
    pairs = []
    places = _places_by_number(check) if len(nameless) else {}
    for number in numbers if len(nameless) else ():
        begun = _beginning(check, places[number])
        if begun is not None:
            days = begun.astype("datetime64[D]") - found.astype("datetime64[D]")
            near = np.flatnonzero((days >= np.timedelta64(0, "D")) & (days <= np.timedelta64(3, "D")))
            for place in near.tolist():
                unlike = not resembles(number, typed[nameless[place]])
                pairs.append(((unlike, abs(begun - found[place])), number, int(nameless[place])))
    return paired(pairs)


def _beginning(check: Inspection, own: Sequence[int]) -> np.datetime64 | None:
    """When the course at these places of Langkah began, where it has the first step and a moment."""
    starts = check.values(Events.start)[own]
    starts = starts[~np.isnat(starts)]
    first = check.values(Events.step)[own] == check.sop.steps[0].number
    return np.datetime64(starts.min(), "s") if len(starts) and first.any() else None


def _cases_meant(check: Inspection, orphans: Iterable[str]) -> Mapping[str, str]:
    """Of each number ` (mungkin dimaksudkan … )`: the case that looks alike, was found soonest before, and lacks such
    a step.
    """
    from rapidfuzz import fuzz, process

    places = _places_by_number(check)
    starts, steps = check.values(Events.start), check.values(Events.step).tolist()
    known = check.texts(Cases.number)
    found = dict(zip(check.rows(REGISTER).tolist(), check.values(Cases.found_at), strict=True))
    hints = {}
    for number in orphans:
        begun, own = starts[places[number]].min(), {steps[place] for place in places[number]}
        alike = process.extract(number, known, scorer=fuzz.ratio, score_cutoff=SIMILAR_NUMBER, limit=20)
        meant = [
            (begun - found[row], -score, row, text)
            for text, score, row in alike
            if found[row] <= begun and own.isdisjoint(steps[place] for place in places.get(text, ()))
        ]
        hints[number] = _meaning(check, *min(meant)[2:]) if meant else ""
    return hints


def _meaning(check: Inspection, row: int, number: str) -> str:
    return f" (mungkin dimaksudkan {number} di {check.address(row, Cases.number)})"


def _places_by_number(check: Inspection) -> Mapping[str, list[int]]:
    """The places in Langkah of each number that stands there."""
    places: dict[str, list[int]] = {}
    for place, number in enumerate(check.values(Events.case).tolist()):
        if isinstance(number, str):
            places.setdefault(number, []).append(place)
    return places


@rule(
    "U09",
    Severity.ERROR,
    phase=1,
    message="Langkah ini mempunyai waktu Selesai, tetapi waktu Mulai belum diisi.",
    fix="Isi waktu Mulai langkah ini menurut dokumennya.",
    reason="Tanpa waktu mulai, lama pengerjaan tidak dapat dibandingkan dengan baku mutu.",
    clause="ISO 9001:2015 klausul 7.5.3",
)
def end_without_start(check: Inspection) -> Iterator[Mark]:
    """Selesai is filled and Mulai is empty. Takes the place of D01 on the same cell. In the wide layout finishes alone
    are enough.
    """
    known = check.filled(Events.end) | check.unknown(Events.end)
    ended = check.raw(Events.end).notna().array & known
    yield from check.mark(ended & check.blank(Events.start) & check.start_given, Events.start)


@rule(
    "U01",
    Severity.BREACH,
    explainable=True,
    message="Langkah {skipped} dilewati ({before}): langkah {step} sudah dimulai, "
    "sedangkan langkah {skipped} tidak tercatat{when}.",
    fix="Bila memang dilaksanakan, catat langkah {skipped} di sheet Langkah menurut dokumennya; bila tidak, tulis "
    "sebabnya di kolom Keterangan baris ini.",
    reason="Langkah yang dilewati berarti evaluasi, keputusan, atau persetujuan yang tidak pernah ada buktinya.",
    clause=ORDER,
)
def skipped_steps(check: Inspection) -> Iterator[Mark]:
    """A step that is due has no row in its round although a later one (not one that may come early) has begun there.

    An optional step is not due, and of several of which one is due, none is when one is there. The first round is due
    from the first step on. A rejection opens another, due from the step that it returns to;
    where that was not taken up again, U05 speaks. Steps of another round do not count. Each run of skipped steps is
    said at Langkah of the later step that began first in that round; runs that meet in one row are one finding.
    A row that cannot be read, or that stands under a mistyped number, may be the skipped one: it excuses one step.
    """
    done = check.executions
    skipped = skipped_before(done)
    places = np.array(list(skipped), dtype=np.int64)
    rows = done.rows[places]
    steps = [[_named(check.sop, order) for order in orders] for orders in skipped.values()]
    sides = [_side_of_rejection(done, place, orders) for place, orders in skipped.items()]
    pairs = ["; ".join(f"{one} sebelum {later}" for one in names)
             for names, later in zip(steps, done.step[places].tolist(), strict=True)]  # fmt: skip
    said, before, when = (dict(zip(rows.tolist(), words, strict=True)) for words in (steps, pairs, sides))
    yield from check.mark(rows, Events.step, skipped=said, before=before, step=done.step[places], when=when)


def _named(sop: Sop, order: int) -> str:
    """`5`, or `5 atau 6` where one of the two is due."""
    return list_text((sop.steps[place].number for place in sop.alternatives(order)), "atau")


def skipped_before(done: Executions) -> dict[int, list[int]]:
    """Place of an execution -> the orders of the steps that were certainly skipped before it."""
    return _unexcused(done, _skipped(done))


def _skipped(done: Executions) -> dict[int, list[int]]:
    """Place of the later execution that began first -> the orders of the steps that were skipped before it."""
    later = _earliest_later(done)
    skipped: dict[int, list[int]] = {}
    for group, order in np.argwhere(done.absent & (later >= 0)).tolist():
        skipped.setdefault(int(later[group, order]), []).append(order)
    return skipped


def _unexcused(done: Executions, skipped: Mapping[int, list[int]]) -> dict[int, list[int]]:
    """Without those whose steps may all stand among the rows in error, each of which excuses one."""
    used = set[int]()
    left = {}
    for place, orders in skipped.items():
        possible = done.possible_rows(done.of_round(int(done.group[place])), orders, used)
        if possible is None:
            left[place] = orders
        else:
            used.update(possible)
    return left


def _earliest_later(done: Executions) -> Ints:
    """Rounds x steps: place of the execution that began first among those of later steps; -1 where there is none.

    Steps that may come early do not count, nor do those that may come in any order with the step.
    """
    counts = np.flatnonzero(done.begun & ~may_come_early(done.sop)[done.order])
    none = len(done.rows)
    # Places are in the order of time, so the least place began first: the least of each step in each round, with one
    # column more (after the last step comes nothing), and then the least of each column and all to the right.
    first = np.full((len(done.rounds.number), len(done.sop.steps) + 1), none)
    backwards = counts[::-1]  # the first of several stays
    first[done.group[backwards], done.order[backwards]] = backwards
    onward = np.minimum.accumulate(first[:, ::-1], axis=1)[:, ::-1][:, after_turn(done.sop)]
    return np.where(onward < none, onward, -1)


def _side_of_rejection(done: Executions, place: int, orders: Sequence[int]) -> str:
    """On which side of a rejection the steps are missing; said where one of them is recorded on the other."""
    alike = [other for order in orders for other in done.sop.alternatives(order)]
    recorded = np.isin(done.order[done.of_case(int(done.case_row[place]))], alike).any()
    side = " sesudah penolakan" if done.round[place] else " sebelum penolakan"
    return side if recorded else ""


@rule(
    "U02",
    Severity.BREACH,
    explainable=True,
    message="Langkah {step} dimulai pada {start}, sebelum langkah {previous} {what} pada {ended}.",
    fix="Perbaiki waktunya bila salah salin dari dokumennya; bila memang demikian, tulis sebabnya di kolom Keterangan "
    "baris ini.",
    reason="Setiap langkah memakai hasil langkah sebelumnya, jadi tidak dapat dimulai sebelum hasil itu ada.",
    clause=ORDER,
)
def began_too_early(check: Inspection) -> Iterator[Mark]:
    """A step began before its predecessor ended; steps that may come early are exempt. After a rejection the step
    returned to waits for the rejection; of a step that was repeated (U04) the last execution that began before counts.
    Of several that a step waits for, one whose end is unknown hides no other; it did not end before it began.

    A date without a time counts as late as that day allows, so only what is certain is reported.
    """
    done, rounds = check.executions, check.executions.rounds
    early = (_at(done, done.start_late) < rounds.predecessor_end) & ~may_come_early(check.sop)
    groups, orders = np.nonzero(early)
    places = rounds.position[groups, orders]
    labels = np.array([step.number for step in check.sop.steps])
    before = rounds.predecessor[groups, orders]
    ended = rounds.predecessor_end[groups, orders]
    yield from check.mark(
        done.rows[places],
        Events.start,
        step=labels[orders],
        start=done.start[places],
        previous=labels[before],
        what=np.where(_ended_at(done, groups, before, ended), "selesai", "dimulai"),
        ended=ended,
    )


def _ended_at(done: Executions, groups: Ints, orders: Ints, moments: Moments) -> Flags:
    """Whether an execution of these steps in the cases of these rounds ended at these moments."""
    cases = done.rounds.case_row[groups]
    own = np.isin(done.case_row, cases)
    known = {*zip(done.case_row[own].tolist(), done.order[own].tolist(), done.end[own].tolist(), strict=True)}
    asked = zip(cases.tolist(), orders.tolist(), moments.tolist(), strict=True)
    return np.array([one in known for one in asked], dtype=bool)


def _at(done: Executions, moments: Moments) -> Moments:
    """These moments at each round's first executions: rounds x steps. -1, which is none, picks the NaT at the end."""
    return np.append(moments, NAT)[done.rounds.position]


@rule(
    "U04",
    Severity.BREACH,
    explainable=True,
    message="Langkah {step} diulang tanpa penolakan sebelumnya.",
    fix="Hapus baris ini bila salah salin dari dokumennya; bila memang diulang, tulis sebabnya di kolom Keterangan "
    "baris ini.",
    reason="Pengulangan tanpa penolakan menandakan pekerjaan ganda atau catatan yang salah.",
    clause=ORDER,
)
def repeated_step(check: Inspection) -> Iterator[Mark]:
    """A step stands for the second time in a round, or a step before the one that a rejection returns to stands again
    after it. Cases that are not wholly readable are not judged: there may have been a rejection. One that may stand
    under a number in error excuses the repetitions of one case.
    """
    done = check.executions
    repeats = np.flatnonzero(done.repeat)
    repeats = repeats[~is_in(done.case_row[repeats], done.incomplete)]
    if len(done.unmatched.rows):
        repeats = repeats[~_possibly_asked_for(done, repeats)]
    yield from check.mark(done.rows[repeats], Events.step, step=done.step[repeats])


def _possibly_asked_for(done: Executions, repeats: Ints) -> Flags:
    """Per repetition: a rejection that asked for it may stand among the rows in error."""
    excused: dict[int, int] = {}  # row in error -> the case that it excuses
    asked = []
    for place, case in zip(repeats.tolist(), done.case_row[repeats].tolist(), strict=True):
        returned = done.order[place] >= return_order(done.sop)
        row = done.possible_rejection(place) if returned else None
        asked.append(row is not None and excused.setdefault(row, case) == case)
    return np.array(asked, dtype=bool)


@rule(
    "U05",
    Severity.BREACH,
    explainable=True,
    message="Langkah {step} dikerjakan setelah penolakan tanpa kembali ke langkah {target}.",
    fix="Bila langkah {target} memang diulang, catat di sheet Langkah menurut dokumennya; bila tidak, tulis sebabnya "
    "di kolom Keterangan baris ini.",
    reason="Tindakan yang ditolak harus diperbaiki dahulu; melanjutkan berarti meloloskan yang tidak sesuai.",
    clause="ISO 9001:2015 klausul 8.7.1",
)
def not_returned(check: Inspection) -> Iterator[Mark]:
    """The first step after a rejection, of those from the one that it returns to on, is a later one. Steps that may
    come early or in any order with that one do not count, and its alternatives stand for it. Cases that are not wholly
    readable are not judged, nor is a round whose return may stand among the rows in error.
    """
    done, target = check.executions, return_order(check.sop)
    after = done.order >= check.sop.turn(target).stop
    back = np.isin(done.order, check.sop.alternatives(target))
    returned = np.flatnonzero((done.round > 0) & (back | (after & ~may_come_early(check.sop)[done.order])))
    onward = returned[np.unique(done.group[returned], return_index=True)[1]]
    onward = onward[~back[onward]]
    onward = onward[~is_in(done.case_row[onward], done.incomplete)]
    left = _unexcused(done, {place: [target] for place in onward.tolist()})
    onward = np.array(list(left), dtype=np.int64)
    label = check.sop.steps[target].number
    yield from check.mark(done.rows[onward], Events.step, step=done.step[onward], target=label)


@rule(
    "U07",
    Severity.WARNING,
    message="Layanan tidak sesuai {number} belum mempunyai satu pun baris di sheet Langkah.",
    fix="Catat setiap langkah yang sudah dikerjakan di sheet Langkah; bila belum ada, segera tangani layanan itu.",
    reason="Layanan tidak sesuai yang belum ditangani mudah terlupakan.",
    clause=ORDER,
)
def case_without_events(check: Inspection) -> Iterator[Mark]:
    """No row of Langkah bears the number of the case. Cases that are cancelled, or may be, are left alone. A first
    step without a number, or under one that is not registered (U06), may be that of one such case that was found in the
    three days before.
    """
    if not check.has(Events.case):
        return
    numbers = check.texts(Cases.number)
    busy = set(check.read(Events.case))
    busy.update(check.read(Cases.number).array[check.unknown(Cases.number)])
    cancelled = set(check.possibly_cancelled.tolist())
    idle = [row for row, number in numbers.items() if number not in busy and row not in cancelled]
    begun = _begun_elsewhere(check, {row: numbers[row] for row in idle})
    alone = [row for row in idle if row not in begun]
    yield from check.mark(alone, Cases.number, number=numbers)


def _begun_elsewhere(check: Inspection, idle: Mapping[int, str]) -> Container[int]:
    """Of these cases (row and number), those whose first step may stand in Langkah under a number in error."""
    unmatched = check.executions.unmatched
    first = np.flatnonzero(
        (unmatched.case_row < 0) & (np.isnan(unmatched.step) | (unmatched.step == check.sop.steps[0].number))
    )
    pairs = []
    typed, begun = unmatched.typed[first].tolist(), unmatched.start[first].astype("datetime64[D]")
    found = check.of_cases(Cases.found_at, np.array(list(idle), dtype=np.int64)).astype("datetime64[D]")
    for (row, number), day in zip(idle.items(), found, strict=True):
        days = (begun - day).astype(float)  # NaN where one is unknown
        for place in np.flatnonzero(~((days < 0) | (days > 3))).tolist():
            text = typed[place]
            if resembles(number, text):
                rank = not isinstance(text, str), days[place] != days[place], days[place]
                pairs.append((rank, row, text or int(unmatched.rows[first[place]])))
    return paired(pairs)


@rule(
    "U08",
    Severity.ERROR,
    message="Langkah {step} belum mempunyai waktu Selesai, padahal langkah berikutnya sudah dimulai.",
    fix="Isi waktu Selesai langkah {step} menurut dokumennya.",
    reason="Langkah berikutnya sudah berjalan, jadi langkah ini pasti selesai pada waktu yang tidak dicatat.",
    clause=ORDER,
)
def unfinished_step(check: Inspection) -> Iterator[Mark]:
    """Selesai is empty although the work went on: a later step (not one that may come early) of the round began at this
    one's Mulai or after, or another round follows the rejection.

    A step begun again after the last one (U04) may still be running: W03 and W04 time it.
    """
    done = check.executions
    open_ended = np.flatnonzero(done.unfinished)
    yield from check.mark(done.rows[open_ended], Events.end, step=done.step[open_ended])


@rule(
    "U10",
    Severity.NOTE,
    message="Langkah {step} dikerjakan lebih awal dari gilirannya; ini praktik yang baik.",
    fix="Tidak perlu tindakan.",
    reason="Memisahkan hasil yang tidak sesuai sesegera mungkin mencegahnya terpakai.",
    clause="ISO 9001:2015 klausul 8.7.1",
)
def came_early(check: Inspection) -> Iterator[Mark]:
    """A step that may come early began before the ordinary step before it had ended. ISO 9001 8.7 asks for segregation
    at once: said, never held against anyone.

    A date without a time counts as late as that day allows. An end that is missing though the work went on (U08), or a
    row in error that may be the step before, says nothing.
    """
    done, rounds = check.executions, check.executions.rounds
    for place, step in enumerate(check.sop.steps):
        awaited = check.sop.awaited(place)
        if step.may_come_early and len(awaited):
            early = np.flatnonzero(_overtook(done, place, awaited) & (rounds.number == 0))
            early = early[[not _possibly_there(done, group, awaited) for group in early.tolist()]]
            rows = done.rows[rounds.position[early, place]]
            yield from check.mark(rows, Events.start, step=step.number)


def _overtook(done: Executions, place: int, awaited: range) -> Flags:
    """Per round: the step began before the ordinary step before it had ended, or before that has come at all.

    `awaited` are the places of that step and of those that share its turn.
    """
    rounds, start = done.rounds, _at(done, done.start_late)[:, place]
    ordinary = ~may_come_early(done.sop)
    own = [other for other in awaited if ordinary[other]]
    later = [other for other in range(awaited.stop, len(ordinary)) if ordinary[other] and other != place]
    lacking = done.absent[:, awaited].any(axis=1)
    running = np.append(done.running, False)[rounds.position[:, own]].any(axis=1)
    gone_on = (rounds.position[:, later] >= 0).any(axis=1)
    early = np.where(lacking, ~gone_on, (start < rounds.predecessor_end[:, place]) | running)
    return np.asarray(~np.isnat(start) & early)


def _possibly_there(done: Executions, group: int, awaited: range) -> bool:
    """Whether what a round lacks of these steps may stand among the rows in error."""
    lacking = [place for place in awaited if done.absent[group, place]]
    return bool(lacking) and done.possible_rows(done.of_round(group), lacking) is not None


@rule(
    "U11",
    Severity.BREACH,
    message="Pemusnahan dimulai pada {start}, sebelum tindakan perbaikan disetujui (langkah {approval}).",
    fix="Periksa dokumen aslinya; perbaiki waktu yang salah salin. Bila memang demikian, laporkan kepada pejabat yang "
    "berwenang menyetujui dan jelaskan dengan berita acara tambahan.",
    reason="Hasil yang sudah dimusnahkan tidak dapat diperiksa lagi ketika persetujuan dipertimbangkan.",
    clause="ISO 9001:2015 klausul 8.7.1",
)
def destroyed_before_approval(check: Inspection) -> Iterator[Mark]:
    """The destruction began before the first approval of the case ended, or there is no approval. An approval whose end
    or Hasil is unknown, or that may stand among the rows in error, is not held against the case.
    """
    approval, destruction = check.sop.duty("approval"), check.sop.duty("destruction")
    if not approval or not destruction:
        return
    done = check.executions
    ended = np.where(done.start_given, NAT, done.end)  # of the wide layout: it had begun by then
    moment = first_known(done.start, ended)
    latest = first_known(done.start_late, np.where(date_only(ended), ended + DAY, ended))
    destroyed = np.flatnonzero((done.step == destruction.number) & ~np.isnat(moment))
    deciding = done.step == approval.number
    unreadable = done.case_row[deciding & (np.isnat(done.end) | done.outcome_unknown)]
    possibly_approved = check.executions.possibly_done(approval.number, done.case_row[destroyed].tolist())
    destroyed = destroyed[~np.isin(done.case_row[destroyed], [*unreadable, *possibly_approved])]
    approvals = np.flatnonzero(deciding & (done.outcome != REJECTED))
    approvals = approvals[np.lexsort((done.end[approvals], done.case_row[approvals]))]  # NaT comes last
    cases, first = np.unique(done.case_row[approvals], return_index=True)
    when = looked_up(cases, done.end[approvals[first]], done.case_row[destroyed])
    unapproved = destroyed[np.isnat(when) | (latest[destroyed] < when)]
    start = moment[unapproved]
    yield from check.mark(done.rows[unapproved], Events.start, start=start, approval=approval.number)


@rule(
    "U12",
    Severity.BREACH,
    phase=3,
    message="Hasil dimusnahkan, padahal {why}.",
    fix="Periksa dokumen aslinya; perbaiki isian yang salah salin, di sheet Register atau pada baris ini. Bila memang "
    "demikian, laporkan kepada pejabat yang memutuskan dan jelaskan dengan berita acara tambahan.",
    reason="Pemusnahan tidak dapat dibatalkan, jadi hanya dilakukan bila memang ditetapkan.",
    clause="ISO 9001:2015 klausul 8.7.1",
)
def destroyed_without_need(check: Inspection) -> Iterator[Mark]:
    """A case was destroyed whose Perlu Dimusnahkan is Tidak or whose Status is Batal; a Status in error (K07) says
    neither.
    """
    destruction = check.sop.duty("destruction")
    if not destruction:
        return
    done = check.executions
    destroyed = np.flatnonzero(done.step == destruction.number)
    cases, rows = done.case_row[destroyed], done.rows[destroyed]
    unneeded, dropped = (
        check.of_cases(Cases.to_destroy, cases) == "Tidak",
        check.of_cases(Cases.status, cases) == "Batal",
    )
    why = np.where(unneeded, "kolom Perlu Dimusnahkan berisi Tidak", "statusnya Batal")
    wrong = unneeded | dropped
    yield from check.mark(rows[wrong], Events.step, why=why[wrong])


@rule(
    "U13",
    Severity.WARNING,
    explainable=True,
    message="Langkah {step} dimulai pada {start}, sedangkan layanan tidak sesuai itu ditemukan pada {found}.",
    fix="Perbaiki waktu yang salah salin dari dokumennya; identifikasi dilakukan pada hari kerja yang sama dengan "
    "penemuan.",
    reason="Pencatatan pada hari ditemukan menjaga agar keterangannya tidak bergantung pada ingatan.",
    clause=ORDER,
)
def identified_late(check: Inspection) -> Iterator[Mark]:
    """The first step began before Tanggal Ditemukan, or on a later day than the working day of the finding (what is
    found after closing belongs to the next working day).
    """
    step = check.sop.duty("identification")
    if not step:
        return
    done = check.executions
    first = np.flatnonzero((done.step == step.number) & ~done.repeat & (done.round == 0))
    found = check.of_cases(Cases.found_at, done.case_row[first])
    due = check.calendar.day_of(found)
    early = done.start_late[first] < found
    late = done.start[first].astype("datetime64[D]") > due
    wrong = (early | late) & ~np.isnat(found) & ~np.isnat(done.start[first])
    start = done.start[first[wrong]]
    yield from check.mark(done.rows[first[wrong]], Events.start, step=step.number, start=start, found=found[wrong])
