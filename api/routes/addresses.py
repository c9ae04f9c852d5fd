"""Standard addresses: found by likeness, read and written."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.dependencies import DatabaseDep, Id, TodayDep, may
from api.parameters import RevisionDep, etag_of
from api.schemas.addresses import AddressProperties, AddressValues, Candidate, Candidates, address_feature
from api.schemas.geojson import Feature
from geo.domain.actors import Action, Actor
from geo.services import addresses

router = APIRouter(tags=["addresses"])

Reader = Annotated[Actor, Depends(may(Action.SEARCH_ADDRESSES))]
Writer = Annotated[Actor, Depends(may(Action.WRITE_ADDRESSES))]


@router.get("/addresses", operation_id="search_addresses", summary="查找地址 · Addresses that may be meant")
def search_addresses(
    actor: Reader,
    database: DatabaseDep,
    today: TodayDep,
    q: Annotated[
        str,
        Query(
            min_length=1,
            max_length=200,
            description="地址或其一部分 · An address, or a part of one",
            examples=["朝阳路12号"],
        ),
    ],
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
) -> Candidates:
    """Give candidates with score and grids, the most like first; an empty list if nothing is like it."""
    with database.read() as uow:
        found = addresses.search(actor, uow, q, today, limit=limit)
    return Candidates(candidates=list(map(Candidate.of, found)))


@router.get("/addresses/{address_id}", operation_id="read_address", summary="一个地址 · One address")
def read_address(
    actor: Reader, database: DatabaseDep, today: TodayDep, address_id: Id, response: Response
) -> Feature[AddressProperties]:
    """Give an address, with its revision as ETag."""
    with database.read() as uow:
        address = addresses.get_address(actor, uow, address_id, today)
    response.headers["ETag"] = etag_of(address.revision)
    return address_feature(address)


@router.post("/addresses", operation_id="create_address", summary="新建地址 · New address", status_code=201)
def create_address(
    actor: Writer, database: DatabaseDep, today: TodayDep, given: AddressValues, response: Response
) -> Feature[AddressProperties]:
    """Keep a new address; it knows its grid at once."""
    with database.write() as uow:
        address = addresses.create_address(actor, uow, given.values(), today)
    response.headers["ETag"] = etag_of(address.revision)
    return address_feature(address)


@router.put("/addresses/{address_id}", operation_id="replace_address", summary="修改地址 · Change an address")
def replace_address(
    *,
    actor: Writer,
    database: DatabaseDep,
    today: TodayDep,
    address_id: Id,
    given: AddressValues,
    revision: RevisionDep,
    response: Response,
) -> Feature[AddressProperties]:
    """Put other values in the place of an address, if nobody else has changed it since."""
    with database.write() as uow:
        address = addresses.replace_address(
            actor, uow, address_id, revision=revision, values=given.values(), day=today
        )
    response.headers["ETag"] = etag_of(address.revision)
    return address_feature(address)
