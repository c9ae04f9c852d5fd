"""Comparisons over HTTP: any two divisions, the files of a meeting, and who is told what."""

from __future__ import annotations

from io import BytesIO
from types import SimpleNamespace

import pytest
import shapely
from openpyxl import load_workbook

from geo.domain.actors import Role
from tests.integration.planners import Planner, across, approved, query
from tests.pdfs import Pdf

pytestmark = pytest.mark.database

FIRST = "generation:1"


@pytest.fixture
def divided(plan):
    """A plan in which the first grid is divided, and the division that it begins with."""
    cells = plan.cells()
    key = min(cells)
    plan.done("split", {"key": key, "lines": across(cells[key])}, force=True)
    return SimpleNamespace(plan=plan, key=key, ground=cells[key], grids=len(cells), before=base(plan))


def base(plan):
    return f"generation:{plan.get()['base_generation_id']}"


def side(plan):
    return f"plan:{plan.id}"


def compared(house, token, before, after):
    answer = house.ask("GET", "/comparisons", token, params={"before": before, "after": after})
    assert answer.status_code == 200, answer.text
    return answer.json()


def page(house, token, name, **choices):
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/html"}
    return house.client.get(name, params=choices, headers=headers)


def premises_on(house, ground, within="%"):
    """An obvious count: every premises whose point a ground covers, in the grids of one prefix."""
    statement = """
        SELECT count(*) FROM entity JOIN grid ON grid.id = entity.grid_id
        WHERE kind = 'premises' AND grid.code LIKE :within
          AND ST_Intersects(ST_GeomFromText(:wkt, 4326), entity.geom)"""
    [(count,)] = query(house, statement, wkt=ground.wkt, within=within)
    return count


def test_a_plan_is_compared_with_a_generation(house, people, divided):
    plan, key, ground = divided.plan, divided.key, divided.ground
    found = compared(house, people.ann, divided.before, side(plan))
    assert (found["before"]["grids"], found["after"]["grids"]) == (divided.grids, divided.grids + 1)
    assert {one["key"] for one in found["changed"]} > {key}
    moved = found["moved"]
    whole = next(one for one in found["changed"] if one["key"] == key)
    assert moved["of_households"]["numerator"] == whole["households_before"]
    assert moved["of_households"]["denominator"] == found["before"]["households"]
    assert moved["of_premises"]["numerator"] == premises_on(house, ground) > 0
    pieces = [shapely.geometry.shape(one["geometry"]) for one in found["ground"]["features"]]
    assert shapely.union_all(pieces).symmetric_difference(ground).area < 1e-9 * ground.area


def test_back_is_the_mirror_image(house, people, divided):
    plan = divided.plan
    there = compared(house, people.ann, divided.before, side(plan))
    back = compared(house, people.ann, side(plan), divided.before)
    assert back["moved"]["of_premises"] == there["moved"]["of_premises"]
    assert {
        (one["properties"]["from_key"], one["properties"]["to_key"]) for one in back["ground"]["features"]
    } == {(one["properties"]["to_key"], one["properties"]["from_key"]) for one in there["ground"]["features"]}


def test_two_plans_are_compared(house, people, divided):
    plan = divided.plan
    branch = house.ask("POST", "/plans", people.ben, json={"name": "另一案", "branch_of": plan.id}).json()
    same = compared(house, people.ann, side(plan), f"plan:{branch['id']}")
    assert (same["changed"], same["moved"]["entities"]) == ([], 0)
    other = Planner(house, people.ben, branch["id"])
    key = max(other.cells())
    other.done("rename", {"key": key, "name": "新名"})
    [renamed] = compared(house, people.ann, side(plan), side(other))["changed"]
    assert (renamed["key"], renamed["name"]) == (key, "新名")
    assert renamed["name_before"] != "新名"


def test_two_generations_are_compared_and_new_codes_are_no_change_of_hands(house, people, divided):
    plan, key, ground = divided.plan, divided.key, divided.ground
    revision = approved(house, people, plan)
    published = house.ask("POST", f"/plans/{plan.id}/publish", people.ann, json={"revision": revision})
    assert published.status_code == 200, published.text
    second = f"generation:{plan.get()['published_generation_id']}"
    found = compared(house, people.ann, divided.before, second)
    assert found["moved"]["of_premises"]["numerator"] == premises_on(house, ground)
    assert {one["properties"]["from_key"] for one in found["ground"]["features"]} == {key}
    recoded = compared(house, people.ann, side(plan), second)
    assert recoded["ground"]["features"] == []
    assert recoded["moved"]["area_m2"] == 0


def test_premises_are_counted_in_the_own_jurisdiction_alone(house, people, divided):
    plan, key, ground = divided.plan, divided.key, divided.ground
    [(inside,)] = query(house, "SELECT left(:key, 12)", key=key)
    [(outside,)] = query(
        house,
        "SELECT max(code) FROM grid WHERE level = 'community' AND code <> :inside",
        inside=inside,
    )
    leaders = {code: house.add(f"leader{code}", Role.LEADER, code) for code in (inside, outside)}
    told = {code: compared(house, token, divided.before, side(plan)) for code, token in leaders.items()}
    assert told[inside]["moved"]["of_premises"]["numerator"] == premises_on(house, ground, f"{inside}%") > 0
    assert told[outside]["moved"]["of_premises"]["numerator"] == 0
    whole = compared(house, people.ann, divided.before, side(plan))["moved"]["of_premises"]["denominator"]
    assert 0 < told[outside]["moved"]["of_premises"]["denominator"] < whole


def test_an_inspector_compares_nothing(house):
    token = house.add("ivy", Role.INSPECTOR)
    asked = {"before": FIRST, "after": FIRST}
    assert house.ask("GET", "/comparisons", token, params=asked).status_code == 403
    assert [page(house, token, f"/comparison{end}").status_code for end in ("", ".xlsx", ".pdf")] == [403] * 3


@pytest.mark.parametrize(
    ("after", "status"),
    [
        ("plan:999999", 404),
        ("generation:999999", 404),
        ("plan:0", 422),
        ("plan:9223372036854775808", 422),
        ("grid:1", 422),
        ("", 422),
    ],
)
def test_what_is_not_there_is_told(house, people, after, status):
    answer = house.ask("GET", "/comparisons", people.ann, params={"before": FIRST, "after": after})
    assert answer.status_code == status
    assert page(house, people.ann, "/comparison.pdf", before=FIRST, after=after).status_code == status


@pytest.mark.slow
def test_a_form_is_for_the_meeting(house, people, divided):
    plan, key = divided.plan, divided.key
    chosen = {"before": divided.before, "after": side(plan)}
    answer = page(house, people.ann, "/comparison.pdf", **chosen, lang="zh")
    assert answer.headers["content-type"] == "application/pdf"
    before = divided.before.replace(":", "")
    assert f"comparison-{before}-plan{plan.id}.pdf" in answer.headers["content-disposition"]
    pdf = Pdf(answer.content)
    assert {one.size_mm for one in pdf.pages} == {(420, 297)}
    for words in ("划分比较", "换手户数", key, "北", "会议意见", "比较前", "尚无编码"):
        assert words in pdf.text
    english = Pdf(page(house, people.ann, "/comparison.pdf", **chosen, lang="en", paper="a4").content)
    assert {one.size_mm for one in english.pages} == {(210, 297)}
    assert "Households moved" in english.text
    assert "换手" not in english.text


def test_a_workbook_holds_the_figures(house, people, divided):
    plan, key = divided.plan, divided.key
    found = compared(house, people.ann, divided.before, side(plan))
    answer = page(house, people.ann, "/comparison.xlsx", before=divided.before, after=side(plan), lang="en")
    book = load_workbook(BytesIO(answer.content))
    wholes, moved, grids, pieces = (list(book[name].iter_rows(values_only=True)) for name in book.sheetnames)
    assert ("Grids", divided.grids, divided.grids + 1, 1) in wholes
    households = found["moved"]["of_households"]
    [told] = [row[1:] for row in moved if row[0] == "Households"]
    assert told == pytest.approx([households[part] for part in ("numerator", "denominator", "rate")])
    [row] = [row for row in grids if row[0] == key]
    whole = next(one for one in found["changed"] if one["key"] == key)
    assert (row[2], row[3], row[4]) == (whole["households_before"], None, -whole["households_before"])
    assert row[10] == found["moved"]["of_premises"]["numerator"]
    assert sum(row[4] for row in pieces if isinstance(row[4], int)) == row[10]


def test_the_page_chooses_what_the_address_leaves_out(house, people, divided):
    plan = divided.plan
    answer = page(house, people.ann, "/comparison")
    assert answer.status_code == 200
    assert f'value="plan:{plan.id}" selected' in answer.text
