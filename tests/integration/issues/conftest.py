"""A demo city in which each test lets another profile hold, and whose changes are given up at its end."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from geo.domain.actors import OPERATOR
from geo.domain.issues import IssueState, Step
from geo.domain.photos import NO_PHOTOS
from geo.services import issues
from geo.services.issues import ISSUES
from geo.services.profiles import settle

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 20, 15, tzinfo=ZONE)
FRIDAY = datetime(2026, 9, 25, 10, tzinfo=ZONE)


@pytest.fixture(scope="module")
def database(demo_database):
    return demo_database


class GivenUp(Exception):
    pass


@pytest.fixture
def uow(database):
    """A transaction that is given up at the end of the test."""
    with pytest.raises(GivenUp), database.write() as uow:  # noqa: PT012 - the fixture's body is the test
        uow.connection.execute(
            text("UPDATE issue SET due_is_given = true")
        )  # the demo's own stay as they are
        yield uow
        raise GivenUp


@pytest.fixture
def place(uow):
    row = uow.connection.execute(
        text(
            "SELECT code, ST_X(p) AS lon, ST_Y(p) AS lat FROM grid, ST_PointOnSurface(geom) AS p"
            " WHERE is_leaf AND generation_id = (SELECT max(id) FROM generation)"
            " ORDER BY code LIMIT 1"
        )
    ).one()
    return row.code, (row.lon, row.lat)


@pytest.fixture
def under(uow):
    """Let a shipped profile hold for the whole city from the beginning."""

    def adopt(key):
        with_triggers_off = "ALTER TABLE regulation DISABLE TRIGGER USER"
        uow.connection.execute(text(with_triggers_off))
        uow.connection.execute(text("DELETE FROM regulation"))
        uow.connection.execute(text("ALTER TABLE regulation ENABLE TRIGGER USER"))
        settle(uow, key)

    return adopt


@pytest.fixture
def report(uow, place):
    def make(at=FRIDAY, actor=OPERATOR, photos=NO_PHOTOS, **values):
        whole = {"category": "暴露垃圾", "place": place[1], "reported_at": at, **values}
        return issues.report_issue(actor, uow, values=whole, photos=photos, now=at)

    return make


@pytest.fixture
def go(uow):
    """Take steps, each at the present revision."""

    def step(issue, *states, now=FRIDAY, **told):
        for state in states:
            revision = ISSUES.get(OPERATOR, uow, issue.id).revision
            taken = Step(IssueState(state), **told)
            issue = issues.take_step(OPERATOR, uow, issue.id, revision=revision, step=taken, now=now)
        return issue

    return step
