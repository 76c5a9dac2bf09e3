"""The circle: register, PTPP, filled in by LibreOffice, mailed back, fetched from a real mailbox, written, settled."""

from __future__ import annotations

import contextlib
import imaplib
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from dovecot import Dovecot
from mail_servers import PASSWORD, Authority
from offices import LANGKAH, PEMUSNAHAN, REGISTER, TEMPLATES
from replies import mail
from test_mailbox import authority, needs_dovecot, running  # noqa: F401 - fixtures
from workbooks import office_workbook

from sopkit.cli.main import main
from sopkit.register.read import read_register

PTPP = "001-PTPP-III-2026.docx"
WHEN = ("--as-of", "2026-03-20T10:00")
NEXT_DAY = ("--as-of", "2026-03-21T10:00")
OPEN = {
    "| Surat ditarik dari pemohon | Petugas menyalin data dari berkas lama | Surat diterbitkan kembali dengan benar | "
    "Lembar periksa dipakai pada setiap surat |": "| Surat ditarik dari pemohon | | | |",
    "| Sesuai | Hartono Wibowo | 2026-03-06 |": "| | | |",
}
ANSWERS = {
    "(mengapa hal itu terjadi)": "Petugas menyalin data dari berkas lama\ntanpa mencocokkan KTP",
    "(apa yang dilakukan terhadap penyebabnya)": "Data selalu diambil dari KTP",
    "(agar tidak terjadi pada layanan lain)": "Lembar periksa dipakai pada setiap surat",
    "(……………………………)": "Hartono Wibowo",
    "Hasil verifikasi": "Sesuai",
    "Tanggal verifikasi": "6 Maret 2026",
}
"""What is filled in, by the placeholder of a control of text, or by the label of a control of another kind."""
MACRO = """
Sub Main
  Dim cara(0) As New com.sun.star.beans.PropertyValue
  cara(0).Name = "Hidden"
  cara(0).Value = True
  doc = StarDesktop.loadComponentFromURL("{source}", "_blank", 0, cara)
  en = doc.TextFields.createEnumeration
  Do While en.hasMoreElements
    f = en.nextElement
    If f.supportsService("com.sun.star.text.TextField.Input") Then
      If Jawab(f.Content) <> "" Then f.Content = Jawab(f.Content)
    End If
  Loop
  Jelajah doc.Text
  cara(0).Name = "FilterName"
  cara(0).Value = "MS Word 2007 XML"
  doc.storeToURL("{target}", cara)
  doc.close(True)
  StarDesktop.terminate
End Sub

Sub Jelajah(teks)
  en = teks.createEnumeration
  Do While en.hasMoreElements
    p = en.nextElement
    If p.supportsService("com.sun.star.text.TextTable") Then
      For Each nama In p.CellNames
        Jelajah p.getCellByName(nama)
      Next
    Else
      bagian = p.createEnumeration
      Do While bagian.hasMoreElements
        q = bagian.nextElement
        If q.TextPortionType = "ContentControl" Then
          jawaban = Jawab(Split(p.String, Chr(9))(0))
          If jawaban <> "" Then
            lama = q.ContentControl.createEnumeration.nextElement.String
            c = q.ContentControl.createTextCursor
            c.gotoStart(False)
            c.goRight(Len(lama), True)
            q.ContentControl.insertString(c, jawaban, True)
            q.ContentControl.ShowingPlaceHolder = False
          End If
        End If
      Loop
    End If
  Loop
End Sub

Function Jawab(lama As String) As String
  Select Case Replace(lama, Chr(9), "")
{cases}
  End Select
End Function
"""
MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">{}
</script:module>
"""


def fill_in_libreoffice(program: str, source: Path, target: Path, folder: Path) -> None:
    """Open the document, type into its controls, and save it, as a person at the screen does."""
    cases = [f'  Case "{old}"\n    Jawab = "{new}"' for old, new in ANSWERS.items()]
    texts = "\n".join(cases).replace("\ntanpa", '" & Chr(10) & "tanpa')
    code = MACRO.format(source=source.as_uri(), target=target.as_uri(), cases=texts)
    command = [program, f"-env:UserInstallation={(folder / 'profil').as_uri()}", "--headless", "--norestore"]
    call([*command, "--terminate_after_init"])  # makes the profile, in which the macro is laid
    (folder / "profil" / "user" / "basic" / "Standard" / "Module1.xba").write_text(MODULE.format(escape(code)), "utf-8")
    call([*command, "macro:///Standard.Module1.Main()"])


def call(command: list[str]) -> None:
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True) as process:
        try:
            process.wait(120)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def received_by_mail(port: int, trusted: Path, message: bytes) -> bytes:
    """What a mailbox gives of a mail that came to it."""
    context = ssl.create_default_context(cafile=str(trusted))
    with imaplib.IMAP4_SSL("localhost", port, ssl_context=context) as box:
        box.login("petugas", PASSWORD)
        assert box.append("INBOX", "", None, message)[0] == "OK"
        box.select("INBOX")
        _, (found,) = box.search(None, "SUBJECT", '"Balasan PTPP"')
        _, data = box.fetch(found.split()[-1].decode(), "(RFC822)")
        assert isinstance(data[0], tuple)
        return data[0][1]


@pytest.fixture
def sopkit(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Run the command line in this process."""

    def run(*words: str | Path) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["sopkit", *map(str, words)])
        with pytest.raises(SystemExit) as left:
            main()
        return int(left.value.code or 0), capfd.readouterr().out

    return run


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Path]:
    """A finished case whose PTPP nobody has answered yet; the working folder is the office's."""
    register = REGISTER
    for old, new in OPEN.items():
        assert old in register
        register = register.replace(old, new)
    (tmp_path / "registers").mkdir()
    office_workbook(tmp_path / "registers" / "register.xlsx", register, LANGKAH, PEMUSNAHAN)
    shutil.copytree(TEMPLATES, tmp_path / "templates")
    with contextlib.chdir(tmp_path):
        yield tmp_path


def found(validated: tuple[int, str]) -> set[tuple[str, str]]:
    """Code and cell of the findings about the first case."""
    told = json.loads(validated[1])
    return {(one["code"], one["cell"]) for one in told["findings"] if one["case"] == "001/CLTS/III/2026"}


@needs_dovecot
def test_what_an_official_fills_in_settles_the_findings(
    office: Path,
    sopkit: Callable[..., tuple[int, str]],
    libreoffice: str,
    running: Dovecot,  # noqa: F811
    authority: Authority,  # noqa: F811
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    book = office / "registers" / "register.xlsx"
    code, said = sopkit("run", *WHEN)
    assert code == 0, said
    before = found(sopkit("validate", *WHEN, "--format", "json"))
    asked = {("K06", "L2"), ("K06", "M2"), ("K06", "U2"), ("K54", "N2")}
    assert before >= asked

    answered = office / "balasan" / PTPP
    answered.parent.mkdir()
    sent = Path(shutil.copy(office / "keluaran" / "ptpp" / PTPP, office / "balasan" / "terkirim.docx"))
    fill_in_libreoffice(libreoffice, sent, answered, tmp_path_factory.mktemp("office"))
    message = mail((f"Balasan {PTPP}", answered.read_bytes())).as_bytes()
    (office / "balasan.eml").write_bytes(received_by_mail(running.port, authority.ca, message))

    code, said = sopkit("receive", "balasan.eml", *WHEN)
    assert code == 0 and "6 baru" in said and "Joko Santosa" in said
    code, said = sopkit("receive", "balasan.eml", "--write", *WHEN)
    assert code == 0 and "6 sel ditulis" in said
    row = read_register(book).cases.data.loc[2]
    assert row["cause"] == "Petugas menyalin data dari berkas lama\ntanpa mencocokkan KTP"
    assert (row["verification"], row["verified_by"]) == ("Sesuai", "Hartono Wibowo")
    assert f"{row['verified_on']:%Y-%m-%d}" == "2026-03-06"
    after = found(sopkit("validate", *WHEN, "--format", "json"))
    assert after == before - asked
    assert_history_tells_it(sopkit, book)


def assert_history_tells_it(sopkit: Callable[..., tuple[int, str]], book: Path) -> None:
    """What the reply brought is in the history of its case, with when it was seen, and nobody is accused of it."""
    told = json.loads(sopkit("validate", *NEXT_DAY, "--format", "json")[1])
    family = [(one["code"], one["message"]) for one in told["findings"] if one["code"].startswith("R")]
    assert family == [("R05", "Sejak pemeriksaan 20 Maret 2026 pukul 10.00: 6 isian dilengkapi.")]
    assert sopkit("run", *NEXT_DAY)[0] == 0

    code, said = sopkit("history", "--case", "1", "--format", "json")
    assert code == 0
    changes = {one["column"]: one for one in json.loads(said)}
    row = read_register(book).cases.data.loc[2]
    assert {column: one["after"] for column, one in changes.items()} == {
        "Analisis Penyebab": row["cause"],
        "Tindakan Perbaikan": row["corrective_action"],
        "Tindakan Pencegahan": row["preventive_action"],
        "Hasil Verifikasi": "Sesuai",
        "Diverifikasi Oleh": "Hartono Wibowo",
        "Tanggal Verifikasi": "6 Maret 2026",
    }
    for one in changes.values():
        assert (one["check"], one["moment"], one["file"]) == (2, "2026-03-21T10:00:00", "register.xlsx")
        assert (one["kind"], one["before"], one["sheet"]) == ("completed", "", "Register")
        assert one["number"] == "001/CLTS/III/2026"

    code, said = sopkit("history", "--case", "1")
    assert "Dilengkapi: kasus 001/CLTS/III/2026, Diverifikasi Oleh: (kosong) -> Hartono Wibowo" in said
    assert "Analisis Penyebab: (kosong) -> Petugas menyalin data dari berkas lama tanpa mencocokkan KTP\n" in said
    assert "Riwayat utuh: 2 pemeriksaan" in said
    assert "tidak ada perubahan" in sopkit("history", "--case", "2")[1].lower()
