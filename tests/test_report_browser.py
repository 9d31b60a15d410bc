from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
import report_records as sprint
import report_sprint
from axe_playwright_python.sync_playwright import (  # type: ignore[import-untyped]  # it ships none
    Axe,
)

from toolkit.report.latest import select_latest
from toolkit.report.page import build_page
from toolkit.report.render import render
from toolkit.reproduce.digest import bytes_digest
from toolkit.reproduce.records.record import Record
from toolkit.reproduce.trust import Trust, trust_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

Scheme = Literal["light", "dark"]
A4_PX = 680  # 180 mm between the margins
WIDTHS = (360, 820, 1440)
ATTACKS = (
    "<script>document.title = 'taken'; alert(1)</script>",
    "<img src=x onerror=\"document.title = 'taken'; alert(1)\">",
    "</title></style></svg><svg onload=alert(1)>",
    "<a href='javascript:alert(1)'>a</a><iframe src='https://example.org'></iframe>",
    '"><base href=https://example.org><form action=https://example.org>',
)
EVIL_SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="alert(1)">'
    b"<script>parent.document.title = 'taken'; alert(1)</script>"
    b'<image href="https://example.org/a.png" width="9" height="9"/></svg>'
)


def unverified(record: Record) -> Trust:
    return trust_of(record, ())


def write_page(
    folder: Path,
    *documents: sprint.Document,
    image: bytes = sprint.SVG,
    trust: Callable[[Record], Trust] | None = None,
) -> Path:
    found = select_latest(
        map(sprint.as_record, documents), folder="runs", trust=trust or unverified
    )
    shown = (
        replace(run, images={figure.name: image for figure in run.results.figures})
        for run in found.shown
    )
    page = build_page(replace(found, shown=tuple(shown)), sprint.SCOPE)
    target = folder / "report.html"
    target.write_text(render(page), "utf-8")
    return target


@pytest.fixture(scope="module", params=["unverified", "verified"])
def report(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Path:
    trust = sprint.verified if request.param == "verified" else unverified
    folder = tmp_path_factory.mktemp(request.param)
    return write_page(folder, *report_sprint.sprint(), trust=trust)


@dataclass
class Heard:
    """What a page did beyond showing itself."""

    requests: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def request(self, request: "Request") -> None:
        if not request.url.startswith(("file:", "data:")):
            self.requests.append(request.url)

    def message(self, message: "ConsoleMessage") -> None:
        self.console.append(message.text)

    def dialog(self, dialog: "Dialog") -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()


@contextmanager
def opened(
    browser: "Browser",
    report: Path,
    *,
    width: int = 820,
    scheme: Scheme = "light",
    bypass_csp: bool = False,
) -> "Iterator[tuple[Page, Heard]]":
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        bypass_csp=bypass_csp,
    )
    heard = Heard()
    page = context.new_page()
    page.on("request", heard.request)
    page.on("console", heard.message)
    page.on("dialog", heard.dialog)
    page.goto(report.as_uri())
    try:
        yield page, heard
    finally:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_fits_and_keeps_to_itself(
    browser: "Browser", report: Path, width: int, scheme: Scheme
) -> None:
    with opened(browser, report, width=width, scheme=scheme) as (page, heard):
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert heard == Heard()


def test_dark_is_dark_and_figures_stay_on_white(
    browser: "Browser", report: Path
) -> None:
    grounds = {}
    for scheme in ("light", "dark"):
        with opened(browser, report, scheme=scheme) as (page, _):
            grounds[scheme] = page.evaluate(
                "['body', 'figure img'].map(s => "
                "getComputedStyle(document.querySelector(s)).backgroundColor)"
            )
    assert grounds["light"][0] != grounds["dark"][0]
    assert grounds["light"][1] == grounds["dark"][1] == "rgb(255, 255, 255)"


def test_axe_finds_no_violation(browser: "Browser", report: Path) -> None:
    with opened(browser, report, bypass_csp=True) as (page, _):
        page.evaluate(
            "document.querySelectorAll('details').forEach(d => { d.open = true })"
        )
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            results = Axe().run(page)
            assert results.violations_count == 0, (scheme, results.generate_report())


@pytest.mark.parametrize("width", WIDTHS)
def test_the_first_screen_holds_number_verdict_and_scale(
    browser: "Browser", report: Path, width: int
) -> None:
    with opened(browser, report, width=width) as (page, _):
        bottoms = {
            part: page.locator(part).first.bounding_box()
            for part in (".notices", ".big", ".verdict", ".scale")
        }
    for part, box in bottoms.items():
        assert box is not None, part
        assert box["y"] + box["height"] <= (900 if width > 820 else 1180), part


def test_the_keyboard_reaches_what_scrolls(browser: "Browser", report: Path) -> None:
    with opened(browser, report, width=360) as (page, _):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        unreachable = page.evaluate(
            "[...document.querySelectorAll('*')].filter(e => e.tabIndex < 0 && "
            "e.scrollWidth > e.clientWidth + 1 && "
            "getComputedStyle(e).overflowX === 'auto').length"
        )
        assert unreachable == 0


def test_printed_it_has_pages_and_shows_what_is_folded(
    browser: "Browser", report: Path
) -> None:
    with opened(browser, report, width=A4_PX) as (page, _):
        page.emulate_media(media="print")
        assert page.evaluate("document.documentElement.scrollWidth") == A4_PX
        assert page.locator(".numbers table").is_visible()
        size = "Letter" if report.parent.name.startswith("verified") else "A4"
        pdf = page.pdf(format=size)
        assert pdf.startswith(b"%PDF")
        assert 3 <= pdf.count(b"/Type /Page\n") <= 20


def hostile() -> sprint.Document:
    """Return a record that puts an attack wherever it can say something."""
    attack = "".join(ATTACKS)
    document = sprint.record(
        "02-baseline",
        metrics=[sprint.metric("hit_rate", 1.0, unit=attack, description=attack)],
        tables=[sprint.table("t", {attack: "str"}, [[attack]], title=attack)],
        figures=[sprint.figure("f", attack, attack, image=EVIL_SVG)],
        findings=[sprint.finding(attack, "error", attack, attack, accepted=attack)],
    )
    document["recipe"]["parameters"] = {"name": attack}
    document["recipe"]["environment"]["python"] = attack
    return document


@pytest.mark.parametrize("bypass_csp", [False, True])
def test_a_hostile_record_stays_text(
    browser: "Browser", tmp_path: Path, *, bypass_csp: bool
) -> None:
    report = write_page(tmp_path, hostile(), image=EVIL_SVG)
    assert bytes_digest(EVIL_SVG) in str(hostile())
    with opened(browser, report, bypass_csp=bypass_csp) as (page, heard):
        page.wait_for_timeout(200)
        assert page.title() == f"Hit rate: {sprint.SCOPE.question}"
        assert page.locator("script, iframe, form, base, [onerror]").count() == 0
        assert "<script>" in page.locator("body").inner_text()
        assert page.locator("figure img").count() == 1
    assert heard == Heard()


def test_what_slipped_through_would_still_be_blocked(
    browser: "Browser", tmp_path: Path
) -> None:
    report = write_page(tmp_path, *report_sprint.sprint())
    markup = report.read_text("utf-8").replace("</main>", f"{''.join(ATTACKS)}</main>")
    report.write_text(markup, "utf-8")
    with opened(browser, report) as (page, heard):
        page.wait_for_timeout(200)
        assert page.title() != "taken"
    assert not heard.dialogs
    assert heard.requests == []
