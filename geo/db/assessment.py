"""What people and grids are assessed by: facts that can be shown, summed up by grid and by person.

A *fact* is a record that counts: a visit or an issue, with the part of it that speaks for its grid and its
people (numerator, 0 or more) out of what could (denominator). A count is the sum of denominators.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    Date,
    Select,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)

from geo.db.expressions import within_jurisdiction
from geo.db.homes import home_at
from geo.db.issue_cases import SATISFIED
from geo.db.issues import judged_at, late_levels
from geo.db.lineage import stands_within
from geo.db.measures import by_grid, within_period
from geo.db.profiles import in_regime
from geo.db.tables import (
    assessment_snapshot,
    assignment,
    generation,
    grid,
    grid_code,
    inspection,
    issue,
    issue_person,
    issue_rating,
    issue_transfer,
    person,
    visit,
    visit_person,
)
from geo.domain.actors import Jurisdiction
from geo.domain.assessment import Assessment, AssessmentSnapshot, Fact, Span
from geo.domain.grids import Level
from geo.domain.issues import IssueState
from geo.domain.measures import Period, Share
from geo.domain.profiles.assessment import Rate, Tally
from geo.domain.profiles.regulations import Regime

Facts = Select[Any]
"""Selects facts."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What facts are wanted.

    Attributes
    ----------
    period : Period
        In which they happened; its end is never ahead of the present.
    timezone : str
        IANA name of the zone of the city.
    inspection : str
        The kind of visits that are inspections.
    delay : timedelta or None
        Records that were entered later than this after their time are late; None where nothing is too late.
    grids_at : datetime, optional
        The homes of facts are those of the division that held then; of the one in force by default.
    """

    period: Period
    timezone: str
    inspection: str
    delay: timedelta | None
    grids_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of facts.

    Attributes
    ----------
    version : int
        Counts the changes of its definition.
    facts : callable
        Selects the facts; its docstring says what they are.
    """

    version: int
    facts: Callable[[Asked], Facts]


def _of_issues(asked: Asked, at: ColumnElement[datetime], numerator: Any) -> Facts:
    return select(
        literal("issue").label("kind"),
        issue.c.id.label("id"),
        issue.c.number.label("label"),
        at.label("at"),
        home_at(issue, asked.grids_at).label("grid_id"),
        cast(numerator, BigInteger).label("numerator"),
        literal(1, BigInteger).label("denominator"),
    )


def _of_visits(asked: Asked, numerator: Any) -> Facts:
    return select(
        literal("visit").label("kind"),
        visit.c.id.label("id"),
        func.coalesce(visit.c.ref, func.concat("#", visit.c.id)).label("label"),
        visit.c.visited_at.label("at"),
        home_at(visit, asked.grids_at).label("grid_id"),
        cast(numerator, BigInteger).label("numerator"),
        literal(1, BigInteger).label("denominator"),
    )


def _one_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def on_time(asked: Asked) -> Facts:
    """Select issues closed by every deadline on their way, out of those judged in the period."""
    # judged when the first deadline passes that it doesn't keep, or else when its last one does
    return _of_issues(asked, judged_at(), _one_if(issue.c.closed_at <= judged_at())).where(
        within_period(judged_at(), asked.period), issue.c.state != IssueState.VOID
    )


def valid_reports(asked: Asked) -> Facts:
    """Select reports that were not void, or void as duplicates, out of all of the period."""
    is_valid = or_(issue.c.state != IssueState.VOID, issue.c.merged_into_id.is_not(None))
    return _of_issues(asked, issue.c.reported_at, _one_if(is_valid)).where(
        within_period(issue.c.reported_at, asked.period)
    )


def satisfaction(asked: Asked) -> Facts:
    """Select issues whose latest rating is good, out of those rated in the period."""
    latest = (
        select(issue_rating.c.issue_id, issue_rating.c.score, issue_rating.c.rated_at)
        .distinct(issue_rating.c.issue_id)
        .where(within_period(issue_rating.c.rated_at, asked.period))
        .order_by(issue_rating.c.issue_id, issue_rating.c.id.desc())
        .subquery()
    )
    return _of_issues(asked, latest.c.rated_at, _one_if(latest.c.score >= SATISFIED)).select_from(
        latest.join(issue, issue.c.id == latest.c.issue_id)
    )


def transfer(asked: Asked) -> Facts:
    """Select cases whose outcome came back, out of all that were handed over in the period."""
    came_back = _one_if(issue_transfer.c.outcome_at.is_not(None))
    return (
        _of_issues(asked, issue_transfer.c.transferred_at, came_back)
        .select_from(issue_transfer.join(issue, issue.c.id == issue_transfer.c.issue_id))
        .where(within_period(issue_transfer.c.transferred_at, asked.period))
    )


def records(asked: Asked) -> Facts:
    """Select inspections with a record, out of all inspections of the period."""
    has_record = exists().where(inspection.c.visit_id == visit.c.id)
    return _of_visits(asked, _one_if(has_record)).where(
        visit.c.kind == asked.inspection, within_period(visit.c.visited_at, asked.period)
    )


def late_reports(asked: Asked) -> Facts:
    """Select visits entered later than allowed; imported ones have no time of entry."""
    is_late = false() if asked.delay is None else visit.c.created_at - visit.c.visited_at > asked.delay
    return _of_visits(asked, 1).where(
        within_period(visit.c.visited_at, asked.period), visit.c.batch_id.is_(None), is_late
    )


def false_reports(asked: Asked) -> Facts:
    """Select reports of the period that were void, and not as duplicates."""
    return _of_issues(asked, issue.c.reported_at, 1).where(
        within_period(issue.c.reported_at, asked.period),
        issue.c.state == IssueState.VOID,
        issue.c.merged_into_id.is_(None),
    )


def hazards_left(asked: Asked) -> Facts:
    """Select issues whose first deadline passed in the period, and that were unresolved at its end."""
    return _of_issues(asked, judged_at(), 1).where(
        within_period(judged_at(), asked.period),
        issue.c.state != IssueState.VOID,
        or_(issue.c.closed_at.is_(None), issue.c.closed_at >= asked.period.end),
    )


RATES: dict[Rate, Measure] = {
    Rate.ON_TIME: Measure(2, on_time),
    Rate.VALID_REPORTS: Measure(1, valid_reports),
    Rate.SATISFACTION: Measure(1, satisfaction),
    Rate.TRANSFER: Measure(1, transfer),
    Rate.RECORDS: Measure(1, records),
}
"""Rates that are made of facts; those of duties are in `geo.domain.duties`."""

RECORDED: dict[Tally, Measure] = {
    Tally.LATE_REPORTS: Measure(1, late_reports),
    Tally.FALSE_REPORTS: Measure(1, false_reports),
    Tally.HAZARDS_LEFT: Measure(2, hazards_left),
}
"""Counts that records tell by themselves; findings of supervisors come on top, and make up all others."""


def facts_of(measure: Measure, asked: Asked, regime: Regime) -> Facts:
    """Select the facts of a measure that lie on the ground of a regime.

    Parameters
    ----------
    measure : Measure
        What is measured.
    asked : Asked
        When, and what the profile of the regime says.
    regime : Regime
        Where.
    """
    fact = measure.facts(asked).subquery()
    return select(fact).where(in_regime(fact.c.grid_id, regime))


def rate_by_grid(
    connection: Connection,
    facts: Facts,
    level: Level | None,
    jurisdiction: Jurisdiction,
    at: datetime | None = None,
) -> dict[str, Share]:
    """Give the sums of facts by the code of the grid.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    facts : Select
        As a measure selects them.
    level : Level or None
        The level of the grids, None for the leaves.
    jurisdiction : Jurisdiction
        Only grids that lie in it are told.
    at : datetime, optional
        By the division that held then, in which the facts know their homes; by the one in force by default.
    """
    rows = connection.execute(by_grid(_summed(facts), level, jurisdiction, at))
    return {row.code: Share(row.numerator, row.denominator) for row in rows}


def _summed(facts: Facts) -> CTE:
    fact = facts.subquery()
    return (
        select(
            fact.c.grid_id,
            func.sum(fact.c.numerator).label("numerator"),
            func.sum(fact.c.denominator).label("denominator"),
        )
        .group_by(fact.c.grid_id)
        .cte("summed")
    )


def rate_by_person(
    connection: Connection, facts: Facts, timezone: str, jurisdiction: Jurisdiction
) -> dict[int, Share]:
    """Give the sums of facts by the people whose facts they are.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    facts : Select
        As a measure selects them.
    timezone : str
        IANA name of the zone of the city.
    jurisdiction : Jurisdiction
        Only facts that lie in it count.

    Notes
    -----
    A visit is that of those who went. An issue is that of the people named for it; where nobody is, of those
    who held a post in its grid on that day, under the code that the grid had then.
    """
    owned = _owned(facts, timezone).subquery()
    rows = connection.execute(
        select(owned.c.person_id, func.sum(owned.c.numerator), func.sum(owned.c.denominator))
        .where(within_jurisdiction(owned.c.grid_id, jurisdiction))
        .group_by(owned.c.person_id)
    )
    return {key: Share(int(numerator), int(denominator)) for key, numerator, denominator in rows}


def _owned(facts: Facts, timezone: str) -> Facts:
    """Select facts once for each of the people whose facts they are."""
    fact = facts.cte("fact")
    is_issue = fact.c.kind == "issue"
    named = select(issue_person.c.issue_id, issue_person.c.person_id).distinct().subquery()
    nobody = ~exists().where(issue_person.c.issue_id == fact.c.id)
    here, begun, gone, known = grid.alias(), generation.alias(), generation.alias(), grid_code.alias()
    was_there = and_(begun.c.valid_from <= fact.c.at, or_(gone.c.id.is_(None), gone.c.valid_from > fact.c.at))
    code_then = case(
        (was_there, here.c.code),
        else_=func.coalesce(func.leaf_code_at(issue.c.geom, fact.c.at), here.c.code),
    )
    day = cast(func.timezone(timezone, fact.c.at), Date)
    held = and_(
        assignment.c.grid_code == code_then,
        assignment.c.valid_from <= day,
        or_(assignment.c.valid_to.is_(None), assignment.c.valid_to > day),
    )
    return select(
        union_all(
            select(fact, visit_person.c.person_id).join(
                visit_person, and_(fact.c.kind == "visit", visit_person.c.visit_id == fact.c.id)
            ),
            select(fact, named.c.person_id).join(named, and_(is_issue, named.c.issue_id == fact.c.id)),
            select(fact, assignment.c.person_id)
            .distinct()
            .select_from(
                fact.join(issue, issue.c.id == fact.c.id)
                .join(here, here.c.id == fact.c.grid_id)
                .join(known, known.c.code == here.c.code)
                .join(begun, begun.c.id == known.c.first_generation_id)
                .outerjoin(gone, gone.c.id == known.c.retired_by_generation_id)
                .join(assignment, held)
            )
            .where(is_issue, nobody),
        ).subquery("owned")
    )


def trail_of_grid(connection: Connection, facts: Facts, code: str, limit: int) -> tuple[Fact, ...]:
    """Give the facts of a grid and all below it, the newest first."""
    fact = facts.subquery()
    there = within_jurisdiction(fact.c.grid_id, Jurisdiction(frozenset({code})))
    return _facts(connection, select(fact).where(there), limit)


def trail_of_person(
    connection: Connection,
    facts: Facts,
    *,
    timezone: str,
    person_id: int,
    jurisdiction: Jurisdiction,
    limit: int,
) -> tuple[Fact, ...]:
    """Give the facts of a person that lie in a jurisdiction, the newest first."""
    owned = _owned(facts, timezone).subquery()
    there = within_jurisdiction(owned.c.grid_id, jurisdiction)
    return _facts(connection, select(owned).where(owned.c.person_id == person_id, there), limit)


def _facts(connection: Connection, chosen: Facts, limit: int) -> tuple[Fact, ...]:
    one = chosen.subquery()
    rows = connection.execute(
        select(one, late_levels().label("late_levels"))
        .select_from(one.outerjoin(issue, and_(one.c.kind == "issue", issue.c.id == one.c.id)))
        .order_by(one.c.at.desc(), one.c.id.desc())
        .limit(limit)
    )
    return tuple(
        Fact(
            row.kind,
            row.id,
            row.label,
            row.at,
            row.numerator,
            row.denominator,
            tuple(row.late_levels or ()),
        )
        for row in rows
    )


def assessed_people(
    connection: Connection,
    since: date,
    until: date,
    *,
    posts: tuple[str, ...],
    jurisdiction: Jurisdiction,
    at: datetime | None,
) -> dict[int, str]:
    """Give the names of those who held one of some posts in a span of days, by number.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    since, until : date
        The first day, and the first one after.
    posts : tuple of str
        Keys of posts; any post, without any.
    jurisdiction : Jurisdiction
        Where they served.
    at : datetime or None
        By the division that held then; None for the one in force.
    """
    rows = connection.execute(
        select(person.c.id, person.c.name)
        .distinct()
        .join(assignment, assignment.c.person_id == person.c.id)
        .where(
            assignment.c.valid_from < until,
            or_(assignment.c.valid_to.is_(None), assignment.c.valid_to > since),
            assignment.c.post.in_(posts) if posts else true(),
            stands_within(assignment.c.grid_code, jurisdiction, at),
        )
    )
    return {row.id: row.name for row in rows}


def keep(
    connection: Connection, assessment: Assessment, *, grid_code: str | None, sha256: str, made_by: str
) -> int:
    """Keep an assessment as it is, and give the id of the row."""
    key: int = connection.execute(
        assessment_snapshot.insert()
        .values(
            subject=assessment.subject,
            period=assessment.span.period,
            since=assessment.span.since,
            grid_code=grid_code,
            document=assessment.document(),
            sha256=sha256,
            made_by=made_by,
            made_at=assessment.made_at,
        )
        .returning(assessment_snapshot.c.id)
    ).scalar_one()
    return key


def snapshots(
    connection: Connection, subject: str, span: Span, grid_code: str | None
) -> tuple[AssessmentSnapshot, ...]:
    """Give all that was kept of a span and a place, the newest first."""
    rows = connection.execute(
        select(assessment_snapshot)
        .where(
            assessment_snapshot.c.subject == subject,
            assessment_snapshot.c.period == span.period,
            assessment_snapshot.c.since == span.since,
            assessment_snapshot.c.grid_code.is_not_distinct_from(grid_code),
        )
        .order_by(assessment_snapshot.c.id.desc())
    )
    return tuple(
        AssessmentSnapshot(row.id, row.made_by, row.made_at, row.sha256, row.document) for row in rows
    )
