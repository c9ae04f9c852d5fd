"""Posts of the demo city: what each profile finds, who stands in, what the public learns."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import ANONYMOUS, OPERATOR, Actor, Grant, Role
from geo.domain.posts import Fault
from geo.domain.profiles.documents import value_at, with_value
from geo.errors import AlreadyExists, BadValue, Forbidden, NotAdjacent, OutsideJurisdiction, StaleRevision
from geo.services import people, posts, profiles
from geo.services.profile_documents import document_of, read_document, shipped_profile, shipped_profiles

pytestmark = pytest.mark.database

NOW = datetime(2026, 11, 20, 15, tzinfo=ZoneInfo("Asia/Shanghai"))
DAY = NOW.date()


@pytest.fixture(scope="module")
def city(demo_database):
    return demo_database


@pytest.fixture
def uow(city):
    """A transaction that leaves nothing behind."""
    with city.engine.connect() as connection, connection.begin() as transaction:
        yield UnitOfWork(connection)
        transaction.rollback()


def adopt(uow, key, **changes):
    """Let a profile hold from today on, with some values changed."""
    document = document_of(shipped_profile(key))
    for path, value in changes.items():
        document = with_value(document, path, value)
    return profiles.adopt(OPERATOR, uow, read_document(document), grid_code=None, valid_from=DAY)


def found(uow, day=DAY):
    """How often each fault of each post is found, with the field that it follows from."""
    return Counter(
        (post.post, fault, post.field(fault))
        for _, some in posts.staffing(OPERATOR, uow, day)
        for post in some
        for fault in post.faults
    )


def units(uow):
    return [code for code, _ in leaves(uow)]


def leaves(uow):
    """The units of the division in force with their households, by code."""
    statement = """SELECT code, households FROM grid
        WHERE is_leaf AND generation_id = (SELECT max(id) FROM generation) ORDER BY code"""
    return uow.connection.execute(text(statement)).all()


def free_unit(uow):
    """A unit whose holders nobody else counts: the first one."""
    return units(uow)[0]


def serve(uow, code, post, number=1, since=DAY):
    """Let new people hold a post in a grid."""
    made = [people.create(OPERATOR, uow, people.PersonData(name=f"新人{k}")) for k in range(number)]
    for one in made:
        people.assign(OPERATOR, uow, one.id, grid_code=code, post=post, valid_from=since)
    return made


def staffing_of(uow, code, post):
    return next(
        one
        for _, some in posts.staffing(OPERATOR, uow, DAY)
        for one in some
        if (one.grid.code, one.post) == (code, post)
    )


# sizes and numbers of holders ----------------------------------------------------------------------------


@pytest.mark.rule("B1")
def test_one_head_and_one_assistant_in_each_grid_and_never_more(uow):
    adopt(uow, "township")
    code = free_unit(uow)
    assert Fault.VACANT in staffing_of(uow, code, "assistant").faults
    serve(uow, code, "assistant")
    assert staffing_of(uow, code, "assistant").faults == ()
    serve(uow, code, "assistant")
    assert staffing_of(uow, code, "assistant").faults == (Fault.OVERFULL,)


@pytest.mark.rule("B1")
def test_one_grid_one_person_but_a_supervisor_may_have_many(uow):
    adopt(uow, "township")
    code, other = units(uow)[:2]
    for post, doubled in (("assistant", True), ("supervisor", False)):
        (person,) = serve(uow, code, post)
        people.assign(OPERATOR, uow, person.id, grid_code=other, post=post, valid_from=DAY)
        assert (Fault.DOUBLE in staffing_of(uow, code, post).faults) is doubled


@pytest.mark.rule("B1")
def test_the_team_of_three_and_its_others_are_posts_of_the_profile():
    rules = shipped_profile("township").posts
    assert rules.team is not None
    assert rules.team.core == ("head", "assistant", "supervisor")
    assert {*rules.team.core, *rules.team.others} <= shipped_profile("township").post_keys


@pytest.mark.rule("A7", "B4")
def test_two_managers_in_each_grid(uow):
    adopt(uow, "enterprise")
    code = free_unit(uow)
    for held, faults in ((0, (Fault.VACANT,)), (1, (Fault.VACANT,)), (2, ()), (3, (Fault.OVERFULL,))):
        assert staffing_of(uow, code, "manager").held == held
        assert staffing_of(uow, code, "manager").faults == faults
        serve(uow, code, "manager")


@pytest.mark.slow
@pytest.mark.rule("A3", "B3")
def test_building_heads_follow_the_households(uow):
    for code, households in leaves(uow):
        post = staffing_of(uow, code, "building_head")
        assert post.needed == -(-households // 150)
        assert post.allowed == max(post.needed, households // 100)
        assert post.by_households


@pytest.mark.slow
@pytest.mark.rule("B3")
def test_a_worker_and_a_police_officer_in_each_grid(uow):
    lacking = [code for code in units(uow) if staffing_of(uow, code, "worker").faults == (Fault.VACANT,)]
    assert len(lacking) == 2
    serve(uow, lacking[0], "worker")
    assert staffing_of(uow, lacking[0], "worker").faults == ()
    assert all(staffing_of(uow, code, "police").needed == 1 for code in units(uow))


@pytest.mark.rule("A9")
def test_every_place_of_a_campus_is_under_one_named_person(uow):
    adopt(uow, "campus")
    assert {post.level for post in shipped_profile("campus").posts.posts} == {
        level.level for level in shipped_profile("campus").division.levels
    }
    by_post = Counter(post for post, _, _ in found(uow))
    assert by_post == {"leader": 1, "department_head": 1, "building_leader": 1}
    assert all(staffing_of(uow, code, "head").held == 1 for code in units(uow))


# A/B posts and leave -------------------------------------------------------------------------------------


def pair_of_heads(uow):
    """Two partners with the heads of each."""
    return uow.connection.execute(
        text("""SELECT p.grid_code, p.partner_code, a.person_id AS head, b.person_id AS partner
                FROM partnership p JOIN assignment a ON a.grid_code = p.grid_code AND a.post = p.post
                    JOIN assignment b ON b.grid_code = p.partner_code AND b.post = p.post
                WHERE NOT EXISTS (SELECT FROM leave WHERE person_id IN (a.person_id, b.person_id))
                ORDER BY p.id LIMIT 1""")
    ).one()


def heads(uow, code, day=DAY):
    return [
        (one.name, one.stands_in)
        for one in people.responsible(ANONYMOUS, uow, code, day)
        if (one.grid_code, one.post) == (code, "head")
    ]


@pytest.mark.rule("B2", "B5")
def test_the_partner_stands_in_during_leave_and_the_public_is_told(uow):
    pair = pair_of_heads(uow)
    (own,), (partner,) = heads(uow, pair.grid_code), heads(uow, pair.partner_code)
    posts.take_leave(OPERATOR, uow, pair.head, DAY, valid_from=DAY, valid_to=DAY + timedelta(days=2))
    assert heads(uow, pair.grid_code, DAY - timedelta(days=1)) == [own]
    assert heads(uow, pair.grid_code) == [(partner[0], True)]
    assert heads(uow, pair.grid_code, DAY + timedelta(days=1)) == [(partner[0], True)]
    assert heads(uow, pair.grid_code, DAY + timedelta(days=2)) == [own]
    assert Fault.UNCOVERED not in staffing_of(uow, pair.grid_code, "head").faults


@pytest.mark.rule("B2")
def test_nobody_stands_in_when_both_are_away(uow):
    pair = pair_of_heads(uow)
    for person in (pair.head, pair.partner):
        posts.take_leave(OPERATOR, uow, person, DAY, valid_from=DAY, valid_to=DAY + timedelta(days=1))
    assert Fault.UNCOVERED in staffing_of(uow, pair.grid_code, "head").faults
    assert [stands_in for _, stands_in in heads(uow, pair.grid_code)] == [False]


@pytest.mark.rule("B2")
def test_a_grid_without_partner_is_found_and_ends_when_it_is_paired(uow):
    alone = [code for code in units(uow) if Fault.UNPAIRED in staffing_of(uow, code, "head").faults]
    assert alone
    kept = uow.connection.execute(text("SELECT id, grid_code FROM partnership ORDER BY id LIMIT 1")).one()
    posts.part(OPERATOR, uow, kept.id, 1, DAY)
    assert Fault.UNPAIRED in staffing_of(uow, kept.grid_code, "head").faults


def test_partners_are_neighbours_and_each_has_one(uow):
    taken = uow.connection.execute(text("SELECT grid_code, partner_code FROM partnership LIMIT 1")).one()
    far = uow.connection.execute(
        text("""SELECT b.code FROM grid a JOIN grid b ON b.is_leaf AND ST_Disjoint(a.geom, b.geom)
                    AND b.generation_id = a.generation_id
                WHERE a.code = :code AND a.generation_id = (SELECT max(id) FROM generation)
                ORDER BY b.code LIMIT 1"""),
        {"code": taken.grid_code},
    ).scalar_one()
    pair = {"post": "head", "grid_code": taken.grid_code, "valid_from": DAY}
    with pytest.raises(NotAdjacent):
        posts.pair(OPERATOR, uow, partner_code=far, **pair)


def leave(city, person, until):
    with city.write() as uow:
        return posts.take_leave(OPERATOR, uow, person, DAY, valid_from=DAY, valid_to=until)


def test_leave_that_can_not_be_is_refused(city):
    with city.read() as uow:
        person = pair_of_heads(uow).head
    with pytest.raises(BadValue):
        leave(city, person, DAY)
    taken = leave(city, person, DAY + timedelta(days=1))
    with pytest.raises(AlreadyExists):
        leave(city, person, DAY + timedelta(days=9))
    with city.write() as uow:
        uow.connection.execute(text("DELETE FROM leave WHERE id = :id"), {"id": taken.id})


def test_leave_is_changed_by_who_has_seen_it(uow):
    person = pair_of_heads(uow).head
    taken = posts.take_leave(OPERATOR, uow, person, DAY, valid_from=DAY, valid_to=DAY + timedelta(days=5))
    back = DAY + timedelta(days=2)
    ended = posts.end_leave(OPERATOR, uow, taken.id, DAY, revision=1, valid_to=back)
    assert (ended.valid_to, ended.revision) == (back, 2)
    with pytest.raises(StaleRevision):
        posts.end_leave(OPERATOR, uow, taken.id, DAY, revision=1, valid_to=back)


def test_whoever_may_not_read_people_learns_nothing_of_posts(uow):
    inspector = Actor("i", grants=(Grant(Role.INSPECTOR, units(uow)[0]),))
    with pytest.raises(Forbidden):
        posts.staffing(inspector, uow, DAY)
    leader = Actor("l", grants=(Grant(Role.LEADER, units(uow)[0]),))
    codes = {one.grid.code for _, some in posts.staffing(leader, uow, DAY) for one in some}
    assert codes == {units(uow)[0]}


# what is public ------------------------------------------------------------------------------------------


@pytest.mark.rule("B5")
def test_every_profile_publishes_who_is_responsible():
    for profile in shipped_profiles().values():
        assert profile.posts.publication is not None
        assert any("name" in post.publishes for post in profile.posts.posts if post.least)


@pytest.mark.rule("B5")
def test_the_public_learns_what_the_profile_publishes_and_no_more(uow):
    code = free_unit(uow)
    serve(uow, code, "building_head")
    shown = {one.post for one in people.responsible(ANONYMOUS, uow, code, DAY)}
    assert {"head", "worker", "police"} <= shown
    assert "building_head" not in shown
    adopt(uow, "community", **{"posts.posts.head.publishes": ["name"]})
    phones = {one.phone for one in people.responsible(ANONYMOUS, uow, code, DAY) if one.post == "head"}
    assert phones == {None}


@pytest.mark.rule("A6")
def test_a_division_with_its_people_is_public_as_the_profile_says(uow):
    adopt(uow, "town-three-level")
    code = free_unit(uow)
    assert [level.key for level in shipped_profile("town-three-level").division.levels] == [
        "town",
        "community",
        "area",
        "grid",
    ]
    assert people.responsible(ANONYMOUS, uow, code, DAY)
    adopt(uow, "town-three-level", **{"division.publication.people": False})
    assert people.responsible(ANONYMOUS, uow, code, DAY) == ()


# principles ----------------------------------------------------------------------------------------------


def held(uow):
    return {one.principle.key: one.grids for one in posts.principles(OPERATOR, uow, DAY)}


@pytest.mark.rule("A1", "A2")
def test_the_principles_of_a_township_are_counted_by_its_own_numbers(uow):
    adopt(uow, "township")
    shares = held(uow)
    right = sum(200 <= households <= 500 for _, households in leaves(uow))
    assert (shares["right_size"].numerator, shares["right_size"].denominator) == (right, 24)
    assert shares["no_gaps"].numerator == 24
    assert shares["clear_responsibility"].numerator == 0
    assert shares["equal_workload"] is None
    adopt(uow, "township", **{"division.households.high": 100_000, "division.households.low": 0})
    assert held(uow)["right_size"].numerator == 24


@pytest.mark.rule("A5")
def test_six_things_are_known_of_each_grid(uow):
    adopt(uow, "food-drug")
    shares = held(uow)
    assert list(shares) == [
        "parcel_known",
        "person_known",
        "subject_known",
        "state_known",
        "duty_known",
        "task_known",
    ]
    assert shares["person_known"].numerator == 24
    uow.connection.execute(text("UPDATE assignment SET valid_to = :day WHERE post = 'head'"), {"day": DAY})
    assert held(uow)["person_known"].numerator == 0


@pytest.mark.rule("A3", "A4")
def test_the_size_of_a_grid_of_a_community():
    division = shipped_profile("community").division
    assert (division.households.low, division.households.high) == (500, 1000)
    assert (division.typical.households, division.typical.population) == (1000, 2000)
    assert division.boundaries.follow == ("compounds", "lanes", "roads")
    assert division.boundaries.whole_buildings


@pytest.mark.rule("A4")
def test_every_building_lies_in_one_grid(uow):
    lost = text("SELECT count(*) FROM entity WHERE kind = 'building' AND grid_id IS NULL")
    assert uow.connection.execute(lost).scalar_one() == 0


@pytest.mark.rule("A7", "A8")
def test_what_grids_are_sized_by(uow):
    assert shipped_profile("enterprise").division.sized_by == "departments"
    assert shipped_profile("sales").division.sized_by == "market"
    adopt(uow, "sales")
    shares = held(uow)
    assert {key: share.numerator for key, share in shares.items()} == {
        "space": 24,
        "clear_boundaries": 24,
        "market_size": 24,
    }


# nine profiles -------------------------------------------------------------------------------------------


def test_each_profile_gives_another_result_and_names_the_field_that_it_follows_from(uow):
    results = {}
    for place, (key, profile) in enumerate(shipped_profiles().items()):
        day = DAY + timedelta(days=place)
        profiles.adopt(OPERATOR, uow, profile, grid_code=None, valid_from=day)
        results[key] = found(uow, day)
        for _, _, field in results[key]:
            assert value_at(profile, field) is not None
    assert len({frozenset(result.items()) for result in results.values()}) == 9


def test_a_changed_number_holds_from_its_day_on_and_not_before(uow):
    day = DAY + timedelta(days=10)
    path = "posts.posts.building_head.per_households.high"
    before = found(uow, day)
    profiles.override(OPERATOR, uow, path, 100, grid_code=None, valid_from=day)
    assert found(uow, day - timedelta(days=1)) == before
    assert found(uow, day) != before


def test_a_district_has_its_own_rules_and_the_others_keep_theirs(uow):
    code = uow.connection.execute(
        text("SELECT code FROM grid WHERE level = 'community' ORDER BY code LIMIT 1")
    ).scalar_one()
    profiles.adopt(OPERATOR, uow, shipped_profile("enterprise"), grid_code=code, valid_from=DAY)
    asked = {
        (one.profile, one.grid.code.startswith(code))
        for _, some in posts.staffing(OPERATOR, uow, DAY)
        for one in some
    }
    assert asked == {("community", False), ("enterprise", True)}


def test_only_who_manages_the_rules_of_a_place_changes_them(uow):
    first, second = uow.connection.execute(
        text("SELECT DISTINCT code FROM grid WHERE level = 'community' ORDER BY code LIMIT 2")
    ).scalars()
    admin = Actor("a", grants=(Grant(Role.ADMIN, first),))
    profile = shipped_profile("campus")
    profiles.adopt(admin, uow, profile, grid_code=first, valid_from=DAY)
    for code in (second, None):
        with pytest.raises(OutsideJurisdiction):
            profiles.adopt(admin, uow, profile, grid_code=code, valid_from=DAY)
    leader = Actor("l", grants=(Grant(Role.LEADER),))
    with pytest.raises(Forbidden):
        profiles.adopt(leader, uow, profile, grid_code=None, valid_from=DAY)
