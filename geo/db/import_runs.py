"""Rows of imports that go on after their request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    case,
    column,
    exists,
    func,
    select,
    table,
)

from geo.db.tables import import_run
from geo.db.unit_of_work import Database
from geo.domain.exchange import ImportRun, Layer, RunState

_LOCKS = 1_229_869_397
"""The first key of the advisory locks; the second is the id of the run."""


class Hold:
    """What this process tells about a run, on a connection of its own: when it goes, the run is interrupted.

    Parameters
    ----------
    database : Database
        Where the run is kept.
    layer : Layer
        What comes in.
    filename : str
        From which file.
    writes : bool
        Whether it is more than a dry run.
    created_by : str
        Who asked for it.
    """

    def __init__(
        self, database: Database, *, layer: Layer, filename: str, writes: bool, created_by: str
    ) -> None:
        self._connection = database.engine.connect()
        self._connection.detach()
        values = {"layer": layer, "filename": filename, "writes": writes, "created_by": created_by}
        with self._connection.begin():
            made = self._connection.execute(import_run.insert().values(values).returning(import_run.c.id))
            self.run_id = int(made.scalar_one())
            self._connection.execute(select(func.pg_advisory_lock(_LOCKS, self.run_id)))

    def reach(self, stage: str) -> None:
        """Let the run be at a stage."""
        with self._connection.begin():
            _change(self._connection, self.run_id, stage=stage)

    def finish(self, report: Mapping[str, Any]) -> None:
        """Let the run be done, with its report."""
        with self._connection.begin():
            finish(self._connection, self.run_id, report, None)

    def fail(self, problem: Mapping[str, Any]) -> None:
        """Let the run have failed for a reason."""
        with self._connection.begin():
            _end(self._connection, self.run_id, state=RunState.FAILED, problem=dict(problem))

    def close(self) -> None:
        """Let go of the run."""
        self._connection.close()


def finish(connection: Connection, run_id: int, report: Mapping[str, Any], batch_id: int | None) -> None:
    """Let a run be done, with its report and with the batch that came of it.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work that wrote the batch: both are kept, or neither is.
    run_id : int
        The run.
    report : mapping
        What it found, JSON-ready.
    batch_id : int or None
        The batch.
    """
    _end(connection, run_id, state=RunState.DONE, report=dict(report), batch_id=batch_id)


def _end(connection: Connection, run_id: int, **values: Any) -> None:
    _change(connection, run_id, finished_at=func.clock_timestamp(), **values)


def _change(connection: Connection, run_id: int, **values: Any) -> None:
    connection.execute(import_run.update().where(import_run.c.id == run_id).values(**values))


def list_runs(connection: Connection, created_by: str, *, limit: int) -> tuple[ImportRun, ...]:
    """Give the newest runs of somebody."""
    own = _runs().where(import_run.c.created_by == created_by)
    rows = connection.execute(own.order_by(import_run.c.id.desc()).limit(limit))
    return tuple(map(_run, rows))


def one_run(connection: Connection, run_id: int) -> ImportRun | None:
    """Give a run, or None."""
    row = connection.execute(_runs().where(import_run.c.id == run_id)).one_or_none()
    return None if row is None else _run(row)


def delete_runs(connection: Connection, before: datetime) -> tuple[int, ...]:
    """Delete what was begun before a time and that nobody runs; give the ids.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    before : datetime
        Aware.

    Returns
    -------
    tuple of int
        Ascending.
    """
    old = import_run.delete().where(import_run.c.created_at < before, ~_is_held())
    return tuple(sorted(connection.execute(old.returning(import_run.c.id)).scalars()))


def _runs() -> Select[Any]:
    """Select runs; of one that says it is running, whether somebody does run it."""
    state = case(
        ((import_run.c.state == RunState.RUNNING) & ~_is_held(), RunState.INTERRUPTED),
        else_=import_run.c.state,
    )
    others = (one for one in import_run.c if one.name != "state")
    return select(*others, state.label("state"))


def _is_held() -> ColumnElement[bool]:
    """Whether somebody runs a run: its lock is held."""
    lock = table("pg_locks", *(column(name) for name in ("locktype", "database", "classid", "objid")))
    catalogue = table("pg_database", column("oid"), column("datname"))
    here = select(catalogue.c.oid).where(catalogue.c.datname == func.current_database())
    return exists().where(
        lock.c.locktype == "advisory",
        lock.c.database == here.scalar_subquery(),
        lock.c.classid == _LOCKS,
        lock.c.objid == import_run.c.id,
    )


def _run(row: Row[Any]) -> ImportRun:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    return ImportRun(**{**values, "layer": Layer(row.layer), "state": RunState(row.state)})
