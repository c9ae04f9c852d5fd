"""Posts in the database: how they are held, who serves today, who stands in for whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import (
    CTE,
    Boolean,
    ColumnClause,
    ColumnElement,
    Connection,
    Integer,
    Select,
    SmallInteger,
    Table,
    Text,
    and_,
    case,
    cast,
    column,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    union,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as insert_new
from sqlalchemy.sql.selectable import TableValuedAlias

from geo.db.expressions import in_force, within_jurisdiction
from geo.db.jurisdictions import code_within
from geo.db.measures import grid_name
from geo.db.profiles import in_regime
from geo.db.revised import Revised
from geo.db.tables import assignment, grid, leave, partnership, person, post
from geo.domain.actors import Jurisdiction
from geo.domain.pages import Page
from geo.domain.people import Responsible
from geo.domain.posts import Leave, Partnership, Staffing
from geo.domain.profiles.posts import PostRules
from geo.domain.profiles.regulations import Regime

_FIRST_RANK = 10
"""Ranks of posts that come from profiles follow those that the house began with."""


def on(table: Table | CTE, day: date) -> ColumnElement[bool]:
    """Hold for rows that are valid on a day.

    Parameters
    ----------
    table : Table
        Has ``valid_from`` and ``valid_to``, half-open; nothing ends where that is null.
    day : date
        The day.
    """
    return and_(table.c.valid_from <= day, or_(table.c.valid_to.is_(None), table.c.valid_to > day))


def _rules(rules: PostRules) -> TableValuedAlias:
    """Give the posts of a profile as rows."""
    paired = frozenset(rules.pairing.posts if rules.pairing else ())
    rows = [
        {
            "post": one.key,
            "rank": rank,
            "name_zh": one.name.zh,
            "name_en": one.name.en,
            "level": one.level,
            "least": one.least,
            "most": one.most,
            "low": one.per_households.low if one.per_households else None,
            "high": one.per_households.high if one.per_households else None,
            "many_grids": one.many_grids,
            "paired": one.key in paired,
            "shows_name": "name" in one.publishes,
            "shows_phone": "phone" in one.publishes,
        }
        for rank, one in enumerate(rules.posts)
    ]
    kinds = {
        **dict.fromkeys(("post", "name_zh", "name_en", "level"), Text),
        **dict.fromkeys(("rank", "least", "most", "low", "high"), Integer),
        **dict.fromkeys(("many_grids", "paired", "shows_name", "shows_phone"), Boolean),
    }
    columns: list[ColumnClause[Any]] = [column(name, kind) for name, kind in kinds.items()]
    return (
        func.jsonb_to_recordset(literal(rows, JSONB))
        .table_valued(*columns, name="rule")
        .render_derived(with_types=True)
    )


def _held(day: date) -> CTE:
    """Select who holds which post where on a day, and whether they are away."""
    is_away = exists().where(leave.c.person_id == assignment.c.person_id, on(leave, day))
    return (
        select(
            assignment.c.grid_code,
            assignment.c.post,
            assignment.c.person_id,
            func.bool_or(is_away).label("is_away"),
        )
        .where(on(assignment, day))
        .group_by(assignment.c.grid_code, assignment.c.post, assignment.c.person_id)
        .cte("held")
    )


def _covering(held: CTE, day: date) -> CTE:
    """Select who stands in where: holders in the partner's grid who aren't away themselves."""
    absent, present = held.alias(), held.alias()
    return (
        select(absent.c.grid_code, absent.c.post, present.c.person_id)
        .join_from(
            absent,
            partnership,
            and_(partnership.c.grid_code == absent.c.grid_code, partnership.c.post == absent.c.post),
        )
        .join(
            present,
            and_(present.c.grid_code == partnership.c.partner_code, present.c.post == partnership.c.post),
        )
        .where(absent.c.is_away, not_(present.c.is_away), on(partnership, day))
        .distinct()
        .cte("covering")
    )


def serving(day: date) -> CTE:
    """Select who serves on a day: ``grid_code``, ``post``, ``person_id``, ``stands_in``.

    Whoever is away is left out where somebody stands in.

    Parameters
    ----------
    day : date
        The day.
    """
    held = _held(day)
    covering = _covering(held, day)
    is_covered = exists().where(
        covering.c.grid_code == held.c.grid_code, covering.c.post == held.c.post, held.c.is_away
    )
    own = select(held.c.grid_code, held.c.post, held.c.person_id, literal(value=False).label("stands_in"))
    others = select(covering.c.grid_code, covering.c.post, covering.c.person_id, literal(value=True))
    return union(own.where(not_(is_covered)), others).cte("serving")


# who is responsible --------------------------------------------------------------------------------------


def responsible_people(
    connection: Connection, day: date, regimes: Sequence[Regime], codes: Collection[str] | None = None
) -> dict[str, tuple[Responsible, ...]]:
    """Give whom the public may turn to on a day, by the code of the grid.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    day : date
        Who serves on this day counts: during leave those who stand in.
    regimes : sequence of Regime
        What holds on this day: what a post publishes, its profile says.
    codes : collection of str, optional
        Only in these grids; in all of them by default.

    Returns
    -------
    dict of str to tuple of Responsible
        The highest post first; grids without anybody are left out. Posts that aren't public never appear.
    """
    named = [regime for regime in regimes if regime.profile.division.publication.people]
    rows = [row for regime in named for row in connection.execute(_published(day, regime, codes))]
    people = (Responsible(*row) for row in rows)
    return {code: tuple(group) for code, group in groupby(people, key=lambda one: one.grid_code)}


def _published(day: date, regime: Regime, codes: Collection[str] | None) -> Select[Any]:
    who = serving(day)
    rule = _rules(regime.profile.posts)
    return (
        select(
            who.c.grid_code,
            who.c.post,
            func.coalesce(rule.c.name_zh, post.c.name_zh),
            func.coalesce(rule.c.name_en, post.c.name_en),
            person.c.name,
            case((func.coalesce(rule.c.shows_phone, post.c.is_public), person.c.phone)),
            who.c.stands_in,
        )
        .join_from(who, post, post.c.key == who.c.post)
        .join(person, person.c.id == who.c.person_id)
        .outerjoin(rule, rule.c.post == who.c.post)
        .where(
            func.coalesce(rule.c.shows_name, post.c.is_public),
            true() if codes is None else who.c.grid_code.in_(codes),
            _code_in_regime(who.c.grid_code, regime),
        )
        .order_by(
            who.c.grid_code.collate("C"),
            rule.c.rank.asc().nulls_last(),
            post.c.rank,
            who.c.stands_in,
            person.c.name,
            person.c.id,
        )
    )


def _code_in_regime(code: ColumnElement[str], regime: Regime) -> ColumnElement[bool]:
    within = None if regime.within is None else frozenset({regime.within})
    exempt = code_within(code, Jurisdiction(regime.except_in)) if regime.except_in else false()
    return and_(code_within(code, Jurisdiction(within)), not_(exempt))


# how posts are held --------------------------------------------------------------------------------------


def staffing(
    connection: Connection, day: date, regime: Regime, jurisdiction: Jurisdiction
) -> tuple[Staffing, ...]:
    """Give how each post of a profile is held in each grid in which it is asked for, by code and rank.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    day : date
        The day.
    regime : Regime
        The profile with its ground.
    jurisdiction : Jurisdiction
        Only in grids that lie here.
    """
    rows = connection.execute(
        staffing_of(day, regime)
        .where(within_jurisdiction(grid.c.id, jurisdiction))
        .order_by(grid.c.code.collate("C"), column("rank"))
    )
    return tuple(
        Staffing(
            grid_name(row),
            row.post,
            row.name_zh,
            row.name_en,
            regime.profile.key,
            row.needed,
            row.allowed,
            row.held,
            row.doubled,
            row.away,
            row.covering,
            row.by_households,
            row.is_paired,
        )
        for row in rows
    )


def staffing_of(day: date, regime: Regime) -> Select[Any]:
    """Select how each post of a profile is held on a day in each grid in which it is asked for.

    Parameters
    ----------
    day : date
        The day.
    regime : Regime
        The profile with its ground.

    Returns
    -------
    Select
        ``code``, ``name``, ``level`` of the grid, and the fields of `Staffing`.
    """
    rule = _rules(regime.profile.posts)
    counts, covering = _counts(day)
    by_households = and_(rule.c.high.is_not(None), grid.c.households.is_not(None))
    per_high = (grid.c.households + rule.c.high - 1) // rule.c.high
    needed = case((by_households, func.greatest(rule.c.least, per_high)), else_=rule.c.least)
    per_low = func.greatest(needed, grid.c.households // rule.c.low)
    allowed = case((by_households, per_low), else_=rule.c.most)
    is_paired = exists().where(
        partnership.c.grid_code == grid.c.code, partnership.c.post == rule.c.post, on(partnership, day)
    )
    of_post = and_(counts.c.grid_code == grid.c.code, counts.c.post == rule.c.post)
    covered = and_(covering.c.grid_code == grid.c.code, covering.c.post == rule.c.post)
    return (
        select(
            grid.c.code,
            grid.c.name,
            grid.c.level,
            rule.c.post,
            rule.c.name_zh,
            rule.c.name_en,
            rule.c.rank,
            needed.label("needed"),
            allowed.label("allowed"),
            func.coalesce(counts.c.held, 0).label("held"),
            case((rule.c.many_grids, 0), else_=func.coalesce(counts.c.doubled, 0)).label("doubled"),
            func.coalesce(counts.c.away, 0).label("away"),
            func.coalesce(covering.c.people, 0).label("covering"),
            by_households.label("by_households"),
            case((rule.c.paired, is_paired)).label("is_paired"),
        )
        .join_from(grid, rule, rule.c.level == grid.c.level)
        .outerjoin(counts, of_post)
        .outerjoin(covering, covered)
        .where(grid.c.generation_id == in_force().scalar_subquery(), in_regime(grid.c.id, regime))
    )


def _counts(day: date) -> tuple[CTE, CTE]:
    """Select, by grid and post, how many hold it, are away, hold it elsewhere too; and how many stand in."""
    held = _held(day)
    standing = select(grid.c.code).where(grid.c.generation_id == in_force().scalar_subquery())
    everywhere = func.count().filter(held.c.grid_code.in_(standing))
    several = everywhere.over(partition_by=(held.c.person_id, held.c.post)) > 1
    each = select(held, several.label("is_doubled")).cte("each_holder")
    counts = (
        select(
            each.c.grid_code,
            each.c.post,
            func.count().label("held"),
            func.count().filter(each.c.is_away).label("away"),
            func.count().filter(each.c.is_doubled).label("doubled"),
        )
        .group_by(each.c.grid_code, each.c.post)
        .cte("counts")
    )
    who = _covering(held, day)
    covering = (
        select(who.c.grid_code, who.c.post, func.count().label("people"))
        .group_by(who.c.grid_code, who.c.post)
        .cte("covered")
    )
    return counts, covering


def add_posts(connection: Connection, rules: PostRules) -> None:
    """Let posts of a profile be held; those that can be held already keep their names.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    rules : PostRules
        The posts.
    """
    rule = _rules(rules)
    new = select(
        rule.c.post,
        cast(rule.c.rank + _FIRST_RANK, SmallInteger),
        rule.c.name_zh,
        rule.c.name_en,
        rule.c.shows_name,
    )
    columns = ("key", "rank", "name_zh", "name_en", "is_public")
    connection.execute(insert_new(post).from_select(columns, new).on_conflict_do_nothing())


# partnerships --------------------------------------------------------------------------------------------


PARTNERSHIPS = Revised(partnership, Partnership)


def list_partnerships(
    connection: Connection, jurisdiction: Jurisdiction, *, grid_code: str | None, after: int, limit: int
) -> Page[Partnership]:
    """Give partnerships in the order of their numbers, each from both sides.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    jurisdiction : Jurisdiction
        Only of grids that lie here.
    grid_code : str or None
        Only of this grid.
    after, limit : int
        At most so many, with greater numbers.
    """
    conditions = [code_within(partnership.c.grid_code, jurisdiction), partnership.c.id > after]
    if grid_code is not None:
        conditions.append(partnership.c.grid_code == grid_code)
    rows = connection.execute(
        PARTNERSHIPS.select().where(*conditions).order_by(partnership.c.id).limit(limit + 1)
    ).all()
    found = tuple(map(PARTNERSHIPS.make, rows[:limit]))
    return Page(found, next=found[-1].id if len(rows) > limit else None)


def insert_partnership(connection: Connection, values: Mapping[str, Any]) -> Partnership:
    """Keep a new partnership, seen from both grids.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    values : Mapping[str, Any]
        Values by name of the column.

    Returns
    -------
    Partnership
        As it stands now, from the side of ``grid_code``.
    """
    other = {**values, "grid_code": values["partner_code"], "partner_code": values["grid_code"]}
    kept = PARTNERSHIPS.insert(connection, values)
    PARTNERSHIPS.insert(connection, other)
    return kept


def end_partnership(
    connection: Connection, present: Partnership, revision: int, valid_to: date
) -> Partnership:
    """Let a partnership end on both sides, if nobody has changed it since it was read.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    present : Partnership
        Which.
    revision : int
        The revision that the change is based on.
    valid_to : date
        The first day on which it doesn't hold any more.

    Returns
    -------
    Partnership
        As it stands now, at the next revision.

    Raises
    ------
    NotFound
        If there is none with this number.
    StaleRevision
        If somebody has changed it since.
    """
    ended = PARTNERSHIPS.change(connection, present.id, revision, {"valid_to": valid_to})
    connection.execute(
        update(partnership)
        .where(
            partnership.c.post == present.post,
            partnership.c.grid_code == present.partner_code,
            partnership.c.partner_code == present.grid_code,
            partnership.c.valid_from == present.valid_from,
        )
        .values(valid_to=valid_to, revision=partnership.c.revision + 1)
    )
    return ended


# leave ---------------------------------------------------------------------------------------------------


LEAVE = Revised(leave, Leave)


def list_leave(connection: Connection, person_id: int) -> tuple[Leave, ...]:
    """Give when a person is away, the latest first."""
    rows = connection.execute(
        LEAVE.select().where(leave.c.person_id == person_id).order_by(leave.c.valid_from.desc())
    )
    return tuple(map(LEAVE.make, rows))
