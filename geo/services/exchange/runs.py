"""Imports that go on after their request, each in a thread of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Lock, Thread, current_thread
from typing import Any

from geo.db import import_runs as rows
from geo.db.unit_of_work import Database, UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.exchange import ImportRun, Layer
from geo.errors import Contended, GridError, NotFound
from geo.services.exchange.batches import Outcome
from geo.services.exchange.importing import importing
from geo.services.exchange.progress import Progress

MOST = 2
"""So many run at once in a process: each takes a core and two connections."""

Work = Callable[[UnitOfWork, Progress], Outcome]
"""Reads files, judges them, and keeps their rows where that was asked for."""

_log = logging.getLogger(__name__)


class _Stopped(Exception):
    """The process ends before the run does."""


@dataclass(frozen=True, slots=True)
class Task:
    """An import that goes on after its request.

    Attributes
    ----------
    actor : Actor
        Who asks for it.
    layer : Layer
        What comes in.
    filename : str
        From which file.
    writes : bool
        Whether it is more than a dry run.
    work : Work
        What there is to do.
    told : Callable
        Makes a JSON-ready report of an outcome.
    explained : Callable
        Makes a JSON-ready problem of an error; of None where nobody foresaw it.
    """

    actor: Actor
    layer: Layer
    filename: str
    writes: bool
    work: Work
    told: Callable[[Outcome], Mapping[str, Any]]
    explained: Callable[[GridError | None], Mapping[str, Any]]


class ImportRuns:
    """Imports that go on after their request.

    Parameters
    ----------
    database : Database
        Where they are kept.

    Notes
    -----
    A run holds a lock of the database for as long as its process lives, and is done in the same transaction
    as its batch: who reads of one that was killed reads that it was interrupted, and nothing of it is kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._threads: set[Thread] = set()
        self._stopping = Event()

    def start(self, task: Task, files: ExitStack) -> int:
        """Begin a run, and give its id.

        Parameters
        ----------
        task : Task
            What there is to do.
        files : ExitStack
            Is closed when the run ends, or can't begin.

        Returns
        -------
        int
            Its id.

        Raises
        ------
        Unauthenticated, Forbidden, OutsideJurisdiction
            If the actor may not import for the whole city.
        Contended
            If as many run already as may.
        """
        with ExitStack() as unless_begun:
            unless_begun.push(files)
            run_id = self._begin(task, files)
            unless_begun.pop_all()
        return run_id

    def _begin(self, task: Task, files: ExitStack) -> int:
        task.actor.require(importing(task.layer), ())
        with self._lock:
            if len(self._threads) >= MOST:
                raise Contended
            hold = rows.Hold(
                self._database,
                layer=task.layer,
                filename=task.filename,
                writes=task.writes,
                created_by=task.actor.name,
            )
            thread = Thread(target=self._run, args=(hold, task, files), name=f"import-{hold.run_id}")
            self._threads.add(thread)
            thread.start()
        return hold.run_id

    def stop(self) -> None:
        """Let what runs end at its next stage, undone, and wait for it."""
        self._stopping.set()
        with self._lock:
            running = list(self._threads)
        for thread in running:
            thread.join()

    def _run(self, hold: rows.Hold, task: Task, files: ExitStack) -> None:
        try:
            with files:
                self._carry_out(hold, task)
        except _Stopped:
            _log.info("import-interrupted")
        except Exception:  # noqa: BLE001 - a thread has nobody to tell but the log
            _log.exception("import-failed")
        finally:
            hold.close()
            with self._lock:
                self._threads.discard(current_thread())

    def _carry_out(self, hold: rows.Hold, task: Task) -> None:
        try:
            self._import(hold, task)
        except GridError as error:
            hold.fail(task.explained(error))
        except _Stopped:
            raise
        except Exception:
            hold.fail(task.explained(None))
            raise

    def _import(self, hold: rows.Hold, task: Task) -> None:
        def progress(stage: str) -> None:
            if self._stopping.is_set():
                raise _Stopped
            hold.reach(stage)

        if not task.writes:
            with self._database.read() as uow:
                outcome = task.work(uow, progress)
            hold.finish(task.told(outcome))
            return
        with self._database.write() as uow:
            outcome = task.work(uow, progress)
            rows.finish(uow.connection, hold.run_id, task.told(outcome), outcome.batch_id)


def list_runs(actor: Actor, uow: UnitOfWork, *, limit: int) -> tuple[ImportRun, ...]:
    """Give the newest runs that the actor has begun.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    limit : int
        At most so many.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not import anything for the whole city.
    """
    actor.require(Action.IMPORT_DIVISION, ())
    return rows.list_runs(uow.connection, actor.name, limit=limit)


def forget_old(actor: Actor, uow: UnitOfWork, before: datetime) -> int:
    """Delete the runs that were begun before a time, with their reports; batches stay.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The transaction.
    before : datetime
        Aware.

    Returns
    -------
    int
        How many; the audit log names them.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may retire records of the whole city.
    """
    actor.require(Action.RETIRE_RECORDS, ())
    gone = rows.delete_runs(uow.connection, before)
    if gone:
        uow.record(actor, "delete", "import_run", before.date(), {"count": len(gone), "ids": list(gone)})
    return len(gone)


def get_run(actor: Actor, uow: UnitOfWork, run_id: int) -> ImportRun:
    """Give the run of that id.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    run_id : int
        Which one.

    Raises
    ------
    NotFound
        If there is none.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not import what comes in for the whole city.
    """
    actor.require(Action.IMPORT_DIVISION, ())
    run = rows.one_run(uow.connection, run_id)
    if run is None:
        raise NotFound(kind="import", key=run_id)
    actor.require(importing(run.layer), ())
    return run
