"""Regulations: what holds where, and from when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from geo.db.unit_of_work import Database
from geo.domain.actors import ANONYMOUS, OPERATOR, Actor, Grant, Role
from geo.errors import (
    BadValue,
    Conflict,
    NoOwnRules,
    NotFound,
    OutsideJurisdiction,
    ProfileRefused,
    Unauthenticated,
)
from geo.services import generations, profiles
from geo.services.profile_documents import shipped_profile

pytestmark = pytest.mark.database


@pytest.fixture
def database(database_url):
    opened = Database(database_url)
    yield opened
    opened.close()


def test_a_new_city_has_a_regulation_from_the_beginning(database):
    with database.read() as uow:
        assert profiles.profile_at(uow, None, date.min) == shipped_profile(profiles.DEFAULT)
        (regime,) = profiles.regimes(uow, date(2026, 1, 1), date(2026, 2, 1))
    assert (regime.since, regime.until, regime.within) == (date(2026, 1, 1), date(2026, 2, 1), None)


def test_settling_twice_changes_nothing(database):
    with database.write() as uow:
        profiles.settle(uow, "campus")
        assert profiles.profile_at(uow, None, date(2026, 1, 1)).key == profiles.DEFAULT


@pytest.mark.parametrize(
    "change", ["UPDATE regulation SET path = 'x'", "DELETE FROM regulation", "TRUNCATE regulation"]
)
def test_regulations_are_kept_as_they_were_written(database, change):
    with pytest.raises(Conflict), database.write() as uow:
        uow.connection.execute(text(change))


# adopting and setting ------------------------------------------------------------------------------------

DAY = date(2026, 11, 20)
HIGH = "division.households.high"


def test_a_value_holds_from_its_day_on_and_not_before(database):
    with database.write() as uow:
        profiles.override(OPERATOR, uow, HIGH, 900, grid_code=None, valid_from=DAY)
    with database.read() as uow:
        before = profiles.profile_at(uow, None, DAY - timedelta(days=1))
        after = profiles.profile_at(uow, None, DAY)
        regimes = profiles.regimes(uow, DAY - timedelta(days=5), DAY + timedelta(days=5))
        spells = profiles.history(OPERATOR, uow, HIGH, None)
    assert (before.division.households.high, after.division.households.high) == (1000, 900)
    assert after.version == before.version + 1
    assert [(one.since, one.until) for one in regimes] == [
        (DAY - timedelta(days=5), DAY),
        (DAY, DAY + timedelta(days=5)),
    ]
    assert [(one.value, one.since, one.until) for one in spells] == [
        (1000, date.min, DAY),
        (900, DAY, date.max),
    ]


def test_a_value_set_for_the_past_lasts_until_what_was_adopted_later(database):
    with database.write() as uow:
        campus = shipped_profile("campus")
        profiles.adopt(OPERATOR, uow, campus, grid_code=None, valid_from=DAY)
        profiles.override(OPERATOR, uow, HIGH, 800, grid_code=None, valid_from=DAY - timedelta(days=9))
        assert profiles.profile_at(uow, None, DAY - timedelta(days=1)).division.households.high == 800
        assert profiles.profile_at(uow, None, DAY) == campus


def test_the_later_of_two_changes_of_one_day_holds(database):
    with database.write() as uow:
        for value in (900, 800):
            profiles.override(OPERATOR, uow, HIGH, value, grid_code=None, valid_from=DAY)
        assert profiles.profile_at(uow, None, DAY).division.households.high == 800


def test_each_value_is_told_with_its_days_and_its_clause(database):
    with database.write() as uow:
        profiles.override(OPERATOR, uow, HIGH, 900, grid_code=None, valid_from=DAY)
        parts = {part.path: part for part in profiles.rules_on(OPERATOR, uow, None, DAY)}
    part = parts["division.households"]
    assert part.rules == ("A3",)
    assert part.clause == "每个社区按500--1000户居民建立一个网格"
    assert [(one.value, one.since) for one in part.values] == [(500, date.min), (900, DAY)]


@pytest.mark.parametrize(
    ("path", "value", "error"),
    [
        ("division.households.hihg", 900, BadValue),
        (HIGH, 1000, BadValue),
        ("version", 7, BadValue),
        ("", 7, BadValue),
        (HIGH, "many", ProfileRefused),
        (HIGH, 1, ProfileRefused),
        ("posts.pairing.posts", ["nobody"], ProfileRefused),
    ],
)
def test_what_can_not_hold_is_refused_and_nothing_is_kept(database, path, value, error):
    with pytest.raises(error), database.write() as uow:
        profiles.override(OPERATOR, uow, path, value, grid_code=None, valid_from=DAY)
    with database.read() as uow:
        assert len(profiles.list_regulations(OPERATOR, uow)) == 1


def test_a_dry_run_tells_the_differences_and_keeps_nothing(database):
    with database.read() as uow:
        profile = profiles.overridden(OPERATOR, uow, HIGH, 900, grid_code=None, valid_from=DAY)
        found = profiles.differences(OPERATOR, uow, profile, grid_code=None, valid_from=DAY)
        assert [(one.path, one.before, one.after) for one in found] == [
            ("version", 1, 2),
            (HIGH, 1000, 900),
        ]
        assert len(profiles.list_regulations(OPERATOR, uow)) == 1


def test_unknown_grids_and_strangers_are_refused(database):
    with database.read() as uow:
        with pytest.raises(NotFound):
            profiles.rules_on(OPERATOR, uow, "999", DAY)
        with pytest.raises(NotFound):
            profiles.differences(OPERATOR, uow, shipped_profile("campus"), grid_code="999", valid_from=DAY)
        with pytest.raises(Unauthenticated):
            profiles.rules_on(ANONYMOUS, uow, None, DAY)


def test_posts_of_an_adopted_profile_can_be_held_and_the_older_ones_stay(database):
    with database.write() as uow:
        before = dict(uow.connection.execute(text("SELECT key, name_zh FROM post")).all())
        profiles.adopt(OPERATOR, uow, shipped_profile("enterprise"), grid_code=None, valid_from=DAY)
        after = dict(uow.connection.execute(text("SELECT key, name_zh FROM post")).all())
    assert after == {**before, "manager": "网格管理员"}
    assert before["head"] == "网格长"


# withdrawing ---------------------------------------------------------------------------------------------

COMMUNITY, UNIT = "330106001001", "330106001001001"
LATER = DAY + timedelta(days=10)


@pytest.fixture
def divided(database, strip_division):
    """A city of two units; the community and a unit of it have rules of their own."""
    with database.write() as uow:
        generations.publish(
            OPERATOR, uow, strip_division(2), name="一", valid_from=datetime(2026, 1, 1, tzinfo=UTC)
        )
        profiles.override(OPERATOR, uow, HIGH, 900, grid_code=COMMUNITY, valid_from=DAY)
        profiles.override(OPERATOR, uow, HIGH, 800, grid_code=UNIT, valid_from=DAY)
    return database


def high(uow, code, day):
    return profiles.profile_at(uow, code, day).division.households.high


def test_the_rules_above_hold_again_from_a_day_on_and_not_before(divided):
    with divided.write() as uow:
        found = profiles.inherited(OPERATOR, uow, grid_code=UNIT, valid_from=LATER)
        assert found.division.households.high == 900
        kept = profiles.withdraw(OPERATOR, uow, grid_code=UNIT, valid_from=LATER)
    assert (kept.profile, kept.grid_code, kept.valid_from) == (None, UNIT, LATER)
    with divided.read() as uow:
        days = (DAY - timedelta(days=1), DAY, LATER - timedelta(days=1), LATER)
        assert [high(uow, UNIT, day) for day in days] == [1000, 800, 800, 900]
        spells = profiles.history(OPERATOR, uow, HIGH, UNIT)
        regimes = profiles.regimes(uow, DAY, LATER + timedelta(days=1), UNIT)
        assert profiles.list_regulations(OPERATOR, uow)[-1] == kept
    assert [(one.value, one.since, one.until) for one in spells] == [
        (1000, date.min, DAY),
        (800, DAY, LATER),
        (900, LATER, date.max),
    ]
    assert [(one.since, one.profile.division.households.high) for one in regimes] == [
        (DAY, 800),
        (LATER, 900),
    ]


def test_withdrawn_rules_can_be_adopted_anew_and_withdrawn_again(divided):
    with divided.write() as uow:
        profiles.withdraw(OPERATOR, uow, grid_code=COMMUNITY, valid_from=DAY)
        assert (high(uow, COMMUNITY, DAY), high(uow, UNIT, DAY)) == (1000, 800)
        profiles.override(OPERATOR, uow, HIGH, 700, grid_code=COMMUNITY, valid_from=LATER)
        assert (high(uow, COMMUNITY, DAY), high(uow, COMMUNITY, LATER)) == (1000, 700)
        profiles.withdraw(OPERATOR, uow, grid_code=COMMUNITY, valid_from=LATER)
        assert high(uow, COMMUNITY, LATER) == 1000


@pytest.mark.parametrize(
    ("code", "day", "error"),
    [
        ("330106001", DAY, NoOwnRules),
        (UNIT, DAY - timedelta(days=1), NoOwnRules),
        ("999", DAY, NotFound),
    ],
)
def test_only_rules_of_ones_own_are_withdrawn(divided, code, day, error):
    with divided.write() as uow, pytest.raises(error):
        profiles.withdraw(OPERATOR, uow, grid_code=code, valid_from=day)


def test_rules_are_withdrawn_twice_by_nobody(divided):
    with divided.write() as uow:
        profiles.withdraw(OPERATOR, uow, grid_code=UNIT, valid_from=DAY)
        with pytest.raises(NoOwnRules):
            profiles.withdraw(OPERATOR, uow, grid_code=UNIT, valid_from=LATER)


def test_rules_are_withdrawn_within_the_jurisdiction_alone(divided):
    of_unit = Actor("a", grants=(Grant(Role.ADMIN, UNIT),))
    with divided.write() as uow:
        with pytest.raises(OutsideJurisdiction):
            profiles.withdraw(of_unit, uow, grid_code=COMMUNITY, valid_from=DAY)
        assert profiles.withdraw(of_unit, uow, grid_code=UNIT, valid_from=DAY).adopted_by == "a"


@pytest.mark.parametrize(("code", "path"), [("NULL", "NULL"), ("'330106'", "'a.b'")])
def test_the_rules_of_the_city_are_never_withdrawn(divided, code, path):
    row = f"({code}, '2026-01-01', NULL, {path}, 'x')"
    with pytest.raises(BadValue), divided.write() as uow:
        uow.connection.execute(
            text(f"INSERT INTO regulation (grid_code, valid_from, document, path, adopted_by) VALUES {row}")
        )
