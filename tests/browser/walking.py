"""An issue and an inspection as those who work on them go through their pages."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.browser.bench import point_at

PHONE = {"width": 390, "height": 844}
SCREENSHOTS = Path(__file__).parent / "screenshots"
TOO_WIDE = """
    document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
    [...document.querySelectorAll("body *")]
      .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth)
      .map((one) => one.outerHTML.slice(0, 90))
"""
"""What sticks out of the screen, where a page is wider than it."""
CONTENTS = ("licence", "scope", "conditions", "quality", "presence", "violations", "other")


class Walk:
    """An issue as different people see it, one after the other."""

    def __init__(self, watched: Any, language: str = "zh") -> None:
        self.watched = watched
        self.language = language
        self.page = watched.page
        self.path = ""

    def as_(self, username: str) -> Walk:
        self.watched.become(username)
        self.watched.open(f"{self.path}?lang={self.language}")
        return self

    def act(self, name: str, **fields: str) -> None:
        """Open a step, fill it in, send it, and wait for the page to come anew."""
        self.begin(name)
        for field, value in fields.items():
            self.page.fill(f"#act-{name} [name={field}]", value)
        with self.page.expect_navigation():
            self.page.click(f"#act-{name} form > button")

    def begin(self, name: str) -> None:
        """Open a step, and wait until the page has put the cursor into it: else it does so during typing."""
        self.page.click(f"#act-{name} > summary")
        self.page.wait_for_selector(f"#act-{name} form :focus")

    def state(self) -> str:
        return str(self.page.text_content(".badge")).strip()

    def picture(self, name: str) -> None:
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def attach(page: Any, field: str, picture: Path) -> None:
    """Choose a photo, and wait until it is shown small."""
    page.set_input_files(f"{field} input[multiple]", picture)
    page.wait_for_selector(f"{field} .thumbnails img")


def in_two_weeks() -> str:
    return (datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(days=14)).date().isoformat()


def tick(page: Any, name: str, value: str | None = None) -> None:
    chosen = f'[name="{name}"]' + (f'[value="{value}"]' if value else "")
    page.locator(f"label:has({chosen})").first.click()


def sign(page: Any) -> None:
    """Draw two strokes with the mouse."""
    page.locator("#pad").scroll_into_view_if_needed()
    box = page.locator("#pad").bounding_box()
    for row in (0.3, 0.7):
        page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + row * box["height"])
        page.mouse.down()
        for step in range(1, 7):
            x = box["x"] + (0.2 + 0.1 * step) * box["width"]
            place = x, box["y"] + (row + 0.1 * (-1) ** step) * box["height"]
            page.mouse.move(*place)
        point_at(page, place)
        page.mouse.up()


def step(page: Any, name: str) -> None:
    """Wait until a step of the form is shown, and keep what it looks like."""
    page.wait_for_selector(f"[data-step={name}].shown")
    assert page.evaluate(TOO_WIDE) == [], name
    language = page.get_attribute("html", "lang")[:2]
    page.screenshot(path=SCREENSHOTS / f"inspection-{name}-{language}-phone.png", full_page=True)


def fill(page: Any, picture: Path) -> None:
    """Fill in the form, with one officer too few."""
    step(page, "who")
    tick(page, "officers")
    tick(page, "form", "special")
    page.click("#next")
    step(page, "contents")
    for item in CONTENTS:
        tick(page, f"answer.{item}", "yes")
    page.click("#next")
    tick(page, "result", "other_violation")
    tick(page, "measures", "correction")
    page.fill("[name=correct_by]", in_two_weeks())
    page.fill("[name=findings]", "三种调料的标签不全。")
    step(page, "result")
    page.click("#next")
    page.set_input_files("[data-photos=visit] input[multiple]", picture)
    page.wait_for_selector(".taking .thumbnails img")
    step(page, "photos")
    page.click("#next")
    page.fill("[name=subject_name]", "张建国")
    page.fill("[name=subject_phone]", "13812341234")
