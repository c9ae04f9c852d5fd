"""Plans: drafted, changed step by step, and led through their states; publishing is `plan_publication`."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from threading import Lock
from typing import Any, TypeVar

from geo.db import plans as rows
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.plan_drafts import Base, Draft, PlanRecord, composed
from geo.domain.plan_operations import OperationKind, perform
from geo.domain.plans import NEXT_STATES, Operation, Plan, PlanState
from geo.errors import Forbidden, NoDivision, NotFound, OwnPlan, StaleRevision, Unauthenticated, WrongStep
from geo.geometry.tiling import Effect

CHANNEL = "wangge_plan"
"""Where each change of a plan is told: JSON with ``plan``, ``revision``, ``by``, ``seq``."""

CHOICES = ("rebase", "branch", "discard")
"""What whoever comes too late can do."""

_KEPT = 16
"""How many drafts and divisions stay in memory."""
_NAMING = ("key", "keep", "give", "to")
_NAMING_SEVERAL = ("keys", "others", "sources", "givers")
"""The parameters of operations that name grids."""

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


@dataclass(frozen=True, slots=True)
class Step:
    """What a change of a plan has done, or would do.

    Attributes
    ----------
    plan : Plan
        The plan after it.
    before, after : Draft
        The divisions.
    effect : Effect
        What it changes.
    operation : Operation or None
        The operation made; None where none was.
    rebased : bool
        The plan had been changed elsewhere since the revision that its maker saw.
    """

    plan: Plan
    before: Draft
    effect: Effect
    operation: Operation | None = None
    rebased: bool = False


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
    """

    plan: int
    revision: int
    by: str
    seq: int


# reading -------------------------------------------------------------------------------------------------


def list_plans(actor: Actor, uow: UnitOfWork) -> tuple[PlanRecord, ...]:
    """Give every plan without its operations, the one changed last first.

    Parameters
    ----------
    actor : Actor
        Who asks; anybody who may read plans anywhere, since plans tell nothing but divisions.
    uow : UnitOfWork
        The transaction.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read plans.
    """
    actor.jurisdiction(Action.READ_PLANS)
    return rows.all_plans(uow.connection)


def get(actor: Actor, uow: UnitOfWork, drafts: Drafts, plan_id: int) -> tuple[PlanRecord, Draft]:
    """Give a plan with its operations, and the division that it describes.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    drafts : Drafts
        What this process has in memory.
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
    return _read(uow, drafts, rows.one_plan(uow.connection, plan_id))


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
    record, draft = _read(uow, drafts, rows.locked_plan(uow.connection, plan_id))
    plan = draft.plan
    if revision != plan.revision:
        touched = sorted(plan.touched_since(revision))
        raise _with_choices(
            StaleRevision(kind="plan", key=plan_id, revision=revision, current=plan.revision, grids=touched)
        )
    return record, draft


def _read(uow: UnitOfWork, drafts: Drafts, record: PlanRecord) -> tuple[PlanRecord, Draft]:
    draft = drafts.read(uow, record.plan)
    return replace(record, plan=draft.plan), draft


def possible_steps(actor: Actor, record: PlanRecord) -> Mapping[str, bool]:
    """Tell what an actor may do with a plan as it stands.

    Parameters
    ----------
    actor : Actor
        Who asks.
    record : PlanRecord
        The plan.
    """
    following = NEXT_STATES[record.plan.state]
    writes, approves = _may(actor, Action.WRITE_PLANS), _may(actor, Action.APPROVE_PLANS)
    return {
        "edit": writes and record.plan.state.is_editable,
        "submit": writes and PlanState.SUBMITTED in following,
        "withdraw": writes and PlanState.DRAFT in following,
        "approve": approves and PlanState.APPROVED in following and actor.name not in record.authors,
        "return": approves and PlanState.RETURNED in following,
        "publish": _may(actor, Action.PUBLISH_PLANS) and PlanState.PUBLISHED in following,
        "archive": writes and PlanState.ARCHIVED in following,
    }


def _may(actor: Actor, action: Action) -> bool:
    try:
        actor.jurisdiction(action)
    except (Forbidden, Unauthenticated):
        return False
    return True


# drafting ------------------------------------------------------------------------------------------------


def create(actor: Actor, uow: UnitOfWork, *, name: str) -> PlanRecord:
    """Keep a new draft on top of the division published last.

    Parameters
    ----------
    actor : Actor
        Who begins it.
    uow : UnitOfWork
        The transaction.
    name : str
        What it is called.

    Returns
    -------
    PlanRecord
        The plan, empty.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not write plans.
    NoDivision
        If none is published.
    """
    actor.jurisdiction(Action.WRITE_PLANS)
    generation_id = rows.latest_generation(uow.connection)
    if generation_id is None:
        raise NoDivision(at=datetime.now(UTC).isoformat(timespec="seconds"))
    plan_id = rows.insert_plan(uow.connection, name, generation_id, actor.name)
    uow.record(actor, "create", "plan", plan_id, {"name": name, "generation": generation_id})
    return rows.one_plan(uow.connection, plan_id)


def branch(actor: Actor, uow: UnitOfWork, drafts: Drafts, plan_id: int, *, name: str) -> PlanRecord:
    """Keep a new draft that begins with what another plan has done.

    Parameters
    ----------
    actor : Actor
        Who begins it.
    uow : UnitOfWork
        The transaction.
    drafts : Drafts
        What this process has in memory.
    plan_id : int
        The plan whose operations are taken over.
    name : str
        What the new one is called.

    Returns
    -------
    PlanRecord
        The new plan, with the operations of the other.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not write plans.
    NotFound
        If there is no such plan.
    """
    actor.jurisdiction(Action.WRITE_PLANS)
    origin, _ = _read(uow, drafts, rows.one_plan(uow.connection, plan_id))
    new_id = rows.insert_plan(uow.connection, name, origin.plan.generation_id, actor.name)
    empty = rows.one_plan(uow.connection, new_id)
    rows.save(uow.connection, empty.plan, origin.plan.branched(new_id, name))
    uow.record(actor, "create", "plan", new_id, {"name": name, "branch_of": plan_id})
    return rows.one_plan(uow.connection, new_id)


def preview(
    actor: Actor,
    uow: UnitOfWork,
    drafts: Drafts,
    plan_id: int,
    *,
    revision: int,
    kind: OperationKind,
    parameters: Mapping[str, Any],
) -> Step:
    """Tell what an operation would do; nothing is changed.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    drafts : Drafts
        What this process has in memory.
    plan_id : int
        Which plan.
    revision : int
        The revision that the actor saw.
    kind : OperationKind
        Which operation.
    parameters : Mapping[str, Any]
        See `geo.domain.plan_operations.perform`.

    Returns
    -------
    Step
        Without an operation; the plan as it is.

    Raises
    ------
    GridError
        What `operate` raises.
    """
    actor.jurisdiction(Action.WRITE_PLANS)
    _, draft = _read(uow, drafts, rows.one_plan(uow.connection, plan_id))
    step = _performed(actor, draft, revision, kind, parameters)
    return replace(step, plan=draft.plan, operation=None)


def operate(
    actor: Actor,
    uow: UnitOfWork,
    drafts: Drafts,
    plan_id: int,
    *,
    revision: int,
    kind: OperationKind,
    parameters: Mapping[str, Any],
) -> Step:
    """Add an operation to a plan.

    Parameters
    ----------
    actor : Actor
        Who makes it.
    uow : UnitOfWork
        The transaction; other changes of the plan wait until it ends.
    drafts : Drafts
        What this process has in memory.
    plan_id : int
        Which plan.
    revision : int
        The revision that its maker saw.
    kind : OperationKind
        Which operation.
    parameters : Mapping[str, Any]
        See `geo.domain.plan_operations.perform`.

    Returns
    -------
    Step
        With the operation, done on the plan as it is.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not write plans, or not where it divides ground.
    NotFound
        If there is no such plan, or no such grid in it.
    WrongStep
        If the plan isn't a draft.
    StaleRevision
        If others have divided the same grids since: also ``choices``, ``touched_by_others``.
    GridError
        As the operation itself refuses.
    """
    actor.jurisdiction(Action.WRITE_PLANS)
    _, draft = _read(uow, drafts, rows.locked_plan(uow.connection, plan_id))
    step = _performed(actor, draft, revision, kind, parameters)
    keep(actor, uow, draft.plan, step.plan, {"kind": kind, "grids": sorted(step.effect.redivided)})
    return step


def _performed(
    actor: Actor, draft: Draft, revision: int, kind: OperationKind, parameters: Mapping[str, Any]
) -> Step:
    plan = draft.plan
    if not plan.state.is_editable:
        raise WrongStep(state=plan.state, to=PlanState.DRAFT, possible=sorted(NEXT_STATES[plan.state]))
    _check_revision(plan, revision, _named(parameters))
    _check_parent(draft.base, parameters.get("parent"))
    effect = perform(draft.tiling, kind, parameters, new_key=f"{plan.id}-{plan.next_seq}")
    _check_revision(plan, revision, effect.redivided)
    _require(actor, Action.WRITE_PLANS, draft, effect)
    later = plan.with_operation(
        kind, parameters, effect, made_on=revision, made_by=actor.name, made_at=datetime.now(UTC)
    )
    return Step(later, draft, effect, later.operations[-1], rebased=revision < plan.revision)


def _named(parameters: Mapping[str, Any]) -> set[str]:
    single = {parameters[name] for name in _NAMING if isinstance(parameters.get(name), str)}
    return single.union(*(parameters.get(name) or () for name in _NAMING_SEVERAL))


def _check_parent(base: Base, parent: str | None) -> None:
    if parent is not None and parent not in base.uppers:
        raise NotFound(kind="grid", key=parent)


def _check_revision(plan: Plan, revision: int, grids: Iterable[str]) -> None:
    try:
        plan.check_revision(revision, grids)
    except StaleRevision as stale:
        raise _with_choices(stale) from None


def _with_choices(stale: StaleRevision) -> StaleRevision:
    return StaleRevision(**stale.fields, choices=list(CHOICES), touched_by_others=stale.fields["grids"])


def _require(actor: Actor, action: Action, draft: Draft, effect: Effect) -> None:
    for chain in draft.chains_of(effect):
        actor.require(action, chain)


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


# undo, redo, jump ----------------------------------------------------------------------------------------


def undo(actor: Actor, uow: UnitOfWork, drafts: Drafts, plan_id: int, *, revision: int) -> Step:
    """Take back the last operation of a plan.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The transaction; other changes of the plan wait until it ends.
    drafts : Drafts
        What this process has in memory.
    plan_id : int
        Which plan.
    revision : int
        The revision of the plan, which has to be the newest.

    Returns
    -------
    Step
        The plan without its last operation, and what that changes.

    Raises
    ------
    GridError
        What `jump` raises.
    """
    draft = _at_newest(actor, uow, drafts, plan_id, revision)
    later, effect = draft.plan.undo()
    return _gone(actor, uow, draft, later, effect)


def redo(actor: Actor, uow: UnitOfWork, drafts: Drafts, plan_id: int, *, revision: int) -> Step:
    """Do the operation again that was undone last.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The transaction; other changes of the plan wait until it ends.
    drafts : Drafts
        What this process has in memory.
    plan_id : int
        Which plan.
    revision : int
        The revision of the plan, which has to be the newest.

    Returns
    -------
    Step
        The plan with the operation, and what that changes.

    Raises
    ------
    GridError
        What `jump` raises.
    """
    draft = _at_newest(actor, uow, drafts, plan_id, revision)
    later, effect = draft.plan.redo()
    return _gone(actor, uow, draft, later, effect)


def jump(actor: Actor, uow: UnitOfWork, drafts: Drafts, plan_id: int, *, revision: int, to_seq: int) -> Step:
    """Let a plan be as it was after one of its operations.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The transaction; other changes of the plan wait until it ends.
    drafts : Drafts
        What this process has in memory.
    plan_id : int
        Which plan.
    revision : int
        The revision of the plan, which has to be the newest.
    to_seq : int
        Number of the operation, 0 for the start.

    Returns
    -------
    Step
        The plan as it was then, and what that changes.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not write plans, or not where ground is divided.
    NotFound
        If there is no such plan.
    WrongStep
        If the plan isn't a draft.
    StaleRevision
        If somebody has changed it since.
    NoFurtherStep
        If there is no such operation.
    """
    draft = _at_newest(actor, uow, drafts, plan_id, revision)
    later, effects = draft.plan.jump(to_seq)
    return _gone(actor, uow, draft, later, composed(effects))


def _at_newest(actor: Actor, uow: UnitOfWork, drafts: Drafts, plan_id: int, revision: int) -> Draft:
    actor.jurisdiction(Action.WRITE_PLANS)
    return locked(uow, drafts, plan_id, revision)[1]


def _gone(actor: Actor, uow: UnitOfWork, draft: Draft, later: Plan, effect: Effect) -> Step:
    _require(actor, Action.WRITE_PLANS, draft, effect)
    keep(actor, uow, draft.plan, later, {"position": later.position})
    return Step(later, draft, effect)


# states --------------------------------------------------------------------------------------------------

_DECIDING = {PlanState.APPROVED, PlanState.RETURNED}


def take_step(
    actor: Actor,
    uow: UnitOfWork,
    drafts: Drafts,
    plan_id: int,
    *,
    revision: int,
    to: PlanState,
    reason: str | None,
) -> PlanRecord:
    """Let a plan go to another state, short of publication.

    Parameters
    ----------
    actor : Actor
        Who does it: those who approve return and approve, the others go to those who write plans.
    uow : UnitOfWork
        The transaction.
    drafts : Drafts
        What this process has in memory.
    plan_id : int
        Which plan.
    revision : int
        The revision of the plan, which has to be the newest.
    to : PlanState
        Where it goes.
    reason : str or None
        Why; nothing is returned without.

    Returns
    -------
    PlanRecord
        The plan in its new state.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not do so where the plan divides ground.
    OwnPlan
        If the actor made a part of the plan that is to be approved.
    NotFound
        If there is no such plan.
    StaleRevision
        If somebody has changed it since.
    WrongStep, BadValue
        If no step leads there, or a reason is missing.
    """
    action = Action.APPROVE_PLANS if to in _DECIDING else Action.WRITE_PLANS
    actor.jurisdiction(action)
    record, draft = locked(uow, drafts, plan_id, revision)
    _require(actor, action, draft, composed(one.effect for one in draft.plan.done))
    if to is PlanState.APPROVED and actor.name in record.authors:
        raise OwnPlan(plan=plan_id, action=action)
    if to is PlanState.PUBLISHED:
        raise WrongStep(state=draft.plan.state, to=to, possible=sorted(NEXT_STATES[draft.plan.state]))
    later = draft.plan.stepped(to, note=reason)
    keep(actor, uow, draft.plan, later, {"state": to, "reason": reason})
    return replace(record, plan=later)
