"""The commands. Each reads its options, calls one room of the house, and says what came of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from sopkit import __version__
from sopkit.errors import SopkitError, UsageProblem
from sopkit.workplace import SeveralBooks

if TYPE_CHECKING:
    import datetime as dt

    from sopkit.sop.model import Sop

FINDINGS, USAGE, UNFINISHED, MAIL = 1, 2, 3, 4
HEADINGS = {"Options": "Pilihan", "Commands": "Perintah"}
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
        try:
            return super().invoke(ctx)
        except SeveralBooks as several:
            example = f"Sebutkan salah satunya, misalnya: {ctx.command_path} {several.books[-1]}"
            raise UsageProblem(several.message, example) from several


class Option(click.Option):
    """An option whose bounds are said in its help text only, not in signs of mathematics."""

    def get_help_extra(self, ctx: click.Context) -> Any:
        extra = super().get_help_extra(ctx)
        extra.pop("range", None)
        return extra


class Group(Command, click.Group):
    """A group of such commands."""

    command_class = Command
    group_class = type


# click would look itself whether a path may be read, and complain in English of a file that Excel holds
PATH = click.Path(path_type=Path, readable=False)
BOOKS = click.argument("books", metavar="[BUKU]...", nargs=-1, type=PATH)
BOOK = click.argument("book", metavar="[BUKU]", required=False, type=PATH)
OUTPUT = click.option("--output", "-o", metavar="TEMPAT", type=PATH, help="Tempat keluaran.")
AS_OF = click.option("--as-of", metavar="WAKTU", help="Anggap sekarang waktu ini, misalnya 2026-11-20T10:00.")
SOP_FILE = click.option("--sop", "sop_file", metavar="BERKAS", type=PATH, help="SOP lain (TOML).")
TEMPLATES = click.option("--templates", metavar="FOLDER", type=PATH, help="Folder templat Word; bawaan: templates/.")
JOBS = click.option(
    "--jobs",
    cls=Option,
    type=click.IntRange(1, 64),
    metavar="N",
    default=1,
    help="Banyaknya proses, 1 sampai 64; bawaan 1.",
)
HELP_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def _options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def apply(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return apply


@click.group(cls=Group, context_settings=HELP_CONTEXT)
@click.version_option(__version__, "--version", message="sopkit %(version)s", help="Tampilkan versi.")
@click.option("--debug", is_flag=True, help="Tampilkan rincian teknis bila terjadi kesalahan.")
def sopkit(debug: bool) -> None:  # main() takes --debug wherever it stands
    """Memeriksa register ketidaksesuaian terhadap SOP dan menyiapkan dokumennya.

    Perintah utama: sopkit run
    """


@sopkit.command()
@click.argument("folder", metavar="[FOLDER]", default=".", type=PATH)
@click.option("--example", is_flag=True, help="Isi dengan register contoh.")
@click.option(
    "--year", cls=Option, metavar="TAHUN", type=click.IntRange(2000, 2100), help="Tahun register; bawaan tahun ini."
)
@SOP_FILE
def init(folder: Path, example: bool, year: int | None, sop_file: Path | None) -> None:
    """Membuat folder kantor baru: registers/ dan templates/."""
    import datetime as dt

    from sopkit.register.layout import sop_in_use
    from sopkit.register.office import write_office
    from sopkit.workplace import books_in

    own = sop_file or sop_in_use(folder / "registers")
    founded = write_office(folder, year or dt.date.today().year, _sop(own), example=example, sop_file=own)
    for path in founded.made:
        click.echo(f"Dibuat: {path}")
    if founded.kept:
        click.echo(f"Sudah ada, dibiarkan: {', '.join(map(str, founded.kept))}")
    books = books_in(folder / "registers")
    command = "sopkit run" if len(books) < 2 else f"sopkit run {_register_of(founded.made, books).relative_to(folder)}"
    place = "" if folder.resolve() == Path.cwd() else f" dari folder {folder}"
    click.echo(f"Langkah berikutnya: isi buku kerja di Excel, lalu jalankan{place}  {command}")


def _register_of(made: Sequence[Path], books: Sequence[Path]) -> Path:
    """The workbook that was made now, else the newest by name."""
    return next((book for book in books if book in made), books[-1])


@sopkit.command()
@_options(BOOKS, AS_OF, SOP_FILE, OUTPUT)
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv", "html"]), default="table", help="Bentuk hasil."
)
def validate(books: Sequence[Path], as_of: str | None, sop_file: Path | None, output: Path | None, form: str) -> None:
    """Memeriksa buku kerja terhadap SOP. Kode keluar 1 bila ada kesalahan atau penyimpangan."""
    from sopkit.pipeline import inspect_books, render_findings

    inspected = inspect_books(books, _moment(as_of), sop_file)
    if form == "table" and output is None:
        from sopkit.reports.console import make_console, print_findings, print_summary

        console = make_console(sys.stdout)
        print_findings(inspected, console)
        print_summary(inspected, console)
    else:
        _deliver(render_findings(inspected, form), output)
    if any(one.failed for one in inspected):
        sys.exit(FINDINGS)


@sopkit.command()
@_options(BOOK, AS_OF, SOP_FILE, TEMPLATES, OUTPUT)
@click.option("--only", metavar="JENIS,...", help="Hanya jenis ini: ptpp, catatan, ba, daftar, label.")
@click.option("--case", "number", metavar="NO", help="Hanya layanan tidak sesuai dengan No. Catatan ini.")
@click.option("--pdf", is_flag=True, help="Buat juga PDF.")
@JOBS
@click.option("--overwrite", is_flag=True, help="Ganti dokumen yang diubah dengan tangan (cadangannya disimpan).")
@click.option("--refresh", is_flag=True, help="Buat ulang dokumen yang templatnya berubah.")
def generate(book: Path | None, as_of: str | None, sop_file: Path | None, **options: Any) -> None:
    """Membuat dokumen Word: PTPP, Catatan, BA Pemusnahan, Daftar PTPP, label."""
    from sopkit.pipeline import generate_documents, inspect_cases
    from sopkit.reports.console import make_console
    from sopkit.summary import print_generated

    inspected = inspect_cases(book, _moment(as_of), sop_file)
    console = make_console(sys.stdout)
    generated = generate_documents(inspected, console=console, **options)
    print_generated(generated, console)
    if generated.unusable_templates:
        sys.exit(UNFINISHED)


@sopkit.command()
@_options(BOOKS, AS_OF, SOP_FILE, TEMPLATES, OUTPUT)
@click.option("--pdf", is_flag=True, help="Buat juga PDF.")
@JOBS
@click.option("--overwrite", is_flag=True, help="Ganti dokumen yang diubah dengan tangan (cadangannya disimpan).")
@click.option("--refresh", is_flag=True, help="Buat ulang dokumen yang templatnya berubah.")
@click.option("--strict", is_flag=True, help="Kode keluar 1 bila ada kesalahan atau penyimpangan.")
def run(books: Sequence[Path], as_of: str | None, sop_file: Path | None, strict: bool, **options: Any) -> None:
    """Pekerjaan utama: periksa, buat laporan dan dokumen, siapkan surel, lalu satu ringkasan."""
    from sopkit.pipeline import run_books
    from sopkit.reports.console import make_console
    from sopkit.summary import print_outcome

    console = make_console(sys.stdout)
    outcome = run_books(books, _moment(as_of), sop_file, console=console, **options)
    if not outcome.made and len(outcome.unfinished) == 1:
        raise outcome.unfinished[0][1]
    print_outcome(outcome, console)
    if outcome.unfinished:
        for path, error in outcome.unfinished:
            click.echo(f"{path}: {error}", err=True)
        sys.exit(UNFINISHED)
    if strict and outcome.failed:
        sys.exit(FINDINGS)
    if any(one.drafted.went_wrong for one in outcome.made):
        sys.exit(MAIL)


@sopkit.command()
@click.argument("code", metavar="[KODE]", required=False)
def explain(code: str | None) -> None:
    """Menjelaskan aturan: apa, mengapa, cara memperbaiki, dan klausulnya.

    KODE seperti W02, atau hurufnya saja (W) untuk semua aturan sejenis.
    """
    from sopkit.checks import families
    from sopkit.checks.catalogue import FAMILIES, REASONS, RULES

    families()
    if code is None or code.strip().upper() in FAMILIES:
        letters = FAMILIES if code is None else (code.strip().upper(),)
        for letter in letters:
            click.echo(f"\n{letter}  {FAMILIES[letter]}")
            for one in sorted((r for r in RULES.values() if r.family == letter), key=lambda r: r.code):
                click.echo(f"  {one.code}  {one.severity.indonesian:<13} {_without_values(one.message)}")
        return
    found = RULES.get(code.strip().upper())
    if found is None:
        raise UsageProblem(f"Aturan {code} tidak ada.", "Lihat semua aturan dengan: sopkit explain")
    explained = "ya, bila Keterangan menyebutkan sebabnya" if found.explainable else "tidak"
    click.echo(f"{found.code}  {found.severity.indonesian}  ({FAMILIES[found.family]})")
    click.echo(f"Temuan     : {_without_values(found.message)}")
    click.echo(f"Perbaikan  : {_without_values(found.fix)}")
    click.echo(f"Dasar      : {found.clause}")
    click.echo(f"Dapat dijelaskan: {explained}")
    click.echo(f"Mengapa    : {REASONS[found.family]}")


def _without_values(text: str) -> str:
    """A rule's words with an ellipsis where each finding has its own."""
    import re

    return re.sub(r"\{\w+\}", "…", text)


@sopkit.group()
def sop() -> None:
    """SOP yang berlaku: tampilkan atau periksa berkasnya."""


SOP_NAMED = click.argument("file", metavar="[BERKAS]", required=False, type=PATH)


@sop.command("show")
@_options(SOP_NAMED, SOP_FILE)
def sop_show(file: Path | None, sop_file: Path | None) -> None:
    """Menampilkan SOP yang berlaku."""
    from sopkit.reports.console import make_console
    from sopkit.summary import print_sop

    print_sop(_sop_named(file or sop_file), make_console(sys.stdout))


@sop.command("check")
@_options(SOP_NAMED, SOP_FILE)
def sop_check(file: Path | None, sop_file: Path | None) -> None:
    """Memeriksa berkas SOP (TOML) dan menyampaikan catatan."""
    from sopkit.register.layout import strange_columns

    loaded = _sop_named(file or sop_file)
    click.echo(f"{loaded.title}: {len(loaded.steps)} langkah, berkas dapat dipakai.")
    for remark in (*loaded.remarks, *strange_columns(loaded)):
        click.echo(f"- {remark}")


@sopkit.command()
@BOOK
@click.option("--yes", is_flag=True, help="Tulis tanpa bertanya; di luar terminal memang tidak ditanyakan.")
@click.option("--dry-run", is_flag=True, help="Tampilkan saja, jangan menulis.")
def number(book: Path | None, yes: bool, dry_run: bool) -> None:
    """Memberi nomor Catatan, PTPP, dan BA yang belum ada; sel lain tidak disentuh.

    Cadangan buku kerja disimpan di folder cadangan/ di sampingnya.
    """
    from sopkit.register.allotment import allot_numbers
    from sopkit.register.read import demand_cases, read_register
    from sopkit.register.writeback import write_cells

    register = read_register(_one_book(book))
    demand_cases(register)
    allotment = allot_numbers(register)
    for edit in allotment.edits:
        click.echo(f"{edit.sheet}!{edit.cell}: {edit.value}")
    for reason in allotment.waiting:
        click.echo(f"Menunggu  {reason}")
    for lack in allotment.lacking:
        click.echo(f"Isi juga  {lack}.")
    if not allotment.edits:
        click.echo("Tidak ada nomor yang perlu diberikan.")
        return
    ask = sys.stdin.isatty() and not yes
    if dry_run or (ask and not click.confirm(f"Tulis {len(allotment.edits)} nomor ke {register.source.path.name}?")):
        click.echo("Tidak ada yang ditulis.")
        return
    backup = write_cells(register.source.path, allotment.edits, register.source.sha256)
    click.echo(f"{len(allotment.edits)} nomor ditulis ke {register.source.path}. Cadangan: {backup}")


@sopkit.command()
@click.argument("book", metavar="BUKU", type=PATH)
@OUTPUT
def adopt(book: Path, output: Path | None) -> None:
    """Mengusulkan berkas tata letak (NAMA.sopkit.toml) untuk buku kerja yang sudah ada."""
    from sopkit.register.adopt import dry_reading, propose_layout

    proposal = propose_layout(book)
    target = output or book.with_name(f"{book.stem}.sopkit.toml")
    if target.exists():
        raise UsageProblem(f"{target} sudah ada.", "Sebutkan nama lain dengan --output, atau hapus berkas itu.")
    _deliver(proposal, target)
    click.echo(proposal)
    click.echo(dry_reading(book, proposal, target))


@sopkit.command()
@_options(BOOKS, AS_OF, SOP_FILE, OUTPUT)
@JOBS
@click.option("--cluster", metavar="ALAMAT", help="Alamat kluster Dask, misalnya tcp://10.0.0.5:8786.")
def recap(
    books: Sequence[Path],
    as_of: str | None,
    sop_file: Path | None,
    output: Path | None,
    jobs: int,
    cluster: str | None,
) -> None:
    """Satu rekap dari banyak register (kantor x bulan)."""
    from sopkit.files import write_if_changed
    from sopkit.pipeline import recap_of
    from sopkit.workplace import find_books, workplace

    chosen = find_books(books)
    content = recap_of(chosen, _moment(as_of), sop_file, jobs=jobs, cluster=cluster)
    target = output or workplace(chosen[0]).output / "rekap.xlsx"
    write_if_changed(target, content)
    click.echo(f"Rekap {len(chosen)} register: {target}")


@sopkit.command()
@click.argument("folder", metavar="[FOLDER]", default="keluaran", type=PATH)
@click.option("--code", metavar="KODE", help="Cari dokumen dengan kode verifikasi arsip yang tercetak padanya.")
def verify(folder: Path, code: str | None) -> None:
    """Memeriksa apakah dokumen masih sama seperti saat dibuat."""
    from sopkit.documents.generate import known_by
    from sopkit.documents.generate import verify as verify_documents
    from sopkit.reports.console import make_console
    from sopkit.summary import print_known, print_verified

    _with_archive(folder, "Belum ada dokumen", "sopkit generate")
    if code is not None:
        known = known_by(code, folder)
        print_known(known, code, make_console(sys.stdout))
        sys.exit(0 if known and all(one.state == "matching" for one in known) else FINDINGS)
    verified = verify_documents(folder)
    print_verified(verified, make_console(sys.stdout))
    if not verified.sound:
        sys.exit(FINDINGS)


@sopkit.group()
def template() -> None:
    """Templat Word dan surel: periksa dan lihat isian yang dikenal."""


@template.command("check")
@click.argument("files", metavar="[TEMPLAT|FOLDER]...", nargs=-1, type=PATH)
@TEMPLATES
def template_check(files: Sequence[Path], templates: Path | None) -> None:
    """Memeriksa templat Word dan surel: isian tak dikenal dan penanda rusak, dengan tempatnya."""
    from sopkit.documents.lint import check_templates
    from sopkit.mail.letters import check_letters
    from sopkit.workplace import template_folder

    folders = [file for file in files if file.is_dir()] or ([] if files else [template_folder(templates)])
    letters = [path for path in files if path.suffix.lower() == ".txt" and path not in folders]
    words = [path for path in files if path not in letters and path not in folders]
    problems: list[Any] = []
    problems += check_templates(words, Path()) if words else []
    problems += check_letters(letters, Path()) if letters else []
    for folder in folders:
        problems += [*check_templates([], folder), *check_letters([], folder)]
    for problem in problems:
        click.echo(f"{problem.template}, {problem.place}  {problem.code}  {problem.message}")
    if problems:
        sys.exit(FINDINGS)
    click.echo("Semua templat dapat dipakai.")


@template.command("fields")
@click.argument("kind", metavar="[JENIS]", required=False)
def template_fields(kind: str | None) -> None:
    """Menampilkan isian yang dapat dipakai di templat."""
    from sopkit.documents.fields import FIELDS

    if kind not in (None, *FIELDS):
        raise UsageProblem(f"Jenis dokumen {kind} tidak dikenal.", f"Pilih: {', '.join(FIELDS)}.")
    for name, fields in FIELDS.items():
        if kind in (None, name):
            click.echo(f"\n{name}")
            for field, meaning in fields.items():
                click.echo(f"  {field:<32} {meaning}")


FOLDER = click.argument("folder", metavar="[FOLDER]", default="keluaran", type=PATH)
ALLOW = click.option("--allow", metavar="ALAMAT", multiple=True, help="Alamat atau domain lain yang boleh dituju.")


@sopkit.group()
def mail() -> None:
    """Surel: draf, pratinjau, kirim, dan keadaan pengiriman."""


@mail.command("draft")
@_options(BOOK, AS_OF, SOP_FILE, TEMPLATES, OUTPUT, ALLOW)
def mail_draft(book: Path | None, as_of: str | None, sop_file: Path | None, **options: Any) -> None:
    """Membuat draf surel (.eml) dari dokumen terbaru; tidak mengirim apa pun."""
    _draft(book, as_of, sop_file, preview=False, **options)


@mail.command("preview")
@_options(BOOK, AS_OF, SOP_FILE, TEMPLATES, OUTPUT, ALLOW)
def mail_preview(book: Path | None, as_of: str | None, sop_file: Path | None, **options: Any) -> None:
    """Menampilkan surel apa yang akan dibuat dan untuk siapa, tanpa membuatnya."""
    _draft(book, as_of, sop_file, preview=True, **options)


def _draft(book: Path | None, as_of: str | None, sop_file: Path | None, *, preview: bool, **options: Any) -> None:
    from sopkit.mail.desk import drafted_lines
    from sopkit.pipeline import draft_book, inspect_cases
    from sopkit.reports.console import make_console
    from sopkit.workplace import workplace

    inspected = inspect_cases(book, _moment(as_of), sop_file)
    drafted = draft_book(inspected, console=make_console(sys.stdout), preview=preview, **options)
    place = workplace(inspected.register.source.path, options["output"])
    _say(drafted_lines(drafted, place.output, preview=preview))
    if drafted.needs_attention:
        sys.exit(MAIL)


@mail.command("send")
@FOLDER
@click.option("--send", "really", is_flag=True, help="Benar-benar kirim; tanpa ini hanya ditampilkan.")
@click.option("--max", "limit", cls=Option, type=click.IntRange(1), metavar="N", help="Paling banyak sekian surel.")
@click.option(
    "--per-minute", cls=Option, type=click.FloatRange(0, min_open=True), metavar="N", help="Paling banyak tiap menit."
)
@click.option("--now", "impatient", is_flag=True, help="Jangan menunggu waktu coba lagi.")
@click.option("--sender", metavar="ALAMAT", default="", help="Alamat pengirim.")
def mail_send(folder: Path, really: bool, sender: str, **options: Any) -> None:
    """Mengirim draf melalui SMTP. Tanpa --send hanya menampilkan yang akan dikirim.

    Server dibaca dari SOPKIT_SMTP_URL atau keyring; sandi dari keyring atau ditanyakan.
    """
    from sopkit.mail import smtp
    from sopkit.mail.desk import sent_lines
    from sopkit.mail.outbox import Outbox

    server = None
    if really:
        server = smtp.password_for(smtp.server_from(smtp.smtp_url(), sender), _ask_password)
    with Outbox(_outbox_file(folder)) as outbox:
        outcome = smtp.send(outbox, server, dry_run=not really, **options)
    _say(sent_lines(outcome, dry_run=not really))
    if outcome.needs_attention:
        sys.exit(MAIL)


@mail.command("status")
@FOLDER
def mail_status(folder: Path) -> None:
    """Menampilkan keadaan setiap surel bagi setiap penerima."""
    from sopkit.mail.desk import needs_attention, status_lines
    from sopkit.mail.outbox import Outbox

    with Outbox(_outbox_file(folder)) as outbox:
        deliveries = outbox.status()
    _say(status_lines(deliveries))
    if needs_attention(deliveries):
        sys.exit(MAIL)


@mail.command("resolve")
@click.argument("number", metavar="NOMOR")
@click.argument("state", metavar="KEADAAN", type=click.Choice(["sent", "draft", "cancelled"]))
@FOLDER
@click.option("--address", metavar="ALAMAT", help="Hanya untuk penerima ini.")
def mail_resolve(number: str, state: str, folder: Path, address: str | None) -> None:
    """Memutuskan surel: sent (sudah sampai), draft (kirim lagi), cancelled (jangan kirim).

    NOMOR menurut `sopkit mail status`; all untuk semuanya, closed untuk draf kasus yang sudah ditutup.
    """
    import datetime as dt

    from sopkit.mail.desk import status_lines
    from sopkit.mail.outbox import Outbox

    with Outbox(_outbox_file(folder)) as outbox:
        _say(status_lines(outbox.resolve(number, state, dt.datetime.now(), address)))


@mail.command("sent")
@click.argument("numbers", metavar="[NOMOR]...", nargs=-1)
@click.option("--folder", metavar="FOLDER", default="keluaran", type=PATH, help="Folder keluaran; bawaan: keluaran.")
def mail_sent(numbers: Sequence[str], folder: Path) -> None:
    """Mencatat surel yang sudah dikirim dari Outlook atau program lain.

    NOMOR menurut `sopkit mail status`, atau all untuk semua draf. Tanpa NOMOR hanya menampilkan yang menunggu.
    """
    import datetime as dt

    from sopkit.mail.desk import noted_lines, waiting_lines
    from sopkit.mail.outbox import Outbox

    with Outbox(_outbox_file(folder)) as outbox:
        if numbers:
            _say(noted_lines(outbox.sent_by_hand(numbers, dt.datetime.now())))
        else:
            _say(waiting_lines(outbox.status(), folder))


@mail.command("find")
@FOLDER
def mail_find(folder: Path) -> None:
    """Mencari surel yang tidak pasti di kotak Terkirim (IMAP); yang ditemukan menjadi terkirim.

    Server dibaca dari SOPKIT_IMAP_URL, misalnya imaps://nama@server.go.id; sandi dari keyring atau ditanyakan.
    """
    import datetime as dt
    import os

    from sopkit.mail.desk import status_lines
    from sopkit.mail.outbox import Outbox
    from sopkit.mail.sentbox import look_up, mailbox_from

    mailbox = mailbox_from(os.environ.get("SOPKIT_IMAP_URL", ""), _ask_password)
    with Outbox(_outbox_file(folder)) as outbox:
        uncertain = look_up(outbox, mailbox, dt.datetime.now())
    _say(status_lines(uncertain) if uncertain else ["Tidak ada lagi surel yang tidak pasti."])
    if uncertain:
        sys.exit(MAIL)


@mail.command("pause")
@FOLDER
def mail_pause(folder: Path) -> None:
    """Menghentikan pengiriman sebelum surel berikutnya."""
    from sopkit.mail.outbox import Outbox

    with Outbox(_outbox_file(folder)) as outbox:
        outbox.pause()
    click.echo("Pengiriman dihentikan. Lanjutkan dengan: sopkit mail resume")


@mail.command("resume")
@FOLDER
def mail_resume(folder: Path) -> None:
    """Mengizinkan pengiriman kembali."""
    from sopkit.mail.outbox import Outbox

    with Outbox(_outbox_file(folder)) as outbox:
        outbox.resume()
    click.echo("Pengiriman boleh berjalan lagi.")


def _outbox_file(folder: Path) -> Path:
    return _with_archive(folder, "Belum ada surel", "sopkit mail draft")


def _with_archive(folder: Path, none: str, maker: str) -> Path:
    """The archive in an output folder; `UsageProblem` names the folders below that have one, else the command."""
    from sopkit import archive

    path = folder / archive.FILE
    if path.is_file():
        return path
    command = click.get_current_context().command_path
    own = [f"{command} {below}" for below in archive.folders_with_archive(folder)]
    remedy = f"Sebutkan folder buku kerjanya: {' atau '.join(own)}" if own else f"Buat dahulu dengan: {maker}"
    raise UsageProblem(f"{none} di {folder}.", remedy)


def _ask_password(question: str) -> str:
    if not sys.stdin.isatty():
        return ""
    return str(click.prompt(question, hide_input=True, default="", show_default=False))


def _say(lines: Iterable[str]) -> None:
    from sopkit.reports.console import printable

    for line in lines:
        click.echo(printable(line))


@sopkit.command()
@_options(BOOK, AS_OF, SOP_FILE, OUTPUT)
@click.option("--format", "form", type=click.Choice(["csv", "xes"]), default="csv", help="Bentuk catatan peristiwa.")
def export(book: Path | None, as_of: str | None, sop_file: Path | None, output: Path | None, form: str) -> None:
    """Mengekspor catatan peristiwa (CSV atau XES) untuk alat process mining."""
    from sopkit.pipeline import inspect_cases
    from sopkit.reports.export import to_csv_log, to_xes

    inspected = inspect_cases(book, _moment(as_of), sop_file)
    _deliver(to_csv_log(inspected) if form == "csv" else to_xes(inspected), output)


@sopkit.command()
@_options(BOOK, SOP_FILE)
def watch(book: Path | None, sop_file: Path | None) -> None:
    """Menjalankan ulang pemeriksaan setiap kali buku kerja disimpan (Ctrl+C untuk berhenti)."""
    from sopkit.pipeline import run_books
    from sopkit.reports.console import make_console
    from sopkit.summary import print_outcome
    from sopkit.workplace import how_to_add

    try:
        from watchfiles import watch as changes
    except ImportError as error:
        raise SopkitError("Fitur watch belum terpasang.", how_to_add("watch")) from error
    path = _one_book(book)
    console = make_console(sys.stdout)
    print_outcome(run_books([path], None, sop_file, console=console), console)
    click.echo("Menunggu buku kerja disimpan; Ctrl+C untuk berhenti.")
    try:
        for batch in changes(path.parent, recursive=False):
            if any(Path(changed).name == path.name for _, changed in batch):
                print_outcome(run_books([path], None, sop_file, console=console), console)
    except KeyboardInterrupt:
        click.echo("Selesai.")


@sopkit.command()
def doctor() -> None:
    """Memeriksa apa yang terpasang, apa yang kurang, dan langkah berikutnya."""
    from sopkit.doctor import examine

    for line in examine():
        click.echo(line)


def _one_book(book: Path | None) -> Path:
    from sopkit.workplace import find_books

    return find_books([book] if book else [])[0]


def main() -> NoReturn:
    """Run the command line; every problem is one Indonesian sentence on stderr and an exit code."""
    _speak_utf8()
    words = [word for word in sys.argv[1:] if word != "--debug"]
    debug = len(words) < len(sys.argv) - 1
    try:
        sopkit.main(words, prog_name="sopkit", standalone_mode=False)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _complain("Dibatalkan.", UNFINISHED)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        _complain("\nPerintah belum lengkap: pilih salah satu perintah di atas.", USAGE)
    except click.ClickException as error:
        _complain(_usage_text(error), USAGE)
    except SopkitError as error:
        if debug:
            raise
        _complain(str(error), error.exit_code)
    except BrokenPipeError:
        sys.exit(UNFINISHED)
    except Exception as error:
        if debug:
            raise
        _complain(_unforeseen(error), UNFINISHED)
    sys.exit(0)


def _speak_utf8() -> None:
    """A console that cannot show a character shows a question mark instead of stopping."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _complain(text: str, code: int) -> NoReturn:
    click.echo(text, err=True)
    sys.exit(code)


def _unforeseen(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "Memori tidak cukup. Tutup program lain, lalu jalankan lagi."
    return (
        f"Terjadi kesalahan yang tidak terduga ({type(error).__name__}: {error}). "
        "Tidak ada berkas yang rusak; ulangi dengan  sopkit --debug …  dan kirimkan hasilnya kepada pengelola sopkit."
    )


def _usage_text(error: click.ClickException) -> str:
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
    from difflib import get_close_matches

    group = error.ctx.command if isinstance(error, click.UsageError) and error.ctx else None
    near = get_close_matches(word, group.commands, n=2) if isinstance(group, click.Group) else []
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


def _sop(file: Path | None) -> Sop:
    from sopkit.sop.model import load_sop

    return load_sop(file)


def _sop_named(file: Path | None) -> Sop:
    """The SOP of that file, else the one in force in this office's folder."""
    from sopkit.register.layout import sop_in_use

    return _sop(file or sop_in_use(Path("registers")))


def _moment(text: str | None) -> dt.datetime | None:
    """`--as-of`: ISO, or as people here write it (day, month, year); a date alone is the end of that day."""
    import datetime as dt
    import re

    if text is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(text.strip()).replace(tzinfo=None)
        timed = len(text.strip()) > len("2026-11-20")
    except ValueError:
        from sopkit.register.values import Refused, read_moment

        read = read_moment(text, "day-first")
        if isinstance(read, Refused) or not re.search(r"\d{4}", text):
            raise UsageProblem(
                f"Waktu “{text}” tidak dapat dibaca.", "Tulis seperti 2026-11-20T10:00 atau 20-11-2026 10.00."
            ) from None
        moment, timed = read.value, read.timed
    return moment if timed else moment.replace(hour=23, minute=59, second=59)


def _deliver(text: str, output: Path | None) -> None:
    """To the file named, or to standard output as UTF-8 whatever the console's encoding."""
    if output is None:
        sys.stdout.buffer.write(text.encode("utf-8"))
        sys.stdout.buffer.flush()
        return
    from sopkit.files import write_atomic

    write_atomic(output, text.encode("utf-8"))
    click.echo(f"Ditulis: {output}", err=True)
