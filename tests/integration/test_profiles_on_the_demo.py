"""Each profile on the demo city: a result of its own, and what makes the difference."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import OPERATOR
from geo.domain.assessment import span_of
from geo.domain.grids import Level
from geo.domain.measures import Period, Share
from geo.domain.profiles.assessment import AssessedPeriod
from geo.domain.profiles.values import parts_differing
from geo.services import assessment, issues, posts, profiles, statistics
from geo.services.assessment_measures import Asked
from geo.services.duties import clock_at, duty_tallies
from geo.services.profile_documents import document_of, shipped_profile, shipped_profiles

pytestmark = [pytest.mark.database, pytest.mark.slow]

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 20, 15, tzinfo=ZONE)
OCTOBER = Period(datetime(2026, 10, 1, tzinfo=ZONE), datetime(2026, 11, 1, tzinfo=ZONE))
SEPTEMBER_30 = datetime(2026, 9, 30, 16, tzinfo=ZONE)
"""A working day before a week of holidays."""


@dataclass(frozen=True)
class Result:
    """What came of a profile on the demo, by the section of the profile that it follows from."""

    duties: dict[str, tuple[int, int]]
    issues: datetime | None
    division: tuple[tuple[str, Share | None], ...]
    posts: Counter[tuple[str, str]]
    statistics: tuple[tuple[str, str | None], ...]
    assessment: dict[str, float | None]


@pytest.fixture(scope="module")
def city(demo_database):
    return demo_database


@contextmanager
def ruled_by(city, key):
    """A transaction of which nothing stays, in which a profile holds since the spring."""
    with city.engine.connect() as connection, connection.begin() as transaction:
        uow = UnitOfWork(connection)
        profiles.adopt(OPERATOR, uow, shipped_profile(key), grid_code=None, valid_from=date(2026, 3, 1))
        yield uow
        transaction.rollback()


@pytest.fixture(scope="module")
def results(city):
    found = {}
    for key in shipped_profiles():
        with ruled_by(city, key) as uow:
            found[key] = result(uow)
    return found


def result(uow):
    clock = clock_at(uow, ZONE, NOW)
    day = NOW.date()
    span = span_of(AssessedPeriod.MONTH, date(2026, 10, 1))
    told = statistics.make_statistics(
        OPERATOR, uow, statistics.Asked(date(2026, 10, 1), Level.STREET), timezone=ZONE.key, now=NOW
    )
    scores = assessment.assess(OPERATOR, uow, Asked(span, Level.COMMUNITY), clock)
    return Result(
        duties={
            one.duty.key: (one.total.due, one.total.done)
            for one in duty_tallies(OPERATOR, uow, OCTOBER, clock, level=Level.DISTRICT)
        },
        issues=reported(uow).due_at,
        division=tuple((one.principle.key, one.grids) for one in posts.principles(OPERATOR, uow, day)),
        posts=Counter(
            (post.post, fault)
            for _, some in posts.staffing(OPERATOR, uow, day)
            for post in some
            for fault in post.faults
        ),
        statistics=tuple((column.figure, column.detail) for column in told.columns),
        assessment={one.ranked.score.subject: one.ranked.score.value for one in scores.assessed},
    )


def reported(uow):
    """One and the same issue under each profile."""
    lon, lat = uow.connection.execute(
        text(
            "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) AS p FROM grid"
            " WHERE is_leaf AND generation_id = (SELECT max(id) FROM generation)"
            " ORDER BY code LIMIT 1) AS middle"
        )
    ).one()
    values = {"category": "暴露垃圾", "place": (lon, lat), "reported_at": SEPTEMBER_30}
    return issues.report_issue(OPERATOR, uow, values=values, now=SEPTEMBER_30)


def test_each_profile_gives_a_result_of_its_own(results):
    assert len(results) == 9
    for one, other in combinations(results.values(), 2):
        assert one != other


@pytest.mark.parametrize("section", Result.__dataclass_fields__)
def test_every_difference_is_explained(results, section):
    """Where figures differ, the comparison of the two profiles names rules that do."""
    different = 0
    for one, other in combinations(results, 2):
        if getattr(results[one], section) == getattr(results[other], section):
            continue
        different += 1
        pair = (document_of(shipped_profile(key)) for key in (one, other))
        sections = {part.path.partition(".")[0] for part in parts_differing(*pair)}
        assert section in sections or (section == "assessment" and "duties" in sections)
    assert different >= 20


def test_profiles_that_quote_a_deadline_close_the_same_issue_by_it(results):
    due = {key: one.issues for key, one in results.items() if one.issues}
    assert len(set(due.values())) >= 3, due
