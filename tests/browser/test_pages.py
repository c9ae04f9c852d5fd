"""Every page, in both languages: nothing from outside, nothing forbidden, nothing too wide."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network]

PAGES = [
    ("welcome", None, "/"),
    ("locate", None, "/locate"),
    ("login", None, "/login"),
    ("home-admin", "admin", "/"),
    ("home-planner", "planner", "/"),
    ("home-leader", "leader", "/"),
    ("home-inspector", "inspector", "/"),
    ("coverage", "leader", "/maps/coverage"),
    ("hotspots", "leader", "/maps/hotspots"),
    ("issues", "leader", "/maps/issues"),
    ("statistics", "leader", "/statistics"),
    ("assessment-people", "leader", "/assessment"),
    ("assessment-grids", "leader", "/assessment?level=unit&period=year"),
    ("docs", None, "/docs"),
]
SCREENS = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
SCREENSHOTS = Path(__file__).parent / "screenshots"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("name", "username", "path"), PAGES, ids=[name for name, _, _ in PAGES])
def test_a_page_is_whole(watched: Any, name: str, username: str | None, path: str, language: str) -> None:
    if username:
        watched.become(username)
    page = watched.open(f"{path}{'&' if '?' in path else '?'}lang={language}")
    page.wait_for_load_state("networkidle")
    assert page.get_attribute("html", "lang") == {"zh": "zh-Hans", "en": "en"}[language]
    for screen, size in SCREENS.items():
        page.set_viewport_size(size)
        page.screenshot(path=SCREENSHOTS / f"{name}-{language}-{screen}.png", full_page=screen == "phone")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert watched.outside == []
    assert watched.violations() == []
    assert watched.complaints == []
    assert watched.ran() is None


def test_what_comes_from_outside_is_seen(watched: Any) -> None:
    page = watched.open("/login")
    with page.expect_request("http://192.0.2.1/**"):
        page.evaluate("new Image().src = 'http://192.0.2.1/pixel.png'")
    assert watched.outside == ["http://192.0.2.1/pixel.png"]
    page.wait_for_function("() => window.violations.length > 0")


def test_a_problem_is_a_page(watched: Any) -> None:
    page = watched.open("/no/such/page?lang=en")
    assert page.text_content("h1") == "No such page"
    assert page.text_content("[role=alert]") == "There is nothing at this address."
    assert watched.violations() == []


def test_a_wrong_choice_is_a_page(watched: Any) -> None:
    watched.become("leader")
    page = watched.open("/maps/coverage?since=yesterday&lang=en")
    assert "since" in page.text_content("[role=alert]")


def test_the_first_stop_of_the_keyboard_skips_to_the_content(watched: Any) -> None:
    page = watched.open("/locate")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


def test_nothing_moves_for_those_who_want_it_still(watch: Any) -> None:
    page = watch(reduced_motion="reduce").open("/login")
    assert page.evaluate("getComputedStyle(document.querySelector('main button')).transitionDuration") == "0s"


def test_paper_gets_no_buttons(watched: Any) -> None:
    watched.become("leader")
    page = watched.open("/maps/coverage")
    page.emulate_media(media="print")
    assert not page.is_visible(".choices")
    assert page.is_visible("#grids")
