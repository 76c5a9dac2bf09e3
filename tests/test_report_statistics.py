"""The same numbers everywhere: report, recap, JSON, console and event log."""

from __future__ import annotations

import io
import json
import pickle
import re
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook
from report_samples import LANGKAH, REGISTER, inspected, month_register, telling, text_of
from rule_fixtures import FIXTURES, inspect_fixture
from workbooks import office_workbook

from sopkit.checks import load_rules
from sopkit.checks.catalogue import RULES, TAGS
from sopkit.checks.inspection import Inspected
from sopkit.cli import summary
from sopkit.documents.generate import generate
from sopkit.language import duration_text, number_text
from sopkit.reports import annotated, export, findings, html, recap, statistics
from sopkit.reports.console import findings_text, make_console, print_summary

EXAMPLE = Path(__file__).parents[1] / "registers" / "register-contoh.xlsx"
COUNTED_AS = ("kesalahan", "penyimpangan", "dijelaskan", "peringatan", "diberi keterangan", "informasi")
TEMPLATES = Path(__file__).parents[1] / "templates"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Inspected:
    return telling(tmp_path_factory.mktemp("angka"))


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Inspected:
    return inspected(office_workbook(tmp_path_factory.mktemp("kosong") / "kosong.xlsx"))


def _summary_sheet(data: bytes) -> dict[tuple[str, str], object]:
    sheet = load_workbook(io.BytesIO(data))["Ringkasan"]
    return {(str(row[0]), str(row[1])): row[2] for row in sheet.iter_rows(min_row=5, values_only=True)}


def _added_up(shown: str) -> dict[str, int]:
    """What a console's line of counts says, its parts in brackets apart: `4 penyimpangan (1 lagi dijelaskan)`."""
    total = dict.fromkeys(COUNTED_AS, 0)
    for number, word in re.findall(rf"([\d.]+) (?:lagi )?({'|'.join(COUNTED_AS)})", shown):
        total[word] += int(number.replace(".", ""))
    return total


def _sums_agree(one: Inspected) -> None:
    """Headline, families, report, sheet Temuan, recap and JSON count the same, with the explained apart."""
    wanted = list(one.summary.values())
    assert list(json.loads(findings.to_json(one))["summary"].values()) == wanted
    families = statistics.by_family(one.findings)
    assert [sum(count[kind] for count in families.values()) for kind in one.summary] == wanted
    stream = io.StringIO()
    console = make_console(stream)
    console.width = 500
    summary._print_families(one, console)
    assert list(_added_up(stream.getvalue()).values()) == wanted
    assert list(_added_up(statistics.counts_text(one.summary)).values()) == wanted
    page = text_of(html.render_report(one))
    for count, word in zip(wanted, _added_up(""), strict=True):
        assert f"\n{number_text(count)} {word}\n" in page
    sheet = load_workbook(io.BytesIO(annotated.annotate(one)))["Temuan"]
    assert list(_added_up(str(sheet["A3"].value)).values()) == wanted
    told = _summary_sheet(recap.make_recap([one]).workbook)
    assert [told["Temuan", word.capitalize()] for word in _added_up("")] == wanted


@pytest.mark.parametrize("name", ["telling", "month", "example", "empty"])
def test_the_families_add_up_to_the_headline(name: str, told: Inspected, empty: Inspected, tmp_path: Path) -> None:
    made = {"telling": lambda: told, "empty": lambda: empty, "example": lambda: inspected(EXAMPLE)}
    _sums_agree(made.get(name, lambda: inspected(month_register(tmp_path / "bulan.xlsx")))())


@pytest.mark.parametrize("code", ["W02", "W05", "U01", "K01", "D01"])
def test_the_families_of_a_fixture_add_up_too(code: str, tmp_path: Path) -> None:
    for fixture in [each for each in FIXTURES if each.code == code][:2]:
        _sums_agree(inspect_fixture(fixture, tmp_path))


def test_a_pareto_is_drawn_where_few_make_most() -> None:
    def shares(*counts: int) -> list[statistics.Share]:
        return statistics._shares([(f"sebab {place}", count) for place, count in enumerate(counts)])

    assert not statistics.few_make_most(shares(*[1] * 12))
    assert statistics.few_make_most(shares(6, 4, 3, 1, 1, 1, 1, 1, 1))
    assert statistics.few_make_most(shares(3, 1, 1)) and not statistics.few_make_most(shares(2, 1, 1))
    assert not statistics.few_make_most(shares(9, 1)) and not statistics.few_make_most(shares())


def test_report_recap_json_and_console_agree(told: Inspected) -> None:
    total = statistics.total(statistics.measure(told))
    data = json.loads(findings.to_json(told))
    page = text_of(html.render_report(told))
    sheet = _summary_sheet(recap.make_recap([told]).workbook)
    stream = io.StringIO()
    print_summary(told, make_console(stream))
    shown = stream.getvalue()

    assert total.cases == data["register"]["cases"] == sheet["Kasus", "Kasus"] == 5
    assert f"Kasus tercatat\n{total.cases}\n" in page
    assert (
        f"{total.cases} tercatat, {total.closed} selesai, {total.open} terbuka, dan {total.overdue} terlambat" in shown
    )
    assert (total.closed, total.open, total.overdue) == tuple(
        sheet["Kasus", name] for name in ("Selesai", "Terbuka", "Lewat batas")
    )
    assert f"Masih terbuka\n{total.open}\n{total.overdue} melewati batas waktu" in page
    assert total.closing_rate == sheet["Kasus", "Tingkat penyelesaian"] == pytest.approx(2 / 5)
    assert f"Tingkat penyelesaian\n{statistics.percent(total.closing_rate)}\n" in page
    assert total.on_time_rate == sheet["Langkah", "Ketepatan waktu"] == pytest.approx(23 / 25)
    assert f"Langkah tepat waktu\n{statistics.percent(total.on_time_rate)}\n" in page
    assert f"{statistics.percent(total.on_time_rate)} dari {total.finished} langkah" in shown
    assert f"Ditutup dalam target\n{statistics.percent(total.target_rate)}\n" in page
    assert total.target_rate == sheet["Kasus", "Ditutup dalam target"] == 1
    assert total.days == sheet["Kasus", "Median hari kerja sampai diverifikasi"] == 4.5  # 4 and 5
    assert f"Sampai diverifikasi\n{statistics.days_text(total.days)}\n" in page
    assert total.flawed == sheet["Kasus", "Selesai dengan temuan"] == 0
    names = {
        "error": "Kesalahan", "breach": "Penyimpangan", "explained": "Dijelaskan", "warning": "Peringatan",
        "acknowledged": "Diberi keterangan",
    }  # fmt: skip
    for kind, name in names.items():
        assert data["summary"][kind] == sheet["Temuan", name]
        assert f"{data['summary'][kind]} {name.lower()}" in page
    assert total.recurrent == sheet["Kasus", "Berulang"] == sum(f["code"] == "K12" for f in data["findings"])


def test_findings_of_the_documents_count_everywhere(tmp_path: Path) -> None:
    """A PTPP without Kepada cannot be made: an error like those of the register, with its own thing to do."""
    path = office_workbook(tmp_path / "r.xlsx", REGISTER.replace(" | Kepala Seksi Pelayanan", " | "), LANGKAH)
    checked = inspected(path)
    generated = generate(checked, tmp_path / "keluaran", TEMPLATES)
    assert {found.code for found in generated.findings} == {"T05"}
    told = checked.with_findings(generated.findings)
    count, errors = len(generated.findings), told.summary["error"]
    assert errors == checked.summary["error"] + count
    page = text_of(html.render_report(told, generated.documents, generated.skipped))
    stream = io.StringIO()
    print_summary(told, make_console(stream))
    assert errors == json.loads(findings.to_json(told))["summary"]["error"]
    assert errors == _summary_sheet(recap.make_recap([told]).workbook)["Temuan", "Kesalahan"]
    assert f"{errors} kesalahan" in stream.getvalue()
    assert f"Register belum benar: {errors} kesalahan harus diperbaiki lebih dahulu." in page
    assert f"Perbaiki {errors - count} kesalahan pada register" in page
    assert f"Isi {count} sel yang kosong agar dokumennya dapat dibuat" in page
    places = [(found.sheet, found.row or 0, found.column, found.code) for found in told.findings]
    assert places == sorted(places)


def test_late_steps_are_the_findings_w02(told: Inspected) -> None:
    late = [found for found in told.findings if found.code == "W02"]
    assert statistics.total(statistics.measure(told)).late == len(late) == 2


def test_overdue_cases_are_those_with_w03_or_w09(told: Inspected) -> None:
    cases = statistics.measure(told).cases
    assert list(cases.loc[cases["overdue"], "number"]) == ["003/CLTS/XI/2026"]


def test_parts_add_up_to_the_whole(told: Inspected) -> None:
    measured = statistics.measure(told)
    total = statistics.total(measured)
    steps = [step for _, step in statistics.by_step(measured)]
    details = statistics.details(measured)
    assert sum(step.finished for step in steps) == total.finished == details["finished"].sum()
    assert sum(step.on_time for step in steps) == total.on_time == details["on_time"].sum()
    assert details["executions"].sum() == total.executions == len(export.event_log(told).events)
    for shares in (statistics.pareto(measured), statistics.statuses(measured)):
        assert sum(share.count for share in shares) == total.cases
        assert shares[-1].cumulative == pytest.approx(1)
    assert sum(share.count for share in statistics.ageing(measured)) == total.open
    assert sum(share.count for share in statistics.ptpp_states(measured)) == 4


def test_median_and_p90_are_of_working_time(told: Inspected) -> None:
    steps = {step.number: total for step, total in statistics.by_step(statistics.measure(told))}
    minutes = sorted([10, 45, 10, 10, 10])
    assert steps[1].median == 60 * minutes[2]
    assert steps[1].p90 == pytest.approx(60 * float(pd.Series(minutes).quantile(0.9)))
    assert steps[10].median is None


def test_step_rates_on_the_page_are_those_of_the_figures(told: Inspected) -> None:
    page = text_of(html.render_report(told))
    for step, total in statistics.by_step(statistics.measure(told)):
        if total.finished:
            words = f"{statistics.percent(total.on_time_rate)} tepat waktu ({total.on_time} dari {total.finished})"
            assert f"{step.number}. {step.activity} {words}" in page
            assert f"median {duration_text(total.median or 0)}" in page


def test_a_whole_of_offices_is_measured_from_its_executions(told: Inspected) -> None:
    measured = statistics.measure(told)
    whole = statistics.totals(*statistics.together([measured, measured]))
    one = statistics.total(measured)
    assert (whole.cases, whole.finished, whole.on_time) == (2 * one.cases, 2 * one.finished, 2 * one.on_time)
    assert whole.median == one.median


CLOSINGS = """
No. Catatan | Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Ditemukan Oleh | Sumber | Kategori | Analisis Penyebab | Penanggung Jawab | Target Selesai | Hasil Verifikasi | Tanggal Verifikasi | Status | Keterangan
001/CLTS/XI/2026 | 2026-11-02 08:00 | Surat Pindah | Alamat keliru | Ratna Anggraini | Keluhan | Minor | Petugas tidak memeriksa KTP pemohon | Joko Santosa | 2026-11-04 | Sesuai | 2026-11-04 | Selesai |
002/CLTS/XI/2026 | 2026-11-06 15:00 | Surat Pindah | Alamat keliru | Ratna Anggraini | Keluhan | Minor | petugas tidak memeriksa  KTP pemohon. | Joko Santosa | 2026-11-09 | Sesuai | 2026-11-10 | Selesai |
003/CLTS/XI/2026 | 2026-11-02 08:00 | Surat Pindah | Alamat keliru | Ratna Anggraini | Audit | Mayor | Printer loket rusak sejak pagi | Endah Purwanti | 2026-11-20 | Sesuai | 2026-11-16 | Selesai |
004/CLTS/XI/2026 | 2026-11-03 08:00 | Surat Pindah | Alamat keliru | Ratna Anggraini | Audit | Mayor | idem | Endah Purwanti | 2026-11-10 | Sesuai | | Selesai |
005/CLTS/XI/2026 | 2026-11-03 08:00 | Surat Pindah | Alamat keliru | Ratna Anggraini | | | Printer loket rusak sejak siang | | | Sesuai | 2026-11-03 | Selesai |
006/CLTS/XI/2026 | 2026-11-09 08:00 | Surat Pindah | Alamat keliru | Ratna Anggraini | Survei | Minor | | Joko Santosa | 2026-11-30 | | | Proses |
007/CLTS/XI/2026 | 2026-11-09 08:00 | Surat Pindah | Alamat keliru | Ratna Anggraini | Survei | Minor | Printer loket rusak sejak pagi | Joko Santosa | 2026-11-09 | Sesuai | 2026-11-19 | Batal | Laporan ganda dari loket dua
008/CLTS/XI/2026 | 2026-11-09 08:00 | Surat Pindah | Alamat keliru | Ratna Anggraini | Audit | Minor | Petugas tidak memeriksa KTP pemohon | Joko Santosa | 2026-11-12 | Sesuai | 2026-11-05 | Selesai |
009/CLTS/XI/2026 | 2026-11-02 08:00 | Surat Pindah | Alamat keliru | Ratna Anggraini | Audit | Minor | | Joko Santosa | 2026-11-12 | Sesuai | 2027-11-05 | Selesai |
010/CLTS/XI/2026 | 2027-11-02 08:00 | Surat Pindah | Alamat keliru | Ratna Anggraini | Audit | Minor | | Joko Santosa | 31/2/2026 | Sesuai | 2026-11-05 | Selesai |
"""  # noqa: E501
"""Closed in time, a day late (over a weekend), early, without a proof, without a target, still open, cancelled, and
verified before it was found; then two with dates in error (D04, D06)."""


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Inspected:
    return inspected(office_workbook(tmp_path_factory.mktemp("tutup") / "r.xlsx", CLOSINGS, "No. Catatan | Langkah"))


@pytest.fixture(scope="module")
def closings(closed: Inspected) -> statistics.Figures:
    return statistics.measure(closed)


def test_closed_within_target_counts_the_closed_that_had_a_target(closings: statistics.Figures) -> None:
    """001, 003 and 008 of 001, 002, 003, 004 and 008: 004 has no date to show for it; 005 had no target.

    When 009 was verified and 010 was due is not known.
    """
    total = statistics.total(closings)

    assert (total.in_target, total.targeted, total.target_rate) == (3, 5, 3 / 5)
    assert list(closings.cases["targeted"]) == [True, True, True, True, False, False, False, True, False, False]
    assert list(closings.cases["in_target"]) == [True, False, True, False, False, False, False, True, False, False]


def test_days_to_verification_are_working_days(closings: statistics.Figures) -> None:
    """2 → 4 November is 2; Friday 6 → Tuesday 10 is 2; 2 → 16 is 10; the same day is 0. What has no date or one in
    error, is not closed, or was verified before it was found has none.
    """
    cases = closings.cases

    assert list(cases["days"].fillna(-1)) == [2, 2, 10, -1, 0, -1, -1, -1, -1, -1]
    assert statistics.total(closings).days == 2
    assert statistics.totals(closings.of_cases.part(slice(3, 4)), closings.of_executions).days is None


def test_the_report_says_which_case_was_closed_late_and_by_which_days(closed: Inspected) -> None:
    page = text_of(html.render_report(closed))

    assert page.count(", melewati target") == 1
    assert "Diverifikasi pada 10 November 2026, melewati target 9 November 2026" in page
    assert "Ditutup dalam target\n60%\ndari 5 kasus selesai yang bertarget" in page
    assert "Sampai diverifikasi\n2 hari kerja\n" in page


def test_selesai_is_counted_with_how_many_of_them_are_in_doubt(closings: statistics.Figures) -> None:
    """No closed case here has a step 9 (K06)."""
    total = statistics.total(closings)

    assert (total.closed, total.flawed) == (8, 8)
    assert statistics.closed_text(total) == "tercatat selesai 8, 8 di antaranya dengan kesalahan atau kurang bukti"
    assert not closings.cases.loc[closings.cases["status"] == "Batal", "flawed"].any()


def test_a_case_closed_as_it_should_be_is_in_no_doubt(told: Inspected) -> None:
    """Breaches and warnings of another kind (002 was late and left a step out) do not make a closing doubtful."""
    total = statistics.total(statistics.measure(told))

    assert (total.closed, total.flawed) == (2, 0)
    assert statistics.closed_text(total) == "tercatat selesai 2"


def _counts(shares: list[statistics.Share]) -> list[tuple[str, int, bool]]:
    return [(share.label, share.count, share.tail) for share in shares]


def test_causes_that_are_alike_count_as_one_and_the_cancelled_do_not_count(closings: statistics.Figures) -> None:
    assert _counts(statistics.pareto_by(closings.cases, "cause", 8)) == [
        ("Petugas tidak memeriksa KTP pemohon", 3, False),
        ("Printer loket rusak sejak pagi", 2, False),
        ("Belum diisi", 4, True),  # 004 says idem; 006, 009 and 010 nothing
    ]


def test_the_rest_of_a_pareto_is_one_bar(closings: statistics.Figures) -> None:
    assert _counts(statistics.pareto_by(closings.cases, "source", 3)) == [
        ("Audit", 5, False), ("Keluhan", 2, False), ("Survei", 1, False), ("Belum diisi", 1, True),
    ]  # fmt: skip
    assert _counts(statistics.pareto_by(closings.cases, "source", 1)) == [
        ("Audit", 5, False), ("2 lainnya", 3, True), ("Belum diisi", 1, True),
    ]  # fmt: skip
    assert _counts(statistics.pareto_by(closings.cases, "source", 2)) == _counts(
        statistics.pareto_by(closings.cases, "source", 3)
    )
    assert [share.cumulative for share in statistics.pareto_by(closings.cases, "category", 9)] == [6 / 9, 8 / 9, 1]
    assert _counts(statistics.pareto_by(closings.cases, "responsible", 9))[-1] == ("Belum diisi", 1, True)


def test_a_pareto_of_nothing_is_empty(closings: statistics.Figures, empty: Inspected) -> None:
    none = statistics.measure(empty).cases
    for column in statistics.PARETOS:
        assert statistics.pareto_by(none, column, 8) == []
        assert statistics.pareto_by(closings.cases[closings.cases["cancelled"]], column, 8) == []


def test_figures_travel_between_processes(told: Inspected) -> None:
    measured = pickle.loads(pickle.dumps(statistics.measure(told)))
    assert recap.make_recap([measured]).workbook == recap.make_recap([told]).workbook


def test_an_empty_register_has_every_report(empty: Inspected) -> None:
    total = statistics.total(statistics.measure(empty))
    assert (total.cases, total.closing_rate, total.on_time_rate, total.median) == (0, None, None, None)
    assert "Tidak ada yang perlu diperbaiki" in html.render_report(empty) or empty.findings
    assert json.loads(findings.to_json(empty))["register"]["cases"] == 0
    assert load_workbook(io.BytesIO(recap.make_recap([empty]).workbook)).sheetnames[0] == "Ringkasan"
    assert load_workbook(io.BytesIO(annotated.annotate(empty))).sheetnames[0] == "Temuan"
    assert export.to_csv_log(empty).count("\n") == 1
    assert "<trace" not in export.to_xes(empty)
    assert findings_text(empty) or not empty.findings


def test_a_register_without_its_sheets_has_every_report(tmp_path: Path) -> None:
    broken = inspected(office_workbook(tmp_path / "r.xlsx", without=["Register", "Langkah", "Pegawai"]))
    assert "B01" in html.render_report(broken)
    assert load_workbook(io.BytesIO(annotated.annotate(broken))).sheetnames[0] == "Temuan"
    assert recap.make_recap([broken]).workbook


@pytest.mark.parametrize(
    ("rate", "text"), [(None, "–"), (0.0, "0%"), (1.0, "100%"), (2 / 3, "66,7%"), (0.0004, "0%"), (0.875, "87,5%")]
)
def test_rates_are_said_in_indonesian(rate: float | None, text: str) -> None:
    assert statistics.percent(rate) == text


def test_thousands_are_said_in_indonesian(told: Inspected) -> None:
    assert number_text(1257) == "1.257"
    assert not re.search(r"\d,\d{3}\b", text_of(html.render_report(told)))


def test_tile_reminder_and_tasks_ask_for_the_same_lateness() -> None:
    """A running step over its standard, a target and a period of destruction that passed: nobody lists codes."""
    load_rules()
    tagged = {tag: {one.code for one in RULES.values() if tag in one.tags} for tag in TAGS}
    assert tagged == {
        "late": {"W03", "W08", "W09"}, "soon": {"W04"}, "unproven": {"K06", "K07"}, "recurrent": {"K12"},
        "foreign": {"B01", "B02", "B55"}, "hole": {"T05"}, "edited": {"T04"},
    }  # fmt: skip
