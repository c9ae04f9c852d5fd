"""Comparing any two plans or published divisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from geo.db import comparisons as rows
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.comparisons import Comparison, Side, SideKind, compare
from geo.domain.entities import EntityKind
from geo.domain.generations import Generation
from geo.domain.measures import Share
from geo.domain.plan_drafts import PlanRecord
from geo.domain.plans import PlanState
from geo.errors import NoDivision
from geo.geometry.tiling import Tiling
from geo.services import generations, plans
from geo.services.plan_drafts import Drafts

_PREMISES = rows.KINDS.index(EntityKind.PREMISES)


@dataclass(frozen=True, slots=True)
class Division:
    """A division that can be compared, by its name.

    Attributes
    ----------
    side : Side
        Which one.
    name : str
        What its planners call it.
    at : datetime
        From when a generation holds; when a plan was changed last.
    state : PlanState or None
        Where a plan stands.
    """

    side: Side
    name: str
    at: datetime
    state: PlanState | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """Two divisions with what is different between them.

    Attributes
    ----------
    before, after : Division
        The sides.
    comparison : Comparison
        What is different.
    counts : NDArray[int], shape (handed, kinds)
        Entities in the jurisdiction of the actor on each piece of ground that changed hands.
    totals : NDArray[int], shape (kinds,)
        All located entities there.
    """

    before: Division
    after: Division
    comparison: Comparison
    counts: NDArray[np.int64]
    totals: NDArray[np.int64]

    @property
    def premises(self) -> NDArray[np.int64]:
        """Premises on each piece of ground that changed hands."""
        counts: NDArray[np.int64] = self.counts[:, _PREMISES]
        return counts

    @property
    def moved_premises(self) -> Share:
        """Premises that changed hands, of all."""
        return Share(int(self.premises.sum()), int(self.totals[_PREMISES]))

    @property
    def moved_entities(self) -> Share:
        """Entities of every kind that changed hands, of all."""
        return Share(int(self.counts.sum()), int(self.totals.sum()))

    @property
    def moved_households(self) -> Share:
        """Households that changed hands, of those before."""
        moved = sum(one.households for one in self.comparison.handed)
        return Share(round(moved), self.comparison.before.households)

    @property
    def moved_area_m2(self) -> float:
        """Ground that changed hands."""
        return sum(one.area_m2 for one in self.comparison.handed)


def divisions(actor: Actor, uow: UnitOfWork) -> tuple[Division, ...]:
    """Give everything that can be compared: generations, the newest first, then plans.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read plans.
    """
    drawn = map(_of_plan, plans.list_plans(actor, uow))
    published = map(_of_generation, reversed(generations.list_generations(uow)))
    return (*published, *drawn)


def usual(found: tuple[Division, ...]) -> tuple[Side, Side]:
    """Give what is compared before anything is chosen: the plan changed last with the newest generation.

    Parameters
    ----------
    found : tuple of Division
        What there is, as `divisions` gives it.

    Returns
    -------
    tuple of Side
        Before and after. Without a plan the generation before, without that the same one twice.

    Raises
    ------
    NoDivision
        If nothing is published.
    """
    published = [one for one in found if one.side.kind is SideKind.GENERATION]
    drawn = [one for one in found if one.side.kind is SideKind.PLAN]
    if not published:
        raise NoDivision(at="")
    if drawn:
        return published[0].side, drawn[0].side
    return published[min(1, len(published) - 1)].side, published[0].side


def base_of(actor: Actor, uow: UnitOfWork, drafts: Drafts, plan_id: int) -> Side:
    """Give the division that a plan begins with.

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
    record, _ = plans.get(actor, uow, drafts, plan_id)
    return Side(SideKind.GENERATION, record.plan.generation_id)


def compare_divisions(actor: Actor, uow: UnitOfWork, drafts: Drafts, before: Side, after: Side) -> Compared:
    """Give what is different between two divisions, with what is counted on the ground.

    Parameters
    ----------
    actor : Actor
        Who asks: entities are counted in their jurisdiction alone.
    uow : UnitOfWork
        The transaction.
    drafts : Drafts
        What this process has in memory.
    before, after : Side
        The two of them; they may be the same.

    Returns
    -------
    Compared
        Grid by grid, with what changed hands.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read plans or entities.
    NotFound
        If one of the two isn't there.
    """
    actor.jurisdiction(Action.READ_PLANS)
    jurisdiction = actor.jurisdiction(Action.READ_ENTITIES)
    old, was = _read(actor, uow, drafts, before)
    new, now = _read(actor, uow, drafts, after)
    found = compare(was, now)
    ground = [one.ground for one in found.handed]
    counts = rows.entities_on(uow.connection, ground, jurisdiction)
    return Compared(old, new, found, counts, rows.all_entities(uow.connection, jurisdiction))


def _read(actor: Actor, uow: UnitOfWork, drafts: Drafts, side: Side) -> tuple[Division, Tiling]:
    if side.kind is SideKind.PLAN:
        record, draft = plans.get(actor, uow, drafts, side.id)
        return _of_plan(record), draft.tiling
    division = _of_generation(generations.get_generation(uow, side.id))
    return division, drafts.base(uow, side.id).tiling


def _of_plan(record: PlanRecord) -> Division:
    plan = record.plan
    return Division(Side(SideKind.PLAN, plan.id), plan.name, record.updated_at, plan.state)


def _of_generation(one: Generation) -> Division:
    return Division(Side(SideKind.GENERATION, one.id), one.name, one.valid_from)
