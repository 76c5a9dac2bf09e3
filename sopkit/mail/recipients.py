"""Who gets what: sheet Surel over sheet Pegawai, one address per cell and none outside the allowed domains."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sopkit.checks.inspection import Inspected
from sopkit.checks.staff import Staff, posts_of
from sopkit.documents.kinds import KINDS, MailTopic
from sopkit.frames import rows_of
from sopkit.register.schema import CHOICES, PEOPLE
from sopkit.register.tables import Table
from sopkit.text import clean_line, plain, same

RESPONSIBLE = "Penanggung Jawab"
REPORT = MailTopic(
    name="Laporan",
    text="laporan.txt",
    to="deputy",
    cc=None,
    subject=("tahun", "tanggal"),
    body=(
        *("jumlah_kasus", "status", "kesalahan", "penyimpangan", "dijelaskan", "peringatan"),
        *("diberi_keterangan", "mendesak", "kasus", "kasus_lain"),
    ),
    personal=False,
)
REMINDER = MailTopic(
    name="Pengingat",
    text="pengingat.txt",
    to="responsible",
    cc=None,
    subject=("tanggal", "jumlah_terlambat", "jumlah_segera"),
    body=("terlambat", "segera"),
)
DIGEST = MailTopic(
    name="Kumpulan",
    text="kumpulan.txt",
    to="responsible",
    cc=None,
    subject=("jumlah_dokumen", "rincian"),
    body=("dokumen", "ditutup"),
)
"""Several documents for the same people in one mail; sheet Surel does not name it."""
FORBIDDEN_IN_NAMES = re.compile(r"[<>\"@:;\\\[\]()]")


def topics() -> Mapping[str, MailTopic]:
    """All that sheet Surel can name as Dokumen, by that name, in the order in which it is written about."""
    documents = (kind.mail for kind in KINDS.values() if kind.mail is not None)
    return {topic.name: topic for topic in (*documents, REPORT, REMINDER)}


def letters() -> tuple[MailTopic, ...]:
    """All that has a text in templates/surel."""
    return (*topics().values(), DIGEST)


@dataclass(frozen=True)
class Recipient:
    """One person who can be written to. `address` is a single valid ASCII address inside the allowed domains."""

    name: str
    position: str
    address: str

    @property
    def titled(self) -> str:
        return f"{self.name} ({self.position})" if self.position else self.name


@dataclass(frozen=True)
class Reason:
    """Why somebody or something is not written to: whole Indonesian sentences and the cell to mend.

    `absent` where nothing that was typed is wrong and something is just not there (yet).
    """

    message: str
    remedy: str
    sheet: str = ""
    cell: str = ""
    absent: bool = False


@dataclass(frozen=True)
class Copy:
    """A Tembusan and its cell."""

    to: str
    cell: str


@dataclass(frozen=True)
class Route:
    """What sheet Surel says of one document and one Kepada; several rows with the same two add their Tembusan."""

    document: str
    to: str
    cc: tuple[Copy, ...]
    sheet: str
    cell: str


@dataclass(frozen=True)
class Person:
    """One row of sheet Pegawai as it stands on the day of `as_of`: `number` is the same in all rows of a person."""

    number: int
    name: str
    position: str
    role: str
    email: str
    active: bool
    sheet: str
    cell: str  # of Email


@dataclass(frozen=True)
class Directory:
    """Sheet Pegawai as mail sees it. `allow` holds addresses and domains that were allowed for this once."""

    people: tuple[Person, ...]
    staff: Staff
    roles: tuple[str, ...]
    domains: frozenset[str]
    allow: frozenset[str]

    def named(self, cell: str, responsible: Sequence[str], route: Route) -> tuple[list[Person], list[Reason]]:
        """The active people that a cell of sheet Surel means, and why others of them are not written to."""
        if same(cell, RESPONSIBLE):
            return self._responsible(responsible, route)
        role = next((role for role in self.roles if same(role, cell)), None)
        if role is None:
            return self._one(cell, route.sheet, route.cell)
        active = (person for person in self.people if person.active and same(person.role, role))
        holders = {person.number: person for person in active}
        if holders:
            return list(holders.values()), []
        message = f"Tidak ada pegawai aktif dengan peran {role}."
        remedy = f"Isi Peran {role} di sheet Pegawai atau ubah tujuannya."
        return [], [Reason(message, remedy, route.sheet, route.cell, absent=True)]

    def _responsible(self, names: Sequence[str], route: Route) -> tuple[list[Person], list[Reason]]:
        if not names:
            message = "Kolom Penanggung Jawab kasusnya belum diisi."
            remedy = "Isi Penanggung Jawab di sheet Register."
            return [], [Reason(message, remedy, route.sheet, route.cell, absent=True)]
        people: list[Person] = []
        reasons: list[Reason] = []
        for name in dict.fromkeys(names):
            found, why = self._one(name, "Register", "")
            people += found
            reasons += why
        return people, reasons

    def _one(self, name: str, sheet: str, cell: str) -> tuple[list[Person], list[Reason]]:
        meant = self.staff.named(name)
        found = [person for person in self.people if person.number in meant]
        active = [person for person in found if person.active]
        if len({person.number for person in active}) > 1:
            message = f"Nama {name} dapat berarti lebih dari satu orang di sheet Pegawai."
            return [], [Reason(message, "Bedakan Nama mereka, misalnya dengan gelar.", active[1].sheet, active[1].cell)]
        if len({person.email for person in active}) > 1:
            message = f"Nama {name} tercatat lebih dari sekali di sheet Pegawai."
            return [], [Reason(message, "Sisakan satu alamat untuk setiap pegawai.", active[1].sheet, active[1].cell)]
        if active:
            return active[:1], []
        if found:
            message = f"{name} tidak aktif lagi."
            return [], [Reason(message, "Tetapkan pegawai lain sebagai tujuan.", sheet, cell)]
        message = f"{name} bukan peran dan tidak tercatat di sheet Pegawai."
        return [], [Reason(message, "Perbaiki namanya atau tambahkan di sheet Pegawai.", sheet, cell)]

    def recipient(self, person: Person) -> Recipient | Reason:
        """The person with one valid address, or why not."""
        where = person.sheet, person.cell
        if not person.email:
            message = f"{person.name} belum memiliki alamat surel."
            return Reason(message, "Isi kolom Email di sheet Pegawai.", *where, absent=True)
        address = one_address(person.email)
        if address is None:
            message = f"Alamat surel {person.name} tidak sah; satu sel hanya boleh berisi satu alamat."
            return Reason(message, "Perbaiki kolom Email di sheet Pegawai.", *where)
        if not self.allowed(address):
            message = f"Alamat surel {person.name} berada di luar domain yang diizinkan."
            remedy = "Perbaiki alamatnya, lengkapi Domain Surel di sheet Kantor, atau izinkan sekali dengan --allow."
            return Reason(message, remedy, *where)
        return Recipient(display_name(person.name), person.position, address)

    def allowed(self, address: str) -> bool:
        domain = address.rpartition("@")[2].casefold()
        return not self.domains or domain in self.domains | self.allow or address.casefold() in self.allow


def directory(inspected: Inspected, allow: Iterable[str] = ()) -> Directory:
    """Read Pegawai, as it is on the day of `as_of`, and Domain Surel; an empty Aktif counts as Ya."""
    register = inspected.register
    staff = Staff(posts_of(register.people.read))
    people = tuple(_people(register.people, staff, inspected.as_of.date()))
    roles = dict.fromkeys((*inspected.sop.roles, *register.choices.get("Peran", ()), *_choices_of("role")))
    domains = frozenset(_domains([register.settings.get("Domain Surel", "")]))
    return Directory(people, staff, tuple(roles), domains, frozenset(_domains(allow)))


def _people(table: Table, staff: Staff, today: dt.date) -> Iterator[Person]:
    """Every row with a name; one that has no Email shares that of the person's other rows."""
    addresses: dict[int, str] = {}
    for number, post in zip(staff.person, staff.posts, strict=True):
        addresses.setdefault(number, "")
        addresses[number] = addresses[number] or _text(post.email)
    for number, post in zip(staff.person, staff.posts, strict=True):
        if _text(post.name):
            yield Person(
                number=number,
                name=_text(post.name),
                position=_text(post.position),
                role=_text(post.role),
                email=_text(post.email) or addresses[number],
                active=post.covers(today) and not post.left,
                sheet=table.sheet,
                cell=table.cell(post.row, "email"),
            )


def routes(inspected: Inspected) -> tuple[Route, ...]:
    """Sheet Surel, rows with the same Dokumen and Kepada made one; the defaults where there is no such sheet."""
    table = inspected.register.mail
    if not table.present:
        return tuple(default_routes(inspected))
    merged: dict[tuple[str, str], Route] = {}
    for row, line in rows_of(table.read):
        document, to, cc = _text(line["document"]), _text(line["to"]), _text(line["cc"])
        if not document or not to:
            continue
        key = plain(document), plain(to)
        known = merged.get(key)
        copies = known.cc if known else ()
        if cc and not any(same(cc, copy.to) for copy in copies):
            copies = (*copies, Copy(cc, table.cell(row, "cc")))
        merged[key] = Route(document, to, copies, table.sheet, known.cell if known else table.cell(row, "to"))
    return tuple(merged.values())


def default_routes(inspected: Inspected) -> Iterator[Route]:
    """PTPP and reminders to the responsible person, what asks for a signature to the head, the rest to the deputy.

    A role that nobody holds gets no copy: the office has not asked for it.
    """
    held = set(map(_text, inspected.register.people.read["role"]))
    head = inspected.sop.head_role
    deputy = next((role for role in inspected.sop.single_roles if role != head), head)
    roles = {"responsible": RESPONSIBLE, "head": head, "deputy": deputy, None: ""}
    for topic in topics().values():
        to, cc = roles[topic.to], roles[topic.cc]
        if to:
            yield Route(topic.name, to, (Copy(cc, ""),) if cc != to and cc in held else (), "", "")


def one_address(text: str) -> str | None:
    """The address in a cell that holds exactly one, normalised; None for anything else."""
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return None
    return found.ascii_email


def display_name(name: str) -> str:
    """A name that is safe in a header whatever was typed in its cell."""
    return " ".join(FORBIDDEN_IN_NAMES.sub(" ", clean_line(name)).split())


def _domains(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from (part.removeprefix("@").casefold() for part in re.split(r"[,;\s]+", text) if part.strip("@"))


def _choices_of(field: str) -> tuple[str, ...]:
    return CHOICES[PEOPLE.column(field).choices]


def _text(value: object) -> str:
    return clean_line(value) if isinstance(value, str) else ""
