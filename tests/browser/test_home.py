"""The start page: each role finds what it is here for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.test_pages import SCREENS

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network]


def headings(watched: Any, username: str | None) -> tuple[list[str], list[str]]:
    if username:
        watched.become(username)
    page = watched.open("/?lang=en")
    ways = page.locator(".ways > a, .ways > details > summary")
    return page.locator("main :is(h2, caption)").all_text_contents(), ways.all_text_contents()


def test_the_public_is_asked_for_a_place(watched: Any, address: dict[str, Any]) -> None:
    assert headings(watched, None) == ([], ["Locate"])
    watched.page.fill("[name=q]", address["text"])
    watched.page.press("[name=q]", "Enter")
    watched.page.wait_for_selector(".candidates")
    assert "/locate?q=" in watched.page.url


def test_an_inspector_sees_the_own_grids_alone(watched: Any) -> None:
    found, ways = headings(watched, "inspector")
    assert found[0] == "My grids"
    assert ways == ["Maps", "Work", "Books", "Locate"]
    codes = watched.page.locator("section:has(#grids) tbody .code").all_text_contents()
    assert len({code[:12] for code in codes}) == 1
    assert codes == sorted(codes)


def test_an_inspector_sees_the_issues_to_see_through(watched: Any) -> None:
    found, _ = headings(watched, "inspector")
    assert found[1:] == ["Issues to see through, overdue first"]
    own = set(watched.page.locator("section:has(#grids) tbody .code").all_text_contents())
    rows = watched.page.locator("section:has(#to-do) tbody tr")
    assert rows.count() > 0
    assert set(rows.locator("td .code").all_text_contents()) <= own
    rows.first.locator("td a").click()
    watched.page.wait_for_url("**/locate?lon=*")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_names_come_before_codes_and_codes_are_whole_on_a_phone(watched: Any, lang: str) -> None:
    watched.become("inspector")
    watched.page.set_viewport_size(SCREENS["phone"])
    page = watched.open(f"/?lang={lang}")
    codes = page.locator("section:has(#to-do) tbody .code")
    assert codes.count() > 0
    lines = codes.evaluate_all(
        "(all) => all.map((one) => one.offsetHeight / parseFloat(getComputedStyle(one).lineHeight))"
    )
    assert set(map(round, lines)) == {1}
    names = page.locator("section:has(#grids) tbody th a").all_text_contents()
    assert set(page.locator("section:has(#to-do) tbody td a").all_text_contents()) <= set(names)
    page.locator("section:has(#to-do) tbody th a").first.click()
    page.wait_for_url("**/issues/*")


def test_a_leader_sees_three_numbers_and_what_they_are_made_of(watched: Any) -> None:
    found, _ = headings(watched, "leader")
    assert found == ["The last 90 days", "Grids that need attention most"]
    cards = watched.page.locator("a.card")
    assert cards.count() == 3
    for text in cards.locator(".made-of").all_text_contents():
        numerator, denominator = (int(part.replace(",", "")) for part in text.split("/"))
        assert 0 <= numerator <= denominator
    cards.nth(2).click()
    watched.page.wait_for_url("**/maps/issues")


def test_a_planner_sees_the_division(watched: Any) -> None:
    found, _ = headings(watched, "planner")
    assert found == ["Division in force"]
    assert watched.page.locator(".figures .figure").count() == 4


def test_what_may_be_taken_away_is_offered(watched: Any) -> None:
    watched.become("leader")
    page = watched.open("/maps/issues?lang=en")
    page.click("summary.button")
    with page.expect_download() as download:
        page.click("text=Issues (CSV)")
    assert download.value.suggested_filename == "issues.csv"
    watched.become("inspector")
    assert watched.open("/maps/issues").locator("summary.button").count() == 0


def test_an_administrator_finds_accounts_and_the_log(watched: Any) -> None:
    found, _ = headings(watched, "admin")
    assert found[-1] == "Administration"
    cards = watched.page.locator("a.card h3").all_text_contents()
    assert cards == ["Recent imports", "Accounts", "Audit log", "Timers", "Interface"]
