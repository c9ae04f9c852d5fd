"""Rules that change, what is to be done, reminders, activities and draws, through their use cases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from geo.db.activities import attendance_shares
from geo.db.unit_of_work import Database, UnitOfWork
from geo.domain.activities import Presence
from geo.domain.actors import OPERATOR, WHOLE_CITY, Actor, Grant, Role
from geo.domain.draws import repeated
from geo.domain.measures import Period
from geo.domain.todo import ReminderKind, Urgency
from geo.domain.working_days import calendar
from geo.errors import BadValue, NotFound, OutsideJurisdiction, StaleRevision
from geo.services import activities, draws, duties, profiles, todo
from geo.services.duties import Clock
from geo.services.generations import publish
from geo.services.patrols import report_visit
from geo.services.profile_documents import shipped_profile, shipped_profiles

pytestmark = pytest.mark.database

ZONE = ZoneInfo("Asia/Shanghai")
BEGIN = datetime(2026, 1, 1, tzinfo=ZONE)
UNITS = [f"330106001001{number:03d}" for number in range(1, 5)]
COMMUNITY = "330106001001"


def at(*when: int) -> datetime:
    return datetime(2026, *when, tzinfo=ZONE)


def clock(*when: int) -> Clock:
    return Clock(ZONE, calendar(), at(*when))


@pytest.fixture(scope="module")
def database(module_database_url, strip_division) -> Iterator[Database]:
    database = Database(module_database_url)
    with database.write() as uow:
        publish(OPERATOR, uow, strip_division(4), name="划分", valid_from=BEGIN - timedelta(days=800))
        run = uow.connection.execute
        run(text("INSERT INTO person (ref, name) VALUES ('a', '甲'), ('b', '乙'), ('c', '丙'), ('d', '丁')"))
        run(
            text("""INSERT INTO post SELECT key, 20, key, key, false
                    FROM unnest(ARRAY['fire', 'inspector', 'overseer']) AS key ON CONFLICT DO NOTHING""")
        )
        for ref, code, post in (
            ("a", UNITS[0], "head"),
            ("b", UNITS[1], "head"),
            ("b", COMMUNITY, "inspector"),
            ("c", COMMUNITY, "inspector"),
            ("d", COMMUNITY, "inspector"),
        ):
            run(
                text("""INSERT INTO assignment (person_id, grid_code, post, valid_from)
                        SELECT id, :code, :post, '2025-01-01' FROM person WHERE ref = :ref"""),
                {"ref": ref, "code": code, "post": post},
            )
        for number, unit in enumerate([0, 0, 1, 1, 2, 3]):
            run(
                text("""INSERT INTO entity (ref, kind, name, geom, grid_id, attributes)
                        SELECT :ref, 'premises', '门店', ST_SetSRID(ST_Point(:lon, 30.02), 4326), id,
                            '{"opened_on": "2020-01-01"}'
                        FROM grid WHERE code = :code"""),
                {"ref": f"e{number}", "lon": 120.015 + 0.03 * unit, "code": UNITS[unit]},
            )
    yield database
    database.close()


@contextmanager
def scene(database: Database, profile: str) -> Iterator[UnitOfWork]:
    """A city under a profile, in a transaction that leaves nothing behind."""
    with database.engine.connect() as connection, connection.begin() as transaction:
        uow = UnitOfWork(connection)
        profiles.adopt(OPERATOR, uow, shipped_profile(profile), grid_code=None, valid_from=date(2020, 1, 1))
        yield uow
        transaction.rollback()


def person(uow: UnitOfWork, ref: str) -> int:
    return uow.connection.execute(text("SELECT id FROM person WHERE ref = :ref"), {"ref": ref}).scalar_one()


def entity(uow: UnitOfWork, ref: str) -> int:
    return uow.connection.execute(text("SELECT id FROM entity WHERE ref = :ref"), {"ref": ref}).scalar_one()


def head(uow: UnitOfWork, ref: str, unit: str) -> Actor:
    return Actor(ref, person_id=person(uow, ref), grants=(Grant(Role.INSPECTOR, unit),))


def visit(uow: UnitOfWork, who: Actor, ref: str, kind: str, when: datetime, *, now: datetime):
    values = {"kind": kind, "visited_at": when, "entity_id": entity(uow, ref)}
    return report_visit(who, uow, values=values, people=(), now=now)


# rules that change ----------------------------------------------------------------------------------------


@pytest.mark.rule("C1")
def test_a_changed_value_holds_from_its_day_on_and_not_before(database):
    path = "duties.duties.patrol.frequency.times"
    period = Period(at(2, 2), at(3, 30))
    with scene(database, "town-three-level") as uow:
        before = duties.duty_tallies(OPERATOR, uow, period, clock(6, 1), duty="patrol")
        profiles.override(OPERATOR, uow, path, 2, grid_code=None, valid_from=date(2026, 3, 2))
        after = duties.duty_tallies(OPERATOR, uow, period, clock(6, 1), duty="patrol")
    assert [(one.total.due, len(one.slots)) for one in before] == [(4 * 8, 8)]
    assert [(one.total.due, len(one.slots)) for one in after] == [(4 * 4, 4), (4 * 2 * 4, 4)]
    assert after[1].slots[0].start == at(3, 2)


def test_a_grid_with_rules_of_its_own_is_judged_by_them_alone(database):
    period = Period(at(2, 2), at(3, 2))
    with scene(database, "town-three-level") as uow:
        own = shipped_profile("township")
        profiles.adopt(OPERATOR, uow, own, grid_code=UNITS[0], valid_from=date(2020, 1, 1))
        found = duties.duty_tallies(OPERATOR, uow, period, clock(6, 1), duty="patrol")
    assert {one.duty.frequency.per: one.total.due for one in found} == {"week": 3 * 4, "day": 28}


def test_a_period_that_is_too_long_is_refused_by_name(database):
    with scene(database, "street") as uow, pytest.raises(BadValue) as refused:
        duties.duty_tallies(OPERATOR, uow, Period(at(1, 1) - timedelta(days=5000), at(2, 1)), clock(6, 1))
    assert refused.value.fields["field"] == "until"


def test_what_was_before_a_split_is_told_of_the_heir(database_url, strip_division):
    """The retired grid owed each month until it was split; who has most of its ground answers for it now."""
    database = Database(database_url)
    with database.write() as uow:
        publish(OPERATOR, uow, strip_division(1), name="旧", valid_from=at(1, 1))
        publish(OPERATOR, uow, strip_division(2, first=2), name="新", valid_from=at(4, 1))
        profiles.adopt(OPERATOR, uow, shipped_profile("party"), grid_code=None, valid_from=date(2020, 1, 1))
        run = uow.connection.execute
        run(text("INSERT INTO person (name) VALUES ('甲')"))
        run(
            text("""INSERT INTO assignment (person_id, grid_code, post, valid_from)
                    SELECT 1, code, 'head', '2025-01-01' FROM grid_code WHERE level = 'unit'""")
        )
        for month, lon in ((1, 120.01), (2, 120.11), (3, 120.11), (4, 120.11)):
            values = {"kind": "member_visit", "visited_at": at(month, 9, 10), "place": (lon, 30.02)}
            report_visit(OPERATOR, uow, values=values, people=(1,), now=at(6, 1))
        period = Period(at(1, 1), at(6, 1))
        (told,) = duties.duty_tallies(OPERATOR, uow, period, clock(6, 1), duty="member_visit")
    database.close()
    by_code = {row.grid.code[-1]: (row.tally.due, row.tally.done) for row in told.grids}
    assert by_code in ({"2": (3 + 2, 3), "3": (2, 1)}, {"2": (2, 0), "3": (3 + 2, 3 + 1)})
    assert (told.total.due, told.total.done) == (7, 4)


# what is to be done ---------------------------------------------------------------------------------------


@pytest.mark.rule("C2", "C4", "C14")
def test_what_is_to_be_done_goes_away_when_it_is_done(database):
    with scene(database, "food-drug") as uow:
        who = head(uow, "a", UNITS[0])
        open_ = todo.tasks(who, uow, clock(2, 10, 10))
        checks = [task for task in open_ if task.duty.key == "premises_check"]
        assert {task.target_id for task in checks} == {entity(uow, "e0"), entity(uow, "e1")}
        assert all(task.was_missed and task.urgency is Urgency.LATER for task in checks)
        visit(uow, who, "e0", "check", at(2, 10, 9), now=at(2, 10, 10))
        left = todo.tasks(who, uow, clock(2, 10, 10))
        assert [t.target_id for t in left if t.duty.key == "premises_check"] == [entity(uow, "e1")]
        assert list(open_) == sorted(open_, key=lambda task: task.order)


def test_a_visit_in_the_future_is_refused_by_name(database):
    with scene(database, "food-drug") as uow, pytest.raises(BadValue) as refused:
        visit(uow, head(uow, "a", UNITS[0]), "e0", "check", at(2, 10, 11), now=at(2, 10, 10))
    assert refused.value.fields["field"] == "visited_at"
    assert refused.value.fields["expected"].startswith("<= 2026-02-10")


def test_nobody_sees_what_others_have_to_do_without_the_right(database):
    with scene(database, "food-drug") as uow:
        with pytest.raises(Exception, match="forbidden"):
            todo.tasks(head(uow, "a", UNITS[0]), uow, clock(2, 10), person_id=person(uow, "b"))
        leader = Actor("eve", grants=(Grant(Role.LEADER),))
        assert todo.tasks(leader, uow, clock(2, 10), person_id=person(uow, "b"))
        assert todo.tasks(leader, uow, clock(2, 10)) == ()


def lead(uow: UnitOfWork, ref: str, *codes: str | None) -> int:
    """Let a person have an account that leads somewhere; gives the person."""
    run, who = uow.connection.execute, person(uow, ref)
    account = run(
        text("INSERT INTO account (username, password_hash, person_id) VALUES (:n, '', :p) RETURNING id"),
        {"n": f"leader-{ref}", "p": who},
    ).scalar_one()
    for code in codes:
        run(text("INSERT INTO account_grant VALUES (:a, 'leader', :code)"), {"a": account, "code": code})
    return who


def asked_of(uow: UnitOfWork, who: int) -> set[str]:
    return {task.duty.key for task in todo.tasks(OPERATOR, uow, clock(2, 10, 10), person_id=who)}


@pytest.mark.rule("C8", "C15", "C17")
def test_what_no_post_owes_is_to_be_done_by_the_nearest_leaders(database):
    with scene(database, "community") as uow:
        near, far = lead(uow, "c", COMMUNITY), lead(uow, "d", None, COMMUNITY[:9])
        assert {"briefing", "log_check", "survey", "visit_report"} <= asked_of(uow, near)
        assert "patrol" not in asked_of(uow, near)  # the head's
        assert asked_of(uow, far) == set()
        uow.connection.execute(text("UPDATE account SET active = false WHERE username = 'leader-c'"))
        assert "briefing" in asked_of(uow, far)


@pytest.mark.rule("C15", "C17")
def test_leaders_are_reminded_of_what_no_post_owes(database):
    with scene(database, "community") as uow:
        leader = lead(uow, "c", COMMUNITY)
        todo.remind(OPERATOR, uow, clock(2, 27, 13))
        told = {one.duty for one in todo.reminders_of(OPERATOR, uow, clock(2, 27, 13), person_id=leader)}
        assert {"briefing", "log_check", "survey"} & told == {
            "briefing",
            "log_check",
        }  # the half year is long


@pytest.mark.rule("C11", "C16")
def test_who_holds_the_post_answers_and_not_the_leaders(database):
    with scene(database, "township") as uow:
        leader, secretary = lead(uow, "c", COMMUNITY), person(uow, "d")
        assert "rating" in asked_of(uow, leader)
        uow.connection.execute(
            text("""INSERT INTO assignment (person_id, grid_code, post, valid_from)
                    VALUES (:who, :code, 'secretary', '2026-01-20')"""),
            {"who": secretary, "code": COMMUNITY},
        )
        assert "rating" in asked_of(uow, secretary)
        assert "rating" not in asked_of(uow, leader)
    with scene(database, "food-drug") as uow:
        assert "supervision" in asked_of(uow, lead(uow, "c", COMMUNITY[:6]))  # nobody is of the bureau


def test_every_duty_without_a_post_says_who_answers_for_it():
    silent = [
        (key, duty.key)
        for key, profile in shipped_profiles().items()
        for duty in profile.duties.duties
        if not duty.posts and not duty.answered_by
    ]
    assert silent == []


@pytest.mark.rule("C12")
def test_check_ins_are_reminded_of_three_times_and_then_notified(database):
    with scene(database, "street") as uow:
        who = head(uow, "a", UNITS[0])
        assert todo.remind(OPERATOR, uow, clock(2, 10, 13))
        assert todo.remind(OPERATOR, uow, clock(2, 10, 13)) == 0
        told = [one for one in todo.reminders_of(who, uow, clock(2, 10, 13)) if one.duty == "check_in"]
        assert sorted(one.nth for one in told if one.kind is ReminderKind.REMINDER) == [1, 2]
        todo.remind(OPERATOR, uow, clock(2, 10, 19))
        todo.remind(OPERATOR, uow, clock(2, 11, 0, 1))
        told = [one for one in todo.reminders_of(who, uow, clock(2, 11)) if one.duty == "check_in"]
        notices = [one for one in told if one.kind is ReminderKind.NOTICE]
        assert sorted(one.nth for one in told if one.kind is ReminderKind.REMINDER) == [1, 2, 3]
        assert [(one.nth, one.due_at) for one in notices if one.nth == 1] == [(1, at(2, 11))]
        assert [one.nth for one in notices if one.nth == 2] == [2]  # a month without any
        todo.remind(OPERATOR, uow, clock(2, 12, 0, 1))
        told = [one for one in todo.reminders_of(who, uow, clock(2, 12)) if one.nth == 2]
        assert len([one for one in told if one.kind is ReminderKind.NOTICE and one.duty == "check_in"]) == 1


@pytest.mark.rule("C12")
def test_who_has_checked_in_is_left_alone(database):
    with scene(database, "street") as uow:
        who = head(uow, "a", UNITS[0])
        attend(uow, who, "check_in", at(2, 10, 8), UNITS[0])
        todo.remind(OPERATOR, uow, clock(2, 10, 19))
        assert "check_in" not in {one.duty for one in todo.reminders_of(who, uow, clock(2, 10, 19))}


# activities -----------------------------------------------------------------------------------------------


def attend(uow: UnitOfWork, who: Actor, kind: str, when: datetime, code: str, **states: Presence):
    return activities.report_activity(
        who,
        uow,
        values={"kind": kind, "title": kind, "starts_at": when, "ends_at": when, "grid_code": code},
        attendances={person(uow, ref): state for ref, state in states.items()},
        now=at(6, 1),
        zone=ZONE,
    )


@pytest.mark.rule("C10")
def test_a_missed_training_is_made_up_in_a_later_one(database):
    with scene(database, "food-drug") as uow:
        missed = attend(
            uow, OPERATOR, "training", at(2, 3, 9), COMMUNITY, a=Presence.PRESENT, b=Presence.ABSENT
        )
        later = attend(uow, OPERATOR, "training", at(2, 9, 9), COMMUNITY)
        b = person(uow, "b")
        made_up = activities.make_up(
            OPERATOR, uow, missed.id, at(6, 1).date(), revision=1, person_id=b, made_up_in=later.id
        )
        state = {one.person_id: one.state for one in made_up.attendances}
        assert state == {person(uow, "a"): Presence.PRESENT, b: Presence.MADE_UP}
        with pytest.raises(StaleRevision):
            activities.make_up(
                OPERATOR, uow, missed.id, at(6, 1).date(), revision=1, person_id=b, made_up_in=later.id
            )
        with pytest.raises(BadValue, match="bad-value") as refused:
            activities.make_up(
                OPERATOR, uow, later.id, at(6, 1).date(), revision=1, person_id=b, made_up_in=missed.id
            )
        assert refused.value.fields["field"] == "made_up_in"
        _, of_people = attendance_shares(uow.connection, Period(at(1, 1), at(6, 1)), WHOLE_CITY)
        assert of_people[b].rate == 1.0


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "party"}, "kind"),
        ({"starts_at": at(6, 2), "ends_at": at(6, 2)}, "starts_at"),
        ({"ends_at": at(1, 1)}, "ends_at"),
    ],
)
def test_a_bad_activity_is_refused_by_the_name_of_its_field(database, values, field):
    given = {"kind": "meeting", "title": "例会", "starts_at": at(2, 2), "ends_at": at(2, 2)}
    with scene(database, "street") as uow, pytest.raises(BadValue) as refused:
        activities.report_activity(
            OPERATOR,
            uow,
            values={**given, "grid_code": COMMUNITY, **values},
            attendances={},
            now=at(6, 1),
            zone=ZONE,
        )
    assert refused.value.fields["field"] == field


def test_activities_are_reported_of_ones_own_grid_alone(database):
    with scene(database, "street") as uow:
        who = head(uow, "a", UNITS[0])
        with pytest.raises(OutsideJurisdiction):
            attend(uow, who, "log", at(2, 2), UNITS[1])
        with pytest.raises(NotFound):
            attend(uow, OPERATOR, "log", at(2, 2), "990")


# draws ----------------------------------------------------------------------------------------------------


@pytest.mark.rule("C14", "C4")
def test_a_draw_is_committed_to_and_revealed_and_anybody_repeats_it(database):
    with scene(database, "street") as uow:
        draws.declare_conflict(
            OPERATOR, uow, person_id=person(uow, "c"), entity_id=entity(uow, "e4"), reason="亲属"
        )
        made = draws.commit(OPERATOR, uow, title="抽查", size=6, duty="random_check", day=date(2026, 2, 10))
        assert (made.seed, made.things) == (None, ())
        shown = draws.reveal(OPERATOR, uow, made.id, date(2026, 2, 10))
        assert draws.reveal(OPERATOR, uow, made.id, date(2026, 2, 10)) == shown
        proof = json.loads(json.dumps(shown.proof()))
        assert repeated(proof).holds
        assert draws.repeat(OPERATOR, proof).holds
        assert (shown.digest, shown.commitment) == (made.digest, made.commitment)
        assert len({one.drawn.key for one in shown.things}) == 6
        of_relative = next(one for one in shown.things if one.drawn.key == entity(uow, "e4"))
        assert person(uow, "c") not in of_relative.drawn.inspectors
        own = [one for one in shown.things if one.grid_code == UNITS[1]]  # b is the head there
        assert own
        assert all(person(uow, "b") not in one.drawn.inspectors for one in own)


@pytest.mark.rule("C14")
def test_what_was_drawn_is_due_in_the_quarter_in_which_it_was(database):
    with scene(database, "street") as uow:
        made = draws.commit(OPERATOR, uow, title="抽查", size=2, duty="random_check", day=date(2026, 2, 10))
        shown = draws.reveal(OPERATOR, uow, made.id, date(2026, 2, 10))
        uow.connection.execute(text("UPDATE draw SET revealed_at = :at"), {"at": at(2, 10)})
        inspector = Actor("c", person_id=person(uow, "c"), grants=(Grant(Role.INSPECTOR),))
        drawn = uow.connection.execute(
            text("SELECT ref FROM entity WHERE id = :id"), {"id": shown.things[0].drawn.key}
        ).scalar_one()
        visit(uow, inspector, drawn, "random_check", at(2, 20, 9), now=at(6, 1))
        period = Period(at(1, 1), at(7, 1))
        (told,) = duties.duty_tallies(OPERATOR, uow, period, clock(7, 2), duty="random_check")
        assert (told.total.due, told.total.done, told.total.targets) == (2, 1, 2)


def test_a_draw_of_one_community_is_nobody_elses(database):
    with scene(database, "street") as uow:
        elsewhere = Actor("eve", grants=(Grant(Role.LEADER, UNITS[3]),))
        made = draws.commit(OPERATOR, uow, title="抽查", size=1, grid_code=COMMUNITY, day=date(2026, 2, 10))
        assert draws.list_draws(elsewhere, uow) == ()
        for use in (draws.read_draw, draws.reveal):
            with pytest.raises(OutsideJurisdiction):
                use(elsewhere, uow, made.id, date(2026, 2, 10))


@pytest.mark.parametrize("proof", [{}, {"frame": {"size": "x"}}, {"frame": {"size": 1, "items": 3}}])
def test_what_is_no_proof_is_refused(proof):
    with pytest.raises(BadValue):
        draws.repeat(OPERATOR, proof)


def test_clock_gives_the_day_in_the_city():
    late = Clock(ZONE, calendar(), datetime(2026, 2, 10, 17, tzinfo=ZoneInfo("UTC")))
    assert late.today() == date(2026, 2, 11)
    assert replace(late, now=at(2, 10, 1)).today() == date(2026, 2, 10)
