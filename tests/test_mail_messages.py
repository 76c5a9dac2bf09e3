"""What the mail commands say."""

from __future__ import annotations

from pathlib import Path

import pytest
from mail_servers import NOON, USER, Script, fill, smtp_server
from test_mail_drafts import PEGAWAI, TEMPLATES, office, papers

from sopkit.errors import UsageProblem
from sopkit.mail.drafts import draft_mails, preview
from sopkit.mail.messages import (
    command,
    drafted_lines,
    needs_attention,
    noted_lines,
    sent_lines,
    status_lines,
    undelivered_lines,
    waiting_lines,
)
from sopkit.mail.outbox import Outbox
from sopkit.mail.smtp import send, server_from

HERE = Path("keluaran")


def test_a_preview_shows_who_gets_what(tmp_path: Path) -> None:
    inspected = office(pegawai=PEGAWAI.replace("endah@contoh.go.id", ""))
    shown = preview(inspected, papers(tmp_path), tmp_path / "k", TEMPLATES)
    size = round(shown.drafts[0].size / 1000)
    assert list(drafted_lines(shown, tmp_path / "k", preview=True)) == [
        "PTPP Nomor 001/PTPP/XI/2026",
        "   Kepada: Joko Santosa <joko@contoh.go.id>",
        "   Tembusan: Hartono Wibowo <hartono@contoh.go.id>",
        f"   Lampiran: 001-PTPP-XI-2026.docx ({size} KB)",
        "   Surel pertama",
        "1 draf akan dibuat.",
        "Belum dapat disiapkan:",
        "- PTPP 002/PTPP/XI/2026: Endah Purwanti belum memiliki alamat surel. Isi kolom Email di sheet Pegawai."
        " (sheet Pegawai, sel F6)",
    ]


def test_drafting_says_where_and_what_next(tmp_path: Path) -> None:
    output = tmp_path / "k"
    draft_mails(office(), papers(tmp_path), output, TEMPLATES)
    drafted = draft_mails(office(), papers(tmp_path, "baru", [1]) + papers(tmp_path, numbers=[2]), output, TEMPLATES)
    assert list(drafted_lines(drafted, output, preview=False)) == [
        "1 draf baru siap diperiksa dan dikirim.",
        "1 surel tidak dibuat lagi karena isinya tidak berubah.",
        f"1 draf lama digantikan dan dipindahkan ke folder {output / 'surel' / 'diganti'}.",
        f"Buka draf di folder {output / 'surel'} dengan Outlook, atau jalankan: sopkit mail send {output}",
        f"Yang sudah dikirim dari Outlook, catat dengan: sopkit mail sent --folder {output}",
        f"Untuk Gmail atau webmail di peramban, buka {output / 'kirim.html'}.",
    ]


def test_one_reason_for_many_mails_is_said_once(tmp_path: Path) -> None:
    inspected = office(pegawai=PEGAWAI.replace("hartono@contoh.go.id", "hartono"))
    drafted = preview(inspected, papers(tmp_path), tmp_path / "k", TEMPLATES)
    (line,) = undelivered_lines(drafted.undelivered * 2)
    assert line.startswith(
        "- PTPP 001/PTPP/XI/2026, PTPP 002/PTPP/XI/2026, PTPP 001/PTPP/XI/2026, dan 1 lainnya: Alamat surel Hartono"
    )
    assert line.count("Hartono") == 1


def test_commands_are_said_as_they_are_to_be_typed() -> None:
    assert command("sent", Path("keluaran")) == "sopkit mail sent"
    assert command("status", Path("kantor a/keluaran")) == f'sopkit mail status "{Path("kantor a/keluaran")}"'
    assert command("sent 3", Path("lain")) == "sopkit mail sent 3 --folder lain"
    assert command("resolve 3 sent", Path("A & B")) == 'sopkit mail resolve 3 sent "A & B"'


def test_what_was_sent_by_hand_is_listed_and_noted(tmp_path: Path) -> None:
    with Outbox(tmp_path / "arsip.sqlite3") as outbox:
        first, second = fill(outbox, mails=2)
        assert list(waiting_lines(outbox.status(), Path("keluaran"))) == [
            "1. PTPP Nomor 001/PTPP/XI/2026 (001.eml)",
            "2. PTPP Nomor 002/PTPP/XI/2026 (002.eml)",
            "Sebutkan nomor yang sudah dikirim, misalnya: sopkit mail sent 1; atau semuanya: sopkit mail sent all",
        ]
        assert list(noted_lines(outbox.sent_by_hand(["2"], NOON))) == [
            "2. PTPP Nomor 002/PTPP/XI/2026: tercatat terkirim",
            "1 surel dicatat terkirim. Perubahan dokumennya akan menjadi revisi.",
        ]
        outbox.settle(first.message_id, ["a@contoh.go.id"], "uncertain", "", NOON)
        assert list(waiting_lines(outbox.status(), Path("keluaran"))) == ["Tidak ada draf yang menunggu."]
        with pytest.raises(UsageProblem, match="Tidak ada draf"):
            outbox.sent_by_hand(["all"], NOON)
        with pytest.raises(UsageProblem, match="Surel 2 tidak menunggu"):
            outbox.sent_by_hand(["2"], NOON)
        assert [one.state for one in outbox.status()] == ["uncertain", "sent"]
        assert not second.file.startswith("surel/terkirim") and outbox.mail("2").file == "surel/terkirim/002.eml"


def test_sending_and_status_say_what_became_of_each(tmp_path: Path) -> None:
    with Outbox(tmp_path / "arsip.sqlite3") as outbox:
        assert list(status_lines(outbox.status(), HERE)) == ["Belum ada surel."]
        fill(outbox, mails=2, to=("a@contoh.go.id", "b@contoh.go.id"))
        assert list(sent_lines(send(outbox, None, limit=1), HERE, dry_run=True)) == [
            "1. PTPP Nomor 001/PTPP/XI/2026",
            "   a@contoh.go.id: akan dikirim",
            "   b@contoh.go.id: akan dikirim",
            "Uji coba: 1 surel akan dikirim, belum ada yang dikirim. Untuk mengirim: sopkit mail send --send",
            "1 surel lain menunggu giliran.",
        ]
        script = Script(rcpt={"b@contoh.go.id": "550 5.1.1 tidak ada"})
        with smtp_server(script) as port:
            server = server_from(f"smtp://127.0.0.1:{port}?from={USER}")
            first = send(outbox, server, dry_run=False, limit=1, now=lambda: NOON)
            script.data = "drop"
            script.rcpt = {"b@contoh.go.id": "451 4.2.1 nanti"}
            second = send(outbox, server, dry_run=False, now=lambda: NOON)
        assert list(sent_lines(first, HERE, dry_run=False))[-2:] == [
            "1 surel terkirim kepada sebagian penerima",
            "1 surel lain menunggu giliran.",
        ]
        assert list(sent_lines(second, HERE, dry_run=False)) == [
            "2. PTPP Nomor 002/PTPP/XI/2026",
            "   b@contoh.go.id: ditunda (451 4.2.1 nanti)",
            "   a@contoh.go.id: belum pasti terkirim (pengiriman terputus sebelum server menjawab)",
            "1 surel belum pasti terkirim",
            "127.0.0.1 tidak memberi jawaban yang pasti; surel 2 belum pasti terkirim. Tanyakan kepada penerimanya. "
            f"Bila sudah sampai: sopkit mail resolve 2 sent {tmp_path}; "
            f"bila belum: sopkit mail resolve 2 draft {tmp_path}",
        ]
        assert list(status_lines(outbox.status(), HERE)) == [
            "1. PTPP Nomor 001/PTPP/XI/2026",
            "   a@contoh.go.id: terkirim 20 November 2026 pukul 12.00",
            "   b@contoh.go.id: ditolak server (550 5.1.1 tidak ada)",
            "2. PTPP Nomor 002/PTPP/XI/2026",
            "   a@contoh.go.id: belum pasti terkirim (pengiriman terputus sebelum server menjawab)",
            "   b@contoh.go.id: ditunda sampai 20 November 2026 pukul 12.05 (451 4.2.1 nanti)",
            "1 surel belum pasti terkirim dan 1 surel terkirim kepada sebagian penerima",
            "Yang belum pasti tidak dikirim ulang. Tanyakan kepada penerimanya.",
            "Bila sudah sampai: sopkit mail resolve NOMOR sent; bila belum: sopkit mail resolve NOMOR draft",
        ]
        assert needs_attention(outbox.status())
