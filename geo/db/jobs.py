"""When the application last did what it does by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from geo.db.tables import job
from geo.domain.jobs import JobKey, JobState

_LOCKS = 0x6A6F62
"""The class of the advisory locks of jobs."""


def claim(connection: Connection, key: JobKey) -> bool:
    """Tell whether the transaction may do a job: until it ends no other may.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    key : JobKey
        Which.
    """
    lock = func.pg_try_advisory_xact_lock(_LOCKS, func.hashtext(key.value))
    return bool(connection.execute(select(lock)).scalar_one())


def known(connection: Connection, key: JobKey, now: datetime) -> JobState:
    """Give when a job was last done; one that is new is known from now on.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    key : JobKey
        Which.
    now : datetime
        The present, aware.
    """
    connection.execute(upsert(job).values(key=key, since=now).on_conflict_do_nothing())
    return _state(connection.execute(select(job).where(job.c.key == key)).mappings().one())


def keep_run(
    connection: Connection, key: JobKey, *, ran_at: datetime, took_s: float, done: Mapping[str, int]
) -> None:
    """Keep that a job was done; what had failed before is forgotten."""
    values = {"ran_at": ran_at, "took_s": took_s, "done": dict(done), "failed_at": None, "failure": None}
    connection.execute(update(job).where(job.c.key == key).values(values))


def keep_failure(connection: Connection, key: JobKey, *, failed_at: datetime, failure: str) -> None:
    """Keep that a job has failed, and with which error."""
    values = {"failed_at": failed_at, "failure": failure}
    statement = upsert(job).values(key=key, since=failed_at, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=[job.c.key], set_=values))


def states(connection: Connection) -> dict[JobKey, JobState]:
    """Give when each job was last done, as far as it is known; of a job of another version nothing."""
    rows = connection.execute(select(job).where(job.c.key.in_(list(JobKey)))).mappings()
    return {state.key: state for state in map(_state, rows)}


def _state(row: Any) -> JobState:
    return JobState(**{**row, "key": JobKey(row["key"])})
