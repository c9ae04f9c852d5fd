"""What awaits those who lead, counted a second way."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from geo.domain.actors import OPERATOR, Actor, Grant, Role
from geo.domain.issue_flow import Shown
from geo.errors import Forbidden
from geo.services import demo
from geo.services.decisions import MOST_LISTED, decisions
from geo.services.plan_drafts import Drafts

pytestmark = pytest.mark.database
NOW = datetime(2026, 11, 20, 15, tzinfo=ZoneInfo("Asia/Shanghai"))

LEADER = Actor("leader", grants=(Grant(Role.LEADER),))
PLANNER = Actor("planner", grants=(Grant(Role.PLANNER),))

ESCALATED = """state IN ('reported', 'accepted', 'reviewed', 'approved', 'dispatched')
    AND id IN (SELECT issue_id FROM issue_event WHERE kind = 'escalated')"""
COUNTED = {
    Shown.ESCALATED: ESCALATED,
    Shown.TO_ACCEPT: "state = 'reported'",
    Shown.TO_CHECK: "state IN ('handled', 'fed_back', 'checked')",
}


@pytest.fixture(scope="module")
def database(demo_database):
    with demo_database.write() as uow:
        demo.open_accounts(OPERATOR, uow, dict.fromkeys(demo.ACCOUNTS, "correct horse"))
        uow.connection.execute(
            text(
                "INSERT INTO issue_event (issue_id, at, actor, kind)"
                " SELECT id, now(), 'operator', 'escalated' FROM issue WHERE closed_at IS NULL AND id % 3 = 0"
            )
        )
    return demo_database


def ask(database, actor):
    with database.read() as uow:
        return decisions(actor, uow, Drafts(), NOW)


def test_piles_hold_what_a_second_count_finds_the_most_pressing_first(database):
    piles = {pile.shown: pile for pile in ask(database, LEADER).piles}
    assert piles.keys() == COUNTED.keys()
    for shown, pile in piles.items():
        with database.read() as uow:
            counted = uow.connection.execute(text(f"SELECT count(*) FROM issue WHERE {COUNTED[shown]}"))
            assert pile.count == counted.scalar_one() > 0
        assert len(pile.first) == min(pile.count, MOST_LISTED)
        overdue = [one.is_overdue for one in pile.first]
        assert overdue == sorted(overdue, reverse=True)


def test_who_leads_a_community_decides_about_its_issues_alone(database):
    lowest = text("SELECT min(code) FROM grid WHERE level = 'community'")
    with database.read() as uow:
        community = uow.connection.execute(lowest).scalar_one()
    mine = ask(database, Actor("street", grants=(Grant(Role.LEADER, community),)))
    assert mine.issues
    assert all(one.grid_code.startswith(community) for one in mine.issues)
    everything = ask(database, LEADER).piles
    assert sum(pile.count for pile in mine.piles) < sum(pile.count for pile in everything)


def test_a_plan_awaits_who_may_approve_it_and_is_not_its_maker(database):
    assert [one.created_by for one in ask(database, LEADER).plans] == ["planner"]
    maker = Actor("planner", grants=(Grant(Role.LEADER),))
    assert ask(database, maker).plans == ()


def test_a_plan_awaits_those_alone_who_lead_all_the_ground_that_it_divides(database):
    divided = text("""
        SELECT parent.code
        FROM plan JOIN plan_operation AS done ON done.plan_id = plan.id
            JOIN grid ON done.parameters -> 'keys' ? grid.code
                AND grid.generation_id = (SELECT max(id) FROM generation)
            JOIN grid AS parent ON parent.id = grid.parent_id
        WHERE plan.state = 'submitted'
        LIMIT 1
    """)
    others = text("SELECT code FROM grid WHERE level = 'community' AND code <> :mine LIMIT 1")
    with database.read() as uow:
        mine = uow.connection.execute(divided).scalar_one()
        other = uow.connection.execute(others, {"mine": mine}).scalar_one()
    for code, seen in ((mine, 1), (other, 0)):
        assert len(ask(database, Actor("head", grants=(Grant(Role.LEADER, code),))).plans) == seen


def test_who_leads_nowhere_decides_nothing(database):
    with pytest.raises(Forbidden):
        ask(database, PLANNER)
