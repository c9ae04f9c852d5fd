"""Whoever has a part of the city learns nothing of the rest: by lists, counts, files or pages."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from geo.domain.actors import OPERATOR, Role
from geo.domain.exchange import Layer
from geo.services import people
from tests.contract.city import NOW, a_day
from tests.contract.requests_of_routes import SAMPLES
from tests.contract.test_rights import OPERATIONS

pytestmark = pytest.mark.database

PERIOD = "since=2026-06-01T00:00:00Z&until=2026-12-01T00:00:00Z"
DAYS = "period=custom&since=2026-06-01&until=2026-12-01"

DOORS = (
    *(f"/api/v1/{name}?limit=1000" for name in ("entities", "tracks", "issues", "people")),
    "/api/v1/visits?limit=1000&since=2026-11-18T00:00:00Z",
    *(f"/api/v1/measures/{name}?{PERIOD}" for name in ("coverage", "ground", "hotspots")),
    "/api/v1/measures/coverage?level=street",
    "/api/v1/measures/backlog?at=2026-12-01T00:00:00Z",
    "/api/v1/measures/backlog?at=2026-12-01T00:00:00Z&level=street",
    "/api/v1/comparisons?before=generation:1&after=generation:1",
    "/api/v1/posts/findings",
    "/api/v1/partnerships?limit=1000",
    f"/api/v1/measures/duties?{PERIOD}",
    f"/api/v1/measures/duties/people?{PERIOD}",
    "/api/v1/activities?limit=1000&since=2026-11-18T00:00:00Z",
    "/api/v1/draws",
    f"/maps/duties?{DAYS}",
    "/duties/trail?measure=frequency&since=2026-11-01&until=2026-12-01",
    "/draws",
    "/api/v1/accounts",
    "/api/v1/audit",
    "/accounts",
    "/audit",
    "/api/v1/imports",
    "/api/v1/inspections?limit=1000",
    "/api/v1/inspections/due",
    "/inspections",
    "/inspections/due",
    "/api/v1/issue-duplicates",
    "/api/v1/issue-feedback",
    f"/api/v1/measures/issue-rates?{PERIOD}&level=community",
    "/issues",
    *(f"/api/v1/exports/{layer}?format=geojson" for layer in Layer if layer is not Layer.ADDRESSES),
    *(f"/api/v1/context/{layer}?bbox=-180,-90,180,90" for layer in ("premises", "households", "issues")),
    "/",
    *(f"/maps/{name}?{DAYS}" for name in ("coverage", "hotspots", "issues")),
    "/maps/coverage?level=street",
    "/maps/posts",
)
"""Every address that tells of more than one thing which isn't public."""

CHANGING = re.compile(r'nonce="[^"]+"|[0-9]{2}:[0-9]{2}|[0-9a-f]{32}|"(since|until|at|start|end)": ?"[^"]+"')
"""What is never the same twice: nonces, names of elements, the time of day."""

HAPPENINGS = (
    "create_entity",
    "create_visit",
    "create_activity",
    "create_draw",
    "create_issue",
    "tell_reporter",
    "pause_issue",
    "create_track",
    "file_inspection",
    "create_person",
    "create_assignment",
    "create_partnership",
    "create_account",
    "change_person",
)
"""What happens in the community `inside`, and nowhere else."""


def told(client, headers) -> dict[str, tuple[int, str]]:
    """What each door tells somebody."""
    client.cookies.clear()
    answers = {door: client.get(door, headers=headers) for door in DOORS}
    return {door: (answer.status_code, CHANGING.sub("#", answer.text)) for door, answer in answers.items()}


def as_(city, app, role, place):
    return {"Authorization": f"Bearer {city.token(app, role, place)}"}


def happen(client, city, headers, colleague) -> None:
    """Let something of every kind happen in the community `inside`."""
    for name in HAPPENINGS:
        sample, route = SAMPLES[name](city), OPERATIONS[name]
        options = {**sample.options, "headers": {**sample.options.get("headers", {}), **headers}}
        answer = client.request(next(iter(route.methods)), route.path.format(**sample.path), **options)
        assert answer.status_code < 300, (name, answer.text)
    for further in (
        {"grid": city.unit, "post": "volunteer", **a_day()},
        {"grid": city.unit, "post": "worker", "valid_from": NOW.date().isoformat()},
    ):
        answer = client.post(f"/api/v1/people/{colleague}/assignments", json=further, headers=headers)
        assert answer.status_code == 201, answer.text
    house = {"kind": "building", "name": "新楼", "households": 30, "place": city.place}
    answer = client.post("/api/v1/entities", json=house, headers=headers)
    assert answer.status_code == 201, answer.text


@pytest.fixture(scope="module")
def colleague(city) -> int:
    """Somebody who serves in the community `outside`, and may get a post in the other one too."""
    with city.database.write() as uow:
        person = people.create(OPERATOR, uow, people.PersonData(name="赵敏"))
        since = NOW.date() - timedelta(days=9)
        people.assign(OPERATOR, uow, person.id, grid_code=city.outside, post="volunteer", valid_from=since)
    return person.id


Told = dict[object, dict[str, tuple[int, str]]]
"""What each door tells whom."""


@pytest.fixture(scope="module")
def before_and_after(client, city, app, colleague) -> tuple[Told, Told]:
    """What each door tells everybody who isn't of `inside`, before and after something happens there."""
    asking = {role: as_(city, app, role, "outside") for role in Role} | {"anonymous": {}}
    asking["city"] = as_(city, app, Role.ADMIN, "city")
    before = {who: told(client, headers) for who, headers in asking.items()}
    happen(client, city, asking["city"], colleague)
    return before, {who: told(client, headers) for who, headers in asking.items()}


@pytest.mark.slow
def test_what_happens_elsewhere_is_told_to_nobody_else(before_and_after):
    before, after = before_and_after
    changed = {who: {door for door in DOORS if after[who][door] != before[who][door]} for who in before}
    unchanged = set(DOORS) - changed.pop("city")
    assert {who: doors for who, doors in changed.items() if doors} == {}
    assert unchanged == {"/api/v1/imports", "/api/v1/exports/grids?format=geojson"}


@pytest.mark.slow
def test_every_door_tells_its_own_people_something(before_and_after):
    before, _ = before_and_after
    admitted = [before[role] for role in Role]
    assert {status for answers in admitted for status, _ in answers.values()} == {200, 403}
    for door in DOORS:
        assert any(answers[door][0] == 200 for answers in admitted) or door in {
            "/api/v1/audit",
            "/audit",
            "/api/v1/imports",
        }


PUBLIC_DOORS = (
    "/api/v1/locate?lon={city.lon}&lat={city.lat}",
    "/api/v1/grids?limit=1000",
    "/api/v1/grids/{city.unit}",
    "/api/v1/grids/{city.unit}/responsible",
    "/api/v1/grids/{city.unit}/history",
    "/api/v1/generations",
    "/api/v1/addresses?q=路",
    "/",
    "/locate",
    "/docs",
    "/api/v1/openapi.json",
)


def test_the_public_meets_those_who_hold_public_posts_alone(client, city):
    with city.database.write() as uow:
        for name, post in (("公开甲", "head"), ("志愿乙", "volunteer"), ("楼长丙", "building_head")):
            person = people.create(OPERATOR, uow, people.PersonData(name=name, ref=f"ref-{name}"))
            people.assign(
                OPERATOR, uow, person.id, grid_code=city.unit, post=post, valid_from=date(2020, 1, 1)
            )
        people.create(OPERATOR, uow, people.PersonData(name="无岗丁", phone="13900000000"))
    client.cookies.clear()
    answers = [client.get(door.format(city=city)) for door in PUBLIC_DOORS]
    assert {answer.status_code for answer in answers} == {200}
    told = " ".join(answer.text for answer in answers)
    assert "公开甲" in told
    for hidden in ("志愿乙", "楼长丙", "无岗丁", "13900000000", "ref-", "inspector-", "operator"):
        assert hidden not in told, hidden
