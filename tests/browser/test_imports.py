"""Files come in on the page: tried first, told row by row, then kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from geo.services.exchange.mapping_file import read_mapping
from tests.browser.test_pages import SCREENS, SCREENSHOTS

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network]


def csv(*rows: str) -> dict[str, Any]:
    content = "\n".join(("ref,名称,编码,经度,纬度", *rows))
    return {"name": "shops.csv", "mimeType": "text/csv", "buffer": content.encode()}


def column(field: str) -> str:
    return f"#mapping [data-column={field}]"


def chosen(page: Any, selector: str) -> str:
    return str(page.locator(f"{selector} option:checked").text_content())


def choose(watched: Any, *rows: str, lang: str = "en") -> Any:
    watched.become("admin")
    page = watched.open(f"/imports?lang={lang}")
    page.select_option("[name=layer]", "entities")
    page.select_option("[name=reference]", "wgs84")
    page.set_input_files("[name=file]", csv(*rows))
    return page


def ended(page: Any, words: str) -> None:
    page.locator("#import [role=status]", has_text=words).wait_for()


def mapping_of(page: Any, folder: Path) -> Path:
    with page.expect_download() as download:
        page.click("[name=keep]")
    kept = folder / download.value.suggested_filename
    download.value.save_as(kept)
    return kept


def test_a_file_is_tried_and_then_kept(watched: Any) -> None:
    page = choose(watched, f"{uuid4()},甲<script>,1,119.98,30.52")
    commit = page.locator("[name=commit]")
    assert commit.is_disabled()
    page.click("[name=try]")
    ended(page, "nothing was written")
    assert "1 rows: 1 good" in page.text_content("#summary")
    assert chosen(page, column("name")) == "Automatic: 名称"
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
    page.select_option(column("name"), label="编码")
    page.select_option(column("ref"), label="Not in the file")
    page.fill("#mapping [data-constant=address]", "文一路1号")
    page.locator("[name=commit]:disabled").wait_for()
    page.click("[name=try]")
    page.locator("[name=commit]:enabled").click()
    ended(page, "Kept as batch")
    assert chosen(page, column("name")) == "编码"
    latest = page.evaluate("fetch('/api/v1/imports?limit=1').then((answer) => answer.json())")["batches"][0]
    batch = page.evaluate("(id) => fetch(`/api/v1/imports/${id}`).then((told) => told.json())", latest["id"])
    assert batch["options"]["mapping"] == {"name": "编码", "ref": ""}
    assert batch["options"]["constants"] == {"address": "文一路1号"}
    assert watched.complaints == []


def test_a_word_that_is_not_known_gets_its_meaning(watched: Any) -> None:
    page = choose(watched)
    rows = f"ref,名称,状态,经度,纬度\n{uuid4()},甲,开门,119.98,30.52".encode()
    page.set_input_files("[name=file]", {"name": "a.csv", "mimeType": "text/csv", "buffer": rows})
    page.click("[name=try]")
    ended(page, "nothing was written")
    assert "expected: active, suspended, closed" in page.text_content("#problems tbody")
    page.select_option("#meant [data-word=开门]", "active")
    page.click("[name=try]")
    page.locator("[name=commit]:enabled").wait_for()
    assert page.input_value("#meant [data-word=开门]") == "active"
    assert watched.complaints == []


def test_a_post_by_another_name_gets_its_meaning(watched: Any, tmp_path: Path) -> None:
    page = choose(watched)
    code = page.evaluate("fetch('/api/v1/grids?level=unit&limit=1').then((answer) => answer.json())")[
        "features"
    ][0]["id"]
    rows = f"编号,姓名,网格编码,岗位\n{uuid4()},甲,{code},国王".encode()
    page.select_option("[name=layer]", "people")
    page.set_input_files("[name=file]", {"name": "p.csv", "mimeType": "text/csv", "buffer": rows})
    page.click("[name=try]")
    page.locator("#problems tbody", has_text="say what this word means").wait_for()
    meant = str(page.locator("#usual-people-post option").first.get_attribute("value"))
    page.fill("#meant [data-word=国王]", meant)
    page.click("[name=try]")
    page.locator("[name=commit]:enabled").wait_for()
    kept = mapping_of(page, tmp_path)
    page = choose(watched)
    page.select_option("[name=layer]", "people")
    page.set_input_files("[name=mapping]", kept)
    expect(page.locator("#meant [data-word=国王]")).to_have_value(meant)
    assert watched.complaints == []


def test_a_kind_of_visits_that_nobody_missed_gets_a_meaning_too(watched: Any, tmp_path: Path) -> None:
    page = choose(watched)
    page.select_option("[name=layer]", "visits")
    rows = "kind,visited_at,lon,lat\n巡,2026-05-01,119.98,30.52".encode()
    page.set_input_files("[name=file]", {"name": "v.csv", "mimeType": "text/csv", "buffer": rows})
    page.click("#said > summary")
    page.select_option("[name=word_of]", "kind")
    page.fill("[name=word]", "巡")
    page.click("[name=add_word]")
    expect(page.locator("#meant [data-word=巡]")).to_be_focused()
    page.fill("#meant [data-word=巡]", "patrol")
    page.click("[name=try]")
    page.locator("[name=commit]:enabled").wait_for()
    assert read_mapping(mapping_of(page, tmp_path).read_text("utf-8")).words == {"kind": {"巡": "patrol"}}
    assert watched.complaints == []


def square(code: str, west: float, **told: str) -> dict[str, Any]:
    east, south, north = west + 0.01, 30.5, 30.51
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "properties": {"code": code, **told},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def test_levels_above_get_names_from_files_and_columns(watched: Any) -> None:
    watched.become("admin")
    page = watched.open("/imports?lang=en")
    grids = [square("990777001001001", 119.9, 村="东村"), square("990777001001002", 119.91, 村="东村")]
    content = json.dumps({"type": "FeatureCollection", "features": grids}).encode()
    page.set_input_files("[name=file]", {"name": "g.json", "mimeType": "application/json", "buffer": content})
    for summary in page.locator("#division summary").all():
        summary.click()
    streets = {"name": "s.csv", "mimeType": "text/csv", "buffer": "第一,第二\n990777001,东街".encode()}
    page.set_input_files("[data-file=names][data-level=street]", streets)
    page.fill("[data-upper=code][data-level=street]", "第一")
    page.fill("[data-upper=name][data-level=street]", "第三")
    page.fill("[data-of=parent_names][data-level=community]", "村")
    page.fill("[data-of=parent_codes][data-level=community]", "code")
    page.click("[name=try]")
    page.locator("#import [role=alert]", has_text="第三; expected: 第一, 第二").wait_for()
    page.fill("[data-upper=name][data-level=street]", "第二")
    page.fill("[data-of=parent_codes][data-level=community]", "")
    page.check("[name=assign_codes]")
    page.click("[name=try]")
    ended(page, "Tried")
    run = page.evaluate(
        "fetch(`/api/v1/imports/runs${location.search.replace('?run=', '/')}`).then((told) => told.json())"
    )
    found = {"district": {"none": 1}, "street": {"code": 1}, "community": {"children": 1}}
    assert run["report"]["facts"]["names"] == found
    assert watched.complaints == []


def test_several_files_are_tried_together(watched: Any) -> None:
    page = choose(watched)
    files = [csv(f"{uuid4()},甲,1,119.98,30.52"), csv(f"{uuid4()},乙,1,119.98,30.52") | {"name": "more.csv"}]
    page.set_input_files("[name=file]", files)
    page.click("[name=try]")
    ended(page, "nothing was written")
    assert "2 rows: 2 good" in page.text_content("#summary")
    assert page.locator("#files li").all_text_contents() == ["shops.csv: 1 rows", "more.csv: 1 rows"]


def test_a_mapping_file_goes_out_and_comes_in_again(watched: Any, tmp_path: Path) -> None:
    page = choose(watched, f"{uuid4()},甲,乙号,119.98,30.52")
    page.click("[name=try]")
    ended(page, "nothing was written")
    page.select_option(column("name"), label="编码")
    page.fill("#mapping [data-constant=category]", '餐饮"#: ')
    kept = mapping_of(page, tmp_path)
    assert kept.name == "mapping-entities.yaml"
    said = read_mapping(kept.read_text("utf-8"))
    assert said.fields == {"ref": "ref", "name": "编码", "lon": "经度", "lat": "纬度"}
    assert said.constants == {"category": '餐饮"#: '}
    page = choose(watched, f"{uuid4()},甲,乙号,119.98,30.52")
    page.click("#said summary")
    page.set_input_files("[name=mapping]", kept)
    expect(page.locator("#mapping [data-constant=category]")).to_have_value('餐饮"#: ')
    assert chosen(page, column("name")) == "编码"
    page.click("[name=try]")
    page.locator("[name=commit]:enabled").wait_for()
    page.set_input_files("[name=mapping]", {"name": "a.yaml", "mimeType": "x/y", "buffer": b"nonsense: {}"})
    page.locator("#import [role=alert]", has_text="fields, constants, words").wait_for()


def test_only_layers_with_times_ask_how_they_are_written(watched: Any) -> None:
    page = choose(watched)
    assert page.locator("#times").is_hidden()
    page.select_option("[name=layer]", "visits")
    page.fill("[name=time_format]", "%Q")
    rows = b"visited_at,lon,lat\n2026-05-01,119.98,30.52"
    page.set_input_files("[name=file]", {"name": "v.csv", "mimeType": "text/csv", "buffer": rows})
    page.click("[name=try]")
    page.locator("#import [role=alert]", has_text="“time_format” is %Q").wait_for()
    page.fill("[name=time_format]", "%Y-%m-%d")
    page.click("[name=try]")
    ended(page, "nothing was written")
    assert watched.complaints == []


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
