"""laporan.html: one self-contained page that a Camat reads on a phone and a clerk prints on A4.

The page needs no network and no script. Its content security policy forbids everything but its own style sheet, named
by its hash, so nothing that stood in a cell can ever run or load. What is shown depends on the register alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any, Protocol

from markupsafe import Markup

from sopkit import language
from sopkit.checks.catalogue import EXPLAINED, Finding, Severity, counted
from sopkit.checks.changes import CHANGE_KINDS, Change, Changes, short_link
from sopkit.checks.inspection import Inspected
from sopkit.html_page import policy_hash, resource, template
from sopkit.reports import statistics as numbers
from sopkit.reports import timeline
from sopkit.reports.findings import STANDINGS, TASKS, place_text, remedy_text, standing_text, task_of, urgency
from sopkit.reports.withheld import Skipped, withheld
from sopkit.sop.model import signer_remarks
from sopkit.text import same

ROOM = "sopkit.reports"
LARGEST = 300_000  # bytes of a page that a phone opens at once, and that every mail server takes
MOST_CASES, MOST_TIMELINES, MOST_ROWS = 200, 80, 300
MOST_PLACES = 4
MOST_NUMBERS = 500  # of documents named in one row
MOST_BARS = 8  # of a Pareto; the others are one bar
MOST_LETTERS = 120  # of a bar's label
OPEN_TIMELINES = 12  # the others are folded, and left out on paper
INDENTED = re.compile(r"\n\s+")
CURRENT = "sesuai register"
STATES = {"kept": "diubah dengan tangan, dibiarkan", "outdated": "belum menurut templat atau data kantor terbaru"}
TONES = ("error", "breach", "warning", "note")


class Document(Protocol):
    """A document as the report lists it."""

    @property
    def title(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def path(self) -> PurePath: ...
    @property
    def state(self) -> str: ...


@dataclass(frozen=True)
class Room:
    """How many cases, timelines and rows of a list a page has room for; the others are in the workbook's copy."""

    cases: int
    timelines: int
    rows: int
    reasons: int


ROOMS = (
    Room(MOST_CASES, MOST_TIMELINES, MOST_ROWS, 500), Room(200, 40, 300, 500), Room(160, 30, 200, 300),
    Room(120, 20, 100, 200), Room(80, 12, 60, 100), Room(40, 6, 30, 50),
)  # fmt: skip
"""The most first: the page is the first of them that is not too large."""


@dataclass(frozen=True)
class Action:
    """One thing to do first: what, and the gravest places as (where, anchor or "", what was found)."""

    tone: str
    title: str
    places: tuple[tuple[str, str, str], ...]
    more: int


@dataclass(frozen=True)
class Card:
    """One case with its findings and its timeline."""

    anchor: str
    number: str
    service: str
    status: str
    description: str
    found: str
    age: str
    closed_late: str
    tone: str
    findings: tuple[Finding, ...]
    told: tuple[Finding, ...]  # those that Keterangan explains
    timeline: timeline.Timeline | None
    open: bool

    @property
    def urgent(self) -> bool:
        """Whether its timeline is looked at: the case is open, or something in it is more than a note."""
        return self.open or self.tone in TONES[:3]


@dataclass(frozen=True)
class Bar:
    """A row of a chart; lengths are thousandths of the chart's width."""

    label: str
    text: str
    length: int
    late: int = 0
    mark: int | None = None
    detail: str = ""

    @property
    def spoken(self) -> str:
        return f"{self.label}: {self.text}"


def render_report(
    inspected: Inspected,
    documents: Sequence[Document] = (),
    skipped: Sequence[Skipped] = (),
) -> str:
    """The whole page as text (encode as UTF-8).

    `documents` and `skipped` are what was made and what was not. Whether a document was made now or stood already is
    not said: the page depends on what is, not on how often it was made.
    """
    style, measured = INDENTED.sub("\n", resource(ROOM, "report.css")), numbers.measure(inspected)
    view = {**_view(inspected, measured), "documents": document_rows(documents), "withheld": withheld(skipped)}
    every, drawn = _ordered(inspected, measured)
    for room in ROOMS:
        cards = [_card(place, *one, drawn) for place, one in enumerate(every[: room.cases], start=1)]
        cards = [replace(card, timeline=None) if place >= room.timelines else card for place, card in enumerate(cards)]
        page = template(ROOM, "report.html.j2").render(
            style=Markup(style),
            style_hash=policy_hash(style),
            place=place_text,
            standing=standing_text,
            remedy=remedy_text,
            told_text=_told_text,
            change_kinds=CHANGE_KINDS,
            room=room,
            **_of_cards(inspected, cards, len(every)),
            **view,
        )
        page = INDENTED.sub("\n", page)
        if len(page.encode("utf-8")) <= LARGEST:
            break
    return page


def document_rows(documents: Sequence[Document]) -> list[tuple[str, str, str, str]]:
    """What there is of each kind and state: title, numbers, where it lies, state."""
    kinds: dict[tuple[str, str], list[Document]] = {}
    for each in documents:
        kinds.setdefault((each.title, STATES.get(each.state, CURRENT)), []).append(each)
    rows = []
    for (title, state), several in kinds.items():
        named = ", ".join(each.number for each in several[:MOST_NUMBERS] if each.number)
        more = len(several) - MOST_NUMBERS
        first = several[0]
        place = f"{first.path.parent.name}/" if first.number else first.path.name
        rows.append((title, f"{named}, dan {language.number_text(more)} lagi" if more > 0 else named, place, state))
    return rows


def _of_cards(inspected: Inspected, cards: Sequence[Card], every: int) -> Mapping[str, object]:
    anchors = {card.number: card.anchor for card in cards}
    drawn = sum(card.timeline is not None for card in cards)
    return {
        "cards": cards,
        "left": {"cases": every - len(cards), "drawn": drawn, "timelines": len(cards) - drawn},
        "anchors": anchors,
        "actions": _actions(inspected.findings, anchors),
    }


def _view(inspected: Inspected, measured: numbers.Figures) -> Mapping[str, object]:
    findings = inspected.findings
    total = numbers.total(measured)
    return {
        "government": inspected.office.government,
        "office": measured.office,
        "address": inspected.office.address,
        "book": measured.name,
        "sha": inspected.register.source.sha256[:12],
        "sop": inspected.sop,
        "remarks": _remarks(inspected),
        "as_of": language.datetime_text(inspected.as_of),
        "tone": _tone(inspected.summary),
        "verdict": numbers.verdict(inspected),
        "detail": _detail(inspected, total),
        "counts": _counts(inspected.summary),
        "tiles": _tiles(total, with_steps=not inspected.register.without_steps),
        "open_timelines": OPEN_TIMELINES,
        "history": bool(inspected.history.cases),
        "quiet": _quiet(inspected, measured, findings),
        "general": tuple(found for found in findings if found.case is None and not found.explained),
        "general_told": tuple(found for found in findings if found.case is None and found.explained),
        "steps": [] if inspected.register.without_steps else _step_bars(measured),
        "paretos": _paretos(measured),
        "counts_by": _counts_by(measured),
        "recurrences": tuple(found for found in findings if "recurrent" in found.tags),
        "total": total,
        "percent": numbers.percent,
        "number": language.number_text,
        "changes": inspected.changes,
        "changed": _change_rows(inspected.changes),
        "changed_counts": _change_counts(inspected.changes),
        "short_link": short_link,
        "moment": language.datetime_text,
    }


def _remarks(inspected: Inspected) -> list[str]:
    """What a reader should know of the SOP; of its signers only in the office that they signed for."""
    own = same(inspected.office.name, inspected.sop.office.name)
    signers = () if own else signer_remarks(inspected.sop)
    return [remark for remark in inspected.sop.remarks if remark not in signers]


def _change_rows(changes: Changes | None) -> list[Change]:
    """What the last interval brought, the gravest first."""
    order = list(CHANGE_KINDS)
    return sorted(changes.since, key=lambda one: order.index(one.kind)) if changes and not changes.older else []


def _change_counts(changes: Changes | None) -> list[tuple[str, str, str]]:
    """Tone, count and name of each kind of change that there is."""
    kinds = [one.kind for one in _change_rows(changes)]
    tones = {"gone": "error", "changed": "breach"}
    counts = ((tones.get(kind, "note"), kinds.count(kind), name.lower()) for kind, name in CHANGE_KINDS.items())
    return [(tone, language.number_text(count), name) for tone, count, name in counts if count]


def _tone(summary: Mapping[str, int]) -> str:
    return next((tone for tone in TONES[:3] if summary[tone]), "good")


def _detail(inspected: Inspected, total: numbers.Totals) -> str:
    """A sentence or two that the headline leaves open."""
    blocked = {f.case for f in inspected.findings if f.severity is Severity.ERROR and f.case}
    parts = []
    if blocked:
        parts.append(f"Dokumen {len(blocked)} kasus belum dapat dibuat sampai kesalahannya diperbaiki.")
    if total.overdue:
        parts.append(f"{language.number_text(total.overdue)} kasus terbuka sudah melewati batas waktu.")
    if told := _told_text([found for found in inspected.findings if found.explained]):
        parts.append(f"Selain itu, {told} pada kolom Keterangan.")
    if not parts:
        parts.append("Tidak ada kasus terbuka yang melewati batas waktu.")
    if history := numbers.history_text(inspected):
        parts.append(history)
    if unrecorded := numbers.steps_text(inspected):
        parts.append(unrecorded)
    if outdated := numbers.outdated_text(inspected, inspected.book.path.name):
        parts.append(f"{outdated}.")
    return " ".join(parts)


def _told_text(findings: Sequence[Finding]) -> str:
    """`1 penyimpangan sudah dijelaskan dan 2 peringatan sudah diberi keterangan`; empty where there is none."""
    count = counted(findings)
    return language.list_text(
        f"{language.number_text(count[kind])} {severity.indonesian} sudah {STANDINGS[kind]}"
        for severity, kind in EXPLAINED.items()
        if count[kind]
    )


def _counts(summary: Mapping[str, int]) -> list[tuple[str, str, str]]:
    names = [
        ("error", "error", "kesalahan"),
        ("breach", "breach", "penyimpangan"),
        ("explained", "explained", "dijelaskan"),
        ("warning", "warning", "peringatan"),
        ("acknowledged", "explained", "diberi keterangan"),
        ("note", "note", "informasi"),
    ]
    return [(tone, language.number_text(summary[key]), name) for key, tone, name in names]


def _tiles(total: numbers.Totals, *, with_steps: bool = True) -> list[tuple[str, str, str]]:
    """Label, figure, and what stands under it."""
    number = language.number_text
    return [
        ("Kasus tercatat", number(total.cases), f"{number(total.closed)} selesai, {number(total.cancelled)} batal"),
        ("Masih terbuka", number(total.open), f"{number(total.overdue)} melewati batas waktu"),
        (
            "Tingkat penyelesaian",
            numbers.percent(total.closing_rate),
            f"tanpa yang batal; {numbers.closed_text(total)}",
        ),
        ("Ditutup dalam target", numbers.percent(total.target_rate), numbers.target_text(total)),
        ("Sampai diverifikasi", numbers.days_text(total.days), "sejak ditemukan, median kasus selesai"),
        (
            "Langkah tepat waktu",
            numbers.percent(total.on_time_rate),
            f"dari {number(total.finished)} langkah selesai" if with_steps else "langkah tidak dicatat",
        ),
    ]


def _actions(findings: Sequence[Finding], anchors: Mapping[str, str]) -> list[Action]:
    """What to do first, in the order of `TASKS`; a finding belongs to the first task that takes it."""
    groups: dict[int | None, list[Finding]] = {}
    for found in sorted(findings, key=urgency):
        groups.setdefault(task_of(found), []).append(found)
    actions = []
    for task, (tone, _, title) in enumerate(TASKS):
        if group := groups.get(task):
            places = [(_whose(found), anchors.get(found.case or "", ""), found.message) for found in group]
            count = language.number_text(len(group))
            more = max(len(group) - MOST_PLACES, 0)
            actions.append(Action(tone, title.format(count=count), tuple(places[:MOST_PLACES]), more))
    return actions


def _whose(found: Finding) -> str:
    return f"{found.case} ({place_text(found)})" if found.case else place_text(found)


def _ordered(
    inspected: Inspected, measured: numbers.Figures
) -> tuple[list[tuple[str, Mapping[str, Any], Sequence[Finding]]], Mapping[str, timeline.Timeline]]:
    """The cases that need a look, worst first, with their facts and findings; and the timelines of the first."""
    grouped: dict[str, list[Finding]] = {}
    for found in inspected.findings:
        if found.case:
            grouped.setdefault(found.case, []).append(found)
    known = measured.cases.dropna(subset=["number"]).drop_duplicates("number").set_index("number")
    wanted = {*grouped, *known.index[known["open"] & ~known["history"]]}
    ordered = sorted(wanted, key=lambda case: (*_gravity(grouped.get(case, ())), case))
    drawn = timeline.draw(inspected, ordered[:MOST_TIMELINES])
    shown = known[known.index.isin(ordered[:MOST_CASES])]
    facts = {
        str(case): {str(name): value for name, value in row.items()} for case, row in shown.to_dict("index").items()
    }
    return [(case, facts.get(case, {}), grouped.get(case, ())) for case in ordered], drawn


def _gravity(findings: Sequence[Finding]) -> tuple[int, ...]:
    """Sorts the gravest first: more errors, then more unexplained breaches, then warnings, then the explained."""
    kinds = [found.counts_as for found in findings]
    return tuple(-kinds.count(kind) for kind in numbers.GRAVEST)


def _card(
    place: int,
    number: str,
    case: Mapping[str, Any],
    findings: Sequence[Finding],
    drawn: Mapping[str, timeline.Timeline],
) -> Card:
    age = case.get("age")
    found_at = case.get("found_at")
    severities = [TONES.index(found.severity.value) for found in findings if not found.explained]
    worst = sorted(findings, key=lambda found: TONES.index(found.severity.value))
    return Card(
        anchor=f"kasus-{place}",
        number=number,
        service=str(case.get("service", "Tidak ada di sheet Register")),
        status=str(case.get("status", numbers.UNCLEAR)),
        description=str(case.get("description") or ""),
        found=language.datetime_text(found_at.to_pydatetime()) if found_at is not None and found_at == found_at else "",
        age=f"{language.number_text(age)} hari kerja" if age is not None and age == age else "",
        closed_late=_closed_late(case),
        tone=TONES[min(severities)] if severities else "good",
        findings=tuple(found for found in worst if not found.explained),
        told=tuple(found for found in worst if found.explained),
        timeline=drawn.get(number),
        open=bool(case.get("open")),
    )


def _closed_late(case: Mapping[str, Any]) -> str:
    """`Diverifikasi pada 4 November 2026, melewati target 3 November 2026`; empty for any other case."""
    if not case.get("targeted") or case["in_target"] or case["verified_on"] != case["verified_on"]:
        return ""
    verified, due = (language.date_text(case[name].date()) for name in ("verified_on", "due_date"))
    return f"Diverifikasi pada {verified}, melewati target {due}"


def _quiet(inspected: Inspected, measured: numbers.Figures, findings: Sequence[Finding]) -> int:
    """Cases without a finding that are closed or history: they have no card."""
    cases = measured.cases
    spoken = cases["number"].isin({found.case for found in findings if found.case})
    return int((~spoken & (~cases["open"] | cases["history"])).sum())


def _step_bars(measured: numbers.Figures) -> list[Bar]:
    rows = numbers.by_step(measured)
    bars = []
    for step, total in rows:
        label = f"{step.number}. {step.activity}"
        if not total.finished:
            ended = int(measured.executions.loc[measured.executions["step"] == step.number, "ended"].sum())
            untimed = f"selesai {language.number_text(ended)} kali, waktunya tidak dihitung"
            text = untimed if ended else "belum pernah selesai"
            bars.append(Bar(label, text, 0, detail=f"baku mutu {step.standard}"))
            continue
        detail = (
            f"baku mutu {step.standard}; median {language.duration_text(total.median or 0)}, "
            f"persentil ke-90 {language.duration_text(total.p90 or 0)}"
        )
        text = f"{numbers.percent(total.on_time_rate)} tepat waktu ({total.on_time} dari {total.finished})"
        good = round(1000 * total.on_time / total.finished)
        bars.append(Bar(label, text, good, 1000 - good, detail=detail))
    return bars


def _counts_by(measured: numbers.Figures) -> list[tuple[str, str, list[Bar]]]:
    """Title, caption and bars of each count of the cases; what there is none of has no bar."""
    months = _months(measured)
    ages = _share_bars(numbers.ageing(measured), "kasus")
    ptpp = _share_bars(numbers.ptpp_states(measured), "PTPP")
    found = "Sudah ditutup (penuh) dan masih terbuka (bergaris)."
    if len(months) == 1:
        found, months = f"Semuanya ditemukan pada {months[0].label}: {months[0].text}.", []
    aged = "Dalam hari kerja sejak ditemukan." if ages else "Tidak ada kasus terbuka."
    return [
        ("Status kasus", "", _share_bars(numbers.statuses(measured), "kasus")),
        ("Umur kasus terbuka", aged, ages),
        ("Keadaan PTPP", "" if ptpp else "Belum ada PTPP yang diterbitkan.", ptpp),
        ("Kasus per bulan penemuan", found, months),
    ]


def _paretos(measured: numbers.Figures) -> list[tuple[str, list[Bar], str]]:
    """Of the cases that are not cancelled: by what, its bars, and in words what has none.

    Bars are drawn where they say something: where few make most of the cases. Elsewhere words say it shorter.
    """
    paretos = []
    for column, about in (("service", "Jenis Layanan"), *numbers.PARETOS.items()):
        shares = numbers.pareto_by(measured.cases, column, MOST_BARS)
        drawn = [share for share in shares if not share.tail] if numbers.few_make_most(shares) else []
        words = "; ".join(
            f"{_shortened(share.label)}: {language.number_text(share.count)} kasus"
            for share in shares
            if share.tail or not drawn
        )
        paretos.append((about, _pareto_bars(drawn), f"{words}." if words else ""))
    return paretos


def _pareto_bars(shares: Sequence[numbers.Share]) -> list[Bar]:
    most = max((share.count for share in shares), default=0) or 1
    return [
        Bar(
            _shortened(share.label),
            f"{language.number_text(share.count)} kasus",
            round(1000 * share.count / most),
            mark=round(1000 * share.cumulative),
            detail=f"{numbers.percent(share.share)} dari seluruhnya; kumulatif {numbers.percent(share.cumulative)}",
        )
        for share in shares
    ]


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MOST_LETTERS else f"{line[: MOST_LETTERS - 1]}…"


def _share_bars(shares: Sequence[numbers.Share], unit: str) -> list[Bar]:
    most = max((share.count for share in shares), default=0) or 1
    return [
        Bar(
            share.label,
            f"{language.number_text(share.count)} {unit}",
            round(1000 * share.count / most),
            detail=numbers.percent(share.share),
        )
        for share in shares
        if share.count
    ]


def _months(measured: numbers.Figures) -> list[Bar]:
    """Found and closed by month of finding: the bar is what was found, its second part what is not closed yet."""
    months = numbers.months([measured])
    rows = [(month, numbers.in_month(measured.cases, month)) for month in months]
    most = max((len(cases) for _, cases in rows), default=0) or 1
    bars = []
    for month, cases in rows:
        still = int(cases["open"].sum())
        settled = round(1000 * (len(cases) - still) / most)
        text = f"{language.number_text(len(cases))} kasus, {language.number_text(still)} masih terbuka"
        bars.append(Bar(numbers.month_text(month), text, settled, round(1000 * len(cases) / most) - settled))
    return bars
