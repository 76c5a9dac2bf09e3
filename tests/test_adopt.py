"""`sopkit adopt`: what it recognises, what it asks, what it keeps, and that its last line is true."""

from __future__ import annotations

import datetime as dt
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from layouts import proposed
from processes import become, ended, prepare
from workbooks import PEGAWAI, write_workbook

from sopkit.adopt.decided import Decided, read_decided
from sopkit.adopt.infer_patterns import infer_patterns
from sopkit.adopt.match import assignment, match_headings
from sopkit.adopt.propose import propose
from sopkit.adopt.tables import Heading
from sopkit.adopt.write import layout_text_of
from sopkit.language import ROMAN_MONTHS
from sopkit.register.layout import parse_layout
from sopkit.register.read import read_register
from sopkit.register.schema import REGISTER

CASES = Path(__file__).parent / "cases"
TODAY = dt.date(2026, 11, 28)
SURE = {
    "Tanggal": "Tanggal Ditemukan",
    "Tgl": "Tanggal Ditemukan",
    "Tgl. Temuan": "Tanggal Ditemukan",
    "Hari / Tanggal": "Tanggal Ditemukan",
    "Tgl. Terbit": "Tanggal PTPP",
    "Tgl Verifikasi": "Tanggal Verifikasi",
    "Tindakan Koreksi": "Tindakan Langsung",
    "Koreksi": "Tindakan Langsung",
    "Penanganan": "Tindakan Langsung",
    "Tindakan Korektif": "Tindakan Perbaikan",
    "Tindakan Perbaikan (Corrective Action)": "Tindakan Perbaikan",
    "Tindakan Preventif": "Tindakan Pencegahan",
    "Preventif": "Tindakan Pencegahan",
    "RTL": "Tindakan Perbaikan",
    "PIC/PJ": "Penanggung Jawab",
    "Penangung Jawab": "Penanggung Jawab",
    "Status (Open/Close)": "Status",
    "Status Tindak Lanjut": "Status",
    "Root Cause": "Analisis Penyebab",
    "Analisa Penyebab": "Analisis Penyebab",
    "Batas Waktu Penyelesaian": "Target Selesai",
    "Due Date": "Target Selesai",
    "Deskripsi Temuan": "Uraian Ketidaksesuaian",
    "No. Ketidaksesuaian": "No. Catatan",
    "No. CAR": "No. PTPP",
    "Klausul": "Persyaratan yang Dilanggar",
    "Hasil Tindak Lanjut": "Hasil Perbaikan",
    "Ket.": "Keterangan",
}
NEVER_SURE = (
    "No", "Tgl. Realisasi Anggaran", "Biaya Perbaikan", "Lampiran", "Koreksi / Tindakan Perbaikan", "Unit Kerja",
    "Auditee", "Tindakan Perbaikan dan Pencegahan", "Disetujui oleh", "No. Surat", "Perbaikan (Koreksi)", "Petugas",
    "Umur Temuan (hari)",
)  # fmt: skip


def _matched(header: str, values: Sequence[object] = ()) -> tuple[str, str]:
    match = match_headings(REGISTER, [Heading(header, "A1", 1, values)], ())[0]
    return match.certainty, match.column.header if match.column else ""


@pytest.mark.parametrize("header", SURE)
def test_usual_headers_are_placed_by_their_words(header: str) -> None:
    assert _matched(header) == ("sure", SURE[header])


@pytest.mark.parametrize("header", NEVER_SURE)
def test_what_may_mean_two_things_is_not_placed(header: str) -> None:
    assert _matched(header)[0] != "sure"


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Tanggal", ["satu", "dua", "tiga"]),
        ("Penanggung Jawab", [dt.date(2026, 1, day) for day in (1, 2, 3)]),
        ("Status", [f"Uraian panjang tentang keadaan nomor {number}" for number in range(20)]),
    ],
)
def test_values_speak_against_a_header(header: str, values: Sequence[object]) -> None:
    certainty, column = _matched(f"{header} *", values)
    assert certainty != "sure" or column == header  # its own header is what it says


def test_values_make_sure_of_what_the_words_leave_open() -> None:
    assert _matched("Nomor", [f"{n:03d}/CLTS/I/2026" for n in (1, 2, 3)]) == ("sure", "No. Catatan")
    assert _matched("Nomor", [1.0, 2.0, 3.0]) == ("asked", "No. Catatan")
    assert _matched("Jenis Temuan", ["Minor", "Mayor", "Minor"]) == ("sure", "Kategori")
    assert _matched("Akhir", ["Open", "Close", "Open"]) == ("asked", "Status")


def test_of_two_numbers_each_is_told_by_the_other() -> None:
    numbers = [f"{n:02d}/LKS/2026" for n in (1, 2, 3)], [f"{n:02d}/PTPP/2026" for n in (1, 2, 3)]
    headings = [Heading("No. LKS", "A1", 1, numbers[0]), Heading("No. PTPP", "B1", 2, numbers[1])]
    found = match_headings(REGISTER, headings, ())
    assert [(m.certainty, m.column and m.column.header) for m in found] == [
        ("sure", "No. Catatan"),
        ("sure", "No. PTPP"),
    ]


def test_a_count_of_the_rows_is_no_number_beside_the_number_itself() -> None:
    numbers = [f"{n:05d}/LKS/2026" for n in range(1, 9)]
    headings = [Heading("No", "A1", 1, [1.0, 2.0, 3.0]), Heading("No. LKS", "B1", 2, numbers)]
    found = match_headings(REGISTER, headings, ())
    assert [(m.certainty, m.column and m.column.header) for m in found] == [("none", None), ("sure", "No. Catatan")]


def test_the_assignment_is_the_best_of_all() -> None:
    assert assignment([[90, 88], [89, 0]]) == [1, 0]
    assert assignment([]) == []
    assert sorted(place for place in assignment([[1], [5], [3]]) if place is not None) == [0]


def _numbers(form: str, year: int, count: int = 9) -> list[tuple[str, dt.date | None]]:
    return [
        (form.format(n=n, r=ROMAN_MONTHS[n % 12], m=n % 12 + 1, y=year), dt.date(year, n % 12 + 1, 2))
        for n in range(1, count + 1)
    ]


@pytest.mark.parametrize(
    ("numbers", "patterns"),
    [
        (_numbers("{n:03d}/PTPP/{r}/{y}", 2026), {"": "{urut:03d}/PTPP/{bulan_romawi}/{tahun}"}),
        ([("001/PTPP/XI/2026", dt.date(2026, 11, 2))], {"": "{urut:03d}/PTPP/{bulan_romawi}/{tahun}"}),
        (_numbers("{n}", 2025), {"": "{urut}"}),
        (_numbers("700/{n:03d}/{m:02d}/{y}", 2026), {"": "700/{urut:03d}/{bulan:02d}/{tahun}"}),
        (
            _numbers("{n}", 2025) + _numbers("{n:03d}/PTPP/{y}", 2026),
            {"": "{urut}", "sejak 1 Januari 2026": "{urut:03d}/PTPP/{tahun}"},
        ),
        (_numbers("NCR-{n:02d}", 2024) + _numbers("NCR-{n:02d}", 2025), {"": "NCR-{urut:02d}"}),
        ([("tidak ada", None), ("-", None)], {}),
    ],
)
def test_patterns_are_inferred(numbers: list[tuple[str, dt.date | None]], patterns: Mapping[str, str]) -> None:
    assert infer_patterns(numbers) == patterns


LOG = "No. Catatan | Tgl. Temuan | Layanan | Uraian Masalah | Penemu | Status\n"


def _log(year: int) -> str:
    return LOG + "\n".join(
        f"{n:03d}/LTS/{year} | {year}-0{n}-05 08:30 | KTP | Nama salah cetak {n} | Budi | {word}"
        for n, word in ((1, "Closed"), (2, "On Progress"), (3, "Closed"))
    )


def test_several_sheets_of_one_kind_history_patterns_and_words(tmp_path: Path) -> None:
    book = write_workbook(tmp_path / "log.xlsx", {str(y): _log(y) for y in (2024, 2025, 2026)}, complete=False)
    text = layout_text_of(propose(book, Decided(), TODAY))
    assert '"Register" = ["2024", "2025", "2026"]' in text
    assert '"No. Catatan" = "{urut:03d}/LTS/{tahun}"' in text
    assert "until = 2025-12-31" in text
    assert '"Status" = { "Closed" = "Selesai", "On Progress" = "Proses" }' in text
    register = read_register(book, parse_layout(text, tmp_path / "log.sopkit.toml"))
    assert len(register.cases.data) == 9
    assert set(register.cases.data["status"]) == {"Selesai", "Proses"}


def test_forms_sheets_are_known(tmp_path: Path) -> None:
    rows = "Id | Start time | Completion time | Email | Name | Layanan | Uraian keluhan\n" + "\n".join(
        f"{n} | 2026-03-0{n} 08:00 | 2026-03-0{n} 08:05 | anonymous | Siti Aminah | KTP | Nama salah" for n in (1, 2, 3)
    )
    text = proposed(write_workbook(tmp_path / "form.xlsx", {"Form1": rows}, complete=False))
    assert '\n"Completion time" = "Tanggal Ditemukan"\n' in text
    assert '\n"Id" = "No. Catatan"\n' in text
    assert '\n"Name" = "Ditemukan Oleh"\n' in text
    assert '# tidak dipakai: "Start time"' in text


def test_steps_by_the_names_of_the_sop() -> None:
    text = layout_text_of(propose(CASES / "d_wide_named_steps.xlsx", Decided(), TODAY))
    assert 'layout = "wide"' in text and '5 = { Selesai = "Tanggal Selesai Keputusan" }' in text
    register = read_register(CASES / "d_wide_named_steps.xlsx", parse_layout(text, CASES / "x.toml"))
    assert len(register.events.data) > 50


def test_a_second_run_keeps_what_people_wrote(tmp_path: Path) -> None:
    book, file = Path(shutil.copy(CASES / "a_log_ptpp.xlsx", tmp_path)), tmp_path / "a_log_ptpp.sopkit.toml"
    first = layout_text_of(propose(book, Decided(), TODAY))
    own = first.replace('# MUNGKIN: "Unit Kerja" = "Kepada"', '# Bu Sekcam: unit yang ditegur\n"Unit Kerja" = "Kepada"')
    own = own.replace('"Auditor" = "Ditemukan Oleh"', '"Auditor" = "found_by"  # ketua tim')
    file.write_text(own, encoding="utf-8")
    second = layout_text_of(propose(book, read_decided(file), TODAY))
    assert "# Bu Sekcam: unit yang ditegur\n" in second
    assert '"Auditor" = "found_by"  # ketua tim' in second
    assert '# MUNGKIN: "Unit Kerja"' not in second and '\n"Unit Kerja" = "Kepada"   #' in second
    file.write_text(second, encoding="utf-8")
    assert layout_text_of(propose(book, read_decided(file), TODAY)) == second


def _sopkit(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return ended(*words, folder=folder)


def test_the_last_line_says_what_is_missing(tmp_path: Path) -> None:
    shutil.copy(CASES / "c_daftar_lts.xlsx", tmp_path)
    ran = _sopkit(tmp_path, "adopt", "c_daftar_lts.xlsx")
    assert ran.returncode == 1, ran.stderr
    assert "Belum siap. Yang masih kurang:" in ran.stdout
    assert "sopkit init --office-sheets" in ran.stdout and "No. Catatan" in ran.stdout
    assert _sopkit(tmp_path, "adopt", "c_daftar_lts.xlsx").returncode == 1  # and does not refuse


def test_a_complete_workbook_is_ready(tmp_path: Path) -> None:
    shutil.copy(CASES / "d_wide_named_steps.xlsx", tmp_path)
    write_workbook(tmp_path / "BUKU-KANTOR.xlsx", {"Pegawai": PEGAWAI})
    ran = _sopkit(tmp_path, "adopt", "d_wide_named_steps.xlsx")
    assert ran.returncode == 0, ran.stdout
    assert ran.stdout.splitlines()[-1] == "Siap. Jalankan:  sopkit run d_wide_named_steps.xlsx"
    assert 'office = "BUKU-KANTOR.xlsx"' in (tmp_path / "d_wide_named_steps.sopkit.toml").read_text("utf-8")
    assert _sopkit(tmp_path, "run", "d_wide_named_steps.xlsx").returncode == 0


def test_where_nothing_is_recognised_nothing_is_written(tmp_path: Path) -> None:
    sheets = {
        "Stok": "Barang | Rak | Warna\npena | 3 | biru\nkertas | 4 | putih",
        "Tamu": "Asal Kota | Jam Pulang\nX | 2",
    }
    write_workbook(tmp_path / "lain.xlsx", sheets)
    ran = _sopkit(tmp_path, "adopt", "lain.xlsx")
    assert ran.returncode == 1 and "Tidak ada lembar" in ran.stdout and "Barang" in ran.stdout
    assert not (tmp_path / "lain.sopkit.toml").exists()


def test_the_only_table_is_proposed_whatever_it_is(tmp_path: Path) -> None:
    text = proposed(write_workbook(tmp_path / "x.xlsx", {"S": "Barang | Rak\npena | 3\nbuku | 4"}))
    assert '"Register" = "S"' in text and '# tidak dipakai: "Rak" (sel B1)' in text


ODD = {
    "all numbers": [[1, 2, 3], [4, 5, 6]],
    "one column": [["Tanggal"], [dt.date(2026, 1, 1)]],
    "headers twice": [["Tanggal", "Tanggal", "Status", "Status"], ["x", "y", "z", "w"]],
    "headers alone": [["Tanggal", "Uraian", "Status"]],
    "marks": [['Ko"lom', "a\\b", "[x]", "= y"], ["1", "2", "3", "4"], ["1", "2", "3", "4"]],
    "far": [[None] * 40 + ["Tanggal", "Uraian"], [None] * 40 + [dt.date(2026, 1, 1), "x"]],
    "long texts": [["Uraian", "x" * 3000], ["y" * 3000, True]],
}


@pytest.mark.parametrize("name", ODD)
def test_odd_workbooks_do_not_crash(name: str, tmp_path: Path) -> None:
    write_workbook(tmp_path / "odd.xlsx", {"S": ODD[name], "Kosong": []})
    for _ in range(2):
        ran = _sopkit(tmp_path, "adopt", "odd.xlsx")
        assert "tidak terduga" not in ran.stderr and "Traceback" not in ran.stderr, ran.stderr
    for file in tmp_path.glob("*.toml"):
        parse_layout(file.read_text("utf-8"), file)


def _dialogue(
    folder: Path, book: str, answers: Sequence[str], *, width: int = 80, closed: bool = False
) -> tuple[str, int]:
    """What stands on an 80-column terminal after these answers (then Ctrl+C, or the window is `closed`), and the exit
    code.
    """
    pty, fcntl, termios, struct = (pytest.importorskip(name) for name in ("pty", "fcntl", "termios", "struct"))
    prepare()
    process, terminal = pty.fork()
    if process == 0:
        become(["adopt", book], folder)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    shown, left = b"", list(answers)
    while select.select([terminal], [], [], 60)[0]:
        try:
            piece = os.read(terminal, 1 << 16)
        except OSError:
            break
        shown += piece
        if not piece:
            break
        if shown.endswith(b"u ulangi): ") and closed and not left:
            os.kill(process, signal.SIGKILL)
        elif shown.endswith(b"u ulangi): "):
            time.sleep(0.05)
            os.write(terminal, f"{left.pop(0)}\n".encode() if left else b"\x03")
    _, status = os.waitpid(process, 0)
    return shown.decode("utf-8").replace("\r\n", "\n"), os.waitstatus_to_exitcode(status)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_dialogue_that_is_broken_off_goes_on(tmp_path: Path) -> None:
    shutil.copy(CASES / "a_log_ptpp.xlsx", tmp_path)
    shown, code = _dialogue(tmp_path, "a_log_ptpp.xlsx", ["apa?", "1", "3", "1"])
    assert code == 3 and "Dihentikan; yang sudah diputuskan tersimpan." in shown
    assert "Tulis nomor 1 sampai" in shown
    assert not [line for line in shown.splitlines() if len(line) > 80 and not line.startswith("Pilih")]
    text = (tmp_path / "a_log_ptpp.sopkit.toml").read_text("utf-8")
    assert '\n"No" = "No. Catatan"\n' in text and "until" not in text
    shown, code = _dialogue(tmp_path, "a_log_ptpp.xlsx", ["1", "1", "2", "1"])
    assert "Kolom “No”" not in shown  # it is decided
    text = (tmp_path / "a_log_ptpp.sopkit.toml").read_text("utf-8")
    assert '\n"No" = "No. Catatan"\n' in text


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_window_that_is_closed_loses_no_answer(tmp_path: Path) -> None:
    """What was taken back before is not kept either."""
    shutil.copy(CASES / "a_log_ptpp.xlsx", tmp_path)
    _dialogue(tmp_path, "a_log_ptpp.xlsx", ["1", "1", "u", "4"], closed=True)
    text = (tmp_path / "a_log_ptpp.sopkit.toml").read_text("utf-8")
    assert '\n"No" = "No. Catatan"\n' in text and '# tidak dipakai: "Unit Kerja"' in text
    shown, _ = _dialogue(tmp_path, "a_log_ptpp.xlsx", [])
    assert shown.count("Jawaban yang sudah ada di a_log_ptpp.sopkit.toml tetap dipakai") == 1
    assert "Kolom “No”" not in shown and "Kolom “Unit Kerja”" not in shown


def test_what_is_undecided_is_said_before_whether_it_is_ready(tmp_path: Path) -> None:
    """A word of which nobody said what it means blocks two documents; one of many services blocks none."""
    log = "No. Catatan | Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Ditemukan Oleh | Hasil Verifikasi"
    for number, result in enumerate(("OK", "OK", "Sesuai"), 1):
        day = f"2026-11-0{number + 1} 09:00"
        log += f"\n00{number}/CLTS/XI/2026 | {day} | KTP | Nama di KTP salah ketik | Ratna Anggraini | {result}"
    write_workbook(tmp_path / "log.xlsx", {"Register": log, "Pegawai": PEGAWAI})
    ran = _sopkit(tmp_path, "adopt", "log.xlsx")
    said = ran.stdout[ran.stdout.index("Terbaca:") :]
    assert ran.returncode == 1 and "Siap" not in said.replace("Belum siap", "")
    assert said.index("belum diartikan “OK” (2 kali)") < said.index("Belum siap: dokumen 2 kasus menunggu kata")
    target = tmp_path / "log.sopkit.toml"
    target.write_text(target.read_text("utf-8").replace('# MUNGKIN: "Hasil', '"Hasil'), encoding="utf-8")
    ran = _sopkit(tmp_path, "adopt", "log.xlsx")
    assert ran.returncode == 0 and "belum diartikan" not in ran.stdout and "\nSiap." in ran.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_dialogue_to_its_end(tmp_path: Path) -> None:
    shutil.copy(CASES / "c_daftar_lts.xlsx", tmp_path)
    write_workbook(tmp_path / "BUKU-KANTOR.xlsx", {"Pegawai": PEGAWAI})
    shown, code = _dialogue(tmp_path, "c_daftar_lts.xlsx", ["1", "u", "1", "1", "30 November 2025", "1"])
    assert code == 0, shown
    assert "Siap. Jalankan:  sopkit run c_daftar_lts.xlsx" in shown
    text = (tmp_path / "c_daftar_lts.sopkit.toml").read_text("utf-8")
    assert 'layout = "wide"' in text and '7 = { Selesai = "Tgl. Realisasi" }' in text and "until = 2025-11-30" in text
    ran = _sopkit(tmp_path, "run", "c_daftar_lts.xlsx")
    assert ran.returncode == 0 and "kasus riwayat" in ran.stdout
