"""The example's office and its year of about 150 cases, as the SOP wants them. Nobody in it is real."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sopkit.language import ROMAN_MONTHS
from sopkit.register.default_calendar import seed_frames
from sopkit.register.schema import SheetPlan
from sopkit.sop.model import Sop, Standard
from sopkit.workcalendar import WorkCalendar

from .texts import SERVICES, VILLAGES, Service, Story

YEAR = 2026
NOW = dt.datetime(2026, 11, 20, 10, 0)
CASES = 150
RECENT = 11
DOMAIN = "contoh.example"
Row = dict[str, Any]
CAMAT = "Wahyu Sasongko, M.M."  # until he retires
NEXT_CAMAT = "Handoyo Setiawan, S.STP."
RETIRES, SUCCEEDED = dt.date(YEAR, 7, 31), dt.date(YEAR, 9, 14)
SEKCAM = "Retno Widyastuti, M.Si."
KASI = ("Bambang Triyono, S.Sos.", "Siti Maryam, S.E.", "Agus Prasetya, S.IP.")
STAFF = (
    "Nur Hidayah, A.Md.", "Joko Santosa", "Dewi Anggraini, S.AP.", "Rizal Fahmi, A.Md.Kom.", "Sri Wahyuni",
    "Yulianto", "Tri Handoko",
)  # fmt: skip
RETIRED = "Supardi"
PEOPLE_ROWS: tuple[tuple[str, ...], ...] = (
    (CAMAT, "197103141996031004", "Pembina Tingkat I (IV/b)", "Camat", "Camat", "camat"),
    (SEKCAM, "197608222001122003", "Pembina (IV/a)", "Sekretaris Kecamatan", "Sekcam", "sekcam"),
    (NEXT_CAMAT, "198003092000121002", "Pembina (IV/a)", "Camat", "Camat", "camat.baru"),
    (
        KASI[0],
        "197905172005011006",
        "Penata Tingkat I (III/d)",
        "Kepala Seksi Pelayanan Umum",
        "Kasi",
        "kasi.pelayanan",
    ),
    (
        KASI[1],
        "198002282006042011",
        "Penata Tingkat I (III/d)",
        "Kepala Seksi Pemberdayaan",
        "Kasi",
        "kasi.pemberdayaan",
    ),
    (KASI[2], "198211052009021003", "Penata (III/c)", "Kepala Seksi Pemerintahan", "Kasi", "kasi.pemerintahan"),
    (STAFF[0], "199001122014022005", "Pengatur Tingkat I (II/d)", "Pengelola Layanan", "Staf", "nur.hidayah"),
    (STAFF[1], "198507302010011017", "Pengatur (II/c)", "Pengadministrasi Umum", "Staf", "joko.santosa"),
    (STAFF[2], "199304192019032014", "Penata Muda (III/a)", "Analis Pelayanan", "Staf", "dewi.anggraini"),
    (STAFF[3], "199509032020121008", "Pengatur (II/c)", "Pranata Komputer", "Staf", "rizal.fahmi"),
    (STAFF[4], "198812252011012010", "Pengatur Tingkat I (II/d)", "Pengelola Kearsipan", "Staf", "sri.wahyuni"),
    (STAFF[5], "198406182008011009", "Pengatur (II/c)", "Petugas Loket", "Staf", "yulianto"),
    (STAFF[6], "199610102022031007", "Pengatur Muda (II/a)", "Petugas Loket", "Staf", "tri.handoko"),
    (
        RETIRED,
        "196802151990031006",
        "Penata Muda Tingkat I (III/b)",
        "Pengadministrasi (purnatugas)",
        "Staf",
        "supardi",
    ),
)
BUSY, RARE = (0, 8, 9), (5, 7, 12)
"""Services (places in SERVICES) that fail more often and less often than the others."""
PLACES = (
    "Rak merah loket 1",
    "Rak merah loket 2",
    "Lemari arsip B",
    "Map merah ruang Seksi Pelayanan",
    "Boks karantina arsip",
)
CITIZENS = {18: "Sumarni (pemohon)", 86: "Bapak Ngatimin (pemohon)", 122: "Ibu Lestari (pemohon)"}
"""Who found a case that began with a complaint, where it was a citizen."""
DISPOSAL_DAYS = (
    (2, 2), (3, 2), (4, 1), (4, 28), (6, 2), (6, 29), (7, 28), (8, 25), (9, 22), (10, 20), (11, 12),
)  # fmt: skip
"""Days of routine destruction: at most thirty days apart, so that nothing waits longer than the office allows."""


@dataclass
class Case:
    """A nonconformity as it goes into Register (`row`) and Langkah (`events`)."""

    row: Row
    events: list[Row]
    service: Service
    story: Story

    def event(self, step: int, occurrence: int = 0) -> Row:
        """The given execution of a step; IndexError if there is none."""
        return [event for event in self.events if event["step"] == step][occurrence]


@dataclass
class Year:
    """The year in the making."""

    sop: Sop
    chance: random.Random = field(default_factory=lambda: random.Random(20261120))
    cases: list[Case] = field(default_factory=list)
    disposals: list[Row] = field(default_factory=list)
    people: list[Row] = field(default_factory=list)
    calendar_extra: list[Row] = field(default_factory=list)
    busy: dict[str, list[tuple[dt.datetime, dt.datetime]]] = field(default_factory=dict)
    marks: list[tuple[str, SheetPlan, Row, str]] = field(default_factory=list)

    @cached_property
    def calendar(self) -> WorkCalendar:
        days, hours = seed_frames([YEAR])
        return WorkCalendar.from_tables(days, hours, dt.date(YEAR, 1, 1), dt.date(YEAR, 12, 31), self.sop.day)

    def after(self, moment: dt.datetime, minutes: float) -> dt.datetime:
        """So many working minutes later."""
        return _moment(self.calendar.deadline(moment, Standard(minutes, "menit")))

    def opening(self, moment: dt.datetime) -> dt.datetime:
        """The moment itself in working hours, else the next opening."""
        return _moment(self.calendar.next_opening(moment))

    def deadline(self, step: int, start: dt.datetime) -> dt.datetime:
        return _moment(self.calendar.deadline(start, self.sop.step(step).standard))

    def worked(self, start: dt.datetime, end: dt.datetime) -> float:
        """Working minutes between two moments."""
        return float(self.calendar.elapsed(start, end)) / 60

    def plant(self, code: str, plan: SheetPlan, row: Row, name: str) -> None:
        """Note that `row` now holds this fault in the field `name`."""
        self.marks.append((code, plan, row, name))


def _moment(value: Any) -> dt.datetime:
    made: dt.datetime = value.astype("datetime64[s]").item()
    return made


def ordinary_year(sop: Sop) -> Year:
    """The year as it should be: every case within the SOP and its standards."""
    year = Year(sop)
    year.people = [
        dict(zip(("name", "nip", "rank", "position", "role", "email"), row, strict=True)) for row in PEOPLE_ROWS
    ]
    for person in year.people:
        person |= {"email": f"{person['email']}@{DOMAIN}", "active": "Tidak" if person["name"] == RETIRED else "Ya"}
    _periods(year)
    for place, found in enumerate(_found_moments(year)):
        year.cases.append(_case(year, place, found))
    _dispose(year)
    return year


def _periods(year: Year) -> None:
    """The Camat retires; until the next one takes office the Sekcam is Plt. Camat."""
    posts = {person["name"]: person for person in year.people}
    posts[CAMAT] |= {"end": RETIRES, "basis": "SK pensiun Nomor 882/0417/2026"}
    acting = posts[SEKCAM] | {"position": "Plt. Camat", "role": "Camat", "start": RETIRES + dt.timedelta(days=1),
                              "end": SUCCEEDED - dt.timedelta(days=1),
                              "basis": "Surat Perintah Bupati Nomor 821.2/1187/2026"}  # fmt: skip
    year.people.insert(2, acting)
    posts[NEXT_CAMAT] |= {"start": SUCCEEDED, "basis": "SK Bupati Nomor 821.2/1402/2026"}


def camat_on(day: dt.date) -> str:
    """Who is Camat, or acts as Camat, on a day."""
    return CAMAT if day <= RETIRES else SEKCAM if day < SUCCEEDED else NEXT_CAMAT


def _found_moments(year: Year) -> list[dt.datetime]:
    """When each case was found: evenly over the year's working time, the last ones in the week of the example."""
    settled = _spread(year, dt.datetime(YEAR, 1, 5, 7, 45), dt.datetime(YEAR, 11, 13, 11, 0), CASES - RECENT)
    return settled + _spread(year, dt.datetime(YEAR, 11, 16, 7, 50), dt.datetime(YEAR, 11, 19, 14, 30), RECENT)


def _spread(year: Year, first: dt.datetime, last: dt.datetime, count: int) -> list[dt.datetime]:
    """So many moments between two, a little uneven; none so late in the day that step 1 would wait until the next."""
    total, moments = year.worked(first, last), []
    for place in range(count):
        moment = year.after(first, round(total * (place + 0.3 + 0.5 * year.chance.random()) / count))
        if year.after(moment, 40).date() != moment.date():
            moment -= dt.timedelta(minutes=50)
        moments.append(moment)
    return moments


def _case(year: Year, place: int, found: dt.datetime) -> Case:
    block, turn = divmod(place, len(SERVICES))
    order = list(range(len(SERVICES)))
    random.Random(block // 2 + 7).shuffle(order)
    service = SERVICES[order[turn]]
    story = service.stories[block % 4]
    if order[turn] in RARE and block % 5 in (1, 3, 4):
        service = SERVICES[BUSY[(RARE.index(order[turn]) + block) % len(BUSY)]]
        story = service.stories[4 + sum(case.story in service.stories[4:] for case in year.cases) % 4]
    village = VILLAGES[(place * 7 + block) % len(VILLAGES)]
    staff, kasi = STAFF[place % len(STAFF)], KASI[(place // 2) % len(KASI)]
    number = numbered(place + 1, "CLTS", found)
    row: Row = {
        "number": number,
        "found_at": found,
        "service": service.name,
        "description": story.seen.format(desa=village),
        "found_by": CITIZENS.get(place, staff),
        "source": ("Keluhan", "Layanan Tidak Sesuai", "Keluhan", "Survei", "Audit", "Layanan Tidak Sesuai")[place % 6],
        "requirement": service.requirement,
        "category": ("Minor", "Minor", "Observasi", "Mayor", "Minor")[place % 5],
        "segregation_place": PLACES[place % len(PLACES)],
    }
    case = Case(row, [], service, story)
    _steps(year, case, place, staff, kasi)
    _cut(case)
    fill_in(year, case, place, kasi)
    return case


def numbered(sequence: int, kind: str, date: dt.date) -> str:
    """`001/CLTS/I/2026`."""
    return f"{sequence:03d}/{kind}/{ROMAN_MONTHS[date.month - 1]}/{date.year}"


def _steps(year: Year, case: Case, place: int, staff: str, kasi: str) -> None:
    """Carry a case through the SOP, within its standards and in working hours."""
    chance, found = year.chance, case.row["found_at"]
    helper = STAFF[(place + 3) % len(STAFF)]
    approver = SEKCAM if place % 4 == 0 else KASI[(place // 2 + 1) % len(KASI)]
    moment = _execute(year, case, 1, staff, found, chance.randint(3, 9), chance.randint(6, 13))
    if place % 29 == 11:
        moment = _execute(year, case, 6, staff, moment, 4, chance.randint(8, 20))
    moment = _execute(year, case, 2, kasi, moment, chance.randint(8, 70), chance.randint(20, 52))
    if place in CANCELLED:
        return
    moment = _execute(year, case, 3, kasi, moment, chance.randint(15, 90), chance.randint(40, 190))
    pause, minutes = chance.randint(10, 120), chance.randint(5, 13)
    decider = camat_on(year.opening(year.after(moment, pause)).date())
    moment = _execute(year, case, 5, decider, moment, pause, minutes)
    if place % 29 != 11:
        moment = _execute(year, case, 6, staff, moment, chance.randint(5, 40), chance.randint(8, 25))
    rounds = 2 if place in REJECTED else 1
    for turn in range(rounds):
        moment = _execute(year, case, 7, helper, moment, chance.randint(10, 80), chance.randint(60, 250))
        moment = _execute(year, case, 8, helper, moment, chance.randint(5, 40), chance.randint(10, 45))
        moment = _execute(year, case, 9, approver, moment, chance.randint(8, 60), chance.randint(7, 24))
        case.events[-1]["outcome"] = "Disetujui" if turn == rounds - 1 else "Ditolak"
        if turn < rounds - 1:
            case.events[-1]["remark"] = "Hasil perbaikan belum memuat paraf pemeriksa; diperbaiki dahulu."


CANCELLED = (23, 58, 91, 127)
REJECTED = (17, 44, 66, 88, 101, 119, 133, 139)


def _execute(year: Year, case: Case, step: int, actor: str, before: dt.datetime, gap: int, minutes: int) -> dt.datetime:
    """One execution, `gap` working minutes after `before`, where its actor is free and the standard is kept."""
    start = year.opening(year.after(before, gap))
    short = year.sop.step(step).standard.seconds is not None
    while True:
        end = min(year.after(start, minutes), year.deadline(step, start))
        taken = next((till for since, till in year.busy.get(actor, []) if short and since < end and start < till), None)
        if taken is None:
            break
        start = year.opening(year.after(taken, 5))
    if short:
        year.busy.setdefault(actor, []).append((start, end))
    case.events.append({"case": case.row["number"], "step": step, "actor": actor, "start": start, "end": end})
    return end


def _cut(case: Case) -> None:
    """What has not happened yet at the moment of the example is not written yet."""
    case.events = [event for event in case.events if event["start"] <= NOW]
    for event in case.events:
        if event["end"] > NOW:
            event["end"] = None
            event.pop("outcome", None)
            event.pop("remark", None)


def finished(case: Case, step: int) -> Row | None:
    """The last execution of a step that has ended."""
    ended = [event for event in case.events if event["step"] == step and event["end"]]
    return ended[-1] if ended else None


def fill_in(year: Year, case: Case, place: int, kasi: str) -> None:
    """Register's columns as far as the steps have come."""
    row, service, story = case.row, case.service, case.story
    begun = {event["step"] for event in case.events}
    identified = finished(case, 1)
    if identified:
        date = identified["end"].date()
        row |= {
            "ptpp_number": numbered(place + 1, "PTPP", date), "ptpp_date": date, "addressee": kasi,
            "responsible": kasi, "due_date": _target(year, identified["end"]),
            "correction": service.correction,
        }  # fmt: skip
    if finished(case, 2):
        row["cause"] = story.cause
    if finished(case, 3):
        row |= {"corrective_action": story.mend, "preventive_action": story.prevent}
    decision = finished(case, 5)
    if decision:
        row |= {
            "disposition": ("Perbaikan", "Penggantian", "Penggantian", "Penarikan")[place % 4],
            "decided_by": decision["actor"],
        }
    segregated = finished(case, 6)
    if segregated is None:
        row.pop("segregation_place")
    else:
        row["to_destroy"] = "Tidak" if place % 3 == 1 else "Ya"
        if row["to_destroy"] == "Ya":
            row |= {"quantity": 1 + place % 4, "unit": service.unit}
    if finished(case, 7):
        row["correction_result"] = f"{story.mend.rstrip('.')}; selesai dan diterima pemohon."
    approval = finished(case, 9)
    row["status"] = "Proses" if begun - {1} else "Terbuka"
    if place in CANCELLED:
        row |= {"status": "Batal", "remark": "Setelah dievaluasi ternyata sesuai standar; laporan dicabut pelapor."}
    elif approval and approval["outcome"] == "Disetujui":
        verified = year.opening(year.after(approval["end"], 450))
        if verified <= NOW:
            row |= {
                "verification": "Sesuai",
                "verified_by": SEKCAM,
                "verified_on": verified.date(),
                "status": "Selesai",
            }


def _target(year: Year, identified: dt.datetime) -> dt.date:
    """Ten working days after the case was identified."""
    return _moment(year.calendar.deadline(identified, Standard(10, "hari"))).date()


def _dispose(year: Year) -> None:
    """Routine destruction: one BA for all that was approved for it since the last one."""
    waiting = [case for case in year.cases if case.row.get("to_destroy") == "Ya" and case.row["status"] == "Selesai"]
    for sequence, (month, day) in enumerate(DISPOSAL_DAYS, start=1):
        start = year.opening(dt.datetime(YEAR, month, day, 9, 0))
        due = [case for case in waiting if case.event(9, -1)["end"] < start and case.row["verified_on"] < start.date()]
        waiting = [case for case in waiting if case not in due]
        number, executor = numbered(sequence, "BA", start), STAFF[(sequence * 2) % len(STAFF)]
        for case in due:
            case.row["disposal_number"] = number
            case.events.append(
                {
                    "case": case.row["number"], "step": 10, "actor": executor, "start": start,
                    "end": year.after(start, 95), "remark": "Dimusnahkan bersama menurut BA.",
                }
            )  # fmt: skip
        others = [name for name in STAFF if name != executor]
        year.disposals.append(
            {
                "number": number, "date": start.date(), "place": "Halaman belakang kantor kecamatan",
                "manner": ("Dicacah dengan mesin pencacah kertas", "Dibakar sampai menjadi abu")[sequence % 2],
                "executor": executor, "witness1": others[sequence % 6], "witness2": KASI[sequence % 3],
                "acknowledged_by": camat_on(start.date()),
            }
        )  # fmt: skip
