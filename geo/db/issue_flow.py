"""Levels and deadlines of sets of issues, who is named for them, when their clocks stood, and duplicates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

import numpy as np
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    DateTime,
    Text,
    and_,
    exists,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from geo.db.expressions import within_jurisdiction
from geo.db.issues import is_unresolved, miss_deadlines
from geo.db.tables import (
    assignment,
    grid,
    grid_within,
    issue,
    issue_event,
    issue_pause,
    issue_person,
    issue_transfer,
    level,
    person,
    post,
)
from geo.domain.actors import Jurisdiction
from geo.domain.issue_deadlines import Pauses
from geo.domain.issue_flow import (
    Candidate,
    Duplicate,
    Flow,
    Listed,
    Named,
    Pause,
    Shown,
    Standing,
    Untold,
)
from geo.domain.issues import IssueState
from geo.domain.profiles.issues import HandlingLevel, IssueKind
from geo.domain.working_days import Days

GRID = issue.c.grid_id
"""Where issues are at home."""

_CLOCK = 7_026_914
"""Advisory lock: the clock of the issues runs once at a time."""

HANDLING, FIRST_ASKED = "handling", "first_asked"
"""Charges that every issue may have."""

MOST_CANDIDATES = 200


def _is_clocked() -> ColumnElement[bool]:
    open_pause = issue_pause.alias()
    waiting = exists().where(open_pause.c.issue_id == issue.c.id, open_pause.c.resumed_at.is_(None))
    return and_(is_unresolved(), issue.c.counted_since.is_not(None), ~issue.c.due_is_given, ~waiting)


def is_issue(key: int) -> ColumnElement[bool]:
    """Hold for one issue."""
    return issue.c.id == key


def lock_clock(connection: Connection) -> None:
    """Wait until nobody else runs the clock of the issues; others wait until this transaction ends."""
    connection.execute(select(func.pg_advisory_xact_lock(_CLOCK)))


def first_report(connection: Connection, zone: str) -> date | None:
    """Give the day on which the first issue was reported whose clock runs, or None."""
    first = select(func.timezone(zone, func.min(issue.c.reported_at))).where(_is_clocked())
    reported = connection.execute(first).scalar_one()
    return None if reported is None else reported.date()


def reported_within(since: date, until: date, zone: str) -> ColumnElement[bool]:
    """Hold for issues that were reported on the days from one (included) to another (not included)."""
    start, end = (func.timezone(zone, literal(datetime.combine(day, time()))) for day in (since, until))
    return and_(issue.c.reported_at >= start, issue.c.reported_at < end)


def standing(connection: Connection, zone: str, *conditions: ColumnElement[bool]) -> Standing:
    """Give where the issues stand whose deadline follows the profile and whose clock runs.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    zone : str
        IANA name of the zone of the city, on whose clock times are given.
    *conditions : ColumnElement
        Which of them.

    Returns
    -------
    Standing
        By id.
    """
    columns, chosen = issue.c, and_(_is_clocked(), *conditions)
    rows = connection.execute(
        select(
            columns.id,
            columns.category,
            columns.kind,
            columns.level,
            *(
                func.timezone(zone, time)
                for time in (columns.counted_since, columns.level_since, columns.due_at)
            ),
        )
        .where(chosen)
        .order_by(columns.id)
    ).all()
    ids, categories, kinds, levels, counted, level_since, due = zip(*rows, strict=True) if rows else ((),) * 7
    numbers = np.array(ids, dtype=np.int64)
    return Standing(
        numbers,
        np.array(categories, dtype=object),
        np.array(kinds, dtype=object),
        np.array(levels, dtype=object),
        _clocks(counted),
        _clocks(level_since),
        _clocks(due),
        _pauses(connection, chosen, numbers, zone),
    )


def _clocks(moments: Sequence[Any]) -> Days:
    return np.array(moments, dtype="datetime64[us]")


def _pauses(connection: Connection, condition: ColumnElement[bool], ids: Any, zone: str) -> Pauses:
    rows = connection.execute(
        select(
            issue_pause.c.issue_id,
            func.timezone(zone, issue_pause.c.paused_at),
            func.timezone(zone, issue_pause.c.resumed_at),
        )
        .join(issue, issue.c.id == issue_pause.c.issue_id)
        .where(condition, issue_pause.c.resumed_at.is_not(None))
    ).all()
    of, since, until = zip(*rows, strict=True) if rows else ((),) * 3
    return Pauses(np.searchsorted(ids, np.array(of, dtype=np.int64)), _clocks(since), _clocks(until))


def write_due(connection: Connection, ids: Sequence[int], due: Days, zone: str) -> int:
    """Give how many issues are due at another time now that they are due at times of the city's clock.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    ids : sequence of int
        The issues.
    due : NDArray[datetime64[us]]
        ``NaT`` for none.
    zone : str
        IANA name of the zone of the city.
    """
    given = (
        func.unnest(
            literal(list(ids), ARRAY(BigInteger)), literal(due.tolist(), ARRAY(DateTime(timezone=False)))
        )
        .table_valued("id", "clock")
        .render_derived()
    )
    moment = func.timezone(zone, given.c.clock)
    statement = (
        update(issue)
        .where(issue.c.id == given.c.id, issue.c.due_at.is_distinct_from(moment))
        .values(due_at=moment)
    )
    return connection.execute(statement).rowcount


def raise_levels(
    connection: Connection, ids: Sequence[int], levels: Sequence[str], *, at: datetime, actor: str
) -> None:
    """Take issues to their next level because their time has run out, each with a step in its history.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    ids : sequence of int
        The issues.
    levels : sequence of str
        The key of the next level of each.
    at : datetime
        When, aware.
    actor : str
        Who, for the history.
    """
    miss_deadlines(connection, at, issue.c.id.in_(ids))
    given = func.unnest(literal(list(ids), ARRAY(BigInteger)), literal(list(levels), ARRAY(Text)))
    raised = given.table_valued("id", "level").render_derived()
    data = func.jsonb_build_object(
        "from_level",
        issue.c.level,
        "to_level",
        raised.c.level,
        "due_at",
        issue.c.due_at,
        "because",
        "overdue",
    )
    steps = select(issue.c.id, literal(at), literal(actor), literal("escalated"), data).join(
        raised, raised.c.id == issue.c.id
    )
    connection.execute(insert(issue_event).from_select(["issue_id", "at", "actor", "kind", "data"], steps))
    connection.execute(
        update(issue).where(issue.c.id == raised.c.id).values(level=raised.c.level, level_since=at)
    )


def begin_all(
    connection: Connection,
    category: str,
    kind: IssueKind,
    level: HandlingLevel,
    *conditions: ColumnElement[bool],
) -> list[int]:
    """Give the unresolved issues of a category, which go the way of a kind from now on, from a level on.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    category : str
        Their category.
    kind : IssueKind
        Only those that stand somewhere on its way.
    level : HandlingLevel
        Who deals with them first.
    *conditions : ColumnElement
        Which ones besides.
    """
    begun = connection.execute(
        update(issue)
        .where(is_unresolved(), issue.c.category == category, issue.c.state.in_(kind.stages), *conditions)
        .values(
            kind=kind.key,
            level=level.key,
            counted_since=issue.c.reported_at,
            level_since=issue.c.reported_at,
            due_is_given=false(),
        )
        .returning(issue.c.id)
    )
    return list(begun.scalars())


def set_columns(connection: Connection, issue_id: int, **columns: Any) -> None:
    """Write what follows from the rules into an issue; its revision counts what people have written."""
    connection.execute(update(issue).where(issue.c.id == issue_id).values(**columns))


# people ---------------------------------------------------------------------------------------------------


def name_person(
    connection: Connection, issue_id: int, charge: str, person_id: int, *, at: datetime, actor: str
) -> None:
    """Let one person be named for a charge of an issue."""
    who = {"person_id": person_id, "named_at": at, "named_by": actor}
    statement = upsert(issue_person).values(issue_id=issue_id, charge=charge, **who)
    connection.execute(statement.on_conflict_do_update(index_elements=["issue_id", "charge"], set_=who))


def route_to_post(
    connection: Connection, ids: Sequence[int], post_key: str, *, at: datetime, actor: str
) -> None:
    """Name for each issue whoever holds a post in the narrowest grid around it; where nobody does, nobody.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    ids : sequence of int
        The issues.
    post_key : str
        Key of the post.
    at : datetime
        When, aware, in the zone of the city.
    actor : str
        Who, for the trail.
    """
    around = grid.alias()
    day = at.date()
    nearest = (
        select(
            issue.c.id,
            literal(HANDLING).label("charge"),
            assignment.c.person_id,
            literal(at).label("named_at"),
            literal(actor).label("named_by"),
        )
        .distinct(issue.c.id)
        .join(grid_within, grid_within.c.grid_id == issue.c.grid_id)
        .join(around, around.c.id == grid_within.c.ancestor_id)
        .join(level, level.c.key == around.c.level)
        .join(assignment, assignment.c.grid_code == around.c.code)
        .where(
            issue.c.id.in_(ids),
            assignment.c.post == post_key,
            _holds(day),
        )
        .order_by(issue.c.id, level.c.depth.desc(), assignment.c.id)
    )
    names = ["issue_id", "charge", "person_id", "named_at", "named_by"]
    statement = upsert(issue_person).from_select(names, nearest)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["issue_id", "charge"],
            set_={name: statement.excluded[name] for name in names[2:]},
        )
    )


def people_of(connection: Connection, issue_id: int) -> tuple[Named, ...]:
    """Give who is named for an issue, in the order in which they were."""
    rows = connection.execute(
        select(issue_person.c.charge, person.c.id, person.c.name, issue_person.c.named_at)
        .join(person, person.c.id == issue_person.c.person_id)
        .where(issue_person.c.issue_id == issue_id)
        .order_by(issue_person.c.named_at, issue_person.c.charge)
    )
    return tuple(Named(*row) for row in rows)


def candidates(connection: Connection, issue_id: int, day: date) -> tuple[Candidate, ...]:
    """Give who serves in one of the grids around an issue on a day, the narrowest grid first."""
    around = grid.alias()
    rows = connection.execute(
        select(person.c.id, person.c.name, post.c.name_zh, post.c.name_en)
        .select_from(issue)
        .join(grid_within, grid_within.c.grid_id == issue.c.grid_id)
        .join(around, around.c.id == grid_within.c.ancestor_id)
        .join(level, level.c.key == around.c.level)
        .join(assignment, assignment.c.grid_code == around.c.code)
        .join(person, person.c.id == assignment.c.person_id)
        .join(post, post.c.key == assignment.c.post)
        .where(issue.c.id == issue_id, _holds(day))
        .order_by(level.c.depth.desc(), post.c.rank, person.c.name, person.c.id)
        .limit(MOST_CANDIDATES)
    )
    return tuple(Candidate(*row) for row in rows)


def _holds(day: date) -> ColumnElement[bool]:
    return and_(
        assignment.c.valid_from <= day, or_(assignment.c.valid_to.is_(None), assignment.c.valid_to > day)
    )


def listed(
    connection: Connection,
    jurisdiction: Jurisdiction,
    shown: Shown,
    *,
    person_id: int | None,
    now: datetime,
    limit: int,
) -> tuple[Listed, ...]:
    """Give unresolved issues, the overdue first, then by deadline.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    jurisdiction : Jurisdiction
        Where they lie.
    shown : Shown
        Which ones.
    person_id : int or None
        Whose, where those of one person are asked for.
    now : datetime
        The present, aware.
    limit : int
        How many at most.
    """
    chosen = _chosen(person_id, now)
    overdue = chosen[Shown.OVERDUE]
    handler = (
        select(person.c.name)
        .join(issue_person, issue_person.c.person_id == person.c.id)
        .where(issue_person.c.issue_id == issue.c.id, issue_person.c.charge == HANDLING)
        .correlate(issue)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(
            issue.c.number,
            issue.c.category,
            issue.c.state,
            issue.c.due_at,
            overdue.label("is_overdue"),
            chosen[Shown.WAITING].label("is_waiting"),
            grid.c.name,
            grid.c.code,
            func.ST_X(issue.c.geom),
            func.ST_Y(issue.c.geom),
            handler,
        )
        .select_from(issue.outerjoin(grid, grid.c.id == issue.c.grid_id))
        .where(is_unresolved(), within_jurisdiction(issue.c.grid_id, jurisdiction), chosen[shown])
        .order_by(overdue.desc(), issue.c.due_at, issue.c.id)
        .limit(limit)
    )
    return tuple(Listed(row[0], row[1], IssueState(row[2]), *row[3:]) for row in rows)


def counted(
    connection: Connection, jurisdiction: Jurisdiction, shown: Sequence[Shown], now: datetime
) -> dict[Shown, int]:
    """Give how many unresolved issues there are of some sorts that are nobody's own.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    jurisdiction : Jurisdiction
        Where they lie.
    shown : sequence of Shown
        Which sorts.
    now : datetime
        The present, aware.
    """
    chosen = _chosen(None, now)
    row = connection.execute(
        select(*(func.count().filter(chosen[one]) for one in shown))
        .select_from(issue)
        .where(is_unresolved(), within_jurisdiction(issue.c.grid_id, jurisdiction))
    ).one()
    return dict(zip(shown, row, strict=True))


def _chosen(person_id: int | None, now: datetime) -> dict[Shown, ColumnElement[bool]]:
    """Give the condition of each sort of issues that are listed."""
    is_handled = issue.c.state.in_((IssueState.HANDLED, IssueState.FED_BACK, IssueState.CHECKED))
    risen = exists().where(issue_event.c.issue_id == issue.c.id, issue_event.c.kind == "escalated")
    return {
        Shown.ALL: true(),
        Shown.MINE: exists().where(
            issue_person.c.issue_id == issue.c.id, issue_person.c.person_id == person_id
        ),
        Shown.OVERDUE: func.coalesce(issue.c.due_at < now, false()),
        Shown.WAITING: exists().where(
            issue_pause.c.issue_id == issue.c.id, issue_pause.c.resumed_at.is_(None)
        ),
        Shown.ESCALATED: and_(risen, ~is_handled),
        Shown.TO_ACCEPT: issue.c.state == IssueState.REPORTED,
        Shown.TO_CHECK: is_handled,
        Shown.CASES: exists().where(
            issue_transfer.c.issue_id == issue.c.id, issue_transfer.c.outcome.is_(None)
        ),
    }


def flow_of(connection: Connection, issue_id: int) -> Flow:
    """Give what decides which steps an issue may take."""
    charges = connection.scalars(select(issue_person.c.charge).where(issue_person.c.issue_id == issue_id))
    open_case = connection.scalar(
        select(issue_transfer.c.number).where(
            issue_transfer.c.issue_id == issue_id, issue_transfer.c.outcome.is_(None)
        )
    )
    return Flow(frozenset(charges), open_case)


# pauses ---------------------------------------------------------------------------------------------------


def begin_pause(
    connection: Connection, issue_id: int, *, at: datetime, reason: str, due_at: datetime | None
) -> None:
    """Let the clock of an issue stand; nothing is due until it goes on."""
    miss_deadlines(connection, at, is_issue(issue_id))
    row = {"issue_id": issue_id, "paused_at": at, "reason": reason, "due_at": due_at}
    connection.execute(insert(issue_pause).values(row))
    set_columns(connection, issue_id, due_at=None)


def end_pause(connection: Connection, issue_id: int, *, at: datetime) -> Pause:
    """Let the clock of an issue go on; gives the pause that has ended."""
    row = connection.execute(
        update(issue_pause)
        .where(issue_pause.c.issue_id == issue_id, issue_pause.c.resumed_at.is_(None))
        .values(resumed_at=at)
        .returning(
            issue_pause.c.paused_at, issue_pause.c.resumed_at, issue_pause.c.reason, issue_pause.c.due_at
        )
    ).one()
    return Pause(*row)


def pauses_of(connection: Connection, issue_id: int) -> tuple[Pause, ...]:
    """Give the pauses of an issue, the first one first."""
    rows = connection.execute(
        select(issue_pause.c.paused_at, issue_pause.c.resumed_at, issue_pause.c.reason, issue_pause.c.due_at)
        .where(issue_pause.c.issue_id == issue_id)
        .order_by(issue_pause.c.paused_at)
    )
    return tuple(Pause(*row) for row in rows)


# duplicates -----------------------------------------------------------------------------------------------


def duplicates(
    connection: Connection,
    jurisdiction: Jurisdiction,
    *conditions: ColumnElement[bool],
    within_m: float,
    within_days: int,
    limit: int,
) -> tuple[Duplicate, ...]:
    """Give pairs of unresolved issues that are likely about one matter, the nearest first.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    jurisdiction : Jurisdiction
        Where both lie.
    *conditions : ColumnElement
        Hold for the later one of each pair.
    within_m : float
        How near they are, in metres on the ellipsoid.
    within_days : int
        Reported at most so many days apart.
    limit : int
        How many pairs at most.
    """
    first = issue.alias("first")
    distance = func.ST_Distance(func.geography(issue.c.geom), func.geography(first.c.geom))
    # a degree of latitude is 110.6 km at least; one of longitude shrinks with the cosine of the latitude
    reach = within_m / 110_000 / func.greatest(func.cos(func.radians(func.ST_Y(issue.c.geom))), 0.01)
    rows = connection.execute(
        select(issue.c.id, issue.c.number, first.c.id, first.c.number, distance.label("distance_m"))
        .join(
            first,
            and_(
                first.c.category == issue.c.category,
                first.c.geom.op("&&")(func.ST_Expand(issue.c.geom, reach)),
                distance <= within_m,
                or_(
                    first.c.reported_at < issue.c.reported_at,
                    and_(first.c.reported_at == issue.c.reported_at, first.c.id < issue.c.id),
                ),
                issue.c.reported_at - first.c.reported_at <= func.make_interval(0, 0, 0, within_days),
                first.c.closed_at.is_(None),
                first.c.state != "void",
            ),
        )
        .where(
            is_unresolved(),
            within_jurisdiction(issue.c.grid_id, jurisdiction),
            within_jurisdiction(first.c.grid_id, jurisdiction),
            *conditions,
        )
        .order_by("distance_m", issue.c.id, first.c.id)
        .limit(limit)
    )
    return tuple(Duplicate(*row) for row in rows)


# feedback -------------------------------------------------------------------------------------------------


def missing_feedback(
    connection: Connection,
    jurisdiction: Jurisdiction,
    ids: Sequence[int],
    stages: Sequence[str],
    *,
    limit: int,
) -> tuple[Untold, ...]:
    """Give the stages that issues have reached and of which their reporter was not told.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    jurisdiction : Jurisdiction
        Where they lie.
    ids : sequence of int
        Which issues.
    stages : sequence of str
        Of which the reporter has to be told.
    limit : int
        How many at most.
    """
    told = issue_event.alias("told")
    reached = (
        select(issue.c.id, issue.c.number, issue_event.c.to_state.label("stage"))
        .distinct()
        .join(issue_event, issue_event.c.issue_id == issue.c.id)
        .where(
            issue.c.id.in_(ids),
            within_jurisdiction(issue.c.grid_id, jurisdiction),
            issue_event.c.to_state.in_(stages),
            ~exists().where(
                told.c.issue_id == issue.c.id,
                told.c.kind == "feedback",
                told.c.data["stage"].astext == issue_event.c.to_state,
            ),
        )
        .order_by(issue.c.id, "stage")
        .limit(limit)
    )
    return tuple(Untold(*row) for row in connection.execute(reached))
