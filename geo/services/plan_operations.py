"""Operations made on a plan, or tried on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from geo.db import plans as rows
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.plan_drafts import Base, Draft
from geo.domain.plan_operations import OperationKind, perform
from geo.domain.plans import NEXT_STATES, Operation, Plan, PlanState
from geo.errors import BuildingsCut, NotFound, StaleRevision, WrongStep
from geo.geometry.tiling import CutBuilding, Effect, Tiling
from geo.geometry.tiling.cells import as_geojson
from geo.services import plan_drafts as drafting
from geo.services import plan_ground
from geo.services.plan_drafts import Drafts
from geo.services.plan_rules import division_rules

_NAMING = ("key", "keep", "give", "to")
_NAMING_SEVERAL = ("keys", "others", "sources", "givers")
"""The parameters of operations that name grids."""


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
class Asked:
    """What a planner asks of a plan.

    Attributes
    ----------
    revision : int
        The revision that the planner saw.
    kind : OperationKind
        Which operation.
    parameters : Mapping[str, Any]
        JSON-ready: see `geo.domain.plan_operations.perform` and `geo.services.plan_ground.drawn_out`.
    force : bool
        Also if buildings are cut.
    """

    revision: int
    kind: OperationKind
    parameters: Mapping[str, Any]
    force: bool = False


def preview(actor: Actor, uow: UnitOfWork, drafts: Drafts, plan_id: int, asked: Asked) -> Step:
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
    asked : Asked
        Which operation.

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
    _, draft = drafting.read(uow, drafts, rows.one_plan(uow.connection, plan_id))
    step = _performed(actor, uow, draft, asked)
    return replace(step, plan=draft.plan, operation=None)


def operate(actor: Actor, uow: UnitOfWork, drafts: Drafts, plan_id: int, asked: Asked) -> Step:
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
    asked : Asked
        Which operation.

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
    BuildingsCut
        If a new border would run through buildings and the operation isn't forced.
    GridError
        As the operation itself refuses.
    """
    actor.jurisdiction(Action.WRITE_PLANS)
    _, draft = drafting.read(uow, drafts, rows.locked_plan(uow.connection, plan_id))
    step = _performed(actor, uow, draft, asked)
    drafting.keep(actor, uow, draft.plan, step.plan, _trail(asked, step.effect))
    return step


def _trail(asked: Asked, effect: Effect) -> dict[str, Any]:
    cut = [one.footprint.id for one in effect.cut]
    return {"kind": asked.kind, "grids": sorted(effect.redivided), "cut": cut}


def _performed(actor: Actor, uow: UnitOfWork, draft: Draft, asked: Asked) -> Step:
    plan = draft.plan
    if not plan.state.is_editable:
        raise WrongStep(state=plan.state, to=PlanState.DRAFT, possible=sorted(NEXT_STATES[plan.state]))
    _check_revision(draft, asked.revision, _named(asked.parameters))
    _check_parent(draft.base, asked.parameters.get("parent"))
    tiling = _as_ruled(uow, draft)
    drawn = plan_ground.drawn_out(uow, tiling, asked.parameters)
    effect = perform(tiling, asked.kind, drawn, new_key=f"{plan.id}-{plan.next_seq}")
    _check_revision(draft, asked.revision, effect.redivided)
    drafting.require(actor, Action.WRITE_PLANS, draft, effect)
    effect = replace(effect, cut=plan_ground.buildings_cut(uow, draft.tiling, effect))
    _check_buildings(effect, force=asked.force)
    later = plan.with_operation(
        asked.kind,
        asked.parameters,
        effect,
        made_on=asked.revision,
        made_by=actor.name,
        made_at=datetime.now(UTC),
    )
    return Step(later, draft, effect, later.operations[-1], rebased=asked.revision < plan.revision)


def _as_ruled(uow: UnitOfWork, draft: Draft) -> Tiling:
    """Give the tiling of a draft, where nothing narrower is cut out than the rules in force there allow."""
    rules = division_rules(uow, draft.base, datetime.now(UTC).date())
    slivers = {code: one.least_width_m for code, one in rules.items()}
    return draft.tiling.under(replace(draft.tiling.tolerances, own_slivers_m=slivers))


def _check_buildings(effect: Effect, *, force: bool) -> None:
    if effect.cut and not force:
        raise BuildingsCut(
            grids=sorted({key for one in effect.cut for key in one.cells}),
            buildings=[_told(one) for one in effect.cut],
            geometry=as_geojson([one.footprint.geometry for one in effect.cut]),
        )


def _told(one: CutBuilding) -> dict[str, Any]:
    building = one.footprint
    return {"id": building.id, "name": building.name, "place": list(one.place), "grids": list(one.cells)}


def _named(parameters: Mapping[str, Any]) -> set[str]:
    single = {parameters[name] for name in _NAMING if isinstance(parameters.get(name), str)}
    return single.union(*(parameters.get(name) or () for name in _NAMING_SEVERAL))


def _check_parent(base: Base, parent: str | None) -> None:
    if parent is not None and parent not in base.uppers:
        raise NotFound(kind="grid", key=parent)


def _check_revision(draft: Draft, revision: int, grids: Iterable[str]) -> None:
    try:
        draft.plan.check_revision(revision, grids)
    except StaleRevision as stale:
        raise drafting.with_choices(stale, draft) from None
