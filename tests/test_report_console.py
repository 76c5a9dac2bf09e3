"""The console: in a pipe, on cp1252, without colour, and at 60 columns."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from report_samples import golden, inspected, telling
from rich.console import Console
from workbooks import office_workbook

from sopkit.checks.inspection import Inspected
from sopkit.reports.console import findings_text, make_console, print_findings, print_summary, progress


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Inspected:
    return telling(tmp_path_factory.mktemp("konsol"))


def _printed(told: Inspected, columns: int, monkeypatch: pytest.MonkeyPatch, encoding: str = "utf-8") -> bytes:
    monkeypatch.setenv("COLUMNS", str(columns))
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    console = make_console(stream)
    print_findings(told, console)
    print_summary(told, console)
    stream.flush()
    return raw.getvalue()


@pytest.mark.parametrize("columns", [60, 120])
def test_console_reads_as_before(
    told: Inspected, columns: int, monkeypatch: pytest.MonkeyPatch, update_golden: bool
) -> None:
    text = _printed(told, columns, monkeypatch).decode("utf-8")
    golden(f"konsol-{columns}.txt", "\n".join(line.rstrip() for line in text.splitlines()) + "\n", update_golden)


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 200])
def test_no_line_is_wider_than_the_console(told: Inspected, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = _printed(told, columns, monkeypatch).decode("utf-8").splitlines()
    assert max(map(len, lines)) <= columns


@pytest.mark.parametrize("columns", [60, 120])
def test_every_letter_is_in_cp1252(told: Inspected, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _printed(told, columns, monkeypatch).decode("utf-8").encode("cp1252")


def test_a_letter_that_cp1252_lacks_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = office_workbook(tmp_path / "r.xlsx", None, "No. Catatan | Langkah | Pelaksana\nハンドゥン | 1 | Ратна")
    assert b"?" in _printed(inspected(book), 100, monkeypatch, "cp1252")


def test_a_pipe_gets_no_colour(told: Inspected, monkeypatch: pytest.MonkeyPatch) -> None:
    assert b"\x1b" not in _printed(told, 100, monkeypatch)


def test_no_color_is_respected_on_a_terminal(told: Inspected, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    coloured, plain = io.StringIO(), io.StringIO()
    print_findings(told, Console(file=coloured, force_terminal=True, width=100))
    monkeypatch.setenv("NO_COLOR", "1")
    print_findings(told, Console(file=plain, force_terminal=True, width=100))
    assert "\x1b[1;31m" in coloured.getvalue()
    assert "\x1b[1;31m" not in plain.getvalue()
    assert "31m" not in plain.getvalue()


def test_a_cell_cannot_write_to_the_screen(tmp_path: Path) -> None:
    text = "No. Catatan | Langkah | Pelaksana\n'[red]\u202eA[/red] | 1 | [bold]B"
    shown = findings_text(inspected(office_workbook(tmp_path / "r.xlsx", None, text)))
    assert "\u202e" not in shown
    assert "[bold]B" in shown


def test_the_gravest_come_first(told: Inspected) -> None:
    text = findings_text(told)
    places = [text.index(word) for word in ("Kesalahan (", "Penyimpangan (", "Peringatan (", "Informasi (")]
    assert places == sorted(places)


def test_every_finding_is_there_with_its_cell(told: Inspected) -> None:
    text = findings_text(told)
    for found in told.findings:
        assert f"{found.sheet}!{found.cell}" in text
        assert found.code in text


def test_progress_is_silent_in_a_pipe_and_counts_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    piped, shown = io.StringIO(), io.StringIO()
    with progress(make_console(piped), "Membuat dokumen") as tick:
        tick(1, 2)
    assert piped.getvalue() == ""
    monkeypatch.setenv("TERM", "xterm")
    with progress(Console(file=shown, force_terminal=True, width=60), "Membuat dokumen") as tick:
        tick(2, 2)
    assert "2/2" in shown.getvalue()
    assert shown.getvalue().encode("cp1252")
