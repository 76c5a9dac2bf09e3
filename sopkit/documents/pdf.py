"""PDFs of Word documents: one LibreOffice for all of them, or Word where it is."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sopkit.documents.package import LIMITS
from sopkit.documents.pdf_stamp import digits_of, source_of, stamped
from sopkit.errors import SopkitError, file_problem
from sopkit.files import keep_copy, temporary_prefix, write_atomic
from sopkit.libreoffice import libreoffice
from sopkit.ooxml.container import BROKEN, Unsafe, read_parts, write_package

BATCH = 200  # files in one call: LibreOffice 7.4 reads 255 words of a command line and is silent about the rest
START_SECONDS = 90.0  # LibreOffice makes a new profile first
FILE_SECONDS = 15.0  # a three-page form takes 0.1 to 0.2
POLL_SECONDS = 0.2
ARCHIVAL = (
    'pdf:writer_pdf_Export:{"SelectPdfVersion":{"type":"long","value":"2"},'
    '"UseTaggedPDF":{"type":"boolean","value":"true"}}'
)
"""PDF/A-2, with the tags that a screen reader follows."""
CONTROL = re.compile(rb"<w:sdt(End)?Pr>.*?</w:sdt\1Pr>|<w:sdt(?:End)?Pr/>|</?w:sdt(?:Content)?>", re.DOTALL)
HOW_TO_GET_ONE = (
    "PDF tidak dibuat karena LibreOffice maupun Microsoft Word tidak ditemukan. Pasang LibreOffice (gratis) dari "
    "https://id.libreoffice.org lalu jalankan lagi, atau buka dokumen di Word dan pilih "
    "Simpan Sebagai PDF. Dokumen Word sudah selesai dan dapat dipakai."
)

Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class PdfResult:
    """`pdf` is where it stands, or None with the Indonesian `reason`."""

    source: Path
    pdf: Path | None
    reason: str = ""


def convert(
    files: Sequence[Path], say: Callable[[str], object] = print, progress: Progress | None = None
) -> tuple[Path, ...]:
    """The PDFs made beside `files`; what could not be made is told to `say`, one sentence each."""
    results = convert_to_pdf(files, progress=progress)
    for reason in reasons(results):
        say(reason)
    return tuple(result.pdf for result in results if result.pdf)


def convert_to_pdf(
    files: Sequence[Path],
    target: Path | None = None,
    progress: Progress | None = None,
    seconds: Callable[[int], float] = lambda count: START_SECONDS + FILE_SECONDS * count,
) -> list[PdfResult]:
    """A PDF for each .docx, beside it or in `target`, in the files' order; never raises for a single file.

    A PDF that is of its document (`is_pdf_of`) stays as it is; another one that sopkit did not make is put aside.
    `progress` is called with how many are done and how many there are; `seconds` gives the patience with one call for
    so many files, after which it is started once more.
    """
    due = [file for file in files if not is_pdf_of(_place(file, target), file)]
    office = libreoffice() if due else None
    if office:
        made = _by_libreoffice(office, due, target, progress, seconds)
    elif due and word_is_here():
        made = _by_word(due, target, progress)
    else:
        made = {file: PdfResult(file, None, HOW_TO_GET_ONE) for file in due}
    return [made.get(file, PdfResult(file, _place(file, target))) for file in files]


def is_made_of(pdf: Path, document: Path) -> bool:
    """Whether sopkit made this PDF of these very bytes."""
    try:
        return source_of(pdf.read_bytes()) == digits_of(document.read_bytes())
    except OSError:
        return False


def is_pdf_of(pdf: Path, document: Path) -> bool:
    """Whether a PDF is of this document: made of these very bytes, or laid there by somebody after they were written.

    What somebody laid there may be the signed paper, scanned.
    """
    try:
        source = source_of(pdf.read_bytes())
        if source is None:
            return pdf.stat().st_mtime_ns >= document.stat().st_mtime_ns
        return source == digits_of(document.read_bytes())
    except OSError:
        return False


def word_is_here() -> bool:
    """Whether Microsoft Word and docx2pdf (the extra `word`) can be used."""
    import importlib.util

    if importlib.util.find_spec("docx2pdf") is None:
        return False
    if sys.platform == "darwin":
        return Path("/Applications/Microsoft Word.app").exists()
    if sys.platform != "win32":
        return False
    import winreg

    try:
        winreg.CloseKey(winreg.OpenKey(winreg.HKEY_CLASSES_ROOT, "Word.Application"))
    except OSError:
        return False
    return True


def reasons(results: Iterable[PdfResult], names: Mapping[str, str] = {}) -> list[str]:
    """Why PDFs were not made, a sentence each and each once; `names` are what files are called if not by their own."""
    said = {}
    for result in results:
        if result.reason == HOW_TO_GET_ONE:
            said[result.reason] = True
        elif result.reason:
            name = names.get(result.source.name, result.source.name)
            said[f"PDF untuk {name} tidak dibuat: {result.reason}."] = True
    return list(said)


def _place(file: Path, target: Path | None) -> Path:
    return (target or file.parent) / f"{file.stem}.pdf"


def _by_libreoffice(
    office: Path, files: Sequence[Path], target: Path | None, progress: Progress | None, seconds: Callable[[int], float]
) -> dict[Path, PdfResult]:
    made: dict[Path, PdfResult] = {}
    with tempfile.TemporaryDirectory(prefix=temporary_prefix(), ignore_cleanup_errors=True) as folder:
        for start in range(0, len(files), BATCH):
            batch = _Batch(office, Path(folder), files[start : start + BATCH])
            batch.run(_further(progress, start, len(files)), seconds)
            for file, data in batch.results():
                made[file] = _placed(file, data, target, batch.trouble)
    return made


def _further(progress: Progress | None, before: int, total: int) -> Callable[[int], object]:
    return lambda done: progress(before + done, total) if progress else None


def _placed(file: Path, data: bytes | None, target: Path | None, trouble: str) -> PdfResult:
    if data is None:
        return PdfResult(file, None, trouble or "LibreOffice tidak dapat membukanya")
    place = _place(file, target)
    try:
        if place.is_file() and source_of(place.read_bytes()) is None:
            keep_copy(place)
        write_atomic(place, stamped(data, file.read_bytes()))
    except SopkitError as error:
        return PdfResult(file, None, error.message.rstrip("."))
    except OSError as error:
        return PdfResult(file, None, file_problem(error, place, "ditulis").message.rstrip("."))
    return PdfResult(file, place)


class _Batch:
    """One call of LibreOffice for many files, under short names of their own (two folders may hold one name)."""

    def __init__(self, office: Path, folder: Path, files: Sequence[Path]) -> None:
        self._office = office
        self._folder = Path(tempfile.mkdtemp(dir=folder))
        self._files = {f"{number:05d}": file for number, file in enumerate(files, 1)}
        self._out = self._folder / "pdf"
        self.trouble = ""

    def run(self, progress: Callable[[int], object], seconds: Callable[[int], float]) -> None:
        """Call; if it was too slow or fell over, once more, with the file at which it stopped as the last."""
        self._out.mkdir()
        readable = [name for name, file in self._files.items() if self._copied(name, file)]
        if not readable or self._called(readable, "profil-1", progress, seconds(len(readable))):
            return
        left = self._left(readable)
        if left:
            self._called(left, "profil-2", progress, seconds(len(left)))

    def _left(self, names: Sequence[str]) -> list[str]:
        """What has no PDF yet: first what was never reached, then what was passed over, then where it stopped."""
        done = [place for place, name in enumerate(names) if self._pdf(name) is not None]
        stopped = done[-1] + 1 if done else 0
        passed = [name for name in names[:stopped] if self._pdf(name) is None]
        return [*names[stopped + 1 :], *passed, *names[stopped : stopped + 1]]

    def results(self) -> Iterator[tuple[Path, bytes | None]]:
        for name, file in self._files.items():
            yield file, self._pdf(name)

    def _copied(self, name: str, file: Path) -> bool:
        try:
            (self._folder / f"{name}.docx").write_bytes(_without_controls(file.read_bytes()))
        except OSError:
            return False
        return True

    def _pdf(self, name: str) -> bytes | None:
        try:
            data = (self._out / f"{name}.pdf").read_bytes()
        except OSError:
            return None
        return data if data.startswith(b"%PDF-") and b"%%EOF" in data[-1024:] else None

    def _called(self, names: Sequence[str], profile: str, progress: Callable[[int], object], seconds: float) -> bool:
        """True when LibreOffice ended by itself and without an error."""
        until = time.monotonic() + seconds
        with _started(self._command(names, profile), self._folder) as process:
            while process.poll() is None and time.monotonic() < until:
                time.sleep(POLL_SECONDS)
                progress(len(list(self._out.glob("*.pdf"))))
            slow = process.poll() is None
            _stop(process)
        self.trouble = "LibreOffice terlalu lama mengerjakannya" if slow else "LibreOffice tidak dapat membukanya"
        progress(len(list(self._out.glob("*.pdf"))))
        return not slow and process.returncode == 0

    def _command(self, names: Sequence[str], profile: str) -> list[str]:
        home = (self._folder / profile).as_uri()
        options = ["--headless", "--norestore", "--nologo", "--nolockcheck", "--nodefault", "--nofirststartwizard"]
        inputs = [f"{name}.docx" for name in names]
        return [
            str(self._office),
            f"-env:UserInstallation={home}",
            *options,
            "--convert-to",
            ARCHIVAL,
            "--outdir",
            "pdf",
            *inputs,
        ]


def _without_controls(document: bytes) -> bytes:
    """The same with bare text for content controls; what is no sound .docx as it is.

    LibreOffice 7.4 prints a control of plain text without its line breaks and looks, and paper fills in nothing.
    """
    try:
        parts = read_parts(document, LIMITS)
    except (*BROKEN, Unsafe):
        return document
    with_controls = [name for name, data in parts.items() if b"<w:sdt>" in data]
    bare = {name: CONTROL.sub(b"", parts[name]) for name in with_controls}
    return write_package(parts | bare) if bare else document


def _started(command: Sequence[str], folder: Path) -> subprocess.Popen[bytes]:
    """In a process group of its own, so that all of it can be stopped."""
    quiet = subprocess.DEVNULL
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        return subprocess.Popen(command, cwd=folder, stdin=quiet, stdout=quiet, stderr=quiet, creationflags=flags)
    return subprocess.Popen(command, cwd=folder, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False)
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _by_word(files: Sequence[Path], target: Path | None, progress: Progress | None) -> dict[Path, PdfResult]:
    from docx2pdf import convert as word_convert

    made: dict[Path, PdfResult] = {}
    with tempfile.TemporaryDirectory(prefix=temporary_prefix(), ignore_cleanup_errors=True) as folder:
        for number, file in enumerate(files, 1):
            out = Path(folder) / f"{number:05d}.pdf"
            try:
                word_convert(str(file), str(out))
                data = out.read_bytes()
            except Exception as error:  # COM and AppleScript errors have no common class
                made[file] = PdfResult(file, None, f"Word menolaknya ({type(error).__name__})")
            else:
                made[file] = _placed(file, data, target, "")
            if progress:
                progress(number, len(files))
    return made
