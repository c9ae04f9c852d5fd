"""A map as one file opens with no network, draws, and runs nothing that came with the data."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request

from tests.unit.webmap.drawn import HOSTILE, backlog, coverage, density, ground, hotspots, issues, shapes
from webmap.assets import Embedded
from webmap.base_map import GridMap
from webmap.i18n import Language, Translator
from webmap.maps import Setting, coverage_map, hotspot_map, issue_map
from webmap.standalone import standalone_page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MAPS: dict[str, Callable[[Setting], GridMap]] = {
    "coverage": lambda on: coverage_map(coverage(on.shapes), density(), on),
    "hotspots": lambda on: hotspot_map(hotspots(on.shapes), on),
    "issues": lambda on: issue_map(backlog(on.shapes), issues(HOSTILE), on),
}
COLOURS_OF_A_GRID = """() => {
    const canvas = document.querySelector(".leaflet-overlay-pane canvas");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const colours = new Set();
    for (let n = 0; n < data.length; n += 4) if (data[n + 3] > 150) colours.add(data.slice(n, n + 3).join());
    return colours.size;
}"""


class Opened:
    """A file in a browser, with all that it asked for and complained about."""

    def __init__(self, page: Page, file: Path) -> None:
        self.page = page
        self.file = file
        self.asked: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._note)
        page.on("console", lambda told: self.complaints.append(told.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(file.as_uri())
        page.wait_for_timeout(500)

    def _note(self, request: Request) -> None:
        if request.url != self.file.as_uri() and not request.url.startswith("data:"):
            self.asked.append(request.url)


@pytest.fixture
def open_map(browser: Browser, tmp_path: Path) -> Callable[..., Opened]:
    def opened(kind: str, *changes: tuple[str, str], language: Language = Language.CHINESE) -> Opened:
        words = Translator(language)
        setting = Setting(shapes(HOSTILE), ground(), words, Embedded(secrets.token_urlsafe(16)))
        html = standalone_page(MAPS[kind](setting), title=HOSTILE, lines=(HOSTILE,), words=words)
        file = tmp_path / "map.html"
        for change in changes:
            html = html.replace(*change)
        file.write_text(html, encoding="utf-8")
        context = browser.new_context(offline=True, viewport={"width": 1000, "height": 700})
        return Opened(context.new_page(), file)

    return opened


@pytest.mark.parametrize("kind", MAPS)
@pytest.mark.parametrize("language", Language)
def test_it_draws_asks_for_nothing_and_runs_nothing(
    open_map: Callable[..., Opened], kind: str, language: Language
) -> None:
    opened = open_map(kind, language=language)
    page = opened.page
    page.wait_for_function(f"() => ({COLOURS_OF_A_GRID})() > 3")
    assert page.locator(".map-legend li").count() >= 2
    for control in page.locator(".leaflet-control-layers-selector").all():
        control.set_checked(checked=True)
    page.wait_for_timeout(300)
    assert page.evaluate("window.attacked ?? null") is None
    assert opened.asked == []
    assert opened.complaints == []
    assert page.title() == HOSTILE


def test_a_popup_shows_a_hostile_name_as_text(open_map: Callable[..., Opened]) -> None:
    page = open_map("coverage").page
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.5)
    popup = page.locator(".map-popup")
    popup.wait_for()
    assert popup.locator("strong").inner_text().startswith(HOSTILE[:30])
    assert popup.locator("img, script").count() == 0
    assert popup.locator("dt").all_inner_texts()[0]
    assert page.evaluate("window.attacked ?? null") is None


def test_without_the_guards_the_same_name_would_run(open_map: Callable[..., Opened]) -> None:
    """The negative control: JSON that isn't inert, and no policy."""
    opened = open_map(
        "coverage", ("\\u003c", "<"), ("\\u003e", ">"), ("Content-Security-Policy", "X-Nothing")
    )
    opened.page.wait_for_function("() => window.attacked === 1")


def test_the_policy_alone_stops_a_script_that_got_in(open_map: Callable[..., Opened]) -> None:
    opened = open_map("coverage", ("</main>", "<script>window.attacked=1</script></main>"))
    assert opened.page.evaluate("window.attacked ?? null") is None
    assert any("Content Security Policy" in complaint for complaint in opened.complaints)
