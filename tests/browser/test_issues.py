"""Issues on a phone: their photos, what a step lacks, and steps taken by keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.walking import PHONE, SCREENSHOTS, Walk, attach

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network]


@pytest.fixture
def walk(watch: Any, spot: dict[str, float]) -> Walk:
    """An inspector who stands at the spot with a phone, and is about to report an issue."""
    watched = watch(**PHONE, has_touch=True, is_mobile=True)
    watched.page.context.grant_permissions(["geolocation"])
    watched.page.context.set_geolocation(spot)
    watched.become("inspector")
    watched.open("/issues/new?lang=zh")
    return Walk(watched)


def report(walk: Walk, picture: Path) -> None:
    page = walk.page
    page.fill("[name=category]", "暴露垃圾")
    page.click("#by-position")
    expect(page.locator("#place")).to_contain_text("地点：")
    attach(page, "[data-photos=before]", picture)
    walk.picture("issue-new-photo-zh-phone")
    with page.expect_navigation():
        page.click("#new-issue button:not([type])")
    walk.path = page.url.removeprefix(walk.watched.server)


def test_a_photo_that_was_used_again_is_told_to_who_supervises(walk: Walk, pictures: list[Path]) -> None:
    report(walk, pictures[3])
    walk.act("accepted")
    walk.begin("handled")
    walk.page.fill("#act-handled [name=result]", "已清运")
    attach(walk.page, "#act-handled [data-photos=after]", pictures[3])
    with walk.page.expect_navigation():
        walk.page.click("#act-handled form > button")
    again = walk.page.locator("section:has(#seen-before)")
    expect(again).to_have_count(0)
    walk.path = walk.path.split("?")[0]
    walk.as_("leader")
    expect(again).to_contain_text("与本问题处置前的照片相同或相近 · 64 位特征中相差 0 位")
    expect(again.locator("[data-larger]")).to_have_count(2)
    walk.picture("issue-seen-before-zh-phone")
    assert walk.watched.violations() == []


def test_photos_before_and_after_are_taken_with_a_phone_and_seen_larger_by_keyboard(
    walk: Walk, pictures: list[Path]
) -> None:
    watched, page = walk.watched, walk.page
    assert page.get_attribute(".camera input", "capture") == "environment"
    report(walk, pictures[0])
    walk.act("accepted")
    walk.begin("handled")
    page.fill("#act-handled [name=result]", "已清运")
    attach(page, "#act-handled [data-photos=before]", pictures[1])
    attach(page, "#act-handled [data-photos=after]", pictures[2])
    walk.picture("issue-handling-photos-zh-phone")
    with page.expect_navigation():
        page.click("#act-handled form > button")
    shown = page.locator("#history ~ ol [data-larger]")
    expect(shown).to_have_count(3)
    assert [one.split(" ")[0] for one in shown.locator("span").all_inner_texts()] == [
        "处置前",
        "处置后",
        "处置前",
    ]
    walk.picture("issue-photos-zh-phone")
    shown.first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("dialog.larger")).to_be_visible()
    expect(page.locator(".larger img")).to_have_js_property("naturalWidth", 800)
    page.keyboard.press("ArrowRight")
    expect(page.locator("dialog.larger [role=status]")).to_contain_text("2 / 3 · 处置后")
    page.screenshot(path=SCREENSHOTS / "issue-photo-larger-zh-phone.png")
    page.keyboard.press("Escape")
    expect(page.locator("dialog.larger")).to_be_hidden()
    expect(shown.nth(1)).to_be_focused()
    assert watched.violations() == []
    assert watched.outside == []


def test_what_is_missing_is_told_on_the_page(watched: Any, spot: dict[str, float]) -> None:
    page = watched.page
    watched.become("leader")
    watched.open("/issues?lang=en")
    with page.expect_navigation():
        page.click(".issue-list li:has(.badge:text-is('Reported')) a >> nth=0")  # others may not be void
    page.click("#act-void > summary")
    page.eval_on_selector("#act-void textarea", "(field) => field.removeAttribute('required')")
    page.click("#act-void form > button")
    expect(page.locator("#act-void [role=alert]")).to_contain_text("State the reason (note)")


def test_steps_are_taken_by_keyboard_alone(watched: Any) -> None:
    page = watched.page
    watched.become("leader")
    watched.open("/issues?lang=zh")
    page.focus(".issue-list li:has(.badge:text-is('已上报')) a >> nth=0")  # others may not be void
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.focus("#act-void > summary")
    page.keyboard.press("Enter")
    expect(page.locator("#act-void textarea")).to_be_focused()
    page.keyboard.type("误报")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.text_content(".badge").strip() == "已作废"


@pytest.fixture
def reporting(watch: Any, spot: dict[str, float]) -> Any:
    """Give the form of a new issue on a phone, and what watches it."""
    watched = watch(**PHONE, has_touch=True, is_mobile=True)
    watched.page.context.set_geolocation(spot)
    watched.become("inspector")
    return watched


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_on_a_phone_the_form_comes_before_the_map(reporting: Any, lang: str) -> None:
    page = reporting.open(f"/issues/new?lang={lang}")
    form, ground = (page.locator(one).bounding_box() for one in ("#new-issue", "#ground"))
    assert form["y"] + form["height"] <= ground["y"]
    assert page.evaluate("document.querySelector('#new-issue').elements[0].id") == "by-position"
    heights = [one.bounding_box()["height"] for one in page.locator("#new-issue .placing > .quiet").all()]
    assert min(heights) >= 44
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.click("a[href='#ground']")
    expect(page.locator("#ground")).to_be_in_viewport()
    page.screenshot(path=SCREENSHOTS / f"issue-new-{lang}-phone.png", full_page=True)
    assert reporting.complaints == []


def test_the_deadline_is_told_before_sending(reporting: Any) -> None:
    page = reporting.open("/issues/new?lang=en")
    expect(page.locator("#due")).to_be_empty()
    page.fill("[name=category]", "something nobody has reported")
    expect(page.locator("#due")).to_contain_text("To be dealt with by")
    page.fill("[name=category]", "")
    expect(page.locator("#due")).to_be_empty()


def test_a_form_that_is_sent_twice_makes_one_issue(reporting: Any) -> None:
    page = reporting.open("/issues/new?lang=en")
    page.context.grant_permissions(["geolocation"])
    page.fill("[name=category]", "暴露垃圾")
    page.click("#by-position")
    expect(page.locator("#place")).to_contain_text("Place:")
    made = []
    page.on("request", lambda asked: made.append(asked) if asked.method == "POST" else None)
    with page.expect_navigation():
        page.dblclick("#new-issue button:not([type])")
    assert len(made) == 1


def test_without_leave_to_ask_for_the_position_it_is_told_what_to_do(reporting: Any) -> None:
    page = reporting.open("/issues/new?lang=en")
    page.context.clear_permissions()
    page.click("#by-position")
    expect(page.locator("#alert")).to_contain_text("allow “Location”")


def test_what_was_typed_outlives_a_lost_network_and_a_reload(reporting: Any, pictures: list[Path]) -> None:
    page = reporting.open("/issues/new?lang=en")
    page.context.grant_permissions(["geolocation"])
    page.fill("[name=category]", "暴露垃圾")
    page.fill("[name=description]", "路口堆放")
    page.context.set_offline(True)
    page.set_input_files("[data-photos=before] .camera input", pictures[0])
    expect(page.locator("#alert")).to_contain_text("can't be reached")
    page.click("#by-position")
    expect(page.locator("#place")).to_contain_text("Place:")
    page.click("#new-issue button:not([type])")
    expect(page.locator("#alert")).to_contain_text("kept on this page")
    assert page.input_value("[name=description]") == "路口堆放"
    page.context.set_offline(False)
    with page.expect_navigation():
        page.click("#new-issue button:not([type])")
    expect(page.locator("#history ~ ol [data-larger]")).to_have_count(1)
    assert page.evaluate("sessionStorage.length") == 0
    page.goto(f"{reporting.server}/issues/new?lang=en")
    assert page.input_value("[name=description]") == ""
    page.fill("[name=description]", "又一处")
    page.reload()
    assert page.input_value("[name=description]") == "又一处"
