"""Findings of supervisors: appended, withdrawn with a reason, never changed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select

from geo.db.jurisdictions import code_within
from geo.db.lineage import stands_within
from geo.db.tables import finding
from geo.domain.actors import Jurisdiction
from geo.domain.findings import Finding
from geo.domain.profiles.assessment import Tally
from geo.errors import NotFound


def _finding(row: Row[tuple[object, ...]]) -> Finding:
    return Finding(
        row.id,
        Tally(row.tally),
        row.happened_on,
        row.person_id,
        row.grid_code,
        row.note,
        row.recorded_by,
        row.recorded_at,
        row.withdrawn_because,
    )


def insert_finding(
    connection: Connection,
    *,
    tally: Tally,
    happened_on: date,
    person_id: int | None,
    grid_code: str,
    note: str,
    recorded_by: str,
) -> Finding:
    """Keep a finding."""
    row = connection.execute(
        finding.insert()
        .values(
            tally=tally,
            happened_on=happened_on,
            person_id=person_id,
            grid_code=grid_code,
            note=note,
            recorded_by=recorded_by,
        )
        .returning(finding)
    ).one()
    return _finding(row)


def find_finding(connection: Connection, finding_id: int) -> Finding:
    """Give a finding, or raise `NotFound`."""
    row = connection.execute(select(finding).where(finding.c.id == finding_id)).one_or_none()
    if row is None:
        raise NotFound(kind="finding", key=finding_id)
    return _finding(row)


def withdraw(connection: Connection, finding_id: int, *, by: str, at: datetime, because: str) -> bool:
    """Withdraw a finding, and tell whether it wasn't withdrawn before."""
    done = connection.execute(
        finding.update()
        .where(finding.c.id == finding_id, finding.c.withdrawn_at.is_(None))
        .values(withdrawn_by=by, withdrawn_at=at, withdrawn_because=because)
    )
    return done.rowcount == 1


def list_findings(
    connection: Connection, since: date, until: date, jurisdiction: Jurisdiction
) -> tuple[Finding, ...]:
    """Give the findings of a span of days, withdrawn ones too, the newest first."""
    rows = connection.execute(
        select(finding)
        .where(
            finding.c.happened_on >= since,
            finding.c.happened_on < until,
            code_within(finding.c.grid_code, jurisdiction),
        )
        .order_by(finding.c.happened_on.desc(), finding.c.id.desc())
    )
    return tuple(map(_finding, rows))


def _counted(tally: Tally, since: date, until: date) -> ColumnElement[bool]:
    return and_(
        finding.c.tally == tally,
        finding.c.withdrawn_at.is_(None),
        finding.c.happened_on >= since,
        finding.c.happened_on < until,
    )


def count_by_code(connection: Connection, tally: Tally, since: date, until: date) -> dict[str, int]:
    """Count the findings of a span of days by the code of the grid, of any level, that they name."""
    rows = connection.execute(
        select(finding.c.grid_code, func.count())
        .where(_counted(tally, since, until))
        .group_by(finding.c.grid_code)
    )
    return {code: count for code, count in rows}  # noqa: C416 - mypy knows the types of the pairs


def count_by_person(
    connection: Connection,
    tally: Tally,
    since: date,
    until: date,
    *,
    jurisdiction: Jurisdiction,
    at: datetime | None,
) -> dict[int, int]:
    """Count the findings of a span of days by the person that they name, by the grids of now or of a time."""
    rows = connection.execute(
        select(finding.c.person_id, func.count())
        .where(
            _counted(tally, since, until),
            finding.c.person_id.is_not(None),
            stands_within(finding.c.grid_code, jurisdiction, at),
        )
        .group_by(finding.c.person_id)
    )
    return {person: count for person, count in rows}  # noqa: C416 - mypy knows the types of the pairs
