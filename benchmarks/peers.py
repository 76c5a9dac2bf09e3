"""What other programs make of the same register: their time, and which of the planted faults each finds.

    uv run --with pm4py --with pandera --with frictionless --with docx-mailmerge2 python benchmarks/peers.py

It installs nothing; a peer that is not there is left out. The register is the example (`tests/example/faults.py` says
where each fault was planted); times are also taken on 1,000 cases of `benchmarks/registers.py`. Every program is a
process of its own and its processor seconds count whole, imports too. pandera and frictionless are told all that the
columns of sopkit say (what is required, lists, forms of numbers, whose names and numbers must exist elsewhere), and
that nothing ends before it begins. pm4py learns its model and its profile from the same year before the faults were
planted. A fault is found at its cell, or in its row, or only in its case; `beside` are rows or cases that are told
though nothing was planted in their case.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from importlib import metadata
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "benchmarks")]
Told = list[tuple[str, str, str]]
"""(sheet, cell), (sheet, row) or (empty, case), each with what it is: `cell`, `row`, `case`."""
NEEDS = {"pandera": "pandera", "frictionless": "frictionless", "pm4py replay": "pm4py", "pm4py profile": "pm4py"}
FORMS = {"Pola No. Catatan": r"\d{3}/CLTS/[IVX]+/\d{4}", "PTPP": r"\d{3}/PTPP/[IVX]+/\d{4}", "NIP": r"\d{18}"}
DOCUMENTS = 100


def main() -> None:
    if len(sys.argv) > 1:
        told = PEERS[sys.argv[1]](Path(sys.argv[2]))
        print("\n" + json.dumps(told))
        return
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        planted, cases = prepare(folder)
        print(f"{len(planted)} planted faults, {len(set(cases.values()))} cases\n")
        print("| program | CPU s, example | CPU s, 1,000 cases | at the cell | in the row | in the case | beside |")
        print("|---|---:|---:|---:|---:|---:|---:|")
        for name in PEERS:
            if find_spec(NEEDS.get(name, "sopkit")):
                times, told = zip(*(measured(name, folder / size) for size in ("contoh", "seribu")), strict=True)
                print(f"| {name} | {times[0]:.1f} | {times[1]:.1f} | {judged(told[0], planted, cases)} |", flush=True)
        documents(folder)
    names = ("sopkit", "pm4py", "pandera", "frictionless", "docxtpl", "docx-mailmerge2", "pandas", "numpy")
    print("\n" + ", ".join(f"{name} {metadata.version(name)}" for name in names if find_spec(MODULES.get(name, name))))


MODULES = {"docx-mailmerge2": "mailmerge"}


def prepare(folder: Path) -> tuple[list[tuple[str, str, str]], dict[tuple[str, int], str]]:
    """The registers as CSV and workbooks; the planted faults, and the case of each row."""
    import example
    from example.year import YEAR, ordinary_year
    from frozen_sop import SOP

    from registers import write_register
    from sopkit.newbook.create import build_workbook

    _, planted = example.example_content(SOP)
    (folder / "contoh").mkdir()
    (folder / "seribu").mkdir()
    (folder / "bersih.xlsx").write_bytes(build_workbook(SOP, YEAR, example._laid_out(ordinary_year(SOP))[0]))
    (folder / "contoh" / "r.xlsx").write_bytes((ROOT / "registers" / "register-contoh.xlsx").read_bytes())
    write_register(folder / "seribu" / "r.xlsx", 1000)
    tables(folder / "bersih.xlsx", folder)
    rows = {}
    for place in (folder / "contoh", folder / "seribu"):
        found = tables(place / "r.xlsx", place)
        rows = rows or found
    return [each for each in planted if each[2]], rows


def tables(book: Path, folder: Path) -> dict[tuple[str, int], str]:
    """Every sheet as typed, with the row of the workbook, as CSV in `folder`."""
    from sopkit.register.read import read_register

    register, rows = read_register(book), {}
    for table in (register.cases, register.events, register.disposals, register.people):
        frame = table.raw.rename(columns={column.field: column.header for column in table.plan.columns})
        frame.to_csv(folder / f"{table.plan.name}.csv", index_label="baris")
        number = {"cases": "number", "events": "case"}.get(table.plan.table)
        if number:
            rows |= {(table.sheet, int(row)): str(case) for row, case in table.data[number].dropna().items()}
    return rows


def measured(name: str, folder: Path) -> tuple[float, Told]:
    """Processor seconds and what was told."""
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(
            [sys.executable, __file__, name, str(folder)], stdout=out, stderr=subprocess.DEVNULL, env=env
        )
        _, status, used = os.wait4(process.pid, 0)
        out.seek(0)
        lines = out.read().decode().splitlines()
    assert status == 0, name
    return used.ru_utime + used.ru_stime, [tuple(one) for one in json.loads(lines[-1])]


def judged(told: Told, planted: list[tuple[str, str, str]], cases: Mapping[tuple[str, int], str]) -> str:
    said = set(told)
    at = [0, 0, 0]
    for _, sheet, cell in planted:
        row = "".join(filter(str.isdigit, cell))
        case = cases.get((sheet, int(row)), "-")
        in_case = {("case", "", case)} | {("row", s, str(r)) for (s, r), c in cases.items() if c == case}
        cell_told = ("cell", sheet, cell) in said
        row_told = any(one[1] == sheet and row_of(one) == row for one in said)
        at[0] += cell_told
        at[1] += cell_told or row_told
        at[2] += cell_told or row_told or bool(in_case & {as_row(one) for one in said})
    spoilt = {cases.get((s, int("".join(filter(str.isdigit, c)))), f"{s}{c}") for _, s, c in planted}
    places = {as_row(one) for one in said}
    beside = [p for p in places if (p[2] if p[0] == "case" else cases.get((p[1], int(p[2])), "-")) not in spoilt]
    return " | ".join(map(str, (*at, len(beside))))


def row_of(one: tuple[str, str, str]) -> str:
    return "".join(filter(str.isdigit, one[2])) if one[0] != "case" else ""


def as_row(one: tuple[str, str, str]) -> tuple[str, str, str]:
    return one if one[0] == "case" else ("row", one[1], row_of(one) or "0")


def by_sopkit(folder: Path) -> Told:
    from sopkit.pipeline import inspect_books

    (inspected,) = inspect_books([folder / "r.xlsx"], None, None).inspected
    return [("cell", found.sheet, found.cell) for found in inspected.findings if found.cell]


def by_libreoffice(folder: Path) -> Told:
    """The live columns that sopkit's workbook has, reckoned anew."""
    from openpyxl import load_workbook

    with tempfile.TemporaryDirectory() as made:
        profile = f"-env:UserInstallation={(Path(made) / 'profil').as_uri()}"
        command = ["soffice", "--headless", profile, "--convert-to", "xlsx", "--outdir", made, str(folder / "r.xlsx")]
        subprocess.run(command, check=True, capture_output=True)
        book = load_workbook(Path(made) / "r.xlsx", data_only=True, read_only=True)
    told: Told = []
    for sheet, quiet in LIVE.items():
        rows = list(book[sheet].iter_rows(values_only=True))
        top = next(place for place, row in enumerate(rows) if row and str(row[0]).startswith("No. Catatan"))
        wanted = {rows[top].index(header): known for header, known in quiet.items() if header in rows[top]}
        for number, row in enumerate(rows[top + 1 :], start=top + 2):
            if any(row[place] and not str(row[place]).startswith(known) for place, known in wanted.items()):
                told.append(("row", sheet, str(number)))
    return told


LIVE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "Register": {"Belum Lengkap": ("–",), "Pantauan": ("Selesai", "Batal", "Menunggu", "Berjalan", "–")},
    "Langkah": {
        "Pantauan Waktu": ("Tepat waktu", "Berjalan", "–"),
        "Pantauan Urutan": ("Sesuai", "Ada penolakan", "–"),
    },
}
"""What the live columns say where nothing is wrong."""


def columns(folder: Path) -> Iterator[tuple[Any, Any, Mapping[str, Any]]]:
    """Sheet by sheet: its plan, its rows as typed (texts), and what its columns are held to."""
    import pandas as pd

    from sopkit.register.schema import CHOICES, DISPOSALS, EVENTS, PEOPLE, REGISTER, Kind
    from sopkit.sop.model import load_sop

    sheets = {plan.name: pd.read_csv(folder / f"{plan.name}.csv", dtype=str, index_col="baris")
              for plan in (REGISTER, EVENTS, DISPOSALS, PEOPLE)}  # fmt: skip
    names = set(sheets["Pegawai"]["Nama"].dropna())
    elsewhere = {"Langkah": ("No. Catatan", "Register", "No. Catatan"), "Register": ("No. BA Pemusnahan", "Pemusnahan",
                 "No. BA")}  # fmt: skip
    steps = {f"{step.number}. {step.activity}" for step in load_sop().steps} | {str(s.number) for s in load_sop().steps}
    for plan in (REGISTER, EVENTS, DISPOSALS, PEOPLE):
        held: dict[str, Any] = {}
        for column in plan.columns:
            rules: dict[str, Any] = {"required": column.required, "kind": column.kind}
            if column.kind is Kind.CHOICE and column.choices in CHOICES:
                rules["among"] = set(CHOICES[column.choices])
            elif column.kind is Kind.PERSON and column.header not in ("Ditemukan Oleh",):
                rules["among"] = names
            elif column.kind is Kind.STEP:
                rules["among"] = steps
            elif column.header in FORM_OF:
                rules["form"] = FORM_OF[column.header]
            if elsewhere.get(plan.name, ("",))[0] == column.header:
                _, sheet, other = elsewhere[plan.name]
                rules["among"] = set(sheets[sheet][other].dropna())
            rules["unique"] = column.header in ("No. PTPP", "Nama") or (
                column.kind is Kind.KEY and column.header in ("No. Catatan", "No. BA"))  # fmt: skip
            held[column.header] = rules
        yield plan, sheets[plan.name], held


FORM_OF = {"No. Catatan": FORMS["Pola No. Catatan"], "No. PTPP": FORMS["PTPP"], "NIP": FORMS["NIP"],
           "Email": r"[^@\s]+@[^@\s]+\.[^@\s]+"}  # fmt: skip


def by_pandera(folder: Path) -> Told:
    import pandas as pd
    import pandera.pandas as pa

    def moments(values: pd.Series) -> pd.Series:
        return pd.to_datetime(values, errors="coerce", format="ISO8601").notna()

    def in_order(frame: pd.DataFrame) -> pd.Series:
        start, end = (pd.to_datetime(frame[n], errors="coerce", format="ISO8601") for n in ("Mulai", "Selesai"))
        return ~(end < start)

    told: Told = []
    for plan, frame, held in columns(folder):
        fields = {}
        for header, rules in held.items():
            checks = [pa.Check.isin(rules["among"])] if "among" in rules else []
            checks += [pa.Check.str_matches(f"^(?:{rules['form']})$")] if "form" in rules else []
            checks += [pa.Check(moments)] if rules["kind"] in ("date", "datetime") else []
            checks += [pa.Check.str_matches(r"^\d+(\.\d+)?$")] if rules["kind"] == "number" else []
            fields[header] = pa.Column(
                str, checks, nullable=not rules["required"], unique=rules["unique"], required=False, coerce=False
            )
        whole = [pa.Check(in_order)] if plan.name == "Langkah" else []
        try:
            pa.DataFrameSchema(fields, checks=whole).validate(frame.astype(object), lazy=True)
        except pa.errors.SchemaErrors as errors:
            letters = letters_of(folder, plan)
            for _, failure in errors.failure_cases.dropna(subset=["index"]).iterrows():
                letter = letters.get(str(failure["column"]))
                place = f"{letter}{int(failure['index'])}" if letter else str(int(failure["index"]))
                told.append(("cell" if letter else "row", plan.name, place))
    return told


def by_frictionless(folder: Path) -> Told:
    from frictionless import Checklist, Resource, Schema, checks

    told: Told = []
    for plan, frame, held in columns(folder):
        fields: list[dict[str, Any]] = [{"name": "baris", "type": "integer"}]
        for header in frame.columns:
            rules = held[header]
            kind = {"number": "number", "date": "any", "datetime": "any"}.get(str(rules["kind"]), "string")
            limits = {"required": rules["required"], "unique": rules["unique"]}
            limits |= {"enum": sorted(rules["among"])} if rules.get("among") else {}
            limits |= {"pattern": rules["form"]} if "form" in rules else {}
            limits |= {"pattern": r"\d{4}-\d\d-\d\d.*"} if kind == "any" else {}
            fields.append({"name": header, "type": "string" if kind == "any" else kind, "constraints": limits})
        resource = Resource(
            path=f"{plan.name}.csv", basepath=str(folder), schema=Schema.from_descriptor({"fields": fields})
        )
        listed = Checklist(checks=[checks.row_constraint(formula="Selesai >= Mulai")] if plan.name == "Langkah" else [])
        report = resource.validate(listed, limit_errors=1_000_000)
        letters, rows = letters_of(folder, plan), frame.index.tolist()
        for number, name, kind in report.flatten(["rowNumber", "fieldName", "type"]):
            if number and not (kind == "row-constraint" and frame.iloc[number - 2][["Mulai", "Selesai"]].isna().any()):
                row = rows[number - 2]
                told.append(("cell", plan.name, f"{letters[name]}{row}") if name else ("row", plan.name, str(row)))
    return told


def letters_of(folder: Path, plan: Any) -> dict[str, str]:
    from sopkit.ooxml.address import letter

    return {column.header: letter(place) for place, column in enumerate(plan.columns, start=1)}


def log_of(folder: Path) -> Any:
    """The event log as pm4py takes it: executions with both times."""
    import pandas as pd

    events = pd.read_csv(folder / "Langkah.csv", dtype=str)
    start, end = (pd.to_datetime(events[name], errors="coerce", format="ISO8601") for name in ("Mulai", "Selesai"))
    log = pd.DataFrame({
        "case:concept:name": events["No. Catatan"], "concept:name": events["Langkah"].str.split(".").str[0],
        "start_timestamp": start, "time:timestamp": end,
    })  # fmt: skip
    return log.dropna().sort_values(["case:concept:name", "time:timestamp"], kind="stable")


def by_replay(folder: Path) -> Told:
    import pm4py

    net = pm4py.discover_petri_net_inductive(log_of(folder.parent))
    log = log_of(folder)
    results = pm4py.conformance_diagnostics_token_based_replay(log, *net)
    cases = list(log["case:concept:name"].drop_duplicates())
    return [("case", "", case) for case, one in zip(cases, results, strict=True) if not one["trace_is_fit"]]


def by_profile(folder: Path) -> Told:
    """Times between steps in working hours (Monday to Friday, 07.30 to 16.00), three deviations or more."""
    import pm4py  # noqa: F401
    from pm4py.algo.conformance.temporal_profile import algorithm as conformance
    from pm4py.algo.discovery.temporal_profile import algorithm as discovery

    hours = {
        "business_hours": True, "business_hour_slots": [(d * 86400 + 27000, d * 86400 + 57600) for d in range(5)],
        "start_timestamp_key": "start_timestamp", "zeta": 3.0,
    }  # fmt: skip
    log = log_of(folder)
    results = conformance.apply(log, discovery.apply(log_of(folder.parent), parameters=hours), parameters=hours)
    cases = list(log["case:concept:name"].drop_duplicates())
    return [("case", "", case) for case, one in zip(cases, results, strict=True) if one]


PEERS: Mapping[str, Callable[[Path], Told]] = {
    "sopkit": by_sopkit,
    "pandera": by_pandera,
    "frictionless": by_frictionless,
    "pm4py replay": by_replay,
    "pm4py profile": by_profile,
    "LibreOffice, live columns": by_libreoffice,
}


def documents(folder: Path) -> None:
    """The same plain letter of 20 fields, one of which is misspelt, by each that fills Word templates."""
    from docx import Document
    from docxtpl import DocxTemplate

    from sopkit.documents.lint import check_template
    from sopkit.documents.template import WordTemplate

    names = [f"isian_{number}" for number in (*range(19), 91)]
    letter, merge = Document(), Document()
    for name in names:
        letter.add_paragraph(f"{name}: {{{{ {name} }}}}")
        field(merge.add_paragraph(f"{name}: "), name)
    letter.save(folder / "surat.docx")
    merge.save(folder / "gabung.docx")
    known = [f"isian_{number}" for number in range(20)]
    values = [{name: f"Nilai {name} nomor {number}" for name in known} for number in range(DOCUMENTS)]

    def by_docxtpl() -> None:
        for each in values:
            template = DocxTemplate(folder / "surat.docx")
            template.render(each, autoescape=True)
            template.save(BytesIO())

    def by_mailmerge() -> None:
        from mailmerge import MailMerge

        for each in values:
            with MailMerge(folder / "gabung.docx") as template:
                template.merge(**each)
                template.write(BytesIO())

    def by_ours() -> None:
        template = WordTemplate(folder / "surat.docx")
        for each in values:
            template.render({**each, names[-1]: ""})

    print(f"\n| {DOCUMENTS} letters of 20 fields | CPU ms each | a field that nobody fills |\n|---|---:|---|")
    told = "; ".join(str(problem) for problem in check_template(folder / "surat.docx", known))
    ways = [("sopkit WordTemplate", by_ours, told), ("docxtpl", by_docxtpl, "left empty without a word")]
    if find_spec("mailmerge"):
        ways.append(("docx-mailmerge2", by_mailmerge, "left empty without a word"))
    for name, work, said in ways:
        best = min(timed(work) for _ in range(3))
        print(f"| {name} | {best / DOCUMENTS * 1000:.2f} | {said} |")


def timed(work: Callable[[], None]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def field(paragraph: Any, name: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    simple, run, text = (OxmlElement(tag) for tag in ("w:fldSimple", "w:r", "w:t"))
    simple.set(qn("w:instr"), f" MERGEFIELD {name} ")
    text.text = f"«{name}»"
    run.append(text)
    simple.append(run)
    paragraph._p.append(simple)


if __name__ == "__main__":
    main()
