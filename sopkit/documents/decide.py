"""What becomes of each document, decided from the archive and the file that stands there."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sopkit import __version__, archive
from sopkit.archive import Archive, Record
from sopkit.documents.codes import QR_DIGITS
from sopkit.documents.content import DocumentContent
from sopkit.documents.kinds import KINDS, Wanted
from sopkit.documents.render import RenderRequest

TOOL = f"sopkit {__version__}"
PRINTED_DIGITS = 16
State = Literal["made", "unchanged", "rewritten", "revised", "kept", "outdated"]


@dataclass(frozen=True)
class Job:
    """A document to be rendered and written to `path`.

    `made` is its latest record. `backup`: what stands there was edited by hand and is put aside. `adopt`: a file of
    unknown origin stands there and is only taken over when it has the same bytes. `refresh`: nothing but the template
    or the tool has changed, so the same bytes need no new file.
    """

    wanted: Wanted
    content: DocumentContent
    request: RenderRequest
    made: Record | None
    path: str
    state: State
    revision: int = 0
    backup: bool = False
    adopt: bool = False
    refresh: bool = False

    @property
    def replaces(self) -> str | None:
        """The mailed document that this one is a revision of."""
        return self.made.path if self.made is not None and self.state == "revised" else None


@dataclass(frozen=True)
class Unchanged:
    """A document that is left as it is."""

    wanted: Wanted
    content: DocumentContent
    path: str
    state: State
    sha256: str


def paths_of(
    wanted: Sequence[Wanted], current: Mapping[tuple[str, str], Record], taken: set[str]
) -> dict[tuple[str, str], str]:
    """A path for each document: the one it has, else one from its number that no other number shares."""
    new = [one for one in wanted if one.key not in current]
    held = {path.casefold() for path in taken}
    crowd = Counter(KINDS[one.kind].path(one.number).casefold() for one in new)
    paths = {}
    for one in wanted:
        if one.key in current:
            paths[one.key] = current[one.key].path
            continue
        path = KINDS[one.kind].path(one.number)
        if crowd[path.casefold()] > 1 or path.casefold() in held:
            path = f"{path.removesuffix('.docx')}-{hashlib.sha256(one.number.encode()).hexdigest()[:6]}.docx"
        paths[one.key] = path
    return paths


class Decisions:
    """Decides from the archive what becomes of each document."""

    def __init__(self, record: Archive, *, overwrite: bool, refresh: bool) -> None:
        self.current = record.current()
        self._output = record.output
        self._intended = record.intended()
        self._overwrite = overwrite
        self._refresh = refresh

    def settle(self, wanted: Wanted, content: DocumentContent, request: RenderRequest, path: str) -> Job | Unchanged:
        """What to do about one document that would stand at `path`."""
        made = self.current.get(wanted.key)
        found = archive.sha256_of(self._output / path)
        if made is None:
            return self._unrecorded(Job(wanted, content, request, None, path, "made"), found)
        job = Job(wanted, content, request, made, path, "rewritten", made.revision)
        if made.mailed_at and not _same_data(made, content):
            return self._revision(job, made)
        if found is None:
            return replace(job, state="made")
        if found not in (made.file_sha256, self._intended.get(path)):
            edited = Unchanged(wanted, content, path, "kept", found)
            return replace(job, backup=True) if self._overwrite else edited
        return self._ours(job, made, found)

    def _unrecorded(self, job: Job, found: str | None) -> Job:
        """Nothing is known of it: a stranger's file is kept unless it is the very document, or may be put aside."""
        if found is None or found == self._intended.get(job.path):
            return job
        return replace(job, state="rewritten", backup=True) if self._overwrite else replace(job, adopt=True)

    def _ours(self, job: Job, made: Record, found: str) -> Job | Unchanged:
        content, request = job.content, job.request
        if found != made.file_sha256 or not _same_data(made, content):
            return job
        if not made.print_sha256:  # known by its file alone: the same bytes tell the rest
            if self._refresh and not made.mailed_at:
                return replace(job, refresh=True)
            return replace(job, adopt=True)
        current = request.template_sha256 in ("", made.template_sha256) and made.tool == TOOL  # "": not to be read, T03
        same = current and made.print_sha256 == content.print_sha256
        if current and not same and not made.mailed_at:
            return job  # a name, NIP or letterhead was corrected in the workbook
        if same or not self._refresh:
            return Unchanged(job.wanted, content, job.path, "unchanged" if same else "outdated", found)
        job = replace(job, refresh=True)
        return self._revision(job, made) if made.mailed_at else job

    def _revision(self, job: Job, made: Record) -> Job:
        """A new file beside the one that went out; a stranger's file of that name is passed over."""
        stem = re.sub(r" rev-\d+$", "", made.path.removesuffix(".docx"))
        number = made.revision + 1
        while not self._free(f"{stem} rev-{number}.docx"):
            number += 1
        return replace(job, path=f"{stem} rev-{number}.docx", state="revised", revision=number)

    def _free(self, path: str) -> bool:
        return archive.sha256_of(self._output / path) in (None, self._intended.get(path))


def _same_data(made: Record, content: DocumentContent) -> bool:
    """Of a document that was known by its QR or its printed code alone there are fewer digits."""
    return content.data_sha256 == made.data_sha256 or (
        len(made.data_sha256) in (PRINTED_DIGITS, QR_DIGITS) and content.data_sha256.startswith(made.data_sha256)
    )
