"""One ZIP that runs sopkit where nothing is installed: sopkit as it is here, its lock's packages, files to click."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath

from sopkit import __version__
from sopkit.clicks import CLICKS
from sopkit.errors import SopkitError, UsageProblem, file_problem
from sopkit.files import read_regular, temporary_prefix, write_atomic
from sopkit.folders import EXAMPLE_NAME, PACKAGE, bundled
from sopkit.language import number_text

VERSION = "3.13"  # of Python on the office PC: the wheels' compiled parts fit no other
EMBEDDABLE = "https://www.python.org/downloads/windows/"
CLICKED = {
    CLICKS["init"]: "buat",
    CLICKS["run"]: "periksa",
    "Buka laporan": "laporan",
    CLICKS["mail setup"]: "surel",
    CLICKS["mail sent"]: "terkirim",
}
"""The files at the top of the ZIP, and the work of each in `sopkit.cli.desk`; `sopkit.clicks` names them to people."""
TYPED = "sopkit.sh"  # a command that is typed, and what the clicked files of Linux and macOS run
EXTRAS = ("mail", "word")
MOST_ZIPPED = 35_000_000  # bytes without Python: what goes through an office's mail and memory sticks
MOST_PYTHON = 60_000_000  # bytes of an embeddable ZIP; version 3.13 has 11 million
UNUSED = ("bin", "share", "pythonwin", "win32comext", "isapi", "adodbapi", "PyWin32.chm", ".lock")
"""Of the packages: commands, manuals, and the parts of pywin32 that drive other programs than Word."""
LEFT_OUT = frozenset({"tests", "test", "__pycache__"})
LEFT_OUT_ENDINGS = (".pyc", ".pyi", ".lib", ".h", ".c", ".pxd", ".pyx")
DLL_FOLDER = """\
from contextlib import suppress

with suppress(ImportError):
    import pywin32_bootstrap
"""
"""sitecustomize.py: pywin32 makes its folder of DLLs known by a .pth file, which Python does not read in site/."""
FIXED_DATE = (2026, 1, 1, 0, 0, 0)  # the same input gives the same bytes
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Target:
    """The kind of computer that the ZIP is for: its name, how a clicked file ends, what uv is told of it."""

    name: str
    ending: str
    platform: tuple[str, ...]
    version: str = VERSION

    @property
    def windows(self) -> bool:
        return self.ending == ".bat"


WINDOWS = Target("Windows", ".bat", ("--python-platform", "x86_64-pc-windows-msvc", "--python-version", VERSION))


def like_this() -> Target:
    """Computers like this one, of which Linux and macOS have a Python of their own."""
    if os.name == "nt":
        return WINDOWS
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    name, ending = ("macOS", ".command") if sys.platform == "darwin" else ("Linux", ".sh")
    return Target(name, ending, ("--python", sys.executable), version)


def make(folder: Path, target: Target, python: str | None = None, sha256: str | None = None) -> Iterator[str]:
    """Write `folder`/sopkit-VERSION-SYSTEM.zip, and say what is in it. `SopkitError` when it cannot be made.

    `python` is the embeddable ZIP of Python for Windows, a file or an address; from an address it is used only with
    the `sha256` that it must have, and where it cannot be had the ZIP is made without.
    """
    if python is not None and not target.windows:
        raise UsageProblem("--python hanya untuk Windows.", "Jalankan tanpa --here, atau tanpa --python.")
    given, said = _python(python, sha256)
    yield from said
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise file_problem(error, folder, "ditulis") from error
    path = folder / f"sopkit-{__version__}-{target.name.lower()}.zip"
    with tempfile.TemporaryDirectory(prefix=temporary_prefix()) as scratch:
        site = Path(scratch) / "site"
        _install(site, target, Path(scratch))
        files = [(f"site/{name}", data) for name, data in _packages(site)]
    files += [*_own(), *_to_click(target, with_python=bool(given))]
    small = _zipped(files)
    data = _zipped(given, small)
    write_atomic(path, data)
    yield from _sizes(files, given, len(small))
    if target.windows and len(small) > MOST_ZIPPED:
        yield f"  Lebih besar dari {_megabytes(MOST_ZIPPED)} yang dituju."
    if target.windows and not given:
        yield f"Tanpa Python. Ambil “Windows embeddable package (64-bit)” versi {VERSION} dari {EMBEDDABLE}, lalu"
        yield f"  sopkit bundle {folder} --python BERKAS.zip   (atau ekstrak ke folder python; lihat BACA-SAYA.txt)"
    yield f"Dibuat: {path} ({_megabytes(len(data))}, SHA-256 {hashlib.sha256(data).hexdigest()})"


def _python(source: str | None, sha256: str | None) -> tuple[list[tuple[str, bytes]], list[str]]:
    """The files of the embeddable Python in python/, and what is to be said of it."""
    if source is None:
        if sha256 is not None:
            raise UsageProblem("--sha256 hanya bersama --python.", "Sebutkan juga --python BERKAS.")
        return [], []
    if not source.startswith(("https://", "http://")):
        data = _read(Path(source))
    elif sha256 is None:
        raise UsageProblem("Python dari sebuah alamat memerlukan --sha256.", f"Angkanya tertulis di {EMBEDDABLE}")
    else:
        try:
            data = _fetched(source)
        except (OSError, ValueError) as error:
            return [], [f"Python tidak dapat diambil dari {source} ({type(error).__name__}); ZIP dibuat tanpa Python."]
    found = hashlib.sha256(data).hexdigest()
    if sha256 is not None and sha256.strip().lower() != found:
        raise SopkitError(f"SHA-256 {source} adalah {found}, bukan {sha256}.", "Ambil lagi berkasnya.")
    judged = "cocok" if sha256 else f"{found}: cocokkan dengan yang tertulis di {EMBEDDABLE}"
    return _embeddable(data, source), [f"Python: {source}, SHA-256 {judged}"]


def _read(path: Path) -> bytes:
    try:
        return read_regular(path, MOST_PYTHON)
    except OSError as error:
        raise file_problem(error, path, "dibaca") from error


def _fetched(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=60) as answer:
        data: bytes = answer.read(MOST_PYTHON + 1)
    if len(data) > MOST_PYTHON:
        raise ValueError(address)
    return data


def _embeddable(data: bytes, source: str) -> list[tuple[str, bytes]]:
    """Each file of the embeddable ZIP in python/, with a ._pth that names ..\\site."""
    other = SopkitError(
        f"{source} bukan Python {VERSION} embeddable 64-bit untuk Windows.",
        f"Ambil “Windows embeddable package (64-bit)” versi {VERSION} dari {EMBEDDABLE}",
    )
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            listed = [one for one in package.infolist() if not one.is_dir()]
            if sum(one.file_size for one in listed) > 2 * MOST_PYTHON or any("/" in one.filename for one in listed):
                raise other
            files = {one.filename: package.read(one) for one in listed}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        raise other from error
    if "python313.dll" not in files or not _is_amd64(files.get("python.exe", b"")):
        raise other
    files["python313._pth"] = _crlf(_text("python313._pth"))
    return [(f"python/{name}", content) for name, content in files.items()]


def _is_amd64(program: bytes) -> bool:
    at = int.from_bytes(program[60:64], "little")
    return program[:2] == b"MZ" and program[at : at + 6] == b"PE\0\0\x64\x86"


def _install(site: Path, target: Target, scratch: Path) -> None:
    """The packages of uv.lock for that kind of computer, unpacked; each file is held to its hash there."""
    wanted = scratch / "lock.txt"
    export = ["export", "-q", "--project", str(_lock()), "--frozen", "--no-dev", "--no-emit-project"]
    _uv([*export, *(word for extra in EXTRAS for word in ("--extra", extra)), "-o", str(wanted)])
    install = ["pip", "install", "-q", "--target", str(site), *target.platform, "--only-binary", ":all:"]
    _uv([*install, "--no-deps", "--require-hashes", "-r", str(wanted)])


def _lock() -> Path:
    """The folder of uv.lock: in the installed package, or at the root of its repository."""
    for folder in (PACKAGE / "bundled", PACKAGE.parent):
        if (folder / "uv.lock").is_file():
            return folder
    raise SopkitError("Daftar paket sopkit (uv.lock) tidak ditemukan.", "Pasang ulang sopkit.")


def _uv(words: Sequence[str]) -> None:
    program = os.environ.get("UV") or shutil.which("uv")
    command = [program] if program else [sys.executable, "-m", "uv"]
    if not program and importlib.util.find_spec("uv") is None:
        raise SopkitError("Program uv tidak ditemukan.", "Pasang dengan: pip install uv")
    try:
        done = subprocess.run([*command, *words], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except OSError as error:
        raise file_problem(error, Path(command[0]), "dijalankan") from error
    if done.returncode:
        told = " ".join(re.sub(r"[^\x20-\x7e]+", " ", done.stderr.decode("utf-8", "replace")).split())[-300:]
        raise SopkitError(
            "Paket-paket yang dipakai sopkit tidak dapat diambil.", f"Periksa sambungan internet. Kata uv: {told}"
        )


def _packages(site: Path) -> Iterator[tuple[str, bytes]]:
    """What of the unpacked packages is used, each file with its path in site/."""
    for path in site.rglob("*"):
        name = path.relative_to(site)
        if path.is_file() and name.parts[0] not in UNUSED and _is_used(name.as_posix()):
            yield name.as_posix(), path.read_bytes()


def _is_used(name: str) -> bool:
    parts = PurePosixPath(name)
    return not LEFT_OUT & set(parts.parts[:-1]) and parts.suffix not in LEFT_OUT_ENDINGS


def _own() -> Iterator[tuple[str, bytes]]:
    """sopkit itself as its wheel has it: the package as it runs here, with what travels with it."""
    for path in PACKAGE.rglob("*"):
        name = path.relative_to(PACKAGE).as_posix()
        if path.is_file() and "__pycache__" not in path.parts and not name.startswith("bundled/"):
            yield f"site/sopkit/{name}", path.read_bytes()
    templates = bundled("templates")
    for path in [*templates.glob("*.docx"), *templates.glob("surel/*.txt")]:
        yield f"site/sopkit/bundled/templates/{path.relative_to(templates).as_posix()}", path.read_bytes()
    yield f"site/sopkit/bundled/registers/{EXAMPLE_NAME}", (bundled("registers") / EXAMPLE_NAME).read_bytes()
    for name in ("uv.lock", "pyproject.toml", "LICENSE"):
        yield f"site/sopkit/bundled/{name}", (_lock() / name).read_bytes()


def _to_click(target: Target, *, with_python: bool) -> Iterator[tuple[str, bytes]]:
    """The files at the top, and what makes site/ known to Python."""
    encode = _crlf if target.windows else str.encode
    form = _text("windows.bat" if target.windows else "posix.sh")
    for name, word in CLICKED.items():
        text = form.replace("{name}", name).replace("{word}", word).replace("{version}", target.version)
        yield f"{name}{target.ending}", encode(text)
    yield "BACA-SAYA.txt", encode(_readme(target, with_python=with_python))
    if not target.windows:
        yield TYPED, _text("typed.sh").replace("{version}", target.version).encode()
    else:
        yield "sopkit.bat", _crlf(_text("typed.bat"))
        yield "site/python313._pth", _crlf(_text("python313._pth"))
        yield "site/sitecustomize.py", DLL_FOLDER.encode()


def _readme(target: Target, *, with_python: bool) -> str:
    parts = _WINDOWS_TEXT if target.windows else _POSIX_TEXT
    python = 'Python sudah ada di folder "python"; bagian ini boleh dilewati.\n' if with_python else ""
    text = _text("BACA-SAYA.txt").replace("{python}", python + parts["python"])
    complete = (
        "Semuanya ada di folder ini; tidak perlu internet."
        if with_python
        else "Yang belum ada hanya Python: ambil sekali saja, lihat\nBILA PYTHON BELUM ADA di bawah."
    )
    text = text.replace("{complete}", complete).replace(
        "{kept}", ("site, python" if target.windows else "site").ljust(20)
    )
    for field, words in {**parts, "ending": target.ending, "system": target.name.upper()}.items():
        text = text.replace(f"{{{field}}}", words)
    return text.replace("{version}", __version__).replace("{minor}", target.version).replace("{place}", EMBEDDABLE)


_WINDOWS_TEXT = {
    "first": """\
1. Klik kanan berkas ZIP-nya, pilih Properties, beri centang Unblock bila ada, OK.
   Klik kanan lagi, pilih Extract All, dan simpan di tempat yang Anda pilih
   (misalnya Documents). Buka folder hasilnya: berkas ini ada di sana.""",
    "drop": 'seret berkasnya\n   (boleh beberapa sekaligus) ke atas "Periksa register.bat" dan lepaskan.',
    "typed": """
Untuk mengetik perintah: buka folder ini di Explorer, ketik cmd di kotak alamat,
tekan Enter, lalu misalnya:  sopkit explain W02   (arti sebuah kode temuan)
""",
    "python": """\
1. Buka {place}
   dan ambil "Windows embeddable package (64-bit)" dari Python {minor} (sekitar 11 MB).
   Versi lain ({minor} harus sama) dan yang 32-bit tidak dapat dipakai.
2. Buat folder bernama "python" di samping berkas ini, dan ekstrak ZIP itu ke
   dalamnya, sehingga ada berkas python\\python.exe. Selesai.""",
    "trouble": """\
- "Windows protected your PC": klik More info, lalu Run anyway. Itu karena ZIP-nya
  datang dari internet; lihat Unblock pada "Pertama kali".
- "Python tidak ada di folder ini": ZIP-nya belum diekstrak, atau lihat di atas.
- "Python ... tidak dapat dijalankan": antivirus atau aturan kantor melarangnya, atau
  Windows-nya lebih lama dari Windows 10. Mintalah kepada pengelola komputer.
""",
}
_POSIX_TEXT = {
    "first": "1. Ekstrak ZIP-nya ke sebuah folder, dan buka folder itu.",
    "drop": "tulis\n   namanya sesudah perintah itu di terminal.",
    "typed": """
Untuk mengetik perintah: buka terminal di folder ini, lalu misalnya:
  sh sopkit.sh explain W02   (arti sebuah kode temuan)
""",
    "python": "Pasang Python {minor} (dari distribusi Anda, atau python.org). Versi lain tidak dapat\ndipakai.",
    "trouble": '- Tidak terbuka dengan klik dua kali? Di terminal: sh "Periksa register{ending}"\n',
}


def _text(name: str) -> str:
    return (HERE / name).read_text("utf-8")


def _crlf(text: str) -> bytes:
    """As Windows keeps a text; cp1252, which `cmd` shows right before its code page is set."""
    return text.replace("\n", "\r\n").encode("cp1252")


def _zipped(files: Iterable[tuple[str, bytes]], begun: bytes = b"") -> bytes:
    """A ZIP, or one that was `begun` with these files added: of the same bytes for the same files."""
    out = BytesIO(begun)
    with zipfile.ZipFile(out, "a" if begun else "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for name, data in sorted(files):
            entry = zipfile.ZipInfo(name, FIXED_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = (0o100755 if name.endswith((".sh", ".command")) else 0o100644) << 16
            package.writestr(entry, data)
    return out.getvalue()


def _sizes(files: Sequence[tuple[str, bytes]], python: Sequence[tuple[str, bytes]], zipped: int) -> Iterator[str]:
    """How much there is of what."""
    sizes: Counter[str] = Counter()
    for name, data in files:
        parts = name.split("/")
        sizes[parts[1].removesuffix(".libs").partition("-")[0] if len(parts) > 2 else "lainnya"] += len(data)
    for name, size in sizes.most_common(8):
        yield f"  {name:<14}{_megabytes(size):>10}"
    yield f"  {len(files)} berkas, {_megabytes(sum(sizes.values()))}; dalam ZIP {_megabytes(zipped)}"
    if python:
        yield f"  dan Python: {len(python)} berkas, {_megabytes(sum(len(data) for _, data in python))}"


def _megabytes(size: int) -> str:
    return f"{number_text(round(size / 1e6, 1))} MB"
