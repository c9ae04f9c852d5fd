"""What stands in a grid."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from api.dependencies import DatabaseDep, Id, TodayDep, may
from api.listing import PlaceDep
from api.parameters import RevisionDep, SliceDep, etag_of
from api.schemas.entities import EntityChange, EntityProperties, NewEntity, entity_feature
from api.schemas.geojson import Feature, FeatureCollection
from geo.domain.actors import Action, Actor
from geo.domain.entities import EntityKind, EntityState
from geo.domain.filters import Filter
from geo.services.entities import ENTITIES
from geo.services.privacy import Veils

router = APIRouter(tags=["entities"])

Reader = Annotated[Actor, Depends(may(Action.READ_ENTITIES))]
Writer = Annotated[Actor, Depends(may(Action.WRITE_ENTITIES))]
Kind = Annotated[EntityKind | None, Query(description="种类 · Kind")]
State = Annotated[EntityState | None, Query(description="状态 · State")]


def _page(
    actor: Actor, database: DatabaseDep, today: date, wanted: Filter, part: SliceDep
) -> FeatureCollection[EntityProperties]:
    with database.read() as uow:
        page = ENTITIES.find(actor, uow, wanted, limit=part.limit, after=part.after)
        seen = Veils(actor, uow, today).shown(page.rows)
    return FeatureCollection(features=list(map(entity_feature, seen)), next=page.next)


@router.get("/entities", operation_id="list_entities", summary="监管对象列表 · Entities")
def list_entities(
    actor: Reader,
    database: DatabaseDep,
    today: TodayDep,
    place: PlaceDep,
    part: SliceDep,
    kind: Kind = None,
    state: State = None,
) -> FeatureCollection[EntityProperties]:
    """Give the entities where the caller may read, by id."""
    return _page(actor, database, today, replace(place, kind=kind, state=state), part)


@router.get(
    "/grids/{code}/entities",
    operation_id="list_entities_of_grid",
    summary="网格内的监管对象 · Entities of a grid",
)
def list_entities_of_grid(
    actor: Reader,
    database: DatabaseDep,
    today: TodayDep,
    code: Annotated[str, Path(max_length=32)],
    part: SliceDep,
    kind: Kind = None,
    state: State = None,
) -> FeatureCollection[EntityProperties]:
    """Give the entities of a grid of any level, as far as the caller may read them."""
    return _page(actor, database, today, Filter(grid_code=code, kind=kind, state=state), part)


@router.post("/entities", operation_id="create_entity", summary="新建监管对象 · New entity", status_code=201)
def create_entity(
    actor: Writer, database: DatabaseDep, today: TodayDep, given: NewEntity, response: Response
) -> Feature[EntityProperties]:
    """Keep a new entity; it knows its grid at once."""
    with database.write() as uow:
        key = ENTITIES.create(actor, uow, given.given())
        entity = Veils(actor, uow, today).one(ENTITIES.get(actor, uow, key))
    response.headers["ETag"] = etag_of(entity.revision)
    return entity_feature(entity)


@router.get("/entities/{entity_id}", operation_id="read_entity", summary="监管对象 · One entity")
def read_entity(
    actor: Reader, database: DatabaseDep, today: TodayDep, entity_id: Id, response: Response
) -> Feature[EntityProperties]:
    """Give an entity, with its revision as ETag."""
    with database.read() as uow:
        entity = Veils(actor, uow, today).one(ENTITIES.get(actor, uow, entity_id))
    response.headers["ETag"] = etag_of(entity.revision)
    return entity_feature(entity)


@router.patch(
    "/entities/{entity_id}", operation_id="change_entity", summary="修改监管对象 · Change an entity"
)
def change_entity(
    actor: Writer,
    database: DatabaseDep,
    today: TodayDep,
    entity_id: Id,
    given: EntityChange,
    revision: RevisionDep,
    response: Response,
) -> Feature[EntityProperties]:
    """Change the fields that are sent, if nobody else has changed the entity since."""
    with database.write() as uow:
        present = ENTITIES.locked(actor, uow, entity_id, revision)
        veils = Veils(actor, uow, today)
        told = veils.returned(given.given(), present)
        entity = veils.one(ENTITIES.change(actor, uow, entity_id, told))
    response.headers["ETag"] = etag_of(entity.revision)
    return entity_feature(entity)
