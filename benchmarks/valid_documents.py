"""Documents of every kind through an OOXML validator: how many of each it finds an error in.

    uv run --with openxml-audit python benchmarks/valid_documents.py [COUNT]

COUNT of each kind are made of a register whose texts have any length and hold anything that Excel can, some fields
missing; each Daftar PTPP lists its own choice of cases. First the validator must find the fault in a document that was
broken on purpose, or the run ends. Ends with 1 when any document has an error.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from openxml_audit import OpenXmlValidator

from registers import write_register
from sopkit.checks.inspection import Inspected, inspect_register
from sopkit.documents.content import register_list
from sopkit.documents.generate import generate
from sopkit.documents.kinds import KINDS
from sopkit.documents.package import open_template
from sopkit.documents.records import DocumentData
from sopkit.documents.render import RenderRequest, render_all
from sopkit.register.read import read_register
from sopkit.sop.model import load_sop

TEMPLATES = Path("templates")
LONGEST_LIST = 40


def lists(inspected: Inspected, count: int, folder: Path) -> Iterator[Path]:
    """`count` Daftar PTPP, each of other cases."""
    data, chance = DocumentData(inspected), random.Random(count)
    template = open_template(TEMPLATES / KINDS["daftar"].template)
    for number in range(count):
        rows = chance.sample(sorted(data.cases), chance.randint(1, min(LONGEST_LIST, len(data.cases))))
        content = register_list(data, rows, [])
        [made] = render_all([RenderRequest(template, "", "daftar", "", content.data_sha256, content.context, None)])
        assert isinstance(made, bytes), made
        path = folder / f"daftar-{number}.docx"
        path.write_bytes(made)
        yield path


def errors_of(validator: OpenXmlValidator, path: Path) -> list[str]:
    return [str(error) for error in validator.validate(str(path)).errors]


def spoiled(path: Path, folder: Path) -> Path:
    """The same document with a paragraph inside a run."""
    broken = folder / "rusak.docx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(broken, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "word/document.xml":
                data = data.replace(b"</w:r>", b"<w:p/></w:r>", 1)
            target.writestr(name, data)
    return broken


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_register(folder / "register.xlsx", count, seed=count)
        inspected = inspect_register(read_register(folder / "register.xlsx"), load_sop(), dt.datetime(2026, 6, 1))
        output = folder / "keluaran"
        each = [kind for kind in KINDS.values() if kind.folder]
        generate(inspected, output, TEMPLATES, only=[kind.name for kind in each], jobs=2)
        made = {kind.name: sorted((output / kind.folder).glob("*.docx")) for kind in each}
        made["daftar"] = list(lists(inspected, count, folder))
        validator = OpenXmlValidator()
        if not errors_of(validator, spoiled(made["ptpp"][0], folder)):
            sys.exit("The validator does not see a broken document")
        wrong = 0
        for kind, paths in made.items():
            found = [(path.name, errors) for path in paths if (errors := errors_of(validator, path))]
            print(f"{KINDS[kind].title}: {len(paths)} documents, {len(found)} with errors", flush=True)
            for title, errors in found[:3]:
                print(f"  {title}: {errors[0]}")
            wrong += len(found) + (len(paths) != count)
        sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
