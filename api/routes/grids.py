"""Grids, their levels, neighbours and history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from api.dependencies import DatabaseDep, TodayDep, may
from api.parameters import BoxDep, MomentDep, Slice, SliceDep, unless_known
from api.schemas.grids import (
    GEOJSON,
    GridCollection,
    GridDetailsFeature,
    History,
    Neighbour,
    feature,
    feature_collection,
)
from api.schemas.locate import Responsible
from geo.db.unit_of_work import Database
from geo.domain.actors import Action, Actor
from geo.domain.grids import GridFilter, Level
from geo.services import grids

router = APIRouter(tags=["grids"])

Reader = Annotated[Actor, Depends(may(Action.READ_GRIDS))]
Code = Annotated[str, Path(min_length=1, max_length=64, examples=["330106001001001"])]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which page, as of when, and whether with shapes."""

    part: Slice
    at: datetime | None
    with_geometry: bool


async def _wanted(
    *,
    part: SliceDep,
    at: MomentDep,
    geometry: Annotated[bool, Query(description="是否返回图形 · Whether shapes are wanted")] = True,
) -> Wanted:
    return Wanted(part, at, geometry)


WantedDep = Annotated[Wanted, Depends(_wanted)]


@router.get(
    "/grids",
    operation_id="list_grids",
    summary="网格列表 · Grids by level and place",
    response_model=GridCollection,
)
def list_grids(
    *,
    request: Request,
    actor: Reader,
    database: DatabaseDep,
    wanted: WantedDep,
    box: BoxDep,
    level: Annotated[Level | None, Query()] = None,
    parent: Annotated[
        str | None, Query(max_length=64, description="上级网格编码 · Code of the parent")
    ] = None,
    q: Annotated[
        str | None,
        Query(min_length=1, max_length=100, description="名称或编码前缀 · In the name, or begins the code"),
    ] = None,
    action: Annotated[
        Action, Query(alias="may", description="仅列出可行使此权限的网格 · Only where the reader may do this")
    ] = Action.READ_GRIDS,
) -> Response:
    """Give a page of the grids of the division that holds, as GeoJSON."""
    chosen = GridFilter(level, parent, box, q)
    return _page(request=request, actor=actor, database=database, wanted=wanted, chosen=chosen, may=action)


def _page(
    *,
    request: Request,
    actor: Actor,
    database: Database,
    wanted: Wanted,
    chosen: GridFilter,
    may: Action = Action.READ_GRIDS,
) -> Response:
    with database.read() as uow:
        page = grids.list_grids(
            actor,
            uow,
            chosen,
            at=wanted.at,
            after=wanted.part.after,
            limit=wanted.part.limit,
            with_geometry=wanted.with_geometry,
            may=may,
        )
    return unless_known(request, feature_collection(page.rows, page.next), GEOJSON)


@router.get(
    "/grids/{code}",
    operation_id="read_grid",
    summary="一个网格 · One grid with its responsible people",
    response_model=GridDetailsFeature,
)
def read_grid(
    *, request: Request, code: Code, actor: Reader, database: DatabaseDep, at: MomentDep, today: TodayDep
) -> Response:
    """Give one grid with its shape, and with whom the public may turn to there on that day."""
    with database.read() as uow:
        grid = grids.get_grid(actor, uow, code, at=at)
        people = grids.who_is_responsible(uow, code, at.date() if at else today)
    responsible = [Responsible.model_validate(one, from_attributes=True) for one in people]
    return unless_known(request, feature(grid, responsible), GEOJSON)


@router.get(
    "/grids/{code}/children",
    operation_id="list_children",
    summary="下级网格 · The grids one level below",
    response_model=GridCollection,
)
def list_children(
    *,
    request: Request,
    code: Code,
    actor: Reader,
    database: DatabaseDep,
    wanted: WantedDep,
) -> Response:
    """Give a page of the grids directly below a grid; empty for a leaf."""
    with database.read() as uow:
        grids.get_grid(actor, uow, code, at=wanted.at)
    chosen = GridFilter(parent_code=code)
    return _page(request=request, actor=actor, database=database, wanted=wanted, chosen=chosen)


@router.get("/grids/{code}/neighbours", operation_id="list_neighbours", summary="相邻网格 · Neighbours")
def list_neighbours(code: Code, actor: Reader, database: DatabaseDep, at: MomentDep) -> list[Neighbour]:
    """Give the grids of the same level that share a border, the longest border first."""
    with database.read() as uow:
        return list(map(Neighbour.of_neighbour, grids.find_neighbours(actor, uow, code, at=at)))


@router.get(
    "/grids/{code}/history", operation_id="read_grid_history", summary="网格沿革 · What a code stood for"
)
def read_grid_history(code: Code, actor: Reader, database: DatabaseDep) -> History:
    """Give what a code stood for in each generation, and where its ground came from and went to."""
    with database.read() as uow:
        return History.of(code, grids.get_history(actor, uow, code))
