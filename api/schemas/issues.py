"""Issues as programs see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from pydantic.config import JsonDict

from api.schemas.geojson import Attributes, Change, Feature, Geometry, LongText, Place, ShortText
from api.schemas.moments import Moment
from api.schemas.photos import PhotoSchema, StepPhotos
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
    kind: str | None = Field(description="制度中的种类 · Key of its kind in the regulation profile")
    level: str | None = Field(description="制度中的处理层级 · Key of the level that deals with it")
    waiting_since: datetime | None = Field(description="等待反映人而暂停计时 · Since when its clock stands")
    result: str | None
    public_result: str | None
    delay_reason: str | None
    merged_into_id: int | None = Field(description="重复问题并入 · The issue that it is a duplicate of")
    missed_at: datetime | None = Field(description="首个未按期的时限 · The first deadline that it missed")
    late_levels: list[str] = Field(description="未按期的层级 · Keys of the levels on which it was late")
    overdue: bool = Field(
        description="超期：未结看现行时限，已结看各级时限 · "
        "Whether the deadline in force has passed; of a closed one, whether it missed any"
    )
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

    number: ShortText | None = Field(None, description="缺省自动编号 · Given by the house by default")
    category: ShortText
    kind: ShortText | None = Field(None, description="缺省按类别 · By its category by default")
    reported_at: Moment | None = Field(None, description="缺省为现在 · Now by default")
    result: LongText | None = Field(
        None, description="现场解决的结果 · What was done, where it is closed on the spot"
    )
    public_result: LongText | None = Field(None, description="可公开的结果 · What everybody may read of that")
    photos: StepPhotos = Field(default_factory=StepPhotos, description="照片 · Uploaded pictures")

    def given(self) -> dict[str, Any]:
        """Give the fields that were sent, without the photos, which are no part of the issue itself."""
        return {name: value for name, value in super().given().items() if name != "photos"}


class Step(BaseModel):
    """A step that is to be taken."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"to_state": "accepted", "note": "已受理"}]}
    )

    to_state: IssueState
    note: LongText | None = Field(None, description="理由或备注 · The reason, or a remark")
    result: LongText | None = Field(None, description="处理结果 · What was done")
    public_result: LongText | None = Field(None, description="可公开的结果 · What everybody may read of that")
    delay_reason: LongText | None = Field(None, description="延期理由 · Why it took longer than it may")
    photos: StepPhotos = Field(default_factory=StepPhotos, description="照片 · Uploaded pictures")

    def step(self) -> issues.Step:
        """Give the step as the house knows it."""
        return issues.Step(**{**self.model_dump(), "photos": self.photos.taken()})


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
    data: dict[str, JsonValue] = Field(
        description="层级、科室、人员等 · Levels, sections, people and the like"
    )
    photos: list[PhotoSchema]


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
            kind=issue.kind,
            level=issue.level,
            waiting_since=issue.waiting_since,
            result=issue.result,
            public_result=issue.public_result,
            delay_reason=issue.delay_reason,
            merged_into_id=issue.merged_into_id,
            missed_at=issue.missed_at,
            late_levels=list(issue.late_levels),
            overdue=issue.is_overdue(now),
            grid_code=issue.grid_code,
            attributes=dict(issue.attributes),
            revision=issue.revision,
        ),
    )
