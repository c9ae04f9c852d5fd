"""People and their posts: who sees them, who changes them, and whom the public may turn to."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from geo.db.unit_of_work import Database
from geo.domain.actors import ANONYMOUS, OPERATOR, Actor, Grant, Role
from geo.errors import (
    AlreadyExists,
    BadValue,
    Forbidden,
    NotFound,
    OutsideJurisdiction,
    StaleRevision,
    StillInUse,
    Unauthenticated,
)
from geo.services import people, profiles
from geo.services.people import PersonData

pytestmark = pytest.mark.database

TODAY = date(2026, 11, 20)
COMMUNITY, UNIT, OTHER = "330106001001", "330106001001001", "330106001002"

DIVISION = f"""
    INSERT INTO generation (name, valid_from, published_by) VALUES ('2026', '2026-01-01', 'test');
    INSERT INTO grid_code
        VALUES ('{COMMUNITY}', 'community', 1), ('{UNIT}', 'unit', 1), ('{OTHER}', 'community', 1);
    INSERT INTO grid (generation_id, code, name, level, parent_id, is_leaf, area_m2, geom, home_id)
        SELECT 1, code, code, level, parent, level = 'unit', 1,
            ST_Multi(ST_MakeEnvelope(0, 0, 1, 1, 4326)), home
        FROM grid_code, LATERAL (SELECT CASE level WHEN 'unit' THEN 1 END AS parent,
            array_position('{{{COMMUNITY},{UNIT},{OTHER}}}', code) AS home) AS above
        ORDER BY home;
    INSERT INTO grid_within VALUES (1, 1), (2, 2), (2, 1), (3, 3);
"""
"""Two communities; the first has one unit grid."""


def actor(role: Role, *codes: str) -> Actor:
    return Actor("somebody", 1, None, tuple(Grant(role, code) for code in codes))


LEADER, STRANGER = actor(Role.LEADER, COMMUNITY), actor(Role.LEADER, OTHER)
ADMIN = actor(Role.ADMIN, COMMUNITY)


@pytest.fixture
def uow(database_url):
    database = Database(database_url)
    with database.write() as uow:
        uow.connection.execute(text(DIVISION))
        yield uow
    database.close()


@pytest.fixture
def wang(uow):
    """Head of the unit grid since ten days ago."""
    person = people.create(OPERATOR, uow, PersonData("王芳", "wg-17", "0571-1234567"))
    assign(uow, person, "head")
    return person


def assign(uow, person, post, **given):
    values = {"grid_code": UNIT, "valid_from": TODAY - timedelta(days=10), **given}
    return people.assign(OPERATOR, uow, person.id, post=post, **values)


def names(uow, who, **given):
    chosen = {"name": None, "after": 0, "limit": 10, **given}
    return [person.name for person in people.list_people(who, uow, TODAY, **chosen).rows]


def test_a_leader_sees_who_serves_in_the_own_community(uow, wang):
    people.create(OPERATOR, uow, PersonData("李伟"))
    assert names(uow, OPERATOR) == ["王芳", "李伟"]
    assert names(uow, LEADER) == ["王芳"]
    assert names(uow, STRANGER) == []
    assert people.get(LEADER, uow, wang.id, TODAY) == wang
    with pytest.raises(OutsideJurisdiction):
        people.get(STRANGER, uow, wang.id, TODAY)
    with pytest.raises(Forbidden):
        people.get(actor(Role.INSPECTOR, COMMUNITY), uow, wang.id, TODAY)
    with pytest.raises(Unauthenticated):
        people.get(ANONYMOUS, uow, wang.id, TODAY)


def test_who_has_served_is_seen_no_longer(uow, wang):
    assignment = people.list_assignments(OPERATOR, uow, wang.id, TODAY)[0]
    people.end_assignment(ADMIN, uow, assignment.id, assignment.revision, TODAY)
    assert names(uow, LEADER) == []
    assert names(uow, OPERATOR) == ["王芳"]


def test_names_are_searched_as_they_are_written(uow, wang):
    people.create(OPERATOR, uow, PersonData("50%_"))
    assert names(uow, OPERATOR, name="芳") == ["王芳"]
    assert names(uow, OPERATOR, name="%") == ["50%_"]
    assert names(uow, OPERATOR, name="_") == ["50%_"]


def test_nobody_is_found_by_a_name_that_is_seen_masked(uow, wang):
    assert names(uow, LEADER, name="芳") == ["王芳"]
    profiles.settle(uow)
    profiles.override(OPERATOR, uow, "privacy.sight", [], grid_code=None, valid_from=TODAY)
    assert names(uow, LEADER) == ["王*"]
    assert names(uow, LEADER, name="芳") == names(uow, LEADER, name="王") == []


def test_pages_follow_one_another_without_gap(uow):
    for number in range(5):
        people.create(OPERATOR, uow, PersonData(str(number)))
    seen, after = [], 0
    while after is not None:
        page = people.list_people(OPERATOR, uow, TODAY, name=None, after=after, limit=2)
        seen += [person.name for person in page.rows]
        after = page.next
    assert seen == list("01234")


def test_a_change_needs_the_present_revision(uow, wang):
    changed = people.change(ADMIN, uow, wang.id, TODAY, revision=1, data=PersonData("王芳芳"))
    assert (changed.revision, changed.name, changed.phone) == (2, "王芳芳", None)
    with pytest.raises(StaleRevision) as caught:
        people.change(ADMIN, uow, wang.id, TODAY, revision=1, data=PersonData("王"))
    assert caught.value.fields == {"kind": "person", "key": wang.id, "revision": 1, "current": 2}
    with pytest.raises(NotFound):
        people.change(OPERATOR, uow, 99, TODAY, revision=1, data=PersonData("王"))


def test_those_with_a_part_of_the_city_change_what_is_theirs(uow, wang):
    with pytest.raises(OutsideJurisdiction):
        people.create(ADMIN, uow, PersonData("新"))
    with pytest.raises(OutsideJurisdiction):
        people.assign(ADMIN, uow, wang.id, grid_code=OTHER, post="head", valid_from=TODAY)
    with pytest.raises(Forbidden):
        people.assign(LEADER, uow, wang.id, grid_code=UNIT, post="police", valid_from=TODAY)
    assert (
        people.assign(ADMIN, uow, wang.id, grid_code=UNIT, post="police", valid_from=TODAY).post == "police"
    )


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"post": "head"}, AlreadyExists),
        ({"post": "king"}, StillInUse),
        ({"post": "police", "grid_code": "nowhere"}, NotFound),
        ({"post": "police", "valid_to": TODAY - timedelta(days=10)}, BadValue),
    ],
)
def test_unsound_posts_are_refused(database_url, given, error):
    database = Database(database_url)
    with database.write() as uow:
        uow.connection.execute(text(DIVISION))
        person = people.create(OPERATOR, uow, PersonData("王芳"))
        assign(uow, person, "head")
    with pytest.raises(error), database.write() as uow:
        assign(uow, person, **given)
    database.close()


def test_the_public_learns_of_public_posts_alone(uow, wang):
    assign(uow, wang, "volunteer")
    above = people.create(OPERATOR, uow, PersonData("李伟"))
    assign(uow, above, "head", grid_code=COMMUNITY)
    past = people.create(OPERATOR, uow, PersonData("旧人"))
    assign(uow, past, "police", valid_to=TODAY)
    told = people.responsible(ANONYMOUS, uow, UNIT, TODAY)
    assert [(one.grid_code, one.post, one.name, one.phone) for one in told] == [
        (COMMUNITY, "head", "李伟", None),
        (UNIT, "head", "王芳", "0571-1234567"),
    ]
    with pytest.raises(NotFound):
        people.responsible(ANONYMOUS, uow, "nowhere", TODAY)


def test_each_change_is_in_the_log(uow, wang):
    rows = uow.connection.execute(text("SELECT actor, action, kind FROM audit_log ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [
        ("operator", "create", "person"),
        ("operator", "create", "assignment"),
    ]
