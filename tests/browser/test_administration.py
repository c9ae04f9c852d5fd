"""Accounts and the audit log, before a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser.test_pages import SCREENS, SCREENSHOTS

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network]

NEW_PASSWORD = "five loud white geese"


@pytest.fixture
def newcomer(watched: Any) -> str:
    """An account that an administrator has just made on the page: a leader of one community."""
    name = f"li.{uuid4().hex[:8]}"
    watched.become("admin")
    page = watched.open("/accounts?lang=en")
    page.fill("#new-account [name=username]", name)
    page.fill("#new-account [name=password]", NEW_PASSWORD)
    page.select_option("#new-account [name=role]", "planner")
    with page.expect_navigation():
        page.click("#new-account button:has-text('Make the account')")
    return name


def row(watched: Any, name: str) -> Any:
    return watched.page.locator("#accounts tbody tr").filter(has_text=name)


def edit(watched: Any, name: str) -> Any:
    row(watched, name).locator("button.change").click()
    return watched.page.locator("dialog[open]")


def test_a_new_account_stands_in_the_list_and_may_sign_in(
    watched: Any, watch: Callable[..., Any], newcomer: str
) -> None:
    assert "Planner Whole city" in " ".join(row(watched, newcomer).inner_text().split())
    assert sign_in(watch, newcomer) == newcomer
    assert watched.complaints == []


def sign_in(watch: Callable[..., Any], name: str, password: str = NEW_PASSWORD) -> str | None:
    """Who the header says is there, after somebody has tried to sign in."""
    other = watch()
    other.open("/login?lang=en")
    other.sign_in(name, password)
    found = other.page.locator(".who")
    return found.text_content() if found.count() else None


def test_roles_are_changed(watched: Any, newcomer: str) -> None:
    dialog = edit(watched, newcomer)
    dialog.locator("button.add").click()
    dialog.locator("[name=role]").nth(1).select_option("leader")
    dialog.locator("[role=combobox]").nth(1).fill("no such grid")
    watched.page.wait_for_selector("#grants .grid-list:has-text('No grid like this')")
    dialog.get_by_role("button", name="Keep the roles").click()
    watched.page.wait_for_selector("#grants [role=alert]:not(:empty)")
    dialog.locator("button.remove").nth(1).click()
    dialog.locator("[name=role]").first.select_option("leader")
    with watched.page.expect_navigation():
        dialog.get_by_role("button", name="Keep the roles").click()
    assert "Leader Whole city" in " ".join(row(watched, newcomer).inner_text().split())


def test_a_closed_account_stays_outside_until_it_is_opened(
    watched: Any, watch: Callable[..., Any], newcomer: str
) -> None:
    with watched.page.expect_navigation():
        edit(watched, newcomer).get_by_role("button", name="Close the account").click()
    assert "Closed" in row(watched, newcomer).inner_text()
    assert sign_in(watch, newcomer) is None
    with watched.page.expect_navigation():
        edit(watched, newcomer).get_by_role("button", name="Open the account").click()
    assert sign_in(watch, newcomer) == newcomer


def test_a_locked_account_is_unlocked(watched: Any, watch: Callable[..., Any], newcomer: str) -> None:
    for _ in range(4):
        assert sign_in(watch, newcomer, "wrong wrong wrong") is None
    assert sign_in(watch, newcomer) is None
    watched.open("/accounts?lang=en")
    assert "Locked until" in row(watched, newcomer).inner_text()
    with watched.page.expect_navigation():
        edit(watched, newcomer).get_by_role("button", name="Unlock").click()
    assert sign_in(watch, newcomer) == newcomer


def test_another_password_holds_at_once(watched: Any, watch: Callable[..., Any], newcomer: str) -> None:
    dialog = edit(watched, newcomer)
    dialog.locator("#password [name=password]").fill("six calm brown owls")
    with watched.page.expect_navigation():
        dialog.get_by_role("button", name="Set the password").click()
    assert sign_in(watch, newcomer) is None
    assert sign_in(watch, newcomer, "six calm brown owls") == newcomer


def test_a_refusal_is_told_on_the_page(watched: Any, newcomer: str) -> None:
    page = watched.page
    page.fill("#new-account [name=username]", newcomer)
    page.fill("#new-account [name=password]", NEW_PASSWORD)
    page.click("#new-account button:has-text('Make the account')")
    page.wait_for_selector("#new-account [role=alert]:not(:empty)")
    assert "already" in page.text_content("#new-account [role=alert]")


def test_the_keyboard_alone_changes_a_role(watched: Any, newcomer: str) -> None:
    page = watched.page
    row(watched, newcomer).locator("button.change").focus()
    page.keyboard.press("Enter")
    page.locator("dialog[open] [name=role]").focus()
    page.keyboard.press("i")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "Inspector" in row(watched, newcomer).inner_text()
    row(watched, newcomer).locator("button.change").press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_the_log_tells_what_was_done_and_is_narrowed(watched: Any, newcomer: str) -> None:
    page = watched.open("/audit?lang=en&kind=account")
    newest = page.locator(".trail tbody tr").first
    assert "admin" in newest.inner_text()
    assert "Made account" in newest.inner_text()
    newest.get_by_role("link", name=newcomer).click()
    page.wait_for_url("**/audit?kind=account&key=*")
    assert page.locator(".trail tbody tr").count() == 1
    page.fill("[name=actor]", "nobody")
    page.click(".choices button")
    assert page.text_content(".empty") == "No change matches."


def test_the_log_goes_on_page_by_page(watched: Any) -> None:
    watched.become("admin")
    page = watched.open("/audit?lang=en")
    seen = []
    while page.locator("[rel=next]").count():
        seen.append(page.locator(".trail tbody tr").count())
        with page.expect_navigation():
            page.click("[rel=next]")
    assert all(count == 100 for count in seen)
    assert page.locator("[rel=first]").count() == bool(seen)


@pytest.mark.parametrize("username", ["planner", "leader", "inspector"])
@pytest.mark.parametrize("path", ["/accounts", "/audit"])
def test_others_are_not_led_there_and_not_let_in(watched: Any, username: str, path: str) -> None:
    watched.become(username)
    watched.open("/?lang=en")
    assert watched.page.locator(f"a[href='{path}']").count() == 0
    assert watched.page.goto(watched.server + path).status == 403


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", ["accounts", "audit", "account-dialog"])
def test_the_pages_are_whole(watched: Any, newcomer: str, name: str, language: str) -> None:
    page = watched.open(f"/{'audit' if name == 'audit' else 'accounts'}?lang={language}")
    if name == "account-dialog":
        edit(watched, newcomer)
    for screen, size in SCREENS.items():
        page.set_viewport_size(size)
        page.screenshot(path=SCREENSHOTS / f"{name}-{language}-{screen}.png", full_page=screen == "phone")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert watched.outside == []
    assert watched.violations() == []
    assert watched.complaints == []
    assert watched.ran() is None
