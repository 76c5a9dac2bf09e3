"""Names that mean harm or are slips: of workbooks, sheets, folders, cases, documents and people.

Each goes through the real commands. Nothing is written outside the office's folder, nothing of anybody is
overwritten, and every name that sopkit makes is one that Windows takes.
"""

from __future__ import annotations

import json
import os
import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from xml.sax.saxutils import quoteattr

import pytest
from hostile_books import BOOK, book_xml, changed
from workbooks import KANTOR, PEGAWAI, few_rows, office_workbook

from sopkit.cli.main import main
from sopkit.documents.content import DocumentContent
from sopkit.documents.decide import paths_of
from sopkit.documents.kinds import Wanted
from sopkit.folders import own_folders

RESERVED = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"} | {
    f"{d}{n}" for d in ("COM", "LPT") for n in "123456789¹²³"
}
EVIL = [
    "CON", "nul", "COM1", "LPT³", "AUX.daftar", "CONIN$", "Nul .x", "titik...", "akhir ", " awal", "..", ".", "...",
    "../../luar/korban", "..\\..\\luar\\korban", "/etc/cron.d/korban", "C:\\Windows\\korban",
    "\\\\server\\bagi\\korban",
    "nama:aliran", "nama.docx:Zone.Identifier", "a<b>c", 'a"b', "a|b", "a?b", "a*b", "%TEMP%", "%2e%2e%2fluar",
    "$(touch korban)", "`touch korban`", "a;touch korban", "!important", "^caret", "'kutip'", "-rf", "--output=luar",
    "=1+1", "@SUM(1)", "+1", "~$kunci", "a\u202excod.exe", "a\u200bb", "\ufeffa", "cafe\u0301", "café", "🙂" * 60,
    "漢" * 200,
    "x" * 300, "a\tb", "{{ nomor }}", "&amp;", "baris\nbaru", ".tersembunyi", "desktop.ini", "arsip.sqlite3",
    "temuan.json",
]  # fmt: skip
CASES = """
No. Catatan | Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Ditemukan Oleh | No. PTPP | Tanggal PTPP | Kepada | Penanggung Jawab | Target Selesai | Status
{catatan} | 2026-11-16 08:00 | Legalisasi Surat | Stempel pada salinan tidak terbaca oleh pemohon | Ratna Anggraini | {ptpp} | 2026-11-16 | Joko Santosa | {who} | 2026-11-27 | Proses
"""  # noqa: E501
EVENTS = """
No. Catatan | Langkah | Pelaksana | Mulai | Selesai
{catatan} | 1 | Ratna Anggraini | 2026-11-16 08:00 | 2026-11-16 08:10
{catatan} | 2 | Joko Santosa | 2026-11-16 08:15 | 2026-11-16 09:00
"""
PLAIN = {"catatan": "001/CLTS/XI/2026", "ptpp": "001/PTPP/XI/2026", "who": "Joko Santosa"}


def usable_on_windows(name: str) -> bool:
    """By what Microsoft says of names of files, and the 255 bytes of a Linux disk."""
    stem = name.split(".")[0].rstrip().upper()
    wrong = re.search(r'[<>:"/\\|?*]', name) or any(unicodedata.category(c)[0] == "C" for c in name)
    return not (wrong or name.endswith((".", " ")) or stem in RESERVED or not name or len(name.encode()) > 255)


class Office:
    """An office's folder inside another one, whose other files must stay as they are."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.folder = folder / "kantor"
        (self.folder / "registers").mkdir(parents=True)
        (folder / "luar").mkdir()
        for place in (folder / "luar" / "korban", folder / "korban.docx", self.folder / "milik.txt"):
            place.write_bytes(b"bukan milik sopkit")
        self.before = self._all()

    def _all(self) -> dict[str, bytes]:
        return {os.fsdecode(p.relative_to(self.root)): p.read_bytes() for p in self.root.rglob("*") if p.is_file()}

    def book(
        self,
        name: str = "register.xlsx",
        people: str = PEGAWAI,
        kantor: Mapping[str, str] = MappingProxyType({}),
        **words: str,
    ) -> Path:
        path = self.folder / "registers" / name
        texts = {**PLAIN, **words}
        made = self.root / "baru.xlsx"
        office_workbook(
            made, CASES.format(**texts), EVENTS.format(**texts), pegawai=people, kantor={**KANTOR, **kantor}
        )
        made.rename(path)
        self.before = self._all()
        return path

    def run(self, *words: str | Path) -> tuple[int, str]:
        """Exit code, and all that was said. Whatever came of it, what was there is there."""
        code, said = command(*words)
        now = self._all()
        assert "tidak terduga" not in said and "Traceback" not in said, said
        for name, data in self.before.items():
            assert now.get(name) == data, name
        for name in now.keys() - self.before.keys():
            assert name.startswith("kantor/") or name.startswith("hasil"), name
        self.new = sorted(now.keys() - self.before.keys())
        return code, said

    def made(self) -> Iterator[str]:
        """The names of files and folders in keluaran/."""
        yield from (path.name for path in (self.folder / "keluaran").rglob("*"))


def command(*words: str | Path) -> tuple[int, str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["sopkit", *map(str, words)])
        said: list[str] = []
        for name in ("stdout", "stderr"):
            patch.setattr(sys, name, _Heard(said))
        with pytest.raises(SystemExit) as left:
            main()
    return int(left.value.code or 0), "".join(said)


class _Heard:
    """A screen that keeps what it shows."""

    encoding, errors = "utf-8", "strict"

    def __init__(self, said: list[str]) -> None:
        self.said, self.buffer = said, self

    def write(self, text: str | bytes) -> int:
        self.said.append(text if isinstance(text, str) else bytes(text).decode())
        return len(text)

    def flush(self) -> None: ...

    def isatty(self) -> bool:
        return False


@pytest.fixture
def kantor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    office = Office(tmp_path)
    few_rows(monkeypatch)  # what `init` makes
    monkeypatch.chdir(office.folder)
    return office


def _as_file(name: str) -> bool:
    return "/" not in name and "\0" not in name and len(name.encode()) <= 240 and name not in (".", "..")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@pytest.mark.parametrize("name", [name for name in EVIL if _as_file(name)])
def test_a_workbook_of_any_name_is_run_and_what_comes_of_it_has_names_for_windows(kantor: Office, name: str) -> None:
    book = kantor.book(f"{name}.xlsx")
    code, said = kantor.run("run", "--", book)
    if name.startswith("~$"):
        assert code == 3 and "berkas kunci" in said
        return
    assert code == 0, said
    names = list(kantor.made())
    assert len([one for one in names if one.endswith("-diperiksa.xlsx")]) == 1
    assert all(map(usable_on_windows, names)), [one for one in names if not usable_on_windows(one)]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are always text")
@pytest.mark.parametrize("command", ["validate", "run", "number", "recap", "adopt", "export", "init"])
@pytest.mark.parametrize("name", [b"r\xe9gister.xlsx", b"\xff\xfe.xlsx", b"\xed\xa0\x80.xlsx"])
def test_a_name_that_is_no_text_is_one_sentence(kantor: Office, command: str, name: bytes) -> None:
    book = kantor.book()
    odd = book.with_name(os.fsdecode(name))
    book.rename(odd)
    kantor.before = kantor._all()
    words = ["init", "--renew", odd] if command == "init" else [command, odd]
    code, said = kantor.run(*words)
    assert code == 3 and "bukan UTF-8" in said and len(said.strip().splitlines()) == 1


@pytest.mark.parametrize("name", [name for name in EVIL if "\0" not in name])
def test_a_sheet_of_any_name_is_read_and_said(kantor: Office, name: str) -> None:
    """As a sheet beside the register, and as the register by its layout."""
    title = quoteattr(name).strip("\"'")
    path = kantor.folder / "registers" / "buku.xlsx"
    path.write_bytes(changed({BOOK: book_xml((title.replace('"', "&quot;"), 'r:id="rId1"'))}))
    path.with_name("buku.sopkit.toml").write_text(f"[sheets]\nRegister = {json.dumps(name.strip())}\n", "utf-8")
    kantor.before = kantor._all()
    for words in (["validate", path], ["adopt", path, "-o", "usulan.toml"]):
        code, said = kantor.run(*words)
        assert code in (0, 1, 2, 3) and said.strip()


@pytest.mark.parametrize("name", [*(name for name in EVIL if not name.startswith("-")), "\udcff", "x/" * 3000])
def test_an_output_of_any_name_is_inside_or_refused(kantor: Office, name: str) -> None:
    if name.startswith(("/", "..")):
        name = f"keluar/{name.lstrip('/')}".replace("..", "naik")
    book = kantor.book()
    code, said = kantor.run("validate", book, "--format", "csv", "--output", name)
    assert code in (0, 2, 3), said
    assert len(said.strip().splitlines()) == (2 if "\n" in name else 1) and bool(kantor.new) == (code == 0)


@pytest.mark.parametrize(
    "name", ["NUL", "漢" * 200, "x/" * 3000, "a\u202eb", "%TEMP%", " x ", "\udcff", "register.xlsx/x"]
)
def test_a_folder_of_any_name_is_inside_or_refused(kantor: Office, name: str) -> None:
    book = kantor.book("a.xlsx")
    name = name.replace("a.xlsx", "registers/a.xlsx")
    for words in (["run", book, "--output", name], ["verify", name], ["repair", name], ["mail", "status", name],
                  ["run", book, "--templates", name], ["validate", book, "--sop", name], ["init", name],
                  ["template", "check", name], ["sop", "check", name]):  # fmt: skip
        code, said = kantor.run(*words)
        assert code in (0, 1, 2, 3, 4), (words, said)
        kantor.before = kantor._all()


@pytest.mark.parametrize("name", [".", "/", "..", "", "registers", "x/" * 3000, "/dev/null", "tidak-ada.xlsx", "~"])
def test_what_is_no_workbook_is_said_by_every_command(kantor: Office, name: str) -> None:
    kantor.book()
    for words in (["validate"], ["run"], ["number"], ["adopt"], ["export"], ["recap"], ["init", "--renew"],
                  ["generate"], ["mail", "draft"]):  # fmt: skip
        code, said = kantor.run(*words, name)
        if name in (".", "", "registers"):  # a folder of workbooks means those in it
            assert code in (0, 1, 2, 3), (words, said)
            kantor.before = {at: data for at, data in kantor._all().items() if "keluaran/" not in at}
            continue
        assert code in (2, 3) and len(said.strip().splitlines()) == 1, (words, said)
    for words in (["export"], ["recap"], ["validate", "--format", "html"]):
        code, said = kantor.run(*words, kantor.folder / "registers" / "register.xlsx", "--output", name or ".")
        assert code in (0, 1, 2, 3) and len(said.strip().splitlines()) <= 2, (words, said)
        (kantor.folder / name).unlink() if kantor.new and code == 0 else None


def _numbered(evil: str) -> str | None:
    """A number pattern with such a name in it; None where a cell or a pattern cannot hold it."""
    text = evil.replace("{", "").replace("}", "").strip()
    return f"{text}{{urut:03d}}" if text and "\n" not in text and "\t" not in text and "|" not in text else None


@pytest.mark.parametrize("name", [name for name in EVIL if _numbered(name)])
def test_a_case_of_any_number_has_its_documents_inside_the_folder(kantor: Office, name: str) -> None:
    pattern = _numbered(name) or ""
    number = pattern.replace("{urut:03d}", "001")
    book = kantor.book(
        kantor={"Pola No. Catatan": f"'{pattern}", "Pola No. PTPP": f"'{pattern}"},
        catatan=f"'{number}",
        ptpp=f"'{number}",
    )
    code, said = kantor.run("run", book)
    assert code == 0, said
    names = list(kantor.made())
    assert all(map(usable_on_windows, names)), [one for one in names if not usable_on_windows(one)]
    if name[0] in "=@+":
        code, said = kantor.run("export", book)
        cells = [cell.strip('"') for line in said.splitlines() for cell in line.split(";")]
        assert not [cell for cell in cells if cell.startswith(("=", "@", "+"))]


def _unfilled() -> DocumentContent:
    raise AssertionError("not filled here")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("001/PTPP-X", "001-PTPP/X"), ("001/ptpp/x", "001/PTPP/X"), ("001/caf\u00e9", "001/cafe\u0301"),
        ("001:A", "001*A"), ("001 A", "001  A"), ("001.", "001"), ("1/" + "x" * 200 + "a", "1/" + "x" * 200 + "b"),
    ],
)  # fmt: skip
def test_two_numbers_of_one_file_name_are_two_files(kantor: Office, one: str, other: str) -> None:
    wanted = [Wanted("ptpp", number, (number,), _unfilled) for number in (one, other)]
    paths = list(paths_of(wanted, {}, set()).values())
    assert len({unicodedata.normalize("NFC", path).casefold() for path in paths}) == 2
    again = list(paths_of(wanted[1:], {}, {paths[0]}).values())
    assert again[0].casefold() != paths[0].casefold()


@pytest.mark.parametrize(
    "pair", [("a:b", "a-b"), ("Buku", "buku"), ("café", "cafe\u0301"), ("a ", "a"), ("x" * 120, "x" * 130)]
)
def test_two_workbooks_never_share_a_folder(pair: tuple[str, str]) -> None:
    names = own_folders([Path(f"/k/registers/{one}.xlsx") for one in pair])
    assert len({unicodedata.normalize("NFC", name).casefold() for name in names}) == 2
    assert all(map(usable_on_windows, names))


def test_people_of_any_name_get_their_mails_inside_the_folder(kantor: Office) -> None:
    """Each a person in charge of a case, whose name becomes that of a draft."""
    names = [name for name in EVIL if "|" not in name and "\n" not in name and "\t" not in name and name.strip()]
    people, cases, events = PEGAWAI.rstrip(), CASES.strip().splitlines()[0], EVENTS.strip().splitlines()[0]
    for at, name in enumerate(names, start=1):
        words = {"catatan": f"{at:03d}/CLTS/XI/2026", "ptpp": f"{at:03d}/PTPP/XI/2026", "who": f"'{name}"}
        people += f"\n'{name} | '19850312201012{at:04d} | Penata | Staf | Staf | orang{at}@contoh.go.id | Ya"
        cases += "\n" + CASES.format(**words).strip().splitlines()[1]
        events += "\n" + "\n".join(EVENTS.format(**words).strip().splitlines()[1:])
    book = kantor.folder / "registers" / "register.xlsx"
    office_workbook(book, cases, events, pegawai=people)
    kantor.before = kantor._all()
    code, said = kantor.run("run", book)
    assert code in (0, 4), said
    made = list(kantor.made())
    assert all(map(usable_on_windows, made)), [one for one in made if not usable_on_windows(one)]
    drafts = list((kantor.folder / "keluaran" / "surel").glob("*.eml"))
    assert len(drafts) > len(names)
    for draft in drafts:
        head = draft.read_bytes().partition(b"\r\n\r\n")[0].decode("ascii")
        known = (
            "X-Sopkit",
            "X-Unsent",
            "To",
            "Cc",
            "Subject",
            "Message-ID",
            "MIME-Version",
            "Content-",
            "In-Reply-To",
            "References",
        )
        assert all(line.startswith((*known, " ", "\t")) for line in head.split("\r\n")), head
