"""The zip guard, relations, and packages with the same bytes each time: one code for workbooks and templates."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sopkit.ooxml.container import (
    BROKEN,
    Limits,
    Unsafe,
    ZipHead,
    ZipRecord,
    harmless_xml,
    read_parts,
    relations,
    write_package,
)

LIMITS = Limits(members=3, total=1000, member=600, ratio=10, ratio_from=100)


def packed(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ([(f"{n}", b"") for n in range(4)], "4 bagian"),
        ([(f"{n}", bytes(range(200)) * 2) for n in range(3)], "mengembang menjadi"),
        ([("a", bytes(range(256)) * 3)], "bagian a mengembang menjadi"),
        ([("a", b"x" * 500)], "lebih dari 10 kali"),
        ([("a", b""), ("A", b"")], "nama yang sama"),
        ([("../a", b"")], "ke luar berkas"),
        ([("/a", b"")], "ke luar berkas"),
        ([("C:a", b"")], "ke luar berkas"),
    ],
)
def test_what_is_beyond_the_limits_is_not_opened(members: list[tuple[str, bytes]], said: str) -> None:
    with pytest.raises(Unsafe, match=said):
        read_parts(packed(*members), LIMITS)


@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_fail(data: bytes) -> None:
    try:
        read_parts(data, LIMITS)
    except (Unsafe, *BROKEN):
        pass


@pytest.mark.parametrize(
    "pieces", [[b"<a><!DOC", b"TYPE x><a/>"], [b"<?xml version='1.0'?><!DOCTYPE a>"], [b"\xff\xfe<"]]
)
def test_xml_that_parsers_read_differently_is_unsafe(pieces: list[bytes]) -> None:
    with pytest.raises(Unsafe):
        list(harmless_xml("a.xml", pieces))


def test_relations_lead_to_parts_and_addresses() -> None:
    xml = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="rId1" Type="http://x/image" Target="../media/a.png"/>'
        b'<Relationship Id="rId2" Type="http://x/hyperlink" Target="https://x/" TargetMode="External"/>'
        b'<Relationship Id="rId3" Type="http://x/sheet" Target="/xl/s.xml#A1"/></Relationships>'
    )
    found = relations("word/sub/_rels/document.xml.rels", xml)
    assert [(one.id, one.kind, one.target, one.external) for one in found] == [
        ("rId1", "image", "word/media/a.png", False),
        ("rId2", "hyperlink", "https://x/", True),
        ("rId3", "sheet", "xl/s.xml", False),
    ]


def test_a_package_is_written_as_zipfile_would_and_the_same_each_time() -> None:
    parts = {"b.xml": b"<b/>" * 50, "[Content_Types].xml": b"<Types/>", "é.bin": b"\x00"}
    assert write_package(parts) == write_package(parts)
    limits = Limits(members=9, total=10**6, member=10**6)
    assert list(read_parts(write_package(parts), limits)) == ["[Content_Types].xml", "b.xml", "é.bin"]
    assert read_parts(write_package(parts), limits) == parts
    records = [ZipRecord(name, data, stored=name == "é.bin", mode=0o600) for name, data in parts.items()]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system = 3
            info.compress_type = zipfile.ZIP_STORED if name == "é.bin" else zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            archive.writestr(info, data, compresslevel=6)
    assert ZipHead(records).write(()) == out.getvalue()
