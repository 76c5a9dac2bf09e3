"""How registers hang together: the PTPP of one is named as the follow-up in another, of the year before."""

from __future__ import annotations

from dataclasses import dataclass

from sopkit.register.tables import Register


@dataclass(frozen=True)
class Links:
    """The PTPP numbers of a register, and whether it names others."""

    numbers: frozenset[str]
    asks: bool

    def ask_for(self, everywhere: frozenset[str]) -> bool:
        """Whether what is found in it may depend on others of these PTPP numbers."""
        return self.asks and not everywhere <= self.numbers


def links_of(register: Register) -> Links:
    """Of a register as it was inspected."""
    numbers = ptpp_numbers(register)
    return Links(numbers, any(text not in numbers for text in register.cases.read["follow_up_ptpp"].dropna()))


def ptpp_numbers(register: Register) -> frozenset[str]:
    """As they are typed."""
    return frozenset(register.cases.read["ptpp_number"].dropna())
