"""Finding the grid of a place: by address, by numbers, by a click, by the reader's own position."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network]

LEVELS = ["District", "Street or town", "Community or village", "Unit grid"]


def levels_of(page: Any) -> list[str]:
    page.wait_for_selector(".chain")
    return page.locator(".chain .level").all_text_contents()


def test_the_keyboard_is_enough(watched: Any, address: dict[str, Any]) -> None:
    page = watched.open("/locate?lang=en")
    page.focus("[name=q]")
    page.keyboard.type(address["text"])
    page.keyboard.press("Enter")
    page.wait_for_selector(".candidates")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('.candidates') !== null"):
            break
    assert address["text"] in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    assert levels_of(page) == LEVELS
    telephone = page.locator(".people a.tel").first
    assert telephone.get_attribute("href").startswith("tel:")
    assert float(parse_qs(urlsplit(page.url).query)["lon"][0]) == pytest.approx(address["lon"], abs=1e-6)


def test_numbers_of_another_datum_are_shifted(watched: Any, address: dict[str, Any]) -> None:
    page = watched.open("/locate?lang=en")
    page.fill("[name=lon]", str(address["lon"]))
    page.fill("[name=lat]", str(address["lat"]))
    page.select_option("[name=datum]", "gcj02")
    with page.expect_response("**/api/v1/locate?*") as answer:
        page.press("[name=lat]", "Enter")
    assert abs(answer.value.json()["lon"] - address["lon"]) > 0.001
    assert "datum=gcj02" in page.url


def test_a_click_on_the_map_asks_what_is_there(watched: Any) -> None:
    page = watched.open("/locate?lang=en")
    page.wait_for_load_state("networkidle")
    box = page.locator(".folium-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert levels_of(page) == LEVELS
    page.reload()
    assert levels_of(page) == LEVELS


def test_an_answer_that_comes_late_tells_nothing(watched: Any, address: dict[str, Any]) -> None:
    page, held = watched.open("/locate?lang=en"), []
    page.route("**/api/v1/addresses?*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    with page.expect_request("**/api/v1/addresses?*"):
        page.fill("[name=q]", address["text"])
        page.press("[name=q]", "Enter")
    box = page.locator(".folium-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert levels_of(page) == LEVELS
    with page.expect_response("**/api/v1/addresses?*"):
        held[0].continue_()
    page.evaluate("() => fetch('/api/v1/locate?lon=120&lat=30').then((answer) => answer.text())")
    assert page.locator(".candidates").count() == 0
    assert page.is_visible("#answer")


def test_a_click_on_the_start_page_leads_to_the_answer(watched: Any) -> None:
    page = watched.open("/?lang=en")
    page.wait_for_load_state("networkidle")
    box = page.locator(".folium-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2)
    assert levels_of(page) == LEVELS


def test_outside_the_nearest_grid_is_named(watched: Any) -> None:
    page = watched.open("/locate?lon=121.4&lat=31.2&lang=en")
    page.wait_for_selector("#answer:not([hidden])")
    assert "outside every grid" in page.text_content("#answer")
    assert "The nearest grid is" in page.text_content("#answer")


def test_a_border_is_told(watched: Any, border_point: dict[str, Any]) -> None:
    page = watched.open(f"/locate?lon={border_point['lon']!r}&lat={border_point['lat']!r}&lang=en")
    page.wait_for_selector(".chain")
    assert "exactly on a border" in page.text_content("#answer")


def test_a_place_is_found_in_the_grids_of_a_past_day(watched: Any, retired_grid: dict[str, Any]) -> None:
    code, day = retired_grid["code"], retired_grid["day"].isoformat()
    page = watched.open(f"/locate?lon={retired_grid['lon']}&lat={retired_grid['lat']}&lang=en")
    assert levels_of(page) == LEVELS
    assert page.locator(".chain .code").last.text_content() != code
    page.fill("[name=at]", "0002-02-02")  # a year that is being typed asks for nothing
    page.fill("[name=at]", day)
    page.wait_for_url(f"**at={day}*")
    assert levels_of(page) == LEVELS
    assert page.locator(".chain .code").last.text_content() == code
    assert retired_grid["division"] in page.text_content(".panel .notice")
    page.fill("[name=at]", "")
    page.wait_for_url(lambda url: "at=" not in url.replace("lat=", ""))
    assert levels_of(page) == LEVELS
    assert page.locator(".chain .code").last.text_content() != code


def test_the_own_position_is_asked_for(watch: Any, address: dict[str, Any]) -> None:
    here = {"longitude": address["lon"], "latitude": address["lat"]}
    page = watch(geolocation=here, permissions=["geolocation"]).open("/locate?lang=en")
    page.click("#by-position")
    assert levels_of(page) == LEVELS


def test_a_refused_position_is_told(watched: Any) -> None:
    page = watched.open("/locate?lang=en")
    page.click("#by-position")
    page.wait_for_selector("#alert:not(:empty)")
    assert "Your position is not available" in page.text_content("#alert")


@pytest.mark.parametrize(("language", "words"), [("en", "lat"), ("zh", "lat")])
def test_what_is_wrong_is_told_on_the_page(watched: Any, language: str, words: str) -> None:
    page = watched.open(f"/locate?lang={language}")
    page.fill("[name=lon]", "120")
    page.fill("[name=lat]", "north")
    page.press("[name=lat]", "Enter")
    page.wait_for_selector("#alert:not(:empty)")
    assert words in page.text_content("#alert")
    assert ("Not acceptable" in page.text_content("#alert")) == (language == "en")


def test_a_server_that_is_gone_is_told(watched: Any) -> None:
    page = watched.open("/locate?lang=en")
    page.context.set_offline(True)
    page.fill("[name=q]", "road")
    page.press("[name=q]", "Enter")
    page.wait_for_selector("#alert:not(:empty)")
    assert "can't be reached" in page.text_content("#alert")


def test_on_a_phone_everything_can_be_touched(watch: Any, address: dict[str, Any]) -> None:
    page = watch(390, 844, has_touch=True, is_mobile=True).open("/locate")
    page.fill("[name=q]", address["text"])
    page.tap("#by-address button")
    page.wait_for_selector(".candidates")
    page.locator(".candidates button").first.tap()
    page.wait_for_selector(".people")
    sizes = page.eval_on_selector_all(
        "main :is(button, .tel, input, select), .ways a",
        "nodes => nodes.filter(n => n.offsetParent).map(n => [n.outerHTML, n.offsetHeight])",
    )
    assert [node for node, height in sizes if height < 44] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator(".people").is_visible()
