"""What is chosen above a map stands in the address of the page; list and map go together."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network]


def query_of(page: Any) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_a_choice_is_an_address_and_an_address_is_a_choice(watched: Any) -> None:
    watched.become("leader")
    page = watched.open("/maps/coverage")
    page.select_option("[name=level]", "community")
    page.wait_for_url("**level=community**")
    page.select_option("[name=kind]", "building")
    page.wait_for_url("**kind=building**")
    assert query_of(page) == {"period": ["90d"], "level": ["community"], "kind": ["building"]}
    page.reload()
    assert page.input_value("[name=level]") == "community"
    assert page.input_value("[name=kind]") == "building"
    page.select_option("[name=kind]", "")
    page.wait_for_url(lambda url: "kind" not in url)


def test_classes_can_go_from_the_lowest_to_the_highest_rate(watched: Any) -> None:
    watched.become("leader")
    page = watched.open("/maps/coverage?level=community&lang=en")
    whole = page.locator(".map-legend li").all_text_contents()
    page.select_option("[name=scale]", "range")
    page.wait_for_url("**scale=range**")
    page.locator(".map-legend", has_text="from the lowest share to the highest").wait_for()
    assert page.locator(".map-legend li").all_text_contents() != whole
    assert page.input_value("[name=scale]") == "range"
    page.select_option("[name=scale]", "")
    page.wait_for_url(lambda url: "scale" not in url)
    assert watched.complaints == []


def test_chosen_dates_stand_in_the_address(watched: Any) -> None:
    watched.become("leader")
    page = watched.open("/maps/hotspots")
    page.fill("[name=since]", "2026-03-01")
    page.wait_for_url("**since=2026-03-01**")
    assert query_of(page)["period"] == ["custom"]
    page.select_option("[name=period]", "7d")
    page.wait_for_url("**period=7d**")
    assert "since" not in query_of(page)


def test_the_switch_of_language_keeps_the_choices(watched: Any) -> None:
    watched.become("leader")
    page = watched.open("/maps/issues?level=street&period=30d")
    with page.expect_navigation():
        page.click(".tongue")
    assert page.get_attribute("html", "lang") == "en"
    assert page.input_value("[name=level]") == "street"
    assert page.input_value("[name=period]") == "30d"
    page.goto(watched.server + "/maps/issues")
    assert page.get_attribute("html", "lang") == "en"


def test_a_heading_sorts_its_column_both_ways(watched: Any) -> None:
    watched.become("leader")
    page = watched.open("/maps/issues")

    def column() -> list[int]:
        return page.eval_on_selector_all(
            "#grids tbody td:nth-child(2)", "cells => cells.map(c => +c.dataset.value)"
        )

    heading = page.locator("#grids thead th").nth(1)
    heading.locator("button").focus()
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "ascending"
    assert column() == sorted(column())
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "descending"
    assert column() == sorted(column(), reverse=True)
    assert len(set(column())) > 1


def test_a_row_shows_its_grid_and_the_address_remembers_it(watched: Any) -> None:
    watched.become("leader")
    page = watched.open("/maps/coverage")
    row = page.locator("#grids tbody tr").nth(3)
    code = row.get_attribute("data-code")
    row.locator("button").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".leaflet-popup")
    assert page.text_content(".map-popup .code") == code
    assert row.locator("button").get_attribute("aria-pressed") == "true"
    page.wait_for_url(f"**#{code}")
    page.reload()
    page.wait_for_selector(".leaflet-popup")
    assert page.text_content(".map-popup .code") == code


def test_a_grid_on_the_map_marks_its_row(watched: Any) -> None:
    watched.become("leader")
    page = watched.open("/maps/coverage")
    box = page.locator(".folium-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector(".leaflet-popup")
    code = page.text_content(".map-popup .code")
    assert page.get_attribute(f"tr[data-code='{code}'] button", "aria-pressed") == "true"
