"""The commands. Each reads its options, calls one module, and says what came of it."""

from __future__ import annotations

import datetime as dt
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from sopkit import __version__
from sopkit.cli.click_indonesian import HELP_CONTEXT, Group, Option, usage_text
from sopkit.cli.mail import mail
from sopkit.cli.options import (
    AS_OF,
    BOOK,
    BOOK_PATH,
    BOOKS,
    CLOSED,
    CLUSTER,
    FINDINGS,
    FOLDER,
    JOBS,
    MAIL,
    OUTPUT,
    OVERWRITE,
    PATH,
    PDF,
    PRINT,
    REFRESH,
    REPORT,
    SOP_FILE,
    TEMPLATES,
    UNFINISHED,
    USAGE,
    chosen,
    deliver,
    echo_wrapped,
    leave_unfinished,
    moment_of,
    output_folder,
    say,
    takes,
    with_archive,
)
from sopkit.errors import SopkitError, Unforeseen, UsageProblem, unforeseen

if TYPE_CHECKING:
    from sopkit.sop.model import Sop


DAILY = (
    "run", "mail", "validate", "explain", "number", "watch", "init", "history", "receive", "generate", "verify",
    "recap", "doctor", "template", "sop", "adopt", "export", "repair", "bundle",
)  # fmt: skip
"""The commands in the order of an office's use: of each day, of setting up, of now and then."""


@click.group(cls=Group, daily=DAILY, context_settings=HELP_CONTEXT)
@click.version_option(__version__, "--version", message="sopkit %(version)s", help="Tampilkan versi.")
@click.option("--debug", is_flag=True, help="Tampilkan rincian teknis bila terjadi kesalahan.")
def sopkit(debug: bool) -> None:  # main() takes --debug wherever it stands
    """Memeriksa register ketidaksesuaian terhadap SOP dan menyiapkan dokumennya.

    Perintah utama: sopkit run
    """


sopkit.add_command(mail)


@sopkit.command()
@click.argument("folder", metavar="[FOLDER]", required=False, type=PATH)
@click.option("--example", is_flag=True, help="Isi dengan register contoh.")
@click.option(
    "--year",
    cls=Option,
    metavar="TAHUN",
    type=click.IntRange(2000, 2100),
    help="Tahun register; bawaan tahun ini. Data kantor disalin dari register terbaru di folder itu.",
)
@click.option(
    "--renew",
    "old",
    metavar="BUKU",
    type=BOOK_PATH,
    help="Buat NAMA-diperbarui.xlsx di samping BUKU: rumus terbaru, semua isian pegawai; BUKU tidak berubah.",
)
@click.option(
    "--office-sheets",
    "office",
    metavar="BUKU",
    type=PATH,
    help="Buat buku kantor saja (Pegawai, Kantor, Kalender, Jam Kerja, Surel, Daftar) bagi register yang sudah ada.",
)
@click.option(
    "--from",
    "source",
    metavar="REGISTER",
    type=BOOK_PATH,
    help="Isi Pegawai buku kantor dengan nama di register ini.",
)
@SOP_FILE
def init(
    folder: Path | None,
    example: bool,
    year: int | None,
    old: Path | None,
    office: Path | None,
    source: Path | None,
    sop_file: Path | None,
) -> None:
    """Membuat folder kantor baru (registers/ dan templates/), memperbarui rumus, atau membuat buku kantor."""
    import datetime as dt

    from sopkit.clicks import click_for
    from sopkit.language import list_text
    from sopkit.newbook.init_office import write_office
    from sopkit.register.layout import sop_in_use

    if office is not None or source is not None:
        _office_book(office, source, sop_file, alone=not example and year is None and old is None and folder is None)
        return
    if old is not None:
        if example or year is not None or folder is not None:
            raise UsageProblem(
                "--renew tidak dipakai bersama FOLDER, --example, atau --year.",
                f"Jalankan: sopkit init --renew {old}",
            )
        _renew(old, sop_file)
        return
    folder = folder or _this_office()
    own = sop_file or sop_in_use(folder / "registers")
    founded = write_office(folder, year or dt.date.today().year, _sop(own), example=example, sop_file=own)
    for path in founded.made:
        click.echo(f"Dibuat: {path}")
    if founded.kept:
        click.echo(f"Sudah ada, dibiarkan: {_counted(founded.kept)}")
    say(founded.said)
    first = f"isi lebih dahulu {list_text(founded.first)}, lalu " if founded.first else ""
    place = "" if folder.resolve() == Path.cwd() else f" dari folder {folder}"
    run = click_for("run") or f"jalankan{place}  sopkit run"
    say([f"Langkah berikutnya: {first}isi buku kerja di Excel, simpan, lalu {run}"])


def _counted(kept: Sequence[Path]) -> str:
    """The files by their folders: whoever begins a year has more to read below them."""
    from sopkit.language import list_text

    groups = {path.parent: [one for one in kept if one.parent == path.parent] for path in kept}
    return list_text(f"{at} ({len(own)} berkas)" if own[1:] else str(own[0]) for at, own in groups.items())


def _this_office() -> Path:
    """The office of whose registers/, templates/ or keluaran/ this folder is one or lies in one; else this folder."""
    from sopkit import folders

    office = folders.office_folder()
    within = Path.cwd().relative_to(office.absolute()).parts
    return office if within and within[0].lower() in (folders.REGISTERS, folders.TEMPLATES, folders.OUTPUT) else Path()


def _office_book(office: Path | None, source: Path | None, sop_file: Path | None, *, alone: bool) -> None:
    from sopkit.files import no_more_open_than
    from sopkit.newbook.office_book import write_office_book
    from sopkit.register.layout import adopt_command, layout_beside

    if office is None or not alone:
        raise UsageProblem(
            "--office-sheets BUKU dipakai sendiri, atau bersama --from REGISTER.",
            "Jalankan: sopkit init --office-sheets BUKU-KANTOR.xlsx --from REGISTER.xlsx",
        )
    if source:
        no_more_open_than(source)
    layout = layout_beside(source) if source else None
    names = write_office_book(office, _sop(sop_file or (layout.sop if layout else None)), source, dt.date.today())
    say([f"Dibuat: {office}"])
    if source:
        say([f"{names} nama dari {source.name} ada di sheet Pegawai: lengkapi, dan hapus yang bukan pegawai."])
    command = adopt_command(source) if source else "sopkit adopt REGISTER.xlsx"
    say([f"Langkah berikutnya: isi menurut sheet Petunjuk, simpan di samping registernya, lalu jalankan  {command}"])


def _renew(book: Path, sop_file: Path | None) -> None:
    from sopkit.files import no_more_open_than
    from sopkit.newbook.renew import renew_workbook

    no_more_open_than(book)
    renewed = renew_workbook(book, sop_file)
    say(f"Dibuat: {path}" for path in renewed.made)
    if renewed.left:
        say(("Yang tidak dibawa dari buku kerja lama, atau berubah:", *(f"- {line}" for line in renewed.left)))
    click.echo(
        "Semua nilai isian sudah dibandingkan dan sama; warna dan bentuk sel seperti buku kerja baru. "
        "Buku kerja lama tidak berubah."
    )
    click.echo(
        "Langkah berikutnya: periksa buku kerja baru di Excel, simpan yang lama di folder lain, lalu jalankan  "
        f"sopkit run {renewed.path}"
    )


@sopkit.command()
@takes(BOOKS, AS_OF, SOP_FILE, OUTPUT)
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv", "html"]), default="table", help="Bentuk hasil."
)
@CLUSTER
@click.option("--record", is_flag=True, help="Catat pemeriksaan ini pada riwayat di keluaran/, seperti sopkit run.")
def validate(
    books: Sequence[Path],
    as_of: str | None,
    sop_file: Path | None,
    output: Path | None,
    form: str,
    cluster: str | None,
    record: bool,
) -> None:
    """Memeriksa buku kerja terhadap SOP. Kode keluar 1 bila ada kesalahan atau penyimpangan.

    Yang berubah sejak pemeriksaan terakhir ikut diperiksa.
    """
    from sopkit.pipeline import beside_history, inspect_books, render_findings
    from sopkit.reports.console import make_console

    examined = inspect_books(chosen(books, moment_of(as_of)), moment_of(as_of), sop_file, cluster)
    examined = beside_history(examined, make_console(sys.stderr), record=record)
    inspected = examined.inspected
    if form == "table" and output is None:
        from sopkit.reports.console import print_findings, print_summary

        console = make_console(sys.stdout)
        print_findings(inspected, console)
        print_summary(inspected, console)
    else:
        deliver(render_findings(inspected, form, several=len(inspected) + len(examined.unfinished) > 1), output)
    leave_unfinished(examined.unfinished)
    if any(one.failed for one in inspected):
        sys.exit(FINDINGS)


@sopkit.command()
@takes(BOOK, AS_OF, SOP_FILE, TEMPLATES, OUTPUT)
@click.option("--only", metavar="JENIS,...", help="Hanya jenis ini: ptpp, catatan, ba, daftar, label.")
@click.option("--case", "number", metavar="NO", help="Hanya layanan tidak sesuai dengan No. Catatan ini.")
@takes(PDF, PRINT, JOBS, OVERWRITE, REFRESH)
def generate(book: Path | None, as_of: str | None, sop_file: Path | None, **making: Any) -> None:
    """Membuat dokumen Word: PTPP, Catatan, BA Pemusnahan, Daftar PTPP, label."""
    from sopkit.cli.summary import adopt_hint, print_generated
    from sopkit.folders import SeveralBooks
    from sopkit.pipeline import RunOptions, generate_documents, inspect_cases
    from sopkit.reports.console import make_console

    console = make_console(sys.stdout)
    options = RunOptions(**making)
    paths = chosen([book] if book else [], moment_of(as_of))
    if len(paths) > 1 and (options.output or options.number):  # a place holds one register, a number is of one
        raise SeveralBooks(paths)
    unusable = 0
    for path in paths:
        inspected = inspect_cases(path, moment_of(as_of), sop_file)
        generated = generate_documents(inspected, console, options)
        print_generated(generated, console)
        if hint := adopt_hint(inspected):
            say([hint])
        unusable += generated.unusable_templates
    if unusable:
        sys.exit(UNFINISHED)


@sopkit.command()
@takes(BOOKS, AS_OF, SOP_FILE, TEMPLATES, OUTPUT, PDF, PRINT, JOBS, CLUSTER, OVERWRITE, REFRESH)
@click.option("--number", "numbers", is_flag=True, help="Beri nomor yang belum ada tanpa bertanya (sopkit number).")
@takes(CLOSED, REPORT)
@click.option("--strict", is_flag=True, help="Kode keluar 1 bila ada kesalahan atau penyimpangan.")
def run(
    books: Sequence[Path], as_of: str | None, sop_file: Path | None, cluster: str | None,
    numbers: bool, strict: bool, **making: Any,
) -> None:  # fmt: skip
    """Pekerjaan utama: periksa, buat laporan dan dokumen, siapkan surel, lalu satu ringkasan.

    Bila ada dokumen yang belum bernomor, di terminal ditanyakan dahulu apakah nomornya diberikan.
    """
    from sopkit.cli.number import offering
    from sopkit.cli.summary import print_outcome
    from sopkit.pipeline import RunOptions, run_books
    from sopkit.reports.console import make_console

    console, options, moment = make_console(sys.stdout), RunOptions(**making), moment_of(as_of)
    taken = chosen(books, moment)
    outcome = run_books(taken, moment, sop_file, console, options, offering(always=numbers), cluster)
    if not outcome.made and len(outcome.unfinished) == 1:
        raise outcome.unfinished[0][1]
    print_outcome(outcome, console)
    leave_unfinished(outcome.unfinished)
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
    from sopkit.checks.explain import explanations, families

    known, rules = families(), explanations()
    asked = (code or "").strip().upper()
    if code is None or asked in known:
        for letter in known if code is None else asked:
            name, reason = known[letter]
            click.echo()
            echo_wrapped(f"{letter}  {name}: {reason}", 3)
            for one in (rule for rule in rules.values() if rule.code.startswith(letter)):
                echo_wrapped(f"  {one.code}  {one.severity:<13} {one.parts['Temuan']}", 21)
        return
    if asked not in rules:
        raise UsageProblem(f"Aturan {code} tidak ada.", "Lihat semua aturan dengan: sopkit explain")
    found = rules[asked]
    click.echo(f"{found.code}  {found.severity}  ({known[asked[0]][0]})")
    for part, text in found.parts.items():
        echo_wrapped(f"{part:<11}: {text}", 13)
    for line in found.example.splitlines():
        echo_wrapped(line, 4)


@sopkit.group()
def sop() -> None:
    """SOP yang berlaku: tampilkan atau periksa berkasnya."""


SOP_NAMED = click.argument("file", metavar="[BERKAS]", required=False, type=PATH)


@sop.command("show")
@takes(SOP_NAMED, SOP_FILE)
def sop_show(file: Path | None, sop_file: Path | None) -> None:
    """Menampilkan SOP yang berlaku."""
    from sopkit.cli.summary import print_sop
    from sopkit.reports.console import make_console

    print_sop(_sop_named(file or sop_file), make_console(sys.stdout))


@sop.command("check")
@takes(SOP_NAMED, SOP_FILE)
def sop_check(file: Path | None, sop_file: Path | None) -> None:
    """Memeriksa berkas SOP (TOML) dan menyampaikan catatan."""
    from sopkit.register.layout import strange_columns
    from sopkit.sop.model import administrative_remarks

    loaded = _sop_named(file or sop_file)
    click.echo(f"{loaded.title}: {len(loaded.steps)} langkah, berkas dapat dipakai.")
    for remark in (*loaded.remarks, *administrative_remarks(loaded, dt.date.today()), *strange_columns(loaded)):
        click.echo(f"- {remark}")


@sopkit.command()
@BOOK
@click.option("--yes", is_flag=True, help="Tulis tanpa bertanya; di luar terminal memang tidak ditanyakan.")
@click.option("--dry-run", is_flag=True, help="Tampilkan saja, jangan menulis.")
def number(book: Path | None, yes: bool, dry_run: bool) -> None:
    """Memberi nomor Catatan, PTPP, dan BA yang belum ada; sel lain tidak disentuh.

    Cadangan buku kerja disimpan di folder cadangan/ di sampingnya.
    """
    from sopkit.cli.number import number_book

    paths = chosen([book] if book else [])
    unfinished = []
    for path in paths:
        if len(paths) > 1:
            say([f"{path.name}:"])
        try:
            number_book(path, yes=yes, dry_run=dry_run)
        except SopkitError as error:
            if len(paths) == 1:
                raise
            unfinished.append((path, error))
    leave_unfinished(unfinished)


@sopkit.command()
@click.argument("files", metavar="BERKAS|FOLDER...", nargs=-1, required=True, type=PATH)
@click.option("--write", is_flag=True, help="Tulis nilai baru ke sel register yang masih kosong.")
@click.option("--book", metavar="BUKU", type=BOOK_PATH, help="Register yang dituju; bawaan: yang di registers/.")
@takes(AS_OF, SOP_FILE, OUTPUT)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="Bentuk hasil.")
def receive(
    files: Sequence[Path],
    write: bool,
    book: Path | None,
    as_of: str | None,
    sop_file: Path | None,
    output: Path | None,
    form: str,
) -> None:
    """Membaca PTPP yang kembali terisi: .docx, surel .eml yang membawanya, atau folder berisi keduanya.

    Tiap isian ditampilkan: baru, sama, berbeda, bentrok. Sel yang sudah terisi tidak pernah ditimpa. Kode keluar 1 bila
    ada yang perlu diputuskan.
    """
    from sopkit.cli.receive import receive_files
    from sopkit.pipeline import inspect_books

    moment = moment_of(as_of)
    examined = inspect_books(chosen([book] if book else [], moment), moment, sop_file)
    code = receive_files(files, examined.inspected, output, write=write, form=form)
    leave_unfinished(examined.unfinished)
    sys.exit(code)


@sopkit.command()
@click.argument("book", metavar="BUKU", type=BOOK_PATH)
@OUTPUT
def adopt(book: Path, output: Path | None) -> None:
    """Menyusun berkas tata letak (NAMA.sopkit.toml) untuk buku kerja yang sudah ada.

    Di terminal, yang meragukan ditanyakan; di tempat lain ditandai di berkas itu. Perintah yang sama melanjutkan.
    """
    from sopkit.cli.adopt import adopt_book
    from sopkit.files import no_more_open_than

    no_more_open_than(book)
    adopt_book(book, output)


@sopkit.command()
@takes(BOOKS, AS_OF, SOP_FILE, OUTPUT)
@JOBS
@CLUSTER
def recap(
    books: Sequence[Path],
    as_of: str | None,
    sop_file: Path | None,
    output: Path | None,
    jobs: int,
    cluster: str | None,
) -> None:
    """Satu rekap dari banyak register (kantor x bulan)."""
    from sopkit.folders import RECAP, REGISTERS, books_in, find_books, office_folder, without_example, workplace
    from sopkit.pipeline import recap_of, write_recap
    from sopkit.reports.console import printable
    from sopkit.reports.recap_store import kept_beside

    named = find_books(books or without_example(books_in(office_folder() / REGISTERS)))
    target = output or workplace(named[0]).output / RECAP
    recapped = recap_of(named, moment_of(as_of), sop_file, jobs=jobs, cluster=cluster, kept=kept_beside(target))
    if recapped.told:
        click.echo(printable(recapped.told), err=True)
    if recapped.recap:
        target, *beside = write_recap(recapped.recap, target)
        say([f"Rekap {recapped.counted} register: {target}", *(f"Rinciannya: {path}" for path in beside)])
    leave_unfinished(recapped.unfinished)


@sopkit.command()
@click.argument("folder", metavar="[FOLDER|BERKAS]", default=output_folder, type=PATH)
@click.option("--code", metavar="KODE", help="Cari dokumen dengan kode verifikasi arsip yang tercetak padanya.")
def verify(folder: Path, code: str | None) -> None:
    """Memeriksa apakah dokumen masih sama seperti saat dibuat, dan apakah riwayat register utuh.

    BERKAS sebuah .docx, .pdf atau .eml yang memuatnya dicocokkan dengan arsip, di mana pun letaknya.
    KODE juga tautan riwayat yang tercetak pada laporan.
    """
    from sopkit.cli.history import chain_text, checked_as
    from sopkit.cli.summary import print_known, print_verified
    from sopkit.documents.generate import known_by
    from sopkit.documents.generate import verify as verify_documents
    from sopkit.reports.console import make_console

    if code is None and (folder.suffix or folder.is_file()) and not folder.is_dir():
        sys.exit(_verify_file(folder))
    path = with_archive(folder, "Belum ada dokumen", "sopkit generate")
    if code is not None:
        if check := checked_as(code, path):
            say([check])
            sys.exit(0)
        known = known_by(code, folder)
        print_known(known, code, make_console(sys.stdout))
        sys.exit(0 if known and all(one.state == "matching" for one in known) else FINDINGS)
    verified = verify_documents(folder)
    print_verified(verified, make_console(sys.stdout))
    whole, told = chain_text(path)
    say([told])
    if not (verified.sound and whole):
        sys.exit(FINDINGS)


def _verify_file(file: Path) -> int:
    """Of a document by itself; the archives asked are that in whose folder it lies, else those of this office."""
    from sopkit.archive import folders_with_archive
    from sopkit.cli.summary import print_known
    from sopkit.database import FILE
    from sopkit.receive.prove import proofs
    from sopkit.reports.console import make_console

    around = [folder for folder in file.absolute().parents if (folder / FILE).is_file()][:1]
    office = output_folder()
    here = [office] if (office / FILE).is_file() else []
    folders = [*around, *here, *folders_with_archive(office)]
    if not folders:
        raise UsageProblem("Tidak ada arsip dokumen di sini.", "Jalankan dari folder kantor yang membuat dokumen itu.")
    given = list(proofs(file, list(dict.fromkeys(folders))))
    for proof in given:
        say([f"{proof.source}: {proof.said}"])
        if proof.known:
            print_known([proof.known], "", make_console(sys.stdout))
    return 0 if given and all(proof.holds for proof in given) else FINDINGS


@sopkit.command()
@takes(BOOK, OUTPUT)
@click.option("--case", "number", metavar="NO", help="Hanya kasus atau BA dengan nomor ini.")
@click.option("--person", metavar="NAMA", help="Hanya baris yang menyebut orang ini, atau yang disimpan olehnya.")
@click.option("--since", metavar="TANGGAL", help="Hanya pemeriksaan sejak hari ini.")
@click.option("--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", help="Bentuk hasil.")
def history(
    book: Path | None, output: Path | None, number: str | None, person: str | None, since: str | None, form: str
) -> None:
    """Menampilkan apa yang berubah di register, kapan diketahui, dan siapa yang terakhir menyimpan berkasnya."""
    from sopkit.cli.history import show

    show(book, output, number, person, since, form)


@sopkit.command()
@FOLDER
def repair(folder: Path) -> None:
    """Menyusun kembali arsip yang hilang atau rusak dari cadangannya dan dari dokumen dan surel di FOLDER.

    Surel yang sudah, atau mungkin sudah, terkirim tidak dikirim lagi. Arsip lama disimpan, tidak dihapus.
    """
    from sopkit.cli.options import say
    from sopkit.database import COPY, FILE
    from sopkit.files import no_more_open_than
    from sopkit.repair import repair as make_whole
    from sopkit.repair import sentence

    if not folder.is_dir():
        raise UsageProblem(f"Folder {folder} tidak ada.", "Sebutkan folder keluaran.")
    for there in (path for path in (folder / FILE, folder / COPY, *folder.glob("*.*")) if path.is_file()):
        no_more_open_than(there)
    say([sentence(make_whole(folder), folder)])


@sopkit.group()
def template() -> None:
    """Templat Word dan surel: periksa dan lihat isian yang dikenal."""


@template.command("check")
@click.argument("files", metavar="[TEMPLAT|FOLDER]...", nargs=-1, type=PATH)
@TEMPLATES
def template_check(files: Sequence[Path], templates: Path | None) -> None:
    """Memeriksa templat Word dan surel: isian tak dikenal dan penanda rusak, dengan tempatnya."""
    from sopkit.documents.lint import TemplateProblem, check_templates
    from sopkit.folders import template_folder
    from sopkit.mail.compose import LetterProblem, check_letters

    folders = [file for file in files if file.is_dir()] or ([] if files else [template_folder(templates)])
    letters = [path for path in files if path.suffix.lower() == ".txt" and path not in folders]
    words = [path for path in files if path not in letters and path not in folders]
    problems: list[TemplateProblem | LetterProblem] = []
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


@sopkit.command()
@takes(BOOK, AS_OF, SOP_FILE, OUTPUT)
@click.option("--format", "form", type=click.Choice(["csv", "xes"]), default="csv", help="Bentuk catatan peristiwa.")
def export(book: Path | None, as_of: str | None, sop_file: Path | None, output: Path | None, form: str) -> None:
    """Mengekspor catatan peristiwa (CSV atau XES) untuk alat process mining."""
    from sopkit.pipeline import inspect_cases
    from sopkit.reports.export import to_csv_log, to_xes

    inspected = inspect_cases(book, moment_of(as_of), sop_file)
    deliver(to_csv_log(inspected) if form == "csv" else to_xes(inspected), output)


@sopkit.command()
@takes(BOOKS, SOP_FILE)
def watch(books: Sequence[Path], sop_file: Path | None) -> None:
    """Menjalankan ulang pemeriksaan setiap kali buku kerja disimpan (Ctrl+C untuk berhenti)."""
    from watchfiles import watch as changes

    from sopkit.cli.summary import print_outcome
    from sopkit.language import list_text
    from sopkit.pipeline import run_books
    from sopkit.register.read import read_bytes
    from sopkit.reports.console import make_console

    paths = chosen(books)
    for path in paths:
        if not path.is_file():
            read_bytes(path)  # says why: what is not there will not be saved
    console = make_console(sys.stdout)
    print_outcome(run_books(paths, None, sop_file, console), console)
    say([f"Menunggu {list_text(path.name for path in paths)} disimpan; Ctrl+C untuk berhenti."])
    own = {path.absolute() for path in paths}
    try:
        for batch in changes(*{path.parent for path in own}, recursive=False):
            if any(Path(changed).absolute() in own for _, changed in batch):
                print_outcome(run_books(paths, None, sop_file, console), console)
    except KeyboardInterrupt:
        click.echo("Selesai.")


@sopkit.command()
def doctor() -> None:
    """Memeriksa apa yang terpasang, apa yang kurang, dan langkah berikutnya."""
    from sopkit.cli.doctor import examine
    from sopkit.folders import office_folder

    say(examine(office_folder()))


@sopkit.command()
@click.argument("folder", metavar="FOLDER", type=PATH)
@click.option(
    "--python", metavar="BERKAS", help="ZIP “Windows embeddable package (64-bit)” Python 3.13, atau alamat https-nya."
)
@click.option("--sha256", metavar="ANGKA", help="SHA-256 yang harus dimiliki ZIP Python itu; untuk alamat wajib.")
@click.option("--here", is_flag=True, help="Untuk komputer sejenis ini, bukan Windows, yang sudah mempunyai Python.")
def bundle(folder: Path, python: str | None, sha256: str | None, here: bool) -> None:
    """Membuat ZIP di FOLDER untuk komputer kantor tanpa Python: diekstrak, lalu klik dua kali Periksa register."""
    from sopkit.bundle.make import WINDOWS, like_this, make

    say(make(folder, like_this() if here else WINDOWS, python, sha256))


def main() -> NoReturn:
    """Run the command line; every problem is one Indonesian sentence on stderr and an exit code."""
    from sopkit.cli.streams import forgiving

    sys.unraisablehook = _interrupt_again
    gc.set_threshold(
        200_000, 20, 50
    )  # a register is many values and no circles: reading 10,000 cases takes a tenth less
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # of numpy, which is not there yet: 0.07 s of idle threads
    words = [word for word in sys.argv[1:] if word != "--debug"]
    debug = len(words) < len(sys.argv) - 1
    with forgiving() as lost:
        if debug:
            _tell_details()
        work = partial(sopkit.main, words, prog_name="sopkit", standalone_mode=False)
        code, text = ending(work, words, debug=debug)
        if text:
            click.echo(text, err=True)
    if lost.why:
        click.echo(
            f"Yang ditampilkan tidak semuanya dapat ditulis ({lost.why}); berkas keluaran tidak terpengaruh.", err=True
        )
    sys.exit(code)


def ending(work: Callable[[], object], words: Sequence[str], *, debug: bool = False) -> tuple[int, str]:
    """Do it; the exit code, and what is said last. `words` are those of the command line."""
    from sopkit.cli import crash
    from sopkit.files import umask_restored

    try:
        with umask_restored():
            work()
    except click.exceptions.Exit as leave:
        return leave.exit_code, ""
    except SystemExit as leave:
        return int(leave.code or 0), ""
    except (click.Abort, KeyboardInterrupt):
        return _cancelled()
    except click.exceptions.NoArgsIsHelpError as error:
        return USAGE, f"{error.format_message()}\n\nPerintah belum lengkap: pilih salah satu perintah di atas."
    except click.ClickException as error:
        return USAGE, usage_text(error)
    except Exception as error:
        if isinstance(error.__cause__, KeyboardInterrupt):  # as a class that is being made wraps it
            return _cancelled()
        if debug:
            raise error.__cause__ if isinstance(error, Unforeseen) and error.__cause__ else error  # noqa: B904 - itself
        told = error if isinstance(error, SopkitError) else unforeseen(error)
        return told.exit_code, crash.told(told, words)
    return 0, ""


def _cancelled() -> tuple[int, str]:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is being done
    return UNFINISHED, "Dibatalkan."


def _interrupt_again(lost: sys.UnraisableHookArgs) -> None:
    """Ctrl-C that fell into a moment when Python can only print it counts all the same, once that moment is over."""
    if lost.exc_type is KeyboardInterrupt:
        again = threading.Timer(0.01, signal.raise_signal, [signal.SIGINT])
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(lost)


def _tell_details() -> None:
    """What modules say to whoever looks for a cause goes to stderr."""
    import logging

    logging.basicConfig(format="%(message)s")
    logging.getLogger("sopkit").setLevel(logging.DEBUG)


def _sop(file: Path | None) -> Sop:
    from sopkit.sop.model import load_sop

    return load_sop(file)


def _sop_named(file: Path | None) -> Sop:
    """The SOP of that file, else the one in force in this office's folder."""
    from sopkit.folders import REGISTERS, office_folder
    from sopkit.register.layout import sop_in_use

    return _sop(file or sop_in_use(office_folder() / REGISTERS))
