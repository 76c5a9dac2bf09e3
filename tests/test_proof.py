"""openpyxl's word after writing: every other change is found, and no sound workbook is accused."""

from __future__ import annotations

import hashlib
import logging
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from workbooks import office_workbook

from sopkit.files import staged
from sopkit.register import proof
from sopkit.register.write_cells import CellEdit, NotAsSaid, spliced_workbook, write_cells

SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
TEXTS = {"B2": "001/PTPP", "F9": "002/PTPP"}
CASES = """
No. Catatan | Tanggal Ditemukan | Jenis Layanan
 | 2026-11-17 09:00 | Legalisasi Surat
"""
EDITS = [CellEdit("Register", cell, text) for cell, text in TEXTS.items()]


@pytest.fixture
def register(tmp_path: Path) -> Path:
    path = tmp_path / "register.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Register")
    sheet.write_row("A1", ["No. Catatan", "No. PTPP", "Jumlah"])
    sheet.write_row("A2", ["001", None, 31])
    sheet.write_formula("D2", "=C2*2", None, 6)
    sheet.write_boolean("D3", True)
    sheet.merge_range("A5:B6", "gabungan")
    sheet.data_validation("C2:C6", {"validate": "list", "source": ["Ya", "Tidak"]})
    book.add_worksheet("Langkah").write("A1", "lain")
    book.define_name("Daftar", "=Register!$A$1:$A$2")
    book.close()
    return path


def _rezipped(data: bytes, part: str, change: Callable[[bytes], bytes | None]) -> bytes:
    """The package with one part changed, or without it."""
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = change(old.read(name)) if name == part else old.read(name)
            if content is not None:
                new.writestr(name, content)
    return buffer.getvalue()


def _replacing(part: str, old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        assert content.count(old) == 1, content.count(old)
        return content.replace(old, new)

    return lambda data: _rezipped(data, part, change)


def _write(path: Path) -> Path:
    return write_cells(path, EDITS, hashlib.sha256(path.read_bytes()).hexdigest())


SABOTAGES: Mapping[str, tuple[Callable[[bytes], bytes], str]] = {
    "another number": (_replacing(SHEET, b"<v>31</v>", b"<v>41</v>"), r"sel Register!C2\."),
    "another result": (_replacing(SHEET, b"<v>6</v>", b"<v>7</v>"), r"sel Register!D2\."),
    "another kind": (_replacing(SHEET, b'r="D3" t="b"', b'r="D3"'), r"sel Register!D3\."),
    "a value lost": (_replacing(SHEET, b"<v>31</v>", b""), r"sel Register!C2\."),
    "another text than said": (_replacing(SHEET, b">002/PTPP<", b">003/PTPP<"), r"sel Register!F9\."),
    "a text elsewhere": (_replacing(SHEET, b'r="F9"', b'r="E9"'), r"sel Register!E9 dan sel Register!F9\."),
    "a text not written": (_replacing(SHEET, b'<t xml:space="preserve">001/PTPP</t>', b""), r"sel Register!B2\."),
    "another formula": (_replacing(SHEET, b"<f>C2*2</f>", b"<f>C2*3</f>"), "rumus di sheet Register"),
    "a formula lost": (_replacing(SHEET, b"<f>C2*2</f>", b""), "rumus di sheet Register"),
    "another merge": (_replacing(SHEET, b'"A5:B6"', b'"A5:B7"'), "aturan dan bentuk sheet Register"),
    "another validation": (_replacing(SHEET, b'"C2:C6"', b'"C2:C9"'), "aturan dan bentuk sheet Register"),
    "a stated extent too small": (_replacing(SHEET, b'ref="A1:F9"', b'ref="A1:B2"'), "luas sheet Register"),
    "another name": (_replacing(BOOK, b"$A$1:$A$2", b"$A$1:$A$3"), f"bagian {BOOK}"),
    "another sheet's cell": (_replacing("xl/worksheets/sheet2.xml", b"<v>", b"<v>1"), "bagian xl/worksheets/sheet2"),
    "another shared text": (_replacing("xl/sharedStrings.xml", b"gabungan", b"pisah"), "bagian xl/sharedStrings.xml"),
    "a part lost": (lambda data: _rezipped(data, "docProps/app.xml", lambda _: None), "bagian-bagian berkasnya"),
    "a sheet broken": (_replacing(SHEET, b'</row><row r="9"', b'<row r="9"'), "tidak dapat dibaca lagi"),
    "half a file": (lambda data: data[: len(data) // 2], "berkasnya tidak dapat dibuka"),
    "a bit of a packed part": (lambda data: data[:300] + bytes([data[300] ^ 1]) + data[301:], "tidak dapat dibuka"),
}


@pytest.mark.parametrize("name", SABOTAGES)
def test_a_change_that_nobody_asked_for_is_found_before_it_is_put_in_place(
    register: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before = register.read_bytes()
    spoil, said = SABOTAGES[name]

    def spoilt(target: Path, data: bytes, like: Path | None = None) -> Path:
        return staged(target, spoil(data) if target == register else data, like)

    monkeypatch.setattr("sopkit.register.write_cells.staged", spoilt)
    with pytest.raises(NotAsSaid, match=said) as caught:
        _write(register)
    assert "dibiarkan seperti semula" in str(caught.value) and caught.value.exit_code == 3
    assert register.read_bytes() == before
    assert not [*register.parent.glob(".sopkit*"), *register.parent.glob("cadangan/*.xlsx")]


def _doubted(data: bytes, caplog: pytest.LogCaptureFixture) -> bool:
    """True when openpyxl could not be the witness of a right writing; it must not be accused."""
    with caplog.at_level(logging.DEBUG, "sopkit"):
        assert proof.differences(data, spliced_workbook(data, EDITS), {"Register": TEXTS}) == []
    return "hanya byte yang dibandingkan" in caplog.text


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/styles.xml", b'<family val="2"/>', b'<family val="99"/>'),
        ("xl/styles.xml", b'xfId="0" builtinId="0"', b'xfId="9" builtinId="0"'),  # openpyxl prints that
        (SHEET, b'<c r="A2"', b'<c r="C2"/><c r="A2"'),  # a cell twice
        (SHEET, b"<v>31</v>", b"<v>NaN</v>"),
        (SHEET, b'<c r="C1" t="s"><v>2</v></c>', b'<c r="C1" t="s"><v>999</v></c>'),
    ],
)
def test_a_workbook_that_openpyxl_cannot_read_is_not_accused(
    register: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    part: str,
    old: bytes,
    new: bytes,
) -> None:
    assert _doubted(_replacing(part, old, new)(register.read_bytes()), caplog)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("debug", [True, False])
def test_only_who_asks_is_told_that_openpyxl_was_no_witness(tmp_path: Path, debug: bool) -> None:
    path = office_workbook(tmp_path / "register.xlsx", CASES)
    path.write_bytes(
        _replacing("xl/styles.xml", b'xfId="0" builtinId="0"', b'xfId="9" builtinId="0"')(path.read_bytes())
    )
    words = [*(["--debug"] if debug else []), "number", "--yes", str(path)]
    told = subprocess.run([sys.executable, "-m", "sopkit", *words], capture_output=True, text=True, encoding="utf-8")
    assert told.returncode == 0 and "1 nomor ditulis" in told.stdout
    assert ("hanya byte yang dibandingkan" in told.stderr) is debug and "hanya byte" not in told.stdout


def test_cells_out_of_order_are_known_to_be_passed_over(register: Path, caplog: pytest.LogCaptureFixture) -> None:
    def turned(xml: bytes) -> bytes:
        start, end = xml.index(b'<c r="A1"'), xml.index(b'<c r="C1"')
        last = xml.index(b"</row>", end)
        return xml[:start] + xml[end:last] + xml[start:end] + xml[last:]

    assert _doubted(_rezipped(register.read_bytes(), SHEET, turned), caplog)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'<dimension ref="A1:D6"/>', b'<dimension ref="A1"/>'),
        (b'<dimension ref="A1:D6"/>', b'<dimension ref="A:D"/>'),
        (b'<dimension ref="A1:D6"/>', b""),
        (b"<f>C2*2</f>", b'<f t="array" ref="D2">C2*2</f>'),
        (b"<f>C2*2</f>", b'<f t="shared" ref="D2:D9" si="0">C2*2</f>'),
    ],
)
def test_a_sound_but_unusual_workbook_is_proved(
    register: Path, caplog: pytest.LogCaptureFixture, old: bytes, new: bytes
) -> None:
    assert not _doubted(_replacing(SHEET, old, new)(register.read_bytes()), caplog)


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from("ABCDEFGZ"), st.integers(7, 40)).map(lambda at: f"{at[0]}{at[1]}"),
        st.text(min_size=1),
        min_size=1,
        max_size=6,
    )
)
def test_any_text_that_is_written_is_proved(texts: dict[str, str]) -> None:
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer)
    book.add_worksheet("S").write("B7", "sudah ada")
    book.close()
    texts.pop("B7", None)
    after = spliced_workbook(buffer.getvalue(), [CellEdit("S", cell, text) for cell, text in texts.items()])
    assert proof.differences(buffer.getvalue(), after, {"S": texts} if texts else {}) == []


def test_the_example_is_proved_in_little_time(example: Path) -> None:
    data = example.read_bytes()
    texts = {"Register": {"CZ6": "x", "CZ7": "y"}, "Pemusnahan": {"CZ6": "z"}}
    edits = [CellEdit(sheet, cell, text) for sheet, cells in texts.items() for cell, text in cells.items()]
    after = spliced_workbook(data, edits)
    begun = time.process_time()
    assert proof.differences(data, after, texts) == []
    assert time.process_time() - begun < 3
    formula = _rezipped(after, SHEET, lambda xml: xml.replace(b'<f t="shared" si="1"/>', b'<f t="shared" si="2"/>', 1))
    assert formula != after and proof.differences(data, formula, texts) == ["rumus di sheet Register"]
