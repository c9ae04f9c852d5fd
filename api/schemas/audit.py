"""The trail of changes over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from geo.domain.audit import AuditEntry
from geo.domain.pages import Page


class AuditEntrySchema(BaseModel):
    """One change."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": 12,
                    "at": "2026-11-01T08:00:00Z",
                    "actor": "admin",
                    "action": "create",
                    "kind": "account",
                    "key": "li.wei",
                    "change": {"grants": [{"role": "leader", "grid": "330106001001"}]},
                }
            ]
        },
    )

    id: int
    at: datetime
    actor: str
    action: str
    kind: str
    key: str
    change: dict[str, Any]


class AuditPage(BaseModel):
    """Changes, newest first."""

    entries: list[AuditEntrySchema]
    next: int | None = Field(description="下一页的 before · The `before` of the next page")

    @classmethod
    def of(cls, page: Page[AuditEntry]) -> AuditPage:
        """Give a page as it goes over the wire."""
        return cls(entries=[AuditEntrySchema.model_validate(entry) for entry in page.rows], next=page.next)
