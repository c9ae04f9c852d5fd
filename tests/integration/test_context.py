"""What lies around a draft: complete inside the box, within rights, and honest about what is left out."""

from __future__ import annotations

import pytest
from shapely.geometry import box, shape

from geo.domain.actors import Role
from geo.domain.context import ContextLayer
from geo.services import context
from tests.integration.planners import query

pytestmark = pytest.mark.database

EVERYWHERE = "-180,-90,180,90"


def asked(house, token, layer, bbox=EVERYWHERE):
    return house.ask("GET", f"/context/{layer}", token, params={"bbox": bbox})


def test_every_layer_of_the_demo_has_something(house, people):
    told = {layer: asked(house, people.ann, layer).json() for layer in ContextLayer}
    assert all(one["complete"] for one in told.values())
    empty = {layer for layer, one in told.items() if not one["features"]}
    kinds = {kind for (kind,) in query(house, "SELECT DISTINCT kind FROM ground_feature")}
    assert empty == {"green", "water", "river", "road", "building"} - kinds


def test_a_box_gives_what_meets_it_and_nothing_else(house, people):
    everything = asked(house, people.ann, "building").json()["features"]
    west, south, east, north = shape(everything[0]["geometry"]).buffer(0.002).bounds
    told = asked(house, people.ann, "building", f"{west},{south},{east},{north}").json()["features"]
    wanted = {
        one["id"] for one in everything if shape(one["geometry"]).intersects(box(west, south, east, north))
    }
    assert {one["id"] for one in told} == wanted
    assert 0 < len(wanted) < len(everything)


def test_households_of_the_layer_are_those_of_the_register(house, people):
    told = asked(house, people.ann, "households").json()["features"]
    statement = "SELECT sum(households) FROM entity WHERE kind = 'building' AND state = 'active'"
    assert sum(one["properties"]["households"] for one in told) == query(house, statement)[0][0]


@pytest.mark.parametrize("layer", ["households", "premises", "issues"])
def test_who_has_one_community_sees_what_lies_in_it(house, people, layer):
    community = query(house, "SELECT min(code) FROM grid WHERE level = 'community'")[0][0]
    token = house.add(f"leader-{layer}", Role.LEADER, community)
    seen = {one["id"] for one in asked(house, token, layer).json()["features"]}
    table = "issue" if layer == "issues" else "entity"
    statement = f"""SELECT thing.id FROM {table} AS thing
        JOIN grid_within ON grid_within.grid_id = thing.grid_id
        JOIN grid ON grid.id = ancestor_id WHERE grid.code = :code"""
    inside = {row.id for row in query(house, statement, code=community)}
    everything = {one["id"] for one in asked(house, people.ann, layer).json()["features"]}
    assert seen == everything & inside
    assert seen < everything


def test_what_is_too_much_is_said_to_be_incomplete(house, people, monkeypatch):
    monkeypatch.setattr(context, "MOST_FEATURES", 3)
    told = asked(house, people.ann, "road").json()
    assert (told["complete"], len(told["features"])) == (False, 3)


@pytest.mark.parametrize("bbox", [None, "1,2,3", "120,30,119,31", "nan,0,1,1"])
def test_a_box_that_is_none_is_refused(house, people, bbox):
    answer = house.ask("GET", "/context/road", people.ann, params=bbox and {"bbox": bbox})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad-value")


def test_inspectors_have_no_draft_to_look_at(house):
    token = house.add("inspector-context", Role.INSPECTOR)
    assert asked(house, token, "premises").status_code == 403
