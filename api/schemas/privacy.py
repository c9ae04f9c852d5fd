"""Key people and looks at them over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.geojson import LongText, ShortText
from geo.domain import privacy as domain
from geo.domain.pages import Page
from geo.services.privacy import KeyPersonData


class KeyPersonInput(BaseModel):
    """All that is kept of somebody on the register."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"kind": "elderly_alone", "grid": "990106001001001", "name": "张建国", "phone": "13812341234"}
            ]
        },
    )

    kind: Annotated[str, Field(min_length=1, max_length=64)]
    grid: Annotated[str, Field(min_length=1, max_length=64)]
    name: ShortText
    phone: Annotated[str, Field(min_length=1, max_length=50)] | None = None
    id_number: Annotated[str, Field(min_length=1, max_length=50)] | None = None
    note: LongText | None = None

    def data(self) -> KeyPersonData:
        """Give what the service takes."""
        return KeyPersonData(self.kind, self.grid, self.name, self.phone, self.id_number, self.note)


class KeyPersonSchema(BaseModel):
    """Somebody on the register; masked, unless it was looked at with a reason."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 5,
                    "revision": 1,
                    "kind": "elderly_alone",
                    "grid": "990106001001001",
                    "name": "张**",
                    "phone": "138****1234",
                    "id_number": None,
                    "note": None,
                }
            ]
        }
    )

    id: int
    revision: int
    kind: str
    grid: str
    name: str
    phone: str | None
    id_number: str | None
    note: str | None

    @classmethod
    def of(cls, found: domain.KeyPerson) -> KeyPersonSchema:
        """Give somebody as they go over the wire."""
        return cls(
            id=found.id,
            revision=found.revision,
            kind=found.kind,
            grid=found.grid_code,
            name=found.name,
            phone=found.phone,
            id_number=found.id_number,
            note=found.note,
        )


class KeyPersonPage(BaseModel):
    """People on the register, masked, in the order of their numbers."""

    people: list[KeyPersonSchema]
    next: int | None = Field(description="下一页的 cursor · The `cursor` of the next page")

    @classmethod
    def of(cls, page: Page[domain.KeyPerson]) -> KeyPersonPage:
        """Give a page as it goes over the wire."""
        return cls(people=list(map(KeyPersonSchema.of, page.rows)), next=page.next)


class KeyCountSchema(BaseModel):
    """How many people of a kind are on the register of a grid."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"grid": "990106001001001", "kind": "elderly_alone", "count": 3}]}
    )

    grid: str
    kind: str
    count: int


class KeyCountList(BaseModel):
    """Counted, not named."""

    counts: list[KeyCountSchema]


class LookInput(BaseModel):
    """Why somebody looks."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "入户走访前核对"}]})

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class LookSchema(BaseModel):
    """The trace of a look."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 9,
                    "at": "2026-11-20T09:30:00+08:00",
                    "actor": "wang.fang",
                    "key_person_id": 5,
                    "grid": "990106001001001",
                    "reason": "入户走访前核对",
                }
            ]
        }
    )

    id: int
    at: datetime
    actor: str
    key_person_id: int
    grid: str
    reason: str


class LookPage(BaseModel):
    """Looks, the latest first."""

    looks: list[LookSchema]
    next: int | None = Field(description="下一页的 cursor · The `cursor` of the next page")

    @classmethod
    def of(cls, page: Page[domain.Look]) -> LookPage:
        """Give a page as it goes over the wire."""
        looks = [
            LookSchema(
                id=one.id,
                at=one.at,
                actor=one.actor,
                key_person_id=one.key_person_id,
                grid=one.grid_code,
                reason=one.reason,
            )
            for one in page.rows
        ]
        return cls(looks=looks, next=page.next)
