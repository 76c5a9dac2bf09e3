"""Every kind of document is told once and whole, and a new one needs nothing but its record, builder and texts."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from make_templates import TEMPLATES as BUILDERS
from offices import DONE, PLAIN, TEMPLATES, UNDER_WAY, office
from wordfiles import paragraph_texts, word_file
from workbooks import SUREL

from sopkit.documents.content import DocumentContent, case_fields
from sopkit.documents.fields import FIELDS, HEAD_FIELDS
from sopkit.documents.generate import generate, known_by, verify
from sopkit.documents.kinds import KINDS, DocumentKind, MailTopic, per_case
from sopkit.documents.lint import check_templates
from sopkit.documents.records import DocumentData
from sopkit.mail.compose import check_letters
from sopkit.mail.drafts import preview
from sopkit.mail.recipients import topics
from sopkit.newbook.create import DEFAULT_MAIL
from sopkit.register.schema import CHOICES, REGISTER

COLUMNS = ("number", "service", "correction", "responsible")
FILE = "tugas/001-CLTS-III-2026.docx"


@pytest.mark.parametrize("name", sorted({*KINDS, *FIELDS}))
def test_a_kind_is_told_whole(name: str) -> None:
    kind = KINDS[name]
    assert kind.name == name
    assert FIELDS[name], "documents/fields.py has no fields"
    assert (TEMPLATES / kind.template).is_file()
    assert kind.template in BUILDERS, "tests/make_templates.py does not make it"
    help_ = CliRunner().invoke(_cli(), ["generate", "--help"]).output
    assert name in help_, "the help of --only does not name it"


def _cli() -> object:
    from sopkit.cli.main import sopkit

    return sopkit


def test_kinds_do_not_share_what_tells_them_apart() -> None:
    for fact in ("title", "template", "folder"):
        held = [getattr(kind, fact) for kind in KINDS.values()]
        assert len(set(held)) == len(held), fact


@pytest.mark.parametrize("name", sorted({*topics(), *CHOICES["Dokumen"]}))
def test_what_sheet_surel_offers_is_what_mail_can_write(name: str) -> None:
    assert name in CHOICES["Dokumen"], "register/schema.py does not offer it"
    assert name in topics(), "neither a kind of document nor mail has it"
    assert (TEMPLATES / "surel" / topics()[name].text).is_file()
    assert name in {row["document"] for row in DEFAULT_MAIL}, "newbook/create.py gives it no default row"


def test_a_word_more_in_the_list_of_sheet_surel_does_no_harm() -> None:
    code = (
        "from sopkit.register.schema import CHOICES, REGISTER\n"
        "CHOICES['Dokumen'] += ('Surat Tugas',)\n"
        "import sopkit.cli.main, sopkit.pipeline\n"
        "import sopkit.mail.drafts, sopkit.mail.recipients, sopkit.documents.generate\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def surat_tugas(data: DocumentData, row: int) -> DocumentContent:
    """The builder that a maintainer would write for a letter that sends somebody to mend a case."""
    case = data.cases[row]
    facts = {name: case[name] for name in COLUMNS}
    context = {**data.office, **case_fields(data, case, COLUMNS)}
    return DocumentContent("tugas", case["number"], (case["number"],), facts, context, (case["responsible"],))


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The kind Surat Tugas: one record, its builder, its template and its texts."""
    record = DocumentKind(
        name="tugas",
        title="Surat Tugas",
        template="surat-tugas.docx",
        folder="tugas",
        source=per_case("number"),
        build=surat_tugas,
        needs=(REGISTER.column("responsible"),),
        mail=MailTopic(
            name="Surat Tugas",
            text="surat-tugas.txt",
            to="responsible",
            cc=None,
            subject=("nomor",),
            body=("jenis_layanan",),
            fill=lambda data, number, cases: {"nomor": number, "jenis_layanan": cases[0]["service"]},
        ),
    )
    people = {f"penanggung_jawab_{part}": part for part in ("nip", "pangkat", "jabatan")}
    own = {name: name for name in ("nomor_catatan", "jenis_layanan", "tindakan_langsung", "penanggung_jawab")}
    monkeypatch.setitem(KINDS, "tugas", record)
    monkeypatch.setitem(FIELDS, "tugas", {**HEAD_FIELDS, **own, **people})
    monkeypatch.setitem(CHOICES, "Dokumen", (*CHOICES["Dokumen"], "Surat Tugas"))
    folder = Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))
    word_file(folder / "surat-tugas.docx", "Menugaskan {{ penanggung_jawab }} untuk {{ nomor_catatan }}")
    text = "Subjek: Surat Tugas {{ nomor }}\n\nYth. {{ penerima }}\n\n{{ jenis_layanan }}\n"
    (folder / "surel" / "surat-tugas.txt").write_text(text, encoding="utf-8")
    yield folder


def test_a_new_kind_is_made_and_its_needs_are_demanded(tmp_path: Path, templates: Path) -> None:
    output = tmp_path / "keluaran"
    made = generate(office(tmp_path), output, templates)
    own = [document for document in made.documents if document.kind == "tugas"]
    assert [(one.title, one.number) for one in own] == [("Surat Tugas", DONE), ("Surat Tugas", UNDER_WAY)]
    assert paragraph_texts((output / FILE).read_bytes()) == [f"Menugaskan Joko Santosa untuk {DONE}"]
    (missing,) = [one for one in made.skipped if one.kind == "tugas"]
    assert (missing.number, "Penanggung Jawab belum diisi" in missing.reason) == (PLAIN, True)
    assert made.vanished == ()


def test_a_new_kind_vanishes_with_its_case_only(tmp_path: Path, templates: Path) -> None:
    output = tmp_path / "keluaran"
    generate(office(tmp_path), output, templates, only=("tugas", "label"))
    assert generate(office(tmp_path), output, templates).vanished == ()
    gone = generate(office(tmp_path, without=UNDER_WAY), output, templates).vanished
    assert {(one.kind, one.number) for one in gone if one.kind != "ptpp"} >= {("tugas", UNDER_WAY)}
    assert ("tugas", DONE) not in {(one.kind, one.number) for one in gone}


def test_a_new_kind_is_verified_and_known_by_its_code(tmp_path: Path, templates: Path) -> None:
    output = tmp_path / "keluaran"
    generate(office(tmp_path), output, templates, only=("tugas",))
    assert verify(output).sound
    (output / FILE).write_bytes(b"lain")
    stranger = output / "tugas" / "asing.docx"
    stranger.write_bytes(b"lain")
    verified = verify(output)
    assert [(one.record.path, one.state) for one in verified.checked if one.state != "matching"] == [(FILE, "edited")]
    assert verified.unknown == (stranger,)
    (known,) = known_by(verified.checked[0].record.data_sha256, output)
    assert known.record.kind == "tugas"


def test_the_template_and_text_of_a_new_kind_are_checked(tmp_path: Path, templates: Path) -> None:
    assert check_templates([], templates) == []
    assert check_letters([], templates) == []
    word_file(templates / "surat-tugas.docx", "{{ nomor_catatn }}")
    (templates / "surel" / "surat-tugas.txt").write_text("Subjek: {{ nomer }}\n\nisi\n", encoding="utf-8")
    assert [(one.code, one.field) for one in check_templates([], templates)] == [("T01", "nomor_catatn")]
    assert [one.code for one in check_letters([], templates)] == ["T01"]


@pytest.mark.parametrize("sheet", [True, False])
def test_a_new_kind_is_mailed_by_sheet_surel_or_by_default(tmp_path: Path, templates: Path, sheet: bool) -> None:
    inspected = office(tmp_path, surel=f"{SUREL.strip()}\nSurat Tugas | Camat |")
    assert [found.message for found in inspected.findings if found.sheet == "Surel"] == []
    register = replace(inspected.register, mail=replace(inspected.register.mail, present=sheet))
    inspected = replace(inspected, register=register)
    made = generate(inspected, tmp_path / "keluaran", templates, only=("tugas",))
    drafts = preview(inspected, made.documents, tmp_path / "keluaran", templates).drafts
    told = {(draft.subject, draft.to[0].name) for draft in drafts if draft.document != "Pengingat"}
    who = "Wahyu Kusumaningrum" if sheet else "Joko Santosa"
    assert told == {("Penyampaian 2 Surat Tugas", who)}
