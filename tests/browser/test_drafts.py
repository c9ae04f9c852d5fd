"""Drafts on a phone: what was said in a form is there again when the page is opened anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.walking import PHONE, attach

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network]


@pytest.fixture
def phone(watch: Any, spot: dict[str, float]) -> Any:
    """Give the phone of an inspector who stands somewhere, and what watches it."""
    watched = watch(**PHONE, has_touch=True, is_mobile=True)
    watched.page.context.set_geolocation(spot)
    watched.page.context.grant_permissions(["geolocation"])
    watched.become("inspector")
    return watched


def test_a_report_keeps_its_place_and_the_photos_that_arrived(phone: Any, pictures: list[Path]) -> None:
    page = phone.open("/issues/new?lang=en")
    page.fill("[name=category]", "暴露垃圾")
    page.click("#by-position")
    expect(page.locator("#place")).to_contain_text("Place:")
    place = str(page.text_content("#place"))
    attach(page, "[data-photos=before]", pictures[0])
    waiting = page.locator("[data-photos=before] [role=status]")
    expect(waiting).to_be_empty()
    page.context.set_offline(True)
    page.set_input_files("[data-photos=before] .camera input", pictures[1])
    expect(waiting).to_contain_text("have not arrived yet: 1.")
    page.context.set_offline(False)
    page.reload()
    expect(page.locator("#place")).to_have_text(place)
    expect(page.locator("[data-photos=before] .thumbnails img")).to_have_count(1)
    expect(page.locator("path.place")).to_have_count(1)
    expect(waiting).to_be_empty()
    with page.expect_navigation():
        page.click("#new-issue button:not([type])")
    expect(page.locator("#history ~ ol [data-larger]")).to_have_count(1)
    phone.open("/issues/new?lang=en")
    expect(page.locator("#place")).to_have_text("No place yet")


def test_a_photo_that_was_removed_does_not_come_back(phone: Any, pictures: list[Path]) -> None:
    page = phone.open("/issues/new?lang=en")
    attach(page, "[data-photos=after]", pictures[0])
    page.click("[data-photos=after] .thumbnails button")
    expect(page.locator(".thumbnails img")).to_have_count(0)
    page.reload()
    expect(page.locator("[data-photos=after] [role=status]")).to_be_attached()
    expect(page.locator(".thumbnails img")).to_have_count(0)


def test_a_record_of_a_visit_keeps_its_place(phone: Any) -> None:
    page = phone.open("/activities/new?kind=patrol&lang=en")
    before = str(page.text_content("#place"))
    page.click("#by-position")
    expect(page.locator("#place")).not_to_have_text(before)
    place = str(page.text_content("#place"))
    page.reload()
    expect(page.locator("#place")).to_have_text(place)


def test_an_inspection_keeps_its_place(phone: Any, subject: int) -> None:
    phone.become("admin")
    page = phone.open(f"/inspections/new?entity={subject}&lang=en")
    page.click("#here")
    expect(page.locator("#place")).not_to_be_empty()
    place = str(page.text_content("#place"))
    page.reload()
    expect(page.locator("#place")).to_have_text(place)
