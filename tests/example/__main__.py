"""Write registers/register-contoh.xlsx: LibreOffice reckons its formulas, and what it shows is stored in them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from sopkit.newbook.create import build_workbook
from sopkit.newbook.init_office import EXAMPLE_NAME

from ..frozen_sop import SOP
from . import YEAR, example_content
from .results import results

TARGET = Path(__file__).parent.parent.parent / "registers" / EXAMPLE_NAME


def main() -> None:
    office = shutil.which("soffice")
    if office is None:
        sys.exit("LibreOffice (soffice) is needed.")
    content, _ = example_content(SOP)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        book = folder / EXAMPLE_NAME
        book.write_bytes(build_workbook(SOP, YEAR, content))
        profile = f"-env:UserInstallation={(folder / 'profil').as_uri()}"
        command = [office, "--headless", profile, "--convert-to", "xlsx", "--outdir", str(folder / "hasil"), str(book)]
        subprocess.run(command, check=True, capture_output=True)
        stored = results(folder / "hasil" / EXAMPLE_NAME)
    TARGET.write_bytes(build_workbook(SOP, YEAR, replace(content, stored=stored)))


main()
