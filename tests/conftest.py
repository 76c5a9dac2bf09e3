"""Programs that are the truth for some tests: absent here, the test says so; absent in CI, it fails."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

AXE_PLACES = (Path(__file__).parent.parent / ".ci" / "node_modules" / "axe-core" / "axe.min.js",)
os.environ["SOPKIT_MAIL_SETTINGS"] = os.devnull  # the account of whoever runs the tests is none of theirs
LONGEST = (
    "test_live_formulas.py", "test_rules.py", "test_hostile_names.py", "test_cli.py", "test_archive_loss.py",
    "test_identity.py", "test_year.py", "test_renew.py", "test_bundle.py", "test_one_bad_thing.py",
    "test_hostile_books.py", "test_engines.py", "test_office_year.py", "test_mail_hostile.py", "test_print.py",
    "test_changes.py", "test_mailbox.py", "test_write_cells.py", "test_hostile_settings.py", "test_faults_short.py",
    "test_hostile.py", "test_cluster.py", "test_readme.py", "test_report_statistics.py",
)  # fmt: skip

if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):  # the tests start many interpreters, and each would compile all anew
    os.environ["PYTHONPYCACHEPREFIX"] = str(Path(__file__).parent.parent / ".pytest_cache" / "bytecode")
    sys.pycache_prefix, sys.dont_write_bytecode = os.environ["PYTHONPYCACHEPREFIX"], False


def _program(*names: str) -> str:
    found = next((path for path in map(shutil.which, names) if path), None)
    if found is None:
        reason = f"{names[0]} belum terpasang"
        if os.environ.get("SOPKIT_CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def libreoffice() -> str:
    return _program("soffice", "libreoffice")


@pytest.fixture(scope="session")
def converted(libreoffice: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., None]]:
    """`converted(form, folder, *files)`: LibreOffice writes each file as `form` into the folder.

    Its start costs more than ten such conversions. So one stays open, with a document in it, and a call hands its work
    to that one; were it gone, the call would start its own and do the same.
    """
    home = tmp_path_factory.mktemp("libreoffice")
    (home / "terbuka.txt").write_text("terbuka", encoding="utf-8")
    command = [libreoffice, "--headless", "--norestore", f"-env:UserInstallation={(home / 'profil').as_uri()}"]
    opened = subprocess.Popen(
        [*command, str(home / "terbuka.txt")],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    until = time.monotonic() + 60
    while not (home / ".~lock.terbuka.txt#").exists() and opened.poll() is None and time.monotonic() < until:
        time.sleep(0.05)

    def convert(form: str, folder: Path, *files: Path) -> None:
        asked = [*command, "--convert-to", form, "--outdir", str(folder), *map(str, files)]
        subprocess.run(asked, check=True, capture_output=True, timeout=180)

    yield convert
    if os.name == "nt":
        opened.terminate()
    elif opened.poll() is None:
        os.killpg(opened.pid, signal.SIGKILL)
    opened.wait(timeout=30)


@pytest.fixture(scope="session")
def common(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run share, and no other run."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "bersama"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    return _program("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core as text: SOPKIT_AXE names the file, else `.ci/node_modules` (npm install --prefix .ci axe-core)."""
    places = (Path(os.environ["SOPKIT_AXE"]),) if "SOPKIT_AXE" in os.environ else AXE_PLACES
    found = next((path for path in places if path.is_file()), None)
    if found is None:
        reason = "axe-core belum terpasang (npm install --prefix .ci axe-core)"
        pytest.fail(reason) if os.environ.get("SOPKIT_CI") else pytest.skip(reason)
    return found.read_text("utf-8")


@pytest.fixture(scope="session")
def compiler() -> str:
    return _program("cc")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest are begun first, so that the processes end together."""
    rank = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.name, len(rank)))


def pytest_collection_finish() -> None:
    """What is there now stays: the collector of garbage need not look through it again, here and in forked children."""
    gc.collect()
    gc.freeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files and README's tables anew")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def example() -> Path:
    return Path(__file__).parent.parent / "registers" / "register-contoh.xlsx"
