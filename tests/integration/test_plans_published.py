"""Publishing a plan: a new division of all levels, codes by rule, and everything carried over, or nothing."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import shapely

from geo.db import homes
from geo.db import plan_publication as rows
from geo.domain.actors import OPERATOR
from geo.services import people as posts
from geo.services import posts as pairs
from tests.integration.planners import Planner, across, approved, query

pytestmark = pytest.mark.database


def in_force(house):
    return query(house, "SELECT id FROM generation WHERE valid_to IS NULL")[0].id


def siblings(plan):
    """Two adjacent grids of one parent, and one of another parent."""
    grids, cells = plan.grids(), plan.cells()
    parents = {key: one["properties"]["parent"] for key, one in grids.items()}
    first, second = next(
        (a, b)
        for a in sorted(cells)
        for b in sorted(cells)
        if a < b and parents[a] == parents[b] and shapely.intersection(cells[a], cells[b]).length > 1e-5
    )
    other = next(key for key in sorted(cells) if parents[key] != parents[first])
    return first, second, other


@pytest.mark.slow
def test_publication_carries_everything_over(house, people, plan):
    before, base = plan.cells(), in_force(house)
    first, second, cut = siblings(plan)
    with house.database.write() as uow:
        person = posts.create(OPERATOR, uow, posts.PersonData(name="王芳"))
        for code in (first, second):
            posts.assign(
                OPERATOR, uow, person.id, grid_code=code, post="volunteer", valid_from=date(2026, 1, 1)
            )
    plan.done("merge", {"keys": [first, second], "name": "合并网格"})
    plan.done("split", {"key": cut, "lines": across(before[cut])})
    homes = "SELECT g.code, count(*) FROM entity JOIN grid g ON g.id = grid_id GROUP BY 1"
    entities = dict(map(tuple, query(house, homes)))
    households = query(house, "SELECT sum(households) FROM grid WHERE is_leaf AND generation_id = :g", g=base)
    answer = plan.post("publish", revision=approved(house, people, plan), name="新划分")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    report, generation = told["report"], told["generation"]["id"]
    assert (told["plan"]["state"], told["plan"]["published_generation_id"]) == ("published", generation)

    highest = max(code for code in before if code[:12] == first[:12])
    merged = f"{int(highest) + 1:0{len(highest)}d}"
    assert set(report["retired_codes"]) == {first, second, cut}
    assert merged in report["new_codes"]
    assert len(report["new_codes"]) == 3
    leaves = query(
        house,
        "SELECT code, ST_AsBinary(geom) AS wkb, households FROM grid WHERE is_leaf AND generation_id = :g",
        g=generation,
    )
    shapes = {row.code: shapely.from_wkb(bytes(row.wkb)) for row in leaves}
    assert shapely.coverage_is_valid(list(shapes.values()))
    kept = before.keys() & shapes.keys()
    assert kept == before.keys() - {first, second, cut}
    assert sum(row.households for row in leaves) == households[0].sum
    assert len(
        query(house, "SELECT 1 FROM grid WHERE generation_id = :g AND NOT is_leaf", g=generation)
    ) == len(query(house, "SELECT 1 FROM grid WHERE generation_id = :g AND NOT is_leaf", g=base))

    after = dict(map(tuple, query(house, homes)))
    assert after.get(merged, 0) == entities.get(first, 0) + entities.get(second, 0)
    assert sum(after.values()) == sum(entities.values())
    moved = sum(one["count"] for one in report["moved"] if one["kind"] == "entity")
    assert moved == sum(entities.get(code, 0) for code in (first, second, cut))

    held = query(
        house,
        "SELECT grid_code, valid_to FROM assignment WHERE person_id = :p ORDER BY valid_to, grid_code",
        p=person.id,
    )
    assert [row.grid_code for row in held] == [first, second, merged]
    assert held[-1].valid_to is None
    assert {one["from_code"] for one in report["carried"] if one["person_id"] == person.id} == {first, second}

    point = before[first].representative_point()
    house.client.app.state.lookups.load()
    now = house.client.get("/api/v1/locate", params={"lon": point.x, "lat": point.y}).json()
    assert merged in str(now)
    shares = query(
        house,
        "SELECT sum(area_share) AS share FROM lineage JOIN grid b ON b.id = predecessor_id AND b.is_leaf"
        " WHERE b.generation_id = :g GROUP BY b.id",
        g=base,
    )
    assert np.allclose([row.share for row in shares], 1)


@pytest.mark.slow
def test_partners_are_those_of_the_heirs(house, people, plan):
    before = plan.cells()
    first, second, _ = siblings(plan)
    beside = next(
        code
        for code in sorted(before)
        if code not in {first, second} and shapely.intersection(before[first], before[code]).length > 1e-5
    )
    with house.database.write() as uow:
        for post, partner in (("volunteer", beside), ("police", second)):
            pairs.pair(
                OPERATOR,
                uow,
                post=post,
                grid_code=first,
                partner_code=partner,
                valid_from=date(2026, 1, 1),
            )
    plan.done("merge", {"keys": [first, second], "name": "并入网格"})
    answer = plan.post("publish", revision=approved(house, people, plan))
    assert answer.status_code == 200, answer.text
    report = answer.json()["report"]
    (merged,) = report["new_codes"]
    told = {one["post"]: one for one in report["partners"] if {first} < {*one["from_codes"]}}
    assert told["police"]["to_codes"] is None
    assert {*told["volunteer"]["to_codes"]} == {merged, beside}
    held = query(
        house,
        "SELECT grid_code, partner_code, valid_from FROM partnership"
        " WHERE valid_to IS NULL AND post IN ('volunteer', 'police')",
    )
    assert {row[:2] for row in held} == {(merged, beside), (beside, merged)}
    assert all(row.valid_from > date(2026, 1, 1) for row in held)
    assert plan.get("/publication")["report"] == report


@pytest.mark.slow
def test_a_plan_on_a_superseded_division_is_not_published(house, people, plan):
    late = Planner(
        house, people.ann, house.ask("POST", "/plans", people.ann, json={"name": "二"}).json()["id"]
    )
    for one in (plan, late):
        one.done("rename", {"key": min(one.cells()), "name": f"新{one.id}"})
    assert plan.post("publish", revision=approved(house, people, plan)).status_code == 200
    answer = late.post("publish", revision=approved(house, people, late))
    assert (answer.status_code, answer.json()["code"]) == (409, "superseded-base")
    assert late.get()["state"] == "approved"


def test_only_approved_plans_are_published(house, plan):
    base = in_force(house)
    assert plan.post("publish", revision=0).json()["code"] == "wrong-step"
    assert plan.post("publish", revision=1).json()["code"] == "stale-revision"
    assert in_force(house) == base


def test_publication_does_not_reach_into_the_past(house, people, plan):
    answer = plan.post(
        "publish", revision=approved(house, people, plan), valid_from="2020-01-01T00:00:00+08:00"
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "bad-value")


@pytest.mark.parametrize(
    "point",
    [
        (homes, "settle"),
        (rows, "heirs_of_retired"),
        (rows, "carry_posts"),
        (homes, "moves_of"),
        (rows, "staffed_codes"),
    ],
)
def test_a_failure_in_the_middle_leaves_the_old_division(house, people, plan, monkeypatch, point):
    base, state = in_force(house), query(house, "SELECT count(*), max(id) FROM grid")
    held = query(house, "SELECT id, grid_code, valid_to FROM assignment ORDER BY id")
    cells = plan.cells()
    plan.done("split", {"key": min(cells), "lines": across(cells[min(cells)])})
    revision = approved(house, people, plan)

    def fail(*_):
        raise ConnectionError

    monkeypatch.setattr(*point, fail)
    assert plan.post("publish", revision=revision).status_code == 500
    assert in_force(house) == base
    assert query(house, "SELECT count(*), max(id) FROM grid") == state
    assert query(house, "SELECT id, grid_code, valid_to FROM assignment ORDER BY id") == held
    assert plan.get()["state"] == "approved"
