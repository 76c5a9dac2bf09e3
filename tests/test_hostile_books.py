"""Workbooks that mean harm: each is read or refused with one sentence, at once and in little memory. None ends us."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

pytest.importorskip("resource")

import hostile_books
from hostile_books import READ, SHEET, cell, changed, plain_parts, sheet_xml, zipped
from processes import ended

from sopkit.errors import SopkitError
from sopkit.excel.calamine_reader import read_apart
from sopkit.excel.preflight import preflight
from sopkit.register.read import read_register

SECONDS, MEGABYTES = 5, 300
MEMORY = 2 << 30  # of address space, most of which numpy only reserves


def _opened(folder: Path) -> dict[str, dict[str, object]]:
    """How each file of the folder ended, opened by one process that goes on where the one before it died."""
    command = [sys.executable, str(Path(hostile_books.__file__)), str(folder), str(MEMORY)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, (lines[-1:], done.stderr[-2000:])
    return {line["name"]: line for line in lines if "name" in line}


def test_hostile_workbooks_end_nothing_and_fill_nothing(tmp_path: Path) -> None:
    books = tmp_path / "buku"
    books.mkdir()
    expected = hostile_books.write_books(books)
    assert len(expected) >= 200
    ended = _opened(books)
    assert set(ended) == set(expected)
    for name, told in ended.items():
        end = str(told["end"])
        assert re.search(expected[name], end), (name, end)
        assert not end.startswith("!"), (name, end)
        assert end == READ or (told["code"] == 3 and told["remedy"] and end.endswith(".")), (name, told)
        assert end != READ or expected[name] != READ or int(str(told["cases"])) >= 1, name
        assert float(str(told["seconds"])) <= SECONDS and int(str(told["peak"])) <= MEGABYTES, (name, told)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["buku"]


def test_far_cells_keep_their_rows(tmp_path: Path) -> None:
    """A case below a gap of 60,000 rows stands where it is typed; what stands far beside the table is left out."""
    strings = "".join(f'<c r="{"ABCDEF"[i]}60000" t="s"><v>{i + 6}</v></c>' for i in range(6))
    extra = f'<row r="60000">{strings}<c r="XFD60000"><v>1</v></c></row>{cell("XFC900", 900)}'
    path = tmp_path / "a.xlsx"
    path.write_bytes(changed({SHEET: sheet_xml(extra)}))
    register = read_register(path)
    assert register.cases.data.index.tolist() == [2, 60_000]
    assert register.cases.data.at[60_000, "number"] == "001/CLTS/III/2026"


def test_only_vetted_parts_are_handed_on_and_none_is_packed_anew() -> None:
    data = changed({"customXml/item1.xml": b"<a/>", "xl/media/a.bin": b"b" * 5000})
    vetted = preflight("a.xlsx", data).vetted
    with zipfile.ZipFile(BytesIO(vetted)) as after, zipfile.ZipFile(BytesIO(data)) as before:
        names = [
            "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml",
            "xl/sharedStrings.xml",
        ]  # fmt: skip
        assert after.namelist() == names and after.testzip() is None
        assert after.read(SHEET) == before.read(SHEET)
        sizes = [archive.getinfo(SHEET).compress_size for archive in (after, before)]
        assert sizes[0] == sizes[1]


def test_a_sheet_of_merged_columns_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    merged = '<mergeCells><mergeCell ref="H:I"/><mergeCell ref="A5:B5"/></mergeCells>'
    path.write_bytes(changed({SHEET: sheet_xml(after=merged)}))
    assert read_register(path).cases.data["number"].tolist() == ["001/CLTS/III/2026"]


def test_a_reader_that_wants_too_much_is_ended() -> None:
    """1,000 rows and 16,000 columns of values in a small ods: more memory than its reader is given."""
    row = hostile_books.ods_cell("x", 'table:number-columns-repeated="16000"')
    repeated = f'<table:table-row table:number-rows-repeated="1000">{row}</table:table-row>'
    with pytest.raises(ValueError, match="exit"):
        read_apart(hostile_books.ods(repeated))


@pytest.mark.parametrize("kind", ["pipa", "nol", "folder"])
def test_only_regular_files_are_opened(kind: str, tmp_path: Path) -> None:
    """As workbook, office's workbook, SOP and layout alike."""
    odd = tmp_path / "aneh"
    if kind == "pipa":
        os.mkfifo(odd)
    elif kind == "nol":
        odd.symlink_to("/dev/zero")
    else:
        odd.mkdir()
    book = tmp_path / "a.xlsx"
    book.write_bytes(zipped(plain_parts()))
    layout = book.with_name("a.sopkit.toml")
    cases = [[str(odd)], [str(book)], [str(book), "--sop", str(odd)]]
    texts = ["", 'office = "aneh"', ""]
    for arguments, text in zip(cases, texts, strict=True):
        layout.write_text(text, encoding="utf-8")
        done = ended("validate", "--as-of", "2026-03-03T10:00", *arguments)
        assert done.returncode in (2, 3), done
        assert "tidak terduga" not in done.stderr and done.stderr.strip(), done
    layout.unlink()
    layout.symlink_to(odd)
    with pytest.raises(SopkitError, match="bukan berkas biasa"):
        read_register(book)
