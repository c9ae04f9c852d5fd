"""Ledgers, statistics and assessments as a leader reads, keeps and takes them away."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network]

SCREENSHOTS = Path(__file__).parent / "screenshots"


@pytest.fixture
def leader(watched: Any) -> Any:
    watched.become("leader")
    return watched


def downloaded(page: Page, selector: str) -> bytes:
    with page.expect_download() as waiting:
        page.click(selector)
    return Path(waiting.value.path()).read_bytes()


def rows_of(content: bytes) -> list[tuple[Any, ...]]:
    return list(load_workbook(BytesIO(content)).active.iter_rows(values_only=True))


def test_the_statistics_of_a_month_are_read_kept_and_taken_away(leader: Any) -> None:
    page = leader.open("/statistics?level=community&lang=en")
    shown = page.locator("tbody tr:not(.totals)").count()
    assert shown > 0
    total = page.locator("tr.totals td").first.text_content()
    sheet = rows_of(downloaded(page, "text=Download XLSX"))
    (last,) = [row for row in sheet if row[0] == "Total"]
    assert f"{last[2]:,}" == total
    assert downloaded(page, "text=Download PDF").startswith(b"%PDF-")
    page.click("text=Keep these statistics")
    page.wait_for_url("**snapshot=*")
    assert "Kept as number" in page.text_content("header:has(h1)")
    assert page.locator("tbody tr:not(.totals)").count() == shown
    assert page.locator("#kept ~ ul a[aria-current]").count() == 1


def test_a_figure_of_the_statistics_is_drawn_and_its_list_goes_with_the_map(leader: Any) -> None:
    page = leader.open("/statistics?level=unit&lang=en")
    assert page.locator(".map-legend summary").text_content() == "Coverage"
    with page.expect_navigation():
        page.select_option("[name=by]", "patrols")
    assert "by=patrols" in page.url
    assert page.locator(".map-legend summary").text_content() == "Visits"
    visits = page.locator("#grids thead button", has_text="Visits")
    visits.click()
    visits.click()
    row = page.locator("#grids tbody tr").first
    shown = [int(text) for text in page.locator("#grids tbody td:nth-of-type(1)").all_text_contents()]
    assert shown == sorted(shown, reverse=True)
    row.locator("button.show").click()
    assert row.locator("button.show").get_attribute("aria-pressed") == "true"
    popup = page.locator(".map-popup")
    expect(popup.locator(".code")).to_have_text(str(row.get_attribute("data-code")))
    expect(popup.locator("dd")).to_have_text(str(shown[0]))


def test_what_was_before_the_first_division_is_drawn_on_its_grids(leader: Any) -> None:
    page = leader.open("/statistics?month=2020-01&level=community&lang=en")
    codes = [row.get_attribute("data-code") for row in page.locator("#grids tbody tr").all()]
    page.locator("#grids button.show").first.click()
    expect(page.locator(".map-popup .code")).to_have_text(str(codes[0]))


def test_scores_of_grids_are_drawn_and_those_of_people_lead_to_what_they_did(leader: Any) -> None:
    page = leader.open("/assessment?period=year&level=unit&lang=en")
    row = page.locator("#grids tbody tr").first
    row.locator("button.show").click()
    score = str(row.locator("td.number strong").text_content())
    expect(page.locator(".map-popup dd").first).to_have_text(score)
    page = leader.open("/assessment?period=year&lang=en")
    assert page.locator(".folium-map").count() == 0
    page.locator("tbody th a").first.click()
    page.wait_for_url("**/duties/trail?measure=frequency*person=*")


def test_a_ledger_is_read_and_printed_for_the_field(leader: Any) -> None:
    page = leader.open("/statistics?level=unit&lang=en")
    page.locator("tbody th a").first.click()
    page.wait_for_url("**/ledgers/*")
    assert "Basics" in page.locator("caption").first.text_content()
    assert downloaded(page, "text=Download PDF").startswith(b"%PDF-")
    book = load_workbook(BytesIO(downloaded(page, "text=Download XLSX")))
    assert len(book.sheetnames) == page.locator("section.card").count()
    page.screenshot(path=SCREENSHOTS / "ledger-en-desk.png")
    page.goto(page.url.split("?")[0] + "?lang=zh")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.screenshot(path=SCREENSHOTS / "ledger-zh-phone.png")
    assert leader.complaints == leader.outside == leader.violations() == []


def test_a_score_leads_down_to_its_records(leader: Any) -> None:
    page = leader.open("/assessment?period=year&level=community&lang=en")
    page.locator("td summary").first.click()
    page.screenshot(path=SCREENSHOTS / "assessment-en-desk.png")
    link = page.locator("td details[open] li:has-text('Closed on time') a").first
    told = page.locator("td details[open] li:has-text('Closed on time')").first.text_content()
    link.click()
    page.wait_for_url("**/assessment/trail*")
    counts = page.locator("tbody td.number").all_text_contents()
    closed = sum(int(count.split("/")[0]) for count in counts)
    assert f"({closed:,}/{len(counts):,})" in told


def test_a_finding_is_recorded_and_counts(leader: Any) -> None:
    page = leader.open("/statistics?level=community&lang=en")
    code = page.get_attribute("tbody tr", "data-code")
    page = leader.open("/assessment?level=community&lang=en")
    today = page.evaluate("new Date().toLocaleDateString('sv', {timeZone: 'Asia/Shanghai'})")
    page.select_option("[name=tally]", "accidents")
    page.fill("[name=happened_on]", today)
    page.fill("form[action$=findings] [role=combobox]", code)
    page.fill("[name=note]", "仓库起火")
    with page.expect_navigation():
        page.click("form[action$=findings] button")
    assert "仓库起火" in page.text_content("section:has(#findings)")


def test_a_finding_of_tomorrow_is_refused_in_words(leader: Any) -> None:
    page = leader.open("/assessment?level=community&lang=en")
    page.fill("[name=happened_on]", "2199-01-01")
    page.fill("form[action$=findings] [role=combobox]", "990106")
    page.fill("[name=note]", "仓库起火")
    with page.expect_navigation():
        page.click("form[action$=findings] button")
    assert "happened_on" in page.text_content("[role=alert]")


def test_a_grid_is_chosen_by_name_with_the_keyboard_alone(leader: Any) -> None:
    page = leader.open("/statistics?level=unit&lang=en")
    everything = page.locator("tbody tr:not(.totals)").count()
    field = page.get_by_role("combobox", name="Place")
    field.fill("9901060010")
    options = page.locator(".grid-list [role=option]")
    option = options.and_(page.locator("[data-code^='9901060010']")).first
    option.wait_for()
    # No longer what was offered before anything was typed.
    expect(options.and_(page.locator(":not([data-code^='9901060010'])"))).to_have_count(0)
    code = str(option.get_attribute("data-code"))
    field.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == option.get_attribute("id")
    field.press("Enter")
    assert str(field.input_value()).endswith(code)
    page.click("text=Show")
    page.wait_for_url(f"**grid={code}**")
    assert 0 < page.locator("tbody tr:not(.totals)").count() < everything
    expect(field).to_have_value(re.compile(f". {code}"))
    field.fill("nowhere")
    page.wait_for_selector(".grid-list:has-text('No grid like this')")
    field.press("Escape")
    assert page.locator(".grid-list").is_hidden()
    assert leader.violations() == []
