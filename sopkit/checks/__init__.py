"""Rules over a register: each family is a file; `families()` loads them all into the catalogue."""

from __future__ import annotations


def families() -> None:
    """Import every family once; the catalogue keeps their order (`catalogue.FAMILIES`)."""
    from sopkit.checks import data, people, records, sequence, templates, time, workbook  # noqa: F401
