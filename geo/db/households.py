"""Households of buildings: counted and visited, never named."""

from __future__ import annotations

from sqlalchemy import Connection, select

from geo.db.tables import household
from geo.domain.households import Household


def building_of(connection: Connection, household_id: int) -> int | None:
    """Give the building of a household, None where there is no such household."""
    return connection.execute(
        select(household.c.building_id).where(household.c.id == household_id)
    ).scalar_one_or_none()


def households_of(connection: Connection, building_id: int) -> tuple[Household, ...]:
    """Give the households that live in a building, by door."""
    columns = (household.c.id, household.c.ref, household.c.building_id, household.c.door, household.c.marks)
    rows = connection.execute(
        select(*columns)
        .where(household.c.building_id == building_id, household.c.until.is_(None))
        .order_by(household.c.door, household.c.id)
    )
    return tuple(Household(row.id, row.ref, row.building_id, row.door, tuple(row.marks)) for row in rows)
