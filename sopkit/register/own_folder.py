"""Which output folder is a register's: one folder belongs to one register, and a register keeps the folder it has."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Callable, Collection, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from sopkit.archive import Archive, Owner, folders_with_archive
from sopkit.database import COPY, FILE, in_memory, read_only
from sopkit.errors import SopkitError
from sopkit.folders import FINDINGS, REPORT, numbered, own_folders
from sopkit.register.identity import YEAR, file_from, identity_of, is_same
from sopkit.register.read import read_register
from sopkit.register.tables import Register

OUTPUTS = (REPORT, FINDINGS)  # of an output folder whose archive may be lost


@dataclass(frozen=True)
class Placed:
    """The folder of one register in this run, None where it is a copy of another that is run; `told` in a sentence."""

    folder: Path | None
    told: str = ""


@dataclass(frozen=True)
class _Home:
    """An output folder and whose it is: its owner, else what its workbooks were called, else nobody knows."""

    folder: Path
    owner: Owner | None = None
    names: Sequence[str] = ()

    @property
    def known(self) -> bool:
        return self.owner is not None or bool(self.names)

    @property
    def name(self) -> str:
        """Of the workbook that it belongs to, as it was when documents were last made of it."""
        return PurePosixPath(self.owner.file).name if self.owner else self.names[-1]

    @property
    def book(self) -> Path | None:
        """Where that workbook lay; None where only its name is known."""
        return Path(os.path.normpath(self.folder.absolute() / self.owner.file)) if self.owner else None


@dataclass(frozen=True)
class _Guest:
    """A register that is to have a folder."""

    register: Register
    identity: Owner
    target: Path
    own: str  # the name of a folder of its own

    @property
    def path(self) -> Path:
        return self.register.source.path

    def is_like(self, other: _Guest) -> bool:
        """Whether one is a copy of the other, as far as the books tell."""
        return is_same(other.identity, self.identity, at_home=False, left=False)

    def is_named_as_copy_of(self, other: _Guest) -> bool:
        beside = other.path.name in self.register.source.open_elsewhere
        return beside and self.path.absolute().parent == other.path.absolute().parent


def place(
    registers: Sequence[Register],
    targets: Sequence[Path],
    reserved: Collection[str],
    *,
    several: bool,
    is_sound: Callable[[Path], bool],
) -> list[Placed]:
    """A folder for each register, in or below the target asked for.

    `reserved`: names of folders in an output folder that are for other things; `several` where more than one workbook
    was given, also if only one of them can be read; `is_sound`: whether an archive is whole and its folder's own.
    A register that has a folder keeps it, whatever is run beside it. One register alone takes the target itself while
    it is nobody's; each of several, and whoever comes later, has a folder of its own in it.
    """
    homes = {target: [_home(target), *map(_home, folders_with_archive(target))] for target in dict.fromkeys(targets)}
    own = own_folders([one.source.path for one in registers])
    guests = [
        _Guest(one, identity_of(one), *at) for one, at in zip(registers, zip(targets, own, strict=True), strict=True)
    ]
    taken: dict[Path, _Guest] = {}
    placed: dict[int, Placed] = {}
    fits = [_fitting(guest, homes[guest.target]) for guest in guests]
    for target in {guest.target for guest, fit in zip(guests, fits, strict=True) if fit is None}:
        if homes[target][0].known and not is_sound(target):
            homes[target][0] = _home(target, damaged=True)
    fits = [fit or _fitting(guest, homes[guest.target]) for guest, fit in zip(guests, fits, strict=True)]
    for at_home in (True, False):  # a copy does not drive the register out of its folder
        for at, (guest, fit) in enumerate(zip(guests, fits, strict=True)):
            if fit is not None and fit[1] == at_home:
                placed[at] = _kept(guest, fit[0], taken)
    for at, guest in enumerate(guests):
        if at not in placed:
            placed[at] = _new(guest, homes[guest.target], taken, reserved, several)
    return [placed[at] for at in range(len(guests))]


def owner(register: Register, output: Path) -> Owner:
    """What an output folder remembers of the register that it belongs to."""
    return replace(identity_of(register), file=file_from(output, register.source.path))


def folder_of(register: Register, target: Path) -> Path | None:
    """The folder at or below `target` that is this register's already; None where none is. Nothing is written."""
    guest = _Guest(register, identity_of(register), target, "")
    fit = _fitting(guest, [_home(target), *map(_home, folders_with_archive(target))])
    return fit[0].folder if fit else None


def _kept(guest: _Guest, home: _Home, taken: dict[Path, _Guest]) -> Placed:
    """Nothing is told: what it was when the folder was made holds still."""
    if home.folder in taken:
        return _copy_of(guest, taken[home.folder])
    taken[home.folder] = guest
    return Placed(home.folder)


def _new(
    guest: _Guest, homes: Sequence[_Home], taken: dict[Path, _Guest], reserved: Collection[str], several: bool
) -> Placed:
    like = next((other for other in taken.values() if guest.is_like(other)), None)
    if like and guest.is_named_as_copy_of(like):
        return _copy_of(guest, like)
    target = homes[0]
    alone = not several and not target.known and (len(homes) == 1 or (target.folder / REPORT).exists())
    held = {*taken, *(home.folder for home in homes if home.known)}
    folder = target.folder if alone else _free(guest, held, reserved)
    taken[folder] = guest
    return Placed(folder, _twice(guest, like) if like else _told(guest, target, folder))


def _twice(guest: _Guest, other: _Guest) -> str:
    what = f"{guest.path.name} memuat kasus yang sama dengan {other.path.name}"
    return f"{what}: dokumen dan surelnya dibuat dua kali. Bila itu salinan, pindahkan ke folder lain."


def _told(guest: _Guest, target: _Home, folder: Path) -> str:
    """Why a register's outputs do not lie where they were asked for; empty where nobody else's folder is meant."""
    if folder == target.folder or not target.known:
        return ""
    return f"Folder {target.folder} milik register {target.name}; hasil {guest.path.name} ada di {folder}."


def _copy_of(guest: _Guest, other: _Guest) -> Placed:
    names = guest.path.name, other.path.name
    return Placed(None, f"{names[0]} adalah salinan register {names[1]}; yang dikerjakan hanya {names[1]}.")


def _free(guest: _Guest, held: Collection[Path], reserved: Collection[str]) -> Path:
    """The first folder of the guest's name that is nobody's and has nothing of others in it."""
    target, kept = guest.target, {name.casefold() for name in reserved}
    kept |= {folder.name.casefold() for folder in held if folder.parent == target}
    names = (name for name in numbered(guest.own) if name.casefold() not in kept)
    return next(target / name for name in names if _is_usable(target / name))


def _is_usable(folder: Path) -> bool:
    try:
        return not folder.exists() or not any(folder.iterdir()) or any((folder / name).exists() for name in OUTPUTS)
    except OSError:
        return False


def _home(folder: Path, *, damaged: bool = False) -> _Home:
    """By its archive; where that is lost or damaged, which is said by whoever works in it, by its copy or findings."""
    with suppress(SopkitError, OSError, sqlite3.Error):
        path = folder / FILE
        if not damaged and path.is_file() and path.stat().st_size:
            with read_only(path) as connection:
                record = Archive(connection, folder)
                return _Home(folder, record.owner(), record.file_names())
    with suppress(SopkitError, OSError, sqlite3.Error), closing(in_memory((folder / COPY).read_bytes())) as connection:
        record = Archive(connection, folder)
        return _Home(folder, record.owner(), record.file_names())
    with suppress(OSError, ValueError, LookupError, TypeError):
        told = json.loads((folder / FINDINGS).read_text("utf-8"))["register"]["path"]
        return _Home(folder, None, [re.split(r"[\\/]", told)[-1]])
    return _Home(folder)


def _fitting(guest: _Guest, homes: Sequence[_Home]) -> tuple[_Home, bool] | None:
    """The folder that is this register's, and whether the register lies where it lay; None where none is."""
    fits = [
        (home, home_at) for home in homes for home_at in [_is_at_home(guest, home)] if _is_its(guest, home, home_at)
    ]
    return max(fits, key=lambda fit: fit[1], default=None)


def _is_at_home(guest: _Guest, home: _Home) -> bool:
    if home.book is None:
        return home.known and home.name.casefold() == guest.path.name.casefold()
    with suppress(OSError):
        return guest.path.samefile(home.book)
    return False


def _is_its(guest: _Guest, home: _Home, at_home: bool) -> bool:
    if home.owner is not None and home.book is not None:
        return is_same(home.owner, guest.identity, at_home=at_home, left=not home.book.exists())
    return home.known and (at_home or _is_successor(guest, home))


def _is_successor(guest: _Guest, home: _Home) -> bool:
    """Whether it is the workbook that an older sopkit made this folder of, under another name.

    That sopkit kept nothing but the name: where a workbook of that name is there still, it is asked.
    """
    before = guest.path.with_name(home.name)
    years = {found[0] for found in map(YEAR.search, (guest.path.stem, before.stem)) if found}
    if len(years) > 1:
        return False
    if not before.is_file():
        return True
    try:
        other = identity_of(read_register(before))
    except SopkitError:
        return False
    return is_same(other, guest.identity, at_home=False, left=False)
