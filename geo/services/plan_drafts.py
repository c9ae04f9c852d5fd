"""Drafts as a process keeps them in memory, and as a transaction finds and changes them."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, replace
from threading import Lock
from typing import Any, TypeVar

from geo.db import plans as rows
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.plan_drafts import Base, Draft, PlanRecord
from geo.domain.plans import Plan
from geo.errors import OutsideJurisdiction, StaleRevision
from geo.geometry.tiling import Effect
from geo.geometry.tiling.cells import as_geojson
from geo.services.plan_events import CHANNEL, PlanEvent

CHOICES = ("rebase", "branch", "discard")
"""What whoever comes too late can do."""

_KEPT = 16
"""How many drafts and divisions stay in memory."""

T = TypeVar("T")


class Drafts:
    """The divisions of plans, kept in memory at the revision at which they were read last.

    Notes
    -----
    What is kept was committed before it was read under its number, so a transaction that fails leaves nothing
    here. From one revision to the next only the operations between are read and done.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._drafts: OrderedDict[int, Draft] = OrderedDict()
        self._bases: OrderedDict[int, Base] = OrderedDict()

    def read(self, uow: UnitOfWork, plan: Plan) -> Draft:
        """Give the draft of a plan as the transaction found it, before it changes the plan.

        Parameters
        ----------
        uow : UnitOfWork
            The transaction.
        plan : Plan
            The plan without its operations.
        """
        nearest = self._nearest(uow, plan)
        later = rows.operations_since(uow.connection, plan.id, nearest.plan.revision)
        operations = {one.seq: one for one in (*nearest.plan.operations, *later)}
        draft = nearest.at(replace(plan, operations=tuple(operations[seq] for seq in sorted(operations))))
        self._remember(self._drafts, plan.id, draft)
        return draft

    def base(self, uow: UnitOfWork, generation_id: int) -> Base:
        """Give the division of a generation.

        Raises
        ------
        NotFound
            If there is none.
        """
        with self._lock:
            known = self._bases.get(generation_id)
        if known is not None:
            return known
        return self._remember(self._bases, generation_id, rows.base_of(uow.connection, generation_id))

    def _nearest(self, uow: UnitOfWork, plan: Plan) -> Draft:
        with self._lock:
            known = self._drafts.get(plan.id)
        if known is not None and known.plan.revision <= plan.revision:
            return known
        return Draft.beginning(plan, self.base(uow, plan.generation_id))

    def _remember(self, kept: OrderedDict[int, T], key: int, value: T) -> T:
        with self._lock:
            kept[key] = value
            kept.move_to_end(key)
            while len(kept) > _KEPT:
                kept.popitem(last=False)
        return value


def read(uow: UnitOfWork, drafts: Drafts, record: PlanRecord) -> tuple[PlanRecord, Draft]:
    """Give a plan with its operations, and the division that it describes.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    drafts : Drafts
        What this process has in memory.
    record : PlanRecord
        The plan without its operations, as this transaction found it.
    """
    draft = drafts.read(uow, record.plan)
    return replace(record, plan=draft.plan), draft


def locked(uow: UnitOfWork, drafts: Drafts, plan_id: int, revision: int) -> tuple[PlanRecord, Draft]:
    """Give a plan and its division at its newest revision; other changes of it wait.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction, until whose end they wait.
    drafts : Drafts
        What this process has in memory.
    plan_id : int
        Which plan.
    revision : int
        The revision that is taken for the newest.

    Raises
    ------
    NotFound
        If there is no such plan.
    StaleRevision
        If there is a newer revision: also ``choices``, ``touched_by_others``.
    """
    record, draft = read(uow, drafts, rows.locked_plan(uow.connection, plan_id))
    plan = draft.plan
    if revision != plan.revision:
        touched = sorted(plan.touched_since(revision))
        stale = StaleRevision(
            kind="plan", key=plan_id, revision=revision, current=plan.revision, grids=touched
        )
        raise with_choices(stale, draft)
    return record, draft


def with_choices(stale: StaleRevision, draft: Draft) -> StaleRevision:
    """Give the refusal of a change that came too late, with its ground and what its maker can do.

    Parameters
    ----------
    stale : StaleRevision
        The refusal.
    draft : Draft
        The division as others have left it.
    """
    touched = stale.fields["grids"]
    standing = [key for key in touched if key in draft.tiling.cells]
    ground = as_geojson(draft.tiling.shapes(standing)) if standing else None
    return StaleRevision(**stale.fields, choices=list(CHOICES), touched_by_others=touched, geometry=ground)


def require(actor: Actor, action: Action, draft: Draft, effect: Effect) -> None:
    """Return only if an actor may act wherever an effect divides ground.

    Parameters
    ----------
    actor : Actor
        Who acts.
    action : Action
        What is done.
    draft : Draft
        The division.
    effect : Effect
        What it changes there.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not.
    """
    for chain in draft.chains_of(effect):
        try:
            actor.require(action, chain)
        except OutsideJurisdiction as refusal:
            cell = {**effect.after, **effect.before}[chain[-1]]
            raise OutsideJurisdiction(**refusal.fields, geometry=as_geojson(cell.geometry)) from None


def keep(actor: Actor, uow: UnitOfWork, before: Plan, after: Plan, change: Mapping[str, Any]) -> None:
    """Let a plan be what it has become, with an entry in the trail of changes, and everybody told.

    Parameters
    ----------
    actor : Actor
        Who changed it.
    uow : UnitOfWork
        The transaction, which has locked the plan.
    before, after : Plan
        The plan as it is kept, and as it is to be.
    change : Mapping[str, Any]
        What is different, JSON-ready.
    """
    rows.save(uow.connection, before, after)
    uow.record(actor, "change", "plan", after.id, {"revision": after.revision, **change})
    told = PlanEvent(after.id, after.revision, actor.name, after.position)
    uow.notify(CHANNEL, json.dumps(asdict(told)))
