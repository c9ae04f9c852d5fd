"""Entities, visits, tracks and issues: found, read, written and changed where the actor may."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from geo.db.patrols import make_track_months
from geo.domain.actors import OPERATOR, Actor, Grant, Role
from geo.domain.filters import Filter
from geo.domain.issues import IssueState, Step
from geo.errors import (
    AlreadyExists,
    BadValue,
    Contended,
    Forbidden,
    NotFound,
    OutsideJurisdiction,
    StaleRevision,
    WrongStep,
)
from geo.services import issues, patrols
from geo.services.entities import ENTITIES
from geo.services.issues import ISSUES, Pending
from geo.services.patrols import VISITS

pytestmark = pytest.mark.database
NOW = datetime(2026, 11, 20, 15, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def database(demo_database):
    """The demo city; what a test writes is given up at its end."""
    return demo_database


@pytest.fixture
def uow(database):
    """A transaction that is given up at the end of the test."""
    with pytest.raises(GivenUp), database.write() as uow:  # noqa: PT012 - the fixture's body is the test
        yield uow
        raise GivenUp


class GivenUp(Exception):
    pass


@pytest.fixture
def codes(uow):
    """Codes of two units in different communities, with a point inside each."""
    rows = uow.connection.execute(
        text("""SELECT DISTINCT ON (left(code, 12)) code, ST_X(p) AS lon, ST_Y(p) AS lat
                FROM grid, ST_PointOnSurface(geom) AS p
                WHERE is_leaf AND generation_id = (SELECT max(id) FROM generation)
                ORDER BY left(code, 12), code""")
    )
    return [(row.code, (row.lon, row.lat)) for row in rows][:2]


def inspector(code, person_id=None):
    return Actor("inspector", account_id=1, person_id=person_id, grants=(Grant(Role.INSPECTOR, code),))


def a_person(uow):
    return uow.connection.execute(text("SELECT min(id) FROM person")).scalar_one()


def test_pages_give_each_entity_once_and_end(uow):
    seen, after = [], 0
    while after is not None:
        page = ENTITIES.find(OPERATOR, uow, Filter(kind="premises"), limit=70, after=after)
        seen += [entity.id for entity in page.rows]
        after = page.next
    assert seen == sorted(set(seen))
    assert len(seen) == 600


def test_a_grid_of_any_level_narrows_to_all_below_it(uow, codes):
    code, _ = codes[0]
    of_unit = ENTITIES.find(OPERATOR, uow, Filter(grid_code=code), limit=5000, after=0).rows
    of_community = ENTITIES.find(OPERATOR, uow, Filter(grid_code=code[:12]), limit=5000, after=0).rows
    assert 0 < len(of_unit) < len(of_community)
    assert {entity.grid_code for entity in of_unit} == {code}
    assert {entity.grid_code[:12] for entity in of_community} == {code[:12]}


def test_an_inspector_sees_and_writes_the_own_grid_alone(uow, codes):
    (own, here), (other, there) = codes
    actor = inspector(own)
    seen = ENTITIES.find(actor, uow, Filter(), limit=5000, after=0).rows
    assert {entity.grid_code for entity in seen} == {own}
    elsewhere = ENTITIES.find(OPERATOR, uow, Filter(grid_code=other), limit=1, after=0).rows[0]
    with pytest.raises(OutsideJurisdiction):
        ENTITIES.get(actor, uow, elsewhere.id)
    with pytest.raises(OutsideJurisdiction):
        ENTITIES.locked(actor, uow, elsewhere.id, elsewhere.revision)
    kept = ENTITIES.create(actor, uow, {"kind": "facility", "name": "消防栓", "place": here})
    assert ENTITIES.get(actor, uow, kept).grid_code == own
    with pytest.raises(OutsideJurisdiction):
        ENTITIES.create(actor, uow, {"kind": "facility", "name": "消防栓", "place": there})
    with pytest.raises(OutsideJurisdiction):
        ENTITIES.create(actor, uow, {"kind": "facility", "name": "消防栓", "place": (0.0, 0.0)})


def test_moving_an_entity_takes_it_to_the_grid_there_but_not_out_of_the_jurisdiction(uow, codes):
    (own, here), (other, there) = codes
    kept = ENTITIES.create(OPERATOR, uow, {"kind": "facility", "name": "井盖", "place": here})
    ENTITIES.locked(OPERATOR, uow, kept, 1)
    moved = ENTITIES.change(OPERATOR, uow, kept, {"place": there})
    assert (moved.grid_code, moved.revision) == (other, 2)
    ENTITIES.locked(inspector(other), uow, kept, 2)
    with pytest.raises(OutsideJurisdiction):
        ENTITIES.change(inspector(other), uow, kept, {"place": here})
    assert own != other


def test_a_stale_revision_is_refused_and_an_absent_entity_not_found(uow, codes):
    kept = ENTITIES.create(OPERATOR, uow, {"kind": "facility", "name": "路灯", "place": codes[0][1]})
    ENTITIES.locked(OPERATOR, uow, kept, 1)
    ENTITIES.change(OPERATOR, uow, kept, {"name": "新路灯"})
    with pytest.raises(StaleRevision) as stale:
        ENTITIES.locked(OPERATOR, uow, kept, 1)
    assert stale.value.fields["current"] == 2
    with pytest.raises(NotFound):
        ENTITIES.get(OPERATOR, uow, 2**40)


def test_two_who_change_the_same_revision_at_once_do_not_both_succeed(demo_database):
    with demo_database.write() as uow:
        key = ENTITIES.create(OPERATOR, uow, {"kind": "facility", "name": "公告栏"})
    with demo_database.write() as first, demo_database.write() as second:
        ENTITIES.locked(OPERATOR, first, key, 1)
        second.connection.execute(text("SET LOCAL lock_timeout = '300ms'"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            ENTITIES.locked(OPERATOR, second, key, 1)
        second.connection.rollback()
        ENTITIES.change(OPERATOR, first, key, {"name": "告示栏"})
    with demo_database.write() as uow, pytest.raises(StaleRevision):
        ENTITIES.locked(OPERATOR, uow, key, 1)


def test_changes_leave_a_trail_that_cannot_be_changed(uow, codes):
    kept = ENTITIES.create(OPERATOR, uow, {"kind": "facility", "name": "路灯", "place": codes[0][1]})
    trail = uow.connection.execute(
        text("SELECT actor, action, change FROM audit_log WHERE kind = 'entity' AND key = :key"),
        {"key": str(kept)},
    ).one()
    assert (trail.actor, trail.action, trail.change["name"]) == ("operator", "create", "路灯")
    with pytest.raises(DBAPIError, match="refused"), uow.connection.begin_nested():
        uow.connection.execute(text("UPDATE audit_log SET actor = 'nobody'"))
    with pytest.raises(DBAPIError, match="refused"), uow.connection.begin_nested():
        uow.connection.execute(text("TRUNCATE audit_log"))


def test_a_leader_reads_but_does_not_write_entities(uow):
    leader = Actor("leader", account_id=2, grants=(Grant(Role.LEADER),))
    assert ENTITIES.find(leader, uow, Filter(), limit=1, after=0).rows
    with pytest.raises(Forbidden):
        ENTITIES.create(leader, uow, {"kind": "facility", "name": "路灯"})


def test_a_visit_is_by_the_own_person_and_stands_where_its_entity_stands(uow, codes):
    own, here = codes[0]
    shop = ENTITIES.create(OPERATOR, uow, {"kind": "premises", "name": "面馆", "place": here})
    values = {"kind": "check", "visited_at": NOW, "entity_id": shop, "result": "正常经营"}
    visit = patrols.report_visit(
        inspector(own, a_person(uow)), uow, values=values, people=[], now=datetime.now(UTC)
    )
    assert visit.people == (a_person(uow),)
    assert visit.grid_code == own
    changed = patrols.correct_visit(
        OPERATOR,
        uow,
        visit.id,
        revision=1,
        values={"note": "复查"},
        people=[],
        now=datetime.now(UTC),
    )
    assert (changed.note, changed.people, changed.revision) == ("复查", (), 2)
    trail = uow.connection.execute(
        text("SELECT change -> 'people' FROM audit_log WHERE key = :key AND change ? 'people' ORDER BY id"),
        {"key": str(visit.id)},
    )
    assert trail.scalars().all() == [[a_person(uow)], []]
    found = VISITS.find(OPERATOR, uow, Filter(since=NOW, grid_code=own), limit=1000, after=0).rows
    assert visit.id in {row.id for row in found}


@pytest.mark.parametrize(
    ("values", "people", "error"),
    [
        ({"visited_at": datetime.now(UTC) + timedelta(hours=1)}, [], BadValue),
        ({"place": None}, [], BadValue),
        ({"entity_id": 2**40}, [], NotFound),
        ({}, [2**40], NotFound),
    ],
)
def test_impossible_visits_are_refused(uow, codes, values, people, error):
    whole = {"kind": "check", "visited_at": NOW, "place": codes[0][1], **values}
    with pytest.raises(error):
        patrols.report_visit(OPERATOR, uow, values=whole, people=people, now=datetime.now(UTC))


def test_nobody_counts_an_entity_elsewhere_as_visited(uow, codes):
    (own, here), (_, there) = codes
    elsewhere = ENTITIES.create(OPERATOR, uow, {"kind": "premises", "name": "面馆", "place": there})
    values = {"kind": "check", "visited_at": NOW, "entity_id": elsewhere, "place": here}
    with pytest.raises(OutsideJurisdiction):
        patrols.report_visit(inspector(own), uow, values=values, people=[], now=datetime.now(UTC))
    visit = patrols.report_visit(OPERATOR, uow, values=values, people=[], now=datetime.now(UTC))
    assert visit.grid_code == own


def test_tracks_of_a_month_that_has_its_partition_wait_for_nobody(database):
    month = datetime(2026, 11, 1, tzinfo=UTC)
    with database.write() as long_import, database.write() as phone:
        make_track_months(long_import.connection, month, month)
        phone.connection.execute(text("SET LOCAL lock_timeout = '200ms'"))
        make_track_months(phone.connection, month, month)
        with pytest.raises(Contended), database.write() as other:  # noqa: PT012 - the control: a new month
            make_track_months(
                long_import.connection, datetime(2031, 1, 1, tzinfo=UTC), month.replace(year=2031)
            )
            other.connection.execute(text("SET LOCAL lock_timeout = '200ms'"))
            make_track_months(other.connection, month.replace(year=2032), month.replace(year=2032))
        long_import.connection.rollback()


def test_a_track_is_kept_once_with_its_times_in_the_partition_of_its_month(uow, codes):
    lon, lat = codes[0][1]
    start = NOW.timestamp()
    fixes = np.array([[lon, lat, start], [lon + 0.001, lat, start + 30], [lon, lat, start + 60.5]])
    track = patrols.record_track(
        OPERATOR, uow, ref="phone-1", person_id=a_person(uow), fixes=fixes, now=datetime.now(UTC)
    )
    measured = shapely.get_coordinates(track.geometry, include_m=True)
    assert np.array_equal(measured[:, [0, 1, -1]], fixes)
    assert track.length_m == pytest.approx(2 * 96.0, abs=2)
    partition = uow.connection.execute(
        text("SELECT tableoid::regclass::text FROM track WHERE ref = 'phone-1'")
    )
    assert partition.scalar_one() == "track_2026_11"
    with pytest.raises(AlreadyExists):
        patrols.record_track(OPERATOR, uow, ref="phone-1", person_id=None, fixes=fixes, now=datetime.now(UTC))
    since = Filter(grid_code=codes[0][0], since=NOW)
    found = patrols.find_tracks(OPERATOR, uow, since, person_id=None, limit=1000, after=None)
    assert [row.id for row in found.rows] == [track.id]


def test_a_track_must_pass_through_the_jurisdiction_and_go_forward(uow, codes):
    (own, here), (_, there) = codes
    now = datetime.now(UTC)
    away = np.array([[*there, NOW.timestamp()], [there[0] + 1e-6, there[1], NOW.timestamp() + 1]])
    with pytest.raises(OutsideJurisdiction):
        patrols.record_track(inspector(own), uow, ref=None, person_id=None, fixes=away, now=now)
    with pytest.raises(BadValue):
        patrols.record_track(OPERATOR, uow, ref=None, person_id=None, fixes=away[::-1], now=now)
    near = away.copy()
    near[:, :2] = here
    near[1, 0] += 1e-6
    assert patrols.record_track(inspector(own), uow, ref=None, person_id=None, fixes=near, now=now).fixes == 2


def test_a_track_of_somebody_who_stood_still_lies_in_the_grid_where_they_stood(uow, codes):
    own, here = codes[0]
    fixes = np.array([[*here, NOW.timestamp()], [*here, NOW.timestamp() + 60]])
    track = patrols.record_track(
        inspector(own), uow, ref=None, person_id=None, fixes=fixes, now=datetime.now(UTC)
    )
    assert track.length_m == 0


def reported(uow, place, **values):
    whole = {"number": "T-1", "category": "暴露垃圾", "place": place, **values}
    return issues.report_issue(OPERATOR, uow, values=whole, now=NOW)


def test_an_issue_goes_its_way_and_every_step_is_kept(uow, codes):
    issue = reported(uow, codes[0][1], due_at=NOW + timedelta(days=1))
    assert (issue.state, issue.grid_code, issue.reported_at) == (IssueState.REPORTED, codes[0][0], NOW)
    for state in (IssueState.ACCEPTED, IssueState.HANDLED, IssueState.CLOSED, IssueState.ACCEPTED):
        step = Step(state, note="仍有垃圾", result="已清运")
        issue = issues.take_step(OPERATOR, uow, issue.id, revision=issue.revision, step=step, now=NOW)
        assert issue.closed_at == (NOW if state is IssueState.CLOSED else None)
    steps = issues.history(OPERATOR, uow, issue.id)
    assert [(step.from_state, step.to_state) for step in steps] == [
        (None, "reported"),
        ("reported", "accepted"),
        ("accepted", "handled"),
        ("handled", "closed"),
        ("closed", "accepted"),
    ]
    with pytest.raises(DBAPIError, match="refused"), uow.connection.begin_nested():
        uow.connection.execute(text("DELETE FROM issue_event WHERE issue_id = :key"), {"key": issue.id})


def test_a_step_that_leads_nowhere_is_refused(uow, codes):
    issue = reported(uow, codes[0][1])
    with pytest.raises(WrongStep) as wrong:
        issues.take_step(
            OPERATOR,
            uow,
            issue.id,
            revision=1,
            step=Step(IssueState.HANDLED),
            now=NOW,
        )
    assert "accepted" in wrong.value.fields["possible"]


@pytest.mark.parametrize(
    "values", [{"reported_at": NOW + timedelta(days=1)}, {"due_at": NOW - timedelta(days=1)}]
)
def test_impossible_times_of_an_issue_are_refused(uow, codes, values):
    with pytest.raises(BadValue):
        reported(uow, codes[0][1], **values)


def test_unresolved_and_overdue_are_what_a_count_by_hand_says(uow):
    def found(**pending):
        return {
            issue.id
            for issue in issues.find_issues(
                OPERATOR, uow, Filter(), Pending(now=NOW, **pending), limit=5000, after=0
            ).rows
        }

    everything = ISSUES.find(OPERATOR, uow, Filter(), limit=5000, after=0).rows
    unresolved = {issue.id for issue in everything if issue.state not in {"closed", "void"}}
    overdue = {issue.id for issue in everything if issue.id in unresolved and issue.is_overdue(NOW)}
    assert found(unresolved=True, overdue=False) == unresolved
    assert found(unresolved=False, overdue=True) == overdue
    assert 0 < len(overdue) < len(unresolved) < len(everything)
