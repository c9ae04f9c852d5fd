"""Issues of the small city, each made for one request."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from geo.db.profiles import insert_regulation
from geo.domain.actors import OPERATOR
from geo.domain.issue_cases import Case, Reporter
from geo.domain.issues import Issue, IssueState, Step
from geo.services import issue_cases, issue_flow, issue_results, issues
from geo.services.profile_documents import document_of, shipped_profile
from tests.contract.city import City

ZONE = ZoneInfo("Asia/Shanghai")
LONG_AGO = datetime(2026, 9, 25, 9, tzinfo=ZONE)
FAIR = date(2001, 1, 5)
"""On this day the sections of the food and drug bureau take cases in `City.unit`, and on no other."""


def new_issue(city: City, *states: str, at: datetime | None = None) -> Issue:
    """A new issue in `unit`, taken through some states."""
    now = at or datetime.now(ZONE)
    values = {"category": "占道经营", "place": (city.lon, city.lat), "reported_at": now}
    with city.database.write() as uow:
        issue = issues.report_issue(OPERATOR, uow, values=values, now=now)
        for state in states:
            step = Step(IssueState(state), result="已劝离")
            issue = issues.take_step(OPERATOR, uow, issue.id, revision=issue.revision, step=step, now=now)
    return issue


def waiting_issue(city: City) -> Issue:
    """A new issue whose clock stands."""
    issue = new_issue(city)
    with city.database.write() as uow:
        return issue_flow.wait(
            OPERATOR, uow, issue.id, revision=issue.revision, reason="待补材料", now=datetime.now(ZONE)
        )


def case_issue(city: City) -> Issue:
    """A new issue in `unit` that sections take."""
    with city.database.write() as uow:
        for profile, day in (("food-drug", FAIR), ("community", FAIR + timedelta(days=1))):
            insert_regulation(
                uow.connection,
                grid_code=city.unit,
                valid_from=day,
                document=document_of(shipped_profile(profile)),
                path=None,
                adopted_by="operator",
            )
    return new_issue(city, at=datetime(FAIR.year, FAIR.month, FAIR.day, 9, tzinfo=ZONE))


def open_case(city: City) -> tuple[Issue, Case]:
    """An issue with an open case."""
    issue = case_issue(city)
    with city.database.write() as uow:
        case = issue_cases.transfer(
            OPERATOR,
            uow,
            issue.id,
            revision=issue.revision,
            section="business",
            facts="过期食品",
            now=datetime.now(ZONE),
        )
        return issues.numbered(OPERATOR, uow, issue.number), case


def reported_issue(city: City, *states: str) -> tuple[Issue, str]:
    """An issue whose reporter is known, with their code."""
    issue = new_issue(city, *states)
    with city.database.write() as uow:
        code = issue_results.welcome_reporter(
            OPERATOR, uow, issue.id, revision=issue.revision, reporter=Reporter("王女士", "0990-5550001")
        )
    return issue, code


def about(issue: Issue, **path: Any) -> dict[str, Any]:
    """The parts of the path to an issue."""
    return {"issue_id": issue.id, **path}


def if_match(issue: Issue) -> dict[str, str]:
    """The header of a change of an issue."""
    return {"If-Match": f'"{issue.revision}"'}
