"""Programs that are the truth for some tests: absent here, the test says so; absent in CI, it fails."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest


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
def chromium() -> str:
    return _program("chromium", "chromium-browser", "google-chrome")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files and README's tables anew")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def example() -> Path:
    return Path(__file__).parent.parent / "registers" / "register-contoh.xlsx"
