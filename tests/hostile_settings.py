"""SOPs, layouts and values of sheet Kantor that mean harm or are slips; the process that reads them one by one.

Called with a folder and a limit of memory; prints what `hostile_books.main` does.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from frozen_sop import SOP
from hostile_books import READ, peak
from workbooks import KANTOR, office_workbook

ANY = ""  # used as it is, or refused with one sentence
STEP = '[[steps]]\nnumber = {}\nactivity = "A"\nroles = ["Staf"]\nroles_basis = "source"\nstandard = "1 jam"\n'
HEAD = 'id = "a"\ntitle = "A"\n'
OFFICE = '[office]\ngovernment = "G"\nname = "N"\n'


def sop(steps: str = "", head: str = "", office: str = OFFICE) -> str:
    return HEAD + head + office + (steps or STEP.format(1))


def one_step(old: str, new: str) -> str:
    return sop(STEP.format(1).replace(old, new))


def sops() -> Iterator[tuple[str, str, str]]:
    deep, digits = 100_000, "9" * 5000
    yield "wajar", sop(), READ
    yield "nomor-besar", sop(STEP.format(1) + STEP.format(100_000_000)), "1 sampai 999"
    yield "nomor-nol", sop(STEP.format(0)), "1 sampai 999"
    yield "nomor-minus", sop(STEP.format(-5)), "1 sampai 999"
    yield "nomor-panjang", sop(STEP.format(digits)), "bilangan yang terlalu panjang"
    yield "nomor-4000", sop(STEP.format("9" * 4000)), "1 sampai 999"
    yield "nomor-daftar", sop(STEP.format("[1]")), "belum diisi dengan benar"
    yield "kurung", HEAD + "a = " + "[" * deep, "bersarang terlalu dalam"
    yield "kurawal", HEAD + "a = " + "{a=" * deep, "bersarang terlalu dalam|bukan TOML"
    yield "titik", HEAD + ".".join("a" * 50_000) + " = 1\n", "terlalu dalam"
    yield "tabel-titik", sop() + "[" + ".".join("a" * 50_000) + "]", "terlalu dalam"
    yield "besar", sop() + "#" * (2 << 20), "lebih besar dari"
    yield "kunci-banyak", sop(head="".join(f"k{n} = 1\n" for n in range(20_000))), "dan 19980 lagi"
    yield "kunci-panjang", sop(head=f"{'k' * 100_000} = 1\n"), "tidak dikenal|…"
    yield "langkah-banyak", sop("".join(STEP.format(n) for n in range(1, 1000))), READ
    yield "langkah-bukan-tabel", HEAD + OFFICE.replace("[office]", "steps = [1, 2]\n[office]"), "harus berupa"
    yield "langkah-teks", HEAD + 'steps = "A"\n' + OFFICE, "tidak ada satu pun"
    yield "langkah-kosong", HEAD + "steps = []\n" + OFFICE, "tidak ada satu pun"
    yield "kembar", sop(STEP.format(1) * 2), ANY
    for name, value in (("nan", "nan jam"), ("inf", "1e999 jam"), ("nol", "0 jam"), ("minus", "-1 jam"), ("huruf", "x"),
                        ("digit", f"{'9' * 400} jam"), ("pangkat", "² jam"), ("kosong", "")):  # fmt: skip
        yield f"baku-{name}", one_step("1 jam", value), "baku mutu"
    yield "baku-daftar", one_step('"1 jam"', "[1]"), "belum diisi"
    for key, value in (("duty", "[1]"), ("may_come_early", '"ya"'), ("requires", '"x"'), ("records", "[1, 2]"),
                       ("on_rejection", '"x"'),
                       ("one_of", "[[1]]"), ("any_order", "{}"), ("optional", "3"), ("roles_not", "5"),
                       ("periodic", '"a"')):  # fmt: skip
        yield f"jenis-{key}", sop(STEP.format(1) + f"{key} = {value}\n"), "langkah ke-1"
    yield "kantor-bilangan", sop(office="[office]\ngovernment = 5\nname = 6\n"), "office"
    yield "kantor-daftar", sop(office="office = [1]\n"), "office"
    yield "jam-banyak", sop(head='day = "hours:99999999"\n'), "day"
    yield "jam-titik", sop(head='day = "hours:."\n'), "day"
    yield "jam-pangkat", sop(head='day = "hours:²"\n'), "day"
    yield "tanggal", sop(head='effective = "besok"\n'), "tanggal"
    yield "nol-byte", sop(head='number = "a\\u0000b"\n'), ANY
    yield "bukan-toml", "\x00\x01", "bukan TOML"


def layouts() -> Iterator[tuple[str, str, str]]:
    yield "wajar", "", READ
    yield "kurung", "steps = " + "[" * 100_000, "bersarang terlalu dalam"
    yield "digit", f"header_rows = {{ Register = {'9' * 5000} }}", "bilangan yang terlalu panjang"
    yield "langkah-pangkat", 'layout = "wide"\n[steps]\n"²" = "A"\n', "harus seperti"
    yield "langkah-panjang", f'layout = "wide"\n[steps]\n{"9" * 5000} = "A"\n', "harus seperti"
    yield "kantor-nol", 'office = "a\\u0000.xlsx"', "nama berkas"
    yield "kantor-daftar", "office = [1, 2]", "nama berkas"
    yield "sop-bilangan", "sop = 5", "nama berkas"
    yield "lembar-daftar", "sheets = [1]", "sheets"
    yield "lembar-bersarang", "[sheets.Register]\na = 1", "sheets"
    yield "judul-teks", 'headers = "x"', "headers"
    yield "judul-banyak", "[headers.Register]\n" + "".join(f'"k{n}" = "x{n}"\n' for n in range(3000)), "lagi"
    yield "baris-besar", "[header_rows]\nRegister = 100000000", "1 atau 2"
    yield "bentuk-daftar", "layout = [1]", "long"
    for name, pattern in (
        ("lebar", "{urut:99999999d}"), ("ulang", "{urut}" * 40), ("kosong", " "), ("kurung", "{" * 5000),
        ("panjang", "{urut}" + "x" * 200_000),
        ("atribut", "{urut.__class__}"), ("indeks", "{urut[0]}"), ("regex", "{urut}(a+)+$"),
    ):  # fmt: skip
        yield f"pola-{name}", f'[patterns]\n"No. PTPP" = "{pattern}"', ANY
    yield "history", "[history]\nuntil = 99999-01-01", ANY
    yield "kata-daftar", "values = [1]", "[values]"
    yield "kata-bersarang", "[values]\nStatus = " + "{a = " * 90 + "1" + "}" * 90, "Status harus seperti"
    yield "kata-banyak", "[values.Status]\n" + "".join(f'"k{n}" = "x{n}"\n' for n in range(3000)), "lagi"
    yield "kata-kosong", '[values]\nStatus = {"\u200b" = "Selesai"}', "kosong"
    yield "besar", "#" * (2 << 20), "lebih besar dari"


KANTOR_VALUES = {
    "Pola No. Catatan": (
        "{urut:99999999d}/CLTS/{tahun}", "{urut}" * 30, "{" * 3000, "{urut.__class__}",
        "(a+)+{urut}", "x" * 30_000),
    "Tahun Register": ("9" * 4400, "-1", "99999999", "²", "2026.5"),
    "Waktu Peringatan": ("9" * 4400 + " jam", "nan jam", "inf", "-1 jam", "1e999 jam"),
    "Batas Jeda": ("999999999999 hari", "0", "²"),
    "Periode Pemusnahan": ("9" * 4400 + " hari", "99999999999 hari", "-3 hari"),
    "Waktu Acuan": ("99999-01-01", "0001-01-01 00:00", "9999-12-31 23:59", "1e5"),
    "Batas Lampiran": ("9" * 4400 + " MB", "nan MB", "-1 MB"),
    "Arti Satu Hari": ("9" * 4400 + " jam", "nan jam", "0 jam"),
    "Surel Kantor": ("x" * 32_000, "a@b.go.id, c@d.go.id", "a@b.go.id\r\nBcc: c@d.go.id"),
    "Domain Surel": ("," * 30_000, "(a+)+$"),
    "Nama Kantor": ("x" * 32_000, "=1+1", "{{ 7*7 }}", "../../etc/passwd"),
}  # fmt: skip


def write_settings(folder: Path) -> dict[str, str]:
    """All of them into the folder; file name -> what is expected."""
    expected = {}
    for kind, given in (("sop", sops()), ("sopkit", layouts())):
        for name, text, said in given:
            (folder / f"{name}.{kind}.toml").write_text(text, encoding="utf-8")
            expected[f"{name}.{kind}.toml"] = said
    for key, values in KANTOR_VALUES.items():
        for number, value in enumerate(values):
            name = f"{re.sub('[^a-z]', '-', key.lower())}-{number}.xlsx"
            office_workbook(folder / name, kantor={**KANTOR, key: f"'{value}"})
            expected[name] = ANY
    return expected


def _use(path: Path) -> None:
    from sopkit.checks.inspection import inspect_register
    from sopkit.register.layout import load_layout
    from sopkit.register.read import read_register
    from sopkit.sop.model import load_sop

    if path.suffix == ".xlsx":
        inspect_register(read_register(path), SOP, dt.datetime(2026, 11, 20, 10))
    elif path.name.endswith(".sop.toml"):
        load_sop(path)
    else:
        load_layout(path)


def main(folder: Path, memory: int) -> None:
    from sopkit.errors import SopkitError

    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    peak()
    for path in sorted(folder.iterdir()):
        began, told = time.process_time(), {"name": path.name, "end": READ, "code": 0, "remedy": "-"}
        try:
            _use(path)
        except SopkitError as error:
            told |= {"end": error.message, "remedy": error.remedy, "code": error.exit_code}
        except BaseException as error:
            told |= {"end": f"!{type(error).__name__}: {error}"[:300]}
        print(json.dumps(told | {"seconds": time.process_time() - began, "peak": peak()}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
