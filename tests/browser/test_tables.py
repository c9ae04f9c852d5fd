"""The list beside a map stays quick however many grids it tells of."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from geo.domain.grids import GridName, Level
from webmap.templating import environment

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network]

MANY = 10_000
SECONDS = 3.0
TABLE = """{% import "parts.html" as parts %}<table id="grids">
  <thead><tr>
    <th scope="col"><button type="button">grid</button></th>
    <th scope="col" class="number"><button type="button">value</button></th>
  </tr></thead>
  {% call(row) parts.paged(rows) %}
    <tr data-code="{{ row[0].code }}">
      {{ parts.grid_heading(row[0]) }}<td class="number" data-value="{{ row[1] }}">{{ row[1] }}</td>
    </tr>
  {% endcall %}
</table>"""
ROWS = [(GridName(f"C{k:05}", f"Grid {k}", Level.UNIT), (k * 7919) % MANY) for k in range(MANY)]
TOP = "#grids tbody tr:first-child"


@pytest.fixture
def page(watched: Any) -> Page:
    """The page of coverage with a made-up list."""
    table = environment().from_string(TABLE).render(rows=ROWS)

    def answer(route: Route) -> None:
        told = route.fetch()
        body = re.sub(r'<table id="grids">.*?</table>', table, told.text(), flags=re.DOTALL)
        route.fulfill(response=told, body=body)

    watched.become("leader")
    watched.page.route("**/maps/coverage**", answer)
    page = watched.open("/maps/coverage?level=unit&lang=en")
    yield page
    assert watched.complaints == watched.violations() == []


def rows(page: Page) -> int:
    return page.locator("#grids tbody tr").count()


def code(page: Page) -> str | None:
    return page.get_attribute(TOP, "data-code")


def seconds(page: Page, selector: str) -> float:
    """Press a button, and give how long the page was busy with it until it was drawn again."""
    return page.evaluate(
        """async (selector) => {
            const start = performance.now();
            document.querySelector(selector).click();
            await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
            return (performance.now() - start) / 1000;
        }""",
        selector,
    )


def test_a_page_of_ten_thousand_rows_is_drawn_at_once(page: Page) -> None:
    assert (rows(page), code(page)) == (100, "C00000")
    assert page.inner_text(".turning [role=status]") == "1–100 of 10,000"
    page.click(".turning button >> nth=1")
    assert (rows(page), code(page)) == (100, "C00100")
    assert page.evaluate("document.querySelectorAll('*').length") < 2_000


def test_all_rows_are_sorted_not_those_in_sight(page: Page) -> None:
    heading = "#grids thead th:nth-child(2) button"
    least, greatest = (pick(ROWS, key=lambda row: row[1])[0].code for pick in (min, max))
    assert seconds(page, heading) < SECONDS
    assert code(page) == least
    assert seconds(page, heading) < SECONDS
    assert code(page) == greatest
    assert rows(page) == 100


def test_a_grid_is_found_by_name_or_code(page: Page) -> None:
    page.fill(".find input", "grid 9999")
    assert (rows(page), code(page)) == (1, "C09999")
    page.fill(".find input", "c0123")
    assert rows(page) == 10
    page.fill(".find input", "nowhere")
    assert (rows(page), page.inner_text(".turning [role=status]")) == (0, "Nothing found")
    page.fill(".find input", "")
    assert rows(page) == 100


def test_the_arrows_lead_from_page_to_page(page: Page) -> None:
    page.focus("#grids tbody tr:nth-child(100) button.show")
    page.keyboard.press("ArrowDown")
    assert code(page) == "C00100"
    assert page.evaluate("document.activeElement.textContent") == "Grid 100"
    page.keyboard.press("Enter")
    assert page.get_attribute(f"{TOP} button.show", "aria-pressed") == "true"
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.textContent") == "Grid 99"


def test_the_grid_of_an_address_is_shown_on_its_page(page: Page) -> None:
    page.goto(f"{page.url}#C04321")
    page.reload()
    assert page.get_attribute("tr[data-code=C04321] button.show", "aria-pressed") == "true"
    assert code(page) == "C04300"


def test_paper_gets_all_rows(page: Page) -> None:
    page.evaluate(
        """addEventListener("beforeprint", () => {
            window.printed = document.querySelectorAll("#grids tbody tr").length;
        })"""
    )
    page.pdf()
    assert page.evaluate("window.printed") == MANY
    expect(page.locator("#grids tbody tr")).to_have_count(100)
