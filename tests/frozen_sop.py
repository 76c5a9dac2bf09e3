"""The SOP that tests and the example register rest on: the shipped one may change without them.

Only tests/test_sop.py compares the shipped file, with the source's text. When the office's SOP really changes, copy it
to tests/sop.toml, make the example anew (`python -m tests.example`) and read what the failing tests then say.
"""

from __future__ import annotations

from pathlib import Path

from sopkit.sop.model import load_sop

SOP_FILE = Path(__file__).with_name("sop.toml")
SOP = load_sop(SOP_FILE)
