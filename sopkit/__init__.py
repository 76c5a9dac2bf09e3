"""Checks a nonconformity register against its SOP and fills its documents."""

__version__ = "0.2.0"
