"""How mails are parsed and made: as Python's SMTP policy has it, each header once."""

from __future__ import annotations

from email.headerregistry import BaseHeader, HeaderRegistry
from email.policy import SMTP
from functools import lru_cache


class _Once(HeaderRegistry):
    """Python parses a header whenever it is asked for, and asks each part for its Content-Type a dozen times."""

    def __call__(self, name: str, value: str) -> BaseHeader:
        return _parsed(name, value)


@lru_cache(maxsize=256)
def _parsed(name: str, value: str) -> BaseHeader:
    return PLAIN(name, value)


PLAIN = HeaderRegistry()
POLICY = SMTP.clone(header_factory=_Once())
