"""Click in Indonesian: its help, and what it says of a command line that cannot be run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from sopkit.errors import UsageProblem
from sopkit.folders import SeveralBooks
from sopkit.text import argument, nearest

HEADINGS = {"Options": "Pilihan", "Commands": "Perintah"}
MOST_LETTERS = 1000  # of a command's description in a list: none is cut
USAGE_WORDS = {"[OPTIONS]": "[PILIHAN]", "COMMAND [ARGS]...": "PERINTAH [ARGUMEN]..."}


class IndonesianHelp(click.HelpFormatter):
    """Click's help with Indonesian headings."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        for english, indonesian in USAGE_WORDS.items():
            args = args.replace(english, indonesian)
        super().write_usage(prog, args, "Pemakaian: ")

    def write_heading(self, heading: str) -> None:
        super().write_heading(HEADINGS.get(heading, heading))


class IndonesianContext(click.Context):
    formatter_class = IndonesianHelp


class Command(click.Command):
    """A command whose help is Indonesian throughout."""

    context_class = IndonesianContext

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "Tampilkan bantuan ini."
        return option

    def invoke(self, ctx: click.Context) -> Any:
        """Run it; who left out the workbook where there are several is told the whole command."""
        for given in ctx.params.values():
            for text in given if isinstance(given, tuple) else (given,):
                demand_text(text if isinstance(text, str) else "")
        try:
            return super().invoke(ctx)
        except SeveralBooks as several:
            example = f"Sebutkan salah satunya, misalnya: {ctx.command_path} {argument(str(several.books[-1]))}"
            raise UsageProblem(several.message, example) from several


def demand_text(typed: str) -> None:
    """`UsageProblem` for letters that are none: they can stand in no report, archive or mail."""
    shown = typed.encode("utf-8", "replace").decode("utf-8")
    if shown != typed:
        raise UsageProblem(f"Nama “{shown}” memuat huruf yang rusak (bukan UTF-8).", "Pakai nama lain.")


class Option(click.Option):
    """An option whose bounds are said in its help text only, not in signs of mathematics."""

    def get_help_extra(self, ctx: click.Context) -> Any:
        extra = super().get_help_extra(ctx)
        extra.pop("range", None)
        return extra


class Group(Command, click.Group):
    """A group of such commands; its help lists those of `daily` first, in that order, and cuts no description."""

    command_class = Command
    group_class = type

    def __init__(self, *words: Any, daily: Sequence[str] = (), **options: Any) -> None:
        super().__init__(*words, **options)
        self.daily = tuple(daily)

    def list_commands(self, ctx: click.Context) -> list[str]:
        daily = [name for name in self.daily if name in self.commands]
        return [*daily, *sorted(self.commands.keys() - set(daily))]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Each command with its first sentence, however long: the formatter breaks lines."""
        rows = [(name, self.commands[name].get_short_help_str(MOST_LETTERS)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


HELP_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def usage_text(error: click.ClickException) -> str:
    """Click's complaints in Indonesian; what it knows no words for stays as it is."""
    hint = " Lihat bantuan dengan --help."
    if isinstance(error, click.NoSuchOption):
        near = f" Maksud Anda {', '.join(error.possibilities)}?" if error.possibilities else ""
        return f"Pilihan {error.option_name} tidak dikenal.{near}{hint}"
    if isinstance(error, click.MissingParameter):
        name = error.param.make_metavar(error.ctx) if error.param and error.ctx else "argumen"
        return f"{name} belum disebutkan.{hint}"
    if isinstance(error, click.BadParameter):
        return f"Nilai untuk {_shown_name(error)} tidak dapat dipakai{_wanted(error)}.{hint}"
    if isinstance(error, click.BadOptionUsage):
        return f"Pilihan {error.option_name} memerlukan nilai.{hint}"
    message = error.format_message()
    if message.startswith("No such command"):
        word = message.split("'")[1]
        return f"Perintah {word} tidak ada.{_near_command(word, error)}{hint}"
    if message.startswith("Got unexpected extra argument"):
        return f"Perintah ini tidak menerima {message.partition('(')[2].rpartition(')')[0]}.{hint}"
    return f"Perintah tidak dapat dijalankan: {message}{hint}"


def _near_command(word: str, error: click.ClickException) -> str:
    group = error.ctx.command if isinstance(error, click.UsageError) and error.ctx else None
    near = nearest(word, group.commands, least=60) if isinstance(group, click.Group) else []
    return f" Maksud Anda {' atau '.join(near)}?" if near else ""


def _shown_name(error: click.BadParameter) -> str:
    if isinstance(error.param, click.Option):
        return error.param.opts[0]
    return (error.param.metavar or "argumen").strip("[].") if error.param else "argumen"


def _wanted(error: click.BadParameter) -> str:
    """What would have been right, as far as the kind of the parameter tells it."""
    kind = error.param.type if error.param else None
    if isinstance(kind, click.Choice):
        return f"; pilih {', '.join(map(str, kind.choices))}"
    if isinstance(kind, click.IntRange | click.FloatRange):
        number = "bilangan bulat" if isinstance(kind, click.IntRange) else "bilangan"
        least = "lebih dari" if kind.min_open else "paling sedikit"
        ends = [f"{word} {end}" for word, end in ((least, kind.min), ("paling banyak", kind.max)) if end is not None]
        return f"; isi dengan {number} {' dan '.join(ends)}".rstrip()
    return ""
