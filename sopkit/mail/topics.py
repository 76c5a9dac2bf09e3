"""What there is to write about: each document, the report, and for each person what is late or due."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from sopkit.checks.catalogue import Finding, Severity
from sopkit.checks.inspection import Inspected
from sopkit.documents.content import CLOSED
from sopkit.documents.kinds import KINDS, MailTopic
from sopkit.documents.pdf import is_pdf_of
from sopkit.documents.records import DocumentData, Record
from sopkit.errors import trouble
from sopkit.frames import rows_of
from sopkit.language import date_text
from sopkit.mail.compose import in_a_row
from sopkit.mail.recipients import REMINDER, REPORT, Reason
from sopkit.reports.findings import place_text, urgency

HORIZON = dt.timedelta(days=7)  # a weekly reminder looks one week ahead
REPORT_KEY = "laporan"
URGENT, CASES = 3, 10  # findings, and cases with what blocks each, named in the text of the report's mail


class Document(Protocol):
    """What mail needs of a document as `documents/generate.py` makes it; `path` is the .docx."""

    @property
    def kind(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def number(self) -> str | None: ...
    @property
    def cases(self) -> Sequence[str]: ...
    @property
    def path(self) -> Path | None: ...


@dataclass(frozen=True)
class Occasion:
    """Something to write about.

    `key` says what and `content` which version of it, `former` how an older sopkit called that version; `document` is
    the Dokumen of sheet Surel, `responsible` the names that Penanggung Jawab stands for, `subject` and `body` the
    fields of the text template (a subject may not use those of the body: they name people). `owner` limits it to one
    person.
    """

    document: str
    key: str
    content: str
    title: str
    responsible: tuple[str, ...]
    subject: Mapping[str, object]
    body: Mapping[str, object]
    files: tuple[Path, ...] = ()  # the same document in several forms, the best first
    document_path: Path | None = None  # the document itself
    owner: str | None = None
    closed: bool = False  # its cases are closed: nobody waits for it
    former: str = ""
    problem: Reason | None = None  # why it cannot be written about


REVISION = re.compile(r" rev-\d+$")  # a list without a number is the same occasion in every revision
Case = Mapping[str, object]
Tasks = dict[str, list[str]]  # name -> what that person has to do, in words


def occasions(inspected: Inspected, documents: Sequence[Document], report: Path | None) -> Iterator[Occasion]:
    """Everything that sheet Surel can name, in the order documents, report, reminders."""
    cases = {str(line["number"]): line for _, line in rows_of(inspected.register.cases.read) if line["number"]}
    data = DocumentData(inspected)
    known = {case["number"]: case for case in data.cases.values()}
    for document in documents:
        topic = KINDS[document.kind].mail
        if topic is not None and document.path is not None:
            named = [known[number] for number in document.cases if number in known]
            yield _of_document(data, document, document.path, topic, named)
    if report is not None and report.is_file():
        yield _of_report(inspected, report)
    yield from _reminders(inspected, cases)


def _of_document(
    data: DocumentData, document: Document, path: Path, topic: MailTopic, cases: Sequence[Record]
) -> Occasion:
    assert topic.fill is not None
    responsible = dict.fromkeys(case["responsible"] for case in cases if case["responsible"])
    values = topic.fill(data, document.number or "", cases)
    occasion = Occasion(
        document=topic.name,
        key=f"{document.kind}:{document.number or REVISION.sub('', path.stem)}",
        content="",
        title=f"{topic.name} {document.number or ''}".strip(),
        responsible=tuple(responsible) if topic.personal else (),
        subject={name: values[name] for name in topic.subject},
        body={name: values[name] for name in topic.body},
        document_path=path,
        closed=values.get("ditutup") is True,
    )
    try:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        reason = Reason(f"Berkas {path.name} tidak dapat dibaca ({trouble(error).cause}).", "Buat ulang dokumennya.")
        return replace(occasion, problem=reason)
    return replace(occasion, content=content, files=_forms(path))


def _forms(path: Path) -> tuple[Path, ...]:
    """The document's PDF where one stands beside it, then the document itself."""
    pdf = path.with_suffix(".pdf")
    return (pdf, path) if is_pdf_of(pdf, path) else (path,)


def _of_report(inspected: Inspected, report: Path) -> Occasion:
    """A report has changed when its findings or the states of the cases did, not when only the clock moved on."""
    states = [_word(status) for status in inspected.register.cases.read["status"]]
    order = inspected.register.choices["Status"]
    summary = inspected.summary
    return Occasion(
        document=REPORT.name,
        key=REPORT_KEY,
        content=hashlib.sha256("\0".join(_told(inspected)).encode()).hexdigest(),
        former=_former_content(inspected, states),
        title=REPORT.name,
        responsible=(),
        subject={"tahun": _year(inspected), "tanggal": date_text(inspected.as_of)},
        body={
            "jumlah_kasus": len(states),
            "status": _counted(states, order),
            "kesalahan": summary["error"],
            "penyimpangan": summary["breach"],
            "dijelaskan": summary["explained"],
            "peringatan": summary["warning"],
            "diberi_keterangan": summary["acknowledged"],
            "mendesak": _most_urgent(inspected.findings),
            "kasus": (blocked := _what_blocks(inspected.findings))[:CASES],
            "kasus_lain": max(len(blocked) - CASES, 0),
        },
        files=(report,),
    )


def _counted(states: Sequence[str], order: Sequence[str]) -> list[str]:
    """`Proses: 3` of each status that there is, in the order of its list, and how many have none of them."""
    unclear = sum(state not in order for state in states)
    counts = [f"{state}: {states.count(state)}" for state in order if state in states]
    return counts + ([f"Belum jelas: {unclear}"] if unclear else [])


def _told(inspected: Inspected) -> list[str]:
    """What a report is about, in whatever order the rows stand.

    What is said of the file and not of a cell, as that Excel has it open, is no news.
    """
    data = inspected.register.cases.read
    states = [f"{number} {status}" for number, status in zip(data["number"], data["status"], strict=True)]
    found = [
        f"{f.code} {f.case or f'{f.sheet} {f.cell}'} {f.step} {f.column} {f.severity} {f.explained}"
        for f in inspected.findings
        if f.cell or f.case or f.severity is not Severity.NOTE
    ]
    return sorted(found) + sorted(states)


def _former_content(inspected: Inspected, states: Sequence[str]) -> str:
    found = [f"{f.code} {f.sheet} {f.cell} {f.severity} {f.explained}" for f in inspected.findings]
    return hashlib.sha256("\0".join([*found, *states]).encode()).hexdigest()


def _most_urgent(findings: Sequence[Finding]) -> list[str]:
    """What an official has to know even where the attachment cannot be opened: what is late now, breaches, errors."""
    grave = _grave(findings)
    grave.sort(key=lambda one: ("late" not in one.tags, one.severity is Severity.ERROR))
    return [f"{one.case or f'{one.sheet} {one.cell}'.strip()}: {one.message}" for one in grave[:URGENT]]


def _grave(findings: Sequence[Finding]) -> list[Finding]:
    grave = [one for one in findings if "late" in one.tags or one.severity in (Severity.BREACH, Severity.ERROR)]
    return [one for one in grave if not one.explained]


def _what_blocks(findings: Sequence[Finding]) -> list[Mapping[str, str]]:
    """Of each case the finding that blocks it most and what to do about it, the most urgent case first."""
    first: dict[str, Finding] = {}
    for found in sorted(_grave(findings), key=urgency):
        first.setdefault(found.case or place_text(found), found)
    return [
        {"kasus": in_a_row(name), "temuan": in_a_row(found.message), "tindakan": in_a_row(found.fix)}
        for name, found in first.items()
    ]


def _reminders(inspected: Inspected, cases: Mapping[str, Case]) -> Iterator[Occasion]:
    """One for each person with something late or due, once in a calendar week."""
    year, week, _ = inspected.as_of.isocalendar()
    late, soon = _late(inspected, cases), _soon(inspected, cases)
    for name in dict.fromkeys((*late, *soon)):
        tasks = late.get(name, []), soon.get(name, [])
        yield Occasion(
            document=REMINDER.name,
            key=f"pengingat:{name}",
            content=f"{year}-W{week:02d}",
            title=f"{REMINDER.name} {name}".strip(),
            responsible=(name,),
            subject={
                "tanggal": date_text(inspected.as_of),
                "jumlah_terlambat": len(tasks[0]),
                "jumlah_segera": len(tasks[1]),
            },
            body={"terlambat": tasks[0], "segera": tasks[1]},
            owner=name,
            problem=None if name else _nobody(tasks[0] + tasks[1]),
        )


def _nobody(tasks: Sequence[str]) -> Reason:
    return Reason(
        f"Tidak ada Penanggung Jawab yang dapat diingatkan tentang: {' '.join(tasks)}",
        "Isi Penanggung Jawab di sheet Register.",
        "Register",
        absent=True,
    )


def _late(inspected: Inspected, cases: Mapping[str, Case]) -> Tasks:
    return _tasks((f for f in inspected.findings if "late" in f.tags), inspected, cases)


def _soon(inspected: Inspected, cases: Mapping[str, Case]) -> Tasks:
    tasks = _tasks((f for f in inspected.findings if "soon" in f.tags), inspected, cases)
    today = inspected.as_of.date()
    for number, case in cases.items():
        due = case["due_date"]
        if number in inspected.history.numbers or _word(case["status"]) in CLOSED or not isinstance(due, dt.datetime):
            continue
        if today <= due.date() <= today + HORIZON:
            tasks.setdefault(_word(case["responsible"]), []).append(f"{number}: target selesai {date_text(due)}.")
    return tasks


def _tasks(findings: Iterable[Finding], inspected: Inspected, cases: Mapping[str, Case]) -> Tasks:
    """Each finding to who carries out its step or else is responsible for the case; to "" where nobody is named."""
    done = inspected.executions
    running = (array[done.running].tolist() for array in (done.case, done.step, done.actor))
    actors = {(case, step): _word(actor) for case, step, actor in zip(*running, strict=True)}
    tasks: Tasks = {}
    for found in findings:
        case = cases.get(found.case or "")
        if case is not None:
            of_case = found.step is None
            name = _word(case["responsible"]) if of_case else actors.get((found.case, found.step), "")
            tasks.setdefault(name, []).append(f"{found.case}: {found.message}")
    return tasks


def _year(inspected: Inspected) -> str:
    return inspected.register.settings.get("Tahun Register", "") or str(inspected.as_of.year)


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
