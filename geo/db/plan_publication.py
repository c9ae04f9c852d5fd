"""What goes from retired grids to their heirs when a plan is published, in sets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import Connection, func, or_, select, text

from geo.db.tables import assignment
from geo.domain.plan_publications import Carried


def heirs_of_retired(connection: Connection, base_id: int, generation_id: int) -> dict[str, str]:
    """Give the heir of each grid that a generation retires: the one with the largest share of its ground.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    base_id, generation_id : int
        The generation before, and the one that retires.

    Returns
    -------
    dict of str to str
        Code of the heir by the code of the retired grid; of equal shares the lowest code.
    """
    rows = connection.execute(text(_HEIRS), {"base": base_id, "generation": generation_id})
    return {row.from_code: row.to_code for row in rows}


_HEIRS = """
    SELECT DISTINCT ON (before.code) before.code AS from_code, after.code AS to_code
    FROM grid_code
        JOIN grid AS before ON before.code = grid_code.code AND before.generation_id = :base
        JOIN lineage ON lineage.predecessor_id = before.id
        JOIN grid AS after ON after.id = lineage.successor_id
    WHERE grid_code.retired_by_generation_id = :generation
    ORDER BY before.code, lineage.area_share DESC, after.code COLLATE "C"
"""

_HEIR = """
    heir AS (
        SELECT from_code, to_code
        FROM unnest(CAST(:retired AS text[]), CAST(:heirs AS text[])) AS pair (from_code, to_code)
    )
"""


def carry_posts(connection: Connection, heirs: Mapping[str, str], day: date) -> tuple[Carried, ...]:
    """Let the heirs of retired grids have their people, from a day on.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    heirs : Mapping[str, str]
        Code of the heir by that of the retired grid.
    day : date
        The first day on which the retired grids are no more.

    Returns
    -------
    tuple of Carried
        Every post that went over, by the retired grid.

    Notes
    -----
    A post that was begun ends on that day in the retired grid; one that wasn't is held in the heir alone. The
    same post held in several grids of one heir is held there once.
    """
    pairs = {"retired": list(heirs), "heirs": list(heirs.values()), "day": day}
    carried = tuple(Carried(*row) for row in connection.execute(text(_CARRIED), pairs))
    for statement in (_INHERIT, _NOT_BEGUN, _END):
        connection.execute(text(statement), pairs)
    return carried


_CARRIED = f"""
    WITH {_HEIR}
    SELECT person.id, person.name, held.post, heir.from_code, heir.to_code
    FROM assignment AS held
        JOIN heir ON heir.from_code = held.grid_code
        JOIN person ON person.id = held.person_id
    WHERE held.valid_to IS NULL OR held.valid_to > :day
    ORDER BY heir.from_code, held.post, person.id
"""  # noqa: S608 - put together from constants

_INHERIT = f"""
    WITH {_HEIR}, due AS (
        SELECT held.person_id, heir.to_code AS grid_code, held.post,
            range_agg(daterange(greatest(held.valid_from, :day), held.valid_to)) AS days
        FROM assignment AS held JOIN heir ON heir.from_code = held.grid_code
        WHERE held.valid_to IS NULL OR held.valid_to > :day
        GROUP BY held.person_id, heir.to_code, held.post
    ), had AS (
        SELECT person_id, grid_code, post, range_agg(daterange(held.valid_from, held.valid_to)) AS days
        FROM assignment AS held JOIN due USING (person_id, grid_code, post)
        GROUP BY person_id, grid_code, post
    )
    INSERT INTO assignment (person_id, grid_code, post, valid_from, valid_to)
    SELECT person_id, grid_code, post, lower(part), upper(part)
    FROM due LEFT JOIN had USING (person_id, grid_code, post),
        unnest(due.days - coalesce(had.days, '{{}}'::datemultirange)) AS part
"""  # noqa: S608 - put together from constants

_NOT_BEGUN = "DELETE FROM assignment WHERE grid_code = ANY(:retired) AND valid_from >= :day"

_END = """
    UPDATE assignment SET valid_to = :day, revision = revision + 1
    WHERE grid_code = ANY(:retired) AND valid_from < :day AND (valid_to IS NULL OR valid_to > :day)
"""


def carry_grants(connection: Connection, heirs: Mapping[str, str]) -> None:
    """Let whoever has a role in a retired grid have it in its heir too.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    heirs : Mapping[str, str]
        Code of the heir by that of the retired grid.
    """
    connection.execute(text(_GRANTS), {"retired": list(heirs), "heirs": list(heirs.values())})


_GRANTS = f"""
    WITH {_HEIR}
    INSERT INTO account_grant (account_id, role, grid_code)
    SELECT DISTINCT account_id, role, heir.to_code
    FROM account_grant JOIN heir ON heir.from_code = account_grant.grid_code
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - put together from constants


def staffed_codes(connection: Connection, codes: Collection[str], day: date) -> frozenset[str]:
    """Give those of some grids in which somebody holds a post on a day.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    codes : collection of str
        Codes of grids.
    day : date
        When.
    """
    held = select(assignment.c.grid_code.distinct()).where(
        assignment.c.grid_code == func.any(list(codes)),
        assignment.c.valid_from <= day,
        or_(assignment.c.valid_to.is_(None), assignment.c.valid_to > day),
    )
    return frozenset(connection.execute(held).scalars())
