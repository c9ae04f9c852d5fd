"""A planner at work: redraws the demo city, has it approved, publishes it, and lookups answer from it."""

from __future__ import annotations

from typing import Any

import pytest
import shapely

from tests.browser.bench import Bench, bent, cutting, neighbours, widest

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network]


def split_the_widest(bench: Bench) -> list[str]:
    """Split a grid by a line, with a look at what is to come; the keys of its parts."""
    before = bench.grids()
    ground = before[widest(before)]
    bench.select(ground)
    bench.draw("s", cutting(ground))
    assert "Change to be accepted" in bench.pending()
    assert bench.page.evaluate("document.activeElement.id") == "accept"
    bench.photograph("pending-en")
    assert bench.grids() == before
    bench.accept()
    return sorted(bench.grids().keys() - before.keys())


def bend_a_border(bench: Bench) -> dict[str, shapely.Geometry]:
    """Redraw the border of two grids; all grids as they are then."""
    one, other, border = neighbours(bench.features())
    bench.select(one, other)
    bench.draw("b", bent(border, one))
    bench.accept()
    return bench.grids()


def merge_and_undo(bench: Bench, keys: list[str]) -> None:
    """Merge grids, undo that and the step before, and do that one again."""
    grids = bench.grids()
    bench.select(*(grids[key] for key in keys))
    bench.page.keyboard.press("m")
    bench.accept()
    assert len(bench.grids()) == len(grids) - 1
    for keystroke in ("Control+z", "Control+z", "Control+y"):
        bench.then(lambda: bench.page.keyboard.press(keystroke))  # noqa: B023  # pressed at once
    assert bench.grids() == grids


def look_around(bench: Bench) -> None:
    """Open each part of the panel."""
    bench.page.click("#tab-operations")
    assert bench.page.locator(".operations .undone").count() == 1
    bench.page.click("#tab-checks")
    bench.page.wait_for_selector("#checks .notice:not(.wrong)")
    bench.page.fill("#checks [name=high]", "300")
    bench.page.press("#checks [name=high]", "Enter")
    bench.page.wait_for_selector("#checks summary:has-text('Households out of range')")
    bench.photograph("checks-en")
    bench.page.click("#tab-comparison")
    bench.page.wait_for_selector("#comparison table")
    bench.photograph("comparison-en")


def test_from_draft_to_lookup(watch: Any, own_server: str) -> None:
    bench = Bench(watch(at=own_server))
    bench.begin("planner", "Autumn redivision")
    before = bench.grids()
    halves = split_the_widest(bench)
    moved = bend_a_border(bench)
    merge_and_undo(bench, halves)
    look_around(bench)
    bench.step("submit")
    assert bench.page.is_disabled("[data-tool=split]")

    leader = Bench(watch(at=own_server)).open("leader", bench.page.url, "zh")
    leader.photograph("submitted-zh")
    leader.step("approve")
    bench.open("planner", bench.page.url, "en").step("publish")
    assert bench.state() == "published"

    here = moved[halves[0]].representative_point()
    newest = bench.ask(bench.path)["published_generation_id"]
    inspector = Bench(watch(at=own_server))
    inspector.watched.become("inspector")
    page = inspector.watched.open("/locate?lang=zh")
    code = inspector.unit_soon(here, newest)
    assert code not in before
    page.goto(f"{own_server}/locate?lon={here.x}&lat={here.y}&lang=zh")
    assert code in page.locator(".chain").text_content()
    inspector.photograph("inspector-zh")
    for page in (bench.watched, leader.watched, inspector.watched):
        assert (page.outside, page.violations(), page.complaints, page.ran()) == ([], [], [], None)


def test_a_change_can_be_rejected(bench: Bench) -> None:
    bench.begin("planner", "Thought better of it")
    grids = bench.grids()
    bench.select(grids[widest(grids)])
    bench.draw("s", cutting(grids[widest(grids)]))
    bench.pending()
    bench.page.keyboard.press("Escape")
    bench.page.wait_for_selector("#pending", state="hidden")
    assert bench.grids() == grids
    assert bench.watched.complaints == []


def test_what_is_refused_is_told_and_shown(bench: Bench) -> None:
    page = bench.begin("planner", "Across a border").page
    grids = bench.grids()
    bench.select(grids[widest(grids)])
    page.keyboard.press("l")
    bench.accept()
    bench.draw("s", cutting(grids[widest(grids)]))
    page.wait_for_selector("#alert:not(:empty)")
    assert "locked" in page.text_content("#alert")
    assert page.is_hidden("#pending")


def test_what_another_planner_does_is_seen(watch: Any, bench: Bench, planned_server: str) -> None:
    page = bench.begin("planner", "Two at once").page
    other = Bench(watch(at=planned_server)).open("admin", page.url, "en")
    grids = bench.grids()
    other.select(grids[widest(grids)])
    other.page.keyboard.press("l")
    other.accept()
    page.wait_for_function("() => document.querySelector('#hint').textContent.includes('admin')")
    assert "revision 1" in bench.revision()


def too_late(watch: Any, bench: Bench, planned_server: str) -> None:
    """Let somebody else rename a grid first; the own wish meets the choices."""
    bench.watched.page.route("**/events", lambda route: route.abort())
    page = bench.begin("planner", "Too late").page
    other = Bench(watch(at=planned_server)).open("admin", page.url, "en")
    grids = bench.grids()
    ground = grids[widest(grids)]
    for one, name in ((other, "First"), (bench, "Second")):
        one.select(ground)
        one.page.fill("#selection [name=name]", name)
        one.page.click("#selection form button")
        if one is other:
            one.accept()
    page.wait_for_selector("#stale[open]")


def names(bench: Bench) -> set[str]:
    return {grid["properties"]["name"] for grid in bench.features()}


def test_who_comes_too_late_may_do_it_again(watch: Any, bench: Bench, planned_server: str) -> None:
    too_late(watch, bench, planned_server)
    bench.page.click("#stale [value=rebase]")
    assert "Second" in bench.pending()
    bench.accept()
    assert "revision 2" in bench.revision()


def test_who_comes_too_late_may_give_way(watch: Any, bench: Bench, planned_server: str) -> None:
    too_late(watch, bench, planned_server)
    bench.then(lambda: bench.page.click("#stale [value=discard]"))
    assert "revision 1" in bench.revision()
    assert bench.page.is_hidden("#pending")
    assert "First" in names(bench)
    assert "Second" not in names(bench)


def test_who_comes_too_late_may_branch_off(watch: Any, bench: Bench, planned_server: str) -> None:
    too_late(watch, bench, planned_server)
    before = bench.page.url
    bench.page.click("#stale [value=branch]")
    bench.page.wait_for_url(lambda address: address.split("?")[0] != before.split("?")[0])
    bench.ready()
    assert "Too late" in bench.page.text_content("#plan-name")
    assert "First" in names(bench)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_tool_has_its_key(bench: Bench, language: str) -> None:
    page = bench.begin("planner", "方案", language).page
    page.keyboard.press("?")
    assert page.is_visible("#sheet")
    assert page.locator("#shortcuts dt").count() == page.locator("button[aria-keyshortcuts]").count()
    bench.photograph(f"keys-{language}")
    page.keyboard.press("Escape")
    page.wait_for_selector("#sheet", state="hidden")
    for button in page.locator("[data-tool][aria-pressed]").all():
        page.keyboard.press(button.get_attribute("aria-keyshortcuts").lower())
        assert button.get_attribute("aria-pressed") == "true"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("screen", [(1440, 900), (1024, 768), (390, 844)], ids=["desk", "tablet", "phone"])
def test_the_page_fits(watch: Any, planned_server: str, screen: tuple[int, int], language: str) -> None:
    bench = Bench(watch(*screen, at=planned_server)).begin("planner", "Fit", language)
    bench.page.wait_for_timeout(600)
    bench.photograph(f"{screen[0]}-{language}")
    assert bench.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    bench.watched.open("/workbench")
    bench.page.wait_for_selector("#plans tbody tr")
    bench.photograph(f"plans-{screen[0]}-{language}")
    assert bench.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert bench.watched.complaints == []
