"""Changes of plans, heard by one connection a process and told to everybody in it who follows a plan."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Lock, Thread

from geo.db import plans as rows
from geo.db.subscriptions import Subscription
from geo.db.unit_of_work import Database, UnitOfWork
from geo.domain.actors import Action, Actor

CHANNEL = "wangge_plan"
"""Where each change of a plan is told: JSON with ``plan``, ``revision``, ``by``, ``seq``."""

_TICK_S = 0.5
_RETRY_S = 0.5

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PlanEvent:
    """A change of a plan.

    Attributes
    ----------
    plan, revision : int
        Which plan, and its revision now.
    by : str
        Who changed it.
    seq : int
        Number of the last operation done.
    about : str
        What has changed: ``revision``, or ``comments`` alone.
    """

    plan: int
    revision: int
    by: str
    seq: int
    about: str = "revision"


Listener = Callable[[PlanEvent | None], None]
"""Is told a change, or None when some may have been missed."""


def newest_change(actor: Actor, uow: UnitOfWork, plan_id: int) -> PlanEvent:
    """Give the revision of a plan, and who made the last operation done.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    plan_id : int
        Which plan.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read plans.
    NotFound
        If there is no such plan.
    """
    actor.jurisdiction(Action.READ_PLANS)
    record = rows.one_plan(uow.connection, plan_id)
    seq, made_by = rows.last_done(uow.connection, plan_id) or (0, record.created_by)
    return PlanEvent(plan_id, record.plan.revision, made_by, seq)


class PlanEvents:
    """What becomes of plans, as it happens.

    Parameters
    ----------
    database : Database
        Where changes are told.

    Notes
    -----
    However many follow, they take one connection, which isn't one of the pool.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._listeners: defaultdict[int, list[Listener]] = defaultdict(list)
        self._stopping = Event()
        self._thread = Thread(target=self._follow, name="plan-events", daemon=True)

    def start(self) -> None:
        """Begin to hear."""
        self._thread.start()

    def stop(self) -> None:
        """Hear no more, and let those who follow know."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    @contextmanager
    def following(self, plan_id: int, listener: Listener) -> Iterator[None]:
        """Tell a listener the changes of a plan; it is called in another thread and must return at once.

        Parameters
        ----------
        plan_id : int
            Which plan.
        listener : Listener
            Whom to tell.
        """
        with self._lock:
            self._listeners[plan_id].append(listener)
        try:
            yield
        finally:
            with self._lock:
                self._listeners[plan_id].remove(listener)
                if not self._listeners[plan_id]:
                    del self._listeners[plan_id]

    def _follow(self) -> None:
        while not self._stopping.is_set():
            try:
                self._follow_one_connection()
            except Exception:  # noqa: BLE001 - whatever has failed, this thread alone can try again
                _log.exception("plan-events-not-following")
            self._tell(None, self._everybody())
            self._stopping.wait(_RETRY_S)

    def _follow_one_connection(self) -> None:
        with Subscription(self._database, CHANNEL) as subscription:
            while not self._stopping.is_set():
                for told in subscription.hear(_TICK_S):
                    event = PlanEvent(**json.loads(told))
                    self._tell(event, self._those_of(event.plan))

    def _those_of(self, plan_id: int) -> list[Listener]:
        with self._lock:
            return list(self._listeners.get(plan_id, ()))

    def _everybody(self) -> list[Listener]:
        with self._lock:
            return [listener for of_plan in self._listeners.values() for listener in of_plan]

    def _tell(self, event: PlanEvent | None, listeners: list[Listener]) -> None:
        for listener in listeners:
            listener(event)
