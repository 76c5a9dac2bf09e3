"""README tells what is: its tables are made from the code, its two commands are those of .ci/run."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from sopkit.checks import load_rules
from sopkit.checks.catalogue import FAMILIES, RULES
from sopkit.cli.main import sopkit
from sopkit.documents.fields import FIELDS, HEAD_FIELDS

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
TWO_COMMANDS = ("pip install uv && uv run sopkit run", "pip install uv && uv run pytest")


def _rules() -> str:
    load_rules()
    lines = ["| Kode | Tingkat | Temuan | Cara memperbaiki |", "|---|---|---|---|"]
    for letter, family in FAMILIES.items():
        lines.append(f"| **{letter}** | | **{family}** | |")
        rules = sorted((r for r in RULES.values() if r.family == letter), key=lambda r: r.code)
        lines += [f"| {r.code} | {r.severity.indonesian} | {_cell(r.message)} | {_cell(r.fix)} |" for r in rules]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("{", "‹").replace("}", "›").replace("<", "&lt;")


def _commands() -> str:
    lines = ["| Perintah | Kegunaan |", "|---|---|"]
    for name, command in sorted(_leaves(sopkit, "sopkit")):
        lines.append(f"| `{name}` | {(command.help or '').strip().splitlines()[0]} |")
    return "\n".join(lines)


def _leaves(group: click.Group, name: str) -> list[tuple[str, click.Command]]:
    found = []
    for word, command in group.commands.items():
        inside = _leaves(command, f"{name} {word}") if isinstance(command, click.Group) else None
        found += inside or [(f"{name} {word}", command)]
    return found


def _fields() -> str:
    lines = ["| Dokumen | Isian | Arti |", "|---|---|---|"]
    for kind, fields in {"semua dokumen": HEAD_FIELDS, **FIELDS}.items():
        own = fields if fields is HEAD_FIELDS else {name: fields[name] for name in fields if name not in HEAD_FIELDS}
        lines += [f"| {kind} | `{name}` | {_cell(meaning)} |" for name, meaning in own.items()]
    return "\n".join(lines)


@pytest.mark.parametrize("name", ["rules", "commands", "fields"])
def test_tables_are_made_from_the_code(name: str, update_golden: bool) -> None:
    table = {"rules": _rules, "commands": _commands, "fields": _fields}[name]()
    text = README.read_text("utf-8")
    block = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    assert block.search(text), f"README has no block {name}"
    wanted = block.sub(lambda match: match[1] + table + "\n" + match[2], text)
    if update_golden:
        README.write_text(wanted, "utf-8", newline="\n")
    assert README.read_text("utf-8") == wanted


@pytest.mark.parametrize("command", TWO_COMMANDS)
def test_the_two_commands_stand_in_readme_and_are_run_by_ci(command: str) -> None:
    assert command in README.read_text("utf-8")
    assert command in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()


def test_every_command_is_helped_in_one_screen() -> None:
    for name, command in _leaves(sopkit, "sopkit"):
        assert command.help, name
        undescribed = [p.name for p in command.params if isinstance(p, click.Option) and not p.help]
        assert not undescribed, name


def test_pictures_and_files_that_readme_names_are_there() -> None:
    for target in re.findall(r"\]\((?!https?://|#)([^)]+)\)", README.read_text("utf-8")):
        assert (ROOT / target).exists(), target
