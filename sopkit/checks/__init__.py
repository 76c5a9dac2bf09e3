"""Rules over a register: each family is a file; `families()` loads them all into the catalogue."""

from __future__ import annotations


def families() -> None:
    """Import every family once. Their order here and in their files is the order within a stage."""
    from sopkit.checks import data, people, records, sequence, templates, time, workbook  # noqa: F401
