"""Word documents: WordTemplate beside a plain docxtpl loop and beside the floor of compressing and writing, in one run.

    uv run python benchmarks/documents.py [DOCUMENTS] [TEMPLATES]

The templates are the project's own; each document has its own values and its own QR code. docxtpl opens its template
for every document, as its manual says, escapes, and saves to memory; both make the same text, or the run ends. The
floor takes the finished XML and does what no program can leave out: compress the changed parts, and put the file
together. Times are of the processor, on one core, the best of three; printed with how many times longer the peer takes.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

import segno
from docx import Document
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2 import Environment
from lxml import etree

from sopkit.documents.lint import check_template
from sopkit.documents.package import W
from sopkit.documents.template import Picture, WordTemplate
from sopkit.ooxml.container import ZipHead, ZipRecord, write_package

ROWS = 3
LONG_ROWS = 500
CHANGED = (
    "word/document",
    "word/footer",
    "word/header",
    "word/footnotes",
    "word/_rels/",
    "word/media/",
    "docProps/core",
)
Fields = dict[str, Any]


def best_of(work: Callable[[], object], times: int = 3) -> float:
    """Processor seconds."""
    best = float("inf")
    for _ in range(times):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def values(template: Path, number: int, rows: int) -> Fields:
    """Something long enough for each field that the template asks for; no pictures yet."""
    fields = {problem.field for problem in check_template(template, ())}
    lists = {name.split(".")[0] for name in fields if "." in name}
    made: Fields = {name: f"{name} {number} & lampiran <{number % 7}>" for name in fields - lists if "." not in name}
    for name in lists:
        columns = [field.split(".")[1] for field in fields if field.startswith(f"{name}.")]
        made[name] = [{column: f"{column} {number}.{row}" for column in columns} for row in range(rows)]
    for name in ("qr", "lambang"):
        made.pop(name, None)
    return made


def qr(number: int) -> bytes:
    file = BytesIO()
    segno.make(f"sopkit:{number:08d}", mask=2, boost_error=False).save(file, kind="png", scale=4)
    return file.getvalue()


def by_docxtpl(template: Path, contexts: Iterable[Fields], codes: Iterable[bytes]) -> list[bytes]:
    made = []
    environment = Environment(autoescape=True)
    environment.filters["tanpa_titik"] = lambda text: str(text).rstrip(".")
    for context, code in zip(contexts, codes, strict=True):
        document = DocxTemplate(template)
        image = InlineImage(document, BytesIO(code), Mm(20))
        document.render({**context, "qr": image, "lambang": ""}, environment)
        file = BytesIO()
        document.save(file)
        made.append(file.getvalue())
    return made


def by_word_template(template: WordTemplate, contexts: Iterable[Fields], codes: Iterable[bytes]) -> list[bytes]:
    return [
        template.render({**context, "qr": Picture(code, 20), "lambang": ""})
        for context, code in zip(contexts, codes, strict=True)
    ]


def floor_of(documents: Iterable[bytes]) -> Callable[[], object]:
    """What is left when the XML is there already."""
    heads, changed = None, []
    for document in documents:
        with zipfile.ZipFile(BytesIO(document)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        changed.append({name: data for name, data in parts.items() if name.startswith(CHANGED)})
        heads = heads or ZipHead(ZipRecord(name, data) for name, data in parts.items() if name not in changed[-1])
    assert heads is not None
    return lambda: [
        heads.write([ZipRecord(name, data, 0 if "media" in name else 6) for name, data in parts.items()])
        for parts in changed
    ]


def text_of(document: bytes) -> list[str]:
    opened = Document(BytesIO(document))
    cells = [cell.text for table in opened.tables for row in table.rows for cell in row.cells]
    return [*(paragraph.text for paragraph in opened.paragraphs), *cells]


def compare(title: str, path: Path, count: int, rows: int, peers: int) -> None:
    contexts = [values(path, number, rows) for number in range(count)]
    codes = [qr(number) for number in range(count)]
    began = time.process_time()
    template = WordTemplate(path)
    opening = time.process_time() - began
    mine, theirs = by_word_template(template, contexts, codes), by_docxtpl(path, contexts[:peers], codes[:peers])
    if any(text_of(a) != text_of(b) for a, b in zip(theirs, mine, strict=False)):
        sys.exit(f"{title}: not the same text as docxtpl")
    own = best_of(lambda: by_word_template(template, contexts, codes)) / count
    loop = best_of(lambda: by_docxtpl(path, contexts[:peers], codes[:peers])) / peers
    floor = best_of(floor_of(mine)) / count
    print(f"{title}: {len(mine[0]) / 1000:.0f} kB each, template opened once in {opening * 1000:.0f} ms")
    print(f"  WordTemplate {own * 1000:8.2f} ms   {1 / own:8.0f} documents a second")
    print(f"  docxtpl loop {loop * 1000:8.2f} ms   {loop / own:8.1f} times longer")
    print(f"  floor        {floor * 1000:8.2f} ms   WordTemplate takes {own / floor:.1f} times as long")


def lean(template: Path, folder: Path) -> Path:
    """The template with the styles that it uses only: the hundreds that an editor adds burden docxtpl alone."""
    with zipfile.ZipFile(template) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    named = set(re.findall(rb'w:(?:pStyle|rStyle|tblStyle) w:val="([^"]+)"', b"".join(parts.values())))
    root = etree.fromstring(parts["word/styles.xml"])
    styles = {style.get(f"{W}styleId").encode(): style for style in root.iter(f"{W}style")}
    while more := {base.get(f"{W}val").encode() for name in named & styles.keys() for base in styles[name].iter(
        f"{W}basedOn", f"{W}link", f"{W}next")} - named:  # fmt: skip
        named |= more
    for name, style in styles.items():
        if name not in named and style.get(f"{W}default") != "1":
            root.remove(style)
    parts["word/styles.xml"] = etree.tostring(root)
    for name in ("word/_rels/document.xml.rels", "[Content_Types].xml"):
        parts[name] = re.sub(rb"<[^<>]*stylesWithEffects\.xml[^<>]*>", b"", parts[name])
    parts.pop("word/stylesWithEffects.xml", None)
    path = folder / f"ringkas-{template.name}"
    path.write_bytes(write_package(parts))
    return path


def main(count: int, templates: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for title, prepared in (("as it is", lambda path: path), ("lean", lambda path: lean(path, Path(folder)))):
            for name in ("ptpp", "catatan", "label"):
                compare(f"{name}, {title}", prepared(templates / f"{name}.docx"), count, ROWS, max(count // 10, 5))
            for name in ("ba-pemusnahan", "daftar-ptpp"):
                long = f"{name} of {LONG_ROWS} rows, {title}"
                compare(long, prepared(templates / f"{name}.docx"), max(count // 20, 5), LONG_ROWS, 5)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300, Path(sys.argv[2] if len(sys.argv) > 2 else "templates"))
