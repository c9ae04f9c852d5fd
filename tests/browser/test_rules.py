"""The rules that hold are read by all, changed by administrators; posts are on the map and in a list."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network]

HIGH = "division.households.high"


def value(page: Any, path: str) -> str:
    return str(page.text_content(f'dt[title="{path}"] + dd'))


def test_a_value_is_set_after_a_look_at_what_would_change(watched: Any) -> None:
    watched.become("admin")
    page = watched.open("/rules?lang=en")
    assert value(page, HIGH) == "1000 households"
    page.click(f'[data-path="{HIGH}"]')
    page.wait_for_selector("#history li")
    page.fill("#override [name=value]", "many")
    page.click("#override [value=preview]")
    page.wait_for_selector("#change-alert:has-text('expected: integer')")
    page.fill("#override [name=value]", "990")
    page.click("#override [value=preview]")
    page.wait_for_selector("#override .told li")
    assert "1000 households → 990 households" in str(page.text_content("#override .told"))
    assert HIGH not in str(page.text_content("#override .told"))
    assert str(page.text_content("#rule")).endswith(str(page.text_content(f'dt[title="{HIGH}"]')))
    with page.expect_navigation():
        page.click("#override [value=commit]")
    assert value(page, HIGH) == "990 households"
    assert watched.violations() == []
    page.click(f'[data-path="{HIGH}"]')
    page.fill("#override [name=value]", "1000")
    with page.expect_navigation():
        page.click("#override [value=commit]")
    assert value(page, HIGH) == "1000 households"


def test_a_file_is_tried_before_it_is_adopted(watched: Any) -> None:
    watched.become("admin")
    page = watched.open("/rules?lang=zh")
    page.click("summary:has-text('采用方案')")
    upload = {"name": "ours.yaml", "mimeType": "text/yaml", "buffer": b"key: ours\nversion: one\n"}
    page.set_input_files("[name=file]", upload)
    page.click("#adoption [value=preview]")
    page.wait_for_selector("#alert:has-text('version: 值为 \"one\"，应为：integer')")
    page.set_input_files("[name=file]", [])
    page.select_option("[name=profile]", "township")
    page.click("#adoption [value=preview]")
    page.wait_for_selector("#adoption .told li")
    told = str(page.text_content('#adoption li[title="division.households.high"]'))
    assert "户" in told
    assert "→" in told
    assert "division.households" not in str(page.text_content("#adoption .told"))


def test_rules_of_a_grid_are_withdrawn_after_a_look_at_what_would_change(watched: Any) -> None:
    watched.become("admin")
    page = watched.open("/rules?lang=en&grid=990106001")
    assert page.query_selector("#withdrawal") is None
    page.click(f'[data-path="{HIGH}"]')
    page.fill("#override [name=value]", "980")
    with page.expect_navigation():
        page.click("#override [value=commit]")
    page.click("summary:has-text('Back to the rules above')")
    page.click("#withdrawal [value=preview]")
    page.wait_for_selector("#withdrawal .told li")
    assert "980 households → 1000 households" in str(page.text_content("#withdrawal .told"))
    with page.expect_navigation():
        page.click("#withdrawal [value=commit]")
    assert value(page, HIGH) == "1000 households"
    assert page.query_selector("#withdrawal") is None
    assert watched.violations() == []


def test_others_read_the_rules_and_change_nothing(watched: Any) -> None:
    watched.become("inspector")
    page = watched.open("/rules?lang=zh")
    assert "按100-150户居民设立1个楼栋长" in page.content()
    assert page.query_selector("button.change") is None
    assert page.query_selector("#adoption") is None


def test_what_posts_lack_is_on_the_map_and_in_the_list(watched: Any) -> None:
    watched.become("leader")
    page = watched.open("/maps/posts?lang=zh")
    page.wait_for_selector("#grids tbody tr")
    row = page.locator("#grids tbody tr").first
    row.click()
    page.wait_for_url(f"**#{row.get_attribute('data-code')}")
    page.select_option("[name=fault]", "unpaired")
    page.wait_for_url("**fault=unpaired**")
    assert set(page.locator("#grids tbody td:nth-child(2) .code:nth-of-type(1)").all_inner_texts()) == {
        "缺AB岗"
    }
    assert watched.violations() == []
