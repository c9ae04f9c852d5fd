"""How many grids pass the checks of a principle, in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Connection, and_, exists, func, literal, not_, select, true

from geo.db.expressions import in_force, within_jurisdiction
from geo.db.posts import staffing_of
from geo.db.profiles import in_regime
from geo.db.tables import entity, grid, visit
from geo.domain.actors import Jurisdiction
from geo.domain.measures import Share
from geo.domain.profiles.division import Check, Span
from geo.domain.profiles.regulations import Regime

_EVEN = 1e-6
"""Share of the area of a parent by which its grids may differ from it, for rounding."""


def passed(
    connection: Connection, day: date, regime: Regime, jurisdiction: Jurisdiction
) -> tuple[Share | None, ...]:
    """Give, for each principle of a profile, how many leaf grids pass all its checks, of how many.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    day : date
        Whose holders of posts count.
    regime : Regime
        The profile with its ground.
    jurisdiction : Jurisdiction
        Only grids that lie here.

    Returns
    -------
    tuple of Share or None
        None for a principle without checks.
    """
    principles = regime.profile.division.principles
    checks = _checks(day, regime)
    counts = [
        func.count().filter(_all(checks, one.checks)).label(f"held_{n}") for n, one in enumerate(principles)
    ]
    row = connection.execute(
        select(func.count(), *counts).where(
            grid.c.generation_id == in_force().scalar_subquery(),
            grid.c.is_leaf,
            in_regime(grid.c.id, regime),
            within_jurisdiction(grid.c.id, jurisdiction),
        )
    ).one()
    total, *held = row
    return tuple(
        Share(count, total) if one.checks else None for one, count in zip(principles, held, strict=True)
    )


def _all(checks: Mapping[Check, ColumnElement[bool]], names: Sequence[Check]) -> ColumnElement[bool]:
    return and_(true(), *(checks[name] for name in names))


def _checks(day: date, regime: Regime) -> dict[Check, ColumnElement[bool]]:
    profile = regime.profile
    post = staffing_of(day, regime).subquery()
    is_vacant = exists().where(post.c.code == grid.c.code, post.c.held < post.c.needed)
    premises = and_(entity.c.grid_id == grid.c.home_id, entity.c.kind == "premises")
    is_seen = exists().where(visit.c.entity_id == entity.c.id).correlate(entity)
    unseen = exists().where(premises, entity.c.state == "active", not_(is_seen))
    nameless = exists().where(premises, entity.c.category.is_(None))
    return {
        "one_part": func.ST_NumGeometries(grid.c.geom) == 1,
        "no_gaps": _tiles(),
        "households_in_range": _within(grid.c.households, profile.division.households),
        "staffed": not_(is_vacant),
        "subjects_placed": and_(exists().where(premises), not_(nameless)),
        "subjects_known": not_(unseen),
        "duties_set": literal(bool(profile.duties.duties), Boolean),
    }


def _tiles() -> ColumnElement[bool]:
    """Hold for grids that tile their parent with their neighbours; of the widest level: always."""
    parent, child = grid.alias(), grid.alias()
    area: ColumnElement[Any] = (
        select(func.sum(child.c.area_m2)).where(child.c.parent_id == parent.c.id).scalar_subquery()
    )
    differs = func.abs(parent.c.area_m2 - area) > _EVEN * parent.c.area_m2
    return not_(exists().where(parent.c.id == grid.c.parent_id, differs))


def _within(number: ColumnElement[int], span: Span) -> ColumnElement[bool]:
    limits: list[ColumnElement[bool]] = [number.is_not(None)]
    if span.low is not None:
        limits.append(number >= span.low)
    if span.high is not None:
        limits.append(number <= span.high)
    return and_(*limits)
