"""The demo city in a real database: every located thing knows its grid, and nothing is loaded twice."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from geo.db.unit_of_work import Database
from geo.domain.actors import ANONYMOUS, OPERATOR
from geo.domain.demo import DemoSize
from geo.domain.filters import Filter
from geo.domain.grids import Level
from geo.domain.measures import Period
from geo.domain.plans import PlanState
from geo.domain.suspicions import SuspicionKind
from geo.errors import AlreadyExists, Unauthenticated
from geo.services import demo, generations, plans, suspicions
from geo.services.demo_issue_photos import TROUBLES

pytestmark = pytest.mark.database
NOW = datetime(2026, 11, 20, 15, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def database(database_url):
    database = Database(database_url)
    yield database
    database.close()


def load(database, actor=OPERATOR):
    with database.write() as uow:
        return demo.load(actor, uow, size=DemoSize(24, 3), now=NOW)


def value(database, statement):
    with database.read() as uow:
        return uow.connection.execute(text(statement)).scalar_one()


@pytest.mark.slow
def test_the_city_is_loaded_whole(database):
    generation = load(database)
    assert generation.leaves == 24
    assert value(database, "SELECT count(*) FROM address") == 2400
    assert value(database, "SELECT count(*) FROM entity WHERE kind = 'premises'") == 600
    assert value(database, "SELECT count(*) FROM issue_event") > value(database, "SELECT count(*) FROM issue")
    assert value(database, "SELECT count(*) FROM track") > 0
    assert value(database, "SELECT count(*) FROM ONLY track_default") == 0


@pytest.mark.slow
@pytest.mark.parametrize("table", ["address", "entity", "visit", "issue"])
def test_every_located_thing_knows_the_grid_that_postgis_finds(own_demo_database, table):
    database = own_demo_database
    wrong = f"""SELECT count(*) FROM {table} t WHERE t.grid_id IS DISTINCT FROM (
        SELECT g.home_id FROM grid g JOIN generation ON generation.id = generation_id AND valid_to IS NULL
        WHERE g.is_leaf AND ST_Covers(g.geom, t.geom)
        ORDER BY g.code COLLATE "C" LIMIT 1)"""
    assert value(database, f"SELECT count(*) FROM {table}") > 0
    assert value(database, wrong) == 0
    with database.write() as uow:  # the same question finds a row that is told a wrong grid
        uow.connection.execute(
            text(f"""UPDATE {table} t
                SET grid_id = (SELECT max(id) FROM grid WHERE id <> t.grid_id AND is_leaf)
                WHERE id = (SELECT min(id) FROM {table} WHERE grid_id IS NOT NULL)""")
        )
    assert value(database, wrong) == 1


def test_a_handful_of_records_is_suspicious_and_each_in_its_way(own_demo_database):
    period = Period(NOW - timedelta(days=90), NOW)
    with own_demo_database.read() as uow:
        found = suspicions.suspicions(OPERATOR, uow, period, Filter(), "Asia/Shanghai")
    assert {one.kind for one in found} == set(SuspicionKind)
    assert 3 <= len(found) <= 8


@pytest.mark.slow
def test_a_few_issues_have_pictures_before_and_after(own_demo_database):
    with own_demo_database.read() as uow:
        told = uow.connection.execute(
            text("""SELECT category, shows, to_state, count(*), bool_and(taken_at = at) AS at_the_step
                    FROM photo JOIN issue_event ON issue_event.id = issue_event_id
                    JOIN issue ON issue.id = issue_id GROUP BY 1, 2, 3""")
        ).all()
    assert {(one.category, one.shows) for one in told} == set(product(TROUBLES, ("before", "after")))
    assert {one.to_state for one in told if one.shows == "after"} == {"closed"}
    assert all(one.at_the_step for one in told)
    assert sum(one.count for one in told) <= 20


def test_a_second_city_is_refused_and_changes_nothing(own_demo_database):
    with pytest.raises(AlreadyExists):
        load(own_demo_database)
    assert value(own_demo_database, "SELECT count(*) FROM generation") == 2
    assert value(own_demo_database, "SELECT count(*) FROM person") == 114


def test_only_those_who_may_publish_load_it(database):
    with pytest.raises(Unauthenticated):
        load(database, ANONYMOUS)
    assert value(database, "SELECT count(*) FROM generation") == 0


@pytest.mark.slow
@pytest.mark.parametrize("grids", [2, 24])
def test_the_planner_has_a_draft_and_a_plan_that_waits_for_somebody_else(database, grids):
    with database.write() as uow:
        demo.load(OPERATOR, uow, size=DemoSize(grids, 3), now=NOW)
        demo.open_accounts(OPERATOR, uow, dict.fromkeys(demo.ACCOUNTS, "correct horse"))
    with database.read() as uow:
        at_work, waiting = plans.list_plans(OPERATOR, uow)
    assert (at_work.plan.state, waiting.plan.state) == (PlanState.DRAFT, PlanState.SUBMITTED)
    assert waiting.authors == {"planner"}
    made = f"SELECT array_agg(kind::text ORDER BY seq) FROM plan_operation WHERE plan_id = {at_work.plan.id}"
    assert value(database, made) == [*(["split", "rename", "rename"] if grids == 24 else []), "merge"]


@pytest.mark.slow
def test_the_division_of_today_followed_another_one(database):
    today = load(database)
    with database.read() as uow:
        before, now = generations.list_generations(uow)
        lineage = generations.get_lineage(uow, today.id)
        ask = uow.connection.execute
        retired = ask(text("SELECT code FROM grid_code WHERE retired_by_generation_id IS NOT NULL")).scalars()
        gone = set(retired)
        held = ask(text("SELECT grid_code, post, valid_from, valid_to FROM assignment")).all()
    assert now == today
    assert (before.name, now.name) == ("2025 年划分", "2026 年调整")
    assert before.valid_to == now.valid_from == datetime(2026, 9, 21, tzinfo=NOW.tzinfo)
    assert len(gone) == 3
    leaves = [one for one in lineage if one.successor.level is Level.UNIT]
    shares = defaultdict(float)
    for one in leaves:
        shares[one.predecessor.code] += one.area_share
    assert len(shares) == before.leaves
    assert list(shares.values()) == pytest.approx([1.0] * before.leaves)
    came = {one.successor.code for one in leaves} - set(shares)
    assert {one.successor.code for one in leaves if one.predecessor.code in gone} == came
    assert len(came) == 3
    day = now.valid_from.astimezone(NOW.tzinfo).date()
    assert {one.valid_to for one in held if one.grid_code in gone} == {day}
    assert {one.valid_from for one in held if one.grid_code in came} == {day}
    assert {one.valid_to for one in held if one.grid_code not in gone} == {None}
    assert {one.grid_code for one in held if one.post == "head"} == came | gone | set(shares)


@pytest.mark.slow
def test_the_smallest_city_has_two_divisions_that_are_the_same(database):
    with database.write() as uow:
        demo.load(OPERATOR, uow, size=DemoSize(2, 3), now=NOW)
    assert value(database, "SELECT count(*) FROM generation") == 2
    assert value(database, "SELECT count(DISTINCT home_id) FROM grid WHERE is_leaf") == 2
    assert value(database, "SELECT count(*) FROM grid WHERE is_leaf") == 4
