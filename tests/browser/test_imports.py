"""Files come in on the page: tried first, told row by row, then kept."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.browser.test_pages import SCREENS, SCREENSHOTS

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network]


def csv(*rows: str) -> dict[str, Any]:
    content = "\n".join(("ref,名称,编码,经度,纬度", *rows))
    return {"name": "shops.csv", "mimeType": "text/csv", "buffer": content.encode()}


def choose(watched: Any, *rows: str, lang: str = "en") -> Any:
    watched.become("admin")
    page = watched.open(f"/imports?lang={lang}")
    page.select_option("[name=layer]", "entities")
    page.select_option("[name=reference]", "wgs84")
    page.set_input_files("[name=file]", csv(*rows))
    return page


def ended(page: Any, words: str) -> None:
    page.locator("#import [role=status]", has_text=words).wait_for()


def test_a_file_is_tried_and_then_kept(watched: Any) -> None:
    page = choose(watched, f"{uuid4()},甲<script>,1,119.98,30.52")
    commit = page.locator("[name=commit]")
    assert commit.is_disabled()
    page.click("[name=try]")
    ended(page, "nothing was written")
    assert "1 rows: 1 good" in page.text_content("#summary")
    assert page.input_value("#mapping select[aria-label=name]") == "名称"
    page.locator("[name=commit]:enabled").click()
    ended(page, "Kept as batch")
    page.reload()
    ended(page, "Kept as batch")
    assert "Kept as batch" in page.text_content("section[aria-labelledby=before] tbody tr")
    assert watched.complaints == []


def test_what_is_wrong_is_told_by_row_and_not_kept(watched: Any) -> None:
    page = choose(watched, "1,甲,1,119.98,30.52", "1,乙,1,119.98,30.52")
    page.click("[name=try]")
    ended(page, "nothing was written")
    assert "stands twice" in page.text_content("#problems tbody")
    assert page.locator("[name=commit]").is_disabled()
    assert watched.complaints == []


def test_a_guess_that_is_said_otherwise_goes_into_the_next_try(watched: Any) -> None:
    page = choose(watched, f"{uuid4()},甲,乙号,119.98,30.52")
    page.click("[name=try]")
    ended(page, "nothing was written")
    page.select_option("#mapping select[aria-label=name]", "编码")
    page.click("[name=try]")
    page.locator("#mapping tr", has_text="As said").wait_for()
    assert page.input_value("#mapping select[aria-label=name]") == "编码"


def test_a_file_of_no_known_kind_is_told_in_words(watched: Any) -> None:
    page = choose(watched, "1")
    page.set_input_files("[name=file]", {"name": "a.exe", "mimeType": "x/y", "buffer": b"MZ"})
    page.click("[name=try]")
    ended(page, "Failed")
    assert page.text_content("#import [role=alert]").strip()


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_fits_every_screen(watched: Any, screen: str, lang: str) -> None:
    watched.page.set_viewport_size(SCREENS[screen])
    page = choose(watched, "1,甲,1,119.98,30.52", "1,乙,1,119.98,30.52", lang=lang)
    page.click("[name=try]")
    page.locator("#problems tbody tr").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.screenshot(path=SCREENSHOTS / f"imports-{lang}-{screen}.png", full_page=True)
