"""How an office's own workbook maps to the canonical one (`NAMA.sopkit.toml` beside it)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """What `NAMA.sopkit.toml` says."""
