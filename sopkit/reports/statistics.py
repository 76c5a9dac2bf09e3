"""The numbers that report, recap and console share, computed once from an inspected register.

Figures are small tables that travel between processes, so the recap of many offices is exact: medians and rates of the
whole come from the executions themselves and never from rates of parts.

What the numbers mean: a case is *open* while its Status is neither Selesai nor Batal, and *overdue* when it is open and
something found in it is late (a running step over its standard, a target or a period of destruction that has passed).
The closing rate is Selesai among all but Batal. The on-time rate is the share of the finished executions that kept
their standard. A month is the month of Tanggal Ditemukan, for a case and for all of its executions.

Selesai is counted as typed; *flawed* is a closed case with an error in the register, or that its records do not prove
closed (K06, K07). The rate within target is the share of the closed cases with a Target Selesai whose Tanggal
Verifikasi is that day or before; a closed case without Tanggal Verifikasi has not been shown to be within. The days to
verification are working days after the day of finding up to that of Tanggal Verifikasi, of closed cases. A date in
error is unknown: such a case counts in neither.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sopkit import language
from sopkit.arrays import Array, Flags, Floats, Texts
from sopkit.checks.catalogue import DOCUMENTS, EXPLAINED, Finding, Severity, counted
from sopkit.checks.causes import grouped
from sopkit.checks.inspection import Inspected
from sopkit.frames import Frame, is_in, is_missing, places_of
from sopkit.register.schema import Cases, Column
from sopkit.reports.findings import STANDINGS

if TYPE_CHECKING:
    import pandas as pd
    from pandas.api.typing import NaTType

GRAVEST = ("error", "breach", "warning", "explained", "acknowledged", "note")
"""What findings count as, the gravest first; those that Keterangan explains come after what it does not."""
STATUSES = ("Terbuka", "Proses", "Selesai", "Batal")
UNCLEAR = "Belum jelas"
UNFILLED = "Belum diisi"
FEWEST_BARS, MAJORITY = 3, 0.5  # of a Pareto that says something
CLOSED, CANCELLED = "Selesai", "Batal"
UNNAMED = "(Nama Kantor belum diisi)"
ON_TIME, LATE = "tepat waktu", "terlambat"
AGES: tuple[tuple[int, int | None], ...] = ((0, 5), (6, 10), (11, 20), (21, 40), (41, None))
WITHOUT_STEPS = "Langkah tidak dicatat dalam buku kerja ini; urutan dan waktunya tidak diperiksa."
PTPP_STATES = (
    "Terverifikasi sesuai", "Terverifikasi tidak sesuai", "Menunggu verifikasi",
    "Dalam target", "Lewat target", "Tanpa target", "Batal", "Riwayat, belum diverifikasi",
)  # fmt: skip


PARETOS: Mapping[str, str] = {
    "cause": "Analisis Penyebab",
    "category": "Kategori",
    "source": "Sumber",
    "responsible": "Penanggung Jawab",
}
"""Columns of `Figures.cases` by which cases are counted beside the service, as staff call them."""


@dataclass(frozen=True)
class StepName:
    """A step of the SOP as reports name it."""

    number: int
    activity: str
    standard: str


@dataclass(frozen=True)
class Figures:
    """One register in numbers: two tables, `of_cases` and `of_executions`, and the same as pandas has them.

    cases: a row per case; `number`, `month` (first of month, NaT unknown), `service`, `status`, `open`, `closed`,
      `cancelled`, `overdue`, `recurrent` (bool), `age` (working days since Tanggal Ditemukan, NaN unless open),
      `ptpp` (one of PTPP_STATES, None without No. PTPP), `description`, `found_at`, `due_date`, `verified_on`,
      `history` (found before the office is held to the SOP: counted, not judged), `flawed`,
      `targeted` (closed, with a target), `in_target` (bool), `days` (to verification, NaN unknown), and those
      of `PARETOS` as typed.
    executions: a row per execution of a known step in a known case; `case`, `month`, `service`, `step` (label),
      `taken` (working seconds, NaN unknown), `ended`, `finished` (and timed), `on_time` (bool), `verdict`.
    """

    office: str
    name: str
    as_of: dt.datetime
    steps: tuple[StepName, ...]
    summary: Mapping[str, int]
    events: int
    of_cases: Frame
    of_executions: Frame

    @cached_property
    def cases(self) -> pd.DataFrame:
        return self.of_cases.pandas()

    @cached_property
    def executions(self) -> pd.DataFrame:
        return self.of_executions.pandas()


@dataclass(frozen=True)
class Totals:
    """Rates are 0 to 1, None where there is nothing to divide by; `median` and `p90` are working seconds.

    `days` is the median of the working days to verification.
    """

    cases: int
    open: int
    overdue: int
    closed: int
    cancelled: int
    recurrent: int
    flawed: int
    targeted: int
    in_target: int
    days: float | None
    executions: int
    finished: int
    on_time: int
    median: float | None
    p90: float | None

    @property
    def closing_rate(self) -> float | None:
        return _rate(self.closed, self.cases - self.cancelled)

    @property
    def target_rate(self) -> float | None:
        return _rate(self.in_target, self.targeted)

    @property
    def on_time_rate(self) -> float | None:
        return _rate(self.on_time, self.finished)

    @property
    def late(self) -> int:
        return self.finished - self.on_time


@dataclass(frozen=True)
class Share:
    """One bar of a chart: its share of the whole and, in a Pareto, of all up to it.

    `tail`: all others together, or those that say nothing.
    """

    label: str
    count: int
    share: float
    cumulative: float
    tail: bool = False


def measure(inspected: Inspected) -> Figures:
    """The numbers of one register, reckoned once: report, recap and console ask for them."""
    kept = vars(inspected)
    if "figures" not in kept:
        kept["figures"] = _measured(inspected)
    figures: Figures = kept["figures"]
    return figures


def _measured(inspected: Inspected) -> Figures:
    register, sop = inspected.register, inspected.sop
    cases = _cases(inspected)
    return Figures(
        office=inspected.office.name or UNNAMED,
        name=register.source.path.name,
        as_of=inspected.as_of,
        steps=tuple(StepName(step.number, step.activity, str(step.standard)) for step in sop.steps),
        summary=dict(inspected.summary),
        events=len(register.events.read),
        of_cases=cases,
        of_executions=_executions(inspected, cases),
    )


def totals(cases: Frame | pd.DataFrame, executions: Frame | pd.DataFrame) -> Totals:
    """The numbers of any selection of cases and executions."""
    finished = np.asarray(executions["finished"], dtype=bool)
    taken, on_time = (np.asarray(executions[name])[finished].astype(float) for name in ("taken", "on_time"))
    days = np.asarray(cases["days"], dtype=float)
    days = days[~np.isnan(days)]

    def count(name: str) -> int:
        return int(np.count_nonzero(np.asarray(cases[name], dtype=bool)))

    return Totals(
        cases=len(cases),
        open=count("open"),
        overdue=count("overdue"),
        closed=count("closed"),
        cancelled=count("cancelled"),
        recurrent=count("recurrent"),
        flawed=count("flawed"),
        targeted=count("targeted"),
        in_target=count("in_target"),
        days=float(np.median(days)) if len(days) else None,
        executions=len(executions),
        finished=int(np.count_nonzero(finished)),
        on_time=int(on_time.sum()),
        median=float(np.median(taken)) if len(taken) else None,
        p90=float(np.percentile(taken, 90)) if len(taken) else None,
    )


def total(figures: Figures) -> Totals:
    """The numbers of a whole register."""
    return totals(figures.of_cases, figures.of_executions)


def by_step(figures: Figures) -> list[tuple[StepName, Totals]]:
    """Every step of the SOP in its order, with the numbers of its executions."""
    no_cases = figures.cases.iloc[:0]
    groups = dict(iter(figures.executions.groupby("step")))
    nothing = totals(no_cases, figures.executions.iloc[:0])
    return [
        (step, totals(no_cases, groups[step.number]) if step.number in groups else nothing) for step in figures.steps
    ]


def months(figures: Iterable[Figures]) -> list[pd.Timestamp | NaTType]:
    """The months in which anything was found, ascending; NaT last where a date is unknown."""
    import pandas as pd

    found = pd.concat([each.cases["month"] for each in figures]).drop_duplicates()
    known: list[pd.Timestamp | NaTType] = sorted(found.dropna())
    return [*known, pd.NaT] if found.isna().any() else known


def in_month(frame: pd.DataFrame, month: pd.Timestamp | NaTType) -> pd.DataFrame:
    """The rows of that month; of no known month for NaT."""
    return frame[frame["month"].isna()] if month != month else frame[frame["month"] == month]


def details(figures: Figures) -> pd.DataFrame:
    """Month x service x step: `executions`, `finished`, `on_time`, `median`, `p90` (working seconds, NaN for none)."""
    keys = ["month", "service", "step"]
    every = figures.executions.groupby(keys, dropna=False, sort=True)
    counts = every[["finished", "on_time"]].sum().assign(executions=every.size())
    done = figures.executions[figures.executions["finished"]].groupby(keys, dropna=False)["taken"]
    table = counts.assign(median=done.median(), p90=done.quantile(0.9)).reset_index()
    return table.astype({"executions": int, "finished": int, "on_time": int})


def together(several: Sequence[Figures]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cases and executions of several registers, for their common totals."""
    import pandas as pd

    cases = pd.concat([each.cases for each in several], ignore_index=True)
    return cases, pd.concat([each.executions for each in several], ignore_index=True)


def pareto(figures: Figures) -> list[Share]:
    """Cases by service, most first."""
    return most_first((str(label), int(count)) for label, count in figures.cases["service"].value_counts().items())


def most_first(counts: Iterable[tuple[str, int]]) -> list[Share]:
    """Labels with their counts as a Pareto."""
    return _shares(sorted(counts, key=lambda item: (-item[1], item[0])))


def pareto_by(cases: pd.DataFrame, column: str, most: int) -> list[Share]:
    """Cases that are not cancelled by one of `PARETOS`: the `most` most frequent, all others as one, the empty last.

    Causes that are alike count as one.
    """
    said = cases.loc[~cases["cancelled"], column]
    said = grouped(said) if column == "cause" else said
    counts = [(str(label), int(count)) for label, count in said.value_counts().items()]
    counts.sort(key=lambda item: (-item[1], item[0]))
    return bars(counts, len(counts), sum(count for _, count in counts), int(said.isna().sum()), most)


def bars(first: Sequence[tuple[str, int]], number: int, whole: int, blank: int, most: int) -> list[Share]:
    """The Pareto of `number` labels that count `whole`, of which `first` are the `most` + 1 most frequent or all."""
    cut = most if number > most + 1 else number
    named = sum(count for _, count in first[:cut])
    others = [(f"{language.number_text(number - cut)} lainnya", whole - named)] if number > cut else []
    shares = _shares([*first[:cut], *others, *([(UNFILLED, blank)] if blank else [])])
    return [*shares[:cut], *(replace(share, tail=True) for share in shares[cut:])]


def few_make_most(shares: Sequence[Share]) -> bool:
    """Whether a Pareto of these says something: the most frequent third of at least three makes more than half."""
    named = [share for share in shares if not share.tail]
    return len(named) >= FEWEST_BARS and named[len(named) // FEWEST_BARS - 1].cumulative > MAJORITY


def ageing(figures: Figures) -> list[Share]:
    """Open cases by their age in working days."""
    age = figures.cases.loc[figures.cases["open"], "age"]
    known = age.dropna()
    counts = [
        (_age_text(first, last), int(((known >= first) & (known <= (last if last is not None else np.inf))).sum()))
        for first, last in AGES
    ]
    return _shares([*counts, ("tanggal belum jelas", int(age.isna().sum()))] if age.isna().any() else counts)


def statuses(figures: Figures) -> list[Share]:
    """Cases by Status, in the order in which a case passes them."""
    counts = figures.cases["status"].value_counts()
    known = [(status, int(counts.get(status, 0))) for status in STATUSES]
    return _shares([*known, (UNCLEAR, int(counts[UNCLEAR]))] if UNCLEAR in counts else known)


def ptpp_states(figures: Figures) -> list[Share]:
    """Cases with a No. PTPP by what became of it; states that none has are left out."""
    counts = figures.cases["ptpp"].value_counts()
    return _shares([(state, int(counts[state])) for state in PTPP_STATES if state in counts])


def verdict(inspected: Inspected) -> str:
    """The headline: does the register hold, in one sentence."""
    count = inspected.summary
    errors = [found for found in inspected.findings if found.severity is Severity.ERROR]
    if errors and all(found.family == DOCUMENTS for found in errors):
        return f"Dokumen belum lengkap: {len(errors)} kesalahan pada templat atau isiannya harus diperbaiki."
    if errors:
        return f"Register belum benar: {count['error']} kesalahan harus diperbaiki lebih dahulu."
    if count["breach"]:
        return f"Register benar, tetapi SOP belum diikuti sepenuhnya: {count['breach']} penyimpangan."
    sound = "Isi register benar" if steps_text(inspected) else "Register sesuai SOP"
    if count["warning"]:
        return f"{sound}; {count['warning']} peringatan perlu diperiksa."
    if count["explained"]:
        return f"{sound}; {count['explained']} penyimpangan sudah dijelaskan."
    return f"{sound}."


def outdated_text(inspected: Inspected, book: str) -> str:
    """That sopkit made the workbook, named `book` here, with older formulas; empty where it is not so."""
    if not inspected.register.outdated:
        return ""
    named = f'"{book}"' if " " in book else book
    return (
        "Rumus buku kerja ini versi lama: kolom pantauan (Pantauan, Batas Waktu, dan sebagainya) dapat keliru di Excel,"
        f" sedangkan temuan sopkit tetap benar; buat buku kerja berumus terbaru dengan: sopkit init --renew {named}"
    )


def history_text(inspected: Inspected) -> str:
    """`12 kasus riwayat (ditemukan sampai 30 Juni 2026) tidak dinilai terhadap SOP.`; empty where there is none."""
    history = inspected.history
    count = language.number_text(len(history.cases))
    return f"{count} kasus {history.called} tidak dinilai terhadap SOP." if history.cases else ""


def steps_text(inspected: Inspected) -> str:
    """That no steps are recorded, so that nothing is said of them; empty where they are."""
    return WITHOUT_STEPS if inspected.register.without_steps else ""


def counts_text(count: Mapping[str, int]) -> str:
    """`1 kesalahan, 4 penyimpangan (1 lagi dijelaskan), 1 peringatan, dan 1 informasi`."""
    return language.list_text(count_text(count, severity) for severity in Severity)


def count_text(count: Mapping[str, int], severity: Severity) -> str:
    """`4 penyimpangan (1 lagi dijelaskan)`."""
    words = f"{language.number_text(count[severity.value])} {severity.indonesian}"
    told = EXPLAINED.get(severity, "")
    return f"{words} ({language.number_text(count[told])} lagi {STANDINGS[told]})" if told and count[told] else words


def present_text(count: Mapping[str, int]) -> str:
    """The same of the severities that there are: `3 penyimpangan (1 lagi dijelaskan) dan 1 peringatan`."""
    there = [s for s in Severity if count[s.value] or count.get(EXPLAINED.get(s, ""), 0)]
    return language.list_text(count_text(count, severity) for severity in there)


def by_family(findings: Iterable[Finding]) -> dict[str, dict[str, int]]:
    """Counts of each family that has any, the worst family first; together they are the counts of all."""
    families: dict[str, list[Finding]] = {}
    for found in findings:
        families.setdefault(found.family, []).append(found)
    counts = {letter: counted(here) for letter, here in families.items()}
    return dict(sorted(counts.items(), key=lambda item: [-item[1][kind] for kind in GRAVEST]))


def closed_text(total: Totals) -> str:
    """`tercatat selesai 138, 4 di antaranya dengan kesalahan atau kurang bukti`."""
    flawed = f", {language.number_text(total.flawed)} di antaranya dengan kesalahan atau kurang bukti"
    return f"tercatat selesai {language.number_text(total.closed)}{flawed if total.flawed else ''}"


def target_text(total: Totals) -> str:
    """`dari 132 kasus selesai yang bertarget`."""
    return f"dari {language.number_text(total.targeted)} kasus selesai yang bertarget"


def days_text(days: float | None) -> str:
    """`4,5 hari kerja`; a dash where there is none."""
    return "–" if days is None else f"{language.number_text(days)} hari kerja"


def percent(rate: float | None) -> str:
    """`87,5%`; a dash where there is no rate."""
    return "–" if rate is None else f"{language.number_text(round(rate * 100, 1))}%"


def month_text(month: pd.Timestamp | NaTType) -> str:
    """`November 2026`."""
    import pandas as pd

    return "Tanggal belum jelas" if pd.isna(month) else f"{language.MONTHS[month.month - 1]} {month.year}"


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _age_text(first: int, last: int | None) -> str:
    return f"lebih dari {first - 1} hari" if last is None else f"{first}–{last} hari"


def _shares(counts: Sequence[tuple[str, int]]) -> list[Share]:
    whole = sum(count for _, count in counts) or 1
    running = np.cumsum([count for _, count in counts])
    return [
        Share(label, count, count / whole, float(upto) / whole)
        for (label, count), upto in zip(counts, running, strict=True)
    ]


def _cases(inspected: Inspected) -> Frame:
    read, rows = inspected.register.cases.read.columns, inspected.register.cases.read.index
    status = np.where(is_in(read["status"], STATUSES), read["status"], UNCLEAR)
    is_open, closed = ~is_in(status, (CLOSED, CANCELLED)), status == CLOSED
    wrong = _in_error(inspected, Cases.verified_on)
    past = is_in(rows, inspected.history.cases)
    dated = "verified_on" in inspected.register.cases.letters  # else nobody knows when it was
    due, verified = read["due_date"], read["verified_on"]
    targeted = dated & closed & ~np.isnat(due) & ~wrong & ~_in_error(inspected, Cases.due_date) & ~past
    late = {found.case for found in inspected.findings if "late" in found.tags}
    row_at = inspected.register.cases.row_at
    again = {row_at(found.sheet, found.row) for found in inspected.findings if "recurrent" in found.tags}
    return Frame(
        {
            "number": read["number"],
            "month": read["found_at"].astype("datetime64[M]").astype("datetime64[ns]"),
            "service": np.where(is_missing(read["service"]), UNCLEAR, read["service"]),
            "status": status,
            "open": is_open,
            "closed": closed,
            "cancelled": status == CANCELLED,
            "overdue": is_open & is_in(read["number"], late - {None}),
            "recurrent": is_in(rows, again - {None}),
            "age": np.where(is_open, _ages(inspected), np.nan),
            "ptpp": _ptpp(inspected, past),
            "description": read["description"],
            "found_at": read["found_at"],
            "due_date": due,
            "verified_on": verified,
            "history": past,
            "flawed": closed & _flawed(inspected),
            "targeted": targeted,
            "in_target": targeted & (verified <= due),
            "days": np.where(closed & ~wrong, _days_to_verification(inspected), np.nan),
            **{column: read[column] for column in PARETOS},
        },
        rows,
    )


def _ages(inspected: Inspected) -> Floats:
    found = inspected.register.cases.read.columns["found_at"].astype("datetime64[s]")
    days = inspected.calendar.working_days(found, np.full(len(found), np.datetime64(inspected.as_of, "s")))
    return np.where(days < 0, np.nan, days.astype(float))


def _flawed(inspected: Inspected) -> Flags:
    """Whether an error of the register, or a closing that is not proven, lies in each case."""
    doubts = [
        found
        for found in inspected.findings
        if "unproven" in found.tags or (found.severity is Severity.ERROR and found.family != DOCUMENTS)
    ]
    cases = inspected.register.cases
    own = {cases.row_at(found.sheet, found.row) for found in doubts} - {None}
    named = is_in(cases.read.columns["number"], {found.case for found in doubts if found.case})
    return named | is_in(cases.read.index, own)


def _in_error(inspected: Inspected, column: Column) -> Flags:
    """Whether each case's cell of that column is in error."""
    errors = [found for found in inspected.findings if found.severity is Severity.ERROR]
    cases = inspected.register.cases
    rows = {cases.row_at(found.sheet, found.row) for found in errors if found.column == column.header} - {None}
    return is_in(cases.read.index, rows)


def _days_to_verification(inspected: Inspected) -> Floats:
    read = inspected.register.cases.read.columns
    found, verified = (read[name].astype("datetime64[s]") for name in ("found_at", "verified_on"))
    known = verified.astype("datetime64[D]") >= found.astype("datetime64[D]")  # False where one is missing
    known &= ~_in_error(inspected, Cases.found_at)
    return np.where(known, inspected.calendar.working_days(found, verified).astype(float), np.nan)


def _ptpp(inspected: Inspected, past: Flags) -> Texts:
    read = inspected.register.cases.read.columns
    status, verification, due = (read[name] for name in ("status", "verification", "due_date"))
    tests: list[Array] = [
        status == CANCELLED,
        verification == "Sesuai",
        verification == "Tidak Sesuai",
        status == CLOSED,
        past,
        np.isnat(due),
        due < np.datetime64(inspected.as_of.date()),
    ]
    said = ["Batal", *PTPP_STATES[:3], PTPP_STATES[-1], "Tanpa target", "Lewat target"]
    state = np.select(tests, said, default="Dalam target").astype(object)
    state[is_missing(read["ptpp_number"])] = None
    return state


def _executions(inspected: Inspected, cases: Frame) -> Frame:
    done = inspected.executions
    order = np.argsort(done.rows, kind="stable")
    own = places_of(cases.index, done.case_row)
    columns = {
        "case": done.case,
        "month": cases.columns["month"][own],
        "service": cases.columns["service"][own],
        "step": done.step,
        "taken": np.where(np.isnat(done.taken), np.nan, done.taken.astype(float)),
        "ended": ~np.isnat(done.end),
        "finished": is_in(done.verdict, (ON_TIME, LATE)),
        "on_time": done.verdict == ON_TIME,
        "verdict": done.verdict,
    }
    return Frame(columns, done.rows).part(order)
