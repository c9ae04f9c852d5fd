"""The trail of changes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from api.dependencies import DatabaseDep, TodayDep, may
from api.schemas.audit import AuditPage
from api.schemas.moments import Moment
from geo.domain.actors import Action, Actor
from geo.domain.audit import AuditFilter
from geo.services import audit

router = APIRouter(tags=["audit"])


class AuditQuery(BaseModel):
    """Which part of the trail."""

    actor: str | None = Field(default=None, max_length=64, examples=["admin"])
    kind: str | None = Field(default=None, max_length=64, examples=["account"])
    key: str | None = Field(default=None, max_length=256, examples=["li.wei"])
    since: Moment | None = Field(default=None, description="起（含）· From, included")
    until: Moment | None = Field(default=None, description="止（不含）· To, not included")
    before: int | None = Field(default=None, ge=1, lt=2**63)
    limit: int = Field(default=100, ge=1, le=1000)

    @property
    def wanted(self) -> AuditFilter:
        """Which changes."""
        return AuditFilter(self.actor, self.kind, self.key, self.since, self.until)


@router.get("/audit", operation_id="list_audit", summary="操作日志 · Trail of changes")
def list_audit(
    actor: Annotated[Actor, Depends(may(Action.READ_AUDIT))],
    database: DatabaseDep,
    today: TodayDep,
    query: Annotated[AuditQuery, Query()],
) -> AuditPage:
    """Give who changed what, newest first; only for those who administer the whole city."""
    with database.read() as uow:
        return AuditPage.of(
            audit.list_entries(actor, uow, query.wanted, today, before=query.before, limit=query.limit)
        )
