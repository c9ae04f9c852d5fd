"""A name that is markup stays a name, wherever it is shown."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.bench import point_at

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network]


AT_REST = """async () => {
  const { theMap } = await import("/static/js/map.js");
  return !theMap._animatingZoom && !theMap._panAnim?._inProgress;
}"""
"""Whether the map no longer flies: other grids are under the pointer while it does."""


def test_a_name_runs_where_it_is_markup(watched: Any, evil: str) -> None:
    """The negative control: the name is as bad as it claims."""
    watched.page.goto("about:blank")
    watched.page.set_content(f"<p>{evil}</p>")
    watched.page.wait_for_function("() => window.ran === 2")


@pytest.mark.parametrize("path", ["/maps/coverage", "/maps/hotspots", "/maps/issues"])
def test_a_grid_in_its_list_and_its_popup(watched: Any, evil: str, path: str) -> None:
    watched.become("leader")
    page = watched.open(path)
    button = page.locator("#grids button.show", has_text="window.ran")
    assert button.text_content() == evil
    button.click()
    page.wait_for_selector(".leaflet-popup")
    assert page.text_content(".map-popup strong") == evil
    assert watched.ran() is None
    assert watched.violations() == []


def test_a_grid_in_its_tooltip(watched: Any, evil: str) -> None:
    watched.become("leader")
    page = watched.open("/maps/coverage")
    page.locator("#grids button.show", has_text="window.ran").click()
    page.wait_for_selector(".leaflet-popup")
    page.keyboard.press("Escape")
    page.wait_for_function(AT_REST)
    point_at(page, middle_of_map(page), lambda: page.locator(".leaflet-tooltip").count() > 0)
    assert page.text_content(".leaflet-tooltip") == evil
    assert watched.ran() is None


def middle_of_map(page: Any) -> tuple[float, float]:
    box = page.locator(".folium-map").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_an_issue_in_its_popup_and_a_category_among_the_choices(watched: Any, evil: str) -> None:
    watched.become("leader")
    page = watched.open("/maps/issues")
    page.select_option("[name=category]", value=evil)
    page.wait_for_url("**category=**")
    page.wait_for_load_state("networkidle")
    assert page.input_value("[name=category]") == evil
    page.evaluate(
        """async () => {
          const { theMap } = await import("/static/js/map.js");
          theMap.eachLayer((layer) => layer instanceof L.CircleMarker && layer.openPopup());
        }"""
    )
    assert page.text_content(".map-popup strong") == evil
    assert watched.ran() is None
    assert watched.violations() == []


def test_people_and_addresses_of_a_place(
    watched: Any, evil: str, address: dict[str, Any], former_name: str
) -> None:
    page = watched.open(f"/locate?lon={address['lon']}&lat={address['lat']}")
    page.wait_for_selector(".people")
    assert page.text_content(".people .name") == evil
    page.fill("[name=q]", former_name)
    page.press("[name=q]", "Enter")
    page.wait_for_selector(".candidates")
    assert evil in page.text_content(".candidates")
    assert watched.ran() is None
    assert watched.violations() == []


def test_what_is_asked_for_in_the_address_of_the_page(watched: Any, evil: str) -> None:
    page = watched.open("/login")
    for path in ("/locate", "/login", "/nothing"):
        page.goto(f"{watched.server}{path}?next={evil}&q={evil}&lang={evil}&datum={evil}")
        page.wait_for_load_state("networkidle")
        assert watched.ran() is None
        assert watched.violations() == []
