"""Whether the process lives, and whether it can answer."""

from __future__ import annotations

from fastapi import APIRouter, Request

from api.dependencies import DatabaseDep
from api.schemas.health import Health
from geo.db.migrations import newest, revision_of
from geo.errors import Unavailable

router = APIRouter(tags=["health"])


@router.get("/healthz", operation_id="read_health", summary="存活 · Alive")
async def read_health() -> Health:
    """Answer as long as the process lives; touches nothing else."""
    return Health(status="alive")


@router.get("/readyz", operation_id="read_readiness", summary="就绪 · Ready")
def read_readiness(request: Request, database: DatabaseDep) -> Health:
    """Answer when the database is there, its schema is the newest, and lookups know the division."""
    with database.read() as uow:
        revision = revision_of(uow.connection)
    if revision != newest():
        raise Unavailable(what="schema", retry_after_s=5)
    if not request.app.state.lookups.is_following:
        raise Unavailable(what="index", retry_after_s=1)
    return Health(status="ready")
