"""What `tests/hostile.py` tries: for each kind how its cases are made, and what is done with one."""

# ruff: noqa: E501

from __future__ import annotations

import contextlib
import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from email.parser import BytesParser
from email.policy import SMTP
from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

AS_OF = dt.datetime(2026, 11, 20, 10)
NASTY = [
    "", " ", "=1+1", "@x", "-", "9" * 400, "9" * 5000, "1e999", "nan", "²", "٣", "0", "-0", "00:00", "24:00", "31/02/2026",
    "03/04/2026 10.00", "2026-13-45", "0001-01-01", "9999-12-31", "99999-01-01", "#N/A", "#BUSY!", "TRUE", "Ya", "tidak",
    "001/CLTS/III/2026", "1/CLTS/III/2026", "001/PTPP/III/2026", "001/BA/III/2026", "x" * 32_000, "\u202e", "\ufeff", "\0",
    "\x1b[31m", "<script>", "{{ 7*7 }}", "{% raw %}", "../../x", "a\nb", "a\r\nBcc: x@y.z", "😀", "e\u0301", "_x0041_", "&#0;",
    "ratna@contoh.go.id", "a@b@c", "a@[127.0.0.1]", '"a b"@c.id', "a@" + "b" * 300 + ".id", "Ratna Anggraini", "Kasi", "Selesai",
    "2 hari", "1e9 jam", "senin", "Senin-Kamis", "1 s.d. 9", "01:00-02:00", "12.30", "Penggantian", "{urut}", "{urut:03d}/x",
]  # fmt: skip
TEXTS = st.sampled_from(NASTY) | st.text(max_size=30)
ODD_NUMBERS = st.sampled_from(
    [0, -1, 1, 9, 10, 11, 1e9, 1e15, 1e300, 2**53, -1e-9, 0.5, 46000, 46000.123, 2958465.9, -400]
)
MOMENTS = st.datetimes(dt.datetime(1900, 3, 1), dt.datetime(9999, 12, 31), timezones=st.none())
VALUES = TEXTS | ODD_NUMBERS | st.floats(allow_nan=False, allow_infinity=False) | MOMENTS | st.booleans() | st.none()
SHEET_NAMES = ("Register", "Langkah", "Pemusnahan", "Pegawai", "Kantor", "Kalender", "Jam Kerja", "Surel")
CELLS = st.lists(
    st.tuples(st.sampled_from(SHEET_NAMES), st.integers(0, 7), st.integers(0, 30), VALUES), min_size=1, max_size=8
)
Use = Callable[[Any], object]


def _cells(folder: Path) -> Use:
    """Cells of the little office laid over with others, through reading, rules, reports, documents and mails."""
    import openpyxl
    from rich.console import Console
    from test_cli import CASES as ROWS
    from test_cli import EVENTS
    from workbooks import office_workbook

    from sopkit.checks.inspection import inspect_register
    from sopkit.pipeline import RunOptions, render_findings, run_books
    from sopkit.register.read import read_register
    from sopkit.sop.model import load_sop

    sop, turn = load_sop(None), count(1)
    plain = office_workbook(folder / "biasa.xlsx", ROWS, EVENTS)
    book, silent = folder / "registers" / "buku.xlsx", Console(file=(folder / "layar.txt").open("w", encoding="utf-8"))
    book.parent.mkdir()

    def use(changes: list[tuple[str, int, int, object]]) -> None:
        opened = openpyxl.load_workbook(plain)
        for sheet, row, column, value in changes:
            with contextlib.suppress(openpyxl.utils.exceptions.IllegalCharacterError, ValueError):
                opened[sheet].cell(row + 1, column + 1).value = value  # type: ignore[assignment]
        opened.save(book)
        if next(turn) % 8 == 0:
            outcome = run_books([book], AS_OF, None, silent, RunOptions(output=folder / "keluaran"))
            for _, error in outcome.unfinished:
                raise error
            return
        inspected = inspect_register(read_register(book), sop, AS_OF)
        for form in ("json", "csv", "html", "table"):
            render_findings([inspected], form)

    return use


WHERE = st.floats(0, 1, exclude_max=True)
PIECES = st.sampled_from([
    b"", b"<", b">", b"/>", b"</a>", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"&#0;", b"&x;", b'"', b"'", b"\0", b"\xff", b"\xef\xbb\xbf",
    b"<!DOCTYPE a>", b'<?xml version="1.0" encoding="utf-16"?>', b"<sheetData/>", b'<c r="XFD1048576"><v>1</v></c>', b' r="A0"',
    b' t="s"', b' t="e"', b"<v>99999999999</v>", b"<mergeCell ref=\"A1:XFD1048576\"/>", b"<f>1</f>", b"..", b"\\", b"/", b"9" * 50,
    b' xmlns:x="x"', b"x:", b"<sheets/>", b"<si/>", b'<row r="-1"/>', b'Target="../../../x"', b'TargetMode="External"',
])  # fmt: skip
SPLICE = st.tuples(st.integers(0, 9), WHERE, st.integers(0, 40), PIECES | st.binary(max_size=6))
RENAME = st.tuples(
    st.integers(0, 9), st.sampled_from(["XL/", "xl\\", "/xl/", "../xl/", "xl//", "isi/", "", "\0", "é/", "[x]/"])
)
STRUCTURE = st.tuples(
    st.lists(SPLICE, max_size=4),
    st.lists(RENAME, max_size=2),
    st.lists(st.tuples(WHERE, st.binary(max_size=3)), max_size=2),
)


def _structure(folder: Path) -> Use:
    """Parts of a package spliced, renamed and spoiled; read, annotated, and a cell written where it is read."""
    from hostile_books import plain_parts, zipped

    from sopkit.checks.inspection import inspect_register
    from sopkit.register.read import read_register
    from sopkit.register.write_cells import CellEdit, spliced_workbook
    from sopkit.reports.annotated import annotate
    from sopkit.sop.model import load_sop

    sop = load_sop(None)
    types = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="a"/></Types>'

    def use(value: tuple[list[Any], list[Any], list[Any]]) -> None:
        splices, renames, spoils = value
        parts = {**plain_parts(), "[Content_Types].xml": types}
        names = list(parts)
        for at, place, length, piece in splices:
            xml = parts[names[at % len(names)]]
            start = int(place * len(xml))
            parts[names[at % len(names)]] = xml[:start] + piece + xml[start + length :]
        for at, prefix in renames:
            name = names[at % len(names)]
            parts = {(prefix + n.removeprefix("xl/") if n == name else n): xml for n, xml in parts.items()}
        data = bytearray(zipped(parts))
        for place, piece in spoils:
            start = int(place * len(data))
            data[start : start + len(piece)] = piece
        book = folder / "buku.xlsx"
        book.write_bytes(data)
        register = read_register(book)
        annotate(inspect_register(register, sop, AS_OF))
        if register.cases.present:
            spliced_workbook(bytes(data), [CellEdit(register.cases.sheet, "H9", "x")])

    return use


NAME = st.text(max_size=120) | st.lists(
    st.sampled_from(["CON", "nul", ".", "..", "/", "\\", ":", " ", "COM1", "\u202e", "é", "e\u0301", "😀" * 30, "a", "A", "\n", "x" * 90, "~$", "%"]),
    max_size=6,
).map("".join)  # fmt: skip


def _names(folder: Path) -> Use:
    from test_hostile_names import usable_on_windows

    from sopkit.documents.decide import paths_of
    from sopkit.documents.kinds import KINDS, Wanted
    from sopkit.files import kept_name, safe_name, write_atomic
    from sopkit.folders import find_books, own_folders, workplace
    from sopkit.register.read import read_bytes

    def unfilled() -> Any:
        raise AssertionError

    def use(names: list[str]) -> None:
        for name in names:
            assert usable_on_windows(safe_name(name))
            assert usable_on_windows(f"{kept_name(name)}-diperiksa.xlsx") or len(name.encode("utf-8", "replace")) > 230
        whole = [name for name in names if name.strip() and "\0" not in name]
        wanted = [Wanted(kind, name, (name,), unfilled) for kind in list(KINDS)[:1] for name in dict.fromkeys(whole)]
        paths = list(paths_of(wanted, {}, set()).values())
        assert len({unicodedata.normalize("NFC", path).casefold() for path in paths}) == len(paths)
        for path in paths:
            write_atomic(folder / "keluaran" / path, b"x")
            assert (folder / "keluaran" / path).read_bytes() == b"x"
        books = [folder / "registers" / f"{name.replace('/', '-')}.xlsx" for name in whole]
        folders = own_folders(find_books(books)) if books else []
        assert len({one.casefold() for one in folders}) == len(folders) and all(map(usable_on_windows, folders))
        for book, own in zip(find_books(books) if books else [], folders, strict=True):
            assert (workplace(book, folder / "keluaran").output / own).parent == folder / "keluaran"
        if books:
            read_bytes(books[0])

    return use


SCALARS = st.sampled_from([
    '""', '"x"', "1", "-1", "0", "999", "1e999", "nan", "true", "[]", "[1]", '["a", "a"]', "{}", "{a=1}", "2026-01-01", "07:30:00",
    '"1 jam"', '"-1 jam"', '"²"', '"a\\u0000b"', '"../../x"', '"' + "y" * 3000 + '"', "9" * 5000, '"{urut:99999999d}"', "'''\n'''",
    "[[[[[[[1]]]]]]]", '"hours:8"', '"working"', '"source"', '["Staf"]', '["Staf", "Camat"]', '"Register"', '"wide"', '"long"',
])  # fmt: skip
SOP_KEYS = st.sampled_from([
    "id", "title", "day", "effective", "number", "activity", "roles", "roles_basis", "standard", "duty", "requires", "outputs",
    "one_of", "optional", "any_order", "periodic", "on_rejection", "may_come_early", "records", "government", "name", "warnings",
    "steps", "office", "signers", "x",
])  # fmt: skip
LAYOUT_KEYS = st.sampled_from([
    "layout", "office", "sop", "sheets", "headers", "header_rows", "steps", "patterns", "history", "Register", "Langkah", "until",
    "\"No. PTPP\"", "\"No. Catatan\"", "1", "\"²\"", "start", "end", "Status", "x",
])  # fmt: skip
TABLES = [
    "",
    "[[steps]]",
    "[steps]",
    "[office]",
    "[sheets]",
    "[headers.Register]",
    "[patterns]",
    "[history]",
    "[header_rows]",
    "[x.y]",
    "[[x]]",
]


def _toml(keys: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    line = st.tuples(keys, SCALARS).map(" = ".join) | st.sampled_from(TABLES) | st.text(max_size=12)
    return st.lists(line, max_size=12).map("\n".join)


def _sop(folder: Path) -> Use:
    from sopkit.sop.model import administrative_remarks, load_sop

    path, bundled = folder / "sop.toml", (Path(__file__).parent / "sop.toml").read_text("utf-8")

    def use(value: tuple[str, float, bool]) -> None:
        text, place, within = value
        lines = bundled.splitlines()
        at = int(place * len(lines))
        whole = "\n".join([*lines[:at], text, *lines[at + 1 :]]) if within else text
        path.write_text(whole, "utf-8", errors="replace")
        loaded = load_sop(path)
        list(administrative_remarks(loaded, AS_OF.date()))

    return use


def _layout(folder: Path) -> Use:
    from hostile_books import plain_parts, zipped

    from sopkit.checks.inspection import inspect_register
    from sopkit.register.read import read_register
    from sopkit.sop.model import load_sop

    sop, book, turn = load_sop(None), folder / "buku.xlsx", count()
    book.write_bytes(zipped(plain_parts()))

    def use(text: str) -> None:
        (folder / "buku.sopkit.toml").write_text(text, "utf-8", errors="replace")
        register = read_register(book)
        if next(turn) % 4 == 0:
            inspect_register(register, sop, AS_OF)

    return use


PATTERN = st.lists(
    st.sampled_from([
        "{urut}", "{urut:03d}", "{tahun}", "{bulan_romawi}", "{bulan}", "{urut:99999999d}", "{", "}", "{{", "}}", "/", "-", "CLTS", " ", "²",
        "(a+)+$", ".*", "\\", "{urut.__class__}", "{urut[0]}", "{x}", "{urut!r}", "{:>9}", "x" * 200, "\n", "%s", "{tahun:2d}", "[", "^",
    ]) | st.text(max_size=4),
    max_size=8,
).map("".join)  # fmt: skip
NUMBER = st.text(max_size=20) | st.sampled_from(NASTY) | st.integers(0, 10**12).map(lambda n: f"{n}/CLTS/XI/2026")


def _patterns(folder: Path) -> Use:
    from sopkit.register.numbering import Patterns, format_number, parse_number, pattern_problem, tidy

    day = dt.date(2026, 11, 20)

    def use(value: tuple[str, list[str]]) -> None:
        pattern, numbers = value
        if pattern_problem(pattern):
            return
        made = format_number(pattern, 7, day)
        read = parse_number(pattern, made)
        assert read and read.sequence == 7, (made, read)
        patterns = Patterns(((dt.date.min, pattern),))
        for number in numbers:
            tidy(number)
            for ask in (patterns.read, patterns.followed, patterns.as_meant):
                ask(number)
            parse_number(pattern, number)
        assert patterns.next(numbers, day)

    return use


TAG = st.lists(
    st.sampled_from([
        "{{", "}}", "{%", "%}", "{#", "#}", "{{ nomor }}", "{% for b in butir %}", "{% endfor %}", "{% if nomor %}", "{% endif %}", "{{ b.nama }}",
        "{{ nomor.__class__ }}", "{{ self }}", "{{ range(10**9) }}", "{{ 'x' * 10**9 }}", "{{ 9**9**9 }}", "{{ cycler.__init__ }}",
        "{% set x = 1 %}", "{% include 'x' %}", "{{ tanggal }}", "{{ nomor|upper }}", "{{ nomor|attr('x') }}", "{{r nomor }}", "{%p if x %}",
        "{%tr for b in butir %}", "{%tr endfor %}", "{{ loop.index }}", "{% macro m() %}", "{% endmacro %}", "{{ m() }}", "{% raw %}", "|", "'", "(",
        "{{ butir|map('x')|list }}", "{{ butir|join(nomor) }}", "{% call m() %}", "\x0b", "{{ nomor.format(1) }}", "{{ '%999999d' % 1 }}",
    ]) | st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=6),
    max_size=7,
).map("".join)  # fmt: skip


def _templates(folder: Path) -> Use:
    from xml.sax.saxutils import escape

    from wordfiles import members, word_file

    from sopkit.documents.lint import check_template
    from sopkit.documents.template import WordTemplate
    from sopkit.ooxml.container import write_package

    whole = members(word_file(folder / "asal.docx", "MARK", header="MARK2"))
    path = folder / "templat.docx"
    context = {"nomor": "001", "butir": [{"nama": "satu"}], "tanggal": dt.date(2026, 11, 20)}

    def use(value: tuple[str, str]) -> None:
        texts = [escape("".join(c for c in text if c.isprintable())) for text in value]
        parts = {
            name: part.replace(b"MARK2", texts[1].encode()).replace(b"MARK", texts[0].encode())
            for name, part in whole.items()
        }
        path.write_bytes(write_package(parts))
        for problem in check_template(path, ["nomor", "butir.nama", "tanggal"]):
            assert problem.message and problem.code.startswith("T")
        WordTemplate(path).render(context)

    return use


LETTER = st.tuples(
    st.lists(TAG | TEXTS, max_size=5).map("\n".join), st.booleans(),
    st.lists(st.tuples(TEXTS, TEXTS | st.emails()), min_size=1, max_size=4), TEXTS,
)  # fmt: skip
HEADERS = ("X-Unsent", "Message-ID", "To", "MIME-Version", "Subject", "Content-")


def _letters(folder: Path) -> Use:
    """A text with its addressees as typed; what comes out has no header but ours, and is found again when it lies there."""
    from sopkit.mail.compose import Attachment, check_letter, compose, load_letter
    from sopkit.mail.lying import lying_in
    from sopkit.mail.recipients import Recipient, display_name, one_address

    (folder / "surel").mkdir()
    fields = {"nomor": "001", "butir": [], "tanggal": "20 November 2026"}

    def use(value: tuple[str, bool, list[tuple[str, str]], str]) -> None:
        text, headed, people, subject = value
        path = folder / "aneh.txt"
        path.write_text(f"Subjek: {subject}\n\n{text}" if headed else text, "utf-8", errors="replace")
        check_letter(path)
        found = [(display_name(name), one_address(address)) for name, address in people]
        to = [Recipient(name, "Staf", address) for name, address in found if address]
        if not to:
            return
        letter = load_letter(folder, "aneh.txt").render(fields, fields)
        data = compose(letter, to, (), [Attachment("001.docx", b"isi")], f"<{'a' * 40}@contoh.go.id>")
        head = data.partition(b"\r\n\r\n")[0].decode("ascii")
        assert all(line.startswith((*HEADERS, " ", "\t")) for line in head.split("\r\n")), head
        read = BytesParser(policy=SMTP).parsebytes(data)
        assert sorted(one.addr_spec for one in read["To"].addresses) == sorted(one.address for one in to)
        assert not re.search(r"[\r\n]", str(read["Subject"]))
        (folder / "surel" / "a.eml").write_bytes(data)
        assert [one.to for one in lying_in(folder)] == [tuple(one.address for one in to)]

    return use


REPLY = st.tuples(
    st.sampled_from(["220", "250", "354", "421", "450", "500", "550", "535", "235", "334", "221", "000", "999", "2²0", "", "25", "-1"]),
    st.sampled_from([" ", "-", "", "\t", "  "]),
    st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(["SIZE 5", "SIZE " + "9" * 4000, "AUTH PLAIN", "STARTTLS", "x" * 9000]),
    st.sampled_from(["\r\n", "\r\n", "\r\n", "\n", "\r", ""]),
).map("".join)  # fmt: skip
TALK = st.tuples(
    st.sampled_from(["banner", "EHLO", "MAIL", "RCPT", "DATA", "isi", "NOOP"]),
    st.lists(REPLY.map(lambda text: text.encode("utf-8", "replace")) | st.binary(max_size=20), max_size=3), st.booleans(),
)  # fmt: skip


def _smtp(folder: Path) -> Use:
    import test_mail_hostile as servers
    from mail_servers import USER, fill

    from sopkit.mail import smtp
    from sopkit.mail.outbox import Outbox

    smtp.PARTING_SECONDS = 0.05
    turn = count(1)

    def use(value: tuple[str, list[bytes], bool]) -> None:
        stage, replies, hangs_up = value

        def habit(connection: Any, _: bytes) -> None:
            connection.sendall(b"".join(replies))
            if hangs_up:
                connection.shutdown(2)

        with Outbox(folder / f"k{next(turn)}" / "arsip.sqlite3") as outbox:
            fill(outbox, mails=2, to=(servers.A, servers.B))
            with servers._serving(servers._smtp(stage, habit)) as port:
                server = smtp.server_from(f"smtp://127.0.0.1:{port}?from={USER}")
                outcome = smtp.send(
                    outbox, server, dry_run=False, now=lambda: AS_OF, command_seconds=0.08, answer_seconds=0.08
                )
            states = {(one.mail.message_id, one.address): one.state for one in outbox.status()}
            told = {(one.mail.message_id, one.address): one.state for one in outcome.sent}
            assert "sending" not in states.values() and all(
                state == told.get(key, "draft") for key, state in states.items()
            )

    return use


IMAP_REPLY = st.sampled_from([
    b"* OK\r\n", b"* BYE\r\n", b"* CAPABILITY IMAP4rev1\r\n", b"+ \r\n", b"* LIST () NIL x\r\n", b'* LIST (\\Sent) "/" "a\\"b"\r\n',
    b"* LIST () NIL {3}\r\nabc\r\n", b"* LIST () NIL {99999999}\r\n", b"* SEARCH " + b"1 " * 500 + b"\r\n", b"* SEARCH x\r\n", b"* 9999 EXISTS\r\n",
    b"* SEARCH\r\n", b"\r\n", b"* \xff\xfe\r\n", b"* PREAUTH x\r\n", b"* NO x\r\n", b"A1 OK\r\n", b"* LIST (\\Sent) NIL &-\r\n",
]) | st.binary(max_size=12)  # fmt: skip
IMAP_TALK = st.tuples(
    st.sampled_from(["banner", "CAPABILITY", "LOGIN", "LIST", "EXAMINE", "SEARCH", "FETCH"]), st.lists(IMAP_REPLY, max_size=3),
    st.sampled_from([b"OK", b"NO", b"BAD", b"", b"ok x"]), st.booleans(),
)  # fmt: skip


def _imap(folder: Path) -> Use:
    import os

    import test_mail_hostile as servers
    from mail_servers import PASSWORD, USER, fill, make_authority

    from sopkit.mail.imap import Mailbox
    from sopkit.mail.mailbox import put
    from sopkit.mail.outbox import Outbox

    authority, turn = make_authority(folder), count(1)
    os.environ["SSL_CERT_FILE"] = str(authority.ca)

    def use(value: tuple[str, list[bytes], bytes, bool]) -> None:
        stage, replies, ending, hangs_up = value

        def habit(connection: Any, proper: bytes) -> None:
            tag = proper.rpartition(b" OK")[0].rpartition(b"\n")[2]
            connection.sendall(b"".join(replies) + (tag + b" " + ending + b"\r\n" if ending else b""))
            if hangs_up:
                connection.shutdown(2)

        with Outbox(folder / f"k{next(turn)}" / "arsip.sqlite3") as outbox:
            (mail,) = fill(outbox, to=(servers.A,))
            outbox.settle(mail.message_id, [servers.A], "uncertain", "", AS_OF)
            with servers._serving(servers._imap(stage, habit), authority.context()) as port:
                put(outbox, Mailbox("localhost", port, USER, PASSWORD), AS_OF, seconds=0.1)

    return use


CASES: dict[str, tuple[st.SearchStrategy[Any], Callable[[Path], Use]]] = {
    "cells": (CELLS, _cells),
    "structure": (STRUCTURE, _structure),
    "names": (st.lists(NAME, min_size=1, max_size=4), _names),
    "sop": (st.tuples(_toml(SOP_KEYS), WHERE, st.booleans()), _sop),
    "layout": (_toml(LAYOUT_KEYS), _layout),
    "patterns": (st.tuples(PATTERN, st.lists(NUMBER, max_size=4)), _patterns),
    "templates": (st.tuples(TAG, TAG), _templates),
    "letters": (LETTER, _letters),
    "smtp": (TALK, _smtp),
    "imap": (IMAP_TALK, _imap),
}
