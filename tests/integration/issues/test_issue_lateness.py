"""An issue is closed on time if every deadline on its way was kept; measures, statistics and pages agree."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from geo.db import assessment
from geo.domain.actors import OPERATOR
from geo.domain.measures import Period, Share
from geo.domain.profiles.assessment import Rate
from geo.errors import ReasonMissing
from geo.services import issue_flow, issue_results
from geo.services.backlog import backlog
from geo.services.issue_clock import run_clock
from geo.services.issues import ISSUES

pytestmark = pytest.mark.database
ZONE = ZoneInfo("Asia/Shanghai")
FRIDAY = datetime(2026, 9, 25, 10, tzinfo=ZONE)
SATURDAY_NIGHT = datetime(2026, 9, 26, 19, tzinfo=ZONE)
"""The community's office has until six on Saturday; its committee until six on Sunday."""
SUNDAY = datetime(2026, 9, 27, 12, tzinfo=ZONE)
STAGES = ("accepted", "handled", "closed")


def up(uow, issue, now):
    found = ISSUES.get(OPERATOR, uow, issue.id)
    return issue_flow.escalate(OPERATOR, uow, issue.id, revision=found.revision, reason="涉及全街道", now=now)


def again(uow, issue):
    return ISSUES.get(OPERATOR, uow, issue.id)


def told(uow, place, now=SUNDAY + timedelta(days=30)):
    """What each measure tells of the issues of this test: closed on time, out of those closed."""
    reported = Period(FRIDAY, FRIDAY + timedelta(minutes=1))
    rates = issue_results.issue_rates(OPERATOR, uow, reported, now)
    counts = backlog(OPERATOR, uow, now, reported=reported)
    asked = assessment.Asked(Period(FRIDAY, now), ZONE.key, "check", None)
    facts = assessment.RATES[Rate.ON_TIME].facts(asked)
    trail = assessment.trail_of_grid(uow.connection, facts, place[0], 1_000)
    numbers = set(
        uow.connection.scalars(text("SELECT number FROM issue WHERE reported_at = :at"), {"at": FRIDAY})
    )
    own = [fact for fact in trail if fact.label in numbers]
    count = next(row.count for row in counts.grids if row.grid.code == place[0])
    return {
        "results": next(one.rates.on_time for one in rates if one.grid.code == place[0]),
        "backlog": Share(count.closed - count.closed_late, count.closed),
        "assessment": Share(sum(fact.numerator for fact in own), len(own)),
    }


def test_an_issue_that_went_up_late_is_not_on_time_however_quick_the_next_level_is(
    uow, under, report, go, place
):
    under("community")
    issue = report()
    run_clock(OPERATOR, uow, SATURDAY_NIGHT)
    closed = go(issue, *STAGES, now=SUNDAY, result="已清运", delay_reason="等车")
    closed = again(uow, closed)
    assert closed.due_at > closed.closed_at, "the deadline in force was kept"
    assert closed.is_overdue(SUNDAY)
    assert (closed.missed_at, closed.late_levels) == (datetime(2026, 9, 26, 18, tzinfo=ZONE), ("office",))
    assert set(told(uow, place).values()) == {Share(0, 1)}


def test_what_went_up_in_time_is_judged_by_the_next_level(uow, under, report, go, place):
    under("community")
    go(up(uow, report(), FRIDAY), *STAGES, now=FRIDAY, result="已清运")
    late = go(
        up(uow, report(), FRIDAY),
        *STAGES,
        now=SUNDAY + timedelta(days=2),
        result="已清运",
        delay_reason="等车",
    )
    assert again(uow, late).late_levels == ("committee",)
    assert set(told(uow, place).values()) == {Share(1, 2)}


def test_each_level_that_was_late_is_told(uow, under, report, go):
    under("community")
    issue = report()
    issue = up(uow, issue, SATURDAY_NIGHT)
    run_clock(OPERATOR, uow, SATURDAY_NIGHT + timedelta(days=3))
    assert again(uow, issue).late_levels == ("office", "committee")


def test_who_waits_after_the_deadline_has_missed_it(uow, under, report, go, place):
    under("community")
    issue = report()
    issue_flow.wait(OPERATOR, uow, issue.id, revision=issue.revision, reason="待补材料", now=SATURDAY_NIGHT)
    issue_flow.resume(OPERATOR, uow, issue.id, revision=again(uow, issue).revision, now=SUNDAY)
    go(issue, *STAGES, now=SUNDAY, result="已清运", delay_reason="等材料")
    assert again(uow, issue).due_at > SUNDAY
    assert set(told(uow, place).values()) == {Share(0, 1)}


def test_who_waits_before_the_deadline_has_not(uow, under, report, go, place):
    under("community")
    issue = report()
    issue_flow.wait(OPERATOR, uow, issue.id, revision=issue.revision, reason="待补材料", now=FRIDAY)
    issue_flow.resume(OPERATOR, uow, issue.id, revision=again(uow, issue).revision, now=SUNDAY)
    go(issue, *STAGES, now=SUNDAY, result="已清运")
    assert set(told(uow, place).values()) == {Share(1, 1)}


def test_to_open_it_again_does_not_undo_that_it_was_late(uow, under, report, go, place):
    under("community")
    issue = go(report(), *STAGES, now=SUNDAY, result="已清运", delay_reason="等车")
    go(issue, "accepted", now=SUNDAY, note="又有了")
    with pytest.raises(ReasonMissing):
        go(issue, "handled", "closed", now=SUNDAY, result="已清运")
    go(issue, "closed", now=SUNDAY, result="已清运", delay_reason="等车")
    assert again(uow, issue).due_at > SUNDAY
    assert again(uow, issue).late_levels == ("office",)
    assert set(told(uow, place).values()) == {Share(0, 1)}


def test_an_issue_that_went_up_late_counts_when_its_first_deadline_passed(uow, under, report):
    under("community")
    issue = report()
    run_clock(OPERATOR, uow, SATURDAY_NIGHT)
    assert again(uow, issue).due_at > SATURDAY_NIGHT
    facts = [
        assessment.RATES[Rate.ON_TIME].facts(
            assessment.Asked(Period(since, since + timedelta(days=1)), ZONE.key, "check", None)
        )
        for since in (FRIDAY.replace(hour=0), SATURDAY_NIGHT.replace(hour=0), SUNDAY.replace(hour=0))
    ]
    counted = [[row.numerator for row in uow.connection.execute(one) if row.id == issue.id] for one in facts]
    assert counted == [[], [0], []]
