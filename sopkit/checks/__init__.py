"""Rules over a register, a file for each family or part of one; `load_rules()` loads them all into the catalogue."""

from __future__ import annotations


def load_rules() -> None:
    """Import every family once; the catalogue keeps their order (`catalogue.FAMILIES`)."""
    from sopkit.checks import (  # noqa: F401
        changes,
        data,
        disposals,
        follow_ups,
        numbers,
        people,
        records,
        recurrence,
        sequence,
        settings,
        templates,
        time,
        workbook,
    )
