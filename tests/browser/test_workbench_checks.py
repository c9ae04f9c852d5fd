"""What is wrong with a division is found on the workbench and put right there, button by button."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import shapely
from playwright.sync_api import expect

from geo.db.unit_of_work import Database
from tests.browser.bench import Bench
from tests.browser.conftest import serving
from tests.browser.crowd import STEP, UPPER, community, settle
from tests.conftest import copied

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network]

WEST, SOUTH = 120.0, 30.0
BIT = 0.15 * STEP
"""About 60 m."""
SLIVER = 3e-6
"""About 30 cm."""
ONE, TWO, THREE, FOUR = (f"{UPPER[-1]}{number:04d}" for number in range(1, 5))


def ground(*corners: tuple[float, float]) -> shapely.Geometry:
    """A polygon with its corners in steps; each has a vertex wherever a neighbour has one."""
    return shapely.Polygon([(WEST + x * STEP, SOUTH + y * STEP) for x, y in corners])


def torn() -> dict[str, shapely.Geometry]:
    """Two grids that overlap, a narrow gap below one, and a grid with a part in the middle of another."""
    east, top = 1 + BIT / STEP, 1 + SLIVER / STEP
    apart = ground((1.4, 0.4), (1.6, 0.4), (1.6, 0.6), (1.4, 0.6))
    gap = [(0.2, 1), (0.2, top), (0.8, top), (0.8, 1)]
    return {
        "0001": ground((0, 1), *gap, (1, 1), (east, 1), (east, 2), (1, 2), (0, 2)),
        "0002": ground((1, 1), (east, 1), (2, 1), (2, 2), (east, 2), (1, 2)),
        "0003": shapely.union_all([ground((0, 0), (1, 0), (1, 1), (0.8, 1), (0.2, 1), (0, 1)), apart]),
        "0004": shapely.difference(ground((1, 0), (2, 0), (2, 1), (east, 1), (1, 1)), apart),
    }


def tear(url: str) -> None:
    """Fill a database with that division."""
    database = Database(url)
    with database.write() as uow:
        settle(uow, community(torn()))
    database.close()


@pytest.fixture(scope="module")
def torn_server(
    cluster_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address at which the application answers for it."""
    with copied(cluster_url, template_database) as url:
        tear(url)
        with serving(url, tmp_path_factory.mktemp("data")) as address:
            yield address


@pytest.fixture
def checks(watch: Any, torn_server: str) -> Bench:
    """The panel of checks of a new plan."""
    bench = Bench(watch(at=torn_server)).begin("planner", "To be mended")
    bench.page.click("#tab-checks")
    bench.page.wait_for_selector("#checks .notice.wrong")
    return bench


def found(bench: Bench) -> dict[str, Any]:
    """What the server finds."""
    return dict(bench.ask(f"{bench.path}/validation"))


def press(bench: Bench, section: str, button: str) -> None:
    """Press a button of the only finding of a section, and accept what is proposed."""
    bench.page.click(f"#checks details:has(summary:has-text('{section}')) li button:has-text('{button}')")
    bench.accept()


def area(shape: shapely.Geometry) -> float:
    return float(shape.area / STEP**2)


@pytest.mark.parametrize(("keeps", "gives"), [(ONE, TWO), (TWO, ONE)])
def test_an_overlap_is_given_to_the_side_that_is_chosen(checks: Bench, keeps: str, gives: str) -> None:
    before = checks.grids()
    common = shapely.intersection(before[ONE], before[TWO])
    [overlap] = found(checks)["overlaps"]
    assert sorted(overlap["keys"]) == [ONE, TWO]
    press(checks, "Overlaps", f"第{keeps[-4:]}网格")
    after = checks.grids()
    assert found(checks)["overlaps"] == []
    assert area(after[keeps]) == pytest.approx(area(before[keeps]))
    assert area(after[gives]) == pytest.approx(area(before[gives]) - area(common))
    assert checks.watched.complaints == []


def test_a_part_that_lies_apart_goes_to_the_neighbour(checks: Bench) -> None:
    before = checks.grids()
    [piece] = found(checks)["pieces"]
    assert (piece["key"], piece["parts"]) == (THREE, 2)
    press(checks, "Grids in pieces", "To the longest border")
    after = checks.grids()
    assert found(checks)["pieces"] == []
    assert shapely.get_num_geometries(after[THREE]) == 1
    assert area(after[FOUR]) == pytest.approx(area(before[FOUR]) + 0.2**2)


@pytest.mark.parametrize("heir", ["To the longest border", "To the least loaded"])
def test_a_sliver_between_grids_is_filled(checks: Bench, heir: str) -> None:
    before = checks.grids()
    [gap] = found(checks)["gaps"]
    press(checks, "Gaps", heir)
    after = checks.grids()
    assert found(checks)["gaps"] == []
    gap_steps = area(shapely.geometry.shape(gap["geometry"]))
    assert 0 < gap_steps < SLIVER / STEP
    grown = [area(after[key]) - area(before[key]) for key in before]
    assert max(grown) == pytest.approx(gap_steps)
    assert sum(grown) == pytest.approx(gap_steps)


CHECKED = "#checks .notice:not([data-seen])"
"""What was found, unless it was seen before."""
WITHOUT_LIMITS = re.compile(r"/validation\?$")
OUT_OF_RANGE = "#checks summary:has-text('Households out of range')"


def test_a_limit_that_is_being_typed_outlives_a_check(watch: Any, torn_server: str, checks: Bench) -> None:
    page = checks.page
    other = Bench(watch(at=torn_server)).begin("planner", "Beside", "en")
    other.page.goto(page.url)
    other.ready()
    page.fill("#checks [name=high]", "1")
    page.eval_on_selector("#checks .notice", "(notice) => (notice.dataset.seen = '')")
    other.page.keyboard.press("g")
    other.accept()
    page.wait_for_selector(CHECKED)
    expect(page.locator("#checks [name=high]")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_selector(OUT_OF_RANGE)


def test_a_check_that_comes_late_tells_nothing(checks: Bench) -> None:
    page, held = checks.page, []
    page.route(WITHOUT_LIMITS, lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    with page.expect_request(WITHOUT_LIMITS):
        page.reload()
    page.click("#tab-checks")
    page.fill("#checks [name=high]", "1")
    page.keyboard.press("Enter")
    page.wait_for_selector(OUT_OF_RANGE)
    with page.expect_response(WITHOUT_LIMITS):
        held[0].continue_()
    checks.grids()
    assert page.is_visible(OUT_OF_RANGE)
    assert checks.watched.complaints == []


def test_key_by_key_everything_is_put_right(checks: Bench) -> None:
    """The tool takes one thing after the other, the worst first, until the division holds."""
    assert not found(checks)["holds"]
    for _ in range(3):
        checks.page.keyboard.press("g")
        checks.accept()
    assert found(checks)["holds"]
    checks.page.wait_for_selector("#checks .notice:not(.wrong)")
    checks.page.keyboard.press("g")
    checks.page.wait_for_selector("#alert:not(:empty)")
    checks.photograph("mended-en")
