"""What goes from retired grids to their heirs when a plan is published, in sets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    Text,
    cast,
    column,
    func,
    insert,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from geo.db.tables import activity, assignment, grid, grid_code, key_person, person, publication_report
from geo.domain.plan_partners import CarriedPair
from geo.domain.plan_publications import Carried, Held, Moved, PostChange, Report


@dataclass(frozen=True, slots=True)
class Follower:
    """A table whose rows belong to grids by their code, and go to the heir when the grid retires.

    Attributes
    ----------
    table : Table
        Has ``grid_code``.
    time : Column, optional
        Only what is still to come follows; without it everything does.
    """

    table: Table
    time: Column[Any] | None = None


FOLLOWERS = (Follower(activity, activity.c.starts_at), Follower(key_person))
"""Every table whose rows follow their grid by code, beside assignments and roles."""


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
        *_valid_on(day),
    )
    return frozenset(connection.execute(held).scalars())


def follow_heirs(connection: Connection, heirs: Mapping[str, str], at: datetime) -> tuple[Moved, ...]:
    """Let what belongs to retired grids by their code, and is still to come, belong to their heirs.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    heirs : Mapping[str, str]
        Code of the heir by that of the retired grid.
    at : datetime
        From when on the retired grids are no more.

    Returns
    -------
    tuple of Moved
        From where to where, by kind.
    """
    return tuple(moved for one in FOLLOWERS for moved in _follow(connection, one, heirs, at))


def _follow(
    connection: Connection, follower: Follower, heirs: Mapping[str, str], at: datetime
) -> list[Moved]:
    table = follower.table
    pairs = func.unnest(*(cast(list(codes), ARRAY(Text)) for codes in (heirs.keys(), heirs.values())))
    heir = pairs.table_valued(column("before", Text), column("after", Text), name="heir").render_derived()
    coming = true() if follower.time is None else follower.time >= at
    moved = (
        update(table)
        .where(table.c.grid_code == heir.c.before, coming)
        .values(grid_code=heir.c.after)
        .returning(heir.c.before, heir.c.after)
        .cte("moved")
    )
    ways = select(moved.c.before, moved.c.after, func.count()).group_by(moved.c.before, moved.c.after)
    rows = connection.execute(ways.order_by(moved.c.before))
    return [Moved(table.name, before, after, count) for before, after, count in rows]


def changed_codes(connection: Connection, base_id: int, generation_id: int) -> list[str]:
    """Give the codes of the leaves that came, went, or have another shape or other households.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    base_id, generation_id : int
        The generation before, and the one after.
    """
    pairs = {"base": base_id, "generation": generation_id}
    return list(connection.execute(text(_CHANGED), pairs).scalars())


_CHANGED = """
    WITH leaf AS (
        SELECT generation_id, code, ST_AsBinary(geom) AS shape, households
        FROM grid WHERE is_leaf AND generation_id IN (:base, :generation)
    )
    SELECT code
    FROM (SELECT * FROM leaf WHERE generation_id = :base) AS before
        FULL JOIN (SELECT * FROM leaf WHERE generation_id = :generation) AS after USING (code)
    WHERE (before.shape, before.households) IS DISTINCT FROM (after.shape, after.households)
    ORDER BY code COLLATE "C"
"""


def new_codes(connection: Connection, generation_id: int) -> list[str]:
    """Give the codes that a generation is the first to use, in order."""
    wanted = select(grid_code.c.code).where(grid_code.c.first_generation_id == generation_id)
    return list(connection.execute(wanted.order_by(grid_code.c.code.collate("C"))).scalars())


def posts_held(connection: Connection, generation_id: int, codes: Collection[str], day: date) -> list[Held]:
    """Give the posts that are held on a day in some leaves of a generation.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    generation_id : int
        The generation.
    codes : collection of str
        Codes of its leaves.
    day : date
        When.
    """
    rows = connection.execute(
        select(
            person.c.id,
            person.c.name,
            assignment.c.post,
            grid.c.code,
            grid.c.area_m2,
            func.coalesce(grid.c.households, 0),
        )
        .join_from(assignment, grid, grid.c.code == assignment.c.grid_code)
        .join(person, person.c.id == assignment.c.person_id)
        .where(
            grid.c.generation_id == generation_id,
            grid.c.is_leaf,
            grid.c.code == func.any(list(codes)),
            *_valid_on(day),
        )
    )
    return [Held(*row) for row in rows]


def _valid_on(day: date) -> tuple[ColumnElement[bool], ...]:
    return assignment.c.valid_from <= day, or_(assignment.c.valid_to.is_(None), assignment.c.valid_to > day)


def keep_report(connection: Connection, plan_id: int, generation_id: int, report: Report) -> None:
    """Keep what followed from the publication of a plan; it can't be changed afterwards."""
    connection.execute(
        insert(publication_report).values(generation_id=generation_id, plan_id=plan_id, report=asdict(report))
    )


def report_of(connection: Connection, plan_id: int) -> tuple[int, Report] | None:
    """Give the generation that a plan has become and what followed, or None if it was never published."""
    kept = select(publication_report.c.generation_id, publication_report.c.report).where(
        publication_report.c.plan_id == plan_id
    )
    row = connection.execute(kept).one_or_none()
    return None if row is None else (row.generation_id, _report(row.report))


def _report(told: Mapping[str, Any]) -> Report:
    return Report(
        new_codes=tuple(told["new_codes"]),
        retired_codes=tuple(told["retired_codes"]),
        moved=tuple(Moved(**one) for one in told["moved"]),
        carried=tuple(Carried(**one) for one in told["carried"]),
        posts=tuple(map(_post, told["posts"])),
        vacant_codes=tuple(told["vacant_codes"]),
        rule=told["rule"],
        partners=tuple(map(_partners, told.get("partners", ()))),
    )


def _partners(told: Mapping[str, Any]) -> CarriedPair:
    to_codes = told["to_codes"]
    return CarriedPair(told["post"], tuple(told["from_codes"]), to_codes and tuple(to_codes))


def _post(told: Mapping[str, Any]) -> PostChange:
    codes = {name: tuple(told[name]) for name in ("lost_codes", "gained_codes")}
    return PostChange(**{**told, **codes})
