"""The pages beside the rooms, made from the code: MAP.md, PERINTAH.md, ATURAN.md, ISIAN.md and KOLOM.md.

`uv run pytest tests/test_readme.py --update-golden` writes them anew; without it the test names what differs.
"""

from __future__ import annotations

import ast
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path

import click
import rule_fixtures
import workbooks
from rule_fixtures import FIXTURES, Fixture, Register

from sopkit.checks import load_rules
from sopkit.checks.catalogue import FAMILIES, REASONS, RULES, Rule, Severity
from sopkit.cli.main import sopkit
from sopkit.documents.fields import DUTIES, FIELDS, HEAD_FIELDS
from sopkit.documents.kinds import KINDS
from sopkit.mail.compose import ALWAYS_BODY, ALWAYS_SUBJECT
from sopkit.mail.recipients import letters
from sopkit.newbook.live import live_columns
from sopkit.register.schema import CHOICES, EXTENDABLE, PEOPLE, SETTINGS, SHEETS, Kind
from sopkit.reports.findings import standing_text
from sopkit.sop.model import load_sop

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "sopkit"
MADE = "<!-- Dibuat oleh tests/pages.py; jangan disunting: uv run pytest tests/test_readme.py --update-golden -->"
OTHER_FILES = {
    "bundle/BACA-SAYA.txt": "The page for the clerk in the ZIP.",
    "bundle/posix.sh": "What is clicked on Linux and macOS, made once for each work of `sopkit/cli/desk.py`.",
    "bundle/python313._pth": "Where the embeddable Python looks for packages.",
    "bundle/typed.bat": "`sopkit.bat` in the ZIP: a command that is typed in its folder.",
    "bundle/typed.sh": "`sopkit.sh` in the ZIP: a command that is typed, on Linux and macOS.",
    "bundle/windows.bat": "What is clicked on Windows, made once for each work of `sopkit/cli/desk.py`.",
    "checks/ATURAN.md": "Every rule with its reason and an example; `sopkit explain` reads it.",
    "mail/page.css": "The looks of kirim.html.",
    "mail/page.html.j2": "The page kirim.html.",
    "mail/page.js": "The script of kirim.html: copying, ticks, the command that notes what was sent.",
    "PERINTAH.md": "Every command with its help, and the exit codes.",
    "MAP.md": "This page.",
    "py.typed": "Says to mypy that the package is typed.",
    "register/header_synonyms.toml": "What offices call the columns and the values of lists, in groups by column.",
    "reports/report.css": "The looks of laporan.html, on screen and on paper.",
    "reports/report.html.j2": "The page laporan.html.",
    "sop/pengendalian-ketidaksesuaian.toml": "The SOP of the package: steps, roles, times, warnings, signers.",
}
"""What a file without a docstring is; the others say it themselves."""


def _table(*rows: Sequence[str]) -> Iterator[str]:
    """A table of Markdown, the first row its header."""
    for number, row in enumerate(rows):
        yield f"| {' | '.join(map(_cell, row))} |"
        if number == 0:
            yield "|" + "---|" * len(row)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _page(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


# The map keeps its recipes, which are written by hand above the marker; all below it is made.
MARKER = "<!-- files -->"


def _map() -> str:
    recipes = (PACKAGE / "MAP.md").read_text("utf-8").partition(MARKER)[0]
    return recipes + MARKER + "\n" + _page(_files())


def _files() -> Iterator[str]:
    found = [p for p in PACKAGE.rglob("*") if p.is_file() and p.suffix != ".pyc" and "bundled" not in p.parts]
    told = {path.relative_to(PACKAGE): said for path in found if (said := _said_by(path)) is not None}
    for folder in sorted({path.parent for path in told}):
        yield f"\n### {(Path('sopkit') / folder).as_posix()}/\n"
        yield from _table(
            ("File", "What it is"), *((f"`{p.name}`", told[p]) for p in sorted(told) if p.parent == folder)
        )


def _said_by(path: Path) -> str | None:
    """The first paragraph of a file's docstring; None for the empty `__init__.py` of a room."""
    name = path.relative_to(PACKAGE).as_posix()
    if path.suffix != ".py":
        return OTHER_FILES[name]
    source = path.read_text("utf-8")
    if not source.strip():
        return None
    said = ast.get_docstring(ast.parse(source))
    assert said, f"{name} has no docstring"
    return " ".join(said.split("\n\n")[0].split())


def leaves(group: click.Group, name: str) -> list[tuple[str, click.Command]]:
    """Every command that does something, with the words that call it."""
    found = []
    for word, command in group.commands.items():
        inside = leaves(command, f"{name} {word}") if isinstance(command, click.Group) else None
        found += inside or [(f"{name} {word}", command)]
    return found


def _commands() -> str:
    every = sorted(leaves(sopkit, "sopkit"))
    summary = [(f"`{name}`", (command.help or "").strip().splitlines()[0]) for name, command in every]
    lines = [MADE, "", "# Perintah sopkit", "", *_table(("Perintah", "Kegunaan"), *summary), ""]
    lines += [
        "Tanpa BUKU dipakai buku kerja di `registers/` folder kantor: yang satu-satunya, atau register tahun ini",
        "beserta register lama yang kasusnya belum selesai. Sebuah folder berarti semua buku kerja di dalamnya.",
        "`--as-of 2026-11-20T10:00` menetapkan waktu acuan. `--debug` menampilkan rincian teknis.",
        "",
        *_table(
            ("Kode keluar", "Arti"),
            ("0", "selesai"),
            ("1", "ada temuan (`validate`, `verify`, `template check`; `run` dengan `--strict`); `adopt` belum siap"),
            ("2", "perintahnya keliru"),
            ("3", "tidak dapat diselesaikan"),
            ("4", "ada surel yang perlu dilihat"),
        ),
    ]
    for name, command in every:
        context = command.context_class(command, info_name=name, terminal_width=100, **sopkit.context_settings)
        lines += ["", f"## {name}", "", "```text", command.get_help(context).rstrip(), "```"]
    return _page(lines)


def _rules() -> str:
    load_rules()
    lines = [
        MADE, "", "# Aturan", "",
        "*Kesalahan*: register bertentangan dengan dirinya; perbaiki, dokumen layanan itu menunggu.",
        "*Penyimpangan*: SOP tidak diikuti. *Peringatan*: mungkin keliru, atau segera jatuh tempo. *Informasi*:",
        "sekadar diketahui. `sopkit explain W02` menampilkan satu aturan.",
        "",
        "Sebagian penyimpangan dapat *dijelaskan*, dan sebagian peringatan *diberi keterangan*, pada kolom Keterangan",
        "barisnya: sedikitnya 10 huruf yang menyebutkan sebabnya. Keduanya lalu dihitung tersendiri. Yang lain tidak",
        "dapat dijelaskan, terlebih siapa yang boleh melakukan apa.",
        "",
        "Setiap contoh mengubah register tanpa temuan ([base.txt](../../tests/rules/base.txt)); *Bukan W02* berarti",
        "W02 tidak menemukan apa pun di sana. Semua contoh ada di folder itu.",
    ]  # fmt: skip
    for letter, family in FAMILIES.items():
        lines += ["", f"## {letter} · {family}", "", REASONS[letter]]
        for rule in sorted((r for r in RULES.values() if r.family == letter), key=lambda r: r.code):
            lines += ["", f"### {rule.code} · {rule.severity.indonesian}", "", *_rule(rule)]
    return _page(lines)


def _rule(rule: Rule) -> Iterator[str]:
    yield f"- **Temuan**: {_open(rule.message)}"
    yield f"- **Perbaikan**: {_open(rule.fix)}"
    yield f"- **Dasar**: {rule.clause}"
    told = "Dapat diberi keterangan" if rule.severity is Severity.WARNING else "Dapat dijelaskan"
    yield f"- **{told}**: {'ya, bila Keterangan menyebutkan sebabnya' if rule.explainable else 'tidak'}"
    yield f"- **Mengapa**: {rule.reason}"
    failing = min((f for f in FIXTURES if f.code == rule.code and f.fails), key=_least, default=None)
    yield from ("", "```text")
    if failing is None:
        yield from ("Contoh:", *(f"  {line}" for line in DOCUMENT_EXAMPLES[rule.code]))
    else:
        like = _touched(failing)
        others = [f for f in FIXTURES if f.code == rule.code and not f.fails and f.lines]
        passing = min(others, key=lambda f: (_idle(f), not like & _touched(f), *_size(f)))
        yield from ("Contoh:", *_changes(failing), *_found(failing))
        if rule.explainable:
            told = max((f for f in FIXTURES if _is_told(f, rule.code)), key=_tells)
            yield from ("Dengan Keterangan:", *_changes(told), *_found(told))
        yield from (f"Bukan {rule.code}:", *_changes(passing))
    yield "```"


def _open(text: str) -> str:
    """A message with an ellipsis where each finding has its own values; what only some add is left out."""
    return re.sub(r"(\{\w+\})+", "…", text.replace("{also}", ""))


def _size(fixture: Fixture) -> tuple[int, ...]:
    """Less is easier read: nothing explained, no whole sheets, nothing invisible, few words."""
    explained = sum(line.endswith("explained") for line in fixture.expected)
    whole = sum(line.startswith(("[", "as typed")) for line in fixture.lines)
    dirty = sum("\\u" in line or "[]" in line for line in fixture.lines)
    return explained, whole, dirty, sum(map(len, fixture.lines)) // 50 + len(fixture.expected)


def _is_told(fixture: Fixture, code: str) -> bool:
    """Whether a fixture's Keterangan explains all that the rule finds in it."""
    own = [line for line in fixture.expected if line.startswith(code)]
    return fixture.code == code and bool(own) and all(line.endswith("explained") for line in own)


def _tells(fixture: Fixture) -> int:
    """How much its Keterangan says: an example is a model."""
    return max((len(line) for line in _changes(fixture) if "(Keterangan" in line), default=0)


def _least(fixture: Fixture) -> tuple[int, ...]:
    return _idle(fixture), *_size(fixture)


def _idle(fixture: Fixture) -> bool:
    """Whether a fixture only types again what stands there."""
    return any(re.search(r": (.*) → \1$", line) for line in _changes(fixture))


def _touched(fixture: Fixture) -> set[str]:
    """What a fixture changes: columns (`Langkah!E`), and for the rest how."""
    return {
        match[0] for line in fixture.lines if (match := re.match(r"[A-Z][^!=]*![A-Z]+|[a-z]+ |Kantor: [^=]+", line))
    }


def _found(fixture: Fixture) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        findings = rule_fixtures.findings_of(fixture, COMMON or Path(folder))
    for found in findings:
        if found.code == fixture.code:
            place = f" di {found.sheet}!{found.cell}" if found.cell else ""
            yield f"  Ditemukan{place}: {found.message}{f' ({standing_text(found)})' if found.explained else ''}"


def _changes(fixture: Fixture) -> Iterator[str]:
    """What a fixture changes in the base register, line by line in Indonesian."""
    register = Register(rule_fixtures.base_tables())
    whole = False
    for line in fixture.lines:
        if line.startswith("["):
            whole = True
            yield f"  Sheet {line.strip('[]')} seluruhnya menjadi:"
        elif not line.strip():
            whole = False
        elif whole:
            yield f"    {_visible(line)}"
        else:
            before = deepcopy(register.tables)
            rule_fixtures._change(register, line.strip())
            yield f"  {_visible(_change(line.strip(), before))}"


def _visible(line: str) -> str:
    """What cannot be seen by its number (`‹U+00A0›`), and what is empty in words."""
    line = re.sub(r"\\u([0-9a-f]{4})", lambda match: f"‹U+{match[1].upper()}›", line)
    return re.sub(r"= $", "= kosong", line).replace(workbooks.EMPTY_CELL, "kosong")


def _change(line: str, tables: Mapping[str, rule_fixtures.Table]) -> str:
    for pattern, said in _SAID.items():
        if match := re.fullmatch(pattern, line):
            return said.format(*match.groups())
    if match := re.fullmatch(r"delete ([^!]+)!(\d+)", line):
        row = tables[match[1]][int(match[2]) - 1]
        return f"{match[1]} baris {match[2]} dihapus: {_row(match[1], row)}"
    match = re.fullmatch(r"([^!]+)!([A-Z]+)(\d+) =(.*)", line)
    assert match, line
    return _typed(tables[match[1]], *(part.strip() for part in match.groups()))


_SAID: Mapping[str, str] = {
    r"checked": "Sampai di sini register diperiksa; sesudah itu:",
    r"fill ([^!]+)!([A-Z]+)(\d+):\2(\d+) =(.*)": "{0}!{1}{2} sampai {1}{3} semuanya menjadi{4}",
    r"sort ([^!]+)!([A-Z]+)": "{0} diurutkan menurut kolom {1}, dari yang terakhir",
    r"add ([^:]+): ?(.*)": "{0} ditambah satu baris: {1}",
    r"Kantor: ([^=]+?) = ?(.*)": "Kantor: {0} = {1}",
    r"hide ([^!]+)!(\d+)": "{0} baris {1} disembunyikan",
    r"merge ([^!]+)!(\S+)": "{0}!{1} digabung",
    r"insert ([^!]+)!(\d+):": "{0} baris {1} disisipkan, kosong",
    r"insert ([^!]+)!(\d+): (.*)": "{0} baris {1} disisipkan: {2}",
    r"table ([^!]+)!(\S+) totals": "{0}!{1} menjadi tabel Excel dengan baris total",
    r"table ([^!]+)!(\S+)": "{0}!{1} menjadi tabel Excel",
    r"layout (.+)": "Berkas tata letak: {0}",
    r"without (.+)": "Sheet {0} tidak ada",
    r"as typed": "Setiap sheet hanya berisi kolom yang disebut",
    r"as of (.+)": "Saat pemeriksaan: {0}",
    r"elsewhere (.+)": "Buku kerja lain memuat {0}",
    r"copy (.+)": "Berkas {0} ada di folder yang sama",
}


def _row(sheet: str, row: Sequence[str]) -> str:
    """What a row is known by: a step by its case and number, another by its first cell."""
    return f"{row[0]} langkah {row[1]}" if sheet == "Langkah" else row[0]


def _typed(table: rule_fixtures.Table, sheet: str, letters: str, number: str, text: str) -> str:
    row, place = int(number) - 1, workbooks._index(letters)
    cells = table[row] if row < len(table) else []
    header = table[0][place] if row and place < len(table[0]) else ""
    about = ", ".join(filter(None, (header, _row(sheet, cells) if row and place and cells else "")))
    before = (cells[place] if place < len(cells) else "") or "kosong"
    return f"{sheet}!{letters}{number}{f' ({about})' if about else ''}: {before} → {text or 'kosong'}"


DOCUMENT_EXAMPLES: Mapping[str, Sequence[str]] = {
    "T01": ("Templat memuat {{ nomor_catatn }}; isian itu bernama nomor_catatan.",),
    "T02": ("Templat memuat {{ nomor_catatan }; kurung penutupnya kurang satu.",),
    "T03": ("Templat disimpan sebagai .docm (dengan makro) lalu diberi nama .docx.",),
    "T04": ("PTPP yang sudah dibuat dibuka di Word, satu kata diganti, lalu disimpan.",),
    "T05": ("No. PTPP sudah ada, tetapi Tanggal PTPP kosong.",),
    "T50": ("Kantor: Lambang = lambang.png, tetapi berkas itu tidak ada di folder templates.",),
}
"""What arises while documents are made has no register to show; tests/test_lint.py and the like hold it."""

SUFFIXES = {
    "hari": "nama hari",
    "terbilang": "dengan huruf",
    "angka": "tanggal sebagai hh-bb-tttt",
    "jam": "jam; kosong bila tidak dicatat",
    "nip": "NIP orang itu",
    "pangkat": "pangkat/golongannya",
    "jabatan": "jabatannya",
}
MAIL_FIELDS = {
    "pengganti": "benar bila surel ini menggantikan surel terdahulu",
    "kantor": "nama kantor",
    "pemerintah": "pemerintah daerah",
    "alamat": "alamat kantor",
    "tempat": "nama tempat kantor",
    "penerima": "nama para penerima dengan sapaannya",
    "lampiran": "nama berkas lampiran",
    "isian_word": "benar bila ada PTPP terlampir sebagai berkas Word, yang diisi dan dikirim kembali oleh penerimanya",
    "kode_surel": "kode surel ini",
    "kode_surel_lama": "kode surel yang digantikan",
    "nomor": "nomor dokumen",
    "tanggal": "tanggal dokumen, atau tanggal pemeriksaan",
    "tahun": "tahun register",
    "nomor_catatan": "No. Catatan layanan yang dibahas",
    "jenis_layanan": "Jenis Layanan",
    "kategori": "Kategori",
    "penanggung_jawab": "Penanggung Jawab",
    "target_selesai": "Target Selesai",
    "status": "Status layanan; pada laporan daftar banyaknya tiap status",
    "ditutup": "benar bila statusnya Selesai atau Batal",
    "tempat_pemusnahan": "Tempat pada sheet Pemusnahan",
    "jumlah_kasus": "banyaknya layanan tidak sesuai",
    "jumlah_ptpp": "banyaknya PTPP",
    "kesalahan": "banyaknya kesalahan",
    "penyimpangan": "banyaknya penyimpangan yang belum dijelaskan",
    "dijelaskan": "banyaknya penyimpangan yang dijelaskan",
    "peringatan": "banyaknya peringatan yang belum diberi keterangan",
    "diberi_keterangan": "banyaknya peringatan yang diberi keterangan",
    "mendesak": "daftar yang terberat: terlambat, penyimpangan, kesalahan",
    "kasus": "daftar kasus, yang paling mendesak dahulu; tiap baris: `kasus`, `temuan`, `tindakan`",
    "kasus_lain": "banyaknya kasus lain yang tidak disebut",
    "jumlah_dokumen": "banyaknya dokumen terlampir",
    "rincian": "banyaknya dokumen tiap jenis: 3 PTPP dan 1 BA Pemusnahan",
    "dokumen": "daftar dokumen terlampir; tiap baris: `urut`, `jenis`, `nomor`, `perihal`, `mohon`, `lampiran`, "
    "`kode_surel_lama`",
    "jumlah_terlambat": "banyaknya yang terlambat",
    "jumlah_segera": "banyaknya yang segera jatuh tempo",
    "terlambat": "daftar yang terlambat",
    "segera": "daftar yang segera jatuh tempo",
}


def _fields() -> str:
    own = {kind: {n: m for n, m in fields.items() if n not in HEAD_FIELDS} for kind, fields in FIELDS.items()}
    lines = [
        MADE, "", "# Isian templat", "",
        "Templat Word di folder ini milik kantor: buka di Word, ubah kata, huruf, dan urutannya. Yang berada di antara",
        "`{{ }}` diisi sopkit. Teks surel ada di `surel/`. Periksa dengan `sopkit template check`.", "",
        "Rupa setiap bagian berasal dari gaya (Styles) yang bernama: Judul, Nomor, Isi, Isian, Tabel, TandaTangan,",
        "Kepala, Kaki, dan seterusnya. Ubah gayanya di Word sekali, maka semua bagian itu ikut berubah.", "",
        "## Akhiran", "", "Isian yang mempunyai akhiran menyebutkannya: `target_selesai` dengan `_hari` adalah",
        "`target_selesai_hari`.", "",
        *_table(("Akhiran", "Arti"), *((f"`_{suffix}`", meaning) for suffix, meaning in SUFFIXES.items())), "",
        "## Semua dokumen", "", *_field_table(HEAD_FIELDS),
    ]  # fmt: skip
    for kind, fields in own.items():
        lines += ["", f"## {KINDS[kind].title} (`{KINDS[kind].template}`)", "", *_field_table(fields)]
        lines += _duties() if any(_is_duty(name) for name in fields) else []
    return _page([*lines, *_mail_fields()])


def _field_table(fields: Mapping[str, str]) -> Iterator[str]:
    plain = [name for name in fields if not _is_duty(name) and not _is_variant(name, fields)]
    rows = [(f"`{name}`", fields[name], " ".join(f"`_{s}`" for s in _variants(name, fields))) for name in plain]
    yield from _table(("Isian", "Arti", "Akhiran"), *rows)


def _variants(name: str, fields: Mapping[str, str]) -> Iterator[str]:
    """Suffixes of a field whose meaning begins as its own does, so that the suffix alone says the rest."""
    for suffix in SUFFIXES:
        if fields.get(f"{name}_{suffix}", "").startswith((f"{fields[name]}:", f"{fields[name]} dengan huruf")):
            yield suffix


def _is_variant(name: str, fields: Mapping[str, str]) -> bool:
    stem, _, suffix = name.rpartition("_")
    return stem in fields and suffix in _variants(stem, fields)


DUTY_PARTS = {
    "oleh": "yang mengerjakan (`_nip`, `_pangkat`, `_jabatan`)",
    "mulai": "waktu mulai",
    "selesai": "waktu selesai",
    "tanggal": "tanggal selesai",
    "hasil": "Disetujui atau Ditolak",
    "keterangan": "keterangan pada sheet Langkah",
}
_PERSON_PARTS = [f"oleh_{suffix}" for suffix in ("nip", "pangkat", "jabatan")]


def _is_duty(name: str) -> bool:
    parts = (*DUTY_PARTS, *_PERSON_PARTS)
    return any(name == f"{prefix}_{part}" for prefix, _ in DUTIES.values() for part in parts)


def _duties() -> Iterator[str]:
    yield from ("", "Setiap langkah mempunyai isian awalan_bagian, misalnya `evaluasi_oleh_nip`:", "")
    yield from _table(("Awalan", "Langkah"), *((f"`{prefix}_`", words) for prefix, words in DUTIES.values()))
    yield ""
    yield from _table(("Bagian", "Arti"), *((f"`{part}`", meaning) for part, meaning in DUTY_PARTS.items()))


def _mail_fields() -> Iterator[str]:
    yield from ("", "## Teks surel (`surel/`)", "")
    yield "Baris pertama `Subjek: …`, satu baris kosong, lalu teksnya. Subjek tidak menyebut nama orang, sehingga hanya"
    yield "isian subjek yang dapat dipakai di sana. Sebuah daftar ditulis baris demi baris:"
    yield "`{% for baris in segera %}`."
    yield ""
    always = ("setiap surel", _names(ALWAYS_SUBJECT), _names(ALWAYS_BODY))
    rows = [(f"{t.name} (`{t.text}`)", _names(t.subject), _names(t.body)) for t in letters()]
    yield from _table(("Surel", "Isian subjek dan teks", "Isian teks saja"), always, *rows)
    yield ""
    used = dict.fromkeys((*ALWAYS_SUBJECT, *ALWAYS_BODY, *(n for t in letters() for n in (*t.subject, *t.body))))
    yield from _table(("Isian", "Arti"), *((f"`{name}`", MAIL_FIELDS[name]) for name in used))


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


KINDS_OF_VALUES: Mapping[Kind, str] = {
    Kind.TEXT: "teks",
    Kind.REASON: "kalimat",
    Kind.KEY: "nomor atau nama, satu kali saja",
    Kind.REFERENCE: "nomor yang sudah tercatat",
    Kind.PERSON: "nama dari sheet Pegawai",
    Kind.ROLE_OR_PERSON: "peran, atau nama dari sheet Pegawai",
    Kind.CHOICE: "pilihan",
    Kind.DATE: "tanggal",
    Kind.DATETIME: "tanggal dan jam",
    Kind.TIME: "jam",
    Kind.NUMBER: "angka",
    Kind.STEP: "nomor langkah SOP",
    Kind.NIP: "18 angka, sebagai teks",
    Kind.EMAIL: "satu alamat surel",
}


ABOUT_PEOPLE = (
    "Satu orang boleh mempunyai beberapa baris (naik jabatan, Plt., Plh.): `Mulai` dan `Sampai` ialah hari pertama dan",
    "hari terakhir ia bertugas menurut SK di `Dasar`; kosong berarti tanpa batas. Wewenangnya dinilai, dan jabatannya",
    "dicetak, menurut hari tindakannya. `Nama Lain` memuat ejaan lama namanya, dipisahkan dengan titik koma.",
)


def _columns() -> str:
    sop = load_sop()
    lines = [
        MADE, "", "# Kolom buku kerja", "",
        "Kolom baku setiap sheet seperti dibuat `sopkit init`. Buku kerja kantor dengan judul lain dipetakan oleh",
        "`sopkit adopt`. Kolom pantauan berisi rumus: diisi buku kerja itu sendiri, bukan pegawai.",
    ]  # fmt: skip
    for plan in SHEETS:
        lines += ["", f"## {plan.name}", ""]
        rows = [(c.header, "ya" if c.required else "", _kind(c.kind, c.choices), c.meaning) for c in plan.columns]
        lines += _table(("Kolom", "Wajib", "Isi", "Arti"), *rows)
        shown = [(live.header, live.meaning) for live in live_columns(plan, sop) if live.width]
        lines += ["", *_table(("Kolom pantauan", "Arti"), *shown)] if shown else []
        hidden = [(live.header, live.meaning) for live in live_columns(plan, sop) if not live.width]
        lines += ["", *_table(("Kolom bantu (tersembunyi)", "Arti"), *hidden)] if hidden else []
        lines += ["", *ABOUT_PEOPLE] if plan is PEOPLE else []
    keys = [(s.key, s.default and f"`{s.default}`", s.meaning) for s in SETTINGS]
    lines += ["", "## Kunci sheet Kantor", "", *_table(("Kunci", "Bawaan", "Arti"), *keys)]
    lists = [(name, "; ".join(values), "boleh" if name in EXTENDABLE else "") for name, values in CHOICES.items()]
    return _page([*lines, "", "## Daftar pilihan", "", *_table(("Daftar", "Isi bawaan", "Ditambah"), *lists)])


def _kind(kind: Kind, choices: str) -> str:
    return f"{KINDS_OF_VALUES[kind]} dari daftar {choices}" if choices else KINDS_OF_VALUES[kind]


COMMON: Path | None = None
"""The folder in which the processes of a run keep what was found in the fixtures."""
PAGES: Mapping[Path, Callable[[], str]] = {
    ROOT / "templates" / "ISIAN.md": _fields,
    ROOT / "registers" / "KOLOM.md": _columns,
    PACKAGE / "checks" / "ATURAN.md": _rules,
    PACKAGE / "PERINTAH.md": _commands,
    PACKAGE / "MAP.md": _map,
}
"""Every page and what makes it; the map last, since it tells of the others."""
