"""Suspicious records: found where they were put, not where they weren't; explained once."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from geo.db.failures import translated
from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR, Actor, Grant, Role
from geo.domain.filters import Filter
from geo.domain.measures import Period
from geo.domain.suspicions import SuspicionKind
from geo.errors import AlreadyExists, Forbidden, NotFound, OutsideJurisdiction
from geo.services import suspicions
from geo.services.generations import publish

pytestmark = pytest.mark.database

ZONE = "Asia/Shanghai"
NOW = datetime(2026, 11, 20, 15, tzinfo=ZoneInfo(ZONE))
PERIOD = Period(NOW - timedelta(days=30), NOW)
LEADER = Actor("leader", 1, None, (Grant(Role.LEADER),))
METRE = 1 / 96_700  # of longitude, in degrees, and a little less, at 30° N
HERE = (120.021, 30.03)


class GivenUp(Exception):
    pass


@pytest.fixture
def uow(database_url, strip_division):
    """A city of six grids without anything in it, given up at the end of the test."""
    database = Database(database_url)
    with pytest.raises(GivenUp), database.write() as uow:  # noqa: PT012 - the fixture's body is the test
        publish(OPERATOR, uow, strip_division(6), name="一", valid_from=NOW - timedelta(days=365))
        yield uow
        raise GivenUp
    database.close()


def person(uow, name="王芳"):
    statement = text("INSERT INTO person (name) VALUES (:name) RETURNING id")
    return uow.connection.execute(statement, {"name": name}).scalar_one()


def entity(uow, lon, lat=HERE[1]):
    return uow.connection.execute(
        text("""INSERT INTO entity (kind, name, geom) VALUES
                ('premises', '面馆', ST_SetSRID(ST_Point(:lon, :lat), 4326)) RETURNING id"""),
        {"lon": lon, "lat": lat},
    ).scalar_one()


def visit(uow, who, minutes, metres=0.0, *, entity_id=None, delay=timedelta(minutes=5)):
    """A visit some metres east of `HERE`, some minutes after noon of the day before."""
    at = NOW - timedelta(hours=27) + timedelta(minutes=minutes)
    key = uow.connection.execute(
        text("""INSERT INTO visit (kind, visited_at, created_at, entity_id, geom, grid_id)
                SELECT 'patrol', :at, :created, :entity, place, grid.id
                FROM ST_SetSRID(ST_Point(:lon, :lat), 4326) AS place
                LEFT JOIN grid ON is_leaf AND ST_Covers(geom, place) RETURNING id"""),
        {
            "at": at,
            "created": at + delay,
            "entity": entity_id,
            "lon": HERE[0] + metres * METRE,
            "lat": HERE[1],
        },
    ).scalar_one()
    for one in who:
        uow.connection.execute(
            text("INSERT INTO visit_person VALUES (:visit, :person)"), {"visit": key, "person": one}
        )
    return key


def photo(uow, visit_id, likeness, sha="a"):
    uow.connection.execute(
        text("""INSERT INTO photo_content VALUES (:sha, '', 'image/jpeg', 1, 1, :likeness)
                ON CONFLICT DO NOTHING"""),
        {"sha": sha * 64, "likeness": likeness},
    )
    uow.connection.execute(
        text("INSERT INTO photo (sha256, visit_id, uploaded_by) VALUES (:sha, :visit, 'x')"),
        {"sha": sha * 64, "visit": visit_id},
    )


def found(uow, actor=LEADER, **wanted):
    return suspicions.suspicions(actor, uow, PERIOD, Filter(**wanted), ZONE)


def told(uow, **wanted):
    return [(one.kind, one.visit_id, one.other_visit_id) for one in found(uow, **wanted)]


@pytest.mark.rule("H1")
def test_nobody_gets_from_one_visit_to_the_next_faster_than_allowed(uow):
    who = person(uow)
    first = visit(uow, [who], 0)
    second = visit(uow, [who], 2, 3_000)  # 90 km/h
    visit(uow, [who], 5, 6_000)  # 60 km/h less a little: as fast as is allowed
    (one,) = found(uow)
    assert (one.kind, one.visit_id, one.other_visit_id) == (SuspicionKind.TOO_FAST, second, first)
    assert one.value == pytest.approx(90, rel=0.01)
    assert (one.limit, one.seconds) == (60, 120)
    assert one.distance_m == pytest.approx(3_000, rel=0.01)
    assert one.who == ("王芳",)


@pytest.mark.rule("H1")
def test_different_people_are_in_different_places_at_once(uow):
    visit(uow, [person(uow)], 0)
    visit(uow, [person(uow, "李伟")], 1, 5_000)
    assert told(uow) == []


@pytest.mark.rule("H1")
def test_visits_near_each_other_tell_nothing_of_a_speed_even_at_the_same_time(uow):
    who = person(uow)
    visit(uow, [who], 0)
    visit(uow, [who], 0, 190)
    assert told(uow) == []
    visit(uow, [who], 0, 900)
    assert [kind for kind, *_ in told(uow)] == [SuspicionKind.TOO_FAST]


@pytest.mark.rule("H1")
def test_the_same_photo_twice_is_told_of_the_later_visit(uow):
    who = person(uow)
    first, second, third = (visit(uow, [who], 60 * hour) for hour in range(3))
    photo(uow, first, 0b1111)
    photo(uow, first, 0b1111)
    assert told(uow) == []  # twice in one record
    photo(uow, second, 0b1111)
    photo(uow, third, -1, "b")
    assert told(uow) == [(SuspicionKind.SAME_PHOTO, second, first)]


@pytest.mark.rule("H1")
def test_the_photo_of_an_issue_is_told_of_the_visit_that_shows_it_again(uow):
    who = person(uow)
    before, after = (visit(uow, [who], 60 * hour) for hour in range(2))
    photo(uow, before, 0b1111)
    step = uow.connection.execute(
        text("""WITH made AS (
                    INSERT INTO issue (number, category, reported_at)
                    VALUES ('1', '暴露垃圾', now()) RETURNING id)
                INSERT INTO issue_event (issue_id, actor, kind) SELECT id, 'x', 'created' FROM made
                RETURNING id""")
    ).scalar_one()
    photo(uow, before, 0b110000, "b")
    uow.connection.execute(
        text(
            "UPDATE photo SET visit_id = NULL, issue_event_id = :step, shows = 'before' WHERE sha256 = :sha"
        ),
        {"step": step, "sha": "b" * 64},
    )
    assert told(uow) == []
    photo(uow, after, 0b110000, "c")
    assert told(uow) == [(SuspicionKind.SAME_PHOTO, after, None)]


@pytest.mark.rule("H1")
@pytest.mark.parametrize(
    ("bits", "is_told"),
    [(0b1, True), (1 | 1 << 16 | 1 << 63, True), (1 | 1 << 16 | 1 << 32 | 1 << 48, False)],
)
def test_photos_that_nearly_agree_are_the_same(uow, bits, is_told):
    first, second = (visit(uow, [person(uow)], 60 * hour) for hour in range(2))
    photo(uow, first, 0)
    photo(uow, second, bits - (1 << 64) if bits >> 63 else bits, "b")
    assert (told(uow) == [(SuspicionKind.SAME_PHOTO, second, first)]) is is_told


@pytest.mark.rule("H1")
def test_a_visit_far_from_its_subject_is_told(uow):
    far = visit(uow, [person(uow)], 0, entity_id=entity(uow, HERE[0] + 400 * METRE))
    visit(uow, [person(uow)], 0, entity_id=entity(uow, HERE[0] + 250 * METRE))
    (one,) = found(uow)
    assert (one.kind, one.visit_id, one.subject) == (SuspicionKind.FAR_AWAY, far, "面馆")
    assert one.value == pytest.approx(400, rel=0.01)


@pytest.mark.rule("H1")
def test_what_was_entered_long_after_its_time_is_told_unless_it_came_in_a_file(uow):
    late = visit(uow, [], 0, delay=timedelta(hours=73))
    visit(uow, [], 0, delay=timedelta(hours=71))
    imported = visit(uow, [], 0, delay=timedelta(hours=73))
    uow.connection.execute(
        text("""WITH batch AS (INSERT INTO import_batch (kind, filename, sha256, reference, row_count,
                created_by) VALUES ('visits', 'x', '', 'wgs84', 1, 'x') RETURNING id)
                UPDATE visit SET batch_id = batch.id FROM batch WHERE visit.id = :id"""),
        {"id": imported},
    )
    (one,) = found(uow)
    assert (one.kind, one.visit_id) == (SuspicionKind.LATE, late)
    assert one.value == pytest.approx(73)


@pytest.fixture
def late(uow):
    return SimpleNamespace(id=visit(uow, [], 0, delay=timedelta(hours=100)))


def test_supervisors_see_their_own_grids_alone(uow, late):
    (one,) = found(uow)
    inside = Actor("inside", 2, None, (Grant(Role.LEADER, one.grid_code),))
    outside = Actor("outside", 3, None, (Grant(Role.LEADER, "330106001001006"),))
    assert [seen.visit_id for seen in found(uow, inside)] == [late.id]
    assert found(uow, outside) == ()
    with pytest.raises(Forbidden):
        found(uow, Actor("inspector", 4, None, (Grant(Role.INSPECTOR),)))
    with pytest.raises(OutsideJurisdiction):
        suspicions.explain(outside, uow, SuspicionKind.LATE, late.id, None, reason="x")


def test_choices_narrow(uow, late):
    assert told(uow, kind=SuspicionKind.LATE) == [(SuspicionKind.LATE, late.id, None)]
    assert told(uow, kind=SuspicionKind.TOO_FAST) == []
    assert told(uow, grid_code="330106001001006") == []


@pytest.mark.rule("H1", "H3")
def test_a_record_is_explained_once_and_that_leaves_a_trace(uow, late):
    suspicions.explain(LEADER, uow, SuspicionKind.LATE, late.id, None, reason="山区无信号")
    (one,) = found(uow)
    assert (one.explanation.reason, one.explanation.by) == ("山区无信号", "leader")
    trace = uow.connection.execute(text("SELECT action, key FROM audit_log ORDER BY id DESC LIMIT 1")).one()
    assert tuple(trace) == ("explain", str(late.id))
    with pytest.raises(NotFound):
        suspicions.explain(LEADER, uow, SuspicionKind.LATE, 2**40, None, reason="x")
    with pytest.raises(AlreadyExists), translated(), uow.connection.begin_nested():
        suspicions.explain(LEADER, uow, SuspicionKind.LATE, late.id, None, reason="again")


def plans_of_ways(uow, explained, *preparations):
    who = person(uow)
    uow.connection.execute(
        text("""INSERT INTO visit (kind, visited_at, geom)
                SELECT 'patrol', :at + make_interval(mins => n), ST_SetSRID(ST_Point(120.02, 30.03), 4326)
                FROM generate_series(1, 2000) AS n"""),
        {"at": NOW - timedelta(days=5)},
    )
    uow.connection.execute(text("INSERT INTO visit_person SELECT id, :who FROM visit"), {"who": who})
    for statement in ("ANALYZE deed", "SET LOCAL enable_seqscan = off", *preparations):
        uow.connection.execute(text(statement))
    plans = explained(uow, lambda: found(uow, kind="too_fast"))
    return next(plan for plan in plans if "WindowAgg" in plan)


def test_ways_are_read_in_the_order_of_their_index_alone(uow, explained):
    plan = plans_of_ways(uow, explained)
    assert "Index Only Scan using deed_way" in plan
    assert "Sort Key: deed.person_id" not in plan


def test_without_the_index_ways_would_have_to_be_sorted(uow, explained):
    assert "Sort Key: deed.person_id" in plans_of_ways(uow, explained, "DROP INDEX deed_way")
