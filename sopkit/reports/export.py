"""The event log for process-mining tools: CSV and XES (IEEE 1849-2023) with the same events.

An event is one execution of a known step in a known case, with at least one readable moment. Its `time:timestamp` is
its end; while it runs, its start, and its lifecycle transition says `start`. Moments are local times without a zone,
as staff typed them: the register does not say which of Indonesia's zones they are in.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

import pandas as pd

from sopkit.checks.inspection import Inspected
from sopkit.frames import rows_of
from sopkit.reports.findings import harmless
from sopkit.text import xml_text

CSV_HEADERS = (
    "case:concept:name", "concept:name", "sop:step", "org:resource", "start_timestamp", "time:timestamp",
    "lifecycle:transition", "sop:outcome", "sop:round", "sop:verdict", "case:service", "case:status",
)  # fmt: skip
EXTENSIONS = (
    ("Concept", "concept"),
    ("Time", "time"),
    ("Organizational", "org"),
    ("Lifecycle", "lifecycle"),
)


@dataclass(frozen=True)
class Log:
    """A case per row of Register whose number is known, with its events in the order of time.

    A case without events stands in the XES as an empty trace and in the CSV not at all. `left_out` counts the rows of
    Langkah that are no events of the log; the cells that say why are findings.
    """

    cases: Mapping[str, Mapping[str, str]]
    events: pd.DataFrame
    left_out: int


def event_log(inspected: Inspected) -> Log:
    """What the log holds."""
    data = inspected.register.cases.data
    known = data[data["number"].notna()].drop_duplicates("number").set_index("number")
    about = zip(known.index, known["service"], known["status"], strict=True)
    cases = {str(number): {"service": _text(service), "status": _text(status)} for number, service, status in about}
    events = inspected.executions.frame
    started = events["start"].notna() & events["start_given"]  # of the wide layout it may follow from the step before
    events = events[started | events["end"].notna()]
    return Log(cases, events, len(inspected.register.events.data) - len(events))


def to_csv_log(inspected: Inspected) -> str:
    """Comma-separated with ISO moments and the column names that pm4py, ProM and Disco know; encode as UTF-8."""
    log = event_log(inspected)
    out = io.StringIO()
    writer = csv.DictWriter(out, CSV_HEADERS, lineterminator="\n", restval="")
    writer.writeheader()
    for number, event in _events(inspected, log):
        about = {f"case:{key}": value for key, value in log.cases[number].items()}
        row = {"case:concept:name": number, **event, **about}
        writer.writerow({key: harmless(value) for key, value in row.items()})
    return out.getvalue()


def to_xes(inspected: Inspected) -> str:
    """XES 2.0 with the extensions concept, time, org and lifecycle; encode as UTF-8."""
    log = event_log(inspected)
    root = ElementTree.Element("log", {"xes.version": "2.0", "xmlns": "http://www.xes-standard.org/"})
    for name, prefix in EXTENSIONS:
        uri = f"http://www.xes-standard.org/{prefix}.xesext"
        ElementTree.SubElement(root, "extension", name=name, prefix=prefix, uri=uri)
    _globals(root)
    ElementTree.SubElement(root, "classifier", name="Langkah", keys="concept:name")
    _put(root, "concept:name", inspected.book.path.name)
    traces = {number: _trace(root, number, about) for number, about in log.cases.items()}
    for number, event in _events(inspected, log):
        element = ElementTree.SubElement(traces[number], "event")
        for key, value in event.items():
            if value:
                _put(element, key, value)
    ElementTree.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _globals(root: ElementTree.Element) -> None:
    trace = ElementTree.SubElement(root, "global", scope="trace")
    _put(trace, "concept:name", "")
    event = ElementTree.SubElement(root, "global", scope="event")
    _put(event, "concept:name", "")
    _put(event, "time:timestamp", "1970-01-01T00:00:00")
    _put(event, "lifecycle:transition", "complete")


def _trace(root: ElementTree.Element, number: str, about: Mapping[str, str]) -> ElementTree.Element:
    trace = ElementTree.SubElement(root, "trace")
    _put(trace, "concept:name", number)
    for key, value in about.items():
        if value:
            _put(trace, key, value)
    return trace


def _put(parent: ElementTree.Element, key: str, value: str) -> None:
    kind = "date" if key.endswith("timestamp") else "int" if key in ("sop:step", "sop:round") else "string"
    ElementTree.SubElement(parent, kind, key=key, value=xml_text(value))


def _events(inspected: Inspected, log: Log) -> Iterator[tuple[str, dict[str, str]]]:
    """No. Catatan and the attributes of each event, as text; empty where there is none."""
    activities = [f"{step.number}. {step.activity}" for step in inspected.sop.steps]
    for _, event in rows_of(log.events):
        ended = event["end"] is not None
        start = event["start"] if event["start_given"] else None
        yield (
            event["case"],
            {
                "concept:name": activities[event["order"]],
                "sop:step": str(event["step"]),
                "org:resource": _text(event["actor"]),
                "start_timestamp": _moment(start),
                "time:timestamp": _moment(event["end"] if ended else start),
                "lifecycle:transition": "complete" if ended else "start",
                "sop:outcome": _text(event["outcome"]),
                "sop:round": str(event["round"]),
                "sop:verdict": event["verdict"],
            },
        )


def _moment(moment: dt.datetime | None) -> str:
    return "" if moment is None else moment.isoformat()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
