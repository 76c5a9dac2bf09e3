"""laporan.html: self-contained, harmless, accessible, and readable on a phone, a screen and A4."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from report_samples import golden, inspected, many, month_register, telling, text_of
from workbooks import office_workbook

from sopkit.checks import load_rules
from sopkit.checks.catalogue import RULES, Finding
from sopkit.checks.inspection import Inspected
from sopkit.reports import html

DOCUMENTS = [
    SimpleNamespace(title="PTPP", number="001/PTPP/X/2026", path=Path("ptpp/001-PTPP-X-2026.docx"), state="made"),
    SimpleNamespace(title="PTPP", number="002/PTPP/X/2026", path=Path("ptpp/002-PTPP-X-2026.docx"), state="kept"),
]
BROKEN, WAITING = "Langkah!C27: nama itu tidak ada di sheet Pegawai.", "Belum ada No. PTPP."
SKIPPED = [
    SimpleNamespace(title="PTPP", number="004/PTPP/XI/2026", case="004/CLTS/XI/2026", reason=BROKEN),
    SimpleNamespace(title="PTPP", number="", case="005/CLTS/XI/2026", reason=WAITING),
    SimpleNamespace(title="PTPP", number="", case="006/CLTS/XI/2026", reason=WAITING),
    SimpleNamespace(title="Catatan", number="004/CLTS/XI/2026", case="004/CLTS/XI/2026", reason=BROKEN),
    SimpleNamespace(title="BA Pemusnahan", number="001/BA/XI/2026", case="", reason="Tidak ada yang menyebutnya."),
]
WIDTHS = (360, 390, 768, 1280)
DARK = "--blink-settings=preferredColorScheme=0"  # as a system set to dark asks for it
PROBE = """
const seen = [];
document.addEventListener('securitypolicyviolation', event => seen.push(event.violatedDirective));
addEventListener('load', () => {
  const root = document.documentElement;
  document.title = JSON.stringify({
    refused: seen, wide: root.scrollWidth, window: innerWidth, fetched: performance.getEntriesByType('resource').length,
    styled: getComputedStyle(document.querySelector('.tiles')).display, beyond: beyond(root)});
});
function beyond(root) {
  return [...root.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 3).map(e => e.outerHTML.slice(0, 80));
}
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Inspected:
    return telling(tmp_path_factory.mktemp("laporan"))


@pytest.fixture(scope="module")
def page(told: Inspected) -> str:
    return html.render_report(told, DOCUMENTS, SKIPPED)


def _browse(chromium: str, page: str, folder: Path, width: int = 1280, *options: str) -> str:
    """The page's document after it was shown in a real browser `width` pixels wide."""
    path = folder / "laporan.html"
    path.write_text(page, encoding="utf-8")
    command = [
        chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profil'}",
        f"--window-size={width},900", "--virtual-time-budget=15000", *options, path.as_uri(),
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, check=True, timeout=100).stdout.decode("utf-8", "replace")


def _framed(page: str) -> str:
    """The page in a frame of each width (Chromium's own window is never narrower than 500 pixels)."""
    source = page.replace("&", "&amp;").replace('"', "&quot;")
    frames = "".join(f'<iframe width="{width}" height="900" srcdoc="{source}"></iframe>' for width in WIDTHS)
    collect = (
        "onload = () => { document.title = '[' + [...document.querySelectorAll('iframe')]"
        ".map(frame => frame.contentDocument.title).join() + ']' }"
    )
    return f"<!DOCTYPE html><title></title>{frames}<script>{collect}</script>"


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _with_script(page: str, script: str) -> str:
    """The page with one script that its policy is told of; the rest of the policy stays."""
    allowed = page.replace("style-src", f"script-src 'sha256-{_hash(script)}'; style-src", 1)
    return allowed.replace("<title>", f"<script>{script}</script><title>", 1)


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def _elements(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Elements()
    parser.feed(page)
    return parser.seen


def test_report_reads_as_before(page: str, update_golden: bool) -> None:
    text = re.sub(r"SHA-256 [0-9a-f]{12}", "SHA-256 ············", text_of(page))
    golden("laporan.txt", text, update_golden)


def test_same_register_same_page(told: Inspected, page: str) -> None:
    assert html.render_report(inspected(told.register.source.path), DOCUMENTS, SKIPPED) == page


def test_the_page_does_not_say_when_a_document_was_made(told: Inspected, page: str) -> None:
    unchanged = [
        SimpleNamespace(**{**vars(each), "state": each.state.replace("made", "unchanged")}) for each in DOCUMENTS
    ]
    assert html.render_report(told, unchanged, SKIPPED) == page


def test_the_policy_names_the_style_and_nothing_else(page: str) -> None:
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style
    expected = f"default-src 'none'; style-src 'sha256-{_hash(style[1])}'; base-uri 'none'; form-action 'none'"
    assert f'content="{expected}"' in page


def test_nothing_comes_from_elsewhere(page: str) -> None:
    for tag, attributes in _elements(page):
        assert tag not in ("script", "link", "img", "iframe", "object", "embed", "form", "base")
        assert not [
            name for name in attributes if name.startswith("on") or name in ("src", "srcset", "style", "action")
        ]
        assert (attributes.get("href") or "#").startswith("#")
    assert not re.search(r"https?:|@import|url\((?!#)", page)


def test_every_link_inside_the_page_arrives(page: str) -> None:
    elements = _elements(page)
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {(attributes["href"] or "")[1:] for _, attributes in elements if "href" in attributes}
    assert targets
    assert targets <= set(ids)


def test_every_chart_has_its_words(page: str) -> None:
    drawings = [attributes for tag, attributes in _elements(page) if tag == "svg"]
    assert len(drawings) > 20
    for attributes in drawings:
        assert attributes.get("aria-hidden") == "true" or (attributes.get("role") == "img" and attributes["aria-label"])


def test_every_finding_is_on_the_page_with_cell_and_remedy(told: Inspected, page: str) -> None:
    words = text_of(page)
    for found in told.findings:
        assert f"{found.code} · {found.sheet}!{found.cell}" in words
        assert " ".join(found.message.split()) in words
        assert found.explained or found.fix in words


def test_values_are_text_and_never_markup(tmp_path: Path) -> None:
    evil = "</style><script>alert(1)</script><img src=x onerror=alert(2)>\"'"
    text = (
        "No. Catatan | Tanggal Ditemukan | Jenis Layanan | Uraian Ketidaksesuaian | Ditemukan Oleh | Status\n"
        f"001/CLTS/I/2026{evil} | 2026-11-02 08:00 | {evil} | {evil} | {evil} | Proses"
    )
    steps = f"No. Catatan | Langkah | Pelaksana | Mulai\n001/CLTS/I/2026{evil} | 1 | {evil} | 2026-11-02 08:00"
    book = office_workbook(tmp_path / "r.xlsx", text, steps, kantor={"Nama Kantor": evil, "Alamat": evil})
    page = html.render_report(inspected(book))
    assert "alert(1)" in page
    assert "script" not in {tag for tag, _ in _elements(page)}
    assert "img" not in {tag for tag, _ in _elements(page)}
    assert page.count("</style>") == 1


def test_skipped_steps_and_returns_stand_in_the_timeline(page: str) -> None:
    words = text_of(page)
    assert "3. Mengkonsultasikan dengan Camat – / 1 hari tidak tercatat" in words
    assert "7. Melakukan tindakan perbaikan (ulang)" in words
    assert "terlambat, masih berjalan" in words


def test_what_is_late_now_comes_before_what_was_late(page: str) -> None:
    words = text_of(page)
    tasks = ("Selesaikan 1 langkah berjalan", "Selesaikan 1 kasus", "Perbaiki 2 kesalahan", "Dahulukan 1 langkah")
    told = ("Tindak lanjuti 1 penyimpangan", "Perbaiki, atau jelaskan pada kolom Keterangan, 2 penyimpangan lain")
    places = [words.index(task) for task in (*tasks, *told)]
    assert places == sorted(places)


def test_what_blocks_most_comes_first_and_the_tasks_add_up(told: Inspected) -> None:
    """Late now, then errors that withhold documents, then breaches; every open finding that is no note is in a task."""
    actions = html._actions(told.findings, {})
    assert [action.tone for action in actions] == ["breach", "breach", "error", "warning", "breach", "breach"]
    counts = [int(re.findall(r"\d+", action.title)[0]) for action in actions]
    assert sum(counts) == sum(told.summary[kind] for kind in ("error", "breach", "warning"))


def test_only_what_keterangan_can_explain_is_asked_to_be_explained() -> None:
    load_rules()
    for rule in RULES.values():
        found = Finding(
            rule.code, rule.severity, False, "Langkah", "D2", 2, "Mulai", None, None, "m", "f", "c", rule.tags
        )
        for action in html._actions([found], {}):
            asked = "eterangan" in action.title
            assert asked == (rule.explainable and "late" not in rule.tags), (rule.code, action.title)


def test_what_is_explained_is_folded_and_asks_for_nothing(told: Inspected, page: str) -> None:
    folded = re.findall(r'<details class="told">(.*?)</details>', page, re.DOTALL)
    assert [re.findall(r"<code>(\w+) ·", each) for each in folded] == [["W02"], ["W05"]]
    assert "1 penyimpangan sudah dijelaskan\n" in text_of(folded[0])
    assert "1 peringatan sudah diberi keterangan\n" in text_of(folded[1])
    places = [place for action in html._actions(told.findings, {}) for place in action.places]
    assert not [found for found in told.findings if found.explained and found.message in {text for *_, text in places}]


def test_a_large_register_says_what_it_leaves_out(tmp_path: Path) -> None:
    told = many(tmp_path, html.MOST_CASES + 20)
    page = html.render_report(told)
    assert page.count('<article class="case') == html.MOST_CASES
    assert len(page.encode()) <= html.LARGEST
    assert page.count('<details class="lane"') == html.MOST_TIMELINES
    assert "20 kasus lain dengan temuan atau masih terbuka tidak ditampilkan" in page
    assert f"hanya digambar untuk {html.MOST_TIMELINES} kasus" in page
    assert len(page) < 1_500_000


def test_the_page_fits_every_screen_and_its_policy_refuses_nothing_of_it(
    page: str, chromium: str, tmp_path: Path
) -> None:
    shown = _browse(chromium, _framed(_with_script(page, PROBE)), tmp_path, 1400, "--dump-dom")
    match = re.search(r"<title>(.*?)</title>", shown, re.DOTALL)
    assert match
    seen = json.loads(unescape(match[1]))
    assert [each["window"] for each in seen] == list(WIDTHS)
    for each in seen:
        assert each["beyond"] == []
        assert each["wide"] <= each["window"]
        assert each["refused"] == []
        assert each["fetched"] == 0
        assert each["styled"] == "grid"


def test_what_waits_is_named_with_its_document_and_case(page: str) -> None:
    """Guarantee 4: no raw word for a kind, each case by its No. Catatan, what has one reason said once."""
    table = text_of(page[page.index("Belum dapat dibuat") :])
    assert "Dokumen No. Catatan Nomor Sebab\n" in table
    assert f"PTPP, Catatan 004/CLTS/XI/2026 004/PTPP/XI/2026 {BROKEN}\n" in table
    assert f"PTPP 005/CLTS/XI/2026, 006/CLTS/XI/2026 {WAITING}\n" in table
    assert "BA Pemusnahan 001/BA/XI/2026 Tidak ada yang menyebutnya.\n" in table


def test_a_thousand_reasons_name_every_case(told: Inspected) -> None:
    many_reasons = [
        SimpleNamespace(title="PTPP", number="", case=f"{number:04d}/CLTS", reason=f"Langkah!C{number}: salah.")
        for number in range(1000)
    ]
    page = html.render_report(told, [], many_reasons)
    assert page.count("salah.</td>") == 500
    assert all(each.case in page for each in many_reasons)


@pytest.mark.parametrize(("width", "scheme"), [(500, "light"), (1280, "light"), (500, "dark")])
def test_axe_finds_nothing(page: str, width: int, scheme: str, chromium: str, axe: str, tmp_path: Path) -> None:
    free = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    free = free.replace('<details class="told">', '<details class="told" open>')
    run = (
        "const dark = matchMedia('(prefers-color-scheme: dark)').matches;"
        "axe.run(document).then(r => { const out = document.createElement('pre'); out.id = 'axe';"
        "out.textContent = JSON.stringify({dark, passes: r.passes.length, violations: r.violations.map(v => [v.id,"
        "v.help, v.nodes.map(n => n.html.slice(0, 200))]), open: r.incomplete.map(v => v.id)});"
        "document.body.append(out); })"
    )
    scripted = free.replace("</body>", f"<script>{axe}</script><script>{run}</script></body>")
    shown = _browse(chromium, scripted, tmp_path, width, "--dump-dom", *([DARK] if scheme == "dark" else []))
    match = re.search(r'<pre id="axe">(.*?)</pre>', shown, re.DOTALL)
    assert match, "axe did not finish"
    result = json.loads(unescape(match[1]))
    assert result["dark"] == (scheme == "dark")
    assert result["passes"] > 20
    assert result["violations"] == []


def test_paper_is_light_whatever_the_screen(page: str) -> None:
    assert page.count("prefers-color-scheme") == page.count("@media screen and (prefers-color-scheme: dark)") == 1


def test_twelve_cases_print_on_four_pages_of_a4(chromium: str, tmp_path: Path) -> None:
    book = month_register(tmp_path / "register-2026.xlsx")
    documents = [
        SimpleNamespace(
            title=title, number=f"{number:03d}/X/XI/2026", path=Path(f"{title}/{number}.docx"), state="made"
        )
        for title in ("PTPP", "Catatan Layanan Tidak Sesuai", "Label")
        for number in range(1, 13)
    ]
    target = tmp_path / "laporan.pdf"
    page = html.render_report(inspected(book), documents, SKIPPED)
    _browse(chromium, page, tmp_path, 1280, f"--print-to-pdf={target}", "--no-pdf-header-footer", DARK)
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", target.read_bytes())
    assert boxes
    assert {(round(float(w)), round(float(h))) for w, h in boxes} <= {(595, 842), (596, 842), (595, 841)}
    assert len(boxes) <= 4
