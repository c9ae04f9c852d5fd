"""Draws, what may be drawn, and who never inspects what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, select, text, true, update
from sqlalchemy.dialects.postgresql import insert as upsert

from geo.db.jurisdictions import code_within
from geo.db.tables import conflict, draw, draw_item
from geo.domain.actors import Jurisdiction
from geo.domain.draws import Drawn, DrawnThing, DrawRecord, Frame, Item
from geo.domain.profiles.duties import DrawRules, Targets


@dataclass(frozen=True, slots=True)
class Wanted:
    """What may be drawn where.

    Attributes
    ----------
    targets : Targets
        Which entities or households.
    within : Jurisdiction
        Where.
    day : date
        On which day somebody holds a post.
    """

    targets: Targets
    within: Jurisdiction
    day: date

    def parameters(self) -> dict[str, Any]:
        """Give what the statements are asked with."""
        codes = self.within.grid_codes
        return {
            "entity_kind": self.targets.entity,
            "categories": list(self.targets.categories),
            "risk": list(self.targets.risk),
            "within": None if codes is None else sorted(codes),
            "day": self.day,
        }


_WITHIN = """
    (CAST(:within AS text[]) IS NULL OR EXISTS (
        SELECT FROM grid_within JOIN grid AS above ON above.id = grid_within.ancestor_id
        WHERE grid_within.grid_id = home.id AND above.code = ANY(CAST(:within AS text[]))
    ))
"""

_HELD = "valid_from <= :day AND (valid_to IS NULL OR valid_to > :day)"

_INSPECTORS = f"""
    SELECT DISTINCT person_id FROM assignment
    WHERE post = ANY(:posts) AND {_HELD}
        AND (CAST(:within AS text[]) IS NULL OR grid_code IN (
            SELECT other.code
            FROM grid AS home
                JOIN grid_within ON home.id IN (grid_within.grid_id, grid_within.ancestor_id)
                JOIN grid AS other ON other.id IN (grid_within.grid_id, grid_within.ancestor_id)
            WHERE home.code = ANY(CAST(:within AS text[]))
        ))
    ORDER BY person_id
"""  # noqa: S608 - put together from constants

_ENTITIES = f"""
    SELECT entity.id AS key, entity.attributes ->> 'risk' AS risk,
        ARRAY(
            SELECT person_id FROM conflict WHERE entity_id = entity.id AND person_id = ANY(:inspectors)
            UNION
            SELECT person_id FROM assignment
            WHERE :avoid_own_grid AND grid_code = home.code AND person_id = ANY(:inspectors) AND {_HELD}
            ORDER BY person_id
        ) AS barred,
        (
            SELECT inspectors FROM draw_item JOIN draw ON draw.id = draw_id
            WHERE draw_item.entity_id = entity.id AND :avoid_same_pair
            ORDER BY revealed_at DESC LIMIT 1
        ) AS previous
    FROM entity JOIN grid AS home ON home.id = entity.grid_id
    WHERE entity.state = 'active' AND {_WITHIN}
        AND (CAST(:entity_kind AS text) IS NULL OR entity.kind = :entity_kind)
        AND (:categories = '{{}}' OR entity.category = ANY(:categories))
        AND (:risk = '{{}}' OR entity.attributes ->> 'risk' = ANY(:risk))
"""  # noqa: S608 - put together from constants

_HOUSEHOLDS = f"""
    SELECT household.id AS key, home.code AS stratum
    FROM household
        JOIN entity ON entity.id = household.building_id
        JOIN grid AS home ON home.id = entity.grid_id
    WHERE household.since <= :day AND (household.until IS NULL OR household.until > :day) AND {_WITHIN}
        AND (:categories = '{{}}' OR household.marks && :categories)
"""  # noqa: S608 - put together from constants


def frame_of_entities(connection: Connection, wanted: Wanted, rules: DrawRules, size: int) -> Frame:
    """Give the entities that may be drawn, with the inspectors who may go there.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    wanted : Wanted
        Which entities, where.
    rules : DrawRules
        Weights by risk, who inspects, and what is avoided.
    size : int
        How many are drawn.
    """
    asked = {**wanted.parameters(), "posts": list(rules.posts)}
    inspectors = list(connection.execute(text(_INSPECTORS), asked).scalars())
    avoided = {"avoid_own_grid": rules.avoid_own_grid, "avoid_same_pair": rules.avoid_same_pair}
    rows = connection.execute(text(_ENTITIES), {**asked, **avoided, "inspectors": inspectors})
    items = tuple(
        Item(row.key, "", rules.weights.get(row.risk, 1.0), tuple(row.barred), tuple(row.previous or ()))
        for row in rows
    )
    return Frame(size, rules.inspectors, items, tuple(inspectors))


def frame_of_households(connection: Connection, wanted: Wanted, size: int) -> Frame:
    """Give the households that may be drawn, each grid a stratum of its own; anybody may visit them.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    wanted : Wanted
        Which households, where.
    size : int
        How many are drawn of each grid.
    """
    rows = connection.execute(text(_HOUSEHOLDS), wanted.parameters())
    return Frame(size, 0, tuple(Item(row.key, row.stratum) for row in rows), ())


def insert_draw(connection: Connection, values: Mapping[str, Any]) -> int:
    """Keep a draw that is committed to; gives its id."""
    return int(connection.execute(insert(draw).values(values).returning(draw.c.id)).scalar_one())


def sealed_seed(connection: Connection, key: int) -> str:
    """Give the seed of a draw that nobody was told yet, kept from others until the transaction ends."""
    return str(connection.execute(select(draw.c.seed).where(draw.c.id == key).with_for_update()).scalar_one())


def reveal(connection: Connection, key: int, drawn: Sequence[Drawn], *, are_households: bool) -> None:
    """Let the list of a draw be known with its seed.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    key : int
        The draw.
    drawn : sequence of Drawn
        What was drawn.
    are_households : bool
        Whether the keys are numbers of households, or of entities.
    """
    connection.execute(update(draw).where(draw.c.id == key).values(revealed_at=text("now()")))
    column = "household_id" if are_households else "entity_id"
    rows = [
        {"draw_id": key, "nth": one.nth, column: one.key, "inspectors": list(one.inspectors)} for one in drawn
    ]
    if rows:
        connection.execute(insert(draw_item), rows)


def draws(
    connection: Connection, jurisdiction: Jurisdiction, *, key: int | None = None, limit: int = 100
) -> tuple[DrawRecord, ...]:
    """Give draws, the latest first, without what was drawn.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    jurisdiction : Jurisdiction
        Draws of these grids and below; those of the whole city for who may read the whole city alone.
    key : int, optional
        Only this one.
    limit : int, optional
        At most so many.
    """
    rows = connection.execute(
        select(draw)
        .where(code_within(draw.c.grid_code, jurisdiction), true() if key is None else draw.c.id == key)
        .order_by(draw.c.id.desc())
        .limit(limit)
    )
    return tuple(
        DrawRecord(
            **{
                **row,
                "frame": Frame.of(row["frame"]),
                "seed": row["seed"] if row["revealed_at"] else None,
            }
        )
        for row in rows.mappings()
    )


_THINGS = """
    SELECT draw_item.nth, coalesce(draw_item.entity_id, draw_item.household_id) AS key, draw_item.inspectors,
        concat_ws(' ', entity.name, household.door) AS name, entity.address, home.code AS grid_code,
        ST_X(entity.geom) AS lon, ST_Y(entity.geom) AS lat,
        ARRAY(SELECT name FROM person WHERE person.id = ANY(draw_item.inspectors) ORDER BY person.id) AS names
    FROM draw_item
        LEFT JOIN household ON household.id = draw_item.household_id
        JOIN entity ON entity.id = coalesce(draw_item.entity_id, household.building_id)
        LEFT JOIN grid AS home ON home.id = entity.grid_id
    WHERE draw_item.draw_id = :key
    ORDER BY draw_item.nth
"""


def things(connection: Connection, key: int) -> tuple[DrawnThing, ...]:
    """Give what a draw has drawn, in its order."""
    rows = connection.execute(text(_THINGS), {"key": key})
    return tuple(
        DrawnThing(
            Drawn(row.nth, row.key, tuple(row.inspectors)),
            row.name,
            row.address,
            row.grid_code,
            row.lon,
            row.lat,
            tuple(row.names),
        )
        for row in rows
    )


def declare(connection: Connection, values: Mapping[str, Any]) -> None:
    """Let somebody never be drawn for an entity; said twice, the later reason stands."""
    statement = upsert(conflict).values(values)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=conflict.primary_key,
            set_={name: statement.excluded[name] for name in ("reason", "declared_by")},
        )
    )
