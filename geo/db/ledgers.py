"""What a ledger counts: each question is one statement over a grid and all below it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    and_,
    case,
    cast,
    func,
    null,
    or_,
    select,
)

from geo.db.expressions import in_force, lies_within
from geo.db.jurisdictions import code_within
from geo.db.measures import within_period
from geo.db.tables import assignment, entity, grid, grid_within, issue, key_person, post, visit
from geo.domain.actors import Jurisdiction
from geo.domain.entities import EntityState
from geo.domain.ledgers import Changes, PostTally, Tally
from geo.domain.measures import Period

_WHOLE_NUMBER = r"^\d{1,9}$"


def basics(connection: Connection, code: str, attributes: Sequence[str]) -> dict[str, int | None]:
    """Give the sums of what the leaves of a grid brought along; None where none of them knows.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    code : str
        The grid.
    attributes : sequence of str
        Names of attributes that hold whole numbers, beside households and population.
    """
    ancestor = grid.alias()
    leaves = grid.join(grid_within, grid_within.c.grid_id == grid.c.id).join(
        ancestor, ancestor.c.id == grid_within.c.ancestor_id
    )
    rows = connection.execute(
        select(
            func.sum(grid.c.households).label("households"),
            func.sum(grid.c.population).label("population"),
            *(func.sum(_number(name)).label(name) for name in attributes),
        )
        .select_from(leaves)
        .where(ancestor.c.code == code, grid.c.is_leaf, grid.c.generation_id == in_force().scalar_subquery())
    )
    return dict(rows.mappings().one())


def _number(name: str) -> ColumnElement[int]:
    """Give an attribute as a number, or null where it is anything else."""
    written = grid.c.attributes[name].astext
    return case((written.regexp_match(_WHOLE_NUMBER), cast(written, BigInteger)), else_=null())


def key_people(connection: Connection, code: str) -> int:
    """Count the key people of a grid: counted, not named."""
    return _count(connection, key_person, code_within(key_person.c.grid_code, _only(code)))


def subjects(connection: Connection, code: str) -> tuple[Tally, ...]:
    """Count the entities of a grid by kind and state."""
    return _tallies(connection, entity, entity.c.kind, entity.c.state, _lies_in(entity, code))


def visits(connection: Connection, code: str, period: Period) -> tuple[Tally, ...]:
    """Count the visits of a period by kind and result."""
    during = within_period(visit.c.visited_at, period)
    return _tallies(connection, visit, visit.c.kind, visit.c.result, and_(during, _lies_in(visit, code)))


def issues(connection: Connection, code: str, period: Period) -> tuple[Tally, ...]:
    """Count the issues reported in a period by category and state."""
    during = within_period(issue.c.reported_at, period)
    return _tallies(connection, issue, issue.c.category, issue.c.state, and_(during, _lies_in(issue, code)))


def posts(connection: Connection, code: str, day: date) -> tuple[PostTally, ...]:
    """Count the posts that are held in a grid and below it on a day, the highest first."""
    rows = connection.execute(
        select(post.c.name_zh, post.c.name_en, func.count())
        .join(assignment, assignment.c.post == post.c.key)
        .where(
            assignment.c.valid_from <= day,
            or_(assignment.c.valid_to.is_(None), assignment.c.valid_to > day),
            code_within(assignment.c.grid_code, _only(code)),
        )
        .group_by(post.c.key)
        .order_by(post.c.rank, post.c.key)
    )
    return tuple(PostTally(*row) for row in rows)


def changes(connection: Connection, code: str, period: Period) -> Changes:
    """Count what came and went in a period."""
    there, held = _lies_in(entity, code), code_within(assignment.c.grid_code, _only(code))
    first, after = period.start.date(), period.end.date()
    closed = and_(entity.c.state == EntityState.CLOSED, within_period(entity.c.updated_at, period))
    return Changes(
        _count(connection, entity, there, within_period(entity.c.created_at, period)),
        _count(connection, entity, there, closed),
        _count(connection, assignment, held, assignment.c.valid_from.between(first, after)),
        _count(connection, assignment, held, assignment.c.valid_to.between(first, after)),
    )


def _only(code: str) -> Jurisdiction:
    return Jurisdiction(frozenset({code}))


def _lies_in(rows: FromClause, code: str) -> ColumnElement[bool]:
    return lies_within(rows.c.grid_id, frozenset({code}))


def _count(connection: Connection, rows: FromClause, *conditions: ColumnElement[bool]) -> int:
    return connection.scalar(select(func.count()).select_from(rows).where(*conditions)) or 0


def _tallies(
    connection: Connection,
    rows: FromClause,
    kind: ColumnElement[str],
    state: ColumnElement[str],
    condition: ColumnElement[bool],
) -> tuple[Tally, ...]:
    """Count rows by two properties, the most frequent first."""
    number = func.count()
    found = connection.execute(
        select(kind, state, number)
        .select_from(rows)
        .where(condition)
        .group_by(kind, state)
        .order_by(number.desc(), kind, state)
    )
    return tuple(Tally(*row) for row in found)
