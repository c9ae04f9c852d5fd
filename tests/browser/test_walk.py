"""The work of a month in one walk: an issue, an inspection, a draw and the statistics, by those who do it."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from geo.domain.draws import Frame, draw, listed
from tests.browser.walking import PHONE, SCREENSHOTS, TOO_WIDE, Walk, attach, fill, sign, step
from tests.pdfs import Pdf
from webmap.i18n import Language, Translator

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network, pytest.mark.database]

LEVELS = {
    Language.CHINESE: ("社区办公室", "社区委员会"),
    Language.ENGLISH: ("Office of the community", "Committee of the community"),
}
"""Who deals with issues in a community, and to whom they hand on."""

Watch = Callable[..., Any]


@pytest.mark.rule("E3", "E4", "E6", "D3", "D6", "C14")
@pytest.mark.parametrize("language", list(Language))
def test_a_month_of_work(
    watch: Watch, language: Language, spot: dict[str, float], subject: int, pictures: list[Path]
) -> None:
    words = Translator(language)
    _see_an_issue_through(watch, words, spot, pictures[0])
    _file_an_inspection(watch, words, subject, pictures[1])
    _draw_twice(watch, words)
    _take_the_statistics(watch, words)


def _see_an_issue_through(watch: Watch, words: Translator, spot: dict[str, float], picture: Path) -> None:
    """Report on a phone, return, hand on, handle, check, close and rate."""
    walk = Walk(watch(**PHONE, has_touch=True), words.language)
    _report(walk, spot, picture)

    def stands_at(state: str) -> None:
        assert walk.state() == words.text(f"map.issue.state.{state}")

    stands_at("reported")
    walk.as_("leader").act("accepted")
    stands_at("accepted")
    walk.act("reported", note="地点不清，请补充")
    stands_at("reported")
    walk.act("accepted")
    walk.act("dispatched")
    stands_at("dispatched")

    walk.as_("inspector").act("escalate", reason="需供电部门配合")
    walk.act("handled", result="已扶正并通电")
    walk.picture(f"walk-handled-{words.language}-phone")
    walk.as_("admin").act("fed_back", note="已电话告知")
    walk.act("checked")
    walk.as_("leader").act("closed")
    stands_at("closed")
    told = str(walk.page.text_content("#history ~ ol"))
    office, committee = LEVELS[words.language]
    handed = words.text("issue.event.escalated", from_level=office, to_level=committee)
    for said in ("地点不清，请补充", "需供电部门配合", handed, "已电话告知"):
        assert said in told
    expect(walk.page.locator("#history ~ ol [data-larger]")).to_have_count(1)
    _rate(walk)
    assert words.text("issue.rating.score", score=5) in str(walk.page.text_content(".facts"))
    _is_quiet(walk.watched)


def _report(walk: Walk, spot: dict[str, float], picture: Path) -> None:
    """Report an issue where the phone is, with a photo; without a place it is refused."""
    page = walk.page
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation(spot)
    walk.watched.become("inspector")
    walk.watched.open(f"/issues/new?lang={walk.language}")
    page.fill("[name=category]", "设施损坏")
    page.fill("[name=description]", "路灯倒伏")
    page.click("#new-issue button:not([type])")
    expect(page.locator("#alert")).not_to_be_empty()
    page.click("#by-position")
    expect(page.locator("#place")).not_to_be_empty()
    attach(page, "[data-photos=before]", picture)
    walk.picture(f"walk-reported-{walk.language}-phone")
    with page.expect_navigation():
        page.click("#new-issue button:not([type])")
    walk.path = page.url.removeprefix(walk.watched.server).partition("?")[0]


def _rate(walk: Walk) -> None:
    """Follow the issue as its reporter, who has no account, and rate it; then look at it as a leader."""
    page, watched = walk.page, walk.watched
    page.click("#act-reporter > summary")
    page.click("#act-reporter form > button")
    page.wait_for_selector(".told:not([hidden])")
    address = page.get_attribute(".told a", "href")
    walk.picture(f"walk-closed-{walk.language}-phone")
    page.context.clear_cookies()
    watched.open(f"{address}&lang={walk.language}")
    page.check("[name=score][value='5']")
    page.click("#rating button")
    page.wait_for_selector("#rating [role=status]:not([hidden])")
    walk.picture(f"walk-rated-{walk.language}-phone")
    watched.become("leader")
    watched.open(f"{walk.path}?lang={walk.language}")


def _file_an_inspection(watch: Watch, words: Translator, subject: int, picture: Path) -> None:
    """File it with one officer too few, then with two, and print its record."""
    watched = watch(**PHONE, has_touch=True)
    watched.become("admin")
    page = watched.open(f"/inspections/new?entity={subject}&lang={words.language}")
    fill(page, picture)
    sign(page)
    assert page.locator("#pad polyline").count() == 2
    step(page, "acknowledgement")
    page.click("#file")
    page.wait_for_selector("[data-step=who].shown [data-field=officers].wanting")
    told = page.text_content("#alert")
    assert "officers" in told
    assert "D3" in told
    page.locator("label:has([name=officers]:not(:checked))").first.click()
    page.locator("[data-go=acknowledgement]").click()
    with page.expect_navigation():
        page.click("#file")
    assert re.search(r"/inspections/[0-9]+$", page.url)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=SCREENSHOTS / f"inspection-{words.language}-phone.png", full_page=True)
    assert page.locator("svg.pad polyline").count() == 2
    expect(page.locator(".thumbnails img")).to_have_js_property("naturalWidth", 480)
    page.click(".thumbnails a")
    expect(page.locator(".larger img")).to_have_js_property("naturalWidth", 800)
    page.keyboard.press("Escape")
    assert "张建国" in page.text_content("main")
    assert page.evaluate(TOO_WIDE) == []
    answer = page.request.get(page.url.partition("?")[0] + "/record.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    record = Pdf(answer.body())
    assert "张建国" in record.text
    assert "三种调料的标签不全。" in record.text
    watched.complaints[:] = [told for told in watched.complaints if "409" not in told]
    _is_quiet(watched)


def _draw_twice(watch: Watch, words: Translator) -> None:
    """Draw who sees what, and let its seed draw the same again: by the product, and by its rule alone."""
    watched = watch(width=1280, height=800)
    watched.become("leader")
    page = watched.open(f"/draws?lang={words.language}")
    page.fill("[name=title]", "双随机走访")
    page.select_option("[name=target]", "household")
    page.fill("[name=size]", "3")
    page.click("#new-draw button")
    page.wait_for_url("**/draws/*")
    assert words.text("draws.sealed") in page.inner_text("dl")
    with page.expect_navigation():
        page.click("#reveal")
    page.click("#repeat")
    expect(page.locator("#verdict")).to_have_text(words.text("js.draws.holds"))
    page.screenshot(path=SCREENSHOTS / f"walk-draw-{words.language}-desk.png")
    first = page.inner_text("tbody")
    page.reload()
    assert page.inner_text("tbody") == first
    proof = page.request.get(watched.server + str(page.get_attribute("a[href$=proof]", "href"))).json()
    again = draw(Frame.of(proof["frame"]), proof["seed"])
    assert [listed(one) for one in again] == proof["drawn"]
    _is_quiet(watched)


def _take_the_statistics(watch: Watch, words: Translator) -> None:
    """Take the statistics of a month away as they stand on the page."""
    watched = watch(width=1280, height=800)
    watched.become("leader")
    page = watched.open(f"/statistics?level=unit&lang={words.language}")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=SCREENSHOTS / f"walk-statistics-{words.language}-desk.png")
    lines = page.locator("#grids tbody tr, #grids tr.totals").all()
    shown = [[_figure(text) for text in line.locator("td").all_inner_texts()] for line in lines]
    codes = {line.get_attribute("data-code") for line in lines} - {None}
    sheet = _sheet(page, "a[href*='kind=xlsx']")
    total = words.text("statistics.total")
    kept = [list(row[2:]) for row in sheet if row[1] in codes or row[0] == total]
    assert len(kept) == len(codes) + 1 > 2
    assert kept == [pytest.approx(row) for row in shown]
    _is_quiet(watched)


def _figure(told: str) -> float | None:
    """Give what a cell of the page tells: a count, or a rate by what it is made of."""
    made_of = re.search(r"\(([0-9,]+)/([0-9,]+)\)", told)
    if made_of is None:
        return _count(told)
    part, whole = map(_count, made_of.groups())
    return part / whole if whole else None


def _count(told: str) -> int:
    return int(told.replace(",", ""))


def _sheet(page: Page, selector: str) -> list[tuple[Any, ...]]:
    with page.expect_download() as waiting:
        page.click(selector)
    content = Path(waiting.value.path()).read_bytes()
    return list(load_workbook(BytesIO(content)).active.iter_rows(values_only=True))


def _is_quiet(watched: Any) -> None:
    assert watched.violations() == watched.outside == watched.complaints == []
    assert watched.ran() is None
