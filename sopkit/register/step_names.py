"""Which step of the SOP a column is of, by its header: the step's activity, its usual short form, or its number."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from sopkit.register.schema import REGISTER
from sopkit.sop.model import Sop, Step
from sopkit.text import plain, words

SURE, LIKELY = 82, 60  # how sure (0 to 100) to take a column for a step's, and to suggest it
LEAST_STEPS = 2  # named by as many headers, the steps stand as columns
BARE = 4  # taken off for a header that says no part: it is the finish
_PARTS: Mapping[str, Sequence[str]] = {
    "start": ("mulai", "dimulai", "awal", "start", "masuk"),
    "end": ("selesai", "akhir", "berakhir", "finish", "end", "realisasi"),
    "actor": ("pelaksana", "petugas", "oleh", "pic", "nama", "pejabat", "paraf"),
    "outcome": ("hasil", "outcome"),
    "remark": ("keterangan", "ket", "catatan", "remark"),
}
"""Field of Langkah -> what of a step a column holds."""
_FIELD_OF = {word: field for field, said in _PARTS.items() for word in said}
_WHEN = frozenset({"tanggal", "tgl", "tggl", "waktu", "jam", "hari", "date", "time"})
_STEP_WORDS = frozenset(
    {"langkah", "tahap", "tahapan", "step", "kegiatan", "aktivitas", "aktifitas", "proses", "no", "l"}
)
_FILLERS = frozenset(
    (
        "dan", "dengan", "dari", "di", "ke", "kepada", "pada", "oleh", "untuk", "atau", "yang", "secara", "atas",
        "para", "the", "of", "and", "to",
    )
)  # fmt: skip
_LIGHT = frozenset({"melakukan", "melaksanakan", "mengadakan", "menjalankan", "menyelenggarakan"})
"""Verbs that say nothing: what is done stands behind them."""
_SHORT: Mapping[str, Sequence[str]] = {
    "identification": ("identifikasi", "pencatatan", "registrasi"),
    "evaluation": ("evaluasi", "penilaian", "telaah", "kajian", "review"),
    "consultation": ("konsultasi", "konsul", "koordinasi"),
    "decision": ("keputusan", "putusan", "penetapan"),
    "segregation": ("pemisahan", "isolasi", "karantina", "segregasi", "pisah"),
    "correction": ("perbaikan", "koreksi", "tindakan perbaikan", "pelaksanaan perbaikan"),
    "approval-request": (
        "minta persetujuan", "permintaan persetujuan", "permohonan persetujuan", "pengajuan persetujuan", "minta acc",
    ),
    "approval": ("persetujuan", "acc", "approval", "pengesahan"),
    "destruction": ("pemusnahan", "musnah", "penghancuran"),
}  # fmt: skip
"""Duty of a step -> what offices call it for short."""
_PERHAPS: Mapping[str, Sequence[str]] = {
    "identification": ("input", "pelaporan"),
    "evaluation": ("analisa", "analisis", "pemeriksaan"),
    "consultation": ("laporan ke camat",),
    "decision": ("disposisi",),
    "correction": ("tindak lanjut", "penyelesaian", "penanganan"),
    "approval-request": ("pengajuan", "usulan", "ajukan"),
    "approval": ("verifikasi", "validasi", "pengecekan"),
}
"""The same where something else might as well be meant: worth suggesting, not sure."""
_CANONICAL = frozenset(plain(column.header) for column in REGISTER.columns)


@dataclass(frozen=True)
class StepName:
    """The step (`number`) and the field of Langkah that a column is taken for; `sure` from 0 to 100."""

    number: int
    field: str
    sure: float


def step_of(header: str, sop: Sop) -> StepName | None:
    """The step that a header names; of two header rows, both texts with a blank between. None where it names none.

    Tindakan Perbaikan and the like may be of Register just as well: what stands below must decide.
    """
    title = _Title.of(header)
    named = _best(title, sop)
    if title.number is None or all(step.number != title.number for step in sop.steps):
        return named
    if named is not None and named.sure >= SURE and named.number != title.number:  # columns are counted otherwise
        return named
    if title.about:
        sure = 98.0 if named is not None and named.number == title.number else 70.0
    else:
        sure = 98.0 if title.says_step else 85.0 if title.field in ("actor", "start", "end") else 70.0
    return StepName(title.number, title.field or "end", sure)


def steps_of(headers: Iterable[str], sop: Sop, dated: Collection[str] | None = None) -> Mapping[int, Mapping[str, str]]:
    """The steps that these headers surely name: number -> field of Langkah -> header; in the SOP's order.

    Each header serves once, the surest first. `dated` are the headers of columns that hold dates, where that is
    known: only they are a start or a finish, and only they may be called as a column of Register is. Empty where fewer
    than two steps have a finish.
    """
    found: dict[int, dict[str, str]] = {}
    named = [(name, header) for header in headers if (name := step_of(header, sop)) and name.sure >= SURE]
    for name, header in sorted(named, key=lambda pair: -pair[0].sure):
        moment = name.field in ("start", "end")
        if header not in (dated or ()) and ((moment and dated is not None) or plain(header) in _CANONICAL):
            continue
        found.setdefault(name.number, {}).setdefault(name.field, header)
    order = [step.number for step in sop.steps]
    whole = {number: found[number] for number in order if "end" in found.get(number, {})}
    return whole if len(whole) >= LEAST_STEPS else {}


@dataclass(frozen=True)
class _Title:
    """A header taken apart: the number it says, the part of the step, and what remains, its subject."""

    number: int | None
    field: str
    about: tuple[str, ...]
    dated: bool
    says_step: bool

    @classmethod
    def of(cls, header: str) -> _Title:
        said = words(re.sub(r"(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)", " ", plain(header))).split()
        numbers = [int(word) for word in said if word.isdigit() and len(word) <= 3]
        left = [word for word in said if not word.isdigit()]
        says_step = any(word in _STEP_WORDS for word in left)
        dated = any(word in _WHEN for word in left)
        left = [word for word in left if word not in _WHEN and word not in _STEP_WORDS]
        field, about = _part(left)
        about = [word for word in about if word not in _FILLERS]
        return cls(numbers[0] if len(numbers) == 1 else None, field, tuple(about), dated, says_step)


def _part(said: Sequence[str]) -> tuple[str, list[str]]:
    """The field of Langkah that stands at an end of the header, and the words without it."""
    for at in (len(said) - 1, 0):
        if said and said[at] in _FIELD_OF and not (at == 0 and said[0] == "hasil"):  # Hasil Perbaikan is a record
            return _FIELD_OF[said[at]], [word for place, word in enumerate(said) if place != at]
    return "", list(said)


def _best(title: _Title, sop: Sop) -> StepName | None:
    if not title.about:
        return None
    names = _Names(sop)
    scores = sorted(((names.likeness(title.about, step), step.number) for step in sop.steps), reverse=True)
    (first, number), second = scores[0], scores[1][0] if len(scores) > 1 else 0.0
    if first < LIKELY or first - second < 1:
        return None
    return StepName(number, title.field or "end", first if title.field or title.dated else first - BARE)


@dataclass(frozen=True)
class _Names:
    """What the steps of an SOP are called."""

    sop: Sop

    def likeness(self, about: Sequence[str], step: Step) -> float:
        """How like the words of a header are to a step, 0 to 100."""
        short = max((_alike(about, words(name).split()) for name in _SHORT.get(step.duty, ())), default=0.0)
        other = max((_alike(about, words(name).split()) for name in _PERHAPS.get(step.duty, ())), default=0.0)
        return max(short * 0.98, other * 0.72, self._by_activity(about, step))

    def _by_activity(self, about: Sequence[str], step: Step) -> float:
        """The share of the header's words that the activity holds; full only where its verb is among them.

        What many activities say (`layanan tidak sesuai`) counts little, and so does what the header leaves out.
        """
        head, rest = _activity(step)
        held = [max((_weight(word, other) for other in (*head, *rest)), default=0.0) for word in about]
        verb = max((_weight(word, other) for word in about for other in head), default=0.0)
        if not held or not any(held):
            return 0.0
        weights = [self._telling(word) for word in about]
        share = sum(weight * like for weight, like in zip(weights, held, strict=True)) / sum(weights)
        length = min(1.0, len(about) / max(1, len(head) + len(rest)))
        return 100 * share * (0.94 + 0.06 * length if verb else 0.55 + 0.06 * length)

    def _telling(self, word: str) -> float:
        return 1.0 / max(1, sum(any(_weight(word, other) for other in spoken) for spoken in self._spoken))

    @cached_property
    def _spoken(self) -> Sequence[Sequence[str]]:
        return [[*head, *rest] for head, rest in map(_activity, self.sop.steps)]


def _activity(step: Step) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words of an activity: its verb (where that says nothing, what follows), and the others."""
    said = [word for word in words(step.activity).split() if word not in _FILLERS]
    if said and said[0] in _LIGHT:
        return tuple(said[1:3]), tuple(said[3:])
    return tuple(said[:1]), tuple(said[1:])


def _alike(about: Sequence[str], name: Sequence[str]) -> float:
    """100 where both have the same words; less for each that one has alone."""
    shared = sum(max((_weight(word, other) for other in name), default=0.0) for word in about)
    return 100 * 2 * shared / (len(about) + len(name)) if shared else 0.0


def _weight(one: str, other: str) -> float:
    """1 for the same word, a little less for another form of it (`evaluasi`, `mengevaluasi`), else 0."""
    if one == other:
        return 1.0
    return 0.98 if _stems(one) & _stems(other) else 0.0


_BEFORE = (
    ("meny", ("s",)), ("peny", ("s",)), ("meng", ("", "k")), ("peng", ("", "k")), ("mem", ("", "p", "m")),
    ("pem", ("", "p", "m")), ("men", ("", "t", "n")), ("pen", ("", "t", "n")), ("memper", ("",)), ("diper", ("",)),
    ("per", ("",)), ("ber", ("",)), ("ter", ("",)), ("me", ("",)), ("pe", ("",)), ("di", ("",)), ("ke", ("",)),
)  # fmt: skip
_AFTER = ("kan", "an", "i", "nya")
SHORTEST = 4  # letters of a stem by which two words are one


@lru_cache(maxsize=4096)
def _stems(word: str) -> frozenset[str]:
    """What may be left of an Indonesian word without its affixes: of `mengevaluasi` also `evaluasi`."""
    ends = {word, *(word.removesuffix(end) for end in _AFTER)}
    found = {word} if len(word) >= SHORTEST else set()
    for begun in ends:
        found.add(begun)
        for prefix, letters in _BEFORE:
            if begun.startswith(prefix):
                found |= {letter + begun.removeprefix(prefix) for letter in letters}
    return frozenset(stem for stem in found if len(stem) >= SHORTEST or stem == word)
