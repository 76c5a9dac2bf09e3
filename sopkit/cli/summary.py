"""What the clerk reads at the end: what was read, what is wrong, what was made, where it is, what to do next."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from sopkit.checks.catalogue import FAMILIES, Finding, Severity
from sopkit.folders import REPORT, TEMPLATES, office_of, template_place
from sopkit.language import datetime_text, list_text, number_text
from sopkit.register.layout import adopt_command
from sopkit.reports.console import indented, print_summary, printable
from sopkit.reports.findings import line_text, urgency
from sopkit.reports.withheld import Withheld, withheld

if TYPE_CHECKING:
    from sopkit.checks.inspection import Inspected
    from sopkit.documents.generate import Generated, Known, Verified
    from sopkit.folders import Workplace
    from sopkit.mail.drafts import Drafted
    from sopkit.mail.visit import Visit
    from sopkit.pipeline import Made, Outcome
    from sopkit.sop.model import Sop, Step

FIRST = 5  # findings and reasons shown here; the report has them all
MOST_NAMES = 6  # cases named for one reason
FOREMOST = (
    ("Perbaiki lebih dahulu", (Severity.ERROR, Severity.BREACH)),
    ("Periksa lebih dahulu", (Severity.WARNING,)),
    ("Untuk diketahui", (Severity.NOTE,)),
)
"""What is listed first: of the gravest severities that there are."""
STATES = {
    "made": "baru",
    "rewritten": "diperbarui",
    "revised": "revisi baru",
    "unchanged": "tetap",
    "kept": "dibiarkan karena diubah dengan tangan",
    "outdated": "belum menurut templat atau data kantor terbaru",
}
SAVED_SINCE = "{name} disimpan lagi selagi diperiksa; jalankan lagi. Hasil ini menurut isinya yang sebelumnya."
STANDINGS = {
    "matching": "tetap sesuai",
    "edited": "diubah dengan tangan",
    "missing": "tidak ada lagi",
    "unreadable": "tidak dapat dibaca; tutup program yang membukanya, periksa izin berkas dan foldernya",
}


def print_outcome(outcome: Outcome, console: Console) -> None:
    """The one summary of `sopkit run`."""
    for one in outcome.made:
        print_summary(one.inspected, console)
        _print_families(one.inspected, console)
        listed = _print_foremost(one.inspected, console)
        print_generated(one.generated, console, listed)
        _print_mail(one.drafted, one.visit, one.place.output, console)
        _print_places(one, console)
        if one.saved_since:
            _title(SAVED_SINCE.format(name=printable(one.inspected.book.path.name)), console)
    for path, error in outcome.unfinished:
        _title(f"{path} tidak dapat diselesaikan", console)
        _line(str(error), console)
    _print_next(outcome, console)


def _title(text: str, console: Console) -> None:
    console.print()
    console.print(Text(text, style="bold"))


def _line(text: str, console: Console) -> None:
    console.print(indented(printable(text)))


def _print_families(inspected: Inspected, console: Console) -> None:
    """Counts by family, the worst family first."""
    from sopkit.reports.statistics import by_family, present_text

    families = by_family(inspected.findings)
    if families:
        _title("Temuan menurut jenis", console)
    for letter, count in families.items():
        _line(f"{letter}  {FAMILIES[letter]}: {present_text(count)}", console)


def _print_foremost(inspected: Inspected, console: Console) -> Sequence[Finding]:
    """What must be mended, of register and documents, the most urgent first and history last; without such what is to
    be looked at. What is said of several cells in the same words is said once.

    Returns what was listed.
    """
    past = inspected.history.numbers
    unexplained = (found for found in inspected.findings if not found.explained)
    open_ones = sorted(unexplained, key=lambda found: (found.case in past, *urgency(found)))
    for title, severities in FOREMOST:
        if grave := [found for found in open_ones if found.severity in severities]:
            _title(title, console)
            alike: dict[tuple[str, str], list[Finding]] = {}
            for found in grave:
                alike.setdefault((found.code, found.message), []).append(found)
            shown = list(alike.values())[:FIRST]
            for group in shown:
                others = f" Begitu pula {len(group) - 1} sel lain." if group[1:] else ""
                _line(f"{line_text(group[0])}{others}", console)
            words = list_text(severity.indonesian for severity in severities)
            listed = list(chain.from_iterable(shown))
            _more(len(grave) - len(listed), f"{words} lain ada di laporan", console)
            return listed
    return ()


def print_generated(generated: Generated, console: Console, listed: Collection[Finding] = ()) -> None:
    """Which documents there are now, and why the others are not. Findings `listed` above are not said again."""
    _title("Dokumen", console)
    by_title: dict[str, Counter[str]] = {}
    for document in generated.documents:
        by_title.setdefault(document.title, Counter())[document.state] += 1
    for title, states in by_title.items():
        parts = ", ".join(f"{states[state]} {word}" for state, word in STATES.items() if states[state])
        _line(f"{title}: {sum(states.values())} ({parts})", console)
    if not by_title:
        _line("Belum ada dokumen yang dapat dibuat.", console)
    if generated.pdfs:
        _line(f"PDF: {len(generated.pdfs)}", console)
    if any(document.state == "outdated" for document in generated.documents):
        _line("Tambahkan --refresh agar dokumen yang belum menurut yang terbaru dibuat ulang.", console)
    _print_findings([found for found in generated.findings if found not in listed], console)
    _print_skipped(generated, console)
    _print_vanished(generated, console)


def _print_findings(findings: Sequence[Finding], console: Console) -> None:
    for found in findings[:FIRST]:
        _line(f"{line_text(found) if found.cell else f'{found.code} {found.message}'} {found.fix}", console)
    _more(len(findings) - FIRST, "temuan dokumen lain ada di laporan", console)


def _print_skipped(generated: Generated, console: Console) -> None:
    past = [skipped for skipped in generated.skipped if skipped.history]
    if past:
        _line(f"Tidak dibuat: {len(past)} dokumen. {past[0].reason}", console)
    waiting = [skipped for skipped in generated.skipped if not skipped.history]
    if not waiting:
        return
    _line(f"Belum dapat dibuat: {len(waiting)} dokumen", console)
    groups = withheld(waiting)
    for group in groups[:FIRST]:
        _line(_withheld_text(group), console)
    _more(len(groups) - FIRST, "sebab lain ada di laporan", console)


def _withheld_text(group: Withheld) -> str:
    """`- PTPP 010/CLTS/XI/2026, 011/CLTS/XI/2026: Belum ada No. PTPP.`; several documents are counted."""
    names = ", ".join(group.names[:MOST_NAMES])
    more = len(group.names) - MOST_NAMES
    names = f"{names}, dan {number_text(more)} lagi" if more > 0 else names
    several = len(group.titles) > 1
    who = f"{names} ({len(group.titles)} dokumen)" if several else f"{group.titles[0]} {names}".strip()
    return f"- {who}: {group.reason}"


def _print_vanished(generated: Generated, console: Console) -> None:
    """Documents of cases that the register no longer has: kept, for somebody to decide."""
    if generated.vanished:
        _line(f"Tidak ada lagi di register, dokumennya dibiarkan: {len(generated.vanished)}", console)
    for record in generated.vanished[:FIRST]:
        _line(f"- {record.path}", console)
    _more(len(generated.vanished) - FIRST, "dokumen lain", console)


def _more(count: int, what: str, console: Console) -> None:
    if count > 0:
        _line(f"... {count} {what}", console)


def _print_mail(drafted: Drafted, visit: Visit, output: Path, console: Console) -> None:
    from sopkit.mail.messages import by_hand, by_page, note_lines, undelivered_lines, unsettled_lines, visit_line

    _title("Surel", console)
    _line(f"{len(drafted.drafts)} draf baru siap diperiksa dan dikirim.", console)
    if drafted.waiting > len(drafted.drafts):
        _line(f"{drafted.waiting - len(drafted.drafts)} draf sebelumnya masih menunggu dikirim.", console)
    if visited := visit_line(visit, output):
        _line(visited, console)
    for note in note_lines(drafted, output):
        _line(note, console)
    if drafted.undelivered:
        _line(f"{len(drafted.undelivered)} belum dapat dibuatkan surel:", console)
    reasons = list(undelivered_lines(drafted.undelivered))
    for reason in reasons[:FIRST]:
        _line(reason, console)
    _more(len(reasons) - FIRST, "sebab lain", console)
    for line in unsettled_lines(drafted, output):
        _line(line, console)
    if drafted.waiting:
        _line(by_hand(output), console)
        for line in by_page(drafted):
            _line(line, console)


def _print_places(made: Made, console: Console) -> None:
    _title(f"Tempat: {made.place.output}", console)
    for path in made.files:
        _line(path.name, console)
    if templates := _templates_text(made.place):
        _line(templates, console)


def _templates_text(place: Workplace) -> str:
    """Which templates were filled, where they are not those beside the register."""
    own = office_of(place.book) / TEMPLATES
    if place.templates.absolute() == own:
        return ""
    shown = template_place(place.templates)
    if shown != str(place.templates):
        return f"Templat dokumen: contoh bawaan; templat kantor sendiri diletakkan di {own}."
    return f"Templat dokumen: {shown}"


def _print_next(outcome: Outcome, console: Console) -> None:
    _title("Langkah berikutnya", console)
    if outcome.unfinished:
        _line("Ikuti petunjuk di atas untuk buku kerja yang tidak dapat diselesaikan.", console)
    for one in outcome.made:
        if first := _fill_first(one.inspected):
            _line(f"Isi lebih dahulu {first}, simpan, lalu jalankan lagi.", console)
        elif templates := one.generated.unusable_templates:
            _line(f"Perbaiki templat yang disebut di atas ({templates} kesalahan), lalu jalankan lagi.", console)
        elif hint := adopt_hint(one.inspected):
            _line(hint, console)
        elif one.inspected.failed:
            _line(f"Buka {one.place.output / REPORT}, perbaiki sel yang disebut, lalu jalankan lagi.", console)
        elif not len(one.inspected.register.cases.read):
            _line("Catat layanan tidak sesuai yang pertama di sheet Register, simpan, lalu jalankan lagi.", console)
        elif one.visit.laid:
            _line("Buka Draf di kotak surat kantor, periksa, lalu kirim dari sana.", console)
        elif one.drafted.waiting:
            _line(f"Periksa draf di {one.place.output / 'surel'}, lalu kirimkan.", console)
        else:
            _line(f"Buka {one.place.output / REPORT}.", console)


def _fill_first(inspected: Inspected) -> str:
    """What an office says of itself before any document can be made; empty where it has."""
    office, people = inspected.register.office, inspected.register.people
    rest = {"Nama Kantor": ("Pemerintah", "Alamat", "Tempat")}  # of the letterhead
    first = []
    for key, row in inspected.office_gaps.items():
        named = f"{key} (sel {office.cell(row, 'value')})"
        first.append(f"{list_text([named, *rest.get(key, ())])} di sheet {office.sheet}")
    return list_text([*first, *([f"sheet {people.sheet}"] if people.present and people.read.empty else [])])


def adopt_hint(inspected: Inspected) -> str:
    """What to type for a workbook whose sheets or headers are not all known; empty where they are."""
    if not any("foreign" in found.tags and found.severity is Severity.ERROR for found in inspected.findings):
        return ""
    return f"Lengkapi sheet dan judul kolom yang belum dikenal; bila namanya lain: {adopt_command(inspected.book.path)}"


def print_verified(verified: Verified, console: Console) -> None:
    """Whether the documents are still what was generated."""
    whole = f"{len(verified.checked)} dokumen"
    verdict = f"{whole} tetap sesuai" if verified.sound else f"{whole} diperiksa, ada yang tidak sesuai"
    _title(verdict if verified.checked else "Belum ada dokumen yang tercatat di sini", console)
    for one in verified.checked:
        if one.state != "matching":
            _line(f"{one.record.path}: {STANDINGS[one.state]}", console)
    for path in verified.unknown:
        _line(f"{path}: bukan buatan sopkit", console)


def print_known(known: Sequence[Known], code: str, console: Console) -> None:
    """Which document an archive code belongs to, and whether it still holds."""
    from sopkit.documents.kinds import title_of

    if not known:
        _title(f"Tidak ada dokumen berkode {code} di arsip ini.", console)
    for one in known:
        record = one.record
        _title(f"{title_of(record.kind)} {record.number}".rstrip(), console)
        _line(f"Dibuat : {_when(one.former or record.made_at)}", console)
        mailed = _when(record.mailed_at) if record.mailed_at else "belum, atau tidak melalui sopkit"
        _line(f"Dikirim: {mailed}", console)
        _line(f"Berkas : {record.path}, {STANDINGS[one.state]}", console)
        holds = f"tidak, digantikan {one.newest.path}" if one.superseded else "ya, ini yang terbaru"
        holds = f"tidak, dibuat ulang pada {_when(record.made_at)}" if one.former else holds
        _line(f"Berlaku: {holds}", console)


def _when(moment: str) -> str:
    return datetime_text(dt.datetime.fromisoformat(moment))


def print_sop(sop: Sop, console: Console) -> None:
    """Each step with who does it, its time standard, what it needs and gives; then the remarks."""
    _title(sop.title, console)
    for step in sop.steps:
        basis = "" if step.roles_basis == "source" else " (disimpulkan)"
        console.print(Text(f"{step.number:>3}  {step.activity}"), soft_wrap=True)
        _line(f"   Pelaksana   : {'/'.join(step.roles)}{basis}{_not_by(step)}", console)
        _line(f"   Baku mutu   : {step.standard}", console)
        _line(f"   Kelengkapan : {'; '.join(step.requires)}", console)
        _line(f"   Keluaran    : {'; '.join(step.outputs)}", console)
        for name, text in _further(sop, step):
            _line(f"   {name:<12}: {text}", console)
    _title("Arti satu hari", console)
    _line(_day_text(sop.day), console)
    _print_list("Rekaman", sop.records, console)
    _print_list("Peringatan", sop.warnings, console)
    _print_list("Catatan", sop.remarks, console)


def _not_by(step: Step) -> str:
    basis = "menurut naskah" if step.roles_not_basis == "source" else "disimpulkan"
    return f"; bukan {'/'.join(step.roles_not)} ({basis})" if step.roles_not else ""


def _further(sop: Sop, step: Step) -> Iterator[tuple[str, str]]:
    """What the rules hold a step to beside its row in the table."""
    if step.needs:
        yield "Isi dahulu", list_text(step.needs)
    if step.records:
        yield "Dicatat pada", list_text(step.records)
    after = sop.predecessors(step.number)
    if len(after) > 1:
        yield "Sesudah", f"langkah {_awaited(sop, after)}"
    if step.may_come_early:
        yield "Giliran", "boleh mendahului gilirannya"
    if step.optional:
        yield "Boleh lewat", "langkah ini boleh tidak dilaksanakan"
    if step.one_of:
        yield "Pilihan", f"cukup salah satu: langkah {list_text(step.one_of, 'atau')}"
    if step.any_order:
        yield "Urutan", f"langkah {list_text(step.any_order)} boleh dengan urutan apa pun"
    if step.on_rejection is not None:
        yield "Bila ditolak", f"kembali ke langkah {step.on_rejection}"
    if step.periodic:
        yield "Berkala", "waktunya dihitung dari mulainya sendiri; satu kali dapat mencakup banyak kasus"


def _awaited(sop: Sop, numbers: Iterable[int]) -> str:
    """`2, 3, dan 4 (bila dilaksanakan)`, `5 atau 6`."""
    said = []
    for step in map(sop.step, numbers):
        text = list_text(step.one_of, "atau") if step.one_of else str(step.number)
        said.append(f"{text} (bila dilaksanakan)" if step.optional else text)
    return list_text(dict.fromkeys(said))


def _day_text(day: str) -> str:
    kind, _, hours = day.partition(":")
    if kind == "hours":
        return f"1 hari = {number_text(float(hours))} jam kerja."
    if kind == "end-of-day":
        return "1 hari = sampai jam pulang pada hari kerja berikutnya."
    return "1 hari = sampai jam yang sama pada hari kerja berikutnya, paling lambat jam pulangnya."


def _print_list(title: str, lines: Iterable[str], console: Console) -> None:
    _title(title, console)
    for line in lines:
        _line(f"- {line}", console)
