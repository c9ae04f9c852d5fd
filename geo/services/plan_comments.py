"""Comments on grids of plans: made, listed, settled; whoever follows the plan is told."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date

import shapely
from shapely import Point

from geo.db import plan_comments as rows
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.plan_comments import PlanComment
from geo.domain.plan_drafts import Draft
from geo.errors import NotFound
from geo.geometry.tiling import Cell
from geo.services import plans
from geo.services.plan_drafts import Drafts
from geo.services.plan_events import CHANNEL, newest_change
from geo.services.privacy import Veils

_KIND = "plan_comment"


def list_comments(actor: Actor, uow: UnitOfWork, plan_id: int, day: date) -> tuple[PlanComment, ...]:
    """Give the comments on a plan, the newest first.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    plan_id : int
        Which plan.
    day : date
        Today in the city.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read plans.
    NotFound
        If there is no such plan.
    """
    newest_change(actor, uow, plan_id)
    return _seen(actor, uow, rows.comments_of(uow.connection, plan_id), day)


def add_comment(
    actor: Actor, uow: UnitOfWork, drafts: Drafts, plan_id: int, *, grid_key: str, text: str, day: date
) -> PlanComment:
    """Keep a new comment, pinned to a grid of a plan as it stands.

    Parameters
    ----------
    actor : Actor
        Who makes it.
    uow : UnitOfWork
        The transaction.
    drafts : Drafts
        What this process has in memory.
    plan_id : int
        Which plan.
    grid_key : str
        Key of the grid in that plan.
    text : str
        What is said.
    day : date
        Today in the city.

    Returns
    -------
    PlanComment
        The comment, open.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not comment on plans, or not on that grid.
    NotFound
        If there is no such plan, or no such grid in it.
    """
    _, draft = plans.get(actor, uow, drafts, plan_id)
    cell = draft.tiling.cells.get(grid_key)
    if cell is None:
        raise NotFound(kind="grid", key=grid_key)
    actor.require(Action.COMMENT_PLANS, draft.base.chain(grid_key, cell))
    place = _point_inside(cell)
    comment_id = rows.insert_comment(
        uow.connection, plan_id=plan_id, grid_key=grid_key, place=place, text=text, made_by=actor.name
    )
    uow.record(actor, "create", _KIND, comment_id, {"plan": plan_id, "grid": grid_key, "text": text})
    _tell(actor, uow, plan_id)
    return _seen(actor, uow, (rows.one_comment(uow.connection, plan_id, comment_id),), day)[0]


def resolve_comment(
    actor: Actor, uow: UnitOfWork, drafts: Drafts, plan_id: int, comment_id: int, *, day: date
) -> PlanComment:
    """Let a comment be settled; one that is already stays as it is.

    Parameters
    ----------
    actor : Actor
        Who settles it.
    uow : UnitOfWork
        The transaction.
    drafts : Drafts
        What this process has in memory.
    plan_id, comment_id : int
        Which comment on which plan.
    day : date
        Today in the city.

    Returns
    -------
    PlanComment
        With who settled it, and when.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not comment on plans, or not where the comment is pinned.
    NotFound
        If there is no such plan, or no such comment on it.
    """
    _, draft = plans.get(actor, uow, drafts, plan_id)
    comment = rows.one_comment(uow.connection, plan_id, comment_id)
    actor.require(Action.COMMENT_PLANS, _chain(draft, comment))
    if rows.resolve(uow.connection, comment_id, actor.name):
        uow.record(actor, "resolve", _KIND, comment_id, {"plan": plan_id, "grid": comment.grid_key})
        _tell(actor, uow, plan_id)
    return _seen(actor, uow, (rows.one_comment(uow.connection, plan_id, comment_id),), day)[0]


def _seen(
    actor: Actor, uow: UnitOfWork, found: tuple[PlanComment, ...], day: date
) -> tuple[PlanComment, ...]:
    """Give comments as they are seen: a plan is of the whole city."""
    return Veils(actor, uow, day).over(None).shown(found)


def _chain(draft: Draft, comment: PlanComment) -> tuple[str, ...]:
    """Return the codes of the grids where a comment is pinned, as the plan stands; none elsewhere."""
    cells = draft.tiling.cells
    here = (key for key, cell in cells.items() if shapely.covers(cell.geometry, comment.place))
    key = comment.grid_key if comment.grid_key in cells else next(here, None)
    return () if key is None else draft.base.chain(key, cells[key])


def _point_inside(cell: Cell) -> Point:
    x, y = shapely.get_coordinates(shapely.point_on_surface(cell.geometry))[0].tolist()
    return Point(x, y)


def _tell(actor: Actor, uow: UnitOfWork, plan_id: int) -> None:
    told = replace(newest_change(actor, uow, plan_id), by=actor.name, about="comments")
    uow.notify(CHANNEL, json.dumps(asdict(told)))
