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
from docxtpl import DocxTemplate, InlineImage, Listing, RichText
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree
from wordfiles import canonical_parts, members, paragraph_texts, png, rewritten, table_texts, with_body, word_file

from sopkit.documents.structure import structure_of
from sopkit.documents.template import (
    Picture,
    RemovedCharacters,
    TemplateBroken,
    TemplateFieldMissing,
    WordTemplate,
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


def test_equals_docxtpl_for_rich_text_and_listing(tmp_path: Path) -> None:
    path = word_file(tmp_path / "kaya.docx", "{{r kaya }}", "awal {{ daftar }} akhir")
    rich = RichText("tebal & <b>", bold=True)
    rich.add(" miring", italic=True, size=24)
    context = {"kaya": rich, "daftar": Listing("satu\ndua\ttiga\ahalaman\flain")}
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


def test_docxtpl_itself_takes_over_for_values_bound_to_a_document(tmp_path: Path) -> None:
    """A picture with a link and a link in rich text change relationships that only docxtpl knows."""
    path = word_file(tmp_path / "tautan.docx", "{{ gambar }}", "{{r tautan }}", footnote="{{ nomor }}")
    template = WordTemplate(path)

    def render() -> bytes:
        document = template.open()
        link = RichText()
        link.add("tautan", url_id=document.build_url_id("https://example.go.id/"))
        image = InlineImage(document, BytesIO(png()), anchor="https://example.go.id/")
        return template.render({"gambar": image, "tautan": link, "nomor": "{{ 7*7 }}"})

    data = render()
    assert data == render()
    parts = members(data)
    assert b"https://example.go.id/" in parts["word/_rels/document.xml.rels"]
    assert b"{{ 7*7 }}" in parts["word/footnotes.xml"]


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
    document = template.open()
    image = InlineImage(document, BytesIO(png()))
    assert "docProps/core.xml" not in members(template.render({"nomor": image}))


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
        ("{{ 'x' ~ nomor }}", {}, "nomor"),
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
    ("source", "balanced", "steady"),
    [
        ("<a>{% if x %}<b>1</b>{% else %}<b/>{% endif %}</a>", True, True),
        ("<a>{% if x %}<b>{% endif %}</a>", False, False),
        ("{% if x %}<b>{% else %}<c>{% endif %}</b>", False, False),
        ("{% for i in x %}</b><b>{% endfor %}", False, False),
        ("<b>{% for i in x %}</b><b>{% endfor %}</b>", True, True),
        ('<b w="{% if x %}1{% else %}2{% endif %}"/>', True, True),
        ('<b w="{% if x %}1"/>{% else %}2"/>{% endif %}', True, True),
        ("<w:tbl><w:gridCol/><w:tr><w:tc></w:tc></w:tr></w:tbl>", True, True),
        ("<w:tbl><w:gridCol/><w:tr>{% if x %}<w:tc></w:tc>{% endif %}</w:tr></w:tbl>", True, False),
        ("<w:tbl><w:gridCol/>{% for i in x %}<w:tr><w:tc></w:tc></w:tr>{% endfor %}</w:tbl>", True, False),
        ('<w:tbl><w:gridCol/><w:tr><w:tc><w:gridSpan w:val="{{ n }}"/></w:tc></w:tr></w:tbl>', True, False),
        ("<w:tbl><w:gridCol/><w:gridCol/><w:tr><w:tc></w:tc></w:tr></w:tbl>", True, False),
    ],
)
def test_what_is_proven_of_a_template(compiled: WordTemplate, source: str, balanced: bool, steady: bool) -> None:
    found = structure_of(compiled._environment.guarded(source))
    assert (found.balanced, found.steady) == (balanced, steady)


def test_unbalanced_xml_is_mended_as_docxtpl_does(tmp_path: Path) -> None:
    path = word_file(tmp_path / "miring.docx", "a{% if nomor %}b", "c{% endif %}d")
    assert canonical_parts(WordTemplate(path).render(CASE)) == canonical_parts(by_docxtpl(path, CASE))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ ''.__class__.__mro__ }}", "meminta hal yang tidak diizinkan"),
        ("{% for a in range(10**9) %}{% endfor %}", "terlalu besar"),
        ("{{ 1 / 0 }}", "tidak dapat dihitung (ZeroDivisionError)"),
    ],
)
def test_why_a_template_failed_is_said_in_indonesian(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(TemplateBroken) as caught:
        WordTemplate(word_file(tmp_path / "a.docx", text)).render({})
    assert said in str(caught.value) and " is " not in str(caught.value)
