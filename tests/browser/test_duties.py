"""Duties in Chromium: a draw that is repeated, a record that is refused and one that is kept, quiet pages."""

from __future__ import annotations

from typing import Any

import pytest

from geo.domain.actors import Role

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network]

ANSWERED = "#kept:not(:empty), #alert:not(:empty)"


@pytest.mark.rule("C14")
def test_a_draw_is_committed_to_revealed_and_repeated(watched: Any) -> None:
    watched.become(Role.LEADER.value)
    page = watched.open("/draws?lang=en")
    page.fill("[name=title]", "Households to see")
    page.select_option("[name=target]", "household")
    page.fill("[name=size]", "1")
    page.click("#new-draw button")
    page.wait_for_url("**/draws/*")
    assert "Sealed" in page.inner_text("dl")
    page.click("#reveal")
    page.wait_for_selector("#repeat")
    page.click("#repeat")
    page.wait_for_selector("#verdict:not(:empty)")
    assert page.inner_text("#verdict").startswith("It holds")
    first = page.inner_text("tbody")
    page.reload()
    assert page.inner_text("tbody") == first
    assert watched.complaints == []


def test_a_visit_in_the_future_is_refused_and_a_log_is_kept(watched: Any) -> None:
    watched.become(Role.INSPECTOR.value)
    page = watched.open("/activities/new?kind=patrol&lang=en")
    page.select_option("[name=entity]", index=1)
    page.fill("[name=at]", "2199-01-01T10:00")
    page.click("form.filing > button")
    page.wait_for_selector(ANSWERED)
    assert "visited_at" in page.inner_text("#alert")
    page.select_option("[name=kind]", "log")
    page.fill("[name=at]", "2026-11-19T17:00")
    page.click("form.filing > button")
    page.wait_for_selector("#kept:not(:empty)")
    assert page.inner_text("#alert") == ""


@pytest.mark.parametrize("path", ["/maps/duties?period=90d", "/todo", "/activities/new", "/draws"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pages_load_nothing_from_outside(watched: Any, path: str, lang: str) -> None:
    watched.become(Role.LEADER.value)
    page = watched.open(f"{path}{'&' if '?' in path else '?'}lang={lang}")
    page.wait_for_selector("h1")
    assert (watched.outside, watched.complaints, watched.violations()) == ([], [], [])
