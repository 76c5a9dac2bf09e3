"""What goes wrong is said to a clerk in one Indonesian sentence, with what to do about it."""

from __future__ import annotations


class SopkitError(Exception):
    """A problem that stops the command.

    `message` says what is wrong and `remedy` what to do, both whole Indonesian sentences;
    `exit_code` is the process's (product.md: 2 usage, 3 could not finish, 4 mail needs attention).
    """

    exit_code = 3

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class UsageProblem(SopkitError):
    """The command was asked for something that cannot be."""

    exit_code = 2


class MailProblem(SopkitError):
    """A mail was refused or its fate is uncertain."""

    exit_code = 4
