"""WordTemplate prints what docxtpl prints, safely for any value, and the same bytes each time."""

from __future__ import annotations

import html
import zipfile
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docxtpl import DocxTemplate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree
from wordfiles import canonical_parts, members, paragraph_texts, png, rewritten, table_texts, with_body, word_file

from sopkit.documents.template import (
    Picture,
    RemovedCharacters,
    TemplateBroken,
    TemplateFieldMissing,
    WordTemplate,
    _is_steady,
)

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
CASE = {"nomor": "001/PTPP/XI/2026", "uraian": "A & B <C> \"d\" 'e'", "butir": [{"nama": "satu"}, {"nama": "dua"}]}


def by_docxtpl(path: Path, context: dict[str, Any]) -> bytes:
    """Stock docxtpl with the safe environment that its users are told to use."""
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    template = DocxTemplate(path)
    template.render(context, environment)
    properties = template.docx.core_properties
    properties.title = html.unescape(properties.title)
    file = BytesIO()
    template.save(file)
    return file.getvalue()


def every_place(path: Path) -> Path:
    """Tags in each place that docxtpl renders, with loops in rows and cells, merges and conditions."""
    word_file(
        path,
        "Nomor {{ nomor }} perihal {{ uraian }}",
        "{%p if butir %}",
        "Ada {{ butir|length }}",
        "{%p else %}",
        "Tidak ada",
        "{%p endif %}",
        "{% for b in butir %}{{ b.nama }}{% if not loop.last %}, {% endif %}{% endfor %}",
        "tertulis {_{ nomor }_}",
        table=[
            ["No", "Nama", "{% colspan 1 %}{{ nomor }}"],
            ["{%tr for b in butir %}", "", ""],
            ["{{ loop.index }}", "{{ b.nama }}", "{% cellbg 'FF0000' %}{{ uraian }}"],
            ["{%tr endfor %}", "", ""],
            ["{% vm %}x", "{{ nomor|lower }}", "{{ uraian|upper|replace('A', 'Z') }}"],
        ][:4],
        header="Kepala {{ nomor }}",
        footer="Kaki {{ uraian }}",
        footnote="Catatan {{ uraian }}",
        title="Judul {{ uraian }}",
    )
    return path


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return every_place(tmp_path_factory.mktemp("templat") / "semua.docx")


@pytest.fixture(scope="module")
def compiled(everything: Path) -> WordTemplate:
    return WordTemplate(everything)


def test_equals_docxtpl_in_every_part(everything: Path, compiled: WordTemplate) -> None:
    assert canonical_parts(compiled.render(CASE)) == canonical_parts(by_docxtpl(everything, CASE))


PRINTABLE = st.text(
    st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="_\ufffe\uffff\u2028\u2029"), max_size=40
)
VALUES = st.lists(PRINTABLE, max_size=3).map("\n".join) | st.sampled_from(
    ["a\tb", "{{ 7*7 }}", "{% x %}", "😀 & <w:p/>"]
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nomor=VALUES, uraian=VALUES, names=st.lists(VALUES, max_size=4))
def test_equals_docxtpl_for_any_values(
    everything: Path, compiled: WordTemplate, nomor: str, uraian: str, names: list[str]
) -> None:
    context = {"nomor": nomor, "uraian": uraian, "butir": [{"nama": name} for name in names]}
    assert canonical_parts(compiled.render(context)) == canonical_parts(by_docxtpl(everything, context))


def test_equals_docxtpl_where_cells_repeat(tmp_path: Path) -> None:
    """A loop over cells changes the table's grid, which docxtpl mends after rendering."""
    path = word_file(
        tmp_path / "sel.docx",
        table=[["Tahun", "{%tc for b in butir %}", "{{ b.nama }}", "{%tc endfor %}"], ["{{ nomor }}", "", "", ""]],
    )
    for count in (0, 1, 5):
        context = {**CASE, "butir": [{"nama": str(n)} for n in range(count)]}
        assert canonical_parts(WordTemplate(path).render(context)) == canonical_parts(by_docxtpl(path, context))


@pytest.mark.parametrize(
    "rows",
    [
        [["{%tc for b in butir %}", "{% hm %}{{ nomor }}", "{%tc endfor %}"], ["a", "b", "c"]],
        [["{%tr for b in butir %}", ""], ["{% vm %}{{ nomor }}", "{{ b.nama }}"], ["{%tr endfor %}", ""]],
        [["{%tr for b in butir %}", ""], ["{{ b.nama }}", "x"], ["{%tr endfor %}", ""]],
        [["{%tr if butir %}", ""], ["{{ nomor }}", "x"], ["{%tr else %}", ""], ["-", "-"], ["{%tr endif %}", ""]],
    ],
    ids=["hm", "vm", "only looped rows", "conditional rows"],
)
@pytest.mark.parametrize("count", [0, 1, 3])
def test_equals_docxtpl_for_merges_and_rows(tmp_path: Path, rows: list[list[str]], count: int) -> None:
    path = word_file(tmp_path / "tabel.docx", table=rows)
    context = {**CASE, "butir": [{"nama": str(n)} for n in range(count)]}
    assert canonical_parts(WordTemplate(path).render(context)) == canonical_parts(by_docxtpl(path, context))


def test_equals_docxtpl_with_text_boxes_and_drawings(tmp_path: Path) -> None:
    path = word_file(tmp_path / "kotak.docx", "biasa {{ uraian }}")
    with_body(
        path,
        '<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent><w:p><w:r>'
        "<w:t>{{ uraian }}</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
        '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
        '<wp:extent cx="1" cy="1"/><wp:docPr id="7" name="a"/></wp:inline></w:drawing></w:r></w:p>',
    )
    context = {"uraian": "satu\ndua\ttiga"}
    assert canonical_parts(WordTemplate(path).render(context)) == canonical_parts(by_docxtpl(path, context))


def test_same_bytes_and_fixed_times(compiled: WordTemplate, everything: Path) -> None:
    first = compiled.render(CASE)
    assert first == compiled.render(CASE) == WordTemplate(everything).render(CASE)
    with zipfile.ZipFile(BytesIO(first)) as archive:
        assert archive.testzip() is None
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist()[0] == "[Content_Types].xml"


def test_same_bytes_without_core_properties(tmp_path: Path) -> None:
    """python-docx would add properties with the current time."""
    path = word_file(tmp_path / "tanpa.docx", "{{ nomor }}")

    def drop(held: dict[str, bytes]) -> None:
        del held["docProps/core.xml"]
        held["_rels/.rels"] = b"".join(
            piece for piece in held["_rels/.rels"].replace(b"<Rel", b"\x00<Rel").split(b"\x00") if b"core" not in piece
        )
        if not held["_rels/.rels"].endswith(b"</Relationships>"):
            held["_rels/.rels"] += b"</Relationships>"

    rewritten(path, drop)
    template = WordTemplate(path)
    assert "docProps/core.xml" not in members(template.render(CASE))


def test_values_print_as_typed(tmp_path: Path) -> None:
    path = word_file(tmp_path / "nilai.docx", "{{ nilai }}", title="{{ nilai }}")
    value = "A & B <C> \"d\" 'e' 😀 {{ 7*7 }} {% if %} {# x #} {_{ &amp; ]]> <!-- </w:t>"
    data = WordTemplate(path).render({"nilai": value})
    assert paragraph_texts(data) == [value]
    assert Document(BytesIO(data)).core_properties.title == value


@pytest.mark.parametrize("line", ["satu\ndua", "satu\r\ndua", "satu\rdua", "satu\x0bdua", "satu\u2028dua"])
def test_line_breaks_stay_line_breaks(tmp_path: Path, line: str) -> None:
    path = word_file(tmp_path / "baris.docx", "{{ nilai }}")
    data = WordTemplate(path).render({"nilai": line})
    assert b"satu</w:t><w:br/><w:t" in members(data)["word/document.xml"]


def test_tabs_become_tabs(tmp_path: Path) -> None:
    path = word_file(tmp_path / "tab.docx", "{{ nilai }}")
    assert b"<w:tab/>" in members(WordTemplate(path).render({"nilai": "a\tb"}))["word/document.xml"]


def test_forbidden_characters_are_left_out_and_reported(tmp_path: Path) -> None:
    path = word_file(tmp_path / "kendali.docx", "{{ kasus.uraian }}", "{{ kasus.uraian }}", "{{ bersih }}")
    removed: list[RemovedCharacters] = []
    context = {"kasus": {"uraian": "a\x00b\x07c\x0cd\ud800e\uffff"}, "bersih": "x"}
    data = WordTemplate(path).render(context, removed=removed)
    assert paragraph_texts(data) == ["abcde", "abcde", "x"]
    assert removed == [RemovedCharacters("kasus.uraian", "U+0000, U+0007, U+000C, U+D800, U+FFFF")]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.text(st.characters(), max_size=60))
def test_any_text_makes_a_readable_document(compiled: WordTemplate, value: str) -> None:
    data = compiled.render({"nomor": value, "uraian": value, "butir": [{"nama": value}]})
    for name, part in members(data).items():
        if name.endswith((".xml", ".rels")):
            _parsed(part)


@lru_cache(maxsize=64)  # most parts are the template's own, the same in every document
def _parsed(part: bytes) -> object:
    return etree.fromstring(part)


@pytest.mark.parametrize(
    ("text", "context", "field"),
    [
        ("{{ nomor }}", {}, "nomor"),
        ("{{ nomor }}", {"nomor": None}, "nomor"),
        ("{{ kasus.nomor }}", {"kasus": {}}, "kasus.nomor"),
        ("{{ kasus['nomor']|upper }}", {"kasus": {}}, "nomor"),
        ("{% for b in butir %}{{ b }}{% endfor %}", {}, "butir"),
        ("{% if ada %}x{% endif %}", {}, "ada"),
        ("{% for b in butir if b.nama == nomor %}x{% endfor %}", {"butir": [{"nama": "x"}]}, "nomor"),
        ("{{ nomor.tahun.bulan }}", {"nomor": {}}, "tahun"),
    ],
)
def test_a_missing_field_is_named_and_never_blank(
    tmp_path: Path, text: str, context: dict[str, Any], field: str
) -> None:
    template = WordTemplate(word_file(tmp_path / "kurang.docx", text))
    with pytest.raises(TemplateFieldMissing) as caught:
        template.render(context)
    assert caught.value.field == field
    assert caught.value.code == "T05"
    assert field in str(caught.value) and "kurang.docx" in str(caught.value)


@pytest.mark.parametrize("place", ["header", "footer", "footnote", "title"])
def test_a_missing_field_is_found_in_every_place(tmp_path: Path, place: str) -> None:
    template = WordTemplate(word_file(tmp_path / "kurang.docx", **{place: "{{ hilang }}"}))
    with pytest.raises(TemplateFieldMissing, match="hilang"):
        template.render({})


def test_an_optional_field_may_be_asked_for(tmp_path: Path) -> None:
    path = word_file(tmp_path / "opsi.docx", "{{ a|default('-') }}{% if b is defined %}x{% endif %}{{ c or '-' }}")
    assert paragraph_texts(WordTemplate(path).render({"c": None})) == ["--"]


@pytest.mark.parametrize("place", ["body", "header", "footer"])
def test_pictures_are_shown_where_they_are_named(tmp_path: Path, place: str) -> None:
    texts = {} if place == "body" else {place: "QR {{ qr }} dan {{ qr }}"}
    paragraphs = ["QR {{ qr }} dan {{ qr }}"] if place == "body" else ["isi"]
    path = word_file(tmp_path / "gambar.docx", *paragraphs, **texts)
    template = WordTemplate(path)
    data = template.render({"qr": Picture(png(shade=9), 20, description='QR "a" & b')})
    assert data == template.render({"qr": Picture(png(shade=9), 20, description='QR "a" & b')})
    document = Document(BytesIO(data))
    section = document.sections[0]
    part = {"body": document.part, "header": section.header.part, "footer": section.footer.part}[place]
    embedded = etree.tostring(part._element).decode().split('r:embed="')[1:]
    assert len(embedded) == 2
    assert all(part.related_parts[piece.split('"')[0]].blob == png(shade=9) for piece in embedded)
    assert len([name for name in members(data) if name.startswith("word/media/")]) == 1


def test_a_picture_keeps_its_proportions(tmp_path: Path) -> None:
    data = WordTemplate(word_file(tmp_path / "a.docx", "{{ qr }}")).render({"qr": Picture(png(20, 10), 30)})
    shape = Document(BytesIO(data)).inline_shapes[0]
    assert (round(shape.width.mm), round(shape.height.mm)) == (30, 15)


def test_a_picture_that_is_none_is_said(tmp_path: Path) -> None:
    template = WordTemplate(word_file(tmp_path / "a.docx", "{{ qr }}"))
    with pytest.raises(TemplateBroken, match="bukan gambar"):
        template.render({"qr": Picture(b"bukan", 20)})


def test_documents_of_one_template_do_not_mix(compiled: WordTemplate) -> None:
    other = {**CASE, "nomor": "002", "butir": []}
    before = compiled.render(CASE)
    compiled.render(other)
    assert compiled.render(CASE) == before
    assert table_texts(before)[1][1] == "satu"


@pytest.mark.parametrize(
    ("source", "steady"),
    [
        ("<a>{% if x %}<b>1</b>{% else %}<b/>{% endif %}</a>", True),
        ("<a>{% if x %}<b>{% endif %}</a>", False),
        ("{% for i in x %}</b><b>{% endfor %}", False),
        ("<b>{% for i in x %}</b><b>{% endfor %}</b>", False),
        ("<w:t>{% if x %}</w:t><w:br/><w:t>{% endif %}</w:t>", True),
        ("<w:r><w:t>{% if x %}</w:t></w:r><w:r><w:t>{{ y }}{% endif %}</w:t></w:r>", True),
        ("<w:r><w:t>{% if x %}</w:t></w:r><w:r><w:p>{% endif %}</w:t></w:r>", False),
        ('<b w="{% if x %}1{% else %}2{% endif %}"/>', True),
        ('<b w="{% if x %}1"/>{% else %}2"/>{% endif %}', False),
        ('<b {% if x %}w="1"{% endif %}/>', True),
        ('<b {% if x %}w="1{% endif %}/>', False),
        ("<w:tbl>GRID<w:tr><w:tc></w:tc></w:tr></w:tbl>", True),
        ("<w:tbl>GRID<w:tr><w:tc/></w:tr>{% for i in x %}<w:tr><w:tc/></w:tr>{% endfor %}</w:tbl>", True),
        ("{% if x %}<w:tbl>GRID<w:tr><w:tc/></w:tr></w:tbl>{% endif %}", True),
        ("<w:tbl>GRID<w:tr>{% if x %}<w:tc></w:tc>{% endif %}</w:tr></w:tbl>", False),
        ("<w:tbl>GRID{% for i in x %}<w:tr><w:tc></w:tc></w:tr>{% endfor %}</w:tbl>", False),
        ('<w:tbl>GRID<w:tr><w:tc><w:tcPr><w:gridSpan w:val="{{ n }}"/></w:tcPr></w:tc></w:tr></w:tbl>', False),
        (
            "<w:tbl>GRID<w:tr><w:tc><w:tcPr>{% if x %}<w:gridSpan w:val='1'/>{% endif %}</w:tcPr>"
            "</w:tc></w:tr></w:tbl>",
            False,
        ),
        ("<w:tbl>GRID<w:tr><w:tc/><w:tc/></w:tr></w:tbl>", False),
        ("<w:tbl><w:tblGrid><w:gridCol/><w:gridCol/></w:tblGrid><w:tr><w:tc/></w:tr></w:tbl>", False),
    ],
)
def test_what_is_proven_of_a_template(compiled: WordTemplate, source: str, steady: bool) -> None:
    inner = source.replace("GRID", "<w:tblGrid><w:gridCol/></w:tblGrid>")
    tree = compiled._environment.guarded(f'<r xmlns:w="{W[1:-1]}">{inner}</r>')
    assert _is_steady(tree, "", "") is steady


def test_unbalanced_xml_is_mended_as_docxtpl_does(tmp_path: Path) -> None:
    path = word_file(tmp_path / "miring.docx", "a{% if nomor %}b", "c{% endif %}d")
    assert canonical_parts(WordTemplate(path).render(CASE)) == canonical_parts(by_docxtpl(path, CASE))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ ''.__class__.__mro__ }}", "nama __"),
        ("{{ nomor['__class__'] }}", "nama __class__"),
        ("{% for a in range(10**9) %}{% endfor %}", "pemanggilan fungsi"),
        ("{{ nomor.rstrip('.') }}", "pemanggilan fungsi"),
        ("{{ 1 / 0 }}", "hitungan"),
        ("{{ nomor ~ nomor }}", "penggabung ~"),
        ("{% set a = nomor %}{{ a }}", "perintah set"),
        ("{% macro m() %}{% endmacro %}", "perintah macro"),
        ("{% for a in b %}{% for c in b %}{% endfor %}{% endfor %}", "perulangan di dalam perulangan"),
        ("{% for a in b recursive %}{% endfor %}", "perulangan di dalam perulangan"),
        ("{% if 1 %}" * 30 + "{% endif %}" * 30, "syarat yang bersarang"),
        ("{% if nomor in nomor %}x{% endif %}", "pembanding in"),
        ("{{ nomor|replace('a', 'b') }}", "penyaring replace"),
        ("{% if nomor is odd %}x{% endif %}", "uji odd"),
        ("{{ [nomor] }}", "kurung siku"),
        ("{% include 'x' %}", "perintah include"),
    ],
)
def test_what_no_template_may_contain_is_said_in_indonesian(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(TemplateBroken) as caught:
        WordTemplate(word_file(tmp_path / "a.docx", text))
    assert said in str(caught.value) and "tidak diizinkan di dalam templat" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{% for huruf in nomor %}x{% endfor %}", "nomor bukan daftar sehingga tidak dapat diulang"),
        ("{{ nomor.upper }}", "meminta hal yang tidak diizinkan"),
        ("{{ nomor > butir }}", "tidak dapat dihitung (TypeError)"),
        ("{% for b in banyak %}" + "{{ panjang }}" * 50 + "{% endfor %}", "memori terlalu besar"),
        ("{% for b in banyak %}" + "isi" * 50_000 + "{% endfor %}", "memori terlalu besar"),
        ("{{ panjang|title|lower }}" * 2_000, "memori terlalu besar"),
    ],
)
def test_why_a_template_failed_is_said_in_indonesian(tmp_path: Path, text: str, said: str) -> None:
    template = WordTemplate(word_file(tmp_path / "a.docx", text))
    with pytest.raises(TemplateBroken) as caught:
        template.render({**CASE, "panjang": "x" * 32_767, "banyak": [{}] * 1_000})
    assert said in str(caught.value) and " is " not in str(caught.value)


def test_a_stop_that_the_template_adds_itself_is_not_doubled(tmp_path: Path) -> None:
    path = word_file(tmp_path / "a.docx", "{{ cara|tanpa_titik }}.", "{{ butir|join(', ') }} {{ cara|join('-') }}")
    data = WordTemplate(path).render({"cara": "dibakar.", "butir": ["a", "<b>"]})
    assert paragraph_texts(data) == ["dibakar.", "a, <b> dibakar."]
