"""The faults of the example, planted one by one into its year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sopkit.language import ROMAN_MONTHS
from sopkit.newbook.create import ErrorCell, Formula
from sopkit.register.schema import DISPOSALS, EVENTS, PEOPLE, REGISTER

from .texts import LONG_SEEN
from .year import (
    CAMAT,
    CANCELLED,
    DOMAIN,
    KASI,
    NOW,
    RECENT,
    RETIRED,
    SEKCAM,
    STAFF,
    YEAR,
    Case,
    Row,
    Year,
    fill_in,
    finished,
    numbered,
)


def plant_faults(year: Year) -> None:
    """Spoil one case after another; each fault is noted at the cell where it must be found.

    An error blocks its case's documents and its BA, so errors stand in cases with nothing to destroy, or together in
    the BAs that are spoiled anyway: 3, 4, 5, 9 and 12.
    """

    def case(place: int) -> Case:
        return year.cases[place]

    for plant in (
        _plant_cells, _plant_data, _plant_texts, _plant_numbers, _plant_order, _plant_order_again, _plant_time,
        _plant_running, _plant_people, _plant_records, _plant_closing, _plant_disposals,
    ):  # fmt: skip
        plant(year, case)


def _plant_cells(year: Year, case: Callable[[int], Case]) -> None:
    case(1).row["requirement"] = ErrorCell("#REF!")
    year.plant("B04", REGISTER, case(1).row, "requirement")
    case(3).row["addressee"] = Formula('=P8&""')
    year.plant("B05", REGISTER, case(3).row, "addressee")
    case(6).row["description"] = LONG_SEEN


def _plant_data(year: Year, case: Callable[[int], Case]) -> None:
    case(4).row["found_by"] = None
    year.plant("D01", REGISTER, case(4).row, "found_by")
    case(47).row["quantity"] = "tiga lembar"
    year.plant("D02", REGISTER, case(47).row, "quantity")
    case(10).row["found_at"] = dt.datetime.combine(case(10).row["found_at"].date(), dt.time())
    year.plant("D03", REGISTER, case(10).row, "found_at")
    case(13).row["verified_on"] = case(13).row["verified_on"].replace(year=YEAR + 1)
    year.plant("D04", REGISTER, case(13).row, "verified_on")
    found = case(14).row["found_at"]
    case(14).row["found_at"] = f"{found.day} {('Januari', 'Februari')[found.month - 1]} {found.year} {found:%H.%M}"
    year.plant("D05", REGISTER, case(14).row, "found_at")
    case(16).row["verified_on"] = "31/2/2026"
    year.plant("D06", REGISTER, case(16).row, "verified_on")
    case(7).row["category"] = "Mayer"
    year.plant("D07", REGISTER, case(7).row, "category")
    case(19).event(7)["actor"] += " "
    year.plant("D08", EVENTS, case(19).event(7), "actor")


def _plant_texts(year: Year, case: Callable[[int], Case]) -> None:
    people = {person["name"]: person for person in year.people}
    people[STAFF[6]]["nip"] = people[STAFF[6]]["nip"][:17]
    year.plant("D09", PEOPLE, people[STAFF[6]], "nip")
    people[STAFF[4]]["email"] = f"sri.wahyuni@@{DOMAIN}"
    year.plant("D15", PEOPLE, people[STAFF[4]], "email")
    again = {**people[STAFF[5]], "position": "Petugas Loket 2"}
    year.people.append(again)
    year.plant("D10", PEOPLE, again, "name")
    case(20).row["cause"] = "-"
    year.plant("D14", REGISTER, case(20).row, "cause")
    case(22).row["description"] = "idem"
    year.plant("D14", REGISTER, case(22).row, "description")


def _plant_numbers(year: Year, case: Callable[[int], Case]) -> None:
    first = year.cases[0]
    first.row["found_at"] = dt.datetime(YEAR - 1, 12, 31, 14, 20)
    year.plant("D16", REGISTER, first.row, "found_at")
    year.plant("U13", EVENTS, first.event(1), "start")
    wrong = case(24).row
    wrong["ptpp_number"] = wrong["ptpp_number"].replace(f"/{ROMAN_MONTHS[wrong['ptpp_date'].month - 1]}/", "/XII/")
    year.plant("D12", REGISTER, wrong, "ptpp_number")
    case(26).row["ptpp_number"] = f"PTPP No. 27 Tahun {YEAR}"
    year.plant("D13", REGISTER, case(26).row, "ptpp_number")
    for later in year.cases[100:]:
        number = later.row.get("ptpp_number")
        if number:
            sequence, _, rest = number.partition("/")
            later.row["ptpp_number"] = f"{int(sequence) + 1:03d}/{rest}"
    year.plant("D11", REGISTER, case(100).row, "ptpp_number")


def _plant_order(year: Year, case: Callable[[int], Case]) -> None:
    skipped = case(27)
    skipped.events.remove(skipped.event(3))
    year.plant("U01", EVENTS, skipped.event(5), "step")
    explained = case(28)
    explained.events.remove(explained.event(6))
    explained.row |= {"segregation_place": None, "to_destroy": "Tidak", "quantity": None, "unit": None}
    _undispose(explained)
    explained.event(7)["remark"] = (
        "Tidak ada hasil berupa barang; surat belum sempat dicetak sehingga tidak dipisahkan."
    )
    year.plant("U01", EVENTS, explained.event(7), "step")
    overtaken = case(29)
    start = overtaken.event(3)["end"] - dt.timedelta(minutes=4)
    overtaken.event(5).update(start=start, end=start + dt.timedelta(minutes=9))
    year.plant("U02", EVENTS, overtaken.event(5), "start")
    strange = case(30)
    event = strange.event(3)
    four = {**event, "step": "4", "start": event["end"], "end": year.after(event["end"], 6), "order": 1}
    strange.events.append(four)
    year.plant("U03", EVENTS, four, "step")
    repeated = case(31)
    first = repeated.event(2)
    start = year.after(first["end"], 3)
    again = {**first, "start": start, "end": year.after(start, 11)}
    repeated.events.append(again)
    year.plant("U04", EVENTS, again, "step")
    lost = case(32)
    typo = dict(lost.event(8), case=f"9{lost.row['number'][1:]}")
    lost.events.append(typo | {"order": 1})
    typo = lost.events[-1]
    typo["start"], typo["end"] = typo["end"], year.after(typo["end"], 4)
    year.plant("U06", EVENTS, typo, "case")


def _undispose(case: Case) -> None:
    case.row["disposal_number"] = None
    case.events = [event for event in case.events if event["step"] != 10]


def _plant_order_again(year: Year, case: Callable[[int], Case]) -> None:
    rejected = case(44)
    rejected.events.remove(rejected.event(7, 1))
    year.plant("U05", EVENTS, rejected.event(8, 1), "step")
    last = year.cases[-1]
    last.events.clear()
    last.row = {key: last.row[key] for key in ("number", "found_at", "service", "description", "found_by", "source")}
    last.row["status"] = "Terbuka"
    year.plant("U07", REGISTER, last.row, "number")
    case(33).event(3)["end"] = None
    year.plant("U08", EVENTS, case(33).event(3), "end")
    bare = case(34).event(8)
    bare["written"], bare["start"] = bare["start"], None
    year.plant("U09", EVENTS, bare, "start")
    for early in year.cases[11::29]:
        if early.events and early is not last:
            year.plant("U10", EVENTS, early.event(6), "start")
    soon = next(c for c in year.cases[60:] if c.row.get("disposal_number"))
    number = soon.row["disposal_number"]
    day = next(row for row in year.disposals if row["number"] == number)["date"]
    approval = soon.event(9, -1)
    approval["start"] = dt.datetime.combine(day, dt.time(10, 40))
    approval["end"] = dt.datetime.combine(day, dt.time(10, 58))
    year.plant("U11", EVENTS, soon.event(10), "start")
    year.plant("U02", EVENTS, soon.event(10), "start")
    year.plant("W07", EVENTS, approval, "start")
    year.plant("K55", REGISTER, soon.row, "verified_on")
    kept = next(c for c in year.cases[70:] if c.row.get("disposal_number"))
    kept.row["to_destroy"] = "Tidak"
    year.plant("U12", EVENTS, kept.event(10), "step")


def _plant_time(year: Year, case: Callable[[int], Case]) -> None:
    swapped = case(35).event(5)
    swapped["end"] = swapped["start"] - dt.timedelta(minutes=10)
    year.plant("W01", EVENTS, swapped, "end")
    for place, step, over, remark in (
        (36, 7, 130, None), (37, 2, 12, None), (45, 9, 9, None),
        (38, 7, 300, "Menunggu jawaban dinas kabupaten; surat penagihan dikirim hari kedua."),
        (39, 3, 45, "Camat dinas luar di kabupaten sampai siang."),
    ):  # fmt: skip
        event = case(place).event(step)
        _delay(year, case(place), event, over)
        event["remark"] = remark
        year.plant("W02", EVENTS, event, "end")
    evening = case(40).event(7)
    _close_of_day(year, case(40), evening)
    year.plant("W05", EVENTS, evening, "end")
    overtime = case(43).event(7)
    _close_of_day(year, case(43), overtime)
    overtime["remark"] = "Lembur mencetak ulang surat atas perintah Sekcam; tercatat di buku lembur."
    year.plant("W05", EVENTS, overtime, "end")
    instant = case(41).event(5)
    instant["end"] = instant["start"]
    year.plant("W06", EVENTS, instant, "end")
    idle = case(42)
    _shift(year, idle, 5, 1500)
    year.plant("W07", EVENTS, idle.event(5), "start")
    earlier, later = _simultaneous(year)
    later["actor"] = earlier["actor"]
    year.plant("W10", EVENTS, later, "start")


def _simultaneous(year: Year) -> tuple[Row, Row]:
    """Two short steps of Staf that different people did at the same time, in cases with no other fault."""
    events = [event for case in year.cases[60:98] for event in case.events if event["step"] in (1, 8)]
    events.sort(key=lambda event: event["start"])
    return next(
        (one, other)
        for place, one in enumerate(events)
        for other in events[place + 1 :]
        if other["start"] < one["end"] and one["start"] < other["start"] and one["case"] != other["case"]
    )


def _delay(year: Year, case: Case, event: Row, over: int) -> None:
    """End an execution so many working minutes after its deadline; what follows moves along."""
    late = year.after(year.deadline(event["step"], event["start"]), over)
    _move(year, case, event, late)


def _close_of_day(year: Year, case: Case, event: Row) -> None:
    """End an execution in the evening of the day on which it began."""
    _move(year, case, event, event["start"].replace(hour=17, minute=25))


def _move(year: Year, case: Case, event: Row, end: dt.datetime) -> None:
    """Give an execution another end; the later ones keep their working time from it (destruction keeps its day)."""
    before = event["end"]
    event["end"] = end
    for later in case.events:
        if later["start"] >= before and later is not event and later["step"] != 10:
            gap, length = year.worked(before, later["start"]), year.worked(later["start"], later["end"])
            later["start"] = year.opening(year.after(end, max(1, round(gap))))
            later["end"] = year.after(later["start"], max(1, round(length)))
    _verify_later(year, case)


def _verify_later(year: Year, case: Case) -> None:
    approval = finished(case, 9)
    if approval and case.row.get("verified_on"):
        case.row["verified_on"] = max(case.row["verified_on"], approval["end"].date())


def _shift(year: Year, case: Case, step: int, minutes: int) -> None:
    """Begin a step and all after it so many working minutes later."""
    first = case.event(step)["start"]
    for event in case.events:
        if event["start"] >= first and event["step"] != 10:
            length = year.worked(event["start"], event["end"])
            event["start"] = year.opening(year.after(event["start"], minutes))
            event["end"] = year.after(event["start"], max(1, round(length)))
    _verify_later(year, case)


def _plant_running(year: Year, case: Callable[[int], Case]) -> None:
    """The week of the example: what runs late, runs out soon, or has missed its target."""
    recent = [item for item in year.cases[-RECENT:] if item.events]
    late = next(item for item in recent if _began(item, 7, dt.datetime(YEAR, 11, 17), NOW - dt.timedelta(hours=26)))
    _hold(year, late, 7, late.event(7)["start"])
    year.plant("W03", EVENTS, late.event(7), "start")
    explained = next(
        item
        for item in recent
        if item is not late and _began(item, 3, dt.datetime(YEAR, 11, 17), NOW - dt.timedelta(hours=25))
    )
    _hold(year, explained, 3, explained.event(3)["start"])
    explained.event(3)["remark"] = "Camat bertugas di luar kota sampai Jumat siang; konsultasi dijadwalkan ulang."
    year.plant("W03", EVENTS, explained.event(3), "start")
    held = (late, explained)
    start = NOW - dt.timedelta(hours=23, minutes=35)
    near = next(item for item in recent if item not in held and _began(item, 7, start - dt.timedelta(hours=3), NOW))
    _hold(year, near, 7, start)
    year.plant("W04", EVENTS, near.event(7), "start")
    missed = next(item for item in recent[2:] if item.row["status"] == "Proses" and item not in (*held, near))
    missed.row["due_date"] = dt.date(YEAR, 11, 19)
    year.plant("W09", REGISTER, missed.row, "due_date")
    waiting = next(item for item in year.cases[104:] if item.row.get("disposal_number"))
    _undispose(waiting)
    year.plant("W08", REGISTER, waiting.row, "to_destroy")


def _began(case: Case, step: int, since: dt.datetime, until: dt.datetime) -> bool:
    return any(event["step"] == step and since <= event["start"] <= until for event in case.events)


def _hold(year: Year, case: Case, step: int, start: dt.datetime) -> None:
    """Let the case be at this step, running since `start`, with nothing after it."""
    place = case.events.index(case.event(step))
    event = case.events[place]
    case.events = [*case.events[:place], event]
    event.update(start=start, end=None)
    number, found = case.row["number"], case.row["found_at"]
    kept = {key: case.row[key] for key in ("service", "description", "found_by", "source", "requirement", "category")}
    dated = {key: case.row.get(key) for key in ("ptpp_number", "ptpp_date", "segregation_place")}
    case.row.clear()
    case.row.update({"number": number, "found_at": found, **kept, **dated})
    ptpp = dated["ptpp_number"]
    fill_in(year, case, year.cases.index(case), case.event(2)["actor"])
    case.row["ptpp_number"] = ptpp


def _plant_people(year: Year, case: Callable[[int], Case]) -> None:
    case(48).event(7)["actor"] = "Rizal Fahmy, A.Md.Kom"
    year.plant("P01", EVENTS, case(48).event(7), "actor")
    case(49).event(9)["actor"] = STAFF[(49 + 1) % len(STAFF)]
    year.plant("P02", EVENTS, case(49).event(9), "actor")
    case(50).event(3)["actor"] = CAMAT
    year.plant("P02", EVENTS, case(50).event(3), "actor")
    case(51).event(6)["actor"] = KASI[0]
    year.plant("P02", EVENTS, case(51).event(6), "actor")
    own = case(57)
    own.event(7)["actor"] = own.event(9)["actor"]
    year.plant("P02", EVENTS, own.event(7), "actor")
    year.plant("P03", EVENTS, own.event(9), "actor")
    case(53).row["verified_by"] = case(53).event(7)["actor"]
    year.plant("P04", REGISTER, case(53).row, "verified_by")
    case(54).event(8)["actor"] = RETIRED
    year.plant("P06", EVENTS, case(54).event(8), "actor")
    case(55).row["decided_by"] = SEKCAM
    year.plant("P08", REGISTER, case(55).row, "decided_by")


def _plant_records(year: Year, case: Callable[[int], Case]) -> None:
    """What a finished step should have left behind, and dates that cannot be."""
    for name in ("ptpp_number", "ptpp_date", "addressee", "responsible", "due_date"):
        case(99).row[name] = None
    year.plant("K01", REGISTER, case(99).row, "ptpp_number")
    for code, place, name in (
        ("K02", 59, "segregation_place"), ("K02", 60, "correction_result"), ("K06", 63, "corrective_action"),
        ("K11", 64, "due_date"), ("K15", 65, "addressee"), ("K16", 67, "verified_by"),
    ):  # fmt: skip
        case(place).row[name] = None
        year.plant(code, REGISTER, case(place).row, name)
    early = case(68).row
    early["due_date"] = early["ptpp_date"] - dt.timedelta(days=1)
    year.plant("K11", REGISTER, early, "due_date")
    kept = [item for item in year.cases[71:] if not item.row.get("disposal_number")]
    dated = next(item for item in kept if item.row["found_at"].day > 3)
    dated.row["ptpp_date"] = dated.row["found_at"].date() - dt.timedelta(days=2)
    year.plant("K13", REGISTER, dated.row, "ptpp_date")
    hasty = next(item for item in year.cases[76:] if item.row["status"] == "Selesai" and item.event(7)["end"].day > 3)
    hasty.row["verified_on"] = hasty.event(7)["end"].date() - dt.timedelta(days=1)
    year.plant("K13", REGISTER, hasty.row, "verified_on")
    undecided = next(item for item in year.cases[80:] if item.row.get("to_destroy") == "Tidak")
    undecided.row["to_destroy"] = None
    year.plant("K14", REGISTER, undecided.row, "to_destroy")
    again = case(92)
    before = next(item for item in reversed(year.cases[:92]) if item.service is again.service)
    again.row["cause"] = before.row["cause"].rstrip(".") + ", seperti bulan lalu."
    year.plant("K12", REGISTER, again.row, "cause")


def _plant_closing(year: Year, case: Callable[[int], Case]) -> None:
    """Cases closed wrongly, or verified without success."""
    reopened = next(item for item in reversed(year.cases[:-RECENT]) if item.row["due_date"] > NOW.date())
    reopened.row["status"] = "Terbuka"
    year.plant("K07", REGISTER, reopened.row, "status")
    silent = case(CANCELLED[3]).row
    silent["remark"] = None
    year.plant("K07", REGISTER, silent, "status")
    late = case(46).row
    late["verified_on"] = late["due_date"] + dt.timedelta(days=3)
    year.plant("K53", REGISTER, late, "verified_on")
    failed = [item.row for item in year.cases[84:98] if item.row["status"] == "Selesai"]
    for row, follow_up in (
        (failed[0], None),
        (failed[1], f"205/PTPP/XI/{YEAR}"),
        (failed[4], case(106).row["ptpp_number"]),
    ):
        row |= {"verification": "Tidak Sesuai", "follow_up_ptpp": follow_up}
    year.plant("K08", REGISTER, failed[0], "follow_up_ptpp")
    year.plant("K09", REGISTER, failed[1], "follow_up_ptpp")


def _plant_disposals(year: Year, case: Callable[[int], Case]) -> None:
    """The acts of destruction: dates, witnesses, numbers."""
    rows = year.disposals
    rows[2]["witness1"] = rows[2]["executor"]
    year.plant("P05", DISPOSALS, rows[2], "witness1")
    rows[3]["witness2"] = rows[3]["witness1"]
    year.plant("P05", DISPOSALS, rows[3], "witness2")
    rows[4]["date"] += dt.timedelta(days=1)
    year.plant("K05", DISPOSALS, rows[4], "date")
    taken = (rows[6]["executor"], rows[6]["witness1"])
    rows[6]["executor"] = next(name for name in STAFF if name not in taken)
    year.plant("K17", DISPOSALS, rows[6], "executor")
    rows[8]["acknowledged_by"] = SEKCAM
    year.plant("P09", DISPOSALS, rows[8], "acknowledged_by")
    destroyed = [item.row for item in year.cases[107:] if item.row.get("disposal_number")]
    destroyed[0]["disposal_number"] = "BA nomor 9, September"
    year.plant("K03", REGISTER, destroyed[0], "disposal_number")
    destroyed[1]["quantity"] = None
    year.plant("K10", REGISTER, destroyed[1], "quantity")
    day = dt.date(YEAR, 11, 17)
    alone = {
        **rows[-1],
        "number": numbered(len(rows) + 1, "BA", day),
        "date": day,
        "remark": "Menunggu berkas dari seksi.",
    }
    rows.append(alone)
    year.plant("K04", DISPOSALS, alone, "number")
    year.calendar_extra.append(
        {
            "date": dt.date(YEAR, 3, 15),
            "kind": "Libur Daerah",
            "remark": "Hari Jadi Kabupaten (perkiraan, menunggu edaran)",
        }
    )
