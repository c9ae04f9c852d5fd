"""Activities as programs see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.geojson import Attributes, Feature, Geometry, Key, LongText, Place, ShortText
from api.schemas.moments import Moment
from geo.domain import activities
from geo.domain.activities import Attendance, Presence

_ACTIVITY: dict[str, Any] = {
    "kind": "training",
    "title": "食品安全法培训",
    "starts_at": "2026-11-20T14:00:00+08:00",
    "ends_at": "2026-11-20T16:00:00+08:00",
    "grid": "990106001001",
    "attendances": [{"person_id": 1, "state": "present"}, {"person_id": 2, "state": "absent"}],
}


class Attended(BaseModel):
    """Somebody who was to be there, and whether they were."""

    person_id: Key
    state: Literal["present", "absent"]


class AttendedAs(BaseModel):
    """Somebody who was to be there."""

    person_id: int
    name: str
    state: Presence
    made_up_in: int | None = Field(description="补训的活动 · The activity in which it was made up")

    @classmethod
    def of(cls, who: Attendance) -> Self:
        """Give somebody who was to be there as programs see them."""
        return cls.model_validate(who, from_attributes=True)


class NewActivity(BaseModel):
    """A new training, meeting, check-in or log."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_ACTIVITY]})

    ref: ShortText | None = Field(
        None, description="终端生成的编号，重复提交不会重复记录 · A key made by the phone"
    )
    kind: ShortText = Field(description="活动种类，见现行制度方案 · A kind of the profile that holds there")
    title: ShortText
    starts_at: Moment
    ends_at: Moment | None = Field(None, description="默认与开始相同 · As it starts by default")
    grid: str = Field(max_length=32, description="网格代码，任一层级 · Code of a grid of any level")
    place: Place | None = None
    note: LongText | None = None
    attributes: Attributes = Field(default_factory=dict)
    attendances: list[Attended] = Field(
        default_factory=list, max_length=1000, description="默认为本人到场 · Oneself by default"
    )

    def columns(self) -> dict[str, Any]:
        """Give what is kept, the place in the reference of the storage."""
        plain = self.model_dump(include={"ref", "kind", "title", "starts_at", "note", "attributes"})
        return plain | {
            "ends_at": self.ends_at or self.starts_at,
            "grid_code": self.grid,
            "place": self.place and self.place.stored(),
        }


class Attendances(BaseModel):
    """Whether somebody was there; whoever isn't named stays as they are."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"attendances": [{"person_id": 2, "state": "absent"}]}]},
    )

    attendances: list[Attended] = Field(min_length=1, max_length=1000)


class MakeUp(BaseModel):
    """Who made up what they had missed, and where."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"person_id": 2, "made_up_in": 18}]}
    )

    person_id: Key
    made_up_in: Key


class ActivityProperties(BaseModel):
    """What is known of an activity."""

    ref: str | None
    kind: str
    title: str
    starts_at: datetime
    ends_at: datetime
    grid_code: str
    note: str | None
    created_by: str
    attributes: Attributes
    attendances: list[AttendedAs]
    revision: int


class Colleague(BaseModel):
    """Somebody who serves there."""

    id: int
    name: str


class Team(BaseModel):
    """Those who serve in a grid or below it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"people": [{"id": 17, "name": "王敏"}]}]})

    people: list[Colleague]


def states_of(given: list[Attended]) -> dict[int, Presence]:
    """Give who was to be there, and whether they were."""
    return {one.person_id: Presence(one.state) for one in given}


class ActivityFeature(Feature[ActivityProperties]):
    """An activity with its place."""

    @classmethod
    def of(cls, activity: activities.Activity) -> Self:
        """Give an activity as programs see it."""
        attended = [AttendedAs.of(one) for one in activity.attendances]
        names = set(ActivityProperties.model_fields) - {"attendances"}
        plain = {name: getattr(activity, name) for name in names}
        return cls(
            id=activity.id,
            geometry=Geometry.of(activity.geometry),
            properties=ActivityProperties(**plain, attendances=attended),
        )
