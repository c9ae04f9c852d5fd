"""Lists of visits, tracks, issues and changes go by time, page by page, whatever their ids are."""

from datetime import UTC, datetime, timedelta
from operator import attrgetter
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from geo.db.audit import list_audit
from geo.domain.actors import OPERATOR, Actor, Grant, Role
from geo.domain.audit import AuditFilter
from geo.domain.filters import Filter
from geo.errors import NotFound
from geo.services import issues, patrols
from geo.services.issues import Pending
from geo.services.patrols import VISITS

pytestmark = pytest.mark.database
NOW = datetime(2026, 11, 20, 15, tzinfo=ZoneInfo("Asia/Shanghai"))
EVERYTHING = Filter()


@pytest.fixture(scope="module")
def database(demo_database):
    with demo_database.write() as uow:
        uow.connection.execute(text("UPDATE visit SET visited_at = date_trunc('day', visited_at)"))
        uow.connection.execute(text("UPDATE issue SET reported_at = date_trunc('day', reported_at)"))
    return demo_database


@pytest.fixture
def uow(database):
    with database.read() as uow:
        yield uow


def visits(uow, wanted=EVERYTHING, actor=OPERATOR, **part):
    return VISITS.find(actor, uow, wanted, **part)


def tracks(uow, wanted=EVERYTHING, actor=OPERATOR, **part):
    return patrols.find_tracks(actor, uow, wanted, person_id=None, **part)


def all_issues(uow, wanted=EVERYTHING, actor=OPERATOR, **part):
    return issues.find_issues(actor, uow, wanted, Pending(unresolved=False, overdue=False, now=NOW), **part)


LISTS = {"visited_at": visits, "started_at": tracks, "reported_at": all_issues}


def walk(uow, find, limit, **asked):
    found, after = [], 0
    while after is not None:
        page = find(uow, limit=limit, after=after, **asked)
        found += page.rows
        after = page.next
    return found


@pytest.mark.parametrize(("time", "find"), LISTS.items())
def test_pages_give_each_row_once_in_the_order_of_time_and_of_one_time_by_id(uow, time, find):
    since, until = NOW - timedelta(days=60), NOW - timedelta(days=20)
    rows = walk(uow, find, 11, wanted=Filter(since=since, until=until))
    order = attrgetter(time, "id")
    assert [row.id for row in rows] == [row.id for row in sorted(rows, key=order)]
    assert len({row.id for row in rows}) == len(rows) > 11
    whole = find(uow, limit=100_000, after=0).rows
    assert {row.id for row in rows} == {row.id for row in whole if since <= getattr(row, time) < until}


@pytest.mark.parametrize("find", LISTS.values())
def test_nobody_learns_from_a_cursor_when_something_was_elsewhere(uow, find):
    code = uow.connection.execute(text("SELECT min(code) FROM grid WHERE is_leaf")).scalar_one()
    inspector = Actor("i", account_id=1, grants=(Grant(Role.INSPECTOR, code),))
    own = {row.id for row in walk(uow, find, 50, actor=inspector)}
    hidden = next(row.id for row in find(uow, limit=1000, after=0).rows if row.id not in own)
    with pytest.raises(NotFound):
        find(uow, actor=inspector, limit=10, after=hidden)
    assert find(uow, limit=10, after=hidden).rows


@pytest.mark.parametrize("find", LISTS.values())
def test_a_page_after_a_row_that_has_gone_is_told_so(uow, find):
    with pytest.raises(NotFound):
        find(uow, limit=10, after=2**62)


@pytest.mark.parametrize(("time", "find"), LISTS.items())
def test_any_place_in_the_list_is_found_by_its_index(uow, explained, time, find):
    uow.connection.execute(text("SET LOCAL enable_seqscan = off"))
    uow.connection.execute(text("SET LOCAL enable_bitmapscan = off"))
    first = find(uow, limit=50, after=0)
    late = Filter(since=datetime(2026, 11, 1, tzinfo=UTC))
    plans = explained(
        uow, lambda: (find(uow, limit=50, after=first.next), find(uow, late, limit=50, after=0))
    )
    beyond, since = (plan for plan in plans if "Limit" in plan)
    assert f"Index Cond: (ROW({time}, id) > ROW(" in beyond.replace(f"{time.split('_')[0]}.", "")
    assert f"Index Cond: ({time} >= " in since
    assert "Sort  (" not in beyond + since


def test_the_trail_goes_back_in_time_by_its_index(database, explained):
    with database.write() as uow:
        for number in range(130):
            uow.record(OPERATOR, "change", "entity", number)
    with database.read() as uow:
        uow.connection.execute(text("SET LOCAL enable_seqscan = off"))
        first = list_audit(uow.connection, AuditFilter(), before=None, limit=100)
        ids = [entry.id for entry in first.rows]
        assert ids == sorted(ids, reverse=True)
        plans = explained(
            uow, lambda: list_audit(uow.connection, AuditFilter(), before=first.next, limit=100)
        )
        rest = list_audit(uow.connection, AuditFilter(), before=first.next, limit=100_000)
        assert not {entry.id for entry in rest.rows} & set(ids)
        total = uow.connection.execute(text("SELECT count(*) FROM audit_log")).scalar_one()
        assert len(rest.rows) + len(ids) == total
        with pytest.raises(NotFound):
            list_audit(uow.connection, AuditFilter(), before=2**62, limit=1)
    assert "Index Cond: (ROW(at, id) < ROW(" in plans[-1]
    assert "Sort  (" not in plans[-1]
