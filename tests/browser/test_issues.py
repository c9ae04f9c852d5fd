"""One issue from its report to its close, on a phone: three roles, a return, an escalation, a rating."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import text

from geo.db.profiles import insert_regulation
from geo.db.unit_of_work import Database
from geo.services.profile_documents import document_of, shipped_profile

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network]

PHONE = {"width": 390, "height": 844}
SCREENSHOTS = Path(__file__).parent / "screenshots"


@pytest.fixture(scope="module")
def spot(demo_url: str) -> dict[str, float]:
    """A place where the inspector works, and where the rules of a community hold."""
    database = Database(demo_url)
    with database.write() as uow:
        row = uow.connection.execute(
            text("""SELECT code, ST_X(p) AS longitude, ST_Y(p) AS latitude
                    FROM grid, ST_PointOnSurface(geom) AS p WHERE is_leaf ORDER BY code LIMIT 1""")
        ).one()
        insert_regulation(
            uow.connection,
            grid_code=row.code,
            valid_from=date(2020, 1, 1),
            document=document_of(shipped_profile("community")),
            path=None,
            adopted_by="operator",
        )
    database.close()
    return {"longitude": row.longitude, "latitude": row.latitude}


class Walk:
    """An issue as different people see it, one after the other."""

    def __init__(self, watched: Any) -> None:
        self.watched = watched
        self.page = watched.page
        self.path = ""

    def as_(self, username: str) -> Walk:
        self.page.context.clear_cookies()  # to sign in again would end the session that there was
        self.watched.become(username)
        self.watched.open(f"{self.path}?lang=zh")
        return self

    def act(self, name: str, **fields: str) -> None:
        """Open a step, fill it in, send it, and wait for the page to come anew."""
        self.page.click(f"#act-{name} > summary")
        for field, value in fields.items():
            self.page.fill(f"#act-{name} [name={field}]", value)
        with self.page.expect_navigation():
            self.page.click(f"#act-{name} form > button")

    def state(self) -> str:
        return str(self.page.text_content(".badge")).strip()

    def picture(self, name: str) -> None:
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


@pytest.mark.rule("E3", "E4", "E6")
def test_an_issue_is_seen_through(watched: Any, spot: dict[str, float]) -> None:  # noqa: PLR0915 - a walk
    walk = Walk(watched)
    page = walk.page
    page.set_viewport_size(PHONE)
    page.set_default_timeout(15_000)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation(spot)
    watched.become("inspector")
    watched.open("/issues/new?lang=zh")
    page.click("#new-issue button:not([type])")
    page.fill("[name=category]", "设施损坏")
    page.fill("[name=description]", "路灯倒伏")
    page.click("#new-issue button:not([type])")
    assert page.text_content("#alert") == "请先确定地点。"
    page.click("#by-position")
    expect(page.locator("#place")).to_contain_text("地点：")
    walk.picture("issue-new-zh-phone")
    with page.expect_navigation():
        page.click("#new-issue button:not([type])")
    walk.path = page.url.removeprefix(watched.server)
    assert walk.state() == "已上报"
    assert "天" in str(page.text_content(".facts"))

    walk.as_("leader").act("accepted")
    assert walk.state() == "已受理"
    walk.act("reported", note="地点不清，请补充")
    assert walk.state() == "已上报"
    walk.act("accepted")
    walk.act("dispatched")
    assert walk.state() == "已派遣"

    walk.as_("inspector")
    walk.act("escalate", reason="需供电部门配合")
    assert "社区委员会" in str(page.text_content(".facts"))
    walk.act("handled", result="已扶正并通电")
    walk.picture("issue-handled-zh-phone")

    walk.as_("admin").act("fed_back", note="已电话告知")
    walk.act("checked")
    walk.as_("leader")
    page.click("#act-closed > summary")
    walk.picture("issue-closing-zh-phone")
    page.keyboard.press("Escape")
    page.click("#act-closed > summary")
    walk.act("closed")
    assert walk.state() == "已结案"
    told = str(page.text_content("#history ~ ol"))
    for words in ("地点不清，请补充", "需供电部门配合", "移交上级：社区办公室 → 社区委员会", "已电话告知"):
        assert words in told
    page.click("#act-reporter > summary")
    page.click("#act-reporter form > button")
    page.wait_for_selector(".told:not([hidden])")
    address = page.get_attribute(".told a", "href")
    walk.picture("issue-closed-zh-phone")

    page.context.clear_cookies()
    watched.open(f"{address}&lang=en")
    page.check("[name=score][value='5']")
    page.fill("[name=words]", "Quick")
    page.click("#rating button")
    page.wait_for_selector("#rating [role=status]:not([hidden])")
    walk.picture("result-en-phone")
    watched.become("leader")
    watched.open(f"{walk.path}?lang=en")
    assert "5 of 5" in str(page.text_content(".facts"))
    page.set_viewport_size({"width": 1280, "height": 800})
    walk.picture("issue-closed-en-desk")
    assert watched.outside == []
    assert watched.violations() == []


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three photos that show different things."""
    made = []
    for seed in range(3):
        pixels = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), dtype=np.uint8)
        made.append(tmp_path_factory.mktemp("photos") / f"{seed}.jpg")
        Image.fromarray(pixels).resize((800, 600), Image.Resampling.BICUBIC).save(made[-1])
    return made


def attach(page: Any, field: str, picture: Path) -> None:
    """Choose a photo, and wait until it is shown small."""
    page.set_input_files(f"{field} input[multiple]", picture)
    page.wait_for_selector(f"{field} .thumbnails img")


def test_photos_before_and_after_are_taken_with_a_phone_and_seen_larger_by_keyboard(
    watch: Any, spot: dict[str, float], pictures: list[Path]
) -> None:
    watched = watch(**PHONE, has_touch=True, is_mobile=True)
    walk = Walk(watched)
    page = walk.page
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation(spot)
    watched.become("inspector")
    watched.open("/issues/new?lang=zh")
    assert page.get_attribute(".camera input", "capture") == "environment"
    page.fill("[name=category]", "暴露垃圾")
    page.click("#by-position")
    expect(page.locator("#place")).to_contain_text("地点：")
    attach(page, "[data-photos=before]", pictures[0])
    walk.picture("issue-new-photo-zh-phone")
    with page.expect_navigation():
        page.click("#new-issue button:not([type])")
    walk.path = page.url.removeprefix(watched.server)
    walk.act("accepted")
    page.click("#act-handled > summary")
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
        page.click(".issue-list li:has-text('Reported') a >> nth=0")  # others may not be void
    page.click("#act-void > summary")
    page.eval_on_selector("#act-void textarea", "(field) => field.removeAttribute('required')")
    page.click("#act-void form > button")
    expect(page.locator("#act-void [role=alert]")).to_contain_text("State the reason (note)")


def test_steps_are_taken_by_keyboard_alone(watched: Any) -> None:
    page = watched.page
    watched.become("leader")
    watched.open("/issues?lang=zh")
    page.focus(".issue-list a >> nth=0")
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
