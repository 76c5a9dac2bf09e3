"""The event log: CSV and XES with the same events, as process-mining tools read them."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from xml.etree import ElementTree

import pytest
from report_samples import LANGKAH, inspected, telling
from workbooks import office_workbook

from sopkit.checks.inspection import Inspected
from sopkit.reports.export import CSV_HEADERS, event_log, to_csv_log, to_xes

XES = "{http://www.xes-standard.org/}"
KINDS = {"string": str, "int": int, "date": str}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Inspected:
    return telling(tmp_path_factory.mktemp("ekspor"))


def _traces(text: str) -> dict[str, list[dict[str, str]]]:
    root = ElementTree.fromstring(text)
    return {
        _values(trace)["concept:name"]: [_values(event) for event in trace.findall(f"{XES}event")]
        for trace in root.findall(f"{XES}trace")
    }


def _values(element: ElementTree.Element) -> dict[str, str]:
    return {child.attrib["key"]: child.attrib["value"] for child in element if "key" in child.attrib}


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_and_xes_hold_the_same_cases_and_events(told: Inspected) -> None:
    rows, traces = _rows(to_csv_log(told)), _traces(to_xes(told))
    events = [(case, event["concept:name"], event["time:timestamp"]) for case, own in traces.items() for event in own]
    assert events == [(row["case:concept:name"], row["concept:name"], row["time:timestamp"]) for row in rows]
    assert len(events) == len(told.register.events.data) == 28
    assert len(traces) == len(told.register.cases.data) == 5


def test_a_row_of_the_register_is_an_event(told: Inspected) -> None:
    first = _rows(to_csv_log(told))[0]
    assert tuple(first) == CSV_HEADERS
    assert first["case:concept:name"] == "001/CLTS/X/2026"
    assert first["concept:name"] == "1. Mengidentifikasi layanan tidak sesuai"
    assert first["org:resource"] == "Ratna Anggraini"
    assert (first["start_timestamp"], first["time:timestamp"]) == ("2026-10-05T08:05:00", "2026-10-05T08:15:00")
    assert first["lifecycle:transition"] == "complete"
    assert first["case:service"] == "Surat Keterangan Usaha"


def test_a_running_step_is_an_event_that_started(told: Inspected) -> None:
    running = _rows(to_csv_log(told))[-1]
    assert (running["sop:verdict"], running["lifecycle:transition"]) == ("berjalan", "start")
    assert running["time:timestamp"] == running["start_timestamp"] == "2026-11-20T09:10:00"


def test_events_of_a_trace_stand_in_the_order_of_time(told: Inspected) -> None:
    for events in _traces(to_xes(told)).values():
        starts = [event["start_timestamp"] for event in events]
        assert starts == sorted(starts)


def test_xes_is_as_the_standard_wants_it(told: Inspected) -> None:
    root = ElementTree.fromstring(to_xes(told))
    assert root.tag == f"{XES}log"
    order = [child.tag.removeprefix(XES) for child in root]
    assert order == sorted(order, key=["extension", "global", "classifier", "string", "trace"].index)
    prefixes = {child.attrib["prefix"] for child in root.findall(f"{XES}extension")}
    mandatory = {child.attrib["key"] for child in root.findall(f"{XES}global[@scope='event']/*")}
    for event in root.iter(f"{XES}event"):
        keys = [child.attrib["key"] for child in event]
        assert len(set(keys)) == len(keys)
        assert mandatory <= set(keys)
        assert {key.split(":")[0] for key in keys if ":" in key} <= prefixes | {"sop"}
        for child in event:
            KINDS[child.tag.removeprefix(XES)](child.attrib["value"])


def test_pm4py_reads_both_with_the_same_numbers(told: Inspected, tmp_path: Path) -> None:
    pm4py = pytest.importorskip("pm4py", reason="pm4py belum terpasang")
    import pandas as pd

    (tmp_path / "log.xes").write_text(to_xes(told), encoding="utf-8")
    (tmp_path / "log.csv").write_text(to_csv_log(told), encoding="utf-8")
    frames = (pm4py.read_xes(str(tmp_path / "log.xes")), pm4py.format_dataframe(pd.read_csv(tmp_path / "log.csv")))
    assert [(frame["case:concept:name"].nunique(), len(frame)) for frame in frames] == [(5, 28), (5, 28)]


def test_what_is_no_event_is_counted(tmp_path: Path) -> None:
    strange = "\n009/CLTS/XI/2026 | 1 | Ratna Anggraini | 2026-11-02 08:00\n001/CLTS/X/2026 | 4 | Ratna Anggraini | x"
    register = (
        "No. Catatan | Tanggal Ditemukan | Jenis Layanan\n"
        "001/CLTS/X/2026 | 2026-10-05 08:00 | Legalisasi Surat\n"
        "099/CLTS/X/2026 | 2026-10-05 08:00 | Legalisasi Surat"
    )
    told = inspected(office_workbook(tmp_path / "r.xlsx", register, LANGKAH.rstrip() + strange))
    log = event_log(told)
    assert len(log.events) + log.left_out == len(told.register.events.data) == 30
    assert "099/CLTS/X/2026" in _traces(to_xes(told))
    assert "099/CLTS/X/2026" not in to_csv_log(told)


def test_csv_holds_no_formula(tmp_path: Path) -> None:
    register = "No. Catatan | Tanggal Ditemukan | Jenis Layanan\n'=1+1 | 2026-10-05 08:00 | Legalisasi Surat"
    steps = "No. Catatan | Langkah | Pelaksana | Mulai\n'=1+1 | 1 | '@x | 2026-11-02 08:00"
    rows = _rows(to_csv_log(inspected(office_workbook(tmp_path / "r.xlsx", register, steps))))
    assert not [value for row in rows for value in row.values() if value.startswith(("=", "+", "-", "@"))]
