"""Cases, reporters, ratings, and what the public may read, in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    and_,
    cast,
    exists,
    false,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from geo.db.issue_flow import GRID, reported_within
from geo.db.issues import judged_at
from geo.db.measures import by_grid, grid_name, within_period
from geo.db.profiles import in_regime
from geo.db.tables import (
    grid,
    grid_within,
    issue,
    issue_rating,
    issue_reporter,
    issue_transfer,
    issue_transfer_number,
)
from geo.domain.actors import Jurisdiction
from geo.domain.grids import Level
from geo.domain.issue_cases import Case, GridRates, IssueRates, PublicResult, Rating, Reporter
from geo.domain.issues import IssueState
from geo.domain.measures import Period, Share
from geo.domain.pages import Page
from geo.domain.profiles.issues import Section
from geo.domain.profiles.regulations import Regime

SATISFIED = 4
"""From this score on a reporter is satisfied."""

# cases ----------------------------------------------------------------------------------------------------


def open_case(
    connection: Connection, issue_id: int, section: Section, *, facts: str, at: datetime, actor: str
) -> Case:
    """Hand an issue over to a section, under a number that no other case has."""
    drawn = connection.execute(issue_transfer_number.next_value()).scalar_one()
    row = {
        "issue_id": issue_id,
        "number": f"YJ{at:%Y}-{drawn:05d}",
        "section": section.key,
        "section_zh": section.name.zh,
        "section_en": section.name.en,
        "matter": section.takes,
        "facts": facts,
        "transferred_at": at,
        "transferred_by": actor,
    }
    return Case(*connection.execute(insert(issue_transfer).values(row).returning(*_CASE)).one())


_CASE = tuple(issue_transfer.c[name] for name in Case.__dataclass_fields__)


def record_outcome(
    connection: Connection, issue_id: int, outcome: str, *, at: datetime, actor: str
) -> Case | None:
    """Keep the outcome of the open case of an issue; None where it has none."""
    row = connection.execute(
        update(issue_transfer)
        .where(issue_transfer.c.issue_id == issue_id, issue_transfer.c.outcome.is_(None))
        .values(outcome=outcome, outcome_at=at, outcome_by=actor)
        .returning(*_CASE)
    ).one_or_none()
    return None if row is None else Case(*row)


def cases_of(connection: Connection, issue_id: int) -> tuple[Case, ...]:
    """Give the cases of an issue, the first one first."""
    rows = connection.execute(
        select(*_CASE).where(issue_transfer.c.issue_id == issue_id).order_by(issue_transfer.c.id)
    )
    return tuple(Case(*row) for row in rows)


# reporters ------------------------------------------------------------------------------------------------


def keep_reporter(connection: Connection, issue_id: int, reporter: Reporter, code_hash: bytes) -> None:
    """Keep who reported an issue, and by which code they are known; a former code is good no more."""
    values = {"name": reporter.name, "phone": reporter.phone, "code_hash": code_hash}
    statement = upsert(issue_reporter).values(issue_id=issue_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["issue_id"], set_=values))


def reporter_of(connection: Connection, issue_id: int) -> Reporter | None:
    """Give who reported an issue, or None where nobody has kept that."""
    row = connection.execute(
        select(issue_reporter.c.name, issue_reporter.c.phone).where(issue_reporter.c.issue_id == issue_id)
    ).one_or_none()
    return None if row is None else Reporter(*row)


def code_hash_of(connection: Connection, issue_id: int) -> bytes | None:
    """Give the hash of the code of the reporter of an issue, or None."""
    found = select(issue_reporter.c.code_hash).where(issue_reporter.c.issue_id == issue_id)
    code_hash = connection.execute(found).scalar_one_or_none()
    return None if code_hash is None else bytes(code_hash)


def keep_rating(connection: Connection, issue_id: int, rating: Rating) -> None:
    """Append what a reporter says of the outcome."""
    connection.execute(
        insert(issue_rating).values(
            issue_id=issue_id, score=rating.score, words=rating.words, rated_at=rating.rated_at
        )
    )


def rating_of(connection: Connection, issue_id: int) -> Rating | None:
    """Give the latest rating of an issue, or None."""
    row = connection.execute(
        select(issue_rating.c.score, issue_rating.c.words, issue_rating.c.rated_at)
        .where(issue_rating.c.issue_id == issue_id)
        .order_by(issue_rating.c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Rating(*row)


# the public -----------------------------------------------------------------------------------------------


def public_results(
    connection: Connection, *conditions: ColumnElement[bool], zone: str, limit: int, after: int
) -> Page[PublicResult]:
    """Give what the public may read of issues, the newest first.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    *conditions : ColumnElement
        Which issues.
    zone : str
        IANA name of the zone of the city.
    limit, after : int
        At most so many, with lower ids; from the newest one with 0.
    """
    around = grid.alias()
    community = (
        select(around.c.name)
        .join(grid_within, grid_within.c.ancestor_id == around.c.id)
        .where(grid_within.c.grid_id == issue.c.grid_id, around.c.level == Level.COMMUNITY)
        .correlate(issue)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(
            issue.c.id,
            issue.c.number,
            issue.c.category,
            community.label("community"),
            issue.c.state,
            cast(func.timezone(zone, issue.c.reported_at), Date).label("reported_on"),
            cast(func.timezone(zone, issue.c.closed_at), Date).label("closed_on"),
            func.coalesce(issue.c.closed_at <= judged_at(), issue.c.closed_at.is_not(None)).label("on_time"),
            issue.c.public_result,
        )
        .where(*conditions, *([issue.c.id < after] if after else []))
        .order_by(issue.c.id.desc())
        .limit(limit + 1)
    ).all()
    results = tuple(
        PublicResult(
            row.id,
            row.number,
            row.category,
            row.community,
            IssueState(row.state),
            row.reported_on,
            row.closed_on,
            row.on_time,
            row.public_result,
        )
        for row in rows[:limit]
    )
    return Page(results, results[-1].id if len(rows) > limit else None)


def is_published(regimes: Sequence[Regime], zone: str) -> ColumnElement[bool]:
    """Hold for issues that were struck off and are ruled by one of some regimes, which publish results."""
    ruled = (and_(in_regime(GRID, one), reported_within(one.since, one.until, zone)) for one in regimes)
    return and_(issue.c.state == IssueState.CLOSED, or_(false(), *ruled))


def is_numbered(number: str) -> ColumnElement[bool]:
    """Hold for the issue with a number."""
    return issue.c.number == number


# measures -------------------------------------------------------------------------------------------------


def rates(
    connection: Connection,
    period: Period,
    now: datetime,
    *,
    level: Level | None,
    jurisdiction: Jurisdiction,
) -> tuple[GridRates, ...]:
    """Give the rates of the issues that were reported in a period, by grid."""
    of_issue = issue_transfer.c.issue_id == issue.c.id
    transferred = exists().where(of_issue).correlate(issue)
    told = exists().where(of_issue, issue_transfer.c.outcome.is_not(None)).correlate(issue)
    score = (
        select(issue_rating.c.score)
        .where(issue_rating.c.issue_id == issue.c.id)
        .order_by(issue_rating.c.id.desc())
        .limit(1)
        .correlate(issue)
        .scalar_subquery()
    )
    each = (
        select(
            issue.c.grid_id,
            or_(issue.c.closed_at.is_not(None), judged_at() < now).label("due"),
            and_(
                issue.c.closed_at.is_not(None),
                func.coalesce(issue.c.closed_at <= judged_at(), True),
            ).label("on_time"),
            transferred.label("transferred"),
            told.label("told"),
            score.label("score"),
        )
        .where(within_period(issue.c.reported_at, period), issue.c.state != IssueState.VOID)
        .cte("each_issue")
    )

    def number_of(condition: ColumnElement[Any]) -> ColumnElement[int]:
        return func.count().filter(condition)

    counts = (
        select(
            each.c.grid_id,
            func.count().label("reported"),
            number_of(each.c.due).label("due"),
            number_of(each.c.on_time).label("on_time"),
            number_of(each.c.transferred).label("transferred"),
            number_of(each.c.told).label("told"),
            number_of(each.c.score.is_not(None)).label("rated"),
            number_of(each.c.score >= SATISFIED).label("satisfied"),
        )
        .group_by(each.c.grid_id)
        .cte("rated_issues")
    )
    rows = connection.execute(by_grid(counts, level, jurisdiction))
    return tuple(GridRates(grid_name(row), _rates(row)) for row in rows)


def _rates(row: Any) -> IssueRates:
    return IssueRates(
        Share(row.on_time, row.due),
        Share(row.transferred, row.reported),
        Share(row.told, row.transferred),
        Share(row.satisfied, row.rated),
    )
