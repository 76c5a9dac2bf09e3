"""Every error of a template at once, each with its place, its text and the names that were meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from wordfiles import rewritten, with_relationship, word_file

from sopkit.documents.lint import check_template

KNOWN = {"nomor", "tanggal", "penanggung_jawab", "langkah", "langkah.mulai", "langkah.selesai", "rincian"}


def check(tmp_path: Path, *paragraphs: str, **more: object) -> list[tuple[str, str]]:
    path = word_file(tmp_path / "ptpp.docx", *paragraphs, **more)  # type: ignore[arg-type]
    return [(problem.code, problem.place) for problem in check_template(path, KNOWN)]


def test_a_good_template_has_no_problem(tmp_path: Path) -> None:
    assert not check(
        tmp_path,
        "Nomor {{ nomor }} {# catatan #} {_{ contoh }_}",
        "{%p if tanggal %}",
        "{{ tanggal|upper }}",
        "{%p endif %}",
        "{% for r in rincian %}{{ r.apa_saja }}{{ loop.index }}{% endfor %}",
        table=[["{%tr for baris in langkah %}", ""], ["{{ baris.mulai }}", "x"], ["{%tr endfor %}", ""]],
        header="{{ nomor }}",
        title="{{ nomor }}",
    )


def test_all_errors_at_once_in_the_order_of_the_document(tmp_path: Path) -> None:
    assert check(
        tmp_path,
        "{{ nomer }}",
        "{{ nomor",
        "{% iff nomor %}",
        "{{ nomor|uper }}",
        "{% for b in langkah %}{{ b.mula }}",
        table=[["a", "b"], ["c", "{{ tangal }}"]],
        header="{{ hilang }}",
        footnote="{{ hilang }}",
        title="{{ hilang }}",
    ) == [
        ("T01", "paragraf 1"),
        ("T02", "paragraf 2"),
        ("T02", "paragraf 3"),
        ("T02", "paragraf 4"),
        ("T02", "paragraf 5"),
        ("T01", "tabel 1 baris 2 kolom 2"),
        ("T01", "kepala halaman, paragraf 1"),
        ("T01", "catatan kaki, paragraf 1"),
        ("T01", "properti dokumen"),
    ]


@pytest.mark.parametrize(
    ("text", "field", "nearest"),
    [
        ("{{ nomer }}", "nomer", ("nomor",)),
        ("{{ penangung_jawab }}", "penangung_jawab", ("penanggung_jawab",)),
        ("{{ nomor.tahun }}", "nomor.tahun", ()),
        ("{% for b in langkah %}{{ b.mula }}{% endfor %}", "langkah.mula", ("langkah.mulai",)),
        ("{% if xyzzy is defined %}x{% endif %}", "xyzzy", ()),
    ],
)
def test_an_unknown_field_is_named_with_the_nearest(
    tmp_path: Path, text: str, field: str, nearest: tuple[str, ...]
) -> None:
    [problem] = check_template(word_file(tmp_path / "ptpp.docx", text), KNOWN)
    assert (problem.code, problem.field, problem.nearest[:1]) == ("T01", field, nearest)
    assert str(problem).startswith(f"T01 ptpp.docx, paragraf 1: isian “{field}” tidak dikenal")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ nomor", "tidak ditutup dengan }}"),
        ("{{ nomor }", "tidak ditutup dengan }}"),
        ("{{ nomor } }", "tidak ditutup dengan }}"),
        ("{% if nomor", "tidak ditutup dengan %}"),
        ("{{ nomor|default(“-”) }}", "tanda kutip miring “"),
        ("{{ nomor|default(‘-’) }}", "tanda kutip miring ‘"),
        ("nomor }}", "tidak berpasangan"),
        ("{ { nomor", "tidak berpasangan"),
        ("｛｛ nomor ｝｝", "tidak berpasangan"),
        ("{ nomor }", "kurung kurawal ganda"),
        ("{ tangal }", "kurung kurawal ganda"),
        ("{% iff nomor %}", "perintah “iff” tidak dikenal; mungkin maksudnya if"),
        ("{% include 'x' %}", "perintah “include” tidak dikenal"),
        ("{% if nomor %}", "tidak ditutup dengan {% endif %}"),
        ("{% endif %}", "tidak mempunyai pembuka"),
        ("{{ nomor|uper }}", "penyaring “uper” tidak dikenal; mungkin maksudnya upper"),
        ("{{ nomor|safe }}", "penyaring “safe” tidak dikenal"),
        ("{{ nomor.rstrip('.') }}", "pemanggilan fungsi tidak diizinkan di dalam templat"),
        ("{% set a = nomor %}", "perintah set tidak diizinkan di dalam templat"),
        ("{% if nomor + 1 %}x{% endif %}", "hitungan tidak diizinkan di dalam templat"),
        (
            "{% for a in langkah %}{% for b in langkah %}{% endfor %}{% endfor %}",
            "perulangan di dalam perulangan tidak diizinkan di dalam templat",
        ),
        ("{{ ''.__class__ }}", "“__class__” tidak diizinkan"),
        ("{% if nomor is kosong %}{% endif %}", "uji “kosong” tidak dikenal"),
        ("{{ nomor + }}", "tidak dapat dipahami"),
        ("{{ nomor tanggal }}", "tidak dapat dipahami"),
        ("{{ }}", "tidak dapat dipahami"),
        ("{%tr for b in langkah %}{%tr endfor %}", "hanya dapat dipakai di dalam tabel"),
        ("{%p if nomor %} isi lain", "akan hilang"),
    ],
)
def test_a_broken_tag_is_explained(tmp_path: Path, text: str, said: str) -> None:
    problems = check_template(word_file(tmp_path / "ptpp.docx", "isi", text), KNOWN)
    found = [problem for problem in problems if problem.code == "T02" and problem.place == "paragraf 2"]
    assert any(said in problem.message for problem in found)


def test_what_cannot_be_a_template_is_told_alone(tmp_path: Path) -> None:
    path = with_relationship(word_file(tmp_path / "a.docx", "{{ nomer }}"), "image", "http://jahat.example/a.png")
    [problem] = check_template(path, KNOWN)
    assert problem.code == "T03" and "dari luar" in problem.problem
    assert [found.code for found in check_template(tmp_path / "tidak-ada.docx", KNOWN)] == ["T03"]


def test_tags_split_over_runs_are_read_whole(tmp_path: Path) -> None:
    """Word cuts a tag where spelling or formatting changes."""
    path = word_file(tmp_path / "a.docx", "AWAL")

    def split(held: dict[str, bytes]) -> None:
        runs = b"{{ no</w:t></w:r><w:proofErr w:type='spellStart'/><w:r><w:rPr><w:b/></w:rPr><w:t>mer }}"
        held["word/document.xml"] = held["word/document.xml"].replace(b"AWAL", runs)

    [problem] = check_template(rewritten(path, split), KNOWN)
    assert (problem.code, problem.field, problem.text) == ("T01", "nomer", "{{ nomer }}")


def test_where_no_field_is_known_every_one_that_is_asked_for_is_told(tmp_path: Path) -> None:
    path = word_file(
        tmp_path / "a.docx",
        "{{ nomor }}{% for b in langkah %}{{ b.mulai }}{% endfor %}{{ tanggal }}",
        header="{{ kepala }}",
        footnote="{{ kaki }}",
        title="{{ judul }}",
    )
    told = {problem.field for problem in check_template(path, ())}
    assert told == {"nomor", "langkah", "langkah.mulai", "tanggal", "kepala", "kaki", "judul"}
