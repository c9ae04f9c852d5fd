"""Duties in Chromium: a record that is refused and one that is kept, quiet pages."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from geo.domain.actors import Role

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network]

ANSWERED = "#kept:not(:empty), #alert:not(:empty)"


def today() -> date:
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def last_month() -> tuple[date, date]:
    """The first days of the month before this one, and of this one."""
    until = today().replace(day=1)
    return (until - timedelta(days=1)).replace(day=1), until


def test_a_visit_in_the_future_is_refused_and_a_log_is_kept(watched: Any) -> None:
    watched.become(Role.INSPECTOR.value)
    page = watched.open("/activities/new?kind=patrol&lang=en")
    page.select_option("[name=entity]", index=1)
    page.fill("[name=at]", "2199-01-01T10:00")
    page.click("form.filing > button")
    page.wait_for_selector(ANSWERED)
    assert "visited_at" in page.inner_text("#alert")
    page.select_option("[name=kind]", "log")
    page.fill("[name=at]", f"{today() - timedelta(days=1)}T17:00")
    page.click("form.filing > button")
    page.wait_for_selector("#kept:not(:empty)")
    assert page.inner_text("#alert") == ""


def test_a_score_leads_down_to_what_was_missed_and_to_a_record(watched: Any) -> None:
    watched.become(Role.LEADER.value)
    page = watched.open(f"/assessment?lang=en&day={last_month()[0]}")
    page.locator("details:has(a[href^='/duties/trail'])").first.evaluate("one => { one.open = true; }")
    page.locator("a[href^='/duties/trail']").first.click()
    page.wait_for_selector("ol.tasks li")
    assert page.inner_text("h1")
    assert "/" in page.inner_text("header strong")
    with page.expect_download() as download:
        page.click("a[download]")
    assert download.value.suggested_filename.endswith(".xlsx")
    record = page.locator("ol.tasks a[href^='/api/v1/']").first.get_attribute("href")
    assert page.request.get(watched.server + record).ok
    assert (watched.outside, watched.complaints) == ([], [])


TRAIL = "/duties/trail?measure=frequency&since={}&until={}"


@pytest.mark.parametrize("path", ["/maps/duties?period=90d", "/todo", "/activities/new", "/draws", TRAIL])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pages_load_nothing_from_outside(watched: Any, path: str, lang: str) -> None:
    watched.become(Role.LEADER.value)
    page = watched.open(f"{path.format(*last_month())}{'&' if '?' in path else '?'}lang={lang}")
    page.wait_for_selector("h1")
    assert (watched.outside, watched.complaints, watched.violations()) == ([], [], [])
