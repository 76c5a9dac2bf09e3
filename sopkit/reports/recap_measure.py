"""One workbook for a recap: of what its numbers follow, so that they can be kept, and the numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from sopkit.checks.inspection import Inspected, inspect_register
from sopkit.checks.links import links_of, ptpp_numbers
from sopkit.register.read import demand_cases, open_book, read_book
from sopkit.register.tables import Register
from sopkit.reports.made_of import digest, digest_of
from sopkit.reports.recap_parts import parts_of
from sopkit.reports.recap_store import Measured
from sopkit.sop.model import load_sop


def measured(
    path: Path, as_of: dt.datetime | None, now: dt.datetime, sop_file: Path | None, elsewhere: frozenset[str]
) -> Measured:
    """The numbers of a workbook as of `as_of`, else of the moment that it names itself, else of `now`.

    `elsewhere`: the PTPP numbers of all, nothing for its own alone. `SopkitError` where it cannot be read, or has no
    sheet of cases.
    """
    book = open_book(path, sop=sop_file)
    register = read_book(book)
    demand_cases(register)
    inspected = inspect_register(register, load_sop(book.sop), as_of, elsewhere or ptpp_numbers(register), now)
    own = as_of is None and _names_moment(register)
    day, exact = _of_day(inspected.as_of), inspected.as_of.isoformat()
    until = "" if own else day if _holds_all_day(inspected) else exact
    key = digest(digest_of(book), until, sorted(elsewhere))
    return Measured(key, links_of(inspected.register), parts_of(inspected).packed())


def keys(
    path: Path, as_of: dt.datetime | None, now: dt.datetime, sop_file: Path | None, elsewhere: frozenset[str]
) -> Mapping[str, str | None]:
    """The keys that `measured` may give this workbook, with the moment (ISO) that it is then of; None: its own."""
    book = open_book(path, sop=sop_file)
    own, others, moment = digest_of(book), sorted(elsewhere), (as_of or now).isoformat()
    said = {digest(own, until, others): moment for until in (_of_day(as_of or now), moment)}
    return said if as_of else {**said, digest(own, "", others): None}


def _names_moment(register: Register) -> bool:
    try:
        return register.as_of() is not None
    except ValueError:  # D50 says so
        return False


def _of_day(moment: dt.datetime) -> str:
    return moment.date().isoformat()


def _holds_all_day(inspected: Inspected) -> bool:
    """Whether the numbers are the same at any later time of the day: nothing runs, and nothing is of a later time."""
    if inspected.register.events.data["end"].isna().any():
        return False
    now = np.datetime64(inspected.as_of, "s")
    moments = (
        frame[name].to_numpy("datetime64[s]")
        for frame in (table.data for table in inspected.register.tables)
        for name in frame
        if frame[name].dtype.kind == "M"
    )
    return not any(((now < values) & (values.astype("datetime64[D]") == now.astype("datetime64[D]"))).any()
                   for values in moments)  # fmt: skip
