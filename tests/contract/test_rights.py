"""Every route, asked as every role, inside and outside of its jurisdiction, and as the anonymous public."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from fastapi.testclient import TestClient

from api.app import create_app
from api.auth import identify
from api.dependencies import guard_of, may, signed_in
from api.openapi import operations
from api.settings import Settings
from geo.domain.actors import ANONYMOUS, OPERATOR, PUBLIC, RIGHTS, Actor, Role
from tests.contract.city import PLACES, City
from tests.contract.requests_of_routes import SAMPLES, SIGNING_IN, Sample

pytestmark = pytest.mark.database

EVERYBODY = {
    "sign_in",
    "create_token",
    "read_limits",
    "read_health",
    "read_readiness",
    "read_shift",
    "locate_point",
}
"""Operations that ask nothing of their callers, on purpose."""

PAGES_FOR_EVERYBODY = {"/", "/login", "/logout", "/docs", "/locate", "/results", "/results/{number:path}"}
"""Pages that show the anonymous public nothing but what is public."""

_PLAIN = create_app(Settings(database_url="postgresql+psycopg2:///none"))
OPERATIONS = {route.operation_id: route for route in operations(_PLAIN)}


def unguarded(app: FastAPI) -> set[str]:
    """The routes that don't say who may call them."""
    return {
        route.operation_id or route.path
        for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, APIRoute) and guard_of(route.dependant) is None
    }


def test_every_route_says_who_may_call_it():
    assert unguarded(_PLAIN) <= EVERYBODY | PAGES_FOR_EVERYBODY


def test_a_route_without_a_guard_is_noticed():
    app = FastAPI()
    app.add_api_route("/secret", lambda: None, operation_id="secret")
    app.add_api_route("/guarded", lambda: None, operation_id="guarded", dependencies=[Depends(signed_in)])
    assert unguarded(app) == {"secret"}


def test_every_operation_has_a_sample():
    assert set(OPERATIONS) == set(SAMPLES) | SIGNING_IN


def expected(route: RouteContext, role: Role | None, place: str, sample: Sample) -> int:
    """The status that the policy demands: 401, 403, or 200 for anything that isn't refused."""
    guard = guard_of(route.dependant)
    if guard is None or (isinstance(guard, may) and guard.action in PUBLIC):
        return 200
    if role is None:
        return 401
    if guard is signed_in:
        return 200
    assert isinstance(guard, may)
    if role not in RIGHTS[sample.action or guard.action]:
        return 403
    is_refused = (sample.everywhere and place != "city") or (sample.placed and place == "outside")
    return 403 if is_refused else 200


def ask(
    client: TestClient, city: City, name: str, role: Role | None, place: str, *, sample: Sample | None = None
) -> tuple[int, int, dict[str, Any]]:
    """Ask an operation, and give the demanded and the real status, with the answer."""
    sample = sample or SAMPLES[name](city)
    route = OPERATIONS[name]
    headers = dict(sample.options.get("headers", {}))
    if role is not None:
        headers["Authorization"] = f"Bearer {city.token(client.app, role, place)}"
    client.cookies.clear()
    response = client.request(
        next(iter(route.methods)),
        route.path.format(**sample.path),
        **{**sample.options, "headers": headers},
    )
    is_json = response.headers.get("content-type", "").endswith("json")
    body = response.json() if response.content and is_json else {}
    return expected(route, role, place, sample), response.status_code, body


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_rights(client, city, name):
    refusals = {401, 403}
    sample = SAMPLES[name](city)
    for role in (None, *Role):
        for place in PLACES if role else ("city",):
            demanded, status, body = ask(client, city, name, role, place, sample=sample)
            told = (role, place, status, body)
            assert status < 500, told
            assert status == demanded if demanded in refusals else status not in refusals, told
            if status not in refusals and "GET" not in OPERATIONS[name].methods:
                sample = SAMPLES[name](city)  # what was asked about may be gone, or have another revision


KEY_PEOPLE = ("list_key_people", "create_key_person", "change_key_person", "delete_key_person")
SOUND_AS = {
    "take_step": Role.INSPECTOR,
    **dict.fromkeys((*KEY_PEOPLE, "look_at_key_person"), Role.LEADER),
}
"""Who takes an operation that isn't for administrators."""


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_samples_are_sound(client, city, name):
    role = SOUND_AS.get(name, Role.ADMIN)
    _, status, body = ask(client, city, name, role, "city")
    is_spent = name == "take_step" and status == 409
    assert status < 300 or is_spent, body


def test_without_its_guard_a_route_fails_the_test_of_rights(client, city, monkeypatch):
    # FastAPI reads a guard when its route is first asked and keeps what it read, so both ask for the same.
    async def anybody(_self: may, actor: Annotated[Actor, Depends(identify)]) -> Actor:
        return actor if actor != ANONYMOUS else OPERATOR

    monkeypatch.setattr(may, "__call__", anybody)
    demanded, status, _ = ask(client, city, "read_limits", None, "city")
    assert (demanded, status) == (200, 200)
    demanded, status, _ = ask(client, city, "list_audit", None, "city")
    assert (demanded, status) == (401, 200)


LISTS = {
    "list_entities": ("features", "grid_code"),
    "list_visits": ("features", "grid_code"),
    "list_issues": ("features", "grid_code"),
}


@pytest.mark.parametrize("name", sorted(LISTS))
def test_lists_show_nothing_from_outside(client, city, name):
    rows, field = LISTS[name]
    _, _, everything = ask(client, city, name, Role.LEADER, "city")
    _, _, part = ask(client, city, name, Role.LEADER, "outside")
    codes = {row["properties"][field] for row in part[rows]}
    assert codes
    assert all(code.startswith(city.outside) for code in codes)
    assert not all((row["properties"][field] or "").startswith(city.outside) for row in everything[rows])


def test_exports_are_no_side_door(client, city):
    _, _, listed = ask(client, city, "list_entities", Role.LEADER, "outside")
    _, _, exported = ask(client, city, "export_layer", Role.LEADER, "outside")
    allowed = {row["properties"]["ref"] for row in listed["features"]}
    assert {row["properties"]["ref"] for row in exported["features"]} == allowed
    assert allowed


def test_a_leader_sees_the_people_of_the_own_community_alone(client, city):
    _, _, inside = ask(client, city, "list_people", Role.LEADER, "inside")
    _, _, outside = ask(client, city, "list_people", Role.LEADER, "outside")
    seen_inside = {person["id"] for person in inside["people"]}
    seen_outside = {person["id"] for person in outside["people"]}
    assert city.ids["person"] in seen_inside - seen_outside
