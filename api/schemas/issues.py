"""Issues as programs see them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas.geojson import Attributes, Change, Feature, Geometry, LongText, Place, ShortText
from api.schemas.moments import Moment
from geo.domain import issues
from geo.domain.issues import IssueState

_EXAMPLE: JsonDict = {
    "number": "20260000001",
    "category": "占道经营",
    "description": "人行道被占",
    "address": "朝阳路12号门口",
    "due_at": "2026-11-23T18:00:00+08:00",
    "attributes": {},
}


class IssueProperties(BaseModel):
    """What is known of an issue."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_EXAMPLE,
                    "state": "reported",
                    "reported_at": "2026-11-20T09:30:00+08:00",
                    "closed_at": None,
                    "overdue": False,
                    "grid_code": "990106001001001",
                    "revision": 1,
                }
            ]
        }
    )

    number: str
    category: str
    description: str | None
    address: str | None
    state: IssueState
    reported_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    overdue: bool = Field(description="超期 · Whether the deadline has passed, or had when it was closed")
    grid_code: str | None
    attributes: Attributes
    revision: int


class IssueChange(Change):
    """What changes of an issue; its state changes by its steps alone."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"address": "朝阳路14号"}]})

    category: ShortText = ""
    description: LongText | None = None
    address: LongText | None = None
    due_at: Moment | None = None
    place: Place | None = None
    attributes: Attributes = Field(default_factory=dict)


class NewIssue(IssueChange):
    """A new issue."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{**_EXAMPLE, "place": {"lon": 119.98, "lat": 30.52}}]}
    )

    number: ShortText
    category: ShortText
    reported_at: Moment | None = Field(None, description="缺省为现在 · Now by default")


class Step(BaseModel):
    """A step that is to be taken."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"to_state": "accepted", "note": "已受理"}]}
    )

    to_state: IssueState
    note: LongText | None = None


class StepTaken(BaseModel):
    """A step in the history of an issue."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    at: datetime
    actor: str
    kind: str = Field(examples=["created", "state", "changed", "imported"])
    from_state: IssueState | None
    to_state: IssueState | None
    note: str | None


def issue_feature(issue: issues.Issue, now: datetime) -> Feature[IssueProperties]:
    """Give an issue as programs see it."""
    return Feature(
        id=issue.id,
        geometry=Geometry.of(issue.geometry),
        properties=IssueProperties(
            number=issue.number,
            category=issue.category,
            description=issue.description,
            address=issue.address,
            state=issue.state,
            reported_at=issue.reported_at,
            due_at=issue.due_at,
            closed_at=issue.closed_at,
            overdue=issue.is_overdue(now),
            grid_code=issue.grid_code,
            attributes=dict(issue.attributes),
            revision=issue.revision,
        ),
    )
