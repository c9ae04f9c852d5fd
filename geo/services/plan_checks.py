"""Checking a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import shapely

from geo.db import measure_results as rows
from geo.db.plan_ground import buildings_around
from geo.db.plan_publication import staffed_codes
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Actor
from geo.domain.plan_checks import Range, Validation, out_of_range, unstaffed
from geo.domain.plan_drafts import Draft
from geo.domain.plan_measures import MEASURES, Measure, Result, missing_results
from geo.geometry.tiling import CutBuilding, divided_buildings
from geo.services import plans
from geo.services.plan_drafts import Drafts
from geo.services.plan_rules import division_rules


@dataclass(frozen=True, slots=True)
class Checked:
    """A plan that was checked.

    Attributes
    ----------
    revision : int
        The revision of the plan.
    validation : Validation
        Everything found.
    fresh : Mapping[str, Result]
        The values of measures that were computed for it, to be kept.
    """

    revision: int
    validation: Validation
    fresh: Mapping[str, Result]


def validation(
    actor: Actor,
    uow: UnitOfWork,
    drafts: Drafts,
    plan_id: int,
    *,
    wanted: Range | None,
    day: date,
    measures: Mapping[str, Measure] = MEASURES,
) -> Checked:
    """Give everything found in a plan as it stands.

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
    wanted : Range or None
        How many households a grid should have; by default what the rules in force say.
    day : date
        Today in the city: whose posts count, and which rules.
    measures : Mapping[str, Measure], optional
        What is measured.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read plans.
    NotFound
        If there is no such plan.
    """
    _, draft = plans.get(actor, uow, drafts, plan_id)
    revision, cells = draft.plan.revision, draft.tiling.cells
    kept = rows.results_of(uow.connection, plan_id, revision)
    fresh = missing_results(draft, kept, measures)
    results = {name: {**kept, **fresh}[name] for name in measures}
    found = Validation(
        measured={name: one.value for name, one in results.items()},
        versions={name: one.version for name, one in results.items()},
        out_of_range=out_of_range(draft, _ranges(uow, draft, wanted, day)),
        without_responsible=unstaffed(cells, staffed_codes(uow.connection, draft.base.tiling.cells, day)),
        buildings_cut=_buildings_cut(uow, draft),
    )
    return Checked(revision, found, fresh)


def keep_results(uow: UnitOfWork, plan_id: int, checked: Checked) -> None:
    """Keep the values of measures that a check has computed.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    plan_id : int
        Which plan.
    checked : Checked
        What was found in it.
    """
    rows.keep_results(uow.connection, plan_id, checked.revision, checked.fresh)


def _ranges(uow: UnitOfWork, draft: Draft, wanted: Range | None, day: date) -> dict[str | None, Range]:
    parents = {cell.parent for cell in draft.tiling.cells.values()}
    if wanted is not None:
        return dict.fromkeys(parents, wanted)
    rules = division_rules(uow, draft.base, day)
    spans = {parent: rules[parent].households for parent in parents & rules.keys()}
    ranges = {parent: Range(span.low, span.high) for parent, span in spans.items()}
    return dict.fromkeys(parents, Range(None, None)) | ranges


def _buildings_cut(uow: UnitOfWork, draft: Draft) -> tuple[CutBuilding, ...]:
    tiling = draft.tiling
    cells = {key: cell.geometry for key, cell in tiling.cells.items()}
    bounds = shapely.box(*shapely.total_bounds(list(cells.values())))
    buildings = buildings_around(uow.connection, bounds)
    return divided_buildings(buildings, cells, plane=tiling.plane, wall_m=tiling.tolerances.wall_m)
