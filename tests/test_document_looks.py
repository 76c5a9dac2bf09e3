"""How the documents look: named styles, true properties, dates in one line, pages that say whose they are."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from docxtpl import DocxTemplate
from jinja2 import Environment
from lxml import etree
from make_templates import CHARACTERS, STYLES, TABLES
from make_templates import TEMPLATES as BUILDERS
from offices import LANGKAH, PEMUSNAHAN, REGISTER, TEMPLATES, many, office
from wordfiles import png
from workbooks import KANTOR, PEGAWAI

from sopkit.checks.inspection import Inspected
from sopkit.documents.generate import generate
from sopkit.documents.kinds import KINDS, Wanted, wanted_documents
from sopkit.documents.limits import LimitedEnvironment
from sopkit.documents.lint import check_templates
from sopkit.documents.records import DocumentData
from sopkit.documents.template import WordTemplate
from sopkit.language import MONTHS, DateText

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PARTED = re.compile(
    rf"\b\d\d[-\u2011](?:\d\d[-\u2011])?(?: |$)|\b\d{{1,2}}\s({'|'.join(MONTHS)})(?: *$|  )", re.MULTILINE
)
LONG = "Nama pemohon pada surat tidak sesuai dengan kartu tanda penduduk"
TWICE = """
001/CLTS/III/2026 | 9 | Hartono Wibowo | 2026-03-03 13:55 | 2026-03-03 14:10 | Ditolak | NIK pada surat pengganti salah
001/CLTS/III/2026 | 7 | Ratna Anggraini | 2026-03-03 14:15 | 2026-03-04 09:00 | |
001/CLTS/III/2026 | 8 | Ratna Anggraini | 2026-03-04 09:05 | 2026-03-04 09:20 | |
001/CLTS/III/2026 | 9 | Hartono Wibowo | 2026-03-04 09:30 | 2026-03-04 09:45 | Disetujui |
""".strip()


def parts(file: Path | bytes) -> Iterator[tuple[str, etree._Element]]:
    """The parts of a Word file that hold text."""
    with zipfile.ZipFile(BytesIO(file) if isinstance(file, bytes) else file) as package:
        for name in package.namelist():
            if re.fullmatch(r"word/(document|header\d|footer\d)\.xml", name):
                yield name, etree.fromstring(package.read(name))


def documents(inspected: Inspected, folder: Path, *kinds: str, templates: Path = TEMPLATES) -> dict[str, bytes]:
    """The documents of these kinds by path."""
    generated = generate(inspected, folder / "keluaran", templates, only=kinds or None)
    assert not generated.findings
    return {
        path.relative_to(folder / "keluaran").as_posix(): path.read_bytes()
        for path in sorted((folder / "keluaran").rglob("*.docx"))
    }


def core(file: bytes) -> tuple[str, str, str, str]:
    properties = Document(BytesIO(file)).core_properties
    assert properties.created and properties.modified
    return properties.title, properties.author, f"{properties.created:%Y-%m-%d}", f"{properties.modified:%Y-%m-%d}"


def rejected_once(folder: Path, **sheets: str) -> Inspected:
    """The finished case with a rejection, without step 3, and with nothing to destroy."""
    line = "001/CLTS/III/2026 | 9 | Hartono Wibowo | 2026-03-03 13:55 | 2026-03-03 14:10 | Disetujui |"
    left = [row for row in LANGKAH.replace(line, TWICE).splitlines() if not re.match(r"001/\S+ \| (3|10) \|", row)]
    said = "Camat dinas luar dan memberi arahan lewat telepon"
    langkah = "\n".join(left).replace("2026-03-02 10:20 | |", f"2026-03-02 10:20 | | {said}")
    register = REGISTER.replace("| Ya | 2 | lembar | 001/BA/III/2026 |", "| Tidak | | | |")
    return office(folder, register=register, langkah=langkah, pemusnahan="No. BA | Tanggal", **sheets)


@pytest.mark.parametrize("name", BUILDERS)
def test_every_paragraph_and_table_has_a_named_style(name: str) -> None:
    for part, root in parts(TEMPLATES / name):
        for paragraph in root.iter(f"{W}p"):
            style = paragraph.find(f"{W}pPr/{W}pStyle")
            assert style is not None and style.get(f"{W}val") in STYLES, (part, "".join(paragraph.itertext()))
        for table in root.iter(f"{W}tbl"):
            assert table.find(f"{W}tblPr/{W}tblStyle").get(f"{W}val") in TABLES, part


@pytest.mark.parametrize("name", sorted({*BUILDERS} - {"label.docx"}))
def test_looks_stand_in_styles_and_not_in_runs(name: str) -> None:
    """A run has a character style or nothing; the label, of exact heights, is the exception."""
    for part, root in parts(TEMPLATES / name):
        direct = {one.tag.removeprefix(W) for look in root.iter(f"{W}rPr") for one in look}
        assert direct <= {"rStyle"}, part


def test_table_text_is_large_enough_and_everything_is_indonesian() -> None:
    assert all(style.size >= 8.5 for name, style in STYLES.items() if name.startswith("Tabel") and style.size)
    for name in BUILDERS:
        with zipfile.ZipFile(TEMPLATES / name) as package:
            styles = etree.fromstring(package.read("word/styles.xml"))
        languages = styles.findall(f"{W}docDefaults/{W}rPrDefault/{W}rPr/{W}lang")
        assert [one.get(f"{W}val") for one in languages] == ["id-ID"]
        assert {one.get(f"{W}styleId") for one in styles.iter(f"{W}style")} >= {*STYLES, *TABLES, *CHARACTERS}


def test_properties_are_the_documents_own(tmp_path: Path) -> None:
    made = documents(office(tmp_path), tmp_path)
    assert core(made["ptpp/001-PTPP-III-2026.docx"]) == (
        "PTPP 001/PTPP/III/2026", "KECAMATAN SUKAMAJU", "2026-03-02", "2026-03-06"
    )  # fmt: skip
    assert core(made["ptpp/002-PTPP-III-2026.docx"])[2:] == ("2026-03-18", "2026-03-18")
    assert core(made["catatan/001-CLTS-III-2026.docx"])[2:] == ("2026-03-02", "2026-03-12")
    assert core(made["ba-pemusnahan/001-BA-III-2026.docx"])[0] == "BA Pemusnahan 001/BA/III/2026"
    assert core(made["daftar-ptpp.docx"])[0::2] == ("Daftar PTPP Maret 2026", "2026-03-18")


def test_a_template_without_dates_of_its_own_is_filled_as_ever(tmp_path: Path) -> None:
    """LibreOffice leaves out what it does not know; nothing is put in by force."""
    copy = tmp_path / "ptpp.docx"
    with zipfile.ZipFile(TEMPLATES / "ptpp.docx") as source, zipfile.ZipFile(copy, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"<dcterms:(created|modified).*?</dcterms:\1>", b"", data)
            target.writestr(name, data)
    (wanted, *_), _ = wanted_documents(DocumentData(office(tmp_path)), ["ptpp"])
    content = wanted.fill()
    made = WordTemplate(copy).render({**content.context, **DRAWN}, days=content.days)
    assert Document(BytesIO(made)).core_properties.title == "PTPP 001/PTPP/III/2026"


DRAWN = {"qr": "", "lambang": "", "kode_verifikasi": "0000"}


def every(inspected: Inspected) -> list[Wanted]:
    return wanted_documents(DocumentData(inspected), KINDS)[0]


def test_docxtpl_prints_the_same_words(tmp_path: Path) -> None:
    """What an office sees of its templates elsewhere is what sopkit fills, but for what keeps a date on one line."""
    environment = Environment(autoescape=True)
    environment.filters["tanpa_titik"] = LimitedEnvironment().filters["tanpa_titik"]
    for wanted in [*every(office(tmp_path)), *every(rejected_once(tmp_path))]:
        fields = {**wanted.fill().context, **DRAWN}
        file = TEMPLATES / KINDS[wanted.kind].template
        plain = DocxTemplate(file)
        plain.render(fields, environment)
        other = BytesIO()
        plain.save(other)
        assert words(WordTemplate(file).render(fields)) == words(other.getvalue()), wanted.key


def words(file: bytes) -> Mapping[str, str]:
    return {name: "|".join(root.itertext()).translate({0xA0: " ", 0x2011: "-"}) for name, root in parts(file)}


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("20 November 2026", "20\u00a0November\u00a02026"),
        ("20-11-2026", "20\u201111\u20112026"),
        ("Sesuai\n06-03-2026", "Sesuai\n06\u201103\u20112026"),
        ("2 Maret 2026 pukul 08.15", "2\u00a0Maret\u00a02026 pukul\u00a008.15"),
        ("Senin sampai Jumat", "Senin sampai Jumat"),
    ],
)  # fmt: skip
def test_a_date_is_not_parted_and_its_field_stays_plain(said: str, printed: str) -> None:
    assert DateText(said).unparted == printed
    assert DateText(said) == said and f"{DateText(said)}" == said


def test_what_staff_typed_is_printed_as_typed(tmp_path: Path) -> None:
    made = documents(office(tmp_path, {LONG: "Surat bertanggal 02-03-2026 hilang pada 2 Maret 2026"}), tmp_path, "ptpp")
    said = "".join(dict(parts(made["ptpp/001-PTPP-III-2026.docx"]))["word/document.xml"].itertext())
    assert "Surat bertanggal 02-03-2026 hilang pada 2 Maret 2026" in said
    assert "Senin, 2\u00a0Maret\u00a02026 pukul 08.00" in said


def test_the_catatan_shows_every_outcome_and_who_approved_when(tmp_path: Path) -> None:
    made = documents(rejected_once(tmp_path), tmp_path, "catatan")
    document = Document(BytesIO(made["catatan/001-CLTS-III-2026.docx"]))
    steps = next(table for table in document.tables if table.cell(0, 8).text == "Hasil") if document.tables else None
    assert steps is not None
    rows = [[cell.text for cell in row.cells] for row in steps.rows]
    assert [row[8] for row in rows if row[0] == "9"] == ["Ditolak", "Disetujui"]
    (skipped,) = [row for row in rows if row[0] == "3"]
    assert skipped[2] == "dilewati: Camat dinas luar dan memberi arahan lewat telepon"
    assert rows.index(skipped) < rows.index(next(row for row in rows if row[0] == "5"))
    assert rows[-1][:3:2] == ["10", "tidak ada yang dimusnahkan"]
    signed = [[cell.text.replace("\u00a0", " ") for cell in row.cells] for row in document.tables[-1].rows]
    assert ["Sukamaju, 4 Maret 2026", "Sukamaju, 2 Maret 2026"] in signed
    assert ["Pembina (IV/a)", "Penata Muda (III/a)"] in signed


@pytest.mark.parametrize(("pangkat", "there"), [("Pembina (IV/a)", True), ("", False)])
def test_a_rank_is_printed_where_it_is_given(tmp_path: Path, pangkat: str, there: bool) -> None:
    people = PEGAWAI if pangkat else re.sub(r"\| [^|]*\([IV]+/[a-d]\) \|", "| |", PEGAWAI)
    made = documents(office(tmp_path, pegawai=people), tmp_path, "ptpp", "ba", "daftar", "catatan")
    for name, file in made.items():
        said = "\n".join("".join(p.itertext()) for _, root in parts(file) for p in root.iter(f"{W}p"))
        if "003-" not in name:
            assert bool(re.search(r"\n(Pembina|Penata|Pengatur)[^\n]*\((IV|III|II)/\w\)\nNIP|\(IV/a\)", said)) is there


def test_the_post_that_held_on_the_day_is_printed(tmp_path: Path) -> None:
    people = PEGAWAI.replace("| Camat | Camat |", "| Plt. Camat | Camat |")
    made = documents(office(tmp_path, pegawai=people), tmp_path, "ptpp", "ba", "daftar")
    for name in ("ptpp/001-PTPP-III-2026.docx", "ba-pemusnahan/001-BA-III-2026.docx", "daftar-ptpp.docx"):
        assert "Plt. Camat," in words(made[name])["word/document.xml"], name


def test_what_only_some_offices_print(tmp_path: Path) -> None:
    none = documents(office(tmp_path / "a"), tmp_path / "a", "ptpp", "catatan", "ba", "daftar")
    for file in none.values():
        assert not re.search("Kode klasifikasi|Paraf|Tembusan", words(file)["word/document.xml"])
    kantor = {"Kode Klasifikasi": "700.1.2", "Paraf": "Sekcam; Kasi", "Tembusan": "Bupati; Inspektur"}
    inspected = office(tmp_path / "b", kantor=KANTOR | kantor)  # type: ignore[arg-type]
    assert "Kode Klasifikasi" not in "".join(found.message for found in inspected.findings)
    made = documents(inspected, tmp_path / "b", "ptpp", "catatan", "ba", "daftar")
    for name, file in made.items():
        said = words(file)["word/document.xml"]
        assert "Kode klasifikasi: 700.1.2" in said and re.search(r"Paraf: Sekcam …+   Kasi …+", said), name
        assert ("1. Bupati|2. Inspektur" in said) is name.startswith(("ptpp", "ba-")), name


def test_pictures_say_what_they_show(tmp_path: Path) -> None:
    templates = Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))
    (templates / "lambang.png").write_bytes(png(170, 200))
    inspected = office(tmp_path, kantor=KANTOR | {"Lambang": "lambang.png"})  # type: ignore[arg-type]
    for file in documents(inspected, tmp_path, "ptpp", "catatan", templates=templates).values():
        told = {one.get("descr") or "" for _, root in parts(file) for one in root.iter("{*}docPr")}
        assert "Lambang daerah" in told and all(told)
        assert any(text.startswith("Kode verifikasi arsip ") for text in told)


def printed(files: Mapping[str, bytes], folder: Path, converted: Callable[..., None]) -> dict[str, list[str]]:
    """The pages of each document as LibreOffice prints it, as text."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext belum terpasang")
    flat = {name.replace("/", "-").removesuffix(".docx"): data for name, data in files.items()}
    for name, data in flat.items():
        (folder / f"{name}.docx").write_bytes(data)
    converted("pdf", folder, *(folder / f"{name}.docx" for name in flat))
    pages = {}
    for name in flat:
        read = ["pdftotext", "-layout", str(folder / f"{name}.pdf"), "-"]
        pages[name] = subprocess.run(read, check=True, capture_output=True, timeout=60).stdout.decode().split("\f")[:-1]
    return pages


def test_tags_and_styles_survive_another_program(tmp_path: Path, converted: Callable[..., None]) -> None:
    saved = tmp_path / "templates"
    converted("docx:MS Word 2007 XML", saved, *(TEMPLATES / name for name in BUILDERS))
    assert check_templates([], saved) == []
    inspected = rejected_once(tmp_path)
    own = documents(inspected, tmp_path / "a", "ptpp", "catatan", "daftar")
    other = documents(inspected, tmp_path / "b", "ptpp", "catatan", "daftar", templates=saved)
    for name, file in own.items():
        assert words(other[name])["word/document.xml"] == words(file)["word/document.xml"], name
        styles = [
            {one.get(f"{W}val") for one in dict(parts(made))["word/document.xml"].iter(f"{W}pStyle")}
            for made in (file, other[name])
        ]
        assert styles[0] == styles[1], name


OWNERS = {"ptpp": "PTPP 0", "catatan": "Catatan 0", "ba": "BA 0", "daftar": "Daftar PTPP,"}


def test_pages_say_whose_they_are_and_no_signature_is_alone(tmp_path: Path, converted: Callable[..., None]) -> None:
    registers = {
        "pendek": office(tmp_path / "pendek"),
        "panjang": office(tmp_path / "panjang", {LONG: (f"{LONG}. " * 60).strip()}),
        "ditolak": rejected_once(tmp_path / "ditolak"),
        **{f"banyak{count}": many(tmp_path / f"banyak{count}", count) for count in (2, 5, 8, 30)},
    }
    files = {
        f"{kind}-{name}-{Path(path).stem}": file
        for name, inspected in registers.items()
        for kind in (("ba", "daftar") if name.startswith("banyak") else OWNERS)
        for path, file in documents(inspected, tmp_path / name / kind, kind).items()
    }
    shown = printed(files, tmp_path, converted)
    for name, pages in shown.items():
        owner = OWNERS[name.split("-")[0]]
        assert [page.lstrip().startswith(owner) for page in pages] == [False] + [True] * (len(pages) - 1), name
        assert not [page for page in pages if PARTED.search(page)], name
    assert {len(pages) for name, pages in shown.items() if "-pendek-" in name} == {1}
    assert len(shown["ptpp-panjang-001-PTPP-III-2026"]) > 1
    for count in (2, 5, 8, 30):
        last = shown[f"ba-banyak{count}-001-BA-III-2026"][-1].replace("\u00a0", " ")
        for said in ("dengan cara: dicacah", "Demikian Berita Acara", "Sukamaju, 12 Maret 2026", "Mengetahui,"):
            assert said in last, count
        assert "Banyaknya PTPP" in shown[f"daftar-banyak{count}-daftar-ptpp"][-1], count


def test_a_request_still_to_be_filled_in_by_hand_is_one_page(tmp_path: Path, converted: Callable[..., None]) -> None:
    """Section 7 does not go to a second page alone for a letterhead, a requirement and a description of some lines."""
    case = {
        "No. Catatan": "001/CLTS/III/2026", "Tanggal Ditemukan": "2026-03-02 08:00", "Jenis Layanan": "Surat Pindah",
        "Uraian Ketidaksesuaian": f"{LONG} dan kartu keluarga, padahal surat itu sudah diserahkan kepada pemohon. " * 2,
        "Ditemukan Oleh": "Ratna Anggraini", "No. PTPP": "001/PTPP/III/2026", "Tanggal PTPP": "2026-03-02",
        "Kepada": "Kepala Seksi Pelayanan", "Penanggung Jawab": "Joko Santosa", "Target Selesai": "2026-03-09",
        "Persyaratan yang Dilanggar": "Standar pelayanan butir 4 tentang ketelitian data pemohon sesuai dengan KTP-nya",
        "Status": "Terbuka",
    }  # fmt: skip
    steps, none = (text.strip().splitlines()[0] for text in (LANGKAH, PEMUSNAHAN))
    address = "Jl. Melati Raya No. 1 RT 02 RW 03 Telepon (0298) 711585, Surel kecamatan@contoh.go.id, 50665"
    register = "\n".join(" | ".join(words) for words in (case, case.values()))
    kantor: dict[str, str] = {**KANTOR, "Alamat": address}
    made = office(tmp_path, register=register, langkah=steps, pemusnahan=none, kantor=kantor)  # type: ignore[arg-type]
    files = documents(made, tmp_path, "ptpp")
    (pages,) = printed(files, tmp_path, converted).values()
    assert len(pages) == 1 and "Diverifikasi oleh" in pages[0]
