"""What is still to be done, and reminders of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, literal, select, text

from geo.db.duties import ANSWERS, NUMBERS, OWES, THINGS, Question, counts
from geo.db.tables import account, account_grant, assignment, reminder
from geo.domain.actors import WHOLE_CITY, Jurisdiction, Role
from geo.domain.profiles.duties import LEADERS, TargetKind
from geo.domain.todo import Reminder, ReminderKind


@dataclass(frozen=True, slots=True)
class Open:
    """A target on which a duty is not done yet.

    Attributes
    ----------
    n : int
        In which of the stretches of the question, from 0.
    target_id, name, grid_code, grid_name, lon, lat, done
        See `Task`.
    """

    n: int
    target_id: int | None
    name: str
    grid_code: str
    grid_name: str
    lon: float | None
    lat: float | None
    done: int


_CHARGE = f"""{ANSWERS},
    leader AS (
        SELECT account.person_id, account_grant.grid_code, level.depth
        FROM account
            JOIN account_grant ON account_grant.account_id = account.id AND account_grant.role = :leader
            LEFT JOIN grid_code ON grid_code.code = account_grant.grid_code
            LEFT JOIN level ON level.key = grid_code.level
        WHERE account.active AND account.person_id IS NOT NULL
    ),
    nearest AS (
        SELECT above.code, leader.person_id,
            rank() OVER (PARTITION BY above.code ORDER BY leader.depth DESC NULLS LAST) AS place_in_line
        FROM above JOIN leader ON coalesce(leader.grid_code, above.above) = above.above
        WHERE :leaders = ANY(:answering) AND NOT EXISTS (
            SELECT FROM answers
            WHERE answers.code = above.code AND answers.since <= :today AND answers.until > :today
        )
    ),
    charge AS MATERIALIZED (
        SELECT person_id, code, since, until FROM answers
        UNION
        SELECT person_id, code, '-infinity', 'infinity' FROM nearest WHERE place_in_line = 1
    )
"""  # noqa: S608 - put together from constants
"""Who answers for a grid: whoever holds a post, else the nearest leaders if the profile says so."""

_MINE = """
    EXISTS (
        SELECT FROM charge
        WHERE charge.person_id = :person AND charge.code = target.code
            AND charge.since <= :today AND charge.until > :today
    )
"""


def _asked(question: Question, today: date) -> dict[str, Any]:
    """Give what the statements are asked with."""
    return {**question.parameters(), "today": today, "leader": Role.LEADER, "leaders": LEADERS}


def open_targets(
    connection: Connection, question: Question, *, person_id: int, today: date, limit: int
) -> tuple[Open, ...]:
    """Give on what somebody still has to do a duty, by stretch, grid and number.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    question : Question
        The duty, with the stretches that are looked at.
    person_id : int
        Who.
    today : date
        The posts that they hold on this day count.
    limit : int
        At most so many.
    """
    kind = question.duty.targets.kind
    is_mine = "target.key = :person" if kind is TargetKind.PERSON else _MINE
    statement = f"""
        WITH RECURSIVE {counts(question)}, {_CHARGE}, thing AS ({THINGS[kind]})
        SELECT DISTINCT ON (slot.n, target.key)
            slot.n - 1 AS n, {NUMBERS[kind]} AS target_id, thing.name, present.code AS grid_code,
            present.name AS grid_name, ST_X(thing.place) AS lon, ST_Y(thing.place) AS lat,
            coalesce(act.in_all, 0) AS done
        FROM target
            JOIN slot ON {OWES.format("target")}
            JOIN ground ON ground.code = target.code
            JOIN grid AS present ON present.id = ground.grid_id
            JOIN thing ON thing.key = target.key
            LEFT JOIN act ON act.key = target.key AND act.n = slot.n
        WHERE {is_mine} AND coalesce(act.in_all, 0) < :times
        ORDER BY slot.n, target.key, present.code COLLATE "C"
        LIMIT :limit
    """  # noqa: S608 - put together from constants
    asked = {**_asked(question, today), "person": person_id, "limit": limit}
    return tuple(Open(**row) for row in connection.execute(text(statement), asked).mappings())


def charges_of(connection: Connection, person_id: int, day: date) -> tuple[frozenset[str], Jurisdiction]:
    """Give the posts that somebody holds on a day, `LEADERS` among them, and where they hold them.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    person_id : int
        Who.
    day : date
        When.
    """
    held = select(assignment.c.post, assignment.c.grid_code).where(
        assignment.c.person_id == person_id,
        assignment.c.valid_from <= day,
        assignment.c.valid_to.is_(None) | (assignment.c.valid_to > day),
    )
    led = (
        select(literal(LEADERS), account_grant.c.grid_code)
        .join(account, account.c.id == account_grant.c.account_id)
        .where(account.c.person_id == person_id, account.c.active, account_grant.c.role == Role.LEADER)
    )
    rows = connection.execute(held.union(led)).all()
    codes = frozenset(row.grid_code for row in rows)
    return frozenset(row.post for row in rows), WHOLE_CITY if None in codes else Jurisdiction(codes)


# reminders ------------------------------------------------------------------------------------------------

_OWING = """
    owing AS (
        SELECT DISTINCT {person} AS person_id, slot.n
        FROM target JOIN slot ON {owes} {answering}
            LEFT JOIN act ON act.key = target.key AND act.n = slot.n
        WHERE coalesce(act.in_all, 0) < :times
    )
"""
_ANSWERING = """
    JOIN charge ON charge.code = target.code AND charge.since <= slot.first AND charge.until > slot.last
"""


def _owing(question: Question) -> str:
    is_of_people = question.duty.targets.kind is TargetKind.PERSON
    person, answering = ("target.key", "") if is_of_people else ("charge.person_id", _ANSWERING)
    owing = _OWING.format(person=person, owes=OWES.format("target"), answering=answering)
    return f"WITH RECURSIVE {counts(question)}, {_CHARGE}, {owing}"


def remind(connection: Connection, question: Question, told: Sequence[int], now: datetime) -> int:
    """Let everybody who still owes a duty be reminded; whoever was reminded before isn't again.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    question : Question
        The duty, with the stretches that are open.
    told : sequence of int
        How many reminders are due by now, of each stretch.
    now : datetime
        The present, aware.

    Returns
    -------
    int
        How many reminders were made.
    """
    statement = f"""
        {_owing(question)}
        INSERT INTO reminder (person_id, duty, kind, due_at, nth, made_at)
        SELECT owing.person_id, :duty, 'reminder', asked.deadline, nth, :now
        FROM owing
            JOIN unnest(CAST(:deadlines AS timestamptz[]), CAST(:told AS int[])) WITH ORDINALITY
                AS asked (deadline, told, n) USING (n)
            CROSS JOIN generate_series(1, asked.told) AS nth
        ON CONFLICT DO NOTHING
    """  # noqa: S608 - put together from constants
    asked = {
        **_asked(question, now.astimezone(question.zone).date()),
        "deadlines": [slot.deadline for slot in question.slots],
        "told": list(told),
        "now": now,
    }
    return connection.execute(text(statement), asked).rowcount


def notify_missed(connection: Connection, question: Question, now: datetime) -> int:
    """Let it be notified who missed a stretch of a duty after all of its reminders.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    question : Question
        The duty, with stretches that are over.
    now : datetime
        The present, aware.

    Returns
    -------
    int
        How many notices were made.
    """
    statement = f"""
        {_owing(question)}
        INSERT INTO reminder (person_id, duty, kind, due_at, nth, made_at)
        SELECT owing.person_id, :duty, 'notice', asked.deadline, 1, :now
        FROM owing
            JOIN unnest(CAST(:deadlines AS timestamptz[])) WITH ORDINALITY AS asked (deadline, n) USING (n)
        WHERE EXISTS (
            SELECT FROM reminder
            WHERE reminder.person_id = owing.person_id AND reminder.duty = :duty
                AND reminder.kind = 'reminder' AND reminder.due_at = asked.deadline
                AND reminder.nth = :reminders
        )
        ON CONFLICT DO NOTHING
    """  # noqa: S608 - put together from constants
    asked = {
        **_asked(question, now.astimezone(question.zone).date()),
        "deadlines": [slot.deadline for slot in question.slots],
        "reminders": question.duty.reminders,
        "now": now,
    }
    return connection.execute(text(statement), asked).rowcount


def notify_silent(connection: Connection, question: Question, now: datetime) -> int:
    """Let it be notified who has not done a duty in any of some stretches; once for the time since they did.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    question : Question
        The duty, with all stretches of the time that may pass without a record.
    now : datetime
        The present, aware.

    Returns
    -------
    int
        How many notices were made.
    """
    statement = f"""
        {_owing(question)}
        INSERT INTO reminder (person_id, duty, kind, due_at, nth, made_at)
        SELECT person_id, :duty, 'notice', :due_at, 2, :now
        FROM owing
        WHERE NOT EXISTS (
            SELECT FROM reminder
            WHERE reminder.person_id = owing.person_id AND reminder.duty = :duty AND reminder.kind = 'notice'
                AND reminder.nth = 2 AND reminder.due_at >= :since
        )
        GROUP BY person_id
        HAVING count(*) = :stretches
        ON CONFLICT DO NOTHING
    """  # noqa: S608 - put together from constants
    asked = {
        **_asked(question, now.astimezone(question.zone).date()),
        "due_at": question.slots[-1].deadline,
        "stretches": len(question.slots),
        "now": now,
    }
    return connection.execute(text(statement), asked).rowcount


def reminders(connection: Connection, *, person_id: int, since: datetime, limit: int) -> tuple[Reminder, ...]:
    """Give of what somebody was reminded, the latest first.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    person_id : int
        Who.
    since : datetime
        Only of what falls due after this.
    limit : int
        At most so many.
    """
    rows = connection.execute(
        select(reminder)
        .where(reminder.c.person_id == person_id, reminder.c.due_at > since)
        .order_by(reminder.c.made_at.desc(), reminder.c.id.desc())
        .limit(limit)
    )
    return tuple(_reminder(row) for row in rows.mappings())


def _reminder(row: Any) -> Reminder:
    return Reminder(**{**row, "kind": ReminderKind(row["kind"])})
