"""Rows of plans, of their operations, and of the divisions that they begin with."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, Row, func, insert, select, update

from geo.db.tables import entity, generation, grid, plan, plan_operation
from geo.domain.grids import Level
from geo.domain.plan_drafts import Base, PlanRecord, Upper
from geo.domain.plan_operations import OperationKind, effect_as_json, effect_from_json
from geo.domain.plans import Operation, Plan, PlanState, Standing
from geo.errors import NotFound
from geo.geometry.tiling import Cell, Dwellings, Plane, Tiling

# plans ---------------------------------------------------------------------------------------------------


def insert_plan(connection: Connection, name: str, generation_id: int, created_by: str) -> int:
    """Keep a new draft without operations, and give its id."""
    statement = insert(plan).values(name=name, base_generation_id=generation_id, created_by=created_by)
    new_id: int = connection.execute(statement.returning(plan.c.id)).scalar_one()
    return new_id


def all_plans(connection: Connection) -> tuple[PlanRecord, ...]:
    """Give every plan without its operations, the one changed last first."""
    rows = connection.execute(select(plan).order_by(plan.c.updated_at.desc(), plan.c.id.desc()))
    return tuple(map(_record, rows))


def one_plan(connection: Connection, plan_id: int) -> PlanRecord:
    """Give a plan without its operations.

    Raises
    ------
    NotFound
        If there is none.
    """
    return _found(connection.execute(select(plan).where(plan.c.id == plan_id)).one_or_none(), plan_id)


def locked_plan(connection: Connection, plan_id: int) -> PlanRecord:
    """Give a plan without its operations; whoever else wants to change it waits until the transaction ends.

    Raises
    ------
    NotFound
        If there is none.
    """
    wanted = select(plan).where(plan.c.id == plan_id).with_for_update()
    return _found(connection.execute(wanted).one_or_none(), plan_id)


def _found(row: Row[Any] | None, plan_id: int) -> PlanRecord:
    if row is None:
        raise NotFound(kind="plan", key=plan_id)
    return _record(row)


def _record(row: Row[Any]) -> PlanRecord:
    kept = Plan(
        id=row.id,
        name=row.name,
        generation_id=row.base_generation_id,
        state=PlanState(row.state),
        revision=row.revision,
        branched_from=row.branched_from_id,
        note=row.reason,
    )
    return PlanRecord(kept, row.created_by, row.created_at, row.updated_at, row.published_generation_id)


def operations_since(connection: Connection, plan_id: int, revision: int) -> tuple[Operation, ...]:
    """Give the operations done, undone or dropped after a revision, by their numbers."""
    rows = connection.execute(
        select(plan_operation)
        .where(plan_operation.c.plan_id == plan_id, plan_operation.c.changed_in_revision > revision)
        .order_by(plan_operation.c.seq)
    )
    return tuple(map(_operation, rows))


def last_done(connection: Connection, plan_id: int) -> tuple[int, str] | None:
    """Give the number and the maker of the last operation that is done, or None at the start."""
    row = connection.execute(
        select(plan_operation.c.seq, plan_operation.c.made_by)
        .where(plan_operation.c.plan_id == plan_id, plan_operation.c.standing == Standing.DONE)
        .order_by(plan_operation.c.seq.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (row.seq, row.made_by)


def _operation(row: Row[Any]) -> Operation:
    return Operation(
        seq=row.seq,
        kind=OperationKind(row.kind),
        parameters=row.parameters,
        effect=effect_from_json(row.effect),
        made_on_revision=row.made_on_revision,
        changed_in_revision=row.changed_in_revision,
        made_by=row.made_by,
        made_at=row.made_at,
        standing=Standing(row.standing),
    )


def save(connection: Connection, before: Plan, after: Plan) -> None:
    """Keep what is different in a plan: its state, the standing of operations, and new ones.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work, which has locked the plan.
    before, after : Plan
        The plan as it is kept, and as it is to be.
    """
    connection.execute(
        update(plan)
        .where(plan.c.id == after.id)
        .values(
            state=after.state,
            revision=after.revision,
            reason=after.note,
            branched_from_id=after.branched_from,
            updated_at=func.clock_timestamp(),
        )
    )
    known = {one.seq: one for one in before.operations}
    changed: dict[Standing, list[int]] = defaultdict(list)
    for one in after.operations:
        if one.seq in known and one.standing is not known[one.seq].standing:
            changed[one.standing].append(one.seq)
    for standing, numbers in changed.items():
        connection.execute(
            update(plan_operation)
            .where(plan_operation.c.plan_id == after.id, plan_operation.c.seq.in_(numbers))
            .values(standing=standing, changed_in_revision=after.revision)
        )
    fresh = [_columns(after.id, one) for one in after.operations if one.seq not in known]
    if fresh:
        connection.execute(insert(plan_operation), fresh)


def _columns(plan_id: int, one: Operation) -> dict[str, Any]:
    return {
        "plan_id": plan_id,
        "seq": one.seq,
        "kind": one.kind,
        "parameters": dict(one.parameters),
        "effect": effect_as_json(one.effect),
        "made_on_revision": one.made_on_revision,
        "changed_in_revision": one.changed_in_revision,
        "made_by": one.made_by,
        "made_at": one.made_at,
        "standing": one.standing,
    }


def mark_published(connection: Connection, plan_id: int, generation_id: int) -> None:
    """Let a plan know the generation that it has become."""
    statement = update(plan).where(plan.c.id == plan_id).values(published_generation_id=generation_id)
    connection.execute(statement)


# divisions -----------------------------------------------------------------------------------------------


def latest_generation(connection: Connection) -> int | None:
    """Give the generation after which none is published yet, or None without any."""
    wanted = select(generation.c.id).where(generation.c.valid_to.is_(None))
    return connection.execute(wanted).scalar_one_or_none()


def base_of(connection: Connection, generation_id: int) -> Base:
    """Give the division that plans on a generation begin with.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    generation_id : int
        The generation.

    Raises
    ------
    NotFound
        If there is none.
    """
    above = grid.alias("above")
    rows = connection.execute(
        select(
            grid.c.code,
            grid.c.name,
            grid.c.level,
            grid.c.is_leaf,
            grid.c.households,
            grid.c.population,
            grid.c.attributes,
            above.c.code.label("parent_code"),
            func.ST_AsBinary(grid.c.geom).label("wkb"),
        )
        .outerjoin_from(grid, above, above.c.id == grid.c.parent_id)
        .where(grid.c.generation_id == generation_id)
        .order_by(grid.c.code.collate("C"))
    ).all()
    if not rows:
        raise NotFound(kind="generation", key=generation_id)
    leaves = [row for row in rows if row.is_leaf]
    ground = shapely.from_wkb(np.array([bytes(row.wkb) for row in leaves], dtype=object))
    cells = {row.code: _cell(row, shape) for row, shape in zip(leaves, ground, strict=True)}
    south, north = shapely.total_bounds(ground)[[1, 3]].tolist()
    tiling = Tiling(cells, Plane.at((south + north) / 2), dwellings=_dwellings(connection))
    return Base(
        generation_id,
        Level(leaves[0].level),
        tiling,
        {row.code: row.attributes for row in leaves},
        {row.code: _upper(row) for row in rows if not row.is_leaf},
    )


def _cell(row: Row[Any], ground: shapely.Geometry) -> Cell:
    return Cell(ground, row.parent_code, row.name, row.code, row.households, row.population)


def _upper(row: Row[Any]) -> Upper:
    return Upper(
        row.code,
        row.name,
        Level(row.level),
        row.parent_code,
        row.households,
        row.population,
        row.attributes,
    )


def _dwellings(connection: Connection) -> Dwellings:
    rows = connection.execute(
        select(func.ST_X(entity.c.geom), func.ST_Y(entity.c.geom), entity.c.households)
        .where(entity.c.households > 0, entity.c.geom.is_not(None))
        .order_by(entity.c.id)
    ).all()
    lon, lat, households = zip(*rows, strict=True) if rows else ((), (), ())
    return Dwellings(lon, lat, households)
