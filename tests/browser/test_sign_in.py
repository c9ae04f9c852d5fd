"""Signing in and out before a browser."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network]


def test_a_page_that_needs_an_account_leads_to_the_sign_in_and_back(watched: Any) -> None:
    page = watched.open("/maps/issues?level=street&lang=en")
    assert "/login?next=" in page.url
    watched.sign_in("leader")
    assert page.url == f"{watched.server}/maps/issues?level=street"
    assert page.text_content(".who") == "leader"
    page.click("text=Sign out")
    page.wait_for_url(watched.server + "/")
    assert page.locator(".who").count() == 0
    watched.open("/maps/issues")
    assert "/login" in page.url


def test_a_wrong_password_is_told_and_locks_out_at_last(watched: Any) -> None:
    page = watched.open("/login?lang=en")
    for _ in range(3):
        watched.sign_in("forgetful", "wrong")
        assert page.input_value("[name=username]") == "forgetful"
    assert page.text_content("[role=alert]") == "The username or the password is wrong."
    watched.sign_in("forgetful")
    told = page.text_content("[role=alert]")
    assert told.startswith("Too many attempts failed; try again after ")
    assert any(character.isdigit() for character in told)


def test_an_unknown_user_is_told_no_more(watched: Any) -> None:
    page = watched.open("/login?lang=en")
    watched.sign_in("nobody-at-all", "wrong")
    assert page.text_content("[role=alert]") == "The username or the password is wrong."


@pytest.mark.parametrize(
    "elsewhere", ["https://example.org/", "//example.org/", "/\\example.org", "/\t/example.org"]
)
def test_no_sign_in_leads_elsewhere(watched: Any, elsewhere: str) -> None:
    page = watched.page
    page.goto(watched.server + "/login")
    page.evaluate("address => { document.querySelector('[name=next]').value = address; }", elsewhere)
    watched.sign_in("planner")
    assert page.url == watched.server + "/"
    assert watched.outside == []


def test_signing_out_takes_the_token_of_our_pages(watched: Any) -> None:
    watched.become("planner")
    page = watched.open("/?lang=en")
    page.evaluate("document.querySelector('header [name=csrf_token]').value = 'guessed'")
    with page.expect_navigation():
        page.click("text=Sign out")
    assert page.text_content("h1") == "The request doesn't come from our pages"
    watched.open("/")
    assert page.text_content(".who") == "planner"
