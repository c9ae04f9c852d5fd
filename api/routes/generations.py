"""Published divisions, and what became of what."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from api.dependencies import DatabaseDep, may
from api.schemas.generations import Generation, Succession
from geo.domain.actors import Action
from geo.services import generations

router = APIRouter(tags=["generations"], dependencies=[Depends(may(Action.READ_GRIDS))])

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.get(
    "/generations", operation_id="list_generations", summary="历次网格划分 · Every published division"
)
def list_generations(database: DatabaseDep) -> list[Generation]:
    """Give every generation, the oldest first; their times of validity never overlap."""
    with database.read() as uow:
        return list(map(Generation.of, generations.list_generations(uow)))


@router.get(
    "/generations/{generation_id}",
    operation_id="read_generation",
    summary="一次网格划分 · One published division",
)
def read_generation(generation_id: Id, database: DatabaseDep) -> Generation:
    """Give one generation."""
    with database.read() as uow:
        return Generation.of(generations.get_generation(uow, generation_id))


@router.get(
    "/generations/{generation_id}/lineage",
    operation_id="read_lineage",
    summary="网格沿革 · What became of the grids of the generation before",
)
def read_lineage(generation_id: Id, database: DatabaseDep) -> list[Succession]:
    """Give which grids gave ground to the grids of a generation; empty for the first one."""
    with database.read() as uow:
        return list(map(Succession.of, generations.get_lineage(uow, generation_id)))
