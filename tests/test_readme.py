"""README and the pages beside the rooms tell what is: pages are made from the code, the two commands are .ci/run's."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pages
import pytest
from pages import MARKER, PACKAGE, PAGES, ROOT, leaves

from sopkit.checks import load_rules
from sopkit.checks.catalogue import FAMILIES, RULES
from sopkit.checks.explain import explanations, families
from sopkit.cli.main import sopkit

README = ROOT / "README.md"
TWO_COMMANDS = ("pip install uv && uv run sopkit run", "pip install uv && uv run pytest")
LARGEST_README = 9_000  # bytes


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_are_made_from_the_code(
    page: Path, update_golden: bool, common: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "COMMON", common)
    wanted = PAGES[page]()
    if update_golden:
        page.write_text(wanted, "utf-8", newline="\n")
    stands = page.read_text("utf-8")
    missing = [line for line in wanted.splitlines() if line not in stands.splitlines()]
    outdated = [line for line in stands.splitlines() if line not in wanted.splitlines()]
    assert (missing, outdated) == ([], []), f"{page.name}: uv run pytest tests/test_readme.py --update-golden"
    assert stands == wanted


@pytest.mark.parametrize("command", TWO_COMMANDS)
def test_the_two_commands_stand_in_readme_and_are_run_by_ci(command: str) -> None:
    assert command in README.read_text("utf-8")
    assert command in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()


def test_readme_is_short() -> None:
    assert len(README.read_bytes()) <= LARGEST_README


def test_every_command_is_helped_in_one_screen() -> None:
    for name, command in leaves(sopkit, "sopkit"):
        assert command.help, name
        undescribed = [p.name for p in command.params if isinstance(p, click.Option) and not p.help]
        assert not undescribed, name


@pytest.mark.parametrize("page", [README, *PAGES], ids=lambda page: page.name)
def test_pictures_and_files_that_a_page_links_to_are_there(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)[^)]*\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


def test_files_that_readme_and_the_recipes_name_are_there() -> None:
    recipes = (PACKAGE / "MAP.md").read_text("utf-8").partition(MARKER)[0]
    named = re.findall(
        r"`((?:sopkit|tests|templates|registers|benchmarks)/[\w./-]*)`", recipes + README.read_text("utf-8")
    )
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_explain_reads_every_rule_from_its_page() -> None:
    load_rules()
    assert explanations().keys() == RULES.keys()
    assert families().keys() == FAMILIES.keys()
    for one in explanations().values():
        told = "Dapat diberi keterangan" if one.severity == "peringatan" else "Dapat dijelaskan"
        assert list(one.parts) == ["Temuan", "Perbaikan", "Dasar", told, "Mengapa"]
        assert one.parts[told].startswith("ya") == RULES[one.code].explainable


def test_explain_is_light_and_shows_the_example() -> None:
    code = "import sys; from sopkit.cli.main import sopkit as s; s(['explain', 'w02'], standalone_mode=False);"
    code += "print('pandas' in sys.modules)"
    run = subprocess.run([sys.executable, "-X", "utf8", "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert "Contoh:\n  Langkah!" in run.stdout and "Ditemukan di Langkah!" in run.stdout
    assert "Bukan W02:\n" in run.stdout
    assert run.stdout.endswith("False\n")
