"""Key people: who may know who they are, and the trace of each look."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from geo.domain.actors import OPERATOR, Actor, Grant, Role
from geo.errors import AgainstRule, Forbidden, NotFound, OutsideJurisdiction, StaleRevision, Unauthenticated
from geo.services import issues, privacy
from geo.services.privacy import KeyPersonData
from geo.services.profiles import override

pytestmark = pytest.mark.database

NOW = datetime(2026, 11, 20, 15, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY = NOW.date()
ALL = {"grid_code": None, "kind": None, "after": 0, "limit": 100}


class GivenUp(Exception):
    pass


@pytest.fixture(scope="module")
def demo_database(demo_database):
    with demo_database.write() as uow:
        uow.connection.execute(text("ALTER TABLE look DISABLE TRIGGER USER"))
        uow.connection.execute(text("DELETE FROM look"))
        uow.connection.execute(text("ALTER TABLE look ENABLE TRIGGER USER"))
        uow.connection.execute(text("DELETE FROM key_person"))
    return demo_database


@pytest.fixture
def uow(demo_database):
    """A transaction that is given up at the end of the test."""
    with pytest.raises(GivenUp), demo_database.write() as uow:  # noqa: PT012 - the fixture's body is the test
        yield uow
        raise GivenUp


def actor(role, grid_code=None, person_id=None):
    return Actor(f"{role}", 1, person_id, (Grant(role, grid_code),))


@pytest.fixture
def ground(uow):
    """A unit grid with its head, one elsewhere, and somebody on the register of the first."""
    rows = uow.connection.execute(
        text("""SELECT grid_code, min(person_id) AS head FROM assignment WHERE post = 'head'
                GROUP BY 1 ORDER BY 1""")
    ).all()
    here = rows[0]
    there = next(row for row in rows if row.grid_code[:12] != here.grid_code[:12] and row.head != here.head)
    data = KeyPersonData("elderly_alone", here.grid_code, "张建国", "13812341234", "330106199001011234")
    kept = privacy.put_on_register(actor(Role.LEADER), uow, data, TODAY)
    return SimpleNamespace(
        code=here.grid_code, head=here.head, elsewhere=there.grid_code, other_head=there.head, kept=kept
    )


def looks(uow):
    return privacy.list_looks(actor(Role.LEADER), uow, TODAY, before=None, limit=100).rows


@pytest.mark.rule("H2")
def test_the_register_is_masked_whoever_asks(uow, ground):
    for reader in (actor(Role.LEADER), actor(Role.INSPECTOR, ground.code, ground.head)):
        (one,) = privacy.list_key_people(reader, uow, TODAY, **ALL).rows
        assert (one.name, one.phone, one.id_number) == ("张**", "138****1234", "3****************4")
    assert looks(uow) == ()


@pytest.mark.rule("H2", "H3")
@pytest.mark.parametrize(
    ("role", "serves", "sees"),
    [
        (Role.LEADER, False, True),
        (Role.INSPECTOR, True, True),
        (Role.INSPECTOR, False, False),
    ],
)
def test_a_look_shows_what_role_and_post_let_see_and_leaves_its_trace(uow, ground, role, serves, sees):
    person = ground.head if serves else ground.other_head
    found = privacy.look(actor(role, None, person), uow, ground.kept.id, reason="入户走访", day=TODAY)
    assert (found.name, found.phone) == (("张建国", "13812341234") if sees else ("张**", "138****1234"))
    (trace,) = looks(uow)
    assert (trace.actor, trace.key_person_id, trace.reason) == (str(role), ground.kept.id, "入户走访")


@pytest.mark.rule("H2")
def test_nobody_looks_from_elsewhere_or_without_the_right(uow, ground):
    refusals = (
        (actor(Role.INSPECTOR, ground.elsewhere), OutsideJurisdiction),
        (actor(Role.LEADER, ground.elsewhere), OutsideJurisdiction),
        (actor(Role.PLANNER), Forbidden),
        (actor(Role.ADMIN), Forbidden),
        (Actor(""), Unauthenticated),
    )
    for who, refusal in refusals:
        with pytest.raises(refusal):
            privacy.look(who, uow, ground.kept.id, reason="好奇", day=TODAY)
    assert looks(uow) == ()


@pytest.mark.rule("H2")
def test_elsewhere_people_are_counted_not_named(uow, ground):
    (count,) = privacy.count_key_people(actor(Role.PLANNER), uow)
    assert (count.grid_code, count.kind, count.count) == (ground.code, "elderly_alone", 1)
    assert privacy.count_key_people(actor(Role.PLANNER, ground.elsewhere), uow) == ()


@pytest.mark.rule("H3")
def test_looks_are_shown_to_those_who_supervise_there(uow, ground):
    privacy.look(actor(Role.LEADER), uow, ground.kept.id, reason="核对", day=TODAY)
    inside = privacy.list_looks(actor(Role.LEADER, ground.code), uow, TODAY, before=None, limit=9).rows
    assert [one.reason for one in inside] == ["核对"]
    assert (
        privacy.list_looks(actor(Role.LEADER, ground.elsewhere), uow, TODAY, before=None, limit=9).rows == ()
    )
    with pytest.raises(Forbidden):
        privacy.list_looks(actor(Role.INSPECTOR), uow, TODAY, before=None, limit=9)


@pytest.mark.rule("H1", "H3")
@pytest.mark.parametrize("statement", ["UPDATE look SET reason = 'x'", "DELETE FROM look", "TRUNCATE look"])
def test_a_trace_is_never_changed(uow, ground, statement):
    privacy.look(actor(Role.LEADER), uow, ground.kept.id, reason="核对", day=TODAY)
    with pytest.raises(Exception, match="kept as they were written"), uow.connection.begin_nested():
        uow.connection.execute(text(statement))


@pytest.mark.rule("H3")
def test_a_trace_outlives_who_was_looked_at(uow, ground):
    privacy.look(actor(Role.LEADER), uow, ground.kept.id, reason="核对", day=TODAY)
    privacy.take_off_register(actor(Role.LEADER), uow, ground.kept.id, 1)
    assert privacy.list_key_people(actor(Role.LEADER), uow, TODAY, **ALL).rows == ()
    assert [one.key_person_id for one in looks(uow)] == [ground.kept.id]
    with pytest.raises(NotFound):
        privacy.look(actor(Role.LEADER), uow, ground.kept.id, reason="核对", day=TODAY)


@pytest.mark.rule("H3")
def test_changes_leave_a_trace_that_names_nobody(uow, ground):
    data = KeyPersonData("hardship", ground.code, "张建国", "13900001111")
    changed = privacy.change_on_register(
        actor(Role.LEADER), uow, ground.kept.id, revision=1, data=data, day=TODAY
    )
    assert (changed.revision, changed.phone) == (2, "139****1111")
    trail = uow.connection.execute(
        text("SELECT action, change FROM audit_log WHERE kind = 'key_person' ORDER BY id")
    ).all()
    assert [row.action for row in trail] == ["create", "change"]
    assert trail[1].change == {"fields": ["id_number", "kind", "phone"]}
    assert "张建国" not in str(trail)
    with pytest.raises(StaleRevision):
        privacy.take_off_register(actor(Role.LEADER), uow, ground.kept.id, 1)


def test_what_comes_back_masked_stays_what_it_is(uow, ground):
    masked = privacy.list_key_people(
        actor(Role.LEADER), uow, TODAY, grid_code=ground.code, kind=None, after=0, limit=9
    )
    listed = next(one for one in masked.rows if one.id == ground.kept.id)
    assert "*" in listed.name
    data = KeyPersonData(listed.kind, listed.grid_code, listed.name, "13900001111")
    privacy.change_on_register(actor(Role.LEADER), uow, ground.kept.id, revision=1, data=data, day=TODAY)
    kept = uow.connection.execute(
        text("SELECT name, phone FROM key_person WHERE id = :id"), {"id": ground.kept.id}
    ).one()
    assert "*" not in kept.name
    assert kept.phone == "13900001111"


def test_an_unknown_kind_or_grid_is_refused_by_name(uow, ground):
    leader = actor(Role.LEADER)
    with pytest.raises(AgainstRule) as refusal:
        privacy.put_on_register(leader, uow, KeyPersonData("rich", ground.code, "张建国"), TODAY)
    assert refusal.value.fields["field"] == "kind"
    with pytest.raises(NotFound):
        privacy.put_on_register(leader, uow, KeyPersonData("hardship", "1", "张建国"), TODAY)
    there = KeyPersonData("hardship", ground.elsewhere, "张建国")
    with pytest.raises(OutsideJurisdiction):
        privacy.put_on_register(actor(Role.INSPECTOR, ground.code), uow, there, TODAY)


@pytest.mark.rule("H2")
def test_attributes_that_come_back_as_they_were_seen_stay_what_they_are(uow, ground):
    classified = [{"field": "issue.电话", "holds": "sensitive", "mask": "phone"}]
    override(OPERATOR, uow, "privacy.fields", classified, grid_code=None, valid_from=TODAY)
    key, revision = uow.connection.execute(
        text("""UPDATE issue SET attributes = '{"电话": "13812341234", "层数": 3}'
                WHERE id = (SELECT max(id) FROM issue WHERE grid_id IS NOT NULL) RETURNING id, revision""")
    ).one()
    reader = actor(Role.INSPECTOR)
    seen = privacy.Veils(reader, uow, TODAY).one(issues.ISSUES.get(OPERATOR, uow, key))
    assert seen.attributes == {"电话": "138****1234", "层数": 3}
    told = {"attributes": {**seen.attributes, "层数": 4}}
    changed = issues.change_issue(reader, uow, key, revision=revision, values=told, now=NOW)
    assert changed.attributes == {"电话": "13812341234", "层数": 4}
    told = {"attributes": {"电话": "13900000000"}}
    changed = issues.change_issue(reader, uow, key, revision=changed.revision, values=told, now=NOW)
    assert changed.attributes == {"电话": "13900000000"}
