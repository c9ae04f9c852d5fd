"""People and their posts over the wire."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from api.schemas.locate import Responsible
from geo.domain import people as domain
from geo.domain.pages import Page
from geo.services.people import PersonData

_WANG_FANG: dict[str, Any] = {
    "name": "王芳",
    "ref": "wg-0017",
    "phone": "0571-1234567",
    "organisation": "北山街道友谊社区",
    "attributes": {},
}


class PersonInput(BaseModel):
    """All that can be changed of a person."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_WANG_FANG]})

    name: str = Field(min_length=1, max_length=200)
    ref: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="原系统中的编号 · Key where it came from",
    )
    phone: str | None = Field(default=None, max_length=50)
    organisation: str | None = Field(default=None, max_length=200)
    attributes: dict[str, JsonValue] = Field(default_factory=dict)

    def data(self) -> PersonData:
        """Give what the service takes."""
        return PersonData(**self.model_dump())


class PersonSchema(BaseModel):
    """A person."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={"examples": [{"id": 17, "revision": 3, **_WANG_FANG}]},
    )

    id: int
    revision: int
    name: str
    ref: str | None
    phone: str | None
    organisation: str | None
    attributes: dict[str, Any]


class PersonPage(BaseModel):
    """People in the order of their numbers."""

    people: list[PersonSchema]
    next: int | None = Field(description="下一页的 cursor · The `cursor` of the next page")

    @classmethod
    def of(cls, page: Page[domain.Person]) -> PersonPage:
        """Give a page as it goes over the wire."""
        return cls(people=[PersonSchema.model_validate(person) for person in page.rows], next=page.next)


class AssignmentInput(BaseModel):
    """A post that somebody is to hold in a grid."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"grid": "330106001001001", "post": "head", "valid_from": "2026-11-01"}]
        },
    )

    grid: str = Field(min_length=1, max_length=64)
    post: str = Field(min_length=1, max_length=64)
    valid_from: date
    valid_to: date | None = Field(
        default=None, description="首个不再任职的日期 · First day on which it is not held any more"
    )


class AssignmentEnd(BaseModel):
    """When a post ends."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"valid_to": "2026-12-01"}]})

    valid_to: date = Field(description="首个不再任职的日期 · First day on which it is not held any more")


class AssignmentSchema(BaseModel):
    """A post that somebody holds in a grid for a time."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 5,
                    "revision": 1,
                    "person_id": 17,
                    "grid": "330106001001001",
                    "post": "head",
                    "valid_from": "2026-11-01",
                    "valid_to": None,
                }
            ]
        }
    )

    id: int
    revision: int
    person_id: int
    grid: str
    post: str
    valid_from: date
    valid_to: date | None

    @classmethod
    def of(cls, assignment: domain.Assignment) -> AssignmentSchema:
        """Give an assignment as it goes over the wire."""
        return cls(
            id=assignment.id,
            revision=assignment.revision,
            person_id=assignment.person_id,
            grid=assignment.grid_code,
            post=assignment.post,
            valid_from=assignment.valid_from,
            valid_to=assignment.valid_to,
        )


class AssignmentList(BaseModel):
    """The posts of a person, the latest first."""

    assignments: list[AssignmentSchema]


class GridResponsible(Responsible):
    """Whom the public may turn to in one grid."""

    grid: str


class ResponsibleList(BaseModel):
    """Whom the public may turn to in a grid and in those above it, the widest grid first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "responsible": [
                        {
                            "grid": "330106001001001",
                            "post": "head",
                            "post_zh": "网格长",
                            "post_en": "Grid head",
                            "name": "王芳",
                            "phone": "0571-1234567",
                        }
                    ]
                }
            ]
        }
    )

    responsible: list[GridResponsible]

    @classmethod
    def of(cls, people: tuple[domain.Responsible, ...]) -> ResponsibleList:
        """Give the responsible people as they go over the wire."""
        return cls(
            responsible=[
                GridResponsible(
                    grid=person.grid_code,
                    post=person.post,
                    post_zh=person.post_zh,
                    post_en=person.post_en,
                    name=person.name,
                    phone=person.phone,
                    stands_in=person.stands_in,
                )
                for person in people
            ]
        )
