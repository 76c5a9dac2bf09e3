"""The office's own words for the values of lists: `[values]` of a layout file, `Status = {"Closed" = "Selesai"}`.

A key is the header of a list column of Register, Langkah, Pemusnahan or Pegawai, sopkit's or the office's own;
`"Langkah.Hasil"` where two sheets have one of that name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sopkit.language import list_text
from sopkit.register.schema import CHOICES, DISPOSALS, EVENTS, EXTENDABLE, PEOPLE, REGISTER, Column, Kind
from sopkit.text import nearest, plain, worded_alike

OwnWords = Mapping[Column, Mapping[str, str]]
"""Column -> the office's word, as the layout file writes it -> the value of its list."""
SHEETS = (REGISTER, EVENTS, DISPOSALS, PEOPLE)
FORM = 'Status = {"Closed" = "Selesai"}'


def own_words(data: object, headers: Mapping[str, Mapping[str, str]], mistakes: list[str]) -> OwnWords:
    """Read `[values]`; `headers` are the layout's own, by sheet. What is wrong is added to `mistakes`."""
    if not isinstance(data, dict):
        mistakes.append(f"bagian [values] harus berisi {FORM}")
        return {}
    found: dict[Column, dict[str, str]] = {}
    for name, given in _tables(data):
        column = _column(name, headers, mistakes)
        if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
            mistakes.append(f"[values]: {name} harus seperti {FORM}")
        elif column:
            found[column] = {**found.get(column, {}), **dict(_words(column, given, mistakes))}
    return found


def by_spelling(words: OwnWords) -> OwnWords:
    """The same by what all spellings of a word have in common."""
    return {column: {plain(word): value for word, value in own.items()} for column, own in words.items()}


def _tables(data: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Each column with its words; TOML takes `Langkah.Hasil` without quotes for a table in a table."""
    sheets = {plain(plan.name) for plan in SHEETS}
    for name, given in data.items():
        if plain(name) in sheets and isinstance(given, dict):
            yield from ((f"{name}.{header}", words) for header, words in given.items())
        else:
            yield name, given


def _column(name: str, headers: Mapping[str, Mapping[str, str]], mistakes: list[str]) -> Column | None:
    """The list column of that name: one that the layout itself calls so, else sopkit's."""
    listed = [(plan.name, column) for plan in SHEETS for column in plan.columns if column.kind is Kind.CHOICE]
    own = [(sheet, column, header) for sheet, column in listed
           for header, field in headers.get(sheet, {}).items() if field == column.field]  # fmt: skip
    for names in (own, [(sheet, column, column.header) for sheet, column in listed]):
        meant = {column: sheet for sheet, column, header in names
                 if plain(name) in (plain(header), plain(f"{sheet}.{header}"))}  # fmt: skip
        if len(meant) == 1:
            return next(iter(meant))
        if meant:
            choices = [f'"{sheet}.{name}"' for sheet in meant.values()]
            mistakes.append(f"[values]: ada dua kolom '{name}'; tulis {list_text(choices, 'atau')}")
            return None
    known = [column.header for _, column in listed]
    mistakes.append(f"[values]: '{name}' bukan kolom berdaftar pilihan{_near(name, known)}")
    return None


def _words(column: Column, given: Mapping[str, str], mistakes: list[str]) -> Iterator[tuple[str, str]]:
    known = {plain(value): value for value in CHOICES[column.choices]}
    seen: dict[str, str] = {}
    for word, value in given.items():
        meant = known.get(plain(value), value.strip() if column.choices in EXTENDABLE else "")
        if not plain(word):
            mistakes.append(f"[values]: kata kantor untuk {column.header} tidak boleh kosong")
        elif not meant:
            turned = f'; mungkin terbalik: "{value}" = "{word}"' if plain(word) in known else ""
            hint = turned or _near(value, list(known.values()))
            mistakes.append(f"[values]: '{value}' bukan nilai {column.header}{hint}")
        elif seen.setdefault(plain(word), meant) != meant:
            mistakes.append(f"[values]: {column.header} mengartikan '{word}' dua kali")
        else:
            yield word, meant


def _near(name: str, known: list[str]) -> str:
    close = nearest(name, known, alike=worded_alike)
    return f" (maksudnya {list_text(close, 'atau')}?)" if close else f" ({list_text(known)})"
